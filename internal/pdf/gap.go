package pdf

import "bytes"

// GapKind says why nothing explains a stretch of bytes.
type GapKind string

// The kinds of gaps. The names are stable.
const (
	GapBytes     GapKind = "bytes"     // no PDF syntax that may stand there
	GapObject    GapKind = "object"    // an object that the revision's cross reference does not name at this place
	GapDamaged   GapKind = "damaged"   // an object without its end, or with something between its parts
	GapSlot      GapKind = "slot"      // an object in an object stream that the cross reference does not name there
	GapXref      GapKind = "xref"      // a cross-reference section that the chain from startxref does not reach
	GapTrailer   GapKind = "trailer"   // a trailer that does not belong to a section of the chain
	GapStartxref GapKind = "startxref" // a startxref that does not name the revision's section, or one too many
	GapComment   GapKind = "comment"   // a comment that hides an object from one parser and shows it to another
	GapPrefix    GapKind = "prefix"    // bytes before the header
)

// Gap is a stretch of a file that the revision which it belongs to does not explain. Ref names the object, where there is one; the
// span of a slot is that of its object stream.
type Gap struct {
	Span
	Kind GapKind
	Ref  Ref
}

// maxGaps bounds a report. Where there are more, the last gap reaches to the end.
const maxGaps = 1000

// Gaps walks the bytes of one revision, from its Start to its End, and returns what is neither an object that its cross reference
// names at that place, nor its cross reference, trailer, startxref, comment or white space. An update that a conforming writer
// made has none. Of the bytes behind the last revision, which have the index len(f.Revisions()), only white space is explained.
func (f *File) Gaps(rev int) ([]Gap, error) {
	w := &gapWalk{f: f, rev: rev}
	if rev == len(f.revs) {
		w.pos, w.to, w.tail = f.revs[rev-1].End, f.size, true
		for _, r := range f.revs {
			w.pos = max(w.pos, r.End)
		}
	} else {
		w.pos, w.to = f.revs[rev].Start, f.revs[rev].End
		w.v = f.At(rev)
		for _, s := range f.sections {
			if s.rev == rev {
				w.sections = append(w.sections, s)
			}
		}
	}
	for w.pos < w.to {
		if err := w.next(); err != nil {
			return nil, err
		}
		if len(w.gaps) > maxGaps {
			w.gaps = w.gaps[:maxGaps]
			w.gaps[maxGaps-1].End = w.to
			break
		}
	}
	return w.gaps, nil
}

// Unexplained returns the spans of the gaps of a revision, slots of object streams left out.
func (f *File) Unexplained(rev int) ([]Span, error) {
	gaps, err := f.Gaps(rev)
	var out []Span
	for _, g := range gaps {
		if g.Kind == GapSlot {
			continue
		}
		if n := len(out); n > 0 && out[n-1].End == g.Start {
			out[n-1].End = g.End
		} else {
			out = append(out, g.Span)
		}
	}
	return out, err
}

// Trailing returns the bytes behind the last revision, from the first that is no white space; empty in a clean file.
func (f *File) Trailing() (Span, error) {
	end := f.revs[len(f.revs)-1].End
	for _, r := range f.revs {
		end = max(end, r.End)
	}
	at, err := f.skipWhiteFrom(end, f.size)
	return Span{at, f.size}, err
}

// skipWhiteFrom is the first offset from off that holds no white space, to if there is none before.
func (f *File) skipWhiteFrom(off, to int64) (int64, error) {
	for off < to {
		b, err := f.readSome(off, 512)
		if err != nil {
			return off, err
		}
		for i, c := range b {
			if off+int64(i) >= to {
				return to, nil
			}
			if class[c] != white {
				return off + int64(i), nil
			}
		}
		off += int64(len(b))
		if err := f.spend(int64(len(b)) / searchWork); err != nil {
			return off, err
		}
	}
	return to, nil
}

type gapWalk struct {
	f        *File
	v        *View
	rev      int
	pos, to  int64
	tail     bool // nothing is explained there
	sections []*section
	first    bool // the startxref of the first part of a linearized file was seen
	closed   bool // that of the revision was
	gaps     []Gap
}

// gap records bytes up to end and goes there. Neighbours of one kind without an object of their own become one.
func (w *gapWalk) gap(kind GapKind, ref Ref, end int64) {
	end = min(max(end, w.pos+1), w.to)
	if n := len(w.gaps); n > 0 && w.gaps[n-1].Kind == kind && w.gaps[n-1].End == w.pos && ref == (Ref{}) && w.gaps[n-1].Ref == ref {
		w.gaps[n-1].End = end
	} else {
		w.gaps = append(w.gaps, Gap{Span{w.pos, end}, kind, ref})
	}
	w.pos = end
}

// next explains what begins at the position.
func (w *gapWalk) next() (err error) {
	f := w.f
	if w.pos, err = f.skipWhiteFrom(w.pos, w.to); err != nil || w.pos >= w.to {
		return err
	}
	if err := f.spend(objectWork); err != nil {
		return err
	}
	if w.rev == 0 && w.pos < f.header {
		w.gap(GapPrefix, Ref{}, f.header)
		return nil
	}
	b, err := f.read(w.pos, 64)
	if err != nil {
		return err
	}
	switch {
	case b[0] == '%':
		return w.comment()
	case bytes.HasPrefix(b, []byte("startxref")):
		return w.startxref(b)
	case bytes.HasPrefix(b, []byte("xref")):
		for _, s := range w.sections {
			if s.kind != XrefStream && s.off == w.pos {
				w.pos = s.end
				return nil
			}
		}
		s, err := f.readTable(w.pos, maxEntries)
		switch {
		case err != nil && fatal(err):
			return err
		case err != nil:
			return w.stray(GapXref, len("xref"))
		case f.repaired && !w.tail:
			w.pos = s.end
		default:
			w.gap(GapXref, Ref{}, s.end)
		}
		return nil
	case bytes.HasPrefix(b, []byte("trailer")):
		return w.trailer()
	case isDigit(b[0]):
		return w.object()
	}
	return w.stray(GapBytes, 1)
}

// stray records bytes up to the next line that could begin something.
func (w *gapWalk) stray(kind GapKind, skip int) error {
	at := w.pos + int64(skip)
	for at < w.to {
		b, err := w.f.readSome(at-1, 1024)
		if err != nil {
			return err
		}
		for i := 1; i < len(b); i++ {
			if b[i-1] != '\n' && b[i-1] != '\r' && b[i-1] != ' ' {
				continue
			}
			if c := b[i]; isDigit(c) || c == '%' || c == 'x' || c == 's' || c == 't' {
				w.gap(kind, Ref{}, at-1+int64(i))
				return nil
			}
		}
		if len(b) < 2 {
			break
		}
		at += int64(len(b)) - 1
		if err := w.f.spend(int64(len(b)) / searchWork); err != nil {
			return err
		}
	}
	w.gap(kind, Ref{}, w.to)
	return nil
}

// comment steps over a comment. One that contains the word obj is told: a parser that searches the file for objects finds one there.
func (w *gapWalk) comment() error {
	at, hides := w.pos, false
	for at < w.to {
		// What a block ends in is read again with the next one, so that no object is missed.
		from := max(w.pos, at-scanOverlap)
		b, err := w.f.readSome(from, 512)
		if err != nil {
			return err
		}
		b = b[:min(int64(len(b)), w.to-from)]
		n := bytes.IndexAny(b, "\r\n")
		if n >= 0 {
			b = b[:n]
		}
		for i := range b {
			if bytes.HasPrefix(b[i:], []byte("obj")) {
				_, found := objectBefore(b, i, from)
				hides = hides || found
			}
		}
		at = from + int64(len(b))
		if n >= 0 {
			break
		}
		if err := w.f.spend(int64(len(b)) / searchWork); err != nil {
			return err
		}
	}
	switch {
	case w.tail:
		w.gap(GapBytes, Ref{}, at)
	case hides:
		w.gap(GapComment, Ref{}, at)
	default:
		w.pos = at
	}
	return nil
}

// startxref explains the one that closes the revision, and that of the first part of a linearized file, which names nothing (ISO
// 32000-2 Annex F).
func (w *gapWalk) startxref(b []byte) error {
	l := &lexer{buf: b, pos: len("startxref"), last: true}
	l.space()
	off, ok := l.digits(12)
	end := w.pos + int64(l.pos)
	switch {
	case !ok || w.tail:
	case w.f.repaired:
		w.pos = end
		return nil
	case off == 0 && len(w.sections) > 1 && !w.first:
		w.first, w.pos = true, end
		return nil
	case !w.closed:
		for _, s := range w.sections {
			// The white space before a section is as good as the section. Prev of the next one need not state the same byte of it.
			if at := off + w.f.base; at == s.off || at == s.stated || w.f.whiteBetween(at, s.off) {
				w.closed, w.pos = s.closes, end
				return nil
			}
		}
	}
	w.gap(GapStartxref, Ref{}, end)
	return nil
}

func (w *gapWalk) trailer() error {
	var end int64
	err := w.f.withLexer(w.pos+int64(len("trailer")), func(l *lexer) error {
		_, err := l.object(0)
		end = l.base + int64(l.pos)
		return err
	})
	if err != nil {
		if fatal(err) {
			return err
		}
		return w.stray(GapTrailer, len("trailer"))
	}
	if w.f.repaired && !w.tail {
		w.pos = end
		return nil
	}
	w.gap(GapTrailer, Ref{}, end)
	return nil
}

func (w *gapWalk) object() error {
	f := w.f
	p, err := f.objectAt(w.pos)
	if err != nil {
		if fatal(err) {
			return err
		}
		return w.stray(GapBytes, 1)
	}
	end, closed := p.end, p.closed
	st, isStream := p.value.(*Stream)
	if isStream {
		v := w.v
		if v == nil {
			v = f.Latest()
		}
		if err := f.locate(st, v, true); err != nil {
			return err
		}
		if end, closed, err = f.afterStream(st); err != nil {
			return err
		}
	}
	switch {
	case !w.named(p):
		w.gap(GapObject, p.ref, end)
		return nil
	case !closed || end > w.to:
		w.gap(GapDamaged, p.ref, end)
		return nil
	}
	from := w.pos
	w.pos = end
	if isStream && st.Dict["Type"] == Name("ObjStm") {
		return w.slots(st, Span{from, end})
	}
	return nil
}

// named reports whether the revision's cross reference has the object at this place.
func (w *gapWalk) named(p parsed) bool {
	for _, s := range w.sections {
		if s.off == p.begin || s.hybrid.Start == p.begin && s.hybrid.End > 0 {
			return true
		}
		for _, list := range [][]entry{s.entries, s.extra} {
			e, ok := findEntry(list, p.ref.Num)
			if !ok || e.kind != inFile {
				continue
			}
			if e.off == p.begin {
				return true
			}
			if e.off < p.begin && p.begin-e.off < nearby {
				// It names white space before the object.
				if at, err := w.f.skipWhiteFrom(e.off, p.begin); err == nil && at == p.begin {
					return true
				}
			}
		}
	}
	return false
}

// slots tells of objects in an object stream that nothing names: hidden there, they wait for a later cross reference.
func (w *gapWalk) slots(st *Stream, at Span) error {
	s, err := w.v.objectStream(st.ref.Num)
	if err != nil && fatal(err) {
		return err
	}
	if err != nil || s == nil || s.key.off != at.Start {
		return nil
	}
	for i, num := range s.nums {
		used := false
		for _, sec := range w.sections {
			for _, list := range [][]entry{sec.entries, sec.extra} {
				if e, ok := findEntry(list, num); ok && e.kind == inStream && e.off == int64(st.ref.Num) && (e.index() == i || s.nums[min(e.index(), len(s.nums)-1)] != num) {
					used = true
				}
			}
		}
		if !used {
			w.gaps = append(w.gaps, Gap{at, GapSlot, Ref{Num: num}})
			if len(w.gaps) > maxGaps {
				break
			}
		}
	}
	return w.f.spend(int64(len(s.nums)) * 8)
}
