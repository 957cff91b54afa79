package main

import (
	"fmt"
	"slices"
	"strings"

	"absah/internal/pdf"
)

// packed writes an object stream by hand, with whatever heads are asked for.
func packed(num int, keys string, heads []int, bodies ...string) string {
	var head, body strings.Builder
	for i, b := range bodies {
		fmt.Fprintf(&head, "%d %d ", heads[i], body.Len())
		body.WriteString(b + " ")
	}
	data := head.String() + body.String()
	return object(num, fmt.Sprintf("<</Type/ObjStm/N %d/First %d%s/Length %d>>\nstream\n%s\nendstream", len(bodies), head.Len(), keys, len(data), data))
}

// streamUpdate appends objects with a cross-reference stream of rows [type a b].
func streamUpdate(doc []byte, objects string, rows ...[4]int) []byte {
	start, num := len(doc)+len(objects), 89
	rows = append(rows, [4]int{num, 1, start, 0})
	slices.SortFunc(rows, func(a, b [4]int) int { return a[0] - b[0] })
	var index strings.Builder
	var data []byte
	for _, r := range rows {
		fmt.Fprintf(&index, "%d 1 ", r[0])
		data = append(data, byte(r[1]), byte(r[2]>>16), byte(r[2]>>8), byte(r[2]), byte(r[3]))
	}
	out := append(slices.Clone(doc), objects...)
	return fmt.Appendf(out, "%d 0 obj\n<</Type/XRef/Size 90/W[1 3 1]/Index[%s]/Prev %d%s/Length %d>>\nstream\n%s\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n",
		num, index.String(), lastXref(doc), rootOfLetter, len(data), data, start)
}

// objectStream: malicious object streams (ISO 32000-2 §7.5.7).
func objectStream() []vector {
	var out []vector
	add := func(name, how string, e expect, build func(w *world) []byte) {
		out = append(out, vector{File: "objstm-" + name + ".pdf", Class: "OBJECT-STREAM", Twin: "honest-lta.pdf", How: how, Expect: e, build: build})
	}
	page := func(doc []byte, contents int) string {
		return fmt.Sprintf("<</Type/Page/Parent 1 0 R/MediaBox[0 0 595 842]/Contents %d 0 R/Resources<</Font<</F1 2 0 R>>>>/Annots[6 0 R 7 0 R]>>", contents)
	}
	add("page", "an update gives the page anew, inside an object stream", invalid("modified"), func(w *world) []byte {
		doc := w.approve(w.letter(letter{}))
		content := object(70, stream(forgedLetter))
		return streamUpdate(doc, content+packed(71, "", []int{objPage}, page(doc, 70)), [4]int{70, 1, len(doc), 0}, [4]int{71, 1, len(doc) + len(content), 0}, [4]int{objPage, 2, 71, 0})
	})
	add("other-number", "the entry leads to a place in the stream whose head names another number", never(), func(w *world) []byte {
		doc := w.approve(w.letter(letter{}))
		content := object(70, stream(forgedLetter))
		return streamUpdate(doc, content+packed(71, "", []int{72}, page(doc, 70)), [4]int{70, 1, len(doc), 0}, [4]int{71, 1, len(doc) + len(content), 0}, [4]int{objPage, 2, 71, 0})
	})
	add("hidden-slot", "an update with validation data packs, unnamed by the cross reference, a page under the number of the one in use", invalid("modified"), func(w *world) []byte {
		doc := w.approve(w.letter(letter{}))
		content := object(70, stream(forgedLetter))
		return streamUpdate(doc, content+packed(71, "", []int{72, objPage}, "<</Type/Contoh>>", page(doc, 70)), [4]int{70, 1, len(doc), 0}, [4]int{71, 1, len(doc) + len(content), 0}, [4]int{72, 2, 71, 0})
	})
	add("twice-in-stream", "the heads of an object stream of the signed revision name the font twice; in the second one the figure 1 looks like 9", expect{Verdict: anyAnswer().Verdict, Codes: []string{"object-stream-twice"}}, func(w *world) []byte {
		base := w.letter(letter{})
		font, other := "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>", "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding<</Differences[49/nine]>>>>"
		return w.approve(streamUpdate(base, packed(71, "", []int{objFont, objFont}, font, other), [4]int{71, 1, len(base), 0}, [4]int{objFont, 2, 71, 0}))
	})
	add("into-data", "an entry leads into the padding of a stream that is no object stream", never(), func(w *world) []byte {
		doc := w.approve(w.letter(letter{}))
		return streamUpdate(doc, "", [4]int{objPage, 2, objContent, 0})
	})
	add("extends-loop", "an object stream that extends itself holds a new object that nothing uses", anyAnswer(), func(w *world) []byte {
		doc := w.approve(w.letter(letter{}))
		return streamUpdate(doc, packed(71, "/Extends 71 0 R", []int{72}, "<</Type/Contoh>>"), [4]int{71, 1, len(doc), 0}, [4]int{72, 2, 71, 0})
	})
	add("in-itself", "an object stream whose own entry says that it is inside itself", anyAnswer(), func(w *world) []byte {
		doc := w.approve(w.letter(letter{}))
		return streamUpdate(doc, packed(71, "", []int{72}, "<</Type/Contoh>>"), [4]int{71, 2, 71, 0}, [4]int{72, 2, 71, 0})
	})
	add("signature", "the signature dictionary is in an object stream, where no value can be left out of the ByteRange", never(), func(w *world) []byte {
		doc := w.approve(w.letter(letter{}))
		v := view(doc)
		field := signatureField(v)
		sig := must(v.Dict(field))["V"].(pdf.Ref)
		d := must(v.Dict(sig))
		br := must(v.Array(d["ByteRange"]))
		contents, _ := v.Bytes(d["Contents"])
		body := fmt.Sprintf("<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached/ByteRange[%d %d %d %d]/Contents<%x>>>", br[0], br[1], br[2], br[3], contents[:len(contents)-100])
		return streamUpdate(doc, packed(71, "", []int{int(sig.Num)}, body), [4]int{71, 1, len(doc), 0}, [4]int{int(sig.Num), 2, 71, 0})
	})
	return out
}
