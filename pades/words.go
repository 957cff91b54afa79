package pades

import (
	"fmt"
	"strings"
	"time"
	"unicode"
)

// Language of texts for people: "id" or "en".
type Language string

// The languages.
const (
	Indonesian Language = "id"
	English    Language = "en"
)

type phrase struct{ id, en string }

func (p phrase) in(l Language) string {
	if l == English {
		return p.en
	}
	return p.id
}

var verdictWords = map[Verdict]phrase{
	Valid:          {"SAH", "VALID"},
	ValidWithNotes: {"SAH, DENGAN CATATAN", "VALID, WITH NOTES"},
	Indeterminate:  {"BELUM DAPAT DIPASTIKAN", "CANNOT BE CONFIRMED YET"},
	Invalid:        {"TIDAK SAH", "NOT VALID"},
	Unsigned:       {"TIDAK ADA TANDA TANGAN ELEKTRONIK", "NO ELECTRONIC SIGNATURE"},
}

// explanations tell a layperson what a sub-indication means, and what to do.
var explanations = map[string]phrase{
	"HASH_FAILURE":                      {"Isi berkas tidak sama dengan saat ditandatangani. Minta berkas asli langsung dari penandatangan.", "The file is not the same as when it was signed. Ask the signer for the original."},
	"SIG_CRYPTO_FAILURE":                {"Nilai tanda tangan tidak cocok. Minta berkas asli langsung dari penandatangan.", "The signature value does not match. Ask the signer for the original."},
	"FORMAT_FAILURE":                    {"Susunan tanda tangan rusak, atau dokumen berubah setelah ditandatangani. Jangan dipakai; minta kirim ulang.", "The signature's structure is damaged, or the document changed after signing. Do not rely on it; ask to resend."},
	"NO_SIGNING_CERTIFICATE_FOUND":      {"Sertifikat penandatangan tidak ada di dalam berkas. Minta ditandatangani ulang.", "The signer's certificate is missing from the file. Ask to sign again."},
	"NO_CERTIFICATE_CHAIN_FOUND":        {"Penerbit sertifikat tidak ada di daftar kepercayaan. Isi dokumen tetap utuh; ini bukan berarti palsu. Bila penerbitnya dikenal, tambahkan ke daftar.", "The issuer is not on the trust list. The content is intact; this does not mean it is fake. If you know the issuer, add it to the list."},
	"CERTIFICATE_CHAIN_GENERAL_FAILURE": {"Rantai sertifikat tidak dapat diperiksa. Periksa ulang nanti.", "The certificate chain cannot be checked. Check again later."},
	"TRY_LATER":                         {"Status sertifikat belum bisa ditanyakan ke penerbit. Periksa ulang nanti.", "The certificate status could not be asked from the issuer. Check again later."},
	"REVOKED_NO_POE":                    {"Sertifikat sudah dicabut, dan tidak ada stempel waktu yang membuktikan tanda tangan dibuat sebelumnya. Minta tanda tangan baru.", "The certificate is revoked, and no time-stamp proves that the signature is older. Ask for a new signature."},
	"REVOKED_CA_NO_POE":                 {"Sertifikat penerbit sudah dicabut. Minta tanda tangan baru.", "The issuer's certificate is revoked. Ask for a new signature."},
	"REVOKED":                           {"Sertifikat sudah dicabut sebelum dokumen ditandatangani. Jangan dipakai; laporkan.", "The certificate was revoked before signing. Do not rely on it; report it."},
	"OUT_OF_BOUNDS_NO_POE":              {"Masa berlaku sertifikat berakhir dan waktu tanda tangan tidak terbukti. Minta versi berstempel waktu.", "The certificate expired and the signing time is not proven. Ask for a time-stamped version."},
	"OUT_OF_BOUNDS_NOT_REVOKED":         {"Masa berlaku sertifikat berakhir; sampai saat itu tidak dicabut. Waktu tanda tangan tidak terbukti.", "The certificate expired without having been revoked. The signing time is not proven."},
	"NOT_YET_VALID":                     {"Waktu tanda tangan lebih awal dari masa berlaku sertifikat. Hubungi penandatangan.", "Signed before the certificate became valid. Contact the signer."},
	"CRYPTO_CONSTRAINTS_FAILURE_NO_POE": {"Memakai cara lama yang kini lemah. Minta tanda tangan ulang.", "Uses an old method now considered weak. Ask to sign again."},
	"CHAIN_CONSTRAINTS_FAILURE":         {"Sertifikat tidak memenuhi aturan penerbitnya.", "The certificate breaks the rules of its chain."},
	"TIMESTAMP_ORDER_FAILURE":           {"Urutan waktu stempel tidak masuk akal. Minta penjelasan penerbit.", "The order of the time-stamps is impossible. Ask the issuer."},
	"REVOCATION_OUT_OF_BOUNDS_NO_POE":   {"Data status sertifikat ditandatangani dengan sertifikat yang tidak berlaku lagi. Periksa ulang secara daring.", "The certificate status was signed under a certificate that is no longer valid. Check again online."},
	"SIG_CONSTRAINTS_FAILURE":           {"Tanda tangan tidak memenuhi aturan.", "The signature does not meet the rules."},
}

// anchorWords and modificationWords tell the two lists of values that a report line ends in.
var (
	anchorWords = map[string]phrase{
		"national": {"otoritas nasional", "national authority"}, "operator": {"dipercaya oleh penyelenggara", "trusted by the operator"},
		"test": {"otoritas uji coba", "test authority"}, "given": {"diberikan oleh pemeriksa", "given by the verifier"},
	}
	modificationWords = map[Modification]phrase{
		ModificationNone: {"tidak ada", "none"}, ModificationLTA: {"hanya data validasi", "validation data only"},
		ModificationForm:       {"isian formulir atau tanda tangan lain", "form fields or further signatures"},
		ModificationAnnotation: {"anotasi", "annotations"}, ModificationOther: {"isi dokumen", "the document itself"},
	}
)

// zone is Western Indonesian Time, in which times are told.
var zone = time.FixedZone("WIB", 7*60*60)

// Words is the report as plain text for a terminal.
func Words(r *Report, l Language) string {
	var b strings.Builder
	say := func(p phrase, args ...any) {
		for i, a := range args {
			if s, ok := a.(string); ok {
				args[i] = plain(s)
			}
		}
		fmt.Fprintf(&b, p.in(l)+"\n", args...)
	}
	fmt.Fprintf(&b, "%s: %s\n", plain(r.File), verdictWords[r.Verdict].in(l))
	if r.Verdict == Unsigned {
		say(phrase{"  Gambar tanda tangan atau QR saja bukan tanda tangan elektronik. Minta berkas PDF aslinya.", "  A picture or QR alone is not an electronic signature. Ask for the original PDF."})
	}
	for _, s := range r.Signatures {
		b.WriteByte('\n')
		if s.Level == "DOCUMENT-TIMESTAMP" {
			say(phrase{"  Stempel waktu dokumen %q oleh %s", "  Document time-stamp %q by %s"}, s.Field, s.Signer)
		} else {
			say(phrase{"  Tanda tangan %q oleh %s", "  Signature %q by %s"}, s.Field, s.Signer)
		}
		yes := func(ok bool) string {
			if ok {
				return phrase{"ya", "yes"}.in(l)
			}
			return phrase{"TIDAK", "NO"}.in(l)
		}
		say(phrase{"    Hasil              %s %s", "    Result             %s %s"}, s.Indication, s.SubIndication)
		if e, ok := explanations[s.SubIndication]; ok {
			fmt.Fprintf(&b, "    → %s\n", e.in(l))
		}
		say(phrase{"    Isi utuh           %s", "    Content intact     %s"}, yes(s.Integrity && s.Modification != ModificationOther))
		say(phrase{"    Sertifikat dipercaya %s", "    Certificate trusted  %s"}, yes(s.CertificateTrusted))
		stamped := false
		for _, t := range s.Timestamps {
			stamped = stamped || t.Valid
		}
		say(phrase{"    Stempel waktu      %s", "    Time-stamp         %s"}, yes(stamped || s.BestTime != nil))
		if s.BestTime != nil {
			say(phrase{"    Waktu terbukti     %s", "    Proven time        %s"}, s.BestTime.In(zone).Format("2006-01-02 15:04:05 MST"))
		} else if s.ClaimedTime != nil {
			say(phrase{"    Waktu menurut penandatangan %s", "    Time as claimed    %s"}, s.ClaimedTime.In(zone).Format("2006-01-02 15:04:05 MST"))
		}
		say(phrase{"    Tingkat            %s", "    Level              %s"}, s.Level)
		if s.TrustAnchor.Kind != "none" {
			say(phrase{"    Dasar kepercayaan  %s (%s)", "    Trust anchor       %s (%s)"}, s.TrustAnchor.Name(l), anchorWords[s.TrustAnchor.Kind].in(l))
		}
		say(phrase{"    Perubahan sesudahnya %s", "    Changes afterwards   %s"}, modificationWords[s.Modification].in(l))
		for _, f := range s.Findings {
			if f.Level != Info {
				fmt.Fprintf(&b, "    %s %s\n", map[Severity]string{Fail: "✗", Warn: "!"}[f.Level], plain(f.Sentence(l)))
			}
		}
	}
	return b.String()
}

// maxPlain is how many characters of one text are shown; a name longer than that is there to push others off the screen.
const maxPlain = 300

// plain makes a text harmless on a terminal: names of persons, fields and authorities are the choice of who made the document, and a
// line break or an escape sequence in one could write a verdict of its own.
func plain(s string) string {
	var b strings.Builder
	n := 0
	for _, r := range s {
		switch {
		case unicode.IsSpace(r):
			r = ' '
		case !unicode.IsPrint(r): // control characters, and those that turn the direction of writing
			continue
		}
		if n++; n > maxPlain {
			b.WriteRune('…')
			break
		}
		b.WriteRune(r)
	}
	return b.String()
}
