package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"absah/internal/audit"
)

var _ audit.Store = (*DB)(nil)

var errNoEntry = errors.New("the log has no such entry")

// AuditSize is one more than the index of the last entry. It does not count: that would take longer with every entry.
func (db *DB) AuditSize(ctx context.Context) (n int64, err error) {
	err = db.row(ctx, `SELECT COALESCE(MAX(n) + 1, 0) FROM audit_leaf`).Scan(&n)
	return n, err
}

// AuditAdd appends one entry with the hashes that it completes, in the transaction of ctx. Without one it makes its own, so that
// nothing is half written.
func (db *DB) AuditAdd(ctx context.Context, n int64, leaf []byte, first int64, hashes []audit.Hash) error {
	return db.Do(ctx, func(ctx context.Context) error {
		if _, err := db.exec(ctx, `INSERT INTO audit_leaf (n, leaf) VALUES ($1, $2)`, n, leaf); err != nil {
			return err
		}
		rows := make([]string, len(hashes))
		args := make([]any, 0, 2*len(hashes))
		for i, h := range hashes {
			rows[i] = "($" + strconv.Itoa(2*i+1) + ", $" + strconv.Itoa(2*i+2) + ")"
			args = append(args, first+int64(i), h[:])
		}
		_, err := db.exec(ctx, `INSERT INTO audit_hash (i, hash) VALUES `+strings.Join(rows, ", "), args...)
		return err
	})
}

// AuditHashes reads hashes of the tree, in the order that was asked for.
func (db *DB) AuditHashes(ctx context.Context, indexes []int64) ([]audit.Hash, error) {
	type row struct {
		i    int64
		hash []byte
	}
	found := make(map[int64]audit.Hash, len(indexes))
	for part := range slices.Chunk(indexes, 500) {
		marks := make([]string, len(part))
		args := make([]any, len(part))
		for i, x := range part {
			marks[i], args[i] = "$"+strconv.Itoa(i+1), x
		}
		rows, err := db.query(ctx, `SELECT i, hash FROM audit_hash WHERE i IN (`+strings.Join(marks, ", ")+`)`, args...)
		list, err := collect(rows, err, func(r *sql.Rows) (h row, err error) { return h, r.Scan(&h.i, &h.hash) })
		if err != nil {
			return nil, err
		}
		for _, r := range list {
			if len(r.hash) == len(audit.Hash{}) {
				found[r.i] = audit.Hash(r.hash)
			}
		}
	}
	out := make([]audit.Hash, len(indexes))
	for i, x := range indexes {
		h, ok := found[x]
		if !ok {
			return nil, fmt.Errorf("audit hash %d: %w", x, errNoEntry)
		}
		out[i] = h
	}
	return out, nil
}

// AuditLeaf reads an entry.
func (db *DB) AuditLeaf(ctx context.Context, n int64) (leaf []byte, err error) {
	err = db.row(ctx, `SELECT leaf FROM audit_leaf WHERE n = $1`, n).Scan(&leaf)
	return leaf, found(err, errNoEntry)
}

// AuditLeaves reads up to limit entries from n on.
func (db *DB) AuditLeaves(ctx context.Context, n int64, limit int) ([][]byte, error) {
	rows, err := db.query(ctx, `SELECT n, leaf FROM audit_leaf WHERE n >= $1 ORDER BY n LIMIT $2`, n, limit)
	next := n
	return collect(rows, err, func(r *sql.Rows) (leaf []byte, err error) {
		var at int64
		if err := r.Scan(&at, &leaf); err != nil {
			return nil, err
		}
		if at != next {
			return nil, fmt.Errorf("audit entry %d: %w", next, errNoEntry)
		}
		next++
		return leaf, nil
	})
}
