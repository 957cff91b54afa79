package pdf

import (
	"fmt"
	"slices"
)

// Bounds on the field tree.
const (
	maxFieldDepth = 32
	maxFields     = 200_000
	maxFieldName  = 64 << 10 // bytes: each level adds to the names below it
	maxFieldNames = 16 << 20
	kidWork       = 64 // work that looking at a kid costs beside reading it: many fields may share one list
)

// Field is a terminal form field with what it inherits (ISO 32000-2 §12.7.4).
type Field struct {
	Ref      Ref // zero for a field written inside another object
	FullName string
	Type     Name // FT: Btn, Tx, Ch or Sig
	Flags    int64
	Value    Object // V as it stands, not resolved; nil: none. An object in use that cannot be read is a value, a missing one is not
	ValueIn  Ref    // the field object that V is written in, itself or an ancestor
	Dict     Dict
	Widgets  []Ref // its widget annotations, itself when field and widget are one
}

// Fields lists the terminal fields that AcroForm reaches, each once.
func (v *View) Fields() ([]Field, error) {
	catalog, _, err := v.Catalog()
	if err != nil {
		return nil, err
	}
	form, err := v.Dict(catalog["AcroForm"])
	if err != nil || form == nil {
		return nil, err
	}
	list, err := v.Array(form["Fields"])
	if err != nil {
		return nil, err
	}
	w := &fieldWalk{v: v, seen: map[Ref]bool{}}
	for _, o := range list {
		if err := w.node(o, Field{}, 0); err != nil {
			return nil, err
		}
	}
	return w.out, nil
}

// hasValue reports whether a value is there. A signature field whose dictionary was made unreadable is not an unsigned field.
func (v *View) hasValue(o Object) (bool, error) {
	x, err := v.Resolve(o)
	if err != nil || x != nil {
		return x != nil, err
	}
	r, ok := o.(Ref)
	if !ok {
		return false, nil
	}
	e, _, ok := v.lookup(r.Num)
	return ok && e.kind != free, nil
}

type fieldWalk struct {
	v    *View
	seen map[Ref]bool
	out  []Field
	// names counts the bytes of all full names: a long one is copied to each field below it.
	names int
}

func (w *fieldWalk) node(o Object, parent Field, depth int) error {
	ref, _ := o.(Ref)
	if ref != (Ref{}) {
		if w.seen[ref] {
			w.v.f.note("field-twice", 0, fmt.Sprintf("the form reaches field %d twice", ref.Num))
			return nil
		}
		w.seen[ref] = true
	}
	if depth > maxFieldDepth {
		return &LimitError{What: "depth of the form", Limit: maxFieldDepth}
	}
	if len(w.seen) > maxFields || len(w.out) > maxFields {
		return &LimitError{What: "form fields", Limit: maxFields}
	}
	v := w.v
	d, err := v.Dict(o)
	if err != nil {
		return err
	}
	if d == nil {
		return nil
	}
	f := parent
	if depth == 0 && d["Parent"] != nil {
		// A field that stands in Fields instead of the Kids of its parent.
		if f, err = w.ancestors(d, ref); err != nil {
			return err
		}
	}
	if err := w.own(&f, d, ref); err != nil {
		return err
	}
	kids, err := v.Array(d["Kids"])
	if err != nil {
		return err
	}
	if err := v.f.spend(int64(len(kids)+1) * kidWork); err != nil {
		return err
	}
	var fields, widgets []Object
	for _, k := range kids {
		kd, err := v.Dict(k)
		if err != nil {
			return err
		}
		if kd == nil {
			continue
		}
		// A kid with a name of its own is a field; one without is a widget of this field.
		if kd["T"] != nil || kd["Kids"] != nil {
			fields = append(fields, k)
		} else {
			widgets = append(widgets, k)
		}
	}
	for _, k := range fields {
		if err := w.node(k, f, depth+1); err != nil {
			return err
		}
	}
	if len(fields) > 0 && len(widgets) == 0 {
		return nil
	}
	for _, k := range widgets {
		kr, _ := k.(Ref)
		if kr != (Ref{}) {
			if w.seen[kr] {
				v.f.note("field-twice", 0, fmt.Sprintf("the form reaches widget %d twice", kr.Num))
				if err := v.f.spend(4 * kidWork); err != nil {
					return err
				}
				continue
			}
			w.seen[kr] = true
			f.Widgets = append(f.Widgets, kr)
		}
		// Some producers write V or FT only in the single widget.
		if kd, err := v.Dict(k); err != nil {
			return err
		} else if kd["FT"] != nil && f.Type == "" || kd["V"] != nil && f.Value == nil {
			if kr == (Ref{}) {
				kr = ref
			}
			have := f
			if err := w.own(&f, kd, kr); err != nil {
				return err
			}
			f.Ref, f.Dict, f.Widgets, f.FullName, f.Flags = have.Ref, have.Dict, have.Widgets, have.FullName, have.Flags
			if have.Type != "" {
				f.Type = have.Type
			}
		}
	}
	if sub, _ := v.Name(d["Subtype"]); sub == "Widget" && ref != (Ref{}) {
		f.Widgets = append(f.Widgets, ref)
	}
	if w.names += len(f.FullName); w.names > maxFieldNames {
		return &LimitError{What: "bytes of all fields' names", Limit: maxFieldNames}
	}
	w.out = append(w.out, f)
	return nil
}

// own sets what a field dictionary says itself; the rest stays as it was inherited.
func (w *fieldWalk) own(f *Field, d Dict, ref Ref) error {
	v := w.v
	f.Ref, f.Dict, f.Widgets = ref, d, nil
	if t, ok := v.Text(d["T"]); ok {
		if f.FullName != "" {
			f.FullName += "."
		}
		f.FullName += t
	}
	if len(f.FullName) > maxFieldName {
		return &LimitError{What: "bytes of a field's name", Limit: maxFieldName}
	}
	if ft, ok := v.Name(d["FT"]); ok {
		f.Type = ft
	}
	if ff, ok := v.Int(d["Ff"]); ok {
		f.Flags = ff
	}
	if d["V"] == nil {
		return nil
	}
	has, err := v.hasValue(d["V"])
	if has {
		f.Value, f.ValueIn = d["V"], ref
	}
	return err
}

// ancestors is what a field inherits from the chain of its parents.
func (w *fieldWalk) ancestors(d Dict, ref Ref) (Field, error) {
	type node struct {
		d   Dict
		ref Ref
	}
	var chain []node
	seen := map[Ref]bool{ref: true}
	for len(chain) < maxFieldDepth {
		parent, _ := d["Parent"].(Ref)
		if parent == (Ref{}) || seen[parent] {
			break
		}
		seen[parent] = true
		var err error
		if d, err = w.v.Dict(parent); err != nil {
			return Field{}, err
		}
		if d == nil {
			break
		}
		chain = append(chain, node{d, parent})
	}
	var f Field
	for _, n := range slices.Backward(chain) {
		if err := w.own(&f, n.d, n.ref); err != nil {
			return f, err
		}
	}
	return f, nil
}
