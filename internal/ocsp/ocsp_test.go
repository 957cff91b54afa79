package ocsp_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"absah/internal/ocsp"
)

var (
	subject = []byte("\x30\x0d\x31\x0b\x30\x09\x06\x03\x55\x04\x06\x13\x02ID")
	keyBits = []byte("kunci penerbit contoh")
	now     = time.Date(2027, 1, 12, 2, 30, 0, 0, time.UTC)
)

func id(h crypto.Hash, serial int64) ocsp.CertID {
	return ocsp.NewCertID(h, subject, keyBits, big.NewInt(serial))
}

func TestRequest(t *testing.T) {
	nonce := []byte("0123456789abcdef0123456789abcdef")
	der, err := ocsp.NewRequest([]ocsp.CertID{id(crypto.SHA1, 7), id(crypto.SHA256, 8), id(crypto.SHA512, 9)}, nonce)
	if err != nil {
		t.Fatal(err)
	}
	r, err := ocsp.ParseRequest(der)
	if err != nil || len(r.IDs) != 3 || !bytes.Equal(r.Nonce, nonce) {
		t.Fatalf("ParseRequest = %+v, %v", r, err)
	}
	for i, h := range []crypto.Hash{crypto.SHA1, crypto.SHA256, crypto.SHA512} {
		if r.IDs[i].Hash != h || !r.IDs[i].Names(subject, keyBits, big.NewInt(int64(7+i))) || r.IDs[i].Names(subject, keyBits, big.NewInt(99)) || r.IDs[i].Names(subject, []byte("lain"), big.NewInt(int64(7+i))) {
			t.Errorf("CertID %d = %+v does not name its certificate and no other", i, r.IDs[i])
		}
	}
	for size, ok := range map[int]bool{1: true, 16: true, 32: true, 128: true, 129: false} {
		der, _ := ocsp.NewRequest([]ocsp.CertID{id(crypto.SHA1, 7)}, bytes.Repeat([]byte{1}, size))
		if _, err := ocsp.ParseRequest(der); (err == nil) != ok {
			t.Errorf("nonce of %d bytes: %v, want accepted %v (RFC 9654 §2.1)", size, err, ok)
		}
	}
	der, _ = ocsp.NewRequest([]ocsp.CertID{id(crypto.SHA1, 7)}, []byte{})
	if _, err := ocsp.ParseRequest(der); err == nil {
		t.Error("an empty nonce was accepted")
	}
	if _, err := ocsp.NewRequest(nil, nil); err == nil {
		t.Error("a request about nothing was made")
	}
}

func TestResponse(t *testing.T) {
	key, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	other, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	der, err := ocsp.Create(rand.Reader, ocsp.Template{
		ProducedAt: now, ResponderKey: keyBits, Nonce: []byte("nonsens"), Certificates: [][]byte{{0x30, 0}},
		Singles: []ocsp.Single{
			{ID: id(crypto.SHA1, 1), Status: ocsp.Good, Reason: -1, ThisUpdate: now, NextUpdate: now.Add(time.Hour), ArchiveCutoff: now.AddDate(-1, 0, 0)},
			{ID: id(crypto.SHA256, 2), Status: ocsp.Revoked, RevokedAt: now.Add(-time.Hour), Reason: 1, ThisUpdate: now},
			{ID: id(crypto.SHA1, 3), Status: ocsp.Revoked, RevokedAt: now.Add(-time.Hour), Reason: 0, ThisUpdate: now},
			{ID: id(crypto.SHA1, 4), Status: ocsp.Unknown, Reason: -1, ThisUpdate: now},
		},
	}, key)
	if err != nil {
		t.Fatal(err)
	}
	r, err := ocsp.Parse(der)
	if err != nil || r.Status != ocsp.Successful || !r.ProducedAt.Equal(now) || string(r.Nonce) != "nonsens" || len(r.Certificates) != 1 || len(r.Singles) != 4 {
		t.Fatalf("Parse = %+v, %v", r, err)
	}
	if err := r.VerifySignature(key.Public()); err != nil {
		t.Errorf("VerifySignature = %v", err)
	}
	if err := r.VerifySignature(other.Public()); err == nil {
		t.Error("the signature verifies under another key")
	}
	if !r.NamedBy(nil, keyBits) || r.NamedBy(nil, []byte("lain")) {
		t.Error("the responder does not name itself by its key")
	}
	for serial, want := range map[int64]ocsp.Single{
		1: {Status: ocsp.Good, Reason: -1}, 2: {Status: ocsp.Revoked, Reason: 1}, 3: {Status: ocsp.Revoked, Reason: -1}, 4: {Status: ocsp.Unknown, Reason: -1},
	} {
		s, ok := r.Find(subject, keyBits, big.NewInt(serial))
		if !ok || s.Status != want.Status || s.Reason != want.Reason {
			t.Errorf("answer for %d = %+v, want status %v, reason %d", serial, s, want.Status, want.Reason)
		}
	}
	if s, _ := r.Find(subject, keyBits, big.NewInt(1)); !s.ArchiveCutoff.Equal(now.AddDate(-1, 0, 0)) || !s.NextUpdate.Equal(now.Add(time.Hour)) {
		t.Errorf("times = %+v", s)
	}
	if _, ok := r.Find(subject, keyBits, big.NewInt(5)); ok {
		t.Error("an answer was found for a certificate that was not asked about")
	}
	// A changed byte breaks the form or the signature; the certificates at the end are not signed.
	for i := range len(der) - len("[0] { { 30 00 } }")/2 {
		bad := bytes.Clone(der)
		bad[i] ^= 1
		if r, err := ocsp.Parse(bad); err == nil && r.Status == ocsp.Successful && r.VerifySignature(key.Public()) == nil {
			t.Errorf("byte %d changed and nobody noticed", i)
		}
	}
}

func TestErrorResponses(t *testing.T) {
	for _, s := range []ocsp.ResponseStatus{ocsp.MalformedRequest, ocsp.InternalError, ocsp.TryLater, ocsp.SigRequired, ocsp.Unauthorized} {
		if r, err := ocsp.Parse(ocsp.ErrorResponse(s)); err != nil || r.Status != s {
			t.Errorf("ErrorResponse(%v) reads back as %v, %v", s, r, err)
		}
	}
	for _, b := range [][]byte{nil, {0x30}, []byte("<html>"), bytes.Repeat([]byte{0x30, 0x80}, 5000)} {
		if _, err := ocsp.Parse(b); !errors.Is(err, ocsp.ErrMalformed) {
			t.Errorf("Parse(%.10x) = %v, want ErrMalformed", b, err)
		}
	}
}

// TestOpenSSL lets OpenSSL ask and answer.
func TestOpenSSL(t *testing.T) {
	openssl, err := exec.LookPath("openssl")
	if err != nil {
		t.Skip("openssl is not here")
	}
	dir := t.TempDir()
	run := func(args ...string) []byte {
		t.Helper()
		cmd := exec.Command(openssl, args...)
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("openssl %v: %v\n%s", args, err, out)
		}
		return out
	}
	run("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/C=ID/CN=CA Contoh", "-days", "30")
	run("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "a.key", "-out", "a.csr", "-subj", "/CN=Budi Contoh")
	run("x509", "-req", "-in", "a.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-set_serial", "0x1234", "-days", "20", "-out", "a.pem")
	run("ocsp", "-issuer", "ca.pem", "-cert", "a.pem", "-reqout", "q.der")
	q, err := os.ReadFile(filepath.Join(dir, "q.der"))
	if err != nil {
		t.Fatal(err)
	}
	req, err := ocsp.ParseRequest(q)
	if err != nil || len(req.IDs) != 1 || req.IDs[0].Serial.Int64() != 0x1234 || len(req.Nonce) == 0 {
		t.Fatalf("request of openssl = %+v, %v", req, err)
	}
	index := "V\t350101000000Z\t\t1234\tunknown\t/CN=Budi Contoh\n"
	if err := os.WriteFile(filepath.Join(dir, "index.txt"), []byte(index), 0o600); err != nil {
		t.Fatal(err)
	}
	mine, err := ocsp.NewRequest(req.IDs, []byte("sebuah nonce"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "mine.der"), mine, 0o600); err != nil {
		t.Fatal(err)
	}
	if out := run("ocsp", "-reqin", "mine.der", "-req_text"); !strings.Contains(string(out), "Serial Number: 1234") {
		t.Errorf("openssl reads our request as\n%s", out)
	}
	run("ocsp", "-index", "index.txt", "-rsigner", "ca.pem", "-rkey", "ca.key", "-CA", "ca.pem", "-reqin", "mine.der", "-respout", "r.der")
	r, err := os.ReadFile(filepath.Join(dir, "r.der"))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := ocsp.Parse(r)
	if err != nil || resp.Status != ocsp.Successful || len(resp.Singles) != 1 || resp.Singles[0].Status != ocsp.Good || string(resp.Nonce) != "sebuah nonce" || len(resp.Certificates) != 1 {
		t.Errorf("response of openssl = %+v, %v", resp, err)
	}
}

func FuzzParseRequest(f *testing.F) {
	der, _ := ocsp.NewRequest([]ocsp.CertID{id(crypto.SHA1, 7), id(crypto.SHA256, 8)}, []byte("0123456789abcdef"))
	f.Add(der)
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := ocsp.ParseRequest(b)
		if err == nil && (len(r.IDs) == 0 || len(r.Nonce) > 128) {
			t.Errorf("accepted %+v", r)
		}
	})
}

func FuzzParseResponse(f *testing.F) {
	key, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	der, _ := ocsp.Create(rand.Reader, ocsp.Template{ProducedAt: now, ResponderKey: keyBits, Singles: []ocsp.Single{{ID: id(crypto.SHA1, 1), Reason: -1, ThisUpdate: now}}}, key)
	f.Add(der)
	f.Add(ocsp.ErrorResponse(ocsp.TryLater))
	f.Fuzz(func(_ *testing.T, b []byte) {
		if r, err := ocsp.Parse(b); err == nil {
			_ = r.VerifySignature(key.Public())
			_, _ = r.Find(subject, keyBits, big.NewInt(1))
		}
	})
}
