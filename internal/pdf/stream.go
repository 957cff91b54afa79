package pdf

import (
	"bytes"
	"fmt"
	"io"
)

const (
	maxStored = 128 << 20 // stored bytes of one stream that is read into memory
	maxData   = 32 << 20  // decoded bytes of one stream in memory where the caller sets no limit
	readAhead = 64 << 10
)

// search remembers one search for a word, so that many broken streams do not each read the rest of the file.
type search struct{ from, at int64 }

// locate finds the end of a stream that was read: by Length when endstream follows there, else by looking for endstream. A nil
// view resolves no references. inFile limits it to a Length that is an object of its own: an object stream's cannot be in an object
// stream.
func (f *File) locate(s *Stream, v *View, inFile bool) error {
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
		o, err := v.plain(x)
		if err == nil && o == nil && !inFile {
			o, err = v.elsewhere(x)
		}
		if err != nil && fatal(err) {
			return err
		}
		if i, ok := o.(Integer); ok {
			n = int64(i)
		}
	}
	if n >= 0 && n <= f.size-s.start {
		ends, err := f.endsAt(s.start + n)
		if err != nil {
			return err
		}
		if ends {
			s.size = n
			return nil
		}
	}
	f.note("stream-length", s.start, fmt.Sprintf("the stream of object %d does not have the length that it states", s.ref.Num))
	at, err := f.endstream(s.start)
	if err != nil {
		return err
	}
	if at < 0 {
		s.size = f.size - s.start
		return nil
	}
	// The line end before endstream is not part of the data.
	from := max(s.start, at-2)
	tail, err := f.read(from, int(at-from))
	if at > from {
		if err != nil {
			return err
		}
		if bytes.HasSuffix(tail, []byte("\r\n")) {
			at -= 2
		} else if bytes.HasSuffix(tail, []byte("\n")) || bytes.HasSuffix(tail, []byte("\r")) {
			at--
		}
	}
	s.size = at - s.start
	return nil
}

// plain returns the value of an object that is no stream and lies in the file on its own, undecrypted; nil for any other. It never
// looks into an object stream, so what reads object streams may call it.
func (v *View) plain(r Ref) (Object, error) {
	for range maxRefs {
		e, _, ok := v.lookup(r.Num)
		if !ok || e.kind != inFile {
			return nil, nil
		}
		p, err := v.f.objectAt(e.off)
		if err != nil {
			return nil, err
		}
		if p.ref.Num != r.Num {
			return nil, nil
		}
		next, isRef := p.value.(Ref)
		if !isRef {
			return p.value, nil
		}
		r = next
	}
	return nil, nil
}

// elsewhere returns the value of an object that lies in an object stream or is not where the cross reference says, undecrypted. It
// does not find out how long a stream is: so a Length that leads to its own stream cannot run in a circle.
func (v *View) elsewhere(r Ref) (Object, error) {
	e, _, ok := v.lookup(r.Num)
	switch {
	case !ok || e.kind == free:
		return nil, nil
	case e.kind == inStream && r.Gen != 0:
		return nil, nil
	case e.kind == inStream:
		return v.compressed(uint32(e.off), e.index(), r.Num)
	}
	p, err := v.misplaced(r, e.off)
	if err != nil || p.ref.Num != r.Num {
		return nil, err
	}
	return p.value, nil
}

func (f *File) endsAt(off int64) (bool, error) {
	if off >= f.size {
		return false, nil
	}
	b, err := f.read(off, 32)
	if err != nil {
		return false, err
	}
	l := &lexer{buf: b}
	skipWhite(l)
	return bytes.HasPrefix(b[l.pos:], []byte("endstream")) || bytes.HasPrefix(b[l.pos:], []byte("endobj")), nil
}

// endstream finds the first endstream at or after from, or the first endobj where there is none; -1 when there is neither.
func (f *File) endstream(from int64) (int64, error) {
	f.mu.Lock()
	known := f.found
	f.mu.Unlock()
	if known.from > 0 && from >= known.from && (known.at < 0 || from <= known.at) {
		return known.at, nil
	}
	at, err := f.find(from, []byte("endstream"))
	if err == nil && at < 0 {
		at, err = f.find(from, []byte("endobj"))
	}
	if err != nil {
		return -1, err
	}
	f.mu.Lock()
	f.found = search{from, at}
	f.mu.Unlock()
	return at, nil
}

// afterStream is the offset just behind the endobj of a stream object, and whether endobj is there.
func (f *File) afterStream(s *Stream) (end int64, closed bool, err error) {
	off := s.start + max(s.size, 0)
	if off >= f.size {
		return f.size, false, nil
	}
	b, err := f.read(off, 128)
	if err != nil {
		return off, false, err
	}
	l := &lexer{buf: b, last: true}
	for _, w := range []string{"endstream", "endobj"} {
		skipWhite(l)
		if bytes.HasPrefix(b[l.pos:], []byte(w)) {
			l.pos += len(w)
			end = off + int64(l.pos)
			closed = w == "endobj"
		}
	}
	return max(end, off), closed, nil
}

// find returns the offset of the first occurrence of a word at or after from, -1 when there is none.
func (f *File) find(from int64, word []byte) (int64, error) {
	const block = 256 << 10
	buf := make([]byte, 0, 4<<10) // most are near
	for off := from; off < f.size; {
		n := int(min(int64(cap(buf)), f.size-off))
		buf = buf[:n]
		if err := f.readInto(buf, off); err != nil {
			return -1, err
		}
		if err := f.spend(int64(n) / searchWork); err != nil {
			return -1, err
		}
		if i := bytes.Index(buf, word); i >= 0 {
			return off + int64(i), nil
		}
		if off+int64(n) >= f.size {
			break
		}
		off += int64(n - len(word) + 1)
		if cap(buf) < block {
			buf = make([]byte, 0, block)
		}
	}
	return -1, nil
}

// rawBytes reads the stored bytes into memory; the slice is the caller's.
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
	return s.owner.readFresh(s.start, int(s.size))
}

// stored reads the bytes of a stream as they lie in the file, decrypted. Only encrypted streams are read into memory as a whole.
func (f *File) stored(s *Stream) (io.Reader, error) {
	if s.owner != nil && (f.crypt == nil || f.crypt.streamMethod(s.Dict) == identity) && s.size > readAhead {
		return io.NewSectionReader(sourceOf(f), s.start, s.size), nil
	}
	b, err := s.rawBytes()
	if err == nil && s.owner != nil && f.crypt != nil {
		b, err = f.crypt.decryptStream(s.ref, s.Dict, b)
	}
	return bytes.NewReader(b), err
}

// source reads the file and turns its errors into *ReadError.
type source struct{ f *File }

func sourceOf(f *File) io.ReaderAt { return source{f} }

func (s source) ReadAt(b []byte, off int64) (int, error) {
	if off >= s.f.size {
		return 0, io.EOF
	}
	n := int(min(int64(len(b)), s.f.size-off))
	if err := s.f.readInto(b[:n], off); err != nil {
		return 0, err
	}
	if n < len(b) {
		return n, io.EOF
	}
	return n, nil
}

// RawStream returns the stored bytes of a stream, decrypted and not decoded.
func (v *View) RawStream(s *Stream) ([]byte, error) {
	b, err := s.rawBytes()
	if err != nil || s.owner == nil || v.f.crypt == nil {
		return b, err
	}
	return v.f.crypt.decryptStream(s.ref, s.Dict, b)
}

// StreamReader decodes a stream while it is read, in little memory. A stream that is damaged in the middle gives what was decoded
// before, then the error. A filter for images (DCTDecode, JPXDecode, JBIG2Decode, CCITTFaxDecode) is an *UnsupportedError.
func (v *View) StreamReader(s *Stream) (io.Reader, error) {
	return v.f.decode(s, func(o Object) Object { x, _ := v.Resolve(o); return x })
}

// StreamData returns the decoded bytes of a stream, limit of them at most (0: 32 MiB); more are a *LimitError. A stream that is
// damaged in the middle gives what was decoded before, with the error. Image filters are as in StreamReader.
func (v *View) StreamData(s *Stream, limit int64) ([]byte, error) {
	r, err := v.StreamReader(s)
	if err != nil {
		return nil, err
	}
	if limit <= 0 {
		limit = maxData
	}
	return readAll(r, s.size, limit)
}

// decode stacks the filters of a stream on its bytes.
func (f *File) decode(s *Stream, resolve func(Object) Object) (io.Reader, error) {
	r, err := f.stored(s)
	if err != nil {
		return nil, err
	}
	return decoder(s.Dict, r, resolve, f.chargeDecoded)
}

// readAll is io.ReadAll with a limit, and without copying what it has again and again.
func readAll(r io.Reader, hint, limit int64) ([]byte, error) {
	var parts [][]byte
	part := make([]byte, 0, min(max(512, 4*hint), limit+1, 1<<20))
	total := int64(0)
	for {
		n, err := r.Read(part[len(part):cap(part)])
		part = part[:len(part)+n]
		if total += int64(n); total > limit {
			return nil, &LimitError{What: "decoded bytes of one stream", Limit: limit}
		}
		if err != nil {
			if err == io.EOF {
				err = nil
			} else if fatal(err) {
				return nil, err
			}
			if parts == nil {
				return part, err
			}
			return bytes.Join(append(parts, part), nil), err
		}
		if len(part) == cap(part) {
			parts = append(parts, part)
			part = make([]byte, 0, min(max(512, total), limit-total+1, 4<<20))
		}
	}
}
