package pdf

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"sort"
)

// entryKind says what a cross-reference entry points to.
type entryKind uint8

const (
	free entryKind = iota
	inFile
	inStream
)

// entry is one cross-reference entry in 16 bytes.
type entry struct {
	num  uint32
	gen  uint16 // for inStream: the low bits of the index
	kind entryKind
	idx  uint8 // for inStream: the high bits of the index
	off  int64 // for inStream: the number of the object stream
}

func (e entry) index() int { return int(e.idx)<<16 | int(e.gen) }

// XrefKind is the form of a cross-reference section.
type XrefKind int

// The forms of ISO 32000-2 §7.5.4, §7.5.8 and §7.5.8.4, and what repair found.
const (
	XrefTable XrefKind = iota
	XrefStream
	XrefHybrid
	XrefRepaired
)

// section is one cross-reference section; its entries are sorted by number.
type section struct {
	off     int64
	end     int64 // just after the trailer dictionary or the endobj of the stream
	kind    XrefKind
	entries []entry
	extra   []entry // of the XRefStm of a hybrid section; looked up after entries
	trailer Dict
	prev    int64 // -1: none
	rev     int   // index of its revision
}

func (s *section) find(num uint32) (entry, bool) {
	if e, ok := findEntry(s.entries, num); ok && !(e.kind == free && s.extra != nil) {
		return e, true
	}
	if e, ok := findEntry(s.extra, num); ok {
		return e, true
	}
	return findEntry(s.entries, num)
}

func findEntry(list []entry, num uint32) (entry, bool) {
	i := sort.Search(len(list), func(i int) bool { return list[i].num >= num })
	if i < len(list) && list[i].num == num {
		return list[i], true
	}
	return entry{}, false
}

// sortEntries orders by number; of entries for one number the first written stays, as viewers that read on find it first.
func sortEntries(list []entry) []entry {
	sorted := true
	for i := 1; i < len(list); i++ {
		if list[i-1].num >= list[i].num {
			sorted = false
			break
		}
	}
	if sorted {
		return list
	}
	slices.SortStableFunc(list, func(a, b entry) int { return int(int64(a.num) - int64(b.num)) })
	return slices.CompactFunc(list, func(a, b entry) bool { return a.num == b.num })
}

// Revision is the state of the document after one of its updates.
type Revision struct {
	Index     int
	StartXref int64 // offset of its cross-reference section
	End       int64 // just after the end-of-file marker that closes it, its line end included
	Kind      XrefKind
	Trailer   Dict
}

var errXref = errors.New("no cross-reference section where one is announced")

// readChain follows startxref and Prev.
func (f *File) readChain() error {
	start, err := f.startxref()
	if err != nil {
		return err
	}
	// Offsets count from the start of the file or, where bytes stand before the header, from the header: whichever works.
	bases := []int64{0}
	if f.header > 0 {
		bases = []int64{0, f.header}
	}
	for _, base := range bases {
		f.base, f.sections = base, nil
		if err = f.follow(start + base); err == nil && (len(bases) == 1 || f.rootInPlace()) {
			f.group()
			return nil
		}
		if fatal(err) {
			return err
		}
	}
	if err == nil {
		err = ErrNoCatalog
	}
	f.sections, f.base = nil, 0
	return err
}

// rootInPlace reports whether the catalog, or the object stream that holds it, is where the cross reference says.
func (f *File) rootInPlace() bool {
	for _, s := range f.sections {
		r, ok := s.trailer["Root"].(Ref)
		if !ok {
			continue
		}
		num := r.Num
		for range 2 {
			for _, s := range f.sections {
				e, ok := s.find(num)
				if !ok {
					continue
				}
				if e.kind == inStream {
					num = uint32(e.off)
					break
				}
				got, _, _, err := f.objectAt(e.off)
				return err == nil && got.Num == num
			}
		}
		return false
	}
	return false
}

func (f *File) startxref() (int64, error) {
	for _, n := range []int64{tailSearch, 64 << 10} {
		from := max(0, f.size-n)
		b, err := f.read(from, int(f.size-from))
		if err != nil {
			return 0, err
		}
		i := bytes.LastIndex(b, []byte("startxref"))
		if i < 0 {
			continue
		}
		l := &lexer{buf: b, pos: i + len("startxref"), base: from, last: true}
		l.space()
		off, ok := l.digits(12)
		if !ok {
			return 0, l.err("startxref has no number")
		}
		return off, nil
	}
	return 0, errors.New("startxref is missing")
}

func (f *File) follow(off int64) error {
	seen := map[int64]bool{}
	total := 0
	for off >= 0 {
		if seen[off] {
			f.note("xref-cycle", off, "the chain of cross-reference sections runs in a circle")
			return nil
		}
		seen[off] = true
		if len(seen) > maxSections {
			return &LimitError{What: "cross-reference sections", Limit: maxSections}
		}
		s, err := f.readSection(off)
		if err != nil {
			if len(f.sections) > 0 && !fatal(err) {
				return fmt.Errorf("cross-reference section at %d: %w", off, err)
			}
			return err
		}
		total += len(s.entries) + len(s.extra)
		if total > 4*maxObjects {
			return &LimitError{What: "cross-reference entries", Limit: 4 * maxObjects}
		}
		f.sections = append(f.sections, s)
		off = s.prev
	}
	return nil
}

func (f *File) readSection(off int64) (*section, error) {
	if off < 0 || off >= f.size {
		return nil, fmt.Errorf("%w: byte %d is outside the file", errXref, off)
	}
	b, err := f.read(off, 64)
	if err != nil {
		return nil, err
	}
	l := &lexer{buf: b, last: true}
	l.space()
	if string(l.word()) == "xref" || bytes.HasPrefix(l.buf[l.pos:], []byte("xref")) {
		return f.readTable(off)
	}
	if l.pos < len(l.buf) && isDigit(l.buf[l.pos]) {
		return f.readXrefStream(off)
	}
	return nil, errXref
}

// readTable reads a classic section. Entries are 20 bytes by the standard; 19 and 21 are seen, so tokens are read.
func (f *File) readTable(off int64) (*section, error) {
	s := &section{off: off, prev: -1}
	t := &tableReader{f: f, at: off}
	if err := t.fill(); err != nil {
		return nil, err
	}
	t.l.space()
	t.l.pos += len("xref")
	for {
		if err := t.need(64); err != nil {
			return nil, err
		}
		t.l.space()
		if t.l.keyword("trailer") || bytes.HasPrefix(t.l.buf[t.l.pos:], []byte("trailer")) {
			break
		}
		if bytes.HasPrefix(t.l.buf[t.l.pos:], []byte("<<")) {
			break
		}
		first, ok1 := t.l.digits(10)
		t.l.space()
		count, ok2 := t.l.digits(10)
		if !ok1 || !ok2 {
			return nil, t.l.err("a cross-reference subsection has no numbers")
		}
		if first > maxObjects || count > maxObjects {
			return nil, &LimitError{What: "objects", Limit: maxObjects}
		}
		if err := t.subsection(s, first, count); err != nil {
			return nil, err
		}
	}
	if err := f.readTrailer(s, t.l.base+int64(t.l.pos)); err != nil {
		return nil, err
	}
	s.entries = sortEntries(s.entries)
	return s, nil
}

// tableReader keeps a window over a table of any length.
type tableReader struct {
	f  *File
	at int64
	l  *lexer
}

const tableWindow = 64 << 10

func (t *tableReader) fill() error {
	b, err := t.f.read(t.at, tableWindow)
	if err != nil {
		return err
	}
	t.l = &lexer{buf: b, base: t.at, last: t.at+int64(len(b)) >= t.f.size, ref: true}
	return nil
}

// need moves the window when fewer than n bytes are left in it.
func (t *tableReader) need(n int) error {
	if t.l.last || len(t.l.buf)-t.l.pos >= n {
		return nil
	}
	t.at = t.l.base + int64(t.l.pos)
	return t.fill()
}

func (t *tableReader) subsection(s *section, first, count int64) error {
	if int64(cap(s.entries)-len(s.entries)) < count {
		// Not more than the bytes that are left could hold.
		s.entries = slices.Grow(s.entries, int(min(count, (t.f.size-t.l.base)/18+1)))
	}
	for i := int64(0); i < count; i++ {
		if err := t.need(64); err != nil {
			return err
		}
		l := t.l
		l.space()
		if l.pos < len(l.buf) && !isDigit(l.buf[l.pos]) {
			t.f.note("xref-count", l.base+int64(l.pos), "a cross-reference subsection has fewer entries than it says")
			return nil
		}
		mark := l.pos
		off, ok := l.digits(10)
		l.space()
		gen, ok2 := l.digits(5)
		l.space()
		if !ok || !ok2 || l.pos >= len(l.buf) {
			return l.err("a cross-reference entry is damaged")
		}
		e := entry{num: uint32(first + i), gen: uint16(min(gen, 65535)), off: off + t.f.base}
		switch l.buf[l.pos] {
		case 'n':
			e.kind = inFile
			l.pos++
		case 'f':
			e.kind = free
			l.pos++
		default:
			// The next subsection header: this one has fewer entries than it says.
			l.pos = mark
			t.f.note("xref-count", l.base+int64(l.pos), "a cross-reference subsection has fewer entries than it says")
			return nil
		}
		if i == 0 && first == 1 && e.kind == free && gen == 65535 && off == 0 {
			// The table begins with the free entry of object 0 under the number 1: all numbers are one too high.
			t.f.note("xref-numbering", l.base+int64(l.pos), "the cross-reference table counts from 1 instead of 0")
			first, e.num = 0, 0
		}
		s.entries = append(s.entries, e)
	}
	return nil
}

func (f *File) readTrailer(s *section, off int64) error {
	var d Dict
	err := f.withLexer(off, func(l *lexer) error {
		o, err := l.object(0)
		if err != nil {
			return err
		}
		var ok bool
		if d, ok = o.(Dict); !ok {
			return l.err("the trailer is no dictionary")
		}
		s.end = l.base + int64(l.pos)
		return nil
	})
	if err != nil {
		return err
	}
	s.trailer = d
	s.setPrev(f)
	if at, ok := d["XRefStm"].(Integer); ok {
		s.kind = XrefHybrid
		x, err := f.readXrefStream(int64(at) + f.base)
		if err != nil {
			if fatal(err) {
				return err
			}
			f.note("xrefstm-damaged", int64(at), "the cross-reference stream of a hybrid section cannot be read")
			return nil
		}
		s.extra = x.entries
	}
	return nil
}

func (s *section) setPrev(f *File) {
	s.prev = -1
	switch p := s.trailer["Prev"].(type) {
	case Integer:
		if p > 0 {
			s.prev = int64(p) + f.base
		}
	case Real:
		s.prev = int64(p) + f.base
	}
}

func (f *File) readXrefStream(off int64) (*section, error) {
	ref, o, _, err := f.objectAt(off)
	if err != nil {
		return nil, err
	}
	st, ok := o.(*Stream)
	if !ok {
		return nil, errXref
	}
	if typ, _ := st.Dict["Type"].(Name); typ != "XRef" {
		return nil, errXref
	}
	if err := f.locate(st, nil); err != nil {
		return nil, err
	}
	data, err := f.decode(st, st.rawBytes, int64(maxObjects)*8)
	if err != nil && len(data) == 0 {
		return nil, fmt.Errorf("cross-reference stream %d: %w", ref.Num, err)
	}
	s := &section{off: off, end: f.afterStream(st), kind: XrefStream, trailer: st.Dict}
	s.setPrev(f)
	w, err := widths(st.Dict["W"])
	if err != nil {
		return nil, err
	}
	index, _ := st.Dict["Index"].(Array)
	if index == nil {
		size, _ := st.Dict["Size"].(Integer)
		index = Array{Integer(0), size}
	}
	step := w[0] + w[1] + w[2]
	for i := 0; i+1 < len(index); i += 2 {
		first, ok1 := index[i].(Integer)
		count, ok2 := index[i+1].(Integer)
		if !ok1 || !ok2 || first < 0 || count < 0 {
			return nil, fmt.Errorf("cross-reference stream %d: Index is damaged", ref.Num)
		}
		if first > maxObjects {
			return nil, &LimitError{What: "objects", Limit: maxObjects}
		}
		if n := int64(len(data) / step); int64(count) > n {
			f.note("xref-count", off, "a cross-reference stream has fewer entries than it says")
			count = Integer(n)
		}
		s.entries = slices.Grow(s.entries, int(count))
		for k := range int64(count) {
			s.entries = append(s.entries, f.streamEntry(uint32(int64(first)+k), data, w))
			data = data[step:]
		}
	}
	s.entries = sortEntries(s.entries)
	return s, nil
}

func (f *File) streamEntry(num uint32, b []byte, w [3]int) entry {
	typ := uint64(1) // the default when the field has no width (ISO 32000-2 §7.5.8.3)
	if w[0] > 0 {
		typ = bigEndian(b[:w[0]])
	}
	two := bigEndian(b[w[0] : w[0]+w[1]])
	three := bigEndian(b[w[0]+w[1] : w[0]+w[1]+w[2]])
	switch typ {
	case 1:
		return entry{num: num, kind: inFile, off: int64(two&(1<<62-1)) + f.base, gen: uint16(three)}
	case 2:
		return entry{num: num, kind: inStream, off: int64(two & (1<<32 - 1)), gen: uint16(three), idx: uint8(three >> 16)}
	case 0:
		return entry{num: num, kind: free, gen: uint16(three)}
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
		return w, errors.New("cross-reference stream: W is damaged")
	}
	for i := range w {
		n, ok := a[i].(Integer)
		if !ok || n < 0 || n > 8 {
			return w, errors.New("cross-reference stream: W is damaged")
		}
		w[i] = int(n)
	}
	if w[0]+w[1]+w[2] == 0 {
		return w, errors.New("cross-reference stream: W is all zero")
	}
	return w, nil
}

// group makes revisions out of sections. A section whose Prev lies behind it is the first-page section of a linearized file and
// belongs to the same revision as that one (ISO 32000-2 Annex F).
func (f *File) group() {
	var groups [][]*section
	for i := 0; i < len(f.sections); i++ {
		g := []*section{f.sections[i]}
		for f.sections[i].prev > f.sections[i].off && i+1 < len(f.sections) {
			i++
			g = append(g, f.sections[i])
		}
		groups = append(groups, g)
	}
	slices.Reverse(groups)
	f.revs = nil
	for i, g := range groups {
		last := g[0]
		for _, s := range g {
			s.rev = i
			if s.off > last.off {
				last = s
			}
		}
		f.revs = append(f.revs, Revision{Index: i, StartXref: g[0].off, End: f.endOf(last), Kind: g[0].kind, Trailer: g[0].trailer})
	}
}

// endOf finds the end-of-file marker behind a section. Where it is missing the revision ends with the section.
func (f *File) endOf(s *section) int64 {
	b, err := f.read(s.end, 1024)
	if err != nil {
		return s.end
	}
	l := &lexer{buf: b, base: s.end, last: true}
	skipWhite(l)
	if string(l.word()) == "endobj" {
		l.pos += len("endobj")
	}
	l.space()
	if string(l.word()) != "startxref" {
		return s.end
	}
	l.pos += len("startxref")
	l.space()
	l.digits(12)
	i := bytes.Index(b[l.pos:], []byte("%%EOF"))
	if i < 0 {
		return s.end
	}
	end := l.pos + i + len("%%EOF")
	if end < len(b) && b[end] == '\r' {
		end++
		if end < len(b) && b[end] == '\n' {
			end++
		}
	} else if end < len(b) && b[end] == '\n' {
		end++
	}
	return s.end + int64(end)
}

func skipWhite(l *lexer) {
	for l.pos < len(l.buf) && class[l.buf[l.pos]] == white {
		l.pos++
	}
}
