package pades_test

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"absah/internal/pdf"
	"absah/internal/testkit"
	"absah/pades"
	"absah/trust"
)

// manipulated is a signed document that the grammar works on.
type manipulated struct {
	name       string
	doc        []byte
	f          *pdf.File
	permission int             // DocMDP; 0: none
	locked     map[string]bool // fields that a lock names
	encrypted  bool
	shown      picture
	repaired   *picture // the same as a program sees it that distrusts the cross reference; nil: it cannot
	report     *pades.Report
	gap        pdf.Span // what the ByteRange of the first signature leaves out
	end        int64    // and where it ends
}

// shape says how a base document is written before it is signed.
type shape struct {
	stream bool // cross-reference stream
	packed bool // dictionaries in an object stream
	tagged bool
	spare  bool // content, a font and a page that nothing refers to, and a reference to an object that does not exist
}

func nums(n ...int64) pdf.Array {
	out := pdf.Array{}
	for _, x := range n {
		out = append(out, pdf.Integer(x))
	}
	return out
}

// richDocument has two pages below two levels of the page tree, shared resources, two fonts, an image, a drawn form, an outline, named
// destinations, an opening action, properties, text fields with and without a look, a check box, an empty signature field and two
// annotations.
func richDocument(t testing.TB, s shape) []byte {
	t.Helper()
	n := pdf.NewDocument("1.7")
	name := func(s string) pdf.Name { return pdf.Name(s) }
	var plain []pdf.Ref
	add := func(o pdf.Object) pdf.Ref {
		r := n.Add(o)
		if _, ok := o.(*pdf.Stream); !ok {
			plain = append(plain, r)
		}
		return r
	}
	later := func() pdf.Ref {
		r := n.Alloc()
		plain = append(plain, r)
		return r
	}
	drawn := func(text string) pdf.Ref {
		return n.Add(pdf.NewStream(pdf.Dict{"Type": name("XObject"), "Subtype": name("Form"), "BBox": nums(0, 0, 200, 20)}, []byte(text)))
	}
	root, tree, group, first, second, form := later(), later(), later(), later(), later(), later()
	program := n.Add(pdf.DeflateStream(pdf.Dict{}, []byte("%!PS-AdobeFont-1.0: Contoh")))
	descriptor := add(pdf.Dict{"Type": name("FontDescriptor"), "FontName": name("AAAAAA+Contoh"), "Flags": pdf.Integer(4), "FontFile": program})
	font := add(pdf.Dict{"Type": name("Font"), "Subtype": name("Type1"), "BaseFont": name("Helvetica")})
	embedded := add(pdf.Dict{
		"Type": name("Font"), "Subtype": name("Type1"), "BaseFont": name("AAAAAA+Contoh"), "FirstChar": pdf.Integer(65), "LastChar": pdf.Integer(66),
		"Widths": nums(500, 500), "FontDescriptor": descriptor,
	})
	image := n.Add(pdf.NewStream(pdf.Dict{
		"Type": name("XObject"), "Subtype": name("Image"), "Width": pdf.Integer(1), "Height": pdf.Integer(1), "BitsPerComponent": pdf.Integer(8), "ColorSpace": name("DeviceGray"),
	}, []byte{200}))
	state := add(pdf.Dict{"Type": name("ExtGState"), "ca": pdf.Integer(1)})
	stamp := drawn("0 0 20 20 re f")
	resources := add(pdf.Dict{
		"Font": pdf.Dict{"F1": font, "F2": embedded}, "XObject": pdf.Dict{"Im1": image, "Fm1": stamp}, "ExtGState": pdf.Dict{"G1": state},
	})
	content := n.Add(pdf.NewStream(pdf.Dict{}, []byte("/G1 gs BT /F1 24 Tf 72 720 Td (Bayar 1.000) Tj ET q 20 0 0 20 72 500 cm /Im1 Do Q /Fm1 Do")))
	more := n.Add(pdf.DeflateStream(pdf.Dict{}, []byte("BT /F2 12 Tf 72 690 Td (AB) Tj ET")))
	another := n.Add(pdf.NewStream(pdf.Dict{}, []byte("BT /F1 24 Tf 72 720 Td (Lampiran) Tj ET")))
	widget := func(keys pdf.Dict, rect pdf.Array) pdf.Ref {
		d := pdf.Dict{"Type": name("Annot"), "Subtype": name("Widget"), "F": pdf.Integer(4), "P": first, "Rect": rect}
		for k, x := range keys {
			d[k] = x
		}
		return add(d)
	}
	amount := widget(pdf.Dict{"FT": name("Tx"), "T": pdf.String("jumlah"), "V": pdf.String("1.000"), "AP": pdf.Dict{"N": drawn("(1.000) Tj")}}, nums(72, 600, 300, 620))
	who := widget(pdf.Dict{"FT": name("Tx"), "T": pdf.String("nama")}, nums(72, 560, 300, 580))
	on := pdf.Dict{"Ya": drawn("0 0 9 9 re f"), "Off": drawn("0 0 9 9 re s")}
	agree := widget(pdf.Dict{"FT": name("Btn"), "T": pdf.String("setuju"), "V": name("Off"), "AS": name("Off"), "AP": pdf.Dict{"N": on}}, nums(72, 530, 84, 542))
	empty := widget(pdf.Dict{"FT": name("Sig"), "T": pdf.String("Kepala")}, nums(72, 100, 200, 150))
	link := add(pdf.Dict{"Type": name("Annot"), "Subtype": name("Link"), "Rect": nums(72, 400, 200, 420), "A": pdf.Dict{"S": name("URI"), "URI": pdf.String("https://contoh.example/")}})
	note := add(pdf.Dict{"Type": name("Annot"), "Subtype": name("Stamp"), "F": pdf.Integer(4), "Rect": nums(300, 400, 400, 420), "AP": pdf.Dict{"N": drawn("(SALINAN) Tj")}})
	n.Set(tree, pdf.Dict{"Type": name("Pages"), "Kids": pdf.Array{group, second}, "Count": pdf.Integer(2), "MediaBox": nums(0, 0, 595, 842)})
	n.Set(group, pdf.Dict{"Type": name("Pages"), "Parent": tree, "Kids": pdf.Array{first}, "Count": pdf.Integer(1), "Resources": resources})
	annots := pdf.Array{amount, who, agree, empty, link, note}
	page := pdf.Dict{"Type": name("Page"), "Parent": group, "Contents": pdf.Array{content, more}, "Annots": annots}
	n.Set(second, pdf.Dict{"Type": name("Page"), "Parent": tree, "Contents": another, "Resources": pdf.Dict{"Font": pdf.Dict{"F1": font}}, "CropBox": nums(0, 0, 500, 700)})
	dr := pdf.Object(pdf.Dict{"Font": pdf.Dict{"F1": font}})
	if s.stream {
		dr = add(pdf.Dict{"Font": add(pdf.Dict{"F1": font})})
	}
	n.Set(form, pdf.Dict{"Fields": pdf.Array{amount, who, agree, empty}, "DA": pdf.String("/F1 12 Tf 0 g"), "DR": dr})
	outlines := later()
	item := add(pdf.Dict{"Title": pdf.String("Isi"), "Parent": outlines, "Dest": pdf.Array{first, name("Fit")}})
	n.Set(outlines, pdf.Dict{"Type": name("Outlines"), "First": item, "Last": item, "Count": pdf.Integer(1)})
	dests := add(pdf.Dict{"Names": pdf.Array{pdf.String("awal"), pdf.Array{first, name("Fit")}}})
	catalog := pdf.Dict{
		"Type": name("Catalog"), "Pages": tree, "AcroForm": form, "Outlines": outlines, "Names": pdf.Dict{"Dests": dests}, "OpenAction": pdf.Array{first, name("Fit")},
		"Metadata":   n.Add(pdf.NewStream(pdf.Dict{"Type": name("Metadata"), "Subtype": name("XML")}, []byte("<x:xmpmeta/>"))),
		"PageLabels": pdf.Dict{"Nums": pdf.Array{pdf.Integer(0), pdf.Dict{"S": name("D")}}},
		"PieceInfo":  pdf.Dict{"Contoh": pdf.Dict{"Private": pdf.Integer(1)}},
		"PageLayout": name("SinglePage"),
	}
	if s.tagged {
		top := later()
		paragraph := add(pdf.Dict{"Type": name("StructElem"), "S": name("P"), "P": top, "Pg": first, "K": pdf.Integer(0), "ActualText": pdf.String("Bayar 1.000")})
		parents := add(pdf.Dict{"Nums": pdf.Array{pdf.Integer(0), pdf.Array{paragraph}}})
		n.Set(top, pdf.Dict{"Type": name("StructTreeRoot"), "K": pdf.Array{paragraph}, "ParentTree": parents, "ParentTreeNextKey": pdf.Integer(1)})
		catalog["StructTreeRoot"], catalog["MarkInfo"] = top, pdf.Dict{"Marked": true}
		page["StructParents"] = pdf.Integer(0)
	}
	if s.spare {
		n.Add(pdf.NewStream(pdf.Dict{}, []byte("BT /F1 24 Tf 72 720 Td (Bayar 9.000) Tj ET\n7 0 obj %hidden\n<</Type/Page>>\nendobj\n")))
		add(pdf.Dict{"Type": name("Font"), "Subtype": name("Type1"), "BaseFont": name("Symbol")})
		add(pdf.Dict{"Type": name("Page"), "Parent": group, "Contents": another})
		page["Contents"] = pdf.Array{content, more, pdf.Ref{Num: 5000}}
	}
	n.Set(first, page)
	n.Set(root, catalog)
	n.SetTrailer("Root", root)
	n.SetTrailer("Info", add(pdf.Dict{"Title": pdf.String("Contoh")}))
	if s.stream {
		n.UseXrefStream()
	}
	if s.packed {
		n.Pack(plain...)
	}
	var b bytes.Buffer
	if _, err := n.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// manipulationBases are small signed documents of all kinds. One that needs a tool which is not here is left out by name.
func manipulationBases(t *testing.T, p *testkit.PKI, policy trust.Policy) []*manipulated {
	t.Helper()
	plain := richDocument(t, shape{})
	one := func(doc []byte, change func(*pades.SignOptions)) []byte {
		o := options(p, pades.LevelT)
		if change != nil {
			change(&o)
		}
		return sign(t, p, doc, o)
	}
	certify := func(n int) func(*pades.SignOptions) { return func(o *pades.SignOptions) { o.Certify = n } }
	level := func(l pades.Level) func(*pades.SignOptions) { return func(o *pades.SignOptions) { o.Level = l } }
	visible := func(o *pades.SignOptions) { o.Appearance = &pades.Appearance{Position: "Kepala Bagian"} }
	var out []*manipulated
	add := func(name string, permission int, doc []byte, locked ...string) {
		f, err := pdf.Open(pdf.Memory(doc), int64(len(doc)), pdf.OpenOptions{})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		m := &manipulated{name: name, doc: doc, f: f, permission: permission, locked: map[string]bool{}, encrypted: f.Encryption() != nil}
		for _, l := range locked {
			m.locked[l] = true
		}
		if m.shown, err = take(f.Latest(), nil); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if g := distrusting(doc); g != nil {
			if s, err := take(g.Latest(), nil); err == nil {
				m.repaired = &s
			}
		}
		e, err := pades.Gather(context.Background(), pdf.Memory(doc), int64(len(doc)), pades.GatherOptions{})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if m.report = pades.Judge(e, policy); m.report.Verdict != pades.Valid && m.report.Verdict != pades.ValidWithNotes {
			t.Fatalf("%s: verdict %s before anything was done\n%s", name, m.report.Verdict, dump(m.report))
		}
		br := e.Signatures[0].ByteRange
		m.gap, m.end = pdf.Span{Start: br[1], End: br[2]}, br[2]+br[3]
		out = append(out, m)
	}
	add("table", 0, one(plain, nil))
	add("stream", 0, one(richDocument(t, shape{stream: true}), nil))
	add("object streams", 0, one(richDocument(t, shape{packed: true}), nil))
	add("tagged", 0, one(richDocument(t, shape{tagged: true}), nil))
	add("prepared", 0, one(richDocument(t, shape{spare: true}), nil))
	add("visible", 0, one(plain, visible))
	add("in its field", 0, one(plain, func(o *pades.SignOptions) { o.Field = "Kepala"; visible(o) }))
	add("certified 1", 1, one(plain, certify(1)))
	add("certified 2", 2, one(richDocument(t, shape{packed: true}), certify(2)))
	add("certified 3", 3, one(plain, certify(3)))
	add("locked", 0, one(plain, func(o *pades.SignOptions) {
		o.Lock = &pades.FieldLock{Action: pades.LockInclude, Fields: []string{"jumlah"}}
	}), "jumlah")
	add("B-LT", 0, one(plain, level(pades.LevelLT)))
	add("B-LTA", 0, one(richDocument(t, shape{stream: true}), level(pades.LevelLTA)))
	add("two signatures", 0, one(one(plain, nil), visible))
	if qpdf, err := exec.LookPath("qpdf"); err != nil {
		t.Log("qpdf is not here: no encrypted document")
	} else {
		from, to := filepath.Join(t.TempDir(), "plain.pdf"), filepath.Join(t.TempDir(), "encrypted.pdf")
		if err := os.WriteFile(from, plain, 0o600); err != nil {
			t.Fatal(err)
		}
		if b, err := exec.Command(qpdf, "--encrypt", "", "pemilik", "128", "--use-aes=y", "--", from, to).CombinedOutput(); err != nil {
			t.Fatalf("qpdf: %v\n%s", err, b)
		}
		b, err := os.ReadFile(to)
		if err != nil {
			t.Fatal(err)
		}
		add("encrypted", 0, one(b, nil))
	}
	return out
}
