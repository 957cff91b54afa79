package account

import (
	"context"
	"errors"
	"time"

	"absah/internal/fault"
)

const (
	triesBeforeLock = 5
	firstLock       = 15 * time.Minute
	longestLock     = 4 * time.Hour
	forgetTries     = 24 * time.Hour // a count that rested so long starts anew

	sessionIdle = 30 * time.Minute
	sessionLife = 12 * time.Hour
	touchEvery  = time.Minute // "last seen" is written no more often
)

// LogIn checks NIK and password and opens a session; the token goes into the cookie and is stored nowhere. client is the
// network address, for rate limiting. Wrong NIK, wrong password and an account that is not active give the same fault after the
// same work, and lock the same way, so that nobody learns who is registered.
func (s *Service) LogIn(ctx context.Context, typedNIK, password, client string) (token string, p Person, err error) {
	nik, err := ParseNIK(typedNIK)
	if err != nil {
		return "", Person{}, at("nik", err)
	}
	if until, ok := s.rates.take(client, s.now()); !ok {
		return "", Person{}, lockedFault(until)
	}
	hash := s.nikHash(nik)
	// The try is counted before the password is looked at, so that many tries at once count as many.
	if err := s.countTry(ctx, hash); err != nil {
		return "", Person{}, err
	}
	p, err = s.o.Store.PersonByNIK(ctx, hash)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return "", Person{}, err
	}
	stored := p.Password
	if !p.Active() {
		stored = ""
	}
	ok, stale, err := s.hasher.verify(ctx, stored, password)
	if err != nil {
		return "", Person{}, err
	}
	if !ok {
		return "", Person{}, fault.New("ABS-LOG-001")
	}
	var fresh string
	if stale {
		if fresh, err = s.hasher.hash(ctx, password); err != nil {
			return "", Person{}, err
		}
	}
	token, tokenHash := newToken()
	err = s.o.Store.Do(ctx, func(ctx context.Context) error {
		now := s.now()
		// The look at the password took a while; a new password or a closed account ended what the old one was good for.
		if p, err = s.o.Store.Person(ctx, p.ID); err != nil {
			return err
		}
		if !p.Active() || p.Password != stored {
			return fault.New("ABS-LOG-001")
		}
		if stale {
			p.Password = fresh
			if err := s.o.Store.UpdatePerson(ctx, p); err != nil {
				return err
			}
		}
		if err := s.o.Store.SetTries(ctx, hash, Tries{}); err != nil {
			return err
		}
		if err := s.o.Store.PruneSessions(ctx, now); err != nil {
			return err
		}
		if err := s.o.Store.AddSession(ctx, Session{Hash: tokenHash, Person: p.ID, CreatedAt: now, SeenAt: now, ExpiresAt: now.Add(sessionLife)}); err != nil {
			return err
		}
		return s.log(ctx, "account.login", p.ID, p.ID)
	})
	if err != nil {
		return "", Person{}, err
	}
	return token, p, nil
}

// Admit counts a request of a visitor who is not signed in against the rate of its network address; over it comes a fault.
func (s *Service) Admit(client string) error {
	if until, ok := s.rates.take(client, s.now()); !ok {
		return lockedFault(until)
	}
	return nil
}

func (s *Service) countTry(ctx context.Context, nikHash []byte) error {
	var locked time.Time
	err := s.o.Store.Do(ctx, func(ctx context.Context) error {
		now := s.now()
		t, err := s.o.Store.Tries(ctx, nikHash)
		if err != nil {
			return err
		}
		if now.Before(t.LockedUntil) {
			locked = t.LockedUntil
			return nil
		}
		if now.Sub(t.LastAt) > forgetTries {
			t = Tries{}
		}
		t.Failures++
		t.LastAt = now
		if t.Failures%triesBeforeLock == 0 {
			t.LockedUntil = now.Add(min(firstLock<<min(t.Failures/triesBeforeLock-1, 8), longestLock))
		}
		return s.o.Store.SetTries(ctx, nikHash, t)
	})
	if err == nil && !locked.IsZero() {
		return lockedFault(locked)
	}
	return err
}

func lockedFault(until time.Time) error { return fault.New("ABS-LOG-002", fault.Clock(until)) }

// Session returns the person behind a cookie. It is ErrNotFound for a token that is unknown, ended, idle for half an hour or
// twelve hours old, and for a closed account.
func (s *Service) Session(ctx context.Context, token string) (Person, error) {
	if token == "" {
		return Person{}, ErrNotFound
	}
	hash := tokenHash(token)
	ses, err := s.o.Store.Session(ctx, hash)
	if err != nil {
		return Person{}, err
	}
	now := s.now()
	if !now.Before(ses.ExpiresAt) || now.Sub(ses.SeenAt) > sessionIdle {
		return Person{}, errors.Join(ErrNotFound, s.o.Store.EndSession(ctx, hash))
	}
	if now.Sub(ses.SeenAt) >= touchEvery {
		if err := s.o.Store.TouchSession(ctx, hash, now); err != nil {
			return Person{}, err
		}
	}
	p, err := s.o.Store.Person(ctx, ses.Person)
	if err != nil {
		return Person{}, err
	}
	if !p.Active() {
		return Person{}, ErrNotFound
	}
	return p, nil
}

// LogOut ends a session; an unknown token is no error.
func (s *Service) LogOut(ctx context.Context, token string) error {
	if token == "" {
		return nil
	}
	return s.o.Store.EndSession(ctx, tokenHash(token))
}
