package app

import (
	"context"
	"io"

	"absah/internal/blob"
	"absah/internal/picture"
	"absah/internal/remotesign"
)

// pictures draws the first pages of stored documents and keeps them beside the documents.
type pictures struct {
	files   *blob.Folder
	painter *picture.Painter
}

var _ remotesign.Pictures = pictures{}

// Draw implements remotesign.Pictures.
func (p pictures) Draw(ctx context.Context, code string) ([]byte, error) {
	f, size, err := p.files.Get(ctx, code+".pdf")
	if err != nil {
		return nil, err
	}
	defer f.Close()
	page, text, err := p.painter.FirstPage(ctx, io.NewSectionReader(f, 0, size))
	if err != nil {
		return nil, err
	}
	if remotesign.ShowsNIK(text) {
		return nil, remotesign.ErrPrivate
	}
	return page, nil
}

// Keep implements remotesign.Pictures.
func (p pictures) Keep(ctx context.Context, code string, page []byte) error {
	return p.files.Put(ctx, code+".jpg", func(w io.Writer) error {
		_, err := w.Write(page)
		return err
	})
}

// Erase implements remotesign.Pictures.
func (p pictures) Erase(ctx context.Context, code string) error {
	return p.files.Remove(ctx, code+".jpg")
}
