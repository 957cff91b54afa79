package pades

import (
	"crypto"
	"errors"

	"absah/internal/cms"
)

// Recipient opens documents that are encrypted to the holder of a certificate, for OpenOptions. key is the private key: a
// crypto.Decrypter, or a key for key agreement.
func Recipient(certificate []byte, key crypto.PrivateKey) func([][]byte) ([]byte, error) {
	return func(recipients [][]byte) ([]byte, error) {
		var last error
		for _, b := range recipients {
			e, err := cms.ParseEnveloped(b)
			if err != nil {
				last = err
				continue
			}
			content, err := e.Open(certificate, key)
			if err == nil {
				return content, nil
			}
			last = err
		}
		if last == nil {
			last = errors.New("the document names no recipients")
		}
		return nil, last
	}
}
