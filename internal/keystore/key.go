package keystore

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"math/big"
	"sync"
)

// Algorithm of a new key, named as certificate profiles name it.
type Algorithm string

// The algorithms that keys are made for.
const (
	P256    Algorithm = "P-256"
	P384    Algorithm = "P-384"
	RSA2048 Algorithm = "RSA-2048"
	RSA3072 Algorithm = "RSA-3072"
	RSA4096 Algorithm = "RSA-4096"
)

// Generate makes a key. It is not kept anywhere: [Folder.Create] and [Wrap] do that.
func Generate(a Algorithm) (crypto.Signer, error) {
	switch a {
	case P256:
		return ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case P384:
		return ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	case RSA2048:
		return rsa.GenerateKey(rand.Reader, 2048)
	case RSA3072:
		return rsa.GenerateKey(rand.Reader, 3072)
	case RSA4096:
		return rsa.GenerateKey(rand.Reader, 4096)
	}
	return nil, fmt.Errorf("keys of the kind %q are not made here", a)
}

// random fills b. crypto/rand does not fail on the systems that Go runs on: it ends the program instead of giving bad bytes.
func random(b []byte) { _, _ = rand.Read(b) }

// parseKey reads the plain form of a private key. Its errors say nothing about the content.
func parseKey(plain []byte) (crypto.Signer, error) {
	key, err := x509.ParsePKCS8PrivateKey(plain)
	if err != nil {
		return nil, errors.New("what was sealed is no private key")
	}
	s, ok := key.(crypto.Signer)
	if !ok {
		return nil, errors.New("what was sealed cannot sign")
	}
	return s, nil
}

// Handle is an opened signer's key. It signs until it is closed, from several goroutines at once.
type Handle struct {
	mu  sync.RWMutex // held for reading while the key signs, so that Close does not wipe under a signature
	key crypto.Signer
	pub crypto.PublicKey
}

var _ crypto.Signer = (*Handle)(nil)

// ErrClosed is returned by a handle after Close.
var ErrClosed = errors.New("the key was closed")

// Public is the public key, also after Close.
func (h *Handle) Public() crypto.PublicKey { return h.pub }

// Sign signs a digest.
func (h *Handle) Sign(rand io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	h.mu.RLock()
	defer h.mu.RUnlock()
	if h.key == nil {
		return nil, ErrClosed
	}
	return h.key.Sign(rand, digest, opts)
}

// Close waits for running signatures and wipes the key. Closing twice is allowed.
func (h *Handle) Close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	wipe(h.key)
	h.key = nil
}

// wipe overwrites what can be reached of a key. The runtime may hold copies that cannot be reached (moved stacks, values that the
// cryptographic library derived); this shortens the life of a key in memory and proves nothing.
func wipe(key crypto.Signer) {
	number := func(n *big.Int) {
		if n != nil {
			clear(n.Bits())
		}
	}
	switch k := key.(type) {
	case *ecdsa.PrivateKey:
		//lint:ignore SA1019 there is no other way to reach the number that has to go
		number(k.D)
	case *rsa.PrivateKey:
		number(k.D)
		for _, p := range k.Primes {
			number(p)
		}
		number(k.Precomputed.Dp)
		number(k.Precomputed.Dq)
		number(k.Precomputed.Qinv)
	case ed25519.PrivateKey:
		clear(k)
	}
}
