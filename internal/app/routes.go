package app

import (
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"net/http"
	"strings"

	"absah/internal/answer"
	"absah/internal/cms"
	"absah/internal/ocsp"
	"absah/internal/web"
	"absah/pades"
	"absah/trust"
)

func (a *App) routes() http.Handler {
	d := web.Deps{
		Accounts: a.accounts, Registration: a.ra, Secure: strings.HasPrefix(a.cfg.BaseURL, "https://"), Demo: a.cfg.Demo, Now: a.cfg.Now, Log: a.cfg.Log,
		PKI: &web.PKI{
			OCSP: a.pki.responder.Reply, TSA: a.pki.tsa.Respond, CRL: a.pki.crl, Certificate: a.pki.certificate, Log: a.cfg.Log,
		},
		Documents: &web.Documents{
			Signing: a.signing, Host: a.host(), Judge: a.judgeDocument,
			Open:    func(ctx context.Context, code string) (web.File, int64, error) { return a.files.Get(ctx, code+".pdf") },
			Picture: func(ctx context.Context, code string) (web.File, int64, error) { return a.files.Get(ctx, code+".jpg") },
		},
		Operator: a.operator.Operator, Trust: a.kit, Check: a.check, Revoked: a.pki.state,
		Relay: &web.Relay{Hosts: a.operator.statusHosts(a.trustPackage().Anchors), Own: a.pki.base, OCSP: a.statusOCSP, CRL: a.statusCRL, Certificate: a.statusCertificate},
		Ready: []web.Check{
			{Name: "database", Run: a.db.Ping},
			{Name: "audit", Run: func(ctx context.Context) error { _, err := a.log.Checkpoint(ctx); return err }},
		},
	}
	if a.cfg.Demo {
		d.Mailbox = a.mailbox
	}
	return web.New(d)
}

// judgeDocument judges a stored document now, under the instance's trust package: it may have been signed elsewhere before.
func (a *App) judgeDocument(ctx context.Context, code string) (*pades.Report, error) {
	f, size, err := a.files.Get(ctx, code+".pdf")
	if err != nil {
		return nil, err
	}
	defer f.Close()
	e, err := pades.Gather(ctx, f, size, pades.GatherOptions{})
	if err != nil {
		return nil, err
	}
	p := trust.Basic()
	p.Time, p.Anchors = a.cfg.Now(), a.trustPackage().Anchors
	return pades.Judge(e, p), nil
}

// check judges a file that somebody sent, under the instance's trust package, and asks issuers what the file does not say.
func (a *App) check(ctx context.Context, f io.ReaderAt, size int64, password string) (*answer.Document, error) {
	p := trust.Basic()
	p.Time, p.Anchors = a.cfg.Now(), a.trustPackage().Anchors
	e, err := pades.Gather(ctx, f, size, pades.GatherOptions{Fetcher: a.pki, Anchors: p.Anchors, Time: p.Time, Open: pades.OpenOptions{Password: password}})
	if err != nil {
		return nil, err
	}
	h := sha256.New()
	if _, err := io.Copy(h, io.NewSectionReader(f, 0, size)); err != nil {
		return nil, err
	}
	return &answer.Document{SHA256: h.Sum(nil), Report: pades.Judge(e, p), Evidence: e}, nil
}

// statusOCSP asks for a browser. Only what is an OCSP request leaves the server.
func (a *App) statusOCSP(ctx context.Context, url string, request []byte) ([]byte, error) {
	if _, err := ocsp.ParseRequest(request); err != nil {
		return nil, web.ErrRequest
	}
	if url == a.pki.base+"/ocsp" {
		return a.pki.OCSP(ctx, url, request)
	}
	return a.relay.OCSP(ctx, url, request)
}

func (a *App) statusCRL(ctx context.Context, url string) ([]byte, error) {
	if strings.HasPrefix(url, a.pki.base+"/crl/") {
		return a.pki.CRL(ctx, url)
	}
	return a.relay.CRL(ctx, url)
}

// statusCertificate gets the certificate of an issuer, and nothing else that may lie there.
func (a *App) statusCertificate(ctx context.Context, url string) ([]byte, error) {
	if strings.HasPrefix(url, a.pki.base+"/ca/") {
		return a.pki.Certificate(ctx, url)
	}
	b, err := a.relay.Certificate(ctx, url)
	if err != nil {
		return nil, err
	}
	if _, err := trust.ParseCertificate(b); err == nil {
		return b, nil
	}
	if _, err := cms.Parse(b); err != nil {
		return nil, errors.New("what lies there is no certificate")
	}
	return b, nil
}
