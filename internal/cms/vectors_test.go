package cms

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"encoding/asn1"
	"errors"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"absah/internal/sigalg"
)

// forge builds a SignedData freely, for vectors that the Signer refuses to make.
type forge struct {
	who         person
	content     []byte
	attrs       [][]byte // DER of the signed attributes, in this order; nil = the usual ones
	signStored  bool     // sign the attributes in the given order instead of DER order
	noAttrs     bool
	digestAlg   []byte
	sigAlg      []byte
	certs       [][]byte
	crls        []byte // content of [1]
	econtent    []byte // raw EncapsulatedContentInfo
	unsigned    []byte // raw [1]
	attrsHeader func(content []byte) []byte
	signers     int
	version     byte
}

func attr(oid string, values ...[]byte) []byte { return Attribute{oid, values}.DER() }

func octetString(b []byte) []byte { return tlv(tagOctetString, b) }

func usualAttrs(content []byte) [][]byte {
	return [][]byte{attr(OIDContentType, derOID(OIDData)), attr(OIDMessageDigest, octetString(digestOf(crypto.SHA256, content)))}
}

func (f forge) build(t testing.TB) []byte {
	t.Helper()
	if f.attrs == nil {
		f.attrs = usualAttrs(f.content)
	}
	if f.digestAlg == nil {
		f.digestAlg = sigalg.DigestAlgorithm(crypto.SHA256).Raw
	}
	stored := bytes.Join(f.attrs, nil)
	message := tlv(tagSet, setOf(f.attrs))
	if f.signStored {
		message = tlv(tagSet, stored)
	}
	if f.noAttrs {
		message = f.content
	}
	sig, alg, err := sigalg.Sign(rand.Reader, f.who.key, sigalg.Scheme{}, message)
	if err != nil {
		t.Fatal(err)
	}
	if f.sigAlg == nil {
		f.sigAlg = alg.Raw
	}
	cert, err := parseCertificate(f.who.cert)
	if err != nil {
		t.Fatal(err)
	}
	wire := tlv(0xa0, stored)
	if f.attrsHeader != nil {
		wire = f.attrsHeader(stored)
	}
	if f.noAttrs {
		wire = nil
	}
	if f.version == 0 {
		f.version = 1
	}
	si := tlv(tagSequence, []byte{tagInteger, 1, f.version}, tlv(tagSequence, cert.issuer, cert.serial), f.digestAlg, wire, f.sigAlg, octetString(sig), f.unsigned)
	sis := si
	for range f.signers {
		sis = append(sis, si...)
	}
	if f.econtent == nil {
		f.econtent = tlv(tagSequence, derOID(OIDData))
	}
	if f.certs == nil {
		f.certs = [][]byte{f.who.cert}
	}
	sd := [][]byte{{tagInteger, 1, 1}, tlv(tagSet, sigalg.DigestAlgorithm(crypto.SHA256).Raw), f.econtent, tlv(0xa0, f.certs...)}
	if f.crls != nil {
		sd = append(sd, tlv(0xa1, f.crls))
	}
	sd = append(sd, tlv(tagSet, sis))
	return tlv(tagSequence, derOID(OIDSignedData), tlv(0xa0, tlv(tagSequence, sd...)))
}

// inOrder puts attributes in DER order, as they should be unless order is what a vector is about.
func inOrder(attrs [][]byte) [][]byte {
	slices.SortFunc(attrs, bytes.Compare)
	return attrs
}

var letter = []byte("Surat contoh")

// indefinite wraps content with an indefinite length.
func indefinite(tag byte, content ...[]byte) []byte {
	return append(append([]byte{tag, 0x80}, bytes.Join(content, nil)...), 0, 0)
}

func TestVectors(t *testing.T) {
	p := testPerson(t, "p256")
	usual := usualAttrs(letter)
	second := attr(OIDMessageDigest, octetString(digestOf(crypto.SHA256, []byte("isi lain"))))
	isKind := func(kind string) func(error) bool {
		return func(err error) bool {
			var mm *sigalg.MismatchError
			return errors.As(err, &mm) && mm.Kind == kind
		}
	}
	is := func(want error) func(error) bool { return func(err error) bool { return errors.Is(err, want) } }
	good := func(err error) bool { return err == nil }
	ess := func(tag byte, ids ...[]byte) []byte { return tlv(tagSequence, tlv(tagSequence, ids...)) }
	reference := ess(0, tlv(tagSequence, octetString(digestOf(crypto.SHA256, p.cert))))
	protect := func(digest crypto.Hash, sig string) []byte {
		return attr(OIDAlgorithmProtection, tlv(tagSequence, sigalg.DigestAlgorithm(digest).Raw, tlv(0xa1, derOID(sig))))
	}
	const ecdsaSHA256 = "1.2.840.10045.4.3.2"

	cases := []struct {
		name  string
		f     forge
		err   func(error) bool
		notes []string
	}{
		{"usual", forge{}, good, nil},
		{"without attributes", forge{noAttrs: true}, good, nil},
		{"unsorted, DER signed", forge{attrs: []([]byte){usual[1], usual[0]}}, good, []string{NoteAttributesUnsorted}},
		{"unsorted, stored signed", forge{attrs: [][]byte{usual[1], usual[0]}, signStored: true}, is(ErrStoredForm), []string{NoteAttributesUnsorted}},
		{"indefinite attributes", forge{attrsHeader: func(c []byte) []byte { return indefinite(0xa0, c) }}, good, []string{NoteAttributesBER, NoteBER}},
		{"overlong attributes", forge{attrsHeader: func(c []byte) []byte { return append([]byte{0xa0, 0x82, 0, byte(len(c))}, c...) }}, good, []string{NoteAttributesBER, NoteBER}},
		{
			"constructed digest",
			forge{attrs: [][]byte{usual[0], attr(OIDMessageDigest, indefinite(0x24, octetString(digestOf(crypto.SHA256, letter)[:7]), octetString(digestOf(crypto.SHA256, letter)[7:])))}, signStored: true},
			is(ErrStoredForm),
			[]string{NoteAttributesBER},
		},
		{"two digests", forge{attrs: inOrder(append(slices.Clone(usual), second))}, is(ErrAmbiguous), []string{NoteDuplicate}},
		{"two digests, wrong first", forge{attrs: append([][]byte{second}, usual...)}, is(ErrAmbiguous), []string{NoteDuplicate, NoteAttributesUnsorted}},
		{"digest with two values", forge{attrs: [][]byte{usual[0], attr(OIDMessageDigest, octetString(digestOf(crypto.SHA256, letter)), octetString(make([]byte, 32)))}}, is(ErrAmbiguous), []string{NoteValues, NoteNoMessageDigest}},
		{"two content types", forge{attrs: append([][]byte{usual[0]}, usual...)}, is(ErrAmbiguous), []string{NoteDuplicate}},
		{"no digest", forge{attrs: usual[:1]}, is(ErrNoDigest), []string{NoteNoMessageDigest}},
		{"empty attributes", forge{attrs: [][]byte{}}, is(ErrNoDigest), []string{NoteNoMessageDigest, NoteNoContentType}},
		{"digest is no octet string", forge{attrs: [][]byte{usual[0], attr(OIDMessageDigest, derOID(OIDData))}}, is(ErrNoDigest), []string{NoteAttribute, NoteNoMessageDigest}},
		{"wrong digest", forge{attrs: [][]byte{usual[0], second}}, is(ErrDigest), nil},
		{"no content type", forge{attrs: usual[1:]}, good, []string{NoteNoContentType}},
		{"other content type", forge{attrs: [][]byte{attr(OIDContentType, derOID(OIDTSTInfo)), usual[1]}}, good, []string{NoteContentType}},
		{"digest algorithm SHA-384", forge{digestAlg: sigalg.DigestAlgorithm(crypto.SHA384).Raw}, func(err error) bool { return errors.Is(err, ErrDigest) || isKind(sigalg.MismatchDigest)(err) }, []string{NoteDigestNotListed}},
		{"signature algorithm SHA-384", forge{sigAlg: sigalg.NewAlgorithm("1.2.840.10045.4.3.3", nil).Raw}, isKind(sigalg.MismatchDigest), nil},
		{"signature algorithm of another key", forge{sigAlg: sigalg.NewAlgorithm("1.2.840.113549.1.1.11", asn1.NullBytes).Raw}, func(err error) bool { var ke *sigalg.KeyError; return errors.As(err, &ke) }, nil},
		{"signature OID as digest", forge{digestAlg: sigalg.NewAlgorithm(ecdsaSHA256, nil).Raw}, func(err error) bool { var un *sigalg.UnsupportedError; return errors.As(err, &un) }, []string{NoteDigestNotListed}},
		{"protection agrees", forge{attrs: inOrder(append(slices.Clone(usual), protect(crypto.SHA256, ecdsaSHA256)))}, good, nil},
		{"protection: other digest", forge{attrs: inOrder(append(slices.Clone(usual), protect(crypto.SHA512, ecdsaSHA256)))}, isKind(sigalg.MismatchProtected), []string{NoteProtection}},
		{"protection: other signature", forge{attrs: inOrder(append(slices.Clone(usual), protect(crypto.SHA256, "1.2.840.10045.4.3.4")))}, isKind(sigalg.MismatchProtected), []string{NoteProtection}},
		{"protection of a MAC", forge{attrs: inOrder(append(slices.Clone(usual), attr(OIDAlgorithmProtection, tlv(tagSequence, sigalg.DigestAlgorithm(crypto.SHA256).Raw, tlv(0xa2, derOID("1.2.840.113549.2.9"))))))}, isKind(sigalg.MismatchProtected), []string{NoteProtection}},
		{"protection malformed", forge{attrs: inOrder(append(slices.Clone(usual), attr(OIDAlgorithmProtection, tlv(tagSequence))))}, is(ErrMalformed), []string{NoteAttribute}},
		{"two references", forge{attrs: inOrder(append(slices.Clone(usual), attr(OIDSigningCertificateV2, reference), attr(OIDSigningCertificateV2, reference)))}, good, []string{NoteDuplicate, NoteSeveralReferences}},
		{"reference malformed", forge{attrs: inOrder(append(slices.Clone(usual), attr(OIDSigningCertificateV2, tlv(tagSequence))))}, good, []string{NoteAttribute}},
		{"token among signed", forge{attrs: inOrder(append(slices.Clone(usual), attr(OIDSignatureTimeStamp, tlv(tagSequence))))}, good, []string{NoteMisplaced}},
		{"digest among unsigned", forge{unsigned: tlv(0xa1, usual[1])}, good, []string{NoteMisplaced}},
		{"two signers", forge{signers: 1}, good, []string{NoteSigners}},
		{"time-stamp without attributes", forge{noAttrs: true, econtent: tlv(tagSequence, derOID(OIDTSTInfo))}, is(ErrNoAttributes), []string{NoteNoAttributes}},
		{"strange version", forge{version: 9}, good, []string{NoteVersion}},
		{"attribute certificate", forge{certs: [][]byte{p.cert, tlv(0xa2, []byte{5, 0})}}, good, []string{NoteOtherCertificate}},
		{"unknown revocation format", forge{crls: tlv(0xa1, derOID("1.2.3"), []byte{5, 0})}, good, []string{NoteOtherRevocation}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			c.f.who, c.f.content = p, letter
			der := c.f.build(t)
			sd, err := Parse(der)
			if err != nil {
				t.Fatal(err)
			}
			si := sd.SignerInfos[0]
			got := si.CheckContent(p.key.Public(), letter)
			if !c.err(got.Err) {
				t.Errorf("CheckContent = %+v", got)
			}
			if got.Err == nil && !(got.DigestMatches && got.SignatureValid) {
				t.Errorf("CheckContent contradicts itself: %+v", got)
			}
			if got.OverStoredBytesOnly != errors.Is(got.Err, ErrStoredForm) {
				t.Errorf("OverStoredBytesOnly = %v with %v", got.OverStoredBytesOnly, got.Err)
			}
			var codes []string
			for _, n := range slices.Concat(sd.Notes, si.Notes) {
				codes = append(codes, n.Code)
				if n.Text == "" {
					t.Errorf("note %s has no text", n.Code)
				}
			}
			slices.Sort(codes)
			slices.Sort(c.notes)
			if codes = slices.Compact(codes); !slices.Equal(codes, c.notes) {
				t.Errorf("notes = %v, want %v", codes, c.notes)
			}
		})
	}
}

func TestTrailing(t *testing.T) {
	p := testPerson(t, "p256")
	der := forge{who: p, content: letter}.build(t)
	for _, c := range []struct {
		name string
		tail []byte
		want int
	}{
		{"nothing", nil, 0},
		{"zero padding", make([]byte, 5000), 0},
		{"one octet", []byte{0x20}, 1},
		{"hidden in padding", append(make([]byte, 9), 'x', 0, 0), 10},
	} {
		sd, err := Parse(append(bytes.Clone(der), c.tail...))
		if err != nil {
			t.Fatal(err)
		}
		if sd.Trailing != c.want || hasNote(sd.Notes, NoteTrailing) != (c.want > 0) {
			t.Errorf("%s: Trailing = %d, notes %v; want %d", c.name, sd.Trailing, sd.Notes, c.want)
		}
		if !bytes.Equal(sd.Raw, der) {
			t.Errorf("%s: Raw has %d octets, want %d", c.name, len(sd.Raw), len(der))
		}
	}
}

func TestAttributes(t *testing.T) {
	p := testPerson(t, "p256")
	cert, err := parseCertificate(p.cert)
	if err != nil {
		t.Fatal(err)
	}
	serial, err := integer(cert.serial[2:])
	if err != nil {
		t.Fatal(err)
	}
	issuerSerial := tlv(tagSequence, tlv(tagSequence, tlv(0xa4, cert.issuer)), cert.serial)
	v1 := tlv(tagSequence, tlv(tagSequence, tlv(tagSequence, octetString(digestOf(crypto.SHA1, p.cert)), issuerSerial)))
	v2 := tlv(tagSequence, tlv(tagSequence,
		tlv(tagSequence, sigalg.DigestAlgorithm(crypto.SHA512).Raw, octetString(digestOf(crypto.SHA512, p.cert)), issuerSerial),
		tlv(tagSequence, sigalg.NewAlgorithm("1.2.3.4", nil).Raw, octetString(make([]byte, 32)))))
	policy := tlv(tagSequence, derOID("1.3.6.1.4.1.99999.1"), tlv(tagSequence, sigalg.DigestAlgorithm(crypto.SHA256).Raw, octetString([]byte("hash"))))
	crl, ocsp := tlv(tagSequence, []byte{2, 1, 7}), tlv(tagSequence, []byte{10, 1, 0})
	archival := tlv(tagSequence, tlv(0xa0, tlv(tagSequence, crl, crl)), tlv(0xa1, tlv(tagSequence, ocsp)))
	when := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	token := forge{who: p, content: letter}.build(t)
	basic := tlv(tagSequence, []byte{2, 1, 9})
	f := forge{
		who: p, content: letter,
		attrs: append(usualAttrs(letter),
			attr(OIDSigningCertificate, v1), attr(OIDSigningCertificateV2, v2), attr(OIDSignaturePolicy, policy),
			attr(OIDCommitmentType, tlv(tagSequence, derOID("1.2.840.113549.1.9.16.6.1"))),
			attr(OIDAdbeRevocationInfoArchival, archival), attr(OIDSigningTime, derTime(when))),
		unsigned: tlv(0xa1, attr(OIDSignatureTimeStamp, token)),
		crls:     slices.Concat(crl, tlv(0xa1, derOID(oidRevocationOCSP), ocsp), tlv(0xa1, derOID(oidOCSPBasic), basic)),
	}
	sd, err := Parse(f.build(t))
	if err != nil {
		t.Fatal(err)
	}
	si := sd.SignerInfos[0]
	if c := si.CheckContent(p.key.Public(), letter); c.Err != nil {
		t.Errorf("CheckContent = %+v", c)
	}
	ids := si.SigningCertificates()
	if len(ids) != 3 || !ids[0].V2 || !ids[0].Matches(p.cert) || !ids[0].MatchesName(cert.issuer, serial) || ids[0].MatchesName(cert.issuer, big.NewInt(1)) ||
		ids[1].Hash != 0 || ids[1].HashOID != "1.2.3.4" || ids[1].Matches(p.cert) || !ids[1].MatchesName(nil, nil) || ids[2].V2 || !ids[2].Matches(p.cert) {
		t.Errorf("SigningCertificates = %+v", ids)
	}
	if got := si.SignaturePolicy(); got == nil || got.OID != "1.3.6.1.4.1.99999.1" || got.HashOID != sigalg.HashOID(crypto.SHA256) || string(got.Hash) != "hash" {
		t.Errorf("SignaturePolicy = %+v", got)
	}
	if got := si.CommitmentTypes(); !slices.Equal(got, []string{"1.2.840.113549.1.9.16.6.1"}) {
		t.Errorf("CommitmentTypes = %v", got)
	}
	crls, ocsps := si.RevocationInfo()
	if len(crls) != 2 || len(ocsps) != 1 || !bytes.Equal(crls[0], crl) || !bytes.Equal(ocsps[0], ocsp) {
		t.Errorf("RevocationInfo = %x, %x", crls, ocsps)
	}
	if got, ok := si.SigningTime(); !ok || !got.Equal(when) {
		t.Errorf("SigningTime = %v, %v; want %v", got, ok, when)
	}
	if got := si.SignatureTimeStamps(); len(got) != 1 || !bytes.Equal(got[0], token) {
		t.Errorf("SignatureTimeStamps = %d, want the token byte for byte", len(got))
	}
	if !si.Names(cert.issuer, serial, nil) || si.Names(cert.issuer, big.NewInt(1), nil) || si.Names(nil, serial, nil) || si.Names(cert.issuer, nil, cert.keyID()) {
		t.Error("Names does not tell the signer's certificate from others")
	}
	if si.Serial.Cmp(serial) != 0 || !bytes.Equal(si.IssuerRaw, cert.issuer) {
		t.Errorf("signer %v of %x", si.Serial, si.IssuerRaw)
	}
	if len(sd.CRLs) != 1 || !bytes.Equal(sd.CRLs[0], crl) || len(sd.OCSPResponses) != 2 || !bytes.Equal(sd.OCSPResponses[0], ocsp) {
		t.Errorf("CRLs %x, OCSP %x", sd.CRLs, sd.OCSPResponses)
	}
	if want := tlv(tagSequence, []byte{10, 1, 0}, tlv(0xa0, tlv(tagSequence, derOID(oidOCSPBasic), octetString(basic)))); !bytes.Equal(sd.OCSPResponses[1], want) {
		t.Errorf("wrapped BasicOCSPResponse = %x, want %x", sd.OCSPResponses[1], want)
	}
}

// Structures that are no SignedData, each with one thing wrong.
func TestParseRefuses(t *testing.T) {
	p := testPerson(t, "p256")
	der := forge{who: p, content: letter}.build(t)
	for i := range der {
		if sd, err := Parse(der[:i]); err == nil {
			t.Fatalf("Parse(%d of %d octets) = %d signers, want an error", i, len(der), len(sd.SignerInfos))
		}
	}
	ci := func(content ...[]byte) []byte {
		return tlv(tagSequence, derOID(OIDSignedData), tlv(0xa0, tlv(tagSequence, content...)))
	}
	version, algs, econtent, signers := []byte{2, 1, 1}, tlv(tagSet), tlv(tagSequence, derOID(OIDData)), tlv(tagSet)
	deep := []byte{5, 0}
	for range maxIndefinite + 1 {
		deep = indefinite(0x24, deep)
	}
	for name, c := range map[string]struct {
		der  []byte
		want error
	}{
		"empty":                   {nil, ErrMalformed},
		"zeros":                   {make([]byte, 100), ErrMalformed},
		"text":                    {[]byte("-----BEGIN PKCS7-----"), ErrMalformed},
		"data":                    {tlv(tagSequence, derOID(OIDData), tlv(0xa0, octetString(letter))), ErrContentType},
		"no signers":              {ci(version, algs, econtent), ErrMalformed},
		"after signers":           {ci(version, algs, econtent, signers, version), ErrMalformed},
		"no content info":         {ci(version, algs, signers), ErrMalformed},
		"two contents":            {ci(version, algs, tlv(tagSequence, derOID(OIDData), tlv(0xa0, octetString(nil), octetString(nil))), signers), ErrMalformed},
		"unknown certificate":     {ci(version, algs, econtent, tlv(0xa0, octetString(nil)), signers), ErrMalformed},
		"unknown revocation info": {ci(version, algs, econtent, tlv(0xa1, octetString(nil)), signers), ErrMalformed},
		"wide version":            {ci([]byte{2, 5, 1, 1, 1, 1, 1}, algs, econtent, signers), ErrMalformed},
		"indefinite primitive":    {append([]byte{0x30, 0x80, 4, 0x80}, 0, 0, 0, 0), ErrMalformed},
		"no end of contents":      {indefinite(tagSequence, derOID(OIDSignedData))[:14], ErrMalformed},
		"huge length":             {[]byte{0x30, 0x88, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0}, ErrMalformed},
		"overlong length":         {append([]byte{0x30, 0x89}, make([]byte, 9)...), ErrMalformed},
		"padded serial number":    {bytes.Replace(der, append([]byte{2, 5}, 0, 0x81), append([]byte{2, 5}, 0, 0x01), -1), ErrMalformed},
		"deep":                    {ci(version, algs, tlv(tagSequence, derOID(OIDData), tlv(0xa0, deep)), signers), ErrTooLarge},
		"too large":               {make([]byte, maxSize+1), ErrTooLarge},
	} {
		if sd, err := Parse(c.der); !errors.Is(err, c.want) {
			t.Errorf("Parse(%s) = %v, %v; want %v", name, sd, err, c.want)
		}
	}
}

// Bombs end fast: their cost is linear in their size. The numbers would take minutes if it were not.
func TestParseIsLinear(t *testing.T) {
	chunk := octetString([]byte("x"))
	many := bytes.Repeat(chunk, 1<<18)
	nested := many
	for range maxIndefinite - 6 {
		nested = indefinite(0x24, nested)
	}
	ci := func(content []byte) []byte {
		return indefinite(tagSequence, derOID(OIDSignedData), indefinite(0xa0, indefinite(tagSequence, []byte{2, 1, 1}, tlv(tagSet),
			indefinite(tagSequence, derOID(OIDData), indefinite(0xa0, content)), tlv(tagSet))))
	}
	start := time.Now()
	sd, err := Parse(ci(nested))
	if err != nil || len(sd.EContent) != 1<<18 {
		t.Fatalf("Parse(nested chunks) = %v", err)
	}
	if _, err := Parse(ci(bytes.Repeat([]byte{0x24, 0x80}, 1<<21))); !errors.Is(err, ErrTooLarge) {
		t.Errorf("Parse(deep nesting) = %v, want %v", err, ErrTooLarge)
	}
	// More attributes than any signer has.
	attrs := bytes.Repeat(attr("1.2.3", []byte{5, 0}), 1<<17)
	p := testPerson(t, "p256")
	if _, err := Parse(forge{who: p, content: letter, attrs: [][]byte{attrs}}.build(t)); !errors.Is(err, ErrTooLarge) {
		t.Errorf("Parse(many attributes) = %v, want %v", err, ErrTooLarge)
	}
	if d := time.Since(start); d > 20*time.Second {
		t.Errorf("took %v", d)
	}
}

func TestSignerRefuses(t *testing.T) {
	p := testPerson(t, "p256")
	for name, o := range map[string]SignerOptions{
		"no certificate":      {},
		"not a certificate":   {Certificate: letter},
		"trailing octets":     {Certificate: append(bytes.Clone(p.cert), 0)},
		"chain of rubbish":    {Certificate: p.cert, Chain: [][]byte{letter}},
		"scheme":              {Certificate: p.cert, Scheme: sigalg.Scheme{PSS: true}},
		"content type":        {Certificate: p.cert, ContentType: "id-data"},
		"own message digest":  {Certificate: p.cert, ExtraSigned: []Attribute{{OIDMessageDigest, [][]byte{octetString(letter)}}}},
		"content type twice":  {Certificate: p.cert, ExtraSigned: []Attribute{{OIDContentType, [][]byte{derOID(OIDData)}}}},
		"attribute of no OID": {Certificate: p.cert, ExtraSigned: []Attribute{{"x", [][]byte{octetString(letter)}}}},
		"empty attribute":     {Certificate: p.cert, ExtraSigned: []Attribute{{"1.2.3", nil}}},
	} {
		if _, err := NewSigner(o); err == nil {
			t.Errorf("NewSigner(%s): no error", name)
		}
	}
	s, err := NewSigner(SignerOptions{Certificate: p.cert})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.SignedAttributes(make([]byte, 20)); err == nil {
		t.Error("SignedAttributes(20 octets for SHA-256): no error")
	}
	if _, err := s.Sign(rand.Reader, testPerson(t, "p384").key, make([]byte, 32), nil); !errors.Is(err, ErrWrongKey) {
		t.Errorf("Sign(another key) = %v, want %v", err, ErrWrongKey)
	}
	attrs, err := s.SignedAttributes(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	for name, f := range map[string]func() ([]byte, error){
		"no signature":       func() ([]byte, error) { return s.Finish(attrs, nil, nil) },
		"no attributes":      func() ([]byte, error) { return s.Finish(nil, letter, nil) },
		"cut attributes":     func() ([]byte, error) { return s.Finish(attrs[:len(attrs)-1], letter, nil) },
		"attributes and one": func() ([]byte, error) { return s.Finish(append(bytes.Clone(attrs), 0), letter, nil) },
		"empty unsigned":     func() ([]byte, error) { return s.Finish(attrs, letter, []Attribute{{"1.2.3", nil}}) },
	} {
		if der, err := f(); err == nil {
			t.Errorf("Finish(%s) = %d octets, want an error", name, len(der))
		}
	}
}

// What the attributes of our signatures are, byte for byte.
func TestSignedAttributesExact(t *testing.T) {
	p := testPerson(t, "p256")
	digest := digestOf(crypto.SHA256, letter)
	want := [][]byte{
		attr(OIDContentType, derOID(OIDData)),
		attr(OIDMessageDigest, octetString(digest)),
		// hashAlgorithm absent: SHA-256 is the DEFAULT
		attr(OIDSigningCertificateV2, tlv(tagSequence, tlv(tagSequence, tlv(tagSequence, octetString(digestOf(crypto.SHA256, p.cert)))))),
	}
	check := func(name string, o SignerOptions, want [][]byte) {
		t.Helper()
		o.Certificate = p.cert
		s, err := NewSigner(o)
		if err != nil {
			t.Fatal(err)
		}
		got, err := s.SignedAttributes(digest)
		if err != nil {
			t.Fatal(err)
		}
		if w := tlv(tagSet, setOf(want)); !bytes.Equal(got, w) {
			t.Errorf("SignedAttributes(%s) = %x, want %x", name, got, w)
		}
		again, _ := s.SignedAttributes(digest)
		if !bytes.Equal(got, again) {
			t.Errorf("SignedAttributes(%s) differs the second time", name)
		}
	}
	check("plain", SignerOptions{OmitAlgorithmProtection: true}, want)
	protection := attr(OIDAlgorithmProtection, tlv(tagSequence, sigalg.DigestAlgorithm(crypto.SHA256).Raw, tlv(0xa1, derOID("1.2.840.10045.4.3.2"))))
	check("default", SignerOptions{}, append(slices.Clone(want), protection))
	when := time.Date(2026, 11, 10, 1, 2, 3, 999, time.FixedZone("WIB", 7*3600))
	check("signing time", SignerOptions{OmitAlgorithmProtection: true, SigningTime: &when}, append(slices.Clone(want), attr(OIDSigningTime, tlv(tagUTCTime, []byte("261109180203Z")))))
	late := time.Date(2050, 1, 1, 0, 0, 0, 0, time.UTC)
	check("late signing time", SignerOptions{OmitAlgorithmProtection: true, SigningTime: &late}, append(slices.Clone(want), attr(OIDSigningTime, tlv(tagGenTime, []byte("20500101000000Z")))))
	check("no reference", SignerOptions{OmitAlgorithmProtection: true, OmitSigningCertificate: true}, want[:2])
}

// A signature for every scheme, with unsigned attributes added in any order, stays good, sorted and within MaxSize.
func TestAddUnsigned(t *testing.T) {
	for _, c := range interopSchemes {
		t.Run(c.name, func(t *testing.T) {
			p := testPerson(t, c.key)
			s, err := NewSigner(SignerOptions{Certificate: p.cert, Scheme: c.scheme, Chain: [][]byte{testPerson(t, "rsa").cert}})
			if err != nil {
				t.Fatal(err)
			}
			der, err := s.Sign(rand.Reader, p.key, digestOf(s.Hash(), letter), nil)
			if err != nil {
				t.Fatal(err)
			}
			size := 0
			for i, n := range []int{10, 300, 3, 70000} {
				a := Attribute{OIDSignatureTimeStamp, [][]byte{tlv(tagSequence, octetString(make([]byte, n)))}}
				size += AttributeSize(a.OID, len(a.Values[0]))
				if got := len(a.DER()); got != AttributeSize(a.OID, len(a.Values[0])) {
					t.Errorf("AttributeSize = %d, DER has %d", AttributeSize(a.OID, len(a.Values[0])), got)
				}
				if der, err = AddUnsigned(append(der, 0, 0, 0), a); err != nil {
					t.Fatal(err)
				}
				sd := checkClean(t, der, p.key.Public(), letter)
				if got := len(sd.SignerInfos[0].UnsignedAttrs); got != i+1 {
					t.Errorf("%d unsigned attributes, want %d", got, i+1)
				}
				if limit := s.MaxSize(size); len(der) > limit || len(der) < limit-8 {
					t.Errorf("MaxSize(%d) = %d, message has %d", size, limit, len(der))
				}
				if !isDER(der, 0) {
					t.Error("the message is not DER any more")
				}
			}
		})
	}
}

func TestAddUnsignedRefuses(t *testing.T) {
	p := testPerson(t, "p256")
	a := Attribute{OIDSignatureTimeStamp, [][]byte{tlv(tagSequence)}}
	if _, err := AddUnsigned(forge{who: p, content: letter, signers: 1}.build(t), a); !errors.Is(err, ErrSigners) {
		t.Errorf("AddUnsigned(two signers) = %v, want %v", err, ErrSigners)
	}
	if _, err := AddUnsigned(letter, a); !errors.Is(err, ErrMalformed) {
		t.Errorf("AddUnsigned(text) = %v, want %v", err, ErrMalformed)
	}
	if _, err := AddUnsigned(forge{who: p, content: letter}.build(t), Attribute{OID: "1.2.3"}); err == nil {
		t.Error("AddUnsigned(attribute without values): no error")
	}
}

// BER around the signer becomes DER lengths; the rest keeps its bytes and the signature stays good.
func TestAddUnsignedBER(t *testing.T) {
	p := testPerson(t, "rsa")
	ssl := newOpenSSL(t, p)
	ssl.write("content", interopContent)
	ssl.must("cms", "-sign", "-binary", "-nodetach", "-stream", "-in", "content", "-outform", "DER", "-out", "sig.der", "-signer", "cert.pem", "-inkey", "key.pem")
	der, err := AddUnsigned(ssl.read("sig.der"), Attribute{OIDSignatureTimeStamp, [][]byte{tlv(tagSequence)}})
	if err != nil {
		t.Fatal(err)
	}
	sd, err := Parse(der)
	if err != nil {
		t.Fatal(err)
	}
	if c := sd.SignerInfos[0].CheckContent(p.key.Public(), sd.EContent); c.Err != nil || !bytes.Equal(sd.EContent, interopContent) {
		t.Errorf("CheckContent = %+v", c)
	}
	ssl.write("more.der", der)
	ssl.must("cms", "-verify", "-binary", "-inform", "DER", "-in", "more.der", "-CAfile", "cert.pem", "-purpose", "any", "-out", "out")
}

func TestToDER(t *testing.T) {
	for _, c := range []struct {
		name     string
		in, want []byte
	}{
		{"indefinite sequence", indefinite(0x30, []byte{2, 1, 5}), []byte{0x30, 3, 2, 1, 5}},
		{"overlong length", []byte{0x30, 0x83, 0, 0, 3, 2, 1, 5}, []byte{0x30, 3, 2, 1, 5}},
		{"set is sorted", []byte{0x31, 6, 2, 1, 5, 2, 1, 3}, []byte{0x31, 6, 2, 1, 3, 2, 1, 5}},
		{"chunks are joined", indefinite(0x24, []byte{4, 1, 'a'}, indefinite(0x24, []byte{4, 2, 'b', 'c'})), []byte{4, 3, 'a', 'b', 'c'}},
		{"bits are joined", indefinite(0x23, []byte{3, 2, 0, 0xf0}, []byte{3, 2, 4, 0x50}), []byte{3, 3, 4, 0xf0, 0x50}},
		{"empty string", indefinite(0x24), []byte{4, 0}},
		{"empty bit string", indefinite(0x23), []byte{3, 1, 0}},
		{"high tag", []byte{0xbf, 0x81, 0x01, 0x80, 5, 0, 0, 0}, []byte{0xbf, 0x81, 0x01, 2, 5, 0}},
		{"long content", indefinite(0x30, octetString(make([]byte, 300))), tlv(0x30, octetString(make([]byte, 300)))},
	} {
		got, err := toDER(c.in)
		if err != nil || !bytes.Equal(got, c.want) {
			t.Errorf("toDER(%s) = %x, %v; want %x", c.name, got, err, c.want)
		}
		if isDER(c.in, 0) || !isDER(c.want, 0) {
			t.Errorf("isDER(%s) = %v, of its DER %v", c.name, isDER(c.in, 0), isDER(c.want, 0))
		}
	}
}

func TestTimes(t *testing.T) {
	for _, c := range []struct {
		tag  byte
		in   string
		want string // RFC 3339, "" = refused
	}{
		{tagUTCTime, "260304050607Z", "2026-03-04T05:06:07Z"},
		{tagUTCTime, "2603040506Z", "2026-03-04T05:06:00Z"},
		{tagUTCTime, "260304050607+0700", "2026-03-03T22:06:07Z"},
		{tagUTCTime, "491231235959Z", "2049-12-31T23:59:59Z"},
		{tagUTCTime, "500101000000Z", "1950-01-01T00:00:00Z"},
		{tagUTCTime, "680101000000Z", "1968-01-01T00:00:00Z"},
		{tagUTCTime, "990101000000Z", "1999-01-01T00:00:00Z"},
		{tagGenTime, "20260304050607Z", "2026-03-04T05:06:07Z"},
		{tagGenTime, "20260304050607.25Z", "2026-03-04T05:06:07.25Z"},
		{tagUTCTime, "260304050607", ""},
		{tagUTCTime, "261304050607Z", ""},
		{tagUTCTime, "260230050607Z", ""},
		{tagGenTime, "260304050607Z", ""},
		{tagGenTime, strings.Repeat("2", 100), ""},
		{tagOctetString, "20260304050607Z", ""},
	} {
		got, ok := parseTime(c.tag, []byte(c.in))
		if s := got.Format(time.RFC3339Nano); ok != (c.want != "") || ok && s != c.want {
			t.Errorf("parseTime(%s) = %s, %v; want %q", c.in, s, ok, c.want)
		}
	}
}

func TestInteger(t *testing.T) {
	for _, c := range []struct {
		in   []byte
		want string
	}{{[]byte{0}, "0"}, {[]byte{0x7f}, "127"}, {[]byte{0, 0x80}, "128"}, {[]byte{0x80}, "-128"}, {[]byte{0xff, 0x7f}, "-129"}, {bytes.Repeat([]byte{0xff}, 20), "-1"}} {
		if got, err := integer(c.in); err != nil || got.String() != c.want {
			t.Errorf("integer(%x) = %v, %v; want %s", c.in, got, err, c.want)
		}
	}
	for _, in := range [][]byte{nil, make([]byte, maxSerial+1)} {
		if got, err := integer(in); err == nil {
			t.Errorf("integer(%d octets) = %v, want an error", len(in), got)
		}
	}
}
