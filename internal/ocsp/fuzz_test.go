package ocsp_test

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"math/big"
	"testing"

	"absah/internal/ocsp"
)

func FuzzParseRequest(f *testing.F) {
	der, _ := ocsp.NewRequest([]ocsp.CertID{id(crypto.SHA1, 7), id(crypto.SHA256, 8)}, []byte("0123456789abcdef"))
	f.Add(der)
	f.Add(request(el(0x30, el(0x30, certID)), el(0xa2, el(0x30, ext(foreignOID, false, nil)))))
	f.Add(el(0x30, el(0x30, el(0xa0, el(2, []byte{0})), el(0x30, el(0x30, certID, el(0xa0, el(0x30, ext(foreignOID, false, nil)))))), el(0xa0, el(0x30))))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := ocsp.ParseRequest(b)
		if err != nil {
			return
		}
		if len(r.IDs) == 0 || len(r.Nonce) > 128 || r.Nonce != nil && len(r.Nonce) == 0 {
			t.Errorf("accepted %+v", r)
		}
		again, err := ocsp.NewRequest(r.IDs, r.Nonce)
		if err != nil {
			t.Fatalf("a request that was read cannot be written: %v", err)
		}
		r2, err := ocsp.ParseRequest(again)
		if err != nil || len(r2.IDs) != len(r.IDs) || !bytes.Equal(r2.Nonce, r.Nonce) {
			t.Errorf("what was written reads as %+v, %v", r2, err)
		}
	})
}

func FuzzParseResponse(f *testing.F) {
	key := newKey(f)
	singles := []ocsp.Single{
		{ID: id(crypto.SHA1, 1), Reason: -1, ThisUpdate: now, NextUpdate: now, ArchiveCutoff: now},
		{ID: id(crypto.SHA256, 2), Status: ocsp.Revoked, RevokedAt: now, Reason: 1, ThisUpdate: now},
		{ID: id(crypto.SHA1, 3), Status: ocsp.Unknown, ThisUpdate: now},
	}
	byKey, _ := ocsp.Create(rand.Reader, ocsp.Template{ProducedAt: now, ResponderKey: keyBits, Nonce: []byte("n"), Singles: singles}, key)
	byName, _ := ocsp.Create(rand.Reader, ocsp.Template{ProducedAt: now, ResponderName: subject, ExtendedRevoke: true, Certificates: [][]byte{{0x30, 0}}, Singles: singles[:1]}, key)
	f.Add(byKey)
	f.Add(byName)
	f.Add(ocsp.ErrorResponse(ocsp.TryLater))
	asked := &ocsp.Request{IDs: []ocsp.CertID{id(crypto.SHA1, 1)}, Nonce: []byte("n")}
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := ocsp.Parse(b)
		if err != nil || r.Status != ocsp.Successful {
			return
		}
		if !bytes.Contains(b, r.TBS) || (r.ResponderName == nil) == (r.ResponderKey == nil) {
			t.Errorf("accepted %+v", r)
		}
		_ = r.VerifySignature(key.Public())
		_ = r.Answers(asked)
		_, _ = r.Find(subject, keyBits, big.NewInt(1))
	})
}
