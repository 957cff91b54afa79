package store

import (
	"context"
	"database/sql"
	"errors"
	"math/big"

	"absah/internal/ca"
	"absah/internal/status"
	"absah/trust"
)

var _ status.Store = (*DB)(nil)

// StatusOf says what the records know of a serial number. One statement looks at both tables, so that the answer is of one moment.
func (db *DB) StatusOf(ctx context.Context, authority string, serial *big.Int) (s status.State, err error) {
	var key ca.Serial
	if serial.Sign() <= 0 || serial.BitLen() > 8*len(key) {
		return s, nil
	}
	serial.FillBytes(key[:])
	var at, reason sql.NullInt64
	// Revoked without a certificate: a crash left it unknown whether it was made. It is revoked, not unknown.
	err = db.row(ctx, `SELECT r.at, r.reason FROM (
			SELECT serial FROM certificate WHERE serial = $1 AND authority = $2 UNION SELECT serial FROM revoked WHERE serial = $1 AND authority = $2
		) s LEFT JOIN revoked r ON r.serial = s.serial`, key[:], authority).Scan(&at, &reason)
	if errors.Is(err, sql.ErrNoRows) {
		return s, nil
	}
	if err != nil {
		return s, err
	}
	s.Issued = true
	if at.Valid {
		s.RevokedAt, s.Reason = Time(at.Int64), trust.Reason(reason.Int64)
	}
	return s, nil
}
