package pdf

import (
	"bytes"
	"fmt"
	"slices"
)

// Revision is the state of the document after one of its updates.
type Revision struct {
	Index     int
	StartXref int64 // offset of its cross-reference section; of a linearized original, the one for the first page; -1: repaired
	Start     int64 // its bytes begin here, where the revision before it ends
	End       int64 // just after the end-of-file marker that closes it, its line end included
	Kind      XrefKind
	Trailer   Dict
	Closed    bool // a startxref and an end-of-file marker close it
}

// group makes revisions out of sections. Two kinds of originals have two sections that were written at once: a linearized one, whose
// older section stands behind the newer one (ISO 32000-2 Annex F), and a hybrid one whose objects in streams are named by an
// otherwise empty section of its own, as Microsoft Word does it.
func (f *File) group() error {
	groups := make([][]*section, 0, len(f.sections))
	for i := 0; i < len(f.sections); i++ {
		g := []*section{f.sections[i]}
		for i+1 < len(f.sections) && f.together(f.sections[i], f.sections[i+1], i+2 == len(f.sections)) {
			i++
			g = append(g, f.sections[i])
		}
		groups = append(groups, g)
	}
	slices.Reverse(groups)
	f.revs = make([]Revision, 0, len(groups))
	for i, g := range groups {
		last := g[0]
		for _, s := range g {
			s.rev = i
			if s.off > last.off {
				last = s
			}
		}
		last.closes = true
		if len(g) > 1 {
			// The startxref at the end of a linearized file names the section at its beginning.
			g[0].closes = true
		}
		end, closed, err := f.endOf(last)
		if err != nil {
			return err
		}
		if !closed {
			f.note("eof-missing", end, fmt.Sprintf("no end-of-file marker follows the cross-reference section at %d", last.off))
		}
		f.revs = append(f.revs, Revision{Index: i, StartXref: g[0].off, End: end, Kind: g[0].kind, Trailer: g[0].trailer, Closed: closed})
	}
	f.extents()
	return f.buildIndex()
}

// together reports whether a section and the one before it in the chain, which may be the first of all, are one revision.
func (f *File) together(s, before *section, first bool) bool {
	switch {
	case s.prev > s.off:
		if !first || !f.linearized() {
			f.note("prev-forward", s.off, "a cross-reference section names one behind it as the one before")
		}
		return first
	case s.kind == XrefHybrid && len(s.entries) == 0 && s.hybrid.End > 0 && s.hybrid.End <= before.off:
		end, _, err := f.endOf(before)
		return err == nil && f.whiteBetween(end, s.off)
	}
	return false
}

// extents gives each revision the bytes between the end of the nearest one before it in the file and its own.
func (f *File) extents() {
	ends := make([]int64, len(f.revs))
	for i, r := range f.revs {
		ends[i] = r.End
		if i > 0 && r.End <= f.revs[i-1].End {
			f.note("revision-order", r.End, "the revisions do not stand in the file in the order in which they follow each other")
		}
	}
	slices.Sort(ends)
	for i := range f.revs {
		if k, _ := slices.BinarySearch(ends, f.revs[i].End); k > 0 {
			f.revs[i].Start = ends[k-1]
		}
	}
}

// linearized reports whether the first object says that the file is (ISO 32000-2 Annex F); whether that is still true is another
// question.
func (f *File) linearized() bool {
	b, err := f.read(f.header, headerSearch)
	if err != nil {
		return false
	}
	l := &lexer{buf: b, last: true}
	l.space() // the header is a comment
	at := f.header + int64(l.pos)
	p, err := f.objectAt(at)
	d, _ := p.value.(Dict)
	return err == nil && d["Linearized"] != nil
}

// endOf finds the end-of-file marker behind a section. Where it is missing the revision ends with the section.
func (f *File) endOf(s *section) (end int64, closed bool, err error) {
	if s.end >= f.size {
		return f.size, false, nil
	}
	b, err := f.read(s.end, 1024)
	if err != nil {
		return s.end, false, err
	}
	l := &lexer{buf: b, base: s.end, last: true}
	skipWhite(l)
	if string(l.word()) == "endobj" {
		l.pos += len("endobj")
	}
	l.space()
	if string(l.word()) != "startxref" {
		return s.end, false, nil
	}
	l.pos += len("startxref")
	l.space()
	l.digits(12)
	i := bytes.Index(b[l.pos:], []byte("%%EOF"))
	if i < 0 {
		return s.end + int64(l.pos), false, nil
	}
	l.pos += i + len("%%EOF")
	l.eol()
	return s.end + int64(l.pos), true, nil
}

// eol steps over one line end.
func (l *lexer) eol() {
	if l.pos < len(l.buf) && l.buf[l.pos] == '\r' {
		l.pos++
	}
	if l.pos < len(l.buf) && l.buf[l.pos] == '\n' {
		l.pos++
	}
}

func skipWhite(l *lexer) {
	for l.pos < len(l.buf) && class[l.buf[l.pos]] == white {
		l.pos++
	}
}
