package web

import (
	"net/http"
	"time"

	"absah/internal/fault"
	"absah/internal/remotesign"
)

// paperPage is what a QR on paper leads to. It never shows a national number.
type paperPage struct {
	Known    bool
	Host     string
	Code     string
	Document remotesign.Document
	Verdict  verdict
	Signers  []signer
	Checked  time.Time // the verdict is that of this moment
	Text     string    // of the fault, when the code is unknown
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
	page.Known, page.Document, page.Checked = true, *d, s.Now()
	page.Document.Title = printable(d.Title)
	if page.Verdict, page.Signers, err = c.judge(d.Code); err != nil {
		return err
	}
	return c.show(http.StatusOK, "paper", view{TitleKey: "paper.title", Data: page})
}
