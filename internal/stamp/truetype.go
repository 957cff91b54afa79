package stamp

import (
	"encoding/binary"
	"sync"
	"unicode/utf8"

	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
)

// Font is a TrueType font that can be embedded. Its tables are parsed once and shared.
type Font struct {
	name               string // PostScript name
	stemV              int
	bold               bool
	glyf               []byte
	loca               []uint32
	advance            []uint16 // in font units
	lsb                []int16
	head, hhea, maxp   []byte
	units              int
	bbox               [4]int16
	ascent, descent    int16
	capHeight, xHeight int16

	latin [0x250]uint16   // glyphs of the first characters, where nearly all text lies
	other map[rune]uint16 // the rest
}

// Regular is the font for running text, Go Regular: Latin, Greek and Cyrillic, with embedding permitted.
func Regular() *Font {
	regular.once.Do(func() { regular.font = parseFont(goregular.TTF, "GoRegular", 80, false) })
	return regular.font
}

// Bold is its bold companion.
func Bold() *Font {
	bold.once.Do(func() { bold.font = parseFont(gobold.TTF, "GoBold", 140, true) })
	return bold.font
}

// The fonts are named only inside the two functions above: a program that never draws is linked without their 300 KB.
var regular, bold struct {
	once sync.Once
	font *Font
}

// parseFont reads the tables that a subset needs. The bytes are part of the program, so they are trusted: a font that does not
// parse is our own mistake and panics.
func parseFont(ttf []byte, name string, stemV int, bold bool) *Font {
	be := binary.BigEndian
	tables := map[string][]byte{}
	for i := range int(be.Uint16(ttf[4:])) {
		rec := ttf[12+16*i:]
		off, n := be.Uint32(rec[8:]), be.Uint32(rec[12:])
		tables[string(rec[:4])] = ttf[off : off+n]
	}
	f := &Font{
		name: name, stemV: stemV, bold: bold,
		glyf: tables["glyf"], head: tables["head"], hhea: tables["hhea"], maxp: tables["maxp"], other: map[rune]uint16{},
	}
	f.units = int(be.Uint16(f.head[18:]))
	for i := range f.bbox {
		f.bbox[i] = int16(be.Uint16(f.head[36+2*i:]))
	}
	f.ascent, f.descent = int16(be.Uint16(f.hhea[4:])), int16(be.Uint16(f.hhea[6:]))
	os2 := tables["OS/2"]
	f.xHeight, f.capHeight = int16(be.Uint16(os2[86:])), int16(be.Uint16(os2[88:]))

	n := int(be.Uint16(f.maxp[4:]))
	f.loca = make([]uint32, n+1)
	long := be.Uint16(f.head[50:]) == 1
	for i := range f.loca {
		if long {
			f.loca[i] = be.Uint32(tables["loca"][4*i:])
		} else {
			f.loca[i] = 2 * uint32(be.Uint16(tables["loca"][2*i:]))
		}
	}
	f.advance, f.lsb = make([]uint16, n), make([]int16, n)
	long4 := int(be.Uint16(f.hhea[34:])) // glyphs with an advance of their own; the rest repeat the last one
	hmtx := tables["hmtx"]
	for i := range n {
		if i < long4 {
			f.advance[i], f.lsb[i] = be.Uint16(hmtx[4*i:]), int16(be.Uint16(hmtx[4*i+2:]))
		} else {
			f.advance[i], f.lsb[i] = f.advance[long4-1], int16(be.Uint16(hmtx[4*long4+2*(i-long4):]))
		}
	}
	f.readCmap(tables["cmap"])
	return f
}

// readCmap reads the Unicode map of format 4 (platform 3, encoding 1).
func (f *Font) readCmap(cmap []byte) {
	be := binary.BigEndian
	var t []byte
	for i := range int(be.Uint16(cmap[2:])) {
		rec := cmap[4+8*i:]
		if be.Uint16(rec) == 3 && be.Uint16(rec[2:]) == 1 {
			t = cmap[be.Uint32(rec[4:]):]
		}
	}
	if t == nil || be.Uint16(t) != 4 {
		panic("stamp: " + f.name + " has no Unicode map of format 4")
	}
	segs := int(be.Uint16(t[6:])) / 2
	ends, starts := t[14:], t[16+2*segs:]
	deltas, offsets := t[16+4*segs:], t[16+6*segs:]
	for s := range segs {
		first, last := rune(be.Uint16(starts[2*s:])), rune(be.Uint16(ends[2*s:]))
		delta, off := be.Uint16(deltas[2*s:]), int(be.Uint16(offsets[2*s:]))
		for r := first; r <= last && r != 0xffff; r++ {
			g := uint16(r)
			if off != 0 {
				g = be.Uint16(offsets[2*s+off+2*int(r-first):])
			}
			// A private-use character says nothing to whoever copies the text (ISO 19005-2 §6.2.11.7), so it counts as absent.
			if g += delta; g == 0 || off != 0 && g == delta || r >= 0xe000 && r <= 0xf8ff {
				continue
			}
			if int(r) < len(f.latin) {
				f.latin[r] = g
			} else {
				f.other[r] = g
			}
		}
	}
}

// glyph is the glyph of a character, 0 when the font has none.
func (f *Font) glyph(r rune) uint16 {
	if r >= 0 && int(r) < len(f.latin) {
		return f.latin[r]
	}
	return f.other[r]
}

// width1000 is the advance of a glyph in thousandths of the font size, as W states it and viewers apply it.
func (f *Font) width1000(g uint16) int {
	return (int(f.advance[g])*1000 + f.units/2) / f.units
}

// Width is the width of text in points at a font size in points.
func (f *Font) Width(s string, size float64) float64 {
	n := 0
	for _, r := range s {
		g := uint16(0)
		if r < utf8.RuneSelf {
			g = f.latin[r]
		}
		if g == 0 {
			// The rest of the text needs substitutes, or has combining marks that join what is before them.
			return float64(f.sum(s)) * size / 1000
		}
		n += f.width1000(g)
	}
	return float64(n) * size / 1000
}

func (f *Font) sum(s string) (n int) {
	for _, c := range f.shape(s) {
		n += f.width1000(c.glyph)
	}
	return n
}

// Ascent is the height of ascenders above the base line, CapHeight that of capitals, Descent the depth below it (positive), in
// points at a font size in points.
func (f *Font) Ascent(size float64) float64 { return float64(f.ascent) * size / float64(f.units) }

// CapHeight is the height of capitals above the base line in points.
func (f *Font) CapHeight(size float64) float64 { return float64(f.capHeight) * size / float64(f.units) }

// Descent is the depth of descenders below the base line in points, a positive number.
func (f *Font) Descent(size float64) float64 { return -float64(f.descent) * size / float64(f.units) }
