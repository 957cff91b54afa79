package pdf

import (
	"bytes"
	"slices"
)

// Unexplained walks the bytes of one revision, from the end of the one before it to its own end, and returns the spans that
// are neither an object which the revision's cross reference names at that place, nor its cross reference, trailer, startxref,
// comment or white space. An update that a conforming writer made has none.
func (f *File) Unexplained(rev int) ([]Span, error) {
	from := int64(0)
	if rev > 0 {
		from = f.revs[rev-1].End
	}
	return f.unexplained(rev, from, f.revs[rev].End)
}

// Trailing returns the bytes behind the last revision that are no white space; empty in a clean file.
func (f *File) Trailing() (Span, error) {
	end := f.revs[len(f.revs)-1].End
	for off := end; off < f.size; {
		b, err := f.read(off, scanBlock)
		if err != nil {
			return Span{}, err
		}
		for i, c := range b {
			if class[c] != white {
				return Span{off + int64(i), f.size}, nil
			}
		}
		off += int64(len(b))
	}
	return Span{f.size, f.size}, nil
}

func (f *File) unexplained(rev int, from, to int64) ([]Span, error) {
	named := map[int64]bool{}
	sections := map[int64]*section{}
	for _, s := range f.sections {
		if s.rev != rev {
			continue
		}
		sections[s.off] = s
		for _, list := range [][]entry{s.entries, s.extra} {
			for _, e := range list {
				if e.kind == inFile {
					named[e.off] = true
				}
			}
		}
		if at, ok := s.trailer["XRefStm"].(Integer); ok {
			named[int64(at)+f.base] = true
		}
	}
	v := f.At(rev)
	var out []Span
	for pos := from; pos < to; {
		next, ok, err := f.explain(v, pos, to, named, sections)
		if err != nil {
			return nil, err
		}
		if next <= pos {
			// Nothing begins here: look for the next place where something could.
			next, ok = f.nextStart(pos, to), false
		}
		if !ok {
			if n := len(out); n > 0 && out[n-1].End == pos {
				out[n-1].End = next
			} else {
				out = append(out, Span{pos, next})
			}
			if len(out) > maxNotes {
				return out, nil
			}
		}
		pos = next
	}
	return out, nil
}

// explain steps over what begins at pos and reports whether a rule allows it there.
func (f *File) explain(v *View, pos, to int64, named map[int64]bool, sections map[int64]*section) (next int64, ok bool, err error) {
	b, err := f.read(pos, 512)
	if err != nil {
		return pos, false, err
	}
	l := &lexer{buf: b, base: pos, last: true}
	skipWhite(l)
	if l.pos > 0 {
		return min(pos+int64(l.pos), to), true, nil
	}
	switch {
	case b[0] == '%':
		i := bytes.IndexAny(b, "\r\n")
		if i < 0 {
			i = len(b)
		}
		return min(pos+int64(i), to), true, nil
	case bytes.HasPrefix(b, []byte("startxref")):
		l.pos = len("startxref")
		l.space()
		_, ok := l.digits(12)
		return pos + int64(l.pos), ok, nil
	case bytes.HasPrefix(b, []byte("xref")):
		if s := sections[pos]; s != nil {
			return s.end, true, nil
		}
		return pos + 4, false, nil
	case isDigit(b[0]):
		_, o, end, err := f.objectAt(pos)
		if err != nil {
			if fatal(err) {
				return pos, false, err
			}
			return pos, false, nil
		}
		if st, isStream := o.(*Stream); isStream {
			if err := f.locate(st, v); err != nil {
				return pos, false, err
			}
			end = f.afterStream(st)
		}
		_, isXref := sections[pos]
		return min(end, to), named[pos] || isXref, nil
	}
	return pos, false, nil
}

// nextStart is the next line that could begin an object, a cross reference or a comment.
func (f *File) nextStart(pos, to int64) int64 {
	for off := pos + 1; off < to; {
		b, err := f.read(off-1, scanBlock)
		if err != nil || len(b) < 2 {
			return to
		}
		for i := 1; i < len(b); i++ {
			if at := off - 1 + int64(i); at >= to {
				return to
			}
			if b[i-1] == '\n' || b[i-1] == '\r' {
				if c := b[i]; isDigit(c) || c == '%' || c == 'x' || c == 's' || c == 't' {
					return off - 1 + int64(i)
				}
			}
		}
		off += int64(len(b)) - 1
	}
	return to
}

// Touched lists the numbers of the objects that a revision defines, overrides or frees, in order.
func (f *File) Touched(rev int) []uint32 {
	var out []uint32
	for _, s := range f.sections {
		if s.rev != rev {
			continue
		}
		for _, list := range [][]entry{s.entries, s.extra} {
			for _, e := range list {
				if e.num != 0 {
					out = append(out, e.num)
				}
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Equal reports whether two values of a file mean the same: streams are compared by their dictionary and stored bytes,
// references by the number they name.
func (f *File) Equal(a, b Object) (bool, error) { return f.equal(a, b, 0) }

func (f *File) equal(a, b Object, depth int) (bool, error) {
	if depth > 2*maxDepth {
		return false, errDepth
	}
	switch x := a.(type) {
	case Array:
		y, ok := b.(Array)
		if !ok || len(x) != len(y) {
			return false, nil
		}
		for i := range x {
			if same, err := f.equal(x[i], y[i], depth+1); !same || err != nil {
				return false, err
			}
		}
		return true, nil
	case Dict:
		y, ok := b.(Dict)
		if !ok || len(x) != len(y) {
			return false, nil
		}
		for k := range x {
			if same, err := f.equal(x[k], y[k], depth+1); !same || err != nil {
				return false, err
			}
		}
		return true, nil
	case *Stream:
		y, ok := b.(*Stream)
		if !ok || x.size != y.size {
			return false, nil
		}
		if same, err := f.equal(x.Dict, y.Dict, depth+1); !same || err != nil {
			return false, err
		}
		if x.start == y.start {
			return true, nil
		}
		p, err := x.rawBytes()
		if err != nil {
			return false, err
		}
		q, err := y.rawBytes()
		return bytes.Equal(p, q), err
	}
	return a == b, nil
}
