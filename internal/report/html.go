package report

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"html/template"
	"io"
	"sync"
)

//go:embed page.html
var pageSource string

//go:embed page.css
var pageStyle string

// page is parsed when the first report is written: a program that writes none does not carry the templates' machinery.
func page() *template.Template {
	parsing.Do(func() { parsed = template.Must(template.New("page").Parse(pageSource)) })
	return parsed
}

var (
	parsing sync.Once
	parsed  *template.Template
)

// HTML writes one page that holds everything it shows: no script, no picture, no address. Its own content security policy permits
// the one style sheet inside and nothing else. It follows the reader's light or dark setting and prints on A4.
func HTML(w io.Writer, docs []Document, o Options) error {
	sum := sha256.Sum256([]byte(pageStyle))
	return page().Execute(w, struct {
		*view
		Style template.CSS
		CSP   string
	}{newView(docs, o), template.CSS(pageStyle), "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; base-uri 'none'; form-action 'none'"})
}
