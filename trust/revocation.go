package trust

import (
	"crypto"
	"slices"
	"strings"
	"time"

	"absah/internal/ocsp"
)

// Bounds of the search for the status of one certificate.
const (
	maxRefused    = 16 // findings about evidence that was refused
	maxEvidence   = 64 // responses, and CRLs of one issuer, that are looked at; honest documents have a few
	maxResponders = 64 // certificates that may have signed a response
)

// An answer is what one piece of evidence says.
type answer struct {
	Revocation
	revoked bool // the evidence says revoked, whenever
}

// search is the question for the status of one certificate.
type search struct {
	v      *validator
	r      *verdict
	keys   []crypto.PublicKey
	i      int // index of the certificate in the path
	cert   *Certificate
	issuer *Certificate
	at     time.Time
	maxAge time.Duration

	answers []answer
	refused []Finding
	next    time.Time
}

func (s *search) refuse(code, clause, detail string) {
	if len(s.refused) < maxRefused {
		s.refused = append(s.refused, Finding{code, clause, Info, s.cert, detail})
	}
}

// checkRevocation finds the status of r.Path[i] at a time and puts the consequences into r.
func (v *validator) checkRevocation(r *verdict, keys []crypto.PublicKey, i int, at time.Time, rule RevocationRule) {
	c := r.Path[i]
	if rule == RevocationIgnored || c.NoRevocation && !c.IsCA() {
		r.Revocation[i].Status = NotNeeded
		return
	}
	s := &search{v: v, r: r, keys: keys, i: i, cert: c, issuer: r.Path[i+1], at: at}
	if i == 0 && v.nested == 0 {
		s.maxAge = v.p.MaxAge
	}
	if !v.busy[c] {
		v.busy[c] = true
		s.ocsp()
		s.crl()
		delete(v.busy, c)
	}
	rev := s.decide()
	r.Revocation[i] = rev
	if rev.Evidence != nil {
		r.EvidenceUntil = earliest(r.EvidenceUntil, rev.until)
	}
	switch {
	case rev.Status == Revoked && rev.Reason == CertificateHold:
		r.fail(CodeOnHold, "RFC 5280 §5.3.1", c, rev.RevokedAt.Format(time.RFC3339))
		r.Next = later(r.Next, rev.NextUpdate)
	case rev.Status == Revoked:
		r.fail(CodeRevoked, "RFC 5280 §6.1.3", c, strings.TrimSpace(rev.RevokedAt.Format(time.RFC3339)+" "+rev.Reason.String()))
	case rev.Status == Good && !rev.RevokedAt.IsZero():
		r.add(CodeRevokedLater, "EN 319 102-1 §5.2.6", Info, c, strings.TrimSpace(rev.RevokedAt.Format(time.RFC3339)+" "+rev.Reason.String()))
		if !rev.Invalidity.IsZero() && !rev.Invalidity.After(at) {
			r.add(CodeKeySuspect, "RFC 5280 §5.3.2", Warn, c, rev.Invalidity.Format(time.RFC3339))
		}
	case rev.Status == Unknown:
		level := Fail
		if rule == RevocationIfAvailable {
			level = Info
		}
		code := CodeRevocationUnknown
		detail := ""
		for _, f := range rev.Findings {
			// The nearest miss says what would help.
			if w, ok := nearness[f.Code]; ok && w > nearness[code] {
				code, detail = f.Code, ""
				if w == missedDeadline {
					detail = f.Detail
				}
			}
		}
		r.add(code, "RFC 5280 §6.3", level, c, detail)
		r.Next = later(r.Next, s.next)
	}
}

// nearness orders the reasons for which evidence was refused, by how little is missing.
var nearness = map[string]int{
	CodeRevocationStale: 1, CodeWeakAlgorithm: 2, CodeRevocationNoProof: 3,
	CodeNoProofBeforeRevocation: missedDeadline, CodeNoProofBeforeExpiry: missedDeadline, CodeNoProofBeforeSunset: missedDeadline,
}

const missedDeadline = 4

// decide weighs the answers. Revoked is for ever, except for a hold, which a later answer may lift.
func (s *search) decide() Revocation {
	var good, hold, revoked *answer
	for i := range s.answers {
		a := &s.answers[i]
		switch {
		case !a.revoked:
			if good == nil || a.ThisUpdate.After(good.ThisUpdate) {
				good = a
			}
		case a.Reason == CertificateHold:
			if hold == nil || a.ThisUpdate.After(hold.ThisUpdate) {
				hold = a
			}
		case revoked == nil || a.RevokedAt.Before(revoked.RevokedAt):
			revoked = a
		}
	}
	pick := good
	switch {
	case revoked != nil:
		pick = revoked
	case hold != nil && (good == nil || !good.ThisUpdate.After(hold.ThisUpdate)):
		pick = hold
	}
	if pick == nil {
		return Revocation{Status: Unknown, Reason: NoReason, Findings: s.refused}
	}
	rev := pick.Revocation
	rev.Status = Good
	if pick.revoked && !rev.RevokedAt.After(s.at) {
		rev.Status = Revoked
	} else if pick.revoked && !rev.Fresh {
		// Revoked after the time asked for, says somebody who spoke before it: a date in his future.
		rev.Status = Revoked
	}
	rev.Findings = append(rev.Findings, s.refused...)
	return rev
}

// timing says what data issued at thisUpdate tells about the time asked for.
func (s *search) timing(thisUpdate, nextUpdate time.Time) (fresh, usable bool, code string) {
	if thisUpdate.After(s.v.now.Add(s.v.p.Skew)) {
		return false, false, CodeRevocationFuture
	}
	if !thisUpdate.Before(s.at) {
		return true, true, ""
	}
	age := s.maxAge
	if age == 0 && nextUpdate.IsZero() {
		age = DefaultMaxAge
	}
	if !nextUpdate.IsZero() && nextUpdate.Before(s.at) || age > 0 && thisUpdate.Before(s.at.Add(-age)) {
		if nextUpdate.After(s.next) {
			s.next = nextUpdate
		}
		return false, false, CodeRevocationStale
	}
	return false, true, ""
}

// afterExpiry reports whether data issued at thisUpdate may already have forgotten the certificate. keptFrom is what the issuer
// says: certificates that expired since then are kept.
func (s *search) afterExpiry(thisUpdate, keptFrom time.Time) bool {
	return thisUpdate.After(s.cert.NotAfter) && (keptFrom.IsZero() || keptFrom.After(s.cert.NotAfter))
}

// proven asks whether evidence existed before the deadline of the CAs above, and applies Policy.RequireProof where its signer has expired.
func (s *search) proven(signer *Certificate, evidence []byte) bool {
	t, _ := s.v.since(evidence)
	if d := s.r.deadline; d.missed(t) {
		s.refuse(d.code, "EN 319 102-1 §5.6.2.2", d.by.Format(time.DateOnly))
		return false
	}
	if !t.After(signer.NotAfter) {
		return true
	}
	s.refuse(CodeRevocationNoProof, "EN 319 102-1 §5.2.6", signer.Subject.String())
	return !s.v.p.RequireProof
}

// lasts is how long evidence counts by what is known today: for ever once it is proven to exist.
func (s *search) lasts(signer *Certificate, alg AlgorithmIdentifier, evidence []byte) time.Time {
	if _, proven := s.v.since(evidence); proven {
		return time.Time{}
	}
	end := s.r.ahead
	if s.v.p.RequireProof {
		end = earliest(end, signer.NotAfter)
	}
	if signer.PublicKey != nil {
		_, _, key := s.v.p.KeyAcceptable(signer.PublicKey, s.v.now)
		_, _, hash := s.v.p.hashAcceptable(alg, 0, signer.PublicKey, s.v.now)
		end = earliest(end, earliest(key, hash))
	}
	return end
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func (s *search) ocsp() {
	v := s.v
	responses := v.pool.ocsps[s.cert.Serial.String()]
	for _, resp := range responses[:min(len(responses), maxEvidence)] {
		single, ok := resp.Find(s.issuer.RawSubject, s.issuer.KeyBits, s.cert.Serial)
		if !ok {
			s.refuse(CodeRevocationScope, "RFC 6960 §3.2", "OCSP")
			continue
		}
		if single.Status == ocsp.Unknown {
			s.refuse(CodeRevocationUnknown, "RFC 6960 §2.2", "OCSP")
			continue
		}
		fresh, usable, code := s.timing(single.ThisUpdate, single.NextUpdate)
		revoked := single.Status == ocsp.Revoked
		if !usable && (!revoked || code == CodeRevocationFuture || Reason(single.Reason) == CertificateHold) {
			s.refuse(code, "RFC 6960 §3.2", single.ThisUpdate.Format(time.RFC3339))
			continue
		}
		if resp.ProducedAt.After(v.now.Add(v.p.Skew)) {
			s.refuse(CodeRevocationFuture, "RFC 6960 §3.2", resp.ProducedAt.Format(time.RFC3339))
			continue
		}
		if !revoked && s.afterExpiry(single.ThisUpdate, single.ArchiveCutoff) {
			s.refuse(CodeRevocationAfterExpiry, "RFC 6960 §4.4.4", single.ThisUpdate.Format(time.RFC3339))
			continue
		}
		signer := s.responder(resp)
		if signer == nil || !s.proven(signer, resp.Raw) {
			continue
		}
		a := answer{revoked: revoked, Revocation: Revocation{
			Source: "ocsp", ThisUpdate: single.ThisUpdate, NextUpdate: single.NextUpdate, ProducedAt: resp.ProducedAt, Reason: NoReason,
			Evidence: resp.Raw, Signer: signer, Fresh: fresh, until: s.lasts(signer, resp.Algorithm, resp.Raw),
		}}
		if revoked {
			a.RevokedAt, a.Reason = single.RevokedAt, Reason(single.Reason)
		}
		s.answers = append(s.answers, a)
	}
}

// responder finds who signed a response and may: the issuer itself, or whom it made a responder (RFC 6960 §4.2.2.2).
func (s *search) responder(resp *ocspResponse) *Certificate {
	v := s.v
	named := false
	code, detail := CodeRevocationSigner, ""
	since, _ := v.since(resp.Raw)
	check := func(c *Certificate) bool {
		if c.PublicKey == nil || lacksParameters(c.PublicKey) || !resp.NamedBy(c.RawSubject, c.KeyBits) {
			return false
		}
		named = true
		if err := v.pool.verify(resp, c, &v.budget, func(c *Certificate) error { return resp.VerifySignature(c.PublicKey) }); err != nil {
			code, detail = CodeRevocationSignature, err.Error()
			return false
		}
		if ok, what, _ := v.p.SignatureAcceptable(resp.Algorithm, 0, c.PublicKey, since); !ok {
			code, detail = CodeWeakAlgorithm, what
			return false
		}
		if signed := resp.ProducedAt; signed.Before(c.NotBefore) || signed.After(c.NotAfter) {
			code, detail = CodeRevocationSigner, "signed outside its validity"
			return false
		}
		return true
	}
	if check(s.issuer) {
		return s.issuer
	}
	tried := 0
	for _, c := range slices.Concat(resp.certs, v.pool.byIssuer[s.issuer.Subject.Key()]) {
		if c.Equal(s.issuer) || !c.Issuer.Equal(s.issuer.Subject) {
			continue
		}
		if tried++; tried > maxResponders {
			break
		}
		if !check(c) {
			continue
		}
		code, detail = CodeRevocationSigner, c.Subject.String()
		switch when := later(s.at, resp.ProducedAt); {
		case v.checkSignature(c, s.issuer, s.keys[s.i+1]) != nil:
			continue
		case !slices.Contains(c.ExtKeyUsage, EKUOCSPSigning), // anyExtendedKeyUsage does not make a responder
			c.HasKeyUsage() && c.KeyUsage&(DigitalSignature|NonRepudiation) == 0,
			len(c.UnknownCritical) > 0, c.ns.has(NoteDuplicate), c.ns.has(NoteAlgorithmDiffers), len(c.Malformed) > 0 && !c.readable():
			continue
		case when.After(c.NotAfter) && !s.lasted(c, resp):
			continue
		}
		if ok, what, _ := v.p.hashAcceptable(c.SignatureAlgorithm, 0, s.keys[s.i+1], since); !ok {
			code, detail = CodeWeakAlgorithm, what
			continue
		}
		if s.responderGood(c, resp) {
			return c
		}
	}
	if !named {
		detail = "responder unknown"
	}
	s.refuse(code, "RFC 6960 §4.2.2.2", detail)
	return nil
}

// lasted reports whether a responder's certificate that expired before the time asked for still speaks for it: only when the
// response is from before and proven to be.
func (s *search) lasted(c *Certificate, resp *ocspResponse) bool {
	t, ok := s.v.proofs.Time(resp.Raw)
	return ok && !t.After(c.NotAfter)
}

// readable reports whether all extensions that decide anything could be read.
func (c *Certificate) readable() bool {
	return !slices.ContainsFunc(c.Malformed, func(oid string) bool {
		e, _ := c.Extension(oid)
		return e.Critical || binding[oid]
	})
}

// responderGood checks the responder's own certificate for revocation, unless it says that nobody needs to (RFC 6960 §4.2.2.2.1).
func (s *search) responderGood(c *Certificate, resp *ocspResponse) bool {
	if c.NoCheck {
		return true
	}
	v := s.v
	if v.nested >= maxNested || v.busy[c] {
		s.refuse(CodeResponderUnchecked, "RFC 6960 §4.2.2.2.1", c.Subject.String())
		return v.p.CARevocation != RevocationRequired
	}
	v.nested++
	path := append([]*Certificate{c}, s.r.Path[s.i+1:]...)
	keys := append([]crypto.PublicKey{c.PublicKey}, s.keys[s.i+1:]...)
	sub := &verdict{Result: &Result{Path: path, Revocation: make([]Revocation, len(path))}, v: v, deadline: s.r.deadline, ahead: s.r.ahead}
	v.checkRevocation(sub, keys, 0, later(s.at, resp.ProducedAt), v.p.CARevocation)
	v.nested--
	switch rev := sub.Revocation[0]; rev.Status {
	case Revoked:
		s.refuse(CodeRevocationSigner, "RFC 6960 §4.2.2.2.1", "responder is revoked")
		return false
	case Good:
		if t, _ := v.since(resp.Raw); !rev.RevokedAt.IsZero() && rev.Reason != CertificateHold && t.After(rev.RevokedAt) {
			s.refuse(CodeNoProofBeforeRevocation, "EN 319 102-1 §5.6.2.2", rev.RevokedAt.Format(time.DateOnly))
			return false
		}
	case Unknown:
		s.refuse(CodeResponderUnchecked, "RFC 6960 §4.2.2.2.1", c.Subject.String())
		v.more = append(v.more, statusNeeds(c, s.issuer)...)
		return v.p.CARevocation != RevocationRequired
	}
	return true
}

// statusNeeds are the addresses where the status of c can be asked.
func statusNeeds(c, issuer *Certificate) []Need {
	var out []Need
	if urls := httpOnly(c.OCSPServers); len(urls) > 0 {
		id := ocsp.NewCertID(crypto.SHA1, issuer.RawSubject, issuer.KeyBits, c.Serial)
		if request, err := ocsp.NewRequest([]ocsp.CertID{id}, nil); err == nil {
			out = append(out, Need{Kind: NeedOCSP, URLs: urls, Certificate: c, Issuer: issuer, Request: request})
		}
	}
	var urls []string
	for _, d := range slices.Concat(c.CRLDistribution, c.FreshestCRL) {
		urls = append(urls, httpOnly(d.URLs())...)
	}
	if len(urls) > 0 {
		out = append(out, Need{Kind: NeedCRL, URLs: urls, Certificate: c, Issuer: issuer})
	}
	return out
}

// httpOnly leaves out ldap and other addresses that no Fetcher can reach.
func httpOnly(urls []string) []string {
	return slices.DeleteFunc(slices.Clone(urls), func(u string) bool {
		l := strings.ToLower(u)
		return !strings.HasPrefix(l, "http://") && !strings.HasPrefix(l, "https://")
	})
}
