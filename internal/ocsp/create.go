package ocsp

import (
	"crypto"
	"crypto/sha1"
	"errors"
	"fmt"
	"io"
	"time"

	"absah/internal/sigalg"
)

// Template is a response to be signed. ProducedAt, a responder, and for each of Singles its ID and ThisUpdate are required.
type Template struct {
	ProducedAt    time.Time
	ResponderKey  []byte // public key bits of the responder: it names itself by their hash
	ResponderName []byte // raw subject of the responder: it names itself by that instead; nil: by key
	Singles       []Single
	Nonce         []byte   // of the request, echoed; nil: none
	Certificates  [][]byte // the delegated responder's certificate; empty when the issuer itself signs
	Hash          crypto.Hash

	// ExtendedRevoke says that "revoked" may also mean "never issued" here; it must be set when an answer does (RFC 6960 §4.4.8).
	ExtendedRevoke bool
}

// Create signs a response. Times are cut to seconds.
func Create(rand io.Reader, t Template, signer crypto.Signer) ([]byte, error) {
	tbs, err := t.data()
	if err != nil {
		return nil, err
	}
	sig, alg, err := sigalg.Sign(rand, signer, sigalg.Scheme{Hash: t.Hash}, tbs)
	if err != nil {
		return nil, err
	}
	var certs []byte
	if len(t.Certificates) > 0 {
		certs = tlv(tagExplicit, tlv(tagSequence, t.Certificates...))
	}
	return Wrap(tlv(tagSequence, tbs, alg.Raw, tlv(tagBitString, []byte{0}, sig), certs)), nil
}

// data is the ResponseData, which is signed.
func (t *Template) data() ([]byte, error) {
	if len(t.Singles) == 0 {
		return nil, errors.New("an OCSP response needs an answer")
	}
	produced := generalizedTime(t.ProducedAt)
	if produced == nil {
		return nil, fmt.Errorf("an OCSP response cannot be produced at %v", t.ProducedAt)
	}
	responder := t.ResponderName
	switch {
	case responder != nil:
		responder = tlv(tagExplicit+1, responder)
	case t.ResponderKey != nil:
		sum := sha1.Sum(t.ResponderKey)
		responder = tlv(tagExplicit+2, tlv(tagOctetString, sum[:]))
	default:
		return nil, errors.New("an OCSP response needs the key or the name of its responder")
	}
	var singles, extensions []byte
	for i := range t.Singles {
		s, err := t.Singles[i].der()
		if err != nil {
			return nil, err
		}
		singles = append(singles, s...)
	}
	if t.Nonce != nil {
		if len(t.Nonce) == 0 || len(t.Nonce) > maxNonce {
			return nil, errors.New("an OCSP nonce has 1 to 128 octets") // RFC 9654 §2.1
		}
		extensions = nonceExtension(t.Nonce)
	}
	if t.ExtendedRevoke {
		extensions = append(extensions, extension(extendedRevokeOID, []byte{5, 0})...)
	}
	if extensions != nil {
		extensions = tlv(tagExplicit+1, tlv(tagSequence, extensions))
	}
	return tlv(tagSequence, responder, produced, tlv(tagSequence, singles), extensions), nil
}

// maxReason is the last CRLReason, aACompromise (RFC 5280 §5.3.1).
const maxReason = 10

func (s *Single) der() ([]byte, error) {
	id, err := s.ID.der()
	if err != nil {
		return nil, err
	}
	this := generalizedTime(s.ThisUpdate)
	if this == nil {
		return nil, fmt.Errorf("an OCSP answer cannot be of %v", s.ThisUpdate)
	}
	var status, next, cutoff []byte
	switch s.Status {
	case Good:
		status = []byte{tagImplicit, 0}
	case Revoked:
		at := generalizedTime(s.RevokedAt)
		if at == nil {
			return nil, fmt.Errorf("a certificate cannot be revoked at %v", s.RevokedAt)
		}
		var reason []byte
		if s.Reason > maxReason {
			return nil, fmt.Errorf("CRL reason %d does not exist", s.Reason)
		}
		if s.Reason > 0 { // RFC 5280 §5.3.1: "unspecified" is said by leaving the reason out
			reason = tlv(tagExplicit, []byte{tagEnumerated, 1, byte(s.Reason)})
		}
		status = tlv(tagExplicit+1, at, reason)
	case Unknown:
		status = []byte{tagImplicit + 2, 0}
	default:
		return nil, fmt.Errorf("certificate status %d does not exist", s.Status)
	}
	if !s.NextUpdate.IsZero() {
		at := generalizedTime(s.NextUpdate)
		if at == nil || s.NextUpdate.Before(s.ThisUpdate) {
			return nil, fmt.Errorf("the update after %v cannot be at %v", s.ThisUpdate, s.NextUpdate)
		}
		next = tlv(tagExplicit, at)
	}
	if !s.ArchiveCutoff.IsZero() {
		at := generalizedTime(s.ArchiveCutoff)
		if at == nil {
			return nil, fmt.Errorf("an archive cannot begin at %v", s.ArchiveCutoff)
		}
		cutoff = tlv(tagExplicit+1, tlv(tagSequence, extension(archiveCutoffOID, at)))
	}
	return tlv(tagSequence, id, status, this, next, cutoff), nil
}

// Wrap puts a bare BasicOCSPResponse into a successful response.
func Wrap(basic []byte) []byte {
	return tlv(tagSequence, []byte{tagEnumerated, 1, byte(Successful)}, tlv(tagExplicit, tlv(tagSequence, basicOID, tlv(tagOctetString, basic))))
}

// ErrorResponse is the response for a request that gets no answer.
func ErrorResponse(s ResponseStatus) []byte { return []byte{tagSequence, 3, tagEnumerated, 1, byte(s)} }
