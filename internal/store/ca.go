package store

import (
	"context"
	"database/sql"
	"math/big"

	"absah/internal/ca"
	"absah/internal/status"
	"absah/trust"
)

var (
	_ ca.Store     = (*DB)(nil)
	_ status.Store = (*DB)(nil)
)

// CAIntend stores what will be signed; ca.ErrKeyUsed when the key was seen before.
func (db *DB) CAIntend(ctx context.Context, i ca.Intent) error {
	_, err := db.exec(ctx, `INSERT INTO ca_intent (serial, authority, profile, owner, tbs, request, key_hash, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		i.Serial[:], i.Authority, i.Profile, i.Owner, i.TBS, i.Request[:], i.KeyHash[:], Micros(i.At))
	if duplicate(err, "key_hash") {
		return ca.ErrKeyUsed
	}
	return err
}

// CAIssued stores a certificate.
func (db *DB) CAIssued(ctx context.Context, r ca.Record) error {
	_, err := db.exec(ctx, `INSERT INTO certificate (serial, authority, profile, owner, der, not_before, not_after) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		r.Serial[:], r.Authority, r.Profile, r.Owner, r.DER, Micros(r.NotBefore), Micros(r.NotAfter))
	return err
}

const certificateColumns = `serial, authority, profile, owner, der, not_before, not_after`

func scanCertificate(row interface{ Scan(...any) error }) (r ca.Record, err error) {
	var serial []byte
	var before, after int64
	if err := row.Scan(&serial, &r.Authority, &r.Profile, &r.Owner, &r.DER, &before, &after); err != nil {
		return r, err
	}
	copy(r.Serial[:], serial)
	r.NotBefore, r.NotAfter = Time(before), Time(after)
	return r, nil
}

// CACertificate finds a certificate, nil when it was never issued.
func (db *DB) CACertificate(ctx context.Context, s ca.Serial) (*ca.Record, error) {
	r, err := scanCertificate(db.row(ctx, `SELECT `+certificateColumns+` FROM certificate WHERE serial = $1`, s[:]))
	switch {
	case err == sql.ErrNoRows:
		return nil, nil
	case err != nil:
		return nil, err
	}
	return &r, nil
}

// CAByOwner lists the certificates of an owner, newest first.
func (db *DB) CAByOwner(ctx context.Context, owner string) ([]ca.Record, error) {
	rows, err := db.query(ctx, `SELECT `+certificateColumns+` FROM certificate WHERE owner = $1 ORDER BY not_before DESC, serial`, owner)
	return collect(rows, err, func(r *sql.Rows) (ca.Record, error) { return scanCertificate(r) })
}

// CARevoke stores a revocation; the first one of a certificate stays.
func (db *DB) CARevoke(ctx context.Context, r ca.Revocation) error {
	_, err := db.exec(ctx, `INSERT INTO revoked (serial, authority, at, reason, not_after) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (serial) DO NOTHING`,
		r.Serial[:], r.Authority, Micros(r.At), int(r.Reason), Micros(r.NotAfter))
	return err
}

// CARevoked lists the revoked certificates of an authority.
func (db *DB) CARevoked(ctx context.Context, authority string) ([]ca.Revocation, error) {
	rows, err := db.query(ctx, `SELECT serial, authority, at, reason, not_after FROM revoked WHERE authority = $1 ORDER BY serial`, authority)
	return collect(rows, err, func(row *sql.Rows) (r ca.Revocation, err error) {
		var serial []byte
		var at, after, reason int64
		if err := row.Scan(&serial, &r.Authority, &at, &reason, &after); err != nil {
			return r, err
		}
		copy(r.Serial[:], serial)
		r.At, r.Reason, r.NotAfter = Time(at), trust.Reason(reason), Time(after)
		return r, nil
	})
}

// CANextCRL counts one up.
func (db *DB) CANextCRL(ctx context.Context, authority string) (number int64, err error) {
	err = db.Do(ctx, func(ctx context.Context) error {
		if _, err := db.exec(ctx, `INSERT INTO crl_number (authority, number) VALUES ($1, 1) ON CONFLICT (authority) DO UPDATE SET number = crl_number.number + 1`, authority); err != nil {
			return err
		}
		return db.row(ctx, `SELECT number FROM crl_number WHERE authority = $1`, authority).Scan(&number)
	})
	return number, err
}

// CAUnfinished lists intents that have neither a certificate nor a revocation.
func (db *DB) CAUnfinished(ctx context.Context) ([]ca.Intent, error) {
	rows, err := db.query(ctx, `SELECT i.serial, i.authority, i.profile, i.owner, i.at FROM ca_intent i
		WHERE NOT EXISTS (SELECT 1 FROM certificate c WHERE c.serial = i.serial) AND NOT EXISTS (SELECT 1 FROM revoked r WHERE r.serial = i.serial)`)
	return collect(rows, err, func(row *sql.Rows) (i ca.Intent, err error) {
		var serial []byte
		var at int64
		if err := row.Scan(&serial, &i.Authority, &i.Profile, &i.Owner, &at); err != nil {
			return i, err
		}
		copy(i.Serial[:], serial)
		i.At = Time(at)
		return i, nil
	})
}

// StatusOf says what the records know of a serial number.
func (db *DB) StatusOf(ctx context.Context, authority string, serial *big.Int) (s status.State, err error) {
	var key ca.Serial
	if serial.Sign() <= 0 || serial.BitLen() > 8*len(key) {
		return s, nil
	}
	serial.FillBytes(key[:])
	var at, reason sql.NullInt64
	err = db.row(ctx, `SELECT r.at, r.reason FROM certificate c LEFT JOIN revoked r ON r.serial = c.serial WHERE c.serial = $1 AND c.authority = $2`, key[:], authority).Scan(&at, &reason)
	if err == sql.ErrNoRows {
		// Revoked without a certificate: a crash left it unknown whether it was made.
		err = db.row(ctx, `SELECT at, reason FROM revoked WHERE serial = $1 AND authority = $2`, key[:], authority).Scan(&at, &reason)
		if err == sql.ErrNoRows {
			return s, nil
		}
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
