package ra

import (
	"context"
	"errors"
	"time"
)

// Errors of a Store.
var (
	ErrNotFound = errors.New("no such application record")
	ErrChanged  = errors.New("the application was changed meanwhile")
	ErrOpen     = errors.New("the person has an open application")
	// ErrRefused means that the database refused what the service let through: two approvals by one person, a certificate
	// without approvals.
	ErrRefused = errors.New("the database refuses this step of the application")
)

// Store keeps applications. Methods called inside Do with its context join its transaction; missing rows are ErrNotFound.
type Store interface {
	Do(ctx context.Context, f func(ctx context.Context) error) error

	AddApplication(ctx context.Context, a Application) error // ErrOpen
	Application(ctx context.Context, id ApplicationID) (Application, error)
	// UpdateApplication writes a, whose Version is the one that was read, and raises it; ErrChanged, ErrRefused.
	UpdateApplication(ctx context.Context, a Application) error
	Applications(ctx context.Context, f Filter) ([]Application, error) // the longest unchanged first
	CountStages(ctx context.Context, organisation string) (map[Stage]int, error)

	AddStep(ctx context.Context, id ApplicationID, s Step) error
	Steps(ctx context.Context, id ApplicationID) ([]Step, error) // oldest first

	AddFile(ctx context.Context, f File) error
	File(ctx context.Context, id string) (File, error)
}

// Filter selects applications; empty members select all.
type Filter struct {
	Organisation string
	Person       string
	Stages       []Stage
	Limit        int // 0 = 100
}

// People is what ra needs of the accounts.
type People interface {
	// Invite makes or finds the account of the applicant and checks what was typed.
	Invite(ctx context.Context, a Applicant) (person string, err error)
	// Active says whether the person has set a password.
	Active(ctx context.Context, person string) (bool, error)
	// HashPassword checks and hashes a new password, outside of a transaction; Activate stores it, inside.
	HashPassword(ctx context.Context, person, password string) (hashed string, err error)
	Activate(ctx context.Context, person, hashed string) error
	// CheckPassphrase says what is wrong with a signing passphrase.
	CheckPassphrase(ctx context.Context, person, passphrase string) error
	// Agency describes an organisation; domain is that of its e-mail addresses, contact says who helps.
	Agency(ctx context.Context, organisation string) (name, domain, contact string, err error)
	// Officer says how the registrant is named and reached.
	Officer(ctx context.Context, person string) (name, contact string, err error)
}

// Links are one-time links by mail.
type Links interface {
	NewLink(ctx context.Context, purpose, subject string, life time.Duration) (token string, expires time.Time, err error)
	LinkSubject(ctx context.Context, purpose, token string) (subject string, err error)
	SpentLinkSubject(ctx context.Context, purpose, token string) (subject string, err error)
	UseLink(ctx context.Context, purpose, token string) (subject string, err error)
	VoidLinks(ctx context.Context, purpose, subject string) error
	LinkAge(ctx context.Context, purpose, subject string) (time.Time, error)
}

// Mailer puts a mail into the outbox, in the transaction of ctx.
type Mailer interface {
	Send(ctx context.Context, kind, name, email string, facts map[string]string) error
}

// Sealer encrypts evidence for one place in the database.
type Sealer interface {
	Seal(place string, plain []byte) []byte
	Open(place string, sealed []byte) ([]byte, error)
}

// Issuer makes the key of a person, wraps it with the passphrase, and issues the certificate.
type Issuer interface {
	// IssueFor is called once for an application, outside of any transaction. When the program stopped before ra could note
	// the certificate, it is called again for the same application, perhaps with another passphrase; it must then not leave
	// two certificates in force. It returns only when key and certificate are stored. A fault is shown to the person as it is.
	IssueFor(ctx context.Context, r Request) (Certificate, error)
}

// Request is what a certificate is issued for: what two persons approved, and the owner's passphrase.
type Request struct {
	Application  ApplicationID
	Approved     []byte // hash of the application, equal to both approvals
	Person       string // pseudonymous
	Name         string
	Organisation string // its name
	Unit         string
	Email        string
	Passphrase   string
}
