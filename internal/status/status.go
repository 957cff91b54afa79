// Package status answers OCSP requests (RFC 6960) out of the records of the CA: good when issued and not revoked, revoked, and unknown
// for what was never issued. HTTP is not its business: it takes and gives bytes.
//
// Answers are not written to the audit log one by one: they repeat what the log has already, the issuance and the revocation.
package status

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"sync"
	"time"

	"absah/internal/ocsp"
	"absah/trust"
)

// State is what the records say of a serial number.
type State struct {
	Issued    bool
	RevokedAt time.Time // zero: not revoked
	Reason    trust.Reason
}

// Store looks up a certificate of an authority.
type Store interface {
	StatusOf(ctx context.Context, authority string, serial *big.Int) (State, error)
}

// Responder answers for one authority. The fields are set before the first answer; it is safe for concurrent use.
type Responder struct {
	Authority   string
	Issuer      *trust.Certificate // the authority's certificate
	Certificate *trust.Certificate // of the delegated responder, or Issuer itself
	Key         crypto.Signer
	Store       Store
	Now         func() time.Time
	Since       time.Time // archive cutoff: since when status is kept; zero: not said

	mu     sync.Mutex
	signer *signer
	cache  cache
}

// signer is a certificate with its key that were found fit to answer.
type signer struct {
	certificate *trust.Certificate
	key         crypto.Signer
}

const (
	validity = time.Hour       // an answer holds so long: short, because what is handed out cannot be called back
	reuse    = 5 * time.Minute // an answer is signed again when it is older, or when the status changed
	maxAge   = time.Minute     // caches on the way may keep an answer: a revocation is to be everywhere within 60 s
	maxIDs   = 50              // certificates in one request; honest ones ask for a chain
	maxKey   = 256             // bytes of a name under which an answer is kept; 180 with SHA-512
)

// Reply is a response with what a cache on the way may do with it.
type Reply struct {
	DER    []byte
	MaxAge time.Duration // zero: must not be kept
	ETag   string        // of DER, for conditional requests; "" when it must not be kept
}

const oidOCSPSigning = "1.3.6.1.5.5.7.3.9"

// Use gives the responder a new certificate and key, from the next answer on: responder certificates live short. The error says why
// relying parties would refuse them.
func (r *Responder) Use(certificate *trust.Certificate, key crypto.Signer) error {
	s, err := fit(r.Issuer, certificate, key)
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.signer, r.cache = s, cache{}
	return nil
}

// Check says whether the responder is fit to answer, so that a wrong certificate shows at the start and not in the field.
func (r *Responder) Check() error {
	_, err := r.current()
	return err
}

func (r *Responder) current() (*signer, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.signer == nil {
		s, err := fit(r.Issuer, r.Certificate, r.Key)
		if err != nil {
			return nil, err
		}
		r.signer = s
	}
	return r.signer, nil
}

// fit applies what relying parties check of a responder (RFC 6960 §4.2.2.2).
func fit(issuer, c *trust.Certificate, key crypto.Signer) (*signer, error) {
	if p, ok := key.Public().(interface{ Equal(crypto.PublicKey) bool }); !ok || !p.Equal(c.PublicKey) {
		return nil, errors.New("the key does not belong to the certificate of the status responder")
	}
	if c.Equal(issuer) {
		return &signer{c, key}, nil
	}
	if !slices.Contains(c.ExtKeyUsage, oidOCSPSigning) {
		return nil, errors.New("the certificate of the status responder is not for OCSP signing")
	}
	if c.HasKeyUsage() && c.KeyUsage&(trust.DigitalSignature|trust.NonRepudiation) == 0 {
		return nil, errors.New("the certificate of the status responder is not for signatures")
	}
	if !c.Issuer.Equal(issuer.Subject) {
		return nil, errors.New("the status responder was not certified by the authority that it answers for")
	}
	if err := c.CheckSignatureFrom(issuer); err != nil {
		return nil, fmt.Errorf("the status responder was not certified by the authority that it answers for: %w", err)
	}
	return &signer{c, key}, nil
}

// Answer is Reply for those who do not cache.
func (r *Responder) Answer(ctx context.Context, request []byte) ([]byte, error) {
	reply, err := r.Reply(ctx, request)
	return reply.DER, err
}

// Reply answers a request. Every outcome is an OCSP response; the error is for the log.
func (r *Responder) Reply(ctx context.Context, request []byte) (Reply, error) {
	fail := func(s ocsp.ResponseStatus, err error) (Reply, error) { return Reply{DER: ocsp.ErrorResponse(s)}, err }
	req, err := ocsp.ParseRequest(request)
	if err != nil {
		return fail(ocsp.MalformedRequest, err)
	}
	if len(req.IDs) > maxIDs {
		return fail(ocsp.MalformedRequest, fmt.Errorf("OCSP request for %d certificates", len(req.IDs)))
	}
	now := r.Now().UTC().Truncate(time.Second)
	s, err := r.current()
	if err != nil {
		return fail(ocsp.InternalError, err)
	}
	if now.Before(s.certificate.NotBefore) || now.After(s.certificate.NotAfter) {
		// An answer under it would be refused anyway, and the one who asks would look for the fault on its own side.
		return fail(ocsp.TryLater, fmt.Errorf("the certificate of the status responder is not valid now (until %v)", s.certificate.NotAfter))
	}
	states, known, err := r.states(ctx, req)
	switch {
	case err != nil:
		return fail(ocsp.InternalError, err)
	case !known:
		// Nothing in it is ours to answer (RFC 6960 §2.3).
		return fail(ocsp.Unauthorized, nil)
	}
	// Fresh by request, of several, or asked about in a form that no client uses: not worth keeping.
	keep := len(req.IDs) == 1 && req.Nonce == nil && len(req.IDs[0].Raw) <= maxKey
	key := ""
	if keep {
		// The bytes as asked, because the answer repeats them: one certificate can be named in several forms.
		key = string(req.IDs[0].Raw)
		if der, etag := r.remembered(key, states[0], now); der != nil {
			return Reply{der, maxAge, etag}, nil
		}
	}
	der, err := r.sign(s, req, states, now)
	if err != nil {
		return fail(ocsp.InternalError, err)
	}
	if !keep {
		return Reply{DER: der}, nil
	}
	return Reply{der, maxAge, r.remember(key, kept{der: der, state: states[0], until: now.Add(reuse)}, s)}, nil
}

// states looks everything up. known is false when the request is about other authorities, or names them by a hash that we do not
// have, so that not even "unknown" can be said.
func (r *Responder) states(ctx context.Context, req *ocsp.Request) (states []State, known bool, err error) {
	states = make([]State, len(req.IDs))
	for i, id := range req.IDs {
		if !id.Hash.Available() {
			return nil, false, nil
		}
		if !id.Names(r.Issuer.RawSubject, r.Issuer.KeyBits, id.Serial) {
			continue
		}
		known = true
		if states[i], err = r.Store.StatusOf(ctx, r.Authority, id.Serial); err != nil {
			return nil, false, err
		}
	}
	return states, known, nil
}

func (r *Responder) sign(s *signer, req *ocsp.Request, states []State, now time.Time) ([]byte, error) {
	until := now.Add(validity)
	if until.After(s.certificate.NotAfter) {
		until = s.certificate.NotAfter
	}
	t := ocsp.Template{ProducedAt: now, ResponderKey: s.certificate.KeyBits, Nonce: req.Nonce}
	if !s.certificate.Equal(r.Issuer) {
		t.Certificates = [][]byte{s.certificate.Raw}
	}
	for i, id := range req.IDs {
		one := ocsp.Single{ID: id, Status: ocsp.Unknown, Reason: -1, ThisUpdate: now, NextUpdate: until, ArchiveCutoff: r.Since}
		switch st := states[i]; {
		case !st.RevokedAt.IsZero():
			one.Status, one.RevokedAt, one.Reason = ocsp.Revoked, st.RevokedAt, int(st.Reason)
		case st.Issued:
			one.Status = ocsp.Good
		}
		t.Singles = append(t.Singles, one)
	}
	return ocsp.Create(rand.Reader, t, s.key)
}

// cache holds answers in two generations: when the young one is full it becomes the old one, whose leftovers are dropped. So it is
// bounded and the answers that are asked for again stay.
type cache struct{ young, old map[string]kept }

const generation = 10_000 // about 8 MB each

type kept struct {
	der   []byte
	etag  string
	state State
	until time.Time
}

// remembered gives an earlier answer while the record says the same as then: a revocation shows at once.
func (r *Responder) remembered(key string, s State, now time.Time) (der []byte, etag string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	k, ok := r.cache.young[key]
	if !ok {
		if k, ok = r.cache.old[key]; ok {
			r.cache.put(key, k)
		}
	}
	if !ok || k.state != s || !now.Before(k.until) {
		return nil, ""
	}
	return k.der, k.etag
}

func (r *Responder) remember(key string, k kept, s *signer) (etag string) {
	sum := sha256.Sum256(k.der)
	k.etag = `"` + hex.EncodeToString(sum[:16]) + `"`
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.signer == s { // not one that was replaced meanwhile
		r.cache.put(key, k)
	}
	return k.etag
}

func (c *cache) put(key string, k kept) {
	if len(c.young) >= generation {
		c.old, c.young = c.young, nil
	}
	if c.young == nil {
		c.young = map[string]kept{}
	}
	c.young[key] = k
}
