package sigalg

import (
	"bytes"
	"crypto"
	"crypto/rsa"
	"encoding/asn1"
	"math/big"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// pssParams are RSASSA-PSS-params of RFC 4055 §3.1, defaults filled in.
type pssParams struct {
	hash, mgf crypto.Hash
	salt      int
}

func (p pssParams) String() string {
	if p.mgf != p.hash {
		return "RSASSA-PSS with " + HashName(p.hash) + " and MGF1 with " + HashName(p.mgf)
	}
	return "RSASSA-PSS with " + HashName(p.hash)
}

// parsePSS reads the parameters. Absent ones mean all defaults: SHA-1, MGF1 with SHA-1, 20 octets of salt.
func parsePSS(der []byte) (pssParams, error) {
	p := pssParams{crypto.SHA1, crypto.SHA1, 20}
	bad := &SyntaxError{"RSASSA-PSS parameters"}
	if der == nil || bytes.Equal(der, asn1.NullBytes) {
		return p, nil
	}
	in := cryptobyte.String(der)
	var seq cryptobyte.String
	if !in.ReadASN1(&seq, cbasn1.SEQUENCE) || !in.Empty() {
		return p, bad
	}
	field := func(n uint8) (cryptobyte.String, bool, bool) {
		var f cryptobyte.String
		var present bool
		ok := seq.ReadOptionalASN1(&f, &present, cbasn1.Tag(n).ContextSpecific().Constructed())
		return f, present, ok
	}
	hashField := func(f []byte) (crypto.Hash, error) {
		a, err := ParseAlgorithm(f)
		if err != nil {
			return 0, bad
		}
		if a.significant() != nil {
			return 0, bad
		}
		h, ok := HashOf(a.OID)
		if !ok {
			return 0, &UnsupportedError{"hash", Name(a)}
		}
		return h, nil
	}
	f, present, ok := field(0)
	if !ok {
		return p, bad
	}
	var err error
	if present {
		if p.hash, err = hashField(f); err != nil {
			return p, err
		}
	}
	if f, present, ok = field(1); !ok {
		return p, bad
	}
	if present {
		mgf, err := ParseAlgorithm(f)
		if err != nil {
			return p, bad
		}
		if mgf.OID != oidMGF1 {
			return p, &UnsupportedError{"mask generation function", Name(mgf)}
		}
		if p.mgf, err = hashField(mgf.Params); err != nil {
			return p, err
		}
	}
	if f, present, ok = field(2); !ok {
		return p, bad
	}
	if present && (!f.ReadASN1Integer(&p.salt) || !f.Empty() || p.salt < 0 || p.salt > maxRSABits/8) {
		return p, bad
	}
	if f, present, ok = field(3); !ok {
		return p, bad
	}
	if present {
		var trailer int
		if !f.ReadASN1Integer(&trailer) || !f.Empty() || trailer != 1 {
			return p, bad
		}
	}
	if !seq.Empty() {
		return p, bad
	}
	return p, nil
}

// der writes the parameters with NULL in the hash identifiers, as RFC 4055 §2.1 defines these and other programs expect.
func (p pssParams) der() []byte {
	hash := NewAlgorithm(HashOID(p.hash), asn1.NullBytes)
	var b cryptobyte.Builder
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1(cbasn1.Tag(0).ContextSpecific().Constructed(), func(b *cryptobyte.Builder) { b.AddBytes(hash.Raw) })
		b.AddASN1(cbasn1.Tag(1).ContextSpecific().Constructed(), func(b *cryptobyte.Builder) {
			b.AddBytes(NewAlgorithm(oidMGF1, NewAlgorithm(HashOID(p.mgf), asn1.NullBytes).Raw).Raw)
		})
		b.AddASN1(cbasn1.Tag(2).ContextSpecific().Constructed(), func(b *cryptobyte.Builder) { b.AddASN1Int64(int64(p.salt)) })
	})
	return b.BytesOrPanic()
}

// allows reports whether a key restricted to p may verify a signature made with q: same hashes, at least the key's salt (RFC 4055 §3.3).
func (p pssParams) allows(q pssParams) bool {
	return p.hash == q.hash && p.mgf == q.mgf && q.salt >= p.salt
}

func verifyPSS(pub *rsa.PublicKey, p pssParams, digest, sig []byte) error {
	// The standard library has one hash for both uses, reads salt 0 as "any", and refuses short keys. These three are ours.
	if p.mgf == p.hash && p.salt > 0 && stdRSA(pub) {
		if rsa.VerifyPSS(pub, p.hash, digest, sig, &rsa.PSSOptions{SaltLength: p.salt, Hash: p.hash}) != nil {
			return ErrSignature
		}
		return nil
	}
	em, ok := rsaPublic(pub, sig)
	if !ok {
		return ErrSignature
	}
	// RFC 8017 §9.1.2, EMSA-PSS-VERIFY. The encoded message has modBits-1 bits, which may be one octet less than the modulus.
	emBits := pub.N.BitLen() - 1
	emLen := (emBits + 7) / 8
	if len(em) > emLen {
		if em[0] != 0 {
			return ErrSignature
		}
		em = em[1:]
	}
	hLen := p.hash.Size()
	if emLen < hLen+p.salt+2 || em[emLen-1] != 0xbc {
		return ErrSignature
	}
	db, h := em[:emLen-hLen-1], em[emLen-hLen-1:emLen-1]
	unused := byte(0xff) << (8 - uint(8*emLen-emBits))
	if db[0]&unused != 0 {
		return ErrSignature
	}
	mgf1XOR(db, p.mgf, h)
	db[0] &^= unused
	zeros := emLen - hLen - p.salt - 2
	for _, c := range db[:zeros] {
		if c != 0 {
			return ErrSignature
		}
	}
	if db[zeros] != 1 {
		return ErrSignature
	}
	d := p.hash.New()
	d.Write(make([]byte, 8))
	d.Write(digest)
	d.Write(db[zeros+1:])
	if !bytes.Equal(d.Sum(nil), h) {
		return ErrSignature
	}
	return nil
}

func mgf1XOR(out []byte, h crypto.Hash, seed []byte) {
	var counter [4]byte
	var sum []byte
	d := h.New()
	for len(out) > 0 {
		d.Reset()
		d.Write(seed)
		d.Write(counter[:])
		sum = d.Sum(sum[:0])
		for i := 0; i < len(sum) && i < len(out); i++ {
			out[i] ^= sum[i]
		}
		out = out[min(len(sum), len(out)):]
		for i := 3; i >= 0; i-- {
			if counter[i]++; counter[i] != 0 {
				break
			}
		}
	}
}

// rsaPublic is RSAVP1 of RFC 8017 §5.2.2: the public operation, with the result as long as the modulus.
func rsaPublic(pub *rsa.PublicKey, sig []byte) ([]byte, bool) {
	size := (pub.N.BitLen() + 7) / 8
	s := new(big.Int).SetBytes(sig)
	if len(sig) != size || s.Cmp(pub.N) >= 0 || pub.N.Bit(0) == 0 {
		return nil, false
	}
	return s.Exp(s, big.NewInt(int64(pub.E)), pub.N).FillBytes(make([]byte, size)), true
}
