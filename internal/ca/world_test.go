package ca_test

import (
	"context"
	"crypto"
	"encoding/pem"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"absah/internal/audit"
	"absah/internal/ca"
	"absah/internal/keystore"
	"absah/internal/store"
)

// world is a hierarchy on a real database with a clock that the test moves.
type world struct {
	ca   *ca.CA
	db   *store.DB
	log  *audit.Tree
	recs map[string]*ca.Record
	keys map[string]crypto.Signer
	now  time.Time
	path string // of the database
}

func plan() ca.Plan {
	subject := func(org, cn string) ca.Subject { return ca.Subject{Country: "ID", Organization: org, CommonName: cn} }
	return ca.Plan{
		Subjects: map[string]ca.Subject{
			ca.Root: subject("Absah Uji Coba", "Absah Uji Root CA 1"), ca.Issuing: subject("Instansi Contoh", "Absah Uji CA DS 1"),
			ca.TSA: subject("Absah Uji Coba", "Absah Uji TSA 1"), ca.OCSP: subject("Instansi Contoh", "Absah Uji OCSP"),
		},
		Locations: map[string]ca.Locations{
			ca.Root:    {CRL: "http://localhost/crl/root.crl", Issuer: "http://localhost/ca/root.cer"},
			ca.Issuing: {OCSP: "http://localhost/ocsp", CRL: "http://localhost/crl/issuing.crl", Issuer: "http://localhost/ca/issuing.cer"},
		},
	}
}

// start makes a hierarchy; algorithm replaces the kind of the issuing CA's key, "" for what the profile says. wrap may put something between
// CA and database.
func start(t testing.TB, algorithm keystore.Algorithm, wrap func(*store.DB) ca.Store) *world {
	t.Helper()
	path := filepath.Join(t.TempDir(), "absah.db")
	db, err := store.Open(t.Context(), store.Options{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	w := &world{db: db, path: path, keys: map[string]crypto.Signer{}, now: time.Now().UTC().Truncate(time.Second)}
	now := func() time.Time { return w.now }
	w.log = audit.New(db, now)
	var s ca.Store = db
	if wrap != nil {
		s = wrap(db)
	}
	if w.ca, err = ca.New(ca.Config{Store: s, Log: w.log, Now: now}); err != nil {
		t.Fatal(err)
	}
	w.recs, err = w.ca.Hierarchy(t.Context(), plan(), func(name, kind string) (crypto.Signer, error) {
		if algorithm != "" && name == ca.Issuing {
			kind = string(algorithm)
		}
		k, err := keystore.Generate(keystore.Algorithm(kind))
		w.keys[name] = k
		return k, err
	})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func person(t testing.TB) ca.Request {
	t.Helper()
	k, err := keystore.Generate(keystore.P256)
	if err != nil {
		t.Fatal(err)
	}
	r := ca.Request{
		Authority: ca.Issuing, Profile: "person", Owner: "p-1", PublicKey: k.Public(),
		Subject: ca.Subject{Country: "ID", Organization: "Instansi Contoh", Unit: "Dinas Contoh", CommonName: "Budi Contoh", Title: "Kepala Dinas", Serial: "P1"},
	}
	copy(r.Approval[:], strings.Split(t.Name(), "/")[0]+time.Now().String()[10:])
	return r
}

func (w *world) issue(t *testing.T, r ca.Request) *ca.Record {
	t.Helper()
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

// open lists what the log knows as begun and not ended.
func (w *world) open(t *testing.T) []audit.Entry {
	t.Helper()
	r, err := w.log.Review(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return r.Open
}

func write(t *testing.T, name string, b []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func pemOf(ders ...[]byte) (b []byte) {
	for _, d := range ders {
		b = append(b, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: d})...)
	}
	return b
}

func openssl(t *testing.T, args ...string) (string, error) {
	t.Helper()
	if _, err := exec.LookPath("openssl"); err != nil {
		t.Skip("openssl is not installed")
	}
	out, err := exec.Command("openssl", args...).CombinedOutput()
	return string(out), err
}
