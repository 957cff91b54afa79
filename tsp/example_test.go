package tsp_test

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"log"
	"math/big"
	"time"

	"absah/tsp"
)

// A client asks for a time-stamp over a message and checks the answer.
func Example() {
	message := []byte("Surat keputusan nomor 1")
	digest := sha256.Sum256(message)

	req, err := tsp.NewRequest(crypto.SHA256, digest[:], big.NewInt(20270112)) // use 64 random bits
	if err != nil {
		log.Fatal(err)
	}
	query, err := req.Marshal()
	if err != nil {
		log.Fatal(err)
	}
	resp, err := tsp.ParseResponse(authority(query)) // over HTTP: see package fetch
	if err != nil {
		log.Fatal(err)
	}
	token, err := resp.Check(req)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(token.Info.GenTime.Format(time.RFC3339Nano), "±", token.Info.Accuracy)
	fmt.Println("over the message:", token.MatchesMessage(message))
	fmt.Println("over another:", token.MatchesMessage([]byte("Surat keputusan nomor 2")))
	// Output:
	// 2027-01-12T02:30:00.25Z ± 500ms
	// over the message: true
	// over another: false
}

// authority is the other side: it reads a request and makes a token, or says why not.
func authority(query []byte) []byte {
	resp := tsp.Refuse(tsp.BadDataFormat, "the request cannot be read")
	if req, err := tsp.ParseRequest(query); err == nil {
		token, err := tsp.Create(rand.Reader, tsp.Info{
			Policy: "1.3.6.1.4.1.32473.1.4.1", Hash: req.Hash, Digest: req.Digest, Nonce: req.Nonce,
			Serial: big.NewInt(1), GenTime: time.Date(2027, 1, 12, 2, 30, 0, 250_000_000, time.UTC), Accuracy: 500 * time.Millisecond,
		}, authorityKey, authorityCertificate, nil, req.CertReq)
		if err == nil {
			resp = &tsp.Response{Status: tsp.Granted, Token: token}
		}
	}
	der, err := resp.Marshal()
	if err != nil {
		log.Fatal(err)
	}
	return der
}

var authorityKey, authorityCertificate = newAuthority()

func newAuthority() (crypto.Signer, []byte) {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		log.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "TSA Contoh"}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageTimeStamping},
		NotBefore: time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(2037, 1, 1, 0, 0, 0, 0, time.UTC),
	}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		log.Fatal(err)
	}
	return key, certificate
}
