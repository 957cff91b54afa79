package stamp_test

import (
	"bytes"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"absah/internal/pdf"
	"absah/internal/stamp"
)

// keep is a folder in which the documents of the tests stay, to be looked at.
var keep = flag.String("keep", "", "keep the test documents in this folder")

type drawer interface {
	Draw(add stamp.Adder, w, h float64) (*pdf.Stream, error)
}

// stamped is one appearance on a page of its own.
type stamped struct {
	page stamp.Page
	look drawer
	pos  stamp.Position
	more []stamped // on the same page
}

// document writes a page for each appearance, with some text to see where up is, and the appearance as a stamp annotation.
func document(t testing.TB, all ...stamped) []byte {
	t.Helper()
	f := pdf.NewDocument("1.7")
	pages := f.Alloc()
	var kids pdf.Array
	for _, s := range all {
		var annots pdf.Array
		for _, one := range append([]stamped{s}, s.more...) {
			at, err := stamp.Place(s.page, one.pos)
			if err != nil {
				t.Fatal(err)
			}
			form, err := one.look.Draw(f.Add, at.BBox[2], at.BBox[3])
			if err != nil {
				t.Fatal(err)
			}
			form.Dict["Matrix"] = numbers(at.Matrix[:])
			annots = append(annots, f.Add(pdf.Dict{
				"Type": pdf.Name("Annot"), "Subtype": pdf.Name("Stamp"), "Rect": numbers(at.Rect[:]), "F": pdf.Integer(4),
				"AP": pdf.Dict{"N": f.Add(form)},
			}))
		}
		page := pdf.Dict{
			"Type": pdf.Name("Page"), "Parent": pages, "MediaBox": numbers(s.page.MediaBox[:]), "Rotate": pdf.Integer(s.page.Rotate),
			"Annots": annots, "Resources": pdf.Dict{},
		}
		if s.page.CropBox != [4]float64{} {
			page["CropBox"] = numbers(s.page.CropBox[:])
		}
		if s.page.UserUnit != 0 {
			page["UserUnit"] = pdf.Real(s.page.UserUnit)
		}
		kids = append(kids, f.Add(page))
	}
	f.Set(pages, pdf.Dict{"Type": pdf.Name("Pages"), "Kids": kids, "Count": pdf.Integer(len(kids))})
	f.SetTrailer("Root", f.Add(pdf.Dict{"Type": pdf.Name("Catalog"), "Pages": pages}))
	var b bytes.Buffer
	if _, err := f.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func numbers(n []float64) (a pdf.Array) {
	for _, x := range n {
		a = append(a, pdf.Real(x))
	}
	return a
}

// file writes a test document where other programs can read it.
func file(t testing.TB, name string, data []byte) string {
	t.Helper()
	dir := *keep
	if dir == "" {
		dir = t.TempDir()
	}
	p := filepath.Join(dir, name)
	if err := os.WriteFile(p, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return p
}

// run starts another program and returns what it says; the test is skipped where the program is missing.
func run(t testing.TB, name string, args ...string) string {
	t.Helper()
	if _, err := exec.LookPath(name); err != nil {
		t.Skipf("%s is not installed", name)
	}
	out, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %v: %v\n%s", name, args, err, out)
	}
	return string(out)
}
