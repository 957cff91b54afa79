package main

import (
	"bytes"
	"fmt"
	"slices"

	"absah/internal/pdf"
)

const forgedLetter = "BT /F1 14 Tf 72 760 Td (SURAT KEPUTUSAN NOMOR 1/CONTOH/2026) Tj ET\nBT /F1 12 Tf 72 720 Td (Nilai pekerjaan: Rp 90.000.000,00) Tj ET\n"

// object writes one object as text.
func object(num int, body string) string { return fmt.Sprintf("%d 0 obj\n%s\nendobj\n", num, body) }

func stream(content string) string {
	return fmt.Sprintf("<</Length %d>>\nstream\n%s\nendstream", len(content), content)
}

// saving: incremental saving attacks. Other content follows the signed revision, in forms that some reader follows and some checker does
// not see.
func saving() []vector {
	var out []vector
	add := func(name, how string, e expect, change func(doc []byte) []byte) {
		out = append(out, vector{File: "isa-" + name + ".pdf", Class: "ISA", Twin: "honest-validation-data.pdf", How: how, Expect: e, build: func(w *world) []byte {
			return change(w.approve(w.letter(letter{})))
		}})
	}
	forged := object(objContent, stream(forgedLetter))
	add("update", "the page's content written anew, with xref and trailer", invalid("modified"), func(doc []byte) []byte {
		return set(doc, objContent, text(forgedLetter))
	})
	add("empty-xref", "the content written anew, an xref section without entries and without Prev, no end marker", never(), func(doc []byte) []byte {
		at := len(doc) + len(forged)
		return append(slices.Clone(doc), forged+fmt.Sprintf("xref\n0 0\ntrailer\n<</Size 90%s>>\nstartxref\n%d\n", rootOfLetter, at)...)
	})
	add("no-xref", "the content written anew, a trailer and no xref keyword", never(), func(doc []byte) []byte {
		return append(slices.Clone(doc), forged+fmt.Sprintf("trailer\n<</Size 90%s/Prev %d>>\nstartxref\n0\n%%%%EOF\n", rootOfLetter, lastXref(doc))...)
	})
	add("object-alone", "the content written anew behind the end, no xref and no trailer", never(), func(doc []byte) []byte {
		return append(slices.Clone(doc), forged...)
	})
	add("startxref-off", "the content written anew, startxref wrong by one", never(), func(doc []byte) []byte {
		prev, start := lastXref(doc), len(doc)+len(forged)
		return append(slices.Clone(doc), forged+fmt.Sprintf("xref\n%strailer\n<</Size 90%s/Prev %d>>\nstartxref\n%d\n%%%%EOF\n", entry(objContent, int64(len(doc))), rootOfLetter, prev, start+1)...)
	})
	add("copied-signature", "the content written anew, and the signature dictionary copied into the update", invalid(), func(doc []byte) []byte {
		return update(doc, func(v *pdf.View, u *pdf.Update) {
			u.Set(pdf.Ref{Num: objContent}, text(forgedLetter))
			for num := uint32(objStore + 1); num <= v.MaxObject(); num++ {
				if d, err := v.Dict(pdf.Ref{Num: num}); err == nil && d["ByteRange"] != nil {
					u.Set(pdf.Ref{Num: num}, d)
				}
			}
		})
	})
	add("page-added", "a second page", invalid("modified"), func(doc []byte) []byte {
		return update(doc, func(v *pdf.View, u *pdf.Update) {
			content, page := u.Alloc(), u.Alloc()
			u.Set(content, text(forgedLetter))
			u.Set(page, with(must(v.Dict(pdf.Ref{Num: objPage})), pdf.Dict{"Contents": content, "Annots": nil}))
			edit(v, u, objTree, pdf.Dict{"Kids": pdf.Array{pdf.Ref{Num: objPage}, page}, "Count": pdf.Integer(2)})
		})
	})
	add("comment-only", "an object in a comment and a second end marker", never(), func(doc []byte) []byte {
		hidden := bytes.ReplaceAll([]byte(forged), []byte("\n"), []byte("\r"))
		return append(slices.Clone(doc), append([]byte("%"), append(hidden, "\n%%EOF\n"...)...)...)
	})
	return out
}

// wrapping: signature wrapping. The value's hole is not covered; what stands in it is nobody's.
func wrapping() []vector {
	wrap := func(inside func(doc []byte, from int) string) func(w *world) []byte {
		return func(w *world) []byte {
			doc := w.sign(w.letter(letter{}), signature{who: w.person, by: w.national, hole: 9000})
			from := bytes.LastIndex(doc, []byte("/Contents <")) + len("/Contents ")
			if from < 20 {
				from = bytes.LastIndex(doc, []byte("/Contents<")) + len("/Contents")
			}
			end := from + 1 + 2*6000 // the value is shorter
			copy(doc[end:], inside(doc, from))
			return doc
		}
	}
	moved := func(w *world) []byte {
		doc := w.sign(w.letter(letter{}), signature{who: w.person, by: w.national, hole: 6000})
		a := bytes.LastIndex(doc, []byte("/ByteRange"))
		a += bytes.IndexByte(doc[a:], '[')
		var n [4]int
		must(fmt.Sscanf(string(doc[a:]), "[%d %d %d %d]", &n[0], &n[1], &n[2], &n[3]))
		head, value, rest := doc[:n[1]], bytes.TrimRight(doc[n[1]:n[2]-1], "0"), doc[n[2]:]
		if len(value)%2 == 0 {
			value = append(slices.Clone(value), '0')
		}
		// The string ends early; behind it a second ByteRange, forged objects and their xref; the covered rest moves to the end.
		build := func(second int) []byte {
			out := append(slices.Clone(head), value...)
			out = fmt.Appendf(out, ">/ByteRange [0 %d %010d %d]>>\nendobj\n", n[1], second, n[3])
			at := len(out)
			out = append(out, object(objContent, stream(forgedLetter))...)
			xref := len(out)
			out = fmt.Appendf(out, "xref\n%strailer\n<</Size 90%s/Prev %d>>\nstartxref\n%d\n%%%%EOF\n", entry(objContent, int64(at)), rootOfLetter, lastXref(rest), xref)
			return out
		}
		b := build(0)
		return append(build(len(b)), rest...)
	}
	return []vector{
		{File: "swa-early-end.pdf", Class: "SWA", Twin: "honest-approval.pdf", How: "the hexadecimal string is closed early, and a forged object stands in what was its padding", Expect: invalid("gap-larger"), build: wrap(func([]byte, int) string {
			return "> " + object(objContent, stream(forgedLetter))
		})},
		{File: "swa-moved-rest.pdf", Class: "SWA", Twin: "honest-approval.pdf", How: "a second ByteRange and forged objects stand in the hole; the covered rest moved to the end, so that digest and value fit", Expect: never(), build: moved},
		{File: "swa-text-in-hole.pdf", Class: "SWA", Twin: "honest-approval.pdf", How: "letters that are no hexadecimal digits in the padding", Expect: invalid("contents-not-hex"), build: wrap(func([]byte, int) string {
			return "Nilai pekerjaan: Rp 90.000.000,00"
		})},
	}
}
