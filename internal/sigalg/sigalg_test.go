package sigalg

import (
	"bytes"
	"crypto"
	"crypto/dsa" //lint:ignore SA1019 the package under test verifies it
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"math/big"
	"reflect"
	"testing"
)

var message = []byte("Surat Keterangan Nomor 1/CONTOH/2026")

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

var (
	rsaKey      = must(rsa.GenerateKey(rand.Reader, 2048))
	p256Key     = must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	p384Key     = must(ecdsa.GenerateKey(elliptic.P384(), rand.Reader))
	p521Key     = must(ecdsa.GenerateKey(elliptic.P521(), rand.Reader))
	_, edKey, _ = ed25519.GenerateKey(rand.Reader)
)

// Every scheme that we write is read back, and a changed message, value or key is told from a contradiction.
func TestSignVerify(t *testing.T) {
	cases := []struct {
		name   string
		key    crypto.Signer
		scheme Scheme
		hash   crypto.Hash
		alg    string
	}{
		{"rsa", rsaKey, Scheme{}, crypto.SHA256, "RSA PKCS#1 v1.5 with SHA-256"},
		{"rsa-sha1", rsaKey, Scheme{Hash: crypto.SHA1}, crypto.SHA1, "RSA PKCS#1 v1.5 with SHA-1"},
		{"rsa-sha512/256", rsaKey, Scheme{Hash: crypto.SHA512_256}, crypto.SHA512_256, "RSA PKCS#1 v1.5 with SHA-512/256"},
		{"rsa-sha3", rsaKey, Scheme{Hash: crypto.SHA3_384}, crypto.SHA3_384, "RSA PKCS#1 v1.5 with SHA3-384"},
		{"pss", rsaKey, Scheme{PSS: true}, crypto.SHA256, "RSASSA-PSS with SHA-256"},
		{"pss-sha3", rsaKey, Scheme{PSS: true, Hash: crypto.SHA3_512}, crypto.SHA3_512, "RSASSA-PSS with SHA3-512"},
		{"p256", p256Key, Scheme{}, crypto.SHA256, "ECDSA with SHA-256"},
		{"p384", p384Key, Scheme{}, crypto.SHA384, "ECDSA with SHA-384"},
		{"p521", p521Key, Scheme{}, crypto.SHA512, "ECDSA with SHA-512"},
		{"p256-sha3", p256Key, Scheme{Hash: crypto.SHA3_256}, crypto.SHA3_256, "ECDSA with SHA3-256"},
		{"ed25519", edKey, Scheme{}, crypto.SHA512, "Ed25519"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			sig, alg, err := Sign(rand.Reader, c.key, c.scheme, message)
			if err != nil {
				t.Fatal(err)
			}
			if got := Name(alg); got != c.alg {
				t.Errorf("Name = %s, want %s", got, c.alg)
			}
			if again, err := ParseAlgorithm(alg.Raw); err != nil || !again.Equal(alg) {
				t.Errorf("ParseAlgorithm(Raw) = %+v, %v; want the same algorithm", again, err)
			}
			pub := c.key.Public()
			if len(sig) > SignatureSize(pub) {
				t.Errorf("signature of %d octets, SignatureSize = %d", len(sig), SignatureSize(pub))
			}
			for _, h := range []crypto.Hash{0, c.hash} {
				if err := Verify(pub, alg, h, message, sig); err != nil {
					t.Errorf("Verify(stated hash %d) = %v", h, err)
				}
			}
			err = VerifyDigest(pub, alg, c.hash, digest(c.hash, message), sig)
			if _, ed := pub.(ed25519.PublicKey); ed && err != ErrNeedsMessage || !ed && err != nil {
				t.Errorf("VerifyDigest = %v", err)
			}
			if err := Verify(pub, alg, c.hash, append(message[:len(message):len(message)], '.'), sig); err != ErrSignature {
				t.Errorf("Verify(other message) = %v, want %v", err, ErrSignature)
			}
			for _, i := range []int{0, 1, len(sig) / 2, len(sig) - 1} {
				bad := bytes.Clone(sig)
				bad[i] ^= 0x40
				if err := Verify(pub, alg, c.hash, message, bad); err != ErrSignature {
					t.Errorf("Verify(octet %d changed) = %v, want %v", i, err, ErrSignature)
				}
			}
			for _, bad := range [][]byte{nil, {}, sig[:len(sig)-1], append(bytes.Clone(sig), 0)} {
				if err := Verify(pub, alg, c.hash, message, bad); err != ErrSignature {
					t.Errorf("Verify(%d octets) = %v, want %v", len(bad), err, ErrSignature)
				}
			}
			var mm *MismatchError
			if err := Verify(pub, alg, crypto.SHA224, message, sig); !errors.As(err, &mm) {
				t.Errorf("Verify(digest algorithm SHA-224) = %v, want a MismatchError", err)
			}
			for _, other := range []crypto.PublicKey{&rsaKey.PublicKey, &p256Key.PublicKey, edKey.Public(), nil, 7} {
				if reflect.TypeOf(other) == reflect.TypeOf(pub) {
					continue
				}
				var ke *KeyError
				if err := Verify(other, alg, c.hash, message, sig); !errors.As(err, &ke) {
					t.Errorf("Verify(%T) = %v, want a KeyError", other, err)
				}
			}
		})
	}
}

func TestSchemeRefusals(t *testing.T) {
	for name, c := range map[string]struct {
		pub crypto.PublicKey
		s   Scheme
	}{
		"pss with an EC key":   {&p256Key.PublicKey, Scheme{PSS: true}},
		"pss with Ed25519":     {edKey.Public(), Scheme{PSS: true}},
		"Ed25519 with SHA-256": {edKey.Public(), Scheme{Hash: crypto.SHA256}},
		"MD5":                  {&rsaKey.PublicKey, Scheme{Hash: crypto.MD5}},
		"unknown hash":         {&rsaKey.PublicKey, Scheme{Hash: crypto.BLAKE2b_256}},
		"unknown hash in PSS":  {&rsaKey.PublicKey, Scheme{Hash: crypto.BLAKE2b_256, PSS: true}},
		"no key":               {nil, Scheme{}},
		"DSA":                  {&dsa.PublicKey{}, Scheme{}},
	} {
		var un *UnsupportedError
		if a, _, err := c.s.Algorithm(c.pub); !errors.As(err, &un) {
			t.Errorf("Algorithm(%s) = %s, %v; want an UnsupportedError", name, Name(a), err)
		}
	}
}

// The hash-less rsaEncryption takes the container's hash; without one there is no answer.
func TestBareKeyAlgorithm(t *testing.T) {
	sig := must(rsa.SignPKCS1v15(nil, rsaKey, crypto.SHA384, digest(crypto.SHA384, message)))
	bare := NewAlgorithm(OIDRSA, asn1.NullBytes)
	if err := Verify(&rsaKey.PublicKey, bare, crypto.SHA384, message, sig); err != nil {
		t.Errorf("Verify(rsaEncryption, SHA-384) = %v", err)
	}
	if err := Verify(&rsaKey.PublicKey, bare, crypto.SHA256, message, sig); err != ErrSignature {
		t.Errorf("Verify(rsaEncryption, SHA-256) = %v, want %v", err, ErrSignature)
	}
	var un *UnsupportedError
	if err := Verify(&rsaKey.PublicKey, bare, 0, message, sig); !errors.As(err, &un) {
		t.Errorf("Verify(rsaEncryption, no hash) = %v, want an UnsupportedError", err)
	}
	ec := must(ecdsa.SignASN1(rand.Reader, p256Key, digest(crypto.SHA256, message)))
	curve := must(asn1.Marshal(asn1.ObjectIdentifier{1, 2, 840, 10045, 3, 1, 7}))
	if err := Verify(&p256Key.PublicKey, NewAlgorithm(OIDEC, curve), crypto.SHA256, message, ec); err != nil {
		t.Errorf("Verify(id-ecPublicKey with curve, SHA-256) = %v", err)
	}
}

// A signature OID is not a digest, and the other way round.
func TestAlgorithmConfusion(t *testing.T) {
	for _, oid := range []string{"1.2.840.113549.1.1.11", "1.2.840.10045.4.3.2", OIDRSA, OIDRSAPSS, OIDEd25519, "", "1"} {
		if h, ok := HashOf(oid); ok {
			t.Errorf("HashOf(%s) = %v, want none", oid, h)
		}
	}
	var un *UnsupportedError
	for _, oid := range []string{"2.16.840.1.101.3.4.2.1", "1.2.3.4", "1.3.101.113", "1.2.840.113549.1.1.2", "2.16.840.1.101.3.4.3.18"} {
		if err := Verify(&rsaKey.PublicKey, AlgorithmIdentifier{OID: oid}, crypto.SHA256, message, make([]byte, 256)); !errors.As(err, &un) {
			t.Errorf("Verify(%s) = %v, want an UnsupportedError", oid, err)
		}
	}
	if got := Name(AlgorithmIdentifier{OID: "1.3.101.113"}); got != "Ed448" {
		t.Errorf("Name(1.3.101.113) = %s, want Ed448", got)
	}
	if got := Name(AlgorithmIdentifier{OID: "2.16.840.1.101.3.4.3.18"}); got != "ML-DSA-65" {
		t.Errorf("Name = %s, want ML-DSA-65", got)
	}
	// Parameters where none may be.
	var se *SyntaxError
	sig := must(ecdsa.SignASN1(rand.Reader, p256Key, digest(crypto.SHA256, message)))
	if err := Verify(&p256Key.PublicKey, NewAlgorithm("1.2.840.10045.4.3.2", []byte{0x30, 0}), 0, message, sig); !errors.As(err, &se) {
		t.Errorf("Verify(ecdsa with parameters) = %v, want a SyntaxError", err)
	}
	if err := Verify(edKey.Public(), NewAlgorithm(OIDEd25519, asn1.NullBytes), 0, message, ed25519.Sign(edKey, message)); !errors.As(err, &se) {
		t.Errorf("Verify(Ed25519 with NULL) = %v, want a SyntaxError", err)
	}
	// A digest of another length.
	var mm *MismatchError
	if err := VerifyDigest(&p256Key.PublicKey, NewAlgorithm("1.2.840.10045.4.3.2", nil), 0, make([]byte, 20), sig); !errors.As(err, &mm) || mm.Kind != MismatchLength {
		t.Errorf("VerifyDigest(20 octets) = %v, want a MismatchError %s", err, MismatchLength)
	}
}

func TestPSSParameters(t *testing.T) {
	p, err := parsePSS(nil)
	if want := (pssParams{crypto.SHA1, crypto.SHA1, 20}); err != nil || p != want {
		t.Errorf("parsePSS(absent) = %+v, %v; want %+v", p, err, want)
	}
	for _, want := range []pssParams{{crypto.SHA256, crypto.SHA256, 32}, {crypto.SHA512, crypto.SHA1, 0}, {crypto.SHA3_256, crypto.SHA256, 200}} {
		if p, err := parsePSS(want.der()); err != nil || p != want {
			t.Errorf("parsePSS(%v) = %+v, %v", want, p, err)
		}
	}
	good := pssParams{crypto.SHA256, crypto.SHA256, 32}.der()
	for name, der := range map[string][]byte{
		"octet string": {4, 0}, "trailing": append(bytes.Clone(good), 0), "truncated": good[:len(good)-1],
		"trailer 2":     {0x30, 5, 0xa3, 3, 2, 1, 2},
		"negative salt": {0x30, 5, 0xa2, 3, 2, 1, 0xff},
		"huge salt":     {0x30, 7, 0xa2, 5, 2, 3, 0x7f, 0xff, 0xff},
		"wrong order":   {0x30, 10, 0xa3, 3, 2, 1, 1, 0xa2, 3, 2, 1, 20},
		"unknown field": {0x30, 5, 0xa4, 3, 2, 1, 1},
		"mgf not mgf1": must(asn1.Marshal(struct {
			M struct{ A asn1.ObjectIdentifier } `asn1:"explicit,tag:1"`
		}{struct{ A asn1.ObjectIdentifier }{asn1.ObjectIdentifier{1, 2, 3}}})),
	} {
		if p, err := parsePSS(der); err == nil {
			t.Errorf("parsePSS(%s) = %+v, want an error", name, p)
		}
	}
}

// The parts of RSASSA-PSS that crypto/rsa does not have are compared with it where both can, and tried where only ours can.
func TestPSSOwn(t *testing.T) {
	odd := must(rsa.GenerateKey(rand.Reader, 2049)) // 2048 bits of encoded message: a whole zero octet less than the modulus
	for _, key := range []*rsa.PrivateKey{rsaKey, odd} {
		d := digest(crypto.SHA256, message)
		for _, salt := range []int{0, 1, 32, 190} {
			opts := &rsa.PSSOptions{SaltLength: salt, Hash: crypto.SHA256}
			if salt == 0 {
				// crypto/rsa reads 0 as "as long as possible"; an empty salt comes from a signer that uses the raw operation.
				sig := pssSign(key, pssParams{crypto.SHA256, crypto.SHA256, 0}, d)
				checkPSS(t, &key.PublicKey, pssParams{crypto.SHA256, crypto.SHA256, 0}, d, sig, 1)
				continue
			}
			sig := must(rsa.SignPSS(rand.Reader, key, crypto.SHA256, d, opts))
			checkPSS(t, &key.PublicKey, pssParams{crypto.SHA256, crypto.SHA256, salt}, d, sig, salt+1)
		}
		for _, p := range []pssParams{{crypto.SHA256, crypto.SHA1, 32}, {crypto.SHA512, crypto.SHA3_256, 20}} {
			d := digest(p.hash, message)
			checkPSS(t, &key.PublicKey, p, d, pssSign(key, p, d), p.salt-1)
		}
	}
}

func checkPSS(t *testing.T, pub *rsa.PublicKey, p pssParams, d, sig []byte, otherSalt int) {
	t.Helper()
	if err := verifyPSS(pub, p, d, sig); err != nil {
		t.Errorf("verifyPSS(%v, salt %d, %d bits) = %v", p, p.salt, pub.N.BitLen(), err)
	}
	q := p
	q.salt = otherSalt
	if err := verifyPSS(pub, q, d, sig); err != ErrSignature {
		t.Errorf("verifyPSS(salt %d read as %d) = %v, want %v", p.salt, q.salt, err, ErrSignature)
	}
	q = p
	q.mgf = crypto.SHA384
	if err := verifyPSS(pub, q, d, sig); err != ErrSignature {
		t.Errorf("verifyPSS(other mask hash) = %v, want %v", err, ErrSignature)
	}
	bad := bytes.Clone(d)
	bad[0] ^= 1
	if err := verifyPSS(pub, p, bad, sig); err != ErrSignature {
		t.Errorf("verifyPSS(other digest) = %v, want %v", err, ErrSignature)
	}
}

// pssSign is EMSA-PSS-ENCODE of RFC 8017 §9.1.1 and the private operation.
func pssSign(key *rsa.PrivateKey, p pssParams, d []byte) []byte {
	emBits := key.N.BitLen() - 1
	emLen := (emBits + 7) / 8
	salt := bytes.Repeat([]byte{0x5a}, p.salt)
	h := p.hash.New()
	h.Write(make([]byte, 8))
	h.Write(d)
	h.Write(salt)
	sum := h.Sum(nil)
	db := make([]byte, emLen-len(sum)-1)
	db[len(db)-len(salt)-1] = 1
	copy(db[len(db)-len(salt):], salt)
	mgf1XOR(db, p.mgf, sum)
	db[0] &= 0xff >> (8*emLen - emBits)
	em := append(append(db, sum...), 0xbc)
	s := new(big.Int).Exp(new(big.Int).SetBytes(em), key.D, key.N)
	return s.FillBytes(make([]byte, key.Size()))
}

func TestPSSRestrictedKey(t *testing.T) {
	free := &PSSPublicKey{&rsaKey.PublicKey, nil}
	bound := &PSSPublicKey{&rsaKey.PublicKey, pssParams{crypto.SHA384, crypto.SHA384, 48}.der()}
	sign := func(h crypto.Hash) ([]byte, AlgorithmIdentifier) {
		sig, alg, err := Sign(rand.Reader, rsaKey, Scheme{PSS: true, Hash: h}, message)
		if err != nil {
			t.Fatal(err)
		}
		return sig, alg
	}
	sig256, alg256 := sign(crypto.SHA256)
	sig384, alg384 := sign(crypto.SHA384)
	if err := Verify(free, alg256, 0, message, sig256); err != nil {
		t.Errorf("Verify(unrestricted PSS key) = %v", err)
	}
	if err := Verify(bound, alg384, 0, message, sig384); err != nil {
		t.Errorf("Verify(key for SHA-384, SHA-384) = %v", err)
	}
	var mm *MismatchError
	if err := Verify(bound, alg256, 0, message, sig256); !errors.As(err, &mm) || mm.Kind != MismatchPSSKey {
		t.Errorf("Verify(key for SHA-384, SHA-256) = %v, want a MismatchError %s", err, MismatchPSSKey)
	}
	pkcs := must(rsa.SignPKCS1v15(nil, rsaKey, crypto.SHA256, digest(crypto.SHA256, message)))
	var ke *KeyError
	if err := Verify(free, NewAlgorithm("1.2.840.113549.1.1.11", asn1.NullBytes), 0, message, pkcs); !errors.As(err, &ke) {
		t.Errorf("Verify(PSS key, PKCS#1 signature) = %v, want a KeyError", err)
	}
	if a, h, err := (Scheme{}).Algorithm(bound); err != nil || h != crypto.SHA384 || a.OID != OIDRSAPSS {
		t.Errorf("Algorithm(key for SHA-384) = %s, %v, %v", Name(a), h, err)
	}
	var un *UnsupportedError
	if _, _, err := (Scheme{Hash: crypto.SHA256}).Algorithm(bound); !errors.As(err, &un) {
		t.Errorf("Algorithm(key for SHA-384, SHA-256) = %v, want an UnsupportedError", err)
	}
}

// Keys too short for crypto/rsa, and exponents too long, still get a mathematical answer.
func TestUnusualRSA(t *testing.T) {
	for _, c := range []struct {
		bits int
		e    int64
	}{{512, 65537}, {768, 3}, {2048, 2271055779}} {
		key := oddRSA(c.bits, c.e)
		for _, h := range []crypto.Hash{crypto.MD5, crypto.SHA1} {
			info := digestInfo(h, digest(h, message))
			em := append([]byte{0, 1}, bytes.Repeat([]byte{0xff}, key.Size()-len(info)-3)...)
			em = append(append(em, 0), info...)
			sig := new(big.Int).Exp(new(big.Int).SetBytes(em), key.D, key.N).FillBytes(make([]byte, key.Size()))
			alg := NewAlgorithm(OIDRSA, asn1.NullBytes)
			if err := Verify(&key.PublicKey, alg, h, message, sig); err != nil {
				t.Errorf("Verify(RSA-%d, e=%d, %s) = %v", c.bits, c.e, HashName(h), err)
			}
			// Bleichenbacher 2006: less padding and rubbish behind the digest must not do.
			em = append([]byte{0, 1}, bytes.Repeat([]byte{0xff}, 8)...)
			em = append(append(em, 0), info...)
			em = append(em, make([]byte, key.Size()-len(em))...)
			sig = new(big.Int).Exp(new(big.Int).SetBytes(em), key.D, key.N).FillBytes(make([]byte, key.Size()))
			if err := Verify(&key.PublicKey, alg, h, message, sig); err != ErrSignature {
				t.Errorf("Verify(RSA-%d, short padding) = %v, want %v", c.bits, err, ErrSignature)
			}
		}
	}
	huge := &rsa.PublicKey{N: new(big.Int).Lsh(big.NewInt(1), maxRSABits+1), E: 65537}
	var un *UnsupportedError
	if err := Verify(huge, NewAlgorithm(OIDRSA, nil), crypto.SHA256, message, nil); !errors.As(err, &un) {
		t.Errorf("Verify(huge modulus) = %v, want an UnsupportedError", err)
	}
	if err := Verify(&rsa.PublicKey{N: new(big.Int), E: 3}, NewAlgorithm(OIDRSA, nil), crypto.SHA256, message, nil); !errors.As(err, &un) {
		t.Errorf("Verify(zero modulus) = %v, want an UnsupportedError", err)
	}
}

// oddRSA makes a key that crypto/rsa would not.
func oddRSA(bits int, e int64) *rsa.PrivateKey {
	one := big.NewInt(1)
	for {
		p, q := must(rand.Prime(rand.Reader, bits/2)), must(rand.Prime(rand.Reader, bits/2))
		phi := new(big.Int).Mul(new(big.Int).Sub(p, one), new(big.Int).Sub(q, one))
		d := new(big.Int).ModInverse(big.NewInt(e), phi)
		if n := new(big.Int).Mul(p, q); d != nil && n.BitLen() == bits {
			return &rsa.PrivateKey{PublicKey: rsa.PublicKey{N: n, E: int(e)}, D: d}
		}
	}
}

func TestDSA(t *testing.T) {
	var key dsa.PrivateKey
	if err := dsa.GenerateParameters(&key.Parameters, rand.Reader, dsa.L1024N160); err != nil {
		t.Fatal(err)
	}
	if err := dsa.GenerateKey(&key, rand.Reader); err != nil {
		t.Fatal(err)
	}
	for _, h := range []crypto.Hash{crypto.SHA1, crypto.SHA256} {
		d := digest(h, message)
		r, s, err := dsa.Sign(rand.Reader, &key, d[:20]) // the order has 160 bits
		if err != nil {
			t.Fatal(err)
		}
		sig := must(asn1.Marshal(struct{ R, S *big.Int }{r, s}))
		alg := map[crypto.Hash]string{crypto.SHA1: "1.2.840.10040.4.3", crypto.SHA256: "2.16.840.1.101.3.4.3.2"}[h]
		if err := Verify(&key.PublicKey, NewAlgorithm(alg, nil), h, message, sig); err != nil {
			t.Errorf("Verify(DSA with %s) = %v", HashName(h), err)
		}
		if len(sig) > SignatureSize(&key.PublicKey) {
			t.Errorf("DSA signature of %d octets, SignatureSize = %d", len(sig), SignatureSize(&key.PublicKey))
		}
		if err := Verify(&key.PublicKey, NewAlgorithm(alg, nil), h, message[1:], sig); err != ErrSignature {
			t.Errorf("Verify(DSA, other message) = %v, want %v", err, ErrSignature)
		}
		inherited := &dsa.PublicKey{Y: key.Y}
		var ke *KeyError
		if err := Verify(inherited, NewAlgorithm(alg, nil), h, message, sig); !errors.As(err, &ke) {
			t.Errorf("Verify(DSA without parameters) = %v, want a KeyError", err)
		}
	}
	type parameters struct{ P, Q, G *big.Int }
	params := must(asn1.Marshal(parameters{key.P, key.Q, key.G}))
	y := must(asn1.Marshal(key.Y))
	pub, err := ParseKey(NewAlgorithm(oidDSA, params), y)
	if got, ok := pub.(*dsa.PublicKey); err != nil || !ok || got.Y.Cmp(key.Y) != 0 || got.P.Cmp(key.P) != 0 || KeyName(got) != "DSA-1024" {
		t.Errorf("ParseKey(DSA) = %v, %v", KeyName(pub), err)
	}
	pub, err = ParseKey(NewAlgorithm(oidDSA, nil), y)
	if got, ok := pub.(*dsa.PublicKey); err != nil || !ok || got.P != nil || KeyName(got) != "DSA without parameters" {
		t.Errorf("ParseKey(DSA, inherited) = %v, %v", KeyName(pub), err)
	}
}

// Values that lazy verifiers accept.
func TestECDSANegative(t *testing.T) {
	alg := NewAlgorithm("1.2.840.10045.4.3.2", nil)
	sig := must(ecdsa.SignASN1(rand.Reader, p256Key, digest(crypto.SHA256, message)))
	var v struct{ R, S *big.Int }
	if _, err := asn1.Unmarshal(sig, &v); err != nil {
		t.Fatal(err)
	}
	n := elliptic.P256().Params().N
	enc := func(r, s *big.Int) []byte { return must(asn1.Marshal(struct{ R, S *big.Int }{r, s})) }
	zero, one := new(big.Int), big.NewInt(1)
	for name, bad := range map[string][]byte{
		"zeros":         enc(zero, zero),
		"r zero":        enc(zero, v.S),
		"s zero":        enc(v.R, zero),
		"ones":          enc(one, one),
		"r plus order":  enc(new(big.Int).Add(v.R, n), v.S),
		"s plus order":  enc(v.R, new(big.Int).Add(v.S, n)),
		"s minus order": enc(v.R, new(big.Int).Sub(v.S, n)),
		"swapped":       enc(v.S, v.R),
		"raw r and s":   append(v.R.FillBytes(make([]byte, 32)), v.S.FillBytes(make([]byte, 32))...),
		"trailing":      append(bytes.Clone(sig), 5, 0),
		"long length":   append([]byte{0x30, 0x81}, sig[1:]...),
		"indefinite":    append(append([]byte{0x30, 0x80}, sig[2:]...), 0, 0),
		"three numbers": must(asn1.Marshal(struct{ R, S, T *big.Int }{v.R, v.S, one})),
	} {
		if err := Verify(&p256Key.PublicKey, alg, 0, message, bad); err != ErrSignature {
			t.Errorf("Verify(%s) = %v, want %v", name, err, ErrSignature)
		}
	}
}

// SignatureSize bounds every value: the longest DER has both numbers with a full top octet.
func TestSignatureSizeIsBound(t *testing.T) {
	for _, k := range []*ecdsa.PrivateKey{p256Key, p384Key, p521Key} {
		top := new(big.Int).Sub(k.Params().N, big.NewInt(1))
		longest := must(asn1.Marshal(struct{ R, S *big.Int }{top, top}))
		if got := SignatureSize(&k.PublicKey); got < len(longest) || got > len(longest)+2 {
			t.Errorf("SignatureSize(%s) = %d, longest DER has %d", k.Params().Name, got, len(longest))
		}
	}
	if got := SignatureSize(&rsaKey.PublicKey); got != 256 {
		t.Errorf("SignatureSize(RSA-2048) = %d, want 256", got)
	}
	if got := SignatureSize(nil); got != 0 {
		t.Errorf("SignatureSize(nil) = %d, want 0", got)
	}
}

func TestParsePublicKey(t *testing.T) {
	for _, c := range []struct {
		pub  crypto.PublicKey
		name string
		bits int
	}{
		{&rsaKey.PublicKey, "RSA-2048", 2048},
		{&p256Key.PublicKey, "P-256", 256},
		{&p384Key.PublicKey, "P-384", 384},
		{&p521Key.PublicKey, "P-521", 521},
		{edKey.Public(), "Ed25519", 256},
	} {
		der := must(x509.MarshalPKIXPublicKey(c.pub))
		pub, err := ParsePublicKey(der)
		if err != nil {
			t.Errorf("ParsePublicKey(%s) = %v", c.name, err)
			continue
		}
		if !pub.(interface{ Equal(crypto.PublicKey) bool }).Equal(c.pub) {
			t.Errorf("ParsePublicKey(%s) is another key", c.name)
		}
		if KeyName(pub) != c.name || KeyBits(pub) != c.bits {
			t.Errorf("KeyName, KeyBits = %s, %d; want %s, %d", KeyName(pub), KeyBits(pub), c.name, c.bits)
		}
		for i := range der {
			if pub, err := ParsePublicKey(der[:i]); err == nil {
				t.Errorf("ParsePublicKey(%d of %d octets) = %v, want an error", i, len(der), KeyName(pub))
			}
		}
		if _, err := ParsePublicKey(append(bytes.Clone(der), 0)); err == nil {
			t.Errorf("ParsePublicKey(%s and a trailing octet): no error", c.name)
		}
	}
	// A compressed point is the same key; a point off the curve is none.
	params := must(asn1.Marshal(asn1.ObjectIdentifier{1, 2, 840, 10045, 3, 1, 7}))
	full := must(p256Key.PublicKey.Bytes())
	compressed := append([]byte{2 + full[64]&1}, full[1:33]...)
	pub, err := ParseKey(NewAlgorithm(OIDEC, params), compressed)
	if err != nil || !p256Key.PublicKey.Equal(pub) {
		t.Errorf("ParseKey(compressed point) = %v, %v", pub, err)
	}
	off := bytes.Clone(full)
	off[64] ^= 1
	if pub, err := ParseKey(NewAlgorithm(OIDEC, params), off); err == nil {
		t.Errorf("ParseKey(point off the curve) = %v, want an error", pub)
	}
	var un *UnsupportedError
	if _, err := ParseKey(NewAlgorithm(oidEd448, nil), make([]byte, 57)); !errors.As(err, &un) || un.Name != "Ed448" {
		t.Errorf("ParseKey(Ed448) = %v, want an UnsupportedError of that name", err)
	}
}

func TestOID(t *testing.T) {
	for _, oid := range []string{
		"1.2.840.113549.1.7.2", "2.5.4.3", "0.0", "0.39", "1.39", "2.39", "2.40", "2.47.0", "2.999", "2.25.329800735698586629295641978511506172918",
		"2.100000000000000000000.5", "1.3.101.112", "1.2.18446744073709551615.1", "1.2.9223372036854775808",
	} {
		raw := EncodeOID(oid)
		if got, ok := DecodeOID(raw); !ok || got != oid {
			t.Errorf("DecodeOID(EncodeOID(%s)) = %s, %v", oid, got, ok)
		}
	}
	for _, oid := range []string{"", "1", "3.1", "1.40", "1.2.", ".1.2", "1..2", "1.-2", "1.2.x", "1.+2", "2.20200040000000000000/", "1.2.99999999999999999999x"} {
		if raw := EncodeOID(oid); raw != nil {
			t.Errorf("EncodeOID(%q) = %x, want nil", oid, raw)
		}
	}
	for _, raw := range [][]byte{nil, {0x80}, {0x2a, 0x80, 0x01}, {0x2a, 0x86}, bytes.Repeat([]byte{1}, maxOID+1)} {
		if oid, ok := DecodeOID(raw); ok {
			t.Errorf("DecodeOID(%x) = %s, want false", raw, oid)
		}
	}
}

func TestHashTable(t *testing.T) {
	for _, e := range hashes {
		if h, ok := HashOf(e.oid); !ok || h != e.hash || HashOID(h) != e.oid || HashName(h) != e.name || !h.Available() {
			t.Errorf("%s: HashOf(%s) = %v, %v", e.name, e.oid, h, ok)
		}
	}
	if HashOID(crypto.BLAKE2b_256) != "" || HashName(0) != "unknown hash" {
		t.Error("unknown hashes have an OID or a name")
	}
}

func FuzzAlgorithmIdentifier(f *testing.F) {
	f.Add(DigestAlgorithm(crypto.SHA256).Raw)
	f.Add(NewAlgorithm(OIDRSAPSS, pssParams{crypto.SHA256, crypto.SHA256, 32}.der()).Raw)
	f.Add(NewAlgorithm(OIDRSA, asn1.NullBytes).Raw)
	f.Add([]byte{0x30, 0x80, 0, 0})
	f.Fuzz(func(t *testing.T, der []byte) {
		a, err := ParseAlgorithm(der)
		if err != nil {
			return
		}
		if !bytes.Equal(a.Raw, der) {
			t.Errorf("Raw differs from the input")
		}
		if b := NewAlgorithm(a.OID, a.Params); !b.Equal(a) || !bytes.Equal(b.Raw, der) {
			t.Errorf("NewAlgorithm(%s, %x) = %x, want %x", a.OID, a.Params, b.Raw, der)
		}
		if Name(a) == "" {
			t.Error("empty name")
		}
		SignatureHash(a)
		for _, pub := range []crypto.PublicKey{&rsaKey.PublicKey, &p256Key.PublicKey, edKey.Public()} {
			if Verify(pub, a, crypto.SHA256, message, make([]byte, 72)) == nil {
				t.Errorf("a signature of zeros verifies under %x", der)
			}
		}
	})
}

func FuzzParsePublicKey(f *testing.F) {
	f.Add(must(x509.MarshalPKIXPublicKey(&rsaKey.PublicKey)))
	f.Add(must(x509.MarshalPKIXPublicKey(&p256Key.PublicKey)))
	f.Add(must(x509.MarshalPKIXPublicKey(edKey.Public())))
	f.Fuzz(func(t *testing.T, der []byte) {
		pub, err := ParsePublicKey(der)
		if err != nil {
			return
		}
		if KeyName(pub) == "unknown key" {
			t.Errorf("ParsePublicKey returned %T, which has no name", pub)
		}
		SignatureSize(pub)
		for _, oid := range []string{OIDRSA, OIDRSAPSS, OIDEC, OIDEd25519, oidDSA} {
			_ = Verify(pub, AlgorithmIdentifier{OID: oid}, 0, message, make([]byte, 256))
			_ = Verify(pub, AlgorithmIdentifier{OID: oid}, crypto.SHA1, message, make([]byte, 256))
		}
	})
}
