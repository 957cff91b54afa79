package account

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"strings"
)

// newToken makes 256 random bits for a cookie or a link, and the hash that is stored.
func newToken() (token string, hash []byte) {
	var b [32]byte
	rand.Read(b[:]) // never fails: Go ends the process instead
	token = base64.RawURLEncoding.EncodeToString(b[:])
	return token, tokenHash(token)
}

// tokenHash needs no salt and no slow function: a token has 256 bits.
func tokenHash(token string) []byte {
	h := sha256.Sum256([]byte(token))
	return h[:]
}

func newID() string { return strings.ToLower(rand.Text()) }
