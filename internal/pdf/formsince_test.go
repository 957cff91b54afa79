package pdf

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"testing"
)

// sameForms holds the form of each revision, made by continuing that of the one before, against the same read from nothing. It returns
// how many were continued.
func sameForms(t *testing.T, f *File) (continued int) {
	t.Helper()
	for rev := range f.Revisions() {
		got, kept, err := f.At(rev).FieldsSince(rev - 1)
		if kept && rev > 0 {
			continued++
		}
		f.mu.Lock()
		memo := f.form
		f.form = nil
		f.mu.Unlock()
		want, again := f.At(rev).Fields()
		if (err == nil) != (again == nil) {
			t.Errorf("revision %d: Fields = %v when continued, %v when read from nothing", rev, err, again)
		}
		if err == nil && !reflect.DeepEqual(got, want) && len(got)+len(want) > 0 {
			t.Errorf("revision %d: Fields = %v when continued, %v when read from nothing", rev, got, want)
		}
		f.form = memo
	}
	return continued
}

func TestFieldsSince(t *testing.T) {
	const head = "<</Type/Catalog/Pages 2 0 R/AcroForm 4 0 R>>"
	base := func(list string) *draft {
		d := small()
		d.obj(1, head)
		d.obj(4, "<</Fields["+list+"]>>")
		d.obj(5, "<</T(a)/FT/Tx/V 7 0 R/Kids[8 0 R]>>")
		d.obj(6, "<</T(b)/FT/Sig/Parent 9 0 R>>")
		d.obj(7, "(satu)")
		d.obj(8, "<</Subtype/Widget/Parent 5 0 R>>")
		d.obj(9, "<</T(p)/Ff 1>>")
		d.table("/Root 1 0 R/Size 10")
		return d
	}
	for _, c := range []struct {
		name, list string
		num        int
		to         string
		kept       bool
	}{
		{"nothing of it", "5 0 R 6 0 R", 20, "(lain)", true},
		{"another field", "5 0 R 6 0 R", 4, "<</Fields[5 0 R 6 0 R 10 0 R]>>", true},
		{"a field goes", "5 0 R 6 0 R", 4, "<</Fields[6 0 R]>>", false},
		{"another order", "5 0 R 6 0 R", 4, "<</Fields[6 0 R 5 0 R]>>", false},
		{"the value", "5 0 R 6 0 R", 7, "(dua)", false},
		{"the value vanishes", "5 0 R 6 0 R", 7, "null", false},
		{"a widget", "5 0 R 6 0 R", 8, "<</Subtype/Widget/Parent 5 0 R/T(c)>>", false},
		{"a parent", "5 0 R 6 0 R", 9, "<</T(q)>>", false},
		{"twice", "5 0 R 5 0 R", 20, "(lain)", false},
		{"a direct one", "5 0 R <</T(d)/FT/Tx>>", 20, "(lain)", false},
		{"one that was missing", "5 0 R 10 0 R", 10, "<</T(e)/FT/Tx>>", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := base(c.list)
			d.obj(c.num, c.to)
			d.table("/Root 1 0 R/Size 21")
			f, err := Open(bytes.NewReader(d.Bytes()), int64(d.Len()), OpenOptions{})
			if err != nil {
				t.Fatal(err)
			}
			if n := len(f.Revisions()); n != 2 {
				t.Fatalf("%d revisions, want 2", n)
			}
			if got := sameForms(t, f) == 1; got != c.kept {
				t.Errorf("kept = %t, want %t", got, c.kept)
			}
		})
	}
}

func TestFieldsSinceVectors(t *testing.T) {
	names, err := filepath.Glob("../../vectors/*.pdf")
	if err != nil || len(names) == 0 {
		t.Fatalf("no vectors: %v", err)
	}
	continued := 0
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if f, err := Open(bytes.NewReader(b), int64(len(b)), OpenOptions{}); err == nil {
			continued += sameForms(t, f)
		}
	}
	if continued < 50 {
		t.Errorf("%d forms were continued, want more: the test compares nothing", continued)
	}
}
