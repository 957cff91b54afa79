package pades

import (
	"fmt"
	"slices"
	"strings"

	"absah/internal/pdf"
)

// Change is one thing that revisions after a signature did to the document.
type Change struct {
	Kind   Modification `json:"kind"`
	Object uint32       `json:"object,omitempty"` // number of the object that shows it
	Field  string       `json:"field,omitempty"`  // full name of the field concerned
	Text   string       `json:"text"`             // as a person would say it, in English
}

// weight orders the kinds of change.
func (m Modification) weight() int {
	return slices.Index([]Modification{ModificationNone, ModificationLTA, ModificationForm, ModificationAnnotation, ModificationOther}, m)
}

// differ explains what later revisions touched, compared with the revision that a signature covers. Every object that a later
// revision touches has to be explained by a rule; what no rule explains is ModificationOther.
type differ struct {
	f        *pdf.File
	old, new *pdf.View
	roles    map[uint32]role
	fresh    map[pdf.Ref]Modification // new annotations of signature fields, and how much each weighs
	changes  []Change
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
	case roleField, roleWidget, roleAppearance:
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
)

// changesAfter compares revision rev with the latest one. deepest bounds the work: pages are looked at only when something
// that hangs on pages was touched.
func changesAfter(f *pdf.File, rev int) ([]Change, error) {
	last := len(f.Revisions()) - 1
	if rev >= last {
		return nil, nil
	}
	var touched []uint32
	for r := rev + 1; r <= last; r++ {
		touched = append(touched, f.Touched(r)...)
	}
	slices.Sort(touched)
	touched = slices.Compact(touched)
	d := &differ{f: f, old: f.At(rev), new: f.Latest(), roles: map[uint32]role{}, fresh: map[pdf.Ref]Modification{}}
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
	return d.changes, nil
}

func (d *differ) say(kind Modification, num uint32, format string, args ...any) {
	d.changes = append(d.changes, Change{Kind: kind, Object: num, Field: d.roles[num].field(), Text: fmt.Sprintf(format, args...)})
}

// learn finds out what the touched objects of the old revision are there for, and what new fields there are.
func (d *differ) learn(touched []uint32) error {
	catalog, root, err := d.old.Catalog()
	if err != nil {
		return err
	}
	set := func(o pdf.Object, r role) {
		if ref, ok := o.(pdf.Ref); ok {
			if _, taken := d.roles[ref.Num]; taken {
				// Two roles: a change would be allowed along one path and not along the other.
				d.roles[ref.Num] = role{kind: roleOther}
				return
			}
			d.roles[ref.Num] = r
		}
	}
	set(root, role{kind: roleCatalog})
	set(catalog["AcroForm"], role{kind: roleForm})
	if form, err := d.old.Dict(catalog["AcroForm"]); err != nil {
		return err
	} else if form != nil {
		set(form["Fields"], role{kind: roleFields})
	}
	set(d.old.Trailer()["Info"], role{kind: roleInfo})
	set(catalog["Metadata"], role{kind: roleInfo})
	if err := d.learnDSS(catalog["DSS"], set); err != nil {
		return err
	}
	widgets, err := d.learnFields(set)
	if err != nil {
		return err
	}
	if err := d.newFields(); err != nil {
		return err
	}
	return d.learnPages(touched, widgets, set)
}

func (d *differ) learnDSS(o pdf.Object, set func(pdf.Object, role)) error {
	set(o, role{kind: roleDSS})
	store, err := d.old.Dict(o)
	if err != nil {
		return err
	}
	for _, x := range store {
		if list, _ := d.old.Array(x); list != nil {
			set(x, role{kind: roleDSS})
		}
	}
	vri, err := d.old.Dict(store["VRI"])
	if err != nil {
		return err
	}
	set(store["VRI"], role{kind: roleDSS})
	for _, x := range vri {
		set(x, role{kind: roleDSS})
	}
	return nil
}

// learnFields notes fields, their widgets and appearance streams.
func (d *differ) learnFields(set func(pdf.Object, role)) (map[pdf.Ref]bool, error) {
	fields, err := d.old.Fields()
	if err != nil {
		return nil, err
	}
	widgets := map[pdf.Ref]bool{}
	for _, f := range fields {
		r := role{kind: roleField, name: f.FullName, typ: f.Type, sign: f.Type == "Sig" && f.Value != nil}
		if f.Ref != (pdf.Ref{}) {
			set(f.Ref, r)
		}
		for _, w := range f.Widgets {
			widgets[w] = true
			if w != f.Ref {
				r.kind = roleWidget
				set(w, r)
			}
			wd, err := d.old.Dict(w)
			if err != nil {
				return nil, err
			}
			ap, err := d.old.Dict(wd["AP"])
			if err != nil {
				return nil, err
			}
			ra := role{kind: roleAppearance, name: f.FullName, typ: f.Type, sign: r.sign}
			set(wd["AP"], ra)
			for _, x := range ap {
				set(x, ra)
				if states, ok := x.(pdf.Dict); ok {
					for _, y := range states {
						set(y, ra)
					}
				}
			}
		}
	}
	return widgets, nil
}

// newFields weighs the signature fields that later revisions added.
func (d *differ) newFields() error {
	before, err := d.old.Fields()
	if err != nil {
		return err
	}
	after, err := d.new.Fields()
	if err != nil {
		return err
	}
	had := map[pdf.Ref]bool{}
	for _, f := range before {
		had[f.Ref] = true
	}
	for _, f := range after {
		if had[f.Ref] || f.Ref == (pdf.Ref{}) {
			continue
		}
		kind := ModificationOther
		switch {
		case f.Type == "Sig" && f.Value == nil:
			kind = ModificationForm
			d.say(kind, f.Ref.Num, "an unsigned signature field %q was added", f.FullName)
		case f.Type == "Sig":
			sig, err := d.new.Dict(f.Value)
			if err != nil {
				return err
			}
			kind = ModificationForm
			if sub, _ := d.new.Name(sig["SubFilter"]); sub == "ETSI.RFC3161" && d.invisible(f) {
				kind = ModificationLTA
				d.say(kind, f.Ref.Num, "a document time-stamp was added")
			} else {
				d.say(kind, f.Ref.Num, "a signature was added in the new field %q", f.FullName)
			}
		default:
			d.say(kind, f.Ref.Num, "a form field %q was added", f.FullName)
		}
		for _, w := range append(f.Widgets, f.Ref) {
			d.fresh[w] = kind
		}
	}
	return nil
}

func (d *differ) invisible(f pdf.Field) bool {
	for _, w := range f.Widgets {
		wd, err := d.new.Dict(w)
		if err != nil {
			return false
		}
		if r, ok := rectangle(d.new, wd["Rect"]); ok && r[0] < r[2] && r[1] < r[3] {
			return false
		}
	}
	return true
}

// learnPages walks the pages only when a touched object has no role yet.
func (d *differ) learnPages(touched []uint32, widgets map[pdf.Ref]bool, set func(pdf.Object, role)) error {
	unknown := map[uint32]bool{}
	for _, num := range touched {
		if _, ok := d.roles[num]; ok {
			continue
		}
		if e, ok := d.old.Lookup(num); ok && !e.Free {
			unknown[num] = true
		}
	}
	if len(unknown) == 0 {
		return nil
	}
	n, err := d.old.Pages()
	if err != nil {
		return err
	}
	for i := range n {
		page, err := d.old.Page(i)
		if err != nil {
			return err
		}
		name := fmt.Sprint(i + 1)
		if page.Ref != (pdf.Ref{}) {
			set(page.Ref, role{kind: rolePage, name: name})
		}
		if ref, ok := page.Dict["Annots"].(pdf.Ref); ok {
			set(ref, role{kind: roleAnnots, name: name})
		}
		annots, err := d.old.Array(page.Dict["Annots"])
		if err != nil {
			return err
		}
		for _, a := range annots {
			if ref, ok := a.(pdf.Ref); ok && unknown[ref.Num] && !widgets[ref] {
				set(ref, role{kind: roleAnnotation, name: name})
			}
		}
	}
	return nil
}

// object judges one touched object.
func (d *differ) object(num uint32) error {
	e, existed := d.old.Lookup(num)
	if !existed || e.Free {
		return nil // new: it counts where something old leads to it
	}
	ref := pdf.Ref{Num: num, Gen: e.Gen}
	a, err := d.old.Get(ref)
	if err != nil {
		return err
	}
	if sa, ok := a.(*pdf.Stream); ok {
		if typ, _ := sa.Dict["Type"].(pdf.Name); typ == "XRef" {
			return nil // the cross-reference stream of an earlier revision is never referred to
		}
	}
	now, _ := d.new.Lookup(num)
	b, err := d.new.Get(pdf.Ref{Num: num, Gen: now.Gen})
	if err != nil {
		return err
	}
	same, err := d.f.Equal(a, b)
	if err != nil || same {
		return err
	}
	r := d.roles[num]
	da, _ := a.(pdf.Dict)
	db, _ := b.(pdf.Dict)
	aa, _ := a.(pdf.Array)
	ab, _ := b.(pdf.Array)
	switch {
	case r.kind == roleInfo:
		d.say(ModificationLTA, num, "the document's properties changed")
	case r.kind == roleCatalog && db != nil:
		return d.catalog(num, da, db)
	case r.kind == roleForm && db != nil:
		return d.form(num, da, db)
	case r.kind == roleFields && ab != nil:
		d.fieldList(num, aa, ab)
	case r.kind == rolePage && db != nil:
		return d.page(num, r, da, db)
	case r.kind == roleAnnots && ab != nil:
		d.annots(num, r, aa, ab)
	case (r.kind == roleField || r.kind == roleWidget) && db != nil:
		return d.field(num, r, da, db)
	case r.kind == roleAppearance:
		if r.sign {
			d.say(ModificationOther, num, "the appearance of the signature %q changed", r.name)
		} else {
			d.say(ModificationForm, num, "the appearance of the field %q changed", r.name)
		}
	case r.kind == roleAnnotation:
		d.say(ModificationAnnotation, num, "page %s: an annotation was changed or removed", r.name)
	case r.kind == roleDSS && grew(d, a, b):
		d.say(ModificationLTA, num, "validation data was added")
	default:
		d.say(ModificationOther, num, "object %d changed without a rule that allows it", num)
	}
	return nil
}

// keys compares two dictionaries key by key; known are handled by the caller and left out.
func (d *differ) keys(a, b pdf.Dict, each func(key pdf.Name, x, y pdf.Object) error) error {
	seen := map[pdf.Name]bool{}
	for _, m := range []pdf.Dict{a, b} {
		for k := range m {
			if seen[k] {
				continue
			}
			seen[k] = true
			same, err := d.f.Equal(a[k], b[k])
			if err != nil {
				return err
			}
			if !same {
				if err := each(k, a[k], b[k]); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (d *differ) catalog(num uint32, a, b pdf.Dict) error {
	return d.keys(a, b, func(k pdf.Name, x, y pdf.Object) error {
		switch k {
		case "DSS":
			if x == nil || grew(d, x, y) {
				d.say(ModificationLTA, num, "validation data was added")
				return nil
			}
		case "Extensions", "Version":
			d.say(ModificationLTA, num, "the version of the document was raised")
			return nil
		case "Metadata":
			d.say(ModificationLTA, num, "the document's properties changed")
			return nil
		case "AcroForm":
			fa, err := d.old.Dict(x)
			if err != nil {
				return err
			}
			fb, err := d.new.Dict(y)
			if err != nil {
				return err
			}
			if fb != nil {
				return d.form(num, fa, fb)
			}
		case "Perms":
			d.say(ModificationOther, num, "the document's permissions changed")
			return nil
		case "Pages":
			d.say(ModificationOther, num, "the pages were replaced")
			return nil
		case "OpenAction", "AA":
			d.say(ModificationOther, num, "an automatic action was added or changed")
			return nil
		}
		d.say(ModificationOther, num, "the document's catalog changed at /%s", k)
		return nil
	})
}

func (d *differ) form(num uint32, a, b pdf.Dict) error {
	return d.keys(a, b, func(k pdf.Name, x, y pdf.Object) error {
		switch k {
		case "Fields":
			la, err := d.old.Array(x)
			if err != nil {
				return err
			}
			lb, err := d.new.Array(y)
			if err != nil {
				return err
			}
			d.fieldList(num, la, lb)
		case "SigFlags":
		case "NeedAppearances", "DR", "DA":
			d.say(ModificationForm, num, "the form's settings changed")
		default:
			d.say(ModificationOther, num, "the form changed at /%s", k)
		}
		return nil
	})
}

// fieldList allows new fields behind the old ones; what the new ones are was said by newFields.
func (d *differ) fieldList(num uint32, a, b pdf.Array) {
	for _, o := range a {
		if !slices.Contains(refsOf(b), refOf(o)) {
			d.say(ModificationOther, num, "a form field was removed")
		}
	}
}

func refOf(o pdf.Object) pdf.Ref { r, _ := o.(pdf.Ref); return r }

func refsOf(a pdf.Array) []pdf.Ref {
	out := make([]pdf.Ref, len(a))
	for i, o := range a {
		out[i] = refOf(o)
	}
	return out
}

func (d *differ) page(num uint32, r role, a, b pdf.Dict) error {
	return d.keys(a, b, func(k pdf.Name, x, y pdf.Object) error {
		switch k {
		case "Annots":
			la, err := d.old.Array(x)
			if err != nil {
				return err
			}
			lb, err := d.new.Array(y)
			if err != nil {
				return err
			}
			d.annots(num, r, la, lb)
		case "Tabs":
		default:
			d.say(ModificationOther, num, "page %s: its %s changed", r.name, strings.ToLower(string(k)))
		}
		return nil
	})
}

func (d *differ) annots(num uint32, r role, a, b pdf.Array) {
	was, is := refsOf(a), refsOf(b)
	for _, ref := range was {
		if !slices.Contains(is, ref) {
			d.say(ModificationAnnotation, num, "page %s: an annotation was removed", r.name)
		}
	}
	for _, ref := range is {
		if slices.Contains(was, ref) {
			continue
		}
		if kind, ok := d.fresh[ref]; ok {
			if kind.weight() > ModificationForm.weight() {
				d.say(kind, num, "page %s: a form field was added", r.name)
			}
			continue
		}
		sub := "an"
		if ad, err := d.new.Dict(ref); err == nil {
			if n, ok := d.new.Name(ad["Subtype"]); ok {
				sub = "a " + string(n)
			}
		}
		d.say(ModificationAnnotation, num, "page %s: %s annotation was added", r.name, sub)
	}
}

// field allows what filling in and signing change, and nothing in a field that is signed already.
func (d *differ) field(num uint32, r role, a, b pdf.Dict) error {
	return d.keys(a, b, func(k pdf.Name, x, y pdf.Object) error {
		switch {
		case r.sign:
			d.say(ModificationOther, num, "the signed field %q changed at /%s", r.name, k)
		case r.typ == "Sig" && k == "V" && x == nil:
			d.say(ModificationForm, num, "the signature field %q was signed", r.name)
		case k == "V" || k == "AP" || k == "AS" || k == "I" || k == "RV" || k == "M" || r.typ == "Sig" && (k == "F" || k == "TU"):
			if r.typ != "Sig" {
				d.say(ModificationForm, num, "the field %q was filled in", r.name)
			}
		default:
			d.say(ModificationOther, num, "the field %q changed at /%s", r.name, k)
		}
		return nil
	})
}

// grew reports whether a value of the security store only gained entries.
func grew(d *differ, x, y pdf.Object) bool {
	if refOf(x) != (pdf.Ref{}) && x == y {
		return true // the object itself is judged under its own number
	}
	a, err1 := d.old.Resolve(x)
	b, err2 := d.new.Resolve(y)
	if err1 != nil || err2 != nil {
		return false
	}
	switch p := a.(type) {
	case pdf.Array:
		q, ok := b.(pdf.Array)
		if !ok {
			return false
		}
		for _, o := range p {
			if !slices.Contains(refsOf(q), refOf(o)) {
				return false
			}
		}
		return true
	case pdf.Dict:
		q, ok := b.(pdf.Dict)
		if !ok {
			return false
		}
		for k, o := range p {
			if same, err := d.f.Equal(o, q[k]); err != nil || !same && !grew(d, o, q[k]) {
				return false
			}
		}
		return true
	}
	same, err := d.f.Equal(a, b)
	return err == nil && same
}

// trailer notices a document that was exchanged as a whole.
func (d *differ) trailer() error {
	_, before, err := d.old.Catalog()
	if err != nil {
		return err
	}
	_, after, err := d.new.Catalog()
	if err != nil {
		return err
	}
	if before != after {
		d.say(ModificationOther, after.Num, "the document was replaced by another one")
	}
	a, b := d.old.Trailer(), d.new.Trailer()
	if same, err := d.f.Equal(a["Encrypt"], b["Encrypt"]); err != nil {
		return err
	} else if !same {
		d.say(ModificationOther, 0, "the document's encryption changed")
	}
	return nil
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
