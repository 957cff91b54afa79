package pdf

import (
	"fmt"
	"iter"
	"slices"
)

// Bounds on walking through references and caches.
const (
	maxRefs      = 32       // references to references
	cachedValues = 512      // parsed objects kept by a view
	cachedStream = 16 << 20 // decoded bytes of object streams kept by a file
	maxExtends   = 64       // object streams in one Extends chain
)

// View sees the document as of one revision. It is safe for concurrent use. The values it returns are shared: clone before
// changing one.
type View struct {
	f     *File
	rev   int
	cache map[Ref]Object
	pages *pageIndex
}

// Latest sees the document as a viewer does.
func (f *File) Latest() *View { return f.At(len(f.revs) - 1) }

// At sees the document as it was after revision rev, counted from 0.
func (f *File) At(rev int) *View {
	f.mu.Lock()
	defer f.mu.Unlock()
	v := f.views[rev]
	if v == nil {
		v = &View{f: f, rev: rev, cache: map[Ref]Object{}}
		f.views[rev] = v
	}
	return v
}

// File is the file behind the view.
func (v *View) File() *File { return v.f }

// Trailer is the trailer dictionary of the view's revision. Keys that only an older trailer has are taken from there.
func (v *View) Trailer() Dict {
	out := Dict{}
	for _, s := range v.f.sections {
		if s.rev > v.rev {
			continue
		}
		for _, k := range []Name{"Root", "Info", "ID", "Encrypt", "Size"} {
			if x, ok := s.trailer[k]; ok && out[k] == nil {
				out[k] = x
			}
		}
	}
	return out
}

// Entry tells where an object is.
type Entry struct {
	Free     bool
	Offset   int64 // in the file, for an object of its own
	Gen      uint16
	Stream   uint32 // number of the object stream that holds it, 0: none
	Index    int    // its place in there
	Revision int    // the revision whose cross reference says so
}

// Lookup finds the cross-reference entry of an object in this view.
func (v *View) Lookup(num uint32) (Entry, bool) {
	e, s, ok := v.lookup(num)
	if !ok {
		return Entry{}, false
	}
	out := Entry{Revision: s.rev}
	switch e.kind {
	case free:
		out.Free, out.Gen = true, e.gen
	case inFile:
		out.Offset, out.Gen = e.off, e.gen
	case inStream:
		out.Stream, out.Index = uint32(e.off), e.index()
	}
	return out, true
}

func (v *View) lookup(num uint32) (entry, *section, bool) {
	for _, s := range v.f.sections {
		if s.rev > v.rev {
			continue
		}
		if e, ok := s.find(num); ok {
			return e, s, true
		}
	}
	return entry{}, nil, false
}

// entries yields the entry that counts in this view for each object number, in the order of the numbers.
func (v *View) entries() iter.Seq[entry] {
	return func(yield func(entry) bool) {
		for num := range v.MaxObject() + 1 {
			if e, _, ok := v.lookup(num); ok && !yield(e) {
				return
			}
		}
	}
}

// MaxObject is the highest object number that any revision or scan of the file mentions, or that Size announces, whatever the
// view: numbers above it were never used.
func (v *View) MaxObject() uint32 {
	var n uint32
	if s := v.f.scanned; s != nil && len(s.entries) > 0 {
		n = s.entries[len(s.entries)-1].num
	}
	for _, s := range v.f.sections {
		for _, list := range [][]entry{s.entries, s.extra} {
			if len(list) > 0 {
				n = max(n, list[len(list)-1].num)
			}
		}
		if size, ok := s.trailer["Size"].(Integer); ok && size > 0 && size <= maxObjects {
			n = max(n, uint32(size-1))
		}
	}
	return n
}

// Get returns the value of an indirect object, decrypted. A missing or freed object is null (ISO 32000-2 §7.3.10).
func (v *View) Get(r Ref) (Object, error) {
	v.f.mu.Lock()
	o, ok := v.cache[r]
	v.f.mu.Unlock()
	if ok {
		return o, nil
	}
	o, err := v.load(r)
	if err != nil {
		return nil, err
	}
	v.f.mu.Lock()
	if len(v.cache) >= cachedValues {
		clear(v.cache)
	}
	v.cache[r] = o
	v.f.mu.Unlock()
	return o, nil
}

func (v *View) load(r Ref) (Object, error) {
	e, _, ok := v.lookup(r.Num)
	if !ok || e.kind == free {
		return nil, nil
	}
	if e.kind == inStream {
		if r.Gen != 0 {
			return nil, nil
		}
		return v.f.compressed(v, uint32(e.off), e.index(), r.Num, 0)
	}
	if e.gen != r.Gen {
		// Viewers are divided; the entry decides here, and the difference is worth knowing.
		v.f.note("generation", e.off, fmt.Sprintf("a reference to object %d names generation %d, the cross reference %d", r.Num, r.Gen, e.gen))
	}
	got, o, _, err := v.f.objectAt(e.off)
	if err != nil || got.Num != r.Num {
		if err != nil && fatal(err) {
			return nil, err
		}
		return v.f.misplaced(v, r, e.off)
	}
	return v.finish(got, o)
}

// finish decrypts a value and finds out how long a stream is.
func (v *View) finish(r Ref, o Object) (Object, error) {
	if st, ok := o.(*Stream); ok {
		if err := v.f.locate(st, v); err != nil {
			return nil, err
		}
	}
	if v.f.crypt == nil {
		return o, nil
	}
	if v.isEncryptDict(r) {
		return o, nil
	}
	return v.f.crypt.decryptObject(r, o), nil
}

func (v *View) isEncryptDict(r Ref) bool {
	e, ok := v.Trailer()["Encrypt"].(Ref)
	return ok && e == r
}

// Resolve follows references until it reaches a value; a value passes through.
func (v *View) Resolve(o Object) (Object, error) {
	for range maxRefs {
		r, ok := o.(Ref)
		if !ok {
			return o, nil
		}
		var err error
		if o, err = v.Get(r); err != nil {
			return nil, err
		}
	}
	return nil, &LimitError{What: "references to references", Limit: maxRefs}
}

// Dict resolves to a dictionary; that of a stream counts. Any other value, null too, is a nil dictionary.
func (v *View) Dict(o Object) (Dict, error) {
	o, err := v.Resolve(o)
	if err != nil {
		return nil, err
	}
	switch x := o.(type) {
	case Dict:
		return x, nil
	case *Stream:
		return x.Dict, nil
	}
	return nil, nil
}

// Array resolves to an array; any other value is a nil array.
func (v *View) Array(o Object) (Array, error) {
	o, err := v.Resolve(o)
	a, _ := o.(Array)
	return a, err
}

// Stream resolves to a stream; any other value is nil.
func (v *View) Stream(o Object) (*Stream, error) {
	o, err := v.Resolve(o)
	s, _ := o.(*Stream)
	return s, err
}

// Name resolves to a name.
func (v *View) Name(o Object) (Name, bool) {
	o, _ = v.Resolve(o)
	n, ok := o.(Name)
	return n, ok
}

// Int resolves to a whole number; a real without fraction counts.
func (v *View) Int(o Object) (int64, bool) {
	o, _ = v.Resolve(o)
	switch n := o.(type) {
	case Integer:
		return int64(n), true
	case Real:
		return int64(n), float64(n) == float64(int64(n))
	}
	return 0, false
}

// Number resolves to a number.
func (v *View) Number(o Object) (float64, bool) {
	o, _ = v.Resolve(o)
	switch n := o.(type) {
	case Integer:
		return float64(n), true
	case Real:
		return float64(n), true
	}
	return 0, false
}

// Bytes resolves to the bytes of a string.
func (v *View) Bytes(o Object) ([]byte, bool) {
	o, _ = v.Resolve(o)
	s, ok := o.(String)
	return []byte(s), ok
}

// Text resolves to a text string (ISO 32000-2 §7.9.2.2).
func (v *View) Text(o Object) (string, bool) {
	o, _ = v.Resolve(o)
	s, ok := o.(String)
	return DecodeText(s), ok
}

// Catalog is the document catalog.
func (v *View) Catalog() (Dict, Ref, error) {
	for _, s := range v.f.sections {
		if s.rev > v.rev {
			continue
		}
		r, ok := s.trailer["Root"].(Ref)
		if !ok {
			continue
		}
		d, err := v.Dict(r)
		if err != nil {
			return nil, r, err
		}
		if d != nil && (d["Pages"] != nil || d["Type"] == Name("Catalog")) {
			return d, r, nil
		}
	}
	return nil, Ref{}, ErrNoCatalog
}

func (f *File) hasCatalog() bool {
	if len(f.sections) == 0 {
		return false
	}
	if f.revs == nil {
		f.group()
		defer func() { f.revs = nil }()
	}
	v := &View{f: f, rev: len(f.revs) - 1, cache: map[Ref]Object{}}
	d, _, err := v.Catalog()
	if err != nil || d == nil {
		return false
	}
	pages, err := v.Dict(d["Pages"])
	return err == nil && pages != nil
}

// objectStreams keeps decoded object streams, oldest out first.
type objectStreams struct {
	list  []*objectStream
	bytes int
}

type objectStream struct {
	num     uint32
	off     int64 // of the container, to tell revisions of one number apart
	data    []byte
	nums    []uint32
	offs    []int32
	first   int
	extends Object
}

// compressed reads an object out of an object stream. The index is a hint: the number in the stream's own header decides.
func (f *File) compressed(v *View, container uint32, index int, num uint32, depth int) (Object, error) {
	s, err := f.objectStream(v, container)
	if err != nil || s == nil {
		if err != nil && fatal(err) {
			return nil, err
		}
		f.note("object-stream", 0, fmt.Sprintf("object %d should be in object stream %d, which cannot be read", num, container))
		return nil, nil
	}
	if index >= len(s.nums) || s.nums[index] != num {
		index = slices.Index(s.nums, num)
	}
	if index < 0 {
		if next, ok := s.extends.(Ref); ok && depth < maxExtends && next.Num != container {
			return f.compressed(v, next.Num, 0, num, depth+1)
		}
		return nil, nil
	}
	at := s.first + int(s.offs[index])
	if at < 0 || at >= len(s.data) {
		return nil, nil
	}
	l := &lexer{buf: s.data, pos: at, last: true, ref: true, dup: func(_ int64, key Name) { f.duplicate(s.off, key) }}
	o, err := l.object(0)
	if err != nil {
		if fatal(err) {
			return nil, err
		}
		f.note("object-stream", s.off, fmt.Sprintf("object %d in object stream %d is damaged", num, container))
		return nil, nil
	}
	return o, nil
}

func (f *File) objectStream(v *View, num uint32) (*objectStream, error) {
	e, _, ok := v.lookup(num)
	if !ok || e.kind != inFile {
		return nil, nil // an object stream cannot be inside another, nor missing
	}
	f.mu.Lock()
	for _, s := range f.objstm.list {
		if s.num == num && s.off == e.off {
			f.mu.Unlock()
			return s, nil
		}
	}
	f.mu.Unlock()
	o, err := v.load(Ref{num, e.gen})
	if err != nil {
		return nil, err
	}
	st, ok := o.(*Stream)
	if !ok {
		return nil, nil
	}
	n, ok1 := v.Int(st.Dict["N"])
	first, ok2 := v.Int(st.Dict["First"])
	if !ok1 || !ok2 || n < 0 || n > maxObjects || first < 0 {
		return nil, fmt.Errorf("object stream %d: N or First is damaged", num)
	}
	data, err := v.StreamData(st, 0)
	if err != nil && len(data) == 0 {
		return nil, err
	}
	s := &objectStream{num: num, off: e.off, data: data, first: int(min(first, int64(len(data)))), extends: st.Dict["Extends"]}
	l := &lexer{buf: data[:s.first], last: true}
	for range n {
		l.space()
		k, ok1 := l.digits(10)
		l.space()
		at, ok2 := l.digits(10)
		if !ok1 || !ok2 {
			break
		}
		if at > int64(len(data)) || k > maxObjects {
			at, k = int64(len(data)), 0
		}
		s.nums = append(s.nums, uint32(k))
		s.offs = append(s.offs, int32(at))
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.objstm.list = append(f.objstm.list, s)
	f.objstm.bytes += len(data)
	for len(f.objstm.list) > 1 && f.objstm.bytes > cachedStream {
		f.objstm.bytes -= len(f.objstm.list[0].data)
		f.objstm.list = f.objstm.list[1:]
	}
	return s, nil
}

// ValueSpans returns the byte spans, in the file, of the values in the dictionary of an object that is not in an object stream.
// path leads into dictionaries written inside it. The verifier uses it to see what stands where, not what it means.
func (v *View) ValueSpans(r Ref, path ...Name) (map[Name]Span, error) {
	e, ok := v.Lookup(r.Num)
	if !ok || e.Free || e.Stream != 0 {
		return nil, fmt.Errorf("object %d is not written in the file on its own", r.Num)
	}
	at := e.Offset
	for step := 0; ; step++ {
		spans := map[Name]Span{}
		err := v.f.withLexer(at, func(l *lexer) error {
			clear(spans)
			if step == 0 {
				if _, ok := l.objHeader(); !ok {
					return l.short("no object begins here")
				}
			}
			l.spans = spans
			l.space()
			_, err := l.object(0)
			return err
		})
		if err != nil || step == len(path) {
			return spans, err
		}
		s, ok := spans[path[step]]
		if !ok {
			return nil, fmt.Errorf("object %d has no /%s", r.Num, path[step])
		}
		at = s.Start
	}
}
