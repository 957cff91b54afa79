package pades

import (
	"encoding/asn1"
	"fmt"

	"absah/internal/cms"
	"absah/internal/sigalg"
)

// SignatureParts are the pieces of a signature value, for reports and for other programs that check it again.
type SignatureParts struct {
	Message   []byte   // the CMS message without the padding around it; of adbe.x509.rsa_sha1, the octet string
	Signed    []byte   // DER of the signed attributes, which is what the key signed; nil: the content itself
	Value     []byte   // what the key made
	Digest    []byte   // of the content, as the signed attributes state it; nil: they do not
	Algorithm string   // OID of the signature algorithm
	Tokens    [][]byte // signature time-stamp tokens, in the order of Timestamps
}

// Parts takes the signature value apart. The error says that it is no message of its kind.
func (s *SignatureFacts) Parts() (*SignatureParts, error) {
	if s.SubFilter == "adbe.x509.rsa_sha1" {
		var value []byte
		rest, err := asn1.Unmarshal(s.Contents, &value)
		if err != nil {
			return nil, fmt.Errorf("the signature value is no octet string: %w", err)
		}
		return &SignatureParts{Message: s.Contents[:len(s.Contents)-len(rest)], Value: value, Algorithm: sigalg.OIDRSA}, nil
	}
	sd, err := cms.Parse(s.Contents)
	if err != nil {
		return nil, err
	}
	if len(sd.SignerInfos) == 0 {
		return nil, cms.ErrSigners
	}
	si := sd.SignerInfos[0]
	p := &SignatureParts{
		Message: sd.Raw, Signed: si.SignedAttrsDER, Value: si.Signature, Algorithm: si.SignatureAlgorithm.OID, Tokens: si.SignatureTimeStamps(),
	}
	p.Digest, _ = si.MessageDigest()
	return p, nil
}
