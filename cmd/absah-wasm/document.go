//go:build js && wasm

package main

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"syscall/js"
)

// maxSafe is the largest integer that JavaScript counts exactly.
const maxSafe = 1<<53 - 1

// document is the file to verify, read from JavaScript in pieces.
type document struct {
	size  int64
	piece func(off int64, n int) js.Value // a Uint8Array of n bytes
}

func parseDocument(v js.Value) (*document, error) {
	if isBytes(v) {
		return &document{int64(v.Get("byteLength").Float()), func(off int64, n int) js.Value { return v.Call("subarray", off, off+int64(n)) }}, nil
	}
	if v.Type() != js.TypeObject || get(v, "read").Type() != js.TypeFunction || get(v, "size").Type() != js.TypeNumber {
		return nil, errors.New("is neither a Uint8Array nor an object with size and read")
	}
	size := get(v, "size").Float()
	if !(size >= 0 && size <= maxSafe) || size != float64(int64(size)) {
		return nil, errors.New("has a size that is no whole number of bytes")
	}
	return &document{int64(size), func(off int64, n int) js.Value { return v.Call("read", off, n) }}, nil
}

// get reads a property as a call, in which what a getter throws is caught.
func get(v js.Value, key string) js.Value { return js.Global().Get("Reflect").Call("get", v, key) }

// ReadAt implements io.ReaderAt.
func (d *document) ReadAt(b []byte, off int64) (n int, err error) {
	defer func() {
		if p := recover(); p != nil {
			// The read function threw, or the array was taken away meanwhile.
			n, err = 0, faultf("read", "%v", p)
		}
	}()
	if off < 0 || off >= d.size {
		return 0, io.EOF
	}
	want := int(min(int64(len(b)), d.size-off))
	v := d.piece(off, want)
	if !isBytes(v) || v.Get("byteLength").Int() != want {
		return 0, &fault{"read", fmt.Errorf("read did not return %d bytes at %d", want, off)}
	}
	if n = js.CopyBytesToGo(b[:want], v); n < len(b) {
		return n, io.EOF
	}
	return n, nil
}

// sum is the SHA-256 of the whole document.
func (d *document) sum() ([]byte, error) {
	h := sha256.New()
	if _, err := io.Copy(h, io.NewSectionReader(d, 0, d.size)); err != nil {
		return nil, err
	}
	return h.Sum(nil), nil
}
