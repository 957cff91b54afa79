package trust

import (
	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"absah/internal/sigalg"
)

// Extension OIDs of RFC 5280 §4.2 and §5.2, and of the documents named beside them.
const (
	oidSubjectDirectoryAttributes = "2.5.29.9"
	oidSubjectKeyID               = "2.5.29.14"
	oidKeyUsage                   = "2.5.29.15"
	oidPrivateKeyUsagePeriod      = "2.5.29.16"
	oidSubjectAltName             = "2.5.29.17"
	oidIssuerAltName              = "2.5.29.18"
	oidBasicConstraints           = "2.5.29.19"
	oidCRLNumber                  = "2.5.29.20"
	oidReasonCode                 = "2.5.29.21"
	oidInvalidityDate             = "2.5.29.24"
	oidDeltaCRLIndicator          = "2.5.29.27"
	oidIssuingDistributionPoint   = "2.5.29.28"
	oidCertificateIssuer          = "2.5.29.29"
	oidNameConstraints            = "2.5.29.30"
	oidCRLDistributionPoints      = "2.5.29.31"
	oidCertificatePolicies        = "2.5.29.32"
	oidPolicyMappings             = "2.5.29.33"
	oidAuthorityKeyID             = "2.5.29.35"
	oidPolicyConstraints          = "2.5.29.36"
	oidExtKeyUsage                = "2.5.29.37"
	oidFreshestCRL                = "2.5.29.46"
	oidInhibitAnyPolicy           = "2.5.29.54"
	oidExpiredCertsOnCRL          = "2.5.29.60" // ITU-T X.509
	oidAuthorityInfoAccess        = "1.3.6.1.5.5.7.1.1"
	oidQCStatements               = "1.3.6.1.5.5.7.1.3" // RFC 3739
	oidSubjectInfoAccess          = "1.3.6.1.5.5.7.1.11"
	oidOCSPNoCheck                = "1.3.6.1.5.5.7.48.1.5" // RFC 6960 §4.2.2.2.1
	oidNoRevAvail                 = "2.5.29.56"            // RFC 9608
	oidShortTerm                  = "0.4.0.194121.2.1"     // validity-assured short-term, ETSI EN 319 412-1

	oidAccessOCSP      = "1.3.6.1.5.5.7.48.1"
	oidAccessCAIssuers = "1.3.6.1.5.5.7.48.2"
)

// Policies and extended key usages that programs name.
const (
	AnyPolicy = "2.5.29.32.0"

	EKUAny              = "2.5.29.37.0"
	EKUServerAuth       = "1.3.6.1.5.5.7.3.1"
	EKUClientAuth       = "1.3.6.1.5.5.7.3.2"
	EKUCodeSigning      = "1.3.6.1.5.5.7.3.3"
	EKUEmailProtection  = "1.3.6.1.5.5.7.3.4"
	EKUTimeStamping     = "1.3.6.1.5.5.7.3.8"
	EKUOCSPSigning      = "1.3.6.1.5.5.7.3.9"
	EKUDocumentSigning  = "1.3.6.1.5.5.7.3.36"      // RFC 9336
	EKUAdobeAuthentic   = "1.2.840.113583.1.1.5"    // Adobe authentic documents trust
	EKUMicrosoftDocSign = "1.3.6.1.4.1.311.10.3.12" // Microsoft document signing
)

// oidNames spares the conversion of content octets to dotted form for what nearly every certificate has.
var oidNames = func() map[string]string {
	m := map[string]string{}
	for _, oid := range []string{
		oidSubjectKeyID, oidKeyUsage, oidSubjectAltName, oidIssuerAltName, oidBasicConstraints, oidCRLNumber, oidReasonCode,
		oidInvalidityDate, oidDeltaCRLIndicator, oidIssuingDistributionPoint, oidCertificateIssuer, oidNameConstraints,
		oidCRLDistributionPoints, oidCertificatePolicies, oidPolicyMappings, oidAuthorityKeyID, oidPolicyConstraints, oidExtKeyUsage,
		oidFreshestCRL, oidInhibitAnyPolicy, oidAuthorityInfoAccess, oidQCStatements, oidOCSPNoCheck, oidAccessOCSP,
		oidAccessCAIssuers, AnyPolicy, EKUAny, EKUServerAuth, EKUClientAuth, EKUCodeSigning, EKUEmailProtection, EKUTimeStamping,
		EKUOCSPSigning, EKUDocumentSigning, EKUAdobeAuthentic, EKUMicrosoftDocSign,
	} {
		m[string(sigalg.EncodeOID(oid))] = oid
	}
	for oid := range attributeNames {
		m[string(sigalg.EncodeOID(oid))] = oid
	}
	return m
}()

func readOID(in *cryptobyte.String) (string, bool) {
	var content cryptobyte.String
	if !in.ReadASN1(&content, cbasn1.OBJECT_IDENTIFIER) {
		return "", false
	}
	if s, ok := oidNames[string(content)]; ok {
		return s, true
	}
	return sigalg.DecodeOID(content)
}
