package ca

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"math/big"
	"slices"
	"sync"

	"absah/internal/sigalg"
)

// keyKinds are all that a profile may allow. Ed25519 is not among them: hardly any program that reads PDF verifies it.
var keyKinds = []string{"P-256", "P-384", "P-521", "RSA-2048", "RSA-3072", "RSA-4096"}

// checkKey refuses keys that the profile does not allow and those whose private part can be found.
func checkKey(p Profile, pub crypto.PublicKey) error {
	name := sigalg.KeyName(pub)
	if !slices.Contains(p.Keys, name) {
		return refuse("kunci "+name+" tidak diizinkan profil ini", "the profile does not allow keys of the kind "+name)
	}
	switch k := pub.(type) {
	case *ecdsa.PublicKey:
		if _, err := k.ECDH(); err != nil {
			return refuse("kunci tidak sah", "the key is no point of its curve")
		}
	case *rsa.PublicKey:
		if why := weakRSA(k); why != "" {
			return refuse("kunci RSA lemah", "the RSA key is weak: "+why)
		}
	default:
		return refuse("jenis kunci tidak dikenal", "the kind of key is not known")
	}
	return nil
}

// weakRSA says what is wrong with an RSA key, "" when nothing is known to be.
func weakRSA(k *rsa.PublicKey) string {
	n := k.N
	switch {
	case k.E != 65537:
		// Small exponents have a history of broken verifiers, and no honest generator makes anything else today.
		return "its exponent is not 65537"
	case n.Bit(0) == 0:
		return "its modulus is even"
	case new(big.Int).GCD(nil, nil, n, smallPrimes()).Cmp(big.NewInt(1)) != 0:
		return "its modulus has a small factor"
	case closePrimes(n):
		return "its primes lie too close together"
	case infineon(n):
		return "it was made by a generator that is broken (CVE-2017-15361)"
	}
	return ""
}

// smallPrimes is the product of all primes below 1000.
var smallPrimes = sync.OnceValue(func() *big.Int {
	p := big.NewInt(1)
	for i := int64(2); i < 1000; i++ {
		if b := big.NewInt(i); b.ProbablyPrime(0) {
			p.Mul(p, b)
		}
	}
	return p
})

// closePrimes tries Fermat's factoring for a hundred steps: primes that differ in their lower half only fall in the first few.
func closePrimes(n *big.Int) bool {
	a := new(big.Int).Sqrt(n)
	one, b2, b := big.NewInt(1), new(big.Int), new(big.Int)
	if b2.Mul(a, a).Cmp(n) == 0 {
		return true
	}
	for range 100 {
		a.Add(a, one)
		b2.Mul(a, a).Sub(b2, n)
		if b.Sqrt(b2); b.Mul(b, b).Cmp(b2) == 0 {
			return true
		}
	}
	return false
}

// infineon recognises moduli of the broken generator: modulo each small prime they lie in the subgroup that 65537 generates, which
// a sound modulus does for all of them with negligible probability.
func infineon(n *big.Int) bool {
	r := new(big.Int)
	for prime, group := range fingerprint() {
		if !group[r.Mod(n, big.NewInt(prime)).Int64()] {
			return false
		}
	}
	return true
}

var fingerprint = sync.OnceValue(func() map[int64]map[int64]bool {
	out := map[int64]map[int64]bool{}
	for p := int64(3); p <= 167; p += 2 {
		if !big.NewInt(p).ProbablyPrime(0) {
			continue
		}
		group := map[int64]bool{}
		for x := int64(1); !group[x]; x = x * 65537 % p {
			group[x] = true
		}
		out[p] = group
	}
	return out
})
