package ca

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"absah/internal/audit"
	"absah/internal/fault"
	"absah/internal/sigalg"
	"absah/trust"
)

// Approval is the hash of the approved application that a certificate is issued on.
type Approval [32]byte

// Request asks for a certificate.
type Request struct {
	Authority string // who issues
	Profile   string
	Subject   Subject
	Owner     string // pseudonymous id
	PublicKey crypto.PublicKey
	Approval  Approval // required by profiles that are issued on application; one approval, one certificate in force
}

// Token is a checked request whose intent is stored and logged. [CA.Issue] redeems it once.
type Token struct {
	intent    Intent
	event     audit.Event
	authority *Authority
	scheme    sigalg.Scheme
	template  template
	redeemed  atomic.Bool
}

// Serial is the number that the certificate will have.
func (t *Token) Serial() Serial { return t.intent.Serial }

// Prepare checks a request against its profile, lints what would be issued, and stores and logs the intent. Faults: ABS-ISS-002 for
// names, keys and forms that must not be certified ([ErrKeyUsed] inside when the key was seen before), ABS-ISS-004 with
// [ErrApprovalUsed] when the approval has a certificate in force.
func (c *CA) Prepare(ctx context.Context, r Request) (*Token, error) {
	p, ok := c.profiles[r.Profile]
	if !ok {
		return nil, fmt.Errorf("profile %q is unknown", r.Profile)
	}
	a := c.Authority(r.Authority)
	if a == nil {
		return nil, fmt.Errorf("authority %q is unknown", r.Authority)
	}
	switch p.Issue {
	case InCeremony:
		return nil, fmt.Errorf("a certificate of the profile %s is made in a ceremony, not on request", p.Name)
	case OnApplication:
		if r.Approval == (Approval{}) {
			return nil, errors.New("a certificate of a person needs an approved application")
		}
	case OnSchedule:
		if r.Approval != (Approval{}) {
			return nil, fmt.Errorf("nobody approves certificates of the profile %s; this is a mistake", p.Name)
		}
	}
	return c.prepare(ctx, p, a, r)
}

func (c *CA) prepare(ctx context.Context, p Profile, a *Authority, r Request) (*Token, error) {
	if err := r.Subject.check(p); err != nil {
		return nil, err
	}
	if r.PublicKey == nil {
		return nil, refuse("kunci tidak ada", "there is no key")
	}
	if err := checkKey(p, r.PublicKey); err != nil {
		return nil, err
	}
	scheme := sigalg.Scheme{Hash: hashes[p.Hash]}
	t, err := c.template(p, a, r, scheme)
	if err != nil {
		return nil, err
	}
	tbs, err := t.tbs()
	if err != nil {
		return nil, err
	}
	if err := c.lint.certificate(tbs, scheme, a.Key.Public()); err != nil {
		return nil, fault.Wrap(err, "ABS-ISS-002", fault.Words{ID: "tidak lolos pemeriksaan bentuk", EN: "it does not pass the form checks"})
	}
	sum := sha256.Sum256(tbs)
	token := &Token{
		authority: a, scheme: scheme, template: t,
		intent: Intent{
			Serial: t.serial, Authority: a.Name, Profile: p.ID(), Owner: r.Owner, TBS: tbs, Request: r.Approval, KeyHash: sha256.Sum256(t.spki), At: t.notBefore,
		},
		event: audit.Event{Act: "ca.issue", Actor: a.Name, Role: "ca", Subject: t.serial.String(), Object: hex.EncodeToString(sum[:])},
	}
	intent := token.event
	intent.Note = fmt.Sprintf("profile %s %s", p.ID(), p.Digest())
	if r.Approval != (Approval{}) {
		intent.Note += " approval " + hex.EncodeToString(r.Approval[:])
	}
	err = c.cfg.Store.Do(ctx, func(ctx context.Context) error {
		if token.intent.Entry, err = audit.Intent(ctx, c.cfg.Log, intent); err != nil {
			return err
		}
		return c.cfg.Store.CAIntend(ctx, token.intent)
	})
	switch {
	case errors.Is(err, ErrKeyUsed):
		return nil, fault.Wrap(err, "ABS-ISS-002", fault.Words{ID: "kunci ini sudah pernah dipakai", EN: "this key was used before"})
	case errors.Is(err, ErrApprovalUsed):
		return nil, fault.Wrap(err, "ABS-ISS-004")
	case err != nil:
		return nil, err
	}
	return token, nil
}

func (c *CA) template(p Profile, a *Authority, r Request, scheme sigalg.Scheme) (t template, err error) {
	t = template{profile: p, serial: newSerial(), subject: r.Subject.marshal(), locations: a.Locations}
	if p.Locations {
		if err := a.Locations.check(); err != nil {
			return t, fmt.Errorf("authority %s: %w", a.Name, err)
		}
	}
	if t.spki, err = x509.MarshalPKIXPublicKey(r.PublicKey); err != nil {
		return t, err
	}
	t.keyBits = keyBits(t.spki)
	if t.algorithm, _, err = scheme.Algorithm(a.Key.Public()); err != nil {
		return t, err
	}
	now := c.cfg.Now()
	t.notBefore, t.notAfter = p.validity(now)
	issuer := a.Certificate
	if issuer == nil { // a root signs itself
		t.issuer, t.authority = t.subject, keyID(t.keyBits)
		return t, nil
	}
	if !issuer.IsCA() || issuer.KeyUsage&trust.KeyCertSign == 0 {
		return t, fmt.Errorf("%s is no certificate authority", a.Name)
	}
	t.issuer, t.authority = issuer.RawSubject, issuer.SubjectKeyID
	if t.notAfter.After(issuer.NotAfter) {
		t.notAfter = issuer.NotAfter // a certificate that outlives its issuer could not be checked in the end
	}
	if now.Before(issuer.NotBefore) || !t.notAfter.After(t.notBefore) {
		return t, fmt.Errorf("authority %s is not valid now", a.Name)
	}
	return t, nil
}

// ErrRedeemed means that a token was used already.
var ErrRedeemed = errors.New("this issuance was carried out already")

// Issue redeems a token: one signature, read back by parsers that did not write it, compared, verified, stored and logged. When
// anything fails after the token was redeemed, its serial number is revoked: a signature may exist that nobody has seen. Faults:
// ABS-ISS-001 when the key cannot sign.
func (c *CA) Issue(ctx context.Context, t *Token) (*Record, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if !t.redeemed.CompareAndSwap(false, true) {
		return nil, ErrRedeemed
	}
	// What is begun is finished, whether or not somebody still waits for it.
	ctx = context.WithoutCancel(ctx)
	rec, err := c.sign(t)
	if err == nil {
		err = c.cfg.Store.Do(ctx, func(ctx context.Context) error {
			if err := c.cfg.Store.CAIssued(ctx, *rec); err != nil {
				return err
			}
			return audit.Outcome(ctx, c.cfg.Log, t.event, t.intent.Entry, nil)
		})
	}
	if err != nil {
		return nil, errors.Join(err, c.abandon(ctx, t.intent, "failed"))
	}
	return rec, nil
}

// sign is the only place where the key of an authority signs a certificate.
func (c *CA) sign(t *Token) (*Record, error) {
	i := t.intent
	sig, alg, err := sigalg.Sign(rand.Reader, t.authority.Key, t.scheme, i.TBS)
	if err != nil {
		return nil, fault.Wrap(err, "ABS-ISS-001")
	}
	der, err := assemble(i.TBS, alg, sig)
	if err != nil {
		return nil, err
	}
	if err := t.examine(der); err != nil {
		return nil, err
	}
	return &Record{
		Serial: i.Serial, Authority: i.Authority, Profile: i.Profile, Owner: i.Owner, DER: der, NotBefore: t.template.notBefore, NotAfter: t.template.notAfter,
	}, nil
}

// examine reads a new certificate with parsers other than our encoder and makes sure that it is the one that was intended.
func (t *Token) examine(der []byte) error {
	second, err := x509.ParseCertificate(der)
	if err != nil {
		return fmt.Errorf("the new certificate cannot be read back: %w", err)
	}
	if !bytes.Equal(second.RawTBSCertificate, t.intent.TBS) {
		return errors.New("the new certificate is not the one that was prepared")
	}
	ours, err := trust.ParseCertificate(der)
	if err != nil {
		return err
	}
	if len(ours.Notes) > 0 || !bytes.Equal(ours.RawSPKI, t.template.spki) || !bytes.Equal(ours.RawSubject, t.template.subject) {
		return errors.New("the new certificate reads differently than it was prepared")
	}
	issuer := t.authority.Certificate
	if issuer == nil {
		issuer = ours
	}
	return ours.CheckSignatureFrom(issuer)
}

// abandon revokes the serial number of an intent and closes it in the log.
func (c *CA) abandon(ctx context.Context, i Intent, result string) error {
	return c.cfg.Store.Do(ctx, func(ctx context.Context) error {
		_, err := c.cfg.Store.CARevoke(ctx, Revocation{
			// The reason says no more than is known: the certificate is not to be used. It is listed for as long as any of its kind.
			Serial: i.Serial, Authority: i.Authority, At: c.second(), Reason: trust.CessationOfOperation, NotAfter: i.At.AddDate(20, 0, 0),
		})
		if err != nil {
			return err
		}
		return audit.Outcome(ctx, c.cfg.Log, audit.Event{Act: "ca.issue", Actor: i.Authority, Role: "ca", Subject: i.Serial.String(), Result: result}, i.Entry, nil)
	})
}

// Recover ends what a crash left undone: the serial number of every intent without a certificate is revoked, because it cannot be known
// whether the signature was made. It is called once, before the first Prepare, and returns how many there were.
func (c *CA) Recover(ctx context.Context) (int, error) {
	list, err := c.cfg.Store.CAUnfinished(ctx)
	if err != nil {
		return 0, err
	}
	for n, i := range list {
		if err := c.abandon(ctx, i, "abandoned"); err != nil {
			return n, err
		}
	}
	return len(list), nil
}

// Certificate finds an issued certificate, nil when there is none.
func (c *CA) Certificate(ctx context.Context, s Serial) (*Record, error) {
	return c.cfg.Store.CACertificate(ctx, s)
}

// Certificates lists those of an owner, newest first.
func (c *CA) Certificates(ctx context.Context, owner string) ([]Record, error) {
	return c.cfg.Store.CAByOwner(ctx, owner)
}

// Profile finds a profile by name.
func (c *CA) Profile(name string) (Profile, bool) {
	p, ok := c.profiles[name]
	p.Keys = slices.Clone(p.Keys)
	return p, ok
}

func (c *CA) second() time.Time { return c.cfg.Now().UTC().Truncate(time.Second) }
