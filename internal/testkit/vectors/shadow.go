package main

import (
	"fmt"

	"absah/internal/pdf"
)

const (
	// What is drawn first is covered by the cover.
	coveredLetter = "BT /F1 14 Tf 72 760 Td (SURAT KEPUTUSAN NOMOR 1/CONTOH/2026) Tj ET\n" +
		"BT /F1 12 Tf 72 720 Td (Nilai pekerjaan: Rp 90.000.000,00) Tj ET\n" +
		"q 1 0 0 1 60 710 cm /Fm1 Do Q\n"
	cover = "1 g 0 0 400 30 re f 0 g BT /F1 12 Tf 12 10 Td (Nilai pekerjaan: Rp 10.000.000,00) Tj ET"
)

// shadow: the document is prepared before it is signed and changed afterwards. The prepared half has a good signature, and is loaded.
func shadow() []vector {
	var out []vector
	pair := func(name, how string, prepare func(w *world) []byte, warn expect, changed string, e expect, change func(doc []byte) []byte) {
		if prepare != nil {
			out = append(out, vector{File: "shadow-" + name + "-prepared.pdf", Class: "SHADOW-PREPARED", Twin: "honest-approval.pdf", How: how, Expect: warn, build: prepare})
		}
		out = append(out, vector{File: "shadow-" + name + ".pdf", Class: "SHADOW-" + changed, Twin: "honest-filled.pdf", How: how + "; the second step is done", Expect: e, build: func(w *world) []byte {
			if prepare == nil {
				return change(w.approve(w.letter(letter{})))
			}
			return change(prepare(w))
		}})
	}
	hidden := func(w *world) []byte {
		return w.approve(w.letter(letter{content: coveredLetter, logo: drawing(cover, 400, 30)}))
	}
	pair("hide-metadata", "a form XObject covers another amount; afterwards its number holds metadata", hidden, notes("text-covered"), "HIDE", invalid("modified"), func(doc []byte) []byte {
		return set(doc, objLogo, pdf.NewStream(pdf.Dict{"Type": pdf.Name("Metadata"), "Subtype": pdf.Name("XML")}, []byte("<x/>")))
	})
	pair("hide-empty", "a form XObject covers another amount; afterwards its number holds an empty dictionary", nil, expect{}, "HIDE", invalid("modified"), func(doc []byte) []byte {
		return set(doc, objLogo, pdf.Dict{})
	})
	pair("hide-freed", "a form XObject covers another amount; afterwards its number is free, by an xref section alone", nil, expect{}, "HIDE", invalid("modified"), func(doc []byte) []byte {
		return appendXref(doc, fmt.Sprintf("%d 1\n0000000000 00001 f \n", objLogo), rootOfLetter)
	})
	withField := func(w *world) []byte {
		return w.approve(w.letter(letter{content: coveredLetter[:len(coveredLetter)-len("q 1 0 0 1 60 710 cm /Fm1 Do Q\n")], more: func(n *pdf.NewFile) {
			n.Set(pdf.Ref{Num: objAmount}, pdf.Dict{
				"FT": pdf.Name("Tx"), "T": pdf.String("jumlah"), "V": pdf.String("Nilai pekerjaan: Rp 10.000.000,00"), "Type": pdf.Name("Annot"), "Subtype": pdf.Name("Widget"), "F": pdf.Integer(4),
				"P": pdf.Ref{Num: objPage}, "Rect": rect(60, 710, 460, 740), "AP": pdf.Dict{"N": pdf.Ref{Num: objLook}},
			})
			n.Set(pdf.Ref{Num: objLook}, drawing(cover, 400, 30))
		}}))
	}
	pair("hide-field", "a form field covers another amount; afterwards its flags hide it", withField, notes("text-covered-annotation"), "HIDE", invalid("modified"), func(doc []byte) []byte {
		return update(doc, func(v *pdf.View, u *pdf.Update) { edit(v, u, objAmount, pdf.Dict{"F": pdf.Integer(2)}) })
	})

	differ := func(w *world) []byte {
		return w.approve(w.letter(letter{more: func(n *pdf.NewFile) {
			n.Set(pdf.Ref{Num: objLook}, drawing("/Tx BMC q BT /F1 12 Tf 2 4 Td (90) Tj ET Q EMC", 228, 20))
		}}))
	}
	pair("replace-overlay", "the value of a field is another than the one it shows; afterwards a viewer is made to draw it", differ, notes("value-differs"), "REPLACE", never(), func(doc []byte) []byte {
		return update(doc, func(v *pdf.View, u *pdf.Update) { edit(v, u, objAmount, pdf.Dict{"AP": nil}) })
	})
	pair("replace-look", "the look of a filled field is drawn anew, its value is not", nil, expect{}, "REPLACE", invalid("modified"), func(doc []byte) []byte {
		return set(doc, objLook, drawing("/Tx BMC q BT /F1 12 Tf 2 4 Td (90) Tj ET Q EMC", 228, 20))
	})
	pair("replace-font", "the font of the page gets an encoding that shows 9 for 1", nil, expect{}, "REPLACE", invalid("modified"), func(doc []byte) []byte {
		return update(doc, func(v *pdf.View, u *pdf.Update) {
			edit(v, u, objFont, pdf.Dict{"Encoding": pdf.Dict{"Type": pdf.Name("Encoding"), "BaseEncoding": pdf.Name("WinAnsiEncoding"), "Differences": pdf.Array{pdf.Integer('1'), pdf.Name("nine")}}})
		})
	})
	pair("replace-look-and-value", "value and look of a field that had one are set again: form filling that an approval signature does not forbid", nil, expect{}, "REPLACE", notes("added"), func(doc []byte) []byte {
		return update(doc, func(v *pdf.View, u *pdf.Update) {
			look := u.Alloc()
			u.Set(look, drawing("/Tx BMC q BT /F1 12 Tf 2 4 Td (90) Tj ET Q EMC", 228, 20))
			edit(v, u, objAmount, pdf.Dict{"V": pdf.String("90"), "AP": pdf.Dict{"N": look}})
		})
	})

	// Objects behind the last one of the plain letter.
	second := func(w *world) (doc []byte, content, catalog, page uint32) {
		doc = w.approve(w.letter(letter{more: func(n *pdf.NewFile) {
			c, tree, p, root := n.Alloc(), n.Alloc(), n.Alloc(), n.Alloc()
			n.Set(c, text(forgedLetter))
			n.Set(tree, pdf.Dict{"Type": pdf.Name("Pages"), "Kids": pdf.Array{p}, "Count": pdf.Integer(1)})
			n.Set(p, pdf.Dict{
				"Type": pdf.Name("Page"), "Parent": tree, "MediaBox": rect(0, 0, 595, 842), "Contents": c,
				"Resources": pdf.Dict{"Font": pdf.Dict{"F1": pdf.Ref{Num: objFont}}}, "Annots": pdf.Array{pdf.Ref{Num: objName}, pdf.Ref{Num: objAmount}},
			})
			n.Set(root, pdf.Dict{"Type": pdf.Name("Catalog"), "Pages": tree, "AcroForm": pdf.Ref{Num: objForm}, "DSS": pdf.Ref{Num: objStore}})
			content, page, catalog = c.Num, p.Num, root.Num
		}}))
		return doc, content, catalog, page
	}
	prepared := func(w *world) []byte { doc, _, _, _ := second(w); return doc }
	pair("both-page", "a second page lies unused in the signed bytes; afterwards an xref section alone points the page's number at it", prepared, notes("page-hidden"), "HIDE-AND-REPLACE", invalid("modified"), nil)
	out[len(out)-1].build = func(w *world) []byte {
		doc, _, _, page := second(w)
		return appendXref(doc, entry(objPage, place(doc, page)), rootOfLetter)
	}
	pair("both-content", "a second content stream lies unused in the signed bytes; afterwards an xref section alone points the content's number at it", nil, expect{}, "HIDE-AND-REPLACE", invalid("modified"), nil)
	out[len(out)-1].build = func(w *world) []byte {
		doc, content, _, _ := second(w)
		return appendXref(doc, entry(objContent, place(doc, content)), rootOfLetter)
	}
	pair("both-catalog", "a second catalog and page tree lie unused in the signed bytes; afterwards a trailer alone names it", nil, expect{}, "HIDE-AND-REPLACE", invalid("modified"), nil)
	out[len(out)-1].build = func(w *world) []byte {
		doc, _, catalog, _ := second(w)
		return appendXref(doc, "0 1\n0000000000 65535 f \n", fmt.Sprintf("/Root %d 0 R", catalog))
	}
	pair("both-stream", "the same by a cross-reference stream", nil, expect{}, "HIDE-AND-REPLACE", invalid("modified"), nil)
	out[len(out)-1].build = func(w *world) []byte {
		doc, _, _, page := second(w)
		to := place(doc, page)
		start, num := len(doc), 80
		body := []byte{1, byte(to >> 16), byte(to >> 8), byte(to), 0, 1, byte(start >> 16), byte(start >> 8), byte(start), 0}
		return fmt.Appendf(append([]byte{}, doc...), "%d 0 obj\n<</Type/XRef/Size 90/W[1 3 1]/Index[%d 1 %d 1]/Prev %d%s/Length %d>>\nstream\n%s\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n",
			num, objPage, num, lastXref(doc), rootOfLetter, len(body), body, start)
	}
	pair("both-number", "the content stream is written twice under its number in the signed revision; afterwards an xref section points at the other", nil, expect{}, "HIDE-AND-REPLACE", invalid("modified"), nil)
	out[len(out)-1].build = func(w *world) []byte {
		doc, other := twice(w)
		return appendXref(doc, entry(objContent, other), rootOfLetter)
	}
	out = append(out, vector{File: "shadow-both-number-prepared.pdf", Class: "SHADOW-PREPARED", Twin: "honest-approval.pdf", How: "the content stream is written twice under its number in the signed revision", Expect: notes("object-twice"), build: func(w *world) []byte {
		doc, _ := twice(w)
		return doc
	}})
	return out
}

// twice is a signed letter whose first revision holds the content's number twice; the second return value is the place of the one that is not used.
func twice(w *world) ([]byte, int64) {
	base := w.letter(letter{})
	body, xref := base[:lastXref(base)], base[lastXref(base):]
	other := int64(len(body))
	out := append(append([]byte{}, body...), object(objContent, stream(forgedLetter))...)
	at := len(out)
	out = append(out, xref...)
	out = replaceOnce(out, fmt.Sprintf("startxref\n%d\n", len(body)), fmt.Sprintf("startxref\n%d\n", at))
	return w.approve(out), other
}
