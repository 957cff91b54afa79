package ra

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"absah/internal/audit"
	"absah/internal/fault"
)

// mayRead says whether an actor sees an application: the officers of its agency, and administrators.
func mayRead(by Actor, a Application) bool {
	return by.Administrator || by.Verifier && by.Organisation == a.Organisation
}

// Queue lists applications in some stages (none = all) with the longest waiting first, and counts all stages.
func (s *Service) Queue(ctx context.Context, by Actor, stages ...Stage) ([]Application, map[Stage]int, error) {
	f := Filter{Organisation: by.Organisation, Stages: stages}
	switch {
	case by.Administrator:
		f.Organisation = ""
	case !by.Verifier:
		return nil, nil, fault.New("ABS-LOG-003")
	}
	counts, err := s.o.Store.CountStages(ctx, f.Organisation)
	if err != nil {
		return nil, nil, err
	}
	list, err := s.o.Store.Applications(ctx, f)
	return list, counts, err
}

// Application returns one application to an officer.
func (s *Service) Application(ctx context.Context, by Actor, id ApplicationID) (Application, error) {
	if !by.Verifier && !by.Administrator {
		return Application{}, fault.New("ABS-LOG-003")
	}
	a, err := s.get(ctx, id)
	if err == nil && !mayRead(by, a) {
		// An officer of another agency is not told that it exists.
		return Application{}, fault.New("ABS-RA-001")
	}
	return a, err
}

// Steps is the history of an application, oldest first, for its officers and its person.
func (s *Service) Steps(ctx context.Context, by Actor, a Application) ([]Step, error) {
	if !mayRead(by, a) && by.Person != a.Person {
		return nil, fault.New("ABS-RA-001")
	}
	return s.o.Store.Steps(ctx, a.ID)
}

// File describes the evidence of an application, without its content; the zero File when there is none yet.
func (s *Service) File(ctx context.Context, by Actor, a Application) (File, error) {
	if !mayRead(by, a) && by.Person != a.Person {
		return File{}, fault.New("ABS-RA-001")
	}
	if a.Evidence == "" {
		return File{}, nil
	}
	f, err := s.o.Store.File(ctx, a.Evidence)
	f.Sealed = nil
	return f, err
}

// Evidence returns the evidence file of an application and its content. Each look is logged.
func (s *Service) Evidence(ctx context.Context, by Actor, id ApplicationID) (File, []byte, error) {
	a, err := s.Application(ctx, by, id)
	if err != nil {
		return File{}, nil, err
	}
	if a.Evidence == "" {
		return File{}, nil, fault.New("ABS-RA-001")
	}
	f, err := s.o.Store.File(ctx, a.Evidence)
	if err != nil {
		return f, nil, err
	}
	data, err := s.o.Seal.Open("evidence "+f.ID, f.Sealed)
	if err != nil {
		return f, nil, err
	}
	if h := sha256.Sum256(data); !bytes.Equal(h[:], a.EvidenceHash) {
		return f, nil, fmt.Errorf("the evidence of application %s is not the file that was given", a.ID)
	}
	if _, err := s.o.Audit.Append(ctx, audit.Event{Time: s.now(), Act: "ra.evidence", Actor: by.Person, Subject: string(a.ID)}); err != nil {
		return f, nil, err
	}
	return f, data, nil
}

// MayApprove says why an actor cannot give the next approval, or nil.
func (s *Service) MayApprove(by Actor, a Application) error {
	switch {
	case a.Stage != Submitted:
		return stageFault(a)
	case by.Person == "" || by.Person == a.Registrant || by.Person == a.Person || by.Person == a.Approver1:
		return fault.New("ABS-RA-002")
	case !by.Verifier && !by.Administrator:
		return fault.New("ABS-LOG-003")
	case a.Approver1 == "" && !by.Verifier:
		// The first look is a verifier's, who knows the agency; an administrator can be the second pair of eyes.
		return fault.New("ABS-RA-009")
	}
	return nil
}

// Approve gives the next approval. seen is the Hash of the application as the approver saw it. The second approval mails the
// set-passphrase link.
func (s *Service) Approve(ctx context.Context, by Actor, id ApplicationID, seen []byte) (Application, error) {
	var a Application
	err := s.o.Store.Do(ctx, func(ctx context.Context) (err error) {
		if a, err = s.Application(ctx, by, id); err != nil {
			return err
		}
		if err := s.MayApprove(by, a); err != nil {
			return err
		}
		h := a.Hash()
		if !bytes.Equal(h, seen) {
			return fault.New("ABS-RA-005")
		}
		if a.Approver1 == "" {
			a.Approver1, a.Approval1 = by.Person, h
			if err := s.update(ctx, &a); err != nil {
				return err
			}
			return s.record(ctx, a, by, DidApprove1, nil, "")
		}
		a.Approver2, a.Approval2, a.Stage = by.Person, h, Approved
		if err := s.update(ctx, &a); err != nil {
			return err
		}
		if err := s.record(ctx, a, by, DidApprove2, nil, ""); err != nil {
			return err
		}
		return s.mailLink(ctx, a, Passphrase)
	})
	return a, err
}

// Return sends an application back to its person with reasons. Approvals given so far are void.
func (s *Service) Return(ctx context.Context, by Actor, id ApplicationID, reasons []Reason, note string) (Application, error) {
	return s.turnDown(ctx, by, id, Returned, DidReturn, reasons, note, Submitted)
}

// Reject ends an open application with reasons.
func (s *Service) Reject(ctx context.Context, by Actor, id ApplicationID, reasons []Reason, note string) (Application, error) {
	return s.turnDown(ctx, by, id, Rejected, DidReject, reasons, note, Invited, Submitted, Returned, Approved)
}

func (s *Service) turnDown(ctx context.Context, by Actor, id ApplicationID, to Stage, did Action, reasons []Reason, note string, from ...Stage) (Application, error) {
	note = strings.TrimSpace(note)
	var errs faults
	if len(reasons) == 0 {
		errs.add("reason", fault.New("ABS-RA-006"))
	}
	for _, r := range reasons {
		if !slices.Contains(Reasons, r) {
			errs.add("reason", fault.New("ABS-RA-006"))
			break
		}
	}
	if slices.Contains(reasons, Other) && note == "" {
		errs.add("note", fault.New("ABS-RA-007"))
	}
	if utf8.RuneCountInString(note) > maxNote {
		errs.add("note", fault.New("ABS-RA-008"))
	}
	if err := errs.join(); err != nil {
		return Application{}, err
	}
	var a Application
	err := s.o.Store.Do(ctx, func(ctx context.Context) (err error) {
		if a, err = s.Application(ctx, by, id); err != nil {
			return err
		}
		if by.Person == a.Person {
			return fault.New("ABS-RA-002")
		}
		if !slices.Contains(from, a.Stage) || s.now().Before(a.ClaimedUntil) {
			return stageFault(a)
		}
		was := a.Stage
		a.Stage = to
		a.Approver1, a.Approver2, a.Approval1, a.Approval2 = "", "", nil, nil
		if err := s.update(ctx, &a); err != nil {
			return err
		}
		for _, purpose := range []string{Activation, Passphrase} {
			if err := s.o.Links.VoidLinks(ctx, purpose, string(a.ID)); err != nil {
				return err
			}
		}
		if err := s.record(ctx, a, by, did, reasons, note); err != nil {
			return err
		}
		if was == Invited {
			return nil // the address was never confirmed; nothing goes there about a decision
		}
		list := make([]string, len(reasons))
		for i, r := range reasons {
			list[i] = string(r)
		}
		return s.mail(ctx, a, string(to), map[string]string{
			"url": s.o.BaseURL + "/sertifikat", "reasons": strings.Join(list, " "), "note": note,
		})
	})
	return a, err
}
