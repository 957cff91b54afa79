package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// dist is what "make web" built; without Node only placeholder.html is there.
//
//go:embed all:dist
var dist embed.FS

// asset is a file that may be kept for ever, because its name carries the hash of its content, or that is asked for again each time.
type asset struct {
	kind     string
	policy   string // "" = that of every page
	etag     string
	lasting  bool
	data     []byte                 // as it is; nil = only the small forms are here
	unpacked func() ([]byte, error) // what data would be
	br, gzip []byte                 // nil = not worth it
}

// assets are the files that pages load: the web application, and those of the folder static.
type assets struct {
	files map[string]*asset // by path of the address
	names map[string]string // of the folder static: plain name → path with the hash
	app   *application      // nil = not built
}

// application is what the web application's manifest says about its pieces.
type application struct {
	main    string
	pieces  map[string][]string // page or text of the sources → scripts and style sheets that it needs, its own first
	large   map[string]int64    // fetched when first used, or when a person asks to have all: bytes as sent
	whole   []string            // every path, sorted
	service []byte              // the service worker; nil = none
}

// kinds are the only endings that a built application has; the host's table of types must not decide what a script is.
var kinds = map[string]string{
	".js": "text/javascript; charset=utf-8", ".mjs": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".wasm": "application/wasm",
	".json": "application/json", ".svg": "image/svg+xml", ".png": "image/png", ".bcmap": "application/octet-stream", ".pfb": "application/octet-stream",
	".ttf": "font/ttf", ".icc": "application/octet-stream", ".pdf": "application/pdf", ".txt": "text/plain; charset=utf-8",
}

// mustAssets reads what was built. A build that does not hold together is a fault of the program, not of whoever asks for a page.
func mustAssets(built fs.FS) *assets {
	a := &assets{files: map[string]*asset{}, names: map[string]string{}}
	if err := a.readStatic(files, built); err != nil {
		panic(err)
	}
	if err := a.readBuilt(built); err != nil {
		panic(err)
	}
	return a
}

// readStatic gives each file of the folder static a name with its hash. Their brotli form is made by the build of the application;
// without that there is only gzip.
func (a *assets) readStatic(own, built fs.FS) error {
	list, err := fs.ReadDir(own, "static")
	if err != nil {
		return err
	}
	content := maps.Clone(icons())
	for _, e := range list {
		if content[e.Name()], err = fs.ReadFile(own, "static/"+e.Name()); err != nil {
			return err
		}
	}
	for base, b := range content {
		ext := path.Ext(base)
		h := sha256.Sum256(b)
		hash := hex.EncodeToString(h[:6])
		name := "/static/" + strings.TrimSuffix(base, ext) + "." + hash + ext
		f := &asset{kind: kinds[ext], etag: `"` + hash + `"`, lasting: true, data: b, gzip: squeeze(b)}
		if f.kind == "" {
			return fmt.Errorf("static/%s: no type for %q", base, ext)
		}
		// A build of other times has the brotli form of another content, which the hash in its name tells.
		f.br, _ = fs.ReadFile(built, strings.TrimPrefix(name, "/")+".br")
		a.files[name], a.names[base] = f, name
	}
	return nil
}

func squeeze(b []byte) []byte {
	var z bytes.Buffer
	w, _ := gzip.NewWriterLevel(&z, gzip.BestCompression)
	if _, err := w.Write(b); err != nil || w.Close() != nil || z.Len() > len(b)*9/10 {
		return nil
	}
	return z.Bytes()
}

func (a *assets) readBuilt(built fs.FS) error {
	list, err := fs.ReadFile(built, "manifest.json")
	if err != nil {
		return nil //nolint:nilerr // not built: the pages of the application say so
	}
	var manifest map[string]struct {
		File           string
		Imports, CSS   []string
		IsEntry        bool
		IsDynamicEntry bool
	}
	if err := json.Unmarshal(list, &manifest); err != nil {
		return fmt.Errorf("manifest.json: %w", err)
	}
	app := &application{main: "/" + manifest["src/main.ts"].File, pieces: map[string][]string{}, large: map[string]int64{}}
	err = fs.WalkDir(built, "app", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(name, ".br") {
			return err
		}
		// A very large file is here in its small forms alone.
		name, small := strings.CutSuffix(name, ".gz")
		if _, err := fs.Stat(built, name); small && err == nil {
			return nil
		}
		f, err := readAsset(built, name)
		if err != nil {
			return err
		}
		f.lasting = true
		switch path.Dir(name) {
		case "app/wasm":
			f.policy = wasmPolicy
		case "app/worker":
			f.policy = workerPolicy
		}
		a.files["/"+name] = f
		// Maps of Asian characters, which few documents need, and the program of the exercise are kept once they were used, not before.
		if path.Ext(name) == ".bcmap" || strings.HasPrefix(name, "app/exercise-") {
			return nil
		}
		// The verifier and what draws documents are not for every visit.
		if n := f.sent(); n > atOnce || path.Dir(name) != "app" || path.Ext(name) == ".wasm" {
			app.large["/"+name] = n
		}
		app.whole = append(app.whole, "/"+name)
		return nil
	})
	if err != nil {
		return err
	}
	if a.files[app.main] == nil {
		return fmt.Errorf("manifest.json: %q is not there", app.main)
	}
	var need func(key string, seen []string) []string
	need = func(key string, seen []string) []string {
		m := manifest[key]
		for _, f := range append([]string{m.File}, m.CSS...) {
			if f != "" && !slices.Contains(seen, "/"+f) {
				seen = append(seen, "/"+f)
			}
		}
		for _, k := range m.Imports {
			if !slices.Contains(seen, "/"+manifest[k].File) {
				seen = need(k, seen)
			}
		}
		return seen
	}
	for key, m := range manifest {
		if m.IsEntry || m.IsDynamicEntry {
			app.pieces[key] = need(key, nil)
		}
	}
	slices.Sort(app.whole)
	app.service, _ = fs.ReadFile(built, "sw.js")
	a.app = app
	return nil
}

func readAsset(built fs.FS, name string) (*asset, error) {
	f := &asset{kind: kinds[path.Ext(name)]}
	if f.kind == "" {
		return nil, fmt.Errorf("%s: no type for this ending", name)
	}
	f.br, _ = fs.ReadFile(built, name+".br")
	f.gzip, _ = fs.ReadFile(built, name+".gz")
	content, err := fs.ReadFile(built, name)
	f.data = content
	if errors.Is(err, fs.ErrNotExist) && f.gzip != nil {
		content, err = f.gzip, nil
		f.unpacked = sync.OnceValues(func() ([]byte, error) {
			z, err := gzip.NewReader(bytes.NewReader(f.gzip))
			if err != nil {
				return nil, err
			}
			return io.ReadAll(z)
		})
	}
	if err != nil {
		return nil, err
	}
	h := sha256.Sum256(content)
	f.etag = `"` + hex.EncodeToString(h[:12]) + `"`
	return f, nil
}

// atOnce is the largest file, as sent, that comes with the first visit whether or not it will be used.
const atOnce = 60 << 10

// sent is how many bytes travel for it.
func (f *asset) sent() int64 {
	if f.br != nil {
		return int64(len(f.br))
	}
	return int64(len(f.data))
}

// program is what travels for the program of a page: the verifier, or the larger one with which people practise.
func (a *assets) program(route string) int64 {
	name := "/app/absah-"
	if route == "/simulasi" {
		name = "/app/exercise-"
	}
	for address, f := range a.files {
		if strings.HasPrefix(address, name) && strings.HasSuffix(address, ".wasm") {
			return f.sent()
		}
	}
	return 0
}

func (s *server) asset(w http.ResponseWriter, r *http.Request) {
	f := s.assets.files[r.URL.Path]
	if f == nil {
		http.NotFound(w, r)
		return
	}
	f.serve(w, r)
}

func (f *asset) serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", f.kind)
	h.Set("Cache-Control", "no-cache")
	if f.lasting {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	if f.policy != "" {
		h.Set("Content-Security-Policy", f.policy)
	}
	h.Set("Vary", "Accept-Encoding")
	// A part of a file is a part of what it is, not of how it travels.
	if r.Header.Get("Range") == "" {
		for _, c := range []struct {
			name string
			data []byte
		}{{"br", f.br}, {"gzip", f.gzip}} {
			if c.data == nil || !accepts(r, c.name) {
				continue
			}
			etag := strings.TrimSuffix(f.etag, `"`) + "-" + c.name + `"`
			h.Set("ETag", etag)
			if slices.Contains(strings.Split(strings.ReplaceAll(r.Header.Get("If-None-Match"), " ", ""), ","), etag) {
				w.WriteHeader(http.StatusNotModified)
				return
			}
			h.Set("Content-Encoding", c.name)
			h.Set("Content-Length", strconv.Itoa(len(c.data)))
			if r.Method != http.MethodHead {
				_, _ = w.Write(c.data)
			}
			return
		}
	}
	data := f.data
	if data == nil {
		// A browser that reads neither small form is rare; what it needs stays unpacked from then on.
		var err error
		if data, err = f.unpacked(); err != nil {
			http.Error(w, "internal error", http.StatusInternalServerError)
			return
		}
	}
	h.Set("ETag", f.etag)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(data))
}

// accepts reads Accept-Encoding as far as browsers use it: a name, and q=0 for "not this" (RFC 9110 §12.5.3).
func accepts(r *http.Request, coding string) bool {
	for _, l := range r.Header.Values("Accept-Encoding") {
		for part := range strings.SplitSeq(l, ",") {
			name, weight, _ := strings.Cut(part, ";")
			if !strings.EqualFold(strings.TrimSpace(name), coding) {
				continue
			}
			q, isQ := strings.CutPrefix(strings.ToLower(strings.ReplaceAll(weight, " ", "")), "q=")
			n, err := strconv.ParseFloat(q, 64)
			return !isQ || err == nil && n > 0
		}
	}
	return false
}
