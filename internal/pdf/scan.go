package pdf

import (
	"bytes"
	"slices"
)

// scan is what reading the whole file finds: objects by the words "N G obj", as viewers do when the cross reference fails. The
// bytes of a stream are skipped where its Length is borne out, or else up to endstream.
type scan struct {
	entries    []entry // every object, sorted by number, then by place: the last one of a number is the newest
	containers []entry // those of them that are object streams, in file order
	trailers   []scanTrailer
	ends       []int64 // just after each end-of-file marker
}

// scanTrailer is what counts of a trailer or a cross-reference stream's dictionary.
type scanTrailer struct {
	off  int64
	dict Dict
}

const (
	scanBlock   = 1 << 20
	scanOverlap = 64 // bytes before a word that belong to it: object number, generation and white space
)

// scanFile reads the file once.
func (f *File) scanFile() (*scan, error) {
	f.mu.Lock()
	s := f.scanned
	f.mu.Unlock()
	if s != nil {
		return s, nil
	}
	s = &scan{}
	buf := make([]byte, int(min(f.size, scanBlock)))
	for off := int64(0); off < f.size; {
		from := max(0, off-scanOverlap)
		b := buf[:min(int64(len(buf)), f.size-from)]
		if err := f.readInto(b, from); err != nil {
			return nil, err
		}
		if err := f.spend(int64(len(b)) / searchWork); err != nil {
			return nil, err
		}
		next, err := s.block(f, b, from, off)
		if err != nil {
			return nil, err
		}
		off = next
	}
	slices.SortFunc(s.entries, byNumberAndPlace)
	f.mu.Lock()
	f.scanned = s
	f.mu.Unlock()
	return s, nil
}

func byNumberAndPlace(a, b entry) int {
	if a.num != b.num {
		return int(a.num) - int(b.num)
	}
	return int(max(-1, min(1, a.off-b.off)))
}

// The words that a scan looks for.
var scanWords = [3][]byte{[]byte("obj"), []byte("trailer"), []byte("%%EOF")}

// block looks for words that begin at or after off in b, which was read at from. It returns where to go on: words that may run past
// the end of the block are left for the next one.
func (s *scan) block(f *File, b []byte, from, off int64) (next int64, err error) {
	limit := len(b)
	if from+int64(len(b)) < f.size {
		limit -= 16
	}
	var at [3]int // of the next occurrence of each word
	for i := range at {
		at[i] = -1
	}
	for pos := int(off - from); ; {
		word, i := -1, limit
		for k := range at {
			if at[k] < pos {
				at[k] = limit
				if n := bytes.Index(b[pos:], scanWords[k]); n >= 0 {
					at[k] = pos + n
				}
			}
			if at[k] < i {
				word, i = k, at[k]
			}
		}
		if word < 0 {
			return from + int64(limit), nil
		}
		pos = i + len(scanWords[word])
		switch word {
		case 0:
			e, ok := objectBefore(b, i, from)
			if !ok {
				continue
			}
			jump, err := s.object(f, e, b[pos:])
			if err != nil {
				return 0, err
			}
			if jump >= from+int64(limit) {
				return jump, nil
			}
			pos = max(pos, int(jump-from))
		case 1:
			if err := s.trailer(f, from+int64(pos)); err != nil {
				return 0, err
			}
		case 2:
			l := &lexer{buf: b, pos: pos}
			l.eol()
			if len(s.ends) < maxSections {
				s.ends = append(s.ends, from+int64(l.pos))
			}
		}
	}
}

// object records an object. rest is what follows the word obj. It returns an offset that nothing is to be looked for before, 0: none.
func (s *scan) object(f *File, e entry, rest []byte) (jump int64, err error) {
	if len(s.entries) >= maxObjects {
		return 0, &LimitError{What: "objects", Limit: maxObjects}
	}
	s.entries = append(s.entries, e)
	l := &lexer{buf: rest}
	skipWhite(l)
	if l.pos+1 < len(rest) && (rest[l.pos] != '<' || rest[l.pos+1] != '<') {
		return 0, nil
	}
	p, err := f.objectAt(e.off)
	if err != nil {
		if fatal(err) {
			return 0, err
		}
		return 0, nil
	}
	st, ok := p.value.(*Stream)
	if !ok {
		if p.closed {
			return p.end, nil
		}
		return 0, nil
	}
	switch typ, _ := st.Dict["Type"].(Name); typ {
	case "XRef":
		s.addTrailer(e.off, st.Dict)
	case "ObjStm":
		s.containers = append(s.containers, e)
	}
	if n, ok := st.Dict["Length"].(Integer); ok && n >= 0 && int64(n) <= f.size-st.start {
		ends, err := f.endsAt(st.start + int64(n))
		if err != nil {
			return 0, err
		}
		if ends {
			return st.start + int64(n), nil
		}
	}
	return f.endstream(st.start)
}

func (s *scan) trailer(f *File, off int64) error {
	if off >= f.size {
		return nil
	}
	err := f.withLexer(off, func(l *lexer) error {
		o, err := l.object(0)
		if d, ok := o.(Dict); ok && err == nil {
			s.addTrailer(off, d)
		}
		return err
	})
	if err != nil && fatal(err) {
		return err
	}
	return nil
}

func (s *scan) addTrailer(off int64, d Dict) {
	if len(s.trailers) >= maxSections {
		return
	}
	out := Dict{}
	for _, k := range trailerKeys {
		if x, ok := d[k]; ok {
			out[k] = x
		}
	}
	s.trailers = append(s.trailers, scanTrailer{off, out})
}

// objectBefore reads "N G " backwards from the word obj at b[i].
func objectBefore(b []byte, i int, base int64) (entry, bool) {
	k := i
	for k > 0 && class[b[k-1]] == white {
		k--
	}
	gen, g := digitsBefore(b, k, 5)
	if g == k {
		return entry{}, false
	}
	k = g
	for k > 0 && class[b[k-1]] == white {
		k--
	}
	if k == g {
		return entry{}, false
	}
	num, n := digitsBefore(b, k, 10)
	if n == k || num > maxObjects || gen > 65535 || num == 0 {
		return entry{}, false
	}
	return entry{num: uint32(num), gen: uint16(gen), kind: inFile, off: base + int64(n)}, true
}

func digitsBefore(b []byte, end, limit int) (n int64, start int) {
	start = end
	scale := int64(1)
	for start > 0 && isDigit(b[start-1]) && end-start < limit {
		start--
		n += int64(b[start]-'0') * scale
		scale *= 10
	}
	return n, start
}
