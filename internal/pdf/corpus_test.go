package pdf_test

import (
	"encoding/csv"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"absah/internal/pdf"
)

// corpus is the folder of public test files; tests skip by name when it is missing.
func corpus(t testing.TB) string {
	dir := os.Getenv("ABSAH_CORPUS")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared", "corpus")
	}
	if _, err := os.Stat(filepath.Join(dir, "manifest.csv")); err != nil {
		t.Skip("the corpus is not here; set ABSAH_CORPUS to test with it")
	}
	return dir
}

type row struct {
	path, purpose string
	expected      map[string]string
}

func manifest(t testing.TB, purpose string) []row {
	f, err := os.Open(filepath.Join(corpus(t), "manifest.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	records, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out []row
	for _, r := range records[1:] {
		if r[2] != purpose || !strings.HasSuffix(r[0], ".pdf") {
			continue
		}
		exp := map[string]string{}
		for kv := range strings.SplitSeq(r[5], ";") {
			k, v, _ := strings.Cut(kv, "=")
			exp[k] = v
		}
		out = append(out, row{filepath.Join(corpus(t), r[0]), r[2], exp})
	}
	return out
}

func password(s string) string {
	if s == "(empty)" {
		return ""
	}
	p, err := url.PathUnescape(s)
	if err != nil {
		return s
	}
	return p
}

func openRow(t *testing.T, r row) (*pdf.File, error) {
	b, err := os.Open(r.path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	info, err := b.Stat()
	if err != nil {
		t.Fatal(err)
	}
	return pdf.Open(b, info.Size(), pdf.OpenOptions{Password: password(r.expected["password_user"])})
}

func TestCorpusPages(t *testing.T) {
	for _, r := range manifest(t, "unsigned") {
		if r.expected["must_sign"] == "no" || r.expected["credential"] != "" {
			continue
		}
		t.Run(filepath.Base(r.path), func(t *testing.T) {
			f, err := openRow(t, r)
			if err != nil {
				t.Fatalf("Open: %v", err)
			}
			want, _ := strconv.Atoi(r.expected["pages"])
			if n, err := f.Latest().Pages(); err != nil || n != want {
				t.Errorf("Pages() = %d, %v, want %d", n, err, want)
			}
			if e := f.Encryption(); e != nil && !e.Owner {
				if want := r.expected["user_may_add_field"]; want != "" && want != strconv.FormatBool(e.MayAddField())[:1] && strings.EqualFold(want, strconv.FormatBool(!e.MayAddField())[:1]) {
					t.Errorf("MayAddField() = %v, want %s (P=%#x)", e.MayAddField(), want, e.Permissions)
				}
				if want := r.expected["user_may_sign_field"]; want != "" && strings.EqualFold(want, strconv.FormatBool(!e.MaySignField())[:1]) {
					t.Errorf("MaySignField() = %v, want %s (P=%#x)", e.MaySignField(), want, e.Permissions)
				}
			}
		})
	}
}
