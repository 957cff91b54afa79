package cms

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/des" // read in old files only
	"crypto/rc4" // read in old files only
	"crypto/subtle"
	"slices"

	"absah/internal/sigalg"
)

// A contentCipher decrypts the content of an EnvelopedData.
type contentCipher struct {
	keySize int // 0 when the algorithm does not fix it
	block   func(key []byte) (cipher.Block, error)
	iv      []byte
}

const (
	oidRC2 = "1.2.840.113549.3.2"
	oidRC4 = "1.2.840.113549.3.4"
)

var blockCiphers = map[string]struct {
	keySize int
	block   func(key []byte) (cipher.Block, error)
}{
	"2.16.840.1.101.3.4.1.2":  {16, aes.NewCipher},
	"2.16.840.1.101.3.4.1.22": {24, aes.NewCipher},
	"2.16.840.1.101.3.4.1.42": {32, aes.NewCipher},
	"1.2.840.113549.3.7":      {24, des.NewTripleDESCipher},
}

var cipherNames = map[string]string{
	oidRC2:                    "RC2",
	oidRC4:                    "RC4",
	"1.3.14.3.2.7":            "DES",
	"2.16.840.1.101.3.4.1.6":  "AES-128-GCM",
	"2.16.840.1.101.3.4.1.26": "AES-192-GCM",
	"2.16.840.1.101.3.4.1.46": "AES-256-GCM",
}

func newContentCipher(alg sigalg.AlgorithmIdentifier) (contentCipher, error) {
	if alg.OID == oidRC4 {
		return contentCipher{}, nil
	}
	if alg.OID == oidRC2 {
		return newRC2Content(alg.Params)
	}
	b, ok := blockCiphers[alg.OID]
	if !ok {
		name := cipherNames[alg.OID]
		if name == "" {
			name = sigalg.Name(alg)
		}
		return contentCipher{}, &sigalg.UnsupportedError{What: "content encryption algorithm", Name: name}
	}
	params := alg.Params
	iv, err := expect(&params, tagOctetString, "initialisation vector")
	if err != nil {
		return contentCipher{}, err
	}
	return contentCipher{b.keySize, b.block, iv.body}, nil
}

// newRC2Content reads RC2-CBC-Parameter, RFC 3370 §5.2: the version encodes the effective key bits. The RFC reads an absent one as 32
// bits; the files that were met without it mean the length of the key.
func newRC2Content(params []byte) (contentCipher, error) {
	seq, err := expect(&params, tagSequence, "RC2 parameters")
	if err != nil {
		return contentCipher{}, err
	}
	in, bits := seq.body, 0
	if len(in) > 0 && in[0] == tagInteger {
		version, err := smallInteger(&in, "RC2 version")
		if err != nil {
			return contentCipher{}, err
		}
		switch {
		case version == 160:
			bits = 40
		case version == 120:
			bits = 64
		case version == 58:
			bits = 128
		case version >= 256 && version <= 1024:
			bits = version
		default:
			return contentCipher{}, &sigalg.UnsupportedError{What: "content encryption algorithm", Name: "RC2 with an unknown version"}
		}
	}
	iv, err := expect(&in, tagOctetString, "initialisation vector")
	if err != nil {
		return contentCipher{}, err
	}
	return contentCipher{0, func(key []byte) (cipher.Block, error) { return newRC2(key, bits) }, iv.body}, nil
}

// decrypt returns the content or ErrDecrypt. It does not change its arguments.
func (c contentCipher) decrypt(key, data []byte) ([]byte, error) {
	if c.block == nil {
		stream, err := rc4.NewCipher(key)
		if err != nil {
			return nil, ErrDecrypt
		}
		out := make([]byte, len(data))
		stream.XORKeyStream(out, data)
		return out, nil
	}
	block, err := c.block(key)
	if err != nil {
		return nil, ErrDecrypt
	}
	size := block.BlockSize()
	if len(c.iv) != size || len(data) == 0 || len(data)%size != 0 {
		return nil, ErrDecrypt
	}
	out := slices.Clone(data)
	cipher.NewCBCDecrypter(block, c.iv).CryptBlocks(out, out)
	return unpad(out, size)
}

// unpad removes the padding of RFC 5652 §6.3, looking at all of the last block whatever it holds.
func unpad(b []byte, size int) ([]byte, error) {
	last := b[len(b)-size:]
	n := int(last[size-1])
	good := subtle.ConstantTimeLessOrEq(1, n) & subtle.ConstantTimeLessOrEq(n, size)
	for i, c := range last {
		inPad := subtle.ConstantTimeLessOrEq(size-i, n)
		good &= 1&^inPad | subtle.ConstantTimeByteEq(c, byte(n))
	}
	if good != 1 {
		return nil, ErrDecrypt
	}
	return b[:len(b)-n], nil
}
