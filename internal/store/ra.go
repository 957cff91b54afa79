package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"absah/internal/ra"
)

// Applications is the ra.Store of a database.
type Applications struct{ *DB }

var _ ra.Store = Applications{}

// Applications returns the part that keeps registrations.
func (db *DB) Applications() Applications { return Applications{db} }

const applicationColumns = `id, person, organisation, registrant, stage, version, name, nip, position, unit, email, letter, evidence, evidence_hash,
	confirmed_at, submitted_at, approver1, approval1, approver2, approval2, claimed_until, serial, certificate, not_before, not_after, created_at, updated_at`

func null(s string) sql.NullString { return sql.NullString{String: s, Valid: s != ""} }

// values lists an application in the order of applicationColumns.
func values(a ra.Application) []any {
	hash := a.EvidenceHash
	if hash == nil {
		hash = []byte{}
	}
	c := a.Certificate
	return []any{
		string(a.ID), a.Person, a.Organisation, a.Registrant, string(a.Stage), a.Version, a.Name, a.NIP, a.Position, a.Unit, a.Email, a.Letter, a.Evidence, hash,
		Micros(a.ConfirmedAt), Micros(a.SubmittedAt), null(a.Approver1), a.Approval1, null(a.Approver2), a.Approval2, Micros(a.ClaimedUntil),
		c.Serial, c.DER, Micros(c.NotBefore), Micros(c.NotAfter), Micros(a.CreatedAt), Micros(a.UpdatedAt),
	}
}

func scanApplication(row interface{ Scan(...any) error }) (a ra.Application, err error) {
	var confirmed, submitted, claimed, notBefore, notAfter, created, updated int64
	var approver1, approver2 sql.NullString
	c := &a.Certificate
	err = row.Scan(&a.ID, &a.Person, &a.Organisation, &a.Registrant, &a.Stage, &a.Version, &a.Name, &a.NIP, &a.Position, &a.Unit, &a.Email, &a.Letter, &a.Evidence,
		&a.EvidenceHash, &confirmed, &submitted, &approver1, &a.Approval1, &approver2, &a.Approval2, &claimed, &c.Serial, &c.DER, &notBefore, &notAfter, &created, &updated)
	a.Approver1, a.Approver2 = approver1.String, approver2.String
	a.ConfirmedAt, a.SubmittedAt, a.ClaimedUntil = Time(confirmed), Time(submitted), Time(claimed)
	c.NotBefore, c.NotAfter, a.CreatedAt, a.UpdatedAt = Time(notBefore), Time(notAfter), Time(created), Time(updated)
	return a, err
}

func placeholders(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, ", $%d", i+1)
	}
	return b.String()[2:]
}

// AddApplication implements ra.Store.
func (s Applications) AddApplication(ctx context.Context, a ra.Application) error {
	v := values(a)
	_, err := s.exec(ctx, `INSERT INTO application (`+applicationColumns+`) VALUES (`+placeholders(len(v))+`)`, v...)
	switch {
	case duplicate(err, "application.person"):
		return ra.ErrOpen
	case forbidden(err):
		return errors.Join(ra.ErrRefused, err)
	}
	return err
}

// Application implements ra.Store.
func (s Applications) Application(ctx context.Context, id ra.ApplicationID) (ra.Application, error) {
	a, err := scanApplication(s.row(ctx, `SELECT `+applicationColumns+` FROM application WHERE id = $1`, string(id)))
	return a, found(err, ra.ErrNotFound)
}

// UpdateApplication implements ra.Store. Who applied, for which agency and through whom never changes.
func (s Applications) UpdateApplication(ctx context.Context, a ra.Application) error {
	c := a.Certificate
	hash := a.EvidenceHash
	if hash == nil {
		hash = []byte{}
	}
	err := s.change(ctx, ra.ErrChanged, `UPDATE application SET version = version + 1, stage = $3, letter = $4, evidence = $5, evidence_hash = $6,
		confirmed_at = $7, submitted_at = $8, approver1 = $9, approval1 = $10, approver2 = $11, approval2 = $12, claimed_until = $13,
		serial = $14, certificate = $15, not_before = $16, not_after = $17, updated_at = $18 WHERE id = $1 AND version = $2`,
		string(a.ID), a.Version, string(a.Stage), a.Letter, a.Evidence, hash, Micros(a.ConfirmedAt), Micros(a.SubmittedAt),
		null(a.Approver1), a.Approval1, null(a.Approver2), a.Approval2, Micros(a.ClaimedUntil), c.Serial, c.DER, Micros(c.NotBefore), Micros(c.NotAfter), Micros(a.UpdatedAt))
	if forbidden(err) {
		return errors.Join(ra.ErrRefused, err)
	}
	return err
}

// maxApplications bounds one list; a page shows no more.
const maxApplications = 100

// Applications implements ra.Store.
func (s Applications) Applications(ctx context.Context, f ra.Filter) ([]ra.Application, error) {
	var where []string
	var args []any
	add := func(column, value string) {
		if value != "" {
			args = append(args, value)
			where = append(where, fmt.Sprintf("%s = $%d", column, len(args)))
		}
	}
	add("organisation", f.Organisation)
	add("person", f.Person)
	if len(f.Stages) > 0 {
		in := make([]string, len(f.Stages))
		for i, st := range f.Stages {
			args = append(args, string(st))
			in[i] = fmt.Sprintf("$%d", len(args))
		}
		where = append(where, "stage IN ("+strings.Join(in, ", ")+")")
	}
	q := `SELECT ` + applicationColumns + ` FROM application`
	if len(where) > 0 {
		q += ` WHERE ` + strings.Join(where, " AND ")
	}
	limit := f.Limit
	if limit <= 0 || limit > maxApplications {
		limit = maxApplications
	}
	args = append(args, limit)
	rows, err := s.query(ctx, q+fmt.Sprintf(` ORDER BY updated_at, id LIMIT $%d`, len(args)), args...)
	return collect(rows, err, func(r *sql.Rows) (ra.Application, error) { return scanApplication(r) })
}

// CountStages implements ra.Store.
func (s Applications) CountStages(ctx context.Context, organisation string) (map[ra.Stage]int, error) {
	rows, err := s.query(ctx, `SELECT stage, count(*) FROM application WHERE organisation = $1 OR $1 = '' GROUP BY stage`, organisation)
	counts := map[ra.Stage]int{}
	_, err = collect(rows, err, func(r *sql.Rows) (struct{}, error) {
		var st ra.Stage
		var n int
		err := r.Scan(&st, &n)
		counts[st] = n
		return struct{}{}, err
	})
	return counts, err
}

// AddStep implements ra.Store.
func (s Applications) AddStep(ctx context.Context, id ra.ApplicationID, st ra.Step) error {
	list := make([]string, len(st.Reasons))
	for i, r := range st.Reasons {
		list[i] = string(r)
	}
	_, err := s.exec(ctx, `INSERT INTO application_step (application, seq, at, actor, actor_name, action, reasons, note)
		SELECT $1, coalesce(max(seq), 0) + 1, $2, $3, $4, $5, $6, $7 FROM application_step WHERE application = $1`,
		string(id), Micros(st.At), st.Actor, st.ActorName, string(st.Action), strings.Join(list, " "), st.Note)
	return err
}

// Steps implements ra.Store.
func (s Applications) Steps(ctx context.Context, id ra.ApplicationID) ([]ra.Step, error) {
	rows, err := s.query(ctx, `SELECT at, actor, actor_name, action, reasons, note FROM application_step WHERE application = $1 ORDER BY seq`, string(id))
	return collect(rows, err, func(r *sql.Rows) (st ra.Step, err error) {
		var at int64
		var reasons string
		err = r.Scan(&at, &st.Actor, &st.ActorName, &st.Action, &reasons, &st.Note)
		st.At = Time(at)
		for w := range strings.FieldsSeq(reasons) {
			st.Reasons = append(st.Reasons, ra.Reason(w))
		}
		return st, err
	})
}

// AddFile implements ra.Store.
func (s Applications) AddFile(ctx context.Context, f ra.File) error {
	_, err := s.exec(ctx, `INSERT INTO evidence (id, application, name, media_type, size, sha256, sealed, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		f.ID, string(f.Application), f.Name, f.MediaType, f.Size, f.SHA256, f.Sealed, Micros(f.CreatedAt))
	return err
}

// File implements ra.Store.
func (s Applications) File(ctx context.Context, id string) (f ra.File, err error) {
	var created int64
	err = s.row(ctx, `SELECT id, application, name, media_type, size, sha256, sealed, created_at FROM evidence WHERE id = $1`, id).
		Scan(&f.ID, &f.Application, &f.Name, &f.MediaType, &f.Size, &f.SHA256, &f.Sealed, &created)
	f.CreatedAt = Time(created)
	return f, found(err, ra.ErrNotFound)
}
