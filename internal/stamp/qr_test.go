package stamp_test

import (
	"regexp"
	"strconv"
	"strings"
	"testing"

	"rsc.io/qr"

	"absah/internal/stamp"
	"absah/internal/testkit"
)

// TestQRModules paints the rectangles of the form into a grid and compares it with the symbol of the library's own front door.
func TestQRModules(t *testing.T) {
	rect := regexp.MustCompile(`(?m)^(\d+) (\d+) (\d+) (\d+) re$`)
	for _, text := range []string{"1", "https://tte.contoh.example/v/8F3K-27QM", "HTTPS://CONTOH.EXAMPLE/V/1", strings.Repeat("panjang ", 60), "01234567890123456789"} {
		want, err := qr.Encode(text, qr.M)
		if err != nil {
			t.Fatal(err)
		}
		v, form := drawn(t, stamp.QR{Text: text}, 100, 60)
		content, err := v.StreamData(form, 0)
		if err != nil {
			t.Fatal(err)
		}
		grid := map[[2]int]bool{}
		all := rect.FindAllStringSubmatch(string(content), -1)
		for _, m := range all {
			var n [4]int
			for i := range n {
				n[i], _ = strconv.Atoi(m[i+1])
			}
			for x := n[0]; x < n[0]+n[2]; x++ {
				for y := n[1]; y < n[1]+n[3]; y++ {
					if grid[[2]int{x, y}] {
						t.Errorf("%.20q: module %d,%d is painted twice", text, x, y)
					}
					grid[[2]int{x, y}] = true
				}
			}
		}
		for x := -4; x < want.Size+4; x++ {
			for y := -4; y < want.Size+4; y++ {
				// The form counts from below and has four light modules around.
				if got := grid[[2]int{x + 4, want.Size + 3 - y}]; got != want.Black(x, y) {
					t.Fatalf("%.20q: module %d,%d is %v, want %v", text, x, y, got, want.Black(x, y))
				}
			}
		}
		if strings.Count(string(content), "\nf\n") != 1 {
			t.Errorf("%.20q: the modules are not one path", text)
		}
		if len(all) > want.Size*want.Size/3 {
			t.Errorf("%.20q: %d rectangles for %d modules: runs are not merged", text, len(all), want.Size*want.Size)
		}
	}
}

// TestQRScans reads symbols with a scanner.
func TestQRScans(t *testing.T) {
	for _, text := range []string{"https://tte.contoh.example/v/8F3K-27QM", "Surat No. 1/II/2027 – é", strings.Repeat("0123456789abcdef/", 12)} {
		name := testkit.Keep(t, "qr.pdf", document(t, stamped{page: stamp.Page{MediaBox: a4}, look: stamp.QR{Text: text, Caption: "Pindai"}, pos: at(36, 36, 120, 120)}))
		if got := scan(t, name); got != text {
			t.Errorf("the scanner reads %q, want %q", got, text)
		}
	}
}

func TestQRCaption(t *testing.T) {
	tests := []struct {
		caption string
		w, h    float64
		want    string
	}{
		{"", 72, 72, ""},
		{"8F3K-27QM", 72, 80, "8F3K-27QM"},
		{"8F3K-27QM", 72, 72, "8F3K-27QM"}, // the symbol gives way a little
		{"Pindai untuk memeriksa keaslian surat ini di halaman resmi", 72, 90, "Pindai untuk memeriksa|keaslian surat ini di halaman…"},
		{"8F3K-27QM", 12, 12, ""},
	}
	for _, tt := range tests {
		v, form := drawn(t, stamp.QR{Text: "x", Caption: tt.caption}, tt.w, tt.h)
		if got := strings.Join(linesOf(texts(t, v, form)), "|"); got != tt.want {
			t.Errorf("QR with caption %q in %v × %v shows %q, want %q", tt.caption, tt.w, tt.h, got, tt.want)
		}
	}
	if _, err := (stamp.QR{}).Draw(discard(), 10, 10); err == nil {
		t.Error("a QR without text: no error")
	}
}
