package ra

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"strings"
	"time"

	"absah/internal/audit"
	"absah/internal/fault"
)

// Purposes of one-time links.
const (
	Activation = "activation"
	Passphrase = "passphrase"
)

const (
	linkLife    = 7 * 24 * time.Hour
	resendAfter = 5 * time.Minute // a mailbox is not flooded by somebody with an old link
	// claimLife is how long one attempt to issue may take before another may start.
	claimLife = 2 * time.Minute
)

// Options are what a Service needs; all but Now are required.
type Options struct {
	Store   Store
	People  People
	Links   Links
	Mail    Mailer
	Seal    Sealer
	Issuer  Issuer
	Audit   audit.Log
	BaseURL string           // of the links in mails, without a slash at the end
	Now     func() time.Time // nil = time.Now
}

// Service carries applications from step to step. It is safe for concurrent use.
type Service struct{ o Options }

// New makes the service.
func New(o Options) *Service {
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Service{o}
}

func (s *Service) now() time.Time { return s.o.Now().UTC().Truncate(time.Microsecond) }

// record writes a step to the history and to the audit log, in the transaction of ctx.
func (s *Service) record(ctx context.Context, a Application, who Actor, did Action, reasons []Reason, note string) error {
	if err := s.o.Store.AddStep(ctx, a.ID, Step{At: s.now(), Actor: who.Person, ActorName: who.Name, Action: did, Reasons: reasons, Note: note}); err != nil {
		return err
	}
	role := "applicant"
	switch {
	case who.Person == a.Person:
	case who.Verifier:
		role = "verifikator"
	case who.Administrator:
		role = "administrator"
	}
	_, err := s.o.Audit.Append(ctx, audit.Event{
		Time: s.now(), Act: "ra." + string(did), Actor: who.Person, Role: role, Subject: string(a.ID), Object: hex.EncodeToString(a.Hash()),
	})
	return err
}

func (s *Service) update(ctx context.Context, a *Application) error {
	a.UpdatedAt = s.now()
	err := s.o.Store.UpdateApplication(ctx, *a)
	if errors.Is(err, ErrChanged) {
		return fault.Wrap(err, "ABS-RA-005")
	}
	if err == nil {
		a.Version++
	}
	return err
}

var stageWords = map[Stage]fault.Words{
	Invited:   {ID: "menunggu aktivasi oleh pemohon", EN: "waiting for activation by the applicant"},
	Submitted: {ID: "sedang diperiksa", EN: "under review"},
	Returned:  {ID: "menunggu perbaikan oleh pemohon", EN: "waiting for correction by the applicant"},
	Approved:  {ID: "disetujui, menunggu passphrase", EN: "approved, waiting for the passphrase"},
	Issued:    {ID: "sertifikat sudah terbit", EN: "certificate issued"},
	Rejected:  {ID: "ditolak", EN: "rejected"},
	Denied:    {ID: "disangkal oleh penerima surel", EN: "denied by the receiver of the mail"},
}

// stageFault says that an application is not where the caller thinks.
func stageFault(a Application) error { return fault.New("ABS-REG-006", stageWords[a.Stage]) }

func (s *Service) get(ctx context.Context, id ApplicationID) (Application, error) {
	a, err := s.o.Store.Application(ctx, id)
	if errors.Is(err, ErrNotFound) {
		return a, fault.Wrap(err, "ABS-RA-001")
	}
	return a, err
}

// Apply registers an application and mails the activation link. by is the verifier who registers; an Actor without Person is a
// person who registers itself, which an agency allows by having an e-mail domain.
func (s *Service) Apply(ctx context.Context, by Actor, ap Applicant) (Application, error) {
	self := by.Person == ""
	switch {
	case self:
	case !by.Verifier:
		return Application{}, fault.New("ABS-LOG-003")
	default:
		ap.Organisation = by.Organisation
	}
	var a Application
	err := s.o.Store.Do(ctx, func(ctx context.Context) error {
		person, err := s.o.People.Invite(ctx, ap)
		if err != nil {
			return err
		}
		_, domain, _, err := s.o.People.Agency(ctx, ap.Organisation)
		if err != nil {
			return err
		}
		if self && domain == "" {
			return fault.New("ABS-LOG-003")
		}
		if has, err := s.hasCertificate(ctx, person); err != nil {
			return err
		} else if has {
			return fault.New("ABS-RA-004")
		}
		now := s.now()
		a = Application{
			ID: ApplicationID(strings.ToLower(rand.Text())), Person: person, Organisation: ap.Organisation, Registrant: by.Person, Stage: Invited,
			Name: oneLine(ap.Name), NIP: oneLine(ap.NIP), Position: oneLine(ap.Position), Unit: oneLine(ap.Unit), Email: strings.ToLower(oneLine(ap.Email)),
			CreatedAt: now, UpdatedAt: now, Version: 1,
		}
		who := by
		if self {
			a.Registrant = person
			who = Actor{Person: person, Name: a.Name}
		}
		if err := s.o.Store.AddApplication(ctx, a); errors.Is(err, ErrOpen) {
			return fault.Wrap(err, "ABS-REG-012")
		} else if err != nil {
			return err
		}
		if err := s.record(ctx, a, who, DidApply, nil, ""); err != nil {
			return err
		}
		return s.mailLink(ctx, a, Activation)
	})
	return a, err
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

func (s *Service) hasCertificate(ctx context.Context, person string) (bool, error) {
	issued, err := s.o.Store.Applications(ctx, Filter{Person: person, Stages: []Stage{Issued}})
	for _, a := range issued {
		if a.State(s.now()) == StateIssue {
			return true, err
		}
	}
	return false, err
}

// mailLink makes a new link, which voids the old ones, and mails it.
func (s *Service) mailLink(ctx context.Context, a Application, purpose string) error {
	token, expires, err := s.o.Links.NewLink(ctx, purpose, string(a.ID), linkLife)
	if err != nil {
		return err
	}
	path := "/aktivasi/"
	if purpose == Passphrase {
		path = "/passphrase/"
	}
	return s.mail(ctx, a, purpose, map[string]string{"url": s.o.BaseURL + path + token, "expires": expires.Format(time.RFC3339)})
}

// mail adds what every mail says: the agency, who registered, who helps.
func (s *Service) mail(ctx context.Context, a Application, kind string, facts map[string]string) error {
	agency, _, contact, err := s.o.People.Agency(ctx, a.Organisation)
	if err != nil {
		return err
	}
	facts["agency"], facts["contact"], facts["registrant"] = agency, contact, ""
	if a.Registrant != a.Person {
		name, reach, err := s.o.People.Officer(ctx, a.Registrant)
		if err != nil {
			return err
		}
		facts["registrant"] = name
		facts["contact"] = strings.Trim(name+" ("+reach+"), "+contact, " ,")
	}
	return s.o.Mail.Send(ctx, kind, a.Name, a.Email, facts)
}

// ByLink returns the application of a link that still works, without using it up.
func (s *Service) ByLink(ctx context.Context, purpose, token string) (Application, error) {
	id, err := s.o.Links.LinkSubject(ctx, purpose, token)
	if err != nil {
		return Application{}, err
	}
	return s.get(ctx, ApplicationID(id))
}

// Confirm notes that the person behind an activation link said "yes, this is me". The link stays usable for the next step.
func (s *Service) Confirm(ctx context.Context, token string) (Application, error) {
	var a Application
	err := s.o.Store.Do(ctx, func(ctx context.Context) (err error) {
		if a, err = s.ByLink(ctx, Activation, token); err != nil {
			return err
		}
		if a.Stage != Invited {
			return stageFault(a)
		}
		if !a.ConfirmedAt.IsZero() {
			return nil
		}
		a.ConfirmedAt = s.now()
		if err := s.update(ctx, &a); err != nil {
			return err
		}
		return s.record(ctx, a, Actor{Person: a.Person, Name: a.Name}, DidConfirm, nil, "")
	})
	return a, err
}

// Deny ends an application whose mail reached somebody else.
func (s *Service) Deny(ctx context.Context, token string) (Application, error) {
	var a Application
	err := s.o.Store.Do(ctx, func(ctx context.Context) error {
		id, err := s.o.Links.UseLink(ctx, Activation, token)
		if err != nil {
			return err
		}
		if a, err = s.get(ctx, ApplicationID(id)); err != nil {
			return err
		}
		if a.Stage != Invited {
			return stageFault(a)
		}
		a.Stage = Denied
		if err := s.update(ctx, &a); err != nil {
			return err
		}
		return s.record(ctx, a, Actor{}, DidDeny, nil, "")
	})
	return a, err
}

// NeedsPassword says whether the applicant has yet to set one; a person with an account brings only evidence.
func (s *Service) NeedsPassword(ctx context.Context, a Application) (bool, error) {
	active, err := s.o.People.Active(ctx, a.Person)
	return !active, err
}

// confirmed returns the application of an activation link whose person said "yes, this is me".
func (s *Service) confirmed(ctx context.Context, token string) (Application, error) {
	a, err := s.ByLink(ctx, Activation, token)
	switch {
	case err != nil:
		return a, err
	case a.Stage != Invited:
		return a, stageFault(a)
	case a.ConfirmedAt.IsZero():
		return a, fault.New("ABS-REG-013")
	}
	return a, nil
}

// SetPassword gives a person without an account the password to sign in with, and mails *Informasi Akun*. The link stays usable
// for the evidence. A person who has an account keeps the password that it has; then this is refused.
func (s *Service) SetPassword(ctx context.Context, token, password string) (Application, error) {
	a, err := s.confirmed(ctx, token)
	if err != nil {
		return a, err
	}
	hashed, err := s.o.People.HashPassword(ctx, a.Person, password)
	if err != nil {
		return a, err
	}
	err = s.o.Store.Do(ctx, func(ctx context.Context) error {
		if a, err = s.confirmed(ctx, token); err != nil {
			return err
		}
		if err := s.o.People.Activate(ctx, a.Person, hashed); err != nil {
			return err
		}
		if err := s.record(ctx, a, Actor{Person: a.Person, Name: a.Name}, DidActivate, nil, ""); err != nil {
			return err
		}
		return s.mail(ctx, a, "account", map[string]string{"url": s.o.BaseURL + "/masuk"})
	})
	return a, err
}

// Complete takes the evidence and uses the activation link up; the application goes to the verifiers. All faults come joined,
// each with its field, and leave the link usable.
func (s *Service) Complete(ctx context.Context, token string, e Evidence) (Application, error) {
	file, err := e.check()
	if err != nil {
		return Application{}, err
	}
	var a Application
	err = s.o.Store.Do(ctx, func(ctx context.Context) error {
		if a, err = s.confirmed(ctx, token); err != nil {
			return err
		}
		if needs, err := s.NeedsPassword(ctx, a); err != nil {
			return err
		} else if needs {
			return fault.New("ABS-REG-014")
		}
		if _, err := s.o.Links.UseLink(ctx, Activation, token); err != nil {
			return err
		}
		return s.submit(ctx, &a, Actor{Person: a.Person, Name: a.Name}, e, file)
	})
	return a, err
}

// Resubmit gives new evidence for an application that was returned. Approvals given before are void.
func (s *Service) Resubmit(ctx context.Context, me Actor, id ApplicationID, e Evidence) (Application, error) {
	file, err := e.check()
	if err != nil {
		return Application{}, err
	}
	var a Application
	err = s.o.Store.Do(ctx, func(ctx context.Context) error {
		if a, err = s.get(ctx, id); err != nil {
			return err
		}
		if a.Person != me.Person {
			return fault.New("ABS-RA-001")
		}
		if a.Stage != Returned {
			return stageFault(a)
		}
		return s.submit(ctx, &a, me, e, file)
	})
	return a, err
}

func (s *Service) submit(ctx context.Context, a *Application, me Actor, e Evidence, f File) error {
	f.ID, f.Application, f.CreatedAt = strings.ToLower(rand.Text()), a.ID, s.now()
	f.Sealed = s.o.Seal.Seal("evidence "+f.ID, e.Data)
	if err := s.o.Store.AddFile(ctx, f); err != nil {
		return err
	}
	a.Stage, a.SubmittedAt = Submitted, s.now()
	a.Letter, a.Evidence, a.EvidenceHash = oneLine(e.Letter), f.ID, f.SHA256
	a.Approver1, a.Approver2, a.Approval1, a.Approval2 = "", "", nil, nil
	if err := s.update(ctx, a); err != nil {
		return err
	}
	return s.record(ctx, *a, me, DidSubmit, nil, "")
}

// SendAgain mails a new link for an application that waits for its person. A verifier asks by application; whoever has an old
// link asks by AskAgain. Within five minutes of the last one nothing is sent, and nothing said.
func (s *Service) SendAgain(ctx context.Context, by Actor, id ApplicationID) (Application, error) {
	a, err := s.Application(ctx, by, id)
	if err != nil {
		return a, err
	}
	return a, s.sendAgain(ctx, by, a)
}

// Spent returns the application of a link that no longer works, and whether a new link can be asked for.
func (s *Service) Spent(ctx context.Context, purpose, oldToken string) (a Application, again bool, err error) {
	id, err := s.o.Links.SpentLinkSubject(ctx, purpose, oldToken)
	if err != nil {
		return a, false, err
	}
	a, err = s.get(ctx, ApplicationID(id))
	return a, purpose == Activation && a.Stage == Invited || purpose == Passphrase && a.Stage == Approved, err
}

// AskAgain mails a new link in place of one that expired or was used, to the registered address.
func (s *Service) AskAgain(ctx context.Context, purpose, oldToken string) (Application, error) {
	a, again, err := s.Spent(ctx, purpose, oldToken)
	if err != nil {
		return a, err
	}
	if !again {
		return a, stageFault(a)
	}
	return a, s.sendAgain(ctx, Actor{}, a)
}

func (s *Service) sendAgain(ctx context.Context, by Actor, a Application) error {
	var purpose string
	switch a.Stage {
	case Invited:
		purpose = Activation
	case Approved:
		purpose = Passphrase
	default:
		return stageFault(a)
	}
	return s.o.Store.Do(ctx, func(ctx context.Context) error {
		last, err := s.o.Links.LinkAge(ctx, purpose, string(a.ID))
		if err != nil || s.now().Sub(last) < resendAfter {
			return err
		}
		if err := s.record(ctx, a, by, DidSendAgain, nil, ""); err != nil {
			return err
		}
		return s.mailLink(ctx, a, purpose)
	})
}

// SetPassphrase is the last step: the person behind the set-passphrase link, who also signed in as me, chooses the passphrase;
// key and certificate are made at once. Whatever refuses it leaves the link usable, so the person tries again with the same.
func (s *Service) SetPassphrase(ctx context.Context, me Actor, token, passphrase string) (Application, error) {
	a, err := s.ByLink(ctx, Passphrase, token)
	if err != nil {
		return a, err
	}
	if a.Person != me.Person {
		return Application{}, fault.New("ABS-REQ-004")
	}
	if err := s.o.People.CheckPassphrase(ctx, a.Person, passphrase); err != nil {
		return a, err
	}
	agency, _, _, err := s.o.People.Agency(ctx, a.Organisation)
	if err != nil {
		return a, err
	}
	if a, err = s.claim(ctx, a.ID); err != nil {
		return a, err
	}
	// From here the person may close the browser; what is begun is finished.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), claimLife/2)
	defer cancel()
	cert, err := s.o.Issuer.IssueFor(ctx, Request{
		Application: a.ID, Approved: a.Approval2, Person: a.Person, Name: a.Name, Organisation: agency, Unit: a.Unit, Email: a.Email, Passphrase: passphrase,
	})
	if err != nil {
		a.ClaimedUntil = time.Time{}
		err = errors.Join(err, s.o.Store.Do(ctx, func(ctx context.Context) error { return s.update(ctx, &a) }))
		if _, ok := fault.As(err); ok {
			return a, err
		}
		return a, fault.Wrap(err, "ABS-ISS-001")
	}
	err = s.o.Store.Do(ctx, func(ctx context.Context) error {
		if err := s.o.Links.VoidLinks(ctx, Passphrase, string(a.ID)); err != nil {
			return err
		}
		a.Stage, a.Certificate, a.ClaimedUntil = Issued, cert, time.Time{}
		if err := s.update(ctx, &a); err != nil {
			return err
		}
		if err := s.record(ctx, a, me, DidIssue, nil, ""); err != nil {
			return err
		}
		return s.mail(ctx, a, "issued", map[string]string{
			"url": s.o.BaseURL + "/sertifikat", "until": cert.NotAfter.UTC().Format(time.RFC3339), "serial": cert.Serial,
		})
	})
	return a, err
}

// claim reserves the right to issue: of two requests at once one goes on. It also looks once more whether what is in the
// database is what two persons approved.
func (s *Service) claim(ctx context.Context, id ApplicationID) (a Application, err error) {
	err = s.o.Store.Do(ctx, func(ctx context.Context) error {
		if a, err = s.get(ctx, id); err != nil {
			return err
		}
		if a.Stage != Approved {
			return stageFault(a)
		}
		if s.now().Before(a.ClaimedUntil) {
			return fault.New("ABS-ISS-003")
		}
		if h := a.Hash(); !bytes.Equal(h, a.Approval1) || !bytes.Equal(h, a.Approval2) || !a.twoPersons() {
			return fault.Wrap(errors.New("the application differs from what was approved"), "ABS-ISS-002",
				fault.Words{ID: "data permohonan berbeda dari yang disetujui", EN: "the data differ from what was approved"})
		}
		a.ClaimedUntil = s.now().Add(claimLife)
		return s.update(ctx, &a)
	})
	return a, err
}

func (a Application) twoPersons() bool {
	return a.Approver1 != "" && a.Approver2 != "" && a.Approver1 != a.Approver2 &&
		a.Approver1 != a.Registrant && a.Approver1 != a.Person && a.Approver2 != a.Registrant && a.Approver2 != a.Person
}

// Mine lists the applications of a person, newest first, and the state that they add up to.
func (s *Service) Mine(ctx context.Context, person string) (State, []Application, error) {
	all, err := s.o.Store.Applications(ctx, Filter{Person: person})
	if err != nil {
		return "", nil, err
	}
	state := StateNoCertificate
	rank := map[State]int{StateNoCertificate: 0, StateExpired: 1, StateWaiting: 2, StateNew: 3, StateIssue: 4}
	for i, j := 0, len(all)-1; i < j; i, j = i+1, j-1 {
		all[i], all[j] = all[j], all[i]
	}
	for _, a := range all {
		if st := a.State(s.now()); rank[st] > rank[state] {
			state = st
		}
	}
	return state, all, nil
}
