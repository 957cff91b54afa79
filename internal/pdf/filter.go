package pdf

import (
	"bufio"
	"errors"
	"fmt"
	"io"
)

const (
	maxFilters = 8       // of one stream: a bomb nests many
	maxRow     = 2 << 20 // bytes of one row of a predictor
)

var errFilter = errors.New("the stream's data is damaged")

// meter passes on what comes out of one filter and charges it to the file.
type meter struct {
	r      io.Reader
	charge func(int64) error
}

func (m *meter) Read(b []byte) (int, error) {
	n, err := m.r.Read(b)
	if e := m.charge(int64(n)); e != nil {
		return 0, e
	}
	return n, err
}

// decoder stacks the filters that a stream's dictionary names on its stored bytes. What comes out of each filter is charged. A
// filter that meets damage gives what came before it, then the error, as viewers do.
func decoder(d Dict, stored io.Reader, resolve func(Object) Object, charge func(int64) error) (io.Reader, error) {
	names, params := filterChain(d, resolve)
	if len(names) > maxFilters {
		return nil, &LimitError{What: "filters of one stream", Limit: maxFilters}
	}
	r := stored
	for i, name := range names {
		p, _ := params[i].(Dict)
		predicts := false
		switch name {
		case "FlateDecode", "Fl":
			r, predicts = newFlate(r), true
		case "LZWDecode", "LZW":
			r, predicts = newLZW(r, intParam(p, "EarlyChange", 1, resolve) != 0), true
		case "ASCIIHexDecode", "AHx":
			r = &asciiHex{src: bufio.NewReader(r)}
		case "ASCII85Decode", "A85":
			r = newASCII85(r)
		case "RunLengthDecode", "RL":
			r = &runLength{src: bufio.NewReader(r)}
		case "Crypt":
			continue // what it means was done when the bytes were read
		default:
			return nil, &UnsupportedError{What: "the filter " + string(name)}
		}
		r = &meter{r, charge}
		if predicts && p != nil {
			var err error
			plain := r
			if r, err = newPredictor(r, p, resolve); err != nil {
				return nil, err
			}
			if r != plain {
				r = &meter{r, charge}
			}
		}
	}
	return r, nil
}

// filterChain pairs the filters with their parameters.
func filterChain(d Dict, resolve func(Object) Object) (names []Name, params []Object) {
	filter := resolve(first(d, "Filter", "F"))
	parms := resolve(first(d, "DecodeParms", "DP"))
	switch x := filter.(type) {
	case Name:
		if list, ok := parms.(Array); ok {
			parms = nil
			if len(list) > 0 {
				parms = list[0]
			}
		}
		return []Name{x}, []Object{resolve(parms)}
	case Array:
		list, _ := parms.(Array)
		for i, o := range x {
			if i > maxFilters {
				break
			}
			n, _ := resolve(o).(Name)
			names = append(names, n)
			var p Object
			if i < len(list) {
				p = resolve(list[i])
			} else if i == 0 {
				p, _ = parms.(Dict)
			}
			params = append(params, p)
		}
	}
	return names, params
}

func first(d Dict, keys ...Name) Object {
	for _, k := range keys {
		if o, ok := d[k]; ok {
			if _, isString := o.(String); isString && k == "F" {
				continue // a file specification, not a filter
			}
			return o
		}
	}
	return nil
}

func intParam(p Dict, key Name, def int64, resolve func(Object) Object) int64 {
	if n, ok := resolve(p[key]).(Integer); ok {
		return int64(n)
	}
	return def
}

// asciiHex is ASCIIHexDecode; what is no digit is skipped.
type asciiHex struct {
	src *bufio.Reader
	end bool
}

func (a *asciiHex) Read(out []byte) (n int, err error) {
	for n < len(out) && !a.end {
		high, err := a.digit()
		if err != nil {
			return n, err
		}
		if a.end {
			break
		}
		low, err := a.digit()
		if err != nil && err != io.EOF {
			return n, err
		}
		out[n] = high<<4 | low // a missing last digit is 0
		n++
	}
	if n == 0 && len(out) > 0 {
		return 0, io.EOF
	}
	return n, nil
}

// digit is the next one; 0 at the end.
func (a *asciiHex) digit() (byte, error) {
	for {
		b, err := a.src.ReadByte()
		if err == io.EOF || err == nil && b == '>' {
			a.end = true
			return 0, nil
		}
		if err != nil {
			return 0, err
		}
		if v := hexVal[b]; v < 16 {
			return v, nil
		}
	}
}

// ascii85 is ASCII85Decode.
type ascii85 struct {
	src   *bufio.Reader
	group [5]byte
	n     int
	out   []byte // decoded, not yet given
	store [4]byte
	err   error
}

func newASCII85(r io.Reader) *ascii85 {
	a := &ascii85{src: bufio.NewReader(r)}
	// Some producers write the <~ that the standard leaves out.
	for {
		b, err := a.src.Peek(1)
		if err != nil || class[b[0]] != white {
			break
		}
		a.src.Discard(1)
	}
	if b, err := a.src.Peek(2); err == nil && string(b) == "<~" {
		a.src.Discard(2)
	}
	return a
}

func (a *ascii85) Read(out []byte) (n int, err error) {
	for n < len(out) {
		if len(a.out) > 0 {
			k := copy(out[n:], a.out)
			a.out = a.out[k:]
			n += k
			continue
		}
		if a.err != nil {
			break
		}
		a.fill()
	}
	if n > 0 {
		return n, nil
	}
	if len(out) == 0 {
		return 0, nil
	}
	return 0, a.err
}

func (a *ascii85) fill() {
	b, err := a.src.ReadByte()
	switch {
	case err == io.EOF || err == nil && b == '~':
		if a.n > 1 {
			k := a.n - 1
			for ; a.n < 5; a.n++ {
				a.group[a.n] = 84
			}
			a.flush(k)
		}
		a.err = io.EOF
	case err != nil:
		a.err = err
	case class[b] == white:
	case b == 'z' && a.n == 0:
		a.group = [5]byte{}
		a.flush(4)
	case b >= '!' && b <= 'u':
		a.group[a.n] = b - '!'
		if a.n++; a.n == 5 {
			a.flush(4)
		}
	default:
		a.err = fmt.Errorf("%w: ascii85", errFilter)
	}
}

func (a *ascii85) flush(k int) {
	v := uint32(0)
	for _, c := range a.group {
		v = v*85 + uint32(c)
	}
	a.store = [4]byte{byte(v >> 24), byte(v >> 16), byte(v >> 8), byte(v)}
	a.out, a.n = a.store[:k], 0
}

// runLength is RunLengthDecode.
type runLength struct {
	src  *bufio.Reader
	copy int  // literal bytes that follow
	rep  int  // times that last is repeated
	last byte // repeated
	end  bool
}

func (r *runLength) Read(out []byte) (n int, err error) {
	for n < len(out) && !r.end {
		switch {
		case r.copy > 0:
			k, err := r.src.Read(out[n:min(len(out), n+r.copy)])
			n, r.copy = n+k, r.copy-k
			if err != nil {
				r.end = true
				if err != io.EOF {
					return n, err
				}
			}
		case r.rep > 0:
			for ; r.rep > 0 && n < len(out); r.rep-- {
				out[n] = r.last
				n++
			}
		default:
			b, err := r.src.ReadByte()
			switch {
			case err == io.EOF || err == nil && b == 128:
				r.end = true
			case err != nil:
				return n, err
			case b < 128:
				r.copy = int(b) + 1
			default:
				if r.last, err = r.src.ReadByte(); err != nil {
					r.end = true
					break
				}
				r.rep = 257 - int(b)
			}
		}
	}
	if n == 0 && len(out) > 0 {
		return 0, io.EOF
	}
	return n, nil
}
