package tsp

import (
	"crypto"
	"crypto/subtle"
	"errors"
	"io"
	"math/big"

	"absah/internal/cms"
	"absah/internal/sigalg"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"
)

// Token is a time-stamp token: SignedData over a TSTInfo.
type Token struct {
	Raw    []byte // the ContentInfo as stored, without what follows it
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
	if err := t.Info.parse(sd.EContent); err != nil {
		return nil, err
	}
	return t, nil
}

// Matches reports whether the token is over this digest. It is false for a hash that is not known.
func (t *Token) Matches(h crypto.Hash, digest []byte) bool {
	return h != 0 && t.Info.Hash == h && subtle.ConstantTimeCompare(t.Info.Digest, digest) == 1
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

// Errors in Check.Err beside those of the signature value.
var (
	ErrNoCertificate    = errors.New("the time-stamp's certificate is missing")
	ErrNotBound         = errors.New("the time-stamp does not say which certificate signed it")
	ErrOtherCertificate = errors.New("the time-stamp names one certificate as its signer's and binds another")
	ErrContentType      = errors.New("the time-stamp's signature does not say that it is one")
	ErrExtension        = errors.New("the time-stamp has a critical extension that is not understood")
)

// Check verifies the signature under the certificate that the token names, looked for in the token and in more.
//
// The certificate is found by the signing-certificate attributes, which are signed, and by the unsigned name in the SignerInfo only where
// there are none: some authorities write that name in another encoding than their certificate has.
func (t *Token) Check(more [][]byte) Check {
	si := t.Signed.SignerInfos[0]
	ids := si.BoundCertificates()
	var named []byte
	for _, list := range [][][]byte{t.Signed.Certificates, more} {
		for _, der := range list {
			bound := len(ids) > 0 && ids[0].Matches(der)
			if !bound && named != nil {
				continue
			}
			c, ok := readCertificate(der)
			if !ok {
				continue
			}
			if !bound {
				if si.Names(c.issuer, c.serial, c.keyID) {
					named = der
				}
				if named == nil || len(ids) > 0 {
					continue
				}
			}
			return t.under(der, c, ids)
		}
	}
	if named != nil {
		return Check{Certificate: named, Err: ErrOtherCertificate}
	}
	return Check{Err: ErrNoCertificate}
}

// under verifies with one certificate.
func (t *Token) under(der []byte, c certificate, ids []cms.ESSCertID) Check {
	out := Check{Certificate: der, Bound: len(ids) > 0}
	for _, id := range ids {
		if !id.Matches(der) || !id.MatchesName(c.issuer, c.serial) {
			out.Bound, out.Err = false, ErrOtherCertificate
			return out
		}
	}
	pub, err := sigalg.ParsePublicKey(c.spki)
	if err != nil {
		out.Err = err
		return out
	}
	si := t.Signed.SignerInfos[0]
	if out.Err = si.CheckContent(pub, t.Signed.EContent).Err; out.Err != nil {
		return out
	}
	// Only the attribute is signed (RFC 5652 §11.1): what was signed as something else is no time-stamp.
	if kind, _ := si.ContentType(); kind != cms.OIDTSTInfo {
		out.Err = ErrContentType
		return out
	}
	if !out.Bound {
		out.Err = ErrNotBound
	}
	for _, e := range t.Info.Extensions {
		if e.Critical && out.Err == nil {
			out.Err = ErrExtension
		}
	}
	return out
}

// certificate has the parts of a certificate that finding a signer needs.
type certificate struct {
	issuer []byte
	serial *big.Int
	spki   []byte
	keyID  []byte // subject key identifier; nil: none
}

// readCertificate looks no further than it must: package trust reads certificates.
func readCertificate(der []byte) (c certificate, ok bool) {
	in := cryptobyte.String(der)
	var cert, tbs, iss, key cryptobyte.String
	c.serial = new(big.Int)
	explicit := func(n asn1.Tag) asn1.Tag { return n.ContextSpecific().Constructed() }
	ok = in.ReadASN1(&cert, asn1.SEQUENCE) && cert.ReadASN1(&tbs, asn1.SEQUENCE) &&
		tbs.SkipOptionalASN1(explicit(0)) && tbs.ReadASN1Integer(c.serial) &&
		tbs.SkipASN1(asn1.SEQUENCE) && tbs.ReadASN1Element(&iss, asn1.SEQUENCE) && tbs.SkipASN1(asn1.SEQUENCE) &&
		tbs.SkipASN1(asn1.SEQUENCE) && tbs.ReadASN1Element(&key, asn1.SEQUENCE)
	c.issuer, c.spki = iss, key
	var outer, list cryptobyte.String
	if !ok || !tbs.SkipOptionalASN1(asn1.Tag(1).ContextSpecific()) || !tbs.SkipOptionalASN1(asn1.Tag(2).ContextSpecific()) ||
		!tbs.ReadASN1(&outer, explicit(3)) || !outer.ReadASN1(&list, asn1.SEQUENCE) {
		return c, ok
	}
	for !list.Empty() {
		var ext, value, id cryptobyte.String
		if !list.ReadASN1(&ext, asn1.SEQUENCE) {
			break
		}
		oid, _ := readOID(&ext)
		if oid == "2.5.29.14" && ext.SkipOptionalASN1(asn1.BOOLEAN) && ext.ReadASN1(&value, asn1.OCTET_STRING) && value.ReadASN1(&id, asn1.OCTET_STRING) {
			c.keyID = id
		}
	}
	return c, ok
}

// Create signs a token. The certificate, and chain, go inside when include is true, as the request asked; the signing-certificate
// attribute names the certificate in any case (RFC 5816). There is no signing-time attribute: genTime says when. The error is
// about info, about a key that does not belong to the certificate, or the key's own.
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
