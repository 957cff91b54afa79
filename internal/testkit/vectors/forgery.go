package main

import (
	"fmt"
	"strings"

	"absah/internal/pdf"
)

// forgery: universal signature forgery. The signature is made uncheckable, in the hope that a reader shows it unchecked.
func forgery() []vector {
	var out []vector
	add := func(name, how string, e expect, s func(s *signature)) {
		out = append(out, vector{File: "usf-" + name + ".pdf", Class: "USF", Twin: "honest-approval.pdf", How: how, Expect: e, build: func(w *world) []byte {
			x := signature{who: w.person, by: w.national}
			s(&x)
			return w.sign(w.letter(letter{}), x)
		}})
	}
	contents := func(o pdf.Object) func(*signature) {
		return func(s *signature) {
			s.dict = pdf.Dict{"Contents": o, "X": pdf.Hole{Size: 16, Mark: "Contents"}}
			s.hole = 16
			s.value = func(*signature, []byte) []byte { return nil }
		}
	}
	add("contents-missing", "Contents left out", invalid("contents-missing"), contents(nil))
	add("contents-null", "Contents null", invalid("contents-missing"), contents(pdf.Literal{Bytes: []byte("null")}))
	add("contents-empty", "Contents an empty string", invalid("contents-empty"), contents(pdf.Literal{Bytes: []byte("<>")}))
	add("contents-zero", "Contents one zero byte", invalid("contents-empty"), contents(pdf.Literal{Bytes: []byte("<00>")}))
	add("contents-name", "Contents a name", invalid("contents-missing"), contents(pdf.Name("FEED")))
	add("contents-literal", "Contents written as a literal string that holds the right value", invalid("contents-not-hex"), func(s *signature) {
		s.contents = func(h string) string {
			// The brackets become those of a literal string; its octal codes stay inside the hole.
			return h
		}
		s.hole = 6000
		s.dict = pdf.Dict{"Contents": pdf.Literal{Bytes: []byte("(" + strings.Repeat("0", 12000) + ")"), Mark: "Contents"}}
	})
	ranges := func(br string) func(*signature) {
		return func(s *signature) {
			s.byteRange = func(from, to, size int) string {
				return strings.NewReplacer("FROM", fmt.Sprint(from), "TO", fmt.Sprint(to), "REST", fmt.Sprint(size-to), "SIZE", fmt.Sprint(size)).Replace(br)
			}
		}
	}
	add("byterange-missing", "ByteRange left out", invalid("byterange-missing"), func(s *signature) {
		s.dict = pdf.Dict{"ByteRange": nil, "X": pdf.Literal{Bytes: []byte(strings.Repeat(" ", 48)), Mark: "ByteRange"}}
		s.byteRange = func(int, int, int) string { return "null" }
	})
	add("byterange-null", "ByteRange null", invalid("byterange-missing"), ranges("null"))
	add("byterange-empty", "ByteRange an empty array", invalid("byterange-missing"), ranges("[]"))
	add("byterange-text", "numbers of the ByteRange written as strings", invalid("byterange-type"), ranges("[(0) (FROM) (TO) (REST)]"))
	add("byterange-negative", "a negative number in the ByteRange", invalid("byterange-negative"), ranges("[0 FROM TO -1]"))
	add("byterange-zero", "a ByteRange of four zeros", invalid("byterange-empty"), ranges("[0 0 0 0]"))
	return out
}

// ranges: a ByteRange that leaves something out, or names what is not there.
func ranges() []vector {
	var out []vector
	add := func(name, how, br string, e expect) {
		out = append(out, vector{File: "byterange-" + name + ".pdf", Class: "BYTERANGE", Twin: "honest-approval.pdf", How: how, Expect: e, build: func(w *world) []byte {
			return w.sign(w.letter(letter{}), signature{who: w.person, by: w.national, byteRange: func(from, to, size int) string {
				half := from / 2
				return strings.NewReplacer(
					"HALF", fmt.Sprint(half), "LEFT", fmt.Sprint(from-half-64), "ON", fmt.Sprint(half+64), "FROM", fmt.Sprint(from), "EARLY", fmt.Sprint(from-32), "LATE", fmt.Sprint(to+32), "TO", fmt.Sprint(to),
					"REST", fmt.Sprint(size-to), "SHORT", fmt.Sprint(size-to-40), "LESS", fmt.Sprint(size-to-32), "FAR", fmt.Sprint(size-to+1), "TAIL", fmt.Sprint(from-1)).Replace(br)
			}})
		}})
	}
	add("one-part", "only the part before the value is covered", "[0 FROM]", invalid("byterange-count"))
	add("three-parts", "64 bytes of the document are left out as well", "[0 HALF ON LEFT TO REST]", invalid("byterange-count"))
	add("gap-before", "32 bytes before the value are not covered", "[0 EARLY TO REST]", invalid("gap-larger"))
	add("gap-behind", "32 bytes behind the value are not covered", "[0 FROM LATE LESS]", invalid("gap-larger"))
	add("start", "the first byte of the file is not covered", "[1 TAIL TO REST]", invalid("byterange-start"))
	add("beyond", "the ByteRange reaches one byte beyond the end", "[0 FROM TO FAR]", invalid("byterange-beyond"))
	add("short", "the last 40 bytes are not covered, and are no revision", "[0 FROM TO SHORT]", invalid("byterange-not-revision"))
	add("overlap", "the second part begins inside the first", "[0 FROM HALF REST]", invalid("byterange-overlap"))
	return out
}
