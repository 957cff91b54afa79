package pades

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"strings"
	"time"

	"absah/internal/sigalg"
	"absah/trust"
)

// validate judges a certificate at a time for which a proof of existence stands. What would be valid today needs none: EN 319 102-1 §5.6.3
// turns to the past only where the present leaves a doubt.
func (j *judge) validate(cert *trust.Certificate, usage trust.Usage, at time.Time) *trust.Result {
	if cert == nil {
		return &trust.Result{Status: trust.Indeterminate, SubIndication: trust.NoCertificateChainFound}
	}
	req := trust.Request{Certificate: cert, Pool: j.pool, At: at, Usage: usage, Proofs: &j.proofs}
	v := trust.Validate(req, j.p)
	if v.Status != trust.Passed && at.Before(j.p.Time) && !at.Before(cert.NotBefore) {
		req.At = j.p.Time
		if now := trust.Validate(req, j.p); now.Status == trust.Passed {
			return now
		}
	}
	return v
}

// trusted is EN 319 102-1 §5.2.6 for the signing certificate, at the proven time where there is one.
func (j *judge) trusted(s *SignatureFacts, r *SignatureReport, t stamps) {
	v := j.describe(s, r, t)
	switch {
	case s.Document && len(r.Timestamps) == 1 && r.Timestamps[0].Valid:
	case v.Status == trust.Passed:
	case !s.Document && !t.best.IsZero() && len(v.Path) > 0 && t.best.Add(maxOrderError).Before(v.Path[0].NotBefore):
		// The signature existed before the certificate did.
		r.fail(TotalFailed, SubNotYetValid)
	case v.SubIndication == trust.CryptoConstraintsNoPOE && j.neverAcceptable(v.Path[0]):
		r.fail(IndeterminateValue, SubCryptoConstraintsFailure)
	default:
		r.fail(IndeterminateValue, string(v.SubIndication))
	}
	if r.SubIndication == string(trust.TryLater) && !v.Next.IsZero() {
		next := v.Next
		r.Revocation.NextUpdate = &next
		if next.After(j.p.Time) {
			r.find(Warn, "status-due", "EN 319 102-1 §5.2.6", next.In(zone).Format(timeLayout))
		}
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
	if len(v.Revocation) > 0 && !s.Document {
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
func (j *judge) describe(s *SignatureFacts, r *SignatureReport, t stamps) *trust.Result {
	v := t.chain
	if !s.Document {
		at := t.best
		if at.IsZero() {
			at = j.proven
		}
		v = j.validate(j.certificate(s.Signer), trust.UsageSigning, at)
	} else if v == nil {
		v = j.validate(j.certificate(s.Signer), trust.UsageTimeStamping, j.proven)
	}
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
	crls, ocsps := j.e.embedded()
	return slices.ContainsFunc(crls, func(b []byte) bool { return bytes.Equal(b, evidence) }) ||
		slices.ContainsFunc(ocsps, func(b []byte) bool { return bytes.Equal(b, evidence) })
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

// digests are the hash algorithms that a signature rests on.
func digests(s *SignatureFacts) []string {
	var out []string
	if s.Digest != "" {
		out = append(out, s.Digest)
	}
	if s.SubFilter == "adbe.pkcs7.sha1" && s.Digest != "SHA-1" {
		out = append(out, "SHA-1")
	}
	return out
}

// acceptable is the part of EN 319 102-1 §5.2.8 about the digest algorithms, at the time for which the signature is proven to
// exist. Keys are judged with their certificates.
func (j *judge) acceptable(s *SignatureFacts, r *SignatureReport, t stamps) {
	at := t.best
	if at.IsZero() || s.Document {
		at = j.proven
	}
	for _, n := range digests(s) {
		ok, until := j.p.AlgorithmAcceptable(n, 0, at)
		switch {
		case ok:
		case until.IsZero():
			// It never was acceptable: no proof of existence would help.
			r.fail(IndeterminateValue, SubCryptoConstraintsFailure)
			r.find(Fail, "unknown-digest", "ETSI TS 119 312", n)
		default:
			r.fail(IndeterminateValue, SubCryptoConstraintsNoPOE)
			r.find(Fail, "weak-digest", "ETSI TS 119 312", n, until.Format(time.DateOnly))
		}
	}
}

// neverAcceptable reports whether no time is known at which the kind of key was acceptable: no proof of existence would help.
func (j *judge) neverAcceptable(c *trust.Certificate) bool {
	if c.PublicKey == nil {
		return false
	}
	ok, _, until := j.p.KeyAcceptable(c.PublicKey, j.p.Time)
	return !ok && until.IsZero()
}

// signaturePolicy is EN 319 102-1 §5.2.4 where the signer named a policy under which he signed.
func (j *judge) signaturePolicy(s *SignatureFacts, r *SignatureReport) {
	named := s.PolicyNamed
	if named == nil {
		return
	}
	const clause = "EN 319 102-1 §5.2.4"
	document, ok := j.p.SignaturePolicies[named.OID]
	switch {
	case ok && !slices.ContainsFunc(named.Hash, func(b byte) bool { return b != 0 }):
		// Nothing but zeros stands for a hash that the signer did not know.
		r.find(Info, "signature-policy-unhashed", clause, named.OID)
	case ok && !hashesTo(document, named.Digest, named.Hash):
		r.fail(IndeterminateValue, SubPolicyProcessingError)
		r.find(Fail, "signature-policy-differs", clause, named.OID)
	case ok:
		r.find(Info, "signature-policy-known", clause, named.OID)
	case j.p.RequireSignaturePolicy:
		r.fail(IndeterminateValue, SubSignaturePolicyMissing)
		r.find(Fail, "signature-policy-missing", clause, named.OID)
	default:
		r.find(Info, "signature-policy-missing", clause, named.OID)
	}
}

// hashesTo reports whether a document has the hash that a signature names.
func hashesTo(document []byte, digest string, sum []byte) bool {
	for _, h := range []crypto.Hash{crypto.SHA1, crypto.SHA224, crypto.SHA256, crypto.SHA384, crypto.SHA512, crypto.SHA3_256, crypto.SHA3_384, crypto.SHA3_512} {
		if sigalg.HashName(h) == digest && h.Available() {
			w := h.New()
			w.Write(document)
			return bytes.Equal(w.Sum(nil), sum)
		}
	}
	return false
}
