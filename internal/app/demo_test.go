package app

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/pem"
	"mime"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"absah/internal/account"
	"absah/internal/ca"
	"absah/pades"
	"absah/trust"
)

func startDemo(t *testing.T) *Demo {
	t.Helper()
	return startDemoIn(t, t.TempDir())
}

func startDemoIn(t *testing.T, dir string) *Demo {
	t.Helper()
	d, err := StartDemo(context.Background(), DemoOptions{Dir: dir, Listen: "127.0.0.1:0", Say: t.Logf})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return d
}

// certificates are those of the demo's signer.
func certificates(t *testing.T, d *Demo) []ca.Record {
	t.Helper()
	nik, err := account.ParseNIK(d.state.People[0].NIK)
	if err != nil {
		t.Fatal(err)
	}
	p, err := d.accounts.PersonByNIK(context.Background(), nik)
	if err != nil {
		return nil
	}
	recs, err := d.pki.ca.Certificates(context.Background(), string(p.ID))
	if err != nil {
		t.Fatal(err)
	}
	return recs
}

// TestRegistrationNeedsEveryStep leaves out one step of the walk after the other. Steps that only wait for a mail are not left
// out: without the mail there is no link, and the walk cannot go on.
func TestRegistrationNeedsEveryStep(t *testing.T) {
	names := func() (out []string) {
		w := &walk{d: &Demo{state: demoState{People: demoPeople()}}}
		for _, s := range w.steps() {
			if !strings.HasSuffix(s.name, "mail arrives") {
				out = append(out, s.name)
			}
		}
		return out
	}()
	if len(names) < 8 {
		t.Fatalf("only %d steps: %v", len(names), names)
	}
	for _, leftOut := range names {
		t.Run(leftOut, func(t *testing.T) {
			t.Parallel()
			d := startDemo(t)
			w := &walk{d: d, base: d.base(), patience: 2 * time.Second}
			var rest []step
			for _, s := range w.steps() {
				if s.name != leftOut {
					rest = append(rest, s)
				}
			}
			// Every step is tried even when one before it failed: whoever skips a step will not stop at an error page.
			failed := 0
			for _, s := range rest {
				if err := s.run(context.Background()); err != nil {
					failed++
					w.patience = 0 // what was missing does not come any more
				}
			}
			if failed == 0 {
				t.Error("nobody noticed that a step was missing")
			}
			if recs := certificates(t, d); len(recs) != 0 {
				t.Errorf("%d certificates were issued", len(recs))
			}
		})
	}
}

func TestDemo(t *testing.T) {
	ctx := context.Background()
	d := startDemo(t)
	if err := d.Register(ctx); err != nil {
		t.Fatal(err)
	}
	recs := certificates(t, d)
	if len(recs) != 1 {
		t.Fatalf("%d certificates, want 1", len(recs))
	}
	letter, err := d.SampleLetter()
	if err != nil {
		t.Fatal(err)
	}
	signed, err := d.Sign(ctx, []string{letter, filepath.Join(d.dir, "demo.json"), letter})
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range signed {
		if i == 1 {
			if s.Err == nil || !strings.Contains(s.Err.Error(), "PDF") {
				t.Errorf("signing what is no PDF: %v", s.Err)
			}
			continue
		}
		if s.Err != nil || s.Verdict != pades.Valid || s.Level != "PAdES-BASELINE-LT" {
			t.Errorf("%s: %v, %s, %s, want valid, PAdES-BASELINE-LT", s.Out, s.Err, s.Verdict, s.Level)
		}
	}
	doc, err := os.ReadFile(signed[0].Out)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range d.state.People {
		if bytes.Contains(doc, []byte(p.NIK)) || bytes.Contains(recs[0].DER, []byte(p.NIK)) {
			t.Errorf("the NIK of %s is in the document or the certificate", p.Name)
		}
	}
	paper(t, d)
	twice(t, d, letter)
	protected(t, d, letter)
	words(t, d, letter)
	wrongPassphrase(t, d, letter)
	revoke(t, d, recs[0], letter)
	if err := d.log.Verify(ctx); err != nil {
		t.Errorf("audit log: %v", err)
	}
	tools(t, d, signed[0].Out)
}

// paper reads the page that the QR leads to, without a log-in.
func paper(t *testing.T, d *Demo) {
	t.Helper()
	ctx := context.Background()
	nik, _ := account.ParseNIK(d.state.People[0].NIK)
	p, err := d.accounts.PersonByNIK(ctx, nik)
	if err != nil {
		t.Fatal(err)
	}
	docs, err := d.signing.Documents(ctx, string(p.ID))
	if err != nil || len(docs) != 2 {
		t.Fatalf("documents: %d, %v, want 2: a code that was reserved for a file that could not be signed is not one", len(docs), err)
	}
	b := newBrowser(d.base())
	page, err := b.get(ctx, "/v/"+docs[0].Code)
	if err != nil || page.status != 200 || !strings.Contains(page.body, "Budi Contoh") || strings.Contains(page.body, d.state.People[0].NIK) {
		t.Errorf("/v/%s: %d, %v", docs[0].Code, page.status, err)
	}
	if !strings.Contains(strings.ReplaceAll(page.body, " ", ""), docs[0].SHA256) {
		t.Error("the page does not show the SHA-256 of the document")
	}
	for _, path := range []string{"/v/AAAAAAAAAAAAA", "/dokumen/" + docs[0].Code + "/unduh"} {
		page, err := b.get(ctx, path)
		if err != nil || page.status == 200 && page.path == path {
			t.Errorf("%s without knowing the code or being the owner: %d, %v", path, page.status, err)
		}
	}
}

// protected signs a document that opens with a password only. The server does not keep the password, so its pages say that they
// cannot judge the file, and still show what is known.
func protected(t *testing.T, d *Demo, letter string) {
	t.Helper()
	ctx := context.Background()
	qpdf, err := exec.LookPath("qpdf")
	if err != nil {
		t.Log("qpdf is not here; the pages of a protected document were not tried")
		return
	}
	locked := filepath.Join(t.TempDir(), "terkunci.pdf")
	if out, err := exec.Command(qpdf, "--encrypt", "buka", "pemilik", "256", "--", letter, locked).CombinedOutput(); err != nil {
		t.Fatalf("qpdf: %v\n%s", err, out)
	}
	doc, err := os.ReadFile(locked)
	if err != nil {
		t.Fatal(err)
	}
	b := newBrowser(d.base())
	signer := d.state.People[0]
	if err := b.logIn(ctx, signer.NIK, signer.Password); err != nil {
		t.Fatal(err)
	}
	once, err := b.formToken(ctx)
	if err != nil {
		t.Fatal(err)
	}
	p, err := b.upload(ctx, "/tanda-tangan", url.Values{"once": {once}, "doctitle": {"Surat terkunci"}, "password_pdf": {"buka"}, "passphrase_sign": {d.state.Signing}}, "pdf", "terkunci.pdf", doc)
	if err != nil {
		t.Fatal(err)
	}
	code, ok := strings.CutPrefix(p.path, "/dokumen/")
	if !ok || p.status != 200 || !strings.Contains(p.body, "dilindungi sandi") || !strings.Contains(p.body, p.path+"/unduh") {
		t.Errorf("after signing a protected document: %s, %d: %s", p.path, p.status, p.complaint())
	}
	p, err = newBrowser(d.base()).get(ctx, "/v/"+code)
	if err != nil || p.status != 200 || !strings.Contains(p.body, "dilindungi sandi") || !strings.Contains(p.body, "Surat terkunci") || strings.Contains(p.body, "Sah.") {
		t.Errorf("the paper page of a protected document: %d, %v: %s", p.status, err, p.complaint())
	}
}

// twice: a button that is pressed again and again signs once.
func twice(t *testing.T, d *Demo, letter string) {
	t.Helper()
	ctx := context.Background()
	doc, err := os.ReadFile(letter)
	if err != nil {
		t.Fatal(err)
	}
	b := newBrowser(d.base())
	signer := d.state.People[0]
	if err := b.logIn(ctx, signer.NIK, signer.Password); err != nil {
		t.Fatal(err)
	}
	before, err := d.signing.Documents(ctx, owner(t, d))
	if err != nil {
		t.Fatal(err)
	}
	once, err := b.formToken(ctx)
	if err != nil {
		t.Fatal(err)
	}
	paths := make(chan string)
	for range 4 {
		go func() {
			p, err := b.upload(ctx, "/tanda-tangan", url.Values{"once": {once}, "passphrase_sign": {d.state.Signing}}, "pdf", "dua.pdf", doc)
			if err != nil {
				t.Error(err)
			}
			paths <- p.path
		}()
	}
	first := <-paths
	for range 3 {
		if p := <-paths; p != first || !strings.HasPrefix(p, "/dokumen/") {
			t.Errorf("the same form led to %s and to %s", first, p)
		}
	}
	after, err := d.signing.Documents(ctx, owner(t, d))
	if err != nil || len(after) != len(before)+1 {
		t.Errorf("%d documents, before there were %d: %v", len(after), len(before), err)
	}
	// A form that this server did not make is not carried out.
	p, err := b.upload(ctx, "/tanda-tangan", url.Values{"passphrase_sign": {d.state.Signing}}, "pdf", "dua.pdf", doc)
	if err != nil || p.status != 422 || !strings.Contains(p.body, "ABS-SIG-024") {
		t.Errorf("without a token: %d, %v: %s", p.status, err, p.complaint())
	}
}

// words: what is typed beside a document reaches paper and a public page, so it is short and can be printed; a refusal stands at its
// own field.
func words(t *testing.T, d *Demo, letter string) {
	t.Helper()
	ctx := context.Background()
	doc, err := os.ReadFile(letter)
	if err != nil {
		t.Fatal(err)
	}
	b := newBrowser(d.base())
	signer := d.state.People[0]
	if err := b.logIn(ctx, signer.NIK, signer.Password); err != nil {
		t.Fatal(err)
	}
	send := func(field, value, file string) page {
		once, err := b.formToken(ctx)
		if err != nil {
			t.Fatal(err)
		}
		form := url.Values{"once": {once}, "passphrase_sign": {d.state.Signing}}
		if field != "" {
			form.Set(field, value)
		}
		p, err := b.upload(ctx, "/tanda-tangan", form, "pdf", file, doc)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	for _, c := range []struct{ field, value, want string }{
		{"page", "abc", "terakhir, pertama, semua, atau nomor"},
		{"page", "0", "terakhir, pertama, semua, atau nomor"},
		{"page", "9", "Halaman 9 tidak ada"},
		{"doctitle", strings.Repeat("x", 201), "Terlalu panjang"},
		{"doctitle", "Surat \u202edasnol", "tidak dapat dicetak"},
		{"purpose", strings.Repeat("x", 201), "Terlalu panjang"},
		{"place", "Kota\x00Contoh", "tidak dapat dicetak"},
	} {
		p := send(c.field, c.value, "surat.pdf")
		if p.status != 422 || !strings.Contains(p.body, `id="`+c.field+`-fault"`) || !strings.Contains(p.complaint(), c.want) || strings.Contains(p.body, `id="pdf-fault"`) {
			t.Errorf("signing with %s %.20q: %d, %s, want %q at that field", c.field, c.value, p.status, p.complaint(), c.want)
		}
	}
	// A file name becomes the title as far as it goes, and the name of the download stays whole characters.
	p := send("", "", strings.Repeat("é", 100)+"\u202e.pdf")
	code, _ := strings.CutPrefix(p.path, "/dokumen/")
	x, err := d.signing.Document(ctx, code)
	if err != nil || x == nil || x.Title != strings.Repeat("é", 100) {
		t.Fatalf("the document of a long file name: %v, %v", x, err)
	}
	resp, err := b.client.Get(d.base() + p.path + "/unduh")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	_, params, err := mime.ParseMediaType(resp.Header.Get("Content-Disposition"))
	if err != nil || !utf8.ValidString(params["filename"]) || !strings.HasSuffix(params["filename"], "é_sign.pdf") {
		t.Errorf("the download is called %q, %v", params["filename"], err)
	}
}

func wrongPassphrase(t *testing.T, d *Demo, letter string) {
	t.Helper()
	ctx := context.Background()
	b := newBrowser(d.base())
	signer := d.state.People[0]
	if err := b.logIn(ctx, signer.NIK, signer.Password); err != nil {
		t.Fatal(err)
	}
	doc, err := os.ReadFile(letter)
	if err != nil {
		t.Fatal(err)
	}
	for try := 1; try <= 5; try++ {
		_, err := b.sign(ctx, "surat.pdf", "surat", doc, "bukan passphrase saya", nil)
		want := "Passphrase salah"
		if try == 5 {
			want = "dikunci"
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("try %d with a wrong passphrase: %v, want %q", try, err, want)
		}
	}
	if _, err := b.sign(ctx, "surat.pdf", "surat", doc, d.state.Signing, nil); err == nil || !strings.Contains(err.Error(), "dikunci") {
		t.Errorf("the right passphrase while locked: %v", err)
	}
	cred, err := d.signing.Credential(ctx, owner(t, d))
	if err != nil {
		t.Fatal(err)
	}
	if err := d.db.CredentialTries(ctx, cred.ID, 0, d.cfg.Now().AddDate(0, 0, -1)); err != nil {
		t.Fatal(err)
	}
}

func owner(t *testing.T, d *Demo) string {
	t.Helper()
	nik, _ := account.ParseNIK(d.state.People[0].NIK)
	p, err := d.accounts.PersonByNIK(context.Background(), nik)
	if err != nil {
		t.Fatal(err)
	}
	return string(p.ID)
}

// revoke: a revoked certificate signs nothing more, and what it signed before stays valid.
func revoke(t *testing.T, d *Demo, rec ca.Record, letter string) {
	t.Helper()
	ctx := context.Background()
	if err := d.pki.ca.Revoke(ctx, rec.Serial, trust.KeyCompromise, "uji"); err != nil {
		t.Fatal(err)
	}
	signed, err := d.Sign(ctx, []string{letter})
	if err != nil {
		t.Fatal(err)
	}
	if signed[0].Err == nil || !strings.Contains(signed[0].Err.Error(), "dicabut") {
		t.Errorf("signing with a revoked certificate: %v", signed[0].Err)
	}
	b := newBrowser(d.base())
	signer := d.state.People[0]
	if err := b.logIn(ctx, signer.NIK, signer.Password); err != nil {
		t.Fatal(err)
	}
	p, err := b.get(ctx, "/sertifikat")
	if err != nil || !strings.Contains(p.body, "sertifikat dicabut") || !strings.Contains(p.body, "kuncinya mungkin diketahui orang lain") || strings.Contains(p.body, "sertifikat aktif") {
		t.Errorf("the owner's page of a revoked certificate: %d, %v", p.status, err)
	}
}

func tools(t *testing.T, d *Demo, signed string) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(d.dir, "trust.pem"))
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(b)
	if _, err := x509.ParseCertificate(block.Bytes); err != nil {
		t.Errorf("trust.pem: %v", err)
	}
	if qpdf, err := exec.LookPath("qpdf"); err == nil {
		if out, err := exec.Command(qpdf, "--check", signed).CombinedOutput(); err != nil {
			t.Errorf("qpdf: %v\n%s", err, out)
		}
	}
	certutil, err1 := exec.LookPath("certutil")
	pdfsig, err2 := exec.LookPath("pdfsig")
	if err1 != nil || err2 != nil {
		t.Log("pdfsig or certutil is not here")
		return
	}
	dir := t.TempDir()
	for _, args := range [][]string{{"-N", "-d", "sql:" + dir, "--empty-password"}, {"-A", "-d", "sql:" + dir, "-n", "root", "-t", "CT,C,C", "-i", filepath.Join(d.dir, "trust.pem")}} {
		if out, err := exec.Command(certutil, args...).CombinedOutput(); err != nil {
			t.Fatalf("certutil: %v\n%s", err, out)
		}
	}
	out, _ := exec.Command(pdfsig, "-no-ocsp", "-nssdir", dir, signed).CombinedOutput()
	if !strings.Contains(string(out), "Signature is Valid") || !strings.Contains(string(out), "Certificate is Trusted") {
		t.Errorf("pdfsig:\n%s", out)
	}
}

// TestForeignFormIsRefused: a form that another site sends with the person's cookies is not carried out.
func TestForeignFormIsRefused(t *testing.T) {
	ctx := context.Background()
	d := startDemo(t)
	b := newBrowser(d.base())
	officer := d.state.People[1]
	if err := b.logIn(ctx, officer.NIK, officer.Password); err != nil {
		t.Fatal(err)
	}
	b.origin = "https://lain.example"
	p, err := b.post(ctx, "/permohonan/baru", url.Values{"nik": {"3300000000000001"}, "name": {"Budi Contoh"}, "position": {"x"}, "unit": {"y"}, "email": {"budi@" + demoDomain}})
	if err != nil || p.status != 403 {
		t.Errorf("a form from another site: %d, %v, want 403", p.status, err)
	}
}

// TestSecretWord: words of letters alone now and then held a sequence that the rules refuse.
func TestSecretWord(t *testing.T) {
	form := regexp.MustCompile(`^([a-z][2-9][a-z][2-9][a-z]-[2-9][a-z][2-9][a-z][2-9]-?){2}$`)
	for range 1000 {
		if w := secretWord(); !form.MatchString(w) {
			t.Fatal(w)
		}
	}
}
