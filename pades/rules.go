package pades

import (
	"slices"
	"strings"

	"absah/internal/pdf"
)

// object judges one touched object.
func (d *differ) object(num uint32) error {
	now, _ := d.new.Lookup(num)
	e, existed := d.old.Lookup(num)
	if !existed || e.Free {
		switch {
		case now.Free:
		case d.reach.absent[num]:
			d.say(ModificationOther, num, "object-revived", itoa(num))
		case !d.own(now):
			d.say(ModificationOther, num, "object-redirected", itoa(num))
		}
		return nil // new: it counts where something old leads to it
	}
	a, err := d.old.Get(pdf.Ref{Num: num, Gen: e.Gen})
	if err != nil {
		return err
	}
	if sa, ok := a.(*pdf.Stream); ok {
		if typ, _ := sa.Dict["Type"].(pdf.Name); typ == "XRef" && d.reach.mark(num) == 0 {
			return nil // the cross-reference stream of an earlier revision; one that something refers to is not that alone
		}
	}
	b, err := d.new.Get(pdf.Ref{Num: num, Gen: now.Gen})
	if err != nil {
		return err
	}
	if moved := e.Offset != now.Offset || e.Stream != now.Stream || e.Index != now.Index; moved && !now.Free && !d.own(now) {
		// Even where it is the same to us: a reader that takes the cross reference at its word shows something else.
		d.say(ModificationOther, num, "object-redirected", itoa(num))
		return nil
	}
	same, err := d.f.Equal(a, b)
	if err != nil || same {
		return err
	}
	return d.changed(num, a, b)
}

// own reports whether an entry leads to bytes of the new revision. An entry that was changed without writing an object shows one
// that was hidden before.
func (d *differ) own(e pdf.Entry) bool {
	if e.Stream != 0 {
		var ok bool
		if e, ok = d.new.Lookup(e.Stream); !ok || e.Stream != 0 {
			return false
		}
	}
	r := d.f.Revisions()[d.rev+1]
	return e.Offset >= r.Start && e.Offset < r.End
}

// changed applies the rule of the object's role.
func (d *differ) changed(num uint32, a, b pdf.Object) error {
	r, known := d.roles[num]
	da, _ := a.(pdf.Dict)
	db, _ := b.(pdf.Dict)
	aa, _ := a.(pdf.Array)
	ab, _ := b.(pdf.Array)
	if !known {
		r.kind = d.guess(da)
	}
	shared := false
	switch r.kind {
	case roleInfo, roleDSS, roleExtensions:
		shared = d.reach.mark(num) > markData
	case roleFields, roleAnnots, roleAppearance, roleResources, roleStructure, roleParentTree, roleAnnotation, roleValue:
		shared = d.reach.mark(num) > markSoft
	case roleCatalog:
		shared = d.reach.used
	}
	if shared {
		d.say(ModificationOther, num, "object-shared", itoa(num))
		return nil
	}
	switch {
	case r.kind == roleInfo:
		d.say(ModificationLTA, num, "properties-changed")
	case r.kind == roleExtensions && db != nil:
		d.say(ModificationLTA, num, "version-raised")
	case r.kind == roleCatalog && db != nil:
		return d.catalog(num, da, db)
	case r.kind == roleForm && db != nil:
		return d.form(num, da, db)
	case r.kind == roleFields && ab != nil:
		return d.fieldList(num, aa, ab)
	case r.kind == rolePage && db != nil:
		return d.page(num, r, da, db)
	case r.kind == roleAnnots && ab != nil:
		return d.annots(num, r, aa, ab)
	case (r.kind == roleField || r.kind == roleWidget) && db != nil:
		return d.field(num, r, da, db)
	case r.kind == roleValue && b != nil:
		d.say(ModificationForm, num, "field-filled", r.name)
	case r.kind == roleSignature:
		d.say(ModificationOther, num, "signature-changed", r.name)
	case r.kind == roleAppearance:
		d.appearance(num, r)
	case r.kind == roleAnnotation:
		d.say(ModificationAnnotation, num, "annotation-changed", r.name)
		return d.coveringAgain(num, r.name)
	case r.kind == roleDSS && b != nil:
		d.store(num, a, b)
	case r.kind == roleResources && (d.grew(a, b) || r.name == "" && d.resourcesGrew(a, b) || r.name != "" && db != nil && !fixedResources[pdf.Name(r.name)]):
		d.say(ModificationForm, num, "form-settings")
	case r.kind == roleStructure && db != nil:
		return d.structure(num, da, db)
	case r.kind == roleParentTree && db != nil:
		return d.parentTree(num, a, b)
	case da["Type"] == pdf.Name("Pages") && db != nil:
		return d.keys(da, db, func(k pdf.Name, _, _ pdf.Object) error {
			// A mark that iText leaves.
			if k != "ITXT" {
				d.say(ModificationOther, num, "pages-replaced")
			}
			return nil
		})
	default:
		d.say(ModificationOther, num, "object-changed", itoa(num))
	}
	return nil
}

// guess tells what a dictionary is that has no role yet: a part of the structure tree, which is found nowhere else.
func (d *differ) guess(a pdf.Dict) roleKind {
	_, hasName := a["S"].(pdf.Name)
	_, hasParent := a["P"].(pdf.Ref)
	if a["Type"] == pdf.Name("StructElem") || hasName && hasParent && a["Type"] == nil {
		return roleStructure
	}
	return roleOther
}

func (d *differ) appearance(num uint32, r role) {
	switch {
	case r.sign:
		d.say(ModificationOther, num, "signature-look", r.name)
	case !d.filled[r.name]:
		d.say(ModificationOther, num, "field-look", r.name)
	default:
		d.say(ModificationForm, num, "field-filled", r.name)
	}
}

// store tells of changes of the security store. Nothing in it is shown, and what was taken out is still read from the older
// revision; it is said.
func (d *differ) store(num uint32, a, b pdf.Object) {
	switch {
	case d.grew(a, b):
		d.say(ModificationLTA, num, "dss-grew")
	case d.isStore(b):
		d.say(ModificationLTA, num, "dss-replaced")
	default:
		d.say(ModificationOther, num, "dss-removed")
	}
}

// isStore reports whether a value has the form of a security store or of a part of it (ISO 32000-2 §12.8.4.3).
func (d *differ) isStore(o pdf.Object) bool {
	o, err := d.new.Resolve(o)
	if err != nil {
		return false
	}
	switch x := o.(type) {
	case pdf.Array:
		for _, y := range x {
			if s, err := d.new.Stream(y); err != nil || s == nil {
				return false
			}
		}
		return true
	case pdf.Dict:
		known := 0
		for k := range x {
			switch k {
			case "Certs", "CRLs", "OCSPs", "VRI", "Cert", "CRL", "OCSP":
				known++
			case "Type", "TU", "TS":
			default:
				if len(k) != 40 { // an entry for one signature is named by a SHA-1 digest
					return false
				}
				known++
			}
		}
		return known > 0
	}
	return false
}

// keys compares two dictionaries key by key, in a fixed order.
func (d *differ) keys(a, b pdf.Dict, each func(key pdf.Name, x, y pdf.Object) error) error {
	var all []pdf.Name
	for k := range a {
		all = append(all, k)
	}
	for k := range b {
		if _, ok := a[k]; !ok {
			all = append(all, k)
		}
	}
	slices.Sort(all)
	for _, k := range all {
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
	return nil
}

func (d *differ) catalog(num uint32, a, b pdf.Dict) error {
	return d.keys(a, b, func(k pdf.Name, x, y pdf.Object) error {
		switch k {
		case "DSS":
			store, err := d.new.Dict(y)
			if err != nil {
				return err
			}
			if store != nil && x == nil {
				d.say(ModificationLTA, num, "dss-grew")
			} else {
				d.store(num, x, y)
			}
		case "Extensions", "Version":
			d.say(ModificationLTA, num, "version-raised")
		case "Metadata":
			d.say(ModificationLTA, num, "properties-changed")
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
			d.say(ModificationOther, num, "form-removed")
		case "Names":
			return d.names(num, x, y)
		case "StructTreeRoot":
			ta, err := d.old.Dict(x)
			if err != nil {
				return err
			}
			tb, err := d.new.Dict(y)
			if err != nil {
				return err
			}
			if ta != nil && tb != nil {
				return d.structure(num, ta, tb)
			}
			d.say(ModificationOther, num, "structure-changed")
		case "Perms":
			return d.perms(num, x, y)
		case "Pages":
			d.say(ModificationOther, num, "pages-replaced")
		case "OpenAction", "AA":
			d.say(ModificationOther, num, "action-changed")
		default:
			d.say(ModificationOther, num, "catalog-changed", string(k))
		}
		return nil
	})
}

// names allows named appearances, which annotations bring along.
func (d *differ) names(num uint32, x, y pdf.Object) error {
	na, err := d.old.Dict(x)
	if err != nil {
		return err
	}
	nb, err := d.new.Dict(y)
	if err != nil {
		return err
	}
	if y != nil && nb == nil {
		d.say(ModificationOther, num, "names-changed", "Names")
	}
	return d.keys(na, nb, func(k pdf.Name, x, _ pdf.Object) error {
		if k == "AP" && x == nil {
			d.say(ModificationAnnotation, num, "names-changed", string(k))
		} else {
			d.say(ModificationOther, num, "names-changed", string(k))
		}
		return nil
	})
}

// perms allows a certification to be entered where there was none; which it is, its signature says.
func (d *differ) perms(num uint32, x, y pdf.Object) error {
	pa, err := d.old.Dict(x)
	if err != nil {
		return err
	}
	pb, err := d.new.Dict(y)
	if err != nil {
		return err
	}
	if y != nil && pb == nil {
		d.say(ModificationOther, num, "permissions-changed")
	}
	return d.keys(pa, pb, func(k pdf.Name, x, _ pdf.Object) error {
		if k == "DocMDP" && x == nil {
			d.say(ModificationForm, num, "certified-later")
		} else {
			d.say(ModificationOther, num, "permissions-changed")
		}
		return nil
	})
}

func (d *differ) form(num uint32, a, b pdf.Dict) error {
	return d.keys(a, b, func(k pdf.Name, x, y pdf.Object) error {
		switch k {
		case "Fields":
			la, lb, ok, err := d.lists(x, y)
			if err != nil {
				return err
			}
			if !ok {
				d.say(ModificationOther, num, "form-changed", string(k))
			}
			return d.fieldList(num, la, lb)
		case "SigFlags":
			if _, ok := d.new.Int(y); !ok {
				d.say(ModificationOther, num, "form-changed", string(k))
			}
		case "DR":
			if x == nil || d.resourcesGrew(x, y) {
				d.say(ModificationForm, num, "form-settings")
			} else {
				d.say(ModificationOther, num, "form-changed", string(k))
			}
		case "NeedAppearances", "DA":
			d.say(ModificationForm, num, "form-settings")
		default:
			d.say(ModificationOther, num, "form-changed", string(k))
		}
		return nil
	})
}

// resourcesGrew compares the form's default resources. Fonts are used when a value is drawn anew, so that none may be exchanged;
// other entries nothing uses, and iText puts the look of the newest signature there.
func (d *differ) resourcesGrew(x, y pdf.Object) bool {
	a, err1 := d.old.Dict(x)
	b, err2 := d.new.Dict(y)
	if err1 != nil || err2 != nil || a == nil || b == nil {
		return false
	}
	for k := range fixedResources {
		if a[k] != nil && !d.grew(a[k], b[k]) {
			return false
		}
	}
	return true
}

// fixedResources are the kinds of the form's resources that values are drawn with.
var fixedResources = map[pdf.Name]bool{"Font": true, "Encoding": true}

// fieldList allows new fields beside the old ones; what the new ones are was said by newFields.
func (d *differ) fieldList(num uint32, a, b pdf.Array) error {
	gone, _, err := d.missing(a, b)
	if err != nil {
		return err
	}
	for range gone {
		d.say(ModificationOther, num, "field-removed")
	}
	added, _, err := d.missing(b, a)
	if err != nil {
		return err
	}
	for _, o := range added {
		if x, err := d.new.Resolve(o); err != nil {
			return err
		} else if _, ok := x.(pdf.Dict); !ok {
			d.say(ModificationOther, num, "form-changed", "Fields")
		}
	}
	return nil
}

// missing are the elements of a that b does not hold; kept are the others, in their order.
func (d *differ) missing(a, b pdf.Array) (out []pdf.Object, kept pdf.Array, err error) {
	same := 0 // of the first references; most lists only grow at the end
	for same < min(len(a), len(b)) && sameRef(a[same], b[same]) {
		same++
	}
	if same == len(a) {
		return nil, a, nil
	}
	kept = slices.Clone(a[:same])
	has := map[pdf.Ref]bool{}
	for _, o := range b {
		if ref, ok := o.(pdf.Ref); ok {
			has[ref] = true
		}
	}
	direct := 0
search:
	for _, o := range a[same:] {
		if ref, ok := o.(pdf.Ref); ok {
			if has[ref] {
				kept = append(kept, o)
			} else {
				out = append(out, o)
			}
			continue
		}
		if direct++; direct > maxDirect {
			out = append(out, o)
			continue
		}
		for _, p := range b {
			if _, ok := p.(pdf.Ref); ok {
				continue
			}
			same, err := d.f.Equal(o, p)
			if err != nil {
				return nil, nil, err
			}
			if same {
				kept = append(kept, o)
				continue search
			}
		}
		out = append(out, o)
	}
	return out, kept, nil
}

// lists resolves an entry that was an array, or nothing, and is one; ok is false where it is anything else.
func (d *differ) lists(x, y pdf.Object) (a, b pdf.Array, ok bool, err error) {
	if x, err = d.old.Resolve(x); err != nil {
		return nil, nil, false, err
	}
	if y, err = d.new.Resolve(y); err != nil {
		return nil, nil, false, err
	}
	a, wasList := x.(pdf.Array)
	b, isList := y.(pdf.Array)
	return a, b, (wasList || x == nil) && (isList || y == nil), nil
}

// maxDirect bounds the comparison of every element with every other one.
const maxDirect = 1000

func (d *differ) page(num uint32, r role, a, b pdf.Dict) error {
	return d.keys(a, b, func(k pdf.Name, x, y pdf.Object) error {
		switch k {
		case "Annots":
			la, lb, ok, err := d.lists(x, y)
			if err != nil {
				return err
			}
			if ok {
				return d.annots(num, r, la, lb)
			}
		case "Tabs":
			if _, ok := d.new.Name(y); ok || y == nil {
				return nil
			}
		case "StructParents":
			if _, ok := d.new.Int(y); ok && x == nil {
				return nil
			}
		case "Resources":
			unused, err := d.unusedResources(a, x, y)
			if err != nil {
				return err
			}
			if unused {
				d.say(ModificationForm, num, "page-resources", r.name)
				return nil
			}
		}
		d.say(ModificationOther, num, "page-changed", r.name, string(k))
		return nil
	})
}

// unusedResources reports whether the resources of a page only gained entries that its content does not name.
func (d *differ) unusedResources(page pdf.Dict, x, y pdf.Object) (bool, error) {
	ra, err := d.old.Dict(x)
	if err != nil {
		return false, err
	}
	rb, err := d.new.Dict(y)
	if err != nil || ra == nil || rb == nil {
		return false, err
	}
	var added []string
	for k, o := range rb {
		sa, err := d.old.Dict(ra[k])
		if err != nil {
			return false, err
		}
		sb, err := d.new.Dict(o)
		if err != nil {
			return false, err
		}
		if sb == nil {
			if same, err := d.same(ra[k], o); err != nil || !same && k != "ProcSet" {
				return false, err
			}
			continue
		}
		for name, o := range sb {
			if sa[name] == nil {
				added = append(added, string(name))
			} else if same, err := d.f.Equal(sa[name], o); err != nil || !same {
				return false, err
			}
		}
		for name := range sa {
			if sb[name] == nil {
				return false, nil
			}
		}
	}
	for k := range ra {
		if rb[k] == nil && k != "ProcSet" {
			return false, nil
		}
	}
	return d.unnamed(page["Contents"], added)
}

// maxContent bounds how much page content is read in search of a name.
const maxContent = 16 << 20

// unnamed reports whether no content stream of a page contains one of the names.
func (d *differ) unnamed(contents pdf.Object, names []string) (bool, error) {
	if len(names) == 0 {
		return true, nil
	}
	list, err := d.old.Array(contents)
	if err != nil {
		return false, err
	}
	if list == nil {
		list = pdf.Array{contents}
	}
	for _, o := range list {
		s, err := d.old.Stream(o)
		if err != nil {
			return false, err
		}
		if s == nil {
			continue
		}
		b, err := d.old.StreamData(s, maxContent)
		if err != nil {
			return false, nil // what cannot be read is not known to be harmless
		}
		text := string(b)
		for _, n := range names {
			// A name may be written with #xx; then it is not known to be absent.
			if strings.Contains(text, "/"+n) || strings.Contains(text, "#") {
				return false, nil
			}
		}
	}
	return true, nil
}

func (d *differ) annots(num uint32, r role, a, b pdf.Array) error {
	gone, was, err := d.missing(a, b)
	if err != nil {
		return err
	}
	for _, o := range gone {
		ref, ok := o.(pdf.Ref)
		if ok && d.role(ref.Num).field() != "" {
			d.say(ModificationOther, num, "widget-removed", r.name, d.role(ref.Num).name)
		} else {
			d.say(ModificationAnnotation, num, "annotation-removed", r.name)
		}
		if ad, err := d.old.Dict(o); err == nil {
			d.at(d.old, r.name, ad)
		}
	}
	added, is, err := d.missing(b, a)
	if err != nil {
		return err
	}
	// What comes later lies on top: another order, or one annotation twice, may show what was covered.
	if same, err := d.f.Equal(was, is); err != nil {
		return err
	} else if !same {
		d.say(ModificationAnnotation, num, "annotation-order", r.name)
	}
	for _, o := range added {
		if ref, ok := o.(pdf.Ref); ok {
			if kind, ok := d.fresh[ref]; ok {
				if kind.weight() > ModificationForm.weight() {
					d.say(kind, num, "widget-added", r.name)
					if wd, err := d.new.Dict(ref); err == nil {
						d.at(d.new, r.name, wd)
					}
				} else if wd, err := d.new.Dict(ref); err != nil {
					return err
				} else if err := d.covering(ref.Num, kind, "field-covers", r.name, d.fieldName(ref), wd); err != nil {
					return err
				}
				continue
			}
			if w := d.role(ref.Num); (w.kind == roleField || w.kind == roleWidget) && w.typ == "Sig" && d.filled[w.name] {
				continue // the field was on no page until it was signed, which is said
			}
		}
		ad, err := d.new.Dict(o)
		if err != nil {
			return err
		}
		sub, _ := d.new.Name(ad["Subtype"])
		d.say(ModificationAnnotation, num, "annotation-added", r.name, string(sub))
		d.at(d.new, r.name, ad)
		if err := d.covering(num, ModificationAnnotation, "annotation-covers", r.name, string(sub), ad); err != nil {
			return err
		}
	}
	return nil
}

// fieldName is the name of the field in the new revision that has a widget.
func (d *differ) fieldName(widget pdf.Ref) string {
	for _, f := range d.after {
		if f.Ref == widget || slices.Contains(f.Widgets, widget) {
			return f.FullName
		}
	}
	return ""
}

// field allows what filling in and signing change, and nothing in a field that is signed already.
func (d *differ) field(num uint32, r role, a, b pdf.Dict) error {
	return d.keys(a, b, func(k pdf.Name, x, y pdf.Object) error {
		switch {
		case r.sign:
			d.say(ModificationOther, num, "signed-field-changed", r.name, string(k))
		case r.typ == "Sig" && k == "V" && x == nil:
			d.say(ModificationForm, num, "signature-added", r.name)
		case k == "V" && r.typ != "Sig", k == "AS", k == "I", k == "RV", k == "M":
			d.say(ModificationForm, num, "field-filled", r.name)
		case k == "AP":
			if same, err := d.sameLook(x, y); err != nil || same {
				return err
			}
			if x == nil && r.typ != "Sig" || d.filled[r.name] || r.typ == "Btn" && a["AS"] != nil {
				if r.typ != "Sig" {
					d.say(ModificationForm, num, "field-filled", r.name)
				}
				return nil
			}
			d.say(ModificationOther, num, "field-look", r.name)
		case r.typ == "Sig" && d.filled[r.name] && (k == "F" || k == "TU" || k == "Ff" || k == "MK" || k == "P" || k == "StructParent" || k == "DR" || k == "DA"):
		default:
			d.say(ModificationOther, num, "field-changed", r.name, string(k))
		}
		return nil
	})
}

// sameLook compares two appearance dictionaries by the streams that they name. Anything else in their place is no look that stayed.
func (d *differ) sameLook(x, y pdf.Object) (bool, error) {
	a, err := d.old.Dict(x)
	if err != nil {
		return false, err
	}
	b, err := d.new.Dict(y)
	if err != nil || len(a) != len(b) || a == nil || b == nil {
		return false, err
	}
	for k := range a {
		if same, err := d.same(a[k], b[k]); err != nil || !same {
			return false, err
		}
	}
	return true, nil
}

// structure allows new elements of the structure tree beside the old ones: that is how a tagged document gets a signature field.
func (d *differ) structure(num uint32, a, b pdf.Dict) error {
	return d.keys(a, b, func(k pdf.Name, x, y pdf.Object) error {
		switch k {
		case "K":
			gone, _, err := d.missing(asArray(d.old, x), asArray(d.new, y))
			if err != nil {
				return err
			}
			if len(gone) == 0 {
				d.say(ModificationForm, num, "structure-grew")
				return nil
			}
		case "ParentTree":
			return d.parentTree(num, x, y)
		case "ParentTreeNextKey":
			return nil
		}
		d.say(ModificationOther, num, "structure-changed")
		return nil
	})
}

func asArray(v *pdf.View, o pdf.Object) pdf.Array {
	if a, err := v.Array(o); err == nil && a != nil {
		return a
	}
	if o == nil {
		return nil
	}
	return pdf.Array{o}
}

// parentTree allows new entries of the number tree, none of the old ones may change.
func (d *differ) parentTree(num uint32, x, y pdf.Object) error {
	a, b := map[int64]pdf.Object{}, map[int64]pdf.Object{}
	if err := flatten(d.old, x, a, 0); err != nil {
		return err
	}
	if err := flatten(d.new, y, b, 0); err != nil {
		return err
	}
	for k, o := range a {
		same, err := d.same(o, b[k])
		if err != nil {
			return err
		}
		if !same {
			d.say(ModificationOther, num, "structure-changed")
			return nil
		}
	}
	d.say(ModificationForm, num, "structure-grew")
	return nil
}

// flatten collects a number tree (ISO 32000-2 §7.9.7).
func flatten(v *pdf.View, o pdf.Object, out map[int64]pdf.Object, depth int) error {
	node, err := v.Dict(o)
	if err != nil || node == nil || depth > 20 {
		return err
	}
	nums, err := v.Array(node["Nums"])
	if err != nil {
		return err
	}
	for i := 0; i+1 < len(nums); i += 2 {
		if k, ok := v.Int(nums[i]); ok {
			out[k] = nums[i+1]
		}
	}
	kids, err := v.Array(node["Kids"])
	if err != nil {
		return err
	}
	for _, k := range kids {
		if err := flatten(v, k, out, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// grew reports whether a value only gained entries. References to objects of their own count as equal when they name the same
// object, or what they name is equal.
func (d *differ) grew(x, y pdf.Object) bool { return d.grewAt(x, y, 0) }

func (d *differ) grewAt(x, y pdf.Object, depth int) bool {
	if depth > 8 {
		return false
	}
	if ref, ok := x.(pdf.Ref); ok && pdf.Object(ref) == y {
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
		gone, _, err := d.missing(p, q)
		return err == nil && len(gone) == 0
	case pdf.Dict:
		q, ok := b.(pdf.Dict)
		if !ok {
			return false
		}
		for k, o := range p {
			if same, err := d.f.Equal(o, q[k]); err != nil || !same && !d.grewAt(o, q[k], depth+1) {
				return false
			}
		}
		return true
	}
	same, err := d.f.Equal(a, b)
	return err == nil && same
}

// trailer compares what the trailers name. Some programs write a new catalog under a new number.
func (d *differ) trailer() error {
	a, before, err := d.old.Catalog()
	if err != nil {
		return err
	}
	b, after, err := d.new.Catalog()
	if err != nil {
		return err
	}
	if before != after {
		if err := d.catalog(after.Num, a, b); err != nil {
			return err
		}
	}
	// A reader that cannot use what the newest trailer names searches the file, or shows nothing.
	revs := d.f.Revisions()
	if root := revs[d.rev+1].Trailer["Root"]; root != nil && !sameRef(root, revs[d.rev].Trailer["Root"]) {
		if e, ok := d.new.Lookup(after.Num); !sameRef(root, after) || !ok || e.Gen != after.Gen {
			d.say(ModificationOther, 0, "catalog-unusable")
		}
	}
	ta, tb := d.old.Trailer(), d.new.Trailer()
	same, err := d.f.Equal(ta["Encrypt"], tb["Encrypt"])
	if err != nil {
		return err
	}
	if !same {
		d.say(ModificationOther, 0, "encryption-changed")
	}
	return nil
}

func sameRef(a, b pdf.Object) bool {
	x, ok := a.(pdf.Ref)
	y, ok2 := b.(pdf.Ref)
	return ok && ok2 && x == y
}
