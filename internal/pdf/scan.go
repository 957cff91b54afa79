package pdf

import (
	"bytes"
	"fmt"
	"slices"
)

// scan is what reading the whole file finds: objects by the words "N G obj", as viewers do when the cross reference fails.
type scan struct {
	entries  []entry // newest last written wins; sorted
	places   []entry // every object found, in file order
	trailers []Dict
	ends     []int64 // offsets just after each %%EOF
}

const scanBlock = 1 << 20

// scanFile reads the file once. Objects are charged against maxObjects.
func (f *File) scanFile() (*scan, error) {
	f.mu.Lock()
	s := f.scanned
	f.mu.Unlock()
	if s != nil {
		return s, nil
	}
	s = &scan{}
	const overlap = 64
	for off := int64(0); off < f.size; off += scanBlock {
		from := max(0, off-overlap)
		b, err := f.read(from, int(off-from)+scanBlock+16)
		if err != nil {
			return nil, err
		}
		limit := int(off-from) + scanBlock // words that begin at or after it belong to the next block
		for i := 0; ; {
			k := bytes.Index(b[i:], []byte("obj"))
			if k < 0 || i+k >= limit {
				break
			}
			i += k
			if from+int64(i) >= off {
				if e, ok := objectBefore(b, i, from); ok {
					s.places = append(s.places, e)
					if len(s.places) > maxObjects {
						return nil, &LimitError{What: "objects", Limit: maxObjects}
					}
				}
			}
			i += 3
		}
		for i := int(off - from); ; {
			k := bytes.Index(b[i:], []byte("trailer"))
			if k < 0 || i+k >= limit {
				break
			}
			i += k + 7
			if d := f.trailerAt(from + int64(i)); d != nil && len(s.trailers) < maxSections {
				s.trailers = append(s.trailers, d)
			}
		}
	}
	last := map[uint32]entry{}
	for _, e := range s.places {
		last[e.num] = e
	}
	for _, e := range last {
		s.entries = append(s.entries, e)
	}
	slices.SortFunc(s.entries, func(a, b entry) int { return int(int64(a.num) - int64(b.num)) })
	f.mu.Lock()
	f.scanned = s
	f.mu.Unlock()
	return s, nil
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

func (f *File) trailerAt(off int64) Dict {
	var d Dict
	_ = f.withLexer(off, func(l *lexer) error {
		o, err := l.object(0)
		d, _ = o.(Dict)
		return err
	})
	return d
}

// repair replaces the cross reference by what the scan finds. The whole file is then one revision.
func (f *File) repair() error {
	s, err := f.scanFile()
	if err != nil {
		return err
	}
	if len(s.places) == 0 {
		if f.version == "" {
			return ErrNotPDF
		}
		return ErrNoCatalog
	}
	trailer := Dict{}
	for _, d := range s.trailers {
		for k, x := range d {
			if k != "Prev" && k != "XRefStm" {
				trailer[k] = x
			}
		}
	}
	sec := &section{kind: XrefRepaired, entries: slices.Clone(s.entries), trailer: trailer, prev: -1}
	f.base, f.repaired = 0, true
	f.sections = []*section{sec}
	f.revs = []Revision{{Kind: XrefRepaired, End: f.size, Trailer: trailer}}
	f.views = map[int]*View{}
	f.repairStreams(sec)
	f.repairRoot(sec)
	f.views = map[int]*View{}
	f.revs[0].Trailer = sec.trailer
	return nil
}

// repairStreams adds what only streams know: trailer keys of cross-reference streams and the objects in object streams.
func (f *File) repairStreams(sec *section) {
	var containers []entry
	for _, e := range sec.entries {
		_, o, _, err := f.objectAt(e.off)
		st, ok := o.(*Stream)
		if err != nil || !ok {
			continue
		}
		switch typ, _ := st.Dict["Type"].(Name); typ {
		case "XRef":
			for _, k := range []Name{"Root", "Info", "ID", "Encrypt"} {
				if x, ok := st.Dict[k]; ok {
					sec.trailer[k] = x
				}
			}
		case "ObjStm":
			containers = append(containers, e)
		}
	}
	if sec.trailer["Encrypt"] != nil {
		f.pendingStreams = containers // they can be read once the key is known
		return
	}
	f.addCompressed(sec, containers)
}

// addCompressed enters the objects of object streams that no object of the file itself defines.
func (f *File) addCompressed(sec *section, containers []entry) {
	slices.SortFunc(containers, func(a, b entry) int { return int(a.off - b.off) })
	have := map[uint32]int{}
	for i, e := range sec.entries {
		have[e.num] = i
	}
	v := f.Latest()
	for _, c := range containers {
		s, err := f.objectStream(v, c.num)
		if err != nil || s == nil {
			continue
		}
		for i, num := range s.nums {
			e := entry{num: num, kind: inStream, off: int64(c.num), gen: uint16(i), idx: uint8(i >> 16)}
			at, ok := have[num]
			switch {
			case !ok:
				have[num] = len(sec.entries)
				sec.entries = append(sec.entries, e)
			case sec.entries[at].kind == inStream:
				sec.entries[at] = e
			case sec.entries[at].off < c.off:
				sec.entries[at] = e // written later than the object of its own
			}
		}
	}
	slices.SortFunc(sec.entries, func(a, b entry) int { return int(int64(a.num) - int64(b.num)) })
	clear(v.cache)
}

// repairRoot finds a catalog where no trailer names a usable one.
func (f *File) repairRoot(sec *section) {
	v := f.Latest()
	if _, _, err := v.Catalog(); err == nil && f.hasCatalog() {
		return
	}
	for i := len(sec.entries) - 1; i >= 0; i-- {
		e := sec.entries[i]
		d, err := v.Dict(Ref{e.num, genOf(e)})
		if err == nil && d != nil && d["Type"] == Name("Catalog") && d["Pages"] != nil {
			sec.trailer["Root"] = Ref{e.num, genOf(e)}
			return
		}
	}
}

func genOf(e entry) uint16 {
	if e.kind == inStream {
		return 0
	}
	return e.gen
}

// misplaced handles an entry whose object is not where it says: the scan decides, as viewers do.
func (f *File) misplaced(v *View, r Ref, off int64) (Object, error) {
	f.note("object-misplaced", off, fmt.Sprintf("object %d is not where the cross reference says", r.Num))
	if f.repaired {
		return nil, nil
	}
	s, err := f.scanFile()
	if err != nil {
		return nil, err
	}
	e, ok := findEntry(s.entries, r.Num)
	if !ok {
		return nil, nil
	}
	got, o, _, err := f.objectAt(e.off)
	if err != nil || got.Num != r.Num {
		if err != nil && fatal(err) {
			return nil, err
		}
		return nil, nil
	}
	return v.finish(got, o)
}

// ScanByteRanges returns the offset of every /ByteRange in the bytes of the file, whoever owns it.
func (f *File) ScanByteRanges() ([]int64, error) {
	word := []byte("/ByteRange")
	var out []int64
	for off := int64(0); off < f.size; off += scanBlock {
		b, err := f.read(off, scanBlock+len(word)-1)
		if err != nil {
			return nil, err
		}
		for i := 0; ; {
			k := bytes.Index(b[i:], word)
			if k < 0 {
				break
			}
			i += k
			out = append(out, off+int64(i))
			if len(out) > maxSections {
				return nil, &LimitError{What: "ByteRange entries", Limit: maxSections}
			}
			i += len(word)
		}
	}
	return out, nil
}

// keyKnown forgets what was read before the decryption key was known, and reads what had to wait for it.
func (f *File) keyKnown() error {
	f.views = map[int]*View{}
	f.objstm = objectStreams{}
	if f.repaired && f.pendingStreams != nil {
		f.addCompressed(f.sections[0], f.pendingStreams)
		f.pendingStreams = nil
		f.repairRoot(f.sections[0])
	}
	return nil
}
