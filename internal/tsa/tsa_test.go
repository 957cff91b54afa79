package tsa_test

import (
	"bytes"
	"context"
	"crypto"
	_ "crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/asn1"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"io"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"absah/internal/audit"
	"absah/internal/ca"
	"absah/internal/keystore"
	"absah/internal/store"
	"absah/internal/tsa"
	"absah/trust"
	"absah/tsp"
)

const policy = "1.3.6.1.4.1.32473.1.4.1"

type world struct {
	db    *store.DB
	log   *audit.Tree
	certs map[string]*trust.Certificate
	keys  map[string]crypto.Signer

	mu    sync.Mutex
	now   time.Time
	bound time.Duration
	err   error
}

func (w *world) clock() (time.Time, time.Duration, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now, w.bound, w.err
}

func (w *world) move(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

func start(t testing.TB) *world {
	t.Helper()
	db, err := store.Open(t.Context(), store.Options{Path: filepath.Join(t.TempDir(), "absah.db")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	w := &world{db: db, certs: map[string]*trust.Certificate{}, keys: map[string]crypto.Signer{}, now: time.Now().UTC().Truncate(time.Second), bound: 100 * time.Millisecond}
	now := func() time.Time { n, _, _ := w.clock(); return n }
	w.log = audit.New(db, now)
	c, err := ca.New(ca.Config{Store: db, Log: w.log, Now: now})
	if err != nil {
		t.Fatal(err)
	}
	plan := ca.Plan{Subjects: map[string]ca.Subject{}, Locations: map[string]ca.Locations{}}
	for _, name := range []string{ca.Root, ca.Issuing, ca.TSA, ca.OCSP} {
		plan.Subjects[name] = ca.Subject{Country: "ID", Organization: "Absah Uji Coba", CommonName: "Absah Uji " + name}
		plan.Locations[name] = ca.Locations{CRL: "http://localhost/crl", Issuer: "http://localhost/ca"}
	}
	recs, err := c.Hierarchy(t.Context(), plan, func(name, kind string) (crypto.Signer, error) {
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
	return w
}

// authority is as after a start of the program.
func (w *world) authority() *tsa.Authority {
	return &tsa.Authority{
		Certificate: w.certs[ca.TSA], Chain: [][]byte{w.certs[ca.Issuing].Raw}, Key: w.keys[ca.TSA], Policy: policy, MaxBound: time.Second, Clock: w.clock, Store: w.db, Log: w.log,
	}
}

func stamp(t testing.TB, a *tsa.Authority) *tsp.Token {
	t.Helper()
	sum := sha256.Sum256([]byte("isi"))
	raw, err := a.Timestamp(t.Context(), crypto.SHA256, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	tok, err := tsp.ParseToken(raw)
	if err != nil {
		t.Fatal(err)
	}
	if c := tok.Check(nil); c.Err != nil || !c.Bound {
		t.Errorf("token: %+v", c)
	}
	return tok
}

func TestToken(t *testing.T) {
	w := start(t)
	a := w.authority()
	if a.TokenSize() != 0 {
		t.Error("a size before the first token")
	}
	sum := sha512.Sum384([]byte("isi"))
	req, err := tsp.NewRequest(crypto.SHA384, sum[:], big.NewInt(-4711))
	if err != nil {
		t.Fatal(err)
	}
	req.Policy = policy
	for _, include := range []bool{true, false} {
		req.CertReq = include
		der, _ := req.Marshal()
		reply, err := a.Respond(t.Context(), der)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := tsp.ParseResponse(reply)
		if err != nil {
			t.Fatal(err)
		}
		tok, err := resp.Check(req)
		if err != nil {
			t.Fatal(err)
		}
		if n := len(tok.Signed.Certificates); include != (n > 0) {
			t.Errorf("certReq %v: %d certificates in the token", include, n)
		}
		if c := tok.Check([][]byte{w.certs[ca.TSA].Raw}); c.Err != nil || !bytes.Equal(c.Certificate, w.certs[ca.TSA].Raw) {
			t.Errorf("certReq %v: %+v", include, c)
		}
		i := tok.Info
		if i.Policy != policy || i.Accuracy < w.bound || i.Accuracy > w.bound+10*time.Microsecond || i.GenTime.Before(w.now) || i.GenTime.Sub(w.now) > 10*time.Microsecond || i.Ordering {
			t.Errorf("info %+v, clock %v ± %v", i, w.now, w.bound)
		}
	}
	if a.TokenSize() < 1000 {
		t.Errorf("size %d", a.TokenSize())
	}
}

// TestRefusals: each refusal has its own failure.
func TestRefusals(t *testing.T) {
	w := start(t)
	sum := sha256.Sum256([]byte("isi"))
	good := func(change func(*tsp.Request)) []byte {
		req, err := tsp.NewRequest(crypto.SHA256, sum[:], big.NewInt(1))
		if err != nil {
			t.Fatal(err)
		}
		change(req)
		der, err := req.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		return der
	}
	plain := good(func(*tsp.Request) {})
	version2 := bytes.Clone(plain)
	if version2[4] != 1 {
		t.Fatal("the version is not where the test expects it")
	}
	version2[4] = 2
	ext, err := asn1.Marshal(struct {
		Version int
		Imprint asn1.RawValue
		Ext     []struct {
			ID       asn1.ObjectIdentifier
			Critical bool `asn1:"optional"`
			Value    []byte
		} `asn1:"tag:0"`
	}{1, asn1.RawValue{FullBytes: imprint(t, plain)}, []struct {
		ID       asn1.ObjectIdentifier
		Critical bool `asn1:"optional"`
		Value    []byte
	}{{asn1.ObjectIdentifier{1, 2, 3, 4}, false, []byte{5, 0}}}})
	if err != nil {
		t.Fatal(err)
	}
	oddHash := bytes.Replace(plain, []byte{0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1}, []byte{0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 0x63}, 1)
	for _, c := range []struct {
		name  string
		req   []byte
		set   func()
		want  tsp.Failure
		fails bool // our own fault, and therefore in the log
	}{
		{"nothing", nil, nil, tsp.BadDataFormat, false},
		{"no DER", []byte("kosong"), nil, tsp.BadDataFormat, false},
		{"cut", plain[:len(plain)-3], nil, tsp.BadDataFormat, false},
		{"bytes behind", append(bytes.Clone(plain), 0), nil, tsp.BadDataFormat, false},
		{"digest of another length", good(func(r *tsp.Request) { r.Digest = r.Digest[:20] }), nil, tsp.BadDataFormat, false},
		{"version 2", version2, nil, tsp.BadRequest, false},
		{"endless nonce", good(func(r *tsp.Request) { r.Nonce = new(big.Int).Lsh(big.NewInt(1), 5000) }), nil, tsp.BadRequest, false},
		{"SHA-1", good(func(r *tsp.Request) { r.Hash, r.Digest = crypto.SHA1, r.Digest[:20] }), nil, tsp.BadAlg, false},
		{"unknown digest", oddHash, nil, tsp.BadAlg, false},
		{"another policy", good(func(r *tsp.Request) { r.Policy = "1.2.3.4" }), nil, tsp.UnacceptedPolicy, false},
		{"extension", ext, nil, tsp.UnacceptedExtension, false},
		{"clock unknown", plain, func() { w.err = errors.New("no source answers") }, tsp.TimeNotAvailable, true},
		{"clock too far off", plain, func() { w.err, w.bound = nil, 2*time.Second }, tsp.TimeNotAvailable, true},
		{"certificate over", plain, func() { w.bound, w.now = 0, w.certs[ca.TSA].NotAfter.Add(time.Second) }, tsp.SystemFailure, true},
	} {
		if c.set != nil {
			c.set()
		}
		reply, err := w.authority().Respond(t.Context(), c.req)
		resp, perr := tsp.ParseResponse(reply)
		if perr != nil {
			t.Fatal(perr)
		}
		if resp.Status != tsp.Rejection || resp.Failure != c.want || resp.Token != nil || resp.Text == "" || c.fails != (err != nil) {
			t.Errorf("%s: %+v, %v; want %v", c.name, resp, err, c.want)
		}
	}
	if n, _ := w.db.AuditSize(t.Context()); n != 8 { // the four certificates of the hierarchy
		t.Errorf("refusals left %d entries in the log", n-8)
	}
}

// imprint cuts the messageImprint out of a request.
func imprint(t *testing.T, req []byte) []byte {
	t.Helper()
	var r struct {
		Version int
		Imprint asn1.RawValue
		Rest    asn1.RawValue `asn1:"optional"`
		Cert    asn1.RawValue `asn1:"optional"`
	}
	if _, err := asn1.Unmarshal(req, &r); err != nil {
		t.Fatal(err)
	}
	return r.Imprint.FullBytes
}

// TestTimesRise: with a clock that stands still, goes back a little, and from many goroutines.
func TestTimesRise(t *testing.T) {
	w := start(t)
	a := w.authority()
	seen := map[string]bool{}
	var last time.Time
	for i := range 20 {
		if i == 10 {
			w.move(-300 * time.Millisecond)
		}
		tok := stamp(t, a)
		if !tok.Info.GenTime.After(last) {
			t.Errorf("genTime %v is not after %v", tok.Info.GenTime, last)
		}
		// The true time lies within what the token promises.
		if d := tok.Info.GenTime.Sub(w.now).Abs(); d+w.bound > tok.Info.Accuracy {
			t.Errorf("genTime is %v off, the accuracy says %v", d, tok.Info.Accuracy)
		}
		last = tok.Info.GenTime
		seen[tok.Info.Serial.String()] = true
	}
	var wg sync.WaitGroup
	var mu sync.Mutex
	times := map[time.Time]bool{}
	for range 16 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			tok := stamp(t, a)
			mu.Lock()
			defer mu.Unlock()
			times[tok.Info.GenTime], seen[tok.Info.Serial.String()] = true, true
		}()
	}
	wg.Wait()
	if len(times) != 16 || len(seen) != 36 {
		t.Errorf("%d different times of 16, %d serial numbers of 36", len(times), len(seen))
	}
	w.move(-time.Hour)
	sum := sha256.Sum256(nil)
	if _, err := a.Timestamp(t.Context(), crypto.SHA256, sum[:]); !errors.Is(err, tsa.ErrClock) {
		t.Errorf("after the clock was set back an hour = %v, want ErrClock", err)
	}
	w.move(2 * time.Hour)
	stamp(t, a)
}

// TestRestart: times rise over restarts, and a clock that was set back while the program was down is noticed.
func TestRestart(t *testing.T) {
	w := start(t)
	last := stamp(t, w.authority()).Info.GenTime
	for range 3 {
		tok := stamp(t, w.authority())
		if !tok.Info.GenTime.After(last) {
			t.Errorf("after a restart genTime %v is not after %v", tok.Info.GenTime, last)
		}
		if d := tok.Info.GenTime.Sub(w.now).Abs(); d+w.bound > tok.Info.Accuracy || d > time.Second {
			t.Errorf("after a restart genTime is %v off, the accuracy says %v", d, tok.Info.Accuracy)
		}
		last = tok.Info.GenTime
	}
	w.move(2 * time.Second)
	if tok := stamp(t, w.authority()); tok.Info.Accuracy != w.bound {
		t.Errorf("two seconds later the accuracy is %v, want %v again", tok.Info.Accuracy, w.bound)
	}
	w.move(-10 * time.Second)
	sum := sha256.Sum256(nil)
	if _, err := w.authority().Timestamp(t.Context(), crypto.SHA256, sum[:]); !errors.Is(err, tsa.ErrClock) {
		t.Errorf("started with a clock of 10 s ago = %v, want ErrClock", err)
	}
	if err := w.db.TSASetMark(t.Context(), "tsa", time.Unix(1, 0)); err != nil {
		t.Fatal(err)
	}
	if at, err := w.db.TSAMark(t.Context(), "tsa"); err != nil || at.Before(last) {
		t.Errorf("the mark went back to %v, %v", at, err)
	}
}

// broken is a key that does not sign.
type broken struct{ crypto.Signer }

func (broken) Sign(io.Reader, []byte, crypto.SignerOpts) ([]byte, error) {
	return nil, errors.New("the module does not answer")
}

func TestLog(t *testing.T) {
	w := start(t)
	a := w.authority()
	tok := stamp(t, a)
	r, err := w.log.Review(t.Context())
	if err != nil || len(r.Open) != 0 {
		t.Errorf("Review = %+v, %v", r, err)
	}
	content, token := sha256.Sum256(tok.Signed.EContent), sha256.Sum256(tok.Raw)
	for i, want := range []string{hex.EncodeToString(content[:]), hex.EncodeToString(token[:])} {
		leaf, err := w.db.AuditLeaf(t.Context(), int64(8+i))
		if err != nil || !bytes.Contains(leaf, []byte(want)) || !bytes.Contains(leaf, []byte(tok.Info.Serial.Text(16))) {
			t.Errorf("entry %d = %s, %v; want the digest %s", i, leaf, err, want)
		}
	}
	a = w.authority()
	a.Key = broken{a.Key}
	sum := sha256.Sum256(nil)
	if tok, err := a.Timestamp(t.Context(), crypto.SHA256, sum[:]); err == nil || tok != nil {
		t.Errorf("with a key that does not sign = %v", err)
	}
	if leaf, _ := w.db.AuditLeaf(t.Context(), 11); !bytes.Contains(leaf, []byte(`"failed"`)) {
		t.Errorf("outcome %s, want failed", leaf)
	}
	// Without a log no token.
	a = w.authority()
	a.Store = nil
	a.Key = spy{a.Key, t}
	w.db.Close()
	if tok, err := a.Timestamp(t.Context(), crypto.SHA256, sum[:]); err == nil || tok != nil {
		t.Errorf("with a closed log = %v", err)
	}
}

type spy struct {
	crypto.Signer
	t *testing.T
}

func (s spy) Sign(io.Reader, []byte, crypto.SignerOpts) ([]byte, error) {
	s.t.Error("the key was used though the log cannot be written")
	return nil, errors.New("no")
}

func TestUnfit(t *testing.T) {
	w := start(t)
	if err := w.authority().Check(); err != nil {
		t.Error(err)
	}
	for name, change := range map[string]func(a *tsa.Authority){
		"the key of another":       func(a *tsa.Authority) { a.Key = w.keys[ca.OCSP] },
		"the key of the CA":        func(a *tsa.Authority) { a.Certificate, a.Key = w.certs[ca.Issuing], w.keys[ca.Issuing] },
		"a certificate for status": func(a *tsa.Authority) { a.Certificate, a.Key = w.certs[ca.OCSP], w.keys[ca.OCSP] },
	} {
		a := w.authority()
		change(a)
		if err := a.Check(); err == nil {
			t.Errorf("%s: Check finds nothing", name)
		}
		sum := sha256.Sum256(nil)
		if _, err := a.Timestamp(t.Context(), crypto.SHA256, sum[:]); err == nil {
			t.Errorf("%s: a token was made", name)
		}
	}
	sum := make([]byte, 20)
	if _, err := w.authority().Timestamp(t.Context(), crypto.SHA1, sum); err == nil {
		t.Error("a SHA-1 digest was time-stamped")
	}
}

// TestOpenSSL lets OpenSSL ask and judge, with and without the certificate in the token.
func TestOpenSSL(t *testing.T) {
	if _, err := exec.LookPath("openssl"); err != nil {
		t.Skip("openssl is not installed")
	}
	w := start(t)
	dir := t.TempDir()
	path := func(name string) string { return filepath.Join(dir, name) }
	put := func(name string, b []byte) string {
		if err := os.WriteFile(path(name), b, 0o600); err != nil {
			t.Fatal(err)
		}
		return path(name)
	}
	certificate := func(name string, c *trust.Certificate) string {
		return put(name, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw}))
	}
	run := func(args ...string) string {
		t.Helper()
		out, err := exec.Command("openssl", append([]string{"ts"}, args...)...).CombinedOutput()
		if err != nil {
			t.Errorf("openssl ts: %v\n%s", err, out)
		}
		return string(out)
	}
	put("data", []byte("isi dokumen"))
	root, chain := certificate("root.pem", w.certs[ca.Root]), certificate("issuing.pem", w.certs[ca.Issuing])
	for _, c := range [][]string{{"-sha256", "-cert"}, {"-sha512", "-tspolicy", policy, "-cert"}, {"-sha3-256", "-no_nonce", "-cert"}, {"-sha384"}} {
		run(append([]string{"-query", "-data", path("data"), "-out", path("q")}, c...)...)
		q, err := os.ReadFile(path("q"))
		if err != nil {
			t.Fatal(err)
		}
		reply, err := w.authority().Respond(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		args := []string{"-verify", "-in", put("r", reply), "-queryfile", path("q"), "-CAfile", root, "-untrusted", chain}
		if c[len(c)-1] != "-cert" {
			bundle, _ := os.ReadFile(chain)
			own, _ := os.ReadFile(certificate("tsa.pem", w.certs[ca.TSA]))
			args[len(args)-1] = put("bundle.pem", append(bundle, own...))
		}
		if out := run(args...); !strings.Contains(out, "Verification: OK") {
			t.Errorf("%v: %s", c, out)
		}
	}
	if text := run("-reply", "-in", path("r"), "-text"); !strings.Contains(text, "Policy OID: "+policy) || !strings.Contains(text, "Accuracy: ") {
		t.Errorf("openssl reads:\n%s", text)
	}
}

func FuzzRespond(f *testing.F) {
	w := start(f)
	a := w.authority()
	a.Log, a.Store = nil, nil
	sum := sha256.Sum256(nil)
	req, _ := tsp.NewRequest(crypto.SHA256, sum[:], big.NewInt(1))
	der, _ := req.Marshal()
	f.Add(der)
	f.Add(der[:20])
	f.Add([]byte{0x30, 3, 2, 1, 2})
	f.Fuzz(func(t *testing.T, b []byte) {
		reply, err := a.Respond(context.Background(), b)
		if err != nil {
			t.Skip(err)
		}
		if _, err := tsp.ParseResponse(reply); err != nil {
			t.Errorf("the response to %x cannot be read: %v", b, err)
		}
	})
}

func BenchmarkToken(b *testing.B) {
	w := start(b)
	sum := sha256.Sum256(nil)
	for name, set := range map[string]func(a *tsa.Authority){"logged": func(*tsa.Authority) {}, "bare": func(a *tsa.Authority) { a.Log, a.Store = nil, nil }} {
		a := w.authority()
		set(a)
		a.Clock = tsa.SystemClock(time.Now, 100*time.Millisecond)
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := a.Timestamp(context.Background(), crypto.SHA256, sum[:]); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
