package main

import (
	"slices"

	"absah/internal/pdf"
)

// field: sneaky signature fields, which show forged text over the page, and fields that share a name or a signature.
func field() []vector {
	var out []vector
	over := rect(60, 705, 460, 740)
	add := func(class, name, how, twin string, e expect, build func(w *world) []byte) {
		out = append(out, vector{File: name + ".pdf", Class: class, Twin: twin, How: how, Expect: e, build: build})
	}
	empty := func(doc []byte, name string, r pdf.Array, look *pdf.Stream) []byte {
		return update(doc, func(v *pdf.View, u *pdf.Update) {
			addField(v, u, addAnnotation(v, u, pdf.Dict{"Subtype": pdf.Name("Widget"), "FT": pdf.Name("Sig"), "T": pdf.EncodeText(name), "Rect": r}, look))
		})
	}
	for _, p := range []int{1, 2, 3} {
		level := string(rune('0' + p))
		add("SSA", "ssa-empty-p"+level, "certified with P "+level+"; an unsigned signature field shows another amount over the page's", "honest-countersigned.pdf", invalid("modified-forbidden"), func(w *world) []byte {
			return empty(w.certify(w.letter(letter{}), p), "Signature2", over, drawing(cover, 400, 35))
		})
	}
	add("SSA", "ssa-stranger", "certified with P 2; a signature under an unknown authority shows another amount over the page's", "honest-countersigned.pdf", never(), func(w *world) []byte {
		return w.sign(w.certify(w.letter(letter{}), 2), signature{who: w.stranger, field: "Signature2", rect: over, look: drawing(cover, 400, 35)})
	})
	add("SSA", "ssa-signed", "certified with P 2; a signature of a trusted person shows another amount over the page's", "honest-countersigned.pdf", invalid(), func(w *world) []byte {
		return w.sign(w.certify(w.letter(letter{}), 2), signature{who: w.official, by: w.national, field: "Signature2", rect: over, look: drawing(cover, 400, 35)})
	})
	add("SSA", "ssa-p1", "certified with P 1; signed by a second person", "honest-countersigned.pdf", invalid("modified-forbidden"), func(w *world) []byte {
		return w.sign(w.certify(w.letter(letter{}), 1), signature{who: w.official, by: w.national, field: "Signature2"})
	})
	add("SSA", "ssa-text-field", "certified with P 2; a text field, which nobody has to sign, shows another amount over the page's", "honest-filled.pdf", invalid("modified"), func(w *world) []byte {
		return update(w.certify(w.letter(letter{}), 2), func(v *pdf.View, u *pdf.Update) {
			addField(v, u, addAnnotation(v, u, pdf.Dict{"Subtype": pdf.Name("Widget"), "FT": pdf.Name("Tx"), "T": pdf.String("lain"), "V": pdf.String("90"), "Rect": over}, drawing(cover, 400, 35)))
		})
	})
	add("SSA", "ssa-widget-alone", "certified with P 2; a widget that belongs to no field shows another amount over the page's", "honest-filled.pdf", invalid("modified-forbidden"), func(w *world) []byte {
		return annotate(w.certify(w.letter(letter{}), 2), pdf.Dict{"Subtype": pdf.Name("Widget"), "Rect": over}, drawing(cover, 400, 35))
	})
	add("SSA", "ssa-approval-empty", "an approval signature; an unsigned signature field shows another amount over the page's", "honest-countersigned.pdf", expect{Verdict: []string{"valid-with-notes", "invalid"}}, func(w *world) []byte {
		return empty(w.approve(w.letter(letter{})), "Signature2", over, drawing(cover, 400, 35))
	})
	add("SSA", "ssa-moved", "the signed field is moved over the amount and gets another look", "honest-approval.pdf", invalid("modified"), func(w *world) []byte {
		doc := w.approve(w.letter(letter{}))
		return update(doc, func(v *pdf.View, u *pdf.Update) {
			f := signatureField(v)
			look := u.Alloc()
			u.Set(look, drawing(cover, 400, 35))
			edit(v, u, f.Num, pdf.Dict{"Rect": over, "AP": pdf.Dict{"N": look}})
		})
	})
	add("SSA", "ssa-timestamp", "certified with P 1; a document time-stamp, which is allowed, whose field shows another amount over the page's", "honest-lta.pdf", never("modified-forbidden"), func(w *world) []byte {
		doc := stamp(w.certify(w.letter(letter{}), 1), w.national.when(soon))
		return update(doc, func(v *pdf.View, u *pdf.Update) {
			fields := must(v.Fields())
			look := u.Alloc()
			u.Set(look, drawing(cover, 400, 35))
			edit(v, u, fields[len(fields)-1].Ref.Num, pdf.Dict{"Rect": over, "AP": pdf.Dict{"N": look}})
		})
	})
	out[len(out)-1].Expect.Codes = nil

	add("DUPLICATE-FIELD", "field-shared", "two fields hold one and the same signature", "honest-approval.pdf", notes("field-shared"), func(w *world) []byte {
		return w.sign(w.letter(letter{}), signature{who: w.person, by: w.national, more: func(v *pdf.View, u *pdf.Update) { again(v, u, "Tanda tangan direktur") }})
	})
	add("DUPLICATE-FIELD", "field-shared-later", "a second field with the same signature is added later", "honest-approval.pdf", expect{Verdict: []string{"valid-with-notes", "invalid"}}, func(w *world) []byte {
		return update(w.approve(w.letter(letter{})), func(v *pdf.View, u *pdf.Update) {
			sig := must(v.Dict(signatureField(v)))["V"]
			addField(v, u, addAnnotation(v, u, pdf.Dict{"Subtype": pdf.Name("Widget"), "FT": pdf.Name("Sig"), "T": pdf.String("Tanda tangan direktur"), "V": sig, "Rect": rect(0, 0, 0, 0)}, nil))
		})
	})
	for _, c := range [][3]string{
		{"same", "Persetujuan", "Persetujuan"},
		{"case", "Persetujuan", "PERSETUJUAN"},
		{"wide", "Persetujuan", "Ｐersetujuan"},
		{"invisible", "Persetujuan", "Persetu\u200bjuan"},
		{"cyrillic", "Persetujuan", "Реrsetujuan"},
	} {
		code := "field-name-alike"
		if c[0] == "same" {
			code = "field-name-twice"
		}
		add("DUPLICATE-FIELD", "field-name-"+c[0], "two signatures whose field names cannot be told apart: "+c[0], "honest-countersigned.pdf", notes(code), func(w *world) []byte {
			doc := w.sign(w.letter(letter{}), signature{who: w.person, by: w.national, field: c[1]})
			return w.sign(doc, signature{who: w.official, by: w.national, field: c[2]})
		})
	}
	add("DUPLICATE-FIELD", "field-overlap", "the widgets of two signatures lie over each other", "honest-countersigned.pdf", notes(), func(w *world) []byte {
		r := rect(400, 60, 540, 110)
		doc := w.sign(w.letter(letter{}), signature{who: w.person, by: w.national, rect: r, look: drawing("BT /F1 10 Tf 4 20 Td (Budi Contoh) Tj ET", 140, 50)})
		return w.sign(doc, signature{who: w.official, by: w.national, field: "Signature2", rect: r, look: drawing("1 g 0 0 140 50 re f 0 g BT /F1 10 Tf 4 20 Td (Siti Contoh) Tj ET", 140, 50)})
	})
	out[len(out)-1].Expect = expect{Verdict: []string{"valid-with-notes", "invalid"}}
	add("LOOK", "look-without-signature", "a picture that looks like a signature, with a green tick, and no signature", "honest-approval.pdf", expect{Verdict: []string{"unsigned"}, ID: []string{"TIDAK ADA TANDA TANGAN ELEKTRONIK"}, EN: []string{"NO ELECTRONIC SIGNATURE"}}, func(w *world) []byte {
		return annotate(w.letter(letter{}), pdf.Dict{"Subtype": pdf.Name("Stamp"), "Rect": rect(400, 60, 540, 110)}, drawing("0 .6 0 RG 3 w 4 24 m 10 14 l 24 40 l S BT /F1 10 Tf 30 20 Td (Ditandatangani secara elektronik) Tj ET", 240, 50))
	})
	add("LOOK", "look-name", "the dictionary says another name than the certificate", "honest-approval.pdf", valid().says("Budi Contoh", "Budi Contoh"), func(w *world) []byte {
		return w.sign(w.letter(letter{}), signature{who: w.person, by: w.national, dict: pdf.Dict{"Name": pdf.String("Menteri Contoh")}})
	})
	return out
}

// signatureField is the first field of the document that holds a signature.
func signatureField(v *pdf.View) pdf.Ref {
	fields := must(v.Fields())
	return fields[slices.IndexFunc(fields, func(f pdf.Field) bool { return f.Type == "Sig" && f.Value != nil })].Ref
}

// again adds, in the revision of a signature, a second field with the same value.
func again(v *pdf.View, u *pdf.Update, name string) {
	list := must(v.Array(current(v, u, objForm)["Fields"]))
	first := current(v, u, list[len(list)-1].(pdf.Ref).Num)
	addField(v, u, addAnnotation(v, u, with(first, pdf.Dict{"T": pdf.EncodeText(name)}), nil))
}
