package trust

import (
	"fmt"
	"time"
)

// Status is the outcome of a validation (EN 319 102-1 §5.1).
type Status string

// The outcomes.
const (
	Passed        Status = "PASSED"
	Failed        Status = "FAILED"
	Indeterminate Status = "INDETERMINATE"
)

// SubIndication is the reason beside a status, in the words of EN 319 102-1 §5.1.3. Empty with Passed.
type SubIndication string

// The sub-indications that path validation comes to. Whoever knows a proof of existence may turn those with NoPOE into stronger
// ones.
const (
	NoCertificateChainFound SubIndication = "NO_CERTIFICATE_CHAIN_FOUND"
	// The anchor's sunset date has passed, and no proof shows that the signature is older.
	NoCertificateChainFoundNoPOE SubIndication = "NO_CERTIFICATE_CHAIN_FOUND_NO_POE"
	CertificateChainGeneral      SubIndication = "CERTIFICATE_CHAIN_GENERAL_FAILURE"
	ChainConstraints             SubIndication = "CHAIN_CONSTRAINTS_FAILURE"
	CryptoConstraintsNoPOE       SubIndication = "CRYPTO_CONSTRAINTS_FAILURE_NO_POE"
	OutOfBoundsNoPOE             SubIndication = "OUT_OF_BOUNDS_NO_POE"            // the certificate asked about is not valid at that time
	OutOfBoundsNotRevoked        SubIndication = "OUT_OF_BOUNDS_NOT_REVOKED"       // the same, and it was not revoked before it expired
	RevokedNoPOE                 SubIndication = "REVOKED_NO_POE"                  // the certificate asked about is revoked
	RevokedCANoPOE               SubIndication = "REVOKED_CA_NO_POE"               // one above it is
	RevocationOutOfBoundsNoPOE   SubIndication = "REVOCATION_OUT_OF_BOUNDS_NO_POE" // the signer of revocation data is not valid at that time
	NoPOE                        SubIndication = "NO_POE"                          // a CA has expired, and what it signed is not proven to be older
	TryLater                     SubIndication = "TRY_LATER"                       // revocation data is missing, stale or says "on hold"
)

// Severity is the weight of a finding.
type Severity string

// The weights: a failure decides against, a warning is shown with a pass, information decides nothing.
const (
	Fail Severity = "fail"
	Warn Severity = "warn"
	Info Severity = "info"
)

// A Finding is one thing noticed about a path. Texts for people are made elsewhere from Code and Detail.
type Finding struct {
	Code        string       // stable, see the Code… constants
	Clause      string       // as "RFC 5280 §6.1.3"
	Level       Severity     // weight
	Certificate *Certificate // which one; nil: the path as a whole
	Detail      string       // the date, OID, name or algorithm concerned; not translated
}

// String is a short English form for developers and logs.
func (f Finding) String() string {
	s := f.Code
	if f.Certificate != nil {
		s += " in " + f.Certificate.Subject.String()
	}
	if f.Detail != "" {
		s += ": " + f.Detail
	}
	return fmt.Sprintf("%s [%s, %s]", s, f.Level, f.Clause)
}

// A Result is what came of one validation. On failure it describes the path that came closest.
type Result struct {
	Status        Status
	SubIndication SubIndication
	Path          []*Certificate // the certificate asked about first, the anchor's own last where one was reached; never empty
	Anchor        *Anchor        // nil: no path reached one
	Revocation    []Revocation   // of each certificate in Path
	Findings      []Finding
	Policies      []string  // certificate policies valid for the whole path (user-constrained set, RFC 5280 §6.1.6); AnyPolicy for any
	Missing       []Need    // what could be fetched to know more
	Next          time.Time // with TryLater: when fresh revocation data is due, zero when unknown

	// Until is when the path's own dates end: a certificate, the anchor, an algorithm. EvidenceUntil is when certificates and
	// revocation data in it stop to count because nothing proves that they existed in time; a proof of existence made before then
	// lifts it. Zero: no end is known.
	Until, EvidenceUntil time.Time
}

// A Need is something to fetch that would help to come to a verdict.
type Need struct {
	Kind        NeedKind
	URLs        []string     // in the order of the certificate; never empty
	Certificate *Certificate // whose status or issuer is looked for
	Issuer      *Certificate // of OCSP and CRL needs: who issued Certificate
	Request     []byte       // of OCSP needs: the DER request without nonce
}

// NeedKind is what a [Need] is for.
type NeedKind string

// The kinds of needs.
const (
	NeedOCSP   NeedKind = "ocsp"
	NeedCRL    NeedKind = "crl"
	NeedIssuer NeedKind = "issuer" // the issuer's certificate
)

// RevocationStatus is what is known about a certificate at the time asked for.
type RevocationStatus string

// The statuses. NotNeeded is for anchors, for OCSP responders that carry nocheck, and where the policy asks for no check.
const (
	Good      RevocationStatus = "good"
	Revoked   RevocationStatus = "revoked"
	Unknown   RevocationStatus = "unknown"
	NotNeeded RevocationStatus = "not-needed"
)

// Revocation is the answer about one certificate, with the evidence that it rests on.
type Revocation struct {
	Status RevocationStatus // at the time asked for
	Source string           // "ocsp" or "crl"; "" when nothing was found

	// RevokedAt is set whenever the evidence says revoked, also when that happened after the time asked for (Status is then Good).
	RevokedAt  time.Time
	Reason     Reason
	Invalidity time.Time // since when the key must be suspected (RFC 5280 §5.3.2); zero: not said

	ThisUpdate time.Time
	NextUpdate time.Time // zero: not said
	ProducedAt time.Time // of OCSP
	Evidence   []byte    // DER of the OCSP response or CRL
	Delta      []byte    // DER of a delta CRL that was combined with Evidence; nil: none
	Signer     *Certificate

	// Fresh is set when the evidence was issued at or after the time asked for. Otherwise it is older but still in force at that time.
	Fresh bool

	Findings []Finding // why evidence was refused, or what is noteworthy in the one used

	until time.Time // when the evidence stops to count unless it is proven to have existed; zero: never, or it is proven
}

// Reason is a CRLReason of RFC 5280 §5.3.1.
type Reason int

// The reasons of RFC 5280 §5.3.1; 7 is not used.
const (
	NoReason             Reason = -1
	Unspecified          Reason = 0
	KeyCompromise        Reason = 1
	CACompromise         Reason = 2
	AffiliationChanged   Reason = 3
	Superseded           Reason = 4
	CessationOfOperation Reason = 5
	CertificateHold      Reason = 6
	RemoveFromCRL        Reason = 8
	PrivilegeWithdrawn   Reason = 9
	AACompromise         Reason = 10
)

// String is the name of the standard, "" for NoReason.
func (r Reason) String() string {
	switch r {
	case Unspecified:
		return "unspecified"
	case KeyCompromise:
		return "keyCompromise"
	case CACompromise:
		return "cACompromise"
	case AffiliationChanged:
		return "affiliationChanged"
	case Superseded:
		return "superseded"
	case CessationOfOperation:
		return "cessationOfOperation"
	case CertificateHold:
		return "certificateHold"
	case RemoveFromCRL:
		return "removeFromCRL"
	case PrivilegeWithdrawn:
		return "privilegeWithdrawn"
	case AACompromise:
		return "aACompromise"
	case NoReason:
		return ""
	}
	return fmt.Sprintf("reason %d", int(r))
}
