package trust

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// corpusCertificates are all certificates of the corpus that stand in files of their own, by name.
func corpusCertificates(t testing.TB) map[string][]byte {
	out := map[string][]byte{}
	pkits := corpus(t, "pkits")
	for _, dir := range []string{filepath.Join(pkits, "certs"), corpus(t, "testpki")} {
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			b := readFile(t, path)
			if block, _ := pem.Decode(b); block != nil {
				if block.Type != "CERTIFICATE" {
					return nil
				}
				b = block.Bytes
			}
			if len(b) > 4 && b[0] == 0x30 && (strings.HasSuffix(path, ".crt") || strings.HasSuffix(path, ".cer") || strings.HasSuffix(path, ".pem") || strings.HasSuffix(path, ".der")) {
				out[filepath.Base(path)] = b
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	var file struct {
		Testcases []limboCase `json:"testcases"`
	}
	if err := json.Unmarshal(readFile(t, filepath.Join(corpus(t, "limbo"), "limbo-core.json")), &file); err != nil {
		t.Fatal(err)
	}
	for _, c := range file.Testcases {
		for i, s := range slices.Concat(c.TrustedCerts, c.UntrustedIntermediate, []string{c.PeerCertificate}) {
			block, _ := pem.Decode([]byte(s))
			out[c.ID+"#"+string(rune('0'+i%10))] = block.Bytes
		}
	}
	return out
}

// TestAgainstStandardLibrary reads every certificate of the corpus with both parsers and compares what both understand.
func TestAgainstStandardLibrary(t *testing.T) {
	certs := corpusCertificates(t)
	both, oursOnly := 0, 0
	for name, der := range certs {
		c, err := ParseCertificate(der)
		std, stdErr := x509.ParseCertificate(der)
		if err != nil {
			if stdErr == nil && !strings.HasPrefix(name, "pathological::nc-dos") { // names beyond maxAttributes
				t.Errorf("%s: %v; crypto/x509 reads it", name, err)
			}
			continue
		}
		if stdErr != nil {
			oursOnly++
			continue
		}
		both++
		differ := func(what string, ours, theirs any) {
			t.Errorf("%s: %s = %v, crypto/x509 has %v", name, what, ours, theirs)
		}
		for _, x := range []struct {
			what         string
			ours, theirs []byte
		}{
			{"Raw", c.Raw, std.Raw},
			{"RawTBS", c.RawTBS, std.RawTBSCertificate},
			{"RawSubject", c.RawSubject, std.RawSubject},
			{"RawIssuer", c.RawIssuer, std.RawIssuer},
			{"RawSPKI", c.RawSPKI, std.RawSubjectPublicKeyInfo},
			{"Signature", c.Signature, std.Signature},
			{"SubjectKeyID", c.SubjectKeyID, std.SubjectKeyId},
			{"AuthorityKeyID", c.AuthorityKeyID, std.AuthorityKeyId},
		} {
			if x.what == "Signature" && c.ns.has(NoteUnusedBits) {
				continue // crypto/x509 shifts the bits to the right
			}
			if !bytes.Equal(x.ours, x.theirs) {
				differ(x.what, x.ours, x.theirs)
			}
		}
		if c.Serial.Cmp(std.SerialNumber) != 0 || c.Version != std.Version || !c.NotBefore.Equal(std.NotBefore) || !c.NotAfter.Equal(std.NotAfter) {
			differ("serial, version or dates", c.Serial, std.SerialNumber)
		}
		if std.PublicKey != nil && c.PublicKey != nil {
			switch k := std.PublicKey.(type) {
			case *rsa.PublicKey:
				if !k.Equal(c.PublicKey) {
					differ("key", c.PublicKey, k)
				}
			case *ecdsa.PublicKey:
				if !k.Equal(c.PublicKey) {
					differ("key", c.PublicKey, k)
				}
			case ed25519.PublicKey:
				if !k.Equal(c.PublicKey) {
					differ("key", c.PublicKey, k)
				}
			}
		} else if std.PublicKey != nil && c.PublicKey == nil {
			differ("key", c.PublicKeyErr, std.PublicKeyAlgorithm)
		}
		if int(c.KeyUsage) != int(std.KeyUsage) {
			differ("key usage", c.KeyUsage, std.KeyUsage)
		}
		if std.BasicConstraintsValid && len(c.Malformed) == 0 {
			depth := -1
			if std.MaxPathLen > 0 || std.MaxPathLenZero {
				depth = std.MaxPathLen
			}
			if c.BasicConstraints == nil || c.BasicConstraints.CA != std.IsCA || c.BasicConstraints.MaxPathLen != depth {
				differ("basic constraints", c.BasicConstraints, std.MaxPathLen)
			}
		}
		var dns, mail []string
		for _, g := range c.SubjectAltNames {
			switch g.Kind {
			case DNS:
				dns = append(dns, g.Text)
			case Email:
				mail = append(mail, g.Text)
			}
		}
		if !slices.Equal(dns, std.DNSNames) || !slices.Equal(mail, std.EmailAddresses) {
			differ("alternative names", dns, std.DNSNames)
		}
		if !slices.Equal(c.OCSPServers, std.OCSPServer) || !slices.Equal(c.IssuerURLs, std.IssuingCertificateURL) {
			differ("addresses", c.OCSPServers, std.OCSPServer)
		}
		var points []string
		for _, d := range c.CRLDistribution {
			points = append(points, d.URLs()...)
		}
		if !slices.Equal(points, std.CRLDistributionPoints) {
			differ("distribution points", points, std.CRLDistributionPoints)
		}
		if len(c.Policies) != len(std.Policies) {
			differ("policies", c.Policies, std.Policies)
		}
		for i, p := range std.Policies {
			if c.Policies[i].OID != p.String() {
				differ("policy", c.Policies[i].OID, p)
			}
		}
		if len(c.ExtKeyUsage) != len(std.ExtKeyUsage)+len(std.UnknownExtKeyUsage) {
			differ("extended key usage", c.ExtKeyUsage, std.ExtKeyUsage)
		}
		if len(c.Extensions) != len(std.Extensions) {
			differ("extensions", len(c.Extensions), len(std.Extensions))
		}
		if cn := std.Subject.CommonName; cn != "" && cn != c.Subject.CommonName() {
			differ("common name", c.Subject.CommonName(), cn)
		}
		if len(c.UnknownCritical) != len(std.UnhandledCriticalExtensions) && !strings.HasPrefix(name, "Invalid") {
			// crypto/x509 leaves open what it can read but not enforce, name forms for instance.
			if len(std.UnhandledCriticalExtensions) < len(c.UnknownCritical) {
				differ("unknown critical", c.UnknownCritical, std.UnhandledCriticalExtensions)
			}
		}
	}
	if both < 500 {
		t.Errorf("only %d certificates were compared", both)
	}
	t.Logf("%d certificates read alike, %d more that crypto/x509 refuses", both, oursOnly)
}

// craft builds certificates byte by byte, with whatever is wrong with them. Its signature is nonsense.
type craft struct {
	version, serial, extensions []byte
	innerAlgorithm              []byte
	notBefore                   []byte
	trailing                    []byte
}

var (
	ecdsaSHA256 = []byte("\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02")
	utc2024     = []byte("\x17\x0d240101000000Z")
	utc2026     = []byte("\x17\x0d260101000000Z")
)

func (x craft) der(t testing.TB) []byte {
	t.Helper()
	key := issue(t, nil, "kunci").RawSPKI
	or := func(b, standard []byte) []byte {
		if b == nil {
			return standard
		}
		return b
	}
	var b cryptobyte.Builder
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddBytes(or(x.version, []byte("\xa0\x03\x02\x01\x02")))
			b.AddBytes(or(x.serial, []byte("\x02\x01\x05")))
			b.AddBytes(or(x.innerAlgorithm, ecdsaSHA256))
			b.AddBytes(commonName("CA Uji"))
			b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
				b.AddBytes(or(x.notBefore, utc2024))
				b.AddBytes(utc2026)
			})
			b.AddBytes(commonName("Budi Contoh"))
			b.AddBytes(key)
			if x.extensions != nil {
				b.AddASN1(cbasn1.Tag(3).ContextSpecific().Constructed(), func(b *cryptobyte.Builder) {
					b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) { b.AddBytes(x.extensions) })
				})
			}
		})
		b.AddBytes(ecdsaSHA256)
		b.AddASN1BitString([]byte{1, 2, 3})
	})
	return append(b.BytesOrPanic(), x.trailing...)
}

func commonName(cn string) []byte {
	var b cryptobyte.Builder
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1(cbasn1.SET, func(b *cryptobyte.Builder) {
			b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
				b.AddBytes([]byte("\x06\x03\x55\x04\x03"))
				b.AddASN1(cbasn1.UTF8String, func(b *cryptobyte.Builder) { b.AddBytes([]byte(cn)) })
			})
		})
	})
	return b.BytesOrPanic()
}

func TestTolerances(t *testing.T) {
	cases := []struct {
		name      string
		x         craft
		note      string
		malformed string
		check     func(c *Certificate) bool
	}{
		{name: "plain", check: func(c *Certificate) bool {
			return len(c.Notes) == 0 && c.Version == 3 && c.Issuer.CommonName() == "CA Uji"
		}},
		{name: "version 1", x: craft{version: []byte{}}, check: func(c *Certificate) bool { return c.Version == 1 }},
		{name: "version 1 written out", x: craft{version: []byte("\xa0\x03\x02\x01\x00")}, note: NoteDefaultEncoded},
		{name: "version 1 with extensions", x: craft{version: []byte{}, extensions: []byte("\x30\x0c\x06\x03\x55\x1d\x13\x01\x01\xff\x04\x02\x30\x00")}, note: NoteVersion, check: func(c *Certificate) bool { return c.BasicConstraints != nil && !c.IsCA() }},
		{name: "negative serial", x: craft{serial: []byte("\x02\x02\xff\x01")}, check: func(c *Certificate) bool {
			return c.Serial.Int64() == -255 && bytes.Equal(c.RawSerial, []byte{0xff, 1})
		}},
		{name: "padded serial", x: craft{serial: []byte("\x02\x02\x00\x01")}, note: NoteIntegerNotMinimal, check: func(c *Certificate) bool { return c.Serial.Int64() == 1 }},
		{name: "NULs after the end", x: craft{trailing: make([]byte, 7)}, note: NoteTrailingBytes, check: func(c *Certificate) bool { return c.Raw[len(c.Raw)-1] == 3 }},
		{name: "algorithms differ", x: craft{innerAlgorithm: []byte("\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x03")}, note: NoteAlgorithmDiffers},
		{name: "NULL against absent parameters", x: craft{innerAlgorithm: []byte("\x30\x0c\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02\x05\x00")}, check: func(c *Certificate) bool { return len(c.Notes) == 0 }},
		{name: "UTCTime without seconds", x: craft{notBefore: []byte("\x17\x0b2401010000Z")}, note: NoteTimeForm, check: func(c *Certificate) bool { return c.NotBefore.Equal(date("2024-01-01")) }},
		{name: "GeneralizedTime with zone", x: craft{notBefore: []byte("\x18\x1320240101070000+0700")}, note: NoteTimeForm, check: func(c *Certificate) bool { return c.NotBefore.Equal(date("2024-01-01")) }},
		{name: "TRUE as 01", x: craft{extensions: []byte("\x30\x0c\x06\x03\x55\x1d\x13\x01\x01\x01\x04\x02\x30\x00")}, note: NoteBooleanNotDER, check: func(c *Certificate) bool { return c.Extensions[0].Critical }},
		{name: "FALSE written out", x: craft{extensions: []byte("\x30\x0c\x06\x03\x55\x1d\x13\x01\x01\x00\x04\x02\x30\x00")}, note: NoteDefaultEncoded},
		{name: "unreadable key usage", x: craft{extensions: []byte("\x30\x09\x06\x03\x55\x1d\x0f\x04\x02\x05\x00")}, note: NoteMalformed, malformed: oidKeyUsage},
		{name: "empty extended key usage", x: craft{extensions: []byte("\x30\x09\x06\x03\x55\x1d\x25\x04\x02\x30\x00")}, note: NoteEmptySequence, malformed: oidExtKeyUsage},
		{name: "negative path length", x: craft{extensions: []byte("\x30\x0f\x06\x03\x55\x1d\x13\x04\x08\x30\x06\x01\x01\xff\x02\x01\xff")}, note: NoteMalformed, malformed: oidBasicConstraints},
		{name: "huge path length", x: craft{extensions: []byte("\x30\x15\x06\x03\x55\x1d\x13\x04\x0e\x30\x0c\x01\x01\xff\x02\x07\x7f\xff\xff\xff\xff\xff\xff")}, check: func(c *Certificate) bool { return c.BasicConstraints.MaxPathLen == maxSmall }},
		{name: "the same extension twice", x: craft{extensions: []byte("\x30\x0b\x06\x03\x55\x1d\x0f\x04\x04\x03\x02\x07\x80\x30\x0b\x06\x03\x55\x1d\x0f\x04\x04\x03\x02\x02\x04")}, note: NoteDuplicate, check: func(c *Certificate) bool { return c.KeyUsage == DigitalSignature }},
		{name: "unknown critical extension", x: craft{extensions: []byte("\x30\x0b\x06\x02\x2a\x03\x01\x01\xff\x04\x02\x05\x00")}, check: func(c *Certificate) bool { return slices.Equal(c.UnknownCritical, []string{"1.2.3"}) }},
	}
	for _, x := range cases {
		t.Run(x.name, func(t *testing.T) {
			c, err := ParseCertificate(x.x.der(t))
			if err != nil {
				t.Fatal(err)
			}
			if x.note != "" && !notes(c.Notes).has(x.note) {
				t.Errorf("notes = %v, want %s", c.Notes, x.note)
			}
			if x.malformed != "" && !slices.Contains(c.Malformed, x.malformed) {
				t.Errorf("malformed = %v, want %s", c.Malformed, x.malformed)
			}
			if x.check != nil && !x.check(c) {
				t.Errorf("ParseCertificate(%s) = %+v", x.name, c)
			}
		})
	}
}

func TestNotACertificate(t *testing.T) {
	good := issue(t, nil, "Budi Contoh").Raw
	for name, der := range map[string][]byte{
		"nothing":    nil,
		"text":       []byte("bukan sertifikat"),
		"truncated":  good[:len(good)-1],
		"indefinite": append([]byte{0x30, 0x80}, good[4:]...),
		"31 June":    craft{notBefore: []byte("\x17\x0d240631000000Z")}.der(t),
		"version 4":  craft{version: []byte("\xa0\x03\x02\x01\x03")}.der(t),
		"no serial":  craft{serial: []byte("\x02\x00")}.der(t),
		"too large":  append([]byte{0x30, 0x83, 0x20, 0, 0}, make([]byte, 0x200000)...),
	} {
		if c, err := ParseCertificate(der); !errors.Is(err, ErrMalformed) || c != nil {
			t.Errorf("ParseCertificate(%s) = %v, %v, want ErrMalformed", name, c, err)
		}
	}
}

func TestParseTime(t *testing.T) {
	for _, c := range []struct {
		text        string
		generalized bool
		want        string // "": refused
		strict      bool
	}{
		{"240229120000Z", false, "2024-02-29T12:00:00Z", true},
		{"500101000000Z", false, "1950-01-01T00:00:00Z", true},
		{"491231235959Z", false, "2049-12-31T23:59:59Z", true},
		{"230229120000Z", false, "", false},
		{"2402291200Z", false, "2024-02-29T12:00:00Z", false},
		{"240229120000+0730", false, "2024-02-29T04:30:00Z", false},
		{"240229120000", false, "", false},
		{"24022912000xZ", false, "", false},
		{"20240229120000Z", true, "2024-02-29T12:00:00Z", true},
		{"99991231235959Z", true, "9999-12-31T23:59:59Z", true},
		{"20240229120000.25Z", true, "2024-02-29T12:00:00.25Z", false},
		{"20240229120000", true, "2024-02-29T12:00:00Z", false},
		{"20240229240000Z", true, "", false},
		{"20240229120060Z", true, "", false},
		{"20240001120000Z", true, "", false},
		{"20240229120000.Z", true, "", false},
		{"", true, "", false},
	} {
		got, strict, ok := parseTime([]byte(c.text), c.generalized)
		text := ""
		if ok {
			text = got.Format(time.RFC3339Nano)
		}
		if text != c.want || ok && strict != c.strict {
			t.Errorf("parseTime(%q, %v) = %q, strict %v; want %q, strict %v", c.text, c.generalized, text, strict, c.want, c.strict)
		}
	}
}

func TestFlags(t *testing.T) {
	for _, c := range []struct {
		bits string
		want uint16
		ok   bool
	}{
		{"\x07\x80", 1, true},
		{"\x06\xc0", 3, true},
		{"\x01\x06", uint16(KeyCertSign | CRLSign), true},
		{"\x07\x00\x80", 1 << 8, true},
		{"\x00", 0, true},
		{"\x07", 0, false},
		{"\x08\x80", 0, false},
		{"", 0, false},
		{"\x04\xff", 0x0f, true}, // bits that are not there do not count
	} {
		if got, ok := readFlags([]byte(c.bits)); got != c.want || ok != c.ok {
			t.Errorf("readFlags(%x) = %x, %v, want %x, %v", c.bits, got, ok, c.want, c.ok)
		}
	}
}

func BenchmarkParseCertificate(b *testing.B) {
	root := issue(b, nil, "Akar Uji", ca)
	leaf := issue(b, root, "Budi Contoh", urls).Raw
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ParseCertificate(leaf); err != nil {
			b.Fatal(err)
		}
	}
}

func FuzzParseCertificate(f *testing.F) {
	root := issue(f, nil, "Akar Uji", ca)
	f.Add(root.Raw)
	f.Add(issue(f, root, "Budi Contoh", urls, noCheck).Raw)
	f.Add(craft{extensions: []byte("\x30\x0c\x06\x03\x55\x1d\x13\x01\x01\x01\x04\x02\x30\x00")}.der(f))
	f.Fuzz(func(t *testing.T, der []byte) {
		c, err := ParseCertificate(der)
		if err != nil {
			if !errors.Is(err, ErrMalformed) {
				t.Errorf("ParseCertificate: %v does not match ErrMalformed", err)
			}
			return
		}
		if !bytes.HasPrefix(der, c.Raw) {
			t.Error("Raw is not the beginning of the input")
		}
		again, err := ParseCertificate(c.Raw)
		if err != nil || !again.Equal(c) || again.Subject.Key() != c.Subject.Key() {
			t.Errorf("reading Raw again: %v", err)
		}
		if (c.PublicKey == nil) != (c.PublicKeyErr != nil) {
			t.Error("a key without reason or the reverse")
		}
		_ = c.Subject.String()
		p := policyAt("2025-01-01", root)
		p.Profile = true
		p.Revocation = RevocationRequired
		if r := Validate(Request{Certificate: c, Pool: pool(t, root)}, p); len(r.Path) == 0 || len(r.Path) != len(r.Revocation) {
			t.Errorf("Validate: path of %d, revocation of %d", len(r.Path), len(r.Revocation))
		}
	})
}
