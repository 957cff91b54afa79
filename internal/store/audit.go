package store

import (
	"context"
	"errors"
	"fmt"

	"absah/internal/audit"

	"golang.org/x/mod/sumdb/tlog"
)

var _ audit.Store = (*DB)(nil)

var errNoEntry = errors.New("the log has no such entry")

// AuditSize is the number of entries.
func (db *DB) AuditSize(ctx context.Context) (n int64, err error) {
	err = db.row(ctx, `SELECT COUNT(*) FROM audit_leaf`).Scan(&n)
	return n, err
}

// AuditAdd appends one entry with the hashes that it completes, in the transaction of ctx.
func (db *DB) AuditAdd(ctx context.Context, n int64, leaf []byte, hashes []tlog.Hash) error {
	if _, err := db.exec(ctx, `INSERT INTO audit_leaf (n, leaf) VALUES ($1, $2)`, n, leaf); err != nil {
		return err
	}
	for i, h := range hashes {
		if _, err := db.exec(ctx, `INSERT INTO audit_hash (i, hash) VALUES ($1, $2)`, tlog.StoredHashIndex(0, n)+int64(i), h[:]); err != nil {
			return err
		}
	}
	return nil
}

// AuditHashes reads hashes of the tree.
func (db *DB) AuditHashes(ctx context.Context, indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, x := range indexes {
		var b []byte
		if err := db.row(ctx, `SELECT hash FROM audit_hash WHERE i = $1`, x).Scan(&b); err != nil {
			return nil, fmt.Errorf("audit hash %d: %w", x, found(err, errNoEntry))
		}
		copy(out[i][:], b)
	}
	return out, nil
}

// AuditLeaf reads an entry.
func (db *DB) AuditLeaf(ctx context.Context, n int64) (leaf []byte, err error) {
	err = db.row(ctx, `SELECT leaf FROM audit_leaf WHERE n = $1`, n).Scan(&leaf)
	return leaf, found(err, errNoEntry)
}
