package audit_test

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"absah/internal/audit"
	"absah/internal/store"
)

func open(t *testing.T) (*audit.Tree, *store.DB, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "absah.db")
	db, err := store.Open(context.Background(), store.Options{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return audit.New(db, time.Now), db, path
}

func TestVerifyNoticesEveryChange(t *testing.T) {
	ctx := context.Background()
	for name, tamper := range map[string]string{
		"a leaf rewritten":  `UPDATE audit_leaf SET leaf = '{"act":"palsu"}' WHERE n = 2`,
		"a leaf removed":    `DELETE FROM audit_leaf WHERE n = 1`,
		"a hash rewritten":  `UPDATE audit_hash SET hash = zeroblob(32) WHERE i = 2`,
		"the tail cut away": `DELETE FROM audit_hash WHERE i > 5`,
	} {
		log, _, path := open(t)
		for range 5 {
			if _, err := log.Append(ctx, audit.Event{Act: "uji"}); err != nil {
				t.Fatal(err)
			}
		}
		if err := log.Verify(ctx); err != nil {
			t.Fatalf("an untouched log: %v", err)
		}
		raw, err := sql.Open("sqlite", path)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := raw.Exec(tamper); err != nil {
			t.Fatal(err)
		}
		raw.Close()
		if err := log.Verify(ctx); err == nil {
			t.Errorf("%s: Verify sees nothing", name)
		}
	}
}

// TestAroundLeavesTheIntent: a key is used only after its intent is stored; a failure, or a crash, leaves the intent to be seen.
func TestAround(t *testing.T) {
	ctx := context.Background()
	log, db, _ := open(t)
	leaf := func(n int64) string {
		b, err := db.AuditLeaf(ctx, n)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	used := false
	err := audit.Around(ctx, log, audit.Event{Act: "sign"}, func() error {
		used = true
		if s := leaf(0); !strings.Contains(s, `"sign.intent"`) {
			t.Errorf("while the key is used the log says %s", s)
		}
		return errors.New("gagal")
	})
	if !used || err == nil {
		t.Errorf("Around = %v, used %v", err, used)
	}
	if s := leaf(1); !strings.Contains(s, `"sign.outcome"`) || !strings.Contains(s, `"failed"`) || !strings.Contains(s, `"intent":1`) {
		t.Errorf("outcome: %s", s)
	}
	db.Close()
	err = audit.Around(ctx, log, audit.Event{Act: "sign"}, func() error { t.Error("the key was used though the log cannot be written"); return nil })
	var w *audit.WriteError
	if !errors.As(err, &w) {
		t.Errorf("Around with a closed log = %v, want a WriteError", err)
	}
}

func TestAppendInAndOutOfTransactions(t *testing.T) {
	ctx := context.Background()
	log, db, _ := open(t)
	var wg sync.WaitGroup
	for i := range 40 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			add := func(ctx context.Context) error { _, err := log.Append(ctx, audit.Event{Act: "uji"}); return err }
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
	if n, _, err := log.Root(ctx); n != 40 || err != nil {
		t.Errorf("Root = %d, %v, want 40", n, err)
	}
	if err := log.Verify(ctx); err != nil {
		t.Error(err)
	}
}
