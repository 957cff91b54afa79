package tsp

import (
	"crypto"
	"fmt"
	"math/big"

	"absah/internal/sigalg"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"
)

// Request is a TimeStampReq (RFC 3161 §2.4.1).
type Request struct {
	Hash       crypto.Hash // zero when the algorithm is not known; HashOID then tells it
	HashOID    string
	Digest     []byte   // whether its length fits is checked by NewRequest, and is the authority's business when parsed
	Policy     string   // "": any
	Nonce      *big.Int // nil: none
	CertReq    bool     // the token is to carry the authority's certificate
	Extensions []Extension
}

// NewRequest asks for a token over a digest, with the authority's certificate inside. nonce should be 64 random bits, and may be nil.
func NewRequest(h crypto.Hash, digest []byte, nonce *big.Int) (*Request, error) {
	oid := sigalg.HashOID(h)
	if oid == "" || len(digest) != h.Size() {
		return nil, fmt.Errorf("a %v digest of %d bytes cannot be time-stamped", h, len(digest))
	}
	return &Request{Hash: h, HashOID: oid, Digest: digest, Nonce: nonce, CertReq: true}, nil
}

// Marshal returns the DER. It refuses object identifiers that are none.
func (r *Request) Marshal() ([]byte, error) {
	var b cryptobyte.Builder
	b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1Int64(1)
		addImprint(b, r.Hash, r.HashOID, r.Digest)
		if r.Policy != "" {
			addOID(b, r.Policy)
		}
		if r.Nonce != nil {
			b.AddASN1BigInt(r.Nonce)
		}
		if r.CertReq {
			b.AddASN1Boolean(true)
		}
		addExtensions(b, 0, r.Extensions)
	})
	return b.Bytes()
}

// ParseRequest reads a request. Errors match ErrMalformed.
func ParseRequest(der []byte) (*Request, error) {
	if len(der) > maxRequest {
		return nil, malformed("request larger than 64 KiB")
	}
	in := cryptobyte.String(der)
	var seq cryptobyte.String
	var version int
	if !in.ReadASN1(&seq, asn1.SEQUENCE) || !in.Empty() || !seq.ReadASN1Integer(&version) || version != 1 {
		return nil, malformed("request")
	}
	r := &Request{}
	var ok bool
	if r.Hash, r.HashOID, r.Digest, ok = readImprint(&seq); !ok {
		return nil, malformed("message imprint")
	}
	if seq.PeekASN1Tag(asn1.OBJECT_IDENTIFIER) {
		if r.Policy, ok = readOID(&seq); !ok {
			return nil, malformed("policy")
		}
	}
	if seq.PeekASN1Tag(asn1.INTEGER) {
		r.Nonce = new(big.Int)
		if !seq.ReadASN1Integer(r.Nonce) {
			return nil, malformed("nonce")
		}
	}
	if seq.PeekASN1Tag(asn1.BOOLEAN) && !seq.ReadASN1Boolean(&r.CertReq) {
		return nil, malformed("certReq")
	}
	var err error
	if r.Extensions, err = readExtensions(&seq, 0); err != nil {
		return nil, err
	}
	if !seq.Empty() {
		return nil, malformed("request")
	}
	return r, nil
}
