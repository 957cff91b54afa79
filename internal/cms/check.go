package cms

import (
	"bytes"
	"crypto"
	"errors"
	"fmt"

	"absah/internal/sigalg"
)

// Errors in [Check.Err] beside those of package sigalg.
var (
	ErrDigest       = errors.New("the content does not have the signed digest")
	ErrNoDigest     = errors.New("the signed attributes hold no message-digest")
	ErrNoAttributes = errors.New("content of this type must be signed through signed attributes")
	ErrAmbiguous    = errors.New("a signed attribute that may occur only once occurs more often")
)

// A Check is what mathematics says about one SignerInfo. A signature is good when Err is nil, and only then.
type Check struct {
	DigestMatches       bool  // the message-digest attribute is the content's digest; without signed attributes the same as SignatureValid
	SignatureValid      bool  // the value verifies under the key, over the DER form or over the stored form of the attributes
	OverStoredBytesOnly bool  // it verifies over the stored form only: RFC 5652 §5.4 wants the DER form, so Err is set as well
	Err                 error // the first reason why this is not a good signature; nil when there is none
}

// ErrStoredForm is the [Check.Err] of a signature that was made over attributes in other than DER form. Some programs accept it.
var ErrStoredForm = errors.New("the signature covers the attributes as stored, not their DER encoding")

// Hash is the digest algorithm of the content. The error is a [*sigalg.UnsupportedError].
func (si *SignerInfo) Hash() (crypto.Hash, error) {
	h, ok := sigalg.HashOf(si.DigestAlgorithm.OID)
	if !ok || !h.Available() {
		return 0, &sigalg.UnsupportedError{What: "digest algorithm", Name: sigalg.Name(si.DigestAlgorithm)}
	}
	return h, nil
}

// Check verifies the signature with pub. contentDigest is the digest of the content under [SignerInfo.Hash]. It says nothing about
// whose key that is. A signature without signed attributes by an algorithm that signs the whole content (EdDSA) gives
// [sigalg.ErrNeedsMessage]; use [SignerInfo.CheckContent] there.
func (si *SignerInfo) Check(pub crypto.PublicKey, contentDigest []byte) Check {
	h, err := si.Hash()
	if err != nil {
		return Check{Err: err}
	}
	if si.SignedAttrs == nil {
		return si.checkDirect(sigalg.VerifyDigest(pub, si.SignatureAlgorithm, h, contentDigest, si.Signature))
	}
	return si.checkAttributes(pub, h, contentDigest)
}

// CheckContent is [SignerInfo.Check] for content that is at hand.
func (si *SignerInfo) CheckContent(pub crypto.PublicKey, content []byte) Check {
	h, err := si.Hash()
	if err != nil {
		return Check{Err: err}
	}
	if si.SignedAttrs == nil {
		return si.checkDirect(sigalg.Verify(pub, si.SignatureAlgorithm, h, content, si.Signature))
	}
	d := h.New()
	d.Write(content)
	return si.checkAttributes(pub, h, d.Sum(nil))
}

func (si *SignerInfo) checkDirect(err error) Check {
	c := Check{DigestMatches: err == nil, SignatureValid: err == nil, Err: err}
	if err == nil && si.parsed.attributesMissing {
		c.Err = ErrNoAttributes
	}
	return c
}

func (si *SignerInfo) checkAttributes(pub crypto.PublicKey, h crypto.Hash, contentDigest []byte) Check {
	var c Check
	fail := func(err error) {
		if c.Err == nil {
			c.Err = err
		}
	}
	switch signed, ok := si.MessageDigest(); {
	case si.parsed.ambiguous != "":
		fail(fmt.Errorf("%w: %s", ErrAmbiguous, si.parsed.ambiguous))
	case !ok:
		fail(ErrNoDigest)
	case len(contentDigest) != h.Size():
		fail(ErrDigest)
	default:
		if c.DigestMatches = bytes.Equal(signed, contentDigest); !c.DigestMatches {
			fail(ErrDigest)
		}
	}
	fail(si.checkProtection())
	err := sigalg.Verify(pub, si.SignatureAlgorithm, h, si.SignedAttrsDER, si.Signature)
	if err != nil && !bytes.Equal(si.SignedAttrsDER, si.SignedAttrsStored) &&
		sigalg.Verify(pub, si.SignatureAlgorithm, h, si.SignedAttrsStored, si.Signature) == nil {
		c.OverStoredBytesOnly, c.SignatureValid = true, true
		err = ErrStoredForm
	}
	c.SignatureValid = c.SignatureValid || err == nil
	fail(err)
	return c
}

// checkProtection compares CMSAlgorithmProtection with the unprotected statements; a difference must fail (RFC 6211 §3).
func (si *SignerInfo) checkProtection() error {
	p := si.parsed.protection
	switch {
	case p == nil:
		return nil
	case p.unreadable:
		return malformed("algorithm protection")
	case p.isMAC:
		return &sigalg.MismatchError{Kind: sigalg.MismatchProtected, Stated: "a MAC", Used: sigalg.Name(si.SignatureAlgorithm)}
	case !p.digest.Equal(si.DigestAlgorithm):
		return &sigalg.MismatchError{Kind: sigalg.MismatchProtected, Stated: sigalg.Name(p.digest), Used: sigalg.Name(si.DigestAlgorithm)}
	case !p.signature.Equal(si.SignatureAlgorithm):
		return &sigalg.MismatchError{Kind: sigalg.MismatchProtected, Stated: sigalg.Name(p.signature), Used: sigalg.Name(si.SignatureAlgorithm)}
	}
	return nil
}
