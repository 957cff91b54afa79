package testkit

import (
	"bytes"
	"fmt"
	"testing"

	"absah/internal/pdf"
)

// Document is a plain PDF with so many A4 pages.
func Document(t testing.TB, pages int) []byte {
	t.Helper()
	n := pdf.NewDocument("1.7")
	tree := n.Alloc()
	font := n.Add(pdf.Dict{"Type": pdf.Name("Font"), "Subtype": pdf.Name("Type1"), "BaseFont": pdf.Name("Helvetica")})
	kids := pdf.Array{}
	for i := range pages {
		content := n.Add(pdf.DeflateStream(pdf.Dict{}, fmt.Appendf(nil, "BT /F1 24 Tf 72 720 Td (Halaman %d) Tj ET", i+1)))
		kids = append(kids, n.Add(pdf.Dict{
			"Type": pdf.Name("Page"), "Parent": tree, "MediaBox": pdf.Array{pdf.Integer(0), pdf.Integer(0), pdf.Integer(595), pdf.Integer(842)},
			"Contents": content, "Resources": pdf.Dict{"Font": pdf.Dict{"F1": font}},
		}))
	}
	n.Set(tree, pdf.Dict{"Type": pdf.Name("Pages"), "Kids": kids, "Count": pdf.Integer(pages)})
	n.SetTrailer("Root", n.Add(pdf.Dict{"Type": pdf.Name("Catalog"), "Pages": tree}))
	var b bytes.Buffer
	if _, err := n.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
