package trust

import (
	"crypto"
	"crypto/dsa" //lint:ignore SA1019 only to judge old keys
	"errors"
	"slices"
	"time"

	"absah/internal/sigalg"
)

// validator is the state of one call of Validate.
type validator struct {
	p      Policy
	pool   *Pool
	proofs *Proofs
	now    time.Time
	budget int

	busy    map[*Certificate]bool      // whose revocation is being looked for: evidence may lead back to itself
	signers map[signerQuestion]*Result // answers about signers of revocation data
	nested  int                        // depth of such questions
	more    []Need                     // needs that came up on the side
}

type signerQuestion struct {
	cert   *Certificate
	anchor *Certificate
	at     time.Time
}

// maxNested bounds signers of revocation data about signers of revocation data.
const maxNested = 3

// verdict builds a Result.
type verdict struct {
	*Result
	v        *validator
	deadline deadline  // for what stands below the certificates looked at so far
	ahead    time.Time // when the next deadline will come; zero: never
}

func (r *verdict) fail(code, clause string, c *Certificate, detail string) {
	r.add(code, clause, Fail, c, detail)
}

func (r *verdict) add(code, clause string, level Severity, c *Certificate, detail string) {
	r.Findings = append(r.Findings, Finding{code, clause, level, c, detail})
}

// worst is the class of the reason that decides.
func (r *verdict) worst() class {
	w := classNone
	for _, f := range r.Findings {
		if f.Level != Fail {
			continue
		}
		k, ok := classOf[f.Code]
		if !ok {
			k = classGeneral
		}
		if k == classRevoked && f.Certificate != r.Path[0] {
			k = classRevokedCA
		}
		w = min(w, k)
	}
	return w
}

func (r *verdict) finish() {
	w := r.worst()
	r.Status = Indeterminate
	switch w {
	case classNone:
		r.Status = Passed
	case classNoChain:
		r.SubIndication = NoCertificateChainFound
	case classGeneral:
		r.SubIndication = CertificateChainGeneral
	case classConstraints:
		r.SubIndication = ChainConstraints
	case classRevoked:
		r.SubIndication = RevokedNoPOE
	case classRevokedCA:
		r.SubIndication = RevokedCANoPOE
	case classOnHold, classTryLater:
		r.SubIndication = TryLater
	case classEvidenceNoProof:
		r.SubIndication = RevocationOutOfBoundsNoPOE
	case classCrypto:
		r.SubIndication = CryptoConstraintsNoPOE
	case classNoProof:
		r.SubIndication = NoPOE
	case classSunset:
		r.SubIndication = NoCertificateChainFoundNoPOE
	case classOutOfBounds:
		r.SubIndication = OutOfBoundsNoPOE
		if len(r.Revocation) > 0 && r.Revocation[0].Status == Good {
			r.SubIndication = OutOfBoundsNotRevoked
		}
	}
}

// judge validates a path whose last certificate is anchor's.
func (v *validator) judge(path []*Certificate, anchor *Anchor, usage Usage, at time.Time, rule RevocationRule) *verdict {
	r := &verdict{Result: &Result{Path: slices.Clone(path), Anchor: anchor}, v: v}
	v.checkAnchor(r, anchor, at, len(path) == 1)
	keys := v.checkPath(r, at)
	v.checkUsage(r, usage)
	v.checkAlgorithms(r, keys, at)
	r.Revocation = make([]Revocation, len(path))
	for i := range path {
		r.Revocation[i].Status = Unknown
		r.Revocation[i].Reason = NoReason
	}
	r.Revocation[len(path)-1].Status = NotNeeded
	if w := r.worst(); w != classNoChain && w != classGeneral {
		// What is structurally wrong stays wrong; its revocation data would only cost work.
		v.slide(r, keys, len(path)-1)
		for i := len(path) - 2; i >= 0; i-- {
			v.existed(r, keys, i)
			if i > 0 {
				v.checkRevocation(r, keys, i, at, v.p.CARevocation)
				v.slide(r, keys, i)
			} else {
				v.checkRevocation(r, keys, i, at, rule)
			}
		}
	}
	r.finish()
	return r
}

func (v *validator) checkAnchor(r *verdict, a *Anchor, at time.Time, alone bool) {
	switch from, until := a.Validity(); {
	case at.Before(from):
		r.fail(CodeAnchorNotYet, "EN 319 102-1 §5.2.6", a.Certificate, from.Format(time.DateOnly))
	case at.After(until):
		// The sunset date of the anchor: what is proven to be older is still believed.
		r.fail(CodeAnchorOutOfDate, "EN 319 102-1 §5.2.6", a.Certificate, until.Format(time.DateOnly))
	}
	if a.Kind == AnchorTest {
		r.add(CodeTestAnchor, "", Warn, a.Certificate, "")
	}
	if !alone && a.Certificate.HasKeyUsage() && a.Certificate.KeyUsage&KeyCertSign == 0 {
		r.fail(CodeIssuerKeyUsage, "RFC 5280 §4.2.1.3", a.Certificate, "")
	}
	// RFC 5280 takes a name and a key for an anchor and looks at nothing else. An anchor that came as a certificate may say more, and
	// who named it can be told.
	level := Info
	if v.p.Profile {
		level = Fail
	}
	for _, oid := range a.Certificate.UnknownCritical {
		r.add(CodeUnknownCritical, "RFC 5280 §4.2", level, a.Certificate, oid)
	}
	if !alone && !a.Certificate.IsCA() {
		r.add(CodeIssuerNotCA, "RFC 5280 §4.2.1.9", level, a.Certificate, "")
	}
	v.checkNotes(r, a.Certificate, level)
	v.checkProfile(r, a.Certificate, !alone, true)
}

// policyState are the counters of RFC 5280 §6.1.2.
type policyState struct {
	explicit, inhibitAny, mapping int
	pathLength                    int
}

// checkPath is RFC 5280 §6.1.3 to §6.1.5 without revocation, from the anchor down. It returns the public keys of the path with
// inherited parameters filled in.
func (v *validator) checkPath(r *verdict, at time.Time) []crypto.PublicKey {
	path := r.Path
	n := len(path) - 1
	keys := make([]crypto.PublicKey, len(path))
	keys[n] = path[n].PublicKey
	if n == 0 {
		c := path[0]
		v.checkValidity(r, c, at)
		if c.PublicKey == nil {
			r.fail(CodeKeyUnsupported, "RFC 5280 §6.1.4", c, keyErr(c))
		}
		r.Policies = []string{AnyPolicy}
		return keys
	}
	if keys[n] == nil {
		r.fail(CodeKeyUnsupported, "RFC 5280 §6.1.4", path[n], keyErr(path[n]))
	}

	// RFC 5280 §6.1.2, with what the anchor's certificate adds (RFC 5937).
	graph := newPolicyGraph()
	initial := v.p.Policies
	var names constraintState
	s := policyState{explicit: n + 1, inhibitAny: n + 1, mapping: n + 1, pathLength: n}
	if v.p.RequireExplicit {
		s.explicit = 0
	}
	if v.p.InhibitAnyPolicy {
		s.inhibitAny = 0
	}
	if v.p.InhibitPolicyMapping {
		s.mapping = 0
	}
	top := path[n]
	names.add(top.NameConstraints)
	s.restrict(top)
	if b := top.BasicConstraints; b != nil && b.MaxPathLen >= 0 {
		s.pathLength = min(s.pathLength, b.MaxPathLen)
	}
	if len(top.Policies) > 0 {
		initial = intersect(initial, top.Policies)
	}

	depth := 0
	for i := n - 1; i >= 0; i-- {
		c, issuer := path[i], path[i+1]
		selfIssued := c.SelfIssued()
		if !c.Issuer.Equal(issuer.Subject) {
			r.fail(CodeNotChained, "RFC 5280 §6.1.3", c, "")
		}
		keys[i] = inherit(c.PublicKey, keys[i+1])
		if keys[i+1] != nil {
			if err := v.checkSignature(c, issuer, keys[i+1]); errors.Is(err, errBudget) {
				r.fail(CodeBudget, "", c, "signatures")
			} else if err != nil {
				r.fail(CodeSignatureInvalid, "RFC 5280 §6.1.3", c, err.Error())
			}
		}
		if keys[i] == nil {
			r.fail(CodeKeyUnsupported, "RFC 5280 §6.1.4", c, keyErr(c))
		}
		v.checkValidity(r, c, at)
		v.checkNotes(r, c, Fail)
		v.checkProfile(r, c, i > 0, false)
		for _, oid := range c.UnknownCritical {
			r.fail(CodeUnknownCritical, "RFC 5280 §4.2", c, oid)
		}

		// (b), (c): name constraints do not hold for self-issued certificates on the way.
		if !selfIssued || i == 0 {
			if code, detail := names.violation(c); code != "" {
				r.fail(code, "RFC 5280 §4.2.1.10", c, detail)
			}
			if !names.empty() && slices.Contains(c.Malformed, oidSubjectAltName) {
				r.fail(CodeNameFormUnsupported, "RFC 5280 §4.2.1.10", c, oidSubjectAltName)
			}
		}

		// (d) to (f)
		if len(c.Policies) > 0 {
			if !graph.null() {
				graph.extend(c.Policies, s.inhibitAny > 0 || i > 0 && selfIssued)
			}
		} else {
			graph = nil
		}
		if s.explicit == 0 && graph.null() {
			r.fail(CodePolicyRequired, "RFC 5280 §6.1.3", c, "")
		}
		if i == 0 {
			break
		}

		// RFC 5280 §6.1.4
		if len(c.PolicyMappings) > 0 {
			for _, m := range c.PolicyMappings {
				if m.Issuer == AnyPolicy || m.Subject == AnyPolicy {
					r.fail(CodePolicyMappingAny, "RFC 5280 §6.1.4", c, "")
					break
				}
			}
			if !graph.null() {
				graph.mapPolicies(c.PolicyMappings, s.mapping > 0)
			}
		}
		names.add(c.NameConstraints)
		if !selfIssued {
			s.explicit = max(s.explicit-1, 0)
			s.mapping = max(s.mapping-1, 0)
			s.inhibitAny = max(s.inhibitAny-1, 0)
		}
		s.restrict(c)
		if c.BasicConstraints == nil || !c.BasicConstraints.CA {
			r.fail(CodeIssuerNotCA, "RFC 5280 §6.1.4", c, "")
		}
		if !selfIssued {
			depth++
			if s.pathLength <= 0 {
				r.fail(CodePathLength, "RFC 5280 §6.1.4", c, "")
			}
			s.pathLength--
		}
		if b := c.BasicConstraints; b != nil && b.MaxPathLen >= 0 {
			s.pathLength = min(s.pathLength, b.MaxPathLen)
		}
		if c.HasKeyUsage() && c.KeyUsage&KeyCertSign == 0 {
			r.fail(CodeIssuerKeyUsage, "RFC 5280 §6.1.4", c, "")
		}
	}
	if depth > v.maxDepth() {
		r.fail(CodePathTooLong, "", nil, "")
	}

	// RFC 5280 §6.1.5
	leaf := path[0]
	s.explicit = max(s.explicit-1, 0)
	if pc := leaf.PolicyConstraints; pc != nil && pc.RequireExplicit == 0 {
		s.explicit = 0
	}
	r.Policies = graph.result(initial)
	if s.explicit == 0 && len(r.Policies) == 0 {
		r.fail(CodePolicyRequired, "RFC 5280 §6.1.5", leaf, "")
	}
	return keys
}

func (v *validator) maxDepth() int {
	switch {
	case v.p.MaxDepth == 0:
		return DefaultMaxDepth
	case v.p.MaxDepth < 0:
		return 0
	}
	return v.p.MaxDepth
}

// restrict is RFC 5280 §6.1.4 (i), (j).
func (s *policyState) restrict(c *Certificate) {
	if pc := c.PolicyConstraints; pc != nil {
		if pc.RequireExplicit >= 0 {
			s.explicit = min(s.explicit, pc.RequireExplicit)
		}
		if pc.InhibitMapping >= 0 {
			s.mapping = min(s.mapping, pc.InhibitMapping)
		}
	}
	if c.InhibitAnyPolicy >= 0 {
		s.inhibitAny = min(s.inhibitAny, c.InhibitAnyPolicy)
	}
}

// intersect is what is left of the user's policies under an anchor that names its own (RFC 5937).
func intersect(initial []string, anchor []PolicyInformation) []string {
	var own []string
	for _, p := range anchor {
		if p.OID == AnyPolicy {
			return initial
		}
		own = append(own, p.OID)
	}
	if len(initial) == 0 || slices.Contains(initial, AnyPolicy) {
		return own
	}
	both := slices.DeleteFunc(slices.Clone(initial), func(p string) bool { return !slices.Contains(own, p) })
	if len(both) == 0 {
		return []string{""} // nothing, which is not the same as an empty set
	}
	return both
}

// inherit fills in the parameters of a DSA key from the issuer's (RFC 5280 §6.1.4 (f)).
func inherit(key, issuer crypto.PublicKey) crypto.PublicKey {
	k, ok := key.(*dsa.PublicKey)
	if !ok || k.P != nil {
		return key
	}
	from, ok := issuer.(*dsa.PublicKey)
	if !ok || from.P == nil {
		return nil
	}
	return &dsa.PublicKey{Parameters: from.Parameters, Y: k.Y}
}

func lacksParameters(key crypto.PublicKey) bool {
	k, ok := key.(*dsa.PublicKey)
	return ok && k.P == nil
}

func keyErr(c *Certificate) string {
	if c.PublicKeyErr != nil {
		return c.PublicKeyErr.Error()
	}
	return "parameters missing"
}

func (v *validator) checkSignature(c, issuer *Certificate, key crypto.PublicKey) error {
	if lacksParameters(issuer.PublicKey) {
		// The key depends on the path: no memory of it.
		if v.budget < cost(issuer) {
			return errBudget
		}
		v.budget -= 1000
		return sigalg.Verify(key, c.SignatureAlgorithm, 0, c.RawTBS, c.Signature)
	}
	return v.pool.verify(c, issuer, &v.budget, c.CheckSignatureFrom)
}

func (v *validator) checkValidity(r *verdict, c *Certificate, at time.Time) {
	if at.Before(c.NotBefore) {
		r.fail(CodeNotYetValid, "RFC 5280 §6.1.3", c, c.NotBefore.Format(time.RFC3339))
	}
	if at.After(c.NotAfter) {
		r.fail(CodeExpired, "RFC 5280 §6.1.3", c, c.NotAfter.Format(time.RFC3339))
	}
}

// binding are the extensions that path validation reads: when one of them cannot be read, nobody knows what the certificate allows.
var binding = map[string]bool{
	oidBasicConstraints: true, oidKeyUsage: true, oidExtKeyUsage: true, oidNameConstraints: true, oidCertificatePolicies: true,
	oidPolicyMappings: true, oidPolicyConstraints: true, oidInhibitAnyPolicy: true,
}

// checkNotes turns what the parser tolerated into failures where two readers could come to different results.
func (v *validator) checkNotes(r *verdict, c *Certificate, level Severity) {
	for _, n := range c.Notes {
		switch n.Code {
		case NoteAlgorithmDiffers:
			r.add(CodeAlgorithmDiffers, "RFC 5280 §4.1.1.2", level, c, "")
		case NoteDuplicate:
			r.add(CodeDuplicateExtension, "RFC 5280 §4.2", level, c, n.What)
		case NoteMalformed:
			e, _ := c.Extension(n.What)
			if e.Critical || binding[n.What] {
				r.fail(CodeMalformedExtension, "RFC 5280 §4.2", c, n.What)
			} else if v.p.Profile {
				r.add(CodeMalformedExtension, "RFC 5280 §4.2", Fail, c, n.What)
			} else {
				r.add(CodeMalformedExtension, "RFC 5280 §4.2", Info, c, n.What)
			}
		}
	}
}

func (v *validator) checkUsage(r *verdict, u Usage) {
	c := r.Path[0]
	if u.KeyUsage != 0 && c.HasKeyUsage() && c.KeyUsage&u.KeyUsage == 0 {
		r.fail(CodeKeyUsage, "RFC 5280 §4.2.1.3", c, "")
	}
	if u.CA && !c.IsCA() {
		r.fail(CodeIssuerNotCA, "RFC 5280 §4.2.1.9", c, "")
	}
	if len(u.ExtKeyUsage) == 0 {
		return
	}
	allows := func(c *Certificate) bool {
		return !c.HasExtKeyUsage() || slices.ContainsFunc(c.ExtKeyUsage, func(oid string) bool {
			return oid == EKUAny || slices.Contains(u.ExtKeyUsage, oid)
		})
	}
	switch e, ok := c.Extension(oidExtKeyUsage); {
	case u.Exclusive:
		if !ok || !e.Critical || len(c.ExtKeyUsage) != 1 || !slices.Contains(u.ExtKeyUsage, c.ExtKeyUsage[0]) {
			r.fail(CodeExtKeyUsage, "RFC 3161 §2.3", c, "")
		}
	case !allows(c):
		r.fail(CodeExtKeyUsage, "RFC 5280 §4.2.1.12", c, "")
	}
	// RFC 5280 does not say that a CA's extended key usage limits what it issues; every browser and Windows do.
	for _, ca := range r.Path[1:] {
		if !allows(ca) {
			level := Warn
			if v.p.Profile {
				level = Fail
			}
			r.add(CodeIssuerExtKeyUsage, "RFC 5280 §4.2.1.12", level, ca, "")
		}
	}
}

func (v *validator) checkAlgorithms(r *verdict, keys []crypto.PublicKey, at time.Time) {
	if v.p.Algorithms == nil {
		return
	}
	for i, c := range r.Path {
		if keys[i] == nil {
			continue
		}
		if ok, what, until := v.p.KeyAcceptable(keys[i], at); !ok {
			r.fail(CodeWeakAlgorithm, "EN 319 102-1 §5.2.6", c, what+limit(until))
		}
		if i+1 < len(r.Path) && keys[i+1] != nil {
			if ok, what, until := v.p.hashAcceptable(c.SignatureAlgorithm, 0, keys[i+1], at); !ok {
				r.fail(CodeWeakAlgorithm, "EN 319 102-1 §5.2.6", c, what+limit(until))
			}
		}
	}
}

func limit(until time.Time) string {
	if until.IsZero() {
		return ""
	}
	return " until " + until.Format(time.DateOnly)
}
