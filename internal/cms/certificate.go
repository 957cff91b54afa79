package cms

import (
	"fmt"
)

// certificate is what this package needs to know of an X.509 certificate, in place.
type certificate struct {
	issuer []byte // Name, raw
	serial []byte // INTEGER, raw
	spki   []byte // SubjectPublicKeyInfo, raw
	exts   []byte // [3] EXPLICIT Extensions, the content; nil when absent
}

func parseCertificate(der []byte) (certificate, error) {
	var c certificate
	fail := func(err error) (certificate, error) { return certificate{}, fmt.Errorf("certificate: %w", err) }
	b := der
	outer, err := expect(&b, tagSequence, "certificate")
	if err != nil {
		return fail(err)
	}
	if len(b) != 0 {
		return fail(malformed("bytes after the certificate"))
	}
	b = outer.body
	tbs, err := expect(&b, tagSequence, "tbsCertificate")
	if err != nil {
		return fail(err)
	}
	in := tbs.body
	if _, _, err := optional(&in, 0xa0); err != nil { // version
		return fail(err)
	}
	serial, err := expect(&in, tagInteger, "serial number")
	if err != nil {
		return fail(err)
	}
	c.serial = serial.raw
	if _, err := expect(&in, tagSequence, "signature"); err != nil {
		return fail(err)
	}
	issuer, err := expect(&in, tagSequence, "issuer")
	if err != nil {
		return fail(err)
	}
	c.issuer = issuer.raw
	for _, what := range []string{"validity", "subject"} {
		if _, err := expect(&in, tagSequence, what); err != nil {
			return fail(err)
		}
	}
	spki, err := expect(&in, tagSequence, "subjectPublicKeyInfo")
	if err != nil {
		return fail(err)
	}
	c.spki = spki.raw
	for len(in) > 0 {
		e, err := next(&in)
		if err != nil {
			return fail(err)
		}
		if e.tag == 0xa3 {
			c.exts = e.body
		}
	}
	return c, nil
}

// keyID is the value of the SubjectKeyIdentifier extension; nil when it is not there.
func (c *certificate) keyID() []byte {
	b := c.exts
	exts, err := expect(&b, tagSequence, "extensions")
	if err != nil {
		return nil
	}
	for b := exts.body; len(b) > 0; {
		e, err := expect(&b, tagSequence, "extension")
		if err != nil {
			return nil
		}
		in := e.body
		if id, err := oid(&in, "extension"); err != nil || id != oidSubjectKeyID {
			continue
		}
		if _, _, err := optional(&in, tagBoolean); err != nil {
			return nil
		}
		value, err := expect(&in, tagOctetString, "extension")
		if err != nil {
			return nil
		}
		v := value.body
		key, err := expect(&v, tagOctetString, "key identifier")
		if err != nil {
			return nil
		}
		return key.body
	}
	return nil
}
