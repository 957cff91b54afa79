package ca

import (
	"context"
	"crypto"
	"errors"
	"fmt"
	"net/url"
	"sync"
	"time"

	"absah/internal/audit"
	"absah/trust"
)

// Authority is a certificate with the key that signs under it.
type Authority struct {
	Name        string
	Certificate *trust.Certificate
	Key         crypto.Signer
	Locations   Locations // what certificates issued by it name
}

// Locations are the addresses that a certificate names, over plain HTTP: https would make the check of a certificate depend on
// the check of another.
type Locations struct {
	OCSP   string // empty: none
	CRL    string
	Issuer string // the issuer's certificate
}

func (l Locations) check() error {
	if l.CRL == "" || l.Issuer == "" {
		return errors.New("the addresses of CRL and issuer certificate are not set")
	}
	for _, s := range []string{l.OCSP, l.CRL, l.Issuer} {
		if s == "" {
			continue
		}
		if u, err := url.Parse(s); err != nil || u.Scheme != "http" || u.Host == "" || u.User != nil || u.Fragment != "" {
			return fmt.Errorf("%q is not an address over plain http", s)
		}
	}
	return nil
}

// Config of a CA. All fields are required.
type Config struct {
	Store Store
	Log   audit.Log // in the same store
	Now   func() time.Time
}

// CA issues certificates. It is safe for concurrent use.
type CA struct {
	cfg      Config
	profiles map[string]Profile
	lint     *linter

	mu          sync.Mutex
	authorities map[string]*Authority

	list sync.Mutex // one CRL is made at a time
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

// Use adds an authority, or replaces the one of its name.
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

// ErrNotIssued means that a serial number was never issued here.
var ErrNotIssued = errors.New("this certificate was never issued here")

// Revoke marks a certificate as revoked from now on, in status answers at once and in the next CRL. A certificate that is revoked
// already stays as it is, but for a hold (trust.CertificateHold), which gives way to any other reason. actor is the pseudonymous id
// of who decided.
func (c *CA) Revoke(ctx context.Context, s Serial, reason trust.Reason, actor string) error {
	switch reason {
	case trust.RemoveFromCRL, 7:
		return fmt.Errorf("%v is no reason to revoke", reason) // RFC 5280 §5.3.1: the one ends a hold in delta CRLs, 7 is not used
	default:
		if reason < trust.NoReason || reason > trust.AACompromise {
			return fmt.Errorf("%v is no reason to revoke", reason)
		}
	}
	return c.change(ctx, s, func(ctx context.Context, r *Record) (*audit.Event, error) {
		changed, err := c.cfg.Store.CARevoke(ctx, Revocation{Serial: s, Authority: r.Authority, At: c.second(), Reason: reason, NotAfter: r.NotAfter})
		if err != nil || !changed {
			return nil, err
		}
		return &audit.Event{Act: "ca.revoke", Actor: actor, Note: reason.String()}, nil
	})
}

// ErrNotOnHold means that there is no hold to end.
var ErrNotOnHold = errors.New("this certificate is not on hold")

// Release ends a hold: the certificate is good again.
func (c *CA) Release(ctx context.Context, s Serial, actor string) error {
	return c.change(ctx, s, func(ctx context.Context, _ *Record) (*audit.Event, error) {
		released, err := c.cfg.Store.CARelease(ctx, s)
		if err == nil && !released {
			err = ErrNotOnHold
		}
		return &audit.Event{Act: "ca.release", Actor: actor}, err
	})
}

// change does something to a certificate's status and logs it, both or neither.
func (c *CA) change(ctx context.Context, s Serial, do func(ctx context.Context, r *Record) (*audit.Event, error)) error {
	return c.cfg.Store.Do(ctx, func(ctx context.Context) error {
		r, err := c.cfg.Store.CACertificate(ctx, s)
		if err != nil {
			return err
		}
		if r == nil {
			return fmt.Errorf("%s: %w", s, ErrNotIssued)
		}
		e, err := do(ctx, r)
		if err != nil || e == nil {
			return err
		}
		e.Subject = s.String()
		if _, err := c.cfg.Log.Append(ctx, *e); err != nil {
			return &audit.WriteError{Err: err}
		}
		return nil
	})
}
