package pades_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"absah/internal/pdf"
	"absah/internal/testkit"
	"absah/pades"
)

// emptyField adds a signature field without a signature, with or without a place on the first page.
func emptyField(t *testing.T, doc []byte, name string, rect pdf.Array, more pdf.Dict) []byte {
	t.Helper()
	f, err := pdf.Open(bytes.NewReader(doc), int64(len(doc)), pdf.OpenOptions{})
	if err != nil {
		t.Fatal(err)
	}
	u, err := pdf.NewUpdate(f)
	if err != nil {
		t.Fatal(err)
	}
	v := f.Latest()
	page, err := v.Page(0)
	if err != nil {
		t.Fatal(err)
	}
	catalog, root, err := v.Catalog()
	if err != nil {
		t.Fatal(err)
	}
	field := u.Alloc()
	d := pdf.Dict{
		"Type": pdf.Name("Annot"), "Subtype": pdf.Name("Widget"), "FT": pdf.Name("Sig"), "T": pdf.String(name), "F": pdf.Integer(4),
		"Rect": rect, "P": page.Ref,
	}
	for k, o := range more {
		d[k] = o
	}
	u.Set(field, d)
	annots, _ := v.Array(page.Dict["Annots"])
	changed := pdf.Dict{}
	for k, o := range page.Dict {
		changed[k] = o
	}
	changed["Annots"] = append(append(pdf.Array{}, annots...), field)
	u.Set(page.Ref, changed)
	form, _ := v.Dict(catalog["AcroForm"])
	fields, _ := v.Array(form["Fields"])
	whole := pdf.Dict{}
	for k, o := range catalog {
		whole[k] = o
	}
	whole["AcroForm"] = pdf.Dict{"Fields": append(append(pdf.Array{}, fields...), field)}
	u.Set(root, whole)
	a, err := u.Bytes("")
	if err != nil {
		t.Fatal(err)
	}
	return append(bytes.Clone(doc), a.Bytes...)
}

// keyBox writes the signer's key and chain as a PKCS #12 file, for programs that sign themselves.
func keyBox(t *testing.T, p *testkit.PKI) string {
	t.Helper()
	openssl, err := exec.LookPath("openssl")
	if err != nil {
		t.Skip("openssl is not here")
	}
	dir := t.TempDir()
	key, err := x509.MarshalPKCS8PrivateKey(p.Signer.Key)
	if err != nil {
		t.Fatal(err)
	}
	var chain bytes.Buffer
	for _, der := range p.Signer.Chain {
		if err := pem.Encode(&chain, &pem.Block{Type: "CERTIFICATE", Bytes: der}); err != nil {
			t.Fatal(err)
		}
	}
	file := func(name string, b []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	keyPath := file("key.pem", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key}))
	certPath := file("cert.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: p.Signer.Certificate.Raw}))
	box := filepath.Join(dir, "signer.p12")
	must(t, openssl, "pkcs12", "-export", "-inkey", keyPath, "-in", certPath, "-certfile", file("chain.pem", chain.Bytes()), "-name", "penanda",
		"-passout", "pass:kata-sandi", "-out", box)
	return box
}

func must(t *testing.T, name string, args ...string) {
	t.Helper()
	if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s %s: %v\n%s", filepath.Base(name), strings.Join(args, " "), err, out)
	}
}

// further is one more signature in a chain of them.
type further struct {
	level   pades.Level
	certify int
	card    bool
	lock    *pades.FieldLock
}

// TestSignAgain signs documents that are signed already, by us and by programs that we did not write: every signature on them stays
// valid for everybody.
func TestSignAgain(t *testing.T) {
	if testing.Short() {
		t.Skip("dozens of runs of other programs")
	}
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	p := testkit.NewPKI(t, key)
	x := findTools(t, p)
	box := keyBox(t, p)
	pk12util, err := exec.LookPath("pk12util")
	if err != nil {
		t.Skip("pk12util is not here")
	}
	must(t, pk12util, "-d", "sql:"+x.nss, "-i", box, "-W", "kata-sandi")

	// Everybody signs once: pdfsig 22.12 does not trust a certificate that it meets a second time in one document, because it has
	// freed what it remembers of the first.
	people := []*testkit.Identity{p.NewSigner(t, "Siti Contoh", nil), p.NewSigner(t, "Wayan Contoh", nil), p.NewSigner(t, "Ujang Contoh", nil)}

	plain := testkit.Document(t, 3)
	dir := t.TempDir()
	file := func(doc []byte) string {
		path := filepath.Join(dir, fmt.Sprintf("%d.pdf", len(doc)))
		if err := os.WriteFile(path, doc, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	read := func(path string) []byte {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	poppler := filepath.Join(dir, "poppler.pdf")
	must(t, x.pdfsig, "-nssdir", x.nss, "-add-signature", "-nick", "penanda", "-new-signature-field-name", "Poppler", file(plain), poppler)
	popplerETSI := filepath.Join(dir, "etsi.pdf")
	withField := emptyField(t, plain, "MuPDF", pdf.Array{pdf.Integer(50), pdf.Integer(50), pdf.Integer(200), pdf.Integer(100)}, nil)
	must(t, x.pdfsig, "-nssdir", x.nss, "-sign", "MuPDF", "-etsi", "-nick", "penanda", file(withField), popplerETSI)
	f, err := pdf.Open(bytes.NewReader(withField), int64(len(withField)), pdf.OpenOptions{})
	if err != nil {
		t.Fatal(err)
	}
	fields, err := f.Latest().Fields()
	if err != nil || len(fields) != 1 {
		t.Fatalf("Fields: %d, %v", len(fields), err)
	}
	mupdf := filepath.Join(dir, "mupdf.pdf")
	must(t, x.mutool, "sign", "-s", box, "-P", "kata-sandi", "-o", mupdf, file(withField), fmt.Sprint(fields[0].Ref.Num))

	bases := map[string][]byte{"unsigned": plain, "poppler": read(poppler), "poppler ETSI": read(popplerETSI), "MuPDF": read(mupdf)}
	chains := map[string][]further{
		"two":              {{level: pades.LevelB}, {level: pades.LevelB}},
		"three":            {{level: pades.LevelT, card: true}, {level: pades.LevelLT}, {level: pades.LevelT}},
		"archived":         {{level: pades.LevelLTA}, {level: pades.LevelLTA, card: true}},
		"certified 2":      {{level: pades.LevelT, certify: 2}, {level: pades.LevelLT, card: true}, {level: pades.LevelB}},
		"certified 3":      {{level: pades.LevelLT, certify: 3, card: true}, {level: pades.LevelT}},
		"certified 1":      {{level: pades.LevelLTA, certify: 1}},
		"locks its own":    {{level: pades.LevelT, lock: &pades.FieldLock{Action: pades.LockInclude, Fields: []string{"Signature1"}}}, {level: pades.LevelT}},
		"locks others not": {{level: pades.LevelT, lock: &pades.FieldLock{Action: pades.LockExclude, Fields: []string{"Signature2", "Signature3"}}}, {level: pades.LevelT}},
	}
	for base, doc := range bases {
		for name, chain := range chains {
			t.Run(base+", "+name, func(t *testing.T) {
				signed, n := doc, 0
				if base != "unsigned" {
					n = 1
				}
				for i, c := range chain {
					o := options(p, c.level)
					o.Certificate, o.Certify, o.Lock = people[i].Certificate.Raw, c.certify, c.lock
					if c.card {
						o.Appearance = &pades.Appearance{Position: "Kepala Bagian", Page: pades.FirstPage, Corner: pades.Corner(i)}
					}
					if c.certify != 0 && base != "unsigned" {
						var field *pades.FieldError
						if err := pades.Sign(context.Background(), &bytes.Buffer{}, bytes.NewReader(signed), int64(len(signed)), people[i].Key, o); !errors.As(err, &field) {
							t.Errorf("certifying what is signed: %v, want *FieldError", err)
						}
						o.Certify = 0
					}
					var out bytes.Buffer
					if err := pades.Sign(context.Background(), &out, bytes.NewReader(signed), int64(len(signed)), people[i].Key, o); err != nil {
						t.Fatalf("signature %d: %v", i+1, err)
					}
					if !bytes.HasPrefix(out.Bytes(), signed) {
						t.Fatal("the signed document does not begin with what was signed")
					}
					signed = out.Bytes()
					n++
					checkChain(t, p, x, signed, n, base == "MuPDF")
				}
				if chain[len(chain)-1].certify == 1 && base == "unsigned" {
					var locked *pades.LockedError
					o := options(p, pades.LevelB)
					if err := pades.Sign(context.Background(), &bytes.Buffer{}, bytes.NewReader(signed), int64(len(signed)), p.Signer.Key, o); !errors.As(err, &locked) || !locked.Certified {
						t.Errorf("Sign after certifying: %v, want *LockedError", err)
					}
				}
			})
		}
	}
}

// checkChain asks everybody about n signatures. The first is weak when it was made with SHA-1, as MuPDF does: no policy of ours passes
// it, but what is said about its integrity does not change.
func checkChain(t *testing.T, p *testkit.PKI, x *tools, doc []byte, n int, weak bool) {
	t.Helper()
	r := judgeWith(t, p, p, doc, pades.OpenOptions{})
	signatures := 0
	for i, s := range r.Signatures {
		if s.Level == "DOCUMENT-TIMESTAMP" {
			if s.Indication != pades.TotalPassed {
				t.Errorf("document time-stamp %d: %s\n%s", i, s.Indication, dump(r))
			}
			continue
		}
		signatures++
		passed := s.Indication == pades.TotalPassed || weak && i == 0 && s.Integrity && s.SubIndication == "CRYPTO_CONSTRAINTS_FAILURE_NO_POE"
		if !passed || s.Modification.Worse(pades.ModificationForm) {
			t.Errorf("signature %d of %d: %s, modification %s\n%s", i+1, n, s.Indication, s.Modification, dump(r))
		}
	}
	if signatures != n || !weak && (r.Verdict != pades.Valid && r.Verdict != pades.ValidWithNotes) {
		t.Errorf("verdict %s on %d signatures, want a valid one on %d\n%s", r.Verdict, signatures, n, dump(r))
	}
	path := filepath.Join(t.TempDir(), "signed.pdf")
	if err := os.WriteFile(path, doc, 0o600); err != nil {
		t.Fatal(err)
	}
	// pdfsig 22.12 does not know document time-stamps; it counts them and calls them unsupported.
	o := x.runPdfsig(t, path, secret{})
	if v, c := strings.Count(o.text, "Signature Validation: Signature is Valid"), strings.Count(o.text, "Certificate Validation: Certificate is Trusted"); v < n || c < n {
		t.Errorf("pdfsig finds %d valid and %d trusted of %d\n%s", v, c, n, o.text)
	}
	o = x.runMutool(t, path, secret{})
	good := strings.Count(o.text, "unchanged since signing") + strings.Count(o.text, "The signature is valid but there have been edits")
	if good < n || strings.Contains(o.text, "Digest error") && !strings.Contains(string(doc), "ETSI.RFC3161") {
		t.Errorf("mutool finds %d of %d good\n%s", good, n, o.text)
	}
	if o := x.runQpdf(t, path, secret{}); o.status != 0 {
		t.Errorf("qpdf ends with %d\n%s", o.status, o.text)
	}
}

// TestSignAgainCorpus follows what the corpus says about a further signature.
func TestSignAgainCorpus(t *testing.T) {
	p := testkit.NewPKI(t, nil)
	for _, c := range corpusRows(t, "signed") {
		if c.want["encrypted"] == "T" || c.want["byterange_ok"] != "T" || c.want["crypto_ok"] != "T" || c.want["modified"] != "F" {
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			doc := candidate{c}.read(t)
			before, err := pades.Gather(context.Background(), bytes.NewReader(doc), int64(len(doc)), pades.GatherOptions{})
			if err != nil {
				t.Fatal(err)
			}
			var out bytes.Buffer
			err = pades.Sign(context.Background(), &out, bytes.NewReader(doc), int64(len(doc)), p.Signer.Key, options(p, pades.LevelLT))
			var locked *pades.LockedError
			if c.want["sign_again"] == "forbidden" || errors.As(err, &locked) {
				if !errors.As(err, &locked) || out.Len() > 0 {
					t.Errorf("Sign: %v and %d bytes, want *LockedError", err, out.Len())
				}
				if c.want["sign_again"] == "forbidden" {
					return
				}
				if len(locked.Open) == 0 {
					if c.want["sign_again"] == "allowed" {
						t.Errorf("Sign: %v", err)
					}
					return
				}
				// A new field is locked, a field that is there already is not.
				o := options(p, pades.LevelLT)
				o.Field = locked.Open[len(locked.Open)-1]
				err = pades.Sign(context.Background(), &out, bytes.NewReader(doc), int64(len(doc)), p.Signer.Key, o)
			}
			if err != nil {
				t.Fatalf("Sign: %v", err)
			}
			after, err := pades.Gather(context.Background(), bytes.NewReader(out.Bytes()), int64(out.Len()), pades.GatherOptions{})
			if err != nil {
				t.Fatal(err)
			}
			if len(after.Signatures) != len(before.Signatures)+1 {
				t.Fatalf("%d signatures, want %d", len(after.Signatures), len(before.Signatures)+1)
			}
			for i, s := range before.Signatures {
				a := after.Signatures[i]
				if a.Field != s.Field || a.DigestMatches != s.DigestMatches || a.SignatureValid != s.SignatureValid || len(a.Format) > len(s.Format) {
					t.Errorf("signature %d was %s, %v, %v and is %s, %v, %v %v", i, s.Field, s.DigestMatches, s.SignatureValid, a.Field, a.DigestMatches, a.SignatureValid, a.Format)
				}
				if a.Modification == pades.ModificationOther && s.Modification != pades.ModificationOther {
					t.Errorf("signature %d: modification %s, was %s: %v", i, a.Modification, s.Modification, a.Changes)
				}
			}
		})
	}
}
