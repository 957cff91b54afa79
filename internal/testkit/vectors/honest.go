package main

import (
	"bytes"
	"context"

	"absah/internal/pdf"
	"absah/pades"
)

// honest are the twins of the attacks: what happens to good documents every day.
func honest() []vector {
	full := func(w *world, doc []byte, level pades.Level) []byte {
		var b bytes.Buffer
		must(0, pades.Sign(context.Background(), &b, bytes.NewReader(doc), int64(len(doc)), w.person.key, pades.SignOptions{
			Certificate: w.person.cert.Raw, Chain: w.person.chain, Level: level, Time: signed, Timestamper: w.national, Fetcher: w.national,
		}))
		return b.Bytes()
	}
	return []vector{
		{File: "honest-approval.pdf", Class: honestClass, How: "a letter with an approval signature and its time-stamp", Expect: valid().says("Induk nasional (contoh)", "National root (example)"), build: func(w *world) []byte {
			return w.approve(w.letter(letter{}))
		}},
		{File: "honest-lta.pdf", Class: honestClass, How: "signed by package pades at B-LTA, cross reference and objects in streams", Expect: valid(), build: func(w *world) []byte {
			return full(w, w.letter(letter{pack: []pdf.Ref{{Num: objPage}, {Num: objForm}, {Num: objName}}}), pades.LevelLTA)
		}},
		{File: "honest-certified-p1.pdf", Class: honestClass, How: "certified, no change allowed, none made", Expect: valid(), build: func(w *world) []byte {
			return w.certify(w.letter(letter{}), 1)
		}},
		{File: "honest-filled.pdf", Class: honestClass, How: "certified with P 2, then a field was filled in", Expect: notes("added").says("isian \"nama\" diisi", "the field \"nama\" was filled in"), build: func(w *world) []byte {
			return fill(w.certify(w.letter(letter{}), 2))
		}},
		{File: "honest-countersigned.pdf", Class: honestClass, How: "certified with P 2, then signed by a second person in an empty corner", Expect: notes("added"), build: func(w *world) []byte {
			return w.sign(w.certify(w.letter(letter{}), 2), signature{
				who: w.official, by: w.national, field: "Signature2", rect: rect(400, 60, 540, 110), look: drawing("BT /F1 10 Tf 4 20 Td (Siti Contoh) Tj ET", 140, 50),
			})
		}},
		{File: "honest-comment.pdf", Class: honestClass, How: "certified with P 3, then a comment was put into the margin", Expect: notes("added").says("halaman 1", "page 1"), build: func(w *world) []byte {
			return annotate(w.certify(w.letter(letter{}), 3), pdf.Dict{"Subtype": pdf.Name("Text"), "Contents": pdf.String("Mohon dicek"), "Rect": rect(560, 800, 580, 820)}, nil)
		}},
		{File: "honest-validation-data.pdf", Class: honestClass, How: "validation data added after the signature", Expect: valid(), build: func(w *world) []byte {
			return update(w.approve(w.letter(letter{})), func(v *pdf.View, u *pdf.Update) {
				d := must(v.Dict(pdf.Ref{Num: objStore}))
				more := u.Alloc()
				u.Set(more, pdf.NewStream(pdf.Dict{}, w.nationalCA.cert.Raw))
				edit(v, u, objStore, pdf.Dict{"Certs": append(append(pdf.Array{}, must(v.Array(d["Certs"]))...), more)})
			})
		}},
		{File: "honest-attachment.pdf", Class: honestClass, How: "a signed document is attached to an unsigned letter, which then was signed: the ByteRange inside is none of its own", Expect: valid(), build: func(w *world) []byte {
			inner := w.approve(w.letter(letter{}))
			return w.approve(w.letter(letter{more: func(n *pdf.NewFile) {
				file := n.Add(pdf.NewStream(pdf.Dict{"Type": pdf.Name("EmbeddedFile")}, inner))
				spec := n.Add(pdf.Dict{"Type": pdf.Name("Filespec"), "F": pdf.String("lampiran.pdf"), "UF": pdf.String("lampiran.pdf"), "EF": pdf.Dict{"F": file}})
				n.Set(pdf.Ref{Num: objRoot}, pdf.Dict{
					"Type": pdf.Name("Catalog"), "Pages": pdf.Ref{Num: objTree}, "AcroForm": pdf.Ref{Num: objForm}, "DSS": pdf.Ref{Num: objStore},
					"Names": pdf.Dict{"EmbeddedFiles": pdf.Dict{"Names": pdf.Array{pdf.String("lampiran.pdf"), spec}}},
				})
			}}))
		}},
	}
}

// fill sets the empty field.
func fill(doc []byte) []byte {
	return update(doc, func(v *pdf.View, u *pdf.Update) {
		look := u.Alloc()
		u.Set(look, drawing("/Tx BMC q BT /F1 12 Tf 2 4 Td (Budi) Tj ET Q EMC", 228, 20))
		edit(v, u, objName, pdf.Dict{"V": pdf.String("Budi"), "AP": pdf.Dict{"N": look}})
	})
}
