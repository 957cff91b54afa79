package pades_test

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"errors"
	"testing"

	"absah/internal/testkit"
	"absah/pades"
)

// TestHostDigest: what the host hashes is what is believed, over the very bytes of the ByteRange; where it has no answer, or there are
// many signatures, the digest is computed here.
func TestHostDigest(t *testing.T) {
	p := testkit.NewPKI(t, nil)
	doc := testkit.Document(t, 1)
	sign := func() {
		t.Helper()
		var b bytes.Buffer
		o := pades.SignOptions{Certificate: p.Signer.Certificate.Raw, Chain: p.Signer.Chain, Time: p.Now}
		if err := pades.Sign(t.Context(), &b, bytes.NewReader(doc), int64(len(doc)), p.Signer.Key, o); err != nil {
			t.Fatal(err)
		}
		doc = b.Bytes()
	}
	gather := func(digest func(crypto.Hash, [][2]int64) ([]byte, error)) (*pades.Evidence, error) {
		return pades.Gather(t.Context(), bytes.NewReader(doc), int64(len(doc)), pades.GatherOptions{Digest: digest})
	}
	sign()
	asked := 0
	e, err := gather(func(h crypto.Hash, ranges [][2]int64) ([]byte, error) {
		asked++
		s := sha256.New()
		for _, r := range ranges {
			s.Write(doc[r[0]:r[1]])
		}
		if h != crypto.SHA256 || len(ranges) != 2 {
			t.Errorf("asked for %v over %v", h, ranges)
		}
		return s.Sum(nil), nil
	})
	if err != nil || asked != 1 || !e.Signatures[0].DigestMatches {
		t.Errorf("asked %d times, %+v, %v", asked, e, err)
	}
	if e, err = gather(func(crypto.Hash, [][2]int64) ([]byte, error) { return make([]byte, 32), nil }); err != nil || e.Signatures[0].DigestMatches {
		t.Errorf("another digest: %+v, %v, want one that does not match", e, err)
	}
	if e, err = gather(func(crypto.Hash, [][2]int64) ([]byte, error) { return nil, nil }); err != nil || !e.Signatures[0].DigestMatches {
		t.Errorf("no answer: %+v, %v", e, err)
	}
	gone := errors.New("the disk is gone")
	if _, err = gather(func(crypto.Hash, [][2]int64) ([]byte, error) { return nil, gone }); !errors.Is(err, gone) {
		t.Errorf("got %v, want %v", err, gone)
	}
	for range 4 {
		sign()
	}
	e, err = gather(func(crypto.Hash, [][2]int64) ([]byte, error) { return nil, gone })
	if err != nil || len(e.Signatures) != 5 || !e.Signatures[4].DigestMatches {
		t.Errorf("five signatures: %+v, %v", e, err)
	}
}
