package pades

import (
	"context"
	"crypto"
	"crypto/rand"
	"errors"
	"fmt"
	"io"

	"absah/internal/cms"
	"absah/internal/pdf"
	"absah/internal/sigalg"
)

// Finish writes the signed document to dst: the original bytes, then the incremental updates. It may be called once; later
// calls return ErrFinished. Before anything is written the finished file is read back and its new signature checked; if the
// signature does not verify under the certificate given to Prepare, Finish writes nothing and returns a *KeyMismatchError. From
// B-T upwards it asks the Timestamper, from B-LT upwards the Fetcher. *HoleError means that the answer of the authority was
// larger than the room kept. ErrInputChanged is found only while a large original is copied: what dst got is then to be discarded.
func (p *Prepared) Finish(ctx context.Context, dst io.Writer, signature []byte) error {
	if p.done {
		return ErrFinished
	}
	p.done = true
	defer release(p.given, p.src)
	if len(signature) == 0 {
		return &KeyMismatchError{Subject: p.leaf.Subject.CommonName()}
	}
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
	out := &output{given: p.given, src: p.src, size: p.size, tail: p.tail, prefix: p.prefix, hash: p.hash, open: p.o.Open}
	if p.o.Level.rank() >= LevelLT.rank() {
		c := newCollector(p.o.Fetcher, p.o.Validation, p.o.Time)
		if err := c.signature(ctx, value); err != nil {
			return err
		}
		if err := out.addDSS(c, padded(value, p.hole)); err != nil {
			return out.blame(err)
		}
	}
	if p.o.Level.rank() >= LevelLTA.rank() {
		if err := out.addDocumentTimestamp(ctx, p.o.Timestamper); err != nil {
			return out.blame(err)
		}
	}
	if err := out.check(ctx, p); err != nil {
		return out.blame(err)
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
