package sigalg

import (
	"bytes"
	"crypto"
	"crypto/dsa" //lint:ignore SA1019 only to check old signatures
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/asn1"
	"math/big"
	"strconv"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// Largest keys that are computed with. Beyond them one verification would take seconds, which a hostile file could ask for many times.
const (
	maxRSABits = 16384
	maxDSABits = 4096
)

// A PSSPublicKey is an RSA key whose certificate says id-RSASSA-PSS: it may only be used for that (RFC 4055 §1.2).
type PSSPublicKey struct {
	*rsa.PublicKey
	Params []byte // DER of RSASSA-PSS-params that signatures must respect; nil = any
}

// Equal reports whether x is the same key under the same restriction.
func (k *PSSPublicKey) Equal(x crypto.PublicKey) bool {
	o, ok := x.(*PSSPublicKey)
	return ok && k.PublicKey.Equal(o.PublicKey) && bytes.Equal(k.Params, o.Params)
}

// ParsePublicKey reads a SubjectPublicKeyInfo. It returns *rsa.PublicKey, *PSSPublicKey, *ecdsa.PublicKey (P-224 to P-521),
// ed25519.PublicKey, *ecdh.PublicKey (X25519) or *dsa.PublicKey. A DSA key may come without parameters (RFC 3279 §2.3.2): P, Q and G
// are then nil and the caller takes them from the issuer. Known but unsupported keys give an *UnsupportedError with their name.
func ParsePublicKey(spki []byte) (crypto.PublicKey, error) {
	in := cryptobyte.String(spki)
	var seq, algDER cryptobyte.String
	var bits asn1.BitString
	if !in.ReadASN1(&seq, cbasn1.SEQUENCE) || !in.Empty() ||
		!seq.ReadASN1Element(&algDER, cbasn1.SEQUENCE) || !seq.ReadASN1BitString(&bits) || !seq.Empty() || bits.BitLength%8 != 0 {
		return nil, &SyntaxError{"SubjectPublicKeyInfo"}
	}
	alg, err := ParseAlgorithm(algDER)
	if err != nil {
		return nil, err
	}
	return ParseKey(alg, bits.Bytes)
}

// ParseKey is [ParsePublicKey] for a key whose algorithm and bits are already apart.
func ParseKey(alg AlgorithmIdentifier, key []byte) (crypto.PublicKey, error) {
	switch alg.OID {
	case oidRSA, "2.5.8.1.1":
		return parseRSA(key)
	case oidPSS:
		pub, err := parseRSA(key)
		if err != nil {
			return nil, err
		}
		if alg.Params != nil {
			if _, err := parsePSS(alg.Params); err != nil {
				return nil, err
			}
		}
		return &PSSPublicKey{pub, alg.Params}, nil
	case oidEC:
		return parseEC(alg.Params, key)
	case oidEd25519:
		if len(key) != ed25519.PublicKeySize {
			return nil, &SyntaxError{"Ed25519 public key"}
		}
		return ed25519.PublicKey(bytes.Clone(key)), nil
	case oidX25519:
		pub, err := ecdh.X25519().NewPublicKey(key)
		if err != nil {
			return nil, &SyntaxError{"X25519 public key"}
		}
		return pub, nil
	case oidDSA:
		return parseDSA(alg.Params, key)
	}
	return nil, &UnsupportedError{"public key", Name(alg)}
}

func parseRSA(key []byte) (*rsa.PublicKey, error) {
	in := cryptobyte.String(key)
	var seq cryptobyte.String
	n, e := new(big.Int), new(big.Int)
	if !in.ReadASN1(&seq, cbasn1.SEQUENCE) || !in.Empty() || !seq.ReadASN1Integer(n) || !seq.ReadASN1Integer(e) || !seq.Empty() || n.Sign() <= 0 || e.Sign() <= 0 {
		return nil, &SyntaxError{"RSA public key"}
	}
	if n.BitLen() > maxRSABits || e.BitLen() >= strconv.IntSize { // exponents above 32 bits are legal, if odd
		return nil, &UnsupportedError{"public key", "RSA with an oversized modulus or exponent"}
	}
	return &rsa.PublicKey{N: n, E: int(e.Int64())}, nil
}

var curves = map[string]elliptic.Curve{
	"1.3.132.0.33":        elliptic.P224(),
	"1.2.840.10045.3.1.7": elliptic.P256(),
	"1.3.132.0.34":        elliptic.P384(),
	"1.3.132.0.35":        elliptic.P521(),
}

func parseEC(params, key []byte) (*ecdsa.PublicKey, error) {
	in := cryptobyte.String(params)
	var content cryptobyte.String
	if !in.ReadASN1(&content, cbasn1.OBJECT_IDENTIFIER) || !in.Empty() {
		// Explicit curve parameters let the key's owner choose the group; RFC 5480 §2.1.1 forbids them.
		return nil, &UnsupportedError{"public key", "elliptic curve without a curve name"}
	}
	oid, ok := DecodeOID(content)
	if !ok {
		return nil, &SyntaxError{"curve name"}
	}
	curve := curves[oid]
	if curve == nil {
		return nil, &UnsupportedError{"curve", Name(AlgorithmIdentifier{OID: oid})}
	}
	if len(key) > 0 && key[0] != 4 {
		x, y := elliptic.UnmarshalCompressed(curve, key)
		if x == nil {
			return nil, &SyntaxError{"elliptic curve point"}
		}
		size := (curve.Params().BitSize + 7) / 8
		point := make([]byte, 1+2*size)
		point[0] = 4
		x.FillBytes(point[1 : 1+size])
		y.FillBytes(point[1+size:])
		key = point
	}
	pub, err := ecdsa.ParseUncompressedPublicKey(curve, key)
	if err != nil {
		return nil, &SyntaxError{"elliptic curve point"}
	}
	return pub, nil
}

func parseDSA(params, key []byte) (*dsa.PublicKey, error) {
	in := cryptobyte.String(key)
	pub := &dsa.PublicKey{Y: new(big.Int)}
	if !in.ReadASN1Integer(pub.Y) || !in.Empty() || pub.Y.Sign() <= 0 || pub.Y.BitLen() > maxDSABits {
		return nil, &SyntaxError{"DSA public key"}
	}
	if len(params) == 0 || bytes.Equal(params, asn1.NullBytes) {
		return pub, nil
	}
	in = params
	var seq cryptobyte.String
	pub.P, pub.Q, pub.G = new(big.Int), new(big.Int), new(big.Int)
	if !in.ReadASN1(&seq, cbasn1.SEQUENCE) || !in.Empty() || !seq.ReadASN1Integer(pub.P) || !seq.ReadASN1Integer(pub.Q) || !seq.ReadASN1Integer(pub.G) || !seq.Empty() {
		return nil, &SyntaxError{"DSA parameters"}
	}
	return pub, nil
}
