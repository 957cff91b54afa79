package audit_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"absah/internal/audit"
	"absah/internal/store"

	"golang.org/x/mod/sumdb/tlog"
)

func open(t *testing.T) (*audit.Tree, *store.DB, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "absah.db")
	db, err := store.Open(t.Context(), store.Options{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return audit.New(db, time.Now), db, path
}

func add(t *testing.T, l audit.Log, n int) {
	t.Helper()
	for range n {
		if _, err := l.Append(t.Context(), audit.Event{Act: "uji"}); err != nil {
			t.Fatal(err)
		}
	}
}

// spoil changes the database behind the log's back.
func spoil(t *testing.T, path string, statements ...string) {
	t.Helper()
	raw, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	for _, s := range statements {
		if _, err := raw.Exec(s); err != nil {
			t.Fatal(err)
		}
	}
}

func TestVerifyNoticesEveryChange(t *testing.T) {
	for name, tamper := range map[string][]string{
		"a leaf rewritten":            {`UPDATE audit_leaf SET leaf = '{"act":"palsu"}' WHERE n = 2`},
		"the last leaf rewritten":     {`UPDATE audit_leaf SET leaf = '{"act":"palsu"}' WHERE n = 4`},
		"a leaf removed":              {`DELETE FROM audit_leaf WHERE n = 1`},
		"the first leaf removed":      {`DELETE FROM audit_leaf WHERE n = 0`},
		"two leaves exchanged":        {`UPDATE audit_leaf SET n = 99 WHERE n = 1`, `UPDATE audit_leaf SET n = 1 WHERE n = 2`, `UPDATE audit_leaf SET n = 2 WHERE n = 99`},
		"a leaf added":                {`INSERT INTO audit_leaf VALUES (5, '{"act":"palsu"}')`},
		"a leaf added further on":     {`INSERT INTO audit_leaf VALUES (9, '{"act":"palsu"}')`},
		"a hash rewritten":            {`UPDATE audit_hash SET hash = zeroblob(32) WHERE i = 2`},
		"a hash cut":                  {`UPDATE audit_hash SET hash = zeroblob(3) WHERE i = 2`},
		"the hashes of the tail gone": {`DELETE FROM audit_hash WHERE i > 5`},
	} {
		log, _, path := open(t)
		for i := range 5 {
			if _, err := log.Append(t.Context(), audit.Event{Act: fmt.Sprint("uji", i)}); err != nil {
				t.Fatal(err)
			}
		}
		if err := log.Verify(t.Context()); err != nil {
			t.Fatalf("an untouched log: %v", err)
		}
		spoil(t, path, tamper...)
		if err := log.Verify(t.Context()); !errors.Is(err, audit.ErrBroken) {
			t.Errorf("%s: Verify = %v, want ErrBroken", name, err)
		}
	}
}

// TestCheckpoint: a log that was cut, or rebuilt with other entries, is a sound tree; only a checkpoint from before tells.
func TestCheckpoint(t *testing.T) {
	log, _, path := open(t)
	empty, err := log.Checkpoint(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	add(t, log, 4)
	four, _ := log.Checkpoint(t.Context())
	add(t, log, 3)
	seven, _ := log.Checkpoint(t.Context())
	again, err := audit.ParseCheckpoint(seven.String() + "\n")
	if err != nil || again != seven {
		t.Errorf("ParseCheckpoint(%s) = %v, %v", seven, again, err)
	}
	if err := log.Verify(t.Context(), empty, four, again); err != nil {
		t.Errorf("Verify with checkpoints of its own past: %v", err)
	}
	forged := four
	forged.Root[3] ^= 1
	if err := log.Verify(t.Context(), forged); !errors.Is(err, audit.ErrBroken) {
		t.Errorf("Verify with a foreign checkpoint = %v, want ErrBroken", err)
	}
	// Everything of entry 6, as a restored backup would lack it.
	spoil(t, path, `DELETE FROM audit_leaf WHERE n = 6`, fmt.Sprintf(`DELETE FROM audit_hash WHERE i >= %d`, tlog.StoredHashIndex(0, 6)))
	if err := log.Verify(t.Context(), four); err != nil {
		t.Errorf("a cut log is a sound tree by itself: %v", err)
	}
	if err := log.Verify(t.Context(), seven); !errors.Is(err, audit.ErrBroken) || !strings.Contains(err.Error(), "7") {
		t.Errorf("Verify of a cut log = %v, want ErrBroken that names 7", err)
	}
	for _, bad := range []string{"", "7", "7 abcd", "-1 " + strings.Repeat("0", 64), "7 " + strings.Repeat("g", 64), seven.String() + "00"} {
		if c, err := audit.ParseCheckpoint(bad); err == nil {
			t.Errorf("ParseCheckpoint(%q) = %v", bad, c)
		}
	}
}

// TestAgainstTlog compares with the tree that x/mod computes, at each size: verifying has its own arithmetic.
func TestAgainstTlog(t *testing.T) {
	log, db, _ := open(t)
	var all []tlog.Hash
	read := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		out := make([]tlog.Hash, len(indexes))
		for i, x := range indexes {
			out[i] = all[x]
		}
		return out, nil
	})
	for n := range int64(20) {
		add(t, log, 1)
		leaf, err := db.AuditLeaf(t.Context(), n)
		if err != nil {
			t.Fatal(err)
		}
		h, err := tlog.StoredHashes(n, leaf, read)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, h...)
		want, _ := tlog.TreeHash(n+1, read)
		r, err := log.Review(t.Context())
		if err != nil || r.Checkpoint != (audit.Checkpoint{Size: n + 1, Root: audit.Hash(want)}) {
			t.Errorf("Review at %d = %v, %v, want %v", n+1, r, err, want)
		}
	}
}

// TestAround: a key is used only after its intent is stored; a failure, or a crash, leaves the intent to be seen.
func TestAround(t *testing.T) {
	log, db, _ := open(t)
	leaf := func(n int64) (e audit.Event) {
		b, err := db.AuditLeaf(t.Context(), n)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(b, &e); err != nil {
			t.Fatal(err)
		}
		return e
	}
	ctx, cancel := context.WithCancel(t.Context())
	broken := errors.New("gagal")
	err := audit.Around(ctx, log, audit.Event{Act: "sign", Object: "ab"}, func() error {
		if e := leaf(0); e.Act != "sign.intent" || e.Object != "ab" || e.Result != "" {
			t.Errorf("while the key is used the log says %+v", e)
		}
		cancel() // the person goes away
		return broken
	})
	if !errors.Is(err, broken) {
		t.Errorf("Around = %v, want the error of the use", err)
	}
	if e := leaf(1); e.Act != "sign.outcome" || e.Result != "failed" || e.Intent != 1 {
		t.Errorf("outcome: %+v", e)
	}
	if err := audit.Around(t.Context(), log, audit.Event{Act: "sign"}, func() error { return nil }); err != nil {
		t.Errorf("Around = %v", err)
	}
	if e := leaf(3); e.Result != "done" || e.Intent != 3 {
		t.Errorf("outcome: %+v", e)
	}
	func() {
		defer func() { _ = recover() }()
		_ = audit.Around(t.Context(), log, audit.Event{Act: "ca.issue", Subject: "41ab"}, func() error { panic("crash") })
	}()
	r, err := log.Review(t.Context())
	if err != nil || len(r.Open) != 1 || r.Open[0].Index != 4 || r.Open[0].Event.Subject != "41ab" {
		t.Errorf("Review after a crash = %+v, %v, want the intent at 4 open", r, err)
	}
	db.Close()
	err = audit.Around(t.Context(), log, audit.Event{Act: "sign"}, func() error { t.Error("the key was used though the log cannot be written"); return nil })
	var w *audit.WriteError
	if !errors.As(err, &w) {
		t.Errorf("Around with a closed log = %v, want a WriteError", err)
	}
}

// TestOutcomeOfAnother: an outcome ends the intent it names, when it is of the same act, and no other.
func TestOutcomeOfAnother(t *testing.T) {
	log, _, _ := open(t)
	n, err := audit.Intent(t.Context(), log, audit.Event{Act: "sign"})
	if err != nil {
		t.Fatal(err)
	}
	if err := audit.Outcome(t.Context(), log, audit.Event{Act: "ca.issue"}, n, nil); err != nil {
		t.Fatal(err)
	}
	if r, err := log.Review(t.Context()); err != nil || len(r.Open) != 1 {
		t.Errorf("Review = %+v, %v, want the intent still open", r, err)
	}
	if err := audit.Outcome(t.Context(), log, audit.Event{Act: "sign"}, n, nil); err != nil {
		t.Fatal(err)
	}
	if r, err := log.Review(t.Context()); err != nil || len(r.Open) != 0 {
		t.Errorf("Review = %+v, %v, want nothing open", r, err)
	}
}

func TestAppendInAndOutOfTransactions(t *testing.T) {
	log, db, _ := open(t)
	ctx := t.Context()
	var wg sync.WaitGroup
	seen := make([]int64, 40)
	for i := range seen {
		wg.Add(1)
		go func() {
			defer wg.Done()
			add := func(ctx context.Context) (err error) {
				seen[i], err = log.Append(ctx, audit.Event{Act: "uji"})
				return err
			}
			var err error
			if i%2 == 0 {
				err = db.Do(ctx, add)
			} else {
				err = add(ctx)
			}
			if err != nil {
				t.Error(err)
			}
		}()
	}
	wg.Wait()
	unique := map[int64]bool{}
	for _, n := range seen {
		unique[n] = true
	}
	if len(unique) != 40 {
		t.Errorf("40 events got %d places", len(unique))
	}
	undone := errors.New("dibatalkan")
	if err := db.Do(ctx, func(ctx context.Context) error {
		if _, err := log.Append(ctx, audit.Event{Act: "uji"}); err != nil {
			t.Error(err)
		}
		return undone
	}); !errors.Is(err, undone) {
		t.Fatal(err)
	}
	if c, err := log.Checkpoint(ctx); c.Size != 40 || err != nil {
		t.Errorf("Checkpoint = %v, %v, want 40 entries: what was rolled back is not in the log", c, err)
	}
	if err := log.Verify(ctx); err != nil {
		t.Error(err)
	}
}

func TestPersonalDataIsRefused(t *testing.T) {
	log, _, _ := open(t)
	for _, e := range []audit.Event{
		{Act: "uji", Subject: "3300000000000001"},
		{Act: "uji", Note: "NIK 3300000000000001."},
		{Act: "uji", Actor: "budi@contoh.go.id"},
		{Act: ""},
	} {
		if _, err := log.Append(t.Context(), e); err == nil {
			t.Errorf("Append(%+v) succeeds", e)
		}
	}
	for _, e := range []audit.Event{
		{Act: "uji", Subject: "41" + strings.Repeat("3300000000000001", 2)[:30]}, // a serial number that happens to have no letter
		{Act: "uji", Object: strings.Repeat("1234567890123456", 4)},
	} {
		if _, err := log.Append(t.Context(), e); err != nil {
			t.Errorf("Append(%+v) = %v", e, err)
		}
	}
}

func BenchmarkAppend(b *testing.B) {
	db, err := store.Open(b.Context(), store.Options{Path: filepath.Join(b.TempDir(), "absah.db")})
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	log := audit.New(db, time.Now)
	b.Run("one commit each", func(b *testing.B) {
		for b.Loop() {
			if _, err := log.Append(b.Context(), audit.Event{Act: "uji", Actor: "p-1", Subject: "41ab", Object: strings.Repeat("ab", 32)}); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("100 in a commit", func(b *testing.B) {
		for b.Loop() {
			err := db.Do(b.Context(), func(ctx context.Context) error {
				for range 100 {
					if _, err := log.Append(ctx, audit.Event{Act: "uji", Actor: "p-1", Subject: "41ab", Object: strings.Repeat("ab", 32)}); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(b.N)*100/b.Elapsed().Seconds(), "events/s")
	})
}
