package pades_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"encoding/pem"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"absah/internal/testkit"
	"absah/pades"
	"absah/trust"
)

func options(p *testkit.PKI, level pades.Level) pades.SignOptions {
	return pades.SignOptions{
		Certificate: p.Signer.Certificate.Raw, Chain: p.Signer.Chain, Level: level, Time: p.Now, Timestamper: p, Fetcher: p,
		Reason: "Persetujuan", Location: "Kota Contoh",
	}
}

func sign(t *testing.T, p *testkit.PKI, doc []byte, o pades.SignOptions) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := pades.Sign(context.Background(), &out, bytes.NewReader(doc), int64(len(doc)), p.Signer.Key, o); err != nil {
		t.Fatalf("Sign: %v", err)
	}
	if !bytes.HasPrefix(out.Bytes(), doc) {
		t.Fatal("the signed document does not begin with the original")
	}
	return out.Bytes()
}

func judge(t *testing.T, p *testkit.PKI, doc []byte) *pades.Report {
	t.Helper()
	e, err := pades.Gather(context.Background(), bytes.NewReader(doc), int64(len(doc)), pades.GatherOptions{})
	if err != nil {
		t.Fatalf("Gather: %v", err)
	}
	policy := trust.Basic()
	policy.Time, policy.Anchors = p.Now, p.Anchors(t)
	return pades.Judge(e, policy)
}

func dump(r *pades.Report) string {
	b, _ := json.MarshalIndent(r, "", " ")
	return string(b)
}

func TestSignLevels(t *testing.T) {
	p := testkit.NewPKI(t, nil)
	doc := testkit.Document(t, 2)
	for level, want := range map[pades.Level]string{
		pades.LevelB: "PAdES-BASELINE-B", pades.LevelT: "PAdES-BASELINE-T", pades.LevelLT: "PAdES-BASELINE-LT", pades.LevelLTA: "PAdES-BASELINE-LTA",
	} {
		t.Run(string(level), func(t *testing.T) {
			signed := sign(t, p, doc, options(p, level))
			checkTools(t, p, signed, 1)
			if level == pades.LevelB || level == pades.LevelT {
				return // nothing embedded says whether the certificate is revoked
			}
			r := judge(t, p, signed)
			s := r.Signatures[0]
			if r.Verdict != pades.Valid || s.Level != want || s.Indication != pades.TotalPassed || s.Modification.Worse(pades.ModificationLTA) {
				t.Errorf("verdict %s, level %s, want valid, %s\n%s", r.Verdict, s.Level, want, dump(r))
			}
		})
	}
}

func TestSignKeys(t *testing.T) {
	p384, _ := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	p521, _ := ecdsa.GenerateKey(elliptic.P521(), rand.Reader)
	rsa2048, _ := rsa.GenerateKey(rand.Reader, 2048)
	_, ed, _ := ed25519.GenerateKey(rand.Reader)
	doc := testkit.Document(t, 1)
	for name, c := range map[string]struct {
		key  crypto.Signer
		pss  bool
		hash crypto.Hash
	}{
		"P-384": {key: p384}, "P-521": {key: p521}, "RSA": {key: rsa2048}, "RSA-PSS": {key: rsa2048, pss: true}, "Ed25519": {key: ed},
		"P-384 SHA3-384": {key: p384, hash: crypto.SHA3_384}, "RSA SHA-512": {key: rsa2048, hash: crypto.SHA512},
	} {
		t.Run(name, func(t *testing.T) {
			p := testkit.NewPKI(t, c.key)
			o := options(p, pades.LevelLT)
			o.PSS, o.Hash = c.pss, c.hash
			r := judge(t, p, sign(t, p, doc, o))
			if r.Verdict != pades.Valid {
				t.Errorf("verdict %s\n%s", r.Verdict, dump(r))
			}
		})
	}
}

// checkTools asks pdfsig and qpdf, which we did not write.
func checkTools(t *testing.T, p *testkit.PKI, doc []byte, signatures int) {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, "signed.pdf")
	if err := os.WriteFile(path, doc, 0o600); err != nil {
		t.Fatal(err)
	}
	if qpdf, err := exec.LookPath("qpdf"); err == nil {
		if out, err := exec.Command(qpdf, "--check", path).CombinedOutput(); err != nil {
			t.Errorf("qpdf --check: %v\n%s", err, out)
		}
	}
	certutil, err1 := exec.LookPath("certutil")
	pdfsig, err2 := exec.LookPath("pdfsig")
	if err1 != nil || err2 != nil {
		t.Log("pdfsig or certutil is not here")
		return
	}
	root := filepath.Join(dir, "root.pem")
	if err := os.WriteFile(root, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: p.Root.Certificate.Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"-N", "-d", "sql:" + dir, "--empty-password"}, {"-A", "-d", "sql:" + dir, "-n", "root", "-t", "CT,CT,CT", "-i", root}} {
		if out, err := exec.Command(certutil, args...).CombinedOutput(); err != nil {
			t.Fatalf("certutil: %v\n%s", err, out)
		}
	}
	out, err := exec.Command(pdfsig, "-no-ocsp", "-nssdir", dir, path).CombinedOutput()
	if err != nil {
		t.Errorf("pdfsig: %v\n%s", err, out)
	}
	if n := strings.Count(string(out), "Signature Validation: Signature is Valid"); n < signatures {
		t.Errorf("pdfsig finds %d valid signatures, want %d\n%s", n, signatures, out)
	}
	if n := strings.Count(string(out), "Certificate Validation: Certificate is Trusted"); n < signatures {
		t.Errorf("pdfsig trusts %d certificates, want %d\n%s", n, signatures, out)
	}
}
