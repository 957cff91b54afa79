package account

import (
	"fmt"
	"strings"

	"absah/internal/fault"
)

// NIK is a national identity number: 16 digits. It prints as its mask, whatever the verb, so that it cannot slip into a log,
// a mail or a page; only Digits gives the number itself.
type NIK struct{ digits string }

const nikDigits = 16

// ParseNIK reads a number as people type it, with spaces, dots or hyphens. Anything but 16 digits is a fault that says how many
// were typed. The number has no check digit.
func ParseNIK(s string) (NIK, error) {
	var b strings.Builder
	other := false
	for _, r := range s {
		switch {
		case r >= '0' && r <= '9':
			b.WriteRune(r)
		case r == ' ' || r == '.' || r == '-' || r == '\u00a0':
		default:
			other = true
		}
	}
	if b.Len() != nikDigits || other {
		return NIK{}, fault.New("ABS-REG-002", b.Len())
	}
	return NIK{b.String()}, nil
}

// Digits is the whole number. It is for hashing and comparing; never for a page, a mail or a log.
func (n NIK) Digits() string { return n.digits }

// String is the mask: the first and the last four digits.
func (n NIK) String() string {
	if len(n.digits) != nikDigits {
		return ""
	}
	return n.digits[:4] + "••••••••" + n.digits[12:]
}

// Format keeps every verb to the mask.
func (n NIK) Format(f fmt.State, _ rune) { fmt.Fprint(f, n.String()) }

// birth is the part DDMMYY, with 40 taken off the day of a woman.
func (n NIK) birth() (day, month, year string) {
	d := n.digits[6:8]
	if d[0] >= '4' {
		d = string(d[0]-4) + d[1:]
	}
	return d, n.digits[8:10], n.digits[10:12]
}
