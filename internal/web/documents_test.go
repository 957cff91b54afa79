package web_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"mime"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"absah/internal/account"
	"absah/internal/ra"
	"absah/internal/remotesign"
	"absah/internal/web"
	"absah/pades"
)

// documents are what people signed, without the signing: the pages show what is in here.
type documents struct {
	remotesign.Store
	list        map[string]remotesign.Document
	reports     map[string]*pades.Report
	credentials map[string]bool // people who may sign
	certificate []byte
}

func (d *documents) CredentialOf(_ context.Context, person string) (*remotesign.Credential, error) {
	if d.credentials[person] {
		return &remotesign.Credential{ID: "c", Person: person, Certificate: d.certificate}, nil
	}
	return nil, nil
}

func (d *documents) DocumentByCode(_ context.Context, code string) (*remotesign.Document, error) {
	if x, ok := d.list[code]; ok {
		return &x, nil
	}
	return nil, nil
}

func (d *documents) DocumentsOf(_ context.Context, person string) (l []remotesign.Document, err error) {
	for _, x := range d.list {
		if x.Person == person {
			l = append(l, x)
		}
	}
	return l, nil
}

func (d *documents) judge(_ context.Context, code string) (*pades.Report, error) {
	r := d.reports[code]
	if r == nil {
		return nil, pades.ErrPassword
	}
	return r, nil
}

func (d *documents) open(_ context.Context, code string) (web.File, int64, error) {
	b := "%PDF of " + code
	return memory{strings.NewReader(b)}, int64(len(b)), nil
}

func (d *documents) picture(ctx context.Context, code string) (web.File, int64, error) {
	return d.open(ctx, "page of "+code)
}

// Do implements remotesign.Store.
func (d *documents) Do(ctx context.Context, f func(context.Context) error) error { return f(ctx) }

func (d *documents) change(code string, f func(*remotesign.Document)) (bool, error) {
	x := d.list[code]
	f(&x)
	d.list[code] = x
	return true, nil
}

func (d *documents) DocumentWithdraw(_ context.Context, code string, w remotesign.Withdrawal) (bool, error) {
	return d.change(code, func(x *remotesign.Document) { x.Withdrawn = w })
}

func (d *documents) DocumentSupersede(_ context.Context, code, successor string, at time.Time) (bool, error) {
	return d.change(code, func(x *remotesign.Document) { x.Successor, x.SupersededAt = successor, at })
}

func (d *documents) DocumentPicture(_ context.Context, code string, _, to remotesign.Picture) (bool, error) {
	return d.change(code, func(x *remotesign.Document) { x.Picture = to })
}

// Draw, Keep and Erase implement remotesign.Pictures; nothing is drawn here.
func (*documents) Draw(context.Context, string) ([]byte, error) { return nil, nil }
func (*documents) Keep(context.Context, string, []byte) error   { return nil }
func (*documents) Erase(context.Context, string) error          { return nil }

type memory struct{ *strings.Reader }

func (memory) Close() error { return nil }

// add keeps a document of a person with a report.
func (d *documents) add(code string, person account.PersonID, title string, r *pades.Report) {
	d.list[code] = remotesign.Document{
		Code: code, Person: string(person), Title: title, SHA256: strings.Repeat("0a1b2c3d", 8), Size: 1000, SignedAt: time.Date(2027, 1, 12, 2, 30, 0, 0, time.UTC),
	}
	d.reports[code] = r
}

// hostile is what somebody might write into a name.
const hostile = "<script>alert(1)</script>\u202e\u200b\"'&\x00\r\nSet-Cookie: a=b"

func reports() map[pades.Verdict]*pades.Report {
	at := time.Date(2027, 1, 12, 2, 30, 0, 0, time.UTC)
	sig := func(name string, i pades.Indication, f ...pades.Finding) pades.SignatureReport {
		return pades.SignatureReport{Signer: name, Indication: i, Level: "PAdES-BASELINE-LT", Integrity: true, BestTime: &at, Findings: f}
	}
	test := pades.Finding{Code: "test-anchor", Level: pades.Warn, Text: "trust rests on the test authority Absah Uji, which nobody has to recognise", Args: []string{"Absah Uji"}}
	strange := pades.Finding{Code: "x", Level: pades.Fail, Text: "strange " + hostile}
	quiet := pades.Finding{Code: "x", Level: pades.Info, Text: "of no interest"}
	stamp := pades.SignatureReport{Signer: "Absah Uji TSA", Level: "DOCUMENT-TIMESTAMP", Indication: pades.TotalPassed}
	trial := sig("Budi Contoh", pades.TotalPassed, test, test)
	trial.CertificateTrusted, trial.TrustAnchor = true, pades.AnchorReport{Subject: "CN=x", Kind: "test", Label: map[string]string{"id": "CA uji coba Absah", "en": "Absah test CA"}}
	claimed := sig(hostile, pades.IndeterminateValue, strange)
	claimed.BestTime, claimed.ClaimedTime = nil, &at
	return map[pades.Verdict]*pades.Report{
		pades.Valid:          {Verdict: pades.Valid, Signatures: []pades.SignatureReport{sig("Budi Contoh", pades.TotalPassed, quiet), stamp}},
		pades.ValidWithNotes: {Verdict: pades.ValidWithNotes, Signatures: []pades.SignatureReport{trial}},
		pades.Indeterminate:  {Verdict: pades.Indeterminate, Signatures: []pades.SignatureReport{sig("Budi Contoh", pades.TotalPassed), claimed}},
		pades.Invalid:        {Verdict: pades.Invalid, Signatures: []pades.SignatureReport{sig("Budi Contoh", pades.TotalFailed, strange)}},
		pades.Unsigned:       {Verdict: pades.Unsigned},
	}
}

// TestVerdicts reads the page of a paper and that of the owner for each verdict: the word, why, whose signature is what, and
// nothing that a name brought in.
func TestVerdicts(t *testing.T) {
	words := map[string]map[pades.Verdict][]string{
		"id": {
			pades.Valid:          {"Sah. Dokumen ini ditandatangani secara elektronik oleh Budi Contoh", "Budi Contoh sah", "12 Januari 2027 pukul 09.30 WIB", "dibuktikan stempel waktu"},
			pades.ValidWithNotes: {"Sah, dengan catatan.", "Kepercayaan bertumpu pada otoritas uji Absah Uji", "Jangan dipakai untuk urusan sungguhan.", "Dasar kepercayaan CA uji coba Absah (CA uji coba, bukan PSrE yang diakui Komdigi)", "Budi Contoh sah, dengan catatan"},
			pades.Indeterminate:  {"Belum dapat dipastikan.", "Budi Contoh sah", "Set-Cookie: a=b belum dapat dipastikan", "menurut penandatangan, tidak terbukti", "Set-Cookie: a=b: Strange"},
			pades.Invalid:        {"Tidak sah. Jangan dipakai.", "Budi Contoh tidak sah"},
			pades.Unsigned:       {"Tidak ada tanda tangan elektronik."},
			"protected":          {"Tidak diperiksa di sini.", "dilindungi sandi"},
		},
		"en": {
			pades.Valid:          {"Valid. Signed electronically by Budi Contoh; the content has not changed", "Budi Contoh valid", "12 January 2027, 09:30 WIB"},
			pades.ValidWithNotes: {"Valid, with notes.", "Trust rests on the test authority Absah Uji"},
			pades.Indeterminate:  {"Cannot be confirmed yet.", "Budi Contoh valid", "Set-Cookie: a=b cannot be confirmed yet", "as the signer states, not proven"},
			pades.Invalid:        {"Not valid. Do not rely on it.", "Budi Contoh not valid"},
			pades.Unsigned:       {"No electronic signature."},
			"protected":          {"Not checked here."},
		},
	}
	w := newWorld(t)
	all := reports()
	all["protected"] = nil
	for lang, want := range words {
		visitor, owner := w.browser(), w.browser()
		owner.login(nikSari, staffSecret)
		visitor.get("/?lang=" + lang)
		owner.get("/?lang=" + lang)
		for v, r := range all {
			t.Run(lang+" "+string(v), func(t *testing.T) {
				w.docs.add("KODE", w.verifier1, "Surat <b>"+hostile, r)
				paper := visitor.get("/v/kode").want(t, 200, want[v]...)
				own := owner.get("/dokumen/KODE").want(t, 200, want[v]...)
				for _, p := range []page{paper, own} {
					checkPage(t, p, lang)
					if strings.Contains(p.body, "<script>") || strings.Contains(p.body, "Surat <b>") || p.header.Get("Set-Cookie") != "" {
						t.Errorf("a name acts on the page: %s", p.body)
					}
					if strings.Contains(p.text, "of no interest") {
						t.Error("the page tells what decides nothing")
					}
					if v == pades.Invalid && (strings.ContainsAny(p.body, "\u202e\x00") || strings.Contains(p.text, " sah,")) {
						t.Errorf("hidden characters came through: %q", p.text)
					}
					if v != "protected" && v != pades.Valid && v != pades.ValidWithNotes && strings.Contains(p.body, `class="verdict valid`) {
						t.Error("the colour of a valid one")
					}
				}
				if strings.Count(paper.text, want[v][0]) != 1 {
					t.Errorf("the verdict is not said once: %s", paper.text)
				}
			})
		}
	}
	long := &pades.Report{Verdict: pades.Invalid}
	for i := range 1000 {
		long.Findings = append(long.Findings, pades.Finding{Code: "x", Level: pades.Fail, Text: fmt.Sprint("fault ", i)})
	}
	w.docs.add("KODE", w.verifier1, "Surat", long)
	if n := strings.Count(w.browser().get("/v/KODE").body, "<li>"); n > 30 {
		t.Errorf("%d lines on the page of a file with a thousand faults", n)
	}
}

// TestDocumentPages: the forms and lists around signing, in both languages.
func TestDocumentPages(t *testing.T) {
	w := newWorld(t)
	w.docs.add("KODE", w.verifier1, strings.Repeat("Surat keputusan tentang penyelenggaraan ", 5), reports()[pades.Valid])
	for _, lang := range []string{"id", "en"} {
		b := w.browser()
		b.login(nikSari, staffSecret)
		b.get("/?lang=" + lang)
		w.docs.credentials = map[string]bool{}
		checkPage(t, b.get("/tanda-tangan"), lang)
		w.docs.credentials[string(w.verifier1)] = true
		form := b.get("/tanda-tangan")
		checkPage(t, form, lang)
		if strings.Contains(form.body, "<details open") {
			t.Error("what few need is open before anybody asked")
		}
		if p := b.upload("/tanda-tangan", "x.pdf", nil); strings.Contains(p.body, "<details open") || !strings.Contains(p.body, `id="pdf-fault"`) {
			t.Errorf("a fault at the file alone opens the rest: %d", p.status)
		}
		bad := b.upload("/tanda-tangan", "x.pdf", nil, "look", "qr", "corner", "kiri-atas", "page", "semua", "doctitle", "Surat")
		checkPage(t, bad, lang)
		for _, s := range []string{"<details open", `id="pdf-fault"`, `<option value="qr" selected`, `<option value="kiri-atas" selected`, `<option value="semua" selected`, `value="Surat"`} {
			if !strings.Contains(bad.body, s) {
				t.Errorf("the form forgot %s", s)
			}
		}
		checkPage(t, b.get("/v/TIDAKADA"), lang)
		checkPage(t, b.get("/dokumen/TIDAKADA"), lang)
	}
}

// TestCompare: whoever has the file learns whether it is the one that is kept.
func TestCompare(t *testing.T) {
	w := newWorld(t)
	file := []byte("%PDF-1.7 surat")
	w.docs.add("KODE", w.verifier1, "Surat", reports()[pades.Valid])
	d := w.docs.list["KODE"]
	d.SHA256 = fmt.Sprintf("%x", sha256.Sum256(file))
	w.docs.list["KODE"] = d
	const same, other = "Sama persis.", "Tidak sama."
	for _, c := range []struct {
		name, path, field string
		data              []byte
		status            int
		want, not         string
	}{
		{"the file", "/v/KODE", "pdf", file, 200, same, other},
		{"a byte more", "/v/kode", "pdf", append(bytes.Clone(file), '\n'), 200, other, same},
		{"no file", "/v/KODE", "pdf", nil, 422, "Pilih dulu berkas PDF-nya.", same},
		{"another field", "/v/KODE", "x", file, 422, "Pilih dulu berkas PDF-nya.", same},
		{"an unknown code", "/v/TIDAKADA", "pdf", file, 404, "tidak dikenal", same},
		{"a huge one", "/v/KODE", "pdf", make([]byte, 60<<20), 413, "melebihi batas 50 MB", same},
	} {
		p := w.browser().uploadAs(c.field, c.path, "surat.pdf", c.data).want(t, c.status, c.want)
		if strings.Contains(p.text, c.not) {
			t.Errorf("%s: %s", c.name, p.text)
		}
		checkPage(t, p, "id")
	}
	w.browser().post("/v/KODE", "pdf", "x").want(t, 400, "tidak terbaca")
	if p := w.browser().get("/v/KODE"); strings.Contains(p.text, same) || strings.Contains(p.text, other) {
		t.Errorf("nothing was compared: %s", p.text)
	}
}

// TestBackAfterLogIn: who was signed out while filling in a form comes back to that form.
func TestBackAfterLogIn(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	p := b.post("/tanda-tangan", "doctitle", "x").want(t, 200, "Masuk, lalu isi formulirnya lagi.")
	if p = b.post(p.path, "nik", nikSari, "password", staffSecret, "lanjut", "/tanda-tangan"); p.path != "/tanda-tangan" {
		t.Errorf("after log-in at %s", p.path)
	}
	p = w.browser().post("/permohonan/abc/setujui")
	if !strings.HasPrefix(p.path, "/masuk?lanjut=%2Fpermohonan%2Fabc&") || !strings.Contains(p.body, `name="lanjut" value="/permohonan/abc"`) {
		t.Errorf("from a decision to %s", p.path)
	}
}

// TestFaultOfNoField: what is wrong with the certificate is not said of the file that somebody chose.
func TestFaultOfNoField(t *testing.T) {
	w := newWorld(t)
	c, err := w.issuer.IssueFor(t.Context(), ra.Request{Name: "Sari Contoh", Passphrase: passphrase})
	if err != nil {
		t.Fatal(err)
	}
	w.docs.credentials[string(w.verifier1)], w.docs.certificate = true, c.DER
	w.sleep(3 * 366 * 24 * time.Hour)
	sari := w.browser()
	sari.login(nikSari, staffSecret)
	p := sari.uploadAs("pdf", "/tanda-tangan", "surat.pdf", letterPDF, "passphrase_sign", "x").want(t, 422, "Sertifikat Anda berakhir", "Minta verifikator")
	checkPage(t, p, "id")
	if strings.Contains(p.body, `-fault"`) || strings.Contains(p.body, `aria-invalid`) {
		t.Errorf("a field is blamed: %s", p.body)
	}
}

// TestForeignDocument: a document of another person is not there, whoever asks.
func TestForeignDocument(t *testing.T) {
	w := newWorld(t)
	w.docs.add("KODE", w.verifier1, "Surat rahasia", reports()[pades.Valid])
	sari, tono, wati := w.browser(), w.browser(), w.browser()
	sari.login(nikSari, staffSecret)
	tono.login(nikTono, staffSecret)
	wati.login(nikWati, staffSecret)
	p := sari.get("/dokumen/KODE/unduh").want(t, 200)
	if kind, params, err := mime.ParseMediaType(p.header.Get("Content-Disposition")); err != nil || kind != "attachment" || params["filename"] != "Surat rahasia_sign.pdf" || p.body != "%PDF of KODE" || p.header.Get("Cache-Control") != "no-store" {
		t.Errorf("the download: %v, %q", p.header, p.body)
	}
	for _, path := range []string{"/dokumen/%s", "/dokumen/%s/unduh"} {
		for name, b := range map[string]*browser{"verifier": tono, "administrator": wati} {
			there, nowhere := b.get(fmt.Sprintf(path, "KODE")).want(t, 404), b.get(fmt.Sprintf(path, "TIDAKADA")).want(t, 404)
			if there.text != nowhere.text || strings.Contains(there.text, "rahasia") {
				t.Errorf("a %s learns of another's document: %s", name, there.text)
			}
		}
		if p := w.browser().get(fmt.Sprintf(path, "KODE")); !strings.HasPrefix(p.path, "/masuk") || strings.Contains(p.text, "rahasia") {
			t.Errorf("a visitor gets %s: %s", p.path, p.text)
		}
	}
}

// TestForeignAgency: an officer of another agency is told of an application what a stranger is told: nothing.
func TestForeignAgency(t *testing.T) {
	w := newWorld(t)
	k := newWalk(w)
	for _, s := range k.steps()[:4] {
		s.do().want(t, 200)
	}
	other, err := w.accounts.AddOrganisation(t.Context(), account.Organisation{Name: "Dinas Lain", Domain: "lain.contoh.test"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.accounts.Add(t.Context(), account.Invitation{
		NIK: "3300000000000007", Organisation: other, Name: "Lain Contoh", Position: "Pengelola", Unit: "Umum", Email: "lain@lain.contoh.test",
	}, staffSecret, account.Verifier); err != nil {
		t.Fatal(err)
	}
	b := w.browser()
	b.login("3300000000000007", staffSecret)
	for _, path := range []string{"", "/bukti"} {
		b.get(k.application+path).want(t, 404, "Permohonan ini tidak ada")
	}
	for _, tab := range []string{"periksa", "perbaikan", "pemilik", "terbit", "tutup"} {
		if p := b.get("/permohonan?tahap=" + tab); strings.Contains(p.text, "Budi") || !strings.Contains(p.text, "Perlu diperiksa 0") {
			t.Errorf("the queue of another agency: %s", p.text)
		}
	}
	for _, action := range []string{"/setujui", "/kembalikan", "/tolak", "/kirim-ulang"} {
		b.post(k.application+action, "check", "identity", "check", "letter", "check", "position", "check", "email", "reason", "unreadable").want(t, 404)
	}
	k.tono.get(k.application).want(t, 200, "Sedang diperiksa")
}

// TestForeignCertificate: certificates and returned applications belong to one person.
func TestForeignCertificate(t *testing.T) {
	w := newWorld(t)
	k := newWalk(w)
	for _, s := range k.steps() {
		s.do()
	}
	m := regexp.MustCompile(`/sertifikat/([0-9A-Za-z]+)\.pem`).FindStringSubmatch(k.budi.get("/sertifikat").body)
	if m == nil {
		t.Fatal("no certificate to load down")
	}
	p := k.budi.get(m[0]).want(t, 200)
	if !strings.HasPrefix(p.body, "-----BEGIN CERTIFICATE-----") || p.header.Get("Cache-Control") != "no-store" || !strings.HasPrefix(p.header.Get("Content-Disposition"), "attachment") {
		t.Errorf("the owner gets %v %q", p.header, p.body)
	}
	for _, b := range []*browser{k.sari, k.tono, k.wati} {
		b.get(m[0]).want(t, 404)
	}
	id := strings.TrimPrefix(k.application, "/permohonan/")
	if p := k.tono.upload("/sertifikat/bukti", "surat.pdf", letterPDF, "application", id, "letter", "1", "consent", "ya"); p.status < 400 {
		t.Errorf("another person handed in evidence: %d %s", p.status, p.text)
	}
}

// posts lists every address that takes a form, from the one list of addresses.
func posts(t *testing.T) (paths []string) {
	t.Helper()
	b, err := os.ReadFile("routes.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`"POST (/[^"]*)"`).FindAllStringSubmatch(string(b), -1) {
		paths = append(paths, regexp.MustCompile(`\{\w+\}`).ReplaceAllString(m[1], "x"))
	}
	if len(paths) < 10 {
		t.Fatalf("only %d addresses found", len(paths))
	}
	return paths
}

// TestEveryFormIsGuarded: no form is taken from another site, and none does anything for GET.
func TestEveryFormIsGuarded(t *testing.T) {
	w := newWorld(t)
	sari := w.browser()
	sari.login(nikSari, staffSecret)
	for _, path := range posts(t) {
		r, err := http.NewRequestWithContext(t.Context(), "POST", w.url(path), nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Sec-Fetch-Site", "cross-site")
		if p := sari.do(r); p.status != 403 || !strings.Contains(p.text, "dikirim dari situs lain") {
			t.Errorf("POST %s from another site: %d %s", path, p.status, p.text)
		}
	}
	sari.get("/keluar").want(t, 404)
	sari.get("/permohonan").want(t, 200)
}

// TestSessionChanges: a session that somebody planted in a browser is worth nothing after the log-in there.
func TestSessionChanges(t *testing.T) {
	w := newWorld(t)
	attacker := w.browser()
	attacker.login(nikTono, staffSecret)
	attacker.get("/permohonan").want(t, 200)
	victim := &browser{w, &http.Client{Jar: attacker.c.Jar}}
	before := victim.c.Jar.Cookies(mustURL(t, w.server.URL))
	planted := w.browser()
	planted.c.Jar.SetCookies(mustURL(t, w.server.URL), before)
	planted.get("/permohonan").want(t, 200, "Tono Contoh")
	victim.login(nikSari, staffSecret).want(t, 200, "Sari Contoh")
	if p := planted.get("/permohonan"); !strings.HasPrefix(p.path, "/masuk") {
		t.Errorf("the planted session still works: %s", p.text)
	}
	made := w.browser()
	made.c.Jar.SetCookies(mustURL(t, w.server.URL), []*http.Cookie{{Name: "absah", Value: "pilihan-penyerang"}})
	made.login(nikSari, staffSecret).want(t, 200)
	for _, c := range made.c.Jar.Cookies(mustURL(t, w.server.URL)) {
		if c.Name == "absah" && (c.Value == "pilihan-penyerang" || len(c.Value) < 20) {
			t.Errorf("the session is %q after log-in", c.Value)
		}
	}
}

// TestHostileNames: what people type and name comes back as text, and a file's name stays inside its header.
func TestHostileNames(t *testing.T) {
	w := newWorld(t)
	k := newWalk(w)
	for _, s := range k.steps()[:3] {
		s.do().want(t, 200)
	}
	link := w.link("/aktivasi/")
	if p := k.budi.upload(link, "surat.pdf", letterPDF, "langkah", "bukti", "letter", "800/\u202e1", "consent", "ya"); p.status != 422 {
		t.Errorf("a number that turns round is taken: %d", p.status)
	}
	k.budi.upload(link, `..\..\x"; filename="jahat.html`+"\u202efdp.<b>", letterPDF, "langkah", "bukti", "letter", `<img src=x>`, "consent", "ya").want(t, 200)
	p := k.tono.get(k.application).want(t, 200, "<img src=x>")
	if strings.Contains(p.body, "<img src=x>") || strings.Contains(p.body, "\u202e") {
		t.Errorf("a name acts on the page: %s", p.body)
	}
	p = k.tono.get(k.application+"/bukti").want(t, 200)
	kind, params, err := mime.ParseMediaType(p.header.Get("Content-Disposition"))
	if err != nil || kind != "attachment" || strings.ContainsAny(params["filename"], "\\/\"<>;\r\n\u202e") || params["filename"] == "" {
		t.Errorf("the evidence comes as %q: %s %v %v", p.header.Get("Content-Disposition"), kind, params, err)
	}
	if p.header.Get("Cache-Control") != "no-store" || p.header.Get("Content-Type") != "application/pdf" || !strings.Contains(p.header.Get("Content-Security-Policy"), "sandbox") {
		t.Errorf("the evidence comes with %v", p.header)
	}
}

// TestPictureInFull: a picture opens in the browser, still without any right; a PDF never does.
func TestPictureInFull(t *testing.T) {
	for kind, data := range map[string][]byte{"image/png": append([]byte("\x89PNG\r\n\x1a\n<script>"), make([]byte, 100)...), "application/pdf": letterPDF} {
		w := newWorld(t)
		k := newWalk(w)
		for _, s := range k.steps()[:3] {
			s.do().want(t, 200)
		}
		k.budi.upload(w.link("/aktivasi/"), "surat.html", data, "langkah", "bukti", "letter", "800/1", "consent", "ya").want(t, 200)
		want := map[string]string{"image/png": "inline", "application/pdf": "attachment"}[kind]
		p := k.tono.get(k.application+"/bukti?lihat=1").want(t, 200)
		if d, _, err := mime.ParseMediaType(p.header.Get("Content-Disposition")); err != nil || d != want || p.header.Get("Content-Type") != kind ||
			p.header.Get("X-Content-Type-Options") != "nosniff" || !strings.Contains(p.header.Get("Content-Security-Policy"), "sandbox") {
			t.Errorf("%s comes with %v", kind, p.header)
		}
		if shown := strings.Contains(k.tono.get(k.application).body, "lihat=1"); shown != (want == "inline") {
			t.Errorf("%s: a link to look at it: %v", kind, shown)
		}
	}
}

// TestKeptOut: search engines keep to the front page, forms without files stay small, and an empty log-in is no try.
func TestKeptOut(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	for path, want := range map[string]string{"/": "", "/masuk": "noindex", "/v/X": "noindex", "/aktivasi/x": "noindex"} {
		if got := b.get(path).header.Get("X-Robots-Tag"); got != want {
			t.Errorf("%s: X-Robots-Tag %q, want %q", path, got, want)
		}
	}
	for _, path := range []string{"/masuk", "/lupa-sandi", "/permohonan/baru", "/passphrase/x", "/sandi/x"} {
		b.upload(path, "besar.bin", bytes.Repeat([]byte{0}, 1<<20)).want(t, 400, "Formulir ini tidak terbaca")
	}
	for range 8 {
		b.post("/masuk", "nik", nikSari).want(t, 422, "Sandi: Isi kolom ini.")
	}
	b.login(nikSari, staffSecret).want(t, 200, "Sari Contoh")
}

// TestEvenTime: what must not tell who is registered waits for its time, with an account and without.
func TestEvenTime(t *testing.T) {
	const least = 60 * time.Millisecond
	defer web.SetEvenTime(least)()
	w := newWorld(t)
	for _, nik := range []string{nikSari, "3300000000000099"} {
		for path, form := range map[string][]string{
			"/lupa-sandi":      {"nik", nik},
			"/permohonan/baru": {"organisation", string(w.agency), "nik", nik, "name", "Budi Contoh", "position", "Analis", "unit", "Umum", "email", "b" + nik[14:] + "@dinas.contoh.test"},
		} {
			start := time.Now()
			w.browser().post(path, form...).want(t, 200, "Bila data cocok")
			if d := time.Since(start); d < least {
				t.Errorf("%s with %s answered after %v, before its time", path, nik, d)
			}
		}
	}
}

// TestExpired: the owner of a certificate that ended learns what stays and what to do, and can be registered again.
func TestExpired(t *testing.T) {
	w := newWorld(t)
	k := newWalk(w)
	for _, s := range k.steps() {
		s.do()
	}
	if p := k.budi.get("/sertifikat"); strings.Contains(p.text, "sudah berakhir") {
		t.Errorf("a new certificate has ended: %s", p.text)
	}
	w.sleep(3 * 366 * 24 * time.Hour)
	k.budi.login(nikBudi, budiSecret)
	p := k.budi.get("/sertifikat").want(t, 200, "sertifikat berakhir", "Sertifikat Anda sudah berakhir", "tetap sah", "mendaftarkan Anda")
	checkPage(t, p, "id")
	k.sari.login(nikSari, staffSecret)
	k.apply().want(t, 200, "Menunggu aktivasi")
	if p := k.budi.get("/sertifikat"); strings.Contains(p.text, "mendaftarkan Anda") {
		t.Errorf("who is registered again is told to ask for it: %s", p.text)
	}
}

// TestEmptyPassphrase: all that is missing is said at once, and a statement is not read out as the name of a field.
func TestEmptyPassphrase(t *testing.T) {
	w := newWorld(t)
	k := newWalk(w)
	for _, s := range k.steps()[:6] {
		s.do().want(t, 200)
	}
	k.budi.login(nikBudi, budiSecret)
	p := k.budi.post(w.link("/passphrase/")).want(t, 422, "Passphrase: Isi kolom ini.", "Centang pernyataan ini")
	checkPage(t, p, "id")
	if strings.Contains(p.text, "passphrase ini.:") || len(w.issuer.issued()) > 0 {
		t.Errorf("the page says %s", p.text)
	}
}

// TestNoLinkNoFile: a file is read only behind a link that works, and a form that is sent twice finds how things stand.
func TestNoLinkNoFile(t *testing.T) {
	w := newWorld(t)
	k := newWalk(w)
	for _, s := range k.steps()[:3] {
		s.do().want(t, 200)
	}
	r := &counted{Reader: bytes.NewReader(make([]byte, 6<<20))}
	req, err := http.NewRequestWithContext(t.Context(), "POST", w.url("/aktivasi/tidak-ada"), r)
	if err != nil {
		t.Fatal(err)
	}
	rec := httptest.NewRecorder()
	req.Header.Set("Content-Type", "multipart/form-data; boundary=x")
	w.handler.ServeHTTP(rec, req)
	if rec.Code != 410 || r.n > 0 {
		t.Errorf("without a link: %d, %d bytes read", rec.Code, r.n)
	}
	link := w.link("/aktivasi/")
	send := func() page {
		return k.budi.upload(link, "surat.pdf", letterPDF, "langkah", "bukti", "letter", "800/1", "consent", "ya")
	}
	send().want(t, 200, "Permohonan Anda diperiksa")
	send().want(t, 410, "Tautan sudah dipakai", "Sedang diperiksa")
}

type counted struct {
	*bytes.Reader
	n int
}

func (c *counted) Read(b []byte) (int, error) {
	n, err := c.Reader.Read(b)
	c.n += n
	return n, err
}
