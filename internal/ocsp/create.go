package ocsp

import (
	"crypto"
	"crypto/sha1"
	"errors"
	"io"
	"time"

	"absah/internal/sigalg"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"
)

// Template is a response to be signed.
type Template struct {
	ProducedAt   time.Time
	ResponderKey []byte // public key bits of the responder: it names itself by their hash
	Singles      []Single
	Nonce        []byte   // echoed; nil: none
	Certificates [][]byte // the delegated responder's certificate; empty when the issuer itself signs
	Hash         crypto.Hash
}

// Create signs a response.
func Create(rand io.Reader, t Template, signer crypto.Signer) ([]byte, error) {
	if len(t.Singles) == 0 {
		return nil, errors.New("an OCSP response needs an answer")
	}
	key := sha1.Sum(t.ResponderKey)
	var b cryptobyte.Builder
	b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1(asn1.Tag(2).ContextSpecific().Constructed(), func(b *cryptobyte.Builder) { b.AddASN1OctetString(key[:]) })
		b.AddASN1GeneralizedTime(t.ProducedAt.UTC().Truncate(time.Second))
		b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
			for _, s := range t.Singles {
				s.marshal(b)
			}
		})
		if t.Nonce != nil {
			b.AddASN1(asn1.Tag(1).ContextSpecific().Constructed(), func(b *cryptobyte.Builder) {
				b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) { addNonce(b, t.Nonce) })
			})
		}
	})
	tbs, err := b.Bytes()
	if err != nil {
		return nil, err
	}
	sig, alg, err := sigalg.Sign(rand, signer, sigalg.Scheme{Hash: t.Hash}, tbs)
	if err != nil {
		return nil, err
	}
	var basic cryptobyte.Builder
	basic.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddBytes(tbs)
		b.AddBytes(alg.Raw)
		b.AddASN1BitString(sig)
		if len(t.Certificates) > 0 {
			b.AddASN1(asn1.Tag(0).ContextSpecific().Constructed(), func(b *cryptobyte.Builder) {
				b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
					for _, c := range t.Certificates {
						b.AddBytes(c)
					}
				})
			})
		}
	})
	body, err := basic.Bytes()
	if err != nil {
		return nil, err
	}
	return Wrap(body), nil
}

func (s Single) marshal(b *cryptobyte.Builder) {
	b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		s.ID.marshal(b)
		switch s.Status {
		case Good:
			b.AddASN1(asn1.Tag(0).ContextSpecific(), func(*cryptobyte.Builder) {})
		case Revoked:
			b.AddASN1(asn1.Tag(1).ContextSpecific().Constructed(), func(b *cryptobyte.Builder) {
				b.AddASN1GeneralizedTime(s.RevokedAt.UTC().Truncate(time.Second))
				if s.Reason > 0 { // RFC 5280 §5.3.1: "unspecified" is said by leaving the reason out
					b.AddASN1(asn1.Tag(0).ContextSpecific().Constructed(), func(b *cryptobyte.Builder) { b.AddASN1Enum(int64(s.Reason)) })
				}
			})
		default:
			b.AddASN1(asn1.Tag(2).ContextSpecific(), func(*cryptobyte.Builder) {})
		}
		b.AddASN1GeneralizedTime(s.ThisUpdate.UTC().Truncate(time.Second))
		if !s.NextUpdate.IsZero() {
			b.AddASN1(asn1.Tag(0).ContextSpecific().Constructed(), func(b *cryptobyte.Builder) {
				b.AddASN1GeneralizedTime(s.NextUpdate.UTC().Truncate(time.Second))
			})
		}
		if !s.ArchiveCutoff.IsZero() {
			b.AddASN1(asn1.Tag(1).ContextSpecific().Constructed(), func(b *cryptobyte.Builder) {
				b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
					b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
						b.AddASN1(asn1.OBJECT_IDENTIFIER, func(b *cryptobyte.Builder) { b.AddBytes(sigalg.EncodeOID(oidArchiveCutoff)) })
						b.AddASN1(asn1.OCTET_STRING, func(b *cryptobyte.Builder) {
							b.AddASN1GeneralizedTime(s.ArchiveCutoff.UTC().Truncate(time.Second))
						})
					})
				})
			})
		}
	})
}

// ErrorResponse is the response for a request that gets no answer.
func ErrorResponse(s ResponseStatus) []byte { return []byte{0x30, 3, 0x0a, 1, byte(s)} }
