package cms

import (
	"crypto"
	"crypto/rand"
	"testing"

	"absah/internal/sigalg"
)

func benchSigner(b *testing.B) (*Signer, person) {
	p := testPerson(b, "p256")
	s, err := NewSigner(SignerOptions{Certificate: p.cert, Chain: [][]byte{testPerson(b, "p384").cert, testPerson(b, "rsa").cert}})
	if err != nil {
		b.Fatal(err)
	}
	return s, p
}

func BenchmarkNewSigner(b *testing.B) {
	_, p := benchSigner(b)
	o := SignerOptions{Certificate: p.cert, Chain: [][]byte{testPerson(b, "p384").cert, testPerson(b, "rsa").cert}}
	for b.Loop() {
		if _, err := NewSigner(o); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkBuild is all the work around one signature but the key's: options to finished DER with a chain of three.
func BenchmarkBuild(b *testing.B) {
	_, p := benchSigner(b)
	o := SignerOptions{Certificate: p.cert, Chain: [][]byte{testPerson(b, "p384").cert, testPerson(b, "rsa").cert}}
	digest, sig := digestOf(crypto.SHA256, letter), make([]byte, 71)
	for b.Loop() {
		s, err := NewSigner(o)
		if err != nil {
			b.Fatal(err)
		}
		attrs, err := s.SignedAttributes(digest)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := s.Finish(attrs, sig, nil); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkSign is BenchmarkBuild with a P-256 key, BenchmarkKey the key alone.
func BenchmarkSign(b *testing.B) {
	s, p := benchSigner(b)
	digest := digestOf(crypto.SHA256, letter)
	for b.Loop() {
		if _, err := s.Sign(rand.Reader, p.key, digest, nil); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkKey(b *testing.B) {
	s, p := benchSigner(b)
	attrs, _ := s.SignedAttributes(digestOf(crypto.SHA256, letter))
	for b.Loop() {
		if _, err := p.key.Sign(rand.Reader, digestOf(crypto.SHA256, attrs), crypto.SHA256); err != nil {
			b.Fatal(err)
		}
	}
}

func signedForBench(b *testing.B) []byte {
	s, p := benchSigner(b)
	der, err := s.Sign(rand.Reader, p.key, digestOf(crypto.SHA256, letter), nil)
	if err != nil {
		b.Fatal(err)
	}
	return append(der, make([]byte, 4096)...)
}

func BenchmarkParse(b *testing.B) {
	der := signedForBench(b)
	b.SetBytes(int64(len(der)))
	for b.Loop() {
		if _, err := Parse(der); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCheck(b *testing.B) {
	sd, err := Parse(signedForBench(b))
	if err != nil {
		b.Fatal(err)
	}
	pub, digest := testPerson(b, "p256").key.Public(), digestOf(crypto.SHA256, letter)
	for b.Loop() {
		if c := sd.SignerInfos[0].Check(pub, digest); c.Err != nil {
			b.Fatal(c.Err)
		}
	}
}

func BenchmarkAddUnsigned(b *testing.B) {
	der := signedForBench(b)
	a := Attribute{OIDSignatureTimeStamp, [][]byte{tlv(tagSequence, octetString(make([]byte, 5000)))}}
	for b.Loop() {
		if _, err := AddUnsigned(der, a); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkParseSPKI(b *testing.B) {
	c, err := parseCertificate(testPerson(b, "p256").cert)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := sigalg.ParsePublicKey(c.spki); err != nil {
			b.Fatal(err)
		}
	}
}
