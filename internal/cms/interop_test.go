package cms

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"absah/internal/sigalg"
)

// person is a self-signed test identity.
type person struct {
	key  crypto.Signer
	cert []byte
}

var testKeys = map[string]func() (crypto.Signer, error){
	"rsa":     func() (crypto.Signer, error) { return rsa.GenerateKey(rand.Reader, 2048) },
	"p256":    func() (crypto.Signer, error) { return ecdsa.GenerateKey(elliptic.P256(), rand.Reader) },
	"p384":    func() (crypto.Signer, error) { return ecdsa.GenerateKey(elliptic.P384(), rand.Reader) },
	"p521":    func() (crypto.Signer, error) { return ecdsa.GenerateKey(elliptic.P521(), rand.Reader) },
	"ed25519": func() (crypto.Signer, error) { _, k, err := ed25519.GenerateKey(rand.Reader); return k, err },
}

var people = map[string]person{}

func testPerson(t testing.TB, kind string) person {
	t.Helper()
	if p, ok := people[kind]; ok {
		return p
	}
	key, err := testKeys[kind]()
	if err != nil {
		t.Fatal(err)
	}
	tmpl := &x509.Certificate{
		SerialNumber: big.NewInt(int64(0x81234567) + int64(len(people))),
		Subject:      pkix.Name{CommonName: "Budi Contoh " + kind, Organization: []string{"Instansi Contoh"}, Country: []string{"ID"}},
		NotBefore:    time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(2045, 1, 1, 0, 0, 0, 0, time.UTC),
		KeyUsage:    x509.KeyUsageDigitalSignature | x509.KeyUsageContentCommitment | x509.KeyUsageKeyEncipherment | x509.KeyUsageKeyAgreement,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageEmailProtection}, SubjectKeyId: []byte("kunci-" + kind),
	}
	cert, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	p := person{key, cert}
	people[kind] = p
	return p
}

// openssl is a folder with the files of one identity and the tool to run in it.
type openssl struct {
	t   *testing.T
	dir string
}

func newOpenSSL(t *testing.T, p person) openssl {
	t.Helper()
	if _, err := exec.LookPath("openssl"); err != nil {
		t.Skip("openssl is not installed")
	}
	o := openssl{t, t.TempDir()}
	der, err := x509.MarshalPKCS8PrivateKey(p.key)
	if err != nil {
		t.Fatal(err)
	}
	o.write("key.pem", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	o.write("cert.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: p.cert}))
	return o
}

func (o openssl) write(name string, b []byte) {
	o.t.Helper()
	if err := os.WriteFile(filepath.Join(o.dir, name), b, 0o600); err != nil {
		o.t.Fatal(err)
	}
}

func (o openssl) read(name string) []byte {
	o.t.Helper()
	b, err := os.ReadFile(filepath.Join(o.dir, name))
	if err != nil {
		o.t.Fatal(err)
	}
	return b
}

func (o openssl) run(args ...string) error {
	cmd := exec.Command("openssl", args...)
	cmd.Dir = o.dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		o.t.Logf("openssl %v: %v\n%s", args, err, out)
	}
	return err
}

func (o openssl) must(args ...string) {
	o.t.Helper()
	if err := o.run(args...); err != nil {
		o.t.Fatal(err)
	}
}

var interopContent = bytes.Repeat([]byte("Surat keterangan contoh.\n"), 400)

func digestOf(h crypto.Hash, b []byte) []byte {
	d := h.New()
	d.Write(b)
	return d.Sum(nil)
}

var interopSchemes = []struct {
	name, key string
	scheme    sigalg.Scheme
}{
	{"rsa-sha256", "rsa", sigalg.Scheme{}},
	{"rsa-sha512", "rsa", sigalg.Scheme{Hash: crypto.SHA512}},
	{"rsa-sha3-256", "rsa", sigalg.Scheme{Hash: crypto.SHA3_256}},
	{"pss-sha256", "rsa", sigalg.Scheme{PSS: true}},
	{"pss-sha384", "rsa", sigalg.Scheme{PSS: true, Hash: crypto.SHA384}},
	{"p256", "p256", sigalg.Scheme{}},
	{"p256-sha512", "p256", sigalg.Scheme{Hash: crypto.SHA512}},
	{"p384", "p384", sigalg.Scheme{}},
	{"p521", "p521", sigalg.Scheme{}},
	{"ed25519", "ed25519", sigalg.Scheme{}},
}

// Ours must verify in OpenSSL, and be read back by ourselves as what was asked for.
func TestOpenSSLVerifiesOurs(t *testing.T) {
	for _, c := range interopSchemes {
		for _, detached := range []bool{true, false} {
			name := c.name + "-attached"
			o := SignerOptions{Scheme: c.scheme, EContent: interopContent}
			if detached {
				name, o.EContent = c.name, nil
			}
			t.Run(name, func(t *testing.T) {
				p := testPerson(t, c.key)
				ssl := newOpenSSL(t, p)
				o.Certificate = p.cert
				o.Chain = [][]byte{testPerson(t, "p256").cert, testPerson(t, "rsa").cert}
				s, err := NewSigner(o)
				if err != nil {
					t.Fatal(err)
				}
				der, err := s.Sign(rand.Reader, p.key, digestOf(s.Hash(), interopContent), nil)
				if err != nil {
					t.Fatal(err)
				}
				if limit := s.MaxSize(0); len(der) > limit || len(der) < limit-8 {
					t.Errorf("MaxSize = %d, signature has %d", limit, len(der))
				}
				checkClean(t, der, p.key.Public(), interopContent)
				ssl.write("sig.der", der)
				ssl.write("content", interopContent)
				if c.key == "ed25519" {
					t.Skip("openssl 3.0 cannot verify Ed25519 over signed attributes; checked by ourselves above")
				}
				args := []string{"cms", "-verify", "-binary", "-inform", "DER", "-in", "sig.der", "-CAfile", "cert.pem", "-purpose", "any", "-out", "out", "-cades"}
				if detached {
					args = append(args, "-content", "content")
				}
				ssl.must(args...)
				if got := ssl.read("out"); !bytes.Equal(got, interopContent) {
					t.Errorf("openssl returned %d octets of content, want %d", len(got), len(interopContent))
				}
			})
		}
	}
}

// checkClean parses der and wants one good signature and nothing to note.
func checkClean(t *testing.T, der []byte, pub crypto.PublicKey, content []byte) *SignedData {
	t.Helper()
	sd, err := Parse(der)
	if err != nil {
		t.Fatal(err)
	}
	if len(sd.SignerInfos) != 1 {
		t.Fatalf("Parse found %d signers, want 1", len(sd.SignerInfos))
	}
	si := sd.SignerInfos[0]
	if c := si.CheckContent(pub, content); c.Err != nil || !c.DigestMatches || !c.SignatureValid || c.OverStoredBytesOnly {
		t.Errorf("CheckContent = %+v, want a good signature", c)
	}
	if notes := slices.Concat(sd.Notes, si.Notes); len(notes) != 0 {
		t.Errorf("notes on a clean signature: %v", notes)
	}
	return sd
}

// What OpenSSL signs, in DER and in streaming BER, must be read with exact bytes and verify.
func TestWeVerifyOpenSSL(t *testing.T) {
	cases := []struct {
		name, key string
		args      []string
		ber       bool
	}{
		{"rsa", "rsa", nil, false},
		{"rsa-sha512", "rsa", []string{"-md", "sha512"}, false},
		{"rsa-sha1", "rsa", []string{"-md", "sha1"}, false},
		{"rsa-nodetach-stream", "rsa", []string{"-nodetach", "-stream"}, true},
		{"rsa-noattr", "rsa", []string{"-noattr"}, false},
		{"rsa-keyid", "rsa", []string{"-keyid"}, false},
		{"pss", "rsa", []string{"-keyopt", "rsa_padding_mode:pss"}, false},
		{"pss-salt0", "rsa", []string{"-keyopt", "rsa_padding_mode:pss", "-keyopt", "rsa_pss_saltlen:0"}, false},
		{"pss-mgf-differs", "rsa", []string{"-keyopt", "rsa_padding_mode:pss", "-keyopt", "rsa_mgf1_md:sha1"}, false},
		{"pss-cades-stream", "rsa", []string{"-keyopt", "rsa_padding_mode:pss", "-cades", "-nodetach", "-stream"}, true},
		{"p256", "p256", nil, false},
		{"p256-cades", "p256", []string{"-cades"}, false},
		{"p384-sha384", "p384", []string{"-md", "sha384"}, false},
		{"p521-sha3", "p521", []string{"-md", "sha3-512"}, false},
		{"ed25519", "ed25519", []string{"-md", "sha512"}, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			p := testPerson(t, c.key)
			ssl := newOpenSSL(t, p)
			ssl.write("content", interopContent)
			args := append([]string{"cms", "-sign", "-binary", "-in", "content", "-outform", "DER", "-out", "sig.der", "-signer", "cert.pem", "-inkey", "key.pem"}, c.args...)
			if err := ssl.run(args...); err != nil {
				t.Skip("this openssl cannot make the signature")
			}
			sd, err := Parse(ssl.read("sig.der"))
			if err != nil {
				t.Fatal(err)
			}
			si := sd.SignerInfos[0]
			content := interopContent
			if slices.Contains(c.args, "-nodetach") {
				if content = sd.EContent; !bytes.Equal(content, interopContent) {
					t.Errorf("EContent has %d octets, want the %d that were signed", len(content), len(interopContent))
				}
			} else if sd.EContent != nil {
				t.Errorf("EContent of a detached signature has %d octets, want nil", len(sd.EContent))
			}
			if got := si.CheckContent(p.key.Public(), content); got.Err != nil || !got.DigestMatches || !got.SignatureValid {
				t.Errorf("CheckContent = %+v, want a good signature", got)
			}
			if got := si.CheckContent(p.key.Public(), append(slices.Clone(content), '.')); got.Err == nil || got.DigestMatches {
				t.Errorf("CheckContent of other content = %+v, want an error", got)
			}
			if len(sd.Certificates) != 1 || !bytes.Equal(sd.Certificates[0], p.cert) {
				t.Errorf("Certificates = %d, want the signer's, byte for byte", len(sd.Certificates))
			}
			if got := hasNote(sd.Notes, NoteBER); got != c.ber {
				t.Errorf("note %s = %v, want %v", NoteBER, got, c.ber)
			}
			if slices.Contains(c.args, "-keyid") {
				if !bytes.Equal(si.SubjectKeyID, []byte("kunci-rsa")) || si.Serial != nil {
					t.Errorf("signer named by %q, want the key identifier", si.SubjectKeyID)
				}
			}
			if slices.Contains(c.args, "-cades") {
				ids := si.SigningCertificates()
				if len(ids) != 1 || !ids[0].Matches(p.cert) || ids[0].Matches(testPerson(t, "p521").cert) {
					t.Errorf("SigningCertificates = %+v, want the signer's", ids)
				}
			}
		})
	}
}

func hasNote(notes []Note, code string) bool {
	return slices.ContainsFunc(notes, func(n Note) bool { return n.Code == code })
}
