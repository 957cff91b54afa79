package tsp

import (
	"bytes"
	"crypto"
	"crypto/subtle"
	"errors"
	"io"
	"math/big"
	"strings"
	"time"

	"absah/internal/cms"
	"absah/internal/sigalg"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"
)

// Info is a TSTInfo (RFC 3161 §2.4.2).
type Info struct {
	Policy   string
	Hash     crypto.Hash // zero when the algorithm is not known
	HashOID  string
	Digest   []byte
	Serial   *big.Int
	GenTime  time.Time
	Accuracy time.Duration // zero: not stated
	Ordering bool
	Nonce    *big.Int // nil: none
	TSA      []byte   // raw GeneralName, nil: not stated
}

// Token is a time-stamp token: SignedData over a TSTInfo.
type Token struct {
	Raw    []byte
	Signed *cms.SignedData
	Info   Info
}

// ParseToken reads a token. Zero bytes behind it, the padding of a PDF signature value, are allowed.
func ParseToken(b []byte) (*Token, error) {
	sd, err := cms.Parse(b)
	if err != nil {
		return nil, err
	}
	switch {
	case sd.EContentType != cms.OIDTSTInfo:
		return nil, malformed("the content is not a TSTInfo")
	case len(sd.SignerInfos) != 1:
		return nil, malformed("a token has exactly one signer")
	case sd.EContent == nil:
		return nil, malformed("the TSTInfo is missing")
	}
	t := &Token{Raw: sd.Raw, Signed: sd}
	return t, t.Info.parse(sd.EContent)
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
	return nil
}

// parseTime reads a GeneralizedTime with an optional fraction; RFC 3161 §2.4.2 wants the Z.
func parseTime(s string) (time.Time, error) {
	if !strings.HasSuffix(s, "Z") || len(s) > 32 {
		return time.Time{}, malformed("genTime")
	}
	t, err := time.Parse("20060102150405.999999999Z", s)
	if err != nil {
		if t, err = time.Parse("20060102150405Z", s); err != nil {
			return time.Time{}, malformed("genTime")
		}
	}
	return t.UTC(), nil
}

func readAccuracy(s *cryptobyte.String) (d time.Duration, ok bool) {
	var seq cryptobyte.String
	if !s.ReadASN1(&seq, asn1.SEQUENCE) {
		return 0, false
	}
	if seq.PeekASN1Tag(asn1.INTEGER) {
		var n int64
		if !seq.ReadASN1Integer(&n) || n < 0 || n > 1<<31 {
			return 0, false
		}
		d = time.Duration(n) * time.Second
	}
	for tag, unit := range []time.Duration{time.Millisecond, time.Microsecond} {
		var raw cryptobyte.String
		var has bool
		if !seq.ReadOptionalASN1(&raw, &has, asn1.Tag(tag).ContextSpecific()) {
			return 0, false
		}
		if has {
			n := int64(0)
			for _, b := range raw {
				n = n<<8 | int64(b)
			}
			if len(raw) > 2 || n < 0 || n > 999 {
				return 0, false
			}
			d += time.Duration(n) * unit
		}
	}
	return d, seq.Empty()
}

// Matches reports whether the token is over this digest.
func (t *Token) Matches(h crypto.Hash, digest []byte) bool {
	return t.Info.Hash == h && subtle.ConstantTimeCompare(t.Info.Digest, digest) == 1
}

// MatchesMessage hashes a message as the token says and reports whether the token is over it.
func (t *Token) MatchesMessage(message []byte) bool {
	if !t.Info.Hash.Available() {
		return false
	}
	h := t.Info.Hash.New()
	h.Write(message)
	return t.Matches(t.Info.Hash, h.Sum(nil))
}

// Check is what can be said about a token's own signature.
type Check struct {
	Certificate []byte // DER of the certificate that the token names; nil: not found
	Bound       bool   // the signing-certificate attribute names it (RFC 5816); RFC 3161 §2.4.2 requires that
	Err         error  // why the signature is not good; nil: it verifies
}

// Errors of Check.
var (
	ErrNoCertificate = errors.New("the time-stamp's certificate is missing")
	ErrNotBound      = errors.New("the time-stamp does not say which certificate signed it")
)

// Check verifies the signature under the certificate that the token names, looked for in the token and in more.
func (t *Token) Check(more [][]byte) Check {
	si := t.Signed.SignerInfos[0]
	ids := si.SigningCertificates()
	for _, list := range [][][]byte{t.Signed.Certificates, more} {
		for _, der := range list {
			if len(ids) > 0 && !ids[0].Matches(der) {
				continue
			}
			issuer, serial, spki, ok := certificateParts(der)
			if !ok {
				continue
			}
			if len(ids) == 0 && (si.Serial == nil || si.Serial.Cmp(serial) != 0 || !bytes.Equal(si.IssuerRaw, issuer)) {
				continue
			}
			c := Check{Certificate: der, Bound: len(ids) > 0}
			pub, err := sigalg.ParsePublicKey(spki)
			if err != nil {
				c.Err = err
				return c
			}
			c.Err = si.CheckContent(pub, t.Signed.EContent).Err
			if c.Err == nil && !c.Bound {
				c.Err = ErrNotBound
			}
			return c
		}
	}
	return Check{Err: ErrNoCertificate}
}

// certificateParts reads the parts of a certificate that finding a signer needs.
func certificateParts(der []byte) (issuer []byte, serial *big.Int, spki []byte, ok bool) {
	in := cryptobyte.String(der)
	var cert, tbs, iss, key cryptobyte.String
	serial = new(big.Int)
	ok = in.ReadASN1(&cert, asn1.SEQUENCE) && cert.ReadASN1(&tbs, asn1.SEQUENCE) &&
		tbs.SkipOptionalASN1(asn1.Tag(0).ContextSpecific().Constructed()) && tbs.ReadASN1Integer(serial) &&
		tbs.SkipASN1(asn1.SEQUENCE) && tbs.ReadASN1Element(&iss, asn1.SEQUENCE) && tbs.SkipASN1(asn1.SEQUENCE) &&
		tbs.SkipASN1(asn1.SEQUENCE) && tbs.ReadASN1Element(&key, asn1.SEQUENCE)
	return iss, serial, key, ok
}

// Marshal returns the DER of the TSTInfo. GenTime is written with microseconds.
func (i *Info) Marshal() ([]byte, error) {
	var b cryptobyte.Builder
	b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1Int64(1)
		addOID(b, i.Policy)
		addImprint(b, i.Hash, i.Digest)
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
	})
	return b.Bytes()
}

// formatTime writes no trailing zeros in the fraction, as DER wants (RFC 3161 §2.4.2).
func formatTime(t time.Time) string {
	s := t.UTC().Format("20060102150405.000000")
	return strings.TrimRight(strings.TrimRight(s, "0"), ".") + "Z"
}

func addAccuracy(b *cryptobyte.Builder, d time.Duration) {
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

// Create signs a token. The certificate goes inside when the request asked for it; the signing-certificate attribute always names
// it (RFC 5816).
func Create(rand io.Reader, info Info, key crypto.Signer, certificate []byte, chain [][]byte, include bool) ([]byte, error) {
	content, err := info.Marshal()
	if err != nil {
		return nil, err
	}
	s, err := cms.NewSigner(cms.SignerOptions{
		Certificate: certificate, Chain: chain, OmitCertificates: !include,
		ContentType: cms.OIDTSTInfo, EContent: content, OmitAlgorithmProtection: true,
	})
	if err != nil {
		return nil, err
	}
	h := s.Hash().New()
	h.Write(content)
	return s.Sign(rand, key, h.Sum(nil), nil)
}
