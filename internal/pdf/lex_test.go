package pdf

import (
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"
)

func lexed(s string) (Object, int, error) {
	l := &lexer{buf: []byte(s), last: true, ref: true}
	o, err := l.object(0)
	return o, l.pos, err
}

func TestLexer(t *testing.T) {
	for in, want := range map[string]Object{
		"null":                          nil,
		"true ":                         true,
		"0":                             Integer(0),
		"-17":                           Integer(-17),
		"+5":                            Integer(5),
		"--5":                           Integer(-5),
		"007":                           Integer(7),
		"9223372036854775807":           Integer(math.MaxInt64),
		"9999999999999999999":           Real(1e19),
		".5":                            Real(.5),
		"4.":                            Real(4),
		"-.002":                         Real(-.002),
		"0.35":                          Real(0.35),
		"1.2.3":                         Real(1.2),
		"5-3":                           Real(5),
		strings.Repeat("9", 500):        Real(0),
		"1 0 R":                         Ref{1, 0},
		"12 65535 R":                    Ref{12, 65535},
		"1 0 Rx":                        Integer(1),
		"1\n0\rR ":                      Ref{1, 0},
		"/Name":                         Name("Name"),
		"/A#20B#2fC":                    Name("A B/C"),
		"/#":                            Name("#"),
		"/#4":                           Name("#4"),
		"/":                             Name(""),
		"(a(b)c)":                       String("a(b)c"),
		`(\n\r\t\b\f\(\)\\\q)`:          String("\n\r\t\b\f()\\q"),
		`(\1\12\123\1234\400)`:          String("\x01\n\x53\x534\x00"),
		"(a\\\r\nb\\\nc\\\rd)":          String("abcd"),
		"(a\r\nb\rc)":                   String("a\nb\nc"),
		"<48 65\n6c6C 6>":               String("Hell`"),
		"<>":                            String(""),
		"[1 2R 3 0 R]":                  Array{Integer(1), Ref{3, 0}}, // 2R is no value
		"[/A/B(c)<00>]":                 Array{Name("A"), Name("B"), String("c"), String("\x00")},
		"[1 % comment ]\n 2]":           Array{Integer(1), Integer(2)},
		"<</A 1/B/C/D[<<>>]>>":          Dict{"A": Integer(1), "B": Name("C"), "D": Array{Dict{}}},
		"<</A 1/A 2>>":                  Dict{"A": Integer(2)},
		"<</A 1/A null>>":               Dict{},
		"<</A>>":                        Dict{},
		"<</A 1 [2 3] /B 4>>":           Dict{"A": Integer(1), "B": Integer(4)},
		"<</Contents /ByteRange[0 1]>>": Dict{"Contents": Name("ByteRange")},
		"<</A 1> ":                      Dict{"A": Integer(1)},
		"[1 endobj":                     Array{Integer(1)},
		"<</A 1/B[2 <</C 3 endobj":      Dict{"A": Integer(1), "B": Array{Integer(2), Dict{"C": Integer(3)}}},
		"<</A[1 2 /B>>":                 Dict{"A": Array{Integer(1), Integer(2), Name("B")}},
		"<</A 1]}/B 2>>":                Dict{"A": Integer(1), "B": Integer(2)},
		"[1 > 2]":                       Array{Integer(1), Integer(2)},
		"<</A foo/B 2>>":                Dict{"B": Integer(2)},
	} {
		o, _, err := lexed(in)
		if err != nil || !reflect.DeepEqual(o, want) {
			t.Errorf("object(%.40q) = %#v, %v, want %#v", in, o, err, want)
		}
	}
	for _, in := range []string{"", "  % only a comment", "(", "(a\\", "<48", "[1", "<</A", "<</A 1", "foo", ")", "]", ">>", "-x", "endobj", "[1", "<</A [1 2", strings.Repeat("[", 200) + strings.Repeat("]", 200)} {
		if o, _, err := lexed(in); err == nil {
			t.Errorf("object(%.40q) = %#v, want an error", in, o)
		}
	}
}

// TestWindows reads each text through every window that ends inside it: the reader must ask for more or read the same.
func TestWindows(t *testing.T) {
	for _, in := range []string{
		"<</Type/Sig/ByteRange[0 1 2 3]/Contents<0011223344>/M(D:2026\\)(x))/R 12 0 R/N null/F -1.5/T true>> ",
		"[1 0 R 2 0 3 0 R<</A/B>>(a\r\nb)/Name#20x % c\n 5] ", "123 ", "12 0 R ", "true ", "/Name ", "<</A 1>stray ", "<</A>> ", "<</K [1]foo/B 2>> ", "<</A[1 <</B 2 endobj ", "<</A[1 2 > 3 >> ", "<</A 1]/B 2>> ",
	} {
		want, end, err := lexed(in)
		if err != nil {
			t.Fatalf("%q: %v", in, err)
		}
		for n := range len(in) {
			l := &lexer{buf: []byte(in[:n]), ref: true}
			o, err := l.object(0)
			if err == errShort {
				continue
			}
			if err != nil || !reflect.DeepEqual(o, want) || l.pos != end {
				t.Errorf("object(%q) in a window of %d = %#v to %d, %v, want %#v to %d", in, n, o, l.pos, err, want, end)
			}
		}
	}
}

func TestNotesOfObjects(t *testing.T) {
	for in, want := range map[string]string{
		"<</A 1/A 2>>":    "duplicate-key",
		"<</A foo>>":      "stray-token",
		"<</A>>":          "key-without-value",
		"<</A 1 (b)>>":    "value-without-key",
		"<</A 1> ":        "dict-end",
		"<</A[1>>":        "array-end",
		"<</A[<</B 1":     "object-cut",
		"[1 2 foo ) {}]":  "stray-token",
		"<</A 1/B(x\r)>>": "",
	} {
		d := small()
		d.obj(4, in)
		f := open(t, d.table("/Root 1 0 R/Size 5").Bytes())
		if _, err := f.Latest().Get(Ref{Num: 4}); err != nil {
			t.Errorf("Get(%q): %v", in, err)
		}
		if got := codes(f); got != want {
			t.Errorf("notes of %q = %q, want %q", in, got, want)
		}
	}
}

func TestNotesAreBounded(t *testing.T) {
	d := small()
	for i := range 500 {
		d.obj(4+i, "<</A 1/A 2>>")
	}
	d.obj(600, "<</A foo>>")
	f := open(t, d.table("/Root 1 0 R/Size 700").Bytes())
	for num := range uint32(601) {
		if _, err := f.Latest().Get(Ref{Num: num}); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(f.Notes()); n != maxSameNote+1 {
		t.Errorf("%d notes, want %d of one kind and the other one", n, maxSameNote+1)
	}
}

func TestText(t *testing.T) {
	for in, want := range map[String]string{
		"Budi Contoh":                             "Budi Contoh",
		"\xfe\xff\x00B\x00u\xd8\x3d\xde\x00":      "Bu😀",
		"\xff\xfeB\x00u\x00":                      "Bu",
		"\xef\xbb\xbfSur\xc3\xa9":                 "Suré",
		"\xfe\xff\x00\x1b\x00i\x00d\x00\x1b\x00B": "B",
		"\x8d\x8e\xa0\xe9":                        "“”€é",
		"":                                        "",
	} {
		if got := DecodeText(in); got != want {
			t.Errorf("DecodeText(%q) = %q, want %q", string(in), got, want)
		}
	}
	start := time.Now()
	if got := DecodeText(String("\xfe\xff\x00A" + strings.Repeat("\x00\x1b", 200_000))); got != "A" {
		t.Errorf("DecodeText of many empty languages = %d bytes, want 1", len(got))
	}
	if took := time.Since(start); took > time.Second && !race {
		t.Errorf("DecodeText of many empty languages took %v", took)
	}
	for _, s := range []string{"", "Jl. Merdeka 1", "Keputusan № 5", "“Surat”", "😀", "þÿ", "\xef\xbb\xbf", "a\tb\nc", "\x18\x1b"} {
		if got := DecodeText(EncodeText(s)); got != s {
			t.Errorf("DecodeText(EncodeText(%q)) = %q", s, got)
		}
	}
}

func ExampleView_Text() {
	d := small()
	b := d.table("/Root 1 0 R/Size 4/Info<</Title(Surat Tugas)>>").Bytes()
	f, _ := Open(strings.NewReader(string(b)), int64(len(b)), OpenOptions{})
	info, _ := f.Latest().Dict(f.Latest().Trailer()["Info"])
	title, _ := f.Latest().Text(info["Title"])
	fmt.Println(title)
	// Output: Surat Tugas
}
