package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"time"

	"absah/internal/ocsp"
	"absah/tsp"
)

// identity is a key with its certificate and those above it.
type identity struct {
	key   crypto.Signer
	cert  *x509.Certificate
	chain []*x509.Certificate
}

// pki is a fictional root, an issuing CA, signers, a time-stamp authority and a status responder, with a server for the
// last two and for revocation lists.
type pki struct {
	root, issuing, signer, second, third, rsaSigner, tsa, responder *identity
	server                                                          *http.Server
	url                                                             string
	tokens                                                          atomic.Int64
}

func (r *run) path(name string) string { return filepath.Join(r.work, name) }

// makePKI writes root.pem, chain.pem, and for each signer its key and its certificate with those above it.
func (r *run) makePKI() error {
	_, err := os.Stat(r.path("root.pem"))
	if err == nil {
		return nil
	}
	p, err := newPKI()
	if err != nil {
		return err
	}
	for name, id := range map[string]*identity{"signer": p.signer, "second": p.second, "third": p.third, "signer-rsa": p.rsaSigner} {
		der, err := x509.MarshalPKCS8PrivateKey(id.key)
		if err != nil {
			return err
		}
		if err := os.WriteFile(r.path(name+".key"), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), 0o600); err != nil {
			return err
		}
		if err := writeCertificates(r.path(name+".pem"), append([]*x509.Certificate{id.cert}, id.chain...)...); err != nil {
			return err
		}
	}
	if err := writeCertificates(r.path("chain.pem"), p.issuing.cert, p.root.cert); err != nil {
		return err
	}
	if err := os.WriteFile(r.path("tsa.url"), []byte(p.url+"/tsa"), 0o644); err != nil {
		return err
	}
	return writeCertificates(r.path("root.pem"), p.root.cert)
}

func writeCertificates(path string, certs ...*x509.Certificate) error {
	var out []byte
	for _, c := range certs {
		out = append(out, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})...)
	}
	return os.WriteFile(path, out, 0o644)
}

func newPKI() (*pki, error) {
	p := &pki{}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p.url = "http://" + listener.Addr().String()
	var failed error
	make := func(parent *identity, cn string, bits int, change func(*x509.Certificate)) *identity {
		if failed != nil {
			return nil
		}
		id, err := p.issue(parent, cn, bits, change)
		failed = err
		return id
	}
	ca := func(c *x509.Certificate) {
		c.IsCA, c.KeyUsage = true, x509.KeyUsageCertSign|x509.KeyUsageCRLSign
		c.NotBefore, c.NotAfter = c.NotBefore.AddDate(-1, 0, 0), c.NotAfter.AddDate(9, 0, 0)
	}
	p.root = make(nil, "Absah Ukur Root CA", 0, ca)
	p.issuing = make(p.root, "Absah Ukur CA", 0, ca)
	person := func(c *x509.Certificate) {
		c.OCSPServer = []string{p.url + "/ocsp"}
	}
	p.signer = make(p.issuing, "Budi Contoh", 0, person)
	p.second = make(p.issuing, "Sari Misal", 0, person)
	p.third = make(p.issuing, "Joko Umpama", 0, person)
	// One peer reads nothing but RSA, in the whole chain.
	p.rsaSigner = make(make(nil, "Absah Ukur RSA CA", 2048, ca), "Siti Contoh", 2048, person)
	p.tsa = make(p.issuing, "Absah Ukur TSA", 0, func(c *x509.Certificate) {
		person(c)
		c.KeyUsage = x509.KeyUsageDigitalSignature
		// Critical and alone (RFC 3161 §2.3).
		der, _ := asn1.Marshal([]asn1.ObjectIdentifier{{1, 3, 6, 1, 5, 5, 7, 3, 8}})
		c.ExtraExtensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 37}, Critical: true, Value: der}}
	})
	p.responder = make(p.issuing, "Absah Ukur OCSP", 0, func(c *x509.Certificate) {
		c.KeyUsage, c.ExtKeyUsage = x509.KeyUsageDigitalSignature, []x509.ExtKeyUsage{x509.ExtKeyUsageOCSPSigning}
		c.ExtraExtensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 5}, Value: []byte{5, 0}}} // id-pkix-ocsp-nocheck
	})
	if failed != nil {
		return nil, failed
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /tsa", p.serveTSA)
	mux.HandleFunc("POST /ocsp", p.serveOCSP)
	mux.HandleFunc("GET /root.crl", p.serveCRL)
	p.server = &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	go p.server.Serve(listener) // for as long as the program runs
	return p, nil
}

func (p *pki) issue(parent *identity, cn string, bits int, change func(*x509.Certificate)) (*identity, error) {
	var key crypto.Signer
	var err error
	if bits > 0 {
		key, err = rsa.GenerateKey(rand.Reader, bits)
	} else {
		key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	}
	if err != nil {
		return nil, err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return nil, err
	}
	now := time.Now().Truncate(time.Second)
	c := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{Country: []string{"ID"}, Organization: []string{"Instansi Contoh"}, CommonName: cn},
		NotBefore: now.Add(-time.Hour), NotAfter: now.AddDate(1, 0, 0), BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageContentCommitment, CRLDistributionPoints: []string{p.url + "/root.crl"},
	}
	change(c)
	issuer, by := c, key
	if parent == nil {
		c.CRLDistributionPoints = nil
	} else {
		issuer, by = parent.cert, parent.key
		if !c.IsCA {
			c.CRLDistributionPoints = nil // its status comes from the responder
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, c, issuer, key.Public(), by)
	if err != nil {
		return nil, err
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	id := &identity{key: key, cert: cert}
	if parent != nil {
		id.chain = append([]*x509.Certificate{parent.cert}, parent.chain...)
	}
	return id, nil
}

func (p *pki) serveTSA(w http.ResponseWriter, req *http.Request) {
	b, err := io.ReadAll(http.MaxBytesReader(w, req.Body, 64<<10))
	if err != nil {
		return
	}
	answer := tsp.Refuse(tsp.BadDataFormat, "")
	if q, err := tsp.ParseRequest(b); err == nil {
		var chain [][]byte
		for _, c := range p.tsa.chain {
			chain = append(chain, c.Raw)
		}
		token, err := tsp.Create(rand.Reader, tsp.Info{
			Policy: "1.2.3.4.1", Hash: q.Hash, HashOID: q.HashOID, Digest: q.Digest, Serial: big.NewInt(p.tokens.Add(1)), GenTime: time.Now().UTC(),
			Accuracy: time.Second, Nonce: q.Nonce,
		}, p.tsa.key, p.tsa.cert.Raw, chain, q.CertReq)
		if err == nil {
			answer = &tsp.Response{Status: tsp.Granted, Failure: tsp.NoFailure, Token: token}
		}
	}
	out, err := answer.Marshal()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/timestamp-reply")
	w.Write(out)
}

func (p *pki) serveOCSP(w http.ResponseWriter, req *http.Request) {
	b, err := io.ReadAll(http.MaxBytesReader(w, req.Body, 64<<10))
	if err != nil {
		return
	}
	out := ocsp.ErrorResponse(ocsp.MalformedRequest)
	if q, err := ocsp.ParseRequest(b); err == nil {
		now := time.Now().UTC().Truncate(time.Second)
		var spki struct {
			Algorithm pkix.AlgorithmIdentifier
			Key       asn1.BitString
		}
		if _, err := asn1.Unmarshal(p.responder.cert.RawSubjectPublicKeyInfo, &spki); err == nil {
			t := ocsp.Template{ProducedAt: now, ResponderKey: spki.Key.Bytes, Nonce: q.Nonce, Certificates: [][]byte{p.responder.cert.Raw}}
			for _, id := range q.IDs {
				t.Singles = append(t.Singles, ocsp.Single{ID: id, Status: ocsp.Good, Reason: -1, ThisUpdate: now, NextUpdate: now.Add(24 * time.Hour)})
			}
			if made, err := ocsp.Create(rand.Reader, t, p.responder.key); err == nil {
				out = made
			}
		}
	}
	w.Header().Set("Content-Type", "application/ocsp-response")
	w.Write(slices.Clip(out))
}

func (p *pki) serveCRL(w http.ResponseWriter, _ *http.Request) {
	now := time.Now()
	der, err := x509.CreateRevocationList(rand.Reader, &x509.RevocationList{Number: big.NewInt(1), ThisUpdate: now.Add(-time.Minute), NextUpdate: now.AddDate(0, 0, 7)}, p.root.cert, p.root.key)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/pkix-crl")
	w.Write(der)
}
