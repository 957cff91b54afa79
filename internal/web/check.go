package web

import (
	"context"
	"errors"
	"io"
	"net/http"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"absah/internal/answer"
	"absah/internal/fault"
	"absah/pades"
)

// The check on the server is for browsers that cannot check on their own device. The file is judged at once and thrown away.

// Bounds of the check on the server.
const (
	checkTime      = 25 * time.Second // the wait for a place, and asking others about certificates
	checksPerHour  = 60               // of one address
	maxCheckedName = 120              // characters of a file's name that are shown
)

type checkPage struct {
	View  *answer.View // nil: the form alone
	Words func(key string) string
}

// checkForm is shown for a file that cannot be judged as it is.
func (c *call) checkForm() error {
	return c.show(http.StatusOK, "check", view{TitleKey: "check.title", Data: &checkPage{}})
}

// checkFile judges the file of the form.
func (s *server) checkFile(c *call) error {
	if wait := s.checkLimit.allow(s.ClientIP(c.r)); wait > 0 {
		retryAfter(c.w, wait)
		return c.sorry(http.StatusTooManyRequests, "check.often", "check.often.text", "n", minutes(wait))
	}
	if !c.multipart() {
		return errForm
	}
	h, f, err := c.document()
	if c.r.MultipartForm != nil {
		defer func() { _ = c.r.MultipartForm.RemoveAll() }()
	}
	if err != nil {
		return err
	}
	if f == nil {
		return c.checkForm()
	}
	defer f.Close()
	ctx, cancel := context.WithTimeout(c.r.Context(), checkTime)
	defer cancel()
	select {
	case s.checking <- struct{}{}:
		defer func() { <-s.checking }()
	case <-ctx.Done():
		return c.sorry(http.StatusServiceUnavailable, "check.busy", "check.busy.text")
	}
	password := c.value("password_pdf")
	doc, err := s.Check(ctx, f, h.Size, password)
	switch {
	case errors.Is(err, pades.ErrPassword):
		c.bad("password_pdf", fault.New("ABS-VER-002"))
		return c.checkForm()
	case errors.Is(err, pades.ErrNotPDF), h.Size == 0:
		c.bad("pdf", fault.New("ABS-VER-001"))
		return c.checkForm()
	case ctx.Err() != nil && c.r.Context().Err() == nil:
		return c.sorry(http.StatusServiceUnavailable, "check.long", "check.long.text")
	case err != nil:
		// The file is a stranger's: why it cannot be read is for whoever works on the program.
		s.Log.Info("a file cannot be judged", "error", err)
		c.bad("pdf", fault.New("ABS-VER-010"))
		return c.checkForm()
	}
	doc.Name, doc.Size = shownName(h.Filename), h.Size
	l := pades.Language(c.lang)
	return c.show(http.StatusOK, "check", view{TitleKey: "check.result", Data: &checkPage{
		View: answer.New(doc, l), Words: func(key string) string { return answer.Word(key, l) },
	}})
}

func minutes(d time.Duration) string { return strconv.Itoa(int((d + time.Minute - 1) / time.Minute)) }

// shownName is a file's name as a page can show it.
func shownName(name string) string {
	name = oneLine(pades.Plain(filepath.Base(strings.ReplaceAll(name, `\`, "/"))))
	if name == "" || name == "." || name == "/" {
		return "PDF"
	}
	return first(maxCheckedName, name)
}

// Checker judges a file that somebody sent. It must not keep it. Name and size are set by the page.
type Checker func(ctx context.Context, f io.ReaderAt, size int64, password string) (*answer.Document, error)
