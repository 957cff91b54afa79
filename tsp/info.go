package tsp

import (
	"crypto"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"time"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"
)

// Info is a TSTInfo (RFC 3161 §2.4.2).
type Info struct {
	Policy     string
	Hash       crypto.Hash // zero when the algorithm is not known
	HashOID    string
	Digest     []byte
	Serial     *big.Int
	GenTime    time.Time
	Accuracy   time.Duration // GenTime may be off by so much; zero: not stated
	Ordering   bool          // tokens of this authority are in the order of their GenTime, whatever the accuracy
	Nonce      *big.Int      // nil: none
	TSA        []byte        // raw GeneralName, nil: not stated
	Extensions []Extension
}

func (i *Info) parse(der []byte) error {
	in := cryptobyte.String(der)
	var seq cryptobyte.String
	var version int
	if !in.ReadASN1(&seq, asn1.SEQUENCE) || !in.Empty() || !seq.ReadASN1Integer(&version) || version != 1 {
		return malformed("TSTInfo")
	}
	var ok bool
	if i.Policy, ok = readOID(&seq); !ok {
		return malformed("policy")
	}
	if i.Hash, i.HashOID, i.Digest, ok = readImprint(&seq); !ok {
		return malformed("message imprint")
	}
	i.Serial = new(big.Int)
	if !seq.ReadASN1Integer(i.Serial) {
		return malformed("serial number")
	}
	var when cryptobyte.String
	if !seq.ReadASN1(&when, asn1.GeneralizedTime) {
		return malformed("genTime")
	}
	var err error
	if i.GenTime, err = parseTime(string(when)); err != nil {
		return err
	}
	if seq.PeekASN1Tag(asn1.SEQUENCE) {
		if i.Accuracy, ok = readAccuracy(&seq); !ok {
			return malformed("accuracy")
		}
	}
	if seq.PeekASN1Tag(asn1.BOOLEAN) && !seq.ReadASN1Boolean(&i.Ordering) {
		return malformed("ordering")
	}
	if seq.PeekASN1Tag(asn1.INTEGER) {
		i.Nonce = new(big.Int)
		if !seq.ReadASN1Integer(i.Nonce) {
			return malformed("nonce")
		}
	}
	var tsa cryptobyte.String
	var has bool
	if !seq.ReadOptionalASN1(&tsa, &has, asn1.Tag(0).ContextSpecific().Constructed()) {
		return malformed("tsa")
	}
	if has {
		i.TSA = tsa
	}
	if i.Extensions, err = readExtensions(&seq, 1); err != nil {
		return err
	}
	if !seq.Empty() {
		return malformed("TSTInfo")
	}
	return nil
}

// parseTime reads a GeneralizedTime with seconds, an optional fraction and the Z that RFC 3161 §2.4.2 wants. Zeros at the end of the
// fraction, which DER forbids, do no harm.
func parseTime(s string) (time.Time, error) {
	digits, ok := strings.CutSuffix(s, "Z")
	whole, fraction, dot := strings.Cut(digits, ".")
	if !ok || len(whole) != 14 || dot && (len(fraction) < 1 || len(fraction) > 9) || strings.Trim(whole+fraction, "0123456789") != "" {
		return time.Time{}, malformed("genTime")
	}
	t, err := time.Parse("20060102150405", digits)
	if err != nil {
		return time.Time{}, malformed("genTime")
	}
	return t, nil
}

// readAccuracy reads an Accuracy; millis and micros go up to 999 (RFC 3161 §2.4.2). Zero is taken for them too: it says nothing else
// than leaving them out.
func readAccuracy(s *cryptobyte.String) (d time.Duration, ok bool) {
	var seq cryptobyte.String
	if !s.ReadASN1(&seq, asn1.SEQUENCE) {
		return 0, false
	}
	if seq.PeekASN1Tag(asn1.INTEGER) {
		var n int64
		if !seq.ReadASN1Integer(&n) || n < 0 || n > 1<<31 { // what a Duration holds
			return 0, false
		}
		d = time.Duration(n) * time.Second
	}
	for tag, unit := range []time.Duration{time.Millisecond, time.Microsecond} {
		tag := asn1.Tag(tag).ContextSpecific()
		if !seq.PeekASN1Tag(tag) {
			continue
		}
		var n int64
		if !seq.ReadASN1Int64WithTag(&n, tag) || n < 0 || n > 999 {
			return 0, false
		}
		d += time.Duration(n) * unit
	}
	return d, seq.Empty()
}

// Marshal returns the DER of the TSTInfo. GenTime is cut to microseconds, Accuracy rounded up to them.
func (i *Info) Marshal() ([]byte, error) {
	switch y := i.GenTime.UTC().Year(); {
	case i.Serial == nil:
		return nil, errors.New("a time-stamp needs a serial number")
	case i.GenTime.IsZero() || y < 1 || y > 9999:
		return nil, fmt.Errorf("%v cannot be time-stamped", i.GenTime)
	case i.Hash != 0 && len(i.Digest) != i.Hash.Size():
		return nil, fmt.Errorf("a %v digest of %d bytes cannot be time-stamped", i.Hash, len(i.Digest))
	case i.Accuracy < 0:
		return nil, errors.New("the accuracy of a time-stamp cannot be negative")
	}
	var b cryptobyte.Builder
	b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1Int64(1)
		addOID(b, i.Policy)
		addImprint(b, i.Hash, i.HashOID, i.Digest)
		b.AddASN1BigInt(i.Serial)
		b.AddASN1(asn1.GeneralizedTime, func(b *cryptobyte.Builder) { b.AddBytes([]byte(formatTime(i.GenTime))) })
		if i.Accuracy > 0 {
			addAccuracy(b, i.Accuracy)
		}
		if i.Ordering {
			b.AddASN1Boolean(true)
		}
		if i.Nonce != nil {
			b.AddASN1BigInt(i.Nonce)
		}
		if i.TSA != nil {
			b.AddASN1(asn1.Tag(0).ContextSpecific().Constructed(), func(b *cryptobyte.Builder) { b.AddBytes(i.TSA) })
		}
		addExtensions(b, 1, i.Extensions)
	})
	return b.Bytes()
}

// formatTime writes no trailing zeros in the fraction, as DER wants (RFC 3161 §2.4.2).
func formatTime(t time.Time) string {
	s := t.UTC().Format("20060102150405.000000")
	return strings.TrimRight(strings.TrimRight(s, "0"), ".") + "Z"
}

func addAccuracy(b *cryptobyte.Builder, d time.Duration) {
	if odd := d % time.Microsecond; odd > 0 {
		d += time.Microsecond - odd
	}
	b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		if s := int64(d / time.Second); s > 0 {
			b.AddASN1Int64(s)
		}
		for tag, n := range []int64{int64(d % time.Second / time.Millisecond), int64(d % time.Millisecond / time.Microsecond)} {
			if n > 0 {
				b.AddASN1Int64WithTag(n, asn1.Tag(tag).ContextSpecific())
			}
		}
	})
}
