package main

import (
	"absah/internal/pdf"
)

// lookalike: names that look like others. Signers are told by their certificates; a name in it may still deceive the eye.
func lookalike() []vector {
	var out []vector
	add := func(name, how, cn string, e expect) {
		out = append(out, vector{File: "name-" + name + ".pdf", Class: "LOOKALIKE", Twin: "honest-approval.pdf", How: how, Expect: e, build: func(w *world) []byte {
			who := w.lookalikes[cn]
			return w.sign(w.letter(letter{status: w.national.status(who, w.national.tsa)}), signature{who: who, by: w.national})
		}})
	}
	add("cyrillic", "the signer's name begins with a Cyrillic letter that looks like a B", "Вudi Contoh", notes("name-mixed-scripts"))
	add("bidi", "the signer's name holds a sign that turns the direction of writing", "Budi \u202eotnoC", notes("name-invisible"))
	add("invisible", "the signer's name holds a space of no width", "Budi\u200b Contoh", notes("name-invisible"))
	add("wide", "the signer's name begins with a full-width letter", "Ｂudi Contoh", notes("name-mixed-scripts"))
	add("greek", "a name written in Greek throughout", "Δημήτρης Παράδειγμα", valid())
	add("accents", "a name with letters of several languages in one script", "André Nuñez Żółć", valid())
	for i := len(out) - 2; i < len(out); i++ {
		out[i].Class, out[i].Twin = honestClass, ""
	}
	out = append(out,
		vector{File: "name-impostor.pdf", Class: "LOOKALIKE", Twin: "honest-approval.pdf", How: "all names of the chain are those of the national hierarchy, over other keys", Expect: unsureFor("NO_CERTIFICATE_CHAIN_FOUND", "signature-invalid").says("jangan menambahkan penerbitnya", "do not add its issuer"), build: func(w *world) []byte {
			return w.sign(w.letter(letter{}), signature{who: w.impostor, by: w.national})
		}},
		vector{File: "name-field-lines.pdf", Class: "LOOKALIKE", Twin: "honest-approval.pdf", How: "the field's name and the reason hold line breaks and a verdict of their own", Expect: valid(), build: func(w *world) []byte {
			return w.sign(w.letter(letter{}), signature{who: w.person, by: w.national, field: "x\n    Sertifikat dipercaya ya", dict: pdf.Dict{"Reason": pdf.EncodeText("x\nTotal: SAH \u202e")}})
		}},
	)
	return out
}
