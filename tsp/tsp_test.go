package tsp_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/sha256"
	"encoding/pem"
	"errors"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"absah/internal/testkit"
	"absah/tsp"
)

func TestRequest(t *testing.T) {
	sum := sha256.Sum256([]byte("isi"))
	r, err := tsp.NewRequest(crypto.SHA256, sum[:], big.NewInt(4711))
	if err != nil {
		t.Fatal(err)
	}
	r.Policy = "1.3.6.1.4.1.32473.1.4.1"
	der, err := r.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	got, err := tsp.ParseRequest(der)
	if err != nil || got.Hash != crypto.SHA256 || !bytes.Equal(got.Digest, sum[:]) || got.Nonce.Int64() != 4711 || got.Policy != r.Policy || !got.CertReq {
		t.Errorf("ParseRequest = %+v, %v", got, err)
	}
	if _, err := tsp.NewRequest(crypto.SHA256, sum[:10], nil); err == nil {
		t.Error("a digest of the wrong length was accepted")
	}
}

func token(t testing.TB, p *testkit.PKI, message string) []byte {
	t.Helper()
	sum := sha256.Sum256([]byte(message))
	b, err := p.Timestamp(context.Background(), crypto.SHA256, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestToken(t *testing.T) {
	p := testkit.NewPKI(t, nil)
	b := token(t, p, "isi")
	tok, err := tsp.ParseToken(append(bytes.Clone(b), make([]byte, 100)...)) // the padding of a PDF signature value
	if err != nil {
		t.Fatal(err)
	}
	if !tok.MatchesMessage([]byte("isi")) || tok.MatchesMessage([]byte("lain")) {
		t.Error("the imprint does not tell its message from another")
	}
	if !tok.Info.GenTime.Equal(p.Now) || tok.Info.Accuracy != time.Second || tok.Info.Serial.Sign() <= 0 {
		t.Errorf("Info = %+v", tok.Info)
	}
	c := tok.Check(nil)
	if c.Err != nil || !c.Bound || !bytes.Equal(c.Certificate, p.TSA.Certificate.Raw) {
		t.Errorf("Check = %+v, want the certificate of the authority, bound", c)
	}
	i := bytes.Index(b, []byte(tok.Info.GenTime.UTC().Format("20060102150405")))
	if i < 0 {
		t.Fatal("genTime is not in the token")
	}
	bad := bytes.Clone(b)
	bad[i+3]++ // ten years later
	tok, err = tsp.ParseToken(bad)
	if err != nil {
		t.Fatal(err)
	}
	if c := tok.Check(nil); c.Err == nil {
		t.Error("a token with another time verifies")
	}
}

func TestResponseCheck(t *testing.T) {
	p := testkit.NewPKI(t, nil)
	sum := sha256.Sum256([]byte("isi"))
	req, _ := tsp.NewRequest(crypto.SHA256, sum[:], big.NewInt(1))
	answer := func(r *tsp.Request) *tsp.Response {
		b, err := p.Answer(r)
		if err != nil {
			t.Fatal(err)
		}
		der, err := (&tsp.Response{Status: tsp.Granted, Failure: tsp.NoFailure, Token: b}).Marshal()
		if err != nil {
			t.Fatal(err)
		}
		resp, err := tsp.ParseResponse(der)
		if err != nil {
			t.Fatal(err)
		}
		return resp
	}
	if _, err := answer(req).Check(req); err != nil {
		t.Errorf("a right answer: %v", err)
	}
	other := sha256.Sum256([]byte("lain"))
	for name, asked := range map[string]*tsp.Request{
		"another nonce":  {Hash: crypto.SHA256, HashOID: req.HashOID, Digest: sum[:], Nonce: big.NewInt(2), CertReq: true},
		"another digest": {Hash: crypto.SHA256, HashOID: req.HashOID, Digest: other[:], Nonce: big.NewInt(1), CertReq: true},
		"another policy": {Hash: crypto.SHA256, HashOID: req.HashOID, Digest: sum[:], Nonce: big.NewInt(1), CertReq: true, Policy: "1.2.3"},
	} {
		if _, err := answer(req).Check(asked); err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
	for _, f := range []tsp.Failure{tsp.BadAlg, tsp.BadRequest, tsp.BadDataFormat, tsp.TimeNotAvailable, tsp.UnacceptedPolicy, tsp.UnacceptedExtension, tsp.AddInfoNotAvailable, tsp.SystemFailure} {
		der, err := tsp.Refuse(f, "alasan").Marshal()
		if err != nil {
			t.Fatal(err)
		}
		resp, err := tsp.ParseResponse(der)
		if err != nil || resp.Failure != f || resp.Text != "alasan" {
			t.Errorf("Refuse(%v) reads back as %+v, %v", f, resp, err)
			continue
		}
		var refused *tsp.RefusedError
		if _, err := resp.Check(req); !errors.As(err, &refused) || !strings.Contains(err.Error(), f.String()) {
			t.Errorf("Check of %v = %v", f, err)
		}
	}
}

// TestOpenSSL verifies our token with openssl ts.
func TestOpenSSL(t *testing.T) {
	openssl, err := exec.LookPath("openssl")
	if err != nil {
		t.Skip("openssl is not here")
	}
	p := testkit.NewPKI(t, nil)
	dir := t.TempDir()
	write := func(name string, b []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	cert := func(b []byte) []byte { return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: b}) }
	out, err := exec.Command(openssl, "ts", "-verify", "-data", write("isi", []byte("isi")), "-token_in", "-in", write("t", token(t, p, "isi")),
		"-CAfile", write("root", cert(p.Root.Certificate.Raw)), "-untrusted", write("i", cert(p.Issuing.Certificate.Raw))).CombinedOutput()
	if err != nil || !strings.Contains(string(out), "Verification: OK") {
		t.Errorf("openssl ts: %v\n%s", err, out)
	}
}

func FuzzParseToken(f *testing.F) {
	p := testkit.NewPKI(f, nil)
	f.Add(token(f, p, "isi"))
	f.Fuzz(func(_ *testing.T, b []byte) {
		if tok, err := tsp.ParseToken(b); err == nil {
			_ = tok.Check(nil)
			_ = tok.MatchesMessage([]byte("isi"))
		}
	})
}

func FuzzParseRequest(f *testing.F) {
	r, _ := tsp.NewRequest(crypto.SHA256, make([]byte, 32), big.NewInt(1))
	der, _ := r.Marshal()
	f.Add(der)
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := tsp.ParseRequest(b)
		if err != nil || r.Hash == 0 || len(r.Extensions) > 0 || r.Nonce != nil && r.Nonce.Sign() < 0 {
			return
		}
		if again, err := r.Marshal(); err != nil {
			t.Errorf("a request that was read cannot be written: %v", err)
		} else if _, err := tsp.ParseRequest(again); err != nil {
			t.Errorf("what was written cannot be read: %v", err)
		}
	})
}

func FuzzParseResponse(f *testing.F) {
	der, _ := tsp.Refuse(tsp.BadAlg, "alasan").Marshal()
	f.Add(der)
	f.Fuzz(func(_ *testing.T, b []byte) { _, _ = tsp.ParseResponse(b) })
}
