package trust

import (
	"errors"
	"fmt"
	"time"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"absah/internal/sigalg"
)

// ErrMalformed is matched by every error about bytes that are no certificate, CRL, name or OCSP response.
var ErrMalformed = errors.New("malformed")

type syntaxError struct{ what string }

func malformed(what string) error { return &syntaxError{what} }

func (e *syntaxError) Error() string        { return "malformed " + e.what }
func (e *syntaxError) Is(target error) bool { return target == ErrMalformed }

// AlgorithmIdentifier names a signature algorithm with its parameters.
type AlgorithmIdentifier = sigalg.AlgorithmIdentifier

// A Note is a deviation from the encoding rules or the profile that was tolerated while parsing.
type Note struct {
	Code string // stable, as "der-boolean"
	What string // the part concerned: an extension's OID, "serial", …
}

// Codes of notes.
const (
	NoteTrailingBytes     = "trailing-bytes"      // bytes after the end of the structure
	NoteBooleanNotDER     = "der-boolean"         // TRUE that is not FF (X.690 §11.1)
	NoteDefaultEncoded    = "der-default"         // a DEFAULT value written out (X.690 §11.5)
	NoteIntegerNotMinimal = "der-integer"         // an INTEGER with needless leading octets (X.690 §8.3.2)
	NoteUnusedBits        = "der-unused-bits"     // a BIT STRING of octets whose last octet is not full
	NoteTimeForm          = "time-form"           // a time that is not Zulu with seconds (RFC 5280 §4.1.2.5)
	NoteTimeType          = "time-type"           // GeneralizedTime before 2050 or the reverse (RFC 5280 §4.1.2.5)
	NoteAlgorithmDiffers  = "algorithm-differs"   // inner and outer signature algorithm differ (RFC 5280 §4.1.1.2)
	NoteVersion           = "version"             // fields or extensions that this version cannot have (RFC 5280 §4.1.2.1)
	NoteDuplicate         = "duplicate-extension" // a second extension of the same type, which is not looked at (RFC 5280 §4.2)
	NoteMalformed         = "malformed-extension" // an extension whose content cannot be read
	NoteEmptyExtensions   = "empty-extensions"    // an empty list where at least one is needed
	NoteEmptySequence     = "empty-sequence"      // a list in an extension without members
)

// String is code and part, for developers.
func (n Note) String() string { return fmt.Sprintf("%s (%s)", n.Code, n.What) }

type notes []Note

func (n *notes) add(code, what string) {
	// A certificate with thousands of faults needs no list of them all.
	if len(*n) < 64 {
		*n = append(*n, Note{code, what})
	}
}

func (n notes) has(code string) bool {
	for _, x := range n {
		if x.Code == code {
			return true
		}
	}
	return false
}

// readBool accepts BER booleans and notes them.
func readBool(in *cryptobyte.String, ns *notes, what string) (value, ok bool) {
	var b cryptobyte.String
	if !in.ReadASN1(&b, cbasn1.BOOLEAN) || len(b) != 1 {
		return false, false
	}
	if b[0] != 0 && b[0] != 0xff {
		ns.add(NoteBooleanNotDER, what)
	}
	return b[0] != 0, true
}

// readOptionalBool reads a BOOLEAN DEFAULT FALSE.
func readOptionalBool(in *cryptobyte.String, ns *notes, what string) (value, ok bool) {
	if !in.PeekASN1Tag(cbasn1.BOOLEAN) {
		return false, true
	}
	value, ok = readBool(in, ns, what)
	if ok && !value {
		ns.add(NoteDefaultEncoded, what)
	}
	return value, ok
}

// readSmall reads a non-negative INTEGER that must be small to make sense. Larger ones are cut to maxSmall, which no path or
// policy depth reaches.
const maxSmall = 1 << 20

func readSmall(content []byte) (int, bool) {
	if len(content) == 0 || content[0]&0x80 != 0 {
		return 0, false
	}
	v := 0
	for _, c := range content {
		if v = v<<8 | int(c); v > maxSmall {
			return maxSmall, true
		}
	}
	return v, true
}

func readInteger(in *cryptobyte.String, ns *notes, what string) (content []byte, ok bool) {
	var c cryptobyte.String
	if !in.ReadASN1(&c, cbasn1.INTEGER) || len(c) == 0 {
		return nil, false
	}
	if len(c) > 1 && (c[0] == 0 && c[1]&0x80 == 0 || c[0] == 0xff && c[1]&0x80 != 0) {
		ns.add(NoteIntegerNotMinimal, what)
	}
	return c, true
}

// readBits reads a BIT STRING that holds octets.
func readBits(in *cryptobyte.String, ns *notes, what string) ([]byte, bool) {
	var c cryptobyte.String
	if !in.ReadASN1(&c, cbasn1.BIT_STRING) || len(c) == 0 || c[0] > 7 {
		return nil, false
	}
	if c[0] != 0 {
		ns.add(NoteUnusedBits, what)
	}
	return c[1:], true
}

// readFlags reads a named-bit list into an integer, bit 0 of ASN.1 as bit 0. More than 16 bits are not defined anywhere and ignored.
func readFlags(content []byte) (uint16, bool) {
	if len(content) == 0 || content[0] > 7 || content[0] != 0 && len(content) == 1 {
		return 0, false
	}
	var v uint16
	for i, c := range content[1:] {
		if i == 2 {
			break
		}
		if i == len(content)-2 {
			c &= 0xff << content[0]
		}
		for bit := range 8 {
			if c&(0x80>>bit) != 0 {
				v |= 1 << (8*i + bit)
			}
		}
	}
	return v, true
}

// readTime reads UTCTime or GeneralizedTime, also in the forms that RFC 5280 §4.1.2.5 forbids but BER allows.
func readTime(in *cryptobyte.String, ns *notes, what string) (time.Time, bool) {
	var content cryptobyte.String
	var tag cbasn1.Tag
	if !in.ReadAnyASN1(&content, &tag) || tag != cbasn1.UTCTime && tag != cbasn1.GeneralizedTime {
		return time.Time{}, false
	}
	t, strict, ok := parseTime(content, tag == cbasn1.GeneralizedTime)
	if !ok {
		return time.Time{}, false
	}
	if !strict {
		ns.add(NoteTimeForm, what)
	}
	if tag == cbasn1.GeneralizedTime && t.Year() < 2050 {
		ns.add(NoteTimeType, what)
	}
	return t, true
}

func digits(b []byte) (int, bool) {
	v := 0
	for _, c := range b {
		if c < '0' || c > '9' {
			return 0, false
		}
		v = v*10 + int(c-'0')
	}
	return v, true
}

// parseTime is written by hand because time.Parse costs more than the rest of a certificate.
func parseTime(b []byte, generalized bool) (t time.Time, strict, ok bool) {
	yearDigits := 2
	if generalized {
		yearDigits = 4
	}
	if len(b) < yearDigits+8 || len(b) > 40 {
		return time.Time{}, false, false
	}
	year, ok := digits(b[:yearDigits])
	if !ok {
		return time.Time{}, false, false
	}
	if !generalized {
		if year < 50 { // RFC 5280 §4.1.2.5.1
			year += 100
		}
		year += 1900
	}
	b = b[yearDigits:]
	var f [4]int // month, day, hour, minute
	for i := range f {
		if f[i], ok = digits(b[2*i : 2*i+2]); !ok {
			return time.Time{}, false, false
		}
	}
	b = b[8:]
	strict = true
	sec, nsec := 0, 0
	if len(b) >= 2 && b[0] >= '0' && b[0] <= '9' {
		if sec, ok = digits(b[:2]); !ok {
			return time.Time{}, false, false
		}
		b = b[2:]
	} else {
		strict = false
	}
	if generalized && len(b) > 1 && (b[0] == '.' || b[0] == ',') {
		strict = false
		b = b[1:]
		scale := 100_000_000
		n := 0
		for ; n < len(b) && b[n] >= '0' && b[n] <= '9'; n++ {
			nsec += int(b[n]-'0') * scale
			scale /= 10
		}
		if n == 0 {
			return time.Time{}, false, false
		}
		b = b[n:]
	}
	offset := 0
	switch {
	case len(b) == 1 && b[0] == 'Z':
	case len(b) == 0 && generalized: // local time: taken as UTC, nothing else is known
		strict = false
	case len(b) == 5 && (b[0] == '+' || b[0] == '-'):
		h, ok1 := digits(b[1:3])
		m, ok2 := digits(b[3:5])
		if !ok1 || !ok2 || h > 14 || m > 59 {
			return time.Time{}, false, false
		}
		offset = h*3600 + m*60
		if b[0] == '-' {
			offset = -offset
		}
		strict = false
	default:
		return time.Time{}, false, false
	}
	if f[0] < 1 || f[0] > 12 || f[1] < 1 || f[1] > 31 || f[2] > 23 || f[3] > 59 || sec > 59 {
		return time.Time{}, false, false
	}
	t = time.Date(year, time.Month(f[0]), f[1], f[2], f[3], sec, nsec, time.UTC)
	if t.Day() != f[1] { // 31 June and the like
		return time.Time{}, false, false
	}
	return t.Add(-time.Duration(offset) * time.Second), strict, true
}
