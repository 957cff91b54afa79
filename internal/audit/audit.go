// Package audit is the append-only log of every use of a key and every decision: a Merkle tree over events, so that nothing in
// it can be changed or removed unnoticed. Leaves hold no personal data: people appear by their pseudonymous ids.
//
// A use of a key is two events. The intent is durable before the key is touched, the outcome comes after; a crash in between leaves
// the intent alone, for everybody to see ([Tree.Review] lists it).
package audit

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Event is one entry. Its JSON is the leaf.
type Event struct {
	Time    time.Time `json:"time"`
	Act     string    `json:"act"`               // what, as "sign.intent", "ra.approve"
	Actor   string    `json:"actor,omitempty"`   // pseudonymous id of who did it; "system" for jobs
	Role    string    `json:"role,omitempty"`    // in which the actor did it
	Subject string    `json:"subject,omitempty"` // id of what it was done to: application, serial, credential
	Object  string    `json:"object,omitempty"`  // hexadecimal digest of what was signed or decided
	Intent  int64     `json:"intent,omitempty"`  // of an outcome: one more than the index of its intent
	Result  string    `json:"result,omitempty"`  // of an outcome: "done", "failed", or a code
	Note    string    `json:"note,omitempty"`    // never personal data
}

// Log is where services write. Append returns once the event is durable; inside a transaction of the log's store it becomes durable
// together with everything else in it.
type Log interface {
	Append(ctx context.Context, e Event) (index int64, err error)
}

const (
	intentSuffix  = ".intent"
	outcomeSuffix = ".outcome"
)

// Intent announces the use of a key: e with ".intent" behind its Act. When it fails, the key must not be used.
func Intent(ctx context.Context, l Log, e Event) (index int64, err error) {
	e.Act += intentSuffix
	if index, err = l.Append(ctx, e); err != nil {
		return 0, &WriteError{err}
	}
	return index, nil
}

// Outcome says how the use that was announced at index went; failed is nil when it succeeded.
func Outcome(ctx context.Context, l Log, e Event, index int64, failed error) error {
	e.Act += outcomeSuffix
	e.Intent, e.Time = index+1, time.Time{}
	if e.Result == "" {
		e.Result = "done"
	}
	if failed != nil {
		e.Result = "failed"
	}
	if _, err := l.Append(ctx, e); err != nil {
		return &WriteError{err}
	}
	return nil
}

// Around writes the intent, runs what uses the key, and writes the outcome. Without a written intent nothing is run. When the
// outcome cannot be written the error says so, though the key was used: the intent stays open.
func Around(ctx context.Context, l Log, e Event, use func() error) error {
	n, err := Intent(ctx, l, e)
	if err != nil {
		return err
	}
	failed := use()
	// The outcome is written even when the person went away meanwhile.
	return errors.Join(failed, Outcome(context.WithoutCancel(ctx), l, e, n, failed))
}

// WriteError means that the log could not be written; no key may be used then.
type WriteError struct{ Err error }

func (e *WriteError) Error() string { return "the audit log cannot be written: " + e.Err.Error() }

func (e *WriteError) Unwrap() error { return e.Err }

// ErrPersonal means that an event would have put a national number or an e-mail address into the log, from where nothing can be
// erased again.
var ErrPersonal = errors.New("personal data must not enter the audit log")

// impersonal is the last guard against a slip: it knows the two forms that can be told for sure, 16 digits that stand alone and an
// at sign. Serial numbers and digests in hexadecimal are longer, ids are no numbers.
func (e *Event) impersonal() error {
	for name, v := range map[string]string{
		"act": e.Act, "actor": e.Actor, "role": e.Role, "subject": e.Subject, "object": e.Object, "result": e.Result, "note": e.Note,
	} {
		words := strings.FieldsFunc(v, func(r rune) bool {
			return (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
		})
		for _, w := range words {
			if len(w) == 16 && strings.Trim(w, "0123456789") == "" {
				return fmt.Errorf("%w: field %s", ErrPersonal, name)
			}
		}
		if strings.ContainsRune(v, '@') {
			return fmt.Errorf("%w: field %s", ErrPersonal, name)
		}
	}
	return nil
}
