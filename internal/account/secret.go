package account

import (
	"errors"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"absah/internal/fault"
)

const (
	minSecret = 12  // characters; four short words have more
	maxSecret = 256 // bytes; longer ones only cost work
)

// secretRules refuses what a person who knows the owner would try first, and what every attacker tries first. It returns all
// broken rules joined, each a fault.
func secretRules(p Person, nik NIK, organisation, secret string) error {
	if len(secret) > maxSecret {
		return fault.New("ABS-PWD-005") // the other rules are not for megabytes
	}
	var errs []error
	contains := func(id, en string) {
		errs = append(errs, fault.New("ABS-PWD-001", fault.Words{ID: id, EN: en}))
	}
	if utf8.RuneCountInString(secret) < minSecret {
		errs = append(errs, fault.New("ABS-PWD-004"))
	}
	if strings.TrimSpace(secret) != secret {
		errs = append(errs, fault.New("ABS-PWD-006"))
	}
	bare := letters(secret)
	local, _, _ := strings.Cut(p.Email, "@")
	switch {
	case slices.ContainsFunc(strings.FieldsFunc(p.Name, notLetter), func(w string) bool { return len(w) >= 4 && strings.Contains(bare, letters(w)) }):
		contains("nama Anda", "your name")
	case len(letters(local)) >= 4 && strings.Contains(bare, letters(local)):
		contains("alamat surel Anda", "your e-mail address")
	}
	if o := letters(organisation); len(o) >= 4 && strings.Contains(bare, o) {
		contains("nama instansi", "the name of your agency")
	}
	if n := nik.Digits(); n != "" {
		if shares(bare, n, 6) {
			contains("bagian NIK", "part of your NIK")
		} else if d, m, y := nik.birth(); d != "00" && m != "00" && (strings.Contains(bare, d+m+y) || strings.Contains(bare, d+m+"19"+y) || strings.Contains(bare, d+m+"20"+y)) {
			contains("tanggal lahir", "your birth date")
		}
	}
	if n := letters(p.NIP); len(n) >= 6 && shares(bare, n, 6) {
		contains("bagian NIP", "part of your staff number")
	}
	for _, w := range []string{"password", "passphrase", "katasandi", "rahasia", "kopirakitsenja", "absah"} {
		if strings.Contains(bare, w) {
			contains("kata “"+w+"”", "the word “"+w+"”")
			break
		}
	}
	if s := run(bare); s != "" {
		contains("urutan “"+s+"”", "the sequence “"+s+"”")
	}
	if distinct(bare) < 5 {
		errs = append(errs, fault.New("ABS-PWD-007"))
	}
	return errors.Join(errs...)
}

// letters keeps letters and digits in lower case, so that hyphens between hide nothing.
func letters(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, s)
}

func notLetter(r rune) bool { return !unicode.IsLetter(r) }

// shares says whether s has n successive characters of number.
func shares(s, number string, n int) bool {
	for i := 0; i+n <= len(number); i++ {
		if strings.Contains(s, number[i:i+n]) {
			return true
		}
	}
	return false
}

// runLength is where a sequence becomes a rule breach: "1234", "abcd", "qwer", "aaaa", also backwards.
const runLength = 4

var rows = []string{"abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm"}

func run(s string) string {
	r := []rune(s)
	for i := 0; i+runLength <= len(r); i++ {
		w := string(r[i : i+runLength])
		if strings.Count(w, w[:utf8.RuneLen(r[i])]) == runLength {
			return w
		}
		back := string([]rune{r[i+3], r[i+2], r[i+1], r[i]})
		for _, row := range rows {
			if strings.Contains(row, w) || strings.Contains(row, back) {
				return w
			}
		}
	}
	return ""
}

func distinct(s string) int {
	seen := map[rune]bool{}
	for _, r := range s {
		seen[r] = true
	}
	return len(seen)
}
