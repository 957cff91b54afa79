package ocsp

import (
	"math/big"
	"time"

	"absah/internal/sigalg"
)

// Writing is done here by appending: a responder signs thousands of answers a second, and the nested closures of a cryptobyte.Builder
// cost a tenth of a P-256 signature.

const (
	tagInteger     = 0x02
	tagBitString   = 0x03
	tagOctetString = 0x04
	tagOID         = 0x06
	tagEnumerated  = 0x0a
	tagTime        = 0x18 // GeneralizedTime
	tagSequence    = 0x30
	tagImplicit    = 0x80 // context-specific, primitive
	tagExplicit    = 0xa0 // context-specific, constructed
)

// tlv is one element around the parts.
func tlv(tag byte, parts ...[]byte) []byte {
	n := 0
	for _, p := range parts {
		n += len(p)
	}
	b := append(make([]byte, 0, n+6), tag)
	switch {
	case n < 0x80:
		b = append(b, byte(n))
	case n < 0x100:
		b = append(b, 0x81, byte(n))
	case n < 0x10000:
		b = append(b, 0x82, byte(n>>8), byte(n))
	case n < 0x1000000:
		b = append(b, 0x83, byte(n>>16), byte(n>>8), byte(n))
	default:
		b = append(b, 0x84, byte(n>>24), byte(n>>16), byte(n>>8), byte(n))
	}
	for _, p := range parts {
		b = append(b, p...)
	}
	return b
}

func oid(dotted string) []byte { return tlv(tagOID, sigalg.EncodeOID(dotted)) }

// integer is an INTEGER in two's complement with no superfluous octet (X.690 §8.3.2).
func integer(n *big.Int) []byte {
	switch n.Sign() {
	case 0:
		return []byte{tagInteger, 1, 0}
	case 1:
		b := n.Bytes()
		if b[0]&0x80 != 0 {
			return tlv(tagInteger, []byte{0}, b)
		}
		return tlv(tagInteger, b)
	}
	// Foreign certificates have negative serials now and then. -1-n has the inverted bits of n.
	b := new(big.Int).Not(n).Bytes()
	for i := range b {
		b[i] = ^b[i]
	}
	if len(b) == 0 || b[0]&0x80 == 0 {
		return tlv(tagInteger, []byte{0xff}, b)
	}
	return tlv(tagInteger, b)
}

// generalizedTime is without fractions (RFC 5280 §4.1.2.5.2). It is nil for a time outside the years that four digits hold.
func generalizedTime(t time.Time) []byte {
	t = t.UTC()
	if y := t.Year(); y < 1 || y > 9999 || t.IsZero() {
		return nil
	}
	return append([]byte{tagTime, 15}, t.Format("20060102150405Z")...)
}

// extension is one that is not critical.
func extension(name []byte, value []byte) []byte {
	return tlv(tagSequence, name, tlv(tagOctetString, value))
}

func nonceExtension(nonce []byte) []byte { return extension(nonceOID, tlv(tagOctetString, nonce)) }

var (
	basicOID          = oid(oidBasic)
	nonceOID          = oid(oidNonce)
	archiveCutoffOID  = oid(oidArchiveCutoff)
	extendedRevokeOID = oid(oidExtendedRevoke)
)

// der is the CertID as read, or its encoding. AlgorithmIdentifiers of hashes carry NULL here, as every client writes them.
func (c CertID) der() ([]byte, error) {
	if c.Raw != nil {
		return c.Raw, nil
	}
	name := sigalg.HashOID(c.Hash)
	if c.Serial == nil || name == "" {
		return nil, errCertID
	}
	alg := tlv(tagSequence, oid(name), []byte{5, 0})
	return tlv(tagSequence, alg, tlv(tagOctetString, c.IssuerNameHash), tlv(tagOctetString, c.IssuerKeyHash), integer(c.Serial)), nil
}
