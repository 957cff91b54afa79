package pades_test

import (
	"crypto"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"testing"

	"absah/internal/pdf"
	"absah/internal/testkit"
	"absah/pades"
)

func look(text string) *pdf.Stream {
	box := pdf.Array{pdf.Integer(0), pdf.Integer(0), pdf.Integer(500), pdf.Integer(700)}
	return pdf.NewStream(pdf.Dict{"Type": pdf.Name("XObject"), "Subtype": pdf.Name("Form"), "BBox": box}, []byte(text))
}

// relist gives an array entry of a dictionary another order or other elements.
func relist(num uint32, key pdf.Name, change func(pdf.Array) pdf.Array) func(*pdf.View, *pdf.Update) {
	return func(v *pdf.View, u *pdf.Update) {
		d, _ := v.Dict(pdf.Ref{Num: num})
		list, _ := v.Array(d[key])
		edit(num, pdf.Dict{key: change(slices.Clone(list))})(v, u)
	}
}

// TestVisibleTimestamp adds document time-stamps that are good in themselves, and whose field shows something.
func TestVisibleTimestamp(t *testing.T) {
	p := testkit.NewPKI(t, nil)
	signed := sign(t, p, formDocument(t), options(p, pades.LevelLT))
	zero, integer := pdf.Array{pdf.Integer(0), pdf.Integer(0), pdf.Integer(0), pdf.Integer(0)}, func(n int64) pdf.Integer { return pdf.Integer(n) }
	page := pdf.Array{integer(0), integer(0), integer(500), integer(700)}
	for _, x := range []struct {
		name string
		rect pdf.Object // of the field
		kid  pdf.Object // of a widget of its own; nil: it has none
		kind pades.Modification
	}{
		{"nothing shown", zero, nil, pades.ModificationLTA},
		{"nothing shown by a kid", nil, zero, pades.ModificationLTA},
		{"shown", page, nil, pades.ModificationForm},
		{"shown by a kid", nil, page, pades.ModificationForm},
		{"shown beside its kid", page, zero, pades.ModificationForm},
		{"one number too many", append(slices.Clone(page), integer(1)), nil, pades.ModificationForm},
	} {
		t.Run(x.name, func(t *testing.T) {
			f, err := pdf.Open(pdf.Memory(signed), int64(len(signed)), pdf.OpenOptions{})
			if err != nil {
				t.Fatal(err)
			}
			u, err := pdf.NewUpdate(f)
			if err != nil {
				t.Fatal(err)
			}
			field, sig, drawn := u.Alloc(), u.Alloc(), u.Alloc()
			u.Set(drawn, look("(9.000) Tj"))
			u.Set(sig, pdf.Dict{
				"Type": pdf.Name("DocTimeStamp"), "Filter": pdf.Name("Adobe.PPKLite"), "SubFilter": pdf.Name("ETSI.RFC3161"),
				"ByteRange": pdf.Literal{Bytes: []byte("[0 0000000 0000000 0000000]"), Mark: "ByteRange"}, "Contents": pdf.Hole{Size: 8 << 10, Mark: "Contents"},
			})
			d := pdf.Dict{"FT": pdf.Name("Sig"), "T": pdf.String("Stempel"), "V": sig, "Subtype": pdf.Name("Widget"), "AP": pdf.Dict{"N": drawn}}
			if x.rect != nil {
				d["Rect"] = x.rect
			}
			list := []pdf.Ref{field}
			if x.kid != nil {
				kid := u.Alloc()
				u.Set(kid, pdf.Dict{"Subtype": pdf.Name("Widget"), "Parent": field, "Rect": x.kid, "AP": pdf.Dict{"N": drawn}})
				d["Kids"] = pdf.Array{kid}
				list = append(list, kid)
			}
			u.Set(field, d)
			relist(objForm, "Fields", func(a pdf.Array) pdf.Array { return append(a, field) })(f.Latest(), u)
			relist(objPage, "Annots", func(a pdf.Array) pdf.Array {
				for _, r := range list {
					a = append(a, r)
				}
				return a
			})(f.Latest(), u)
			a, err := u.Bytes("")
			if err != nil {
				t.Fatal(err)
			}
			doc := append(slices.Clone(signed), a.Bytes...)
			from := a.Marks["Contents"]
			to := from + 2*(8<<10) + 2
			copy(doc[a.Marks["ByteRange"]:], fmt.Appendf(nil, "[0 %07d %07d %07d]", from, to, int64(len(doc))-to))
			h := sha256.New()
			h.Write(doc[:from])
			h.Write(doc[to:])
			token, err := p.Timestamp(t.Context(), crypto.SHA256, h.Sum(nil))
			if err != nil {
				t.Fatal(err)
			}
			hex.Encode(doc[from+1:], token)
			r := judge(t, p, doc)
			if len(r.Signatures) != 2 || !r.Signatures[1].Integrity {
				t.Fatalf("the time-stamp is not good\n%s", dump(r))
			}
			if got := r.Signatures[0].Modification; got != x.kind || (r.Verdict == pades.Valid) != (x.kind == pades.ModificationLTA) {
				t.Errorf("modification %s, want %s; verdict %s\n%s", got, x.kind, r.Verdict, dump(r))
			}
		})
	}
}
