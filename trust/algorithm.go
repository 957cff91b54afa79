package trust

import "time"

// An AlgorithmLimit says until when something is strong enough.
type AlgorithmLimit struct {
	Algorithm string    // "SHA-1", "RSA", "DSA", "ECDSA", …: a hash or a kind of key
	MinBits   int       // of keys: the line holds from this size up to the next line's
	Until     time.Time // the first moment at which it is not acceptable any more; zero: no end known
}

// DefaultAlgorithms are the limits of this module.
func DefaultAlgorithms() []AlgorithmLimit { return nil }
