package letter_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"absah/internal/letter"
	"absah/internal/pdf"
	"absah/internal/stamp"
	"absah/internal/testkit"
)

var date = time.Date(2027, 1, 12, 2, 0, 0, 0, time.UTC)

func write(t testing.TB, l letter.Letter) ([]byte, stamp.Position) {
	t.Helper()
	var b bytes.Buffer
	box, err := l.Write(&b)
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes(), box
}

func open(t testing.TB, data []byte) *pdf.File {
	t.Helper()
	f, err := pdf.Open(bytes.NewReader(data), int64(len(data)), pdf.OpenOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if f.Repaired() || len(f.Notes()) > 0 {
		t.Errorf("the file needs tolerance: %v", f.Notes())
	}
	return f
}

func TestParameters(t *testing.T) {
	l := letter.Letter{
		Title: "Permohonan Data", Number: "9/XY/2027", Date: date, City: "Kota Lain", Signer: "Siti Contoh & Co", Office: "Sekretaris Dinas",
		Recipient: []string{"Budi Contoh"},
	}
	data, _ := write(t, l)
	again, _ := write(t, l)
	if !bytes.Equal(data, again) {
		t.Error("the same letter gave other bytes")
	}
	v := open(t, data).Latest()
	if n, err := v.Pages(); n != 1 || err != nil {
		t.Errorf("Pages() = %d, %v, want 1", n, err)
	}
	text := testkit.Tool(t, "pdftotext", "-layout", testkit.Keep(t, "parameters.pdf", data), "-")
	for _, want := range []string{"Permohonan Data", "9/XY/2027", "Kota Lain, 12 Januari 2027", "Siti Contoh & Co", "Sekretaris Dinas,", "Yth. Budi Contoh", "Selasa, 26 Januari 2027", "1 Februari 2027"} {
		if !strings.Contains(text, want) {
			t.Errorf("the letter does not say %q", want)
		}
	}
	if info := testkit.Tool(t, "pdfinfo", testkit.Keep(t, "parameters.pdf", data)); !strings.Contains(info, "Permohonan Data") || !strings.Contains(info, "Tagged:          yes") || !strings.Contains(info, "A4") {
		t.Error(info)
	}
}

// TestPadded: a padded letter is one without a flaw, and the same to a reader.
func TestPadded(t *testing.T) {
	l := letter.Letter{Date: date}
	plain, _ := write(t, l)
	for _, size := range []int{0, len(plain), len(plain) + 1, len(plain) + 2, len(plain) + 1000, 100_000, 1 << 20} {
		padded, err := l.Padded(size)
		if err != nil {
			t.Fatal(err)
		}
		if size < len(plain)+2 {
			if !bytes.Equal(padded, plain) {
				t.Errorf("Padded(%d) changed a letter of %d bytes", size, len(plain))
			}
			continue
		}
		if d := len(padded) - size; d < 0 || d > 2 {
			t.Errorf("Padded(%d) has %d bytes", size, len(padded))
		}
		was, is := open(t, plain).Latest(), open(t, padded).Latest() // open minds every tolerance that reading needs
		a, err1 := was.Page(0)
		b, err2 := is.Page(0)
		if err1 != nil || err2 != nil {
			t.Fatal(err1, err2)
		}
		x, err1 := was.StreamData(get[*pdf.Stream](t, was, a.Dict["Contents"]), 0)
		y, err2 := is.StreamData(get[*pdf.Stream](t, is, b.Dict["Contents"]), 0)
		if err1 != nil || err2 != nil || !bytes.Equal(x, y) {
			t.Errorf("Padded(%d) shows another page: %v, %v", size, err1, err2)
		}
	}
	if _, err := (letter.Letter{}).Padded(1000); err == nil {
		t.Error("a letter without a date was padded")
	}
}

// TestStructure walks the tree: every piece of marked content has one element, whose place in the parent tree leads back to it.
func TestStructure(t *testing.T) {
	data, _ := write(t, letter.Letter{Date: date})
	v := open(t, data).Latest()
	page, err := v.Page(0)
	if err != nil {
		t.Fatal(err)
	}
	content, err := v.StreamData(get[*pdf.Stream](t, v, page.Dict["Contents"]), 0)
	if err != nil {
		t.Fatal(err)
	}
	catalog, _, err := v.Catalog()
	if err != nil {
		t.Fatal(err)
	}
	root := get[pdf.Dict](t, v, catalog["StructTreeRoot"])
	nums := get[pdf.Array](t, v, get[pdf.Dict](t, v, root["ParentTree"])["Nums"])
	parents := get[pdf.Array](t, v, nums[1])
	document := get[pdf.Dict](t, v, root["K"])
	kids := get[pdf.Array](t, v, document["K"])
	if len(kids) < 20 || len(kids) != len(parents) || bytes.Count(content, []byte("/MCID ")) != len(kids) {
		t.Fatalf("%d elements, %d parents, %d marks", len(kids), len(parents), bytes.Count(content, []byte("/MCID ")))
	}
	for i, k := range kids {
		e := get[pdf.Dict](t, v, k)
		if e["K"] != pdf.Integer(i) || parents[i] != k || !bytes.Contains(content, fmt.Appendf(nil, "/%s <</MCID %d>> BDC", e["S"], i)) {
			t.Errorf("element %d: %v, parent tree %v", i, e, parents[i])
		}
		if e["S"] == pdf.Name("Figure") && e["Alt"] == nil {
			t.Error("the emblem has no alternate text")
		}
	}
	if begin, end := bytes.Count(content, []byte("BDC\n"))+bytes.Count(content, []byte("BMC\n")), bytes.Count(content, []byte("EMC\n")); begin != end {
		t.Errorf("%d marks begin, %d end", begin, end)
	}
}

func get[T any](t testing.TB, v *pdf.View, o pdf.Object) T {
	t.Helper()
	x, err := v.Resolve(o)
	if err != nil {
		t.Fatal(err)
	}
	y, ok := x.(T)
	if !ok {
		t.Fatalf("%v is a %T, want %T", o, x, y)
	}
	return y
}

// TestBoxIsEmpty renders the room for the signature: nothing may be printed there.
func TestBoxIsEmpty(t *testing.T) {
	for _, l := range []letter.Letter{{Date: date}, {Date: date, Title: strings.Repeat("Judul yang panjang ", 6), Office: "Kepala Dinas Contoh yang Panjang Namanya Sekali"}} {
		data, box := write(t, l)
		out := filepath.Join(t.TempDir(), "box")
		testkit.Tool(t, "pdftoppm", "-gray", "-r", "72", "-x", fmt.Sprint(int(box.X)), "-y", fmt.Sprint(int(841.89-box.Y-box.H)+1), "-W", fmt.Sprint(int(box.W)), "-H", fmt.Sprint(int(box.H)-1),
			"-singlefile", testkit.Keep(t, "box.pdf", data), out)
		b, err := os.ReadFile(out + ".pgm")
		if err != nil {
			t.Fatal(err)
		}
		pix := b[len(b)-int(box.W)*(int(box.H)-1):]
		for i, v := range pix {
			if v != 255 {
				t.Errorf("%q: something is printed in the box at %d,%d", l.Title, i%int(box.W), i/int(box.W))
				break
			}
		}
	}
}

func TestRefuses(t *testing.T) {
	for name, l := range map[string]letter.Letter{
		"no date": {}, "too long": {Date: date, Title: strings.Repeat("panjang ", 300)},
	} {
		var b bytes.Buffer
		if _, err := l.Write(&b); err == nil || b.Len() > 0 {
			t.Errorf("Write(%s): error %v, %d bytes", name, err, b.Len())
		}
	}
}

// stamped adds an appearance as an annotation in an incremental update, as a signature does.
func stamped(t testing.TB, data []byte, look interface {
	Draw(add stamp.Adder, w, h float64) (*pdf.Stream, error)
}, box stamp.Position,
) []byte {
	t.Helper()
	f := open(t, data)
	u, err := pdf.NewUpdate(f)
	if err != nil {
		t.Fatal(err)
	}
	add := func(o pdf.Object) pdf.Ref {
		r := u.Alloc()
		u.Set(r, o)
		return r
	}
	page, err := f.Latest().Page(0)
	if err != nil {
		t.Fatal(err)
	}
	at, err := stamp.Place(stamp.Page{MediaBox: page.MediaBox, CropBox: page.CropBox, Rotate: page.Rotate, UserUnit: page.UserUnit}, box)
	if err != nil {
		t.Fatal(err)
	}
	form, err := look.Draw(add, at.BBox[2], at.BBox[3])
	if err != nil {
		t.Fatal(err)
	}
	d := pdf.Dict{}
	for k, x := range page.Dict {
		d[k] = x
	}
	d["Annots"] = pdf.Array{add(pdf.Dict{
		"Type": pdf.Name("Annot"), "Subtype": pdf.Name("Stamp"), "F": pdf.Integer(4), "AP": pdf.Dict{"N": add(form)},
		"Rect":     pdf.Array{pdf.Real(at.Rect[0]), pdf.Real(at.Rect[1]), pdf.Real(at.Rect[2]), pdf.Real(at.Rect[3])},
		"Contents": pdf.EncodeText("tanda tangan"),
	})}
	u.Set(page.Ref, d)
	more, err := u.Bytes("")
	if err != nil {
		t.Fatal(err)
	}
	return append(bytes.Clone(data), more.Bytes...)
}

// TestTools lets other programs judge the letter, plain and with the card on it.
func TestTools(t *testing.T) {
	data, box := write(t, letter.Letter{Date: date})
	card := stamp.Card{Name: "Budi Contoh, S.Kom., M.M.", Position: "Kepala Dinas Contoh", Time: date, QR: "https://tte.contoh.example/v/8F3K-27QM"}
	for name, b := range map[string][]byte{"letter.pdf": data, "letter-card.pdf": stamped(t, data, card, box)} {
		p := testkit.Keep(t, name, b)
		t.Run(name+"/qpdf", func(t *testing.T) {
			if out := testkit.Tool(t, "qpdf", "--check", p); !strings.Contains(out, "No syntax or stream encoding errors") {
				t.Error(out)
			}
		})
		t.Run(name+"/mutool", func(t *testing.T) {
			if out := testkit.Tool(t, "mutool", "draw", "-q", "-F", "txt", "-o", "-", p); !strings.Contains(out, "Kepala Dinas Contoh") {
				t.Error(out)
			}
		})
		t.Run(name+"/verapdf", func(t *testing.T) {
			if out := testkit.Tool(t, "verapdf", "-f", "2b", "--format", "text", p); !strings.HasPrefix(out, "PASS") {
				t.Error(out)
			}
		})
	}
}
