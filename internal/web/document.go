package web

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"unicode/utf8"

	"absah/internal/fault"
	"absah/internal/remotesign"
	"absah/pades"
)

type documentPage struct {
	Document remotesign.Document
	State    remotesign.State
	Verdict  verdict
	Signers  []signer
	Download string
	Page     string
	Notice   string
	Reasons  []string
	Later    []remotesign.Document // what may take its place
	Drawing  bool
}

// own finds a document of the signed-in person.
func (c *call) own() (*remotesign.Document, error) {
	d, err := c.s.Documents.Signing.Document(c.r.Context(), c.r.PathValue("code"))
	if err != nil {
		return nil, err
	}
	if d == nil || d.Person != string(c.person.ID) {
		return nil, errNotOwn
	}
	return d, nil
}

var errNotOwn = errors.New("no document of this person")

func (s *server) document(c *call) error {
	if !c.signedIn() {
		return nil
	}
	d, err := c.own()
	if err != nil {
		return err
	}
	page := documentPage{State: d.State(), Download: "/dokumen/" + d.Code + "/unduh", Page: "/v/" + d.Code, Drawing: s.Documents.Signing.Drawing()}
	if page.Verdict, page.Signers, err = c.judge(d.Code); err != nil {
		return err
	}
	if key := "document.notice." + c.r.URL.Query().Get("kabar"); catalogue[c.lang][key] != "" {
		page.Notice = c.text(key)
	}
	page.Reasons = []string{""} // nothing is chosen at first: what follows cannot be undone
	for _, r := range remotesign.Reasons {
		page.Reasons = append(page.Reasons, string(r))
	}
	if d.Successor == "" {
		all, err := s.Documents.Signing.Documents(c.r.Context(), d.Person)
		if err != nil {
			return err
		}
		for _, x := range all {
			if x.SignedAt.After(d.SignedAt) && x.State() != remotesign.Withdrawn {
				x.Title = pades.Plain(x.Title)
				page.Later = append(page.Later, x)
			}
		}
	}
	d.Title = pades.Plain(d.Title)
	page.Document = *d
	return c.show(http.StatusOK, "signed", view{TitleKey: "signed.title", Data: page})
}

// decided runs a decision of the owner. A fault comes back beside its field; what was decided is shown by the page of the document,
// so that reloading does not send it again.
func (c *call) decided(notice string, decide func(person, code string) error) error {
	if !c.signedIn() {
		return nil
	}
	d, err := c.own()
	if err != nil {
		return err
	}
	if err := c.parse(); err != nil {
		return err
	}
	err = decide(string(c.person.ID), d.Code)
	if errors.Is(err, remotesign.ErrNotOwn) {
		return errNotOwn
	}
	if err != nil {
		f, ok := fault.As(err)
		if !ok {
			return err
		}
		if f.Status >= http.StatusInternalServerError {
			c.s.Log.Error("page", "path", c.route(), "error", err)
		}
		field := ""
		if slices.Contains([]string{"ABS-DOC-003", "ABS-DOC-004", "ABS-DOC-005"}, f.Code) {
			field = "successor"
		}
		c.bad(field, f)
	}
	if len(c.faults) > 0 {
		return c.s.document(c)
	}
	c.redirect("/dokumen/" + d.Code + "?kabar=" + notice)
	return nil
}

// sure wants a box ticked.
func (c *call) sure(field string) {
	if c.value(field) != "ya" {
		c.bad(field, fault.New("ABS-REG-011"))
	}
}

func (s *server) withdraw(c *call) error {
	return c.decided("cabut", func(person, code string) error {
		why, note := remotesign.Reason(c.value("why")), c.line("why_note")
		if !slices.Contains(remotesign.Reasons, why) {
			c.bad("why", fault.New("ABS-REG-007"))
		}
		if why == remotesign.OtherReason && note == "" {
			c.bad("why_note", fault.New("ABS-REG-007"))
		}
		c.sure("withdraw_sure")
		if len(c.faults) > 0 {
			return nil
		}
		_, err := s.Documents.Signing.Withdraw(c.r.Context(), person, code, why, note)
		return err
	})
}

func (s *server) supersede(c *call) error {
	return c.decided("ganti", func(person, code string) error {
		next := c.value("successor")
		if next == "" {
			c.bad("successor", fault.New("ABS-REG-007"))
		}
		c.sure("supersede_sure")
		if len(c.faults) > 0 {
			return nil
		}
		_, err := s.Documents.Signing.Supersede(c.r.Context(), person, code, next)
		return err
	})
}

func (s *server) showPicture(c *call) error {
	return c.decided("gambar", func(person, code string) error {
		if c.sure("show_first"); len(c.faults) > 0 {
			return nil
		}
		_, err := s.Documents.Signing.ShowPicture(c.r.Context(), person, code)
		return err
	})
}

func (s *server) hidePicture(c *call) error {
	return c.decided("tutup", func(person, code string) error {
		_, err := s.Documents.Signing.HidePicture(c.r.Context(), person, code)
		return err
	})
}

func (s *server) downloadDocument(c *call) error {
	if !c.signedIn() {
		return nil
	}
	d, err := c.own()
	if err != nil {
		return err
	}
	f, size, err := s.Documents.Open(c.r.Context(), d.Code)
	if err != nil {
		return err
	}
	defer f.Close()
	c.w.Header().Set("Content-Type", "application/pdf")
	c.w.Header().Set("Content-Length", fmt.Sprint(size))
	c.w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": fileName(d.Title) + "_sign.pdf"}))
	if _, err := io.Copy(c.w, io.NewSectionReader(f, 0, size)); err != nil {
		// The length was promised, so the browser sees that it got less; a page of ours would only add to it.
		s.Log.Warn("download cut off", "path", c.route(), "error", err)
	}
	return nil
}

// line reads a field whose text others will see: what hides or turns characters round would let it say something else than it does,
// and a national number is nobody's business.
func (c *call) line(field string) string {
	s := oneLine(c.value(field))
	if utf8.RuneCountInString(s) > maxLine || hasUnprintable(s) {
		c.bad(field, fault.New("ABS-REG-009", maxLine))
	}
	if remotesign.ShowsNIK(s) {
		c.bad(field, fault.New("ABS-DOC-007"))
	}
	return s
}
