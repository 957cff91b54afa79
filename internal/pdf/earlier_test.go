package pdf

import (
	"bytes"
	"reflect"
	"testing"
)

// TestOpenEarlier opens an updated file with and without what was read before the update: there must be no difference, and a
// File over other bytes must not count.
func TestOpenEarlier(t *testing.T) {
	n := NewDocument("1.7")
	root, pages, page := n.Alloc(), n.Alloc(), n.Alloc()
	n.Set(root, Dict{"Type": Name("Catalog"), "Pages": pages})
	n.Set(pages, Dict{"Type": Name("Pages"), "Count": Integer(1), "Kids": Array{page}})
	n.Set(page, Dict{"Type": Name("Page"), "Parent": pages, "MediaBox": Array{Integer(0), Integer(0), Integer(100), Integer(100)}})
	n.SetTrailer("Root", root)
	var b bytes.Buffer
	if _, err := n.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	m := append(make(Memory, 0, b.Len()+4096), b.Bytes()...)
	before, err := Open(m, int64(len(m)), OpenOptions{})
	if err != nil {
		t.Fatal(err)
	}
	u, err := NewUpdate(before)
	if err != nil {
		t.Fatal(err)
	}
	u.Set(page, Dict{"Type": Name("Page"), "Parent": pages, "MediaBox": Array{Integer(0), Integer(0), Integer(200), Integer(200)}})
	u.WriteInto(m[len(m):])
	a, err := u.Bytes("")
	if err != nil {
		t.Fatal(err)
	}
	after := append(m, a.Bytes...)
	if &after[0] != &m[0] || &a.Bytes[0] != &after[len(m)] {
		t.Fatal("the update is not written in place")
	}
	want, err := Open(after, int64(len(after)), OpenOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		file   Memory
		shares bool
	}{{"the same memory", after, true}, {"a copy", append(Memory{}, after...), false}} {
		got, err := Open(c.file, int64(len(c.file)), OpenOptions{Earlier: before})
		if err != nil {
			t.Fatalf("Open(%s) = %v", c.name, err)
		}
		if (got.earlier != nil) != c.shares {
			t.Errorf("Open(%s) shares = %v, want %v", c.name, got.earlier != nil, c.shares)
		}
		if !reflect.DeepEqual(got.Revisions(), want.Revisions()) {
			t.Errorf("Open(%s) has revisions %+v, want %+v", c.name, got.Revisions(), want.Revisions())
		}
		for rev := range want.Revisions() {
			for _, r := range []Ref{root, pages, page} {
				g, _ := got.At(rev).Get(r)
				w, _ := want.At(rev).Get(r)
				if !reflect.DeepEqual(g, w) {
					t.Errorf("Open(%s) revision %d object %d = %v, want %v", c.name, rev, r.Num, g, w)
				}
			}
		}
	}
}
