package web

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"golang.org/x/net/idna"

	"absah/internal/answer"
	"absah/internal/fault"
	"absah/internal/remotesign"
	"absah/pades"
)

// paperPolicy lets the page of a paper run our own small script, which compares a file without sending it. It may ask nobody
// anything.
var paperPolicy = strings.Replace(policy, "style-src", "script-src 'self'; style-src", 1)

// paperPage is what a QR on paper leads to. It never shows a national number.
type paperPage struct {
	Address
	Code     string
	Document remotesign.Document
	State    remotesign.State
	Next     *remotesign.Document // at the end of its successors, when it has any
	Verdict  verdict
	Signers  []signer
	Checked  time.Time // the verdict is that of this moment
	Compared string    // "same" or "other", when somebody compared a file
}

// codePage is where a code is typed, and where it comes back when it leads nowhere.
type codePage struct {
	Address
	Title string // key of the heading; "" = nothing is wrong
	Text  string // what is wrong with it
	Fault string // its code
	Shape bool   // it cannot be one of our codes
}

// Address is the name of this server as people must read it in their browser.
type Address struct {
	Host string
	Puny string // the same as it travels, when it has other letters than a to z
	// Two names that look like ours and are not.
	Longer, Hyphened string
}

func (s *server) address() Address {
	host := s.Documents.Host
	a := Address{Host: host}
	name, port, err := net.SplitHostPort(host)
	if err != nil {
		name, port = host, ""
	}
	if ascii, err := idna.ToASCII(name); err == nil && ascii != name {
		a.Puny = ascii
		if port != "" {
			a.Puny = net.JoinHostPort(ascii, port)
		}
	} else if shown, err := idna.ToUnicode(name); err == nil && shown != name {
		a.Host, a.Puny, name = shown+strings.TrimPrefix(host, name), host, shown
	}
	// The names of others in the examples end with a label that belongs to nobody (RFC 2606 §2).
	a.Longer, a.Hyphened = name+".surat.example", strings.ReplaceAll(name, ".", "-")+".example"
	return a
}

// typed shows the form for a code, and sends a typed one to its page. People also paste the whole address: ours is taken for its code,
// any other is what this page warns of.
func (s *server) typed(c *call) error {
	code := c.r.URL.Query().Get("kode")
	if strings.TrimSpace(code) == "" {
		return c.show(http.StatusOK, "code", view{TitleKey: "code.title", Data: codePage{Address: s.address()}})
	}
	before, after, whole := strings.Cut(code, "/v/")
	if whole {
		if _, host, ok := strings.Cut(before, "://"); ok {
			before = host
		}
		if a := s.address(); !strings.EqualFold(strings.TrimSpace(before), a.Host) && !strings.EqualFold(strings.TrimSpace(before), s.Documents.Host) {
			return c.stranger(code)
		}
		code = after
	}
	d, err := c.find(code)
	if err != nil || d == nil {
		return c.unknown(code, err)
	}
	c.redirect("/v/" + d.Code)
	return nil
}

// Codes that nobody has, of one network.
const (
	missWindow = 15 * time.Minute
	maxMisses  = 240 // a whole office may share one address; of 2^64 codes that leaves the rest
)

// find looks a code up. Who asks for many that nobody has is made to wait, whatever they ask for then.
func (c *call) find(typed string) (*remotesign.Document, error) {
	client := c.s.ClientIP(c.r)
	if wait := c.s.misses.wait(client); wait > 0 && c.person == nil {
		return nil, fault.New("ABS-VER-008", fault.Clock(c.s.Now().Add(wait)))
	}
	d, err := c.s.Documents.Signing.Document(c.r.Context(), typed)
	if err == nil && d == nil && len(remotesign.ReadCode(typed)) > 0 { // what is no code at all guesses nothing
		c.s.misses.count(client)
	}
	return d, err
}

// unknown says that a code leads nowhere, and why that may be.
func (c *call) unknown(typed string, err error) error {
	switch {
	case err != nil:
		return err
	case len(remotesign.ReadCode(typed)) == 0:
		return c.noCode(typed, true, "code.shape", fault.New("ABS-VER-007", remotesign.CodeLength))
	}
	return c.noCode(typed, false, "code.unknown", fault.New("ABS-VER-006", c.s.address().Host))
}

// stranger says that an address is not ours.
func (c *call) stranger(typed string) error {
	return c.noCode(typed, false, "code.foreign", fault.New("ABS-VER-009", c.s.address().Host))
}

func (c *call) noCode(typed string, shape bool, title string, f *fault.Error) error {
	page := codePage{Address: c.s.address(), Title: title, Text: f.Text(c.lang), Fault: f.Code, Shape: shape}
	c.form.Set("kode", first(maxLine, oneLine(pades.Plain(typed))))
	return c.show(f.Status, "code", view{TitleKey: title, Data: page})
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
	code := c.r.PathValue("code")
	d, err := c.find(code)
	if err != nil || d == nil {
		return c.unknown(code, err)
	}
	if code != d.Code && (c.r.Method == http.MethodGet || c.r.Method == http.MethodHead) {
		// One address for each document, which is the one on the paper.
		c.redirect("/v/" + d.Code)
		return nil
	}
	page := paperPage{Address: c.s.address(), Code: code, State: d.State(), Checked: c.s.Now()}
	if d.Successor != "" {
		if page.Next, err = c.s.Documents.Signing.Latest(c.r.Context(), d); err != nil {
			return err
		}
		public(page.Next)
	}
	if page.Compared, err = compare(d.SHA256); err != nil {
		return err
	}
	if page.Verdict, page.Signers, err = c.judge(d.Code); err != nil {
		return err
	}
	public(d)
	page.Document = *d
	c.w.Header().Set("Content-Security-Policy", paperPolicy)
	title := "paper.title"
	if page.State != remotesign.Standing {
		title = "paper.title." + string(page.State)
	}
	return c.show(http.StatusOK, "paper", view{TitleKey: title, Script: c.s.assets.names["paper.js"], Data: page})
}

// public makes what a signer stated fit to be read by everybody.
func public(d *remotesign.Document) {
	for _, s := range []*string{&d.Title, &d.Number, &d.Subject, &d.Withdrawn.Note} {
		*s = answer.Shown(*s)
	}
}

// firstPage is the picture of the first page, while its owner wants it shown.
func (s *server) firstPage(w http.ResponseWriter, r *http.Request) {
	c := &call{s: s, w: w, r: r}
	d, err := c.find(r.PathValue("code"))
	if err != nil || d == nil || d.Picture != remotesign.PictureShown || s.Documents.Picture == nil {
		http.NotFound(w, r)
		return
	}
	f, size, err := s.Documents.Picture(r.Context(), d.Code)
	if err != nil {
		s.Log.Error("picture", "path", c.route(), "error", err)
		http.NotFound(w, r)
		return
	}
	defer f.Close()
	h := w.Header()
	h.Set("Content-Type", "image/jpeg")
	h.Set("Content-Security-Policy", filePolicy)
	// It is asked for each time: the owner may have stopped it.
	h.Set("Cache-Control", "no-store")
	http.ServeContent(w, r, "", time.Time{}, io.NewSectionReader(f, 0, size))
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
