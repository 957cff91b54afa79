package ca_test

import (
	"bytes"
	"context"
	"crypto/x509"
	"database/sql"
	"encoding/hex"
	"errors"
	"math/big"
	"strings"
	"sync"
	"testing"
	"time"

	"absah/internal/ca"
	"absah/trust"
)

func list(t *testing.T, w *world, authority string) *trust.CRL {
	t.Helper()
	der, err := w.ca.CRL(t.Context(), authority)
	if err != nil {
		t.Fatal(err)
	}
	crl, err := trust.ParseCRL(der)
	if err != nil {
		t.Fatal(err)
	}
	return crl
}

func find(crl *trust.CRL, s ca.Serial) (trust.CRLEntry, bool) { return crl.Find(crl.Issuer, s[:]) }

// TestReasons revokes with each reason and lets OpenSSL and the standard library read the list.
func TestReasons(t *testing.T) {
	w := start(t, "", nil)
	reasons := []trust.Reason{
		trust.NoReason, trust.Unspecified, trust.KeyCompromise, trust.CACompromise, trust.AffiliationChanged, trust.Superseded,
		trust.CessationOfOperation, trust.CertificateHold, trust.PrivilegeWithdrawn, trust.AACompromise,
	}
	serials := map[ca.Serial]trust.Reason{}
	for _, r := range reasons {
		rec := w.issue(t, person(t))
		serials[rec.Serial] = r
		if err := w.ca.Revoke(t.Context(), rec.Serial, r, "p-9"); err != nil {
			t.Errorf("Revoke(%v) = %v", r, err)
		}
	}
	rec := w.issue(t, person(t))
	for _, bad := range []trust.Reason{7, trust.RemoveFromCRL, 11, -2} {
		if err := w.ca.Revoke(t.Context(), rec.Serial, bad, "p-9"); err == nil {
			t.Errorf("Revoke(%d) succeeds", bad)
		}
	}
	if err := w.ca.Revoke(t.Context(), ca.Serial{0x41}, trust.KeyCompromise, "p-9"); !errors.Is(err, ca.ErrNotIssued) {
		t.Errorf("Revoke of what was never issued = %v, want ErrNotIssued", err)
	}
	der, err := w.ca.CRL(t.Context(), ca.Issuing)
	if err != nil {
		t.Fatal(err)
	}
	std, err := x509.ParseRevocationList(der)
	if err != nil {
		t.Fatal(err)
	}
	if len(std.RevokedCertificateEntries) != len(reasons) {
		t.Errorf("%d entries, want %d", len(std.RevokedCertificateEntries), len(reasons))
	}
	last := new(big.Int)
	for _, e := range std.RevokedCertificateEntries {
		var s ca.Serial
		e.SerialNumber.FillBytes(s[:])
		if want, ok := serials[s]; !ok || e.ReasonCode != max(0, int(want)) || !e.RevocationTime.Equal(w.now) {
			t.Errorf("entry %s: reason %d at %v, want %d at %v", s, e.ReasonCode, e.RevocationTime, want, w.now)
		}
		if e.SerialNumber.Cmp(last) <= 0 {
			t.Error("the entries are not in order")
		}
		last = e.SerialNumber
	}
	out, err := openssl(t, "crl", "-inform", "DER", "-in", write(t, "c.crl", der), "-noout", "-text", "-CAfile", write(t, "i.pem", pemOf(w.recs[ca.Issuing].DER)))
	if err != nil || !strings.Contains(out, "verify OK") || !strings.Contains(out, "X509v3 CRL Number") {
		t.Errorf("openssl crl: %v\n%s", err, out)
	}
	for s, r := range serials {
		if !strings.Contains(out, strings.ToUpper(hex.EncodeToString(s[:]))) {
			t.Errorf("openssl does not see %s (%v)", s, r)
		}
	}
	for _, words := range []string{"Key Compromise", "CA Compromise", "Affiliation Changed", "Superseded", "Cessation Of Operation", "Certificate Hold", "Privilege Withdrawn", "AA Compromise"} {
		if !strings.Contains(out, words) {
			t.Errorf("openssl does not see the reason %q", words)
		}
	}
}

func TestRevokedStaysRevoked(t *testing.T) {
	w := start(t, "", nil)
	rec := w.issue(t, person(t))
	revoke := func(r trust.Reason) {
		t.Helper()
		if err := w.ca.Revoke(t.Context(), rec.Serial, r, "p-9"); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.ca.Release(t.Context(), rec.Serial, "p-1"); !errors.Is(err, ca.ErrNotOnHold) {
		t.Errorf("Release of a good certificate = %v, want ErrNotOnHold", err)
	}
	revoke(trust.CertificateHold)
	if e, ok := find(list(t, w, ca.Issuing), rec.Serial); !ok || e.Reason != trust.CertificateHold {
		t.Errorf("on hold: %+v, %v", e, ok)
	}
	if err := w.ca.Release(t.Context(), rec.Serial, "p-1"); err != nil {
		t.Fatal(err)
	}
	if _, ok := find(list(t, w, ca.Issuing), rec.Serial); ok {
		t.Error("released, but still listed")
	}
	revoke(trust.CertificateHold)
	held := w.now
	w.now = w.now.Add(time.Hour)
	revoke(trust.KeyCompromise)
	n := size(t, w)
	w.now = w.now.Add(time.Hour)
	revoke(trust.Superseded) // changes nothing
	revoke(trust.CertificateHold)
	if size(t, w) != n {
		t.Error("a revocation that changed nothing is in the log")
	}
	if e, ok := find(list(t, w, ca.Issuing), rec.Serial); !ok || e.Reason != trust.KeyCompromise || !e.RevokedAt.Equal(held) {
		t.Errorf("entry %+v, %v; want keyCompromise since the hold at %v", e, ok, held)
	}
	if err := w.ca.Release(t.Context(), rec.Serial, "p-1"); !errors.Is(err, ca.ErrNotOnHold) {
		t.Errorf("Release of a revoked certificate = %v, want ErrNotOnHold", err)
	}
}

// TestListIsKept: a list is handed out again until something changes or an hour is over, and numbers rise.
func TestListIsKept(t *testing.T) {
	w := start(t, "", nil)
	rec := w.issue(t, person(t))
	first := list(t, w, ca.Issuing)
	if first.Len() != 0 || !first.NextUpdate.Equal(w.now.Add(7*24*time.Hour)) {
		t.Errorf("%d entries, until %v", first.Len(), first.NextUpdate)
	}
	issuing, _ := trust.ParseCertificate(w.recs[ca.Issuing].DER)
	if !first.ExpiredFrom.Equal(issuing.NotBefore) {
		t.Errorf("expired certificates are listed from %v, want %v", first.ExpiredFrom, issuing.NotBefore)
	}
	w.now = w.now.Add(59 * time.Minute)
	if again := list(t, w, ca.Issuing); !bytes.Equal(again.Raw, first.Raw) {
		t.Error("a new list though nothing changed")
	}
	w.now = w.now.Add(2 * time.Minute)
	second := list(t, w, ca.Issuing)
	if second.Number.Cmp(first.Number) <= 0 || !second.ThisUpdate.Equal(w.now) {
		t.Errorf("after an hour: number %v after %v, of %v", second.Number, first.Number, second.ThisUpdate)
	}
	if err := w.ca.Revoke(t.Context(), rec.Serial, trust.KeyCompromise, "p-9"); err != nil {
		t.Fatal(err)
	}
	third := list(t, w, ca.Issuing)
	if _, ok := find(third, rec.Serial); !ok || third.Number.Cmp(second.Number) <= 0 {
		t.Errorf("a revocation is not in the list at once (%v, number %v after %v)", ok, third.Number, second.Number)
	}
	w.now = rec.NotAfter.Add(365 * 24 * time.Hour)
	if _, ok := find(list(t, w, ca.Issuing), rec.Serial); !ok {
		t.Error("the entry went with the end of the certificate")
	}
	if root := list(t, w, ca.Root); root.Len() != 0 {
		t.Error("the root lists a certificate that it did not issue")
	}
	if _, err := w.ca.CRL(t.Context(), "lain"); err == nil {
		t.Error("CRL of an unknown authority")
	}
}

// TestListsAtOnce: many ask at once after a revocation; one list is made.
func TestListsAtOnce(t *testing.T) {
	w := start(t, "", nil)
	var wg sync.WaitGroup
	got := make([][]byte, 8)
	for i := range got {
		wg.Add(1)
		go func() {
			defer wg.Done()
			got[i], _ = w.ca.CRL(context.Background(), ca.Issuing)
		}()
	}
	wg.Wait()
	for _, g := range got {
		if g == nil || !bytes.Equal(g, got[0]) {
			t.Error("different lists were handed out")
		}
	}
}

// TestGuard: somebody with write access to the database makes a revoked certificate good; the list is not published, and the old one
// stays.
func TestGuard(t *testing.T) {
	w := start(t, "", nil)
	rec, other := w.issue(t, person(t)), w.issue(t, person(t))
	for _, r := range []*ca.Record{rec, other} {
		if err := w.ca.Revoke(t.Context(), r.Serial, trust.KeyCompromise, "p-9"); err != nil {
			t.Fatal(err)
		}
	}
	before := list(t, w, ca.Issuing)
	w.forget(t, rec.Serial)
	w.now = w.now.Add(2 * time.Hour)
	if der, err := w.ca.CRL(t.Context(), ca.Issuing); err == nil || !strings.Contains(err.Error(), rec.Serial.String()) {
		t.Errorf("a list without %s was published: %d bytes, %v", rec.Serial, len(der), err)
	}
	if l, err := w.db.CAList(t.Context(), ca.Issuing); err != nil || !bytes.Equal(l.DER, before.Raw) {
		t.Errorf("the last list was replaced: %v", err)
	}
	if open := w.open(t); len(open) != 0 {
		t.Errorf("the log has open intents %+v", open)
	}
}

// forget deletes a revocation behind the CA's back.
func (w *world) forget(t *testing.T, s ca.Serial) {
	t.Helper()
	raw, err := sql.Open("sqlite", w.path)
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	if _, err := raw.Exec(`DELETE FROM revoked WHERE serial = ?`, s[:]); err != nil {
		t.Fatal(err)
	}
}

// TestClockGoesBack: a list is never older than the one before.
func TestClockGoesBack(t *testing.T) {
	w := start(t, "", nil)
	list(t, w, ca.Issuing)
	w.now = w.now.Add(-24 * time.Hour)
	if _, err := w.ca.CRL(t.Context(), ca.Issuing); err == nil {
		t.Error("a list with an earlier time was published")
	}
}

func TestPublishIsMonotonic(t *testing.T) {
	w := start(t, "", nil)
	l := ca.List{Authority: "x", Number: 5, DER: []byte{1}}
	if err := w.db.CAPublish(t.Context(), l); err != nil {
		t.Fatal(err)
	}
	for _, n := range []int64{4, 5} {
		l.Number = n
		if err := w.db.CAPublish(t.Context(), l); !errors.Is(err, ca.ErrOldList) {
			t.Errorf("CAPublish(%d) after 5 = %v, want ErrOldList", n, err)
		}
	}
	a, _ := w.db.CANextCRL(t.Context(), "x", 100)
	b, _ := w.db.CANextCRL(t.Context(), "x", 50)
	c, _ := w.db.CANextCRL(t.Context(), "x", 500)
	if a != 100 || b != 101 || c != 500 {
		t.Errorf("numbers %d, %d, %d; want 100, 101, 500", a, b, c)
	}
}
