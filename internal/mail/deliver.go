package mail

import (
	"context"
	"errors"
	"time"
)

const (
	deliverEvery = time.Second // looking costs one indexed query
	batch        = 50
	firstRetry   = 30 * time.Second
	longestRetry = 4 * time.Hour
	giveUpAfter  = 5 * 24 * time.Hour // RFC 5321 §4.5.4.1 recommends at least 4 to 5 days
	sendTimeout  = time.Minute
	maxReason    = 500
)

// Delivery takes mails from the outbox to a server.
type Delivery struct {
	Store  Store
	Seal   Sealer
	Sender Sender
	Keep   bool                       // keep the text of sent mails: for a demo with a mailbox page
	Now    func() time.Time           // nil = time.Now
	Report func(item Item, err error) // told of each failed attempt and each inner failure; may be nil
}

// Run delivers until ctx ends. One Run at a time belongs to an outbox; two would send twice.
func (d *Delivery) Run(ctx context.Context) {
	t := time.NewTicker(deliverEvery)
	defer t.Stop()
	for {
		if _, err := d.Deliver(ctx); err != nil && ctx.Err() == nil {
			d.report(Item{}, err)
		}
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
	}
}

func (d *Delivery) report(i Item, err error) {
	if d.Report != nil {
		d.Report(i, err)
	}
}

func (d *Delivery) now() time.Time {
	if d.Now == nil {
		return time.Now().UTC()
	}
	return d.Now().UTC()
}

// Deliver tries every mail that is due, once, and returns how many were taken. Mails that were not wait longer each time, from
// half a minute to four hours, and are given up after five days or when the server refuses for good. The error is of the outbox,
// not of a mail.
func (d *Delivery) Deliver(ctx context.Context) (sent int, err error) {
	for {
		items, err := d.Store.DueMail(ctx, d.now(), batch)
		if err != nil || len(items) == 0 {
			return sent, err
		}
		for _, i := range items {
			if err := ctx.Err(); err != nil {
				return sent, err
			}
			// The attempt is noted before it is made: where nothing can be noted nothing is sent, and what was sent without that being
			// noted is not sent again at once, and again.
			before := i
			i.Attempts++
			i.DueAt = d.now().Add(wait(i.Attempts))
			if err := d.Store.UpdateMail(ctx, i); err != nil {
				return sent, err
			}
			failed := d.attempt(ctx, i)
			switch now := d.now(); {
			case failed == nil:
				sent++
				i.SentAt, i.LastError = now, ""
				if !d.Keep {
					i.Sealed = nil
				}
			case ctx.Err() != nil:
				// Shutting down is no failure of the mail.
				return sent, errors.Join(ctx.Err(), d.Store.UpdateMail(context.WithoutCancel(ctx), before))
			default:
				d.report(i, failed)
				i.LastError = clip(failed.Error())
				i.DueAt = now.Add(wait(i.Attempts))
				if errors.Is(failed, ErrRefused) || now.Sub(i.CreatedAt) > giveUpAfter {
					i.FailedAt, i.Sealed = now, nil
				}
			}
			// What the server took has to be noted even when we are shutting down.
			if err := d.Store.UpdateMail(context.WithoutCancel(ctx), i); err != nil {
				return sent, err
			}
		}
	}
}

func (d *Delivery) attempt(ctx context.Context, i Item) error {
	m, err := open(d.Seal, i)
	if err != nil {
		return errors.Join(ErrRefused, err)
	}
	ctx, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	return d.Sender.Send(ctx, m)
}

func wait(attempts int) time.Duration {
	return min(firstRetry<<min(attempts-1, 20), longestRetry)
}

func clip(s string) string {
	s = line(s)
	if len(s) > maxReason {
		s = s[:maxReason]
	}
	return s
}
