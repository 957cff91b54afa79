// Package ocsp reads and writes OCSP requests and responses (RFC 6960, nonce as in RFC 9654). It knows the codec and the
// signature value; who may sign for whom, and whether an answer is fresh, is judged by package trust.
//
// Parsing is strict DER: these messages come from programs, one or two round trips away, and what is signed must have one reading.
// Parsed values share memory with the input, which the caller must not change afterwards. Everything here is safe for concurrent use.
package ocsp

import (
	"bytes"
	"crypto"
	"crypto/subtle"
	"errors"
	"fmt"
	"math/big"
	"slices"

	"absah/internal/sigalg"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"
)

// Bounds on what is read.
const (
	maxRequest   = 64 << 10 // about 700 certificates
	maxResponse  = 4 << 20  // a response with its chain is a few kilobytes
	maxSingles   = 1000
	maxCerts     = 32
	maxNonce     = 128 // RFC 9654 §2.1
	maxExtension = 64
	maxSerial    = 128 // octets; RFC 5280 §4.1.2.2 allows 20, and a number of megabytes takes long to print and to compare
)

// Object identifiers of RFC 6960 §4.4 and of the CRL entry extension that may stand in an answer (§4.4.5).
const (
	oidBasic          = "1.3.6.1.5.5.7.48.1.1"
	oidNonce          = "1.3.6.1.5.5.7.48.1.2"
	oidArchiveCutoff  = "1.3.6.1.5.5.7.48.1.6"
	oidExtendedRevoke = "1.3.6.1.5.5.7.48.1.9"
	oidReasonCode     = "2.5.29.21"
)

// ErrMalformed is matched by every error about bytes that are no OCSP message, or none that can be understood.
var ErrMalformed = errors.New("malformed OCSP message")

func malformed(what string) error { return fmt.Errorf("%w: %s", ErrMalformed, what) }

// explicit is the tag [n] as RFC 6960 uses it around a value (EXPLICIT, or IMPLICIT of a SEQUENCE).
func explicit(n asn1.Tag) asn1.Tag { return n.ContextSpecific().Constructed() }

// CertID names a certificate (RFC 6960 §4.1.1).
type CertID struct {
	Hash           crypto.Hash // zero: a hash that is not known here
	IssuerNameHash []byte
	IssuerKeyHash  []byte
	Serial         *big.Int

	// Raw are the exact bytes as they were read. Create writes them as they are, so that a client finds what it asked about,
	// also under a hash that is not known here. Nil in one made by NewCertID.
	Raw []byte
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
	if c.Serial == nil || serial == nil || c.Serial.Cmp(serial) != 0 || !c.Hash.Available() {
		return false
	}
	w := NewCertID(c.Hash, issuerSubject, issuerKeyBits, serial)
	return subtle.ConstantTimeCompare(w.IssuerNameHash, c.IssuerNameHash) == 1 && subtle.ConstantTimeCompare(w.IssuerKeyHash, c.IssuerKeyHash) == 1
}

// same reports whether both may name one certificate: under one hash they must be equal, under two only the serials can be compared.
func (c CertID) same(d CertID) bool {
	if c.Serial == nil || d.Serial == nil || c.Serial.Cmp(d.Serial) != 0 {
		return false
	}
	return c.Hash != d.Hash || bytes.Equal(c.IssuerNameHash, d.IssuerNameHash) && bytes.Equal(c.IssuerKeyHash, d.IssuerKeyHash)
}

func readCertID(s *cryptobyte.String) (c CertID, ok bool) {
	var raw, seq, alg, name, key cryptobyte.String
	if !s.ReadASN1Element(&raw, asn1.SEQUENCE) {
		return c, false
	}
	c.Raw = raw
	c.Serial = new(big.Int)
	if !raw.ReadASN1(&seq, asn1.SEQUENCE) || !seq.ReadASN1Element(&alg, asn1.SEQUENCE) ||
		!seq.ReadASN1(&name, asn1.OCTET_STRING) || !seq.ReadASN1(&key, asn1.OCTET_STRING) ||
		len(seq) > maxSerial || !seq.ReadASN1Integer(c.Serial) || !seq.Empty() {
		return c, false
	}
	a, err := sigalg.ParseAlgorithm(alg)
	if err != nil {
		return c, false
	}
	c.Hash, _ = sigalg.HashOf(a.OID)
	c.IssuerNameHash, c.IssuerKeyHash = name, key
	return c, true
}

// readNonce reads the value of a nonce extension. RFC 9654 §2.1 refuses 0 and more than 128 octets.
func readNonce(value []byte) ([]byte, bool) {
	v := cryptobyte.String(value)
	var n cryptobyte.String
	if !v.ReadASN1(&n, asn1.OCTET_STRING) || !v.Empty() || len(n) == 0 || len(n) > maxNonce {
		return nil, false
	}
	return n, true
}

// readExtensions reads the optional [tag] EXPLICIT Extensions at the beginning of s. f says whether it understood an extension. One that
// nobody understands is ignored unless it is critical (RFC 6960 §4.4); one that occurs twice has no single reading.
func readExtensions(s *cryptobyte.String, tag asn1.Tag, f func(oid string, value []byte) (bool, error)) error {
	var outer, list cryptobyte.String
	var has bool
	if !s.ReadOptionalASN1(&outer, &has, explicit(tag)) {
		return malformed("extensions")
	}
	if !has {
		return nil
	}
	if !outer.ReadASN1(&list, asn1.SEQUENCE) || !outer.Empty() {
		return malformed("extensions")
	}
	var seen []string
	for !list.Empty() {
		var ext, id, value cryptobyte.String
		critical := false
		if len(seen) >= maxExtension || !list.ReadASN1(&ext, asn1.SEQUENCE) || !ext.ReadASN1(&id, asn1.OBJECT_IDENTIFIER) ||
			ext.PeekASN1Tag(asn1.BOOLEAN) && !ext.ReadASN1Boolean(&critical) || !ext.ReadASN1(&value, asn1.OCTET_STRING) || !ext.Empty() {
			return malformed("extension")
		}
		oid, ok := sigalg.DecodeOID(id)
		if !ok {
			return malformed("extension")
		}
		if slices.Contains(seen, oid) {
			return malformed("extension " + oid + " occurs twice")
		}
		seen = append(seen, oid)
		understood, err := f(oid, value)
		if err != nil {
			return err
		}
		if critical && !understood {
			return malformed("critical extension " + oid + " is not understood")
		}
	}
	return nil
}
