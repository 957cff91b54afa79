package app

import (
	"bytes"
	"context"
	"crypto"
	"testing"
	"time"

	"absah/internal/ca"
	"absah/internal/ocsp"
)

// TestResponderRenewal: the certificate of the status responder is replaced in time while the server runs, the answers carry the
// new one, and the next start goes on with it.
func TestResponderRenewal(t *testing.T) {
	ctx := context.Background()
	now := time.Now()
	c := Config{Dir: t.TempDir(), Passphrase: "sebuah kalimat sandi uji", BaseURL: "http://absah.example", Now: func() time.Time { return now }}
	open := func() *App {
		t.Helper()
		a, err := Open(ctx, c)
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	answeredBy := func(a *App) []byte {
		t.Helper()
		issuer := a.pki.certs[ca.Issuing]
		req, err := ocsp.NewRequest([]ocsp.CertID{ocsp.NewCertID(crypto.SHA1, issuer.RawSubject, issuer.KeyBits, a.pki.certs[ca.TSA].Serial)}, nil)
		if err != nil {
			t.Fatal(err)
		}
		der, err := a.pki.responder.Answer(ctx, req)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := ocsp.Parse(der)
		if err != nil || resp.Status != ocsp.Successful || len(resp.Certificates) == 0 {
			t.Fatalf("answer %+v, %v", resp, err)
		}
		return resp.Certificates[0]
	}

	a := open()
	first := answeredBy(a)
	if err := a.pki.replaceResponder(ctx, now); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(answeredBy(a), first) {
		t.Error("a new certificate on the first day")
	}
	now = now.Add(21 * 24 * time.Hour)
	if err := a.pki.replaceResponder(ctx, now); err != nil {
		t.Fatal(err)
	}
	second := answeredBy(a)
	if bytes.Equal(second, first) || !bytes.Equal(second, a.pki.certificate(ca.OCSP)) {
		t.Error("the answers do not carry a new certificate after 21 of 30 days")
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}

	a = open()
	if !bytes.Equal(answeredBy(a), second) {
		t.Error("the next start does not go on with the new certificate")
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	now = now.Add(40 * 24 * time.Hour) // it lay still beyond the end of the certificate
	a = open()
	defer a.Close()
	if third := answeredBy(a); bytes.Equal(third, second) || !bytes.Equal(third, a.pki.certificate(ca.OCSP)) {
		t.Error("a start after the end of the certificate does not renew it")
	}
}
