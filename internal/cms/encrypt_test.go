package cms

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"slices"
	"testing"
)

// wrapForTest is the AES key wrap of RFC 3394 §2.2.1; the package itself only unwraps.
func wrapForTest(t *testing.T, kek, key []byte) []byte {
	t.Helper()
	block, err := aes.NewCipher(kek)
	if err != nil {
		t.Fatal(err)
	}
	n := len(key) / 8
	buf := append(bytes.Repeat([]byte{0xa6}, 8), make([]byte, 8)...)
	out := slices.Clone(key)
	for j := range 6 {
		for i := 1; i <= n; i++ {
			copy(buf[8:], out[8*i-8:8*i])
			block.Encrypt(buf, buf)
			copy(out[8*i-8:8*i], buf[8:])
			binary.BigEndian.PutUint64(buf, binary.BigEndian.Uint64(buf)^uint64(n*j+i))
		}
	}
	return append(buf[:8:8], out...)
}

func cbcForTest(t *testing.T, key, iv, plain []byte) []byte {
	t.Helper()
	block, err := aes.NewCipher(key)
	if err != nil {
		t.Fatal(err)
	}
	pad := 16 - len(plain)%16
	out := append(slices.Clone(plain), bytes.Repeat([]byte{byte(pad)}, pad)...)
	cipher.NewCBCEncrypter(block, iv).CryptBlocks(out, out)
	return out
}
