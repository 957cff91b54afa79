package pades

import (
	"slices"
	"strings"
	"sync"
	"time"

	"absah/internal/stamp"
	"absah/trust"
)

// An Explanation tells a layperson what an outcome means: what it is, where it usually comes from, and what to do.
type Explanation struct {
	Sentence string
	Cause    string
	Action   string
}

type explanation struct{ sentence, cause, action phrase }

// indicationWords explain the main indications (EN 319 102-1 §5.1.2). Where there is a sub-indication, its words are more exact.
var indicationWords = map[Indication]explanation{
	TotalPassed: {
		phrase{"Tanda tangan sah.", "The signature is valid."},
		phrase{"Isinya cocok dengan yang ditandatangani, dan sertifikat penandatangan dipercaya.", "The content is what was signed, and the signer's certificate is trusted."},
		phrase{"Dapat dipakai.", "It can be relied on."},
	},
	IndeterminateValue: {
		phrase{"Tanda tangan belum dapat dipastikan.", "The signature cannot be confirmed yet."},
		phrase{"Keterangan yang ada belum cukup untuk memutuskan. Ini bukan berarti palsu.", "What is at hand is not enough to decide. This does not mean that it is fake."},
		phrase{"Periksa ulang nanti, atau tanyakan kepada penandatangan.", "Check again later, or ask the signer."},
	},
	TotalFailed: {
		phrase{"Tanda tangan tidak sah.", "The signature is not valid."},
		phrase{"Berkas, tanda tangan, atau sertifikatnya tidak memenuhi syarat.", "The file, the signature or its certificate does not hold."},
		phrase{"Jangan dipakai; minta berkas asli langsung dari penandatangan.", "Do not rely on it; ask the signer for the original."},
	},
}

// subIndicationWords explain the sub-indications (EN 319 102-1 §5.1.3). {issuer}, {begin}, {expiry}, {revoked} and {policy} are
// filled in from the signature's report.
var subIndicationWords = map[string]explanation{
	"FORMAT_FAILURE": {
		phrase{"Susunan berkas atau tanda tangan rusak, atau dokumen berubah setelah ditandatangani.", "The structure of the file or signature is damaged, or the document changed after signing."},
		phrase{"Berkas rusak saat dikirim, atau ada yang diubah setelah ditandatangani.", "The file was damaged on its way, or something was changed after signing."},
		phrase{"Jangan dipakai. Unduh ulang; bila tetap begini, minta penandatangan mengirim ulang.", "Do not rely on it. Download it again; if that does not help, ask the signer to resend it."},
	},
	"HASH_FAILURE": {
		phrase{"Isi berkas tidak sama dengan saat ditandatangani.", "The file is not the same as when it was signed."},
		phrase{"Biasanya karena diedit, digabung atau dipisah halamannya, dikompres, atau dicetak ulang ke PDF.", "Usually because it was edited, merged or split, compressed, or printed to PDF again."},
		phrase{"Minta berkas asli langsung dari penandatangan.", "Ask the signer for the original."},
	},
	"SIG_CRYPTO_FAILURE": {
		phrase{"Nilai tanda tangan tidak cocok dengan isi dan sertifikatnya.", "The signature value does not match the content and the certificate."},
		phrase{"Tanda tangan rusak, atau bukan dibuat dengan kunci milik sertifikat itu.", "The signature is damaged, or was not made with the key of that certificate."},
		phrase{"Minta berkas asli langsung dari penandatangan.", "Ask the signer for the original."},
	},
	"SIG_CONSTRAINTS_FAILURE": {
		phrase{"Tanda tangan tidak memenuhi aturan pemeriksaan yang dipilih ({policy}).", "The signature does not meet the chosen rules of verification ({policy})."},
		phrase{"Ada bagian tanda tangan yang tidak ditulis seperti yang diminta standar.", "A part of the signature is not as the standard asks for it."},
		phrase{"Lihat rincian; bila ragu, minta ditandatangani ulang.", "See the details; when in doubt, ask to sign again."},
	},
	"CHAIN_CONSTRAINTS_FAILURE": {
		phrase{"Sertifikat atau penerbitnya melanggar aturan yang mengikatnya.", "The certificate or an issuer breaks a rule that binds it."},
		phrase{"Sertifikat dipakai untuk keperluan lain dari yang diizinkan, atau diterbitkan tidak sesuai aturan.", "The certificate is used for another purpose than allowed, or was not issued by the rules."},
		phrase{"Tanyakan kepada penerbit “{issuer}”; bila perlu, minta ditandatangani ulang dengan sertifikat lain.", "Ask the issuer “{issuer}”; if need be, ask to sign again with another certificate."},
	},
	"CERTIFICATE_CHAIN_GENERAL_FAILURE": {
		phrase{"Rantai sertifikat belum dapat diperiksa.", "The certificate chain could not be checked."},
		phrase{"Sertifikat penerbit tidak lengkap atau tidak dapat dibaca, atau belum bisa diambil dari penerbit.", "An issuer's certificate is missing or cannot be read, or could not be had from the issuer."},
		phrase{"Periksa ulang nanti.", "Check again later."},
	},
	"CRYPTO_CONSTRAINTS_FAILURE": {
		phrase{"Memakai cara lama yang kini lemah.", "It uses an old method that is now weak."},
		phrase{"Cocok secara teknis, tetapi cara itu tidak lagi tahan pemalsuan ketika tanda tangan dibuat.", "It matches technically, but the method did not protect against forgery any more when it was signed."},
		phrase{"Minta ditandatangani ulang.", "Ask to sign again."},
	},
	"CRYPTO_CONSTRAINTS_FAILURE_NO_POE": {
		phrase{"Memakai cara lama yang kini lemah, atau cara yang tidak dikenal.", "It uses an old method that is now weak, or one that is not known here."},
		phrase{"Cocok secara teknis, tetapi tidak terbukti bahwa dibuat ketika cara itu masih kuat.", "It may match technically, but nothing proves that it was made while the method was strong."},
		phrase{"Minta ditandatangani ulang.", "Ask to sign again."},
	},
	"EXPIRED": {
		phrase{"Sertifikat sudah berakhir sebelum dokumen ditandatangani.", "The certificate had expired before the document was signed."},
		phrase{"Masa berlakunya berakhir {expiry}, dan tanda tangan terbukti dibuat sesudahnya.", "It was valid until {expiry}, and the signature is proven to be younger."},
		phrase{"Minta ditandatangani ulang dengan sertifikat yang berlaku.", "Ask to sign again with a certificate that is valid."},
	},
	"NOT_YET_VALID": {
		phrase{"Waktu tanda tangan lebih awal dari masa berlaku sertifikat.", "It was signed before the certificate became valid."},
		phrase{"Sertifikat baru berlaku {begin}; jam komputer penandatangan mungkin salah.", "The certificate is valid from {begin}; the signer's clock may be wrong."},
		phrase{"Hubungi penandatangan.", "Contact the signer."},
	},
	"REVOKED": {
		phrase{"Sertifikat sudah dicabut sebelum dokumen ditandatangani.", "The certificate was revoked before the document was signed."},
		phrase{"Dicabut {revoked}, sedangkan tanda tangan terbukti dibuat sesudahnya.", "It was revoked on {revoked}, and the signature is proven to be younger."},
		phrase{"Jangan dipakai; laporkan kepada penerbit.", "Do not rely on it; report it to the issuer."},
	},
	"REVOKED_NO_POE": {
		phrase{"Sertifikat dicabut, dan tidak terbukti bahwa tanda tangan dibuat sebelumnya.", "The certificate was revoked, and nothing proves that the signature is older."},
		phrase{"Dicabut {revoked}. Tidak ada stempel waktu yang membuktikan tanda tangan dibuat sebelum itu.", "It was revoked on {revoked}; no time-stamp proves that it was signed before."},
		phrase{"Hubungi penandatangan; minta tanda tangan baru.", "Contact the signer for a new signature."},
	},
	"REVOKED_CA_NO_POE": {
		phrase{"Sertifikat penerbit dicabut, dan tidak terbukti bahwa tanda tangan dibuat sebelumnya.", "An issuer's certificate was revoked, and nothing proves that the signature is older."},
		phrase{"Penerbit “{issuer}” atau yang di atasnya dicabut sertifikatnya. Kesalahannya bukan pada penandatangan.", "The certificate of “{issuer}” or of an authority above it was revoked. The signer is not at fault."},
		phrase{"Hubungi penandatangan; minta tanda tangan baru.", "Contact the signer for a new signature."},
	},
	"OUT_OF_BOUNDS_NO_POE": {
		phrase{"Waktu tanda tangan tidak terbukti, dan sertifikat kini di luar masa berlakunya.", "The signing time is not proven, and the certificate is outside its validity now."},
		phrase{"Sertifikat berlaku {begin} sampai {expiry}. Tidak ada stempel waktu yang membuktikan tanda tangan dibuat dalam masa itu. Ini bukan berarti palsu.", "The certificate is valid from {begin} until {expiry}; no time-stamp proves that it was signed within that time. This does not mean that it is fake."},
		phrase{"Minta versi berstempel waktu.", "Ask for a time-stamped version."},
	},
	"OUT_OF_BOUNDS_NOT_REVOKED": {
		phrase{"Waktu tanda tangan tidak terbukti, dan sertifikat kini di luar masa berlakunya.", "The signing time is not proven, and the certificate is outside its validity now."},
		phrase{"Sertifikat berlaku sampai {expiry} dan tidak pernah dicabut selama itu. Ini bukan berarti palsu.", "The certificate was valid until {expiry} and was not revoked in that time. This does not mean that it is fake."},
		phrase{"Minta versi berstempel waktu.", "Ask for a time-stamped version."},
	},
	"REVOCATION_OUT_OF_BOUNDS_NO_POE": {
		phrase{"Keterangan status sertifikat sudah terlalu tua untuk dipercaya.", "What says whether the certificate was revoked is too old to be believed."},
		phrase{"Keterangan itu ditandatangani dengan sertifikat yang kini berakhir, tanpa bukti kapan dibuat.", "It was signed under a certificate that has expired, and nothing proves when it was made."},
		phrase{"Periksa ulang secara daring.", "Check again online."},
	},
	"NO_POE": {
		phrase{"Tidak terbukti bahwa tanda tangan ada pada waktunya.", "Nothing proves that the signature existed in time."},
		phrase{"Tidak ada stempel waktu yang menjangkau ke belakang sampai waktu yang diperlukan.", "No time-stamp reaches back to the time that matters."},
		phrase{"Minta versi berstempel waktu.", "Ask for a time-stamped version."},
	},
	"TRY_LATER": {
		phrase{"Status sertifikat belum dapat ditanyakan kepada penerbit.", "The certificate status could not be asked from the issuer."},
		phrase{"Jaringan atau server penerbit “{issuer}” tidak menjawab, atau pemeriksaan dilakukan tanpa jaringan. Ini bukan berarti palsu.", "The network or the server of “{issuer}” did not answer, or the check was made offline. This does not mean that it is fake."},
		phrase{"Periksa ulang nanti dengan jaringan.", "Check again later, with a network."},
	},
	"NO_SIGNING_CERTIFICATE_FOUND": {
		phrase{"Sertifikat penandatangan tidak ada di dalam berkas.", "The signer's certificate is missing from the file."},
		phrase{"Program yang menandatangani tidak menyertakannya, atau menyertakan sertifikat lain.", "The program that signed did not put it in, or put in another one."},
		phrase{"Minta ditandatangani ulang.", "Ask to sign again."},
	},
	"NO_CERTIFICATE_CHAIN_FOUND": {
		phrase{"Penerbit “{issuer}” tidak ada di daftar kepercayaan di sini.", "The issuer “{issuer}” is not on the trust list here."},
		phrase{"Isi dokumen dan tanda tangannya cocok; hanya penerbit sertifikatnya belum dikenal. Ini bukan berarti palsu.", "The content and the signature match; only the issuer of the certificate is not known yet. This does not mean that it is fake."},
		phrase{"Bila penerbit itu Anda kenal, tambahkan sertifikat induknya ke daftar kepercayaan atau minta admin menambahkannya.", "If you know the issuer, add its root certificate to the trust list, or ask the admin to add it."},
	},
	"NO_CERTIFICATE_CHAIN_FOUND_NO_POE": {
		phrase{"Penerbit “{issuer}” tidak ada di daftar kepercayaan pada waktu yang terbukti.", "The issuer “{issuer}” is not on the trust list for the proven time."},
		phrase{"Dasar kepercayaannya tidak berlaku pada waktu itu, dan tidak terbukti bahwa tanda tangan dibuat ketika masih berlaku. Ini bukan berarti palsu.", "Its trust anchor does not hold at that time, and nothing proves that the signature was made while it did. This does not mean that it is fake."},
		phrase{"Minta versi berstempel waktu.", "Ask for a time-stamped version."},
	},
	"POLICY_PROCESSING_ERROR": {
		phrase{"Aturan tanda tangan yang disebut tidak dapat dibaca.", "The signature policy that is named cannot be read."},
		phrase{"Penandatangan merujuk ke dokumen aturan yang rusak atau berbentuk lain.", "The signer refers to a policy document that is damaged or of another form."},
		phrase{"Lihat rincian; tanyakan kepada penandatangan aturan mana yang dimaksud.", "See the details; ask the signer which policy is meant."},
	},
	"SIGNATURE_POLICY_NOT_AVAILABLE": {
		phrase{"Aturan tanda tangan yang disebut tidak ada di sini.", "The signature policy that is named is not at hand."},
		phrase{"Penandatangan merujuk ke dokumen aturan yang tidak disertakan.", "The signer refers to a policy document that did not come along."},
		phrase{"Tanyakan kepada penandatangan aturan mana yang dimaksud.", "Ask the signer which policy is meant."},
	},
	"TIMESTAMP_ORDER_FAILURE": {
		phrase{"Urutan waktu stempel tidak masuk akal.", "The order of the time-stamps is impossible."},
		phrase{"Stempel yang melindungi lebih tua daripada yang dilindunginya; jam salah satu penerbit stempel mungkin salah.", "A time-stamp is older than what it protects; the clock of one of the authorities may be wrong."},
		phrase{"Minta penjelasan penerbit stempel waktu.", "Ask the time-stamp's issuer."},
	},
	"SIGNED_DATA_NOT_FOUND": {
		phrase{"Data yang ditandatangani tidak ditemukan.", "The signed data cannot be found."},
		phrase{"Tanda tangan merujuk ke bagian yang tidak ada di dalam berkas.", "The signature refers to something that is not in the file."},
		phrase{"Minta berkas lengkap dari penandatangan.", "Ask the signer for the complete file."},
	},
}

// borrowedName explains a chain that breaks where an issuer's name is known and its key did not sign. Whoever is told only that the
// issuer is not on the list may be led to add an impostor.
var borrowedName = explanation{
	phrase{"Sertifikat menyebut penerbit yang dikenal, tetapi bukan penerbit itu yang menandatanganinya.", "The certificate names an issuer that is known, and that issuer did not sign it."},
	phrase{"Penerbit mengganti kuncinya, atau seseorang membuat sertifikat tiruan dengan nama yang sama.", "The issuer changed its key, or somebody made a false certificate under the same name."},
	phrase{"Jangan dipakai sebelum dipastikan langsung kepada penandatangan; jangan menambahkan penerbitnya ke daftar kepercayaan.", "Do not rely on it before the signer confirms it directly; do not add its issuer to the trust list."},
}

// borrowed reports whether a certificate of the chain names a known issuer that did not sign it.
func (s *SignatureReport) borrowed() bool {
	return s.SubIndication == string(trust.NoCertificateChainFound) && slices.ContainsFunc(s.Findings, func(f Finding) bool { return f.Code == trust.CodeSignatureInvalid })
}

// Explain gives the words for the outcome of a signature.
func (s *SignatureReport) Explain(l Language) Explanation {
	e, ok := subIndicationWords[s.SubIndication]
	switch {
	case !ok:
		e = indicationWords[s.Indication]
	case s.borrowed():
		e = borrowedName
	}
	policy := s.policy
	if policy == "" {
		policy = "basic"
	}
	day := func(t *time.Time) string {
		if t == nil {
			return phrase{"(waktu tidak diketahui)", "(time unknown)"}.in(l)
		}
		return stamp.Date(*t, zone, string(l))
	}
	revoked := s.Revocation.At
	if s.Revocation.Status != "revoked" {
		revoked = nil
	}
	r := strings.NewReplacer(
		"{issuer}", Plain(commonName(s.Certificate.Issuer)), "{policy}", policy,
		"{begin}", day(s.Certificate.NotBefore), "{expiry}", day(s.Certificate.NotAfter), "{revoked}", day(revoked),
	)
	return Explanation{r.Replace(e.sentence.in(l)), r.Replace(e.cause.in(l)), r.Replace(e.action.in(l))}
}

// commonName is the CN of a distinguished name as trust.Name writes it, or the whole where it has none.
func commonName(dn string) string {
	rest := dn
	for rest != "" {
		part := rest
		for i := 0; i < len(rest); i++ {
			if rest[i] == '\\' {
				i++
			} else if rest[i] == ',' || rest[i] == '+' {
				part = rest[:i]
				break
			}
		}
		if cn, ok := strings.CutPrefix(strings.TrimSpace(part), "CN="); ok {
			return strings.ReplaceAll(cn, `\`, "")
		}
		rest = strings.TrimLeft(rest[len(part):], ",+")
	}
	return dn
}

// A remedy is what the findings of one kind have in common: where they come from, and what to do.
type remedy struct {
	cause, action phrase
	codes         string // of findings, separated by spaces
}

// remedies share out all finding codes, each to one.
var remedies = []remedy{
	{
		phrase{"Berkas diedit, digabung, dikompres, atau dicetak ulang ke PDF setelah ditandatangani, atau tanda tangannya dipindahkan dari dokumen lain.", "The file was edited, merged, compressed or printed to PDF again after signing, or the signature was moved here from another document."},
		phrase{"Jangan dipakai; minta berkas asli langsung dari penandatangan.", "Do not rely on it; ask the signer for the original."},
		"covers-content hash-failure signature-failure signature-overridden bytes-unexplained modified modified-forbidden modified-locked gap-larger gap-inside " +
			"byterange-overlap byterange-beyond byterange-not-revision byterange-start byterange-negative document-damaged field-shared",
	},
	{
		phrase{"Berkas rusak saat dikirim, atau dibuat oleh program yang keliru.", "The file was damaged on its way, or made by a faulty program."},
		phrase{"Unduh ulang; bila tetap begini, jangan dipakai dan minta kirim ulang.", "Download it again; if that does not help, do not rely on it and ask to resend it."},
		"byterange-type byterange-missing byterange-count byterange-empty contents-indirect contents-missing contents-size contents-not-hex " +
			"signature-compressed cms-damaged cms-no-signer value-damaged timestamp-token-damaged cms-signer-count cms-encapsulated " +
			"cms-content-type-mismatch cms-algorithm-protection cms-message-digest-missing attributes-not-der signature-fault " +
			"signed-data-missing",
	},
	{
		phrase{"Penandatanganan tidak diselesaikan.", "Signing was begun and not finished."},
		phrase{"Minta penandatangan menyelesaikannya dan mengirim ulang.", "Ask the signer to finish it and to resend the file."},
		"contents-empty",
	},
	{
		phrase{"Program yang membuat berkas atau tanda tangan tidak mengikuti standar sepenuhnya.", "The program that made the file or the signature does not follow the standard in full."},
		phrase{"Karena hal ini saja, Anda tidak perlu berbuat apa-apa.", "For this alone there is nothing to do."},
		"field-name-twice cms-trailing-bytes cms-attribute-duplicate cms-attribute-malformed cms-attribute-values cms-attribute-misplaced " +
			"cms-attributes-missing cms-attributes-not-der cms-attributes-unsorted cms-ber cms-content-not-octets cms-content-type-missing " +
			"cms-digest-not-listed cms-other-certificate cms-other-revocation cms-signing-certificates cms-version document-repaired " +
			"bytes-before-header encryption-dictionary eof-missing header-missing object-misplaced object-stream object-stream-index " +
			"prev-damaged prev-forward prev-indirect revision-order startxref-inexact stream-length stream-damaged trailer-keyword " +
			"trailers-differ xref-count xref-cycle xref-damaged xref-entry xref-entry-twice xref-numbering xrefstm-damaged field-twice generation " +
			"root-of-older-trailer page-cycle page-tree-damaged dss-stream array-end dict-end duplicate-key key-without-value " +
			"object-cut stray-token value-without-key document-inside trailer-twice catalog-twice pages-unread " +
			"object-stream-twice endstream-inside page-count hybrid-object",
	},
	{
		phrase{"Program pembuat dokumen menyisakan sesuatu, atau isi lain disiapkan untuk ditampilkan kemudian.", "The program that made the document left something behind, or other content was prepared to be shown later."},
		phrase{"Cocokkan isi yang tampak dengan penandatangan; perubahan setelah tanda tangan akan dinyatakan tidak sah.", "Compare what you see with the signer; a change after the signature will be called invalid."},
		"object-twice page-hidden font-hidden unreferenced-many text-covered text-covered-annotation value-differs hidden-unread",
	},
	{
		phrase{"Nama ditulis dengan huruf yang menyerupai huruf lain atau tidak tampak, kadang agar terbaca sebagai nama orang lain.", "A name is written in letters that look like others or do not show, sometimes in order to be read as another person's."},
		phrase{"Cocokkan penandatangan lewat jalur lain sebelum dipakai.", "Make sure in another way who signed before you rely on it."},
		"name-invisible name-mixed-scripts field-name-alike",
	},
	{
		phrase{"Program yang menandatangani tidak menyertakan sertifikat, atau menyertakan yang salah.", "The program that signed left the certificate out, or put in a wrong one."},
		phrase{"Minta ditandatangani ulang.", "Ask to sign again."},
		"signing-certificate-mismatch signing-certificate-missing",
	},
	{
		phrase{"Cara menandatangani ini baru, jarang, atau sudah ditinggalkan.", "This way of signing is new, rare or given up."},
		phrase{"Periksa dengan program yang lebih baru, atau minta ditandatangani ulang dengan cara yang berlaku.", "Check with a newer program, or ask to sign again in a way that is in use."},
		"algorithm-unsupported key-unsupported name-form-unsupported unknown-critical",
	},
	{
		phrase{"Cara lama yang dulu kuat kini dapat dipalsukan dengan alat yang ada.", "What used to be strong can be forged with today's means."},
		phrase{"Minta ditandatangani ulang dengan cara yang berlaku.", "Ask to sign again in a way that is strong."},
		"weak-digest unknown-digest signed-with-weak weak-algorithm timestamp-weak",
	},
	{
		phrase{"Stempel waktu rusak, atau dipindahkan dari tempat lain.", "The time-stamp is damaged, or was moved here from another place."},
		phrase{"Waktu tanda tangan tidak terbukti olehnya; bila waktu penting, minta versi berstempel waktu yang dipercaya.", "It proves no time; where the time matters, ask for a version with a time-stamp that can be trusted."},
		"timestamp-damaged timestamp-imprint timestamp-invalid timestamp-order timestamp-order-covered",
	},
	{
		phrase{"Otoritas stempel waktu belum ada di daftar kepercayaan di sini, atau sertifikatnya belum dapat dipastikan.", "The authority of the time-stamp is not on the trust list here, or its certificate could not be confirmed."},
		phrase{"Bila Anda mengenalnya, tambahkan sertifikat induknya ke daftar kepercayaan.", "If you know it, add its root certificate to the trust list."},
		"timestamp-untrusted",
	},
	{
		phrase{"Jam komputer penandatangan tidak tepat.", "The clock of the signer's computer is not right."},
		phrase{"Pakai waktu dari stempel waktu.", "Go by the time of the time-stamp."},
		"claimed-time",
	},
	{
		phrase{"Tidak ada stempel waktu yang dapat dipercaya; waktunya hanya menurut jam penandatangan.", "There is no time-stamp that can be trusted; the time is that of the signer's clock."},
		phrase{"Selagi sertifikat berlaku, tidak perlu apa-apa; untuk arsip, minta versi berstempel waktu.", "While the certificate is valid there is nothing to do; for an archive, ask for a time-stamped version."},
		"no-timestamp",
	},
	{
		phrase{"Sertifikat ini dibuat untuk uji coba.", "This certificate was made for trying things out."},
		phrase{"Jangan dipakai untuk urusan sungguhan.", "Do not use it for real affairs."},
		"test-anchor",
	},
	{
		phrase{"Pencabutan terjadi setelah dokumen ditandatangani, terbukti oleh stempel waktu.", "The revocation came after the signature, as a time-stamp proves."},
		phrase{"Tetap sah; tidak perlu apa-apa.", "It stays valid; there is nothing to do."},
		"revoked-later",
	},
	{
		phrase{"Sesudah ditandatangani, berkas ini ditambahi: tanda tangan lain, isian, catatan, atau data validasi.", "Something was added to the file after it was signed: another signature, form values, annotations or validation data."},
		phrase{"Bandingkan dengan versi saat ditandatangani.", "Compare it with the version as it was signed."},
		"added store-shrunk more-changes",
	},
	{
		phrase{"Sertifikasi dokumen tidak dibuat seperti yang diminta standar.", "The certification of the document was not made as the standard asks."},
		phrase{"Minta dokumen asli dari penandatangan pertama.", "Ask the first signer for the original."},
		"certification-permission certification-second certification-late",
	},
	{
		phrase{"Biasanya lampiran yang ditandatangani sendiri, atau sisa tanda tangan yang dihapus.", "Usually an attachment that is signed itself, or what is left of a signature that was removed."},
		phrase{"Hanya tanda tangan yang disebut di sini yang berlaku untuk dokumen ini.", "Only the signatures named here are those of this document."},
		"stray-byterange stray-signature",
	},
	{
		phrase{"Penerbit sertifikat belum ada di daftar kepercayaan di sini.", "The issuer of the certificate is not on the trust list here."},
		phrase{"Bila Anda mengenalnya, tambahkan sertifikat induknya ke daftar kepercayaan.", "If you know it, add its root certificate to the trust list."},
		"issuer-unknown anchor-unknown anchor-out-of-date anchor-not-yet",
	},
	{
		phrase{"Sertifikat atau penerbitnya dibuat tidak sesuai aturan, atau dipakai untuk hal lain.", "The certificate or an issuer was not made by the rules, or is used for something else."},
		phrase{"Tanyakan kepada penerbit sertifikat.", "Ask the issuer of the certificate."},
		"path-too-long not-chained issuer-not-ca issuer-key-usage path-length name-not-permitted name-excluded " +
			"malformed-extension duplicate-extension algorithm-differs policy-required policy-mapping-any key-usage ext-key-usage " +
			"issuer-ext-key-usage profile",
	},
	{borrowedName.cause, borrowedName.action, "signature-invalid"},
	{
		phrase{"Rantai sertifikat dibuat terlalu rumit.", "The certificates were made to lead in too many directions."},
		phrase{"Jangan dipakai sebelum penerbitnya menjelaskan.", "Do not rely on it before the issuer explained."},
		"budget",
	},
	{
		phrase{"Sertifikat di luar masa berlakunya pada waktu yang dapat dibuktikan.", "The certificate is outside its validity at the time that can be proven."},
		phrase{"Minta versi berstempel waktu, atau tanda tangan baru.", "Ask for a time-stamped version, or for a new signature."},
		"not-yet-valid expired",
	},
	{
		phrase{"Tanda tangan mencakup stempel waktu yang lebih muda daripada akhir atau pencabutan sertifikat.", "The signature covers a time-stamp that is younger than the end or the revocation of the certificate."},
		phrase{"Jangan dipakai; laporkan kepada penerbit.", "Do not rely on it; report it to the issuer."},
		"signed-after-revocation signed-after-expiry",
	},
	{
		phrase{"Penandatangan merujuk ke sebuah dokumen kebijakan tanda tangan.", "The signer refers to a document that states a signature policy."},
		phrase{"Bila kebijakan itu penting bagi Anda, minta dokumennya dan periksa lagi dengannya.", "Where the policy matters to you, ask for its document and check again with it."},
		"signature-policy-known signature-policy-unhashed signature-policy-missing signature-policy-differs",
	},
	{
		phrase{"Sesudah waktu itu penerbit dicabut, berakhir, atau caranya melemah, sehingga yang ditandatanganinya bisa dibuat belakangan.", "An issuer was revoked, expired or used what is weak now, so that what it signed could have been made since."},
		phrase{"Minta versi berstempel waktu.", "Ask for a time-stamped version."},
		"no-proof-before-revocation no-proof-before-expiry no-proof-before-sunset",
	},
	{
		phrase{"Penerbit mencabut atau menangguhkan sertifikat, misalnya karena kunci hilang atau orangnya pindah tugas.", "The issuer revoked or suspended the certificate, for example because the key was lost or the person moved on."},
		phrase{"Hubungi penandatangan; minta tanda tangan baru.", "Contact the signer for a new signature."},
		"revoked on-hold key-suspect",
	},
	{
		phrase{"Penerbit tidak menjawab, atau jawabannya tidak dapat dipakai.", "The issuer did not answer, or its answer cannot be used."},
		phrase{"Periksa ulang nanti dengan jaringan.", "Check again later, with a network."},
		"revocation-unknown revocation-stale revocation-future revocation-signature revocation-signer revocation-scope " +
			"revocation-after-expiry revocation-no-proof responder-unchecked status-due",
	},
}

var remedyOf = sync.OnceValue(func() map[string]*remedy {
	m := map[string]*remedy{}
	for i := range remedies {
		for _, code := range strings.Fields(remedies[i].codes) {
			m[code] = &remedies[i]
		}
	}
	return m
})

// Explain gives the words for a finding.
func (f Finding) Explain(l Language) Explanation {
	e := Explanation{Sentence: f.Sentence(l)}
	if r := remedyOf()[f.Code]; r != nil {
		e.Cause, e.Action = r.cause.in(l), r.action.in(l)
	}
	return e
}
