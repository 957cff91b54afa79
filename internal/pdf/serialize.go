package pdf

import (
	"bytes"
	"compress/zlib"
	"encoding/hex"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// serializer writes values. Equal values give equal bytes. It remembers where marked literals are.
type serializer struct {
	buf   []byte
	base  int64            // what stands before the buffer
	marks map[string]int64 // where each begins, base included
	holes []Span           // of the marked literals in the buffer, in order
}

func (s *serializer) value(o Object) error {
	switch x := o.(type) {
	case nil:
		s.text("null")
	case bool:
		s.buf = strconv.AppendBool(s.buf, x)
	case Integer:
		s.integer(int64(x))
	case Real:
		s.buf = appendReal(s.buf, float64(x))
	case Name:
		s.buf = appendName(s.buf, x)
	case String:
		s.buf = appendString(s.buf, x)
	case Ref:
		s.integer(int64(x.Num))
		s.text(" ")
		s.integer(int64(x.Gen))
		s.text(" R")
	case Literal:
		s.mark(x.Mark, len(x.Bytes))
		s.buf = append(s.buf, x.Bytes...)
	case Hole:
		s.mark(x.Mark, 2*x.Size+2)
		s.buf = appendZeros(s.buf, x.Size)
	case Array:
		s.text("[")
		for i, y := range x {
			if i > 0 {
				s.text(" ")
			}
			if err := s.value(y); err != nil {
				return err
			}
		}
		s.text("]")
	case Dict:
		return s.dict(x)
	case *Stream:
		return fmt.Errorf("pdf: a stream can only be an object of its own (ISO 32000-2 §7.3.8.1)")
	default:
		return fmt.Errorf("pdf: a value of type %T cannot be written", o)
	}
	return nil
}

func (s *serializer) text(t string) { s.buf = append(s.buf, t...) }

func (s *serializer) integer(n int64) { s.buf = strconv.AppendInt(s.buf, n, 10) }

// member is a key of a dictionary and its value.
type member struct {
	key   Name
	value Object
}

// dict writes Type and Subtype first, then the other keys in order. Those in place of d's own come last in the call.
func (s *serializer) dict(d Dict, instead ...member) error {
	var few [16]member // as many as most dictionaries have, without an allocation
	members := append(few[:0], instead...)
	for k, x := range d {
		if x != nil && !slices.ContainsFunc(instead, func(m member) bool { return m.key == k }) {
			members = append(members, member{k, x})
		}
	}
	slices.SortFunc(members, func(a, b member) int { return compareKeys(a.key, b.key) })
	s.text("<<")
	for _, m := range members {
		s.buf = appendName(s.buf, m.key)
		s.text(" ")
		if err := s.value(m.value); err != nil {
			return fmt.Errorf("/%s: %w", m.key, err)
		}
		s.text("\n")
	}
	s.text(">>")
	return nil
}

// mark remembers where n bytes will stand.
func (s *serializer) mark(name string, n int) {
	if name == "" {
		return
	}
	if s.marks == nil {
		s.marks = map[string]int64{}
	}
	at := int64(len(s.buf))
	s.marks[name] = s.base + at
	s.holes = append(s.holes, Span{at, at + int64(n)})
}

func appendZeros(b []byte, n int) []byte {
	const zeros = "0000000000000000000000000000000000000000000000000000000000000000"
	b = append(b, '<')
	for n *= 2; n > 0; n -= len(zeros) {
		b = append(b, zeros[:min(n, len(zeros))]...)
	}
	return append(b, '>')
}

func compareKeys(a, b Name) int {
	rank := func(k Name) int {
		switch k {
		case "Type":
			return 0
		case "Subtype":
			return 1
		}
		return 2
	}
	if ra, rb := rank(a), rank(b); ra != rb {
		return ra - rb
	}
	return strings.Compare(string(a), string(b))
}

// stream writes the dictionary with the right Length, and the bytes.
func (s *serializer) stream(d Dict, data []byte) error {
	if err := s.dict(d, member{"Length", Integer(len(data))}); err != nil {
		return err
	}
	s.text("\nstream\n")
	s.buf = append(s.buf, data...)
	s.text("\nendstream")
	return nil
}

// object writes an indirect object.
func (s *serializer) object(r Ref, o Object) error {
	s.integer(int64(r.Num))
	s.text(" ")
	s.integer(int64(r.Gen))
	s.text(" obj\n")
	var err error
	if st, ok := o.(*Stream); ok {
		err = s.stream(st.Dict, st.data)
	} else {
		err = s.value(o)
	}
	if err != nil {
		return fmt.Errorf("object %d: %w", r.Num, err)
	}
	s.text("\nendobj\n")
	return nil
}

// ready prepares an object to be written: a stream that was read gets its bytes, and what the file's encryption covers is
// encrypted for the number r. crypt may be nil.
func ready(crypt *Encryption, iv io.Reader, r Ref, o Object) (Object, error) {
	st, isStream := o.(*Stream)
	if isStream && st.owner != nil {
		data, err := st.plainBytes()
		if err != nil {
			return nil, fmt.Errorf("object %d: %w", r.Num, err)
		}
		o = NewStream(st.Dict, data)
	}
	if crypt == nil {
		return o, nil
	}
	o, err := crypt.encryptObject(iv, r, o)
	if err == nil && isStream {
		st = o.(*Stream)
		var data []byte
		data, err = crypt.encrypt(iv, r, crypt.streamMethod(st.Dict), st.data)
		o = NewStream(st.Dict, data)
	}
	if err != nil {
		return nil, fmt.Errorf("object %d: %w", r.Num, err)
	}
	return o, nil
}

// plainBytes are the stored bytes of a stream, without the encryption of the file that it was read from.
func (s *Stream) plainBytes() ([]byte, error) {
	b, err := s.rawBytes()
	if err != nil || s.owner == nil || s.owner.crypt == nil {
		return b, err
	}
	return s.owner.crypt.decryptStream(s.ref, s.Dict, b)
}

// appendReal writes a number without exponent (ISO 32000-2 §7.3.3). What is no number is 0. A whole one keeps its point, so that it
// is read as the same kind of number again: whoever compares revisions may look at that.
func appendReal(b []byte, f float64) []byte {
	if math.IsNaN(f) || math.IsInf(f, 0) || f == 0 {
		f = 0 // and not -0
	}
	b = strconv.AppendFloat(b, f, 'f', -1, 64)
	if f == math.Trunc(f) {
		b = append(b, ".0"...)
	}
	return b
}

func appendName(b []byte, n Name) []byte {
	const digits = "0123456789ABCDEF"
	b = append(b, '/')
	for i := range len(n) {
		c := n[i]
		if c <= ' ' || c > '~' || c == '#' || class[c] == delim {
			b = append(b, '#', digits[c>>4], digits[c&15])
			continue
		}
		b = append(b, c)
	}
	return b
}

// appendString chooses the literal form for text and the hexadecimal one for everything else.
func appendString(b []byte, s String) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' {
			b = append(b, '<')
			b = hex.AppendEncode(b, []byte(s))
			return append(b, '>')
		}
	}
	b = append(b, '(')
	for i := range len(s) {
		if c := s[i]; c == '(' || c == ')' || c == '\\' {
			b = append(b, '\\')
		}
		b = append(b, s[i])
	}
	return append(b, ')')
}

// DeflateStream makes a FlateDecode stream of data. It is for data without a filter of its own: Filter and DecodeParms of d are
// replaced.
func DeflateStream(d Dict, data []byte) *Stream {
	out := make(Dict, len(d)+1)
	for k, x := range d {
		out[k] = x
	}
	delete(out, "DecodeParms")
	out["Filter"] = Name("FlateDecode")
	return NewStream(out, deflated(data))
}

// deflaters keeps compressors: one takes more memory, and more time to make, than most streams.
var deflaters = sync.Pool{New: func() any { return zlib.NewWriter(io.Discard) }}

func deflated(data []byte) []byte {
	var b bytes.Buffer
	w := deflaters.Get().(*zlib.Writer)
	w.Reset(&b)
	w.Write(data) // a bytes.Buffer takes everything
	w.Close()
	deflaters.Put(w)
	return b.Bytes()
}
