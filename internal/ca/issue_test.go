package ca_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/x509"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"absah/internal/audit"
	"absah/internal/ca"
	"absah/internal/fault"
	"absah/internal/keystore"
	"absah/trust"
)

func TestIssueSatisfiesOpenSSL(t *testing.T) {
	for _, alg := range []keystore.Algorithm{keystore.P384, keystore.RSA4096} {
		t.Run(string(alg), func(t *testing.T) {
			if alg == keystore.RSA4096 && testing.Short() {
				t.Skip("RSA keys take seconds")
			}
			w := start(t, alg, nil)
			rec := w.issue(t, person(t))
			root, issuing := write(t, "root.pem", pemOf(w.recs[ca.Root].DER)), write(t, "issuing.pem", pemOf(w.recs[ca.Issuing].DER))
			for name, der := range map[string][]byte{"person": rec.DER, "tsa": w.recs[ca.TSA].DER, "ocsp": w.recs[ca.OCSP].DER} {
				purpose := []string{"-purpose", "any"}
				if name == "tsa" {
					purpose[1] = "timestampsign"
				}
				args := append([]string{"verify", "-x509_strict", "-check_ss_sig", "-policy_check"}, purpose...)
				if out, err := openssl(t, append(args, "-CAfile", root, "-untrusted", issuing, write(t, name+".pem", pemOf(der)))...); err != nil {
					t.Errorf("%s: openssl verify: %v\n%s", name, err, out)
				}
			}
			if bytes.Contains(rec.DER, []byte("3300000000000001")) {
				t.Error("the certificate holds a NIK")
			}
			if err := w.ca.Revoke(t.Context(), rec.Serial, trust.Superseded, "p-9"); err != nil {
				t.Fatal(err)
			}
			if _, ok := find(list(t, w, ca.Issuing), rec.Serial); !ok {
				t.Error("the CRL does not list the certificate")
			}
			if open := w.open(t); len(open) != 0 {
				t.Errorf("the log has open intents: %+v", open)
			}
		})
	}
}

// TestContents reads a person's certificate with our parser and looks at everything that the profile promises.
func TestContents(t *testing.T) {
	w := start(t, "", nil)
	r := person(t)
	rec := w.issue(t, r)
	c, err := trust.ParseCertificate(rec.DER)
	if err != nil {
		t.Fatal(err)
	}
	var order []string
	for _, rdn := range c.Subject.RDNs {
		order = append(order, rdn[0].Type+"="+rdn[0].Value)
	}
	if want := []string{"2.5.4.6=ID", "2.5.4.10=Instansi Contoh", "2.5.4.11=Dinas Contoh", "2.5.4.3=Budi Contoh", "2.5.4.12=Kepala Dinas", "2.5.4.5=P1"}; !slices.Equal(order, want) {
		t.Errorf("subject %v, want %v", order, want)
	}
	if n := rec.Serial; n[0] != 0x41 || c.Serial.Cmp(n.Int()) != 0 || c.Serial.BitLen() != 127 {
		t.Errorf("serial %x, recorded %s; want 0x41 and 120 random bits", c.Serial, n)
	}
	if d := c.NotAfter.Sub(c.NotBefore); d != 730*24*time.Hour-time.Second {
		t.Errorf("validity %v, want 730 days less a second", d)
	}
	if c.IsCA() || c.KeyUsage != trust.DigitalSignature|trust.NonRepudiation {
		t.Errorf("CA %v, key usage %v", c.IsCA(), c.KeyUsage)
	}
	if want := []string{"1.3.6.1.5.5.7.3.36", "1.2.840.113583.1.1.5", "1.3.6.1.5.5.7.3.4"}; !slices.Equal(c.ExtKeyUsage, want) {
		t.Errorf("extended key usage %v, want %v", c.ExtKeyUsage, want)
	}
	if !slices.Equal(c.OCSPServers, []string{"http://localhost/ocsp"}) || !slices.Equal(c.IssuerURLs, []string{"http://localhost/ca/issuing.cer"}) {
		t.Errorf("access: OCSP %v, issuer %v", c.OCSPServers, c.IssuerURLs)
	}
	issuer, _ := trust.ParseCertificate(w.recs[ca.Issuing].DER)
	if !bytes.Equal(c.AuthorityKeyID, issuer.SubjectKeyID) || len(c.SubjectKeyID) != 20 {
		t.Errorf("key ids: authority %x, subject %x", c.AuthorityKeyID, c.SubjectKeyID)
	}
	// Our own path validation, as a verifier uses it.
	root, _ := trust.ParseCertificate(w.recs[ca.Root].DER)
	pool := trust.NewPool()
	_, _ = pool.AddCertificate(w.recs[ca.Issuing].DER)
	for _, name := range []string{ca.Root, ca.Issuing} {
		crl, err := w.ca.CRL(t.Context(), name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := pool.AddCRL(crl); err != nil {
			t.Fatal(err)
		}
	}
	p := trust.Strict()
	p.Time, p.Anchors = w.now, []trust.Anchor{{Certificate: root, Kind: trust.AnchorTest}}
	if res := trust.Validate(trust.Request{Certificate: c, Pool: pool, Usage: trust.UsageSigning}, p); res.Status != trust.Passed {
		t.Errorf("trust.Validate = %v %v %v", res.Status, res.SubIndication, res.Findings)
	}
}

func TestTokenIsRedeemedOnce(t *testing.T) {
	w := start(t, "", nil)
	tok, err := w.ca.Prepare(t.Context(), person(t))
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	errs := make([]error, 8)
	for i := range errs {
		wg.Add(1)
		go func() {
			defer wg.Done()
			_, errs[i] = w.ca.Issue(context.Background(), tok)
		}()
	}
	wg.Wait()
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
		} else if !errors.Is(err, ca.ErrRedeemed) {
			t.Errorf("Issue again = %v, want ErrRedeemed", err)
		}
	}
	if won != 1 {
		t.Errorf("%d of 8 redeemed the token, want 1", won)
	}
	if recs, _ := w.ca.Certificates(t.Context(), "p-1"); len(recs) != 1 || recs[0].Serial != tok.Serial() {
		t.Errorf("certificates of the owner: %v", recs)
	}
}

func TestPrepareRefuses(t *testing.T) {
	w := start(t, "", nil)
	good := person(t)
	rsa, err := keystore.Generate(keystore.RSA2048)
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*ca.Request){
		"no approval":               func(r *ca.Request) { r.Approval = ca.Approval{} },
		"a CA on request":           func(r *ca.Request) { r.Profile = "issuing" },
		"a root on request":         func(r *ca.Request) { r.Profile = "root" },
		"a TSA on request":          func(r *ca.Request) { r.Profile = "tsa" },
		"approval where none is":    func(r *ca.Request) { r.Profile = "ocsp" },
		"unknown profile":           func(r *ca.Request) { r.Profile = "raja" },
		"unknown authority":         func(r *ca.Request) { r.Authority = "lain" },
		"an authority that is none": func(r *ca.Request) { r.Authority = ca.TSA },
		"NIK in the name":           func(r *ca.Request) { r.Subject.CommonName = "Budi 3300000000000001" },
		"NIK in groups":             func(r *ca.Request) { r.Subject.Title = "3300 0000-0000.0001" },
		"NIK as serial":             func(r *ca.Request) { r.Subject.Serial = "3300000000000001" },
		"NIK in other digits":       func(r *ca.Request) { r.Subject.Unit = "٣٣٠٠٠٠٠٠٠٠٠٠٠٠٠١" },
		"empty name":                func(r *ca.Request) { r.Subject.CommonName = "" },
		"empty id":                  func(r *ca.Request) { r.Subject.Serial = "" },
		"long name":                 func(r *ca.Request) { r.Subject.CommonName = strings.Repeat("a", 65) },
		"control character":         func(r *ca.Request) { r.Subject.Unit = "Dinas\nContoh" },
		"right-to-left override":    func(r *ca.Request) { r.Subject.CommonName = "Budi \u202ehotnoC" },
		"zero-width space":          func(r *ca.Request) { r.Subject.CommonName = "Budi\u200bContoh" },
		"broken UTF-8":              func(r *ca.Request) { r.Subject.CommonName = "Budi\xff" },
		"space at the end":          func(r *ca.Request) { r.Subject.Organization = "Instansi " },
		"country in small letters":  func(r *ca.Request) { r.Subject.Country = "id" },
		"id not printable":          func(r *ca.Request) { r.Subject.Serial = "p_1" },
		"no key":                    func(r *ca.Request) { r.PublicKey = nil },
	} {
		r := good
		change(&r)
		if tok, err := w.ca.Prepare(t.Context(), r); err == nil || tok != nil {
			t.Errorf("Prepare(%s) = %v, %v, want a refusal", name, tok, err)
		}
	}
	before := size(t, w)
	if _, err := w.ca.Prepare(t.Context(), good); err != nil {
		t.Fatal(err)
	}
	if size(t, w) != before+1 {
		t.Error("Prepare should write one entry to the log")
	}
	again := good
	again.Approval[0]++
	_, err = w.ca.Prepare(t.Context(), again)
	if f, ok := fault.As(err); !errors.Is(err, ca.ErrKeyUsed) || !ok || f.Code != "ABS-ISS-002" {
		t.Errorf("Prepare with a used key = %v, want ErrKeyUsed in ABS-ISS-002", err)
	}
	again = good
	again.PublicKey = rsa.Public()
	if _, err = w.ca.Prepare(t.Context(), again); !errors.Is(err, ca.ErrApprovalUsed) {
		t.Errorf("Prepare with a used approval = %v, want ErrApprovalUsed", err)
	}
	if size(t, w) != before+1 {
		t.Error("a refused Prepare left an intent in the log")
	}
	again.Approval[0] += 2
	if _, err = w.ca.Prepare(t.Context(), again); err != nil {
		t.Errorf("Prepare with an RSA key: %v", err)
	}
}

func size(t *testing.T, w *world) int64 {
	t.Helper()
	n, err := w.db.AuditSize(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestOneApproval: of several issuances on one approval at once, one comes through; after its revocation there may be another.
func TestOneApproval(t *testing.T) {
	w := start(t, "", nil)
	r := person(t)
	var wg sync.WaitGroup
	recs := make([]*ca.Record, 6)
	for i := range recs {
		wg.Add(1)
		go func() {
			defer wg.Done()
			own := r
			k, _ := keystore.Generate(keystore.P256)
			own.PublicKey = k.Public()
			tok, err := w.ca.Prepare(context.Background(), own)
			if err != nil {
				if !errors.Is(err, ca.ErrApprovalUsed) {
					t.Error(err)
				}
				return
			}
			if recs[i], err = w.ca.Issue(context.Background(), tok); err != nil {
				t.Error(err)
			}
		}()
	}
	wg.Wait()
	recs = slices.DeleteFunc(recs, func(r *ca.Record) bool { return r == nil })
	if len(recs) != 1 {
		t.Fatalf("%d certificates on one approval, want 1", len(recs))
	}
	if err := w.ca.Revoke(t.Context(), recs[0].Serial, trust.Superseded, "p-1"); err != nil {
		t.Fatal(err)
	}
	r.PublicKey = func() crypto.PublicKey { k, _ := keystore.Generate(keystore.P256); return k.Public() }()
	w.issue(t, r)
}

// TestIntentComesFirst: when the key is asked to sign, intent and log entry are there, and they name what is signed.
func TestIntentComesFirst(t *testing.T) {
	w := start(t, "", nil)
	seen := false
	a := *w.ca.Authority(ca.Issuing)
	a.Key = spy{a.Key, func() error {
		seen = true
		open := w.open(t)
		if len(open) != 1 || open[0].Event.Act != "ca.issue.intent" || !strings.Contains(open[0].Event.Note, "profile person/1 ") || !strings.Contains(open[0].Event.Note, " approval ") {
			t.Errorf("while the key signs the log has %+v", open)
		}
		if list, err := w.db.CAUnfinished(t.Context()); err != nil || len(list) != 1 || list[0].Serial.String() != open[0].Event.Subject || list[0].Entry != open[0].Index {
			t.Errorf("while the key signs the database has %+v, %v", list, err)
		}
		return nil
	}}
	w.ca.Use(&a)
	w.issue(t, person(t))
	if !seen {
		t.Error("the key was not used")
	}
}

// TestRenewResponder: the one profile that the server issues to itself.
func TestRenewResponder(t *testing.T) {
	w := start(t, "", nil)
	k, _ := keystore.Generate(keystore.P256)
	rec := w.issue(t, ca.Request{Authority: ca.Issuing, Profile: "ocsp", Owner: ca.OCSP, Subject: plan().Subjects[ca.OCSP], PublicKey: k.Public()})
	c, err := x509.ParseCertificate(rec.DER)
	if err != nil || len(c.ExtKeyUsage) != 1 || c.ExtKeyUsage[0] != x509.ExtKeyUsageOCSPSigning || c.IsCA {
		t.Errorf("responder certificate: %v, %+v", err, c)
	}
	if recs, _ := w.ca.Certificates(t.Context(), ca.OCSP); len(recs) != 2 {
		t.Errorf("%d certificates of the responder, want 2", len(recs))
	}
}

// TestShortenedToIssuer: nothing outlives its issuer, and nothing is issued under an issuer that is over.
func TestShortenedToIssuer(t *testing.T) {
	w := start(t, "", nil)
	issuing, _ := trust.ParseCertificate(w.recs[ca.Issuing].DER)
	w.now = issuing.NotAfter.Add(-24 * time.Hour)
	if rec := w.issue(t, person(t)); !rec.NotAfter.Equal(issuing.NotAfter) {
		t.Errorf("the certificate ends %v, its issuer %v", rec.NotAfter, issuing.NotAfter)
	}
	for _, now := range []time.Time{issuing.NotAfter.Add(time.Second), issuing.NotBefore.Add(-time.Second)} {
		w.now = now
		if _, err := w.ca.Prepare(t.Context(), person(t)); err == nil {
			t.Errorf("Prepare at %v succeeds under an issuer that is not valid then", now)
		}
	}
}

func TestLocationsOverHTTPS(t *testing.T) {
	w := start(t, "", nil)
	for _, l := range []ca.Locations{
		{},
		{CRL: "https://localhost/crl", Issuer: "http://localhost/ca"},
		{CRL: "http://localhost/crl", Issuer: "ldap://localhost/ca"},
		{CRL: "http://localhost/crl", Issuer: "http://localhost/ca", OCSP: "https://localhost/ocsp"},
		{CRL: "http:///crl", Issuer: "http://localhost/ca"},
	} {
		a := *w.ca.Authority(ca.Issuing)
		a.Locations = l
		w.ca.Use(&a)
		if _, err := w.ca.Prepare(t.Context(), person(t)); err == nil {
			t.Errorf("Prepare with addresses %+v succeeds", l)
		}
	}
}

// TestCeremonyGoesOn: a ceremony that broke off is taken up where it stopped.
func TestCeremonyGoesOn(t *testing.T) {
	w := start(t, "", nil)
	made := 0
	recs, err := w.ca.Hierarchy(t.Context(), plan(), func(string, string) (crypto.Signer, error) { made++; return nil, errors.New("no") })
	if err != nil || len(recs) != 0 || made != 0 {
		t.Errorf("Hierarchy again = %v, %v, %d keys; want nothing new", recs, err, made)
	}
}

func TestLeavesNameNobody(t *testing.T) {
	w := start(t, "", nil)
	w.issue(t, person(t))
	for n := range size(t, w) {
		leaf, err := w.db.AuditLeaf(t.Context(), n)
		if err != nil {
			t.Fatal(err)
		}
		var e audit.Event
		if err := json.Unmarshal(leaf, &e); err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(leaf, []byte("Budi")) || e.Subject == "" || len(e.Object) != 64 {
			t.Errorf("leaf %s", leaf)
		}
	}
}
