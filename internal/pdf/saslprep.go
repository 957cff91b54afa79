package pdf

import (
	"errors"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

var errSASLPrep = errors.New("the password has characters that are not allowed in passwords")

// saslPrep prepares a password as RFC 4013 does: the security handler of revision 6 uses it (ISO 32000-2 §7.6.4.3.3). The check of
// text in two directions (RFC 3454 §6) is left out: it only forbids passwords, and here one is compared with what the file has.
func saslPrep(s string) (string, error) {
	var b strings.Builder
	for _, r := range s {
		switch {
		case mappedToNothing(r):
		case r != ' ' && unicode.Is(unicode.Zs, r):
			b.WriteByte(' ')
		default:
			b.WriteRune(r)
		}
	}
	out := norm.NFKC.String(b.String())
	for _, r := range out {
		if prohibited(r) {
			return "", errSASLPrep
		}
	}
	return out, nil
}

// mappedToNothing is table B.1 of RFC 3454.
func mappedToNothing(r rune) bool {
	switch r {
	case 0x00ad, 0x034f, 0x1806, 0x180b, 0x180c, 0x180d, 0x200b, 0x200c, 0x200d, 0x2060, 0xfeff:
		return true
	}
	return r >= 0xfe00 && r <= 0xfe0f
}

// prohibited is tables C.1.2, C.2, C.3, C.4, C.5, C.6, C.7, C.8 and C.9 of RFC 3454.
func prohibited(r rune) bool {
	switch {
	case r != ' ' && unicode.Is(unicode.Zs, r), unicode.IsControl(r), unicode.Is(unicode.Co, r), unicode.Is(unicode.Cs, r):
		return true
	case r >= 0xfdd0 && r <= 0xfdef, r&0xfffe == 0xfffe, r >= 0xfff9 && r <= 0xfffd, r >= 0x2ff0 && r <= 0x2ffb:
		return true
	case r == 0x0340, r == 0x0341, r == 0x06dd, r == 0x070f, r == 0x180e, r == 0x2028, r == 0x2029:
		return true
	case r >= 0x200c && r <= 0x200f, r >= 0x202a && r <= 0x202e, r >= 0x2060 && r <= 0x2063, r >= 0x206a && r <= 0x206f:
		return true
	case r == 0xe0001, r >= 0xe0020 && r <= 0xe007f, r >= 0x1d173 && r <= 0x1d17a:
		return true
	}
	return false
}
