package sigalg

import (
	"errors"
	"fmt"
)

// ErrSignature says that the signature value does not belong to this message and key. Everything else was in order.
var ErrSignature = errors.New("signature value does not match the signed bytes and the key")

// ErrNeedsMessage is returned by [VerifyDigest] for algorithms that sign the message itself and not a digest of it (EdDSA).
var ErrNeedsMessage = errors.New("this algorithm signs the whole message; its digest alone is not enough")

// An UnsupportedError names an algorithm, curve or key size that this program cannot compute. It says nothing about the signature.
type UnsupportedError struct {
	What string // "signature algorithm", "hash", "curve", "public key", …
	Name string // human name, or the OID where there is none
}

func (e *UnsupportedError) Error() string { return fmt.Sprintf("unsupported %s %s", e.What, e.Name) }

// Kinds of [MismatchError]; stable codes.
const (
	MismatchDigest    = "digest-algorithm"     // digestAlgorithm ≠ hash of the signature algorithm
	MismatchPSSHash   = "pss-hash"             // digestAlgorithm ≠ hash in the RSASSA-PSS parameters
	MismatchPSSKey    = "pss-key"              // the key's RSASSA-PSS parameters forbid this signature's
	MismatchEdDSAHash = "eddsa-digest"         // digestAlgorithm is not the one RFC 8419 prescribes for the curve
	MismatchLength    = "digest-length"        // a digest that cannot come from the stated hash
	MismatchProtected = "algorithm-protection" // used by package cms: RFC 6211 attribute ≠ SignerInfo
)

// A MismatchError is a contradiction between two statements about the algorithms of one signature. Such a signature is never valid:
// whoever could choose the reading could choose the hash.
type MismatchError struct {
	Kind         string // one of the Mismatch… codes
	Stated, Used string // human names of the two sides
}

func (e *MismatchError) Error() string {
	switch e.Kind {
	case MismatchPSSKey:
		return fmt.Sprintf("the key is restricted to %s, but the signature uses %s", e.Stated, e.Used)
	case MismatchLength:
		return fmt.Sprintf("the digest has %s, but the digest algorithm is %s", e.Used, e.Stated)
	case MismatchProtected:
		return fmt.Sprintf("the protected algorithm is %s, but the signature states %s", e.Stated, e.Used)
	}
	return fmt.Sprintf("the digest algorithm is %s, but the signature algorithm uses %s", e.Stated, e.Used)
}

// A KeyError says that a key of this type cannot have made a signature of this algorithm, or that the key itself is unusable.
type KeyError struct{ Algorithm, Key string }

func (e *KeyError) Error() string {
	return fmt.Sprintf("%s does not work with a key of type %s", e.Algorithm, e.Key)
}

// A SyntaxError says which part of an encoding is malformed.
type SyntaxError struct{ What string }

func (e *SyntaxError) Error() string { return "malformed " + e.What }
