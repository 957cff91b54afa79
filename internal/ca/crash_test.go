package ca_test

import (
	"context"
	"crypto"
	"errors"
	"io"
	"strings"
	"testing"

	"absah/internal/ca"
	"absah/internal/fault"
	"absah/internal/store"
	"absah/trust"
)

// spy runs before before each signature; an error or panic of it keeps the key from signing.
type spy struct {
	crypto.Signer
	before func() error
}

func (s spy) Sign(rand io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	if err := s.before(); err != nil {
		return nil, err
	}
	return s.Signer.Sign(rand, digest, opts)
}

// liar signs something else than it was asked to.
type liar struct{ crypto.Signer }

func (l liar) Sign(rand io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	return l.Signer.Sign(rand, make([]byte, len(digest)), opts)
}

// fragile is a database whose insert of certificates can be made to fail or to crash.
type fragile struct {
	*store.DB
	issued func() error
}

func (f *fragile) CAIssued(ctx context.Context, r ca.Record) error {
	if f.issued != nil {
		if err := f.issued(); err != nil {
			return err
		}
	}
	return f.DB.CAIssued(ctx, r)
}

// crash runs f, which is expected to panic as a process that is killed.
func crash(t *testing.T, f func()) {
	t.Helper()
	defer func() {
		if recover() == nil {
			t.Fatal("it did not crash")
		}
	}()
	f()
}

// TestCrash stops an issuance at each half: before the key signed, and after it signed but before the certificate is stored. Both look
// the same from outside, so both end the same: an open intent, then a revoked serial number, and the approval can be used again.
func TestCrash(t *testing.T) {
	for _, name := range []string{"failAfterIntentNotSigned", "failAfterIntentButSigned"} {
		t.Run(name, func(t *testing.T) {
			var f *fragile
			w := start(t, "", func(db *store.DB) ca.Store { f = &fragile{DB: db}; return f })
			r := person(t)
			tok, err := w.ca.Prepare(t.Context(), r)
			if err != nil {
				t.Fatal(err)
			}
			sound := *w.ca.Authority(ca.Issuing)
			signed := false
			a := sound
			a.Key = spy{a.Key, func() error {
				if name == "failAfterIntentNotSigned" {
					panic("killed")
				}
				signed = true
				return nil
			}}
			f.issued = func() error { panic("killed") }
			w.ca.Use(&a)
			tok, err = reprepare(t, w, tok, r)
			if err != nil {
				t.Fatal(err)
			}
			crash(t, func() { _, _ = w.ca.Issue(t.Context(), tok) })
			if want := name == "failAfterIntentButSigned"; signed != want {
				t.Fatalf("signed %v, want %v", signed, want)
			}

			// The next start.
			f.issued = nil
			w.ca.Use(&sound)
			if open := w.open(t); len(open) != 1 || open[0].Event.Subject != tok.Serial().String() {
				t.Errorf("after the crash the log has open %+v, want the intent", open)
			}
			if s, err := w.db.StatusOf(t.Context(), ca.Issuing, tok.Serial().Int()); err != nil || s.Issued {
				t.Errorf("status before recovery %+v, %v, want unknown", s, err)
			}
			if n, err := w.ca.Recover(t.Context()); n != 1 || err != nil {
				t.Fatalf("Recover = %d, %v, want 1", n, err)
			}
			if open := w.open(t); len(open) != 0 {
				t.Errorf("after recovery the log has open %+v", open)
			}
			if s, err := w.db.StatusOf(t.Context(), ca.Issuing, tok.Serial().Int()); err != nil || s.RevokedAt.IsZero() {
				t.Errorf("status after recovery %+v, %v, want revoked", s, err)
			}
			der, err := w.ca.CRL(t.Context(), ca.Issuing)
			if err != nil {
				t.Fatal(err)
			}
			crl, _ := trust.ParseCRL(der)
			serial := tok.Serial()
			if _, ok := crl.Find(crl.Issuer, serial[:]); !ok {
				t.Error("the CRL does not list the lost serial number")
			}
			if n, _ := w.ca.Recover(t.Context()); n != 0 {
				t.Errorf("Recover again = %d, want 0", n)
			}
			again := person(t)
			again.Approval = r.Approval
			w.issue(t, again)
		})
	}
}

// reprepare ends a token whose authority was replaced and makes one with the new authority, as a restart would.
func reprepare(t *testing.T, w *world, old *ca.Token, r ca.Request) (*ca.Token, error) {
	t.Helper()
	if n, err := w.ca.Recover(t.Context()); n != 1 || err != nil {
		t.Fatalf("Recover = %d, %v", n, err)
	}
	again := person(t)
	again.Approval = r.Approval
	tok, err := w.ca.Prepare(t.Context(), again)
	if err == nil && tok.Serial() == old.Serial() {
		t.Error("a serial number came twice")
	}
	return tok, err
}

// TestFailure: what fails without a crash is ended at once, and the caller hears why.
func TestFailure(t *testing.T) {
	broken := errors.New("disk full")
	for _, c := range []struct {
		name string
		set  func(a *ca.Authority, f *fragile)
		want func(error) bool
	}{
		{"the key cannot sign", func(a *ca.Authority, _ *fragile) { a.Key = spy{a.Key, func() error { return broken }} }, func(err error) bool {
			return errors.Is(err, fault.New("ABS-ISS-001")) && errors.Is(err, broken)
		}},
		{"the key signs something else", func(a *ca.Authority, _ *fragile) { a.Key = liar{a.Key} }, func(err error) bool { return err != nil }},
		{"the certificate cannot be stored", func(_ *ca.Authority, f *fragile) { f.issued = func() error { return broken } }, func(err error) bool {
			return errors.Is(err, broken)
		}},
	} {
		var f *fragile
		w := start(t, "", func(db *store.DB) ca.Store { f = &fragile{DB: db}; return f })
		a := *w.ca.Authority(ca.Issuing)
		c.set(&a, f)
		w.ca.Use(&a)
		tok, err := w.ca.Prepare(t.Context(), person(t))
		if err != nil {
			t.Fatal(err)
		}
		rec, err := w.ca.Issue(t.Context(), tok)
		if rec != nil || !c.want(err) {
			t.Errorf("%s: Issue = %v, %v", c.name, rec, err)
		}
		if s, _ := w.db.StatusOf(t.Context(), ca.Issuing, tok.Serial().Int()); s.RevokedAt.IsZero() {
			t.Errorf("%s: the serial number is not revoked", c.name)
		}
		if r, _ := w.ca.Certificate(t.Context(), tok.Serial()); r != nil {
			t.Errorf("%s: a certificate is stored", c.name)
		}
		if open := w.open(t); len(open) != 0 {
			t.Errorf("%s: the log has open intents %+v", c.name, open)
		}
	}
}

// TestCancelled: who goes away before leaves nothing; who goes away during still gets a finished issuance.
func TestCancelled(t *testing.T) {
	w := start(t, "", nil)
	tok, err := w.ca.Prepare(t.Context(), person(t))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := w.ca.Issue(ctx, tok); !errors.Is(err, context.Canceled) {
		t.Errorf("Issue for nobody = %v", err)
	}
	if rec, err := w.ca.Issue(t.Context(), tok); err != nil || rec == nil {
		t.Errorf("the token should still be good: %v", err)
	}
	ctx, cancel = context.WithCancel(t.Context())
	a := *w.ca.Authority(ca.Issuing)
	a.Key = spy{a.Key, func() error { cancel(); return nil }}
	w.ca.Use(&a)
	if tok, err = w.ca.Prepare(t.Context(), person(t)); err != nil {
		t.Fatal(err)
	}
	if rec, err := w.ca.Issue(ctx, tok); err != nil || rec == nil {
		t.Errorf("Issue while the caller goes away = %v", err)
	}
}

// TestNoLogNoKey: without a log entry there is no token, and so no signature.
func TestNoLogNoKey(t *testing.T) {
	w := start(t, "", nil)
	used := false
	a := *w.ca.Authority(ca.Issuing)
	a.Key = spy{a.Key, func() error { used = true; return nil }}
	w.ca.Use(&a)
	w.db.Close()
	if _, err := w.ca.Prepare(t.Context(), person(t)); err == nil || !strings.Contains(err.Error(), "closed") {
		t.Errorf("Prepare on a closed database = %v", err)
	}
	if _, err := w.ca.CRL(t.Context(), ca.Issuing); err == nil {
		t.Error("CRL on a closed database succeeds")
	}
	if used {
		t.Error("the key was used")
	}
}
