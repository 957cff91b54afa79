package stamp

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// placed is one character as drawn: the glyph and the character that it shows.
type placed struct {
	glyph uint16
	shows rune
}

// blank is drawn for a character that the font lacks: the empty square, which a reader takes for what it is.
const blank = '□'

// alike gives characters of names and of typesetting that fonts lack the one that looks the same.
var alike = map[rune]rune{
	'\u2010': '-', '\u2011': '-', '\u2015': '\u2014',
	'\u02bb': '\u2018', '\u02bc': '\u2019', '\u02be': '\u2019', '\u02bf': '\u2018', '\u02b9': '\'',
}

// shape turns text into glyphs, one for each character after composition. White space of every kind becomes a space; control,
// direction and zero-width characters are dropped, because they could make a name read differently from what it is.
func (f *Font) shape(s string) []placed {
	out := make([]placed, 0, len(s))
	f.walk(s, func(c placed, _ rune, _ bool) { out = append(out, c) })
	return out
}

// walk calls show for every character that is drawn; lost says that it stands for from, which the font lacks.
func (f *Font) walk(s string, show func(c placed, from rune, lost bool)) {
	if !isASCII(s) {
		s = norm.NFC.String(s)
	}
	for _, r := range s {
		switch {
		case r > ' ' && r < 0x7f:
		case unicode.IsSpace(r):
			r = ' '
		case unicode.In(r, unicode.Cc, unicode.Cf, unicode.Variation_Selector):
			continue
		}
		if g := f.glyph(r); g != 0 {
			show(placed{g, r}, r, false)
			continue
		}
		if a, ok := alike[r]; ok {
			show(placed{f.glyph(a), a}, r, false)
			continue
		}
		// The letter without its marks is closer to the name than a square.
		base, _ := utf8.DecodeRuneInString(norm.NFD.String(string(r)))
		switch {
		case base != r && f.glyph(base) != 0:
			show(placed{f.glyph(base), base}, r, true)
		case unicode.Is(unicode.Mn, r):
			show(placed{f.glyph('\''), '\''}, r, true)
		default:
			show(placed{f.glyph(blank), blank}, r, true)
		}
	}
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// Missing lists the characters of text that the font cannot draw, each once, in the order of their appearance. Draw shows the
// letter without its marks instead, or an empty square.
func (f *Font) Missing(text string) (runes []rune) {
	f.walk(text, func(_ placed, from rune, lost bool) {
		if lost && !slices.Contains(runes, from) {
			runes = append(runes, from)
		}
	})
	return runes
}

// Missing lists the characters of text that an appearance cannot draw as they are.
func Missing(text string) []rune {
	runes := Regular().Missing(text)
	for _, r := range Bold().Missing(text) {
		if !slices.Contains(runes, r) {
			runes = append(runes, r)
		}
	}
	return runes
}

// Wrap breaks text between words into lines that are at most width points wide. A word that is wider stands alone and is broken
// between letters. Text without a visible character gives no line.
func (f *Font) Wrap(text string, size, width float64) []string {
	return f.measure(text).wrap(width * 1000 / size)
}

// paragraph is text that was measured once, to be wrapped for several sizes and widths. Widths are thousandths of the font size.
type paragraph struct {
	font   *Font
	words  []string
	widths []float64
	space  float64
}

func (f *Font) measure(text string) paragraph {
	p := paragraph{font: f, space: f.Width(" ", 1000)}
	for word := range strings.FieldsSeq(text) {
		if w := f.Width(word, 1000); w > 0 { // else nothing of it is drawn
			p.words, p.widths = append(p.words, word), append(p.widths, w)
		}
	}
	return p
}

// lines is the number of lines at a width, and whether every word stays whole. Where one does not, the number is that of wrap if
// exact is set, which takes longer, and 0 if not.
func (p paragraph) lines(width float64, exact bool) (n int, whole bool) {
	used := 0.0
	for i, w := range p.widths {
		if w > width {
			if exact {
				n = len(p.wrap(width))
			} else {
				n = 0
			}
			return n, false
		}
		if i == 0 || used+p.space+w > width {
			n, used = n+1, w
		} else {
			used += p.space + w
		}
	}
	return n, true
}

func (p paragraph) wrap(width float64) (lines []string) {
	var line []byte
	used := 0.0
	for i, word := range p.words {
		w := p.widths[i]
		if len(line) > 0 && used+p.space+w <= width {
			line, used = append(append(line, ' '), word...), used+p.space+w
			continue
		}
		if len(line) > 0 {
			lines = append(lines, string(line))
		}
		for w > width {
			head, wide := p.font.prefix(word, 1000, width)
			if head == word {
				break
			}
			lines = append(lines, head)
			word, w = word[len(head):], w-wide
		}
		line, used = append(line[:0], word...), w
	}
	if len(line) > 0 {
		lines = append(lines, string(line))
	}
	return lines
}

// balance is the least width, to half the font size, at which the text takes no more lines than at the given one: lines of about
// the same length read better than a full one and a rest.
func (p paragraph) balance(width float64) float64 {
	n, whole := p.lines(width, false)
	if n < 2 || !whole {
		return width
	}
	low, high := width/float64(n), width
	for high-low > 500 {
		mid := (low + high) / 2
		if k, ok := p.lines(mid, false); ok && k == n {
			high = mid
		} else {
			low = mid
		}
	}
	return high
}

// prefix is the longest beginning of text that fits, one character at least, and its width. Letters keep their marks.
func (f *Font) prefix(text string, size, width float64) (head string, wide float64) {
	var it norm.Iter
	it.InitString(norm.NFC, text)
	end := 0
	for !it.Done() {
		it.Next()
		w := f.Width(text[end:it.Pos()], size)
		if end > 0 && wide+w > width {
			break
		}
		end, wide = it.Pos(), wide+w
	}
	return text[:end], wide
}

// ellipsis shortens text to width and ends it with three dots.
func (f *Font) ellipsis(text string, size, width float64) string {
	const dots = "…"
	head, _ := f.prefix(text, size, width-f.Width(dots, size))
	if head = strings.TrimRight(head, " ,.;:"); f.Width(head+dots, size) > width {
		return dots // not one letter fits
	}
	return head + dots
}
