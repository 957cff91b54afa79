package trust

import (
	"bytes"
	"encoding/hex"
	"slices"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"absah/internal/sigalg"
)

// maxAttributes bounds the attributes of one name: real ones have fewer than 20, and every comparison walks them.
const maxAttributes = 256

// Attribute types that programs ask for by name.
const (
	AttrCommonName             = "2.5.4.3"
	AttrSurname                = "2.5.4.4"
	AttrSerialNumber           = "2.5.4.5"
	AttrCountry                = "2.5.4.6"
	AttrLocality               = "2.5.4.7"
	AttrState                  = "2.5.4.8"
	AttrStreet                 = "2.5.4.9"
	AttrOrganization           = "2.5.4.10"
	AttrOrganizationalUnit     = "2.5.4.11"
	AttrTitle                  = "2.5.4.12"
	AttrDescription            = "2.5.4.13"
	AttrGivenName              = "2.5.4.42"
	AttrPseudonym              = "2.5.4.65"
	AttrOrganizationIdentifier = "2.5.4.97"
	AttrEmailAddress           = "1.2.840.113549.1.9.1"
	AttrDomainComponent        = "0.9.2342.19200300.100.1.25"
	AttrUserID                 = "0.9.2342.19200300.100.1.1"
)

// attributeNames are the short names of RFC 4514 §3, and those that OpenSSL made usual for the rest.
var attributeNames = map[string]string{
	AttrCommonName:             "CN",
	AttrSurname:                "SN",
	AttrSerialNumber:           "serialNumber",
	AttrCountry:                "C",
	AttrLocality:               "L",
	AttrState:                  "ST",
	AttrStreet:                 "STREET",
	AttrOrganization:           "O",
	AttrOrganizationalUnit:     "OU",
	AttrTitle:                  "title",
	AttrDescription:            "description",
	AttrGivenName:              "GN",
	"2.5.4.43":                 "initials",
	"2.5.4.44":                 "generationQualifier",
	"2.5.4.46":                 "dnQualifier",
	"2.5.4.15":                 "businessCategory",
	"2.5.4.17":                 "postalCode",
	"2.5.4.20":                 "telephoneNumber",
	"2.5.4.41":                 "name",
	AttrPseudonym:              "pseudonym",
	AttrOrganizationIdentifier: "organizationIdentifier",
	AttrEmailAddress:           "emailAddress",
	AttrDomainComponent:        "DC",
	AttrUserID:                 "UID",
}

// An Attribute is one type and value of a name.
type Attribute struct {
	Type  string // dotted OID
	Value string // decoded text; for values that are no string the DER, as # and hexadecimal digits (RFC 4514 §2.4)
	Tag   byte   // ASN.1 tag of the value
	raw   []byte // content octets
}

// Name is a distinguished name. Raw is what counts: it is compared, hashed and shown, never written anew.
type Name struct {
	Raw  []byte        // DER of the RDNSequence
	RDNs [][]Attribute // in the order of the encoding
	key  string        // canonical form for comparison, see Key
}

// ParseName reads a distinguished name, DER without trailing bytes. Values that are not proper strings of their type are kept;
// the error matches [ErrMalformed].
func ParseName(der []byte) (Name, error) {
	in := cryptobyte.String(der)
	var whole cryptobyte.String
	if !in.ReadASN1Element(&whole, cbasn1.SEQUENCE) || !in.Empty() {
		return Name{}, malformed("name")
	}
	return parseName(whole)
}

func parseName(raw cryptobyte.String) (Name, error) {
	n := Name{Raw: raw}
	in := raw
	var seq cryptobyte.String
	if !in.ReadASN1(&seq, cbasn1.SEQUENCE) {
		return Name{}, malformed("name")
	}
	// One backing array for the usual case of one attribute an RDN.
	all := make([]Attribute, 0, 8)
	for !seq.Empty() {
		var set cryptobyte.String
		if !seq.ReadASN1(&set, cbasn1.SET) || set.Empty() {
			return Name{}, malformed("name")
		}
		from := len(all)
		for !set.Empty() {
			var atv, value cryptobyte.String
			var tag cbasn1.Tag
			if !set.ReadASN1(&atv, cbasn1.SEQUENCE) {
				return Name{}, malformed("name")
			}
			oid, ok := readOID(&atv)
			var element cryptobyte.String
			if !ok || !atv.ReadAnyASN1Element(&element, &tag) || !atv.Empty() || len(all) >= maxAttributes {
				return Name{}, malformed("name")
			}
			e := element
			if !e.ReadAnyASN1(&value, &tag) {
				return Name{}, malformed("name")
			}
			a := Attribute{Type: oid, Tag: byte(tag), raw: value}
			if s, ok := decodeString(tag, value); ok {
				a.Value = s
			} else {
				a.Value = "#" + hex.EncodeToString(element)
				a.raw = nil
			}
			all = append(all, a)
		}
		n.RDNs = append(n.RDNs, all[from:len(all):len(all)])
	}
	n.key = n.canonical()
	return n, nil
}

const (
	tagBMPString       = cbasn1.Tag(30)
	tagUniversalString = cbasn1.Tag(28)
	tagVisibleString   = cbasn1.Tag(26)
	tagNumericString   = cbasn1.Tag(18)
)

// decodeString turns the string types of X.520 into text. It is false for other types, not for bad content: what cannot be
// decoded shows as U+FFFD, because a name that looks odd is better than a certificate that cannot be named.
func decodeString(tag cbasn1.Tag, b []byte) (string, bool) {
	switch tag {
	case cbasn1.UTF8String, cbasn1.PrintableString, cbasn1.IA5String, tagVisibleString, tagNumericString:
		if utf8.Valid(b) {
			return string(b), true
		}
		// Latin-1 in a PrintableString or UTF8String is the most frequent fault of old software.
		return latin1(b), true
	case cbasn1.T61String:
		// X.690 has T.61 here; in practice it is Latin-1, or ASCII in the certificates of careful issuers.
		return latin1(b), true
	case tagBMPString:
		u := make([]uint16, 0, len(b)/2)
		for ; len(b) >= 2; b = b[2:] {
			u = append(u, uint16(b[0])<<8|uint16(b[1]))
		}
		if len(b) == 1 {
			u = append(u, unicode.ReplacementChar)
		}
		return string(utf16.Decode(u)), true
	case tagUniversalString:
		var s strings.Builder
		for ; len(b) >= 4; b = b[4:] {
			s.WriteRune(rune(uint32(b[0])<<24 | uint32(b[1])<<16 | uint32(b[2])<<8 | uint32(b[3])))
		}
		if len(b) > 0 {
			s.WriteRune(unicode.ReplacementChar)
		}
		return s.String(), true
	}
	return "", false
}

func latin1(b []byte) string {
	var s strings.Builder
	for _, c := range b {
		s.WriteRune(rune(c))
	}
	return s.String()
}

// Empty reports whether the name has no attributes.
func (n Name) Empty() bool { return len(n.RDNs) == 0 }

// Equal compares as RFC 5280 §7.1: string types do not matter, case is folded, white space at the ends is dropped and inside
// counts once. Unicode normalization (NFKC) is not applied: issuers that write one name in two compositions are not known, and
// names that only look alike stay different.
func (n Name) Equal(o Name) bool {
	return bytes.Equal(n.Raw, o.Raw) && n.Raw != nil || n.Key() == o.Key()
}

// Key is equal for two names exactly when [Name.Equal] holds; it serves as a map key. It is not for people and not for storing.
func (n Name) Key() string { return n.key }

// Within reports whether n lies in the subtree of base: the RDNs of base begin it (RFC 5280 §4.2.1.10).
func (n Name) Within(base Name) bool {
	if len(base.RDNs) > len(n.RDNs) {
		return false
	}
	for i := range base.RDNs {
		if canonicalRDN(nil, base.RDNs[i]) != canonicalRDN(nil, n.RDNs[i]) {
			return false
		}
	}
	return true
}

func (n Name) canonical() string {
	b := make([]byte, 0, len(n.Raw)+8)
	for _, rdn := range n.RDNs {
		if len(rdn) == 1 {
			b = appendCanonical(b, rdn[0])
		} else {
			b = append(b, canonicalRDN(nil, rdn)...)
		}
		b = append(b, 1)
	}
	return string(b)
}

func canonicalRDN(b []byte, rdn []Attribute) string {
	if len(rdn) == 1 {
		return string(appendCanonical(b, rdn[0]))
	}
	parts := make([]string, len(rdn))
	for i, a := range rdn {
		parts[i] = string(appendCanonical(nil, a))
	}
	slices.Sort(parts) // an RDN is a set
	return strings.Join(parts, "\x02")
}

// appendCanonical writes type and folded value. 0 to 3 separate; they cannot come from a value because control characters
// are mapped to space or nothing (RFC 4518 §2.2).
func appendCanonical(b []byte, a Attribute) []byte {
	b = append(b, a.Type...)
	b = append(b, 0)
	if a.raw == nil {
		return append(append(b, 3), a.Value...) // never equal to a string that spells the same digits
	}
	start, space := len(b), false
	for _, r := range a.Value {
		switch {
		case r < 0x80 && r > ' ' && r != 0x7f:
			if r >= 'A' && r <= 'Z' {
				r += 'a' - 'A'
			}
		case r == ' ' || r >= '\t' && r <= '\r' || r == 0x85 || r > 0x7f && unicode.Is(unicode.Z, r):
			space = len(b) > start
			continue
		case r < ' ' || r >= 0x7f && r < 0xa0 || r == 0xad || r == 0x34f || r == 0x1806 || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Variation_Selector, r):
			continue
		default:
			r = unicode.ToLower(unicode.ToUpper(r)) // upper first: ς and σ, ſ and s are one letter
		}
		if space {
			b = append(b, ' ')
			space = false
		}
		b = utf8.AppendRune(b, r)
	}
	return b
}

// String is the RFC 4514 form: last RDN first, short names where they are usual. Control characters are escaped, so that it is
// safe on a terminal.
func (n Name) String() string {
	var s strings.Builder
	for i := len(n.RDNs) - 1; i >= 0; i-- {
		for j, a := range n.RDNs[i] {
			switch {
			case j > 0:
				s.WriteByte('+')
			case i < len(n.RDNs)-1:
				s.WriteByte(',')
			}
			short, ok := attributeNames[a.Type]
			if !ok {
				short = a.Type
			}
			s.WriteString(short)
			s.WriteByte('=')
			if a.raw == nil {
				s.WriteString(a.Value)
				continue
			}
			escape(&s, a.Value)
		}
	}
	return s.String()
}

// escape is RFC 4514 §2.4.
func escape(s *strings.Builder, v string) {
	for i, r := range v {
		switch {
		case r == ' ' && (i == 0 || i == len(v)-1), r == '#' && i == 0, strings.ContainsRune(`"+,;<>\`, r):
			s.WriteByte('\\')
			s.WriteRune(r)
		case r < ' ' || r == 0x7f || r > 0x7f && !unicode.IsPrint(r) && !unicode.Is(unicode.Z, r):
			var u [utf8.UTFMax]byte
			for _, c := range u[:utf8.EncodeRune(u[:], r)] {
				s.WriteByte('\\')
				s.WriteString(hex.EncodeToString([]byte{c}))
			}
		default:
			s.WriteRune(r)
		}
	}
}

// Get returns the values of an attribute type, the most specific (last) first.
func (n Name) Get(oid string) []string {
	var out []string
	for i := len(n.RDNs) - 1; i >= 0; i-- {
		for _, a := range n.RDNs[i] {
			if a.Type == oid {
				out = append(out, a.Value)
			}
		}
	}
	return out
}

// CommonName is the name to show a person: the most specific common name, else pseudonym, organisation, organisational unit,
// e-mail address or description, else the whole name.
func (n Name) CommonName() string {
	for _, oid := range []string{AttrCommonName, AttrPseudonym, AttrOrganization, AttrOrganizationalUnit, AttrEmailAddress, AttrDescription} {
		if v := n.Get(oid); len(v) > 0 && strings.TrimSpace(v[0]) != "" {
			return v[0]
		}
	}
	return n.String()
}

// A GeneralName is a name of RFC 5280 §4.2.1.6.
type GeneralName struct {
	Kind  NameKind
	Text  string // address of Email, DNS, URI; dotted OID of RegisteredID; dotted type of OtherName
	IP    []byte // 4 or 16 bytes; with a mask in constraints 8 or 32
	Name  Name   // of Directory
	Value []byte // content octets
}

// NameKind is the tag of a GeneralName.
type NameKind int

// The kinds of RFC 5280 §4.2.1.6.
const (
	OtherName     NameKind = 0
	Email         NameKind = 1
	DNS           NameKind = 2
	X400Address   NameKind = 3
	Directory     NameKind = 4
	EDIPartyName  NameKind = 5
	URI           NameKind = 6
	IPAddress     NameKind = 7
	RegisteredID  NameKind = 8
	nameKindCount          = 9
)

func (k NameKind) String() string {
	if k < 0 || k >= nameKindCount {
		return "unknown name"
	}
	return [...]string{"other name", "e-mail address", "DNS name", "X.400 address", "directory name", "EDI party name", "URI", "IP address", "registered ID"}[k]
}

// maxGeneralNames bounds the names in one extension. Web certificates have up to some hundreds.
const maxGeneralNames = 4096

// readGeneralName reads one GeneralName. ok is false when its encoding is unusable.
func readGeneralName(in *cryptobyte.String) (GeneralName, bool) {
	var content cryptobyte.String
	var tag cbasn1.Tag
	if !in.ReadAnyASN1(&content, &tag) {
		return GeneralName{}, false
	}
	g := GeneralName{Kind: NameKind(tag & 0x1f), Value: content}
	if tag&0xc0 != 0x80 || g.Kind >= nameKindCount {
		return GeneralName{}, false
	}
	constructed := tag&0x20 != 0
	switch g.Kind {
	case Email, DNS, URI:
		if constructed {
			return GeneralName{}, false
		}
		for _, c := range content {
			if c >= 0x80 { // IA5String
				return GeneralName{}, false
			}
		}
		g.Text = string(content)
	case Directory: // CHOICE, hence explicitly tagged
		if !constructed {
			return GeneralName{}, false
		}
		n, err := ParseName(content)
		if err != nil {
			return GeneralName{}, false
		}
		g.Name = n
	case IPAddress:
		if constructed {
			return GeneralName{}, false
		}
		g.IP = content
	case RegisteredID:
		oid, ok := sigalg.DecodeOID(content)
		if constructed || !ok {
			return GeneralName{}, false
		}
		g.Text = oid
	case OtherName:
		oid, ok := readOID(&content)
		if !constructed || !ok {
			return GeneralName{}, false
		}
		g.Text = oid
	default:
		if !constructed {
			return GeneralName{}, false
		}
	}
	return g, true
}

// readGeneralNames reads the content of a GeneralNames sequence.
func readGeneralNames(seq cryptobyte.String) ([]GeneralName, bool) {
	var out []GeneralName
	for !seq.Empty() {
		g, ok := readGeneralName(&seq)
		if !ok || len(out) >= maxGeneralNames {
			return nil, false
		}
		out = append(out, g)
	}
	return out, true
}
