package pades

import (
	"errors"
	"fmt"

	"absah/internal/pdf"
)

// Errors that callers branch on.
var (
	// ErrFinished is returned by a second call of Finish.
	ErrFinished = errors.New("this signature was finished already; prepare a new one")
	// ErrInputChanged means that the document read by Finish is not the one that Prepare hashed.
	ErrInputChanged = errors.New("the document changed while it was being signed; sign it again")
	// ErrNoTimestamper means that a level above B-B was asked for without a time-stamp authority.
	ErrNoTimestamper = errors.New("levels B-T, B-LT and B-LTA need a time-stamp authority")
	// ErrNoSignature means that there is nothing to extend.
	ErrNoSignature = errors.New("the document has no signature to extend")
)

// LockedError means that an earlier signature forbids a further one.
type LockedError struct {
	Field     string // the field whose signature forbids it
	Signer    string // who made that signature, as the document says; may be empty
	Certified bool   // certified "no changes allowed", against a lock on fields

	Open []string // names of empty signature fields that the locks leave open
}

func (e *LockedError) Error() string {
	by := ""
	if e.Signer != "" {
		by = " by " + e.Signer
	}
	if e.Certified {
		return fmt.Sprintf("the document was certified %q%s in field %q; a new signature would break it", "no changes allowed", by, e.Field)
	}
	if len(e.Open) > 0 {
		return fmt.Sprintf("the signature%s in field %q locks the field to be signed; name one that it leaves open: %q", by, e.Field, e.Open)
	}
	return fmt.Sprintf("the signature%s in field %q locks the field to be signed and leaves no other open", by, e.Field)
}

// FieldError means that the wanted signature field cannot take a signature.
type FieldError struct {
	Field  string
	Reason string
}

func (e *FieldError) Error() string { return fmt.Sprintf("field %q %s", e.Field, e.Reason) }

// PermissionError means that the document's encryption gives the holder of this password no right to sign.
type PermissionError struct{ NewField bool }

func (e *PermissionError) Error() string {
	if e.NewField {
		return "the document's permissions do not allow a new signature field with this password; open it with the owner password"
	}
	return "the document's permissions do not allow signing with this password; open it with the owner password"
}

// PageError means that a page does not exist.
type PageError struct{ Page, Pages int }

func (e *PageError) Error() string {
	return fmt.Sprintf("page %d does not exist; the document has %d pages", e.Page, e.Pages)
}

// KeyMismatchError means that a signature value does not verify under the certificate given to Prepare.
type KeyMismatchError struct{ Subject string }

func (e *KeyMismatchError) Error() string {
	return fmt.Sprintf("the key does not belong to the certificate of %s", e.Subject)
}

// ValidityError means that the signing certificate cannot be used at the time of signing.
type ValidityError struct {
	Subject string
	Expired bool   // expired, against not valid yet
	Date    string // the limit that was crossed, RFC 3339
}

func (e *ValidityError) Error() string {
	if e.Expired {
		return fmt.Sprintf("the certificate of %s expired on %s; renew it first", e.Subject, e.Date)
	}
	return fmt.Sprintf("the certificate of %s is valid only from %s; check the clock of this computer", e.Subject, e.Date)
}

// RevokedError means that a certificate in the chain is revoked.
type RevokedError struct{ Subject, Date string }

func (e *RevokedError) Error() string {
	return fmt.Sprintf("the certificate of %s was revoked on %s and can no longer sign", e.Subject, e.Date)
}

// HoleError means that the signature did not fit into the space kept for it. Sign starts again with more room by itself.
type HoleError struct{ Have, Need int }

func (e *HoleError) Error() string {
	return fmt.Sprintf("the signature needs %d bytes and %d were kept; prepare it again with more room", e.Need, e.Have)
}

// EvidenceError means that validation data for B-LT could not be had.
type EvidenceError struct {
	Subject string // the certificate without revocation data or issuer
	Err     error
}

func (e *EvidenceError) Error() string {
	if e.Err != nil {
		return fmt.Sprintf("no validation data for the certificate of %s: %v", e.Subject, e.Err)
	}
	return fmt.Sprintf("no validation data for the certificate of %s: it names no OCSP responder and no CRL that could be reached", e.Subject)
}

func (e *EvidenceError) Unwrap() error { return e.Err }

// SelfCheckError means that the finished document did not pass the check that every document gets before it leaves: nothing
// was written.
type SelfCheckError struct{ Reason string }

func (e *SelfCheckError) Error() string {
	return "the signed document failed its own check and was not written: " + e.Reason
}

// Errors about the document and its appearance, for errors.Is.
var (
	ErrNotPDF   = pdf.ErrNotPDF                        // not a PDF
	ErrPassword = pdf.ErrPassword                      // protected, and not opened by what was given
	ErrImage    = errors.New("signature image")        // the picture of a visible signature cannot be used
	ErrPlace    = errors.New("place of the signature") // its box does not lie on the page
)

// IsDocumentFault reports whether an error is about the document itself, in words that its owner may read, and not about a
// service or this program.
func IsDocumentFault(err error) bool {
	var (
		field      *FieldError
		permission *PermissionError
		limit      *pdf.LimitError
		feature    *pdf.UnsupportedError
		syntax     *pdf.SyntaxError
	)
	return errors.As(err, &field) || errors.As(err, &permission) || errors.As(err, &limit) || errors.As(err, &feature) || errors.As(err, &syntax) ||
		errors.Is(err, pdf.ErrEmpty) || errors.Is(err, pdf.ErrNoCatalog)
}
