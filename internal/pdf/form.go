package pdf

import (
	"fmt"
)

// Bounds on the field tree.
const (
	maxFieldDepth = 32
	maxFields     = 200_000
)

// Field is a terminal form field with what it inherits (ISO 32000-2 §12.7.4).
type Field struct {
	Ref      Ref // zero for a field written inside another object
	FullName string
	Type     Name // FT: Btn, Tx, Ch or Sig
	Flags    int64
	Value    Object // V as it stands, not resolved; nil: none
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

type fieldWalk struct {
	v    *View
	seen map[Ref]bool
	out  []Field
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
	f.Ref, f.Dict, f.Widgets = ref, d, nil
	if t, ok := v.Text(d["T"]); ok {
		if f.FullName != "" {
			f.FullName += "."
		}
		f.FullName += t
	}
	if ft, ok := v.Name(d["FT"]); ok {
		f.Type = ft
	}
	if ff, ok := v.Int(d["Ff"]); ok {
		f.Flags = ff
	}
	if d["V"] != nil {
		if x, err := v.Resolve(d["V"]); err != nil {
			return err
		} else if x != nil {
			f.Value, f.ValueIn = d["V"], ref
		}
	}
	kids, err := v.Array(d["Kids"])
	if err != nil {
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
		if r, ok := k.(Ref); ok && !w.seen[r] {
			w.seen[r] = true
			f.Widgets = append(f.Widgets, r)
			// Some producers write V or FT only in the single widget.
			if kd, err := v.Dict(r); err == nil {
				if ft, ok := v.Name(kd["FT"]); ok && f.Type == "" {
					f.Type = ft
				}
				if f.Value == nil && kd["V"] != nil {
					f.Value, f.ValueIn = kd["V"], r
				}
			}
		}
	}
	if sub, _ := v.Name(d["Subtype"]); sub == "Widget" && ref != (Ref{}) {
		f.Widgets = append(f.Widgets, ref)
	}
	w.out = append(w.out, f)
	return nil
}
