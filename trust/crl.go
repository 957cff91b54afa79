package trust

import (
	"iter"
	"math/big"
	"time"
)

// MaxCRLSize bounds a CRL, in bytes. The largest known have 70 MB.
const MaxCRLSize = 128 << 20

// A CRL is a parsed certificate revocation list. Its entries stay in the encoded form and are searched there: a list of a million
// entries takes no more memory than its bytes.
type CRL struct {
	Raw       []byte
	RawTBS    []byte
	RawIssuer []byte
	Issuer    Name

	ThisUpdate time.Time
	NextUpdate time.Time // zero: absent

	Number     *big.Int // nil: absent
	BaseNumber *big.Int // of a delta CRL, nil: complete

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
}

// IssuingDistributionPoint is RFC 5280 §5.2.5.
type IssuingDistributionPoint struct {
	Point                           DistributionPoint // its name and reasons
	OnlyUser, OnlyCA, OnlyAttribute bool
	Indirect                        bool
}

// A CRLEntry is one revoked certificate.
type CRLEntry struct {
	Serial     []byte // content octets
	RevokedAt  time.Time
	Reason     Reason
	Invalidity time.Time // zero: not said
	Issuer     *Name     // of indirect CRLs: who issued the certificate; nil: the CRL's issuer
}

// ParseCRL reads a CRL, DER. The result refers to der: do not change it later. The error matches [ErrMalformed].
func ParseCRL(der []byte) (*CRL, error) { return nil, malformed("CRL") }

// Len is the number of entries.
func (c *CRL) Len() int { return c.count }

// Entries goes through all entries in their order.
func (c *CRL) Entries() iter.Seq[CRLEntry] { return func(func(CRLEntry) bool) {} }

// Find returns the entry of the certificate with this issuer and serial (content octets).
func (c *CRL) Find(issuer Name, serial []byte) (CRLEntry, bool) { return CRLEntry{}, false }

// CheckSignatureFrom checks the signature under the issuer's public key, nothing else.
func (c *CRL) CheckSignatureFrom(issuer *Certificate) error { return nil }
