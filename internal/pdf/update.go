package pdf

import (
	"bytes"
	"compress/zlib"
	"crypto/md5"
	"crypto/rand"
	"fmt"
	"io"
	"slices"
	"strconv"
)

// tenDigits is the first offset that a classic cross-reference table cannot hold.
const tenDigits = 10_000_000_000

// Update is an incremental update in the making (ISO 32000-2 §7.5.6). It never rewrites a byte of the file.
type Update struct {
	f       *File
	v       *View
	next    uint32
	objects map[Ref]Object
	order   []Ref
	trailer Dict
	random  io.Reader // for initialisation vectors
}

// Appended is what follows the original bytes.
type Appended struct {
	Base  int64 // the size of the original
	Bytes []byte
	Marks map[string]int64 // where the marked literals begin, as offsets in the finished file
}

// NewUpdate continues the latest revision of f.
func NewUpdate(f *File) (*Update, error) {
	v := f.Latest()
	if _, _, err := v.Catalog(); err != nil {
		return nil, err
	}
	top := v.MaxObject()
	if top >= maxObjects {
		return nil, &LimitError{What: "objects", Limit: maxObjects}
	}
	return &Update{f: f, v: v, next: top + 1, objects: map[Ref]Object{}, trailer: Dict{}, random: rand.Reader}, nil
}

// Alloc returns a number that the file has never used.
func (u *Update) Alloc() Ref {
	r := Ref{Num: u.next}
	u.next++
	return r
}

// Set gives an object its value, new or overriding. A *Stream that was read from the file may be set again.
func (u *Update) Set(r Ref, o Object) {
	if _, ok := u.objects[r]; !ok {
		u.order = append(u.order, r)
	}
	u.objects[r] = o
}

// Get returns an object as it will be after the update.
func (u *Update) Get(r Ref) (Object, error) {
	if o, ok := u.objects[r]; ok {
		return o, nil
	}
	return u.v.Get(r)
}

// SetTrailer sets a key of the new trailer.
func (u *Update) SetTrailer(key Name, o Object) { u.trailer[key] = o }

// DeflateStream makes a FlateDecode stream of data.
func DeflateStream(d Dict, data []byte) *Stream {
	var b bytes.Buffer
	w, _ := zlib.NewWriterLevel(&b, zlib.BestCompression)
	w.Write(data)
	w.Close()
	out := make(Dict, len(d)+1)
	for k, x := range d {
		out[k] = x
	}
	out["Filter"] = Name("FlateDecode")
	return NewStream(out, b.Bytes())
}

// roughSize is about how many bytes the update will have: that of the large values and some for each object.
func (u *Update) roughSize() int {
	n := 4096
	for _, o := range u.objects {
		n += 512
		switch x := o.(type) {
		case *Stream:
			n += len(x.data)
		case Dict:
			for _, v := range x {
				if l, ok := v.(Literal); ok {
					n += len(l.Bytes)
				}
			}
		}
	}
	return n
}

// Bytes writes the update: objects, cross reference in the form of the file's last one, trailer. minVersion, when not empty
// and higher than what the file states, is set in the catalog.
func (u *Update) Bytes(minVersion string) (*Appended, error) {
	f := u.f
	if minVersion != "" {
		if err := u.raiseVersion(minVersion); err != nil {
			return nil, err
		}
	}
	s := &serializer{marks: map[string]int{}, buf: make([]byte, 0, u.roughSize())}
	last, err := f.read(f.size-1, 1)
	if err != nil {
		return nil, err
	}
	if last[0] != '\n' && last[0] != '\r' {
		s.raw("\n")
	}
	asStream := u.asStream()
	var entries []entry
	for _, r := range u.order {
		at := f.size + int64(len(s.buf))
		entries = append(entries, entry{num: r.Num, gen: r.Gen, kind: inFile, off: at})
		if err := u.object(s, r); err != nil {
			return nil, fmt.Errorf("object %d: %w", r.Num, err)
		}
	}
	if f.repaired {
		entries = u.complete(entries)
	}
	if f.size+int64(len(s.buf)) >= tenDigits {
		asStream = true
	}
	if err := u.xref(s, entries, asStream); err != nil {
		return nil, err
	}
	a := &Appended{Base: f.size, Bytes: s.buf, Marks: map[string]int64{}}
	for m, at := range s.marks {
		a.Marks[m] = f.size + int64(at)
	}
	return a, nil
}

func (u *Update) raiseVersion(version string) error {
	catalog, root, err := u.v.Catalog()
	if err != nil {
		return err
	}
	if o, ok := u.objects[root].(Dict); ok {
		catalog = o
	}
	have := u.f.version
	if n, ok := u.v.Name(catalog["Version"]); ok && string(n) > have {
		have = string(n)
	}
	if have >= version {
		return nil
	}
	d := Dict{"Version": Name(version)}
	for k, x := range catalog {
		if k != "Version" {
			d[k] = x
		}
	}
	u.Set(root, d)
	return nil
}

// asStream reports whether the new cross reference is a stream: after a stream, and after a repaired file that has objects in
// object streams, which a table cannot name.
func (u *Update) asStream() bool {
	s := u.f.sections[0]
	switch s.kind {
	case XrefStream:
		return true
	case XrefRepaired:
		for e := range u.v.entries() {
			if e.kind == inStream {
				return true
			}
		}
	}
	return false
}

func (u *Update) object(s *serializer, r Ref) error {
	s.pair(r)
	s.raw(" obj\n")
	o := u.objects[r]
	st, isStream := o.(*Stream)
	if c := u.f.crypt; c != nil && !u.v.isEncryptDict(r) {
		var err error
		if isStream {
			st, err = u.encryptStream(r, st)
		} else {
			o, err = u.encryptStrings(r, o)
		}
		if err != nil {
			return err
		}
	}
	if isStream {
		raw := st.data
		if st.owner != nil {
			var err error
			if raw, err = u.v.RawStream(st); err != nil {
				return err
			}
		}
		d := make(Dict, len(st.Dict)+1)
		for k, x := range st.Dict {
			d[k] = x
		}
		d["Length"] = Integer(len(raw))
		return s.stream(d, raw)
	}
	if err := s.value(o); err != nil {
		return err
	}
	s.raw("\nendobj\n")
	return nil
}

func (u *Update) encryptStrings(r Ref, o Object) (Object, error) {
	c := u.f.crypt
	if c.text == identity {
		return o, nil
	}
	var failed error
	out := mapStrings(o, func(s String) String {
		b, err := c.encrypt(u.random, r, c.text, []byte(s))
		if err != nil {
			failed = err
		}
		return String(b)
	})
	return out, failed
}

func (u *Update) encryptStream(r Ref, st *Stream) (*Stream, error) {
	raw := st.data
	if st.owner != nil {
		var err error
		if raw, err = u.v.RawStream(st); err != nil {
			return nil, err
		}
	}
	d, err := u.encryptStrings(r, st.Dict)
	if err != nil {
		return nil, err
	}
	b, err := u.f.crypt.encrypt(u.random, r, u.f.crypt.streamMethod(st.Dict), raw)
	if err != nil {
		return nil, err
	}
	return NewStream(d.(Dict), b), nil
}

// complete adds the entries of all live objects: the cross reference of a repaired file is of no use to strict readers.
func (u *Update) complete(entries []entry) []entry {
	have := map[uint32]bool{}
	for _, e := range entries {
		have[e.num] = true
	}
	for e := range u.v.entries() {
		if !have[e.num] && e.num != 0 {
			entries = append(entries, e)
		}
	}
	return entries
}

func (u *Update) xref(s *serializer, entries []entry, asStream bool) error {
	f := u.f
	trailer := Dict{}
	for k, x := range u.v.Trailer() {
		trailer[k] = x
	}
	if _, root, err := u.v.Catalog(); err == nil {
		trailer["Root"] = root
	}
	for k, x := range u.trailer {
		trailer[k] = x
	}
	trailer["ID"] = u.id(s.buf)
	if !f.repaired {
		trailer["Prev"] = Integer(f.sections[0].off - f.base)
	}
	start := f.size + int64(len(s.buf))
	if asStream {
		ref := u.Alloc()
		entries = append(entries, entry{num: ref.Num, kind: inFile, off: start})
	}
	if f.repaired || !asStream {
		// A table that stands alone needs the head of the free list; in an update it does no harm and old readers want it.
		entries = append(entries, entry{num: 0, gen: 65535, kind: free})
	}
	slices.SortFunc(entries, func(a, b entry) int { return int(int64(a.num) - int64(b.num)) })
	trailer["Size"] = Integer(max(u.next, sizeOf(trailer)))
	if asStream {
		if err := u.xrefStream(s, entries, trailer); err != nil {
			return err
		}
	} else {
		s.raw("xref\n")
		for i := 0; i < len(entries); {
			k := i + 1
			for k < len(entries) && entries[k].num == entries[k-1].num+1 {
				k++
			}
			s.whole(int64(entries[i].num))
			s.raw(" ")
			s.whole(int64(k - i))
			s.raw("\n")
			for ; i < k; i++ {
				s.entry(entries[i], f.base)
			}
		}
		s.raw("trailer\n")
		if err := s.dict(trailer); err != nil {
			return err
		}
		s.raw("\n")
	}
	s.raw("startxref\n")
	s.whole(start - f.base)
	s.raw("\n%%EOF\n")
	return nil
}

// entry writes the 20 bytes of an entry of a cross-reference table.
func (s *serializer) entry(e entry, base int64) {
	off, kind := e.off-base, " n\r\n"
	if e.kind == free {
		off, kind = 0, " f\r\n"
	}
	s.padded(off, 10)
	s.raw(" ")
	s.padded(int64(e.gen), 5)
	s.raw(kind)
}

func sizeOf(d Dict) uint32 {
	if n, ok := d["Size"].(Integer); ok && n > 0 && n <= maxObjects+1 {
		return uint32(n)
	}
	return 0
}

// id keeps the first part and makes a new second one out of what is written (ISO 32000-2 §14.4); both are made where there
// was none.
func (u *Update) id(written []byte) Array {
	h := md5.New()
	h.Write(strconv.AppendInt(nil, u.f.size, 10))
	h.Write(written)
	old, _ := u.v.Array(u.v.Trailer()["ID"])
	var first String
	if len(old) > 0 {
		first, _ = mustResolve(u.v, old[0]).(String)
	}
	if first != "" {
		h.Write([]byte(first))
	}
	second := String(h.Sum(nil))
	if first == "" && u.f.crypt == nil {
		first = second
	}
	return Array{first, second}
}

func mustResolve(v *View, o Object) Object {
	x, _ := v.Resolve(o)
	return x
}

func (u *Update) xrefStream(s *serializer, entries []entry, trailer Dict) error {
	wide := 4
	for _, e := range entries {
		if e.off >= 1<<32 {
			wide = 8
		}
	}
	var data bytes.Buffer
	var index Array
	for i, e := range entries {
		if i == 0 || e.num != entries[i-1].num+1 {
			index = append(index, Integer(e.num), Integer(0))
		}
		index[len(index)-1] = index[len(index)-1].(Integer) + 1
		kind, two, three := byte(1), uint64(e.off-u.f.base), uint64(e.gen)
		switch e.kind {
		case free:
			kind, two = 0, 0
		case inStream:
			kind, two, three = 2, uint64(e.off), uint64(e.index())
		}
		data.WriteByte(kind)
		for k := wide - 1; k >= 0; k-- {
			data.WriteByte(byte(two >> (8 * k)))
		}
		data.Write([]byte{byte(three >> 16), byte(three >> 8), byte(three)})
	}
	trailer["Type"] = Name("XRef")
	trailer["W"] = Array{Integer(1), Integer(wide), Integer(3)}
	trailer["Index"] = index
	trailer["Size"] = Integer(max(u.next, sizeOf(trailer)))
	st := DeflateStream(trailer, data.Bytes())
	st.Dict["Length"] = Integer(len(st.data))
	s.pair(Ref{Num: entries[len(entries)-1].num})
	s.raw(" obj\n")
	return s.stream(st.Dict, st.data)
}
