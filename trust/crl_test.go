package trust

import (
	"bytes"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// TestCRLAgainstStandardLibrary reads every CRL of PKITS with both parsers.
func TestCRLAgainstStandardLibrary(t *testing.T) {
	dir := filepath.Join(corpus(t, "pkits"), "crls")
	compared := 0
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		der := readFile(t, path)
		c, err := ParseCRL(der)
		if err != nil {
			t.Errorf("%s: %v", d.Name(), err)
			return nil
		}
		std, err := x509.ParseRevocationList(der)
		if err != nil {
			return nil
		}
		compared++
		if !bytes.Equal(c.RawTBS, std.RawTBSRevocationList) || !bytes.Equal(c.RawIssuer, std.RawIssuer) || !c.ThisUpdate.Equal(std.ThisUpdate) || !c.NextUpdate.Equal(std.NextUpdate) {
			t.Errorf("%s: contents differ from crypto/x509", d.Name())
		}
		if (c.Number == nil) != (std.Number == nil) || c.Number != nil && c.Number.Cmp(std.Number) != 0 || !bytes.Equal(c.AuthorityKeyID, std.AuthorityKeyId) {
			t.Errorf("%s: number %v and key %x, crypto/x509 has %v and %x", d.Name(), c.Number, c.AuthorityKeyID, std.Number, std.AuthorityKeyId)
		}
		if c.Len() != len(std.RevokedCertificateEntries) {
			t.Errorf("%s: %d entries, crypto/x509 has %d", d.Name(), c.Len(), len(std.RevokedCertificateEntries))
		}
		i := 0
		for e := range c.Entries() {
			s := std.RevokedCertificateEntries[i]
			if signed(e.Serial).Cmp(s.SerialNumber) != 0 || !e.RevokedAt.Equal(s.RevocationTime) || max(int(e.Reason), 0) != s.ReasonCode {
				t.Errorf("%s: entry %d = %v, crypto/x509 has %v", d.Name(), i, e, s)
			}
			i++
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if compared < 150 {
		t.Errorf("only %d lists were compared", compared)
	}
}

// bigCRL is a list with n entries under an issuer; the serials are 16 bytes.
func bigCRL(t testing.TB, n int) []byte {
	return listCRL(t, n, func(i int) (serial, revoked []byte) { return bigSerial(i), utc2024 })
}

func listCRL(t testing.TB, n int, entry func(int) (serial, revoked []byte)) []byte {
	t.Helper()
	var entries cryptobyte.Builder
	for i := range n {
		serial, revoked := entry(i)
		entries.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddASN1(cbasn1.INTEGER, func(b *cryptobyte.Builder) { b.AddBytes(serial) })
			b.AddBytes(revoked)
		})
	}
	var b cryptobyte.Builder
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddASN1Int64(1)
			b.AddBytes(ecdsaSHA256)
			b.AddBytes(commonName("CA Uji"))
			b.AddBytes(utc2024)
			b.AddBytes(utc2026)
			b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) { b.AddBytes(entries.BytesOrPanic()) })
		})
		b.AddBytes(ecdsaSHA256)
		b.AddASN1BitString([]byte{1, 2, 3})
	})
	return b.BytesOrPanic()
}

func bigSerial(i int) []byte {
	s := make([]byte, 16)
	s[0] = 1
	copy(s[12:], []byte{byte(i >> 24), byte(i >> 16), byte(i >> 8), byte(i)})
	return s
}

func TestCRLFind(t *testing.T) {
	const n = 5000
	c, err := ParseCRL(bigCRL(t, n))
	if err != nil {
		t.Fatal(err)
	}
	if c.Len() != n {
		t.Fatalf("Len = %d, want %d", c.Len(), n)
	}
	issuer := c.Issuer
	for round := range 3 { // the first searches go through the list, the later ones through the index
		for _, i := range []int{0, 1, 2499, 4998, 4999} {
			e, ok := c.Find(issuer, bigSerial(i))
			if !ok || !bytes.Equal(e.Serial, bigSerial(i)) || !e.RevokedAt.Equal(date("2024-01-01")) || e.Reason != NoReason {
				t.Errorf("round %d: Find(%d) = %v, %v", round, i, e, ok)
			}
		}
		if e, ok := c.Find(issuer, bigSerial(n)); ok {
			t.Errorf("round %d: Find(absent) = %v", round, e)
		}
		if _, ok := c.Find(issuer, bigSerial(1)[:15]); ok {
			t.Errorf("round %d: a prefix of a serial is found", round)
		}
	}
	if c.slots == nil {
		t.Error("no index was made")
	}
	if _, ok := c.Find(makeName(t, "CN=u:CA Lain"), bigSerial(1)); ok {
		t.Error("an entry of another issuer is found")
	}
}

// TestCRLOfOneSerial: a list that names one certificate again and again is not slower to search than any other, and its last entry counts.
func TestCRLOfOneSerial(t *testing.T) {
	const n = 200_000
	c, err := ParseCRL(listCRL(t, n, func(i int) (serial, revoked []byte) {
		if i == n-1 {
			return bigSerial(1), utc2026
		}
		return bigSerial(1), utc2024
	}))
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	for range 2 * indexAfter {
		if e, ok := c.Find(c.Issuer, bigSerial(1)); !ok || !e.RevokedAt.Equal(date("2026-01-01")) {
			t.Fatalf("Find = %v, %v, want the last entry", e, ok)
		}
		if _, ok := c.Find(c.Issuer, bigSerial(2)); ok {
			t.Fatal("another serial is found")
		}
	}
	if took := time.Since(start); took > time.Second {
		t.Errorf("%d searches took %v", 4*indexAfter, took)
	}
}

// TestIndirectCRL: an entry belongs to the issuer named last (RFC 5280 §5.3.3).
func TestIndirectCRL(t *testing.T) {
	root := issue(t, nil, "Akar Uji", ca)
	a, b := makeName(t, "CN=u:CA A"), makeName(t, "CN=u:CA B")
	named := func(n Name) []byte {
		var x cryptobyte.Builder
		x.AddASN1(cbasn1.SEQUENCE, func(x *cryptobyte.Builder) {
			x.AddASN1(cbasn1.Tag(4).ContextSpecific().Constructed(), func(x *cryptobyte.Builder) { x.AddBytes(n.Raw) })
		})
		return x.BytesOrPanic()
	}
	der := crlOf(t, root, 1, "2025-01-01", "2025-02-01", func(l *x509.RevocationList) {
		for i, n := range []*Name{nil, &a, nil, &b} {
			e := x509.RevocationListEntry{SerialNumber: big.NewInt(int64(i + 1)), RevocationTime: date("2025-01-01")}
			if n != nil {
				x := pkixExt(oidCertificateIssuer, named(*n))
				x.Critical = true
				e.ExtraExtensions = append(e.ExtraExtensions, x)
			}
			l.RevokedCertificateEntries = append(l.RevokedCertificateEntries, e)
		}
	}, crlExt(asn1.ObjectIdentifier{2, 5, 29, 28}, true, []byte("\x30\x03\x84\x01\xff")))
	c, err := ParseCRL(der)
	if err != nil {
		t.Fatal(err)
	}
	if c.Scope == nil || !c.Scope.Indirect || len(c.UnknownCritical) > 0 {
		t.Fatalf("scope %+v, unknown critical %v", c.Scope, c.UnknownCritical)
	}
	for _, x := range []struct {
		issuer Name
		serial byte
		want   bool
	}{{root.Subject, 1, true}, {a, 1, false}, {a, 2, true}, {a, 3, true}, {b, 3, false}, {b, 4, true}, {root.Subject, 4, false}} {
		if _, ok := c.Find(x.issuer, []byte{x.serial}); ok != x.want {
			t.Errorf("Find(%s, %d) = %v, want %v", x.issuer, x.serial, ok, x.want)
		}
	}
}

func TestCRLScope(t *testing.T) {
	root := issue(t, nil, "Akar Uji", ca, validFor("2020-01-01", "2040-01-01"))
	issuing := issue(t, root, "CA Uji", ca, validFor("2020-01-01", "2035-01-01"))
	budi := issue(t, issuing, "Budi Contoh", func(c *x509.Certificate) { c.CRLDistributionPoints = []string{"http://crl.contoh.example/1"} })
	point := func(url string) []byte {
		var b cryptobyte.Builder
		b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddASN1(cbasn1.Tag(0).ContextSpecific().Constructed(), func(b *cryptobyte.Builder) {
				b.AddASN1(cbasn1.Tag(0).ContextSpecific().Constructed(), func(b *cryptobyte.Builder) {
					b.AddASN1(cbasn1.Tag(6).ContextSpecific(), func(b *cryptobyte.Builder) { b.AddBytes([]byte(url)) })
				})
			})
		})
		return b.BytesOrPanic()
	}
	idp := func(v []byte) crlOption { return crlExt(asn1.ObjectIdentifier{2, 5, 29, 28}, true, v) }
	for _, c := range []struct {
		name  string
		lists [][]crlOption
		want  RevocationStatus
	}{
		{"no scope", [][]crlOption{{}}, Good},
		{"its partition", [][]crlOption{{idp(point("http://crl.contoh.example/1"))}}, Good},
		{"another partition", [][]crlOption{{idp(point("http://crl.contoh.example/2"))}}, Unknown},
		{"users only", [][]crlOption{{idp([]byte("\x30\x03\x81\x01\xff"))}}, Good},
		{"CAs only", [][]crlOption{{idp([]byte("\x30\x03\x82\x01\xff"))}}, Unknown},
		{"attribute certificates only", [][]crlOption{{idp([]byte("\x30\x03\x85\x01\xff"))}}, Unknown},
		{"some reasons", [][]crlOption{{idp([]byte("\x30\x04\x83\x02\x06\x40"))}}, Unknown},
		{"some reasons and the others", [][]crlOption{{idp([]byte("\x30\x04\x83\x02\x06\x40"))}, {idp([]byte("\x30\x05\x83\x03\x07\x3f\x80"))}}, Good},
		{"unreadable scope", [][]crlOption{{idp([]byte("\x30\x03\x81\x01"))}}, Unknown},
		{"revoked in the second", [][]crlOption{{idp([]byte("\x30\x04\x83\x02\x06\x40"))}, {idp([]byte("\x30\x05\x83\x03\x07\x3f\x80")), revokes(budi, "2025-01-01", 4)}}, Revoked},
	} {
		store := pool(t, issuing)
		for i, opts := range c.lists {
			mustCRL(t, store, crlOf(t, issuing, int64(i+1), "2025-03-01", "2025-03-09", opts...))
		}
		p := policyAt("2025-03-02", root)
		p.Revocation = RevocationRequired
		r := Validate(Request{Certificate: budi.Certificate, Pool: store}, p)
		if got := r.Revocation[0].Status; got != c.want {
			t.Errorf("Validate(%s) = %v, want %v\n%v", c.name, got, c.want, r.Revocation[0].Findings)
		}
	}
}

func TestDeltaCRL(t *testing.T) {
	root := issue(t, nil, "Akar Uji", ca, validFor("2020-01-01", "2040-01-01"))
	budi := issue(t, root, "Budi Contoh")
	base := func(n byte) crlOption { return crlExt(asn1.ObjectIdentifier{2, 5, 29, 27}, true, []byte{2, 1, n}) }
	for _, c := range []struct {
		name  string
		lists [][]byte
		want  RevocationStatus
		delta bool
	}{
		{"delta revokes", [][]byte{crlOf(t, root, 1, "2025-03-01", "2025-03-09"), crlOf(t, root, 2, "2025-03-02", "2025-03-03", base(1), revokes(budi, "2025-03-02", 1))}, Revoked, true},
		{"delta is silent", [][]byte{crlOf(t, root, 1, "2025-03-01", "2025-03-09"), crlOf(t, root, 2, "2025-03-02", "2025-03-03", base(1))}, Good, true},
		{"delta lifts a hold", [][]byte{crlOf(t, root, 1, "2025-03-01", "2025-03-09", revokes(budi, "2025-02-01", 6)), crlOf(t, root, 2, "2025-03-02", "2025-03-03", base(1), revokes(budi, "2025-02-01", 8))}, Good, true},
		{"delta for a later base", [][]byte{crlOf(t, root, 1, "2025-03-01", "2025-03-09"), crlOf(t, root, 3, "2025-03-02", "2025-03-03", base(2), revokes(budi, "2025-03-02", 1))}, Good, false},
		{"delta alone", [][]byte{crlOf(t, root, 2, "2025-03-02", "2025-03-03", base(1))}, Unknown, false},
		{"stale base, fresh delta", [][]byte{crlOf(t, root, 1, "2025-02-01", "2025-03-01"), crlOf(t, root, 2, "2025-03-02", "2025-03-03", base(1))}, Good, true},
	} {
		store := pool(t, root)
		for _, l := range c.lists {
			mustCRL(t, store, l)
		}
		p := policyAt("2025-03-02", root)
		p.Revocation = RevocationRequired
		r := Validate(Request{Certificate: budi.Certificate, Pool: store}, p)
		if got := r.Revocation[0]; got.Status != c.want || (got.Delta != nil) != c.delta {
			t.Errorf("Validate(%s) = %v with delta %v, want %v, %v\n%v", c.name, got.Status, got.Delta != nil, c.want, c.delta, got.Findings)
		}
	}
}

func TestNotACRL(t *testing.T) {
	good := bigCRL(t, 3)
	for name, der := range map[string][]byte{
		"nothing": nil, "truncated": good[:len(good)-1], "certificate": issue(t, nil, "Budi").Raw,
		"entry without date": bytes.Replace(good, utc2024[:2], []byte{0x04, 0x0d}, 4),
	} {
		if c, err := ParseCRL(der); !errors.Is(err, ErrMalformed) || c != nil {
			t.Errorf("ParseCRL(%s) = %v, %v, want ErrMalformed", name, c, err)
		}
	}
}

func BenchmarkCRL(b *testing.B) {
	der := bigCRL(b, 1_000_000)
	b.Run("parse", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(der)))
		for b.Loop() {
			if _, err := ParseCRL(der); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("first search", func(b *testing.B) {
		c, _ := ParseCRL(der)
		for b.Loop() {
			c.searches.Store(0)
			c.Find(c.Issuer, bigSerial(999_999))
		}
	})
	b.Run("later search", func(b *testing.B) {
		c, _ := ParseCRL(der)
		c.searches.Store(indexAfter)
		c.Find(c.Issuer, bigSerial(1))
		for b.Loop() {
			c.Find(c.Issuer, bigSerial(999_999))
		}
	})
}

func FuzzParseCRL(f *testing.F) {
	root := issue(f, nil, "Akar Uji", ca)
	f.Add(crlOf(f, root, 1, "2025-03-01", "2025-03-09", revokes(root, "2025-02-01", 1)))
	f.Add(crlOf(f, root, 2, "2025-03-01", "2025-03-09", crlExt(asn1.ObjectIdentifier{2, 5, 29, 28}, true, []byte("\x30\x03\x84\x01\xff"))))
	f.Add(bigCRL(f, 3))
	f.Fuzz(func(t *testing.T, der []byte) {
		c, err := ParseCRL(der)
		if err != nil {
			return
		}
		n := 0
		var serials [][]byte
		for e := range c.Entries() {
			n++
			serials = append(serials, e.Serial)
		}
		if n != c.Len() {
			t.Errorf("%d entries, Len says %d", n, c.Len())
		}
		if c.Scope == nil && n > 0 {
			for _, s := range serials[:min(n, 20)] {
				if _, ok := c.Find(c.Issuer, s); !ok {
					t.Errorf("entry %x is not found", s)
				}
			}
			c.once.Do(c.index)
			if _, ok := c.lookup(serials[n-1]); !ok {
				t.Error("the index misses an entry")
			}
		}
		_ = fmt.Sprint(c.Notes, c.UnknownCritical)
	})
}
