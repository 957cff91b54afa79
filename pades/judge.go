package pades

import (
	"bytes"
	"encoding/hex"
	"slices"
	"strconv"
	"time"

	"absah/internal/ocsp"
	"absah/trust"
)

// Judge gives the verdict on evidence under a policy. It reads no clock and no network: the same evidence and policy give the
// same report. The policy's Time is the moment of judgement.
//
// Valid means that all signatures are TOTAL_PASSED, that nothing but validation data was added after any of them, and that there is
// no warning. A missing time-stamp is one: such a signature is valid with notes, since nothing proves when it was made. A test
// authority is another; anchors that the verifier, the operator or the state gave bring none.
//
// The newest signature or document time-stamp is judged first, at that time; a document time-stamp that is valid proves that
// everything before it existed when it was made (EN 319 102-1 §5.6). Then, oldest first, what a signature covers tells after which time
// it was made: only that can turn a certificate's end or revocation into a failure.
func Judge(e *Evidence, p trust.Policy) *Report {
	j := &judge{e: e, p: p, proven: p.Time, reports: make([]SignatureReport, len(e.Signatures))}
	j.pool = parsed(e)
	for i := len(e.Signatures) - 1; i >= 0; i-- {
		j.signature(i)
	}
	j.afterwards()
	r := &Report{Signatures: j.reports, Findings: []Finding{}, Policy: p.Name}
	if at := p.Time.UTC().Truncate(time.Second); !at.IsZero() {
		r.ValidationTime = &at
	}
	j.document(r)
	r.Verdict = verdict(r)
	r.ValidUntil = validUntil(r)
	return r
}

type judge struct {
	e       *Evidence
	p       trust.Policy
	pool    *trust.Pool
	own     *trust.Pool // without what came from the network; made when needed
	proven  time.Time   // everything before the signature at hand existed at this time
	stamped bool        // proven rests on a document time-stamp
	lasts   time.Time   // when that time-stamp comes to its end; zero: no end is known
	proofs  trust.Proofs
	reports []SignatureReport
}

// parsed is the material of the evidence, parsed again where it was stored in between.
func parsed(e *Evidence) *trust.Pool {
	if e.pool != nil {
		return e.pool
	}
	pool := trust.NewPool()
	for _, b := range e.Certificates {
		_, _ = pool.AddCertificate(b)
	}
	for _, b := range e.CRLs {
		_, _ = pool.AddCRL(b)
	}
	for _, b := range e.OCSPs {
		_ = pool.AddOCSP(b)
	}
	return pool
}

// signature judges one signature or document time-stamp.
func (j *judge) signature(i int) {
	s := &j.e.Signatures[i]
	r := &j.reports[i]
	*r = SignatureReport{
		Field: s.Field, Indication: TotalPassed, Modification: s.Modification, CoversWholeDocument: s.Whole, ClaimedTime: s.Claimed,
		Reason: s.Reason, Location: s.Location, Contact: s.Contact, Signer: s.Name, Integrity: s.DigestMatches && s.SignatureValid && len(s.Format) == 0,
		TrustAnchor: AnchorReport{Kind: "none"}, Revocation: RevocationReport{Status: string(trust.Unknown)},
		Timestamps: []TimestampReport{}, Findings: []Finding{}, policy: j.p.Name,
	}
	if cert := j.certificate(s.Signer); cert != nil {
		r.Signer = cert.Subject.CommonName()
		nb, na := cert.NotBefore, cert.NotAfter
		r.Certificate = CertificateReport{
			Subject: cert.Subject.String(), Issuer: cert.Issuer.String(), Serial: hex.EncodeToString(cert.RawSerial), NotBefore: &nb, NotAfter: &na,
		}
	}
	if code := deceptive(r.Signer); code != "" {
		r.find(Warn, code, "Unicode UTS #39 §5")
	}
	j.format(s, r)
	j.crypto(s, r)
	t := j.timestamps(s, r)
	switch {
	case r.Indication == TotalPassed:
		j.trusted(s, r, t)
		j.acceptable(s, r, t)
		j.signaturePolicy(s, r)
	case s.Signer != nil:
		// The verdict is made; who is said to have signed is still worth telling.
		j.describe(s, r, t)
	}
	j.certification(i, s, r)
	j.changed(i, s, r)
	j.level(i, s, r)
	if r.Indication == TotalPassed {
		j.outlook(s, r, t)
	}
	if s.Document && t.ordered && len(r.Timestamps) == 1 && r.Timestamps[0].Valid && s.Modification != ModificationOther && len(s.Format) == 0 {
		j.prove(i, s, t)
	}
}

func (j *judge) certificate(der []byte) *trust.Certificate {
	if der == nil {
		return nil
	}
	c, err := j.pool.AddCertificate(der)
	if err != nil {
		return nil
	}
	return c
}

// fail sets the indication unless a stronger one stands.
func (r *SignatureReport) fail(i Indication, sub string) {
	if r.Indication == TotalPassed || r.Indication == IndeterminateValue && i == TotalFailed {
		r.Indication, r.SubIndication = i, sub
	}
}

// find adds a finding with the catalogue's sentence.
func (r *SignatureReport) find(level Severity, code, clause string, args ...string) {
	r.Findings = append(r.Findings, finding(level, code, clause, args))
}

func finding(level Severity, code, clause string, args []string) Finding {
	return Finding{Code: code, Clause: clause, Level: level, Text: fill(findingWords[code].en, args), Args: args}
}

// tell adds a finding whose sentence comes from the evidence.
func (r *SignatureReport) tell(level Severity, code, clause, text string) {
	r.Findings = append(r.Findings, Finding{Code: code, Clause: clause, Level: level, Text: text})
}

// format is EN 319 102-1 §5.2.2.
func (j *judge) format(s *SignatureFacts, r *SignatureReport) {
	for _, f := range s.Format {
		r.fail(TotalFailed, SubFormatFailure)
		r.tell(Fail, f.Code, "ISO 32000-2 §12.8.1", f.Text)
	}
	for _, n := range s.CMS {
		level, clause := Warn, "RFC 5652 §5"
		switch n.Code {
		case "cms-signer-count", "cms-content-type-mismatch", "cms-algorithm-protection", "cms-encapsulated":
			r.fail(IndeterminateValue, SubSigConstraintsFailure)
			level = Fail
		case "cms-ber", "cms-other-certificate", "cms-other-revocation", "cms-content-type-missing", "cms-digest-not-listed", "cms-attributes-unsorted", "cms-attributes-not-der":
			level = Info
		case "field-shared", "field-name-twice", "field-name-alike":
			clause = "ISO 32000-2 §12.7.5.5"
		}
		r.tell(level, n.Code, clause, n.Text)
	}
	if j.e.Repaired {
		if s.Whole {
			r.find(Info, "document-repaired", "ISO 32000-2 §7.5.4")
		} else {
			r.fail(TotalFailed, SubFormatFailure)
			r.find(Fail, "document-damaged", "ISO 32000-2 §7.5.4")
		}
	}
}

// crypto is EN 319 102-1 §5.2.3 and §5.2.7: the signing certificate and the cryptographic checks.
func (j *judge) crypto(s *SignatureFacts, r *SignatureReport) {
	if len(s.Format) > 0 && !s.DigestMatches {
		return // what was covered cannot be told
	}
	switch {
	case s.SignerMismatch:
		r.fail(IndeterminateValue, SubNoSigningCertificateFound)
		r.find(Fail, "signing-certificate-mismatch", "EN 319 102-1 §5.2.3")
	case s.Signer == nil:
		r.fail(IndeterminateValue, SubNoSigningCertificateFound)
		r.find(Fail, "signing-certificate-missing", "EN 319 102-1 §5.2.3")
	}
	switch {
	case s.ContentMissing:
		r.fail(IndeterminateValue, SubSignedDataNotFound)
		r.find(Fail, "signed-data-missing", "EN 319 102-1 §5.2.7")
	case s.Unsupported != "":
		// No proof of existence would make it acceptable.
		r.fail(IndeterminateValue, SubCryptoConstraintsFailure)
		r.find(Fail, "algorithm-unsupported", "EN 319 102-1 §5.2.7", s.Unsupported)
	case s.StoredBytesOnly:
		r.fail(IndeterminateValue, SubSigConstraintsFailure)
		r.find(Fail, "attributes-not-der", "RFC 5652 §5.4")
	case !s.DigestMatches:
		r.fail(TotalFailed, SubHashFailure)
		r.find(Fail, "hash-failure", "EN 319 102-1 §5.2.7")
	case s.Signer != nil && !s.SignatureValid:
		r.fail(TotalFailed, SubSigCryptoFailure)
		r.find(Fail, "signature-failure", "EN 319 102-1 §5.2.7", s.Fault)
	case s.Signer != nil && s.Fault != "":
		r.fail(IndeterminateValue, SubSigConstraintsFailure)
		r.find(Fail, "signature-fault", "EN 319 102-1 §5.2.8", s.Fault)
	}
}

// maxTold bounds how many changes are told one by one; the evidence holds all.
const maxTold = 40

// changed decides about what later revisions did, by the permission of the certification and by field locks (ISO 32000-2
// §12.8.2.2 and §12.8.2.4).
func (j *judge) changed(i int, s *SignatureFacts, r *SignatureReport) {
	permission := j.permission(i)
	limit := ModificationAnnotation
	switch permission {
	case 1:
		limit = ModificationLTA
	case 2:
		limit = ModificationForm
	}
	if s.Unexplained > 0 {
		r.fail(TotalFailed, SubFormatFailure)
		r.find(Fail, "bytes-unexplained", "ISO 32000-2 §7.5.6", strconv.FormatInt(s.Unexplained, 10))
	}
	told := 0
	for _, c := range s.Changes {
		level, code, clause := Warn, "added", "ISO 32000-2 §12.8.2"
		switch {
		case c.Kind == ModificationOther:
			level, code = Fail, "modified"
		case c.Kind.weight() > limit.weight(), permission != 0 && c.Code == "empty-field-added":
			// A field without a signature may show what it likes.
			level, code, clause = Fail, "modified-forbidden", "ISO 32000-2 §12.8.2.2"
		case permission != 0 && (c.Code == "annotation-covers" || c.Code == "field-covers"):
			// The standard allows it where it allows annotations or signatures. Who certified answers for what is covered: so it is refused.
			level, code, clause = Fail, "covers-content", "ISO 32000-2 §12.8.2.2"
		case c.Field != "" && s.Lock != nil && lockCovers(s.Lock, c.Field) && c.Kind.weight() > ModificationLTA.weight():
			level, code, clause = Fail, "modified-locked", "ISO 32000-2 §12.8.2.4"
		case c.Kind == ModificationLTA:
			level, clause = Info, "EN 319 142-1 §5.4"
			if c.Code == "dss-replaced" {
				level, code = Warn, "store-shrunk"
			}
		}
		if level == Fail {
			r.fail(TotalFailed, SubFormatFailure)
		}
		if told++; told > maxTold && level != Fail || told > 5*maxTold {
			continue
		}
		f := finding(level, code, clause, append([]string{c.Code}, c.Args...))
		f.Text = fill(findingWords[code].en, []string{c.Text})
		r.Findings = append(r.Findings, f)
	}
	if told > maxTold {
		r.find(Info, "more-changes", "ISO 32000-2 §12.8.2", strconv.Itoa(told))
	}
}

// permission is the strictest DocMDP permission among the certifications that stood when a signature was made, itself included;
// 0: none.
func (j *judge) permission(i int) int {
	p := 0
	for k := range i + 1 {
		s := &j.e.Signatures[k]
		for _, c := range []int{s.Certify, lockPermission(s.Lock)} {
			if c >= 1 && c <= 3 && (p == 0 || c < p) {
				p = c
			}
		}
	}
	return p
}

func lockPermission(l *FieldLock) int {
	if l == nil || l.P < 1 || l.P > 3 {
		return 0
	}
	return l.P
}

// certification checks what a certification must be: the first signature, the only one, with a permission that exists (ISO
// 32000-2 §12.8.2.2).
func (j *judge) certification(i int, s *SignatureFacts, r *SignatureReport) {
	if s.Certify == 0 {
		return
	}
	if s.Certify < 1 || s.Certify > 3 {
		r.fail(IndeterminateValue, SubSigConstraintsFailure)
		r.find(Fail, "certification-permission", "ISO 32000-2 §12.8.2.2", strconv.Itoa(s.Certify))
	}
	for k := range i {
		switch older := &j.e.Signatures[k]; {
		case older.Certify != 0:
			r.fail(IndeterminateValue, SubSigConstraintsFailure)
			r.find(Fail, "certification-second", "ISO 32000-2 §12.8.2.2")
			return
		case !older.Document:
			r.find(Warn, "certification-late", "ISO 32000-2 §12.8.2.2")
			return
		}
	}
}

// level names what the signature has (EN 319 142-1 §6): the form is told by its attributes, the steps by time-stamps that fit and
// by the validation data that came along.
func (j *judge) level(i int, s *SignatureFacts, r *SignatureReport) {
	if s.Document {
		r.Level = "DOCUMENT-TIMESTAMP"
		return
	}
	form, first := "PKCS7", "-B"
	if s.SubFilter == "ETSI.CAdES.detached" {
		form = "PAdES-BASELINE"
		if s.SigningTime || s.Claimed == nil || !s.SignerBound {
			form, first = "PAdES", "-BES"
			if s.Policy {
				first = "-EPES"
			}
		}
	}
	fits := func(t TimestampFacts) bool { return t.ImprintMatches && t.SignatureValid }
	later, archival := 0, 0
	for _, o := range j.e.Signatures[i+1:] {
		if o.Document && len(o.Format) == 0 && len(o.Timestamps) == 1 && fits(o.Timestamps[0]) {
			later++
			// EN 319 142-1 §5.5: the type is DocTimeStamp, and it protects the validation data.
			if (o.Type == "" || o.Type == "DocTimeStamp") && len(o.Covers) > 0 {
				archival++
			}
		}
	}
	own := slices.ContainsFunc(s.Timestamps, fits)
	switch {
	case !own && later == 0:
		r.Level = form + first
	case !j.e.DSS || !j.complete(s, r):
		r.Level = form + "-T"
	case archival > 0 && (own || later > 1):
		r.Level = form + "-LTA"
	default:
		r.Level = form + "-LT"
	}
}

// complete reports whether the document brings along what says whether the signer's certificate was revoked.
func (j *judge) complete(s *SignatureFacts, r *SignatureReport) bool {
	if r.Revocation.Status != string(trust.Unknown) || r.TrustAnchor.Kind != "none" {
		return r.Revocation.Source == "dss"
	}
	// No chain leads to an anchor: look for data about this very certificate.
	cert := j.certificate(s.Signer)
	if cert == nil {
		return false
	}
	crls, ocsps := j.e.embedded()
	for _, b := range ocsps {
		resp, err := ocsp.Parse(b)
		if err != nil {
			continue
		}
		for _, one := range resp.Singles {
			if one.ID.Serial != nil && one.ID.Serial.Cmp(cert.Serial) == 0 {
				return true
			}
		}
	}
	for _, b := range crls {
		if crl, err := trust.ParseCRL(b); err == nil && bytes.Equal(crl.RawIssuer, cert.RawIssuer) {
			return true
		}
	}
	return false
}

// document adds what concerns the whole file.
func (j *judge) document(r *Report) {
	find := func(level Severity, code, clause string, args ...string) {
		r.Findings = append(r.Findings, finding(level, code, clause, args))
	}
	for _, n := range j.e.Notes {
		r.Findings = append(r.Findings, Finding{Code: n.Code, Clause: "ISO 32000-2 §7", Level: Info, Text: n.Text})
	}
	for _, s := range j.e.Suspicions {
		level, clause := Warn, "ISO 32000-2 §7.5.6"
		switch s.Code {
		case "pages-unread":
			level, clause = Info, "ISO 32000-2 §7.8.2"
		case "text-covered", "text-covered-annotation":
			clause = "ISO 32000-2 §8.5"
		case "value-differs":
			clause = "ISO 32000-2 §12.7.4.3"
		case "document-inside", "trailer-twice", "catalog-twice", "hybrid-object":
			// Two programs may see two documents; what was signed holds both (a repaired file is told likewise).
			level, clause = Info, "ISO 32000-2 §7.5"
		}
		find(level, s.Code, clause, s.Args...)
	}
	switch {
	case j.e.Stray == 0:
	case len(j.e.Signatures) > 0:
		// Attachments may be signed documents themselves.
		find(Info, "stray-byterange", "ISO 32000-2 §12.8.1", strconv.Itoa(j.e.Stray))
	default:
		find(Warn, "stray-signature", "ISO 32000-2 §12.8.1")
	}
}

// verdict is the worst of all signatures.
func verdict(r *Report) Verdict {
	out := Unsigned
	rank := map[Verdict]int{Unsigned: 0, Valid: 1, ValidWithNotes: 2, Indeterminate: 3, Invalid: 4}
	for i := range r.Signatures {
		v := r.Signatures[i].Verdict()
		if rank[v] > rank[out] {
			out = v
		}
	}
	for _, f := range r.Findings {
		if f.Level == Warn && out == Valid {
			out = ValidWithNotes
		}
	}
	return out
}
