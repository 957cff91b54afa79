package sigalg

import (
	"bytes"
	"crypto"
	"encoding/asn1"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// maxAlgorithm bounds an AlgorithmIdentifier. DSA and explicit EC parameters are the longest in use, about 1,200 bytes.
const maxAlgorithm = 8192

// An AlgorithmIdentifier names an algorithm with its parameters, as in RFC 5280 §4.1.1.2.
type AlgorithmIdentifier struct {
	OID    string // dotted
	Params []byte // DER of the parameters (tag, length, value), nil when absent
	Raw    []byte // DER of the whole SEQUENCE
}

var errAlgorithm = &SyntaxError{"AlgorithmIdentifier"}

// ParseAlgorithm reads one AlgorithmIdentifier, DER, without trailing bytes. The result does not share memory with der.
func ParseAlgorithm(der []byte) (AlgorithmIdentifier, error) {
	if len(der) > maxAlgorithm {
		return AlgorithmIdentifier{}, errAlgorithm
	}
	raw := bytes.Clone(der)
	in := cryptobyte.String(raw)
	var seq, oid cryptobyte.String
	if !in.ReadASN1(&seq, cbasn1.SEQUENCE) || !in.Empty() || !seq.ReadASN1(&oid, cbasn1.OBJECT_IDENTIFIER) {
		return AlgorithmIdentifier{}, errAlgorithm
	}
	a := AlgorithmIdentifier{Raw: raw}
	var ok bool
	if a.OID, ok = DecodeOID(oid); !ok {
		return AlgorithmIdentifier{}, errAlgorithm
	}
	if !seq.Empty() {
		var params cryptobyte.String
		var tag cbasn1.Tag
		if !seq.ReadAnyASN1Element(&params, &tag) || !seq.Empty() {
			return AlgorithmIdentifier{}, errAlgorithm
		}
		a.Params = params
	}
	return a, nil
}

// NewAlgorithm builds an AlgorithmIdentifier. params is DER or nil for absent. It panics when oid is not an OID: OIDs are constants of ours.
func NewAlgorithm(oid string, params []byte) AlgorithmIdentifier {
	content := EncodeOID(oid)
	if content == nil {
		panic("sigalg: " + oid + " is not an object identifier")
	}
	var b cryptobyte.Builder
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1(cbasn1.OBJECT_IDENTIFIER, func(b *cryptobyte.Builder) { b.AddBytes(content) })
		b.AddBytes(params)
	})
	return AlgorithmIdentifier{OID: oid, Params: params, Raw: b.BytesOrPanic()}
}

// DigestAlgorithm is the AlgorithmIdentifier of h as it stands in CMS and OCSP: without parameters (RFC 5754 §2). It panics for a hash without OID.
func DigestAlgorithm(h crypto.Hash) AlgorithmIdentifier { return NewAlgorithm(HashOID(h), nil) }

// Equal compares OID and parameters; absent and NULL parameters are the same (RFC 5754 §2 asks to accept both).
func (a AlgorithmIdentifier) Equal(b AlgorithmIdentifier) bool {
	return a.OID == b.OID && bytes.Equal(a.significant(), b.significant())
}

func (a AlgorithmIdentifier) significant() []byte {
	if bytes.Equal(a.Params, asn1.NullBytes) {
		return nil
	}
	return a.Params
}
