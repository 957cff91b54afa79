package remotesign

import (
	"context"
	"encoding/base32"
	"errors"
	"strings"
	"time"

	"absah/internal/audit"
	"absah/internal/fault"
)

// Document is what was signed here, as its page on the web shows it.
type Document struct {
	Code     string // in the QR and the address of the page
	Person   string
	Title    string
	Number   string // of the letter, as its signer states it; empty: not stated
	Subject  string // likewise
	Pages    int    // 0: not counted
	SHA256   string // of the signed file; empty until it is finished
	Size     int64
	SignedAt time.Time

	Picture      Picture
	Withdrawn    Withdrawal // At is zero while it stands
	SupersededAt time.Time
	Successor    string // code of what took its place; empty: nothing did
}

// State is what the owner says of a document today. It changes nothing about its signature.
type State string

// Who withdrew a document may still name its successor; withdrawn weighs more.
const (
	Standing   State = "standing"
	Superseded State = "superseded"
	Withdrawn  State = "withdrawn"
)

// State of the document.
func (d *Document) State() State {
	switch {
	case !d.Withdrawn.At.IsZero():
		return Withdrawn
	case d.Successor != "":
		return Superseded
	}
	return Standing
}

// Withdrawal is that the owner no longer stands by a document.
type Withdrawal struct {
	At     time.Time
	Reason Reason
	Note   string // in the owner's words, shown to everybody; required with OtherReason
}

// Reason of a withdrawal.
type Reason string

// Reasons, the most usual first.
const (
	WrongContent Reason = "content"      // something in it is wrong
	Cancelled    Reason = "cancelled"    // what it decided was cancelled
	Mistaken     Reason = "mistaken"     // signed by mistake
	Unauthorised Reason = "unauthorised" // signed by somebody else with the owner's key
	OtherReason  Reason = "other"
)

// Reasons lists them for a form.
var Reasons = []Reason{WrongContent, Cancelled, Mistaken, Unauthorised, OtherReason}

// A code is codeBytes random bytes in base32: letters and the digits 2 to 7, so that 0, 1, 8 and 9 are never meant.
const (
	codeBytes  = 8
	CodeLength = (codeBytes*8 + 4) / 5
	codeDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
)

// maxTyped bounds what is looked at of a typed code.
const maxTyped = 64

// ReadCode reads a code as people type it: in either case, with spaces, hyphens or dots, with a digit that no code has in place
// of the letter that looks like it. The codes that may be meant come back, the most likely first; none when it cannot be one.
func ReadCode(typed string) []string {
	plain := plainCode(typed)
	if len(plain) != CodeLength {
		return nil
	}
	list := []string{""}
	for _, r := range plain {
		meant := string(r)
		switch {
		case r == '0':
			meant = "O"
		case r == '8':
			meant = "B"
		case r == '1':
			meant = "IL"
		case !strings.ContainsRune(codeDigits, r):
			return nil
		}
		var next []string
		for _, s := range list {
			for _, m := range meant {
				next = append(next, s+string(m))
			}
		}
		if list = next; len(list) > 8 {
			return nil // three digits 1 are a slip, four are a guess
		}
	}
	// The last letter stands for four bits only.
	var codes []string
	for _, s := range list {
		if _, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(s); err == nil && strings.IndexByte(codeDigits, s[CodeLength-1])%2 == 0 {
			codes = append(codes, s)
		}
	}
	return codes
}

func plainCode(typed string) string {
	if len(typed) > maxTyped {
		return ""
	}
	return strings.ToUpper(strings.Map(func(r rune) rune {
		switch r {
		case ' ', '-', '.', '\t', '\u00a0', '\u2010', '\u2011', '\u2013':
			return -1
		}
		return r
	}, typed))
}

// Document finds a document by its code as somebody types it, nil when there is none or it was never finished.
func (s *Service) Document(ctx context.Context, typed string) (*Document, error) {
	if len(typed) > maxTyped {
		return nil, nil
	}
	codes := ReadCode(typed)
	if len(codes) == 0 {
		codes = []string{plainCode(typed)}
	}
	for _, code := range codes {
		d, err := s.cfg.Store.DocumentByCode(ctx, code)
		if err != nil {
			return nil, err
		}
		if d != nil && d.SHA256 != "" {
			return d, nil
		}
	}
	return nil, nil
}

// Documents lists what a person signed here, newest first.
func (s *Service) Documents(ctx context.Context, person string) ([]Document, error) {
	return s.cfg.Store.DocumentsOf(ctx, person)
}

// ErrNotOwn is what a person hears of a document that is not there or belongs to somebody else.
var ErrNotOwn = errors.New("no document of this person")

// own finds a finished document of a person.
func (s *Service) own(ctx context.Context, person, code string) (*Document, error) {
	d, err := s.cfg.Store.DocumentByCode(ctx, code)
	if err != nil {
		return nil, err
	}
	if d == nil || d.SHA256 == "" || d.Person != person {
		return nil, ErrNotOwn
	}
	return d, nil
}

// decide runs a decision of the owner and its entry in the log as one step: a crash leaves both or none. change returns false
// when everything is already as wanted, which is not logged again.
func (s *Service) decide(ctx context.Context, person, code string, e audit.Event, change func(ctx context.Context, d *Document) (bool, error)) (d *Document, err error) {
	err = s.cfg.Store.Do(ctx, func(ctx context.Context) error {
		if d, err = s.own(ctx, person, code); err != nil {
			return err
		}
		done, err := change(ctx, d)
		if err != nil || !done {
			return err
		}
		e.Actor, e.Subject, e.Object = person, code, d.SHA256
		if _, err := s.cfg.Log.Append(ctx, e); err != nil {
			return fault.Wrap(err, "ABS-AUD-002")
		}
		d, err = s.own(ctx, person, code)
		return err
	})
	if err != nil {
		return nil, err
	}
	return d, nil
}

// Withdraw says that the owner no longer stands by a document. It cannot be taken back; saying the same again changes nothing.
func (s *Service) Withdraw(ctx context.Context, person, code string, why Reason, note string) (*Document, error) {
	return s.decide(ctx, person, code, audit.Event{Act: "document.withdraw", Result: string(why)}, func(ctx context.Context, d *Document) (bool, error) {
		if w := d.Withdrawn; !w.At.IsZero() {
			if w.Reason == why && w.Note == note {
				return false, nil
			}
			return false, fault.New("ABS-DOC-001", fault.Moment(w.At))
		}
		return s.cfg.Store.DocumentWithdraw(ctx, code, Withdrawal{s.cfg.Now(), why, note})
	})
}

// Supersede says that a later document of the same owner takes the place of this one. It cannot be taken back; saying the same again
// changes nothing. Because a successor is always the younger one, they never form a ring.
func (s *Service) Supersede(ctx context.Context, person, code, typed string) (*Document, error) {
	return s.decide(ctx, person, code, audit.Event{Act: "document.supersede"}, func(ctx context.Context, d *Document) (bool, error) {
		next, err := s.Document(ctx, typed)
		switch {
		case err != nil:
			return false, err
		case next == nil || next.Person != person:
			return false, fault.New("ABS-DOC-003")
		case d.Successor == next.Code:
			return false, nil
		case d.Successor != "":
			return false, fault.New("ABS-DOC-002", d.Successor)
		case !next.SignedAt.After(d.SignedAt):
			return false, fault.New("ABS-DOC-004")
		case next.State() == Withdrawn:
			return false, fault.New("ABS-DOC-005")
		}
		return s.cfg.Store.DocumentSupersede(ctx, code, next.Code, s.cfg.Now())
	})
}

// maxSuccessors is how far a chain of successors is followed; who replaced a letter more often has the last of these shown.
const maxSuccessors = 50

// Latest is the document at the end of the successors of d, d itself when it has none.
func (s *Service) Latest(ctx context.Context, d *Document) (*Document, error) {
	for range maxSuccessors {
		if d.Successor == "" {
			break
		}
		next, err := s.cfg.Store.DocumentByCode(ctx, d.Successor)
		if err != nil || next == nil {
			return d, err
		}
		d = next
	}
	return d, nil
}
