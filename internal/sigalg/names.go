package sigalg

import (
	"crypto"
	"crypto/dsa" //lint:ignore SA1019 only to check old signatures
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"fmt"
)

// names are human names of what is not composed from a family and a hash; also of what we know by name only.
var names = map[string]string{
	oidRSA:      "RSA PKCS#1 v1.5",
	"2.5.8.1.1": "RSA PKCS#1 v1.5",
	oidOAEP:     "RSAES-OAEP",
	oidMGF1:     "MGF1",
	oidPSS:      "RSASSA-PSS",
	oidDSA:      "DSA",
	oidEC:       "ECDSA",
	oidEd25519:  "Ed25519",
	oidEd448:    "Ed448",
	oidX25519:   "X25519",
	oidX448:     "X448",

	"1.2.840.113549.2.2":      "MD2",
	"1.2.840.113549.1.1.2":    "RSA PKCS#1 v1.5 with MD2",
	"2.16.840.1.101.3.4.2.11": "SHAKE128",
	"2.16.840.1.101.3.4.2.12": "SHAKE256",
	"2.16.840.1.101.3.4.2.17": "SHAKE128 of stated length",
	"2.16.840.1.101.3.4.2.18": "SHAKE256 of stated length",
	"1.3.6.1.5.5.7.6.30":      "RSASSA-PSS with SHAKE128",
	"1.3.6.1.5.5.7.6.31":      "RSASSA-PSS with SHAKE256",
	"1.3.6.1.5.5.7.6.32":      "ECDSA with SHAKE128",
	"1.3.6.1.5.5.7.6.33":      "ECDSA with SHAKE256",
	"2.16.840.1.101.3.4.3.17": "ML-DSA-44",
	"2.16.840.1.101.3.4.3.18": "ML-DSA-65",
	"2.16.840.1.101.3.4.3.19": "ML-DSA-87",
	"1.2.643.7.1.1.3.2":       "GOST R 34.10-2012 (256 bit)",
	"1.2.643.7.1.1.3.3":       "GOST R 34.10-2012 (512 bit)",
	"1.2.156.10197.1.501":     "SM2 with SM3",
	"0.4.0.127.0.7.1.1.4.1.3": "plain ECDSA (BSI TR-03111) with SHA-256",

	"1.2.840.10045.3.1.7":   "P-256",
	"1.3.132.0.33":          "P-224",
	"1.3.132.0.34":          "P-384",
	"1.3.132.0.35":          "P-521",
	"1.3.132.0.10":          "secp256k1",
	"1.2.840.10045.3.1.1":   "P-192",
	"1.3.36.3.3.2.8.1.1.7":  "brainpoolP256r1",
	"1.3.36.3.3.2.8.1.1.11": "brainpoolP384r1",
	"1.3.36.3.3.2.8.1.1.13": "brainpoolP512r1",
}

var familyNames = map[family]string{rsaPKCS1: "RSA PKCS#1 v1.5", rsaPSS: "RSASSA-PSS", ecdsaSig: "ECDSA", dsaSig: "DSA", ed25519Sig: "Ed25519"}

// Name is what people call an algorithm, "ECDSA with SHA-256" for instance. Unknown algorithms are named by their OID.
func Name(a AlgorithmIdentifier) string {
	if h, ok := HashOf(a.OID); ok {
		return HashName(h)
	}
	if s := schemes[a.OID]; s.hash != 0 {
		return familyNames[s.family] + " with " + HashName(s.hash)
	}
	if a.OID == oidPSS {
		if p, err := parsePSS(a.Params); err == nil {
			return "RSASSA-PSS with " + HashName(p.hash)
		}
	}
	if n := names[a.OID]; n != "" {
		return n
	}
	if a.OID == "" {
		return "no algorithm"
	}
	return a.OID
}

// KeyName describes a public key: "RSA-2048", "P-256", "Ed25519", "DSA-1024"; "unknown key" for nil and foreign types.
func KeyName(pub crypto.PublicKey) string {
	switch k := pub.(type) {
	case *rsa.PublicKey:
		return fmt.Sprintf("RSA-%d", KeyBits(k))
	case *PSSPublicKey:
		return fmt.Sprintf("RSA-%d for PSS only", KeyBits(k))
	case *ecdsa.PublicKey:
		if k.Curve == nil {
			return "ECDSA without curve"
		}
		return k.Curve.Params().Name
	case ed25519.PublicKey:
		return "Ed25519"
	case *dsa.PublicKey:
		if k.P == nil {
			return "DSA without parameters"
		}
		return fmt.Sprintf("DSA-%d", KeyBits(k))
	case *ecdh.PublicKey:
		return "X25519"
	}
	return "unknown key"
}

// KeyBits is the size that algorithm policies limit: modulus length of RSA and DSA, field size of elliptic curves; 0 when unknown.
func KeyBits(pub crypto.PublicKey) int {
	switch k := pub.(type) {
	case *rsa.PublicKey:
		if k.N != nil {
			return k.N.BitLen()
		}
	case *PSSPublicKey:
		return KeyBits(k.PublicKey)
	case *ecdsa.PublicKey:
		if k.Curve != nil {
			return k.Curve.Params().BitSize
		}
	case ed25519.PublicKey:
		return 256
	case *dsa.PublicKey:
		if k.P != nil {
			return k.P.BitLen()
		}
	case *ecdh.PublicKey:
		return 256
	}
	return 0
}

// SignatureHash tells the hash that a signature algorithm fixes: by its OID, or by its RSASSA-PSS parameters. It is false when the
// algorithm leaves it to the container (bare rsaEncryption), has it built in (EdDSA) or is unknown.
func SignatureHash(a AlgorithmIdentifier) (crypto.Hash, bool) {
	if a.OID == oidPSS {
		p, err := parsePSS(a.Params)
		return p.hash, err == nil
	}
	h := schemes[a.OID].hash
	return h, h != 0
}
