package ocsp

import (
	"errors"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"
)

// Request is a parsed request. Who asks, and a signature of the one who asks, are not looked at: nobody here answers some and not others.
type Request struct {
	IDs   []CertID
	Nonce []byte // nil: none
}

// NonceSize is the length of a nonce to send (RFC 9654 §2.1).
const NonceSize = 32

var errCertID = errors.New("a CertID needs a serial number and a known hash")

// NewRequest makes a request for one or more certificates. nonce should be NonceSize random octets; nil sends none, so that the responder
// may answer with what it signed already. The length is not checked: responders are tried with wrong ones.
func NewRequest(ids []CertID, nonce []byte) ([]byte, error) {
	if len(ids) == 0 {
		return nil, errors.New("an OCSP request needs a certificate to ask about")
	}
	var list []byte
	for _, id := range ids {
		raw, err := id.der()
		if err != nil {
			return nil, err
		}
		list = append(list, tlv(tagSequence, raw)...)
	}
	var extensions []byte
	if nonce != nil {
		extensions = tlv(tagExplicit+2, tlv(tagSequence, nonceExtension(nonce)))
	}
	return tlv(tagSequence, tlv(tagSequence, tlv(tagSequence, list), extensions)), nil
}

// ParseRequest reads a request. Every error matches ErrMalformed, for which the answer is MalformedRequest.
func ParseRequest(der []byte) (*Request, error) {
	if len(der) > maxRequest {
		return nil, malformed("request larger than 64 KiB")
	}
	in := cryptobyte.String(der)
	var outer, tbs, list cryptobyte.String
	if !in.ReadASN1(&outer, asn1.SEQUENCE) || !in.Empty() || !outer.ReadASN1(&tbs, asn1.SEQUENCE) ||
		!outer.SkipOptionalASN1(explicit(0)) || !outer.Empty() { // [0]: optionalSignature
		return nil, malformed("request")
	}
	var version int64
	if !tbs.ReadOptionalASN1Integer(&version, explicit(0), int64(0)) || version != 0 {
		return nil, malformed("version of the request")
	}
	if !tbs.SkipOptionalASN1(explicit(1)) || !tbs.ReadASN1(&list, asn1.SEQUENCE) { // [1]: requestorName
		return nil, malformed("request list")
	}
	r := &Request{}
	ignore := func(string, []byte) (bool, error) { return false, nil }
	for !list.Empty() {
		if len(r.IDs) >= maxSingles {
			return nil, malformed("too many certificates in one request")
		}
		var one cryptobyte.String
		if !list.ReadASN1(&one, asn1.SEQUENCE) {
			return nil, malformed("request")
		}
		id, ok := readCertID(&one)
		if !ok {
			return nil, malformed("CertID")
		}
		if err := readExtensions(&one, 0, ignore); err != nil {
			return nil, err
		}
		if !one.Empty() {
			return nil, malformed("request")
		}
		r.IDs = append(r.IDs, id)
	}
	if len(r.IDs) == 0 {
		return nil, malformed("request for no certificate")
	}
	err := readExtensions(&tbs, 2, func(oid string, value []byte) (bool, error) {
		if oid != oidNonce {
			return false, nil
		}
		n, ok := readNonce(value)
		if !ok {
			return false, malformed("nonce")
		}
		r.Nonce = n
		return true, nil
	})
	if err != nil {
		return nil, err
	}
	if !tbs.Empty() {
		return nil, malformed("request")
	}
	return r, nil
}
