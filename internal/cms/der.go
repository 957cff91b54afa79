package cms

import (
	"bytes"
	"math/big"
	"slices"
	"time"

	"absah/internal/sigalg"
)

// lengthSize is how many octets a DER length takes.
func lengthSize(n int) int {
	size := 1
	if n > 127 {
		for ; n > 0; n >>= 8 {
			size++
		}
	}
	return size
}

// tlvSize is the size of an element with a one-octet tag.
func tlvSize(content int) int { return 1 + lengthSize(content) + content }

func appendLength(dst []byte, n int) []byte {
	if n < 0x80 {
		return append(dst, byte(n))
	}
	size := lengthSize(n) - 1
	dst = append(dst, 0x80|byte(size))
	for i := size - 1; i >= 0; i-- {
		dst = append(dst, byte(n>>(8*i)))
	}
	return dst
}

// tlv builds one element from the concatenation of parts.
func tlv(tag byte, parts ...[]byte) []byte {
	n := 0
	for _, p := range parts {
		n += len(p)
	}
	return appendTLV(make([]byte, 0, tlvSize(n)), tag, n, parts...)
}

func appendTLV(dst []byte, tag byte, n int, parts ...[]byte) []byte {
	dst = appendLength(append(dst, tag), n)
	for _, p := range parts {
		dst = append(dst, p...)
	}
	return dst
}

// setOf is the content of a DER SET OF: the elements in order.
func setOf(elements [][]byte) []byte {
	es := slices.Clone(elements)
	slices.SortStableFunc(es, bytes.Compare)
	return bytes.Join(es, nil)
}

func derOID(oid string) []byte { return tlv(tagOID, sigalg.EncodeOID(oid)) }

// integer decodes the content of an INTEGER, two's complement.
func integer(content []byte) (*big.Int, error) {
	if len(content) == 0 || len(content) > maxSerial {
		return nil, malformed("integer")
	}
	v := new(big.Int).SetBytes(content)
	if content[0]&0x80 != 0 {
		v.Sub(v, new(big.Int).Lsh(big.NewInt(1), uint(8*len(content))))
	}
	return v, nil
}

// minimal reports whether the INTEGER at the beginning of b has no superfluous octet (X.690 §8.3.2).
func minimal(b []byte) bool {
	e, err := next(&b)
	return err == nil && (len(e.body) < 2 || !(e.body[0] == 0 && e.body[1] < 0x80) && !(e.body[0] == 0xff && e.body[1] >= 0x80))
}

// smallInteger takes a version or the like off b.
func smallInteger(b *[]byte, what string) (int, error) {
	e, err := expect(b, tagInteger, what)
	if err != nil {
		return 0, err
	}
	if len(e.body) == 0 || len(e.body) > 4 {
		return 0, malformed(what)
	}
	v := int(int8(e.body[0]))
	for _, c := range e.body[1:] {
		v = v<<8 | int(c)
	}
	return v, nil
}

// oid takes an OBJECT IDENTIFIER off b.
func oid(b *[]byte, what string) (string, error) {
	e, err := expect(b, tagOID, what)
	if err != nil {
		return "", err
	}
	s, ok := sigalg.DecodeOID(e.body)
	if !ok {
		return "", malformed(what)
	}
	return s, nil
}

// algorithm takes an AlgorithmIdentifier off b.
func algorithm(b *[]byte, what string) (sigalg.AlgorithmIdentifier, error) {
	e, err := expect(b, tagSequence, what)
	if err != nil {
		return sigalg.AlgorithmIdentifier{}, err
	}
	raw := e.raw
	if !isDER(raw, 0) {
		if raw, err = toDER(raw); err != nil {
			return sigalg.AlgorithmIdentifier{}, err
		}
	}
	a, err := sigalg.ParseAlgorithm(raw)
	if err != nil {
		return a, malformed(what)
	}
	return a, nil
}

// parseTime reads UTCTime or GeneralizedTime, with what BER allows beside the one DER form: no seconds, fractions, a zone offset.
func parseTime(tag byte, content []byte) (time.Time, bool) {
	s := string(content)
	if len(s) > 40 {
		return time.Time{}, false
	}
	var layouts []string
	switch tag {
	case tagUTCTime:
		layouts = []string{"060102150405Z0700", "0601021504Z0700"}
	case tagGenTime:
		// time.Parse takes a fraction after the seconds although the layout has none. Without seconds a UTCTime in the wrong
		// wrapping would read as a date centuries ahead.
		layouts = []string{"20060102150405Z0700"}
	default:
		return time.Time{}, false
	}
	for _, l := range layouts {
		t, err := time.Parse(l, s)
		if err != nil {
			continue
		}
		if tag == tagUTCTime && t.Year() >= 2050 { // RFC 5280 §4.1.2.5.1: years 50 to 99 are 19xx.
			t = t.AddDate(-100, 0, 0)
		}
		return t.UTC(), true
	}
	return time.Time{}, false
}

// derTime is the Time of RFC 5652 §11.3: UTCTime through 2049, GeneralizedTime after, whole seconds.
func derTime(t time.Time) []byte {
	t = t.UTC()
	if y := t.Year(); y >= 1950 && y < 2050 {
		return tlv(tagUTCTime, []byte(t.Format("060102150405Z")))
	}
	return tlv(tagGenTime, []byte(t.Format("20060102150405Z")))
}
