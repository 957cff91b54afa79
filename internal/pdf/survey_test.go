package pdf

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

// TestSurveyStrays finds what no cross reference names, and nothing else.
func TestSurveyStrays(t *testing.T) {
	for _, c := range []struct {
		name, data string // of a stream
		want       string // "N" for an object, "t" for a trailer
	}{
		{"nothing", "BT (1 0 objek) Tj ET, 12 0 obj7, objek, endobj, trailer", ""},
		{"an object", "x\n3 0 obj\n<<>>", "3"},
		{"an object in a line", "x 3 0 obj<<>>", "3"},
		{"an object that only its line shows", "x\n 3 0 obj7 endobj", "3"},
		{"a trailer", "x\ntrailer <</Root 1 0 R>>", "t"},
		{"a trailer behind a comment", "x\ntrailer %\n<</Root 1 0 R>>", "t"},
		{"both", "3 0 obj<<>>endobj 7 1 obj[]endobj\ntrailer<<>>", "3 7 t"},
	} {
		d := small()
		d.stream(4, "", []byte(c.data))
		for name, b := range map[string][]byte{
			"table": append([]byte(nil), d.table("/Root 1 0 R/Size 5").Bytes()...),
			"stream": append([]byte(nil), func() []byte {
				d := small()
				d.stream(4, "", []byte(c.data))
				return d.xrefStream(5, "/Root 1 0 R", nil).Bytes()
			}()...),
		} {
			for _, r := range []*File{open(t, b), mustOpen(t, Memory(b))} {
				s, err := r.Survey(0)
				if err != nil {
					t.Fatal(err)
				}
				var got []string
				for _, x := range s.Strays {
					if x.Ref == (Ref{}) {
						got = append(got, "t")
					} else {
						got = append(got, fmt.Sprint(x.Ref.Num))
					}
				}
				if strings.Join(got, " ") != c.want {
					t.Errorf("%s, %s: strays %v, want %s", c.name, name, got, c.want)
				}
			}
		}
	}
}

func mustOpen(t *testing.T, m Memory) *File {
	t.Helper()
	f, err := Open(m, int64(len(m)), OpenOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// TestSurveyFlood keeps the last of too many strays, which tells whether some lie behind a signature.
func TestSurveyFlood(t *testing.T) {
	d := small()
	d.stream(4, "", bytes.Repeat([]byte("3 0 obj\n"), maxStrays+50))
	d.stream(6, "", []byte("the last: 8 0 obj\n"))
	s, err := open(t, d.table("/Root 1 0 R/Size 7").Bytes()).Survey(0)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(s.Strays); n != maxStrays || s.Strays[n-1].Ref.Num != 8 {
		t.Errorf("%d strays, the last is %v", n, s.Strays[n-1])
	}
}

// TestReached compares the quick walk with one over parsed values.
func TestReached(t *testing.T) {
	d := small()
	d.obj(4, "<</A [5 0 R(6 0 R\\) 6 0 R)]/B<36203020 52>/C 12 0/D<</E 7 0 R>>%8 0 R\n/F 9 0 R/G[1 0 R]/H 1.5/I 30 0 R>>")
	d.obj(5, "10 0 R")
	d.obj(6, "11 0 R")
	d.stream(10, "/Length 13 0 R", []byte("14 0 R"))
	f := open(t, d.table("/Root 1 0 R/Info 4 0 R/Size 11").Bytes())
	got, err := f.Latest().Reached(30)
	if err != nil {
		t.Fatal(err)
	}
	for num := range uint32(31) {
		want := num == 1 || num == 2 || num == 3 || num == 4 || num == 5 || num == 7 || num == 9 || num == 10 || num == 30
		if num != 13 && got.Has(num) != want {
			t.Errorf("object %d reached is %v, want %v", num, got.Has(num), want)
		}
	}
}
