package stamp_test

import (
	"testing"

	"absah/internal/pdf"
	"absah/internal/stamp"
)

func discard() stamp.Adder {
	n := uint32(0)
	return func(pdf.Object) pdf.Ref { n++; return pdf.Ref{Num: n} }
}

func BenchmarkCard(b *testing.B) {
	c := budi()
	add := discard()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.Draw(add, stamp.CardWidth, stamp.CardHeight); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkQR(b *testing.B) {
	q := stamp.QR{Text: budi().QR}
	add := discard()
	for b.Loop() {
		if _, err := q.Draw(add, stamp.QRSide, stamp.QRSide); err != nil {
			b.Fatal(err)
		}
	}
}
