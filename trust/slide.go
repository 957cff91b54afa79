package trust

import (
	"crypto"
	"time"
)

// Validation time sliding (EN 319 102-1 §5.6.2.2) walks from the anchor down and moves a control time back whenever a certificate turns
// out to be revoked or an algorithm to have lost its strength; certificate and revocation data of the next step must be proven to
// have existed by then, and so must the signature in the end. Here the time at which the signature is proven to exist is known from the
// start (Request.At), and the path is judged at that time. What remains of the walk is the deadline that each certificate sets
// for what its key signed: whoever came by the key later could have made it since.

// deadline is the time by which what stands below a certificate must be proven to have existed.
type deadline struct {
	by   time.Time // zero: none
	code string    // why; one of the CodeNoProof… codes
}

func (d *deadline) tighten(by time.Time, code string) {
	if d.by.IsZero() || by.Before(d.by) {
		d.by, d.code = by, code
	}
}

// missed reports whether something that is proven to exist at t came too late.
func (d deadline) missed(t time.Time) bool { return !d.by.IsZero() && t.After(d.by) }

// slide takes r.Path[i] into the deadline for what its key signed.
func (v *validator) slide(r *verdict, keys []crypto.PublicKey, i int) {
	c := r.Path[i]
	if rev := r.Revocation[i]; !rev.RevokedAt.IsZero() && rev.Reason != CertificateHold {
		r.deadline.tighten(rev.RevokedAt, CodeNoProofBeforeRevocation)
	}
	if v.p.RequireProof && i < len(r.Path)-1 {
		if v.now.After(c.NotAfter) {
			r.deadline.tighten(c.NotAfter, CodeNoProofBeforeExpiry)
		}
		r.ahead = earliest(r.ahead, c.NotAfter)
	}
	if keys[i] == nil {
		return
	}
	if ok, _, until := v.p.KeyAcceptable(keys[i], v.now); !until.IsZero() {
		if !ok {
			r.deadline.tighten(until.Add(-time.Second), CodeNoProofBeforeSunset)
		}
		r.ahead = earliest(r.ahead, until)
	}
}

// existed fails when r.Path[i] is not proven to have existed before its issuer's deadline and before its own algorithm's end.
func (v *validator) existed(r *verdict, keys []crypto.PublicKey, i int) {
	c := r.Path[i]
	t, proven := v.since(c.Raw)
	var until time.Time
	if keys[i+1] != nil {
		var ok bool
		if ok, _, until = v.p.hashAcceptable(c.SignatureAlgorithm, 0, keys[i+1], t); !ok && !until.IsZero() {
			r.fail(CodeNoProofBeforeSunset, "EN 319 102-1 §5.6.2.4", c, until.Format(time.DateOnly))
		}
	}
	if r.deadline.missed(t) {
		r.fail(r.deadline.code, "EN 319 102-1 §5.6.2.2", c, r.deadline.by.Format(time.DateOnly))
	}
	if !proven {
		r.EvidenceUntil = earliest(r.EvidenceUntil, earliest(r.ahead, until))
	}
}

// since is the earliest time at which something is proven to have existed; without a proof that is now.
func (v *validator) since(raw []byte) (t time.Time, proven bool) {
	if t, proven = v.proofs.Time(raw); proven && t.Before(v.now) {
		return t, true
	}
	return v.now, false
}

// ends is when the dates of a path come to their end: a certificate, the anchor, or a key's algorithm.
func (v *validator) ends(r *verdict) (end time.Time) {
	for _, c := range r.Path {
		if r.Anchor != nil && c.Equal(r.Anchor.Certificate) {
			_, until := r.Anchor.Validity()
			end = earliest(end, until)
		} else {
			end = earliest(end, c.NotAfter)
		}
		if c.PublicKey != nil {
			_, _, until := v.p.KeyAcceptable(c.PublicKey, v.now)
			end = earliest(end, until)
		}
	}
	return end
}

// earliest is the earlier of two times, of which zero stands for never.
func earliest(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}
