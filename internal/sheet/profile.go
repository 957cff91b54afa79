package sheet

import (
	"encoding/binary"
	"math"
)

// rgbProfile is an ICC profile of version 2 with the sRGB primaries, adapted to D50, and gamma 2.2 in place of the sRGB curve. With
// it as output intent, device gray and RGB are both legal in the file, also in what is added by a signature.
func rgbProfile() []byte {
	be := binary.BigEndian
	fixed := func(b []byte, x ...float64) []byte {
		for _, v := range x {
			b = be.AppendUint32(b, uint32(int32(math.Round(v*65536))))
		}
		return b
	}
	xyz := func(x ...float64) []byte { return fixed([]byte("XYZ \x00\x00\x00\x00"), x...) }
	const name = "sRGB gamma 2.2"
	desc := be.AppendUint32([]byte("desc\x00\x00\x00\x00"), uint32(len(name)+1))
	desc = append(desc, name...)
	desc = append(desc, make([]byte, 1+4+4+2+1+67)...) // the Unicode and Macintosh names are empty
	curve := []byte("curv\x00\x00\x00\x00\x00\x00\x00\x01\x02\x33")
	tags := []struct {
		name string
		data []byte
	}{
		{"desc", desc},
		{"cprt", []byte("text\x00\x00\x00\x00CC0\x00")},
		{"wtpt", xyz(0.9642, 1, 0.8249)},
		{"rXYZ", xyz(0.4360, 0.2225, 0.0139)},
		{"gXYZ", xyz(0.3851, 0.7169, 0.0971)},
		{"bXYZ", xyz(0.1431, 0.0606, 0.7139)},
		{"rTRC", curve},
		{"gTRC", nil}, // nil: the same as the one before
		{"bTRC", nil},
	}
	table := be.AppendUint32(nil, uint32(len(tags)))
	var data []byte
	at, n := 0, 0
	for _, t := range tags {
		if t.data != nil {
			for len(data)%4 != 0 {
				data = append(data, 0)
			}
			at, n = 128+4+12*len(tags)+len(data), len(t.data)
			data = append(data, t.data...)
		}
		table = append(table, t.name...)
		table = be.AppendUint32(be.AppendUint32(table, uint32(at)), uint32(n))
	}
	for len(data)%4 != 0 {
		data = append(data, 0)
	}
	head := make([]byte, 128)
	be.PutUint32(head, uint32(128+len(table)+len(data)))
	be.PutUint32(head[8:], 0x02100000)
	copy(head[12:], "mntrRGB XYZ ")
	for i, v := range []uint16{2027, 1, 1} { // of the profile: fixed, so that the file depends on its input only
		be.PutUint16(head[24+2*i:], v)
	}
	copy(head[36:], "acsp")
	copy(head[68:], fixed(nil, 0.9642, 1, 0.8249))
	return append(append(head, table...), data...)
}
