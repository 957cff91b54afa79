package pdf

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

// letterOf is a small complete document.
func letterOf(form string) *NewFile {
	n := NewDocument("1.7")
	tree := n.Alloc()
	content := n.Add(DeflateStream(Dict{}, []byte(strings.Repeat("BT ET\n", 100))))
	page := n.Add(Dict{"Type": Name("Page"), "Parent": tree, "Contents": content, "Resources": Dict{}})
	n.Set(tree, Dict{"Type": Name("Pages"), "Kids": Array{page}, "Count": Integer(1), "MediaBox": Array{Integer(0), Integer(0), Integer(200), Integer(300)}, "Rotate": Integer(90)})
	root := n.Add(Dict{"Type": Name("Catalog"), "Pages": tree})
	n.SetTrailer("Root", root)
	switch form {
	case "stream":
		n.UseXrefStream()
	case "packed":
		n.Pack(root, tree, page)
	}
	return n
}

func TestNewFile(t *testing.T) {
	for form, kind := range map[string]XrefKind{"table": XrefTable, "stream": XrefStream, "packed": XrefStream} {
		t.Run(form, func(t *testing.T) {
			var b, again bytes.Buffer
			n, err := letterOf(form).WriteTo(&b)
			if err != nil || n != int64(b.Len()) {
				t.Fatalf("WriteTo = %d of %d bytes, %v", n, b.Len(), err)
			}
			letterOf(form).WriteTo(&again)
			if !bytes.Equal(b.Bytes(), again.Bytes()) {
				t.Error("the bytes are others the second time")
			}
			f := open(t, b.Bytes())
			if f.Version() != "1.7" || f.Repaired() || codes(f) != "" || len(f.Revisions()) != 1 || f.Revisions()[0].Kind != kind || f.Revisions()[0].End != f.Size() {
				t.Errorf("version %s, notes %v, revisions %+v", f.Version(), f.Notes(), f.Revisions())
			}
			onePage(t, f)
			if got := gapsOf(t, f); got != "" {
				t.Errorf("gaps = %q", got)
			}
			page, err := f.Latest().Page(0)
			if err != nil {
				t.Fatal(err)
			}
			st, _ := f.Latest().Stream(page.Dict["Contents"])
			if data, err := f.Latest().StreamData(st, 0); err != nil || len(data) != 600 {
				t.Errorf("Contents has %d bytes, %v", len(data), err)
			}
			if e, _ := f.Latest().Lookup(page.Ref.Num); (e.Stream != 0) != (form == "packed") {
				t.Errorf("the page is at %+v", e)
			}
			id, _ := f.Latest().Trailer()["ID"].(Array)
			if len(id) != 2 || id[0] != id[1] || len(id[0].(String)) != 16 {
				t.Errorf("ID = %v", id)
			}
			strict(t, b.Bytes())
			updated, _, _ := append1(t, b.Bytes())
			checkAppended(t, open(t, updated))
			strict(t, updated)
		})
	}
	if _, err := NewDocument("1.7").WriteTo(&bytes.Buffer{}); err == nil {
		t.Error("a document without Root is written")
	}
	n := letterOf("packed")
	n.Pack(n.Add(NewStream(Dict{}, nil)))
	if _, err := n.WriteTo(&bytes.Buffer{}); err == nil || !strings.Contains(err.Error(), "object 5") {
		t.Errorf("a stream in an object stream: %v", err)
	}
}

// TestCopyStream takes streams from one file to others, with and without encryption.
func TestCopyStream(t *testing.T) {
	k := lock{v: 4, r: 4, length: 16, cfm: "AESV2", user: "u", owner: "o"}
	d, e := k.key([]byte(fileID))
	f, err := openWith(protected(t, d, e, false), "u")
	if err != nil {
		t.Fatal(err)
	}
	st, err := f.Latest().Stream(Ref{Num: contentNum})
	if err != nil {
		t.Fatal(err)
	}
	n := letterOf("table")
	copied := n.Add(st)
	var b bytes.Buffer
	if _, err := n.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	check := func(f *File, r Ref) {
		t.Helper()
		v := f.Latest()
		st, err := v.Stream(r)
		if err != nil || st == nil {
			t.Fatalf("stream %v: %v", r, err)
		}
		if data, err := v.StreamData(st, 0); err != nil || string(data) != "BT ET % isi halaman" {
			t.Errorf("stream = %q, %v", data, err)
		}
	}
	open1 := open(t, b.Bytes())
	check(open1, copied)
	// And back, encrypted with another key.
	k6 := lock{v: 5, r: 6, length: 32, cfm: "AESV3", user: "u", owner: "o"}
	d, e = k6.key([]byte(fileID))
	target := protected(t, d, e, true)
	g, err := openWith(target, "u")
	if err != nil {
		t.Fatal(err)
	}
	u, err := NewUpdate(g)
	if err != nil {
		t.Fatal(err)
	}
	st, _ = open1.Latest().Stream(copied)
	r := u.Alloc()
	u.Set(r, st)
	a, err := u.Bytes("")
	if err != nil {
		t.Fatal(err)
	}
	g, err = openWith(append(target, a.Bytes...), "u")
	if err != nil {
		t.Fatal(err)
	}
	check(g, r)
}

func TestDeflateStream(t *testing.T) {
	d := Dict{"Filter": Name("ASCIIHexDecode"), "DecodeParms": Dict{"Predictor": Integer(12)}, "A": true}
	for i := range 3 { // compressors are used again
		data := []byte(strings.Repeat(fmt.Sprint("isi ", i), 1000))
		st := DeflateStream(d, data)
		if st.Dict["Filter"] != Name("FlateDecode") || st.Dict["DecodeParms"] != nil || st.Dict["A"] != true || d["Filter"] != Name("ASCIIHexDecode") {
			t.Errorf("dictionary = %v, was %v", st.Dict, d)
		}
		v := open(t, small().table("/Root 1 0 R/Size 4").Bytes()).Latest()
		if got, err := v.StreamData(st, 0); err != nil || !bytes.Equal(got, data) || len(st.data) > 200 {
			t.Errorf("%d bytes become %d and %d, %v", len(data), len(st.data), len(got), err)
		}
	}
}

func ExampleNewDocument() {
	n := NewDocument("1.7")
	tree := n.Alloc()
	page := n.Add(Dict{"Type": Name("Page"), "Parent": tree, "MediaBox": Array{Integer(0), Integer(0), Integer(595), Integer(842)}})
	n.Set(tree, Dict{"Type": Name("Pages"), "Kids": Array{page}, "Count": Integer(1)})
	n.SetTrailer("Root", n.Add(Dict{"Type": Name("Catalog"), "Pages": tree}))
	var b bytes.Buffer
	if _, err := n.WriteTo(&b); err != nil {
		fmt.Println(err)
	}
	f, err := Open(bytes.NewReader(b.Bytes()), int64(b.Len()), OpenOptions{})
	if err != nil {
		fmt.Println(err)
	}
	fmt.Println(f.Latest().Pages())
	// Output: 1 <nil>
}
