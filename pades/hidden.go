package pades

import (
	"maps"
	"slices"

	"absah/internal/pdf"
)

// Suspicion is something in the signed bytes that an honest producer has no use for and that a later change could bring to light, or
// that two programs may show differently. The signature is as good as any; who signed may not have seen all that was signed.
type Suspicion struct {
	Code   string   `json:"code"`             // stable
	Object uint32   `json:"object,omitempty"` // number of the object that shows it
	Page   int      `json:"page,omitempty"`   // counted from 1; 0: none
	Args   []string `json:"args,omitempty"`   // what the sentence names
}

const (
	maxSuspicions   = 100    // told of one document
	maxUnreferenced = 20_000 // objects that nothing refers to whose kind is looked at; no honest document has so many
)

// suspect looks through what the last signature covers for what was prepared there.
func (e *Evidence) suspect(f *pdf.File, survey *pdf.Survey, found []*located) error {
	rev := -1
	for _, l := range found {
		if l.covers() {
			rev = max(rev, l.facts.Revision)
		}
	}
	if rev < 0 || f.Repaired() {
		return nil // nothing is signed, or all is judged as damaged
	}
	s := &suspect{e: e, f: f, v: f.At(rev), end: f.Revisions()[rev].End, older: map[int]pdf.Reached{}, claims: map[uint32]int{}}
	most := uint32(0)
	for _, x := range survey.Strays {
		most = max(most, x.Ref.Num) // the document may refer to a number that only a stray has
	}
	var err error
	if s.reached, err = s.v.Reached(most); err != nil {
		return err
	}
	if err := s.strays(survey); err != nil {
		return err
	}
	if err := s.unreferenced(); err != nil {
		return err
	}
	if err := s.slots(survey); err != nil {
		return err
	}
	if err := s.pages(); err != nil {
		return err
	}
	return s.values()
}

// suspect is one such look.
type suspect struct {
	e       *Evidence
	f       *pdf.File
	v       *pdf.View
	end     int64 // of what the last signature covers
	reached pdf.Reached
	older   map[int]pdf.Reached // of older revisions
	claims  map[uint32]int      // how many objects the cross reference finds in each object stream
}

func (s *suspect) say(code string, num uint32, page int, args ...string) {
	if len(s.e.Suspicions) < maxSuspicions {
		s.e.Suspicions = append(s.e.Suspicions, Suspicion{Code: code, Object: num, Page: page, Args: args})
	}
}

// get is the value of an object by its number.
func (s *suspect) get(num uint32) (pdf.Object, error) {
	e, ok := s.v.Lookup(num)
	if !ok || e.Free {
		return nil, nil
	}
	return s.v.Get(pdf.Ref{Num: num, Gen: e.Gen})
}

// strays looks at objects and trailers that no cross reference names: a program that repairs the file, or a cross reference that is
// appended later, makes them count.
func (s *suspect) strays(survey *pdf.Survey) error {
	if len(survey.Headers) > 1 && survey.Headers[1] < s.end {
		s.say("document-inside", 0, 0)
	}
	inside, err := s.attachments(survey.Strays)
	if err != nil {
		return err
	}
	told := map[uint32]bool{}
	for i, stray := range survey.Strays {
		if stray.Offset >= s.end {
			break // after the signature: judged there
		}
		if inside[i] {
			continue // of a document that is attached, which was said
		}
		if stray.Ref == (pdf.Ref{}) {
			if !told[0] {
				told[0] = true
				s.say("trailer-twice", 0, 0)
			}
			continue
		}
		if told[stray.Ref.Num] {
			continue
		}
		o, err := s.v.Rival(stray)
		if err != nil {
			return err
		}
		now, err := s.get(stray.Ref.Num)
		if err != nil {
			return err
		}
		same, err := s.f.Equal(o, now)
		if err != nil {
			return err
		}
		if same || o == nil {
			continue
		}
		switch {
		case s.superseded(survey, stray), now == nil && s.claimed(stray.Ref.Num):
			if !told[0] {
				told[0] = true
				s.say("trailer-twice", 0, 0)
			}
		case s.reached.Has(stray.Ref.Num):
			told[stray.Ref.Num] = true
			s.say("object-twice", stray.Ref.Num, 0, itoa(stray.Ref.Num))
		case s.page(o):
			told[stray.Ref.Num] = true
			s.say("page-hidden", stray.Ref.Num, 0, itoa(stray.Ref.Num))
		}
	}
	return nil
}

// superseded reports whether a stray is an older state of its number, with an end-of-file marker in between: what is left of a damaged
// file, whose cross reference somebody wrote anew.
func (s *suspect) superseded(survey *pdf.Survey, stray pdf.Stray) bool {
	e, ok := s.v.Lookup(stray.Ref.Num)
	if e.Stream != 0 {
		e, ok = s.v.Lookup(e.Stream)
	}
	if !ok || e.Free || e.Offset < stray.Offset {
		return false
	}
	i, _ := slices.BinarySearch(survey.Ends, stray.Offset)
	return i < len(survey.Ends) && survey.Ends[i] < e.Offset
}

// claimed reports whether the cross reference says where an object is.
func (s *suspect) claimed(num uint32) bool {
	e, ok := s.v.Lookup(num)
	return ok && !e.Free
}

// attachments tells which strays lie inside the stream of a file that is attached and not compressed.
func (s *suspect) attachments(strays []pdf.Stray) (inside []bool, err error) {
	inside = make([]bool, len(strays))
	if len(strays) == 0 {
		return inside, nil
	}
	at := func(off int64) int {
		i, _ := slices.BinarySearchFunc(strays, off, func(s pdf.Stray, off int64) int { return int(max(-1, min(1, s.Offset-off))) })
		return i
	}
	for num := range s.v.MaxObject() + 1 {
		e, ok := s.v.Lookup(num)
		if !ok || e.Free || e.Stream != 0 || !s.reached.Has(num) {
			continue
		}
		// Only the object that begins last before a stray can hold it; this one, unless another begins in between.
		i := at(e.Offset)
		if i == len(strays) {
			continue
		}
		st, err := s.v.Stream(pdf.Ref{Num: num, Gen: e.Gen})
		if err != nil {
			return nil, err
		}
		if st == nil || st.Dict["Type"] != pdf.Name("EmbeddedFile") {
			continue
		}
		for place := st.Place(); i < len(strays) && strays[i].Offset < place.End; i++ {
			inside[i] = strays[i].Offset >= place.Start
		}
	}
	return inside, nil
}

// unreferenced looks at objects that the cross reference names and nothing refers to: pages and fonts among them wait for something.
func (s *suspect) unreferenced() error {
	_, root, err := s.v.Catalog()
	if err != nil {
		return err
	}
	looked := 0
	for num := uint32(1); num <= s.v.MaxObject(); num++ {
		e, ok := s.v.Lookup(num)
		if !ok || e.Free {
			continue
		}
		if e.Stream != 0 {
			s.claims[e.Stream]++
		}
		if e.Hybrid && e.Stream == 0 && s.reached.Has(num) {
			s.say("hybrid-object", num, 0, itoa(num)) // honest ones hide only what lies in object streams
		}
		if s.reached.Has(num) {
			continue
		}
		if looked++; looked > maxUnreferenced {
			s.say("unreferenced-many", 0, 0)
			return nil
		}
		o, err := s.v.Get(pdf.Ref{Num: num, Gen: e.Gen})
		if err != nil {
			return err
		}
		d, _ := o.(pdf.Dict)
		code := ""
		switch typ, _ := d["Type"].(pdf.Name); {
		case s.page(o):
			code = "page-hidden"
		case typ == "Catalog" && num != root.Num:
			code = "catalog-twice"
		case typ == "Font" && s.ownGlyphs(d):
			code = "font-hidden"
		default:
			continue
		}
		left, err := s.left(num, e.Revision)
		if err != nil {
			return err
		}
		if !left {
			s.say(code, num, 0, itoa(num))
		}
	}
	return nil
}

// slots looks at objects in object streams that the cross reference passes over.
func (s *suspect) slots(survey *pdf.Survey) error {
	containers := slices.Sorted(maps.Keys(s.claims))
	for _, c := range containers {
		st, err := s.v.Stream(pdf.Ref{Num: c})
		if err != nil {
			return err
		}
		if st == nil {
			continue
		}
		if n, ok := s.v.Int(st.Dict["N"]); ok && n <= int64(s.claims[c]) {
			continue
		}
		home, _ := s.v.Lookup(c)
		nums, err := s.v.Slots(c)
		if err != nil {
			return err
		}
		for i, num := range nums {
			e, ok := s.v.Lookup(num)
			if !s.reached.Has(num) || ok && e.Stream == c && (e.Index == i || e.Index >= len(nums) || nums[e.Index] != num) ||
				s.superseded(survey, pdf.Stray{Offset: home.Offset, Ref: pdf.Ref{Num: num}}) {
				continue
			}
			o, err := s.v.Slot(c, i)
			if err != nil {
				return err
			}
			now, err := s.get(num)
			if err != nil {
				return err
			}
			if same, err := s.f.Equal(o, now); err != nil {
				return err
			} else if !same && o != nil {
				s.say("object-twice", num, 0, itoa(num))
			}
		}
	}
	return nil
}

// maxOrphanages bounds how many older revisions are walked for the sake of objects that nothing refers to any more.
const maxOrphanages = 16

// left reports whether an object was in use in the revision that wrote it: then it is what an update left behind, as honest programs
// do that take a page out.
func (s *suspect) left(num uint32, rev int) (bool, error) {
	r, ok := s.older[rev]
	if !ok {
		if len(s.older) >= maxOrphanages {
			return false, nil
		}
		var err error
		if r, err = s.f.At(rev).Reached(0); err != nil {
			return false, err
		}
		s.older[rev] = r
	}
	return r.Has(num), nil
}

// page reports whether a value is a page or a part of a page tree that has pages.
func (s *suspect) page(o pdf.Object) bool {
	d, _ := o.(pdf.Dict)
	kids, _ := s.v.Array(d["Kids"])
	switch typ, _ := d["Type"].(pdf.Name); typ {
	case "Page":
		return true
	case "Pages":
		return len(kids) > 0
	case "":
		return d["MediaBox"] != nil && (d["Contents"] != nil || len(kids) > 0)
	}
	return false
}

// ownGlyphs reports whether a font brings along how its characters look. One that only names a standard font can show nothing new.
func (s *suspect) ownGlyphs(d pdf.Dict) bool {
	if d["FontDescriptor"] != nil || d["CharProcs"] != nil || d["DescendantFonts"] != nil {
		return true
	}
	enc, _ := s.v.Dict(d["Encoding"])
	return enc["Differences"] != nil
}
