package pades

import (
	"slices"

	"absah/internal/pdf"
)

// maxParentTreeDepth bounds the walk to the end of a number tree; honest trees are two or three levels deep.
const maxParentTreeDepth = 16

// tagger enters new widgets in the structure tree of a tagged document (ISO 32000-2 §14.7.5.4, ISO 14289-1 §7.18.4). It does
// nothing in a document that is not tagged, and nothing in one that is signed already: a change of the structure tree after a
// signature is not among the changes that validators allow.
type tagger struct {
	u       *pdf.Update
	v       *pdf.View
	rootRef pdf.Ref
	root    pdf.Dict
	next    int64
	nums    pdf.Array
	elems   pdf.Array
}

func newTagger(u *pdf.Update, v *pdf.View, form *formState) *tagger {
	t := &tagger{u: u, v: v}
	if len(form.signed) > 0 {
		return t
	}
	catalog, _, err := v.Catalog()
	if err != nil {
		return t
	}
	ref, ok := catalog["StructTreeRoot"].(pdf.Ref)
	if !ok {
		return t
	}
	root, err := v.Dict(ref)
	if err != nil || root == nil {
		return t
	}
	next, ok := v.Int(root["ParentTreeNextKey"])
	if !ok {
		if next, ok = t.lastKey(root["ParentTree"], 0); !ok {
			return t
		}
		next++
	}
	t.rootRef, t.root, t.next = ref, clone(root), next
	return t
}

// active reports whether the document is tagged and may get new elements.
func (t *tagger) active() bool { return t.root != nil }

// widget gives the annotation a structure element of its own. ref is where the annotation will be written.
func (t *tagger) widget(ref pdf.Ref, page *pdf.Page, annot pdf.Dict) error {
	if t.root == nil || page.Ref == (pdf.Ref{}) {
		return nil
	}
	parent := t.parent()
	elem := t.u.Alloc()
	alt := pdf.EncodeText("Tanda tangan elektronik")
	t.u.Set(elem, pdf.Dict{
		"Type": pdf.Name("StructElem"), "S": pdf.Name("Form"), "P": parent, "Pg": page.Ref, "Alt": alt,
		"K": pdf.Dict{"Type": pdf.Name("OBJR"), "Obj": ref, "Pg": page.Ref},
	})
	annot["StructParent"] = pdf.Integer(t.next)
	annot["TU"] = alt
	t.nums = append(t.nums, pdf.Integer(t.next), elem)
	t.elems = append(t.elems, elem)
	t.next++
	return nil
}

// parent is the element that new elements hang under: the single document element where there is one, else the root.
func (t *tagger) parent() pdf.Ref {
	if ref, ok := t.only(t.root["K"]); ok {
		if d, err := t.v.Dict(ref); err == nil {
			if s, _ := t.v.Name(d["S"]); s == "Document" {
				return ref
			}
		}
	}
	return t.rootRef
}

func (t *tagger) only(o pdf.Object) (pdf.Ref, bool) {
	if ref, ok := o.(pdf.Ref); ok {
		if list, _ := t.v.Array(ref); list == nil {
			return ref, true
		}
	}
	list, _ := t.v.Array(o)
	if len(list) != 1 {
		return pdf.Ref{}, false
	}
	ref, ok := list[0].(pdf.Ref)
	return ref, ok
}

// finish writes the changed parts of the structure tree.
func (t *tagger) finish() error {
	if len(t.elems) == 0 {
		return nil
	}
	parent := t.parent()
	if parent == t.rootRef {
		t.root["K"] = t.appended(t.root["K"], t.elems)
	} else {
		d, err := t.v.Dict(parent)
		if err != nil {
			return err
		}
		d = clone(d)
		d["K"] = t.appended(d["K"], t.elems)
		t.u.Set(parent, d)
	}
	t.root["ParentTreeNextKey"] = pdf.Integer(t.next)
	t.root["ParentTree"] = t.grow(t.root["ParentTree"])
	t.u.Set(t.rootRef, t.root)
	return nil
}

func (t *tagger) appended(k pdf.Object, elems pdf.Array) pdf.Object {
	list, _ := t.v.Array(k)
	if list == nil && k != nil {
		list = pdf.Array{k}
	}
	return slices.Concat(list, elems)
}

// grow adds the new entries to the number tree: to the array of a tree that is one node, else as a further kid. Keys are
// higher than all before, so the order holds.
func (t *tagger) grow(tree pdf.Object) pdf.Object {
	d, err := t.v.Dict(tree)
	if err != nil || d == nil {
		return add(t.u, pdf.Dict{"Nums": t.nums})
	}
	d = clone(d)
	if kids, _ := t.v.Array(d["Kids"]); kids != nil {
		leaf := add(t.u, pdf.Dict{"Nums": t.nums, "Limits": pdf.Array{t.nums[0], t.nums[len(t.nums)-2]}})
		d["Kids"] = slices.Concat(kids, pdf.Array{leaf})
	} else {
		nums, _ := t.v.Array(d["Nums"])
		d["Nums"] = slices.Concat(nums, t.nums)
	}
	if ref, ok := tree.(pdf.Ref); ok {
		t.u.Set(ref, d)
		return ref
	}
	return d
}

// lastKey is the highest key of a number tree.
func (t *tagger) lastKey(tree pdf.Object, depth int) (int64, bool) {
	d, err := t.v.Dict(tree)
	if err != nil || d == nil || depth > maxParentTreeDepth {
		return -1, tree == nil
	}
	if kids, _ := t.v.Array(d["Kids"]); len(kids) > 0 {
		return t.lastKey(kids[len(kids)-1], depth+1)
	}
	nums, _ := t.v.Array(d["Nums"])
	if len(nums) < 2 {
		return -1, true
	}
	return t.v.Int(nums[len(nums)-2])
}
