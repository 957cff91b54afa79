package stamp

import (
	"fmt"
	"sync"

	"rsc.io/qr/coding"

	"absah/internal/pdf"
)

// QR is the appearance that is a QR symbol alone, with an optional caption under it.
type QR struct {
	Target

	Text    string // what the symbol says, usually an address
	Caption string
}

const (
	quietZone  = 4 // light modules around the symbol (ISO/IEC 18004 §9.1 asks for four)
	qrLevel    = coding.M
	minCaption = 5   // points
	maxCaption = 7   // points
	captionCut = 0.3 // the caption goes when it would take more than this share of the symbol
)

// Draw returns the symbol as a centred square in a box of w by h points. It stands on a white square, without which it cannot be
// scanned from a coloured or printed page. A caption that would make the symbol much smaller is left out.
func (q QR) Draw(add Adder, w, h float64) (*pdf.Stream, error) {
	if err := checkBox(w, h); err != nil {
		return nil, err
	}
	m, err := encodeQR(q.Text)
	if err != nil {
		return nil, err
	}
	c := NewCanvas()
	side := min(w, h)
	lines, size, lead := []string(nil), 0.0, 0.0
	if q.Caption != "" {
		f := Regular()
		for size = max(minCaption, min(maxCaption, side/10)); size >= minCaption; size -= 0.25 {
			if n, whole := f.measure(q.Caption).lines(w*1000/size, false); whole && n <= 2 {
				break
			}
		}
		size = max(size, minCaption)
		lead = 1.2 * size
		if lines = f.Wrap(q.Caption, size, w); len(lines) > 2 {
			lines = []string{lines[0], f.ellipsis(joinRest(lines[1:]), size, w)}
		}
		rest := h - float64(len(lines))*lead
		if rest < side*(1-captionCut) {
			lines = nil
		} else {
			side = min(w, rest)
		}
	}
	text := float64(len(lines)) * lead
	bottom := (h - side - text) / 2
	c.qr(m, (w-side)/2, bottom+text, side)
	for i, line := range lines {
		y := bottom + text - float64(i+1)*lead + Regular().Descent(size)
		c.Text(Regular(), size, (w-Regular().Width(line, size))/2, y, line)
	}
	return c.Form(add, q.Target, w, h), nil
}

// matrix is a QR symbol: dark modules by row from the top.
type matrix struct {
	size int
	dark []bool
}

// plans holds the layout of each version, made once: a layout does not depend on the text.
var plans [coding.MaxVersion + 1]func() (*coding.Plan, error)

func init() {
	for v := range plans {
		plans[v] = sync.OnceValues(func() (*coding.Plan, error) { return coding.NewPlan(coding.Version(v), qrLevel, 0) })
	}
}

// encodeQR makes the smallest symbol with error correction M, which survives the loss of about a seventh of its area.
func encodeQR(text string) (matrix, error) {
	if text == "" {
		return matrix{}, fmt.Errorf("the QR has no text")
	}
	var enc coding.Encoding = coding.String(text)
	if coding.Num(text).Check() == nil {
		enc = coding.Num(text)
	} else if coding.Alpha(text).Check() == nil {
		enc = coding.Alpha(text)
	}
	for v := coding.Version(coding.MinVersion); v <= coding.MaxVersion; v++ {
		if enc.Bits(v) > v.DataBytes(qrLevel)*8 {
			continue
		}
		plan, err := plans[v]()
		if err != nil {
			return matrix{}, err
		}
		code, err := plan.Encode(enc)
		if err != nil {
			return matrix{}, err
		}
		m := matrix{size: code.Size, dark: make([]bool, code.Size*code.Size)}
		for i := range m.dark {
			m.dark[i] = code.Black(i%code.Size, i/code.Size)
		}
		return m, nil
	}
	return matrix{}, fmt.Errorf("the QR text has %d bytes; about 2,300 is the limit", len(text))
}

// qr draws a symbol with its quiet zone into a square: one path, filled once, so that no hairlines show between modules.
func (c *Canvas) qr(m matrix, x, y, side float64) {
	c.Gray(1)
	c.FillRect(x, y, side, side)
	c.Gray(0)
	module := side / float64(m.size+2*quietZone)
	c.op("q")
	c.op("cm", 1, 0, 0, 1, x, y)
	// The scale needs more digits than appendNumber gives: forty modules multiply its error.
	c.b = fmt.Appendf(c.b, "%.6f 0 0 %.6f 0 0 cm\n", module, module)
	taken := make([]bool, len(m.dark))
	for i := range m.dark {
		if !m.dark[i] || taken[i] {
			continue
		}
		col, row := i%m.size, i/m.size
		// A rectangle as wide as the run goes and as tall as the run repeats below.
		wide := 1
		for col+wide < m.size && m.dark[i+wide] && !taken[i+wide] {
			wide++
		}
		tall := 1
	down:
		for row+tall < m.size {
			at := i + tall*m.size
			for k := range wide {
				if !m.dark[at+k] || taken[at+k] {
					break down
				}
			}
			tall++
		}
		for r := range tall {
			for k := range wide {
				taken[i+r*m.size+k] = true
			}
		}
		c.op("re", float64(col+quietZone), float64(m.size+quietZone-row-tall), float64(wide), float64(tall))
	}
	c.op("f")
	c.op("Q")
}
