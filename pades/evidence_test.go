package pades_test

import (
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"absah/pades"
)

// TestEvidenceDocumented compares the fields of the evidence with the page that explains them.
func TestEvidenceDocumented(t *testing.T) {
	b, err := os.ReadFile("../docs/evidence.md")
	if err != nil {
		t.Fatal(err)
	}
	told := map[string]bool{}
	for line := range strings.Lines(string(b)) {
		if strings.HasPrefix(line, "| `") {
			for _, m := range regexp.MustCompile("`([A-Za-z]+)`").FindAllStringSubmatch(line, -1) {
				told[m[1]] = true
			}
		}
	}
	used := map[string]bool{}
	seen := map[reflect.Type]bool{}
	var walk func(reflect.Type)
	walk = func(x reflect.Type) {
		for x.Kind() == reflect.Pointer || x.Kind() == reflect.Slice {
			x = x.Elem()
		}
		if x.Kind() != reflect.Struct || x.PkgPath() != reflect.TypeFor[pades.Evidence]().PkgPath() || seen[x] {
			return
		}
		seen[x] = true
		for i := range x.NumField() {
			f := x.Field(i)
			if !f.IsExported() {
				continue
			}
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			if name == "" {
				name = f.Name
			}
			used[name] = true
			walk(f.Type)
		}
	}
	walk(reflect.TypeFor[pades.Evidence]())
	for name := range used {
		if !told[name] {
			t.Errorf("docs/evidence.md does not tell what %s is", name)
		}
	}
	for name := range told {
		if !used[name] {
			t.Errorf("docs/evidence.md tells of %s, which is no field", name)
		}
	}
}
