package pdf

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"slices"
)

var errWidths = errors.New("cross-reference stream: W is damaged")

// readXrefStream reads a cross-reference stream (ISO 32000-2 §7.5.8). Its entries are decoded one after the other: millions of them
// take no more memory than they need in the end.
func (f *File) readXrefStream(off int64, limit int) (*section, error) {
	p, err := f.objectAt(off)
	if err != nil {
		if fatal(err) {
			return nil, err
		}
		return nil, fmt.Errorf("%w: %w", errXref, err)
	}
	st, ok := p.value.(*Stream)
	if !ok {
		return nil, errXref
	}
	if typ, _ := st.Dict["Type"].(Name); typ != "XRef" {
		return nil, errXref
	}
	// Nothing in it may be indirect, and it is never encrypted.
	if err := f.locate(st, nil, true); err != nil {
		return nil, err
	}
	s := &section{off: p.begin, kind: XrefStream, trailer: st.Dict}
	if s.end, _, err = f.afterStream(st); err != nil {
		return nil, err
	}
	s.setPrev(f)
	t := &xrefStream{f: f, s: s, limit: limit}
	if t.w, err = widths(st.Dict["W"]); err != nil {
		return nil, err
	}
	t.buf = make([]byte, t.w[0]+t.w[1]+t.w[2])
	decode := func() (io.Reader, error) {
		return decoder(st.Dict, io.NewSectionReader(sourceOf(f), st.start, st.size), func(o Object) Object { return o }, f.chargeDecoded)
	}
	r, err := decode()
	if err != nil {
		// An image filter, for instance, is damage here, not a feature that is missing.
		return nil, fmt.Errorf("cross-reference stream %d: %v", p.ref.Num, err)
	}
	index, _ := st.Dict["Index"].(Array)
	if index == nil {
		size, _ := st.Dict["Size"].(Integer)
		index = Array{Integer(0), size}
	}
	if claimed := total(index); claimed > manyEntries {
		// So many that growing to them would double the memory: count first what is really there.
		n, err := io.Copy(io.Discard, r)
		if err != nil && fatal(err) {
			return nil, err
		}
		s.entries = make([]entry, 0, min(claimed, n/int64(len(t.buf)), int64(limit)))
		if r, err = decode(); err != nil {
			return nil, err
		}
	}
	t.r = bufio.NewReader(r)
	for i := 0; i+1 < len(index); i += 2 {
		first, ok1 := index[i].(Integer)
		count, ok2 := index[i+1].(Integer)
		if !ok1 || !ok2 || first < 0 || count < 0 || first > maxObjects {
			return nil, fmt.Errorf("cross-reference stream %d: Index is damaged", p.ref.Num)
		}
		more, err := t.run(int64(first), int64(count))
		if err != nil {
			return nil, fmt.Errorf("cross-reference stream %d: %w", p.ref.Num, err)
		}
		if !more {
			f.note("xref-count", off, "a cross-reference stream has fewer entries than it says")
			break
		}
	}
	if len(s.entries) == 0 && t.err != nil {
		return nil, fmt.Errorf("cross-reference stream %d: %w", p.ref.Num, t.err)
	}
	f.sortEntries(s)
	return s, nil
}

const manyEntries = 100_000

// total is the number of entries that an Index promises.
func total(index Array) (n int64) {
	for i := 1; i < len(index); i += 2 {
		if k, ok := index[i].(Integer); ok && k > 0 {
			n = min(n+min(int64(k), maxEntries), maxEntries)
		}
	}
	return n
}

type xrefStream struct {
	f     *File
	s     *section
	r     io.Reader
	w     [3]int
	buf   []byte
	limit int
	err   error
}

// run reads the entries of one pair of Index; more is false when the data ends before them.
func (t *xrefStream) run(first, count int64) (more bool, err error) {
	for i := range count {
		if _, err := io.ReadFull(t.r, t.buf); err != nil {
			if fatal(err) {
				return false, err
			}
			t.err = err
			if err != io.EOF && err != io.ErrUnexpectedEOF {
				t.f.note("stream-damaged", t.s.off, "a cross-reference stream is damaged; what could be read is used")
			}
			return false, nil
		}
		if first+i > maxObjects {
			return false, errors.New("it goes beyond the numbers that objects have")
		}
		if len(t.s.entries) >= t.limit {
			return false, &LimitError{What: "cross-reference entries", Limit: maxEntries}
		}
		if n := len(t.s.entries); n == cap(t.s.entries) {
			t.s.entries = slices.Grow(t.s.entries, int(min(count-i, 4096)))
		}
		t.s.entries = append(t.s.entries, t.f.streamEntry(uint32(first+i), t.buf, t.w))
	}
	return true, nil
}

func (f *File) streamEntry(num uint32, b []byte, w [3]int) entry {
	typ := uint64(1) // the default when the field has no width (ISO 32000-2 §7.5.8.3)
	if w[0] > 0 {
		typ = bigEndian(b[:w[0]])
	}
	two := bigEndian(b[w[0] : w[0]+w[1]])
	three := bigEndian(b[w[0]+w[1] : w[0]+w[1]+w[2]])
	switch {
	case typ == 1:
		return entry{num: num, kind: inFile, off: int64(min(two, 1<<62)) + f.base, gen: uint16(min(three, 65535))}
	case typ == 2 && two <= maxObjects && three < 1<<24:
		return entry{num: num, kind: inStream, off: int64(two), gen: uint16(three), idx: uint8(three >> 16)}
	case typ == 0:
		return entry{num: num, kind: free, gen: uint16(min(three, 65535))}
	}
	// Other types are for later versions: a reference to them is null (ISO 32000-2 §7.5.8.3).
	return entry{num: num, kind: free}
}

func bigEndian(b []byte) (n uint64) {
	for _, x := range b {
		n = n<<8 | uint64(x)
	}
	return n
}

func widths(o Object) (w [3]int, err error) {
	a, _ := o.(Array)
	if len(a) < 3 {
		return w, errWidths
	}
	for i := range w {
		n, ok := a[i].(Integer)
		if !ok || n < 0 || n > 8 {
			return w, errWidths
		}
		w[i] = int(n)
	}
	if w[0]+w[1]+w[2] == 0 {
		return w, errWidths
	}
	return w, nil
}
