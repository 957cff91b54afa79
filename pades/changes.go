package pades

import (
	"fmt"
	"slices"

	"absah/internal/pdf"
)

// Change is one thing that revisions after a signature did to the document.
type Change struct {
	Kind   Modification `json:"kind"`
	Code   string       `json:"code"`             // stable
	Object uint32       `json:"object,omitempty"` // number of the object that shows it
	Field  string       `json:"field,omitempty"`  // full name of the field concerned
	Args   []string     `json:"args,omitempty"`   // what the text names: page, field, key
	Text   string       `json:"text"`             // as a person would say it, in English

	Revision int `json:"revision,omitempty"` // the revision that did it, counted from 1: the first is the document as it began

	// Where it shows, for who marks it on the page: the page's number, counted from 1, and the rectangle in the page's own coordinates,
	// left, bottom, right, top. Left out where it shows nowhere, where no one place is known, and for a page that is marked as a whole.
	Page int         `json:"page,omitempty"`
	Rect *[4]float64 `json:"rect,omitempty"`
}

// Sentence is the change in words, with the revision that made it.
func (c Change) Sentence(l Language) string {
	if c.Revision == 0 {
		return changeText(l, c.Code, c.Args)
	}
	return fmt.Sprintf(phrase{"versi %d: %s", "revision %d: %s"}.in(l), c.Revision, changeText(l, c.Code, c.Args))
}

// weight orders the kinds of change.
func (m Modification) weight() int {
	return slices.Index([]Modification{ModificationNone, ModificationLTA, ModificationForm, ModificationAnnotation, ModificationOther}, m)
}

// history is what the revisions of a document did, one after the other. Each step is looked at once, however many signatures
// there are, and also what a later step takes back is a change.
type history struct {
	f     *pdf.File
	from  int        // the first revision that is compared
	steps [][]Change // steps[i] leads from revision from+i to the next
	gaps  []int64    // bytes of that next revision that nothing explains

	// What all returned, once it was asked for.
	list   []Change
	starts []int
	alike  bool
}

// newHistory compares all revisions from one on. strays are objects and trailers that no cross reference names.
func newHistory(f *pdf.File, from int, strays []pdf.Stray) (*history, error) {
	h := &history{f: f, from: from}
	placing := maxPlaced
	last := len(f.Revisions()) - 1
	var r *reach
	var before []pdf.Field
	for rev := from; rev < last; rev++ {
		gaps, err := f.Gaps(rev + 1)
		if err != nil {
			return nil, err
		}
		n := int64(0)
		for _, g := range gaps {
			if g.Kind != pdf.GapSlot {
				n += g.End - g.Start
			}
		}
		h.gaps = append(h.gaps, n)
		if r == nil {
			if r, err = newReach(f, rev); err != nil {
				return nil, err
			}
		}
		touched := f.Touched(rev + 1)
		if before == nil {
			if before, err = f.At(rev).Fields(); err != nil {
				return nil, err
			}
		}
		after, same, err := f.At(rev + 1).FieldsSince(rev)
		if err != nil {
			return nil, err
		}
		kept := 0
		if same {
			kept = len(before)
		}
		d := &differ{before: before, after: after, kept: kept, f: f, rev: rev, old: f.At(rev), new: f.At(rev + 1), roles: make(map[uint32]role, len(touched)), only: touched, fresh: map[pdf.Ref]Modification{}, reach: r, filled: map[string]bool{}, placing: &placing}
		before = after
		d.hidden(gaps)
		d.rivals(gaps, strays)
		changes, err := d.step(touched)
		if err != nil {
			return nil, err
		}
		h.steps = append(h.steps, changes)
		if rev+1 < last {
			if err := r.again(f.At(rev+1), touched); err != nil {
				return nil, err
			}
		}
	}
	return h, nil
}

// maxChanges bounds what is told about one signature.
const maxChanges = 500

// all lays the steps one behind the other and notes where each begins; alike reports whether a change stands in two of them.
func (h *history) all() (list []Change, starts []int, alike bool) {
	type change struct{ code, text string }
	seen := map[change]bool{}
	for _, step := range h.steps {
		starts = append(starts, len(list))
		for _, c := range step {
			alike = alike || seen[change{c.Code, c.Text}]
			seen[change{c.Code, c.Text}] = true
		}
		list = append(list, step...)
	}
	return list, starts, alike
}

// after is everything that happened after a revision, each thing once, and how many bytes nothing explains. The changes may be shared
// with those of another revision.
func (h *history) after(rev int) (out []Change, unexplained int64) {
	from := rev - h.from
	for _, n := range h.gaps[min(from, len(h.gaps)):] {
		unexplained += n
	}
	if from >= len(h.steps) {
		return nil, unexplained
	}
	if h.starts == nil {
		h.list, h.starts, h.alike = h.all()
	}
	rest := h.list[h.starts[from]:]
	if !h.alike && len(rest) <= maxChanges {
		return slices.Clip(rest), unexplained
	}
	type change struct{ code, text string }
	seen := map[change]bool{}
	for _, c := range rest {
		key := change{c.Code, c.Text}
		if seen[key] || len(out) >= maxChanges && c.Kind != ModificationOther {
			continue
		}
		seen[key] = true
		out = append(out, c)
	}
	return out, unexplained
}

// differ explains what one revision touched. Every object that it touches has to be explained by a rule; what no rule explains
// is ModificationOther.
type differ struct {
	f        *pdf.File
	rev      int // the older revision
	old, new *pdf.View
	before   []pdf.Field
	after    []pdf.Field
	kept     int // of the fields, that stand first in both and are the same
	roles    map[uint32]role
	only     []uint32                 // those that roles are noted of, sorted; nil: all
	all      map[uint32]role          // once those of others were asked for
	fresh    map[pdf.Ref]Modification // new annotations of signature fields, and how much each weighs
	filled   map[string]bool          // fields whose value changed
	reach    *reach
	changes  []Change
	signed   map[pdf.Ref]bool   // widgets of the signatures of the old revision, once they were asked for
	shown    map[int][]pdf.Mark // what its pages show, of those that were asked for
	placing  *int               // how many pages and annotations may still be looked at to tell where something is
}

// role is what an object of the signed revision is there for.
type role struct {
	kind roleKind
	name string // page number or field name, for people
	typ  pdf.Name
	sign bool // a signature field that was signed in the old revision
}

// field is the name of the form field that the object belongs to, "" for others.
func (r role) field() string {
	switch r.kind {
	case roleField, roleWidget, roleAppearance, roleValue, roleSignature:
		return r.name
	}
	return ""
}

type roleKind int

const (
	roleOther roleKind = iota
	roleCatalog
	roleForm
	roleFields
	rolePage
	roleAnnots
	roleField
	roleWidget
	roleAppearance
	roleAnnotation
	roleDSS
	roleInfo
	roleValue
	roleSignature
	roleResources // of the form
	roleExtensions
	roleStructure
	roleParentTree
)

// hidden tells of objects in object streams that the cross reference passes over, and that a program which repairs the file would
// take for the newest state of a number in use.
func (d *differ) hidden(gaps []pdf.Gap) {
	for _, g := range gaps {
		if g.Kind != pdf.GapSlot {
			continue
		}
		if e, ok := d.new.Lookup(g.Ref.Num); ok && !e.Free || d.reach.absent[g.Ref.Num] {
			d.say(ModificationOther, g.Ref.Num, "object-hidden", itoa(g.Ref.Num))
		}
	}
}

// rivals tells of what a reader that searches the file for objects finds inside the streams and strings of an update. What lies outside
// of all objects is told as a gap.
func (d *differ) rivals(gaps []pdf.Gap, strays []pdf.Stray) {
	r := d.f.Revisions()[d.rev+1]
	for _, s := range strays {
		switch {
		case s.Offset < r.Start || s.Offset >= r.End || slices.ContainsFunc(gaps, func(g pdf.Gap) bool { return g.Kind != pdf.GapSlot && g.Start <= s.Offset && s.Offset < g.End }):
		case s.Ref == pdf.Ref{}:
			d.say(ModificationOther, 0, "trailer-inside")
		default:
			d.say(ModificationOther, s.Ref.Num, "object-inside", itoa(s.Ref.Num))
		}
	}
}

// step compares the two revisions.
func (d *differ) step(touched []uint32) ([]Change, error) {
	if err := d.learn(touched); err != nil {
		return nil, err
	}
	for _, num := range touched {
		if err := d.object(num); err != nil {
			return nil, err
		}
	}
	if err := d.trailer(); err != nil {
		return nil, err
	}
	d.place()
	return d.changes, nil
}

func (d *differ) say(kind Modification, num uint32, code string, args ...string) {
	d.changes = append(d.changes, Change{Kind: kind, Code: code, Object: num, Field: d.role(num).field(), Args: args, Text: changeText(English, code, args), Revision: d.rev + 2})
}

// worst is the strongest kind among changes.
func worst(changes []Change) Modification {
	m := ModificationNone
	for _, c := range changes {
		if c.Kind.weight() > m.weight() {
			m = c.Kind
		}
	}
	return m
}

// Worse reports whether m is a stronger change than o.
func (m Modification) Worse(o Modification) bool { return m.weight() > o.weight() }
