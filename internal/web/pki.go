package web

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"absah/internal/status"
)

// PKI is what the certificate services answer to machines. Everything here is public and signed; nothing needs a log-in.
type PKI struct {
	OCSP func(ctx context.Context, request []byte) (status.Reply, error)
	TSA  func(ctx context.Context, request []byte) (response []byte, err error)
	CRL  func(ctx context.Context, authority string) (der []byte, err error) // nil: no such authority
	// Certificate is that of an authority, nil when there is none.
	Certificate func(authority string) []byte
	Log         *slog.Logger
}

// Largest requests that are read.
const maxProtocol = 64 << 10

// Register adds the routes.
func (p *PKI) Register(mux *http.ServeMux) {
	mux.HandleFunc("POST /ocsp", p.ocspPost)
	mux.HandleFunc("GET /ocsp/{request...}", p.ocspGet)
	mux.HandleFunc("POST /tsa", p.tsa)
	mux.HandleFunc("GET /crl/{name}", p.crl)
	mux.HandleFunc("GET /ca/{name}", p.certificate)
}

func (p *PKI) ocspPost(w http.ResponseWriter, r *http.Request) {
	b, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxProtocol))
	if err != nil {
		http.Error(w, "request too large", http.StatusRequestEntityTooLarge)
		return
	}
	p.answerOCSP(w, r, b)
}

// ocspGet is the form of RFC 6960 appendix A.1.1: the request in base64 in the path.
func (p *PKI) ocspGet(w http.ResponseWriter, r *http.Request) {
	raw := strings.TrimPrefix(r.URL.EscapedPath(), "/ocsp/")
	text, err := url.PathUnescape(raw)
	if err != nil {
		text = raw
	}
	b, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		b = nil // the responder says malformedRequest
	}
	p.answerOCSP(w, r, b)
}

// answerOCSP lets caches on the way keep what was asked by GET for as long as the responder allows (RFC 5019 §6.2).
func (p *PKI) answerOCSP(w http.ResponseWriter, r *http.Request, request []byte) {
	reply, err := p.OCSP(r.Context(), request)
	if err != nil {
		p.Log.Warn("ocsp", "error", err)
	}
	w.Header().Set("Content-Type", "application/ocsp-response")
	if r.Method != http.MethodGet || reply.MaxAge == 0 {
		w.Header().Set("Cache-Control", "no-store")
		_, _ = w.Write(reply.DER)
		return
	}
	w.Header().Set("Cache-Control", fmt.Sprintf("max-age=%d, public, no-transform, must-revalidate", int(reply.MaxAge.Seconds())))
	w.Header().Set("ETag", reply.ETag)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(reply.DER))
}

func (p *PKI) tsa(w http.ResponseWriter, r *http.Request) {
	b, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxProtocol))
	if err != nil {
		http.Error(w, "request too large", http.StatusRequestEntityTooLarge)
		return
	}
	der, err := p.TSA(r.Context(), b)
	if err != nil {
		p.Log.Warn("tsa", "error", err)
	}
	w.Header().Set("Content-Type", "application/timestamp-reply")
	_, _ = w.Write(der)
}

func (p *PKI) crl(w http.ResponseWriter, r *http.Request) {
	name, ok := strings.CutSuffix(r.PathValue("name"), ".crl")
	if !ok {
		http.NotFound(w, r)
		return
	}
	der, err := p.CRL(r.Context(), name)
	if err != nil {
		p.Log.Error("crl", "authority", name, "error", err)
		http.Error(w, "the CRL cannot be made now", http.StatusServiceUnavailable)
		return
	}
	if der == nil {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "application/pkix-crl")
	_, _ = w.Write(der)
}

func (p *PKI) certificate(w http.ResponseWriter, r *http.Request) {
	name, _ := strings.CutSuffix(r.PathValue("name"), ".cer")
	der := p.Certificate(name)
	if der == nil {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "application/pkix-cert")
	_, _ = w.Write(der)
}
