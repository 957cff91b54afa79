// Package tsa is the time-stamp authority (RFC 3161). It gives no token when its clock cannot be trusted.
package tsa

import (
	"context"
	"crypto"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"math/big"
	"sync"
	"time"

	"absah/internal/audit"
	"absah/trust"
	"absah/tsp"
)

// Clock tells the time and how far it may be off. An error means that nobody knows: no token is given then.
type Clock func() (now time.Time, bound time.Duration, err error)

// Authority makes tokens. It is safe for concurrent use.
type Authority struct {
	Certificate *trust.Certificate
	Chain       [][]byte // issuers, to go into tokens with the certificate
	Key         crypto.Signer
	Policy      string // OID
	MaxBound    time.Duration
	Clock       Clock
	Log         audit.Log // nil: tokens are not logged one by one

	mu   sync.Mutex
	last time.Time
	size int
}

// Respond answers a request. Every outcome is a response; the error is for the log.
func (a *Authority) Respond(ctx context.Context, request []byte) ([]byte, error) {
	resp, err := a.respond(ctx, request)
	der, merr := resp.Marshal()
	return der, errors.Join(err, merr)
}

func (a *Authority) respond(ctx context.Context, request []byte) (*tsp.Response, error) {
	req, err := tsp.ParseRequest(request)
	switch {
	case err != nil:
		return tsp.Refuse(tsp.BadDataFormat, "the request cannot be read"), nil
	case !accepted(req.Hash):
		return tsp.Refuse(tsp.BadAlg, "the digest algorithm is not accepted"), nil
	case len(req.Digest) != req.Hash.Size():
		return tsp.Refuse(tsp.BadRequest, "the digest does not have the length of its algorithm"), nil
	case req.Policy != "" && req.Policy != a.Policy:
		return tsp.Refuse(tsp.UnacceptedPolicy, "the policy is not one of this authority"), nil
	case len(req.Extensions) > 0:
		return tsp.Refuse(tsp.UnacceptedExtension, "extensions are not supported"), nil
	}
	token, err := a.token(ctx, req)
	switch {
	case errors.Is(err, ErrClock):
		return tsp.Refuse(tsp.TimeNotAvailable, "the clock of the authority is not trusted now"), err
	case err != nil:
		return tsp.Refuse(tsp.SystemFailure, "the authority cannot sign now"), err
	}
	return &tsp.Response{Status: tsp.Granted, Failure: tsp.NoFailure, Token: token}, nil
}

// accepted are digests without known weakness.
func accepted(h crypto.Hash) bool {
	switch h {
	case crypto.SHA256, crypto.SHA384, crypto.SHA512, crypto.SHA3_256, crypto.SHA3_384, crypto.SHA3_512:
		return true
	}
	return false
}

// ErrClock means that the time is not known well enough.
var ErrClock = errors.New("the clock of the time-stamp authority cannot be trusted")

// moment is strictly later than every one before it, in microseconds.
func (a *Authority) moment() (time.Time, time.Duration, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	now, bound, err := a.Clock()
	if err != nil || bound > a.MaxBound {
		return time.Time{}, 0, errors.Join(ErrClock, err)
	}
	now = now.UTC().Truncate(time.Microsecond)
	if !now.After(a.last) {
		if a.last.Sub(now) > a.MaxBound {
			return time.Time{}, 0, ErrClock // the clock was set back
		}
		now = a.last.Add(time.Microsecond)
	}
	a.last = now
	return now, bound, nil
}

func (a *Authority) token(ctx context.Context, req *tsp.Request) ([]byte, error) {
	at, bound, err := a.moment()
	if err != nil {
		return nil, err
	}
	if at.Before(a.Certificate.NotBefore) || at.After(a.Certificate.NotAfter) {
		return nil, errors.New("the authority's certificate is not valid now")
	}
	serial, err := serial(at)
	if err != nil {
		return nil, err
	}
	info := tsp.Info{Policy: a.Policy, Hash: req.Hash, HashOID: req.HashOID, Digest: req.Digest, Serial: serial, GenTime: at, Accuracy: bound.Round(time.Microsecond), Nonce: req.Nonce}
	token, err := tsp.Create(rand.Reader, info, a.Key, a.Certificate.Raw, a.Chain, req.CertReq)
	if err != nil {
		return nil, err
	}
	if a.Log != nil {
		if _, err := a.Log.Append(ctx, audit.Event{Act: "tsa.token", Actor: "tsa", Subject: serial.Text(16), Time: at}); err != nil {
			return nil, &audit.WriteError{Err: err}
		}
	}
	a.mu.Lock()
	a.size = max(a.size, len(token))
	a.mu.Unlock()
	return token, nil
}

// serial is unique without a counter: the moment, which never repeats, and 64 random bits against a clock that was lost.
func serial(at time.Time) (*big.Int, error) {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], uint64(at.UnixMicro()))
	if _, err := rand.Read(b[8:]); err != nil {
		return nil, err
	}
	return new(big.Int).SetBytes(b[:]), nil
}

// Timestamp gives a token to a signer in the same process.
func (a *Authority) Timestamp(ctx context.Context, h crypto.Hash, digest []byte) ([]byte, error) {
	req, err := tsp.NewRequest(h, digest, nil)
	if err != nil {
		return nil, err
	}
	return a.token(ctx, req)
}

// TokenSize is the largest token made so far.
func (a *Authority) TokenSize() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.size
}

// SystemClock trusts the clock of this machine to within a bound that its operator vouches for.
func SystemClock(now func() time.Time, bound time.Duration) Clock {
	return func() (time.Time, time.Duration, error) { return now(), bound, nil }
}
