package remotesign_test

import (
	"bytes"
	"context"
	"crypto"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"absah/internal/audit"
	"absah/internal/blob"
	"absah/internal/fault"
	"absah/internal/remotesign"
	"absah/internal/store"
	"absah/internal/testkit"
	"absah/pades"
)

const (
	secret = "gerimis-teras-kapur-58"
	wrong  = "gerimis-teras-kapur-59"
)

// world is a service with one credential.
type world struct {
	*remotesign.Service
	t   *testing.T
	pki *testkit.PKI
	cfg remotesign.Config
	dir string // of the documents

	mu     sync.Mutex
	clock  time.Time
	looked int           // how often a passphrase was looked at
	gate   chan struct{} // not nil: opening a key waits until it is closed
	busy   bool          // keys cannot be opened now
	room   int           // how many events the audit log still takes
	acts   []string      // of the audit log, and "key" for each use of the key

	revoked time.Time
}

func newWorld(t *testing.T) *world {
	t.Helper()
	p := testkit.NewPKI(t, nil)
	w := &world{t: t, pki: p, clock: p.Now, room: 1000}
	db, err := store.Open(t.Context(), store.Options{Path: filepath.Join(t.TempDir(), "absah.db")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	w.dir = t.TempDir()
	files, err := blob.OpenFolder(w.dir)
	if err != nil {
		t.Fatal(err)
	}
	w.cfg = remotesign.Config{
		Store: db, Keys: w, Issuer: w, Files: files, Log: w, Now: w.now, Chain: p.Signer.Chain, Anchors: p.Anchors(t), Timestamper: p, Fetcher: p,
		Revoked: func(context.Context, []byte) (time.Time, error) { return w.revoked, nil },
		PageURL: func(code string) string { return "https://absah.test/v/" + code },
	}
	w.Service = remotesign.New(w.cfg)
	if _, err := w.Enroll(t.Context(), remotesign.Holder{Person: "budi"}, secret); err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *world) now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.clock
}

func (w *world) sleep(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.clock = w.clock.Add(d)
}

// Append implements audit.Log.
func (w *world) Append(_ context.Context, e audit.Event) (int64, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.room == 0 {
		return 0, errors.New("the disk is full")
	}
	w.room--
	w.acts = append(w.acts, e.Act)
	return int64(len(w.acts) - 1), nil
}

// Issue implements remotesign.Issuer.
func (w *world) Issue(context.Context, remotesign.Holder, crypto.PublicKey) ([]byte, error) {
	return w.pki.Signer.Certificate.Raw, nil
}

// Generate implements remotesign.Keys.
func (w *world) Generate() (crypto.Signer, error) { return w.pki.Signer.Key, nil }

// Wrap implements remotesign.Keys.
func (w *world) Wrap(_ crypto.Signer, _, passphrase string) ([]byte, error) {
	return []byte(passphrase), nil
}

type openKey struct {
	crypto.Signer
	w *world
}

func (k openKey) Sign(r io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	k.w.mu.Lock()
	k.w.acts = append(k.w.acts, "key")
	k.w.mu.Unlock()
	return k.Signer.Sign(r, digest, opts)
}

func (openKey) Close() {}

// Open implements remotesign.Keys.
func (w *world) Open(b []byte, _ string, _ crypto.PublicKey, passphrase string) (remotesign.Key, error) {
	w.mu.Lock()
	gate := w.gate
	if w.busy {
		w.mu.Unlock()
		return nil, fault.New("ABS-KEY-002")
	}
	w.looked++
	w.mu.Unlock()
	if gate != nil {
		<-gate
	}
	if string(b) != passphrase {
		return nil, remotesign.ErrPassphrase
	}
	return openKey{w.pki.Signer.Key, w}, nil
}

// sign tries to sign what is no PDF: it gets no further than past the passphrase.
func (w *world) sign(ctx context.Context, passphrase string) string {
	w.t.Helper()
	doc := []byte("bukan PDF")
	_, err := w.Sign(ctx, remotesign.Request{Person: "budi", Passphrase: passphrase, Source: bytes.NewReader(doc), Size: int64(len(doc))})
	f, ok := fault.As(err)
	if !ok {
		w.t.Errorf("Sign: %v", err)
		return ""
	}
	return f.Code + f.Text("en")
}

const opened = "ABS-SIG-010This file is not a PDF. Convert it and try again."

func TestWrongPassphrases(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	left := func(n string) string {
		return "ABS-SIG-2031Wrong passphrase. " + n + " tries left before a lock. Check upper and lower case."
	}
	locked := "ABS-SIG-2032Signing is locked until " + w.clock.Add(15*time.Minute).In(time.FixedZone("WIB", 7*3600)).Format("15:04") + // as English writes it
		" WIB after wrong passphrases. Your certificate is safe."
	for i, want := range []string{left("4"), left("3"), left("2"), left("1")} {
		if got := w.sign(ctx, wrong); got != want {
			t.Errorf("wrong try %d: %s", i+1, got)
		}
	}
	if got := w.sign(ctx, secret); got != opened {
		t.Errorf("the right one: %s", got)
	}
	for i, want := range []string{left("4"), left("3"), left("2"), left("1"), locked, locked} {
		if got := w.sign(ctx, wrong); got != want {
			t.Errorf("wrong try %d after the right one: %s", i+1, got)
		}
	}
	if got := w.sign(ctx, secret); got != locked {
		t.Errorf("the right one during the lock: %s", got)
	}
	w.sleep(15 * time.Minute)
	if got := w.sign(ctx, wrong); got != left("4") {
		t.Errorf("a wrong one after the lock: %s", got)
	}
	if got := w.sign(ctx, secret); got != opened {
		t.Errorf("the right one after the lock: %s", got)
	}
}

// TestManyTriesAtOnce: tries that overlap must not count as one.
func TestManyTriesAtOnce(t *testing.T) {
	w := newWorld(t)
	w.gate = make(chan struct{})
	var wg sync.WaitGroup
	for range 40 {
		wg.Go(func() { w.sign(t.Context(), wrong) })
	}
	time.Sleep(200 * time.Millisecond) // all of them get as far as they can
	close(w.gate)
	wg.Wait()
	if w.looked > 5 {
		t.Errorf("40 wrong passphrases at once: %d were looked at, want at most 5", w.looked)
	}
	if got := w.sign(t.Context(), secret)[:12]; got != "ABS-SIG-2032" {
		t.Errorf("the right one after them: %s", got)
	}
}

// TestTryOfSomebodyWhoLeft: closing the connection does not undo a try.
func TestTryOfSomebodyWhoLeft(t *testing.T) {
	w := newWorld(t)
	for range 10 {
		ctx, cancel := context.WithCancel(t.Context())
		w.gate = make(chan struct{})
		done := make(chan struct{})
		go func() {
			defer close(done)
			_, _ = w.Sign(ctx, remotesign.Request{Person: "budi", Passphrase: wrong})
		}()
		time.Sleep(20 * time.Millisecond)
		cancel()
		close(w.gate)
		<-done
	}
	if w.looked > 5 {
		t.Errorf("%d passphrases were looked at, want at most 5", w.looked)
	}
}

// TestBusyIsNoTry: who was not let in has not tried.
func TestBusyIsNoTry(t *testing.T) {
	w := newWorld(t)
	w.busy = true
	for range 10 {
		if got := w.sign(t.Context(), secret)[:11]; got != "ABS-KEY-002" {
			t.Fatal(got)
		}
	}
	w.busy = false
	if got := w.sign(t.Context(), secret); got != opened {
		t.Errorf("after it: %s", got)
	}
}

// request asks for a signature on a real document.
func (w *world) request() remotesign.Request {
	doc := testkit.Document(w.t, 1)
	return remotesign.Request{Person: "budi", Passphrase: secret, Source: bytes.NewReader(doc), Size: int64(len(doc)), Title: "surat", Level: pades.LevelLT}
}

func TestSign(t *testing.T) {
	w := newWorld(t)
	doc, err := w.Sign(t.Context(), w.request())
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(w.acts, " "); got != "sign.intent key sign.outcome" {
		t.Errorf("log and key: %s", got)
	}
	if got, err := w.Document(t.Context(), strings.ToLower(doc.Code)); err != nil || got == nil || got.SHA256 != doc.SHA256 || got.Size != doc.Size {
		t.Errorf("Document = %+v, %v", got, err)
	}
	if list, err := w.Documents(t.Context(), "budi"); err != nil || len(list) != 1 {
		t.Errorf("Documents = %v, %v", list, err)
	}
}

// TestNotNow: no passphrase is looked at where the key must not be used whatever it is.
func TestNotNow(t *testing.T) {
	for name, c := range map[string]struct {
		change func(w *world, r *remotesign.Request)
		want   string
	}{
		"nobody":  {func(_ *world, r *remotesign.Request) { r.Person = "ani" }, "ABS-SIG-2011"},
		"expired": {func(w *world, _ *remotesign.Request) { w.sleep(3 * 366 * 24 * time.Hour) }, "ABS-SIG-2012"},
		"revoked": {func(w *world, _ *remotesign.Request) { w.revoked = w.clock }, "ABS-SIG-2013"},
	} {
		w := newWorld(t)
		r := w.request()
		c.change(w, &r)
		if _, err := w.Sign(t.Context(), r); !errors.Is(err, fault.New(c.want, "")) || w.looked != 0 || len(w.acts) != 0 {
			t.Errorf("%s: %v, looked %d times, log %v", name, err, w.looked, w.acts)
		}
	}
}

// TestOnlyWhatWeCallValid: what our verifier does not accept is not handed out and not listed.
func TestOnlyWhatWeCallValid(t *testing.T) {
	w := newWorld(t)
	w.cfg.Anchors = testkit.NewPKI(t, nil).Anchors(t)
	var refused *pades.SelfCheckError
	if _, err := remotesign.New(w.cfg).Sign(t.Context(), w.request()); !errors.As(err, &refused) {
		t.Errorf("Sign: %v", err)
	}
	if list, err := w.Documents(t.Context(), "budi"); err != nil || len(list) != 0 {
		t.Errorf("Documents = %v, %v", list, err)
	}
	if left, err := os.ReadDir(w.dir); err != nil || len(left) != 0 {
		t.Errorf("the folder holds %v, %v", left, err)
	}
}

// TestLogFull: without a written intent no key is used, and the words say so; of a key that was used they must not say it.
func TestLogFull(t *testing.T) {
	w := newWorld(t)
	w.room = 0
	if _, err := w.Sign(t.Context(), w.request()); !errors.Is(err, fault.New("ABS-AUD-001")) || len(w.acts) != 0 {
		t.Errorf("without an intent: %v, %v", err, w.acts)
	}
	w.room = 1
	_, err := w.Sign(t.Context(), w.request())
	var write *audit.WriteError
	if f, ok := fault.As(err); ok || !errors.As(err, &write) {
		t.Errorf("without an outcome: %v (%+v)", err, f)
	}
	if got := strings.Join(w.acts, " "); got != "sign.intent key" {
		t.Errorf("log and key: %s", got)
	}
}
