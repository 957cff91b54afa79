package pdf

import (
	"bytes"
	"fmt"
)

// maxStored bounds the stored bytes of one stream that is read into memory.
const maxStored = 256 << 20

// locate finds the end of a stream that was read: by Length when endstream follows there, else by looking for endstream.
func (f *File) locate(s *Stream, v *View) error {
	if s.size >= 0 {
		return nil
	}
	n := int64(-1)
	switch x := s.Dict["Length"].(type) {
	case Integer:
		n = int64(x)
	case Ref:
		if v == nil {
			break
		}
		// Length may not be in an object stream that itself needs it; load does not recurse through this stream.
		if e, _, ok := v.lookup(x.Num); ok && e.kind == inFile {
			if _, o, _, err := f.objectAt(e.off); err == nil {
				if i, ok := o.(Integer); ok {
					n = int64(i)
				}
			}
		} else if o, err := v.Get(x); err == nil {
			if i, ok := o.(Integer); ok {
				n = int64(i)
			}
		}
	}
	if n >= 0 && s.start+n <= f.size && f.endsAt(s.start+n) {
		s.size = n
		return nil
	}
	at, err := f.find(s.start, []byte("endstream"))
	if err != nil {
		return err
	}
	if at < 0 {
		if at, err = f.find(s.start, []byte("endobj")); err != nil {
			return err
		}
	}
	f.note("stream-length", s.start, fmt.Sprintf("the stream of object %d does not have the length that it states", s.ref.Num))
	if at < 0 {
		s.size = f.size - s.start
		return nil
	}
	// The line end before endstream is not part of the data.
	tail, err := f.read(max(s.start, at-2), int(at-max(s.start, at-2)))
	if err == nil {
		if bytes.HasSuffix(tail, []byte("\r\n")) {
			at -= 2
		} else if bytes.HasSuffix(tail, []byte("\n")) || bytes.HasSuffix(tail, []byte("\r")) {
			at--
		}
	}
	s.size = at - s.start
	return nil
}

func (f *File) endsAt(off int64) bool {
	b, err := f.read(off, 32)
	if err != nil {
		return false
	}
	l := &lexer{buf: b}
	skipWhite(l)
	return bytes.HasPrefix(b[l.pos:], []byte("endstream")) || bytes.HasPrefix(b[l.pos:], []byte("endobj"))
}

// afterStream is the offset just behind the endobj of a stream object.
func (f *File) afterStream(s *Stream) int64 {
	off := s.start + max(s.size, 0)
	b, err := f.read(off, 64)
	if err != nil {
		return off
	}
	l := &lexer{buf: b, last: true}
	skipWhite(l)
	for _, w := range []string{"endstream", "endobj"} {
		if bytes.HasPrefix(b[l.pos:], []byte(w)) {
			l.pos += len(w)
			off = s.start + s.size + int64(l.pos)
		}
		skipWhite(l)
	}
	return off
}

// find returns the offset of the first occurrence of a word at or after from, -1 when there is none.
func (f *File) find(from int64, word []byte) (int64, error) {
	const block = 256 << 10
	for off := from; off < f.size; off += block {
		b, err := f.read(off, block+len(word)-1)
		if err != nil {
			return -1, err
		}
		if i := bytes.Index(b, word); i >= 0 {
			return off + int64(i), nil
		}
	}
	return -1, nil
}

// rawBytes reads the stored bytes.
func (s *Stream) rawBytes() ([]byte, error) {
	if s.owner == nil {
		return s.data, nil
	}
	if s.size > maxStored {
		return nil, &LimitError{What: "bytes of one stream", Limit: maxStored}
	}
	if s.size <= 0 {
		return nil, nil
	}
	return s.owner.read(s.start, int(s.size))
}

// RawStream returns the stored bytes of a stream, decrypted and not decoded.
func (v *View) RawStream(s *Stream) ([]byte, error) {
	b, err := s.rawBytes()
	if err != nil || s.owner == nil || v.f.crypt == nil {
		return b, err
	}
	return v.f.crypt.decryptStream(s.ref, s.Dict, b)
}

// StreamData returns the decoded bytes of a stream, limit of them at most (0: what the file's budget leaves). A stream that is
// damaged in the middle gives what was decoded before, with the error. Image filters are an *UnsupportedError.
func (v *View) StreamData(s *Stream, limit int64) ([]byte, error) {
	if limit <= 0 {
		limit = v.f.limits.Decoded
	}
	return v.f.decode(s, func() ([]byte, error) { return v.RawStream(s) }, limit)
}

// decode runs the filters of a stream over its raw bytes, charging the file's budget.
func (f *File) decode(s *Stream, raw func() ([]byte, error), limit int64) ([]byte, error) {
	b, err := raw()
	if err != nil {
		return nil, err
	}
	f.mu.Lock()
	left := f.limits.Decoded - f.decoded
	f.mu.Unlock()
	limit = min(limit, left)
	var resolve func(Object) Object
	resolve = func(o Object) Object { return o }
	if len(f.revs) > 0 {
		v := f.Latest()
		resolve = func(o Object) Object { x, _ := v.Resolve(o); return x }
	}
	out, used, err := runFilters(s.Dict, b, limit, resolve)
	f.mu.Lock()
	f.decoded += used
	f.mu.Unlock()
	return out, err
}
