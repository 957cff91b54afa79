package status_test

import (
	"bytes"
	"context"
	"crypto"
	_ "crypto/sha1"
	"encoding/pem"
	"errors"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"absah/internal/audit"
	"absah/internal/ca"
	"absah/internal/keystore"
	"absah/internal/ocsp"
	"absah/internal/status"
	"absah/internal/store"
	"absah/trust"

	xocsp "golang.org/x/crypto/ocsp"
)

type world struct {
	ca        *ca.CA
	db        *store.DB
	certs     map[string]*trust.Certificate
	keys      map[string]crypto.Signer
	responder *status.Responder
	now       time.Time
}

func start(t testing.TB) *world {
	t.Helper()
	db, err := store.Open(t.Context(), store.Options{Path: filepath.Join(t.TempDir(), "absah.db")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	w := &world{db: db, certs: map[string]*trust.Certificate{}, keys: map[string]crypto.Signer{}, now: time.Now().UTC().Truncate(time.Second)}
	now := func() time.Time { return w.now }
	if w.ca, err = ca.New(ca.Config{Store: db, Log: audit.New(db, now), Now: now}); err != nil {
		t.Fatal(err)
	}
	plan := ca.Plan{Subjects: map[string]ca.Subject{}, Locations: map[string]ca.Locations{}}
	for _, name := range []string{ca.Root, ca.Issuing, ca.TSA, ca.OCSP} {
		plan.Subjects[name] = ca.Subject{Country: "ID", Organization: "Instansi Contoh", CommonName: "Absah Uji " + name}
		plan.Locations[name] = ca.Locations{CRL: "http://localhost/crl", Issuer: "http://localhost/ca", OCSP: "http://localhost/ocsp"}
	}
	recs, err := w.ca.Hierarchy(t.Context(), plan, func(name, kind string) (crypto.Signer, error) {
		k, err := keystore.Generate(keystore.Algorithm(kind))
		w.keys[name] = k
		return k, err
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, rec := range recs {
		if w.certs[name], err = trust.ParseCertificate(rec.DER); err != nil {
			t.Fatal(err)
		}
	}
	w.responder = &status.Responder{
		Authority: ca.Issuing, Issuer: w.certs[ca.Issuing], Certificate: w.certs[ca.OCSP], Key: w.keys[ca.OCSP], Store: db, Now: now, Since: w.certs[ca.Issuing].NotBefore,
	}
	return w
}

func (w *world) issue(t testing.TB) *ca.Record {
	t.Helper()
	k, err := keystore.Generate(keystore.P256)
	if err != nil {
		t.Fatal(err)
	}
	r := ca.Request{
		Authority: ca.Issuing, Profile: "person", Owner: "p-1", PublicKey: k.Public(),
		Subject: ca.Subject{Country: "ID", Organization: "Instansi Contoh", CommonName: "Budi Contoh", Serial: "P1"},
	}
	copy(r.Approval[:], time.Now().String()[10:])
	tok, err := w.ca.Prepare(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	rec, err := w.ca.Issue(t.Context(), tok)
	if err != nil {
		t.Fatal(err)
	}
	return rec
}

func (w *world) id(h crypto.Hash, serial *big.Int) ocsp.CertID {
	return ocsp.NewCertID(h, w.certs[ca.Issuing].RawSubject, w.certs[ca.Issuing].KeyBits, serial)
}

func request(t testing.TB, nonce []byte, ids ...ocsp.CertID) []byte {
	t.Helper()
	req, err := ocsp.NewRequest(ids, nonce)
	if err != nil {
		t.Fatal(err)
	}
	return req
}

// ask answers a request and checks everything that must hold for each answer.
func (w *world) ask(t testing.TB, nonce []byte, ids ...ocsp.CertID) *ocsp.Response {
	t.Helper()
	der, err := w.responder.Answer(t.Context(), request(t, nonce, ids...))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := ocsp.Parse(der)
	if err != nil || resp.Status != ocsp.Successful {
		t.Fatalf("response: %v, %v", resp, err)
	}
	if err := resp.VerifySignature(w.certs[ca.OCSP].PublicKey); err != nil {
		t.Error(err)
	}
	if !bytes.Equal(resp.Nonce, nonce) || len(resp.Singles) != len(ids) {
		t.Errorf("nonce %x, %d answers; asked with %x for %d", resp.Nonce, len(resp.Singles), nonce, len(ids))
	}
	for i, s := range resp.Singles {
		if s.ID.Serial.Cmp(ids[i].Serial) != 0 || s.ID.Hash != ids[i].Hash || !bytes.Equal(s.ID.IssuerKeyHash, ids[i].IssuerKeyHash) {
			t.Errorf("answer %d is for %v", i, s.ID)
		}
		if s.ThisUpdate.After(w.now) || !s.NextUpdate.After(w.now) || s.NextUpdate.Sub(s.ThisUpdate) > time.Hour {
			t.Errorf("answer %d holds from %v until %v", i, s.ThisUpdate, s.NextUpdate)
		}
	}
	return resp
}

func TestGoodRevokedUnknown(t *testing.T) {
	w := start(t)
	rec := w.issue(t)
	serial := rec.Serial.Int()
	for _, h := range []crypto.Hash{crypto.SHA1, crypto.SHA256} {
		if s := w.ask(t, nil, w.id(h, serial)).Singles[0]; s.Status != ocsp.Good {
			t.Errorf("%v: status of an issued certificate = %v, want good", h, s.Status)
		}
	}
	for _, never := range []*big.Int{big.NewInt(4711), new(big.Int).Add(serial, big.NewInt(1)), new(big.Int).Lsh(serial, 40), big.NewInt(-1), big.NewInt(0)} {
		if s := w.ask(t, nil, w.id(crypto.SHA1, never)).Singles[0]; s.Status != ocsp.Unknown {
			t.Errorf("status of %v, never issued = %v, want unknown", never, s.Status)
		}
	}
	w.now = w.now.Add(time.Second)
	if err := w.ca.Revoke(t.Context(), rec.Serial, trust.KeyCompromise, "p-1"); err != nil {
		t.Fatal(err)
	}
	// At once, for both names of the certificate, though good answers are in the cache.
	for _, h := range []crypto.Hash{crypto.SHA1, crypto.SHA256} {
		if s := w.ask(t, nil, w.id(h, serial)).Singles[0]; s.Status != ocsp.Revoked || s.Reason != int(trust.KeyCompromise) || !s.RevokedAt.Equal(w.now) {
			t.Errorf("%v: right after revocation = %+v, want revoked for keyCompromise at %v", h, s, w.now)
		}
	}
	// Long after the end of the certificate the answer is still the same; the responder has been renewed meanwhile.
	w.now = rec.NotAfter.AddDate(1, 0, 0)
	k, _ := keystore.Generate(keystore.P256)
	w.renew(t, k)
	if s := w.ask(t, nil, w.id(crypto.SHA1, serial)).Singles[0]; s.Status != ocsp.Revoked || !s.ArchiveCutoff.Equal(w.certs[ca.Issuing].NotBefore) {
		t.Errorf("after the end of the certificate = %+v, want revoked, with an archive cutoff", s)
	}
}

// renew gives the responder a certificate of today.
func (w *world) renew(t testing.TB, k crypto.Signer) {
	t.Helper()
	tok, err := w.ca.Prepare(t.Context(), ca.Request{
		Authority: ca.Issuing, Profile: "ocsp", Owner: ca.OCSP, PublicKey: k.Public(), Subject: ca.Subject{Country: "ID", Organization: "Instansi Contoh", CommonName: "Absah Uji OCSP"},
	})
	if err != nil {
		t.Fatal(err)
	}
	rec, err := w.ca.Issue(t.Context(), tok)
	if err != nil {
		t.Fatal(err)
	}
	c, err := trust.ParseCertificate(rec.DER)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.responder.Use(c, k); err != nil {
		t.Fatal(err)
	}
	w.certs[ca.OCSP], w.keys[ca.OCSP] = c, k
}

func TestHold(t *testing.T) {
	w := start(t)
	rec := w.issue(t)
	id := w.id(crypto.SHA1, rec.Serial.Int())
	if err := w.ca.Revoke(t.Context(), rec.Serial, trust.CertificateHold, "p-1"); err != nil {
		t.Fatal(err)
	}
	if s := w.ask(t, nil, id).Singles[0]; s.Status != ocsp.Revoked || s.Reason != int(trust.CertificateHold) {
		t.Errorf("on hold = %+v", s)
	}
	if err := w.ca.Release(t.Context(), rec.Serial, "p-1"); err != nil {
		t.Fatal(err)
	}
	if s := w.ask(t, nil, id).Singles[0]; s.Status != ocsp.Good {
		t.Errorf("released = %+v, want good at once", s)
	}
}

// TestSeveral: several certificates in one request, one of them under another authority, with a nonce.
func TestSeveral(t *testing.T) {
	w := start(t)
	a, b := w.issue(t), w.issue(t)
	if err := w.ca.Revoke(t.Context(), b.Serial, trust.Superseded, "p-1"); err != nil {
		t.Fatal(err)
	}
	foreign := ocsp.NewCertID(crypto.SHA1, w.certs[ca.Root].RawSubject, w.certs[ca.Root].KeyBits, w.certs[ca.Issuing].Serial)
	resp := w.ask(t, []byte("nonce of 32 octets, as RFC 9654."), w.id(crypto.SHA1, a.Serial.Int()), w.id(crypto.SHA256, b.Serial.Int()), w.id(crypto.SHA1, big.NewInt(4711)), foreign)
	for i, want := range []ocsp.CertStatus{ocsp.Good, ocsp.Revoked, ocsp.Unknown, ocsp.Unknown} {
		if got := resp.Singles[i].Status; got != want {
			t.Errorf("answer %d = %v, want %v", i, got, want)
		}
	}
}

func TestRefusals(t *testing.T) {
	w := start(t)
	rec := w.issue(t)
	id := w.id(crypto.SHA1, rec.Serial.Int())
	foreign := ocsp.NewCertID(crypto.SHA1, w.certs[ca.Root].RawSubject, w.certs[ca.Root].KeyBits, rec.Serial.Int())
	otherKey := ocsp.NewCertID(crypto.SHA1, w.certs[ca.Issuing].RawSubject, w.certs[ca.Root].KeyBits, rec.Serial.Int())
	many := make([]ocsp.CertID, 51)
	for i := range many {
		many[i] = id
	}
	// OpenSSL would send this as -md5; the OID of SHA-1 changed into one that nobody has.
	oddHash := bytes.Replace(request(t, nil, id), []byte{0x2b, 0x0e, 3, 2, 0x1a}, []byte{0x2b, 0x0e, 3, 2, 0x7a}, 1)
	for _, c := range []struct {
		name string
		req  []byte
		want ocsp.ResponseStatus
	}{
		{"nothing", nil, ocsp.MalformedRequest},
		{"no DER", []byte("kosong"), ocsp.MalformedRequest},
		{"cut", request(t, nil, id)[:40], ocsp.MalformedRequest},
		{"bytes behind", append(request(t, nil, id), 0), ocsp.MalformedRequest},
		{"51 certificates", request(t, nil, many...), ocsp.MalformedRequest},
		{"empty nonce", request(t, []byte{}, id), ocsp.MalformedRequest},
		{"nonce of 129 octets", request(t, make([]byte, 129), id), ocsp.MalformedRequest},
		{"another authority", request(t, nil, foreign), ocsp.Unauthorized},
		{"another key of the authority", request(t, nil, otherKey), ocsp.Unauthorized},
		{"unknown hash", oddHash, ocsp.Unauthorized},
	} {
		reply, err := w.responder.Reply(t.Context(), c.req)
		resp, perr := ocsp.Parse(reply.DER)
		if perr != nil || resp.Status != c.want || reply.MaxAge != 0 {
			t.Errorf("%s: %v (kept for %v), %v; want %v (%v)", c.name, resp, reply.MaxAge, perr, c.want, err)
		}
	}
	if n := len(w.ask(t, make([]byte, 128), id).Nonce); n != 128 {
		t.Errorf("nonce of 128 octets comes back with %d", n)
	}
}

type storeFunc func() (status.State, error)

func (f storeFunc) StatusOf(context.Context, string, *big.Int) (status.State, error) { return f() }

func TestBrokenStore(t *testing.T) {
	w := start(t)
	rec := w.issue(t)
	id := w.id(crypto.SHA1, rec.Serial.Int())
	w.ask(t, nil, id) // fills the cache
	w.responder.Store = storeFunc(func() (status.State, error) { return status.State{}, errors.New("disk gone") })
	der, err := w.responder.Answer(t.Context(), request(t, nil, id))
	if resp, perr := ocsp.Parse(der); perr != nil || resp.Status != ocsp.InternalError || err == nil {
		t.Errorf("with a broken store = %v, %v, want internalError and never an old answer", resp, err)
	}
}

func TestCache(t *testing.T) {
	w := start(t)
	rec := w.issue(t)
	req := request(t, nil, w.id(crypto.SHA1, rec.Serial.Int()))
	reply := func(req []byte) status.Reply {
		t.Helper()
		r, err := w.responder.Reply(t.Context(), req)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	first := reply(req)
	if first.MaxAge != time.Minute || len(first.ETag) != 34 {
		t.Errorf("kept for %v under %s", first.MaxAge, first.ETag)
	}
	w.now = w.now.Add(4 * time.Minute)
	if again := reply(req); !bytes.Equal(again.DER, first.DER) || again.ETag != first.ETag {
		t.Error("an answer of 4 minutes ago is not given again")
	}
	w.now = w.now.Add(2 * time.Minute)
	if again := reply(req); bytes.Equal(again.DER, first.DER) || again.ETag == first.ETag {
		t.Error("an answer of 6 minutes ago is given again")
	}
	if r := reply(request(t, []byte("0123456789abcdef"), w.id(crypto.SHA1, rec.Serial.Int()))); r.MaxAge != 0 || r.ETag != "" {
		t.Error("an answer with a nonce may be kept")
	}
}

func TestCacheIsBounded(t *testing.T) {
	w := start(t)
	if n, most, first := status.Overfill(w.responder, 45_000); n > most || n < most/2 || !first {
		t.Errorf("%d answers are kept, at most %d; the one that is asked for all the time is there: %v", n, most, first)
	}
}

func TestUnfitResponder(t *testing.T) {
	w := start(t)
	sound := *w.certs[ca.OCSP]
	for name, change := range map[string]func(r *status.Responder){
		"a certificate for other things": func(r *status.Responder) { r.Certificate, r.Key = w.certs[ca.TSA], w.keys[ca.TSA] },
		"the key of another":             func(r *status.Responder) { r.Key = w.keys[ca.TSA] },
		"certified by another":           func(r *status.Responder) { r.Issuer = w.certs[ca.Root] },
	} {
		r := &status.Responder{Authority: ca.Issuing, Issuer: w.certs[ca.Issuing], Certificate: &sound, Key: w.keys[ca.OCSP], Store: w.db, Now: w.responder.Now}
		if err := r.Check(); err != nil {
			t.Fatal(err)
		}
		r = &status.Responder{Authority: ca.Issuing, Issuer: w.certs[ca.Issuing], Certificate: &sound, Key: w.keys[ca.OCSP], Store: w.db, Now: w.responder.Now}
		change(r)
		if err := r.Check(); err == nil {
			t.Errorf("%s: Check finds nothing", name)
		}
		der, err := r.Answer(t.Context(), request(t, nil, w.id(crypto.SHA1, big.NewInt(1))))
		if resp, _ := ocsp.Parse(der); err == nil || resp.Status != ocsp.InternalError {
			t.Errorf("%s: Answer = %v, %v", name, resp, err)
		}
		if err := w.responder.Use(r.Certificate, r.Key); name != "certified by another" && err == nil {
			t.Errorf("%s: Use takes it", name)
		}
	}
	// The authority may answer itself.
	own := &status.Responder{Authority: ca.Issuing, Issuer: w.certs[ca.Issuing], Certificate: w.certs[ca.Issuing], Key: w.keys[ca.Issuing], Store: w.db, Now: w.responder.Now}
	der, err := own.Answer(t.Context(), request(t, nil, w.id(crypto.SHA1, big.NewInt(1))))
	if resp, perr := ocsp.Parse(der); err != nil || perr != nil || len(resp.Certificates) != 0 || resp.VerifySignature(w.certs[ca.Issuing].PublicKey) != nil {
		t.Errorf("the authority's own answer = %v, %v", resp, err)
	}
	// Over: say so instead of answers that nobody takes.
	w.now = w.certs[ca.OCSP].NotAfter.Add(-10 * time.Minute)
	if s := w.ask(t, nil, w.id(crypto.SHA1, big.NewInt(1))).Singles[0]; !s.NextUpdate.Equal(w.certs[ca.OCSP].NotAfter) {
		t.Errorf("the answer holds until %v, its signer until %v", s.NextUpdate, w.certs[ca.OCSP].NotAfter)
	}
	w.now = w.certs[ca.OCSP].NotAfter.Add(time.Second)
	der, err = w.responder.Answer(t.Context(), request(t, nil, w.id(crypto.SHA1, big.NewInt(1))))
	if resp, _ := ocsp.Parse(der); err == nil || resp.Status != ocsp.TryLater {
		t.Errorf("after the end of the responder's certificate = %v, %v, want tryLater", resp, err)
	}
}

// TestOpenSSL lets OpenSSL ask, with a nonce and two certificates, and judge the answer.
func TestOpenSSL(t *testing.T) {
	if _, err := exec.LookPath("openssl"); err != nil {
		t.Skip("openssl is not installed")
	}
	w := start(t)
	a, b := w.issue(t), w.issue(t)
	if err := w.ca.Revoke(t.Context(), b.Serial, trust.KeyCompromise, "p-1"); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	file := func(name string, b []byte) string {
		path := filepath.Join(dir, name)
		if b != nil {
			if err := os.WriteFile(path, b, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		return path
	}
	certificate := func(name string, ders ...[]byte) string {
		var out []byte
		for _, d := range ders {
			out = append(out, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: d})...)
		}
		return file(name, out)
	}
	run := func(args ...string) string {
		t.Helper()
		out, err := exec.Command("openssl", append([]string{"ocsp"}, args...)...).CombinedOutput()
		if err != nil {
			t.Errorf("openssl ocsp: %v\n%s", err, out)
		}
		return string(out)
	}
	issuing, root := certificate("i.pem", w.certs[ca.Issuing].Raw), certificate("r.pem", w.certs[ca.Root].Raw, w.certs[ca.Issuing].Raw)
	ask := []string{"-issuer", issuing, "-cert", certificate("a.pem", a.DER), "-sha256", "-cert", certificate("b.pem", b.DER)}
	run(append(ask, "-reqout", file("q", nil), "-nonce")...)
	q, err := os.ReadFile(file("q", nil))
	if err != nil {
		t.Fatal(err)
	}
	answer, err := w.responder.Answer(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	file("resp", answer)
	out := run("-reqin", file("q", nil), "-respin", file("resp", nil), "-CAfile", root)
	if !strings.Contains(out, "Response verify OK") || strings.Contains(out, "nonce") {
		t.Errorf("signature and nonce:\n%s", out)
	}
	out = run(append(ask, "-no_nonce", "-respin", file("resp", nil), "-CAfile", root)...)
	if !strings.Contains(out, "a.pem: good") || !strings.Contains(out, "b.pem: revoked") || !strings.Contains(out, "Reason: keyCompromise") {
		t.Errorf("statuses:\n%s", out)
	}
}

// TestSecondOpinion reads answers with x/crypto.
func TestSecondOpinion(t *testing.T) {
	w := start(t)
	rec := w.issue(t)
	for _, want := range []int{xocsp.Good, xocsp.Revoked} {
		der, err := w.responder.Answer(t.Context(), request(t, nil, w.id(crypto.SHA256, rec.Serial.Int())))
		if err != nil {
			t.Fatal(err)
		}
		resp, err := xocsp.ParseResponse(der, nil)
		if err != nil || resp.Status != want || resp.SerialNumber.Cmp(rec.Serial.Int()) != 0 || !bytes.Equal(resp.Certificate.Raw, w.certs[ca.OCSP].Raw) {
			t.Errorf("x/crypto reads %+v, %v; want status %d", resp, err, want)
		}
		if err := w.ca.Revoke(t.Context(), rec.Serial, trust.Superseded, "p-1"); err != nil {
			t.Fatal(err)
		}
	}
}

func BenchmarkAnswer(b *testing.B) {
	w := start(b)
	rec := w.issue(b)
	id := w.id(crypto.SHA1, rec.Serial.Int())
	for name, req := range map[string][]byte{"cached": request(b, nil, id), "nonce": request(b, []byte("0123456789abcdef"), id)} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := w.responder.Answer(context.Background(), req); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// TestCacheKeepsForms: two clients name one certificate in different bytes (SHA-1 with parameters NULL and without); each gets back
// the bytes that it asked with, however warm the cache is.
func TestCacheKeepsForms(t *testing.T) {
	w := start(t)
	long := request(t, nil, w.id(crypto.SHA1, w.issue(t).Serial.Int()))
	null := []byte{0x30, 9, 6, 5, 0x2b, 0x0e, 3, 2, 0x1a, 5, 0}
	if !bytes.Contains(long, null) {
		t.Fatal("the request does not look as the test expects")
	}
	for range 2 {
		for _, req := range [][]byte{long, w.short(t, long, null)} {
			asked, err := ocsp.ParseRequest(req)
			if err != nil {
				t.Fatal(err)
			}
			der, err := w.responder.Answer(t.Context(), req)
			if err != nil {
				t.Fatal(err)
			}
			resp, err := ocsp.Parse(der)
			if err != nil || resp.Status != ocsp.Successful {
				t.Fatal(resp, err)
			}
			if !bytes.Equal(resp.Singles[0].ID.Raw, asked.IDs[0].Raw) {
				t.Errorf("asked about %x, answered %x", asked.IDs[0].Raw, resp.Singles[0].ID.Raw)
			}
		}
	}
}

// short is a request without the NULL in its algorithm, every length on the way to it two less.
func (*world) short(t *testing.T, long, null []byte) []byte {
	t.Helper()
	at := bytes.Index(long, null)
	out := slices.Concat(long[:at], []byte{0x30, 7}, null[2:9], long[at+len(null):])
	for i := 0; i < at; i += 2 { // nothing but SEQUENCEs with short lengths before it
		if out[i] != 0x30 || out[i+1] >= 128 {
			t.Fatalf("the request does not look as the test expects: %x", long)
		}
		out[i+1] -= 2
	}
	return out
}
