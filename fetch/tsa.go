package fetch

import (
	"context"
	"crypto"
	"crypto/rand"
	"errors"
	"math/big"
	"net/http"
	"net/url"
	"sync/atomic"

	"absah/pades"
	"absah/tsp"
)

// TSA is a client of one time-stamp authority (RFC 3161 §3.4). It is safe for concurrent use.
type TSA struct {
	client  *Client
	url     string
	auth    *url.Userinfo
	largest atomic.Int64
}

var (
	_ pades.Timestamper = (*TSA)(nil)
	_ pades.TokenSizer  = (*TSA)(nil)
)

// TSA makes a client of the authority at an address. A user name and password in the address are sent as Basic authentication
// and never shown.
func (c *Client) TSA(address string) *TSA {
	t := &TSA{client: c, url: address}
	if u, err := url.Parse(address); err == nil && u.User != nil {
		t.auth = u.User
		u.User = nil
		t.url = u.String()
	}
	return t
}

// Timestamp asks for a token over a digest. It returns the token only if it is granted, over this digest, with the nonce sent,
// and signed by the certificate inside. Errors are *Error.
func (t *TSA) Timestamp(ctx context.Context, h crypto.Hash, digest []byte) ([]byte, error) {
	token, err := t.timestamp(ctx, h, digest)
	if err != nil {
		return nil, fault("time-stamp", t.url, err)
	}
	return token, nil
}

func (t *TSA) timestamp(ctx context.Context, h crypto.Hash, digest []byte) ([]byte, error) {
	nonce, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 64))
	if err != nil {
		return nil, err
	}
	req, err := tsp.NewRequest(h, digest, nonce)
	if err != nil {
		return nil, err
	}
	der, err := req.Marshal()
	if err != nil {
		return nil, err
	}
	body, err := t.client.do(ctx, http.MethodPost, t.url, "application/timestamp-query", der, maxToken, t.auth)
	if err != nil {
		return nil, err
	}
	resp, err := tsp.ParseResponse(body)
	if err != nil {
		return nil, errors.New("the answer is no time-stamp; check that this is the address of a time-stamp authority")
	}
	token, err := resp.Check(req)
	if err != nil {
		return nil, err
	}
	for {
		n := t.largest.Load()
		if int64(len(token.Raw)) <= n || t.largest.CompareAndSwap(n, int64(len(token.Raw))) {
			return token.Raw, nil
		}
	}
}

// TokenSize is the largest token seen from this authority, zero before the first.
func (t *TSA) TokenSize() int { return int(t.largest.Load()) }
