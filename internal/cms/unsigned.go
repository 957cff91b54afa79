package cms

import (
	"bytes"
	"errors"
	"fmt"
)

// ErrSigners is returned by [AddUnsigned] for a message that has not exactly one signer: nobody could say whose attribute it is.
var ErrSigners = errors.New("the signature structure does not have exactly one signer")

// AddUnsigned returns the message with one more unsigned attribute, for instance a signature-time-stamp. Everything that was there
// keeps its bytes, except the lengths around the new attribute, which become DER; bytes after the structure are dropped. Attributes that
// were in DER order stay so.
func AddUnsigned(message []byte, a Attribute) ([]byte, error) {
	der := a.DER()
	if der == nil {
		return nil, fmt.Errorf("attribute %s has no values or a wrong type", AttributeName(a.OID))
	}
	content, _, _, err := contentInfo(message, OIDSignedData)
	if err != nil {
		return nil, err
	}
	// head is everything of SignedData before signerInfos.
	b := content.body
	var signers element
	for len(b) > 0 {
		if signers, err = next(&b); err != nil {
			return nil, err
		}
	}
	if signers.tag != tagSet {
		return nil, malformed("signer infos")
	}
	head := content.body[:len(content.body)-len(signers.raw)]
	b = signers.body
	si, err := expect(&b, tagSequence, "signer info")
	if err != nil || len(b) != 0 {
		return nil, ErrSigners
	}
	// fixed is everything of SignerInfo before unsignedAttrs.
	fixed, old := si.body, []byte(nil)
	for b = si.body; len(b) > 0; {
		e, err := next(&b)
		if err != nil {
			return nil, err
		}
		if e.tag == 0xa1 && len(b) == 0 {
			fixed, old = si.body[:len(si.body)-len(e.raw)], e.body
		}
	}
	before, after, err := insertionPoint(old, der)
	if err != nil {
		return nil, err
	}
	attrs := len(old) + len(der)
	siLen := len(fixed) + tlvSize(attrs)
	sdLen := len(head) + tlvSize(tlvSize(siLen))
	ciLen := len(signedDataOID) + tlvSize(tlvSize(sdLen))

	out := make([]byte, 0, tlvSize(ciLen))
	out = appendLength(append(out, tagSequence), ciLen)
	out = append(out, signedDataOID...)
	out = appendLength(append(out, 0xa0), tlvSize(sdLen))
	out = appendLength(append(out, tagSequence), sdLen)
	out = append(out, head...)
	out = appendLength(append(out, tagSet), tlvSize(siLen))
	out = appendLength(append(out, tagSequence), siLen)
	out = append(out, fixed...)
	return appendTLV(out, 0xa1, attrs, before, der, after), nil
}

// insertionPoint splits the existing attributes where the new one belongs in a DER SET OF, or at the end when they have no order.
func insertionPoint(old, der []byte) (before, after []byte, err error) {
	if !sorted(old) {
		return old, nil, nil
	}
	for b := old; len(b) > 0; {
		at := len(old) - len(b)
		e, err := next(&b)
		if err != nil {
			return nil, nil, err
		}
		if bytes.Compare(e.raw, der) > 0 {
			return old[:at], old[at:], nil
		}
	}
	return old, nil, nil
}
