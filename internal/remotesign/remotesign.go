// Package remotesign signs for people whose keys the server keeps: it opens a key with the owner's passphrase for one act, and
// never hands out a document that our own verifier rejects.
package remotesign

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"strings"
	"sync"
	"time"

	"absah/internal/audit"
	"absah/internal/fault"
	"absah/pades"
	"absah/trust"
)

// Credential is a signer's key with its certificate.
type Credential struct {
	ID          string
	Person      string
	Certificate []byte
	Blob        []byte // the wrapped key
	Failures    int    // tries in a row without the right passphrase, running ones among them
	LockedUntil time.Time
	CreatedAt   time.Time
}

// Store keeps credentials and documents.
type Store interface {
	// Do runs f in a write transaction: what f reads does not change before it writes.
	Do(ctx context.Context, f func(ctx context.Context) error) error
	CredentialAdd(ctx context.Context, c Credential) error
	CredentialOf(ctx context.Context, person string) (*Credential, error) // the newest; nil: none
	CredentialTries(ctx context.Context, id string, failures int, lockedUntil time.Time) error
	DocumentReserve(ctx context.Context, d Document) error // a code is used once
	DocumentFinish(ctx context.Context, d Document) error
	DocumentByCode(ctx context.Context, code string) (*Document, error) // nil: unknown
	DocumentsOf(ctx context.Context, person string) ([]Document, error) // newest first
	// What is said of a finished document later; done is false when it was said before, or the picture is in another state.
	DocumentWithdraw(ctx context.Context, code string, w Withdrawal) (done bool, err error)
	DocumentSupersede(ctx context.Context, code, successor string, at time.Time) (done bool, err error)
	DocumentPicture(ctx context.Context, code string, from, to Picture) (done bool, err error)
	DocumentsUndrawn(ctx context.Context) ([]Document, error) // whose picture is wanted, the one that waits longest first
}

// Keys makes, wraps and opens signers' keys.
type Keys interface {
	Generate() (crypto.Signer, error)
	Wrap(key crypto.Signer, credential, passphrase string) ([]byte, error)
	// Open returns ErrPassphrase when the passphrase is wrong.
	Open(blob []byte, credential string, pub crypto.PublicKey, passphrase string) (Key, error)
}

// Key is an opened key.
type Key interface {
	crypto.Signer
	Close()
}

// ErrPassphrase is what Keys.Open says of a wrong passphrase.
var ErrPassphrase = errors.New("wrong passphrase")

// Issuer gives a certificate to a new key.
type Issuer interface {
	Issue(ctx context.Context, h Holder, pub crypto.PublicKey) (certificate []byte, err error)
}

// Holder is whom a certificate is for, after the approvals.
type Holder struct {
	Person       string // pseudonymous id
	Name         string
	Organization string
	Unit         string
	Approval     [32]byte // hash of the approved application
}

// Files keeps signed documents.
type Files interface {
	Put(ctx context.Context, name string, write func(io.Writer) error) error
}

// Config of the service. All fields are required, unless they say what nil is.
type Config struct {
	Store       Store
	Keys        Keys
	Issuer      Issuer
	Files       Files
	Pictures    Pictures // nil: no first page is shown
	Log         audit.Log
	Chain       [][]byte // issuers of signers' certificates, the root last
	Anchors     []trust.Anchor
	Timestamper pades.Timestamper
	Fetcher     trust.Fetcher
	Revoked     func(ctx context.Context, certificate []byte) (at time.Time, err error) // zero: not revoked
	PageURL     func(code string) string                                                // of a document's page
	Now         func() time.Time
}

// Service signs. It is safe for concurrent use.
type Service struct {
	cfg  Config
	wake chan struct{} // full while a picture was asked for that nobody has looked for
	kept sync.Mutex    // the file of a picture and its state change together
}

// New makes the service.
func New(c Config) *Service { return &Service{cfg: c, wake: make(chan struct{}, 1)} }

// Wrong passphrases: after so many in a row the key is locked for a while.
const (
	maxFailures = 5
	lockTime    = 15 * time.Minute
)

// Enroll makes a key for a person, wraps it with the passphrase and has it certified. A crash before the credential is stored loses
// the key and may leave its certificate in force; whoever asks again revokes that one first.
func (s *Service) Enroll(ctx context.Context, h Holder, passphrase string) (*Credential, error) {
	key, err := s.cfg.Keys.Generate()
	if err != nil {
		return nil, err
	}
	c := Credential{ID: randomCode(16), Person: h.Person, CreatedAt: s.cfg.Now()}
	if c.Blob, err = s.cfg.Keys.Wrap(key, c.ID, passphrase); err != nil {
		return nil, err
	}
	if c.Certificate, err = s.cfg.Issuer.Issue(ctx, h, key.Public()); err != nil {
		return nil, err
	}
	return &c, s.cfg.Store.CredentialAdd(ctx, c)
}

// Credential is the person's current one, nil when there is none.
func (s *Service) Credential(ctx context.Context, person string) (*Credential, error) {
	return s.cfg.Store.CredentialOf(ctx, person)
}

// Request is one document to be signed.
type Request struct {
	Person     string
	Passphrase string
	Source     io.ReaderAt
	Size       int64
	Title      string
	Number     string // of the letter, as the signer states it
	Subject    string // likewise
	Picture    bool   // everybody who holds the code may see the first page
	Reason     string
	Location   string
	Position   string // of the signer, shown on the card
	Level      pades.Level
	Certify    int
	Password   string            // of a protected document
	Appearance *pades.Appearance // nil: invisible; a QR to the document's page is added where the look has one
}

// open checks everything that must hold before a document is even read, and opens the key.
func (s *Service) open(ctx context.Context, person, passphrase string) (*Credential, *trust.Certificate, Key, error) {
	c, err := s.cfg.Store.CredentialOf(ctx, person)
	if err != nil {
		return nil, nil, nil, err
	}
	if c == nil {
		return nil, nil, nil, fault.New("ABS-SIG-2011")
	}
	cert, err := trust.ParseCertificate(c.Certificate)
	if err != nil {
		return nil, nil, nil, err
	}
	now := s.cfg.Now()
	if now.After(cert.NotAfter) {
		return nil, nil, nil, fault.New("ABS-SIG-2012", fault.Day(cert.NotAfter))
	}
	at, err := s.cfg.Revoked(ctx, c.Certificate)
	if err != nil {
		return nil, nil, nil, fault.Wrap(err, "ABS-SIG-020")
	}
	if !at.IsZero() {
		return nil, nil, nil, fault.New("ABS-SIG-2013", fault.Day(at))
	}
	// The try is counted before the passphrase is looked at, so that many tries at once count as many. From here nobody undoes it
	// by going away.
	if c, err = s.admit(ctx, c, now); err != nil {
		return nil, nil, nil, err
	}
	ctx = context.WithoutCancel(ctx)
	key, err := s.cfg.Keys.Open(c.Blob, c.ID, cert.PublicKey, passphrase)
	if errors.Is(err, ErrPassphrase) {
		return nil, nil, nil, s.wrong(ctx, c)
	}
	if err != nil {
		// Nothing was tried.
		return nil, nil, nil, errors.Join(err, s.forget(ctx, c, 1))
	}
	if err := s.forget(ctx, c, c.Failures); err != nil {
		key.Close()
		return nil, nil, nil, err
	}
	return c, cert, key, nil
}

var errReplaced = errors.New("the credential was replaced meanwhile")

// admit counts a try, unless the key is locked, and returns the credential with the try in it.
func (s *Service) admit(ctx context.Context, seen *Credential, now time.Time) (c *Credential, err error) {
	err = s.cfg.Store.Do(ctx, func(ctx context.Context) error {
		if c, err = s.cfg.Store.CredentialOf(ctx, seen.Person); err != nil {
			return err
		}
		if c == nil || c.ID != seen.ID {
			return errReplaced
		}
		if now.Before(c.LockedUntil) {
			return lockedFault(c.LockedUntil)
		}
		if !c.LockedUntil.IsZero() { // a lock that is over
			c.Failures, c.LockedUntil = 0, time.Time{}
		}
		if c.Failures++; c.Failures >= maxFailures {
			c.LockedUntil = now.Add(lockTime)
		}
		return s.cfg.Store.CredentialTries(ctx, c.ID, c.Failures, c.LockedUntil)
	})
	return c, err
}

// forget takes tries back: all up to one with the right passphrase, or one that was none. Those that came later stay.
func (s *Service) forget(ctx context.Context, admitted *Credential, n int) error {
	return s.cfg.Store.Do(ctx, func(ctx context.Context) error {
		c, err := s.cfg.Store.CredentialOf(ctx, admitted.Person)
		if err != nil {
			return err
		}
		if c == nil || c.ID != admitted.ID {
			return errReplaced
		}
		return s.cfg.Store.CredentialTries(ctx, c.ID, max(0, c.Failures-n), time.Time{})
	})
}

// wrong says that the try of an admitted credential was wrong.
func (s *Service) wrong(ctx context.Context, c *Credential) error {
	if _, err := s.cfg.Log.Append(ctx, audit.Event{Act: "sign.passphrase", Actor: c.Person, Subject: c.ID, Result: "wrong"}); err != nil {
		return &audit.WriteError{Err: err}
	}
	if !c.LockedUntil.IsZero() {
		return lockedFault(c.LockedUntil)
	}
	return fault.New("ABS-SIG-2031", maxFailures-c.Failures)
}

func lockedFault(until time.Time) error { return fault.New("ABS-SIG-2032", fault.Clock(until)) }

// Sign signs one document and stores the result under its code. The order is: may this person, is the passphrase right, intent
// written, key used, result judged, outcome written.
func (s *Service) Sign(ctx context.Context, r Request) (*Document, error) {
	c, cert, key, err := s.open(ctx, r.Person, r.Passphrase)
	if err != nil {
		return nil, err
	}
	defer key.Close()
	doc := Document{Code: randomCode(codeBytes), Person: r.Person, Title: r.Title, Number: r.Number, Subject: r.Subject, SignedAt: s.cfg.Now()}
	if r.Picture && s.cfg.Pictures != nil {
		doc.Picture = PictureWanted
	}
	// The code goes into the QR, so it is reserved before anything is hashed.
	if err := s.cfg.Store.DocumentReserve(ctx, doc); err != nil {
		return nil, err
	}
	o := pades.SignOptions{
		Certificate: c.Certificate, Chain: s.cfg.Chain, Level: r.Level, Time: doc.SignedAt.In(fault.WIB), Timestamper: s.cfg.Timestamper, Fetcher: s.cfg.Fetcher,
		Reason: r.Reason, Location: r.Location, Certify: r.Certify, Name: cert.Subject.CommonName(), Open: pades.OpenOptions{Password: r.Password},
	}
	if r.Appearance != nil {
		a := *r.Appearance
		a.Position = r.Position
		if a.Kind != pades.AppearanceImage {
			a.QR = s.cfg.PageURL(doc.Code)
		}
		o.Appearance = &a
	}
	sum, err := digestOf(r.Source, r.Size)
	if err != nil {
		return nil, err
	}
	intent := audit.Event{Act: "sign", Actor: r.Person, Subject: c.ID, Object: sum, Note: "document " + doc.Code}
	announced := false
	err = audit.Around(ctx, s.cfg.Log, intent, func() error {
		announced = true
		out := &counter{hash: sha256.New()}
		err := s.cfg.Files.Put(ctx, doc.Code+".pdf", func(w io.Writer) error {
			out.w = w
			err := pades.Sign(ctx, out, r.Source, r.Size, key, o)
			if err != nil {
				return err
			}
			doc.Pages, err = s.judge(ctx, w, out.n, r.Password)
			return err
		})
		if err != nil {
			return err
		}
		doc.SHA256, doc.Size = hex.EncodeToString(out.hash.Sum(nil)), out.n
		return s.cfg.Store.DocumentFinish(ctx, doc)
	})
	switch {
	case err != nil && !announced:
		return nil, fault.Wrap(err, "ABS-AUD-001")
	case err != nil:
		return nil, explain(err)
	}
	if doc.Picture == PictureWanted {
		s.look()
	}
	return &doc, nil
}

// judge reads the finished file back, refuses to hand out what our own verifier rejects, and counts its pages.
func (s *Service) judge(ctx context.Context, w io.Writer, size int64, password string) (pages int, err error) {
	file, ok := w.(io.ReaderAt)
	if !ok {
		return 0, errors.New("remotesign: files must be readable while they are written")
	}
	e, err := pades.Gather(ctx, file, size, pades.GatherOptions{Open: pades.OpenOptions{Password: password}})
	if err != nil {
		return 0, err
	}
	p := trust.Basic()
	p.Time, p.Anchors = s.cfg.Now(), s.cfg.Anchors
	report := pades.Judge(e, p)
	if n := len(report.Signatures); n == 0 {
		return 0, errors.New("the signed document has no signature")
	}
	last := report.Signatures[0]
	for _, sig := range report.Signatures {
		if sig.Level != "DOCUMENT-TIMESTAMP" {
			last = sig
		}
	}
	if last.Indication != pades.TotalPassed || last.Modification.Worse(pades.ModificationLTA) {
		return 0, &pades.SelfCheckError{Reason: string(last.Indication) + " " + last.SubIndication}
	}
	return e.Pages, nil
}

// randomCode is n random bytes in letters and digits that nobody confuses.
func randomCode(n int) string {
	b := make([]byte, n)
	if _, err := rand.Read(b); err != nil {
		panic(err) // crypto/rand does not fail on systems that we run on
	}
	return strings.TrimRight(base32.StdEncoding.EncodeToString(b), "=")
}

func digestOf(r io.ReaderAt, size int64) (string, error) {
	h := sha256.New()
	if _, err := io.Copy(h, io.NewSectionReader(r, 0, size)); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// counter hashes and counts what goes through.
type counter struct {
	w    io.Writer
	hash hash.Hash
	n    int64
}

func (c *counter) Write(b []byte) (int, error) {
	n, err := c.w.Write(b)
	c.hash.Write(b[:n])
	c.n += int64(n)
	return n, err
}

// explain turns what the engine says into a fault that the signer may read.
func explain(err error) error {
	var (
		locked  *pades.LockedError
		page    *pades.PageError
		revoked *pades.RevokedError
		missing *pades.EvidenceError
	)
	switch {
	case errors.As(err, &locked):
		return fault.Wrap(err, "ABS-SIG-012")
	case errors.As(err, &page):
		return fault.Wrap(err, "ABS-SIG-015", page.Page, page.Pages)
	case errors.As(err, &revoked):
		at, _ := time.Parse(time.RFC3339, revoked.Date)
		return fault.Wrap(err, "ABS-SIG-2013", fault.Day(at))
	case errors.As(err, &missing):
		return fault.Wrap(err, "ABS-SIG-020")
	case errors.Is(err, pades.ErrInputChanged):
		return fault.Wrap(err, "ABS-SIG-021")
	case errors.Is(err, pades.ErrNotPDF):
		return fault.Wrap(err, "ABS-SIG-010")
	case errors.Is(err, pades.ErrPassword):
		return fault.Wrap(err, "ABS-SIG-011")
	case errors.Is(err, pades.ErrImage):
		return fault.Wrap(err, "ABS-SIG-014")
	case errors.Is(err, pades.ErrPlace):
		return fault.Wrap(err, "ABS-SIG-016")
	}
	if pades.IsDocumentFault(err) {
		return fault.Wrap(err, "ABS-SIG-017", err.Error())
	}
	return err
}
