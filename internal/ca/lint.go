package ca

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"fmt"
	"sort"
	"strings"

	"absah/internal/sigalg"

	zx509 "github.com/zmap/zcrypto/x509"
	"github.com/zmap/zlint/v3"
	"github.com/zmap/zlint/v3/lint"
)

// linter holds the lints that fit certificates which are not for web servers. The sources of the web PKI are left out, and with
// them the one lint that takes 85 % of the time of all.
type linter struct {
	registry lint.Registry
	key      crypto.Signer // throw-away: lints see a certificate that was never valid
}

func newLinter() (*linter, error) {
	reg, err := lint.GlobalRegistry().Filter(lint.FilterOptions{
		IncludeSources: lint.SourceList{lint.RFC3279, lint.RFC5280, lint.RFC5480, lint.RFC5891},
	})
	if err != nil {
		return nil, err
	}
	key, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	return &linter{reg, key}, err
}

// check signs the to-be-signed part with the throw-away key and refuses what any lint calls an error.
func (l *linter) check(tbs []byte, s sigalg.Scheme) error {
	sig, alg, err := sigalg.Sign(rand.Reader, l.key, s, tbs)
	if err != nil {
		return err
	}
	der, err := assemble(tbs, alg, sig)
	if err != nil {
		return err
	}
	cert, err := zx509.ParseCertificate(der)
	if err != nil {
		return fmt.Errorf("a second parser refuses it: %w", err)
	}
	var bad []string
	for name, r := range zlint.LintCertificateEx(cert, l.registry).Results {
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
