package blob_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"absah/internal/blob"
)

func TestFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "documents")
	f, err := blob.OpenFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	text := func(s string) func(io.Writer) error {
		return func(w io.Writer) error { _, err := io.WriteString(w, s); return err }
	}
	if err := f.Put(t.Context(), "A.pdf", text("isi")); err != nil {
		t.Fatal(err)
	}
	// What breaks off leaves the old one and nothing else.
	broken := errors.New("broken")
	if err := f.Put(t.Context(), "A.pdf", func(w io.Writer) error { return errors.Join(text("lain")(w), broken) }); !errors.Is(err, broken) {
		t.Errorf("Put = %v", err)
	}
	b, n, err := f.Get(t.Context(), "A.pdf")
	if err != nil {
		t.Fatal(err)
	}
	got := make([]byte, 3)
	if _, err := b.ReadAt(got, 0); err != nil || string(got) != "isi" || n != 3 {
		t.Errorf("read %q of %d, %v", got, n, err)
	}
	if err := b.Close(); err != nil {
		t.Error(err)
	}
	list, err := os.ReadDir(dir)
	if err != nil || len(list) != 1 {
		t.Errorf("the folder holds %v, %v", list, err)
	}
	for _, name := range []string{"", ".", "..", "../x", "a/b", "/etc/passwd", ".blob-1", "a/../b"} {
		if err := f.Put(t.Context(), name, text("x")); err == nil {
			t.Errorf("%q was written", name)
		}
		if _, _, err := f.Get(t.Context(), name); !errors.Is(err, blob.ErrNone) {
			t.Errorf("Get(%q) = %v", name, err)
		}
	}
	if _, _, err := f.Get(t.Context(), "B.pdf"); !errors.Is(err, blob.ErrNone) {
		t.Errorf("Get of what is not there = %v", err)
	}
}
