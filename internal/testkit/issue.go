package testkit

import (
	"crypto"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"testing"
	"time"
)

// Issue makes a certificate of any kind with any dates; k nil: a P-256 key. Its status is asked from the PKI's responder when the issuing
// CA is the issuer, and looked up in the root's list otherwise. change, when not nil, has the last word.
func (p *PKI) Issue(t testing.TB, issuer *Identity, name string, k crypto.Signer, from, to time.Time, change func(*x509.Certificate)) *Identity {
	t.Helper()
	if k == nil {
		k = key(t)
	}
	c := &x509.Certificate{
		Subject: pkix.Name{Country: []string{"ID"}, Organization: []string{"Instansi Contoh"}, CommonName: name}, NotBefore: from, NotAfter: to,
		BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageContentCommitment, CRLDistributionPoints: []string{p.crlURL},
	}
	if issuer != p.Root {
		c.OCSPServer = []string{p.ocspURL}
	}
	if change != nil {
		change(c)
	}
	return issue(t, issuer, k, c)
}

// NewTSA makes a time-stamp authority below the root, which the fate of the issuing CA does not touch, and takes it into use.
func (p *PKI) NewTSA(t testing.TB, name string, from, to time.Time) *Identity {
	t.Helper()
	p.TSA = p.Issue(t, p.Root, name, nil, from, to, func(c *x509.Certificate) {
		c.KeyUsage = x509.KeyUsageDigitalSignature
		c.ExtraExtensions = []pkix.Extension{{Id: oidExtKeyUsage, Critical: true, Value: timeStampingOnly}} // RFC 3161 §2.3
	})
	return p.TSA
}

var (
	oidExtKeyUsage      = asn1.ObjectIdentifier{2, 5, 29, 37}
	timeStampingOnly, _ = asn1.Marshal([]asn1.ObjectIdentifier{{1, 3, 6, 1, 5, 5, 7, 3, 8}})
)

// NewIssuing makes an issuing CA with its own responder and takes both into use.
func (p *PKI) NewIssuing(t testing.TB, name string, from, to, responderTo time.Time) {
	t.Helper()
	p.Issuing = p.Issue(t, p.Root, name, nil, from, to, func(c *x509.Certificate) {
		c.IsCA, c.KeyUsage = true, x509.KeyUsageCertSign|x509.KeyUsageCRLSign
	})
	p.Responder = p.Issue(t, p.Issuing, name+" OCSP", nil, from, responderTo, func(c *x509.Certificate) {
		c.KeyUsage, c.ExtKeyUsage, c.OCSPServer = x509.KeyUsageDigitalSignature, []x509.ExtKeyUsage{x509.ExtKeyUsageOCSPSigning}, nil
		c.ExtraExtensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 5}, Value: []byte{5, 0}}}
	})
}

// Revoke revokes a certificate at a time; reason as in RFC 5280 §5.3.1, negative for none.
func (p *PKI) Revoke(id *Identity, at time.Time, reason int) {
	serial := id.Certificate.SerialNumber.String()
	p.Revoked[serial] = at
	if p.reasons == nil {
		p.reasons = map[string]int{}
	}
	p.reasons[serial] = reason
}
