package report

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"absah/pades"
	"absah/trust"
)

// The name spaces of the report: ETSI TS 119 102-2, XML-DSig and XAdES.
const (
	nsReport = "http://uri.etsi.org/19102/v1.4.1#"
	nsDSig   = "http://www.w3.org/2000/09/xmldsig#"
	nsXAdES  = "http://uri.etsi.org/01903/v1.3.2#"
)

// Identifiers of ETSI TS 119 102-2 clause 4, and our own for what the standard leaves open.
const (
	urnMain       = "urn:etsi:019102:mainindication:"
	urnSub        = "urn:etsi:019102:subindication:"
	urnObject     = "urn:etsi:019102:validationObject:"
	urnPOE        = "urn:etsi:019102:poetype:validation"
	urnApplied    = "urn:etsi:019102:constraintStatus:applied"
	urnProcess    = "urn:etsi:019102:validationprocess:"
	urnReason     = "urn:etsi:019102:revocationReason:"
	urnOwn        = "urn:x-absah:"
	urnOwnFinding = urnOwn + "finding:"
)

// XML writes a validation report of ETSI TS 119 102-2: one SignatureValidationReport for each signature of each document, and the
// certificates, revocation data, time-stamps and digests of documents that they refer to. A document time-stamp is a validation object with a
// report of its own. A document without a signature, or that could not be read, has a report that says so. It is not signed.
func XML(w io.Writer, docs []Document, o Options) error {
	x := &xmlReport{seen: map[string]bool{}, made: o.Time}
	x.raw(xml.Header)
	x.open("ValidationReport", "xmlns", nsReport, "xmlns:ds", nsDSig, "xmlns:XAdES", nsXAdES)
	for i := range docs {
		x.document(&docs[i], i+1)
	}
	if x.objects.Len() > 0 {
		x.open("SignatureValidationObjects")
		x.b.Write(x.objects.Bytes())
		x.close("SignatureValidationObjects")
	}
	x.close("ValidationReport")
	x.raw("\n")
	_, err := w.Write(x.b.Bytes())
	return err
}

type xmlReport struct {
	b       bytes.Buffer
	objects bytes.Buffer    // ValidationObject elements
	seen    map[string]bool // their identifiers
	made    time.Time
}

func (x *xmlReport) raw(s string) { x.b.WriteString(s) }

func (x *xmlReport) open(name string, attributes ...string) {
	x.raw("<" + name)
	for i := 0; i+1 < len(attributes); i += 2 {
		x.raw(" " + attributes[i] + `="`)
		_ = xml.EscapeText(&x.b, []byte(attributes[i+1])) // a buffer takes everything
		x.raw(`"`)
	}
	x.raw(">")
}

func (x *xmlReport) close(name string) { x.raw("</" + name + ">") }

// leaf is an element with text. Characters that XML cannot hold become U+FFFD.
func (x *xmlReport) leaf(name, text string, attributes ...string) {
	x.open(name, attributes...)
	_ = xml.EscapeText(&x.b, []byte(text))
	x.close(name)
}

func (x *xmlReport) time(name string, t time.Time) { x.leaf(name, t.UTC().Format(time.RFC3339)) }

func (x *xmlReport) base64(name string, b []byte) {
	x.leaf(name, base64.StdEncoding.EncodeToString(b))
}

func (x *xmlReport) refer(name string, ids ...string) {
	x.open(name, "VOReference", strings.Join(ids, " "))
	x.close(name)
}

var digestURI = map[string]string{
	"SHA-1": nsDSig + "sha1", "SHA-224": "http://www.w3.org/2001/04/xmldsig-more#sha224", "SHA-256": "http://www.w3.org/2001/04/xmlenc#sha256",
	"SHA-384": "http://www.w3.org/2001/04/xmldsig-more#sha384", "SHA-512": "http://www.w3.org/2001/04/xmlenc#sha512",
	"SHA3-256": "http://www.w3.org/2007/05/xmldsig-more#sha3-256", "SHA3-384": "http://www.w3.org/2007/05/xmldsig-more#sha3-384",
	"SHA3-512": "http://www.w3.org/2007/05/xmldsig-more#sha3-512",
}

// digest is a DigestAlgAndValue (ETSI EN 319 132-1 §5.1.2 has the type).
func (x *xmlReport) digest(algorithm string, value []byte) {
	x.open("DigestAlgAndValue")
	x.open("ds:DigestMethod", "Algorithm", algorithm)
	x.close("ds:DigestMethod")
	x.base64("ds:DigestValue", value)
	x.close("DigestAlgAndValue")
}

// object adds a validation object once and returns its identifier. Where report is given, it writes the object's own report.
func (x *xmlReport) object(kind string, content []byte, report func()) string {
	sum := sha256.Sum256(content)
	id := strings.ToUpper(kind[:1]) + "-" + hex.EncodeToString(sum[:])
	if x.seen[id] {
		return id
	}
	x.seen[id] = true
	x.into(func() {
		x.open("ValidationObject", "id", id)
		x.leaf("ObjectType", urnObject+kind)
		x.open("ValidationObjectRepresentation")
		x.base64("base64", content)
		x.close("ValidationObjectRepresentation")
		if report != nil {
			report()
		}
		x.close("ValidationObject")
	})
	return id
}

// into writes an object apart. Objects that it refers to come before it.
func (x *xmlReport) into(write func()) {
	outer := x.b
	x.b = bytes.Buffer{}
	write()
	x.objects.Write(x.b.Bytes())
	x.b = outer
}

func (x *xmlReport) certificate(c *trust.Certificate) string {
	return x.object("certificate", c.Raw, nil)
}

func (x *xmlReport) revocation(r trust.Revocation) string {
	switch {
	case len(r.Evidence) == 0:
		return ""
	case r.Source == "ocsp":
		return x.object("OCSPResponse", r.Evidence, nil)
	}
	return x.object("CRL", r.Evidence, nil)
}

func (x *xmlReport) document(d *Document, number int) {
	id := "D-" + strconv.Itoa(number)
	if d.Report == nil {
		x.open("SignatureValidationReport")
		x.open("SignatureValidationStatus")
		x.leaf("MainIndication", urnMain+"indeterminate")
		x.leaf("SubIndication", urnSub+"SIGNED_DATA_NOT_FOUND")
		x.open("AssociatedValidationReportData")
		x.data([2]string{"document", d.Name}, [2]string{"problem", d.Problem})
		x.close("AssociatedValidationReportData")
		x.close("SignatureValidationStatus")
		x.close("SignatureValidationReport")
		return
	}
	x.into(func() {
		x.open("ValidationObject", "id", id)
		x.leaf("ObjectType", urnObject+"signedData")
		x.open("ValidationObjectRepresentation")
		x.digest(digestURI["SHA-256"], d.SHA256)
		x.close("ValidationObjectRepresentation")
		x.close("ValidationObject")
	})
	told := 0
	for i := range d.Report.Signatures {
		s, f := &d.Report.Signatures[i], &d.Evidence.Signatures[i]
		if f.Document {
			continue
		}
		told++
		x.open("SignatureValidationReport")
		x.signature(d, id, s, f, fmt.Sprintf("S-%d-%d", number, i+1))
		x.close("SignatureValidationReport")
	}
	for i := range d.Report.Signatures {
		if f := &d.Evidence.Signatures[i]; f.Document {
			x.documentTimestamp(d, id, i, fmt.Sprintf("S-%d-%d", number, i+1))
		}
	}
	if told == 0 {
		x.open("SignatureValidationReport")
		x.timeInfo(d, nil)
		x.open("SignersDocument")
		x.refer("SignersDocumentRepresentation", id)
		x.close("SignersDocument")
		x.open("SignatureValidationStatus")
		x.leaf("MainIndication", urnMain+"indeterminate")
		x.leaf("SubIndication", urnSub+"SIGNED_DATA_NOT_FOUND")
		x.open("AssociatedValidationReportData")
		x.data([2]string{"document", d.Name}, [2]string{"verdict", string(d.Report.Verdict)})
		x.close("AssociatedValidationReportData")
		x.close("SignatureValidationStatus")
		x.close("SignatureValidationReport")
	}
}

// data is report data of our own: pairs of a type and a text.
func (x *xmlReport) data(pairs ...[2]string) {
	x.open("AdditionalValidationReportData")
	for _, p := range pairs {
		if p[1] == "" {
			continue
		}
		x.open("ReportData")
		x.leaf("Type", urnOwn+p[0])
		x.leaf("Value", p[1])
		x.close("ReportData")
	}
	x.close("AdditionalValidationReportData")
}

func (x *xmlReport) timeInfo(d *Document, best *time.Time) {
	at := x.made
	if t := d.Report.ValidationTime; t != nil {
		at = *t
	}
	x.open("ValidationTimeInfo")
	x.time("ValidationTime", at)
	x.open("BestSignatureTime")
	if best == nil {
		best = &at // nothing proves an earlier time than that of the validation itself
	}
	x.time("POETime", *best)
	x.leaf("TypeOfProof", urnPOE)
	x.close("BestSignatureTime")
	x.close("ValidationTimeInfo")
}

// signature is the content of a SignatureValidationReport.
func (x *xmlReport) signature(d *Document, document string, s *pades.SignatureReport, f *pades.SignatureFacts, id string) {
	parts, err := f.Parts()
	if err != nil {
		parts = &pades.SignatureParts{}
	}
	method := digestURI[f.Digest]

	x.open("SignatureIdentifier", "id", id)
	if signed := parts.Signed; signed != nil {
		// The digest is over what the key signed; one of our own choice identifies it as well as the signature's.
		sum := sha256.Sum256(signed)
		x.digest(digestURI["SHA-256"], sum[:])
	}
	if parts.Value != nil {
		x.base64("ds:SignatureValue", parts.Value)
	}
	x.leaf("HashOnly", "false")
	x.leaf("DocHashOnly", "false")
	x.close("SignatureIdentifier")

	x.open("ValidationConstraintsEvaluationReport")
	x.open("SignatureValidationPolicy")
	x.open("SignaturePolicyIdentifier")
	x.open("XAdES:SignaturePolicyImplied")
	x.close("XAdES:SignaturePolicyImplied")
	x.close("SignaturePolicyIdentifier")
	x.leaf("PolicyName", d.Report.Policy)
	x.close("SignatureValidationPolicy")
	for _, finding := range s.Findings {
		x.constraint(s, finding)
	}
	x.close("ValidationConstraintsEvaluationReport")

	x.timeInfo(d, s.BestTime)

	x.open("SignersDocument")
	if f.DigestMatches && parts.Digest != nil && method != "" {
		x.digest(method, parts.Digest)
	}
	x.refer("SignersDocumentRepresentation", document)
	x.close("SignersDocument")

	x.attributes(d, s, f, parts)

	if v := s.Validation; v != nil && len(v.Path) > 0 {
		x.open("SignerInformation")
		x.refer("SignerCertificate", x.certificate(v.Path[0]))
		x.leaf("Signer", s.Certificate.Subject)
		x.close("SignerInformation")
	}

	x.open("SignatureValidationProcess")
	x.leaf("SignatureValidationProcessID", urnProcess+map[trust.Process]string{trust.ProcessBasic: "Basic", trust.ProcessLongTerm: "LTVM", trust.ProcessArchival: "LTA"}[s.Process])
	x.close("SignatureValidationProcess")

	main := map[pades.Indication]string{pades.TotalPassed: "total-passed", pades.TotalFailed: "total-failed"}[s.Indication]
	if main == "" {
		main = "indeterminate"
	}
	if f.Document {
		main = strings.TrimPrefix(main, "total-") // a time-stamp is no signature of the document (EN 319 102-1 §5.4)
	}
	x.open("SignatureValidationStatus")
	x.leaf("MainIndication", urnMain+main)
	if s.SubIndication != "" {
		x.leaf("SubIndication", urnSub+s.SubIndication)
	}
	x.open("AssociatedValidationReportData")
	x.chain(s.Validation)
	if parts.Algorithm != "" {
		x.open("CryptoInformation")
		x.refer("ValidationObjectId", id)
		x.leaf("Algorithm", "urn:oid:"+parts.Algorithm)
		x.leaf("SecureAlgorithm", strconv.FormatBool(!weak(s)))
		x.close("CryptoInformation")
	}
	x.data([2]string{"document", d.Name}, [2]string{"field", s.Field}, [2]string{"verdict", string(s.Verdict())}, [2]string{"level", s.Level}, [2]string{"modification", string(s.Modification)})
	x.close("AssociatedValidationReportData")
	x.close("SignatureValidationStatus")
}

func weak(s *pades.SignatureReport) bool {
	for _, f := range s.Findings {
		if f.Code == "weak-digest" || f.Code == trust.CodeWeakAlgorithm || f.Code == "algorithm-unsupported" {
			return true
		}
	}
	return false
}

// constraint tells one finding as the evaluation of a constraint.
func (x *xmlReport) constraint(s *pades.SignatureReport, f pades.Finding) {
	x.open("ValidationConstraint")
	x.leaf("ValidationConstraintIdentifier", urnOwnFinding+f.Code)
	for _, p := range [][2]string{{"text", f.Text}, {"clause", f.Clause}, {"level", string(f.Level)}} {
		if p[1] != "" {
			x.open("ValidationConstraintParameter")
			x.leaf("Type", urnOwn+p[0])
			x.leaf("Value", p[1])
			x.close("ValidationConstraintParameter")
		}
	}
	x.open("ConstraintStatus")
	x.leaf("Status", urnApplied)
	x.close("ConstraintStatus")
	outcome := "passed"
	if f.Level == pades.Fail {
		outcome = "indeterminate"
		if s.Indication == pades.TotalFailed {
			outcome = "failed"
		}
	}
	x.open("ValidationStatus")
	x.leaf("MainIndication", urnMain+outcome)
	x.close("ValidationStatus")
	x.close("ValidationConstraint")
}

// attributes are what the signature dictionary and the CMS message say (ETSI TS 119 102-2 annex A).
func (x *xmlReport) attributes(d *Document, s *pades.SignatureReport, f *pades.SignatureFacts, parts *pades.SignatureParts) {
	x.open("SignatureAttributes")
	text := func(name, inner, value string) {
		if value != "" {
			x.open(name, "Signed", "true")
			x.leaf(inner, value)
			x.close(name)
		}
	}
	if f.Claimed != nil {
		x.open("SigningTime", "Signed", "true")
		x.time("Time", *f.Claimed)
		x.close("SigningTime")
	}
	if v := s.Validation; f.SignerBound && v != nil && len(v.Path) > 0 {
		x.open("SigningCertificate", "Signed", "true")
		x.refer("AttributeObject", x.certificate(v.Path[0]))
		x.close("SigningCertificate")
	}
	text("SignatureProductionPlace", "AddressString", f.Location)
	for i := range min(len(parts.Tokens), len(f.Timestamps), len(s.Timestamps)) {
		if f.Timestamps[i].Time.IsZero() {
			continue
		}
		x.open("SignatureTimeStamp", "Signed", "false")
		x.refer("AttributeObject", x.timestamp(parts.Tokens[i], s.Field, &s.Timestamps[i]))
		x.time("TimeStampValue", f.Timestamps[i].Time)
		x.close("SignatureTimeStamp")
	}
	if parts.Digest != nil {
		x.open("MessageDigest", "Signed", "true")
		x.base64("Digest", parts.Digest)
		x.close("MessageDigest")
	}
	if d.Evidence.DSS {
		x.open("DSS", "Signed", "false")
		x.close("DSS")
	}
	text("Reason", "ReasonElement", f.Reason)
	text("Name", "NameElement", f.Name)
	text("ContactInfo", "ContactInfoElement", f.Contact)
	text("SubFilter", "SubFilterElement", f.SubFilter)
	var numbers []string
	for _, n := range f.ByteRange {
		numbers = append(numbers, strconv.FormatInt(n, 10))
	}
	x.leaf("ByteRange", strings.Join(numbers, " "))
	if f.Filter != "" {
		x.open("Filter")
		x.leaf("Filter", f.Filter)
		x.close("Filter")
	}
	x.close("SignatureAttributes")
}

// chain is what the validation of a certificate rests on.
func (x *xmlReport) chain(v *trust.Result) {
	if v == nil || len(v.Path) == 0 {
		return
	}
	ids := make([]string, len(v.Path))
	for i, c := range v.Path {
		ids[i] = x.certificate(c)
	}
	anchor := ""
	if v.Anchor != nil {
		anchor = x.certificate(v.Anchor.Certificate)
		x.refer("TrustAnchor", anchor)
	}
	x.open("CertificateChain")
	x.refer("SigningCertificate", ids[0])
	for _, id := range ids[1:] {
		if id != anchor {
			x.refer("IntermediateCertificate", id)
		}
	}
	if anchor != "" {
		x.refer("TrustAnchor", anchor)
	}
	x.close("CertificateChain")
	told := map[string]bool{}
	for _, r := range v.Revocation {
		if id := x.revocation(r); id != "" && !told[id] {
			told[id] = true
			x.refer("RelatedValidationObject", id)
		}
	}
	for i, r := range v.Revocation {
		if r.RevokedAt.IsZero() || i >= len(ids) {
			continue
		}
		x.open("RevocationStatusInformation")
		x.refer("ValidationObjectId", ids[i])
		x.time("RevocationTime", r.RevokedAt)
		if r.Reason != trust.NoReason {
			x.leaf("RevocationReason", urnReason+r.Reason.String())
		}
		if id := x.revocation(r); id != "" {
			x.refer("RevocationObject", id)
		}
		x.close("RevocationStatusInformation")
		break // the element occurs once
	}
}

// timestamp is a token with its own report and what it proves.
func (x *xmlReport) timestamp(token []byte, field string, t *pades.TimestampReport) string {
	return x.object("timestamp", token, func() {
		if t.Valid && t.Time != nil {
			x.open("POEProvisioning")
			x.time("POETime", *t.Time)
			x.open("SignatureReference")
			x.leaf("PAdESFieldName", field)
			x.close("SignatureReference")
			x.close("POEProvisioning")
		}
		x.open("ValidationReport")
		x.open("SignatureValidationStatus")
		x.timestampStatus(t)
		x.close("SignatureValidationStatus")
		x.close("ValidationReport")
	})
}

func (x *xmlReport) timestampStatus(t *pades.TimestampReport) {
	if t.Valid {
		x.leaf("MainIndication", urnMain+"passed")
	} else {
		x.leaf("MainIndication", urnMain+"indeterminate")
		if v := t.Validation; v != nil && v.SubIndication != "" {
			x.leaf("SubIndication", urnSub+string(v.SubIndication))
		}
	}
	if v := t.Validation; v != nil && len(v.Path) > 0 {
		x.open("AssociatedValidationReportData")
		x.chain(v)
		x.close("AssociatedValidationReportData")
	}
}

// documentTimestamp is a validation object whose report is that of a signature.
func (x *xmlReport) documentTimestamp(d *Document, document string, i int, id string) {
	s, f := &d.Report.Signatures[i], &d.Evidence.Signatures[i]
	parts, err := f.Parts()
	if err != nil {
		parts = &pades.SignatureParts{Message: f.Contents}
	}
	x.object("timestamp", parts.Message, func() {
		if len(s.Timestamps) == 1 && s.Timestamps[0].Valid && s.Timestamps[0].Time != nil {
			x.open("POEProvisioning")
			x.time("POETime", *s.Timestamps[0].Time)
			x.refer("ValidationObject", document)
			for k := range i {
				x.open("SignatureReference")
				x.leaf("PAdESFieldName", d.Report.Signatures[k].Field)
				x.close("SignatureReference")
			}
			x.close("POEProvisioning")
		}
		x.open("ValidationReport")
		x.signature(d, document, s, f, id)
		x.close("ValidationReport")
	})
}
