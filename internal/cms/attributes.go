package cms

import (
	"bytes"
	"crypto"
	"math/big"
	"time"

	"absah/internal/sigalg"
)

// attributes are the known signed and unsigned attributes of one signer, decoded.
type attributes struct {
	contentType string
	digest      []byte
	hasDigest   bool
	time        time.Time
	certs       []ESSCertID
	certsV1     []ESSCertID
	certsV2     []ESSCertID
	policy      *SignaturePolicy
	commitments []string
	protection  *protection
	tokens      [][]byte
	contentTime []byte
	crls, ocsps [][]byte
	ambiguous   string // name of an attribute that may occur once but does not

	attributesMissing bool // the content's type requires signed attributes and there are none
}

// An ESSCertID is one entry of a signing-certificate attribute (RFC 2634 §5.4.1, RFC 5035 §4). The first entry names the signer's certificate.
type ESSCertID struct {
	V2        bool
	Hash      crypto.Hash // zero when the algorithm is unknown
	HashOID   string
	CertHash  []byte
	IssuerRaw []byte   // directoryName of issuerSerial, nil when absent
	Serial    *big.Int // likewise
}

// Matches reports whether the entry's hash is that of the certificate with these DER bytes.
func (id ESSCertID) Matches(certificate []byte) bool {
	if id.Hash == 0 || !id.Hash.Available() {
		return false
	}
	h := id.Hash.New()
	h.Write(certificate)
	return bytes.Equal(h.Sum(nil), id.CertHash)
}

// MatchesName reports whether issuerSerial is absent or names this issuer (raw Name) and serial number.
func (id ESSCertID) MatchesName(issuerRaw []byte, serial *big.Int) bool {
	return id.Serial == nil || id.Serial.Cmp(serial) == 0 && bytes.Equal(id.IssuerRaw, issuerRaw)
}

// A SignaturePolicy is the reference in a signature-policy-identifier (EN 319 122-1 §5.2.9). OID is empty for an implied policy.
type SignaturePolicy struct {
	OID     string
	HashOID string
	Hash    []byte
}

type protection struct {
	digest, signature sigalg.AlgorithmIdentifier
	isMAC, unreadable bool
}

// ContentType returns the content-type attribute.
func (si *SignerInfo) ContentType() (string, bool) {
	return si.parsed.contentType, si.parsed.contentType != ""
}

// MessageDigest returns the message-digest attribute.
func (si *SignerInfo) MessageDigest() ([]byte, bool) { return si.parsed.digest, si.parsed.hasDigest }

// SigningTime returns the signing-time attribute: a claim of the signer, proof of nothing.
func (si *SignerInfo) SigningTime() (time.Time, bool) {
	return si.parsed.time, !si.parsed.time.IsZero()
}

// SigningCertificates returns the entries of signing-certificate-v2, then those of signing-certificate.
func (si *SignerInfo) SigningCertificates() []ESSCertID { return si.parsed.certs }

// BoundCertificates returns the entries that name the signer's certificate: the first one of each version of the attribute. Where both
// are there, both count.
func (si *SignerInfo) BoundCertificates() []ESSCertID {
	var out []ESSCertID
	for _, id := range si.parsed.certs {
		if len(out) == 0 || out[len(out)-1].V2 != id.V2 {
			out = append(out, id)
		}
	}
	return out
}

// SignaturePolicy returns the signature policy reference, nil when there is none.
func (si *SignerInfo) SignaturePolicy() *SignaturePolicy { return si.parsed.policy }

// CommitmentTypes returns the OIDs of commitment-type-indication.
func (si *SignerInfo) CommitmentTypes() []string { return si.parsed.commitments }

// SignatureTimeStamps returns the tokens (ContentInfo each) in the unsigned signature-time-stamp attributes.
func (si *SignerInfo) SignatureTimeStamps() [][]byte { return si.parsed.tokens }

// ContentTimeStamp returns the token (ContentInfo) in the signed content-time-stamp attribute, nil when there is none. It is over the
// content and older than the signature (EN 319 122-1 §5.2.8).
func (si *SignerInfo) ContentTimeStamp() []byte { return si.parsed.contentTime }

// RevocationInfo returns the CRLs and OCSP responses of the signed Adobe revocationInfoArchival attribute.
func (si *SignerInfo) RevocationInfo() (crls, ocsps [][]byte) { return si.parsed.crls, si.parsed.ocsps }
