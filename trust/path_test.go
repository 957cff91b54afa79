package trust

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"fmt"
	"math/rand"
	"slices"
	"testing"
)

// TestPaths is what every verifier must get right, on chains of our own.
func TestPaths(t *testing.T) {
	root := issue(t, nil, "Akar Uji", ca, validFor("2020-01-01", "2040-01-01"))
	stranger := issue(t, nil, "Akar Uji", ca, validFor("2020-01-01", "2040-01-01")) // the same name, another key
	issuing := issue(t, root, "CA Uji", ca, validFor("2020-01-01", "2035-01-01"))
	tsaEKU := issue(t, issuing, "TSA Uji", with(asn1.ObjectIdentifier{2, 5, 29, 37}, true, []byte("\x30\x0a\x06\x08\x2b\x06\x01\x05\x05\x07\x03\x08")))
	adobeEKU := with(asn1.ObjectIdentifier{2, 5, 29, 37}, true, []byte("\x30\x0b\x06\x09\x2a\x86\x48\x86\xf7\x2f\x01\x01\x05"))
	budi := issue(t, issuing, "Budi Contoh", adobeEKU)
	notCA := issue(t, root, "Bukan CA", validFor("2020-01-01", "2035-01-01"))
	noIssue := issue(t, root, "CA Tanpa Hak", ca, validFor("2020-01-01", "2035-01-01"), func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageCRLSign })
	sub := issue(t, issuing, "CA Bawah", ca, validFor("2020-01-01", "2035-01-01"))
	short := issue(t, root, "CA Pendek", ca, validFor("2020-01-01", "2035-01-01"), func(c *x509.Certificate) { c.MaxPathLenZero = true })
	tooDeep := issue(t, short, "CA Terlalu Dalam", ca, validFor("2020-01-01", "2035-01-01"))
	selfSigned := issue(t, nil, "Budi Sendiri")

	cases := []struct {
		name    string
		leaf    *entity
		pool    []*entity
		anchors []*entity
		at      string
		usage   Usage
		sub     SubIndication
		code    string
		path    int
		change  func(*Policy)
	}{
		{name: "three certificates", leaf: budi, pool: []*entity{issuing}, anchors: []*entity{root}, usage: UsageSigning, path: 3},
		{name: "root in the pool too", leaf: budi, pool: []*entity{root, issuing}, anchors: []*entity{root}, path: 3},
		{name: "anchor is the intermediate", leaf: budi, anchors: []*entity{issuing}, path: 2},
		{name: "anchor is the certificate itself", leaf: budi, anchors: []*entity{budi}, path: 1},
		{name: "anchor is self-signed", leaf: selfSigned, anchors: []*entity{selfSigned}, path: 1},
		{name: "no anchors", leaf: budi, pool: []*entity{root, issuing}, sub: NoCertificateChainFound, code: CodeAnchorUnknown, path: 3},
		{name: "issuer missing", leaf: budi, anchors: []*entity{root}, sub: NoCertificateChainFound, code: CodeIssuerUnknown, path: 1},
		{name: "anchor with the same name and another key", leaf: issuing, anchors: []*entity{stranger}, sub: NoCertificateChainFound, code: CodeSignatureInvalid, path: 1},
		{name: "both anchors of one name", leaf: budi, pool: []*entity{issuing}, anchors: []*entity{stranger, root}, path: 3},
		{name: "self-signed and unknown", leaf: selfSigned, anchors: []*entity{root}, sub: NoCertificateChainFound, code: CodeAnchorUnknown, path: 1},
		{name: "issuer is no CA", leaf: issue(t, notCA, "Palsu"), pool: []*entity{notCA}, anchors: []*entity{root}, sub: CertificateChainGeneral, code: CodeIssuerNotCA, path: 3},
		{name: "issuer without keyCertSign", leaf: issue(t, noIssue, "Palsu"), pool: []*entity{noIssue}, anchors: []*entity{root}, sub: CertificateChainGeneral, code: CodeIssuerKeyUsage, path: 3},
		{name: "path length", leaf: issue(t, tooDeep, "Palsu"), pool: []*entity{short, tooDeep}, anchors: []*entity{root}, sub: CertificateChainGeneral, code: CodePathLength, path: 4},
		{name: "path length of the anchor", leaf: issue(t, tooDeep, "Palsu"), pool: []*entity{tooDeep}, anchors: []*entity{short}, sub: CertificateChainGeneral, code: CodePathLength, path: 3},
		{name: "depth", leaf: issue(t, sub, "Siti Contoh"), pool: []*entity{issuing, sub}, anchors: []*entity{root}, change: func(p *Policy) { p.MaxDepth = 1 }, sub: CertificateChainGeneral, code: CodePathTooLong, path: 4},
		{name: "expired", leaf: budi, pool: []*entity{issuing}, anchors: []*entity{root}, at: "2026-01-02", sub: OutOfBoundsNoPOE, code: CodeExpired, path: 3},
		{name: "last second", leaf: budi, pool: []*entity{issuing}, anchors: []*entity{root}, at: "2026-01-01", path: 3},
		{name: "not yet valid", leaf: budi, pool: []*entity{issuing}, anchors: []*entity{root}, at: "2023-12-31", sub: OutOfBoundsNoPOE, code: CodeNotYetValid, path: 3},
		{name: "critical Adobe usage is no hindrance", leaf: budi, pool: []*entity{issuing}, anchors: []*entity{root}, usage: UsageSigning, path: 3},
		{name: "asked usage is not there", leaf: budi, pool: []*entity{issuing}, anchors: []*entity{root}, usage: Usage{ExtKeyUsage: []string{EKUDocumentSigning}}, sub: ChainConstraints, code: CodeExtKeyUsage, path: 3},
		{name: "one of several usages", leaf: budi, pool: []*entity{issuing}, anchors: []*entity{root}, usage: Usage{ExtKeyUsage: []string{EKUDocumentSigning, EKUAdobeAuthentic}}, path: 3},
		{name: "time-stamping", leaf: tsaEKU, pool: []*entity{issuing}, anchors: []*entity{root}, usage: UsageTimeStamping, path: 3},
		{name: "time-stamping by a signer", leaf: budi, pool: []*entity{issuing}, anchors: []*entity{root}, usage: UsageTimeStamping, sub: ChainConstraints, code: CodeExtKeyUsage, path: 3},
		{name: "time-stamping, not critical", leaf: issue(t, issuing, "TSA", usage(x509.ExtKeyUsageTimeStamping)), pool: []*entity{issuing}, anchors: []*entity{root}, usage: UsageTimeStamping, sub: ChainConstraints, code: CodeExtKeyUsage, path: 3},
		{name: "key usage", leaf: issuing, anchors: []*entity{root}, usage: UsageSigning, sub: ChainConstraints, code: CodeKeyUsage, path: 2},
		{name: "CA wanted", leaf: budi, pool: []*entity{issuing}, anchors: []*entity{root}, usage: Usage{CA: true}, sub: CertificateChainGeneral, code: CodeIssuerNotCA, path: 3},
		{name: "weak by policy", leaf: budi, pool: []*entity{issuing}, anchors: []*entity{root}, change: func(p *Policy) {
			p.Algorithms = []AlgorithmLimit{{Algorithm: "SHA-256"}, {Algorithm: "ECDSA", MinBits: 384}}
		}, sub: CryptoConstraintsNoPOE, code: CodeWeakAlgorithm, path: 3},
		{name: "explicit policy", leaf: budi, pool: []*entity{issuing}, anchors: []*entity{root}, change: func(p *Policy) { p.RequireExplicit = true }, sub: CertificateChainGeneral, code: CodePolicyRequired, path: 3},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if c.at == "" {
				c.at = "2025-06-01"
			}
			p := policyAt(c.at, c.anchors...)
			if c.change != nil {
				c.change(&p)
			}
			r := Validate(Request{Certificate: c.leaf.Certificate, Pool: pool(t, c.pool...), Usage: c.usage}, p)
			if (r.Status == Passed) != (c.sub == "") || r.SubIndication != c.sub || len(r.Path) != c.path {
				t.Errorf("Validate(%s) = %v %v, path of %d; want %q, %d\n%v", c.name, r.Status, r.SubIndication, len(r.Path), c.sub, c.path, r.Findings)
			}
			if c.code != "" && !hasCode(r.Findings, c.code) {
				t.Errorf("findings = %v, want %s", r.Findings, c.code)
			}
			if got := codes(r.Findings, Fail, Warn); c.code == "" && len(got) > 0 {
				t.Errorf("findings on a good path: %v", got)
			}
			if (r.Anchor != nil) != (r.SubIndication != NoCertificateChainFound) || len(r.Revocation) != len(r.Path) {
				t.Errorf("anchor %v, revocation of %d", r.Anchor, len(r.Revocation))
			}
		})
	}
}

// TestIndonesianHierarchies has the shapes of what verifiers in Indonesia meet: a national root with issuing CAs, and an older issuing CA
// that is its own root and has expired.
func TestIndonesianHierarchies(t *testing.T) {
	root := issue(t, nil, "Akar Nasional Contoh", ca, validFor("2018-08-28", "2038-08-23"))
	issuing := issue(t, root, "CA Instansi Contoh", ca, validFor("2022-11-21", "2032-11-18"))
	budi := issue(t, issuing, "Budi Contoh", validFor("2024-03-01", "2026-03-01"))
	old := issue(t, nil, "CA Lama Contoh", ca, validFor("2016-08-18", "2026-08-18"))
	siti := issue(t, old, "Siti Contoh", validFor("2019-05-01", "2021-05-01"))
	p := policyAt("2026-11-24")
	p.Anchors = []Anchor{
		{Certificate: root.Certificate, Kind: AnchorNational},
		{Certificate: old.Certificate, Kind: AnchorOperator, Until: date("2026-08-18")},
	}
	for _, c := range []struct {
		leaf *entity
		at   string
		want SubIndication
		kind AnchorKind
	}{
		{budi, "2025-01-01", "", AnchorNational},
		{budi, "2026-11-24", OutOfBoundsNoPOE, AnchorNational},
		{siti, "2020-01-01", "", AnchorOperator},
		{siti, "2026-11-24", OutOfBoundsNoPOE, AnchorOperator},
	} {
		r := Validate(Request{Certificate: c.leaf.Certificate, Pool: pool(t, issuing), At: date(c.at), Usage: UsageSigning}, p)
		if r.SubIndication != c.want || r.Anchor == nil || r.Anchor.Kind != c.kind {
			t.Errorf("Validate(%s at %s) = %v %v under %v", c.leaf.Subject.CommonName(), c.at, r.Status, r.SubIndication, r.Anchor)
		}
	}
}

func TestAnchorDates(t *testing.T) {
	root := issue(t, nil, "Akar Uji", ca, validFor("2020-01-01", "2025-01-01"))
	budi := issue(t, root, "Budi Contoh")
	for _, c := range []struct {
		name        string
		from, until string
		kind        AnchorKind
		want        Status
		warn        bool
	}{
		{"its own dates", "", "", AnchorGiven, Indeterminate, false},
		{"believed longer", "", "2027-01-01", AnchorGiven, Passed, false},
		{"believed shorter", "", "2024-06-01", AnchorGiven, Indeterminate, false},
		{"not believed yet", "2025-07-01", "2027-01-01", AnchorGiven, Indeterminate, false},
		{"test", "", "2027-01-01", AnchorTest, Passed, true},
	} {
		a := Anchor{Certificate: root.Certificate, Kind: c.kind}
		if c.from != "" {
			a.From = date(c.from)
		}
		if c.until != "" {
			a.Until = date(c.until)
		}
		p := policyAt("2025-06-01")
		p.Anchors = []Anchor{a}
		r := Validate(Request{Certificate: budi.Certificate}, p)
		if r.Status != c.want || len(codes(r.Findings, Warn)) > 0 != c.warn {
			t.Errorf("Validate(%s) = %v, %v, want %v", c.name, r.Status, r.Findings, c.want)
		}
	}
}

// TestSeveralPaths: the first path by rank is bad, another is good.
func TestSeveralPaths(t *testing.T) {
	rootA := issue(t, nil, "Akar A", ca, validFor("2020-01-01", "2040-01-01"))
	rootB := issue(t, nil, "Akar B", ca, validFor("2020-01-01", "2040-01-01"))
	key := rootB.key
	cross := issueKey(t, rootA, "CA Silang", key, ca, validFor("2020-01-01", "2022-01-01")) // expired
	good := issueKey(t, rootB, "CA Silang", key, ca, validFor("2020-01-01", "2035-01-01"))
	budi := issue(t, good, "Budi Contoh")
	for _, order := range [][]*entity{{cross, good}, {good, cross}} {
		r := Validate(Request{Certificate: budi.Certificate, Pool: pool(t, order...)}, policyAt("2025-06-01", rootA, rootB))
		if r.Status != Passed || !r.Path[1].Equal(good.Certificate) {
			t.Errorf("Validate = %v %v", r.Status, r.Findings)
		}
	}
	// With only the root behind the expired one, its reason is told.
	r := Validate(Request{Certificate: budi.Certificate, Pool: pool(t, cross, good)}, policyAt("2025-06-01", rootA))
	if r.Status != Indeterminate || r.SubIndication != OutOfBoundsNoPOE || !hasCode(r.Findings, CodeExpired) {
		t.Errorf("Validate = %v %v %v", r.Status, r.SubIndication, r.Findings)
	}
}

func TestMissingIssuer(t *testing.T) {
	root := issue(t, nil, "Akar Uji", ca, validFor("2020-01-01", "2040-01-01"))
	issuing := issue(t, root, "CA Uji", ca, urls, validFor("2020-01-01", "2035-01-01"))
	budi := issue(t, issuing, "Budi Contoh", urls)
	p := Strict()
	p.Anchors, p.Time = []Anchor{{Certificate: root.Certificate}}, date("2025-06-01")
	r := Validate(Request{Certificate: budi.Certificate}, p)
	if len(r.Missing) != 1 || r.Missing[0].Kind != NeedIssuer || r.Missing[0].URLs[0] != "http://ca.contoh.example/ca.crt" {
		t.Fatalf("missing = %+v", r.Missing)
	}
	r = Validate(Request{Certificate: budi.Certificate, Pool: pool(t, issuing)}, p)
	var kinds []NeedKind
	for _, n := range r.Missing {
		kinds = append(kinds, n.Kind)
		if n.Issuer == nil || slices.ContainsFunc(n.URLs, func(u string) bool { return u[:4] != "http" }) || (n.Kind == NeedOCSP) != (n.Request != nil) {
			t.Errorf("need %+v", n)
		}
	}
	if r.SubIndication != TryLater || !slices.Equal(kinds, []NeedKind{NeedOCSP, NeedCRL, NeedOCSP, NeedCRL}) {
		t.Errorf("Validate = %v, missing %v", r.SubIndication, kinds)
	}
}

func TestValidatePath(t *testing.T) {
	root := issue(t, nil, "Akar Uji", ca, validFor("2020-01-01", "2040-01-01"))
	issuing := issue(t, root, "CA Uji", ca, validFor("2020-01-01", "2035-01-01"))
	other := issue(t, root, "CA Lain", ca, validFor("2020-01-01", "2035-01-01"))
	budi := issue(t, issuing, "Budi Contoh")
	p := policyAt("2025-06-01", root)
	for _, c := range []struct {
		name string
		path []*Certificate
		code string
	}{
		{"complete", []*Certificate{budi.Certificate, issuing.Certificate, root.Certificate}, ""},
		{"without the anchor", []*Certificate{budi.Certificate, issuing.Certificate}, ""},
		{"wrong issuer", []*Certificate{budi.Certificate, other.Certificate, root.Certificate}, CodeNotChained},
		{"gap", []*Certificate{budi.Certificate, root.Certificate}, CodeNotChained},
		{"no anchor", []*Certificate{budi.Certificate}, CodeAnchorUnknown},
		{"empty", nil, CodeNotChained},
	} {
		r := ValidatePath(c.path, Request{}, p)
		if (r.Status == Passed) != (c.code == "") || c.code != "" && !hasCode(r.Findings, c.code) {
			t.Errorf("ValidatePath(%s) = %v %v, want %q", c.name, r.Status, r.Findings, c.code)
		}
	}
}

// TestBudget: certificates that all sign each other must not keep us busy.
func TestBudget(t *testing.T) {
	root := issue(t, nil, "Akar Uji", ca, validFor("2020-01-01", "2040-01-01"))
	first := issue(t, nil, "CA Uji", ca)
	store := NewPool()
	for i := range 60 {
		c := issueKey(t, first, "CA Uji", first.key, ca, func(x *x509.Certificate) { x.SubjectKeyId = []byte{byte(i)} })
		store.Add(c.Certificate)
		// The same name with a key of its own, so that every step has many candidates.
		store.Add(issue(t, first, "CA Uji", ca).Certificate)
	}
	budi := issue(t, first, "Budi Contoh")
	r := Validate(Request{Certificate: budi.Certificate, Pool: store}, policyAt("2025-06-01", root))
	if r.Status == Passed || r.SubIndication != NoCertificateChainFound {
		t.Errorf("Validate = %v %v", r.Status, r.SubIndication)
	}
	if !hasCode(r.Findings, CodeBudget) || store.spent > validationBudget {
		t.Errorf("findings %v, %d units spent, want the budget named and at most %d", r.Findings, store.spent, validationBudget)
	}
	// Over one pool the work is bounded however often it is asked.
	for range 50 {
		leaf := issue(t, first, "Budi Contoh")
		Validate(Request{Certificate: leaf.Certificate, Pool: store}, policyAt("2025-06-01", root))
	}
	if store.spent > poolBudget+1000 {
		t.Errorf("%d units spent over one pool", store.spent)
	}
}

func TestBudgetOfSignatures(t *testing.T) {
	root := issue(t, nil, "Akar Uji", ca)
	budi := issue(t, root, "Budi Contoh")
	store := NewPool()
	none := 10
	if err := store.verify(budi.Certificate, root.Certificate, &none, budi.CheckSignatureFrom); err != errBudget {
		t.Errorf("verify without budget = %v", err)
	}
	enough := 1000
	if err := store.verify(budi.Certificate, root.Certificate, &enough, budi.CheckSignatureFrom); err != nil || enough >= 1000 {
		t.Errorf("verify = %v, budget left %d", err, enough)
	}
	store.spent = poolBudget + 1
	if err := store.verify(budi.Certificate, root.Certificate, &none, budi.CheckSignatureFrom); err != nil {
		t.Errorf("verify again = %v, want the remembered answer", err)
	}
	if err := store.verify(root.Certificate, root.Certificate, &enough, root.CheckSignatureFrom); err != errBudget {
		t.Errorf("verify over a spent pool = %v", err)
	}
}

// TestOneBitChanged flips bits in a chain: no change of what is signed may pass.
func TestOneBitChanged(t *testing.T) {
	root := issue(t, nil, "Akar Uji", ca, validFor("2020-01-01", "2040-01-01"))
	issuing := issue(t, root, "CA Uji", ca, validFor("2020-01-01", "2035-01-01"))
	budi := issue(t, issuing, "Budi Contoh")
	p := policyAt("2025-06-01", root)
	rnd := rand.New(rand.NewSource(1))
	for range 600 {
		leaf, middle := slices.Clone(budi.Raw), slices.Clone(issuing.Raw)
		target := leaf
		if rnd.Intn(2) == 0 {
			target = middle
		}
		bit := rnd.Intn(len(target) * 8)
		target[bit/8] ^= 1 << (bit % 8)
		c, err := ParseCertificate(leaf)
		if err != nil {
			continue
		}
		store := NewPool()
		_, _ = store.AddCertificate(middle)
		if r := Validate(Request{Certificate: c, Pool: store}, p); r.Status == Passed {
			t.Errorf("bit %d of %d bytes changed, and it passes: %v", bit, len(target), r.Findings)
		}
	}
}

func TestAlgorithms(t *testing.T) {
	p := Basic()
	for _, c := range []struct {
		algorithm string
		bits      int
		at        string
		want      bool
	}{
		{"SHA-256", 0, "2050-01-01", true},
		{"SHA-1", 0, "2008-12-31", true},
		{"SHA-1", 0, "2009-01-01", false},
		{"MD5", 0, "2025-01-01", false},
		{"MD2", 0, "1999-01-01", false},
		{"RSA", 2048, "2026-11-24", true},
		{"RSA", 2048, "2029-01-01", false},
		{"RSA", 3072, "2035-01-01", true},
		{"RSA", 1024, "2008-01-01", true},
		{"RSA", 1024, "2018-01-01", false},
		{"RSA", 1899, "2020-01-01", false},
		{"RSA", 512, "1999-01-01", false},
		{"ECDSA", 256, "2035-01-01", true},
		{"ECDSA", 192, "2020-01-01", false},
		{"", 0, "2020-01-01", false},
	} {
		if got, _ := p.AlgorithmAcceptable(c.algorithm, c.bits, date(c.at)); got != c.want {
			t.Errorf("AlgorithmAcceptable(%s, %d, %s) = %v, want %v", c.algorithm, c.bits, c.at, got, c.want)
		}
	}
	if ok, what, _ := p.KeyAcceptable(&rsa.PublicKey{}, date("2025-01-01")); ok || what == "" {
		t.Errorf("an empty key is acceptable: %v %q", ok, what)
	}
	if ok, _ := (Policy{}).AlgorithmAcceptable("MD5", 0, date("2025-01-01")); !ok {
		t.Error("a policy without limits has limits")
	}
}

func TestPolicyNamed(t *testing.T) {
	for _, name := range []string{"basic", "strict", "archival"} {
		if p, err := PolicyNamed(name); err != nil || p.Name != name || p.Revocation != RevocationRequired {
			t.Errorf("PolicyNamed(%s) = %+v, %v", name, p, err)
		}
	}
	if _, err := PolicyNamed("lax"); err == nil {
		t.Error("PolicyNamed(lax) is no error")
	}
}

func BenchmarkValidate(b *testing.B) {
	root := issue(b, nil, "Akar Uji", ca, validFor("2020-01-01", "2040-01-01"))
	issuing := issue(b, root, "CA Uji", ca, validFor("2020-01-01", "2035-01-01"))
	budi := issue(b, issuing, "Budi Contoh")
	crl := crlOf(b, issuing, 1, "2025-06-01", "2025-06-09")
	arl := crlOf(b, root, 1, "2025-06-01", "2025-07-09")
	p := Strict()
	p.Anchors, p.Time = []Anchor{{Certificate: root.Certificate}}, date("2025-06-01")
	for _, warm := range []bool{false, true} {
		b.Run(fmt.Sprintf("warm=%v", warm), func(b *testing.B) {
			store := pool(b, issuing)
			for b.Loop() {
				if !warm {
					store = pool(b, issuing)
				}
				mustCRL(b, store, crl)
				mustCRL(b, store, arl)
				if r := Validate(Request{Certificate: budi.Certificate, Pool: store, Usage: UsageSigning}, p); r.Status != Passed {
					b.Fatal(r.Findings)
				}
			}
		})
	}
}
