package stamp

import (
	"encoding/binary"
	"slices"
)

// subset collects the glyphs of one font that one appearance or page shows, and numbers them anew in the order of first use: the
// character codes of the content stream are these numbers (Identity-H), so that the font program stays small.
type subset struct {
	font  *Font
	glyph []uint16 // original glyph of each new number; 0 is .notdef, which is never shown
	shows []rune   // what each new number means
	cid   map[uint16]uint16
}

func newSubset(f *Font) *subset {
	return &subset{font: f, glyph: []uint16{0}, shows: []rune{0}, cid: make(map[uint16]uint16, 64)}
}

// code is the character code of a glyph, added when it is new.
func (s *subset) code(c placed) uint16 {
	if id, ok := s.cid[c.glyph]; ok {
		return id
	}
	id := uint16(len(s.glyph))
	s.cid[c.glyph] = id
	s.glyph = append(s.glyph, c.glyph)
	s.shows = append(s.shows, c.shows)
	return id
}

const (
	argsAreWords    = 0x0001
	haveScale       = 0x0008
	moreComponents  = 0x0020
	haveXYScale     = 0x0040
	haveTwoByTwo    = 0x0080
	haveInstruction = 0x0100
)

// program is the TrueType font file of the subset, and the number of its glyphs. Hinting is left out, with the tables that it needs: it is half of the size, and
// viewers draw smooth outlines without it. The tables present are the ones that ISO 32000-2 §9.9.2 asks of a font for Identity-H.
func (s *subset) program() (file []byte, glyphs int) {
	be := binary.BigEndian
	all := slices.Clone(s.glyph) // grows by the parts of composite glyphs, which need no character code
	number := make(map[uint16]uint16, len(all)+8)
	for i, g := range all {
		number[g] = uint16(i)
	}
	glyf := make([]byte, 0, 120*len(all))
	loca := make([]byte, 0, 2*len(all)+2)
	for i := 0; i < len(all); i++ {
		loca = be.AppendUint16(loca, uint16(len(glyf)/2))
		g := all[i]
		src := s.font.glyf[s.font.loca[g]:s.font.loca[g+1]]
		if len(src) == 0 {
			continue
		}
		if int16(be.Uint16(src)) >= 0 {
			glyf = appendSimple(glyf, src)
		} else {
			glyf = appendComposite(glyf, src, func(part uint16) uint16 {
				id, ok := number[part]
				if !ok {
					id = uint16(len(all))
					number[part] = id
					all = append(all, part)
				}
				return id
			})
		}
		if len(glyf)%2 == 1 {
			glyf = append(glyf, 0)
		}
	}
	loca = be.AppendUint16(loca, uint16(len(glyf)/2))

	hmtx := make([]byte, 0, 4*len(all))
	for _, g := range all {
		hmtx = be.AppendUint16(hmtx, s.font.advance[g])
		hmtx = be.AppendUint16(hmtx, uint16(s.font.lsb[g]))
	}
	head := slices.Clone(s.font.head)
	be.PutUint32(head[8:], 0)  // checkSumAdjustment, below
	be.PutUint16(head[50:], 0) // short loca: a subset is far below 128 KB
	hhea := slices.Clone(s.font.hhea)
	be.PutUint16(hhea[34:], uint16(len(all)))
	maxp := slices.Clone(s.font.maxp)
	be.PutUint16(maxp[4:], uint16(len(all)))
	be.PutUint16(maxp[14:], 1)       // maxZones: no twilight zone without instructions
	for at := 16; at < 28; at += 2 { // from maxTwilightPoints to maxSizeOfInstructions: what only hinting uses
		be.PutUint16(maxp[at:], 0)
	}
	return sfnt([]table{{"glyf", glyf}, {"head", head}, {"hhea", hhea}, {"hmtx", hmtx}, {"loca", loca}, {"maxp", maxp}}), len(all)
}

// appendSimple copies a simple glyph without its instructions.
func appendSimple(dst, src []byte) []byte {
	ends := 10 + 2*int(binary.BigEndian.Uint16(src)) // after endPtsOfContours
	n := int(binary.BigEndian.Uint16(src[ends:]))
	dst = append(dst, src[:ends]...)
	dst = append(dst, 0, 0)
	return append(dst, src[ends+2+n:]...)
}

// appendComposite copies a composite glyph without its instructions and gives its parts their new numbers.
func appendComposite(dst, src []byte, number func(uint16) uint16) []byte {
	be := binary.BigEndian
	dst = append(dst, src[:10]...)
	for at := 10; ; {
		flags := be.Uint16(src[at:])
		n := 6
		if flags&argsAreWords != 0 {
			n = 8
		}
		switch {
		case flags&haveScale != 0:
			n += 2
		case flags&haveXYScale != 0:
			n += 4
		case flags&haveTwoByTwo != 0:
			n += 8
		}
		dst = be.AppendUint16(dst, flags&^haveInstruction)
		dst = be.AppendUint16(dst, number(be.Uint16(src[at+2:])))
		dst = append(dst, src[at+4:at+n]...)
		at += n
		if flags&moreComponents == 0 {
			return dst
		}
	}
}

type table struct {
	tag  string
	data []byte
}

// sfnt writes the tables, already in the order of their tags, as a font file with right check sums.
func sfnt(tables []table) []byte {
	be := binary.BigEndian
	size := 12 + 16*len(tables)
	for _, t := range tables {
		size += (len(t.data) + 3) &^ 3
	}
	n, log := 1, 0
	for 2*n <= len(tables) {
		n, log = 2*n, log+1
	}
	b := make([]byte, 0, size)
	b = be.AppendUint32(b, 0x00010000)
	for _, x := range []int{len(tables), 16 * n, log, 16 * (len(tables) - n)} {
		b = be.AppendUint16(b, uint16(x))
	}
	at, head := 12+16*len(tables), 0
	for _, t := range tables {
		b = append(b, t.tag...)
		b = be.AppendUint32(b, checksum(t.data))
		b = be.AppendUint32(b, uint32(at))
		b = be.AppendUint32(b, uint32(len(t.data)))
		if t.tag == "head" {
			head = at
		}
		at += (len(t.data) + 3) &^ 3
	}
	for _, t := range tables {
		b = append(b, t.data...)
		for len(b)%4 != 0 {
			b = append(b, 0)
		}
	}
	be.PutUint32(b[head+8:], 0xB1B0AFBA-checksum(b))
	return b
}

// checksum is the sum of the big-endian 32-bit words, the last one filled with zeros.
func checksum(b []byte) (sum uint32) {
	for ; len(b) >= 4; b = b[4:] {
		sum += binary.BigEndian.Uint32(b)
	}
	var last [4]byte
	copy(last[:], b)
	return sum + binary.BigEndian.Uint32(last[:])
}
