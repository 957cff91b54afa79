package sigalg

import (
	"crypto"
	"crypto/dsa" //lint:ignore SA1019 only to size old signatures
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"encoding/asn1"
	"io"
)

// Algorithm tells how a key signs under s: the signature's AlgorithmIdentifier and the digest algorithm to state beside it.
// Errors: [*UnsupportedError] for combinations that have no OID or that the key cannot do.
func (s Scheme) Algorithm(pub crypto.PublicKey) (AlgorithmIdentifier, crypto.Hash, error) {
	var fam family
	h := s.Hash
	switch pub := pub.(type) {
	case *rsa.PublicKey, *PSSPublicKey:
		if _, only := pub.(*PSSPublicKey); s.PSS || only {
			return pssAlgorithm(pub, h)
		}
		if h == 0 {
			h = crypto.SHA256
		}
		fam = rsaPKCS1
	case *ecdsa.PublicKey:
		fam = ecdsaSig
		if h == 0 {
			switch KeyBits(pub) {
			case 384:
				h = crypto.SHA384
			case 521:
				h = crypto.SHA512
			default:
				h = crypto.SHA256
			}
		}
	case ed25519.PublicKey:
		if h != 0 && h != crypto.SHA512 {
			return AlgorithmIdentifier{}, 0, &UnsupportedError{"signature algorithm", "Ed25519 with " + HashName(h)}
		}
		if s.PSS {
			return AlgorithmIdentifier{}, 0, &UnsupportedError{"signature algorithm", "RSASSA-PSS with an Ed25519 key"}
		}
		return NewAlgorithm(oidEd25519, nil), crypto.SHA512, nil
	default:
		return AlgorithmIdentifier{}, 0, &UnsupportedError{"signing key", KeyName(pub)}
	}
	if s.PSS {
		return AlgorithmIdentifier{}, 0, &UnsupportedError{"signature algorithm", "RSASSA-PSS with a " + KeyName(pub) + " key"}
	}
	if a, ok := madeBy[scheme{fam, h}]; ok {
		return a, h, nil
	}
	return AlgorithmIdentifier{}, 0, &UnsupportedError{"signature algorithm", familyNames[fam] + " with " + HashName(h)}
}

// pssAlgorithm has salt as long as the hash, as RFC 4055 §3.1 recommends, within what the key's own parameters allow.
func pssAlgorithm(pub crypto.PublicKey, h crypto.Hash) (AlgorithmIdentifier, crypto.Hash, error) {
	var restrict *pssParams
	if k, ok := pub.(*PSSPublicKey); ok && k.Params != nil {
		p, err := parsePSS(k.Params)
		if err != nil {
			return AlgorithmIdentifier{}, 0, err
		}
		restrict = &p
		if h == 0 {
			h = p.hash
		}
	}
	if h == 0 {
		h = crypto.SHA256
	}
	p := pssParams{h, h, h.Size()}
	if HashOID(h) == "" || restrict != nil && !restrict.allows(p) {
		return AlgorithmIdentifier{}, 0, &UnsupportedError{"signature algorithm", p.String() + " with this key"}
	}
	return NewAlgorithm(oidPSS, p.der()), h, nil
}

// madeBy are the algorithms we write, by what they are; the inverse of schemes without aliases. RSA has NULL parameters
// (RFC 5754 §3.2), ECDSA none (RFC 5758 §3.2).
var madeBy = func() map[scheme]AlgorithmIdentifier {
	m := map[scheme]AlgorithmIdentifier{}
	for oid, s := range schemes {
		switch {
		case s.hash == 0 || s.hash == crypto.MD5 || s.hash == crypto.RIPEMD160 || oid == "1.3.14.3.2.29":
		case s.family == rsaPKCS1:
			m[s] = NewAlgorithm(oid, asn1.NullBytes)
		case s.family == ecdsaSig:
			m[s] = NewAlgorithm(oid, nil)
		}
	}
	return m
}()

// Sign signs message with signer under s and returns the value and its algorithm. rand may be nil for keys that need none; pass
// crypto/rand.Reader otherwise. Whatever error the signer has is returned as it is.
func Sign(rand io.Reader, signer crypto.Signer, s Scheme, message []byte) ([]byte, AlgorithmIdentifier, error) {
	pub := signer.Public()
	alg, h, err := s.Algorithm(pub)
	if err != nil {
		return nil, AlgorithmIdentifier{}, err
	}
	var sig []byte
	switch {
	case alg.OID == oidEd25519:
		sig, err = signer.Sign(rand, message, crypto.Hash(0))
	case alg.OID == oidPSS:
		sig, err = signer.Sign(rand, digest(h, message), &rsa.PSSOptions{SaltLength: h.Size(), Hash: h})
	default:
		sig, err = signer.Sign(rand, digest(h, message), h)
	}
	if err != nil {
		return nil, AlgorithmIdentifier{}, err
	}
	return sig, alg, nil
}

// SignatureSize is an upper bound, in octets, of signatures that a key of this kind makes; 0 for kinds that cannot sign here.
// ECDSA and DSA values are DER and mostly a little shorter.
func SignatureSize(pub crypto.PublicKey) int {
	switch k := pub.(type) {
	case *rsa.PublicKey, *PSSPublicKey:
		return (KeyBits(pub) + 7) / 8
	case *ecdsa.PublicKey:
		if k.Curve == nil {
			return 0
		}
		return twoIntegers(k.Curve.Params().N.BitLen())
	case ed25519.PublicKey:
		return ed25519.SignatureSize
	case *dsa.PublicKey:
		if k.Q == nil {
			return 0
		}
		return twoIntegers(k.Q.BitLen())
	}
	return 0
}

// twoIntegers is the longest DER of a SEQUENCE of two INTEGERs below 2^bits: a full top octet needs a zero before it.
func twoIntegers(bits int) int {
	content := 2 * (2 + bits/8 + 1)
	if content > 127 {
		return 3 + content
	}
	return 2 + content
}
