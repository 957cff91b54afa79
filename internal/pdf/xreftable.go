package pdf

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
)

const tableWindow = 64 << 10

// readTable reads a classic section. Entries are 20 bytes by the standard; 19 and 21 are seen, so tokens are read.
func (f *File) readTable(off int64, limit int) (*section, error) {
	s := &section{off: off, prev: -1}
	t := &tableReader{f: f, limit: limit}
	if err := t.fill(off, firstWindow); err != nil {
		return nil, err
	}
	t.l.pos = len("xref")
	for {
		if err := t.need(256); err != nil {
			return nil, err
		}
		t.l.space()
		rest := t.l.buf[t.l.pos:]
		if bytes.HasPrefix(rest, []byte("trailer")) {
			t.l.pos += len("trailer")
			break
		}
		if bytes.HasPrefix(rest, []byte("<<")) {
			f.note("trailer-keyword", t.l.base+int64(t.l.pos), "the word trailer is missing")
			break
		}
		first, ok1 := t.l.digits(10)
		t.l.space()
		count, ok2 := t.l.digits(10)
		if !ok1 || !ok2 {
			return nil, t.l.err("a cross-reference subsection has no numbers")
		}
		if first > maxObjects {
			return nil, t.l.err("a cross-reference subsection begins with a number that no object has")
		}
		if err := t.subsection(s, first, count); err != nil {
			return nil, err
		}
	}
	if err := f.readTrailer(s, t.l.base+int64(t.l.pos), limit-len(s.entries)); err != nil {
		return nil, err
	}
	f.sortEntries(s)
	return s, nil
}

// tableReader keeps a window over a table of any length.
type tableReader struct {
	f     *File
	l     *lexer
	limit int
}

func (t *tableReader) fill(at int64, n int) error {
	b, err := t.f.readSome(at, n)
	if err != nil {
		return err
	}
	t.l = &lexer{buf: b, base: at, last: at+int64(len(b)) >= t.f.size}
	return nil
}

// need moves the window when fewer than n bytes are left in it.
func (t *tableReader) need(n int) error {
	if t.l.last || len(t.l.buf)-t.l.pos >= n {
		return nil
	}
	// A table is cheap to read.
	if err := t.f.spend(int64(t.l.pos) / 4); err != nil {
		return err
	}
	return t.fill(t.l.base+int64(t.l.pos), tableWindow)
}

func (t *tableReader) subsection(s *section, first, count int64) error {
	// Not more than the bytes that are left could hold.
	s.entries = slices.Grow(s.entries, int(min(max(count, usualChanges), (t.f.size-t.l.base)/18+1, int64(t.limit)+1)))
	for i := int64(0); i < count; i++ {
		if err := t.need(128); err != nil {
			return err
		}
		e, ok := t.strict()
		if !ok {
			t.l.space()
			mark := t.l.pos
			if e, ok = t.tolerant(); !ok {
				if mark < len(t.l.buf) && isDigit(t.l.buf[mark]) && t.l.pos >= len(t.l.buf) {
					return t.l.err("a cross-reference entry is damaged")
				}
				// Whatever comes is not of this subsection; the caller sees whether it makes sense.
				t.l.pos = mark
				t.f.note("xref-count", t.l.base+int64(mark), "a cross-reference subsection has fewer entries than it says")
				return nil
			}
		}
		if i == 0 && first == 1 && e.kind == free && e.gen == 65535 && e.off == 0 {
			// The table begins with the free entry of object 0 under the number 1: all numbers are one too high.
			t.f.note("xref-numbering", t.l.base+int64(t.l.pos), "the cross-reference table counts from 1 instead of 0")
			first = 0
		}
		if first+i > maxObjects {
			return t.l.err("a cross-reference subsection goes beyond the numbers that objects have")
		}
		e.num = uint32(first + i)
		e.off += t.f.base
		if len(s.entries) >= t.limit {
			return &LimitError{What: "cross-reference entries", Limit: maxEntries}
		}
		s.entries = append(s.entries, e)
	}
	return nil
}

// strict reads an entry of exactly 20 bytes, as nearly all are.
func (t *tableReader) strict() (e entry, ok bool) {
	l := t.l
	b := l.buf[l.pos:]
	if len(b) > 0 && (b[0] == '\n' || b[0] == '\r') {
		// The line end of the subsection's head.
		n := 1
		if len(b) > 1 && b[0] == '\r' && b[1] == '\n' {
			n = 2
		}
		l.pos, b = l.pos+n, b[n:]
	}
	if len(b) < 20 || b[10] != ' ' || b[16] != ' ' || class[b[18]] != white || class[b[19]] != white {
		return e, false
	}
	for _, c := range b[:10] {
		if c -= '0'; c > 9 {
			return e, false
		}
		e.off = e.off*10 + int64(c)
	}
	gen := 0
	for _, c := range b[11:16] {
		if c -= '0'; c > 9 {
			return e, false
		}
		gen = gen*10 + int(c)
	}
	switch b[17] {
	case 'n':
		e.kind = inFile
	case 'f':
	default:
		return e, false
	}
	e.gen = uint16(min(gen, 65535))
	l.pos += 20
	return e, true
}

// tolerant reads an entry token by token.
func (t *tableReader) tolerant() (e entry, ok bool) {
	l := t.l
	l.space()
	at := l.base + int64(l.pos)
	off, ok1 := l.digits(10)
	l.space()
	gen, ok2 := l.digits(5)
	l.space()
	if !ok1 || !ok2 || l.pos >= len(l.buf) {
		return e, false
	}
	switch l.buf[l.pos] {
	case 'n':
		e.kind = inFile
	case 'f':
	default:
		return e, false
	}
	l.pos++
	t.f.note("xref-entry", at, "an entry of a cross-reference table does not have 20 bytes")
	e.off, e.gen = off, uint16(min(gen, 65535))
	return e, true
}

// readTrailer reads the trailer dictionary, and the cross-reference stream of a hybrid section.
func (f *File) readTrailer(s *section, off int64, limit int) error {
	err := f.withLexer(off, func(l *lexer) error {
		l.notes = f
		o, err := l.object(0)
		if err != nil {
			return err
		}
		d, ok := o.(Dict)
		if !ok {
			return l.err("the trailer is no dictionary")
		}
		s.trailer, s.end = d, l.base+int64(l.pos)
		return nil
	})
	if err != nil {
		return err
	}
	s.setPrev(f)
	at, ok := s.trailer["XRefStm"].(Integer)
	if !ok {
		return nil
	}
	s.kind = XrefHybrid
	x, err := f.readXrefStream(int64(at)+f.base, limit)
	if errors.Is(err, errXref) {
		// Whoever counts the line ends wrong does so for all offsets.
		if near, ok := f.sectionNear(int64(at)+f.base, nearby); ok {
			f.note("startxref-inexact", int64(at), fmt.Sprintf("a cross-reference section is said to be at %d and is at %d", at, near))
			x, err = f.readXrefStream(near, limit)
		}
	}
	if err != nil {
		if fatal(err) {
			return err
		}
		f.note("xrefstm-damaged", int64(at), "the cross-reference stream of a hybrid section cannot be read")
		return nil
	}
	s.extra, s.hybrid = x.entries, Span{x.off, x.end}
	for _, e := range x.entries {
		if own, ok := findEntry(s.entries, e.num); ok && own.kind != free && own != e {
			f.note("xref-entry-twice", x.off, fmt.Sprintf("a hybrid cross-reference section has two entries for object %d", e.num))
		}
	}
	return nil
}
