package pdf

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// pdfDoc maps the codes of PDFDocEncoding that differ from Latin-1 (ISO 32000-2 Annex D).
var pdfDoc = map[byte]rune{
	0x18: '˘', 0x19: 'ˇ', 0x1a: 'ˆ', 0x1b: '˙', 0x1c: '˝', 0x1d: '˛', 0x1e: '˚', 0x1f: '˜',
	0x80: '•', 0x81: '†', 0x82: '‡', 0x83: '…', 0x84: '—', 0x85: '–', 0x86: 'ƒ', 0x87: '⁄', 0x88: '‹', 0x89: '›', 0x8a: '−',
	0x8b: '‰', 0x8c: '„', 0x8d: '“', 0x8e: '”', 0x8f: '‘', 0x90: '’', 0x91: '‚', 0x92: '™', 0x93: 'ﬁ', 0x94: 'ﬂ', 0x95: 'Ł',
	0x96: 'Œ', 0x97: 'Š', 0x98: 'Ÿ', 0x99: 'Ž', 0x9a: 'ı', 0x9b: 'ł', 0x9c: 'œ', 0x9d: 'š', 0x9e: 'ž', 0xa0: '€',
}

var pdfDocBack = func() map[rune]byte {
	m := map[rune]byte{}
	for b, r := range pdfDoc {
		m[r] = b
	}
	return m
}()

// DecodeText reads a text string: UTF-16 with a byte order mark, UTF-8 with one, else PDFDocEncoding.
func DecodeText(s String) string {
	if plainText(s) {
		return string(s)
	}
	b := []byte(s)
	switch {
	case len(b) >= 2 && (b[0] == 0xfe && b[1] == 0xff || b[0] == 0xff && b[1] == 0xfe):
		units := make([]uint16, 0, len(b)/2)
		for i := 2; i+1 < len(b); i += 2 {
			if b[0] == 0xfe {
				units = append(units, uint16(b[i])<<8|uint16(b[i+1]))
			} else {
				units = append(units, uint16(b[i+1])<<8|uint16(b[i]))
			}
		}
		return dropLanguage(string(utf16.Decode(units)))
	case len(b) >= 3 && b[0] == 0xef && b[1] == 0xbb && b[2] == 0xbf && utf8.Valid(b[3:]):
		return string(b[3:])
	}
	var out strings.Builder
	for _, c := range b {
		if r, ok := pdfDoc[c]; ok {
			out.WriteRune(r)
		} else {
			out.WriteRune(rune(c))
		}
	}
	return out.String()
}

// plainText reports whether each byte is the same character in ASCII and PDFDocEncoding.
func plainText(s String) bool {
	for i := range len(s) {
		if c := s[i]; c >= 0x80 || c >= 0x18 && c < 0x20 {
			return false
		}
	}
	return true
}

// dropLanguage removes the escape sequences that name a language (ISO 32000-2 §7.9.2.2).
func dropLanguage(s string) string {
	var out strings.Builder
	for {
		i := strings.IndexByte(s, 0x1b)
		if i < 0 {
			break
		}
		k := strings.IndexByte(s[i+1:], 0x1b)
		if k < 0 || k > 16 {
			break
		}
		out.WriteString(s[:i])
		s = s[i+1+k+1:]
	}
	out.WriteString(s)
	return out.String()
}

// EncodeText writes a text string: PDFDocEncoding where it can hold all of it, else UTF-16.
func EncodeText(s string) String {
	out := make([]byte, 0, len(s))
	for _, r := range s {
		if r >= 0x7f {
			if b, ok := pdfDocBack[r]; ok {
				out = append(out, b)
				continue
			}
		}
		if r >= 0x20 && r < 0x7f || r == '\n' || r == '\r' || r == '\t' || r > 0xa0 && r < 0x100 && r != 0xad {
			out = append(out, byte(r))
			continue
		}
		return utf16Text(s)
	}
	if len(out) >= 2 && (out[0] == 0xfe && out[1] == 0xff || out[0] == 0xff && out[1] == 0xfe) || len(out) >= 3 && string(out[:3]) == "\xef\xbb\xbf" {
		return utf16Text(s)
	}
	return String(out)
}

func utf16Text(s string) String {
	out := []byte{0xfe, 0xff}
	for _, u := range utf16.Encode([]rune(s)) {
		out = append(out, byte(u>>8), byte(u))
	}
	return String(out)
}
