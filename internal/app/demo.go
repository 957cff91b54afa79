package app

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"absah/internal/account"
	"absah/internal/fault"
	"absah/internal/letter"
	"absah/internal/mail"
	"absah/internal/web"
	"absah/pades"
	"absah/trust"
)

// DemoOptions say what a demo does.
type DemoOptions struct {
	Dir    string
	Listen string   // "" is 127.0.0.1:8080; port 0 takes a free one
	Files  []string // PDF files to sign; none: the sample letter
	Draw   []string // as in Config
	Say    func(format string, args ...any)
	Log    *slog.Logger
}

// Demo is an instance with invented people, and the mail server that catches its mails.
type Demo struct {
	*App
	dir   string
	l     net.Listener
	sink  *mail.Sink
	state demoState
	say   func(format string, args ...any)
	about url.Values // what the signer fills in for the sample letter, and where the signature goes
	stop  context.CancelFunc
	done  chan error
}

// demoState is kept in the folder, so that a demo can be opened again.
type demoState struct {
	URL        string   `json:"url"`
	Passphrase string   `json:"passphrase"` // of the sealed keys
	People     []person `json:"people"`
	Signing    string   `json:"signing"` // the signer's passphrase
	Registered bool     `json:"registered"`
}

// person is one of the demo's invented people.
type person struct {
	Role     string       `json:"role"`
	NIK      string       `json:"nik"`
	Name     string       `json:"name"`
	Position string       `json:"position"`
	Email    string       `json:"email"`
	Password string       `json:"password"`
	role     account.Role `json:"-"`
}

const (
	demoAgency = "Dinas Contoh Provinsi Contoh"
	demoDomain = "dinas.contoh.example"
	demoUnit   = "Bidang Contoh"
)

func demoPeople() []person {
	return []person{
		{"pemilik / signer", "3300000000000001", "Budi Contoh", "Kepala Dinas Contoh", "budi@" + demoDomain, "", ""},
		{"verifikator", "3300000000000002", "Sari Misal", "Verifikator", "sari@" + demoDomain, "", account.Verifier},
		{"verifikator", "3300000000000003", "Joko Umpama", "Verifikator", "joko@" + demoDomain, "", account.Verifier},
		{"administrator", "3300000000000004", "Rina Andai", "Administrator", "rina@" + demoDomain, "", account.Administrator},
	}
}

// secretWord is a password of 70 random bits. Letters and digits take turns, so that no name, sequence or number in it can offend the
// rules for passwords; characters that look alike are left out.
func secretWord() string {
	b := make([]byte, 20)
	_, _ = rand.Read(b) // never fails (crypto/rand)
	var groups []string
	for i := range b {
		set := "bcdfghjkmnprstwz"
		if i%2 == 1 {
			set = "23456789"
		}
		b[i] = set[int(b[i])%len(set)]
		if i%5 == 4 {
			groups = append(groups, string(b[i-4:i+1]))
		}
	}
	return strings.Join(groups, "-")
}

// StartDemo makes or reopens a demo instance and serves it until Close.
func StartDemo(ctx context.Context, o DemoOptions) (*Demo, error) {
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return nil, err
	}
	d := &Demo{dir: o.Dir, say: o.Say, done: make(chan error, 1)}
	if o.Listen == "" {
		o.Listen = "127.0.0.1:8080"
	}
	fresh, err := d.load()
	if err != nil {
		return nil, err
	}
	if d.l, err = net.Listen("tcp", o.Listen); err != nil {
		return nil, fmt.Errorf("listen on %s: %w; choose another address with --listen", o.Listen, err)
	}
	if fresh {
		d.state.URL = "http://" + d.l.Addr().String()
	} else if d.state.URL != "http://"+d.l.Addr().String() {
		// Certificates and QR codes name the old address, and cannot be changed.
		o.Say("this demo was made for %s; its certificates and QR codes keep naming that address", d.state.URL)
	}
	if fresh {
		if err := d.introduce(); err != nil {
			return nil, errors.Join(err, d.l.Close())
		}
	}
	if d.sink, err = mail.NewSink(); err != nil {
		return nil, errors.Join(err, d.l.Close())
	}
	cfg := Config{
		Dir: o.Dir, Listen: d.l.Addr().String(), BaseURL: d.state.URL, Passphrase: d.state.Passphrase, Draw: o.Draw, Demo: true, Log: o.Log,
		SMTP: &SMTP{Address: d.sink.Address(), Security: "none", From: "absah@" + demoDomain},
	}
	if d.App, err = Open(ctx, cfg); err != nil {
		return nil, errors.Join(err, d.l.Close(), d.sink.Close())
	}
	if err := d.seed(ctx); err != nil {
		return nil, errors.Join(err, d.App.Close(), d.l.Close(), d.sink.Close())
	}
	if err := d.save(); err != nil {
		return nil, err
	}
	serving, stop := context.WithCancel(context.WithoutCancel(ctx))
	d.stop = stop
	go func() { d.done <- d.App.ServeListener(serving, d.l) }()
	return d, nil
}

func (d *Demo) statePath() string { return filepath.Join(d.dir, "demo.json") }

func (d *Demo) load() (fresh bool, err error) {
	b, err := os.ReadFile(d.statePath())
	if errors.Is(err, os.ErrNotExist) {
		d.state = demoState{Passphrase: secretWord(), Signing: secretWord(), People: demoPeople()}
		for i := range d.state.People {
			d.state.People[i].Password = secretWord()
		}
		return true, nil
	}
	if err != nil {
		return false, err
	}
	if err := json.Unmarshal(b, &d.state); err != nil {
		return false, fmt.Errorf("%s: %w; remove the folder to begin anew", d.statePath(), err)
	}
	return false, nil
}

func (d *Demo) save() error {
	b, err := json.MarshalIndent(d.state, "", "  ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(d.statePath(), append(b, '\n'), 0o600); err != nil {
		return err
	}
	root := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: d.Root()})
	return os.WriteFile(filepath.Join(d.dir, "trust.pem"), root, 0o644)
}

// introduce writes what the invented agency says about itself, where nobody did.
func (d *Demo) introduce() error {
	if _, err := os.Stat(filepath.Join(d.dir, operatorName)); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	b, err := json.MarshalIndent(map[string]any{
		"name":   web.Words{"id": demoAgency, "en": "Contoh Agency of Contoh Province"},
		"unit":   web.Words{"id": demoUnit, "en": "Contoh Division"},
		"report": "mailto:lapor@" + demoDomain,
		"notices": []any{map[string]string{
			"id": "Ini server demo. Semua nama, kunci, dan surat di sini rekaan; jangan dipakai untuk keperluan sungguhan.",
			"en": "This is a demo server. All names, keys and letters here are invented; do not use it for anything real.",
		}},
		"team": map[string]any{
			"name": web.Words{"id": "Tim Verifikator " + demoAgency, "en": "Verifikator team of Contoh Agency"}, "unit": web.Words{"id": demoUnit, "en": "Contoh Division"},
			"hours": web.Words{"id": "Senin–Jumat, 08.00–16.00 WIB", "en": "Monday–Friday, 08:00–16:00 WIB"},
			"contacts": []any{
				map[string]any{"label": web.Words{"id": "Surel", "en": "E-mail"}, "link": "mailto:tte@" + demoDomain},
				map[string]any{"label": web.Words{"id": "Telepon", "en": "Telephone"}, "link": "tel:+620000000000"},
			},
		},
	}, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(d.dir, operatorName), append(b, '\n'), 0o644)
}

// seed makes the agency and the officers. The signer is not among them: that person registers like everybody else.
func (d *Demo) seed(ctx context.Context) error {
	orgs, err := d.accounts.Organisations(ctx)
	if err != nil {
		return err
	}
	var id account.OrganisationID
	for _, o := range orgs {
		if o.Name == demoAgency {
			id = o.ID
		}
	}
	if id == "" {
		if id, err = d.accounts.AddOrganisation(ctx, account.Organisation{Name: demoAgency, Domain: demoDomain, Contact: "Sari Misal, sari@" + demoDomain}); err != nil {
			return err
		}
	}
	for i, p := range demoPeople() {
		if p.role == "" {
			continue
		}
		nik, err := account.ParseNIK(p.NIK)
		if err != nil {
			return err
		}
		if _, err := d.accounts.PersonByNIK(ctx, nik); err == nil {
			continue
		} else if !errors.Is(err, account.ErrNotFound) {
			return err
		}
		inv := account.Invitation{NIK: p.NIK, Organisation: id, Name: p.Name, Position: p.Position, Unit: demoUnit, Email: p.Email}
		if _, err := d.accounts.Add(ctx, inv, d.state.People[i].Password, p.role); err != nil {
			return fmt.Errorf("demo account %s: %w", p.Name, err)
		}
	}
	return nil
}

// Close stops serving.
func (d *Demo) Close() error {
	d.stop()
	return errors.Join(<-d.done, d.sink.Close(), d.App.Close())
}

// Wait serves until ctx ends.
func (d *Demo) Wait(ctx context.Context) { <-ctx.Done() }

// mailbox is the demo's page of mails.
func (a *App) mailbox(ctx context.Context) ([]web.Letter, error) {
	list, err := a.outbox.Recent(ctx, 100)
	if err != nil {
		return nil, err
	}
	var out []web.Letter
	for _, m := range list {
		out = append(out, web.Letter{To: m.Email, Subject: m.Subject, Text: m.Text, Date: m.Date})
	}
	return out, nil
}

// Signed is one file that the demo signed.
type Signed struct {
	In, Out string
	Verdict pades.Verdict
	Level   string
	Err     error
}

// Sign signs files through the pages, as the signer would, and verifies what comes back. Each file is on its own.
func (d *Demo) Sign(ctx context.Context, files []string) ([]Signed, error) {
	b := newBrowser(d.base())
	signer := d.state.People[0]
	if err := b.logIn(ctx, signer.NIK, signer.Password); err != nil {
		return nil, err
	}
	outDir := filepath.Join(d.dir, "signed")
	if err := os.MkdirAll(outDir, 0o755); err != nil {
		return nil, err
	}
	var out []Signed
	taken := map[string]bool{}
	for _, path := range files {
		if err := ctx.Err(); err != nil {
			return out, err
		}
		name := strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
		target := filepath.Join(outDir, name+"_sign.pdf")
		for n := 2; taken[target]; n++ {
			target = filepath.Join(outDir, fmt.Sprintf("%s-%d_sign.pdf", name, n))
		}
		taken[target] = true
		s := Signed{In: path, Out: target}
		var more url.Values
		if path == d.letterPath() {
			more = d.about
		}
		s.Verdict, s.Level, s.Err = d.signOne(ctx, b, path, name, target, more)
		out = append(out, s)
	}
	return out, nil
}

func (d *Demo) signOne(ctx context.Context, b *browser, path, name, target string, more url.Values) (pades.Verdict, string, error) {
	doc, err := os.ReadFile(path)
	if err != nil {
		return "", "", err
	}
	signed, err := b.sign(ctx, filepath.Base(path), name, doc, d.state.Signing, more)
	if err != nil {
		return "", "", err
	}
	if !bytes.HasPrefix(signed, doc) {
		return "", "", errors.New("the signed file does not begin with the original")
	}
	tmp := target + ".part"
	if err := os.WriteFile(tmp, signed, 0o644); err != nil {
		return "", "", err
	}
	if err := os.Rename(tmp, target); err != nil {
		return "", "", err
	}
	r, err := d.judge(ctx, bytes.NewReader(signed), int64(len(signed)))
	if err != nil {
		return "", "", err
	}
	level := ""
	for _, s := range r.Signatures {
		if s.Level != "DOCUMENT-TIMESTAMP" {
			level = s.Level
		}
	}
	return r.Verdict, level, nil
}

// judge is the verdict of somebody who was given the root: DIR/trust.pem.
func (d *Demo) judge(ctx context.Context, f io.ReaderAt, size int64) (*pades.Report, error) {
	e, err := pades.Gather(ctx, f, size, pades.GatherOptions{})
	if err != nil {
		return nil, err
	}
	p := trust.Basic()
	p.Time = time.Now()
	p.Anchors = []trust.Anchor{{Certificate: d.pki.anchors()[0].Certificate, Kind: trust.AnchorGiven}}
	return pades.Judge(e, p), nil
}

// base is where this process serves, which a reopened demo may do elsewhere than its certificates say.
func (d *Demo) base() string { return "http://" + d.l.Addr().String() }

func (d *Demo) letterPath() string { return filepath.Join(d.dir, "surat-contoh.pdf") }

// SampleLetter writes the letter that is signed when no file is given, and remembers where its signature goes.
func (d *Demo) SampleLetter() (string, error) {
	var b bytes.Buffer
	l := letter.Letter{
		Date: time.Now(), Signer: d.state.People[0].Name, Number: fmt.Sprintf("000.1.2/017/DC/%d", time.Now().In(fault.WIB).Year()),
		Title: "Undangan Sosialisasi Tanda Tangan Elektronik",
	}
	place, err := l.Write(&b)
	if err != nil {
		return "", err
	}
	d.about = url.Values{"number": {l.Number}, "subject": {l.Title}, "box": {fmt.Sprintf("%.1f,%.1f,%.1f,%.1f", place.X, place.Y, place.W, place.H)}}
	return d.letterPath(), os.WriteFile(d.letterPath(), b.Bytes(), 0o644)
}

// LogIns are what a visitor of the demo needs.
func (d *Demo) LogIns() []string {
	var out []string
	for _, p := range d.state.People {
		out = append(out, fmt.Sprintf("%-18s NIK %s  sandi/password %s  (%s)", p.Role, p.NIK, p.Password, p.Name))
	}
	return append(out, "passphrase "+d.state.People[0].Name+": "+d.state.Signing)
}

// Register walks the signer through the registration, over HTTP and SMTP, unless an earlier run did.
func (d *Demo) Register(ctx context.Context) error {
	if d.state.Registered {
		d.say("the registration of %s was done in an earlier run", d.state.People[0].Name)
		return nil
	}
	w := &walk{d: d, base: d.base(), patience: patienceForMail}
	if err := w.run(ctx, w.steps()); err != nil {
		return err
	}
	d.state.Registered = true
	return d.save()
}
