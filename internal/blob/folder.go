// Package blob keeps documents as files: written whole or not at all, named by the caller.
package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Folder keeps blobs in a folder.
type Folder struct{ dir string }

// OpenFolder uses a folder, made when it is missing.
func OpenFolder(dir string) (*Folder, error) {
	return &Folder{dir}, os.MkdirAll(dir, 0o700)
}

// ErrNone means that there is no blob of that name.
var ErrNone = errors.New("no such document")

func (f *Folder) path(name string) (string, error) {
	if name == "" || !filepath.IsLocal(name) || name != filepath.Base(name) || name[0] == '.' {
		return "", fmt.Errorf("%q is no blob name", name)
	}
	return filepath.Join(f.dir, name), nil
}

// Put writes a blob; it appears only when write has succeeded and everything is on disk, and stays when the machine stops after.
func (f *Folder) Put(_ context.Context, name string, write func(io.Writer) error) error {
	path, err := f.path(name)
	if err != nil {
		return err
	}
	tmp, err := os.CreateTemp(f.dir, ".blob-*")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name()) // after the rename there is nothing of that name
	if err := write(tmp); err != nil {
		return errors.Join(err, tmp.Close())
	}
	if err := errors.Join(tmp.Sync(), tmp.Close()); err != nil {
		return err
	}
	if err := os.Rename(tmp.Name(), path); err != nil {
		return err
	}
	return syncDir(f.dir)
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

// Blob is an open document.
type Blob interface {
	io.ReaderAt
	io.Closer
}

// Get opens a blob. ErrNone when there is none.
func (f *Folder) Get(_ context.Context, name string) (Blob, int64, error) {
	path, err := f.path(name)
	if err != nil {
		return nil, 0, ErrNone
	}
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, 0, ErrNone
	}
	if err != nil {
		return nil, 0, err
	}
	info, err := file.Stat()
	if err != nil {
		return nil, 0, errors.Join(err, file.Close())
	}
	return file, info.Size(), nil
}

// Remove takes a blob away. None is no error.
func (f *Folder) Remove(_ context.Context, name string) error {
	path, err := f.path(name)
	if err != nil {
		return err
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return syncDir(f.dir)
}
