package trust

import (
	"crypto"
	"crypto/dsa" //lint:ignore SA1019 only to judge old keys
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"time"

	"absah/internal/sigalg"
)

// An AlgorithmLimit says until when something is strong enough. A hash or kind of key that no line names is not acceptable at
// any time; [Policy] without lines has no limits.
type AlgorithmLimit struct {
	Algorithm string    // a hash as "SHA-1", or a kind of key: RSA, DSA, ECDSA, EdDSA
	MinBits   int       // of keys: the line holds from this size up to the next larger line of the same kind
	Until     time.Time // the first moment at which it is not acceptable any more; zero: no end is set
	Source    string    // where the date comes from
}

// day is the first moment of a day in UTC.
func day(year int, month time.Month, d int) time.Time {
	return time.Date(year, month, d, 0, 0, 0, 0, time.UTC)
}

// Sources of the dates below.
const (
	srcHistoric = "ETSI TS 102 176-1"
	src312      = "ETSI TS 119 312"
)

// DefaultAlgorithms are the limits of this module, in the manner of ETSI TS 119 312 and its predecessor ETSI TS 102 176-1. Where the
// newest edition recommends without an end, there is none here. RSA below 3,000 bits is what the Indonesian hierarchies use for
// persons; its date is the end of the period in which it is tolerated as legacy. The result may be changed by the caller.
func DefaultAlgorithms() []AlgorithmLimit {
	return []AlgorithmLimit{
		{"MD5", 0, day(2005, 1, 1), srcHistoric},
		{"SHA-1", 0, day(2009, 1, 1), srcHistoric},
		{"RIPEMD-160", 0, day(2011, 1, 1), srcHistoric},
		{"SHA-224", 0, day(2026, 1, 1), src312},
		{"SHA3-224", 0, day(2026, 1, 1), src312},
		{"SHA-512/224", 0, day(2026, 1, 1), src312},
		{"SHA-256", 0, time.Time{}, src312},
		{"SHA-384", 0, time.Time{}, src312},
		{"SHA-512", 0, time.Time{}, src312},
		{"SHA-512/256", 0, time.Time{}, src312},
		{"SHA3-256", 0, time.Time{}, src312},
		{"SHA3-384", 0, time.Time{}, src312},
		{"SHA3-512", 0, time.Time{}, src312},

		{"RSA", 1024, day(2009, 1, 1), srcHistoric},
		{"RSA", 1536, day(2016, 1, 1), src312},
		{"RSA", 1900, day(2029, 1, 1), src312},
		{"RSA", 3000, time.Time{}, src312},
		{"DSA", 1024, day(2013, 1, 1), srcHistoric},
		{"DSA", 2048, day(2026, 1, 1), src312},
		{"DSA", 3072, day(2029, 1, 1), src312},
		{"ECDSA", 160, day(2013, 1, 1), srcHistoric},
		{"ECDSA", 224, day(2016, 1, 1), src312},
		{"ECDSA", 256, time.Time{}, src312},
		{"EdDSA", 256, time.Time{}, src312},
	}
}

// AlgorithmAcceptable reports whether a hash ("SHA-256", bits ignored) or a key ("RSA", 2048) is acceptable at a moment, and until when; a zero
// time means that no end is set, or that it never was acceptable.
func (p Policy) AlgorithmAcceptable(algorithm string, bits int, at time.Time) (bool, time.Time) {
	if p.Algorithms == nil {
		return true, time.Time{}
	}
	var best *AlgorithmLimit
	for i := range p.Algorithms {
		if l := &p.Algorithms[i]; l.Algorithm == algorithm && (l.MinBits == 0 || l.MinBits <= bits) && (best == nil || l.MinBits > best.MinBits) {
			best = l
		}
	}
	if best == nil {
		return false, time.Time{}
	}
	return best.Until.IsZero() || at.Before(best.Until), best.Until
}

// SignatureAcceptable judges a signature algorithm and the key it is used with; hash is what the container states, zero where the
// algorithm itself says it. What is the weakest name, as "SHA-1" or "RSA-1024", and until is when it stopped being acceptable.
func (p Policy) SignatureAcceptable(alg AlgorithmIdentifier, hash crypto.Hash, key crypto.PublicKey, at time.Time) (ok bool, what string, until time.Time) {
	if ok, what, until = p.hashAcceptable(alg, hash, key, at); !ok {
		return ok, what, until
	}
	return p.KeyAcceptable(key, at)
}

func (p Policy) hashAcceptable(alg AlgorithmIdentifier, hash crypto.Hash, key crypto.PublicKey, at time.Time) (ok bool, what string, until time.Time) {
	if h, has := sigalg.SignatureHash(alg); has {
		hash = h
	}
	if p.Algorithms == nil || hash == 0 || keyKind(key) == "EdDSA" {
		return true, "", time.Time{}
	}
	if ok, until = p.AlgorithmAcceptable(sigalg.HashName(hash), 0, at); ok {
		return true, "", until
	}
	return false, sigalg.HashName(hash), until
}

// KeyAcceptable judges a public key by kind and size.
func (p Policy) KeyAcceptable(key crypto.PublicKey, at time.Time) (ok bool, what string, until time.Time) {
	if ok, until = p.AlgorithmAcceptable(keyKind(key), sigalg.KeyBits(key), at); ok {
		return true, "", until
	}
	return false, sigalg.KeyName(key), until
}

func keyKind(key crypto.PublicKey) string {
	switch key.(type) {
	case *rsa.PublicKey, *sigalg.PSSPublicKey:
		return "RSA"
	case *dsa.PublicKey:
		return "DSA"
	case *ecdsa.PublicKey:
		return "ECDSA"
	case ed25519.PublicKey:
		return "EdDSA"
	}
	return ""
}
