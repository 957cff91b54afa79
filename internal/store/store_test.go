package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

func open(t *testing.T) *DB {
	t.Helper()
	db, err := Open(t.Context(), Options{Path: filepath.Join(t.TempDir(), "absah.db")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func count(t *testing.T, db *DB, ctx context.Context) (n int) {
	t.Helper()
	if err := db.row(ctx, `SELECT count(*) FROM organisation`).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func organisation(ctx context.Context, db *DB, id string) error {
	_, err := db.exec(ctx, `INSERT INTO organisation (id, name, domain, contact, created_at) VALUES ($1, $2, '', '', 1)`, id, "Dinas "+id)
	return err
}

func TestOpen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "odd name?%41#.db")
	db, err := Open(t.Context(), Options{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	var mode string
	var sync, keys int
	if err := db.w.QueryRow(`PRAGMA journal_mode`).Scan(&mode); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(db.w.QueryRow(`PRAGMA synchronous`).Scan(&sync), db.w.QueryRow(`PRAGMA foreign_keys`).Scan(&keys)); err != nil {
		t.Fatal(err)
	}
	if mode != "wal" || sync != 2 || keys != 1 {
		t.Errorf("journal_mode %s, synchronous %d, foreign_keys %d; want wal, 2 (FULL), 1", mode, sync, keys)
	}
	if _, err := db.r.Exec(`DELETE FROM person`); err == nil {
		t.Error("a reading connection wrote")
	}
	if err := organisation(t.Context(), db, "a"); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if fi, err := os.Stat(path); err != nil || fi.Mode().Perm() != 0o600 {
		t.Errorf("database file: %v, %v; want mode 0600", fi, err)
	}
	db, err = Open(t.Context(), Options{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	if n := count(t, db, t.Context()); n != 1 {
		t.Errorf("after reopening %d organisations, want 1", n)
	}
	if _, err := db.w.Exec(`INSERT INTO goose_db_version (version_id, is_applied) VALUES (99999, 1)`); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if db, err := Open(t.Context(), Options{Path: path}); err == nil {
		t.Errorf("Open of a newer schema succeeded: %v", db.Close())
	}
}

func TestDo(t *testing.T) {
	db := open(t)
	ctx := t.Context()
	boom := errors.New("boom")

	if err := db.Do(ctx, func(ctx context.Context) error {
		if err := organisation(ctx, db, "a"); err != nil {
			return err
		}
		if n := count(t, db, ctx); n != 1 {
			t.Errorf("inside the transaction %d rows, want 1", n)
		}
		if n := count(t, db, t.Context()); n != 0 {
			t.Errorf("outside the transaction %d rows, want 0", n)
		}
		return boom
	}); !errors.Is(err, boom) {
		t.Fatalf("Do = %v, want %v", err, boom)
	}
	if n := count(t, db, ctx); n != 0 {
		t.Errorf("after a failed Do %d rows, want 0", n)
	}

	err := db.Do(ctx, func(ctx context.Context) error {
		if err := organisation(ctx, db, "a"); err != nil {
			return err
		}
		_ = db.Do(ctx, func(ctx context.Context) error { return errors.Join(organisation(ctx, db, "b"), boom) })
		return nil // swallows the inner error, but half of a joined step must not stay
	})
	if !errors.Is(err, boom) || count(t, db, ctx) != 0 {
		t.Errorf("Do around a failed Do = %v with %d rows, want %v and 0", err, count(t, db, ctx), boom)
	}

	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic was swallowed")
			}
		}()
		_ = db.Do(ctx, func(ctx context.Context) error {
			_ = organisation(ctx, db, "a")
			panic("bug")
		})
	}()
	if n := count(t, db, ctx); n != 0 {
		t.Errorf("after a panic %d rows, want 0", n)
	}
	// The writer is free again after all of that.
	if err := db.Do(ctx, func(ctx context.Context) error { return organisation(ctx, db, "a") }); err != nil || count(t, db, ctx) != 1 {
		t.Errorf("Do = %v, %d rows; want nil, 1", err, count(t, db, ctx))
	}
}

func TestConcurrentWriters(t *testing.T) {
	db := open(t)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for j := range 5 {
				if err := db.Do(t.Context(), func(ctx context.Context) error {
					var n int
					if err := db.row(ctx, `SELECT count(*) FROM organisation`).Scan(&n); err != nil {
						return err
					}
					return organisation(ctx, db, fmt.Sprint(i, " ", j))
				}); err != nil {
					t.Errorf("writer %d: %v", i, err)
				}
				count(t, db, t.Context())
			}
		})
	}
	wg.Wait()
	if n := count(t, db, t.Context()); n != 40 {
		t.Errorf("%d rows, want 40", n)
	}
}

func TestErrors(t *testing.T) {
	db := open(t)
	ctx := t.Context()
	if err := organisation(ctx, db, "a"); err != nil {
		t.Fatal(err)
	}
	missing := errors.New("nobody")
	err := organisation(ctx, db, "a")
	if !duplicate(err) || duplicate(err, "person.email") {
		t.Errorf("duplicate(%v) is wrong", err)
	}
	_, err = db.exec(ctx, `INSERT INTO session (hash, person, created_at, seen_at, expires_at) VALUES ($1, 'nobody', 1, 1, 1)`, []byte{1})
	if !forbidden(err) {
		t.Errorf("forbidden(%v) = false for a missing person", err)
	}
	if err := db.change(ctx, missing, `DELETE FROM session WHERE person = $1`, "nobody"); !errors.Is(err, missing) {
		t.Errorf("change of nothing = %v, want %v", err, missing)
	}
	if err := found(sql.ErrNoRows, missing); !errors.Is(err, missing) {
		t.Errorf("found = %v", err)
	}
}

func TestMicros(t *testing.T) {
	now := time.Date(2027, 1, 12, 9, 30, 0, 123456000, time.FixedZone("WIB", 7*3600))
	if got := Time(Micros(now)); !got.Equal(now) || got.Location() != time.UTC {
		t.Errorf("Time(Micros(%v)) = %v", now, got)
	}
	if !Time(Micros(time.Time{})).IsZero() {
		t.Error("the zero time does not survive")
	}
}
