package web

import (
	"context"
	"errors"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Relay asks issuers on behalf of a browser, which may not ask them itself, whether a certificate was revoked. What leaves the person's
// device is the number of the certificate and which issuer it has, and never a document; what leaves this server is the same, from
// its own address.
type Relay struct {
	// Hosts may be asked: name, with the port where it is not the usual one. Nobody else, or the server would fetch for strangers
	// whatever they like.
	Hosts []string
	Own   string // the beginning of the instance's own addresses, which need not be among the hosts

	// OCSP posts a request and gives the answer; ErrRequest is one that is no OCSP request.
	OCSP func(ctx context.Context, url string, request []byte) ([]byte, error)
	CRL  func(ctx context.Context, url string) ([]byte, error)
	// Certificate gets that of an issuer, which some documents lack.
	Certificate func(ctx context.Context, url string) ([]byte, error)
}

// ErrRequest is a question that the relay does not pass on.
var ErrRequest = errors.New("this is no OCSP request")

// Bounds of the relay.
const (
	maxStatusRequest = 4 << 10
	maxStatusURL     = 1 << 10
	statusTime       = 20 * time.Second
	statusPlaces     = 8
	statusPerMinute  = 120 // of one address: many documents of many signers at once
)

// status answers POST with an OCSP request in the body, and GET for a list of revoked certificates or, where the header Accept says so,
// for the certificate of an issuer; the parameter url is where to ask.
func (s *server) status(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	refuse := func(status int, why string) { http.Error(w, why, status) }
	if wait := s.statusLimit.allow(s.ClientIP(r)); wait > 0 {
		retryAfter(w, wait)
		refuse(http.StatusTooManyRequests, "too many questions from this address; wait a minute")
		return
	}
	address := r.URL.Query().Get("url")
	if !s.Relay.allows(address) {
		refuse(http.StatusForbidden, "this server does not ask that address; its operator names the hosts that it asks")
		return
	}
	var request []byte
	if r.Method == http.MethodPost {
		if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/ocsp-request" {
			refuse(http.StatusUnsupportedMediaType, "the body must be application/ocsp-request")
			return
		}
		var err error
		if request, err = io.ReadAll(http.MaxBytesReader(w, r.Body, maxStatusRequest)); err != nil {
			refuse(http.StatusRequestEntityTooLarge, "an OCSP request has at most 4 KB")
			return
		}
	}
	ctx, cancel := context.WithTimeout(r.Context(), statusTime)
	defer cancel()
	select {
	case s.relaying <- struct{}{}:
		defer func() { <-s.relaying }()
	case <-ctx.Done():
		refuse(http.StatusServiceUnavailable, "many ask at once; try again in a moment")
		return
	}
	kind, ask := "application/pkix-crl", func() ([]byte, error) { return s.Relay.CRL(ctx, address) }
	switch {
	case r.Method == http.MethodPost:
		kind, ask = "application/ocsp-response", func() ([]byte, error) { return s.Relay.OCSP(ctx, address, request) }
	case r.Header.Get("Accept") == "application/pkix-cert":
		kind, ask = "application/pkix-cert", func() ([]byte, error) { return s.Relay.Certificate(ctx, address) }
	}
	answer, err := ask()
	switch {
	case errors.Is(err, ErrRequest):
		refuse(http.StatusBadRequest, ErrRequest.Error())
		return
	case err != nil:
		s.Log.Warn("status of a certificate", "error", err)
		refuse(http.StatusBadGateway, "the issuer gave no usable answer")
		return
	case answer == nil:
		refuse(http.StatusNotFound, "there is no such file")
		return
	}
	w.Header().Set("Content-Type", kind)
	_, _ = w.Write(answer)
}

// allows says whether an address is one of the instance or of the hosts that the operator named.
func (r *Relay) allows(address string) bool {
	if address == "" || len(address) > maxStatusURL {
		return false
	}
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.User != nil || u.Opaque != "" || u.Fragment != "" {
		return false
	}
	for _, path := range []string{"/ocsp", "/crl/", "/ca/"} {
		if rest, ok := strings.CutPrefix(address, r.Own+path); r.Own != "" && ok && !strings.ContainsAny(rest, "/?#%\\") {
			return true
		}
	}
	host := strings.ToLower(u.Host)
	if name, port, err := net.SplitHostPort(host); err == nil && (port == "80" && u.Scheme == "http" || port == "443" && u.Scheme == "https") {
		host = name
	}
	return slices.Contains(r.Hosts, host)
}
