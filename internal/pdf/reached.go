package pdf

import "bytes"

// Reached tells which object numbers a document refers to, starting at its trailer, whether or not there is an object.
type Reached []bool

// Has reports whether something refers to a number.
func (r Reached) Has(num uint32) bool { return int(num) < len(r) && r[num] }

// Reached follows all references, for numbers up to the highest one in use and further ones up to most. It reads references only and
// builds no values, which takes a fraction of the time. What cannot be read refers to nothing.
func (v *View) Reached(most uint32) (Reached, error) {
	w := &reachWalk{v: v, seen: make(Reached, int(max(most, v.MaxObject()))+1)}
	for _, o := range v.Trailer() {
		w.value(o)
	}
	if _, root, err := v.Catalog(); err == nil {
		w.reach(root.Num)
	}
	for len(w.stack) > 0 {
		num := w.stack[len(w.stack)-1]
		w.stack = w.stack[:len(w.stack)-1]
		if err := w.object(num); err != nil {
			return nil, err
		}
	}
	return w.seen, nil
}

type reachWalk struct {
	v     *View
	seen  Reached
	stack []uint32 // reached and not read
}

func (w *reachWalk) reach(num uint32) {
	if int(num) < len(w.seen) && !w.seen[num] {
		w.seen[num] = true
		w.stack = append(w.stack, num)
	}
}

// value follows the references in a value that is parsed already.
func (w *reachWalk) value(o Object) {
	switch x := o.(type) {
	case Ref:
		w.reach(x.Num)
	case Array:
		for _, y := range x {
			w.value(y)
		}
	case Dict:
		for _, y := range x {
			w.value(y)
		}
	case *Stream:
		w.value(x.Dict)
	}
}

func (w *reachWalk) object(num uint32) error {
	v := w.v
	e, _, ok := v.lookup(num)
	switch {
	case !ok || e.kind == free:
		return nil
	case e.kind == inStream:
		w.reach(uint32(e.off))
		s, err := v.objectStream(uint32(e.off))
		if err != nil && fatal(err) {
			return err
		}
		if err != nil || s == nil || e.index() >= len(s.nums) || s.nums[e.index()] != num {
			return w.parsed(num, e)
		}
		if at := int(s.offs[e.index()]); at < len(s.data) {
			l := &lexer{buf: s.data, pos: at, last: true, ref: true}
			_ = l.references(w.reach) // damage ends it
			return v.f.spend(int64(l.pos - at))
		}
	default:
		found := false
		err := v.f.withLexer(e.off, func(l *lexer) error {
			l.space()
			r, ok := l.objHeader()
			if found = ok && r.Num == num; !found {
				return l.short("no object begins here")
			}
			return l.references(w.reach)
		})
		if err != nil && fatal(err) {
			return err
		}
		if !found {
			return w.parsed(num, e)
		}
	}
	return nil
}

// parsed reads an object the long way.
func (w *reachWalk) parsed(num uint32, e entry) error {
	o, err := w.v.Get(Ref{num, genOf(e)})
	if err != nil && fatal(err) {
		return err
	}
	w.value(o)
	return nil
}

// references calls use for each reference in the value at the position, in strings and comments none.
func (l *lexer) references(use func(uint32)) error {
	for depth := 0; ; {
		l.space()
		if l.pos >= len(l.buf) {
			return l.short("a value does not end")
		}
		switch b := l.buf[l.pos]; b {
		case '/':
			l.pos++
			w := l.word()
			if l.pos += len(w); l.pos >= len(l.buf) && !l.last {
				return errShort
			}
		case '(':
			if err := l.skipLiteral(); err != nil {
				return err
			}
		case '<':
			if l.pos+1 >= len(l.buf) {
				return l.short("a value does not end")
			}
			if l.buf[l.pos+1] == '<' {
				l.pos += 2
				depth++
				continue
			}
			n := bytes.IndexByte(l.buf[l.pos:], '>')
			if n < 0 {
				return l.endless("a hexadecimal string does not end")
			}
			l.pos += n + 1
		case '[':
			l.pos++
			depth++
			continue
		case '>', ']':
			if l.pos++; b == '>' && l.pos < len(l.buf) && l.buf[l.pos] == '>' {
				l.pos++
			}
			depth--
		case '{', '}', ')':
			l.pos++
		default:
			w := l.word()
			if l.pos+len(w) >= len(l.buf) && !l.last {
				return errShort
			}
			if !isDigit(b) {
				switch string(w) {
				case "stream", "endobj", "endstream", "obj":
					return nil
				}
				l.pos += len(w)
				break
			}
			n, k := int64(0), 0
			for ; k < len(w) && k < 10 && isDigit(w[k]); k++ {
				n = n*10 + int64(w[k]-'0')
			}
			start := l.pos
			if l.pos += len(w); k < len(w) || n > maxObjects {
				break
			}
			r, ok, err := l.reference(n)
			if err != nil {
				l.pos = start
				return err
			}
			if ok {
				use(r.Num)
			}
		}
		if depth <= 0 {
			return nil
		}
	}
}

// skipLiteral steps over a string in parentheses.
func (l *lexer) skipLiteral() error {
	depth := 0
	for i := l.pos; i < len(l.buf); i++ {
		switch l.buf[i] {
		case '\\':
			i++
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				l.pos = i + 1
				return nil
			}
		}
	}
	return l.endless("a string does not end")
}
