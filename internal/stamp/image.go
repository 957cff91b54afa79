package stamp

import (
	"absah/internal/pdf"
)

// Image is the appearance that is the signer's own picture, as large as the box allows, centred.
type Image struct {
	Target

	Picture *Picture
	Stretch bool // fill the box instead of keeping the proportions
}

// Draw returns the picture in a box of w by h points.
func (i Image) Draw(add Adder, w, h float64) (*pdf.Stream, error) {
	if err := checkBox(w, h); err != nil {
		return nil, err
	}
	if i.Picture == nil {
		return nil, ErrNotPicture
	}
	object, err := i.Picture.object(add, i.Target)
	if err != nil {
		return nil, err
	}
	pw, ph := float64(i.Picture.Width), float64(i.Picture.Height)
	iw, ih := w, h
	if !i.Stretch {
		scale := min(w/pw, h/ph)
		iw, ih = pw*scale, ph*scale
	}
	c := NewCanvas()
	// The unit square, turned as the camera held it, then scaled and moved into the box.
	t := turns[i.Picture.orientation]
	x, y := (w-iw)/2, (h-ih)/2
	c.image(object, [6]float64{t[0] * iw, t[1] * ih, t[2] * iw, t[3] * ih, t[4]*iw + x, t[5]*ih + y})
	return c.Form(add, i.Target, w, h), nil
}

// turns maps the unit square for each Exif orientation: stored rows and columns to what should be seen.
var turns = [9][6]float64{
	{1, 0, 0, 1, 0, 0}, // none stated
	{1, 0, 0, 1, 0, 0},
	{-1, 0, 0, 1, 1, 0},  // mirrored left to right
	{-1, 0, 0, -1, 1, 1}, // upside down
	{1, 0, 0, -1, 0, 1},  // mirrored top to bottom
	{0, -1, -1, 0, 1, 1}, // mirrored at the main diagonal
	{0, -1, 1, 0, 0, 1},  // to be turned clockwise
	{0, 1, 1, 0, 0, 0},   // mirrored at the other diagonal
	{0, 1, -1, 0, 1, 0},  // to be turned counter-clockwise
}
