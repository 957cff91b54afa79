package pades

import (
	"slices"
	"strconv"

	"absah/internal/pdf"
)

// at notes where the change that was told last shows: on a page, in the rectangle of an annotation.
func (d *differ) at(v *pdf.View, page string, annot pdf.Dict) {
	c := &d.changes[len(d.changes)-1]
	c.Page, _ = strconv.Atoi(page)
	if r, ok := rectangle(v, annot["Rect"]); ok && r[0] < r[2] && r[1] < r[3] {
		c.Rect = &r
	}
}

// onPage are the changes whose first argument is the number of a page.
var onPage = []string{"annotation-changed", "annotation-order", "page-changed", "page-resources"}

// ofField are the changes whose first argument is the name of a field.
var ofField = []string{
	"signature-added", "empty-field-added", "field-filled", "field-added", "field-changed", "field-look", "signed-field-changed", "signature-changed",
	"signature-look",
}

// maxPlaced bounds the pages and annotations that are looked at, over all revisions, to find where fields are.
const maxPlaced = 20_000

// place finds the places of the changes of this step that a page or a field has by its name. What cannot be found is left out: it is
// for the eye only, and what was changed has been told.
func (d *differ) place() {
	fields := map[string][]pdf.Ref{}
	for i := range d.changes {
		switch c := &d.changes[i]; {
		case c.Page != 0 || len(c.Args) == 0:
		case slices.Contains(onPage, c.Code):
			c.Page, _ = strconv.Atoi(c.Args[0])
			d.placeObject(c)
		case slices.Contains(ofField, c.Code) && *d.placing > 0:
			fields[c.Args[0]] = nil
		}
	}
	if len(fields) == 0 {
		return
	}
	wanted := map[pdf.Ref]int{}
	for _, f := range d.after {
		if _, ok := fields[f.FullName]; ok {
			list := append(slices.Clone(f.Widgets), f.Ref)
			for _, w := range list {
				wanted[w] = 0
			}
			fields[f.FullName] = append(fields[f.FullName], list...)
		}
	}
	d.findPages(wanted)
	for i := range d.changes {
		if c := &d.changes[i]; c.Page == 0 && slices.Contains(ofField, c.Code) {
			d.placeField(c, fields[c.Args[0]], wanted)
		}
	}
}

// placeObject gives an annotation that changed itself its rectangle.
func (d *differ) placeObject(c *Change) {
	if c.Code != "annotation-changed" {
		return
	}
	if e, ok := d.new.Lookup(c.Object); ok && !e.Free {
		if annot, err := d.new.Dict(pdf.Ref{Num: c.Object, Gen: e.Gen}); err == nil && annot["Subtype"] != nil {
			if r, ok := rectangle(d.new, annot["Rect"]); ok && r[0] < r[2] && r[1] < r[3] {
				c.Rect = &r
			}
		}
	}
}

// placeField takes the first widget of the field that shows: a field may show in several places, and one is enough to look.
func (d *differ) placeField(c *Change, widgets []pdf.Ref, pages map[pdf.Ref]int) {
	for _, w := range widgets {
		if pages[w] == 0 {
			continue
		}
		wd, err := d.new.Dict(w)
		if err != nil {
			continue
		}
		if r, ok := rectangle(d.new, wd["Rect"]); ok && r[0] < r[2] && r[1] < r[3] {
			c.Page, c.Rect = pages[w], &r
			return
		}
	}
}

// findPages finds the numbers of the pages that widgets are on, by the lists of the pages: that is where a viewer draws them, whatever
// a widget says of itself.
func (d *differ) findPages(wanted map[pdf.Ref]int) {
	n, err := d.new.Pages()
	if err != nil || n > *d.placing {
		return
	}
	for i := range n {
		page, err := d.new.Page(i)
		if err != nil {
			return
		}
		annots, err := d.new.Array(page.Dict["Annots"])
		if err != nil {
			return
		}
		if *d.placing -= len(annots) + 1; *d.placing < 0 {
			return
		}
		for _, a := range annots {
			if ref, ok := a.(pdf.Ref); ok {
				if at, ok := wanted[ref]; ok && at == 0 {
					wanted[ref] = i + 1
				}
			}
		}
	}
}
