package pdf

import (
	"bytes"
	"fmt"
	"math"
)

// MarkKind says what a mark is.
type MarkKind uint8

// The kinds of marks that a page's content makes. Lines and shapes that are no rectangles are none: nothing is told by them alone.
const (
	MarkText MarkKind = iota
	MarkFill          // a filled rectangle
	MarkImage
)

// Mark is something that content draws, in the order in which it is drawn.
type Mark struct {
	Kind   MarkKind
	Box    [4]float64 // where, in the space of the page: lower left, upper right
	Opaque bool       // of a rectangle or an image: what it lies on is not seen any more
	Text   String     // the codes that are shown, of a font with one byte a code
	Coded  int        // of text: how many codes, where the font has longer ones and Text is empty
}

// Bounds on reading content. Honest pages stay far below.
const (
	maxFormDepth = 12
	maxOperands  = 256
	maxGraphics  = 256 // states that q saves
	maxPageData  = 8 << 20
	lookWork     = 8 // operators that finding a page and looking at its words costs
)

// Ink bounds what may be read of the content of a document, all pages together.
type Ink struct {
	Operators int // left
	Bytes     int // of decoded content, left
}

// Matrix is a transformation as PDF writes it (ISO 32000-2 §8.3.3).
type Matrix [6]float64

func (m Matrix) times(n Matrix) Matrix {
	return Matrix{
		m[0]*n[0] + m[1]*n[2], m[0]*n[1] + m[1]*n[3], m[2]*n[0] + m[3]*n[2], m[2]*n[1] + m[3]*n[3],
		m[4]*n[0] + m[5]*n[2] + n[4], m[4]*n[1] + m[5]*n[3] + n[5],
	}
}

func (m Matrix) point(x, y float64) (float64, float64) {
	return m[0]*x + m[2]*y + m[4], m[1]*x + m[3]*y + m[5]
}

// upright reports whether rectangles stay rectangles.
func (m Matrix) upright() bool {
	return near(m[1], m) && near(m[2], m) || near(m[0], m) && near(m[3], m)
}

func near(x float64, m Matrix) bool {
	return math.Abs(x) <= 1e-3*(math.Abs(m[0])+math.Abs(m[1])+math.Abs(m[2])+math.Abs(m[3]))
}

// box is the rectangle around what a rectangle becomes.
func (m Matrix) box(b [4]float64) [4]float64 {
	out := [4]float64{math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)}
	for _, p := range [4][2]float64{{b[0], b[1]}, {b[2], b[1]}, {b[0], b[3]}, {b[2], b[3]}} {
		x, y := m.point(p[0], p[1])
		out = [4]float64{min(out[0], x), min(out[1], y), max(out[2], x), max(out[3], y)}
	}
	return out
}

func intersect(a, b [4]float64) [4]float64 {
	return [4]float64{max(a[0], b[0]), max(a[1], b[1]), min(a[2], b[2]), min(a[3], b[3])}
}

// Marks reads the content of a page. complete is false where it was more than ink allows, or could not be read.
func (v *View) Marks(p *Page, ink *Ink) (marks []Mark, complete bool, err error) {
	return v.marks(p, ink, false)
}

// CoveringMarks is Marks for a page on which something is painted after a text, which it may cover; for others it has none, and is
// quick.
func (v *View) CoveringMarks(p *Page, ink *Ink) (marks []Mark, complete bool, err error) {
	return v.marks(p, ink, true)
}

func (v *View) marks(p *Page, ink *Ink, covering bool) (marks []Mark, complete bool, err error) {
	c := &canvas{v: v, ink: ink, fonts: map[Object]*fontWidths{}, complete: true}
	data, err := c.content(p)
	if err != nil || covering && !paintsOverText(data) {
		ink.Operators -= lookWork + len(data)/64 // a look costs less than reading
		return nil, c.complete, err
	}
	c.g = graphics{ctm: Matrix{1, 0, 0, 1, 0, 0}, clip: p.MediaBox, alpha: 1, text: text{scale: 1}}
	res, err := v.Dict(p.Resources)
	if err == nil {
		err = c.run(data, res, 0)
	}
	return c.marks, c.complete, err
}

// content decodes the content streams of a page.
func (c *canvas) content(p *Page) (data []byte, err error) {
	v := c.v
	list, err := v.Array(p.Dict["Contents"])
	if err != nil {
		return nil, err
	}
	if list == nil {
		list = Array{p.Dict["Contents"]}
	}
	for _, o := range list {
		s, err := v.Stream(o)
		if err != nil {
			return nil, err
		}
		if s == nil {
			continue
		}
		b, err := c.data(s)
		if err != nil {
			return nil, err
		}
		if len(list) == 1 {
			return b, nil
		}
		data = append(append(data, b...), '\n') // a token may not go on from one stream to the next (ISO 32000-2 §7.8.2)
		if len(data) > maxPageData {
			c.complete = false
			break
		}
	}
	return data, nil
}

// paintsOverText reports whether content may fill something or draw an object after it showed text. It reads words only.
func paintsOverText(data []byte) bool {
	l := &lexer{buf: data, last: true}
	text := false
	for {
		l.space()
		if l.pos >= len(l.buf) {
			return false
		}
		switch b := l.buf[l.pos]; {
		case b == '(':
			if l.skipLiteral() != nil {
				return true
			}
		case b == '<' && l.pos+1 < len(l.buf) && l.buf[l.pos+1] != '<':
			n := bytes.IndexByte(l.buf[l.pos:], '>')
			if n < 0 {
				return true
			}
			l.pos += n + 1
		case b == '/':
			l.pos++
			l.pos += len(l.word())
		case class[b] == delim:
			l.pos++
		default:
			w := l.word()
			l.pos += len(w)
			switch string(w) {
			case "Tj", "TJ", "'", "\"":
				text = true
			case "f", "F", "f*", "B", "B*", "b", "b*", "Do", "BI":
				if text || w[0] == 'B' && len(w) == 2 && w[1] == 'I' {
					return true
				}
				text = text || w[0] == 'D' // a form may show text
			}
		}
	}
}

// AppearanceMarks reads what an annotation shows (ISO 32000-2 §12.5.5). An annotation without an appearance has no marks.
func (v *View) AppearanceMarks(annot Dict, ink *Ink) (marks []Mark, complete bool, err error) {
	ap, err := v.Dict(annot["AP"])
	if err != nil {
		return nil, false, err
	}
	o, err := v.Resolve(ap["N"])
	if err != nil {
		return nil, false, err
	}
	if states, ok := o.(Dict); ok {
		state, _ := v.Name(annot["AS"])
		if o, err = v.Resolve(states[state]); err != nil {
			return nil, false, err
		}
	}
	s, _ := o.(*Stream)
	rect, ok := v.box(annot["Rect"])
	if s == nil || !ok {
		return nil, true, nil
	}
	m, bbox := v.formSpace(s.Dict)
	b := m.box(bbox)
	if b[0] >= b[2] || b[1] >= b[3] {
		return nil, true, nil
	}
	sx, sy := (rect[2]-rect[0])/(b[2]-b[0]), (rect[3]-rect[1])/(b[3]-b[1])
	c := &canvas{v: v, ink: ink, fonts: map[Object]*fontWidths{}, complete: true}
	c.g = graphics{ctm: Matrix{sx, 0, 0, sy, rect[0] - b[0]*sx, rect[1] - b[1]*sy}, clip: rect, alpha: 1, text: text{scale: 1}}
	err = c.form(s, nil, 0)
	return c.marks, c.complete, err
}

// formSpace is the matrix and the bounding box of a form XObject.
func (v *View) formSpace(d Dict) (m Matrix, bbox [4]float64) {
	m = Matrix{1, 0, 0, 1, 0, 0}
	if a, _ := v.Array(d["Matrix"]); len(a) == 6 {
		for i := range m {
			m[i], _ = v.Number(a[i])
		}
	}
	bbox, _ = v.box(d["BBox"])
	return m, bbox
}

// graphics is the part of the graphics state that says where marks are and whether they hide what is beneath.
type graphics struct {
	ctm     Matrix
	clip    [4]float64
	odd     bool    // the clipping path is no rectangle: nothing is surely hidden
	alpha   float64 // of fills
	blend   bool    // a blend mode or a soft mask is set
	pattern bool    // fills are patterns
	white   bool    // fills are white
	text
}

// text is the text state.
type text struct {
	font                          *fontWidths
	size, char, word, scale, lead float64
	rise                          float64
	mode                          int64
}

type canvas struct {
	v        *View
	ink      *Ink
	marks    []Mark
	fonts    map[Object]*fontWidths
	complete bool
	g        graphics
	saved    []graphics
	tm, line Matrix
	path     path
}

// path is what was drawn since the last painting operator.
type path struct {
	rects  [][4]float64 // rectangles in the space of the page
	points [][2]float64 // of one polygon
	odd    bool         // there is something else
	box    [4]float64
	any    bool
	clip   bool // W was given
	turned bool // some rectangle is not upright
}

func (p *path) add(x, y float64) {
	if !p.any {
		p.any, p.box = true, [4]float64{x, y, x, y}
		return
	}
	p.box = [4]float64{min(p.box[0], x), min(p.box[1], y), max(p.box[2], x), max(p.box[3], y)}
}

// data decodes content, as far as ink allows. What is damaged is as good as nothing.
func (c *canvas) data(s *Stream) ([]byte, error) {
	b, err := c.v.StreamData(s, int64(min(maxPageData, max(1, c.ink.Bytes))))
	if err != nil {
		if _, broken := err.(*ReadError); broken {
			return nil, err
		}
		c.complete = false
	}
	c.ink.Bytes -= len(b)
	// A reader that looks for the word instead of believing Length shows less than another one.
	if raw, err := s.rawBytes(); err == nil && s.owner != nil && bytes.Contains(raw, []byte("endstream")) {
		c.v.f.note("endstream-inside", s.start, fmt.Sprintf("the word endstream stands inside the stream of object %d", s.ref.Num))
	}
	return b, nil
}

func (c *canvas) form(s *Stream, inherited Dict, depth int) error {
	if depth > maxFormDepth {
		c.complete = false
		return nil
	}
	res, err := c.v.Dict(s.Dict["Resources"])
	if err != nil {
		return err
	}
	if res == nil {
		res = inherited
	}
	b, err := c.data(s)
	if err != nil {
		return err
	}
	m, bbox := c.v.formSpace(s.Dict)
	was, stack, tm, line, p := c.g, c.saved, c.tm, c.line, c.path
	c.g.ctm = m.times(c.g.ctm)
	c.g.clip = intersect(c.g.clip, c.g.ctm.box(bbox))
	c.g.text = text{scale: 1}
	c.saved, c.path = nil, path{}
	if s.Dict["Group"] != nil && c.g.alpha < 1 {
		c.g.blend = true
	}
	err = c.run(b, res, depth)
	c.g, c.saved, c.tm, c.line, c.path = was, stack, tm, line, p
	return err
}

// run reads operators.
func (c *canvas) run(data []byte, res Dict, depth int) error {
	l := &lexer{buf: data, last: true}
	defer func() { _ = c.v.f.spend(int64(l.pos)) }()
	var operands []Object
	for {
		l.space()
		if l.pos >= len(l.buf) {
			return nil
		}
		b := l.buf[l.pos]
		switch {
		case class[b] == delim && b != '/' && b != '(' && b != '<' && b != '[':
			l.pos++
			continue
		case class[b] == regular && !isDigit(b) && b != '+' && b != '-' && b != '.':
			w := string(l.word())
			l.pos += len(w)
			switch w {
			case "true", "false", "null":
				operands = append(operands, nil)
				continue
			case "BI":
				c.inline(l)
				operands = operands[:0]
				continue
			}
			if c.ink.Operators--; c.ink.Operators < 0 || c.ink.Bytes < 0 {
				c.complete = false
				return nil
			}
			if err := c.operator(w, operands, res, depth); err != nil {
				return err
			}
			operands = operands[:0]
			continue
		}
		at := l.pos
		o, err := l.object(0)
		if err != nil {
			if fatal(err) {
				c.complete = false
				return nil
			}
			l.pos = max(l.pos, at+1)
			continue
		}
		if len(operands) < maxOperands {
			operands = append(operands, o)
		}
	}
}

// inline steps over an inline image.
func (c *canvas) inline(l *lexer) {
	i := bytes.Index(l.buf[l.pos:], []byte("ID"))
	if i < 0 {
		l.pos = len(l.buf)
		return
	}
	l.pos += i + 2
	for {
		i := bytes.Index(l.buf[l.pos:], []byte("EI"))
		if i < 0 {
			l.pos = len(l.buf)
			return
		}
		l.pos += i + 2
		if (i == 0 || class[l.buf[l.pos-3]] == white) && (l.pos >= len(l.buf) || class[l.buf[l.pos]] != regular) {
			break
		}
	}
	c.image(false)
}

func (c *canvas) image(solid bool) {
	b := intersect(c.g.ctm.box([4]float64{0, 0, 1, 1}), c.g.clip)
	c.mark(Mark{Kind: MarkImage, Box: b, Opaque: solid && c.solid() && !c.g.pattern && c.g.ctm.upright()})
}

// solid reports whether what is filled hides what is beneath.
func (c *canvas) solid() bool { return c.g.alpha >= 0.999 && !c.g.blend && !c.g.odd }

func (c *canvas) mark(m Mark) {
	if m.Box[0] < m.Box[2] && m.Box[1] < m.Box[3] {
		c.marks = append(c.marks, m)
	}
}

func numbers(operands []Object, n int) (out [6]float64, ok bool) {
	if len(operands) < n {
		return out, false
	}
	for i, o := range operands[len(operands)-n:] {
		switch x := o.(type) {
		case Integer:
			out[i] = float64(x)
		case Real:
			out[i] = float64(x)
		default:
			return out, false
		}
	}
	return out, true
}

func (c *canvas) operator(w string, operands []Object, res Dict, depth int) error {
	g := &c.g
	switch w {
	case "q":
		if len(c.saved) < maxGraphics {
			c.saved = append(c.saved, *g)
		}
	case "Q":
		if n := len(c.saved); n > 0 {
			*g, c.saved = c.saved[n-1], c.saved[:n-1]
		}
	case "cm":
		if n, ok := numbers(operands, 6); ok {
			g.ctm = Matrix(n).times(g.ctm)
		}
	case "gs":
		return c.state(operands, res)
	case "g", "rg", "k", "sc", "scn", "cs":
		g.pattern = false
		g.white = false
		if n := len(operands); n > 0 {
			if name, ok := operands[n-1].(Name); ok {
				g.pattern = w == "scn" || name == "Pattern"
			}
			v, ok := numbers(operands, min(n, 4))
			switch {
			case !ok:
			case n == 1, n == 3:
				g.white = v[0] > 0.99 && (n == 1 || v[1] > 0.99 && v[2] > 0.99)
			case n == 4:
				g.white = v[0]+v[1]+v[2]+v[3] < 0.01
			}
		}
	case "Do":
		return c.do(operands, res, depth)
	case "re", "m", "l", "c", "v", "y", "h", "W", "W*", "f", "F", "f*", "B", "B*", "b", "b*", "S", "s", "n", "sh":
		c.draw(w, operands)
	default:
		return c.write(w, operands, res)
	}
	return nil
}

func (c *canvas) state(operands []Object, res Dict) error {
	if len(operands) == 0 {
		return nil
	}
	name, _ := operands[len(operands)-1].(Name)
	list, err := c.v.Dict(res["ExtGState"])
	if err != nil {
		return err
	}
	d, err := c.v.Dict(list[name])
	if err != nil {
		return err
	}
	if a, ok := c.v.Number(d["ca"]); ok {
		c.g.alpha = a
	}
	if bm, ok := d["BM"]; ok {
		mode, _ := c.v.Name(bm)
		c.g.blend = mode != "Normal" && mode != "Compatible"
	}
	if sm, ok := d["SMask"]; ok {
		none, _ := c.v.Name(sm)
		c.g.blend = c.g.blend || none != "None"
	}
	return nil
}

func (c *canvas) do(operands []Object, res Dict, depth int) error {
	if len(operands) == 0 {
		return nil
	}
	name, _ := operands[len(operands)-1].(Name)
	list, err := c.v.Dict(res["XObject"])
	if err != nil {
		return err
	}
	s, err := c.v.Stream(list[name])
	if err != nil || s == nil {
		return err
	}
	if sub, _ := c.v.Name(s.Dict["Subtype"]); sub == "Form" {
		return c.form(s, res, depth+1)
	}
	mask, _ := s.Dict["ImageMask"].(bool)
	c.image(!mask && s.Dict["SMask"] == nil && s.Dict["Mask"] == nil && s.Dict["SMaskInData"] == nil)
	return nil
}

// draw follows paths. Only rectangles count, whichever way they are drawn.
func (c *canvas) draw(w string, operands []Object) {
	p := &c.path
	switch w {
	case "re":
		n, ok := numbers(operands, 4)
		if !ok {
			return
		}
		b := c.g.ctm.box([4]float64{n[0], n[1], n[0] + n[2], n[1] + n[3]})
		p.add(b[0], b[1])
		p.add(b[2], b[3])
		p.turned = p.turned || !c.g.ctm.upright()
		if len(p.rects) < maxOperands {
			p.rects = append(p.rects, b)
		}
	case "m", "l":
		if n, ok := numbers(operands, 2); ok {
			x, y := c.g.ctm.point(n[0], n[1])
			p.add(x, y)
			p.odd = p.odd || w == "m" && len(p.points) > 0 || len(p.points) > 5
			if !p.odd {
				p.points = append(p.points, [2]float64{x, y})
			}
		}
	case "c", "v", "y":
		p.odd = true
		if n, ok := numbers(operands, 2); ok {
			p.add(c.g.ctm.point(n[0], n[1]))
		}
	case "W", "W*":
		p.clip = true
	case "h":
	case "sh":
		c.mark(Mark{Kind: MarkFill, Box: c.g.clip})
	default:
		switch w {
		case "f", "F", "f*", "B", "B*", "b", "b*":
			c.fill()
		}
		if p.clip {
			c.g.clip = intersect(c.g.clip, p.box)
			if !p.any {
				c.g.clip = [4]float64{}
			}
			_, square := p.polygon()
			c.g.odd = c.g.odd || p.odd || p.turned || len(p.rects)+len(p.points) > 0 && len(p.rects) != 1 && !(len(p.rects) == 0 && square)
		}
		*p = path{rects: p.rects[:0], points: p.points[:0]}
	}
}

func (c *canvas) fill() {
	p := &c.path
	opaque := c.solid() && !c.g.pattern && !p.turned && !p.odd
	for _, b := range p.rects {
		// Rectangles inside each other may leave holes.
		c.mark(Mark{Kind: MarkFill, Box: intersect(b, c.g.clip), Opaque: opaque && len(p.points) == 0 && (len(p.rects) == 1 || !p.nested())})
	}
	if b, ok := p.polygon(); ok && len(p.rects) == 0 {
		c.mark(Mark{Kind: MarkFill, Box: intersect(b, c.g.clip), Opaque: opaque})
	}
}

// nested reports whether two rectangles overlap.
func (p *path) nested() bool {
	if len(p.rects) > 32 {
		return true
	}
	for i, a := range p.rects {
		for _, b := range p.rects[:i] {
			if x := intersect(a, b); x[0] < x[2] && x[1] < x[3] {
				return true
			}
		}
	}
	return false
}

// polygon is the rectangle that four lines make.
func (p *path) polygon() (b [4]float64, ok bool) {
	n := len(p.points)
	if p.odd || n < 4 || n > 5 || n == 5 && p.points[4] != p.points[0] {
		return b, false
	}
	b = [4]float64{math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)}
	for i := range 4 {
		x, y := p.points[i], p.points[(i+1)%4]
		if math.Abs(x[0]-y[0]) > 0.01 && math.Abs(x[1]-y[1]) > 0.01 {
			return b, false
		}
		b = [4]float64{min(b[0], x[0]), min(b[1], x[1]), max(b[2], x[0]), max(b[3], x[1])}
	}
	return b, true
}

// write follows text.
func (c *canvas) write(w string, operands []Object, res Dict) error {
	g := &c.g
	one := func() (float64, bool) { n, ok := numbers(operands, 1); return n[0], ok }
	next := func(x, y float64) {
		c.line = Matrix{1, 0, 0, 1, x, y}.times(c.line)
		c.tm = c.line
	}
	switch w {
	case "BT":
		c.tm, c.line = Matrix{1, 0, 0, 1, 0, 0}, Matrix{1, 0, 0, 1, 0, 0}
	case "Tf":
		if len(operands) < 2 {
			return nil
		}
		name, _ := operands[len(operands)-2].(Name)
		g.size, _ = one()
		fonts, err := c.v.Dict(res["Font"])
		if err != nil {
			return err
		}
		g.font, err = c.load(fonts[name])
		return err
	case "Td", "TD":
		if n, ok := numbers(operands, 2); ok {
			if w == "TD" {
				g.lead = -n[1]
			}
			next(n[0], n[1])
		}
	case "Tm":
		if n, ok := numbers(operands, 6); ok {
			c.tm, c.line = Matrix(n), Matrix(n)
		}
	case "T*":
		next(0, -g.lead)
	case "TL":
		g.lead, _ = one()
	case "Tc":
		g.char, _ = one()
	case "Tw":
		g.word, _ = one()
	case "Tz":
		if z, ok := one(); ok {
			g.scale = z / 100
		}
	case "Ts":
		g.rise, _ = one()
	case "Tr":
		m, _ := one()
		g.mode = int64(m)
	case "'", "\"":
		next(0, -g.lead)
		c.show(operands[max(0, len(operands)-1):])
	case "Tj":
		c.show(operands[max(0, len(operands)-1):])
	case "TJ":
		if n := len(operands); n > 0 {
			a, _ := operands[n-1].(Array)
			c.show(a)
		}
	}
	return nil
}

// show makes one mark of the strings of an operator.
func (c *canvas) show(pieces []Object) {
	g := &c.g
	if g.font == nil {
		g.font = &fontWidths{}
	}
	start := c.tm
	var codes []byte
	blank, from, at, first := true, 0.0, 0.0, true
	for _, o := range pieces {
		switch x := o.(type) {
		case String:
			w, space := g.font.measure(x, g)
			if !space && blank {
				blank = false
			}
			if first && !space {
				from, first = at, false
			}
			at += w
			codes = append(codes, x...)
		case Integer:
			at -= float64(x) / 1000 * g.size * g.scale
		case Real:
			at -= float64(x) / 1000 * g.size * g.scale
		}
	}
	c.tm = Matrix{1, 0, 0, 1, at, 0}.times(start)
	if blank || g.mode == 3 || g.mode == 7 || g.alpha <= 0.001 || g.white && g.mode != 1 {
		return
	}
	m := start.times(g.ctm)
	b := m.box([4]float64{min(from, at), g.rise - 0.2*g.size, max(from, at), g.rise + 0.75*g.size})
	mark := Mark{Kind: MarkText, Box: intersect(b, g.clip)}
	if g.font.long {
		mark.Coded = (len(codes) + 1) / 2
	} else {
		mark.Text = String(codes)
	}
	c.mark(mark)
}

// fontWidths is how far the codes of a font lead on, in thousandths of its size.
type fontWidths struct {
	first  int
	widths []float64
	long   bool // two bytes a code
}

func (f *fontWidths) measure(s String, g *graphics) (w float64, blank bool) {
	blank = true
	step := 1
	if f.long {
		step = 2
	}
	for i := 0; i < len(s); i += step {
		code, width := int(s[i]), 500.0
		if f.long {
			// What most writers of such fonts call a space: its code in Unicode, or its glyph in a TrueType font.
			if i+1 < len(s) {
				code = code<<8 | int(s[i+1])
			}
			blank = blank && (code == ' ' || code == 3)
		} else {
			blank = blank && code == ' '
			if k := code - f.first; k >= 0 && k < len(f.widths) {
				width = f.widths[k]
			}
			if code == ' ' {
				w += g.word * g.scale
			}
		}
		w += (width/1000*g.size + g.char) * g.scale
	}
	return w, blank
}

func (c *canvas) load(o Object) (*fontWidths, error) {
	if ref, ok := o.(Ref); ok {
		if f := c.fonts[ref]; f != nil {
			return f, nil
		}
	}
	d, err := c.v.Dict(o)
	if err != nil {
		return nil, err
	}
	f := &fontWidths{}
	switch sub, _ := c.v.Name(d["Subtype"]); sub {
	case "Type0":
		f.long = true
	case "Type3":
		// Its widths have a scale of their own; half the size will do.
	default:
		first, _ := c.v.Int(d["FirstChar"])
		list, err := c.v.Array(d["Widths"])
		if err != nil {
			return nil, err
		}
		f.first = int(max(0, min(first, 255)))
		for _, x := range list[:min(len(list), 256)] {
			n, _ := c.v.Number(x)
			f.widths = append(f.widths, n)
		}
	}
	if ref, ok := o.(Ref); ok {
		c.fonts[ref] = f
	}
	return f, nil
}
