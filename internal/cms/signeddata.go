package cms

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math/big"

	"absah/internal/sigalg"
)

// ErrContentType is wrapped by the error for a message that is well-formed but of another type than asked for.
var ErrContentType = errors.New("CMS message of another type")

// SignedData is a parsed message of RFC 5652 §5.
type SignedData struct {
	Raw              []byte // the ContentInfo as stored, without what follows it
	Version          int
	DigestAlgorithms []sigalg.AlgorithmIdentifier
	EContentType     string
	EContent         []byte   // content octets; nil when detached
	Certificates     [][]byte // X.509 certificates, exact bytes, in stored order
	CRLs             [][]byte // exact bytes
	OCSPResponses    [][]byte // OCSPResponse each; a bare BasicOCSPResponse was wrapped into one
	SignerInfos      []*SignerInfo
	Trailing         int    // octets after the structure up to the last one that is not zero; PDF pads with zeros, which do not count
	Notes            []Note // about the message; each SignerInfo has its own
}

// A SignerInfo is one signature in a SignedData, RFC 5652 §5.3.
type SignerInfo struct {
	Raw                []byte
	Version            int
	IssuerRaw          []byte   // Name as stored; nil when the signer is named by key identifier
	Serial             *big.Int // nil likewise
	SubjectKeyID       []byte   // nil when the signer is named by issuer and serial
	DigestAlgorithm    sigalg.AlgorithmIdentifier
	SignatureAlgorithm sigalg.AlgorithmIdentifier
	Signature          []byte
	SignedAttrs        []Attribute // nil when the content is signed directly
	UnsignedAttrs      []Attribute

	// SignedAttrsStored are the signed attributes as they stand in the message, with the identifier of a SET OF instead of [0].
	// SignedAttrsDER is their DER encoding, which RFC 5652 §5.4 says is signed. Both are the same in a message as it should be.
	SignedAttrsStored, SignedAttrsDER []byte

	Notes []Note

	parsed attributes
}

// An Attribute is a type with its values.
type Attribute struct {
	OID    string
	Values [][]byte // each one element, exact bytes
}

// Parse reads a ContentInfo with SignedData. It accepts BER and ignores what follows the structure, but reports both. Input beyond
// 32 MiB or nested absurdly is refused with [ErrTooLarge], another content type with [ErrContentType], all else with [ErrMalformed].
func Parse(b []byte) (*SignedData, error) {
	content, raw, trailing, err := contentInfo(b, OIDSignedData)
	if err != nil {
		return nil, err
	}
	sd := &SignedData{Raw: raw, Trailing: trailing}
	if trailing > 0 {
		sd.note(NoteTrailing, "%d octets follow the signature structure", trailing)
	}
	if err := sd.parse(content); err != nil {
		return nil, err
	}
	if hasBER(raw, 5) {
		sd.note(NoteBER, "the structure uses BER lengths, not DER")
	}
	if len(sd.SignerInfos) != 1 {
		sd.note(NoteSigners, "%d signers in one structure", len(sd.SignerInfos))
	}
	return sd, nil
}

// contentInfo unwraps ContentInfo and returns the single element inside its [0], plus the raw message and the trailing count.
func contentInfo(b []byte, want string) (content element, raw []byte, trailing int, err error) {
	fail := func(err error) (element, []byte, int, error) { return element{}, nil, 0, err }
	if len(b) > maxSize {
		return fail(fmt.Errorf("%w: %d octets", ErrTooLarge, len(b)))
	}
	rest := b
	outer, err := expect(&rest, tagSequence, "content info")
	if err != nil {
		return fail(err)
	}
	trailing = len(trimZeros(rest))
	in := outer.body
	typ, err := oid(&in, "content type")
	if err != nil {
		return fail(err)
	}
	if typ != want {
		return fail(fmt.Errorf("%w: %s", ErrContentType, typ))
	}
	explicit, err := expect(&in, 0xa0, "content")
	if err != nil {
		return fail(err)
	}
	body := explicit.body
	if content, err = expect(&body, tagSequence, "content"); err != nil {
		return fail(err)
	}
	if len(body) != 0 || len(in) != 0 {
		return fail(malformed("bytes after the content"))
	}
	return content, outer.raw, trailing, nil
}

// trimZeros drops zero octets at the end, eight at a time: the padding is mostly longer than the message.
func trimZeros(b []byte) []byte {
	for len(b) >= 8 && binary.LittleEndian.Uint64(b[len(b)-8:]) == 0 {
		b = b[:len(b)-8]
	}
	return bytes.TrimRight(b, "\x00")
}

// hasBER reports whether an element of b, down to so many levels below it, has an indefinite or overlong length or a constructed string.
func hasBER(b []byte, levels int) bool {
	for len(b) > 0 {
		h, err := readHeader(b)
		if err != nil || h.ber {
			return true
		}
		end := h.size + h.length
		if h.tag&constructed != 0 && (isString(h.tag) || levels > 0 && hasBER(b[h.size:end], levels-1)) {
			return true
		}
		b = b[end:]
	}
	return false
}

func (sd *SignedData) note(code, format string, args ...any) {
	sd.Notes = append(sd.Notes, Note{code, fmt.Sprintf(format, args...)})
}

func (sd *SignedData) parse(content element) (err error) {
	in := content.body
	if sd.Version, err = smallInteger(&in, "version"); err != nil {
		return err
	}
	if sd.Version < 1 || sd.Version > 5 || sd.Version == 2 {
		sd.note(NoteVersion, "version %d of SignedData does not exist", sd.Version)
	}
	algs, err := expect(&in, tagSet, "digest algorithms")
	if err != nil {
		return err
	}
	for b := algs.body; len(b) > 0; {
		a, err := algorithm(&b, "digest algorithm")
		if err != nil {
			return err
		}
		if len(sd.DigestAlgorithms) >= maxItems {
			return fmt.Errorf("%w: digest algorithms", ErrTooLarge)
		}
		sd.DigestAlgorithms = append(sd.DigestAlgorithms, a)
	}
	if err := sd.parseContent(&in); err != nil {
		return err
	}
	certs, ok, err := optional(&in, 0xa0)
	if err != nil {
		return err
	}
	if ok {
		if err := sd.parseCertificates(certs.body); err != nil {
			return err
		}
	}
	crls, ok, err := optional(&in, 0xa1)
	if err != nil {
		return err
	}
	if ok {
		if err := sd.parseRevocation(crls.body); err != nil {
			return err
		}
	}
	signers, err := expect(&in, tagSet, "signer infos")
	if err != nil {
		return err
	}
	if len(in) != 0 {
		return malformed("bytes after the signer infos")
	}
	for b := signers.body; len(b) > 0; {
		e, err := expect(&b, tagSequence, "signer info")
		if err != nil {
			return err
		}
		if len(sd.SignerInfos) >= maxSigners {
			return fmt.Errorf("%w: signer infos", ErrTooLarge)
		}
		si, err := parseSignerInfo(e)
		if err != nil {
			return err
		}
		si.compare(sd)
		sd.SignerInfos = append(sd.SignerInfos, si)
	}
	return nil
}

// parseContent reads EncapsulatedContentInfo.
func (sd *SignedData) parseContent(in *[]byte) (err error) {
	e, err := expect(in, tagSequence, "encapsulated content")
	if err != nil {
		return err
	}
	b := e.body
	if sd.EContentType, err = oid(&b, "content type"); err != nil {
		return err
	}
	explicit, ok, err := optional(&b, 0xa0)
	if err != nil {
		return err
	}
	if len(b) != 0 {
		return malformed("encapsulated content")
	}
	if !ok {
		return nil
	}
	b = explicit.body
	if len(b) == 0 {
		sd.note(NoteContent, "the content element is present but empty")
		return nil
	}
	c, err := next(&b)
	if err != nil {
		return err
	}
	if len(b) != 0 {
		return malformed("encapsulated content")
	}
	if c.tag&^constructed == tagOctetString {
		if sd.EContent, err = c.octets(); err != nil {
			return err
		}
		if sd.EContent == nil {
			sd.EContent = []byte{}
		}
		return nil
	}
	// PKCS #7 1.5 (RFC 2315 §9.3) allows any type here and digests its content octets.
	sd.note(NoteContent, "the content is not an OCTET STRING")
	sd.EContent = c.body
	return nil
}

func (sd *SignedData) parseCertificates(b []byte) error {
	for len(b) > 0 {
		e, err := next(&b)
		if err != nil {
			return fmt.Errorf("certificates: %w", err)
		}
		switch e.tag {
		case tagSequence:
			if len(sd.Certificates) >= maxItems {
				return fmt.Errorf("%w: certificates", ErrTooLarge)
			}
			sd.Certificates = append(sd.Certificates, e.raw)
		case 0xa0, 0xa1, 0xa2, 0xa3: // RFC 5652 §10.2.2: obsolete, attribute and other certificates
			if len(sd.Notes) < maxItems {
				sd.note(NoteOtherCertificate, "a certificate of type [%d] was skipped", e.tag&0x1f)
			}
		default:
			return malformed("certificate choice")
		}
	}
	return nil
}

func (sd *SignedData) parseRevocation(b []byte) error {
	for len(b) > 0 {
		e, err := next(&b)
		if err != nil {
			return fmt.Errorf("revocation info: %w", err)
		}
		if len(sd.CRLs)+len(sd.OCSPResponses)+len(sd.Notes) >= maxItems {
			return fmt.Errorf("%w: revocation info", ErrTooLarge)
		}
		switch e.tag {
		case tagSequence:
			sd.CRLs = append(sd.CRLs, e.raw)
		case 0xa1:
			in := e.body
			format, err := oid(&in, "revocation info format")
			if err != nil {
				return err
			}
			info, err := next(&in)
			if err != nil {
				return err
			}
			switch format {
			case oidRevocationOCSP:
				sd.OCSPResponses = append(sd.OCSPResponses, info.raw)
			case oidOCSPBasic:
				sd.OCSPResponses = append(sd.OCSPResponses, wrapBasicOCSP(info.raw))
			default:
				sd.note(NoteOtherRevocation, "revocation information of format %s was skipped", format)
			}
		default:
			return malformed("revocation info choice")
		}
	}
	return nil
}

// wrapBasicOCSP makes the OCSPResponse (RFC 6960 §4.2.1, status successful) around a BasicOCSPResponse.
func wrapBasicOCSP(basic []byte) []byte {
	inner := tlv(tagSequence, derOID(oidOCSPBasic), tlv(tagOctetString, basic))
	return tlv(tagSequence, []byte{tagEnumerated, 1, 0}, tlv(0xa0, inner))
}
