package pdf

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"sort"
)

// entryKind says what a cross-reference entry points to.
type entryKind uint8

const (
	free entryKind = iota
	inFile
	inStream
)

// entry is one cross-reference entry in 16 bytes.
type entry struct {
	num  uint32
	gen  uint16 // for inStream: the low bits of the index
	kind entryKind
	idx  uint8 // for inStream: the high bits of the index
	off  int64 // for inStream: the number of the object stream
}

func (e entry) index() int { return int(e.idx)<<16 | int(e.gen) }

// XrefKind is the form of a cross-reference section.
type XrefKind int

// The forms of ISO 32000-2 §7.5.4, §7.5.8 and §7.5.8.4, and what repair found.
const (
	XrefTable XrefKind = iota
	XrefStream
	XrefHybrid
	XrefRepaired
)

// section is one cross-reference section; its entries are sorted by number.
type section struct {
	off     int64
	stated  int64 // where startxref or Prev says it is: at off, or in white space before it
	closes  bool  // its revision ends behind it
	end     int64 // just after the trailer dictionary or the endobj of the stream
	kind    XrefKind
	entries []entry
	extra   []entry // of the XRefStm of a hybrid section; looked up after entries
	hybrid  Span    // where that stream object is
	trailer Dict
	prev    int64 // -1: none
	rev     int   // index of its revision
}

func (s *section) find(num uint32) (entry, bool) {
	e, ok := findEntry(s.entries, num)
	if ok && (e.kind != free || s.extra == nil) {
		return e, true
	}
	// What a hybrid file hides from old readers is free in the table (ISO 32000-2 §7.5.8.4).
	if x, found := findEntry(s.extra, num); found {
		return x, true
	}
	return e, ok
}

func findEntry(list []entry, num uint32) (entry, bool) {
	if len(list) > 0 && num >= list[0].num {
		// Most sections have all numbers from their first one on.
		if i := num - list[0].num; i < uint32(len(list)) && list[i].num == num {
			return list[i], true
		}
	}
	i := sort.Search(len(list), func(i int) bool { return list[i].num >= num })
	if i < len(list) && list[i].num == num {
		return list[i], true
	}
	return entry{}, false
}

// sortEntries orders by number; of entries for one number the first written stays, as viewers that read on find it first. Where two
// say different things, other viewers take the last.
func (f *File) sortEntries(s *section) {
	for i := 1; i < len(s.entries); i++ {
		if s.entries[i-1].num < s.entries[i].num {
			continue
		}
		slices.SortStableFunc(s.entries, func(a, b entry) int { return int(a.num) - int(b.num) })
		s.entries = slices.CompactFunc(s.entries, func(a, b entry) bool {
			if a.num == b.num && a != b {
				f.note("xref-entry-twice", s.off, fmt.Sprintf("one cross-reference section has two entries for object %d", a.num))
			}
			return a.num == b.num
		})
		return
	}
}

// indexFrom is the number of sections from which an index over all of them pays.
const indexFrom = 9

// place says that a section has an entry for a number.
type place struct{ num, section uint32 }

func (p place) compare(q place) int {
	if p.num != q.num {
		return int(p.num) - int(q.num)
	}
	return int(p.section) - int(q.section)
}

// buildIndex makes looking up cheap in a file with many revisions.
func (f *File) buildIndex() error {
	f.index = nil
	if len(f.sections) < indexFrom {
		return nil
	}
	n := 0
	for _, s := range f.sections {
		n += len(s.entries) + len(s.extra)
	}
	if err := f.spend(int64(n)); err != nil {
		return err
	}
	f.index = make([]place, 0, n)
	for i, s := range f.sections {
		for _, list := range [][]entry{s.entries, s.extra} {
			for _, e := range list {
				f.index = append(f.index, place{e.num, uint32(i)})
			}
		}
	}
	slices.SortFunc(f.index, place.compare)
	return nil
}

func (v *View) lookup(num uint32) (entry, *section, bool) {
	f := v.f
	if f.index == nil {
		for _, s := range f.sections {
			if s.rev > v.rev {
				continue
			}
			if e, ok := s.find(num); ok {
				return e, s, true
			}
		}
		return entry{}, nil, false
	}
	newest := sort.Search(len(f.sections), func(i int) bool { return f.sections[i].rev <= v.rev })
	i, _ := slices.BinarySearchFunc(f.index, place{num, uint32(newest)}, place.compare)
	if i == len(f.index) || f.index[i].num != num {
		return entry{}, nil, false
	}
	s := f.sections[f.index[i].section]
	e, ok := s.find(num)
	return e, s, ok
}

var errXref = errors.New("no cross-reference section where one is announced")

// nearby is how far from its stated place a section is looked for: producers miscount line ends.
const nearby = 64

// readChain follows startxref and Prev.
func (f *File) readChain() error {
	start, err := f.startxref()
	if err != nil {
		return err
	}
	// Offsets count from the start of the file or, where bytes stand before the header, from the header: whichever works. The header
	// comes first: after a single line end before it every offset from the start hits white space, which is good enough for
	// reading but sends other readers astray when it is continued.
	bases := []int64{0}
	if f.header > 0 {
		bases = []int64{f.header, 0}
	}
	var first error
	for _, slack := range []int64{0, nearby} {
		for _, base := range bases {
			f.base, f.sections = base, nil
			err := f.follow(start+base, slack)
			if err == nil && (len(bases) == 1 && slack == 0 || f.rootInPlace()) {
				return f.group()
			}
			if err != nil && fatal(err) {
				return err
			}
			if first == nil {
				first = err
			}
		}
	}
	if first == nil {
		first = ErrNoCatalog
	}
	f.sections, f.base = nil, 0
	return first
}

// rootInPlace reports whether the catalog, or the object stream that holds it, is where the cross reference says.
func (f *File) rootInPlace() bool {
	for i, s := range f.sections {
		s.rev = len(f.sections) - i // until group says better
	}
	v := &View{f: f, rev: len(f.sections)}
	r, ok := v.trailerValue("Root").(Ref)
	if !ok {
		return false
	}
	num := r.Num
	e, _, ok := v.lookup(num)
	if ok && e.kind == inStream {
		num = uint32(e.off)
		e, _, ok = v.lookup(num)
	}
	if !ok || e.kind != inFile {
		return false
	}
	p, err := f.objectAt(e.off)
	return err == nil && p.ref.Num == num
}

// startxref reads the last one. Bytes that follow the end of the document may push it far up; further still counts as missing.
func (f *File) startxref() (int64, error) {
	for _, n := range []int64{tailSearch, 64 << 10} {
		from := max(0, f.size-n)
		b, err := f.read(from, int(f.size-from))
		if err != nil {
			return 0, err
		}
		i := bytes.LastIndex(b, []byte("startxref"))
		if i < 0 {
			continue
		}
		l := &lexer{buf: b, pos: i + len("startxref"), base: from, last: true}
		l.space()
		off, ok := l.digits(12)
		if !ok {
			return 0, l.err("startxref has no number")
		}
		return off, nil
	}
	return 0, errors.New("startxref is missing")
}

func (f *File) follow(off, slack int64) error {
	seen := map[int64]bool{}
	total := 0
	for off >= 0 {
		if e := f.earlier; e != nil && len(f.sections) > 0 && off == e.sections[0].off && f.base == e.base {
			f.sections = append(f.sections, e.sections...)
			return nil
		}
		if seen[off] {
			f.note("xref-cycle", off, "the chain of cross-reference sections runs in a circle")
			return nil
		}
		seen[off] = true
		if len(seen) > maxSections {
			return &LimitError{What: "cross-reference sections", Limit: maxSections}
		}
		s, err := f.readSection(off, slack, maxEntries-total)
		if err != nil {
			if len(f.sections) > 0 && !fatal(err) {
				return fmt.Errorf("cross-reference section at %d: %w", off, err)
			}
			return err
		}
		seen[s.off] = true
		if s.stated = s.off; f.whiteBetween(off, s.off) {
			s.stated = off
		}
		total += len(s.entries) + len(s.extra)
		f.sections = append(f.sections, s)
		off = s.prev
	}
	return nil
}

func (f *File) whiteBetween(from, to int64) bool {
	if from > to || to-from > nearby {
		return false
	}
	at, err := f.skipWhiteFrom(from, to)
	return err == nil && at == to
}

// readSection reads what is at off, or within slack bytes of it. limit is the number of entries that it may have.
func (f *File) readSection(off, slack int64, limit int) (*section, error) {
	if off < 0 || off >= f.size {
		return nil, fmt.Errorf("%w: byte %d is outside the file", errXref, off)
	}
	b, err := f.read(off, 64)
	if err != nil {
		return nil, err
	}
	l := &lexer{buf: b, base: off, last: true}
	l.space()
	switch {
	case bytes.HasPrefix(b[l.pos:], []byte("xref")):
		return f.readTable(off+int64(l.pos), limit)
	case l.pos < len(b) && isDigit(b[l.pos]):
		s, err := f.readXrefStream(off+int64(l.pos), limit)
		if err == nil || slack == 0 || !errors.Is(err, errXref) {
			return s, err
		}
	}
	if slack == 0 {
		return nil, errXref
	}
	at, ok := f.sectionNear(off, slack)
	if !ok {
		return nil, errXref
	}
	f.note("startxref-inexact", off, fmt.Sprintf("a cross-reference section is said to be at %d and is at %d", off, at))
	return f.readSection(at, 0, limit)
}

func (f *File) sectionNear(off, slack int64) (int64, bool) {
	from := max(0, off-slack)
	b, err := f.read(from, int(off-from+slack)+32)
	if err != nil {
		return 0, false
	}
	best := int64(-1)
	try := func(at int64) {
		if best < 0 || max(at-off, off-at) < max(best-off, off-best) {
			best = at
		}
	}
	for i := range b {
		switch {
		case bytes.HasPrefix(b[i:], []byte("xref")) && !bytes.HasSuffix(b[:i], []byte("start")):
			try(from + int64(i))
		case bytes.HasPrefix(b[i:], []byte("obj")):
			if e, ok := objectBefore(b, i, from); ok {
				if p, err := f.objectAt(e.off); err == nil {
					if st, ok := p.value.(*Stream); ok && st.Dict["Type"] == Name("XRef") {
						try(e.off)
					}
				}
			}
		}
	}
	return best, best >= 0
}

func (s *section) setPrev(f *File) {
	s.prev = -1
	switch p := s.trailer["Prev"].(type) {
	case Integer:
		if p > 0 {
			s.prev = int64(p) + f.base
		}
	case Real:
		if p > 0 && p < 1<<50 {
			s.prev = int64(p) + f.base
		}
	case Ref:
		// Against the standard and seen: the offset is written as if it were an object number.
		f.note("prev-indirect", s.off, "Prev is written as a reference")
		s.prev = int64(p.Num) + f.base
	case nil:
	default:
		f.note("prev-damaged", s.off, "Prev is no number")
	}
}
