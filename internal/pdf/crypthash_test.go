package pdf

import (
	"encoding/hex"
	"testing"
)

// TestHash2B compares with U entries that qpdf made. In each the last byte of a round is the largest that ends
// algorithm 2.B there.
func TestHash2B(t *testing.T) {
	for _, s := range []string{
		"b8d4783e2021ce20bce969327393865023f57da4b7c261f4db1a082a8eec1fe7e9b7a6436b79ad321b9c908163ae0656",
		"b8f78d3b3b28cc777b5b5078276eb67dbaf639da610f6da8385ceff472d75233e1bbb8e7709b3f0d1d24b1554fcc1e87",
		"9cf19eeb9bdd2452546c5c6ca6695584a64d21f64ef06edd6cfcc11764157efebca1c954b181a9e1015218700accf685",
	} {
		u, err := hex.DecodeString(s)
		if err != nil {
			t.Fatal(err)
		}
		if got := hash2B([]byte("pembaca"), u[32:40], nil, 6); hex.EncodeToString(got) != s[:64] {
			t.Errorf("hash2B(%s) = %x, want %s", s[64:80], got, s[:64])
		}
	}
}
