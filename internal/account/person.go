package account

import (
	"slices"
	"strings"
	"time"
)

// PersonID names a person everywhere outside the person's own row; it is random and tells nothing.
type PersonID string

// OrganisationID names an organisation.
type OrganisationID string

// Role is what a person may do beyond owning a certificate.
type Role string

// Roles. Everybody with an account is a holder (or an applicant); the others are granted.
const (
	Verifier      Role = "verifikator"
	Administrator Role = "administrator"
)

// Organisation is an agency whose people hold certificates.
type Organisation struct {
	ID        OrganisationID
	Name      string
	Domain    string // e-mail domain of its people, as "dinas.contoh.go.id"; empty = any
	Contact   string // who helps, as shown to applicants
	CreatedAt time.Time
}

// Person is one account. The NIK is inside, sealed; Service.NIK opens it.
type Person struct {
	ID           PersonID
	Organisation OrganisationID
	NIKHash      []byte
	NIKSealed    []byte
	Name         string // as on the identity card, without titles
	NIP          string // civil servant number; may be empty
	Position     string
	Unit         string
	Email        string
	Phone        string
	Roles        []Role
	Password     string // Argon2id in PHC form; empty until the account is activated
	CreatedAt    time.Time
	ActivatedAt  time.Time // zero until the person has set a password
	DisabledAt   time.Time // zero unless the account was closed
}

// Has says whether the person holds a role.
func (p Person) Has(r Role) bool { return slices.Contains(p.Roles, r) }

// Active says whether the person may sign in.
func (p Person) Active() bool { return !p.ActivatedAt.IsZero() && p.DisabledAt.IsZero() }

// MaskedEmail shows only the first letter and the domain, for pages that a stranger with an old link may see.
func (p Person) MaskedEmail() string { return MaskEmail(p.Email) }

// MaskEmail shows only the first letter and the domain.
func MaskEmail(address string) string {
	local, domain, ok := strings.Cut(address, "@")
	if !ok || local == "" {
		return "•••"
	}
	_, rest := local[:1], local[1:]
	for len(rest) > 0 && rest[0]&0xC0 == 0x80 { // a first letter of several bytes
		rest = rest[1:]
	}
	return local[:len(local)-len(rest)] + "•••@" + domain
}
