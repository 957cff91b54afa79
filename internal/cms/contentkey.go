package cms

import (
	"crypto"
	"crypto/aes"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/rsa"
	"crypto/subtle"
	"encoding/binary"
	"slices"

	"absah/internal/sigalg"
)

// kindOf tells which recipients a private key can serve.
func kindOf(key crypto.PrivateKey) (string, error) {
	switch k := key.(type) {
	case *ecdsa.PrivateKey, ecdh.KeyExchanger:
		return KeyAgreement, nil
	case crypto.Decrypter:
		if _, ok := k.Public().(*rsa.PublicKey); ok {
			return KeyTransport, nil
		}
		return "", &sigalg.UnsupportedError{What: "decryption key", Name: sigalg.KeyName(k.Public())}
	}
	return "", &sigalg.UnsupportedError{What: "decryption key", Name: "of an unknown type"}
}

// contentKey recovers the content-encryption key of size octets; size 0 = any.
func (r *Recipient) contentKey(key crypto.PrivateKey, size int) ([]byte, error) {
	if r.Kind == KeyAgreement {
		cek, err := r.agree(key)
		if err == nil && size != 0 && len(cek) != size {
			err = ErrDecrypt
		}
		return cek, err
	}
	dec := key.(crypto.Decrypter)
	switch r.Algorithm.OID {
	case sigalg.OIDRSA:
		// With SessionKeyLen the padding check gives a random key instead of an error, so that nobody learns whether it was right
		// (RFC 3218 §2.3.2). Ciphers without a fixed key size cannot have that; they are read from old files only.
		//lint:ignore SA1019 deprecated for new designs; this reads what exists
		cek, err := dec.Decrypt(rand.Reader, r.EncryptedKey, &rsa.PKCS1v15DecryptOptions{SessionKeyLen: size})
		if err != nil {
			return nil, ErrDecrypt
		}
		return cek, nil
	case sigalg.OIDRSAOAEP:
		opts, err := oaepOptions(r.Algorithm.Params)
		if err != nil {
			return nil, err
		}
		cek, err := dec.Decrypt(rand.Reader, r.EncryptedKey, opts)
		if err != nil || size != 0 && len(cek) != size {
			return nil, ErrDecrypt
		}
		return cek, nil
	}
	return nil, &sigalg.UnsupportedError{What: "key encryption algorithm", Name: sigalg.Name(r.Algorithm)}
}

// oaepOptions reads RSAES-OAEP-params of RFC 4055 §4.1: hash [0], mask generation [1], label [2]; defaults SHA-1 and no label.
func oaepOptions(params []byte) (*rsa.OAEPOptions, error) {
	o := &rsa.OAEPOptions{Hash: crypto.SHA1, MGFHash: crypto.SHA1}
	if len(params) == 0 {
		return o, nil
	}
	seq, err := expect(&params, tagSequence, "RSAES-OAEP parameters")
	if err != nil {
		return nil, err
	}
	hash := func(b []byte) (crypto.Hash, error) {
		a, err := algorithm(&b, "RSAES-OAEP hash")
		if err != nil {
			return 0, err
		}
		h, ok := sigalg.HashOf(a.OID)
		if !ok {
			return 0, &sigalg.UnsupportedError{What: "hash", Name: sigalg.Name(a)}
		}
		return h, nil
	}
	for in := seq.body; len(in) > 0; {
		e, err := next(&in)
		if err != nil {
			return nil, err
		}
		switch e.tag {
		case 0xa0:
			o.Hash, err = hash(e.body)
		case 0xa1:
			var mgf sigalg.AlgorithmIdentifier
			b := e.body
			if mgf, err = algorithm(&b, "mask generation function"); err == nil {
				if mgf.OID != sigalg.OIDMGF1 {
					return nil, &sigalg.UnsupportedError{What: "mask generation function", Name: sigalg.Name(mgf)}
				}
				o.MGFHash, err = hash(mgf.Params)
			}
		case 0xa2:
			b := e.body
			var label sigalg.AlgorithmIdentifier
			if label, err = algorithm(&b, "RSAES-OAEP label"); err == nil && label.Params != nil {
				p := label.Params
				var l element
				if l, err = expect(&p, tagOctetString, "RSAES-OAEP label"); err == nil {
					o.Label = l.body
				}
			}
		}
		if err != nil {
			return nil, err
		}
	}
	return o, nil
}

// agreements are the key agreement schemes of RFC 5753 §7.1.4 with the hash of their X9.63 derivation. Cofactor and standard
// Diffie-Hellman are the same on the curves we have, whose cofactor is 1.
var agreements = map[string]crypto.Hash{
	"1.3.133.16.840.63.0.2": crypto.SHA1,
	"1.3.132.1.11.0":        crypto.SHA224,
	"1.3.132.1.11.1":        crypto.SHA256,
	"1.3.132.1.11.2":        crypto.SHA384,
	"1.3.132.1.11.3":        crypto.SHA512,
	"1.3.133.16.840.63.0.3": crypto.SHA1,
	"1.3.132.1.14.0":        crypto.SHA224,
	"1.3.132.1.14.1":        crypto.SHA256,
	"1.3.132.1.14.2":        crypto.SHA384,
	"1.3.132.1.14.3":        crypto.SHA512,
}

// wraps are the AES key wrap algorithms with their key sizes.
var wraps = map[string]int{
	"2.16.840.1.101.3.4.1.5":  16,
	"2.16.840.1.101.3.4.1.25": 24,
	"2.16.840.1.101.3.4.1.45": 32,
}

// agree does ephemeral-static ECDH: RFC 5753 §3.1, and RFC 8418 §2 for X25519.
func (r *Recipient) agree(key crypto.PrivateKey) ([]byte, error) {
	h, ok := agreements[r.Algorithm.OID]
	if !ok {
		return nil, &sigalg.UnsupportedError{What: "key agreement algorithm", Name: sigalg.Name(r.Algorithm)}
	}
	params := r.Algorithm.Params
	wrap, err := algorithm(&params, "key wrap algorithm")
	if err != nil {
		return nil, err
	}
	size, ok := wraps[wrap.OID]
	if !ok {
		return nil, &sigalg.UnsupportedError{What: "key wrap algorithm", Name: sigalg.Name(wrap)}
	}
	if r.originator == nil {
		return nil, &sigalg.UnsupportedError{What: "key agreement", Name: "with a static key of the sender"}
	}
	own, ok := key.(ecdh.KeyExchanger)
	if ec, isEC := key.(*ecdsa.PrivateKey); isEC {
		if own, err = ec.ECDH(); err != nil {
			return nil, &sigalg.UnsupportedError{What: "curve", Name: sigalg.KeyName(&ec.PublicKey)}
		}
	} else if !ok {
		return nil, ErrDecrypt
	}
	peer, err := own.Curve().NewPublicKey(r.originator)
	if err != nil {
		return nil, ErrDecrypt // of another curve, or no point: not for this key
	}
	z, err := own.ECDH(peer)
	if err != nil {
		return nil, ErrDecrypt
	}
	kek := x963(h, z, sharedInfo(wrap, r.ukm, size), size)
	return unwrap(kek, r.EncryptedKey)
}

// sharedInfo is ECC-CMS-SharedInfo of RFC 5753 §7.2.
func sharedInfo(wrap sigalg.AlgorithmIdentifier, ukm []byte, size int) []byte {
	info := slices.Clone(wrap.Raw)
	if ukm != nil {
		info = append(info, tlv(0xa0, tlv(tagOctetString, ukm))...)
	}
	bits := binary.BigEndian.AppendUint32(nil, uint32(size*8))
	return tlv(tagSequence, info, tlv(0xa2, tlv(tagOctetString, bits)))
}

// x963 is the key derivation of ANSI X9.63: hashes of secret, counter and shared info.
func x963(h crypto.Hash, z, info []byte, size int) []byte {
	var out []byte
	for n := uint32(1); len(out) < size; n++ {
		d := h.New()
		d.Write(z)
		d.Write(binary.BigEndian.AppendUint32(nil, n))
		d.Write(info)
		out = d.Sum(out)
	}
	return out[:size]
}

// unwrap is the AES key unwrap of RFC 3394 §2.2.2.
func unwrap(kek, wrapped []byte) ([]byte, error) {
	n := len(wrapped)/8 - 1
	if len(wrapped)%8 != 0 || n < 2 || n > 8 {
		return nil, ErrDecrypt
	}
	block, err := aes.NewCipher(kek)
	if err != nil {
		return nil, ErrDecrypt
	}
	buf := make([]byte, 16)
	copy(buf, wrapped[:8])
	out := slices.Clone(wrapped[8:])
	for j := 5; j >= 0; j-- {
		for i := n; i >= 1; i-- {
			t := binary.BigEndian.Uint64(buf) ^ uint64(n*j+i)
			binary.BigEndian.PutUint64(buf, t)
			copy(buf[8:], out[8*i-8:8*i])
			block.Decrypt(buf, buf)
			copy(out[8*i-8:8*i], buf[8:])
		}
	}
	if subtle.ConstantTimeCompare(buf[:8], []byte{0xa6, 0xa6, 0xa6, 0xa6, 0xa6, 0xa6, 0xa6, 0xa6}) != 1 {
		return nil, ErrDecrypt
	}
	return out, nil
}
