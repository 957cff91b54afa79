package main

import (
	"bytes"
	"compress/zlib"
	"fmt"

	"absah/internal/pdf"
)

// loop: structures that lead back to themselves, or that grow without end. A verifier comes to an end and says something.
func loop() []vector {
	var out []vector
	add := func(class, name, how string, build func(w *world) []byte) {
		out = append(out, vector{File: name + ".pdf", Class: class, How: how, Expect: anyAnswer(), build: build})
	}
	add("LOOP", "loop-prev", "an xref section whose Prev is itself", func(w *world) []byte {
		doc := w.approve(w.letter(letter{}))
		return fmt.Appendf(append([]byte{}, doc...), "xref\n0 1\n0000000000 65535 f \ntrailer\n<</Size 90%s/Prev %d>>\nstartxref\n%d\n%%%%EOF\n", rootOfLetter, len(doc), len(doc))
	})
	add("LOOP", "loop-pages", "a page tree that holds itself", func(w *world) []byte {
		return w.approve(set(w.letter(letter{}), objTree, pdf.Dict{"Type": pdf.Name("Pages"), "Kids": pdf.Array{pdf.Ref{Num: objPage}, pdf.Ref{Num: objTree}}, "Count": pdf.Integer(9999999999)}))
	})
	add("LOOP", "loop-fields", "a form field that is its own kid and parent", func(w *world) []byte {
		return update(w.approve(w.letter(letter{})), func(v *pdf.View, u *pdf.Update) {
			edit(v, u, objName, pdf.Dict{"Kids": pdf.Array{pdf.Ref{Num: objName}}, "Parent": pdf.Ref{Num: objName}})
		})
	})
	add("LOOP", "loop-reference", "the signature field's value leads through references to itself", func(w *world) []byte {
		return update(w.approve(w.letter(letter{})), func(v *pdf.View, u *pdf.Update) {
			f := signatureField(v)
			a, b := u.Alloc(), u.Alloc()
			u.Set(a, b)
			u.Set(b, a)
			edit(v, u, f.Num, pdf.Dict{"V": a})
		})
	})
	add("LOOP", "loop-length", "the Length of the content is the content stream itself", func(w *world) []byte {
		return set(w.approve(w.letter(letter{})), objContent, pdf.Literal{Bytes: fmt.Appendf(nil, "<</Length %d 0 R>>\nstream\n%s\nendstream", objContent, forgedLetter)})
	})
	add("BOMB", "bomb-flate", "a store entry that inflates twice, to 64 MiB", func(w *world) []byte {
		return update(w.approve(w.letter(letter{})), func(v *pdf.View, u *pdf.Update) {
			entry := u.Alloc()
			u.Set(entry, pdf.NewStream(pdf.Dict{"Filter": pdf.Array{pdf.Name("FlateDecode"), pdf.Name("FlateDecode")}}, deflate(deflate(make([]byte, 64<<20)))))
			edit(v, u, objStore, pdf.Dict{"Certs": append(append(pdf.Array{}, must(v.Array(must(v.Dict(pdf.Ref{Num: objStore}))["Certs"]))...), entry)})
		})
	})
	add("BOMB", "bomb-objects", "an object stream that says it holds 99999999 objects", func(w *world) []byte {
		doc := w.approve(w.letter(letter{}))
		body := object(71, "<</Type/ObjStm/N 99999999/First 8/Length 12>>\nstream\n72 0    null\nendstream")
		return streamUpdate(doc, body, [4]int{71, 1, len(doc), 0}, [4]int{72, 2, 71, 0})
	})
	add("BOMB", "bomb-size", "a trailer that says there are 8388607 objects, and an xref subsection that says the same", func(w *world) []byte {
		doc := w.approve(w.letter(letter{}))
		return fmt.Appendf(append([]byte{}, doc...), "xref\n0 8388607\n0000000000 65535 f \ntrailer\n<</Size 8388607%s/Prev %d>>\nstartxref\n%d\n%%%%EOF\n", rootOfLetter, lastXref(doc), len(doc))
	})
	add("BOMB", "bomb-depth", "an annotation of 2000 arrays inside each other", func(w *world) []byte {
		return annotate(w.approve(w.letter(letter{})), pdf.Dict{
			"Subtype": pdf.Name("Text"), "Rect": rect(560, 800, 580, 820), "Contoh": pdf.Literal{Bytes: append(bytes.Repeat([]byte("["), 2000), bytes.Repeat([]byte("]"), 2000)...)},
		}, nil)
	})
	return out
}

func deflate(b []byte) []byte {
	var out bytes.Buffer
	w := must(zlib.NewWriterLevel(&out, zlib.BestCompression))
	must(w.Write(b))
	must(0, w.Close())
	return out.Bytes()
}
