package pades

import (
	"context"
	"crypto"
	"io"
	"time"

	"absah/internal/cms"
	"absah/trust"
)

// ExtendOptions say how far to extend. Timestamper and Time are required.
type ExtendOptions struct {
	Level       Level // B-T, B-LT or B-LTA
	Time        time.Time
	Timestamper Timestamper
	Fetcher     trust.Fetcher // nil: only what Validation holds
	Validation  Validation
	Open        OpenOptions
}

// Extend adds to a signed document what its signatures lack for a level: a document time-stamp where a signature has no
// time-stamp (EN 319 142-1 §6.3 lets it stand for one), validation data, and for B-LTA a document time-stamp over it all. A
// document that has everything is renewed: the data for its last time-stamp is added and a new one put over it, also when all older
// certificates have expired since. Everything is
// appended; existing signatures stay as they are. ErrNoSignature means that there is nothing to extend.
func Extend(ctx context.Context, dst io.Writer, src io.ReaderAt, size int64, o ExtendOptions) error {
	if o.Timestamper == nil {
		return ErrNoTimestamper
	}
	given := src
	src, err := hold(src, size)
	if err != nil {
		return err
	}
	e, err := Gather(ctx, src, size, GatherOptions{Open: o.Open})
	if err != nil {
		return err
	}
	if len(e.Signatures) == 0 {
		return ErrNoSignature
	}
	for _, s := range e.Signatures {
		if len(s.Format) > 0 || !s.DigestMatches || !s.SignatureValid {
			return &FieldError{s.Field, "holds a signature that does not verify; extending it would give it nothing"}
		}
	}
	f, err := openPDF(src, size, o.Open)
	if err != nil {
		return err
	}
	form, err := readForm(f.Latest())
	if err != nil {
		return err
	}
	if err := form.permits(f.Latest(), form.freeName()); err != nil {
		if locked, ok := err.(*LockedError); !ok || !locked.Certified {
			return err
		}
		// Validation data and document time-stamps are allowed even where nothing else is (ISO 32000-2 §12.8.2.2).
	}
	out := &output{given: given, src: src, size: size, hash: crypto.SHA256, open: o.Open}
	if o.Level.rank() == LevelT.rank() || !stamped(e) {
		if err := out.addDocumentTimestamp(ctx, o.Timestamper); err != nil {
			return err
		}
	}
	if o.Level.rank() >= LevelLT.rank() {
		if err := out.addAllDSS(ctx, o); err != nil {
			return err
		}
	}
	if o.Level.rank() >= LevelLTA.rank() {
		if err := out.addDocumentTimestamp(ctx, o.Timestamper); err != nil {
			return err
		}
	}
	return out.writeTo(dst)
}

// stamped reports whether each signature has a time-stamp of its own or a document time-stamp after it.
func stamped(e *Evidence) bool {
	for i, s := range e.Signatures {
		has := len(s.Timestamps) > 0
		for _, later := range e.Signatures[i+1:] {
			has = has || later.Document
		}
		if !has {
			return false
		}
	}
	return true
}

// coveredAt is the time of the first document time-stamp over a signature; zero: there is none.
func coveredAt(e *Evidence, i int) time.Time {
	for _, later := range e.Signatures[i+1:] {
		if later.Document && len(later.Timestamps) == 1 && later.Timestamps[0].ImprintMatches && later.Timestamps[0].SignatureValid {
			return later.Timestamps[0].Time
		}
	}
	return time.Time{}
}

// addAllDSS stores validation data for every signature and time-stamp of the document.
func (o *output) addAllDSS(ctx context.Context, opts ExtendOptions) error {
	e, err := Gather(ctx, o.reader(), o.length(), GatherOptions{Open: o.open})
	if err != nil {
		return err
	}
	v := opts.Validation
	v.Certificates = append(append([][]byte{}, v.Certificates...), e.Certificates...)
	v.CRLs = append(append([][]byte{}, v.CRLs...), e.CRLs...)
	v.OCSPs = append(append([][]byte{}, v.OCSPs...), e.OCSPs...)
	for i, s := range e.Signatures {
		c := newCollector(opts.Fetcher, v, opts.Time)
		c.stamped = coveredAt(e, i)
		c.signed = c.stamped
		for _, t := range s.Timestamps {
			if t.ImprintMatches && t.SignatureValid && (c.signed.IsZero() || t.Time.Before(c.signed)) {
				c.signed = t.Time
			}
		}
		if s.Document {
			err = c.token(ctx, s.Contents)
		} else if _, parseErr := cms.Parse(s.Contents); parseErr != nil {
			err = parseErr
		} else {
			err = c.signature(ctx, s.Contents)
		}
		if err != nil {
			return err
		}
		if err := o.addDSS(c, s.Contents); err != nil {
			return err
		}
	}
	return nil
}
