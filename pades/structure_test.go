package pades_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"absah/internal/letter"
	"absah/internal/pdf"
	"absah/internal/testkit"
	"absah/pades"
)

// opened reads a finished document and has qpdf check it.
func opened(t *testing.T, doc []byte) (*pdf.File, *pdf.View) {
	t.Helper()
	f, err := pdf.Open(bytes.NewReader(doc), int64(len(doc)), pdf.OpenOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if f.Repaired() || len(f.Notes()) > 0 {
		t.Errorf("notes: %v", f.Notes())
	}
	if qpdf, err := exec.LookPath("qpdf"); err == nil {
		path := filepath.Join(t.TempDir(), "signed.pdf")
		if err := os.WriteFile(path, doc, 0o600); err != nil {
			t.Fatal(err)
		}
		// The form document names an object that does not exist among its contents.
		const known = "ignoring non-stream in an array of streams"
		if b, err := exec.Command(qpdf, "--check", path).CombinedOutput(); err != nil && strings.Count(string(b), "WARNING") != strings.Count(string(b), known) {
			t.Errorf("qpdf --check: %v\n%s", err, b)
		}
	}
	return f, f.Latest()
}

func field(t *testing.T, v *pdf.View, name string) pdf.Field {
	t.Helper()
	fields, err := v.Fields()
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	var found pdf.Field
	for _, f := range fields {
		if f.FullName == name {
			n++
			found = f
		}
	}
	if n != 1 {
		t.Fatalf("%d fields are called %q", n, name)
	}
	return found
}

func dict(t *testing.T, v *pdf.View, o pdf.Object) pdf.Dict {
	t.Helper()
	d, err := v.Dict(o)
	if err != nil || d == nil {
		t.Fatalf("%v is no dictionary: %v", o, err)
	}
	return d
}

// checkWidget says whether a widget is whole: printed, on its page, and with a look.
func checkWidget(t *testing.T, v *pdf.View, ref pdf.Ref, page *pdf.Page) pdf.Dict {
	t.Helper()
	w := dict(t, v, ref)
	if w["Type"] != pdf.Name("Annot") || w["Subtype"] != pdf.Name("Widget") || w["P"] != page.Ref {
		t.Errorf("widget %v of page %v is %v", ref, page.Ref, w)
	}
	if flags, _ := v.Int(w["F"]); flags&4 == 0 || flags&(1|2|32) != 0 {
		t.Errorf("widget %v: F %d, want it printed and shown", ref, flags)
	}
	annots, _ := v.Array(page.Dict["Annots"])
	if n := len(slices.DeleteFunc(slices.Clone(annots), func(o pdf.Object) bool { return o != ref })); n != 1 {
		t.Errorf("page %v lists widget %v %d times: %v", page.Ref, ref, n, annots)
	}
	s, err := v.Stream(dict(t, v, w["AP"])["N"])
	if err != nil || s == nil {
		t.Fatalf("widget %v has no appearance: %v", ref, err)
	}
	if s.Dict["Subtype"] != pdf.Name("Form") || s.Dict["BBox"] == nil {
		t.Errorf("appearance of %v: %v", ref, s.Dict)
	}
	return w
}

// TestAllPages shows one signature on every page: one field with a widget for each.
func TestAllPages(t *testing.T) {
	p := testkit.NewPKI(t, nil)
	o := options(p, pades.LevelLT)
	o.Appearance = &pades.Appearance{Page: pades.AllPages, Corner: pades.LowerLeft, Position: "Kepala Bagian"}
	doc := sign(t, p, testkit.Document(t, 4), o)
	_, v := opened(t, doc)
	f := field(t, v, "Signature1")
	if len(f.Widgets) != 4 || f.Dict["Subtype"] != nil {
		t.Fatalf("%d widgets, field %v", len(f.Widgets), f.Dict)
	}
	seen, drawn := map[pdf.Ref]bool{}, map[pdf.Object]bool{}
	for i, ref := range f.Widgets {
		page, err := v.Page(i)
		if err != nil {
			t.Fatal(err)
		}
		w := checkWidget(t, v, ref, page)
		drawn[dict(t, v, w["AP"])["N"]] = true
		if w["Parent"] != f.Ref || seen[ref] {
			t.Errorf("widget %d: %v", i, w)
		}
		seen[ref] = true
	}
	if len(drawn) != 1 {
		t.Errorf("%d drawings for pages that are all alike", len(drawn))
	}
	catalog, _, _ := v.Catalog()
	form := dict(t, v, catalog["AcroForm"])
	if flags, _ := v.Int(form["SigFlags"]); flags != 3 {
		t.Errorf("SigFlags %d, want 3", flags)
	}
	if list, _ := v.Array(form["Fields"]); len(list) != 1 || list[0] != f.Ref {
		t.Errorf("Fields %v, want %v alone", list, f.Ref)
	}
	if r := judge(t, p, doc); r.Verdict != pades.Valid {
		t.Errorf("verdict %s\n%s", r.Verdict, dump(r))
	}
}

// TestEmptyField signs a field that is there already, with its own place and lock.
func TestEmptyField(t *testing.T) {
	p := testkit.NewPKI(t, nil)
	rect := pdf.Array{pdf.Integer(60), pdf.Integer(60), pdf.Integer(260), pdf.Integer(140)}
	lock := pdf.Dict{"Type": pdf.Name("SigFieldLock"), "Action": pdf.Name("Include"), "Fields": pdf.Array{pdf.String("nama")}}
	base := emptyField(t, formDocument(t), "Kepala", rect, pdf.Dict{"Lock": lock, "F": pdf.Integer(2)})
	o := options(p, pades.LevelLT)
	o.Field, o.Appearance = "Kepala", &pades.Appearance{Position: "Kepala Bagian"}
	doc := sign(t, p, base, o)
	f, v := opened(t, doc)
	page, err := v.Page(0)
	if err != nil {
		t.Fatal(err)
	}
	x := field(t, v, "Kepala")
	w := checkWidget(t, v, x.Ref, page)
	if got := fmt.Sprint(w["Rect"]); got != fmt.Sprint(rect) {
		t.Errorf("Rect %s, want %v", got, rect)
	}
	fields, _ := v.Fields()
	before, _ := f.At(len(f.Revisions()) - 3).Fields()
	if len(fields) != 3 || len(before) != 3 {
		t.Errorf("%d fields, %d before", len(fields), len(before))
	}
	sig := dict(t, v, x.Value)
	refs, _ := v.Array(sig["Reference"])
	if len(refs) != 1 {
		t.Fatalf("Reference %v, want the field's lock", sig["Reference"])
	}
	ref := dict(t, v, refs[0])
	params := dict(t, v, ref["TransformParams"])
	if names, _ := v.Array(params["Fields"]); ref["TransformMethod"] != pdf.Name("FieldMDP") || params["Action"] != pdf.Name("Include") || len(names) != 1 {
		t.Errorf("Reference %v, %v", ref, params)
	}
	if r := judge(t, p, doc); r.Verdict != pades.Valid {
		t.Errorf("verdict %s\n%s", r.Verdict, dump(r))
	}
	for name, want := range map[string]bool{"nama": false, "jumlah": true} {
		r := judge(t, p, fill(t, doc, name, "Siti Contoh"))
		if valid := r.Verdict == pades.Valid || r.Verdict == pades.ValidWithNotes; valid != want {
			t.Errorf("%q filled in: verdict %s\n%s", name, r.Verdict, dump(r))
		}
	}
}

// fill gives a text field a value, as a viewer does.
func fill(t *testing.T, doc []byte, name, value string) []byte {
	t.Helper()
	f, err := pdf.Open(bytes.NewReader(doc), int64(len(doc)), pdf.OpenOptions{})
	if err != nil {
		t.Fatal(err)
	}
	u, err := pdf.NewUpdate(f)
	if err != nil {
		t.Fatal(err)
	}
	x := field(t, f.Latest(), name)
	d := pdf.Dict{}
	for k, o := range dict(t, f.Latest(), x.Ref) {
		d[k] = o
	}
	d["V"] = pdf.String(value)
	u.Set(x.Ref, d)
	a, err := u.Bytes("")
	if err != nil {
		t.Fatal(err)
	}
	return append(bytes.Clone(doc), a.Bytes...)
}

// TestNewLock locks fields with a new field: what it names may no longer be filled in, the rest may.
func TestNewLock(t *testing.T) {
	p := testkit.NewPKI(t, nil)
	for name, c := range map[string]struct {
		lock         pades.FieldLock
		nama, jumlah bool
	}{
		"all":     {pades.FieldLock{Action: pades.LockAll}, false, false},
		"include": {pades.FieldLock{Action: pades.LockInclude, Fields: []string{"jumlah"}}, true, false},
		"exclude": {pades.FieldLock{Action: pades.LockExclude, Fields: []string{"jumlah"}}, false, true},
	} {
		t.Run(name, func(t *testing.T) {
			o := options(p, pades.LevelLT)
			o.Lock = &c.lock
			doc := sign(t, p, formDocument(t), o)
			_, v := opened(t, doc)
			lock := dict(t, v, field(t, v, "Signature1").Dict["Lock"])
			if names, _ := v.Array(lock["Fields"]); lock["Type"] != pdf.Name("SigFieldLock") || lock["Action"] != pdf.Name(c.lock.Action) || len(names) != len(c.lock.Fields) {
				t.Errorf("Lock %v", lock)
			}
			for name, want := range map[string]bool{"nama": c.nama, "jumlah": c.jumlah} {
				r := judge(t, p, fill(t, doc, name, "1.000"))
				if valid := r.Verdict == pades.Valid || r.Verdict == pades.ValidWithNotes; valid != want {
					t.Errorf("%q filled in: verdict %s\n%s", name, r.Verdict, dump(r))
				}
			}
		})
	}
}

// TestSeveralWidgets signs an empty field that shows on two pages.
func TestSeveralWidgets(t *testing.T) {
	p := testkit.NewPKI(t, nil)
	base := testkit.Document(t, 2)
	f, err := pdf.Open(bytes.NewReader(base), int64(len(base)), pdf.OpenOptions{})
	if err != nil {
		t.Fatal(err)
	}
	v := f.Latest()
	u, err := pdf.NewUpdate(f)
	if err != nil {
		t.Fatal(err)
	}
	parent := u.Alloc()
	kids := pdf.Array{}
	for i := range 2 {
		page, err := v.Page(i)
		if err != nil {
			t.Fatal(err)
		}
		w := u.Alloc()
		u.Set(w, pdf.Dict{
			"Type": pdf.Name("Annot"), "Subtype": pdf.Name("Widget"), "Parent": parent, "P": page.Ref, "F": pdf.Integer(4),
			"Rect": pdf.Array{pdf.Integer(50), pdf.Integer(50), pdf.Integer(200), pdf.Integer(100)},
		})
		d := pdf.Dict{"Annots": pdf.Array{w}}
		for k, o := range page.Dict {
			d[k] = o
		}
		u.Set(page.Ref, d)
		kids = append(kids, w)
	}
	u.Set(parent, pdf.Dict{"FT": pdf.Name("Sig"), "T": pdf.String("Paraf"), "Kids": kids})
	catalog, root, _ := v.Catalog()
	d := pdf.Dict{"AcroForm": pdf.Dict{"Fields": pdf.Array{parent}}}
	for k, o := range catalog {
		d[k] = o
	}
	u.Set(root, d)
	a, err := u.Bytes("")
	if err != nil {
		t.Fatal(err)
	}
	base = append(bytes.Clone(base), a.Bytes...)

	o := options(p, pades.LevelLT)
	o.Field, o.Appearance = "Paraf", &pades.Appearance{Position: "Kepala Bagian"}
	doc := sign(t, p, base, o)
	_, v = opened(t, doc)
	x := field(t, v, "Paraf")
	if x.Value == nil || len(x.Widgets) != 2 {
		t.Fatalf("field %v", x)
	}
	for i, ref := range x.Widgets {
		page, err := v.Page(i)
		if err != nil {
			t.Fatal(err)
		}
		checkWidget(t, v, ref, page)
	}
	if r := judge(t, p, doc); r.Verdict != pades.Valid {
		t.Errorf("verdict %s\n%s", r.Verdict, dump(r))
	}
}

// TestTaggedArchive signs a tagged PDF/A-2b letter: the widget is in the structure tree, tab order follows it, and everything drawn is
// embedded.
func TestTaggedArchive(t *testing.T) {
	p := testkit.NewPKI(t, nil)
	var base bytes.Buffer
	if _, err := (letter.Letter{Date: time.Date(2026, 8, 3, 0, 0, 0, 0, time.UTC)}).Write(&base); err != nil {
		t.Fatal(err)
	}
	o := options(p, pades.LevelLTA)
	o.Appearance = &pades.Appearance{Position: "Kepala Bagian", QR: "https://contoh.example/v/ABC"}
	doc := sign(t, p, base.Bytes(), o)
	f, v := opened(t, doc)
	page, err := v.Page(0)
	if err != nil {
		t.Fatal(err)
	}
	x := field(t, v, "Signature1")
	w := checkWidget(t, v, x.Ref, page)
	if page.Dict["Tabs"] != pdf.Name("S") {
		t.Errorf("Tabs %v, want S", page.Dict["Tabs"])
	}
	key, ok := v.Int(w["StructParent"])
	if !ok || w["TU"] == nil {
		t.Fatalf("StructParent %v, TU %v", w["StructParent"], w["TU"])
	}
	catalog, _, _ := v.Catalog()
	root := dict(t, v, catalog["StructTreeRoot"])
	nums := numberTree(t, v, root["ParentTree"])
	elem, ok := nums[key]
	if !ok {
		t.Fatalf("the parent tree has no key %d: %v", key, nums)
	}
	e := dict(t, v, elem)
	if e["S"] != pdf.Name("Form") || e["Alt"] == nil || dict(t, v, e["K"])["Obj"] != x.Ref || e["Pg"] != page.Ref {
		t.Errorf("structure element %v", e)
	}
	kids, _ := v.Array(dict(t, v, e["P"])["K"])
	if !slices.Contains(kids, elem) {
		t.Errorf("the parent %v does not list %v", e["P"], elem)
	}
	if next, _ := v.Int(root["ParentTreeNextKey"]); next <= key {
		t.Errorf("ParentTreeNextKey %d after key %d", next, key)
	}
	// Fonts: every one that the appearance names is embedded (ISO 19005-2 §6.2.11.4).
	fonts := 0
	for n := range v.MaxObject() + 1 {
		o, err := v.Get(pdf.Ref{Num: n})
		if err != nil {
			t.Fatal(err)
		}
		d, ok := o.(pdf.Dict)
		if !ok {
			continue
		}
		if d["Type"] == pdf.Name("FontDescriptor") {
			fonts++
			if d["FontFile2"] == nil && d["FontFile3"] == nil {
				t.Errorf("font %v is not embedded", d["FontName"])
			}
		}
		if d["Type"] == pdf.Name("Annot") {
			if ap, _ := v.Dict(d["AP"]); ap["N"] == nil {
				t.Errorf("annotation %d has no appearance", n)
			}
		}
	}
	if fonts < 2 {
		t.Errorf("%d fonts, want those of the letter and of the card", fonts)
	}
	// A document time-stamp changes nothing in the structure tree: it comes after a signature.
	last := f.Revisions()[len(f.Revisions())-1]
	for _, n := range f.Touched(last.Index) {
		if o, _ := v.Get(pdf.Ref{Num: n}); o != nil {
			if d, ok := o.(pdf.Dict); ok && (d["Type"] == pdf.Name("StructElem") || d["Type"] == pdf.Name("StructTreeRoot")) {
				t.Errorf("the time-stamp changed %v", d)
			}
		}
	}
	if r := judge(t, p, doc); r.Verdict != pades.Valid {
		t.Errorf("verdict %s\n%s", r.Verdict, dump(r))
	}
	if strings.Contains(string(doc[base.Len():]), "/CA ") || strings.Contains(string(doc[base.Len():]), "/JavaScript") {
		t.Error("the signature brings transparency or scripts")
	}
}

func numberTree(t *testing.T, v *pdf.View, o pdf.Object) map[int64]pdf.Object {
	t.Helper()
	d := dict(t, v, o)
	out := map[int64]pdf.Object{}
	kids, _ := v.Array(d["Kids"])
	for _, k := range kids {
		for n, x := range numberTree(t, v, k) {
			out[n] = x
		}
	}
	nums, _ := v.Array(d["Nums"])
	for i := 0; i+1 < len(nums); i += 2 {
		n, _ := v.Int(nums[i])
		out[n] = nums[i+1]
	}
	return out
}

// TestAbsentNumbers signs a document that refers to objects which it does not have, with the very numbers that come next.
func TestAbsentNumbers(t *testing.T) {
	p := testkit.NewPKI(t, nil)
	base := testkit.Document(t, 1)
	f, v := opened(t, base)
	u, err := pdf.NewUpdate(f)
	if err != nil {
		t.Fatal(err)
	}
	page, err := v.Page(0)
	if err != nil {
		t.Fatal(err)
	}
	d := pdf.Dict{}
	for k, o := range page.Dict {
		d[k] = o
	}
	missing := pdf.Array{}
	for i := range uint32(40) {
		missing = append(missing, pdf.Ref{Num: v.MaxObject() + 1 + 2*i})
	}
	d["B"] = missing
	u.Set(page.Ref, d)
	a, err := u.Bytes("")
	if err != nil {
		t.Fatal(err)
	}
	doc := append(bytes.Clone(base), a.Bytes...)
	for _, level := range []pades.Level{pades.LevelT, pades.LevelLT, pades.LevelLTA, pades.LevelB} {
		doc = sign(t, p, doc, options(p, level))
		if r := judgeWith(t, p, p, doc, pades.OpenOptions{}); r.Verdict != pades.Valid && r.Verdict != pades.ValidWithNotes {
			t.Errorf("%s: verdict %s\n%s", level, r.Verdict, dump(r))
		}
	}
}

// TestNamelessField signs a document with an empty signature field that has no name: nobody chose it, so a new one is made.
func TestNamelessField(t *testing.T) {
	p := testkit.NewPKI(t, nil)
	for _, typ := range []pdf.Name{"Sig", "Tx"} {
		doc := update(t, formDocument(t), edit(objText, pdf.Dict{"FT": typ, "T": nil}))
		_, v := opened(t, sign(t, p, doc, options(p, pades.LevelB)))
		if f := field(t, v, "Signature1"); f.Value == nil || f.Ref.Num == objText {
			t.Errorf("%s: the signature is not in a new field: %+v", typ, f)
		}
	}
}
