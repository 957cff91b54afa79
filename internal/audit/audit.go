// Package audit is the append-only log of every use of a key and every decision: a Merkle tree over events, so that nothing in
// it can be changed or removed unnoticed. Leaves hold no personal data: people appear by their pseudonymous ids and as salted
// commitments.
package audit

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"golang.org/x/mod/sumdb/tlog"
)

// Event is one entry. Its JSON is the leaf.
type Event struct {
	Time    time.Time `json:"time"`
	Act     string    `json:"act"`             // what, as "sign.intent", "ra.approve"
	Actor   string    `json:"actor,omitempty"` // pseudonymous id of who did it; "system" for jobs
	Role    string    `json:"role,omitempty"`
	Subject string    `json:"subject,omitempty"` // id of what it was done to: application, serial, credential
	Object  string    `json:"object,omitempty"`  // hexadecimal digest of what was signed or decided
	Intent  int64     `json:"intent,omitempty"`  // of an outcome: one more than the index of its intent
	Result  string    `json:"result,omitempty"`  // of an outcome: "done", or a code
	Note    string    `json:"note,omitempty"`    // never personal data
}

// Log is where services write. Append returns once the event is durable.
type Log interface {
	Append(ctx context.Context, e Event) (index int64, err error)
}

// Store keeps leaves and tree hashes. AuditAdd appends one leaf at index n with the hashes that it completes, or nothing.
type Store interface {
	// Do runs f in a write transaction, or in the one that ctx is in already. Writers come one at a time, so what f reads does
	// not change before it writes.
	Do(ctx context.Context, f func(ctx context.Context) error) error
	AuditSize(ctx context.Context) (int64, error)
	AuditAdd(ctx context.Context, n int64, leaf []byte, hashes []tlog.Hash) error
	AuditHashes(ctx context.Context, indexes []int64) ([]tlog.Hash, error)
	AuditLeaf(ctx context.Context, n int64) ([]byte, error)
}

// Tree is a Log over a Store. It has no lock of its own: the store's write transaction is the order of events, and a second
// lock beside it could be taken the other way round.
type Tree struct {
	store Store
	now   func() time.Time
}

var _ Log = (*Tree)(nil)

// New opens the log.
func New(s Store, now func() time.Time) *Tree { return &Tree{store: s, now: now} }

// Append adds an event. Time is set when it is zero. In a transaction of the store it becomes durable with it.
func (t *Tree) Append(ctx context.Context, e Event) (index int64, err error) {
	if e.Time.IsZero() {
		e.Time = t.now()
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
		hashes, err := tlog.StoredHashes(index, leaf, t.reader(ctx))
		if err != nil {
			return err
		}
		return t.store.AuditAdd(ctx, index, leaf, hashes)
	})
	return index, err
}

func (t *Tree) reader(ctx context.Context) tlog.HashReader {
	return tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) { return t.store.AuditHashes(ctx, indexes) })
}

// Root is the size of the log and the hash over all of it.
func (t *Tree) Root(ctx context.Context) (size int64, root tlog.Hash, err error) {
	if size, err = t.store.AuditSize(ctx); err != nil {
		return 0, root, err
	}
	root, err = tlog.TreeHash(size, t.reader(ctx))
	return size, root, err
}

// ErrBroken means that the log was changed.
var ErrBroken = errors.New("the audit log was changed")

// Verify recomputes the whole tree from its leaves and compares it with the stored hashes. The error names the first index that
// does not fit.
func (t *Tree) Verify(ctx context.Context) error {
	size, root, err := t.Root(ctx)
	if err != nil {
		return err
	}
	var hashes []tlog.Hash
	own := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		out := make([]tlog.Hash, len(indexes))
		for i, x := range indexes {
			if x < 0 || x >= int64(len(hashes)) {
				return nil, fmt.Errorf("hash %d is missing", x)
			}
			out[i] = hashes[x]
		}
		return out, nil
	})
	for n := range size {
		leaf, err := t.store.AuditLeaf(ctx, n)
		if err != nil {
			return fmt.Errorf("%w: entry %d: %w", ErrBroken, n, err)
		}
		h, err := tlog.StoredHashes(n, leaf, own)
		if err != nil {
			return err
		}
		// Every hash that this leaf completes, its own first, then those of the subtrees above it.
		at := make([]int64, len(h))
		for i := range at {
			at[i] = tlog.StoredHashIndex(0, n) + int64(i)
		}
		stored, err := t.store.AuditHashes(ctx, at)
		if err != nil {
			return fmt.Errorf("%w at entry %d: %w", ErrBroken, n, err)
		}
		if !slices.Equal(stored, h) {
			return fmt.Errorf("%w at entry %d", ErrBroken, n)
		}
		hashes = append(hashes, h...)
	}
	mine, err := tlog.TreeHash(size, own)
	if err != nil {
		return err
	}
	if mine != root {
		return fmt.Errorf("%w: the tree hash over %d entries differs", ErrBroken, size)
	}
	return nil
}

// Around writes the intent, runs what uses the key, and writes the outcome. Without a written intent nothing is run; a crash in
// between leaves the intent alone, for everybody to see.
func Around(ctx context.Context, l Log, e Event, use func() error) error {
	act := e.Act
	e.Act = act + ".intent"
	n, err := l.Append(ctx, e)
	if err != nil {
		return &WriteError{err}
	}
	failed := use()
	e.Act, e.Intent, e.Result, e.Time = act+".outcome", n+1, "done", time.Time{}
	if failed != nil {
		e.Result = "failed"
	}
	// The outcome is written even when the person went away meanwhile.
	if _, err := l.Append(context.WithoutCancel(ctx), e); err != nil {
		return errors.Join(failed, &WriteError{err})
	}
	return failed
}

// WriteError means that the log could not be written; no key may be used then.
type WriteError struct{ Err error }

func (e *WriteError) Error() string { return "the audit log cannot be written: " + e.Err.Error() }

func (e *WriteError) Unwrap() error { return e.Err }

// Commit hides a personal value in a leaf: it can be compared by whoever knows the value and the salt, and erased by forgetting
// the salt.
func Commit(salt []byte, value string) string {
	m := hmac.New(sha256.New, salt)
	m.Write([]byte(value))
	return hex.EncodeToString(m.Sum(nil))
}
