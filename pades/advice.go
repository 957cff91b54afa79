package pades

import (
	"fmt"
	"strings"

	"absah/internal/stamp"
)

// Advice is what somebody who holds the document should know and do, whatever its single signatures say.
type Advice struct {
	Why []string // what the verdict means, in sentences
	Do  []string // steps, the first one first
}

type advice struct{ why, do []phrase }

// Where a forged letter can do harm, its holder has to hear the same from us as from a careful friend: ask on a way that the letter did
// not choose.
var askAgency = phrase{
	"Hubungi instansi yang namanya tercantum lewat nomor atau alamat resmi yang Anda cari sendiri, bukan yang tertulis di surat ini. Sebutkan nomor, tanggal, dan perihalnya.",
	"Contact the agency that it names, by an official number or address that you look up yourself, not by one that stands in this letter. Tell its number, date and subject.",
}

var waitForAgency = phrase{
	"Sebelum instansi itu membenarkannya, jangan menyerahkan uang, data pribadi, atau barang karena surat ini.",
	"Until the agency confirms it, hand over no money, personal data or goods because of this letter.",
}

var verdictAdvice = map[Verdict]advice{
	Valid: {
		why: []phrase{{"Isinya sama dengan yang ditandatangani, dan sertifikat penandatangannya dipercaya.", "The content is what was signed, and the signer's certificate is trusted."}},
		do: []phrase{
			{"Dokumen dapat dipakai.", "The document can be relied on."},
			{"Simpan dan teruskan berkas PDF ini apa adanya. Hasil cetak atau pindaian tidak memuat tanda tangan elektronik.", "Keep this PDF file and pass it on as it is. A print-out or a scan does not contain the electronic signature."},
		},
	},
	ValidWithNotes: {
		why: []phrase{{"Tanda tangannya cocok dan dipercaya, tetapi ada hal yang perlu Anda ketahui sebelum memakainya.", "The signature matches and is trusted, but there is something to know before you rely on it."}},
		do: []phrase{
			{"Baca catatannya, lalu putuskan apakah dokumen cukup untuk keperluan Anda.", "Read the notes, then decide whether the document is good enough for your purpose."},
			{"Simpan dan teruskan berkas PDF ini apa adanya. Hasil cetak atau pindaian tidak memuat tanda tangan elektronik.", "Keep this PDF file and pass it on as it is. A print-out or a scan does not contain the electronic signature."},
		},
	},
	Indeterminate: {
		why: []phrase{{"Ini bukan berarti palsu: keterangan yang ada belum cukup untuk memastikannya.", "This does not mean that it is fake: what is at hand is not enough to be sure."}},
		do:  []phrase{askAgency},
	},
	Invalid: {
		why: []phrase{{"Berkas ini bukan lagi dokumen yang ditandatangani, atau tanda tangannya tidak berlaku.", "This file is not the document that was signed, or its signature does not hold."}},
		do: []phrase{
			{"Jangan dipakai, dan jangan diteruskan.", "Do not rely on it, and do not pass it on."},
			askAgency, waitForAgency,
			{"Simpan berkas ini: bila ternyata pemalsuan, berkas ini buktinya.", "Keep this file: should it be a forgery, it is the evidence."},
		},
	},
	Unsigned: {
		why: []phrase{
			{"Di dalam berkas ini tidak ada satu pun tanda tangan elektronik. Berkas ini tidak dapat membuktikan siapa pembuatnya, atau bahwa isinya belum diubah.", "There is no electronic signature in this file. It cannot prove who made it, or that its content was not changed."},
			{"Gambar tanda tangan, cap, kop surat, atau QR yang tampak di halaman tidak membuktikan apa pun: siapa saja dapat menyalin atau menggambarnya.", "A picture of a signature, a seal, a letterhead or a QR code on the page proves nothing: anybody can copy or draw it."},
			{"Itu belum berarti palsu: hasil pindai, foto, atau cetak ulang dokumen asli juga kehilangan tanda tangannya.", "That does not make it a forgery: a scan, a photograph or a new print of a genuine document loses its signature too."},
		},
		do: []phrase{
			{"Minta berkas PDF asli yang ditandatangani secara elektronik, langsung dari penerbitnya, lalu periksa berkas itu di sini.", "Ask the issuer itself for the original PDF file with its electronic signature, and check that file here."},
			askAgency,
			{"Bila ada QR, perhatikan alamat yang dibukanya: harus alamat resmi instansi itu. Pemalsu memakai alamat yang mirip.", "Where there is a QR code, look at the address that it opens: it must be the agency's official one. Forgers use one that looks like it."},
			waitForAgency,
		},
	},
}

// Advice tells what the verdict on the whole document means, and what to do. Where one signature decides, its own advice comes first.
func (r *Report) Advice(l Language) Advice {
	var out Advice
	add := func(list *[]string, s string) {
		for _, have := range *list {
			if have == s {
				return
			}
		}
		if s != "" {
			*list = append(*list, s)
		}
	}
	a := verdictAdvice[r.Verdict]
	if r.Verdict == Invalid || r.Verdict == Indeterminate {
		if s := r.worst(r.Verdict); s != nil {
			e := s.Explain(l)
			add(&out.Why, e.Sentence)
			add(&out.Why, e.Cause)
			if r.Verdict == Indeterminate {
				add(&out.Do, e.Action)
				if strings.Contains(e.Cause, notFake.in(l)) || s.borrowed() {
					a.why = nil // said already, or not so sure
				}
			}
		}
	}
	for _, p := range a.why {
		add(&out.Why, p.in(l))
	}
	for _, p := range a.do {
		add(&out.Do, p.in(l))
	}
	return out
}

var notFake = phrase{"bukan berarti palsu", "does not mean that it is fake"}

// spokenWords are the verdicts on one signature as a sentence that is read aloud.
var spokenWords = map[Verdict]phrase{
	Valid:          {"%s sah", "Valid %s"},
	ValidWithNotes: {"%s sah, dengan catatan", "Valid %s, with notes"},
	Indeterminate:  {"%s belum dapat dipastikan", "Unconfirmed %s"},
	Invalid:        {"%s tidak sah", "Not a valid %s"},
}

// Spoken is the signature in one line for a screen reader: "Budi Contoh. Tanda tangan sah. 12 Januari 2027, 09.30 WIB."
func (s *SignatureReport) Spoken(l Language) string {
	name := strings.TrimSuffix(Plain(s.Signer), ".")
	if name == "" {
		name = phrase{"Penandatangan tidak disebut", "Signer not named"}.in(l)
	}
	what := phrase{"Tanda tangan", "signature"}
	if s.document() {
		what = phrase{"Stempel waktu", "time-stamp"}
	}
	said := name + ". " + fmt.Sprintf(spokenWords[s.Verdict()].in(l), what.in(l)) + "."
	t := s.when()
	if t == nil {
		return said
	}
	day, at := stamp.Date(*t, zone, string(l)), stamp.DateTime(*t, zone, string(l))
	said += " " + day + "," + strings.TrimPrefix(at, day)
	if s.BestTime == nil {
		said += phrase{", menurut jam penandatangan", ", by the signer's clock"}.in(l)
	}
	return said + "."
}

// LevelWords say what a level holds ("PAdES-BASELINE-LT"), "" for one that is not a signature's.
func (s *SignatureReport) LevelWords(l Language) string { return levelWords[s.Level].in(l) }

var levelWords = map[string]phrase{
	"PAdES-BASELINE-B":   {"tanpa stempel waktu", "without a time-stamp"},
	"PAdES-BASELINE-T":   {"dengan stempel waktu", "with a time-stamp"},
	"PAdES-BASELINE-LT":  {"dengan stempel waktu dan data validasi jangka panjang", "with a time-stamp and long-term validation data"},
	"PAdES-BASELINE-LTA": {"dengan data validasi jangka panjang yang dilindungi stempel waktu", "with long-term validation data that a time-stamp protects"},
}
