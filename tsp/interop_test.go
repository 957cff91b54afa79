package tsp_test

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"testing"
	"time"

	"absah/internal/testkit"
	"absah/tsp"
)

// openssl is a folder with the certificates and the key of a time-stamp authority, and the tool to run in it.
type openssl struct{ *testkit.OpenSSL }

func newOpenSSL(t *testing.T, p *testkit.PKI) *openssl {
	t.Helper()
	o := &openssl{testkit.NewOpenSSL(t)}
	cert := func(b []byte) []byte { return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: b}) }
	key, err := x509.MarshalPKCS8PrivateKey(p.TSA.Key)
	if err != nil {
		t.Fatal(err)
	}
	o.Write("root.pem", cert(p.Root.Certificate.Raw))
	o.Write("issuing.pem", cert(p.Issuing.Certificate.Raw))
	o.Write("tsa.pem", cert(p.TSA.Certificate.Raw))
	o.Write("tsa.key", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key}))
	o.Write("isi", []byte("isi"))
	o.Write("serial", []byte("0A"))
	return o
}

// TestOpenSSLAsks: OpenSSL makes the query, we answer, OpenSSL verifies the answer against its query.
func TestOpenSSLAsks(t *testing.T) {
	p := testkit.NewPKI(t, nil)
	o := newOpenSSL(t, p)
	for _, tc := range []struct {
		name string
		args []string
		want tsp.Request
	}{
		{"SHA-256 with certificate", []string{"-sha256", "-cert"}, tsp.Request{Hash: crypto.SHA256, CertReq: true, Nonce: big.NewInt(0)}},
		{"SHA-384 with policy", []string{"-sha384", "-cert", "-tspolicy", policy}, tsp.Request{Hash: crypto.SHA384, CertReq: true, Nonce: big.NewInt(0), Policy: policy}},
		{"SHA-512 without nonce", []string{"-sha512", "-cert", "-no_nonce"}, tsp.Request{Hash: crypto.SHA512, CertReq: true}},
		{"SHA3-256", []string{"-sha3-256", "-cert"}, tsp.Request{Hash: crypto.SHA3_256, CertReq: true, Nonce: big.NewInt(0)}},
		{"without certificate", []string{"-sha256"}, tsp.Request{Hash: crypto.SHA256, Nonce: big.NewInt(0)}},
	} {
		o.Run(append([]string{"ts", "-query", "-data", "isi", "-out", "q.tsq"}, tc.args...)...)
		req, err := tsp.ParseRequest(o.Read("q.tsq"))
		if err != nil || req.Hash != tc.want.Hash || req.CertReq != tc.want.CertReq || (req.Nonce == nil) != (tc.want.Nonce == nil) || req.Policy != tc.want.Policy {
			t.Errorf("query of openssl, %s = %+v, %v", tc.name, req, err)
			continue
		}
		tok, err := tsp.Create(rand.Reader, tsp.Info{
			Policy: policy, Hash: req.Hash, Digest: req.Digest, Serial: big.NewInt(4711), GenTime: time.Now().Add(123456 * time.Microsecond),
			Accuracy: time.Second + 5*time.Millisecond + 7*time.Microsecond, Ordering: true, Nonce: req.Nonce, TSA: el(0xa4, p.TSA.Certificate.RawSubject),
		}, p.TSA.Key, p.TSA.Certificate.Raw, p.TSA.Chain, req.CertReq)
		if err != nil {
			t.Fatal(err)
		}
		der, err := (&tsp.Response{Status: tsp.Granted, Text: "baik", Token: tok}).Marshal()
		if err != nil {
			t.Fatal(err)
		}
		o.Write("r.tsr", der)
		verify := []string{"-verify", "-in", "r.tsr", "-CAfile", "root.pem", "-untrusted", "issuing.pem"}
		if !req.CertReq {
			o.Write("both.pem", append(o.Read("issuing.pem"), o.Read("tsa.pem")...))
			verify[len(verify)-1] = "both.pem"
		}
		for _, over := range [][]string{{"-queryfile", "q.tsq"}, {"-data", "isi"}} {
			if out, err := o.Try(append(append([]string{"ts"}, verify...), over...)...); err != nil || !strings.Contains(out, "Verification: OK") {
				t.Errorf("openssl ts -verify %s, %s: %v\n%s", over[0], tc.name, err, out)
			}
		}
		o.Write("lain", []byte("lain"))
		if out, err := o.Try(append(append([]string{"ts"}, verify...), "-data", "lain")...); err == nil {
			t.Errorf("openssl accepts the token for another message:\n%s", out)
		}
		text := o.Run("ts", "-reply", "-in", "r.tsr", "-text")
		for _, want := range []string{"Status: Granted.", "baik", "Policy OID: " + policy, "Serial number: 0x1267", "Accuracy: 0x01 seconds, 0x05 millis, 0x07 micros", "Ordering: yes", "Absah Uji TSA 1"} {
			if !strings.Contains(text, want) {
				t.Errorf("openssl does not read %q in\n%s", want, text)
			}
		}
	}
	refused, err := tsp.Refuse(tsp.UnacceptedPolicy, "kebijakan tidak dikenal").Marshal()
	if err != nil {
		t.Fatal(err)
	}
	o.Write("no.tsr", refused)
	if text := o.Run("ts", "-reply", "-in", "no.tsr", "-text"); !strings.Contains(text, "Status: Rejected.") || !strings.Contains(text, "kebijakan tidak dikenal") || !strings.Contains(text, "policy is not supported") {
		t.Errorf("openssl reads our refusal as\n%s", text)
	}
}

// TestOpenSSLAnswers: we make the query, OpenSSL answers, we check the answer.
func TestOpenSSLAnswers(t *testing.T) {
	p := testkit.NewPKI(t, nil)
	o := newOpenSSL(t, p)
	sum := sha256.Sum256([]byte("isi"))
	config := func(ess string) {
		o.Write("tsa.conf", fmt.Appendf(nil, `[tsa]
default_tsa = t
[t]
serial = serial
signer_cert = tsa.pem
certs = issuing.pem
signer_key = tsa.key
signer_digest = sha256
default_policy = %s
digests = sha256, sha384
accuracy = secs:2, millisecs:500, microsecs:100
ordering = yes
tsa_name = yes
ess_cert_id_chain = yes
ess_cert_id_alg = %s
clock_precision_digits = 6
`, policy, ess))
	}
	ask := func(req *tsp.Request) *tsp.Response {
		t.Helper()
		der, err := req.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		o.Write("q.tsq", der)
		if text := o.Run("ts", "-query", "-in", "q.tsq", "-text"); !strings.Contains(text, "Version: 1") || !strings.Contains(text, "Certificate required: ") {
			t.Errorf("openssl reads our query as\n%s", text)
		}
		out, _ := o.Try("ts", "-reply", "-config", "tsa.conf", "-queryfile", "q.tsq", "-out", "r.tsr")
		resp, err := tsp.ParseResponse(o.Read("r.tsr"))
		if err != nil {
			t.Fatalf("ParseResponse = %v\n%s", err, out)
		}
		return resp
	}
	for _, ess := range []string{"sha1", "sha256", "sha384"} { // version 1 of the attribute, version 2, version 2 with another hash
		config(ess)
		before := time.Now().Add(-time.Second)
		req, _ := tsp.NewRequest(crypto.SHA256, sum[:], big.NewInt(1<<40))
		req.Policy = policy
		tok, err := ask(req).Check(req)
		if err != nil {
			t.Errorf("ess_cert_id_alg %s: Check = %v", ess, err)
			continue
		}
		c := tok.Check(nil)
		if !c.Bound || !bytes.Equal(c.Certificate, p.TSA.Certificate.Raw) {
			t.Errorf("ess_cert_id_alg %s: bound %v, certificate %d bytes", ess, c.Bound, len(c.Certificate))
		}
		i := tok.Info
		if i.Accuracy != 2500*time.Millisecond+100*time.Microsecond || !i.Ordering || i.Policy != policy || i.Serial.Sign() <= 0 || !bytes.Equal(i.TSA, el(0xa4, p.TSA.Certificate.RawSubject)) ||
			i.GenTime.Before(before) || i.GenTime.After(time.Now().Add(time.Second)) {
			t.Errorf("ess_cert_id_alg %s: TSTInfo = %+v", ess, i)
		}
	}
	config("sha256")
	bare, _ := tsp.NewRequest(crypto.SHA256, sum[:], nil)
	bare.CertReq = false
	tok, err := ask(bare).Check(bare)
	if err != nil || len(tok.Signed.Certificates) != 0 {
		t.Fatalf("without certificate: %v", err)
	}
	if c := tok.Check([][]byte{p.Issuing.Certificate.Raw, p.TSA.Certificate.Raw}); c.Err != nil || !c.Bound {
		t.Errorf("with the certificate given: %+v", c)
	}
	for want, req := range map[tsp.Failure]*tsp.Request{
		tsp.BadAlg:              {Hash: crypto.SHA512, Digest: make([]byte, 64)},
		tsp.UnacceptedPolicy:    {Hash: crypto.SHA256, Digest: sum[:], Policy: "1.2.3.4"},
		tsp.UnacceptedExtension: {Hash: crypto.SHA256, Digest: sum[:], Extensions: []tsp.Extension{{OID: "1.2.3.4", Value: []byte{5, 0}}}},
	} {
		resp := ask(req)
		var refused *tsp.RefusedError
		if _, err := resp.Check(req); !errors.As(err, &refused) || refused.Failure != want || refused.Status != tsp.Rejection || refused.Text == "" {
			t.Errorf("refusal of openssl = %+v, %v, want %v", resp, err, want)
		}
	}
}

// TestOpenSSLKeyIdentifier: a token whose signer is named by key identifier, without and with a signing-certificate attribute.
func TestOpenSSLKeyIdentifier(t *testing.T) {
	o := newOpenSSL(t, testkit.NewPKI(t, nil))
	o.Run("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "k.pem", "-out", "c.pem", "-subj", "/CN=TSA Contoh", "-days", "30")
	block, _ := pem.Decode(o.Read("c.pem"))
	o.Write("tst", tst(genTime))
	for name, tc := range map[string]struct {
		args []string
		want error
	}{"bare": {nil, tsp.ErrNotBound}, "bound": {[]string{"-cades"}, nil}} {
		o.Run(append([]string{"cms", "-sign", "-binary", "-nodetach", "-keyid", "-econtent_type", "1.2.840.113549.1.9.16.1.4", "-signer", "c.pem", "-inkey", "k.pem", "-in", "tst", "-outform", "DER", "-out", "t.der"}, tc.args...)...)
		tok, err := tsp.ParseToken(o.Read("t.der"))
		if err != nil {
			t.Fatal(err)
		}
		if si := tok.Signed.SignerInfos[0]; si.Serial != nil || len(si.SubjectKeyID) == 0 {
			t.Fatalf("the signer is named by %v", si.Serial)
		}
		if c := tok.Check(nil); !errors.Is(c.Err, tc.want) || !bytes.Equal(c.Certificate, block.Bytes) {
			t.Errorf("Check(%s) = %v, certificate %d bytes, want %v", name, c.Err, len(c.Certificate), tc.want)
		}
	}
}
