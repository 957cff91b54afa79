package stamp

import (
	"time"

	"absah/internal/pdf"
)

// Card is the default appearance: a QR, if there is an address for it, and a few lines of text. Empty fields take no line.
type Card struct {
	Target

	Name     string // of the signer
	Position string // of the signer
	Time     time.Time
	Zone     *time.Location // in which Time is shown; nil: WIB
	Reason   string
	Location string
	Caption  string // a last line in the caller's words
	QR       string // the address in the QR; empty: none
	Language string // "en", or Indonesian for everything else
}

// Draw returns the card in a box of w by h points.
func (c Card) Draw(add Adder, w, h float64) (*pdf.Stream, error) {
	return nil, checkBox(w, h)
}
