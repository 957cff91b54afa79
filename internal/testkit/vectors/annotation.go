package main

import (
	"strings"

	"absah/internal/pdf"
)

// annotation: evil annotations. A certification with P 3 allows annotations, and one can show anything anywhere.
func annotation() []vector {
	var out []vector
	over := rect(60, 705, 460, 740)
	forged := func() *pdf.Stream { return drawing(cover, 400, 35) }
	add := func(name, how string, p int, e expect, d pdf.Dict, look *pdf.Stream) {
		out = append(out, vector{File: "eaa-" + name + ".pdf", Class: "EAA", Twin: "honest-comment.pdf", How: how, Expect: e, build: func(w *world) []byte {
			return annotate(w.certify(w.letter(letter{}), p), d, look)
		}})
	}
	covers := invalid("covers-content")
	for _, sub := range []pdf.Name{"FreeText", "Stamp", "Redact", "Ink", "Square", "Line", "Polygon", "Highlight", "Watermark", "FileAttachment"} {
		d := pdf.Dict{"Subtype": sub, "Contents": pdf.String("Rp 10.000.000,00"), "Rect": over}
		switch sub {
		case "Ink":
			d["InkList"] = pdf.Array{rect(60, 705, 460, 740)}
		case "Line":
			d["L"] = rect(60, 720, 460, 720)
		case "Polygon":
			d["Vertices"] = rect(60, 705, 460, 705, 460, 740, 60, 740)
		case "Highlight", "Redact":
			d["QuadPoints"] = rect(60, 740, 460, 740, 60, 705, 460, 705)
		case "FreeText":
			d["DA"] = pdf.String("/F1 12 Tf 0 g")
		}
		add(strings.ToLower(string(sub)), "certified with P 3; a "+string(sub)+" annotation with a look of its own covers the amount", 3, covers, d, forged())
	}
	add("link", "certified with P 3; a link whose look covers the amount", 3, covers, pdf.Dict{"Subtype": pdf.Name("Link"), "Rect": over, "Border": rect(0, 0, 0)}, forged())
	add("unknown", "certified with P 3; an annotation of a kind that no standard knows covers the amount", 3, covers, pdf.Dict{"Subtype": pdf.Name("Contoh"), "Rect": over}, forged())
	add("matrix", "certified with P 3; the rectangle is small and outside the text, and the look's own matrix is as large as the page", 3, notes("added"), pdf.Dict{"Subtype": pdf.Name("Stamp"), "Rect": rect(560, 800, 590, 830)},
		pdf.NewStream(pdf.Dict{"Type": pdf.Name("XObject"), "Subtype": pdf.Name("Form"), "BBox": rect(0, 0, 400, 35), "Matrix": rect(20, 0, 0, 20, -900, -1600), "Resources": pdf.Dict{"Font": pdf.Dict{"F1": pdf.Ref{Num: objFont}}}}, []byte(cover)))
	add("no-look", "certified with P 3; a white FreeText without a look, which a viewer draws itself, covers the amount", 3, covers, pdf.Dict{"Subtype": pdf.Name("FreeText"), "Contents": pdf.String("Rp 10.000.000,00"), "DA": pdf.String("/F1 12 Tf 0 g"), "C": pdf.Array{pdf.Integer(1)}, "Rect": over}, nil)
	add("p2", "certified with P 2, which forbids annotations", 2, invalid("modified-forbidden"), pdf.Dict{"Subtype": pdf.Name("Stamp"), "Rect": over}, forged())
	add("p1", "certified with P 1, which forbids everything", 1, invalid("modified-forbidden"), pdf.Dict{"Subtype": pdf.Name("Text"), "Contents": pdf.String("Mohon dicek"), "Rect": rect(560, 800, 580, 820)}, nil)
	out = append(out, vector{File: "eaa-action.pdf", Class: "EAA", Twin: "honest-comment.pdf", How: "certified with P 3; a comment in the margin that runs a script when it is shown", Expect: notes("added"), build: func(w *world) []byte {
		return annotate(w.certify(w.letter(letter{}), 3), pdf.Dict{
			"Subtype": pdf.Name("Screen"), "Rect": rect(560, 800, 580, 820), "AA": pdf.Dict{"PO": pdf.Dict{"S": pdf.Name("JavaScript"), "JS": pdf.String("app.alert(1)")}},
		}, nil)
	}}, vector{File: "eaa-approval.pdf", Class: "EAA", Twin: "honest-comment.pdf", How: "an approval signature; a stamp covers the amount", Expect: notes("added"), build: func(w *world) []byte {
		return annotate(w.approve(w.letter(letter{})), pdf.Dict{"Subtype": pdf.Name("Stamp"), "Rect": over}, forged())
	}}, vector{File: "eaa-shared-look.pdf", Class: "EAA", Twin: "honest-comment.pdf", How: "certified with P 3; the annotation's look is an object that the page draws, written anew", Expect: invalid("modified"), build: func(w *world) []byte {
		return update(w.certify(w.letter(letter{}), 3), func(v *pdf.View, u *pdf.Update) {
			u.Set(pdf.Ref{Num: objLogo}, drawing(cover, 400, 35))
			addAnnotation(v, u, pdf.Dict{"Subtype": pdf.Name("Stamp"), "Rect": rect(560, 800, 580, 820), "AP": pdf.Dict{"N": pdf.Ref{Num: objLogo}}}, nil)
		})
	}})
	return out
}
