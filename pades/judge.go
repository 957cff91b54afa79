package pades

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"strconv"
	"strings"
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
// everything before it existed when it was made (EN 319 102-1 §5.6).
func Judge(e *Evidence, p trust.Policy) *Report {
	j := &judge{e: e, p: p, proven: p.Time, reports: make([]SignatureReport, len(e.Signatures))}
	j.loadPool()
	for i := len(e.Signatures) - 1; i >= 0; i-- {
		j.signature(i)
	}
	r := &Report{Signatures: j.reports, Findings: []Finding{}, Policy: p.Name}
	if at := p.Time.UTC().Truncate(time.Second); !at.IsZero() {
		r.ValidationTime = &at
	}
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
	proofs  trust.Proofs
	sums    map[[32]byte][]byte // material by its SHA-256, made when a time-stamp covers some
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
	best := j.timestamps(s, r)
	if r.Indication == TotalPassed {
		j.trusted(s, r, best)
		j.acceptable(s, r, best)
	} else if s.Signer != nil {
		// The verdict is made; who is said to have signed is still worth telling.
		j.describe(s, r, best)
	}
	j.certification(i, s, r)
	j.changed(i, s, r)
	j.level(i, s, r)
	if s.Document && len(s.Timestamps) == 1 && len(r.Timestamps) == 1 && r.Timestamps[0].Valid && s.Modification != ModificationOther && len(s.Format) == 0 {
		j.prove(i, s)
	}
}

// prove records what a valid document time-stamp proves to have existed: all that its revision held.
func (j *judge) prove(i int, s *SignatureFacts) {
	t := s.Timestamps[0].Time
	j.proven, j.stamped = t, true
	if j.sums == nil {
		j.sums = map[[32]byte][]byte{}
		for _, list := range [][][]byte{j.e.Certificates, j.e.CRLs, j.e.OCSPs} {
			for _, b := range list {
				j.sums[sha256.Sum256(b)] = b
			}
		}
	}
	for _, sum := range s.Covers {
		if len(sum) != sha256.Size {
			continue
		}
		if b, ok := j.sums[[32]byte(sum)]; ok {
			j.proofs.Add(b, t)
		}
	}
	for k := range i {
		if older := &j.e.Signatures[k]; older.Signer != nil {
			j.proofs.Add(older.Signer, t)
		}
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
		r.fail(TotalFailed, "FORMAT_FAILURE")
		r.tell(Fail, f.Code, "ISO 32000-2 §12.8.1", f.Text)
	}
	for _, n := range s.CMS {
		level, clause := Warn, "RFC 5652 §5"
		switch n.Code {
		case "cms-signer-count", "cms-content-type-mismatch", "cms-algorithm-protection", "cms-encapsulated":
			r.fail(IndeterminateValue, "SIG_CONSTRAINTS_FAILURE")
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
			r.fail(TotalFailed, "FORMAT_FAILURE")
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
		r.fail(IndeterminateValue, "NO_SIGNING_CERTIFICATE_FOUND")
		r.find(Fail, "signing-certificate-mismatch", "EN 319 102-1 §5.2.3")
	case s.Signer == nil:
		r.fail(IndeterminateValue, "NO_SIGNING_CERTIFICATE_FOUND")
		r.find(Fail, "signing-certificate-missing", "EN 319 102-1 §5.2.3")
	}
	switch {
	case s.Unsupported != "":
		r.fail(IndeterminateValue, "CRYPTO_CONSTRAINTS_FAILURE_NO_POE")
		r.find(Fail, "algorithm-unsupported", "EN 319 102-1 §5.2.7", s.Unsupported)
	case s.StoredBytesOnly:
		r.fail(IndeterminateValue, "SIG_CONSTRAINTS_FAILURE")
		r.find(Fail, "attributes-not-der", "RFC 5652 §5.4")
	case !s.DigestMatches:
		r.fail(TotalFailed, "HASH_FAILURE")
		r.find(Fail, "hash-failure", "EN 319 102-1 §5.2.7")
	case s.Signer != nil && !s.SignatureValid:
		r.fail(TotalFailed, "SIG_CRYPTO_FAILURE")
		r.find(Fail, "signature-failure", "EN 319 102-1 §5.2.7", s.Fault)
	case s.Signer != nil && s.Fault != "":
		r.fail(IndeterminateValue, "SIG_CONSTRAINTS_FAILURE")
		r.find(Fail, "signature-fault", "EN 319 102-1 §5.2.8", s.Fault)
	}
}

// acceptable is the part of EN 319 102-1 §5.2.8 about the digest algorithms, at the time for which the signature is proven to
// exist. Keys are judged with their certificates.
func (j *judge) acceptable(s *SignatureFacts, r *SignatureReport, best time.Time) {
	if best.IsZero() {
		best = j.proven
	}
	names := []string{s.Digest}
	if s.SubFilter == "adbe.pkcs7.sha1" && s.Digest != "SHA-1" {
		names = append(names, "SHA-1")
	}
	for _, n := range names {
		if n == "" {
			continue
		}
		if ok, until := j.p.AlgorithmAcceptable(n, 0, best); !ok {
			r.fail(IndeterminateValue, "CRYPTO_CONSTRAINTS_FAILURE_NO_POE")
			r.find(Fail, "weak-digest", "ETSI TS 119 312", n, until.Format(time.DateOnly))
		}
	}
}

// timestamps judges the time-stamps of a signature and returns the earliest time at which it is proven to exist.
func (j *judge) timestamps(s *SignatureFacts, r *SignatureReport) time.Time {
	best := time.Time{}
	if j.stamped {
		best = j.proven
	}
	for _, t := range s.Timestamps {
		tr := j.timestamp(s, r, t)
		if tr.Valid && j.stamped && t.Time.After(j.proven.Add(t.Accuracy+maxOrderError)) {
			// A document time-stamp covers it and is older.
			r.fail(IndeterminateValue, "TIMESTAMP_ORDER_FAILURE")
			r.find(Fail, "timestamp-order", "EN 319 102-1 §5.6.3")
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
			r.find(Warn, "claimed-time", "EN 319 102-1 §5.5")
		}
	} else if !s.Document {
		r.find(Warn, "no-timestamp", "EN 319 102-1 §5.3")
	}
	return best
}

// timestamp judges one token. One that belongs to something else proves nothing (EN 319 102-1 §5.4).
func (j *judge) timestamp(s *SignatureFacts, r *SignatureReport, t TimestampFacts) TimestampReport {
	tr := TimestampReport{Kind: "signature"}
	if s.Document {
		tr.Kind = "document"
	}
	if !t.Time.IsZero() {
		at := t.Time
		tr.Time = &at
	}
	cert := j.certificate(t.Signer)
	if cert != nil {
		tr.Authority = cert.Subject.CommonName()
	}
	const clause = "EN 319 102-1 §5.4"
	switch {
	case t.Time.IsZero():
		r.find(Warn, "timestamp-damaged", clause, t.Fault)
		return tr
	case !t.ImprintMatches:
		r.find(Warn, "timestamp-imprint", clause)
		return tr
	case !t.SignatureValid:
		r.find(Warn, "timestamp-invalid", clause, t.Fault)
		return tr
	}
	if ok, _ := j.p.AlgorithmAcceptable(t.Digest, 0, j.proven); !ok {
		r.find(Warn, "timestamp-weak", "ETSI TS 119 312", t.Digest)
		return tr
	}
	v := j.validate(cert, trust.UsageTimeStamping, j.proven)
	tr.Validation = v
	if tr.Valid = v.Status == trust.Passed; !tr.Valid {
		r.find(Warn, "timestamp-untrusted", clause, tr.Authority, reasons(v))
	}
	return tr
}

// maxOrderError is how far the clocks of two time-stamp authorities may differ.
const maxOrderError = time.Minute

// maxClockError is how far a signer's clock may run ahead of a time-stamp before it is remarked: 5 to 13 minutes occur.
const maxClockError = 15 * time.Minute

func (j *judge) validate(cert *trust.Certificate, usage trust.Usage, at time.Time) *trust.Result {
	if cert == nil {
		return &trust.Result{Status: trust.Indeterminate, SubIndication: trust.NoCertificateChainFound}
	}
	return trust.Validate(trust.Request{Certificate: cert, Pool: j.pool, At: at, Usage: usage, Proofs: &j.proofs}, j.p)
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
		if f.Level == trust.Info || f.Code == trust.CodeTestAnchor || f.Code == trust.CodeRevokedLater {
			continue // told in other words
		}
		level := Severity(f.Level)
		if v.Status == trust.Passed {
			// What a certificate does against its profile is the issuer's affair; it is told, and decides nothing.
			level = Info
		}
		r.find(level, f.Code, f.Clause, trustArgs(f)...)
	}
	if len(v.Revocation) > 0 {
		if rev := v.Revocation[0]; rev.Status == trust.Good && !rev.RevokedAt.IsZero() {
			r.find(Warn, "revoked-later", "EN 319 102-1 §5.5", rev.RevokedAt.In(zone).Format(timeLayout))
		}
	}
}

// timeLayout is how times are told in sentences.
const timeLayout = "2006-01-02 15:04:05 MST"

// trustArgs are what a sentence about a certificate names: whose it is, and the detail.
func trustArgs(f trust.Finding) []string {
	name := ""
	if f.Certificate != nil {
		if name = f.Certificate.Subject.CommonName(); name == "" {
			name = f.Certificate.Subject.String()
		}
	}
	return []string{name, f.Detail}
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
	r.Validation, r.CertificateTrusted = v, v.Status == trust.Passed
	if v.Anchor != nil {
		sum := sha256.Sum256(v.Anchor.Certificate.Raw)
		from, until := v.Anchor.Validity()
		r.TrustAnchor = AnchorReport{
			Subject: v.Anchor.Certificate.Subject.String(), SHA256: strings.ToUpper(hex.EncodeToString(sum[:])), Kind: string(v.Anchor.Kind),
			Label: maps.Clone(v.Anchor.Label), From: &from, Until: &until,
		}
		if v.Anchor.Kind == trust.AnchorTest && v.Status == trust.Passed {
			r.find(Warn, "test-anchor", "", v.Anchor.Certificate.Subject.CommonName())
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
			a := trustArgs(f)
			return fill(findingWords[f.Code].en, a)
		}
	}
	return string(v.SubIndication)
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
		r.fail(TotalFailed, "FORMAT_FAILURE")
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
		case c.Field != "" && s.Lock != nil && lockCovers(s.Lock, c.Field) && c.Kind.weight() > ModificationLTA.weight():
			level, code, clause = Fail, "modified-locked", "ISO 32000-2 §12.8.2.4"
		case c.Kind == ModificationLTA:
			level, clause = Info, "EN 319 142-1 §5.4"
			if c.Code == "dss-replaced" {
				level, code = Warn, "store-shrunk"
			}
		}
		if level == Fail {
			r.fail(TotalFailed, "FORMAT_FAILURE")
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
		r.fail(IndeterminateValue, "SIG_CONSTRAINTS_FAILURE")
		r.find(Fail, "certification-permission", "ISO 32000-2 §12.8.2.2", strconv.Itoa(s.Certify))
	}
	for k := range i {
		switch older := &j.e.Signatures[k]; {
		case older.Certify != 0:
			r.fail(IndeterminateValue, "SIG_CONSTRAINTS_FAILURE")
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
	for _, b := range j.e.OCSPs[:len(j.e.OCSPs)-j.e.FetchedOCSPs] {
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
	for _, b := range j.e.CRLs[:len(j.e.CRLs)-j.e.FetchedCRLs] {
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
		case "document-inside", "trailer-twice", "catalog-twice":
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
