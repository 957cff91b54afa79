package trust

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"encoding/asn1"
	"math/big"
	"slices"
	"testing"

	"absah/internal/ocsp"
)

// TestRefusedEvidence: evidence that looks right and must not be believed.
func TestRefusedEvidence(t *testing.T) {
	long := validFor("2020-01-01", "2035-01-01")
	root := issue(t, nil, "Akar Uji", ca, validFor("2020-01-01", "2040-01-01"))
	issuing := issue(t, root, "CA Uji", ca, long)
	impostor := issue(t, nil, "CA Uji", ca, long) // the CA's name, another key
	budi := issue(t, issuing, "Budi Contoh")
	fake := issue(t, impostor, "Penjawab Palsu", usage(x509.ExtKeyUsageOCSPSigning), noCheck)
	expired := issue(t, issuing, "Penjawab Lama", usage(x509.ExtKeyUsageOCSPSigning), noCheck, validFor("2025-02-01", "2025-03-01"))
	wrongUse := issue(t, issuing, "Penjawab Tanpa Tanda Tangan", usage(x509.ExtKeyUsageOCSPSigning), noCheck, func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageKeyEncipherment })
	renewed := issueKey(t, root, "CA Uji", issuing.key, ca, validFor("2025-03-01", "2035-01-01"))
	unsure := issue(t, issuing, "Penjawab Aneh", usage(x509.ExtKeyUsageOCSPSigning), noCheck, with(asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 32473, 9}, true, asn1.NullBytes))
	good := ocsp.Single{Status: ocsp.Good, ThisUpdate: date("2025-02-28"), NextUpdate: date("2025-03-09"), Reason: -1}
	future := good
	future.ThisUpdate = date("2025-03-04")

	weakOCSP := func(p *Pool) {
		s := good
		s.ID = ocsp.NewCertID(crypto.SHA1, issuing.RawSubject, issuing.KeyBits, budi.Serial)
		der, err := ocsp.Create(rand.Reader, ocsp.Template{ProducedAt: date("2025-02-28"), ResponderKey: issuing.KeyBits, Singles: []ocsp.Single{s}, Hash: crypto.SHA512}, issuing.key)
		if err != nil {
			t.Fatal(err)
		}
		mustOCSP(t, p, der)
	}
	// A CRL whose inner algorithm is another than the outer one, both unsigned by nature of the outer.
	differs := bytes.Replace(crlOf(t, issuing, 1, "2025-03-01", "2025-03-09"), ecdsaSHA256, []byte("\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x03"), 1)

	for _, c := range []struct {
		name     string
		evidence func(p *Pool)
		certs    []*entity
		code     string
		change   func(*Policy)
	}{
		{name: "responder with a certificate of an impostor", evidence: func(p *Pool) { mustOCSP(t, p, ocspOf(t, issuing, fake, budi, good, "2025-02-28")) }, code: CodeRevocationSigner},
		{name: "the impostor itself", evidence: func(p *Pool) { mustOCSP(t, p, ocspOf(t, issuing, impostor, budi, good, "2025-02-28")) }, certs: []*entity{impostor}, code: CodeRevocationSigner},
		{name: "responder that expired before the time", evidence: func(p *Pool) { mustOCSP(t, p, ocspOf(t, issuing, expired, budi, good, "2025-02-28")) }, code: CodeRevocationSigner},
		{name: "responder whose key may not sign", evidence: func(p *Pool) { mustOCSP(t, p, ocspOf(t, issuing, wrongUse, budi, good, "2025-02-28")) }, code: CodeRevocationSigner},
		{name: "responder with an unknown critical extension", evidence: func(p *Pool) { mustOCSP(t, p, ocspOf(t, issuing, unsure, budi, good, "2025-02-28")) }, code: CodeRevocationSigner},
		{name: "response about the future", evidence: func(p *Pool) { mustOCSP(t, p, ocspOf(t, issuing, issuing, budi, future, "2025-02-28")) }, code: CodeRevocationFuture},
		{name: "response from the future", evidence: func(p *Pool) { mustOCSP(t, p, ocspOf(t, issuing, issuing, budi, good, "2025-03-04")) }, code: CodeRevocationFuture},
		{name: "response with a hash beyond the policy", evidence: weakOCSP, code: CodeWeakAlgorithm, change: func(p *Policy) { p.Algorithms = []AlgorithmLimit{{Algorithm: "SHA-256"}, {Algorithm: "ECDSA"}} }},
		{name: "list from the future", evidence: func(p *Pool) { mustCRL(t, p, crlOf(t, issuing, 1, "2025-03-04", "2025-03-09")) }, code: CodeRevocationFuture},
		{name: "list of the impostor", evidence: func(p *Pool) { mustCRL(t, p, crlOf(t, impostor, 1, "2025-03-01", "2025-03-09")) }, certs: []*entity{impostor}, code: CodeRevocationSigner},
		{name: "list with two algorithms", evidence: func(p *Pool) { mustCRL(t, p, differs) }, code: CodeAlgorithmDiffers},
		{name: "list with a hash beyond the policy", evidence: func(p *Pool) {
			mustCRL(t, p, crlOf(t, issuing, 1, "2025-03-01", "2025-03-09", func(l *x509.RevocationList) { l.SignatureAlgorithm = x509.ECDSAWithSHA512 }))
		}, code: CodeWeakAlgorithm, change: func(p *Policy) { p.Algorithms = []AlgorithmLimit{{Algorithm: "SHA-256"}, {Algorithm: "ECDSA"}} }},
		{name: "list without number, strict", evidence: func(p *Pool) {
			mustCRL(t, p, crlOf(t, issuing, 1, "2025-03-01", "2025-03-09", crlExt(asn1.ObjectIdentifier{2, 5, 29, 20}, true, []byte{2, 1, 1})))
		}, code: CodeDuplicateExtension},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := policyAt("2025-03-02", root)
			p.Revocation = RevocationRequired
			if c.change != nil {
				c.change(&p)
			}
			store := pool(t, append([]*entity{issuing}, c.certs...)...)
			c.evidence(store)
			r := Validate(Request{Certificate: budi.Certificate, Pool: store}, p)
			if r.Status == Passed || r.Revocation[0].Status != Unknown {
				t.Errorf("Validate = %v, %s from %v", r.Status, r.Revocation[0].Status, r.Revocation[0].Source)
			}
			if !hasCode(r.Revocation[0].Findings, c.code) {
				t.Errorf("findings = %v, want %s", r.Revocation[0].Findings, c.code)
			}
		})
	}

	// The CA's certificate in force when the list was made is another than the one on the path: same name and key, later dates.
	store := pool(t, renewed)
	mustCRL(t, store, crlOf(t, issuing, 1, "2025-02-25", "2025-03-09"))
	p := policyAt("2025-03-02", root)
	p.Revocation = RevocationRequired
	if r := Validate(Request{Certificate: budi.Certificate, Pool: store}, p); r.Status == Passed || !hasCode(r.Revocation[0].Findings, CodeRevocationSigner) {
		t.Errorf("Validate(list older than its signer's certificate) = %v, %v", r.Status, r.Revocation[0].Findings)
	}
	store.Add(issuing.Certificate)
	if r := Validate(Request{Certificate: budi.Certificate, Pool: store}, p); r.Status != Passed {
		t.Errorf("Validate(with the certificate of that time) = %v, %v", r.Status, r.Revocation[0].Findings)
	}
}

func TestForeignDelta(t *testing.T) {
	root := issue(t, nil, "Akar Uji", ca, validFor("2020-01-01", "2040-01-01"), func(c *x509.Certificate) { c.SubjectKeyId = []byte{1} })
	impostor := issue(t, nil, "Akar Uji", ca, validFor("2020-01-01", "2040-01-01"), func(c *x509.Certificate) { c.SubjectKeyId = []byte{1} })
	budi := issue(t, root, "Budi Contoh")
	base := crlExt(asn1.ObjectIdentifier{2, 5, 29, 27}, true, []byte{2, 1, 1})
	for name, delta := range map[string][]byte{
		"another key lifts the hold":       crlOf(t, impostor, 3, "2025-03-02", "2025-03-03", base, revokes(budi, "2025-02-01", 8)),
		"older than the list it continues": crlOf(t, root, 1, "2025-03-02", "2025-03-03", base, revokes(budi, "2025-02-01", 8)),
	} {
		store := pool(t, root)
		mustCRL(t, store, crlOf(t, root, 2, "2025-03-01", "2025-03-09", revokes(budi, "2025-02-01", 6)))
		mustCRL(t, store, delta)
		p := policyAt("2025-03-02", root)
		p.Revocation = RevocationRequired
		if r := Validate(Request{Certificate: budi.Certificate, Pool: store}, p); r.Revocation[0].Status != Revoked || r.Revocation[0].Delta != nil {
			t.Errorf("Validate(%s) = %v with delta %v", name, r.Revocation[0].Status, r.Revocation[0].Delta != nil)
		}
	}
}

// TestForeignDeltaHidesNone: a delta that anybody could have made must not stand in front of the issuer's own.
func TestForeignDeltaHidesNone(t *testing.T) {
	root := issue(t, nil, "Akar Uji", ca, validFor("2020-01-01", "2040-01-01"), func(c *x509.Certificate) { c.SubjectKeyId = []byte{1} })
	impostor := issue(t, nil, "Akar Uji", ca, validFor("2020-01-01", "2040-01-01"), func(c *x509.Certificate) { c.SubjectKeyId = []byte{1} })
	budi := issue(t, root, "Budi Contoh")
	base := crlExt(asn1.ObjectIdentifier{2, 5, 29, 27}, true, []byte{2, 1, 1})
	store := pool(t, root)
	mustCRL(t, store, crlOf(t, root, 1, "2025-03-01", "2025-03-09"))
	mustCRL(t, store, crlOf(t, root, 2, "2025-03-02", "2025-03-03", base, revokes(budi, "2025-03-02", 1)))
	mustCRL(t, store, crlOf(t, impostor, 99, "2025-03-02", "2025-03-03", base))
	p := policyAt("2025-03-02", root)
	p.Revocation = RevocationRequired
	if r := Validate(Request{Certificate: budi.Certificate, Pool: store}, p); r.Revocation[0].Status != Revoked {
		t.Errorf("Validate = %v with delta %v, want revoked by the delta of the issuer", r.Revocation[0].Status, r.Revocation[0].Delta != nil)
	}
}

// TestLongListsAreCheckedFirst: a list is not searched before it is known that somebody who may signed it.
func TestLongListsAreCheckedFirst(t *testing.T) {
	root := issue(t, nil, "Akar Uji", ca, validFor("2020-01-01", "2040-01-01"))
	impostor := issue(t, nil, "Akar Uji", ca, validFor("2020-01-01", "2040-01-01"))
	budi := issue(t, root, "Budi Contoh")
	long := func(l *x509.RevocationList) {
		for i := range longList + 1 {
			l.RevokedCertificateEntries = append(l.RevokedCertificateEntries, x509.RevocationListEntry{SerialNumber: big.NewInt(int64(1_000_000 + i)), RevocationTime: date("2025-01-01")})
		}
	}
	for _, c := range []struct {
		name   string
		signer *entity
		want   RevocationStatus
		search bool
	}{{"own", root, Good, true}, {"forged", impostor, Unknown, false}} {
		store := pool(t, root)
		list, err := store.AddCRL(crlOf(t, c.signer, 1, "2025-03-01", "2025-03-09", long))
		if err != nil {
			t.Fatal(err)
		}
		p := policyAt("2025-03-02", root)
		p.Revocation = RevocationRequired
		r := Validate(Request{Certificate: budi.Certificate, Pool: store}, p)
		if got := r.Revocation[0].Status; got != c.want || (list.searches.Load() > 0) != c.search {
			t.Errorf("Validate(%s list) = %v after %d searches", c.name, got, list.searches.Load())
		}
	}
}

// TestBudgetCountsBytes: whoever names a thousand certificates as possible signers of a long list does not have it hashed a thousand times.
func TestBudgetCountsBytes(t *testing.T) {
	root := issue(t, nil, "Akar Uji", ca, validFor("2020-01-01", "2040-01-01"))
	budi := issue(t, root, "Budi Contoh")
	store := pool(t, root)
	key := issue(t, nil, "Kunci").key
	for range 200 {
		store.Add(issueKey(t, nil, "Akar Uji", key, ca).Certificate)
	}
	filler := crlExt(asn1.ObjectIdentifier{1, 2, 3}, false, make([]byte, 20<<20))
	mustCRL(t, store, crlOf(t, issue(t, nil, "Akar Uji", ca), 1, "2025-03-01", "2025-03-09", filler))
	p := policyAt("2025-03-02", root)
	p.Revocation = RevocationRequired
	r := Validate(Request{Certificate: budi.Certificate, Pool: store}, p)
	n := 0
	for pair := range store.checked {
		if _, list := pair.child.(*CRL); list {
			n++
		}
	}
	if r.Revocation[0].Status != Unknown || n == 0 || n > 15 {
		t.Errorf("Validate = %v after %d signature checks over 20 MB each", r.Revocation[0].Status, n)
	}
}

// TestAnchorConstraints: what the anchor's own certificate says holds for the path (RFC 5937).
func TestAnchorConstraints(t *testing.T) {
	policy := func(oid ...byte) issueOption {
		v := append([]byte{0x30, byte(len(oid) + 4), 0x30, byte(len(oid) + 2), 0x06, byte(len(oid))}, oid...)
		return with(asn1.ObjectIdentifier{2, 5, 29, 32}, false, v)
	}
	explicit := with(asn1.ObjectIdentifier{2, 5, 29, 36}, true, []byte{0x30, 3, 0x80, 1, 0}) // requireExplicitPolicy 0
	adobe := with(asn1.ObjectIdentifier{2, 5, 29, 37}, false, []byte("\x30\x0b\x06\x09\x2a\x86\x48\x86\xf7\x2f\x01\x01\x05"))
	long := validFor("2020-01-01", "2040-01-01")
	noCN := with(asn1.ObjectIdentifier{2, 5, 29, 30}, true, append([]byte{0x30, 17, 0xa1, 15, 0x30, 13, 0x82, 11}, "example.com"...))
	for _, c := range []struct {
		name       string
		root, leaf []issueOption
		change     func(*Policy)
		usage      Usage
		code       string
		level      Severity
	}{
		{name: "explicit policy, none", root: []issueOption{explicit}, code: CodePolicyRequired, level: Fail},
		{name: "explicit policy, one", root: []issueOption{explicit}, leaf: []issueOption{policy(0x2a, 3)}},
		{name: "explicit policy asked by the last certificate", leaf: []issueOption{explicit}, code: CodePolicyRequired, level: Fail},
		{name: "policies of the anchor, kept", root: []issueOption{explicit, policy(0x2a, 3)}, leaf: []issueOption{policy(0x2a, 3)}},
		{name: "policies of the anchor, others", root: []issueOption{explicit, policy(0x2a, 3)}, leaf: []issueOption{policy(0x2a, 4)}, code: CodePolicyRequired, level: Fail},
		{name: "policies of the anchor and the user's are disjoint", root: []issueOption{explicit, policy(0x2a, 3)}, leaf: []issueOption{policy(0x2a, 3)}, change: func(p *Policy) { p.Policies = []string{"1.2.4"} }, code: CodePolicyRequired, level: Fail},
		{name: "policies of the anchor are all", root: []issueOption{explicit, policy(0x55, 0x1d, 0x20, 0)}, leaf: []issueOption{policy(0x2a, 4)}},
		{name: "excluded name", root: []issueOption{noCN}, leaf: []issueOption{func(c *x509.Certificate) { c.DNSNames = []string{"a.example.com"} }}, code: CodeNameExcluded, level: Fail},
		{name: "usage of the CA, basic", root: []issueOption{adobe}, usage: Usage{ExtKeyUsage: []string{EKUTimeStamping}}, code: CodeIssuerExtKeyUsage, level: Warn},
		{name: "usage of the CA, strict", root: []issueOption{adobe}, usage: Usage{ExtKeyUsage: []string{EKUTimeStamping}}, change: func(p *Policy) { p.Profile = true }, code: CodeIssuerExtKeyUsage, level: Fail},
		{name: "usage of the CA fits", root: []issueOption{adobe}, usage: Usage{ExtKeyUsage: []string{EKUAdobeAuthentic}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			root := issue(t, nil, "Akar Uji", append(c.root, ca, long)...)
			budi := issue(t, root, "Budi Contoh", c.leaf...)
			p := policyAt("2025-03-02", root)
			if c.change != nil {
				c.change(&p)
			}
			r := Validate(Request{Certificate: budi.Certificate, Usage: c.usage}, p)
			if (r.Status == Passed) != (c.level != Fail) {
				t.Errorf("Validate = %v %v", r.Status, r.Findings)
			}
			if c.code != "" && !slices.ContainsFunc(r.Findings, func(f Finding) bool { return f.Code == c.code && f.Level == c.level }) {
				t.Errorf("findings = %v, want %s as %s", r.Findings, c.code, c.level)
			}
		})
	}
}

// TestAmbiguousCertificates: two readers could come to different results, so neither is right.
func TestAmbiguousCertificates(t *testing.T) {
	for name, x := range map[string]struct {
		c    craft
		code string
	}{
		"algorithms":     {craft{innerAlgorithm: []byte("\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x03")}, CodeAlgorithmDiffers},
		"extension":      {craft{extensions: []byte("\x30\x0b\x06\x03\x55\x1d\x0f\x04\x04\x03\x02\x07\x80\x30\x0b\x06\x03\x55\x1d\x0f\x04\x04\x03\x02\x02\x04")}, CodeDuplicateExtension},
		"unreadable use": {craft{extensions: []byte("\x30\x09\x06\x03\x55\x1d\x0f\x04\x02\x05\x00")}, CodeMalformedExtension},
	} {
		c, err := ParseCertificate(x.c.der(t))
		if err != nil {
			t.Fatal(err)
		}
		// The signature is nonsense; the point is that the other reason is seen too.
		anchor := issue(t, nil, "x", ca)
		renamed := *anchor.Certificate
		renamed.Subject = c.Issuer
		p := policyAt("2025-01-01")
		p.Anchors = []Anchor{{Certificate: &renamed}}
		r := ValidatePath([]*Certificate{c}, Request{}, p)
		if !slices.ContainsFunc(r.Findings, func(f Finding) bool { return f.Code == x.code && f.Level == Fail }) {
			t.Errorf("%s: findings = %v, want %s", name, r.Findings, x.code)
		}
	}
}

func TestNoRevocationAvailable(t *testing.T) {
	root := issue(t, nil, "Akar Uji", ca, validFor("2020-01-01", "2040-01-01"))
	short := issue(t, root, "Budi Sehari", with(asn1.ObjectIdentifier{2, 5, 29, 56}, false, asn1.NullBytes))
	sub := issue(t, root, "CA Uji", ca, with(asn1.ObjectIdentifier{2, 5, 29, 56}, false, asn1.NullBytes))
	p := policyAt("2025-03-02", root)
	p.Revocation = RevocationRequired
	if r := Validate(Request{Certificate: short.Certificate}, p); r.Status != Passed || r.Revocation[0].Status != NotNeeded {
		t.Errorf("Validate = %v %v", r.Status, r.Findings)
	}
	if r := Validate(Request{Certificate: sub.Certificate}, p); r.Status == Passed {
		t.Error("a CA escapes its revocation check with noRevAvail")
	}
}
