package pdf

import (
	"errors"
	"fmt"
)

// Errors that callers branch on.
var (
	// ErrNotPDF means that nothing in the file looks like PDF.
	ErrNotPDF = errors.New("this is not a PDF")
	// ErrEmpty means that the file has no bytes.
	ErrEmpty = errors.New("the file is empty")
	// ErrPassword is matched by every *PasswordError.
	ErrPassword = errors.New("the PDF is protected by a password")
	// ErrNoCatalog means that the file, even after repair, has no document in it.
	ErrNoCatalog = errors.New("the PDF is damaged: no document catalog was found in it; ask for the file again")
)

// PasswordError means that the document cannot be opened with what was given.
type PasswordError struct {
	Given     bool // a password was given, and it is wrong
	PublicKey bool // the document is encrypted for certificates, not with a password
}

func (e *PasswordError) Error() string {
	switch {
	case e.PublicKey:
		return "the PDF is encrypted for the holders of certain certificates; give the key of one of them"
	case e.Given:
		return "the password does not open this PDF"
	}
	return "the PDF is protected by a password; give the password to open it"
}

// Is makes errors.Is(err, ErrPassword) work.
func (e *PasswordError) Is(target error) bool { return target == ErrPassword }

// UnsupportedError names a feature that this reader does not know.
type UnsupportedError struct{ What string }

func (e *UnsupportedError) Error() string {
	return "the PDF uses " + e.What + ", which is not supported"
}

// LimitError means that a file asks for more than any honest one.
type LimitError struct {
	What  string
	Limit int64
}

func (e *LimitError) Error() string {
	return fmt.Sprintf("%s: more than the limit of %d", e.What, e.Limit)
}
