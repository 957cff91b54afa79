package pades

import (
	"bytes"
	"fmt"
	"slices"

	"absah/internal/pdf"
	"absah/internal/stamp"
)

// Widget flags (ISO 32000-2 §12.5.3): printed, and its position locked. PDF/A requires the print flag.
const widgetFlags = pdf.Integer(1<<2 | 1<<7)

// fieldKeys is how many keys a new field has that is a tagged widget as well.
const fieldKeys = 11

// maxMetadata bounds the XMP packet that is searched for a PDF/A claim.
const maxMetadata = 4 << 20

// placeSignature makes or completes the field and its widgets, and enters them in form, pages and structure tree.
func (p *Prepared) placeSignature(u *pdf.Update, v *pdf.View, form *formState, t *target, sig pdf.Ref) error {
	var err error
	if t.created {
		err = p.newField(u, v, form, t, sig)
	} else {
		err = p.fillField(u, v, t, sig)
	}
	if err != nil {
		return err
	}
	return markSigned(u, v, form.fields)
}

// newField makes the field. With one widget, field and widget are one dictionary; a signature shown on all pages is one field
// with a widget for each.
func (p *Prepared) newField(u *pdf.Update, v *pdf.View, form *formState, t *target, sig pdf.Ref) error {
	pages, err := p.pagesFor(v)
	if err != nil {
		return err
	}
	field := make(pdf.Dict, fieldKeys)
	field["FT"], field["T"], field["V"] = pdf.Name("Sig"), pdf.EncodeText(t.name), sig
	if t.lock != nil {
		lock := u.Alloc()
		u.Set(lock, lockDict(t.lock, "SigFieldLock"))
		field["Lock"] = lock
	}
	tag := newTagger(u, v, form)
	if len(pages) == 1 {
		if err := p.widget(u, v, pages[0], field); err != nil {
			return err
		}
		if err := tag.widget(t.field, pages[0], field); err != nil {
			return err
		}
		addToPage(u, v, pages[0], t.field, tag.active())
	} else {
		kids := pdf.Array{}
		for _, page := range pages {
			w := pdf.Dict{"Parent": t.field}
			if err := p.widget(u, v, page, w); err != nil {
				return err
			}
			ref := u.Alloc()
			if err := tag.widget(ref, page, w); err != nil {
				return err
			}
			u.Set(ref, w)
			addToPage(u, v, page, ref, tag.active())
			kids = append(kids, ref)
		}
		field["Kids"] = kids
	}
	u.Set(t.field, field)
	if err := tag.finish(); err != nil {
		return err
	}
	return addToForm(u, v, t.field)
}

// fillField signs an existing field in its own place.
func (p *Prepared) fillField(u *pdf.Update, v *pdf.View, t *target, sig pdf.Ref) error {
	field, err := currentDict(u, v, t.field)
	if err != nil {
		return err
	}
	field = clone(field)
	field["V"] = sig
	separate := false
	for _, ref := range t.widgets {
		if ref != t.field {
			separate = true
		}
	}
	if !separate {
		if err := p.redraw(u, v, field); err != nil {
			return err
		}
	}
	u.Set(t.field, field)
	if separate {
		for _, ref := range t.widgets {
			w, err := currentDict(u, v, ref)
			if err != nil {
				return err
			}
			w = clone(w)
			if len(t.widgets) == 1 {
				w["V"] = sig // once more: MuPDF does not look for it in the parent. Of two widgets poppler would make two signatures.
			}
			if err := p.redraw(u, v, w); err != nil {
				return err
			}
			u.Set(ref, w)
		}
	}
	return nil
}

// redraw gives an existing widget the look of the signature, inside the rectangle that its author chose.
func (p *Prepared) redraw(u *pdf.Update, v *pdf.View, w pdf.Dict) error {
	rect, ok := rectangle(v, w["Rect"])
	if !ok || rect[2] <= rect[0] || rect[3] <= rect[1] {
		if p.o.Appearance != nil {
			return &FieldError{p.o.Field, "is invisible (its rectangle is empty); sign it without an appearance or make a new field"}
		}
		return nil
	}
	form, err := p.draw(u, rect[2]-rect[0], rect[3]-rect[1], upright)
	if err != nil {
		return err
	}
	w["AP"] = pdf.Dict{"N": form}
	flags, _ := v.Int(w["F"])
	// Print, and neither invisible, hidden nor without view: what is signed is shown.
	w["F"] = pdf.Integer(flags&^(1<<0|1<<1|1<<5) | 1<<2)
	return nil
}

// widget makes w a new widget annotation on a page.
func (p *Prepared) widget(u *pdf.Update, v *pdf.View, page *pdf.Page, w pdf.Dict) error {
	w["Type"], w["Subtype"], w["F"] = pdf.Name("Annot"), pdf.Name("Widget"), widgetFlags
	if page.Ref != (pdf.Ref{}) {
		w["P"] = page.Ref
	}
	if p.o.Appearance == nil {
		w["Rect"] = pdf.Array{pdf.Integer(0), pdf.Integer(0), pdf.Integer(0), pdf.Integer(0)}
		form, err := p.draw(u, 0, 0, upright)
		w["AP"] = pdf.Dict{"N": form}
		return err
	}
	place, err := p.place(page)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrPlace, err)
	}
	w["Rect"] = numbers(place.Rect[:]...)
	form, err := p.draw(u, place.BBox[2], place.BBox[3], place.Matrix)
	w["AP"] = pdf.Dict{"N": form}
	return err
}

// place finds the rectangle for a new widget on a page.
func (p *Prepared) place(page *pdf.Page) (stamp.Placement, error) {
	a := p.o.Appearance
	g := stamp.Page{MediaBox: page.MediaBox, CropBox: page.CropBox, Rotate: page.Rotate, UserUnit: page.UserUnit}
	if a.Rect != ([4]float64{}) {
		return stamp.Place(g, stamp.Position{X: a.Rect[0], Y: a.Rect[1], W: a.Rect[2], H: a.Rect[3]})
	}
	pos := stamp.Position{W: stamp.CardWidth, H: stamp.CardHeight}
	switch a.Kind {
	case AppearanceQR:
		pos.W, pos.H = stamp.QRSide, stamp.QRSide
	case AppearanceImage:
		pos.W, pos.H = stamp.ImageWidth, stamp.ImageHeight
	}
	// In a corner of a page smaller than the box, the box gives way.
	if w, h := g.Size(); pos.W > w || pos.H > h {
		shrink := min(w/pos.W, h/pos.H)
		pos.W, pos.H = pos.W*shrink, pos.H*shrink
	}
	pos.Corner = map[Corner]stamp.Corner{
		LowerRight: stamp.BottomRight, LowerLeft: stamp.BottomLeft, UpperRight: stamp.TopRight, UpperLeft: stamp.TopLeft,
	}[a.Corner]
	return stamp.Place(g, pos)
}

// drawing is what tells the appearances of one signature apart. Pages of one size and rotation share one.
type drawing struct {
	w, h   float64
	matrix [6]float64
}

var upright = [6]float64{1, 0, 0, 1, 0, 0}

// draw adds the appearance in the given size, unless it was drawn so already, and returns its reference; without an Appearance it is
// an empty form, because PDF/A wants every field to have one (ISO 19005-1 §6.9).
func (p *Prepared) draw(u *pdf.Update, w, h float64, matrix [6]float64) (pdf.Ref, error) {
	if p.o.Appearance == nil {
		return add(u, pdf.NewStream(pdf.Dict{
			"Type": pdf.Name("XObject"), "Subtype": pdf.Name("Form"), "BBox": numbers(0, 0, w, h), "Resources": pdf.Dict{},
		}, nil)), nil
	}
	key := drawing{w, h, matrix}
	if ref, ok := p.drawn[key]; ok {
		return ref, nil
	}
	s, err := p.appearance(u, w, h)
	if err != nil {
		return pdf.Ref{}, err
	}
	s.Dict["Matrix"] = numbers(matrix[:]...)
	ref := add(u, s)
	if p.drawn == nil {
		p.drawn = map[drawing]pdf.Ref{}
	}
	p.drawn[key] = ref
	return ref, nil
}

func (p *Prepared) appearance(u *pdf.Update, w, h float64) (*pdf.Stream, error) {
	a := p.o.Appearance
	adder := func(o pdf.Object) pdf.Ref { return add(u, o) }
	switch a.Kind {
	case AppearanceCard:
		return stamp.Card{
			Target: p.target, Name: p.o.Name, Position: a.Position, Time: p.o.Time, Reason: p.o.Reason, Location: p.o.Location,
			QR: a.QR, Language: a.Language,
		}.Draw(adder, w, h)
	case AppearanceQR:
		if a.QR == "" {
			return nil, fmt.Errorf("a QR appearance needs the address that the code leads to")
		}
		return stamp.QR{Target: p.target, Text: a.QR, Caption: a.Caption}.Draw(adder, w, h)
	case AppearanceImage:
		picture, err := stamp.LoadPicture(a.Image, stamp.PictureLimits{})
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrImage, err)
		}
		return stamp.Image{Target: p.target, Picture: picture}.Draw(adder, w, h)
	}
	return nil, fmt.Errorf("appearance kind %d is unknown", a.Kind)
}

// archival reads what a PDF/A file asks of an appearance out of its metadata and output intents.
func archival(v *pdf.View) stamp.Target {
	catalog, _, err := v.Catalog()
	if err != nil {
		return stamp.Target{}
	}
	s, err := v.Stream(catalog["Metadata"])
	if err != nil || s == nil {
		return stamp.Target{}
	}
	xmp, err := v.StreamData(s, maxMetadata)
	if err != nil {
		return stamp.Target{}
	}
	i := bytes.Index(xmp, []byte("pdfaid:part"))
	if i < 0 {
		return stamp.Target{}
	}
	// The value is an element's content or an attribute: the first digit behind the name either way.
	part := bytes.IndexAny(xmp[i:], "123456789")
	one := part >= 0 && xmp[i+part] == '1'
	rgb := outputIntentComponents(v, catalog) == 3
	return stamp.Target{NoTransparency: one || !rgb, Calibrated: !rgb}
}

// outputIntentComponents is the number of colour components of the file's output intent, zero when it has none.
func outputIntentComponents(v *pdf.View, catalog pdf.Dict) int64 {
	intents, _ := v.Array(catalog["OutputIntents"])
	for _, o := range intents {
		d, err := v.Dict(o)
		if err != nil {
			continue
		}
		profile, err := v.Dict(d["DestOutputProfile"])
		if err != nil {
			continue
		}
		if n, ok := v.Int(profile["N"]); ok {
			return n
		}
	}
	return 0
}

// pagesFor are the pages that get a widget: one, or all.
func (p *Prepared) pagesFor(v *pdf.View) ([]*pdf.Page, error) {
	n, err := v.Pages()
	if err != nil {
		return nil, err
	}
	if n == 0 {
		return nil, fmt.Errorf("the document has no pages")
	}
	want := FirstPage // an invisible signature hangs on the first page
	if a := p.o.Appearance; a != nil {
		want = a.Page
	}
	first, last := want, want
	switch want {
	case LastPage:
		first, last = n, n
	case AllPages:
		first, last = 1, n
	}
	if first < 1 || last > n {
		return nil, &PageError{Page: want, Pages: n}
	}
	var out []*pdf.Page
	for i := first; i <= last; i++ {
		page, err := v.Page(i - 1)
		if err != nil {
			return nil, fmt.Errorf("page %d: %w", i, err)
		}
		out = append(out, page)
	}
	return out, nil
}

// addToPage enters an annotation in its page. The page is overridden with a list of its own, so that an Annots array shared
// by several pages stays as it is.
// In a tagged document the tab order follows the structure (ISO 14289-1 §7.18.3).
func addToPage(u *pdf.Update, v *pdf.View, page *pdf.Page, annot pdf.Ref, tagged bool) {
	if page.Ref == (pdf.Ref{}) {
		return // a page written inside the page tree: the field is still reached through the form
	}
	d, err := currentDict(u, v, page.Ref)
	if err != nil || len(d) == 0 {
		d = page.Dict
	}
	d = clone(d)
	list, _ := v.Array(d["Annots"])
	d["Annots"] = slices.Concat(list, pdf.Array{annot})
	if tagged {
		d["Tabs"] = pdf.Name("S")
	}
	u.Set(page.Ref, d)
}

func add(u *pdf.Update, o pdf.Object) pdf.Ref {
	r := u.Alloc()
	u.Set(r, o)
	return r
}

func numbers(x ...float64) pdf.Array {
	a := make(pdf.Array, len(x))
	for i, n := range x {
		if n == float64(int64(n)) {
			a[i] = pdf.Integer(n)
		} else {
			a[i] = pdf.Real(n)
		}
	}
	return a
}

func rectangle(v *pdf.View, o pdf.Object) (r [4]float64, ok bool) {
	list, _ := v.Array(o)
	if len(list) != 4 {
		return r, false
	}
	for i, x := range list {
		n, ok := v.Number(x)
		if !ok {
			return r, false
		}
		r[i] = n
	}
	return [4]float64{min(r[0], r[2]), min(r[1], r[3]), max(r[0], r[2]), max(r[1], r[3])}, true
}
