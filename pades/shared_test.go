package pades_test

import (
	"fmt"
	"slices"
	"testing"

	"absah/internal/pdf"
	"absah/internal/testkit"
	"absah/pades"
)

// both applies several changes in one revision.
func both(changes ...func(*pdf.View, *pdf.Update)) func(*pdf.View, *pdf.Update) {
	return func(v *pdf.View, u *pdf.Update) {
		for _, c := range changes {
			c(v, u)
		}
	}
}

func put(num uint32, o pdf.Object) func(*pdf.View, *pdf.Update) {
	return func(_ *pdf.View, u *pdf.Update) { u.Set(pdf.Ref{Num: num}, o) }
}

// TestPrepared signs documents in which one object serves two purposes, or lies ready unseen, and then changes it in a way that is
// allowed for one purpose alone.
func TestPrepared(t *testing.T) {
	p := testkit.NewPKI(t, nil)
	ref := func(n uint32) pdf.Ref { return pdf.Ref{Num: n} }
	const a, b, c, e = 101, 102, 103, 300
	page := func(k pdf.Name, o pdf.Object) func(*pdf.View, *pdf.Update) { return edit(objPage, pdf.Dict{k: o}) }
	box := pdf.Array{pdf.Integer(0), pdf.Integer(0), pdf.Integer(500), pdf.Integer(700)}
	swap := func(l pdf.Array) pdf.Array { l[2], l[3] = l[3], l[2]; return l }
	with := func(r pdf.Ref) func(pdf.Array) pdf.Array {
		return func(l pdf.Array) pdf.Array { return append(l, r) }
	}
	note := func(text string) pdf.Dict {
		return pdf.Dict{"Type": pdf.Name("Annot"), "Subtype": pdf.Name("Stamp"), "Rect": box, "Contents": pdf.String(text)}
	}
	for _, x := range []struct {
		name          string
		before, after func(*pdf.View, *pdf.Update)
		want          pades.Modification
	}{
		{
			"content called a cross-reference stream",
			both(page("Contents", ref(a)), put(a, pdf.NewStream(pdf.Dict{"Type": pdf.Name("XRef")}, []byte("(1.000) Tj")))),
			put(a, pdf.NewStream(pdf.Dict{"Type": pdf.Name("XRef")}, []byte("(9.000) Tj"))),
			pades.ModificationOther,
		},
		{
			"metadata drawn by name",
			both(page("Resources", pdf.Dict{"XObject": pdf.Dict{"Metadata": ref(a)}}), edit(objRoot, pdf.Dict{"Metadata": ref(a)}), put(a, look("(1.000) Tj"))),
			put(a, look("(9.000) Tj")),
			pades.ModificationOther,
		},
		{
			"metadata drawn by an annotation",
			both(page("Annots", pdf.Array{ref(objText), ref(objOther), ref(b)}), edit(objRoot, pdf.Dict{"Metadata": ref(a)}), put(a, look("(1.000) Tj")),
				put(b, pdf.Dict{"Type": pdf.Name("Annot"), "Subtype": pdf.Name("Stamp"), "Rect": box, "AP": pdf.Dict{"N": ref(c)}}),
				put(c, pdf.NewStream(pdf.Dict{"Subtype": pdf.Name("Form"), "BBox": box, "Resources": pdf.Dict{"XObject": pdf.Dict{"X": ref(a)}}}, []byte("/X Do")))),
			put(a, look("(9.000) Tj")),
			pades.ModificationOther,
		},
		{
			"catalog as resources",
			both(page("Resources", pdf.Dict{"XObject": ref(objRoot)}), edit(objRoot, pdf.Dict{"Metadata": ref(a)}), put(a, look("(1.000) Tj"))),
			both(edit(objRoot, pdf.Dict{"Metadata": ref(e)}), put(e, look("(9.000) Tj"))),
			pades.ModificationOther,
		},
		{
			"contents shared with the fields",
			both(page("Contents", ref(a)), edit(objForm, pdf.Dict{"Fields": ref(a)}), put(a, pdf.Array{ref(objText), ref(objOther), ref(b), ref(c)}), put(b, look("(1.000) Tj")), put(c, look("(9.000) Tj"))),
			func(v *pdf.View, u *pdf.Update) {
				list, _ := v.Array(ref(a))
				u.Set(ref(a), swap(slices.Clone(list)))
			},
			pades.ModificationOther,
		},
		{
			"annotations in another order",
			both(page("Annots", pdf.Array{ref(objText), ref(objOther), ref(b), ref(c)}), put(b, note("1.000")), put(c, note("9.000"))),
			relist(objPage, "Annots", swap),
			pades.ModificationAnnotation,
		},
		{
			"an annotation once more",
			both(page("Annots", pdf.Array{ref(objText), ref(objOther), ref(b), ref(c)}), put(b, note("1.000")), put(c, note("9.000"))),
			relist(objPage, "Annots", with(ref(b))),
			pades.ModificationAnnotation,
		},
		{
			"a field that was on no page",
			both(page("Annots", pdf.Array{ref(objText)}), edit(objOther, pdf.Dict{"AP": pdf.Dict{"N": ref(a)}}), put(a, look("(9.000) Tj"))),
			relist(objPage, "Annots", with(ref(objOther))),
			pades.ModificationAnnotation,
		},
		{
			"look of a field as annotation",
			both(edit(objOther, pdf.Dict{"AP": pdf.Dict{"N": ref(a)}}), put(a, pdf.NewStream(pdf.Dict{"Subtype": pdf.Name("Stamp"), "Rect": box}, []byte("(9.000) Tj")))),
			relist(objPage, "Annots", with(ref(a))),
			pades.ModificationAnnotation,
		},
		{
			"look of a field drawn by a font that is a field",
			both(page("Resources", pdf.Dict{"Font": pdf.Dict{"T": ref(b)}}), edit(objText, pdf.Dict{"AP": pdf.Dict{"N": ref(a)}}), put(a, look("(1.000) Tj")),
				put(b, pdf.Dict{"FT": pdf.Name("Tx"), "T": pdf.String("lain"), "Subtype": pdf.Name("Type3"), "CharProcs": pdf.Dict{"a": ref(a)}}),
				relist(objForm, "Fields", with(ref(b)))),
			both(edit(objText, pdf.Dict{"V": pdf.String("9.000")}), put(a, look("(9.000) Tj"))),
			pades.ModificationOther,
		},
		{
			"look of a field drawn by a part of the page tree",
			both(page("Resources", pdf.Dict{"XObject": ref(b)}), edit(objText, pdf.Dict{"AP": pdf.Dict{"N": ref(a)}}), put(a, look("(1.000) Tj")),
				put(b, pdf.Dict{"Type": pdf.Name("Pages"), "Kids": pdf.Array{}, "Count": pdf.Integer(0), "Parent": ref(objTree), "Annots": ref(a)}),
				relist(objTree, "Kids", with(ref(b)))),
			both(edit(objText, pdf.Dict{"V": pdf.String("9.000")}), put(a, look("(9.000) Tj"))),
			pades.ModificationOther,
		},
		{
			"look of a field drawn by name",
			both(page("Resources", pdf.Dict{"XObject": pdf.Dict{"Type": pdf.Name("Page"), "Annots": ref(a)}}), edit(objText, pdf.Dict{"AP": pdf.Dict{"N": ref(a)}}), put(a, look("(1.000) Tj"))),
			both(edit(objText, pdf.Dict{"V": pdf.String("9.000")}), put(a, look("(9.000) Tj"))),
			pades.ModificationOther,
		},
		{
			"look of a field as a color space",
			both(page("Resources", pdf.Dict{"ColorSpace": pdf.Dict{"Type": pdf.Name("Page"), "Annots": pdf.Array{pdf.Name("Separation"), pdf.Name("A"), pdf.Name("DeviceGray"), ref(a)}}}),
				edit(objText, pdf.Dict{"AP": pdf.Dict{"N": ref(a)}}), put(a, look("(1.000) Tj"))),
			both(edit(objText, pdf.Dict{"V": pdf.String("9.000")}), put(a, look("(9.000) Tj"))),
			pades.ModificationOther,
		},
	} {
		t.Run(x.name, func(t *testing.T) {
			signed := sign(t, p, update(t, formDocument(t), x.before), options(p, pades.LevelB))
			if r := judge(t, p, signed); r.Verdict == pades.Invalid {
				t.Fatalf("before: verdict %s\n%s", r.Verdict, dump(r))
			}
			if r := judge(t, p, update(t, signed, x.after)); r.Signatures[0].Modification != x.want {
				t.Errorf("after: verdict %s\n%s", r.Verdict, dump(r))
			}
		})
	}
}

// TestPreparedObjectStream overwrites an object stream that the catalog calls its metadata, and with it the font in it: readers go by
// its place there, whatever number stands before it.
func TestPreparedObjectStream(t *testing.T) {
	p := testkit.NewPKI(t, nil)
	inner := func(number, font string) []byte {
		return []byte(number + " 0 <</Font<</F1<</Type/Font/Subtype/Type1/BaseFont/" + font + ">>>>>>")
	}
	doc := []byte("%PDF-1.7\n")
	var at [7]int
	object := func(n int, text string) {
		at[n] = len(doc)
		doc = fmt.Appendf(doc, "%d 0 obj\n%s\nendobj\n", n, text)
	}
	object(1, "<</Type/Catalog/Pages 2 0 R/Metadata 5 0 R>>")
	object(2, "<</Type/Pages/Kids[4 0 R]/Count 1>>")
	object(4, "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources 3 0 R>>")
	object(5, fmt.Sprintf("<</Type/ObjStm/N 1/First 4/Length %d>>stream\n%s\nendstream", len(inner("3", "Courier")), inner("3", "Courier")))
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
	doc = fmt.Appendf(doc, "6 0 obj\n<</Type/XRef/Size 7/Root 1 0 R/W[1 2 1]/Length %d>>stream\n%s\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n", len(table), table, at[6])

	signed := sign(t, p, doc, options(p, pades.LevelB))
	number := func(n int64) pdf.Object { return pdf.Integer(n) }
	for name, now := range map[string]pdf.Object{
		"another font": pdf.NewStream(pdf.Dict{"Type": pdf.Name("ObjStm"), "N": number(1), "First": number(4)}, inner("9", "Symbol")),
		"no font":      pdf.NewStream(pdf.Dict{"Type": pdf.Name("ObjStm"), "N": number(0), "First": number(4)}, inner("3", "Courier")),
		"metadata":     pdf.NewStream(pdf.Dict{"Type": pdf.Name("Metadata")}, []byte("<x/>")),
	} {
		r := judge(t, p, update(t, signed, put(5, now)))
		if r.Signatures[0].Modification != pades.ModificationOther {
			t.Errorf("%s: modification %s\n%s", name, r.Signatures[0].Modification, dump(r))
		}
	}
}
