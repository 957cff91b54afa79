package app

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"absah/internal/ca"
	"absah/internal/testkit"
	"absah/pades"
	"absah/trust"
)

// TestTrustKit takes every file of /trust/ over HTTP and gives it to the programs that it is for.
func TestTrustKit(t *testing.T) {
	d := startDemo(t)
	dir := testkit.Folder(t)
	get := func(name string) []byte {
		t.Helper()
		resp, err := http.Get(d.base() + "/trust/" + name)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		b, err := io.ReadAll(resp.Body)
		if err != nil || resp.StatusCode != http.StatusOK {
			t.Fatalf("/trust/%s: %d, %v", name, resp.StatusCode, err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
		return b
	}
	for name := range d.kit.Files {
		get(name)
	}
	at := func(name string) string { return filepath.Join(dir, name) }

	p, err := trust.ParsePackage(get("package.json"))
	if err != nil || len(p.Anchors) != 1 || !bytes.Equal(p.Anchors[0].Certificate.Raw, d.Root()) || p.Name["id"] == "" || p.Date.IsZero() {
		t.Fatalf("package.json: %+v, %v", p, err)
	}

	// What is signed is what the programs must accept with the root alone.
	sample := get("contoh.pdf")
	e, err := pades.Gather(context.Background(), bytes.NewReader(sample), int64(len(sample)), pades.GatherOptions{})
	if err != nil {
		t.Fatal(err)
	}
	policy := trust.Basic()
	policy.Time, policy.Anchors = time.Now(), []trust.Anchor{{Certificate: p.Anchors[0].Certificate, Kind: trust.AnchorGiven}}
	if r := pades.Judge(e, policy); r.Verdict != pades.Valid || r.Signatures[0].Level != "PAdES-BASELINE-LT" {
		t.Errorf("contoh.pdf: %s, %s", r.Verdict, r.Signatures[0].Level)
	}

	for _, args := range [][]string{
		{"x509", "-inform", "DER", "-in", at("root.cer"), "-noout", "-subject"},
		{"x509", "-in", at("root.pem"), "-noout", "-subject"},
		{"verify", "-CAfile", at("root.pem"), at("chain.pem")},
		{"pkcs7", "-inform", "DER", "-in", at("chain.p7b"), "-print_certs", "-noout"},
	} {
		if out := testkit.Tool(t, "openssl", args...); strings.Count(out, "Absah Uji") == 0 && !strings.Contains(out, "OK") {
			t.Errorf("openssl %v: %s", args, out)
		}
	}
	if out := testkit.Tool(t, "openssl", "pkcs7", "-inform", "DER", "-in", at("chain.p7b"), "-print_certs", "-noout"); strings.Count(out, "subject=") != 2 {
		t.Errorf("chain.p7b holds other than two certificates: %s", out)
	}
	testkit.Tool(t, "openssl", "cms", "-verify", "-inform", "DER", "-in", at("fingerprints.txt.p7s"), "-content", at("fingerprints.txt"),
		"-CAfile", at("root.pem"), "-purpose", "any", "-binary", "-out", os.DevNull)
	prints := strings.Join(strings.Fields(string(get("fingerprints.txt"))), "")
	for _, c := range []string{ca.Root, ca.Issuing} {
		if x := shownRoot(d.pki.certs[c], "", true); !strings.Contains(prints, x.SHA256) {
			t.Errorf("fingerprints.txt lacks that of %s", c)
		}
	}
	out := testkit.Tool(t, "openssl", "x509", "-inform", "DER", "-in", at("root.cer"), "-noout", "-fingerprint", "-sha256")
	if _, sum, _ := strings.Cut(strings.TrimSpace(out), "="); !strings.Contains(prints, strings.ReplaceAll(sum, ":", "")) {
		t.Errorf("openssl says %s, which is not in fingerprints.txt", out)
	}

	// As the page /percaya says.
	nss := "sql:" + testkit.Folder(t)
	testkit.Tool(t, "certutil", "-N", "-d", nss, "--empty-password")
	testkit.Tool(t, "certutil", "-A", "-d", nss, "-n", "absah", "-t", ",C,", "-i", at("root.cer"))
	if out := testkit.Tool(t, "pdfsig", "-no-ocsp", "-nssdir", strings.TrimPrefix(nss, "sql:"), at("contoh.pdf")); !strings.Contains(out, "Signature is Valid") || !strings.Contains(out, "Certificate is Trusted") {
		t.Errorf("pdfsig: %s", out)
	}
}

// TestTrustKitIsKept: what was signed once is served again after a restart, and made anew before its certificate ends.
func TestTrustKitIsKept(t *testing.T) {
	ctx := context.Background()
	now := time.Now()
	c := Config{Dir: t.TempDir(), Passphrase: "sebuah kalimat sandi uji", BaseURL: "http://absah.example", Now: func() time.Time { return now }}
	sample := func() []byte {
		t.Helper()
		a, err := Open(ctx, c)
		if err != nil {
			t.Fatal(err)
		}
		defer a.Close()
		return a.kit.Files[sampleName].Data
	}
	first := sample()
	if len(first) == 0 {
		t.Fatal("no sample")
	}
	if !bytes.Equal(sample(), first) {
		t.Error("the second start made another sample")
	}
	now = now.Add(650 * 24 * time.Hour)
	if bytes.Equal(sample(), first) {
		t.Error("the sample was not renewed before its certificate ended")
	}
}

func TestOperator(t *testing.T) {
	dir := t.TempDir()
	write := func(name, s string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(s), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if o, err := readOperator(dir); err != nil || o.Name != nil {
		t.Errorf("no file: %+v, %v", o, err)
	}
	vectors, err := os.ReadFile("../../vectors/trust.json")
	if err != nil {
		t.Fatal(err)
	}
	write("lain.json", string(vectors))
	write(operatorName, `{"name": {"id": "Dinas Contoh"}, "psre": {"recognised": true, "reference": {"id": "Keputusan Contoh 1"}}, "report": "mailto:lapor@contoh.example",
		"notices": [{"id": "Dirawat.", "from": "2027-01-01T00:00:00Z", "until": "2027-01-02T00:00:00Z"}],
		"team": {"contacts": [{"link": "tel:+62000"}, {"link": "https://contoh.example"}]}, "trust": "lain.json", "status_hosts": ["ocsp.contoh.example:8080"]}`)
	o, err := readOperator(dir)
	if err != nil {
		t.Fatal(err)
	}
	if o.Name.In("en") != "Dinas Contoh" || o.Recognition.In("id") == "" || len(o.Team.Contacts) != 2 || len(o.trust.Anchors) == 0 {
		t.Errorf("%+v", o)
	}
	if h := o.statusHosts(nil); len(h) != 1 || h[0] != "ocsp.contoh.example:8080" {
		t.Errorf("hosts %v", h)
	}
	for _, bad := range []string{
		`{"nama": {"id": "x"}}`, `{} {}`, `{"name": {"en": "x"}}`, `{"name": {"id": "x", "jv": "y"}}`, `{"psre": {"recognised": true}}`,
		`{"psre": {"reference": {"id": "x"}}}`, `{"report": "javascript:alert(1)"}`, `{"report": "http://contoh.example"}`, `{"report": "https:"}`,
		`{"notices": [{"en": "x"}]}`, `{"notices": [{"id": "x", "from": "2027-01-02T00:00:00Z", "until": "2027-01-01T00:00:00Z"}]}`,
		`{"team": {"contacts": [{"link": "data:text/html,x"}]}}`, `{"trust": "tidak-ada.json"}`, `{"trust": "operator.json"}`,
		`{"status_hosts": ["http://a.example"]}`, `{"status_hosts": ["a.example/x"]}`, `{"status_hosts": ["u@a.example"]}`, `{"status_hosts": [""]}`,
		`{"name": {"id": "` + strings.Repeat("x", 2001) + `"}}`,
	} {
		write(operatorName, bad)
		if _, err := readOperator(dir); err == nil {
			t.Errorf("accepted: %.80s", bad)
		}
	}
}

// TestOperatorDocument: the example of the manual is one that the program reads.
func TestOperatorDocument(t *testing.T) {
	b, err := os.ReadFile("../../docs/operator.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(b), "```json\n")
	example, _, ok := strings.Cut(rest, "```")
	if !ok {
		t.Fatal("no example")
	}
	dir := t.TempDir()
	vectors, err := os.ReadFile("../../vectors/trust.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "kepercayaan.json"), vectors, 0o600); err != nil {
		t.Fatal(err)
	}
	o, err := parseOperator([]byte(example), dir)
	if err != nil || len(o.Notices) != 1 || len(o.Team.Contacts) != 2 || o.trust == nil || o.Report == "" {
		t.Errorf("%+v, %v", o, err)
	}
}
