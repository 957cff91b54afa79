package ca_test

import (
	"context"
	"crypto"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"absah/internal/audit"
	"absah/internal/ca"
	"absah/internal/keystore"
	"absah/internal/ocsp"
	"absah/internal/status"
	"absah/internal/store"
	"absah/internal/tsa"
	"absah/trust"
	"absah/tsp"
)

type instance struct {
	ca   *ca.CA
	db   *store.DB
	log  *audit.Tree
	recs map[string]*ca.Record
	keys map[string]crypto.Signer
	now  time.Time
}

func start(t *testing.T) *instance {
	t.Helper()
	ctx := context.Background()
	db, err := store.Open(ctx, store.Options{Path: filepath.Join(t.TempDir(), "absah.db")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	i := &instance{db: db, keys: map[string]crypto.Signer{}, now: time.Now().UTC().Truncate(time.Second)}
	now := func() time.Time { return i.now }
	i.log = audit.New(db, now)
	if i.ca, err = ca.New(ca.Config{Store: db, Log: i.log, Now: now}); err != nil {
		t.Fatal(err)
	}
	subject := func(org, cn string) ca.Subject { return ca.Subject{Country: "ID", Organization: org, CommonName: cn} }
	i.recs, err = i.ca.Hierarchy(ctx, ca.Plan{
		Subjects: map[string]ca.Subject{
			ca.Root: subject("Absah Uji Coba", "Absah Uji Root CA 1"), ca.Issuing: subject("Instansi Contoh", "Absah Uji CA DS 1"),
			ca.TSA: subject("Absah Uji Coba", "Absah Uji TSA 1"), ca.OCSP: subject("Instansi Contoh", "Absah Uji OCSP"),
		},
		Locations: map[string]ca.Locations{
			ca.Root:    {CRL: "http://localhost/crl/root.crl", Issuer: "http://localhost/ca/root.cer"},
			ca.Issuing: {OCSP: "http://localhost/ocsp", CRL: "http://localhost/crl/issuing.crl", Issuer: "http://localhost/ca/issuing.cer"},
		},
	}, func(name, algorithm string) (crypto.Signer, error) {
		k, err := keystore.Generate(keystore.Algorithm(algorithm))
		i.keys[name] = k
		return k, err
	})
	if err != nil {
		t.Fatal(err)
	}
	return i
}

func person(t *testing.T) (ca.Request, crypto.Signer) {
	t.Helper()
	k, err := keystore.Generate(keystore.P256)
	if err != nil {
		t.Fatal(err)
	}
	return ca.Request{
		Authority: ca.Issuing, Profile: "person", Owner: "p-1", PublicKey: k.Public(), Approval: [32]byte{1},
		Subject: ca.Subject{Country: "ID", Organization: "Instansi Contoh", Unit: "Dinas Contoh", CommonName: "Budi Contoh", Serial: "P1"},
	}, k
}

func issue(t *testing.T, i *instance) *ca.Record {
	t.Helper()
	r, _ := person(t)
	tok, err := i.ca.Prepare(context.Background(), r)
	if err != nil {
		t.Fatal(err)
	}
	rec, err := i.ca.Issue(context.Background(), tok)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := i.ca.Issue(context.Background(), tok); !errors.Is(err, ca.ErrRedeemed) {
		t.Errorf("Issue twice = %v, want ErrRedeemed", err)
	}
	return rec
}

func writePEM(t *testing.T, name string, ders ...[]byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	var b []byte
	for _, d := range ders {
		b = append(b, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: d})...)
	}
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestIssueSatisfiesOpenSSL(t *testing.T) {
	i := start(t)
	rec := issue(t, i)
	root, issuing := writePEM(t, "root.pem", i.recs[ca.Root].DER), writePEM(t, "issuing.pem", i.recs[ca.Issuing].DER)
	for name, der := range map[string][]byte{"person": rec.DER, "tsa": i.recs[ca.TSA].DER, "ocsp": i.recs[ca.OCSP].DER} {
		leaf := writePEM(t, name+".pem", der)
		if out, err := exec.Command("openssl", "verify", "-x509_strict", "-CAfile", root, "-untrusted", issuing, leaf).CombinedOutput(); err != nil {
			t.Errorf("%s: openssl verify: %v\n%s", name, err, out)
		}
	}
	if strings.Contains(string(rec.DER), "3300000000000001") {
		t.Error("the certificate holds a NIK")
	}
	if err := i.log.Verify(context.Background()); err != nil {
		t.Errorf("audit log: %v", err)
	}
}

func TestPrepareRefuses(t *testing.T) {
	i := start(t)
	good, _ := person(t)
	for name, change := range map[string]func(*ca.Request){
		"no approval":       func(r *ca.Request) { r.Approval = [32]byte{} },
		"a CA on request":   func(r *ca.Request) { r.Profile = "issuing" },
		"unknown profile":   func(r *ca.Request) { r.Profile = "raja" },
		"unknown authority": func(r *ca.Request) { r.Authority = "lain" },
		"NIK in the name":   func(r *ca.Request) { r.Subject.CommonName = "Budi 3300000000000001" },
		"NIK as serial":     func(r *ca.Request) { r.Subject.Serial = "3300000000000001" },
		"empty name":        func(r *ca.Request) { r.Subject.CommonName = "" },
		"control character": func(r *ca.Request) { r.Subject.Unit = "Dinas\nContoh" },
		"no key":            func(r *ca.Request) { r.PublicKey = nil },
	} {
		r := good
		change(&r)
		if tok, err := i.ca.Prepare(context.Background(), r); err == nil || tok != nil {
			t.Errorf("%s: Prepare = %v, %v, want a refusal", name, tok, err)
		}
	}
	if _, err := i.ca.Prepare(context.Background(), good); err != nil {
		t.Fatal(err)
	}
	if _, err := i.ca.Prepare(context.Background(), good); !errors.Is(err, ca.ErrKeyUsed) {
		t.Errorf("Prepare with a used key = %v, want ErrKeyUsed", err)
	}
	// A crash between intent and certificate: the serial is revoked at the next start.
	n, err := i.ca.Recover(context.Background())
	if err != nil || n != 1 {
		t.Errorf("Recover = %d, %v, want 1", n, err)
	}
	if n, _ := i.ca.Recover(context.Background()); n != 0 {
		t.Errorf("Recover again = %d, want 0", n)
	}
}

func TestStatus(t *testing.T) {
	ctx := context.Background()
	i := start(t)
	rec := issue(t, i)
	issuing, _ := trust.ParseCertificate(i.recs[ca.Issuing].DER)
	responder, _ := trust.ParseCertificate(i.recs[ca.OCSP].DER)
	r := &status.Responder{Authority: ca.Issuing, Issuer: issuing, Certificate: responder, Key: i.keys[ca.OCSP], Store: i.db, Now: func() time.Time { return i.now }}
	ask := func(serial *big.Int) ocsp.Single {
		t.Helper()
		req, err := ocsp.NewRequest([]ocsp.CertID{ocsp.NewCertID(crypto.SHA1, issuing.RawSubject, issuing.KeyBits, serial)}, nil)
		if err != nil {
			t.Fatal(err)
		}
		der, err := r.Answer(ctx, req)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := ocsp.Parse(der)
		if err != nil || resp.Status != ocsp.Successful || resp.VerifySignature(responder.PublicKey) != nil {
			t.Fatalf("response: %v", err)
		}
		return resp.Singles[0]
	}
	if s := ask(rec.Serial.Int()); s.Status != ocsp.Good {
		t.Errorf("status of an issued certificate = %v, want good", s.Status)
	}
	if s := ask(big.NewInt(4711)); s.Status != ocsp.Unknown {
		t.Errorf("status of a serial never issued = %v, want unknown", s.Status)
	}
	if err := i.ca.Revoke(ctx, rec.Serial, trust.KeyCompromise, "p-1"); err != nil {
		t.Fatal(err)
	}
	if s := ask(rec.Serial.Int()); s.Status != ocsp.Revoked || s.Reason != int(trust.KeyCompromise) {
		t.Errorf("status right after revocation = %v, reason %d, want revoked, 1", s.Status, s.Reason)
	}
	crl, err := i.ca.CRL(ctx, ca.Issuing)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "c.crl"), crl, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("openssl", "crl", "-inform", "DER", "-in", filepath.Join(dir, "c.crl"), "-noout", "-text", "-CAfile", writePEM(t, "i.pem", i.recs[ca.Issuing].DER)).CombinedOutput()
	if err != nil || !strings.Contains(string(out), "verify OK") || !strings.Contains(string(out), strings.ToUpper(hex.EncodeToString(rec.Serial[:]))) || !strings.Contains(string(out), "Key Compromise") {
		t.Errorf("openssl crl: %v\n%s", err, out)
	}
	// OpenSSL reads the response too.
	req, _ := ocsp.NewRequest([]ocsp.CertID{ocsp.NewCertID(crypto.SHA256, issuing.RawSubject, issuing.KeyBits, rec.Serial.Int())}, []byte("0123456789abcdef"))
	der, _ := r.Answer(ctx, req)
	resp := filepath.Join(dir, "r.der")
	if err := os.WriteFile(resp, der, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err = exec.Command("openssl", "ocsp", "-respin", resp, "-CAfile", writePEM(t, "root.pem", i.recs[ca.Root].DER, i.recs[ca.Issuing].DER), "-resp_text").CombinedOutput()
	if err != nil || !strings.Contains(string(out), "Response verify OK") || !strings.Contains(string(out), "Cert Status: revoked") {
		t.Errorf("openssl ocsp: %v\n%s", err, out)
	}
}

func TestTimestampSatisfiesOpenSSL(t *testing.T) {
	ctx := context.Background()
	i := start(t)
	cert, _ := trust.ParseCertificate(i.recs[ca.TSA].DER)
	clock := tsa.SystemClock(func() time.Time { return i.now }, 100*time.Millisecond)
	a := &tsa.Authority{Certificate: cert, Chain: [][]byte{i.recs[ca.Issuing].DER}, Key: i.keys[ca.TSA], Policy: "1.3.6.1.4.1.32473.1.4.1", MaxBound: time.Second, Clock: clock, Log: i.log}
	dir := t.TempDir()
	path := func(name string) string { return filepath.Join(dir, name) }
	if err := os.WriteFile(path("data"), []byte("isi dokumen"), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("openssl", "ts", "-query", "-data", path("data"), "-sha256", "-cert", "-out", path("q")).CombinedOutput(); err != nil {
		t.Fatalf("openssl ts -query: %v\n%s", err, out)
	}
	q, _ := os.ReadFile(path("q"))
	reply, err := a.Respond(ctx, q)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path("r"), reply, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("openssl", "ts", "-verify", "-in", path("r"), "-queryfile", path("q"), "-CAfile", writePEM(t, "root.pem", i.recs[ca.Root].DER), "-untrusted", writePEM(t, "i.pem", i.recs[ca.Issuing].DER)).CombinedOutput()
	if err != nil || !strings.Contains(string(out), "Verification: OK") {
		t.Errorf("openssl ts -verify: %v\n%s", err, out)
	}
	var last time.Time
	for range 3 {
		tok, err := a.Timestamp(ctx, crypto.SHA256, make([]byte, 32))
		if err != nil {
			t.Fatal(err)
		}
		parsed, err := tsp.ParseToken(tok)
		if err != nil || !parsed.Info.GenTime.After(last) {
			t.Errorf("genTime %v is not after %v (%v)", parsed.Info.GenTime, last, err)
		}
		last = parsed.Info.GenTime
	}
	a.Clock = func() (time.Time, time.Duration, error) { return i.now, 2 * time.Second, nil }
	reply, _ = a.Respond(ctx, q)
	if r, err := tsp.ParseResponse(reply); err != nil || r.Failure != tsp.TimeNotAvailable || r.Token != nil {
		t.Errorf("response with an untrusted clock = %+v, %v, want timeNotAvailable", r, err)
	}
	if r, _ := a.Respond(ctx, []byte("kosong")); true {
		if p, err := tsp.ParseResponse(r); err != nil || p.Failure != tsp.BadDataFormat {
			t.Errorf("response to nonsense = %+v, %v, want badDataFormat", p, err)
		}
	}
}
