package web

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// The pages that the web application fills. The server draws what is around them, so that they look like every other page and know
// who is signed in.
var appPages = map[string]struct{ title, source string }{
	"/verifikasi": {"verify.title", "src/verify/Page.svelte"},
	"/simulasi":   {"simulasi.title", "src/simulasi/Page.svelte"},
	"/pasang":     {"install.title", "src/pasang/Page.svelte"},
}

// buildHeader names the state of the application that a page belongs to; the service worker compares it with its own.
const buildHeader = "Absah-Build"

// shell is what the template of these pages shows.
type shell struct {
	Route string
	Build string
	Size  int64 // bytes that are still to be fetched to use it without a network
	Wasm  int64 // bytes of the program that the page runs, as they are sent
	Built bool  // whether there is an application to fill it

	Check  bool   // a file may be sent to the server, where it cannot be checked on the device
	Report string // where suspected forgeries are reported
}

func (s *server) registerApp(mux *http.ServeMux, page func(pattern string, h handler)) {
	for route := range appPages {
		page("GET "+route, s.appPage(route))
	}
	page("GET "+offlinePath, func(c *call) error {
		c.redirect("/") // who gets here has a network
		return nil
	})
	page("POST "+sharePath, s.shared)
	mux.HandleFunc("GET /app/", s.asset)
	mux.HandleFunc("GET /kerangka/{lang}/{route}", s.bareShell)
	mux.HandleFunc("GET /manifest/{file}", s.webManifest)
	mux.HandleFunc("GET /sw.js", s.serviceWorker)
}

func (s *server) appPage(route string) handler {
	return func(c *call) error {
		build := ""
		if s.assets.app != nil {
			build = s.build()
			c.w.Header().Set(buildHeader, build)
		}
		return c.showApp(route, build)
	}
}

func (c *call) showApp(route, build string) error {
	p, app := appPages[route], c.s.assets.app
	data := shell{
		Route: route, Build: build, Wasm: c.s.assets.program(route), Built: app != nil,
		Check: route == "/verifikasi" && c.s.Check != nil, Report: c.s.Operator.Report,
	}
	v := view{TitleKey: p.title}
	if app != nil {
		for _, n := range app.large {
			data.Size += n
		}
		v.Script = app.main
		for _, key := range []string{"src/main.ts", p.source, "../internal/web/text/app/" + c.lang + ".json"} {
			for _, f := range app.pieces[key] {
				if f != app.main && !slices.Contains(v.Preload, f) {
					v.Preload = append(v.Preload, f)
				}
			}
		}
		c.w.Header().Set("Content-Security-Policy", appPolicy)
		c.w.Header().Set("Permissions-Policy", "camera=(self), microphone=(), geolocation=()")
	}
	v.Data = data
	return c.show(http.StatusOK, "app", v)
}

// bareShell is a page of the application as nobody in particular sees it: no session, no choice of theme. It is what an installed
// application keeps, so that nothing personal stays on the device.
func (s *server) bareShell(w http.ResponseWriter, r *http.Request) {
	route, lang := "/"+r.PathValue("route"), r.PathValue("lang")
	if !slices.Contains(s.shells(), route) || lang != "id" && lang != "en" || s.assets.app == nil {
		http.NotFound(w, r)
		return
	}
	build := s.build()
	w.Header().Set(buildHeader, build)
	w.Header().Set("Cache-Control", "no-cache")
	if err := s.drawShell(w, r, route, lang, build); err != nil {
		s.Log.Error("shell", "route", route, "error", err)
		http.Error(w, "internal error", http.StatusInternalServerError)
	}
}

func (s *server) drawShell(w http.ResponseWriter, r *http.Request, route, lang, build string) error {
	bare := (&http.Request{Method: http.MethodGet, URL: &url.URL{Path: route}, Pattern: "GET " + route, Header: http.Header{}}).WithContext(r.Context())
	c := &call{s: s, w: w, r: bare, lang: lang, form: url.Values{}}
	if route == offlinePath {
		return c.show(http.StatusOK, "offline", view{TitleKey: "offline.title"})
	}
	return c.showApp(route, build)
}

// hashShells tells one state of the application from another: by its files, and by the pages around it.
func (s *server) hashShells() string {
	h := sha256.New()
	for _, f := range s.assets.app.whole {
		fmt.Fprintln(h, f)
	}
	_, _ = h.Write(s.assets.app.service)
	for _, route := range s.shells() {
		for _, lang := range []string{"id", "en"} {
			w := &written{header: http.Header{}}
			if err := s.drawShell(w, &http.Request{}, route, lang, ""); err != nil {
				s.Log.Error("shell", "route", route, "error", err)
			}
			_, _ = h.Write(w.Bytes())
		}
	}
	return hex.EncodeToString(h.Sum(nil)[:6])
}

// written is an answer that nobody gets.
type written struct {
	bytes.Buffer
	header http.Header
}

func (w *written) Header() http.Header { return w.header }
func (w *written) WriteHeader(int)     {}

// offlinePath is the page that an installed application shows in the place of one that only the server has.
const offlinePath = "/luring"

// shells are the pages that it keeps.
func (s *server) shells() []string {
	l := []string{offlinePath}
	for route := range appPages {
		l = append(l, route)
	}
	slices.Sort(l)
	return l
}

// serviceWorker is the script that keeps the application for use without a network. Before it stands the list of what it keeps, so
// that each new state of the application is a new script, which is how a browser learns of it.
func (s *server) serviceWorker(w http.ResponseWriter, r *http.Request) {
	app := s.assets.app
	if app == nil || app.service == nil {
		http.NotFound(w, r)
		return
	}
	kept := struct {
		Build  string                       `json:"build"`
		Shells map[string]map[string]string `json:"shells"` // route → language → address
		Files  []string                     `json:"files"`  // small: fetched at once
		Large  map[string]int64             `json:"large"`  // fetched when first used, or when the person asks to have them; bytes as sent
	}{Build: s.build(), Shells: map[string]map[string]string{}, Large: app.large}
	for _, route := range s.shells() {
		kept.Shells[route] = map[string]string{"id": "/kerangka/id" + route, "en": "/kerangka/en" + route}
	}
	kept.Files = append(kept.Files, s.assets.names["style.css"])
	for _, f := range app.whole {
		if app.large[f] == 0 {
			kept.Files = append(kept.Files, f)
		}
	}
	list, err := json.Marshal(kept)
	if err != nil {
		panic(err) // strings and numbers
	}
	h := w.Header()
	h.Set("Content-Type", kinds[".js"])
	h.Set("Cache-Control", "no-cache")
	h.Set("Content-Security-Policy", workerPolicy)
	_, _ = fmt.Fprintf(w, "self.absah=%s;\n", list)
	_, _ = w.Write(app.service)
}

// webManifest tells a browser how the application is installed (W3C Web Application Manifest).
func (s *server) webManifest(w http.ResponseWriter, r *http.Request) {
	lang, ok := strings.CutSuffix(r.PathValue("file"), ".webmanifest")
	if !ok || lang != "id" && lang != "en" || s.assets.app == nil {
		http.NotFound(w, r)
		return
	}
	icon := func(name, size, purpose string) map[string]string {
		return map[string]string{"src": s.assets.names[name], "sizes": size, "type": "image/png", "purpose": purpose}
	}
	shortcut := func(key, to string) map[string]any {
		return map[string]any{"name": translate(lang, key), "url": to, "icons": []any{icon("icon-192.png", "192x192", "any")}}
	}
	documents := map[string][]string{"application/pdf": {".pdf"}, "application/zip": {".zip"}}
	b, err := json.Marshal(map[string]any{
		"id": "/verifikasi", "start_url": "/verifikasi", "scope": "/", "display": "standalone", "lang": lang, "dir": "ltr",
		"name": translate(lang, "manifest.name"), "short_name": "Absah", "description": translate(lang, "manifest.description"),
		"background_color": "#ffffff", "theme_color": "#0b57a4", "categories": []string{"government", "security", "utilities"},
		"icons":     []any{icon("icon-192.png", "192x192", "any"), icon("icon-512.png", "512x512", "any"), icon("maskable-512.png", "512x512", "maskable")},
		"shortcuts": []any{shortcut("verify.title", "/verifikasi"), shortcut("simulasi.title", "/simulasi")},
		"share_target": map[string]any{
			"action": sharePath, "method": "POST", "enctype": "multipart/form-data",
			"params": map[string]any{"files": []any{map[string]any{"name": "berkas", "accept": []string{"application/pdf", ".pdf", "application/zip", ".zip"}}}},
		},
		"file_handlers": []any{map[string]any{"action": "/verifikasi", "accept": documents}},
		// A window that is open may hold a list of documents, which another page would lose.
		"launch_handler": map[string]any{"client_mode": "navigate-new"},
	})
	if err != nil {
		panic(err) // strings
	}
	w.Header().Set("Content-Type", "application/manifest+json")
	w.Header().Set("Cache-Control", "no-cache")
	_, _ = w.Write(b)
}

// sharePath is where a phone sends what is shared with the installed application. Its service worker takes that on the device.
const sharePath = "/verifikasi/berbagi"

// shared answers where no service worker took the files: they came here although they should not, so they are not even read to the
// end, and the person is told what to do.
func (s *server) shared(c *call) error {
	_, _ = io.CopyN(io.Discard, c.r.Body, maxWords)
	return c.sorry(http.StatusConflict, "share.title", "share.text")
}
