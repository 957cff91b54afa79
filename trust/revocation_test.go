package trust

import (
	"bytes"
	"crypto/x509"
	"encoding/asn1"
	"testing"
	"time"

	"absah/internal/ocsp"
)

// TestRevocationAtTime asks for the status at a moment with evidence from before and after it.
func TestRevocationAtTime(t *testing.T) {
	root := issue(t, nil, "Akar Uji", ca, validFor("2020-01-01", "2040-01-01"))
	issuing := issue(t, root, "CA Uji", ca, validFor("2020-01-01", "2035-01-01"))
	other := issue(t, root, "CA Lain", ca, validFor("2020-01-01", "2035-01-01"))
	budi := issue(t, issuing, "Budi Contoh", urls)
	siti := issue(t, issuing, "Siti Contoh")
	responder := issue(t, issuing, "Penjawab Uji", usage(x509.ExtKeyUsageOCSPSigning), noCheck)
	checked := issue(t, issuing, "Penjawab Diperiksa", usage(x509.ExtKeyUsageOCSPSigning))
	plain := issue(t, issuing, "Bukan Penjawab", noCheck)
	anyUse := issue(t, issuing, "Penjawab Segala", usage(x509.ExtKeyUsageAny), noCheck)
	foreign := issue(t, other, "Penjawab Asing", usage(x509.ExtKeyUsageOCSPSigning), noCheck)
	short := issue(t, issuing, "Penjawab Pendek", usage(x509.ExtKeyUsageOCSPSigning), noCheck, validFor("2025-03-01", "2025-03-05"))

	good := func(this, next string) ocsp.Single {
		s := ocsp.Single{Status: ocsp.Good, ThisUpdate: date(this), Reason: -1}
		if next != "" {
			s.NextUpdate = date(next)
		}
		return s
	}
	revoked := func(at string, reason int, this, next string) ocsp.Single {
		s := good(this, next)
		s.Status, s.RevokedAt, s.Reason = ocsp.Revoked, date(at), reason
		return s
	}
	type evidence func(p *Pool)
	answers := func(by *entity, s ocsp.Single, produced string) evidence {
		return func(p *Pool) { mustOCSP(t, p, ocspOf(t, issuing, by, budi, s, produced)) }
	}
	list := func(number int64, this, next string, opts ...crlOption) evidence {
		return func(p *Pool) { mustCRL(t, p, crlOf(t, issuing, number, this, next, opts...)) }
	}
	from := asn1.ObjectIdentifier{2, 5, 29, 60}
	kept := []byte("\x18\x0f20200101000000Z")

	cases := []struct {
		name     string
		at, now  string
		evidence []evidence
		status   RevocationStatus
		source   string
		sub      SubIndication
		refused  string // code of a finding about refused evidence
		change   func(*Policy)
	}{
		{name: "nothing at hand", status: Unknown, sub: TryLater},
		{name: "ocsp by the issuer", evidence: []evidence{answers(issuing, good("2025-03-01", "2025-03-08"), "2025-03-01")}, status: Good, source: "ocsp"},
		{name: "ocsp issued after the time", evidence: []evidence{answers(issuing, good("2025-03-03", "2025-03-08"), "2025-03-03")}, now: "2025-03-04", status: Good, source: "ocsp"},
		{name: "ocsp from the future", evidence: []evidence{answers(issuing, good("2025-03-03", "2025-03-08"), "2025-03-03")}, status: Unknown, sub: TryLater, refused: CodeRevocationFuture},
		{name: "ocsp stale", evidence: []evidence{answers(issuing, good("2025-02-01", "2025-02-08"), "2025-02-01")}, status: Unknown, sub: TryLater, refused: CodeRevocationStale},
		{name: "ocsp without nextUpdate, recent", evidence: []evidence{answers(issuing, good("2025-02-28", ""), "2025-02-28")}, status: Good, source: "ocsp"},
		{name: "ocsp without nextUpdate, old", evidence: []evidence{answers(issuing, good("2025-02-01", ""), "2025-02-01")}, status: Unknown, sub: TryLater, refused: CodeRevocationStale},
		{name: "ocsp in force but too old for the policy", evidence: []evidence{answers(issuing, good("2025-02-28", "2025-03-08"), "2025-02-28")}, change: func(p *Policy) { p.MaxAge = 24 * time.Hour }, status: Unknown, sub: TryLater, refused: CodeRevocationStale},
		{name: "ocsp delegated", evidence: []evidence{answers(responder, good("2025-03-01", "2025-03-08"), "2025-03-01")}, status: Good, source: "ocsp"},
		{name: "ocsp delegated, responder good on the crl", evidence: []evidence{answers(checked, good("2025-03-02", "2025-03-08"), "2025-03-02"), list(1, "2025-03-01", "2025-03-08")}, change: func(p *Policy) { p.CARevocation = RevocationRequired }, status: Good, source: "ocsp"},
		{name: "ocsp by a revoked responder", evidence: []evidence{answers(checked, good("2025-03-01", "2025-03-08"), "2025-03-01"), func(p *Pool) {
			mustOCSP(t, p, ocspOf(t, issuing, issuing, checked, revoked("2025-02-01", 1, "2025-03-01", "2025-03-08"), "2025-03-01"))
		}}, status: Unknown, sub: TryLater, refused: CodeRevocationSigner},
		{name: "ocsp by an unchecked responder, basic", evidence: []evidence{answers(checked, good("2025-03-01", "2025-03-08"), "2025-03-01")}, status: Good, source: "ocsp", refused: CodeResponderUnchecked},
		{name: "ocsp by an unchecked responder, strict", evidence: []evidence{answers(checked, good("2025-03-01", "2025-03-08"), "2025-03-01")}, change: func(p *Policy) { p.CARevocation = RevocationRequired }, status: Unknown, sub: TryLater, refused: CodeResponderUnchecked},
		{name: "ocsp by a signer that is no responder", evidence: []evidence{answers(plain, good("2025-03-01", "2025-03-08"), "2025-03-01")}, status: Unknown, sub: TryLater, refused: CodeRevocationSigner},
		{name: "ocsp by anyExtendedKeyUsage", evidence: []evidence{answers(anyUse, good("2025-03-01", "2025-03-08"), "2025-03-01")}, status: Unknown, sub: TryLater, refused: CodeRevocationSigner},
		{name: "ocsp by another CA's responder", evidence: []evidence{answers(foreign, good("2025-03-01", "2025-03-08"), "2025-03-01")}, status: Unknown, sub: TryLater, refused: CodeRevocationSigner},
		{name: "ocsp by the subject itself", evidence: []evidence{answers(budi, good("2025-03-01", "2025-03-08"), "2025-03-01")}, status: Unknown, sub: TryLater, refused: CodeRevocationSigner},
		{name: "ocsp about somebody else", evidence: []evidence{func(p *Pool) {
			mustOCSP(t, p, ocspOf(t, issuing, issuing, siti, good("2025-03-01", "2025-03-08"), "2025-03-01"))
		}}, status: Unknown, sub: TryLater},
		{name: "ocsp under another issuer", evidence: []evidence{func(p *Pool) {
			mustOCSP(t, p, ocspOf(t, other, other, budi, good("2025-03-01", "2025-03-08"), "2025-03-01"))
		}}, status: Unknown, sub: TryLater, refused: CodeRevocationScope},
		{name: "ocsp unknown", evidence: []evidence{answers(issuing, ocsp.Single{Status: ocsp.Unknown, ThisUpdate: date("2025-03-01"), Reason: -1}, "2025-03-01")}, status: Unknown, sub: TryLater, refused: CodeRevocationUnknown},
		{name: "revoked before", evidence: []evidence{answers(issuing, revoked("2025-02-20", 1, "2025-03-01", "2025-03-08"), "2025-03-01")}, status: Revoked, source: "ocsp", sub: RevokedNoPOE},
		{name: "revoked after", evidence: []evidence{answers(issuing, revoked("2025-03-05", 1, "2025-03-06", "2025-03-08"), "2025-03-06")}, now: "2025-03-07", status: Good, source: "ocsp"},
		{name: "revoked before, told by stale data", evidence: []evidence{answers(issuing, revoked("2025-01-20", 1, "2025-02-01", "2025-02-08"), "2025-02-01")}, status: Revoked, source: "ocsp", sub: RevokedNoPOE},
		{name: "on hold", evidence: []evidence{answers(issuing, revoked("2025-02-20", 6, "2025-03-01", "2025-03-08"), "2025-03-01")}, status: Revoked, source: "ocsp", sub: TryLater},
		{name: "hold lifted", evidence: []evidence{answers(issuing, revoked("2025-02-20", 6, "2025-02-25", "2025-03-08"), "2025-02-25"), answers(issuing, good("2025-03-01", "2025-03-08"), "2025-03-01")}, status: Good, source: "ocsp"},
		{name: "revocation is not lifted", evidence: []evidence{answers(issuing, revoked("2025-02-20", 1, "2025-02-25", "2025-03-08"), "2025-02-25"), answers(issuing, good("2025-03-01", "2025-03-08"), "2025-03-01")}, status: Revoked, source: "ocsp", sub: RevokedNoPOE},
		{name: "crl good", evidence: []evidence{list(1, "2025-03-01", "2025-03-08", revokes(siti, "2025-02-01", 1))}, status: Good, source: "crl"},
		{name: "crl revoked", evidence: []evidence{list(1, "2025-03-01", "2025-03-08", revokes(budi, "2025-02-01", 1))}, status: Revoked, source: "crl", sub: RevokedNoPOE},
		{name: "crl of another CA", evidence: []evidence{func(p *Pool) { mustCRL(t, p, crlOf(t, other, 1, "2025-03-01", "2025-03-08")) }}, status: Unknown, sub: TryLater},
		{name: "crl with unknown critical extension", evidence: []evidence{list(1, "2025-03-01", "2025-03-08", crlExt(asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 32473, 9}, true, asn1.NullBytes))}, status: Unknown, sub: TryLater, refused: CodeUnknownCritical},
		{name: "crl that contradicts ocsp wins when it revokes", evidence: []evidence{list(1, "2025-03-01", "2025-03-08", revokes(budi, "2025-02-01", 1)), answers(issuing, good("2025-03-01", "2025-03-08"), "2025-03-01")}, status: Revoked, source: "crl", sub: RevokedNoPOE},
		{name: "crl issued after expiry", at: "2025-12-31", now: "2026-02-01", evidence: []evidence{list(9, "2026-01-15", "2026-03-01")}, status: Unknown, sub: TryLater, refused: CodeRevocationAfterExpiry},
		{name: "crl issued after expiry, keeps expired", at: "2025-12-31", now: "2026-02-01", evidence: []evidence{list(9, "2026-01-15", "2026-03-01", crlExt(from, false, kept))}, status: Good, source: "crl"},
		{name: "ocsp issued after expiry", at: "2025-12-31", now: "2026-02-01", evidence: []evidence{answers(issuing, good("2026-01-15", "2026-03-01"), "2026-01-15")}, status: Unknown, sub: TryLater, refused: CodeRevocationAfterExpiry},
		{name: "ocsp issued after expiry with archive cutoff", at: "2025-12-31", now: "2026-02-01", evidence: []evidence{answers(issuing, ocsp.Single{Status: ocsp.Good, ThisUpdate: date("2026-01-15"), ArchiveCutoff: date("2020-01-01"), Reason: -1}, "2026-01-15")}, status: Good, source: "ocsp"},
		{name: "expired and not revoked", at: "2026-01-05", now: "2026-01-05", evidence: []evidence{answers(issuing, ocsp.Single{Status: ocsp.Good, ThisUpdate: date("2026-01-04"), NextUpdate: date("2026-01-09"), ArchiveCutoff: date("2020-01-01"), Reason: -1}, "2026-01-04")}, status: Good, source: "ocsp", sub: OutOfBoundsNotRevoked},
		{name: "expired, nothing known", at: "2026-01-05", now: "2026-01-05", status: Unknown, sub: OutOfBoundsNoPOE},
		{name: "responder expired since, basic", now: "2025-06-01", evidence: []evidence{answers(short, good("2025-03-03", "2025-03-08"), "2025-03-03")}, status: Good, source: "ocsp", refused: CodeRevocationNoProof},
		{name: "responder expired since, proof required", now: "2025-06-01", evidence: []evidence{answers(short, good("2025-03-03", "2025-03-08"), "2025-03-03")}, change: func(p *Policy) { p.RequireProof = true }, status: Unknown, sub: RevocationOutOfBoundsNoPOE, refused: CodeRevocationNoProof},
		{name: "responder not yet valid when it signed", now: "2025-06-01", evidence: []evidence{answers(short, good("2025-02-20", "2025-03-08"), "2025-02-20")}, status: Unknown, sub: TryLater, refused: CodeRevocationSigner},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			at, now := c.at, c.now
			if at == "" {
				at = "2025-03-02"
			}
			if now == "" {
				now = at
			}
			p := policyAt(now, root)
			p.Revocation, p.CARevocation = RevocationRequired, RevocationIfAvailable
			if c.change != nil {
				c.change(&p)
			}
			store := pool(t, issuing, other)
			for _, e := range c.evidence {
				e(store)
			}
			if p.CARevocation == RevocationRequired {
				mustCRL(t, store, crlOf(t, root, 1, "2025-01-01", "2026-01-01"))
			}
			r := Validate(Request{Certificate: budi.Certificate, Pool: store, At: date(at)}, p)
			rev := r.Revocation[0]
			if rev.Status != c.status || rev.Source != c.source || r.SubIndication != c.sub {
				t.Errorf("Validate(%s) = %s from %q, %s %v; want %s from %q, %s\n%v\n%v", c.name, rev.Status, rev.Source, r.SubIndication, r.Findings, c.status, c.source, c.sub, r.Findings, rev.Findings)
			}
			if c.refused != "" && !hasCode(rev.Findings, c.refused) {
				t.Errorf("findings about evidence %v, want %s", rev.Findings, c.refused)
			}
			if (rev.Evidence != nil) != (c.source != "") || (rev.Signer != nil) != (c.source != "") {
				t.Errorf("evidence %d bytes, signer %v", len(rev.Evidence), rev.Signer)
			}
			if rev.Status == Unknown && len(r.Missing) < 2 {
				t.Errorf("missing = %v, want OCSP and CRL", r.Missing)
			}
		})
	}
}

func TestRevokedLaterIsTold(t *testing.T) {
	root := issue(t, nil, "Akar Uji", ca, validFor("2020-01-01", "2040-01-01"))
	budi := issue(t, root, "Budi Contoh")
	suspect := []byte("\x18\x0f20250101000000Z")
	der := crlOf(t, root, 3, "2025-06-01", "2025-07-01", func(l *x509.RevocationList) {
		revokes(budi, "2025-05-01", 1)(l)
		l.RevokedCertificateEntries[0].ExtraExtensions = append(l.RevokedCertificateEntries[0].ExtraExtensions, pkixExt(oidInvalidityDate, suspect))
	})
	store := pool(t, root)
	mustCRL(t, store, der)
	p := policyAt("2025-06-02", root)
	p.Revocation = RevocationRequired
	r := Validate(Request{Certificate: budi.Certificate, Pool: store, At: date("2025-03-01")}, p)
	rev := r.Revocation[0]
	if r.Status != Passed || rev.Status != Good || !rev.Fresh || !rev.RevokedAt.Equal(date("2025-05-01")) || rev.Reason != KeyCompromise || !rev.Invalidity.Equal(date("2025-01-01")) {
		t.Errorf("Validate = %v, %+v", r.Status, rev)
	}
	if !hasCode(r.Findings, CodeRevokedLater) || !hasCode(r.Findings, CodeKeySuspect) {
		t.Errorf("findings = %v, want revoked-later and key-suspect", r.Findings)
	}
	if got := codes(r.Findings, Warn); len(got) != 1 || got[0] != CodeKeySuspect {
		t.Errorf("warnings = %v", got)
	}
}

func TestProofOfExistence(t *testing.T) {
	root := issue(t, nil, "Akar Uji", ca, validFor("2020-01-01", "2040-01-01"))
	budi := issue(t, root, "Budi Contoh")
	short := issue(t, root, "Penjawab Pendek", usage(x509.ExtKeyUsageOCSPSigning), noCheck, validFor("2025-03-01", "2025-03-05"))
	der := ocspOf(t, root, short, budi, ocsp.Single{Status: ocsp.Good, ThisUpdate: date("2025-03-03"), Reason: -1}, "2025-03-03")
	for _, c := range []struct {
		proven string
		want   Status
	}{{"", Indeterminate}, {"2025-03-04", Passed}, {"2025-03-06", Indeterminate}} {
		store := pool(t, root)
		mustOCSP(t, store, der)
		p := Archival()
		p.Time = date("2025-12-01")
		p.Anchors = []Anchor{{Certificate: root.Certificate}}
		var proofs Proofs
		if c.proven != "" {
			proofs.Add(der, date("2025-11-30"))
			proofs.Add(der, date(c.proven))
		}
		r := Validate(Request{Certificate: budi.Certificate, Pool: store, At: date("2025-03-02"), Proofs: &proofs}, p)
		if r.Status != c.want {
			t.Errorf("Validate(proven %q) = %v %v, want %v", c.proven, r.Status, r.SubIndication, c.want)
		}
	}
}

func TestRevokedCA(t *testing.T) {
	root := issue(t, nil, "Akar Uji", ca, validFor("2020-01-01", "2040-01-01"))
	issuing := issue(t, root, "CA Uji", ca, validFor("2020-01-01", "2035-01-01"))
	budi := issue(t, issuing, "Budi Contoh")
	store := pool(t, issuing)
	mustCRL(t, store, crlOf(t, root, 1, "2025-03-01", "2025-09-01", revokes(issuing, "2025-02-01", 2)))
	mustCRL(t, store, crlOf(t, issuing, 1, "2025-03-01", "2025-03-09"))
	p := policyAt("2025-03-02", root)
	p.Revocation, p.CARevocation = RevocationRequired, RevocationIfAvailable
	r := Validate(Request{Certificate: budi.Certificate, Pool: store}, p)
	if r.Status != Indeterminate || r.SubIndication != RevokedCANoPOE || r.Revocation[1].Reason != CACompromise {
		t.Errorf("Validate = %v %v %+v", r.Status, r.SubIndication, r.Revocation[1])
	}
}

func TestForgedEvidence(t *testing.T) {
	root := issue(t, nil, "Akar Uji", ca, validFor("2020-01-01", "2040-01-01"))
	budi := issue(t, root, "Budi Contoh")
	crl := crlOf(t, root, 1, "2025-03-01", "2025-03-09", revokes(budi, "2025-02-01", 1))
	resp := ocspOf(t, root, root, budi, ocsp.Single{Status: ocsp.Good, ThisUpdate: date("2025-03-01"), Reason: -1}, "2025-03-01")
	p := policyAt("2025-03-02", root)
	p.Revocation = RevocationRequired

	// A CRL whose entry was changed to another serial, so that Budi seems good.
	i := bytes.Index(crl, append([]byte{2, byte(len(budi.RawSerial))}, budi.RawSerial...))
	forged := bytes.Clone(crl)
	forged[i+2] ^= 1
	store := pool(t, root)
	mustCRL(t, store, forged)
	r := Validate(Request{Certificate: budi.Certificate, Pool: store}, p)
	if r.Status == Passed || !hasCode(r.Revocation[0].Findings, CodeRevocationSignature) {
		t.Errorf("Validate(forged CRL) = %v, %v", r.Status, r.Revocation[0].Findings)
	}

	// Every single flipped bit in the signed part of an OCSP response must make it worthless.
	for i := range resp {
		forged := bytes.Clone(resp)
		forged[i] ^= 0x04
		store := pool(t, root)
		if store.AddOCSP(forged) != nil {
			continue
		}
		r := Validate(Request{Certificate: budi.Certificate, Pool: store}, p)
		if r.Status == Passed && !unsignedByte(resp, i) {
			t.Errorf("a response with byte %d changed is accepted", i)
		}
	}
}

// unsignedByte reports whether a byte of the response lies outside the signed data and signature: the envelope's wording may
// differ without changing what was said.
func unsignedByte(resp []byte, i int) bool {
	r, err := ocsp.Parse(resp)
	if err != nil {
		return false
	}
	tbs := bytes.Index(resp, r.TBS)
	sig := bytes.Index(resp, r.Signature)
	return (i < tbs || i >= tbs+len(r.TBS)) && (i < sig || i >= sig+len(r.Signature))
}
