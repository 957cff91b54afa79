package keystore

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"absah/internal/fault"
)

// Folder keeps the keys of authorities and the secrets of the server, each in a file sealed with one passphrase. Files are
// readable by their owner only and are never overwritten. It is safe for concurrent use, also by several processes.
type Folder struct {
	dir        string
	passphrase []byte
}

// OpenFolder uses the folder, made when it is missing, with the passphrase that seals its files. Whether the passphrase is right
// shows when a file is opened.
func OpenFolder(dir, passphrase string) (*Folder, error) {
	if passphrase == "" {
		return nil, errors.New("key files need a passphrase")
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	return &Folder{dir, []byte(passphrase)}, nil
}

// A sealed file is PEM. Its headers say what it is and how it was sealed, and are authenticated, so that neither a renamed file nor
// one with another public key opens.
const (
	sealedType    = "ABSAH SEALED KEY"
	sealedVersion = "2"
	kindKey       = "private key"
	kindSecret    = "secret"
	maxSealed     = 64 << 10
)

const (
	headVersion = "Version"
	headName    = "Name"
	headKind    = "Kind"
	headCost    = "Derivation"
	headPublic  = "Public-Key" // SubjectPublicKeyInfo in base64; of secrets empty
)

func context(h map[string]string) []byte {
	spki := sha256.Sum256([]byte(h[headPublic]))
	return fields([]byte("file"), []byte(h[headVersion]), []byte(h[headName]), []byte(h[headKind]), []byte(h[headCost]), spki[:])
}

// path refuses names that lead out of the folder.
func (f *Folder) path(id string) (string, error) {
	if id == "" || len(id) > 100 || id != filepath.Base(id) || id[0] == '.' || bytes.ContainsAny([]byte(id), "/\\:\n\r") {
		return "", fmt.Errorf("%q is no key name", id)
	}
	return filepath.Join(f.dir, id+".key"), nil
}

// Has reports whether there is a file of that name.
func (f *Folder) Has(id string) bool {
	path, err := f.path(id)
	if err != nil {
		return false
	}
	_, err = os.Stat(path)
	return err == nil
}

// Create makes a key and seals it. An existing file of that name is left alone and is an error.
func (f *Folder) Create(id string, a Algorithm) (crypto.Signer, error) {
	key, err := Generate(a)
	if err != nil {
		return nil, err
	}
	plain, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	defer clear(plain)
	spki, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		return nil, err
	}
	if err := f.write(id, kindKey, spki, plain); err != nil {
		return nil, err
	}
	return key, nil
}

// Signer opens a key. The fault ABS-KEY-001 when the passphrase is wrong or the file was changed; fs.ErrNotExist when there is none.
func (f *Folder) Signer(id string) (crypto.Signer, error) {
	plain, spki, err := f.read(id, kindKey)
	if err != nil {
		return nil, err
	}
	defer clear(plain)
	key, err := parseKey(plain)
	if err != nil {
		return nil, fmt.Errorf("key file %s: %w", id, err)
	}
	if own, err := x509.MarshalPKIXPublicKey(key.Public()); err != nil || !bytes.Equal(own, spki) {
		return nil, fmt.Errorf("key file %s holds another key than it says", id)
	}
	return key, nil
}

// Secret returns 32 random bytes kept under a name, made at the first call: the server's share, the key of stored personal data.
func (f *Folder) Secret(id string) ([]byte, error) {
	if !f.Has(id) {
		s := make([]byte, keySize)
		random(s)
		if err := f.write(id, kindSecret, nil, s); !errors.Is(err, fs.ErrExist) {
			return s, err
		}
		// Another process was faster; its secret is the one.
	}
	plain, _, err := f.read(id, kindSecret)
	if err == nil && len(plain) != keySize {
		err = fmt.Errorf("key file %s does not hold a secret of %d bytes", id, keySize)
	}
	return plain, err
}

// write makes the file appear complete and durable, or not at all.
func (f *Folder) write(id, kind string, spki, plain []byte) error {
	path, err := f.path(id)
	if err != nil {
		return err
	}
	if f.Has(id) {
		return exists(id)
	}
	head := map[string]string{
		headVersion: sealedVersion, headName: id, headKind: kind, headCost: standard.String(), headPublic: base64.StdEncoding.EncodeToString(spki),
	}
	b, err := lock(plain, f.passphrase, standard, nil, context(head))
	if err != nil {
		return err
	}
	tmp, err := os.CreateTemp(f.dir, ".key-*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	if err := errors.Join(pem.Encode(tmp, &pem.Block{Type: sealedType, Headers: head, Bytes: b.append(nil)}), tmp.Sync(), tmp.Close()); err != nil {
		return err
	}
	// Unlike a rename, a link fails where a file of that name exists: keys are never overwritten.
	if err := os.Link(tmp.Name(), path); errors.Is(err, fs.ErrExist) {
		return exists(id)
	} else if err != nil {
		return err
	}
	return syncDir(f.dir)
}

func exists(id string) error {
	return fmt.Errorf("there is a key named %s already: %w", id, fs.ErrExist)
}

// syncDir makes a new name durable. Where a folder cannot be synced (Windows), the file itself was.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	_ = d.Sync()
	return d.Close()
}

func (f *Folder) read(id, kind string) (plain, spki []byte, err error) {
	path, err := f.path(id)
	if err != nil {
		return nil, nil, err
	}
	if info, err := os.Stat(path); err != nil {
		return nil, nil, err
	} else if info.Size() > maxSealed {
		return nil, nil, fmt.Errorf("%s is too large for a sealed key file", path)
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, nil, err
	}
	p, _ := pem.Decode(raw)
	if p == nil || p.Type != sealedType {
		return nil, nil, fmt.Errorf("%s is not a sealed key file", path)
	}
	if v := p.Headers[headVersion]; v != sealedVersion {
		return nil, nil, fmt.Errorf("%s has format %q, this program reads format %s", path, v, sealedVersion)
	}
	if n := p.Headers[headName]; n != id {
		return nil, nil, fmt.Errorf("%s holds the key %q; rename it back", path, n)
	}
	if k := p.Headers[headKind]; k != kind {
		return nil, nil, fmt.Errorf("%s holds a %s, not a %s", path, k, kind)
	}
	c, err := parseCost(p.Headers[headCost])
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", path, err)
	}
	b, ok := parseBox(p.Bytes)
	if !ok {
		return nil, nil, fmt.Errorf("%s is cut short", path)
	}
	if spki, err = base64.StdEncoding.DecodeString(p.Headers[headPublic]); err != nil {
		return nil, nil, fmt.Errorf("%s: its public key cannot be read", path)
	}
	plain, err = unlock(b, f.passphrase, c, nil, context(p.Headers))
	if errors.Is(err, ErrSecret) {
		return nil, nil, fault.Wrap(err, "ABS-KEY-001", id)
	}
	return plain, spki, err
}
