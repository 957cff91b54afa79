// Package stamp draws what a reader sees of a signature: form XObjects for the appearance of a signature field. It knows PDF
// objects, fonts and pictures, and nothing of keys, certificates or signatures.
//
// There are three appearances, each with a Draw method: Card (text lines and a small QR, the default), Image (the signer's own
// picture) and QR. Draw gives new objects (fonts, images) to add and returns the form XObject, which the caller adds itself; its
// BBox is [0 0 w h] in points. Place finds the annotation rectangle and the form matrix for a spot on the page as it is displayed.
//
// What Draw writes is deterministic, opaque unless a picture has transparency, and uses DeviceGray only, except for colour
// pictures; every font is embedded as a subset with widths and a ToUnicode map. It is therefore legal in PDF/A, once Target
// says which part and which colour rules the file obeys.
//
// Canvas and Font are the layer below: enough to compose the text of a whole page.
//
// Everything here is safe for concurrent use except Canvas, which belongs to one goroutine.
package stamp

import "absah/internal/pdf"

// Target says what the file that receives an appearance demands beyond plain PDF. The zero value is right for any file that does
// not claim PDF/A, and for PDF/A-2 and later with an RGB output intent (pictures in RGB or gray).
type Target struct {
	// NoTransparency draws partly transparent pictures on white: PDF/A-1 forbids soft masks (ISO 19005-1 §6.4), and PDF/A-2
	// allows them without an output intent only on pages that state a blending space.
	NoTransparency bool

	// Calibrated replaces device colours by calibrated ones. PDF/A needs it where there is no output intent, and for pictures
	// whose kind is not the intent's, as RGB in a file for CMYK (ISO 19005-2 §6.2.4.3). It is legal in every PDF/A file; without
	// it the text stays pure black in print.
	Calibrated bool
}

// Adder gives an object a number in the file that is being written, as (*pdf.NewFile).Add does; with a *pdf.Update it is Alloc and
// then Set.
type Adder = func(pdf.Object) pdf.Ref
