package pdf

import (
	"fmt"
	"slices"
	"sort"
)

// repair replaces the cross reference by what a scan finds. Each end-of-file marker is taken for the end of a revision.
func (f *File) repair() error {
	s, err := f.scanFile()
	if err != nil {
		return err
	}
	if len(s.entries) == 0 {
		if f.version == "" {
			return ErrNotPDF
		}
		return ErrNoCatalog
	}
	f.base, f.repaired = 0, true
	f.distribute(s)
	s.entries = nil // the sections have them
	f.forget()
	if f.Latest().trailerValue("Encrypt") != nil {
		return nil // object streams can be read once the key is known
	}
	return f.repairCompressed()
}

// distribute makes one section and one revision for each stretch of the file that an end-of-file marker closes and that has objects.
func (f *File) distribute(s *scan) {
	ends := s.ends
	if len(ends) > 1 && f.linearized() {
		ends = ends[1:] // the first one closes the part for the first page
	}
	// An end that nothing follows or precedes makes no revision.
	holds := make([]int, len(ends)+1)
	stretch := func(off int64) int { i, _ := slices.BinarySearch(ends, off+1); return i }
	for _, e := range s.entries {
		holds[stretch(e.off)]++
	}
	kept := ends[:0:0]
	for i, end := range ends {
		if holds[i] > 0 {
			kept = append(kept, end)
		}
	}
	if holds[len(ends)] > 0 || len(kept) == 0 {
		kept = append(kept, f.size)
	} else if len(ends) > 0 {
		// Markers behind the last object end the last revision.
		kept[len(kept)-1] = ends[len(ends)-1]
	}
	ends = kept
	sections := make([]*section, len(ends)) // oldest first
	counts := make([]int, len(ends))
	for _, e := range s.entries {
		counts[min(stretch(e.off), len(ends)-1)]++
	}
	for i := range sections {
		sections[i] = &section{off: -1, kind: XrefRepaired, entries: make([]entry, 0, counts[i]), trailer: Dict{}, prev: -1, rev: i}
	}
	for _, e := range s.entries {
		list := &sections[min(stretch(e.off), len(ends)-1)].entries
		if n := len(*list); n > 0 && (*list)[n-1].num == e.num {
			(*list)[n-1] = e // sorted by place: this one is newer
		} else {
			*list = append(*list, e)
		}
	}
	for _, t := range s.trailers {
		sec := sections[min(stretch(t.off), len(ends)-1)]
		for k, x := range t.dict {
			sec.trailer[k] = x
		}
	}
	f.revs = make([]Revision, len(ends))
	f.sections = make([]*section, len(ends))
	start := int64(0)
	for i, sec := range sections {
		f.sections[len(ends)-1-i] = sec
		f.revs[i] = Revision{Index: i, StartXref: -1, Start: start, End: ends[i], Kind: XrefRepaired, Trailer: sec.trailer, Closed: slices.Contains(s.ends, ends[i])}
		start = ends[i]
	}
}

// forget drops what was read before something changed that all reading depends on.
func (f *File) forget() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.views, f.form, f.values, f.objstm, f.earlier = map[int]*View{}, nil, valueCache{}, objectStreams{}, nil
}

// keyKnown forgets what was read before the decryption key was known, and reads what had to wait for it.
func (f *File) keyKnown() error {
	f.encryptRef, _ = f.Latest().trailerValue("Encrypt").(Ref)
	f.forget()
	if f.repaired {
		return f.repairCompressed()
	}
	return nil
}

// repairCompressed enters what object streams hold, and finds a catalog where no trailer names one.
func (f *File) repairCompressed() error {
	if err := f.buildIndex(); err != nil {
		return err
	}
	for rev := range f.revs {
		if err := f.addCompressed(rev, f.scanned.containers); err != nil {
			return err
		}
	}
	if err := f.buildIndex(); err != nil {
		return err
	}
	f.forget()
	return f.repairRoot()
}

// addCompressed enters the objects in the object streams of one revision that no later object of the same revision replaces.
func (f *File) addCompressed(rev int, containers []entry) error {
	type candidate struct {
		entry
		from int64 // place of the container
	}
	v := f.At(rev)
	sec := f.sections[len(f.sections)-1-rev]
	// Only those that lie in the revision's own bytes can be in its section.
	from := func(off int64) int {
		return sort.Search(len(containers), func(i int) bool { return containers[i].off >= off })
	}
	end := len(containers)
	if rev < len(f.revs)-1 {
		end = from(f.revs[rev].End)
	}
	containers = containers[min(from(f.revs[rev].Start), end):end]
	var found []candidate
	for _, c := range containers {
		if e, _ := findEntry(sec.entries, c.num); e.off != c.off {
			continue // of another revision, or replaced
		}
		s, err := v.objectStream(c.num)
		if err != nil && fatal(err) {
			return err
		}
		if err != nil || s == nil {
			continue
		}
		if len(found)+len(s.nums) > maxObjects {
			return &LimitError{What: "objects", Limit: maxObjects}
		}
		found = slices.Grow(found, len(s.nums))
		for i, num := range s.nums {
			if num != 0 {
				found = append(found, candidate{entry{num: num, kind: inStream, off: int64(c.num), gen: uint16(i), idx: uint8(i >> 16)}, c.off})
			}
		}
	}
	if len(found) == 0 {
		return nil
	}
	slices.SortStableFunc(found, func(a, b candidate) int {
		if a.num != b.num {
			return int(a.num) - int(b.num)
		}
		return int(max(-1, min(1, a.from-b.from)))
	})
	// The last of each number stays.
	slices.Reverse(found)
	found = slices.CompactFunc(found, func(a, b candidate) bool { return a.num == b.num })
	slices.Reverse(found)
	merged := make([]entry, 0, len(sec.entries)+len(found))
	own := sec.entries
	for _, c := range found {
		for len(own) > 0 && own[0].num < c.num {
			merged, own = append(merged, own[0]), own[1:]
		}
		e := c.entry
		if len(own) > 0 && own[0].num == c.num {
			if own[0].off > c.from {
				e = own[0]
			}
			own = own[1:]
		}
		merged = append(merged, e)
	}
	sec.entries = append(merged, own...)
	return nil
}

// repairRoot finds a catalog where no trailer names a usable one.
func (f *File) repairRoot() error {
	v := f.Latest()
	if f.hasCatalog() {
		return nil
	}
	var fallback Ref
	for _, sec := range f.sections {
		for _, e := range slices.Backward(sec.entries) {
			ref := Ref{e.num, genOf(e)}
			d, err := v.Dict(ref)
			if err != nil {
				if fatal(err) {
					return err
				}
				continue
			}
			if d["Type"] != Name("Catalog") {
				continue
			}
			if pages, _ := v.Dict(d["Pages"]); pages != nil {
				f.sections[0].trailer["Root"] = ref
				f.forget()
				return nil
			}
			if fallback == (Ref{}) {
				fallback = ref
			}
		}
	}
	if fallback != (Ref{}) && f.sections[0].trailer["Root"] == nil {
		f.sections[0].trailer["Root"] = fallback
		f.forget()
	}
	return nil
}

func genOf(e entry) uint16 {
	if e.kind == inStream {
		return 0
	}
	return e.gen
}

// dropEncryption takes the trailer of a damaged file that names no encryption where another one, which does, cannot be opened:
// two documents were written behind each other, and viewers show the open one.
func (f *File) dropEncryption() bool {
	for _, t := range f.scanned.trailers {
		if t.dict["Encrypt"] == nil && t.dict["Root"] != nil {
			f.note("trailers-differ", t.off, "one trailer of the damaged file names an encryption, another does not")
			for _, s := range f.sections {
				delete(s.trailer, "Encrypt")
			}
			return f.repairCompressed() == nil
		}
	}
	return false
}

// misplaced handles an entry whose object is not where it says: the newest one that a scan finds in the view's part of the file, as
// viewers do. Its number differs from r when there is none.
func (v *View) misplaced(r Ref, off int64) (parsed, error) {
	f := v.f
	f.note("object-misplaced", off, fmt.Sprintf("object %d is not where the cross reference says", r.Num))
	if f.repaired {
		return parsed{}, nil
	}
	s, err := f.scanFile()
	if err != nil {
		return parsed{}, err
	}
	limit := f.size
	if v.rev < len(f.revs)-1 {
		limit = f.revs[v.rev].End
	}
	i, _ := slices.BinarySearchFunc(s.entries, entry{num: r.Num, off: limit}, byNumberAndPlace)
	if i == 0 || s.entries[i-1].num != r.Num {
		return parsed{}, nil
	}
	p, err := f.objectAt(s.entries[i-1].off)
	if err != nil && !fatal(err) {
		return parsed{}, nil
	}
	return p, err
}
