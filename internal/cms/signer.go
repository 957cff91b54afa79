package cms

import (
	"crypto"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"absah/internal/sigalg"
)

// SignerOptions say what a signature shall look like. It is plain data: the same options give the same bytes, so a signing session
// may be stored between its halves.
type SignerOptions struct {
	Certificate []byte   // signer's certificate, DER; required
	Chain       [][]byte // further certificates to include, DER
	Scheme      sigalg.Scheme

	ContentType string     // OID; empty = id-data
	EContent    []byte     // content to include; nil = detached
	SigningTime *time.Time // nil = no attribute, as PAdES baseline wants (EN 319 142-1 §6.3)
	ExtraSigned []Attribute

	OmitCertificates        bool // include no certificate at all (time-stamp tokens without certReq)
	OmitSigningCertificate  bool // no signing-certificate-v2; the signature is then not CAdES
	OmitAlgorithmProtection bool // no CMSAlgorithmProtection
}

// A Signer builds one signature. It holds no key. Its methods may be called at once and repeatedly.
type Signer struct {
	opts      SignerOptions
	pub       crypto.PublicKey
	hash      crypto.Hash
	algorithm sigalg.AlgorithmIdentifier

	fixed    [][]byte // DER of all signed attributes but message-digest
	prefix   []byte   // version, digestAlgorithms, encapContentInfo, certificates of SignedData
	identity []byte   // version, sid, digestAlgorithm of SignerInfo
}

// NewSigner checks the options and prepares everything that does not depend on the content. The public key is taken from the certificate.
func NewSigner(o SignerOptions) (*Signer, error) {
	cert, err := parseCertificate(o.Certificate)
	if err != nil {
		return nil, err
	}
	s := &Signer{opts: o}
	if s.pub, err = sigalg.ParsePublicKey(cert.spki); err != nil {
		return nil, fmt.Errorf("certificate: %w", err)
	}
	if s.algorithm, s.hash, err = o.Scheme.Algorithm(s.pub); err != nil {
		return nil, err
	}
	if s.opts.ContentType == "" {
		s.opts.ContentType = OIDData
	}
	if sigalg.EncodeOID(s.opts.ContentType) == nil {
		return nil, fmt.Errorf("content type %q is not an object identifier", s.opts.ContentType)
	}
	if s.fixed, err = s.attributes(); err != nil {
		return nil, err
	}
	digest := sigalg.DigestAlgorithm(s.hash).Raw
	econtent := derOID(s.opts.ContentType)
	if o.EContent != nil {
		econtent = slices.Concat(econtent, tlv(0xa0, tlv(tagOctetString, o.EContent)))
	}
	// RFC 5652 §5.1: version 3 for content other than id-data, 1 for a signer named by issuer and serial and plain certificates.
	version := byte(1)
	if s.opts.ContentType != OIDData {
		version = 3
	}
	s.prefix = slices.Concat([]byte{tagInteger, 1, version}, tlv(tagSet, digest), tlv(tagSequence, econtent))
	if !o.OmitCertificates {
		certs := [][]byte{o.Certificate}
		for i, c := range o.Chain {
			if _, err := parseCertificate(c); err != nil {
				return nil, fmt.Errorf("chain certificate %d: %w", i+1, err)
			}
			if !slices.ContainsFunc(certs, func(have []byte) bool { return string(have) == string(c) }) {
				certs = append(certs, c)
			}
		}
		s.prefix = append(s.prefix, tlv(0xa0, setOf(certs))...)
	}
	s.identity = slices.Concat([]byte{tagInteger, 1, 1}, tlv(tagSequence, cert.issuer, cert.serial), digest)
	return s, nil
}

// attributes builds the signed attributes that are known before the content.
func (s *Signer) attributes() ([][]byte, error) {
	o := s.opts
	var as []Attribute
	add := func(oid string, value []byte) { as = append(as, Attribute{oid, [][]byte{value}}) }
	add(OIDContentType, derOID(o.ContentType))
	if !o.OmitSigningCertificate {
		// RFC 5035 §4: SHA-256 is the DEFAULT of hashAlgorithm, so DER leaves it out. issuerSerial is optional there and in
		// EN 319 122-1 §5.2.2; the hash alone names the certificate.
		h := crypto.SHA256.New()
		h.Write(o.Certificate)
		id := tlv(tagSequence, tlv(tagOctetString, h.Sum(nil)))
		add(OIDSigningCertificateV2, tlv(tagSequence, tlv(tagSequence, id)))
	}
	if !o.OmitAlgorithmProtection {
		alg := tlv(0xa1, s.algorithm.Raw[headerSize(s.algorithm.Raw):])
		add(OIDAlgorithmProtection, tlv(tagSequence, sigalg.DigestAlgorithm(s.hash).Raw, alg))
	}
	if o.SigningTime != nil {
		add(OIDSigningTime, derTime(*o.SigningTime))
	}
	as = append(as, o.ExtraSigned...)
	seen := map[string]bool{OIDMessageDigest: true}
	out := make([][]byte, 0, len(as)+1)
	for _, a := range as {
		der := a.DER()
		if der == nil {
			return nil, fmt.Errorf("attribute %s has no values or a wrong type", AttributeName(a.OID))
		}
		if seen[a.OID] {
			return nil, fmt.Errorf("attribute %s is given twice", AttributeName(a.OID))
		}
		seen[a.OID] = true
		out = append(out, der)
	}
	return out, nil
}

func headerSize(der []byte) int {
	h, _ := readHeader(der)
	return h.size
}

// DER is the attribute's encoding; nil when it has no values or its OID is not one.
func (a Attribute) DER() []byte {
	id := sigalg.EncodeOID(a.OID)
	if id == nil || len(a.Values) == 0 {
		return nil
	}
	return tlv(tagSequence, tlv(tagOID, id), tlv(tagSet, setOf(a.Values)))
}

// AttributeSize is the length of [Attribute.DER] for one value of the given length.
func AttributeSize(oid string, value int) int {
	return tlvSize(tlvSize(len(sigalg.EncodeOID(oid))) + tlvSize(value))
}

// PublicKey is the key of the certificate, under which the signature must verify.
func (s *Signer) PublicKey() crypto.PublicKey { return s.pub }

// Hash is the digest algorithm for the content.
func (s *Signer) Hash() crypto.Hash { return s.hash }

// Algorithm is the signature algorithm; the value given to [Signer.Finish] must be of it.
func (s *Signer) Algorithm() sigalg.AlgorithmIdentifier { return s.algorithm }

// Scheme is the scheme to give to [sigalg.Sign], defaults resolved from the certificate's key.
func (s *Signer) Scheme() sigalg.Scheme {
	return sigalg.Scheme{Hash: s.hash, PSS: s.algorithm.OID == sigalg.OIDRSAPSS}
}

// SignedAttributes returns the DER SET OF that the key must sign, for content with this digest under [Signer.Hash].
func (s *Signer) SignedAttributes(contentDigest []byte) ([]byte, error) {
	if len(contentDigest) != s.hash.Size() {
		return nil, fmt.Errorf("content digest has %d octets, %s gives %d", len(contentDigest), sigalg.HashName(s.hash), s.hash.Size())
	}
	digest := Attribute{OIDMessageDigest, [][]byte{tlv(tagOctetString, contentDigest)}}.DER()
	return tlv(tagSet, setOf(append(s.fixed[:len(s.fixed):len(s.fixed)], digest))), nil
}

// Finish assembles the ContentInfo. signedAttrs must come from [Signer.SignedAttributes]; that signature verifies is not checked here.
func (s *Signer) Finish(signedAttrs, signature []byte, unsigned []Attribute) ([]byte, error) {
	b := signedAttrs
	set, err := expect(&b, tagSet, "signed attributes")
	if err != nil {
		return nil, err
	}
	if len(b) != 0 || set.ber {
		return nil, malformed("signed attributes")
	}
	if len(signature) == 0 {
		return nil, errors.New("empty signature value")
	}
	extra := make([][]byte, len(unsigned))
	for i, a := range unsigned {
		if extra[i] = a.DER(); extra[i] == nil {
			return nil, fmt.Errorf("unsigned attribute %s has no values or a wrong type", AttributeName(a.OID))
		}
	}
	return s.assemble(set.body, signature, setOf(extra)), nil
}

// assemble writes the whole structure into one buffer of the exact size. The arguments are contents of the fields.
func (s *Signer) assemble(signed, signature, unsigned []byte) []byte {
	l := s.layout(len(signed), len(signature), len(unsigned))
	out := make([]byte, 0, l.total)
	out = appendLength(append(out, tagSequence), l.contentInfo)
	out = append(out, signedDataOID...)
	out = appendLength(append(out, 0xa0), tlvSize(l.signedData))
	out = appendLength(append(out, tagSequence), l.signedData)
	out = append(out, s.prefix...)
	out = appendLength(append(out, tagSet), tlvSize(l.signerInfo))
	out = appendLength(append(out, tagSequence), l.signerInfo)
	out = append(out, s.identity...)
	out = appendTLV(out, 0xa0, len(signed), signed)
	out = append(out, s.algorithm.Raw...)
	out = appendTLV(out, tagOctetString, len(signature), signature)
	if len(unsigned) > 0 {
		out = appendTLV(out, 0xa1, len(unsigned), unsigned)
	}
	return out
}

var signedDataOID = derOID(OIDSignedData)

type layout struct{ signerInfo, signedData, contentInfo, total int }

func (s *Signer) layout(signed, signature, unsigned int) layout {
	var l layout
	l.signerInfo = len(s.identity) + tlvSize(signed) + len(s.algorithm.Raw) + tlvSize(signature)
	if unsigned > 0 {
		l.signerInfo += tlvSize(unsigned)
	}
	l.signedData = len(s.prefix) + tlvSize(tlvSize(l.signerInfo))
	l.contentInfo = len(signedDataOID) + tlvSize(tlvSize(l.signedData))
	l.total = tlvSize(l.contentInfo)
	return l
}

// MaxSize is an upper bound of the length of what [Signer.Finish] returns, exact but for the varying length of ECDSA values.
// unsigned is the total length of the unsigned attributes (see [AttributeSize]); add the same again for later ones.
func (s *Signer) MaxSize(unsigned int) int {
	n := AttributeSize(OIDMessageDigest, tlvSize(s.hash.Size()))
	for _, a := range s.fixed {
		n += len(a)
	}
	return s.layout(n, sigalg.SignatureSize(s.pub), unsigned).total
}

// Sign does the whole with a key at hand. It refuses a key that does not belong to the certificate.
func (s *Signer) Sign(rand io.Reader, key crypto.Signer, contentDigest []byte, unsigned []Attribute) ([]byte, error) {
	attrs, err := s.SignedAttributes(contentDigest)
	if err != nil {
		return nil, err
	}
	certified := s.pub
	if k, ok := certified.(*sigalg.PSSPublicKey); ok {
		certified = k.PublicKey // keys do not carry the restriction of their certificates
	}
	if k, ok := certified.(interface{ Equal(crypto.PublicKey) bool }); !ok || !k.Equal(key.Public()) {
		return nil, ErrWrongKey
	}
	sig, _, err := sigalg.Sign(rand, key, s.Scheme(), attrs)
	if err != nil {
		return nil, err
	}
	return s.Finish(attrs, sig, unsigned)
}

// ErrWrongKey is returned by [Signer.Sign] for a key that does not belong to the certificate.
var ErrWrongKey = errors.New("the key does not belong to the certificate")

// CertificateBag is a SignedData without content and without a signer, which programs import as certificates (RFC 5652 §5.1; the file
// is called .p7b or .p7c).
func CertificateBag(certificates ...[]byte) []byte {
	return tlv(tagSequence, signedDataOID, tlv(0xa0, tlv(tagSequence,
		[]byte{tagInteger, 1, 1}, tlv(tagSet), tlv(tagSequence, derOID(OIDData)), tlv(0xa0, setOf(certificates)), tlv(tagSet),
	)))
}
