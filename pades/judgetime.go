package pades

import (
	"crypto/sha256"
	"slices"
	"time"

	"absah/trust"
)

// stamps is what time-stamps say about one signature.
type stamps struct {
	best    time.Time // the earliest time at which it is proven to exist; zero: no proof
	lasts   time.Time // when that proof comes to its end; zero: no end is known
	ordered bool      // the time-stamps do not contradict each other

	chain *trust.Result // of a document time-stamp: the authority's certificate; nil: it was not looked at
}

// maxOrderError is how far the clocks of two time-stamp authorities may differ.
const maxOrderError = time.Minute

// maxClockError is how far a signer's clock may run ahead of a time-stamp before it is remarked: 5 to 13 minutes occur.
const maxClockError = 15 * time.Minute

// timestamps judges the time-stamps of a signature.
func (j *judge) timestamps(s *SignatureFacts, r *SignatureReport) stamps {
	out := stamps{ordered: true}
	r.Process = trust.ProcessBasic
	if j.stamped {
		out.best, out.lasts, r.Process = j.proven, j.lasts, trust.ProcessArchival
	}
	valid := false
	for _, t := range s.Timestamps {
		tr, chain := j.timestamp(s, r, t)
		if out.chain = chain; tr.Valid {
			valid = true
			if j.stamped && t.Time.After(j.proven.Add(t.Accuracy+maxOrderError)) {
				// A document time-stamp covers it and is older.
				out.ordered = false
				r.fail(IndeterminateValue, SubTimestampOrderFailure)
				r.find(Fail, "timestamp-order", "EN 319 102-1 §5.6.3")
			}
			if j.p.Process != trust.ProcessBasic || s.Document {
				out.prove(t.Time, j.end(chain, t))
				if r.Process == trust.ProcessBasic && !s.Document {
					r.Process = trust.ProcessLongTerm
				}
			}
		}
		r.Timestamps = append(r.Timestamps, tr)
	}
	if c := s.ContentTimestamp; c != nil {
		tr, _ := j.timestamp(s, r, *c)
		tr.Kind = "content"
		r.Timestamps = append(r.Timestamps, tr)
	}
	switch {
	case !out.best.IsZero():
		b := out.best
		r.BestTime = &b
		if s.Claimed != nil && s.Claimed.After(b.Add(maxClockError)) {
			r.find(Warn, "claimed-time", "EN 319 102-1 §5.5")
		}
		// What the signature value covers existed as well (EN 319 102-1 §5.6.2.3).
		if s.SignerBound {
			j.proofs.Add(s.Signer, b)
		}
		j.existed(s.HoldsSigned, b)
	case !s.Document && !valid:
		r.find(Warn, "no-timestamp", "EN 319 102-1 §5.3")
	}
	return out
}

// prove takes one more proof of existence: the earliest counts, and all of them together last as long as the last one.
func (o *stamps) prove(t, end time.Time) {
	if o.best.IsZero() {
		o.best, o.lasts = t, end
		return
	}
	if t.Before(o.best) {
		o.best = t
	}
	if end.IsZero() || !o.lasts.IsZero() && end.After(o.lasts) {
		o.lasts = end
	}
}

// timestamp judges one token (EN 319 102-1 §5.4) as of the time at which it is proven to exist itself (§5.6.2.4). One that belongs to
// something else proves nothing.
func (j *judge) timestamp(s *SignatureFacts, r *SignatureReport, t TimestampFacts) (TimestampReport, *trust.Result) {
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
		return tr, nil
	case !t.ImprintMatches:
		r.find(Warn, "timestamp-imprint", clause)
		return tr, nil
	case !t.SignatureValid:
		r.find(Warn, "timestamp-invalid", clause, t.Fault)
		return tr, nil
	}
	for _, name := range []string{t.Digest, t.SignedDigest} {
		if ok, _ := j.p.AlgorithmAcceptable(name, 0, j.proven); !ok && name != "" {
			r.find(Warn, "timestamp-weak", "ETSI TS 119 312", name)
			return tr, nil
		}
	}
	v := j.validate(cert, trust.UsageTimeStamping, j.proven)
	if len(v.Revocation) > 0 && v.SubIndication == trust.RevokedNoPOE {
		// RFC 3161 §4: an authority that retires its key, and says so, leaves its earlier tokens valid.
		if rev := v.Revocation[0]; retired(rev.Reason) && t.Time.Before(rev.RevokedAt) && !j.proven.After(v.Until) {
			if then := j.validate(cert, trust.UsageTimeStamping, t.Time); then.Status == trust.Passed {
				v = then
			}
		}
	}
	tr.Validation = v
	if tr.Valid = v.Status == trust.Passed; !tr.Valid {
		r.find(Warn, "timestamp-untrusted", clause, tr.Authority, reasons(v))
	} else if end := j.end(v, t); !end.IsZero() {
		tr.ValidUntil = &end
	}
	return tr, v
}

// retired reports whether a time-stamp authority's certificate was revoked for a reason that casts no doubt on its key.
func retired(r trust.Reason) bool {
	switch r {
	case trust.Unspecified, trust.AffiliationChanged, trust.Superseded, trust.CessationOfOperation:
		return true
	}
	return false
}

// end is when a token that is valid comes to its end, by what is at hand today: its authority's certificate, an algorithm, or, when that
// is later, the end of the document time-stamp that covers it.
func (j *judge) end(v *trust.Result, t TimestampFacts) time.Time {
	own := v.Until
	for _, name := range []string{t.Digest, t.SignedDigest} {
		own = earlier(own, j.strongUntil(name))
	}
	if !j.stamped {
		return own
	}
	covered := earlier(j.lasts, v.EvidenceUntil)
	if own.IsZero() || covered.IsZero() {
		return time.Time{}
	}
	if covered.After(own) {
		return covered
	}
	return own
}

// strongUntil is when a hash stops to be acceptable; zero: no end is set.
func (j *judge) strongUntil(hash string) time.Time {
	_, until := j.p.AlgorithmAcceptable(hash, 0, j.p.Time)
	return until
}

// earlier is the earlier of two times, of which zero stands for never.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// prove records what a valid document time-stamp proves to have existed: all that its revision held (EN 319 102-1 §5.6.2.3).
func (j *judge) prove(i int, s *SignatureFacts, stamp stamps) {
	if p := j.p.Process; p == trust.ProcessBasic || p == trust.ProcessLongTerm {
		return
	}
	t := s.Timestamps[0].Time
	j.proven, j.stamped, j.lasts = t, true, stamp.lasts
	j.existed(s.Covers, t)
	for k := range i {
		older := &j.e.Signatures[k]
		if len(older.Format) > 0 {
			continue // where its value stands is not certain
		}
		j.existed(older.Holds, t)
	}
}

// existed records a proof of existence for certificates and revocation data, named by their SHA-256.
func (j *judge) existed(sums [][]byte, t time.Time) {
	for _, sum := range sums {
		if len(sum) == sha256.Size {
			j.proofs.AddSum([sha256.Size]byte(sum), t)
		}
	}
}

// outlook tells how long a verdict will stand on what is at hand.
func (j *judge) outlook(s *SignatureFacts, r *SignatureReport, t stamps) {
	v := r.Validation
	if v == nil {
		return
	}
	end := t.lasts
	if t.best.IsZero() {
		end = v.Until
		for _, n := range digests(s) {
			end = earlier(end, j.strongUntil(n))
		}
	}
	if !s.Document {
		if !t.best.IsZero() && slices.ContainsFunc(v.Revocation, j.fetched) {
			// What came from the network is not in the document; does it stand without?
			if own := trust.Validate(trust.Request{Certificate: v.Path[0], Pool: j.ownPool(), At: t.best, Usage: trust.UsageSigning, Proofs: &j.proofs}, j.p); own.Status == trust.Passed {
				v = own
			}
		}
		end = earlier(end, v.EvidenceUntil)
		for k, rev := range v.Revocation {
			// If not, it can be had again for as long as the issuer must answer for the certificate.
			if j.fetched(rev) {
				end = earlier(end, v.Path[k].NotAfter)
			}
		}
	}
	if !end.IsZero() {
		r.ValidUntil = &end
	}
}

// fetched reports whether an answer about revocation came from the network.
func (j *judge) fetched(r trust.Revocation) bool { return r.Evidence != nil && !j.embedded(r.Evidence) }

// ownPool holds what came with the document alone.
func (j *judge) ownPool() *trust.Pool {
	if j.own == nil {
		e := *j.e
		e.pool = nil
		e.CRLs, e.OCSPs = e.embedded()
		j.own = parsed(&e)
	}
	return j.own
}

// validUntil is the earliest end of all signatures in a document that is valid.
func validUntil(r *Report) *time.Time {
	if r.Verdict != Valid && r.Verdict != ValidWithNotes {
		return nil
	}
	var first *time.Time
	for i := range r.Signatures {
		if t := r.Signatures[i].ValidUntil; t != nil && (first == nil || t.Before(*first)) {
			first = t
		}
	}
	return first
}

// afterwards uses the proofs of the other side: a signature was made after the time-stamps that it covers, its own content-time-stamp
// and those in older revisions.
func (j *judge) afterwards() {
	for i := range j.e.Signatures {
		s, r := &j.e.Signatures[i], &j.reports[i]
		if !r.Integrity {
			continue // what it covers is not what was signed
		}
		after := j.coveredTime(i, s, r)
		if after.IsZero() {
			continue
		}
		if k := slices.IndexFunc(r.Timestamps, func(t TimestampReport) bool {
			return t.Valid && t.Kind == "signature" && t.Time.Add(maxOrderError).Before(after)
		}); k >= 0 {
			// EN 319 102-1 §5.5: what the signature covers must not be younger than what covers the signature.
			r.fail(IndeterminateValue, SubTimestampOrderFailure)
			r.find(Fail, "timestamp-order-covered", "EN 319 102-1 §5.5")
			continue
		}
		if r.Indication == IndeterminateValue && !s.Document {
			j.tooLate(s, r, after.Add(-maxOrderError))
		}
	}
}

// coveredTime is the latest time that a valid time-stamp covered by a signature tells; zero: there is none.
func (j *judge) coveredTime(i int, s *SignatureFacts, r *SignatureReport) (after time.Time) {
	take := func(t TimestampFacts, tr TimestampReport) {
		if at := t.Time.Add(-t.Accuracy); tr.Valid && at.After(after) {
			after = at
		}
	}
	if n := len(s.Timestamps); s.ContentTimestamp != nil && len(r.Timestamps) > n {
		take(*s.ContentTimestamp, r.Timestamps[n])
	}
	for k := range i {
		older := &j.e.Signatures[k]
		if older.Revision >= s.Revision || len(older.Format) > 0 {
			continue
		}
		for n := range older.Timestamps {
			take(older.Timestamps[n], j.reports[k].Timestamps[n])
		}
	}
	return after
}

// tooLate turns a doubt into a failure where the signature was made after the certificate's revocation or end, or after its algorithm was
// strong (EN 319 102-1 §5.3 and §5.5).
func (j *judge) tooLate(s *SignatureFacts, r *SignatureReport, after time.Time) {
	v := r.Validation
	if v == nil || len(v.Path) == 0 {
		return
	}
	told := after.In(zone).Format(timeLayout)
	switch cert := v.Path[0]; trust.SubIndication(r.SubIndication) {
	case trust.RevokedNoPOE:
		if rev := v.Revocation[0]; after.After(rev.RevokedAt) {
			r.fail(TotalFailed, SubRevoked)
			r.find(Fail, "signed-after-revocation", "EN 319 102-1 §5.3", told)
		}
	case trust.OutOfBoundsNoPOE, trust.OutOfBoundsNotRevoked:
		if after.After(cert.NotAfter) {
			r.fail(TotalFailed, SubExpired)
			r.find(Fail, "signed-after-expiry", "EN 319 102-1 §5.3", told)
		}
	case trust.CryptoConstraintsNoPOE:
		if name := j.weakAt(s, cert, after); name != "" {
			r.SubIndication = SubCryptoConstraintsFailure
			r.find(Fail, "signed-with-weak", "EN 319 102-1 §5.3", name, told)
		}
	}
}

// weakAt names an algorithm of the signature, or the kind of its key, that was not acceptable at a time.
func (j *judge) weakAt(s *SignatureFacts, cert *trust.Certificate, at time.Time) string {
	for _, n := range digests(s) {
		if ok, _ := j.p.AlgorithmAcceptable(n, 0, at); !ok {
			return n
		}
	}
	if cert.PublicKey != nil {
		if ok, name, _ := j.p.KeyAcceptable(cert.PublicKey, at); !ok {
			return name
		}
	}
	return ""
}
