package pdf

import (
	"slices"
	"strings"
	"testing"
)

func TestSASLPrep(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"soft hyphen is dropped", "I\u00adX", "IX"}, // RFC 4013 §3 has the first five
		{"plain", "user", "user"},
		{"case stays", "USER", "USER"},
		{"ordinal becomes a letter", "\u00aa", "a"},
		{"roman number becomes letters", "\u2168", "IX"},
		{"as typed in a corpus file", "S\u00aaSL\u00adprep", "SaSLprep"},
		{"other spaces become a space", "a\u00a0b\u3000c\u1680d", "a b c d"},
		{"zero-width ones are dropped", "a\u200bb\u2060c\ufeffd\ufe0fe", "abcde"},
		{"composed", "e\u0301", "\u00e9"},
		{"empty", "", ""},
		{"Indonesian", "Kata Sandi 1!", "Kata Sandi 1!"},
	} {
		if got, err := saslPrep(c.in); got != c.want || err != nil {
			t.Errorf("%s: saslPrep(%q) = %q, %v, want %q", c.name, c.in, got, err, c.want)
		}
	}
	for _, in := range []string{"\u0007", "a\u007f", "\u0085", "\ue000", "\ufdd0", "\U0001ffff", "\u202e", "\u2028", "\ufff9", "\u2ff0", "\U000e0001", "\xff", "\u06dd"} {
		if got, err := saslPrep(in); err == nil {
			t.Errorf("saslPrep(%q) = %q, want a refusal", in, got)
		}
	}
}

func TestAESPasswords(t *testing.T) {
	long := strings.Repeat("é", 100) // 200 bytes
	for _, c := range []struct {
		in   string
		want []string
	}{
		{"biasa", []string{"biasa"}},
		{"", []string{""}},
		{"a\u00adb", []string{"ab", "a\u00adb"}}, // some producers do not prepare
		{"\u0007", []string{"\u0007"}},
		{long, []string{long[:127]}},
	} {
		var got []string
		for _, b := range aesPasswords(c.in) {
			got = append(got, string(b))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("aesPasswords(%q) = %q, want %q", c.in, got, c.want)
		}
	}
}

func TestLegacyPasswords(t *testing.T) {
	for _, c := range []struct {
		in   string
		want []string
	}{
		{"biasa", []string{"biasa"}},
		{"æøå", []string{"\xe6\xf8\xe5", "æøå"}},
		{"10 €", []string{"10 \xa0", "10 €"}},
		{"密码", []string{"密码"}}, // not in PDFDocEncoding
	} {
		var got []string
		for _, b := range legacyPasswords(c.in) {
			got = append(got, string(b))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("legacyPasswords(%q) = %q, want %q", c.in, got, c.want)
		}
	}
}
