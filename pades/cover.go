package pades

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"absah/internal/pdf"
)

// What is read of the content of pages. A hundred thousand operators take some 50 ms.
const (
	inkOperators = 300_000
	inkBytes     = 8 << 20
)

// Flags of annotations (ISO 32000-2 Table 167) and of fields (Tables 228 and 231).
const (
	annotHidden    = 1 << 1
	annotNoView    = 1 << 5
	fieldMultiline = 1 << 12
	fieldPassword  = 1 << 13
)

// shown reports whether a viewer draws an annotation.
func shown(v *pdf.View, annot pdf.Dict) bool {
	flags, _ := v.Int(annot["F"])
	if flags&(annotHidden|annotNoView) != 0 {
		return false
	}
	switch sub, _ := v.Name(annot["Subtype"]); sub {
	case "Popup":
		return false
	case "Text", "Link", "Widget", "Screen", "Sound", "Movie", "PrinterMark", "TrapNet":
		return annot["AP"] != nil // else it is a small sign of the viewer's own, or nothing
	}
	return true
}

// minCoded is how many characters of fonts with longer codes count as a text. What they are is not known: fewer may be a colon at the
// edge of a field.
const minCoded = 3

// hides reports whether one of the texts is not seen any more under an opaque rectangle.
func hides(cover [4]float64, texts []pdf.Mark) bool {
	coded := 0
	for _, t := range texts {
		w, h := (t.Box[2]-t.Box[0])/10, (t.Box[3]-t.Box[1])/5
		if cover[0] <= t.Box[0]+w && cover[1] <= t.Box[1]+h && cover[2] >= t.Box[2]-w && cover[3] >= t.Box[3]-h {
			if coded += t.Coded; t.Coded == 0 || coded >= minCoded {
				return true
			}
		}
	}
	return false
}

// says reports whether a text has letters or digits, as far as its codes tell.
func says(m pdf.Mark) bool { return m.Coded > 0 || plainText(string(m.Text)) != "" }

// plainText keeps the letters and digits of a text, which is what two ways of writing it have in common.
func plainText(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return r
		}
		return -1
	}, s)
}

// maxCovers bounds the comparison of every opaque mark with every text before it.
const maxCovers = 2000

// pages looks at what each page draws on what.
func (s *suspect) pages() error {
	n, err := s.v.Pages()
	if err != nil {
		return err
	}
	ink := &pdf.Ink{Operators: inkOperators, Bytes: inkBytes}
	for i := range n {
		page, err := s.v.Page(i)
		if err != nil {
			return err
		}
		marks, _, err := s.v.CoveringMarks(page, ink)
		if err != nil {
			return err
		}
		if ink.Operators < 0 || ink.Bytes < 0 {
			s.say("pages-unread", 0, i+1, strconv.Itoa(i))
			return nil
		}
		texts, covers, hidden := marks[:0:0], 0, false
		for _, m := range marks {
			switch {
			case m.Kind == pdf.MarkText && says(m):
				texts = append(texts, m)
			case m.Opaque && !hidden && covers < maxCovers:
				covers++
				hidden = hides(m.Box, texts)
			}
		}
		if hidden {
			s.say("text-covered", page.Ref.Num, i+1, strconv.Itoa(i+1))
		}
		if err := s.annotations(page, i+1, ink); err != nil {
			return err
		}
	}
	return nil
}

// annotations looks at those of a page that cover text. What a signature shows is put there by who signs.
func (s *suspect) annotations(page *pdf.Page, number int, ink *pdf.Ink) error {
	list, err := s.v.Array(page.Dict["Annots"])
	if err != nil {
		return err
	}
	var texts []pdf.Mark
	read := false
	for _, o := range list {
		d, err := s.v.Dict(o)
		if err != nil {
			return err
		}
		if d == nil || !shown(s.v, d) || s.signature(d) {
			continue
		}
		sub, _ := s.v.Name(d["Subtype"])
		marks, _, err := s.v.AppearanceMarks(d, ink)
		if err != nil {
			return err
		}
		if background, _ := s.v.Array(d["C"]); sub == "FreeText" && d["AP"] == nil && len(background) > 0 {
			if r, ok := rectangle(s.v, d["Rect"]); ok {
				marks = []pdf.Mark{{Kind: pdf.MarkFill, Box: r, Opaque: true}} // drawn by the viewer
			}
		}
		for k, m := range marks {
			if k >= maxCovers || !m.Opaque {
				continue
			}
			if !read {
				read = true
				all, _, err := s.v.Marks(page, ink)
				if err != nil {
					return err
				}
				for _, m := range all {
					if m.Kind == pdf.MarkText && says(m) {
						texts = append(texts, m)
					}
				}
			}
			if hides(m.Box, texts) {
				ref, _ := o.(pdf.Ref)
				s.say("text-covered-annotation", ref.Num, number, strconv.Itoa(number), string(sub))
				break
			}
		}
	}
	return nil
}

// signature reports whether an annotation is the widget of a signature field.
func (s *suspect) signature(d pdf.Dict) bool {
	for range 8 {
		if ft, ok := s.v.Name(d["FT"]); ok || d == nil {
			return ft == "Sig"
		}
		d, _ = s.v.Dict(d["Parent"])
	}
	return false
}

// values compares what text fields hold with what they show, as they were signed and as they were filled in later. A viewer that draws
// the fields anew shows the value.
func (s *suspect) values() error {
	told := map[string]bool{}
	for _, v := range []*pdf.View{s.v, s.f.Latest()} {
		if err := s.valuesIn(v, told); err != nil || v == s.f.Latest() {
			return err
		}
	}
	return nil
}

func (s *suspect) valuesIn(v *pdf.View, told map[string]bool) error {
	catalog, _, err := v.Catalog()
	if err != nil {
		return err
	}
	form, err := v.Dict(catalog["AcroForm"])
	if err != nil || form == nil {
		return err
	}
	if anew, _ := form["NeedAppearances"].(bool); anew {
		return nil // what is stored is not what is seen
	}
	fields, err := v.Fields()
	if err != nil {
		return err
	}
	ink := &pdf.Ink{Operators: inkOperators, Bytes: inkBytes}
	for _, f := range fields {
		value, ok := v.Text(f.Value)
		if f.Type != "Tx" || !ok || f.Flags&fieldPassword != 0 || f.Dict["AA"] != nil || plainText(value) == "" {
			continue // a script may format what is shown
		}
		for _, w := range f.Widgets {
			d, err := v.Dict(w)
			if err != nil {
				return err
			}
			if !shown(v, d) || d["AA"] != nil {
				continue
			}
			marks, complete, err := v.AppearanceMarks(d, ink)
			if err != nil {
				return err
			}
			var look strings.Builder
			for _, m := range marks {
				complete = complete && m.Coded == 0
				look.WriteString(string(m.Text))
			}
			a, b := plainText(value), plainText(look.String())
			if complete && b != "" && a != b && !(f.Flags&fieldMultiline != 0 && strings.HasPrefix(a, b)) {
				if !told[f.FullName] {
					s.say("value-differs", w.Num, 0, f.FullName)
				}
				told[f.FullName] = true
				break
			}
		}
	}
	return nil
}

// covering tells of an annotation or field of the new revision that lies on what the page showed before: its text, its pictures, other
// signatures. Pictures that fill most of a page are its background, as of one that was scanned, and tell nothing.
func (d *differ) covering(num uint32, kind Modification, code, number, name string, annot pdf.Dict) error {
	rect, ok := rectangle(d.new, annot["Rect"])
	if !ok || rect[0] >= rect[2] || rect[1] >= rect[3] || !shown(d.new, annot) {
		return nil
	}
	i, err := strconv.Atoi(number)
	if err != nil {
		return nil
	}
	marks, err := d.shows(i - 1)
	if err != nil {
		return err
	}
	for _, m := range marks {
		if overlaps(rect, m) {
			at := fmt.Sprintf("%.0f %.0f %.0f %.0f", rect[0], rect[1], rect[2], rect[3])
			d.say(kind, num, code, number, name, at)
			d.at(d.new, number, annot)
			return nil
		}
	}
	return nil
}

// coveringAgain is covering for an annotation that was there before, and whose dictionary or look is the object that changed.
func (d *differ) coveringAgain(num uint32, number string) error {
	i, err := strconv.Atoi(number)
	if err != nil {
		return nil
	}
	page, err := d.new.Page(i - 1)
	if err != nil {
		return nil // a page that is gone is a change of its own
	}
	list, err := d.new.Array(page.Dict["Annots"])
	if err != nil {
		return err
	}
	for _, o := range list {
		annot, err := d.new.Dict(o)
		if err != nil {
			return err
		}
		ref, _ := o.(pdf.Ref)
		if ref.Num != num && !looksLike(d.new, annot["AP"], num, 0) {
			continue
		}
		sub, _ := d.new.Name(annot["Subtype"])
		if err := d.covering(num, ModificationAnnotation, "annotation-covers", number, string(sub), annot); err != nil {
			return err
		}
	}
	return nil
}

// looksLike reports whether an appearance dictionary, or the states in it, lead to an object.
func looksLike(v *pdf.View, o pdf.Object, num uint32, depth int) bool {
	if ref, ok := o.(pdf.Ref); ok && ref.Num == num {
		return true
	}
	o, _ = v.Resolve(o)
	d, _ := o.(pdf.Dict)
	for _, x := range d {
		if depth < 2 && looksLike(v, x, num, depth+1) {
			return true
		}
	}
	return false
}

// overlaps reports whether a rectangle lies on a mark so that something of it may not be seen: half the height of some letters of a
// text, a tenth of a picture.
func overlaps(r [4]float64, m pdf.Mark) bool {
	w, h := min(r[2], m.Box[2])-max(r[0], m.Box[0]), min(r[3], m.Box[3])-max(r[1], m.Box[1])
	if w <= 0 || h <= 0 {
		return false
	}
	mw, mh := m.Box[2]-m.Box[0], m.Box[3]-m.Box[1]
	if m.Kind == pdf.MarkText {
		long, high := math.Max(mw, mh), math.Min(mw, mh)
		if mw >= mh {
			return h >= high/2 && w >= math.Min(4, long)
		}
		return w >= high/2 && h >= math.Min(4, long)
	}
	return w*h >= mw*mh/10
}

// shows is what the old revision shows on a page, other signatures included.
func (d *differ) shows(i int) ([]pdf.Mark, error) {
	if marks, ok := d.shown[i]; ok {
		return marks, nil
	}
	page, err := d.old.Page(i)
	if err != nil {
		return nil, nil // a page that was added is a change of its own
	}
	all, _, err := d.old.Marks(page, &pdf.Ink{Operators: inkOperators, Bytes: inkBytes})
	if err != nil {
		return nil, err
	}
	var marks []pdf.Mark
	size := (page.MediaBox[2] - page.MediaBox[0]) * (page.MediaBox[3] - page.MediaBox[1])
	for _, m := range all {
		area := (m.Box[2] - m.Box[0]) * (m.Box[3] - m.Box[1])
		if m.Kind == pdf.MarkText && says(m) || m.Kind == pdf.MarkImage && area < size/2 {
			marks = append(marks, m)
		}
	}
	list, err := d.old.Array(page.Dict["Annots"])
	if err != nil {
		return nil, err
	}
	for _, o := range list {
		if ref, ok := o.(pdf.Ref); ok && d.signatures()[ref] {
			w, err := d.old.Dict(ref)
			if err != nil {
				return nil, err
			}
			if r, ok := rectangle(d.old, w["Rect"]); ok {
				marks = append(marks, pdf.Mark{Kind: pdf.MarkImage, Box: r})
			}
		}
	}
	if d.shown == nil {
		d.shown = map[int][]pdf.Mark{}
	}
	d.shown[i] = marks
	return marks, nil
}
