package sigalg

import (
	"crypto"
	_ "crypto/md5" // recognised so that it can be reported as broken
	_ "crypto/sha1"
	"crypto/sha256"
	_ "crypto/sha3"
	_ "crypto/sha512"

	_ "golang.org/x/crypto/ripemd160" //lint:ignore SA1019 only to check signatures of the years when it was recommended
)

var hashes = []struct {
	hash crypto.Hash
	oid  string
	name string
}{
	{crypto.SHA256, "2.16.840.1.101.3.4.2.1", "SHA-256"},
	{crypto.SHA384, "2.16.840.1.101.3.4.2.2", "SHA-384"},
	{crypto.SHA512, "2.16.840.1.101.3.4.2.3", "SHA-512"},
	{crypto.SHA224, "2.16.840.1.101.3.4.2.4", "SHA-224"},
	{crypto.SHA512_224, "2.16.840.1.101.3.4.2.5", "SHA-512/224"},
	{crypto.SHA512_256, "2.16.840.1.101.3.4.2.6", "SHA-512/256"},
	{crypto.SHA3_224, "2.16.840.1.101.3.4.2.7", "SHA3-224"},
	{crypto.SHA3_256, "2.16.840.1.101.3.4.2.8", "SHA3-256"},
	{crypto.SHA3_384, "2.16.840.1.101.3.4.2.9", "SHA3-384"},
	{crypto.SHA3_512, "2.16.840.1.101.3.4.2.10", "SHA3-512"},
	{crypto.SHA1, "1.3.14.3.2.26", "SHA-1"},
	{crypto.RIPEMD160, "1.3.36.3.2.1", "RIPEMD-160"},
	{crypto.MD5, "1.2.840.113549.2.5", "MD5"},
}

// HashOf returns the hash that a digest OID names; false for anything else, also for signature algorithms: a signature OID in the
// place of a digest is a contradiction that some programs overlook.
func HashOf(oid string) (crypto.Hash, bool) {
	for _, h := range hashes {
		if h.oid == oid {
			return h.hash, true
		}
	}
	return 0, false
}

// HashOID returns the dotted OID of h, "" when it has none here.
func HashOID(h crypto.Hash) string {
	for _, e := range hashes {
		if e.hash == h {
			return e.oid
		}
	}
	return ""
}

// HashName returns the name people use, such as "SHA-256".
func HashName(h crypto.Hash) string {
	for _, e := range hashes {
		if e.hash == h {
			return e.name
		}
	}
	return "unknown hash"
}

func digest(h crypto.Hash, message []byte) []byte {
	if h == crypto.SHA256 {
		sum := sha256.Sum256(message) // without an allocation for its state
		return sum[:]
	}
	d := h.New()
	d.Write(message)
	return d.Sum(nil)
}
