package trust

import (
	"errors"
	"slices"
	"time"
)

// Bounds of path building. Honest pools need a handful of steps; hostile ones (every certificate signs every other) are cut off
// here before the number of paths explodes.
const (
	maxSteps  = 2000 // certificates looked at as issuers
	maxPaths  = 64   // complete paths judged
	maxLength = 32   // certificates in a path, self-issued ones included
	maxNamed  = 256  // certificates of one name that are considered as issuer of one certificate
)

// Validate looks for a path from the certificate to an anchor and judges it: path validation (RFC 5280 §6.1), revocation at the
// time asked for (RFC 5280 §6.3, RFC 6960), algorithm limits. Several paths are tried until one passes or the budget is used up.
//
// At the policy's time this is the X.509 validation of EN 319 102-1 §5.2.6. At an earlier time, at which the signature is proven to
// exist, it is the past certificate validation of §5.6.2.1: what a CA signed counts only where Request.Proofs shows that it existed
// before the CA was revoked and while its algorithms were strong, and with Policy.RequireProof before the CA expired.
func Validate(req Request, p Policy) *Result {
	v, at := newValidator(req, p)
	r := v.build(req.Certificate, req.Usage, at, p.Revocation, nil)
	v.finish(r, req.Certificate)
	return r.Result
}

// ValidatePath judges one given path, the certificate asked about first, and last the certificate of an anchor or one that an
// anchor issued.
func ValidatePath(path []*Certificate, req Request, p Policy) *Result {
	v, at := newValidator(req, p)
	var best *verdict
	if n := len(path); n > 0 && n <= maxLength {
		for i := range p.Anchors {
			a := &p.Anchors[i]
			full := path
			switch last := path[n-1]; {
			case a.Certificate == nil:
				continue
			case last.Equal(a.Certificate):
			case last.Issuer.Equal(a.Certificate.Subject):
				full = append(slices.Clone(path), a.Certificate)
			default:
				continue
			}
			if r := v.judge(full, a, req.Usage, at, p.Revocation); better(r, best) {
				best = r
			}
		}
	}
	if best == nil {
		best = &verdict{Result: &Result{Path: path}, v: v}
		if len(path) > 0 {
			best.fail(CodeAnchorUnknown, "RFC 5280 §6.1.1", path[len(path)-1], "")
		} else {
			best.fail(CodeNotChained, "RFC 5280 §6.1.1", nil, "empty path")
		}
		best.finish()
	}
	v.finish(best, req.Certificate)
	return best.Result
}

func newValidator(req Request, p Policy) (*validator, time.Time) {
	v := &validator{
		p: p, pool: req.Pool, proofs: req.Proofs, now: p.Time, budget: validationBudget,
		busy: map[*Certificate]bool{}, signers: map[signerQuestion]*Result{},
	}
	if v.pool == nil {
		v.pool = NewPool()
	}
	at := req.At
	if at.IsZero() {
		at = p.Time
	}
	if v.now.IsZero() {
		v.now = at
	}
	// Certificates know whole seconds only, and their last second belongs to them (RFC 5280 §4.1.2.5).
	return v, at.Truncate(time.Second)
}

// better reports whether a says more than b: one that passed, else the one whose deciding reason is milder.
func better(a, b *verdict) bool {
	switch {
	case a == nil:
		return false
	case b == nil:
		return true
	}
	if wa, wb := a.worst(), b.worst(); wa != wb {
		return wa > wb
	}
	return false
}

// builder searches from the certificate upwards, depth first.
type builder struct {
	v     *validator
	usage Usage
	at    time.Time
	rule  RevocationRule
	only  *Certificate // when set, the only anchor that counts

	path    []*Certificate
	steps   int
	paths   int
	spent   bool     // the search was cut short
	best    *verdict // of the complete paths
	partial *verdict // the longest that ended nowhere
	needs   []Need
}

func (v *validator) build(leaf *Certificate, usage Usage, at time.Time, rule RevocationRule, only *Certificate) *verdict {
	b := &builder{v: v, usage: usage, at: at, rule: rule, only: only}
	done := false
	for i := range v.p.Anchors {
		if a := &v.p.Anchors[i]; b.allowed(a) && a.Certificate.Equal(leaf) {
			if done = b.complete([]*Certificate{leaf}, a); done {
				break
			}
		}
	}
	if !done {
		b.path = []*Certificate{leaf}
		b.extend()
	}
	r := b.best
	if r == nil {
		r = b.partial
	}
	if r.Status != Passed {
		r.Missing = append(r.Missing, b.needs...)
		if b.spent && !slices.ContainsFunc(r.Findings, func(f Finding) bool { return f.Code == CodeBudget }) {
			r.add(CodeBudget, "", Info, nil, "other paths were not tried")
		}
	}
	return r
}

func (b *builder) allowed(a *Anchor) bool {
	return a.Certificate != nil && (b.only == nil || a.Certificate.Equal(b.only))
}

// complete judges a path to an anchor; true ends the search.
func (b *builder) complete(path []*Certificate, a *Anchor) bool {
	b.paths++
	r := b.v.judge(path, a, b.usage, b.at, b.rule)
	if better(r, b.best) {
		b.best = r
	}
	return r.Status == Passed
}

type candidate struct {
	cert   *Certificate
	anchor *Anchor
	rank   int
}

// extend looks for issuers of the last certificate of the path; true ends the search.
func (b *builder) extend() bool {
	top := b.path[len(b.path)-1]
	signature := error(nil)
	tried := false
	for _, c := range b.candidates(top) {
		if b.steps++; b.steps > maxSteps || b.paths >= maxPaths {
			b.spent = true
			b.dead(top, CodeBudget, "paths")
			return true
		}
		if c.cert.PublicKey != nil && !lacksParameters(c.cert.PublicKey) {
			err := b.v.checkSignature(top, c.cert, c.cert.PublicKey)
			if errors.Is(err, errBudget) {
				b.spent = true
				b.dead(top, CodeBudget, "signatures")
				return true
			}
			if err != nil {
				signature = err
				continue
			}
		}
		tried = true
		if c.anchor != nil {
			if b.complete(append(slices.Clone(b.path), c.cert), c.anchor) {
				return true
			}
			continue
		}
		if len(b.path) >= maxLength-1 {
			b.dead(top, CodePathTooLong, "")
			continue
		}
		b.path = append(b.path, c.cert)
		done := b.extend()
		b.path = b.path[:len(b.path)-1]
		if done {
			return true
		}
	}
	switch {
	case tried:
	case signature != nil:
		b.dead(top, CodeSignatureInvalid, signature.Error())
	case top.SelfIssued() && top.SelfSigned():
		b.dead(top, CodeAnchorUnknown, top.Subject.String())
	default:
		b.dead(top, CodeIssuerUnknown, top.Issuer.String())
	}
	return false
}

// dead remembers a path that led nowhere.
func (b *builder) dead(top *Certificate, code, detail string) {
	if code != CodeAnchorUnknown && len(top.IssuerURLs) > 0 {
		b.needs = append(b.needs, Need{Kind: NeedIssuer, URLs: top.IssuerURLs, Certificate: top})
	}
	if b.partial != nil && len(b.partial.Path) >= len(b.path) {
		return
	}
	r := &verdict{Result: &Result{Path: slices.Clone(b.path), Revocation: make([]Revocation, len(b.path))}, v: b.v}
	for i := range r.Revocation {
		r.Revocation[i] = Revocation{Status: Unknown, Reason: NoReason}
	}
	r.fail(code, "RFC 5280 §6.1", top, detail)
	r.finish()
	b.partial = r
}

// candidates are the certificates that carry the issuer's name, the likely ones first: anchors, then those whose key identifier
// fits, then those valid at the time. Identifiers are hints only (RFC 5280 §4.2.1.1).
func (b *builder) candidates(c *Certificate) []candidate {
	var out []candidate
	rank := func(i *Certificate) int {
		n := 0
		if len(c.AuthorityKeyID) > 0 && len(i.SubjectKeyID) > 0 {
			if string(c.AuthorityKeyID) == string(i.SubjectKeyID) {
				n -= 4
			} else {
				n += 4
			}
		}
		if b.at.Before(i.NotBefore) || b.at.After(i.NotAfter) {
			n += 2
		}
		if !i.IsCA() {
			n++
		}
		return n
	}
	for i := range b.v.p.Anchors {
		if a := &b.v.p.Anchors[i]; b.allowed(a) && a.Certificate.Subject.Equal(c.Issuer) {
			out = append(out, candidate{a.Certificate, a, rank(a.Certificate) - 100})
		}
	}
	others := 0
	for _, i := range b.v.pool.bySubject[c.Issuer.Key()] {
		fits := len(c.AuthorityKeyID) > 0 && string(c.AuthorityKeyID) == string(i.SubjectKeyID)
		if !fits {
			if others++; others > maxNamed {
				continue
			}
		}
		if len(out) >= 2*maxNamed {
			break
		}
		if !b.visited(i) {
			out = append(out, candidate{i, nil, rank(i)})
		}
	}
	slices.SortStableFunc(out, func(x, y candidate) int { return x.rank - y.rank })
	return out
}

// visited reports whether this name and key are on the path already: going through them again proves nothing (RFC 4158).
func (b *builder) visited(c *Certificate) bool {
	for _, p := range b.path {
		if string(p.RawSPKI) == string(c.RawSPKI) && p.Subject.Equal(c.Subject) {
			return true
		}
	}
	return false
}

// finish adds how long the path lasts and what could be fetched.
func (v *validator) finish(r *verdict, leaf *Certificate) {
	r.Until = v.ends(r)
	if r.Anchor != nil {
		for i := range len(r.Path) - 1 {
			if r.Revocation[i].Status == Unknown {
				r.Missing = append(r.Missing, statusNeeds(r.Path[i], r.Path[i+1])...)
			}
		}
	}
	r.Missing = append(r.Missing, v.more...)
	seen := map[string]bool{}
	r.Missing = slices.DeleteFunc(r.Missing, func(n Need) bool {
		key := string(n.Kind) + "\x00" + string(n.Certificate.Raw)
		if seen[key] {
			return true
		}
		seen[key] = true
		return false
	})
}
