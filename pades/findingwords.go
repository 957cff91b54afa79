package pades

// findingWords are the sentences of findings, by their codes, in Indonesian and in English. {0} and following are the finding's
// arguments. Codes of package trust have the certificate's name as {0} and a detail as {1}.
var findingWords = map[string]phrase{
	// The structure of the signature and of the file. Their English text comes with the evidence.
	"byterange-type":            {"ByteRange berisi nilai yang bukan bilangan bulat", "the ByteRange holds something that is no whole number"},
	"byterange-missing":         {"tanda tangan tidak menyebut bagian berkas yang ditandatangani (ByteRange)", "the signature dictionary has no ByteRange"},
	"byterange-count":           {"ByteRange tidak terdiri dari empat bilangan", "the ByteRange does not have four numbers"},
	"byterange-negative":        {"ByteRange berisi bilangan negatif", "the ByteRange has a negative number"},
	"byterange-start":           {"ByteRange tidak mulai dari awal berkas", "the ByteRange does not begin at the first byte of the file"},
	"byterange-overlap":         {"dua bagian ByteRange saling menimpa", "the two parts of the ByteRange overlap"},
	"byterange-beyond":          {"ByteRange melewati akhir berkas", "the ByteRange reaches beyond the end of the file"},
	"byterange-empty":           {"salah satu bagian ByteRange kosong", "a part of the ByteRange is empty"},
	"byterange-not-revision":    {"ByteRange tidak berakhir di akhir suatu versi dokumen", "the ByteRange does not end where a revision of the document ends"},
	"contents-indirect":         {"nilai tanda tangan tidak berada di dalam kamus tanda tangan", "the signature value is not in the signature dictionary"},
	"contents-missing":          {"kamus tanda tangan tidak berisi nilai tanda tangan", "the signature dictionary has no signature value"},
	"contents-empty":            {"dokumen disiapkan untuk ditandatangani tetapi tidak pernah ditandatangani", "the document was prepared for a signature and never signed"},
	"contents-size":             {"ukuran nilai tanda tangan tidak masuk akal", "the signature value has an impossible size"},
	"contents-not-hex":          {"nilai tanda tangan tidak ditulis sebagai heksadesimal", "the signature value is not written as a hexadecimal string"},
	"gap-inside":                {"ByteRange tidak mengecualikan tepat nilai tanda tangannya", "the ByteRange covers part of the signature value itself, or leaves out another place"},
	"gap-larger":                {"ByteRange mengecualikan lebih dari nilai tanda tangan; di situ isi lain dapat disembunyikan", "the ByteRange leaves out more than the signature value"},
	"signature-compressed":      {"kamus tanda tangan tidak dapat ditemukan di dalam berkas", "the signature dictionary cannot be found in the bytes of the file"},
	"signature-overridden":      {"kamus tanda tangan diganti setelah ditandatangani; yang ditampilkan di sini adalah isi aslinya", "the signature dictionary was replaced after signing; what it said then is shown here"},
	"cms-damaged":               {"nilai tanda tangan rusak", "the signature value is no CMS message"},
	"cms-no-signer":             {"nilai tanda tangan tidak menyebut penandatangan", "the signature value names no signer"},
	"value-damaged":             {"nilai tanda tangan rusak", "the signature value is no octet string"},
	"timestamp-token-damaged":   {"stempel waktu dokumen rusak", "the document time-stamp is no time-stamp token"},
	"field-shared":              {"satu tanda tangan dipakai oleh lebih dari satu isian", "several fields hold one and the same signature"},
	"field-name-twice":          {"dua isian tanda tangan memakai nama yang sama", "two signature fields have one name"},
	"cms-signer-count":          {"jumlah penandatangan di dalam satu tanda tangan tidak satu", "the signature value does not have one signer"},
	"cms-encapsulated":          {"nilai tanda tangan membawa isi lain di dalamnya", "the signature carries content of its own"},
	"cms-trailing-bytes":        {"ada data tambahan di belakang nilai tanda tangan", "bytes follow the signature value"},
	"cms-attribute-duplicate":   {"satu atribut tanda tangan muncul lebih dari sekali", "an attribute occurs more than once"},
	"cms-attribute-malformed":   {"satu atribut tanda tangan tidak dapat dibaca", "an attribute cannot be read"},
	"cms-content-type-mismatch": {"jenis isi yang ditandatangani tidak sesuai", "the signed content type does not match"},

	// Our own.
	"document-repaired":            {"dokumen sudah rusak sebelum ditandatangani dan dibaca dengan memperbaikinya", "the document was damaged before it was signed and was read by repairing it"},
	"document-damaged":             {"dokumen rusak di belakang bagian yang ditandatangani", "the document is damaged behind what was signed"},
	"signing-certificate-mismatch": {"tanda tangan menyebut sertifikat lain dari yang dibawanya", "the signature names another certificate than the one it carries"},
	"signing-certificate-missing":  {"sertifikat penandatangan tidak ada di dalam berkas", "the signer's certificate is missing from the document"},
	"algorithm-unsupported":        {"tanda tangan memakai algoritma yang tidak dapat dihitung program ini ({0})", "the signature uses an algorithm that this program cannot compute: {0}"},
	"attributes-not-der":           {"tanda tangan hanya cocok dengan atribut yang tidak ditulis sesuai standar", "the signature verifies only over attributes that are not written as the standard asks"},
	"hash-failure":                 {"isi dokumen bukan yang ditandatangani", "the document is not the one that was signed"},
	"signature-failure":            {"nilai tanda tangan tidak cocok ({0})", "the signature value does not verify: {0}"},
	"signature-fault":              {"tanda tangan tidak memenuhi aturan ({0})", "the signature breaks a rule: {0}"},
	"weak-digest":                  {"memakai {0}, yang tidak lagi dianggap kuat sejak {1}", "it uses {0}, which has not been acceptable since {1}"},
	"timestamp-damaged":            {"stempel waktu rusak ({0})", "the time-stamp is damaged: {0}"},
	"timestamp-imprint":            {"stempel waktu milik data lain dan tidak membuktikan apa pun", "the time-stamp belongs to something else and proves nothing"},
	"timestamp-invalid":            {"stempel waktu tidak cocok ({0})", "the time-stamp does not verify: {0}"},
	"timestamp-weak":               {"stempel waktu memakai {0}, yang tidak lagi dianggap kuat", "the time-stamp uses {0}, which is not acceptable any more"},
	"timestamp-untrusted":          {"otoritas stempel waktu {0} tidak dipercaya", "the time-stamp's authority {0} cannot be trusted: {1}"},
	"timestamp-order":              {"stempel waktu tanda tangan lebih baru daripada stempel waktu dokumen yang melindunginya", "the signature's time-stamp is younger than the document time-stamp that covers it"},
	"claimed-time":                 {"jam penandatangan menunjukkan waktu sesudah stempel waktu", "the signer's clock says a later time than the time-stamp"},
	"no-timestamp":                 {"tidak ada stempel waktu yang membuktikan kapan dokumen ditandatangani", "no time-stamp proves when the document was signed"},
	"test-anchor":                  {"kepercayaan bertumpu pada otoritas uji {0}, yang tidak wajib diakui siapa pun", "trust rests on the test authority {0}, which nobody has to recognise"},
	"revoked-later":                {"sertifikat dicabut pada {0}, setelah dokumen ditandatangani; tanda tangan tetap sah", "the certificate was revoked on {0}, after the document was signed"},
	"bytes-unexplained":            {"{0} bita di belakang dokumen yang ditandatangani bukan bagian pembaruan mana pun", "{0} bytes behind the signed document belong to no object of an update"},
	"added":                        {"setelah ditandatangani: {0}", "after the signature: {0}"},
	"store-shrunk":                 {"setelah ditandatangani: {0}", "after the signature: {0}"},
	"modified":                     {"setelah ditandatangani: {0}", "after the signature: {0}"},
	"modified-forbidden":           {"setelah ditandatangani: {0}; dilarang oleh sertifikasi dokumen", "after the signature: {0}; the certification forbids it"},
	"modified-locked":              {"setelah ditandatangani: {0}; isian itu dikunci oleh tanda tangan", "after the signature: {0}; the signature locks that field"},
	"more-changes":                 {"seluruhnya {0} perubahan setelah ditandatangani", "{0} changes after the signature in all"},
	"certification-permission":     {"izin sertifikasi {0} tidak dikenal", "the certification's permission {0} does not exist"},
	"certification-second":         {"dokumen sudah disertifikasi oleh tanda tangan sebelumnya", "an earlier signature certifies the document already"},
	"certification-late":           {"sertifikasi bukan tanda tangan pertama", "the certification is not the first signature"},
	"stray-byterange":              {"{0} tulisan mirip tanda tangan tidak dimiliki isian mana pun", "{0} entries that look like signatures belong to no signature field"},
	"stray-signature":              {"berkas berisi sesuatu yang mirip tanda tangan, tetapi tidak ada isian yang mengarah ke sana", "the file holds what looks like a signature, and no field of the document leads to it"},

	// Of package trust.
	"issuer-unknown":          {"penerbit sertifikat {0} tidak dikenal", "the issuer of the certificate {0} is not at hand"},
	"anchor-unknown":          {"{0} tidak ada di daftar kepercayaan", "{0} is not on the trust list"},
	"signature-invalid":       {"sertifikat {0} tidak ditandatangani oleh penerbitnya", "the certificate {0} was not signed by its issuer's key"},
	"budget":                  {"pemeriksaan rantai sertifikat terlalu berat dan dihentikan", "the search for a certificate chain took too much work"},
	"path-too-long":           {"rantai sertifikat terlalu panjang", "the certificate chain is longer than allowed"},
	"not-chained":             {"sertifikat dalam rantai tidak saling sambung", "the names in the certificate chain do not follow each other"},
	"not-yet-valid":           {"sertifikat {0} belum berlaku pada waktu itu ({1})", "the certificate {0} was not valid yet: {1}"},
	"expired":                 {"masa berlaku sertifikat {0} sudah berakhir ({1})", "the certificate {0} had expired: {1}"},
	"anchor-out-of-date":      {"dasar kepercayaan {0} tidak berlaku lagi sejak {1}", "the trust anchor {0} has not been believed since {1}"},
	"anchor-not-yet":          {"dasar kepercayaan {0} baru berlaku sejak {1}", "the trust anchor {0} is believed from {1} only"},
	"issuer-not-ca":           {"{0} bukan sertifikat otoritas", "{0} is no certificate of an authority"},
	"issuer-key-usage":        {"{0} tidak boleh menerbitkan sertifikat", "{0} may not sign certificates"},
	"path-length":             {"di bawah {0} ada lebih banyak otoritas daripada yang diizinkan", "more authorities stand below {0} than it allows"},
	"name-not-permitted":      {"nama {1} tidak diizinkan oleh penerbitnya", "the name {1} is outside what its issuer may certify"},
	"name-excluded":           {"nama {1} dilarang oleh penerbitnya", "the name {1} is excluded by its issuer"},
	"name-form-unsupported":   {"pembatasan nama pada {0} tidak dapat diperiksa ({1})", "a name constraint in {0} cannot be checked: {1}"},
	"unknown-critical":        {"sertifikat {0} berisi ketentuan wajib yang tidak dikenal ({1})", "the certificate {0} has a critical extension that is not understood: {1}"},
	"malformed-extension":     {"sertifikat {0} berisi ketentuan yang tidak dapat dibaca ({1})", "an extension of the certificate {0} cannot be read: {1}"},
	"duplicate-extension":     {"sertifikat {0} berisi ketentuan ganda ({1})", "the certificate {0} has an extension twice: {1}"},
	"algorithm-differs":       {"sertifikat {0} menyebut dua algoritma yang berbeda", "the certificate {0} names two different algorithms"},
	"policy-required":         {"rantai sertifikat tidak memenuhi kebijakan yang diwajibkan", "no certificate policy that is required holds for the chain"},
	"policy-mapping-any":      {"sertifikat {0} memetakan kebijakan secara tidak sah", "the certificate {0} maps any-policy"},
	"key-unsupported":         {"jenis kunci sertifikat {0} tidak dikenal ({1})", "the key of the certificate {0} is of an unknown kind: {1}"},
	"key-usage":               {"sertifikat {0} tidak untuk keperluan ini", "the certificate {0} is not meant for this use"},
	"ext-key-usage":           {"sertifikat {0} tidak untuk keperluan ini ({1})", "the certificate {0} is not meant for this use: {1}"},
	"issuer-ext-key-usage":    {"otoritas {0} dibatasi untuk keperluan lain", "the authority {0} is limited to other uses"},
	"weak-algorithm":          {"sertifikat {0} memakai algoritma yang tidak lagi dianggap kuat ({1})", "the certificate {0} uses an algorithm that is not acceptable any more: {1}"},
	"profile":                 {"sertifikat {0} menyimpang dari standar ({1})", "the certificate {0} departs from the standard profile: {1}"},
	"revoked":                 {"sertifikat {0} sudah dicabut ({1})", "the certificate {0} is revoked: {1}"},
	"on-hold":                 {"sertifikat {0} sedang ditangguhkan ({1})", "the certificate {0} is on hold: {1}"},
	"key-suspect":             {"kunci sertifikat {0} diduga bocor sejak sebelum ditandatangani ({1})", "the key of the certificate {0} is suspected from before the signature: {1}"},
	"revocation-unknown":      {"tidak ada data yang menyatakan status sertifikat {0} pada waktu itu", "nothing at hand says whether the certificate {0} was revoked"},
	"revocation-stale":        {"data status sertifikat {0} terlalu lama ({1})", "what says whether the certificate {0} was revoked is too old: {1}"},
	"revocation-future":       {"data status sertifikat {0} bertanggal di masa depan", "revocation data about {0} claims to be from the future"},
	"revocation-signature":    {"data status sertifikat {0} tidak ditandatangani dengan benar", "the signature of revocation data about {0} does not verify"},
	"revocation-signer":       {"data status sertifikat {0} ditandatangani pihak yang tidak berhak", "revocation data about {0} was signed by somebody who may not"},
	"revocation-scope":        {"data status itu bukan tentang sertifikat {0}", "the revocation data is not about {0}"},
	"revocation-after-expiry": {"data status dibuat setelah sertifikat {0} berakhir", "revocation data was issued after the certificate {0} had expired"},
	"revocation-no-proof":     {"tidak terbukti bahwa data status sertifikat {0} dibuat pada waktunya", "no proof shows that the revocation data about {0} existed in time"},
	"responder-unchecked":     {"sertifikat penjawab status untuk {0} tidak dapat diperiksa", "the responder's own certificate could not be checked for {0}"},
	// What a CA's key could have made after the date {1}.
	"no-proof-before-revocation": {"tidak terbukti bahwa data tentang {0} sudah ada sebelum otoritasnya dicabut ({1})", "no proof shows that what is known about {0} is older than the revocation of its authority: {1}"},
	"no-proof-before-expiry":     {"tidak terbukti bahwa data tentang {0} sudah ada sebelum sertifikat otoritasnya berakhir ({1})", "no proof shows that what is known about {0} is older than the end of its authority's certificate: {1}"},
	"no-proof-before-sunset":     {"tidak terbukti bahwa data tentang {0} sudah ada selagi algoritmanya masih kuat ({1})", "no proof shows that what is known about {0} is from when its algorithm was still strong: {1}"},
}

// Sentence is a finding in words. Codes that the catalogue does not know stay English.
func (f Finding) Sentence(l Language) string {
	p, ok := findingWords[f.Code]
	if l == English || !ok {
		return f.Text
	}
	args := f.Args
	switch f.Code {
	case "added", "store-shrunk", "modified", "modified-forbidden", "modified-locked":
		if len(args) > 0 {
			args = []string{changeText(l, args[0], args[1:])}
		}
	}
	return fill(p.in(l), args)
}
