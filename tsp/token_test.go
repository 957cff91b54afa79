package tsp_test

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/sha1"
	"crypto/sha256"
	"errors"
	"math/big"
	"strings"
	"testing"
	"time"

	"absah/internal/cms"
	"absah/internal/testkit"
	"absah/tsp"
)

// forged is a token whose parts are all given.
type forged struct {
	by      *testkit.Identity
	content []byte   // nil: detached
	kind    string   // content type; "": TSTInfo
	ids     []byte   // value of signing-certificate-v2, nil: our own
	v1      []byte   // value of signing-certificate, nil: none
	unbound bool     // no signing-certificate attribute of ours
	carry   [][]byte // certificates beside the signer's
	omit    bool     // carry none at all
	after   func([]byte) []byte
}

func (f forged) der(t testing.TB) []byte {
	t.Helper()
	o := cms.SignerOptions{
		Certificate: f.by.Certificate.Raw, Chain: f.carry, OmitCertificates: f.omit, ContentType: cms.OIDTSTInfo, EContent: f.content,
		OmitSigningCertificate: f.unbound || f.ids != nil, OmitAlgorithmProtection: true,
	}
	if f.kind != "" {
		o.ContentType = f.kind
	}
	if f.ids != nil {
		o.ExtraSigned = append(o.ExtraSigned, cms.Attribute{OID: cms.OIDSigningCertificateV2, Values: [][]byte{f.ids}})
	}
	if f.v1 != nil {
		o.ExtraSigned = append(o.ExtraSigned, cms.Attribute{OID: cms.OIDSigningCertificate, Values: [][]byte{f.v1}})
	}
	s, err := cms.NewSigner(o)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(f.content)
	der, err := s.Sign(rand.Reader, f.by.Key, sum[:], nil)
	if err != nil {
		t.Fatal(err)
	}
	if f.after != nil {
		der = f.after(der)
	}
	return der
}

// tst is a TSTInfo with this time and whatever follows it.
func tst(genTime string, more ...[]byte) []byte {
	sum := sha256.Sum256([]byte("isi"))
	return el(0x30, append([][]byte{one, foreignOID, imprint(sha256OID, sum[:]), one, el(0x18, []byte(genTime))}, more...)...)
}

const genTime = "20270112023000Z"

func TestSigningCertificate(t *testing.T) {
	p := testkit.NewPKI(t, nil)
	tsa, other := p.TSA.Certificate.Raw, p.Issuing.Certificate.Raw
	content := tst(genTime)
	hash256 := func(der []byte) []byte { s := sha256.Sum256(der); return el(4, s[:]) }
	hash1 := func(der []byte) []byte { s := sha1.Sum(der); return el(4, s[:]) }
	list := func(ids ...[]byte) []byte { return el(0x30, el(0x30, ids...)) }
	name := func(issuer, serial []byte) []byte { return el(0x30, el(0x30, el(0xa4, issuer)), serial) }
	serial := el(2, p.TSA.Certificate.SerialNumber.Bytes())
	if serial[2]&0x80 != 0 {
		serial = el(2, []byte{0}, p.TSA.Certificate.SerialNumber.Bytes())
	}
	right, wrong := name(p.TSA.Certificate.RawIssuer, serial), name(p.TSA.Certificate.RawIssuer, one)
	for _, tc := range []struct {
		name  string
		tok   forged
		more  [][]byte
		bound bool
		cert  []byte
		want  error
	}{
		{"as we make it", forged{}, nil, true, tsa, nil},
		{"certificate elsewhere", forged{omit: true}, [][]byte{other, tsa}, true, tsa, nil},
		{"certificate nowhere", forged{omit: true}, [][]byte{other}, false, nil, tsp.ErrNoCertificate},
		{"version 1 of the attribute", forged{unbound: true, v1: list(el(0x30, hash1(tsa)))}, nil, true, tsa, nil},
		{"both versions", forged{v1: list(el(0x30, hash1(tsa)))}, nil, true, tsa, nil},
		{"both versions, version 1 binds another", forged{v1: list(el(0x30, hash1(other)))}, nil, false, tsa, tsp.ErrOtherCertificate},
		{"with issuer and serial", forged{ids: list(el(0x30, hash256(tsa), right))}, nil, true, tsa, nil},
		{"with another serial", forged{ids: list(el(0x30, hash256(tsa), wrong))}, nil, false, tsa, tsp.ErrOtherCertificate},
		{"with the chain behind", forged{ids: list(el(0x30, hash256(tsa)), el(0x30, hash256(other)))}, nil, true, tsa, nil},
		{"with the chain before", forged{ids: list(el(0x30, hash256(other)), el(0x30, hash256(tsa)))}, nil, false, tsa, tsp.ErrOtherCertificate},
		{"another certificate", forged{ids: list(el(0x30, hash256([]byte("lain"))))}, nil, false, tsa, tsp.ErrOtherCertificate},
		{"none", forged{unbound: true}, nil, false, tsa, tsp.ErrNotBound},
		{"none, certificate after others", forged{unbound: true, omit: true}, [][]byte{[]byte("<html>"), other, tsa}, false, tsa, tsp.ErrNotBound},
		{"critical extension", forged{content: tst(genTime, el(0xa1, extension(true)))}, nil, true, tsa, tsp.ErrExtension},
		{"extension", forged{content: tst(genTime, el(0xa1, extension(false)))}, nil, true, tsa, nil},
		{"signed as another type", forged{kind: "1.2.840.113549.1.9.16.1.5", after: func(b []byte) []byte {
			return bytes.Replace(b, []byte("\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x05"), []byte("\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x04"), 1)
		}}, nil, true, tsa, tsp.ErrContentType},
		{"signature of another key", forged{after: func(b []byte) []byte { b = bytes.Clone(b); b[len(b)-1] ^= 1; return b }}, nil, true, tsa, errAny},
	} {
		tc.tok.by = p.TSA
		if tc.tok.content == nil {
			tc.tok.content = content
		}
		tok, err := tsp.ParseToken(tc.tok.der(t))
		if err != nil {
			t.Errorf("ParseToken(%s) = %v", tc.name, err)
			continue
		}
		c := tok.Check(tc.more)
		if !errors.Is(c.Err, tc.want) && (tc.want != errAny || c.Err == nil) || c.Bound != tc.bound || !bytes.Equal(c.Certificate, tc.cert) {
			t.Errorf("Check(%s) = bound %v, %v, certificate %d bytes; want bound %v, %v, %d", tc.name, c.Bound, c.Err, len(c.Certificate), tc.bound, tc.want, len(tc.cert))
		}
	}
}

var errAny = errors.New("some error")

func TestTokenForms(t *testing.T) {
	p := testkit.NewPKI(t, nil)
	accuracy := func(parts ...[]byte) []byte { return el(0x30, parts...) }
	for _, tc := range []struct {
		name string
		tok  forged
		ok   bool
	}{
		{"plain", forged{content: tst(genTime)}, true},
		{"content is data", forged{content: tst(genTime), kind: cms.OIDData}, false},
		{"detached", forged{}, false},
		{"no TSTInfo", forged{content: []byte("isi")}, false},
		{"version 2", forged{content: el(0x30, []byte{2, 1, 2}, tst(genTime)[4:])}, false},
		{"bytes after the TSTInfo", forged{content: append(tst(genTime), 0)}, false},
		{"bytes after the fields", forged{content: tst(genTime, el(5))}, false},
		{"tenths", forged{content: tst("20270112023000.5Z")}, true},
		{"nanoseconds", forged{content: tst("20270112023000.123456789Z")}, true},
		{"zeros behind the fraction", forged{content: tst("20270112023000.500Z")}, true},
		{"point without a fraction", forged{content: tst("20270112023000.Z")}, false},
		{"comma", forged{content: tst("20270112023000,5Z")}, false},
		{"no zone", forged{content: tst("20270112023000")}, false},
		{"western Indonesia time", forged{content: tst("20270112093000+0700")}, false},
		{"no seconds", forged{content: tst("202701120230Z")}, false},
		{"February 30", forged{content: tst("20270230023000Z")}, false},
		{"accuracy", forged{content: tst(genTime, accuracy(one, el(0x80, one[2:]), el(0x81, []byte{3, 0xe7})))}, true},
		{"empty accuracy", forged{content: tst(genTime, accuracy())}, true},
		{"accuracy of 1000 milliseconds", forged{content: tst(genTime, accuracy(el(0x80, []byte{3, 0xe8})))}, false},
		{"negative milliseconds", forged{content: tst(genTime, accuracy(el(0x80, []byte{0x80})))}, false},
		{"negative seconds", forged{content: tst(genTime, accuracy([]byte{2, 1, 0xff}))}, false},
		{"accuracy of ages", forged{content: tst(genTime, accuracy(el(2, []byte{0x7f, 0, 0, 0, 0})))}, false},
		{"micros before millis", forged{content: tst(genTime, accuracy(el(0x81, one[2:]), el(0x80, one[2:])))}, false},
		{"extension twice", forged{content: tst(genTime, el(0xa1, extension(false), extension(false)))}, false},
	} {
		tc.tok.by = p.TSA
		if tok, err := tsp.ParseToken(tc.tok.der(t)); (err == nil) != tc.ok || err != nil && !errors.Is(err, tsp.ErrMalformed) {
			t.Errorf("ParseToken(%s) = %+v, %v, want accepted %v", tc.name, tok, err, tc.ok)
		}
	}
	tok, err := tsp.ParseToken(forged{by: p.TSA, content: tst("20270112023000.123456789Z", accuracy(el(0x81, []byte{0, 0xff})))}.der(t))
	if err != nil || tok.Info.GenTime.Nanosecond() != 123456789 || tok.Info.Accuracy != 255*time.Microsecond {
		t.Errorf("genTime and accuracy = %+v, %v", tok, err)
	}
}

func TestCreateRefuses(t *testing.T) {
	p := testkit.NewPKI(t, nil)
	info := tsp.Info{Policy: policy, Hash: crypto.SHA256, Digest: make([]byte, 32), Serial: big.NewInt(1), GenTime: p.Now}
	if _, err := tsp.Create(rand.Reader, info, p.Signer.Key, p.TSA.Certificate.Raw, nil, true); err == nil {
		t.Error("a key that does not belong to the certificate made a token")
	}
	info.Policy = "kebijakan"
	if _, err := tsp.Create(rand.Reader, info, p.TSA.Key, p.TSA.Certificate.Raw, nil, true); err == nil || !strings.Contains(err.Error(), "kebijakan") {
		t.Errorf("a policy that is no object identifier: %v", err)
	}
}

// TestCreateContents: RFC 3161 §2.4.2 wants content-type, message-digest and the signing certificate, and certificates only when asked for.
func TestCreateContents(t *testing.T) {
	p := testkit.NewPKI(t, nil)
	info := tsp.Info{Policy: policy, Hash: crypto.SHA256, Digest: make([]byte, 32), Serial: big.NewInt(1), GenTime: p.Now}
	for include, want := range map[bool]int{true: 1 + len(p.TSA.Chain), false: 0} {
		der, err := tsp.Create(rand.Reader, info, p.TSA.Key, p.TSA.Certificate.Raw, p.TSA.Chain, include)
		if err != nil {
			t.Fatal(err)
		}
		tok, err := tsp.ParseToken(der)
		if err != nil {
			t.Fatal(err)
		}
		if n := len(tok.Signed.Certificates); n != want {
			t.Errorf("Create(include %v) carries %d certificates, want %d", include, n, want)
		}
		si := tok.Signed.SignerInfos[0]
		kind, _ := si.ContentType()
		_, digest := si.MessageDigest()
		_, dated := si.SigningTime()
		if ids := si.SigningCertificates(); kind != cms.OIDTSTInfo || !digest || dated || len(si.SignedAttrs) != 3 || len(ids) != 1 || !ids[0].V2 || !ids[0].Matches(p.TSA.Certificate.Raw) {
			t.Errorf("signed attributes = %+v", si.SignedAttrs)
		}
		if len(tok.Signed.Notes)+len(si.Notes) != 0 {
			t.Errorf("our own token is noted for %v %v", tok.Signed.Notes, si.Notes)
		}
	}
}

// BenchmarkCreate measures one token with its certificate inside; BenchmarkBareSignature is its floor.
func BenchmarkCreate(b *testing.B) {
	p := testkit.NewPKI(b, nil)
	info := tsp.Info{Policy: policy, Hash: crypto.SHA256, Digest: make([]byte, 32), Serial: big.NewInt(1), GenTime: p.Now, Accuracy: time.Second}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := tsp.Create(rand.Reader, info, p.TSA.Key, p.TSA.Certificate.Raw, nil, true); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkBareSignature(b *testing.B) {
	p := testkit.NewPKI(b, nil)
	digest := make([]byte, 32)
	for b.Loop() {
		if _, err := p.TSA.Key.Sign(rand.Reader, digest, crypto.SHA256); err != nil {
			b.Fatal(err)
		}
	}
}
