package pdf_test

import (
	"bytes"
	"fmt"
	"testing"

	"absah/internal/pdf"
)

// TestUpdateBehindPrefix continues files in which bytes stand before the header: new offsets count from where the old ones do, even
// where a single line end would let them be read either way.
func TestUpdateBehindPrefix(t *testing.T) {
	n := pdf.NewDocument("1.7")
	tree := n.Alloc()
	n.Set(tree, pdf.Dict{"Type": pdf.Name("Pages"), "Kids": pdf.Array{}, "Count": pdf.Integer(0)})
	root := n.Add(pdf.Dict{"Type": pdf.Name("Catalog"), "Pages": tree})
	n.SetTrailer("Root", root)
	var b bytes.Buffer
	if _, err := n.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	for _, prefix := range []string{"\n", "\r\n", " ", "\xef\xbb\xbf", "HTTP/1.1 200 OK\r\n\r\n"} {
		doc := append([]byte(prefix), b.Bytes()...)
		f, err := pdf.Open(bytes.NewReader(doc), int64(len(doc)), pdf.OpenOptions{})
		if err != nil {
			t.Errorf("Open behind %q: %v", prefix, err)
			continue
		}
		u, err := pdf.NewUpdate(f)
		if err != nil {
			t.Fatal(err)
		}
		u.Set(root, pdf.Dict{"Type": pdf.Name("Catalog"), "Pages": tree, "Lang": pdf.String("id")})
		a, err := u.Bytes("")
		if err != nil {
			t.Fatal(err)
		}
		doc = append(doc, a.Bytes...)
		at := bytes.LastIndex(doc, []byte("\nxref")) + 1
		if want := fmt.Sprintf("startxref\n%d\n%%%%EOF\n", at-len(prefix)); !bytes.HasSuffix(doc, []byte(want)) {
			t.Errorf("update behind %q ends with %q, want %q", prefix, doc[len(doc)-40:], want)
		}
	}
}
