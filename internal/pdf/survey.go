package pdf

import (
	"bytes"
	"slices"
)

// Survey is what one pass over the bytes of a file finds, whatever its cross reference says. Programs that repair a file read it like
// this, the last object of each number counting, and some of them look into streams and strings as well.
type Survey struct {
	ByteRanges []int64 // the offset of each /ByteRange, whoever owns it
	Headers    []int64 // the offset of each %PDF-
	Ends       []int64 // the offset of each end-of-file marker
	Strays     []Stray // in the order of the file; of more than maxStrays the first ones and the last; none in a repaired file
}

// Stray is an object or a trailer that no section of the cross reference names at its place.
type Stray struct {
	Offset int64
	Ref    Ref // zero: a trailer
}

const (
	maxStrays  = 1000
	maxHeaders = 100
)

// Survey reads the bytes from an offset on. It looks at each byte a few times and parses nothing.
func (f *File) Survey(from int64) (*Survey, error) {
	w := &surveyor{f: f, out: &Survey{}}
	for _, s := range f.sections {
		w.sections = append(w.sections, surveyed{Span{s.off, s.end}, s})
		if s.hybrid.End > 0 {
			w.sections = append(w.sections, surveyed{s.hybrid, s})
		}
	}
	slices.SortFunc(w.sections, func(a, b surveyed) int { return int(max(-1, min(1, a.Start-b.Start))) })
	if f.memory != nil {
		return w.out, w.block(f.memory[:f.size], 0, int(min(from, f.size)), int(f.size))
	}
	buf := make([]byte, min(scanBlock+2*scanOverlap, f.size))
	for off := from; off < f.size; off += scanBlock {
		at := max(0, off-scanOverlap)
		b := buf[:min(off+scanBlock+scanOverlap, f.size)-at]
		if err := f.readInto(b, at); err != nil {
			return nil, err
		}
		if err := w.block(b, at, int(off-at), int(min(off+scanBlock, f.size)-at)); err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(w.out.Strays, func(a, b Stray) int { return int(max(-1, min(1, a.Offset-b.Offset))) })
	return w.out, nil
}

type surveyor struct {
	f        *File
	sections []surveyed // in the order of the file
	out      *Survey
}

// surveyed is where a section is written, or the stream that a hybrid one names.
type surveyed struct {
	Span
	s *section
}

// block takes the words that begin in b[from:to]; b was read at base.
func (w *surveyor) block(b []byte, base int64, from, to int) error {
	if err := w.f.spend(int64(to-from) / searchWork); err != nil {
		return err
	}
	if !w.f.repaired {
		if err := w.objects(b, base, from, to); err != nil {
			return err
		}
		w.find(b, from, to, "trailer", func(i int) { w.trailer(b, i, base) })
	}
	w.find(b, from, to, "/ByteRange", func(i int) {
		if len(w.out.ByteRanges) <= maxSections {
			w.out.ByteRanges = append(w.out.ByteRanges, base+int64(i))
		}
	})
	if len(w.out.ByteRanges) > maxSections {
		return &LimitError{What: "ByteRange entries", Limit: maxSections}
	}
	w.find(b, from, to, "%", func(i int) {
		switch {
		case bytes.HasPrefix(b[i:], []byte("%PDF-")) && len(w.out.Headers) < maxHeaders:
			w.out.Headers = append(w.out.Headers, base+int64(i))
		case bytes.HasPrefix(b[i:], []byte("%%EOF")) && len(w.out.Ends) < maxSections:
			w.out.Ends = append(w.out.Ends, base+int64(i))
		}
	})
	return nil
}

// find calls use for each place in b[from:to] where a word begins.
func (w *surveyor) find(b []byte, from, to int, word string, use func(i int)) {
	limit := min(len(b), to+len(word)-1)
	for pos := from; ; {
		i := bytes.Index(b[pos:limit], []byte(word))
		if i < 0 {
			return
		}
		use(pos + i)
		pos += i + len(word)
	}
}

// objects takes the words obj that begin in b[from:to]. It looks for their last letter, which is rarer than the others.
func (w *surveyor) objects(b []byte, base int64, from, to int) error {
	limit := min(len(b), to+2)
	for pos := from + 2; pos < limit; {
		i := bytes.IndexByte(b[pos:limit], 'j')
		if i < 0 {
			break
		}
		i += pos
		pos = i + 1
		if b[i-1] != 'b' || b[i-2] != 'o' {
			continue
		}
		if err := w.object(b, i-2, base); err != nil {
			return err
		}
	}
	return nil
}

// object looks at the word obj. Where the word goes on, as in a text, only a reader that goes by lines takes it for an object.
func (w *surveyor) object(b []byte, i int, base int64) error {
	if i == 0 || b[i-1] == 'd' {
		return nil // endobj
	}
	e, ok := objectBefore(b, i, base)
	if !ok {
		return nil
	}
	if next := i + len("obj"); next < len(b) && class[b[next]] == regular && !lineStart(b, int(e.off-base)) {
		return nil
	}
	named, err := w.named(e.num, e.off)
	if err == nil && !named {
		w.stray(Stray{e.off, Ref{e.num, e.gen}})
	}
	return err
}

// lineStart reports whether only blanks stand before a place on its line.
func lineStart(b []byte, i int) bool {
	for i > 0 && (b[i-1] == ' ' || b[i-1] == '\t' || b[i-1] == 0 || b[i-1] == '\f') {
		i--
	}
	return i == 0 || b[i-1] == '\n' || b[i-1] == '\r'
}

func (w *surveyor) trailer(b []byte, i int, base int64) {
	if i > 0 && class[b[i-1]] == regular {
		return
	}
	l := &lexer{buf: b, pos: i + len("trailer"), last: true}
	l.space()
	if !bytes.HasPrefix(b[l.pos:], []byte("<<")) {
		return
	}
	at := base + int64(i)
	if k := w.after(at); k > 0 && at < w.sections[k-1].End {
		return
	}
	w.stray(Stray{Offset: at})
}

// after is the index of the first section that begins behind an offset.
func (w *surveyor) after(off int64) int {
	k, found := slices.BinarySearchFunc(w.sections, off, func(s surveyed, off int64) int { return int(max(-1, min(1, s.Start-off))) })
	if found {
		k++
	}
	return k
}

func (w *surveyor) stray(s Stray) {
	if len(w.out.Strays) < maxStrays {
		w.out.Strays = append(w.out.Strays, s)
		return
	}
	// The last one tells how far they go.
	if end := &w.out.Strays[maxStrays-1]; s.Offset > end.Offset {
		*end = s
	}
}

// namedWork is the work that looking for a number in one section counts.
const namedWork = 16

// named reports whether some section has an object at this place, or in white space before it.
func (w *surveyor) named(num uint32, off int64) (bool, error) {
	f := w.f
	here := func(s *section) bool {
		for _, list := range [2][]entry{s.entries, s.extra} {
			e, ok := findEntry(list, num)
			if ok && e.kind == inFile && (e.off == off || e.off < off && f.whiteBetween(e.off, off)) {
				return true
			}
		}
		return false
	}
	k := w.after(off)
	if k > 0 && w.sections[k-1].Start == off {
		return true, nil // the section itself, written as an object
	}
	// Mostly it is the next one in the file.
	if k < len(w.sections) && here(w.sections[k].s) {
		return true, nil
	}
	if f.index == nil {
		return slices.ContainsFunc(f.sections, here), nil
	}
	for k, _ = slices.BinarySearchFunc(f.index, place{num: num}, place.compare); k < len(f.index) && f.index[k].num == num; k++ {
		if here(f.sections[f.index[k].section]) {
			return true, nil
		}
		if err := f.spend(namedWork); err != nil {
			return false, err
		}
	}
	return false, nil
}

// Rival reads what stands at a stray object, as a reader would that takes it for the newest state of its number; nil where nothing can be
// read.
func (v *View) Rival(s Stray) (Object, error) {
	p, err := v.f.objectAt(s.Offset)
	if err != nil {
		if fatal(err) {
			return nil, err
		}
		return nil, nil
	}
	return v.finish(p, false)
}
