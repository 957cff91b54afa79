package pdf

import (
	"errors"
	"fmt"
	"slices"
)

// Bounds on object streams.
const (
	cachedStreams = 16 << 20 // decoded bytes kept by a file
	maxObjStm     = 48 << 20 // decoded bytes of one; honest ones hold some hundred objects
	maxExtends    = 64       // object streams in one Extends chain
)

// objectStreams keeps decoded object streams, the last used first.
type objectStreams struct {
	list  []*objectStream
	bytes int
}

type objectStream struct {
	key     valueKey
	data    []byte
	nums    []uint32
	offs    []uint32 // in data
	extends Ref
}

// compressed reads an object out of an object stream. The index is a hint: the number in the stream's own header decides. Where that
// names the number twice, the index chooses.
func (v *View) compressed(container uint32, index int, num uint32) (Object, error) {
	f := v.f
	seen := []uint32{container}
	for {
		s, err := v.objectStream(container)
		if err != nil && fatal(err) {
			return nil, err
		}
		if err != nil || s == nil {
			f.note("object-stream", 0, fmt.Sprintf("object %d should be in object stream %d, which cannot be read", num, container))
			return nil, nil
		}
		if index >= len(s.nums) || s.nums[index] != num {
			if index = slices.Index(s.nums, num); index >= 0 {
				f.note("object-stream-index", s.key.off, fmt.Sprintf("object %d has another place in object stream %d than the cross reference says", num, container))
			}
		}
		if index >= 0 {
			return v.slot(s, index)
		}
		if container = s.extends.Num; container == 0 || slices.Contains(seen, container) || len(seen) >= maxExtends {
			f.note("object-stream", s.key.off, fmt.Sprintf("object %d is not in object stream %d", num, seen[0]))
			return nil, nil
		}
		seen, index = append(seen, container), 0
	}
}

// slot parses one object of an object stream. Its strings are not decrypted: the stream was.
func (v *View) slot(s *objectStream, index int) (Object, error) {
	f := v.f
	key := s.key
	key.index = uint32(index) + 1
	if o, ok := f.cached(key); ok {
		return o, nil
	}
	at := int(s.offs[index])
	if at >= len(s.data) {
		return nil, nil
	}
	l := &lexer{buf: s.data, pos: at, last: true, ref: true, notes: f, notesAt: s.key.off}
	o, err := l.object(0)
	if e := f.spend(int64(l.pos-at+l.wasted) + objectWork); e != nil {
		return nil, e
	}
	if err != nil {
		if fatal(err) {
			return nil, err
		}
		f.note("object-stream", s.key.off, fmt.Sprintf("object %d in an object stream is damaged", s.nums[index]))
		return nil, nil
	}
	f.keep(key, o, l.members*48+l.pos-at)
	return o, nil
}

// Slots are the numbers of the objects in an object stream, in its order.
func (v *View) Slots(container uint32) ([]uint32, error) {
	s, err := v.objectStream(container)
	if err != nil && fatal(err) {
		return nil, err
	}
	if err != nil || s == nil {
		return nil, nil
	}
	return s.nums, nil
}

// Slot is the object at a place of an object stream, whatever the cross reference says of its number.
func (v *View) Slot(container uint32, index int) (Object, error) {
	s, err := v.objectStream(container)
	if err != nil && fatal(err) {
		return nil, err
	}
	if err != nil || s == nil || index >= len(s.nums) {
		return nil, nil
	}
	return v.slot(s, index)
}

// objectStream decodes one. What describes it may be indirect, but never lie in an object stream itself: so nothing here can run in a
// circle.
func (v *View) objectStream(num uint32) (*objectStream, error) {
	f := v.f
	e, _, ok := v.lookup(num)
	if !ok || e.kind != inFile {
		return nil, nil // it cannot be inside another, nor missing
	}
	if s := f.cachedStream(e.off, num, v.rev); s != nil {
		return s, nil
	}
	p, err := f.objectAt(e.off)
	if err != nil || p.ref.Num != num {
		if err != nil && fatal(err) {
			return nil, err
		}
		if p, err = v.misplaced(Ref{num, e.gen}, e.off); err != nil || p.ref.Num != num {
			return nil, err
		}
	}
	o, err := v.finish(p, true)
	if err != nil {
		return nil, err
	}
	st, ok := o.(*Stream)
	if !ok {
		return nil, nil
	}
	s, err := v.decodeObjectStream(st)
	if err != nil {
		return nil, fmt.Errorf("object stream %d: %w", num, err)
	}
	s.key = valueKey{off: e.off, num: num, view: v.rev + 1}
	if p.begin == e.off && !slices.ContainsFunc([]Name{"Length", "N", "First", "Filter", "DecodeParms"}, func(k Name) bool { return isRef(st.Dict[k]) }) {
		s.key.view = 0
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	c := &f.objstm
	c.list = slices.Insert(c.list, 0, s)
	c.bytes += s.cost()
	for len(c.list) > 1 && c.bytes > cachedStreams {
		last := len(c.list) - 1
		c.bytes -= c.list[last].cost()
		c.list = slices.Delete(c.list, last, last+1)
	}
	return s, nil
}

func (s *objectStream) cost() int { return len(s.data) + 8*len(s.nums) + 256 }

func (f *File) cachedStream(off int64, num uint32, rev int) *objectStream {
	f.mu.Lock()
	defer f.mu.Unlock()
	c := &f.objstm
	for i, s := range c.list {
		if s.key.off == off && s.key.num == num && (s.key.view == 0 || s.key.view == rev+1) {
			copy(c.list[1:], c.list[:i])
			c.list[0] = s
			return s
		}
	}
	return nil
}

func (v *View) decodeObjectStream(st *Stream) (*objectStream, error) {
	resolve := func(o Object) Object {
		if r, ok := o.(Ref); ok {
			o, _ = v.plain(r)
		}
		return o
	}
	n, ok1 := resolve(st.Dict["N"]).(Integer)
	first, ok2 := resolve(st.Dict["First"]).(Integer)
	if !ok1 || !ok2 || n < 0 || n > maxObjects || first < 0 {
		return nil, fmt.Errorf("%w: N or First", errFilter)
	}
	r, err := v.f.decode(st, resolve)
	var unsupported *UnsupportedError
	if errors.As(err, &unsupported) {
		return nil, fmt.Errorf("%w: %v", errFilter, err) // an image filter, for instance, is damage here
	}
	if err != nil {
		return nil, err
	}
	data, err := readAll(r, st.size, maxObjStm)
	if err != nil && (fatal(err) || len(data) == 0) {
		return nil, err
	}
	if err != nil {
		v.f.note("stream-damaged", st.start, fmt.Sprintf("object stream %d is damaged; what could be read is used", st.ref.Num))
	}
	s := &objectStream{data: data}
	s.extends, _ = st.Dict["Extends"].(Ref)
	l := &lexer{buf: data[:min(int(first), len(data))], last: true}
	// Each of them takes at least four bytes of the head.
	most := min(int(n), len(l.buf)/4+1)
	s.nums, s.offs = make([]uint32, 0, most), make([]uint32, 0, most)
	for range n {
		l.space()
		k, ok1 := l.digits(10)
		l.space()
		at, ok2 := l.digits(10)
		if !ok1 || !ok2 {
			break
		}
		if k > maxObjects {
			k = 0
		}
		s.nums = append(s.nums, uint32(k))
		s.offs = append(s.offs, uint32(min(int64(first)+at, int64(len(data)))))
	}
	sorted := slices.Sorted(slices.Values(s.nums))
	if len(slices.Compact(sorted)) < len(s.nums) {
		v.f.note("object-stream-twice", st.start, fmt.Sprintf("object stream %d names an object twice", st.ref.Num))
	}
	return s, v.f.spend(int64(l.pos))
}
