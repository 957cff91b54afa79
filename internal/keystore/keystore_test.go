package keystore_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/pem"
	"errors"
	"io/fs"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"absah/internal/fault"
	"absah/internal/keystore"
)

const pass = "kuda-payung-senja-42"

func generate(t *testing.T, a keystore.Algorithm) crypto.Signer {
	t.Helper()
	k, err := keystore.Generate(a)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func share(t *testing.T) keystore.Share {
	t.Helper()
	s, err := keystore.NewShare()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func wrap(t *testing.T, k crypto.Signer, credential, pass string, s keystore.Share) []byte {
	t.Helper()
	b, err := keystore.Wrap(k, credential, pass, s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func signs(t *testing.T, k crypto.Signer, pub crypto.PublicKey) bool {
	t.Helper()
	digest := sha256.Sum256([]byte("isi"))
	sig, err := k.Sign(rand.Reader, digest[:], crypto.SHA256)
	if err != nil {
		t.Fatal(err)
	}
	switch p := pub.(type) {
	case *ecdsa.PublicKey:
		return ecdsa.VerifyASN1(p, digest[:], sig)
	case *rsa.PublicKey:
		return rsa.VerifyPKCS1v15(p, crypto.SHA256, digest[:], sig) == nil
	}
	return false
}

func TestUnwrap(t *testing.T) {
	defer keystore.Cheap()()
	key, other := generate(t, keystore.P256), generate(t, keystore.P256)
	s, s2 := share(t), share(t)
	blob := wrap(t, key, "cred-1", pass, s)
	swapped := wrap(t, other, "cred-2", pass, s)
	for _, c := range []struct {
		name       string
		blob       []byte
		credential string
		pub        crypto.PublicKey
		pass       string
		share      keystore.Share
		ok         bool
	}{
		{"right", blob, "cred-1", key.Public(), pass, s, true},
		{"wrong passphrase", blob, "cred-1", key.Public(), pass + "3", s, false},
		{"empty passphrase", blob, "cred-1", key.Public(), "", s, false},
		{"wrong share", blob, "cred-1", key.Public(), pass, s2, false},
		{"another credential", blob, "cred-2", key.Public(), pass, s, false},
		{"another public key", blob, "cred-1", other.Public(), pass, s, false},
		{"the blob of another", swapped, "cred-1", key.Public(), pass, s, false},
		{"the blob of another with its key", swapped, "cred-1", other.Public(), pass, s, false},
	} {
		h, err := keystore.Unwrap(c.blob, c.credential, c.pub, c.pass, c.share)
		if c.ok != (err == nil) || !c.ok && !errors.Is(err, keystore.ErrSecret) {
			t.Errorf("Unwrap(%s) = %v, want ok %v", c.name, err, c.ok)
		}
		if h == nil {
			continue
		}
		if !signs(t, h, key.Public()) {
			t.Errorf("Unwrap(%s): the signature does not verify", c.name)
		}
		h.Close()
		h.Close()
		if _, err := h.Sign(rand.Reader, make([]byte, 32), crypto.SHA256); !errors.Is(err, keystore.ErrClosed) {
			t.Errorf("Sign after Close = %v, want ErrClosed", err)
		}
	}
	for _, bad := range []keystore.Share{nil, {}, s[:16]} {
		if _, err := keystore.Wrap(key, "cred-1", pass, bad); err == nil {
			t.Errorf("Wrap with a share of %d bytes succeeds", len(bad))
		}
		if _, err := keystore.Unwrap(blob, "cred-1", key.Public(), pass, bad); err == nil {
			t.Errorf("Unwrap with a share of %d bytes succeeds", len(bad))
		}
	}
}

// TestEveryByte flips each byte of a blob, and cuts it at each place.
func TestEveryByte(t *testing.T) {
	defer keystore.Cheap()()
	key, s := generate(t, keystore.P256), share(t)
	blob := wrap(t, key, "cred-1", pass, s)
	for i := range blob {
		// The bytes that state the cost are changed downwards, which is what an attacker wants.
		bad := bytes.Clone(blob)
		bad[i] ^= 1 << (i % 6)
		if _, err := keystore.Unwrap(bad, "cred-1", key.Public(), pass, s); err == nil {
			t.Errorf("a blob with byte %d changed opens", i)
		}
		if _, err := keystore.Rewrap(bad, "cred-1", key.Public(), pass, "yang baru", s); err == nil {
			t.Errorf("a blob with byte %d changed is wrapped again", i)
		}
		if _, err := keystore.Unwrap(blob[:i], "cred-1", key.Public(), pass, s); err == nil {
			t.Errorf("a blob cut to %d bytes opens", i)
		}
	}
}

func TestRewrap(t *testing.T) {
	defer keystore.Cheap()()
	key, s := generate(t, keystore.P256), share(t)
	blob := wrap(t, key, "cred-1", pass, s)
	again, err := keystore.Rewrap(blob, "cred-1", key.Public(), pass, "frasa yang baru", s)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := keystore.Unwrap(again, "cred-1", key.Public(), pass, s); !errors.Is(err, keystore.ErrSecret) {
		t.Errorf("Unwrap with the old passphrase = %v, want ErrSecret", err)
	}
	h, err := keystore.Unwrap(again, "cred-1", key.Public(), "frasa yang baru", s)
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	if !signs(t, h, key.Public()) {
		t.Error("the key that was wrapped again is another one")
	}
	// Only the wrapping of the data key changes.
	if tail := len(blob) - 100; !bytes.Equal(blob[tail:], again[tail:]) || bytes.Equal(blob[:tail], again[:tail]) {
		t.Error("Rewrap should leave the sealed key and renew the wrapping")
	}
	if _, err := keystore.Rewrap(blob, "cred-1", key.Public(), "tebakan", "frasa yang baru", s); !errors.Is(err, keystore.ErrSecret) {
		t.Errorf("Rewrap with a wrong passphrase = %v, want ErrSecret", err)
	}
}

func TestNothingSecretInBlobsAndErrors(t *testing.T) {
	defer keystore.Cheap()()
	key, s := generate(t, keystore.P256), share(t)
	secret, err := key.(*ecdsa.PrivateKey).Bytes()
	if err != nil {
		t.Fatal(err)
	}
	blob := wrap(t, key, "cred-1", pass, s)
	_, wrong := keystore.Unwrap(blob, "cred-1", key.Public(), "tebakan-rahasia", s)
	for what, b := range map[string][]byte{"blob": blob, "error": []byte(wrong.Error())} {
		for name, x := range map[string][]byte{"key": secret, "passphrase": []byte(pass), "guess": []byte("tebakan-rahasia"), "share": s} {
			if bytes.Contains(b, x) {
				t.Errorf("the %s holds the %s", what, name)
			}
		}
	}
	if other := wrap(t, key, "cred-1", pass, s); bytes.Contains(other, blob[10:60]) {
		t.Error("two sealings of the same key share their salt")
	}
}

func TestCloseWipes(t *testing.T) {
	defer keystore.Cheap()()
	s := share(t)
	for _, a := range []keystore.Algorithm{keystore.P256, keystore.P384, keystore.RSA2048} {
		key := generate(t, a)
		h, err := keystore.Unwrap(wrap(t, key, "c", pass, s), "c", key.Public(), pass, s)
		if err != nil {
			t.Fatal(err)
		}
		if !signs(t, h, key.Public()) {
			t.Errorf("%s: the signature does not verify", a)
		}
		var numbers []*big.Int
		switch k := keystore.Inside(h).(type) {
		case *ecdsa.PrivateKey:
			//lint:ignore SA1019 what must be gone
			numbers = append(numbers, k.D)
		case *rsa.PrivateKey:
			numbers = append(numbers, k.D, k.Primes[0], k.Primes[1])
		}
		h.Close()
		for i, n := range numbers {
			for _, w := range n.Bits() {
				if w != 0 {
					t.Errorf("%s: number %d is not wiped", a, i)
					break
				}
			}
		}
	}
}

func TestCloseDuringSign(t *testing.T) {
	defer keystore.Cheap()()
	key, s := generate(t, keystore.P256), share(t)
	h, err := keystore.Unwrap(wrap(t, key, "c", pass, s), "c", key.Public(), pass, s)
	if err != nil {
		t.Fatal(err)
	}
	digest := sha256.Sum256([]byte("isi"))
	var wg sync.WaitGroup
	for range 4 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for {
				sig, err := h.Sign(rand.Reader, digest[:], crypto.SHA256)
				if errors.Is(err, keystore.ErrClosed) {
					return
				}
				if err != nil || !ecdsa.VerifyASN1(key.Public().(*ecdsa.PublicKey), digest[:], sig) {
					t.Errorf("Sign while the key is closed: %v", err)
					return
				}
			}
		}()
	}
	h.Close()
	wg.Wait()
}

func TestBusy(t *testing.T) {
	defer keystore.Cheap()()
	key, s := generate(t, keystore.P256), share(t)
	blob := wrap(t, key, "c", pass, s)
	defer keystore.FillGate()()
	_, err := keystore.Unwrap(blob, "c", key.Public(), pass, s)
	if f, ok := fault.As(err); !ok || f.Code != "ABS-KEY-002" || !errors.Is(err, keystore.ErrBusy) {
		t.Errorf("Unwrap while all places are taken = %v, want ABS-KEY-002", err)
	}
}

func TestFolder(t *testing.T) {
	defer keystore.Cheap()()
	dir := t.TempDir()
	f, err := keystore.OpenFolder(dir, "rahasia operator")
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range []keystore.Algorithm{keystore.P384, keystore.RSA2048} {
		name := strings.ToLower(string(a))
		key, err := f.Create(name, a)
		if err != nil {
			t.Fatal(err)
		}
		again, err := f.Signer(name)
		if err != nil || !signs(t, again, key.Public()) {
			t.Errorf("%s: Signer = %v, want the key that was made", name, err)
		}
		if info, err := os.Stat(filepath.Join(dir, name+".key")); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: mode %v, want 0600", name, info.Mode().Perm())
		}
		if _, err := f.Create(name, a); !errors.Is(err, fs.ErrExist) {
			t.Errorf("Create(%s) again = %v, want fs.ErrExist", name, err)
		}
	}
	wrong, _ := keystore.OpenFolder(dir, "tebakan")
	if _, err := wrong.Signer("p-384"); !errors.Is(err, fault.New("ABS-KEY-001", "p-384")) {
		t.Errorf("Signer with a wrong passphrase = %v, want ABS-KEY-001", err)
	} else if strings.Contains(err.Error(), "tebakan") {
		t.Errorf("the error repeats the passphrase: %v", err)
	}
	a, err := f.Secret("share")
	if err != nil {
		t.Fatal(err)
	}
	if b, err := f.Secret("share"); err != nil || !bytes.Equal(a, b) || len(a) != 32 {
		t.Errorf("Secret twice: %x and %x, %v", a, b, err)
	}
	if _, err := f.Signer("share"); err == nil {
		t.Error("a secret was opened as a key")
	}
	if _, err := f.Signer("missing"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Signer(missing) = %v, want fs.ErrNotExist", err)
	}
	for _, name := range []string{"", "../root", "a/b", ".hidden", "a\nb"} {
		if _, err := f.Create(name, keystore.P256); err == nil {
			t.Errorf("Create(%q) succeeds", name)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".key-*")); left != nil {
		t.Errorf("temporary files are left: %v", left)
	}
	if _, err := keystore.OpenFolder(dir, ""); err == nil {
		t.Error("OpenFolder takes an empty passphrase")
	}
}

func TestSealedFileIsBound(t *testing.T) {
	defer keystore.Cheap()()
	dir := t.TempDir()
	f, _ := keystore.OpenFolder(dir, pass)
	for _, n := range []string{"root", "tsa"} {
		if _, err := f.Create(n, keystore.P256); err != nil {
			t.Fatal(err)
		}
	}
	read := func(name string) *pem.Block {
		raw, err := os.ReadFile(filepath.Join(dir, name+".key"))
		if err != nil {
			t.Fatal(err)
		}
		p, _ := pem.Decode(raw)
		return p
	}
	for name, change := range map[string]func(p *pem.Block){
		"another file under this name":  func(p *pem.Block) { *p = *read("tsa") },
		"another file, name written in": func(p *pem.Block) { *p = *read("tsa"); p.Headers["Name"] = "root" },
		"another public key":            func(p *pem.Block) { p.Headers["Public-Key"] = read("tsa").Headers["Public-Key"] },
		"a secret called a key":         func(p *pem.Block) { p.Headers["Kind"] = "secret" },
		"another version":               func(p *pem.Block) { p.Headers["Version"] = "9" },
		"a huge cost":                   func(p *pem.Block) { p.Headers["Derivation"] = "argon2id m=4000000,t=3,p=1" },
		"a lower cost":                  func(p *pem.Block) { p.Headers["Derivation"] = "argon2id m=32,t=1,p=1" },
		"a changed byte":                func(p *pem.Block) { p.Bytes[len(p.Bytes)-1] ^= 1 },
		"a changed salt":                func(p *pem.Block) { p.Bytes[0] ^= 1 },
		"cut short":                     func(p *pem.Block) { p.Bytes = p.Bytes[:40] },
		"no sealed file":                func(p *pem.Block) { p.Type = "PRIVATE KEY" },
	} {
		p := read("root")
		change(p)
		at := t.TempDir()
		if err := os.WriteFile(filepath.Join(at, "root.key"), pem.EncodeToMemory(p), 0o600); err != nil {
			t.Fatal(err)
		}
		g, _ := keystore.OpenFolder(at, pass)
		if _, err := g.Signer("root"); err == nil {
			t.Errorf("%s: the file opens", name)
		}
	}
}

func TestSecretRace(t *testing.T) {
	defer keystore.Cheap()()
	dir := t.TempDir()
	var wg sync.WaitGroup
	got := make([][]byte, 8)
	for i := range got {
		wg.Add(1)
		go func() {
			defer wg.Done()
			f, _ := keystore.OpenFolder(dir, pass)
			var err error
			if got[i], err = f.Secret("share"); err != nil {
				t.Error(err)
			}
		}()
	}
	wg.Wait()
	for i := range got {
		if !bytes.Equal(got[i], got[0]) {
			t.Errorf("caller %d got another secret", i)
		}
	}
}

// TestCost pins what a real sealing costs: lowering it is a decision, not a slip.
func TestCost(t *testing.T) {
	dir := t.TempDir()
	f, _ := keystore.OpenFolder(dir, pass)
	if _, err := f.Secret("share"); err != nil {
		t.Fatal(err)
	}
	raw, _ := os.ReadFile(filepath.Join(dir, "share.key"))
	if p, _ := pem.Decode(raw); p.Headers["Derivation"] != "argon2id m=65536,t=3,p=1" {
		t.Errorf("derivation %q, want 64 MiB and 3 passes", p.Headers["Derivation"])
	}
}

func FuzzUnwrap(f *testing.F) {
	defer keystore.Cheap()()
	key, _ := keystore.Generate(keystore.P256)
	s, _ := keystore.NewShare()
	blob, _ := keystore.Wrap(key, "c", pass, s)
	f.Add(blob)
	f.Add(blob[:58])
	f.Add([]byte{2})
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) > 9 && (b[1]|b[2]|b[3]|b[5]|b[6]|b[7] != 0) {
			return // a high cost only takes time
		}
		if h, err := keystore.Unwrap(b, "c", key.Public(), pass, s); err == nil && !bytes.Equal(b, blob) {
			t.Errorf("a changed blob opens: %v", h)
		}
	})
}
