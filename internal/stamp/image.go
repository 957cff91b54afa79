package stamp

import (
	"errors"
	"fmt"

	"absah/internal/pdf"
)

// PictureLimits bounds what LoadPicture accepts. Zero fields mean the defaults.
type PictureLimits struct {
	Bytes  int64 // of the file; default 2 MB
	Pixels int64 // default 16 million
}

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

// Picture is a PNG or JPEG that was read and checked. It may be drawn any number of times and by several goroutines at once.
type Picture struct {
	Width, Height int // pixels, as displayed
}

// LoadPicture reads a PNG or JPEG file. Errors: ErrNotPicture, *PictureLimitError.
func LoadPicture(data []byte, l PictureLimits) (*Picture, error) {
	return nil, ErrNotPicture
}

// Image is the appearance that is the signer's own picture, as large as the box allows, centred.
type Image struct {
	Target

	Picture *Picture
	Stretch bool // fill the box instead of keeping the proportions
}

// Draw returns the picture in a box of w by h points.
func (i Image) Draw(add Adder, w, h float64) (*pdf.Stream, error) {
	return nil, checkBox(w, h)
}
