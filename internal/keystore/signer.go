package keystore

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"sync"
)

// Algorithm of a new key.
type Algorithm string

// The algorithms keys are made for.
const (
	P256 Algorithm = "P-256"
	P384 Algorithm = "P-384"
)

// Generate makes a key.
func Generate(a Algorithm) (crypto.Signer, error) {
	switch a {
	case P256:
		return ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case P384:
		return ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	}
	return nil, fmt.Errorf("keys of the kind %q are not made here", a)
}

// Share is the server's part of the secret that opens signers' keys.
type Share []byte

// NewShare makes a share. Whoever loses it makes every signer's key useless; whoever holds it and the database can guess weak
// passphrases.
func NewShare() (Share, error) {
	s := make(Share, keySize)
	_, err := rand.Read(s)
	return s, err
}

// Wrap seals a signer's key with the signer's passphrase and the server's share. The blob is bound to the credential and to the
// public key: it opens under no other.
func Wrap(key crypto.Signer, credential string, passphrase string, share Share) ([]byte, error) {
	plain, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	defer clear(plain)
	context, err := binding(credential, key.Public())
	if err != nil {
		return nil, err
	}
	return seal(plain, []byte(passphrase), share, context)
}

// Rewrap seals the same key under a new passphrase.
func Rewrap(blob []byte, credential string, pub crypto.PublicKey, old, new string, share Share) ([]byte, error) {
	h, err := Unwrap(blob, credential, pub, old, share)
	if err != nil {
		return nil, err
	}
	defer h.Close()
	return Wrap(h.key, credential, new, share)
}

func binding(credential string, pub crypto.PublicKey) ([]byte, error) {
	spki, err := x509.MarshalPKIXPublicKey(pub)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(spki)
	return append([]byte(credential+"\x00"), sum[:]...), nil
}

// Handle is an opened signer's key. It signs until it is closed.
type Handle struct {
	mu  sync.Mutex
	key crypto.Signer
	pub crypto.PublicKey
}

var _ crypto.Signer = (*Handle)(nil)

// ErrClosed is returned by a handle after Close.
var ErrClosed = errors.New("the key was closed")

// Unwrap opens a blob. ErrSecret when passphrase, share or blob are not the right ones.
func Unwrap(blob []byte, credential string, pub crypto.PublicKey, passphrase string, share Share) (*Handle, error) {
	context, err := binding(credential, pub)
	if err != nil {
		return nil, err
	}
	plain, err := unseal(blob, []byte(passphrase), share, context)
	if err != nil {
		return nil, err
	}
	defer clear(plain)
	key, err := x509.ParsePKCS8PrivateKey(plain)
	if err != nil {
		return nil, errors.New("the sealed key is not a private key")
	}
	s, ok := key.(crypto.Signer)
	if !ok {
		return nil, errors.New("the sealed key cannot sign")
	}
	return &Handle{key: s, pub: s.Public()}, nil
}

// Public is the public key.
func (h *Handle) Public() crypto.PublicKey { return h.pub }

// Sign signs a digest.
func (h *Handle) Sign(rand io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.key == nil {
		return nil, ErrClosed
	}
	return h.key.Sign(rand, digest, opts)
}

// Close forgets the key.
func (h *Handle) Close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if k, ok := h.key.(*ecdsa.PrivateKey); ok {
		clear(k.D.Bits()) // the garbage collector may have copied it; this shortens its life, no more
	}
	h.key = nil
}
