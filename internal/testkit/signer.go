package testkit

import (
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"testing"
	"time"
)

// NewSigner is one more person with a certificate of the issuing CA; k nil: a P-256 key.
func (p *PKI) NewSigner(t testing.TB, name string, k crypto.Signer) *Identity {
	t.Helper()
	return p.signer(t, name, k, p.Now.AddDate(0, -1, 0), p.Now.AddDate(2, 0, 0))
}

// NotYet is a signer whose certificate begins in a month.
func (p *PKI) NotYet(t testing.TB) *Identity {
	t.Helper()
	return p.signer(t, "Baru Contoh", nil, p.Now.AddDate(0, 1, 0), p.Now.AddDate(2, 0, 0))
}

func (p *PKI) signer(t testing.TB, name string, k crypto.Signer, from, to time.Time) *Identity {
	if k == nil {
		k = key(t)
	}
	return issue(t, p.Issuing, k, &x509.Certificate{
		Subject: pkix.Name{Country: []string{"ID"}, Organization: []string{"Instansi Contoh"}, CommonName: name}, NotBefore: from, NotAfter: to,
		BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageContentCommitment, OCSPServer: []string{p.ocspURL},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageEmailProtection}, CRLDistributionPoints: []string{p.crlURL},
	})
}

// filler is a certificate of the issuing CA that nobody needs, n bytes larger than others.
func (p *PKI) filler(n int) ([]byte, error) {
	return x509.CreateCertificate(rand.Reader, &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Pengisi"}, NotBefore: p.Now, NotAfter: p.Now.AddDate(1, 0, 0),
		ExtraExtensions: []pkix.Extension{{Id: asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 32473, 1, 99}, Value: make([]byte, n)}},
	}, p.Issuing.Certificate, p.Signer.Certificate.PublicKey, p.Issuing.Key)
}
