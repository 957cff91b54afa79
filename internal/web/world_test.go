package web_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"html"
	"io"
	"log/slog"
	"math/big"
	"mime/multipart"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"absah/internal/account"
	"absah/internal/audit"
	"absah/internal/mail"
	"absah/internal/ra"
	"absah/internal/remotesign"
	"absah/internal/store"
	"absah/internal/web"
	"absah/pades"
)

// world is a whole registration authority with a fake issuer, a real database, a real mail server and a clock of its own.
type world struct {
	t        *testing.T
	db       *store.DB
	accounts *account.Service
	ra       *ra.Service
	audit    *audit.Tree
	delivery *mail.Delivery
	outbox   *mail.Outbox
	server   *httptest.Server
	handler  http.Handler
	issuer   *issuer
	box      *mailbox
	docs     *documents

	mu    sync.Mutex
	clock time.Time

	agency               account.OrganisationID
	verifier1, verifier2 account.PersonID
	admin                account.PersonID
}

const (
	nikBudi     = "3300000000000001"
	nikSari     = "3300000000000002" // verifier
	nikTono     = "3300000000000003" // verifier
	nikWati     = "3300000000000004" // administrator
	staffSecret = "embun-payung-lorong-73"
	budiSecret  = "gerimis-teras-kapur-58"
	passphrase  = "lembayung tikar pelita 61"
)

func (w *world) now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.clock
}

func (w *world) sleep(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.clock = w.clock.Add(d)
}

// people is the adapter that the application has too: the accounts as the registration wants them.
type people struct{ *account.Service }

func (p people) Invite(ctx context.Context, a ra.Applicant) (string, error) {
	id, err := p.Service.Invite(ctx, account.Invitation{
		NIK: a.NIK, Organisation: account.OrganisationID(a.Organisation), Name: a.Name, NIP: a.NIP, Position: a.Position, Unit: a.Unit, Email: a.Email, Phone: a.Phone,
	})
	return string(id), err
}

func (p people) Active(ctx context.Context, person string) (bool, error) {
	x, err := p.Person(ctx, account.PersonID(person))
	return x.Active(), err
}

func (p people) HashPassword(ctx context.Context, person, password string) (string, error) {
	h, err := p.Service.HashPassword(ctx, account.PersonID(person), password)
	return string(h), err
}

func (p people) Activate(ctx context.Context, person, hashed string) error {
	return p.Service.Activate(ctx, account.PersonID(person), account.Hashed(hashed))
}

func (p people) CheckPassphrase(ctx context.Context, person, secret string) error {
	return p.Service.CheckPassphrase(ctx, account.PersonID(person), secret)
}

func (p people) Agency(ctx context.Context, id string) (name, domain, contact string, err error) {
	o, err := p.Organisation(ctx, account.OrganisationID(id))
	return o.Name, o.Domain, o.Contact, err
}

func (p people) Officer(ctx context.Context, person string) (name, contact string, err error) {
	x, err := p.Person(ctx, account.PersonID(person))
	return x.Name, x.Email, err
}

var _ ra.People = people{}

// issuer makes a real certificate with a throw-away key and remembers for whom.
type issuer struct {
	mu   sync.Mutex
	now  func() time.Time
	got  []ra.Request
	fail error
	slow chan struct{} // when set, waits for it
}

func (i *issuer) IssueFor(ctx context.Context, r ra.Request) (ra.Certificate, error) {
	i.mu.Lock()
	slow, fail := i.slow, i.fail
	i.mu.Unlock()
	if slow != nil {
		<-slow
	}
	if fail != nil {
		return ra.Certificate{}, fail
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return ra.Certificate{}, err
	}
	serial, _ := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	t := &x509.Certificate{
		SerialNumber: serial, NotBefore: i.now(), NotAfter: i.now().AddDate(2, 0, 0),
		Subject: pkix.Name{Country: []string{"ID"}, Organization: []string{r.Organisation}, OrganizationalUnit: []string{r.Unit}, CommonName: r.Name},
	}
	der, err := x509.CreateCertificate(rand.Reader, t, t, key.Public(), key)
	if err != nil {
		return ra.Certificate{}, err
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.got = append(i.got, r)
	return ra.Certificate{Serial: fmt.Sprintf("%x", serial), DER: der, NotBefore: t.NotBefore, NotAfter: t.NotAfter}, nil
}

func (i *issuer) issued() []ra.Request {
	i.mu.Lock()
	defer i.mu.Unlock()
	return append([]ra.Request(nil), i.got...)
}

// mailbox is an SMTP server that keeps what it gets.
type mailbox struct {
	addr   *net.TCPAddr
	mu     sync.Mutex
	mails  []string
	refuse error
}

type smtpSession struct{ b *mailbox }

func (b *mailbox) NewSession(*smtp.Conn) (smtp.Session, error) { return &smtpSession{b}, nil }

func (*smtpSession) Mail(string, *smtp.MailOptions) error { return nil }
func (*smtpSession) Rcpt(string, *smtp.RcptOptions) error { return nil }
func (*smtpSession) Reset()                               {}
func (*smtpSession) Logout() error                        { return nil }

func (s *smtpSession) Data(r io.Reader) error {
	b, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	s.b.mu.Lock()
	defer s.b.mu.Unlock()
	if s.b.refuse != nil {
		return s.b.refuse
	}
	s.b.mails = append(s.b.mails, string(b))
	return nil
}

func newMailbox(t *testing.T) *mailbox {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	b := &mailbox{addr: l.Addr().(*net.TCPAddr)}
	srv := smtp.NewServer(b)
	srv.Domain = "surel.test"
	go func() { _ = srv.Serve(l) }()
	t.Cleanup(func() { _ = srv.Close() })
	return b
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, clock: time.Date(2027, 1, 12, 2, 30, 0, 0, time.UTC)}
	var err error
	if w.db, err = store.Open(t.Context(), store.Options{Path: filepath.Join(t.TempDir(), "absah.db")}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.db.Close(); err != nil {
			t.Error(err)
		}
	})
	vault, err := account.NewVault(bytes.Repeat([]byte{7}, 32))
	if err != nil {
		t.Fatal(err)
	}
	w.box = newMailbox(t)
	w.audit = audit.New(w.db, w.now)
	w.outbox = mail.NewOutbox(w.db.Mails(), vault, "dinas.contoh.test", w.now)
	w.delivery = &mail.Delivery{
		Store: w.db.Mails(), Seal: vault, Now: w.now, Keep: true,
		Sender: &mail.SMTP{Host: "127.0.0.1", Port: w.box.addr.Port, Security: mail.Plain, From: "absah@dinas.contoh.test", FromName: "Absah Dinas Contoh", Hello: "absah.test"},
	}
	w.server = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) { w.handler.ServeHTTP(rw, r) }))
	t.Cleanup(w.server.Close)
	w.accounts = account.New(account.Options{
		Store: w.db.Accounts(), Vault: vault, Audit: w.audit, Mail: w.outbox, BaseURL: w.server.URL, Now: w.now, Cost: account.Cost{Memory: 64, Time: 1, Threads: 1},
	})
	w.issuer = &issuer{now: w.now}
	w.ra = ra.New(ra.Options{
		Store: w.db.Applications(), People: people{w.accounts}, Links: w.accounts, Mail: w.outbox, Seal: vault, Issuer: w.issuer, Audit: w.audit,
		BaseURL: w.server.URL, Now: w.now,
	})
	w.docs = &documents{list: map[string]remotesign.Document{}, reports: map[string]*pades.Report{}, credentials: map[string]bool{}}
	w.handler = web.New(web.Deps{
		Accounts: w.accounts, Registration: w.ra, App: builtApp(), Demo: true, Now: w.now, Log: slog.New(slog.NewTextHandler(testLog{t}, nil)),
		Mailbox: func(ctx context.Context) ([]web.Letter, error) {
			all, err := w.outbox.Recent(ctx, 100)
			var out []web.Letter
			for _, m := range all {
				out = append(out, web.Letter{To: m.Email, Subject: m.Subject, Text: m.Text, Date: m.Date})
			}
			return out, err
		},
		Ready: []web.Check{{Name: "database", Run: w.db.Ping}},
		Documents: &web.Documents{
			Signing: remotesign.New(remotesign.Config{Store: w.docs, Pictures: w.docs, Log: w.audit, Now: w.now}),
			Open:    w.docs.open, Picture: w.docs.picture, Judge: w.docs.judge, Host: "absah.contoh.test",
		},
	})
	if w.agency, err = w.accounts.AddOrganisation(t.Context(), account.Organisation{Name: "Dinas Contoh", Domain: "dinas.contoh.test", Contact: "meja bantuan 021-555-0100"}); err != nil {
		t.Fatal(err)
	}
	w.verifier1 = w.staff("Sari Contoh", nikSari, account.Verifier)
	w.verifier2 = w.staff("Tono Contoh", nikTono, account.Verifier)
	w.admin = w.staff("Wati Contoh", nikWati, account.Administrator)
	return w
}

type testLog struct{ t *testing.T }

func (l testLog) Write(b []byte) (int, error) {
	l.t.Log(strings.TrimSpace(string(b)))
	return len(b), nil
}

func (w *world) staff(name, nik string, role account.Role) account.PersonID {
	w.t.Helper()
	first, _, _ := strings.Cut(strings.ToLower(name), " ")
	id, err := w.accounts.Add(w.t.Context(), account.Invitation{
		NIK: nik, Organisation: w.agency, Name: name, Position: "Pengelola", Unit: "Bidang Persandian", Email: first + "@dinas.contoh.test", Phone: "021-555-0101",
	}, staffSecret, role)
	if err != nil {
		w.t.Fatal(err)
	}
	return id
}

// deliver sends what waits in the outbox.
func (w *world) deliver() {
	w.t.Helper()
	if _, err := w.delivery.Deliver(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
}

// browser is one person's browser.
type browser struct {
	w *world
	c *http.Client
}

func (w *world) browser() *browser {
	jar, err := cookiejar.New(nil)
	if err != nil {
		w.t.Fatal(err)
	}
	return &browser{w, &http.Client{Jar: jar}}
}

// page is what came back, with the text as a person reads it.
type page struct {
	status int
	path   string
	body   string
	text   string
	header http.Header
}

var tags = regexp.MustCompile(`(?s)<style.*?</style>|<[^>]*>`)

func (b *browser) do(r *http.Request) page {
	b.w.t.Helper()
	res, err := b.c.Do(r)
	if err != nil {
		b.w.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		b.w.t.Fatal(err)
	}
	text := strings.Join(strings.Fields(html.UnescapeString(tags.ReplaceAllString(string(body), " "))), " ")
	if strings.Contains(text, "⟦") {
		b.w.t.Errorf("%s %s: a text is missing: %s", r.Method, r.URL.Path, text[strings.Index(text, "⟦"):][:40])
	}
	for _, nik := range []string{nikBudi, nikSari, nikTono, nikWati} {
		if res.StatusCode < 400 && strings.Contains(string(body), nik) {
			b.w.t.Errorf("%s %s shows a whole NIK", r.Method, r.URL.Path)
		}
	}
	return page{res.StatusCode, res.Request.URL.RequestURI(), string(body), text, res.Header}
}

func (b *browser) get(path string) page {
	b.w.t.Helper()
	r, err := http.NewRequestWithContext(b.w.t.Context(), "GET", b.w.url(path), nil)
	if err != nil {
		b.w.t.Fatal(err)
	}
	return b.do(r)
}

func (w *world) url(path string) string {
	if strings.HasPrefix(path, "http") {
		return path
	}
	return w.server.URL + path
}

func (b *browser) post(path string, pairs ...string) page {
	b.w.t.Helper()
	v := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		v.Add(pairs[i], pairs[i+1])
	}
	r, err := http.NewRequestWithContext(b.w.t.Context(), "POST", b.w.url(path), strings.NewReader(v.Encode()))
	if err != nil {
		b.w.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return b.do(r)
}

func (b *browser) upload(path, fileName string, data []byte, pairs ...string) page {
	b.w.t.Helper()
	return b.uploadAs("file", path, fileName, data, pairs...)
}

func (b *browser) uploadAs(field, path, fileName string, data []byte, pairs ...string) page {
	b.w.t.Helper()
	if path == "/tanda-tangan" { // each form can be carried out once
		if m := regexp.MustCompile(`name="once" value="([^"]+)"`).FindStringSubmatch(b.get(path).body); m != nil {
			pairs = append(pairs, "once", m[1])
		}
	}
	var buf bytes.Buffer
	m := multipart.NewWriter(&buf)
	for i := 0; i < len(pairs); i += 2 {
		_ = m.WriteField(pairs[i], pairs[i+1])
	}
	f, err := m.CreateFormFile(field, fileName)
	if err != nil {
		b.w.t.Fatal(err)
	}
	_, _ = f.Write(data)
	_ = m.Close()
	r, err := http.NewRequestWithContext(b.w.t.Context(), "POST", b.w.url(path), &buf)
	if err != nil {
		b.w.t.Fatal(err)
	}
	r.Header.Set("Content-Type", m.FormDataContentType())
	return b.do(r)
}

func (b *browser) login(nik, secret string) page {
	b.w.t.Helper()
	return b.post("/masuk", "nik", nik, "password", secret)
}

// letterPDF looks enough like a PDF for the registration; nobody opens it here.
var letterPDF = append([]byte("%PDF-1.7\n% surat rekomendasi contoh\n"), bytes.Repeat([]byte("0 "), 100)...)

// want fails unless the page has the status and says the words.
func (p page) want(t *testing.T, status int, words ...string) page {
	t.Helper()
	if p.status != status {
		t.Errorf("%s: status %d, want %d: %s", p.path, p.status, status, p.text)
	}
	for _, s := range words {
		if !strings.Contains(p.text, s) {
			t.Errorf("%s does not say %q: %s", p.path, s, p.text)
		}
	}
	return p
}

var errDown = errors.New("the key store does not answer")

func mustURL(t *testing.T, s string) *url.URL {
	t.Helper()
	u, err := url.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return u
}
