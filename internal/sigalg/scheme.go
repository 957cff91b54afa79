package sigalg

import "crypto"

// A family is the mathematics behind a signature algorithm.
type family int

const (
	rsaPKCS1 family = iota + 1
	rsaPSS
	ecdsaSig
	dsaSig
	ed25519Sig
	unsupported // known by name only
)

// OIDs that need no hash table entry.
const (
	oidRSA     = "1.2.840.113549.1.1.1"
	oidOAEP    = "1.2.840.113549.1.1.7"
	oidMGF1    = "1.2.840.113549.1.1.8"
	oidPSS     = "1.2.840.113549.1.1.10"
	oidDSA     = "1.2.840.10040.4.1"
	oidEC      = "1.2.840.10045.2.1"
	oidEd25519 = "1.3.101.112"
	oidEd448   = "1.3.101.113"
	oidX25519  = "1.3.101.110"
	oidX448    = "1.3.101.111"
)

type scheme struct {
	family family
	hash   crypto.Hash // 0: stated elsewhere (digestAlgorithm, parameters) or inherent
}

// schemes are the signature algorithms by OID. The bare key OIDs stand in SignerInfos of many producers (RFC 3370 §3.2 allows
// rsaEncryption; the others are as widespread as they are unregulated): the hash is then that of digestAlgorithm.
var schemes = map[string]scheme{
	oidRSA:                  {rsaPKCS1, 0},
	"2.5.8.1.1":             {rsaPKCS1, 0}, // X.509 id-ea-rsa, the same key under its older name; met in time-stamps of 2014
	"1.2.840.113549.1.1.4":  {rsaPKCS1, crypto.MD5},
	"1.2.840.113549.1.1.5":  {rsaPKCS1, crypto.SHA1},
	"1.3.14.3.2.29":         {rsaPKCS1, crypto.SHA1}, // OIW sha1WithRSASignature
	"1.2.840.113549.1.1.14": {rsaPKCS1, crypto.SHA224},
	"1.2.840.113549.1.1.11": {rsaPKCS1, crypto.SHA256},
	"1.2.840.113549.1.1.12": {rsaPKCS1, crypto.SHA384},
	"1.2.840.113549.1.1.13": {rsaPKCS1, crypto.SHA512},
	"1.2.840.113549.1.1.15": {rsaPKCS1, crypto.SHA512_224},
	"1.2.840.113549.1.1.16": {rsaPKCS1, crypto.SHA512_256},
	"1.3.36.3.3.1.2":        {rsaPKCS1, crypto.RIPEMD160},

	"2.16.840.1.101.3.4.3.13": {rsaPKCS1, crypto.SHA3_224},
	"2.16.840.1.101.3.4.3.14": {rsaPKCS1, crypto.SHA3_256},
	"2.16.840.1.101.3.4.3.15": {rsaPKCS1, crypto.SHA3_384},
	"2.16.840.1.101.3.4.3.16": {rsaPKCS1, crypto.SHA3_512},

	oidPSS: {rsaPSS, 0},

	oidEC:                     {ecdsaSig, 0},
	"1.2.840.10045.4.1":       {ecdsaSig, crypto.SHA1},
	"1.2.840.10045.4.3.1":     {ecdsaSig, crypto.SHA224},
	"1.2.840.10045.4.3.2":     {ecdsaSig, crypto.SHA256},
	"1.2.840.10045.4.3.3":     {ecdsaSig, crypto.SHA384},
	"1.2.840.10045.4.3.4":     {ecdsaSig, crypto.SHA512},
	"2.16.840.1.101.3.4.3.9":  {ecdsaSig, crypto.SHA3_224},
	"2.16.840.1.101.3.4.3.10": {ecdsaSig, crypto.SHA3_256},
	"2.16.840.1.101.3.4.3.11": {ecdsaSig, crypto.SHA3_384},
	"2.16.840.1.101.3.4.3.12": {ecdsaSig, crypto.SHA3_512},

	oidDSA:                   {dsaSig, 0},
	"1.2.840.10040.4.3":      {dsaSig, crypto.SHA1},
	"2.16.840.1.101.3.4.3.1": {dsaSig, crypto.SHA224},
	"2.16.840.1.101.3.4.3.2": {dsaSig, crypto.SHA256},
	"2.16.840.1.101.3.4.3.3": {dsaSig, crypto.SHA384},
	"2.16.840.1.101.3.4.3.4": {dsaSig, crypto.SHA512},

	oidEd25519: {ed25519Sig, 0},

	oidEd448:                  {unsupported, 0},
	"1.2.840.113549.1.1.2":    {unsupported, 0}, // MD2
	"1.3.6.1.5.5.7.6.30":      {unsupported, 0}, // PSS with SHAKE128
	"1.3.6.1.5.5.7.6.31":      {unsupported, 0}, // PSS with SHAKE256
	"1.3.6.1.5.5.7.6.32":      {unsupported, 0}, // ECDSA with SHAKE128
	"1.3.6.1.5.5.7.6.33":      {unsupported, 0}, // ECDSA with SHAKE256
	"2.16.840.1.101.3.4.3.17": {unsupported, 0}, // ML-DSA
	"2.16.840.1.101.3.4.3.18": {unsupported, 0},
	"2.16.840.1.101.3.4.3.19": {unsupported, 0},
	"1.2.643.7.1.1.3.2":       {unsupported, 0}, // GOST
	"1.2.643.7.1.1.3.3":       {unsupported, 0},
	"1.2.156.10197.1.501":     {unsupported, 0}, // SM2
	"0.4.0.127.0.7.1.1.4.1.3": {unsupported, 0}, // BSI plain ECDSA
}

// OIDs exported for packages that build or open messages with them.
const (
	OIDRSA     = oidRSA  // rsaEncryption: key, PKCS#1 v1.5 encryption, hash-less signature algorithm
	OIDRSAOAEP = oidOAEP // RSAES-OAEP
	OIDMGF1    = oidMGF1
	OIDRSAPSS  = oidPSS
	OIDEC      = oidEC
	OIDEd25519 = oidEd25519
	OIDX25519  = oidX25519
)

// Scheme chooses among the ways a key can sign. The key type itself comes from the key.
type Scheme struct {
	Hash crypto.Hash // zero: SHA-256 for RSA and P-256, SHA-384 for P-384, SHA-512 for P-521; Ed25519 knows only SHA-512 (RFC 8419)
	PSS  bool        // RSASSA-PSS instead of PKCS#1 v1.5; only for RSA keys
}
