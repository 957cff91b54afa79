// Package ocsp reads and writes OCSP requests and responses (RFC 6960, nonce as in RFC 9654). It knows the codec and the
// signature value; who may sign for whom, and whether an answer is fresh, is judged by package trust.
package ocsp

import (
	"crypto"
	"crypto/sha1"
	"crypto/subtle"
	"errors"
	"fmt"
	"math/big"
	"time"

	"absah/internal/sigalg"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"
)

// Bounds on what is read.
const (
	maxRequest   = 64 << 10
	maxResponse  = 4 << 20 // a response with its chain is a few kilobytes
	maxSingles   = 1000
	maxCerts     = 32
	maxNonce     = 128 // RFC 9654 §2.1
	maxExtension = 64
)

// Object identifiers of RFC 6960 §4.
const (
	oidBasic         = "1.3.6.1.5.5.7.48.1.1"
	oidNonce         = "1.3.6.1.5.5.7.48.1.2"
	oidArchiveCutoff = "1.3.6.1.5.5.7.48.1.6"
)

// ErrMalformed is matched by every error about bytes that are no OCSP message.
var ErrMalformed = errors.New("malformed OCSP message")

func malformed(what string) error { return fmt.Errorf("%w: %s", ErrMalformed, what) }

// CertID names a certificate (RFC 6960 §4.1.1).
type CertID struct {
	Hash           crypto.Hash
	IssuerNameHash []byte
	IssuerKeyHash  []byte
	Serial         *big.Int
}

// NewCertID names a certificate by its issuer's raw subject, the issuer's public key bits (the content of the BIT STRING in
// its SubjectPublicKeyInfo) and its serial. SHA-1 is what every responder understands; it is an index here, not a protection.
func NewCertID(h crypto.Hash, issuerSubject, issuerKeyBits []byte, serial *big.Int) CertID {
	sum := func(b []byte) []byte {
		w := h.New()
		w.Write(b)
		return w.Sum(nil)
	}
	return CertID{Hash: h, IssuerNameHash: sum(issuerSubject), IssuerKeyHash: sum(issuerKeyBits), Serial: serial}
}

// Names reports whether c names the certificate with this serial under this issuer.
func (c CertID) Names(issuerSubject, issuerKeyBits []byte, serial *big.Int) bool {
	if c.Serial == nil || c.Serial.Cmp(serial) != 0 || !c.Hash.Available() {
		return false
	}
	w := NewCertID(c.Hash, issuerSubject, issuerKeyBits, serial)
	return subtle.ConstantTimeCompare(w.IssuerNameHash, c.IssuerNameHash) == 1 && subtle.ConstantTimeCompare(w.IssuerKeyHash, c.IssuerKeyHash) == 1
}

func (c CertID) marshal(b *cryptobyte.Builder) {
	b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		// AlgorithmIdentifiers of hashes carry NULL here, as every client writes them.
		b.AddBytes(sigalg.NewAlgorithm(sigalg.HashOID(c.Hash), []byte{5, 0}).Raw)
		b.AddASN1OctetString(c.IssuerNameHash)
		b.AddASN1OctetString(c.IssuerKeyHash)
		b.AddASN1BigInt(c.Serial)
	})
}

func readCertID(s *cryptobyte.String) (c CertID, ok bool) {
	var seq, alg cryptobyte.String
	c.Serial = new(big.Int)
	var name, key cryptobyte.String
	if !s.ReadASN1(&seq, asn1.SEQUENCE) || !seq.ReadASN1Element(&alg, asn1.SEQUENCE) ||
		!seq.ReadASN1(&name, asn1.OCTET_STRING) || !seq.ReadASN1(&key, asn1.OCTET_STRING) || !seq.ReadASN1Integer(c.Serial) {
		return c, false
	}
	a, err := sigalg.ParseAlgorithm(alg)
	if err != nil {
		return c, false
	}
	c.Hash, _ = sigalg.HashOf(a.OID) // zero: a hash that is not known; the answer for it is "unknown"
	c.IssuerNameHash, c.IssuerKeyHash = name, key
	return c, true
}

// Request is a parsed request.
type Request struct {
	IDs   []CertID
	Nonce []byte // nil: none
}

// NewRequest makes a request for one or more certificates. A nonce of 32 bytes is recommended (RFC 9654 §2.1); nil sends none.
func NewRequest(ids []CertID, nonce []byte) ([]byte, error) {
	if len(ids) == 0 {
		return nil, errors.New("an OCSP request needs a certificate to ask about")
	}
	var b cryptobyte.Builder
	b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
				for _, id := range ids {
					b.AddASN1(asn1.SEQUENCE, id.marshal)
				}
			})
			if nonce != nil {
				b.AddASN1(asn1.Tag(2).ContextSpecific().Constructed(), func(b *cryptobyte.Builder) {
					b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) { addNonce(b, nonce) })
				})
			}
		})
	})
	return b.Bytes()
}

func addNonce(b *cryptobyte.Builder, nonce []byte) {
	b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1(asn1.OBJECT_IDENTIFIER, func(b *cryptobyte.Builder) { b.AddBytes(sigalg.EncodeOID(oidNonce)) })
		b.AddASN1(asn1.OCTET_STRING, func(b *cryptobyte.Builder) { b.AddASN1OctetString(nonce) })
	})
}

// ParseRequest reads a request. A nonce of 0 or more than 128 bytes makes it malformed (RFC 9654 §2.1).
func ParseRequest(der []byte) (*Request, error) {
	if len(der) > maxRequest {
		return nil, malformed("request larger than 64 KiB")
	}
	in := cryptobyte.String(der)
	var outer, tbs, list cryptobyte.String
	if !in.ReadASN1(&outer, asn1.SEQUENCE) || !in.Empty() || !outer.ReadASN1(&tbs, asn1.SEQUENCE) {
		return nil, malformed("request")
	}
	tbs.SkipOptionalASN1(asn1.Tag(0).ContextSpecific().Constructed()) // version
	tbs.SkipOptionalASN1(asn1.Tag(1).ContextSpecific().Constructed()) // requestorName
	if !tbs.ReadASN1(&list, asn1.SEQUENCE) {
		return nil, malformed("request list")
	}
	r := &Request{}
	for !list.Empty() {
		var one cryptobyte.String
		if !list.ReadASN1(&one, asn1.SEQUENCE) {
			return nil, malformed("request")
		}
		id, ok := readCertID(&one)
		if !ok {
			return nil, malformed("CertID")
		}
		if r.IDs = append(r.IDs, id); len(r.IDs) > maxSingles {
			return nil, malformed("too many certificates in one request")
		}
	}
	if len(r.IDs) == 0 {
		return nil, malformed("request for no certificate")
	}
	var ext cryptobyte.String
	var has bool
	if !tbs.ReadOptionalASN1(&ext, &has, asn1.Tag(2).ContextSpecific().Constructed()) {
		return nil, malformed("request extensions")
	}
	if has {
		err := eachExtension(ext, func(oid string, value []byte) error {
			if oid != oidNonce {
				return nil
			}
			n, ok := readNonce(value)
			if !ok {
				return malformed("nonce")
			}
			r.Nonce = n
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return r, nil
}

func readNonce(value []byte) ([]byte, bool) {
	v := cryptobyte.String(value)
	var n cryptobyte.String
	if !v.ReadASN1(&n, asn1.OCTET_STRING) || !v.Empty() || len(n) == 0 || len(n) > maxNonce {
		return nil, false
	}
	return n, true
}

// eachExtension walks a SEQUENCE OF Extension.
func eachExtension(s cryptobyte.String, f func(oid string, value []byte) error) error {
	var list cryptobyte.String
	if !s.ReadASN1(&list, asn1.SEQUENCE) {
		return malformed("extensions")
	}
	for n := 0; !list.Empty(); n++ {
		var ext, oid, value cryptobyte.String
		if n > maxExtension || !list.ReadASN1(&ext, asn1.SEQUENCE) || !ext.ReadASN1(&oid, asn1.OBJECT_IDENTIFIER) ||
			!ext.SkipOptionalASN1(asn1.BOOLEAN) || !ext.ReadASN1(&value, asn1.OCTET_STRING) {
			return malformed("extension")
		}
		name, _ := sigalg.DecodeOID(oid)
		if err := f(name, value); err != nil {
			return err
		}
	}
	return nil
}

// Status of a whole response (RFC 6960 §4.2.1).
type ResponseStatus int

// The response statuses; 4 is not used.
const (
	Successful       ResponseStatus = 0
	MalformedRequest ResponseStatus = 1
	InternalError    ResponseStatus = 2
	TryLater         ResponseStatus = 3
	SigRequired      ResponseStatus = 5
	Unauthorized     ResponseStatus = 6
)

func (s ResponseStatus) String() string {
	switch s {
	case Successful:
		return "successful"
	case MalformedRequest:
		return "malformedRequest"
	case InternalError:
		return "internalError"
	case TryLater:
		return "tryLater"
	case SigRequired:
		return "sigRequired"
	case Unauthorized:
		return "unauthorized"
	}
	return fmt.Sprintf("status %d", int(s))
}

// CertStatus of one certificate.
type CertStatus int

// The statuses of RFC 6960 §2.2.
const (
	Good CertStatus = iota
	Revoked
	Unknown
)

// Single is the answer for one certificate.
type Single struct {
	ID            CertID
	Status        CertStatus
	RevokedAt     time.Time
	Reason        int // CRLReason, -1: none given
	ThisUpdate    time.Time
	NextUpdate    time.Time // zero: newer information is always available
	ArchiveCutoff time.Time // zero: none
}

// Response is a parsed response. Only Status is set unless that is Successful.
type Response struct {
	Raw           []byte
	Status        ResponseStatus
	ProducedAt    time.Time
	ResponderName []byte // raw Name; nil when the responder is named by key
	ResponderKey  []byte // SHA-1 of its public key bits
	Singles       []Single
	Nonce         []byte
	Certificates  [][]byte
	TBS           []byte
	Algorithm     sigalg.AlgorithmIdentifier
	Signature     []byte
}

// Parse reads a response.
func Parse(der []byte) (*Response, error) {
	if len(der) > maxResponse {
		return nil, malformed("response larger than 4 MiB")
	}
	in := cryptobyte.String(der)
	var outer cryptobyte.String
	var status int
	if !in.ReadASN1(&outer, asn1.SEQUENCE) || !in.Empty() || !outer.ReadASN1Enum(&status) {
		return nil, malformed("response")
	}
	r := &Response{Raw: der, Status: ResponseStatus(status)}
	if r.Status != Successful {
		return r, nil
	}
	var bytes, seq, oid, basic cryptobyte.String
	if !outer.ReadASN1(&bytes, asn1.Tag(0).ContextSpecific().Constructed()) || !bytes.ReadASN1(&seq, asn1.SEQUENCE) ||
		!seq.ReadASN1(&oid, asn1.OBJECT_IDENTIFIER) || !seq.ReadASN1(&basic, asn1.OCTET_STRING) {
		return nil, malformed("response bytes")
	}
	if name, _ := sigalg.DecodeOID(oid); name != oidBasic {
		return nil, malformed("response type " + name)
	}
	return r, r.basic(basic)
}

// ParseBasic reads a bare BasicOCSPResponse, as CMS carries them, and wraps it into the response that it belongs to.
func ParseBasic(der []byte) (*Response, error) { return Parse(Wrap(der)) }

// Wrap puts a bare BasicOCSPResponse into a successful response.
func Wrap(basic []byte) []byte {
	var b cryptobyte.Builder
	wrapInto(&b, basic)
	return b.BytesOrPanic()
}

func wrapInto(b *cryptobyte.Builder, basic []byte) {
	b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1Enum(int64(Successful))
		b.AddASN1(asn1.Tag(0).ContextSpecific().Constructed(), func(b *cryptobyte.Builder) {
			b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
				b.AddASN1(asn1.OBJECT_IDENTIFIER, func(b *cryptobyte.Builder) { b.AddBytes(sigalg.EncodeOID(oidBasic)) })
				b.AddASN1OctetString(basic)
			})
		})
	})
}

func (r *Response) basic(der cryptobyte.String) error {
	var outer, tbs, alg, sig cryptobyte.String
	if !der.ReadASN1(&outer, asn1.SEQUENCE) || !der.Empty() || !outer.ReadASN1Element(&tbs, asn1.SEQUENCE) ||
		!outer.ReadASN1Element(&alg, asn1.SEQUENCE) || !outer.ReadASN1(&sig, asn1.BIT_STRING) || len(sig) < 1 || sig[0] != 0 {
		return malformed("basic response")
	}
	r.TBS, r.Signature = tbs, sig[1:]
	var err error
	if r.Algorithm, err = sigalg.ParseAlgorithm(alg); err != nil {
		return malformed("signature algorithm")
	}
	var certs, list cryptobyte.String
	var has bool
	if !outer.ReadOptionalASN1(&certs, &has, asn1.Tag(0).ContextSpecific().Constructed()) {
		return malformed("certificates")
	}
	if has {
		if !certs.ReadASN1(&list, asn1.SEQUENCE) {
			return malformed("certificates")
		}
		for !list.Empty() {
			var c cryptobyte.String
			if len(r.Certificates) >= maxCerts || !list.ReadASN1Element(&c, asn1.SEQUENCE) {
				return malformed("certificates")
			}
			r.Certificates = append(r.Certificates, c)
		}
	}
	return r.data(tbs)
}

func (r *Response) data(tbs cryptobyte.String) error {
	var in, id, list cryptobyte.String
	if !tbs.ReadASN1(&in, asn1.SEQUENCE) || !in.SkipOptionalASN1(asn1.Tag(0).ContextSpecific().Constructed()) {
		return malformed("response data")
	}
	var byName, byKey bool
	if !in.ReadOptionalASN1(&id, &byName, asn1.Tag(1).ContextSpecific().Constructed()) {
		return malformed("responder")
	}
	if byName {
		r.ResponderName = id
	} else {
		var key cryptobyte.String
		if !in.ReadOptionalASN1(&id, &byKey, asn1.Tag(2).ContextSpecific().Constructed()) || !byKey || !id.ReadASN1(&key, asn1.OCTET_STRING) {
			return malformed("responder")
		}
		r.ResponderKey = key
	}
	if !in.ReadASN1GeneralizedTime(&r.ProducedAt) || !in.ReadASN1(&list, asn1.SEQUENCE) {
		return malformed("response data")
	}
	for !list.Empty() {
		s, err := readSingle(&list)
		if err != nil {
			return err
		}
		if r.Singles = append(r.Singles, s); len(r.Singles) > maxSingles {
			return malformed("too many answers in one response")
		}
	}
	var ext cryptobyte.String
	var has bool
	if !in.ReadOptionalASN1(&ext, &has, asn1.Tag(1).ContextSpecific().Constructed()) {
		return malformed("response extensions")
	}
	if !has {
		return nil
	}
	return eachExtension(ext, func(oid string, value []byte) error {
		if oid == oidNonce {
			r.Nonce, _ = readNonce(value)
		}
		return nil
	})
}

func readSingle(list *cryptobyte.String) (s Single, err error) {
	s.Reason = -1
	var in cryptobyte.String
	if !list.ReadASN1(&in, asn1.SEQUENCE) {
		return s, malformed("answer")
	}
	var ok bool
	if s.ID, ok = readCertID(&in); !ok {
		return s, malformed("CertID")
	}
	var value cryptobyte.String
	var tag asn1.Tag
	if !in.ReadAnyASN1(&value, &tag) {
		return s, malformed("certificate status")
	}
	switch tag {
	case asn1.Tag(0).ContextSpecific():
		s.Status = Good
	case asn1.Tag(1).ContextSpecific().Constructed():
		s.Status = Revoked
		if !value.ReadASN1GeneralizedTime(&s.RevokedAt) {
			return s, malformed("revocation time")
		}
		var reason cryptobyte.String
		var has bool
		if !value.ReadOptionalASN1(&reason, &has, asn1.Tag(0).ContextSpecific().Constructed()) || has && !reason.ReadASN1Enum(&s.Reason) {
			return s, malformed("revocation reason")
		}
	case asn1.Tag(2).ContextSpecific():
		s.Status = Unknown
	default:
		return s, malformed("certificate status")
	}
	if !in.ReadASN1GeneralizedTime(&s.ThisUpdate) {
		return s, malformed("thisUpdate")
	}
	var next, ext cryptobyte.String
	var has bool
	if !in.ReadOptionalASN1(&next, &has, asn1.Tag(0).ContextSpecific().Constructed()) || has && !next.ReadASN1GeneralizedTime(&s.NextUpdate) {
		return s, malformed("nextUpdate")
	}
	if !in.ReadOptionalASN1(&ext, &has, asn1.Tag(1).ContextSpecific().Constructed()) {
		return s, malformed("answer extensions")
	}
	if has {
		err = eachExtension(ext, func(oid string, value []byte) error {
			if oid == oidArchiveCutoff {
				v := cryptobyte.String(value)
				if !v.ReadASN1GeneralizedTime(&s.ArchiveCutoff) {
					return malformed("archive cutoff")
				}
			}
			return nil
		})
	}
	return s, err
}

// Find returns the answer for a certificate.
func (r *Response) Find(issuerSubject, issuerKeyBits []byte, serial *big.Int) (Single, bool) {
	for _, s := range r.Singles {
		if s.ID.Names(issuerSubject, issuerKeyBits, serial) {
			return s, true
		}
	}
	return Single{}, false
}

// VerifySignature checks the signature of the response under a key.
func (r *Response) VerifySignature(pub crypto.PublicKey) error {
	h, _ := sigalg.SignatureHash(r.Algorithm)
	return sigalg.Verify(pub, r.Algorithm, h, r.TBS, r.Signature)
}

// NamedBy reports whether the responder names itself with this subject or key.
func (r *Response) NamedBy(subject, keyBits []byte) bool {
	if r.ResponderName != nil {
		return string(r.ResponderName) == string(subject)
	}
	sum := sha1.Sum(keyBits)
	return subtle.ConstantTimeCompare(sum[:], r.ResponderKey) == 1
}
