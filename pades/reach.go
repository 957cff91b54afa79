package pades

import "absah/internal/pdf"

// reach knows by which ways the objects of a document are reached, and which numbers are referred to and hold nothing. An object that
// a rule allows to change along one path must not change when a stronger path leads to it as well; and a number that was referred to
// before it held anything must not be given to something new.
type reach struct {
	marks  []mark // by object number
	absent map[uint32]bool
	root   pdf.Ref // the catalog
	used   bool    // something inside the document leads to the catalog, as if it were a dictionary of resources
	stack  []step
	later  [markPage][]step // to be walked when all stronger ways are
}

// mark is the strongest way by which an object was reached; zero: by none.
type mark uint8

const (
	markData  mark = 1 + iota // data about the document
	markSoft                  // the form, annotations and the structure
	markHard                  // outlines, actions and whatever else the catalog leads to
	markDrawn                 // what a page is drawn with: no name in it has a meaning of its own, so no key leads softly from here
	markPage                  // the catalog and the page tree
	markBoth                  // the page tree, and drawn with as well: its names have no meaning either
)

type step struct {
	o  pdf.Object
	by mark
}

// newReach walks the document as of a revision.
func newReach(f *pdf.File, rev int) (*reach, error) { return startReach(f.At(rev), 0) }

// numbersAhead is how many object numbers above those in use are looked at before an update gives them away. Few updates need more
// than a hundred.
const numbersAhead = 4096

// avoidAbsent keeps an update from giving a number to something new that the document refers to already: after a signature that looks
// like a forgery prepared in advance, and it would become part of whatever refers to it.
func avoidAbsent(f *pdf.File, u *pdf.Update) error {
	r, err := startReach(f.Latest(), numbersAhead)
	if err != nil {
		return err
	}
	u.Avoid(r.absent)
	return nil
}

// startReach walks the document of a view, with room for so many numbers above those in use.
func startReach(v *pdf.View, ahead int) (*reach, error) {
	r := &reach{marks: make([]mark, int(v.MaxObject())+1+ahead), absent: map[uint32]bool{}}
	t := v.Trailer()
	if err := r.top(v); err != nil {
		return nil, err
	}
	r.push(t["Info"], markData)
	r.push(t["Encrypt"], markHard)
	return r, r.walk(v)
}

// top begins at the catalog, unless that was walked already.
func (r *reach) top(v *pdf.View) error {
	_, root, err := v.Catalog()
	if err != nil || root == r.root {
		return err
	}
	r.root = root
	if r.mark(root.Num) != 0 {
		r.used = true // by the revision before
	}
	r.push(root, markPage)
	return nil
}

// again walks what a later revision touched. What was reached once stays reached.
func (r *reach) again(v *pdf.View, touched []uint32) error {
	if err := r.top(v); err != nil {
		return err
	}
	for _, num := range touched {
		e, ok := v.Lookup(num)
		if !ok || e.Free || int(num) >= len(r.marks) {
			continue
		}
		delete(r.absent, num)
		if m := r.marks[num]; m != 0 {
			r.marks[num] = 0
			ref := pdf.Ref{Num: num, Gen: e.Gen}
			if m == markBoth {
				r.wait(ref, markDrawn)
				m = markPage
			}
			r.wait(ref, m)
		}
	}
	return r.walk(v)
}

func (r *reach) push(o pdf.Object, by mark) {
	switch o.(type) {
	case pdf.Ref, pdf.Dict, pdf.Array, *pdf.Stream:
		r.stack = append(r.stack, step{o, by})
	}
}

// wait leaves a step until everything stronger was walked: so that what is met twice is mostly met in its strongest way first.
func (r *reach) wait(o pdf.Object, by mark) {
	switch o.(type) {
	case pdf.Ref, pdf.Dict, pdf.Array, *pdf.Stream:
		if by == markPage {
			r.stack = append(r.stack, step{o, by})
			return
		}
		r.later[by] = append(r.later[by], step{o, by})
	}
}

// mark tells how an object is reached.
func (r *reach) mark(num uint32) mark {
	if int(num) >= len(r.marks) {
		return 0
	}
	return r.marks[num]
}

func (r *reach) walk(v *pdf.View) error {
	for {
		for m := markDrawn; len(r.stack) == 0; m-- {
			if m == 0 {
				return nil
			}
			r.stack, r.later[m] = r.later[m], nil
		}
		s := r.stack[len(r.stack)-1]
		r.stack = r.stack[:len(r.stack)-1]
		isRoot := false
		if ref, ok := s.o.(pdf.Ref); ok {
			isRoot = ref == r.root
			if int(ref.Num) >= len(r.marks) {
				continue
			}
			have := r.marks[ref.Num]
			both := have == markPage && s.by == markDrawn
			if have >= s.by && !both {
				continue
			}
			o, err := v.Get(ref)
			if err != nil {
				return err
			}
			e, ok := v.Lookup(ref.Num)
			if o == nil && (!ok || e.Free) {
				r.absent[ref.Num] = true
				continue
			}
			if e.Stream != 0 {
				r.wait(pdf.Ref{Num: e.Stream}, markDrawn) // who changes the object stream changes all that is in it
			}
			if d, ok := o.(pdf.Dict); ok && s.by == markHard && isField(d) {
				// Actions name fields; that does not make a field part of a page.
				r.wait(ref, markSoft)
				continue
			}
			r.marks[ref.Num] = s.by
			if both {
				r.marks[ref.Num] = markBoth
			}
			s.o = o
		}
		switch x := s.o.(type) {
		case pdf.Array:
			for _, y := range x {
				r.push(y, s.by)
			}
		case *pdf.Stream:
			r.keys(x.Dict, s.by, false)
		case pdf.Dict:
			r.keys(x, s.by, isRoot)
		}
	}
}

func isField(d pdf.Dict) bool { return d["FT"] != nil || d["Subtype"] == pdf.Name("Widget") }

func (r *reach) keys(d pdf.Dict, by mark, root bool) {
	for k, x := range d {
		if ref, ok := x.(pdf.Ref); ok && ref == r.root {
			// Signatures name the catalog as what they guard, and some writers as the parent of what hangs under it.
			r.used = r.used || k != "Data" && k != "Parent" && k != "Root"
			continue
		}
		if m := keyMark(k, root, by); m < by {
			r.wait(x, m)
		} else {
			r.push(x, by)
		}
	}
}

// keyMark is how a key leads on at most.
func keyMark(k pdf.Name, root bool, by mark) mark {
	switch {
	case root:
		switch k {
		case "Pages":
			return markPage
		case "AcroForm", "StructTreeRoot", "Perms":
			return markSoft
		case "Metadata", "DSS", "Extensions":
			return markData
		}
		return markHard
	case by == markPage:
		switch k {
		case "Kids":
			return markPage
		case "Annots":
			return markSoft
		case "AA", "B", "Parent":
			return markHard
		}
		return markDrawn
	}
	return by
}
