package pdf

import (
	"errors"
	"fmt"
	"slices"
)

// Bounds on the page tree.
const (
	maxPageDepth = 1000 // some producers chain the nodes instead of branching
	maxPages     = 1_000_000
	fewKids      = 64 // kids of one node that are looked at to see whether Count is true
)

// Page is one page with what it inherits (ISO 32000-2 §7.7.3.4).
type Page struct {
	Ref       Ref // zero for a page written inside the page tree
	Dict      Dict
	MediaBox  [4]float64 // lower left, upper right
	CropBox   [4]float64 // inside MediaBox
	Rotate    int        // 0, 90, 180 or 270, clockwise
	UserUnit  float64    // points per unit
	Resources Object
}

// inherited is what a page can take over from the nodes above it.
type inherited struct{ media, crop, rotate, resources Object }

func (h inherited) with(d Dict) inherited {
	for _, k := range []struct {
		key Name
		to  *Object
	}{{"MediaBox", &h.media}, {"CropBox", &h.crop}, {"Rotate", &h.rotate}, {"Resources", &h.resources}} {
		if o := d[k.key]; o != nil {
			*k.to = o
		}
	}
	return h
}

// pageIndex lists the leaves of the page tree once it was walked.
type pageIndex struct {
	leaves []pageLeaf
	nodes  []inherited
	direct map[int]Dict // pages written inside the tree, by leaf
}

type pageLeaf struct {
	ref  Ref
	node int32 // what it inherits, in nodes; -1: nothing
}

// Pages counts the pages. The Count of the root is believed where the tree bears it out at both ends; else the tree is walked.
func (v *View) Pages() (int, error) {
	if idx := v.walked(); idx != nil {
		return len(idx.leaves), nil
	}
	if n, ok := v.countedPages(); ok {
		return n, nil
	}
	idx, err := v.walkPages()
	if err != nil {
		return 0, err
	}
	return len(idx.leaves), nil
}

// Page returns page i, counted from 0. It goes straight down the tree where the Count of each node on the way is true, and walks
// the whole tree where one is not.
func (v *View) Page(i int) (*Page, error) {
	if v.walked() == nil && i >= 0 {
		if n, ok := v.countedPages(); ok && i < n {
			if p, err := v.descend(i); err == nil {
				return p, nil
			} else if err != errCount {
				return nil, err
			}
		}
	}
	idx, err := v.walkPages()
	if err != nil {
		return nil, err
	}
	if i < 0 || i >= len(idx.leaves) {
		return nil, fmt.Errorf("page %d does not exist; the document has %d pages", i+1, len(idx.leaves))
	}
	leaf := idx.leaves[i]
	d := idx.direct[i]
	if d == nil {
		if d, err = v.Dict(leaf.ref); err != nil {
			return nil, err
		}
	}
	var h inherited
	if leaf.node >= 0 {
		h = idx.nodes[leaf.node]
	}
	return v.page(leaf.ref, d, h), nil
}

func (v *View) walked() *pageIndex {
	v.f.mu.Lock()
	defer v.f.mu.Unlock()
	return v.pages
}

// errCount means that the Count of a node is not true.
var errCount = errors.New("the page tree does not have the pages that it counts")

// countedPages is the Count of the root, where the ways to the first and to the last page bear it out.
func (v *View) countedPages() (int, bool) {
	v.f.mu.Lock()
	n := v.counted
	v.f.mu.Unlock()
	if n != 0 {
		return int(n - 1), n > 0
	}
	count, ok := v.tryCount()
	n = -1
	if ok {
		n = int32(count) + 1
	}
	v.f.mu.Lock()
	v.counted = n
	v.f.mu.Unlock()
	return count, ok
}

func (v *View) tryCount() (int, bool) {
	catalog, _, err := v.Catalog()
	if err != nil {
		return 0, false
	}
	root, err := v.Dict(catalog["Pages"])
	if err != nil || root["Kids"] == nil {
		return 0, false
	}
	n, ok := v.Int(root["Count"])
	if !ok || n < 1 || n > maxPages {
		return 0, false
	}
	if _, err := v.descend(0); err != nil {
		return 0, false
	}
	if n > 1 {
		if _, err := v.descend(int(n - 1)); err != nil {
			return 0, false
		}
	}
	return int(n), true
}

// descend goes to page i by way of the counts, and returns errCount when one that it meets is not true.
func (v *View) descend(i int) (*Page, error) {
	catalog, _, err := v.Catalog()
	if err != nil {
		return nil, err
	}
	o := catalog["Pages"]
	seen := make([]Ref, 0, 8)
	var above inherited
	for depth := 0; depth < maxPageDepth; depth++ {
		ref, _ := o.(Ref)
		if ref != (Ref{}) && slices.Contains(seen, ref) {
			return nil, errCount
		}
		seen = append(seen, ref)
		d, err := v.Dict(o)
		if err != nil {
			return nil, err
		}
		kids, leaf, err := v.kidsOf(d)
		if err != nil {
			return nil, err
		}
		if leaf {
			if i != 0 || depth == 0 {
				return nil, errCount
			}
			return v.page(ref, d, above), nil
		}
		above = above.with(d)
		if o, i, err = v.step(d, kids, i); err != nil {
			return nil, err
		}
	}
	return nil, errCount
}

// step chooses the kid that has page i of a node, and makes i relative to it.
func (v *View) step(d Dict, kids Array, i int) (Object, int, error) {
	count, ok := v.Int(d["Count"])
	if !ok || count < 0 || int64(i) >= count {
		return nil, 0, errCount
	}
	if len(kids) > fewKids {
		// Too many to look at: if each can only be a page, the one asked for and those at both ends must be.
		if count != int64(len(kids)) {
			return nil, 0, errCount
		}
		for _, k := range []int{0, i, len(kids) - 1} {
			kd, err := v.Dict(kids[k])
			if err != nil {
				return nil, 0, err
			}
			if _, leaf, err := v.kidsOf(kd); err != nil || !leaf {
				return nil, 0, errCount
			}
		}
		return kids[i], 0, nil
	}
	var chosen Object
	at := 0
	total := int64(0)
	for _, k := range kids {
		kd, err := v.Dict(k)
		if err != nil {
			return nil, 0, err
		}
		_, leaf, err := v.kidsOf(kd)
		if err != nil {
			return nil, 0, err
		}
		n := int64(1)
		if kd == nil {
			n = 0
		} else if !leaf {
			if n, ok = v.Int(kd["Count"]); !ok || n < 0 || n > maxPages {
				return nil, 0, errCount
			}
		}
		if chosen == nil && int64(i) < total+n {
			chosen, at = k, i-int(total)
		}
		total += n
	}
	if total != count || chosen == nil {
		return nil, 0, errCount
	}
	return chosen, at, nil
}

// kidsOf returns the kids of a node of the page tree, or reports that it is a page.
func (v *View) kidsOf(d Dict) (kids Array, leaf bool, err error) {
	if d == nil {
		return nil, false, nil
	}
	typ, _ := v.Name(d["Type"])
	if typ == "Page" {
		return nil, true, nil
	}
	kids, err = v.Array(d["Kids"])
	if err != nil {
		return nil, false, err
	}
	return kids, kids == nil && typ != "Pages", nil
}

func (v *View) walkPages() (*pageIndex, error) {
	if idx := v.walked(); idx != nil {
		return idx, nil
	}
	idx := &pageIndex{direct: map[int]Dict{}}
	catalog, _, err := v.Catalog()
	if err != nil {
		return nil, err
	}
	w := &pageWalk{v: v, idx: idx, seen: map[Ref]bool{}}
	if err := w.node(catalog["Pages"], -1, 0); err != nil {
		return nil, err
	}
	if len(idx.leaves) == 0 {
		if err := w.loose(); err != nil {
			return nil, err
		}
	}
	if root, _ := v.Dict(catalog["Pages"]); root["Count"] != nil {
		if n, ok := v.Int(root["Count"]); ok && n != int64(len(idx.leaves)) {
			v.f.note("page-count", 0, fmt.Sprintf("the page tree says that it has %d pages and has %d", n, len(idx.leaves)))
		}
	}
	v.f.mu.Lock()
	v.pages = idx
	v.f.mu.Unlock()
	return idx, nil
}

type pageWalk struct {
	v     *View
	idx   *pageIndex
	seen  map[Ref]bool
	steps int
}

func (w *pageWalk) node(o Object, above int32, depth int) error {
	if w.steps++; w.steps > 2*maxPages || len(w.idx.leaves) >= maxPages {
		return &LimitError{What: "pages", Limit: maxPages}
	}
	ref, _ := o.(Ref)
	if ref != (Ref{}) {
		if w.seen[ref] {
			w.steps += 3 // many nodes may share one list of kids, and the note below costs more than a page
			w.v.f.note("page-cycle", 0, fmt.Sprintf("the page tree reaches object %d twice", ref.Num))
			return nil
		}
		w.seen[ref] = true
	}
	if depth > maxPageDepth {
		return &LimitError{What: "depth of the page tree", Limit: maxPageDepth}
	}
	d, err := w.v.Dict(o)
	if err != nil || d == nil {
		return err
	}
	kids, leaf, err := w.v.kidsOf(d)
	if err != nil {
		return err
	}
	if leaf {
		if ref == (Ref{}) {
			w.idx.direct[len(w.idx.leaves)] = d
		}
		w.idx.leaves = append(w.idx.leaves, pageLeaf{ref, above})
		return nil
	}
	if len(kids) == 0 {
		return nil
	}
	var h inherited
	if above >= 0 {
		h = w.idx.nodes[above]
	}
	w.idx.nodes = append(w.idx.nodes, h.with(d))
	here := int32(len(w.idx.nodes) - 1)
	for _, k := range kids {
		if err := w.node(k, here, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// loose takes page objects that no tree reaches, in the order of their numbers: what is left of a damaged file.
func (w *pageWalk) loose() error {
	for e := range w.v.entries() {
		if e.kind == free || len(w.idx.leaves) >= maxPages {
			continue
		}
		ref := Ref{e.num, genOf(e)}
		d, err := w.v.Dict(ref)
		if err != nil {
			if fatal(err) {
				return err
			}
			continue
		}
		if d["Type"] == Name("Page") {
			w.idx.leaves = append(w.idx.leaves, pageLeaf{ref, -1})
		}
	}
	if len(w.idx.leaves) > 0 {
		w.v.f.note("page-tree-damaged", 0, "the page tree is damaged; the pages were found one by one")
	}
	return nil
}

func (v *View) page(ref Ref, d Dict, above inherited) *Page {
	p := &Page{Ref: ref, Dict: d, UserUnit: 1}
	h := above.with(d)
	media, ok := v.box(h.media)
	if !ok {
		media = [4]float64{0, 0, 612, 792} // what viewers take when it is missing
	}
	p.MediaBox, p.CropBox = media, media
	if crop, ok := v.box(h.crop); ok {
		c := [4]float64{max(crop[0], media[0]), max(crop[1], media[1]), min(crop[2], media[2]), min(crop[3], media[3])}
		if c[0] < c[2] && c[1] < c[3] {
			p.CropBox = c
		}
	}
	if r, ok := v.Int(h.rotate); ok {
		r = (r%360 + 360) % 360
		p.Rotate = int(r / 90 * 90)
	}
	if u, ok := v.Number(d["UserUnit"]); ok && u > 0 {
		p.UserUnit = u
	}
	p.Resources = h.resources
	return p
}

// box reads a rectangle with its corners put in order.
func (v *View) box(o Object) (b [4]float64, ok bool) {
	a, err := v.Array(o)
	if err != nil || len(a) < 4 {
		return b, false
	}
	for i := range b {
		if b[i], ok = v.Number(a[i]); !ok {
			return b, false
		}
	}
	b = [4]float64{min(b[0], b[2]), min(b[1], b[3]), max(b[0], b[2]), max(b[1], b[3])}
	return b, b[0] < b[2] && b[1] < b[3]
}
