package pdf

import (
	"crypto/rand"
	"fmt"
	"io"
)

// Update is an incremental update in the making (ISO 32000-2 §7.5.6). It never rewrites a byte of the file. It is used by one
// goroutine.
type Update struct {
	f       *File
	v       *View
	first   uint32   // the first number that the file does not use
	next    uint32   // the first number that nothing uses
	changes []change // in the order in which they are written
	places  map[uint32]int
	trailer Dict
	iv      io.Reader // initialization vectors of AES
	room    []byte    // see WriteInto
	avoid   map[uint32]bool
}

// usualChanges is how many objects a signature writes in a tagged document.
const usualChanges = 12

type change struct {
	ref   Ref
	value Object
}

// Appended is what follows the original bytes.
type Appended struct {
	Base  int64 // the size of the original
	Bytes []byte
	Marks map[string]int64 // where the marked literals begin, as offsets in the finished file
}

// NewUpdate continues the latest revision of f. An update breaks the integrity code of a file that has one: then it returns an
// *UnsupportedError.
func NewUpdate(f *File) (*Update, error) {
	v := f.Latest()
	if _, _, err := v.Catalog(); err != nil {
		return nil, err
	}
	if f.sections[0].trailer["AuthCode"] != nil {
		return nil, &UnsupportedError{What: "an integrity code (ISO/TS 32004)"}
	}
	top := v.MaxObject()
	if top >= maxObjects {
		return nil, &LimitError{What: "objects", Limit: maxObjects}
	}
	return &Update{
		f: f, v: v, first: top + 1, next: top + 1, changes: make([]change, 0, usualChanges), places: make(map[uint32]int, usualChanges),
		trailer: Dict{}, iv: rand.Reader,
	}, nil
}

// Avoid keeps Alloc from returning these numbers, because something refers to them although they name nothing.
func (u *Update) Avoid(numbers map[uint32]bool) { u.avoid = numbers }

// Alloc returns a number that the file has never used.
func (u *Update) Alloc() Ref {
	for u.avoid[u.next] {
		u.next++
	}
	r := Ref{Num: u.next}
	u.next++
	return r
}

// Set gives an object its value, new or overriding. r is the reference that leads to the object: its generation is written, and
// the first one of a number stays. A *Stream that was read, from this file or another, may be set too. Values are not copied.
func (u *Update) Set(r Ref, o Object) {
	if i, ok := u.places[r.Num]; ok {
		u.changes[i].value = o
		return
	}
	u.places[r.Num] = len(u.changes)
	u.changes = append(u.changes, change{r, o})
	u.next = max(u.next, r.Num+1)
}

// used is one more than the highest number of the file and the update; numbers that were taken and not set do not count.
func (u *Update) used() uint32 {
	n := u.first
	for _, c := range u.changes {
		n = max(n, c.ref.Num+1)
	}
	return n
}

// Get returns an object as it will be after the update.
func (u *Update) Get(r Ref) (Object, error) {
	if i, ok := u.places[r.Num]; ok {
		return u.changes[i].value, nil
	}
	return u.v.Get(r)
}

// SetTrailer sets a key of the new trailer. Size, Prev and ID are set by Bytes, and so is what describes a cross-reference stream.
func (u *Update) SetTrailer(key Name, o Object) { u.trailer[key] = o }

// Bytes writes the update: objects, cross reference in the form of the file's last one, trailer. minVersion, as "1.7", is set in
// the catalog when the file states a lower one; "" asks for nothing. Equal updates of equal files are equal bytes, as long as
// nothing is encrypted with AES, which takes random bytes.
func (u *Update) Bytes(minVersion string) (*Appended, error) {
	f := u.f
	if minVersion != "" {
		if err := u.raiseVersion(minVersion); err != nil {
			return nil, err
		}
	}
	s := &serializer{base: f.size, buf: u.room}
	if cap(s.buf) == 0 {
		s.buf = make([]byte, 0, u.roughSize())
	}
	if err := u.begin(s); err != nil {
		return nil, err
	}
	x := &xrefWriter{next: u.used(), entries: make([]entry, 0, len(u.changes)+2)}
	for _, c := range u.changes {
		crypt := f.crypt
		if u.v.isEncryptDict(c.ref) {
			crypt = nil
		}
		o, err := ready(crypt, u.iv, c.ref, c.value)
		if err != nil {
			return nil, err
		}
		x.entries = append(x.entries, entry{num: c.ref.Num, gen: c.ref.Gen, kind: inFile, off: f.size + int64(len(s.buf))})
		if err := s.object(c.ref, o); err != nil {
			return nil, err
		}
	}
	if err := u.xref(s, x); err != nil {
		return nil, err
	}
	return &Appended{Base: f.size, Bytes: s.buf, Marks: s.marks}, nil
}

// WriteInto offers the memory behind b's length for what Bytes writes. Where that is too small, more is taken elsewhere.
func (u *Update) WriteInto(b []byte) { u.room = b[len(b):] }

// roughSize is about how many bytes the update will have: those of its large values, and some for each object.
func (u *Update) roughSize() int {
	n := 2048
	for _, c := range u.changes {
		n += 256
		switch x := c.value.(type) {
		case *Stream:
			n += len(x.data)
		case Dict:
			for _, o := range x {
				switch l := o.(type) {
				case Literal:
					n += len(l.Bytes)
				case Hole:
					n += 2 * l.Size
				}
			}
		}
	}
	return n
}

// begin writes a line end when the file does not end with one: it belongs to the update, not to the original. It also closes what
// the end of a damaged file left open.
func (u *Update) begin(s *serializer) error {
	last, err := u.f.read(u.f.size-1, 1)
	if err != nil {
		return err
	}
	if last[0] != '\n' && last[0] != '\r' {
		s.text("\n")
	}
	if u.f.repaired {
		closing, err := u.closing()
		if err != nil {
			return err
		}
		s.text(closing)
	}
	return nil
}

// closing ends the stream that a file was cut off in. Who looks for objects without a cross reference would otherwise take the first
// ones of the update for a part of it. Other values need no end: nothing that follows makes them complete.
func (u *Update) closing() (string, error) {
	last := entry{off: -1}
	for e := range u.v.entries() {
		if e.kind == inFile && e.off > last.off {
			last = e
		}
	}
	if last.off < 0 {
		return "", nil
	}
	p, err := u.f.objectAt(last.off)
	if err != nil {
		if fatal(err) {
			return "", err
		}
		return "", nil
	}
	st, ok := p.value.(*Stream)
	if !ok {
		return "", nil
	}
	if at, err := u.f.find(st.start, []byte("endstream")); err != nil || at >= 0 {
		return "", err
	}
	return "endstream\nendobj\n", nil
}

func (u *Update) raiseVersion(version string) error {
	_, root, err := u.v.Catalog()
	if err != nil {
		return err
	}
	o, err := u.Get(root)
	if err != nil {
		return err
	}
	catalog, ok := o.(Dict)
	if !ok {
		return fmt.Errorf("pdf: the catalog is set to %T", o)
	}
	have := u.f.version
	if n, ok := u.v.Name(catalog["Version"]); ok && string(n) > have {
		have = string(n)
	}
	if have >= version {
		return nil
	}
	d := make(Dict, len(catalog)+1)
	for k, x := range catalog {
		d[k] = x
	}
	d["Version"] = Name(version)
	u.Set(root, d)
	return nil
}
