package app

import (
	"context"
	"net/http"
	"strings"

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
			Open: func(ctx context.Context, code string) (web.File, int64, error) { return a.files.Get(ctx, code+".pdf") },
		},
		Operator: a.operator.Operator, Trust: a.kit,
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

// judgeDocument judges a stored document now, under the instance's own root.
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
	p.Time, p.Anchors = a.cfg.Now(), a.pki.anchors()
	return pades.Judge(e, p), nil
}
