package stamp

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image/jpeg"

	"absah/internal/pdf"
)

// JPEG markers (ITU-T T.81 Annex B).
const (
	markerSOI   = 0xd8
	markerEOI   = 0xd9
	markerSOS   = 0xda
	markerAPP0  = 0xe0
	markerAPP1  = 0xe1
	markerAPP2  = 0xe2
	markerAPP14 = 0xee
	markerAPP15 = 0xef
	markerCOM   = 0xfe
)

func loadJPEG(data []byte, l PictureLimits) (*Picture, error) {
	c, err := jpeg.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotPicture, err)
	}
	if err := checkPixels(c, l); err != nil {
		return nil, err
	}
	p := &Picture{Width: c.Width, Height: c.Height}
	if err := p.scanJPEG(data); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotPicture, err)
	}
	if p.orientation >= 5 { // a quarter turn
		p.Width, p.Height = p.Height, p.Width
	}
	p.prepare()
	return p, nil
}

// scanJPEG walks the segments before the first scan. It keeps those that say how to show the picture and drops the others: Exif
// and XMP may hold the place, the time and a thumbnail of what was cropped away.
func (p *Picture) scanJPEG(data []byte) error {
	out := append(make([]byte, 0, len(data)), 0xff, markerSOI)
	adobe := false
	for at := 2; ; {
		for at < len(data) && data[at] == 0xff && at+1 < len(data) && data[at+1] == 0xff {
			at++ // fill bytes
		}
		if at+4 > len(data) || data[at] != 0xff {
			return fmt.Errorf("its segments are broken at byte %d", at)
		}
		m, n := data[at+1], int(binary.BigEndian.Uint16(data[at+2:]))
		if n < 2 || at+2+n > len(data) {
			return fmt.Errorf("its segments are broken at byte %d", at)
		}
		body, next := data[at+4:at+2+n], at+2+n
		keep := true
		switch {
		case m == markerSOS:
			end := bytes.LastIndex(data, []byte{0xff, markerEOI})
			if end < next {
				return fmt.Errorf("it ends too early")
			}
			p.jpeg = append(out, data[at:end+2]...)
			p.inverted = adobe && p.comps == 4
			return nil
		case m == markerAPP14 && bytes.HasPrefix(body, []byte("Adobe")):
			adobe = true
		case m == markerAPP1 && bytes.HasPrefix(body, []byte("Exif\x00\x00")):
			p.orientation, keep = exifOrientation(body[6:]), false
		case m == markerAPP0, m == markerAPP2 && bytes.HasPrefix(body, []byte("ICC_PROFILE\x00")):
		case m >= markerAPP0 && m <= markerAPP15, m == markerCOM:
			keep = false
		case m >= 0xc0 && m <= 0xcf && m != 0xc4 && m != 0xc8 && m != 0xcc: // frame header
			if len(body) < 6 {
				return fmt.Errorf("its frame header is broken")
			}
			p.comps = int(body[5])
		}
		if keep {
			out = append(out, data[at:next]...)
		}
		at = next
	}
}

// exifOrientation reads tag 0x0112 of the first directory of a TIFF structure; 0 when there is none that makes sense.
func exifOrientation(tiff []byte) int {
	if len(tiff) < 8 {
		return 0
	}
	var order binary.ByteOrder = binary.BigEndian
	if tiff[0] == 'I' {
		order = binary.LittleEndian
	}
	at := int64(order.Uint32(tiff[4:]))
	if at+2 > int64(len(tiff)) {
		return 0
	}
	dir := tiff[at+2:]
	for range order.Uint16(tiff[at:]) {
		if len(dir) < 12 {
			return 0
		}
		if order.Uint16(dir) == 0x0112 {
			if v := int(order.Uint16(dir[8:])); v >= 1 && v <= 8 {
				return v
			}
			return 0
		}
		dir = dir[12:]
	}
	return 0
}

// jpegObject is the file as an image XObject, its samples untouched.
func (p *Picture) jpegObject(t Target) *pdf.Stream {
	w, h := p.Width, p.Height
	if p.orientation >= 5 {
		w, h = h, w
	}
	d := pdf.Dict{
		"Type": pdf.Name("XObject"), "Subtype": pdf.Name("Image"), "Width": pdf.Integer(w), "Height": pdf.Integer(h),
		"BitsPerComponent": pdf.Integer(8), "Filter": pdf.Name("DCTDecode"), "ColorSpace": space(p.comps, t),
	}
	if p.inverted {
		d["Decode"] = pdf.Array{
			pdf.Integer(1), pdf.Integer(0), pdf.Integer(1), pdf.Integer(0), pdf.Integer(1), pdf.Integer(0), pdf.Integer(1), pdf.Integer(0),
		}
	}
	return pdf.NewStream(d, p.jpeg)
}
