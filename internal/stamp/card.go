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

	oneLine = 0.75 // how much smaller the text may get so that the name stays in one line

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
	par   paragraph
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
		{text: w.by, scale: 0.74, gray: faint, after: 0.1, rank: 2},
		{text: c.Name, bold: true, scale: 1, after: 0.05, rank: 0},
		{text: c.Position, scale: 0.82, gray: 0.1, after: 0.12, rank: 3},
		{scale: 0.82, gray: faint, after: 0.12, rank: 1},
		{text: w.reason + c.Reason, scale: 0.74, gray: faint, rank: 4},
		{text: w.location + c.Location, scale: 0.74, gray: faint, rank: 5},
		{text: c.Caption, scale: 0.74, gray: faint, rank: 6},
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
		font := Regular()
		if l.bold {
			font = Bold()
		}
		if l.par = font.measure(l.text); len(l.par.words) > 0 {
			kept = append(kept, l)
		}
	}
	return kept
}

func blankText(s string) bool { return len(Regular().measure(s).words) == 0 }

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
	lines := c.lines()
	canvas := NewCanvas()
	if !c.Time.IsZero() {
		// With all digits there, the cards of one signer share a font subset whatever the clock says; see recent.
		canvas.reserve(Regular(), "0123456789")
	}
	edge := min(border, w/20, h/20)
	pad := max(1, min(6, w/24, h/10))
	whole := area{pad, pad, w - 2*pad, h - 2*pad}
	if c.QR != "" {
		m, err := encodeQR(c.QR)
		if err != nil {
			return nil, err
		}
		if best := beside(lines, m, w, h, 2*edge, pad); best.side > 0 {
			canvas.qr(m, best.x, best.y, best.side)
			canvas.write(best.rows, best.text, best.below)
			lines = nil
		}
	}
	if lines != nil {
		rows, _ := fit(lines, whole)
		canvas.write(rows, whole, false)
	}
	canvas.StrokeGray(borderGray)
	canvas.RoundRect(edge/2, edge/2, w-edge, h-edge, min(2.5, w/20, h/20), edge, false)
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
func beside(lines []line, m matrix, w, h, inset, pad float64) (best arrangement) {
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
		if a.rows, lost = fit(lines, a.text); fewest < 0 || lost < fewest {
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
		found := 0.0
		for size := largest; ; size = max(minText, size-textStep) {
			height, whole := heightOf(lines, a.w, size)
			if (whole || size == minText) && height <= a.h {
				if found == 0 {
					found = size
				}
				// A name in one line looks better than a larger one in two.
				if nameWhole(lines, a.w, size) {
					found = size
					break
				}
			}
			if size == minText || found > 0 && size < oneLine*found {
				break
			}
		}
		if found > 0 {
			return wrapAll(lines, a.w, found), lost
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
	rows = wrapAll(lines, a.w, minText)
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

// sizeOf is a line's font size when the name has the given one.
func (l line) sizeOf(name float64) float64 { return max(minText, name*l.scale) }

// heightOf is what total says about wrapAll, without making the rows; whole says whether no word is broken.
func heightOf(lines []line, width, size float64) (height float64, whole bool) {
	whole = true
	for i, l := range lines {
		s := l.sizeOf(size)
		n, ok := l.par.lines(width*1000/s, size == minText)
		whole = whole && ok
		height += float64(n) * s * lead
		if i < len(lines)-1 {
			height += l.after * size
		}
	}
	return height, whole
}

// nameWhole says whether the name takes one line, or there is none.
func nameWhole(lines []line, width, size float64) bool {
	for _, l := range lines {
		if l.bold {
			n, whole := l.par.lines(width*1000/l.sizeOf(size), false)
			return whole && n == 1
		}
	}
	return true
}

func wrapAll(lines []line, width, size float64) (rows []row) {
	for _, l := range lines {
		s := l.sizeOf(size)
		for _, p := range l.par.wrap(l.par.balance(width * 1000 / s)) {
			rows = append(rows, row{text: p, font: l.par.font, size: s, gray: l.gray})
		}
		rows[len(rows)-1].gap = l.after * size
	}
	return rows
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
