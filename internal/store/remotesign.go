package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"absah/internal/remotesign"
)

var _ remotesign.Store = (*DB)(nil)

// CredentialAdd stores a credential.
func (db *DB) CredentialAdd(ctx context.Context, c remotesign.Credential) error {
	_, err := db.exec(ctx, `INSERT INTO credential (id, person, certificate, blob, failures, locked_until, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		c.ID, c.Person, c.Certificate, c.Blob, c.Failures, Micros(c.LockedUntil), Micros(c.CreatedAt))
	return err
}

// CredentialOf finds a person's newest credential, nil when there is none.
func (db *DB) CredentialOf(ctx context.Context, person string) (*remotesign.Credential, error) {
	var c remotesign.Credential
	var locked, created int64
	err := db.row(ctx, `SELECT id, person, certificate, blob, failures, locked_until, created_at FROM credential WHERE person = $1 ORDER BY created_at DESC LIMIT 1`, person).
		Scan(&c.ID, &c.Person, &c.Certificate, &c.Blob, &c.Failures, &locked, &created)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil, nil
	case err != nil:
		return nil, err
	}
	c.LockedUntil, c.CreatedAt = Time(locked), Time(created)
	return &c, nil
}

var errNoCredential = errors.New("the credential does not exist")

// CredentialTries stores how many wrong passphrases there were in a row and until when the key is locked.
func (db *DB) CredentialTries(ctx context.Context, id string, failures int, lockedUntil time.Time) error {
	res, err := db.exec(ctx, `UPDATE credential SET failures = $1, locked_until = $2 WHERE id = $3`, failures, Micros(lockedUntil), id)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, errNoCredential)
	}
	return nil
}

// DocumentReserve takes a code.
func (db *DB) DocumentReserve(ctx context.Context, d remotesign.Document) error {
	_, err := db.exec(ctx, `INSERT INTO document (code, person, title, sha256, size, signed_at) VALUES ($1, $2, $3, '', 0, $4)`, d.Code, d.Person, d.Title, Micros(d.SignedAt))
	return err
}

// DocumentFinish stores what became of a reserved document.
func (db *DB) DocumentFinish(ctx context.Context, d remotesign.Document) error {
	_, err := db.exec(ctx, `UPDATE document SET sha256 = $1, size = $2 WHERE code = $3 AND sha256 = ''`, d.SHA256, d.Size, d.Code)
	return err
}

const documentColumns = `code, person, title, sha256, size, signed_at`

func scanDocument(row interface{ Scan(...any) error }) (d remotesign.Document, err error) {
	var at int64
	err = row.Scan(&d.Code, &d.Person, &d.Title, &d.SHA256, &d.Size, &at)
	d.SignedAt = Time(at)
	return d, err
}

// DocumentByCode finds a document, nil when the code is unknown.
func (db *DB) DocumentByCode(ctx context.Context, code string) (*remotesign.Document, error) {
	d, err := scanDocument(db.row(ctx, `SELECT `+documentColumns+` FROM document WHERE code = $1`, code))
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil, nil
	case err != nil:
		return nil, err
	}
	return &d, nil
}

// DocumentsOf lists a person's finished documents, newest first.
func (db *DB) DocumentsOf(ctx context.Context, person string) ([]remotesign.Document, error) {
	rows, err := db.query(ctx, `SELECT `+documentColumns+` FROM document WHERE person = $1 AND sha256 <> '' ORDER BY signed_at DESC, code LIMIT 200`, person)
	return collect(rows, err, func(r *sql.Rows) (remotesign.Document, error) { return scanDocument(r) })
}
