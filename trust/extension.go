package trust

import (
	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// maxListed bounds the members of lists in extensions (policies, mappings, usages, distribution points). Real ones have a dozen.
const maxListed = 1024

// readers are the extensions whose content is understood. Each says whether the whole content could be read.
var readers = map[string]func(*Certificate, cryptobyte.String) bool{
	oidSubjectKeyID:          (*Certificate).readSubjectKeyID,
	oidAuthorityKeyID:        (*Certificate).readAuthorityKeyID,
	oidKeyUsage:              (*Certificate).readKeyUsage,
	oidExtKeyUsage:           (*Certificate).readExtKeyUsage,
	oidBasicConstraints:      (*Certificate).readBasicConstraints,
	oidSubjectAltName:        (*Certificate).readSubjectAltName,
	oidIssuerAltName:         (*Certificate).readIssuerAltName,
	oidCertificatePolicies:   (*Certificate).readPolicies,
	oidPolicyMappings:        (*Certificate).readPolicyMappings,
	oidPolicyConstraints:     (*Certificate).readPolicyConstraints,
	oidInhibitAnyPolicy:      (*Certificate).readInhibitAnyPolicy,
	oidNameConstraints:       (*Certificate).readNameConstraints,
	oidCRLDistributionPoints: (*Certificate).readCRLDistribution,
	oidFreshestCRL:           (*Certificate).readFreshestCRL,
	oidAuthorityInfoAccess:   (*Certificate).readAccess,
	oidOCSPNoCheck:           (*Certificate).readNoCheck,
	oidNoRevAvail:            (*Certificate).readNoRevocation,
	oidShortTerm:             (*Certificate).readNoRevocation,
}

// harmless are extensions that may be critical without being read: nothing they say can make a path invalid. Directory
// attributes and private key usage periods describe, qualified certificate statements are judged elsewhere.
var harmless = map[string]bool{
	oidSubjectDirectoryAttributes: true,
	oidPrivateKeyUsagePeriod:      true,
	oidQCStatements:               true,
	oidSubjectInfoAccess:          true,
}

func (c *Certificate) readKnown() {
	for i, e := range c.Extensions {
		read, known := readers[e.OID]
		if !known {
			if e.Critical && !harmless[e.OID] {
				c.UnknownCritical = append(c.UnknownCritical, e.OID)
			}
			continue
		}
		if _, first := findExtension(c.Extensions[:i], e.OID); first {
			continue // noted as duplicate; the first one counts
		}
		if !read(c, e.Value) {
			c.Malformed = append(c.Malformed, e.OID)
			c.ns.add(NoteMalformed, e.OID)
		}
	}
}

func (c *Certificate) readSubjectKeyID(in cryptobyte.String) bool {
	var id cryptobyte.String
	ok := in.ReadASN1(&id, cbasn1.OCTET_STRING) && in.Empty()
	if ok {
		c.SubjectKeyID = id
	}
	return ok
}

func (c *Certificate) readAuthorityKeyID(in cryptobyte.String) bool {
	id, issuer, serial, ok := readAuthorityKeyID(in)
	if ok {
		c.AuthorityKeyID, c.AuthorityIssuer, c.AuthoritySerial = id, issuer, serial
	}
	return ok
}

// readAuthorityKeyID is RFC 5280 §4.2.1.1, for certificates and CRLs.
func readAuthorityKeyID(in cryptobyte.String) (id []byte, issuer []GeneralName, serial []byte, ok bool) {
	var seq, field cryptobyte.String
	var present bool
	if !in.ReadASN1(&seq, cbasn1.SEQUENCE) || !in.Empty() || !seq.ReadOptionalASN1(&field, &present, cbasn1.Tag(0).ContextSpecific()) {
		return nil, nil, nil, false
	}
	if present {
		id = field
	}
	if !seq.ReadOptionalASN1(&field, &present, cbasn1.Tag(1).ContextSpecific().Constructed()) {
		return nil, nil, nil, false
	}
	if present {
		if issuer, ok = readGeneralNames(field); !ok {
			return nil, nil, nil, false
		}
	}
	if !seq.ReadOptionalASN1(&field, &present, cbasn1.Tag(2).ContextSpecific()) || !seq.Empty() {
		return nil, nil, nil, false
	}
	if present {
		serial = field
	}
	return id, issuer, serial, true
}

func (c *Certificate) readKeyUsage(in cryptobyte.String) bool {
	var bits cryptobyte.String
	if !in.ReadASN1(&bits, cbasn1.BIT_STRING) || !in.Empty() {
		return false
	}
	v, ok := readFlags(bits)
	if ok {
		c.KeyUsage = KeyUsage(v)
	}
	return ok
}

func (c *Certificate) readExtKeyUsage(in cryptobyte.String) bool {
	var seq cryptobyte.String
	if !in.ReadASN1(&seq, cbasn1.SEQUENCE) || !in.Empty() {
		return false
	}
	if seq.Empty() { // SEQUENCE SIZE (1..MAX)
		c.ns.add(NoteEmptySequence, oidExtKeyUsage)
		return false
	}
	for !seq.Empty() {
		oid, ok := readOID(&seq)
		if !ok || len(c.ExtKeyUsage) >= maxListed {
			return false
		}
		c.ExtKeyUsage = append(c.ExtKeyUsage, oid)
	}
	return true
}

func (c *Certificate) readBasicConstraints(in cryptobyte.String) bool {
	var seq cryptobyte.String
	if !in.ReadASN1(&seq, cbasn1.SEQUENCE) || !in.Empty() {
		return false
	}
	b := BasicConstraints{MaxPathLen: -1}
	var ok bool
	if b.CA, ok = readOptionalBool(&seq, &c.ns, oidBasicConstraints); !ok {
		return false
	}
	if seq.PeekASN1Tag(cbasn1.INTEGER) {
		content, ok := readInteger(&seq, &c.ns, oidBasicConstraints)
		if !ok {
			return false
		}
		if b.MaxPathLen, ok = readSmall(content); !ok {
			return false
		}
	}
	if !seq.Empty() {
		return false
	}
	c.BasicConstraints = &b
	return true
}

func (c *Certificate) readSubjectAltName(in cryptobyte.String) bool {
	var seq cryptobyte.String
	if !in.ReadASN1(&seq, cbasn1.SEQUENCE) || !in.Empty() {
		return false
	}
	if seq.Empty() {
		c.ns.add(NoteEmptySequence, oidSubjectAltName)
		return false
	}
	var ok bool
	c.SubjectAltNames, ok = readGeneralNames(seq)
	return ok
}

func (c *Certificate) readIssuerAltName(in cryptobyte.String) bool {
	var seq cryptobyte.String
	if !in.ReadASN1(&seq, cbasn1.SEQUENCE) || !in.Empty() {
		return false
	}
	var ok bool
	c.IssuerAltNames, ok = readGeneralNames(seq)
	return ok
}

const (
	oidQualifierCPS    = "1.3.6.1.5.5.7.2.1"
	oidQualifierNotice = "1.3.6.1.5.5.7.2.2"
)

func (c *Certificate) readPolicies(in cryptobyte.String) bool {
	var seq cryptobyte.String
	if !in.ReadASN1(&seq, cbasn1.SEQUENCE) || !in.Empty() {
		return false
	}
	if seq.Empty() {
		c.ns.add(NoteEmptySequence, oidCertificatePolicies)
		return false
	}
	var list []PolicyInformation
	for !seq.Empty() {
		var info cryptobyte.String
		if len(list) >= maxListed || !seq.ReadASN1(&info, cbasn1.SEQUENCE) {
			return false
		}
		var p PolicyInformation
		var ok bool
		if p.OID, ok = readOID(&info); !ok {
			return false
		}
		if !info.Empty() {
			var quals, whole cryptobyte.String
			if !info.ReadASN1Element(&whole, cbasn1.SEQUENCE) || !info.Empty() {
				return false
			}
			p.Qualifiers = whole
			if !whole.ReadASN1(&quals, cbasn1.SEQUENCE) {
				return false
			}
			for !quals.Empty() {
				if !p.readQualifier(&quals) {
					return false
				}
			}
		}
		for _, q := range list {
			if q.OID == p.OID { // RFC 5280 §4.2.1.4: not more than once
				return false
			}
		}
		list = append(list, p)
	}
	c.Policies = list
	return true
}

func (p *PolicyInformation) readQualifier(in *cryptobyte.String) bool {
	var q, value cryptobyte.String
	var tag cbasn1.Tag
	if len(p.CPS)+len(p.Notice) >= maxListed || !in.ReadASN1(&q, cbasn1.SEQUENCE) {
		return false
	}
	oid, ok := readOID(&q)
	if !ok {
		return false
	}
	if q.Empty() {
		return true
	}
	if !q.ReadAnyASN1(&value, &tag) {
		return false
	}
	switch {
	case oid == oidQualifierCPS && tag == cbasn1.IA5String:
		p.CPS = append(p.CPS, latin1(value))
	case oid == oidQualifierNotice && tag == cbasn1.SEQUENCE:
		if value.PeekASN1Tag(cbasn1.SEQUENCE) && !value.SkipASN1(cbasn1.SEQUENCE) { // noticeRef
			return false
		}
		if !value.Empty() {
			var text cryptobyte.String
			if !value.ReadAnyASN1(&text, &tag) {
				return false
			}
			if s, ok := decodeString(tag, text); ok {
				p.Notice = append(p.Notice, s)
			}
		}
	}
	return true
}

func (c *Certificate) readPolicyMappings(in cryptobyte.String) bool {
	var seq cryptobyte.String
	if !in.ReadASN1(&seq, cbasn1.SEQUENCE) || !in.Empty() {
		return false
	}
	if seq.Empty() {
		c.ns.add(NoteEmptySequence, oidPolicyMappings)
		return false
	}
	for !seq.Empty() {
		var pair cryptobyte.String
		if len(c.PolicyMappings) >= maxListed || !seq.ReadASN1(&pair, cbasn1.SEQUENCE) {
			return false
		}
		from, ok1 := readOID(&pair)
		to, ok2 := readOID(&pair)
		if !ok1 || !ok2 || !pair.Empty() {
			return false
		}
		c.PolicyMappings = append(c.PolicyMappings, PolicyMapping{from, to})
	}
	return true
}

func (c *Certificate) readPolicyConstraints(in cryptobyte.String) bool {
	var seq cryptobyte.String
	if !in.ReadASN1(&seq, cbasn1.SEQUENCE) || !in.Empty() {
		return false
	}
	p := PolicyConstraints{-1, -1}
	for i, v := range []*int{&p.RequireExplicit, &p.InhibitMapping} {
		var field cryptobyte.String
		var present bool
		if !seq.ReadOptionalASN1(&field, &present, cbasn1.Tag(i).ContextSpecific()) {
			return false
		}
		if present {
			var ok bool
			if *v, ok = readSmall(field); !ok {
				return false
			}
		}
	}
	if !seq.Empty() {
		return false
	}
	if p.RequireExplicit < 0 && p.InhibitMapping < 0 { // RFC 5280 §4.2.1.11: must not be an empty sequence
		c.ns.add(NoteEmptySequence, oidPolicyConstraints)
	}
	c.PolicyConstraints = &p
	return true
}

func (c *Certificate) readInhibitAnyPolicy(in cryptobyte.String) bool {
	content, ok := readInteger(&in, &c.ns, oidInhibitAnyPolicy)
	if !ok || !in.Empty() {
		return false
	}
	n, ok := readSmall(content)
	if ok {
		c.InhibitAnyPolicy = n
	}
	return ok
}

func (c *Certificate) readNameConstraints(in cryptobyte.String) bool {
	var seq cryptobyte.String
	if !in.ReadASN1(&seq, cbasn1.SEQUENCE) || !in.Empty() {
		return false
	}
	var nc NameConstraints
	some := false
	for i, list := range []*[]GeneralName{&nc.Permitted, &nc.Excluded} {
		var field cryptobyte.String
		var present bool
		if !seq.ReadOptionalASN1(&field, &present, cbasn1.Tag(i).ContextSpecific().Constructed()) {
			return false
		}
		if !present {
			continue
		}
		if field.Empty() { // GeneralSubtrees ::= SEQUENCE SIZE (1..MAX)
			c.ns.add(NoteEmptySequence, oidNameConstraints)
			return false
		}
		some = true
		for !field.Empty() {
			var subtree cryptobyte.String
			if len(*list) >= maxGeneralNames || !field.ReadASN1(&subtree, cbasn1.SEQUENCE) {
				return false
			}
			g, ok := readGeneralName(&subtree)
			if !ok || !validConstraint(g) {
				return false
			}
			// minimum [0] DEFAULT 0 may be written out by careless encoders; any other value is not supported (RFC 5280 §4.2.1.10).
			var minimum cryptobyte.String
			var hasMin bool
			if !subtree.ReadOptionalASN1(&minimum, &hasMin, cbasn1.Tag(0).ContextSpecific()) || !subtree.Empty() {
				return false
			}
			if hasMin {
				if n, ok := readSmall(minimum); !ok || n != 0 {
					return false
				}
				c.ns.add(NoteDefaultEncoded, oidNameConstraints)
			}
			*list = append(*list, g)
		}
	}
	if !some {
		c.ns.add(NoteEmptySequence, oidNameConstraints)
		return false
	}
	if !seq.Empty() {
		return false
	}
	c.NameConstraints = &nc
	return true
}

func (c *Certificate) readCRLDistribution(in cryptobyte.String) bool {
	var ok bool
	c.CRLDistribution, ok = readDistributionPoints(in)
	return ok
}

func (c *Certificate) readFreshestCRL(in cryptobyte.String) bool {
	var ok bool
	c.FreshestCRL, ok = readDistributionPoints(in)
	return ok
}

func readDistributionPoints(in cryptobyte.String) ([]DistributionPoint, bool) {
	var seq cryptobyte.String
	if !in.ReadASN1(&seq, cbasn1.SEQUENCE) || !in.Empty() || seq.Empty() {
		return nil, false
	}
	var out []DistributionPoint
	for !seq.Empty() {
		var dp, field cryptobyte.String
		var present bool
		if len(out) >= maxListed || !seq.ReadASN1(&dp, cbasn1.SEQUENCE) {
			return nil, false
		}
		var d DistributionPoint
		if !d.readName(&dp) || !dp.ReadOptionalASN1(&field, &present, cbasn1.Tag(1).ContextSpecific()) {
			return nil, false
		}
		if present {
			v, ok := readFlags(field)
			if !ok {
				return nil, false
			}
			d.Reasons = Reasons(v)
		}
		if !dp.ReadOptionalASN1(&field, &present, cbasn1.Tag(2).ContextSpecific().Constructed()) || !dp.Empty() {
			return nil, false
		}
		if present {
			var ok bool
			if d.CRLIssuer, ok = readGeneralNames(field); !ok {
				return nil, false
			}
		}
		out = append(out, d)
	}
	return out, true
}

// readName reads the optional distributionPoint [0] DistributionPointName, a CHOICE and hence explicitly tagged.
func (d *DistributionPoint) readName(in *cryptobyte.String) bool {
	var name cryptobyte.String
	if !in.ReadOptionalASN1(&name, &d.named, cbasn1.Tag(0).ContextSpecific().Constructed()) {
		return false
	}
	if !d.named {
		return true
	}
	var content cryptobyte.String
	var tag cbasn1.Tag
	if !name.ReadAnyASN1(&content, &tag) || !name.Empty() {
		return false
	}
	switch tag {
	case cbasn1.Tag(0).ContextSpecific().Constructed():
		var ok bool
		d.FullName, ok = readGeneralNames(content)
		return ok
	case cbasn1.Tag(1).ContextSpecific().Constructed():
		// An RDN with an implicit tag: wrap it as the only one of a name to read it.
		var b cryptobyte.Builder
		b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddASN1(cbasn1.SET, func(b *cryptobyte.Builder) { b.AddBytes(content) })
		})
		der, err := b.Bytes()
		if err != nil {
			return false
		}
		n, err := ParseName(der)
		if err != nil || len(n.RDNs) != 1 {
			return false
		}
		d.Relative = n.RDNs[0]
		return true
	}
	return false
}

func (c *Certificate) readAccess(in cryptobyte.String) bool {
	var seq cryptobyte.String
	if !in.ReadASN1(&seq, cbasn1.SEQUENCE) || !in.Empty() || seq.Empty() {
		return false
	}
	for n := 0; !seq.Empty(); n++ {
		var desc cryptobyte.String
		if n >= maxListed || !seq.ReadASN1(&desc, cbasn1.SEQUENCE) {
			return false
		}
		method, ok := readOID(&desc)
		if !ok {
			return false
		}
		g, ok := readGeneralName(&desc)
		if !ok || !desc.Empty() {
			return false
		}
		if g.Kind != URI {
			continue
		}
		switch method {
		case oidAccessOCSP:
			c.OCSPServers = append(c.OCSPServers, g.Text)
		case oidAccessCAIssuers:
			c.IssuerURLs = append(c.IssuerURLs, g.Text)
		}
	}
	return true
}

func (c *Certificate) readNoCheck(cryptobyte.String) bool {
	c.NoCheck = true // the value should be NULL; some write nothing at all
	return true
}

func (c *Certificate) readNoRevocation(cryptobyte.String) bool {
	c.NoRevocation = true
	return true
}
