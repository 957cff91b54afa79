package app

import (
	"bytes"
	"context"
	"crypto"
	"errors"
	"fmt"
	"strings"
	"time"

	"absah/fetch"
	"absah/internal/audit"
	"absah/internal/ca"
	"absah/internal/keystore"
	"absah/internal/remotesign"
	"absah/internal/status"
	"absah/internal/store"
	"absah/internal/tsa"
	"absah/trust"
)

// policyTSA is the time-stamp policy of a test instance, in the documentation arc.
const policyTSA = "1.3.6.1.4.1.32473.1.4.1"

// pki is the certificate side of an instance.
type pki struct {
	ca        *ca.CA
	responder *status.Responder
	tsa       *tsa.Authority
	certs     map[string]*trust.Certificate
	keys      *keystore.Folder
	base      string
	outside   *fetch.Client
}

// openPKI opens the authorities, or makes them at the first start.
func openPKI(ctx context.Context, c *Config, db *store.DB, log audit.Log, keys *keystore.Folder) (*pki, error) {
	p := &pki{certs: map[string]*trust.Certificate{}, keys: keys, base: c.plainURL(), outside: fetch.New(fetch.Options{Now: c.Now})}
	var err error
	if p.ca, err = ca.New(ca.Config{Store: db, Log: log, Now: c.Now}); err != nil {
		return nil, err
	}
	locations := map[string]ca.Locations{
		ca.Root:    {CRL: p.base + "/crl/root.crl", Issuer: p.base + "/ca/root.cer"},
		ca.Issuing: {OCSP: p.base + "/ocsp", CRL: p.base + "/crl/issuing.crl", Issuer: p.base + "/ca/issuing.cer"},
	}
	if !keys.Has(ca.Root) {
		if err := p.ceremony(ctx, locations); err != nil {
			return nil, fmt.Errorf("make the certificate authority: %w", err)
		}
	}
	for _, name := range []string{ca.Root, ca.Issuing, ca.TSA, ca.OCSP} {
		recs, err := p.ca.Certificates(ctx, name)
		if err != nil {
			return nil, err
		}
		if len(recs) == 0 {
			return nil, fmt.Errorf("the certificate of %s is missing in the database; restore it together with the keys", name)
		}
		cert, err := trust.ParseCertificate(recs[0].DER)
		if err != nil {
			return nil, err
		}
		key, err := p.key(name, cert)
		if err != nil {
			return nil, err
		}
		p.certs[name] = cert
		p.ca.Use(&ca.Authority{Name: name, Certificate: cert, Key: key, Locations: locations[name]})
	}
	if _, err := p.renewResponder(ctx, c.Now()); err != nil {
		return nil, err
	}
	responder := p.ca.Authority(ca.OCSP)
	p.responder = &status.Responder{
		Authority: ca.Issuing, Issuer: p.certs[ca.Issuing], Certificate: responder.Certificate, Key: responder.Key, Store: db, Now: c.Now,
		Since: p.certs[ca.Issuing].NotBefore,
	}
	p.tsa = &tsa.Authority{
		Certificate: p.certs[ca.TSA], Chain: [][]byte{p.certs[ca.Issuing].Raw}, Key: p.ca.Authority(ca.TSA).Key, Policy: policyTSA,
		MaxBound: time.Second, Clock: tsa.SystemClock(c.Now, 500*time.Millisecond), Log: log, Store: db,
	}
	if err := p.responder.Check(); err != nil {
		return nil, fmt.Errorf("the status responder: %w", err)
	}
	if err := p.tsa.Check(); err != nil {
		return nil, fmt.Errorf("the time-stamping authority: %w", err)
	}
	if n, err := p.ca.Recover(ctx); err != nil {
		return nil, err
	} else if n > 0 {
		c.Log.Warn("issuances that a crash left unfinished were revoked", "count", n)
	}
	return p, nil
}

func (p *pki) ceremony(ctx context.Context, locations map[string]ca.Locations) error {
	name := func(org, cn string) ca.Subject { return ca.Subject{Country: "ID", Organization: org, CommonName: cn} }
	_, err := p.ca.Hierarchy(ctx, ca.Plan{
		Subjects: map[string]ca.Subject{
			ca.Root: name("Absah Uji Coba", "Absah Uji Root CA 1"), ca.Issuing: name("Instansi Contoh", "Absah Uji CA DS 1"),
			ca.TSA: name("Absah Uji Coba", "Absah Uji TSA 1"), ca.OCSP: name("Instansi Contoh", "Absah Uji OCSP"),
		},
		Locations: locations,
	}, func(name, algorithm string) (crypto.Signer, error) {
		return p.keys.Create(name, keystore.Algorithm(algorithm))
	})
	return err
}

// key finds the key of an authority's certificate. The status responder gets a new one with every certificate, named by its day.
func (p *pki) key(name string, cert *trust.Certificate) (crypto.Signer, error) {
	for _, n := range []string{name + dated(cert.NotBefore), name + dated(cert.NotBefore.AddDate(0, 0, -1)), name} { // the day before: made at midnight
		if !p.keys.Has(n) {
			continue
		}
		key, err := p.keys.Signer(n)
		if err != nil {
			return nil, err
		}
		if pub, ok := key.Public().(interface{ Equal(crypto.PublicKey) bool }); ok && pub.Equal(cert.PublicKey) {
			return key, nil
		}
	}
	return nil, fmt.Errorf("the key of the certificate of %s is missing; restore the folder of keys together with the database", name)
}

func dated(day time.Time) string { return day.UTC().Format("-20060102") }

// renewBefore is how long before its end the responder's certificate of 30 days is replaced.
const renewBefore = 10 * 24 * time.Hour

// renewResponder makes a new key and certificate for the status responder when the old one ends soon, and says whether it did.
func (p *pki) renewResponder(ctx context.Context, now time.Time) (renewed bool, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("renew the certificate of the status responder: %w", err)
		}
	}()
	old := p.ca.Authority(ca.OCSP).Certificate
	if old.NotAfter.Sub(now) > renewBefore {
		return false, nil
	}
	name := ca.OCSP + dated(now)
	var key crypto.Signer
	if p.keys.Has(name) { // an earlier try of today
		key, err = p.keys.Signer(name)
	} else {
		key, err = p.keys.Create(name, keystore.P256)
	}
	if err != nil {
		return false, err
	}
	subject := ca.Subject{Country: "ID", Organization: "Instansi Contoh", CommonName: old.Subject.CommonName()}
	t, err := p.ca.Prepare(ctx, ca.Request{Authority: ca.Issuing, Profile: "ocsp", Owner: ca.OCSP, Subject: subject, PublicKey: key.Public()})
	if err != nil {
		return false, err
	}
	rec, err := p.ca.Issue(ctx, t)
	if err != nil {
		return false, err
	}
	cert, err := trust.ParseCertificate(rec.DER)
	if err != nil {
		return false, err
	}
	p.ca.Use(&ca.Authority{Name: ca.OCSP, Certificate: cert, Key: key})
	return true, nil
}

// keepResponder renews the responder's certificate in time for as long as the server runs.
func (p *pki) keepResponder(ctx context.Context, c *Config) {
	tick := time.NewTicker(time.Hour)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if err := p.replaceResponder(ctx, c.Now()); err != nil {
			c.Log.Error("status responder", "error", err)
		}
	}
}

// replaceResponder renews the responder's certificate when it ends soon and lets the responder answer with it.
func (p *pki) replaceResponder(ctx context.Context, now time.Time) error {
	renewed, err := p.renewResponder(ctx, now)
	if err != nil || !renewed {
		return err
	}
	a := p.ca.Authority(ca.OCSP)
	return p.responder.Use(a.Certificate, a.Key)
}

// chain are the issuers of signers' certificates.
func (p *pki) chain() [][]byte { return [][]byte{p.certs[ca.Issuing].Raw, p.certs[ca.Root].Raw} }

func (p *pki) anchors() []trust.Anchor {
	return []trust.Anchor{{Certificate: p.certs[ca.Root], Kind: trust.AnchorTest, Label: map[string]string{"id": "CA uji coba Absah", "en": "Absah test CA"}}}
}

func (p *pki) certificate(name string) []byte {
	if a := p.ca.Authority(name); a != nil {
		return a.Certificate.Raw
	}
	return nil
}

// crl is the list of root or issuing CA, nil for any other name.
func (p *pki) crl(ctx context.Context, name string) ([]byte, error) {
	if name != ca.Root && name != ca.Issuing {
		return nil, nil
	}
	return p.ca.CRL(ctx, name)
}

var _ trust.Fetcher = (*pki)(nil)

// OCSP answers for our own responder without going over the network; others are asked outside.
func (p *pki) OCSP(ctx context.Context, url string, request []byte) ([]byte, error) {
	if url == p.base+"/ocsp" {
		return p.responder.Answer(ctx, request)
	}
	return p.outside.OCSP(ctx, url, request)
}

// CRL likewise.
func (p *pki) CRL(ctx context.Context, url string) ([]byte, error) {
	if name, ok := strings.CutPrefix(url, p.base+"/crl/"); ok {
		return p.crl(ctx, strings.TrimSuffix(name, ".crl"))
	}
	return p.outside.CRL(ctx, url)
}

// Certificate likewise.
func (p *pki) Certificate(ctx context.Context, url string) ([]byte, error) {
	if name, ok := strings.CutPrefix(url, p.base+"/ca/"); ok {
		if b := p.certificate(strings.TrimSuffix(name, ".cer")); b != nil {
			return b, nil
		}
	}
	return p.outside.Certificate(ctx, url)
}

// revoked says since when a signer's certificate is revoked.
func (p *pki) revoked(ctx context.Context, der []byte) (time.Time, error) {
	st, err := p.state(ctx, der)
	return st.RevokedAt, err
}

// state is what the records say of a signer's certificate.
func (p *pki) state(ctx context.Context, der []byte) (status.State, error) {
	cert, err := trust.ParseCertificate(der)
	if err != nil {
		return status.State{}, err
	}
	st, err := p.responder.Store.StatusOf(ctx, ca.Issuing, cert.Serial)
	if err == nil && !st.Issued {
		err = errors.New("the certificate was not issued here")
	}
	return st, err
}

// Issue makes a person's certificate for remotesign.
func (p *pki) Issue(ctx context.Context, h remotesign.Holder, pub crypto.PublicKey) ([]byte, error) {
	t, err := p.ca.Prepare(ctx, ca.Request{
		Authority: ca.Issuing, Profile: "person", Owner: h.Person, PublicKey: pub, Approval: h.Approval,
		Subject: ca.Subject{Country: "ID", Organization: h.Organization, Unit: h.Unit, CommonName: h.Name, Serial: h.Person},
	})
	if err != nil {
		return nil, err
	}
	rec, err := p.ca.Issue(ctx, t)
	if err != nil {
		return nil, err
	}
	return rec.DER, nil
}

// withdraw revokes what a person's earlier try left in force, so that no two certificates stand beside each other.
func (p *pki) withdraw(ctx context.Context, person string, now time.Time) error {
	recs, err := p.ca.Certificates(ctx, person)
	if err != nil {
		return err
	}
	for _, r := range recs {
		if now.After(r.NotAfter) {
			continue
		}
		st, err := p.responder.Store.StatusOf(ctx, ca.Issuing, r.Serial.Int())
		if err != nil {
			return err
		}
		if st.RevokedAt.IsZero() {
			if err := p.ca.Revoke(ctx, r.Serial, trust.Superseded, "system"); err != nil {
				return err
			}
		}
	}
	return nil
}

// signerKeys makes and opens signers' keys with the share of this server.
type signerKeys struct{ share keystore.Share }

var _ remotesign.Keys = signerKeys{}

func (k signerKeys) Generate() (crypto.Signer, error) { return keystore.Generate(keystore.P256) }

func (k signerKeys) Wrap(key crypto.Signer, credential, passphrase string) ([]byte, error) {
	return keystore.Wrap(key, credential, passphrase, k.share)
}

func (k signerKeys) Open(blob []byte, credential string, pub crypto.PublicKey, passphrase string) (remotesign.Key, error) {
	h, err := keystore.Unwrap(blob, credential, pub, passphrase, k.share)
	if errors.Is(err, keystore.ErrSecret) {
		return nil, remotesign.ErrPassphrase
	}
	if err != nil {
		return nil, err
	}
	return h, nil
}

func equalHash(b []byte) (h [32]byte, err error) {
	if len(b) != len(h) || bytes.Equal(b, make([]byte, len(h))) {
		return h, errors.New("the approval has no hash")
	}
	copy(h[:], b)
	return h, nil
}
