package pades_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"encoding/asn1"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"absah/internal/cms"
	"absah/internal/pdf"
	"absah/internal/testkit"
	"absah/pades"
	"absah/trust"
)

// The objects of the form document, in the order in which they are made.
const (
	objTree = iota + 1
	objFont
	objContent
	objPage
	objForm
	objText
	objOther
	objImage
	objSpare // a second content stream that nothing refers to
	objRoot
)

// formDocument has a page, two text fields, an image, and a content stream that nothing refers to. Its page names an object 5000
// that does not exist.
func formDocument(t testing.TB) []byte {
	t.Helper()
	return formWith(t, "")
}

// hiddenObject is a second object 3 inside a stream that nothing refers to.
const hiddenObject = "\n3 0 obj %hidden\n<</Length 22>>\nstream\nBT (Bayar 9.000) Tj ET\nendstream\nendobj\n"

// formWith is formDocument with more bytes in the stream that nothing refers to.
func formWith(t testing.TB, spare string) []byte {
	t.Helper()
	n := pdf.NewDocument("1.7")
	name := func(s string) pdf.Name { return pdf.Name(s) }
	tree := n.Alloc()
	font := n.Add(pdf.Dict{"Type": name("Font"), "Subtype": name("Type1"), "BaseFont": name("Helvetica")})
	content := n.Add(pdf.NewStream(pdf.Dict{}, []byte("BT /F1 24 Tf 72 720 Td (Bayar 1.000) Tj ET")))
	page, form := n.Alloc(), n.Alloc()
	text := n.Add(pdf.Dict{
		"FT": name("Tx"), "T": pdf.String("nama"), "Type": name("Annot"), "Subtype": name("Widget"), "F": pdf.Integer(4), "P": page,
		"Rect": pdf.Array{pdf.Integer(72), pdf.Integer(600), pdf.Integer(300), pdf.Integer(620)},
	})
	other := n.Add(pdf.Dict{
		"FT": name("Tx"), "T": pdf.String("jumlah"), "Type": name("Annot"), "Subtype": name("Widget"), "F": pdf.Integer(4), "P": page,
		"Rect": pdf.Array{pdf.Integer(72), pdf.Integer(560), pdf.Integer(300), pdf.Integer(580)},
	})
	image := n.Add(pdf.NewStream(pdf.Dict{
		"Type": name("XObject"), "Subtype": name("Image"), "Width": pdf.Integer(1), "Height": pdf.Integer(1), "BitsPerComponent": pdf.Integer(8), "ColorSpace": name("DeviceGray"),
	}, []byte{200}))
	n.Add(pdf.NewStream(pdf.Dict{}, []byte("BT (Bayar 9.000) Tj ET"+spare)))
	n.Set(page, pdf.Dict{
		"Type": name("Page"), "Parent": tree, "MediaBox": pdf.Array{pdf.Integer(0), pdf.Integer(0), pdf.Integer(595), pdf.Integer(842)},
		"Contents": pdf.Array{content, pdf.Ref{Num: 5000}}, "Resources": pdf.Dict{"Font": pdf.Dict{"F1": font}, "XObject": pdf.Dict{"Im1": image}},
		"Annots": pdf.Array{text, other},
	})
	n.Set(form, pdf.Dict{"Fields": pdf.Array{text, other}, "DA": pdf.String("/F1 12 Tf 0 g")})
	n.Set(tree, pdf.Dict{"Type": name("Pages"), "Kids": pdf.Array{page}, "Count": pdf.Integer(1)})
	n.SetTrailer("Root", n.Add(pdf.Dict{"Type": name("Catalog"), "Pages": tree, "AcroForm": form}))
	var b bytes.Buffer
	if _, err := n.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// update appends a well-formed revision.
func update(t testing.TB, doc []byte, change func(v *pdf.View, u *pdf.Update)) []byte {
	t.Helper()
	f, err := pdf.Open(pdf.Memory(doc), int64(len(doc)), pdf.OpenOptions{})
	if err != nil {
		t.Fatal(err)
	}
	u, err := pdf.NewUpdate(f)
	if err != nil {
		t.Fatal(err)
	}
	change(f.Latest(), u)
	a, err := u.Bytes("")
	if err != nil {
		t.Fatal(err)
	}
	return append(slices.Clone(doc), a.Bytes...)
}

// edit overrides a dictionary with some keys changed; a nil value removes the key.
func edit(num uint32, keys pdf.Dict) func(*pdf.View, *pdf.Update) {
	return func(v *pdf.View, u *pdf.Update) {
		d, err := v.Dict(pdf.Ref{Num: num})
		if err != nil || d == nil {
			panic(fmt.Sprintf("object %d is no dictionary", num))
		}
		out := pdf.Dict{}
		for k, x := range d {
			out[k] = x
		}
		for k, x := range keys {
			if x == nil {
				delete(out, k)
			} else {
				out[k] = x
			}
		}
		u.Set(pdf.Ref{Num: num}, out)
	}
}

func annotate(v *pdf.View, u *pdf.Update) {
	a := u.Alloc()
	u.Set(a, pdf.Dict{"Type": pdf.Name("Annot"), "Subtype": pdf.Name("FreeText"), "Contents": pdf.String("lunas"), "Rect": pdf.Array{pdf.Integer(1), pdf.Integer(1), pdf.Integer(90), pdf.Integer(20)}})
	page, _ := v.Dict(pdf.Ref{Num: objPage})
	list, _ := v.Array(page["Annots"])
	edit(objPage, pdf.Dict{"Annots": append(slices.Clone(list), a)})(v, u)
}

// redirect appends a cross-reference section that writes no object.
func redirect(doc []byte, entry string) []byte {
	prev := doc[bytes.LastIndex(doc, []byte("startxref"))+len("startxref"):]
	var at int
	fmt.Sscan(string(prev), &at)
	out := slices.Clone(doc)
	start := len(out)
	return fmt.Appendf(out, "xref\n%strailer\n<</Size 60/Root %d 0 R/Prev %d>>\nstartxref\n%d\n%%%%EOF\n", entry, objRoot, at, start)
}

// place is the offset of an object in a document that the test wrote.
func place(doc []byte, num int) int { return bytes.Index(doc, fmt.Appendf(nil, "\n%d 0 obj", num)) + 1 }

func has(r *pades.Report, level pades.Severity, code string) bool {
	list := slices.Clone(r.Findings)
	for _, s := range r.Signatures {
		list = append(list, s.Findings...)
	}
	return slices.ContainsFunc(list, func(f pades.Finding) bool { return f.Level == level && f.Code == code })
}

func TestChangesAfterSigning(t *testing.T) {
	p := testkit.NewPKI(t, nil)
	base := formDocument(t)
	signed := map[int][]byte{}
	for certify := range 4 {
		o := options(p, pades.LevelLT)
		o.Certify = certify
		signed[certify] = sign(t, p, base, o)
	}
	set := func(num uint32, o pdf.Object) func(*pdf.View, *pdf.Update) {
		return func(_ *pdf.View, u *pdf.Update) { u.Set(pdf.Ref{Num: num}, o) }
	}
	const (
		none, lta, form, annotation, other = pades.ModificationNone, pades.ModificationLTA, pades.ModificationForm, pades.ModificationAnnotation, pades.ModificationOther
	)
	for _, c := range []struct {
		name    string
		change  func([]byte) []byte
		kind    pades.Modification
		allowed string // the certification levels (0 none) at which the signature stays valid
		code    string // of the failure where it is not allowed for its kind
	}{
		{"nothing", func(b []byte) []byte { return b }, lta, "0123", ""},
		{"field filled", func(b []byte) []byte { return update(t, b, edit(objText, pdf.Dict{"V": pdf.String("Budi")})) }, form, "023", "modified-forbidden"},
		{"annotation added", func(b []byte) []byte { return update(t, b, annotate) }, annotation, "03", "modified-forbidden"},
		{"content overwritten", func(b []byte) []byte {
			return update(t, b, set(objContent, pdf.NewStream(pdf.Dict{}, []byte("BT /F1 24 Tf (Bayar 9.000) Tj ET"))))
		}, other, "", "modified"},
		{"content exchanged", func(b []byte) []byte {
			return update(t, b, edit(objPage, pdf.Dict{"Contents": pdf.Ref{Num: objSpare}}))
		}, other, "", "modified"},
		{"font redefined", func(b []byte) []byte { return update(t, b, edit(objFont, pdf.Dict{"BaseFont": pdf.Name("Symbol")})) }, other, "", "modified"},
		{"image hidden", func(b []byte) []byte {
			return update(t, b, set(objImage, pdf.NewStream(pdf.Dict{"Type": pdf.Name("Metadata"), "Subtype": pdf.Name("XML")}, []byte("<x/>"))))
		}, other, "", "modified"},
		{"page removed", func(b []byte) []byte {
			return update(t, b, edit(objTree, pdf.Dict{"Kids": pdf.Array{}, "Count": pdf.Integer(0)}))
		}, other, "", "modified"},
		{"page enlarged", func(b []byte) []byte { return update(t, b, edit(objPage, pdf.Dict{"Rotate": pdf.Integer(90)})) }, other, "", "modified"},
		{"action added", func(b []byte) []byte {
			return update(t, b, edit(objRoot, pdf.Dict{"OpenAction": pdf.Dict{"S": pdf.Name("JavaScript"), "JS": pdf.String("app.alert(1)")}}))
		}, other, "", "modified"},
		{"field renamed", func(b []byte) []byte { return update(t, b, edit(objText, pdf.Dict{"T": pdf.String("lain")})) }, other, "", "modified"},
		{"missing object filled", func(b []byte) []byte {
			return update(t, b, func(_ *pdf.View, u *pdf.Update) {
				u.Set(pdf.Ref{Num: 5000}, pdf.NewStream(pdf.Dict{}, []byte("BT (Bayar 9.000) Tj ET")))
			})
		}, other, "", "modified"},
		{"look without value", func(b []byte) []byte {
			return update(t, b, func(v *pdf.View, u *pdf.Update) {
				first := u.Alloc()
				u.Set(first, pdf.NewStream(pdf.Dict{"Type": pdf.Name("XObject"), "Subtype": pdf.Name("Form")}, []byte("q Q")))
				edit(objText, pdf.Dict{"V": pdf.String("Budi"), "AP": pdf.Dict{"N": first}})(v, u)
			})
		}, form, "023", "modified-forbidden"},
		{"hidden copy shown", func(b []byte) []byte {
			return redirect(b, fmt.Sprintf("%d 1\n%010d 00000 n \n", objContent, place(b, objSpare)))
		}, other, "", "modified"},
		{"content freed", func(b []byte) []byte {
			return redirect(b, fmt.Sprintf("0 1\n0000000003 65535 f \n%d 1\n0000000000 00001 f \n", objContent))
		}, other, "", "modified"},
		{"field freed", func(b []byte) []byte { return redirect(b, fmt.Sprintf("%d 1\n0000000000 00001 f \n", objText)) }, other, "", "modified"},
		{"cross reference alone", func(b []byte) []byte { return redirect(b, "0 0\n") }, lta, "0123", ""},
		{"junk", func(b []byte) []byte { return append(slices.Clone(b), "\nhello\n"...) }, other, "", "bytes-unexplained"},
		{"object that nothing names", func(b []byte) []byte {
			return append(slices.Clone(b), fmt.Sprintf("\n%d 0 obj\n<</Length 9>>stream\n(9.000)Tj\nendstream\nendobj\n", objContent)...)
		}, other, "", "bytes-unexplained"},
	} {
		for certify := range 4 {
			t.Run(fmt.Sprintf("%s/certified %d", c.name, certify), func(t *testing.T) {
				r := judge(t, p, c.change(signed[certify]))
				s := r.Signatures[0]
				ok := strings.Contains(c.allowed, fmt.Sprint(certify))
				if s.Modification != c.kind {
					t.Errorf("modification %s, want %s", s.Modification, c.kind)
				}
				if !s.Integrity {
					t.Error("integrity is lost, though no signed byte changed")
				}
				if ok != (s.Indication == pades.TotalPassed) || ok == has(r, pades.Fail, c.code) && c.code != "" {
					t.Errorf("%s, failure %q is %v\n%s", s.Indication, c.code, has(r, pades.Fail, c.code), dump(r))
				}
				if want := pades.Valid; ok && c.kind == lta && r.Verdict != want {
					t.Errorf("verdict %s, want %s", r.Verdict, want)
				}
				if ok && c.kind != lta && r.Verdict != pades.ValidWithNotes {
					t.Errorf("verdict %s, want valid-with-notes", r.Verdict)
				}
			})
		}
	}
}

// TestEveryOverride gives each object of a signed document the value of each other one, and none. A document in which the catalog
// is gone cannot be read; all others are invalid, and the signature is still found.
func TestEveryOverride(t *testing.T) {
	p := testkit.NewPKI(t, nil)
	signed := sign(t, p, formDocument(t), options(p, pades.LevelLT))
	f, err := pdf.Open(pdf.Memory(signed), int64(len(signed)), pdf.OpenOptions{})
	if err != nil {
		t.Fatal(err)
	}
	v := f.Latest()
	n := min(v.MaxObject(), 40)
	for a := uint32(1); a <= n; a++ {
		if was, _ := v.Get(pdf.Ref{Num: a}); was == nil || a == objRoot {
			continue
		}
		for b := uint32(0); b <= n; b++ {
			o, err := v.Get(pdf.Ref{Num: b})
			if err != nil || b != 0 && o == nil || a == b {
				continue
			}
			if s, ok := o.(*pdf.Stream); ok {
				data, err := v.StreamData(s, 1<<20)
				if err != nil {
					t.Fatal(err)
				}
				o = pdf.NewStream(pdf.Dict{"Type": s.Dict["Type"], "Subtype": s.Dict["Subtype"]}, data)
			}
			r := judge(t, p, update(t, signed, func(_ *pdf.View, u *pdf.Update) { u.Set(pdf.Ref{Num: a}, o) }))
			if r.Verdict != pades.Invalid || len(r.Signatures) != 1 {
				t.Errorf("object %d becomes object %d: verdict %s, %d signatures\n%s", a, b, r.Verdict, len(r.Signatures), dump(r))
			}
		}
	}
}

// TestStoreChanges takes certificates out of the security store, and the store out of the document.
func TestStoreChanges(t *testing.T) {
	p := testkit.NewPKI(t, nil)
	signed := sign(t, p, formDocument(t), options(p, pades.LevelLT))
	f, err := pdf.Open(pdf.Memory(signed), int64(len(signed)), pdf.OpenOptions{})
	if err != nil {
		t.Fatal(err)
	}
	catalog, _, _ := f.Latest().Catalog()
	store, _ := f.Latest().Dict(catalog["DSS"])
	list, _ := f.Latest().Array(store["Certs"])
	if len(list) < 2 {
		t.Fatalf("the store has %d certificates", len(list))
	}
	r := judge(t, p, update(t, signed, func(v *pdf.View, u *pdf.Update) {
		edit(objRoot, pdf.Dict{"DSS": pdf.Dict{"Certs": list[1:], "OCSPs": store["OCSPs"], "CRLs": store["CRLs"]}})(v, u)
	}))
	if r.Verdict != pades.ValidWithNotes || !has(r, pades.Warn, "store-shrunk") {
		t.Errorf("a smaller store: verdict %s\n%s", r.Verdict, dump(r))
	}
	r = judge(t, p, update(t, signed, edit(objRoot, pdf.Dict{"DSS": nil})))
	if r.Verdict != pades.Invalid {
		t.Errorf("no store: verdict %s\n%s", r.Verdict, dump(r))
	}
}

// TestSignatureTakenAway removes the form of a signed document.
func TestSignatureTakenAway(t *testing.T) {
	p := testkit.NewPKI(t, nil)
	signed := sign(t, p, formDocument(t), options(p, pades.LevelLT))
	for name, keys := range map[string]pdf.Dict{"form": {"AcroForm": nil}, "fields": {"AcroForm": pdf.Dict{"Fields": pdf.Array{}}}} {
		r := judge(t, p, update(t, signed, edit(objRoot, keys)))
		if r.Verdict != pades.Invalid || len(r.Signatures) != 1 || !has(r, pades.Fail, "modified") {
			t.Errorf("no %s: verdict %s\n%s", name, r.Verdict, dump(r))
		}
	}
}

// TestLookAlone changes the look of a field and leaves its value.
func TestLookAlone(t *testing.T) {
	p := testkit.NewPKI(t, nil)
	look := func(text string) func(*pdf.View, *pdf.Update) {
		return func(v *pdf.View, u *pdf.Update) {
			n := u.Alloc()
			u.Set(n, pdf.NewStream(pdf.Dict{"Type": pdf.Name("XObject"), "Subtype": pdf.Name("Form")}, []byte(text)))
			edit(objText, pdf.Dict{"V": pdf.String("1.000"), "AP": pdf.Dict{"N": n}})(v, u)
		}
	}
	signed := sign(t, p, update(t, formDocument(t), look("(1.000) Tj")), options(p, pades.LevelLT))
	r := judge(t, p, update(t, signed, look("(9.000) Tj")))
	if r.Verdict != pades.Invalid || !has(r, pades.Fail, "modified") {
		t.Errorf("verdict %s\n%s", r.Verdict, dump(r))
	}
}

func TestLocks(t *testing.T) {
	p := testkit.NewPKI(t, nil)
	fill := func(b []byte, num uint32) []byte { return update(t, b, edit(num, pdf.Dict{"V": pdf.String("9.000")})) }
	for _, c := range []struct {
		lock        pades.FieldLock
		text, other bool // may be filled in
	}{
		{pades.FieldLock{Action: pades.LockAll}, false, false},
		{pades.FieldLock{Action: pades.LockInclude, Fields: []string{"nama"}}, false, true},
		{pades.FieldLock{Action: pades.LockExclude, Fields: []string{"nama"}}, true, false},
		{pades.FieldLock{Action: pades.LockInclude, Fields: []string{"tiada"}, P: 1}, false, false},
	} {
		o := options(p, pades.LevelLT)
		o.Lock = &c.lock
		signed := sign(t, p, formDocument(t), o)
		for num, want := range map[uint32]bool{objText: c.text, objOther: c.other} {
			r := judge(t, p, fill(signed, num))
			if got := r.Signatures[0].Indication == pades.TotalPassed; got != want {
				t.Errorf("lock %+v: filling in object %d gives %s, want passed %v\n%s", c.lock, num, r.Signatures[0].Indication, want, dump(r))
			}
		}
	}
}

func TestCounterSignatures(t *testing.T) {
	p := testkit.NewPKI(t, nil)
	for certify := range 4 {
		o := options(p, pades.LevelLT)
		o.Certify = certify
		doc := sign(t, p, formDocument(t), o)
		if certify == 1 {
			continue // the signing side refuses
		}
		for range 3 {
			doc = sign(t, p, doc, options(p, pades.LevelLT))
		}
		r := judge(t, p, doc)
		if len(r.Signatures) != 4 || r.Verdict != pades.ValidWithNotes {
			t.Errorf("certified %d: %d signatures, verdict %s\n%s", certify, len(r.Signatures), r.Verdict, dump(r))
		}
		for i, s := range r.Signatures {
			if s.Indication != pades.TotalPassed || s.Level != "PAdES-BASELINE-LT" {
				t.Errorf("certified %d, signature %d: %s, level %s", certify, i, s.Indication, s.Level)
			}
		}
		if m := r.Signatures[3].Modification; m != pades.ModificationLTA {
			t.Errorf("the last signature: modification %s", m)
		}
	}
}

// sigRef finds the signature dictionary.
func sigRef(t testing.TB, doc []byte) (uint32, pdf.Dict) {
	t.Helper()
	f, err := pdf.Open(pdf.Memory(doc), int64(len(doc)), pdf.OpenOptions{})
	if err != nil {
		t.Fatal(err)
	}
	fields, err := f.Latest().Fields()
	if err != nil {
		t.Fatal(err)
	}
	for _, fd := range fields {
		if fd.Type == "Sig" && fd.Value != nil {
			d, _ := f.Latest().Dict(fd.Value)
			return fd.Value.(pdf.Ref).Num, d
		}
	}
	t.Fatal("no signature")
	return 0, nil
}

// TestForgedDictionaries makes the signature dictionary uncheckable or another one by an update.
func TestForgedDictionaries(t *testing.T) {
	p := testkit.NewPKI(t, nil)
	signed := sign(t, p, formDocument(t), options(p, pades.LevelLT))
	num, sig := sigRef(t, signed)
	br := sig["ByteRange"].(pdf.Array)
	with := func(i int, o pdf.Object) pdf.Array {
		out := slices.Clone(br)
		out[i] = o
		return out
	}
	for name, keys := range map[string]pdf.Dict{
		"reason":               {"Reason": pdf.String("lain")},
		"contents missing":     {"Contents": nil},
		"contents empty":       {"Contents": pdf.String("")},
		"contents zero":        {"Contents": pdf.String("\x00")},
		"contents a number":    {"Contents": pdf.Integer(0)},
		"contents elsewhere":   {"Contents": pdf.Ref{Num: objImage}},
		"byterange missing":    {"ByteRange": nil},
		"byterange empty":      {"ByteRange": pdf.Array{}},
		"byterange a number":   {"ByteRange": pdf.Integer(0)},
		"byterange null":       {"ByteRange": pdf.Array{nil, nil, nil, nil}},
		"byterange negative":   {"ByteRange": with(1, pdf.Integer(-1))},
		"byterange from 1":     {"ByteRange": with(0, pdf.Integer(1))},
		"byterange zero":       {"ByteRange": pdf.Array{pdf.Integer(0), pdf.Integer(0), pdf.Integer(0), pdf.Integer(0)}},
		"byterange beyond":     {"ByteRange": with(3, pdf.Integer(1<<40))},
		"byterange huge":       {"ByteRange": with(3, pdf.Integer(1<<63-1))},
		"byterange overlap":    {"ByteRange": with(2, pdf.Integer(10))},
		"byterange six":        {"ByteRange": append(slices.Clone(br), pdf.Integer(0), pdf.Integer(0))},
		"byterange one pair":   {"ByteRange": br[:2]},
		"byterange text":       {"ByteRange": pdf.String("0 1 2 3")},
		"another subfilter":    {"SubFilter": pdf.Name("ETSI.RFC3161")},
		"subfilter unknown":    {"SubFilter": pdf.Name("x")},
		"old subfilter":        {"SubFilter": pdf.Name("adbe.x509.rsa_sha1")},
		"everything is gone":   {"Contents": nil, "ByteRange": nil, "Filter": nil, "SubFilter": nil},
		"type of a time-stamp": {"Type": pdf.Name("DocTimeStamp")},
	} {
		t.Run(name, func(t *testing.T) {
			r := judge(t, p, update(t, signed, edit(num, keys)))
			if r.Verdict != pades.Invalid || len(r.Signatures) != 1 {
				t.Fatalf("verdict %s, %d signatures\n%s", r.Verdict, len(r.Signatures), dump(r))
			}
			s := r.Signatures[0]
			if s.SubIndication != "FORMAT_FAILURE" {
				t.Errorf("%s %s\n%s", s.Indication, s.SubIndication, dump(r))
			}
		})
	}
}

// TestWrapping closes the signature value early and puts something into the rest of the hole.
func TestWrapping(t *testing.T) {
	p := testkit.NewPKI(t, nil)
	signed := sign(t, p, formDocument(t), options(p, pades.LevelLT))
	end := bytes.Index(signed, []byte("00>"))
	if end < 0 {
		t.Fatal("the hole has no zeros at its end")
	}
	start := bytes.LastIndexFunc(signed[:end], func(r rune) bool { return r != '0' })
	room := end - start - 2
	if room < 16 {
		t.Skip("the hole is full")
	}
	forged := slices.Clone(signed)
	copy(forged[start+2:], ">/X (a)")
	for i := start + 9; i < end+2; i++ {
		forged[i] = ' '
	}
	forged[end+2] = ' '
	r := judge(t, p, forged)
	if r.Verdict != pades.Invalid || len(r.Signatures) != 1 || r.Signatures[0].SubIndication != "FORMAT_FAILURE" {
		t.Errorf("verdict %s\n%s", r.Verdict, dump(r))
	}
}

func TestSignedBytes(t *testing.T) {
	p := testkit.NewPKI(t, nil)
	signed := sign(t, p, formDocument(t), options(p, pades.LevelLT))
	forged := bytes.Replace(signed, []byte("Bayar 1.000"), []byte("Bayar 9.000"), 1)
	r := judge(t, p, forged)
	s := r.Signatures[0]
	if r.Verdict != pades.Invalid || s.SubIndication != "HASH_FAILURE" || s.Integrity {
		t.Errorf("verdict %s, %s\n%s", r.Verdict, s.SubIndication, dump(r))
	}
}

func TestCertificateInTime(t *testing.T) {
	day := 24 * time.Hour
	for _, c := range []struct {
		name    string
		level   pades.Level
		revoked time.Duration // after signing; 0: never
		at      time.Duration // of judgement, after signing
		foreign bool          // another anchor than the signer's
		want    pades.Verdict
		sub     string
		code    string
	}{
		{name: "long term", level: pades.LevelLT, want: pades.Valid},
		{name: "archival", level: pades.LevelLTA, want: pades.Valid},
		{name: "no time-stamp, online", level: pades.LevelB, want: pades.ValidWithNotes, code: "no-timestamp"},
		{name: "time-stamp, online", level: pades.LevelT, want: pades.Valid},
		{name: "another anchor", level: pades.LevelLT, foreign: true, want: pades.Indeterminate, sub: "NO_CERTIFICATE_CHAIN_FOUND"},
		{name: "expired with time-stamp", level: pades.LevelLTA, at: 3 * 365 * day, want: pades.Valid},
		{name: "expired without", level: pades.LevelB, at: 3 * 365 * day, want: pades.Indeterminate, sub: "OUT_OF_BOUNDS_NO_POE", code: "expired"},
		{name: "revoked before", level: pades.LevelT, revoked: -day, want: pades.Indeterminate, sub: "REVOKED_NO_POE", code: "revoked"},
		{name: "revoked, no time-stamp", level: pades.LevelB, revoked: -time.Minute, want: pades.Indeterminate, sub: "REVOKED_NO_POE", code: "revoked"},
		{name: "revoked after", level: pades.LevelT, revoked: day, at: 2 * day, want: pades.ValidWithNotes, code: "revoked-later"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := testkit.NewPKI(t, nil)
			doc := sign(t, p, testkit.Document(t, 1), options(p, c.level))
			policy := trust.Basic()
			policy.Time, policy.Anchors = p.Now.Add(c.at), p.Anchors(t)
			if c.foreign {
				policy.Anchors = testkit.NewPKI(t, nil).Anchors(t)
			}
			if c.revoked != 0 {
				p.Revoked[p.Signer.Certificate.SerialNumber.String()] = p.Now.Add(c.revoked)
			}
			p.Now = policy.Time
			e, err := pades.Gather(context.Background(), bytes.NewReader(doc), int64(len(doc)), pades.GatherOptions{Fetcher: p, Time: policy.Time, Anchors: policy.Anchors})
			if err != nil {
				t.Fatal(err)
			}
			r := pades.Judge(e, policy)
			s := r.Signatures[0]
			if r.Verdict != c.want || c.sub != "" && s.SubIndication != c.sub {
				t.Errorf("verdict %s, %s, want %s, %s\n%s", r.Verdict, s.SubIndication, c.want, c.sub, dump(r))
			}
			if c.code != "" && !has(r, pades.Fail, c.code) && !has(r, pades.Warn, c.code) {
				t.Errorf("no finding %q\n%s", c.code, dump(r))
			}
			if !s.Integrity {
				t.Error("integrity is lost")
			}
		})
	}
}

func TestOffline(t *testing.T) {
	p := testkit.NewPKI(t, nil)
	r := judge(t, p, sign(t, p, testkit.Document(t, 1), options(p, pades.LevelB)))
	if s := r.Signatures[0]; r.Verdict != pades.Indeterminate || s.SubIndication != "TRY_LATER" || s.Revocation.Status != "unknown" {
		t.Errorf("verdict %s, %s\n%s", r.Verdict, s.SubIndication, dump(r))
	}
}

func TestAnchors(t *testing.T) {
	p := testkit.NewPKI(t, nil)
	doc := sign(t, p, testkit.Document(t, 1), options(p, pades.LevelLT))
	e, err := pades.Gather(context.Background(), bytes.NewReader(doc), int64(len(doc)), pades.GatherOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for kind, want := range map[trust.AnchorKind]pades.Verdict{
		trust.AnchorGiven: pades.Valid, trust.AnchorNational: pades.Valid, trust.AnchorOperator: pades.Valid, trust.AnchorTest: pades.ValidWithNotes,
	} {
		policy := trust.Basic()
		policy.Time, policy.Anchors = p.Now, p.Anchors(t)
		policy.Anchors[0].Kind = kind
		r := pades.Judge(e, policy)
		if r.Verdict != want || r.Signatures[0].TrustAnchor.Kind != string(kind) {
			t.Errorf("anchor %s: verdict %s, want %s\n%s", kind, r.Verdict, want, dump(r))
		}
	}
}

// TestAnchorNames: the report says on whose word trust rests, in the reader's language, and an anchor counts for its own time only.
func TestAnchorNames(t *testing.T) {
	p := testkit.NewPKI(t, nil)
	doc := sign(t, p, testkit.Document(t, 1), options(p, pades.LevelLT))
	e, err := pades.Gather(context.Background(), bytes.NewReader(doc), int64(len(doc)), pades.GatherOptions{})
	if err != nil {
		t.Fatal(err)
	}
	both := map[string]string{"id": "Akar Contoh", "en": "Example Root"}
	for _, c := range []struct {
		name        string
		label       map[string]string
		from, until time.Time
		id, en      string
		sub         string
	}{
		{"both languages", both, time.Time{}, time.Time{}, "Akar Contoh", "Example Root", ""},
		{"one language", map[string]string{"en": "Example Root"}, time.Time{}, time.Time{}, "Example Root", "Example Root", ""},
		{"none", nil, time.Time{}, time.Time{}, "CN=Absah Uji Root CA 1,O=Absah Uji Coba,C=ID", "CN=Absah Uji Root CA 1,O=Absah Uji Coba,C=ID", ""},
		{"inside its time", both, p.Now.Add(-time.Hour), p.Now.Add(time.Hour), "Akar Contoh", "Example Root", ""},
		// EN 319 102-1 §5.2.6.4 step 3: after its sunset date an anchor needs proof that the signature is older. OUT_OF_BOUNDS is about the
		// signer's certificate (step 7), which is in its time here.
		{"no longer believed", both, time.Time{}, p.Now.Add(-time.Hour), "Akar Contoh", "Example Root", "NO_CERTIFICATE_CHAIN_FOUND_NO_POE"},
		{"not yet believed", both, p.Now.Add(time.Hour), time.Time{}, "Akar Contoh", "Example Root", "NO_CERTIFICATE_CHAIN_FOUND"},
	} {
		policy := trust.Basic()
		policy.Time, policy.Anchors = p.Now, p.Anchors(t)
		a := &policy.Anchors[0]
		a.Kind, a.Label, a.From, a.Until = trust.AnchorOperator, c.label, c.from, c.until
		r := pades.Judge(e, policy)
		s := r.Signatures[0]
		if s.SubIndication != c.sub || (has(r, pades.Fail, trust.CodeAnchorOutOfDate) || has(r, pades.Fail, trust.CodeAnchorNotYet)) != (c.sub != "") || s.CertificateTrusted != (c.sub == "") {
			t.Errorf("%s: %s %s\n%s", c.name, s.Indication, s.SubIndication, dump(r))
		}
		from, until := a.Validity()
		if got := s.TrustAnchor; !maps.Equal(got.Label, c.label) || got.From == nil || !got.From.Equal(from) || got.Until == nil || !got.Until.Equal(until) {
			t.Errorf("%s: anchor %+v", c.name, got)
		}
		for l, want := range map[pades.Language]string{pades.Indonesian: c.id, pades.English: c.en} {
			if words := pades.Words(r, l); !strings.Contains(words, " "+want+" (") {
				t.Errorf("%s: no %q in\n%s", c.name, want, words)
			}
		}
	}
}

// TestEvidenceAsJSON judges what was stored, and what was not; both reports must be the same.
func TestEvidenceAsJSON(t *testing.T) {
	p := testkit.NewPKI(t, nil)
	doc := sign(t, p, formDocument(t), options(p, pades.LevelLTA))
	doc = sign(t, p, doc, options(p, pades.LevelLT))
	e, err := pades.Gather(context.Background(), bytes.NewReader(doc), int64(len(doc)), pades.GatherOptions{})
	if err != nil {
		t.Fatal(err)
	}
	policy := trust.Basic()
	policy.Time, policy.Anchors = p.Now, p.Anchors(t)
	want := dump(pades.Judge(e, policy))
	b, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	var stored pades.Evidence
	if err := json.Unmarshal(b, &stored); err != nil {
		t.Fatal(err)
	}
	if got := dump(pades.Judge(&stored, policy)); got != want {
		t.Errorf("Judge(stored evidence) =\n%s\nwant\n%s", got, want)
	}
}

// keys lists the keys of a JSON value with their paths, arrays by their first element.
func keys(v any, path string, out map[string]bool) {
	switch x := v.(type) {
	case map[string]any:
		for k, y := range x {
			out[path+k] = true
			keys(y, path+k+".", out)
		}
	case []any:
		for _, y := range x {
			keys(y, path, out)
		}
	}
}

// TestReportKeys holds the names that scripts rely on.
func TestReportKeys(t *testing.T) {
	p := testkit.NewPKI(t, nil)
	doc := sign(t, p, formDocument(t), options(p, pades.LevelLTA))
	doc = append(doc, "junk"...)
	var v any
	if err := json.Unmarshal([]byte(dump(judge(t, p, doc))), &v); err != nil {
		t.Fatal(err)
	}
	got := map[string]bool{}
	keys(v, "", got)
	want := strings.Fields(`file verdict signatures findings policy validationTime
		signatures.field signatures.signer signatures.indication signatures.subIndication signatures.level signatures.integrity
		signatures.coversWholeDocument signatures.modification signatures.claimedTime signatures.bestTime signatures.reason signatures.location
		signatures.contact signatures.certificateTrusted signatures.process signatures.timestamps.validUntil signatures.trustAnchor signatures.trustAnchor.subject signatures.trustAnchor.sha256
		signatures.trustAnchor.kind signatures.trustAnchor.from signatures.trustAnchor.until signatures.revocation signatures.revocation.status signatures.revocation.at signatures.revocation.source
		signatures.timestamps signatures.timestamps.kind signatures.timestamps.time signatures.timestamps.authority signatures.timestamps.valid
		signatures.certificate signatures.certificate.subject signatures.certificate.issuer signatures.certificate.serial
		signatures.certificate.notBefore signatures.certificate.notAfter signatures.findings signatures.findings.code
		signatures.findings.clause signatures.findings.level signatures.findings.text signatures.findings.args`)
	for _, k := range want {
		if !got[k] {
			t.Errorf("the report has no %s", k)
		}
		delete(got, k)
	}
	for k := range got {
		t.Errorf("the report has %s, which nothing documents", k)
	}
}

// TestBareSignature checks adbe.x509.rsa_sha1, an RSA value in an OCTET STRING, and adbe.pkcs7.sha1, a CMS message around the
// digest. Nothing writes them any more; SHA-1 is named as what is wrong with them.
func TestBareSignature(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	p := testkit.NewPKI(t, key)
	for _, sub := range []pdf.Name{"adbe.x509.rsa_sha1", "adbe.pkcs7.sha1"} {
		build := func(text string) []byte {
			doc := update(t, formDocument(t), func(v *pdf.View, u *pdf.Update) {
				sig, field := u.Alloc(), u.Alloc()
				u.Set(sig, pdf.Dict{
					"Type": pdf.Name("Sig"), "Filter": pdf.Name("Adobe.PPKLite"), "SubFilter": sub, "M": pdf.String("D:20260801120000Z"),
					"Cert":      pdf.String(p.Signer.Certificate.Raw),
					"ByteRange": pdf.Literal{Bytes: []byte("[0 @@@@@@@@@ @@@@@@@@@ @@@@@@@@@]")}, "Contents": pdf.Literal{Bytes: []byte("<" + strings.Repeat("0", 8192) + ">")},
				})
				u.Set(field, pdf.Dict{
					"FT": pdf.Name("Sig"), "T": pdf.String("lama"), "V": sig, "Type": pdf.Name("Annot"), "Subtype": pdf.Name("Widget"),
					"Rect": pdf.Array{pdf.Integer(0), pdf.Integer(0), pdf.Integer(0), pdf.Integer(0)},
				})
				form, _ := v.Dict(pdf.Ref{Num: objForm})
				list, _ := v.Array(form["Fields"])
				edit(objForm, pdf.Dict{"Fields": append(slices.Clone(list), field), "SigFlags": pdf.Integer(3)})(v, u)
			})
			from := bytes.Index(doc, []byte("<00000000"))
			to := from + 8194
			doc = bytes.Replace(doc, []byte("[0 @@@@@@@@@ @@@@@@@@@ @@@@@@@@@]"), fmt.Appendf(nil, "[0 %9d %9d %9d]", from, to, len(doc)-to), 1)
			sum := sha1.Sum(append(slices.Clone(doc[:from]), doc[to:]...))
			var value []byte
			if sub == "adbe.x509.rsa_sha1" {
				raw, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA1, sum[:])
				if err != nil {
					t.Fatal(err)
				}
				value, _ = asn1.Marshal(raw)
			} else {
				s, err := cms.NewSigner(cms.SignerOptions{Certificate: p.Signer.Certificate.Raw, Chain: p.Signer.Chain, EContent: sum[:]})
				if err != nil {
					t.Fatal(err)
				}
				inner := s.Hash().New()
				inner.Write(sum[:])
				if value, err = s.Sign(rand.Reader, key, inner.Sum(nil), nil); err != nil {
					t.Fatal(err)
				}
			}
			copy(doc[from+1:], fmt.Sprintf("%x", value))
			return bytes.Replace(doc, []byte("Bayar 1.000"), []byte(text), 1)
		}
		good := judge(t, p, build("Bayar 1.000")).Signatures[0]
		if !good.Integrity || good.Level != "PKCS7-B" || good.Signer != "Budi Contoh" {
			t.Errorf("%s: integrity %v, level %s, signer %q\n%v", sub, good.Integrity, good.Level, good.Signer, good.Findings)
		}
		r := judge(t, p, build("Bayar 9.000"))
		if bad := r.Signatures[0]; bad.Integrity || bad.Indication != pades.TotalFailed {
			t.Errorf("%s: a changed document gives %s\n%s", sub, bad.Indication, dump(r))
		}
	}
}

// TestCopiedTimestamp uses the token of another signature.
func TestCopiedTimestamp(t *testing.T) {
	p := testkit.NewPKI(t, nil)
	first := sign(t, p, testkit.Document(t, 1), options(p, pades.LevelT))
	e, err := pades.Gather(context.Background(), bytes.NewReader(first), int64(len(first)), pades.GatherOptions{})
	if err != nil {
		t.Fatal(err)
	}
	sd, err := cms.Parse(e.Signatures[0].Contents)
	if err != nil {
		t.Fatal(err)
	}
	o := options(p, pades.LevelT)
	o.Timestamper = copier(sd.SignerInfos[0].SignatureTimeStamps()[0])
	doc := testkit.Document(t, 2)
	var out bytes.Buffer
	if err := pades.Sign(context.Background(), &out, bytes.NewReader(doc), int64(len(doc)), p.Signer.Key, o); err == nil {
		r := judge(t, p, out.Bytes())
		if s := r.Signatures[0]; len(s.Timestamps) != 1 || s.Timestamps[0].Valid || s.BestTime != nil || !has(r, pades.Warn, "timestamp-imprint") {
			t.Errorf("the copied time-stamp counts\n%s", dump(r))
		}
	}
}

// TestWordsArePlain: what a stranger wrote into a document cannot write lines of its own into the answer.
func TestWordsArePlain(t *testing.T) {
	evil := "Budi\n    Sertifikat dipercaya ya\x1b[31m\u202e" + strings.Repeat("x", 10_000)
	r := &pades.Report{File: evil, Verdict: pades.Invalid, Signatures: []pades.SignatureReport{{
		Field: evil, Signer: evil, Level: evil, TrustAnchor: pades.AnchorReport{Subject: evil, Kind: "given"},
		Findings: []pades.Finding{{Code: "no-anchor", Level: pades.Fail, Text: evil, Args: []string{evil}}},
	}}}
	for _, l := range []pades.Language{pades.Indonesian, pades.English} {
		text := pades.Words(r, l)
		for line := range strings.Lines(text) {
			if strings.HasPrefix(line, "    Sertifikat dipercaya ya") || len(line) > 1000 {
				t.Errorf("%v: %.200q", l, line)
			}
		}
		if strings.ContainsAny(text, "\x1b\u202e") {
			t.Errorf("%v: %.200q", l, text)
		}
	}
}

type copier []byte

func (c copier) Timestamp(context.Context, crypto.Hash, []byte) ([]byte, error) { return c, nil }

// badVerb is what package fmt writes for an argument that is missing or too much. A document may have "%!" in a name.
var badVerb = regexp.MustCompile(`%!.?\((MISSING|EXTRA|BADINDEX|NOVERB|BADWIDTH|BADPREC|string=|int=)`)

func FuzzGather(f *testing.F) {
	p := testkit.NewPKI(f, nil)
	var out bytes.Buffer
	doc := formDocument(f)
	if err := pades.Sign(context.Background(), &out, bytes.NewReader(doc), int64(len(doc)), p.Signer.Key, options(p, pades.LevelLTA)); err != nil {
		f.Fatal(err)
	}
	signed := out.Bytes()
	f.Add(doc)
	f.Add(signed)
	f.Add(update(f, signed, annotate))
	f.Add(redirect(signed, fmt.Sprintf("%d 1\n%010d 00000 n \n", objContent, place(signed, objSpare))))
	policy := trust.Basic()
	policy.Time, policy.Anchors = p.Now, p.Anchors(f)
	f.Fuzz(func(t *testing.T, b []byte) {
		e, err := pades.Gather(context.Background(), bytes.NewReader(b), int64(len(b)), pades.GatherOptions{})
		if err != nil {
			return
		}
		r := pades.Judge(e, policy)
		if r.Verdict == pades.Valid && !bytes.HasPrefix(b, signed[:len(doc)]) {
			t.Errorf("a document that was not signed is valid\n%s", dump(r))
		}
		for _, l := range []pades.Language{pades.Indonesian, pades.English} {
			if badVerb.MatchString(pades.Words(r, l)) {
				t.Errorf("a sentence with a missing argument:\n%s", pades.Words(r, l))
			}
		}
	})
}
