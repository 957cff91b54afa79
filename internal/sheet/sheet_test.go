package sheet_test

import (
	"bytes"
	"testing"
	"time"

	"absah/internal/pdf"
	"absah/internal/sheet"
	"absah/internal/stamp"
)

// TestPages: each page has its own place in the parent tree, whose entries lead back to the elements on it.
func TestPages(t *testing.T) {
	d := sheet.Document{Title: "Contoh", Author: "Uji", Language: "id-ID", Date: time.Date(2027, 1, 12, 2, 0, 0, 0, time.UTC)}
	for n := range 3 {
		p := d.AddPage()
		for range n + 1 {
			p.Begin("P")
			p.Text(stamp.Regular(), 10, 50, 700, "teks")
			p.EndTag()
		}
	}
	var b bytes.Buffer
	if err := d.Write(&b); err != nil {
		t.Fatal(err)
	}
	f, err := pdf.Open(bytes.NewReader(b.Bytes()), int64(b.Len()), pdf.OpenOptions{})
	if err != nil {
		t.Fatal(err)
	}
	v := f.Latest()
	catalog, _, err := v.Catalog()
	if err != nil {
		t.Fatal(err)
	}
	root, _ := v.Dict(catalog["StructTreeRoot"])
	tree, _ := v.Dict(root["ParentTree"])
	nums, _ := v.Array(tree["Nums"])
	if len(nums) != 6 || root["ParentTreeNextKey"] != pdf.Integer(3) {
		t.Fatalf("parent tree %v, next key %v", nums, root["ParentTreeNextKey"])
	}
	for i := range 3 {
		page, err := v.Page(i)
		if err != nil {
			t.Fatal(err)
		}
		own, _ := v.Array(nums[2*i+1])
		if page.Dict["StructParents"] != pdf.Integer(i) || nums[2*i] != pdf.Integer(i) || len(own) != i+1 {
			t.Errorf("page %d: %v, %v", i, page.Dict["StructParents"], own)
		}
		for id, o := range own {
			if e, _ := v.Dict(o); e["Pg"] != page.Ref || e["K"] != pdf.Integer(id) {
				t.Errorf("page %d, element %d: %v", i, id, e)
			}
		}
	}
}

func TestRefuses(t *testing.T) {
	var b bytes.Buffer
	if err := (&sheet.Document{Date: time.Now()}).Write(&b); err == nil {
		t.Error("a document without pages was written")
	}
	d := sheet.Document{}
	d.AddPage()
	if err := d.Write(&b); err == nil || b.Len() > 0 {
		t.Error("a document without a date was written")
	}
}
