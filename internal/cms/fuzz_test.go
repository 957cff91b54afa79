package cms

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"testing"

	"absah/internal/sigalg"
)

func FuzzParse(f *testing.F) {
	p := testPerson(f, "p256")
	pub := testPerson(f, "p384").key.Public() // nothing may verify under a key that signed none of the seeds
	f.Add(forge{who: p, content: letter}.build(f))
	f.Add(forge{who: p, content: letter, noAttrs: true, signers: 2}.build(f))
	f.Add(forge{who: p, content: letter, attrsHeader: func(c []byte) []byte { return indefinite(0xa0, c) }}.build(f))
	f.Add(forge{who: p, content: letter, econtent: tlv(tagSequence, derOID(OIDTSTInfo), indefinite(0xa0, indefinite(0x24, octetString(letter))))}.build(f))
	f.Add(forge{who: p, content: letter, unsigned: tlv(0xa1, attr(OIDSignatureTimeStamp, tlv(tagSequence))), crls: tlv(0xa1, derOID(oidOCSPBasic), tlv(tagSequence))}.build(f))
	f.Fuzz(func(t *testing.T, b []byte) {
		before := bytes.Clone(b)
		sd, err := Parse(b)
		if !bytes.Equal(b, before) {
			t.Fatal("Parse changed its input")
		}
		if err != nil {
			return
		}
		if !bytes.HasPrefix(b, sd.Raw) {
			t.Error("Raw is not the beginning of the input")
		}
		for _, c := range sd.Certificates {
			if _, err := parseCertificate(c); err == nil && !bytes.Contains(b, c) {
				t.Error("a certificate is not in the input byte for byte")
			}
		}
		for _, si := range sd.SignerInfos {
			if c := si.CheckContent(pub, letter); c.Err == nil || c.SignatureValid {
				t.Errorf("CheckContent under a strange key = %+v", c)
			}
			si.Check(pub, make([]byte, 32))
			if si.SignedAttrs != nil && !isDER(si.SignedAttrsDER, 0) {
				t.Errorf("SignedAttrsDER is not DER: %x", si.SignedAttrsDER)
			}
			si.RevocationInfo()
			for _, id := range si.SigningCertificates() {
				id.Matches(letter)
			}
		}
		again, err := Parse(sd.Raw)
		if err != nil || len(again.SignerInfos) != len(sd.SignerInfos) || again.Trailing != 0 {
			t.Errorf("Parse(Raw) = %v", err)
		}
		a := Attribute{OIDSignatureTimeStamp, [][]byte{tlv(tagSequence)}}
		der, err := AddUnsigned(b, a)
		if (err == nil) != (len(sd.SignerInfos) == 1) {
			t.Fatalf("AddUnsigned = %v with %d signers", err, len(sd.SignerInfos))
		}
		if err != nil {
			return
		}
		more, err := Parse(der)
		if err != nil {
			t.Fatalf("Parse(AddUnsigned) = %v", err)
		}
		if got, want := len(more.SignerInfos[0].UnsignedAttrs), len(sd.SignerInfos[0].UnsignedAttrs)+1; got != want {
			t.Errorf("%d unsigned attributes, want %d", got, want)
		}
		if !bytes.Equal(more.SignerInfos[0].SignedAttrsStored, sd.SignerInfos[0].SignedAttrsStored) || !bytes.Equal(more.EContent, sd.EContent) {
			t.Error("AddUnsigned changed what is signed")
		}
	})
}

// FuzzAddUnsigned: whatever attribute is added, the signature stays valid.
func FuzzAddUnsigned(f *testing.F) {
	p := testPerson(f, "p256")
	s, err := NewSigner(SignerOptions{Certificate: p.cert})
	if err != nil {
		f.Fatal(err)
	}
	der, err := s.Sign(rand.Reader, p.key, digestOf(crypto.SHA256, letter), nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(OIDSignatureTimeStamp, []byte{0x30, 0}, []byte{0x30, 0})
	f.Add("1.2", []byte{4, 1, 7}, []byte{})
	f.Fuzz(func(t *testing.T, oid string, first, second []byte) {
		out := der
		for _, content := range [][]byte{first, second} {
			a := Attribute{oid, [][]byte{tlv(tagOctetString, content)}}
			next, err := AddUnsigned(out, a)
			if err != nil {
				if sigalg.EncodeOID(oid) != nil {
					t.Errorf("AddUnsigned(%s) = %v", oid, err)
				}
				return
			}
			out = next
		}
		sd, err := Parse(out)
		if err != nil {
			t.Fatal(err)
		}
		if c := sd.SignerInfos[0].CheckContent(p.key.Public(), letter); c.Err != nil || len(sd.SignerInfos[0].UnsignedAttrs) != 2 || !isDER(out, 0) {
			t.Errorf("CheckContent = %+v with %d unsigned attributes", c, len(sd.SignerInfos[0].UnsignedAttrs))
		}
	})
}

func FuzzParseEnveloped(f *testing.F) {
	rsaKey, ecKey := testPerson(f, "rsa"), testPerson(f, "p256")
	cert, err := parseCertificate(rsaKey.cert)
	if err != nil {
		f.Fatal(err)
	}
	ktri := tlv(tagSequence, []byte{2, 1, 0}, tlv(tagSequence, cert.issuer, cert.serial), sigalg.NewAlgorithm(sigalg.OIDRSA, []byte{5, 0}).Raw, octetString(make([]byte, 256)))
	eph, err := x509.MarshalPKIXPublicKey(ecKey.key.Public())
	if err != nil {
		f.Fatal(err)
	}
	wrap := sigalg.NewAlgorithm("2.16.840.1.101.3.4.1.5", nil)
	kari := tlv(0xa1, []byte{2, 1, 3}, tlv(0xa0, append([]byte{0xa1, eph[1]}, eph[2:]...)), sigalg.NewAlgorithm("1.3.132.1.11.1", wrap.Raw).Raw,
		tlv(tagSequence, tlv(tagSequence, tlv(0xa0, octetString([]byte("k"))), octetString(make([]byte, 24)))))
	message := func(alg sigalg.AlgorithmIdentifier, recipients ...[]byte) []byte {
		return tlv(tagSequence, derOID(OIDEnvelopedData), tlv(0xa0, tlv(tagSequence, []byte{2, 1, 2}, tlv(tagSet, recipients...),
			tlv(tagSequence, derOID(OIDData), alg.Raw, tlv(0x80, make([]byte, 32))))))
	}
	aes := sigalg.NewAlgorithm("2.16.840.1.101.3.4.1.2", octetString(make([]byte, 16)))
	f.Add(message(aes, ktri))
	f.Add(message(aes, kari, ktri))
	f.Add(message(sigalg.NewAlgorithm(oidRC2, tlv(tagSequence, []byte{2, 1, 58}, octetString(make([]byte, 8)))), ktri, tlv(0xa3)))
	f.Add(message(sigalg.NewAlgorithm(oidRC4, nil), ktri))
	f.Fuzz(func(t *testing.T, b []byte) {
		e, err := ParseEnveloped(b)
		if err != nil {
			return
		}
		if len(e.Recipients) > 4 {
			e.Recipients = e.Recipients[:4] // RSA operations are slow
		}
		_, _ = e.Open(nil, ecKey.key)
		_, _ = e.Open(rsaKey.cert, rsaKey.key)
	})
}

// FuzzDER: re-encoding gives DER, and DER stays as it is.
func FuzzDER(f *testing.F) {
	f.Add(indefinite(0x30, []byte{2, 1, 5}))
	f.Add(indefinite(0x23, []byte{3, 2, 0, 0xf0}, []byte{3, 2, 4, 0x50}))
	f.Add([]byte{0x31, 6, 2, 1, 5, 2, 1, 3})
	f.Fuzz(func(t *testing.T, b []byte) {
		der, err := toDER(b)
		if err != nil {
			return
		}
		if isDER(b, 0) && !bytes.Equal(der, b) {
			t.Errorf("toDER(%x) = %x, but it was DER", b, der)
		}
		again, err := toDER(der)
		if err != nil || !bytes.Equal(again, der) {
			t.Errorf("toDER(%x) = %x, then %x, %v", b, der, again, err)
		}
		if !isDER(der, 0) {
			t.Errorf("toDER(%x) = %x, which is not DER", b, der)
		}
	})
}
