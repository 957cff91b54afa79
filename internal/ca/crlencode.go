package ca

import (
	"encoding/binary"
	"time"

	"absah/internal/sigalg"
	"absah/trust"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// crlTBS encodes a list (RFC 5280 §5.1.2). Entries are appended byte by byte: they all have one of two shapes, and a list of a million
// takes a general encoder thirty times as long.
func crlTBS(issuer *trust.Certificate, alg sigalg.AlgorithmIdentifier, l *List, revoked []Revocation) []byte {
	entries := make([]byte, 0, len(revoked)*entrySize)
	for i := range revoked {
		entries = appendEntry(entries, &revoked[i])
	}
	var head cryptobyte.Builder
	head.AddASN1Int64(1)
	head.AddBytes(alg.Raw)
	head.AddBytes(issuer.RawSubject)
	addTime(&head, l.ThisUpdate)
	addTime(&head, l.NextUpdate)
	body := head.BytesOrPanic()
	tail := crlExtensions(issuer, l.Number)
	size := len(body) + len(tail)
	if len(revoked) > 0 { // RFC 5280 §5.1.2.6: without entries the list is absent, not empty
		size += len(appendHeader(nil, 0x30, len(entries))) + len(entries)
	}
	out := appendHeader(make([]byte, 0, size+8), 0x30, size)
	out = append(out, body...)
	if len(revoked) > 0 {
		out = appendHeader(out, 0x30, len(entries))
		out = append(out, entries...)
	}
	return append(out, tail...)
}

// crlExtensions: whose key, which number, and that expired certificates stay listed since the beginning.
func crlExtensions(issuer *trust.Certificate, number int64) []byte {
	var b cryptobyte.Builder
	ext := func(b *cryptobyte.Builder, oid string, value func(*cryptobyte.Builder)) {
		b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
			addOID(b, oid)
			b.AddASN1(cbasn1.OCTET_STRING, value)
		})
	}
	b.AddASN1(cbasn1.Tag(0).ContextSpecific().Constructed(), func(b *cryptobyte.Builder) {
		b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
			ext(b, oidAuthorityKeyID, func(b *cryptobyte.Builder) {
				b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
					b.AddASN1(cbasn1.Tag(0).ContextSpecific(), func(b *cryptobyte.Builder) { b.AddBytes(issuer.SubjectKeyID) })
				})
			})
			ext(b, oidCRLNumber, func(b *cryptobyte.Builder) { b.AddASN1Int64(number) })
			ext(b, oidExpiredOnCRL, func(b *cryptobyte.Builder) { b.AddASN1GeneralizedTime(issuer.NotBefore.UTC()) })
		})
	})
	return b.BytesOrPanic()
}

// entrySize is what an entry with a reason and a serial number of 16 octets takes.
const entrySize = 2 + 18 + 15 + 14

func appendEntry(out []byte, r *Revocation) []byte {
	start := len(out)
	out = append(out, 0x30, 0)
	out = appendInteger(out, r.Serial[:])
	out = appendTime(out, r.At)
	if r.Reason > 0 { // RFC 5280 §5.3.1: "unspecified" is said by leaving the reason out
		// SEQUENCE { SEQUENCE { OID reasonCode, OCTET STRING { ENUMERATED } } }
		out = append(out, 0x30, 12, 0x30, 10, 6, 3, 0x55, 0x1d, 21, 4, 3, 0x0a, 1, byte(r.Reason))
	}
	out[start+1] = byte(len(out) - start - 2) // 51 at most
	return out
}

// appendInteger writes a positive number in its shortest form (X.690 §8.3.2).
func appendInteger(out, n []byte) []byte {
	for len(n) > 1 && n[0] == 0 {
		n = n[1:]
	}
	pad := int(n[0] >> 7)
	out = append(out, 2, byte(len(n)+pad))
	if pad == 1 {
		out = append(out, 0)
	}
	return append(out, n...)
}

// appendTime writes UTCTime until 2049 and GeneralizedTime after (RFC 5280 §5.1.2.6).
func appendTime(out []byte, t time.Time) []byte {
	t = t.UTC()
	if t.Year() < 2050 {
		return t.AppendFormat(append(out, 0x17, 13), "060102150405Z")
	}
	return t.AppendFormat(append(out, 0x18, 15), "20060102150405Z")
}

// appendHeader writes tag and length (X.690 §8.1.3).
func appendHeader(out []byte, tag byte, size int) []byte {
	out = append(out, tag)
	if size < 128 {
		return append(out, byte(size))
	}
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], uint64(size))
	i := 0
	for b[i] == 0 {
		i++
	}
	out = append(out, 0x80|byte(8-i))
	return append(out, b[i:]...)
}
