package main

import (
	"bytes"
	"context"
	"crypto"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/asn1"
	"slices"
	"strings"

	"absah/internal/cms"
	"absah/internal/pdf"
	"absah/internal/sigalg"
)

// message: signature values and time-stamps that are not what they should be.
func message() []vector {
	var out []vector
	add := func(class, name, how string, e expect, s func(w *world, s *signature)) {
		out = append(out, vector{File: name + ".pdf", Class: class, Twin: "honest-approval.pdf", How: how, Expect: e, build: func(w *world) []byte {
			x := signature{who: w.person, by: w.national}
			s(w, &x)
			return w.sign(w.letter(letter{}), x)
		}})
	}
	value := func(change func(value []byte) []byte) func(*world, *signature) {
		return func(_ *world, s *signature) {
			s.value = func(s *signature, content []byte) []byte { return change(s.cms(content)) }
		}
	}
	made := func(change func(o *cms.SignerOptions)) func(*world, *signature) {
		return func(_ *world, s *signature) { s.options = change }
	}
	add("CMS", "cms-trailing", "bytes follow the CMS message inside the value", notes("cms-trailing-bytes"), value(func(v []byte) []byte { return append(v, "Rp 90.000.000"...) }))
	add("CMS", "cms-two-signers", "the CMS message has its one signer twice", never("cms-signer-count"), func(_ *world, s *signature) {
		s.hole = 6000
		s.value = func(s *signature, content []byte) []byte {
			return signers(s.cms(content), func(set []byte) []byte { return append(slices.Clone(set), set...) })
		}
	})
	add("CMS", "cms-no-signer", "the CMS message has no signer", expect{Verdict: []string{"invalid", "indeterminate"}}, value(func(v []byte) []byte {
		return signers(v, func([]byte) []byte { return nil })
	}))
	add("CMS", "cms-truncated", "the CMS message ends early", invalid("cms-damaged"), value(func(v []byte) []byte { return v[:len(v)/4] }))
	add("CMS", "cms-encapsulated", "the message carries content of its own beside the document", never("cms-encapsulated"), made(func(o *cms.SignerOptions) { o.EContent = []byte("Rp 90.000.000") }))
	add("CMS", "cms-no-certificate", "the signer's certificate is left out", unsureFor("NO_SIGNING_CERTIFICATE_FOUND", "signing-certificate-missing"), made(func(o *cms.SignerOptions) { o.OmitCertificates = true }))
	other := func(oid string, digest []byte) []cms.Attribute {
		der := must(asn1.Marshal(struct{ Certs []struct{ Hash []byte } }{[]struct{ Hash []byte }{{digest}}}))
		return []cms.Attribute{{OID: oid, Values: [][]byte{der}}}
	}
	add("CMS", "cms-other-certificate", "the signing-certificate attribute names the certificate of another person", unsureFor("NO_SIGNING_CERTIFICATE_FOUND", "signing-certificate-mismatch"), func(w *world, s *signature) {
		sum := sha256.Sum256(w.official.cert.Raw)
		s.options = func(o *cms.SignerOptions) {
			o.OmitSigningCertificate, o.ExtraSigned = true, other("1.2.840.113549.1.9.16.2.47", sum[:])
		}
	})
	add("CMS", "cms-two-certificates", "the signing-certificate attributes of both versions name two persons", unsureFor("NO_SIGNING_CERTIFICATE_FOUND", "signing-certificate-mismatch"), func(w *world, s *signature) {
		sum := sha1.Sum(w.official.cert.Raw)
		s.options = func(o *cms.SignerOptions) { o.ExtraSigned = other("1.2.840.113549.1.9.16.2.12", sum[:]) }
	})
	add("CMS", "cms-value-changed", "one bit of the signature value is another", expect{Verdict: []string{"invalid"}, Indication: failed, SubIndication: "SIG_CRYPTO_FAILURE", Codes: []string{"signature-failure"}, ID: sayInvalid, EN: tellInvalid}, func(_ *world, s *signature) {
		s.by = nil // the value ends the message then
		s.value = func(s *signature, content []byte) []byte { v := s.cms(content); v[len(v)-1] ^= 1; return v }
	})
	add("CMS", "cms-content-changed", "one letter of the signed content is another", expect{Verdict: []string{"invalid"}, Indication: failed, SubIndication: "HASH_FAILURE", Codes: []string{"hash-failure"}, ID: sayInvalid, EN: tellInvalid}, func(_ *world, s *signature) {
		s.value = func(s *signature, content []byte) []byte {
			return s.cms(bytes.Replace(content, []byte("Rp 10.000"), []byte("Rp 20.000"), 1))
		}
	})
	add("ALGORITHM", "algorithm-sha1", "the message uses SHA-1", unsureFor("CRYPTO_CONSTRAINTS_FAILURE_NO_POE", "weak-digest"), made(func(o *cms.SignerOptions) { o.Scheme = sigalg.Scheme{Hash: crypto.SHA1} }))

	add("TIMESTAMP", "timestamp-copied", "the time-stamp is that of another signature", notes("timestamp-imprint"), func(w *world, s *signature) {
		sum := sha256.Sum256([]byte("another signature"))
		s.token = must(w.national.Timestamp(context.Background(), crypto.SHA256, sum[:]))
	})
	add("TIMESTAMP", "timestamp-person", "the time-stamp was made with the certificate of a person", notes("timestamp-untrusted"), func(w *world, s *signature) {
		s.by = w.national.when(signed)
		s.by.tsa = w.official
	})
	add("TIMESTAMP", "timestamp-stranger", "the time-stamp's authority is unknown", notes("timestamp-untrusted"), func(w *world, s *signature) {
		s.by = w.national.when(signed)
		s.by.tsa = w.strangeTSA
	})
	add("TIMESTAMP", "timestamp-damaged", "the time-stamp is no token", notes("timestamp-damaged"), func(_ *world, s *signature) { s.token = []byte{0x30, 3, 2, 1, 0} })

	add("EMPTY-SIGNATURE", "empty-hole", "prepared and never signed", invalid("contents-empty"), value(func([]byte) []byte { return nil }))
	add("EMPTY-SIGNATURE", "empty-placeholder", "prepared and never signed: the ByteRange still holds place holders", invalid("byterange-type", "contents-empty"), func(_ *world, s *signature) {
		s.byteRange = func(int, int, int) string { return "[0 /********** /********** /**********]" }
		s.value = func(*signature, []byte) []byte { return nil }
	})
	out[len(out)-1].Expect.Codes = []string{"byterange-type"}
	return out
}

// signers changes the content of the set of SignerInfos in a CMS message (RFC 5652 §5.1).
func signers(der []byte, change func(set []byte) []byte) []byte {
	var info struct {
		Type    asn1.ObjectIdentifier
		Content asn1.RawValue `asn1:"explicit,tag:0"`
	}
	must(asn1.Unmarshal(der, &info))
	var data asn1.RawValue
	must(asn1.Unmarshal(info.Content.Bytes, &data))
	var parts [][]byte
	for rest := data.Bytes; len(rest) > 0; {
		var one asn1.RawValue
		rest = must(asn1.Unmarshal(rest, &one))
		parts = append(parts, one.FullBytes)
	}
	var set asn1.RawValue
	must(asn1.Unmarshal(parts[len(parts)-1], &set))
	wrap := func(class, tag int, content []byte) []byte {
		return must(asn1.Marshal(asn1.RawValue{Class: class, Tag: tag, IsCompound: true, Bytes: content}))
	}
	parts[len(parts)-1] = wrap(asn1.ClassUniversal, asn1.TagSet, change(set.Bytes))
	body := wrap(asn1.ClassUniversal, asn1.TagSequence, bytes.Join(parts, nil))
	return wrap(asn1.ClassUniversal, asn1.TagSequence, append(must(asn1.Marshal(info.Type)), wrap(asn1.ClassContextSpecific, 0, body)...))
}

// change: what an editor does to a signed document without meaning to deceive, or meaning to.
func change() []vector {
	var out []vector
	add := func(name, how string, e expect, l letter, change func(v *pdf.View, u *pdf.Update)) {
		out = append(out, vector{File: "change-" + name + ".pdf", Class: "CHANGE", Twin: "honest-validation-data.pdf", How: how, Expect: e, build: func(w *world) []byte {
			return update(w.approve(w.letter(l)), change)
		}})
	}
	page := func(keys pdf.Dict) func(*pdf.View, *pdf.Update) {
		return func(v *pdf.View, u *pdf.Update) { edit(v, u, objPage, keys) }
	}
	root := func(keys pdf.Dict) func(*pdf.View, *pdf.Update) {
		return func(v *pdf.View, u *pdf.Update) { edit(v, u, objRoot, keys) }
	}
	add("rotated", "the page is turned", invalid("modified").says("halaman 1", "page 1"), letter{}, page(pdf.Dict{"Rotate": pdf.Integer(180)}))
	add("cropped", "the page is cropped above the amount", invalid("modified"), letter{}, page(pdf.Dict{"CropBox": rect(0, 0, 595, 700)}))
	add("unit", "the page is scaled", invalid("modified"), letter{}, page(pdf.Dict{"UserUnit": pdf.Integer(100)}))
	add("action", "a script runs when the document is opened", invalid("modified"), letter{}, root(pdf.Dict{"OpenAction": pdf.Dict{"S": pdf.Name("JavaScript"), "JS": pdf.String("app.alert(1)")}}))
	add("attachment", "a file is attached", invalid("modified"), letter{}, func(v *pdf.View, u *pdf.Update) {
		file, spec := u.Alloc(), u.Alloc()
		u.Set(file, pdf.NewStream(pdf.Dict{"Type": pdf.Name("EmbeddedFile")}, []byte("lampiran")))
		u.Set(spec, pdf.Dict{"Type": pdf.Name("Filespec"), "F": pdf.String("lampiran.txt"), "EF": pdf.Dict{"F": file}})
		edit(v, u, objRoot, pdf.Dict{"Names": pdf.Dict{"EmbeddedFiles": pdf.Dict{"Names": pdf.Array{pdf.String("lampiran.txt"), spec}}}})
	})
	layers := func(show bool) pdf.Dict {
		group := pdf.Ref{Num: objSpare}
		d := pdf.Dict{"BaseState": pdf.Name("ON")}
		if !show {
			d["OFF"] = pdf.Array{group}
		}
		return pdf.Dict{"OCGs": pdf.Array{group}, "D": d}
	}
	hidden := letter{
		content: plainLetter + "/OC /Lain BDC 1 g 72 710 400 24 re f 0 g BT /F1 12 Tf 72 720 Td (Nilai pekerjaan: Rp 90.000.000,00) Tj ET EMC\n",
		page: pdf.Dict{"Resources": pdf.Dict{
			"Font": pdf.Dict{"F1": pdf.Ref{Num: objFont}}, "XObject": pdf.Dict{"Fm1": pdf.Ref{Num: objLogo}}, "Properties": pdf.Dict{"Lain": pdf.Ref{Num: objSpare}},
		}},
		root:  pdf.Dict{"OCProperties": layers(false)},
		spare: pdf.Dict{"Type": pdf.Name("OCG"), "Name": pdf.String("Lain")},
	}
	add("layer", "a layer that was hidden when the document was signed is shown", invalid("modified"), hidden, root(pdf.Dict{"OCProperties": layers(true)}))
	add("properties", "title and author are set: properties are no content", valid(), letter{}, func(v *pdf.View, u *pdf.Update) {
		info := u.Alloc()
		u.Set(info, pdf.Dict{"Title": pdf.String("Surat Keputusan"), "Author": pdf.String("Siti Contoh")})
		u.SetTrailer("Info", info)
	})
	out[len(out)-1].Class, out[len(out)-1].Twin = honestClass, ""
	out = append(out, vector{File: "change-fill-differs.pdf", Class: "SHADOW-REPLACE", Twin: "honest-filled.pdf", How: "certified with P 2; a field is filled in with one value and shows another", Expect: notes("value-differs"), build: func(w *world) []byte {
		return update(w.certify(w.letter(letter{}), 2), func(v *pdf.View, u *pdf.Update) {
			look := u.Alloc()
			u.Set(look, drawing("/Tx BMC q BT /F1 12 Tf 2 4 Td (Menteri Contoh) Tj ET Q EMC", 228, 20))
			edit(v, u, objName, pdf.Dict{"V": pdf.String("Budi"), "AP": pdf.Dict{"N": look}})
		})
	}}, vector{File: "change-field-moved.pdf", Class: "SHADOW-REPLACE", Twin: "honest-filled.pdf", How: "certified with P 2; a field is filled in and moved over the amount", Expect: invalid("modified"), build: func(w *world) []byte {
		return update(w.certify(w.letter(letter{}), 2), func(v *pdf.View, u *pdf.Update) {
			look := u.Alloc()
			u.Set(look, drawing(cover, 400, 30))
			edit(v, u, objName, pdf.Dict{"V": pdf.String("Nilai pekerjaan: Rp 10.000.000,00"), "Rect": rect(60, 710, 460, 740), "AP": pdf.Dict{"N": look}})
		})
	}}, vector{File: "overlay-rectangle-prepared.pdf", Class: "SHADOW-PREPARED", Twin: "honest-approval.pdf", How: "the page's own content covers an amount with a white rectangle and writes another one", Expect: notes("text-covered"), build: func(w *world) []byte {
		return w.approve(w.letter(letter{content: strings.Replace(coveredLetter, "q 1 0 0 1 60 710 cm /Fm1 Do Q", "q 1 0 0 1 60 710 cm "+cover+" Q", 1)}))
	}})
	return out
}
