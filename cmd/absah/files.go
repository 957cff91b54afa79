package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"syscall"
)

// job is one input and the place of its output.
type job struct{ in, out string }

// plan lists the inputs: files as named, and the PDF files of folders, all the way down. Files that already carry the suffix
// are outputs of an earlier run and left out of folders. Overwriting is for outputs: an original is never the place of one.
func plan(inputs []string, outDir, suffix string, overwrite bool) ([]job, error) {
	var jobs []job
	for _, in := range inputs {
		info, err := os.Stat(in)
		if err != nil {
			return nil, pathError(err)
		}
		if !info.IsDir() {
			jobs = append(jobs, job{in, outputName(in, filepath.Base(in), outDir, suffix)})
			continue
		}
		found := 0
		err = filepath.WalkDir(in, func(path string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			name := d.Name()
			if !d.Type().IsRegular() || !strings.EqualFold(filepath.Ext(name), ".pdf") || suffix != "" && strings.HasSuffix(stem(name), suffix) {
				return nil
			}
			rel, err := filepath.Rel(in, path)
			if err != nil {
				return err
			}
			found++
			jobs = append(jobs, job{path, outputName(path, rel, outDir, suffix)})
			return nil
		})
		if err != nil {
			return nil, pathError(err)
		}
		if found == 0 {
			return nil, fmt.Errorf("%s: this folder contains no PDF to sign", in)
		}
	}
	sort.SliceStable(jobs, func(i, k int) bool { return jobs[i].in < jobs[k].in })
	taken := map[string]string{}
	for _, j := range jobs {
		if other, dup := taken[j.out]; dup {
			return nil, fmt.Errorf("%s and %s would both be written to %s; sign them in separate runs", other, j.in, j.out)
		}
		taken[j.out] = j.in
	}
	if overwrite {
		return jobs, spareOriginals(jobs)
	}
	return jobs, nil
}

// spareOriginals looks for an output that is one of the inputs, by whatever name.
func spareOriginals(jobs []job) error {
	var originals []fs.FileInfo
	for _, j := range jobs {
		info, err := os.Stat(j.in)
		if err != nil {
			return pathError(err)
		}
		originals = append(originals, info)
	}
	for _, j := range jobs {
		info, err := os.Stat(j.out)
		if err != nil {
			continue // nothing to write over
		}
		for i, o := range originals {
			if os.SameFile(info, o) {
				return fmt.Errorf("the original %s would be written over; name another place with --out or --suffix", jobs[i].in)
			}
		}
	}
	return nil
}

func outputName(in, rel, outDir, suffix string) string {
	name := stem(filepath.Base(in)) + suffix + filepath.Ext(in)
	if outDir == "" {
		return filepath.Join(filepath.Dir(in), name)
	}
	return filepath.Join(outDir, filepath.Dir(rel), name)
}

func stem(name string) string { return strings.TrimSuffix(name, filepath.Ext(name)) }

// atomically writes a file through a temporary one beside it, synced before it gets its name, so that there is never a partial
// file. Whoever may read the original may read it, less the user's mask. An existing file is left as it is unless overwrite is set.
func atomically(path string, original *os.File, overwrite bool, write func(*os.File) error) error {
	info, err := original.Stat()
	if err != nil {
		return pathError(err)
	}
	return create(path, info.Mode().Perm()|0o600, overwrite, write)
}

// create is atomically for a file without an original.
func create(path string, mode fs.FileMode, overwrite bool, write func(*os.File) error) (err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return pathError(err)
	}
	if !overwrite {
		if _, err := os.Lstat(path); err == nil {
			return existsError(path)
		}
	}
	temporary := filepath.Join(filepath.Dir(path), ".absah-"+rand.Text()+".tmp")
	f, err := os.OpenFile(temporary, os.O_RDWR|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return pathError(err)
	}
	defer func() {
		if err != nil {
			f.Close()
			os.Remove(f.Name())
		}
	}()
	if err := write(f); err != nil {
		return pathError(err)
	}
	if err := f.Sync(); err != nil {
		return pathError(err)
	}
	if err := f.Close(); err != nil {
		return pathError(err)
	}
	if overwrite {
		return pathError(os.Rename(f.Name(), path))
	}
	// A link fails where a rename would replace a file that somebody made meanwhile.
	switch err := os.Link(f.Name(), path); {
	case err == nil:
		return pathError(os.Remove(f.Name()))
	case errors.Is(err, fs.ErrExist):
		return existsError(path)
	}
	return pathError(os.Rename(f.Name(), path)) // a file system without links
}

// existsError names a file that is in the way.
type existsError string

func (e existsError) Error() string {
	return string(e) + " exists already; name another place with --out or --suffix, or replace it with --overwrite"
}

// pathError says what a person can do about the usual troubles with files.
func pathError(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, syscall.ENOSPC):
		return fmt.Errorf("the disk is full; nothing was written: %w", err)
	case errors.Is(err, fs.ErrNotExist):
		var p *fs.PathError
		if errors.As(err, &p) {
			return fmt.Errorf("%s does not exist", p.Path)
		}
	case errors.Is(err, fs.ErrPermission):
		var p *fs.PathError
		if errors.As(err, &p) {
			return fmt.Errorf("%s: no permission", p.Path)
		}
	}
	return err
}

// open gives a file and its size, or an error that names it.
func open(path string) (*os.File, int64, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, 0, pathError(err)
	}
	info, err := f.Stat()
	if err == nil && info.IsDir() {
		err = fmt.Errorf("%s is a folder", path)
	}
	if err != nil {
		f.Close()
		return nil, 0, err
	}
	return f, info.Size(), nil
}

// secretFile reads a secret: the first line of a file, "-" for standard input. The line end is not part of it.
func secretFile(path string) (string, error) {
	var r io.Reader = os.Stdin
	if path != "-" {
		f, err := os.Open(path)
		if err != nil {
			return "", pathError(err)
		}
		defer f.Close()
		r = f
	}
	b, err := io.ReadAll(io.LimitReader(r, 64<<10))
	if err != nil {
		return "", err
	}
	line, _, _ := strings.Cut(string(b), "\n")
	return strings.TrimSuffix(line, "\r"), nil
}
