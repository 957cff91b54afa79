package pades

import (
	"strings"
	"unicode"
)

// lookalikes are letters of other scripts that are drawn as a Latin one (a part of the confusables of Unicode UTS #39).
var lookalikes = func() map[rune]rune {
	m := map[rune]rune{}
	other := []rune("АВЕЅІЈКМНОРСТУХаеѕіјорсухһԁԛԝ" + "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧοαν" + "օսոհ")
	latin := []rune("ABESIJKMHOPCTYXaesijopcyxhdqw" + "ABEZHIKMNOPTYXoav" + "ounh")
	for i, r := range other {
		m[r] = latin[i]
	}
	return m
}()

// deceptive tells by a finding's code how a person's name could deceive the eye, "" when it does not: signs that are not seen or turn
// the direction of writing, letters of two scripts in one word (Unicode UTS #39 §5.2), forms of letters that no name has.
func deceptive(name string) string {
	if !strings.ContainsFunc(name, func(r rune) bool { return r < ' ' || r > '~' }) {
		return ""
	}
	latin := strings.ContainsFunc(name, isLatin)
	for _, r := range name {
		if invisible(r) && (latin || r != zeroWidthJoiner && r != zeroWidthNonJoiner) { // Arabic and Indic writing needs these two
			return "name-invisible"
		}
		if narrow(r) != r {
			return "name-mixed-scripts"
		}
	}
	if !latin {
		return ""
	}
	for word := range strings.FieldsFuncSeq(name, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsMark(r) }) {
		foreign, alike := 0, 0
		for _, r := range word {
			switch {
			case !unicode.IsLetter(r), unicode.Is(unicode.Lm, r), unicode.In(r, unicode.Latin, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Bopomofo):
			default:
				foreign++
				if lookalikes[r] != 0 {
					alike++
				}
			}
		}
		if foreign > 0 && (strings.ContainsFunc(word, isLatin) || foreign == alike) {
			return "name-mixed-scripts"
		}
	}
	return ""
}

const (
	zeroWidthNonJoiner = '\u200c'
	zeroWidthJoiner    = '\u200d'
)

func isLatin(r rune) bool { return unicode.Is(unicode.Latin, r) }

// invisible reports whether a character takes no place, or is a blank that is none of the usual ones.
func invisible(r rune) bool {
	switch r {
	case '\u115f', '\u1160', '\u3164', '\uffa0': // letters of Hangul that show nothing
		return true
	}
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Co, unicode.Variation_Selector)
}

// narrow is the plain form of a full-width character or of a mathematical letter; others it leaves alone.
func narrow(r rune) rune {
	switch {
	case r >= '\uff01' && r <= '\uff5e':
		return r - 0xfee0
	case r >= 0x1d400 && r <= 0x1d6a3:
		return []rune("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")[(r-0x1d400)%52]
	}
	return r
}

// skeleton is what remains of a name for the eye: names with one skeleton cannot be told apart.
func skeleton(name string) string {
	return strings.Map(func(r rune) rune {
		if invisible(r) {
			return -1
		}
		r = narrow(r)
		if l := lookalikes[r]; l != 0 {
			r = l
		}
		return unicode.ToLower(r)
	}, name)
}
