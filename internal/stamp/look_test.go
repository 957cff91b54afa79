package stamp_test

import (
	"testing"
	"time"

	"absah/internal/stamp"
	"absah/internal/testkit"
)

var a4 = [4]float64{0, 0, 595, 842}

func budi() stamp.Card {
	return stamp.Card{
		Name: "Budi Contoh, S.Kom., M.M.", Position: "Kepala Dinas Komunikasi dan Informatika",
		Time: time.Date(2027, 1, 12, 2, 30, 0, 0, time.UTC), QR: "https://tte.contoh.example/v/8F3K-27QM",
	}
}

func at(x, y, w, h float64) stamp.Position { return stamp.Position{X: x, Y: y, W: w, H: h} }

func TestLook(t *testing.T) {
	full := budi()
	full.Reason, full.Location = "Menyetujui isi dokumen", "Kota Contoh"
	noQR := full
	noQR.QR = ""
	long := full
	long.Name = "Prof. Dr. Ir. Raden Mas Panjang Nama Sekali Contohnegara, S.T., M.T., M.Sc., Ph.D."
	long.Position = "Pelaksana Tugas Kepala Bidang Pengelolaan Informasi, Statistik dan Persandian pada Dinas Komunikasi dan Informatika Provinsi Contoh"
	short := stamp.Card{Name: "Siti Contoh", Time: full.Time}
	en := full
	en.Language = "en"
	page := stamped{page: stamp.Page{MediaBox: a4}, look: budi(), pos: at(30, 760, 180, 64)}
	page.more = []stamped{
		{look: full, pos: at(230, 760, 180, 64)},
		{look: noQR, pos: at(430, 760, 140, 64)},
		{look: long, pos: at(30, 680, 180, 64)},
		{look: short, pos: at(230, 680, 180, 64)},
		{look: en, pos: at(430, 680, 150, 54)},
		{look: full, pos: at(30, 560, 90, 100)},
		{look: full, pos: at(140, 570, 90, 90)},
		{look: full, pos: at(250, 570, 60, 90)},
		{look: full, pos: at(330, 610, 50, 50)},
		{look: full, pos: at(400, 640, 20, 20)},
		{look: noQR, pos: at(430, 600, 60, 60)},
		{look: full, pos: at(30, 400, 400, 140)},
		{look: full, pos: at(450, 500, 120, 40)},
		{look: full, pos: at(450, 460, 120, 24)},
		{look: stamp.QR{Text: full.QR}, pos: at(30, 300, 72, 72)},
		{look: stamp.QR{Text: full.QR, Caption: "Pindai untuk memeriksa"}, pos: at(130, 290, 80, 90)},
		{look: stamp.QR{Text: full.QR, Caption: "8F3K-27QM"}, pos: at(230, 300, 150, 60)},
		{look: stamp.Card{Name: "Ḥasan ʿAbdullāh □ 王小明 Ñandú Žluťoučký", Position: "Ketua\tTim\u202e gnuj"}, pos: at(30, 200, 180, 64)},
	}
	data := document(t, page)
	name := testkit.Keep(t, "look.pdf", data)
	testkit.Tool(t, "qpdf", "--check", name)
}

// TestRotations renders the same card on pages that are stored in four directions and must look the same.
func TestRotations(t *testing.T) {
	c := budi()
	var all []stamped
	for _, turn := range []int{0, 90, 180, 270} {
		box := [4]float64{-40, 25, 260, 225} // 300 × 200
		crop := [4]float64{-20, 45, 240, 205}
		if turn%180 != 0 {
			box, crop = [4]float64{-40, 25, 160, 325}, [4]float64{-20, 45, 140, 305}
		}
		for _, unit := range []float64{0, 2} {
			s := stamped{page: stamp.Page{MediaBox: box, CropBox: crop, Rotate: turn}, look: c, pos: at(60, 20, 180, 64)}
			if s.page.UserUnit = unit; unit != 0 {
				for i := range box {
					s.page.MediaBox[i] /= unit
					s.page.CropBox[i] /= unit
				}
			}
			all = append(all, s)
		}
	}
	name := testkit.Keep(t, "rotations.pdf", document(t, all...))
	testkit.Tool(t, "qpdf", "--check", name)
	first := render(t, name, 1, 144)
	if n := first.dark(); n < 2000 {
		t.Fatalf("page 1 has %d dark pixels, want a card", n)
	}
	for page := 2; page <= len(all); page++ {
		got := render(t, name, page, 144*max(1, all[page-1].page.UserUnit))
		if d := first.differs(got); d > 0.02 {
			t.Errorf("page %d (rotate %d, unit %v) differs from page 1 by %.3f", page, all[page-1].page.Rotate, all[page-1].page.UserUnit, d)
		}
	}
}
