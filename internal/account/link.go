package account

import (
	"context"
	"errors"
	"time"

	"absah/internal/fault"
)

const (
	resetPurpose = "reset"
	resetLife    = 24 * time.Hour
	// resendAfter keeps a person's mailbox from being flooded by somebody who knows the NIK.
	resendAfter = 5 * time.Minute
)

// NewLink makes a one-time token for a purpose and a subject (a person, an application) and voids earlier ones. Call it in the
// transaction that sends the mail. Only a hash of the token is stored.
func (s *Service) NewLink(ctx context.Context, purpose, subject string, life time.Duration) (token string, expires time.Time, err error) {
	token, hash := newToken()
	now := s.now()
	l := Link{Hash: hash, Purpose: purpose, Subject: subject, CreatedAt: now, ExpiresAt: now.Add(life)}
	err = s.o.Store.Do(ctx, func(ctx context.Context) error {
		if err := s.o.Store.VoidLinks(ctx, purpose, subject, now); err != nil {
			return err
		}
		return s.o.Store.AddLink(ctx, l)
	})
	return token, l.ExpiresAt, err
}

// LinkSubject says whose a link is, without using it up: mail scanners open links too. An unknown, used or expired token is
// the fault ABS-REG-001.
func (s *Service) LinkSubject(ctx context.Context, purpose, token string) (subject string, err error) {
	l, err := s.link(ctx, purpose, token)
	if err != nil {
		return "", err
	}
	if !l.UsedAt.IsZero() || !s.now().Before(l.ExpiresAt) {
		return "", fault.New("ABS-REG-001")
	}
	return l.Subject, nil
}

// SpentLinkSubject is LinkSubject for a link that may be used or expired: good enough to ask for a new one, which goes to the
// registered address only.
func (s *Service) SpentLinkSubject(ctx context.Context, purpose, token string) (subject string, err error) {
	l, err := s.link(ctx, purpose, token)
	return l.Subject, err
}

func (s *Service) link(ctx context.Context, purpose, token string) (Link, error) {
	l, err := s.o.Store.Link(ctx, tokenHash(token))
	if errors.Is(err, ErrNotFound) || err == nil && l.Purpose != purpose {
		return Link{}, fault.New("ABS-REG-001")
	}
	return l, err
}

// UseLink uses a link up. Call it in the transaction of what the link was for; of two at once one gets the fault ABS-REG-001.
func (s *Service) UseLink(ctx context.Context, purpose, token string) (subject string, err error) {
	err = s.o.Store.Do(ctx, func(ctx context.Context) error {
		if subject, err = s.LinkSubject(ctx, purpose, token); err != nil {
			return err
		}
		if err = s.o.Store.UseLink(ctx, tokenHash(token), s.now()); errors.Is(err, ErrNotFound) {
			return fault.New("ABS-REG-001")
		}
		return err
	})
	return subject, err
}

// VoidLinks makes all links of a subject unusable, because what they were for is done or off.
func (s *Service) VoidLinks(ctx context.Context, purpose, subject string) error {
	return s.o.Store.VoidLinks(ctx, purpose, subject, s.now())
}

// LinkAge says when the latest link of a subject was made; the zero time when there is none.
func (s *Service) LinkAge(ctx context.Context, purpose, subject string) (time.Time, error) {
	l, err := s.o.Store.LastLink(ctx, purpose, subject)
	if errors.Is(err, ErrNotFound) {
		return time.Time{}, nil
	}
	return l.CreatedAt, err
}

// ForgotPassword mails a link that sets a new password, if the NIK has an active account. It answers the same either way, and
// sends at most one mail in five minutes. The only faults are a malformed NIK and too many requests from one address.
func (s *Service) ForgotPassword(ctx context.Context, typedNIK, client string) error {
	nik, err := ParseNIK(typedNIK)
	if err != nil {
		return at("nik", err)
	}
	if until, ok := s.rates.take(client, s.now()); !ok {
		return lockedFault(until)
	}
	return s.o.Store.Do(ctx, func(ctx context.Context) error {
		p, err := s.o.Store.PersonByNIK(ctx, s.nikHash(nik))
		if errors.Is(err, ErrNotFound) || err == nil && !p.Active() {
			return nil
		}
		if err != nil {
			return err
		}
		last, err := s.LinkAge(ctx, resetPurpose, string(p.ID))
		if err != nil || s.now().Sub(last) < resendAfter {
			return err
		}
		token, expires, err := s.NewLink(ctx, resetPurpose, string(p.ID), resetLife)
		if err != nil {
			return err
		}
		if err := s.log(ctx, "account.reset-request", "", p.ID); err != nil {
			return err
		}
		org, err := s.o.Store.Organisation(ctx, p.Organisation)
		if err != nil {
			return err
		}
		return s.o.Mail.Send(ctx, "reset", p.Name, p.Email, map[string]string{
			"url": s.o.BaseURL + "/sandi/" + token, "expires": expires.Format(time.RFC3339), "agency": org.Name, "contact": org.Contact,
		})
	})
}

// ResetOwner says whose password a reset link changes, without using it.
func (s *Service) ResetOwner(ctx context.Context, token string) (Person, error) {
	id, err := s.LinkSubject(ctx, resetPurpose, token)
	if err != nil {
		return Person{}, resetFault(err)
	}
	return s.o.Store.Person(ctx, PersonID(id))
}

// ResetPassword uses a reset link up, sets the password, lifts a log-in lock and ends all sessions. A password that breaks the
// rules leaves the link usable.
func (s *Service) ResetPassword(ctx context.Context, token, password string) error {
	p, err := s.ResetOwner(ctx, token)
	if err != nil {
		return err
	}
	hashed, err := s.hashPassword(ctx, p, password)
	if err != nil {
		return err
	}
	return s.o.Store.Do(ctx, func(ctx context.Context) error {
		if _, err := s.UseLink(ctx, resetPurpose, token); err != nil {
			return resetFault(err)
		}
		p, err := s.o.Store.Person(ctx, p.ID)
		if err != nil {
			return err
		}
		if err := s.o.Store.SetTries(ctx, p.NIKHash, Tries{}); err != nil {
			return err
		}
		return s.setPassword(ctx, p, hashed, "account.reset")
	})
}

func resetFault(err error) error {
	if f, ok := fault.As(err); ok && f.Code == "ABS-REG-001" {
		return fault.New("ABS-REC-001")
	}
	return err
}
