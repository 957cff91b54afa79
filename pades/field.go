package pades

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"absah/internal/pdf"
)

// target is the place where a signature goes: a field of the document and its widgets, after the update has them.
type target struct {
	field   pdf.Ref
	name    string
	created bool
	widgets []pdf.Ref
	lock    *FieldLock // the lock that the field itself carries, or the one given for a new field
}

// formState is what the fields of a document say about a further signature.
type formState struct {
	fields []pdf.Field
	signed []signedField
}

type signedField struct {
	field pdf.Field
	sig   pdf.Dict
}

func readForm(v *pdf.View) (*formState, error) {
	fields, err := v.Fields()
	if err != nil {
		return nil, err
	}
	s := &formState{fields: fields}
	for _, f := range fields {
		if f.Type != "Sig" || f.Value == nil {
			continue
		}
		sig, err := v.Dict(f.Value)
		if err != nil || len(sig) == 0 {
			continue
		}
		s.signed = append(s.signed, signedField{f, sig})
	}
	return s, nil
}

// empties are the signature fields that hold no signature yet.
func (s *formState) empties() []pdf.Field {
	var out []pdf.Field
	for _, f := range s.fields {
		if f.Type == "Sig" && f.Value == nil {
			out = append(out, f)
		}
	}
	return out
}

func (s *formState) byName(name string) (pdf.Field, bool) {
	for _, f := range s.fields {
		if f.FullName == name {
			return f, true
		}
	}
	return pdf.Field{}, false
}

func (s *formState) freeName() string {
	for i := 1; ; i++ {
		name := "Signature" + strconv.Itoa(i)
		if !s.taken(name) {
			return name
		}
	}
}

// taken reports whether a field of that name, or one below it, exists.
func (s *formState) taken(name string) bool {
	for _, f := range s.fields {
		if f.FullName == name || strings.HasPrefix(f.FullName, name+".") {
			return true
		}
	}
	return false
}

// permits refuses a signature that an earlier signature of the document forbids. name is the field to be signed.
func (s *formState) permits(v *pdf.View, name string) error {
	locked := s.locked(v, name)
	if locked == nil {
		return nil
	}
	if !locked.Certified {
		for _, f := range s.empties() {
			if s.locked(v, f.FullName) == nil {
				locked.Open = append(locked.Open, f.FullName)
			}
		}
	}
	return locked
}

// locked is how an earlier signature forbids one in the field of that name, nil when none does.
func (s *formState) locked(v *pdf.View, name string) *LockedError {
	for _, sf := range s.signed {
		for _, r := range references(v, sf.sig) {
			params, _ := v.Dict(r["TransformParams"])
			switch method, _ := v.Name(r["TransformMethod"]); method {
			case "DocMDP":
				if p, ok := v.Int(params["P"]); ok && p == 1 {
					return &LockedError{Field: sf.field.FullName, Signer: signerName(v, sf.sig), Certified: true}
				}
			case "FieldMDP":
				if lockCovers(readLock(v, params), name) {
					return &LockedError{Field: sf.field.FullName, Signer: signerName(v, sf.sig)}
				}
			}
		}
		if lock := fieldLock(v, sf.field); lock != nil {
			if lock.P == 1 {
				return &LockedError{Field: sf.field.FullName, Signer: signerName(v, sf.sig), Certified: true}
			}
			if lockCovers(lock, name) {
				return &LockedError{Field: sf.field.FullName, Signer: signerName(v, sf.sig)}
			}
		}
	}
	return nil
}

func references(v *pdf.View, sig pdf.Dict) []pdf.Dict {
	list, _ := v.Array(sig["Reference"])
	var out []pdf.Dict
	for _, o := range list {
		if d, err := v.Dict(o); err == nil && d != nil {
			out = append(out, d)
		}
	}
	return out
}

func signerName(v *pdf.View, sig pdf.Dict) string {
	s, _ := v.Text(sig["Name"])
	return s
}

func fieldLock(v *pdf.View, f pdf.Field) *FieldLock {
	d, err := v.Dict(f.Dict["Lock"])
	if err != nil || len(d) == 0 {
		return nil
	}
	return readLock(v, d)
}

func readLock(v *pdf.View, d pdf.Dict) *FieldLock {
	l := &FieldLock{}
	action, _ := v.Name(d["Action"])
	l.Action = LockAction(action)
	if p, ok := v.Int(d["P"]); ok {
		l.P = int(p)
	}
	names, _ := v.Array(d["Fields"])
	for _, o := range names {
		if s, ok := v.Text(o); ok {
			l.Fields = append(l.Fields, s)
		}
	}
	return l
}

// lockCovers reports whether a lock names the field, itself or through an ancestor.
func lockCovers(l *FieldLock, name string) bool {
	listed := false
	for _, f := range l.Fields {
		if f == name || strings.HasPrefix(name, f+".") {
			listed = true
		}
	}
	switch l.Action {
	case LockAll:
		return true
	case LockInclude:
		return listed
	case LockExclude:
		return !listed
	}
	return false
}

// lockDict is the lock as a dictionary for a signature field (typ SigFieldLock) or for FieldMDP parameters (TransformParams).
func lockDict(l *FieldLock, typ pdf.Name) pdf.Dict {
	d := pdf.Dict{"Type": typ, "Action": pdf.Name(l.Action)}
	if l.Action != LockAll {
		names := pdf.Array{}
		for _, n := range l.Fields {
			names = append(names, pdf.EncodeText(n))
		}
		d["Fields"] = names
	}
	if typ == "TransformParams" {
		d["V"] = pdf.Name("1.2")
	}
	if l.P != 0 {
		d["P"] = pdf.Integer(l.P)
	}
	return d
}

func (l *FieldLock) check() error {
	if l == nil {
		return nil
	}
	switch l.Action {
	case LockAll, LockInclude, LockExclude:
	default:
		return fmt.Errorf("field lock: action %q is not All, Include or Exclude", l.Action)
	}
	if l.P < 0 || l.P > 3 {
		return fmt.Errorf("field lock: permission %d is not 1, 2 or 3", l.P)
	}
	return nil
}

// addToForm puts a new field into the document's AcroForm, overriding the smallest object that holds the list.
func addToForm(u *pdf.Update, v *pdf.View, field pdf.Ref) error {
	catalog, root, err := v.Catalog()
	if err != nil {
		return err
	}
	form, err := v.Dict(catalog["AcroForm"])
	if err != nil || form == nil {
		form = pdf.Dict{}
	}
	form = clone(form)
	fieldsHome, indirectFields := form["Fields"].(pdf.Ref)
	list, _ := v.Array(form["Fields"])
	list = slices.Concat(list, pdf.Array{field})
	if indirectFields {
		u.Set(fieldsHome, list)
	} else {
		form["Fields"] = list
	}
	return setForm(u, catalog, root, form, !indirectFields)
}

// markSigned sets SigFlags (ISO 32000-2 §12.7.3: signatures exist, append only) and drops NeedAppearances where every widget
// has its look: a viewer that draws fields anew would change what was signed.
func markSigned(u *pdf.Update, v *pdf.View, fields []pdf.Field) error {
	catalog, root, err := currentCatalog(u, v)
	if err != nil {
		return err
	}
	form, err := currentDict(u, v, catalog["AcroForm"])
	if err != nil {
		return err
	}
	form = clone(form)
	changed := false
	if flags, _ := v.Int(form["SigFlags"]); flags&3 != 3 {
		form["SigFlags"] = pdf.Integer(flags | 3)
		changed = true
	}
	if need, ok := form["NeedAppearances"].(bool); ok && need && allDrawn(v, fields) {
		delete(form, "NeedAppearances")
		changed = true
	}
	if !changed {
		return nil
	}
	return setForm(u, catalog, root, form, true)
}

func setForm(u *pdf.Update, catalog pdf.Dict, root pdf.Ref, form pdf.Dict, changed bool) error {
	if ref, ok := catalog["AcroForm"].(pdf.Ref); ok {
		if o, err := u.Get(ref); err == nil && o != nil {
			if changed {
				u.Set(ref, form)
			}
			return nil
		}
	}
	catalog = clone(catalog)
	if _, direct := catalog["AcroForm"].(pdf.Dict); direct {
		catalog["AcroForm"] = form
	} else {
		ref := u.Alloc()
		u.Set(ref, form)
		catalog["AcroForm"] = ref
	}
	u.Set(root, catalog)
	return nil
}

func allDrawn(v *pdf.View, fields []pdf.Field) bool {
	for _, f := range fields {
		if f.Type == "Sig" {
			continue
		}
		for _, w := range f.Widgets {
			d, err := v.Dict(w)
			if err != nil {
				return false
			}
			ap, err := v.Dict(d["AP"])
			if err != nil || ap["N"] == nil {
				return false
			}
		}
	}
	return true
}

// currentCatalog is the catalog as it will be after the update.
func currentCatalog(u *pdf.Update, v *pdf.View) (pdf.Dict, pdf.Ref, error) {
	_, root, err := v.Catalog()
	if err != nil {
		return nil, root, err
	}
	d, err := currentDict(u, v, root)
	return d, root, err
}

// currentDict resolves o to a dictionary as it will be after the update; anything else is an empty dictionary.
func currentDict(u *pdf.Update, v *pdf.View, o pdf.Object) (pdf.Dict, error) {
	for range 8 {
		ref, ok := o.(pdf.Ref)
		if !ok {
			break
		}
		var err error
		if o, err = u.Get(ref); err != nil {
			return nil, err
		}
	}
	if d, ok := o.(pdf.Dict); ok {
		return d, nil
	}
	return pdf.Dict{}, nil
}

func clone(d pdf.Dict) pdf.Dict {
	if d == nil {
		return pdf.Dict{}
	}
	return maps.Clone(d)
}
