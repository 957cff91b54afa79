package ca_test

import (
	"encoding/binary"
	"testing"

	"absah/internal/ca"
	"absah/internal/keystore"
)

// BenchmarkIssue is one person's certificate: checks, lints, intent, log, signature, reading back, storing. Key generation is left out.
func BenchmarkIssue(b *testing.B) {
	w := start(b, "", nil)
	r := person(b)
	var n uint64
	for b.Loop() {
		b.StopTimer()
		n++
		k, err := keystore.Generate(keystore.P256)
		if err != nil {
			b.Fatal(err)
		}
		r.PublicKey = k.Public()
		r.Approval = ca.Approval{1}
		binary.BigEndian.PutUint64(r.Approval[8:], n)
		b.StartTimer()
		tok, err := w.ca.Prepare(b.Context(), r)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := w.ca.Issue(b.Context(), tok); err != nil {
			b.Fatal(err)
		}
	}
}
