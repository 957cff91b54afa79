package testkit

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

var keep = flag.String("keep", "", "keep what the tests give to other programs in this folder, to be looked at")

// Folder is where Keep writes, for tests that make more than one file of their own: a folder that goes away unless -keep names one.
func Folder(t testing.TB) string {
	t.Helper()
	if *keep != "" {
		return *keep
	}
	return t.TempDir()
}

// Keep writes a file where other programs can read it.
func Keep(t testing.TB, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(Folder(t), name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// Tool runs another program and returns what it says. The test is skipped where the program is missing and fails where it does.
func Tool(t testing.TB, name string, args ...string) string {
	t.Helper()
	if _, err := exec.LookPath(name); err != nil {
		t.Skipf("%s is not installed", name)
	}
	out, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %v: %v\n%s", name, args, err, out)
	}
	return string(out)
}

// OpenSSL is the tool and a folder of its own to run in.
type OpenSSL struct {
	T    testing.TB
	Path string
	Dir  string
}

// NewOpenSSL skips the test where OpenSSL is missing.
func NewOpenSSL(t testing.TB) *OpenSSL {
	t.Helper()
	path, err := exec.LookPath("openssl")
	if err != nil {
		t.Skip("openssl is not installed")
	}
	return &OpenSSL{t, path, t.TempDir()}
}

// Write puts a file into the folder.
func (o *OpenSSL) Write(name string, b []byte) {
	o.T.Helper()
	if err := os.WriteFile(filepath.Join(o.Dir, name), b, 0o600); err != nil {
		o.T.Fatal(err)
	}
}

// Read returns a file of the folder.
func (o *OpenSSL) Read(name string) []byte {
	o.T.Helper()
	b, err := os.ReadFile(filepath.Join(o.Dir, name))
	if err != nil {
		o.T.Fatal(err)
	}
	return b
}

// Try runs OpenSSL in the folder.
func (o *OpenSSL) Try(args ...string) (string, error) {
	cmd := exec.Command(o.Path, args...)
	cmd.Dir = o.Dir
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// Run is Try for what must succeed.
func (o *OpenSSL) Run(args ...string) string {
	o.T.Helper()
	out, err := o.Try(args...)
	if err != nil {
		o.T.Fatalf("openssl %v: %v\n%s", args, err, out)
	}
	return out
}
