package web_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"image/png"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"absah/internal/web"
)

// builtApp stands for what "make web" builds, so that these tests do not depend on whether that was done.
func builtApp() fstest.MapFS {
	var z bytes.Buffer
	w := gzip.NewWriter(&z)
	_, _ = w.Write([]byte("export const large = 1;\n"))
	_ = w.Close()
	file := func(s string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(s)} }
	return fstest.MapFS{
		"placeholder.html": file("<p>"),
		"manifest.json": file(`{
			"src/main.ts": {"file": "app/main-1a.js", "isEntry": true, "dynamicImports": ["src/verify/Page.svelte"]},
			"_shared.js": {"file": "app/shared-2b.js"},
			"src/sw.ts": {"file": "sw.js", "isEntry": true},
			"src/verify/Page.svelte": {"file": "app/Page-3c.js", "css": ["app/Page-3c.css"], "imports": ["_shared.js", "src/main.ts"], "isDynamicEntry": true},
			"../internal/web/text/app/id.json": {"file": "app/id-4d.js", "isDynamicEntry": true},
			"../internal/web/text/app/en.json": {"file": "app/en-5e.js", "isDynamicEntry": true}}`),
		"app/main-1a.js":             file("export const large = 1;\n"),
		"app/main-1a.js.br":          file("the brotli form"),
		"app/main-1a.js.gz":          {Data: z.Bytes()},
		"app/shared-2b.js":           file("0123456789"),
		"app/Page-3c.js":             file("page"),
		"app/Page-3c.css":            file("p{}"),
		"app/huge-9.wasm.br":         file("small"),
		"app/huge-9.wasm.gz":         {Data: z.Bytes()},
		"app/id-4d.js":               file("id"),
		"app/en-5e.js":               file("en"),
		"app/absah-6f.wasm":          file("\x00asm"),
		"app/wasm/worker-7a.js":      file("worker"),
		"app/worker/pdf.worker-8.js": file("pdf"),
		"sw.js":                      file("addEventListener('fetch', () => {});"),
	}
}

func appServer(t *testing.T, w *world, built fstest.MapFS) http.Handler {
	t.Helper()
	return web.New(web.Deps{Accounts: w.accounts, Registration: w.ra, Now: w.now, App: built})
}

func ask(t *testing.T, h http.Handler, method, path string, header ...string) *http.Response {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, path, nil)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, r)
	return rec.Result()
}

func body(t *testing.T, r *http.Response) string {
	t.Helper()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestAppProgram: each page names the size of the program that it runs, and of no other.
func TestAppProgram(t *testing.T) {
	built := builtApp()
	built["app/exercise-7b.wasm"] = &fstest.MapFile{Data: []byte("\x00asm and more")}
	built["app/report-8c.wasm"] = &fstest.MapFile{Data: []byte("\x00asm and much more")}
	h := appServer(t, newWorld(t), built)
	for route, want := range map[string]string{"/verifikasi": `data-verifier="4"`, "/simulasi": `data-verifier="13"`} {
		if page := body(t, ask(t, h, "GET", route)); !strings.Contains(page, want) {
			t.Errorf("%s: no %s in %s", route, want, page)
		}
	}
}

func TestAppPage(t *testing.T) {
	w := newWorld(t)
	h := appServer(t, w, builtApp())
	r := ask(t, h, "GET", "/verifikasi")
	b := body(t, r)
	for _, want := range []string{
		`<div id="app" data-route="/verifikasi"`, `<script type="module" src="/app/main-1a.js"></script>`, `<link rel="modulepreload" href="/app/shared-2b.js">`,
		`<link rel="stylesheet" href="/app/Page-3c.css">`, `<link rel="modulepreload" href="/app/id-4d.js">`, `<link rel="manifest" href="/manifest/id.webmanifest">`, "<noscript>",
	} {
		if strings.Count(b, want) != 1 {
			t.Errorf("the page has %d times %s", strings.Count(b, want), want)
		}
	}
	if strings.Contains(b, "/app/en-5e.js") {
		t.Error("the page loads the texts of another language")
	}
	policy := r.Header.Get("Content-Security-Policy")
	for _, want := range []string{"default-src 'none'", "script-src 'self';", "style-src 'self';", "require-trusted-types-for 'script'", "trusted-types svelte-trusted-html absah"} {
		if !strings.Contains(policy, want) {
			t.Errorf("policy %q lacks %q", policy, want)
		}
	}
	if strings.Contains(policy, "unsafe") {
		t.Errorf("policy %q", policy)
	}
	if c := r.Header.Get("Cache-Control"); c != "no-store" {
		t.Errorf("Cache-Control %q of a page that may show who is signed in", c)
	}
	// A page without scripts keeps the policy without scripts.
	if p := ask(t, h, "GET", "/masuk").Header.Get("Content-Security-Policy"); strings.Contains(p, "script-src") || !strings.Contains(p, "trusted-types 'none'") {
		t.Errorf("policy %q of a page without scripts", p)
	}
}

// Without the built application its pages say so, and nothing pretends that there is one.
func TestAppMissing(t *testing.T) {
	h := appServer(t, newWorld(t), fstest.MapFS{"placeholder.html": {Data: []byte("<p>")}})
	for _, path := range []string{"/verifikasi", "/simulasi", "/pasang"} {
		r := ask(t, h, "GET", path)
		if b := body(t, r); r.StatusCode != 200 || !strings.Contains(b, "make web") || strings.Contains(b, "<script") || strings.Contains(b, "webmanifest") {
			t.Errorf("%s: %d\n%s", path, r.StatusCode, b)
		}
	}
	for _, path := range []string{"/sw.js", "/manifest/id.webmanifest", "/kerangka/id/verifikasi", "/app/main-1a.js", "/placeholder.html", "/app/placeholder.html"} {
		if r := ask(t, h, "GET", path); r.StatusCode != 404 {
			t.Errorf("%s: %d", path, r.StatusCode)
		}
	}
}

func TestAssets(t *testing.T) {
	h := appServer(t, newWorld(t), builtApp())
	for _, c := range []struct {
		name, method, path string
		header             []string
		status             int
		body, encoding     string
	}{
		{"plain", "GET", "/app/main-1a.js", nil, 200, "export const large = 1;\n", ""},
		{"brotli is preferred", "GET", "/app/main-1a.js", []string{"Accept-Encoding", "gzip, deflate, br"}, 200, "the brotli form", "br"},
		{"brotli refused", "GET", "/app/main-1a.js", []string{"Accept-Encoding", "br;q=0, deflate"}, 200, "export const large = 1;\n", ""},
		{"a name that only looks like it", "GET", "/app/main-1a.js", []string{"Accept-Encoding", "brotli"}, 200, "export const large = 1;\n", ""},
		{"no small form", "GET", "/app/shared-2b.js", []string{"Accept-Encoding", "br, gzip"}, 200, "0123456789", ""},
		{"head", "HEAD", "/app/main-1a.js", []string{"Accept-Encoding", "br"}, 200, "", "br"},
		{"a part", "GET", "/app/shared-2b.js", []string{"Range", "bytes=2-4"}, 206, "234", ""},
		{"a part of what it is", "GET", "/app/main-1a.js", []string{"Range", "bytes=0-5", "Accept-Encoding", "br"}, 206, "export", ""},
		{"a part beyond the end", "GET", "/app/shared-2b.js", []string{"Range", "bytes=20-"}, 416, "", ""},
		{"none such", "GET", "/app/main-0.js", nil, 404, "", ""},
		{"the small form by its name", "GET", "/app/main-1a.js.br", nil, 404, "", ""},
		{"the list of the build", "GET", "/app/manifest.json", nil, 404, "", ""},
		{"above the folder", "GET", "/app/..%2fsw.js", nil, 404, "", ""},
		{"a folder", "GET", "/app/", nil, 404, "", ""},
		{"posted to", "POST", "/app/main-1a.js", nil, 405, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := ask(t, h, c.method, c.path, c.header...)
			b := body(t, r)
			if r.StatusCode != c.status || r.Header.Get("Content-Encoding") != c.encoding {
				t.Fatalf("%d with %q, want %d with %q", r.StatusCode, r.Header.Get("Content-Encoding"), c.status, c.encoding)
			}
			if c.status >= 400 {
				return
			}
			if b != c.body {
				t.Errorf("%q, want %q", b, c.body)
			}
			for k, want := range map[string]string{
				"Content-Type": "text/javascript; charset=utf-8", "Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding", "X-Content-Type-Options": "nosniff",
			} {
				if r.Header.Get(k) != want {
					t.Errorf("%s: %q, want %q", k, r.Header.Get(k), want)
				}
			}
			again := ask(t, h, "GET", c.path, append([]string{"If-None-Match", r.Header.Get("ETag")}, c.header...)...)
			if c.status == 200 && again.StatusCode != 304 {
				t.Errorf("asked again with its ETag: %d", again.StatusCode)
			}
		})
	}
	// What is only there packed is whole for who cannot unpack it.
	for encoding, want := range map[string]string{"br": "small", "": "export const large = 1;\n"} {
		r := ask(t, h, "GET", "/app/huge-9.wasm", "Accept-Encoding", encoding)
		if b := body(t, r); b != want || r.Header.Get("Content-Type") != "application/wasm" || r.Header.Get("Content-Encoding") != encoding {
			t.Errorf("packed, asked with %q: %q, %v", encoding, b, r.Header)
		}
	}
	if r := ask(t, h, "GET", "/app/huge-9.wasm", "Range", "bytes=0-5"); r.StatusCode != 206 || body(t, r) != "export" {
		t.Errorf("a part of what is packed: %d", r.StatusCode)
	}
	if a, b := ask(t, h, "GET", "/app/main-1a.js", "Accept-Encoding", "br").Header.Get("ETag"), ask(t, h, "GET", "/app/main-1a.js").Header.Get("ETag"); a == b || a == "" {
		t.Errorf("ETags %s and %s of two forms", a, b)
	}
}

// Compiling wasm is for one script alone.
func TestWhoMayCompile(t *testing.T) {
	h := appServer(t, newWorld(t), builtApp())
	for _, path := range []string{
		"/", "/verifikasi", "/simulasi", "/pasang", "/masuk", "/kerangka/id/verifikasi", "/sw.js", "/app/main-1a.js", "/app/absah-6f.wasm", "/app/worker/pdf.worker-8.js", "/tidak-ada",
	} {
		if p := ask(t, h, "GET", path).Header.Get("Content-Security-Policy"); p == "" || strings.Contains(p, "unsafe") {
			t.Errorf("%s: policy %q", path, p)
		}
	}
	p := ask(t, h, "GET", "/app/wasm/worker-7a.js").Header.Get("Content-Security-Policy")
	if !strings.Contains(p, "script-src 'self' 'wasm-unsafe-eval';") || strings.Contains(p, "'unsafe") {
		t.Errorf("policy of the verifier: %q", p)
	}
}

// What an installed application keeps is made for nobody.
func TestBareShell(t *testing.T) {
	w := newWorld(t)
	h := appServer(t, w, builtApp())
	for lang, title := range map[string]string{"id": "Periksa dokumen", "en": "Check a document"} {
		plain := ask(t, h, "GET", "/kerangka/"+lang+"/verifikasi")
		with := ask(t, h, "GET", "/kerangka/"+lang+"/verifikasi?lang=id", "Cookie", "absah_theme=dark; absah_lang=id; absah=x", "Accept-Language", "fr")
		a, b := body(t, plain), body(t, with)
		if plain.StatusCode != 200 || a != b || len(with.Cookies()) > 0 {
			t.Errorf("%s: what somebody sends changes the page", lang)
		}
		if !strings.Contains(a, "<h1>"+title+"</h1>") || !strings.Contains(a, `data-theme="auto"`) || !strings.Contains(a, `aria-current="page"`) {
			t.Errorf("%s: %s", lang, a)
		}
		if plain.Header.Get("Absah-Build") == "" || plain.Header.Get("Content-Security-Policy") != ask(t, h, "GET", "/verifikasi").Header.Get("Content-Security-Policy") {
			t.Errorf("%s: %v", lang, plain.Header)
		}
	}
	for _, path := range []string{"/kerangka/fr/verifikasi", "/kerangka/id/masuk", "/kerangka/id/", "/kerangka/id/verifikasi/x"} {
		if r := ask(t, h, "GET", path); r.StatusCode != 404 {
			t.Errorf("%s: %d", path, r.StatusCode)
		}
	}
}

func TestServiceWorker(t *testing.T) {
	w := newWorld(t)
	built := builtApp()
	built["app/exercise-8.wasm"] = &fstest.MapFile{Data: []byte("\x00asm")} // kept once it was used
	h := appServer(t, w, built)
	r := ask(t, h, "GET", "/sw.js")
	script := body(t, r)
	if r.Header.Get("Cache-Control") != "no-cache" || !strings.HasPrefix(r.Header.Get("Content-Type"), "text/javascript") {
		t.Errorf("headers %v", r.Header)
	}
	m := regexp.MustCompile(`^self\.absah=(\{.*\});\n`).FindStringSubmatch(script)
	if m == nil || !strings.HasSuffix(script, "addEventListener('fetch', () => {});") {
		t.Fatalf("script %s", script)
	}
	var kept struct {
		Build  string
		Shells map[string]map[string]string
		Files  []string
		Large  map[string]int64
	}
	if err := json.Unmarshal([]byte(m[1]), &kept); err != nil {
		t.Fatal(err)
	}
	if b := ask(t, h, "GET", "/verifikasi").Header.Get("Absah-Build"); b != kept.Build || b == "" {
		t.Errorf("the page is of %q, the worker of %q", b, kept.Build)
	}
	all := append([]string{}, kept.Files...)
	for f := range kept.Large {
		all = append(all, f)
	}
	for _, languages := range kept.Shells {
		all = append(all, languages["id"], languages["en"])
	}
	if len(all) != 11+8 {
		t.Errorf("%d addresses are kept: %v", len(all), all)
	}
	for _, address := range all {
		if r := ask(t, h, "GET", address); r.StatusCode != 200 {
			t.Errorf("%s: %d", address, r.StatusCode)
		}
	}
	for _, f := range []string{"/app/absah-6f.wasm", "/app/wasm/worker-7a.js", "/app/worker/pdf.worker-8.js"} {
		if kept.Large[f] == 0 {
			t.Errorf("%s is fetched by every visit", f)
		}
	}

	// Another file, or another page around it, is another state.
	other := builtApp()
	other["app/more-9.js"] = &fstest.MapFile{Data: []byte("more")}
	if b := ask(t, appServer(t, w, other), "GET", "/verifikasi").Header.Get("Absah-Build"); b == kept.Build {
		t.Error("another file is the same state")
	}
	demo := web.New(web.Deps{Accounts: w.accounts, Registration: w.ra, Now: w.now, App: builtApp(), Demo: true})
	if b := ask(t, demo, "GET", "/verifikasi").Header.Get("Absah-Build"); b == kept.Build {
		t.Error("another page around it is the same state")
	}
}

func TestWebManifest(t *testing.T) {
	h := appServer(t, newWorld(t), builtApp())
	for _, lang := range []string{"id", "en"} {
		r := ask(t, h, "GET", "/manifest/"+lang+".webmanifest")
		var m struct {
			ID, Name, Lang, Display string
			StartURL                string `json:"start_url"`
			Icons                   []struct{ Src, Sizes, Purpose string }
			ShareTarget             struct {
				Action, Method, Enctype string
				Params                  struct{ Files []struct{ Name string } }
			} `json:"share_target"`
			FileHandlers []struct {
				Action string
				Accept map[string][]string
			} `json:"file_handlers"`
		}
		if err := json.NewDecoder(r.Body).Decode(&m); err != nil {
			t.Fatal(err)
		}
		if r.Header.Get("Content-Type") != "application/manifest+json" || m.Lang != lang || m.StartURL != "/verifikasi" || m.Display != "standalone" {
			t.Errorf("%+v", m)
		}
		if m.ShareTarget.Action != "/verifikasi/berbagi" || m.ShareTarget.Method != "POST" || len(m.ShareTarget.Params.Files) != 1 || len(m.FileHandlers) != 1 {
			t.Errorf("%+v", m)
		}
		for _, i := range m.Icons {
			r := ask(t, h, "GET", i.Src)
			p, err := png.Decode(r.Body)
			if err != nil || r.Header.Get("Content-Type") != "image/png" {
				t.Fatalf("%s: %v", i.Src, err)
			}
			n := p.Bounds().Dx()
			if i.Sizes != map[int]string{192: "192x192", 512: "512x512"}[n] {
				t.Errorf("%s is %d wide, said to be %s", i.Src, n, i.Sizes)
			}
			// The corner of one that will be cut is painted, that of the other is not; the mark is white on blue.
			if _, _, _, a := p.At(1, 1).RGBA(); (a == 0xffff) != (i.Purpose == "maskable") {
				t.Errorf("%s (%s): corner with %x", i.Src, i.Purpose, a)
			}
			if r, _, b, _ := p.At(n/10, n/2).RGBA(); r>>8 != 0x0b || b>>8 != 0xa4 {
				t.Errorf("%s: ground %x %x", i.Src, r>>8, b>>8)
			}
			if r, _, _, _ := p.At(n*10/24, n*33/48).RGBA(); r>>8 < 0xf0 {
				t.Errorf("%s: no mark", i.Src)
			}
		}
	}
}

func TestOfflinePage(t *testing.T) {
	w := newWorld(t)
	h := appServer(t, w, builtApp())
	b := body(t, ask(t, h, "GET", "/kerangka/en/luring"))
	if !strings.Contains(b, "<h1>No internet</h1>") || !strings.Contains(b, `href="/luring?lang=id"`) || strings.Contains(b, "<script") {
		t.Error(b)
	}
	// Who has a network does not see it.
	if p := w.browser().get("/luring"); p.path != "/" {
		t.Errorf("it leads to %s", p.path)
	}
}

// A shared file that reaches the server is not kept, and the person hears what to do.
func TestSharedToServer(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	b.uploadAs("berkas", "/verifikasi/berbagi", "surat.pdf", letterPDF).want(t, 409, "pilih berkasnya")
}

// A manifest that does not fit the files is a fault of the build: the program must not start with half an application.
func TestBrokenBuild(t *testing.T) {
	w := newWorld(t)
	for name, change := range map[string]func(fstest.MapFS){
		"no main":         func(m fstest.MapFS) { delete(m, "app/main-1a.js"); delete(m, "app/main-1a.js.gz") },
		"no list":         func(m fstest.MapFS) { m["manifest.json"] = &fstest.MapFile{Data: []byte("{")} },
		"a strange thing": func(m fstest.MapFS) { m["app/x.exe"] = &fstest.MapFile{Data: []byte("MZ")} },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("the program started")
				}
			}()
			built := builtApp()
			change(built)
			appServer(t, w, built)
		})
	}
}
