package web

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
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
	Verdict  verdict
	Signers  []signer
	Checked  time.Time // the verdict is that of this moment
	Compared string    // "same" or "other", when somebody compared a file
	Text     string    // of the fault, when the code is unknown
}

func (s *server) paper(c *call) error {
	return c.paperPage(func(string) (string, error) { return "", nil })
}

// compare says whether a file is, byte for byte, the one that is kept. The file is hashed while it arrives and goes nowhere.
func (s *server) compare(c *call) error {
	return c.paperPage(func(want string) (string, error) {
		sum, err := c.sum("pdf")
		switch {
		case err != nil:
			return "", err
		case sum == "":
			c.bad("pdf", fault.New("ABS-SIG-019"))
			return "", nil
		case sum == want:
			return "same", nil
		}
		return "other", nil
	})
}

func (c *call) paperPage(compare func(sum string) (string, error)) error {
	code, host := c.r.PathValue("code"), c.s.Documents.Host
	d, err := c.s.Documents.Signing.Document(c.r.Context(), code)
	if err != nil {
		return err
	}
	page := paperPage{Host: host, Code: code}
	if d == nil {
		f := fault.New("ABS-VER-006", host)
		page.Text = f.Text(c.lang)
		return c.show(http.StatusNotFound, "paper", view{TitleKey: "paper.unknown", Data: page})
	}
	page.Known, page.Document, page.Checked = true, *d, c.s.Now()
	page.Document.Title = pades.Plain(d.Title)
	if page.Compared, err = compare(d.SHA256); err != nil {
		return err
	}
	if page.Verdict, page.Signers, err = c.judge(d.Code); err != nil {
		return err
	}
	return c.show(http.StatusOK, "paper", view{TitleKey: "paper.title", Data: page})
}

// sum is the SHA-256 of the file in a field of the form, in hexadecimal; "" when there is none.
func (c *call) sum(field string) (string, error) {
	c.r.Body = http.MaxBytesReader(c.w, c.r.Body, maxDocument+maxForm)
	form, err := c.r.MultipartReader()
	if err != nil {
		return "", fmt.Errorf("%w: %w", errForm, err)
	}
	for {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			return "", nil
		}
		h, n := sha256.New(), int64(0)
		if err == nil && part.FormName() == field && part.FileName() != "" {
			n, err = io.Copy(h, part)
		}
		var large *http.MaxBytesError
		switch {
		case errors.As(err, &large):
			return "", fault.Wrap(err, "ABS-SIG-013", maxDocument>>20)
		case err != nil:
			return "", fmt.Errorf("%w: %w", errForm, err)
		case n > 0:
			return hex.EncodeToString(h.Sum(nil)), nil
		}
	}
}
