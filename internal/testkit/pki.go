// Package testkit makes what tests need: a small PKI with its own time-stamp authority and status responder, and PDF files.
// Names and numbers in it are fictional.
package testkit

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"math/big"
	"strings"
	"testing"
	"time"

	"absah/internal/ocsp"
	"absah/trust"
	"absah/tsp"
)

// Identity is a key with its certificate.
type Identity struct {
	Key         crypto.Signer
	Certificate *x509.Certificate
	Chain       [][]byte // issuers, the root last
}

// PKI is a root, an issuing CA, a signer, a time-stamp authority and a status responder. It answers as trust.Fetcher and
// pades.Timestamper.
type PKI struct {
	Root, Issuing, Signer, TSA, Responder *Identity
	Now                                   time.Time
	Revoked                               map[string]time.Time // serial numbers, decimal
	Tokens                                int                  // tokens made so far
	Padding                               int                  // bytes by which tokens are longer than they need be
	StatusCalls                           int
	ArchiveCutoff                         time.Time // in answers of the responder (RFC 6960 §4.4.4); zero: none

	ocspURL, crlURL string
	reasons         map[string]int // of revocations, by serial
}

// NewPKI makes a PKI with P-256 keys; signer, when not nil, is the signer's key.
func NewPKI(t testing.TB, signer crypto.Signer) *PKI {
	t.Helper()
	return NewPKIAt(t, signer, "http://status.contoh.example")
}

// NewPKIAt makes one whose certificates say that their status is found below this address.
func NewPKIAt(t testing.TB, signer crypto.Signer, address string) *PKI {
	t.Helper()
	now := time.Now().Truncate(time.Second)
	p := &PKI{Now: now, Revoked: map[string]time.Time{}, ocspURL: address + "/ocsp", crlURL: address + "/root.crl"}
	ca := func(cn string, parent *Identity) *Identity {
		return issue(t, parent, key(t), &x509.Certificate{
			Subject: pkix.Name{Country: []string{"ID"}, Organization: []string{"Absah Uji Coba"}, CommonName: cn}, NotBefore: now.AddDate(-1, 0, 0), NotAfter: now.AddDate(9, 0, 0),
			IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
			CRLDistributionPoints: []string{p.crlURL},
		})
	}
	p.Root = ca("Absah Uji Root CA 1", nil)
	p.Issuing = ca("Absah Uji CA DS 1", p.Root)
	leaf := func(cn string, k crypto.Signer, change func(*x509.Certificate)) *Identity {
		c := &x509.Certificate{
			Subject: pkix.Name{Country: []string{"ID"}, Organization: []string{"Instansi Contoh"}, CommonName: cn}, NotBefore: now.AddDate(0, -1, 0), NotAfter: now.AddDate(2, 0, 0),
			BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageContentCommitment, OCSPServer: []string{p.ocspURL},
			// pdfsig (poppler 22.12) takes the last error of NSS for its verdict, also one that only says that an extension is
			// missing: without these two every chain is "Unknown issue with Certificate".
			ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageEmailProtection},
			CRLDistributionPoints: []string{p.crlURL},
		}
		if change != nil {
			change(c)
		}
		return issue(t, p.Issuing, k, c)
	}
	if signer == nil {
		signer = key(t)
	}
	p.Signer = leaf("Budi Contoh", signer, nil)
	p.TSA = leaf("Absah Uji TSA 1", key(t), func(c *x509.Certificate) {
		c.KeyUsage, c.ExtKeyUsage = x509.KeyUsageDigitalSignature, nil
		c.NotAfter = now.AddDate(8, 0, 0) // longer than the signer's, as authorities do
		// Critical and alone, as RFC 3161 §2.3 asks.
		c.ExtraExtensions = []pkix.Extension{{Id: oidExtKeyUsage, Critical: true, Value: timeStampingOnly}}
	})
	p.Responder = leaf("Absah Uji OCSP", key(t), func(c *x509.Certificate) {
		c.KeyUsage = x509.KeyUsageDigitalSignature
		c.NotAfter = now.AddDate(8, 0, 0)
		c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageOCSPSigning}
		c.ExtraExtensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 5}, Value: []byte{5, 0}}}
		c.OCSPServer = nil
	})
	return p
}

func key(t testing.TB) crypto.Signer {
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func issue(t testing.TB, parent *Identity, k crypto.Signer, c *x509.Certificate) *Identity {
	t.Helper()
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		t.Fatal(err)
	}
	c.SerialNumber = serial
	issuer, signer := c, k
	if parent != nil {
		issuer, signer = parent.Certificate, parent.Key
	}
	der, err := x509.CreateCertificate(rand.Reader, c, issuer, k.Public(), signer)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	id := &Identity{Key: k, Certificate: cert}
	if parent != nil {
		id.Chain = append([][]byte{parent.Certificate.Raw}, parent.Chain...)
	}
	return id
}

// Anchors is the root, as given by the person who verifies.
func (p *PKI) Anchors(t testing.TB) []trust.Anchor {
	t.Helper()
	c, err := trust.ParseCertificate(p.Root.Certificate.Raw)
	if err != nil {
		t.Fatal(err)
	}
	return []trust.Anchor{{Certificate: c, Kind: trust.AnchorGiven}}
}

// Timestamp makes a token.
func (p *PKI) Timestamp(_ context.Context, h crypto.Hash, digest []byte) ([]byte, error) {
	p.Tokens++
	chain := p.TSA.Chain
	if p.Padding > 0 {
		filler, err := p.filler(p.Padding)
		if err != nil {
			return nil, err
		}
		chain = append([][]byte{filler}, chain...)
	}
	return tsp.Create(rand.Reader, tsp.Info{
		Policy: tokenPolicy, Hash: h, HashOID: "", Digest: digest, Serial: big.NewInt(int64(p.Tokens)), GenTime: p.Now, Accuracy: time.Second,
	}, p.TSA.Key, p.TSA.Certificate.Raw, chain, true)
}

// OCSP answers for every certificate of the PKI.
func (p *PKI) OCSP(_ context.Context, url string, request []byte) ([]byte, error) {
	if !strings.HasPrefix(url, p.ocspURL) {
		return nil, errors.New("no responder at " + url)
	}
	p.StatusCalls++
	req, err := ocsp.ParseRequest(request)
	if err != nil {
		return ocsp.ErrorResponse(ocsp.MalformedRequest), nil
	}
	tmpl := ocsp.Template{ProducedAt: p.Now, ResponderKey: keyBits(p.Responder.Certificate), Nonce: req.Nonce, Certificates: [][]byte{p.Responder.Certificate.Raw}}
	for _, id := range req.IDs {
		s := ocsp.Single{ID: id, Status: ocsp.Good, Reason: -1, ThisUpdate: p.Now, NextUpdate: p.Now.Add(time.Hour), ArchiveCutoff: p.ArchiveCutoff}
		if at, ok := p.Revoked[id.Serial.String()]; ok && !at.After(p.Now) {
			s.Status, s.RevokedAt = ocsp.Revoked, at
			if reason, said := p.reasons[id.Serial.String()]; said {
				s.Reason = reason
			}
		}
		tmpl.Singles = append(tmpl.Singles, s)
	}
	return ocsp.Create(rand.Reader, tmpl, p.Responder.Key)
}

// CRL is the root's list.
func (p *PKI) CRL(_ context.Context, url string) ([]byte, error) {
	if url != p.crlURL {
		return nil, errors.New("no CRL at " + url)
	}
	p.StatusCalls++
	list := &x509.RevocationList{Number: big.NewInt(1), ThisUpdate: p.Now, NextUpdate: p.Now.AddDate(0, 1, 0)}
	for serial, at := range p.Revoked {
		if n, ok := new(big.Int).SetString(serial, 10); ok && !at.After(p.Now) {
			list.RevokedCertificateEntries = append(list.RevokedCertificateEntries, x509.RevocationListEntry{SerialNumber: n, RevocationTime: at, ReasonCode: max(0, p.reasons[serial])})
		}
	}
	return x509.CreateRevocationList(rand.Reader, list, p.Root.Certificate, p.Root.Key)
}

// Certificate has none to give: every chain is complete.
func (p *PKI) Certificate(_ context.Context, url string) ([]byte, error) {
	return nil, errors.New("no certificate at " + url)
}

func keyBits(c *x509.Certificate) []byte {
	var spki struct {
		Algorithm pkix.AlgorithmIdentifier
		Key       asn1.BitString
	}
	if _, err := asn1.Unmarshal(c.RawSubjectPublicKeyInfo, &spki); err != nil {
		panic(err)
	}
	return spki.Key.Bytes
}

// Answer makes the token for a request, its nonce and policy included.
func (p *PKI) Answer(req *tsp.Request) ([]byte, error) {
	p.Tokens++
	return tsp.Create(rand.Reader, tsp.Info{
		Policy: tokenPolicy, Hash: req.Hash, HashOID: req.HashOID, Digest: req.Digest, Serial: big.NewInt(int64(p.Tokens)), GenTime: p.Now, Accuracy: time.Second, Nonce: req.Nonce,
	}, p.TSA.Key, p.TSA.Certificate.Raw, p.TSA.Chain, req.CertReq)
}

// Expired is a signer whose certificate ended a month ago.
func (p *PKI) Expired(t testing.TB) *Identity {
	t.Helper()
	return issue(t, p.Issuing, key(t), &x509.Certificate{
		Subject: pkix.Name{Country: []string{"ID"}, CommonName: "Lama Contoh"}, NotBefore: p.Now.AddDate(-1, 0, 0), NotAfter: p.Now.AddDate(0, -1, 0),
		BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature,
	})
}

const tokenPolicy = "1.3.6.1.4.1.32473.1.4.1"

// CRLURL is the address of the root's list.
func (p *PKI) CRLURL() string { return p.crlURL }
