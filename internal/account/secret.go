package account

import (
	"errors"
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
	var errs []error
	add := func(id, en string) {
		f := fault.New("ABS-PWD-001", id)
		f.EN = fault.New("ABS-PWD-001", en).EN
		errs = append(errs, f)
	}
	if utf8.RuneCountInString(secret) < minSecret {
		errs = append(errs, fault.New("ABS-PWD-004"))
	}
	if len(secret) > maxSecret {
		errs = append(errs, &fault.Error{Code: "ABS-PWD-005", Status: 422, ID: "Paling banyak 256 karakter.", EN: "At most 256 characters."})
	}
	if strings.TrimSpace(secret) != secret {
		errs = append(errs, &fault.Error{Code: "ABS-PWD-006", Status: 422, ID: "Ada spasi di awal atau di akhir; hapus, karena mudah terlupa.", EN: "There is a space at the start or the end; remove it, it is easily forgotten."})
	}
	bare := letters(secret)
	for _, w := range strings.FieldsFunc(p.Name, notLetter) {
		if w = letters(w); len(w) >= 4 && strings.Contains(bare, w) {
			add("nama Anda", "your name")
			break
		}
	}
	if local, _, _ := strings.Cut(p.Email, "@"); len(letters(local)) >= 4 && strings.Contains(bare, letters(local)) && !contains(errs, "nama") {
		add("alamat surel Anda", "your e-mail address")
	}
	if o := letters(organisation); len(o) >= 4 && strings.Contains(bare, o) {
		add("nama instansi", "the name of your agency")
	}
	if n := nik.Digits(); n != "" {
		if shares(bare, n, 6) {
			add("bagian NIK", "part of your NIK")
		} else if d, m, y := nik.birth(); d != "00" && m != "00" && (strings.Contains(bare, d+m+y) || strings.Contains(bare, d+m+"19"+y) || strings.Contains(bare, d+m+"20"+y)) {
			add("tanggal lahir", "your birth date")
		}
	}
	if n := letters(p.NIP); len(n) >= 6 && shares(bare, n, 6) {
		add("bagian NIP", "part of your staff number")
	}
	for _, w := range []string{"password", "passphrase", "katasandi", "rahasia", "kopirakitsenja", "absah"} {
		if strings.Contains(bare, w) {
			add("kata “"+w+"”", "the word “"+w+"”")
			break
		}
	}
	if s := run(bare); s != "" {
		add("urutan “"+s+"”", "the sequence “"+s+"”")
	}
	if distinct(bare) < 5 {
		errs = append(errs, &fault.Error{Code: "ABS-PWD-007", Status: 422, ID: "Terlalu sedikit karakter yang berbeda.", EN: "Too few different characters."})
	}
	return errors.Join(errs...)
}

func contains(errs []error, id string) bool {
	for _, err := range errs {
		if f, ok := fault.As(err); ok && strings.Contains(f.ID, id) {
			return true
		}
	}
	return false
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
