package web

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"math"
	"sync"
)

// icons are what a phone shows of the installed application. They are the mark of the header, drawn here so that no picture has to be
// kept beside the drawing. A maskable one is cut by the phone to the shape it likes: it is full to the edge, and its mark is smaller.
var icons = sync.OnceValue(func() map[string][]byte {
	return map[string][]byte{
		"icon-192.png":     drawIcon(192, false),
		"icon-512.png":     drawIcon(512, false),
		"maskable-512.png": drawIcon(512, true),
		"touch-180.png":    drawIcon(180, true), // iOS rounds it itself
	}
})

// drawIcon draws the mark: in a field of 24 by 24 a square with rounded corners, and a tick with lines of 2.5.
func drawIcon(size int, full bool) []byte {
	ground, line := color.RGBA{0x0b, 0x57, 0xa4, 0xff}, color.RGBA{0xff, 0xff, 0xff, 0xff}
	tick := [][2]float64{{6, 12.5}, {10, 16.5}, {18, 7.5}}
	scale, radius := 24/float64(size), 5.0
	if full {
		radius = 0
		for i, p := range tick {
			tick[i] = [2]float64{12 + (p[0]-12)*0.78, 12 + (p[1]-12)*0.78}
		}
	}
	// How much of a pixel lies inside of an edge, d away from its middle.
	cover := func(d float64) float64 { return min(1, max(0, 0.5-d/scale)) }
	m := image.NewNRGBA(image.Rect(0, 0, size, size))
	for y := range size {
		for x := range size {
			px, py := (float64(x)+0.5)*scale, (float64(y)+0.5)*scale
			square := cover(math.Hypot(max(0, math.Abs(px-12)-12+radius), max(0, math.Abs(py-12)-12+radius)) - radius)
			if full {
				square = 1
			}
			stroke := math.Inf(1)
			for i := range len(tick) - 1 {
				stroke = min(stroke, toSegment(px, py, tick[i], tick[i+1]))
			}
			s := cover(stroke - 1.25)
			mix := func(a, b uint8) uint8 { return uint8(math.Round(float64(a)*(1-s) + float64(b)*s)) }
			m.SetNRGBA(x, y, color.NRGBA{mix(ground.R, line.R), mix(ground.G, line.G), mix(ground.B, line.B), uint8(math.Round(255 * square))})
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		panic(err) // into memory
	}
	return b.Bytes()
}

// toSegment is how far a point is from a line between two others.
func toSegment(x, y float64, a, b [2]float64) float64 {
	dx, dy := b[0]-a[0], b[1]-a[1]
	t := ((x-a[0])*dx + (y-a[1])*dy) / (dx*dx + dy*dy)
	t = min(1, max(0, t))
	return math.Hypot(x-a[0]-t*dx, y-a[1]-t*dy)
}
