package pades_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"absah/internal/pdf"
	"absah/internal/testkit"
	"absah/pades"
)

// hiddenCodes are the findings about what lies in the signed bytes and could be brought to light.
var hiddenCodes = []string{"object-twice", "page-hidden", "font-hidden", "unreferenced-many"}

func hiddenFindings(r *pades.Report) (out []string) {
	for _, f := range r.Findings {
		if slices.Contains(hiddenCodes, f.Code) {
			out = append(out, f.Code)
		}
	}
	return out
}

// TestPreparedWarns signs documents in which something lies ready for a later change, in the ways of the shadow attacks, and honest ones
// that look much alike.
func TestPreparedWarns(t *testing.T) {
	p := testkit.NewPKI(t, nil)
	ref := func(n uint32) pdf.Ref { return pdf.Ref{Num: n} }
	with := func(changes ...func(*pdf.View, *pdf.Update)) []byte {
		return update(t, formDocument(t), both(changes...))
	}
	page := pdf.Dict{"Type": pdf.Name("Page"), "Parent": ref(objTree), "Contents": ref(objSpare), "MediaBox": pdf.Array{pdf.Integer(0), pdf.Integer(0), pdf.Integer(595), pdf.Integer(842)}}
	glyphs := pdf.Dict{"Type": pdf.Name("Font"), "Subtype": pdf.Name("Type1"), "BaseFont": pdf.Name("Helvetica"), "Encoding": pdf.Dict{"Differences": pdf.Array{pdf.Integer(49), pdf.Name("nine")}}}
	twice := func(after string) []byte {
		d := formDocument(t)
		i := bytes.Index(d, fmt.Appendf(nil, "\n%d 0 obj", objContent)) + 1
		copied := "3 0 obj\n<</Length 22>>stream\nBT (Bayar 9.000) Tj ET\nendstream\nendobj\n" + after
		return renumber(t, slices.Concat(d[:i], []byte(copied), d[i:]), int64(i), len(copied))
	}
	plain := func(text string) func(*pdf.View, *pdf.Update) {
		return put(101, pdf.NewStream(pdf.Dict{"Type": pdf.Name("EmbeddedFile")}, []byte(text)))
	}
	attach := edit(objRoot, pdf.Dict{"Names": pdf.Dict{"EmbeddedFiles": pdf.Dict{"Names": pdf.Array{pdf.String("a.pdf"), pdf.Dict{"Type": pdf.Name("Filespec"), "EF": pdf.Dict{"F": ref(101)}}}}}})
	for _, x := range []struct {
		name string
		doc  []byte
		want string
		info string
	}{
		{"a form", formDocument(t), "", ""},
		{"an object inside a stream", formWith(t, hiddenObject), "object-twice", ""},
		{"an object twice", twice(""), "object-twice", ""},
		{"the missing object inside a stream", formWith(t, strings.Replace(hiddenObject, "3 0 obj", "5000 0 obj", 1)), "object-twice", ""},
		{"an older state", twice("%%EOF\n"), "", "trailer-twice"},
		{"a number inside a text", formWith(t, "\nBT (tahun 3 0 objek pajak) Tj ET"), "", ""},
		{"a page", with(put(101, page)), "page-hidden", ""},
		{"a page tree", with(put(101, pdf.Dict{"Type": pdf.Name("Pages"), "Kids": pdf.Array{ref(objPage)}, "Count": pdf.Integer(1)})), "page-hidden", ""},
		{"an empty page tree", with(put(101, pdf.Dict{"Type": pdf.Name("Pages"), "Kids": pdf.Array{}, "Count": pdf.Integer(0)})), "", ""},
		{"a page that was taken out", update(t, with(put(101, page), relist(objTree, "Kids", func(a pdf.Array) pdf.Array { return append(a, ref(101)) })),
			relist(objTree, "Kids", func(a pdf.Array) pdf.Array { return a[:1] })), "", ""},
		{"a font", with(put(101, glyphs)), "font-hidden", ""},
		{"a standard font", with(put(101, pdf.Dict{"Type": pdf.Name("Font"), "Subtype": pdf.Name("Type1"), "BaseFont": pdf.Name("Helvetica")})), "", ""},
		{"a second catalog", with(put(101, pdf.Dict{"Type": pdf.Name("Catalog"), "Pages": ref(objTree)})), "", "catalog-twice"},
		{"a document that is attached", with(attach, plain("%PDF-1.7\n3 0 obj\n<<>>\nendobj\n4 0 obj\n<</Type/Page>>endobj\n")), "", "document-inside"},
	} {
		t.Run(x.name, func(t *testing.T) {
			signed := sign(t, p, x.doc, options(p, pades.LevelLT))
			r := judge(t, p, signed)
			if got := strings.Join(slices.Compact(hiddenFindings(r)), " "); got != x.want {
				t.Errorf("%q, want %q\n%s", got, x.want, dump(r))
			}
			if x.info != "" && !has(r, pades.Info, x.info) {
				t.Errorf("no note %s\n%s", x.info, dump(r))
			}
			want := pades.Valid
			if x.want != "" {
				want = pades.ValidWithNotes
			}
			if r.Verdict != want {
				t.Errorf("verdict %s, want %s\n%s", r.Verdict, want, dump(r))
			}
		})
	}
}

// renumber moves the offsets of a cross-reference table behind a place where bytes were put in.
func renumber(t *testing.T, doc []byte, at int64, n int) []byte {
	t.Helper()
	start := bytes.LastIndex(doc, []byte("\nxref\n")) + 1
	out := slices.Clone(doc[:start])
	rest := doc[start:]
	for line := range bytes.Lines(rest) {
		var off int64
		var gen int
		var kind string
		if k, _ := fmt.Sscanf(string(line), "%010d %05d %1s", &off, &gen, &kind); k == 3 && kind == "n" && len(line) == 20 {
			if off >= at {
				off += int64(n)
			}
			out = fmt.Appendf(out, "%010d %05d n%s", off, gen, line[18:])
			continue
		}
		if k, _ := fmt.Sscanf(string(line), "%d", &off); k == 1 && bytes.HasSuffix(out, []byte("startxref\n")) {
			out = fmt.Appendf(out, "%d\n", start)
			continue
		}
		out = append(out, line...)
	}
	return out
}

// TestHiddenAfterSigning appends updates that are allowed by what they change and hold something that only another reader sees.
func TestHiddenAfterSigning(t *testing.T) {
	p := testkit.NewPKI(t, nil)
	for _, base := range []struct {
		name string
		doc  []byte
	}{{"a form", formDocument(t)}, {"a prepared form", formWith(t, hiddenObject)}} {
		signed := sign(t, p, base.doc, options(p, pades.LevelLT))
		metadata := func(data string) []byte {
			return update(t, signed, both(put(300, pdf.NewStream(pdf.Dict{"Type": pdf.Name("Metadata"), "Subtype": pdf.Name("XML")}, []byte(data))), edit(objRoot, pdf.Dict{"Metadata": pdf.Ref{Num: 300}})))
		}
		// raw writes the metadata as they are given here.
		raw := func(object string) []byte {
			b := fmt.Appendf(slices.Clone(signed), "300 0 obj\n%s\nendobj\n", object)
			return update(t, slices.Concat(b[:len(b):len(b)], redirect(b, fmt.Sprintf("300 1\n%010d 00000 n \n", len(signed)))[len(b):]), edit(objRoot, pdf.Dict{"Metadata": pdf.Ref{Num: 300}}))
		}
		for _, x := range []struct {
			name string
			doc  []byte
			code string // of the change; "" is allowed
		}{
			{"metadata", metadata("<x:xmpmeta/> 12 0 objek, trailer, %PDF-1.7"), ""},
			{"an object in metadata", metadata(hiddenObject), "object-inside"},
			{"an object of a new number in metadata", metadata("<x/>\n700 0 obj\n<</Type/Page>>\nendobj\n"), "object-inside"},
			{"an object by its line", metadata("<x/>\n3 0 obj[1]endobj\n"), "object-inside"},
			{"a trailer in metadata", metadata("<x/>\ntrailer\n<</Root 9 0 R>>\n"), "trailer-inside"},
			{"an object in a string", raw("<</Type/Metadata/Title(judul\n3 0 obj <<>> endobj)/Length 4>>stream\n<x/>\nendstream"), "object-inside"},
			{"raw metadata", raw("<</Type/Metadata/Subtype/XML/Length 4>>stream\n<x/>\nendstream"), ""},
			{"a key twice", raw("<</Type/Metadata/Subtype/XML/Subtype/Image/Length 4>>stream\n<x/>\nendstream"), "two-readings"},
			{"a key twice, null first", raw("<</Type/Metadata/Subtype null/Subtype/XML/Length 4>>stream\n<x/>\nendstream"), "two-readings"},
			{"a length that is too small", raw("<</Type/Metadata/Subtype/XML/Length 2>>stream\n<x/>\nendstream"), "two-readings"},
			{"the hidden object shown", redirect(signed, fmt.Sprintf("%d 1\n%010d 00000 n \n", objContent, max(1, bytes.Index(signed, []byte("3 0 obj %hidden"))))), "object-redirected"},
		} {
			t.Run(base.name+"/"+x.name, func(t *testing.T) {
				r := judge(t, p, x.doc)
				s := r.Signatures[0]
				if (x.code == "") != (s.Indication == pades.TotalPassed) {
					t.Errorf("%s\n%s", s.Indication, dump(r))
				}
				if x.code != "" && !slices.ContainsFunc(s.Findings, func(f pades.Finding) bool { return f.Code == "modified" && f.Args[0] == x.code }) {
					t.Errorf("no change %s\n%s", x.code, dump(r))
				}
			})
		}
	}
}
