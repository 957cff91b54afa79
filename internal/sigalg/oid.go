package sigalg

import (
	"math/big"
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
	arcs := strings.Split(dotted, ".")
	if len(arcs) < 2 || len(dotted) > 4*maxOID {
		return nil
	}
	var out []byte
	first := new(big.Int)
	for i, a := range arcs {
		v, ok := new(big.Int).SetString(a, 10)
		if !ok || a[0] < '0' || a[0] > '9' {
			return nil
		}
		switch i {
		case 0:
			if v.Cmp(big.NewInt(2)) > 0 {
				return nil
			}
			first.Mul(v, big.NewInt(40))
			continue
		case 1:
			if first.Int64() < 80 && v.Cmp(big.NewInt(39)) > 0 {
				return nil
			}
			v.Add(v, first)
		}
		for shift := (max(v.BitLen(), 1) - 1) / 7 * 7; shift >= 0; shift -= 7 {
			c := byte(new(big.Int).Rsh(v, uint(shift)).Uint64() & 0x7f)
			if shift > 0 {
				c |= 0x80
			}
			out = append(out, c)
		}
	}
	if len(out) > maxOID {
		return nil
	}
	return out
}

// knownOIDs and knownContents spare the conversion for the algorithms named in this package, in both directions.
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
}
