package trust

import (
	"os"
	"path/filepath"
	"testing"
)

// corpus returns a folder of the public test files, or skips the test by name when it is not there.
func corpus(t testing.TB, folder string) string {
	t.Helper()
	root := os.Getenv("ABSAH_CORPUS")
	if root == "" {
		root = filepath.Join("..", "..", "shared", "corpus")
	}
	dir := filepath.Join(root, folder)
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("corpus folder %s is missing; set ABSAH_CORPUS", folder)
	}
	return dir
}

func readFile(t testing.TB, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// writeSection puts a part of docs/conformance.md into the folder that ABSAH_SECTIONS names.
func writeSection(t *testing.T, name, text string) {
	t.Helper()
	if dir := os.Getenv("ABSAH_SECTIONS"); dir != "" {
		if err := os.WriteFile(filepath.Join(dir, name+".md"), []byte(text), 0o644); err != nil {
			t.Error(err)
		}
	}
}
