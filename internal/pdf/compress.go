package pdf

import (
	"bufio"
	"compress/flate"
	"fmt"
	"io"
	"sync"
)

// flates keeps decompressors, which are large, between streams.
var flates sync.Pool

// zlibReader is FlateDecode without insisting on the checksum or a complete end: producers truncate both.
type zlibReader struct {
	src *bufio.Reader
	r   io.ReadCloser
	err error
}

func newFlate(r io.Reader) *zlibReader { return &zlibReader{src: bufio.NewReaderSize(r, 512)} }

func (z *zlibReader) Read(b []byte) (int, error) {
	if z.err != nil {
		return 0, z.err
	}
	if z.r == nil {
		z.begin()
	}
	n, err := z.r.Read(b)
	if err != nil {
		flates.Put(z.r)
		z.r = nil
		if err != io.EOF && !fatal(err) {
			err = fmt.Errorf("%w: flate", errFilter)
		}
		z.err = err
		if n > 0 {
			return n, nil
		}
	}
	return n, err
}

func (z *zlibReader) begin() {
	for {
		// A stream word with a line end too many.
		h, _ := z.src.Peek(1)
		if len(h) == 0 || h[0] != '\r' && h[0] != '\n' {
			break
		}
		z.src.Discard(1)
	}
	h, _ := z.src.Peek(2)
	if len(h) == 2 && h[0]&0x0f == 8 && (int(h[0])<<8|int(h[1]))%31 == 0 {
		z.src.Discard(2)
	}
	if r, ok := flates.Get().(io.ReadCloser); ok {
		r.(flate.Resetter).Reset(z.src, nil)
		z.r = r
		return
	}
	z.r = flate.NewReader(z.src)
}

// lzwReader is LZWDecode, the variable-length code of ISO 32000-2 §7.4.4.
type lzwReader struct {
	src   *bufio.Reader
	early int // codes grow one code early
	acc   uint32
	bits  int
	width int
	next  int // the code that the table gets next
	prev  int // the code before, -1 after a clear
	table [4096]struct {
		prefix uint16
		last   byte
		first  byte
		length uint16
	}
	buf [4096]byte
	out []byte // decoded, not yet given; lies in buf
	err error
}

func newLZW(r io.Reader, early bool) *lzwReader {
	z := &lzwReader{src: bufio.NewReader(r)}
	if early {
		z.early = 1
	}
	for i := range 256 {
		z.table[i].last, z.table[i].first, z.table[i].length = byte(i), byte(i), 1
	}
	z.clear()
	return z
}

func (z *lzwReader) clear() { z.width, z.next, z.prev = 9, 258, -1 }

func (z *lzwReader) Read(b []byte) (n int, err error) {
	for n < len(b) {
		if len(z.out) == 0 {
			if z.err != nil {
				break
			}
			z.step()
			continue
		}
		k := copy(b[n:], z.out)
		z.out = z.out[k:]
		n += k
	}
	if n == 0 && len(b) > 0 {
		return 0, z.err
	}
	return n, nil
}

// step reads one code.
func (z *lzwReader) step() {
	for z.bits < z.width {
		b, err := z.src.ReadByte()
		if err != nil {
			z.err = err // without an end code: seen, and forgiven
			return
		}
		z.acc = z.acc<<8 | uint32(b)
		z.bits += 8
	}
	z.bits -= z.width
	code := int(z.acc >> z.bits & (1<<z.width - 1))
	switch {
	case code == 256:
		z.clear()
		return
	case code == 257:
		z.err = io.EOF
		return
	case z.prev < 0 && code > 257 || code > z.next || code == z.next && z.next == len(z.table):
		z.err = fmt.Errorf("%w: lzw", errFilter)
		return
	}
	if z.prev >= 0 && z.next < len(z.table) {
		e, p := &z.table[z.next], &z.table[z.prev]
		e.prefix, e.first, e.length = uint16(z.prev), p.first, p.length+1
		e.last = p.first // of the code that is being defined right now
		if code < z.next {
			e.last = z.table[code].first
		}
		z.next++
		if z.next+z.early >= 1<<z.width && z.width < 12 {
			z.width++
		}
	}
	n := int(z.table[code].length)
	z.out = z.buf[:n]
	for c := code; n > 0; c = int(z.table[c].prefix) {
		n--
		z.out[n] = z.table[c].last
	}
	z.prev = code
}
