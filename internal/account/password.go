package account

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"

	"golang.org/x/crypto/argon2"

	"absah/internal/fault"
)

// Cost is the work of one password check.
type Cost struct {
	Memory  uint32 // KiB
	Time    uint32 // passes
	Threads uint8
}

// DefaultCost is the second recommended choice of RFC 9106 §4: 64 MiB, 3 passes (about 130 ms of one core), but one lane,
// because a server has other people to serve.
var DefaultCost = Cost{Memory: 64 << 10, Time: 3, Threads: 1}

const (
	saltBytes = 16
	hashBytes = 32
	// Stored parameters are read from the database; nobody who can write there should be able to exhaust memory.
	maxStoredMemory = 1 << 20 // KiB
	maxStoredTime   = 16
)

// hasher runs Argon2id for at most slots people at once and lets a few more wait; it takes 64 MiB a piece.
type hasher struct {
	cost    Cost
	slots   chan struct{}
	waiting atomic.Int32
	queue   int32
}

func newHasher(c Cost, slots int) *hasher {
	return &hasher{cost: c, slots: make(chan struct{}, slots), queue: int32(16 * slots)}
}

// enter takes a slot; busy is a fault, so that a flood of log-ins cannot pile up.
func (h *hasher) enter(ctx context.Context) (leave func(), err error) {
	if h.waiting.Add(1) > h.queue {
		h.waiting.Add(-1)
		return nil, fault.New("ABS-LOG-004")
	}
	defer h.waiting.Add(-1)
	select {
	case h.slots <- struct{}{}:
		return func() { <-h.slots }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// hash returns the PHC form of a password.
func (h *hasher) hash(ctx context.Context, password string) (string, error) {
	leave, err := h.enter(ctx)
	if err != nil {
		return "", err
	}
	defer leave()
	salt := make([]byte, saltBytes)
	rand.Read(salt)
	sum := argon2.IDKey([]byte(password), salt, h.cost.Time, h.cost.Memory, h.cost.Threads, hashBytes)
	return phc(h.cost, salt, sum), nil
}

func phc(c Cost, salt, sum []byte) string {
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, c.Memory, c.Time, c.Threads,
		base64.RawStdEncoding.EncodeToString(salt), base64.RawStdEncoding.EncodeToString(sum))
}

// verify compares a password with its stored form. An empty stored form costs the same and is false, so that the time tells
// nothing about who has an account. stale says that the stored cost is not today's.
func (h *hasher) verify(ctx context.Context, stored, password string) (ok, stale bool, err error) {
	cost, salt, want, err := h.cost, make([]byte, saltBytes), []byte(nil), error(nil)
	if stored != "" {
		if cost, salt, want, err = parsePHC(stored); err != nil {
			return false, false, err
		}
	}
	leave, err := h.enter(ctx)
	if err != nil {
		return false, false, err
	}
	defer leave()
	sum := argon2.IDKey([]byte(password), salt, cost.Time, cost.Memory, cost.Threads, hashBytes)
	return subtle.ConstantTimeCompare(sum, want) == 1, cost != h.cost, nil
}

var errPHC = errors.New("stored password is not an Argon2id string")

func parsePHC(s string) (c Cost, salt, sum []byte, err error) {
	parts := strings.Split(s, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return c, nil, nil, errPHC
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &c.Memory, &c.Time, &c.Threads); err != nil {
		return c, nil, nil, errPHC
	}
	if c.Memory > maxStoredMemory || c.Time == 0 || c.Time > maxStoredTime || c.Threads == 0 {
		return c, nil, nil, errPHC
	}
	if salt, err = base64.RawStdEncoding.DecodeString(parts[4]); err != nil || len(salt) < 8 {
		return c, nil, nil, errPHC
	}
	if sum, err = base64.RawStdEncoding.DecodeString(parts[5]); err != nil || len(sum) != hashBytes {
		return c, nil, nil, errPHC
	}
	return c, salt, sum, nil
}
