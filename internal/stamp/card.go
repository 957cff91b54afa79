package stamp

import (
	"strings"
	"time"

	"absah/internal/pdf"
)

// Card is the default appearance: a QR, if there is an address for it, and a few lines of text. Empty fields take no line. The
// text has no ground of its own: a card that lands on writing does not hide it; only the QR stands on white.
type Card struct {
	Target

	Name     string // of the signer
	Position string // of the signer
	Time     time.Time
	Zone     *time.Location // in which Time is shown; nil: WIB
	Reason   string
	Location string
	Caption  string // a last line in the caller's words
	QR       string // the address in the QR; empty: none
	Language string // "en", or Indonesian for everything else
}

const (
	minText   = 5    // points; smaller text cannot be read on paper
	textStep  = 0.25 // points, between the sizes that are tried
	minModule = 0.6  // points (0.2 mm); a QR with smaller modules cannot be scanned from paper and gives its place to the text

	border     = 0.5
	borderGray = 0.55
	faint      = 0.3  // gray of what is not the name: contrast 8:1 on white
	lead       = 1.22 // distance of base lines, in font sizes
)

// line is one piece of text of a card, before wrapping.
type line struct {
	text  string
	bold  bool
	scale float64 // size relative to the name's
	gray  float64
	after float64 // extra space below, relative to the name's size
	rank  int     // when it does not fit, the highest rank goes first
}

func (l line) font() *Font {
	if l.bold {
		return Bold()
	}
	return Regular()
}

// words are the texts of a card in one language.
type words struct{ by, reason, location, alt, on string }

func wordsOf(language string) words {
	if language == "en" {
		return words{"Electronically signed by", "Reason: ", "Location: ", "Electronic signature of ", ", "}
	}
	return words{"Ditandatangani secara elektronik oleh", "Alasan: ", "Lokasi: ", "Tanda tangan elektronik ", ", "}
}

// lines are the texts in the order from top to bottom.
func (c Card) lines() []line {
	w := wordsOf(c.Language)
	all := []line{
		{w.by, false, 0.74, faint, 0.1, 2},
		{c.Name, true, 1, 0, 0.02, 0},
		{c.Position, false, 0.82, 0.1, 0.12, 3},
		{"", false, 0.82, faint, 0.12, 1},
		{w.reason + c.Reason, false, 0.74, faint, 0, 4},
		{w.location + c.Location, false, 0.74, faint, 0, 5},
		{c.Caption, false, 0.74, faint, 0, 6},
	}
	if !c.Time.IsZero() {
		all[3].text = DateTime(c.Time, c.Zone, c.Language)
	}
	if blankText(c.Reason) {
		all[4].text = ""
	}
	if blankText(c.Location) {
		all[5].text = ""
	}
	kept := all[:0]
	for _, l := range all {
		if !blankText(l.text) {
			kept = append(kept, l)
		}
	}
	return kept
}

func blankText(s string) bool { return strings.TrimSpace(s) == "" }

// Alt is the card in words, for the alternate text of a tagged widget and for its tool tip.
func (c Card) Alt() string {
	w := wordsOf(c.Language)
	s := w.alt + c.Name
	if !blankText(c.Position) {
		s += ", " + c.Position
	}
	if !c.Time.IsZero() {
		s += w.on + DateTime(c.Time, c.Zone, c.Language)
	}
	return s
}

// Draw returns the card in a box of w by h points. Text is made smaller, down to 5 points, and wrapped until it fits; then the
// least important lines go (caption, location, reason, position), and what still does not fit ends with an ellipsis. A QR whose
// modules would be smaller than 0.2 mm is left out; one whose text is too long is an error.
func (c Card) Draw(add Adder, w, h float64) (*pdf.Stream, error) {
	if err := checkBox(w, h); err != nil {
		return nil, err
	}
	canvas := NewCanvas()
	edge := min(border, w/20, h/20)
	canvas.StrokeGray(borderGray)
	canvas.RoundRect(edge/2, edge/2, w-edge, h-edge, min(2.5, w/20, h/20), edge, false)

	pad := max(1, min(6, w/24, h/10))
	whole := area{pad, pad, w - 2*pad, h - 2*pad}
	if c.QR != "" {
		m, err := encodeQR(c.QR)
		if err != nil {
			return nil, err
		}
		if best := c.beside(m, w, h, 2*edge, pad); best.side > 0 {
			canvas.qr(m, best.x, best.y, best.side)
			canvas.write(best.rows, best.text, best.below)
			return canvas.Form(add, c.Target, w, h), nil
		}
	}
	rows, _ := fit(c.lines(), whole)
	canvas.write(rows, whole, false)
	return canvas.Form(add, c.Target, w, h), nil
}

// arrangement is a place for the QR and the text that is left room.
type arrangement struct {
	x, y, side float64 // of the QR
	text       area
	below      bool // the text is under the QR instead of beside it
	rows       []row
}

// beside looks for the largest QR that leaves room for every line, else the one that costs the fewest lines: left of the text in
// a wide box, above it in a tall one. The side is 0 when no QR would be large enough to be scanned.
func (c Card) beside(m matrix, w, h, inset, pad float64) (best arrangement) {
	fewest := -1
	for _, share := range [...]float64{1, 0.84, 0.7} {
		var a arrangement
		if w > 1.5*h {
			a.side = share * min(h-2*inset, 0.42*w)
			a.x, a.y = inset, (h-a.side)/2
			a.text = area{inset + a.side, pad, w - inset - a.side - pad, h - 2*pad}
		} else {
			a.side = share * min(w-2*inset, 0.6*h)
			a.x, a.y, a.below = (w-a.side)/2, h-inset-a.side, true
			a.text = area{pad, pad / 2, w - 2*pad, h - inset - a.side - pad/2}
		}
		if a.side/float64(m.size+2*quietZone) < minModule {
			break
		}
		var lost int
		if a.rows, lost = fit(c.lines(), a.text); fewest < 0 || lost < fewest {
			best, fewest = a, lost
		}
		if lost == 0 {
			break
		}
	}
	return best
}

type area struct{ x, y, w, h float64 }

// row is one line as it is shown.
type row struct {
	text string
	font *Font
	size float64
	gray float64
	gap  float64 // below
}

func (r row) height() float64 { return r.size*lead + r.gap }

// fit chooses sizes, breaks and, if need be, what to leave out; lost is the number of lines that are left out or shortened.
func fit(lines []line, a area) (rows []row, lost int) {
	for ; len(lines) > 0; lost++ {
		// The name's size; with the least one every line has the least size.
		largest := max(minText, min(a.h/4, a.w/9, 16))
		for size := largest; ; size = max(minText, size-textStep) {
			rows, whole := wrapAll(lines, a.w, size)
			if (whole || size == minText) && total(rows) <= a.h {
				return rows, lost
			}
			if size == minText {
				break
			}
		}
		if len(lines) == 1 {
			break
		}
		worst := 0
		for i, l := range lines {
			if l.rank > lines[worst].rank {
				worst = i
			}
		}
		lines = append(lines[:worst:worst], lines[worst+1:]...)
	}
	if len(lines) == 0 {
		return nil, lost
	}
	// Only one is left and it is too much.
	rows, _ = wrapAll(lines, a.w, minText)
	room := max(1, int(a.h/(minText*lead)))
	if len(rows) > room {
		rest := make([]string, 0, len(rows))
		for _, r := range rows[room-1:] {
			rest = append(rest, r.text)
		}
		rows = rows[:room]
		last := &rows[room-1]
		last.text = last.font.ellipsis(joinRest(rest), minText, a.w)
	}
	return rows, lost + 1
}

func joinRest(lines []string) string { return strings.Join(lines, " ") }

func wrapAll(lines []line, width, size float64) (rows []row, whole bool) {
	whole = true
	for _, l := range lines {
		f, s := l.font(), max(minText, size*l.scale)
		parts, ok := f.balanced(l.text, s, width)
		whole = whole && ok
		for i, p := range parts {
			r := row{text: p, font: f, size: s, gray: l.gray}
			if i == len(parts)-1 {
				r.gap = l.after * size
			}
			rows = append(rows, r)
		}
	}
	return rows, whole
}

func total(rows []row) (h float64) {
	for _, r := range rows {
		h += r.height()
	}
	if len(rows) > 0 {
		h -= rows[len(rows)-1].gap
	}
	return h
}

// write shows rows in the middle of the area's height.
func (c *Canvas) write(rows []row, a area, centred bool) {
	y := a.y + a.h - (a.h-total(rows))/2
	for _, r := range rows {
		// The base line sits so that ascenders and descenders share the line's height.
		base := y - (r.size*lead+r.font.CapHeight(r.size))/2
		x := a.x
		if centred {
			x += (a.w - r.font.Width(r.text, r.size)) / 2
		}
		c.Gray(r.gray)
		c.Text(r.font, r.size, x, base, r.text)
		y -= r.height()
	}
}
