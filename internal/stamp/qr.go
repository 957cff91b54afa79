package stamp

import "absah/internal/pdf"

// QR is the appearance that is a QR symbol alone, with an optional caption under it.
type QR struct {
	Target

	Text    string // what the symbol says, usually an address
	Caption string
}

// Draw returns the symbol as a centred square in a box of w by h points.
func (q QR) Draw(add Adder, w, h float64) (*pdf.Stream, error) {
	return nil, checkBox(w, h)
}
