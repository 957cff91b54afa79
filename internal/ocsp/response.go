package ocsp

import (
	"bytes"
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

// ResponseStatus is the status of a whole response (RFC 6960 §4.2.1).
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

// Response is a parsed response. Only Raw and Status are set unless Status is Successful.
type Response struct {
	Raw            []byte
	Status         ResponseStatus
	ProducedAt     time.Time
	ResponderName  []byte // raw Name; nil when the responder is named by key
	ResponderKey   []byte // SHA-1 of its public key bits; nil when it is named by name
	Singles        []Single
	Nonce          []byte
	ExtendedRevoke bool     // "revoked" may mean "never issued" (RFC 6960 §4.4.8)
	Certificates   [][]byte // exact bytes
	TBS            []byte   // exact bytes of the ResponseData, which is signed
	Algorithm      sigalg.AlgorithmIdentifier
	Signature      []byte
}

// Parse reads a response. Errors match ErrMalformed; a status other than Successful is none.
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
	if !outer.ReadASN1(&bytes, explicit(0)) || !outer.Empty() || !bytes.ReadASN1(&seq, asn1.SEQUENCE) || !bytes.Empty() ||
		!seq.ReadASN1(&oid, asn1.OBJECT_IDENTIFIER) || !seq.ReadASN1(&basic, asn1.OCTET_STRING) || !seq.Empty() {
		return nil, malformed("response bytes")
	}
	if name, _ := sigalg.DecodeOID(oid); name != oidBasic {
		return nil, malformed("response type " + name)
	}
	if err := r.basic(basic); err != nil {
		return nil, err
	}
	return r, nil
}

// ParseBasic reads a bare BasicOCSPResponse, as CMS carries them, and wraps it into the response that it belongs to.
func ParseBasic(der []byte) (*Response, error) { return Parse(Wrap(der)) }

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
	if !outer.ReadOptionalASN1(&certs, &has, explicit(0)) || !outer.Empty() {
		return malformed("certificates")
	}
	if has {
		if !certs.ReadASN1(&list, asn1.SEQUENCE) || !certs.Empty() {
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
	var in, id, key, list cryptobyte.String
	var version int64
	if !tbs.ReadASN1(&in, asn1.SEQUENCE) || !in.ReadOptionalASN1Integer(&version, explicit(0), int64(0)) || version != 0 {
		return malformed("version of the response")
	}
	switch {
	case in.PeekASN1Tag(explicit(1)):
		var name cryptobyte.String
		if !in.ReadASN1(&id, explicit(1)) || !id.ReadASN1Element(&name, asn1.SEQUENCE) || !id.Empty() {
			return malformed("name of the responder")
		}
		r.ResponderName = name
	case !in.ReadASN1(&id, explicit(2)) || !id.ReadASN1(&key, asn1.OCTET_STRING) || !id.Empty():
		return malformed("key of the responder")
	default:
		r.ResponderKey = key
	}
	if !in.ReadASN1GeneralizedTime(&r.ProducedAt) || !in.ReadASN1(&list, asn1.SEQUENCE) {
		return malformed("response data")
	}
	for !list.Empty() {
		if len(r.Singles) >= maxSingles {
			return malformed("too many answers in one response")
		}
		s, err := readSingle(&list)
		if err != nil {
			return err
		}
		r.Singles = append(r.Singles, s)
	}
	err := readExtensions(&in, 1, func(oid string, value []byte) (bool, error) {
		switch oid {
		case oidNonce:
			// Responders older than RFC 9654 wrap a nonce as they like; one that cannot be read can still not be the one sent.
			r.Nonce, _ = readNonce(value)
			if r.Nonce == nil {
				r.Nonce = value
			}
		case oidExtendedRevoke:
			r.ExtendedRevoke = true
		default:
			return false, nil
		}
		return true, nil
	})
	if err == nil && !in.Empty() {
		err = malformed("response data")
	}
	return err
}

func readSingle(list *cryptobyte.String) (s Single, err error) {
	s.Reason = -1
	var in, value cryptobyte.String
	if !list.ReadASN1(&in, asn1.SEQUENCE) {
		return s, malformed("answer")
	}
	var ok bool
	if s.ID, ok = readCertID(&in); !ok {
		return s, malformed("CertID")
	}
	var tag asn1.Tag
	if !in.ReadAnyASN1(&value, &tag) {
		return s, malformed("certificate status")
	}
	switch tag {
	case asn1.Tag(0).ContextSpecific():
		s.Status = Good
	case explicit(1):
		s.Status = Revoked
		if !value.ReadASN1GeneralizedTime(&s.RevokedAt) {
			return s, malformed("revocation time")
		}
		var reason cryptobyte.String
		var has bool
		if !value.ReadOptionalASN1(&reason, &has, explicit(0)) || has && (!reason.ReadASN1Enum(&s.Reason) || !reason.Empty()) {
			return s, malformed("revocation reason")
		}
	case asn1.Tag(2).ContextSpecific():
		s.Status = Unknown
	default:
		return s, malformed("certificate status")
	}
	if tag != explicit(1) && len(value) != 0 || tag == explicit(1) && !value.Empty() {
		return s, malformed("certificate status")
	}
	var next cryptobyte.String
	var has bool
	if !in.ReadASN1GeneralizedTime(&s.ThisUpdate) {
		return s, malformed("thisUpdate")
	}
	if !in.ReadOptionalASN1(&next, &has, explicit(0)) || has && (!next.ReadASN1GeneralizedTime(&s.NextUpdate) || !next.Empty()) {
		return s, malformed("nextUpdate")
	}
	err = readExtensions(&in, 1, func(oid string, value []byte) (bool, error) {
		v := cryptobyte.String(value)
		switch oid {
		case oidArchiveCutoff:
			if !v.ReadASN1GeneralizedTime(&s.ArchiveCutoff) || !v.Empty() {
				return false, malformed("archive cutoff")
			}
		case oidReasonCode:
			var reason int
			if !v.ReadASN1Enum(&reason) || !v.Empty() {
				return false, malformed("revocation reason")
			}
			if s.Status == Revoked && s.Reason < 0 {
				s.Reason = reason
			}
		default:
			return false, nil
		}
		return true, nil
	})
	if err == nil && !in.Empty() {
		err = malformed("answer")
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

// Errors of Answers.
var (
	ErrOtherNonce       = errors.New("the OCSP answer carries another nonce than the request; it may be an old one")
	ErrOtherCertificate = errors.New("the OCSP answer is about another certificate than the one asked about")
)

// Answers tells whether a successful response is one to this request: it speaks about every certificate in it and carries no other
// nonce. A response without nonce is accepted, because responders may leave it out (RFC 6960 §4.4.1). The signature is not looked at.
func (r *Response) Answers(q *Request) error {
	if q.Nonce != nil && r.Nonce != nil && !bytes.Equal(q.Nonce, r.Nonce) {
		return ErrOtherNonce
	}
ids:
	for _, id := range q.IDs {
		for i := range r.Singles {
			if r.Singles[i].ID.same(id) {
				continue ids
			}
		}
		return ErrOtherCertificate
	}
	return nil
}

// VerifySignature checks the signature of the response under a key.
func (r *Response) VerifySignature(pub crypto.PublicKey) error {
	h, _ := sigalg.SignatureHash(r.Algorithm)
	return sigalg.Verify(pub, r.Algorithm, h, r.TBS, r.Signature)
}

// NamedBy reports whether the responder names itself with this subject or key.
func (r *Response) NamedBy(subject, keyBits []byte) bool {
	if r.ResponderName != nil {
		return bytes.Equal(r.ResponderName, subject)
	}
	sum := sha1.Sum(keyBits)
	return subtle.ConstantTimeCompare(sum[:], r.ResponderKey) == 1
}
