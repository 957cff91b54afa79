package pdf

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"strconv"
)

// serializer writes values. It remembers where marked literals begin, relative to its buffer.
type serializer struct {
	buf   bytes.Buffer
	marks map[string]int
}

func (s *serializer) value(o Object) error {
	b := &s.buf
	switch x := o.(type) {
	case nil:
		b.WriteString("null")
	case bool:
		b.WriteString(strconv.FormatBool(x))
	case Integer:
		b.WriteString(strconv.FormatInt(int64(x), 10))
	case Real:
		b.WriteString(formatReal(float64(x)))
	case Name:
		writeName(b, x)
	case String:
		writeString(b, x)
	case Ref:
		fmt.Fprintf(b, "%d %d R", x.Num, x.Gen)
	case Literal:
		if x.Mark != "" {
			s.marks[x.Mark] = b.Len()
		}
		b.Write(x.Bytes)
	case Array:
		b.WriteByte('[')
		for i, y := range x {
			if i > 0 {
				b.WriteByte(' ')
			}
			if err := s.value(y); err != nil {
				return err
			}
		}
		b.WriteByte(']')
	case Dict:
		return s.dict(x)
	default:
		return fmt.Errorf("pdf: a value of type %T cannot be written here", o)
	}
	return nil
}

// dict writes Type and Subtype first, then the other keys in order, so that equal values give equal bytes.
func (s *serializer) dict(d Dict) error {
	keys := make([]Name, 0, len(d))
	for k, x := range d {
		if x != nil {
			keys = append(keys, k)
		}
	}
	rank := func(k Name) int {
		switch k {
		case "Type":
			return 0
		case "Subtype":
			return 1
		}
		return 2
	}
	slices.SortFunc(keys, func(a, b Name) int {
		if ra, rb := rank(a), rank(b); ra != rb {
			return ra - rb
		}
		if a < b {
			return -1
		}
		return 1
	})
	s.buf.WriteString("<<")
	for _, k := range keys {
		writeName(&s.buf, k)
		s.buf.WriteByte(' ')
		if err := s.value(d[k]); err != nil {
			return fmt.Errorf("/%s: %w", k, err)
		}
		s.buf.WriteByte('\n')
	}
	s.buf.WriteString(">>")
	return nil
}

func formatReal(f float64) string {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return "0"
	}
	return strconv.FormatFloat(f, 'f', -1, 64)
}

func writeName(b *bytes.Buffer, n Name) {
	const digits = "0123456789ABCDEF"
	b.WriteByte('/')
	for i := range len(n) {
		c := n[i]
		if c <= ' ' || c > '~' || c == '#' || class[c] == delim {
			b.WriteByte('#')
			b.WriteByte(digits[c>>4])
			b.WriteByte(digits[c&15])
			continue
		}
		b.WriteByte(c)
	}
}

// writeString chooses the literal form for text and the hexadecimal one for everything else.
func writeString(b *bytes.Buffer, s String) {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' {
			fmt.Fprintf(b, "<%X>", string(s))
			return
		}
	}
	b.WriteByte('(')
	for i := range len(s) {
		if c := s[i]; c == '(' || c == ')' || c == '\\' {
			b.WriteByte('\\')
		}
		b.WriteByte(s[i])
	}
	b.WriteByte(')')
}
