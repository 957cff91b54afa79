package trust

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"testing"
	"time"

	"absah/internal/ocsp"
)

// date is a day of the tests' calendar.
func date(s string) time.Time {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err)
	}
	return t
}

// entity is a certificate with its key.
type entity struct {
	*Certificate
	std *x509.Certificate
	key crypto.Signer
}

var nextSerial int64 = 1000

type issueOption func(*x509.Certificate)

func ca(t *x509.Certificate) {
	t.IsCA, t.BasicConstraintsValid = true, true
	t.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageCRLSign
}

func validFor(from, until string) issueOption {
	return func(t *x509.Certificate) { t.NotBefore, t.NotAfter = date(from), date(until) }
}

func usage(u ...x509.ExtKeyUsage) issueOption {
	return func(t *x509.Certificate) { t.ExtKeyUsage = u }
}

func with(oid asn1.ObjectIdentifier, critical bool, value []byte) issueOption {
	return func(t *x509.Certificate) {
		t.ExtraExtensions = append(t.ExtraExtensions, pkix.Extension{Id: oid, Critical: critical, Value: value})
	}
}

func noCheck(t *x509.Certificate) {
	with(asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 5}, false, asn1.NullBytes)(t)
}

func urls(t *x509.Certificate) {
	t.OCSPServer = []string{"ldap://ocsp.contoh.example/", "http://ocsp.contoh.example/"}
	t.CRLDistributionPoints = []string{"http://crl.contoh.example/ca.crl"}
	t.IssuingCertificateURL = []string{"http://ca.contoh.example/ca.crt"}
}

// issue makes a certificate; a nil issuer makes it self-signed. Default is an end entity valid 2024 to 2026.
func issue(t testing.TB, issuer *entity, name string, opts ...issueOption) *entity {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return issueKey(t, issuer, name, key, opts...)
}

func issueKey(t testing.TB, issuer *entity, name string, key crypto.Signer, opts ...issueOption) *entity {
	t.Helper()
	nextSerial++
	tmpl := &x509.Certificate{
		SerialNumber: big.NewInt(nextSerial),
		Subject:      pkix.Name{Country: []string{"ID"}, Organization: []string{"Instansi Contoh"}, CommonName: name},
		NotBefore:    date("2024-01-01"), NotAfter: date("2026-01-01"),
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageContentCommitment,
	}
	for _, o := range opts {
		o(tmpl)
	}
	parent, signer := tmpl, key
	if issuer != nil {
		parent, signer = issuer.std, issuer.key
	}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, parent, key.Public(), signer)
	if err != nil {
		t.Fatal(err)
	}
	std, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	c, err := ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return &entity{c, std, key}
}

type crlOption func(*x509.RevocationList)

func revokes(c *entity, at string, reason int) crlOption {
	return func(l *x509.RevocationList) {
		l.RevokedCertificateEntries = append(l.RevokedCertificateEntries, x509.RevocationListEntry{
			SerialNumber: c.Serial, RevocationTime: date(at), ReasonCode: reason,
		})
	}
}

func crlExt(oid asn1.ObjectIdentifier, critical bool, value []byte) crlOption {
	return func(l *x509.RevocationList) {
		l.ExtraExtensions = append(l.ExtraExtensions, pkix.Extension{Id: oid, Critical: critical, Value: value})
	}
}

func crlOf(t testing.TB, issuer *entity, number int64, this, next string, opts ...crlOption) []byte {
	t.Helper()
	l := &x509.RevocationList{Number: big.NewInt(number), ThisUpdate: date(this), NextUpdate: date(next)}
	for _, o := range opts {
		o(l)
	}
	der, err := x509.CreateRevocationList(rand.Reader, l, issuer.std, issuer.key)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

// ocspOf answers for a certificate of issuer, signed by responder.
func ocspOf(t testing.TB, issuer, responder *entity, c *entity, s ocsp.Single, produced string) []byte {
	t.Helper()
	s.ID = ocsp.NewCertID(crypto.SHA1, issuer.RawSubject, issuer.KeyBits, c.Serial)
	tmpl := ocsp.Template{ProducedAt: date(produced), ResponderKey: responder.KeyBits, Singles: []ocsp.Single{s}}
	if responder != issuer {
		tmpl.Certificates = [][]byte{responder.Raw}
	}
	der, err := ocsp.Create(rand.Reader, tmpl, responder.key)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func pool(t testing.TB, certs ...*entity) *Pool {
	t.Helper()
	p := NewPool()
	for _, c := range certs {
		p.Add(c.Certificate)
	}
	return p
}

func mustCRL(t testing.TB, p *Pool, der []byte) {
	t.Helper()
	if _, err := p.AddCRL(der); err != nil {
		t.Fatal(err)
	}
}

func mustOCSP(t testing.TB, p *Pool, der []byte) {
	t.Helper()
	if err := p.AddOCSP(der); err != nil {
		t.Fatal(err)
	}
}

// policyAt is Basic without revocation, for tests of other things.
func policyAt(day string, anchors ...*entity) Policy {
	p := Basic()
	p.Revocation, p.CARevocation = RevocationIgnored, RevocationIgnored
	p.Time = date(day)
	for _, a := range anchors {
		p.Anchors = append(p.Anchors, Anchor{Certificate: a.Certificate, Kind: AnchorGiven})
	}
	return p
}

func codes(fs []Finding, levels ...Severity) []string {
	var out []string
	for _, f := range fs {
		for _, l := range levels {
			if f.Level == l {
				out = append(out, f.Code)
			}
		}
	}
	return out
}

func hasCode(fs []Finding, code string) bool {
	for _, f := range fs {
		if f.Code == code {
			return true
		}
	}
	return false
}

func pkixExt(oid string, value []byte) pkix.Extension {
	var id asn1.ObjectIdentifier
	n := 0
	for _, c := range oid + "." {
		if c == '.' {
			id = append(id, n)
			n = 0
			continue
		}
		n = n*10 + int(c-'0')
	}
	return pkix.Extension{Id: id, Value: value}
}
