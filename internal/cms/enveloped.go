package cms

import (
	"bytes"
	"crypto"
	"errors"
	"fmt"
	"math/big"

	"absah/internal/sigalg"
)

// Errors of [Enveloped.Open].
var (
	// ErrNotRecipient says that the message was not encrypted for this certificate, or for no key of this kind.
	ErrNotRecipient = errors.New("the message is not encrypted for this certificate and key")
	// ErrDecrypt says that decryption did not give a message. It never says at which step: telling a wrong key from wrong padding
	// would help who probes with altered messages.
	ErrDecrypt = errors.New("the message could not be decrypted with this key")
)

// maxAttempts bounds the private key operations of one Open when no certificate says which recipient is meant.
const maxAttempts = 64

// Enveloped is a parsed EnvelopedData, RFC 5652 §6.
type Enveloped struct {
	Version          int
	Recipients       []Recipient
	ContentType      string
	ContentAlgorithm sigalg.AlgorithmIdentifier
	EncryptedContent []byte
	Trailing         int // as in [SignedData]
	Notes            []Note
}

// Recipient kinds.
const (
	KeyTransport = "key transport"
	KeyAgreement = "key agreement"
	OtherKind    = "other" // password, pre-shared key; not supported
)

// A Recipient is one way to the content key. A KeyAgreeRecipientInfo for several people gives several of them.
type Recipient struct {
	Kind         string
	IssuerRaw    []byte // as in [SignerInfo]
	Serial       *big.Int
	SubjectKeyID []byte
	Algorithm    sigalg.AlgorithmIdentifier // of the encryption of the content key
	EncryptedKey []byte

	originator    []byte // ephemeral public key of key agreement, nil when the originator is named by certificate
	originatorAlg sigalg.AlgorithmIdentifier
	ukm           []byte // user keying material
}

// ParseEnveloped reads a ContentInfo with EnvelopedData, BER or DER. Errors are as for [Parse].
func ParseEnveloped(b []byte) (*Enveloped, error) {
	content, raw, trailing, err := contentInfo(b, OIDEnvelopedData)
	if err != nil {
		return nil, err
	}
	e := &Enveloped{Trailing: trailing}
	if trailing > 0 {
		e.Notes = append(e.Notes, Note{NoteTrailing, fmt.Sprintf("%d octets follow the structure", trailing)})
	}
	if hasBER(raw, 5) {
		e.Notes = append(e.Notes, Note{NoteBER, "the structure uses BER lengths, not DER"})
	}
	return e, e.parse(content.body)
}

func (e *Enveloped) parse(in []byte) (err error) {
	if e.Version, err = smallInteger(&in, "version"); err != nil {
		return err
	}
	if _, _, err := optional(&in, 0xa0); err != nil { // originatorInfo: certificates that nobody needs here
		return err
	}
	set, err := expect(&in, tagSet, "recipients")
	if err != nil {
		return err
	}
	for b := set.body; len(b) > 0; {
		ri, err := next(&b)
		if err != nil {
			return err
		}
		switch ri.tag {
		case tagSequence:
			err = e.parseTransport(ri.body)
		case 0xa1:
			err = e.parseAgreement(ri.body)
		case 0xa2, 0xa3, 0xa4:
			e.Recipients = append(e.Recipients, Recipient{Kind: OtherKind})
		default:
			err = malformed("recipient")
		}
		if err != nil {
			return err
		}
		if len(e.Recipients) > maxItems {
			return fmt.Errorf("%w: recipients", ErrTooLarge)
		}
	}
	seq, err := expect(&in, tagSequence, "encrypted content info")
	if err != nil {
		return err
	}
	in = seq.body
	if e.ContentType, err = oid(&in, "content type"); err != nil {
		return err
	}
	if e.ContentAlgorithm, err = algorithm(&in, "content encryption algorithm"); err != nil {
		return err
	}
	if len(in) == 0 {
		return nil
	}
	c, err := next(&in)
	if err != nil {
		return err
	}
	if c.tag&^constructed != 0x80 || len(in) != 0 {
		return malformed("encrypted content")
	}
	e.EncryptedContent, err = c.octets()
	return err
}

// parseTransport reads KeyTransRecipientInfo, RFC 5652 §6.2.1.
func (e *Enveloped) parseTransport(in []byte) error {
	if _, err := smallInteger(&in, "recipient version"); err != nil {
		return err
	}
	r := Recipient{Kind: KeyTransport}
	id, err := next(&in)
	if err != nil {
		return err
	}
	switch id.tag {
	case tagSequence:
		r.IssuerRaw, r.Serial, err = issuerAndSerial(id.body)
	case 0x80, 0xa0:
		r.SubjectKeyID, err = id.octets()
	default:
		err = malformed("recipient identifier")
	}
	if err != nil {
		return err
	}
	if r.Algorithm, err = algorithm(&in, "key encryption algorithm"); err != nil {
		return err
	}
	return e.add(r, in)
}

// add reads the encrypted key, the last field of both kinds, and keeps the recipient.
func (e *Enveloped) add(r Recipient, in []byte) error {
	key, err := next(&in)
	if err != nil {
		return err
	}
	if key.tag&^constructed != tagOctetString || len(in) != 0 {
		return malformed("encrypted key")
	}
	r.EncryptedKey, err = key.octets()
	e.Recipients = append(e.Recipients, r)
	return err
}

// parseAgreement reads KeyAgreeRecipientInfo, RFC 5652 §6.2.2.
func (e *Enveloped) parseAgreement(in []byte) error {
	if _, err := smallInteger(&in, "recipient version"); err != nil {
		return err
	}
	shared := Recipient{Kind: KeyAgreement}
	orig, err := expect(&in, 0xa0, "originator")
	if err != nil {
		return err
	}
	b := orig.body
	o, err := next(&b)
	if err != nil {
		return err
	}
	if o.tag == 0xa1 { // originatorKey; the other two name a certificate with a static key
		b := o.body
		if shared.originatorAlg, err = algorithm(&b, "originator key"); err != nil {
			return err
		}
		bits, err := expect(&b, tagBitString, "originator key")
		if err != nil {
			return err
		}
		if len(bits.body) < 2 || bits.body[0] != 0 {
			return malformed("originator key")
		}
		shared.originator = bits.body[1:]
	}
	ukm, ok, err := optional(&in, 0xa1)
	if err != nil {
		return err
	}
	if ok {
		b := ukm.body
		v, err := next(&b)
		if err != nil {
			return err
		}
		if shared.ukm, err = v.octets(); err != nil {
			return err
		}
	}
	if shared.Algorithm, err = algorithm(&in, "key encryption algorithm"); err != nil {
		return err
	}
	list, err := expect(&in, tagSequence, "recipient keys")
	if err != nil {
		return err
	}
	for b := list.body; len(b) > 0; {
		item, err := expect(&b, tagSequence, "recipient key")
		if err != nil {
			return err
		}
		if len(e.Recipients) >= maxItems {
			return fmt.Errorf("%w: recipients", ErrTooLarge)
		}
		r, in := shared, item.body
		id, err := next(&in)
		if err != nil {
			return err
		}
		switch id.tag {
		case tagSequence:
			r.IssuerRaw, r.Serial, err = issuerAndSerial(id.body)
		case 0xa0: // RecipientKeyIdentifier: key identifier, then date and other, which are for storage systems
			b := id.body
			var key element
			if key, err = next(&b); err == nil {
				r.SubjectKeyID, err = key.octets()
			}
		default:
			err = malformed("recipient identifier")
		}
		if err != nil {
			return err
		}
		if err := e.add(r, in); err != nil {
			return err
		}
	}
	return nil
}

// addressedTo reports whether r names the certificate.
func (r *Recipient) addressedTo(c certificate) bool {
	if r.Serial != nil {
		serial, err := integer(c.serial[headerSize(c.serial):])
		return err == nil && r.Serial.Cmp(serial) == 0 && bytes.Equal(r.IssuerRaw, c.issuer)
	}
	return len(r.SubjectKeyID) > 0 && bytes.Equal(r.SubjectKeyID, c.keyID())
}

// Open decrypts the content for the owner of certificate (DER) with the matching private key: a crypto.Decrypter with an RSA key, an
// *ecdsa.PrivateKey or an ecdh.KeyExchanger. certificate may be nil: then every recipient of the key's kind is tried.
//
// Errors: [ErrNotRecipient], [ErrDecrypt], or a [*sigalg.UnsupportedError] with the name of an algorithm that we do not have.
func (e *Enveloped) Open(certDER []byte, key crypto.PrivateKey) ([]byte, error) {
	content, err := newContentCipher(e.ContentAlgorithm)
	if err != nil {
		return nil, err
	}
	var cert certificate
	if certDER != nil {
		if cert, err = parseCertificate(certDER); err != nil {
			return nil, err
		}
	}
	kind, err := kindOf(key)
	if err != nil {
		return nil, err
	}
	result, attempts := ErrNotRecipient, 0
	for i := range e.Recipients {
		r := &e.Recipients[i]
		if r.Kind != kind || certDER != nil && !r.addressedTo(cert) {
			continue
		}
		if attempts++; attempts > maxAttempts {
			break
		}
		cek, err := r.contentKey(key, content.keySize)
		if err == nil {
			var plain []byte
			if plain, err = content.decrypt(cek, e.EncryptedContent); err == nil {
				return plain, nil
			}
		}
		if unsupported := (*sigalg.UnsupportedError)(nil); errors.As(err, &unsupported) {
			result = err
		} else if result == ErrNotRecipient {
			result = ErrDecrypt
		}
	}
	return nil, result
}
