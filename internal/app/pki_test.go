package app

import (
	"bytes"
	"context"
	"crypto"
	"encoding/base64"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
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

// TestStatusByGet: what is asked by GET may be kept on the way for a minute, asked again it costs no body, and what must be fresh is
// never kept.
func TestStatusByGet(t *testing.T) {
	ctx := context.Background()
	a, err := Open(ctx, Config{Dir: t.TempDir(), Passphrase: "sebuah kalimat sandi uji", BaseURL: "http://absah.example", Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	server := httptest.NewServer(a.Handler())
	t.Cleanup(server.Close)
	issuer := a.pki.certs[ca.Issuing]
	id := ocsp.NewCertID(crypto.SHA1, issuer.RawSubject, issuer.KeyBits, a.pki.certs[ca.TSA].Serial)
	ask := func(method string, nonce []byte, etag string) (*http.Response, []byte) {
		t.Helper()
		req, err := ocsp.NewRequest([]ocsp.CertID{id}, nonce)
		if err != nil {
			t.Fatal(err)
		}
		address, body := server.URL+"/ocsp", io.Reader(bytes.NewReader(req))
		if method == http.MethodGet {
			address, body = address+"/"+url.PathEscape(base64.StdEncoding.EncodeToString(req)), nil
		}
		r, err := http.NewRequestWithContext(ctx, method, address, body)
		if err != nil {
			t.Fatal(err)
		}
		if etag != "" {
			r.Header.Set("If-None-Match", etag)
		}
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		der, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp, der
	}
	resp, der := ask(http.MethodGet, nil, "")
	answer, err := ocsp.Parse(der)
	if err != nil || answer.Status != ocsp.Successful || resp.Header.Get("Content-Type") != "application/ocsp-response" {
		t.Fatalf("%v %+v, %v", resp.Header, answer, err)
	}
	if cc := resp.Header.Get("Cache-Control"); !strings.HasPrefix(cc, "max-age=60, public") {
		t.Errorf("Cache-Control %q", cc)
	}
	etag := resp.Header.Get("ETag")
	if again, body := ask(http.MethodGet, nil, etag); etag == "" || again.StatusCode != http.StatusNotModified || len(body) != 0 {
		t.Errorf("with ETag %s: %d, %d bytes", etag, again.StatusCode, len(body))
	}
	for name, c := range map[string]struct {
		method string
		nonce  []byte
	}{"POST": {http.MethodPost, nil}, "with a nonce": {http.MethodGet, []byte("0123456789abcdef")}} {
		if resp, body := ask(c.method, c.nonce, etag); resp.Header.Get("Cache-Control") != "no-store" || resp.StatusCode != 200 || len(body) == 0 {
			t.Errorf("%s: %d %v", name, resp.StatusCode, resp.Header)
		}
	}
}
