package trust

// Codes of findings about paths. They are stable: added, never renamed.
const (
	CodeIssuerUnknown         = "issuer-unknown"          // no certificate of the issuer is at hand
	CodeAnchorUnknown         = "anchor-unknown"          // the path ends in a self-signed certificate that is no anchor
	CodeSignatureInvalid      = "signature-invalid"       // a certificate with the issuer's name is there, but its key did not sign
	CodeBudget                = "budget"                  // the work allowed was used up
	CodePathTooLong           = "path-too-long"           // more CA certificates than the policy allows
	CodeNotChained            = "not-chained"             // a given path whose names do not follow each other
	CodeNotYetValid           = "not-yet-valid"           //
	CodeExpired               = "expired"                 //
	CodeAnchorOutOfDate       = "anchor-out-of-date"      // after the time for which the anchor is believed
	CodeAnchorNotYet          = "anchor-not-yet"          // before that time
	CodeIssuerNotCA           = "issuer-not-ca"           // basic constraints missing or not CA
	CodeIssuerKeyUsage        = "issuer-key-usage"        // key usage without keyCertSign
	CodePathLength            = "path-length"             // basic constraints' path length exceeded
	CodeNameNotPermitted      = "name-not-permitted"      // outside the permitted subtrees
	CodeNameExcluded          = "name-excluded"           // inside an excluded subtree
	CodeNameFormUnsupported   = "name-form-unsupported"   // constrained in a way that we cannot check
	CodeUnknownCritical       = "unknown-critical"        // critical extension that is not understood
	CodeMalformedExtension    = "malformed-extension"     // known extension that cannot be read
	CodeDuplicateExtension    = "duplicate-extension"     //
	CodeAlgorithmDiffers      = "algorithm-differs"       // inner and outer signature algorithm
	CodePolicyRequired        = "policy-required"         // an explicit policy is required and none holds for the path
	CodePolicyMappingAny      = "policy-mapping-any"      // anyPolicy mapped
	CodeKeyUnsupported        = "key-unsupported"         // public key of a kind that is not understood
	CodeKeyUsage              = "key-usage"               // not for this use
	CodeExtKeyUsage           = "ext-key-usage"           // not for this use
	CodeIssuerExtKeyUsage     = "issuer-ext-key-usage"    // a CA above is limited to other uses
	CodeWeakAlgorithm         = "weak-algorithm"          // hash or key past its date
	CodeProfile               = "profile"                 // RFC 5280 §4 is not kept; Detail says in what
	CodeTestAnchor            = "test-anchor"             // the anchor is a test CA
	CodeRevoked               = "revoked"                 //
	CodeOnHold                = "on-hold"                 // revoked with reason certificateHold
	CodeRevokedLater          = "revoked-later"           // revoked after the time asked for
	CodeKeySuspect            = "key-suspect"             // revoked later, but the key is suspected from before the time asked for
	CodeRevocationUnknown     = "revocation-unknown"      // nothing at hand answers for that time
	CodeRevocationStale       = "revocation-stale"        // an answer exists, but it is too old for that time
	CodeRevocationFuture      = "revocation-future"       // issued after the policy's time
	CodeRevocationSignature   = "revocation-signature"    // the signature of a CRL or response does not verify under any fit key
	CodeRevocationSigner      = "revocation-signer"       // its signer may not sign it
	CodeRevocationScope       = "revocation-scope"        // it is about other certificates
	CodeRevocationAfterExpiry = "revocation-after-expiry" // issued after the certificate expired, and does not keep expired ones
	CodeRevocationNoProof     = "revocation-no-proof"     // its signer has expired since, and no proof shows that it existed before
	CodeResponderUnchecked    = "responder-unchecked"     // the responder's own certificate could not be checked for revocation

	// A CA's key could have made the certificate, or what is known about its revocation, after the date in Detail, and no proof shows
	// that they are older.
	CodeNoProofBeforeRevocation = "no-proof-before-revocation" // the CA was revoked then
	CodeNoProofBeforeExpiry     = "no-proof-before-expiry"     // the CA expired then
	CodeNoProofBeforeSunset     = "no-proof-before-sunset"     // an algorithm was not strong any more
)

// class orders the reasons for a failure; the first one present decides the sub-indication. What no other time can heal comes
// first, so that nobody hopes for a proof of existence in vain.
type class int

const (
	classNoChain class = iota
	classGeneral
	classConstraints
	classRevoked
	classOnHold
	classRevokedCA
	classOutOfBounds
	classSunset
	classCrypto
	classNoProof
	classEvidenceNoProof
	classTryLater
	classNone
)

var classOf = map[string]class{
	CodeIssuerUnknown: classNoChain, CodeAnchorUnknown: classNoChain, CodeSignatureInvalid: classNoChain, CodeNotChained: classNoChain,
	CodeBudget:      classNoChain,
	CodeKeyUsage:    classConstraints,
	CodeExtKeyUsage: classConstraints, CodeIssuerExtKeyUsage: classConstraints,
	CodeNotYetValid: classOutOfBounds, CodeExpired: classOutOfBounds, CodeAnchorOutOfDate: classSunset, CodeAnchorNotYet: classNoChain,
	CodeWeakAlgorithm: classCrypto, CodeRevoked: classRevoked, CodeOnHold: classOnHold,
	CodeRevocationUnknown: classTryLater, CodeRevocationStale: classTryLater, CodeRevocationNoProof: classEvidenceNoProof,
	CodeNoProofBeforeRevocation: classRevokedCA, CodeNoProofBeforeExpiry: classNoProof, CodeNoProofBeforeSunset: classCrypto,
}
