package tsp

import (
	"crypto"
	"errors"
	"fmt"

	"absah/internal/sigalg"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"
)

// Bounds on messages.
const (
	maxRequest    = 64 << 10
	maxResponse   = 1 << 20 // a token with its chain is a few kilobytes
	maxExtensions = 64
	maxText       = 1000 // octets of what an authority says beside its status; a person reads it
)

// ErrMalformed is matched by every error about bytes that are no time-stamp message. Bytes that are no CMS at all give the error of the CMS
// parser instead.
var ErrMalformed = errors.New("malformed time-stamp message")

func malformed(what string) error { return fmt.Errorf("%w: %s", ErrMalformed, what) }

// Extension of a request or a TSTInfo, as in RFC 5280 §4.2.
type Extension struct {
	OID      string
	Critical bool
	Value    []byte // content of the OCTET STRING
}

// readExtensions reads the optional [tag] IMPLICIT Extensions at the beginning of s.
func readExtensions(s *cryptobyte.String, tag asn1.Tag) ([]Extension, error) {
	var list cryptobyte.String
	var has bool
	if !s.ReadOptionalASN1(&list, &has, tag.ContextSpecific().Constructed()) {
		return nil, malformed("extensions")
	}
	var out []Extension
	for !list.Empty() {
		var one, value cryptobyte.String
		var e Extension
		if len(out) >= maxExtensions || !list.ReadASN1(&one, asn1.SEQUENCE) {
			return nil, malformed("extensions")
		}
		var ok bool
		if e.OID, ok = readOID(&one); !ok || one.PeekASN1Tag(asn1.BOOLEAN) && !one.ReadASN1Boolean(&e.Critical) ||
			!one.ReadASN1(&value, asn1.OCTET_STRING) || !one.Empty() {
			return nil, malformed("extension")
		}
		e.Value = value
		for _, other := range out {
			if other.OID == e.OID {
				return nil, malformed("extension " + e.OID + " occurs twice")
			}
		}
		out = append(out, e)
	}
	return out, nil
}

func addExtensions(b *cryptobyte.Builder, tag asn1.Tag, list []Extension) {
	if len(list) == 0 {
		return
	}
	b.AddASN1(tag.ContextSpecific().Constructed(), func(b *cryptobyte.Builder) {
		for _, e := range list {
			b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
				addOID(b, e.OID)
				if e.Critical {
					b.AddASN1Boolean(true)
				}
				b.AddASN1OctetString(e.Value)
			})
		}
	})
}

func addOID(b *cryptobyte.Builder, oid string) {
	content := sigalg.EncodeOID(oid)
	if content == nil {
		b.SetError(fmt.Errorf("%q is not an object identifier", oid))
		return
	}
	b.AddASN1(asn1.OBJECT_IDENTIFIER, func(b *cryptobyte.Builder) { b.AddBytes(content) })
}

func readOID(s *cryptobyte.String) (string, bool) {
	var oid cryptobyte.String
	if !s.ReadASN1(&oid, asn1.OBJECT_IDENTIFIER) {
		return "", false
	}
	return sigalg.DecodeOID(oid)
}

// addImprint writes a MessageImprint. oid serves when h is not known.
func addImprint(b *cryptobyte.Builder, h crypto.Hash, oid string, digest []byte) {
	if known := sigalg.HashOID(h); known != "" {
		oid = known
	}
	b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
			addOID(b, oid)
			b.AddASN1NULL() // what authorities and validators write and expect here
		})
		b.AddASN1OctetString(digest)
	})
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
