package remotesign_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"math/big"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"absah/internal/audit"
	"absah/internal/blob"
	"absah/internal/fault"
	"absah/internal/remotesign"
	"absah/internal/store"
)

const (
	secret = "gerimis-teras-kapur-58"
	wrong  = "gerimis-teras-kapur-59"
)

// world is a service with one credential. Its documents are no PDF, so a signature that gets past the passphrase ends with
// ABS-SIG-010.
type world struct {
	*remotesign.Service
	t    *testing.T
	cert []byte
	key  *ecdsa.PrivateKey

	mu     sync.Mutex
	clock  time.Time
	looked int           // how often a passphrase was looked at
	gate   chan struct{} // not nil: opening a key waits until it is closed
	busy   bool          // keys cannot be opened now
	deaf   bool          // the audit log cannot be written
	acts   []string      // of the audit log
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, clock: time.Date(2027, 1, 12, 2, 30, 0, 0, time.UTC)}
	db, err := store.Open(t.Context(), store.Options{Path: filepath.Join(t.TempDir(), "absah.db")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	files, err := blob.OpenFolder(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if w.key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		t.Fatal(err)
	}
	tmpl := &x509.Certificate{SerialNumber: big.NewInt(7), Subject: pkix.Name{CommonName: "Budi Contoh"}, NotBefore: w.clock.Add(-time.Hour), NotAfter: w.clock.AddDate(1, 0, 0)}
	if w.cert, err = x509.CreateCertificate(rand.Reader, tmpl, tmpl, w.key.Public(), w.key); err != nil {
		t.Fatal(err)
	}
	w.Service = remotesign.New(remotesign.Config{
		Store: db, Keys: w, Issuer: w, Files: files, Log: w, Now: w.now,
		Revoked: func(context.Context, []byte) (time.Time, error) { return time.Time{}, nil },
		PageURL: func(code string) string { return "https://absah.test/v/" + code },
	})
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
	if w.deaf {
		return 0, errors.New("the disk is full")
	}
	w.acts = append(w.acts, e.Act)
	return int64(len(w.acts) - 1), nil
}

// Issue implements remotesign.Issuer.
func (w *world) Issue(context.Context, remotesign.Holder, crypto.PublicKey) ([]byte, error) {
	return w.cert, nil
}

// Generate implements remotesign.Keys.
func (w *world) Generate() (crypto.Signer, error) { return w.key, nil }

// Wrap implements remotesign.Keys.
func (w *world) Wrap(_ crypto.Signer, _, passphrase string) ([]byte, error) {
	return []byte(passphrase), nil
}

type openKey struct{ crypto.Signer }

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
	return openKey{w.key}, nil
}

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
	const locked = "ABS-SIG-2032Signing is locked until 09.45 WIB after wrong passphrases. Your certificate is safe."
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

// TestNoLogNoKey: without a written intent nothing is signed, and the words say so.
func TestNoLogNoKey(t *testing.T) {
	w := newWorld(t)
	w.deaf = true
	if got := w.sign(t.Context(), secret)[:11]; got != "ABS-AUD-001" {
		t.Error(got)
	}
	if len(w.acts) != 0 {
		t.Errorf("logged: %v", w.acts)
	}
}
