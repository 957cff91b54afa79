package fetch_test

import (
	"context"
	"crypto"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"absah/fetch"
	"absah/internal/testkit"
	"absah/tsp"
)

func serve(t *testing.T, h http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL
}

func TestPrivateAddressesAreRefused(t *testing.T) {
	url := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("the request arrived") })
	for _, address := range []string{url, "http://localhost" + url[strings.LastIndex(url, ":"):], "http://[::1]:1/", "http://10.0.0.1/", "http://169.254.169.254/latest", "http://100.64.1.1/"} {
		if _, err := fetch.New(fetch.Options{Timeout: time.Second}).Certificate(context.Background(), address); err == nil || !strings.Contains(err.Error(), "not a public one") {
			t.Errorf("Certificate(%s) = %v, want a refusal", address, err)
		}
	}
	for _, address := range []string{"file:///etc/passwd", "ftp://contoh.example/a", "gopher://x", "", "http://"} {
		if _, err := fetch.New(fetch.Options{AllowPrivate: true}).CRL(context.Background(), address); err == nil {
			t.Errorf("CRL(%q) was tried", address)
		}
	}
}

func TestBounds(t *testing.T) {
	ctx := context.Background()
	c := fetch.New(fetch.Options{AllowPrivate: true, Timeout: 300 * time.Millisecond})
	huge := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		b := make([]byte, 1<<20)
		for range 3 {
			_, _ = w.Write(b)
		}
	})
	if _, err := c.Certificate(ctx, huge); err == nil || !strings.Contains(err.Error(), "larger than") {
		t.Errorf("a huge answer: %v", err)
	}
	slow := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.ReadAll(r.Body)
		select {
		case <-r.Context().Done():
		case <-time.After(3 * time.Second):
		}
	})
	var e *fetch.Error
	if _, err := c.CRL(ctx, slow); !errors.As(err, &e) || !e.Timeout {
		t.Errorf("a slow server: %v, want a timeout", err)
	}
	loop := serve(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/lagi", http.StatusFound) })
	if _, err := c.CRL(ctx, loop); err == nil || !strings.Contains(err.Error(), "redirects") {
		t.Errorf("redirects without end: %v", err)
	}
	failing := serve(t, func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "rusak", http.StatusInternalServerError) })
	if _, err := c.OCSP(ctx, failing, []byte{1}); err == nil || !strings.Contains(err.Error(), "500") {
		t.Errorf("a failing server: %v", err)
	}
	garbage := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>")) })
	if _, err := c.CRL(ctx, garbage); err == nil {
		t.Error("garbage passed as a CRL")
	}
	if _, err := c.OCSP(ctx, garbage, []byte{1}); err == nil {
		t.Error("garbage passed as an OCSP answer")
	}
}

// TestErrorsShowNoSecret: what a person mistyped is not shown either, nor what a stranger's server says reaches a terminal as it is.
func TestErrorsShowNoSecret(t *testing.T) {
	ctx := context.Background()
	c := fetch.New(fetch.Options{AllowPrivate: true, Timeout: time.Second})
	for _, address := range []string{"http://instansi:raha#sia@127.0.0.1:1/", "http://instansi:raha%sia@127.0.0.1:1/", "http://instansi:raha sia@127.0.0.1:1/"} {
		if _, err := c.TSA(address).Timestamp(ctx, crypto.SHA256, make([]byte, 32)); err == nil || strings.Contains(err.Error(), "raha") {
			t.Errorf("TSA(%s) = %v", address, err)
		}
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		if conn, err := l.Accept(); err == nil {
			_, _ = io.WriteString(conn, "HTTP/1.1 500 \x1b[31mmerah\r\nContent-Length: 0\r\n\r\n")
			_ = conn.Close()
		}
	}()
	if _, err := c.CRL(ctx, "http://"+l.Addr().String()); err == nil || strings.Contains(err.Error(), "\x1b") || !strings.Contains(err.Error(), "500") {
		t.Errorf("the words of the server: %q", err)
	}
}

func TestCacheHoldsWhatIsCurrent(t *testing.T) {
	p := testkit.NewPKI(t, nil)
	calls := 0
	url := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		calls++
		crl, err := p.CRL(context.Background(), p.CRLURL())
		if err != nil {
			t.Error(err)
		}
		_, _ = w.Write(crl)
	})
	now := p.Now
	c := fetch.New(fetch.Options{AllowPrivate: true, Now: func() time.Time { return now }})
	for range 3 {
		if _, err := c.CRL(context.Background(), url); err != nil {
			t.Fatal(err)
		}
	}
	if calls != 1 {
		t.Errorf("%d requests for a CRL that is current, want 1", calls)
	}
	now = now.Add(2 * time.Hour) // the CRL is good for a month, but a revocation shall be seen within the hour
	if _, err := c.CRL(context.Background(), url); err != nil || calls != 2 {
		t.Errorf("after two hours: %d requests, %v, want 2", calls, err)
	}
}

func TestTSA(t *testing.T) {
	ctx := context.Background()
	p := testkit.NewPKI(t, nil)
	user := ""
	answer := func(change func(*tsp.Request)) string {
		return serve(t, func(w http.ResponseWriter, r *http.Request) {
			user, _, _ = r.BasicAuth()
			body, _ := io.ReadAll(r.Body)
			req, err := tsp.ParseRequest(body)
			if err != nil {
				t.Error(err)
				return
			}
			if change != nil {
				change(req)
			}
			b, err := p.Answer(req)
			if err != nil {
				t.Error(err)
			}
			der, _ := (&tsp.Response{Status: tsp.Granted, Failure: tsp.NoFailure, Token: b}).Marshal()
			_, _ = w.Write(der)
		})
	}
	digest := make([]byte, 32)
	c := fetch.New(fetch.Options{AllowPrivate: true})
	tsa := c.TSA(strings.Replace(answer(nil), "http://", "http://instansi:rahasia@", 1))
	if b, err := tsa.Timestamp(ctx, crypto.SHA256, digest); err != nil || tsa.TokenSize() != len(b) || user != "instansi" {
		t.Errorf("Timestamp = %d bytes, %v, TokenSize %d, user %q", len(b), err, tsa.TokenSize(), user)
	}
	for name, change := range map[string]func(*tsp.Request){
		"another nonce":  func(r *tsp.Request) { r.Nonce.SetInt64(1) },
		"another digest": func(r *tsp.Request) { r.Digest = append([]byte{9}, r.Digest[1:]...) },
		"no certificate": func(r *tsp.Request) { r.CertReq = false },
	} {
		if _, err := c.TSA(answer(change)).Timestamp(ctx, crypto.SHA256, digest); err == nil {
			t.Errorf("%s: the token was accepted", name)
		}
	}
	down := c.TSA("http://instansi:rahasia@127.0.0.1:1/tsa?kunci=rahasia")
	if _, err := down.Timestamp(ctx, crypto.SHA256, digest); err == nil || strings.Contains(err.Error(), "rahasia") {
		t.Errorf("the error shows a secret, or there is none: %v", err)
	}
}

// TestSameHost: who may ask some hosts only is not led to another one.
func TestSameHost(t *testing.T) {
	other := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("the other host was asked") })
	first := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/sini":
			http.Redirect(w, r, "/isi", http.StatusFound)
		case "/sana":
			http.Redirect(w, r, other, http.StatusFound)
		default:
			_, _ = w.Write([]byte("isi"))
		}
	})
	c := fetch.New(fetch.Options{AllowPrivate: true, SameHost: true})
	if b, err := c.Certificate(context.Background(), first+"/sini"); err != nil || string(b) != "isi" {
		t.Errorf("a redirect on the same host: %q, %v", b, err)
	}
	if _, err := c.Certificate(context.Background(), first+"/sana"); err == nil || !strings.Contains(err.Error(), "another host") {
		t.Errorf("a redirect to another host: %v", err)
	}
}
