// Package ca issues and revokes certificates. Issuance is a walk through types: a Request is checked and linted into a Token whose
// intent is stored and logged, and only a Token reaches the key, once.
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
	"math/big"
	"strings"
	"sync"
	"time"

	"absah/internal/audit"
	"absah/internal/fault"
	"absah/internal/sigalg"
	"absah/trust"
)

// Serial is the number of a certificate: one positive byte that tells the epoch, then 120 random bits.
type Serial [16]byte

// String is the number in hexadecimal.
func (s Serial) String() string { return hex.EncodeToString(s[:]) }

// Int is the number as certificates carry it.
func (s Serial) Int() *big.Int { return new(big.Int).SetBytes(s[:]) }

// ParseSerial reads hexadecimal.
func ParseSerial(text string) (s Serial, err error) {
	b, err := hex.DecodeString(text)
	if err != nil || len(b) != len(s) {
		return s, fmt.Errorf("%q is no serial number of ours", text)
	}
	copy(s[:], b)
	return s, nil
}

const serialEpoch = 0x41

func newSerial() (s Serial, err error) {
	_, err = rand.Read(s[1:])
	s[0] = serialEpoch
	return s, err
}

// Record is a certificate as it is kept.
type Record struct {
	Serial    Serial
	Authority string // name of the issuing authority, its own for a root
	Profile   string
	Owner     string // pseudonymous id of the person or authority
	DER       []byte
	NotBefore time.Time
	NotAfter  time.Time
}

// Intent is what the CA is about to sign.
type Intent struct {
	Serial    Serial
	Authority string
	Profile   string
	Owner     string
	TBS       []byte
	Request   [32]byte // hash of the approved request
	KeyHash   [32]byte // hash of the public key
	At        time.Time
}

// Revocation is an entry of the list of revoked certificates.
type Revocation struct {
	Serial    Serial
	Authority string
	At        time.Time
	Reason    trust.Reason
	NotAfter  time.Time
}

// ErrKeyUsed is returned by a Store when the public key has a certificate already.
var ErrKeyUsed = errors.New("this key has a certificate already")

// Store keeps what the CA does. Each method is durable when it returns.
type Store interface {
	CAIntend(ctx context.Context, i Intent) error // ErrKeyUsed when the key was seen before
	CAIssued(ctx context.Context, r Record) error
	CACertificate(ctx context.Context, s Serial) (*Record, error) // nil: never issued
	CAByOwner(ctx context.Context, owner string) ([]Record, error)
	CARevoke(ctx context.Context, r Revocation) error // the first revocation of a certificate stays
	CARevoked(ctx context.Context, authority string) ([]Revocation, error)
	CANextCRL(ctx context.Context, authority string) (number int64, err error)
	CAUnfinished(ctx context.Context) ([]Intent, error) // intents without a certificate
}

// Authority is a certificate with the key that signs under it.
type Authority struct {
	Name        string
	Certificate *trust.Certificate
	Key         crypto.Signer
	Locations   Locations // what certificates issued by it name
}

// Config of a CA.
type Config struct {
	Store Store
	Log   audit.Log
	Now   func() time.Time
}

// CA issues certificates. It is safe for concurrent use.
type CA struct {
	cfg      Config
	profiles map[string]Profile
	lint     *linter

	mu          sync.Mutex
	authorities map[string]*Authority
	used        map[*Token]bool
}

// New makes a CA without authorities.
func New(c Config) (*CA, error) {
	p, err := Profiles()
	if err != nil {
		return nil, err
	}
	l, err := newLinter()
	if err != nil {
		return nil, err
	}
	return &CA{cfg: c, profiles: p, lint: l, authorities: map[string]*Authority{}}, nil
}

// Use adds an authority.
func (c *CA) Use(a *Authority) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.authorities[a.Name] = a
}

// Authority finds one by name, nil when there is none.
func (c *CA) Authority(name string) *Authority {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.authorities[name]
}

// Request asks for a certificate.
type Request struct {
	Authority string // who issues
	Profile   string
	Subject   Subject
	Owner     string // pseudonymous id
	PublicKey crypto.PublicKey
	Approval  [32]byte // hash of the approved application; required by profiles of persons
}

// Token is a checked request whose intent is stored. It is redeemed once.
type Token struct {
	intent    Intent
	authority *Authority
	algorithm sigalg.AlgorithmIdentifier
	scheme    sigalg.Scheme
	template  template
	mu        sync.Mutex
	redeemed  bool
}

// Prepare checks a request against its profile, lints what would be issued, and stores and logs the intent.
func (c *CA) Prepare(ctx context.Context, r Request) (*Token, error) {
	p, ok := c.profiles[r.Profile]
	if !ok {
		return nil, fmt.Errorf("profile %q is unknown", r.Profile)
	}
	a := c.Authority(r.Authority)
	if a == nil {
		return nil, fmt.Errorf("authority %q is unknown", r.Authority)
	}
	if p.Kind == "ca" {
		return nil, errors.New("certificates for authorities are made in a ceremony, not on request")
	}
	if p.Person && r.Approval == [32]byte{} {
		return nil, errors.New("a person's certificate needs an approved application")
	}
	return c.prepare(ctx, p, a, r, c.cfg.Now())
}

func (c *CA) prepare(ctx context.Context, p Profile, a *Authority, r Request, at time.Time) (*Token, error) {
	if err := checkSubject(p, r.Subject); err != nil {
		return nil, err
	}
	if err := checkKey(r.PublicKey); err != nil {
		return nil, err
	}
	spki, err := x509.MarshalPKIXPublicKey(r.PublicKey)
	if err != nil {
		return nil, err
	}
	serial, err := newSerial()
	if err != nil {
		return nil, err
	}
	scheme := sigalg.Scheme{Hash: hashes[p.Hash]}
	alg, _, err := scheme.Algorithm(a.Key.Public())
	if err != nil {
		return nil, err
	}
	t := template{profile: p, serial: serial.Int(), subject: r.Subject.marshal(), spki: spki, keyBits: keyBits(spki), algorithm: alg, locations: a.Locations}
	t.notBefore, t.notAfter = p.validity(at)
	if a.Certificate != nil {
		t.issuer, t.authority = a.Certificate.RawSubject, a.Certificate.SubjectKeyID
		if t.notAfter.After(a.Certificate.NotAfter) {
			// A certificate that outlives its issuer could not be checked in the end.
			t.notAfter = a.Certificate.NotAfter
		}
		if at.Before(a.Certificate.NotBefore) || !t.notAfter.After(t.notBefore) {
			return nil, fmt.Errorf("authority %s is not valid now", a.Name)
		}
	} else {
		t.issuer, t.authority = t.subject, keyID(t.keyBits) // a root signs itself
	}
	tbs, err := t.tbs()
	if err != nil {
		return nil, err
	}
	if err := c.lint.check(tbs, scheme); err != nil {
		return nil, fault.Wrap(err, "ABS-ISS-002", "tidak lolos pemeriksaan bentuk / it does not pass the form checks")
	}
	i := Intent{Serial: serial, Authority: a.Name, Profile: fmt.Sprintf("%s/%d", p.Name, p.Version), Owner: r.Owner, TBS: tbs, Request: r.Approval, KeyHash: sha256.Sum256(spki), At: at}
	if err := c.cfg.Store.CAIntend(ctx, i); err != nil {
		return nil, err
	}
	return &Token{intent: i, authority: a, algorithm: alg, scheme: scheme, template: t}, nil
}

// ErrRedeemed means that a token was used already.
var ErrRedeemed = errors.New("this issuance was carried out already")

// Issue redeems a token: one signature, read back by a second parser, compared, verified, stored and logged.
func (c *CA) Issue(ctx context.Context, t *Token) (*Record, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.redeemed {
		return nil, ErrRedeemed
	}
	t.redeemed = true
	i := t.intent
	sum := sha256.Sum256(i.TBS)
	var rec *Record
	err := audit.Around(ctx, c.cfg.Log, audit.Event{Act: "ca.issue", Actor: i.Authority, Subject: i.Serial.String(), Object: hex.EncodeToString(sum[:])}, func() error {
		sig, alg, err := sigalg.Sign(rand.Reader, t.authority.Key, t.scheme, i.TBS)
		if err != nil {
			return fault.Wrap(err, "ABS-ISS-001")
		}
		der, err := assemble(i.TBS, alg, sig)
		if err != nil {
			return err
		}
		if err := t.examine(der); err != nil {
			return err
		}
		rec = &Record{Serial: i.Serial, Authority: i.Authority, Profile: i.Profile, Owner: i.Owner, DER: der, NotBefore: t.template.notBefore, NotAfter: t.template.notAfter}
		return c.cfg.Store.CAIssued(ctx, *rec)
	})
	if err != nil {
		return nil, err
	}
	return rec, nil
}

// examine reads a new certificate with another parser than ours and makes sure that it is the one that was intended.
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
	issuer := t.authority.Certificate
	if issuer == nil {
		issuer = ours
	}
	return ours.CheckSignatureFrom(issuer)
}

// checkSubject refuses names that must not stand in a certificate.
func checkSubject(p Profile, s Subject) error {
	bad := func(why string) error { return fault.New("ABS-ISS-002", why) }
	if s.CommonName == "" || s.Organization == "" || len(s.Country) != 2 {
		return bad("nama, instansi atau negara kosong / name, agency or country is empty")
	}
	for _, v := range []string{s.CommonName, s.Organization, s.Unit, s.Title, s.Serial} {
		if len(v) > 128 || strings.TrimSpace(v) != v || strings.ContainsFunc(v, func(r rune) bool { return r < ' ' || r == 0x7f || r == 0xfffd }) {
			return bad("nama memuat karakter yang tidak boleh / a name holds characters that are not allowed")
		}
		if nationalNumber(v) {
			return bad("NIK tidak boleh ada di dalam sertifikat / a NIK must not stand in a certificate")
		}
	}
	if p.Person && s.Serial == "" {
		return bad("id pemilik kosong / the owner's id is empty")
	}
	return nil
}

// nationalNumber finds 16 digits in a row.
func nationalNumber(s string) bool {
	run := 0
	for _, r := range s {
		if r >= '0' && r <= '9' {
			if run++; run == 16 {
				return true
			}
		} else {
			run = 0
		}
	}
	return false
}

// checkKey refuses keys that are too weak.
func checkKey(pub crypto.PublicKey) error {
	bits := sigalg.KeyBits(pub)
	switch name := sigalg.KeyName(pub); {
	case strings.HasPrefix(name, "RSA") && bits >= 2048 && bits <= 8192, name == "P-256", name == "P-384", name == "P-521", name == "Ed25519":
		return nil
	default:
		return fault.New("ABS-ISS-002", "kunci "+name+" terlalu lemah atau tidak didukung / the key is too weak or not supported")
	}
}

// Revoke marks a certificate as revoked from now on.
func (c *CA) Revoke(ctx context.Context, s Serial, reason trust.Reason, actor string) error {
	r, err := c.cfg.Store.CACertificate(ctx, s)
	if err != nil {
		return err
	}
	if r == nil {
		return fmt.Errorf("certificate %s was never issued", s)
	}
	if _, err := c.cfg.Log.Append(ctx, audit.Event{Act: "ca.revoke", Actor: actor, Subject: s.String(), Note: reason.String()}); err != nil {
		return &audit.WriteError{Err: err}
	}
	return c.cfg.Store.CARevoke(ctx, Revocation{Serial: s, Authority: r.Authority, At: c.cfg.Now().UTC().Truncate(time.Second), Reason: reason, NotAfter: r.NotAfter})
}

// Certificate finds an issued certificate, nil when there is none.
func (c *CA) Certificate(ctx context.Context, s Serial) (*Record, error) {
	return c.cfg.Store.CACertificate(ctx, s)
}

// Certificates lists those of an owner, newest first.
func (c *CA) Certificates(ctx context.Context, owner string) ([]Record, error) {
	return c.cfg.Store.CAByOwner(ctx, owner)
}

// Recover ends what a crash left undone: the serial of every intent without a certificate is revoked, because it cannot be known
// whether the signature was made.
func (c *CA) Recover(ctx context.Context) (int, error) {
	list, err := c.cfg.Store.CAUnfinished(ctx)
	if err != nil {
		return 0, err
	}
	for _, i := range list {
		if _, err := c.cfg.Log.Append(ctx, audit.Event{Act: "ca.abandon", Actor: "system", Subject: i.Serial.String()}); err != nil {
			return 0, &audit.WriteError{Err: err}
		}
		r := Revocation{Serial: i.Serial, Authority: i.Authority, At: c.cfg.Now().UTC().Truncate(time.Second), Reason: trust.CessationOfOperation, NotAfter: i.At.AddDate(20, 0, 0)}
		if err := c.cfg.Store.CARevoke(ctx, r); err != nil {
			return 0, err
		}
	}
	return len(list), nil
}
