package stamp_test

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"

	"absah/internal/pdf"
	"absah/internal/stamp"
)

// forms opens a test document and returns the appearance of every annotation of its first page.
func forms(t testing.TB, data []byte) (*pdf.View, []*pdf.Stream) {
	t.Helper()
	f, err := pdf.Open(bytes.NewReader(data), int64(len(data)), pdf.OpenOptions{})
	if err != nil {
		t.Fatal(err)
	}
	v := f.Latest()
	page, err := v.Page(0)
	if err != nil {
		t.Fatal(err)
	}
	var out []*pdf.Stream
	for _, a := range resolve[pdf.Array](t, v, page.Dict["Annots"]) {
		ap := resolve[pdf.Dict](t, v, resolve[pdf.Dict](t, v, a)["AP"])
		out = append(out, resolve[*pdf.Stream](t, v, ap["N"]))
	}
	return v, out
}

func resolve[T any](t testing.TB, v *pdf.View, o pdf.Object) T {
	t.Helper()
	x, err := v.Resolve(o)
	if err != nil {
		t.Fatal(err)
	}
	y, ok := x.(T)
	if !ok {
		t.Fatalf("%v is a %T, want %T", o, x, y)
	}
	return y
}

func decoded(t testing.TB, v *pdf.View, o pdf.Object) []byte {
	t.Helper()
	b, err := v.StreamData(resolve[*pdf.Stream](t, v, o), 0)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestSubset opens each embedded font with another parser and compares every glyph, by the character that ToUnicode gives it,
// with the font that it came from: outline, advance in the program, advance in W.
func TestSubset(t *testing.T) {
	c := budi()
	c.Name = "Žluťoučký Ångström ½ €"
	c.Position = "ÀÉÎÕÜ àéîõü ç ğ ş ﬁ Ωμ Жя"
	v, all := forms(t, document(t, stamped{page: stamp.Page{MediaBox: a4}, look: c, pos: at(20, 20, 300, 120)}))
	fonts := resolve[pdf.Dict](t, v, resolve[pdf.Dict](t, v, all[0].Dict["Resources"])["Font"])
	if len(fonts) != 2 {
		t.Fatalf("the card uses %d fonts, want 2", len(fonts))
	}
	for _, o := range fonts {
		type0 := resolve[pdf.Dict](t, v, o)
		base := string(type0["BaseFont"].(pdf.Name))
		source := goregular.TTF
		if strings.HasSuffix(base, "+GoBold") {
			source = gobold.TTF
		} else if !strings.HasSuffix(base, "+GoRegular") {
			t.Errorf("BaseFont = %s", base)
		}
		if !regexp.MustCompile(`^[A-Z]{6}\+`).MatchString(base) {
			t.Errorf("BaseFont = %s, want a subset tag", base)
		}
		cid := resolve[pdf.Dict](t, v, resolve[pdf.Array](t, v, type0["DescendantFonts"])[0])
		desc := resolve[pdf.Dict](t, v, cid["FontDescriptor"])
		program := decoded(t, v, desc["FontFile2"])
		if n := resolve[*pdf.Stream](t, v, desc["FontFile2"]).Dict["Length1"]; n != pdf.Integer(len(program)) {
			t.Errorf("%s: Length1 = %v, want %d", base, n, len(program))
		}
		if len(program) > 15<<10 {
			t.Errorf("%s: the program has %d bytes, want 15 KB at most", base, len(program))
		}
		if cid["BaseFont"] != type0["BaseFont"] || desc["FontName"] != type0["BaseFont"] {
			t.Errorf("%s: other names in the descendant %v and the descriptor %v", base, cid["BaseFont"], desc["FontName"])
		}
		checkSums(t, base, program)

		old, err := sfnt.Parse(source)
		if err != nil {
			t.Fatal(err)
		}
		sub, err := sfnt.Parse(withCmap(program))
		if err != nil {
			t.Fatalf("%s: %v", base, err)
		}
		widths := resolve[pdf.Array](t, v, resolve[pdf.Array](t, v, cid["W"])[1])
		set := decoded(t, v, desc["CIDSet"])
		for i := range sub.NumGlyphs() {
			if set[i/8]&(0x80>>(i%8)) == 0 {
				t.Errorf("%s: CIDSet lacks %d", base, i)
			}
		}
		meaning := toUnicode(t, decoded(t, v, type0["ToUnicode"]))
		if len(meaning) != len(widths)-1 {
			t.Errorf("%s: ToUnicode has %d codes, W %d", base, len(meaning), len(widths)-1)
		}
		var b1, b2 sfnt.Buffer
		ppem := fixed.I(2048) // one font unit a pixel
		for code, r := range meaning {
			g, err := old.GlyphIndex(&b1, r)
			if err != nil || g == 0 {
				t.Fatalf("%s: %c is not in the original: %v", base, r, err)
			}
			want, err := old.LoadGlyph(&b1, g, ppem, nil)
			if err != nil {
				t.Fatal(err)
			}
			want = slices.Clone(want)
			got, err := sub.LoadGlyph(&b2, sfnt.GlyphIndex(code), ppem, nil)
			if err != nil {
				t.Fatalf("%s: glyph %d (%c): %v", base, code, r, err)
			}
			if !slices.Equal(got, sfnt.Segments(want)) {
				t.Errorf("%s: the outline of %c differs", base, r)
			}
			a1, _ := old.GlyphAdvance(&b1, g, ppem, font.HintingNone)
			a2, _ := sub.GlyphAdvance(&b2, sfnt.GlyphIndex(code), ppem, font.HintingNone)
			if w := float64(widths[code].(pdf.Integer)); a1 != a2 || w-float64(a1)/64*1000/2048 > 0.5 || float64(a1)/64*1000/2048-w > 0.5 {
				t.Errorf("%s: advance of %c is %v in the original, %v in the subset, %v in W", base, r, a1, a2, w)
			}
		}
	}
}

// withCmap adds the tables that fonts have outside PDF and the parser wants to see: an empty character map, name, post.
func withCmap(program []byte) []byte {
	n := int(program[4])<<8 | int(program[5])
	cmap := []byte{0, 0, 0, 1, 0, 3, 0, 1, 0, 0, 0, 12, 0, 4, 0, 24, 0, 0, 0, 2, 0, 2, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 0xff, 0xff, 0, 1, 0, 0}
	post := append([]byte{0, 3}, make([]byte, 30)...)
	name := []byte{0, 0, 0, 0, 0, 6, 0, 0}
	out := append([]byte{}, program[:12]...)
	out[5] = byte(n + 3)
	shift := 3 * 16
	put := func(tag string, off, size int) {
		out = append(out, tag...)
		for _, x := range []int{0, off, size} {
			out = append(out, byte(x>>24), byte(x>>16), byte(x>>8), byte(x))
		}
	}
	body := len(program) + shift
	put("cmap", body, len(cmap))
	for i := range n {
		rec := program[12+16*i:]
		off := int(rec[8])<<24 | int(rec[9])<<16 | int(rec[10])<<8 | int(rec[11])
		size := int(rec[12])<<24 | int(rec[13])<<16 | int(rec[14])<<8 | int(rec[15])
		put(string(rec[:4]), off+shift, size)
	}
	put("name", body+len(cmap), len(name))
	put("post", body+len(cmap)+len(name), len(post))
	out = append(out, program[12+16*n:]...)
	return append(append(append(out, cmap...), name...), post...)
}

// checkSums checks the table check sums and the one of the whole file.
func checkSums(t testing.TB, name string, program []byte) {
	t.Helper()
	word := func(b []byte) uint32 { return uint32(b[0])<<24 | uint32(b[1])<<16 | uint32(b[2])<<8 | uint32(b[3]) }
	sum := func(b []byte) (s uint32) {
		b = append(slices.Clone(b), 0, 0, 0)
		for ; len(b) >= 4; b = b[4:] {
			s += word(b)
		}
		return s
	}
	if s := sum(program); s != 0xB1B0AFBA {
		t.Errorf("%s: the sum of the font file is %08X, want B1B0AFBA", name, s)
	}
	for i := range int(program[5]) {
		rec := program[12+16*i:]
		tag := string(rec[:4])
		data := slices.Clone(program[word(rec[8:]) : word(rec[8:])+word(rec[12:])])
		if tag == "head" {
			copy(data[8:12], []byte{0, 0, 0, 0})
		}
		if sum(data) != word(rec[4:]) {
			t.Errorf("%s: check sum of table %s is wrong", name, tag)
		}
	}
}

func toUnicode(t testing.TB, cmap []byte) map[int]rune {
	t.Helper()
	out := map[int]rune{}
	_, cmap, _ = bytes.Cut(cmap, []byte("endcodespacerange"))
	for _, m := range regexp.MustCompile(`(?m)^<([0-9A-F]{4})> <([0-9A-F]{4})>$`).FindAllSubmatch(cmap, -1) {
		code, _ := strconv.ParseInt(string(m[1]), 16, 32)
		r, _ := strconv.ParseInt(string(m[2]), 16, 32)
		if _, twice := out[int(code)]; twice || r == 0 || r == 0xfeff || r == 0xfffe || r >= 0xe000 && r < 0xf900 {
			t.Errorf("ToUnicode maps %d to %04X", code, r)
		}
		out[int(code)] = rune(r)
	}
	return out
}

func TestMissing(t *testing.T) {
	tests := []struct {
		text string
		want []rune
	}{
		{"Budi Contoh, S.Kom.", nil},
		{"Žluťoučký Ångström ½ € – “kutipan” …", nil},
		{"e\u0301 decomposed", nil},
		{"tab\tline\nno-break\u00a0space", nil},
		{"ʿAbdullāh Nu‑mʼan", nil},
		{"\u202eabc\u200b\u2066def\x00\ufe0f", nil},
		{"王小明王", []rune("王小明")},
		{"Ḥasan Ṭ", []rune("ḤṬ")},
		{"😀\ue000", []rune("😀\ue000")},
		{"bad\xff", nil}, // the font has the replacement character
	}
	for _, tt := range tests {
		got := stamp.Missing(tt.text)
		if !slices.Equal(got, tt.want) {
			t.Errorf("Missing(%q) = %q, want %q", tt.text, string(got), string(tt.want))
		}
	}
}

func TestWrap(t *testing.T) {
	f := stamp.Regular()
	for _, text := range []string{"", " \t\n", "satu", "Kepala Dinas Komunikasi dan Informatika Provinsi Contoh", "https://contoh.example/sangat/panjang/tanpa/spasi", "a\u0301\u0301\u0301bcdefgh"} {
		for _, width := range []float64{3, 20, 60, 500} {
			lines := f.Wrap(text, 10, width)
			if got, want := strings.Join(strings.Fields(strings.Join(lines, "")), ""), strings.Join(strings.Fields(text), ""); got != want {
				t.Errorf("Wrap(%q, %v) = %q: characters were lost or added", text, width, lines)
			}
			for _, l := range lines {
				if w := f.Width(l, 10); w > width && len([]rune(l)) > 4 {
					t.Errorf("Wrap(%q, %v): line %q is %.1f wide", text, width, l, w)
				}
			}
		}
	}
	if got, want := fmt.Sprint(f.Wrap("satu dua tiga", 10, 45)), "[satu dua tiga]"; got != want || len(f.Wrap("satu dua tiga", 10, 45)) != 2 {
		t.Errorf("Wrap(satu dua tiga) = %q", f.Wrap("satu dua tiga", 10, 45))
	}
}
