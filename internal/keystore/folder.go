package keystore

import (
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"absah/internal/fault"
)

// Folder keeps the keys of authorities and the server's share, each in a sealed file. Files are readable by their owner only.
type Folder struct {
	dir        string
	passphrase []byte
}

// OpenFolder uses the folder, made when it is missing, with the passphrase that seals its files.
func OpenFolder(dir, passphrase string) (*Folder, error) {
	if passphrase == "" {
		return nil, errors.New("key files need a passphrase")
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	return &Folder{dir, []byte(passphrase)}, nil
}

const sealedType = "ABSAH SEALED KEY"

func (f *Folder) path(id string) (string, error) {
	if id == "" || id != filepath.Base(id) || id[0] == '.' {
		return "", fmt.Errorf("%q is no key name", id)
	}
	return filepath.Join(f.dir, id+".key"), nil
}

// Has reports whether there is a key of that name.
func (f *Folder) Has(id string) bool {
	path, err := f.path(id)
	if err != nil {
		return false
	}
	_, err = os.Stat(path)
	return err == nil
}

// Create makes a key and seals it. An existing key of that name is left alone and is an error.
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
	return key, f.write(id, plain)
}

// Signer opens a key.
func (f *Folder) Signer(id string) (crypto.Signer, error) {
	plain, err := f.read(id)
	if err != nil {
		return nil, err
	}
	defer clear(plain)
	key, err := x509.ParsePKCS8PrivateKey(plain)
	if err != nil {
		return nil, fmt.Errorf("key file %s holds no private key", id)
	}
	return key.(crypto.Signer), nil
}

// Secret returns random bytes kept under a name, made at the first call: the server's share, the key of stored personal data.
func (f *Folder) Secret(id string) ([]byte, error) {
	if f.Has(id) {
		return f.read(id)
	}
	s, err := NewShare()
	if err != nil {
		return nil, err
	}
	return s, f.write(id, s)
}

func (f *Folder) write(id string, plain []byte) error {
	path, err := f.path(id)
	if err != nil {
		return err
	}
	box, err := seal(plain, f.passphrase, nil, []byte("file\x00"+id))
	if err != nil {
		return err
	}
	tmp, err := os.CreateTemp(f.dir, ".key-*")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	if err := errors.Join(pem.Encode(tmp, &pem.Block{Type: sealedType, Headers: map[string]string{"Name": id}, Bytes: box}), tmp.Sync(), tmp.Close()); err != nil {
		return err
	}
	// A link fails where a key of that name exists: keys are never overwritten.
	if err := os.Link(tmp.Name(), path); errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("there is a key named %s already", id)
	} else if err != nil {
		return err
	}
	return nil
}

func (f *Folder) read(id string) ([]byte, error) {
	path, err := f.path(id)
	if err != nil {
		return nil, err
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(b)
	if block == nil || block.Type != sealedType {
		return nil, fmt.Errorf("%s is not a sealed key file", path)
	}
	plain, err := unseal(block.Bytes, f.passphrase, nil, []byte("file\x00"+id))
	if errors.Is(err, ErrSecret) {
		return nil, fault.Wrap(err, "ABS-KEY-001", id)
	}
	return plain, err
}
