// Package fault is the kind of error that a person may read: a stable code and a sentence in Indonesian and English that says
// what happened and what to do. Every other error is logged in full and shown as an incident number.
package fault

import (
	"errors"
	"fmt"
)

// Error is a fault with its arguments filled in.
type Error struct {
	Code   string // as "ABS-SIG-2031"
	Status int    // HTTP status that fits
	ID, EN string // the sentence, Indonesian and English
	Err    error  // the cause, for developers; may be nil
}

func (e *Error) Error() string {
	if e.Err != nil {
		return e.EN + " (" + e.Code + "): " + e.Err.Error()
	}
	return e.EN + " (" + e.Code + ")"
}

func (e *Error) Unwrap() error { return e.Err }

// Text is the sentence in a language, "en" or Indonesian for everything else.
func (e *Error) Text(lang string) string {
	if lang == "en" {
		return e.EN
	}
	return e.ID
}

// Is makes errors.Is compare codes.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Code == e.Code
}

// Words is an argument that differs between the languages.
type Words struct{ ID, EN string }

// New makes the fault of a code; args fill the sentence, a [Words] in each language. An unknown code or arguments that do not
// fit are broken invariants of ours: the first panics, the second is caught by a test over all sources.
func New(code string, args ...any) *Error { return Wrap(nil, code, args...) }

// Wrap is New with a cause.
func Wrap(cause error, code string, args ...any) *Error {
	t, ok := catalogue[code]
	if !ok {
		panic("fault: no entry for " + code)
	}
	return &Error{Code: code, Status: t.status, ID: fill(t.id, args, false), EN: fill(t.en, args, true), Err: cause}
}

func fill(s string, args []any, english bool) string {
	if len(args) == 0 {
		return s
	}
	own := make([]any, len(args))
	for i, a := range args {
		if w, ok := a.(Words); ok {
			a = w.ID
			if english {
				a = w.EN
			}
		}
		own[i] = a
	}
	return fmt.Sprintf(s, own...)
}

// As finds a fault in a chain of errors.
func As(err error) (*Error, bool) {
	var f *Error
	ok := errors.As(err, &f)
	return f, ok
}
