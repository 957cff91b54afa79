package tsp_test

import (
	"bytes"
	"crypto"
	"math/big"
	"testing"

	"absah/internal/testkit"
	"absah/tsp"
)

func FuzzParseToken(f *testing.F) {
	p := testkit.NewPKI(f, nil)
	stranger := testkit.NewPKI(f, nil).TSA.Certificate.Raw
	f.Add(token(f, p, "isi"))
	f.Add(forged{by: p.TSA, unbound: true, content: tst("20270112023000.5Z", el(0x30, one, el(0x80, one[2:])), yes, one, el(0xa0, el(0xa4, el(0x30))), el(0xa1, extension(false)))}.der(f))
	f.Fuzz(func(t *testing.T, b []byte) {
		tok, err := tsp.ParseToken(b)
		if err != nil {
			return
		}
		if !bytes.HasPrefix(b, tok.Raw) || tok.Info.Accuracy < 0 || tok.Info.GenTime.Year() > 9999 {
			t.Errorf("accepted %+v", tok.Info)
		}
		if c := tok.Check([][]byte{stranger}); c.Err == nil && bytes.Equal(c.Certificate, stranger) {
			t.Error("the token verifies under a certificate that signed none of the seeds")
		}
		_ = tok.MatchesMessage([]byte("isi"))
		der, err := tok.Info.Marshal()
		if err != nil && tok.Info.Hash == 0 {
			t.Errorf("a TSTInfo that was read cannot be written: %v", err) // a digest of the wrong length is refused on purpose
		}
		if err == nil && len(der) == 0 {
			t.Error("an empty TSTInfo")
		}
	})
}

func FuzzParseRequest(f *testing.F) {
	r, _ := tsp.NewRequest(crypto.SHA256, make([]byte, 32), big.NewInt(1))
	der, _ := r.Marshal()
	f.Add(der)
	f.Add(el(0x30, one, imprint(foreignOID, []byte{1}), foreignOID, one, yes, el(0xa0, extension(true))))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := tsp.ParseRequest(b)
		if err != nil {
			return
		}
		again, err := r.Marshal()
		if err != nil {
			t.Fatalf("a request that was read cannot be written: %v", err)
		}
		if r2, err := tsp.ParseRequest(again); err != nil || r2.HashOID != r.HashOID || !bytes.Equal(r2.Digest, r.Digest) || r2.Policy != r.Policy || r2.CertReq != r.CertReq || len(r2.Extensions) != len(r.Extensions) {
			t.Errorf("what was written reads as %+v, %v, want %+v", r2, err, r)
		}
	})
}

func FuzzParseResponse(f *testing.F) {
	p := testkit.NewPKI(f, nil)
	req, _ := tsp.NewRequest(crypto.SHA256, make([]byte, 32), big.NewInt(1))
	tok, err := p.Answer(req)
	if err != nil {
		f.Fatal(err)
	}
	granted, _ := (&tsp.Response{Status: tsp.Granted, Token: tok, Text: "baik"}).Marshal()
	refused, _ := tsp.Refuse(tsp.BadAlg, "alasan").Marshal()
	f.Add(granted)
	f.Add(refused)
	other, _ := tsp.NewRequest(crypto.SHA256, bytes.Repeat([]byte{1}, 32), big.NewInt(1))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := tsp.ParseResponse(b)
		if err != nil {
			return
		}
		if _, err := r.Check(other); err == nil {
			t.Error("a token over a digest that nobody signed")
		}
		if len(r.Text) > 1000 || (r.Token != nil) != (r.Status == tsp.Granted || r.Status == tsp.GrantedWithMods) {
			t.Errorf("accepted %+v", r)
		}
		if _, err := r.Marshal(); err != nil {
			t.Errorf("a response that was read cannot be written: %v", err)
		}
	})
}
