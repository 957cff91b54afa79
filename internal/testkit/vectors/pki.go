package main

import (
	"context"
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"time"

	"absah/internal/ocsp"
	"absah/tsp"
)

// identity is a key with its certificate and the issuers above it, the root last.
type identity struct {
	key   crypto.Signer
	cert  *x509.Certificate
	chain [][]byte
}

// authority issues certificates, time-stamps and answers about revocation, as of a time. It is a pades.Timestamper and a
// trust.Fetcher.
type authority struct {
	ca, tsa, responder *identity
	crls               map[string]*identity // CRL address and who signs it
	now                time.Time
	answer             time.Duration // for how long answers count
}

// world holds the hierarchies.
type world struct {
	anchors []anchor

	national         *authority // root, issuing CA, person
	person, official *identity  // Budi Contoh and Siti Contoh
	old              *authority // self-signed issuing CA that expired on 18 August 2026
	veteran          *identity  // a person of that one
	stranger         *identity  // whose authority nobody knows
	impostor         *identity  // whose authority has the names of the national one
	early, late      *identity  // whose anchors count for other times
	lookalikes       map[string]*identity
	bsre             *identity // a person with the profile of the gateways' public test user
	rsaPerson        *identity
	strangeTSA       *identity
	nationalCA       *identity
}

// anchor is one of the trust package.
type anchor struct {
	Kind        string            `json:"kind"`
	Certificate []byte            `json:"certificate"`
	SHA256      string            `json:"sha256"`
	From        *time.Time        `json:"from,omitempty"`
	Until       *time.Time        `json:"until,omitempty"`
	Label       map[string]string `json:"label"`
}

// Times of the vectors.
var (
	wib    = time.FixedZone("WIB", 7*60*60)
	signed = time.Date(2026, 9, 14, 9, 30, 0, 0, wib) // when most of them were signed
	soon   = signed.Add(30 * time.Minute)             // and judged
)

func day(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }

// name writes a subject in the order given, as pairs of OID suffix under 2.5.4 and value: the order differs between real issuers.
func name(pairs ...string) pkix.RDNSequence {
	oids := map[string]asn1.ObjectIdentifier{
		"CN": {2, 5, 4, 3}, "C": {2, 5, 4, 6}, "O": {2, 5, 4, 10}, "OU": {2, 5, 4, 11}, "description": {2, 5, 4, 13},
		"E": {1, 2, 840, 113549, 1, 9, 1},
	}
	var out pkix.RDNSequence
	for i := 0; i < len(pairs); i += 2 {
		out = append(out, pkix.RelativeDistinguishedNameSET{{Type: oids[pairs[i]], Value: pairs[i+1]}})
	}
	return out
}

// issue makes a certificate; parent nil: self-signed.
func issue(parent *identity, k crypto.Signer, subject pkix.RDNSequence, from, to time.Time, change func(*x509.Certificate)) *identity {
	c := &x509.Certificate{
		RawSubject: must(asn1.Marshal(subject)), NotBefore: from, NotAfter: to, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageContentCommitment,
	}
	sum := sha256.Sum256(append(slices.Clone(c.RawSubject), must(x509.MarshalPKIXPublicKey(k.Public()))...))
	c.SerialNumber, c.SubjectKeyId = new(big.Int).SetBytes(sum[:15]), sum[12:]
	if change != nil {
		change(c)
	}
	issuer, signer := c, k
	if parent != nil {
		issuer, signer = parent.cert, parent.key
	}
	id := &identity{key: k, cert: must(x509.ParseCertificate(must(x509.CreateCertificate(nil, c, issuer, k.Public(), signer))))}
	if parent != nil {
		id.chain = append([][]byte{parent.cert.Raw}, parent.chain...)
	}
	return id
}

// below is a chain without its root, which the trust package has; an authority that stands alone is named.
func below(chain [][]byte) [][]byte { return chain[:max(1, len(chain)-1)] }

func asCA(crl string) func(*x509.Certificate) {
	return func(c *x509.Certificate) {
		c.IsCA, c.KeyUsage = true, x509.KeyUsageCertSign|x509.KeyUsageCRLSign|x509.KeyUsageDigitalSignature
		if crl != "" {
			c.CRLDistributionPoints = []string{crl}
		}
	}
}

// asTSA is RFC 3161 §2.3: the purpose stands alone and is critical.
func asTSA(c *x509.Certificate) {
	c.KeyUsage = x509.KeyUsageDigitalSignature
	der := must(asn1.Marshal([]asn1.ObjectIdentifier{{1, 3, 6, 1, 5, 5, 7, 3, 8}}))
	c.ExtraExtensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 37}, Critical: true, Value: der}}
}

func asResponder(c *x509.Certificate) {
	c.KeyUsage, c.OCSPServer, c.CRLDistributionPoints = x509.KeyUsageDigitalSignature, nil, nil
	c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageOCSPSigning}
	c.ExtraExtensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 5}, Value: []byte{5, 0}}} // nocheck
}

// then applies changes one after the other.
func then(changes ...func(*x509.Certificate)) func(*x509.Certificate) {
	return func(c *x509.Certificate) {
		for _, f := range changes {
			f(c)
		}
	}
}

func at(ocspURL, crlURL string) func(*x509.Certificate) {
	return func(c *x509.Certificate) {
		c.OCSPServer = []string{ocspURL}
		if crlURL != "" {
			c.CRLDistributionPoints = []string{crlURL}
		}
	}
}

const (
	ocspURL = "http://status.contoh.example/ocsp"
	rootCRL = "http://status.contoh.example/root.crl"
	oldCRL  = "http://status.contoh.example/lama.crl"
)

func newWorld() *world {
	w := &world{lookalikes: map[string]*identity{}}
	root := issue(nil, p384("root"), name("CN", "Root CA Contoh G1", "O", "Kementerian Contoh", "C", "ID"), day(2018, 8, 28), day(2038, 8, 23), asCA(""))
	ca := issue(root, p384("issuing"), name("C", "ID", "O", "Badan Contoh", "CN", "CA DS Contoh G1"), day(2022, 11, 21), day(2032, 11, 18), asCA(rootCRL))
	w.nationalCA = ca
	from, to := day(2026, 1, 2), day(2028, 1, 2).Add(-time.Second)
	person := func(parent *identity, cn string, k crypto.Signer) *identity {
		return issue(parent, k, name("C", "ID", "O", "Instansi Contoh", "CN", cn), from, to, at(ocspURL, ""))
	}
	w.national = &authority{
		ca: ca, now: signed, answer: 7 * 24 * time.Hour, crls: map[string]*identity{rootCRL: root},
		tsa:       issue(ca, p256("tsa"), name("C", "ID", "O", "Badan Contoh", "CN", "TSA Contoh"), day(2024, 1, 1), day(2031, 1, 1), then(asTSA, at(ocspURL, ""))),
		responder: issue(ca, p256("responder"), name("C", "ID", "O", "Badan Contoh", "CN", "OCSP Contoh"), day(2024, 1, 1), day(2031, 1, 1), asResponder),
	}
	w.person, w.official = person(ca, "Budi Contoh", p256("budi")), person(ca, "Siti Contoh", p256("siti"))
	w.rsaPerson = person(ca, "Rudi Contoh", rsa2048("rudi"))
	for _, cn := range []string{"Вudi Contoh", "Budi \u202eotnoC", "Budi\u200b Contoh", "Ｂudi Contoh", "Δημήτρης Παράδειγμα", "André Nuñez Żółć"} {
		w.lookalikes[cn] = person(ca, cn, p256("lookalike "+cn))
	}

	// Self-signed, and nothing above it.
	oldCA := issue(nil, rsa2048("lama"), name("CN", "CA Lama Contoh", "O", "Lembaga Contoh", "C", "ID"), day(2016, 8, 18), day(2026, 8, 18), asCA(""))
	w.old = &authority{
		ca: oldCA, answer: 24 * time.Hour, crls: map[string]*identity{oldCRL: oldCA},
		tsa: issue(oldCA, rsa2048("tsa lama"), name("CN", "Timestamp Authority Lama Contoh", "O", "Lembaga Contoh", "C", "ID"), day(2021, 8, 18), day(2026, 8, 18),
			then(asTSA, func(c *x509.Certificate) { c.CRLDistributionPoints = []string{oldCRL} })),
	}
	w.veteran = issue(oldCA, rsa2048("lama budi"), name("description", "0001_Tanda Tangan Digital", "E", "budi@instansi.example", "CN", "Budi Contoh", "O", "Personal", "C", "ID"),
		day(2024, 8, 1), day(2026, 8, 1), func(c *x509.Certificate) { c.CRLDistributionPoints = []string{oldCRL} })

	unknown := issue(nil, p256("nobody"), name("C", "ID", "O", "Tak Dikenal", "CN", "CA Tak Dikenal"), day(2020, 1, 1), day(2035, 1, 1), asCA(""))
	w.stranger = person(unknown, "Budi Contoh", p256("stranger"))
	w.strangeTSA = issue(unknown, p256("strange tsa"), name("C", "ID", "O", "Tak Dikenal", "CN", "TSA Tak Dikenal"), day(2024, 1, 1), day(2031, 1, 1), asTSA)
	// The names of the national hierarchy over other keys.
	falseRoot := issue(nil, p256("false root"), name("CN", "Root CA Contoh G1", "O", "Kementerian Contoh", "C", "ID"), day(2018, 8, 28), day(2038, 8, 23), asCA(""))
	falseCA := issue(falseRoot, p256("false issuing"), name("C", "ID", "O", "Badan Contoh", "CN", "CA DS Contoh G1"), day(2022, 11, 21), day(2032, 11, 18), asCA(rootCRL))
	w.impostor = person(falseCA, "Budi Contoh", p256("impostor"))

	pause := issue(nil, p256("tutup"), name("C", "ID", "O", "Instansi Contoh", "CN", "CA Instansi Tutup"), day(2020, 1, 1), day(2035, 1, 1), asCA(""))
	w.late = person(pause, "Budi Contoh", p256("late"))
	fresh := issue(nil, p256("baru"), name("C", "ID", "O", "Instansi Contoh", "CN", "CA Instansi Baru"), day(2020, 1, 1), day(2035, 1, 1), asCA(""))
	w.early = person(fresh, "Budi Contoh", p256("early"))
	w.bsre = issue(ca, rsa2048("uji"), name("description", "for testing purpose only", "CN", "Pengguna Uji Contoh", "O", "Balai Contoh", "C", "ID"), from, to, then(at("https://va.contoh.example/ocsp", "https://va.contoh.example/ca.crl"), asGatewayUser))

	closed, opened := day(2025, 12, 31), day(2027, 1, 1)
	w.anchors = []anchor{
		anchorOf("national", root, "Induk nasional (contoh)", "National root (example)", nil, nil),
		anchorOf("operator", oldCA, "CA lama, sampai Agustus 2026 (contoh)", "Former CA, until August 2026 (example)", nil, nil),
		anchorOf("operator", pause, "CA instansi yang sudah ditutup (contoh)", "Closed agency CA (example)", nil, &closed),
		anchorOf("operator", fresh, "CA instansi mulai 2027 (contoh)", "Agency CA from 2027 (example)", &opened, nil),
	}
	return w
}

// asGatewayUser is what the public test user of the gateways has: a critical purpose of Adobe's alone, and four policies.
func asGatewayUser(c *x509.Certificate) {
	der := must(asn1.Marshal([]asn1.ObjectIdentifier{{1, 2, 840, 113583, 1, 1, 5}}))
	type policy struct{ ID asn1.ObjectIdentifier }
	var list []policy
	for _, last := range []int{1, 2, 3, 4} {
		list = append(list, policy{asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 32473, 1, last}})
	}
	c.ExtraExtensions = []pkix.Extension{
		{Id: asn1.ObjectIdentifier{2, 5, 29, 37}, Critical: true, Value: der},
		{Id: asn1.ObjectIdentifier{2, 5, 29, 32}, Value: must(asn1.Marshal(list))},
	}
}

func anchorOf(kind string, id *identity, indonesian, english string, from, until *time.Time) anchor {
	return anchor{kind, id.cert.Raw, fmt.Sprintf("%x", sha256.Sum256(id.cert.Raw)), from, until, map[string]string{"id": indonesian, "en": english}}
}

func (w *world) trustPackage() []byte {
	b := must(json.MarshalIndent(map[string]any{"version": 1, "anchors": w.anchors}, "", " "))
	return append(b, '\n')
}

// when is the authority at another time.
func (a *authority) when(t time.Time) *authority {
	b := *a
	b.now = t
	return &b
}

// TokenSize keeps holes small.
func (a *authority) TokenSize() int { return 2048 }

// Timestamp makes a token. Its serial number comes from what it stamps.
func (a *authority) Timestamp(_ context.Context, h crypto.Hash, digest []byte) ([]byte, error) {
	sum := sha256.Sum256(digest)
	return tsp.Create(nil, tsp.Info{
		Policy: "1.3.6.1.4.1.32473.1.4.1", Hash: h, Digest: digest, Serial: new(big.Int).SetBytes(sum[:8]), GenTime: a.now, Accuracy: time.Second,
	}, a.tsa.key, a.tsa.cert.Raw, below(a.tsa.chain), true)
}

// OCSP says good about every certificate.
func (a *authority) OCSP(_ context.Context, _ string, request []byte) ([]byte, error) {
	if a.responder == nil {
		return nil, errors.New("no responder")
	}
	req, err := ocsp.ParseRequest(request)
	if err != nil {
		return nil, err
	}
	t := ocsp.Template{ProducedAt: a.now, ResponderKey: keyBits(a.responder.cert), Certificates: [][]byte{a.responder.cert.Raw}}
	for _, id := range req.IDs {
		t.Singles = append(t.Singles, ocsp.Single{ID: id, Status: ocsp.Good, Reason: -1, ThisUpdate: a.now, NextUpdate: a.now.Add(a.answer)})
	}
	return ocsp.Create(nil, t, a.responder.key)
}

func keyBits(c *x509.Certificate) []byte {
	var spki struct {
		Algorithm pkix.AlgorithmIdentifier
		Key       asn1.BitString
	}
	must(asn1.Unmarshal(c.RawSubjectPublicKeyInfo, &spki))
	return spki.Key.Bytes
}

// CRL is an empty list.
func (a *authority) CRL(_ context.Context, url string) ([]byte, error) {
	by := a.crls[url]
	if by == nil {
		return nil, errors.New("no CRL there")
	}
	return x509.CreateRevocationList(nil, &x509.RevocationList{Number: big.NewInt(a.now.Unix()), ThisUpdate: a.now, NextUpdate: a.now.Add(a.answer)}, by.cert, by.key)
}

// Certificate has none to give.
func (a *authority) Certificate(context.Context, string) ([]byte, error) {
	return nil, errors.New("every chain is complete")
}

// status is what a DSS says about revocation. Certificates come with the signatures.
type status struct{ ocsps, crls [][]byte }

// status is what the authority knows about some certificates.
func (a *authority) status(ids ...*identity) *status {
	s := &status{}
	for _, id := range ids {
		if len(id.cert.OCSPServer) > 0 {
			issuer := must(x509.ParseCertificate(id.chain[0]))
			req := must(ocsp.NewRequest([]ocsp.CertID{ocsp.NewCertID(crypto.SHA1, issuer.RawSubject, keyBits(issuer), id.cert.SerialNumber)}, nil))
			s.ocsps = append(s.ocsps, must(a.OCSP(context.Background(), "", req)))
		}
	}
	for _, url := range slices.Sorted(maps.Keys(a.crls)) {
		s.crls = append(s.crls, must(a.CRL(context.Background(), url)))
	}
	return s
}
