package web

import (
	"errors"
	"net/http"
	"time"

	"absah/internal/fault"
	"absah/internal/remotesign"
	"absah/pades"
)

// paperPage is what a QR on paper leads to. It never shows a national number.
type paperPage struct {
	Known    bool
	Host     string
	Code     string
	Document remotesign.Document
	Verdict  pades.Verdict
	Signers  []paperSigner
	Text     string // of the fault, when the code is unknown
}

type paperSigner struct {
	Name   string
	When   time.Time
	Proven bool // by a time-stamp
}

func (s *server) paper(c *call) error {
	code := c.r.PathValue("code")
	d, err := s.Documents.Signing.Document(c.r.Context(), code)
	if err != nil {
		return err
	}
	page := paperPage{Host: s.Documents.Host, Code: code}
	if d == nil {
		f := fault.New("ABS-VER-006", s.Documents.Host)
		page.Text = f.Text(c.lang)
		return c.show(http.StatusNotFound, "paper", view{TitleKey: "paper.unknown", Data: page})
	}
	report, err := c.judge(d.Code)
	if err != nil {
		return errors.Join(errors.New("paper check"), err)
	}
	page.Known, page.Document, page.Verdict = true, *d, report.Verdict
	for _, sig := range report.Signatures {
		if sig.Level == "DOCUMENT-TIMESTAMP" {
			continue
		}
		p := paperSigner{Name: sig.Signer}
		switch {
		case sig.BestTime != nil:
			p.When, p.Proven = *sig.BestTime, true
		case sig.ClaimedTime != nil:
			p.When = *sig.ClaimedTime
		}
		page.Signers = append(page.Signers, p)
	}
	return c.show(http.StatusOK, "paper", view{TitleKey: "paper.title", Data: page})
}
