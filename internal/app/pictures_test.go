package app

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"testing"

	"absah/internal/blob"
	"absah/internal/picture"
	"absah/internal/remotesign"
)

// TestPictures: a page with a national number on it is not kept for everybody to see; what is kept goes again, however often one asks.
func TestPictures(t *testing.T) {
	dir := t.TempDir()
	files, err := blob.OpenFolder(filepath.Join(dir, "documents"))
	if err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	if err := files.Put(ctx, "KODE.pdf", func(w io.Writer) error { _, err := w.Write([]byte("%PDF-")); return err }); err != nil {
		t.Fatal(err)
	}
	drawn := filepath.Join(dir, "drawn")
	p := pictures{files, &picture.Painter{Command: []string{"/bin/sh", "-c", `cat >&2; cat "$0"`, drawn}, Cache: filepath.Join(dir, "cache")}}
	for text, want := range map[string]error{"Nomor 800/1/2027": nil, "atas nama Budi, NIK 3300000000000001": remotesign.ErrPrivate} {
		answer := bytes.NewBuffer(binary.BigEndian.AppendUint32(nil, uint32(len(text))))
		answer.WriteString(text)
		if err := png.Encode(answer, image.NewGray(image.Rect(0, 0, 10, 10))); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(drawn, answer.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		b, err := p.Draw(ctx, "KODE")
		if !errors.Is(err, want) || (len(b) > 0) != (want == nil) {
			t.Errorf("a page with %q: %d bytes, %v", text, len(b), err)
		}
	}
	if _, err := p.Draw(ctx, "TIDAKADA"); err == nil {
		t.Error("a document that is not there was drawn")
	}
	if err := p.Keep(ctx, "KODE", []byte("page")); err != nil {
		t.Fatal(err)
	}
	if f, size, err := files.Get(ctx, "KODE.jpg"); err != nil || size != 4 {
		t.Errorf("kept: %d, %v", size, err)
	} else if err := f.Close(); err != nil {
		t.Error(err)
	}
	for range 2 {
		if err := p.Erase(ctx, "KODE"); err != nil {
			t.Error(err)
		}
	}
	if _, _, err := files.Get(ctx, "KODE.jpg"); !errors.Is(err, blob.ErrNone) {
		t.Errorf("erased: %v", err)
	}
	if _, _, err := files.Get(ctx, "KODE.pdf"); err != nil {
		t.Errorf("the document went with its picture: %v", err)
	}
}
