package store

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"time"

	"absah/internal/account"
)

// Accounts is the account.Store of a database.
type Accounts struct{ *DB }

var _ account.Store = Accounts{}

// Accounts returns the part that keeps people, sessions and links.
func (db *DB) Accounts() Accounts { return Accounts{db} }

// AddOrganisation implements account.Store.
func (s Accounts) AddOrganisation(ctx context.Context, o account.Organisation) error {
	_, err := s.exec(ctx, `INSERT INTO organisation (id, name, domain, contact, created_at) VALUES ($1, $2, $3, $4, $5)`,
		string(o.ID), o.Name, o.Domain, o.Contact, Micros(o.CreatedAt))
	return err
}

const organisationColumns = `SELECT id, name, domain, contact, created_at FROM organisation`

func scanOrganisation(row interface{ Scan(...any) error }) (o account.Organisation, err error) {
	var created int64
	err = row.Scan(&o.ID, &o.Name, &o.Domain, &o.Contact, &created)
	o.CreatedAt = Time(created)
	return o, err
}

// Organisation implements account.Store.
func (s Accounts) Organisation(ctx context.Context, id account.OrganisationID) (account.Organisation, error) {
	o, err := scanOrganisation(s.row(ctx, organisationColumns+` WHERE id = $1`, string(id)))
	return o, found(err, account.ErrNotFound)
}

// Organisations implements account.Store.
func (s Accounts) Organisations(ctx context.Context) ([]account.Organisation, error) {
	rows, err := s.query(ctx, organisationColumns+` ORDER BY name`)
	return collect(rows, err, func(r *sql.Rows) (account.Organisation, error) { return scanOrganisation(r) })
}

func personError(err error) error {
	switch {
	case duplicate(err, "person.email"):
		return account.ErrEmailTaken
	case duplicate(err, "person.nik_hash"):
		return account.ErrNIKTaken
	}
	return err
}

func roles(p account.Person) string {
	list := make([]string, len(p.Roles))
	for i, r := range p.Roles {
		list[i] = string(r)
	}
	return strings.Join(list, " ")
}

// AddPerson implements account.Store.
func (s Accounts) AddPerson(ctx context.Context, p account.Person) error {
	_, err := s.exec(ctx, `INSERT INTO person (id, organisation, nik_hash, nik_sealed, name, nip, position, unit, email, phone, roles, password, created_at, activated_at, disabled_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`,
		string(p.ID), string(p.Organisation), p.NIKHash, p.NIKSealed, p.Name, p.NIP, p.Position, p.Unit, p.Email, p.Phone, roles(p), p.Password,
		Micros(p.CreatedAt), Micros(p.ActivatedAt), Micros(p.DisabledAt))
	return personError(err)
}

// UpdatePerson implements account.Store.
func (s Accounts) UpdatePerson(ctx context.Context, p account.Person) error {
	return personError(s.change(ctx, account.ErrNotFound, `UPDATE person SET organisation = $2, name = $3, nip = $4, position = $5, unit = $6, email = $7, phone = $8,
		roles = $9, password = $10, activated_at = $11, disabled_at = $12 WHERE id = $1`,
		string(p.ID), string(p.Organisation), p.Name, p.NIP, p.Position, p.Unit, p.Email, p.Phone, roles(p), p.Password, Micros(p.ActivatedAt), Micros(p.DisabledAt)))
}

func (s Accounts) person(ctx context.Context, where string, arg any) (p account.Person, err error) {
	var list string
	var created, activated, disabled int64
	err = s.row(ctx, `SELECT id, organisation, nik_hash, nik_sealed, name, nip, position, unit, email, phone, roles, password, created_at, activated_at, disabled_at
		FROM person WHERE `+where, arg).Scan(&p.ID, &p.Organisation, &p.NIKHash, &p.NIKSealed, &p.Name, &p.NIP, &p.Position, &p.Unit, &p.Email, &p.Phone, &list,
		&p.Password, &created, &activated, &disabled)
	for r := range strings.FieldsSeq(list) {
		p.Roles = append(p.Roles, account.Role(r))
	}
	p.CreatedAt, p.ActivatedAt, p.DisabledAt = Time(created), Time(activated), Time(disabled)
	return p, found(err, account.ErrNotFound)
}

// Person implements account.Store.
func (s Accounts) Person(ctx context.Context, id account.PersonID) (account.Person, error) {
	return s.person(ctx, `id = $1`, string(id))
}

// PersonByNIK implements account.Store.
func (s Accounts) PersonByNIK(ctx context.Context, hash []byte) (account.Person, error) {
	return s.person(ctx, `nik_hash = $1`, hash)
}

// Tries implements account.Store.
func (s Accounts) Tries(ctx context.Context, nikHash []byte) (account.Tries, error) {
	var t account.Tries
	var last, locked int64
	err := s.row(ctx, `SELECT failures, last_at, locked_until FROM login_try WHERE nik_hash = $1`, nikHash).Scan(&t.Failures, &last, &locked)
	if errors.Is(err, sql.ErrNoRows) {
		return account.Tries{}, nil
	}
	t.LastAt, t.LockedUntil = Time(last), Time(locked)
	return t, err
}

// SetTries implements account.Store.
func (s Accounts) SetTries(ctx context.Context, nikHash []byte, t account.Tries) error {
	_, err := s.exec(ctx, `INSERT INTO login_try (nik_hash, failures, last_at, locked_until) VALUES ($1, $2, $3, $4)
		ON CONFLICT (nik_hash) DO UPDATE SET failures = excluded.failures, last_at = excluded.last_at, locked_until = excluded.locked_until`,
		nikHash, t.Failures, Micros(t.LastAt), Micros(t.LockedUntil))
	return err
}

// AddSession implements account.Store.
func (s Accounts) AddSession(ctx context.Context, n account.Session) error {
	_, err := s.exec(ctx, `INSERT INTO session (hash, person, created_at, seen_at, expires_at) VALUES ($1, $2, $3, $4, $5)`,
		n.Hash, string(n.Person), Micros(n.CreatedAt), Micros(n.SeenAt), Micros(n.ExpiresAt))
	return err
}

// Session implements account.Store.
func (s Accounts) Session(ctx context.Context, hash []byte) (account.Session, error) {
	n := account.Session{Hash: hash}
	var created, seen, expires int64
	err := s.row(ctx, `SELECT person, created_at, seen_at, expires_at FROM session WHERE hash = $1`, hash).Scan(&n.Person, &created, &seen, &expires)
	n.CreatedAt, n.SeenAt, n.ExpiresAt = Time(created), Time(seen), Time(expires)
	return n, found(err, account.ErrNotFound)
}

// TouchSession implements account.Store.
func (s Accounts) TouchSession(ctx context.Context, hash []byte, seen time.Time) error {
	return s.change(ctx, account.ErrNotFound, `UPDATE session SET seen_at = $2 WHERE hash = $1`, hash, Micros(seen))
}

// EndSession implements account.Store.
func (s Accounts) EndSession(ctx context.Context, hash []byte) error {
	_, err := s.exec(ctx, `DELETE FROM session WHERE hash = $1`, hash)
	return err
}

// EndSessions implements account.Store.
func (s Accounts) EndSessions(ctx context.Context, person account.PersonID) error {
	_, err := s.exec(ctx, `DELETE FROM session WHERE person = $1`, string(person))
	return err
}

// PruneSessions implements account.Store.
func (s Accounts) PruneSessions(ctx context.Context, before time.Time) error {
	_, err := s.exec(ctx, `DELETE FROM session WHERE expires_at < $1`, Micros(before))
	return err
}

// AddLink implements account.Store.
func (s Accounts) AddLink(ctx context.Context, l account.Link) error {
	_, err := s.exec(ctx, `INSERT INTO link (hash, purpose, subject, created_at, expires_at, used_at) VALUES ($1, $2, $3, $4, $5, $6)`,
		l.Hash, l.Purpose, l.Subject, Micros(l.CreatedAt), Micros(l.ExpiresAt), Micros(l.UsedAt))
	return err
}

const linkColumns = `SELECT hash, purpose, subject, created_at, expires_at, used_at FROM link`

func scanLink(row *sql.Row) (l account.Link, err error) {
	var created, expires, used int64
	err = row.Scan(&l.Hash, &l.Purpose, &l.Subject, &created, &expires, &used)
	l.CreatedAt, l.ExpiresAt, l.UsedAt = Time(created), Time(expires), Time(used)
	return l, found(err, account.ErrNotFound)
}

// Link implements account.Store.
func (s Accounts) Link(ctx context.Context, hash []byte) (account.Link, error) {
	return scanLink(s.row(ctx, linkColumns+` WHERE hash = $1`, hash))
}

// LastLink implements account.Store.
func (s Accounts) LastLink(ctx context.Context, purpose, subject string) (account.Link, error) {
	return scanLink(s.row(ctx, linkColumns+` WHERE purpose = $1 AND subject = $2 ORDER BY created_at DESC LIMIT 1`, purpose, subject))
}

// UseLink implements account.Store.
func (s Accounts) UseLink(ctx context.Context, hash []byte, at time.Time) error {
	return s.change(ctx, account.ErrNotFound, `UPDATE link SET used_at = $2 WHERE hash = $1 AND used_at = 0`, hash, Micros(at))
}

// VoidLinks implements account.Store.
func (s Accounts) VoidLinks(ctx context.Context, purpose, subject string, at time.Time) error {
	_, err := s.exec(ctx, `UPDATE link SET used_at = $3 WHERE purpose = $1 AND subject = $2 AND used_at = 0`, purpose, subject, Micros(at))
	return err
}
