package store

import (
	"context"
	"database/sql"
	"errors"

	"absah/internal/ca"
	"absah/trust"
)

var _ ca.Store = (*DB)(nil)

// CAIntend stores what will be signed. ca.ErrKeyUsed when the key was seen before; ca.ErrApprovalUsed when something on the same
// approval is not revoked.
func (db *DB) CAIntend(ctx context.Context, i ca.Intent) error {
	return db.Do(ctx, func(ctx context.Context) error {
		if i.Request != (ca.Approval{}) {
			var other []byte
			err := db.row(ctx, `SELECT i.serial FROM ca_intent i WHERE i.request = $1 AND NOT EXISTS (SELECT 1 FROM revoked r WHERE r.serial = i.serial) LIMIT 1`, i.Request[:]).Scan(&other)
			if err == nil {
				return ca.ErrApprovalUsed
			}
			if !errors.Is(err, sql.ErrNoRows) {
				return err
			}
		}
		_, err := db.exec(ctx, `INSERT INTO ca_intent (serial, authority, profile, owner, tbs, request, key_hash, entry, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
			i.Serial[:], i.Authority, i.Profile, i.Owner, i.TBS, i.Request[:], i.KeyHash[:], i.Entry, Micros(i.At))
		if duplicate(err, "key_hash") {
			return ca.ErrKeyUsed
		}
		return err
	})
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
	case errors.Is(err, sql.ErrNoRows):
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

// CAUnfinished lists intents that have neither a certificate nor a revocation.
func (db *DB) CAUnfinished(ctx context.Context) ([]ca.Intent, error) {
	rows, err := db.query(ctx, `SELECT i.serial, i.authority, i.profile, i.owner, i.entry, i.at FROM ca_intent i
		WHERE NOT EXISTS (SELECT 1 FROM certificate c WHERE c.serial = i.serial) AND NOT EXISTS (SELECT 1 FROM revoked r WHERE r.serial = i.serial)`)
	return collect(rows, err, func(row *sql.Rows) (i ca.Intent, err error) {
		var serial []byte
		var at int64
		if err := row.Scan(&serial, &i.Authority, &i.Profile, &i.Owner, &i.Entry, &at); err != nil {
			return i, err
		}
		copy(i.Serial[:], serial)
		i.At = Time(at)
		return i, nil
	})
}

// CARevoke stores a revocation; the first one of a certificate stays, but for a hold.
func (db *DB) CARevoke(ctx context.Context, r ca.Revocation) (changed bool, err error) {
	err = db.Do(ctx, func(ctx context.Context) error {
		// The time of a hold stays when it becomes final: since then nobody was to rely on the certificate.
		res, err := db.exec(ctx, `INSERT INTO revoked (serial, authority, at, reason, not_after) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (serial) DO UPDATE SET reason = excluded.reason WHERE revoked.reason = $6 AND excluded.reason <> $6`,
			r.Serial[:], r.Authority, Micros(r.At), int(r.Reason), Micros(r.NotAfter), int(trust.CertificateHold))
		if changed, err = touched(res, err); !changed {
			return err
		}
		return db.countChange(ctx, r.Authority)
	})
	return changed, err
}

// CARelease ends a hold.
func (db *DB) CARelease(ctx context.Context, s ca.Serial) (released bool, err error) {
	err = db.Do(ctx, func(ctx context.Context) error {
		var authority string
		err := db.row(ctx, `SELECT authority FROM revoked WHERE serial = $1 AND reason = $2`, s[:], int(trust.CertificateHold)).Scan(&authority)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		res, err := db.exec(ctx, `DELETE FROM revoked WHERE serial = $1 AND reason = $2`, s[:], int(trust.CertificateHold))
		if released, err = touched(res, err); !released {
			return err
		}
		return db.countChange(ctx, authority)
	})
	return released, err
}

func touched(res sql.Result, err error) (bool, error) {
	if err != nil {
		return false, err
	}
	n, err := res.RowsAffected()
	return n > 0, err
}

func (db *DB) countChange(ctx context.Context, authority string) error {
	_, err := db.exec(ctx, `INSERT INTO revocation_change (authority, n) VALUES ($1, 1) ON CONFLICT (authority) DO UPDATE SET n = revocation_change.n + 1`, authority)
	return err
}

// CAChange counts how often revocations of an authority changed.
func (db *DB) CAChange(ctx context.Context, authority string) (n int64, err error) {
	err = db.row(ctx, `SELECT n FROM revocation_change WHERE authority = $1`, authority).Scan(&n)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return n, err
}

// CARevoked lists the revoked certificates of an authority by serial number.
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

// CANextCRL gives out the next number of a CRL, not below atLeast.
func (db *DB) CANextCRL(ctx context.Context, authority string, atLeast int64) (number int64, err error) {
	err = db.Do(ctx, func(ctx context.Context) error {
		err := db.row(ctx, `SELECT number FROM crl_number WHERE authority = $1`, authority).Scan(&number)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		number = max(number+1, atLeast)
		_, err = db.exec(ctx, `INSERT INTO crl_number (authority, number) VALUES ($1, $2) ON CONFLICT (authority) DO UPDATE SET number = excluded.number`, authority, number)
		return err
	})
	return number, err
}

// CAList is the last list of an authority, nil when there is none.
func (db *DB) CAList(ctx context.Context, authority string) (*ca.List, error) {
	l := &ca.List{Authority: authority}
	var this, next int64
	err := db.row(ctx, `SELECT number, change, this_update, next_update, der FROM crl WHERE authority = $1`, authority).Scan(&l.Number, &l.Change, &this, &next, &l.DER)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	l.ThisUpdate, l.NextUpdate = Time(this), Time(next)
	return l, err
}

// CAPublish replaces the list of an authority by a newer one.
func (db *DB) CAPublish(ctx context.Context, l ca.List) error {
	res, err := db.exec(ctx, `INSERT INTO crl (authority, number, change, this_update, next_update, der) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (authority) DO UPDATE SET number = excluded.number, change = excluded.change, this_update = excluded.this_update,
		next_update = excluded.next_update, der = excluded.der WHERE excluded.number > crl.number`,
		l.Authority, l.Number, l.Change, Micros(l.ThisUpdate), Micros(l.NextUpdate), l.DER)
	if ok, err := touched(res, err); err != nil || ok {
		return err
	}
	return ca.ErrOldList
}
