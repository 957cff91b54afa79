package cms

import (
	"bytes"
	"crypto"
	"crypto/ecdh"
	"crypto/rand"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"

	"absah/internal/sigalg"
)

// What OpenSSL encrypts for one of our people, they can open, and nobody else.
func TestOpenOpenSSL(t *testing.T) {
	cases := []struct {
		name, key string
		args      []string
	}{
		{"rsa-aes128", "rsa", []string{"-aes128"}},
		{"rsa-aes192", "rsa", []string{"-aes192"}},
		{"rsa-aes256-stream", "rsa", []string{"-aes256", "-stream"}},
		{"rsa-3des-keyid", "rsa", []string{"-des3", "-keyid"}},
		{"rsa-rc2-128", "rsa", []string{"-rc2-128", "-provider", "legacy", "-provider", "default"}},
		{"rsa-rc2-40", "rsa", []string{"-rc2-40", "-provider", "legacy", "-provider", "default"}},
		{"rsa-oaep", "rsa", []string{"-aes256", "-recip", "cert.pem", "-keyopt", "rsa_padding_mode:oaep"}},
		{"rsa-oaep-sha256", "rsa", []string{"-aes256", "-recip", "cert.pem", "-keyopt", "rsa_padding_mode:oaep", "-keyopt", "rsa_oaep_md:sha256"}},
		{"rsa-oaep-mgf-differs", "rsa", []string{"-aes256", "-recip", "cert.pem", "-keyopt", "rsa_padding_mode:oaep", "-keyopt", "rsa_oaep_md:sha512", "-keyopt", "rsa_mgf1_md:sha1", "-keyopt", "rsa_oaep_label:6162"}},
		{"p256", "p256", []string{"-aes128"}},
		{"p384-sha384", "p384", []string{"-aes256", "-recip", "cert.pem", "-keyopt", "ecdh_kdf_md:sha384"}},
		{"p521-sha512", "p521", []string{"-aes256", "-recip", "cert.pem", "-keyopt", "ecdh_kdf_md:sha512"}},
		{"p521-keyid-stream", "p521", []string{"-aes192", "-keyid", "-stream"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			p, other := testPerson(t, c.key), testPerson(t, "rsa")
			if c.key == "rsa" {
				other = testPerson(t, "p256")
			}
			ssl := newOpenSSL(t, p)
			ssl.write("content", interopContent)
			ssl.write("other.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: other.cert}))
			args := append([]string{"cms", "-encrypt", "-binary", "-in", "content", "-outform", "DER", "-out", "env.der"}, c.args...)
			if !bytes.Contains([]byte(args[len(args)-1]), []byte(":")) {
				args = append(args, "other.pem", "cert.pem")
			}
			if err := ssl.run(args...); err != nil {
				t.Skip("this openssl cannot encrypt so")
			}
			e, err := ParseEnveloped(ssl.read("env.der"))
			if err != nil {
				t.Fatal(err)
			}
			for _, cert := range [][]byte{p.cert, nil} {
				if got, err := e.Open(cert, p.key); err != nil || !bytes.Equal(got, interopContent) {
					t.Errorf("Open(certificate given: %v) = %d octets, %v; want %d", cert != nil, len(got), err, len(interopContent))
				}
			}
			if _, err := e.Open(testPerson(t, "p384").cert, testPerson(t, "p256").key); c.key != "p384" && !errors.Is(err, ErrNotRecipient) {
				t.Errorf("Open by a stranger = %v, want %v", err, ErrNotRecipient)
			}
			// A damaged message must not open, and must not say why.
			for i := range e.Recipients {
				e.Recipients[i].EncryptedKey = bytes.Clone(e.Recipients[i].EncryptedKey)
				e.Recipients[i].EncryptedKey[9] ^= 1
			}
			if got, err := e.Open(p.cert, p.key); !errors.Is(err, ErrDecrypt) && !(err == nil && !bytes.Equal(got, interopContent)) {
				t.Errorf("Open of a damaged message = %d octets, %v; want %v", len(got), err, ErrDecrypt)
			}
		})
	}
}

// An unsupported cipher is named, whoever asks.
func TestOpenUnsupported(t *testing.T) {
	p := testPerson(t, "rsa")
	ssl := newOpenSSL(t, p)
	ssl.write("content", interopContent)
	ssl.must("cms", "-encrypt", "-binary", "-in", "content", "-outform", "DER", "-out", "env.der", "-camellia256", "cert.pem")
	e, err := ParseEnveloped(ssl.read("env.der"))
	if err != nil {
		t.Fatal(err)
	}
	var un *sigalg.UnsupportedError
	if _, err := e.Open(p.cert, p.key); !errors.As(err, &un) {
		t.Errorf("Open(camellia) = %v, want an UnsupportedError", err)
	}
	ssl.must("cms", "-encrypt", "-binary", "-in", "content", "-outform", "DER", "-out", "gcm.der", "-aes-256-gcm", "cert.pem")
	if _, err := ParseEnveloped(ssl.read("gcm.der")); !errors.Is(err, ErrContentType) {
		t.Errorf("ParseEnveloped(AuthEnvelopedData) = %v, want %v", err, ErrContentType)
	}
}

// Vectors of RFC 2268 §5.
func TestRC2(t *testing.T) {
	for _, c := range []struct {
		key    string
		bits   int
		pt, ct string
	}{
		{"0000000000000000", 63, "0000000000000000", "ebb773f993278eff"},
		{"ffffffffffffffff", 64, "ffffffffffffffff", "278b27e42e2f0d49"},
		{"3000000000000000", 64, "1000000000000001", "30649edf9be7d2c2"},
		{"88", 64, "0000000000000000", "61a8a244adacccf0"},
		{"88bca90e90875a", 64, "0000000000000000", "6ccf4308974c267f"},
		{"88bca90e90875a7f0f79c384627bafb2", 64, "0000000000000000", "1a807d272bbe5db1"},
		{"88bca90e90875a7f0f79c384627bafb2", 128, "0000000000000000", "2269552ab0f85ca6"},
		{"88bca90e90875a7f0f79c384627bafb216f80a6f85920584c42fceb0be255daf1e", 129, "0000000000000000", "5b78d3a43dfff1f1"},
	} {
		key, _ := hex.DecodeString(c.key)
		ct, _ := hex.DecodeString(c.ct)
		b, err := newRC2(key, c.bits)
		if err != nil {
			t.Fatal(err)
		}
		b.Decrypt(ct, ct)
		if got := hex.EncodeToString(ct); got != c.pt {
			t.Errorf("RC2(%s, %d bits) decrypts %s to %s, want %s", c.key, c.bits, c.ct, got, c.pt)
		}
	}
}

// X25519 recipients: the message is built here with the same derivation, RFC 8418 has no vectors that OpenSSL 3.0 can make.
func TestUnwrap(t *testing.T) {
	// RFC 3394 §4.6: 256 bits of key data with a 256-bit key.
	kek, _ := hex.DecodeString("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f")
	wrapped, _ := hex.DecodeString("28c9f404c4b810f4cbccb35cfb87f8263f5786e2d80ed326cbc7f0e71a99f43bfb988b9b7a02dd21")
	want := "00112233445566778899aabbccddeeff000102030405060708090a0b0c0d0e0f"
	got, err := unwrap(kek, wrapped)
	if err != nil || hex.EncodeToString(got) != want {
		t.Errorf("unwrap = %x, %v; want %s", got, err, want)
	}
	wrapped[3] ^= 1
	if got, err := unwrap(kek, wrapped); !errors.Is(err, ErrDecrypt) {
		t.Errorf("unwrap of a damaged key = %x, %v; want %v", got, err, ErrDecrypt)
	}
}

func corpus(t testing.TB) string {
	dir := os.Getenv("ABSAH_CORPUS")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared", "corpus")
	}
	if _, err := os.Stat(filepath.Join(dir, "manifest.csv")); err != nil {
		t.Skip("corpus not found; set ABSAH_CORPUS")
	}
	return dir
}

// The recipients of the corpus's public-key encrypted files give the 24 octets of seed and permissions (ISO 32000-2 §7.6.5).
func TestOpenCorpus(t *testing.T) {
	dir := corpus(t)
	if _, err := exec.LookPath("openssl"); err != nil {
		t.Skip("openssl is not installed")
	}
	// The manifest names decrypter1 (P-256) for the ECC file, but the message is for the P-521 key beside it.
	for _, c := range []struct{ file, key, cert string }{
		{"unsigned/pyhanko/minimal-pubkey-aes256.pdf", "selfsigned.key.pem", "selfsigned.cert.pem"},
		{"unsigned/pyhanko/minimal-with-field-pubkey-rc4.pdf", "selfsigned.key.pem", "selfsigned.cert.pem"},
		{"unsigned/pyhanko/minimal-pubkey-rc4-envelope.pdf", "keys-rsa/signer.key.pem", "testing-ca/interm/decrypter1-old.cert.pem"},
		{"unsigned/pyhanko/pubkey-rc2-test.pdf", "keys-rsa/signer.key.pem", "testing-ca/interm/decrypter1.cert.pem"},
		{"unsigned/pyhanko/pubkey-ecc-test.pdf", "keys-ecdsa/decrypter3.key.pem", ""},
		{"signed/pyhanko/signed-encrypted-pubkey-with-catalog-ref.pdf", "selfsigned.key.pem", "selfsigned.cert.pem"},
	} {
		t.Run(filepath.Base(c.file), func(t *testing.T) {
			pdf, err := os.ReadFile(filepath.Join(dir, c.file))
			if err != nil {
				t.Fatal(err)
			}
			// The array may hold one message for each group of people with the same rights.
			m := regexp.MustCompile(`/Recipients\s*\[?((?:\s*<[0-9a-fA-F\s]+>)+)`).FindSubmatch(pdf)
			if m == nil {
				t.Fatal("no Recipients")
			}
			keyDER, err := exec.Command("openssl", "pkcs8", "-topk8", "-nocrypt", "-outform", "DER", "-passin", "pass:secret",
				"-in", filepath.Join(dir, "testpki/pyhanko", c.key)).Output()
			if err != nil {
				t.Fatal(err)
			}
			key, err := x509.ParsePKCS8PrivateKey(keyDER)
			if err != nil {
				t.Fatal(err)
			}
			var cert []byte
			if c.cert != "" {
				b, err := os.ReadFile(filepath.Join(dir, "testpki/pyhanko", c.cert))
				if err != nil {
					t.Fatal(err)
				}
				block, _ := pem.Decode(b)
				cert = block.Bytes
			}
			opened := 0
			for _, h := range regexp.MustCompile(`[0-9a-fA-F]+`).FindAll(m[1], -1) {
				der, err := hex.DecodeString(string(h))
				if err != nil {
					t.Fatal(err)
				}
				e, err := ParseEnveloped(der)
				if err != nil {
					t.Fatal(err)
				}
				plain, err := e.Open(cert, key)
				switch {
				case err == nil && len(plain) == 24:
					opened++
				case err == nil:
					t.Errorf("Open = %d octets, want 24", len(plain))
				case !errors.Is(err, ErrNotRecipient) && !errors.Is(err, ErrDecrypt):
					t.Errorf("Open = %v", err)
				}
			}
			if opened != 1 {
				t.Errorf("%d messages opened, want 1", opened)
			}
		})
	}
}

// sealX25519 builds an EnvelopedData for an X25519 recipient named by key identifier.
func sealX25519(t *testing.T, to *ecdh.PublicKey) []byte {
	t.Helper()
	eph, err := ecdh.X25519().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	z, err := eph.ECDH(to)
	if err != nil {
		t.Fatal(err)
	}
	// The key-wrapped content key of RFC 3394 §4.6 cannot be used, as the wrapping key is fresh; so the content key is what unwraps.
	wrap := sigalg.NewAlgorithm("2.16.840.1.101.3.4.1.45", nil)
	kek := x963(crypto.SHA256, z, sharedInfo(wrap, nil, 32), 32)
	cek := bytes.Repeat([]byte{7}, 32)
	wrapped := wrapForTest(t, kek, cek)
	iv := bytes.Repeat([]byte{9}, 16)
	ct := cbcForTest(t, cek, iv, []byte("isi rahasia"))
	kari := tlv(0xa1,
		[]byte{tagInteger, 1, 3},
		tlv(0xa0, tlv(0xa1, sigalg.NewAlgorithm(sigalg.OIDX25519, nil).Raw, tlv(tagBitString, []byte{0}, eph.PublicKey().Bytes()))),
		sigalg.NewAlgorithm("1.3.132.1.11.1", wrap.Raw).Raw,
		tlv(tagSequence, tlv(tagSequence, tlv(0xa0, tlv(tagOctetString, []byte("kunci"))), tlv(tagOctetString, wrapped))),
	)
	return tlv(tagSequence, derOID(OIDEnvelopedData), tlv(0xa0, tlv(tagSequence, []byte{tagInteger, 1, 2}, tlv(tagSet, kari),
		tlv(tagSequence, derOID(OIDData), sigalg.NewAlgorithm("2.16.840.1.101.3.4.1.42", tlv(tagOctetString, iv)).Raw, tlv(0x80, ct)))))
}

func TestOpenX25519(t *testing.T) {
	key, err := ecdh.X25519().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	e, err := ParseEnveloped(sealX25519(t, key.PublicKey()))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := e.Open(nil, key); err != nil || string(got) != "isi rahasia" {
		t.Errorf("Open = %q, %v; want the content", got, err)
	}
	stranger, _ := ecdh.X25519().GenerateKey(rand.Reader)
	if got, err := e.Open(nil, stranger); !errors.Is(err, ErrDecrypt) {
		t.Errorf("Open by a stranger = %q, %v; want %v", got, err, ErrDecrypt)
	}
}
