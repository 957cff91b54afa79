package ocsp_test

import (
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"absah/internal/ocsp"
	"absah/internal/testkit"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"
)

// openssl is a folder with a CA, a delegated responder and three certificates of signers, and the tool to run in it.
type openssl struct{ *testkit.OpenSSL }

func newOpenSSL(t *testing.T) *openssl {
	t.Helper()
	o := &openssl{testkit.NewOpenSSL(t)}
	curve := []string{"-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"}
	o.Write("responder.ext", []byte("extendedKeyUsage=OCSPSigning\nnoCheck=ignored\nkeyUsage=critical,digitalSignature\n"))
	o.Run(append([]string{"req", "-x509", "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/C=ID/CN=CA Contoh", "-days", "30"}, curve...)...)
	for name, serial := range map[string]string{"budi": "0x1234", "siti": "0x1235", "asing": "0x1236", "responder": "0x10"} {
		o.Run(append([]string{"req", "-keyout", name + ".key", "-out", name + ".csr", "-subj", "/CN=" + name + " Contoh"}, curve...)...)
		args := []string{"x509", "-req", "-in", name + ".csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-set_serial", serial, "-days", "20", "-out", name + ".pem"}
		if name == "responder" {
			args = append(args, "-extfile", "responder.ext")
		}
		o.Run(args...)
	}
	return o
}

func (o *openssl) certificate(name string) *x509.Certificate {
	o.T.Helper()
	block, _ := pem.Decode(o.Read(name + ".pem"))
	c, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		o.T.Fatal(err)
	}
	return c
}

func (o *openssl) key(name string) crypto.Signer {
	o.T.Helper()
	block, _ := pem.Decode(o.Read(name + ".key"))
	k, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		o.T.Fatal(err)
	}
	return k.(crypto.Signer)
}

// bits are the public key bits of a certificate, over which CertIDs and responder names are made.
func bits(t *testing.T, c *x509.Certificate) []byte {
	t.Helper()
	in := cryptobyte.String(c.RawSubjectPublicKeyInfo)
	var spki, key cryptobyte.String
	if !in.ReadASN1(&spki, asn1.SEQUENCE) || !spki.SkipASN1(asn1.SEQUENCE) || !spki.ReadASN1(&key, asn1.BIT_STRING) {
		t.Fatal("public key of the certificate")
	}
	return key[1:]
}

// TestOpenSSLAsks has OpenSSL as client of a responder of ours.
func TestOpenSSLAsks(t *testing.T) {
	o := newOpenSSL(t)
	issuer, delegate := o.certificate("ca"), o.certificate("responder")
	at := time.Now().UTC().Truncate(time.Second)
	var (
		mu         sync.Mutex // guards what follows
		asked      *ocsp.Request
		spoilNonce bool
	)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		body, _ := io.ReadAll(r.Body)
		req, err := ocsp.ParseRequest(body)
		if err != nil {
			t.Errorf("request of openssl: %v", err)
			_, _ = w.Write(ocsp.ErrorResponse(ocsp.MalformedRequest))
			return
		}
		asked = req
		tmpl := ocsp.Template{ProducedAt: at, ResponderKey: bits(t, delegate), Nonce: req.Nonce, Certificates: [][]byte{delegate.Raw}}
		if spoilNonce {
			tmpl.Nonce = []byte("bukan yang dikirim")
		}
		for _, id := range req.IDs {
			s := ocsp.Single{ID: id, Status: ocsp.Unknown, Reason: -1, ThisUpdate: at, NextUpdate: at.Add(time.Hour), ArchiveCutoff: at.AddDate(-1, 0, 0)}
			switch {
			case !id.Names(issuer.RawSubject, bits(t, issuer), id.Serial):
				t.Errorf("CertID %+v does not name the CA", id)
			case id.Serial.Int64() == 0x1234:
				s.Status = ocsp.Good
			case id.Serial.Int64() == 0x1235:
				s.Status, s.RevokedAt, s.Reason = ocsp.Revoked, at.Add(-time.Hour), 1
			}
			tmpl.Singles = append(tmpl.Singles, s)
		}
		der, err := ocsp.Create(rand.Reader, tmpl, o.key("responder"))
		if err != nil {
			t.Error(err)
		}
		w.Header().Set("Content-Type", "application/ocsp-response")
		_, _ = w.Write(der)
	}))
	defer server.Close()

	for _, hash := range []string{"-sha1", "-sha256", "-sha384", "-sha512"} {
		out := o.Run("ocsp", "-url", server.URL, "-issuer", "ca.pem", hash, "-cert", "budi.pem", hash, "-cert", "siti.pem", hash, "-cert", "asing.pem", "-CAfile", "ca.pem")
		for _, want := range []string{"Response verify OK", "budi.pem: good", "siti.pem: revoked", "Reason: keyCompromise", "asing.pem: unknown"} {
			if !strings.Contains(out, want) {
				t.Errorf("openssl ocsp %s does not say %q:\n%s", hash, want, out)
			}
		}
		mu.Lock()
		if strings.Contains(out, "WARNING") || len(asked.IDs) != 3 || len(asked.Nonce) == 0 {
			t.Errorf("openssl ocsp %s asked for %d with nonce %x:\n%s", hash, len(asked.IDs), asked.Nonce, out)
		}
		mu.Unlock()
	}
	out := o.Run("ocsp", "-url", server.URL, "-issuer", "ca.pem", "-cert", "budi.pem", "-CAfile", "ca.pem", "-no_nonce")
	mu.Lock()
	if !strings.Contains(out, "budi.pem: good") || asked.Nonce != nil {
		t.Errorf("without nonce (sent %x):\n%s", asked.Nonce, out)
	}
	spoilNonce = true
	mu.Unlock()
	cmd := exec.Command(o.Path, "ocsp", "-url", server.URL, "-issuer", "ca.pem", "-cert", "budi.pem", "-CAfile", "ca.pem")
	cmd.Dir = o.Dir
	if out, err := cmd.CombinedOutput(); err == nil || !strings.Contains(string(out), "Nonce Verify error") {
		t.Errorf("openssl accepts another nonce than it sent: %v\n%s", err, out)
	}
}

// TestOpenSSLAnswers has OpenSSL as responder for requests of ours.
func TestOpenSSLAnswers(t *testing.T) {
	o := newOpenSSL(t)
	issuer, delegate := o.certificate("ca"), o.certificate("responder")
	revokedAt := time.Now().UTC().Add(-24 * time.Hour).Truncate(time.Second)
	expiry := time.Now().UTC().AddDate(1, 0, 0).Format("060102150405Z")
	o.Write("index.txt", fmt.Appendf(nil, "V\t%s\t\t1234\tunknown\t/CN=budi Contoh\nR\t%s\t%s,superseded\t1235\tunknown\t/CN=siti Contoh\n",
		expiry, expiry, revokedAt.Format("060102150405Z")))
	for _, h := range []crypto.Hash{crypto.SHA1, crypto.SHA256, crypto.SHA384, crypto.SHA512} {
		var ids []ocsp.CertID
		for _, serial := range []int64{0x1234, 0x1235, 0x9999} {
			ids = append(ids, ocsp.NewCertID(h, issuer.RawSubject, bits(t, issuer), big.NewInt(serial)))
		}
		nonce := make([]byte, ocsp.NonceSize)
		_, _ = rand.Read(nonce)
		q, err := ocsp.NewRequest(ids, nonce)
		if err != nil {
			t.Fatal(err)
		}
		o.Write("q.der", q)
		if out := o.Run("ocsp", "-reqin", "q.der", "-req_text"); !strings.Contains(out, "Serial Number: 1234") || !strings.Contains(out, "Serial Number: 9999") {
			t.Errorf("openssl reads our request as\n%s", out)
		}
		o.Run("ocsp", "-index", "index.txt", "-rsigner", "responder.pem", "-rkey", "responder.key", "-CA", "ca.pem", "-ndays", "1", "-reqin", "q.der", "-respout", "r.der")
		r, err := ocsp.Parse(o.Read("r.der"))
		if err != nil || r.Status != ocsp.Successful {
			t.Fatalf("response of openssl = %+v, %v", r, err)
		}
		if err := r.VerifySignature(delegate.PublicKey); err != nil {
			t.Errorf("VerifySignature = %v", err)
		}
		if r.VerifySignature(issuer.PublicKey) == nil {
			t.Error("the response verifies under the key of the CA, which did not sign it")
		}
		req, _ := ocsp.ParseRequest(q)
		if err := r.Answers(req); err != nil || string(r.Nonce) != string(nonce) {
			t.Errorf("Answers = %v, nonce %x, want %x", err, r.Nonce, nonce)
		}
		if !r.NamedBy(delegate.RawSubject, bits(t, delegate)) || len(r.Certificates) == 0 || string(r.Certificates[0]) != string(delegate.Raw) {
			t.Errorf("the responder is not named or not inside: %x", r.ResponderName)
		}
		for serial, want := range map[int64]ocsp.Single{0x1234: {Status: ocsp.Good, Reason: -1}, 0x1235: {Status: ocsp.Revoked, Reason: 4, RevokedAt: revokedAt}, 0x9999: {Status: ocsp.Unknown, Reason: -1}} {
			s, ok := r.Find(issuer.RawSubject, bits(t, issuer), big.NewInt(serial))
			if !ok || s.Status != want.Status || s.Reason != want.Reason || !s.RevokedAt.Equal(want.RevokedAt) || s.NextUpdate.Sub(s.ThisUpdate) != 24*time.Hour {
				t.Errorf("answer for %x under %v = %+v, want %+v", serial, h, s, want)
			}
		}
	}
}
