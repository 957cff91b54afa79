package pades

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"absah/trust"
)

// Judge gives the verdict on evidence under a policy. It reads no clock and no network: the same evidence and policy give the
// same report. The policy's Time is the moment of judgement.
//
// The newest signature or document time-stamp is judged first, at that time; a document time-stamp that is valid proves that
// everything before it existed when it was made (EN 319 102-1 §5.6).
func Judge(e *Evidence, p trust.Policy) *Report {
	j := &judge{e: e, p: p, proven: p.Time, reports: make([]SignatureReport, len(e.Signatures))}
	j.loadPool()
	for i := len(e.Signatures) - 1; i >= 0; i-- {
		j.signature(i)
	}
	r := &Report{Signatures: j.reports, Findings: []Finding{}}
	j.document(r)
	r.Verdict = verdict(r)
	return r
}

type judge struct {
	e       *Evidence
	p       trust.Policy
	pool    *trust.Pool
	proven  time.Time // everything before the signature at hand existed at this time
	stamped bool      // proven rests on a document time-stamp
	reports []SignatureReport
}

// loadPool parses the material again where the evidence was stored in between.
func (j *judge) loadPool() {
	j.pool = j.e.pool
	if j.pool != nil {
		return
	}
	j.pool = trust.NewPool()
	for _, b := range j.e.Certificates {
		_, _ = j.pool.AddCertificate(b)
	}
	for _, b := range j.e.CRLs {
		_, _ = j.pool.AddCRL(b)
	}
	for _, b := range j.e.OCSPs {
		_ = j.pool.AddOCSP(b)
	}
}

// signature judges one signature or document time-stamp.
func (j *judge) signature(i int) {
	s := &j.e.Signatures[i]
	r := &j.reports[i]
	*r = SignatureReport{
		Field: s.Field, Indication: TotalPassed, Modification: s.Modification, CoversWholeDocument: s.Whole, ClaimedTime: s.Claimed,
		Reason: s.Reason, Location: s.Location, Contact: s.Contact, Signer: s.Name, Integrity: s.DigestMatches && s.SignatureValid && len(s.Format) == 0,
		TrustAnchor: AnchorReport{Kind: "none"}, Revocation: RevocationReport{Status: string(trust.Unknown)},
		Timestamps: []TimestampReport{}, Findings: []Finding{},
	}
	if cert := j.certificate(s.Signer); cert != nil {
		r.Signer = cert.Subject.CommonName()
		nb, na := cert.NotBefore, cert.NotAfter
		r.Certificate = CertificateReport{
			Subject: cert.Subject.String(), Issuer: cert.Issuer.String(), Serial: hex.EncodeToString(cert.RawSerial), NotBefore: &nb, NotAfter: &na,
		}
	}
	j.format(s, r)
	j.crypto(s, r)
	best := j.timestamps(s, r)
	if r.Indication == TotalPassed {
		j.trusted(s, r, best)
	} else if s.Signer != nil {
		// The verdict is made; who is said to have signed is still worth telling.
		j.describe(s, r, best)
	}
	j.changed(s, r)
	j.level(i, s, r)
	if s.Document && r.Indication == TotalPassed && len(s.Timestamps) == 1 {
		j.proven, j.stamped = s.Timestamps[0].Time, true
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

func (r *SignatureReport) find(level Severity, code, clause, text string) {
	r.Findings = append(r.Findings, Finding{Code: code, Clause: clause, Level: level, Text: text})
}

// format is EN 319 102-1 §5.2.2.
func (j *judge) format(s *SignatureFacts, r *SignatureReport) {
	for _, f := range s.Format {
		r.fail(TotalFailed, "FORMAT_FAILURE")
		r.find(Fail, f.Code, "ISO 32000-2 §12.8.1", f.Text)
	}
	for _, n := range s.CMS {
		level := Warn
		switch n.Code {
		case "cms-signer-count", "cms-content-type-mismatch", "cms-attribute-duplicate", "cms-algorithm-protection", "cms-encapsulated":
			r.fail(IndeterminateValue, "SIG_CONSTRAINTS_FAILURE")
			level = Fail
		case "cms-ber", "cms-other-certificate", "cms-other-revocation", "cms-content-type-missing", "cms-digest-not-listed", "cms-attributes-unsorted", "cms-attributes-not-der":
			level = Info
		}
		r.find(level, n.Code, "RFC 5652 §5", n.Text)
	}
	if j.e.Repaired {
		if s.Whole {
			r.find(Info, "document-repaired", "ISO 32000-2 §7.5.4", "the document was damaged before it was signed and was read by repairing it")
		} else {
			r.fail(TotalFailed, "FORMAT_FAILURE")
			r.find(Fail, "document-repaired", "ISO 32000-2 §7.5.4", "the document is damaged behind what was signed")
		}
	}
}

// crypto is EN 319 102-1 §5.2.3 and §5.2.7: the signing certificate and the cryptographic checks.
func (j *judge) crypto(s *SignatureFacts, r *SignatureReport) {
	if len(s.Format) > 0 {
		return
	}
	switch {
	case s.SignerMismatch:
		r.fail(IndeterminateValue, "NO_SIGNING_CERTIFICATE_FOUND")
		r.find(Fail, "signing-certificate-mismatch", "EN 319 102-1 §5.2.3", "the signature names another certificate than the one it carries")
	case s.Signer == nil:
		r.fail(IndeterminateValue, "NO_SIGNING_CERTIFICATE_FOUND")
		r.find(Fail, "signing-certificate-missing", "EN 319 102-1 §5.2.3", "the signer's certificate is missing from the document")
	}
	switch {
	case s.StoredBytesOnly:
		r.fail(IndeterminateValue, "SIG_CONSTRAINTS_FAILURE")
		r.find(Fail, "attributes-not-der", "RFC 5652 §5.4", "the signature verifies only over attributes that are not written as the standard asks")
	case !s.DigestMatches:
		r.fail(TotalFailed, "HASH_FAILURE")
		r.find(Fail, "hash-failure", "EN 319 102-1 §5.2.7", "the document is not the one that was signed")
	case s.Signer != nil && !s.SignatureValid:
		r.fail(TotalFailed, "SIG_CRYPTO_FAILURE")
		r.find(Fail, "signature-failure", "EN 319 102-1 §5.2.7", "the signature value does not verify: "+s.Fault)
	case s.Signer != nil && s.Fault != "":
		r.fail(IndeterminateValue, "SIG_CONSTRAINTS_FAILURE")
		r.find(Fail, "signature-fault", "EN 319 102-1 §5.2.8", s.Fault)
	}
}

// timestamps judges the time-stamps of a signature and returns the earliest time at which it is proven to exist.
func (j *judge) timestamps(s *SignatureFacts, r *SignatureReport) time.Time {
	best := time.Time{}
	if j.stamped {
		best = j.proven
	}
	for _, t := range s.Timestamps {
		kind := "signature"
		if s.Document {
			kind = "document"
		}
		tr := TimestampReport{Kind: kind}
		if !t.Time.IsZero() {
			at := t.Time
			tr.Time = &at
		}
		cert := j.certificate(t.Signer)
		if cert != nil {
			tr.Authority = cert.Subject.CommonName()
		}
		why := ""
		switch {
		case !t.ImprintMatches:
			why = "the time-stamp belongs to something else"
		case !t.SignatureValid:
			why = "the time-stamp does not verify: " + t.Fault
		default:
			v := j.validate(cert, trust.UsageTimeStamping, j.proven)
			tr.Valid = v.Status == trust.Passed
			if !tr.Valid {
				why = "the time-stamp's authority cannot be trusted: " + reasons(v)
			}
		}
		if why != "" {
			r.find(Warn, "timestamp-invalid", "EN 319 102-1 §5.4", why)
		}
		if tr.Valid && (best.IsZero() || t.Time.Before(best)) {
			best = t.Time
		}
		r.Timestamps = append(r.Timestamps, tr)
	}
	if !best.IsZero() {
		b := best
		r.BestTime = &b
		if s.Claimed != nil && s.Claimed.After(best.Add(maxClockError)) {
			r.find(Warn, "claimed-time", "EN 319 102-1 §5.5", "the signer's clock says a later time than the time-stamp")
		}
	} else if !s.Document {
		r.find(Warn, "no-timestamp", "EN 319 102-1 §5.3", "no time-stamp proves when the document was signed")
	}
	return best
}

// maxClockError is how far a signer's clock may run ahead of a time-stamp before it is remarked: 5 to 13 minutes occur.
const maxClockError = 15 * time.Minute

func (j *judge) validate(cert *trust.Certificate, usage trust.Usage, at time.Time) *trust.Result {
	if cert == nil {
		return &trust.Result{Status: trust.Indeterminate, SubIndication: trust.NoCertificateChainFound}
	}
	return trust.Validate(trust.Request{Certificate: cert, Pool: j.pool, At: at, Usage: usage}, j.p)
}

// trusted is EN 319 102-1 §5.2.6 for the signing certificate, at the proven time where there is one.
func (j *judge) trusted(s *SignatureFacts, r *SignatureReport, best time.Time) {
	v := j.describe(s, r, best)
	switch {
	case s.Document && len(r.Timestamps) == 1 && r.Timestamps[0].Valid:
	case v.Status == trust.Passed:
	default:
		ind := IndeterminateValue
		if v.Status == trust.Failed {
			ind = TotalFailed
		}
		r.fail(ind, string(v.SubIndication))
	}
	for _, f := range v.Findings {
		if f.Level == trust.Info {
			continue
		}
		level := Severity(f.Level)
		if v.Status == trust.Passed && level == Fail {
			level = Warn
		}
		// What a certificate does against its profile is the issuer's affair; it is told, and decides nothing.
		if v.Status == trust.Passed && level == Warn {
			level = Info
		}
		r.find(level, f.Code, f.Clause, f.String())
	}
	if len(v.Revocation) > 0 {
		if rev := v.Revocation[0]; rev.Status == trust.Good && !rev.RevokedAt.IsZero() {
			r.find(Warn, "revoked-later", "EN 319 102-1 §5.5", "the certificate was revoked on "+rev.RevokedAt.Format(time.RFC3339)+", after the document was signed")
		}
	}
}

// describe fills in what is known about chain, anchor and revocation.
func (j *judge) describe(s *SignatureFacts, r *SignatureReport, best time.Time) *trust.Result {
	at := best
	if at.IsZero() {
		at = j.proven
	}
	usage := trust.UsageSigning
	if s.Document {
		usage, at = trust.UsageTimeStamping, j.proven
	}
	v := j.validate(j.certificate(s.Signer), usage, at)
	r.CertificateTrusted = v.Status == trust.Passed
	if v.Anchor != nil {
		sum := sha256.Sum256(v.Anchor.Certificate.Raw)
		r.TrustAnchor = AnchorReport{Subject: v.Anchor.Certificate.Subject.String(), SHA256: strings.ToUpper(hex.EncodeToString(sum[:])), Kind: string(v.Anchor.Kind)}
		if v.Anchor.Kind == trust.AnchorTest && v.Status == trust.Passed {
			r.find(Warn, "test-anchor", "", "trust rests on a test authority that nobody has to recognise")
		}
	}
	if len(v.Revocation) > 0 {
		rev := v.Revocation[0]
		r.Revocation.Status, r.Revocation.Source = string(rev.Status), rev.Source
		switch {
		case !rev.RevokedAt.IsZero():
			t := rev.RevokedAt
			r.Revocation.At = &t
		case !rev.ProducedAt.IsZero():
			t := rev.ProducedAt
			r.Revocation.At = &t
		case !rev.ThisUpdate.IsZero():
			t := rev.ThisUpdate
			r.Revocation.At = &t
		}
		if rev.Source != "" && j.embedded(rev.Evidence) {
			r.Revocation.Source = "dss"
		}
	}
	return v
}

// embedded reports whether revocation data came with the document.
func (j *judge) embedded(evidence []byte) bool {
	own := append(j.e.CRLs[:len(j.e.CRLs)-j.e.FetchedCRLs:len(j.e.CRLs)-j.e.FetchedCRLs], j.e.OCSPs[:len(j.e.OCSPs)-j.e.FetchedOCSPs]...)
	for _, b := range own {
		if string(b) == string(evidence) {
			return true
		}
	}
	return false
}

func reasons(v *trust.Result) string {
	for _, f := range v.Findings {
		if f.Level == trust.Fail {
			return f.String()
		}
	}
	return string(v.SubIndication)
}

// changed decides about what later revisions did, by the permission of the certification and by field locks (ISO 32000-2
// §12.8.2.2 and §12.8.2.4).
func (j *judge) changed(s *SignatureFacts, r *SignatureReport) {
	limit := ModificationAnnotation
	switch j.permission() {
	case 1:
		limit = ModificationLTA
	case 2:
		limit = ModificationForm
	}
	if s.Unexplained > 0 {
		r.fail(TotalFailed, "FORMAT_FAILURE")
		r.find(Fail, "bytes-unexplained", "ISO 32000-2 §7.5.6", fmt.Sprintf("%d bytes behind the signed document belong to no object of an update", s.Unexplained))
	}
	for _, c := range s.Changes {
		switch {
		case c.Kind == ModificationOther:
			r.fail(TotalFailed, "FORMAT_FAILURE")
			r.find(Fail, "modified", "ISO 32000-2 §12.8.2", "after the signature: "+c.Text)
		case c.Kind.weight() > limit.weight():
			r.fail(TotalFailed, "FORMAT_FAILURE")
			r.find(Fail, "modified-forbidden", "ISO 32000-2 §12.8.2.2", "after the signature: "+c.Text+"; the certification forbids it")
		case c.Field != "" && s.Lock != nil && lockCovers(s.Lock, c.Field):
			r.fail(TotalFailed, "FORMAT_FAILURE")
			r.find(Fail, "modified-locked", "ISO 32000-2 §12.8.2.4", "after the signature: "+c.Text+"; the signature locks that field")
		case c.Kind == ModificationLTA:
			r.find(Info, "added", "EN 319 142-1 §5.4", "after the signature: "+c.Text)
		default:
			r.find(Warn, "added", "ISO 32000-2 §12.8.2", "after the signature: "+c.Text)
		}
	}
}

// permission is the strictest DocMDP permission of the document, 0: none.
func (j *judge) permission() int {
	p := 0
	for _, s := range j.e.Signatures {
		if s.Certify != 0 && (p == 0 || s.Certify < p) {
			p = s.Certify
		}
	}
	return p
}

// level names what the signature has. A signature of another SubFilter than ETSI's is no PAdES baseline signature.
func (j *judge) level(i int, s *SignatureFacts, r *SignatureReport) {
	if s.Document {
		r.Level = "DOCUMENT-TIMESTAMP"
		return
	}
	name := "PKCS7"
	if s.SubFilter == "ETSI.CAdES.detached" {
		name = "PAdES-BASELINE"
	}
	step := "B"
	later := 0
	for k := i + 1; k < len(j.reports); k++ {
		if j.e.Signatures[k].Document && j.reports[k].Indication == TotalPassed {
			later++
		}
	}
	own := false
	for _, t := range r.Timestamps {
		own = own || t.Valid
	}
	if own || later > 0 {
		step = "T"
		if j.e.DSS && r.Revocation.Source == "dss" {
			step = "LT"
			if later > 0 && (own || later > 1) {
				step = "LTA"
			}
		}
	}
	r.Level = name + "-" + step
}

// document adds what concerns the whole file.
func (j *judge) document(r *Report) {
	find := func(level Severity, code, clause, text string) {
		r.Findings = append(r.Findings, Finding{Code: code, Clause: clause, Level: level, Text: text})
	}
	for _, n := range j.e.Notes {
		find(Info, n.Code, "ISO 32000-2 §7", n.Text)
	}
	if j.e.Stray > 0 && len(j.e.Signatures) > 0 {
		find(Warn, "stray-byterange", "ISO 32000-2 §12.8.1", fmt.Sprintf("%d entries that look like signatures belong to no signature field", j.e.Stray))
	}
	if j.e.Stray > 0 && len(j.e.Signatures) == 0 {
		find(Warn, "stray-byterange", "ISO 32000-2 §12.8.1", "the file holds what looks like a signature, and no field of the document leads to it")
	}
}

// verdict is the worst of all signatures.
func verdict(r *Report) Verdict {
	out := Unsigned
	rank := map[Verdict]int{Unsigned: 0, Valid: 1, ValidWithNotes: 2, Indeterminate: 3, Invalid: 4}
	for _, s := range r.Signatures {
		v := Valid
		switch s.Indication {
		case TotalFailed:
			v = Invalid
		case IndeterminateValue:
			v = Indeterminate
		default:
			if s.Modification.weight() > ModificationLTA.weight() {
				v = ValidWithNotes
			}
			for _, f := range s.Findings {
				if f.Level == Warn {
					v = ValidWithNotes
				}
			}
		}
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
