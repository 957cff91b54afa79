package pades

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"
)

// TestWordsComplete reads the source for the codes that findings are made with: each has a sentence in both languages, naming
// the same things.
func TestWordsComplete(t *testing.T) {
	placeholder := regexp.MustCompile(`\{\d\}`)
	same := func(code string, p phrase) {
		if p.id == "" || p.en == "" || p.id == p.en {
			t.Errorf("%s: %q, %q", code, p.id, p.en)
		}
		en := placeholder.FindAllString(p.en, -1)
		for _, x := range placeholder.FindAllString(p.id, -1) {
			if !slices.Contains(en, x) {
				t.Errorf("%s: only the Indonesian sentence names %s", code, x)
			}
		}
	}
	for code, p := range findingWords {
		same(code, p)
	}
	for code, p := range changeWords {
		same(code, p)
		if len(placeholder.FindAllString(p.id, -1)) != len(placeholder.FindAllString(p.en, -1)) {
			t.Errorf("%s names different things in the two languages", code)
		}
	}
	for pattern, list := range map[string]map[string]phrase{
		`(?:r\.find|find)\((?:Info|Warn|Fail|level), "([a-z-]+)"`:    findingWords,
		`l\.fault\("([a-z0-9-]+)"`:                                   findingWords,
		`d\.say\([A-Za-z]+, [a-zA-Z.]+, "([a-z-]+)"`:                 changeWords,
		`(?:level, code|code)(?:, clause)? = (?:Fail, )?"([a-z-]+)"`: findingWords,
	} {
		re, n := regexp.MustCompile(pattern), 0
		files, err := filepath.Glob("*.go")
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range files {
			b, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range re.FindAllStringSubmatch(string(b), -1) {
				n++
				if _, ok := list[m[1]]; !ok {
					t.Errorf("%s: the code %q has no sentence", name, m[1])
				}
			}
		}
		if n < 3 {
			t.Errorf("the pattern %s finds %d codes", pattern, n)
		}
	}
}
