package fault

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

var (
	code = regexp.MustCompile(`^ABS-(DOC|REG|PWD|LOG|REC|RA|REQ|ISS|SIG|KEY|AUD|VER)-[0-9]{3,4}$`)
	verb = regexp.MustCompile(`%[^%]`)
)

func TestCatalogue(t *testing.T) {
	for c, e := range catalogue {
		if !code.MatchString(c) {
			t.Errorf("%s: not a code", c)
		}
		if e.status < 400 || e.status > 599 {
			t.Errorf("%s: status %d is no error", c, e.status)
		}
		if a, b := verb.FindAllString(e.id, -1), verb.FindAllString(e.en, -1); !slices.Equal(a, b) {
			t.Errorf("%s: the Indonesian sentence takes %v, the English one %v", c, a, b)
		}
		for _, s := range []string{e.id, e.en} {
			if !strings.HasSuffix(s, ".") || strings.TrimSpace(s) != s {
				t.Errorf("%s: %q is not a whole sentence", c, s)
			}
		}
		if e.id == e.en {
			t.Errorf("%s: not translated", c)
		}
	}
}

// TestRaised reads all sources: a fault that is raised has an entry, and as many arguments as its sentences take. A wrong one
// would show only when a person meets it.
func TestRaised(t *testing.T) {
	raised := 0
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		set := token.NewFileSet()
		f, err := parser.ParseFile(set, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(f, func(n ast.Node) bool {
			var c string
			args := -1
			switch n := n.(type) {
			case *ast.CallExpr:
				s, ok := n.Fun.(*ast.SelectorExpr)
				if !inFault(s, ok) || n.Ellipsis.IsValid() {
					return true
				}
				skip := map[string]int{"New": 0, "Wrap": 1}
				at, known := skip[s.Sel.Name]
				if !known || len(n.Args) <= at {
					return true
				}
				c, args = literal(n.Args[at]), len(n.Args)-at-1
			case *ast.CompositeLit:
				s, ok := n.Type.(*ast.SelectorExpr)
				if !inFault(s, ok) || s.Sel.Name != "Error" {
					return true
				}
				for _, e := range n.Elts {
					if kv, ok := e.(*ast.KeyValueExpr); ok && fmt.Sprint(kv.Key) == "Code" {
						c = literal(kv.Value)
					}
				}
			}
			if c == "" {
				return true
			}
			raised++
			e, ok := catalogue[c]
			if !ok {
				t.Errorf("%s: %s is not in the catalogue", set.Position(n.Pos()), c)
			} else if want := len(verb.FindAllString(e.id, -1)); args >= 0 && args != want {
				t.Errorf("%s: %s has %d arguments, its sentences take %d", set.Position(n.Pos()), c, args, want)
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if raised < 20 {
		t.Errorf("only %d faults found in the sources; the search is broken", raised)
	}
}

func inFault(s *ast.SelectorExpr, ok bool) bool {
	if !ok {
		return false
	}
	id, ok := s.X.(*ast.Ident)
	return ok && id.Name == "fault"
}

func literal(e ast.Expr) string {
	l, ok := e.(*ast.BasicLit)
	if !ok || l.Kind != token.STRING {
		return ""
	}
	s, _ := strconv.Unquote(l.Value)
	return s
}

func TestError(t *testing.T) {
	cause := errors.New("disk full")
	err := fmt.Errorf("issue: %w", Wrap(cause, "ABS-ISS-002", Words{ID: "nama kosong", EN: "the name is empty"}))
	f, ok := As(err)
	if !ok {
		t.Fatal("As finds no fault")
	}
	if got, want := []string{f.Text("id"), f.Text("en"), f.Text("")}, []string{
		"Sertifikat tidak dapat diterbitkan: nama kosong.", "The certificate cannot be issued: the name is empty.", "Sertifikat tidak dapat diterbitkan: nama kosong.",
	}; !reflect.DeepEqual(got, want) {
		t.Errorf("Text = %q, want %q", got, want)
	}
	if !errors.Is(err, cause) || !errors.Is(err, New("ABS-ISS-002", "x")) || errors.Is(err, New("ABS-ISS-001")) {
		t.Error("Is: a fault is its cause and every fault of its code, and no other")
	}
	if !strings.Contains(err.Error(), "ABS-ISS-002") || !strings.Contains(err.Error(), "disk full") {
		t.Errorf("Error = %q, want code and cause for developers", err)
	}
	defer func() {
		if recover() == nil {
			t.Error("New of an unknown code does not panic")
		}
	}()
	_ = New("ABS-XXX-1")
}

// TestSharedCodes: a code of the page that checks documents means the same as here, or is none of ours. A person reads it out on the
// telephone, and whoever helps must not have to ask where it was seen.
func TestSharedCodes(t *testing.T) {
	b, err := os.ReadFile("../../web/src/verify/faults.ts")
	if err != nil {
		t.Fatal(err)
	}
	same := []string{"ABS-VER-001", "ABS-VER-002", "ABS-VER-010"}
	codes := regexp.MustCompile(`ABS-[A-Z]+-[0-9]+`).FindAllString(string(b), -1)
	if len(codes) < 10 {
		t.Fatalf("faults.ts has %d codes: they are written otherwise now", len(codes))
	}
	for _, c := range codes {
		if _, ok := catalogue[c]; ok && !slices.Contains(same, c) {
			t.Errorf("%s means something else in the catalogue", c)
		}
	}
}
