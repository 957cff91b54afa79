package trust

import (
	"crypto"
	"math/big"
	"time"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"absah/internal/sigalg"
)

// MaxCertificateSize bounds a certificate, in bytes. Post-quantum certificates have about 60 KB; a certificate is never a megabyte.
const MaxCertificateSize = 1 << 20

// maxExtensions bounds the extensions of one certificate or CRL. Real ones have up to 20.
const maxExtensions = 256

// A Certificate is a parsed X.509 certificate. It does not change after parsing and may be shared.
type Certificate struct {
	Raw        []byte // the certificate without bytes after its end
	RawTBS     []byte // what is signed
	RawSubject []byte
	RawIssuer  []byte
	RawSPKI    []byte // SubjectPublicKeyInfo
	KeyBits    []byte // the public key's own bits inside RawSPKI: what OCSP and key identifiers hash

	Version   int      // 1, 2 or 3
	Serial    *big.Int // may be negative or zero
	RawSerial []byte   // content octets of the serial, as they are
	Subject   Name
	Issuer    Name
	NotBefore time.Time
	NotAfter  time.Time // inclusive

	PublicKey    crypto.PublicKey // nil when unknown; a DSA key may lack its parameters (RFC 3279 §2.3.2)
	PublicKeyErr error            // why PublicKey is nil

	SignatureAlgorithm AlgorithmIdentifier
	Signature          []byte

	Extensions []Extension // in their order, all of them
	Notes      []Note      // what had to be tolerated

	BasicConstraints  *BasicConstraints // nil: absent
	KeyUsage          KeyUsage          // zero: absent, or present without a bit; see HasExtension
	ExtKeyUsage       []string          // OIDs
	SubjectAltNames   []GeneralName
	IssuerAltNames    []GeneralName
	SubjectKeyID      []byte
	AuthorityKeyID    []byte
	AuthorityIssuer   []GeneralName // authorityCertIssuer
	AuthoritySerial   []byte        // authorityCertSerialNumber, content octets
	Policies          []PolicyInformation
	PolicyMappings    []PolicyMapping
	PolicyConstraints *PolicyConstraints // nil: absent
	InhibitAnyPolicy  int                // -1: absent
	NameConstraints   *NameConstraints   // nil: absent
	CRLDistribution   []DistributionPoint
	FreshestCRL       []DistributionPoint
	OCSPServers       []string // URIs of the authority information access extension
	IssuerURLs        []string // where the issuer's certificate can be had
	NoCheck           bool     // id-pkix-ocsp-nocheck
	NoRevocation      bool     // its issuer never revokes it: noRevAvail (RFC 9608) or validity-assured short-term (ETSI EN 319 412-1)
	UnknownCritical   []string // OIDs of critical extensions that are not understood
	Malformed         []string // OIDs of known extensions whose content cannot be read

	ns notes
}

// Extension is one extension as it came.
type Extension struct {
	OID      string
	Critical bool
	Value    []byte // content of the extnValue OCTET STRING
}

// KeyUsage is the bit list of RFC 5280 §4.2.1.3.
type KeyUsage uint16

// The bits of RFC 5280 §4.2.1.3.
const (
	DigitalSignature KeyUsage = 1 << iota
	NonRepudiation            // also called contentCommitment
	KeyEncipherment
	DataEncipherment
	KeyAgreement
	KeyCertSign
	CRLSign
	EncipherOnly
	DecipherOnly
)

// BasicConstraints is RFC 5280 §4.2.1.9.
type BasicConstraints struct {
	CA         bool
	MaxPathLen int // -1: no limit
}

// PolicyInformation is one entry of certificate policies (RFC 5280 §4.2.1.4).
type PolicyInformation struct {
	OID        string
	CPS        []string // pointers to certification practice statements
	Notice     []string // explicit texts of user notices
	Qualifiers []byte   // DER of the policyQualifiers, nil when absent
}

// PolicyMapping is RFC 5280 §4.2.1.5.
type PolicyMapping struct{ Issuer, Subject string }

// PolicyConstraints is RFC 5280 §4.2.1.11; -1 means absent.
type PolicyConstraints struct{ RequireExplicit, InhibitMapping int }

// NameConstraints is RFC 5280 §4.2.1.10. Minimum and maximum are not supported there, a constraint that has them is malformed.
type NameConstraints struct{ Permitted, Excluded []GeneralName }

// DistributionPoint is RFC 5280 §4.2.1.13.
type DistributionPoint struct {
	FullName  []GeneralName
	Relative  []Attribute // nameRelativeToCRLIssuer
	Reasons   Reasons     // zero: all reasons
	CRLIssuer []GeneralName
	named     bool // distributionPoint is present
}

// URLs are the addresses in the full name.
func (d DistributionPoint) URLs() []string {
	var out []string
	for _, g := range d.FullName {
		if g.Kind == URI {
			out = append(out, g.Text)
		}
	}
	return out
}

// Reasons is the ReasonFlags bit list of RFC 5280 §4.2.1.13; bit 0 is unused.
type Reasons uint16

// AllReasons are the reasons that a complete answer must cover (RFC 5280 §6.3.2).
const AllReasons Reasons = 0x1fe

// ParseCertificate reads a certificate, DER. Bytes after its end are noted and left out of Raw, which refers to der: do not change it later. The error
// matches [ErrMalformed] when the outer structure cannot be read; everything milder is in Notes, Malformed and UnknownCritical.
func ParseCertificate(der []byte) (*Certificate, error) {
	bad := func(what string) (*Certificate, error) { return nil, malformed("certificate: " + what) }
	if len(der) > MaxCertificateSize {
		if cut, ok := element(der, MaxCertificateSize); ok {
			der = cut
		} else {
			return bad("larger than 1 MiB")
		}
	}
	in := cryptobyte.String(der)
	var whole cryptobyte.String
	if !in.ReadASN1Element(&whole, cbasn1.SEQUENCE) {
		return bad("outer sequence")
	}
	c := &Certificate{Raw: whole, Version: 1, InhibitAnyPolicy: -1}
	if !in.Empty() {
		c.ns.add(NoteTrailingBytes, "certificate")
	}
	var body, tbs, tbsElement, algElement cryptobyte.String
	if !whole.ReadASN1(&body, cbasn1.SEQUENCE) || !body.ReadASN1Element(&tbsElement, cbasn1.SEQUENCE) ||
		!body.ReadASN1Element(&algElement, cbasn1.SEQUENCE) {
		return bad("outer sequence")
	}
	var ok bool
	if c.Signature, ok = readBits(&body, &c.ns, "signature"); !ok {
		return bad("signature value")
	}
	if !body.Empty() {
		c.ns.add(NoteTrailingBytes, "signature")
	}
	var err error
	if c.SignatureAlgorithm, err = sigalg.ParseAlgorithm(algElement); err != nil {
		return bad("signature algorithm")
	}
	c.RawTBS = tbsElement
	if !tbsElement.ReadASN1(&tbs, cbasn1.SEQUENCE) {
		return bad("contents")
	}

	if tag := cbasn1.Tag(0).ContextSpecific().Constructed(); tbs.PeekASN1Tag(tag) {
		var v cryptobyte.String
		if !tbs.ReadASN1(&v, tag) {
			return bad("version")
		}
		content, ok := readInteger(&v, &c.ns, "version")
		n, small := readSmall(content)
		if !ok || !small || n > 2 {
			return bad("version")
		}
		if n == 0 {
			c.ns.add(NoteDefaultEncoded, "version")
		}
		c.Version = n + 1
	}
	if c.RawSerial, ok = readInteger(&tbs, &c.ns, "serial"); !ok {
		return bad("serial number")
	}
	c.Serial = signed(c.RawSerial)
	var inner cryptobyte.String
	if !tbs.ReadASN1Element(&inner, cbasn1.SEQUENCE) {
		return bad("inner signature algorithm")
	}
	if string(inner) != string(algElement) {
		// RFC 5280 §4.1.1.2. NULL against absent parameters is a difference too, but one that everybody made.
		if a, err := sigalg.ParseAlgorithm(inner); err != nil || !a.Equal(c.SignatureAlgorithm) {
			c.ns.add(NoteAlgorithmDiffers, "signature")
		}
	}
	var issuer, validity, subject, spki cryptobyte.String
	if !tbs.ReadASN1Element(&issuer, cbasn1.SEQUENCE) {
		return bad("issuer")
	}
	if c.Issuer, err = parseName(issuer); err != nil {
		return bad("issuer")
	}
	c.RawIssuer = issuer
	if !tbs.ReadASN1(&validity, cbasn1.SEQUENCE) {
		return bad("validity")
	}
	if c.NotBefore, ok = readTime(&validity, &c.ns, "notBefore"); !ok {
		return bad("notBefore")
	}
	if c.NotAfter, ok = readTime(&validity, &c.ns, "notAfter"); !ok {
		return bad("notAfter")
	}
	if !tbs.ReadASN1Element(&subject, cbasn1.SEQUENCE) {
		return bad("subject")
	}
	if c.Subject, err = parseName(subject); err != nil {
		return bad("subject")
	}
	c.RawSubject = subject
	if !tbs.ReadASN1Element(&spki, cbasn1.SEQUENCE) {
		return bad("public key")
	}
	c.RawSPKI = spki
	if !c.readKey(spki) {
		return bad("public key")
	}
	for _, n := range []cbasn1.Tag{1, 2} { // issuerUniqueID, subjectUniqueID: skipped, RFC 5280 §4.1.2.8
		if tbs.PeekASN1Tag(n.ContextSpecific()) {
			var id cryptobyte.String
			if !tbs.ReadASN1(&id, n.ContextSpecific()) {
				return bad("unique identifier")
			}
			if c.Version == 1 {
				c.ns.add(NoteVersion, "unique identifier")
			}
		}
	}
	if tag := cbasn1.Tag(3).ContextSpecific().Constructed(); tbs.PeekASN1Tag(tag) {
		var list cryptobyte.String
		if !tbs.ReadASN1(&list, tag) {
			return bad("extensions")
		}
		if c.Extensions, ok = readExtensions(&list, &c.ns); !ok {
			return bad("extensions")
		}
		if c.Version != 3 {
			c.ns.add(NoteVersion, "extensions")
		}
		c.readKnown()
	}
	if !tbs.Empty() {
		c.ns.add(NoteTrailingBytes, "contents")
	}
	c.Notes = c.ns
	return c, nil
}

// element returns the first DER element of b when it is not longer than limit.
func element(b []byte, limit int) ([]byte, bool) {
	if len(b) > limit {
		b = b[:limit]
	}
	in := cryptobyte.String(b)
	var out cryptobyte.String
	var tag cbasn1.Tag
	ok := in.ReadAnyASN1Element(&out, &tag)
	return out, ok
}

func signed(content []byte) *big.Int {
	v := new(big.Int).SetBytes(content)
	if len(content) > 0 && content[0]&0x80 != 0 {
		v.Sub(v, new(big.Int).Lsh(big.NewInt(1), uint(8*len(content))))
	}
	return v
}

func (c *Certificate) readKey(spki cryptobyte.String) bool {
	var seq, alg cryptobyte.String
	if !spki.ReadASN1(&seq, cbasn1.SEQUENCE) || !seq.ReadASN1Element(&alg, cbasn1.SEQUENCE) {
		return false
	}
	var ok bool
	if c.KeyBits, ok = readBits(&seq, &c.ns, "public key"); !ok {
		return false
	}
	if a, err := sigalg.ParseAlgorithm(alg); err != nil {
		c.PublicKeyErr = err
	} else {
		c.PublicKey, c.PublicKeyErr = sigalg.ParseKey(a, c.KeyBits)
	}
	if c.PublicKeyErr != nil {
		c.PublicKey = nil
	}
	return true
}

func readExtensions(in *cryptobyte.String, ns *notes) ([]Extension, bool) {
	var seq cryptobyte.String
	if !in.ReadASN1(&seq, cbasn1.SEQUENCE) {
		return nil, false
	}
	if seq.Empty() {
		ns.add(NoteEmptyExtensions, "extensions")
		return nil, true
	}
	exts := make([]Extension, 0, 10)
	for !seq.Empty() {
		var x, value cryptobyte.String
		if len(exts) >= maxExtensions || !seq.ReadASN1(&x, cbasn1.SEQUENCE) {
			return nil, false
		}
		var e Extension
		var ok bool
		if e.OID, ok = readOID(&x); !ok {
			return nil, false
		}
		if e.Critical, ok = readOptionalBool(&x, ns, e.OID); !ok {
			return nil, false
		}
		if !x.ReadASN1(&value, cbasn1.OCTET_STRING) || !x.Empty() {
			return nil, false
		}
		e.Value = value
		for i := range exts {
			if exts[i].OID == e.OID {
				ns.add(NoteDuplicate, e.OID)
				break
			}
		}
		exts = append(exts, e)
	}
	return exts, true
}

// Extension returns the first extension with this OID.
func (c *Certificate) Extension(oid string) (Extension, bool) {
	return findExtension(c.Extensions, oid)
}

// HasExtension reports whether an extension with this OID is there, readable or not.
func (c *Certificate) HasExtension(oid string) bool {
	_, ok := c.Extension(oid)
	return ok
}

func findExtension(exts []Extension, oid string) (Extension, bool) {
	for _, e := range exts {
		if e.OID == oid {
			return e, true
		}
	}
	return Extension{}, false
}

// HasKeyUsage reports whether the key usage extension is there.
func (c *Certificate) HasKeyUsage() bool { return c.HasExtension(oidKeyUsage) }

// HasExtKeyUsage reports whether the extended key usage extension is there.
func (c *Certificate) HasExtKeyUsage() bool { return c.HasExtension(oidExtKeyUsage) }

// IsCA reports whether basic constraints say CA.
func (c *Certificate) IsCA() bool { return c.BasicConstraints != nil && c.BasicConstraints.CA }

// SelfIssued reports whether subject and issuer are the same name (RFC 5280 §6.1).
func (c *Certificate) SelfIssued() bool { return c.Subject.Equal(c.Issuer) }

// SelfSigned reports whether the certificate is self-issued and its signature verifies under its own key.
func (c *Certificate) SelfSigned() bool {
	return c.SelfIssued() && c.CheckSignatureFrom(c) == nil
}

// CheckSignatureFrom checks the signature under the issuer's public key: the mathematics only, not whether the issuer may issue.
func (c *Certificate) CheckSignatureFrom(issuer *Certificate) error {
	if issuer.PublicKey == nil {
		return issuer.PublicKeyErr
	}
	return sigalg.Verify(issuer.PublicKey, c.SignatureAlgorithm, 0, c.RawTBS, c.Signature)
}

// Equal reports whether both are the same bytes.
func (c *Certificate) Equal(o *Certificate) bool {
	return c == o || c != nil && o != nil && string(c.Raw) == string(o.Raw)
}
