package ca

import (
	"crypto/sha1"
	"encoding/asn1"
	"time"

	"absah/internal/sigalg"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// Extensions (RFC 5280 §4.2 and §5.2) and what they name.
const (
	oidSubjectKeyID   = "2.5.29.14"
	oidKeyUsage       = "2.5.29.15"
	oidBasic          = "2.5.29.19"
	oidCRLNumber      = "2.5.29.20"
	oidReasonCode     = "2.5.29.21"
	oidCRLPoints      = "2.5.29.31"
	oidPolicies       = "2.5.29.32"
	oidAuthorityKeyID = "2.5.29.35"
	oidExtKeyUsage    = "2.5.29.37"
	oidExpiredOnCRL   = "2.5.29.60" // expiredCertsOnCRL of X.509
	oidAccess         = "1.3.6.1.5.5.7.1.1"
	oidAccessOCSP     = "1.3.6.1.5.5.7.48.1"
	oidAccessIssuers  = "1.3.6.1.5.5.7.48.2"
	oidNoCheck        = "1.3.6.1.5.5.7.48.1.5"
)

// template is everything that goes into a certificate.
type template struct {
	profile   Profile
	serial    Serial
	issuer    []byte // raw Name
	subject   []byte // raw Name
	notBefore time.Time
	notAfter  time.Time
	spki      []byte
	keyBits   []byte
	authority []byte // key identifier of the issuer
	algorithm sigalg.AlgorithmIdentifier
	locations Locations
}

// keyID is method 1 of RFC 5280 §4.2.1.2.
func keyID(keyBits []byte) []byte {
	sum := sha1.Sum(keyBits)
	return sum[:]
}

// tbs is the to-be-signed part (RFC 5280 §4.1.2).
func (t template) tbs() ([]byte, error) {
	var b cryptobyte.Builder
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1(cbasn1.Tag(0).ContextSpecific().Constructed(), func(b *cryptobyte.Builder) { b.AddASN1Int64(2) })
		b.AddASN1BigInt(t.serial.Int())
		b.AddBytes(t.algorithm.Raw)
		b.AddBytes(t.issuer)
		b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
			addTime(b, t.notBefore)
			addTime(b, t.notAfter)
		})
		b.AddBytes(t.subject)
		b.AddBytes(t.spki)
		b.AddASN1(cbasn1.Tag(3).ContextSpecific().Constructed(), func(b *cryptobyte.Builder) {
			b.AddASN1(cbasn1.SEQUENCE, t.extensions)
		})
	})
	return b.Bytes()
}

// addTime writes UTCTime until 2049 and GeneralizedTime after (RFC 5280 §4.1.2.5).
func addTime(b *cryptobyte.Builder, t time.Time) {
	if t.Year() < 2050 {
		b.AddASN1UTCTime(t)
	} else {
		b.AddASN1GeneralizedTime(t)
	}
}

func addOID(b *cryptobyte.Builder, oid string) {
	b.AddASN1(cbasn1.OBJECT_IDENTIFIER, func(b *cryptobyte.Builder) { b.AddBytes(sigalg.EncodeOID(oid)) })
}

func (t template) extensions(b *cryptobyte.Builder) {
	p := t.profile
	ext := func(oid string, critical bool, value func(*cryptobyte.Builder)) {
		b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
			addOID(b, oid)
			if critical {
				b.AddASN1Boolean(true)
			}
			b.AddASN1(cbasn1.OCTET_STRING, value)
		})
	}
	ext(oidBasic, true, func(b *cryptobyte.Builder) {
		b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
			if p.Kind == "ca" {
				b.AddASN1Boolean(true)
				if p.PathLen != nil {
					b.AddASN1Int64(int64(*p.PathLen))
				}
			}
		})
	})
	ext(oidKeyUsage, true, func(b *cryptobyte.Builder) { b.AddBytes(keyUsage(p.KeyUsage)) })
	if len(p.ExtKeyUsage) > 0 {
		ext(oidExtKeyUsage, p.ExtKeyUsageCritical, func(b *cryptobyte.Builder) {
			b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
				for _, oid := range p.ExtKeyUsage {
					addOID(b, oid)
				}
			})
		})
	}
	ext(oidSubjectKeyID, false, func(b *cryptobyte.Builder) { b.AddASN1OctetString(keyID(t.keyBits)) })
	if t.authority != nil {
		ext(oidAuthorityKeyID, false, func(b *cryptobyte.Builder) {
			b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
				b.AddASN1(cbasn1.Tag(0).ContextSpecific(), func(b *cryptobyte.Builder) { b.AddBytes(t.authority) })
			})
		})
	}
	if len(p.Policies) > 0 {
		ext(oidPolicies, false, func(b *cryptobyte.Builder) {
			b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
				for _, oid := range p.Policies {
					b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) { addOID(b, oid) })
				}
			})
		})
	}
	if p.Locations {
		t.addLocations(ext)
	}
	if p.NoCheck {
		ext(oidNoCheck, false, func(b *cryptobyte.Builder) { b.AddBytes([]byte{5, 0}) })
	}
}

func (t template) addLocations(ext func(string, bool, func(*cryptobyte.Builder))) {
	uri := func(b *cryptobyte.Builder, s string) {
		b.AddASN1(cbasn1.Tag(6).ContextSpecific(), func(b *cryptobyte.Builder) { b.AddBytes([]byte(s)) })
	}
	if t.locations.CRL != "" {
		ext(oidCRLPoints, false, func(b *cryptobyte.Builder) {
			b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
				b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
					b.AddASN1(cbasn1.Tag(0).ContextSpecific().Constructed(), func(b *cryptobyte.Builder) {
						b.AddASN1(cbasn1.Tag(0).ContextSpecific().Constructed(), func(b *cryptobyte.Builder) { uri(b, t.locations.CRL) })
					})
				})
			})
		})
	}
	if t.locations.OCSP == "" && t.locations.Issuer == "" {
		return
	}
	ext(oidAccess, false, func(b *cryptobyte.Builder) {
		b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
			for _, a := range []struct{ oid, url string }{{oidAccessOCSP, t.locations.OCSP}, {oidAccessIssuers, t.locations.Issuer}} {
				if a.url == "" {
					continue
				}
				b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
					addOID(b, a.oid)
					uri(b, a.url)
				})
			}
		})
	})
}

// keyUsage is a named bit list in DER: trailing zero bits are left out (X.690 §11.2.2).
func keyUsage(names []string) []byte {
	var bits uint16
	last := 0
	for _, n := range names {
		i := usageBits[n]
		bits |= 1 << (15 - i)
		last = max(last, i)
	}
	s := asn1.BitString{Bytes: []byte{byte(bits >> 8)}, BitLength: last + 1}
	if last >= 8 {
		s.Bytes = append(s.Bytes, byte(bits))
	}
	der, _ := asn1.Marshal(s)
	return der
}

// assemble puts a signed structure together: the part that was signed, the algorithm, the value.
func assemble(tbs []byte, alg sigalg.AlgorithmIdentifier, signature []byte) ([]byte, error) {
	var b cryptobyte.Builder
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddBytes(tbs)
		b.AddBytes(alg.Raw)
		b.AddASN1BitString(signature)
	})
	return b.Bytes()
}

// keyBits are the bits of the public key inside a SubjectPublicKeyInfo.
func keyBits(spki []byte) []byte {
	in := cryptobyte.String(spki)
	var seq, bits cryptobyte.String
	if !in.ReadASN1(&seq, cbasn1.SEQUENCE) || !seq.SkipASN1(cbasn1.SEQUENCE) || !seq.ReadASN1(&bits, cbasn1.BIT_STRING) || len(bits) < 1 {
		return nil
	}
	return bits[1:]
}
