package account

import (
	"context"
	"errors"
	"net/mail"
	"runtime"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"absah/internal/audit"
	"absah/internal/fault"
)

// Mailer puts a mail into the outbox, in the transaction of ctx. Kind names the text; facts fill it.
type Mailer interface {
	Send(ctx context.Context, kind, name, email string, facts map[string]string) error
}

// Options are what a Service needs. Store, Vault, Audit and Mail are required.
type Options struct {
	Store   Store
	Vault   *Vault
	Audit   audit.Log
	Mail    Mailer
	BaseURL string           // of the links in mails, without a slash at the end
	Now     func() time.Time // nil = time.Now
	Cost    Cost             // of a password; zero = DefaultCost
	Slots   int              // passwords checked at once; 0 = half the processors, at least 1
}

// Service is what the rest of the program does with accounts. It is safe for concurrent use.
type Service struct {
	o      Options
	hasher *hasher
	rates  *rates
}

// New makes the service.
func New(o Options) *Service {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Cost == (Cost{}) {
		o.Cost = DefaultCost
	}
	if o.Slots == 0 {
		o.Slots = max(1, runtime.GOMAXPROCS(0)/2)
	}
	return &Service{o: o, hasher: newHasher(o.Cost, o.Slots), rates: newRates()}
}

func (s *Service) now() time.Time { return s.o.Now().UTC().Truncate(time.Microsecond) }

func (s *Service) log(ctx context.Context, act string, actor, subject PersonID) error {
	_, err := s.o.Audit.Append(ctx, audit.Event{Time: s.now(), Act: act, Actor: string(actor), Subject: string(subject)})
	return err
}

// AddOrganisation adds an agency and gives it its ID.
func (s *Service) AddOrganisation(ctx context.Context, o Organisation) (OrganisationID, error) {
	o.Name, o.Domain = clean(o.Name), strings.ToLower(clean(o.Domain))
	switch {
	case o.Name == "":
		return "", at("name", fault.New("ABS-REG-007"))
	case utf8.RuneCountInString(o.Name) > maxCertified || strings.ContainsFunc(o.Name, hidden):
		return "", at("name", fault.New("ABS-REG-009", maxCertified))
	}
	o.ID, o.CreatedAt = OrganisationID(newID()), s.now()
	return o.ID, s.o.Store.AddOrganisation(ctx, o)
}

// Organisation returns one agency, or ErrNotFound.
func (s *Service) Organisation(ctx context.Context, id OrganisationID) (Organisation, error) {
	return s.o.Store.Organisation(ctx, id)
}

// Organisations lists the agencies by name.
func (s *Service) Organisations(ctx context.Context) ([]Organisation, error) {
	return s.o.Store.Organisations(ctx)
}

// Person returns one account, or ErrNotFound.
func (s *Service) Person(ctx context.Context, id PersonID) (Person, error) {
	return s.o.Store.Person(ctx, id)
}

// PersonByNIK finds an account, or returns ErrNotFound.
func (s *Service) PersonByNIK(ctx context.Context, n NIK) (Person, error) {
	return s.o.Store.PersonByNIK(ctx, s.nikHash(n))
}

// NIK opens the number of a person; it prints as its mask.
func (s *Service) NIK(p Person) (NIK, error) {
	b, err := s.o.Vault.Open("nik "+string(p.ID), p.NIKSealed)
	if err != nil {
		return NIK{}, err
	}
	return ParseNIK(string(b))
}

func (s *Service) nikHash(n NIK) []byte { return s.o.Vault.Hash("nik", n.Digits()) }

// Invitation is what a registrant says about a person.
type Invitation struct {
	NIK          string // as typed
	Organisation OrganisationID
	Name         string
	NIP          string
	Position     string
	Unit         string
	Email        string
	Phone        string
}

// Check reads what was typed and returns all faults joined, each with its field.
func (s *Service) check(ctx context.Context, i Invitation) (Person, NIK, error) {
	var errs []error
	nik, err := ParseNIK(i.NIK)
	errs = append(errs, at("nik", err))
	p := Person{
		Organisation: i.Organisation, Name: clean(i.Name), NIP: clean(i.NIP), Position: clean(i.Position), Unit: clean(i.Unit),
		Email: strings.ToLower(clean(i.Email)), Phone: clean(i.Phone),
	}
	for _, f := range []struct {
		field, value string
		required     bool
		runes        int
	}{{"name", p.Name, true, maxCertified}, {"nip", p.NIP, false, maxField}, {"position", p.Position, true, maxField}, {"unit", p.Unit, true, maxCertified}, {"phone", p.Phone, false, maxField}} {
		switch {
		case f.value == "" && f.required:
			errs = append(errs, at(f.field, fault.New("ABS-REG-007")))
		case len(f.value) > maxField || utf8.RuneCountInString(f.value) > f.runes || strings.ContainsFunc(f.value, hidden):
			errs = append(errs, at(f.field, fault.New("ABS-REG-009", f.runes)))
		}
	}
	org, err := s.o.Store.Organisation(ctx, i.Organisation)
	if errors.Is(err, ErrNotFound) {
		errs = append(errs, at("organisation", fault.New("ABS-REG-007")))
	} else if err != nil {
		return p, nik, err
	}
	switch {
	case p.Email == "":
		errs = append(errs, at("email", fault.New("ABS-REG-007")))
	case !isEmail(p.Email):
		errs = append(errs, at("email", fault.New("ABS-REG-008")))
	case org.Domain != "" && !strings.HasSuffix(p.Email, "@"+org.Domain):
		errs = append(errs, at("email", fault.New("ABS-REG-004", org.Domain)))
	}
	return p, nik, errors.Join(errs...)
}

const (
	// maxField bounds one typed line in bytes.
	maxField = 200
	// maxCertified bounds what goes into a certificate, in characters (RFC 5280 appendix A).
	maxCertified = 64
)

// hidden characters make two names look the same, or one read differently from what it is; no certificate is issued for such.
func hidden(r rune) bool {
	return r == utf8.RuneError || unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Cs, unicode.Zl, unicode.Zp)
}

func clean(s string) string { return strings.Join(strings.Fields(s), " ") }

func isEmail(s string) bool {
	a, err := mail.ParseAddress(s)
	return err == nil && a.Address == s && len(s) <= 254 && strings.Contains(s[strings.LastIndexByte(s, '@'):], ".")
}

// Invite makes the account of a person who has none, or returns the account that the NIK has. An account that was never
// activated takes the new data; an active one keeps its own, and an invitation to another address or agency is refused. The
// person cannot sign in before Activate.
func (s *Service) Invite(ctx context.Context, i Invitation) (PersonID, error) {
	p, nik, err := s.check(ctx, i)
	if err != nil {
		return "", err
	}
	err = s.o.Store.Do(ctx, func(ctx context.Context) error {
		old, err := s.o.Store.PersonByNIK(ctx, s.nikHash(nik))
		switch {
		case errors.Is(err, ErrNotFound):
			p.ID, p.CreatedAt, p.NIKHash = PersonID(newID()), s.now(), s.nikHash(nik)
			p.NIKSealed = s.o.Vault.Seal("nik "+string(p.ID), []byte(nik.Digits()))
			return s.emailFault(s.o.Store.AddPerson(ctx, p))
		case err != nil:
			return err
		case !old.DisabledAt.IsZero() || old.Organisation != p.Organisation || old.Active() && old.Email != p.Email:
			return at("nik", fault.New("ABS-REG-003"))
		case old.Active():
			p = old
			return nil
		}
		old.Name, old.NIP, old.Position, old.Unit, old.Email, old.Phone = p.Name, p.NIP, p.Position, p.Unit, p.Email, p.Phone
		p = old
		return s.emailFault(s.o.Store.UpdatePerson(ctx, p))
	})
	return p.ID, err
}

func (s *Service) emailFault(err error) error {
	if errors.Is(err, ErrEmailTaken) {
		return at("email", fault.Wrap(err, "ABS-REG-010"))
	}
	return err
}

// Add makes an active account with roles and a password at once: how the first administrator and the demo's people come to be.
// Everybody else is invited.
func (s *Service) Add(ctx context.Context, i Invitation, password string, roles ...Role) (PersonID, error) {
	p, nik, err := s.check(ctx, i)
	if err != nil {
		return "", err
	}
	org, err := s.o.Store.Organisation(ctx, p.Organisation)
	if err != nil {
		return "", err
	}
	if err := secretRules(p, nik, org.Name, password); err != nil {
		return "", at("password", err)
	}
	hashed, err := s.hasher.hash(ctx, password)
	if err != nil {
		return "", err
	}
	var id PersonID
	err = s.o.Store.Do(ctx, func(ctx context.Context) error {
		if id, err = s.Invite(ctx, i); err != nil {
			return err
		}
		p, err := s.o.Store.Person(ctx, id)
		if err != nil {
			return err
		}
		if p.Active() {
			return at("nik", fault.New("ABS-REG-003"))
		}
		p.Roles = roles
		return s.setPassword(ctx, p, Hashed(hashed), "account.add")
	})
	return id, err
}

// Hashed is a password that passed the rules, in the form that is stored.
type Hashed string

// HashPassword checks a new password against the rules and hashes it. It takes a tenth of a second of one core and so does not
// belong into a transaction; Activate and ResetPassword do.
func (s *Service) HashPassword(ctx context.Context, id PersonID, password string) (Hashed, error) {
	p, err := s.o.Store.Person(ctx, id)
	if err != nil {
		return "", err
	}
	return s.hashPassword(ctx, p, password)
}

func (s *Service) hashPassword(ctx context.Context, p Person, password string) (Hashed, error) {
	if err := s.rules(ctx, p, password); err != nil {
		return "", at("password", err)
	}
	stored, err := s.hasher.hash(ctx, password)
	return Hashed(stored), err
}

// Activate sets the first password; from then on the person can sign in. A second time is refused.
func (s *Service) Activate(ctx context.Context, id PersonID, password Hashed) error {
	return s.o.Store.Do(ctx, func(ctx context.Context) error {
		p, err := s.o.Store.Person(ctx, id)
		if err != nil {
			return err
		}
		if !p.ActivatedAt.IsZero() {
			return fault.New("ABS-REG-003")
		}
		return s.setPassword(ctx, p, password, "account.activate")
	})
}

// CheckPassphrase says what is wrong with a new signing passphrase: the rules of a password, and that it must not be the
// password itself.
func (s *Service) CheckPassphrase(ctx context.Context, id PersonID, passphrase string) error {
	p, err := s.o.Store.Person(ctx, id)
	if err != nil {
		return err
	}
	if err := s.rules(ctx, p, passphrase); err != nil {
		return at("passphrase", err)
	}
	same, _, err := s.hasher.verify(ctx, p.Password, passphrase)
	if err != nil {
		return err
	}
	if same {
		return at("passphrase", fault.New("ABS-PWD-003"))
	}
	return nil
}

func (s *Service) rules(ctx context.Context, p Person, secret string) error {
	nik, err := s.NIK(p)
	if err != nil {
		return err
	}
	org, err := s.o.Store.Organisation(ctx, p.Organisation)
	if err != nil {
		return err
	}
	return secretRules(p, nik, org.Name, secret)
}

// setPassword belongs into a transaction in which p was read.
func (s *Service) setPassword(ctx context.Context, p Person, password Hashed, act string) error {
	p.Password = string(password)
	if p.ActivatedAt.IsZero() {
		p.ActivatedAt = s.now()
	}
	if err := s.o.Store.UpdatePerson(ctx, p); err != nil {
		return err
	}
	// Whoever was signed in under the old password is signed out.
	if err := s.o.Store.EndSessions(ctx, p.ID); err != nil {
		return err
	}
	return s.log(ctx, act, p.ID, p.ID)
}
