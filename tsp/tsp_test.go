package tsp_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"math/big"
	"strings"
	"testing"
	"time"

	"absah/internal/testkit"
	"absah/tsp"
)

const policy = "1.3.6.1.4.1.32473.1.4.1"

// el is a DER element, for messages that our own writer does not make.
func el(tag byte, parts ...[]byte) []byte {
	b := bytes.Join(parts, nil)
	switch n := len(b); {
	case n < 0x80:
		return append([]byte{tag, byte(n)}, b...)
	case n < 0x100:
		return append([]byte{tag, 0x81, byte(n)}, b...)
	case n < 0x10000:
		return append([]byte{tag, 0x82, byte(n >> 8), byte(n)}, b...)
	default:
		return append([]byte{tag, 0x83, byte(n >> 16), byte(n >> 8), byte(n)}, b...)
	}
}

var (
	one        = []byte{2, 1, 1}
	yes        = []byte{1, 1, 0xff}
	foreignOID = []byte("\x06\x09\x2b\x06\x01\x04\x01\x81\xfd\x58\x01") // 1.3.6.1.4.1.32472.1
	sha256OID  = []byte("\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01")
)

func imprint(oid []byte, digest []byte) []byte {
	return el(0x30, el(0x30, oid, []byte{5, 0}), el(4, digest))
}

func extension(critical bool) []byte {
	if critical {
		return el(0x30, foreignOID, yes, el(4))
	}
	return el(0x30, foreignOID, el(4))
}

func TestRequest(t *testing.T) {
	sum := sha256.Sum256([]byte("isi"))
	r, err := tsp.NewRequest(crypto.SHA256, sum[:], big.NewInt(4711))
	if err != nil {
		t.Fatal(err)
	}
	r.Policy = policy
	r.Extensions = []tsp.Extension{{OID: "1.2.3", Critical: true, Value: []byte{5, 0}}, {OID: "1.2.4", Value: []byte{}}}
	der, err := r.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	got, err := tsp.ParseRequest(der)
	if err != nil || got.Hash != crypto.SHA256 || !bytes.Equal(got.Digest, sum[:]) || got.Nonce.Int64() != 4711 || got.Policy != r.Policy || !got.CertReq ||
		len(got.Extensions) != 2 || got.Extensions[0].OID != "1.2.3" || !got.Extensions[0].Critical || !bytes.Equal(got.Extensions[0].Value, []byte{5, 0}) || got.Extensions[1].Critical {
		t.Errorf("ParseRequest = %+v, %v", got, err)
	}
	for name, ask := range map[string]func() (*tsp.Request, error){
		"length":  func() (*tsp.Request, error) { return tsp.NewRequest(crypto.SHA256, sum[:10], nil) },
		"no hash": func() (*tsp.Request, error) { return tsp.NewRequest(0, sum[:], nil) },
		"no OID":  func() (*tsp.Request, error) { return tsp.NewRequest(crypto.BLAKE2b_256, sum[:], nil) },
	} {
		if _, err := ask(); err == nil {
			t.Errorf("NewRequest(%s) made a request", name)
		}
	}
	for name, bad := range map[string]*tsp.Request{
		"no algorithm": {Digest: sum[:]},
		"policy":       {Hash: crypto.SHA256, Digest: sum[:], Policy: "semua"},
		"extension":    {Hash: crypto.SHA256, Digest: sum[:], Extensions: []tsp.Extension{{OID: "9.9"}}},
	} {
		if der, err := bad.Marshal(); err == nil {
			t.Errorf("Marshal(%s) = %x, want an error", name, der)
		}
	}
}

func TestParseRequestForms(t *testing.T) {
	im := imprint(sha256OID, make([]byte, 32))
	for _, tc := range []struct {
		name string
		der  []byte
		ok   bool
	}{
		{"shortest", el(0x30, one, im), true},
		{"everything", el(0x30, one, im, foreignOID, one, yes, el(0xa0, extension(false))), true},
		{"version 2", el(0x30, []byte{2, 1, 2}, im), false},
		{"no imprint", el(0x30, one), false},
		{"imprint with more", el(0x30, one, el(0x30, el(0x30, sha256OID), el(4), el(4))), false},
		{"unknown algorithm", el(0x30, one, imprint(foreignOID, []byte{1})), true},
		{"nonce before policy", el(0x30, one, im, one, foreignOID), false},
		{"false stated", el(0x30, one, im, []byte{1, 1, 0}), true},
		{"truth of another value", el(0x30, one, im, []byte{1, 1, 7}), false},
		{"extension twice", el(0x30, one, im, el(0xa0, extension(false), extension(true))), false},
		{"extension without value", el(0x30, one, im, el(0xa0, el(0x30, foreignOID))), false},
		{"bytes after the request", append(el(0x30, one, im), 0), false},
		{"bytes after the fields", el(0x30, one, im, el(5)), false},
		{"too large", el(0x30, one, im, el(4, make([]byte, 64<<10))), false},
		{"nothing", nil, false},
	} {
		if r, err := tsp.ParseRequest(tc.der); (err == nil) != tc.ok || err != nil && !errors.Is(err, tsp.ErrMalformed) {
			t.Errorf("ParseRequest(%s) = %+v, %v, want accepted %v", tc.name, r, err, tc.ok)
		}
	}
	if r, err := tsp.ParseRequest(el(0x30, one, imprint(foreignOID, []byte{1}))); err != nil || r.Hash != 0 || r.HashOID != "1.3.6.1.4.1.32472.1" {
		t.Errorf("unknown algorithm = %+v, %v, want its OID", r, err)
	} else if again, err := r.Marshal(); err != nil || !bytes.Equal(again, el(0x30, one, imprint(foreignOID, []byte{1}))) {
		t.Errorf("Marshal of an unknown algorithm = %x, %v", again, err)
	}
}

func TestInfoRoundTrip(t *testing.T) {
	p := testkit.NewPKI(t, nil)
	sum := sha256.Sum256([]byte("isi"))
	at := time.Date(2027, 1, 12, 9, 30, 0, 0, time.FixedZone("WIB", 7*3600))
	base := tsp.Info{Policy: policy, Hash: crypto.SHA256, Digest: sum[:], Serial: big.NewInt(77), GenTime: at}
	for name, change := range map[string]func(*tsp.Info){
		"plain":             func(*tsp.Info) {},
		"seconds":           func(i *tsp.Info) { i.Accuracy = 3 * time.Second },
		"milliseconds":      func(i *tsp.Info) { i.Accuracy = 500 * time.Millisecond },
		"999 milliseconds":  func(i *tsp.Info) { i.Accuracy = 999 * time.Millisecond },
		"microseconds":      func(i *tsp.Info) { i.Accuracy = 128 * time.Microsecond },
		"all three":         func(i *tsp.Info) { i.Accuracy = time.Hour + 2*time.Millisecond + 3*time.Microsecond },
		"tenths":            func(i *tsp.Info) { i.GenTime = at.Add(100 * time.Millisecond) },
		"microseconds of a": func(i *tsp.Info) { i.GenTime = at.Add(120_003 * time.Microsecond) },
		"ordering":          func(i *tsp.Info) { i.Ordering = true },
		"nonce":             func(i *tsp.Info) { i.Nonce = new(big.Int).Lsh(big.NewInt(3), 100) },
		"name":              func(i *tsp.Info) { i.TSA = el(0xa4, el(0x30)) },
		"extensions":        func(i *tsp.Info) { i.Extensions = []tsp.Extension{{OID: "1.3.6.1.5.5.7.1.3", Value: el(0x30)}} },
		"everything": func(i *tsp.Info) {
			i.Accuracy, i.Ordering, i.Nonce, i.TSA, i.Extensions = time.Second, true, big.NewInt(-5), el(0xa4, el(0x30)), []tsp.Extension{{OID: "1.2.3", Value: []byte{5, 0}}}
		},
	} {
		want := base
		change(&want)
		der, err := tsp.Create(rand.Reader, want, p.TSA.Key, p.TSA.Certificate.Raw, nil, true)
		if err != nil {
			t.Errorf("Create(%s) = %v", name, err)
			continue
		}
		tok, err := tsp.ParseToken(der)
		if err != nil {
			t.Errorf("ParseToken(%s) = %v", name, err)
			continue
		}
		got := tok.Info
		if got.Policy != want.Policy || got.Hash != want.Hash || got.HashOID != "2.16.840.1.101.3.4.2.1" || !bytes.Equal(got.Digest, want.Digest) || got.Serial.Cmp(want.Serial) != 0 ||
			!got.GenTime.Equal(want.GenTime) || got.GenTime.Location() != time.UTC || got.Accuracy != want.Accuracy || got.Ordering != want.Ordering ||
			(got.Nonce == nil) != (want.Nonce == nil) || want.Nonce != nil && got.Nonce.Cmp(want.Nonce) != 0 || !bytes.Equal(got.TSA, want.TSA) || len(got.Extensions) != len(want.Extensions) {
			t.Errorf("%s reads back as %+v, want %+v", name, got, want)
		}
		if c := tok.Check(nil); c.Err != nil {
			t.Errorf("Check(%s) = %v", name, c.Err)
		}
	}
	fine := base
	fine.Accuracy = time.Nanosecond
	der, err := fine.Marshal()
	if err != nil || !bytes.Contains(der, []byte{0x30, 3, 0x81, 1, 1}) {
		t.Errorf("accuracy of a nanosecond = %x, %v, want it rounded up to a microsecond", der, err)
	}
	for name, spoil := range map[string]func(*tsp.Info){
		"no policy": func(i *tsp.Info) { i.Policy = "" }, "no serial": func(i *tsp.Info) { i.Serial = nil }, "no time": func(i *tsp.Info) { i.GenTime = time.Time{} },
		"year 10000": func(i *tsp.Info) { i.GenTime = at.AddDate(9000, 0, 0) }, "negative accuracy": func(i *tsp.Info) { i.Accuracy = -1 },
		"no algorithm": func(i *tsp.Info) { i.Hash = 0 }, "short digest": func(i *tsp.Info) { i.Digest = sum[:20] },
	} {
		bad := base
		spoil(&bad)
		if der, err := bad.Marshal(); err == nil {
			t.Errorf("Marshal(%s) = %x, want an error", name, der)
		}
	}
}

func token(t testing.TB, p *testkit.PKI, message string) []byte {
	t.Helper()
	sum := sha256.Sum256([]byte(message))
	b, err := p.Timestamp(context.Background(), crypto.SHA256, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestToken(t *testing.T) {
	p := testkit.NewPKI(t, nil)
	b := token(t, p, "isi")
	tok, err := tsp.ParseToken(append(bytes.Clone(b), make([]byte, 100)...)) // the padding of a PDF signature value
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(tok.Raw, b) {
		t.Error("Raw holds the padding")
	}
	if !tok.MatchesMessage([]byte("isi")) || tok.MatchesMessage([]byte("lain")) {
		t.Error("the imprint does not tell its message from another")
	}
	sum := sha256.Sum256([]byte("isi"))
	if !tok.Matches(crypto.SHA256, sum[:]) || tok.Matches(crypto.SHA3_256, sum[:]) || tok.Matches(crypto.SHA256, sum[:31]) || tok.Matches(0, sum[:]) {
		t.Error("Matches does not tell its digest from another")
	}
	if !tok.Info.GenTime.Equal(p.Now) || tok.Info.Accuracy != time.Second || tok.Info.Serial.Sign() <= 0 {
		t.Errorf("Info = %+v", tok.Info)
	}
	c := tok.Check(nil)
	if c.Err != nil || !c.Bound || !bytes.Equal(c.Certificate, p.TSA.Certificate.Raw) {
		t.Errorf("Check = %+v, want the certificate of the authority, bound", c)
	}
	i := bytes.Index(b, []byte(tok.Info.GenTime.UTC().Format("20060102150405")))
	if i < 0 {
		t.Fatal("genTime is not in the token")
	}
	bad := bytes.Clone(b)
	bad[i+3]++ // a year later, or ten
	tok, err = tsp.ParseToken(bad)
	if err != nil {
		t.Fatal(err)
	}
	if c := tok.Check(nil); c.Err == nil {
		t.Error("a token with another time verifies")
	}
}

func TestResponseCheck(t *testing.T) {
	p := testkit.NewPKI(t, nil)
	sum := sha256.Sum256([]byte("isi"))
	req, _ := tsp.NewRequest(crypto.SHA256, sum[:], big.NewInt(1))
	answer := func(r *tsp.Request) *tsp.Response {
		b, err := p.Answer(r)
		if err != nil {
			t.Fatal(err)
		}
		der, err := (&tsp.Response{Status: tsp.Granted, Token: b}).Marshal()
		if err != nil {
			t.Fatal(err)
		}
		resp, err := tsp.ParseResponse(der)
		if err != nil || resp.Failure != tsp.NoFailure {
			t.Fatalf("ParseResponse = %+v, %v", resp, err)
		}
		return resp
	}
	if tok, err := answer(req).Check(req); err != nil || !tok.Matches(crypto.SHA256, sum[:]) {
		t.Errorf("a right answer: %v", err)
	}
	mods := answer(req)
	mods.Status = tsp.GrantedWithMods
	if _, err := mods.Check(req); err != nil {
		t.Errorf("granted with modifications: %v", err)
	}
	other := sha256.Sum256([]byte("lain"))
	for _, tc := range []struct {
		name         string
		asked, given *tsp.Request
		want         error
	}{
		{"another nonce", &tsp.Request{Hash: crypto.SHA256, Digest: sum[:], Nonce: big.NewInt(2), CertReq: true}, req, tsp.ErrOtherNonce},
		{"no nonce", req, &tsp.Request{Hash: crypto.SHA256, Digest: sum[:], CertReq: true}, tsp.ErrOtherNonce},
		{"nonce not asked for", &tsp.Request{Hash: crypto.SHA256, Digest: sum[:], CertReq: true}, req, nil},
		{"another digest", &tsp.Request{Hash: crypto.SHA256, Digest: other[:], Nonce: big.NewInt(1), CertReq: true}, req, tsp.ErrOtherDigest},
		{"another algorithm", &tsp.Request{Hash: crypto.SHA3_256, Digest: sum[:], Nonce: big.NewInt(1), CertReq: true}, req, tsp.ErrOtherDigest},
		{"another policy", &tsp.Request{Hash: crypto.SHA256, Digest: sum[:], Nonce: big.NewInt(1), CertReq: true, Policy: "1.2.3"}, req, tsp.ErrOtherPolicy},
		{"no certificate", req, &tsp.Request{Hash: crypto.SHA256, Digest: sum[:], Nonce: big.NewInt(1)}, tsp.ErrNoCertificate},
		{"certificate not asked for", &tsp.Request{Hash: crypto.SHA256, Digest: sum[:]}, &tsp.Request{Hash: crypto.SHA256, Digest: sum[:]}, nil},
	} {
		if _, err := answer(tc.given).Check(tc.asked); !errors.Is(err, tc.want) {
			t.Errorf("Check(%s) = %v, want %v", tc.name, err, tc.want)
		}
	}
	garbage := &tsp.Response{Status: tsp.Granted, Token: []byte("<html>")}
	if _, err := garbage.Check(req); err == nil {
		t.Error("garbage passed as a token")
	}
}

func TestRefusals(t *testing.T) {
	req, _ := tsp.NewRequest(crypto.SHA256, make([]byte, 32), nil)
	for _, f := range []tsp.Failure{tsp.BadAlg, tsp.BadRequest, tsp.BadDataFormat, tsp.TimeNotAvailable, tsp.UnacceptedPolicy, tsp.UnacceptedExtension, tsp.AddInfoNotAvailable, tsp.SystemFailure} {
		der, err := tsp.Refuse(f, "alasan").Marshal()
		if err != nil {
			t.Fatal(err)
		}
		resp, err := tsp.ParseResponse(der)
		if err != nil || resp.Failure != f || resp.Text != "alasan" || resp.Status != tsp.Rejection {
			t.Errorf("Refuse(%v) reads back as %+v, %v", f, resp, err)
			continue
		}
		var refused *tsp.RefusedError
		if _, err := resp.Check(req); !errors.As(err, &refused) || !strings.Contains(err.Error(), f.String()) || !strings.Contains(err.Error(), "alasan") {
			t.Errorf("Check of %v = %v", f, err)
		}
	}
	waiting, err := (&tsp.Response{Status: tsp.Waiting, Failure: tsp.NoFailure}).Marshal()
	if err != nil {
		t.Fatal(err)
	}
	resp, err := tsp.ParseResponse(waiting)
	if err != nil || resp.Failure != tsp.NoFailure {
		t.Fatalf("ParseResponse(waiting) = %+v, %v", resp, err)
	}
	if _, err := resp.Check(req); err == nil || !strings.Contains(err.Error(), "waiting") {
		t.Errorf("Check(waiting) = %v", err)
	}
	if der, err := (&tsp.Response{Status: tsp.Granted}).Marshal(); err == nil {
		t.Errorf("granted without a token: %x", der)
	}
}

func TestParseResponseForms(t *testing.T) {
	status := func(n byte, more ...[]byte) []byte { return el(0x30, append([][]byte{{2, 1, n}}, more...)...) }
	text := func(s ...string) []byte {
		var parts [][]byte
		for _, one := range s {
			parts = append(parts, el(0x0c, []byte(one)))
		}
		return el(0x30, parts...)
	}
	for _, tc := range []struct {
		name string
		der  []byte
		ok   bool
		want tsp.Response
	}{
		{"granted", el(0x30, status(0), el(0x30)), true, tsp.Response{Status: 0, Failure: -1, Token: el(0x30)}},
		{"granted, nothing inside", el(0x30, status(1)), false, tsp.Response{}},
		{"refused with a token", el(0x30, status(2), el(0x30)), true, tsp.Response{Status: 2, Failure: -1}},
		{"a status of the future", el(0x30, status(9)), true, tsp.Response{Status: 9, Failure: -1}},
		{"two texts", el(0x30, status(2, text("satu", "dua"))), true, tsp.Response{Status: 2, Failure: -1, Text: "satu; dua"}},
		{"no valid UTF-8", el(0x30, status(2, text("sa\xfftu"))), true, tsp.Response{Status: 2, Failure: -1, Text: "satu"}},
		{"long text", el(0x30, status(2, text(strings.Repeat("é", 5000)))), true, tsp.Response{Status: 2, Failure: -1, Text: strings.Repeat("é", 500)}},
		{"half a million texts", el(0x30, status(2, text(append(make([]string, 400_000), "satu")...))), true, tsp.Response{Status: 2, Failure: -1, Text: "satu"}},
		{"text of another type", el(0x30, status(2, el(0x30, el(0x13, []byte("satu"))))), false, tsp.Response{}},
		{"failure", el(0x30, status(2, text(), el(3, []byte{6, 0, 0x40}))), true, tsp.Response{Status: 2, Failure: 9}},
		{"no failure bit", el(0x30, status(2, el(3, []byte{0, 0, 0}))), true, tsp.Response{Status: 2, Failure: -1}},
		{"too many failure bits", el(0x30, status(2, el(3, make([]byte, 9)))), false, tsp.Response{}},
		{"bytes in the status", el(0x30, status(2, el(5))), false, tsp.Response{}},
		{"bytes after", append(el(0x30, status(2)), 0), false, tsp.Response{}},
		{"too large", el(0x30, status(0), el(4, make([]byte, 1<<20))), false, tsp.Response{}},
		{"not a response", []byte("<html>"), false, tsp.Response{}},
	} {
		start := time.Now()
		r, err := tsp.ParseResponse(tc.der)
		if (err == nil) != tc.ok || err != nil && !errors.Is(err, tsp.ErrMalformed) {
			t.Errorf("ParseResponse(%s) = %+v, %v, want accepted %v", tc.name, r, err, tc.ok)
			continue
		}
		if err == nil && (r.Status != tc.want.Status || r.Failure != tc.want.Failure || r.Text != tc.want.Text || !bytes.Equal(r.Token, tc.want.Token)) {
			t.Errorf("ParseResponse(%s) = %+v, want %+v", tc.name, r, tc.want)
		}
		if d := time.Since(start); d > 2*time.Second {
			t.Errorf("ParseResponse(%s) took %v", tc.name, d)
		}
	}
	err := (&tsp.RefusedError{Status: tsp.Rejection, Failure: tsp.NoFailure, Text: "ma\x1b[31mrah\r\n"}).Error()
	if strings.ContainsAny(err, "\x1b\r\n") || !strings.Contains(err, "[31mrah") {
		t.Errorf("a stranger's text reaches the terminal: %q", err)
	}
}
