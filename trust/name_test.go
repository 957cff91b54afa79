package trust

import (
	"errors"
	"strings"
	"testing"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"absah/internal/sigalg"
)

// rdn is "CN=p:Budi", an attribute with a letter for its string type; several with + between them.
func makeName(t testing.TB, rdns ...string) Name {
	t.Helper()
	tags := map[string]cbasn1.Tag{
		"u": cbasn1.UTF8String, "p": cbasn1.PrintableString, "i": cbasn1.IA5String, "t": cbasn1.T61String, "b": tagBMPString, "x": cbasn1.INTEGER,
	}
	var b cryptobyte.Builder
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		for _, r := range rdns {
			b.AddASN1(cbasn1.SET, func(b *cryptobyte.Builder) {
				for _, a := range strings.Split(r, "+") {
					typ, rest, _ := strings.Cut(a, "=")
					tag, value, _ := strings.Cut(rest, ":")
					oid := typ
					for o, n := range attributeNames {
						if n == typ {
							oid = o
						}
					}
					b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
						b.AddASN1(cbasn1.OBJECT_IDENTIFIER, func(b *cryptobyte.Builder) { b.AddBytes(sigalg.EncodeOID(oid)) })
						b.AddASN1(tags[tag], func(b *cryptobyte.Builder) { b.AddBytes([]byte(value)) })
					})
				}
			})
		}
	})
	n, err := ParseName(b.BytesOrPanic())
	if err != nil {
		t.Fatalf("%v: %v", rdns, err)
	}
	return n
}

func TestNameEqual(t *testing.T) {
	for _, c := range []struct {
		name string
		a, b []string
		want bool
	}{
		{"same", []string{"C=p:ID", "CN=u:Budi"}, []string{"C=p:ID", "CN=u:Budi"}, true},
		{"string types", []string{"CN=u:Budi"}, []string{"CN=p:Budi"}, true},
		{"BMPString", []string{"CN=u:Bu"}, []string{"CN=b:\x00B\x00u"}, true},
		{"case", []string{"CN=p:BUDI CONTOH"}, []string{"CN=p:Budi Contoh"}, true},
		{"case beyond ASCII", []string{"CN=u:ÉTÉ"}, []string{"CN=u:été"}, true},
		{"white space", []string{"CN=p: Budi   Contoh "}, []string{"CN=p:Budi Contoh"}, true},
		{"soft hyphen", []string{"CN=u:Bu\u00addi"}, []string{"CN=u:Budi"}, true},
		{"missing space", []string{"CN=p:BudiContoh"}, []string{"CN=p:Budi Contoh"}, false},
		{"order", []string{"C=p:ID", "CN=p:Budi"}, []string{"CN=p:Budi", "C=p:ID"}, false},
		{"order inside a set", []string{"CN=p:Budi+serialNumber=p:1"}, []string{"serialNumber=p:1+CN=p:Budi"}, true},
		{"set against sequence", []string{"CN=p:Budi+serialNumber=p:1"}, []string{"CN=p:Budi", "serialNumber=p:1"}, false},
		{"another type", []string{"CN=p:Budi"}, []string{"O=p:Budi"}, false},
		{"prefix", []string{"C=p:ID"}, []string{"C=p:ID", "CN=p:Budi"}, false},
		{"homoglyph", []string{"CN=u:Budi"}, []string{"CN=u:Вudi"}, false},
		{"value that is no string", []string{"CN=x:\x01"}, []string{"CN=p:#020101"}, false},
		{"empty", nil, nil, true},
	} {
		a, b := makeName(t, c.a...), makeName(t, c.b...)
		if got := a.Equal(b); got != c.want || b.Equal(a) != got {
			t.Errorf("Equal(%s) = %v, want %v", c.name, got, c.want)
		}
	}
}

func TestNameString(t *testing.T) {
	for _, c := range []struct {
		rdns []string
		want string
	}{
		{[]string{"C=p:ID", "O=u:Instansi Contoh", "CN=u:Budi Contoh"}, "CN=Budi Contoh,O=Instansi Contoh,C=ID"},
		{[]string{"CN=p:A+serialNumber=p:1"}, "CN=A+serialNumber=1"},
		{[]string{`CN=u:Contoh, Budi "B" <x>\;`}, `CN=Contoh\, Budi \"B\" \<x\>\\\;`},
		{[]string{"CN=u:#Budi "}, `CN=\#Budi\ `},
		{[]string{"1.2.3.4=u:x"}, "1.2.3.4=x"},
		{[]string{"CN=x:\x05"}, "CN=#020105"},
		{[]string{"CN=u:a\x1b[31mb"}, `CN=a\1b[31mb`},
		{[]string{"CN=t:Andr\xe9"}, "CN=André"},
		{[]string{"CN=u:a\u202eb"}, `CN=a\e2\80\aeb`}, // a direction override would turn the rest of the line around
		{nil, ""},
	} {
		if got := makeName(t, c.rdns...).String(); got != c.want {
			t.Errorf("String(%v) = %s, want %s", c.rdns, got, c.want)
		}
	}
}

func TestCommonName(t *testing.T) {
	for _, c := range []struct {
		rdns []string
		want string
	}{
		{[]string{"CN=u:Lama", "CN=u:Budi Contoh", "O=u:X"}, "Budi Contoh"},
		{[]string{"O=u:Instansi", "OU=u:Unit"}, "Instansi"},
		{[]string{"CN=u: ", "OU=u:Unit"}, "Unit"},
		{[]string{"C=p:ID"}, "C=ID"},
	} {
		if got := makeName(t, c.rdns...).CommonName(); got != c.want {
			t.Errorf("CommonName(%v) = %q, want %q", c.rdns, got, c.want)
		}
	}
}

func TestNameWithin(t *testing.T) {
	base := makeName(t, "C=p:ID", "O=p:INSTANSI")
	if !makeName(t, "C=p:id", "O=u:Instansi", "CN=p:Budi").Within(base) || !base.Within(base) {
		t.Error("a name below the base is not within it")
	}
	if makeName(t, "C=p:ID", "CN=p:Budi", "O=p:Instansi").Within(base) || makeName(t, "C=p:ID").Within(base) {
		t.Error("a name beside the base is within it")
	}
}

func TestParseNameRefuses(t *testing.T) {
	many := make([]string, maxAttributes+1)
	for i := range many {
		many[i] = "CN=p:x"
	}
	var b cryptobyte.Builder
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		for range many {
			b.AddBytes(makeName(t, "CN=p:x").Raw[2:])
		}
	})
	for name, der := range map[string][]byte{
		"nothing": nil, "empty set": []byte("\x30\x02\x31\x00"), "trailing": append(makeName(t, "CN=p:x").Raw, 0), "too many": b.BytesOrPanic(),
	} {
		if _, err := ParseName(der); !errors.Is(err, ErrMalformed) {
			t.Errorf("ParseName(%s) = %v, want ErrMalformed", name, err)
		}
	}
}

func FuzzName(f *testing.F) {
	f.Add(makeName(f, "C=p:ID", "O=u:Instansi Contoh", "CN=b:\x00B+serialNumber=t:\xff").Raw)
	f.Add(makeName(f, "CN=x:\x05", "CN=u:ſς\u00ad K").Raw)
	f.Add([]byte("\x30\x00"))
	f.Fuzz(func(t *testing.T, der []byte) {
		n, err := ParseName(der)
		if err != nil {
			return
		}
		if !n.Equal(n) || !n.Within(n) {
			t.Error("a name differs from itself")
		}
		for _, r := range n.String() {
			if r < ' ' || r == 0x7f {
				t.Errorf("String has control character %U", r)
			}
		}
		// The canonical form is stable: folding what is folded changes nothing.
		for _, rdn := range n.RDNs {
			for _, a := range rdn {
				if a.raw == nil {
					continue
				}
				once := string(appendCanonical(nil, a))
				_, folded, _ := strings.Cut(once, "\x00")
				b := a
				b.Value = folded
				if twice := string(appendCanonical(nil, b)); twice != once {
					t.Errorf("canonical(%q) = %q, then %q", a.Value, once, twice)
				}
			}
		}
	})
}
