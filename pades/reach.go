package pades

import "absah/internal/pdf"

// reach knows which objects of a document its pages, outlines and actions lead to ("hard"), and which numbers are referred to and
// hold nothing. An object that a rule allows to change along one path must not change when another path leads to it as well; and a
// number that was referred to before it held anything must not be given to something new.
type reach struct {
	marks  []uint8 // by object number
	absent map[uint32]bool
	stack  []step
}

const (
	markSoft = 1 + iota
	markHard
)

type step struct {
	o    pdf.Object
	hard bool
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
	r := &reach{marks: make([]uint8, int(v.MaxObject())+1+ahead), absent: map[uint32]bool{}}
	t := v.Trailer()
	_, root, err := v.Catalog()
	if err != nil {
		return nil, err
	}
	r.push(root, true)
	r.push(t["Info"], false)
	r.push(t["Encrypt"], true)
	return r, r.walk(v, root)
}

// again walks what a later revision touched. What was reached once stays reached.
func (r *reach) again(v *pdf.View, touched []uint32) error {
	_, root, err := v.Catalog()
	if err != nil {
		return err
	}
	if int(root.Num) < len(r.marks) && r.marks[root.Num] == 0 {
		r.push(root, true)
	}
	for _, num := range touched {
		e, ok := v.Lookup(num)
		if !ok || e.Free || int(num) >= len(r.marks) {
			continue
		}
		delete(r.absent, num)
		if m := r.marks[num]; m != 0 {
			r.marks[num] = 0
			r.push(pdf.Ref{Num: num, Gen: e.Gen}, m == markHard)
		}
	}
	return r.walk(v, root)
}

func (r *reach) push(o pdf.Object, hard bool) {
	switch o.(type) {
	case pdf.Ref, pdf.Dict, pdf.Array, *pdf.Stream:
		r.stack = append(r.stack, step{o, hard})
	}
}

// hard reports whether something else than the form, annotations and data about the document lead to an object.
func (r *reach) hard(num uint32) bool { return int(num) < len(r.marks) && r.marks[num] == markHard }

func (r *reach) walk(v *pdf.View, root pdf.Ref) error {
	var soft []step // to be walked when all hard edges are
	for len(r.stack) > 0 || len(soft) > 0 {
		if len(r.stack) == 0 {
			r.stack, soft = soft, nil
		}
		s := r.stack[len(r.stack)-1]
		r.stack = r.stack[:len(r.stack)-1]
		isRoot := false
		if ref, ok := s.o.(pdf.Ref); ok {
			isRoot = ref == root
			if int(ref.Num) >= len(r.marks) {
				continue
			}
			want := uint8(markSoft)
			if s.hard {
				want = markHard
			}
			if r.marks[ref.Num] >= want {
				continue
			}
			o, err := v.Get(ref)
			if err != nil {
				return err
			}
			if o == nil {
				if e, ok := v.Lookup(ref.Num); !ok || e.Free {
					r.absent[ref.Num] = true
				}
				continue
			}
			if d, ok := o.(pdf.Dict); ok && s.hard && isField(d) {
				// Actions name fields; that does not make a field part of a page.
				soft = append(soft, step{ref, false})
				continue
			}
			r.marks[ref.Num] = want
			s.o = o
		}
		switch x := s.o.(type) {
		case pdf.Array:
			for _, y := range x {
				r.push(y, s.hard)
			}
		case *pdf.Stream:
			r.keys(x.Dict, s.hard, false, &soft)
		case pdf.Dict:
			r.keys(x, s.hard, isRoot, &soft)
		}
	}
	return nil
}

func isField(d pdf.Dict) bool { return d["FT"] != nil || d["Subtype"] == pdf.Name("Widget") }

func (r *reach) keys(d pdf.Dict, hard, root bool, soft *[]step) {
	for k, x := range d {
		switch x.(type) {
		case pdf.Ref, pdf.Dict, pdf.Array:
		default:
			continue
		}
		if hard && softKey(k, root) {
			*soft = append(*soft, step{x, false})
			continue
		}
		r.stack = append(r.stack, step{x, hard})
	}
}

// softKey reports whether a key leads away from what pages show.
func softKey(k pdf.Name, root bool) bool {
	switch k {
	case "Metadata", "Annots":
		return true
	case "DSS", "AcroForm", "StructTreeRoot", "Extensions", "Perms":
		return root
	}
	return false
}
