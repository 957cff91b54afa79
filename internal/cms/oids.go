package cms

// Content types.
const (
	OIDData              = "1.2.840.113549.1.7.1"
	OIDSignedData        = "1.2.840.113549.1.7.2"
	OIDEnvelopedData     = "1.2.840.113549.1.7.3"
	OIDAuthEnvelopedData = "1.2.840.113549.1.9.16.1.23"
	OIDTSTInfo           = "1.2.840.113549.1.9.16.1.4"
	oidRevocationOCSP    = "1.3.6.1.5.5.7.16.2"   // RFC 5940 §2.1: an OCSPResponse among the revocation info
	oidOCSPBasic         = "1.3.6.1.5.5.7.48.1.1" // a bare BasicOCSPResponse at the same place
	oidSubjectKeyID      = "2.5.29.14"
)

// Attribute types.
const (
	OIDContentType                = "1.2.840.113549.1.9.3"
	OIDMessageDigest              = "1.2.840.113549.1.9.4"
	OIDSigningTime                = "1.2.840.113549.1.9.5"
	OIDCounterSignature           = "1.2.840.113549.1.9.6"
	OIDAlgorithmProtection        = "1.2.840.113549.1.9.52" // RFC 6211
	OIDSigningCertificate         = "1.2.840.113549.1.9.16.2.12"
	OIDSigningCertificateV2       = "1.2.840.113549.1.9.16.2.47"
	OIDSignatureTimeStamp         = "1.2.840.113549.1.9.16.2.14"
	OIDSignaturePolicy            = "1.2.840.113549.1.9.16.2.15"
	OIDCommitmentType             = "1.2.840.113549.1.9.16.2.16"
	OIDContentTimeStamp           = "1.2.840.113549.1.9.16.2.20"
	OIDAdbeRevocationInfoArchival = "1.2.840.113583.1.1.8" // ISO 32000-2 §12.8.3.3.2
)

var attributeNames = map[string]string{
	OIDContentType:                "content-type",
	OIDMessageDigest:              "message-digest",
	OIDSigningTime:                "signing-time",
	OIDCounterSignature:           "counter-signature",
	OIDAlgorithmProtection:        "CMSAlgorithmProtection",
	OIDSigningCertificate:         "signing-certificate",
	OIDSigningCertificateV2:       "signing-certificate-v2",
	OIDSignatureTimeStamp:         "signature-time-stamp",
	OIDSignaturePolicy:            "signature-policy-identifier",
	OIDCommitmentType:             "commitment-type-indication",
	OIDContentTimeStamp:           "content-time-stamp",
	OIDAdbeRevocationInfoArchival: "revocationInfoArchival",
}

// AttributeName is the standard's name of an attribute type, or its OID.
func AttributeName(oid string) string {
	if n := attributeNames[oid]; n != "" {
		return n
	}
	return oid
}
