// Package keystore keeps private keys: those of authorities in files sealed with a passphrase, those of signers in blobs that open
// only with the signer's passphrase together with a share that the server holds. It signs digests and does not know why.
package keystore

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"errors"

	"golang.org/x/crypto/argon2"
)

// Cost of deriving a key from a passphrase (Argon2id, RFC 9106 §4, second recommended option with less memory): about 130 ms
// on one core.
const (
	argonTime   = 3
	argonMemory = 64 << 10 // KiB
	argonLanes  = 1
)

// parallel bounds how many derivations run at once: each takes 64 MiB.
var parallel = make(chan struct{}, 2)

// ErrSecret means that a passphrase or the server's share is wrong, or that the sealed bytes were changed: the two cannot be
// told apart.
var ErrSecret = errors.New("wrong passphrase, or the sealed key was changed")

const (
	saltSize  = 16
	nonceSize = 12
	keySize   = 32
)

// box is the sealed form: version, salt, nonce, key commitment, ciphertext. AES-GCM does not commit to its key, so a commitment
// stands beside it.
const (
	boxVersion = 1
	headerSize = 1 + saltSize + nonceSize + sha256.Size
)

// stretch derives the key-encryption key. share is mixed in where there is one: neither it nor the passphrase alone is enough.
func stretch(passphrase, salt, share, context []byte) (kek, commitment []byte, err error) {
	parallel <- struct{}{}
	secret := argon2.IDKey(passphrase, salt, argonTime, argonMemory, argonLanes, keySize)
	<-parallel
	defer clear(secret)
	out, err := hkdf.Key(sha256.New, append(secret, share...), salt, "absah key wrap 1"+string(context), keySize+sha256.Size)
	if err != nil {
		return nil, nil, err
	}
	return out[:keySize], out[keySize:], nil
}

// seal encrypts plain. context is authenticated and not stored: the same one must be given to open.
func seal(plain, passphrase, share, context []byte) ([]byte, error) {
	head := make([]byte, headerSize)
	head[0] = boxVersion
	if _, err := rand.Read(head[1 : 1+saltSize+nonceSize]); err != nil {
		return nil, err
	}
	salt, nonce := head[1:1+saltSize], head[1+saltSize:1+saltSize+nonceSize]
	kek, commitment, err := stretch(passphrase, salt, share, context)
	if err != nil {
		return nil, err
	}
	defer clear(kek)
	copy(head[1+saltSize+nonceSize:], commitment)
	gcm, err := newGCM(kek)
	if err != nil {
		return nil, err
	}
	return gcm.Seal(head, nonce, plain, additional(head, context)), nil
}

func unseal(box, passphrase, share, context []byte) ([]byte, error) {
	if len(box) < headerSize+16 || box[0] != boxVersion {
		return nil, errors.New("the sealed key has an unknown format")
	}
	head := box[:headerSize:headerSize]
	salt, nonce := head[1:1+saltSize], head[1+saltSize:1+saltSize+nonceSize]
	kek, commitment, err := stretch(passphrase, salt, share, context)
	if err != nil {
		return nil, err
	}
	defer clear(kek)
	if subtle.ConstantTimeCompare(commitment, head[1+saltSize+nonceSize:]) != 1 {
		return nil, ErrSecret
	}
	gcm, err := newGCM(kek)
	if err != nil {
		return nil, err
	}
	plain, err := gcm.Open(nil, nonce, box[headerSize:], additional(head, context))
	if err != nil {
		return nil, ErrSecret
	}
	return plain, nil
}

func additional(head, context []byte) []byte {
	out := binary.BigEndian.AppendUint32(nil, uint32(len(head)))
	return append(append(out, head...), context...)
}

func newGCM(key []byte) (cipher.AEAD, error) {
	c, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(c)
}
