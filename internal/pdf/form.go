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
	fields, _, err := v.fields()
	return fields, err
}

// FieldsSince is Fields, and whether the fields of an older revision stand first among them: nothing that those were read from was
// touched since.
func (v *View) FieldsSince(rev int) (fields []Field, kept bool, err error) {
	fields, from, err := v.fields()
	return fields, from == rev, err
}

// formMemo is the form of one revision, from which that of a later one is made when it only adds fields at the end. Without it a
// document would cost the square of its signatures.
type formMemo struct {
	rev  int
	list Array // AcroForm's Fields: references only
	walk fieldWalk
}

// fields reads the form. from is the revision whose form it continues, -1 for none.
func (v *View) fields() (out []Field, from int, err error) {
	from = -1
	catalog, _, err := v.Catalog()
	if err != nil {
		return nil, from, err
	}
	form, err := v.Dict(catalog["AcroForm"])
	if err != nil || form == nil {
		return nil, from, err
	}
	list, err := v.Array(form["Fields"])
	if err != nil {
		return nil, from, err
	}
	f := v.f
	f.mu.Lock()
	memo := f.form
	f.form = nil // whoever takes it continues its maps
	f.mu.Unlock()
	keep := func(m *formMemo) {
		f.mu.Lock()
		f.form = m
		f.mu.Unlock()
	}
	w := fieldWalk{seen: map[Ref]bool{}, names: map[string]bool{}, read: map[uint32]bool{}}
	rest := list
	switch {
	case memo == nil:
	case memo.rev == v.rev:
		keep(memo)
		return slices.Clip(memo.walk.out), from, nil
	case memo.continuedBy(v, list):
		w, rest, from = memo.walk, list[len(memo.list):], memo.rev
	}
	w.v = &View{f: f, rev: v.rev, reads: &w}
	for _, o := range rest {
		if _, ok := o.(Ref); !ok {
			w.once = true
		}
		if err := w.node(o, Field{}, 0); err != nil {
			return nil, -1, err
		}
	}
	if !w.once {
		w.v = nil
		keep(&formMemo{v.rev, list, w})
	}
	return slices.Clip(w.out), from, nil
}

// continuedBy reports whether a later revision has the same fields first, and touched nothing that they were read from.
func (m *formMemo) continuedBy(v *View, list Array) bool {
	if v.rev < m.rev || len(list) < len(m.list) {
		return false
	}
	for i, o := range m.list {
		if list[i] != o { // references, which compare
			return false
		}
	}
	for rev := m.rev + 1; rev <= v.rev; rev++ {
		if slices.ContainsFunc(v.f.Touched(rev), func(num uint32) bool { return m.walk.read[num] }) {
			return false
		}
	}
	return true
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
	// length counts the bytes of all full names: a long one is copied to each field below it.
	length int

	names map[string]bool
	read  map[uint32]bool // the objects that it was made from
	once  bool            // not to be continued: something stands twice, or does not lie in the file on its own
}

func (w *fieldWalk) node(o Object, parent Field, depth int) error {
	ref, _ := o.(Ref)
	if ref != (Ref{}) {
		if w.seen[ref] {
			w.once = true
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
				w.once = true
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
	if w.length += len(f.FullName); w.length > maxFieldNames {
		return &LimitError{What: "bytes of all fields' names", Limit: maxFieldNames}
	}
	w.once = w.once || w.names[f.FullName]
	w.names[f.FullName] = true
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
