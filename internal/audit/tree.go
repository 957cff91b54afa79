package audit

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/tlog"
)

// Hash is a hash of the tree: RFC 6962 §2.1, SHA-256.
type Hash [32]byte

// Store keeps leaves and tree hashes.
type Store interface {
	// Do runs f in a write transaction, or in the one that ctx is in already. Writers come one at a time, so what f reads does
	// not change before it writes.
	Do(ctx context.Context, f func(ctx context.Context) error) error
	// AuditSize is one more than the index of the last leaf.
	AuditSize(ctx context.Context) (int64, error)
	// AuditAdd appends one leaf at index n with the hashes that it completes, whose indexes start at first.
	AuditAdd(ctx context.Context, n int64, leaf []byte, first int64, hashes []Hash) error
	AuditHashes(ctx context.Context, indexes []int64) ([]Hash, error)
	// AuditLeaves reads up to limit leaves from index n on, in order; a missing one is an error.
	AuditLeaves(ctx context.Context, n int64, limit int) ([][]byte, error)
}

// Tree is a Log over a Store. It has no lock of its own: the store's write transaction is the order of events, and a second
// lock beside it could be taken the other way round. It is safe for concurrent use.
type Tree struct {
	store Store
	now   func() time.Time
}

var _ Log = (*Tree)(nil)

// New opens the log. now gives the time of events that have none.
func New(s Store, now func() time.Time) *Tree { return &Tree{store: s, now: now} }

// Append adds an event. Time is set when it is zero. In a transaction of the store it becomes durable with it. ErrPersonal refuses what must not be in the log.
func (t *Tree) Append(ctx context.Context, e Event) (index int64, err error) {
	if e.Time.IsZero() {
		e.Time = t.now()
	}
	if e.Act == "" {
		return 0, errors.New("an event needs an act")
	}
	if err := e.impersonal(); err != nil {
		return 0, err
	}
	e.Time = e.Time.UTC().Truncate(time.Microsecond)
	leaf, err := json.Marshal(e)
	if err != nil {
		return 0, err
	}
	err = t.store.Do(ctx, func(ctx context.Context) error {
		if index, err = t.store.AuditSize(ctx); err != nil {
			return err
		}
		stored, err := tlog.StoredHashes(index, leaf, t.reader(ctx))
		if err != nil {
			return err
		}
		hashes := make([]Hash, len(stored))
		for i, h := range stored {
			hashes[i] = Hash(h)
		}
		return t.store.AuditAdd(ctx, index, leaf, tlog.StoredHashIndex(0, index), hashes)
	})
	if err != nil {
		return 0, err
	}
	return index, nil
}

func (t *Tree) reader(ctx context.Context) tlog.HashReader {
	return tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		stored, err := t.store.AuditHashes(ctx, indexes)
		if err != nil {
			return nil, err
		}
		out := make([]tlog.Hash, len(stored))
		for i, h := range stored {
			out[i] = tlog.Hash(h)
		}
		return out, nil
	})
}

// Checkpoint is what the log was at a moment. Kept outside of the database it notices a log that was cut or replaced by an old copy.
type Checkpoint struct {
	Size int64
	Root Hash
}

// String is "SIZE HEX".
func (c Checkpoint) String() string { return fmt.Sprintf("%d %x", c.Size, c.Root) }

// ParseCheckpoint reads what String wrote.
func ParseCheckpoint(s string) (c Checkpoint, err error) {
	var text string
	if _, err = fmt.Sscanf(strings.TrimSpace(s), "%d %64s", &c.Size, &text); err == nil {
		var b []byte
		if b, err = hex.DecodeString(text); err == nil && copy(c.Root[:], b) == len(c.Root) && c.Size >= 0 && c.String() == strings.TrimSpace(s) {
			return c, nil
		}
	}
	return Checkpoint{}, fmt.Errorf("%q is no checkpoint of an audit log", s)
}

// Checkpoint is the log of now, as its stored hashes tell it; Verify tells whether they are true.
func (t *Tree) Checkpoint(ctx context.Context) (Checkpoint, error) {
	size, err := t.store.AuditSize(ctx)
	if err != nil {
		return Checkpoint{}, err
	}
	return t.checkpoint(ctx, size)
}

func (t *Tree) checkpoint(ctx context.Context, size int64) (Checkpoint, error) {
	root, err := tlog.TreeHash(size, t.reader(ctx))
	return Checkpoint{size, Hash(root)}, err
}
