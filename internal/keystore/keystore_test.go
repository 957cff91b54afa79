package keystore_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"absah/internal/fault"
	"absah/internal/keystore"
)

func TestWrap(t *testing.T) {
	key, err := keystore.Generate(keystore.P256)
	if err != nil {
		t.Fatal(err)
	}
	other, _ := keystore.Generate(keystore.P256)
	share, _ := keystore.NewShare()
	wrongShare, _ := keystore.NewShare()
	const pass = "kuda-payung-senja"
	blob, err := keystore.Wrap(key, "cred-1", pass, share)
	if err != nil {
		t.Fatal(err)
	}
	flipped := bytes.Clone(blob)
	flipped[len(flipped)-1] ^= 1
	for name, c := range map[string]struct {
		blob       []byte
		credential string
		pub        crypto.PublicKey
		pass       string
		share      keystore.Share
		ok         bool
	}{
		"right":            {blob, "cred-1", key.Public(), pass, share, true},
		"wrong passphrase": {blob, "cred-1", key.Public(), "kuda-payung-senjA", share, false},
		"wrong share":      {blob, "cred-1", key.Public(), pass, wrongShare, false},
		"no share":         {blob, "cred-1", key.Public(), pass, nil, false},
		"other credential": {blob, "cred-2", key.Public(), pass, share, false},
		"other public key": {blob, "cred-1", other.Public(), pass, share, false},
		"changed blob":     {flipped, "cred-1", key.Public(), pass, share, false},
	} {
		h, err := keystore.Unwrap(c.blob, c.credential, c.pub, c.pass, c.share)
		if c.ok != (err == nil) || !c.ok && !errors.Is(err, keystore.ErrSecret) {
			t.Errorf("%s: Unwrap = %v, want ok %v", name, err, c.ok)
		}
		if h == nil {
			continue
		}
		digest := sha256.Sum256([]byte("isi"))
		sig, err := h.Sign(rand.Reader, digest[:], crypto.SHA256)
		if err != nil || !ecdsa.VerifyASN1(key.Public().(*ecdsa.PublicKey), digest[:], sig) {
			t.Errorf("%s: Sign: %v", name, err)
		}
		h.Close()
		if _, err := h.Sign(rand.Reader, digest[:], crypto.SHA256); !errors.Is(err, keystore.ErrClosed) {
			t.Errorf("Sign after Close = %v, want ErrClosed", err)
		}
	}
	again, err := keystore.Rewrap(blob, "cred-1", key.Public(), pass, "frasa yang baru", share)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := keystore.Unwrap(again, "cred-1", key.Public(), pass, share); !errors.Is(err, keystore.ErrSecret) {
		t.Errorf("the old passphrase opens the key that was wrapped again: %v", err)
	}
	if _, err := keystore.Unwrap(again, "cred-1", key.Public(), "frasa yang baru", share); err != nil {
		t.Errorf("the new passphrase does not open the key: %v", err)
	}
}

func TestFolder(t *testing.T) {
	dir := t.TempDir()
	f, err := keystore.OpenFolder(dir, "rahasia operator")
	if err != nil {
		t.Fatal(err)
	}
	key, err := f.Create("root", keystore.P384)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Create("root", keystore.P384); err == nil {
		t.Error("a key was overwritten")
	}
	again, err := f.Signer("root")
	if err != nil || !again.Public().(*ecdsa.PublicKey).Equal(key.Public()) {
		t.Errorf("Signer = %v, want the key that was made", err)
	}
	if info, _ := os.Stat(filepath.Join(dir, "root.key")); info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, want 0600", info.Mode().Perm())
	}
	wrong, _ := keystore.OpenFolder(dir, "tebakan")
	if _, err := wrong.Signer("root"); !errors.Is(err, fault.New("ABS-KEY-001", "root")) {
		t.Errorf("Signer with a wrong passphrase = %v", err)
	}
	a, err := f.Secret("share")
	if err != nil {
		t.Fatal(err)
	}
	if b, err := f.Secret("share"); err != nil || !bytes.Equal(a, b) {
		t.Errorf("Secret twice: %v", err)
	}
	if _, err := f.Signer("../root"); err == nil {
		t.Error("a key name led out of the folder")
	}
}
