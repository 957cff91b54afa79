package account

import (
	"context"
	"errors"
	"time"
)

// Errors of a Store.
var (
	ErrNotFound   = errors.New("no such account record")
	ErrEmailTaken = errors.New("another account has this e-mail address")
	ErrNIKTaken   = errors.New("another account has this NIK")
)

// Store keeps accounts. Methods called inside Do with its context join its transaction; missing rows are ErrNotFound.
type Store interface {
	Do(ctx context.Context, f func(ctx context.Context) error) error

	AddOrganisation(ctx context.Context, o Organisation) error
	Organisation(ctx context.Context, id OrganisationID) (Organisation, error)
	Organisations(ctx context.Context) ([]Organisation, error)

	AddPerson(ctx context.Context, p Person) error    // ErrEmailTaken, ErrNIKTaken
	UpdatePerson(ctx context.Context, p Person) error // ErrEmailTaken
	Person(ctx context.Context, id PersonID) (Person, error)
	PersonByNIK(ctx context.Context, hash []byte) (Person, error)

	Tries(ctx context.Context, nikHash []byte) (Tries, error) // zero when there were none
	SetTries(ctx context.Context, nikHash []byte, t Tries) error

	AddSession(ctx context.Context, s Session) error
	Session(ctx context.Context, hash []byte) (Session, error)
	TouchSession(ctx context.Context, hash []byte, seen time.Time) error
	EndSession(ctx context.Context, hash []byte) error      // no error when there is none
	EndSessions(ctx context.Context, person PersonID) error // all of one person
	PruneSessions(ctx context.Context, before time.Time) error

	AddLink(ctx context.Context, l Link) error
	Link(ctx context.Context, hash []byte) (Link, error)
	LastLink(ctx context.Context, purpose, subject string) (Link, error)
	UseLink(ctx context.Context, hash []byte, at time.Time) error // ErrNotFound when it was used already
	VoidLinks(ctx context.Context, purpose, subject string, at time.Time) error
}

// Tries counts wrong passwords for one NIK, registered or not.
type Tries struct {
	Failures    int
	LastAt      time.Time
	LockedUntil time.Time
}

// Session is one signed-in browser.
type Session struct {
	Hash      []byte // SHA-256 of the token in the cookie
	Person    PersonID
	CreatedAt time.Time
	SeenAt    time.Time
	ExpiresAt time.Time
}

// Link is one mailed link.
type Link struct {
	Hash      []byte // SHA-256 of the token in the mail
	Purpose   string
	Subject   string
	CreatedAt time.Time
	ExpiresAt time.Time
	UsedAt    time.Time
}
