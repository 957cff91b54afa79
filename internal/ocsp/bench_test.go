package ocsp_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"testing"
	"time"

	"absah/internal/ocsp"
)

// BenchmarkCreate measures one answer with the delegated responder's certificate inside; BenchmarkBareSignature is its floor.
func BenchmarkCreate(b *testing.B) {
	key, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	t := ocsp.Template{
		ProducedAt: now, ResponderKey: keyBits, Certificates: [][]byte{make([]byte, 600)},
		Singles: []ocsp.Single{{ID: id(crypto.SHA1, 1), Reason: -1, ThisUpdate: now, NextUpdate: now.Add(time.Hour)}},
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ocsp.Create(rand.Reader, t, key); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkBareSignature(b *testing.B) {
	key, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	tbs := make([]byte, 200)
	b.ReportAllocs()
	for b.Loop() {
		sum := sha256.Sum256(tbs)
		if _, err := ecdsa.SignASN1(rand.Reader, key, sum[:]); err != nil {
			b.Fatal(err)
		}
	}
}
