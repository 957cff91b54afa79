package mail

import (
	"fmt"
	"html/template"
	"maps"
	"regexp"
	"strings"
	"time"

	"absah/internal/fault"
)

var fact = regexp.MustCompile(`\{([a-z]+)\}`)

// write makes text and HTML of a mail from the same words: Indonesian first, English below.
func write(kind, name string, facts map[string]string) (Message, error) {
	if kind == "activation" && facts["registrant"] == "" {
		kind = "activation-self"
	}
	t, ok := texts[kind]
	if !ok {
		return Message{}, fmt.Errorf("no such mail")
	}
	url := facts["url"]
	if !strings.HasPrefix(url, "https://") && !strings.HasPrefix(url, "http://") {
		return Message{}, fmt.Errorf("the link is missing")
	}
	if facts["contact"] == "" || facts["agency"] == "" {
		return Message{}, fmt.Errorf("the contact or the agency is missing")
	}
	id, err := fill(t.id, "id", facts)
	if err != nil {
		return Message{}, err
	}
	en, err := fill(t.en, "en", facts)
	if err != nil {
		return Message{}, err
	}
	subject, err := fillLine(t.subject, local("id", facts))
	if err != nil {
		return Message{}, err
	}
	p := page{
		Name: line(name), URL: url,
		Blocks: []block{
			{Lang: "id", Hello: "Yth. " + line(name) + ",", words: id, Copy: "Bila tombol tidak berfungsi, salin alamat ini ke peramban:", Help: "Butuh bantuan? Hubungi " + line(facts["contact"]) + ".", Auto: "Surel ini dikirim otomatis; jangan membalasnya."},
			{Lang: "en", Hello: "Dear " + line(name) + ",", words: en, Copy: "If the button does not work, copy this address into your browser:", Help: "Need help? Contact " + line(facts["contact"]) + ".", Auto: "This mail was sent automatically; please do not reply."},
		},
	}
	var b strings.Builder
	if err := htmlTemplate.Execute(&b, p); err != nil {
		return Message{}, err
	}
	return Message{Subject: line(subject), Text: p.text(), HTML: b.String()}, nil
}

type page struct {
	Name, URL string
	Blocks    []block
}

type block struct {
	words
	Lang, Hello, Copy, Help, Auto string
}

// The template reads these; words keeps its names lower case for the table.
func (b block) Title() string    { return b.title }
func (b block) Before() []string { return b.before }
func (b block) Button() string   { return b.button }
func (b block) After() []string  { return b.after }

func (p page) text() string {
	var s strings.Builder
	for i, b := range p.Blocks {
		if i > 0 {
			s.WriteString("\n----------------------------------------\n(English)\n\n")
		}
		for _, par := range append(append([]string{b.Hello, b.title}, b.before...), b.button+":\n"+p.URL) {
			s.WriteString(par + "\n\n")
		}
		for _, par := range append(append([]string(nil), b.after...), b.Help, b.Auto) {
			s.WriteString(par + "\n\n")
		}
	}
	return strings.TrimSpace(s.String()) + "\n"
}

func fill(w words, lang string, facts map[string]string) (words, error) {
	all := local(lang, facts)
	var err error
	list := func(in []string) (out []string) {
		for _, s := range in {
			var filled string
			if filled, err = fillLine(s, all); err != nil {
				return nil
			}
			if filled != "" {
				out = append(out, filled)
			}
		}
		return out
	}
	w.before = list(w.before)
	if err == nil {
		w.after = list(w.after)
	}
	return w, err
}

func fillLine(s string, facts map[string]string) (string, error) {
	var missing string
	out := fact.ReplaceAllStringFunc(s, func(m string) string {
		key := m[1 : len(m)-1]
		v, ok := facts[key]
		if !ok || v == "" && key != "note" {
			missing = key
		}
		return v
	})
	if missing != "" {
		return "", fmt.Errorf("the fact %q is missing", missing)
	}
	return out, nil
}

// local puts times and reasons into the words of a language.
func local(lang string, facts map[string]string) map[string]string {
	all := maps.Clone(facts)
	for k, v := range all {
		all[k] = line(v)
	}
	for _, k := range []string{"expires", "until"} {
		if t, err := time.Parse(time.RFC3339, facts[k]); err == nil {
			all[k] = fault.Moment(t).In(lang)
		} else {
			delete(all, k)
		}
	}
	if r, ok := facts["reasons"]; ok {
		var list []string
		for _, key := range strings.Fields(r) {
			w, ok := reasonWords[key]
			if !ok {
				continue
			}
			if lang == "en" {
				list = append(list, w[1])
			} else {
				list = append(list, w[0])
			}
		}
		all["reasons"] = strings.Join(list, "; ")
	}
	return all
}

// line keeps what people typed on one line, so that it cannot start a header or fake a paragraph.
func line(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r <= ' ' || r == 0x7f || r == 0x2028 || r == 0x2029 }), " ")
}

// htmlTemplate has its styles inline because mail programs drop style sheets; no picture, nothing is fetched, nobody is traced.
var htmlTemplate = template.Must(template.New("mail").Parse(`<!doctype html>
<html lang="id"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark"><title>{{(index .Blocks 0).Title}}</title></head>
<body style="margin:0;padding:16px;font:16px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,sans-serif">
<div style="max-width:560px;margin:0 auto">
{{$url := .URL}}{{range $i, $b := .Blocks}}{{if $i}}<hr style="margin:32px 0;border:0;border-top:1px solid #6b7280">
{{end}}<div lang="{{.Lang}}">
<h1 style="font-size:22px;line-height:1.3;margin:0 0 16px">{{.Title}}</h1>
<p>{{.Hello}}</p>
{{range .Before}}<p>{{.}}</p>
{{end}}<p style="margin:24px 0"><a href="{{$url}}" style="display:inline-block;background:#0b57a4;color:#ffffff;text-decoration:none;font-weight:600;padding:12px 20px;border-radius:8px">{{.Button}}</a></p>
<p style="font-size:14px">{{.Copy}}<br><a href="{{$url}}" style="word-break:break-all">{{$url}}</a></p>
{{range .After}}<p>{{.}}</p>
{{end}}<p>{{.Help}}</p>
<p style="font-size:14px">{{.Auto}}</p>
</div>
{{end}}</div></body></html>
`))
