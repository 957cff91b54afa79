package audit

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

// ErrBroken means that the log is not what was written.
var ErrBroken = errors.New("the audit log was changed")

// Entry is an event with its place in the log.
type Entry struct {
	Index int64
	Event Event
}

// Review is what a look at the whole log finds.
type Review struct {
	Checkpoint Checkpoint
	Open       []Entry // intents without an outcome: keys in use at this moment, or a crash
}

// How many leaves are read at once.
const batch = 256

// Verify recomputes the whole tree from its leaves and compares it with the stored hashes and with checkpoints known from before.
// ErrBroken names the first index that does not fit. It reads the log once, with memory for the open intents only.
func (t *Tree) Verify(ctx context.Context, known ...Checkpoint) error {
	_, err := t.Review(ctx, known...)
	return err
}

// Review is Verify, and lists the intents that have no outcome.
func (t *Tree) Review(ctx context.Context, known ...Checkpoint) (*Review, error) {
	now, err := t.Checkpoint(ctx)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrBroken, err)
	}
	for _, k := range known {
		if k.Size > now.Size {
			return nil, fmt.Errorf("%w: it has %d entries, and had %d before", ErrBroken, now.Size, k.Size)
		}
	}
	var (
		edge edge
		open = map[int64]Event{}
	)
	if err := meets(known, 0, &edge); err != nil {
		return nil, err
	}
	for n := int64(0); n < now.Size; {
		leaves, err := t.store.AuditLeaves(ctx, n, int(min(batch, now.Size-n)))
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrBroken, err)
		}
		first := tlog.StoredHashIndex(0, n)
		indexes := make([]int64, tlog.StoredHashIndex(0, n+int64(len(leaves)))-first)
		for i := range indexes {
			indexes[i] = first + int64(i)
		}
		stored, err := t.store.AuditHashes(ctx, indexes)
		if err != nil {
			return nil, fmt.Errorf("%w in entries %d to %d: %w", ErrBroken, n, n+int64(len(leaves))-1, err)
		}
		for _, leaf := range leaves {
			for _, h := range edge.add(leaf) {
				if stored[0] != h {
					return nil, fmt.Errorf("%w at entry %d", ErrBroken, n)
				}
				stored = stored[1:]
			}
			follow(open, n, leaf)
			n++
			if err := meets(known, n, &edge); err != nil {
				return nil, err
			}
		}
	}
	if edge.root() != now.Root {
		return nil, fmt.Errorf("%w: the hash over all %d entries differs", ErrBroken, now.Size)
	}
	r := &Review{Checkpoint: now}
	for _, n := range slices.Sorted(maps.Keys(open)) {
		r.Open = append(r.Open, Entry{n, open[n]})
	}
	return r, nil
}

func meets(known []Checkpoint, n int64, e *edge) error {
	for _, k := range known {
		if k.Size == n && k.Root != e.root() {
			return fmt.Errorf("%w: its first %d entries are not those of before", ErrBroken, n)
		}
	}
	return nil
}

// follow keeps track of intents. Leaves that are no event of ours are part of the tree and of nothing else.
func follow(open map[int64]Event, n int64, leaf []byte) {
	var e Event
	if json.Unmarshal(leaf, &e) != nil {
		return
	}
	switch {
	case strings.HasSuffix(e.Act, intentSuffix):
		open[n] = e
	case strings.HasSuffix(e.Act, outcomeSuffix) && e.Intent > 0:
		if i, ok := open[e.Intent-1]; ok && strings.TrimSuffix(i.Act, intentSuffix) == strings.TrimSuffix(e.Act, outcomeSuffix) {
			delete(open, e.Intent-1)
		}
	}
}

// edge is the right edge of a growing tree: the roots of its complete subtrees, the largest first. It is computed from leaves alone,
// so that no stored hash vouches for itself.
type edge struct {
	n    int64
	tops []Hash
}

// add appends a leaf and returns the hashes that it completes, its own first: what tlog.StoredHashes would store.
func (e *edge) add(leaf []byte) []Hash {
	h := tlog.RecordHash(leaf)
	out := []Hash{Hash(h)}
	// Every 1 at the end of the number of leaves before is a subtree that this leaf makes complete.
	for m := e.n; m&1 == 1; m >>= 1 {
		last := len(e.tops) - 1
		h = tlog.NodeHash(tlog.Hash(e.tops[last]), h)
		e.tops = e.tops[:last]
		out = append(out, Hash(h))
	}
	e.tops = append(e.tops, Hash(h))
	e.n++
	return out
}

func (e *edge) root() Hash {
	if len(e.tops) == 0 {
		empty, _ := tlog.TreeHash(0, nil) // reads nothing
		return Hash(empty)
	}
	h := tlog.Hash(e.tops[len(e.tops)-1])
	for i := len(e.tops) - 2; i >= 0; i-- {
		h = tlog.NodeHash(tlog.Hash(e.tops[i]), h)
	}
	return Hash(h)
}
