package stamp

import (
	"bytes"
	"compress/zlib"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"sync"

	"absah/internal/pdf"
)

// PictureLimits bounds what LoadPicture accepts. Zero fields mean the defaults.
type PictureLimits struct {
	Bytes  int64 // of the file; default 2 MB
	Pixels int64 // default 16 million; a pixel of 16 bits a channel counts twice
}

const (
	defaultPictureBytes  = 2 << 20
	defaultPicturePixels = 16 << 20
)

// ErrNotPicture is wrapped when the bytes are no PNG or JPEG, or one that is damaged or of an unsupported kind.
var ErrNotPicture = errors.New("not a PNG or JPEG image that can be used")

// PictureLimitError says that a picture is larger than allowed. It is found before anything is decoded.
type PictureLimitError struct {
	What         string // "bytes" or "pixels"
	Value, Limit int64
}

func (e *PictureLimitError) Error() string {
	return fmt.Sprintf("the image has %d %s; the limit is %d, use a smaller one", e.Value, e.What, e.Limit)
}

// Picture is a PNG or JPEG that was read and checked. It may be drawn any number of times and by several goroutines at once; what
// it becomes in a PDF is made once.
type Picture struct {
	Width, Height int // pixels, as displayed

	orientation int // Exif, 0 when none is stated

	jpeg     []byte // the file, without what is not needed to show it; nil for a PNG
	comps    int    // colour components of a JPEG: 1, 3, 4
	inverted bool   // a CMYK JPEG that stores the complement, as Adobe's programs do

	px *pixels // of a PNG

	plain, flat, rgb func() []encoded
}

// pixels are the samples of a decoded picture, 8 bits each.
type pixels struct {
	w, h    int
	comps   int // 1 gray or palette index, 3 RGB
	data    []byte
	palette []byte // RGB triples, nil without palette
	alpha   []byte // nil when every pixel is opaque
}

// encoded is an image XObject's dictionary, less its colour space, and its packed samples.
type encoded struct {
	px   *pixels
	data []byte
	dict pdf.Dict
}

// LoadPicture reads a PNG or JPEG file. A PNG may be gray, RGB, or have a palette, with or without transparency, 1 to 16 bits
// (shown with 8), interlaced or not. A JPEG may be gray, RGB or CMYK, baseline or progressive; it is kept as it is, without Exif
// (which may say where the picture was taken), but turned as Exif says. Errors: ErrNotPicture, *PictureLimitError.
func LoadPicture(data []byte, l PictureLimits) (*Picture, error) {
	if l.Bytes <= 0 {
		l.Bytes = defaultPictureBytes
	}
	if l.Pixels <= 0 {
		l.Pixels = defaultPicturePixels
	}
	if int64(len(data)) > l.Bytes {
		return nil, &PictureLimitError{"bytes", int64(len(data)), l.Bytes}
	}
	switch {
	case bytes.HasPrefix(data, []byte("\x89PNG\r\n\x1a\n")):
		return loadPNG(data, l)
	case bytes.HasPrefix(data, []byte("\xff\xd8\xff")):
		return loadJPEG(data, l)
	}
	return nil, ErrNotPicture
}

func checkPixels(c image.Config, l PictureLimits) error {
	n := int64(c.Width) * int64(c.Height)
	switch c.ColorModel {
	case color.Gray16Model, color.RGBA64Model, color.NRGBA64Model:
		n *= 2
	}
	if c.Width <= 0 || c.Height <= 0 {
		return fmt.Errorf("%w: it has no pixels", ErrNotPicture)
	}
	// The product of two positive 31-bit numbers, doubled, stays below 2^63.
	if c.Width > 1<<30 || c.Height > 1<<30 || n > l.Pixels {
		return &PictureLimitError{"pixels", n, l.Pixels}
	}
	return nil
}

func loadPNG(data []byte, l PictureLimits) (*Picture, error) {
	c, err := png.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotPicture, err)
	}
	if err := checkPixels(c, l); err != nil {
		return nil, err
	}
	m, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotPicture, err)
	}
	p := &Picture{Width: c.Width, Height: c.Height, px: samples(m)}
	p.prepare()
	return p, nil
}

// prepare sets up what is made when it is first needed.
func (p *Picture) prepare() {
	p.plain = sync.OnceValue(func() []encoded {
		all := []encoded{encode(p.px)}
		if p.px.alpha != nil {
			all = append(all, encode(&pixels{w: p.px.w, h: p.px.h, comps: 1, data: p.px.alpha}))
		}
		return all
	})
	p.flat = sync.OnceValue(func() []encoded {
		if p.px.alpha == nil {
			return p.plain()
		}
		return []encoded{encode(p.px.onWhite())}
	})
	p.rgb = sync.OnceValue(func() []encoded {
		m, err := jpeg.Decode(bytes.NewReader(p.jpeg))
		if err != nil {
			return nil
		}
		return []encoded{encode(samples(m))}
	})
}

// samples takes the pixels out of a decoded image in the smallest form that loses nothing but the lower half of 16 bits.
func samples(m image.Image) *pixels {
	b := m.Bounds()
	px := &pixels{w: b.Dx(), h: b.Dy()}
	n := px.w * px.h
	switch m := m.(type) {
	case *image.Paletted:
		if px.fromPalette(m) {
			return px
		}
	case *image.Gray:
		px.comps, px.data = 1, make([]byte, 0, n)
		for y := range px.h {
			px.data = append(px.data, m.Pix[y*m.Stride:y*m.Stride+px.w]...)
		}
		return px
	}
	rgb, alpha := make([]byte, 3*n), make([]byte, n)
	gray, opaque := true, true
	i := 0
	put := func(r, g, b, a byte) {
		rgb[3*i], rgb[3*i+1], rgb[3*i+2], alpha[i] = r, g, b, a
		gray = gray && r == g && g == b
		opaque = opaque && a == 0xff
		i++
	}
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			switch m := m.(type) {
			case *image.NRGBA:
				o := m.PixOffset(x, y)
				put(m.Pix[o], m.Pix[o+1], m.Pix[o+2], m.Pix[o+3])
			case *image.NRGBA64:
				o := m.PixOffset(x, y)
				put(m.Pix[o], m.Pix[o+2], m.Pix[o+4], m.Pix[o+6])
			case *image.RGBA: // opaque: the decoder uses it for RGB only
				o := m.PixOffset(x, y)
				put(m.Pix[o], m.Pix[o+1], m.Pix[o+2], m.Pix[o+3])
			case *image.Gray16:
				v := m.Pix[m.PixOffset(x, y)]
				put(v, v, v, 0xff)
			default:
				c := color.NRGBAModel.Convert(m.At(x, y)).(color.NRGBA)
				put(c.R, c.G, c.B, c.A)
			}
		}
	}
	px.comps, px.data = 3, rgb
	if gray {
		px.comps, px.data = 1, make([]byte, n)
		for i := range px.data {
			px.data[i] = rgb[3*i]
		}
	}
	if !opaque {
		px.alpha = alpha
	}
	return px
}

// fromPalette keeps the indices of a picture whose palette is opaque and coloured.
func (px *pixels) fromPalette(m *image.Paletted) bool {
	gray := true
	palette := make([]byte, 0, 3*len(m.Palette))
	for _, c := range m.Palette {
		r, g, b, a := c.RGBA()
		if a != 0xffff {
			return false
		}
		gray = gray && r == g && g == b
		palette = append(palette, byte(r>>8), byte(g>>8), byte(b>>8))
	}
	if gray || len(palette) == 0 {
		return false
	}
	px.comps, px.palette, px.data = 1, palette, make([]byte, 0, px.w*px.h)
	for y := range px.h {
		px.data = append(px.data, m.Pix[y*m.Stride:y*m.Stride+px.w]...)
	}
	for _, i := range px.data {
		if int(i) >= len(m.Palette) { // not with our decoder, but a viewer would read past the table
			return false
		}
	}
	return true
}

// onWhite is the picture as it looks on paper.
func (px *pixels) onWhite() *pixels {
	out := &pixels{w: px.w, h: px.h, comps: px.comps, data: make([]byte, len(px.data))}
	for i, a := range px.alpha {
		for k := i * px.comps; k < (i+1)*px.comps; k++ {
			out.data[k] = byte((int(px.data[k])*int(a) + 255*(255-int(a)) + 127) / 255)
		}
	}
	return out
}

// encode packs samples, with PNG prediction where it helps: not for palette indices, which are no quantities.
func encode(px *pixels) encoded {
	d := pdf.Dict{
		"Type": pdf.Name("XObject"), "Subtype": pdf.Name("Image"), "Width": pdf.Integer(px.w), "Height": pdf.Integer(px.h),
		"BitsPerComponent": pdf.Integer(8), "Filter": pdf.Name("FlateDecode"),
	}
	if px.palette != nil {
		return encoded{px, deflate(px.data, zlib.DefaultCompression), d}
	}
	d["DecodeParms"] = pdf.Dict{"Predictor": pdf.Integer(15), "Colors": pdf.Integer(px.comps), "Columns": pdf.Integer(px.w)}
	return encoded{px, deflate(predict(px), zlib.DefaultCompression), d}
}

// predict filters each row with the PNG filter whose result has the smallest sum of absolute values, the usual guess at what
// packs best.
func predict(px *pixels) []byte {
	row := px.w * px.comps
	out := make([]byte, 0, (row+1)*px.h)
	above := make([]byte, row)
	var tries [4][]byte
	for i := range tries {
		tries[i] = make([]byte, row)
	}
	kinds := [4]byte{0, 1, 2, 4}
	for y := range px.h {
		cur := px.data[y*row : (y+1)*row]
		var sums [4]int
		for i, v := range cur {
			var left, corner byte
			if i >= px.comps {
				left, corner = cur[i-px.comps], above[i-px.comps]
			}
			for k, d := range [4]byte{v, v - left, v - above[i], v - paeth(left, above[i], corner)} {
				tries[k][i] = d
				sums[k] += min(int(d), 256-int(d))
			}
		}
		best := 0
		for k, s := range sums {
			if s < sums[best] {
				best = k
			}
		}
		out = append(out, kinds[best])
		out = append(out, tries[best]...)
		above = cur
	}
	return out
}

func paeth(a, b, c byte) byte {
	pa, pb := int(b)-int(c), int(a)-int(c)
	pc := pa + pb
	pa, pb, pc = max(pa, -pa), max(pb, -pb), max(pc, -pc)
	switch {
	case pa <= pb && pa <= pc:
		return a
	case pb <= pc:
		return b
	}
	return c
}

// object adds the image XObject and, for transparency, its soft mask.
func (p *Picture) object(add Adder, t Target) (pdf.Ref, error) {
	if p.jpeg != nil && (p.comps != 4 || !t.Calibrated) {
		return add(p.jpegObject(t)), nil
	}
	form := p.plain
	switch {
	case p.jpeg != nil:
		// There is no calibrated CMYK; a profile would be larger than the picture.
		if form = p.rgb; form() == nil {
			return pdf.Ref{}, fmt.Errorf("%w: the CMYK image is damaged", ErrNotPicture)
		}
	case t.NoTransparency:
		form = p.flat
	}
	parts := form()
	d := parts[0].dictionary(t)
	if len(parts) > 1 {
		d["SMask"] = add(pdf.NewStream(parts[1].dictionary(Target{}), parts[1].data)) // a mask is always DeviceGray
	}
	return add(pdf.NewStream(d, parts[0].data)), nil
}

// dictionary is a copy with the colour space that the target wants.
func (e encoded) dictionary(t Target) pdf.Dict {
	d := pdf.Dict{}
	for k, v := range e.dict {
		d[k] = v
	}
	switch {
	case e.px.palette != nil:
		d["ColorSpace"] = pdf.Array{
			pdf.Name("Indexed"), space(3, t), pdf.Integer(len(e.px.palette)/3 - 1), pdf.String(e.px.palette),
		}
	default:
		d["ColorSpace"] = space(e.px.comps, t)
	}
	return d
}

func space(comps int, t Target) pdf.Object {
	switch {
	case comps == 4:
		return pdf.Name("DeviceCMYK")
	case comps == 3 && t.Calibrated:
		return calRGB()
	case comps == 3:
		return pdf.Name("DeviceRGB")
	case t.Calibrated:
		return calGray()
	}
	return pdf.Name("DeviceGray")
}
