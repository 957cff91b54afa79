// Package sigalg maps AlgorithmIdentifiers to hashes and keys, and makes and checks signature values.
//
// It is the only place of Absah that knows which OID means which mathematics: CMS, OCSP, CRLs, certificates and time-stamps all
// verify through [Verify] or [VerifyDigest]. It takes no decision on whether an algorithm is still good enough: SHA-1, MD5 and
// short keys verify as the mathematics says, and policy elsewhere judges them with [HashOf], [SignatureHash] and [KeyBits]. What it
// does refuse are contradictions, such as a digestAlgorithm that differs from the hash in the signature algorithm: those are
// [*MismatchError], never a silent choice of one of the two.
//
// Functions are safe for concurrent use. Nothing here reads a clock, a file or the network.
package sigalg
