package web

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"net/url"
	"path"
	"strings"
	"time"

	"absah/internal/account"
	"absah/internal/answer"
	"absah/internal/fault"
)

//go:embed template text static
var files embed.FS

// pages holds each page in each language: the functions that a template calls know their language.
type pages map[string]map[string]*template.Template

var catalogue = mustCatalogue()

func mustCatalogue() map[string]map[string]string {
	all := map[string]map[string]string{}
	for _, lang := range []string{"id", "en"} {
		b, err := files.ReadFile("text/" + lang + ".json")
		if err != nil {
			panic(err)
		}
		m := map[string]string{}
		if err := json.Unmarshal(b, &m); err != nil {
			panic(fmt.Sprintf("text/%s.json: %v", lang, err))
		}
		all[lang] = m
	}
	return all
}

// translate returns a text with its {name} places filled from pairs of name and value.
func translate(lang, key string, args ...string) string {
	s, ok := catalogue[lang][key]
	if !ok {
		return "⟦" + key + "⟧" // a test looks for it
	}
	for i := 0; i+1 < len(args); i += 2 {
		s = strings.ReplaceAll(s, "{"+args[i]+"}", args[i+1])
	}
	return s
}

func mustPages(a *assets) pages {
	p := pages{}
	names, err := fs.Glob(files, "template/*.html")
	if err != nil {
		panic(err)
	}
	for _, lang := range []string{"id", "en"} {
		p[lang] = map[string]*template.Template{}
		base := template.Must(template.New("layout.html").Option("missingkey=error").Funcs(functions(lang, a)).ParseFS(files, "template/layout.html"))
		for _, n := range names {
			if name := strings.TrimSuffix(path.Base(n), ".html"); name != "layout" {
				p[lang][name] = template.Must(template.Must(base.Clone()).ParseFS(files, n))
			}
		}
	}
	return p
}

// view is what the layout needs; Data belongs to the page.
type view struct {
	TitleKey  string
	TitleArgs []string
	Data      any

	// Of the pages that a script fills, and that have its policy then.
	Script  string
	Preload []string // scripts and style sheets that it will ask for

	// Set by show.
	Lang, Other, Path, Title        string
	Switch                          string // the address of the same page in the other language
	Here                            string // the address of this page, to come back to
	Theme                           string // light, dark, or auto: as the device has it
	Themes                          []string
	Person                          *account.Person
	Officer, Demo, Mailbox, Signing bool
	Built                           bool   // there is a web application, which can be installed
	Trust                           bool   // there is a page on trusting this instance
	Recognition                     string // of the operator as an authority, "" = none
	Faults                          []problem
	Form                            map[string][]string
}

// Value is what was typed into a field.
func (v view) Value(name string) string {
	if l := v.Form[name]; len(l) > 0 {
		return l[0]
	}
	return ""
}

// Chosen says whether a box was ticked.
func (v view) Chosen(name, value string) bool {
	for _, x := range v.Form[name] {
		if x == value {
			return true
		}
	}
	return false
}

// FaultsOf lists the faults of a field.
func (v view) FaultsOf(name string) []problem {
	var l []problem
	for _, p := range v.Faults {
		if p.Field == name {
			l = append(l, p)
		}
	}
	return l
}

// show renders a page. With faults its status says so and its title starts with the word.
func (c *call) show(status int, name string, v view) error {
	v.Lang, v.Other = c.lang, map[string]string{"id": "en", "en": "id"}[c.lang]
	v.Path, v.Switch = c.r.URL.Path, c.inLanguage(v.Other)
	v.Theme, v.Themes, v.Here = theme(c.r), themes, c.here()
	v.Person, v.Officer, v.Demo, v.Mailbox, v.Signing = c.person, c.officer(), c.s.Demo, c.s.Mailbox != nil, c.s.Documents != nil
	v.Trust, v.Recognition = c.s.Trust != nil, c.s.Operator.recognition(c.lang)
	v.Faults, v.Form, v.Built = c.faults, c.form, c.s.assets.app != nil
	v.Title = c.text(v.TitleKey, v.TitleArgs...)
	if len(c.faults) > 0 {
		v.Title = c.text("fault.prefix") + " " + v.Title
		if status == http.StatusOK {
			status = http.StatusUnprocessableEntity
		}
	}
	t := c.s.pages[c.lang][name]
	if t == nil {
		return fmt.Errorf("no page %q", name)
	}
	var b bytes.Buffer // whole, so that a template that breaks leaves no half page
	if err := t.ExecuteTemplate(&b, "layout.html", v); err != nil {
		return err
	}
	c.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	c.w.WriteHeader(status)
	_, _ = b.WriteTo(c.w) // who went away needs no other page
	return nil
}

// pagePath is the page of this address. What answers a form has none of its own: there it is the page above it.
func (c *call) pagePath() string {
	if _, pattern, _ := strings.Cut(c.r.Pattern, " "); c.r.Method != http.MethodGet && !c.s.shown[pattern] {
		return path.Dir(c.r.URL.Path)
	}
	return c.r.URL.Path
}

// here is the address of this page.
func (c *call) here() string {
	u := url.URL{Path: c.pagePath()}
	if c.r.Method == http.MethodGet {
		u.RawQuery = c.r.URL.RawQuery
	}
	return local(u.RequestURI())
}

// inLanguage is the address of this page in a language.
func (c *call) inLanguage(lang string) string {
	u := url.URL{Path: c.pagePath()}
	q := url.Values{}
	if c.r.Method == http.MethodGet {
		q = c.r.URL.Query()
	}
	q.Set("lang", lang)
	u.RawQuery = q.Encode()
	return local(u.RequestURI())
}

// input is one field of a form as the layout's "input" template draws it.
type input struct {
	View              view
	Name, Type, Value string
	Attr              map[string]string
	Hint              string
	Required          bool
	Faults            []problem
	Options           []string // of a select
}

// Describe joins what a screen reader reads after the label.
func (i input) Describe() string {
	var ids []string
	if i.Hint != "" {
		ids = append(ids, i.Name+"-hint")
	}
	if len(i.Faults) > 0 {
		ids = append(ids, i.Name+"-fault")
	}
	return strings.Join(ids, " ")
}

func functions(lang string, a *assets) template.FuncMap {
	return template.FuncMap{
		"t": func(key string, args ...string) string { return translate(lang, key, args...) },
		"has": func(key string) bool {
			_, ok := catalogue[lang][key]
			return ok
		},
		// field prepares an input: name, type, then pairs of attribute and value ("optional" "yes" for what may stay empty).
		"field": func(v view, name, kind string, attrs ...string) input {
			i := input{View: v, Name: name, Type: kind, Value: v.Value(name), Required: true, Attr: map[string]string{"autocomplete": "", "inputmode": "", "accept": "", "maxlength": ""}, Faults: v.FaultsOf(name)}
			for j := 0; j+1 < len(attrs); j += 2 {
				switch attrs[j] {
				case "optional":
					i.Required = false
				default:
					i.Attr[attrs[j]] = attrs[j+1]
				}
			}
			if kind == "password" {
				i.Value = ""
			}
			if _, ok := catalogue[lang]["hint."+name]; ok {
				i.Hint = translate(lang, "hint."+name)
			}
			if kind == "file" && i.Required && len(v.Faults) > 0 && len(i.Faults) == 0 {
				// A browser forgets the file when a form comes back.
				i.Hint = strings.TrimSpace(i.Hint + " " + translate(lang, "file.again"))
			}
			return i
		},
		// choice prepares a select; its options have their words under the field's name.
		"choice": func(v view, name string, options []string) input {
			i := input{View: v, Name: name, Value: v.Value(name), Faults: v.FaultsOf(name), Options: options}
			if _, ok := catalogue[lang]["hint."+name]; ok {
				i.Hint = translate(lang, "hint."+name)
			}
			return i
		},
		"sentence":  sentence,
		"words":     func(w Words) string { return w.In(lang) },
		"shownLink": shownLink,
		// link lets an address of the operator's file stand in a page: it was checked when the file was read.
		"link":    func(s string) template.URL { return template.URL(s) }, //nolint:gosec // as above
		"static":  func(name string) string { return a.names[name] },
		"isStyle": func(path string) bool { return strings.HasSuffix(path, ".css") },
		"when":    func(t time.Time) string { return fault.Moment(t).In(lang) },
		"day":     func(t time.Time) string { return fault.Day(t).In(lang) },
		"since":   func(now, t time.Time) string { return since(now.Sub(t), lang) },
		"iso":     func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
		"group":   answer.Grouped,
		"size":    func(n int64) string { return fmt.Sprintf("%d KB", (n+1023)/1024) },
	}
}

// since says how long something waits, in its largest unit.
func since(d time.Duration, lang string) string {
	n, key := int(d/time.Minute), "since.minutes"
	switch {
	case d >= 24*time.Hour:
		n, key = int(d/(24*time.Hour)), "since.days"
	case d >= time.Hour:
		n, key = int(d/time.Hour), "since.hours"
	case n < 1:
		return translate(lang, "since.now")
	}
	if n == 1 {
		key += ".one"
	}
	return translate(lang, key, "n", fmt.Sprint(n))
}
