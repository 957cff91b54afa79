package cms

import (
	"bytes"
	"fmt"
	"math/big"

	"absah/internal/sigalg"
)

func (si *SignerInfo) note(code, format string, args ...any) {
	if len(si.Notes) < maxItems {
		si.Notes = append(si.Notes, Note{code, fmt.Sprintf(format, args...)})
	}
}

func parseSignerInfo(e element) (si *SignerInfo, err error) {
	si = &SignerInfo{Raw: e.raw}
	in := e.body
	if si.Version, err = smallInteger(&in, "signer version"); err != nil {
		return nil, err
	}
	if si.Version != 1 && si.Version != 3 {
		si.note(NoteVersion, "version %d of SignerInfo does not exist", si.Version)
	}
	if err := si.parseIdentifier(&in); err != nil {
		return nil, err
	}
	if si.DigestAlgorithm, err = algorithm(&in, "digest algorithm"); err != nil {
		return nil, err
	}
	signed, ok, err := optional(&in, 0xa0)
	if err != nil {
		return nil, err
	}
	if ok {
		if err := si.parseSigned(signed); err != nil {
			return nil, err
		}
	}
	if si.SignatureAlgorithm, err = algorithm(&in, "signature algorithm"); err != nil {
		return nil, err
	}
	value, err := next(&in)
	if err != nil {
		return nil, err
	}
	if value.tag&^constructed != tagOctetString {
		return nil, malformed("signature value")
	}
	if si.Signature, err = value.octets(); err != nil {
		return nil, err
	}
	unsigned, ok, err := optional(&in, 0xa1)
	if err != nil {
		return nil, err
	}
	if ok {
		if si.UnsignedAttrs, err = parseAttributes(unsigned.body, "unsigned attributes"); err != nil {
			return nil, err
		}
	}
	if len(in) != 0 {
		return nil, malformed("bytes after a signer info")
	}
	si.interpret()
	return si, nil
}

func (si *SignerInfo) parseIdentifier(in *[]byte) (err error) {
	e, err := next(in)
	if err != nil {
		return err
	}
	switch e.tag {
	case tagSequence:
		if si.IssuerRaw, si.Serial, err = issuerAndSerial(e.body); err != nil {
			return err
		}
		// X.690 §8.3.2 forbids superfluous octets in BER as well. Two spellings of one serial number would name two certificates to
		// programs that compare octets, and one to those that compare numbers.
		if !minimal(e.body[len(si.IssuerRaw):]) {
			return malformed("serial number of the signer with superfluous octets")
		}
		return nil
	case 0x80, 0xa0: // the second is constructed, or explicit by mistake; both hold OCTET STRINGs
		si.SubjectKeyID, err = e.octets()
		return err
	}
	return malformed("signer identifier")
}

// parseSigned keeps the stored and the DER form of the signed attributes and reads them from the latter.
func (si *SignerInfo) parseSigned(e element) error {
	si.SignedAttrsStored = bytes.Clone(e.raw)
	si.SignedAttrsStored[0] = tagSet
	si.SignedAttrsDER = si.SignedAttrsStored
	if !isDER(si.SignedAttrsStored, 0) {
		der, err := toDER(si.SignedAttrsStored)
		if err != nil {
			return err
		}
		si.SignedAttrsDER = der
		if !sorted(e.body) {
			si.note(NoteAttributesUnsorted, "the signed attributes are not in DER order")
		}
		if hasBER(e.raw, maxDepth) {
			si.note(NoteAttributesBER, "the signed attributes are not DER")
		}
	}
	set := si.SignedAttrsDER
	body, err := next(&set)
	if err != nil {
		return err
	}
	si.SignedAttrs, err = parseAttributes(body.body, "signed attributes")
	if si.SignedAttrs == nil {
		si.SignedAttrs = []Attribute{}
	}
	return err
}

// usualAttributes is how many signed attributes most signatures have at most.
const usualAttributes = 5

func parseAttributes(b []byte, what string) ([]Attribute, error) {
	if len(b) == 0 {
		return nil, nil
	}
	out := make([]Attribute, 0, usualAttributes)
	values := make([][]byte, 0, usualAttributes) // of all attributes; each has a part of it
	for len(b) > 0 {
		e, err := expect(&b, tagSequence, what)
		if err != nil {
			return nil, err
		}
		if len(out) >= maxItems {
			return nil, fmt.Errorf("%w: %s", ErrTooLarge, what)
		}
		in := e.body
		var a Attribute
		if a.OID, err = oid(&in, what); err != nil {
			return nil, err
		}
		set, err := expect(&in, tagSet, what)
		if err != nil {
			return nil, err
		}
		if len(in) != 0 {
			return nil, malformed(what)
		}
		from := len(values)
		for v := set.body; len(v) > 0; {
			e, err := next(&v)
			if err != nil {
				return nil, err
			}
			if values = append(values, e.raw); len(values) > maxItems {
				return nil, fmt.Errorf("%w: values of %s", ErrTooLarge, what)
			}
		}
		a.Values = values[from:len(values):len(values)]
		out = append(out, a)
	}
	return out, nil
}

// Names reports whether the SignerInfo names the certificate with this issuer (raw Name), serial number and subject key identifier
// (nil when it has none). Names are compared octet by octet.
func (si *SignerInfo) Names(issuerRaw []byte, serial *big.Int, subjectKeyID []byte) bool {
	if si.Serial != nil {
		return serial != nil && si.Serial.Cmp(serial) == 0 && bytes.Equal(si.IssuerRaw, issuerRaw)
	}
	return len(si.SubjectKeyID) > 0 && bytes.Equal(si.SubjectKeyID, subjectKeyID)
}

// compare notes what the signer and the message say differently.
func (si *SignerInfo) compare(sd *SignedData) {
	listed := false
	for _, a := range sd.DigestAlgorithms {
		listed = listed || a.OID == si.DigestAlgorithm.OID
	}
	if !listed {
		si.note(NoteDigestNotListed, "the message does not list the signer's digest algorithm %s", sigalg.Name(si.DigestAlgorithm))
	}
	if si.SignedAttrs == nil {
		// RFC 5652 §5.3. Without them, the encoding of another message's signed attributes could be passed off as signed content.
		if sd.EContentType != OIDData {
			si.parsed.attributesMissing = true
			si.note(NoteNoAttributes, "content of type %s is signed without signed attributes", sd.EContentType)
		}
		return
	}
	switch typ, ok := si.ContentType(); {
	case !ok:
		si.note(NoteNoContentType, "the signed attributes have no content-type")
	case typ != sd.EContentType:
		si.note(NoteContentType, "the signed content-type is %s, the content's %s", typ, sd.EContentType)
	}
	if err := si.checkProtection(); err != nil && !si.parsed.protection.unreadable {
		si.note(NoteProtection, "%v", err)
	}
	if _, ok := si.MessageDigest(); !ok {
		si.note(NoteNoMessageDigest, "the signed attributes have no message-digest")
	}
}
