package trust

import (
	"crypto/x509"
	"testing"
	"time"

	"absah/internal/ocsp"
)

// TestValidationTimeSliding asks for a past time, at which a signature is proven to exist, after something above the signer broke
// (EN 319 102-1 §5.6.2.1 and §5.6.2.2). What a key signed counts only when it is proven to be older than that.
func TestValidationTimeSliding(t *testing.T) {
	root := issue(t, nil, "Akar Uji", ca, validFor("2020-01-01", "2040-01-01"))
	issuing := issue(t, root, "CA Uji", ca, validFor("2020-01-01", "2030-01-01"))
	responder := issue(t, issuing, "Penjawab Uji", validFor("2020-01-01", "2030-01-01"), func(c *x509.Certificate) {
		c.ExtKeyUsage = append(c.ExtKeyUsage, x509.ExtKeyUsageOCSPSigning)
	})
	budi := issue(t, issuing, "Budi Contoh")
	answer := ocspOf(t, issuing, issuing, budi, ocsp.Single{Status: ocsp.Good, ThisUpdate: date("2025-03-03"), Reason: -1}, "2025-03-03")
	delegated := ocspOf(t, issuing, responder, budi, ocsp.Single{Status: ocsp.Good, ThisUpdate: date("2025-03-03"), Reason: -1}, "2025-03-03")
	clean := crlOf(t, root, 1, "2025-03-03", "2040-01-01")
	revoked := crlOf(t, root, 2, "2025-09-01", "2040-01-01", revokes(issuing, "2025-08-01", 2))
	held := crlOf(t, root, 2, "2025-09-01", "2040-01-01", revokes(issuing, "2025-08-01", 6))
	noResponder := ocspOf(t, issuing, issuing, responder, ocsp.Single{Status: ocsp.Revoked, RevokedAt: date("2025-08-01"), ThisUpdate: date("2025-09-01"), Reason: 1}, "2025-09-01")

	sunset := func(p *Policy) {
		p.Algorithms = []AlgorithmLimit{{Algorithm: "SHA-256", Until: date("2026-01-01")}, {Algorithm: "ECDSA"}}
	}
	keySunset := func(p *Policy) {
		p.Algorithms = []AlgorithmLimit{{Algorithm: "SHA-256"}, {Algorithm: "ECDSA", Until: date("2026-01-01")}}
	}
	archival := func(p *Policy) { p.RequireProof = true }
	all := [][]byte{answer, clean, budi.Raw, issuing.Raw, revoked, delegated}
	for _, c := range []struct {
		name   string
		now    string
		ocsp   []byte
		more   []byte // a further answer
		crls   [][]byte
		change func(*Policy)
		proven string // when everything in proofs is proven to have existed
		proofs [][]byte
		want   SubIndication
		code   string
		until  string // EvidenceUntil
	}{
		{name: "nothing broke", now: "2026-06-01", ocsp: answer, crls: [][]byte{clean}},
		{name: "CA revoked later, nothing proven", now: "2026-06-01", ocsp: answer, crls: [][]byte{revoked}, want: RevokedCANoPOE, code: CodeNoProofBeforeRevocation},
		{name: "CA revoked later, certificate proven alone", now: "2026-06-01", ocsp: answer, crls: [][]byte{revoked}, proven: "2025-04-01", proofs: [][]byte{budi.Raw}, want: RevokedCANoPOE, code: CodeNoProofBeforeRevocation},
		{name: "CA revoked later, answer proven alone", now: "2026-06-01", ocsp: answer, crls: [][]byte{revoked}, proven: "2025-04-01", proofs: [][]byte{answer}, want: RevokedCANoPOE, code: CodeNoProofBeforeRevocation},
		{name: "CA revoked later, both proven", now: "2026-06-01", ocsp: answer, crls: [][]byte{revoked}, proven: "2025-04-01", proofs: [][]byte{answer, budi.Raw}},
		{name: "CA revoked later, proven too late", now: "2026-06-01", ocsp: answer, crls: [][]byte{revoked}, proven: "2025-08-02", proofs: [][]byte{answer, budi.Raw}, want: RevokedCANoPOE, code: CodeNoProofBeforeRevocation},
		{name: "CA on hold later", now: "2026-06-01", ocsp: answer, crls: [][]byte{held}},
		{name: "responder revoked later, nothing proven", now: "2026-06-01", ocsp: delegated, more: noResponder, crls: [][]byte{clean}, want: RevokedCANoPOE, code: CodeNoProofBeforeRevocation},
		{name: "responder revoked later, answer proven", now: "2026-06-01", ocsp: delegated, more: noResponder, crls: [][]byte{clean}, proven: "2025-07-31", proofs: all},
		{name: "CA expired, basic", now: "2031-01-01", ocsp: answer, crls: [][]byte{clean}},
		{name: "CA expired, archival, nothing proven", now: "2031-01-01", ocsp: answer, crls: [][]byte{clean}, change: archival, want: NoPOE, code: CodeNoProofBeforeExpiry},
		{name: "CA expired, archival, all proven", now: "2031-01-01", ocsp: answer, crls: [][]byte{clean}, change: archival, proven: "2029-12-31", proofs: all},
		{name: "CA expired, archival, proven too late", now: "2031-01-01", ocsp: answer, crls: [][]byte{clean}, change: archival, proven: "2030-06-01", proofs: all, want: NoPOE, code: CodeNoProofBeforeExpiry},
		{name: "archival before expiry", now: "2026-06-01", ocsp: answer, crls: [][]byte{clean}, change: archival, until: "2030-01-01"},
		{name: "hash weak, nothing proven", now: "2026-06-01", ocsp: answer, crls: [][]byte{clean}, change: sunset, want: CryptoConstraintsNoPOE, code: CodeNoProofBeforeSunset},
		{name: "hash weak, all but the answer proven", now: "2026-06-01", ocsp: answer, crls: [][]byte{clean}, change: sunset, proven: "2025-12-31", proofs: [][]byte{budi.Raw, issuing.Raw, clean}, want: CryptoConstraintsNoPOE, code: CodeWeakAlgorithm},
		{name: "hash weak, all proven", now: "2026-06-01", ocsp: answer, crls: [][]byte{clean}, change: sunset, proven: "2025-12-31", proofs: all},
		{name: "hash weak, all proven on the day", now: "2026-06-01", ocsp: answer, crls: [][]byte{clean}, change: sunset, proven: "2026-01-01", proofs: all, want: CryptoConstraintsNoPOE, code: CodeNoProofBeforeSunset},
		{name: "keys weak, nothing proven", now: "2026-06-01", ocsp: answer, crls: [][]byte{clean}, change: keySunset, want: CryptoConstraintsNoPOE, code: CodeNoProofBeforeSunset},
		{name: "keys weak, all proven", now: "2026-06-01", ocsp: answer, crls: [][]byte{clean}, change: keySunset, proven: "2025-12-31", proofs: all},
		{name: "hash strong still", now: "2025-12-01", ocsp: answer, crls: [][]byte{clean}, change: sunset, until: "2026-01-01"},
		{name: "hash strong still, all proven", now: "2025-12-01", ocsp: answer, crls: [][]byte{clean}, change: sunset, proven: "2025-11-01", proofs: all},
		{name: "keys strong still", now: "2025-12-01", ocsp: answer, crls: [][]byte{clean}, change: keySunset, until: "2026-01-01"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := policyAt(c.now, root)
			p.Revocation, p.CARevocation = RevocationRequired, RevocationIfAvailable
			if c.change != nil {
				c.change(&p)
			}
			store := pool(t, issuing)
			mustOCSP(t, store, c.ocsp)
			if c.more != nil {
				mustOCSP(t, store, c.more)
			}
			for _, l := range c.crls {
				mustCRL(t, store, l)
			}
			var proofs Proofs
			for _, b := range c.proofs {
				proofs.Add(b, date(c.proven))
			}
			r := Validate(Request{Certificate: budi.Certificate, Pool: store, At: date("2025-03-02"), Proofs: &proofs}, p)
			if r.SubIndication != c.want || (r.Status == Passed) != (c.want == "") {
				t.Errorf("Validate = %v %v, want %v\n%v", r.Status, r.SubIndication, c.want, r.Findings)
			}
			if c.code != "" && !hasCode(r.Findings, c.code) {
				t.Errorf("findings = %v, want %s", r.Findings, c.code)
			}
			var until time.Time
			if c.until != "" {
				until = date(c.until)
			}
			if c.want == "" && !r.EvidenceUntil.Equal(until) {
				t.Errorf("EvidenceUntil = %v, want %v", r.EvidenceUntil, until)
			}
		})
	}
}

// TestAnchorSunset: after its date an anchor still stands behind what is proven to be older (EN 319 102-1 §5.2.6).
func TestAnchorSunset(t *testing.T) {
	root := issue(t, nil, "Akar Uji", ca, validFor("2020-01-01", "2040-01-01"))
	budi := issue(t, root, "Budi Contoh", validFor("2024-01-01", "2030-01-01"))
	for _, c := range []struct {
		at   string
		want SubIndication
		code string
	}{
		{"2025-03-01", "", ""},
		{"2026-03-01", NoCertificateChainFoundNoPOE, CodeAnchorOutOfDate},
		{"2024-02-01", NoCertificateChainFound, CodeAnchorNotYet},
	} {
		p := policyAt("2026-06-01")
		p.Anchors = []Anchor{{Certificate: root.Certificate, From: date("2024-06-01"), Until: date("2026-01-01")}}
		r := Validate(Request{Certificate: budi.Certificate, At: date(c.at)}, p)
		if r.SubIndication != c.want || c.code != "" && !hasCode(r.Findings, c.code) {
			t.Errorf("Validate(at %s) = %v %v %v, want %v", c.at, r.Status, r.SubIndication, r.Findings, c.want)
		}
		if want := date("2026-01-01"); !r.Until.Equal(want) {
			t.Errorf("Until = %v, want %v", r.Until, want)
		}
	}
}
