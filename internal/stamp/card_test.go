package stamp_test

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"absah/internal/pdf"
	"absah/internal/stamp"
	"absah/internal/testkit"
)

// shown is a line of text of a form, as its fonts' ToUnicode maps read it.
type shown struct {
	text string
	size float64
	x, y float64
}

var showText = regexp.MustCompile(`BT /F(\d+) ([\d.]+) Tf\n([-\d.]+) ([-\d.]+) Td\n<([0-9A-F]+)> Tj ET`)

func texts(t testing.TB, v *pdf.View, form *pdf.Stream) (out []shown) {
	t.Helper()
	fonts, _ := resolve[pdf.Dict](t, v, form.Dict["Resources"])["Font"].(pdf.Dict)
	content, err := v.StreamData(form, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range showText.FindAllStringSubmatch(string(content), -1) {
		meaning := toUnicode(t, decoded(t, v, resolve[pdf.Dict](t, v, fonts[pdf.Name("F"+m[1])])["ToUnicode"]))
		codes, _ := hex.DecodeString(m[5])
		var s []rune
		for ; len(codes) > 0; codes = codes[2:] {
			code := int(codes[0])<<8 | int(codes[1])
			r, ok := meaning[code]
			if !ok || code == 0 {
				t.Errorf("code %d has no character", code)
			}
			s = append(s, r)
		}
		line := shown{text: string(s)}
		line.size, _ = strconv.ParseFloat(m[2], 64)
		line.x, _ = strconv.ParseFloat(m[3], 64)
		line.y, _ = strconv.ParseFloat(m[4], 64)
		out = append(out, line)
	}
	return out
}

// drawn puts one appearance on a page and returns its form.
func drawn(t testing.TB, look drawer, w, h float64) (*pdf.View, *pdf.Stream) {
	t.Helper()
	v, all := forms(t, document(t, stamped{page: stamp.Page{MediaBox: [4]float64{0, 0, w, h}}, look: look, pos: at(0, 0, w, h)}))
	return v, all[0]
}

func linesOf(all []shown) (out []string) {
	for _, s := range all {
		out = append(out, s.text)
	}
	return out
}

func TestCardText(t *testing.T) {
	full := budi()
	full.Reason, full.Location, full.Caption = "Menyetujui", "Kota Contoh", "Salinan sesuai dengan aslinya"
	en := full
	en.Language, en.Zone = "en", stamp.WITA
	bare := stamp.Card{Name: "  Siti\nContoh ", Reason: " ", Location: "\u202e"}
	long := stamp.Card{Name: strings.Repeat("Panjang ", 40)}
	tests := []struct {
		name string
		card stamp.Card
		w, h float64
		want []string
	}{
		{"all fields", full, 300, 100, []string{
			"Ditandatangani secara elektronik oleh", "Budi Contoh, S.Kom., M.M.", "Kepala Dinas Komunikasi dan Informatika",
			"12 Januari 2027 09.30 WIB", "Alasan: Menyetujui", "Lokasi: Kota Contoh", "Salinan sesuai dengan aslinya",
		}},
		{"English, other zone", en, 300, 100, []string{
			"Electronically signed by", "Budi Contoh, S.Kom., M.M.", "Kepala Dinas Komunikasi dan Informatika",
			"12 January 2027 10:30 WITA", "Reason: Menyetujui", "Location: Kota Contoh", "Salinan sesuai dengan aslinya",
		}},
		{"default size", budi(), 180, 64, []string{
			"Ditandatangani secara elektronik oleh", "Budi Contoh, S.Kom., M.M.", "Kepala Dinas Komunikasi", "dan Informatika", "12 Januari 2027 09.30 WIB",
		}},
		{"blank fields", bare, 180, 64, []string{"Ditandatangani secara elektronik oleh", "Siti Contoh"}},
		{"least important lines go first", full, 160, 26, []string{
			"Ditandatangani secara elektronik oleh", "Budi Contoh, S.Kom., M.M.", "12 Januari 2027 09.30 WIB",
		}},
		{"only the name", full, 100, 9, []string{"Budi Contoh, S.Kom., M.M."}},
		{"shortened", long, 60, 16, []string{"Panjang Panjang", "Panjang Panjang Pan…"}},
	}
	for _, tt := range tests {
		v, form := drawn(t, tt.card, tt.w, tt.h)
		got := linesOf(texts(t, v, form))
		if !slices.Equal(got, tt.want) {
			t.Errorf("Card(%s) shows\n%q, want\n%q", tt.name, got, tt.want)
		}
	}
}

// TestCardFits draws cards of many sizes: every line lies inside, none is smaller than what can be read, and no two overlap.
func TestCardFits(t *testing.T) {
	card := budi()
	card.Name = "Prof. Dr. Ir. Raden Mas Panjang Nama Contohnegara, S.T., M.T., Ph.D."
	card.Position = "Pelaksana Tugas Kepala Bidang Pengelolaan Informasi pada Dinas Komunikasi dan Informatika"
	card.Reason, card.Location = "Menyetujui isi dokumen", "Kota Contoh"
	for _, qr := range []string{card.QR, ""} {
		card.QR = qr
		for _, w := range []float64{30, 50, 90, 142, 180, 280, 550} {
			for _, h := range []float64{12, 24, 49, 64, 90, 150, 300} {
				v, form := drawn(t, card, w, h)
				all := texts(t, v, form)
				if len(all) == 0 {
					t.Errorf("%v × %v: no text", w, h)
				}
				above := h
				for _, s := range all {
					bold := s.x + min(stamp.Regular().Width(s.text, s.size), stamp.Bold().Width(s.text, s.size))
					if s.size < 5 || s.x < 0 || bold > w+0.01 || s.y < 0 || s.y+stamp.Regular().CapHeight(s.size) > above+0.01 {
						t.Errorf("%v × %v, QR %q: line %+v (to %.1f) does not fit under %.1f", w, h, qr, s, bold, above)
					}
					above = s.y
				}
			}
		}
	}
}

func TestCardRefuses(t *testing.T) {
	for _, box := range [][2]float64{{0, 10}, {10, -1}, {1e6, 10}} {
		if _, err := budi().Draw(discard(), box[0], box[1]); err == nil {
			t.Errorf("Draw in a box of %v: no error", box)
		}
	}
	c := budi()
	c.QR = strings.Repeat("x", 3000)
	if _, err := c.Draw(discard(), 180, 64); err == nil || !strings.Contains(err.Error(), "3000 bytes") {
		t.Errorf("Draw with a long QR text: %v", err)
	}
}

// TestDeterministic draws twice, and at once from several goroutines, which must give the same bytes.
func TestDeterministic(t *testing.T) {
	page := stamped{page: stamp.Page{MediaBox: a4}, look: budi(), pos: at(10, 10, 180, 64)}
	want := document(t, page)
	results := make(chan []byte)
	for range 4 {
		go func() { results <- document(t, page) }()
	}
	for range 4 {
		if got := <-results; !bytes.Equal(got, want) {
			t.Error("the same card gave other bytes")
		}
	}
}

func TestDateTime(t *testing.T) {
	at := time.Date(2026, 12, 31, 17, 5, 0, 0, time.UTC)
	for _, tt := range []struct {
		zone     *time.Location
		language string
		want     string
	}{
		{nil, "", "1 Januari 2027 00.05 WIB"},
		{stamp.WITA, "id", "1 Januari 2027 01.05 WITA"},
		{stamp.WIT, "en", "1 January 2027 02:05 WIT"},
		{time.UTC, "en", "31 December 2026 17:05 UTC"},
		{time.FixedZone("", -3*3600-1800), "id", "31 Desember 2026 13.35 UTC-03:30"},
	} {
		if got := stamp.DateTime(at, tt.zone, tt.language); got != tt.want {
			t.Errorf("DateTime(%v, %q) = %q, want %q", tt.zone, tt.language, got, tt.want)
		}
	}
}

func TestCardAlt(t *testing.T) {
	want := "Tanda tangan elektronik Budi Contoh, S.Kom., M.M., Kepala Dinas Komunikasi dan Informatika, 12 Januari 2027 09.30 WIB"
	if got := budi().Alt(); got != want {
		t.Errorf("Alt() = %q, want %q", got, want)
	}
}

// TestTools shows the appearances to programs that we did not write.
func TestTools(t *testing.T) {
	name := testkit.Keep(t, "card.pdf", document(t, stamped{page: stamp.Page{MediaBox: a4}, look: budi(), pos: at(36, 36, 180, 64)}))
	t.Run("qpdf", func(t *testing.T) {
		if out := testkit.Tool(t, "qpdf", "--check", name); !strings.Contains(out, "No syntax or stream encoding errors") {
			t.Error(out)
		}
	})
	t.Run("mutool", func(t *testing.T) {
		if out := testkit.Tool(t, "mutool", "draw", "-q", "-F", "txt", "-o", "-", name); !strings.Contains(out, "Budi Contoh, S.Kom., M.M.") {
			t.Error(out)
		}
	})
	t.Run("pdftotext", func(t *testing.T) {
		if out := testkit.Tool(t, "pdftotext", name, "-"); !strings.Contains(out, "Ditandatangani secara elektronik oleh\n") {
			t.Error(out)
		}
	})
	t.Run("pdffonts", func(t *testing.T) {
		out := testkit.Tool(t, "pdffonts", name)
		lines := strings.Split(strings.TrimSpace(out), "\n")
		if len(lines) != 4 {
			t.Fatalf("want two fonts:\n%s", out)
		}
		for _, l := range lines[2:] {
			if !regexp.MustCompile(`^[A-Z]{6}\+Go\w+ +CID TrueType +Identity-H +yes yes yes`).MatchString(l) {
				t.Error(l)
			}
		}
	})
	t.Run("zbarimg", func(t *testing.T) {
		if n := render(t, name, 1, 200).dark(); n < 1000 {
			t.Fatalf("%d dark pixels", n)
		}
		if out := scan(t, name); out != budi().QR {
			t.Errorf("the QR reads %q, want %q", out, budi().QR)
		}
	})
}

// TestOwnSize keeps what a card adds to a document small.
func TestOwnSize(t *testing.T) {
	page := stamp.Page{MediaBox: a4}
	with := len(document(t, stamped{page: page, look: budi(), pos: at(36, 36, 180, 64)}))
	without := len(document(t, stamped{page: page, look: nothing{}, pos: at(36, 36, 180, 64)}))
	if n := with - without; n > 9000 {
		t.Errorf("the card adds %d bytes, want 9,000 at most", n)
	} else {
		t.Log(fmt.Sprint("the card adds ", n, " bytes"))
	}
}

type nothing struct{}

func (nothing) Draw(add stamp.Adder, w, h float64) (*pdf.Stream, error) {
	return pdf.NewStream(pdf.Dict{"Type": pdf.Name("XObject"), "Subtype": pdf.Name("Form"), "BBox": numbers([]float64{0, 0, w, h})}, nil), nil
}
