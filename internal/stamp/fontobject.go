package stamp

import (
	"bytes"
	"compress/zlib"
	"hash/fnv"
	"strconv"
	"sync"
	"unicode/utf16"
	"unicode/utf8"

	"absah/internal/pdf"
)

// write adds the Type 0 font with its descendant, descriptor, font program and ToUnicode map.
func (s *subset) write(add Adder) pdf.Ref {
	f := s.font
	name := pdf.Name(s.tag() + "+" + f.name)
	made := s.made()
	file := add(pdf.NewStream(pdf.Dict{"Filter": pdf.Name("FlateDecode"), "Length1": pdf.Integer(made.size)}, made.program))
	thousandth := func(x int16) pdf.Integer { return pdf.Integer((int(x)*1000 + f.units/2) / f.units) }
	weight := 400
	if f.bold {
		weight = 700
	}
	descriptor := add(pdf.Dict{
		"Type": pdf.Name("FontDescriptor"), "FontName": name, "FontFile2": file,
		"Flags":    pdf.Integer(4), // symbolic: glyphs are chosen by number alone
		"FontBBox": pdf.Array{thousandth(f.bbox[0]), thousandth(f.bbox[1]), thousandth(f.bbox[2]), thousandth(f.bbox[3])},
		"Ascent":   thousandth(f.ascent), "Descent": thousandth(f.descent), "CapHeight": thousandth(f.capHeight), "XHeight": thousandth(f.xHeight),
		"ItalicAngle": pdf.Integer(0), "StemV": pdf.Integer(f.stemV), "FontWeight": pdf.Integer(weight),
		"CIDSet": add(pdf.NewStream(pdf.Dict{}, cidSet(made.glyphs))),
	})
	widths := make(pdf.Array, len(s.glyph))
	for i, g := range s.glyph {
		widths[i] = pdf.Integer(f.width1000(g))
	}
	descendant := add(pdf.Dict{
		"Type": pdf.Name("Font"), "Subtype": pdf.Name("CIDFontType2"), "BaseFont": name,
		"CIDSystemInfo":  pdf.Dict{"Registry": pdf.String("Adobe"), "Ordering": pdf.String("Identity"), "Supplement": pdf.Integer(0)},
		"FontDescriptor": descriptor, "CIDToGIDMap": pdf.Name("Identity"),
		"DW": pdf.Integer(0), "W": pdf.Array{pdf.Integer(0), widths},
	})
	return add(pdf.Dict{
		"Type": pdf.Name("Font"), "Subtype": pdf.Name("Type0"), "BaseFont": name, "Encoding": pdf.Name("Identity-H"),
		"DescendantFonts": pdf.Array{descendant}, "ToUnicode": add(pdf.NewStream(pdf.Dict{"Filter": pdf.Name("FlateDecode")}, made.toUnicode)),
	})
}

// cidSet marks the character codes that the font program has, which is all of them. PDF/A-1 requires the set for subsets and
// later parts require it to be complete where it is present (ISO 19005-1 §6.3.5, ISO 19005-2 §6.2.11.4.2).
func cidSet(n int) []byte {
	b := make([]byte, (n+7)/8)
	for i := range n {
		b[i/8] |= 0x80 >> (i % 8)
	}
	return b
}

// tag is the subset prefix of the font name (ISO 32000-2 §9.9.2): six capitals, made from the glyphs so that it is the same for
// the same subset and in all likelihood another one for another.
func (s *subset) tag() string {
	h := fnv.New64a()
	for i := range s.glyph {
		h.Write([]byte{byte(s.glyph[i] >> 8), byte(s.glyph[i])})
	}
	n := h.Sum64()
	var b [6]byte
	for i := range b {
		b[i] = 'A' + byte(n%26)
		n /= 26
	}
	return string(b[:])
}

// toUnicode is the CMap that gives every code its character (ISO 32000-2 §9.10.3).
func (s *subset) toUnicode() []byte {
	b := []byte("/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n" +
		"/CIDSystemInfo <</Registry (Adobe) /Ordering (UCS) /Supplement 0>> def\n" +
		"/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n")
	for at := 1; at < len(s.shows); at += 100 { // at most 100 entries a block
		end := min(at+100, len(s.shows))
		b = strconv.AppendInt(b, int64(end-at), 10)
		b = append(b, " beginbfchar\n"...)
		for i := at; i < end; i++ {
			b = append(b, '<')
			b = appendHex(b, uint16(i))
			b = append(b, "> <"...)
			for _, u := range utf16.AppendRune(nil, s.shows[i]) {
				b = appendHex(b, u)
			}
			b = append(b, ">\n"...)
		}
		b = append(b, "endbfchar\n"...)
	}
	return append(b, "endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n"...)
}

func appendHex(b []byte, u uint16) []byte {
	const digits = "0123456789ABCDEF"
	return append(b, digits[u>>12], digits[u>>8&15], digits[u>>4&15], digits[u&15])
}

// files are the packed streams of a subset. They are shared and never changed.
type files struct {
	program, toUnicode []byte
	size               int // of the font program, unpacked
	glyphs             int
}

// recent holds the files of the last subsets: packing them takes three quarters of the time of a card, and the cards of one
// signer, or of one batch, show the same characters again and again.
var recent struct {
	sync.Mutex
	files map[string]files
}

// maxRecent bounds recent: a few kilobytes each.
const maxRecent = 64

func (s *subset) made() files {
	key := s.key()
	recent.Lock()
	m, ok := recent.files[key]
	recent.Unlock()
	if ok {
		return m
	}
	program, n := s.program()
	m = files{program: deflate(program, zlib.BestSpeed), toUnicode: deflate(s.toUnicode(), zlib.BestSpeed), size: len(program), glyphs: n}
	recent.Lock()
	if recent.files == nil || len(recent.files) >= maxRecent {
		recent.files = make(map[string]files, maxRecent)
	}
	recent.files[key] = m
	recent.Unlock()
	return m
}

// key tells subsets apart: the font, and each glyph with its meaning in their order.
func (s *subset) key() string {
	b := append(make([]byte, 0, 32+5*len(s.glyph)), s.font.name...)
	for i, g := range s.glyph {
		b = append(b, byte(g>>8), byte(g))
		b = utf8.AppendRune(b, s.shows[i])
	}
	return string(b)
}

// packers are reused, because a new one costs more than packing a small stream. The fastest level makes what we write here, a few
// kilobytes a signature, a twentieth larger than the best and takes a third less time.
var packers = sync.Pool{New: func() any { w, _ := zlib.NewWriterLevel(nil, zlib.BestSpeed); return w }}

// pack makes a FlateDecode stream.
func pack(d pdf.Dict, data []byte) *pdf.Stream {
	d["Filter"] = pdf.Name("FlateDecode")
	return pdf.NewStream(d, deflate(data, zlib.BestSpeed))
}

func deflate(data []byte, level int) []byte {
	var b bytes.Buffer
	if level != zlib.BestSpeed {
		w, _ := zlib.NewWriterLevel(&b, level)
		w.Write(data)
		w.Close()
		return b.Bytes()
	}
	w := packers.Get().(*zlib.Writer)
	w.Reset(&b)
	w.Write(data)
	w.Close()
	packers.Put(w)
	return b.Bytes()
}
