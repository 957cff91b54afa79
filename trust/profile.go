package trust

import (
	"slices"
	"strings"
)

// maxSerial is the longest serial number, in octets (RFC 5280 §4.1.2.2).
const maxSerial = 20

// checkProfile compares c with the certificate profile of RFC 5280 §4. What is found there decides under a policy with Profile
// and informs otherwise. What path validation itself asks for is not repeated here.
func (v *validator) checkProfile(r *verdict, c *Certificate, issues, anchor bool) {
	level := Info
	if v.p.Profile {
		level = Fail
	}
	say := func(clause, what string) { r.add(CodeProfile, "RFC 5280 §"+clause, level, c, what) }
	critical := func(oid string) (present, critical bool) {
		e, ok := c.Extension(oid)
		return ok, e.Critical
	}
	mustBe := func(oid, clause, name string, want bool) {
		if present, is := critical(oid); present && is != want {
			if want {
				say(clause, name+" is not critical")
			} else {
				say(clause, name+" is critical")
			}
		}
	}
	ca := c.IsCA() || issues

	if !anchor || !issues { // nobody looks up a root by its number, and well-known ones have number 0
		if c.Serial.Sign() <= 0 {
			say("4.1.2.2", "serial number is not positive")
		}
		if len(c.RawSerial) > maxSerial && !(len(c.RawSerial) == maxSerial+1 && c.RawSerial[0] == 0) {
			say("4.1.2.2", "serial number is longer than 20 octets")
		}
	}
	if c.Issuer.Empty() {
		say("4.1.2.4", "issuer is empty")
	}
	if c.Subject.Empty() {
		if ca {
			say("4.1.2.6", "subject of a CA is empty")
		} else if present, is := critical(oidSubjectAltName); !present || !is {
			say("4.1.2.6", "subject is empty and its alternative name is missing or not critical")
		}
	}
	for _, n := range c.Notes {
		switch n.Code {
		case NoteAlgorithmDiffers, NoteDuplicate, NoteMalformed: // judged for themselves
		case NoteVersion:
			say("4.1.2.1", "version does not allow "+n.What)
		default:
			say("4.1", n.String())
		}
	}

	// The key identifiers that path building rests on. A self-signed certificate may leave out the issuer's; self-signed means
	// signed with its own key, whatever names it has.
	mustBe(oidAuthorityKeyID, "4.2.1.1", "authority key identifier", false)
	mustBe(oidSubjectKeyID, "4.2.1.2", "subject key identifier", false)
	switch {
	case len(c.AuthorityKeyID) == 0:
		if c.HasExtension(oidAuthorityKeyID) || !c.SelfIssued() && c.CheckSignatureFrom(c) != nil {
			say("4.2.1.1", "authority key identifier is missing")
		}
	case c.SelfIssued() && anchor && len(c.SubjectKeyID) > 0 && string(c.AuthorityKeyID) != string(c.SubjectKeyID):
		if c.CheckSignatureFrom(c) == nil {
			say("4.2.1.1", "key identifiers of a self-signed certificate differ")
		}
	}
	if ca && len(c.SubjectKeyID) == 0 {
		say("4.2.1.2", "subject key identifier is missing")
	}

	if b := c.BasicConstraints; ca {
		mustBe(oidBasicConstraints, "4.2.1.9", "basic constraints", true)
		if b != nil && b.MaxPathLen >= 0 && (!b.CA || c.HasKeyUsage() && c.KeyUsage&KeyCertSign == 0) {
			say("4.2.1.9", "path length without the right to issue")
		}
		if b != nil && b.CA && c.HasKeyUsage() && c.KeyUsage&(KeyCertSign|CRLSign) == 0 && issues {
			say("4.2.1.3", "CA without the key usage to issue")
		}
	} else {
		if c.KeyUsage&KeyCertSign != 0 {
			say("4.2.1.9", "key usage keyCertSign without being a CA")
		}
		if b != nil && b.MaxPathLen >= 0 {
			say("4.2.1.9", "path length without being a CA")
		}
		if c.HasExtension(oidNameConstraints) {
			say("4.2.1.10", "name constraints without being a CA")
		}
	}
	mustBe(oidNameConstraints, "4.2.1.10", "name constraints", true)
	mustBe(oidPolicyConstraints, "4.2.1.11", "policy constraints", true)
	mustBe(oidInhibitAnyPolicy, "4.2.1.14", "inhibit anyPolicy", true)
	mustBe(oidAuthorityInfoAccess, "4.2.2.1", "authority information access", false)
	mustBe(oidSubjectInfoAccess, "4.2.2.2", "subject information access", false)
	mustBe(oidFreshestCRL, "4.2.1.15", "freshest CRL", false)
	if nc := c.NameConstraints; nc != nil {
		for _, g := range slices.Concat(nc.Permitted, nc.Excluded) {
			if g.Kind == DNS && strings.HasPrefix(g.Text, ".") {
				say("4.2.1.10", "DNS constraint begins with a dot")
				break
			}
		}
	}
	for _, g := range c.SubjectAltNames {
		if what := nameFault(g); what != "" {
			say("4.2.1.6", what)
			break
		}
	}
}

// nameFault says what is wrong with the form of an alternative name (RFC 5280 §4.2.1.6).
func nameFault(g GeneralName) string {
	switch g.Kind {
	case DNS:
		if !validHost(g.Text, true) || strings.Contains(g.Text, "_") {
			return "DNS name in another than the preferred syntax"
		}
		last := strings.TrimSuffix(g.Text, ".")
		last = last[strings.LastIndexByte(last, '.')+1:]
		if strings.Trim(last, "0123456789") == "" {
			return "IP address written as a DNS name"
		}
	case Email:
		if _, _, ok := splitMailbox(g.Text); !ok {
			return "malformed e-mail address"
		}
	case IPAddress:
		if len(g.IP) != 4 && len(g.IP) != 16 {
			return "IP address of another length than 4 or 16"
		}
	case URI:
		if g.Text == "" || !strings.Contains(g.Text, ":") {
			return "relative URI"
		}
	}
	return ""
}
