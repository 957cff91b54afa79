package keystore

import (
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"encoding/binary"
	"errors"
)

// Share is the server's part of the secret that opens signers' keys. Whoever loses it makes every signer's key useless.
type Share []byte

// shareSize is what NewShare makes and Wrap insists on: an empty share would silently leave the passphrase alone.
const shareSize = keySize

var errShare = errors.New("the server's share has the wrong length")

// NewShare makes a share.
func NewShare() (Share, error) {
	s := make(Share, shareSize)
	random(s)
	return s, nil
}

// A blob is, with all numbers big-endian:
//
//	version     1 byte
//	cost        time 4, memory in KiB 4, lanes 1
//	data key    salt 16, nonce 12, commitment 32, sealed 48: the data key under the key-encryption key
//	key         nonce 12, sealed: PKCS#8 under the data key
//
// The key-encryption key comes from passphrase, share, credential, version and public key. Both layers authenticate these three as
// well, so a blob opens under the credential and the public key it was made for and under no other.
const (
	blobVersion = 2 // 1 had no data key and was never released
	blobHeader  = 1 + 4 + 4 + 1
	wrappedKey  = boxHeader + keySize + tagSize
	maxBlob     = 16 << 10 // an RSA-4096 key takes 2.4 kB
)

var errBlob = errors.New("the wrapped key has an unknown format")

type blob struct {
	cost  cost
	data  box
	nonce [nonceSize]byte
	key   []byte
}

func parseBlob(in []byte) (b blob, err error) {
	if len(in) < blobHeader+wrappedKey+nonceSize+tagSize || len(in) > maxBlob || in[0] != blobVersion {
		return b, errBlob
	}
	b.cost = cost{binary.BigEndian.Uint32(in[1:]), binary.BigEndian.Uint32(in[5:]), in[9]}
	if !b.cost.valid() {
		return b, errBlob
	}
	in = in[blobHeader:]
	b.data, _ = parseBox(in[:wrappedKey])
	in = in[wrappedKey:]
	b.key = in[copy(b.nonce[:], in):]
	return b, nil
}

func (b *blob) marshal() []byte {
	out := append(b.header(), b.data.append(nil)...)
	out = append(out, b.nonce[:]...)
	return append(out, b.key...)
}

func (b *blob) header() []byte {
	out := []byte{blobVersion}
	out = binary.BigEndian.AppendUint32(out, b.cost.time)
	out = binary.BigEndian.AppendUint32(out, b.cost.memory)
	return append(out, b.cost.lanes)
}

// contexts are what the two layers authenticate. The outer one also covers the cost, which Rewrap may change.
func (b *blob) contexts(credential string, pub crypto.PublicKey) (outer, inner []byte, err error) {
	spki, err := x509.MarshalPKIXPublicKey(pub)
	if err != nil {
		return nil, nil, err
	}
	sum := sha256.Sum256(spki)
	return fields([]byte("data key"), b.header(), []byte(credential), sum[:]),
		fields([]byte("signer's key"), []byte{blobVersion}, []byte(credential), sum[:]), nil
}

// Wrap seals a signer's key with the signer's passphrase and the server's share, for one credential. The passphrase should have
// passed the rules for passphrases before.
func Wrap(key crypto.Signer, credential, passphrase string, share Share) ([]byte, error) {
	if len(share) != shareSize {
		return nil, errShare
	}
	plain, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, errors.New("this key cannot be wrapped") // the error could tell of the key
	}
	defer clear(plain)
	b := blob{cost: standard}
	outer, inner, err := b.contexts(credential, key.Public())
	if err != nil {
		return nil, err
	}
	dek := make([]byte, keySize)
	defer clear(dek)
	random(dek)
	random(b.nonce[:])
	if b.key, err = seal(dek, b.nonce[:], plain, inner); err != nil {
		return nil, err
	}
	if b.data, err = lock(dek, []byte(passphrase), b.cost, share, outer); err != nil {
		return nil, err
	}
	return b.marshal(), nil
}

// Rewrap puts a blob under a new passphrase: the same key again, byte for byte. ErrSecret when old is wrong or the blob was changed.
func Rewrap(wrapped []byte, credential string, pub crypto.PublicKey, old, new string, share Share) ([]byte, error) {
	b, dek, inner, err := unwrap(wrapped, credential, pub, old, share)
	if err != nil {
		return nil, err
	}
	defer clear(dek)
	// A damaged key must not get a fresh wrapping that looks sound.
	plain, err := open(dek, b.nonce[:], b.key, inner)
	if err != nil {
		return nil, err
	}
	clear(plain)
	b.cost = standard
	outer, _, err := b.contexts(credential, pub)
	if err != nil {
		return nil, err
	}
	if b.data, err = lock(dek, []byte(new), b.cost, share, outer); err != nil {
		return nil, err
	}
	return b.marshal(), nil
}

func unwrap(wrapped []byte, credential string, pub crypto.PublicKey, passphrase string, share Share) (b blob, dek, inner []byte, err error) {
	if len(share) != shareSize {
		return b, nil, nil, errShare
	}
	if b, err = parseBlob(wrapped); err != nil {
		return b, nil, nil, err
	}
	outer, inner, err := b.contexts(credential, pub)
	if err != nil {
		return b, nil, nil, err
	}
	dek, err = unlock(b.data, []byte(passphrase), b.cost, share, outer)
	return b, dek, inner, err
}

// Unwrap opens a blob. ErrSecret when passphrase, share, credential, public key or blob are not the right ones; the fault
// ABS-KEY-002 when too many are being opened. The caller closes the handle.
func Unwrap(wrapped []byte, credential string, pub crypto.PublicKey, passphrase string, share Share) (*Handle, error) {
	b, dek, inner, err := unwrap(wrapped, credential, pub, passphrase, share)
	if err != nil {
		return nil, err
	}
	defer clear(dek)
	plain, err := open(dek, b.nonce[:], b.key, inner)
	if err != nil {
		return nil, err
	}
	defer clear(plain)
	key, err := parseKey(plain)
	if err != nil {
		return nil, err
	}
	// The blob is authenticated, so this can differ only if it was wrong when it was wrapped.
	if p, ok := pub.(interface{ Equal(crypto.PublicKey) bool }); !ok || !p.Equal(key.Public()) {
		wipe(key)
		return nil, ErrSecret
	}
	return &Handle{key: key, pub: key.Public()}, nil
}
