package ca

import (
	"context"
	"crypto"
	"crypto/rand"
	"fmt"
	"time"

	"absah/internal/sigalg"
	"absah/trust"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// Names of the authorities of an instance; keys are kept under them.
const (
	Root    = "root"
	Issuing = "issuing"
	TSA     = "tsa"
	OCSP    = "ocsp"
)

// Plan is what a ceremony makes.
type Plan struct {
	Subjects  map[string]Subject   // of root, issuing, tsa and ocsp
	Locations map[string]Locations // that certificates issued by root and issuing name
}

// Hierarchy makes root, issuing CA, time-stamp authority and status responder. key makes and keeps the key of each.
func (c *CA) Hierarchy(ctx context.Context, p Plan, key func(name, algorithm string) (crypto.Signer, error)) (map[string]*Record, error) {
	out := map[string]*Record{}
	for _, step := range []struct{ name, issuer string }{{Root, Root}, {Issuing, Root}, {TSA, Issuing}, {OCSP, Issuing}} {
		profile := c.profiles[step.name]
		k, err := key(step.name, profile.Key)
		if err != nil {
			return nil, fmt.Errorf("key of %s: %w", step.name, err)
		}
		issuer := c.Authority(step.issuer)
		if step.name == step.issuer {
			issuer = &Authority{Name: step.name, Key: k}
		}
		t, err := c.prepare(ctx, profile, issuer, Request{Profile: step.name, Subject: p.Subjects[step.name], Owner: step.name, PublicKey: k.Public()}, c.cfg.Now())
		if err != nil {
			return nil, fmt.Errorf("%s: %w", step.name, err)
		}
		rec, err := c.Issue(ctx, t)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", step.name, err)
		}
		cert, err := trust.ParseCertificate(rec.DER)
		if err != nil {
			return nil, err
		}
		c.Use(&Authority{Name: step.name, Certificate: cert, Key: k, Locations: p.Locations[step.name]})
		out[step.name] = rec
	}
	return out, nil
}

// CRL validity: a new one is made daily and lives a week, so that a missed day breaks nothing.
const crlValidity = 7 * 24 * time.Hour

// CRL signs the complete list of an authority (RFC 5280 §5).
func (c *CA) CRL(ctx context.Context, authority string) ([]byte, error) {
	a := c.Authority(authority)
	if a == nil {
		return nil, fmt.Errorf("authority %q is unknown", authority)
	}
	revoked, err := c.cfg.Store.CARevoked(ctx, authority)
	if err != nil {
		return nil, err
	}
	number, err := c.cfg.Store.CANextCRL(ctx, authority)
	if err != nil {
		return nil, err
	}
	now := c.cfg.Now().UTC().Truncate(time.Second)
	scheme := sigalg.Scheme{}
	alg, _, err := scheme.Algorithm(a.Key.Public())
	if err != nil {
		return nil, err
	}
	tbs := crlTBS(a, alg, now, number, revoked)
	sig, _, err := sigalg.Sign(rand.Reader, a.Key, scheme, tbs)
	if err != nil {
		return nil, err
	}
	der, err := assemble(tbs, alg, sig)
	if err != nil {
		return nil, err
	}
	return der, c.guard(a, der, revoked)
}

func crlTBS(a *Authority, alg sigalg.AlgorithmIdentifier, now time.Time, number int64, revoked []Revocation) []byte {
	var b cryptobyte.Builder
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1Int64(1)
		b.AddBytes(alg.Raw)
		b.AddBytes(a.Certificate.RawSubject)
		addTime(b, now)
		addTime(b, now.Add(crlValidity))
		if len(revoked) > 0 {
			b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
				for _, r := range revoked {
					b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
						b.AddASN1BigInt(r.Serial.Int())
						addTime(b, r.At.UTC())
						if r.Reason > 0 {
							b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
								addExtension(b, "2.5.29.21", func(b *cryptobyte.Builder) { b.AddASN1Enum(int64(r.Reason)) })
							})
						}
					})
				}
			})
		}
		b.AddASN1(cbasn1.Tag(0).ContextSpecific().Constructed(), func(b *cryptobyte.Builder) {
			b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
				addExtension(b, oidAuthorityKeyID, func(b *cryptobyte.Builder) {
					b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
						b.AddASN1(cbasn1.Tag(0).ContextSpecific(), func(b *cryptobyte.Builder) { b.AddBytes(a.Certificate.SubjectKeyID) })
					})
				})
				addExtension(b, "2.5.29.20", func(b *cryptobyte.Builder) { b.AddASN1Int64(number) })
			})
		})
	})
	return b.BytesOrPanic()
}

func addExtension(b *cryptobyte.Builder, oid string, value func(*cryptobyte.Builder)) {
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		addOID(b, oid)
		b.AddASN1(cbasn1.OCTET_STRING, value)
	})
}

// guard reads a new CRL back and refuses one that lost an entry: a revoked certificate would be good again.
func (c *CA) guard(a *Authority, der []byte, revoked []Revocation) error {
	crl, err := trust.ParseCRL(der)
	if err != nil {
		return fmt.Errorf("the new CRL cannot be read back: %w", err)
	}
	if err := crl.CheckSignatureFrom(a.Certificate); err != nil {
		return fmt.Errorf("the new CRL: %w", err)
	}
	for _, r := range revoked {
		if _, ok := crl.Find(a.Certificate.Subject, r.Serial[:]); !ok {
			return fmt.Errorf("the new CRL lost the entry for %s and is not published", r.Serial)
		}
	}
	return nil
}
