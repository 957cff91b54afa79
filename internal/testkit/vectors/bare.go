package main

import (
	"crypto"
	"crypto/sha1"
	"encoding/asn1"

	"absah/internal/pdf"
)

// bare: a signature of the oldest kind, adbe.x509.rsa_sha1 (ISO 32000-1 §12.8.3.2): a PKCS #1 value in an OCTET STRING, the
// certificates beside it. Honest, and SHA-1 is named as what is wrong with it.
func bare() []vector {
	sign := func(w *world, tamper bool) []byte {
		return w.sign(w.letter(letter{status: w.national.status(w.rsaPerson, w.national.tsa)}), signature{
			who: w.rsaPerson, sub: "adbe.x509.rsa_sha1", hole: 300,
			dict: pdf.Dict{"Cert": pdf.Array{pdf.String(w.rsaPerson.cert.Raw), pdf.String(w.nationalCA.cert.Raw)}},
			value: func(_ *signature, content []byte) []byte {
				if tamper {
					content = append([]byte{' '}, content...)
				}
				sum := sha1.Sum(content)
				return must(asn1.Marshal(must(w.rsaPerson.key.Sign(nil, sum[:], crypto.SHA1))))
			},
		})
	}
	return []vector{
		{File: "bare-rsa-sha1.pdf", Class: honestClass, How: "adbe.x509.rsa_sha1, as programs of about 2003 wrote it", Expect: unsureFor("CRYPTO_CONSTRAINTS_FAILURE_NO_POE", "weak-digest").says("SHA-1", "SHA-1"), build: func(w *world) []byte { return sign(w, false) }},
		{File: "bare-rsa-sha1-changed.pdf", Class: "BARE", Twin: "bare-rsa-sha1.pdf", How: "the same with a value over other bytes", Expect: expect{Verdict: []string{"invalid"}, Indication: failed, SubIndication: "HASH_FAILURE", ID: sayInvalid, EN: tellInvalid}, build: func(w *world) []byte { return sign(w, true) }},
	}
}
