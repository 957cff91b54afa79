package pdf

import "fmt"

// withLexer calls parse with growing windows at off until what it reads fits, and charges the bytes that it read.
func (f *File) withLexer(off int64, parse func(*lexer) error) error {
	for n := firstWindow; ; n *= 4 {
		b, err := f.readSome(off, n)
		if err != nil {
			return err
		}
		l := f.lexer.Swap(nil)
		if l == nil {
			l = new(lexer)
		}
		*l = lexer{buf: b, base: off, last: off+int64(len(b)) >= f.size, ref: true}
		err = parse(l)
		read, last := int64(l.pos+l.wasted), l.last
		*l = lexer{}
		f.lexer.Store(l)
		if e := f.spend(read + objectWork); e != nil {
			return e
		}
		if err != errShort || last {
			return err
		}
		if e := f.spend(int64(len(b))); e != nil {
			return e
		}
		if n >= maxWindow {
			return &LimitError{What: fmt.Sprintf("bytes of the object at %d", off), Limit: maxWindow}
		}
	}
}

// parsed is what stands at a place of the file.
type parsed struct {
	ref    Ref
	value  Object // a stream's is a *Stream whose beginning is known
	begin  int64  // of the number
	end    int64  // just after endobj, or where it should be; of a stream, where its bytes begin
	closed bool   // endobj is there; not known for a stream
	weight int    // how much memory the value takes, roughly, in bytes
}

// objectAt parses "N G obj" and the value after it.
func (f *File) objectAt(off int64) (p parsed, err error) {
	err = f.withLexer(off, func(l *lexer) error {
		p = parsed{}
		l.notes = f
		l.space()
		p.begin = l.base + int64(l.pos)
		var ok bool
		if p.ref, ok = l.objHeader(); !ok {
			return l.short("no object begins here")
		}
		l.space()
		if string(l.word()) == "endobj" {
			l.pos += len("endobj")
			p.end, p.closed = l.base+int64(l.pos), true
			return nil
		}
		from := l.pos
		var err error
		if p.value, err = l.object(0); err != nil {
			return err
		}
		p.weight = l.members*48 + l.pos - from
		l.space()
		w := l.word()
		if l.pos+len(w) >= len(l.buf) && !l.last {
			return errShort
		}
		d, isDict := p.value.(Dict)
		if !isDict || string(w) != "stream" {
			p.end = l.base + int64(l.pos)
			if string(w) == "endobj" {
				l.pos += len(w)
				p.end, p.closed = l.base+int64(l.pos), true
			}
			return nil
		}
		l.pos += len(w)
		if l.pos+2 > len(l.buf) && !l.last {
			return errShort
		}
		l.streamEOL()
		p.end = l.base + int64(l.pos)
		p.value = &Stream{Dict: d, owner: f, ref: p.ref, start: p.end, size: -1}
		return nil
	})
	return p, err
}

// headerAt reads "N G obj" alone; begin is the offset of the number.
func (f *File) headerAt(off int64) (num uint32, begin int64, err error) {
	err = f.withLexer(off, func(l *lexer) error {
		l.space()
		begin = l.base + int64(l.pos)
		r, ok := l.objHeader()
		if !ok {
			return l.short("no object begins here")
		}
		num = r.Num
		return nil
	})
	return num, begin, err
}

// streamEOL steps over the line end after the word stream: CR LF or LF; a lone CR is against the standard and seen, and so are
// blanks before it (ISO 32000-2 §7.3.8.1).
func (l *lexer) streamEOL() {
	i := l.pos
	for i < len(l.buf) && (l.buf[i] == ' ' || l.buf[i] == '\t') {
		i++
	}
	if i < len(l.buf) && l.buf[i] == '\r' {
		i++
		if i < len(l.buf) && l.buf[i] == '\n' {
			i++
		}
		l.pos = i
	} else if i < len(l.buf) && l.buf[i] == '\n' {
		l.pos = i + 1
	}
	// Without any line end the blanks are data.
}

// objHeader reads "N G obj".
func (l *lexer) objHeader() (Ref, bool) {
	l.space()
	n, ok := l.digits(10)
	if !ok || n > maxObjects {
		return Ref{}, false
	}
	l.space()
	g, ok := l.digits(5)
	if !ok || g > 65535 {
		return Ref{}, false
	}
	l.space()
	if l.pos+3 > len(l.buf) || string(l.buf[l.pos:l.pos+3]) != "obj" {
		return Ref{}, false
	}
	l.pos += 3
	return Ref{uint32(n), uint16(g)}, true
}

// digits reads a whole number; leading zeros may make it a little longer than limit.
func (l *lexer) digits(limit int) (int64, bool) {
	n, i := int64(0), l.pos
	for i < len(l.buf) && isDigit(l.buf[i]) && i-l.pos < limit+10 {
		n = n*10 + int64(l.buf[i]-'0')
		i++
		if n > 1<<50 {
			return 0, false
		}
	}
	ok := i > l.pos
	l.pos = i
	return n, ok
}
