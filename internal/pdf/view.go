package pdf

import (
	"fmt"
	"iter"
)

const maxRefs = 32 // references to references

// View sees the document as of one revision. It is safe for concurrent use. The values it returns are shared: clone before
// changing one.
type View struct {
	f       *File
	rev     int
	pages   *pageIndex // once the tree was walked
	counted int32      // pages by Count, plus one; 0: not tried, -1: not to be believed
	catalog Dict       // once it was read, with root
	root    Ref
	reads   *fieldWalk // is told what is read; nil: nobody
}

// Latest sees the document as a viewer does.
func (f *File) Latest() *View { return f.At(len(f.revs) - 1) }

// At sees the document as it was after revision rev, counted from 0.
func (f *File) At(rev int) *View {
	f.mu.Lock()
	defer f.mu.Unlock()
	v := f.views[rev]
	if v == nil {
		v = &View{f: f, rev: rev}
		f.views[rev] = v
	}
	return v
}

// File is the file behind the view.
func (v *View) File() *File { return v.f }

// trailerKeys are those of a trailer that say something about the document.
var trailerKeys = []Name{"Root", "Info", "ID", "Encrypt", "Size"}

// Trailer is the trailer dictionary of the view's revision. Keys that only an older trailer has are taken from there.
func (v *View) Trailer() Dict {
	out := Dict{}
	for _, k := range trailerKeys {
		if x := v.trailerValue(k); x != nil {
			out[k] = x
		}
	}
	return out
}

// trailerValue is one of them.
func (v *View) trailerValue(k Name) Object {
	for _, s := range v.f.sections {
		if s.rev > v.rev {
			continue
		}
		if x := s.trailer[k]; x != nil {
			return x
		}
	}
	return nil
}

// Entry tells where an object is.
type Entry struct {
	Free     bool
	Offset   int64 // in the file, for an object of its own
	Gen      uint16
	Stream   uint32 // number of the object stream that holds it, 0: none
	Index    int    // its place in there
	Revision int    // the revision whose cross reference says so
	Hybrid   bool   // only readers of cross-reference streams find it (ISO 32000-2 §7.5.8.4)
}

// Lookup finds the cross-reference entry of an object in this view.
func (v *View) Lookup(num uint32) (Entry, bool) {
	e, s, ok := v.lookup(num)
	if !ok {
		return Entry{}, false
	}
	out := Entry{Revision: s.rev}
	if s.extra != nil {
		x, ok := findEntry(s.entries, num)
		out.Hybrid = !ok || x.kind == free
	}
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

// entries yields the entry that counts in this view for each object number, in the order of the numbers.
func (v *View) entries() iter.Seq[entry] {
	return func(yield func(entry) bool) {
		for num := range v.numbers() {
			if e, _, ok := v.lookup(num); ok && !yield(e) {
				return
			}
		}
	}
}

// numbers yields each object number that some section has, in order.
func (v *View) numbers() iter.Seq[uint32] {
	return func(yield func(uint32) bool) {
		if v.f.index != nil {
			for i, p := range v.f.index {
				if (i == 0 || v.f.index[i-1].num != p.num) && !yield(p.num) {
					return
				}
			}
			return
		}
		var lists [][]entry
		for _, s := range v.f.sections {
			lists = append(lists, s.entries, s.extra)
		}
		for {
			next, found := uint32(0), false
			for _, list := range lists {
				if len(list) > 0 && (!found || list[0].num < next) {
					next, found = list[0].num, true
				}
			}
			if !found || !yield(next) {
				return
			}
			for i, list := range lists {
				if len(list) > 0 && list[0].num == next {
					lists[i] = list[1:]
				}
			}
		}
	}
}

// MaxObject is the highest object number that any revision or scan of the file mentions, or that Size announces, whatever the
// view: numbers above it were never used.
func (v *View) MaxObject() uint32 {
	var n uint32
	v.f.mu.Lock()
	if s := v.f.scanned; s != nil && len(s.entries) > 0 {
		n = s.entries[len(s.entries)-1].num
	}
	v.f.mu.Unlock()
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

// valueKey is where a parsed value comes from. Views share what they read at one place, so that an object that did not change is
// the same value in each of them.
type valueKey struct {
	off   int64  // of the object, or of the object stream that holds it
	num   uint32 // of the same; another number's entry may point to the place too
	index uint32 // there, plus one; 0: an object of its own
	view  int    // its revision plus one, where the value depends on that; 0: on none
}

// valueCache keeps parsed values, all or nothing, up to a weight.
type valueCache struct {
	m      map[valueKey]Object
	weight int
}

const (
	cachedWeight = 8 << 20 // bytes of parsed values, roughly
	usualValues  = 12      // how many are read of most documents before they are signed
)

func (f *File) cached(k valueKey) (Object, bool) {
	f.mu.Lock()
	o, ok := f.values.m[k]
	e := f.earlier
	f.mu.Unlock()
	if !ok && e != nil && k.off < e.size {
		return e.cached(k)
	}
	return o, ok
}

func (f *File) keep(k valueKey, o Object, weight int) {
	weight += 200
	if weight > cachedWeight/4 {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	c := &f.values
	if c.m == nil || c.weight+weight > cachedWeight {
		c.m, c.weight = make(map[valueKey]Object, usualValues), 0
	}
	c.m[k] = o
	c.weight += weight
}

// Get returns the value of an indirect object, decrypted. A missing or freed object is null (ISO 32000-2 §7.3.10).
func (v *View) Get(r Ref) (Object, error) {
	e, _, ok := v.lookup(r.Num)
	if w := v.reads; w != nil {
		w.read[r.Num] = true
		w.once = w.once || ok && e.kind == inStream // what its stream becomes is not seen here
	}
	if !ok || e.kind == free {
		return nil, nil
	}
	if e.kind == inStream {
		if r.Gen != 0 {
			return nil, nil
		}
		return v.compressed(uint32(e.off), e.index(), r.Num)
	}
	if e.gen != r.Gen {
		// Viewers are divided; the entry decides here, and the difference is worth knowing.
		v.f.note("generation", e.off, fmt.Sprintf("a reference to object %d names generation %d, the cross reference %d", r.Num, r.Gen, e.gen))
	}
	return v.load(r, e)
}

// load reads an object that lies in the file on its own.
func (v *View) load(r Ref, e entry) (Object, error) {
	key := valueKey{off: e.off, num: r.Num}
	if o, ok := v.f.cached(key); ok {
		return o, nil
	}
	key.view = v.rev + 1
	if o, ok := v.f.cached(key); ok {
		return o, nil
	}
	p, err := v.f.objectAt(e.off)
	if err != nil || p.ref.Num != r.Num {
		if err != nil && fatal(err) {
			return nil, err
		}
		if p, err = v.misplaced(r, e.off); err != nil || p.ref.Num != r.Num {
			return nil, err
		}
	} else if st, ok := p.value.(*Stream); !ok || !isRef(st.Dict["Length"]) {
		key.view = 0
	}
	o, err := v.finish(p, false)
	if err != nil {
		return nil, err
	}
	v.f.keep(key, o, p.weight)
	return o, nil
}

func isRef(o Object) bool { _, ok := o.(Ref); return ok }

// finish finds out how long a stream is, and decrypts a value.
func (v *View) finish(p parsed, inFile bool) (Object, error) {
	if st, ok := p.value.(*Stream); ok {
		if err := v.f.locate(st, v, inFile); err != nil {
			return nil, err
		}
	}
	if v.f.crypt == nil || p.ref == v.f.encryptRef {
		return p.value, nil
	}
	return v.f.crypt.decryptObject(p.ref, p.value), nil
}

// isEncryptDict reports whether r is the encryption dictionary, whose strings are not encrypted.
func (v *View) isEncryptDict(r Ref) bool { return v.f.encryptRef == r }

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

// Catalog is the document catalog. Where the newest trailer names none that can be used, that of an older one is.
func (v *View) Catalog() (Dict, Ref, error) {
	v.f.mu.Lock()
	d, root := v.catalog, v.root
	v.f.mu.Unlock()
	if d != nil {
		return d, root, nil
	}
	d, root, err := v.readCatalog()
	if err == nil {
		v.f.mu.Lock()
		v.catalog, v.root = d, root
		v.f.mu.Unlock()
	}
	return d, root, err
}

func (v *View) readCatalog() (Dict, Ref, error) {
	skipped := false
	for _, s := range v.f.sections {
		if s.rev > v.rev || s.trailer["Root"] == nil {
			continue
		}
		r, ok := s.trailer["Root"].(Ref)
		if !ok {
			skipped = true
			continue
		}
		d, err := v.Dict(r)
		if err != nil {
			return nil, r, err
		}
		if d != nil && (d["Pages"] != nil || d["Type"] == Name("Catalog")) {
			if skipped {
				v.f.note("root-of-older-trailer", max(0, s.off), "the newest trailer names no catalog that can be used; that of an older one is taken")
			}
			return d, r, nil
		}
		skipped = true
	}
	return nil, Ref{}, ErrNoCatalog
}

func (f *File) hasCatalog() bool {
	if len(f.sections) == 0 {
		return false
	}
	v := f.Latest()
	d, _, err := v.Catalog()
	if err != nil || d == nil {
		return false
	}
	pages, err := v.Dict(d["Pages"])
	return err == nil && pages != nil
}

// ValueSpan returns where a value stands in the file: path is its key in the dictionary of an object that is not in an object
// stream, after the keys of the dictionaries written inside it that lead there. A key that is not there has an empty span. The
// verifier uses it to see what stands where, not what it means: of a key written twice the last value counts, and a null value has a
// span too.
func (v *View) ValueSpan(r Ref, path ...Name) (Span, error) {
	e, _, ok := v.lookup(r.Num)
	if !ok || e.kind != inFile {
		return Span{}, fmt.Errorf("object %d is not written in the file on its own", r.Num)
	}
	num, at, err := v.f.headerAt(e.off)
	if err != nil || num != r.Num {
		if err != nil && fatal(err) {
			return Span{}, err
		}
		p, err := v.misplaced(r, e.off)
		if err != nil {
			return Span{}, err
		}
		if p.ref.Num != r.Num {
			return Span{}, fmt.Errorf("object %d is nowhere in the file", r.Num)
		}
		at = p.begin
	}
	var span Span
	for step, key := range path {
		err := v.f.withLexer(at, func(l *lexer) error {
			if step == 0 {
				if _, ok := l.objHeader(); !ok {
					return l.short("no object begins here")
				}
			}
			l.find = key
			l.space()
			_, err := l.object(0)
			span = l.span
			return err
		})
		if err != nil {
			return Span{}, err
		}
		if at = span.Start; at == 0 && step < len(path)-1 {
			return Span{}, fmt.Errorf("object %d has no /%s", r.Num, key)
		}
	}
	return span, nil
}
