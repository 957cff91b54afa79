package pdf

import (
	"cmp"
	"encoding/hex"
	"fmt"
	"math"
	"slices"
	"strconv"
)

// serializer writes values. It remembers where marked literals begin, relative to its buffer.
type serializer struct {
	buf   []byte
	marks map[string]int
}

func (s *serializer) raw(text string) { s.buf = append(s.buf, text...) }

func (s *serializer) whole(n int64) { s.buf = strconv.AppendInt(s.buf, n, 10) }

// padded writes a number with leading zeros.
func (s *serializer) padded(n int64, width int) {
	from := len(s.buf)
	for range width {
		s.buf = append(s.buf, '0')
	}
	for i := len(s.buf) - 1; i >= from; i-- {
		s.buf[i] += byte(n % 10)
		n /= 10
	}
}

func (s *serializer) pair(r Ref) {
	s.whole(int64(r.Num))
	s.raw(" ")
	s.whole(int64(r.Gen))
}

func (s *serializer) stream(d Dict, data []byte) error {
	if err := s.dict(d); err != nil {
		return err
	}
	s.raw("\nstream\n")
	s.buf = append(s.buf, data...)
	s.raw("\nendstream\nendobj\n")
	return nil
}

func (s *serializer) value(o Object) error {
	switch x := o.(type) {
	case nil:
		s.raw("null")
	case bool:
		s.buf = strconv.AppendBool(s.buf, x)
	case Integer:
		s.whole(int64(x))
	case Real:
		s.raw(formatReal(float64(x)))
	case Name:
		s.name(x)
	case String:
		s.text(x)
	case Ref:
		s.pair(x)
		s.raw(" R")
	case Literal:
		if x.Mark != "" {
			s.marks[x.Mark] = len(s.buf)
		}
		s.buf = append(s.buf, x.Bytes...)
	case Array:
		s.raw("[")
		for i, y := range x {
			if i > 0 {
				s.raw(" ")
			}
			if err := s.value(y); err != nil {
				return err
			}
		}
		s.raw("]")
	case Dict:
		return s.dict(x)
	default:
		return fmt.Errorf("pdf: a value of type %T cannot be written here", o)
	}
	return nil
}

// dict writes Type and Subtype first, then the other keys in order, so that equal values give equal bytes.
func (s *serializer) dict(d Dict) error {
	keys := make([]Name, 0, 16) // on the stack: dictionaries are small
	for k, x := range d {
		if x != nil {
			keys = append(keys, k)
		}
	}
	slices.SortFunc(keys, func(a, b Name) int {
		return cmp.Or(cmp.Compare(keyRank(a), keyRank(b)), cmp.Compare(a, b))
	})
	s.raw("<<")
	for _, k := range keys {
		s.name(k)
		s.raw(" ")
		if err := s.value(d[k]); err != nil {
			return fmt.Errorf("/%s: %w", k, err)
		}
		s.raw("\n")
	}
	s.raw(">>")
	return nil
}

func keyRank(k Name) int {
	switch k {
	case "Type":
		return 0
	case "Subtype":
		return 1
	}
	return 2
}

func formatReal(f float64) string {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return "0"
	}
	return strconv.FormatFloat(f, 'f', -1, 64)
}

func (s *serializer) name(n Name) {
	const digits = "0123456789ABCDEF"
	s.raw("/")
	for i := range len(n) {
		c := n[i]
		if c <= ' ' || c > '~' || c == '#' || class[c] == delim {
			s.buf = append(s.buf, '#', digits[c>>4], digits[c&15])
			continue
		}
		s.buf = append(s.buf, c)
	}
}

// text chooses the literal form for text and the hexadecimal one for everything else.
func (s *serializer) text(x String) {
	for i := range len(x) {
		if c := x[i]; c < ' ' || c > '~' {
			s.raw("<")
			s.buf = hex.AppendEncode(s.buf, []byte(x))
			s.raw(">")
			return
		}
	}
	s.raw("(")
	for i := range len(x) {
		if c := x[i]; c == '(' || c == ')' || c == '\\' {
			s.buf = append(s.buf, '\\')
		}
		s.buf = append(s.buf, x[i])
	}
	s.raw(")")
}
