package web_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"maps"
	"math"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"absah/internal/ra"
	"absah/internal/web"
)

// everyPage walks a registration with detours and returns each page that it saw, by name.
func everyPage(t *testing.T, w *world, lang string) map[string]page {
	t.Helper()
	k := newWalk(w)
	visitor := w.browser()
	for _, b := range []*browser{visitor, k.sari, k.tono, k.wati, k.budi} {
		b.get("/?lang=" + lang)
	}
	p := map[string]page{
		"front":          visitor.get("/"),
		"log-in":         visitor.get("/masuk"),
		"log-in refused": visitor.post("/masuk", "nik", nikBudi, "password", "x"),
		"forgot":         visitor.get("/lupa-sandi"),
		"forgot done":    visitor.post("/lupa-sandi", "nik", nikSari),
		"self":           visitor.get("/permohonan/baru"),
		"self refused":   visitor.post("/permohonan/baru", "nik", "1"),
		"missing":        visitor.get("/tidak-ada"),
		"bogus link":     visitor.get("/aktivasi/tidak-ada"),
		"apply":          k.sari.get("/permohonan/baru"),
		"apply refused":  k.sari.post("/permohonan/baru", "nik", "1"),
		"applied":        k.apply(),
	}
	p["reset"] = visitor.get(w.link("/sandi/"))
	p["reset refused"] = visitor.post(w.link("/sandi/"), "password", "a", "password2", "b")
	link := w.link("/aktivasi/")
	p["confirm"] = k.budi.get(link)
	k.confirm()
	p["password"] = k.budi.get(link)
	p["password refused"] = k.budi.post(link, "langkah", "sandi", "password", "budi1234", "password2", "budi1234")
	k.password()
	p["evidence"] = k.budi.get(link)
	p["evidence refused"] = k.budi.upload(link, "x.pdf", nil, "langkah", "bukti")
	p["submitted"] = k.evidence()
	p["spent"] = k.budi.get(link)
	p["queue"] = k.tono.get("/permohonan")
	p["queue empty"] = k.tono.get("/permohonan?tahap=tutup")
	p["queue of administrator"] = k.wati.get("/permohonan")
	p["application"] = k.tono.get(k.application)
	p["application of registrant"] = k.sari.get(k.application)
	p["return refused"] = k.tono.post(k.application+"/kembalikan", "reason", "other")
	p["returned"] = k.tono.post(k.application+"/kembalikan", "reason", "other", "note", "halaman 2 hilang")
	k.budi.login(nikBudi, budiSecret)
	p["mine returned"] = k.budi.get("/sertifikat")
	id := strings.TrimPrefix(k.application, "/permohonan/")
	p["mine refused"] = k.budi.upload("/sertifikat/bukti", "x", nil, "application", id)
	p["mine sent"] = k.budi.upload("/sertifikat/bukti", "surat.png", append([]byte("\x89PNG\r\n\x1a\n"), make([]byte, 100)...), "application", id, "letter", "800/18/2027", "consent", "ya")
	p["application with a picture"] = k.tono.get(k.application)
	p["approve refused"] = k.tono.post(k.application+"/setujui", "check", "email")
	p["approved"] = k.approve(k.tono)
	k.approve(k.wati)
	link = w.link("/passphrase/")
	p["stranger"] = k.tono.get(link)
	p["passphrase"] = k.budi.get(link)
	p["passphrase refused"] = k.budi.post(link, "passphrase", "a", "passphrase2", "b")
	p["issued"] = k.passphrase()
	p["mine"] = k.budi.get("/sertifikat")
	p["mailbox"] = visitor.get("/dev/mail")
	p["letter"] = visitor.get("/dev/mail/1")
	return p
}

// TestEveryPage looks at each page in both languages for what a screen reader, a strict browser and a reader need.
func TestEveryPage(t *testing.T) {
	for _, lang := range []string{"id", "en"} {
		w := newWorld(t)
		for name, p := range everyPage(t, w, lang) {
			t.Run(lang+" "+name, func(t *testing.T) { checkPage(t, p, lang) })
		}
	}
}

func attr(n *html.Node, key string) (string, bool) {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val, true
		}
	}
	return "", false
}

func checkPage(t *testing.T, p page, lang string) {
	doc, err := html.Parse(strings.NewReader(p.body))
	if err != nil {
		t.Fatal(err)
	}
	csp := p.header.Get("Content-Security-Policy")
	for _, s := range []string{"default-src 'none'", "style-src 'self'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"} {
		if !strings.Contains(csp, s) {
			t.Errorf("policy %q lacks %s", csp, s)
		}
	}
	if strings.Contains(csp, "unsafe") {
		t.Errorf("policy %q", csp)
	}
	for k, v := range map[string]string{"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin", "Content-Type": "text/html; charset=utf-8"} {
		if p.header.Get(k) != v {
			t.Errorf("%s: %q, want %q", k, p.header.Get(k), v)
		}
	}
	ids, described, labels := map[string]int{}, []string{}, map[string]bool{}
	h1, alerts, scripts := 0, 0, 0
	var controls []*html.Node
	var walk func(n *html.Node, inLabel bool)
	walk = func(n *html.Node, inLabel bool) {
		if n.Type == html.ElementNode {
			if id, ok := attr(n, "id"); ok {
				ids[id]++
			}
			for _, a := range n.Attr {
				if a.Key == "style" || strings.HasPrefix(a.Key, "on") {
					t.Errorf("<%s> has %s=%q, which the policy forbids", n.Data, a.Key, a.Val)
				}
				if a.Key == "aria-describedby" {
					described = append(described, strings.Fields(a.Val)...)
				}
				if a.Key == "href" && strings.HasPrefix(a.Val, "#") {
					described = append(described, a.Val[1:])
				}
			}
			switch n.Data {
			case "iframe", "object", "embed", "style":
				t.Errorf("the page has a <%s>", n.Data)
			case "script":
				// One page has a script: that of a paper, which compares a file on the device.
				if src, _ := attr(n, "src"); !strings.HasPrefix(p.path, "/v/") || !strings.HasPrefix(src, "/static/paper.") || n.FirstChild != nil {
					t.Errorf("the page %s has the script %q", p.path, src)
				}
				scripts++
			case "html":
				if l, _ := attr(n, "lang"); l != lang {
					t.Errorf("lang %q, want %q", l, lang)
				}
			case "title":
				title := n.FirstChild.Data
				prefix := map[string]string{"id": "Kesalahan: ", "en": "Error: "}[lang]
				if strings.Contains(p.body, `class="summary"`) != strings.HasPrefix(title, prefix) {
					t.Errorf("title %q; it starts with %q exactly when a form has faults", title, prefix)
				}
			case "h1":
				h1++
			case "label":
				if f, ok := attr(n, "for"); ok {
					labels[f] = true
				}
				inLabel = true
			case "input", "select", "textarea":
				if kind, _ := attr(n, "type"); kind != "hidden" {
					controls = append(controls, n)
					id, _ := attr(n, "id")
					if inLabel {
						labels[id] = true
					}
					if v, _ := attr(n, "value"); kind == "password" && v != "" {
						t.Errorf("a page repeats a secret")
					}
				}
			case "img":
				if alt, _ := attr(n, "alt"); alt == "" {
					t.Error("a picture without words")
				}
			case "th":
				if _, ok := attr(n, "scope"); !ok {
					t.Error("a table head without scope")
				}
			}
			if r, _ := attr(n, "role"); r == "alert" {
				alerts++
			}
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c, inLabel)
		}
	}
	walk(doc, false)
	if h1 != 1 {
		t.Errorf("%d headings of the first level", h1)
	}
	if alerts > 1 {
		t.Errorf("%d alerts", alerts)
	}
	if runs := strings.Contains(csp, "script-src"); runs != (scripts > 0) || !strings.Contains(csp, "trusted-types 'none'") {
		t.Errorf("%d scripts under the policy %q", scripts, csp)
	}
	for id, n := range ids {
		if n > 1 {
			t.Errorf("id %q %d times", id, n)
		}
	}
	for _, id := range described {
		if ids[id] == 0 {
			t.Errorf("a reference to %q, which is not there", id)
		}
	}
	for _, c := range controls {
		id, _ := attr(c, "id")
		if !labels[id] {
			name, _ := attr(c, "name")
			t.Errorf("control %q has no label", name)
		}
		if inv, _ := attr(c, "aria-invalid"); inv == "true" {
			if d, _ := attr(c, "aria-describedby"); !strings.Contains(d, id+"-fault") {
				t.Errorf("control %q is invalid and does not say why", id)
			}
		}
	}
	if strings.Contains(p.body, "ABS-") && p.status < 400 {
		t.Errorf("status %d with a fault", p.status)
	}
}

// TestWholeNIK makes sure that no page and no mail shows a national number that somebody did not just type.
func TestWholeNIK(t *testing.T) {
	w := newWorld(t)
	for name, p := range everyPage(t, w, "id") {
		if name == "log-in refused" { // the person's own typing comes back
			continue
		}
		for _, nik := range []string{nikBudi, nikSari, nikTono, nikWati} {
			if strings.Contains(p.body, nik) {
				t.Errorf("%s shows a whole NIK", name)
			}
		}
	}
}

func TestCatalogue(t *testing.T) {
	load := func(lang string) map[string]string {
		b, err := os.ReadFile("text/" + lang + ".json")
		if err != nil {
			t.Fatal(err)
		}
		m := map[string]string{}
		if err := json.Unmarshal(b, &m); err != nil {
			t.Fatal(err)
		}
		return m
	}
	id, en := load("id"), load("en")
	places := regexp.MustCompile(`\{\w+\}`)
	for k, v := range id {
		a, b := places.FindAllString(v, -1), places.FindAllString(en[k], -1)
		slices.Sort(a)
		slices.Sort(b)
		if en[k] == "" || !slices.Equal(a, b) {
			t.Errorf("%s: %q and %q do not say the same", k, v, en[k])
		}
	}
	for k := range en {
		if id[k] == "" {
			t.Errorf("%s is only in English", k)
		}
	}
	// Keys that are used, whole or as the start of one that is put together.
	var whole, start []string
	uses := regexp.MustCompile(`(?:\bt |\btext\(|TitleKey: |translate\(\w+, |sorry\([\w.]+, |has |key := |key = )\(?(print )?"([\w.-]+)"`)
	more := regexp.MustCompile(`"([a-z]+\.[a-z0-9.-]+)"`)
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".html") && !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, m := range uses.FindAllStringSubmatch(string(b), -1) {
			if m[1] != "" || strings.HasSuffix(m[2], ".") {
				start = append(start, m[2])
			} else {
				whole = append(whole, m[2])
			}
		}
		for _, m := range more.FindAllStringSubmatch(string(b), -1) {
			if _, ok := id[m[1]]; ok {
				whole = append(whole, m[1])
			}
		}
		// input, tick and field name their label and hint by the name of the field.
		for _, m := range regexp.MustCompile(`field \. "(\w+)"`).FindAllStringSubmatch(string(b), -1) {
			whole = append(whole, "field."+m[1], "hint."+m[1])
		}
		// choice names its options by the name of the field.
		for _, m := range regexp.MustCompile(`choice \. "(\w+)"`).FindAllStringSubmatch(string(b), -1) {
			whole, start = append(whole, "field."+m[1], "hint."+m[1]), append(start, m[1]+".")
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range whole {
		if _, ok := id[k]; !ok && !strings.HasPrefix(k, "hint.") && strings.Contains(k, ".") {
			t.Errorf("%s is used and has no text", k)
		}
	}
	for k := range id {
		used := slices.Contains(whole, k)
		for _, s := range start {
			used = used || strings.HasPrefix(k, s)
		}
		if !used && !strings.HasSuffix(k, ".one") && !strings.HasPrefix(k, "hint.") {
			t.Errorf("%s is never used", k)
		}
	}
	for _, r := range ra.Reasons {
		if id["reason."+string(r)] == "" {
			t.Errorf("the reason %s has no words", r)
		}
	}
}

func TestLanguage(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	b.get("/masuk").want(t, 200, "Sandi")
	if p := b.get("/masuk?lang=en&lanjut=/sertifikat").want(t, 200, "Password", "Sign in first to open that page"); p.path != "/masuk?lanjut=%2Fsertifikat" {
		t.Errorf("the switch leads to %s", p.path)
	}
	b.post("/masuk", "nik", "12", "password", "x").want(t, 422, "Error: Sign in", "NIK must have 16 digits. You typed 2.")
	b.get("/masuk?lang=xx").want(t, 200, "Password")
	b.get("/masuk?lang=id").want(t, 200, "Sandi")
	b.get("//jahat.test/?lang=en").want(t, 404)
}

// TestLanguageLink: the other language is the same page, with what its address asked for; a page that answers a form leads to the page
// that the form was on.
func TestLanguageLink(t *testing.T) {
	w := newWorld(t)
	k := newWalk(w)
	k.apply()
	link := w.link("/aktivasi/")
	k.confirm()
	k.password()
	k.evidence()
	visitor := w.browser()
	href := regexp.MustCompile(`<a class="lang" href="([^"]*)"`)
	for _, c := range []struct {
		b    *browser
		p    page
		want string
	}{
		{visitor, visitor.get("/masuk?lanjut=%2Fsertifikat"), "/masuk?lanjut=%2Fsertifikat"},
		{visitor, visitor.post("/masuk", "nik", "1"), "/masuk"},
		{k.tono, k.tono.get("/permohonan?tahap=terbit"), "/permohonan?tahap=terbit"},
		{k.tono, k.tono.post(k.application + "/setujui"), k.application},
		{k.tono, k.tono.post(k.application + "/kembalikan"), k.application},
		{k.budi, k.budi.post(link + "/tautan"), link},
	} {
		m := href.FindStringSubmatch(c.p.body)
		if m == nil {
			t.Errorf("%s has no link to the other language", c.p.path)
			continue
		}
		if got := c.b.get(html.UnescapeString(m[1])); !strings.HasSuffix(w.url(c.want), got.path) || !strings.Contains(got.body, `<html lang="en"`) {
			t.Errorf("the English of %s is %s (%d), want %s", c.p.path, got.path, got.status, c.want)
		}
	}
}

// TestMalformedForm: a body that is no form is the sender's fault, not the server's.
func TestMalformedForm(t *testing.T) {
	w := newWorld(t)
	for kind, body := range map[string]string{
		"application/x-www-form-urlencoded": "nik=%zz", "multipart/form-data; boundary=x": "--y", "multipart/form-data": "x",
	} {
		r, err := http.NewRequestWithContext(t.Context(), "POST", w.url("/masuk"), strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", kind)
		w.browser().do(r).want(t, 400, "Formulir ini tidak terbaca")
	}
}

func TestRedirectsStayHere(t *testing.T) {
	w := newWorld(t)
	for _, next := range []string{"https://jahat.test/", "//jahat.test/", "/\\jahat.test", "javascript:alert(1)", "", "/\tjahat"} {
		b := w.browser()
		b.c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
		p := b.post("/masuk", "nik", nikSari, "password", staffSecret, "lanjut", next)
		if got := p.header.Get("Location"); p.status != 303 || got != "/permohonan" {
			t.Errorf("after log-in with next %q to %q", next, got)
		}
		if p := b.get("/masuk?lanjut=" + url.QueryEscape(next)); p.header.Get("Location") != "/permohonan" {
			t.Errorf("who is signed in already goes with next %q to %q", next, p.header.Get("Location"))
		}
		if p := b.get("/masuk?lanjut=/sertifikat"); p.header.Get("Location") != "/sertifikat" {
			t.Errorf("who is signed in already goes to %q", p.header.Get("Location"))
		}
	}
}

func TestForeignForms(t *testing.T) {
	w := newWorld(t)
	k := newWalk(w)
	for name, head := range map[string]map[string]string{
		"another site":      {"Sec-Fetch-Site": "cross-site"},
		"a sister host":     {"Sec-Fetch-Site": "same-site"},
		"an older browser":  {"Origin": "https://jahat.test"},
		"a sandboxed frame": {"Origin": "null"},
	} {
		r, err := http.NewRequestWithContext(t.Context(), "POST", w.server.URL+"/permohonan/baru", strings.NewReader("nik="+nikBudi+"&name=Budi&position=a&unit=b&email=budi@dinas.contoh.test"))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		for h, v := range head {
			r.Header.Set(h, v)
		}
		k.sari.do(r).want(t, 403, "Formulir ini dikirim dari situs lain")
		if n := len(w.subjects()); n != 0 {
			t.Errorf("a form of %s was taken", name)
		}
	}
}

// TestOwnForms: the forms of this site are taken from every browser: one that says where a form comes from, one that names only the
// origin (older ones, and all of them on plain HTTP), one that says nothing.
func TestOwnForms(t *testing.T) {
	w := newWorld(t)
	for name, head := range map[string][2]string{"today's": {"Sec-Fetch-Site", "same-origin"}, "older": {"Origin", w.server.URL}, "oldest": {"X-Nothing", "x"}} {
		r, err := http.NewRequestWithContext(t.Context(), "POST", w.url("/masuk"), strings.NewReader("nik="+nikSari+"&password="+staffSecret))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set(head[0], head[1])
		if p := w.browser().do(r); p.status != 200 || p.path != "/permohonan" {
			t.Errorf("a log-in from a browser of %s kind: %d %s", name, p.status, p.text)
		}
	}
}

func TestCookies(t *testing.T) {
	w := newWorld(t)
	for _, secure := range []bool{false, true} {
		h := web.New(web.Deps{Accounts: w.accounts, Registration: w.ra, Secure: secure, Now: w.now})
		r := httptest.NewRequest("POST", "https://absah.test/masuk", strings.NewReader("nik="+nikSari+"&password="+staffSecret))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, r)
		c := rec.Result().Cookies()
		if len(c) != 1 || !c[0].HttpOnly || c[0].Secure != secure || c[0].SameSite != http.SameSiteLaxMode || c[0].Path != "/" || strings.HasPrefix(c[0].Name, "__Host-") != secure {
			t.Errorf("secure %v: cookies %v", secure, c)
		}
		if (rec.Header().Get("Strict-Transport-Security") != "") != secure {
			t.Errorf("secure %v: HSTS %q", secure, rec.Header().Get("Strict-Transport-Security"))
		}
		// Without a mailbox function there is no mailbox, and no banner.
		rec = httptest.NewRecorder()
		h.ServeHTTP(rec, httptest.NewRequest("GET", "https://absah.test/dev/mail", nil))
		if rec.Code != 404 || strings.Contains(rec.Body.String(), "MODE DEMO") {
			t.Errorf("the mailbox of a real server: %d", rec.Code)
		}
	}
}

func TestLogOut(t *testing.T) {
	w := newWorld(t)
	k := newWalk(w)
	k.sari.post("/keluar").want(t, 200, "Apakah surat ini asli?")
	k.sari.get("/permohonan").want(t, 200, "Masuk dulu untuk membuka halaman itu")
	k.tono.get("/permohonan").want(t, 200, "Keluar")
}

func TestWhoMaySee(t *testing.T) {
	w := newWorld(t)
	k := newWalk(w)
	for _, s := range k.steps()[:4] {
		s.do().want(t, 200)
	}
	k.budi.login(nikBudi, budiSecret)
	visitor := w.browser()
	for _, path := range []string{"/permohonan", k.application, k.application + "/bukti", "/sertifikat", "/sertifikat/1.pem"} {
		if p := visitor.get(path); !strings.HasPrefix(p.path, "/masuk") {
			t.Errorf("a visitor sees %s: %s", path, p.text)
		}
	}
	if p := k.budi.get("/permohonan"); p.path != "/sertifikat" {
		t.Errorf("a holder sees the queue: %s", p.path)
	}
	k.budi.get(k.application).want(t, 403, "bukan untuk peran Anda")
	k.budi.get(k.application+"/bukti").want(t, 403)
	for _, action := range []string{"/setujui", "/kembalikan", "/tolak", "/kirim-ulang"} {
		k.budi.post(k.application+action, "check", "identity", "check", "letter", "check", "position", "check", "email", "reason", "unreadable").want(t, 403)
	}

	p := k.tono.get(k.application+"/bukti").want(t, 200)
	if p.body != string(letterPDF) || p.header.Get("Content-Disposition") != "attachment; filename=surat.pdf" || !strings.Contains(p.header.Get("Content-Security-Policy"), "sandbox") ||
		p.header.Get("Content-Type") != "application/pdf" || p.header.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("evidence comes with %v", p.header)
	}
}

// TestSelfApplication answers a stranger the same for a new and for a registered NIK.
func TestSelfApplication(t *testing.T) {
	w := newWorld(t)
	form := func(nik, email string) []string {
		return []string{"organisation", string(w.agency), "nik", nik, "name", "Budi Contoh", "position", "Analis", "unit", "Umum", "email", email}
	}
	fresh := w.browser().post("/permohonan/baru", form(nikBudi, "budi@dinas.contoh.test")...).want(t, 200, "Bila data cocok")
	known := w.browser().post("/permohonan/baru", form(nikSari, "budi2@dinas.contoh.test")...)
	taken := w.browser().post("/permohonan/baru", form("3300000000000009", "sari@dinas.contoh.test")...)
	twice := w.browser().post("/permohonan/baru", form(nikBudi, "budi@dinas.contoh.test")...)
	for name, p := range map[string]page{"registered": known, "taken address": taken, "twice": twice} {
		if p.status != fresh.status || p.text != fresh.text {
			t.Errorf("%s: %d %q; a new person gets %d %q", name, p.status, p.text, fresh.status, fresh.text)
		}
	}
	w.deliver()
	if s := w.subjects(); len(s) != 1 {
		t.Errorf("mails %q, want one", s)
	}
	p := w.browser().post("/permohonan/baru", "nik", "12", "name", "Budi Contoh", "email", "x")
	p.want(t, 422, "NIK harus 16 angka. Anda mengetik 2.", "Instansi: Isi kolom ini.", "Ini bukan alamat surel")
	for _, typed := range []string{`value="12"`, `value="Budi Contoh"`, `value="x"`} {
		if !strings.Contains(p.body, typed) {
			t.Errorf("the form forgot %s", typed)
		}
	}
	var last page
	b := w.browser()
	for range 70 {
		last = b.post("/permohonan/baru", form(nikBudi, "budi@dinas.contoh.test")...)
	}
	last.want(t, 429, "Terlalu banyak percobaan")
}

func TestDeniedByReceiver(t *testing.T) {
	w := newWorld(t)
	k := newWalk(w)
	k.apply()
	link := w.link("/aktivasi/")
	k.budi.post(link, "langkah", "bukan").want(t, 200, "Permohonan dihentikan")
	k.budi.post(link, "langkah", "ya").want(t, 410)
	k.sari.get(k.application).want(t, 200, "Disangkal penerima surel", "bukan saya")
	k.budi.post(link+"/tautan").want(t, 403, "disangkal")
}

func TestNewLink(t *testing.T) {
	w := newWorld(t)
	k := newWalk(w)
	k.apply()
	link := w.link("/aktivasi/")
	w.sleep(8 * 24 * 60 * 60 * 1e9)
	k.budi.get(link).want(t, 410, "Tautan ini tidak berlaku lagi", "b•••@dinas.contoh.test", "Kirim tautan baru")
	if strings.Contains(k.budi.get(link).body, "budi@") {
		t.Error("a stranger with an old link sees the whole address")
	}
	k.budi.post(link+"/tautan").want(t, 200, "Tautan baru dikirim ke b•••@dinas.contoh.test")
	fresh := w.link("/aktivasi/")
	if fresh == link {
		t.Fatal("no new link came")
	}
	k.budi.get(fresh).want(t, 200, "Apakah ini Anda?")
	k.budi.get(link).want(t, 410)
	// The address that people know from other mails leads there too.
	k.budi.get("/email/aktivasi/akun/"+strings.TrimPrefix(fresh, "/aktivasi/")).want(t, 200, "Apakah ini Anda?")
}

// TestIssuerDown tells the person to come back, and the same link works then.
func TestIssuerDown(t *testing.T) {
	w := newWorld(t)
	k := newWalk(w)
	for _, s := range k.steps()[:6] {
		s.do().want(t, 200)
	}
	w.issuer.fail = errDown
	p := k.passphrase().want(t, 422, "Penerbitan tertunda", "ABS-ISS-001")
	if strings.Contains(p.text, "key store") {
		t.Error("the page shows an inner error")
	}
	w.issuer.fail = nil
	k.passphrase().want(t, 200, "sertifikat aktif")
}

func TestLargeUpload(t *testing.T) {
	w := newWorld(t)
	k := newWalk(w)
	for _, s := range k.steps()[:3] {
		s.do()
	}
	link := w.link("/aktivasi/")
	k.budi.upload(link, "surat.pdf", append(bytes.Clone(letterPDF), make([]byte, 3<<20)...), "langkah", "bukti", "letter", "1", "consent", "ya").want(t, 422, "paling besar 2 MB")
	k.budi.upload(link, "surat.pdf", append(bytes.Clone(letterPDF), make([]byte, 9<<20)...), "langkah", "bukti", "letter", "1", "consent", "ya").want(t, 413, "Berkas paling besar 2 MB")
	k.budi.post(link, "langkah", strings.Repeat("x", 100<<10)).want(t, 413)
	k.evidence().want(t, 200, "diperiksa")
}

func TestHealth(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	b.get("/healthz").want(t, 200, "ok")
	b.get("/readyz").want(t, 200, `"ready":true`, `"database":"ok"`)
	h := web.New(web.Deps{Accounts: w.accounts, Registration: w.ra, Ready: []web.Check{
		{Name: "database", Run: w.db.Ping}, {Name: "mail", Run: func(context.Context) error { return errors.New("rahasia: 10.0.0.1 menolak") }},
	}})
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, httptest.NewRequest("GET", "/readyz", nil))
	if rec.Code != 503 || !strings.Contains(rec.Body.String(), `"mail":"failed"`) || strings.Contains(rec.Body.String(), "rahasia") {
		t.Errorf("readyz = %d %s", rec.Code, rec.Body)
	}
}

// TestInnerError breaks the database under the pages: people get a number, the log the reason.
func TestInnerError(t *testing.T) {
	w := newWorld(t)
	if err := w.db.Close(); err != nil {
		t.Fatal(err)
	}
	b := w.browser()
	p := b.login(nikSari, staffSecret).want(t, 500, "Ini bukan kesalahan Anda", "kirim kode")
	if strings.Contains(p.text, "sql") || strings.Contains(p.text, "database") {
		t.Errorf("the page says %q", p.text)
	}
}

// TestContrast computes the ratios of the style sheet's colours in both schemes (WCAG 2.2, 1.4.3 and 1.4.11).
func TestContrast(t *testing.T) {
	css, err := os.ReadFile("static/style.css")
	if err != nil {
		t.Fatal(err)
	}
	light, rest, _ := strings.Cut(string(css), "@media (prefers-color-scheme: dark)")
	dark, chosen, _ := strings.Cut(rest, `:root[data-theme="dark"] {`)
	chosen, _, _ = strings.Cut(chosen, "}")
	vars := func(s string) map[string]float64 {
		m := map[string]float64{}
		for _, v := range regexp.MustCompile(`--([a-z0-9-]+): #([0-9a-f]{6})`).FindAllStringSubmatch(s, -1) {
			m[v[1]] = luminance(v[2])
		}
		return m
	}
	schemes := map[string]map[string]float64{"light": vars(light), "dark": vars(light)}
	for k, v := range vars(dark) {
		schemes["dark"][k] = v
	}
	if !maps.Equal(vars(dark), vars(chosen)) {
		t.Error("dark differs between who chose it and who has it by the device")
	}
	for name, v := range schemes {
		for _, c := range []struct {
			front, back string
			least       float64
		}{
			{"text", "bg", 7},
			{"text", "bg-2", 7},
			{"text-2", "bg", 4.5},
			{"text-2", "bg-2", 4.5},
			{"text", "info-bg", 4.5},
			{"text-2", "err-bg", 4.5},
			{"on-primary", "primary", 4.5},
			{"on-primary", "primary-hover", 4.5},
			{"link", "bg", 4.5},
			{"link", "bg-2", 4.5},
			{"link", "info-bg", 4.5},
			{"ok", "bg", 4.5},
			{"ok", "ok-bg", 4.5},
			{"warn", "warn-bg", 4.5},
			{"err", "bg", 4.5},
			{"err", "err-bg", 4.5},
			{"border", "bg", 3},
			{"border", "bg-2", 3},
			{"primary", "bg", 3},
			{"err", "bg", 3},
		} {
			a, b := v[c.front], v[c.back]
			if a == 0 && c.front != "text" || b == 0 {
				t.Fatalf("%s: no colour %s or %s", name, c.front, c.back)
			}
			if r := (max(a, b) + 0.05) / (min(a, b) + 0.05); r < c.least {
				t.Errorf("%s: --%s on --%s has %.2f, want %.1f", name, c.front, c.back, r, c.least)
			}
		}
	}
}

func luminance(hex string) float64 {
	var sum float64
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		n, _ := strconv.ParseUint(hex[2*i:2*i+2], 16, 8)
		c := float64(n) / 255
		if c <= 0.04045 {
			c /= 12.92
		} else {
			c = math.Pow((c+0.055)/1.055, 2.4)
		}
		sum += weight * c
	}
	return sum
}

func TestTheme(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	if p := b.get("/masuk"); !strings.Contains(p.body, `data-theme="auto"`) {
		t.Error("without a choice the device does not decide")
	}
	p := b.post("/tampilan", "tema", "dark", "kembali", "/masuk?lanjut=%2Fsertifikat")
	if p.path != "/masuk?lanjut=%2Fsertifikat" || !strings.Contains(p.body, `data-theme="dark"`) || !strings.Contains(p.body, `content="dark"`) {
		t.Errorf("after the choice: %s", p.path)
	}
	if p := b.post("/tampilan", "tema", `"><script>`, "kembali", "https://example.org/"); p.path != "/" || !strings.Contains(p.body, `data-theme="dark"`) {
		t.Errorf("a foreign address and a theme that is none led to %s", p.path)
	}
	if p := b.get("/"); strings.Contains(p.body, "<script") {
		t.Error("a page got a script")
	}
}

func TestStyle(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	path := regexp.MustCompile(`/static/style\.[0-9a-f]+\.css`).FindString(b.get("/").body)
	p := b.get(path).want(t, 200)
	if p.header.Get("Content-Type") != "text/css; charset=utf-8" || !strings.Contains(p.header.Get("Cache-Control"), "immutable") {
		t.Errorf("style sheet with %v", p.header)
	}
	if z := p.header.Get("Vary"); z != "Accept-Encoding" {
		t.Errorf("Vary %q", z)
	}
	b.get("/static/style.css").want(t, 404)
	b.get("/static/..%2fweb.go").want(t, 404)
}
