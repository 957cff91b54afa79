package ca

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"math/big"
	"time"

	"absah/internal/audit"
	"absah/internal/sigalg"
	"absah/trust"
)

const (
	// A list lives a week, so that a day on which none can be made breaks nothing.
	crlValidity = 7 * 24 * time.Hour
	// A list is handed out for so long when nothing changes; a revocation makes a new one at the next request.
	crlReuse = time.Hour
	// What only helpers of the guard need is done for lists up to this length: lists grow by sharding, not by length.
	crlInspected = 50_000
)

// CRL is the complete list of an authority (RFC 5280 §5), DER. It is made anew when a revocation is not yet in the last one or when
// that is an hour old. Expired certificates stay listed, because documents are verified long after them.
func (c *CA) CRL(ctx context.Context, authority string) ([]byte, error) {
	a := c.Authority(authority)
	if a == nil || a.Certificate == nil {
		return nil, fmt.Errorf("authority %q is unknown", authority)
	}
	c.list.Lock()
	defer c.list.Unlock()
	last, err := c.cfg.Store.CAList(ctx, authority)
	if err != nil {
		return nil, err
	}
	// The count is read before the entries: at worst the list knows more than it says, and is made once more.
	change, err := c.cfg.Store.CAChange(ctx, authority)
	if err != nil {
		return nil, err
	}
	now := c.second()
	if last != nil && last.Change == change && !now.Before(last.ThisUpdate) && now.Before(last.ThisUpdate.Add(crlReuse)) {
		return last.DER, nil
	}
	l, err := c.makeList(ctx, a, last, change, now)
	if err != nil {
		return nil, fmt.Errorf("CRL of %s: %w", authority, err)
	}
	return l.DER, nil
}

func (c *CA) makeList(ctx context.Context, a *Authority, last *List, change int64, now time.Time) (*List, error) {
	revoked, err := c.cfg.Store.CARevoked(ctx, a.Name)
	if err != nil {
		return nil, err
	}
	// The clock as the least number keeps numbers rising even when an old backup of the database was restored.
	number, err := c.cfg.Store.CANextCRL(ctx, a.Name, now.Unix())
	if err != nil {
		return nil, err
	}
	alg, hash, err := sigalg.Scheme{}.Algorithm(a.Key.Public())
	if err != nil {
		return nil, err
	}
	scheme := sigalg.Scheme{Hash: hash}
	l := &List{Authority: a.Name, Number: number, Change: change, ThisUpdate: now, NextUpdate: now.Add(crlValidity)}
	tbs := crlTBS(a.Certificate, alg, l, revoked)
	if len(revoked) <= crlInspected {
		if err := c.lint.crl(tbs, scheme, a.Key.Public()); err != nil {
			return nil, err
		}
	}
	sum := sha256.Sum256(tbs)
	e := audit.Event{Act: "ca.crl", Actor: a.Name, Role: "ca", Object: hex.EncodeToString(sum[:]), Note: fmt.Sprintf("number %d, %d entries", number, len(revoked))}
	err = audit.Around(ctx, c.cfg.Log, e, func() error {
		sig, _, err := sigalg.Sign(rand.Reader, a.Key, scheme, tbs)
		if err != nil {
			return err
		}
		if l.DER, err = assemble(tbs, alg, sig); err != nil {
			return err
		}
		if err := guard(a.Certificate, l, revoked, last); err != nil {
			return fmt.Errorf("is not published: %w", err)
		}
		return c.cfg.Store.CAPublish(ctx, *l)
	})
	return l, err
}

// guard reads a new list back and refuses one that is not what it should be, above all one that lost an entry: a revoked certificate
// would be good again.
func guard(issuer *trust.Certificate, l *List, revoked []Revocation, last *List) error {
	crl, err := trust.ParseCRL(l.DER)
	if err != nil {
		return err
	}
	if err := crl.CheckSignatureFrom(issuer); err != nil {
		return err
	}
	switch {
	case len(crl.Notes)+len(crl.UnknownCritical)+len(crl.Malformed) > 0:
		return errors.New("it does not read back cleanly")
	case crl.Number == nil || crl.Number.Cmp(big.NewInt(l.Number)) != 0:
		return errors.New("its number is not the one it was given")
	case !crl.ThisUpdate.Equal(l.ThisUpdate) || !crl.NextUpdate.Equal(l.NextUpdate) || !crl.NextUpdate.After(crl.ThisUpdate):
		return errors.New("its times are not those it was given")
	case crl.Len() != len(revoked):
		return fmt.Errorf("it has %d entries instead of %d", crl.Len(), len(revoked))
	}
	for _, r := range revoked {
		e, ok := crl.Find(issuer.Subject, r.Serial[:])
		if !ok {
			return fmt.Errorf("it lost the entry of %s", r.Serial)
		}
		if !e.RevokedAt.Equal(r.At) || max(e.Reason, 0) != max(r.Reason, 0) {
			return fmt.Errorf("its entry of %s is not what was decided", r.Serial)
		}
	}
	if len(revoked) <= crlInspected {
		second, err := x509.ParseRevocationList(l.DER)
		if err != nil {
			return fmt.Errorf("a second parser refuses it: %w", err)
		}
		if len(second.RevokedCertificateEntries) != len(revoked) {
			return fmt.Errorf("a second parser finds %d entries instead of %d", len(second.RevokedCertificateEntries), len(revoked))
		}
	}
	if last == nil {
		return nil
	}
	// The database alone is not believed: who deletes a row of it must not make a certificate good.
	old, err := trust.ParseCRL(last.DER)
	if err != nil {
		return fmt.Errorf("the last one cannot be read: %w", err)
	}
	if l.Number <= last.Number || l.ThisUpdate.Before(last.ThisUpdate) {
		return errors.New("it is not newer than the last one")
	}
	for e := range old.Entries() {
		if e.Reason == trust.CertificateHold {
			continue // may have been released
		}
		if _, ok := crl.Find(issuer.Subject, e.Serial); !ok {
			return fmt.Errorf("it lost the entry of %x, which the last one had", e.Serial)
		}
	}
	return nil
}
