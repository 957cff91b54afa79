package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"io"
	"math/big"
	"math/rand/v2"
)

// steady is a key that signs the same thing the same way each time: ECDSA as RFC 6979 says, RSA with PKCS #1 v1.5.
type steady struct{ crypto.Signer }

func (k steady) Sign(_ io.Reader, digest []byte, o crypto.SignerOpts) ([]byte, error) {
	return k.Signer.Sign(nil, digest, o)
}

// p256 makes a key from its name.
func p256(name string) crypto.Signer {
	sum := sha256.Sum256([]byte("absah vectors " + name))
	sum[0] &= 0x7f // below the order of the curve
	return steady{must(ecdsa.ParseRawPrivateKey(elliptic.P256(), sum[:]))}
}

// p384 makes a key from its name.
func p384(name string) crypto.Signer {
	sum := sha512.Sum384([]byte("absah vectors " + name))
	sum[0] &= 0x7f
	return steady{must(ecdsa.ParseRawPrivateKey(elliptic.P384(), sum[:]))}
}

// rsa2048 makes a key from its name.
func rsa2048(name string) crypto.Signer {
	source := rand.NewChaCha8(sha256.Sum256([]byte("absah vectors " + name)))
	e, one := big.NewInt(65537), big.NewInt(1)
	prime := func() *big.Int {
		b := make([]byte, 128)
		for {
			_, _ = source.Read(b)
			b[0] |= 0xc0
			b[len(b)-1] |= 1
			p := new(big.Int).SetBytes(b)
			if p.ProbablyPrime(16) && new(big.Int).GCD(nil, nil, e, new(big.Int).Sub(p, one)).Cmp(one) == 0 {
				return p
			}
		}
	}
	p, q := prime(), prime()
	phi := new(big.Int).Mul(new(big.Int).Sub(p, one), new(big.Int).Sub(q, one))
	k := &rsa.PrivateKey{PublicKey: rsa.PublicKey{N: new(big.Int).Mul(p, q), E: 65537}, D: new(big.Int).ModInverse(e, phi), Primes: []*big.Int{p, q}}
	k.Precompute()
	must(0, k.Validate())
	return steady{k}
}
