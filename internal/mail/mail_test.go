package mail_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"io"
	"math/big"
	"net"
	netmail "net/mail"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"absah/internal/account"
	"absah/internal/mail"
	"absah/internal/store"
)

// relay is an SMTP server that keeps mails, or refuses them.
type relay struct {
	addr *net.TCPAddr
	auth bool

	mu     sync.Mutex
	refuse error
	mails  []string
	users  []string
}

type session struct {
	r    *relay
	user string
}

func (r *relay) NewSession(*smtp.Conn) (smtp.Session, error) { return &session{r: r}, nil }

func (s *session) AuthMechanisms() []string {
	if s.r.auth {
		return []string{sasl.Plain}
	}
	return nil
}

func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != "absah" || password != "rahasia-surel" {
			return smtp.ErrAuthFailed
		}
		s.user = user
		return nil
	}), nil
}

func (s *session) Mail(string, *smtp.MailOptions) error {
	if s.r.auth && s.user == "" {
		return smtp.ErrAuthRequired
	}
	return nil
}
func (s *session) Rcpt(string, *smtp.RcptOptions) error { return nil }
func (s *session) Reset()                               {}
func (s *session) Logout() error                        { return nil }

func (s *session) Data(r io.Reader) error {
	b, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	s.r.mu.Lock()
	defer s.r.mu.Unlock()
	if s.r.refuse != nil {
		return s.r.refuse
	}
	s.r.mails, s.r.users = append(s.r.mails, string(b)), append(s.r.users, s.user)
	return nil
}

func (r *relay) set(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.refuse = err
}

func newRelay(t *testing.T, conf *tls.Config, implicit bool) *relay {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := &relay{addr: l.Addr().(*net.TCPAddr), auth: conf != nil}
	srv := smtp.NewServer(r)
	srv.Domain, srv.TLSConfig = "surel.test", conf
	if implicit {
		l = tls.NewListener(l, conf)
	}
	go func() { _ = srv.Serve(l) }()
	t.Cleanup(func() { _ = srv.Close() })
	return r
}

type world struct {
	t        *testing.T
	db       *store.DB
	outbox   *mail.Outbox
	delivery *mail.Delivery
	clock    time.Time
	reports  []string
}

func newWorld(t *testing.T, s mail.Sender) *world {
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
	now := func() time.Time { return w.clock }
	w.outbox = mail.NewOutbox(w.db.Mails(), vault, "dinas.contoh.test", now)
	w.delivery = &mail.Delivery{Store: w.db.Mails(), Seal: vault, Sender: s, Now: now, Report: func(_ mail.Item, err error) { w.reports = append(w.reports, err.Error()) }}
	return w
}

func facts() map[string]string {
	return map[string]string{
		"url": "https://absah.test/aktivasi/abc", "expires": "2027-01-19T02:30:00Z", "until": "2029-01-12T02:30:00Z", "serial": "0a0b", "agency": "Dinas Contoh",
		"contact": "Sari Contoh (sari@dinas.contoh.test)", "registrant": "Sari Contoh", "reasons": "unreadable other", "note": "halaman 2 hilang",
	}
}

func (w *world) send(kind string) {
	w.t.Helper()
	if err := w.outbox.Send(w.t.Context(), kind, "Budi Contoh", "budi@dinas.contoh.test", facts()); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) deliver(want int) {
	w.t.Helper()
	if n, err := w.delivery.Deliver(w.t.Context()); n != want || err != nil {
		w.t.Fatalf("Deliver = %d, %v; want %d (%v)", n, err, want, w.reports)
	}
}

func (w *world) item() mail.Item {
	w.t.Helper()
	l, err := w.db.Mails().RecentMail(w.t.Context(), 1)
	if err != nil || len(l) != 1 {
		w.t.Fatal(l, err)
	}
	return l[0]
}

func header(raw, name string) string {
	for l := range strings.Lines(raw) {
		if v, ok := strings.CutPrefix(l, name+": "); ok {
			return strings.TrimSpace(v)
		}
	}
	return ""
}

func plain(r *relay) *mail.SMTP {
	return &mail.SMTP{Host: "127.0.0.1", Port: r.addr.Port, Security: mail.Plain, From: "absah@dinas.contoh.test", FromName: "Absah", Hello: "absah.test", Timeout: 5 * time.Second}
}

func TestRetry(t *testing.T) {
	r := newRelay(t, nil, false)
	w := newWorld(t, plain(r))
	w.send("activation")
	r.set(&smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "try later"})
	for i, wait := range []time.Duration{30 * time.Second, time.Minute, 2 * time.Minute, 4 * time.Minute} {
		w.deliver(0)
		it := w.item()
		if it.Attempts != i+1 || it.DueAt.Sub(w.clock) != wait || !strings.Contains(it.LastError, "try later") || !it.FailedAt.IsZero() {
			t.Fatalf("after attempt %d: %+v, due in %v; want %v", i+1, it, it.DueAt.Sub(w.clock), wait)
		}
		w.clock = w.clock.Add(wait - time.Second)
		w.deliver(0)
		if w.item().Attempts != i+1 {
			t.Fatal("tried before it was due")
		}
		w.clock = w.clock.Add(time.Second)
	}
	r.set(nil)
	w.deliver(1)
	if it := w.item(); it.SentAt.IsZero() || it.Sealed != nil || it.LastError != "" {
		t.Errorf("after delivery %+v; the text must be gone", it)
	}
	w.deliver(0)
	if len(r.mails) != 1 || header(r.mails[0], "Date") != "Tue, 12 Jan 2027 02:30:00 +0000" {
		t.Errorf("%d mails, dated %q", len(r.mails), header(r.mails[0], "Date"))
	}
	if len(w.reports) != 4 {
		t.Errorf("reports %q", w.reports)
	}
}

func TestGivenUp(t *testing.T) {
	r := newRelay(t, nil, false)
	w := newWorld(t, plain(r))
	w.send("activation")
	r.set(&smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such mailbox"})
	w.deliver(0)
	if it := w.item(); it.FailedAt.IsZero() || it.Sealed != nil || !strings.Contains(it.LastError, "no such mailbox") {
		t.Errorf("after a refusal %+v", it)
	}
	r.set(nil)
	w.clock = w.clock.Add(time.Hour)
	w.deliver(0)
	if len(r.mails) != 0 {
		t.Error("a refused mail was sent")
	}

	w = newWorld(t, &mail.SMTP{Host: "127.0.0.1", Port: 1, Security: mail.Plain, From: "absah@dinas.contoh.test", Timeout: time.Second})
	w.send("activation")
	n := 0
	for w.item().FailedAt.IsZero() {
		w.deliver(0)
		if it := w.item(); it.DueAt.Sub(w.clock) > 4*time.Hour {
			t.Fatalf("waits %v", it.DueAt.Sub(w.clock))
		}
		w.clock = w.item().DueAt
		if n++; n > 100 {
			t.Fatal("never given up")
		}
	}
	if d := w.item().FailedAt.Sub(w.item().CreatedAt); d < 5*24*time.Hour || d > 6*24*time.Hour {
		t.Errorf("given up after %v", d)
	}
}

// forgetful loses the note that a mail was sent, as a crash would.
type forgetful struct {
	mail.Store
	lost   bool
	always bool
}

func (s *forgetful) UpdateMail(ctx context.Context, i mail.Item) error {
	if (!s.lost || s.always) && !i.SentAt.IsZero() {
		s.lost = true
		return errors.New("the machine stopped")
	}
	return s.Store.UpdateMail(ctx, i)
}

func TestAtLeastOnce(t *testing.T) {
	r := newRelay(t, nil, false)
	w := newWorld(t, plain(r))
	w.delivery.Store = &forgetful{Store: w.db.Mails()}
	w.send("issued")
	if n, err := w.delivery.Deliver(t.Context()); err == nil || n != 1 {
		t.Fatalf("Deliver = %d, %v", n, err)
	}
	w.clock = w.item().DueAt
	w.deliver(1)
	if len(r.mails) != 2 || header(r.mails[0], "Message-ID") == "" || header(r.mails[0], "Message-ID") != header(r.mails[1], "Message-ID") ||
		header(r.mails[0], "Date") != header(r.mails[1], "Date") {
		t.Errorf("%d mails with ids %q", len(r.mails), []string{header(r.mails[0], "Message-ID"), header(r.mails[1], "Message-ID")})
	}
}

// full is a database that takes nothing more.
type full struct{ mail.Store }

func (full) UpdateMail(context.Context, mail.Item) error { return errors.New("the disk is full") }

// TestDiskFull: nobody gets a mail every second because nothing can be noted.
func TestDiskFull(t *testing.T) {
	for name, broken := range map[string]func(mail.Store) mail.Store{
		"nothing":       func(s mail.Store) mail.Store { return full{s} },
		"not that sent": func(s mail.Store) mail.Store { return &forgetful{Store: s, always: true} },
	} {
		r := newRelay(t, nil, false)
		w := newWorld(t, plain(r))
		w.delivery.Store = broken(w.db.Mails())
		w.send("issued")
		for range 60 {
			_, _ = w.delivery.Deliver(t.Context())
			w.clock = w.clock.Add(time.Second)
		}
		if len(r.mails) > 2 {
			t.Errorf("%s can be noted: %d mails in a minute", name, len(r.mails))
		}
	}
}

func TestRolledBack(t *testing.T) {
	r := newRelay(t, nil, false)
	w := newWorld(t, plain(r))
	boom := errors.New("boom")
	if err := w.db.Do(t.Context(), func(ctx context.Context) error {
		return errors.Join(w.outbox.Send(ctx, "activation", "Budi", "budi@dinas.contoh.test", facts()), boom)
	}); !errors.Is(err, boom) {
		t.Fatal(err)
	}
	w.deliver(0)
	if len(r.mails) != 0 {
		t.Error("a mail of a decision that was never made went out")
	}
}

func TestShutdown(t *testing.T) {
	r := newRelay(t, nil, false)
	w := newWorld(t, plain(r))
	w.send("activation")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if n, err := w.delivery.Deliver(ctx); n != 0 || err == nil {
		t.Errorf("Deliver while shutting down = %d, %v", n, err)
	}
	if it := w.item(); it.Attempts != 0 {
		t.Errorf("shutting down counted as an attempt: %+v", it)
	}
	ctx, cancel = context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		w.delivery.Run(ctx)
		close(done)
	}()
	for range 200 {
		r.mu.Lock()
		n := len(r.mails)
		r.mu.Unlock()
		if n == 1 {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	cancel()
	<-done
	if len(r.mails) != 1 {
		t.Errorf("Run delivered %d mails", len(r.mails))
	}
}

func certificate(t *testing.T) (*tls.Config, *tls.Config) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	tmpl := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "surel.test"}, DNSNames: []string{"localhost"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	c, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(c)
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}, &tls.Config{RootCAs: pool, ServerName: "localhost"}
}

func TestSecurity(t *testing.T) {
	server, client := certificate(t)
	for _, c := range []struct {
		name     string
		implicit bool
		edit     func(s *mail.SMTP)
		sent     int
	}{
		{"STARTTLS and log-in", false, func(*mail.SMTP) {}, 1},
		{"TLS and log-in", true, func(s *mail.SMTP) { s.Security = mail.ImplicitTLS }, 1},
		{"wrong password", false, func(s *mail.SMTP) { s.Password = "x" }, 0},
		{"no log-in", false, func(s *mail.SMTP) { s.User = "" }, 0},
		{"unknown issuer of the server's certificate", false, func(s *mail.SMTP) { s.TLS = nil }, 0},
		{"unknown mode", false, func(s *mail.SMTP) { s.Security = "ssl3" }, 0},
	} {
		r := newRelay(t, server, c.implicit)
		s := &mail.SMTP{Host: "localhost", Port: r.addr.Port, User: "absah", Password: "rahasia-surel", From: "absah@dinas.contoh.test", Timeout: 5 * time.Second, TLS: client}
		c.edit(s)
		w := newWorld(t, s)
		w.send("activation")
		n, err := w.delivery.Deliver(t.Context())
		if n != c.sent || err != nil || len(r.mails) != c.sent {
			t.Errorf("%s: %d sent, %v, %v; want %d", c.name, n, err, w.reports, c.sent)
		}
		if it := w.item(); c.sent == 0 && !it.FailedAt.IsZero() {
			t.Errorf("%s: a mail was given up because of our own settings", c.name)
		}
		if strings.Contains(strings.Join(w.reports, " "), "rahasia-surel") {
			t.Errorf("%s: the password is in an error", c.name)
		}
	}
	// A server without STARTTLS gets nothing when STARTTLS is asked for.
	r := newRelay(t, nil, false)
	w := newWorld(t, &mail.SMTP{Host: "127.0.0.1", Port: r.addr.Port, From: "absah@dinas.contoh.test", Timeout: 5 * time.Second})
	w.send("activation")
	w.deliver(0)
	if len(r.mails) != 0 {
		t.Error("a mail went out in clear")
	}
}

func TestTexts(t *testing.T) {
	r := newRelay(t, nil, false)
	w := newWorld(t, plain(r))
	for _, c := range []struct{ kind, subject string }{
		{"activation", "[Absah] Aktivasi Akun – berlaku sampai 19 Januari 2027 pukul 09.30 WIB"},
		{"account", "[Absah] Informasi Akun"},
		{"passphrase", "[Absah] Set Passphrase – data Anda disetujui, berlaku sampai 19 Januari 2027 pukul 09.30 WIB"},
		{"issued", "[Absah] Sertifikat Terbit – berlaku sampai 12 Januari 2029 pukul 09.30 WIB"},
		{"returned", "[Absah] Permohonan Perlu Perbaikan"},
		{"rejected", "[Absah] Permohonan Ditolak"},
		{"reset", "[Absah] Sandi Baru – berlaku sampai 19 Januari 2027 pukul 09.30 WIB"},
	} {
		w.clock = w.clock.Add(time.Second)
		w.send(c.kind)
		all, err := w.outbox.Recent(t.Context(), 1)
		if err != nil || len(all) != 1 {
			t.Fatal(all, err)
		}
		m := all[0]
		if m.Subject != c.subject {
			t.Errorf("%s: subject %q, want %q", c.kind, m.Subject, c.subject)
		}
		for _, body := range []string{m.Text, m.HTML} {
			for _, s := range []string{"https://absah.test/aktivasi/abc", "Sari Contoh (sari@dinas.contoh.test)", "Yth. Budi Contoh,", "Dear Budi Contoh,"} {
				if !strings.Contains(body, s) {
					t.Errorf("%s does not say %q:\n%s", c.kind, s, body)
				}
			}
			if strings.ContainsAny(body, "{}") {
				t.Errorf("%s has an unfilled place:\n%s", c.kind, body)
			}
			if c.kind == "returned" && (!strings.Contains(body, "berkas tidak terbaca; lainnya") || !strings.Contains(body, "the file is not readable; other") || !strings.Contains(body, "halaman 2 hilang")) {
				t.Errorf("%s does not give the reasons:\n%s", c.kind, body)
			}
		}
		// Nothing a mail needs may be forgotten by whoever sends it.
		for _, f := range []string{"url", "contact", "agency"} {
			less := facts()
			delete(less, f)
			if err := w.outbox.Send(t.Context(), c.kind, "Budi", "budi@dinas.contoh.test", less); err == nil {
				t.Errorf("%s without %s was queued", c.kind, f)
			}
		}
	}
	self := facts()
	self["registrant"] = ""
	if err := w.outbox.Send(t.Context(), "activation", "Budi", "budi@dinas.contoh.test", self); err != nil {
		t.Errorf("activation of a self-registered person: %v", err)
	}
	noTime := facts()
	noTime["expires"] = "besok"
	if err := w.outbox.Send(t.Context(), "activation", "Budi", "budi@dinas.contoh.test", noTime); err == nil {
		t.Error("a mail without its expiry was queued")
	}
	if err := w.outbox.Send(t.Context(), "iklan", "Budi", "budi@dinas.contoh.test", facts()); err == nil {
		t.Error("a mail of no kind was queued")
	}
}

func TestHostileFacts(t *testing.T) {
	r := newRelay(t, nil, false)
	w := newWorld(t, plain(r))
	f := facts()
	f["registrant"] = "Sari\r\nBcc: mata@mata.test\r\n\r\n<script>alert(1)</script>"
	f["note"] = "<a href=https://jahat.test>klik</a>\n\n{url}"
	if err := w.outbox.Send(t.Context(), "activation", "Budi\r\nBcc: mata@mata.test", "budi@dinas.contoh.test", f); err != nil {
		t.Fatal(err)
	}
	if err := w.outbox.Send(t.Context(), "returned", "Budi", "budi@dinas.contoh.test", f); err != nil {
		t.Fatal(err)
	}
	for _, to := range []string{"budi@dinas.contoh.test\r\nBcc: x@y.test", "Budi <budi@dinas.contoh.test>", "", "budi"} {
		if err := w.outbox.Send(t.Context(), "activation", "Budi", to, facts()); err == nil {
			t.Errorf("a mail to %q was queued", to)
		}
	}
	w.deliver(2)
	for _, raw := range r.mails {
		head, body, _ := strings.Cut(raw, "\r\n\r\n")
		if strings.Contains(head, "\nBcc:") {
			t.Errorf("what somebody typed became a header:\n%s", head)
		}
		if html := body[strings.Index(body, "text/html"):]; strings.Contains(html, "<script>") || strings.Contains(html, "<a href=3Dhttps://jahat") {
			t.Errorf("what somebody typed became HTML:\n%s", html)
		}
	}
}

// TestSealed looks for a link in the database file.
func TestSealed(t *testing.T) {
	r := newRelay(t, nil, false)
	w := newWorld(t, plain(r))
	w.send("activation")
	it := w.item()
	if bytes.Contains(it.Sealed, []byte("aktivasi/abc")) || len(it.Sealed) < 500 {
		t.Error("a waiting mail stands in the database in clear")
	}
	// A sealed mail put into another row does not open there.
	other := it
	other.ID = "lain"
	if err := w.db.Mails().AddMail(t.Context(), other); err != nil {
		t.Fatal(err)
	}
	w.deliver(1)
	if len(w.reports) != 1 || len(r.mails) != 1 {
		t.Errorf("reports %q, %d mails", w.reports, len(r.mails))
	}
}

// TestNames: a name is whatever people have; it reaches the header as it is, and the mail one person only.
func TestNames(t *testing.T) {
	r := newRelay(t, nil, false)
	w := newWorld(t, plain(r))
	names := []string{`Budi "Amat" Contoh`, `Budi \`, `Budi, S.H.`, `Nengah Ayū`, `Budi" <mata@mata.test>, "Ani`, ""}
	for _, name := range names {
		if err := w.outbox.Send(t.Context(), "activation", name, "budi@dinas.contoh.test", facts()); err != nil {
			t.Fatal(err)
		}
		w.deliver(1)
	}
	for i, raw := range r.mails {
		m, err := netmail.ReadMessage(strings.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		to, err := m.Header.AddressList("To")
		if err != nil || len(to) != 1 || to[0].Address != "budi@dinas.contoh.test" || to[0].Name != names[i] {
			t.Errorf("mail to %q: To is %v, %v", names[i], to, err)
		}
	}
}
