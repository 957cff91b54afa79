package stamp

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Sizes in points that fit a form letter; callers use them when a person gave no size.
const (
	CardWidth, CardHeight   = 180, 64
	ImageWidth, ImageHeight = 120, 60
	QRSide                  = 72

	// DefaultMargin is the distance between a box in a corner and both edges: half an inch, which printers still reach.
	DefaultMargin = 36
)

// Page is what placing needs to know about a page.
type Page struct {
	MediaBox [4]float64
	CropBox  [4]float64 // zero: the MediaBox. The part outside the MediaBox is not shown (ISO 32000-2 §14.11.2)
	Rotate   int        // degrees clockwise, any multiple of 90; other values count as 0
	UserUnit float64    // size of a user space unit in points; zero or negative: 1
}

// Corner says which corner of the displayed page a box sits in.
type Corner int

const (
	Exact       Corner = iota // X and Y of the position hold
	TopLeft                   // kiri-atas
	TopRight                  // kanan-atas
	BottomLeft                // kiri-bawah
	BottomRight               // kanan-bawah
)

var cornerNames = map[string]Corner{"kiri-atas": TopLeft, "kanan-atas": TopRight, "kiri-bawah": BottomLeft, "kanan-bawah": BottomRight}

// Position is a box on the page as displayed: in points (1/72 inch, whatever the page's UserUnit), measured from the lower left
// corner of what is shown after cropping and rotation.
type Position struct {
	Corner Corner
	Margin float64 // from the edges, for a corner; zero: DefaultMargin; it gives way before the box does
	X, Y   float64 // lower left corner of the box, for Exact
	W, H   float64
}

// ErrPosition is wrapped by every error of ParsePosition.
var ErrPosition = errors.New("position is kiri-atas, kanan-atas, kiri-bawah, kanan-bawah or X,Y,W,H in points from the lower left corner of the page")

// ParsePosition reads a corner's name or X,Y,W,H. A corner has no size yet: W and H are zero and the caller sets them.
func ParsePosition(s string) (Position, error) {
	if c, ok := cornerNames[s]; ok {
		return Position{Corner: c}, nil
	}
	parts := strings.Split(s, ",")
	if len(parts) != 4 {
		return Position{}, fmt.Errorf("%q: %w", s, ErrPosition)
	}
	var n [4]float64
	for i, p := range parts {
		x, err := strconv.ParseFloat(strings.TrimSpace(p), 64)
		if err != nil || math.IsNaN(x) || math.IsInf(x, 0) {
			return Position{}, fmt.Errorf("%q: %w", s, ErrPosition)
		}
		n[i] = x
	}
	if n[2] <= 0 || n[3] <= 0 {
		return Position{}, fmt.Errorf("%q: width and height must be above 0; %w", s, ErrPosition)
	}
	return Position{X: n[0], Y: n[1], W: n[2], H: n[3]}, nil
}

// Placement is where an appearance goes.
type Placement struct {
	Rect   [4]float64 // of the annotation, in default user space: llx lly urx ury
	Matrix [6]float64 // of the form XObject, turns it upright on a rotated page
	BBox   [4]float64 // of the form XObject: 0 0 W H, in points as displayed
}

// OutsideError says that a box does not lie on the page.
type OutsideError struct {
	Box                   Position // with Exact coordinates
	PageWidth, PageHeight float64  // of the page as displayed, in points
	// Nearest is the box moved inside by the shortest way; Fits is false when it is larger than the page.
	Nearest Position
	Fits    bool
}

func (e *OutsideError) Error() string {
	why := "lies partly outside"
	if !e.Fits {
		why = "is larger than"
	}
	return fmt.Sprintf("the box %s,%s,%s,%s %s the page, which is %s × %s points", num(e.Box.X), num(e.Box.Y), num(e.Box.W), num(e.Box.H), why,
		num(e.PageWidth), num(e.PageHeight))
}

// slack is how far, in points, a box may stand over the edge by rounding alone.
const slack = 0.01

// Size is the width and height of the page as displayed, in points.
func (p Page) Size() (w, h float64) {
	b, turn, unit := p.shown()
	w, h = (b[2]-b[0])*unit, (b[3]-b[1])*unit
	if turn == 90 || turn == 270 {
		w, h = h, w
	}
	return w, h
}

// shown is the visible box in user space, the rotation in 0, 90, 180, 270, and the user unit.
func (p Page) shown() (box [4]float64, turn int, unit float64) {
	box = ordered(p.MediaBox)
	if c := ordered(p.CropBox); c[2] > c[0] && c[3] > c[1] {
		x := [4]float64{max(box[0], c[0]), max(box[1], c[1]), min(box[2], c[2]), min(box[3], c[3])}
		if x[2] > x[0] && x[3] > x[1] {
			box = x
		}
	}
	if turn = (p.Rotate%360 + 360) % 360; turn%90 != 0 {
		turn = 0
	}
	if unit = p.UserUnit; !(unit > 0) || math.IsInf(unit, 0) {
		unit = 1
	}
	return box, turn, unit
}

func ordered(b [4]float64) [4]float64 {
	return [4]float64{min(b[0], b[2]), min(b[1], b[3]), max(b[0], b[2]), max(b[1], b[3])}
}

// Place turns a position on the displayed page into user space. A box that does not lie on the page is an *OutsideError.
func Place(p Page, pos Position) (Placement, error) {
	if err := checkBox(pos.W, pos.H); err != nil {
		return Placement{}, err
	}
	w, h := p.Size()
	if !(w > 0 && h > 0) || math.IsInf(w, 0) || math.IsInf(h, 0) {
		return Placement{}, fmt.Errorf("the page has no area: its MediaBox is %v", p.MediaBox)
	}
	pos = pos.exact(w, h)
	fits := pos.W <= w+slack && pos.H <= h+slack
	if !fits || !(pos.X >= -slack && pos.Y >= -slack && pos.X+pos.W <= w+slack && pos.Y+pos.H <= h+slack) {
		near := pos
		near.X, near.Y = max(0, min(pos.X, w-pos.W)), max(0, min(pos.Y, h-pos.H))
		return Placement{}, &OutsideError{Box: pos, PageWidth: w, PageHeight: h, Nearest: near, Fits: fits}
	}

	box, turn, unit := p.shown()
	x0, y0, x1, y1 := pos.X/unit, pos.Y/unit, (pos.X+pos.W)/unit, (pos.Y+pos.H)/unit
	out := Placement{BBox: [4]float64{0, 0, pos.W, pos.H}}
	// The page turns clockwise, so the form turns the other way. A viewer scales the turned form into Rect
	// (ISO 32000-2 §12.5.5), which takes care of UserUnit.
	switch turn {
	case 0:
		out.Rect = [4]float64{box[0] + x0, box[1] + y0, box[0] + x1, box[1] + y1}
		out.Matrix = [6]float64{1, 0, 0, 1, 0, 0}
	case 90:
		out.Rect = [4]float64{box[2] - y1, box[1] + x0, box[2] - y0, box[1] + x1}
		out.Matrix = [6]float64{0, 1, -1, 0, pos.H, 0}
	case 180:
		out.Rect = [4]float64{box[2] - x1, box[3] - y1, box[2] - x0, box[3] - y0}
		out.Matrix = [6]float64{-1, 0, 0, -1, pos.W, pos.H}
	case 270:
		out.Rect = [4]float64{box[0] + y0, box[3] - x1, box[0] + y1, box[3] - x0}
		out.Matrix = [6]float64{0, -1, 1, 0, 0, pos.W}
	}
	for i, x := range out.Rect {
		out.Rect[i] = math.Round(x*1e4) / 1e4
	}
	return out, nil
}

// exact gives a corner its coordinates on a page of w by h points.
func (pos Position) exact(w, h float64) Position {
	if pos.Corner == Exact {
		return pos
	}
	m := pos.Margin
	if m == 0 {
		m = DefaultMargin
	}
	mx, my := max(0, min(m, (w-pos.W)/2)), max(0, min(m, (h-pos.H)/2))
	x, y := mx, my
	if pos.Corner == TopRight || pos.Corner == BottomRight {
		x = w - mx - pos.W
	}
	if pos.Corner == TopLeft || pos.Corner == TopRight {
		y = h - my - pos.H
	}
	return Position{X: x, Y: y, W: pos.W, H: pos.H}
}

// maxSide is the largest page side that viewers agree on, in points (200 inches).
const maxSide = 14400

// checkBox refuses sizes that cannot be drawn.
func checkBox(w, h float64) error {
	if !(w > 0 && h > 0 && w <= maxSide && h <= maxSide) {
		return fmt.Errorf("a box of %s × %s points cannot be drawn; width and height must be above 0", num(w), num(h))
	}
	return nil
}

// num writes a coordinate with two decimals at most.
func num(x float64) string {
	return strconv.FormatFloat(math.Round(x*100)/100, 'f', -1, 64)
}
