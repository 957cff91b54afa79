package web

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"strings"

	"absah/internal/account"
	"absah/internal/fault"
	"absah/internal/ra"
)

// call is one request for a page: who asks, in which language, and what was typed.
type call struct {
	s      *server
	w      http.ResponseWriter
	r      *http.Request
	lang   string
	person *account.Person // nil when nobody is signed in
	form   url.Values      // what is shown again when a form has faults
	faults []problem
}

// handler answers a call. An error that is a fault becomes its page; any other is logged and shown as an incident number.
type handler func(c *call) error

const (
	maxWords = 64 << 10 // a form without files
	// maxForm bounds a form with a file; larger evidence than ra accepts is still read, so that the person gets an answer and
	// not a cut line.
	maxForm = 8 << 20
)

func (s *server) page(h handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		c := &call{s: s, w: w, r: r, lang: "id", form: url.Values{}}
		w.Header().Set("Cache-Control", "no-store")
		if k, err := r.Cookie(langCookie); err == nil && k.Value == "en" {
			c.lang = "en"
		}
		if l := r.URL.Query().Get("lang"); (l == "id" || l == "en") && r.Method == http.MethodGet {
			s.switchLanguage(w, r, l)
			return
		}
		if err := c.run(h); err != nil {
			c.fail(err)
		}
	}
}

func (c *call) run(h handler) error {
	if k, err := c.r.Cookie(c.s.sessionCookie()); err == nil {
		p, err := c.s.Accounts.Session(c.r.Context(), k.Value)
		switch {
		case err == nil:
			c.person = &p
		case !errors.Is(err, account.ErrNotFound):
			return err
		}
	}
	return h(c)
}

// fail shows an error that no handler turned into words.
func (c *call) fail(err error) {
	c.faults = nil
	if err := c.explain(err); err != nil {
		// The page that says sorry is a page too; when even that breaks, a plain sentence is left.
		c.s.Log.Error("page", "path", c.route(), "error", err)
		http.Error(c.w, "internal error", http.StatusInternalServerError)
	}
}

func (c *call) explain(err error) error {
	if f, ok := fault.As(err); ok {
		if f.Status >= http.StatusInternalServerError {
			c.s.Log.Error("page", "path", c.route(), "error", err)
		}
		title := "sorry.title"
		if f.Status == http.StatusGone {
			title = "spent.title"
		}
		return c.show(f.Status, "sorry", view{TitleKey: title, Data: sorry{Text: f.Text(c.lang), Code: f.Code}})
	}
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return c.sorry(http.StatusRequestEntityTooLarge, "large.title", "large.text")
	}
	if errors.Is(err, errNotOwn) {
		return c.sorry(http.StatusNotFound, "stray.title", "stray.text")
	}
	if errors.Is(err, errForm) {
		return c.sorry(http.StatusBadRequest, "form.title", "form.text")
	}
	id := incident()
	c.s.Log.Error("page", "incident", id, "path", c.route(), "error", err)
	return c.sorry(http.StatusInternalServerError, "crash.title", "crash.text", "id", id)
}

func incident() string { return rand.Text()[:8] }

// route is the pattern of the request: the address itself may hold a token.
func (c *call) route() string {
	if c.r.Pattern != "" {
		return c.r.Pattern
	}
	return "?"
}

type sorry struct{ Text, Code string }

// sorry shows a page with one message of the catalogue.
func (c *call) sorry(status int, title, text string, args ...string) error {
	return c.show(status, "sorry", view{TitleKey: title, Data: sorry{Text: c.text(text, args...)}})
}

func (c *call) text(key string, args ...string) string { return translate(c.lang, key, args...) }

// redirect answers a finished form, so that reloading does not send it again.
func (c *call) redirect(to string) { http.Redirect(c.w, c.r, to, http.StatusSeeOther) }

func (s *server) nowhere(c *call) error {
	if c.r.Method != http.MethodGet && c.r.Method != http.MethodHead {
		return c.sorry(http.StatusMethodNotAllowed, "missing.title", "missing.text")
	}
	return c.sorry(http.StatusNotFound, "missing.title", "missing.text")
}

// signedIn sends somebody who is not to the log-in, and back here afterwards.
func (c *call) signedIn() bool {
	if c.person != nil {
		return true
	}
	to := "/masuk?lanjut=" + url.QueryEscape(c.pagePath())
	if c.r.Method != http.MethodGet {
		to += "&lagi=1"
	}
	c.redirect(to)
	return false
}

// actor is the signed-in person as the registration knows it; the zero Actor for a visitor.
func (c *call) actor() ra.Actor {
	p := c.person
	if p == nil {
		return ra.Actor{}
	}
	return ra.Actor{
		Person: string(p.ID), Name: p.Name, Organisation: string(p.Organisation),
		Verifier: p.Has(account.Verifier), Administrator: p.Has(account.Administrator),
	}
}

func (c *call) officer() bool {
	return c.person != nil && (c.person.Has(account.Verifier) || c.person.Has(account.Administrator))
}

func (c *call) multipart() bool {
	return strings.HasPrefix(strings.ToLower(c.r.Header.Get("Content-Type")), "multipart/")
}

// parse reads a form without files; anybody may send one, so it stays small.
func (c *call) parse() error {
	if c.multipart() {
		return errForm
	}
	c.r.Body = http.MaxBytesReader(c.w, c.r.Body, maxWords)
	return c.parsed(c.r.ParseForm())
}

// parseFile reads a form that may have a file.
func (c *call) parseFile() error {
	if c.multipart() {
		return c.parseUpTo(maxForm)
	}
	return c.parse()
}

// parseUpTo reads a form with files; what is over a few megabytes waits on disk.
func (c *call) parseUpTo(limit int64) error {
	c.r.Body = http.MaxBytesReader(c.w, c.r.Body, limit)
	return c.parsed(c.r.ParseMultipartForm(maxForm))
}

// errForm is a body that is no form: the sender's fault.
var errForm = errors.New("the form cannot be read")

// parsed keeps what was typed. Secrets stay out of c.form, so that no page repeats them.
func (c *call) parsed(err error) error {
	var large *http.MaxBytesError
	var disk *fs.PathError
	switch {
	case errors.As(err, &large), errors.As(err, &disk):
		return err
	case err != nil:
		return fmt.Errorf("%w: %w", errForm, err)
	}
	for k, v := range c.r.PostForm {
		if !strings.HasPrefix(k, "password") && !strings.HasPrefix(k, "passphrase") {
			c.form[k] = v
		}
	}
	return nil
}

func (c *call) value(name string) string { return c.r.PostFormValue(name) }

// file reads an uploaded file; none is empty.
func (c *call) file(name string) (fileName string, data []byte, err error) {
	if c.r.MultipartForm == nil || len(c.r.MultipartForm.File[name]) == 0 {
		return "", nil, nil
	}
	h := c.r.MultipartForm.File[name][0]
	f, err := h.Open()
	if err != nil {
		return "", nil, err
	}
	defer f.Close()
	data, err = io.ReadAll(f)
	return h.Filename, data, err
}

// problem is one fault of a form: beside its field and in the summary on top.
type problem struct{ Field, Text, Code string }

// collect takes the faults out of an error for the form that is shown again. It returns the error when something in it is no
// fault: that is not for the form.
func (c *call) collect(err error) error {
	var found []problem
	if !gather(err, "", &found, c.lang) {
		return err
	}
	for _, p := range found {
		c.problem(p)
	}
	return nil
}

func (c *call) problem(p problem) {
	for _, q := range c.faults {
		if p == q {
			return
		}
	}
	c.faults = append(c.faults, p)
}

// bad adds a fault of the form itself.
func (c *call) bad(field string, f *fault.Error) {
	c.problem(problem{field, f.Text(c.lang), f.Code})
}

// gather walks joined errors; false when a leaf is no fault.
func gather(err error, field string, out *[]problem, lang string) bool {
	switch e := err.(type) {
	case nil:
		return true
	case *fault.Error:
		*out = append(*out, problem{field, e.Text(lang), e.Code})
		return true
	case interface {
		FieldName() string
		Unwrap() error
	}:
		return gather(e.Unwrap(), e.FieldName(), out, lang)
	case interface{ Unwrap() []error }:
		for _, err := range e.Unwrap() {
			if !gather(err, field, out, lang) {
				return false
			}
		}
		return true
	case interface{ Unwrap() error }:
		return gather(e.Unwrap(), field, out, lang)
	}
	return false
}
