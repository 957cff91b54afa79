// Package tsa is the time-stamp authority (RFC 3161). It gives no token when its clock cannot be trusted, its times rise without
// exception, and each use of its key is announced in the audit log before and recorded after.
package tsa

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"sync"
	"time"

	"absah/internal/audit"
	"absah/trust"
	"absah/tsp"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// Authority makes tokens. The fields are set before the first one; it is safe for concurrent use. It must not be asked inside of a
// transaction of its store.
type Authority struct {
	Name        string             // under which marks are stored and events logged; "": tsa
	Certificate *trust.Certificate // with timeStamping as its only extended key usage, critical
	Chain       [][]byte           // issuers, to go into tokens with the certificate
	Key         crypto.Signer
	Policy      string        // OID, of all tokens
	MaxBound    time.Duration // no token when the time may be off by more
	Clock       Clock
	Store       Store     // nil: times rise until the next restart
	Log         audit.Log // nil: tokens are not logged

	mu   sync.Mutex // also held while a mark is stored: times are given out one after the other
	last time.Time  // given out last
	mark time.Time  // stored; last never passes it
	size int

	check sync.Once
	fit   error
}

func (a *Authority) name() string {
	if a.Name == "" {
		return "tsa"
	}
	return a.Name
}

const ekuTimeStamping = "1.3.6.1.5.5.7.3.8"

// Check says whether certificate and key are fit for time-stamps, so that a wrong one shows at the start: relying parties refuse
// tokens under a certificate that is good for anything else (RFC 3161 §2.3).
func (a *Authority) Check() error {
	a.check.Do(func() { a.fit = a.unfit() })
	return a.fit
}

func (a *Authority) unfit() error {
	c := a.Certificate
	if p, ok := a.Key.Public().(interface{ Equal(crypto.PublicKey) bool }); !ok || !p.Equal(c.PublicKey) {
		return errors.New("the key does not belong to the certificate of the time-stamp authority")
	}
	if e, ok := c.Extension("2.5.29.37"); !ok || !e.Critical || !slices.Equal(c.ExtKeyUsage, []string{ekuTimeStamping}) {
		return errors.New("the certificate of the time-stamp authority needs the extended key usage timeStamping, critical and alone")
	}
	if c.IsCA() || c.HasKeyUsage() && c.KeyUsage&^(trust.DigitalSignature|trust.NonRepudiation) != 0 {
		return errors.New("the certificate of the time-stamp authority is good for other things than signatures")
	}
	return nil
}

// Respond answers a request. Every outcome is a response; the error is for the log.
func (a *Authority) Respond(ctx context.Context, request []byte) ([]byte, error) {
	resp, err := a.respond(ctx, request)
	der, merr := resp.Marshal()
	return der, errors.Join(err, merr)
}

func (a *Authority) respond(ctx context.Context, request []byte) (*tsp.Response, error) {
	if v, ok := version(request); ok && v != 1 {
		return tsp.Refuse(tsp.BadRequest, "only version 1 of the protocol is supported"), nil
	}
	req, err := tsp.ParseRequest(request)
	switch {
	case err != nil:
		return tsp.Refuse(tsp.BadDataFormat, "the request cannot be read"), nil
	case !accepted(req.Hash):
		return tsp.Refuse(tsp.BadAlg, "the digest algorithm is not accepted"), nil
	case len(req.Digest) != req.Hash.Size():
		return tsp.Refuse(tsp.BadDataFormat, "the digest does not have the length of its algorithm"), nil
	case req.Policy != "" && req.Policy != a.Policy:
		return tsp.Refuse(tsp.UnacceptedPolicy, "the policy is not one of this authority"), nil
	case len(req.Extensions) > 0:
		// RFC 3161 §2.4.1: whether critical or not.
		return tsp.Refuse(tsp.UnacceptedExtension, "extensions are not supported"), nil
	case req.Nonce != nil && req.Nonce.BitLen() > maxNonce:
		return tsp.Refuse(tsp.BadRequest, "the nonce is too long"), nil
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

// maxNonce bounds what a stranger can have put into a token, in bits. Clients send 64 to 160.
const maxNonce = 512

// version reads the first field of a request, because a request of another version need not be readable otherwise.
func version(request []byte) (v int, ok bool) {
	in := cryptobyte.String(request)
	var seq cryptobyte.String
	return v, in.ReadASN1(&seq, cbasn1.SEQUENCE) && seq.ReadASN1Integer(&v)
}

// accepted are digests without known weakness.
func accepted(h crypto.Hash) bool {
	switch h {
	case crypto.SHA256, crypto.SHA384, crypto.SHA512, crypto.SHA3_256, crypto.SHA3_384, crypto.SHA3_512:
		return true
	}
	return false
}

// Timestamp gives a token to a signer in the same process.
func (a *Authority) Timestamp(ctx context.Context, h crypto.Hash, digest []byte) ([]byte, error) {
	if !accepted(h) {
		return nil, fmt.Errorf("%v digests are not time-stamped", h)
	}
	req, err := tsp.NewRequest(h, digest, nil)
	if err != nil {
		return nil, err
	}
	return a.token(ctx, req)
}

func (a *Authority) token(ctx context.Context, req *tsp.Request) ([]byte, error) {
	if err := a.Check(); err != nil {
		return nil, err
	}
	at, accuracy, err := a.moment(ctx)
	if err != nil {
		return nil, err
	}
	if at.Before(a.Certificate.NotBefore) || at.After(a.Certificate.NotAfter) {
		return nil, errors.New("the certificate of the time-stamp authority is not valid now")
	}
	info := tsp.Info{Policy: a.Policy, Hash: req.Hash, HashOID: req.HashOID, Digest: req.Digest, Serial: serial(at), GenTime: at, Accuracy: accuracy, Nonce: req.Nonce}
	token, err := a.sign(ctx, info, req.CertReq)
	if err != nil {
		return nil, err
	}
	a.mu.Lock()
	a.size = max(a.size, len(token))
	a.mu.Unlock()
	return token, nil
}

// sign is the only line to the key. The intent holds the hash of what is signed, the outcome that of the token, so that the log is a
// second proof of the order in which tokens were made.
func (a *Authority) sign(ctx context.Context, info tsp.Info, include bool) ([]byte, error) {
	if a.Log == nil {
		return tsp.Create(rand.Reader, info, a.Key, a.Certificate.Raw, a.Chain, include)
	}
	content, err := info.Marshal()
	if err != nil {
		return nil, err
	}
	e := audit.Event{Act: "tsa.token", Actor: a.name(), Role: "tsa", Subject: info.Serial.Text(16), Object: digest(content)}
	n, err := audit.Intent(ctx, a.Log, e)
	if err != nil {
		return nil, err
	}
	token, failed := tsp.Create(rand.Reader, info, a.Key, a.Certificate.Raw, a.Chain, include)
	if failed == nil {
		e.Object = digest(token)
	}
	if err := audit.Outcome(context.WithoutCancel(ctx), a.Log, e, n, failed); err != nil {
		return nil, errors.Join(failed, err)
	}
	return token, failed
}

func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// serial is unique without a counter: the moment, which never repeats, and 64 random bits against a database that was lost.
func serial(at time.Time) *big.Int {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], uint64(at.UnixMicro()))
	_, _ = rand.Read(b[8:]) // ends the program rather than fail
	return new(big.Int).SetBytes(b[:])
}

// TokenSize is the largest token made so far, in bytes; 0 before the first.
func (a *Authority) TokenSize() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.size
}
