package ca

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"fmt"
	"sort"
	"strings"
	"sync"

	"absah/internal/sigalg"

	zx509 "github.com/zmap/zcrypto/x509"
	"github.com/zmap/zlint/v3"
	"github.com/zmap/zlint/v3/lint"
)

// linter holds the lints of the RFC 5280 family. Those of the web PKI do not fit certificates of people, and with them goes the one
// lint that takes 85 % of the time of all (the list of certificates of a compromised CA).
type linter struct {
	registry lint.Registry

	mu   sync.Mutex
	keys map[string]crypto.Signer // throw-away keys by kind: what the lints see was never valid
}

func newLinter() (*linter, error) {
	reg, err := lint.GlobalRegistry().Filter(lint.FilterOptions{
		IncludeSources: lint.SourceList{lint.RFC3279, lint.RFC5280, lint.RFC5480, lint.RFC5891},
	})
	return &linter{registry: reg, keys: map[string]crypto.Signer{}}, err
}

// key gives a throw-away key that signs with the algorithm of a real one.
func (l *linter) key(pub crypto.PublicKey) (k crypto.Signer, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	kind := sigalg.KeyName(pub)
	if k = l.keys[kind]; k != nil {
		return k, nil
	}
	switch p := pub.(type) {
	case *rsa.PublicKey:
		k, err = rsa.GenerateKey(rand.Reader, 2048)
	case *ecdsa.PublicKey:
		// The curve need not be that of the issuer, and this one signs six times as fast as P-384.
		k, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	default:
		return nil, fmt.Errorf("an issuer with a key of the kind %T is not supported", p)
	}
	l.keys[kind] = k
	return k, err
}

// sign makes what looks like the finished structure.
func (l *linter) sign(tbs []byte, s sigalg.Scheme, issuer crypto.PublicKey) ([]byte, error) {
	key, err := l.key(issuer)
	if err != nil {
		return nil, err
	}
	sig, alg, err := sigalg.Sign(rand.Reader, key, s, tbs)
	if err != nil {
		return nil, err
	}
	return assemble(tbs, alg, sig)
}

// certificate refuses a to-be-signed part that a second parser cannot read or that any lint calls an error.
func (l *linter) certificate(tbs []byte, s sigalg.Scheme, issuer crypto.PublicKey) error {
	der, err := l.sign(tbs, s, issuer)
	if err != nil {
		return err
	}
	cert, err := zx509.ParseCertificate(der)
	if err != nil {
		return fmt.Errorf("a second parser refuses it: %w", err)
	}
	return verdict(zlint.LintCertificateEx(cert, l.registry))
}

// crl does the same for a list.
func (l *linter) crl(tbs []byte, s sigalg.Scheme, issuer crypto.PublicKey) error {
	der, err := l.sign(tbs, s, issuer)
	if err != nil {
		return err
	}
	list, err := zx509.ParseRevocationList(der)
	if err != nil {
		return fmt.Errorf("a second parser refuses it: %w", err)
	}
	return verdict(zlint.LintRevocationListEx(list, l.registry))
}

func verdict(set *zlint.ResultSet) error {
	var bad []string
	for name, r := range set.Results {
		if r.Status == lint.Error || r.Status == lint.Fatal {
			bad = append(bad, name)
		}
	}
	if len(bad) > 0 {
		sort.Strings(bad)
		return fmt.Errorf("lints refuse it: %s", strings.Join(bad, ", "))
	}
	return nil
}
