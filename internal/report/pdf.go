package report

import (
	"io"
	"strings"

	"absah/internal/answer"
	"absah/internal/pdf"
	"absah/internal/sheet"
	"absah/internal/stamp"
	"absah/pades"
)

// Measures of the page, in points.
const (
	pdfLeft, pdfRight  = 50, sheet.Width - 50
	pdfTop, pdfBottom  = sheet.Height - 42, 44
	pdfText, pdfSmall  = 9.5, 8
	pdfLabel           = 150 // width of the column of labels
	pdfMark            = 16  // width of the column of marks
	pdfLeading         = 1.3
	pdfGap             = 6
	grayText, grayLine = 0.25, 0.7
)

// PDF writes the same report as a document for printing and filing: A4, tagged, PDF/A-2b, in black and gray.
func PDF(w io.Writer, docs []Document, o Options) error {
	c := newComposer(answer.Word("title", o.Language), o)
	v := newView(docs, o)
	c.heading("H1", 14, v.Title)
	c.text("P", pdfSmall, grayText, v.Made)
	for i, d := range v.Documents {
		if i > 0 {
			c.newPage()
		}
		c.document(d, v.Words)
	}
	c.rule()
	for _, line := range v.Footer {
		c.text("P", pdfSmall, grayText, line)
	}
	return c.doc.Write(w)
}

func newComposer(title string, o Options) *composer {
	lang := "id-ID"
	if o.Language == pades.English {
		lang = "en"
	}
	c := &composer{doc: &sheet.Document{Title: title, Author: o.Program, Language: lang, Date: o.Time}}
	c.newPage()
	return c
}

// composer fills pages from the top. y is the height down to which the page is full.
type composer struct {
	doc  *sheet.Document
	page *sheet.Page
	y    float64
}

func (c *composer) newPage() {
	c.page, c.y = c.doc.AddPage(), pdfTop
}

// room makes sure that so much fits under what is there.
func (c *composer) room(h float64) {
	if c.y-h < pdfBottom {
		c.newPage()
	}
}

// element is one paragraph that begins on this page. Where it goes over to the next one, the rest is an element there.
func (c *composer) element(kind pdf.Name, f *stamp.Font, size, gray, x, width float64, text string) {
	for first := true; ; first = false {
		all := f.Wrap(text, size, width)
		if len(all) == 0 {
			return
		}
		fit := int((c.y - pdfBottom) / (size * pdfLeading))
		if fit < 1 || first && fit < min(2, len(all)) {
			c.newPage()
			fit = int((c.y - pdfBottom) / (size * pdfLeading))
		}
		now := all[:min(fit, len(all))]
		c.page.Begin(kind)
		c.page.Gray(gray)
		for _, line := range now {
			c.y -= size * pdfLeading
			c.page.Text(f, size, x, c.y, line)
		}
		c.page.Gray(0)
		c.page.EndTag()
		if len(now) == len(all) {
			return
		}
		text = strings.Join(all[len(now):], " ")
	}
}

func (c *composer) heading(kind pdf.Name, size float64, text string) {
	c.room(size*pdfLeading + 2*pdfText*pdfLeading)
	c.element(kind, stamp.Bold(), size, 0, pdfLeft, pdfRight-pdfLeft, text)
	c.y -= 2
}

func (c *composer) text(kind pdf.Name, size, gray float64, text string) {
	c.element(kind, stamp.Regular(), size, gray, pdfLeft, pdfRight-pdfLeft, text)
	c.y -= 2
}

func (c *composer) rule() {
	c.room(3 * pdfGap)
	if c.y == pdfTop {
		return
	}
	c.y -= pdfGap
	c.page.BeginArtifact()
	c.page.StrokeGray(grayLine)
	c.page.Line(pdfLeft, c.y, pdfRight, c.y, 0.7)
	c.page.StrokeGray(0)
	c.page.EndTag()
	c.y -= pdfGap / 2
}

// row is a label beside its value: one element, so that they are read together.
func (c *composer) row(r answer.Row, size float64) {
	values := stamp.Regular().Wrap(r.Value, size, pdfRight-pdfLeft-pdfLabel)
	labels := stamp.Regular().Wrap(r.Label, size, pdfLabel-8)
	if len(values) > 12 {
		values = append(values[:12], "…")
	}
	n := max(len(values), len(labels))
	h := size * pdfLeading
	c.room(float64(n) * h)
	c.page.Begin("P")
	c.page.Gray(grayText)
	for i, line := range labels {
		c.page.Text(stamp.Regular(), size, pdfLeft, c.y-float64(i+1)*h, line)
	}
	c.page.Gray(0)
	for i, line := range values {
		c.page.Text(stamp.Regular(), size, pdfLeft+pdfLabel, c.y-float64(i+1)*h, line)
	}
	c.page.EndTag()
	c.y -= float64(n)*h + 1
}

// sign draws the mark of an answer: the fonts have no tick and no cross.
func (c *composer) sign(mark string, x, y, size, width float64) {
	switch mark {
	case "✓":
		c.page.Line(x, y+size*0.3, x+size*0.25, y, width)
		c.page.Line(x+size*0.25, y, x+size*0.7, y+size*0.65, width)
	case "✗":
		c.page.Line(x, y, x+size*0.6, y+size*0.6, width)
		c.page.Line(x, y+size*0.6, x+size*0.6, y, width)
	default:
		c.page.Text(stamp.Bold(), size, x+size*0.1, y, mark)
	}
}

// item is a mark, a sentence in bold, and more words beside it or, where they have no room there, under it.
func (c *composer) item(mark, bold, more string) {
	const x, width, h = pdfLeft + pdfMark, pdfRight - pdfLeft - pdfMark, pdfText * pdfLeading
	c.room(2 * h)
	c.page.BeginArtifact()
	c.sign(mark, pdfLeft, c.y-h, pdfText, 1.2)
	c.page.EndTag()
	if at := stamp.Bold().Width(bold+"  ", pdfText); at+stamp.Regular().Width(more, pdfText) <= width {
		c.page.Begin("P")
		c.y -= h
		c.page.Text(stamp.Bold(), pdfText, x, c.y, bold)
		if bold == "" {
			at = 0
		}
		c.page.Text(stamp.Regular(), pdfText, x+at, c.y, more)
		c.page.EndTag()
	} else {
		c.element("P", stamp.Bold(), pdfText, 0, x, width, bold)
		c.element("P", stamp.Regular(), pdfText, grayText, x, width, more)
	}
	c.y -= 2
}

// band is the verdict in a frame.
func (c *composer) band(d *answer.View) {
	const side, inner = 34.0, 12.0
	x, width := float64(pdfLeft+side+2*inner), float64(pdfRight-pdfLeft-side-3*inner)
	head := stamp.Regular().Wrap(d.Headline, pdfText+1, width)
	h := max(side+2*inner, 16*pdfLeading+float64(len(head))*(pdfText+1)*pdfLeading+2*inner)
	c.room(h)
	c.page.BeginArtifact()
	weight := 1.2
	if d.Verdict == string(pades.Invalid) {
		weight = 3
	}
	c.page.RoundRect(pdfLeft, c.y-h, pdfRight-pdfLeft, h, 8, weight, false)
	middle := c.y - h/2
	c.page.RoundRect(pdfLeft+inner, middle-side/2, side, side, side/2, 1.6, false)
	c.sign(d.Mark, pdfLeft+inner+side*0.3, middle-6, 19, 2.4)
	c.page.EndTag()
	under := c.y - h
	c.y -= inner
	c.element("H2", stamp.Bold(), 14, 0, x, width, d.Word)
	c.element("P", stamp.Regular(), pdfText+1, 0, x, width, d.Headline)
	c.y = under - pdfGap
}

func (c *composer) findings(list []answer.FindingView) {
	for _, f := range list {
		c.item(f.Mark, f.Sentence, strings.TrimSpace(f.Cause+" "+f.Action))
	}
}

func (c *composer) advice(d *answer.View, w map[string]string) {
	for _, part := range []struct {
		title string
		lines []string
	}{{w["why"], d.Why}, {w["do"], d.Do}} {
		if len(part.lines) > 0 {
			c.y -= pdfGap
			c.heading("H3", 11, part.title)
		}
		for _, line := range part.lines {
			c.item("·", "", line)
		}
	}
}

func (c *composer) document(d *answer.View, w map[string]string) {
	c.y -= pdfGap
	c.band(d)
	for _, r := range d.Facts {
		c.row(r, pdfText)
	}
	if len(d.Signatures) == 0 {
		c.advice(d, w) // else each signature has its own
	}
	for _, s := range d.Signatures {
		c.rule()
		c.heading("H3", 11, s.Title+": "+s.Word)
		for _, k := range s.Checks {
			c.item(k.Mark, k.Label+": "+k.Answer+".", k.Text)
		}
		if s.Outcome != nil {
			c.y -= 2
			c.element("P", stamp.Bold(), pdfText, 0, pdfLeft, pdfRight-pdfLeft, s.Outcome.Sentence)
			c.text("P", pdfText, 0, w["why"]+" "+s.Outcome.Cause)
			c.text("P", pdfText, 0, w["do"]+" "+s.Outcome.Action)
		}
		if len(s.Findings) > 0 {
			c.heading("H4", pdfText, w["notes"])
			c.findings(s.Findings)
		}
		if len(s.Changes) > 0 {
			c.heading("H4", pdfText, w["changes"])
			for _, change := range s.Changes {
				c.item("·", "", change.Sentence)
			}
			if s.More {
				c.item("·", "", "…")
			}
		}
		c.heading("H4", pdfText, w["events"])
		for _, e := range s.Events {
			c.row(answer.Row{Label: e.Label, Value: e.Text}, pdfSmall)
		}
		c.heading("H4", pdfText, w["details"])
		for _, r := range s.Rows {
			c.row(r, pdfSmall)
		}
	}
	if len(d.Findings) > 0 {
		c.rule()
		c.heading("H3", 11, w["aboutfile"])
		c.findings(d.Findings)
	}
	if d.Acrobat != nil {
		c.rule()
		c.heading("H3", 11, w["acrobat"])
		c.text("P", pdfText, 0, d.Acrobat.Says)
		c.text("P", pdfText, 0, d.Acrobat.Means)
	}
}
