package pades_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"absah/internal/letter"
	"absah/internal/testkit"
	"absah/pades"
	"absah/trust"
)

// longLetter is a letter made 50 KB long by a comment.
func longLetter(b *testing.B, p *testkit.PKI) []byte {
	var w bytes.Buffer
	if _, err := (letter.Letter{Date: p.Now}).Write(&w); err != nil {
		b.Fatal(err)
	}
	doc := w.Bytes()
	table := bytes.LastIndex(doc, []byte("\nxref\n")) + 1
	head, _, ok := bytes.Cut(doc[table:], []byte("startxref\n"))
	if !ok {
		b.Fatal("the letter has no startxref")
	}
	pad := 50<<10 - len(doc)
	return fmt.Appendf(nil, "%s%%%s\n%sstartxref\n%d\n%%%%EOF\n", doc[:table], strings.Repeat(" ", pad-2), head, table+pad)
}

// BenchmarkSign is one signature at B-B on a letter in memory, our own check of the result included. The part that is ours to
// keep small is what is left without the key, the check of its value and the hash (absah bench sign tells the ratio).
func BenchmarkSign(b *testing.B) {
	long, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		b.Fatal(err)
	}
	for _, c := range []struct {
		name string
		key  crypto.Signer
	}{{"P-256", nil}, {"RSA-2048", long}} {
		b.Run(c.name, func(b *testing.B) {
			p := testkit.NewPKI(b, c.key)
			doc := longLetter(b, p)
			o := pades.SignOptions{Certificate: p.Signer.Certificate.Raw, Chain: p.Signer.Chain, Time: p.Now}
			var out bytes.Buffer
			b.SetBytes(int64(len(doc)))
			b.ReportAllocs()
			for b.Loop() {
				out.Reset()
				if err := pades.Sign(context.Background(), &out, bytes.NewReader(doc), int64(len(doc)), p.Signer.Key, o); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkVerify reads and judges what BenchmarkSign makes, the chain included: with one signature, and with more, one after the
// other.
func BenchmarkVerify(b *testing.B) {
	for _, n := range []int{1, 10, 100} {
		b.Run(strconv.Itoa(n), func(b *testing.B) { benchmarkVerify(b, n) })
	}
}

func benchmarkVerify(b *testing.B, signatures int) {
	p := testkit.NewPKI(b, nil)
	doc := longLetter(b, p)
	o := pades.SignOptions{Certificate: p.Signer.Certificate.Raw, Chain: p.Signer.Chain, Time: p.Now}
	var out bytes.Buffer
	for range signatures {
		out.Reset()
		if err := pades.Sign(context.Background(), &out, bytes.NewReader(doc), int64(len(doc)), p.Signer.Key, o); err != nil {
			b.Fatal(err)
		}
		doc = bytes.Clone(out.Bytes())
	}
	policy := trust.Basic()
	policy.Time, policy.Anchors, policy.Revocation, policy.CARevocation = p.Now, p.Anchors(b), trust.RevocationIgnored, trust.RevocationIgnored
	b.ReportAllocs()
	for b.Loop() {
		e, err := pades.Gather(context.Background(), bytes.NewReader(out.Bytes()), int64(out.Len()), pades.GatherOptions{})
		if err != nil {
			b.Fatal(err)
		}
		if r := pades.Judge(e, policy); r.Signatures[0].Indication != pades.TotalPassed {
			b.Fatalf("Judge = %s %s", r.Signatures[0].Indication, r.Signatures[0].SubIndication)
		}
	}
}
