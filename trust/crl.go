package trust

import (
	"bytes"
	"crypto"
	"hash/maphash"
	"math/big"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"absah/internal/sigalg"
)

// MaxCRLSize bounds a CRL, in bytes. The largest known have 70 MB.
const MaxCRLSize = 128 << 20

// A CRL is a parsed certificate revocation list. Its entries stay in the encoded form and are searched there: a list of a million
// entries takes no more memory than its bytes, plus eight bytes an entry when it is searched often.
type CRL struct {
	Raw       []byte
	RawTBS    []byte
	RawIssuer []byte
	Issuer    Name

	ThisUpdate time.Time
	NextUpdate time.Time // zero: absent

	Number     *big.Int // nil: absent
	BaseNumber *big.Int // of a delta CRL; nil: complete

	Scope          *IssuingDistributionPoint // nil: everything that the issuer issued
	AuthorityKeyID []byte
	FreshestCRL    []DistributionPoint
	ExpiredFrom    time.Time // expiredCertsOnCRL: certificates that expired since then stay listed; zero: expired ones may be dropped

	SignatureAlgorithm AlgorithmIdentifier
	Signature          []byte
	Extensions         []Extension
	Notes              []Note
	UnknownCritical    []string // OIDs of critical extensions, of the list or an entry, that are not understood
	Malformed          []string // OIDs of known extensions whose content cannot be read

	entries []byte
	count   int
	ns      notes

	searches atomic.Int32
	once     sync.Once
	seed     maphash.Seed
	slots    []uint32 // open addressing, 1 + offset into entries; 0 is empty
}

// IssuingDistributionPoint is RFC 5280 §5.2.5.
type IssuingDistributionPoint struct {
	Point         DistributionPoint // its name, and onlySomeReasons
	OnlyUser      bool
	OnlyCA        bool
	OnlyAttribute bool
	Indirect      bool
}

// A CRLEntry is one revoked certificate.
type CRLEntry struct {
	Serial     []byte // content octets
	RevokedAt  time.Time
	Reason     Reason
	Invalidity time.Time // zero: not said
	Issuer     *Name     // of indirect CRLs: who issued the certificate; nil: the CRL's issuer
}

// ParseCRL reads a CRL, DER. Every entry is walked once, so that entries with unknown critical extensions are known. The result
// refers to der: do not change it later. The error matches [ErrMalformed].
func ParseCRL(der []byte) (*CRL, error) {
	bad := func(what string) (*CRL, error) { return nil, malformed("CRL: " + what) }
	if len(der) > MaxCRLSize {
		return bad("larger than 128 MiB")
	}
	in := cryptobyte.String(der)
	var whole cryptobyte.String
	if !in.ReadASN1Element(&whole, cbasn1.SEQUENCE) {
		return bad("outer sequence")
	}
	c := &CRL{Raw: whole}
	if !in.Empty() {
		c.ns.add(NoteTrailingBytes, "CRL")
	}
	var body, tbsElement, tbs, algElement, inner, issuer cryptobyte.String
	if !whole.ReadASN1(&body, cbasn1.SEQUENCE) || !body.ReadASN1Element(&tbsElement, cbasn1.SEQUENCE) ||
		!body.ReadASN1Element(&algElement, cbasn1.SEQUENCE) {
		return bad("outer sequence")
	}
	var ok bool
	if c.Signature, ok = readBits(&body, &c.ns, "signature"); !ok {
		return bad("signature value")
	}
	var err error
	if c.SignatureAlgorithm, err = sigalg.ParseAlgorithm(algElement); err != nil {
		return bad("signature algorithm")
	}
	c.RawTBS = tbsElement
	if !tbsElement.ReadASN1(&tbs, cbasn1.SEQUENCE) {
		return bad("contents")
	}
	version := 1
	if tbs.PeekASN1Tag(cbasn1.INTEGER) {
		content, ok := readInteger(&tbs, &c.ns, "version")
		if !ok || len(content) != 1 || content[0] > 1 {
			return bad("version")
		}
		version = int(content[0]) + 1
	}
	if !tbs.ReadASN1Element(&inner, cbasn1.SEQUENCE) {
		return bad("inner signature algorithm")
	}
	if !bytes.Equal(inner, algElement) {
		if a, err := sigalg.ParseAlgorithm(inner); err != nil || !a.Equal(c.SignatureAlgorithm) {
			c.ns.add(NoteAlgorithmDiffers, "signature")
		}
	}
	if !tbs.ReadASN1Element(&issuer, cbasn1.SEQUENCE) {
		return bad("issuer")
	}
	c.RawIssuer = issuer
	if c.Issuer, err = parseName(issuer); err != nil {
		return bad("issuer")
	}
	if c.ThisUpdate, ok = readTime(&tbs, &c.ns, "thisUpdate"); !ok {
		return bad("thisUpdate")
	}
	if tbs.PeekASN1Tag(cbasn1.UTCTime) || tbs.PeekASN1Tag(cbasn1.GeneralizedTime) {
		if c.NextUpdate, ok = readTime(&tbs, &c.ns, "nextUpdate"); !ok {
			return bad("nextUpdate")
		}
	}
	if tbs.PeekASN1Tag(cbasn1.SEQUENCE) {
		var list cryptobyte.String
		if !tbs.ReadASN1(&list, cbasn1.SEQUENCE) {
			return bad("revoked certificates")
		}
		c.entries = list
		if !c.walk() {
			return bad("revoked certificates")
		}
	}
	if tag := cbasn1.Tag(0).ContextSpecific().Constructed(); tbs.PeekASN1Tag(tag) {
		var list cryptobyte.String
		if !tbs.ReadASN1(&list, tag) {
			return bad("extensions")
		}
		if c.Extensions, ok = readExtensions(&list, &c.ns); !ok {
			return bad("extensions")
		}
		if version == 1 {
			c.ns.add(NoteVersion, "extensions")
		}
		c.readKnown()
	}
	if !tbs.Empty() {
		return bad("contents")
	}
	c.Notes = c.ns
	return c, nil
}

func (c *CRL) readKnown() {
	for i, e := range c.Extensions {
		if _, first := findExtension(c.Extensions[:i], e.OID); first {
			continue
		}
		in := cryptobyte.String(e.Value)
		ok := true
		switch e.OID {
		case oidCRLNumber:
			c.Number, ok = readNumber(in)
		case oidDeltaCRLIndicator:
			c.BaseNumber, ok = readNumber(in)
		case oidIssuingDistributionPoint:
			ok = c.readScope(in)
		case oidAuthorityKeyID:
			c.AuthorityKeyID, _, _, ok = readAuthorityKeyID(in)
		case oidFreshestCRL:
			c.FreshestCRL, ok = readDistributionPoints(in)
		case oidExpiredCertsOnCRL:
			c.ExpiredFrom, ok = readTime(&in, &notes{}, e.OID)
		case oidAuthorityInfoAccess, oidIssuerAltName: // describe, decide nothing
		default:
			if e.Critical {
				c.UnknownCritical = append(c.UnknownCritical, e.OID)
			}
		}
		if !ok {
			c.Malformed = append(c.Malformed, e.OID)
			c.ns.add(NoteMalformed, e.OID)
		}
	}
}

func readNumber(in cryptobyte.String) (*big.Int, bool) {
	n := new(big.Int)
	if !in.ReadASN1Integer(n) || !in.Empty() || n.Sign() < 0 {
		return nil, false
	}
	return n, true
}

func (c *CRL) readScope(in cryptobyte.String) bool {
	var seq cryptobyte.String
	if !in.ReadASN1(&seq, cbasn1.SEQUENCE) || !in.Empty() {
		return false
	}
	var s IssuingDistributionPoint
	if !s.Point.readName(&seq) {
		return false
	}
	for n := 1; n <= 5; n++ {
		var field cryptobyte.String
		var present bool
		if !seq.ReadOptionalASN1(&field, &present, cbasn1.Tag(n).ContextSpecific()) {
			return false
		}
		if !present {
			continue
		}
		if n == 3 {
			v, ok := readFlags(field)
			if !ok {
				return false
			}
			s.Point.Reasons = Reasons(v)
			continue
		}
		if len(field) != 1 {
			return false
		}
		*map[int]*bool{1: &s.OnlyUser, 2: &s.OnlyCA, 4: &s.Indirect, 5: &s.OnlyAttribute}[n] = field[0] != 0
	}
	c.Scope = &s
	return seq.Empty()
}

// CheckSignatureFrom checks the signature under the issuer's public key: the mathematics only, not whether it may sign CRLs.
func (c *CRL) CheckSignatureFrom(issuer *Certificate) error {
	if issuer.PublicKey == nil {
		return issuer.PublicKeyErr
	}
	return sigalg.Verify(issuer.PublicKey, c.SignatureAlgorithm, 0, c.RawTBS, c.Signature)
}

func checkCRLSignature(c *CRL, key crypto.PublicKey) error {
	return sigalg.Verify(key, c.SignatureAlgorithm, 0, c.RawTBS, c.Signature)
}
