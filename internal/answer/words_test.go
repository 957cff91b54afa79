package answer_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestWordsOfThePage: each fixed text is there in both languages, and used.
func TestWordsOfThePage(t *testing.T) {
	source, err := os.ReadFile("words.go")
	if err != nil {
		t.Fatal(err)
	}
	all := string(source)
	for _, name := range []string{"answer.go", "../report/report.go", "../report/pdf.go", "../report/page.html", "../report/package.go"} {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		all += string(b)
	}
	_, list, _ := strings.Cut(all, "var words = map[string][2]string{")
	list, _, _ = strings.Cut(list, "\n}\n")
	keys := regexp.MustCompile(`(?m)^\t"(\w+)": *\{\s*"([^"]*)",\s*"([^"]*)"`).FindAllStringSubmatch(list, -1)
	if len(keys) < 30 {
		t.Fatalf("%d texts found", len(keys))
	}
	// These are values of the report that are looked up as they are.
	values := []string{"good", "revoked", "unknown", "basic", "strict", "archival"}
	for _, k := range keys {
		if k[2] == "" || k[3] == "" || k[2] == k[3] || strings.Count(k[2], "%s") != strings.Count(k[3], "%s") {
			t.Errorf("%s: %q, %q", k[1], k[2], k[3])
		}
		if !slices.Contains(values, k[1]) && !strings.Contains(all, `Word("`+k[1]+`"`) && !strings.Contains(all, `add("`+k[1]+`"`) &&
			!strings.Contains(all, `w["`+k[1]+`"]`) && !strings.Contains(all, "$w."+k[1]+"}") && !strings.Contains(all, `key = "`+k[1]+`"`) && !strings.Contains(all, `, "`+k[1]+`", "")`) && !strings.Contains(all, `, "`+k[1]+`", who)`) && !strings.Contains(all, `key := "`+k[1]+`"`) {
			t.Errorf("nothing uses the text %s", k[1])
		}
	}
}
