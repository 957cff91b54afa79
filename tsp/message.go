// Package tsp reads and writes RFC 3161 time-stamps: requests, responses and tokens, for both sides of the protocol. It
// checks what can be checked without trusting anybody: that a token is over the digest that was asked for and that its
// signature verifies under the certificate it names. Whether that certificate is a trusted authority's is judged by package
// trust.
//
// A client makes a request, sends its DER over HTTP and reads the answer:
//
//	req, err := tsp.NewRequest(crypto.SHA256, digest, nonce)
//	der, err := req.Marshal()
//	// … POST der as application/timestamp-query …
//	resp, err := tsp.ParseResponse(body)
//	token, err := resp.Check(req)
package tsp

import (
	"bytes"
	"crypto"
	"errors"
	"fmt"
	"math/big"

	"absah/internal/sigalg"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"
)

// Bounds on messages.
const (
	maxRequest  = 64 << 10
	maxResponse = 1 << 20
)

// ErrMalformed is matched by every error about bytes that are no time-stamp message.
var ErrMalformed = errors.New("malformed time-stamp message")

func malformed(what string) error { return fmt.Errorf("%w: %s", ErrMalformed, what) }

// Request is a TimeStampReq (RFC 3161 §2.4.1).
type Request struct {
	Hash       crypto.Hash // zero when the algorithm is not known; HashOID then tells it
	HashOID    string
	Digest     []byte
	Policy     string   // "": any
	Nonce      *big.Int // nil: none
	CertReq    bool     // the token is to carry the authority's certificate
	Extensions []string // OIDs of extensions
}

// NewRequest asks for a token over a digest, with the authority's certificate inside. nonce may be nil.
func NewRequest(h crypto.Hash, digest []byte, nonce *big.Int) (*Request, error) {
	oid := sigalg.HashOID(h)
	if oid == "" || len(digest) != h.Size() {
		return nil, fmt.Errorf("a %v digest of %d bytes cannot be time-stamped", h, len(digest))
	}
	return &Request{Hash: h, HashOID: oid, Digest: digest, Nonce: nonce, CertReq: true}, nil
}

// Marshal returns the DER.
func (r *Request) Marshal() ([]byte, error) {
	var b cryptobyte.Builder
	b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1Int64(1)
		addImprint(b, r.Hash, r.Digest)
		if r.Policy != "" {
			addOID(b, r.Policy)
		}
		if r.Nonce != nil {
			b.AddASN1BigInt(r.Nonce)
		}
		if r.CertReq {
			b.AddASN1Boolean(true)
		}
	})
	return b.Bytes()
}

func addImprint(b *cryptobyte.Builder, h crypto.Hash, digest []byte) {
	b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		// NULL parameters: what authorities and validators write and expect here.
		b.AddBytes(sigalg.NewAlgorithm(sigalg.HashOID(h), []byte{5, 0}).Raw)
		b.AddASN1OctetString(digest)
	})
}

func addOID(b *cryptobyte.Builder, oid string) {
	b.AddASN1(asn1.OBJECT_IDENTIFIER, func(b *cryptobyte.Builder) { b.AddBytes(sigalg.EncodeOID(oid)) })
}

func readOID(s *cryptobyte.String) (string, bool) {
	var oid cryptobyte.String
	if !s.ReadASN1(&oid, asn1.OBJECT_IDENTIFIER) {
		return "", false
	}
	return sigalg.DecodeOID(oid)
}

func readImprint(s *cryptobyte.String) (h crypto.Hash, oid string, digest []byte, ok bool) {
	var seq, alg, octets cryptobyte.String
	if !s.ReadASN1(&seq, asn1.SEQUENCE) || !seq.ReadASN1Element(&alg, asn1.SEQUENCE) || !seq.ReadASN1(&octets, asn1.OCTET_STRING) || !seq.Empty() {
		return
	}
	a, err := sigalg.ParseAlgorithm(alg)
	if err != nil {
		return
	}
	h, _ = sigalg.HashOf(a.OID)
	return h, a.OID, octets, true
}

// ParseRequest reads a request.
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
	var ext cryptobyte.String
	var has bool
	if !seq.ReadOptionalASN1(&ext, &has, asn1.Tag(0).ContextSpecific().Constructed()) || !seq.Empty() {
		return nil, malformed("request")
	}
	for has && !ext.Empty() {
		var one cryptobyte.String
		if !ext.ReadASN1(&one, asn1.SEQUENCE) {
			return nil, malformed("extension")
		}
		oid, ok := readOID(&one)
		if !ok {
			return nil, malformed("extension")
		}
		r.Extensions = append(r.Extensions, oid)
	}
	return r, nil
}

// Status is a PKIStatus (RFC 3161 §2.4.2).
type Status int

// The statuses.
const (
	Granted                Status = 0
	GrantedWithMods        Status = 1
	Rejection              Status = 2
	Waiting                Status = 3
	RevocationWarning      Status = 4
	RevocationNotification Status = 5
)

// Failure is a PKIFailureInfo bit (RFC 3161 §2.4.2); NoFailure when none is given.
type Failure int

// The failures.
const (
	NoFailure           Failure = -1
	BadAlg              Failure = 0
	BadRequest          Failure = 2
	BadDataFormat       Failure = 5
	TimeNotAvailable    Failure = 14
	UnacceptedPolicy    Failure = 15
	UnacceptedExtension Failure = 16
	AddInfoNotAvailable Failure = 17
	SystemFailure       Failure = 25
)

func (f Failure) String() string {
	names := map[Failure]string{
		BadAlg: "badAlg", BadRequest: "badRequest", BadDataFormat: "badDataFormat", TimeNotAvailable: "timeNotAvailable",
		UnacceptedPolicy: "unacceptedPolicy", UnacceptedExtension: "unacceptedExtension", AddInfoNotAvailable: "addInfoNotAvailable",
		SystemFailure: "systemFailure",
	}
	if s, ok := names[f]; ok {
		return s
	}
	return fmt.Sprintf("failure %d", int(f))
}

// Response is a TimeStampResp (RFC 3161 §2.4.2).
type Response struct {
	Status  Status
	Failure Failure
	Text    string
	Token   []byte // nil unless granted
}

// RefusedError means that the authority answered and gave no token.
type RefusedError struct {
	Status  Status
	Failure Failure
	Text    string
}

func (e *RefusedError) Error() string {
	s := "the time-stamp authority refused the request"
	if e.Failure != NoFailure {
		s += " (" + e.Failure.String() + ")"
	}
	if e.Text != "" {
		s += ": " + e.Text
	}
	return s
}

// ParseResponse reads a response.
func ParseResponse(der []byte) (*Response, error) {
	if len(der) > maxResponse {
		return nil, malformed("response larger than 1 MiB")
	}
	in := cryptobyte.String(der)
	var seq, info cryptobyte.String
	var status int
	if !in.ReadASN1(&seq, asn1.SEQUENCE) || !in.Empty() || !seq.ReadASN1(&info, asn1.SEQUENCE) || !info.ReadASN1Integer(&status) {
		return nil, malformed("response")
	}
	r := &Response{Status: Status(status), Failure: NoFailure}
	if info.PeekASN1Tag(asn1.SEQUENCE) {
		var texts cryptobyte.String
		if !info.ReadASN1(&texts, asn1.SEQUENCE) {
			return nil, malformed("status text")
		}
		for !texts.Empty() {
			var s cryptobyte.String
			if !texts.ReadASN1(&s, asn1.UTF8String) {
				return nil, malformed("status text")
			}
			if r.Text != "" {
				r.Text += "; "
			}
			r.Text += string(bytes.ToValidUTF8(s, nil))
		}
	}
	if info.PeekASN1Tag(asn1.BIT_STRING) {
		var bits cryptobyte.String
		if !info.ReadASN1(&bits, asn1.BIT_STRING) || len(bits) < 1 || len(bits) > 8 {
			return nil, malformed("failure info")
		}
		for i := range 8 * (len(bits) - 1) {
			if bits[1+i/8]&(0x80>>(i%8)) != 0 {
				r.Failure = Failure(i)
				break
			}
		}
	}
	if !seq.Empty() {
		r.Token = seq
	}
	if granted := r.Status == Granted || r.Status == GrantedWithMods; granted && r.Token == nil {
		return nil, malformed("a granted response without a token")
	}
	return r, nil
}

// Check returns the token if the response answers the request: granted, over its digest, with its nonce and policy, and signed
// by the certificate that it names.
func (r *Response) Check(req *Request) (*Token, error) {
	if r.Status != Granted && r.Status != GrantedWithMods {
		return nil, &RefusedError{r.Status, r.Failure, r.Text}
	}
	t, err := ParseToken(r.Token)
	if err != nil {
		return nil, err
	}
	switch {
	case !t.Matches(req.Hash, req.Digest):
		return nil, errors.New("the time-stamp is over another digest than the one asked for")
	case req.Nonce != nil && (t.Info.Nonce == nil || t.Info.Nonce.Cmp(req.Nonce) != 0):
		return nil, errors.New("the time-stamp does not carry the nonce of the request; it may be an old answer")
	case req.Policy != "" && t.Info.Policy != req.Policy:
		return nil, fmt.Errorf("the time-stamp was made under policy %s instead of %s", t.Info.Policy, req.Policy)
	}
	if req.CertReq {
		if c := t.Check(nil); c.Err != nil {
			return nil, c.Err
		}
	}
	return t, nil
}

// Marshal returns the DER of a response.
func (r *Response) Marshal() ([]byte, error) {
	var b cryptobyte.Builder
	b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddASN1Int64(int64(r.Status))
			if r.Text != "" {
				b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
					b.AddASN1(asn1.UTF8String, func(b *cryptobyte.Builder) { b.AddBytes([]byte(r.Text)) })
				})
			}
			if r.Failure != NoFailure {
				b.AddASN1(asn1.BIT_STRING, func(b *cryptobyte.Builder) {
					n := int(r.Failure)
					bits := make([]byte, n/8+1)
					bits[n/8] = 0x80 >> (n % 8)
					b.AddUint8(uint8(7 - n%8))
					b.AddBytes(bits)
				})
			}
		})
		b.AddBytes(r.Token)
	})
	return b.Bytes()
}

// Refuse is the response that gives no token, and why.
func Refuse(f Failure, text string) *Response {
	return &Response{Status: Rejection, Failure: f, Text: text}
}
