package keystore

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"errors"
	"fmt"
	"runtime"
	"sync/atomic"

	"absah/internal/fault"

	"golang.org/x/crypto/argon2"
)

// ErrSecret means that a passphrase or the server's share is wrong, that a blob belongs to another credential, or that the sealed
// bytes were changed: these cannot be told apart.
var ErrSecret = errors.New("wrong passphrase, or the sealed key was changed")

// ErrBusy means that too many keys are being opened at once. It comes inside the fault ABS-KEY-002.
var ErrBusy = errors.New("too many keys are being opened at once")

const (
	saltSize  = 16
	nonceSize = 12 // of AES-GCM; every sealing has a fresh key or a fresh random nonce under a key used a handful of times
	keySize   = 32
	tagSize   = 16
)

// cost of Argon2id (RFC 9106). It is written beside what it seals, so that it can be raised later.
type cost struct {
	time   uint32
	memory uint32 // KiB
	lanes  uint8
}

// standard takes about 130 ms of one core: what a person accepts at each activation.
var standard = cost{time: 3, memory: 64 << 10, lanes: 1}

// Bounds on a cost that is read: sealed files and blobs may come from a backup or an attacker, and a huge cost would stop the server.
const (
	maxTime   = 32
	maxMemory = 1 << 20 // KiB
	maxLanes  = 16
)

func (c cost) valid() bool {
	return c.time >= 1 && c.time <= maxTime && c.memory >= 8*uint32(c.lanes) && c.memory <= maxMemory && c.lanes >= 1 && c.lanes <= maxLanes
}

func (c cost) String() string {
	return fmt.Sprintf("argon2id m=%d,t=%d,p=%d", c.memory, c.time, c.lanes)
}

func parseCost(s string) (c cost, err error) {
	_, err = fmt.Sscanf(s, "argon2id m=%d,t=%d,p=%d", &c.memory, &c.time, &c.lanes)
	if err != nil || c.String() != s || !c.valid() {
		return c, fmt.Errorf("unknown or excessive key derivation %q", s)
	}
	return c, nil
}

// gate lets few derivations run at once, because each takes 64 MiB and a whole core, and lets few wait: past that, a person is
// better told to come back than kept waiting.
type gate struct {
	run  chan struct{}
	in   atomic.Int64
	most int64
}

func newGate(parallel, waiting int) *gate {
	return &gate{run: make(chan struct{}, parallel), most: int64(parallel + waiting)}
}

// One core stays free for answers that need no passphrase; at 130 ms each, 32 waiting on one core are served within 5 s.
var derivations = newGate(min(4, max(1, runtime.GOMAXPROCS(0)-1)), 32)

func (g *gate) enter() error {
	if g.in.Add(1) > g.most {
		g.in.Add(-1)
		return fault.Wrap(ErrBusy, "ABS-KEY-002")
	}
	g.run <- struct{}{}
	return nil
}

func (g *gate) leave() {
	<-g.run
	g.in.Add(-1)
}

// derive makes the key-encryption key out of a passphrase, mixed with the share where there is one: neither alone is enough.
// context binds the result to what it seals.
func derive(passphrase []byte, c cost, salt, share, context []byte) (kek, commitment []byte, err error) {
	if err := derivations.enter(); err != nil {
		return nil, nil, err
	}
	secret := make([]byte, 0, keySize+len(share))
	secret = append(secret, argon2.IDKey(passphrase, salt, c.time, c.memory, c.lanes, keySize)...)
	derivations.leave()
	secret = append(secret, share...)
	defer clear(secret)
	out, err := hkdf.Key(sha256.New, secret, salt, "absah key encryption\x00"+string(context), keySize+sha256.Size)
	if err != nil {
		return nil, nil, err
	}
	return out[:keySize:keySize], out[keySize:], nil
}

// box is one sealing under a passphrase: everything that does not follow from the context.
type box struct {
	salt       [saltSize]byte
	nonce      [nonceSize]byte
	commitment [sha256.Size]byte // AES-GCM does not commit to its key: without this, one box could open differently under two passphrases
	sealed     []byte
}

const boxHeader = saltSize + nonceSize + sha256.Size

func (b *box) append(out []byte) []byte {
	out = append(out, b.salt[:]...)
	out = append(out, b.nonce[:]...)
	out = append(out, b.commitment[:]...)
	return append(out, b.sealed...)
}

func parseBox(in []byte) (b box, ok bool) {
	if len(in) < boxHeader+tagSize {
		return b, false
	}
	in = in[copy(b.salt[:], in):]
	in = in[copy(b.nonce[:], in):]
	b.sealed = in[copy(b.commitment[:], in):]
	return b, true
}

// lock seals plain under the passphrase.
func lock(plain, passphrase []byte, c cost, share, context []byte) (b box, err error) {
	random(b.salt[:])
	random(b.nonce[:])
	kek, commitment, err := derive(passphrase, c, b.salt[:], share, context)
	if err != nil {
		return b, err
	}
	defer clear(kek)
	copy(b.commitment[:], commitment)
	b.sealed, err = seal(kek, b.nonce[:], plain, context)
	return b, err
}

// unlock is the reverse; ErrSecret when anything is not as it was.
func unlock(b box, passphrase []byte, c cost, share, context []byte) ([]byte, error) {
	kek, commitment, err := derive(passphrase, c, b.salt[:], share, context)
	if err != nil {
		return nil, err
	}
	defer clear(kek)
	if subtle.ConstantTimeCompare(commitment, b.commitment[:]) != 1 {
		return nil, ErrSecret
	}
	return open(kek, b.nonce[:], b.sealed, context)
}

func seal(key, nonce, plain, context []byte) ([]byte, error) {
	g, err := newGCM(key)
	if err != nil {
		return nil, err
	}
	return g.Seal(nil, nonce, plain, context), nil
}

func open(key, nonce, sealed, context []byte) ([]byte, error) {
	g, err := newGCM(key)
	if err != nil {
		return nil, err
	}
	plain, err := g.Open(nil, nonce, sealed, context)
	if err != nil {
		return nil, ErrSecret
	}
	return plain, nil
}

func newGCM(key []byte) (cipher.AEAD, error) {
	c, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(c)
}

// fields joins values so that no two lists of values give the same bytes.
func fields(list ...[]byte) []byte {
	var out []byte
	for _, f := range list {
		out = binary.BigEndian.AppendUint32(out, uint32(len(f)))
		out = append(out, f...)
	}
	return out
}
