package absah

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const mod = "absah/"

// layers says which of our packages each package may import. It is policy, not description: loosening a line needs its
// reason in the commit. Arrows point one way: engine ← services ← adapters ← app ← cmd.
const layers = `
.:

internal/sigalg:
internal/cms: internal/sigalg
internal/ocsp: internal/sigalg
internal/pdf:
tsp: internal/cms internal/sigalg
trust: internal/cms internal/ocsp internal/sigalg
internal/stamp: internal/pdf
internal/sheet: internal/pdf internal/stamp
internal/letter: internal/sheet internal/stamp
pades: internal/cms internal/ocsp internal/pdf internal/sigalg internal/stamp trust tsp
internal/answer: internal/stamp pades
internal/report: internal/answer internal/pdf internal/sheet internal/stamp pades trust
fetch: internal/ocsp pades trust tsp

internal/fault:
internal/audit:
internal/ca: internal/audit internal/fault internal/sigalg trust
internal/status: internal/audit internal/fault internal/ocsp internal/sigalg trust
internal/tsa: internal/audit internal/fault internal/sigalg trust tsp
internal/account: internal/audit internal/fault
internal/ra: internal/audit internal/fault
internal/remotesign: internal/audit internal/fault internal/sigalg pades trust

internal/keystore: internal/fault
internal/store: internal/account internal/audit internal/ca internal/fault internal/mail internal/ra internal/remotesign internal/status internal/tsa trust
internal/mail: internal/fault
internal/blob:
internal/picture:
internal/web: internal/account internal/answer internal/audit internal/ca internal/fault internal/ra internal/remotesign internal/status internal/tsa pades trust
internal/app: *

cmd/absah: *
cmd/absah-wasm: internal/answer internal/report pades trust tsp

internal/testkit: internal/cms internal/ocsp internal/pdf internal/sigalg pades trust tsp
internal/testkit/vectors: internal/cms internal/ocsp internal/pdf internal/sigalg pades tsp
internal/headless:
internal/sample:
bench: *
`

// homes gives each third-party module the packages that may import it, so that replacing one touches one place.
const homes = `
filippo.io/mldsa: internal/sigalg
github.com/alecthomas/kong: cmd/absah
github.com/klippa-app/go-pdfium: internal/picture
github.com/pressly/goose/v3: internal/store
github.com/emersion/go-smtp: internal/mail
github.com/wneessen/go-mail: internal/mail
github.com/zmap/zcrypto: internal/ca
github.com/zmap/zlint/v3: internal/ca
github.com/tetratelabs/wazero: internal/picture
golang.org/x/crypto: internal/ca internal/cms internal/keystore internal/account internal/ocsp internal/pdf internal/sigalg internal/status internal/tsa pades trust tsp
golang.org/x/image: internal/stamp
golang.org/x/mod: internal/audit internal/store
golang.org/x/net: internal/web
golang.org/x/sync: internal/app cmd/absah internal/web
golang.org/x/term: cmd/absah
golang.org/x/text: internal/pdf internal/stamp
modernc.org/sqlite: internal/store
rsc.io/qr: internal/stamp
software.sslmate.com/src/go-pkcs12: cmd/absah
`

// engine packages compile to js/wasm and take time, network and keys as values.
var engine = []string{"internal/sigalg", "internal/cms", "internal/ocsp", "internal/pdf", "internal/stamp", "tsp", "trust", "pades", "internal/sheet", "internal/answer", "internal/report"}

// barred from the engine: what reaches the outside world.
var barred = []string{"net", "net/http", "database/sql", "os", "os/exec", "log", "log/slog", "testing", "io/ioutil", "syscall"}

func TestLayers(t *testing.T) {
	// Reading go.mod here makes a dependency update void the cached result.
	if _, err := os.ReadFile("go.mod"); err != nil {
		t.Fatal(err)
	}
	rules, modules := table(layers), table(homes)
	walk := func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		base := d.Name()
		if d.IsDir() {
			if file == "." {
				return nil
			}
			if _, err := os.Stat(filepath.Join(file, "go.mod")); err == nil || base == "testdata" || base == "node_modules" || base[0] == '.' || base[0] == '_' {
				return fs.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(base, ".go") || strings.HasSuffix(base, "_test.go") {
			return nil
		}
		pkg := path.Dir(filepath.ToSlash(file))
		allowed, ok := rules[pkg]
		if !ok {
			t.Errorf("%s: package %s has no line in layers", file, pkg)
		}
		// Imports are read whatever the build tags, so that a bad one cannot hide behind a tag.
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, spec := range f.Imports {
			imp, _ := strconv.Unquote(spec.Path.Value)
			switch dep, ours := strings.CutPrefix(imp, mod); {
			case ours:
				if !slices.Contains(allowed, dep) && !slices.Contains(allowed, "*") {
					t.Errorf("%s: %s may not import %s", file, pkg, dep)
				}
				if strings.HasPrefix(dep, "cmd/") || dep == "internal/app" && pkg != "cmd/absah" && pkg != "bench" {
					t.Errorf("%s: nobody imports %s", file, dep)
				}
				if dep == "internal/testkit" {
					t.Errorf("%s: internal/testkit is for tests only", file)
				}
			case strings.Contains(strings.SplitN(imp, "/", 2)[0], "."):
				checkHome(t, file, pkg, imp, modules)
			case slices.Contains(engine, pkg) && slices.Contains(barred, imp):
				t.Errorf("%s: the engine may not import %s", file, imp)
			}
		}
		if slices.Contains(engine, pkg) {
			src, err := os.ReadFile(file)
			if err != nil {
				return err
			}
			if strings.Contains(string(src), "time.Now(") {
				t.Errorf("%s: the engine takes time as a value and may not call time.Now", file)
			}
		}
		return nil
	}
	if err := filepath.WalkDir(".", walk); err != nil {
		t.Fatal(err)
	}
}

func checkHome(t *testing.T, file, pkg, imp string, modules map[string][]string) {
	for m, pkgs := range modules {
		if imp == m || strings.HasPrefix(imp, m+"/") {
			if !slices.Contains(pkgs, pkg) {
				t.Errorf("%s: %s is at home in %v, not in %s", file, m, pkgs, pkg)
			}
			return
		}
	}
	t.Errorf("%s: %s has no home; give it a line in homes with the reason in the commit", file, imp)
}

func table(text string) map[string][]string {
	m := map[string][]string{}
	for line := range strings.Lines(text) {
		if name, rest, ok := strings.Cut(strings.TrimSpace(line), ":"); ok {
			m[name] = strings.Fields(rest)
		}
	}
	return m
}
