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
	_, err := db.exec(ctx, `INSERT INTO document (code, person, title, number, subject, sha256, size, signed_at) VALUES ($1, $2, $3, $4, $5, '', 0, $6)`,
		d.Code, d.Person, d.Title, d.Number, d.Subject, Micros(d.SignedAt))
	return err
}

// DocumentFinish stores what became of a reserved document.
func (db *DB) DocumentFinish(ctx context.Context, d remotesign.Document) error {
	_, err := db.exec(ctx, `UPDATE document SET sha256 = $1, size = $2, pages = $3, picture = $4 WHERE code = $5 AND sha256 = ''`,
		d.SHA256, d.Size, d.Pages, string(d.Picture), d.Code)
	return err
}

// DocumentWithdraw stores that a document was withdrawn, once.
func (db *DB) DocumentWithdraw(ctx context.Context, code string, w remotesign.Withdrawal) (done bool, err error) {
	return db.touched(ctx, `UPDATE document SET withdrawn_at = $1, withdrawn_why = $2, withdrawn_note = $3 WHERE code = $4 AND sha256 <> '' AND withdrawn_at = 0`,
		Micros(w.At), string(w.Reason), w.Note, code)
}

// DocumentSupersede stores which document took the place of another, once.
func (db *DB) DocumentSupersede(ctx context.Context, code, successor string, at time.Time) (done bool, err error) {
	return db.touched(ctx, `UPDATE document SET superseded_at = $1, successor = $2 WHERE code = $3 AND sha256 <> '' AND successor IS NULL`,
		Micros(at), successor, code)
}

// DocumentPicture changes the state of a picture from what it was seen to be.
func (db *DB) DocumentPicture(ctx context.Context, code string, from, to remotesign.Picture) (done bool, err error) {
	return db.touched(ctx, `UPDATE document SET picture = $1 WHERE code = $2 AND sha256 <> '' AND picture = $3`, string(to), code, string(from))
}

// touched is exec that says whether there was a row to change.
func (db *DB) touched(ctx context.Context, query string, args ...any) (bool, error) {
	res, err := db.exec(ctx, query, args...)
	if err != nil {
		return false, err
	}
	n, err := res.RowsAffected()
	return n > 0, err
}

const documentColumns = `code, person, title, number, subject, pages, sha256, size, signed_at, picture, withdrawn_at, withdrawn_why, withdrawn_note, superseded_at, successor`

func scanDocument(row interface{ Scan(...any) error }) (d remotesign.Document, err error) {
	var signed, withdrawn, superseded int64
	var successor sql.NullString
	err = row.Scan(&d.Code, &d.Person, &d.Title, &d.Number, &d.Subject, &d.Pages, &d.SHA256, &d.Size, &signed, &d.Picture,
		&withdrawn, &d.Withdrawn.Reason, &d.Withdrawn.Note, &superseded, &successor)
	d.SignedAt, d.Withdrawn.At, d.SupersededAt, d.Successor = Time(signed), Time(withdrawn), Time(superseded), successor.String
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

// DocumentsUndrawn lists documents whose picture is still to be drawn, the one that waits longest first.
func (db *DB) DocumentsUndrawn(ctx context.Context) ([]remotesign.Document, error) {
	rows, err := db.query(ctx, `SELECT `+documentColumns+` FROM document WHERE picture = 'wanted' ORDER BY signed_at, code LIMIT 100`)
	return collect(rows, err, func(r *sql.Rows) (remotesign.Document, error) { return scanDocument(r) })
}
