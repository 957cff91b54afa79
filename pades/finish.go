package pades

import (
	"context"
	"crypto"
	"crypto/rand"
	"errors"
	"fmt"
	"hash"
	"io"

	"absah/internal/cms"
	"absah/internal/pdf"
	"absah/internal/sigalg"
)

// Finish writes the signed document to dst: the original bytes, then the incremental updates. It may be called once; later
// calls return ErrFinished. Before anything is written the finished file is read back and its new signature checked; if the
// signature does not verify under the certificate given to Prepare, Finish writes nothing and returns a *KeyMismatchError. From
// B-T upwards it asks the Timestamper, from B-LT upwards the Fetcher. *HoleError means that the answer of the authority was
// larger than the room kept. ErrInputChanged is found only while the original is copied: what dst got is then to be discarded.
func (p *Prepared) Finish(ctx context.Context, dst io.Writer, signature []byte) error {
	if p.done {
		return ErrFinished
	}
	p.done = true
	var unsigned []cms.Attribute
	if p.o.Level.rank() > 0 {
		// Nobody is asked to stamp a value that is no signature; without a time-stamp the check at the end finds it.
		if err := sigalg.Verify(p.leaf.PublicKey, p.signer.Algorithm(), p.hash, p.attributes, signature); err != nil {
			return &KeyMismatchError{Subject: p.leaf.Subject.CommonName()}
		}
		token, err := timestamp(ctx, p.o.Timestamper, p.stampHash(), signature)
		if err != nil {
			return err
		}
		unsigned = append(unsigned, cms.Attribute{OID: cms.OIDSignatureTimeStamp, Values: [][]byte{token}})
	}
	value, err := p.signer.Finish(p.attributes, signature, unsigned)
	if err != nil {
		return err
	}
	if err := putContents(p.tail, p.size, p.hole, value); err != nil {
		return err
	}
	out := &output{src: p.src, size: p.size, tail: p.tail, prefix: p.prefix, hash: p.hash, open: p.o.Open}
	if p.o.Level.rank() >= LevelLT.rank() {
		c := newCollector(p.o.Fetcher, p.o.Validation, p.o.Time)
		if err := c.signature(ctx, value); err != nil {
			return err
		}
		if err := out.addDSS(c, padded(value, p.hole)); err != nil {
			return err
		}
	}
	if p.o.Level.rank() >= LevelLTA.rank() {
		if err := out.addDocumentTimestamp(ctx, p.o.Timestamper); err != nil {
			return err
		}
	}
	if err := out.check(ctx, p); err != nil {
		return err
	}
	return out.writeTo(dst)
}

// padded is the value as a reader decodes it out of its hole.
func padded(value []byte, hole pdf.Span) []byte {
	out := make([]byte, (hole.End-hole.Start-2)/2)
	copy(out, value)
	return out
}

// stampHash is the digest algorithm for time-stamps: that of the signature, SHA-256 where an authority may not know it.
func (p *Prepared) stampHash() crypto.Hash { return stampHash(p.hash) }

func stampHash(h crypto.Hash) crypto.Hash {
	switch h {
	case crypto.SHA384, crypto.SHA512:
		return h
	}
	return crypto.SHA256
}

func timestamp(ctx context.Context, ts Timestamper, h crypto.Hash, message []byte) ([]byte, error) {
	w := h.New()
	w.Write(message)
	return ts.Timestamp(ctx, h, w.Sum(nil))
}

// Sign prepares, signs with the key at hand and finishes. When the answer of a time-stamp authority does not fit the room
// kept for it, it starts again from the original with the room that it needs. Errors are those of Prepare and Finish.
func Sign(ctx context.Context, dst io.Writer, src io.ReaderAt, size int64, key crypto.Signer, o SignOptions) error {
	least := 0
	for {
		p, err := prepare(src, size, o, least)
		if err != nil {
			return err
		}
		signature, _, err := sigalg.Sign(rand.Reader, key, sigalg.Scheme{Hash: p.hash, PSS: o.PSS}, p.ToSign())
		if err != nil {
			return fmt.Errorf("sign with the key of %s: %w", p.leaf.Subject.CommonName(), err)
		}
		err = p.Finish(ctx, dst, signature)
		var small *HoleError
		if errors.As(err, &small) && least == 0 {
			// Tokens vary by a few bytes from one to the next.
			least = small.Need + small.Need/8 + 256
			continue
		}
		return err
	}
}

// output is a document in the making: the original and what is appended to it.
type output struct {
	src    io.ReaderAt
	size   int64
	tail   []byte
	prefix hash.Hash // state after the original; nil: not hashed yet
	hash   crypto.Hash
	open   OpenOptions
}

var _ io.ReaderAt = (*output)(nil)

// ReadAt reads the document as it will be.
func (o *output) ReadAt(b []byte, off int64) (int, error) {
	n := 0
	if off < o.size {
		m, err := o.src.ReadAt(b[:min(int64(len(b)), o.size-off)], off)
		n = m
		if n == len(b) || (err != nil && off+int64(n) < o.size) {
			return n, err
		}
	}
	at := off + int64(n) - o.size
	if at >= int64(len(o.tail)) {
		return n, io.EOF
	}
	m := copy(b[n:], o.tail[at:])
	if n+m < len(b) {
		return n + m, io.EOF
	}
	return n + m, nil
}

func (o *output) length() int64 { return o.size + int64(len(o.tail)) }

// check reads the finished document back and judges its new signature, before anybody gets it.
func (o *output) check(ctx context.Context, p *Prepared) error {
	e, err := Gather(ctx, o, o.length(), GatherOptions{Open: o.open, only: p.name, digest: p.digest, signer: p.leaf})
	if err != nil {
		return fmt.Errorf("the signed document cannot be read back: %w", err)
	}
	if len(e.Signatures) != 1 {
		return &SelfCheckError{"the new signature is not found in it"}
	}
	s := e.Signatures[0]
	switch {
	case len(s.Format) > 0:
		return &SelfCheckError{s.Format[0].Text}
	case s.DigestMatches && !s.SignatureValid:
		return &KeyMismatchError{Subject: p.leaf.Subject.CommonName()}
	case !s.DigestMatches || s.Fault != "":
		return &SelfCheckError{"its signature does not verify: " + s.Fault}
	case s.Modification.weight() > ModificationLTA.weight():
		return &SelfCheckError{"something was added after its signature"}
	case e.Repaired || e.Trailing > 0:
		return &SelfCheckError{"its structure is damaged"}
	}
	for _, t := range s.Timestamps {
		if !t.ImprintMatches || !t.SignatureValid {
			return &SelfCheckError{"its time-stamp does not verify: " + t.Fault}
		}
	}
	return nil
}

// update begins a further revision on top of what is there.
func (o *output) update() (*pdf.File, *pdf.Update, error) {
	f, err := openPDF(o, o.length(), o.open)
	if err != nil {
		return nil, nil, err
	}
	u, err := pdf.NewUpdate(f)
	return f, u, err
}

// writeTo copies the original and appends the rest, hashing what goes out: a file that changed since Prepare is noticed.
func (o *output) writeTo(dst io.Writer) error {
	if o.size > 0 {
		h := o.hash.New()
		if err := copyHashed(dst, h, o.src, o.size); err != nil {
			return err
		}
		if o.prefix != nil && string(h.Sum(nil)) != string(o.prefix.Sum(nil)) {
			return ErrInputChanged
		}
	}
	_, err := dst.Write(o.tail)
	return err
}

// copyHashed copies while another goroutine hashes, so that a large document costs the slower of the two and not both.
func copyHashed(dst io.Writer, h hash.Hash, src io.ReaderAt, size int64) error {
	if size <= copyBlock {
		return copyRange(io.MultiWriter(dst, h), src, 0, size)
	}
	const blocks = 4
	full, free := make(chan []byte, blocks), make(chan []byte, blocks)
	for range blocks {
		free <- make([]byte, copyBlock)
	}
	hashed := make(chan struct{})
	go func() {
		defer close(hashed)
		for b := range full {
			h.Write(b)
			free <- b[:cap(b)]
		}
	}()
	defer func() { <-hashed }()
	defer close(full)
	for at := int64(0); at < size; {
		b := <-free
		b = b[:min(int64(len(b)), size-at)]
		n, err := src.ReadAt(b, at)
		if n < len(b) {
			if err == nil || err == io.EOF {
				return ErrInputChanged
			}
			return err
		}
		if _, err := dst.Write(b); err != nil {
			return err
		}
		at += int64(n)
		full <- b
	}
	return nil
}
