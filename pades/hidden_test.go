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
var hiddenCodes = []string{"object-twice", "page-hidden", "font-hidden", "unreferenced-many", "text-covered", "text-covered-annotation", "value-differs", "hidden-unread"}

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

// TestPreparedSlot hides a second content stream's resources in an object stream.
func TestPreparedSlot(t *testing.T) {
	p := testkit.NewPKI(t, nil)
	for _, hidden := range []bool{false, true} {
		first, n := "3 0 ", 1
		body := "<</Font<</F1 7 0 R>>>>"
		if hidden {
			first, n = "3 0 7 23 ", 2
			body += " <</Type/Font/Subtype/Type1/BaseFont/Symbol>>"
		}
		data := first + body
		doc := []byte("%PDF-1.7\n")
		var at [9]int
		object := func(n int, text string) {
			at[n] = len(doc)
			doc = fmt.Appendf(doc, "%d 0 obj\n%s\nendobj\n", n, text)
		}
		object(1, "<</Type/Catalog/Pages 2 0 R>>")
		object(2, "<</Type/Pages/Kids[4 0 R]/Count 1>>")
		object(4, "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources 3 0 R>>")
		object(7, "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>")
		object(5, fmt.Sprintf("<</Type/ObjStm/N %d/First %d/Length %d>>stream\n%s\nendstream", n, len(first), len(data), data))
		at[6] = len(doc)
		var table []byte
		entry := func(kind byte, place, index int) {
			table = append(table, kind, byte(place>>8), byte(place), byte(index))
		}
		entry(0, 0, 255)
		entry(1, at[1], 0)
		entry(1, at[2], 0)
		entry(2, 5, 0)
		entry(1, at[4], 0)
		entry(1, at[5], 0)
		entry(1, at[6], 0)
		entry(1, at[7], 0)
		doc = fmt.Appendf(doc, "6 0 obj\n<</Type/XRef/Size 8/Root 1 0 R/W[1 2 1]/Length %d>>stream\n%s\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n", len(table), table, at[6])
		r := judge(t, p, sign(t, p, doc, options(p, pades.LevelLT)))
		if got := len(hiddenFindings(r)) > 0; got != hidden {
			t.Errorf("told: %v, want %v\n%s", got, hidden, dump(r))
		}
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

// showing is the form document with other content, its font, an image and two graphics states.
func showing(t *testing.T, content string, more ...func(*pdf.View, *pdf.Update)) []byte {
	t.Helper()
	ref := func(n uint32) pdf.Ref { return pdf.Ref{Num: n} }
	return update(t, formDocument(t), both(append([]func(*pdf.View, *pdf.Update){
		put(objContent, pdf.NewStream(pdf.Dict{}, []byte(content))),
		edit(objPage, pdf.Dict{"Contents": ref(objContent), "Resources": pdf.Dict{
			"Font": pdf.Dict{"F1": ref(objFont)}, "XObject": pdf.Dict{"Im1": ref(objImage)}, "ExtGState": pdf.Dict{"Half": pdf.Dict{"ca": pdf.Real(0.5)}},
		}}),
	}, more...)...))
}

func numbers(list ...int) pdf.Array {
	var a pdf.Array
	for _, n := range list {
		a = append(a, pdf.Integer(n))
	}
	return a
}

// TestCoveredText signs documents in which something lies over text, and honest ones that look much alike.
func TestCoveredText(t *testing.T) {
	p := testkit.NewPKI(t, nil)
	const amount = "BT /F1 24 Tf 72 720 Td (Bayar 1.000) Tj ET\n"
	stamp := func(content string, keys pdf.Dict) func(*pdf.View, *pdf.Update) {
		return func(v *pdf.View, u *pdf.Update) {
			put(101, pdf.NewStream(pdf.Dict{"Subtype": pdf.Name("Form"), "BBox": numbers(0, 0, 100, 100)}, []byte(content)))(v, u)
			d := pdf.Dict{"Type": pdf.Name("Annot"), "Subtype": pdf.Name("Stamp"), "Rect": numbers(60, 700, 460, 760), "AP": pdf.Dict{"N": pdf.Ref{Num: 101}}}
			for k, x := range keys {
				d[k] = x
				if x == nil {
					delete(d, k)
				}
			}
			put(102, d)(v, u)
			edit(objPage, pdf.Dict{"Contents": pdf.Ref{Num: objContent}, "Resources": pdf.Dict{"Font": pdf.Dict{"F1": pdf.Ref{Num: objFont}}}, "Annots": pdf.Array{pdf.Ref{Num: objText}, pdf.Ref{Num: objOther}, pdf.Ref{Num: 102}}})(v, u)
		}
	}
	const all = "0 0 100 100 re f"
	look := func(value, shows string, keys pdf.Dict) func(*pdf.View, *pdf.Update) {
		return func(v *pdf.View, u *pdf.Update) {
			put(101, pdf.NewStream(pdf.Dict{"Subtype": pdf.Name("Form"), "BBox": numbers(0, 0, 228, 20), "Resources": pdf.Dict{"Font": pdf.Dict{"F1": pdf.Ref{Num: objFont}}}},
				[]byte("/Tx BMC q BT /F1 12 Tf 2 4 Td ("+shows+") Tj ET Q EMC")))(v, u)
			d := pdf.Dict{"V": pdf.String(value), "AP": pdf.Dict{"N": pdf.Ref{Num: 101}}}
			for k, x := range keys {
				d[k] = x
			}
			edit(objText, d)(v, u)
		}
	}
	coded := func(codes string) []byte {
		return showing(t, "BT /F2 24 Tf 72 720 Td "+codes+" Tj ET 1 g 60 700 400 60 re f", func(v *pdf.View, u *pdf.Update) {
			put(objFont, pdf.Dict{"Type": pdf.Name("Font"), "Subtype": pdf.Name("Type0"), "Encoding": pdf.Name("Identity-H")})(v, u)
			edit(objPage, pdf.Dict{"Contents": pdf.Ref{Num: objContent}, "Resources": pdf.Dict{"Font": pdf.Dict{"F2": pdf.Ref{Num: objFont}}}})(v, u)
		})
	}
	for _, x := range []struct {
		name string
		doc  []byte
		want string
	}{
		{"text alone", showing(t, amount), ""},
		{"an image over text", showing(t, amount+"q 400 0 0 60 60 700 cm /Im1 Do Q"), "text-covered"},
		{"an image below text", showing(t, "q 400 0 0 60 60 700 cm /Im1 Do Q\n"+amount), ""},
		{"an image beside text", showing(t, amount+"q 400 0 0 60 60 600 cm /Im1 Do Q"), ""},
		{"an image over half of it", showing(t, amount+"q 100 0 0 60 60 700 cm /Im1 Do Q"), ""},
		{"a rectangle over text", showing(t, amount+"1 g 60 700 400 60 re f 0 g BT /F1 24 Tf 72 720 Td (Bayar 9.000) Tj ET"), "text-covered"},
		{"a frame around text", showing(t, amount+"60 700 400 60 re S"), ""},
		{"a rectangle that lets it through", showing(t, amount+"/Half gs 1 1 0 rg 60 700 400 60 re f"), ""},
		{"a row that is shaded first", showing(t, ".9 g 60 700 400 60 re f 0 g\n"+amount), ""},
		{"a scanned page over what was recognised", showing(t, "BT 3 Tr /F1 24 Tf 72 720 Td (Bayar 1.000) Tj ET q 595 0 0 842 0 0 cm /Im1 Do Q"), ""},
		{"dots under a rectangle", showing(t, "BT /F1 24 Tf 72 720 Td (..........) Tj ET 1 g 60 700 400 60 re f"), ""},
		{"a colon in a font of two bytes", coded("<001D>"), ""},
		{"words in such a font, glyph by glyph", coded("<0001> Tj <0002> Tj <0003> Tj <0004>"), "text-covered"},
		{"a stamp over text", showing(t, amount, stamp(all, nil)), "text-covered-annotation"},
		{"a stamp with holes", showing(t, amount, stamp("0 0 100 10 re f 0 90 100 10 re f", nil)), ""},
		{"a stamp that is hidden", showing(t, amount, stamp(all, pdf.Dict{"F": pdf.Integer(2)})), ""},
		{"a stamp beside it", showing(t, amount, stamp(all, pdf.Dict{"Rect": numbers(60, 100, 460, 160)})), ""},
		{"a note with a background", showing(t, amount, stamp(all, pdf.Dict{"Subtype": pdf.Name("FreeText"), "AP": nil, "C": numbers(1)})), "text-covered-annotation"},
		{"a note without", showing(t, amount, stamp(all, pdf.Dict{"Subtype": pdf.Name("FreeText"), "AP": nil})), ""},
		{"a value as shown", showing(t, amount, look("1.000", "1.000", nil)), ""},
		{"a value with another look", showing(t, amount, look("1.000", "9.000", nil)), "value-differs"},
		{"a value that a script formats", showing(t, amount, look("1000", "Rp 1.000,00", pdf.Dict{"AA": pdf.Dict{}})), ""},
		{"a secret value", showing(t, amount, look("1000", "xxxx", pdf.Dict{"Ff": pdf.Integer(1 << 13)})), ""},
		{"the beginning of a long value", showing(t, amount, look("satu dua tiga", "satu dua", pdf.Dict{"Ff": pdf.Integer(1 << 12)})), ""},
	} {
		t.Run(x.name, func(t *testing.T) {
			r := judge(t, p, sign(t, p, x.doc, options(p, pades.LevelLT)))
			if got := strings.Join(hiddenFindings(r), " "); got != x.want {
				t.Errorf("%q, want %q\n%s", got, x.want, dump(r))
			}
		})
	}
}

// TestCoveringByLook gives an annotation that a certified page has a new look, which covers text.
func TestCoveringByLook(t *testing.T) {
	p := testkit.NewPKI(t, nil)
	for name, rect := range map[string]pdf.Array{"over": numbers(60, 710, 300, 750), "beside": numbers(60, 100, 300, 150)} {
		form := func(s string) *pdf.Stream {
			return pdf.NewStream(pdf.Dict{"Subtype": pdf.Name("Form"), "BBox": numbers(0, 0, 100, 100)}, []byte(s))
		}
		doc := showing(t, "BT /F1 24 Tf 72 720 Td (Bayar 1.000) Tj ET", put(101, form("")),
			put(102, pdf.Dict{"Type": pdf.Name("Annot"), "Subtype": pdf.Name("Stamp"), "Rect": rect, "AP": pdf.Dict{"N": pdf.Ref{Num: 101}}}),
			edit(objPage, pdf.Dict{"Contents": pdf.Ref{Num: objContent}, "Annots": pdf.Array{pdf.Ref{Num: objText}, pdf.Ref{Num: objOther}, pdf.Ref{Num: 102}}}))
		o := options(p, pades.LevelLT)
		o.Certify = 3
		r := judge(t, p, update(t, sign(t, p, doc, o), put(101, form("0 0 100 100 re f"))))
		if refused := has(r, pades.Fail, "covers-content"); refused != (name == "over") {
			t.Errorf("%s: refused %v\n%s", name, refused, dump(r))
		}
	}
}

// TestCoveringLater adds an annotation, or a signature, to a document that was certified or approved.
func TestCoveringLater(t *testing.T) {
	p := testkit.NewPKI(t, nil)
	const content = "BT /F1 24 Tf 72 720 Td (Bayar 1.000) Tj ET\nq 100 0 0 100 300 300 cm /Im1 Do Q"
	const scanned = "q 595 0 0 842 0 0 cm /Im1 Do Q"
	note := func(keys pdf.Dict) func([]byte) []byte {
		return func(b []byte) []byte {
			return update(t, b, func(v *pdf.View, u *pdf.Update) {
				d := pdf.Dict{"Type": pdf.Name("Annot"), "Subtype": pdf.Name("FreeText"), "Contents": pdf.String("lunas")}
				for k, x := range keys {
					d[k] = x
				}
				a := u.Alloc()
				u.Set(a, d)
				relist(objPage, "Annots", func(l pdf.Array) pdf.Array { return append(l, a) })(v, u)
			})
		}
	}
	for _, x := range []struct {
		name, content string
		later         func([]byte) []byte
		covers        bool
	}{
		{"in the margin", content, note(pdf.Dict{"Rect": numbers(500, 800, 560, 820)}), false},
		{"over text", content, note(pdf.Dict{"Rect": numbers(60, 710, 300, 750)}), true},
		{"over a corner of the text", content, note(pdf.Dict{"Rect": numbers(60, 710, 80, 750)}), true},
		{"touching the text", content, note(pdf.Dict{"Rect": numbers(60, 738, 300, 780)}), false},
		{"over a picture", content, note(pdf.Dict{"Rect": numbers(310, 310, 390, 390)}), true},
		{"over a scanned page", scanned, note(pdf.Dict{"Rect": numbers(60, 710, 300, 750)}), false},
		{"a link over text", content, note(pdf.Dict{"Subtype": pdf.Name("Link"), "Rect": numbers(60, 710, 300, 750)}), false},
		{"a comment sign over text", content, note(pdf.Dict{"Subtype": pdf.Name("Text"), "Rect": numbers(60, 710, 80, 750)}), false},
		{"hidden", content, note(pdf.Dict{"F": pdf.Integer(2), "Rect": numbers(60, 710, 300, 750)}), false},
	} {
		for _, certify := range []int{0, 3} {
			t.Run(fmt.Sprintf("%s/certified %d", x.name, certify), func(t *testing.T) {
				o := options(p, pades.LevelLT)
				o.Certify = certify
				r := judge(t, p, x.later(sign(t, p, showing(t, x.content), o)))
				s := r.Signatures[0]
				told := slices.ContainsFunc(s.Findings, func(f pades.Finding) bool {
					return (f.Code == "added" || f.Code == "covers-content") && f.Args[0] == "annotation-covers"
				})
				if told != x.covers {
					t.Errorf("told of as covering: %v, want %v\n%s", told, x.covers, dump(r))
				}
				if refused := s.Indication == pades.TotalFailed; refused != (x.covers && certify != 0) {
					t.Errorf("%s\n%s", s.Indication, dump(r))
				}
			})
		}
	}
}
