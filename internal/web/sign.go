package web

import (
	"cmp"
	"context"
	"errors"
	"io"
	"math"
	"mime/multipart"
	"net/http"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"absah/internal/answer"
	"absah/internal/fault"
	"absah/internal/remotesign"
	"absah/pades"
)

// Documents is what the pages need to sign and to show what was signed.
type Documents struct {
	Signing *remotesign.Service
	// Open gives the signed file of a code.
	Open func(ctx context.Context, code string) (File, int64, error)
	// Picture gives the picture of the first page of a code; nil: there are none.
	Picture func(ctx context.Context, code string) (File, int64, error)
	// Judge is the verdict on it now.
	Judge func(ctx context.Context, code string) (*pades.Report, error)
	// Host is the name that people must see in the address of a paper check.
	Host string
}

// File is an open document.
type File interface {
	io.ReaderAt
	io.Closer
}

// maxDocument is the largest PDF that the page takes.
const maxDocument = 50 << 20

type signPage struct {
	Ready     bool // there is a credential
	Documents []remotesign.Document
	Corners   []string
	Looks     []string
	Pages     []string
	Once      string // token of the form
	More      bool   // something was said in what is folded
	Drawing   bool   // the first page can be shown
}

var (
	signCorners = []string{"kanan-bawah", "kiri-bawah", "kanan-atas", "kiri-atas"}
	signPages   = []string{"terakhir", "pertama", "semua"}
	signLooks   = []string{"standar", "qr", "gambar", "tak-terlihat"}
	cornerOf    = map[string]pades.Corner{"kanan-bawah": pades.LowerRight, "kiri-bawah": pades.LowerLeft, "kanan-atas": pades.UpperRight, "kiri-atas": pades.UpperLeft}
)

func (s *server) signForm(c *call) error {
	if !c.signedIn() {
		return nil
	}
	person := string(c.person.ID)
	cred, err := s.Documents.Signing.Credential(c.r.Context(), person)
	if err != nil {
		return err
	}
	docs, err := s.Documents.Signing.Documents(c.r.Context(), person)
	if err != nil {
		return err
	}
	return c.show(http.StatusOK, "sign", view{TitleKey: "sign.title", Data: signPage{
		Ready: cred != nil, Once: s.signing.token(person), Documents: docs, Corners: signCorners, Looks: signLooks, Pages: signPages, More: c.more(), Drawing: s.Documents.Signing.Drawing(),
	}})
}

// more says whether a field of the folded part has a fault, or something else in it than at first.
func (c *call) more() bool {
	for field, usual := range map[string]string{
		"look": signLooks[0], "corner": signCorners[0], "page": signPages[0], "page_number": "", "box": "", "purpose": "", "place": "", "picture": "", "password_pdf": "",
	} {
		if v := c.form.Get(field); v != "" && v != usual || slices.ContainsFunc(c.faults, func(p problem) bool { return p.Field == field }) {
			return true
		}
	}
	return false
}

func (s *server) sign(c *call) error {
	if !c.signedIn() {
		return nil
	}
	h, f, err := c.document()
	if err != nil {
		return err
	}
	if f == nil {
		return s.signForm(c)
	}
	defer f.Close()
	look, err := c.appearance()
	if err != nil {
		return c.again(s.signForm, err)
	}
	title, number, subject, purpose, place := c.line("doctitle"), c.line("number"), c.line("subject"), c.line("purpose"), c.line("place")
	if len(c.faults) > 0 {
		return s.signForm(c)
	}
	if title == "" {
		title = titleOf(h.Filename)
	}
	act, to, err := s.signing.begin(c.r.Context(), c.value("once"), string(c.person.ID))
	switch {
	case errors.Is(err, errStale):
		c.bad("", fault.New("ABS-SIG-024"))
		return s.signForm(c)
	case err != nil:
		return err
	case act == nil:
		c.redirect(to) // the button was pressed twice
		return nil
	}
	to = ""
	defer func() { act.end(to) }()
	doc, err := s.Documents.Signing.Sign(c.r.Context(), remotesign.Request{
		Person: string(c.person.ID), Passphrase: c.value("passphrase_sign"), Source: f, Size: h.Size, Title: title, Number: number, Subject: subject,
		Picture: c.value("show_first") == "ya", Position: c.person.Position,
		Reason: purpose, Location: place, Level: pades.LevelLT, Password: c.value("password_pdf"), Appearance: look,
	})
	if err != nil {
		return c.again(s.signForm, err)
	}
	to = "/dokumen/" + doc.Code
	c.redirect(to)
	return nil
}

// again shows a form with its fault beside the field that it belongs to.
func (c *call) again(form handler, err error) error {
	f, ok := fault.As(err)
	if !ok {
		return err
	}
	field := "" // of nobody's typing: the certificate, the services
	switch {
	case slices.Contains([]string{"ABS-SIG-010", "ABS-SIG-012", "ABS-SIG-017", "ABS-SIG-021"}, f.Code):
		field = "pdf"
	case strings.HasPrefix(f.Code, "ABS-SIG-203"):
		field = "passphrase_sign"
	case f.Code == "ABS-SIG-011":
		field = "password_pdf"
	case f.Code == "ABS-SIG-014":
		field = "picture"
	case f.Code == "ABS-SIG-015":
		field = c.pageField()
	case f.Code == "ABS-SIG-016", f.Code == "ABS-SIG-018":
		field = "box"
	}
	if f.Status >= http.StatusInternalServerError {
		c.s.Log.Error("page", "path", c.route(), "error", err)
	}
	c.bad(field, f)
	return form(c)
}

// appearance reads how the signature shall look.
func (c *call) appearance() (*pades.Appearance, error) {
	a := &pades.Appearance{Corner: cornerOf[c.value("corner")], Language: c.lang}
	switch c.value("look") {
	case "tak-terlihat":
		return nil, nil
	case "qr":
		a.Kind = pades.AppearanceQR
	case "gambar":
		_, data, err := c.file("picture")
		if err != nil {
			return nil, err
		}
		if len(data) == 0 {
			return nil, fault.New("ABS-SIG-014")
		}
		a.Kind, a.Image = pades.AppearanceImage, data
	}
	if box := oneLine(c.value("box")); box != "" {
		var err error
		if a.Rect, err = rectangle(box); err != nil {
			return nil, err
		}
	}
	switch p := oneLine(cmp.Or(c.value("page_number"), c.value("page"))); p {
	case "", "terakhir":
		a.Page = pades.LastPage
	case "pertama":
		a.Page = pades.FirstPage
	case "semua":
		a.Page = pades.AllPages
	default:
		n, err := strconv.Atoi(p)
		if err != nil || n < 1 {
			c.problem(problem{c.pageField(), c.text("page.form"), "ABS-SIG-015"})
		}
		a.Page = n
	}
	return a, nil
}

// pageField is the field that named the page: a number goes before the choice.
func (c *call) pageField() string {
	if c.value("page_number") != "" {
		return "page_number"
	}
	return "page"
}

// rectangle reads X,Y,W,H in points from the lower left corner of the page as displayed.
func rectangle(s string) (r [4]float64, err error) {
	parts := strings.Split(s, ",")
	if len(parts) != len(r) {
		return r, fault.New("ABS-SIG-018")
	}
	for i, p := range parts {
		if r[i], err = strconv.ParseFloat(strings.TrimSpace(p), 64); err != nil || math.IsNaN(r[i]) || math.IsInf(r[i], 0) {
			return r, fault.Wrap(err, "ABS-SIG-018")
		}
	}
	if r[2] <= 0 || r[3] <= 0 {
		return r, fault.New("ABS-SIG-018")
	}
	return r, nil
}

// document is the PDF of a form. Without one the form has a fault, and the file is nil.
func (c *call) document() (h *multipart.FileHeader, f multipart.File, err error) {
	if err := c.parseUpTo(maxDocument + maxForm); err != nil {
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			return nil, nil, fault.Wrap(err, "ABS-SIG-013", maxDocument>>20)
		}
		return nil, nil, err
	}
	if c.r.MultipartForm == nil || len(c.r.MultipartForm.File["pdf"]) == 0 {
		c.bad("pdf", fault.New("ABS-SIG-019"))
		return nil, nil, nil
	}
	h = c.r.MultipartForm.File["pdf"][0]
	if h.Size > maxDocument {
		return nil, nil, fault.New("ABS-SIG-013", maxDocument>>20)
	}
	f, err = h.Open()
	return h, f, err
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// maxLine is the longest title, reason or place, in characters. The title stands on a public page.
const maxLine = 200

func hasUnprintable(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return r == utf8.RuneError || !unicode.IsPrint(r) })
}

// titleOf makes a title of the name of a file.
func titleOf(name string) string {
	name = strings.TrimSuffix(filepath.Base(name), filepath.Ext(name))
	return cmp.Or(first(maxLine, oneLine(answer.Shown(name))), "dokumen")
}

func first(n int, s string) string {
	r := []rune(s)
	return string(r[:min(n, len(r))])
}

// fileName keeps of a title what every system allows in a name.
func fileName(title string) string {
	name := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || r == '-' || r == '_' || r == ' ' {
			return r
		}
		return '-'
	}, title)
	if name = strings.Trim(name, " -"); name == "" {
		name = "dokumen"
	}
	return first(80, name)
}
