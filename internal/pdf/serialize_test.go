package pdf

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

func written(t *testing.T, o Object) string {
	t.Helper()
	s := &serializer{}
	if err := s.value(o); err != nil {
		t.Fatalf("value(%#v): %v", o, err)
	}
	return string(s.buf)
}

func TestSerialize(t *testing.T) {
	for _, c := range []struct {
		in   Object
		want string
	}{
		{nil, "null"},
		{true, "true"},
		{false, "false"},
		{Integer(math.MinInt64), "-9223372036854775808"},
		{Real(-0.5), "-0.5"},
		{Real(1e20), "100000000000000000000.0"},
		{Real(1e-7), "0.0000001"},
		{Real(3), "3.0"},
		{Real(math.Copysign(0, -1)), "0.0"},
		{Real(math.NaN()), "0.0"},
		{Real(math.Inf(-1)), "0.0"},
		{Name("Type"), "/Type"},
		{Name(""), "/"},
		{Name("A B#/(é\n"), "/A#20B#23#2F#28#C3#A9#0A"},
		{String("Budi Contoh"), "(Budi Contoh)"},
		{String(`a(b)c\d`), `(a\(b\)c\\d)`},
		{String(""), "()"},
		{String("\xfe\xff\x00A"), "<feff0041>"},
		{String("a\rb"), "<610d62>"}, // in the literal form it would be read as a line feed
		{Ref{12, 65535}, "12 65535 R"},
		{Array{Integer(1), Name("A"), nil, Array{}, Dict{}}, "[1 /A null [] <<>>]"},
		{Dict{"Z": Integer(1), "Type": Name("Sig"), "A": nil, "Subtype": Name("S"), "B": true}, "<</Type /Sig\n/Subtype /S\n/B true\n/Z 1\n>>"},
		{Literal{Bytes: []byte("<00>")}, "<00>"},
	} {
		if got := written(t, c.in); got != c.want {
			t.Errorf("value(%#v) = %q, want %q", c.in, got, c.want)
		}
	}
	for _, bad := range []Object{NewStream(Dict{}, nil), 5, "text", Dict{"A": Array{int64(1)}}} {
		if err := (&serializer{}).value(bad); err == nil {
			t.Errorf("value(%#v) is written", bad)
		}
	}
}

func TestMarks(t *testing.T) {
	s := &serializer{}
	s.text("abc")
	if err := s.value(Dict{"A": Literal{[]byte("[0 0]"), "ranges"}, "B": Array{Literal{[]byte("<00>"), "hole"}}}); err != nil {
		t.Fatal(err)
	}
	for mark, want := range map[string]string{"ranges": "[0 0]", "hole": "<00>"} {
		at, ok := s.marks[mark]
		if got := string(s.buf)[at:]; !ok || !strings.HasPrefix(got, want) {
			t.Errorf("mark %s leads to %q, want %q", mark, got, want)
		}
	}
}

func TestSerializeStream(t *testing.T) {
	s := &serializer{}
	if err := s.object(Ref{7, 2}, NewStream(Dict{"Length": Integer(99), "A": true}, []byte("isi\n"))); err != nil {
		t.Fatal(err)
	}
	if got, want := string(s.buf), "7 2 obj\n<</A true\n/Length 4\n>>\nstream\nisi\n\nendstream\nendobj\n"; got != want {
		t.Errorf("object = %q, want %q", got, want)
	}
}

// TestSerializeRandom writes random values and reads them again.
func TestSerializeRandom(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 3000 {
		o := randomObject(r, 4)
		text := written(t, o)
		back, n, err := lexed(text)
		if err != nil || n != len(text) {
			t.Fatalf("%#v is written as %q and read to byte %d, %v", o, text, n, err)
		}
		if !exactly(back, o) {
			t.Fatalf("%#v is written as %q and read as %#v", o, text, back)
		}
		if again := written(t, back); again != text {
			t.Fatalf("%q is written as %q the second time", text, again)
		}
	}
}

func randomObject(r *rand.Rand, depth int) Object {
	n := 9
	if depth == 0 {
		n = 7
	}
	text := func() string {
		b := make([]byte, r.IntN(20))
		for i := range b {
			b[i] = byte(r.IntN(256))
			if r.IntN(2) == 0 {
				b[i] = "()<>[]{}/% #\\\r\n\tAz09"[r.IntN(20)]
			}
		}
		return string(b)
	}
	switch r.IntN(n) {
	case 0:
		return nil
	case 1:
		return r.IntN(2) == 0
	case 2:
		return Integer(r.Int64()) >> r.IntN(64)
	case 3:
		return Real(r.NormFloat64() * math.Pow(10, float64(r.IntN(40)-20)))
	case 4:
		return Name(text())
	case 5:
		return String(text())
	case 6:
		return Ref{r.Uint32N(maxObjects) + 1, uint16(r.IntN(65536))}
	case 7:
		a := Array{}
		for range r.IntN(6) {
			a = append(a, randomObject(r, depth-1))
		}
		return a
	}
	d := Dict{}
	for range r.IntN(6) {
		d[Name(text())] = randomObject(r, depth-1)
	}
	return d
}

// exactly compares a value that was read with what was written: null values of a dictionary are gone, a whole Real may have become
// an Integer.
func exactly(got, want Object) bool {
	switch w := want.(type) {
	case Real:
		switch g := got.(type) {
		case Integer:
			return Real(g) == w
		case Real:
			return g == w
		}
		return false
	case Array:
		g, ok := got.(Array)
		if !ok || len(g) != len(w) {
			return false
		}
		for i := range w {
			if !exactly(g[i], w[i]) {
				return false
			}
		}
		return true
	case Dict:
		g, ok := got.(Dict)
		if !ok {
			return false
		}
		n := 0
		for k, o := range w {
			if o == nil {
				continue
			}
			n++
			if !exactly(g[k], o) {
				return false
			}
		}
		return n == len(g)
	}
	return got == want
}

// FuzzSerializeRoundTrip reads a value, writes it, and must read the same again.
func FuzzSerializeRoundTrip(f *testing.F) {
	for _, s := range []string{"<</A[1 0 R(x\\)y)<00>]/B/C#20/D true>>", "[1 -2.5 +.3 null false .0000001 1e5]", "(\\123\\\r\n())", "<</A null/A 1/#00 2>>", "99999999999999999999", "<</Type/X/Subtype/Y/Z(\r)>>"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) > 64<<10 {
			return
		}
		o, _, err := lexed(string(b))
		if err != nil {
			return
		}
		text := written(t, o)
		back, n, err := lexed(text)
		if err != nil || n != len(text) {
			t.Fatalf("%q is written as %q and read to byte %d, %v", b, text, n, err)
		}
		if !exactly(back, o) {
			t.Fatalf("%q = %#v is written as %q and read as %#v", b, o, text, back)
		}
		if again := written(t, back); again != text {
			t.Fatalf("%q is written as %q the second time", text, again)
		}
	})
}
