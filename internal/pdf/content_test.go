package pdf

import (
	"fmt"
	"math"
	"strings"
	"testing"
)

// drawn is a page of 600 by 800 with this content, and an image, forms, fonts and graphics states to use in it.
func drawn(t *testing.T, content string) (*File, *Page) {
	t.Helper()
	n := NewDocument("1.7")
	tree := n.Alloc()
	box := func(x ...int) Array {
		var a Array
		for _, v := range x {
			a = append(a, Integer(v))
		}
		return a
	}
	image := func(more Dict) Ref {
		d := Dict{"Subtype": Name("Image"), "Width": Integer(1), "Height": Integer(1), "BitsPerComponent": Integer(8), "ColorSpace": Name("DeviceGray")}
		for k, x := range more {
			d[k] = x
		}
		return n.Add(NewStream(d, []byte{1}))
	}
	form := n.Add(NewStream(Dict{"Subtype": Name("Form"), "BBox": box(0, 0, 100, 20), "Matrix": box(2, 0, 0, 1, 10, 10)}, []byte("0 0 200 200 re f")))
	loop := n.Alloc()
	n.Set(loop, NewStream(Dict{"Subtype": Name("Form"), "BBox": box(0, 0, 100, 20), "Resources": Dict{"XObject": Dict{"Loop": loop}}}, []byte("/Loop Do 0 0 5 5 re f")))
	widths := Array{}
	for range 256 {
		widths = append(widths, Integer(1000))
	}
	page := n.Add(Dict{
		"Type": Name("Page"), "Parent": tree, "MediaBox": box(0, 0, 600, 800), "Contents": n.Add(NewStream(Dict{}, []byte(content))),
		"Resources": Dict{
			"Font": Dict{
				"F": Dict{"Subtype": Name("TrueType"), "FirstChar": Integer(0), "Widths": widths}, "H": Dict{"Subtype": Name("Type1")},
				"Z": Dict{"Subtype": Name("Type0"), "Encoding": Name("Identity-H")},
			},
			"XObject":   Dict{"Im": image(nil), "Soft": image(Dict{"SMask": image(nil)}), "Stencil": image(Dict{"ImageMask": true}), "Form": form, "Loop": loop},
			"ExtGState": Dict{"Half": Dict{"ca": Real(0.5)}, "Multiply": Dict{"BM": Name("Multiply")}, "Mask": Dict{"SMask": Dict{}}, "Plain": Dict{"ca": Integer(1), "BM": Name("Normal"), "SMask": Name("None")}},
		},
	})
	n.Set(tree, Dict{"Type": Name("Pages"), "Kids": Array{page}, "Count": Integer(1)})
	n.SetTrailer("Root", n.Add(Dict{"Type": Name("Catalog"), "Pages": tree}))
	var b strings.Builder
	if _, err := n.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	f := mustOpen(t, Memory(b.String()))
	p, err := f.Latest().Page(0)
	if err != nil {
		t.Fatal(err)
	}
	return f, p
}

func (m Mark) String() string {
	kind := [...]string{"text", "fill", "image"}[m.Kind]
	if m.Opaque {
		kind = "solid " + kind
	}
	if m.Kind == MarkText {
		kind += " " + string(m.Text)
	}
	b := m.Box
	for i := range b {
		b[i] = math.Round(b[i]*10) / 10
	}
	return fmt.Sprintf("%s %v", kind, b)
}

func TestContentMarks(t *testing.T) {
	for _, c := range []struct{ content, want string }{
		{"10 20 30 40 re f", "solid fill [10 20 40 60]"},
		{"10 20 30 40 re S", ""},
		{"10 20 -30 -40 re B*", "solid fill [0 0 10 20]"}, // cut off at the edge of the page
		{"10 10 m 20 10 l 20 30 l 10 30 l h f", "solid fill [10 10 20 30]"},
		{"10 10 m 20 15 l 20 30 l 10 30 l f", ""},
		{"10 10 m 20 10 20 30 10 30 c f", ""},
		{"0 0 10 10 re 20 0 10 10 re f", "solid fill [0 0 10 10];solid fill [20 0 30 10]"},
		{"0 0 90 90 re 20 20 10 10 re f*", "fill [0 0 90 90];fill [20 20 30 30]"},
		{"q .5 0 0 .5 100 100 cm 0 0 10 10 re f Q 0 0 10 10 re f", "solid fill [100 100 105 105];solid fill [0 0 10 10]"},
		{"q .7 .7 -.7 .7 100 100 cm 0 0 10 10 re f Q", "fill [93 100 107 114]"},
		{"0 1 -1 0 100 100 cm 0 0 10 20 re f", "solid fill [80 100 100 110]"},
		{"/Half gs 0 0 10 10 re f /Plain gs 0 0 10 10 re f", "fill [0 0 10 10];solid fill [0 0 10 10]"},
		{"/Multiply gs 0 0 10 10 re f", "fill [0 0 10 10]"},
		{"/Mask gs 0 0 10 10 re f", "fill [0 0 10 10]"},
		{"/Pattern cs /P1 scn 0 0 10 10 re f 0 g 0 0 10 10 re f", "fill [0 0 10 10];solid fill [0 0 10 10]"},
		{"q 100 0 0 50 10 20 cm /Im Do Q", "solid image [10 20 110 70]"},
		{"100 0 0 50 10 20 cm /Soft Do /Stencil Do", "image [10 20 110 70];image [10 20 110 70]"},
		{"q 0 0 50 30 re W n 100 0 0 50 10 20 cm /Im Do Q", "solid image [10 20 50 30]"},
		{"q 0 0 m 50 0 l 25 30 l h W n 100 0 0 50 10 20 cm /Im Do Q", "image [10 20 50 30]"},
		{"q 30 0 0 30 5 5 cm BI /W 1 /H 1 /BPC 8 /CS /G ID \x01 EI Q 0 0 5 5 re f", "image [5 5 35 35];solid fill [0 0 5 5]"},
		{"/Form Do 0 0 5 5 re f", "solid fill [10 10 210 30];solid fill [0 0 5 5]"},
		{"/Loop Do", "solid fill [0 0 5 5];solid fill [0 0 5 5];solid fill [0 0 5 5];solid fill [0 0 5 5];solid fill [0 0 5 5];solid fill [0 0 5 5];solid fill [0 0 5 5];solid fill [0 0 5 5];solid fill [0 0 5 5];solid fill [0 0 5 5];solid fill [0 0 5 5];solid fill [0 0 5 5]"},
		{"BT /F 10 Tf 100 200 Td (abc) Tj ET", "text abc [100 198 130 207.5]"},
		{"BT /H 10 Tf 100 200 Td (abc) Tj ( d) Tj ET", "text abc [100 198 115 207.5];text  d [115 198 125 207.5]"},
		{"BT /F 10 Tf 100 200 Td [(a) -1000 (b)] TJ ET", "text ab [100 198 130 207.5]"},
		{"BT /F 10 Tf 14 TL 100 200 Td (a) Tj T* (b) Tj (c) ' ET", "text a [100 198 110 207.5];text b [100 184 110 193.5];text c [100 170 110 179.5]"},
		{"BT /F 10 Tf 50 Tz 2 Tc 5 Ts 100 200 Td (ab) Tj ET", "text ab [100 203 112 212.5]"},
		{"BT /F 1 Tf 0 10 -10 0 100 200 Tm (ab) Tj ET", "text ab [92.5 200 102 220]"},
		{"BT /F 10 Tf 100 200 Td (   ) Tj 3 Tr (a) Tj 7 Tr (a) Tj 0 Tr 1 g (a) Tj 1 1 1 rg (a) Tj 0 0 0 0 k (a) Tj ET", ""},
		{"BT /Z 10 Tf 100 200 Td <00410042> Tj ET", "text  [100 198 110 207.5]"},
		{"BT /Z 10 Tf 100 200 Td <00030020> Tj ET", ""},
		{"BT /None 10 Tf 100 200 Td (a) Tj ET ] ) > } 5 x (", "text a [100 198 105 207.5]"},
		{"q q q Q Q Q Q Q 1 0 cm f W n", ""},
	} {
		f, p := drawn(t, c.content)
		marks, _, err := f.Latest().Marks(p, &Ink{Operators: 1000, Bytes: 1 << 16})
		var got []string
		for _, m := range marks {
			got = append(got, m.String())
		}
		if s := strings.Join(got, ";"); err != nil || s != c.want {
			t.Errorf("%s:\n got %s, %v\nwant %s", c.content, s, err, c.want)
		}
	}
}

// TestMarksBounded stops where ink ends, and says so.
func TestContentBounded(t *testing.T) {
	f, p := drawn(t, strings.Repeat("0 0 5 5 re f\n", 1000))
	for _, c := range []struct {
		ink  Ink
		all  bool
		most int
	}{{Ink{5000, 1 << 20}, true, 1000}, {Ink{100, 1 << 20}, false, 50}, {Ink{5000, 100}, false, 1000}} {
		ink := c.ink
		marks, complete, err := f.Latest().Marks(p, &ink)
		if err != nil || complete != c.all || len(marks) > c.most {
			t.Errorf("%+v: %d marks, complete %v, %v", c.ink, len(marks), complete, err)
		}
	}
}

// TestAppearanceMarks maps what an annotation shows into its rectangle (ISO 32000-2 §12.5.5).
func TestAppearanceMarks(t *testing.T) {
	f, _ := drawn(t, "")
	look := func(d Dict, data string) *Stream { return NewStream(d, []byte(data)) }
	rect := Array{Integer(100), Integer(100), Integer(200), Integer(120)}
	bbox := Array{Integer(0), Integer(0), Integer(10), Integer(10)}
	for _, c := range []struct {
		annot Dict
		want  string
	}{
		{Dict{"Rect": rect, "AP": Dict{"N": look(Dict{"BBox": bbox}, "0 0 5 5 re f")}}, "solid fill [100 100 150 110]"},
		{Dict{"Rect": rect, "AP": Dict{"N": look(Dict{"BBox": bbox, "Matrix": Array{Integer(50), Integer(0), Integer(0), Integer(50), Integer(-900), Integer(7)}}, "0 0 5 5 re f")}}, "solid fill [100 100 150 110]"},
		{Dict{"Rect": rect, "AP": Dict{"N": look(Dict{"BBox": bbox}, "-90 -90 500 500 re f")}}, "solid fill [100 100 200 120]"},
		{Dict{"Rect": rect, "AS": Name("On"), "AP": Dict{"N": Dict{"On": look(Dict{"BBox": bbox}, "0 0 5 5 re f"), "Off": look(Dict{"BBox": bbox}, "")}}}, "solid fill [100 100 150 110]"},
		{Dict{"Rect": rect, "AS": Name("Off"), "AP": Dict{"N": Dict{"On": look(Dict{"BBox": bbox}, "0 0 5 5 re f")}}}, ""},
		{Dict{"Rect": rect}, ""},
		{Dict{"AP": Dict{"N": look(Dict{"BBox": bbox}, "0 0 5 5 re f")}}, ""},
	} {
		marks, _, err := f.Latest().AppearanceMarks(c.annot, &Ink{Operators: 100, Bytes: 1 << 16})
		var got []string
		for _, m := range marks {
			got = append(got, m.String())
		}
		if s := strings.Join(got, ";"); err != nil || s != c.want {
			t.Errorf("%v: %s, %v, want %s", c.annot, s, err, c.want)
		}
	}
}
