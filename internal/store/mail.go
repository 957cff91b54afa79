package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"absah/internal/mail"
)

// Mails is the mail.Store of a database.
type Mails struct{ *DB }

var _ mail.Store = Mails{}

// Mails returns the outbox.
func (db *DB) Mails() Mails { return Mails{db} }

var errNoMail = errors.New("no such mail")

const mailColumns = `SELECT id, kind, recipient, sealed, created_at, due_at, attempts, sent_at, failed_at, last_error FROM outbox`

func scanMail(r *sql.Rows) (i mail.Item, err error) {
	var created, due, sent, failed int64
	err = r.Scan(&i.ID, &i.Kind, &i.Recipient, &i.Sealed, &created, &due, &i.Attempts, &sent, &failed, &i.LastError)
	i.CreatedAt, i.DueAt, i.SentAt, i.FailedAt = Time(created), Time(due), Time(sent), Time(failed)
	return i, err
}

// AddMail implements mail.Store.
func (s Mails) AddMail(ctx context.Context, i mail.Item) error {
	_, err := s.exec(ctx, `INSERT INTO outbox (id, kind, recipient, sealed, created_at, due_at, attempts, sent_at, failed_at, last_error)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		i.ID, i.Kind, i.Recipient, i.Sealed, Micros(i.CreatedAt), Micros(i.DueAt), i.Attempts, Micros(i.SentAt), Micros(i.FailedAt), i.LastError)
	return err
}

// DueMail implements mail.Store.
func (s Mails) DueMail(ctx context.Context, now time.Time, limit int) ([]mail.Item, error) {
	rows, err := s.query(ctx, mailColumns+` WHERE sent_at = 0 AND failed_at = 0 AND due_at <= $1 ORDER BY due_at LIMIT $2`, Micros(now), limit)
	return collect(rows, err, scanMail)
}

// UpdateMail implements mail.Store.
func (s Mails) UpdateMail(ctx context.Context, i mail.Item) error {
	return s.change(ctx, errNoMail, `UPDATE outbox SET sealed = $2, due_at = $3, attempts = $4, sent_at = $5, failed_at = $6, last_error = $7 WHERE id = $1`,
		i.ID, i.Sealed, Micros(i.DueAt), i.Attempts, Micros(i.SentAt), Micros(i.FailedAt), i.LastError)
}

// RecentMail implements mail.Store.
func (s Mails) RecentMail(ctx context.Context, limit int) ([]mail.Item, error) {
	rows, err := s.query(ctx, mailColumns+` ORDER BY created_at DESC, id LIMIT $1`, limit)
	return collect(rows, err, scanMail)
}
