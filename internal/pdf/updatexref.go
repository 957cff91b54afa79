package pdf

import (
	"crypto/sha256"
	"fmt"
	"slices"
)

const (
	tenDigits   = 10_000_000_000 // the first offset that a cross-reference table cannot hold
	storedIndex = 1 << 10        // a cross-reference stream is not compressed below this size: it would cost more than it saves
)

// xrefWriter writes one cross-reference section. Entries for files have absolute offsets; base is where the file counts from.
type xrefWriter struct {
	base    int64
	next    uint32 // the first number that is not in use
	entries []entry
}

// xref writes the cross-reference section, trailer and end.
func (u *Update) xref(s *serializer, x *xrefWriter) error {
	f := u.f
	trailer := u.newTrailer(s, x.next)
	old, complete, err := u.oldEntries()
	if err != nil {
		return err
	}
	x.base = f.base
	if complete {
		// Viewers count from the header.
		x.base = f.header
		if slices.ContainsFunc(old, func(e entry) bool { return e.kind == inFile && e.off < f.header }) {
			x.base = 0
		}
		old = append(old, entry{kind: free, gen: 65535})
	} else {
		trailer["Prev"] = Integer(f.sections[0].off - f.base)
	}
	x.entries = append(x.entries, old...)
	start := f.size + int64(len(s.buf))
	// A table cannot name what lies in an object stream.
	asStream := f.sections[0].kind == XrefStream || start >= tenDigits || slices.ContainsFunc(old, func(e entry) bool { return e.kind == inStream })
	if asStream {
		err = x.stream(s, start, trailer)
	} else {
		if !complete {
			x.entries = append(x.entries, u.freeHead())
		}
		err = x.table(s, trailer)
	}
	if err != nil {
		return err
	}
	s.end(start - x.base)
	return nil
}

// oldEntries are those that the new section needs for objects that are not set. Normally none: Prev leads to them. Of a file whose
// cross reference strict readers cannot follow they are all, and complete is true: then the new section has no Prev, and strict
// readers can open the file. It also has no history then; so where there are signatures, a wrong startxref alone, which the update
// puts right anyway, is no reason. Where only some objects are not where the cross reference says, those are named again.
func (u *Update) oldEntries() (list []entry, complete bool, err error) {
	f := u.f
	inexact := f.hasNote("startxref-inexact")
	complete = f.repaired || f.brokenChain() || inexact && !u.v.signaturesExist()
	if !complete && !inexact && !f.hasNote("object-misplaced") {
		return nil, false, nil
	}
	for e := range u.v.entries() {
		if _, replaced := u.places[e.num]; replaced || e.num == 0 || e.kind == free {
			continue
		}
		moved := false
		if e.kind == inFile && !f.repaired {
			if e, moved, err = u.v.found(e); err != nil {
				return nil, false, err
			}
		}
		if e.kind != free && (complete || moved) {
			list = append(list, e)
		}
	}
	return list, complete, nil
}

// found corrects the place of an entry: moved reports that the object is elsewhere. An object that is nowhere is free, and did
// not move.
func (v *View) found(e entry) (at entry, moved bool, err error) {
	p, err := v.f.objectAt(e.off)
	if err == nil && p.ref.Num == e.num {
		return e, false, nil
	}
	if err != nil && fatal(err) {
		return e, false, err
	}
	if p, err = v.misplaced(Ref{e.num, e.gen}, e.off); err != nil {
		return e, false, err
	}
	if p.ref.Num != e.num {
		return entry{num: e.num}, false, nil
	}
	return entry{num: e.num, gen: p.ref.Gen, kind: inFile, off: p.begin}, true, nil
}

// brokenChain reports whether a section before the newest is not where it is said to be, which only forgiving readers find out.
func (f *File) brokenChain() bool {
	if f.hasNote("xrefstm-damaged") || f.hasNote("prev-indirect") || f.hasNote("prev-damaged") {
		return true
	}
	for i, s := range f.sections[1:] {
		if said := f.sections[i].prev; said != s.off && !f.whiteBetween(said, s.off) {
			return true
		}
	}
	return false
}

// signaturesExist is bit 1 of SigFlags (ISO 32000-2 Table 225).
func (v *View) signaturesExist() bool {
	catalog, _, err := v.Catalog()
	if err != nil {
		return false
	}
	form, err := v.Dict(catalog["AcroForm"])
	flags, _ := v.Int(form["SigFlags"])
	return err == nil && flags&1 != 0
}

func (f *File) hasNote(code string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.noted[code] > 0
}

// freeHead repeats the head of the list of free objects: a table of an update usually has it, and some readers want it.
func (u *Update) freeHead() entry {
	head := entry{kind: free, gen: 65535}
	e, s, ok := u.v.lookup(0)
	if !ok || e.kind != free || s.kind == XrefStream {
		return head
	}
	next := e.off - u.f.base
	if next <= 0 || next >= int64(u.next) {
		return head
	}
	if _, taken := u.places[uint32(next)]; taken {
		return head
	}
	if e, _, ok := u.v.lookup(uint32(next)); ok && e.kind == free {
		head.off = next
	}
	return head
}

// newTrailer keeps what the file's trailers say of the document.
func (u *Update) newTrailer(s *serializer, next uint32) Dict {
	trailer := u.v.Trailer()
	if _, root, err := u.v.Catalog(); err == nil {
		trailer["Root"] = root
	}
	for k, x := range u.trailer {
		trailer[k] = x
	}
	trailer["ID"] = u.id(s)
	if n, ok := trailer["Size"].(Integer); !ok || n < Integer(next) || n > maxObjects+1 {
		trailer["Size"] = Integer(next)
	}
	return trailer
}

// id keeps the first part of the file's ID and makes a new second one out of what is written (ISO 32000-2 §14.4); both are made
// where there was none.
func (u *Update) id(s *serializer) Array {
	var first String
	if c := u.f.crypt; c != nil {
		first = String(c.id) // the key depends on it, so it stays, even when it is empty
	} else if old, err := u.v.Array(u.v.trailerValue("ID")); err == nil && len(old) > 0 {
		b, _ := u.v.Bytes(old[0])
		first = String(b)
	}
	second := s.digestID(u.f.size, string(first))
	if first == "" && u.f.crypt == nil {
		first = second
	}
	return Array{first, second}
}

// digestID makes an identifier out of what was written. Marked literals do not count: they are to be filled in later, and long.
func (s *serializer) digestID(size int64, first string) String {
	h := sha256.New() // several times faster than MD5 on today's machines
	fmt.Fprintf(h, "%d %d %s", size, len(first), first)
	at := int64(0)
	for _, hole := range s.holes {
		h.Write(s.buf[at:hole.Start])
		at = hole.End
	}
	h.Write(s.buf[at:])
	return String(h.Sum(nil)[:16])
}

// table writes a classic section (ISO 32000-2 §7.5.4) and the trailer.
func (x *xrefWriter) table(s *serializer, trailer Dict) error {
	x.sort()
	s.text("xref\n")
	for i := 0; i < len(x.entries); {
		k := i + 1
		for k < len(x.entries) && x.entries[k].num == x.entries[k-1].num+1 {
			k++
		}
		s.integer(int64(x.entries[i].num))
		s.text(" ")
		s.integer(int64(k - i))
		s.text("\n")
		for ; i < k; i++ {
			e := x.entries[i]
			switch e.kind {
			case free:
				s.buf = appendEntry(s.buf, e.off, e.gen, 'f')
			case inFile:
				if e.off-x.base >= tenDigits {
					return &LimitError{What: "offset in a cross-reference table", Limit: tenDigits - 1}
				}
				s.buf = appendEntry(s.buf, e.off-x.base, e.gen, 'n')
			default:
				return fmt.Errorf("pdf: object %d in an object stream cannot be in a cross-reference table", e.num)
			}
		}
	}
	s.text("trailer\n")
	if err := s.dict(trailer); err != nil {
		return fmt.Errorf("trailer: %w", err)
	}
	s.text("\n")
	return nil
}

// appendEntry writes the 20 bytes of an entry.
func appendEntry(b []byte, off int64, gen uint16, kind byte) []byte {
	b = append(b, "0000000000 00000 n\r\n"...)
	line := b[len(b)-20:]
	for i, n := 9, off; n > 0; i, n = i-1, n/10 {
		line[i] = '0' + byte(n%10)
	}
	for i, n := 15, gen; n > 0; i, n = i-1, n/10 {
		line[i] = '0' + byte(n%10)
	}
	line[17] = kind
	return b
}

// stream writes a cross-reference stream at start (ISO 32000-2 §7.5.8), which lists itself.
func (x *xrefWriter) stream(s *serializer, start int64, trailer Dict) error {
	self := Ref{Num: x.next}
	if self.Num > maxObjects {
		return &LimitError{What: "objects", Limit: maxObjects}
	}
	x.entries = append(x.entries, entry{num: self.Num, kind: inFile, off: start})
	x.sort()
	fields := func(e entry) (kind byte, two, three uint64) {
		switch e.kind {
		case free:
			return 0, uint64(e.off), uint64(e.gen)
		case inStream:
			return 2, uint64(e.off), uint64(e.index())
		}
		return 1, uint64(e.off - x.base), uint64(e.gen)
	}
	var most, last uint64
	var index Array
	for i, e := range x.entries {
		_, two, three := fields(e)
		most, last = max(most, two), max(last, three)
		if i == 0 || e.num != x.entries[i-1].num+1 {
			index = append(index, Integer(e.num), Integer(0))
		}
		index[len(index)-1] = index[len(index)-1].(Integer) + 1
	}
	w2, w3 := byteLen(most), byteLen(last)
	data := make([]byte, 0, len(x.entries)*(1+w2+w3))
	for _, e := range x.entries {
		kind, two, three := fields(e)
		data = append(data, kind)
		data = appendBigEndian(data, two, w2)
		data = appendBigEndian(data, three, w3)
	}
	d := make(Dict, len(trailer)+4)
	for k, o := range trailer {
		d[k] = o
	}
	d["Type"] = Name("XRef")
	d["W"] = Array{Integer(1), Integer(w2), Integer(w3)}
	d["Index"] = index
	d["Size"] = max(Integer(self.Num)+1, d["Size"].(Integer))
	st := NewStream(d, data)
	if len(data) >= storedIndex {
		st = DeflateStream(d, data)
	}
	return s.object(self, st)
}

func (x *xrefWriter) sort() {
	slices.SortFunc(x.entries, func(a, b entry) int { return int(int64(a.num) - int64(b.num)) })
}

func byteLen(n uint64) int {
	k := 1
	for n >>= 8; n > 0; n >>= 8 {
		k++
	}
	return k
}

func appendBigEndian(b []byte, n uint64, width int) []byte {
	for k := width - 1; k >= 0; k-- {
		b = append(b, byte(n>>(8*k)))
	}
	return b
}

// end writes where the cross reference is, and the end of the file.
func (s *serializer) end(startxref int64) {
	s.text("startxref\n")
	s.integer(startxref)
	s.text("\n%%EOF\n")
}
