package trust

import (
	"bytes"
	"errors"
	"slices"
	"time"
)

// crl looks for the status in CRLs (RFC 5280 §6.3.3).
func (s *search) crl() {
	c := s.cert
	points := slices.Clone(c.CRLDistribution)
	// RFC 5280 §6.3.3: after the distribution points, whatever the issuer itself published, as if the certificate had named it with
	// its own name.
	points = append(points, DistributionPoint{FullName: []GeneralName{{Kind: Directory, Name: c.Issuer}}, named: true})
	var mask Reasons
	var used *answer
	tried := map[*CRL]bool{}
	for n, dp := range points {
		issuers := []Name{c.Issuer}
		if len(dp.CRLIssuer) > 0 {
			issuers = nil
			for _, g := range dp.CRLIssuer {
				if g.Kind == Directory {
					issuers = append(issuers, g.Name)
				}
			}
		}
		var lists []*CRL
		for _, name := range issuers {
			lists = append(lists, s.v.pool.crls[name.Key()]...)
		}
		// The newest first: it says most.
		slices.SortStableFunc(lists, func(a, b *CRL) int { return b.ThisUpdate.Compare(a.ThisUpdate) })
		for _, list := range lists[:min(len(lists), maxEvidence)] {
			if list.BaseNumber != nil {
				continue // delta CRLs are looked for from the complete one
			}
			reasons, ok := s.inScope(list, dp)
			if !ok {
				if n == len(points)-1 && !tried[list] {
					s.refuse(CodeRevocationScope, "RFC 5280 §6.3.3", "CRL")
				}
				continue
			}
			tried[list] = true
			if reasons&^mask == 0 && used != nil && !used.ThisUpdate.Before(list.ThisUpdate) {
				continue
			}
			a, ok := s.askCRL(list)
			if !ok {
				continue
			}
			if a.revoked {
				s.answers = append(s.answers, a)
				return
			}
			mask |= reasons
			if used == nil || a.ThisUpdate.Before(used.ThisUpdate) {
				used = &a
			}
			if mask == AllReasons {
				s.answers = append(s.answers, *used)
				return
			}
		}
	}
	if mask != 0 {
		s.refuse(CodeRevocationUnknown, "RFC 5280 §6.3.3", "not all reasons are covered")
	}
}

// inScope is RFC 5280 §6.3.3 (b) and (d): whether the list is about this certificate when reached through dp, and for which reasons.
func (s *search) inScope(list *CRL, dp DistributionPoint) (Reasons, bool) {
	reasons := AllReasons
	if dp.Reasons != 0 {
		reasons &= dp.Reasons
	}
	scope := list.Scope
	if len(dp.CRLIssuer) > 0 {
		if scope == nil || !scope.Indirect {
			return 0, false
		}
	} else if !list.Issuer.Equal(s.cert.Issuer) {
		return 0, false
	}
	if slices.Contains(list.Malformed, oidIssuingDistributionPoint) {
		return 0, false
	}
	if scope == nil {
		return reasons, true
	}
	if scope.Point.named && !samePoint(scope.Point, list.Issuer, dp, s.cert.Issuer) {
		return 0, false
	}
	ca := s.cert.IsCA()
	if scope.OnlyUser && ca || scope.OnlyCA && !ca || scope.OnlyAttribute {
		return 0, false
	}
	if scope.Point.Reasons != 0 {
		reasons &= scope.Point.Reasons
	}
	return reasons, reasons != 0
}

// samePoint compares the distribution point names of a CRL and of a certificate.
func samePoint(a DistributionPoint, crlIssuer Name, b DistributionPoint, certIssuer Name) bool {
	left := a.names(crlIssuer)
	right := b.names(certIssuer)
	if !b.named {
		right = b.CRLIssuer // RFC 5280 §6.3.3 (b) (2) (i)
	}
	for _, x := range left {
		for _, y := range right {
			if namesEqual(x, y) {
				return true
			}
		}
	}
	return false
}

// names are the full names of a distribution point; a relative one is completed with the CRL issuer's name.
func (d DistributionPoint) names(issuer Name) []GeneralName {
	if d.Relative == nil {
		return d.FullName
	}
	for _, g := range d.CRLIssuer {
		if g.Kind == Directory {
			issuer = g.Name
		}
	}
	full := Name{RDNs: append(slices.Clone(issuer.RDNs), d.Relative)}
	full.key = full.canonical()
	return []GeneralName{{Kind: Directory, Name: full}}
}

// askCRL asks one complete list, with a delta where one is at hand. ok is false when it may not or cannot answer.
func (s *search) askCRL(list *CRL) (a answer, ok bool) {
	if code := s.unusable(list); code != "" {
		s.refuse(code, "RFC 5280 §5.2", "CRL of "+list.Issuer.String())
		return a, false
	}
	// Anybody can put a list into a document: a long one is not searched before it is known who signed it.
	if list.Len() > longList && s.crlSigner(list) == nil {
		return a, false
	}
	entry, listed := list.Find(s.cert.Issuer, s.cert.RawSerial)
	fresh, usable, code := s.timing(list.ThisUpdate, list.NextUpdate)
	deltas := s.deltas(list)
	if code == CodeRevocationFuture {
		deltas = nil
	}
	if !usable && len(deltas) == 0 && (!listed || code == CodeRevocationFuture || entry.Reason == CertificateHold) {
		s.refuse(code, "RFC 5280 §6.3.3", list.ThisUpdate.Format(time.RFC3339))
		return a, false
	}
	signer := s.crlSigner(list)
	if signer == nil || !s.proven(signer, list.Raw) {
		return a, false
	}
	a = answer{Revocation: Revocation{
		Source: "crl", ThisUpdate: list.ThisUpdate, NextUpdate: list.NextUpdate, Reason: NoReason, Evidence: list.Raw, Signer: signer, Fresh: fresh,
		until: s.lasts(signer, list.SignatureAlgorithm, list.Raw),
	}}
	// The newest that the same key signed: any other is no part of this CRL (RFC 5280 §6.3.3 (h)).
	for _, delta := range deltas {
		if s.v.pool.verify(delta, signer, &s.v.budget, delta.CheckSignatureFrom) != nil || !s.proven(signer, delta.Raw) {
			continue
		}
		a.Delta, a.ThisUpdate, a.NextUpdate = delta.Raw, delta.ThisUpdate, delta.NextUpdate
		a.until = earliest(a.until, s.lasts(signer, delta.SignatureAlgorithm, delta.Raw))
		a.Fresh, usable, _ = s.timing(delta.ThisUpdate, delta.NextUpdate)
		if e, in := delta.Find(s.cert.Issuer, s.cert.RawSerial); in {
			entry, listed = e, e.Reason != RemoveFromCRL
		}
		break
	}
	if !listed {
		switch {
		case !usable:
			s.refuse(CodeRevocationStale, "RFC 5280 §6.3.3", list.ThisUpdate.Format(time.RFC3339))
			return a, false
		case s.afterExpiry(a.ThisUpdate, list.ExpiredFrom):
			s.refuse(CodeRevocationAfterExpiry, "EN 319 102-1 §5.2.6", a.ThisUpdate.Format(time.RFC3339))
			return a, false
		}
		return a, true
	}
	a.revoked = true
	a.RevokedAt, a.Reason, a.Invalidity = entry.RevokedAt, entry.Reason, entry.Invalidity
	return a, true
}

// unusable says why a list must not be used for any certificate (RFC 5280 §5.2).
func (s *search) unusable(list *CRL) string {
	switch {
	case len(list.UnknownCritical) > 0:
		return CodeUnknownCritical
	case list.ns.has(NoteAlgorithmDiffers):
		return CodeAlgorithmDiffers
	case list.ns.has(NoteDuplicate):
		return CodeDuplicateExtension
	case slices.Contains(list.Malformed, oidIssuingDistributionPoint), slices.Contains(list.Malformed, oidDeltaCRLIndicator):
		return CodeMalformedExtension
	}
	if s.v.p.Profile {
		if e, ok := findExtension(list.Extensions, oidCRLNumber); !ok || e.Critical || list.Number == nil {
			return CodeProfile // RFC 5280 §5.2.3
		}
	}
	return ""
}

// deltas finds the delta CRLs that continue a complete one, the newest first (RFC 5280 §5.2.4, §6.3.3 (c)). Who signed them is not looked at.
func (s *search) deltas(list *CRL) []*CRL {
	var out []*CRL
	for _, d := range s.v.pool.crls[list.Issuer.Key()] {
		if d.BaseNumber == nil || d.Number == nil || list.Number == nil || s.unusable(d) != "" ||
			d.BaseNumber.Cmp(list.Number) > 0 || d.Number.Cmp(list.Number) < 0 ||
			!bytes.Equal(d.AuthorityKeyID, list.AuthorityKeyID) {
			continue
		}
		x, has1 := findExtension(list.Extensions, oidIssuingDistributionPoint)
		y, has2 := findExtension(d.Extensions, oidIssuingDistributionPoint)
		if has1 != has2 || !bytes.Equal(x.Value, y.Value) {
			continue
		}
		if _, usable, _ := s.timing(d.ThisUpdate, d.NextUpdate); !usable {
			continue
		}
		out = append(out, d)
	}
	slices.SortStableFunc(out, func(a, b *CRL) int { return b.Number.Cmp(a.Number) })
	return out[:min(len(out), maxEvidence)]
}

// crlSigner finds who signed a list and may (RFC 5280 §6.3.3 (f), (g)): a certificate with the list's issuer name, the right to sign CRLs,
// and a valid path of its own to the same anchor.
func (s *search) crlSigner(list *CRL) *Certificate {
	v := s.v
	signed := false
	since, _ := v.since(list.Raw)
	code, detail := CodeRevocationSigner, "no certificate of its signer"
	var candidates []*Certificate
	for _, c := range slices.Concat(s.r.Path[s.i+1:], v.pool.bySubject[list.Issuer.Key()]) {
		if c.Subject.Equal(list.Issuer) && !slices.Contains(candidates, c) {
			candidates = append(candidates, c)
		}
	}
	fits := func(c *Certificate) int {
		if len(list.AuthorityKeyID) > 0 && len(c.SubjectKeyID) > 0 && !bytes.Equal(list.AuthorityKeyID, c.SubjectKeyID) {
			return 1
		}
		return 0
	}
	slices.SortStableFunc(candidates, func(a, b *Certificate) int { return fits(a) - fits(b) })
	for _, c := range candidates {
		if c.PublicKey == nil {
			continue
		}
		key := c.PublicKey
		onPath := slices.IndexFunc(s.r.Path, c.Equal)
		if lacksParameters(key) {
			if onPath < 0 {
				continue
			}
			key = s.keys[onPath]
		}
		var err error
		if lacksParameters(c.PublicKey) {
			err = checkCRLSignature(list, key)
		} else {
			err = v.pool.verify(list, c, &v.budget, list.CheckSignatureFrom)
		}
		if err != nil {
			if signed { // another certificate's key did, and what is wrong with that one says more
				continue
			}
			if code, detail = CodeRevocationSignature, err.Error(); errors.Is(err, errBudget) {
				code = CodeBudget
			}
			continue
		}
		signed = true
		if c.HasKeyUsage() && c.KeyUsage&CRLSign == 0 {
			code, detail = CodeRevocationSigner, "key usage without cRLSign"
			continue
		}
		if ok, what, _ := v.p.SignatureAcceptable(list.SignatureAlgorithm, 0, key, since); !ok {
			code, detail = CodeWeakAlgorithm, what
			continue
		}
		if list.ThisUpdate.Before(c.NotBefore) || list.ThisUpdate.After(c.NotAfter) {
			code, detail = CodeRevocationSigner, "signed outside its validity"
			continue
		}
		// Its path is the one in question: what is above the certificate, or the certificate itself, when its issuer made it the signer of
		// the list that it stands on. Such a list can still say "revoked".
		if onPath >= s.i {
			return c
		}
		if v.signerValid(c, s.r.Path[len(s.r.Path)-1], later(s.at, list.ThisUpdate)) {
			return c
		}
		code, detail = CodeRevocationSigner, "no valid path of its own"
	}
	s.refuse(code, "RFC 5280 §6.3.3", detail)
	return nil
}

// signerValid validates the path of a CRL signer that is not on the path in question.
func (v *validator) signerValid(c, anchor *Certificate, at time.Time) bool {
	q := signerQuestion{c, anchor, at}
	if r := v.signers[q]; r != nil {
		return r.Status == Passed
	}
	if v.nested >= maxNested || v.busy[c] {
		return false
	}
	v.nested++
	r := v.build(c, Usage{}, at, v.p.CARevocation, anchor)
	v.nested--
	v.signers[q] = r.Result
	return r.Status == Passed
}
