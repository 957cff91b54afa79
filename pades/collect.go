package pades

import (
	"bytes"
	"context"
	"errors"
	"time"

	"absah/internal/cms"
	"absah/trust"
	"absah/tsp"
)

// Bounds on what is fetched and stored for one document.
const (
	maxEvidence = 64 << 20 // one CRL or response
	maxFetches  = 64       // requests for one document
	maxRounds   = 8        // a chain is longer by one certificate with each round
)

// fetcher adds to a pool what validations miss. It asks each address once.
type fetcher struct {
	source trust.Fetcher // nil: offline
	pool   *trust.Pool
	asked  map[string]bool
	count  int

	certs, crls, ocsps [][]byte // what came, in order
	last               error    // why the last request failed
}

func newFetcher(source trust.Fetcher, pool *trust.Pool) *fetcher {
	return &fetcher{source: source, pool: pool, asked: map[string]bool{}}
}

// get fetches for one need and reports whether something new came. OCSP is asked before a CRL is.
func (f *fetcher) get(ctx context.Context, n trust.Need) bool {
	if f.source == nil {
		return false
	}
	for _, url := range n.URLs {
		key := string(n.Kind) + " " + url + " " + string(n.Request)
		if f.asked[key] || f.count >= maxFetches {
			continue
		}
		f.asked[key] = true
		f.count++
		var b []byte
		var err error
		switch n.Kind {
		case trust.NeedOCSP:
			if b, err = f.source.OCSP(ctx, url, n.Request); err == nil {
				if err = f.pool.AddOCSP(b); err == nil {
					f.ocsps = append(f.ocsps, b)
				}
			}
		case trust.NeedCRL:
			if b, err = f.source.CRL(ctx, url); err == nil {
				if _, err = f.pool.AddCRL(b); err == nil {
					f.crls = append(f.crls, b)
				}
			}
		case trust.NeedIssuer:
			if b, err = f.source.Certificate(ctx, url); err == nil {
				err = f.addCertificates(b)
			}
		}
		if err == nil {
			return true
		}
		f.last = err
	}
	return false
}

// addCertificates takes one DER certificate, or a PKCS #7 with several.
func (f *fetcher) addCertificates(b []byte) error {
	if _, err := f.pool.AddCertificate(b); err == nil {
		f.certs = append(f.certs, b)
		return nil
	}
	sd, err := cms.Parse(b)
	if err != nil {
		return err
	}
	for _, c := range sd.Certificates {
		if _, err := f.pool.AddCertificate(c); err == nil {
			f.certs = append(f.certs, c)
		}
	}
	return nil
}

// satisfy validates again and again while something new can be fetched.
func (f *fetcher) satisfy(ctx context.Context, validate func() *trust.Result) *trust.Result {
	r := validate()
	for range maxRounds {
		if r.Status == trust.Passed && len(r.Missing) == 0 || ctx.Err() != nil {
			break
		}
		progress := false
		answered := map[*trust.Certificate]bool{}
		for _, n := range r.Missing {
			if n.Kind == trust.NeedCRL && answered[n.Certificate] {
				continue // the responder has answered already
			}
			if f.get(ctx, n) {
				progress = true
				answered[n.Certificate] = true
			}
		}
		if !progress {
			break
		}
		r = validate()
	}
	return r
}

// collector gathers the validation data that B-LT stores: chains and revocation data of the signer and of every time-stamp.
type collector struct {
	f    *fetcher
	pool *trust.Pool
	now  time.Time

	// The times at which the signature, or the time-stamps on it, are proven to exist: what was known then is what counts. Zero: now.
	signed, stamped time.Time

	known       []*trust.Certificate // what chains are built from
	stored      map[string]bool
	certs       [][]byte
	crls, ocsps [][]byte
}

func newCollector(source trust.Fetcher, v Validation, now time.Time) *collector {
	pool := trust.NewPool()
	c := &collector{f: newFetcher(source, pool), pool: pool, now: now, stored: map[string]bool{}}
	for _, b := range v.Certificates {
		c.learn(b)
	}
	for _, b := range v.CRLs {
		_, _ = pool.AddCRL(b) // what cannot be read is of no use
	}
	for _, b := range v.OCSPs {
		_ = pool.AddOCSP(b)
	}
	return c
}

func (c *collector) learn(der []byte) *trust.Certificate {
	cert, err := c.pool.AddCertificate(der)
	if err != nil {
		return nil
	}
	for _, k := range c.known {
		if k.Equal(cert) {
			return cert
		}
	}
	c.known = append(c.known, cert)
	return cert
}

// signature collects for a signature and its time-stamps. value is the CMS, padding allowed.
func (c *collector) signature(ctx context.Context, value []byte) error {
	sd, err := cms.Parse(value)
	if err != nil {
		return err
	}
	for _, b := range sd.Certificates {
		c.learn(b)
	}
	for i := range sd.SignerInfos {
		si := sd.SignerInfos[i]
		leaf := signerCertificate(si, sd.Certificates, c.pool)
		if leaf == nil {
			return errors.New("the signature names a certificate that is not in it")
		}
		if err := c.chain(ctx, leaf, trust.UsageSigning, c.signed); err != nil {
			return err
		}
		for _, token := range si.SignatureTimeStamps() {
			if err := c.token(ctx, token); err != nil {
				return err
			}
		}
	}
	return nil
}

// token collects for a time-stamp.
func (c *collector) token(ctx context.Context, der []byte) error {
	t, err := tsp.ParseToken(der)
	if err != nil {
		return err
	}
	for _, b := range t.Signed.Certificates {
		c.learn(b)
	}
	leaf := signerCertificate(t.Signed.SignerInfos[0], t.Signed.Certificates, c.pool)
	if leaf == nil {
		return errors.New("the time-stamp does not carry the certificate of its authority; ask the authority to include it")
	}
	return c.chain(ctx, leaf, trust.UsageTimeStamping, c.stamped)
}

// chain stores the path of a certificate and revocation data for each certificate in it, as of a time.
func (c *collector) chain(ctx context.Context, leaf *trust.Certificate, usage trust.Usage, at time.Time) error {
	p := trust.Basic()
	p.Time = c.now
	p.CARevocation = trust.RevocationRequired
	r := c.f.satisfy(ctx, func() *trust.Result {
		for _, b := range c.f.certs {
			c.learn(b)
		}
		p.Anchors = c.tops(leaf)
		return trust.Validate(trust.Request{Certificate: leaf, Pool: c.pool, Usage: usage, At: at}, p)
	})
	for i, cert := range r.Path {
		c.store(cert)
		if i >= len(r.Revocation) {
			continue
		}
		rev := r.Revocation[i]
		if rev.Status == trust.Revoked {
			return &RevokedError{Subject: cert.Subject.CommonName(), Date: rev.RevokedAt.Format(time.RFC3339)}
		}
		if rev.Signer != nil {
			c.store(rev.Signer)
		}
		for _, b := range [][]byte{rev.Evidence, rev.Delta} {
			switch {
			case len(b) == 0 || c.stored[string(b)]:
			case rev.Source == "ocsp":
				c.stored[string(b)] = true
				c.ocsps = append(c.ocsps, b)
			default:
				c.stored[string(b)] = true
				c.crls = append(c.crls, b)
			}
		}
	}
	if r.Status == trust.Passed {
		return nil
	}
	subject := leaf.Subject.CommonName()
	for i, rev := range r.Revocation {
		if rev.Status == trust.Unknown {
			subject = r.Path[i].Subject.CommonName()
			break
		}
	}
	err := c.f.last
	if err == nil && len(r.Findings) > 0 {
		for _, f := range r.Findings {
			if f.Level == trust.Fail {
				err = errors.New(f.String())
				break
			}
		}
	}
	return &EvidenceError{Subject: subject, Err: err}
}

// tops are the certificates that end the chain here: collecting asks whether data is complete, not whether a root is trusted.
func (c *collector) tops(leaf *trust.Certificate) []trust.Anchor {
	var out []trust.Anchor
	for _, k := range c.known {
		if k.SelfSigned() {
			out = append(out, trust.Anchor{Certificate: k, Kind: trust.AnchorGiven})
		}
	}
	if len(out) > 0 {
		return out
	}
	// No root at hand: the chain ends with whatever has no issuer here, once there is nowhere to fetch one from.
	for _, k := range c.known {
		issued := false
		for _, i := range c.known {
			if !i.Equal(k) && bytes.Equal(i.RawSubject, k.RawIssuer) {
				issued = true
			}
		}
		if !issued && !k.Equal(leaf) && (c.f.source == nil || len(k.IssuerURLs) == 0 || c.f.count > 0) {
			out = append(out, trust.Anchor{Certificate: k, Kind: trust.AnchorGiven})
		}
	}
	return out
}

func (c *collector) store(cert *trust.Certificate) {
	if !c.stored[string(cert.Raw)] {
		c.stored[string(cert.Raw)] = true
		c.certs = append(c.certs, cert.Raw)
	}
}

func (c *collector) certificates() [][]byte { return c.certs }

// signerCertificate finds the certificate that a SignerInfo names: by its signing-certificate attribute, else by issuer and
// serial or key identifier.
func signerCertificate(si *cms.SignerInfo, certs [][]byte, pool *trust.Pool) *trust.Certificate {
	for _, b := range certs {
		c, err := pool.AddCertificate(b)
		if err != nil {
			continue
		}
		if named(si, c) {
			return c
		}
	}
	return nil
}

func named(si *cms.SignerInfo, c *trust.Certificate) bool {
	if si.Serial != nil {
		return si.Serial.Cmp(c.Serial) == 0 && bytes.Equal(si.IssuerRaw, c.RawIssuer)
	}
	return len(si.SubjectKeyID) > 0 && bytes.Equal(si.SubjectKeyID, c.SubjectKeyID)
}
