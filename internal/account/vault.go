package account

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
)

// Vault seals personal data under the server's data key and makes keyed hashes for finding them. It is safe for concurrent use.
type Vault struct {
	aead cipher.AEAD
	mac  []byte
}

// ErrSealed means that sealed data do not open: another key, another place, or changed bytes.
var ErrSealed = errors.New("sealed data do not open with this data key")

const vaultVersion = 1

// NewVault derives its keys from the data key, at least 32 random bytes that live outside the database.
func NewVault(key []byte) (*Vault, error) {
	if len(key) < 32 {
		return nil, errors.New("the data key needs at least 32 bytes")
	}
	enc, err := hkdf.Key(sha256.New, key, nil, "absah data encryption v1", 32)
	if err != nil {
		return nil, err
	}
	mac, err := hkdf.Key(sha256.New, key, nil, "absah data lookup v1", 32)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(enc)
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, err
	}
	return &Vault{aead, mac}, nil
}

// Seal encrypts. The place (as "nik PERSON") is bound in: what was sealed for one row does not open in another.
func (v *Vault) Seal(place string, plain []byte) []byte {
	return v.aead.Seal([]byte{vaultVersion}, nil, plain, []byte(place))
}

// Open decrypts what was sealed for the same place, or returns ErrSealed.
func (v *Vault) Open(place string, sealed []byte) ([]byte, error) {
	if len(sealed) == 0 || sealed[0] != vaultVersion {
		return nil, ErrSealed
	}
	plain, err := v.aead.Open(nil, nil, sealed[1:], []byte(place))
	if err != nil {
		return nil, ErrSealed
	}
	return plain, nil
}

// Hash is a keyed hash by which a value is found without being stored.
func (v *Vault) Hash(kind, value string) []byte {
	m := hmac.New(sha256.New, v.mac)
	m.Write([]byte(kind))
	m.Write([]byte{0})
	m.Write([]byte(value))
	return m.Sum(nil)
}
