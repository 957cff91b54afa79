package sigalg

import (
	"errors"
	"math"
	"math/big"
	"math/bits"
	"strconv"
	"strings"
)

// maxOID bounds the content octets of an object identifier. The longest in use (UUID arcs under 2.25) have 20.
const maxOID = 128

// DecodeOID turns the content octets of an OBJECT IDENTIFIER into dotted form. It is false for an empty, truncated, padded or
// overlong encoding. Arcs may be of any size.
func DecodeOID(content []byte) (string, bool) {
	if s, ok := knownOIDs[string(content)]; ok {
		return s, true
	}
	if len(content) == 0 || len(content) > maxOID || content[len(content)-1]&0x80 != 0 {
		return "", false
	}
	out := make([]byte, 0, 4*len(content))
	for first := true; len(content) > 0; first = false {
		if content[0] == 0x80 { // X.690 §8.19.2: the first octet of an arc is not padding.
			return "", false
		}
		n := 0
		for content[n]&0x80 != 0 {
			n++
		}
		arc := content[:n+1]
		content = content[n+1:]
		if n >= 9 { // 63 bits are full: a UUID arc or nonsense, exact either way.
			v := new(big.Int)
			for _, c := range arc {
				v.Lsh(v, 7).Or(v, big.NewInt(int64(c&0x7f)))
			}
			if first {
				out = append(out, "2."...)
				v.Sub(v, big.NewInt(80))
			} else {
				out = append(out, '.')
			}
			out = v.Append(out, 10)
			continue
		}
		var v uint64
		for _, c := range arc {
			v = v<<7 | uint64(c&0x7f)
		}
		if first {
			top := min(v/40, 2)
			out = strconv.AppendUint(out, top, 10)
			v -= top * 40
		}
		out = append(out, '.')
		out = strconv.AppendUint(out, v, 10)
	}
	return string(out), true
}

// EncodeOID turns a dotted OID into the content octets of an OBJECT IDENTIFIER, nil when it is not one.
func EncodeOID(dotted string) []byte {
	if raw, ok := knownContents[dotted]; ok {
		return append([]byte(nil), raw...)
	}
	return encodeOID(dotted)
}

func encodeOID(dotted string) []byte {
	if len(dotted) > 4*maxOID {
		return nil
	}
	out := make([]byte, 0, len(dotted))
	first, top := true, uint64(0)
	for n := 0; ; n++ {
		text, rest, more := strings.Cut(dotted, ".")
		v, err := strconv.ParseUint(text, 10, 64)
		if err != nil || text[0] == '+' || n == 0 && v > 2 {
			if n == 0 || !errors.Is(err, strconv.ErrRange) {
				return nil
			}
			v, ok := new(big.Int).SetString(text, 10) // the range is complained of before the digits behind it are looked at
			if !ok || first && top < 2 {
				return nil
			}
			out = appendBigArc(out, v, first, top)
		} else {
			switch {
			case n == 0:
				top = v
			case first && top < 2 && v > 39:
				return nil
			case first && v > math.MaxUint64-80:
				out = appendBigArc(out, new(big.Int).SetUint64(v), first, top)
			case first:
				out = appendArc(out, 40*top+v)
			default:
				out = appendArc(out, v)
			}
		}
		first = n == 0
		if !more {
			if n == 0 || len(out) > maxOID {
				return nil
			}
			return out
		}
		dotted = rest
	}
}

func appendArc(out []byte, v uint64) []byte {
	for shift := max(bits.Len64(v)-1, 0) / 7 * 7; shift > 0; shift -= 7 {
		out = append(out, 0x80|byte(v>>shift))
	}
	return append(out, byte(v&0x7f))
}

func appendBigArc(out []byte, v *big.Int, first bool, top uint64) []byte {
	if first {
		v.Add(v, new(big.Int).SetUint64(40*top))
	}
	for shift := (v.BitLen() - 1) / 7 * 7; shift > 0; shift -= 7 {
		out = append(out, 0x80|byte(new(big.Int).Rsh(v, uint(shift)).Uint64()))
	}
	return append(out, byte(v.Uint64()&0x7f))
}

// knownOIDs and knownContents spare the conversion for the algorithms named in this package and what every signature and
// certificate holds, in both directions.
var (
	knownOIDs     = map[string]string{}
	knownContents = map[string][]byte{}
)

func init() {
	remember := func(oid string) {
		raw := encodeOID(oid)
		knownOIDs[string(raw)] = oid
		knownContents[oid] = raw
	}
	for oid := range names {
		remember(oid)
	}
	for _, h := range hashes {
		remember(h.oid)
	}
	for oid := range schemes {
		remember(oid)
	}
	for _, oid := range []string{
		"1.2.840.113549.1.7.1", "1.2.840.113549.1.7.2", "1.2.840.113549.1.9.3", "1.2.840.113549.1.9.4", "1.2.840.113549.1.9.5",
		"1.2.840.113549.1.9.52", "1.2.840.113549.1.9.16.2.14", "1.2.840.113549.1.9.16.2.47", // CMS content types and attributes
		"2.5.4.3", "2.5.4.6", "2.5.4.7", "2.5.4.8", "2.5.4.10", "2.5.4.11", "2.5.4.97", "2.5.4.5", // names
		"2.5.29.14", "2.5.29.15", "2.5.29.19", "2.5.29.31", "2.5.29.32", "2.5.29.35", "2.5.29.37", "1.3.6.1.5.5.7.1.1", // extensions
	} {
		remember(oid)
	}
}
