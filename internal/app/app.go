package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"absah/fetch"
	"absah/internal/account"
	"absah/internal/audit"
	"absah/internal/blob"
	"absah/internal/ca"
	"absah/internal/keystore"
	"absah/internal/mail"
	"absah/internal/picture"
	"absah/internal/ra"
	"absah/internal/remotesign"
	"absah/internal/store"
	"absah/internal/web"
)

// App is an open instance.
type App struct {
	cfg      Config
	db       *store.DB
	log      *audit.Tree
	pki      *pki
	accounts *account.Service
	ra       *ra.Service
	signing  *remotesign.Service
	files    *blob.Folder
	vault    *account.Vault
	outbox   *mail.Outbox
	operator *operator
	kit      *web.Trust
	relay    *fetch.Client // asks issuers for browsers
	handler  http.Handler
}

// Open opens an instance, or makes it in an empty folder: database, keys, certificate authority.
func Open(ctx context.Context, c Config) (*App, error) {
	if err := c.complete(); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(c.Dir, 0o700); err != nil {
		return nil, err
	}
	db, err := store.Open(ctx, store.Options{Path: c.path("absah.db")})
	if err != nil {
		return nil, err
	}
	a := &App{cfg: c, db: db, log: audit.New(db, c.Now)}
	if err := a.wire(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return a, nil
}

func (a *App) wire(ctx context.Context) error {
	c := &a.cfg
	keys, err := keystore.OpenFolder(c.path("keys"), c.Passphrase)
	if err != nil {
		return err
	}
	if a.pki, err = openPKI(ctx, c, a.db, a.log, keys); err != nil {
		return err
	}
	share, err := keys.Secret("share")
	if err != nil {
		return err
	}
	data, err := keys.Secret("data")
	if err != nil {
		return err
	}
	if a.vault, err = account.NewVault(data); err != nil {
		return err
	}
	if a.files, err = blob.OpenFolder(c.path("documents")); err != nil {
		return err
	}
	domain := ""
	if c.SMTP != nil {
		_, domain, _ = strings.Cut(c.SMTP.From, "@")
	}
	a.outbox = mail.NewOutbox(a.db.Mails(), a.vault, domain, c.Now)
	a.accounts = account.New(account.Options{Store: a.db.Accounts(), Vault: a.vault, Audit: a.log, Mail: a.outbox, BaseURL: c.BaseURL, Now: c.Now})
	var drawn remotesign.Pictures
	if len(c.Draw) > 0 {
		drawn = pictures{a.files, &picture.Painter{Command: c.Draw, Cache: c.path("cache")}}
	}
	a.signing = remotesign.New(remotesign.Config{
		Store: a.db, Keys: signerKeys{share}, Issuer: a.pki, Files: a.files, Pictures: drawn, Log: a.log, Chain: a.pki.chain(), Anchors: a.pki.anchors(),
		Timestamper: a.pki.tsa, Fetcher: a.pki, Revoked: a.pki.revoked, PageURL: func(code string) string { return c.BaseURL + "/v/" + code }, Now: c.Now,
	})
	a.ra = ra.New(ra.Options{
		Store: a.db.Applications(), People: people{a.accounts}, Links: a.accounts, Mail: a.outbox, Seal: a.vault, Issuer: issuer{a}, Audit: a.log, BaseURL: c.BaseURL, Now: c.Now,
	})
	if a.operator, err = readOperator(c.Dir); err != nil {
		return err
	}
	a.relay = fetch.New(fetch.Options{Now: c.Now, SameHost: true})
	if a.kit, err = a.makeKit(ctx); err != nil {
		return err
	}
	a.handler = a.routes()
	return nil
}

// host is the name that people see in the address of the instance.
func (a *App) host() string {
	u, err := url.Parse(a.cfg.BaseURL)
	if err != nil {
		return a.cfg.BaseURL
	}
	return u.Host
}

// Close closes the database.
func (a *App) Close() error { return a.db.Close() }

// Handler serves everything.
func (a *App) Handler() http.Handler { return a.handler }

// Root is the certificate that trust rests on, DER.
func (a *App) Root() []byte { return a.pki.certificate(ca.Root) }

// BaseURL is the address of the instance.
func (a *App) BaseURL() string { return a.cfg.BaseURL }

// shutdownTime is how long running requests may take when the server stops.
const shutdownTime = 20 * time.Second

// Serve listens and runs the instance until ctx ends. ready is called once it listens.
func (a *App) Serve(ctx context.Context, ready func(net.Addr)) error {
	l, err := net.Listen("tcp", a.cfg.Listen)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	if ready != nil {
		ready(l.Addr())
	}
	return a.ServeListener(ctx, l)
}

// ServeListener runs the instance on a listener until ctx ends: HTTP, the delivery of mail, and the renewal of the status responder.
func (a *App) ServeListener(ctx context.Context, l net.Listener) (err error) {
	srv := &http.Server{
		Handler: a.handler, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 5 * time.Minute, WriteTimeout: 5 * time.Minute, IdleTimeout: 2 * time.Minute,
		MaxHeaderBytes: 64 << 10,
	}
	jobs, stop := context.WithCancel(ctx)
	var wg sync.WaitGroup
	if d := a.delivery(); d != nil {
		wg.Add(1)
		go func() { defer wg.Done(); d.Run(jobs) }()
	}
	wg.Add(1)
	go func() { defer wg.Done(); a.pki.keepResponder(jobs, &a.cfg) }()
	wg.Add(1)
	go func() {
		defer wg.Done()
		a.signing.DrawPictures(jobs, func(code string, err error) { a.cfg.Log.Warn("first page", "document", code, "error", err) })
	}()
	failed := make(chan error, 1)
	go func() { failed <- srv.Serve(l) }()
	select {
	case err = <-failed:
	case <-ctx.Done():
		// The context of the caller is over; running requests get a time of their own.
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTime)
		err = srv.Shutdown(end)
		cancel()
	}
	stop()
	wg.Wait()
	if errors.Is(err, http.ErrServerClosed) {
		err = nil
	}
	return err
}

func (a *App) delivery() *mail.Delivery {
	s := a.cfg.SMTP
	if s == nil {
		return nil
	}
	host, portText, err := net.SplitHostPort(s.Address)
	port, err2 := strconv.Atoi(portText)
	if err != nil || err2 != nil {
		a.cfg.Log.Error("the address of the mail server is not host:port", "address", s.Address)
		return nil
	}
	return &mail.Delivery{
		Store: a.db.Mails(), Seal: a.vault, Keep: a.cfg.Demo, Now: a.cfg.Now,
		Sender: &mail.SMTP{Host: host, Port: port, Security: mail.Security(s.Security), User: s.User, Password: s.Password, From: s.From, FromName: "Absah"},
		Report: func(i mail.Item, err error) { a.cfg.Log.Warn("mail", "id", i.ID, "attempts", i.Attempts, "error", err) },
	}
}

// issuer gives ra the certificates that remotesign and the CA make together.
type issuer struct{ a *App }

var _ ra.Issuer = issuer{}

// IssueFor makes key and certificate for an approved application. A certificate of an earlier try is revoked first.
func (i issuer) IssueFor(ctx context.Context, r ra.Request) (ra.Certificate, error) {
	approval, err := equalHash(r.Approved)
	if err != nil {
		return ra.Certificate{}, err
	}
	if err := i.a.pki.withdraw(ctx, r.Person, i.a.cfg.Now()); err != nil {
		return ra.Certificate{}, err
	}
	cred, err := i.a.signing.Enroll(ctx, remotesign.Holder{
		Person: r.Person, Name: r.Name, Organization: r.Organisation, Unit: r.Unit, Approval: approval,
	}, r.Passphrase)
	if err != nil {
		return ra.Certificate{}, err
	}
	recs, err := i.a.pki.ca.Certificates(ctx, r.Person)
	if err != nil {
		return ra.Certificate{}, err
	}
	for _, rec := range recs {
		if string(rec.DER) == string(cred.Certificate) {
			return ra.Certificate{Serial: rec.Serial.String(), DER: rec.DER, NotBefore: rec.NotBefore, NotAfter: rec.NotAfter}, nil
		}
	}
	return ra.Certificate{}, errors.New("the new certificate is not among the person's certificates")
}

// people gives ra the accounts.
type people struct{ s *account.Service }

var _ ra.People = people{}

func (p people) Invite(ctx context.Context, a ra.Applicant) (string, error) {
	id, err := p.s.Invite(ctx, account.Invitation{
		NIK: a.NIK, Organisation: account.OrganisationID(a.Organisation), Name: a.Name, NIP: a.NIP, Position: a.Position, Unit: a.Unit, Email: a.Email, Phone: a.Phone,
	})
	return string(id), err
}

func (p people) Active(ctx context.Context, person string) (bool, error) {
	x, err := p.s.Person(ctx, account.PersonID(person))
	return x.Active(), err
}

func (p people) HashPassword(ctx context.Context, person, password string) (string, error) {
	h, err := p.s.HashPassword(ctx, account.PersonID(person), password)
	return string(h), err
}

func (p people) Activate(ctx context.Context, person, hashed string) error {
	return p.s.Activate(ctx, account.PersonID(person), account.Hashed(hashed))
}

func (p people) CheckPassphrase(ctx context.Context, person, passphrase string) error {
	return p.s.CheckPassphrase(ctx, account.PersonID(person), passphrase)
}

func (p people) Agency(ctx context.Context, organisation string) (name, domain, contact string, err error) {
	o, err := p.s.Organisation(ctx, account.OrganisationID(organisation))
	return o.Name, o.Domain, o.Contact, err
}

func (p people) Officer(ctx context.Context, person string) (name, contact string, err error) {
	x, err := p.s.Person(ctx, account.PersonID(person))
	if err != nil {
		return "", "", err
	}
	contact = x.Email
	if x.Phone != "" {
		contact += ", " + x.Phone
	}
	return x.Name, contact, nil
}
