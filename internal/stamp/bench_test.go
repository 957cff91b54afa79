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

// BenchmarkCardNew is a card of a signer that was not seen before: its fonts are packed anew.
func BenchmarkCardNew(b *testing.B) {
	c := budi()
	add := discard()
	letters := []rune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
	for n := 0; b.Loop(); n++ {
		i, j, k := n%52, n/52%52, n/52/52%52
		c.Name = string([]rune{letters[i], letters[j], letters[k]}) + "Contoh, S.Kom., M.M."
		c.Position = string([]rune{letters[j], letters[k], letters[i]}) + "Kepala Dinas Komunikasi"
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
