package trust

import (
	"crypto/sha256"
	"errors"
	"slices"
	"sync"

	"absah/internal/ocsp"
	"absah/internal/sigalg"
)

// Bounds of a pool. A document that carries more is hostile or broken.
const (
	MaxPoolCertificates = 10_000
	MaxPoolRevocations  = 10_000 // CRLs and OCSP responses together
)

// A Pool is the material that a validation may use: certificates, CRLs and OCSP responses. It remembers which signatures
// between them were checked, so that several validations over one pool check each only once. Fill it first; after the last Add it
// may be used by several goroutines at once.
type Pool struct {
	certs     []*Certificate
	byRaw     map[[32]byte]*Certificate // by SHA-256
	bySubject map[string][]*Certificate // Name.Key
	byIssuer  map[string][]*Certificate // OCSP responders by Name.Key of their issuer
	crls      map[string][]*CRL         // by issuer's Name.Key
	crlRaw    map[[32]byte]*CRL
	ocsps     map[string][]*ocspResponse // by decimal serial
	ocspRaw   map[[32]byte]bool
	count     int // revocation data

	mu      sync.Mutex
	checked map[signedBy]error
	spent   int // work units of all signature checks so far
}

type ocspResponse struct {
	*ocsp.Response
	certs []*Certificate // those inside
}

type signedBy struct{ child, issuer any }

// NewPool returns an empty pool.
func NewPool() *Pool {
	return &Pool{
		byRaw: map[[32]byte]*Certificate{}, bySubject: map[string][]*Certificate{}, byIssuer: map[string][]*Certificate{}, crls: map[string][]*CRL{},
		crlRaw: map[[32]byte]*CRL{}, ocsps: map[string][]*ocspResponse{}, ocspRaw: map[[32]byte]bool{}, checked: map[signedBy]error{},
	}
}

// AddCertificate parses and adds a certificate, once however often it comes.
func (p *Pool) AddCertificate(der []byte) (*Certificate, error) {
	if c := p.byRaw[sha256.Sum256(der)]; c != nil {
		return c, nil
	}
	c, err := ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	return p.Add(c), nil
}

// Add adds a parsed certificate and returns the one that the pool holds for these bytes. Beyond [MaxPoolCertificates] it adds nothing.
func (p *Pool) Add(c *Certificate) *Certificate {
	key := sha256.Sum256(c.Raw)
	if have := p.byRaw[key]; have != nil {
		return have
	}
	if len(p.certs) >= MaxPoolCertificates {
		return c
	}
	p.byRaw[key] = c
	p.certs = append(p.certs, c)
	p.bySubject[c.Subject.Key()] = append(p.bySubject[c.Subject.Key()], c)
	if slices.Contains(c.ExtKeyUsage, EKUOCSPSigning) {
		p.byIssuer[c.Issuer.Key()] = append(p.byIssuer[c.Issuer.Key()], c)
	}
	return c
}

// Certificates returns all certificates in the order in which they came.
func (p *Pool) Certificates() []*Certificate { return append([]*Certificate(nil), p.certs...) }

// AddCRL parses and adds a CRL.
func (p *Pool) AddCRL(der []byte) (*CRL, error) {
	key := sha256.Sum256(der)
	if c := p.crlRaw[key]; c != nil {
		return c, nil
	}
	c, err := ParseCRL(der)
	if err != nil || p.count >= MaxPoolRevocations {
		return c, err
	}
	p.count++
	p.crlRaw[key] = c
	p.crls[c.Issuer.Key()] = append(p.crls[c.Issuer.Key()], c)
	return c, nil
}

// AddOCSP parses and adds an OCSP response, with the certificates inside. A bare BasicOCSPResponse is taken too. A response that
// answers nothing (its status is not "successful") is an error.
func (p *Pool) AddOCSP(der []byte) error {
	key := sha256.Sum256(der)
	if p.ocspRaw[key] {
		return nil
	}
	r, err := ocsp.Parse(der)
	if err != nil {
		var bare error
		if r, bare = ocsp.ParseBasic(der); bare != nil {
			return malformed("OCSP response")
		}
	}
	if r.Status != ocsp.Successful {
		return &ResponseError{Status: r.Status.String()}
	}
	if p.count >= MaxPoolRevocations {
		return nil
	}
	p.count++
	p.ocspRaw[key] = true
	x := &ocspResponse{Response: r}
	for _, der := range r.Certificates {
		if c, err := p.AddCertificate(der); err == nil {
			x.certs = append(x.certs, c)
		}
	}
	seen := map[string]bool{}
	for _, s := range r.Singles {
		if s.ID.Serial == nil {
			continue
		}
		if k := s.ID.Serial.String(); !seen[k] {
			seen[k] = true
			p.ocsps[k] = append(p.ocsps[k], x)
		}
	}
	return nil
}

// A ResponseError is an OCSP responder's way to say that it does not answer.
type ResponseError struct{ Status string }

func (e *ResponseError) Error() string { return "the OCSP responder answered " + e.Status }

// Costs of public-key operations in work units, about a microsecond each on one core. They bound what a hostile pool can make us
// compute; honest documents stay two orders below.
const (
	poolBudget       = 1_500_000 // all validations over one pool
	validationBudget = 400_000   // one validation with all its revocation data
	bytesPerUnit     = 500       // of what is hashed; the largest CRL known takes 140,000 units
)

// cost estimates one verification under c's key.
func cost(c *Certificate) int {
	bits := sigalg.KeyBits(c.PublicKey)
	switch keyKind(c.PublicKey) {
	case "RSA":
		return 20 + bits*bits/100_000
	case "DSA":
		return 100 + bits*bits/800
	case "ECDSA":
		if bits > 256 {
			return bits * 4
		}
	}
	return 100
}

// hashed is the length of what the signature of a certificate, CRL or OCSP response is over.
func hashed(child any) int {
	switch c := child.(type) {
	case *Certificate:
		return len(c.RawTBS)
	case *CRL:
		return len(c.RawTBS)
	case *ocspResponse:
		return len(c.TBS)
	}
	return 0
}

// errBudget says that the work allowed for a validation is used up.
var errBudget = errors.New("too many signatures to check")

// verify runs check once for each pair and pays for it from the budgets of the pool and of the validation.
func (p *Pool) verify(child any, issuer *Certificate, budget *int, check func(*Certificate) error) error {
	key := signedBy{child, issuer}
	p.mu.Lock()
	err, done := p.checked[key]
	units := cost(issuer) + hashed(child)/bytesPerUnit
	if !done {
		if p.spent > poolBudget || *budget < units {
			p.mu.Unlock()
			return errBudget
		}
		p.spent += units
		*budget -= units
	}
	p.mu.Unlock()
	if done {
		return err
	}
	err = check(issuer)
	p.mu.Lock()
	p.checked[key] = err
	p.mu.Unlock()
	return err
}
