package web

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

// TestRelayRefuses: nobody makes this server fetch what its operator did not name.
func TestRelayRefuses(t *testing.T) {
	var asked []string
	now := time.Date(2027, 1, 12, 2, 30, 0, 0, time.UTC)
	h := New(Deps{
		Now: func() time.Time { return now }, Log: slog.New(slog.DiscardHandler),
		Relay: &Relay{
			Hosts: []string{"ocsp.contoh.example", "crl.contoh.example:8080"}, Own: "http://absah.example",
			OCSP: func(_ context.Context, url string, request []byte) ([]byte, error) {
				asked = append(asked, url)
				switch {
				case string(request) != "request":
					return nil, ErrRequest
				case strings.Contains(url, "rusak"):
					return nil, errors.New("an inner address: 10.0.0.1")
				}
				return []byte("answer"), nil
			},
			CRL: func(_ context.Context, url string) ([]byte, error) {
				asked = append(asked, url)
				if strings.HasSuffix(url, "/tidak-ada.crl") {
					return nil, nil
				}
				return []byte("list"), nil
			},
			Certificate: func(_ context.Context, url string) ([]byte, error) {
				asked = append(asked, url)
				return []byte("certificate"), nil
			},
		},
	})
	ask := func(method, address, kind, body, from string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, "/verifikasi/status?url="+url.QueryEscape(address), strings.NewReader(body))
		r.RemoteAddr = from + ":1234"
		if kind != "" {
			r.Header.Set(map[string]string{"POST": "Content-Type", "GET": "Accept", "PUT": "Content-Type"}[method], kind)
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w
	}
	const kind = "application/ocsp-request"
	n := 0
	for _, c := range []struct {
		method, url, kind, body string
		want                    int
		answer                  string // of what was asked; "" = nobody was asked
	}{
		{"POST", "http://ocsp.contoh.example/", kind, "request", 200, "answer"},
		{"POST", "http://OCSP.contoh.example:80/a/b", kind, "request", 200, "answer"},
		{"POST", "http://absah.example/ocsp", kind, "request", 200, "answer"},
		{"GET", "http://crl.contoh.example:8080/a.crl", "", "", 200, "list"},
		{"GET", "http://absah.example/crl/root.crl", "", "", 200, "list"},
		{"GET", "http://absah.example/ca/issuing.cer", "application/pkix-cert", "", 200, "certificate"},
		{"GET", "http://ocsp.contoh.example/issuer.p7c", "application/pkix-cert", "", 200, "certificate"},
		{"GET", "http://ocsp.contoh.example/issuer.p7c", "application/pdf", "", 200, "list"},
		{"GET", "http://penipu.example/issuer.p7c", "application/pkix-cert", "", 403, "-"},
		{"GET", "http://absah.example/crl/tidak-ada.crl", "", "", 404, ""},
		{"POST", "http://ocsp.contoh.example/rusak", kind, "request", 502, ""},
		{"POST", "http://ocsp.contoh.example/", kind, "something else", 400, ""},

		{"GET", "", "", "", 403, "-"},
		{"GET", "http://169.254.169.254/latest/meta-data", "", "", 403, "-"},
		{"GET", "http://localhost:8080/dev/mail", "", "", 403, "-"},
		{"GET", "http://absah.example/sertifikat", "", "", 403, "-"},
		{"GET", "http://absah.example/crl/../dev/mail", "", "", 403, "-"},
		{"GET", "http://absah.example/crl/%2e%2e/dev/mail", "", "", 403, "-"},
		{"GET", "http://absah.example.penipu.example/crl/root.crl", "", "", 403, "-"},
		{"GET", "http://crl.contoh.example/a.crl", "", "", 403, "-"},  // the port is another
		{"GET", "http://ocsp.contoh.example:8080/", "", "", 403, "-"}, // and so is this one
		{"GET", "http://a.ocsp.contoh.example/", "", "", 403, "-"},    // below is not the same
		{"GET", "http://ocsp.contoh.example.penipu.example/", "", "", 403, "-"},
		{"GET", "http://ocsp.contoh.example@penipu.example/", "", "", 403, "-"},
		{"GET", "http://u:p@ocsp.contoh.example/", "", "", 403, "-"},
		{"GET", "ftp://ocsp.contoh.example/", "", "", 403, "-"},
		{"GET", "file:///etc/passwd", "", "", 403, "-"},
		{"GET", "//ocsp.contoh.example/", "", "", 403, "-"},
		{"GET", "http:ocsp.contoh.example", "", "", 403, "-"},
		{"GET", "http://ocsp.contoh.example/" + strings.Repeat("x", maxStatusURL), "", "", 403, "-"},
		{"POST", "http://ocsp.contoh.example/", "application/pdf", "request", 415, "-"},
		{"POST", "http://ocsp.contoh.example/", "", "request", 415, "-"},
		{"POST", "http://ocsp.contoh.example/", kind, strings.Repeat("x", maxStatusRequest+1), 413, "-"},
		{"PUT", "http://ocsp.contoh.example/", kind, "request", 405, "-"},
	} {
		asked = nil
		n++
		w := ask(c.method, c.url, c.kind, c.body, fmt.Sprintf("192.0.2.%d", n))
		if w.Code != c.want {
			t.Errorf("%s %.60s: %d %q, want %d", c.method, c.url, w.Code, w.Body, c.want)
		}
		if c.want == 200 && w.Body.String() != c.answer {
			t.Errorf("%s %.60s: %q, want %q", c.method, c.url, w.Body, c.answer)
		}
		if c.answer == "-" && len(asked) > 0 {
			t.Errorf("%s %.60s: %v was asked", c.method, c.url, asked)
		}
		if bytes.Contains(w.Body.Bytes(), []byte("10.0.0.1")) {
			t.Errorf("%s %.60s tells what is inside: %q", c.method, c.url, w.Body)
		}
	}

	// One address asks a bounded number of times a minute; its neighbour is not meant.
	for range statusPerMinute {
		if w := ask("GET", "http://absah.example/crl/root.crl", "", "", "198.51.100.1"); w.Code != 200 {
			t.Fatalf("within the limit: %d", w.Code)
		}
	}
	w := ask("GET", "http://absah.example/crl/root.crl", "", "", "198.51.100.1")
	if w.Code != 429 || w.Header().Get("Retry-After") == "" {
		t.Errorf("over the limit: %d, Retry-After %q", w.Code, w.Header().Get("Retry-After"))
	}
	if w := ask("GET", "http://absah.example/crl/root.crl", "", "", "198.51.100.2"); w.Code != 200 {
		t.Errorf("the neighbour: %d", w.Code)
	}
	now = now.Add(time.Minute)
	if w := ask("GET", "http://absah.example/crl/root.crl", "", "", "198.51.100.1"); w.Code != 200 {
		t.Errorf("a minute later: %d", w.Code)
	}

	// A form of another site is not carried out.
	r := httptest.NewRequest("POST", "/verifikasi/status?url="+url.QueryEscape("http://ocsp.contoh.example/"), strings.NewReader("request"))
	r.Header.Set("Content-Type", kind)
	r.Header.Set("Origin", "https://lain.example")
	asked = nil
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, r)
	if _, _ = io.Copy(io.Discard, rec.Body); rec.Code != http.StatusForbidden || len(asked) > 0 {
		t.Errorf("from another site: %d, asked %v", rec.Code, asked)
	}
}

func TestLimiter(t *testing.T) {
	now := time.Unix(0, 0)
	l := newLimiter(2, time.Minute, func() time.Time { return now })
	for _, c := range []struct {
		from string
		ok   bool
	}{
		{"2001:db8:1:2::1", true},
		{"2001:db8:1:2:ffff::9", true},
		{"2001:db8:1:2::1", false}, // one household
		{"2001:db8:1:3::1", true},
		{"192.0.2.1", true},
		{"::ffff:192.0.2.1", true},
		{"192.0.2.1", false},
		{"192.0.2.2", true},
		{"what is this", true},
		{"and this", true},
		{"neither", false}, // without an address all count as one
	} {
		if wait := l.allow(c.from); (wait == 0) != c.ok || wait > time.Minute {
			t.Errorf("%s: wait %v, allowed %t", c.from, wait, c.ok)
		}
	}
}
