package remotesign

import (
	"context"
	"errors"

	"absah/internal/audit"
	"absah/internal/fault"
)

// Picture is what became of the first page as a picture that everybody may see who holds the code.
type Picture string

// Pictures are drawn behind the scenes: a document is signed whether or not its page can be drawn.
const (
	NoPicture      Picture = ""        // the owner does not want one
	PictureWanted  Picture = "wanted"  // and it is not drawn yet
	PictureShown   Picture = "shown"   // it is there
	PicturePrivate Picture = "private" // not shown: the page has a national number on it
	PictureFailed  Picture = "failed"  // the page cannot be drawn
)

// Pictures draws first pages and keeps what it drew.
type Pictures interface {
	// Draw makes the picture of a document's first page; ErrPrivate when it may not be shown.
	Draw(ctx context.Context, code string) (picture []byte, err error)
	Keep(ctx context.Context, code string, picture []byte) error
	// Erase removes what was kept; none is no error.
	Erase(ctx context.Context, code string) error
}

// ErrPrivate is what Pictures.Draw says of a page with a national number on it.
var ErrPrivate = errors.New("the page shows a national number")

// Drawing says whether first pages can be shown at all.
func (s *Service) Drawing() bool { return s.cfg.Pictures != nil }

// ShowPicture allows the picture of the first page; where it could not be drawn it is tried again.
func (s *Service) ShowPicture(ctx context.Context, person, code string) (*Document, error) {
	if s.cfg.Pictures == nil {
		return nil, fault.New("ABS-DOC-006")
	}
	d, err := s.decide(ctx, person, code, audit.Event{Act: "document.picture", Result: "allowed"}, func(ctx context.Context, d *Document) (bool, error) {
		if d.Picture == PictureWanted || d.Picture == PictureShown {
			return false, nil
		}
		return s.cfg.Store.DocumentPicture(ctx, code, d.Picture, PictureWanted)
	})
	if err == nil {
		s.look()
	}
	return d, err
}

// HidePicture takes the permission back. Nobody sees the picture from the moment on that this is stored; the file goes after that.
func (s *Service) HidePicture(ctx context.Context, person, code string) (*Document, error) {
	s.kept.Lock()
	defer s.kept.Unlock()
	d, err := s.decide(ctx, person, code, audit.Event{Act: "document.picture", Result: "stopped"}, func(ctx context.Context, d *Document) (bool, error) {
		if d.Picture == NoPicture {
			return false, nil
		}
		return s.cfg.Store.DocumentPicture(ctx, code, d.Picture, NoPicture)
	})
	if err != nil || s.cfg.Pictures == nil {
		return d, err
	}
	return d, s.cfg.Pictures.Erase(context.WithoutCancel(ctx), code)
}

// look wakes DrawPictures.
func (s *Service) look() {
	select {
	case s.wake <- struct{}{}:
	default: // it will look anyway
	}
}

// DrawPictures draws what owners want shown, one after the other, until ctx ends: first what an earlier run left. report hears of
// what went wrong.
func (s *Service) DrawPictures(ctx context.Context, report func(code string, err error)) {
	if s.cfg.Pictures == nil {
		return
	}
	for {
		list, err := s.cfg.Store.DocumentsUndrawn(ctx)
		if err != nil && ctx.Err() == nil {
			report("", err)
		}
		settled := 0
		for i := range list {
			done, err := s.draw(ctx, list[i].Code)
			if ctx.Err() != nil {
				return // the next start draws it
			}
			if err != nil {
				report(list[i].Code, err)
			}
			if done {
				settled++
			}
		}
		if settled > 0 {
			continue // more may wait than one look lists
		}
		select {
		case <-s.wake:
		case <-ctx.Done():
			return
		}
	}
}

// draw settles one picture. The file comes before the state, so that a state without a file cannot be; a file that nobody wants any
// more goes again.
func (s *Service) draw(ctx context.Context, code string) (settled bool, err error) {
	picture, failed := s.cfg.Pictures.Draw(ctx, code)
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	s.kept.Lock()
	defer s.kept.Unlock()
	to := PictureShown
	switch {
	case errors.Is(failed, ErrPrivate):
		to, failed = PicturePrivate, nil
	case failed != nil:
		to = PictureFailed
	default:
		if err := s.cfg.Pictures.Keep(ctx, code, picture); err != nil {
			return false, err
		}
	}
	settled, err = s.cfg.Store.DocumentPicture(ctx, code, PictureWanted, to)
	if err == nil && !settled && to == PictureShown {
		err = s.cfg.Pictures.Erase(ctx, code) // the owner thought better of it meanwhile
	}
	return settled, errors.Join(failed, err)
}
