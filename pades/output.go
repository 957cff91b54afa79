package pades

import (
	"bytes"
	"context"
	"crypto"
	"errors"
	"fmt"
	"hash"
	"io"
	"sync"

	"absah/internal/pdf"
)

// A document of up to heldSize bytes is held in memory, with room behind it for what is appended.
const (
	heldSize  = 1 << 20
	heldSpare = 16 << 10
)

// output is a document in the making: the original and what is appended to it.
type output struct {
	given  io.ReaderAt // the original as the caller gave it
	src    io.ReaderAt // the same, held in memory where it is small
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

// reader gives the document as it is so far: one piece of memory where the original is held.
func (o *output) reader() io.ReaderAt {
	if m, ok := o.src.(pdf.Memory); ok {
		return append(m, o.tail...)
	}
	return o
}

func (o *output) length() int64 { return o.size + int64(len(o.tail)) }

// check reads the finished document back and judges its new signature, before anybody gets it.
func (o *output) check(ctx context.Context, p *Prepared) error {
	e, err := Gather(ctx, o.reader(), o.length(), GatherOptions{Open: o.open, only: p.name, digest: p.digest, signer: p.leaf, earlier: p.file})
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
		why := "something was added after its signature"
		for _, c := range s.Changes {
			if c.Kind == s.Modification {
				why = "after its signature: " + c.Text
			}
		}
		return &SelfCheckError{why}
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
	f, err := openPDF(o.reader(), o.length(), o.open)
	if err != nil {
		return nil, nil, err
	}
	u, err := pdf.NewUpdate(f)
	if err != nil {
		return nil, nil, err
	}
	return f, u, avoidAbsent(f, u)
}

// writeTo copies the original and appends the rest.
func (o *output) writeTo(dst io.Writer) error {
	if err := o.writeOriginal(dst); err != nil {
		return err
	}
	_, err := dst.Write(o.tail)
	return err
}

// writeOriginal copies the original, hashing what goes out: a file that changed since Prepare is noticed.
func (o *output) writeOriginal(dst io.Writer) error {
	if m, ok := o.src.(pdf.Memory); ok {
		if err := same(o.given, m); err != nil {
			return err
		}
		_, err := dst.Write(m)
		return err
	}
	h := o.hash.New()
	if err := pump(dst, h, o.src, 0, o.size); errors.Is(err, io.ErrUnexpectedEOF) {
		return ErrInputChanged
	} else if err != nil {
		return err
	}
	if o.prefix != nil && string(h.Sum(nil)) != string(o.prefix.Sum(nil)) {
		return ErrInputChanged
	}
	return nil
}

// blame says why the document that was fine a moment ago is not: somebody may have changed it meanwhile.
func (o *output) blame(err error) error {
	var self *SelfCheckError
	if !errors.As(err, &self) && !IsDocumentFault(err) && !errors.Is(err, ErrNotPDF) {
		return err
	}
	if changed := o.writeOriginal(io.Discard); errors.Is(changed, ErrInputChanged) {
		return changed
	}
	return err
}

// hold reads a small document once and for all: it is then signed, checked and written from memory.
func hold(src io.ReaderAt, size int64) (io.ReaderAt, error) {
	if m, ok := src.(pdf.Memory); ok && int64(len(m)) >= size {
		return m[:size:size], nil
	}
	if size <= 0 || size > heldSize {
		return src, nil
	}
	m := (*heldBuffers.Get().(*pdf.Memory))[:0]
	if int64(cap(m)) < size+heldSpare {
		m = make(pdf.Memory, 0, size+heldSpare)
	}
	m = m[:size]
	if n, err := src.ReadAt(m, 0); n < len(m) {
		if err == nil || err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		return nil, &pdf.ReadError{Offset: int64(n), Err: err}
	}
	return m, nil
}

// heldBuffers saves clearing and collecting a large block for each document.
var heldBuffers = sync.Pool{New: func() any { return new(pdf.Memory) }}

// release gives up what hold read. Nothing may use the document any more.
func release(given, held io.ReaderAt) {
	if _, callers := given.(pdf.Memory); callers {
		return
	}
	if m, ok := held.(pdf.Memory); ok {
		heldBuffers.Put(&m)
	}
}

// compareBlocks are only read as far as they were filled just before.
var compareBlocks = sync.Pool{New: func() any { return new([4 << 10]byte) }}

// same compares what was held with what is there now.
func same(src io.ReaderAt, held pdf.Memory) error {
	if m, ok := src.(pdf.Memory); ok && len(m) > 0 && &m[0] == &held[0] {
		return nil
	}
	block := compareBlocks.Get().(*[4 << 10]byte)
	defer compareBlocks.Put(block)
	for off := 0; off < len(held); off += len(block) {
		b := block[:min(len(block), len(held)-off)]
		n, err := src.ReadAt(b, int64(off))
		if n < len(b) && err != nil && err != io.EOF {
			return err
		}
		if !bytes.Equal(b[:n], held[off:off+len(b)]) {
			return ErrInputChanged
		}
	}
	return nil
}

// pump reads a range, hashes it, and writes it to dst unless that is nil. Of a large one another goroutine hashes what this one
// has read and written, so that it costs the slower of the two and not both.
func pump(dst io.Writer, h hash.Hash, src io.ReaderAt, from, to int64) error {
	const blocks = 4
	full, free := make(chan []byte, blocks), make(chan []byte, blocks)
	for range min(blocks, (to-from)/copyBlock+1) {
		free <- make([]byte, min(copyBlock, to-from))
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
	for at := from; at < to; {
		b := <-free
		b = b[:min(int64(len(b)), to-at)]
		n, err := src.ReadAt(b, at)
		if n < len(b) {
			if err == nil || err == io.EOF {
				err = io.ErrUnexpectedEOF // the document is shorter than it was said to be
			}
			return &pdf.ReadError{Offset: at + int64(n), Err: err}
		}
		if dst != nil {
			if _, err := dst.Write(b); err != nil {
				return err
			}
		}
		at += int64(n)
		full <- b
	}
	return nil
}
