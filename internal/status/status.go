// Package status answers OCSP requests out of the records of the CA: good when issued and not revoked, revoked, and unknown for
// what was never issued.
package status

import (
	"context"
	"crypto"
	"crypto/rand"
	"math/big"
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

// Responder answers for one authority.
type Responder struct {
	Authority   string
	Issuer      *trust.Certificate // the authority's certificate
	Certificate *trust.Certificate // of the delegated responder
	Key         crypto.Signer
	Store       Store
	Now         func() time.Time
	Since       time.Time // archive cutoff: since when status is kept

	mu    sync.Mutex
	cache map[string]kept
}

type kept struct {
	der   []byte
	state State
	until time.Time
}

// How long answers hold: short, because what is handed out cannot be called back.
const (
	validity  = time.Hour
	reuse     = 5 * time.Minute // an answer is signed again when it is older, or when the status changed
	maxCached = 20_000
	maxIDs    = 50
)

// Answer returns the response to a request. Every outcome is an OCSP response; the error is for the log.
func (r *Responder) Answer(ctx context.Context, request []byte) ([]byte, error) {
	req, err := ocsp.ParseRequest(request)
	if err != nil || len(req.IDs) > maxIDs {
		return ocsp.ErrorResponse(ocsp.MalformedRequest), err
	}
	now := r.Now().UTC().Truncate(time.Second)
	states := make([]State, len(req.IDs))
	for i, id := range req.IDs {
		if !id.Hash.Available() {
			return ocsp.ErrorResponse(ocsp.MalformedRequest), nil
		}
		if !id.Names(r.Issuer.RawSubject, r.Issuer.KeyBits, id.Serial) {
			if len(req.IDs) == 1 {
				// Not one of ours: this responder may not speak for it (RFC 6960 §2.3).
				return ocsp.ErrorResponse(ocsp.Unauthorized), nil
			}
			continue
		}
		if states[i], err = r.Store.StatusOf(ctx, r.Authority, id.Serial); err != nil {
			return ocsp.ErrorResponse(ocsp.InternalError), err
		}
	}
	single := len(req.IDs) == 1 && req.Nonce == nil
	key := ""
	if single {
		key = req.IDs[0].Hash.String() + req.IDs[0].Serial.String()
		if der, ok := r.remembered(key, states[0], now); ok {
			return der, nil
		}
	}
	t := ocsp.Template{ProducedAt: now, ResponderKey: r.Certificate.KeyBits, Nonce: req.Nonce, Certificates: [][]byte{r.Certificate.Raw}}
	for i, id := range req.IDs {
		s := ocsp.Single{ID: id, Status: ocsp.Unknown, Reason: -1, ThisUpdate: now, NextUpdate: now.Add(validity), ArchiveCutoff: r.Since}
		switch st := states[i]; {
		case !st.RevokedAt.IsZero():
			s.Status, s.RevokedAt, s.Reason = ocsp.Revoked, st.RevokedAt, int(st.Reason)
		case st.Issued:
			s.Status = ocsp.Good
		}
		t.Singles = append(t.Singles, s)
	}
	der, err := ocsp.Create(rand.Reader, t, r.Key)
	if err != nil {
		return ocsp.ErrorResponse(ocsp.InternalError), err
	}
	if single {
		r.remember(key, kept{der, states[0], now.Add(reuse)})
	}
	return der, nil
}

// remembered gives an earlier answer while the record says the same as then: a revocation shows at once.
func (r *Responder) remembered(key string, s State, now time.Time) ([]byte, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	k, ok := r.cache[key]
	return k.der, ok && k.state == s && now.Before(k.until)
}

func (r *Responder) remember(key string, k kept) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.cache == nil || len(r.cache) >= maxCached {
		r.cache = map[string]kept{}
	}
	r.cache[key] = k
}
