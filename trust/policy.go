package trust

import (
	"fmt"
	"time"
)

// A Policy is everything that a judgement takes for granted besides the evidence. [Basic], [Strict] and [Archival] give filled-in
// ones; Anchors and Time are then set by the caller.
//
//	what                        basic                strict               archival
//	anchors                     given                given                given
//	anchor's own validity       at the time asked    at the time asked    at the time asked
//	profile of RFC 5280 §4      warnings             failures             warnings
//	revocation of the signer    required             required             required
//	revocation of CAs           if available         required             required
//	age of the signer's data    until nextUpdate     ≤ 24 h               until nextUpdate
//	what revoked CAs signed     only with proof      only with proof      only with proof
//	what expired CAs signed     accepted             accepted             only with proof
//	data of expired responders  accepted             accepted             only with proof
//	algorithm limits            at the proven time   at the proven time   at the proven time
//	certificate policies        any                  any                  any
//	signature policies          told                 document required    told
//	validation process          archival             archival             archival
//
// "With proof" means that a time-stamp shows that the certificate, CRL or OCSP answer existed before the CA was revoked, or expired.
type Policy struct {
	Name    string
	Anchors []Anchor
	Time    time.Time // when the judgement is made; nothing that claims to be younger is believed

	// Process limits what may prove that a signature existed before Time.
	Process Process

	// Profile makes violations of the certificate profile of RFC 5280 §4 failures instead of warnings: critical flags, key
	// identifiers, serial numbers, contradictions between key usage and basic constraints, and the like.
	Profile bool

	Revocation   RevocationRule // for the certificate asked about
	CARevocation RevocationRule // for the CAs between it and the anchor

	// MaxAge limits how long before the time asked for the revocation data of the certificate asked about may have been issued.
	// Zero, and for CAs: until its nextUpdate, and [DefaultMaxAge] where it has none. Data issued later is always fresh.
	MaxAge time.Duration

	// Skew is how far clocks of issuers may run ahead of Time.
	Skew time.Duration

	Algorithms []AlgorithmLimit // nil: no limits

	// The inputs of RFC 5280 §6.1.1 (c) to (g). An empty Policies means any-policy.
	Policies             []string
	RequireExplicit      bool
	InhibitPolicyMapping bool
	InhibitAnyPolicy     bool

	// MaxDepth is how many CA certificates may stand between the certificate asked about and the anchor, self-issued ones not
	// counted. Zero: [DefaultMaxDepth]; negative: none.
	MaxDepth int

	// RequireProof refuses what an expired key signed, revocation data and the certificates below an expired CA, unless Request.Proofs
	// shows that it existed before: whoever came by an old key could have made it since (EN 319 102-1 §5.2.6 and §5.6.2.2).
	RequireProof bool

	// SignaturePolicies are the documents of signature policies by their OID, for signatures that name one (EN 319 102-1 §5.2.4). The
	// hash in a signature is over the whole document. RequireSignaturePolicy refuses signatures that name a policy which is not here.
	SignaturePolicies      map[string][]byte
	RequireSignaturePolicy bool
}

// Process is a validation process of EN 319 102-1.
type Process string

// The processes. The zero value is the last one, which begins with the others and goes on only where they leave a doubt.
const (
	ProcessBasic    Process = "basic"     // §5.3: as of Policy.Time; time-stamps are judged and prove nothing
	ProcessLongTerm Process = "long-term" // §5.5: signature time-stamps prove when a signature existed
	ProcessArchival Process = "archival"  // §5.6: document time-stamps do, also for older time-stamps and for validation data
)

// RevocationRule says how much must be known about revocation.
type RevocationRule int

// The rules.
const (
	RevocationRequired    RevocationRule = iota // unknown is not enough
	RevocationIfAvailable                       // unknown is a warning
	RevocationIgnored                           // not looked at
)

// Defaults of [Policy].
const (
	DefaultMaxDepth = 12                 // the longest honest path seen has 5
	DefaultMaxAge   = 7 * 24 * time.Hour // CRLs without nextUpdate are older than RFC 5280; a week is what their issuers did
	strictMaxAge    = 24 * time.Hour     // EN 319 411-1 asks for a CRL at least every 24 hours
	defaultSkew     = 5 * time.Minute
)

// Basic is the policy for everyday verification: everything that could make a signature wrong is a failure, what only breaks a
// profile is a warning, and CAs without any revocation data do not stop a verdict. An expired key is not suspected of having been
// stolen since; a revoked one is.
func Basic() Policy {
	return Policy{Name: "basic", CARevocation: RevocationIfAvailable, Skew: defaultSkew, Algorithms: DefaultAlgorithms()}
}

// Strict is for decisions that rest on the signature alone: the certificate profile of RFC 5280 is kept, revocation data is there for
// every certificate and that of the signer at most a day old, and the document of a signature policy that the signer named is at hand.
func Strict() Policy {
	return Policy{
		Name: "strict", Profile: true, MaxAge: strictMaxAge, RequireSignaturePolicy: true, Skew: defaultSkew, Algorithms: DefaultAlgorithms(),
	}
}

// Archival is for documents that must be believed when those who could be asked are gone: revocation data for every certificate, and a
// proof of existence for whatever an expired key signed. Documents at level B-LTA that were renewed in time pass.
func Archival() Policy {
	return Policy{Name: "archival", RequireProof: true, Skew: defaultSkew, Algorithms: DefaultAlgorithms()}
}

// PolicyNamed returns the policy called basic, strict or archival.
func PolicyNamed(name string) (Policy, error) {
	switch name {
	case "", "basic":
		return Basic(), nil
	case "strict":
		return Strict(), nil
	case "archival":
		return Archival(), nil
	}
	return Policy{}, fmt.Errorf("policy %q is not known; choose basic, strict or archival", name)
}

// A Request asks about one certificate.
type Request struct {
	Certificate *Certificate
	Pool        *Pool     // certificates and revocation data at hand; nil: none
	At          time.Time // the moment that matters; zero: the policy's Time
	Usage       Usage
	Proofs      *Proofs // what is proven to have existed when; nil: nothing
}

// Usage says what the certificate asked about must be good for. The zero value asks nothing.
type Usage struct {
	KeyUsage    KeyUsage // at least one of these bits, when the certificate has key usage
	ExtKeyUsage []string // at least one of these or any, when the certificate has extended key usage; nil: not looked at
	Exclusive   bool     // extended key usage must be there, critical, and hold nothing else (RFC 3161 §2.3)
	CA          bool     // it must be a CA
}

// Usages of the certificates that this module meets.
var (
	// UsageSigning is for signers of documents: key usage digitalSignature or nonRepudiation. Extended key usage is not looked at:
	// no standard settles it for documents, and issuers use half a dozen.
	UsageSigning = Usage{KeyUsage: DigitalSignature | NonRepudiation}
	// UsageTimeStamping is RFC 3161 §2.3.
	UsageTimeStamping = Usage{KeyUsage: DigitalSignature | NonRepudiation, ExtKeyUsage: []string{EKUTimeStamping}, Exclusive: true}
)
