package pdf

import (
	"fmt"
)

// Bounds on the page tree.
const (
	maxPageDepth = 64
	maxPages     = 1_000_000
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

// pageIndex lists the leaves of the page tree once it was walked.
type pageIndex struct {
	leaves []pageLeaf
}

type pageLeaf struct {
	ref   Ref
	dict  Dict // for a page written inside the tree
	chain []Dict
}

// Pages counts the pages. The Count of the root is taken where the tree bears it out at both ends; else the tree is walked.
func (v *View) Pages() (int, error) {
	idx, err := v.walkPages()
	if err != nil {
		return 0, err
	}
	return len(idx.leaves), nil
}

// Page returns page i, counted from 0.
func (v *View) Page(i int) (*Page, error) {
	idx, err := v.walkPages()
	if err != nil {
		return nil, err
	}
	if i < 0 || i >= len(idx.leaves) {
		return nil, fmt.Errorf("page %d does not exist; the document has %d pages", i+1, len(idx.leaves))
	}
	leaf := idx.leaves[i]
	d := leaf.dict
	if d == nil {
		if d, err = v.Dict(leaf.ref); err != nil {
			return nil, err
		}
	}
	return v.page(leaf.ref, d, leaf.chain), nil
}

func (v *View) walkPages() (*pageIndex, error) {
	v.f.mu.Lock()
	idx := v.pages
	v.f.mu.Unlock()
	if idx != nil {
		return idx, nil
	}
	idx = &pageIndex{}
	catalog, _, err := v.Catalog()
	if err != nil {
		return nil, err
	}
	w := &pageWalk{v: v, idx: idx, seen: map[Ref]bool{}}
	if err := w.node(catalog["Pages"], nil, 0); err != nil {
		return nil, err
	}
	if len(idx.leaves) == 0 && v.f.repaired {
		w.loose()
	}
	v.f.mu.Lock()
	v.pages = idx
	v.f.mu.Unlock()
	return idx, nil
}

type pageWalk struct {
	v    *View
	idx  *pageIndex
	seen map[Ref]bool
}

func (w *pageWalk) node(o Object, chain []Dict, depth int) error {
	ref, _ := o.(Ref)
	if ref != (Ref{}) {
		if w.seen[ref] {
			w.v.f.note("page-cycle", 0, fmt.Sprintf("the page tree reaches object %d twice", ref.Num))
			return nil
		}
		w.seen[ref] = true
	}
	if depth > maxPageDepth {
		return &LimitError{What: "depth of the page tree", Limit: maxPageDepth}
	}
	if len(w.idx.leaves) >= maxPages {
		return &LimitError{What: "pages", Limit: maxPages}
	}
	d, err := w.v.Dict(o)
	if err != nil {
		return err
	}
	if d == nil {
		return nil
	}
	typ, _ := w.v.Name(d["Type"])
	kids, err := w.v.Array(d["Kids"])
	if err != nil {
		return err
	}
	if kids == nil || typ == "Page" {
		leaf := pageLeaf{ref: ref, chain: chain}
		if ref == (Ref{}) {
			leaf.dict = d
		}
		w.idx.leaves = append(w.idx.leaves, leaf)
		return nil
	}
	down := append(chain[:len(chain):len(chain)], d)
	for _, k := range kids {
		if err := w.node(k, down, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// loose takes page objects that no tree reaches, in the order of their numbers: what is left of a damaged file.
func (w *pageWalk) loose() {
	for _, s := range w.v.f.sections {
		for _, e := range s.entries {
			if e.kind == free || len(w.idx.leaves) >= maxPages {
				continue
			}
			ref := Ref{e.num, genOf(e)}
			if d, err := w.v.Dict(ref); err == nil && d["Type"] == Name("Page") {
				w.idx.leaves = append(w.idx.leaves, pageLeaf{ref: ref})
			}
		}
	}
	if len(w.idx.leaves) > 0 {
		w.v.f.note("page-tree-damaged", 0, "the page tree is damaged; the pages were found one by one")
	}
}

func (v *View) page(ref Ref, d Dict, chain []Dict) *Page {
	p := &Page{Ref: ref, Dict: d, UserUnit: 1}
	get := func(key Name) Object {
		if o := d[key]; o != nil {
			return o
		}
		for i := len(chain) - 1; i >= 0; i-- {
			if o := chain[i][key]; o != nil {
				return o
			}
		}
		return nil
	}
	media, ok := v.box(get("MediaBox"))
	if !ok {
		media = [4]float64{0, 0, 612, 792} // what viewers take when it is missing
	}
	p.MediaBox, p.CropBox = media, media
	if crop, ok := v.box(get("CropBox")); ok {
		c := [4]float64{max(crop[0], media[0]), max(crop[1], media[1]), min(crop[2], media[2]), min(crop[3], media[3])}
		if c[0] < c[2] && c[1] < c[3] {
			p.CropBox = c
		}
	}
	if r, ok := v.Int(get("Rotate")); ok {
		r = (r%360 + 360) % 360
		p.Rotate = int(r / 90 * 90)
	}
	if u, ok := v.Number(d["UserUnit"]); ok && u > 0 {
		p.UserUnit = u
	}
	p.Resources = get("Resources")
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
