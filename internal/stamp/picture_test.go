package stamp_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math"
	"strings"
	"testing"

	"absah/internal/pdf"
	"absah/internal/stamp"
	"absah/internal/testkit"
)

// pattern fills an image of any kind with a coloured gradient; where alpha is true, the left part is more and more transparent.
func pattern(m interface {
	image.Image
	Set(x, y int, c color.Color)
}, gray, alpha bool,
) image.Image {
	b := m.Bounds()
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			c := color.NRGBA64{uint16(x * 4000), uint16(y * 5000), uint16((x + y) * 2000), 0xffff}
			if gray {
				c.G, c.B = c.R, c.R
			}
			if alpha {
				c.A = uint16(min(x*9000, 0xffff))
			}
			m.Set(x, y, c)
		}
	}
	return m
}

func encodePNG(t testing.TB, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func encodeJPEG(t testing.TB, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func load(t testing.TB, data []byte) *stamp.Picture {
	t.Helper()
	p, err := stamp.LoadPicture(data, stamp.PictureLimits{})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// xobject is the image that a form paints.
func xobject(t testing.TB, v *pdf.View, form *pdf.Stream) *pdf.Stream {
	t.Helper()
	all := resolve[pdf.Dict](t, v, resolve[pdf.Dict](t, v, form.Dict["Resources"])["XObject"])
	if len(all) != 1 {
		t.Fatalf("%d XObjects, want 1", len(all))
	}
	return resolve[*pdf.Stream](t, v, all["Im0"])
}

func TestPNG(t *testing.T) {
	r := image.Rect(0, 0, 13, 9)
	palette := color.Palette{color.White, color.RGBA{200, 10, 10, 255}, color.RGBA{10, 10, 200, 255}}
	seeThrough := append(color.Palette{color.Transparent}, palette...)
	grays := color.Palette{color.White, color.Black}
	tests := []struct {
		name   string
		img    image.Image
		target stamp.Target
		space  string // of the image
		mask   bool
	}{
		{"gray", pattern(image.NewGray(r), true, false), stamp.Target{}, "DeviceGray", false},
		{"gray of 16 bits", pattern(image.NewGray16(r), true, false), stamp.Target{}, "DeviceGray", false},
		{"RGB", pattern(image.NewRGBA(r), false, false), stamp.Target{}, "DeviceRGB", false},
		{"RGB that is gray", pattern(image.NewRGBA(r), true, false), stamp.Target{}, "DeviceGray", false},
		{"RGB of 16 bits", pattern(image.NewRGBA64(r), false, false), stamp.Target{}, "DeviceRGB", false},
		{"RGBA", pattern(image.NewNRGBA(r), false, true), stamp.Target{}, "DeviceRGB", true},
		{"RGBA of 16 bits", pattern(image.NewNRGBA64(r), false, true), stamp.Target{}, "DeviceRGB", true},
		{"gray and alpha", pattern(image.NewNRGBA(r), true, true), stamp.Target{}, "DeviceGray", true},
		{"palette", pattern(image.NewPaletted(r, palette), false, false), stamp.Target{}, "Indexed DeviceRGB", false},
		{"palette of grays", pattern(image.NewPaletted(r, grays), false, false), stamp.Target{}, "DeviceGray", false},
		{"palette with transparency", pattern(image.NewPaletted(r, seeThrough), false, true), stamp.Target{}, "DeviceRGB", true},
		{"RGBA without transparency", pattern(image.NewNRGBA(r), false, true), stamp.Target{NoTransparency: true}, "DeviceRGB", false},
		{"RGB calibrated", pattern(image.NewRGBA(r), false, false), stamp.Target{Calibrated: true}, "CalRGB", false},
		{"palette calibrated", pattern(image.NewPaletted(r, palette), false, false), stamp.Target{Calibrated: true}, "Indexed CalRGB", false},
		{"gray calibrated", pattern(image.NewGray(r), true, false), stamp.Target{Calibrated: true}, "CalGray", false},
	}
	for _, tt := range tests {
		v, form := drawn(t, stamp.Image{Target: tt.target, Picture: load(t, encodePNG(t, tt.img))}, 100, 50)
		x := xobject(t, v, form)
		if got := spaceName(t, v, x.Dict["ColorSpace"]); got != tt.space {
			t.Errorf("%s: colour space %s, want %s", tt.name, got, tt.space)
		}
		if got := x.Dict["SMask"] != nil; got != tt.mask {
			t.Errorf("%s: soft mask is %v, want %v", tt.name, got, tt.mask)
		}
		if x.Dict["Width"] != pdf.Integer(13) || x.Dict["Height"] != pdf.Integer(9) || x.Dict["BitsPerComponent"] != pdf.Integer(8) {
			t.Errorf("%s: dictionary %v", tt.name, x.Dict)
		}
		samples := decoded(t, v, x)
		var alpha []byte
		if tt.mask {
			m := resolve[*pdf.Stream](t, v, x.Dict["SMask"])
			if got := spaceName(t, v, m.Dict["ColorSpace"]); got != "DeviceGray" {
				t.Errorf("%s: colour space of the mask is %s", tt.name, got)
			}
			alpha = decoded(t, v, m)
		}
		for i := range 13 * 9 {
			want := color.NRGBAModel.Convert(tt.img.At(i%13, i/13)).(color.NRGBA)
			if tt.target.NoTransparency {
				over := func(c uint8) uint8 { return uint8((int(c)*int(want.A) + 255*(255-int(want.A)) + 127) / 255) }
				want = color.NRGBA{over(want.R), over(want.G), over(want.B), 255}
			}
			got := color.NRGBA{A: 255}
			switch n := len(samples) / (13 * 9); {
			case strings.HasPrefix(tt.space, "Indexed"):
				table := []byte(resolve[pdf.Array](t, v, x.Dict["ColorSpace"])[3].(pdf.String))
				k := 3 * int(samples[i])
				got.R, got.G, got.B = table[k], table[k+1], table[k+2]
			case n == 1:
				got.R, got.G, got.B = samples[i], samples[i], samples[i]
			case n == 3:
				got.R, got.G, got.B = samples[3*i], samples[3*i+1], samples[3*i+2]
			}
			if alpha != nil {
				got.A = alpha[i]
			}
			if far(got, want) && want.A > 0 {
				t.Errorf("%s: pixel %d is %v, want %v", tt.name, i, got, want)
				break
			}
		}
	}
}

// far allows one step for premultiplied sources.
func far(a, b color.NRGBA) bool {
	d := func(x, y uint8) bool { return math.Abs(float64(x)-float64(y)) > 2 }
	return d(a.R, b.R) || d(a.G, b.G) || d(a.B, b.B) || d(a.A, b.A)
}

func spaceName(t testing.TB, v *pdf.View, o pdf.Object) string {
	t.Helper()
	switch x := o.(type) {
	case pdf.Name:
		return string(x)
	case pdf.Array:
		if x[0] == pdf.Name("Indexed") {
			return "Indexed " + spaceName(t, v, x[1])
		}
		return spaceName(t, v, x[0])
	}
	t.Fatalf("colour space %v", o)
	return ""
}

// exif is an APP1 segment that states an orientation and a place.
func exif(orientation byte) []byte {
	tiff := []byte{'M', 'M', 0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0, 0, 0, 0, 0}
	body := append([]byte("Exif\x00\x00"), tiff...)
	body = append(body, "GPS-SECRET"...)
	return append([]byte{0xff, 0xe1, 0, byte(len(body) + 2)}, body...)
}

func TestJPEG(t *testing.T) {
	gray := encodeJPEG(t, pattern(image.NewGray(image.Rect(0, 0, 30, 20)), true, false))
	rgb := encodeJPEG(t, pattern(image.NewRGBA(image.Rect(0, 0, 30, 20)), false, false))
	turned := append(append(bytes.Clone(rgb[:2]), exif(6)...), rgb[2:]...)
	tests := []struct {
		name          string
		data          []byte
		target        stamp.Target
		space         string
		inverted      bool
		width, height int // as displayed
	}{
		{"gray", gray, stamp.Target{}, "DeviceGray", false, 30, 20},
		{"RGB", rgb, stamp.Target{}, "DeviceRGB", false, 30, 20},
		{"RGB calibrated", rgb, stamp.Target{Calibrated: true}, "CalRGB", false, 30, 20},
		{"turned by Exif", turned, stamp.Target{NoTransparency: true}, "DeviceRGB", false, 20, 30},
		{"CMYK", cmyk(false), stamp.Target{}, "DeviceCMYK", false, 8, 8},
		{"CMYK of Adobe", cmyk(true), stamp.Target{}, "DeviceCMYK", true, 8, 8},
	}
	for _, tt := range tests {
		p := load(t, tt.data)
		if p.Width != tt.width || p.Height != tt.height {
			t.Errorf("%s: size %d × %d, want %d × %d", tt.name, p.Width, p.Height, tt.width, tt.height)
		}
		v, form := drawn(t, stamp.Image{Target: tt.target, Picture: p}, 100, 50)
		x := xobject(t, v, form)
		if got := spaceName(t, v, x.Dict["ColorSpace"]); got != tt.space || x.Dict["Filter"] != pdf.Name("DCTDecode") {
			t.Errorf("%s: colour space %s, filter %v, want %s, DCTDecode", tt.name, got, x.Dict["Filter"], tt.space)
		}
		if got := x.Dict["Decode"] != nil; got != tt.inverted {
			t.Errorf("%s: Decode = %v, want inverted %v", tt.name, x.Dict["Decode"], tt.inverted)
		}
		raw, err := v.RawStream(x)
		if err != nil {
			t.Fatal(err)
		}
		_, want, _ := bytes.Cut(tt.data, []byte{0xff, 0xda})
		if !bytes.HasSuffix(raw, want) {
			t.Errorf("%s: the scan is not the one of the file", tt.name)
		}
		if bytes.Contains(raw, []byte("GPS-SECRET")) {
			t.Errorf("%s: Exif is kept", tt.name)
		}
		if c, err := jpeg.DecodeConfig(bytes.NewReader(raw)); err != nil || pdf.Integer(c.Width) != x.Dict["Width"] || pdf.Integer(c.Height) != x.Dict["Height"] {
			t.Errorf("%s: the stream is a JPEG of %v, %v; the dictionary says %v", tt.name, c, err, x.Dict)
		}
	}

	// A CMYK picture in a file that must be calibrated becomes RGB.
	v, form := drawn(t, stamp.Image{Target: stamp.Target{Calibrated: true}, Picture: load(t, cmyk(true))}, 100, 50)
	if x := xobject(t, v, form); spaceName(t, v, x.Dict["ColorSpace"]) == "DeviceCMYK" || x.Dict["Filter"] != pdf.Name("FlateDecode") {
		t.Errorf("CMYK calibrated: %v", x.Dict)
	}
}

// cmyk is a JPEG of one gray block with four components: every coefficient is zero.
func cmyk(adobe bool) []byte {
	b := []byte{0xff, 0xd8}
	segment := func(marker byte, body ...byte) {
		b = append(b, 0xff, marker)
		b = binary.BigEndian.AppendUint16(b, uint16(len(body)+2))
		b = append(b, body...)
	}
	if adobe {
		segment(0xee, []byte("Adobe\x00\x64\x00\x00\x00\x00\x00")...)
	}
	segment(0xdb, append([]byte{0}, bytes.Repeat([]byte{1}, 64)...)...)
	segment(0xc0, 8, 0, 8, 0, 8, 4, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0, 4, 0x11, 0)
	one := append([]byte{0, 1}, make([]byte, 14)...) // one code, of two bits
	segment(0xc4, append(append([]byte{0x00}, one...), 0)...)
	segment(0xc4, append(append([]byte{0x10}, one...), 0)...)
	segment(0xda, 4, 1, 0, 2, 0, 3, 0, 4, 0, 0, 63, 0)
	return append(b, 0, 0, 0xff, 0xd9) // four times: no difference, end of block
}

// TestOrientation renders a picture with one dark corner, stored in each of the eight ways, and finds the corner upper left.
func TestOrientation(t *testing.T) {
	const w, h = 32, 16 // as displayed
	for o := byte(1); o <= 8; o++ {
		sw, sh := w, h
		if o >= 5 {
			sw, sh = h, w
		}
		m := image.NewGray(image.Rect(0, 0, sw, sh))
		for sy := range sh {
			for sx := range sw {
				// Where the stored pixel is seen, by the table of the Exif standard.
				x, y := sx, sy
				switch o {
				case 2:
					x = w - 1 - sx
				case 3:
					x, y = w-1-sx, h-1-sy
				case 4:
					y = h - 1 - sy
				case 5:
					x, y = sy, sx
				case 6:
					x, y = w-1-sy, sx
				case 7:
					x, y = w-1-sy, h-1-sx
				case 8:
					x, y = sy, h-1-sx
				}
				v := uint8(255)
				if x < w/4 && y < h/4 {
					v = 0
				}
				m.SetGray(sx, sy, color.Gray{Y: v})
			}
		}
		data := encodeJPEG(t, m)
		data = append(append(bytes.Clone(data[:2]), exif(o)...), data[2:]...)
		name := testkit.Keep(t, "turned.pdf", document(t, stamped{page: stamp.Page{MediaBox: [4]float64{0, 0, 64, 32}}, look: stamp.Image{Picture: load(t, data)}, pos: at(0, 0, 64, 32)}))
		p := render(t, name, 1, 72)
		for _, c := range []struct {
			x, y int
			dark bool
		}{{4, 2, true}, {60, 2, false}, {4, 30, false}, {60, 30, false}, {30, 2, false}, {4, 14, false}} {
			if got := p.pix[c.y*p.w+c.x] < 128; got != c.dark {
				t.Errorf("orientation %d: dark at %d,%d is %v, want %v", o, c.x, c.y, got, c.dark)
			}
		}
	}
}

func TestImageFit(t *testing.T) {
	p := load(t, encodePNG(t, pattern(image.NewGray(image.Rect(0, 0, 20, 10)), true, false)))
	for _, tt := range []struct {
		look stamp.Image
		w, h float64
		want string
	}{
		{stamp.Image{Picture: p}, 100, 100, "100 0 0 50 0 25 cm"},
		{stamp.Image{Picture: p}, 100, 20, "40 0 0 20 30 0 cm"},
		{stamp.Image{Picture: p, Stretch: true}, 100, 100, "100 0 0 100 0 0 cm"},
	} {
		v, form := drawn(t, tt.look, tt.w, tt.h)
		content, err := v.StreamData(form, 0)
		if err != nil || !strings.Contains(string(content), tt.want) {
			t.Errorf("Image in %v × %v: %q, %v, want %s", tt.w, tt.h, content, err, tt.want)
		}
	}
	if _, err := (stamp.Image{}).Draw(discard(), 10, 10); err == nil {
		t.Error("an Image without picture: no error")
	}
}

// bigPNG is a PNG header that announces a size; the pixels are missing.
func bigPNG(w, h uint32, depth byte) []byte {
	body := append([]byte("IHDR"), make([]byte, 13)...)
	binary.BigEndian.PutUint32(body[4:], w)
	binary.BigEndian.PutUint32(body[8:], h)
	body[12], body[13] = depth, 6
	b := append([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0d"), body...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(body))
}

func TestLoadRefuses(t *testing.T) {
	good := encodePNG(t, pattern(image.NewRGBA(image.Rect(0, 0, 40, 40)), false, false))
	photo := encodeJPEG(t, pattern(image.NewRGBA(image.Rect(0, 0, 40, 40)), false, false))
	tests := []struct {
		name  string
		data  []byte
		limit string // "bytes" or "pixels"; empty: not a picture
	}{
		{"empty", nil, ""},
		{"text", []byte("bukan gambar"), ""},
		{"a PDF", []byte("%PDF-1.7\n"), ""},
		{"a GIF", []byte("GIF89a\x01\x00\x01\x00\x80\x00\x00"), ""},
		{"PNG signature only", good[:8], ""},
		{"PNG cut off", good[:len(good)-30], ""},
		{"PNG with a changed byte", append(bytes.Clone(good[:60]), append([]byte{good[60] ^ 1}, good[61:]...)...), ""},
		{"JPEG signature only", photo[:3], ""},
		{"JPEG cut off", photo[:len(photo)-10], ""},
		{"huge PNG", bigPNG(40000, 40000, 8), "pixels"},
		{"PNG with sides that overflow", bigPNG(1<<31-1, 1<<31-1, 8), ""},
		{"PNG of 10 million pixels of 16 bits", bigPNG(10000, 1000, 16), "pixels"},
		{"PNG without pixels", bigPNG(0, 10, 8), ""},
		{"large file", append(bytes.Clone(good), make([]byte, 2<<20)...), "bytes"},
	}
	for _, tt := range tests {
		_, err := stamp.LoadPicture(tt.data, stamp.PictureLimits{})
		var limit *stamp.PictureLimitError
		switch {
		case tt.limit == "" && !errors.Is(err, stamp.ErrNotPicture):
			t.Errorf("LoadPicture(%s) error = %v, want ErrNotPicture", tt.name, err)
		case tt.limit != "" && (!errors.As(err, &limit) || limit.What != tt.limit):
			t.Errorf("LoadPicture(%s) error = %v, want a limit of %s", tt.name, err, tt.limit)
		}
	}
	if _, err := stamp.LoadPicture(good, stamp.PictureLimits{Pixels: 1599}); err == nil {
		t.Error("a limit of 1599 pixels lets 1600 pass")
	}
	if _, err := stamp.LoadPicture(good, stamp.PictureLimits{Pixels: 1600, Bytes: int64(len(good))}); err != nil {
		t.Errorf("a picture at the limits: %v", err)
	}
}

// TestTransparencyShows draws a half transparent picture over a dark page: the ground must show through, and not when flattened.
func TestTransparencyShows(t *testing.T) {
	m := image.NewNRGBA(image.Rect(0, 0, 8, 8))
	for i := range m.Pix {
		m.Pix[i] = 0 // black, fully transparent
	}
	p := load(t, encodePNG(t, m))
	under := stamp.QR{Text: "ground"}
	box := at(0, 0, 60, 60)
	for _, flat := range []bool{false, true} {
		s := stamped{page: stamp.Page{MediaBox: [4]float64{0, 0, 60, 60}}, look: under, pos: box}
		s.more = []stamped{{look: stamp.Image{Picture: p, Target: stamp.Target{NoTransparency: flat}}, pos: box}}
		n := render(t, testkit.Keep(t, "over.pdf", document(t, s)), 1, 72).dark()
		if !flat && n < 300 || flat && n != 0 {
			t.Errorf("flat %v: %d dark pixels of the page show", flat, n)
		}
	}
}

func FuzzLoadPicture(f *testing.F) {
	r := image.Rect(0, 0, 5, 4)
	f.Add(encodePNG(f, pattern(image.NewNRGBA(r), false, true)))
	f.Add(encodePNG(f, pattern(image.NewPaletted(r, color.Palette{color.White, color.Black}), false, false)))
	rgb := encodeJPEG(f, pattern(image.NewRGBA(r), false, false))
	f.Add(rgb)
	f.Add(append(append(bytes.Clone(rgb[:2]), exif(8)...), rgb[2:]...))
	f.Add(cmyk(true))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := stamp.LoadPicture(data, stamp.PictureLimits{Pixels: 1 << 16})
		if err != nil {
			return
		}
		for _, target := range []stamp.Target{{}, {NoTransparency: true}, {Calibrated: true}} {
			form, err := stamp.Image{Picture: p, Target: target}.Draw(discard(), 50, 40)
			if err == nil && form.Dict["BBox"] == nil || err != nil && !errors.Is(err, stamp.ErrNotPicture) {
				t.Errorf("Draw = %v, %v", form, err)
			}
		}
	})
}

func FuzzCard(f *testing.F) {
	f.Add("Budi Contoh", "Kepala Dinas", "https://contoh.example/v/1", 180.0, 64.0)
	f.Add("\u202eḤ王\xff\x00", "a\u0301", "", 20.0, 90.0)
	f.Add(strings.Repeat("x", 300), " ", "1", 0.01, 14400.0)
	f.Fuzz(func(t *testing.T, name, position, qr string, w, h float64) {
		if len(name)+len(position) > 2000 {
			return
		}
		form, err := stamp.Card{Name: name, Position: position, QR: qr}.Draw(discard(), w, h)
		if err == nil && form.Dict["BBox"] == nil {
			t.Errorf("Draw = %v without BBox", form)
		}
	})
}
