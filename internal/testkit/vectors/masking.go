package main

import (
	"bytes"
	"fmt"
	"slices"

	"absah/internal/pdf"
)

// masking: two readers see two documents. Where it was so before the signature, the signer may have seen either; where it came
// later, the signature is not valid.
func masking() []vector {
	var out []vector
	add := func(name, how string, e expect, build func(w *world) []byte) {
		out = append(out, vector{File: "masking-" + name + ".pdf", Class: "CONTENT-MASKING", Twin: "honest-approval.pdf", How: how, Expect: e, build: build})
	}
	// Ambiguous when it was signed: never plainly valid without a word.
	told := func(codes ...string) expect {
		return expect{Verdict: []string{"valid", "valid-with-notes", "indeterminate", "invalid"}, Codes: codes}
	}
	// Not in the page: signing writes that anew, and then there is one Contents.
	add("duplicate-key", "the font has BaseFont twice: readers take the first or the last", told("duplicate-key"), func(w *world) []byte {
		return w.approve(w.letter(letter{more: func(n *pdf.NewFile) {
			n.Set(pdf.Ref{Num: objFont}, pdf.Dict{"Type": pdf.Name("Font"), "Subtype": pdf.Name("Type1"), "BaseFont": pdf.Literal{Bytes: []byte("/Helvetica/BaseFont/Symbol")}})
		}}))
	})
	add("duplicate-key-later", "an update writes the page again with Contents twice, the last one as it was", invalid("modified"), func(w *world) []byte {
		doc := w.approve(w.letter(letter{spare: text(forgedLetter)}))
		return update(doc, func(v *pdf.View, u *pdf.Update) {
			edit(v, u, objPage, pdf.Dict{"Contents": pdf.Literal{Bytes: fmt.Appendf(nil, "%d 0 R/Contents %d 0 R", objSpare, objContent)}})
		})
	})
	length := func(n int, rest string) pdf.Literal {
		return pdf.Literal{Bytes: fmt.Appendf(nil, "<</Length %d>>\nstream\n%s%s\nendstream", n, plainLetter, rest)}
	}
	add("length-short", "Length of the content ends before what endstream ends", notes("stream-length"), func(w *world) []byte {
		return w.approve(w.letter(letter{more: func(n *pdf.NewFile) {
			n.Set(pdf.Ref{Num: objContent}, length(len(plainLetter), "1 g 72 700 300 40 re f 0 g "+forgedLetter))
		}}))
	})
	add("length-inside", "the word endstream stands inside the content before its Length ends", told("endstream-inside"), func(w *world) []byte {
		tail := "\nendstream\nendobj\n"
		content := plainLetter + tail + forgedLetter
		return w.approve(w.letter(letter{more: func(n *pdf.NewFile) {
			n.Set(pdf.Ref{Num: objContent}, pdf.Literal{Bytes: []byte(stream(content))})
		}}))
	})
	add("two-trailers", "a second trailer with another catalog stands before the one that startxref leads to", notes("page-hidden", "trailer-twice"), func(w *world) []byte {
		base := w.letter(letter{})
		at := lastXref(base)
		more := object(70, stream(forgedLetter)) + object(71, "<</Type/Page/Parent 72 0 R/MediaBox[0 0 595 842]/Contents 70 0 R/Resources<</Font<</F1 2 0 R>>>>>>") +
			object(72, "<</Type/Pages/Kids[71 0 R]/Count 1>>") + object(73, "<</Type/Catalog/Pages 72 0 R/AcroForm 5 0 R/DSS 11 0 R>>") + "trailer\n<</Size 74/Root 73 0 R>>\n"
		doc := append(append(slices.Clone(base[:at]), more...), base[at:]...)
		return w.approve(replaceOnce(doc, fmt.Sprintf("startxref\n%d\n", at), fmt.Sprintf("startxref\n%d\n", at+len(more))))
	})
	add("two-catalogs-later", "a catalog, pages and a trailer behind the signed document, which only a program that repairs finds", never(), func(w *world) []byte {
		doc := w.approve(w.letter(letter{}))
		more := object(70, stream(forgedLetter)) + object(71, "<</Type/Page/Parent 72 0 R/MediaBox[0 0 595 842]/Contents 70 0 R/Resources<</Font<</F1 2 0 R>>>>>>") +
			object(72, "<</Type/Pages/Kids[71 0 R]/Count 1>>") + object(73, "<</Type/Catalog/Pages 72 0 R/AcroForm 5 0 R/DSS 11 0 R>>") + "trailer\n<</Size 74/Root 73 0 R>>\n"
		at := len(doc) + len(more)
		// The last xref section says nothing new.
		return append(slices.Clone(doc), more+fmt.Sprintf("xref\n0 1\n0000000000 65535 f \ntrailer\n<</Size 90%s/Prev %d>>\nstartxref\n%d\n%%%%EOF\n", rootOfLetter, lastXref(doc), at)...)
	})
	add("kids-count", "the page tree counts one page and lists two", told("page-count"), func(w *world) []byte {
		return w.approve(w.letter(letter{more: func(n *pdf.NewFile) {
			content := n.Add(text(forgedLetter))
			page := n.Add(pdf.Dict{
				"Type": pdf.Name("Page"), "Parent": pdf.Ref{Num: objTree}, "MediaBox": rect(0, 0, 595, 842), "Contents": content, "Resources": pdf.Dict{"Font": pdf.Dict{"F1": pdf.Ref{Num: objFont}}},
			})
			n.Set(pdf.Ref{Num: objTree}, pdf.Dict{"Type": pdf.Name("Pages"), "Kids": pdf.Array{pdf.Ref{Num: objPage}, page}, "Count": pdf.Integer(1)})
		}}))
	})
	add("before-header", "a whole other document stands before the signed one, in the same bytes", told("document-inside"), func(w *world) []byte {
		first := w.letter(letter{content: forgedLetter, status: &status{}})
		return w.approve(append(slices.Clone(first), shift(w.letter(letter{}), len(first))...))
	})
	add("hybrid", "a hybrid file: a second content stream, which covers the amount, is known to readers of cross-reference streams only", told("hybrid-object"), func(w *world) []byte {
		base := w.letter(letter{page: pdf.Dict{"Contents": pdf.Array{pdf.Ref{Num: objContent}, pdf.Ref{Num: 70}}}})
		at := lastXref(base)
		body := append(slices.Clone(base[:at]), object(70, stream("q 1 0 0 1 60 710 cm "+cover+" Q"))...)
		start := len(body)
		rows := []byte{1, byte(at >> 16), byte(at >> 8), byte(at), 0}
		body = fmt.Appendf(body, "71 0 obj\n<</Type/XRef/Size 72/W[1 3 1]/Index[70 1]/Length %d>>\nstream\n%s\nendstream\nendobj\n", len(rows), rows)
		rest := bytes.Replace(base[at:], []byte("/Root"), fmt.Appendf(nil, "/XRefStm %d/Root", start), 1)
		doc := append(body, rest...)
		return w.approve(replaceOnce(doc, fmt.Sprintf("startxref\n%d\n", at), fmt.Sprintf("startxref\n%d\n", len(body))))
	})
	add("hybrid-later", "an update is hybrid: its table changes nothing, its stream gives the content anew", invalid(), func(w *world) []byte {
		doc := w.approve(w.letter(letter{}))
		at := len(doc)
		out := append(slices.Clone(doc), object(objContent, stream(forgedLetter))...)
		start := len(out)
		rows := []byte{1, byte(at >> 16), byte(at >> 8), byte(at), 0}
		out = fmt.Appendf(out, "80 0 obj\n<</Type/XRef/Size 90/W[1 3 1]/Index[%d 1]/Length %d>>\nstream\n%s\nendstream\nendobj\n", objContent, len(rows), rows)
		xref := len(out)
		return fmt.Appendf(out, "xref\n0 1\n0000000000 65535 f \ntrailer\n<</Size 90%s/Prev %d/XRefStm %d>>\nstartxref\n%d\n%%%%EOF\n", rootOfLetter, lastXref(doc), start, xref)
	})
	return out
}

// shift moves the offsets of a document with a cross-reference table by n.
func shift(doc []byte, n int) []byte {
	at := lastXref(doc)
	var out []byte
	out = append(out, doc[:at]...)
	for line := range bytes.Lines(doc[at:]) {
		var off, gen int
		var kind string
		if k, _ := fmt.Sscanf(string(line), "%d %d %s", &off, &gen, &kind); k == 3 && kind == "n" {
			line = fmt.Appendf(nil, "%010d %05d n \n", off+n, gen)
		}
		out = append(out, line...)
	}
	return bytes.Replace(out, fmt.Appendf(nil, "startxref\n%d\n", at), fmt.Appendf(nil, "startxref\n%d\n", at+n), 1)
}
