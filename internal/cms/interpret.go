package cms

import (
	"crypto"
	"math/big"

	"absah/internal/sigalg"
)

// interpret decodes the known attributes. A value that does not have its type's form is a note: the attribute then counts as absent.
func (si *SignerInfo) interpret() {
	seen := map[string]bool{}
	for _, a := range si.SignedAttrs {
		if seen[a.OID] {
			// RFC 5652 §5.3: signed attributes must not repeat a type. The first one counts; Check refuses where that is a choice of verdict.
			si.note(NoteDuplicate, "%s occurs more than once", AttributeName(a.OID))
			if a.OID == OIDMessageDigest || a.OID == OIDContentType {
				si.parsed.ambiguous = AttributeName(a.OID)
			}
			if a.OID == OIDSigningCertificate || a.OID == OIDSigningCertificateV2 {
				si.note(NoteSeveralReferences, "several %s attributes", AttributeName(a.OID))
			}
			continue
		}
		seen[a.OID] = true
		si.interpretSigned(a)
	}
	si.parsed.certs = append(si.parsed.certsV2, si.parsed.certsV1...)
	for _, a := range si.UnsignedAttrs {
		switch a.OID {
		case OIDSignatureTimeStamp:
			if len(a.Values) != 1 {
				si.note(NoteValues, "%s has %d values", AttributeName(a.OID), len(a.Values))
			}
			si.parsed.tokens = append(si.parsed.tokens, a.Values...)
		case OIDContentType, OIDMessageDigest, OIDSigningTime, OIDSigningCertificate, OIDSigningCertificateV2, OIDAlgorithmProtection:
			si.note(NoteMisplaced, "%s stands among the unsigned attributes", AttributeName(a.OID))
		}
	}
}

func (si *SignerInfo) interpretSigned(a Attribute) {
	decode, known := signedDecoders[a.OID]
	switch {
	case a.OID == OIDSignatureTimeStamp || a.OID == OIDCounterSignature:
		si.note(NoteMisplaced, "%s stands among the signed attributes", AttributeName(a.OID))
		return
	case !known:
		return
	case len(a.Values) != 1:
		si.note(NoteValues, "%s has %d values", AttributeName(a.OID), len(a.Values))
		if a.OID == OIDMessageDigest || a.OID == OIDContentType {
			si.parsed.ambiguous = AttributeName(a.OID)
			return
		}
		if len(a.Values) == 0 {
			return
		}
	}
	if err := decode(si, a.Values[0]); err != nil {
		si.note(NoteAttribute, "%s is malformed", AttributeName(a.OID))
		if a.OID == OIDAlgorithmProtection {
			si.parsed.protection = &protection{unreadable: true} // it is there to be checked, so it cannot count as absent
		}
	}
}

var signedDecoders = map[string]func(si *SignerInfo, value []byte) error{
	OIDContentType: func(si *SignerInfo, v []byte) (err error) {
		si.parsed.contentType, err = oid(&v, "content-type")
		return err
	},
	OIDMessageDigest: func(si *SignerInfo, v []byte) error {
		e, err := expect(&v, tagOctetString, "message-digest")
		si.parsed.digest, si.parsed.hasDigest = e.body, err == nil
		return err
	},
	OIDSigningTime: func(si *SignerInfo, v []byte) error {
		e, err := next(&v)
		if err != nil {
			return err
		}
		t, ok := parseTime(e.tag, e.body)
		if !ok {
			return malformed("signing-time")
		}
		si.parsed.time = t
		return nil
	},
	OIDSigningCertificate: func(si *SignerInfo, v []byte) (err error) {
		si.parsed.certsV1, err = essCertIDs(v, false)
		return err
	},
	OIDSigningCertificateV2: func(si *SignerInfo, v []byte) (err error) {
		si.parsed.certsV2, err = essCertIDs(v, true)
		return err
	},
	OIDContentTimeStamp: func(si *SignerInfo, v []byte) error {
		si.parsed.contentTime = v
		return nil
	},
	OIDSignaturePolicy:            decodePolicy,
	OIDCommitmentType:             decodeCommitment,
	OIDAlgorithmProtection:        decodeProtection,
	OIDAdbeRevocationInfoArchival: decodeRevocation,
}

// essCertIDs reads SigningCertificate or SigningCertificateV2; policies after the certificates are not used by anyone.
func essCertIDs(v []byte, v2 bool) ([]ESSCertID, error) {
	outer, err := expect(&v, tagSequence, "signing-certificate")
	if err != nil {
		return nil, err
	}
	b := outer.body
	list, err := expect(&b, tagSequence, "certificate references")
	if err != nil {
		return nil, err
	}
	var ids []ESSCertID
	for b := list.body; len(b) > 0; {
		e, err := expect(&b, tagSequence, "certificate reference")
		if err != nil {
			return nil, err
		}
		if len(ids) >= maxItems {
			return nil, ErrTooLarge
		}
		in := e.body
		id := ESSCertID{V2: v2, Hash: crypto.SHA1}
		if v2 {
			id.Hash = crypto.SHA256
			if len(in) > 0 && in[0] == tagSequence {
				alg, err := algorithm(&in, "hash algorithm")
				if err != nil {
					return nil, err
				}
				id.HashOID = alg.OID
				id.Hash, _ = sigalg.HashOf(alg.OID)
			}
		}
		if id.HashOID == "" {
			id.HashOID = sigalg.HashOID(id.Hash)
		}
		hash, err := expect(&in, tagOctetString, "certificate hash")
		if err != nil {
			return nil, err
		}
		id.CertHash = hash.body
		if len(in) > 0 {
			if id.IssuerRaw, id.Serial, err = essIssuerSerial(in); err != nil {
				return nil, err
			}
		}
		ids = append(ids, id)
	}
	if len(ids) == 0 {
		return nil, malformed("signing-certificate without certificates")
	}
	return ids, nil
}

// essIssuerSerial reads IssuerSerial: GeneralNames of which the directoryName counts, and the serial number.
func essIssuerSerial(b []byte) (issuer []byte, serial *big.Int, err error) {
	seq, err := expect(&b, tagSequence, "issuer and serial")
	if err != nil {
		return nil, nil, err
	}
	in := seq.body
	names, err := expect(&in, tagSequence, "issuer")
	if err != nil {
		return nil, nil, err
	}
	for n := names.body; len(n) > 0; {
		e, err := next(&n)
		if err != nil {
			return nil, nil, err
		}
		if e.tag == 0xa4 && issuer == nil { // directoryName [4], explicit because Name is a CHOICE
			issuer = e.body
		}
	}
	num, err := expect(&in, tagInteger, "serial number")
	if err != nil {
		return nil, nil, err
	}
	serial, err = integer(num.body)
	return issuer, serial, err
}

// issuerAndSerial reads IssuerAndSerialNumber, RFC 5652 §10.2.4.
func issuerAndSerial(b []byte) (issuer []byte, serial *big.Int, err error) {
	name, err := expect(&b, tagSequence, "issuer")
	if err != nil {
		return nil, nil, err
	}
	num, err := expect(&b, tagInteger, "serial number")
	if err != nil {
		return nil, nil, err
	}
	if len(b) != 0 {
		return nil, nil, malformed("issuer and serial number")
	}
	serial, err = integer(num.body)
	return name.raw, serial, err
}

func decodePolicy(si *SignerInfo, v []byte) error {
	if len(v) > 0 && v[0] == 0x05 { // implied policy
		si.parsed.policy = &SignaturePolicy{}
		return nil
	}
	seq, err := expect(&v, tagSequence, "signature policy")
	if err != nil {
		return err
	}
	in := seq.body
	p := &SignaturePolicy{}
	if p.OID, err = oid(&in, "signature policy"); err != nil {
		return err
	}
	if len(in) > 0 {
		hash, err := expect(&in, tagSequence, "policy hash")
		if err != nil {
			return err
		}
		h := hash.body
		alg, err := algorithm(&h, "policy hash algorithm")
		if err != nil {
			return err
		}
		value, err := expect(&h, tagOctetString, "policy hash value")
		if err != nil {
			return err
		}
		p.HashOID, p.Hash = alg.OID, value.body
	}
	si.parsed.policy = p
	return nil
}

func decodeCommitment(si *SignerInfo, v []byte) error {
	seq, err := expect(&v, tagSequence, "commitment type")
	if err != nil {
		return err
	}
	in := seq.body
	typ, err := oid(&in, "commitment type")
	if err != nil {
		return err
	}
	si.parsed.commitments = append(si.parsed.commitments, typ)
	return nil
}

// decodeProtection reads CMSAlgorithmProtection: digestAlgorithm, then signatureAlgorithm [1] or macAlgorithm [2] (RFC 6211 §2).
func decodeProtection(si *SignerInfo, v []byte) error {
	seq, err := expect(&v, tagSequence, "algorithm protection")
	if err != nil {
		return err
	}
	in := seq.body
	var p protection
	if p.digest, err = algorithm(&in, "protected digest algorithm"); err != nil {
		return err
	}
	e, err := next(&in)
	if err != nil {
		return err
	}
	switch {
	case e.tag == 0xa1 && len(in) == 0:
		// The identifier is implicit: the content of [1] is that of the SEQUENCE.
		raw := tlv(tagSequence, e.body)
		if p.signature, err = algorithm(&raw, "protected signature algorithm"); err != nil {
			return err
		}
	case e.tag == 0xa2 && len(in) == 0:
		p.isMAC = true
	default:
		return malformed("algorithm protection")
	}
	si.parsed.protection = &p
	return nil
}

// decodeRevocation reads RevocationInfoArchival of ISO 32000-2: crl [0], ocsp [1], otherRevInfo [2], all optional and explicit.
func decodeRevocation(si *SignerInfo, v []byte) error {
	seq, err := expect(&v, tagSequence, "revocation info archival")
	if err != nil {
		return err
	}
	for in := seq.body; len(in) > 0; {
		e, err := next(&in)
		if err != nil {
			return err
		}
		if e.tag != 0xa0 && e.tag != 0xa1 {
			continue
		}
		b := e.body
		list, err := expect(&b, tagSequence, "revocation list")
		if err != nil {
			return err
		}
		for b := list.body; len(b) > 0; {
			item, err := next(&b)
			if err != nil {
				return err
			}
			if len(si.parsed.crls)+len(si.parsed.ocsps) >= maxItems {
				return ErrTooLarge
			}
			if e.tag == 0xa0 {
				si.parsed.crls = append(si.parsed.crls, item.raw)
			} else {
				si.parsed.ocsps = append(si.parsed.ocsps, item.raw)
			}
		}
	}
	return nil
}
