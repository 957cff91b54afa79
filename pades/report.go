package pades

import (
	"bytes"
	"encoding/json"
	"time"

	"absah/trust"
)

// Report is the verdict on a document, in the JSON form that scripts may rely on: keys are added, never renamed.
type Report struct {
	File       string            `json:"file"`
	Verdict    Verdict           `json:"verdict"`
	Signatures []SignatureReport `json:"signatures"`
	Findings   []Finding         `json:"findings"` // about the whole document

	Policy         string     `json:"policy,omitempty"`         // under which it was judged
	ValidationTime *time.Time `json:"validationTime,omitempty"` // as of when

	// ValidUntil is the earliest ValidUntil of the signatures in a document that is valid: a new document time-stamp before then makes it
	// last. Left out when nothing is known to end.
	ValidUntil *time.Time `json:"validUntil,omitempty"`
}

// ShowChanges adds to each signature what later revisions did, one by one.
func (r *Report) ShowChanges(e *Evidence) {
	for i := range r.Signatures {
		r.Signatures[i].Changes = e.Signatures[i].Changes
	}
}

// JSON is the report on one line with a line feed behind it: what absah verify --json prints, and what a browser gets.
func (r *Report) JSON() ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(r); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// Verdict is the answer for a person, the worst of all signatures.
type Verdict string

// The five verdicts. Valid: TOTAL_PASSED and nothing added later but validation data. ValidWithNotes: passed, and there is
// something the reader should know.
const (
	Valid          Verdict = "valid"
	ValidWithNotes Verdict = "valid-with-notes"
	Indeterminate  Verdict = "indeterminate"
	Invalid        Verdict = "invalid"
	Unsigned       Verdict = "unsigned"
)

// Indication is the main status of EN 319 102-1 §5.1.
type Indication string

// The three main status indications.
const (
	TotalPassed        Indication = "TOTAL_PASSED"
	TotalFailed        Indication = "TOTAL_FAILED"
	IndeterminateValue Indication = "INDETERMINATE"
)

// Modification is the strongest kind of change made to the document after a signature.
type Modification string

// The kinds of change, from none to anything: validation data and document time-stamps, form filling and further signatures,
// annotations, everything else.
const (
	ModificationNone       Modification = "none"
	ModificationLTA        Modification = "lta"
	ModificationForm       Modification = "form"
	ModificationAnnotation Modification = "annotation"
	ModificationOther      Modification = "other"
)

// SignatureReport is the verdict on one signature.
type SignatureReport struct {
	Field               string            `json:"field"`
	Signer              string            `json:"signer"`
	Indication          Indication        `json:"indication"`
	SubIndication       string            `json:"subIndication"`
	Level               string            `json:"level"`
	Integrity           bool              `json:"integrity"`
	CoversWholeDocument bool              `json:"coversWholeDocument"`
	Modification        Modification      `json:"modification"`
	ClaimedTime         *time.Time        `json:"claimedTime,omitempty"`
	BestTime            *time.Time        `json:"bestTime,omitempty"` // the earliest time at which the signature is proven to exist
	Reason              string            `json:"reason"`
	Location            string            `json:"location"`
	Contact             string            `json:"contact"`
	CertificateTrusted  bool              `json:"certificateTrusted"`
	TrustAnchor         AnchorReport      `json:"trustAnchor"`
	Revocation          RevocationReport  `json:"revocation"`
	Timestamps          []TimestampReport `json:"timestamps"`
	Certificate         CertificateReport `json:"certificate"`
	Findings            []Finding         `json:"findings"`
	Changes             []Change          `json:"changes,omitempty"` // each thing that later revisions did; see [Report.ShowChanges]

	// Process is the validation process that the verdict came from: basic where no proof of existence was at hand, long-term where a
	// signature time-stamp gave it, archival where a document time-stamp did (EN 319 102-1 §5.3, §5.5, §5.6).
	Process trust.Process `json:"process"`
	// ValidUntil is when the evidence at hand will no longer carry this verdict: the last time-stamp authority's certificate ends, or the
	// signer's where there is no time-stamp, or an algorithm stops to be acceptable. That revocation data can be had anew until then is
	// taken for granted. Left out when the signature did not pass, and when nothing is known to end.
	ValidUntil *time.Time `json:"validUntil,omitempty"`

	// Validation is how the certificate was validated, with its path and the evidence used; nil in a report that comes out of JSON, and
	// where there was no certificate to validate.
	Validation *trust.Result `json:"-"`

	policy string
}

// AnchorReport names the anchor that trust in a signature rests on.
type AnchorReport struct {
	Subject string `json:"subject"`
	SHA256  string `json:"sha256"`
	Kind    string `json:"kind"` // national, operator, test, given or none

	// What the trust package calls the anchor, by language ("id", "en"), and for how long it is believed. A certificate that was given
	// alone has no label.
	Label map[string]string `json:"label,omitempty"`
	From  *time.Time        `json:"from,omitempty"`
	Until *time.Time        `json:"until,omitempty"`
}

// Name is what a person reads of the anchor: its label in the language, else in the other one, else the certificate's subject.
func (a AnchorReport) Name(l Language) string {
	for _, k := range []Language{l, Indonesian, English} {
		if s := a.Label[string(k)]; s != "" {
			return s
		}
	}
	return a.Subject
}

// RevocationReport is the status of the signing certificate.
type RevocationReport struct {
	Status string     `json:"status"` // good, revoked or unknown
	At     *time.Time `json:"at,omitempty"`
	Source string     `json:"source"` // ocsp, crl or dss

	NextUpdate *time.Time `json:"nextUpdate,omitempty"` // with TRY_LATER: when newer data was or is due
}

// TimestampReport is the verdict on one time-stamp.
type TimestampReport struct {
	Kind      string     `json:"kind"` // signature, document, or content: made before the signature, over the document
	Time      *time.Time `json:"time,omitempty"`
	Authority string     `json:"authority"`
	Valid     bool       `json:"valid"`

	ValidUntil *time.Time `json:"validUntil,omitempty"` // see SignatureReport

	Validation *trust.Result `json:"-"` // as in SignatureReport
}

// CertificateReport describes a certificate.
type CertificateReport struct {
	Subject   string     `json:"subject"`
	Issuer    string     `json:"issuer"`
	Serial    string     `json:"serial"` // hexadecimal
	NotBefore *time.Time `json:"notBefore,omitempty"`
	NotAfter  *time.Time `json:"notAfter,omitempty"`
}

// Severity is the weight of a finding.
type Severity string

// The weights: a failure decides against the signature, a warning is shown with a valid one, information decides nothing.
const (
	Fail Severity = "fail"
	Warn Severity = "warn"
	Info Severity = "info"
)

// Finding is one thing that the judge noticed. Code is stable; Text is the English sentence of the catalogue with the
// arguments filled in.
type Finding struct {
	Code   string   `json:"code"`
	Clause string   `json:"clause"` // the standard's clause behind it, as "EN 319 102-1 §5.2.2"
	Level  Severity `json:"level"`
	Text   string   `json:"text"`
	Args   []string `json:"args,omitempty"` // what the sentence names, in the order of the catalogue; for other languages
}
