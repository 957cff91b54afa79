package sigalg

import (
	"bytes"
	"crypto"
	"crypto/dsa" //lint:ignore SA1019 only to check old signatures
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"encoding/asn1"
	"fmt"
	"math"
	"math/big"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// minStdRSABits is the smallest modulus that crypto/rsa computes with. Shorter ones are checked here, so that an old signature is
// reported as correct but weak rather than as unreadable.
const minStdRSABits = 1024

// Verify checks sig over message, the exact bytes that were signed. digestAlg is the digest algorithm that the container states
// beside the signature algorithm (SignerInfo); zero where there is none (certificates, CRLs, OCSP).
//
// Errors: [ErrSignature] when everything is in order but the value is wrong; [*MismatchError] for contradictions; [*KeyError] when
// the key is of another type; [*UnsupportedError]; [*SyntaxError] for malformed parameters.
func Verify(pub crypto.PublicKey, sigAlg AlgorithmIdentifier, digestAlg crypto.Hash, message, sig []byte) error {
	c, err := plan(pub, sigAlg, digestAlg)
	if err != nil {
		return err
	}
	if c.family == ed25519Sig {
		if !ed25519.Verify(pub.(ed25519.PublicKey), message, sig) {
			return ErrSignature
		}
		return nil
	}
	return c.verify(pub, digest(c.hash, message), sig)
}

// VerifyDigest is [Verify] where only the digest of the message exists. Besides the errors of Verify it returns [ErrNeedsMessage] for EdDSA.
func VerifyDigest(pub crypto.PublicKey, sigAlg AlgorithmIdentifier, digestAlg crypto.Hash, digest, sig []byte) error {
	c, err := plan(pub, sigAlg, digestAlg)
	if err != nil {
		return err
	}
	if c.family == ed25519Sig {
		return ErrNeedsMessage
	}
	if len(digest) != c.hash.Size() {
		return &MismatchError{MismatchLength, HashName(c.hash), fmt.Sprintf("%d octets", len(digest))}
	}
	return c.verify(pub, digest, sig)
}

// check is a computation whose algorithm, hash and key fit together.
type check struct {
	family family
	hash   crypto.Hash
	pss    pssParams
}

// plan settles which computation the three statements ask for, or which contradiction they hold.
func plan(pub crypto.PublicKey, sigAlg AlgorithmIdentifier, digestAlg crypto.Hash) (check, error) {
	s, ok := schemes[sigAlg.OID]
	if !ok || s.family == unsupported {
		return check{}, &UnsupportedError{"signature algorithm", Name(sigAlg)}
	}
	c := check{family: s.family, hash: s.hash}
	kind := MismatchDigest
	switch s.family {
	case rsaPKCS1, ecdsaSig, dsaSig:
		// RFC 5754 §3 and 5758 §3 settle NULL or absent; both are met for either, so both are read. The bare key OIDs may also carry
		// the key's own parameters (a curve name), which say nothing about the signature.
		if sigAlg.significant() != nil && s.hash != 0 {
			return check{}, &SyntaxError{"parameters of " + Name(sigAlg)}
		}
	case rsaPSS:
		p, err := parsePSS(sigAlg.Params)
		if err != nil {
			return check{}, err
		}
		c.pss, c.hash, kind = p, p.hash, MismatchPSSHash
	case ed25519Sig:
		if sigAlg.Params != nil { // RFC 8410 §3
			return check{}, &SyntaxError{"parameters of Ed25519"}
		}
		// RFC 8419 §3.1: the message digest is SHA-512. A verifier that took any digest would let the signer pick a broken one.
		if digestAlg != 0 && digestAlg != crypto.SHA512 {
			return check{}, &MismatchError{MismatchEdDSAHash, HashName(digestAlg), HashName(crypto.SHA512)}
		}
	}
	if c.family != ed25519Sig {
		if c.hash == 0 {
			if c.hash = digestAlg; c.hash == 0 {
				return check{}, &UnsupportedError{"signature algorithm", Name(sigAlg) + " without a hash"}
			}
		}
		if digestAlg != 0 && digestAlg != c.hash {
			return check{}, &MismatchError{kind, HashName(digestAlg), HashName(c.hash)}
		}
		if !c.hash.Available() {
			return check{}, &UnsupportedError{"hash", HashName(c.hash)}
		}
	}
	return c, c.fits(pub, sigAlg)
}

// fits checks that the key belongs to the algorithm and is one that can be computed with in bounded time.
func (c check) fits(pub crypto.PublicKey, sigAlg AlgorithmIdentifier) error {
	wrong := &KeyError{Name(sigAlg), KeyName(pub)}
	switch k := pub.(type) {
	case *rsa.PublicKey:
		if c.family != rsaPKCS1 && c.family != rsaPSS {
			return wrong
		}
		return usableRSA(k)
	case *PSSPublicKey:
		if c.family != rsaPSS {
			return wrong
		}
		if k.Params != nil {
			p, err := parsePSS(k.Params)
			if err != nil {
				return err
			}
			if !p.allows(c.pss) {
				return &MismatchError{MismatchPSSKey, p.String(), c.pss.String()}
			}
		}
		return usableRSA(k.PublicKey)
	case *ecdsa.PublicKey:
		if c.family != ecdsaSig || k.Curve == nil {
			return wrong
		}
	case *dsa.PublicKey:
		if c.family != dsaSig || k.P == nil || k.Q == nil || k.G == nil || k.Y == nil {
			return wrong
		}
		if k.P.BitLen() > maxDSABits || k.Q.BitLen() > 512 || k.Q.BitLen()%8 != 0 || k.P.Sign() <= 0 || k.Q.Sign() <= 0 || k.G.BitLen() > maxDSABits || k.Y.BitLen() > maxDSABits {
			return &UnsupportedError{"public key", "DSA with unusual parameters"}
		}
	case ed25519.PublicKey:
		if c.family != ed25519Sig || len(k) != ed25519.PublicKeySize {
			return wrong
		}
	default:
		return wrong
	}
	return nil
}

// stdRSA reports whether crypto/rsa computes with this key.
func stdRSA(k *rsa.PublicKey) bool {
	return k.N.BitLen() >= minStdRSABits && k.E > 2 && k.E&1 == 1 && k.E <= math.MaxInt32 && k.N.Bit(0) == 1
}

func usableRSA(k *rsa.PublicKey) error {
	if k == nil || k.N == nil || k.N.Sign() <= 0 || k.N.BitLen() > maxRSABits || k.E < 2 {
		return &UnsupportedError{"public key", "RSA with unusual modulus or exponent"}
	}
	return nil
}

func (c check) verify(pub crypto.PublicKey, digest, sig []byte) error {
	ok := false
	switch c.family {
	case rsaPKCS1:
		ok = verifyPKCS1(pub.(*rsa.PublicKey), c.hash, digest, sig)
	case rsaPSS:
		k, plain := pub.(*rsa.PublicKey)
		if !plain {
			k = pub.(*PSSPublicKey).PublicKey
		}
		return verifyPSS(k, c.pss, digest, sig)
	case ecdsaSig:
		ok = ecdsa.VerifyASN1(pub.(*ecdsa.PublicKey), digest, sig)
	case dsaSig:
		ok = verifyDSA(pub.(*dsa.PublicKey), digest, sig)
	}
	if !ok {
		return ErrSignature
	}
	return nil
}

func verifyPKCS1(pub *rsa.PublicKey, h crypto.Hash, digest, sig []byte) bool {
	if stdRSA(pub) {
		return rsa.VerifyPKCS1v15(pub, h, digest, sig) == nil
	}
	em, ok := rsaPublic(pub, sig)
	if !ok {
		return false
	}
	// RFC 8017 §8.2.2: build the only encoding that is right and compare; never parse the one that came.
	info := digestInfo(h, digest)
	pad := len(em) - len(info) - 3
	if pad < 8 {
		return false
	}
	want := append([]byte{0, 1}, bytes.Repeat([]byte{0xff}, pad)...)
	want = append(append(want, 0), info...)
	return bytes.Equal(em, want)
}

func digestInfo(h crypto.Hash, digest []byte) []byte {
	var b cryptobyte.Builder
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddBytes(NewAlgorithm(HashOID(h), asn1.NullBytes).Raw)
		b.AddASN1OctetString(digest)
	})
	return b.BytesOrPanic()
}

func verifyDSA(pub *dsa.PublicKey, digest, sig []byte) bool {
	in := cryptobyte.String(sig)
	var seq cryptobyte.String
	r, s := new(big.Int), new(big.Int)
	if !in.ReadASN1(&seq, cbasn1.SEQUENCE) || !in.Empty() || !seq.ReadASN1Integer(r) || !seq.ReadASN1Integer(s) || !seq.Empty() {
		return false
	}
	// FIPS 186-4 §4.6: the leftmost bits of the digest, as many as the group order has. dsa.Verify leaves this to its caller.
	if n := pub.Q.BitLen() / 8; len(digest) > n {
		digest = digest[:n]
	}
	return dsa.Verify(pub, digest, r, s)
}
