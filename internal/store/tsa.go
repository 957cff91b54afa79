package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"absah/internal/tsa"
)

var _ tsa.Store = (*DB)(nil)

// TSAMark is how far the times of an authority may have gone, zero when it has given none.
func (db *DB) TSAMark(ctx context.Context, authority string) (time.Time, error) {
	var at int64
	err := db.row(ctx, `SELECT at FROM tsa_mark WHERE authority = $1`, authority).Scan(&at)
	if errors.Is(err, sql.ErrNoRows) {
		return time.Time{}, nil
	}
	return Time(at), err
}

// TSASetMark moves the mark; it never goes back.
func (db *DB) TSASetMark(ctx context.Context, authority string, at time.Time) error {
	_, err := db.exec(ctx, `INSERT INTO tsa_mark (authority, at) VALUES ($1, $2) ON CONFLICT (authority) DO UPDATE SET at = excluded.at WHERE excluded.at > tsa_mark.at`, authority, Micros(at))
	return err
}
