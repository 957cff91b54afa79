package pdf

import (
	"bytes"
	"compress/flate"
	"errors"
	"fmt"
	"io"
)

// maxFilters bounds the chain of one stream: a bomb nests many.
const maxFilters = 8

var errFilter = errors.New("the stream's data is damaged")

// runFilters decodes data as the dictionary says. used counts what came out of all filters.
func runFilters(d Dict, data []byte, limit int64, resolve func(Object) Object) (out []byte, used int64, err error) {
	names, params := filterChain(d, resolve)
	if len(names) > maxFilters {
		return nil, 0, &LimitError{What: "filters of one stream", Limit: maxFilters}
	}
	out = data
	for i, name := range names {
		p, _ := params[i].(Dict)
		var e error
		switch name {
		case "FlateDecode", "Fl":
			out, e = inflate(out, limit-used)
		case "LZWDecode", "LZW":
			out, e = lzw(out, intParam(p, "EarlyChange", 1, resolve) != 0, limit-used)
		case "ASCIIHexDecode", "AHx":
			out = asciiHex(out)
		case "ASCII85Decode", "A85":
			out, e = ascii85(out)
		case "RunLengthDecode", "RL":
			out, e = runLength(out, limit-used)
		case "Crypt":
			continue // what it means was done when the bytes were read
		default:
			return nil, used, &UnsupportedError{What: "the filter " + string(name)}
		}
		used += int64(len(out))
		if e == nil && p != nil && (name == "FlateDecode" || name == "Fl" || name == "LZWDecode" || name == "LZW") {
			out, e = unpredict(out, p, resolve)
		}
		if e != nil {
			if fatal(e) || len(out) == 0 {
				return nil, used, e
			}
			err = e // go on with what there is
			if p != nil {
				if plain, e := unpredict(out, p, resolve); e == nil {
					out = plain
				}
			}
		}
	}
	return out, used, err
}

func filterChain(d Dict, resolve func(Object) Object) (names []Name, params []Object) {
	filter := resolve(first(d, "Filter", "F"))
	parms := resolve(first(d, "DecodeParms", "DP"))
	switch x := filter.(type) {
	case Name:
		if list, ok := parms.(Array); ok {
			if len(list) > 0 {
				parms = list[0]
			} else {
				parms = nil
			}
		}
		return []Name{x}, []Object{resolve(parms)}
	case Array:
		list, _ := parms.(Array)
		for i, o := range x {
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

func intParam(d Dict, key Name, def int64, resolve func(Object) Object) int64 {
	if n, ok := resolve(d[key]).(Integer); ok {
		return int64(n)
	}
	return def
}

func limited(limit int64) error {
	return &LimitError{What: "decoded bytes of streams", Limit: limit}
}

// inflate is zlib without insisting on the checksum or a complete end: producers truncate both.
func inflate(data []byte, limit int64) ([]byte, error) {
	data = bytes.TrimLeft(data, "\r\n")
	body := data
	if len(data) >= 2 && data[0]&0x0f == 8 && (int(data[0])<<8|int(data[1]))%31 == 0 {
		body = data[2:]
	}
	if limit < 0 {
		limit = 0
	}
	r := flate.NewReader(bytes.NewReader(body))
	out := bytes.NewBuffer(make([]byte, 0, min(int64(len(data))*4+512, limit+1)))
	n, err := io.Copy(out, io.LimitReader(r, limit+1))
	if n > limit {
		return nil, limited(limit)
	}
	if err != nil {
		return out.Bytes(), fmt.Errorf("%w: flate", errFilter)
	}
	return out.Bytes(), nil
}

// lzw is the variable-length code of ISO 32000-2 §7.4.4.
func lzw(data []byte, early bool, limit int64) ([]byte, error) {
	type code struct {
		prefix int32
		length int32
		last   byte
		first  byte
	}
	table := make([]code, 258, 4096)
	for i := range 256 {
		table[i] = code{-1, 1, byte(i), byte(i)}
	}
	var out []byte
	bits, acc, width := 0, uint32(0), 9
	prev := int32(-1)
	shift := 0
	if early {
		shift = 1
	}
	for _, b := range data {
		acc = acc<<8 | uint32(b)
		bits += 8
		if bits < width {
			continue
		}
		c := int32(acc >> (bits - width) & (1<<width - 1))
		bits -= width
		switch {
		case c == 256:
			table = table[:258]
			width, prev = 9, -1
			continue
		case c == 257:
			return out, nil
		case prev < 0:
			if c > 255 {
				return out, fmt.Errorf("%w: lzw", errFilter)
			}
			out = append(out, byte(c))
		default:
			if int(c) > len(table) || int(c) == len(table) && len(table) >= 4096 {
				return out, fmt.Errorf("%w: lzw", errFilter)
			}
			head := table[prev].first
			if int(c) < len(table) {
				head = table[c].first
			}
			if len(table) < 4096 {
				table = append(table, code{prev, table[prev].length + 1, head, table[prev].first})
			}
			n := int(table[c].length)
			if int64(len(out)+n) > limit {
				return nil, limited(limit)
			}
			start := len(out)
			out = append(out, make([]byte, n)...)
			for i, k := start+n-1, c; i >= start; i-- {
				out[i] = table[k].last
				k = table[k].prefix
			}
		}
		prev = c
		switch len(table) + shift {
		case 512, 1024, 2048:
			width = bitLen(len(table) + shift)
		}
		if len(table)+shift >= 2048 {
			width = 12
		}
	}
	return out, nil
}

func bitLen(n int) (w int) {
	for ; n > 0; n >>= 1 {
		w++
	}
	return w
}

func asciiHex(data []byte) []byte {
	out := make([]byte, 0, len(data)/2)
	high, half := byte(0), false
	for _, b := range data {
		if b == '>' {
			break
		}
		v := hexVal[b]
		if v == 255 {
			continue
		}
		if half {
			out = append(out, high<<4|v)
		} else {
			high = v
		}
		half = !half
	}
	if half {
		out = append(out, high<<4)
	}
	return out
}

func ascii85(data []byte) ([]byte, error) {
	data = bytes.TrimPrefix(bytes.TrimLeft(data, "\x00\t\n\f\r "), []byte("<~"))
	out := make([]byte, 0, len(data)*4/5)
	var group [5]byte
	n := 0
	flush := func(k int) {
		v := uint32(0)
		for _, c := range group {
			v = v*85 + uint32(c)
		}
		word := []byte{byte(v >> 24), byte(v >> 16), byte(v >> 8), byte(v)}
		out = append(out, word[:k]...)
	}
	for _, b := range data {
		switch {
		case class[b] == white:
		case b == '~':
			goto end
		case b == 'z' && n == 0:
			out = append(out, 0, 0, 0, 0)
		case b >= '!' && b <= 'u':
			group[n] = b - '!'
			if n++; n == 5 {
				flush(4)
				n = 0
			}
		default:
			return out, fmt.Errorf("%w: ascii85", errFilter)
		}
	}
end:
	if n > 1 {
		for i := n; i < 5; i++ {
			group[i] = 84
		}
		flush(n - 1)
	}
	return out, nil
}

func runLength(data []byte, limit int64) ([]byte, error) {
	var out []byte
	for i := 0; i < len(data); {
		n := int(data[i])
		i++
		switch {
		case n == 128:
			return out, nil
		case n < 128:
			end := min(i+n+1, len(data))
			out = append(out, data[i:end]...)
			i = end
		default:
			if i < len(data) {
				out = append(out, bytes.Repeat(data[i:i+1], 257-n)...)
			}
			i++
		}
		if int64(len(out)) > limit {
			return nil, limited(limit)
		}
	}
	return out, nil
}

// unpredict undoes the TIFF and PNG predictors (ISO 32000-2 §7.4.4.4).
func unpredict(data []byte, p Dict, resolve func(Object) Object) ([]byte, error) {
	predictor := intParam(p, "Predictor", 1, resolve)
	if predictor < 2 {
		return data, nil
	}
	colors := intParam(p, "Colors", 1, resolve)
	bpc := intParam(p, "BitsPerComponent", 8, resolve)
	columns := intParam(p, "Columns", 1, resolve)
	if colors < 1 || colors > 64 || bpc < 1 || bpc > 16 || columns < 1 || columns > 1<<24 {
		return nil, fmt.Errorf("%w: predictor", errFilter)
	}
	row := int((colors*bpc*columns + 7) / 8)
	step := int(max(1, colors*bpc/8))
	if predictor == 2 {
		if bpc != 8 {
			return nil, &UnsupportedError{What: "a TIFF predictor with other than 8 bits"}
		}
		for i := 0; i+row <= len(data); i += row {
			for k := i + step; k < i+row; k++ {
				data[k] += data[k-step]
			}
		}
		return data, nil
	}
	out := make([]byte, 0, len(data))
	prior := make([]byte, row)
	for len(data) > 1 {
		kind := data[0]
		line := make([]byte, row)
		n := copy(line, data[1:])
		data = data[1+n:]
		for i := range line {
			var left, up, corner byte
			if i >= step {
				left, corner = line[i-step], prior[i-step]
			}
			up = prior[i]
			switch kind {
			case 1:
				line[i] += left
			case 2:
				line[i] += up
			case 3:
				line[i] += byte((int(left) + int(up)) / 2)
			case 4:
				line[i] += paeth(left, up, corner)
			}
		}
		out = append(out, line[:n]...)
		prior = line
	}
	return out, nil
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
