package main

import (
	"absah/internal/pdf"
)

// certification: tricks with the permission that a certification gives (ISO 32000-2 §12.8.2.2).
func certification() []vector {
	var out []vector
	add := func(name, how string, e expect, build func(w *world) []byte) {
		out = append(out, vector{File: "certify-" + name + ".pdf", Class: "CERTIFICATION", Twin: "honest-certified-p1.pdf", How: how, Expect: e, build: build})
	}
	comment := func(doc []byte) []byte {
		return annotate(doc, pdf.Dict{"Subtype": pdf.Name("Text"), "Contents": pdf.String("Mohon dicek"), "Rect": rect(560, 800, 580, 820)}, nil)
	}
	add("second", "certified twice", never("certification-second"), func(w *world) []byte {
		return w.sign(w.certify(w.letter(letter{}), 2), signature{who: w.official, by: w.national, field: "Signature2", certify: pdf.Integer(2)})
	})
	add("late", "approved first, certified by a second person", notes("certification-late"), func(w *world) []byte {
		return w.sign(w.approve(w.letter(letter{})), signature{who: w.official, by: w.national, field: "Signature2", certify: pdf.Integer(2)})
	})
	add("raised", "certified with P 1; a second certification says P 3, and a comment follows", invalid("modified-forbidden"), func(w *world) []byte {
		return comment(w.sign(w.certify(w.letter(letter{}), 1), signature{who: w.official, by: w.national, field: "Signature2", certify: pdf.Integer(3)}))
	})
	add("perms-removed", "certified with P 1; Perms taken out of the catalog, and a comment follows", invalid("modified"), func(w *world) []byte {
		return comment(update(w.certify(w.letter(letter{}), 1), func(v *pdf.View, u *pdf.Update) { edit(v, u, objRoot, pdf.Dict{"Perms": nil}) }))
	})
	add("perms-moved", "certified with P 1; Perms points at another signature", never(), func(w *world) []byte {
		doc := w.certify(w.letter(letter{}), 1)
		return w.sign(doc, signature{who: w.official, by: w.national, field: "Signature2", more: func(v *pdf.View, u *pdf.Update) {
			list := must(v.Array(current(v, u, objForm)["Fields"]))
			edit(v, u, objRoot, pdf.Dict{"Perms": pdf.Dict{"DocMDP": current(v, u, list[len(list)-1].(pdf.Ref).Num)["V"]}})
		}})
	})
	indirect := func(w *world, p int) ([]byte, uint32) {
		var params pdf.Ref
		doc := w.letter(letter{more: func(n *pdf.NewFile) {
			params = n.Add(pdf.Dict{"Type": pdf.Name("TransformParams"), "P": pdf.Integer(p), "V": pdf.Name("1.2")})
		}})
		return w.sign(doc, signature{who: w.person, by: w.national, certify: pdf.Integer(p), params: params}), params.Num
	}
	add("indirect", "the parameters of the certification are an object of their own; nothing changes", valid(), func(w *world) []byte {
		doc, _ := indirect(w, 1)
		return doc
	})
	out[len(out)-1].Class, out[len(out)-1].Twin = honestClass, ""
	add("indirect-raised", "the parameters are an object of their own, which an update raises from P 1 to P 3; a comment follows", invalid("modified"), func(w *world) []byte {
		doc, num := indirect(w, 1)
		return comment(update(doc, func(v *pdf.View, u *pdf.Update) { edit(v, u, num, pdf.Dict{"P": pdf.Integer(3)}) }))
	})
	add("no-perms", "certified with P 2, which the catalog does not name, and filled in", notes("added"), func(w *world) []byte {
		return fill(w.sign(w.letter(letter{}), signature{who: w.person, by: w.national, certify: pdf.Integer(2), noPerms: true}))
	})
	add("no-perms-comment", "certified with P 2, which the catalog does not name; a comment follows", invalid("modified-forbidden"), func(w *world) []byte {
		return comment(w.sign(w.letter(letter{}), signature{who: w.person, by: w.national, certify: pdf.Integer(2), noPerms: true}))
	})
	for _, c := range []struct {
		name string
		p    pdf.Object
	}{
		{"p-0", pdf.Integer(0)},
		{"p-4", pdf.Integer(4)},
		{"p-negative", pdf.Integer(-1)},
		{"p-name", pdf.Name("1")},
		{"p-text", pdf.String("1")},
		{"p-array", rect(1)},
		{"p-huge", pdf.Literal{Bytes: []byte("4294967299")}},
	} {
		add(c.name, "the permission is none of 1, 2 and 3: readers differ in what it allows", unsureFor("SIG_CONSTRAINTS_FAILURE", "certification-permission"), func(w *world) []byte {
			return w.sign(w.letter(letter{}), signature{who: w.person, by: w.national, certify: c.p})
		})
	}
	add("default", "the permission is left out: it is 2 (ISO 32000-2 Table 257)", valid(), func(w *world) []byte {
		return w.sign(w.letter(letter{}), signature{who: w.person, by: w.national, certify: pdf.Integer(2), params: pdf.Dict{"Type": pdf.Name("TransformParams"), "V": pdf.Name("1.2")}})
	})
	out[len(out)-1].Class, out[len(out)-1].Twin = honestClass, ""
	lock := pdf.Dict{"Type": pdf.Name("SigFieldLock"), "Action": pdf.Name("Include"), "Fields": pdf.Array{pdf.String("nama")}}
	locked := func(w *world) []byte {
		return w.sign(w.letter(letter{}), signature{who: w.person, by: w.national, entry: pdf.Dict{"Lock": lock}, dict: pdf.Dict{"Reference": pdf.Array{pdf.Dict{
			"Type": pdf.Name("SigRef"), "TransformMethod": pdf.Name("FieldMDP"), "Data": pdf.Ref{Num: objRoot}, "TransformParams": with(lock, pdf.Dict{"Type": pdf.Name("TransformParams"), "V": pdf.Name("1.2")}),
		}}}})
	}
	add("locked-field", "the signature locks a field, which is filled in afterwards", invalid("modified-locked"), func(w *world) []byte { return fill(locked(w)) })
	add("lock-removed", "the signature locks a field; an update takes the lock off its own field, and fills in the other", invalid("modified-locked"), func(w *world) []byte {
		return fill(update(locked(w), func(v *pdf.View, u *pdf.Update) { edit(v, u, signatureField(v).Num, pdf.Dict{"Lock": nil}) }))
	})
	return out
}
