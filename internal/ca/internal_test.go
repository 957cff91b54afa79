package ca

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/binary"
	"encoding/json"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"absah/internal/sigalg"
	"absah/trust"
)

func TestWeakRSA(t *testing.T) {
	good, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	if why := weakRSA(&good.PublicKey); why != "" {
		t.Errorf("a fresh key is called weak: %s", why)
	}
	near := new(big.Int).Add(good.Primes[0], big.NewInt(2))
	for !near.ProbablyPrime(10) {
		near.Add(near, big.NewInt(2))
	}
	// A modulus as the broken generator made them: a power of 65537 modulo the product of the primes up to 167.
	m := big.NewInt(2)
	for p := range fingerprint() {
		m.Mul(m, big.NewInt(p))
	}
	roca := new(big.Int).Exp(big.NewInt(65537), big.NewInt(4711), m)
	roca.Add(roca, new(big.Int).Mul(m, new(big.Int).Lsh(big.NewInt(1), uint(2047-m.BitLen()))))
	for roca.Bit(0) == 0 || new(big.Int).GCD(nil, nil, roca, smallPrimes()).Cmp(big.NewInt(1)) != 0 {
		roca.Add(roca, m)
	}
	for name, k := range map[string]*rsa.PublicKey{
		"exponent":     {N: good.N, E: 3},
		"even":         {N: new(big.Int).Add(good.N, big.NewInt(1)), E: 65537},
		"small factor": {N: new(big.Int).Mul(good.Primes[0], big.NewInt(997)), E: 65537},
		"close":        {N: new(big.Int).Mul(good.Primes[0], near), E: 65537},
		"close ":       {N: new(big.Int).Mul(good.Primes[0], good.Primes[0]), E: 65537},
		"CVE":          {N: roca, E: 65537},
	} {
		if why := weakRSA(k); !strings.Contains(why, strings.TrimSpace(name)) {
			t.Errorf("weakRSA(%s) = %q", name, why)
		}
	}
}

func TestCheckKey(t *testing.T) {
	profiles, err := Profiles()
	if err != nil {
		t.Fatal(err)
	}
	p := profiles["person"]
	k, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err := checkKey(p, &k.PublicKey); err != nil {
		t.Error(err)
	}
	//lint:ignore SA1019 no other way makes a key that is wrong
	off := &ecdsa.PublicKey{Curve: elliptic.P256(), X: big.NewInt(5), Y: big.NewInt(7)}
	if err := checkKey(p, off); err == nil {
		t.Error("a point off its curve is certified")
	}
	p224, _ := ecdsa.GenerateKey(elliptic.P224(), rand.Reader)
	small, _ := rsa.GenerateKey(rand.Reader, 1024)
	for _, bad := range []any{&p224.PublicKey, &small.PublicKey, nil, "kunci"} {
		if err := checkKey(p, bad); err == nil {
			t.Errorf("%T is certified", bad)
		}
	}
	p.Keys = []string{"P-384"}
	if err := checkKey(p, &k.PublicKey); err == nil {
		t.Error("a kind of key that the profile does not allow is certified")
	}
}

// TestProfilesRefused: what a profile must not say.
func TestProfilesRefused(t *testing.T) {
	own, err := Profiles()
	if err != nil {
		t.Fatal(err)
	}
	zero := 0
	for name, change := range map[string]func(p *Profile){
		"CA:TRUE outside of a ceremony": func(p *Profile) { p.Kind = "ca" },
		"end that signs certificates":   func(p *Profile) { p.KeyUsage = append(slices.Clone(p.KeyUsage), "keyCertSign") },
		"end that signs lists":          func(p *Profile) { p.KeyUsage = []string{"cRLSign"} },
		"end with a path length":        func(p *Profile) { p.PathLen = &zero },
		"no cause":                      func(p *Profile) { p.Issue = "" },
		"no validity":                   func(p *Profile) { p.Days = 0 },
		"two validities":                func(p *Profile) { p.Years = 1 },
		"unknown hash":                  func(p *Profile) { p.Hash = "SHA-1" },
		"unknown key":                   func(p *Profile) { p.Keys = []string{"RSA-1024"} },
		"no keys":                       func(p *Profile) { p.Keys = nil },
		"unknown usage":                 func(p *Profile) { p.KeyUsage = []string{"apaSaja"} },
		"no usage":                      func(p *Profile) { p.KeyUsage = nil },
		"no OID":                        func(p *Profile) { p.Policies = []string{"1.2.x"} },
		"timeStamping not critical":     func(p *Profile) { p.ExtKeyUsage = []string{ekuTimeStamping} },
		"timeStamping with another":     func(p *Profile) { p.ExtKeyUsage = append(p.ExtKeyUsage, ekuTimeStamping); p.ExtKeyUsageCritical = true },
		"OCSPSigning without nocheck":   func(p *Profile) { p.ExtKeyUsage = []string{ekuOCSPSigning} },
		"nocheck without OCSPSigning":   func(p *Profile) { p.NoCheck = true },
		"no version":                    func(p *Profile) { p.Version = 0 },
		"kind":                          func(p *Profile) { p.Kind = "root" },
	} {
		p := own["person"]
		change(&p)
		text, _ := json.Marshal([]Profile{p})
		if _, err := parseProfiles(text); err == nil {
			t.Errorf("a profile with %s is taken", name)
		}
	}
	text, _ := json.Marshal([]Profile{own["person"], own["person"]})
	if _, err := parseProfiles(text); err == nil {
		t.Error("one name twice is taken")
	}
	if _, err := parseProfiles([]byte(`[{"name":"x","versions":1}]`)); err == nil {
		t.Error("an unknown field is taken")
	}
	p := own["person"]
	before := p.Digest()
	p.Days++
	if len(before) != 64 || before == p.Digest() {
		t.Error("the digest does not depend on what the profile says")
	}
}

// TestProfilesPinned: a released profile never changes; a change is a new version.
func TestProfilesPinned(t *testing.T) {
	own, err := Profiles()
	if err != nil {
		t.Fatal(err)
	}
	for name, p := range own {
		for _, o := range p.Policies {
			if !strings.HasPrefix(o, "1.3.6.1.4.1.32473.") && o != "2.5.29.32.0" {
				t.Errorf("%s: policy %s is outside of the documentation arc", name, o)
			}
		}
	}
	for _, name := range []string{Root, Issuing, TSA, OCSP, "person"} {
		if _, ok := own[name]; !ok {
			t.Errorf("profile %s is missing", name)
		}
	}
}

func testIssuer(t testing.TB) (*trust.Certificate, *ecdsa.PrivateKey) {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Absah Uji CA DS 1"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCRLSign | x509.KeyUsageCertSign,
	}, &x509.Certificate{Subject: pkix.Name{CommonName: "Absah Uji CA DS 1"}}, k.Public(), k)
	if err != nil {
		t.Fatal(err)
	}
	c, err := trust.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return c, k
}

func revocations(n int) []Revocation {
	out := make([]Revocation, n)
	for i := range out {
		out[i] = Revocation{At: time.Date(2026, 11, 24, 1, 2, 3, 0, time.UTC), Reason: trust.Reason(i % 7)}
		out[i].Serial[0] = serialEpoch
		binary.BigEndian.PutUint64(out[i].Serial[8:], uint64(i))
	}
	return out
}

// TestEncoderAgainstStandard: the append encoder and crypto/x509 write the same entries.
func TestEncoderAgainstStandard(t *testing.T) {
	issuer, key := testIssuer(t)
	alg, _, _ := sigalg.Scheme{}.Algorithm(key.Public())
	for _, n := range []int{0, 1, 2, 3, 300} {
		list := revocations(n)
		if n > 2 {
			list[0].Serial = Serial{}                                // shortest form of an integer
			list[1].Serial = Serial{0x80}                            // needs a zero in front
			list[2].At = time.Date(2050, 1, 1, 0, 0, 0, 0, time.UTC) // GeneralizedTime from here on
		}
		l := &List{Number: 7, ThisUpdate: time.Date(2049, 12, 31, 23, 59, 59, 0, time.UTC), NextUpdate: time.Date(2050, 1, 1, 0, 0, 0, 0, time.UTC)}
		tmpl := &x509.RevocationList{Number: big.NewInt(7), ThisUpdate: l.ThisUpdate, NextUpdate: l.NextUpdate}
		for _, r := range list {
			tmpl.RevokedCertificateEntries = append(tmpl.RevokedCertificateEntries, x509.RevocationListEntry{SerialNumber: r.Serial.Int(), RevocationTime: r.At, ReasonCode: max(0, int(r.Reason))})
		}
		std, err := x509.ParseCertificate(issuer.Raw)
		if err != nil {
			t.Fatal(err)
		}
		want, err := x509.CreateRevocationList(rand.Reader, tmpl, std, key)
		if err != nil {
			t.Fatal(err)
		}
		parsed, err := x509.ParseRevocationList(want)
		if err != nil {
			t.Fatal(err)
		}
		// All but the extensions of the list and the lengths that depend on them.
		cut := func(tbs []byte) []byte {
			i := bytes.Index(tbs, []byte{0x30, 0x1f, 6, 3, 0x55, 0x1d, 0x23}) // authority key identifier
			return tbs[bytes.Index(tbs, issuer.RawSubject) : i-6]
		}
		if got, want := cut(crlTBS(issuer, alg, l, list)), cut(parsed.RawTBSRevocationList); !bytes.Equal(got, want) {
			t.Errorf("%d entries: encoded\n%x\nthe standard library\n%x", n, got, want)
		}
	}
}

func BenchmarkCRL(b *testing.B) {
	issuer, key := testIssuer(b)
	alg, _, _ := sigalg.Scheme{}.Algorithm(key.Public())
	list := revocations(1_000_000)
	l := &List{Number: 7, ThisUpdate: time.Now(), NextUpdate: time.Now()}
	b.Run("encode 1 million", func(b *testing.B) {
		for b.Loop() {
			b.SetBytes(int64(len(crlTBS(issuer, alg, l, list))))
		}
	})
}
