package ca

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"math/big"
	"time"

	"absah/trust"
)

// Serial is the number of a certificate: one positive byte that tells the epoch, then 120 random bits.
type Serial [16]byte

// String is the number in hexadecimal.
func (s Serial) String() string { return hex.EncodeToString(s[:]) }

// Int is the number as certificates carry it.
func (s Serial) Int() *big.Int { return new(big.Int).SetBytes(s[:]) }

// serialEpoch is positive and not zero, so that every number takes exactly 16 octets on the wire.
const serialEpoch = 0x41

func newSerial() (s Serial) {
	_, _ = rand.Read(s[1:]) // ends the program rather than fail
	s[0] = serialEpoch
	return s
}

// Record is a certificate as it is kept.
type Record struct {
	Serial    Serial
	Authority string // name of the issuing authority, its own for a root
	Profile   string // NAME/VERSION
	Owner     string // pseudonymous id of the person or authority
	DER       []byte
	NotBefore time.Time
	NotAfter  time.Time
}

// Intent is what the CA is about to sign.
type Intent struct {
	Serial    Serial
	Authority string
	Profile   string
	Owner     string
	TBS       []byte
	Request   Approval // zero: needs none
	KeyHash   [32]byte // SHA-256 of the SubjectPublicKeyInfo
	Entry     int64    // index of the intent in the audit log
	At        time.Time
}

// Revocation is an entry of the list of revoked certificates.
type Revocation struct {
	Serial    Serial
	Authority string
	At        time.Time
	Reason    trust.Reason
	NotAfter  time.Time // of the certificate
}

// List is a published CRL.
type List struct {
	Authority  string
	Number     int64
	Change     int64 // how many changes of revocations it knows of
	ThisUpdate time.Time
	NextUpdate time.Time
	DER        []byte
}

// Errors of a Store that callers tell apart.
var (
	ErrKeyUsed      = errors.New("this key has a certificate already")
	ErrApprovalUsed = errors.New("this approval has a certificate already")
	ErrOldList      = errors.New("a newer CRL was published meanwhile")
)

// Store keeps what the CA does. A method is durable when it returns, or together with the transaction that its context is in.
type Store interface {
	// Do runs f in a write transaction; the audit log must live in the same store.
	Do(ctx context.Context, f func(ctx context.Context) error) error
	// CAIntend stores an intent: ErrKeyUsed when the key was ever seen before, ErrApprovalUsed when its approval has an intent or
	// certificate that is not revoked.
	CAIntend(ctx context.Context, i Intent) error
	CAIssued(ctx context.Context, r Record) error
	CACertificate(ctx context.Context, s Serial) (*Record, error)  // nil: never issued
	CAByOwner(ctx context.Context, owner string) ([]Record, error) // newest first
	CAUnfinished(ctx context.Context) ([]Intent, error)            // intents with neither certificate nor revocation, without TBS
	RevocationStore
}

// RevocationStore keeps revocations and the lists of them. Each change counts up the changes of its authority.
type RevocationStore interface {
	// CARevoke stores a revocation. The first one of a certificate stays, but for a hold, which gives way to a reason for good.
	// changed tells whether anything was stored.
	CARevoke(ctx context.Context, r Revocation) (changed bool, err error)
	// CARelease ends a hold; false when the certificate is not on hold.
	CARelease(ctx context.Context, s Serial) (released bool, err error)
	CARevoked(ctx context.Context, authority string) ([]Revocation, error) // by serial number
	CAChange(ctx context.Context, authority string) (int64, error)
	// CANextCRL gives out a number higher than every one before, and not below atLeast.
	CANextCRL(ctx context.Context, authority string, atLeast int64) (number int64, err error)
	CAList(ctx context.Context, authority string) (*List, error) // nil: none was published
	CAPublish(ctx context.Context, l List) error                 // ErrOldList unless its number is the highest
}
