package stamp

import (
	"math"
	"strconv"

	"absah/internal/pdf"
)

// Canvas collects the content of a form or of a page: text in embedded fonts, lines, areas. Coordinates are points with the
// origin at the lower left; grays run from 0, black, to 1, white. It is used by one goroutine and finished once.
type Canvas struct {
	b       []byte
	fonts   []*subset
	objects pdf.Dict // XObject resources
	fill    float64  // the current gray of areas and text, as set in the content
	stroke  float64
}

// NewCanvas is an empty canvas. Black is the colour of areas, text and lines.
func NewCanvas() *Canvas {
	// A form may be painted where other colours are in force.
	return &Canvas{b: append(make([]byte, 0, 2048), "0 g 0 G\n"...)}
}

// Gray sets the gray of the text and areas that follow.
func (c *Canvas) Gray(g float64) {
	if g != c.fill {
		c.fill = g
		c.op("g", g)
	}
}

// StrokeGray sets the gray of the lines that follow.
func (c *Canvas) StrokeGray(g float64) {
	if g != c.stroke {
		c.stroke = g
		c.op("G", g)
	}
}

// Text shows one line with its base line starting at x, y.
func (c *Canvas) Text(f *Font, size, x, y float64, s string) { c.Spaced(f, size, x, y, s, 0) }

// Spaced is Text with extra points added to every space, which is how lines are justified.
func (c *Canvas) Spaced(f *Font, size, x, y float64, s string, extra float64) {
	n, set := c.subset(f)
	chars := f.shape(s)
	if len(chars) == 0 {
		return
	}
	c.b = append(c.b, "BT /F"...)
	c.b = strconv.AppendInt(c.b, int64(n), 10)
	c.b = append(c.b, ' ')
	c.op("Tf", size)
	c.op("Td", x, y)
	if extra != 0 {
		// Tw acts on single-byte codes only (ISO 32000-2 §9.3.3), so the space grows by an adjustment.
		c.b = append(c.b, "[<"...)
		for _, p := range chars {
			c.b = appendHex(c.b, set.code(p))
			if p.shows == ' ' {
				c.b = append(c.b, '>')
				c.b = appendNumber(c.b, -extra*1000/size)
				c.b = append(c.b, '<')
			}
		}
		c.b = append(c.b, ">] TJ ET\n"...)
		return
	}
	c.b = append(c.b, '<')
	for _, p := range chars {
		c.b = appendHex(c.b, set.code(p))
	}
	c.b = append(c.b, "> Tj ET\n"...)
}

// FillRect fills a rectangle.
func (c *Canvas) FillRect(x, y, w, h float64) { c.op("re f", x, y, w, h) }

// Line draws a straight line of the given width.
func (c *Canvas) Line(x0, y0, x1, y1, width float64) {
	c.op("w", width)
	c.op("m", x0, y0)
	c.op("l S", x1, y1)
}

// kappa is the handle length that makes a cubic curve a quarter of a circle.
const kappa = 0.5523

// RoundRect outlines a rectangle with round corners; with fill it is filled too.
func (c *Canvas) RoundRect(x, y, w, h, radius, width float64, fill bool) {
	r, k := radius, radius*(1-kappa)
	c.op("w", width)
	c.op("m", x+r, y)
	c.op("l", x+w-r, y)
	c.op("c", x+w-k, y, x+w, y+k, x+w, y+r)
	c.op("l", x+w, y+h-r)
	c.op("c", x+w, y+h-k, x+w-k, y+h, x+w-r, y+h)
	c.op("l", x+r, y+h)
	c.op("c", x+k, y+h, x, y+h-k, x, y+h-r)
	c.op("l", x, y+r)
	c.op("c", x, y+k, x+k, y, x+r, y)
	if fill {
		c.op("b")
	} else {
		c.op("s")
	}
}

// BeginTag begins marked content: what is drawn until EndTag belongs to the structure element that claims id on this page
// (ISO 32000-2 §14.7.5).
func (c *Canvas) BeginTag(tag pdf.Name, id int) {
	c.b = append(c.b, '/')
	c.b = append(c.b, tag...)
	c.b = append(c.b, " <</MCID "...)
	c.b = strconv.AppendInt(c.b, int64(id), 10)
	c.b = append(c.b, ">> BDC\n"...)
}

// BeginArtifact begins what is decoration and not read aloud, until EndTag.
func (c *Canvas) BeginArtifact() { c.b = append(c.b, "/Artifact BMC\n"...) }

// EndTag ends what BeginTag or BeginArtifact began.
func (c *Canvas) EndTag() { c.b = append(c.b, "EMC\n"...) }

// image paints an image XObject through a matrix.
func (c *Canvas) image(r pdf.Ref, m [6]float64) {
	if c.objects == nil {
		c.objects = pdf.Dict{}
	}
	name := "Im" + strconv.Itoa(len(c.objects))
	c.objects[pdf.Name(name)] = r
	c.op("q")
	c.op("cm", m[:]...)
	c.b = append(c.b, '/')
	c.b = append(c.b, name...)
	c.b = append(c.b, " Do Q\n"...)
}

// Finish adds the fonts and returns the content, not yet compressed, and the resources that it needs.
func (c *Canvas) Finish(add Adder, t Target) (content []byte, resources pdf.Dict) {
	resources = pdf.Dict{}
	if len(c.fonts) > 0 {
		fonts := pdf.Dict{}
		for i, s := range c.fonts {
			fonts[pdf.Name("F"+strconv.Itoa(i))] = s.write(add)
		}
		resources["Font"] = fonts
	}
	if c.objects != nil {
		resources["XObject"] = c.objects
	}
	if t.Calibrated {
		resources["ColorSpace"] = pdf.Dict{"DefaultGray": calGray()}
	}
	return c.b, resources
}

// Form makes a form XObject of w by h points of the canvas.
func (c *Canvas) Form(add Adder, t Target, w, h float64) *pdf.Stream {
	content, resources := c.Finish(add, t)
	return pack(pdf.Dict{
		"Type": pdf.Name("XObject"), "Subtype": pdf.Name("Form"), "FormType": pdf.Integer(1),
		"BBox": pdf.Array{pdf.Integer(0), pdf.Integer(0), real3(w), real3(h)}, "Resources": resources,
	}, content)
}

func (c *Canvas) subset(f *Font) (int, *subset) {
	for i, s := range c.fonts {
		if s.font == f {
			return i, s
		}
	}
	s := newSubset(f)
	c.fonts = append(c.fonts, s)
	return len(c.fonts) - 1, s
}

// reserve puts characters into a font's subset before they are shown.
func (c *Canvas) reserve(f *Font, s string) {
	_, set := c.subset(f)
	for _, p := range f.shape(s) {
		set.code(p)
	}
}

// op appends operands and an operator.
func (c *Canvas) op(operator string, operands ...float64) {
	for _, x := range operands {
		c.b = appendNumber(c.b, x)
		c.b = append(c.b, ' ')
	}
	c.b = append(c.b, operator...)
	c.b = append(c.b, '\n')
}

// appendNumber writes a number with three decimals at most: a thousandth of a point is below what any device shows.
func appendNumber(b []byte, x float64) []byte {
	n := int64(math.Round(x * 1000))
	if n < 0 {
		b, n = append(b, '-'), -n
	}
	b = strconv.AppendInt(b, n/1000, 10)
	if n %= 1000; n != 0 {
		b = append(b, '.', byte('0'+n/100), byte('0'+n/10%10), byte('0'+n%10))
		for b[len(b)-1] == '0' {
			b = b[:len(b)-1]
		}
	}
	return b
}

// real3 is a number object rounded as appendNumber does.
func real3(x float64) pdf.Object {
	x = math.Round(x*1000) / 1000
	if x == math.Trunc(x) {
		return pdf.Integer(x)
	}
	return pdf.Real(x)
}

// The calibrated colour spaces state the sRGB primaries and white; gamma 2.2 stands in for the sRGB curve, which these spaces
// cannot state (ISO 32000-2 §8.6.5).
var whitePoint = pdf.Array{pdf.Real(0.9505), pdf.Integer(1), pdf.Real(1.089)}

func calGray() pdf.Array {
	return pdf.Array{pdf.Name("CalGray"), pdf.Dict{"WhitePoint": whitePoint, "Gamma": pdf.Real(2.2)}}
}

func calRGB() pdf.Array {
	return pdf.Array{pdf.Name("CalRGB"), pdf.Dict{
		"WhitePoint": whitePoint, "Gamma": pdf.Array{pdf.Real(2.2), pdf.Real(2.2), pdf.Real(2.2)},
		"Matrix": pdf.Array{
			pdf.Real(0.4124), pdf.Real(0.2126), pdf.Real(0.0193), pdf.Real(0.3576), pdf.Real(0.7152), pdf.Real(0.1192),
			pdf.Real(0.1805), pdf.Real(0.0722), pdf.Real(0.9505),
		},
	}}
}
