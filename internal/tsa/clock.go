package tsa

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Clock tells the time and how far it may be off. An error means that nobody knows: no token is given then.
type Clock func() (now time.Time, bound time.Duration, err error)

// SystemClock trusts the clock of this machine to within a bound that its operator vouches for.
func SystemClock(now func() time.Time, bound time.Duration) Clock {
	return func() (time.Time, time.Duration, error) { return now(), bound, nil }
}

// ErrClock means that the time is not known well enough.
var ErrClock = errors.New("the clock of the time-stamp authority cannot be trusted")

// Store remembers how far the times of an authority may have gone, so that they rise over restarts too.
type Store interface {
	TSAMark(ctx context.Context, authority string) (time.Time, error) // zero: none yet
	TSASetMark(ctx context.Context, authority string, at time.Time) error
}

// ahead is how far the stored mark runs in front of the times that were given: one write lasts for so long. After a restart times start
// behind the mark, which costs that much accuracy for that long.
const ahead = 250 * time.Millisecond

// moment is later than every one before it, in microseconds, with the accuracy that can be promised for it.
func (a *Authority) moment(ctx context.Context) (at time.Time, accuracy time.Duration, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.Store != nil && a.mark.IsZero() {
		if a.mark, err = a.Store.TSAMark(ctx, a.name()); err != nil {
			return at, 0, err
		}
		a.last = a.mark
	}
	now, bound, err := a.Clock()
	if err != nil {
		return at, 0, fmt.Errorf("%w: %w", ErrClock, err)
	}
	at = now.UTC().Truncate(time.Microsecond)
	if !at.After(a.last) {
		at = a.last.Add(time.Microsecond)
	}
	// Two requests in one microsecond, a clock that was set back a little, a restart: the time given is then ahead of the clock, and
	// the accuracy says so. A clock that was set back further than the policy allows gives no time at all.
	accuracy = bound + at.Sub(now).Abs()
	if accuracy > a.MaxBound {
		return at, 0, fmt.Errorf("%w: it may be off by %v, the policy allows %v", ErrClock, accuracy, a.MaxBound)
	}
	if a.Store != nil && at.After(a.mark) {
		mark := at.Add(ahead)
		if err := a.Store.TSASetMark(ctx, a.name(), mark); err != nil {
			return at, 0, err
		}
		a.mark = mark
	}
	a.last = at
	// Rounded up to what a token can say (RFC 3161 §2.4.2).
	return at, (accuracy + time.Microsecond - 1).Truncate(time.Microsecond), nil
}
