package ca

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"absah/internal/fault"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// Subject is the name of a certificate's owner, in the order in which it is written.
type Subject struct {
	Country      string // two capital letters
	Organization string
	Unit         string
	CommonName   string
	Title        string
	Serial       string // pseudonymous id of a person, never a national number
}

type attribute struct {
	oid, value string
	tag        cbasn1.Tag
}

// attributes are those that have a value. Country and serial number are PrintableString by definition (RFC 5280 appendix A), the
// rest is UTF-8.
func (s Subject) attributes() []attribute {
	out := make([]attribute, 0, 6)
	for _, a := range []attribute{
		{"2.5.4.6", s.Country, cbasn1.PrintableString},
		{"2.5.4.10", s.Organization, cbasn1.UTF8String},
		{"2.5.4.11", s.Unit, cbasn1.UTF8String},
		{"2.5.4.3", s.CommonName, cbasn1.UTF8String},
		{"2.5.4.12", s.Title, cbasn1.UTF8String},
		{"2.5.4.5", s.Serial, cbasn1.PrintableString},
	} {
		if a.value != "" {
			out = append(out, a)
		}
	}
	return out
}

func (s Subject) marshal() []byte {
	var b cryptobyte.Builder
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		for _, a := range s.attributes() {
			b.AddASN1(cbasn1.SET, func(b *cryptobyte.Builder) {
				b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
					addOID(b, a.oid)
					b.AddASN1(a.tag, func(b *cryptobyte.Builder) { b.AddBytes([]byte(a.value)) })
				})
			})
		}
	})
	return b.BytesOrPanic()
}

// maxName is the bound of RFC 5280 appendix A for each of the attributes, in characters.
const maxName = 64

func refuse(id, en string) error { return fault.New("ABS-ISS-002", fault.Words{ID: id, EN: en}) }

// check refuses names that must not stand in a certificate.
func (s Subject) check(p Profile) error {
	if s.CommonName == "" || s.Organization == "" {
		return refuse("nama atau instansi kosong", "name or agency is empty")
	}
	if len(s.Country) != 2 || strings.Trim(s.Country, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		return refuse("kode negara harus dua huruf besar", "the country is not two capital letters")
	}
	for _, a := range s.attributes() {
		switch {
		case utf8.RuneCountInString(a.value) > maxName:
			return refuse("nama, instansi, unit dan jabatan paling panjang 64 karakter", "name, agency, unit and title have 64 characters at most")
		case !utf8.ValidString(a.value) || strings.TrimSpace(a.value) != a.value || strings.ContainsFunc(a.value, invisible):
			return refuse("nama memuat karakter yang tidak boleh", "a name has characters that are not allowed")
		case a.tag == cbasn1.PrintableString && strings.ContainsFunc(a.value, unprintable):
			return refuse("id pemilik memuat karakter yang tidak boleh", "the owner's id has characters that are not allowed")
		case nationalNumber(a.value):
			return refuse("NIK tidak boleh ada di dalam sertifikat", "a NIK must not stand in a certificate")
		}
	}
	if p.Issue == OnApplication && s.Serial == "" {
		return refuse("id pemilik kosong", "the owner's id is empty")
	}
	return nil
}

// invisible characters make two names look the same, or one read differently from what it is.
func invisible(r rune) bool {
	return r == utf8.RuneError || unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Cs, unicode.Zl, unicode.Zp) || r != ' ' && unicode.IsSpace(r)
}

// unprintable is what the ASN.1 type PrintableString has no room for (X.680 §41.4).
func unprintable(r rune) bool {
	return (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && (r < '0' || r > '9') && !strings.ContainsRune(" '()+,-./:=?", r)
}

// nationalNumber finds 16 digits in a row, also when they are written in groups.
func nationalNumber(s string) bool {
	run, last := 0, rune(0)
	for _, r := range s {
		switch {
		case unicode.IsDigit(r):
			if run++; run == 16 {
				return true
			}
		case strings.ContainsRune(" .-", r) && unicode.IsDigit(last):
		default:
			run = 0
		}
		last = r
	}
	return false
}
