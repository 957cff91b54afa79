package stamp_test

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"regexp"
	"slices"
	"strings"
	"testing"

	"absah/internal/pdf"
	"absah/internal/stamp"
	"absah/internal/testkit"
)

// everyKind is a page with every appearance, for one target.
func everyKind(t testing.TB, target stamp.Target) stamped {
	r := image.Rect(0, 0, 16, 12)
	card := budi()
	card.Name, card.Target = "Budi Contoh Žiŧá 王", target
	page := stamp.Page{MediaBox: a4, Rotate: 90}
	s := stamped{page: page, look: card, pos: at(20, 20, 180, 64)}
	add := func(look drawer) {
		s.more = append(s.more, stamped{look: look, pos: at(20, float64(100+80*len(s.more)), 70, 70)})
	}
	add(stamp.QR{Target: target, Text: "https://contoh.example/v/1", Caption: "Pindai"})
	for _, data := range [][]byte{
		encodePNG(t, pattern(image.NewNRGBA(r), false, true)), encodePNG(t, pattern(image.NewGray16(r), true, false)),
		encodePNG(t, pattern(image.NewPaletted(r, color.Palette{color.White, color.RGBA{1, 2, 200, 255}}), false, false)),
		encodeJPEG(t, pattern(image.NewRGBA(r), false, false)),
	} {
		add(stamp.Image{Target: target, Picture: load(t, data)})
	}
	return s
}

// TestArchive has veraPDF judge files that have no output intent, where every colour must be calibrated.
func TestArchive(t *testing.T) {
	strict := stamp.Target{NoTransparency: true, Calibrated: true}
	for _, tt := range []struct {
		flavour, version string
		part             int
		target           stamp.Target
		want             string
	}{
		{"1b", "1.4", 1, strict, "PASS"},
		{"2u", "1.7", 2, strict, "PASS"},
		{"4", "2.0", 4, strict, "PASS"},
		{"2u", "1.7", 2, stamp.Target{}, "FAIL"}, // the judge sees device colours
	} {
		t.Run(fmt.Sprint(tt.flavour, tt.want), func(t *testing.T) {
			name := testkit.Keep(t, "archive-"+tt.flavour+tt.want+".pdf", archived(t, tt.version, tt.part, everyKind(t, tt.target)))
			if out := testkit.Tool(t, "verapdf", "-f", tt.flavour, "--format", "text", name); !strings.HasPrefix(out, tt.want) {
				t.Errorf("PDF/A-%s: %s, want %s", tt.flavour, out, tt.want)
			}
		})
	}
}

// TestColours holds where veraPDF is missing: what the forms may contain.
func TestColours(t *testing.T) {
	operator := regexp.MustCompile(`(?:^|\s)([A-Za-z'"*]+[01]?)(?:\s|$)`)
	allowed := strings.Fields("q Q cm g G w re f m l c s S b BT Tf Td Tj ET Do")
	for _, target := range []stamp.Target{{}, {NoTransparency: true}, {NoTransparency: true, Calibrated: true}} {
		v, all := forms(t, document(t, everyKind(t, target)))
		for i, form := range all {
			content, err := v.StreamData(form, 0)
			if err != nil {
				t.Fatal(err)
			}
			plain := regexp.MustCompile(`<[0-9A-F]*>|/\w+`).ReplaceAll(content, nil)
			for _, m := range operator.FindAllStringSubmatch(string(bytes.ReplaceAll(plain, []byte(" "), []byte("  "))), -1) {
				if !slices.Contains(allowed, m[1]) {
					t.Errorf("form %d uses the operator %s", i, m[1])
				}
			}
			resources := resolve[pdf.Dict](t, v, form.Dict["Resources"])
			if form.Dict["Group"] != nil || resources["ExtGState"] != nil || resources["Pattern"] != nil {
				t.Errorf("form %d: %v", i, form.Dict)
			}
			if got := resources["ColorSpace"] != nil; got != target.Calibrated {
				t.Errorf("form %d, %+v: default colour space is %v", i, target, got)
			}
			if resources["XObject"] == nil {
				continue
			}
			x := xobject(t, v, form)
			if x.Dict["SMask"] != nil && target.NoTransparency || x.Dict["Interpolate"] != nil {
				t.Errorf("form %d, %+v: %v", i, target, x.Dict)
			}
			if name := spaceName(t, v, x.Dict["ColorSpace"]); target.Calibrated && strings.Contains(name, "Device") {
				t.Errorf("form %d: %s in a calibrated file", i, name)
			}
		}
	}
}
