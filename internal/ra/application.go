package ra

import (
	"crypto/sha256"
	"encoding/json"
	"time"
)

// ApplicationID names an application.
type ApplicationID string

// Stage is where an application stands.
type Stage string

// Stages. Invited, Submitted, Returned and Approved are open; a person has at most one open application.
const (
	Invited   Stage = "invited"   // activation mail sent
	Submitted Stage = "submitted" // password set, evidence given; waiting for two approvals
	Returned  Stage = "returned"  // the person has to repair something
	Approved  Stage = "approved"  // by two persons; set-passphrase mail sent
	Issued    Stage = "issued"
	Rejected  Stage = "rejected"
	Denied    Stage = "denied" // the person said: not me
)

// Open says whether something may still come of it.
func (s Stage) Open() bool { return s == Invited || s == Submitted || s == Returned || s == Approved }

// State is the state of a person in the words that applications of BSrE know.
type State string

// States of a person who has an account.
const (
	StateNoCertificate State = "NO_CERTIFICATE"
	StateWaiting       State = "WAITING_FOR_VERIFICATION"
	StateNew           State = "NEW" // approved, passphrase not yet set
	StateIssue         State = "ISSUE"
	StateExpired       State = "EXPIRED"
)

// Applicant is what a registrant types.
type Applicant struct {
	NIK          string
	Organisation string
	Name         string
	NIP          string
	Position     string
	Unit         string
	Email        string
	Phone        string
}

// Actor is who acts, as the log-in established it.
type Actor struct {
	Person        string
	Name          string
	Organisation  string
	Verifier      bool
	Administrator bool
}

// Application is one request for a certificate.
type Application struct {
	ID           ApplicationID
	Person       string
	Organisation string
	Registrant   string // the person itself when self-registered
	Stage        Stage
	Version      int64 // grows with each change

	Name, NIP, Position, Unit, Email string

	Letter       string // number of the recommendation letter
	Evidence     string // id of the evidence file
	EvidenceHash []byte // SHA-256 of the file

	ConfirmedAt time.Time // "yes, this is me"
	SubmittedAt time.Time // evidence given, latest

	Approver1, Approver2 string
	Approval1, Approval2 []byte // hash of what each saw

	ClaimedUntil time.Time // somebody is issuing until then
	Certificate  Certificate
	CreatedAt    time.Time
	UpdatedAt    time.Time
}

// Certificate is what the Issuer returns.
type Certificate struct {
	Serial    string // hexadecimal
	DER       []byte
	NotBefore time.Time
	NotAfter  time.Time
}

// Hash is the SHA-256 of everything that an approval covers, as canonical JSON: fixed members in fixed order. A change of any
// of them makes a given approval worthless.
func (a Application) Hash() []byte {
	b, err := json.Marshal(struct {
		Version      int    `json:"v"`
		ID           string `json:"application"`
		Person       string `json:"person"`
		Organisation string `json:"organisation"`
		Registrant   string `json:"registrant"`
		Name         string `json:"name"`
		NIP          string `json:"nip"`
		Position     string `json:"position"`
		Unit         string `json:"unit"`
		Email        string `json:"email"`
		Letter       string `json:"letter"`
		Evidence     []byte `json:"evidence"`
	}{1, string(a.ID), a.Person, a.Organisation, a.Registrant, a.Name, a.NIP, a.Position, a.Unit, a.Email, a.Letter, a.EvidenceHash})
	if err != nil {
		panic("ra: " + err.Error()) // strings and bytes always marshal
	}
	h := sha256.Sum256(b)
	return h[:]
}

// State is the applicant's state by this application alone.
func (a Application) State(now time.Time) State {
	switch a.Stage {
	case Submitted:
		return StateWaiting
	case Approved:
		return StateNew
	case Issued:
		if now.After(a.Certificate.NotAfter) {
			return StateExpired
		}
		return StateIssue
	}
	return StateNoCertificate
}

// Action is one kind of step in the history of an application.
type Action string

// Actions.
const (
	DidApply     Action = "apply"
	DidConfirm   Action = "confirm"
	DidDeny      Action = "deny"
	DidActivate  Action = "activate" // password set
	DidSubmit    Action = "submit"
	DidApprove1  Action = "approve1"
	DidApprove2  Action = "approve2"
	DidReturn    Action = "return"
	DidReject    Action = "reject"
	DidIssue     Action = "issue"
	DidSendAgain Action = "send-again"
)

// Step is one entry of the history.
type Step struct {
	At        time.Time
	Actor     string // person; "" when somebody without an account asked
	ActorName string
	Action    Action
	Reasons   []Reason
	Note      string
}

// Reason is why an application was returned or rejected.
type Reason string

// Reasons that a verifier picks from; Other needs a note.
const (
	Unreadable     Reason = "unreadable"
	NameDiffers    Reason = "name-differs"
	LetterUnsigned Reason = "letter-unsigned"
	EmailShared    Reason = "email-shared"
	PositionWrong  Reason = "position-wrong"
	NotEligible    Reason = "not-eligible"
	Other          Reason = "other"
)

// Reasons lists them in the order of the form.
var Reasons = []Reason{Unreadable, NameDiffers, LetterUnsigned, EmailShared, PositionWrong, NotEligible, Other}
