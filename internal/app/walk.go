package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"html"
	"io"
	"maps"
	"mime/multipart"
	"mime/quotedprintable"
	"net/http"
	"net/http/cookiejar"
	netmail "net/mail"
	"net/url"
	"os"
	"regexp"
	"strings"
	"time"
)

// browser is a person at a screen: it keeps cookies, follows links, fills in forms.
type browser struct {
	client *http.Client
	base   string
	origin string // sent as Origin when it is set
}

func newBrowser(base string) *browser {
	jar, _ := cookiejar.New(nil) // without options it cannot fail
	return &browser{client: &http.Client{Jar: jar, Timeout: 2 * time.Minute}, base: base}
}

const maxPage = 64 << 20

// page is what a request ended on.
type page struct {
	status int
	path   string
	body   string
}

func (b *browser) do(req *http.Request) (page, error) {
	if b.origin != "" {
		req.Header.Set("Origin", b.origin)
	}
	resp, err := b.client.Do(req)
	if err != nil {
		return page{}, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxPage))
	return page{resp.StatusCode, resp.Request.URL.Path, string(body)}, err
}

func (b *browser) get(ctx context.Context, path string) (page, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, b.base+path, nil)
	if err != nil {
		return page{}, err
	}
	return b.do(req)
}

func (b *browser) post(ctx context.Context, path string, form url.Values) (page, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, b.base+path, strings.NewReader(form.Encode()))
	if err != nil {
		return page{}, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return b.do(req)
}

// upload posts a form with a file.
func (b *browser) upload(ctx context.Context, path string, form url.Values, field, name string, data []byte) (page, error) {
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for k, list := range form {
		for _, v := range list {
			if err := w.WriteField(k, v); err != nil {
				return page{}, err
			}
		}
	}
	part, err := w.CreateFormFile(field, name)
	if err != nil {
		return page{}, err
	}
	if _, err := part.Write(data); err != nil {
		return page{}, err
	}
	if err := w.Close(); err != nil {
		return page{}, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, b.base+path, &body)
	if err != nil {
		return page{}, err
	}
	req.Header.Set("Content-Type", w.FormDataContentType())
	return b.do(req)
}

var (
	tags   = regexp.MustCompile(`(?s)<[^>]*>`)
	blanks = regexp.MustCompile(`\s+`)
	faults = regexp.MustCompile(`(?s)<[^>]+class="[^"]*fault[^"]*"[^>]*>(.*?)</`)
)

// complaint is what a page says went wrong, in its own words.
func (p page) complaint() string {
	var out []string
	for _, m := range faults.FindAllStringSubmatch(p.body, -1) {
		if s := strings.TrimSpace(blanks.ReplaceAllString(html.UnescapeString(tags.ReplaceAllString(m[1], " ")), " ")); s != "" {
			out = append(out, s)
		}
	}
	if len(out) == 0 {
		if _, main, ok := strings.Cut(p.body, "<main"); ok {
			main, _, _ = strings.Cut(main, "</main>")
			text := blanks.ReplaceAllString(html.UnescapeString(tags.ReplaceAllString("<"+main, " ")), " ")
			out = append(out, strings.TrimSpace(text[:min(len(text), 300)]))
		}
	}
	return strings.Join(out, "; ")
}

// hidden is the value of a hidden field of a form on the page.
func (p page) hidden(name string) string {
	m := regexp.MustCompile(`<input[^>]*name="` + regexp.QuoteMeta(name) + `"[^>]*>`).FindString(p.body)
	v := regexp.MustCompile(`value="([^"]*)"`).FindStringSubmatch(m)
	if v == nil {
		return ""
	}
	return html.UnescapeString(v[1])
}

func (p page) ok(what string) error {
	if p.status >= 400 {
		return fmt.Errorf("%s: the page answers %d: %s", what, p.status, p.complaint())
	}
	return nil
}

func (b *browser) logIn(ctx context.Context, nik, password string) error {
	p, err := b.post(ctx, "/masuk", url.Values{"nik": {nik}, "password": {password}})
	if err != nil {
		return err
	}
	return p.ok("log in")
}

var onceField = regexp.MustCompile(`name="once" value="([^"]+)"`)

// formToken opens the form for signing; each form can be carried out once.
func (b *browser) formToken(ctx context.Context) (string, error) {
	p, err := b.get(ctx, "/tanda-tangan")
	if err == nil {
		err = p.ok("open the form for signing")
	}
	if err != nil {
		return "", err
	}
	m := onceField.FindStringSubmatch(p.body)
	if m == nil {
		return "", errors.New("the page for signing has no form; is there a certificate?")
	}
	return m[1], nil
}

// sign signs a document on the page and returns the signed file. more are further fields of the form.
func (b *browser) sign(ctx context.Context, file, title string, doc []byte, passphrase string, more url.Values) ([]byte, error) {
	once, err := b.formToken(ctx)
	if err != nil {
		return nil, err
	}
	form := url.Values{
		"once": {once}, "doctitle": {title}, "look": {"standar"}, "corner": {"kanan-bawah"}, "purpose": {"Persetujuan"}, "place": {"Kota Contoh"},
		"passphrase_sign": {passphrase},
	}
	maps.Copy(form, more)
	p, err := b.upload(ctx, "/tanda-tangan", form, "pdf", file, doc)
	if err != nil {
		return nil, err
	}
	if err := p.ok("sign"); err != nil {
		return nil, err
	}
	code, ok := strings.CutPrefix(p.path, "/dokumen/")
	if !ok {
		return nil, fmt.Errorf("sign: the page does not show the document but %s", p.path)
	}
	p, err = b.get(ctx, "/dokumen/"+code+"/unduh")
	if err != nil {
		return nil, err
	}
	return []byte(p.body), p.ok("download")
}

// walk is one registration, step by step, through the pages and the mails that a person would use.
type walk struct {
	d          *Demo
	base       string
	patience   time.Duration // for a mail
	seen       int           // mails read so far
	activation string
	passphrase string
	id         string // of the application
}

// step is one thing that somebody does.
type step struct {
	name string
	run  func(ctx context.Context) error
}

func (w *walk) run(ctx context.Context, steps []step) error {
	for i, s := range steps {
		if err := s.run(ctx); err != nil {
			return fmt.Errorf("registration, step %d (%s): %w", i+1, s.name, err)
		}
		w.d.say("%d/%d %s", i+1, len(steps), s.name)
	}
	return nil
}

// steps are the registration in its order; a test leaves out one of them and asserts that there is no certificate.
func (w *walk) steps() []step {
	signer := w.d.state.People[0]
	registrar, second, third := w.d.state.People[1], w.d.state.People[2], w.d.state.People[3]
	officer := newBrowser(w.base)
	person := newBrowser(w.base)
	return []step{
		{"the verifikator registers the application", func(ctx context.Context) error {
			if err := officer.logIn(ctx, registrar.NIK, registrar.Password); err != nil {
				return err
			}
			p, err := officer.post(ctx, "/permohonan/baru", url.Values{
				"nik": {signer.NIK}, "name": {signer.Name}, "position": {signer.Position}, "unit": {demoUnit}, "email": {signer.Email},
			})
			if err != nil {
				return err
			}
			w.id = strings.TrimPrefix(p.path, "/permohonan/")
			return p.ok("apply")
		}},
		{"the activation mail arrives", func(ctx context.Context) (err error) {
			w.activation, err = w.mail(ctx, "/aktivasi/")
			return err
		}},
		{"the person confirms the data", func(ctx context.Context) error {
			p, err := person.post(ctx, w.activation, url.Values{"langkah": {"ya"}})
			if err != nil {
				return err
			}
			return p.ok("confirm")
		}},
		{"the person sets a password", func(ctx context.Context) error {
			p, err := person.post(ctx, w.activation, url.Values{"langkah": {"sandi"}, "password": {signer.Password}, "password2": {signer.Password}})
			if err != nil {
				return err
			}
			return p.ok("password")
		}},
		{"the person hands in the recommendation letter", func(ctx context.Context) error {
			path, err := w.d.SampleLetter()
			if err != nil {
				return err
			}
			data, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			p, err := person.upload(ctx, w.activation, url.Values{"langkah": {"bukti"}, "letter": {"800/017/DC"}, "consent": {"ya"}}, "file", "surat-rekomendasi.pdf", data)
			if err != nil {
				return err
			}
			return p.ok("evidence")
		}},
		{"a second verifikator approves", func(ctx context.Context) error { return w.approve(ctx, second) }},
		{"a third person approves", func(ctx context.Context) error { return w.approve(ctx, third) }},
		{"the set-passphrase mail arrives", func(ctx context.Context) (err error) {
			w.passphrase, err = w.mail(ctx, "/passphrase/")
			return err
		}},
		{"the person signs in", func(ctx context.Context) error { return person.logIn(ctx, signer.NIK, signer.Password) }},
		{"the person sets the passphrase: key made, certificate issued", func(ctx context.Context) error {
			pass := w.d.state.Signing
			p, err := person.post(ctx, w.passphrase, url.Values{"passphrase": {pass}, "passphrase2": {pass}, "understood": {"ya"}})
			if err != nil {
				return err
			}
			return p.ok("passphrase")
		}},
		{"the issued mail arrives", func(ctx context.Context) error {
			_, err := w.mail(ctx, "/sertifikat")
			return err
		}},
	}
}

func (w *walk) approve(ctx context.Context, who person) error {
	b := newBrowser(w.base)
	if err := b.logIn(ctx, who.NIK, who.Password); err != nil {
		return err
	}
	p, err := b.get(ctx, "/permohonan/"+w.id)
	if err != nil {
		return err
	}
	if err := p.ok("open the application"); err != nil {
		return err
	}
	p, err = b.post(ctx, "/permohonan/"+w.id+"/setujui", url.Values{"seen": {p.hidden("seen")}, "check": {"identity", "letter", "position", "email"}})
	if err != nil {
		return err
	}
	return p.ok("approve")
}

// patienceForMail is how long a walk waits for a mail on its way from the outbox over SMTP.
const (
	patienceForMail = 20 * time.Second
)

// mail waits for a mail with a link to a path and returns the link's path.
func (w *walk) mail(ctx context.Context, path string) (string, error) {
	link := regexp.MustCompile(regexp.QuoteMeta(w.d.cfg.BaseURL) + `(` + regexp.QuoteMeta(path) + `[A-Za-z0-9_-]*)`)
	for deadline := time.Now().Add(w.patience); ; {
		mails := w.d.sink.Mails()
		for i := w.seen; i < len(mails); i++ {
			if m := link.FindStringSubmatch(bodyOf(mails[i].Raw)); m != nil {
				w.seen = i + 1
				return m[1], nil
			}
		}
		if time.Now().After(deadline) {
			return "", fmt.Errorf("no mail with a link to %s arrived within %v", path, w.patience)
		}
		select {
		case <-ctx.Done():
			return "", ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// bodyOf is the text of a mail, its transfer encoding undone.
func bodyOf(raw []byte) string {
	m, err := netmail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return ""
	}
	body, err := io.ReadAll(m.Body)
	if err != nil {
		return ""
	}
	plain, err := io.ReadAll(quotedprintable.NewReader(bytes.NewReader(body)))
	if err != nil {
		return string(body)
	}
	return string(plain)
}
