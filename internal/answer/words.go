package answer

import (
	"strconv"
	"strings"

	"absah/pades"
)

// words are the fixed texts of the pages.
var words = map[string][2]string{
	"title":       {"Laporan pemeriksaan tanda tangan elektronik", "Report on electronic signatures"},
	"made":        {"Dibuat %s dengan %s", "Made %s with %s"},
	"file":        {"Berkas", "File"},
	"size":        {"Ukuran", "Size"},
	"bytes":       {"%s bita", "%s bytes"},
	"sha256":      {"Sidik jari SHA-256", "SHA-256 fingerprint"},
	"checked":     {"Diperiksa menurut keadaan", "Judged as of"},
	"policy":      {"Aturan pemeriksaan", "Rules of verification"},
	"signer":      {"Penandatangan", "Signer"},
	"issuer":      {"Penerbit sertifikat", "Issuer of the certificate"},
	"serial":      {"Nomor seri sertifikat", "Serial number"},
	"events":      {"Urutan waktu", "In the order of time"},
	"begin":       {"sertifikat mulai berlaku", "the certificate became valid"},
	"end":         {"masa berlaku sertifikat berakhir", "the certificate ends"},
	"claimed":     {"ditandatangani, menurut jam penandatangan", "signed, by the signer's clock"},
	"stamp":       {"stempel waktu %s", "time-stamp of %s"},
	"badstamp":    {"stempel waktu %s, belum dapat dipercaya", "time-stamp of %s, not trusted yet"},
	"proven":      {"tanda tangan terbukti sudah ada", "the signature is proven to exist"},
	"revokedat":   {"sertifikat dicabut", "the certificate was revoked"},
	"goodat":      {"penerbit menyatakan sertifikat tidak dicabut", "the issuer says that the certificate is not revoked"},
	"lasts":       {"bukti yang ada tidak cukup lagi sesudah ini; sebelum itu daya buktinya perlu diperpanjang", "the evidence at hand carries no further; it has to be renewed before"},
	"judged":      {"pemeriksaan ini", "this check"},
	"signed":      {"Waktu tanda tangan", "Time signed"},
	"byclock":     {"%s, menurut jam penandatangan", "%s, by the signer's clock"},
	"validity":    {"Masa berlaku sertifikat", "Certificate valid"},
	"until":       {"%s sampai %s", "%s until %s"},
	"holder":      {"Sertifikat penandatangan", "Signer's certificate"},
	"unnamed":     {"tidak disebut", "not stated"},
	"spoken":      {"Hasil pemeriksaan %s: %s. %s", "Result for %s: %s. %s"},
	"reason":      {"Alasan", "Reason"},
	"location":    {"Tempat", "Place"},
	"contact":     {"Kontak", "Contact"},
	"anchor":      {"Dasar kepercayaan", "Trust anchor"},
	"anchorprint": {"Sidik jari dasar kepercayaan", "Fingerprint of the anchor"},
	"revocation":  {"Status pencabutan", "Revocation status"},
	"level":       {"Tingkat", "Level"},
	"outcome":     {"Hasil menurut EN 319 102-1", "Outcome by EN 319 102-1"},
	"changes":     {"Perubahan sesudahnya", "Changes afterwards"},
	"why":         {"Mengapa?", "Why?"},
	"do":          {"Apa yang harus saya lakukan?", "What should I do?"},
	"details":     {"Rincian teknis", "Technical details"},
	"notes":       {"Catatan", "Notes"},
	"aboutfile":   {"Tentang berkasnya", "About the file"},
	"acrobat":     {"Yang akan ditampilkan Adobe Acrobat", "What Adobe Acrobat will show"},
	"unread":      {"TIDAK DAPAT DIPERIKSA", "COULD NOT BE CHECKED"},
	"summary": {
		"Ini ringkasan pemeriksaan, bukan dokumennya. Yang berlaku adalah berkas PDF asli dengan sidik jari di atas; siapa pun dapat memeriksanya ulang.",
		"This is a summary of a check, not the document. What counts is the PDF file with the fingerprint above; anybody can check it again.",
	},
	"paper": {
		"Hasil cetak dokumen tidak dapat diverifikasi sendiri.",
		"A print-out of the document cannot be verified by itself.",
	},
	"good":    {"berlaku", "good"},
	"revoked": {"dicabut", "revoked"},
	"unknown": {"belum diketahui", "not known"},
	"later":   {"berlaku ketika ditandatangani; dicabut %s", "good when it was used; revoked on %s"},
	"asof":    {"%s (keterangan %s)", "%s (as of %s)"},
	"basic":   {"dasar (basic)", "basic"},
	"strict":  {"ketat (strict)", "strict"},
	"archival": {
		"arsip (archival)", "archival",
	},
}

// Word is a fixed text of the pages that show an answer.
func Word(key string, l pades.Language) string {
	if l == pades.English {
		return words[key][1]
	}
	return words[key][0]
}

// Words are all of them.
func Words(l pades.Language) map[string]string {
	out := map[string]string{}
	for key := range words {
		out[key] = Word(key, l)
	}
	return out
}

// troubles say why a file could not be checked, by the codes of the browser's verifier.
var troubles = map[string][2]string{
	"not-pdf":  {"Berkas ini bukan PDF.", "This file is not a PDF."},
	"password": {"PDF ini terkunci sandi, dan sandinya tidak diberikan atau salah.", "The PDF is locked with a password, which was not given or is wrong."},
	"document": {"Berkas ini rusak, terlalu besar, atau terlalu rumit untuk diperiksa.", "The file is damaged, too large or too complicated to be checked."},
	"read":     {"Berkas ini tidak dapat dibaca dari perangkat.", "The file could not be read from the device."},
	"":         {"Ada gangguan pada program pemeriksa.", "The verifier had a fault."},
}

// Trouble says why a file could not be checked.
func Trouble(code string, l pades.Language) string {
	w, ok := troubles[code]
	if !ok {
		w = troubles[""]
	}
	if l == pades.English {
		return w[1]
	}
	return w[0]
}

// nik is how many digits a national identity number has, and those of its start and end that are shown.
const nik, nikShown = 16, 4

// Shown makes a text out of a document fit for a page: harmless characters only, and no whole NIK, which is 16 digits that no other
// digit touches.
func Shown(s string) string {
	s = pades.Plain(s)
	var b strings.Builder
	for s != "" {
		n := strings.IndexFunc(s, func(r rune) bool { return r < '0' || r > '9' })
		if n < 0 {
			n = len(s)
		}
		if n == nik {
			b.WriteString(s[:nikShown] + strings.Repeat("•", nik-2*nikShown) + s[nik-nikShown:nik])
		} else {
			b.WriteString(s[:n])
		}
		s = s[n:]
		next := strings.IndexAny(s, "0123456789")
		if next < 0 {
			next = len(s)
		}
		b.WriteString(s[:next])
		s = s[next:]
	}
	return b.String()
}

// Grouped puts a space after every four characters of a fingerprint, a serial number or a code, for people who compare them.
func Grouped(s string) string {
	var parts []string
	for ; len(s) > 4; s = s[4:] {
		parts = append(parts, s[:4])
	}
	return strings.Join(append(parts, s), " ")
}

// thousands writes a number with the separator of the language between thousands.
func thousands(n int64, l pades.Language) string {
	sep := "."
	if l == pades.English {
		sep = ","
	}
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + sep + s[i:]
	}
	return s
}
