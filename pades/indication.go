package pades

import "absah/trust"

// The sub-indications of EN 319 102-1 §5.1.3 that a SignatureReport can bear. All of them can occur for a PDF.
const (
	// With TOTAL_FAILED: the signature is wrong, or it is proven to have been made when it must not have been.
	SubFormatFailure    = "FORMAT_FAILURE"     // not the structure of a signature, or the document was changed since beyond what is allowed
	SubHashFailure      = "HASH_FAILURE"       // the document is not the one that was signed
	SubSigCryptoFailure = "SIG_CRYPTO_FAILURE" // the value does not verify under the signer's key
	SubRevoked          = "REVOKED"            // a time-stamp that the signature covers is younger than the revocation
	SubExpired          = "EXPIRED"            // a time-stamp that the signature covers is younger than the end of the certificate
	SubNotYetValid      = "NOT_YET_VALID"      // a time-stamp over the signature is older than the certificate

	// With INDETERMINATE: rules that are not met.
	SubSigConstraintsFailure     = "SIG_CONSTRAINTS_FAILURE"                  // of the signature
	SubChainConstraintsFailure   = string(trust.ChainConstraints)             // of the use of certificates
	SubCertificateChainGeneral   = string(trust.CertificateChainGeneral)      // of RFC 5280 for the chain
	SubCryptoConstraintsFailure  = "CRYPTO_CONSTRAINTS_FAILURE"               // an algorithm that never was acceptable, or not any more when the signature was made
	SubPolicyProcessingError     = "POLICY_PROCESSING_ERROR"                  // the document of the signature policy is another than the one named
	SubSignaturePolicyMissing    = "SIGNATURE_POLICY_NOT_AVAILABLE"           // it is asked for and not at hand
	SubTimestampOrderFailure     = "TIMESTAMP_ORDER_FAILURE"                  // a time-stamp is older than what it covers
	SubNoSigningCertificateFound = "NO_SIGNING_CERTIFICATE_FOUND"             // the certificate is missing, or another one is named
	SubNoCertificateChainFound   = string(trust.NoCertificateChainFound)      // no chain leads to an anchor
	SubChainFoundNoPOE           = string(trust.NoCertificateChainFoundNoPOE) // the anchor's time is over
	SubRevokedNoPOE              = string(trust.RevokedNoPOE)                 // revoked; the signature may be older or younger
	SubRevokedCANoPOE            = string(trust.RevokedCANoPOE)               // the same of a CA
	SubOutOfBoundsNotRevoked     = string(trust.OutOfBoundsNotRevoked)        // expired, and known not to have been revoked
	SubOutOfBoundsNoPOE          = string(trust.OutOfBoundsNoPOE)             // expired; the signature may be older or younger
	SubRevocationOutOfBounds     = string(trust.RevocationOutOfBoundsNoPOE)   // the signer of revocation data expired
	SubCryptoConstraintsNoPOE    = string(trust.CryptoConstraintsNoPOE)       // an algorithm is not acceptable any more; the signature may be older
	SubNoPOE                     = string(trust.NoPOE)                        // nothing proves that what a CA signed existed before it expired
	SubTryLater                  = string(trust.TryLater)                     // revocation data is missing or old, or the certificate is on hold
	SubSignedDataNotFound        = "SIGNED_DATA_NOT_FOUND"                    // only of adbe.pkcs7.sha1: all others cover the bytes of the file itself
)

// SubIndications are all of them, those of TOTAL_FAILED first.
func SubIndications() []string {
	return []string{
		SubFormatFailure, SubHashFailure, SubSigCryptoFailure, SubRevoked, SubExpired, SubNotYetValid,
		SubSigConstraintsFailure, SubChainConstraintsFailure, SubCertificateChainGeneral, SubCryptoConstraintsFailure, SubPolicyProcessingError,
		SubSignaturePolicyMissing, SubTimestampOrderFailure, SubNoSigningCertificateFound, SubNoCertificateChainFound, SubChainFoundNoPOE,
		SubRevokedNoPOE, SubRevokedCANoPOE, SubOutOfBoundsNotRevoked, SubOutOfBoundsNoPOE, SubRevocationOutOfBounds, SubCryptoConstraintsNoPOE,
		SubNoPOE, SubTryLater, SubSignedDataNotFound,
	}
}
