package pades_test

import (
	"bytes"
	"context"
	"testing"

	"absah/internal/letter"
	"absah/internal/testkit"
	"absah/pades"
)

// BenchmarkSign is one signature at B-B on a letter in memory, our own check of the result included.
func BenchmarkSign(b *testing.B) {
	p := testkit.NewPKI(b, nil)
	var doc bytes.Buffer
	if _, err := (letter.Letter{Date: p.Now}).Write(&doc); err != nil {
		b.Fatal(err)
	}
	o := pades.SignOptions{Certificate: p.Signer.Certificate.Raw, Chain: p.Signer.Chain, Time: p.Now}
	var out bytes.Buffer
	b.SetBytes(int64(doc.Len()))
	b.ReportAllocs()
	for b.Loop() {
		out.Reset()
		if err := pades.Sign(context.Background(), &out, bytes.NewReader(doc.Bytes()), int64(doc.Len()), p.Signer.Key, o); err != nil {
			b.Fatal(err)
		}
	}
}
