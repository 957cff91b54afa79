//go:build js && wasm

package main

import (
	"context"
	"crypto"
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

	progress   js.Value // a function; undefined: nobody wants to know
	read, told int64    // bytes read, and of them those that were told
}

func parseDocument(v js.Value) (*document, error) {
	if isBytes(v) {
		return &document{
			size:  int64(v.Get("byteLength").Float()),
			piece: func(off int64, n int) js.Value { return v.Call("subarray", off, off+int64(n)) },
		}, nil
	}
	if v.Type() != js.TypeObject || get(v, "read").Type() != js.TypeFunction || get(v, "size").Type() != js.TypeNumber {
		return nil, errors.New("is neither a Uint8Array nor an object with size and read")
	}
	size := get(v, "size").Float()
	if !(size >= 0 && size <= maxSafe) || size != float64(int64(size)) {
		return nil, errors.New("has a size that is no whole number of bytes")
	}
	return &document{size: int64(size), piece: func(off int64, n int) js.Value { return v.Call("read", off, n) }}, nil
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
	n = js.CopyBytesToGo(b[:want], v)
	d.tell(n)
	if n < len(b) {
		return n, io.EOF
	}
	return n, nil
}

// tellEvery is how many bytes are read between two reports of progress: some hundredths of a second.
const tellEvery = 4 << 20

// passes is how often the bytes of a large document are read: in search of signatures, for the signature's digest and for the
// fingerprint of the file.
const passes = 3

// tell reports that so many more bytes were read. What goes wrong in the page's function is the page's affair.
func (d *document) tell(n int) {
	if d.read += int64(n); d.progress.IsUndefined() || d.read-d.told < tellEvery {
		return
	}
	d.told = d.read
	defer func() { _ = recover() }()
	d.progress.Invoke(min(1, float64(d.read)/float64(passes*d.size)))
}

// Bounds of hashing. The browser's own functions are eight times as fast, and take what they hash at once: they need the document a
// second time in memory, for a moment. Larger ones are read and hashed here, in pieces.
const (
	minAtOnce = 256 << 10 // less is done here sooner than the browser has answered
	maxAtOnce = 64 << 20
	hashPiece = 4 << 20
)

// sum is the SHA-256 of the whole document.
func (d *document) sum() ([]byte, error) {
	if b, err := d.digest(crypto.SHA256, [][2]int64{{0, d.size}}); b != nil || err != nil {
		return b, err
	}
	h := sha256.New()
	if _, err := io.CopyBuffer(struct{ io.Writer }{h}, io.NewSectionReader(d, 0, d.size), make([]byte, hashPiece)); err != nil {
		return nil, err
	}
	return h.Sum(nil), nil
}

// subtle are the names of the browser's hash functions.
var subtle = map[crypto.Hash]string{crypto.SHA1: "SHA-1", crypto.SHA256: "SHA-256", crypto.SHA384: "SHA-384", crypto.SHA512: "SHA-512"}

// digest has the browser hash ranges of the document. Nil: it cannot, or there is too much of it.
func (d *document) digest(h crypto.Hash, ranges [][2]int64) (sum []byte, err error) {
	defer func() {
		if p := recover(); p != nil {
			sum, err = nil, faultf("read", "%v", p) // the read function threw
		}
	}()
	n, name, api := int64(0), subtle[h], js.Global().Get("crypto").Get("subtle")
	for _, r := range ranges {
		n += r[1] - r[0]
	}
	if n < minAtOnce || n > maxAtOnce || name == "" || !api.Truthy() {
		return nil, nil
	}
	var whole js.Value
	if len(ranges) > 1 {
		whole = js.Global().Get("Uint8Array").New(n)
	}
	at := int64(0)
	for _, r := range ranges {
		size := int(r[1] - r[0])
		if size == 0 {
			continue
		}
		b := d.piece(r[0], size)
		if !isBytes(b) || b.Get("byteLength").Int() != size {
			return nil, &fault{"read", fmt.Errorf("read did not return %d bytes at %d", size, r[0])}
		}
		if len(ranges) == 1 {
			whole = b
			break
		}
		whole.Call("set", b, at)
		at += int64(size)
	}
	v, err := await(context.Background(), api.Call("digest", name, whole))
	if err != nil {
		return nil, &fault{"internal", err}
	}
	d.tell(int(n))
	sum = make([]byte, h.Size())
	js.CopyBytesToGo(sum, js.Global().Get("Uint8Array").New(v))
	return sum, nil
}

// parseFiles reads the documents of one report about several.
func parseFiles(v js.Value) ([]source, error) {
	if !js.Global().Get("Array").Call("isArray", v).Bool() {
		return nil, errors.New("is not an array")
	}
	var out []source
	for i := range v.Length() {
		x := v.Index(i)
		if x.Type() != js.TypeObject {
			return nil, fmt.Errorf("has no object at %d", i)
		}
		s := source{}
		err := each(x, func(key string, x js.Value) error {
			known, err := s.parse(key, x)
			if !known {
				return errors.New("is not known in files")
			}
			return err
		})
		if err != nil {
			return nil, err
		}
		if s.file == nil {
			return nil, fmt.Errorf("has no file at %d", i)
		}
		out = append(out, s)
	}
	return out, nil
}
