package letter

import (
	"math"
	"strings"
	"time"

	"absah/internal/stamp"
)

// footer is the height of the line above the note at the bottom.
const footer = 52

// head is the letterhead with an emblem.
func (s *page) head(l Letter) {
	c, x, top := s.Page, float64(left+2), s.y+8
	const side = 50.0
	s.BeginFigure("Lambang rekaan "+l.Government, [4]float64{x, top - side, x + side, top})
	c.RoundRect(x, top-side, side, side, side/2, 1.6, false)
	c.RoundRect(x+4, top-side+4, side-8, side-8, side/2-4, 0.6, false)
	mark := initials(l.Government)
	c.Text(stamp.Bold(), 17, x+side/2-stamp.Bold().Width(mark, 17)/2, top-side/2-stamp.Bold().CapHeight(17)/2, mark)
	s.EndTag()

	s.y -= 4
	s.centred(stamp.Regular(), 13, strings.ToUpper(l.Government))
	s.y -= 19
	s.centred(stamp.Bold(), 17, strings.ToUpper(l.Agency))
	s.y -= 14
	s.centred(stamp.Regular(), 8.5, "Jalan Contoh Nomor 1, "+l.City+" 00000 · Telepon (000) 000000")
	s.y -= 11
	s.centred(stamp.Regular(), 8.5, "Laman dinas.contoh.example · Pos-el surat@dinas.contoh.example")
	s.y -= 10
	c.BeginArtifact()
	c.Line(left, s.y, right, s.y, 1.8)
	c.Line(left, s.y-2.6, right, s.y-2.6, 0.6)
	c.EndTag()
	s.y -= 10
}

// initials are the capitals of the last two words.
func initials(name string) string {
	words := strings.Fields(name)
	out := ""
	for _, w := range words[max(0, len(words)-2):] {
		for _, r := range w {
			out += strings.ToUpper(string(r))
			break
		}
	}
	return out
}

// opening is the date, the lines about the letter and the recipient.
func (s *page) opening(l Letter) {
	s.y -= leading
	date := l.City + ", " + stamp.Date(l.Date, nil, "")
	s.Begin("P")
	s.Text(stamp.Regular(), size, right-stamp.Regular().Width(date, size), s.y, date)
	s.EndTag()
	s.y += leading // the lines about the letter begin beside the date
	const colon, width = left + 58, 240
	s.row(left, colon, "Nomor", l.Number, width, stamp.Regular())
	s.row(left, colon, "Sifat", "Biasa", width, stamp.Regular())
	s.row(left, colon, "Lampiran", "–", width, stamp.Regular())
	s.row(left, colon, "Hal", l.Title, width, stamp.Bold())

	s.y -= 12
	for i, line := range l.Recipient {
		x := float64(left)
		if i == 0 {
			line = "Yth. " + line
		} else {
			x += stamp.Regular().Width("Yth. ", size)
		}
		s.line(x, line)
	}
	s.line(left, "di")
	s.line(left+stamp.Regular().Width("Yth. ", size), "Tempat")
	s.y -= 8
}

func (s *page) line(x float64, text string) {
	s.y -= leading
	s.Begin("P")
	s.Text(stamp.Regular(), size, x, s.y, text)
	s.EndTag()
}

// indent is the first line's indent of a paragraph.
const indent = 36

func (s *page) body(l Letter) {
	day := l.Date.In(stamp.WIB)
	start := time.Date(day.Year(), day.Month()+1, 1, 0, 0, 0, 0, stamp.WIB)
	event := workday(l.Date.AddDate(0, 0, 14))
	s.paragraph("Dalam rangka penyelenggaraan pemerintahan berbasis elektronik di lingkungan "+l.Government+", terhitung mulai tanggal "+
		stamp.Date(start, nil, "")+" naskah dinas keluar ditandatangani secara elektronik dengan sertifikat elektronik milik pejabat yang "+
		"bersangkutan. Naskah yang telah ditandatangani tidak lagi memerlukan tanda tangan basah dan cap dinas.", indent)
	s.paragraph("Sehubungan dengan hal tersebut, kami mengundang Saudara beserta satu orang pengelola persuratan untuk mengikuti "+
		"sosialisasi yang akan diselenggarakan pada:", indent)
	s.y += 2
	const colon, width = left + indent + 70, right - left - indent - 79
	s.row(left+indent, colon, "hari/tanggal", weekday(event)+", "+stamp.Date(event, nil, ""), width, stamp.Regular())
	s.row(left+indent, colon, "waktu", "pukul 09.00 WIB sampai dengan selesai", width, stamp.Regular())
	s.row(left+indent, colon, "tempat", "Aula "+l.Agency+", Jalan Contoh Nomor 1, "+l.City, width, stamp.Regular())
	s.row(left+indent, colon, "acara", "penerbitan sertifikat, penandatanganan, dan pemeriksaan keaslian dokumen", width, stamp.Regular())
	s.y -= 7
	s.paragraph("Peserta diharapkan membawa komputer jinjing serta telah mengajukan permohonan sertifikat elektronik paling lambat tiga hari "+
		"sebelum acara, sehingga penandatanganan pertama dapat dilakukan bersama. Keaslian surat ini dapat diperiksa siapa pun pada berkas "+
		"PDF aslinya; hasil cetak atau pindaian tidak memuat tanda tangan elektronik.", indent)
	s.paragraph("Demikian disampaikan. Atas perhatian dan kerja sama Saudara, kami mengucapkan terima kasih.", indent)
}

func workday(t time.Time) time.Time {
	for t.In(stamp.WIB).Weekday() == time.Saturday || t.In(stamp.WIB).Weekday() == time.Sunday {
		t = t.AddDate(0, 0, 1)
	}
	return t
}

func weekday(t time.Time) string {
	return [...]string{"Minggu", "Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu"}[t.In(stamp.WIB).Weekday()]
}

// closing is the place of the signature and the list of copies; it returns the room for the appearance.
func (s *page) closing(l Letter) stamp.Position {
	s.y -= 8
	for _, line := range stamp.Regular().Wrap(l.Office+",", size, right-column) {
		s.line(column, line)
	}
	const gap = 7
	box := stamp.Position{X: column, Y: math.Floor(s.y - gap - stamp.CardHeight), W: stamp.CardWidth, H: stamp.CardHeight}
	s.y = box.Y - 3
	s.Begin("P")
	for _, line := range stamp.Bold().Wrap(l.Signer, size, right-column) {
		s.y -= leading
		s.Text(stamp.Bold(), size, column, s.y, line)
	}
	s.EndTag()
	s.line(column, l.Rank)

	s.y -= 10
	for _, line := range []string{"Tembusan:", "Gubernur Contoh (sebagai laporan)"} {
		s.y -= 12.5
		s.Begin("P")
		s.Text(stamp.Regular(), 9, left, s.y, line)
		s.EndTag()
	}
	return box
}

func (s *page) foot() {
	c := s.Page
	c.BeginArtifact()
	c.StrokeGray(0.6)
	c.Line(left, footer, right, footer, 0.5)
	c.EndTag()
	s.Begin("P")
	c.Gray(0.35)
	c.Text(stamp.Regular(), 7.5, left, footer-11, "Surat contoh: instansi, nama, alamat, dan acara di dalamnya rekaan.")
	s.EndTag()
}
