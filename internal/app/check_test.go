package app

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"absah/internal/ca"
	"absah/internal/ocsp"
	"absah/internal/testkit"
	"absah/pades"
	"absah/trust"
)

// TestCheckOnServer sends files as a browser without scripts does.
func TestCheckOnServer(t *testing.T) {
	ctx := context.Background()
	tmp := t.TempDir()
	t.Setenv("TMPDIR", tmp)
	d := startDemo(t)
	sample := d.kit.Files[sampleName].Data
	letter, err := d.SampleLetter()
	if err != nil {
		t.Fatal(err)
	}
	unsigned, err := os.ReadFile(letter)
	if err != nil {
		t.Fatal(err)
	}
	changed := bytes.Clone(sample)
	i := bytes.Index(changed, []byte("/Contents"))
	changed[i-200]++
	before, err := os.ReadDir(d.dir)
	if err != nil {
		t.Fatal(err)
	}
	send := func(name string, doc []byte, password string) page {
		t.Helper()
		p, err := newBrowser(d.base()).upload(ctx, "/verifikasi", url.Values{"password_pdf": {password}}, "pdf", name, doc)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	large := append(bytes.Clone(unsigned), bytes.Repeat([]byte("% \n"), 4<<20)...) // does not fit into memory that forms may have
	cases := []struct {
		name     string
		doc      []byte
		password string
		status   int
		want     []string
	}{
		{"contoh.pdf", sample, "", 200, []string{"SAH, DENGAN CATATAN", "Contoh Tanda Tangan", "sudah dibuang"}},
		{"diubah.pdf", changed, "", 200, []string{"TIDAK SAH", "sudah dibuang"}},
		{"surat.pdf", unsigned, "", 200, []string{"TIDAK ADA TANDA TANGAN ELEKTRONIK"}},
		{"besar.pdf", large, "", 200, []string{"TIDAK ADA TANDA TANGAN ELEKTRONIK"}},
		{"gambar.pdf", []byte("\x89PNG\r\n\x1a\n"), "", 422, []string{"ABS-VER-001"}},
		{"kosong.pdf", nil, "", 422, []string{"ABS-VER-001"}},
		{"<script>alert(1)</script>\u202efdp.pdf", unsigned, "", 200, []string{"script&gt;"}},
	}
	if qpdf, err := exec.LookPath("qpdf"); err == nil {
		locked := filepath.Join(t.TempDir(), "terkunci.pdf")
		if out, err := exec.Command(qpdf, "--encrypt", "buka", "pemilik", "256", "--", letter, locked).CombinedOutput(); err != nil {
			t.Fatalf("qpdf: %v\n%s", err, out)
		}
		b, err := os.ReadFile(locked)
		if err != nil {
			t.Fatal(err)
		}
		for password, want := range map[string]string{"": "ABS-VER-002", "salah": "ABS-VER-002", "buka": "TIDAK ADA TANDA TANGAN ELEKTRONIK"} {
			status := map[bool]int{true: 200, false: 422}[password == "buka"]
			cases = append(cases, struct {
				name     string
				doc      []byte
				password string
				status   int
				want     []string
			}{"terkunci.pdf", b, password, status, []string{want}})
		}
	}
	for _, c := range cases {
		p := send(c.name, c.doc, c.password)
		if p.status != c.status {
			t.Errorf("%s: %d, want %d: %s", c.name, p.status, c.status, p.complaint())
		}
		for _, w := range c.want {
			if !strings.Contains(p.body, w) {
				t.Errorf("%s %q: the answer lacks %q", c.name, c.password, w)
			}
		}
		if strings.Contains(p.body, "\u202e") || strings.Contains(p.body, "alert(1)") {
			t.Errorf("%q: the name of the file is shown as it is", c.name)
		}
		if c.password != "" && strings.Contains(p.body, `value="`+c.password) {
			t.Errorf("%s: the page repeats the password", c.name)
		}
	}

	// Nothing of it stays.
	left, err := os.ReadDir(tmp)
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	after, err := os.ReadDir(d.dir)
	if err != nil || len(after) != len(before)+1 && len(after) != len(before) { // the sample letter is written above
		t.Errorf("the folder of the instance has %d entries, before it had %d: %v", len(after), len(before), err)
	}
}

// TestStatusRelay asks the instance's own responder as the verifier in a browser does, and a neighbour that may not be reached.
func TestStatusRelay(t *testing.T) {
	neighbour := http.Server{Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the neighbour was asked") })}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = neighbour.Serve(l) }()
	t.Cleanup(func() { _ = neighbour.Close() })
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, operatorName), []byte(`{"status_hosts": ["`+l.Addr().String()+`"]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	d := startDemoIn(t, dir)
	issuer := d.pki.certs[ca.Issuing]
	request, err := ocsp.NewRequest([]ocsp.CertID{ocsp.NewCertID(crypto.SHA1, issuer.RawSubject, issuer.KeyBits, d.pki.certs[ca.TSA].Serial)}, nil)
	if err != nil {
		t.Fatal(err)
	}
	post := func(address string, body []byte) (int, []byte) {
		t.Helper()
		resp, err := http.Post(d.base()+"/verifikasi/status?url="+url.QueryEscape(address), "application/ocsp-request", bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		b, _ := io.ReadAll(resp.Body)
		return resp.StatusCode, b
	}
	status, b := post(d.pki.base+"/ocsp", request)
	if r, err := ocsp.Parse(b); status != 200 || err != nil || r.Status != ocsp.Successful {
		t.Errorf("the own responder: %d, %v", status, err)
	}
	junk := make([]byte, 100)
	_, _ = rand.Read(junk)
	if status, _ := post(d.pki.base+"/ocsp", junk); status != 400 {
		t.Errorf("what is no OCSP request: %d", status)
	}
	// The operator named a host that leads inside: package fetch refuses it all the same.
	if status, _ := post("http://"+l.Addr().String()+"/", request); status != 502 {
		t.Errorf("an inner address that the operator named: %d", status)
	}
	if status, _ := post("http://192.0.2.1/", request); status != 403 {
		t.Errorf("a stranger: %d", status)
	}
	resp, err := http.Get(d.base() + "/verifikasi/status?url=" + url.QueryEscape(d.pki.base+"/crl/issuing.crl"))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != 200 || resp.Header.Get("Content-Type") != "application/pkix-crl" {
		t.Errorf("the own list: %d, %s", resp.StatusCode, resp.Header.Get("Content-Type"))
	}
	r, err := http.NewRequest(http.MethodGet, d.base()+"/verifikasi/status?url="+url.QueryEscape(d.pki.base+"/ca/issuing.cer"), nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept", "application/pkix-cert")
	resp, err = http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if b, err := io.ReadAll(resp.Body); err != nil || !bytes.Equal(b, issuer.Raw) {
		t.Errorf("the own issuer's certificate: %d, %d bytes, %v", resp.StatusCode, len(b), err)
	}
}

// TestPaperByThePackage: what another authority signed has the anchor that the operator's trust package names.
func TestPaperByThePackage(t *testing.T) {
	d := startDemo(t)
	foreign := testkit.NewPKI(t, nil)
	letter, err := d.SampleLetter()
	if err != nil {
		t.Fatal(err)
	}
	doc, err := os.ReadFile(letter)
	if err != nil {
		t.Fatal(err)
	}
	err = d.files.Put(t.Context(), "LUAR.pdf", func(w io.Writer) error {
		return pades.Sign(t.Context(), w, bytes.NewReader(doc), int64(len(doc)), foreign.Signer.Key, pades.SignOptions{Certificate: foreign.Signer.Certificate.Raw, Chain: foreign.Signer.Chain, Time: foreign.Now})
	})
	if err != nil {
		t.Fatal(err)
	}
	anchors := foreign.Anchors(t)
	for _, c := range []struct {
		list *trust.Package
		want string
	}{{nil, "none"}, {&trust.Package{Anchors: anchors}, string(anchors[0].Kind)}} {
		d.operator.trust = c.list
		r, err := d.judgeDocument(t.Context(), "LUAR")
		if err != nil {
			t.Fatal(err)
		}
		if got := r.Signatures[0].TrustAnchor.Kind; got != c.want {
			t.Errorf("the anchor is %q, want %q", got, c.want)
		}
	}
}
