package ocsp_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"math/big"
	"testing"
	"time"

	"absah/internal/ocsp"
)

var (
	subject = []byte("\x30\x0d\x31\x0b\x30\x09\x06\x03\x55\x04\x06\x13\x02ID")
	keyBits = []byte("kunci penerbit contoh")
	now     = time.Date(2027, 1, 12, 2, 30, 0, 0, time.UTC)
)

func id(h crypto.Hash, serial int64) ocsp.CertID {
	return ocsp.NewCertID(h, subject, keyBits, big.NewInt(serial))
}

func newKey(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// el is a DER element of up to 64 KiB, for messages that our own writer does not make.
func el(tag byte, parts ...[]byte) []byte {
	b := bytes.Join(parts, nil)
	switch n := len(b); {
	case n < 0x80:
		return append([]byte{tag, byte(n)}, b...)
	case n < 0x100:
		return append([]byte{tag, 0x81, byte(n)}, b...)
	default:
		return append([]byte{tag, 0x82, byte(n >> 8), byte(n)}, b...)
	}
}

var (
	nonceOID   = []byte("\x06\x09\x2b\x06\x01\x05\x05\x07\x30\x01\x02")
	foreignOID = []byte("\x06\x09\x2b\x06\x01\x04\x01\x81\xfd\x58\x01")                                   // 1.3.6.1.4.1.32472.1
	certID     = el(0x30, el(0x30, foreignOID), el(4, []byte("n")), el(4, []byte("k")), el(2, []byte{5})) // under a hash that nobody knows
	yes        = []byte{1, 1, 0xff}
)

func ext(oid []byte, critical bool, value []byte) []byte {
	if critical {
		return el(0x30, oid, yes, el(4, value))
	}
	return el(0x30, oid, el(4, value))
}

// request builds a request around the parts of its TBSRequest.
func request(parts ...[]byte) []byte { return el(0x30, el(0x30, parts...)) }

func TestRequest(t *testing.T) {
	nonce := []byte("0123456789abcdef0123456789abcdef")
	hashes := []crypto.Hash{crypto.SHA1, crypto.SHA256, crypto.SHA384, crypto.SHA512}
	var ids []ocsp.CertID
	for i, h := range hashes {
		ids = append(ids, id(h, int64(7+i)))
	}
	der, err := ocsp.NewRequest(ids, nonce)
	if err != nil {
		t.Fatal(err)
	}
	r, err := ocsp.ParseRequest(der)
	if err != nil || len(r.IDs) != len(hashes) || !bytes.Equal(r.Nonce, nonce) {
		t.Fatalf("ParseRequest = %+v, %v", r, err)
	}
	for i, h := range hashes {
		if r.IDs[i].Hash != h || !r.IDs[i].Names(subject, keyBits, big.NewInt(int64(7+i))) || r.IDs[i].Names(subject, keyBits, big.NewInt(99)) ||
			r.IDs[i].Names(subject, []byte("lain"), big.NewInt(int64(7+i))) || r.IDs[i].Names([]byte("lain"), keyBits, big.NewInt(int64(7+i))) {
			t.Errorf("CertID %d = %+v does not name its certificate and no other", i, r.IDs[i])
		}
	}
	if _, err := ocsp.NewRequest(nil, nil); err == nil {
		t.Error("a request about nothing was made")
	}
	for name, bad := range map[string]ocsp.CertID{"no hash": {Serial: big.NewInt(1)}, "no serial": {Hash: crypto.SHA1}} {
		if _, err := ocsp.NewRequest([]ocsp.CertID{bad}, nil); err == nil {
			t.Errorf("NewRequest(CertID with %s) made a request", name)
		}
	}
}

func TestNonceLength(t *testing.T) {
	for size, ok := range map[int]bool{0: false, 1: true, 16: true, 32: true, 33: true, 128: true, 129: false} {
		nonce := bytes.Repeat([]byte{1}, size)
		der, err := ocsp.NewRequest([]ocsp.CertID{id(crypto.SHA1, 7)}, nonce)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := ocsp.ParseRequest(der); (err == nil) != ok {
			t.Errorf("ParseRequest(nonce of %d octets) = %v, want accepted %v (RFC 9654 §2.1)", size, err, ok)
		}
	}
}

func TestSerials(t *testing.T) {
	for _, n := range []int64{0, 1, 127, 128, 255, 256, 65535, 1 << 40, -1, -127, -128, -129, -256, -32768, -32769} {
		der, err := ocsp.NewRequest([]ocsp.CertID{id(crypto.SHA256, n)}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if r, err := ocsp.ParseRequest(der); err != nil || r.IDs[0].Serial.Int64() != n {
			t.Errorf("serial %d reads back as %+v, %v", n, r, err)
		}
	}
}

func TestParseRequestForms(t *testing.T) {
	one := el(0x30, certID)
	list := el(0x30, one)
	version := func(n byte) []byte { return el(0xa0, el(2, []byte{n})) }
	for _, tc := range []struct {
		name string
		der  []byte
		ok   bool
	}{
		{"plain", request(list), true},
		{"version 1 stated", request(version(0), list), true},
		{"version 2", request(version(1), list), false},
		{"requestor named", request(el(0xa1, el(0xa4, subject)), list), true},
		{"signed", el(0x30, el(0x30, list), el(0xa0, el(0x30))), true},
		{"foreign extension", request(list, el(0xa2, el(0x30, ext(foreignOID, false, nil)))), true},
		{"critical foreign extension", request(list, el(0xa2, el(0x30, ext(foreignOID, true, nil)))), false},
		{"critical nonce", request(list, el(0xa2, el(0x30, ext(nonceOID, true, el(4, []byte("n")))))), true},
		{"extension twice", request(list, el(0xa2, el(0x30, ext(nonceOID, false, el(4, []byte("n"))), ext(nonceOID, false, el(4, []byte("n")))))), false},
		{"extension of one certificate", request(el(0x30, el(0x30, certID, el(0xa0, el(0x30, ext(foreignOID, false, nil)))))), true},
		{"critical extension of one certificate", request(el(0x30, el(0x30, certID, el(0xa0, el(0x30, ext(foreignOID, true, nil)))))), false},
		{"nonce without OCTET STRING", request(list, el(0xa2, el(0x30, ext(nonceOID, false, []byte("abc"))))), false},
		{"no certificate", request(el(0x30)), false},
		{"bytes after the list", request(list, el(5)), false},
		{"bytes after a certificate", request(el(0x30, el(0x30, certID, el(5)))), false},
		{"bytes after the request", append(request(list), 0), false},
		{"too many certificates", request(el(0x30, bytes.Repeat(one, 1001))), false},
		{"serial of 200 octets", request(el(0x30, el(0x30, el(0x30, el(0x30, foreignOID), el(4), el(4), el(2, bytes.Repeat([]byte{1}, 200)))))), false},
		{"too large", request(el(0x30, one), make([]byte, 64<<10)), false},
	} {
		r, err := ocsp.ParseRequest(tc.der)
		if (err == nil) != tc.ok || err != nil && !errors.Is(err, ocsp.ErrMalformed) {
			t.Errorf("ParseRequest(%s) = %+v, %v, want accepted %v", tc.name, r, err, tc.ok)
		}
	}
}

func TestResponse(t *testing.T) {
	key, other := newKey(t), newKey(t)
	der, err := ocsp.Create(rand.Reader, ocsp.Template{
		ProducedAt: now, ResponderKey: keyBits, Nonce: []byte("nonsens"), Certificates: [][]byte{{0x30, 0}},
		Singles: []ocsp.Single{
			{ID: id(crypto.SHA1, 1), Status: ocsp.Good, Reason: -1, ThisUpdate: now, NextUpdate: now.Add(time.Hour), ArchiveCutoff: now.AddDate(-1, 0, 0)},
			{ID: id(crypto.SHA256, 2), Status: ocsp.Revoked, RevokedAt: now.Add(-time.Hour), Reason: 1, ThisUpdate: now},
			{ID: id(crypto.SHA1, 3), Status: ocsp.Revoked, RevokedAt: now.Add(-time.Hour), Reason: 0, ThisUpdate: now},
			{ID: id(crypto.SHA1, 4), Status: ocsp.Unknown, Reason: -1, ThisUpdate: now},
		},
	}, key)
	if err != nil {
		t.Fatal(err)
	}
	r, err := ocsp.Parse(der)
	if err != nil || r.Status != ocsp.Successful || !r.ProducedAt.Equal(now) || string(r.Nonce) != "nonsens" || len(r.Certificates) != 1 || len(r.Singles) != 4 || r.ExtendedRevoke {
		t.Fatalf("Parse = %+v, %v", r, err)
	}
	if !bytes.Contains(der, r.TBS) || !bytes.Equal(r.Raw, der) {
		t.Error("the exact bytes are not kept")
	}
	if err := r.VerifySignature(key.Public()); err != nil {
		t.Errorf("VerifySignature = %v", err)
	}
	if err := r.VerifySignature(other.Public()); err == nil {
		t.Error("the signature verifies under another key")
	}
	if !r.NamedBy(nil, keyBits) || r.NamedBy(nil, []byte("lain")) {
		t.Error("the responder does not name itself by its key")
	}
	for serial, want := range map[int64]ocsp.Single{
		1: {Status: ocsp.Good, Reason: -1}, 2: {Status: ocsp.Revoked, Reason: 1, RevokedAt: now.Add(-time.Hour)}, 3: {Status: ocsp.Revoked, Reason: -1, RevokedAt: now.Add(-time.Hour)}, 4: {Status: ocsp.Unknown, Reason: -1},
	} {
		s, ok := r.Find(subject, keyBits, big.NewInt(serial))
		if !ok || s.Status != want.Status || s.Reason != want.Reason || !s.RevokedAt.Equal(want.RevokedAt) || !s.ThisUpdate.Equal(now) {
			t.Errorf("answer for %d = %+v, want status %v, reason %d", serial, s, want.Status, want.Reason)
		}
	}
	if s, _ := r.Find(subject, keyBits, big.NewInt(1)); !s.ArchiveCutoff.Equal(now.AddDate(-1, 0, 0)) || !s.NextUpdate.Equal(now.Add(time.Hour)) {
		t.Errorf("times = %+v", s)
	}
	if _, ok := r.Find(subject, keyBits, big.NewInt(5)); ok {
		t.Error("an answer was found for a certificate that was not asked about")
	}
	// A changed byte breaks the form or the signature; the certificates at the end are not signed.
	for i := range len(der) - len("[0] { { 30 00 } }")/2 {
		bad := bytes.Clone(der)
		bad[i] ^= 1
		if r, err := ocsp.Parse(bad); err == nil && r.Status == ocsp.Successful && r.VerifySignature(key.Public()) == nil {
			t.Errorf("byte %d changed and nobody noticed", i)
		}
	}
}

func TestResponderNameAndExtendedRevoke(t *testing.T) {
	key := newKey(t)
	// RFC 6960 §2.2: what was never issued is on hold since 1970.
	der, err := ocsp.Create(rand.Reader, ocsp.Template{
		ProducedAt: now, ResponderName: subject, ExtendedRevoke: true, Nonce: []byte("n"), Hash: crypto.SHA384,
		Singles: []ocsp.Single{{ID: id(crypto.SHA1, 1), Status: ocsp.Revoked, RevokedAt: time.Unix(0, 0), Reason: 6, ThisUpdate: now}},
	}, key)
	if err != nil {
		t.Fatal(err)
	}
	r, err := ocsp.Parse(der)
	if err != nil || !r.ExtendedRevoke || string(r.Nonce) != "n" || r.ResponderKey != nil || !r.NamedBy(subject, nil) || r.NamedBy([]byte("lain"), keyBits) {
		t.Fatalf("Parse = %+v, %v", r, err)
	}
	if s := r.Singles[0]; s.Reason != 6 || !s.RevokedAt.Equal(time.Unix(0, 0)) {
		t.Errorf("answer = %+v, want on hold since 1970", s)
	}
	if err := r.VerifySignature(key.Public()); err != nil {
		t.Errorf("VerifySignature = %v", err)
	}
}

// TestUnknownHashIsEchoed: whoever asks with a hash that we do not know finds its own CertID in the answer.
func TestUnknownHashIsEchoed(t *testing.T) {
	req, err := ocsp.ParseRequest(request(el(0x30, el(0x30, certID))))
	if err != nil || req.IDs[0].Hash != 0 {
		t.Fatalf("ParseRequest = %+v, %v", req, err)
	}
	der, err := ocsp.Create(rand.Reader, ocsp.Template{ProducedAt: now, ResponderKey: keyBits, Singles: []ocsp.Single{{ID: req.IDs[0], Status: ocsp.Unknown, ThisUpdate: now}}}, newKey(t))
	if err != nil || !bytes.Contains(der, certID) {
		t.Fatalf("Create = %x, %v, want the CertID inside", der, err)
	}
	r, err := ocsp.Parse(der)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Answers(req); err != nil {
		t.Errorf("Answers = %v", err)
	}
}

func TestAnswers(t *testing.T) {
	ask := func(nonce string, ids ...ocsp.CertID) *ocsp.Request {
		q := &ocsp.Request{IDs: ids}
		if nonce != "" {
			q.Nonce = []byte(nonce)
		}
		return q
	}
	foreign := ocsp.NewCertID(crypto.SHA1, subject, []byte("lain"), big.NewInt(1))
	for _, tc := range []struct {
		name  string
		nonce string // of the response
		q     *ocsp.Request
		want  error
	}{
		{"both", "", ask("", id(crypto.SHA1, 1), id(crypto.SHA256, 2)), nil},
		{"one of two", "", ask("", id(crypto.SHA256, 2)), nil},
		{"asked by another hash", "", ask("", id(crypto.SHA512, 2)), nil},
		{"another serial", "", ask("", id(crypto.SHA1, 1), id(crypto.SHA1, 3)), ocsp.ErrOtherCertificate},
		{"another issuer", "", ask("", foreign), ocsp.ErrOtherCertificate},
		{"nonce", "abc", ask("abc", id(crypto.SHA1, 1)), nil},
		{"nonce left out", "", ask("abc", id(crypto.SHA1, 1)), nil},
		{"nonce not asked for", "abc", ask("", id(crypto.SHA1, 1)), nil},
		{"another nonce", "abd", ask("abc", id(crypto.SHA1, 1)), ocsp.ErrOtherNonce},
	} {
		r := &ocsp.Response{Singles: []ocsp.Single{{ID: id(crypto.SHA1, 1)}, {ID: id(crypto.SHA256, 2)}}}
		if tc.nonce != "" {
			r.Nonce = []byte(tc.nonce)
		}
		if err := r.Answers(tc.q); !errors.Is(err, tc.want) {
			t.Errorf("Answers(%s) = %v, want %v", tc.name, err, tc.want)
		}
	}
}

// TestParseForms reads responses that our own writer does not make. Nobody checks their signature.
func TestParseForms(t *testing.T) {
	var (
		stamp   = el(0x18, []byte("20270112023000Z"))
		name    = el(0xa1, subject)
		cid     = certID
		good    = el(0x80)
		single  = el(0x30, cid, good, stamp)
		alg     = el(0x30, []byte("\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02")) // ecdsa-with-SHA256
		reason  = []byte("\x06\x03\x55\x1d\x15")
		revoked = el(0xa1, stamp)
	)
	data := func(parts ...[]byte) []byte { return el(0x30, parts...) }
	response := func(data []byte, more ...[]byte) []byte {
		basic := el(0x30, append([][]byte{data, alg, el(3, []byte{0, 1})}, more...)...)
		return ocsp.Wrap(basic)
	}
	withExtension := func(e []byte) []byte { return data(name, stamp, el(0x30, single), el(0xa1, el(0x30, e))) }
	for _, tc := range []struct {
		name string
		der  []byte
		ok   bool
	}{
		{"plain", response(data(name, stamp, el(0x30, single))), true},
		{"by key", response(data(el(0xa2, el(4, make([]byte, 20))), stamp, el(0x30, single))), true},
		{"version stated", response(data(el(0xa0, el(2, []byte{0})), name, stamp, el(0x30, single))), true},
		{"version 2", response(data(el(0xa0, el(2, []byte{1})), name, stamp, el(0x30, single))), false},
		{"no responder", response(data(stamp, el(0x30, single))), false},
		{"responder with bytes after the name", response(data(el(0xa1, subject, subject), stamp, el(0x30, single))), false},
		{"time with a fraction", response(data(name, el(0x18, []byte("20270112023000.5Z")), el(0x30, single))), false},
		{"foreign extension", response(withExtension(ext(foreignOID, false, nil))), true},
		{"critical foreign extension", response(withExtension(ext(foreignOID, true, nil))), false},
		{"foreign extension of an answer", response(data(name, stamp, el(0x30, el(0x30, cid, good, stamp, el(0xa1, el(0x30, ext(foreignOID, false, nil))))))), true},
		{"critical foreign extension of an answer", response(data(name, stamp, el(0x30, el(0x30, cid, good, stamp, el(0xa1, el(0x30, ext(foreignOID, true, nil))))))), false},
		{"good that says something", response(data(name, stamp, el(0x30, el(0x30, cid, el(0x80, []byte{1}), stamp)))), false},
		{"a status that does not exist", response(data(name, stamp, el(0x30, el(0x30, cid, el(0x83), stamp)))), false},
		{"bytes after an answer", response(data(name, stamp, el(0x30, el(0x30, cid, good, stamp, el(5))))), false},
		{"bytes after the data", response(data(name, stamp, el(0x30, single), el(5))), false},
		{"bytes after the signature", response(data(name, stamp, el(0x30, single)), el(5)), false},
		{"too many answers", response(data(name, stamp, el(0x30, bytes.Repeat(single, 1001)))), false},
		{"too many certificates", response(data(name, stamp, el(0x30, single)), el(0xa0, el(0x30, bytes.Repeat(el(0x30), 33)))), false},
		{"another type of response", bytes.Replace(response(data(name, stamp, el(0x30, single))), []byte("\x30\x01\x01"), []byte("\x30\x01\x03"), 1), false},
	} {
		if r, err := ocsp.Parse(tc.der); (err == nil) != tc.ok || err != nil && !errors.Is(err, ocsp.ErrMalformed) {
			t.Errorf("Parse(%s) = %+v, %v, want accepted %v", tc.name, r, err, tc.ok)
		}
	}
	r, err := ocsp.Parse(response(data(name, stamp, el(0x30, el(0x30, cid, revoked, stamp, el(0xa1, el(0x30, ext(reason, false, el(10, []byte{6})))))))))
	if err != nil || r.Singles[0].Status != ocsp.Revoked || r.Singles[0].Reason != 6 {
		t.Errorf("reason in the extension of an answer (RFC 6960 §4.4.5): %+v, %v, want 6", r, err)
	}
	if r, err := ocsp.Parse(response(withExtension(ext(nonceOID, false, []byte("tanpa bungkus"))))); err != nil || string(r.Nonce) != "tanpa bungkus" {
		t.Errorf("nonce without OCTET STRING: %+v, %v, want its bytes", r, err)
	}
	bare := el(0x30, data(name, stamp, el(0x30, single)), alg, el(3, []byte{0, 1}))
	if r, err := ocsp.ParseBasic(bare); err != nil || !bytes.Equal(r.Raw, ocsp.Wrap(bare)) || !r.NamedBy(subject, nil) {
		t.Errorf("ParseBasic = %+v, %v", r, err)
	}
}

func TestCreateRefuses(t *testing.T) {
	key := newKey(t)
	fine := func() ocsp.Template {
		return ocsp.Template{ProducedAt: now, ResponderKey: keyBits, Singles: []ocsp.Single{{ID: id(crypto.SHA1, 1), Reason: -1, ThisUpdate: now}}}
	}
	if _, err := ocsp.Create(rand.Reader, fine(), key); err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(*ocsp.Template){
		"no answers":           func(t *ocsp.Template) { t.Singles = nil },
		"no responder":         func(t *ocsp.Template) { t.ResponderKey = nil },
		"no time":              func(t *ocsp.Template) { t.ProducedAt = time.Time{} },
		"no thisUpdate":        func(t *ocsp.Template) { t.Singles[0].ThisUpdate = time.Time{} },
		"update in the past":   func(t *ocsp.Template) { t.Singles[0].NextUpdate = now.Add(-time.Hour) },
		"year 10000":           func(t *ocsp.Template) { t.Singles[0].NextUpdate = now.AddDate(9000, 0, 0) },
		"archive of year 0":    func(t *ocsp.Template) { t.Singles[0].ArchiveCutoff = now.AddDate(-2027, 0, 0) },
		"empty nonce":          func(t *ocsp.Template) { t.Nonce = []byte{} },
		"long nonce":           func(t *ocsp.Template) { t.Nonce = make([]byte, 129) },
		"no serial":            func(t *ocsp.Template) { t.Singles[0].ID.Serial = nil },
		"no status":            func(t *ocsp.Template) { t.Singles[0].Status = 9 },
		"revoked at no time":   func(t *ocsp.Template) { t.Singles[0].Status = ocsp.Revoked },
		"reason of no meaning": func(t *ocsp.Template) { s := &t.Singles[0]; s.Status, s.RevokedAt, s.Reason = ocsp.Revoked, now, 11 },
		"hash without OID":     func(t *ocsp.Template) { t.Hash = crypto.MD4 },
	} {
		tmpl := fine()
		spoil(&tmpl)
		if _, err := ocsp.Create(rand.Reader, tmpl, key); err == nil {
			t.Errorf("Create(%s) made a response", name)
		}
	}
}

func TestErrorResponses(t *testing.T) {
	for s, name := range map[ocsp.ResponseStatus]string{
		ocsp.MalformedRequest: "malformedRequest", ocsp.InternalError: "internalError", ocsp.TryLater: "tryLater", ocsp.SigRequired: "sigRequired", ocsp.Unauthorized: "unauthorized",
	} {
		if r, err := ocsp.Parse(ocsp.ErrorResponse(s)); err != nil || r.Status != s || r.Status.String() != name {
			t.Errorf("ErrorResponse(%v) reads back as %v, %v", s, r, err)
		}
	}
	for _, b := range [][]byte{nil, {0x30}, []byte("<html>"), bytes.Repeat([]byte{0x30, 0x80}, 5000), ocsp.ErrorResponse(ocsp.Successful), append(ocsp.ErrorResponse(ocsp.TryLater), 0)} {
		if _, err := ocsp.Parse(b); !errors.Is(err, ocsp.ErrMalformed) {
			t.Errorf("Parse(%.10x) = %v, want ErrMalformed", b, err)
		}
	}
}
