package pdf

import (
	"fmt"
	"io"
)

// predictor undoes the TIFF and PNG predictors row by row (ISO 32000-2 §7.4.4.4).
type predictor struct {
	src        io.Reader
	png        bool
	colors     int
	bits       int
	step       int    // bytes from a sample to the one on its left
	row, prior []byte // as they come out
	in         []byte // a stored row
	out        []byte // of row, not yet given
	err        error
}

func newPredictor(r io.Reader, p Dict, resolve func(Object) Object) (io.Reader, error) {
	kind := intParam(p, "Predictor", 1, resolve)
	if kind < 2 {
		return r, nil
	}
	colors := intParam(p, "Colors", 1, resolve)
	bits := intParam(p, "BitsPerComponent", 8, resolve)
	columns := intParam(p, "Columns", 1, resolve)
	if colors < 1 || colors > 1<<10 || columns < 1 || columns > 1<<40 || bits != 1 && bits != 2 && bits != 4 && bits != 8 && bits != 16 {
		return nil, fmt.Errorf("%w: predictor", errFilter)
	}
	n := (colors*bits*columns + 7) / 8
	if n > maxRow {
		return nil, &LimitError{What: "bytes in a row of an image", Limit: maxRow}
	}
	t := &predictor{src: r, png: kind >= 10, colors: int(colors), bits: int(bits), step: int(max(1, colors*bits/8))}
	t.row = make([]byte, n)
	t.in = t.row
	if t.png {
		t.prior, t.in = make([]byte, n), make([]byte, n+1)
	}
	return t, nil
}

func (t *predictor) Read(b []byte) (n int, err error) {
	for n < len(b) {
		if len(t.out) == 0 {
			if t.err != nil {
				break
			}
			t.next()
			continue
		}
		k := copy(b[n:], t.out)
		t.out = t.out[k:]
		n += k
	}
	if n == 0 && len(b) > 0 {
		return 0, t.err
	}
	return n, nil
}

// next reads one row, the last of which may be short.
func (t *predictor) next() {
	n, err := io.ReadFull(t.src, t.in)
	if err != nil {
		if err == io.ErrUnexpectedEOF {
			err = io.EOF
		}
		t.err = err
	}
	switch {
	case n == 0 || t.png && n == 1:
	case t.png:
		t.row, t.prior = t.prior, t.row
		clear(t.row[copy(t.row, t.in[1:n]):])
		t.undoPNG(t.in[0])
		t.out = t.row[:n-1]
	default:
		clear(t.row[n:])
		t.undoTIFF()
		t.out = t.row[:n]
	}
}

func (t *predictor) undoPNG(kind byte) {
	line, prior, step := t.row, t.prior, t.step
	switch kind {
	case 1:
		for i := step; i < len(line); i++ {
			line[i] += line[i-step]
		}
	case 2:
		for i := range line {
			line[i] += prior[i]
		}
	case 3:
		for i := range line {
			left := 0
			if i >= step {
				left = int(line[i-step])
			}
			line[i] += byte((left + int(prior[i])) / 2)
		}
	case 4:
		for i := range line {
			var left, corner byte
			if i >= step {
				left, corner = line[i-step], prior[i-step]
			}
			line[i] += paeth(left, prior[i], corner)
		}
	}
}

func (t *predictor) undoTIFF() {
	switch t.bits {
	case 8:
		for i := t.step; i < len(t.row); i++ {
			t.row[i] += t.row[i-t.step]
		}
	case 16:
		for i := t.step; i+1 < len(t.row); i += 2 {
			v := (int(t.row[i])<<8 | int(t.row[i+1])) + (int(t.row[i-t.step])<<8 | int(t.row[i-t.step+1]))
			t.row[i], t.row[i+1] = byte(v>>8), byte(v)
		}
	default:
		// Samples smaller than a byte, high bits first.
		mask := byte(1<<t.bits - 1)
		left := make([]byte, t.colors)
		for i := range len(t.row) * 8 / t.bits {
			at, shift := i*t.bits/8, 8-t.bits-i*t.bits%8
			v := (t.row[at]>>shift + left[i%t.colors]) & mask
			left[i%t.colors] = v
			t.row[at] = t.row[at]&^(mask<<shift) | v<<shift
		}
	}
}

func paeth(a, b, c byte) byte {
	p := int(a) + int(b) - int(c)
	pa, pb, pc := abs(p-int(a)), abs(p-int(b)), abs(p-int(c))
	switch {
	case pa <= pb && pa <= pc:
		return a
	case pb <= pc:
		return b
	}
	return c
}

func abs(n int) int {
	if n < 0 {
		return -n
	}
	return n
}
