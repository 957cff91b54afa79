package web

import (
	"html"
	"log/slog"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

func siteWith(t *testing.T, d Deps) func(path, lang string) string {
	t.Helper()
	d.Log = slog.New(slog.DiscardHandler)
	h := New(d)
	return func(path, lang string) string {
		t.Helper()
		r := httptest.NewRequest("GET", path, nil)
		r.Header.Set("Cookie", langCookie+"="+lang)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != 200 {
			t.Fatalf("%s: %d", path, w.Code)
		}
		return w.Body.String()
	}
}

var siteTags = regexp.MustCompile(`(?s)<svg.*?</svg>|<[^>]*>`)

func siteText(page string) string {
	return strings.Join(strings.Fields(html.UnescapeString(siteTags.ReplaceAllString(page, " "))), " ")
}

func operated(now time.Time) Deps {
	file := func(s string) TrustFile { return TrustFile{Type: "text/plain", Data: []byte(s)} }
	return Deps{
		Now: func() time.Time { return now }, Documents: &Documents{Host: "absah.contoh.example"},
		Operator: Operator{
			Name: Words{"id": "Dinas Contoh", "en": "Contoh Agency"}, Unit: Words{"id": "Bidang <b>Contoh</b>"}, Report: "mailto:lapor@contoh.example",
			Notices: []Notice{
				{Text: Words{"id": "Sekarang.", "en": "Now."}, From: now.Add(-time.Hour), Until: now.Add(time.Hour)},
				{Text: Words{"id": "Kemarin."}, Until: now},
				{Text: Words{"id": "Besok."}, From: now.Add(time.Second)},
			},
			Team: Team{
				Name: Words{"id": "Tim Contoh"}, Hours: Words{"id": "Senin"},
				Contacts: []Contact{{Label: Words{"id": "Telepon"}, Link: "tel:+62000"}, {Link: "https://contoh.example/"}},
			},
		},
		Trust: &Trust{
			Roots: []Root{{Own: true, Kind: "test", Subject: "Root Contoh", SHA256: strings.Repeat("AB12", 16), SHA1: strings.Repeat("CD34", 10)}},
			Files: map[string]TrustFile{"root.cer": file("c"), "contoh.pdf": file("p"), "package.json": file("{}")},
		},
	}
}

// TestSite: what the operator said is on the pages, as text and in the language; what nobody said is not made up.
func TestSite(t *testing.T) {
	now := time.Date(2027, 1, 12, 2, 30, 0, 0, time.UTC)
	get := siteWith(t, operated(now))
	front := get("/", "id")
	for _, want := range []string{"Dinas Contoh", "Bidang <b>Contoh</b>", "Sekarang.", "Tim Contoh", "Senin", "+62000", "contoh.example", "bukan PSrE yang diakui"} {
		if !strings.Contains(siteText(front), want) {
			t.Errorf("/ lacks %q", want)
		}
	}
	for _, never := range []string{"Kemarin.", "Besok.", "<b>Contoh</b>"} {
		if strings.Contains(front, never) {
			t.Errorf("/ has %q", never)
		}
	}
	for _, link := range []string{"tel:+62000", "https://contoh.example/", "/verifikasi", "/tanda-tangan", "/permohonan/baru", "/percaya", "/bantuan"} {
		if !strings.Contains(html.UnescapeString(front), `href="`+link+`"`) {
			t.Errorf("/ has no link to %s", link)
		}
	}
	if en := siteText(get("/", "en")); !strings.Contains(en, "Contoh Agency") || !strings.Contains(en, "Now.") || !strings.Contains(en, "Tim Contoh") {
		t.Error("/ in English lacks words of the operator")
	}
	if help := get("/bantuan", "id"); !strings.Contains(help, "mailto:lapor@contoh.example") || !strings.Contains(help, "absah.contoh.example") {
		t.Error("/bantuan lacks the address for reports, or the host")
	}
	trust := get("/percaya", "id")
	if text := siteText(trust); !strings.Contains(text, strings.TrimSpace(strings.Repeat("AB12 ", 16))) || !strings.Contains(text, "Root Contoh") || !strings.Contains(text, "uji coba") {
		t.Error("/percaya lacks the fingerprint, the name, or the warning")
	}
	for name, there := range map[string]bool{"root.cer": true, "contoh.pdf": true, "package.json": true, "chain.p7b": false} {
		if strings.Contains(trust, `href="/trust/`+name+`"`) != there {
			t.Errorf("/percaya links %s: want %t", name, there)
		}
		if there {
			get("/trust/"+name, "id")
		}
	}

	// An operator who is recognised says so, and nobody else does.
	d := operated(now)
	d.Operator.Recognition = Words{"id": "Keputusan Contoh 7"}
	get = siteWith(t, d)
	for _, path := range []string{"/", "/bantuan"} {
		if text := siteText(get(path, "id")); !strings.Contains(text, "Keputusan Contoh 7") || strings.Contains(text, "bukan PSrE") {
			t.Errorf("%s does not say what recognises the operator", path)
		}
	}

	// Nothing is known of the operator.
	get = siteWith(t, Deps{Now: func() time.Time { return now }})
	for _, path := range []string{"/", "/bantuan", "/aksesibilitas"} {
		for _, lang := range []string{"id", "en"} {
			if page := get(path, lang); strings.Contains(page, "⟦") || strings.Contains(page, `href=""`) || strings.Contains(page, "/percaya") {
				t.Errorf("%s (%s) of an instance that says nothing: %s", path, lang, siteText(page))
			}
		}
	}
	if !strings.Contains(siteText(get("/", "id")), "belum menuliskan tim") {
		t.Error("/ does not say that no team is known")
	}
}

// TestHelpStaysInPlace (WCAG 2.2, 3.2.6): the first thing of the foot of every page is the way to help.
func TestHelpStaysInPlace(t *testing.T) {
	get := siteWith(t, operated(time.Now()))
	for _, path := range []string{"/", "/bantuan", "/percaya", "/aksesibilitas", "/verifikasi", "/simulasi", "/pasang", "/masuk", "/lupa-sandi"} {
		page := get(path, "id")
		_, foot, _ := strings.Cut(page, `<footer`)
		if links := regexp.MustCompile(`href="([^"]*)"`).FindAllStringSubmatch(foot, -1); len(links) == 0 || links[0][1] != "/bantuan" {
			t.Errorf("%s: the foot begins with %v", path, links)
		}
	}
}

// TestFrontIsLight: page and style sheet together, as they travel, stay under the budget. Brotli, which a built application brings,
// makes the style sheet smaller still.
func TestFrontIsLight(t *testing.T) {
	get := siteWith(t, operated(time.Now()))
	page := get("/", "id")
	n := len(squeeze([]byte(page)))
	loads := regexp.MustCompile(`(?:src|href)="(/(?:static|app)/[^"]+)"`).FindAllStringSubmatch(page, -1)
	var seen []string
	for _, l := range loads {
		if !slices.Contains(seen, l[1]) {
			seen = append(seen, l[1])
			body := get(l[1], "id")
			if z := squeeze([]byte(body)); z != nil {
				n += len(z)
			} else {
				n += len(body)
			}
		}
	}
	if len(seen) == 0 || n > 30<<10 {
		t.Errorf("the front page with %v weighs %d bytes, at most %d are allowed", seen, n, 30<<10)
	}
	t.Logf("%d bytes with %v", n, seen)
}
