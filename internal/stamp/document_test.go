package stamp_test

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"absah/internal/pdf"
	"absah/internal/stamp"
	"absah/internal/testkit"
)

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
func document(t testing.TB, all ...stamped) []byte { return archived(t, "1.7", 0, all...) }

// archived is document with what PDF/A of a part asks of the file, but without an output intent.
func archived(t testing.TB, version string, part int, all ...stamped) []byte {
	t.Helper()
	f := pdf.NewDocument(version)
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
	catalog := pdf.Dict{"Type": pdf.Name("Catalog"), "Pages": pages}
	if part > 0 {
		level := map[int]string{1: "<pdfaid:conformance>B</pdfaid:conformance>", 2: "<pdfaid:conformance>U</pdfaid:conformance>", 4: "<pdfaid:rev>2020</pdfaid:rev>"}[part]
		xmp := fmt.Sprintf(`<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">`+
			`<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/">`+
			`<pdfaid:part>%d</pdfaid:part>%s</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>`, part, level)
		catalog["Metadata"] = f.Add(pdf.NewStream(pdf.Dict{"Type": pdf.Name("Metadata"), "Subtype": pdf.Name("XML")}, []byte(xmp)))
	}
	f.SetTrailer("Root", f.Add(catalog))
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

// picture is a rendered page in gray.
type picture struct {
	w, h int
	pix  []byte
}

// render draws a page with poppler, which knows no UserUnit; without poppler the test is skipped.
func render(t testing.TB, name string, page int, dpi float64) picture {
	t.Helper()
	n := strconv.Itoa(page)
	out := filepath.Join(t.TempDir(), "page")
	testkit.Tool(t, "pdftoppm", "-gray", "-r", fmt.Sprint(dpi), "-cropbox", "-f", n, "-l", n, "-singlefile", name, out)
	b, err := os.ReadFile(out + ".pgm")
	if err != nil {
		t.Fatal(err)
	}
	var p picture
	var most int
	if _, err := fmt.Sscanf(string(b[:min(len(b), 64)]), "P5\n%d %d\n%d\n", &p.w, &p.h, &most); err != nil || most != 255 {
		t.Fatalf("page %d of %s: not a gray map: %v", page, name, err)
	}
	p.pix = b[len(b)-p.w*p.h:]
	return p
}

// dark is the number of dark pixels.
func (p picture) dark() (n int) {
	for _, v := range p.pix {
		if v < 100 {
			n++
		}
	}
	return n
}

// differs is the mean difference of two pictures after a blur that forgives the edges of letters; 1 when the sizes differ.
func (p picture) differs(q picture) float64 {
	if p.w != q.w || p.h != q.h {
		return 1
	}
	const cell = 4
	sum, n := 0.0, 0
	for y := 0; y+cell <= p.h; y += cell {
		for x := 0; x+cell <= p.w; x += cell {
			a, b := 0, 0
			for dy := range cell {
				for dx := range cell {
					i := (y+dy)*p.w + x + dx
					a, b = a+int(p.pix[i]), b+int(q.pix[i])
				}
			}
			sum += math.Abs(float64(a-b)) / (255 * cell * cell)
			n++
		}
	}
	return sum / float64(n)
}

// scan reads the QR of the first page with zbar.
func scan(t testing.TB, name string) string {
	t.Helper()
	if _, err := exec.LookPath("zbarimg"); err != nil {
		t.Skip("zbarimg is not installed")
	}
	out := filepath.Join(t.TempDir(), "page")
	testkit.Tool(t, "pdftoppm", "-gray", "-r", "200", "-f", "1", "-l", "1", "-singlefile", name, out)
	b, err := exec.Command("zbarimg", "--raw", "-q", "-Sdisable", "-Sqrcode.enable", out+".pgm").Output()
	if err != nil {
		t.Fatalf("zbarimg: %v", err)
	}
	return strings.TrimSuffix(string(b), "\n")
}
