package pades_test

import (
	"fmt"
	"strings"
	"testing"

	"absah/internal/pdf"
	"absah/internal/testkit"
	"absah/pades"
)

// TestAmbiguousUpdates appends revisions that say one thing to this package and another one to other readers, or that make something
// happen. None may be valid, though none changes what this package shows of the pages.
func TestAmbiguousUpdates(t *testing.T) {
	p := testkit.NewPKI(t, nil)
	signed := sign(t, p, richDocument(t, shape{stream: true}), options(p, pades.LevelLT))
	signedTable := sign(t, p, richDocument(t, shape{}), options(p, pades.LevelLT))
	page := func(r *revision) (pdf.Ref, pdf.Dict) {
		x, err := r.v.Page(0)
		if err != nil {
			t.Fatal(err)
		}
		return x.Ref, r.dict(x.Ref)
	}
	forged := pdf.NewStream(pdf.Dict{}, []byte("BT (Bayar 9.000) Tj ET"))
	content := func(r *revision) pdf.Ref {
		_, d := page(r)
		return r.array(d["Contents"])[0].(pdf.Ref)
	}
	twoPlaces := func(form xrefForm) func(*revision) {
		return func(r *revision) {
			ref := content(r)
			o, err := r.v.Get(ref)
			if err != nil {
				t.Fatal(err)
			}
			r.form = form
			r.objects = append(r.objects, written{ref: ref, value: r.verbatim(o), unseen: true}, written{ref: ref, value: forged})
			r.twice = append(r.twice, pointed{num: int64(ref.Num), kind: 1, a: r.f.Size()})
		}
	}
	twice := func(first bool) func(*revision) {
		return func(r *revision) {
			ref, d := page(r)
			keys := []string{"/Contents " + string(appendValue(nil, d["Contents"])), fmt.Sprintf("/Contents %d 0 R", r.add(forged).Num)}
			if first {
				keys[0], keys[1] = keys[1], keys[0]
			}
			text := strings.TrimSuffix(string(appendValue(nil, withKey(d, "Contents", nil))), ">>") + strings.Join(keys, "\n") + ">>"
			r.objects = append(r.objects, written{ref: ref, value: spelled(text)})
		}
	}
	root := func(gen uint16, other bool) func(*revision) {
		return func(r *revision) {
			_, ref, err := r.v.Catalog()
			if err != nil {
				t.Fatal(err)
			}
			if ref.Gen = gen; other {
				ref = r.add(pdf.Dict{})
			}
			r.trailer["Root"] = ref
		}
	}
	script := pdf.Dict{"S": pdf.Name("JavaScript"), "JS": pdf.String("app.alert(1)")}
	field := func(key pdf.Name, o pdf.Object) func(*revision) {
		return func(r *revision) {
			d, _, err := r.v.Catalog()
			if err != nil {
				t.Fatal(err)
			}
			ref := r.add(pdf.Dict{"FT": pdf.Name("Sig"), "T": pdf.String("Baru"), "Subtype": pdf.Name("Widget"), "Rect": nums(0, 0, 0, 0), key: o})
			r.edit(d["AcroForm"], pdf.Dict{"Fields": append(append(pdf.Array{}, r.array(r.dict(d["AcroForm"])["Fields"])...), ref)})
		}
	}
	for _, c := range []struct {
		name, code string
		change     func(*revision)
	}{
		{"forged key first", "two-readings", twice(true)},
		{"forged key last", "page-changed", twice(false)},
		{"two entries in a section", "two-readings", twoPlaces(asTable)},
		{"two entries in a stream", "two-readings", twoPlaces(asStream)},
		{"two entries in a hybrid section", "two-readings", twoPlaces(asHybrid)},
		{"an entry that leads to another object", "two-readings", func(r *revision) {
			ref := content(r)
			r.add(forged)
			r.entries = append(r.entries, pointed{num: int64(ref.Num), kind: 1, a: r.f.Size()})
		}},
		{"a catalog that is none", "catalog-unusable", root(0, true)},
		{"a catalog of another generation", "catalog-unusable", root(7, false)},
		{"a field that acts when clicked", "action-changed", field("A", script)},
		{"a field that acts when seen", "action-changed", field("AA", pdf.Dict{"PV": script})},
		{"permissions that are no dictionary", "permissions-changed", func(r *revision) {
			_, ref, err := r.v.Catalog()
			if err != nil {
				t.Fatal(err)
			}
			r.edit(ref, pdf.Dict{"Perms": pdf.Name("Off")})
		}},
		{"a look that is no dictionary", "field-look", func(r *revision) {
			fields, err := r.v.Fields()
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range fields {
				if f.FullName == "Kepala" {
					r.edit(f.Ref, pdf.Dict{"AP": pdf.Array{}})
				}
			}
		}},
		{"fonts of the form exchanged", "object-changed", func(r *revision) {
			d, _, err := r.v.Catalog()
			if err != nil {
				t.Fatal(err)
			}
			fonts := r.dict(r.dict(d["AcroForm"])["DR"])["Font"]
			if !r.edit(fonts, pdf.Dict{"F1": r.add(pdf.Dict{"Type": pdf.Name("Font"), "Subtype": pdf.Name("Type1"), "BaseFont": pdf.Name("Symbol")})}) {
				t.Fatal("the form's fonts are no object of their own")
			}
		}},
	} {
		for form, doc := range map[string][]byte{"stream": signed, "table": signedTable} {
			if form == "table" && strings.HasPrefix(c.name, "fonts") {
				continue // written in the form's dictionary itself there
			}
			f, err := pdf.Open(pdf.Memory(doc), int64(len(doc)), pdf.OpenOptions{})
			if err != nil {
				t.Fatal(err)
			}
			r := newRevision(f)
			c.change(r)
			out, err := r.bytes(doc)
			if err != nil {
				t.Fatal(err)
			}
			got := judge(t, p, out)
			named := false
			for _, x := range got.Signatures[0].Findings {
				named = named || x.Level == pades.Fail && len(x.Args) > 0 && x.Args[0] == c.code
			}
			if got.Verdict != pades.Invalid || !named {
				t.Errorf("%s, %s: verdict %s, want invalid for %s\n%s", c.name, form, got.Verdict, c.code, brief(got))
			}
		}
	}
}
