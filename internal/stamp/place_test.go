package stamp_test

import (
	"errors"
	"math"
	"testing"

	"absah/internal/stamp"
)

func TestPlace(t *testing.T) {
	a4 := stamp.Page{MediaBox: a4}
	turned := func(r int) stamp.Page { p := a4; p.Rotate = r; return p }
	tests := []struct {
		name string
		page stamp.Page
		pos  stamp.Position
		want [4]float64
	}{
		{"as given", a4, at(400, 82, 120, 60), [4]float64{400, 82, 520, 142}},
		{"top left", a4, stamp.Position{Corner: stamp.TopLeft, W: 180, H: 64}, [4]float64{36, 742, 216, 806}},
		{"top right", a4, stamp.Position{Corner: stamp.TopRight, W: 180, H: 64, Margin: 10}, [4]float64{405, 768, 585, 832}},
		{"bottom left", a4, stamp.Position{Corner: stamp.BottomLeft, W: 180, H: 64}, [4]float64{36, 36, 216, 100}},
		{"bottom right", a4, stamp.Position{Corner: stamp.BottomRight, W: 180, H: 64}, [4]float64{379, 36, 559, 100}},
		{"cropped", stamp.Page{MediaBox: a4.MediaBox, CropBox: [4]float64{20, 30, 575, 812}}, at(0, 732, 100, 50), [4]float64{20, 762, 120, 812}},
		{"crop larger than media", stamp.Page{MediaBox: [4]float64{0, 0, 200, 300}, CropBox: [4]float64{-50, -50, 500, 500}}, at(0, 0, 200, 300), [4]float64{0, 0, 200, 300}},
		{"crop elsewhere", stamp.Page{MediaBox: [4]float64{0, 0, 200, 300}, CropBox: [4]float64{500, 500, 600, 600}}, at(0, 0, 10, 10), [4]float64{0, 0, 10, 10}},
		{"negative origin", stamp.Page{MediaBox: [4]float64{-100, -200, 495, 642}}, at(10, 20, 30, 40), [4]float64{-90, -180, -60, -140}},
		{"swapped corners", stamp.Page{MediaBox: [4]float64{595, 842, 0, 0}}, at(10, 20, 30, 40), [4]float64{10, 20, 40, 60}},
		// A page of 595 × 842 that is shown as 842 × 595: the box is 50 from the left and 40 from the top.
		{"turned by 90", turned(90), at(50, 595-40-50, 100, 50), [4]float64{40, 50, 90, 150}},
		{"turned by 450", turned(450), at(50, 595-40-50, 100, 50), [4]float64{40, 50, 90, 150}},
		{"turned by 180", turned(180), at(0, 0, 100, 50), [4]float64{495, 792, 595, 842}},
		{"turned by 270", turned(270), at(0, 0, 100, 50), [4]float64{0, 742, 50, 842}},
		{"turned by -90", turned(-90), at(0, 0, 100, 50), [4]float64{0, 742, 50, 842}},
		{"turned by 17", turned(17), at(0, 0, 100, 50), [4]float64{0, 0, 100, 50}},
		{"user unit", stamp.Page{MediaBox: [4]float64{0, 0, 1000, 2000}, UserUnit: 2}, at(100, 200, 50, 20), [4]float64{50, 100, 75, 110}},
		{"margin gives way", stamp.Page{MediaBox: [4]float64{0, 0, 200, 70}}, stamp.Position{Corner: stamp.BottomRight, W: 180, H: 64}, [4]float64{10, 3, 190, 67}},
		{"whole page", a4, at(0, 0, 595.004, 842), [4]float64{0, 0, 595.004, 842}},
	}
	for _, tt := range tests {
		got, err := stamp.Place(tt.page, tt.pos)
		if err != nil {
			t.Errorf("Place(%s): %v", tt.name, err)
			continue
		}
		for i := range tt.want {
			if math.Abs(got.Rect[i]-tt.want[i]) > 1e-3 {
				t.Errorf("Place(%s).Rect = %v, want %v", tt.name, got.Rect, tt.want)
				break
			}
		}
		if got.BBox != [4]float64{0, 0, tt.pos.W, tt.pos.H} {
			t.Errorf("Place(%s).BBox = %v, want the size of the box", tt.name, got.BBox)
		}
	}
}

// TestPlaceUpright follows the rule by which viewers put a form into the rectangle (ISO 32000-2 §12.5.5) and then turns the page:
// the corners of the form must arrive at the corners of the box as displayed, not only its outline.
func TestPlaceUpright(t *testing.T) {
	for _, unit := range []float64{0, 1, 2.5} {
		for _, turn := range []int{0, 90, 180, 270} {
			p := stamp.Page{MediaBox: [4]float64{-30, 12, 570, 812}, CropBox: [4]float64{-10, 40, 500, 800}, Rotate: turn, UserUnit: unit}
			pos := at(33, 71, 180, 64)
			got, err := stamp.Place(p, pos)
			if err != nil {
				t.Fatal(err)
			}
			m, r := got.Matrix, got.Rect
			form := func(x, y float64) (float64, float64) { return m[0]*x + m[2]*y + m[4], m[1]*x + m[3]*y + m[5] }
			x0, y0 := form(0, 0)
			x1, y1 := form(pos.W, pos.H)
			left, low, right, high := min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)
			u := unit
			if u == 0 {
				u = 1
			}
			for _, c := range [][2]float64{{0, 0}, {pos.W, 0}, {0, pos.H}, {pos.W, pos.H}} {
				x, y := form(c[0], c[1])
				x, y = r[0]+(x-left)*(r[2]-r[0])/(right-left), r[1]+(y-low)*(r[3]-r[1])/(high-low)
				x, y = (x-p.CropBox[0])*u, (y-p.CropBox[1])*u
				w, h := (p.CropBox[2]-p.CropBox[0])*u, (p.CropBox[3]-p.CropBox[1])*u
				for range turn / 90 { // a quarter turn clockwise
					x, y, w, h = y, w-x, h, w
				}
				if math.Abs(x-pos.X-c[0]) > 0.01 || math.Abs(y-pos.Y-c[1]) > 0.01 {
					t.Errorf("rotate %d, unit %v: corner %v of the form is shown at %.2f,%.2f, want %.2f,%.2f", turn, unit, c, x, y, pos.X+c[0], pos.Y+c[1])
				}
			}
		}
	}
}

func TestPlaceOutside(t *testing.T) {
	p := stamp.Page{MediaBox: a4, Rotate: 90}
	tests := []struct {
		pos  stamp.Position
		near stamp.Position
		fits bool
		text string
	}{
		{at(800, 20, 100, 50), at(742, 20, 100, 50), true, "the box 800,20,100,50 lies partly outside the page, which is 842 × 595 points"},
		{at(-5, 590, 100, 50), at(0, 545, 100, 50), true, "the box -5,590,100,50 lies partly outside the page, which is 842 × 595 points"},
		{at(0, 0, 900, 50), at(0, 0, 900, 50), false, "the box 0,0,900,50 is larger than the page, which is 842 × 595 points"},
	}
	for _, tt := range tests {
		_, err := stamp.Place(p, tt.pos)
		var out *stamp.OutsideError
		if !errors.As(err, &out) {
			t.Errorf("Place(%v) error = %v, want an OutsideError", tt.pos, err)
			continue
		}
		if out.Nearest != tt.near || out.Fits != tt.fits || out.Error() != tt.text {
			t.Errorf("Place(%v) = %v, nearest %v, fits %v; want %s, %v, %v", tt.pos, out, out.Nearest, out.Fits, tt.text, tt.near, tt.fits)
		}
	}
	for _, pos := range []stamp.Position{{}, at(0, 0, -1, 5), at(0, 0, 5, math.NaN()), at(math.NaN(), 0, 5, 5), at(0, 0, 1e9, 5), at(math.Inf(1), 0, 5, 5)} {
		if got, err := stamp.Place(p, pos); err == nil {
			t.Errorf("Place(%v) = %v, want an error", pos, got)
		}
	}
	for _, box := range [][4]float64{{}, {0, 0, 0, 842}, {0, 0, math.Inf(1), 842}} {
		if got, err := stamp.Place(stamp.Page{MediaBox: box}, at(0, 0, 1, 1)); err == nil {
			t.Errorf("Place on a page with MediaBox %v = %v, want an error", box, got)
		}
	}
}

func TestParsePosition(t *testing.T) {
	good := map[string]stamp.Position{
		"kiri-atas": {Corner: stamp.TopLeft}, "kanan-atas": {Corner: stamp.TopRight}, "kiri-bawah": {Corner: stamp.BottomLeft},
		"kanan-bawah": {Corner: stamp.BottomRight}, "10,20,180,64": at(10, 20, 180, 64), " 10.5, -2 ,1,2": at(10.5, -2, 1, 2),
	}
	for s, want := range good {
		if got, err := stamp.ParsePosition(s); err != nil || got != want {
			t.Errorf("ParsePosition(%q) = %v, %v, want %v", s, got, err, want)
		}
	}
	for _, s := range []string{"", "tengah", "1,2,3", "1,2,3,4,5", "1,2,0,4", "1,2,3,-4", "1,2,3,x", "NaN,1,2,3", "1,Inf,2,3"} {
		if got, err := stamp.ParsePosition(s); !errors.Is(err, stamp.ErrPosition) {
			t.Errorf("ParsePosition(%q) = %v, %v, want ErrPosition", s, got, err)
		}
	}
}
