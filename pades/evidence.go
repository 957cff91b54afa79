package pades

import (
	"strings"
	"time"

	"absah/trust"
)

// Evidence is what Gather found: facts only, no judgement. It can be stored as JSON and judged again under another policy or at
// another time; names and meanings of its fields are stable, and docs/evidence.md tells them.
type Evidence struct {
	Size       int64            `json:"size"`
	Encrypted  bool             `json:"encrypted"`
	Repaired   bool             `json:"repaired"` // objects had to be found by scanning the whole file
	Revisions  int              `json:"revisions"`
	Pages      int              `json:"pages"`    // as a reader shows the document; 0 when they cannot be counted
	Trailing   int64            `json:"trailing"` // bytes behind the last revision that are no white space
	Notes      []Note           `json:"notes"`
	Signatures []SignatureFacts `json:"signatures"` // in the order in which they were applied
	Stray      int              `json:"stray"`      // ByteRange entries in the bytes that belong to no signature field
	Suspicions []Suspicion      `json:"suspicions"` // what lies in the signed bytes and could be brought to light later

	DSS          bool     `json:"dss"`          // the document has a security store
	Certificates [][]byte `json:"certificates"` // DER, from the signatures, the DSS dictionary and the network
	CRLs         [][]byte `json:"crls"`
	OCSPs        [][]byte `json:"ocsps"`
	FetchedCRLs  int      `json:"fetchedCRLs"` // how many CRLs, the last ones, came from the network
	FetchedOCSPs int      `json:"fetchedOCSPs"`

	known  *trust.Certificate // the signer's where only the signature itself is looked at and not its chain; else nil
	passes int                // how often the document was hashed for content-time-stamps
	holder *SignatureFacts    // whose certificates and revocation data are being read
	pool   *trust.Pool        // the same, parsed; made again when Evidence comes out of JSON
}

// embedded is the revocation data that came with the document.
func (e *Evidence) embedded() (crls, ocsps [][]byte) {
	own := func(list [][]byte, fetched int) [][]byte { return list[:max(0, len(list)-max(0, fetched))] }
	return own(e.CRLs, e.FetchedCRLs), own(e.OCSPs, e.FetchedOCSPs)
}

// Note is a rule of PDF or CMS that the file breaks and readers forgive. Code is stable.
type Note struct {
	Code   string `json:"code"`
	Offset int64  `json:"offset,omitempty"`
	Text   string `json:"text"`
}

// SignatureFacts are the facts about one signature or document time-stamp.
type SignatureFacts struct {
	Field     string `json:"field"`
	SubFilter string `json:"subFilter"`
	Filter    string `json:"filter"`
	Type      string `json:"type"`
	Document  bool   `json:"documentTimestamp"` // a document time-stamp, not a signature

	Name     string     `json:"name"`
	Reason   string     `json:"reason"`
	Location string     `json:"location"`
	Contact  string     `json:"contact"`
	Claimed  *time.Time `json:"claimed,omitempty"` // M, or signing-time where there is no M

	ByteRange []int64       `json:"byteRange"`
	Format    []FormatFault `json:"format"`   // why the structure is not that of a signature
	Revision  int           `json:"revision"` // index of the revision that it covers
	Whole     bool          `json:"whole"`    // the ByteRange reaches the end of the file
	Contents  []byte        `json:"contents"` // as stored, padding included

	Certify      int          `json:"certify"`        // DocMDP permission, 0: no certification
	Lock         *FieldLock   `json:"lock,omitempty"` // FieldMDP
	Unexplained  int64        `json:"unexplained"`    // bytes of later revisions that no object or cross reference explains
	Changes      []Change     `json:"changes"`        // what later revisions did
	Modification Modification `json:"modification"`

	Digest          string           `json:"digest"`    // digest algorithm
	Algorithm       string           `json:"algorithm"` // signature algorithm
	DigestMatches   bool             `json:"digestMatches"`
	SignatureValid  bool             `json:"signatureValid"`
	StoredBytesOnly bool             `json:"storedBytesOnly"` // it verifies over the stored form of the attributes only
	Fault           string           `json:"fault"`           // why the cryptographic check failed
	CMS             []Note           `json:"cms"`
	Unsupported     string           `json:"unsupported"`                    // an algorithm that this program cannot compute; nothing is known then
	SigningTime     bool             `json:"signingTime"`                    // the signing-time attribute is there, which PAdES baseline forbids
	Policy          bool             `json:"signaturePolicy"`                // a signature policy is named
	PolicyNamed     *SignaturePolicy `json:"signaturePolicyNamed,omitempty"` // which one; nil also for one that is only implied
	ContentMissing  bool             `json:"contentMissing"`                 // the signature is over content of its own, which it does not bring along
	Signer          []byte           `json:"signer"`                         // DER of the signing certificate, nil: not found
	SignerBound     bool             `json:"signerBound"`                    // a signing-certificate attribute names it
	SignerMismatch  bool             `json:"signerMismatch"`                 // the attribute names another one

	Timestamps       []TimestampFacts `json:"timestamps"`                 // signature time-stamps; of a document time-stamp, the token itself
	ContentTimestamp *TimestampFacts  `json:"contentTimestamp,omitempty"` // the signed attribute: over the document, older than the signature
	Covers           [][]byte         `json:"covers"`                     // of a document time-stamp: SHA-256 of what the security store held in the covered revision

	// SHA-256 of the certificates and revocation data that come with the signature and its time-stamps. Left out where no document
	// time-stamp follows, which alone could prove that they existed.
	Holds [][]byte `json:"holds,omitempty"`
	// SHA-256 of the revocation data among its signed attributes: whatever proves that the signature existed proves it for them.
	HoldsSigned [][]byte `json:"holdsSigned,omitempty"`
}

// SignaturePolicy is the reference in a signature-policy-identifier attribute (EN 319 122-1 §5.2.9).
type SignaturePolicy struct {
	OID    string `json:"oid"`
	Digest string `json:"digest"` // algorithm of Hash, "": not given or not known
	Hash   []byte `json:"hash"`   // of the document that states the policy
}

// SignedLength is how many bytes from the start of the file are the document as it was signed, the signature itself included. Zero:
// the ByteRange is not that of a whole document.
func (s *SignatureFacts) SignedLength() int64 {
	for _, f := range s.Format {
		if strings.HasPrefix(f.Code, "byterange-") {
			return 0
		}
	}
	if br := s.ByteRange; len(br) == 4 {
		return br[2] + br[3]
	}
	return 0
}

// FormatFault is a way in which a signature's structure is broken.
type FormatFault struct {
	Code string `json:"code"`
	Text string `json:"text"`
}

// TimestampFacts are the facts about one time-stamp token.
type TimestampFacts struct {
	Time           time.Time     `json:"time"`     // genTime; zero: the token cannot be read
	Accuracy       time.Duration `json:"accuracy"` // in nanoseconds, 0: not stated
	Policy         string        `json:"policy"`
	Digest         string        `json:"digest"`       // algorithm of the imprint
	SignedDigest   string        `json:"signedDigest"` // digest algorithm of the token's signature
	ImprintMatches bool          `json:"imprintMatches"`
	SignatureValid bool          `json:"signatureValid"`
	Fault          string        `json:"fault"`
	Signer         []byte        `json:"signer"` // DER of the authority's certificate
}
