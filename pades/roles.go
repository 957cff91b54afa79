package pades

import (
	"slices"
	"strconv"

	"absah/internal/pdf"
)

// set gives an object a role. One with two different roles has none: a change would be allowed along one path and not along the
// other.
func (d *differ) set(o pdf.Object, r role) {
	ref, ok := o.(pdf.Ref)
	if !ok {
		return
	}
	if d.only != nil {
		if _, ok := slices.BinarySearch(d.only, ref.Num); !ok {
			return
		}
	}
	if have, taken := d.roles[ref.Num]; taken && have != r {
		r = role{kind: roleOther}
	}
	d.roles[ref.Num] = r
}

// role is what an object of the old revision is there for.
func (d *differ) role(num uint32) role {
	if r, ok := d.roles[num]; ok || d.only == nil {
		return r
	}
	if _, ok := slices.BinarySearch(d.only, num); ok {
		return role{}
	}
	if d.all == nil {
		// Rare: what was taken from a page's list without being touched itself.
		whole := *d
		whole.only, whole.roles = nil, map[uint32]role{}
		if whole.learnRoles() != nil {
			whole.roles = map[uint32]role{} // it was read before
		}
		d.all = whole.roles
	}
	return d.all[num]
}

// learn finds out what the touched objects of the old revision are there for, and what new fields there are.
func (d *differ) learn(touched []uint32) error {
	if err := d.learnRoles(); err != nil {
		return err
	}
	if err := d.newFields(); err != nil {
		return err
	}
	return d.learnPages(touched)
}

// learnRoles notes what hangs on the catalog, without the pages.
func (d *differ) learnRoles() error {
	catalog, root, err := d.old.Catalog()
	if err != nil {
		return err
	}
	d.set(root, role{kind: roleCatalog})
	d.set(catalog["AcroForm"], role{kind: roleForm})
	if form, err := d.old.Dict(catalog["AcroForm"]); err != nil {
		return err
	} else if form != nil {
		d.set(form["Fields"], role{kind: roleFields})
		if err := d.learnResources(form["DR"]); err != nil {
			return err
		}
	}
	d.set(d.old.Trailer()["Info"], role{kind: roleInfo})
	d.set(catalog["Metadata"], role{kind: roleInfo})
	d.set(catalog["Extensions"], role{kind: roleExtensions})
	d.set(catalog["StructTreeRoot"], role{kind: roleStructure})
	if tree, err := d.old.Dict(catalog["StructTreeRoot"]); err != nil {
		return err
	} else if tree != nil {
		d.set(tree["ParentTree"], role{kind: roleParentTree})
	}
	if err := d.learnDSS(catalog["DSS"]); err != nil {
		return err
	}
	return d.learnFields()
}

// learnResources notes the form's default resources, which only say how values will be drawn that are set later.
func (d *differ) learnResources(o pdf.Object) error {
	d.set(o, role{kind: roleResources})
	dr, err := d.old.Dict(o)
	for k, x := range dr {
		d.set(x, role{kind: roleResources, name: string(k)})
	}
	return err
}

func (d *differ) learnDSS(o pdf.Object) error {
	r := role{kind: roleDSS}
	d.set(o, r)
	store, err := d.old.Dict(o)
	if err != nil {
		return err
	}
	for _, x := range store {
		if list, _ := d.old.Array(x); list != nil {
			d.set(x, r)
		}
	}
	vri, err := d.old.Dict(store["VRI"])
	if err != nil {
		return err
	}
	d.set(store["VRI"], r)
	for _, x := range vri {
		d.set(x, r)
		entry, err := d.old.Dict(x)
		if err != nil {
			return err
		}
		for _, y := range entry {
			if list, _ := d.old.Array(y); list != nil {
				d.set(y, r)
			}
		}
	}
	return nil
}

// learnFields notes fields, their values, widgets and appearance streams.
func (d *differ) learnFields() error {
	for _, f := range d.before {
		r := role{kind: roleField, name: f.FullName, typ: f.Type, sign: f.Type == "Sig" && f.Value != nil}
		if f.Ref != (pdf.Ref{}) {
			d.set(f.Ref, r)
		}
		rv := r
		rv.kind = roleValue
		if r.sign {
			rv.kind = roleSignature
		}
		if f.Value != nil {
			d.set(f.Value, rv)
		}
		for _, w := range f.Widgets {
			if w != f.Ref {
				r.kind = roleWidget
				d.set(w, r)
			}
			wd, err := d.old.Dict(w)
			if err != nil {
				return err
			}
			if err := d.learnAppearance(wd["AP"], role{kind: roleAppearance, name: f.FullName, typ: f.Type, sign: r.sign}); err != nil {
				return err
			}
		}
	}
	return nil
}

// signatures are the widgets of the old revision's signatures.
func (d *differ) signatures() map[pdf.Ref]bool {
	if d.signed == nil {
		d.signed = map[pdf.Ref]bool{}
		for _, f := range d.before {
			if f.Type == "Sig" && f.Value != nil {
				for _, w := range f.Widgets {
					d.signed[w] = true
				}
			}
		}
	}
	return d.signed
}

func (d *differ) learnAppearance(o pdf.Object, r role) error {
	d.set(o, r)
	ap, err := d.old.Dict(o)
	if err != nil {
		return err
	}
	for _, x := range ap {
		d.set(x, r)
		if states, ok := x.(pdf.Dict); ok {
			for _, y := range states {
				d.set(y, r)
			}
		}
	}
	return nil
}

// newFields weighs the fields that the new revision added, and notes which values changed.
func (d *differ) newFields() error {
	rest := d.after[d.kept:]
	if len(rest) == 0 {
		return nil
	}
	had, names := d.fieldsBefore(len(rest))
	for _, f := range rest {
		was, known := names(f.FullName)
		if known && (had(f.Ref) || f.Ref == (pdf.Ref{})) {
			same, err := d.same(was, f.Value)
			if err != nil {
				return err
			}
			if !same {
				d.filled[f.FullName] = true
			}
			continue
		}
		if f.Ref != (pdf.Ref{}) && had(f.Ref) {
			continue // renamed: its dictionary says so
		}
		kind, err := d.newField(f)
		if err != nil {
			return err
		}
		for _, w := range append(slices.Clone(f.Widgets), f.Ref) {
			d.fresh[w] = kind
		}
	}
	return nil
}

// fieldsBefore finds fields of the old revision by their place and by their name, for as many questions as given.
func (d *differ) fieldsBefore(questions int) (had func(pdf.Ref) bool, names func(string) (pdf.Object, bool)) {
	if questions <= 4 {
		had = func(r pdf.Ref) bool {
			return slices.ContainsFunc(d.before, func(f pdf.Field) bool { return f.Ref == r })
		}
		return had, func(name string) (pdf.Object, bool) {
			for i := range slices.Backward(d.before) {
				if d.before[i].FullName == name {
					return d.before[i].Value, true
				}
			}
			return nil, false
		}
	}
	places, values := map[pdf.Ref]bool{}, map[string]pdf.Object{}
	for _, f := range d.before {
		places[f.Ref] = true
		values[f.FullName] = f.Value
	}
	return func(r pdf.Ref) bool { return places[r] }, func(name string) (pdf.Object, bool) {
		v, ok := values[name]
		return v, ok
	}
}

func (d *differ) newField(f pdf.Field) (Modification, error) {
	if acts, err := d.acts(f); err != nil || acts {
		d.say(ModificationOther, f.Ref.Num, "action-changed")
		return ModificationOther, err
	}
	switch {
	case f.Type == "Sig" && f.Value == nil:
		d.say(ModificationForm, f.Ref.Num, "empty-field-added", f.FullName)
		return ModificationForm, nil
	case f.Type == "Sig":
		sig, err := d.new.Dict(f.Value)
		if err != nil {
			return ModificationOther, err
		}
		if sub, _ := d.new.Name(sig["SubFilter"]); sub == "ETSI.RFC3161" && d.invisible(f) {
			d.say(ModificationLTA, f.Ref.Num, "timestamp-added")
			return ModificationLTA, nil
		}
		d.say(ModificationForm, f.Ref.Num, "signature-added", f.FullName)
		return ModificationForm, nil
	}
	d.say(ModificationOther, f.Ref.Num, "field-added", f.FullName)
	return ModificationOther, nil
}

// acts reports whether a field does something when it is seen, entered or clicked (ISO 32000-2 §12.6.3): signing needs none of that.
func (d *differ) acts(f pdf.Field) (bool, error) {
	for _, ref := range append(slices.Clone(f.Widgets), f.Ref) {
		w, err := d.new.Dict(ref)
		if err != nil || w["A"] != nil || w["AA"] != nil {
			return true, err
		}
	}
	return false, nil
}

// same compares what two values are in the old and in the new revision.
func (d *differ) same(a, b pdf.Object) (bool, error) {
	x, err := d.old.Resolve(a)
	if err != nil {
		return false, err
	}
	y, err := d.new.Resolve(b)
	if err != nil {
		return false, err
	}
	return d.f.Equal(x, y)
}

// invisible reports whether a field shows nothing. It may be in the page's list itself, though its kids are its widgets; and a
// rectangle that cannot be read here may be one for another reader.
func (d *differ) invisible(f pdf.Field) bool {
	for _, w := range append(slices.Clone(f.Widgets), f.Ref) {
		wd, err := d.new.Dict(w)
		if err != nil {
			return false
		}
		if r, ok := rectangle(d.new, wd["Rect"]); wd["Rect"] != nil && (!ok || r[0] < r[2] && r[1] < r[3]) {
			return false
		}
	}
	return true
}

// learnPages walks the pages only when a touched object has no role yet.
func (d *differ) learnPages(touched []uint32) error {
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
	widgets := map[pdf.Ref]bool{}
	for _, f := range d.before {
		for _, w := range f.Widgets {
			widgets[w] = true
		}
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
		name := strconv.Itoa(i + 1)
		if page.Ref != (pdf.Ref{}) {
			d.set(page.Ref, role{kind: rolePage, name: name})
		}
		if ref, ok := page.Dict["Annots"].(pdf.Ref); ok {
			d.set(ref, role{kind: roleAnnots, name: name})
		}
		annots, err := d.old.Array(page.Dict["Annots"])
		if err != nil {
			return err
		}
		for _, a := range annots {
			ref, ok := a.(pdf.Ref)
			if !ok || widgets[ref] {
				continue
			}
			r := role{kind: roleAnnotation, name: name}
			if unknown[ref.Num] {
				d.set(ref, r)
			}
			ad, err := d.old.Dict(ref)
			if err != nil {
				return err
			}
			if err := d.learnAppearance(ad["AP"], r); err != nil {
				return err
			}
		}
	}
	return nil
}
