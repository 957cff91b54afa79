package pades

import (
	"context"
	"crypto"
	"time"

	"absah/trust"
)

// Level is a PAdES baseline level (EN 319 142-1 §6).
type Level string

// The baseline levels, each containing the one before it.
const (
	LevelB   Level = "B-B"   // signature with signing-certificate-v2
	LevelT   Level = "B-T"   // and a time-stamp that proves when it existed
	LevelLT  Level = "B-LT"  // and the certificates and revocation data to validate it later
	LevelLTA Level = "B-LTA" // and a document time-stamp over all of that
)

func (l Level) rank() int {
	switch l {
	case LevelB, "":
		return 0
	case LevelT:
		return 1
	case LevelLT:
		return 2
	case LevelLTA:
		return 3
	}
	return -1
}

// Timestamper obtains an RFC 3161 token over a digest. Implementations check status, imprint and nonce before they answer.
type Timestamper interface {
	Timestamp(ctx context.Context, h crypto.Hash, digest []byte) (token []byte, err error)
}

// TokenSizer is an optional power of a Timestamper: the largest token seen so far in bytes, zero when none was. The hole for
// the signature is sized with it.
type TokenSizer interface {
	TokenSize() int
}

// SignOptions says what to sign with and how. Certificate and Time are required; every zero value elsewhere has a meaning.
type SignOptions struct {
	Certificate []byte      // DER of the signing certificate
	Chain       [][]byte    // DER of its issuers, in any order, the root may be left out
	Hash        crypto.Hash // zero: SHA-256, SHA-384 with a P-384 key, SHA-512 with P-521 and Ed25519 keys
	PSS         bool        // RSASSA-PSS instead of PKCS #1 v1.5, for RSA keys

	Level       Level         // zero: B-B
	Time        time.Time     // the claimed signing time, written to M with its zone offset; it proves nothing
	Timestamper Timestamper   // required from B-T upwards
	Fetcher     trust.Fetcher // where B-LT finds certificates and revocation data; nil: only what Validation holds
	Validation  Validation    // certificates and revocation data already at hand

	Field    string // name of an empty signature field, or of the new one; "": a new SignatureN
	Name     string // shown name of the signer; "": the certificate's common name
	Reason   string
	Location string
	Contact  string

	Certify int        // DocMDP permission 1, 2 or 3 of a certification signature; zero: an approval signature
	Lock    *FieldLock // fields that a new signature field locks; nil: none

	Appearance *Appearance // nil: invisible

	Open OpenOptions

	// UnsafeSkipPermissions signs although the document's encryption permissions forbid it.
	UnsafeSkipPermissions bool
}

// OpenOptions opens protected documents.
type OpenOptions struct {
	Password  string                                    // user or owner password as typed; "": the empty user password
	Recipient func(recipients [][]byte) ([]byte, error) // opens one CMS EnvelopedData of a public-key protected file; nil: cannot
}

// Validation is material that proves a signature later: DER certificates, CRLs and OCSP responses.
type Validation struct {
	Certificates [][]byte
	CRLs         [][]byte
	OCSPs        [][]byte
}

// FieldLock is a signature field lock dictionary (ISO 32000-2 §12.7.5.5).
type FieldLock struct {
	Action LockAction
	Fields []string // full field names, for LockInclude and LockExclude
	P      int      // permission for later changes, 1, 2 or 3 (ISO 32000-2); zero: none stated
}

// LockAction says which fields a lock covers.
type LockAction string

// The actions of ISO 32000-2 §12.7.5.5.
const (
	LockAll     LockAction = "All"
	LockInclude LockAction = "Include"
	LockExclude LockAction = "Exclude"
)

// Pages of a visible signature; a positive number is that page, counted from 1.
const (
	LastPage  = 0
	FirstPage = 1
	AllPages  = -1
)

// Appearance is how a visible signature looks and where it stands.
type Appearance struct {
	Kind     AppearanceKind
	Corner   Corner     // used when Rect is zero
	Rect     [4]float64 // x, y, width, height in points on the page as displayed, origin at its lower left
	Page     int        // LastPage, FirstPage, AllPages or a page number
	Position string     // the signer's position, shown on the card
	QR       string     // address in the QR code, "": none; required by AppearanceQR
	Caption  string     // small text under a QR
	Image    []byte     // PNG or JPEG, for AppearanceImage
	Language string     // "id" (default) or "en"
}

// AppearanceKind is one of the looks a signature can have.
type AppearanceKind int

// The looks: a card with name, position, time and, where a page stands behind it, a small QR; a picture; a QR alone.
const (
	AppearanceCard AppearanceKind = iota
	AppearanceImage
	AppearanceQR
)

// Corner is a corner of the page as displayed.
type Corner int

// The corners, with a margin of 36 points.
const (
	LowerRight Corner = iota
	LowerLeft
	UpperRight
	UpperLeft
)
