// Package report writes down what the verifier found: HTML and PDF for people, XML by ETSI TS 119 102-2 for machines, and a package of
// all evidence for a court or an auditor. It judges nothing: every sentence comes from the catalogue of package pades, every fact from the
// report and the evidence. The same input gives the same bytes.
package report

import (
	"encoding/hex"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"absah/internal/stamp"
	"absah/pades"
)

// Document is one verified file.
type Document struct {
	Name     string // of the file, as the reader knows it
	Size     int64  // in bytes
	SHA256   []byte // of the whole file
	Report   *pades.Report
	Evidence *pades.Evidence // what Report was made from

	// Problem says why the file could not be read, for a person; Report and Evidence are nil then.
	Problem string
}

// Options are what all forms of a report need beside the documents.
type Options struct {
	Language pades.Language // of HTML, PDF and the package; XML has codes
	Program  string         // name and version of the verifier
	Time     time.Time      // when the report was made
}

// view is the report as both pages for people show it: texts only.
type view struct {
	Lang      string
	Title     string
	Made      string
	Documents []documentView
	Words     map[string]string
	Footer    []string
}

type documentView struct {
	Name       string
	Verdict    string // key, for the look
	Word       string
	Mark       string
	Headline   string
	Facts      []row
	Signatures []signatureView
	Findings   []findingView
	Says       string // Acrobat
	Means      string
}

type signatureView struct {
	Title    string
	Verdict  string
	Word     string
	Mark     string
	Checks   []pades.Check
	Outcome  *pades.Explanation // nil: passed
	Events   []row              // in the order of time
	Rows     []row
	Findings []findingView
	Changes  []string
}

type row struct {
	Label, Value string
	Code         bool // a number to be compared letter by letter
}

type findingView struct {
	Mark, State string
	pades.Explanation
}

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
	"lasts":       {"bukti yang ada tidak cukup lagi sesudah ini; perpanjang sebelumnya (absah extend)", "the evidence at hand carries no further; renew it before (absah extend)"},
	"judged":      {"pemeriksaan ini", "this check"},
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

func word(key string, l pades.Language) string {
	if l == pades.English {
		return words[key][1]
	}
	return words[key][0]
}

// identity finds numbers as long as a NIK.
var identity = regexp.MustCompile(`\b(\d{4})\d{8}(\d{4})\b`)

// shown makes a text out of a document fit for a page: harmless characters only, and no whole NIK.
func shown(s string) string {
	return identity.ReplaceAllString(pades.Plain(s), "$1••••••••$2")
}

func newView(docs []Document, o Options) *view {
	l := o.Language
	v := &view{Lang: string(l), Title: word("title", l), Words: map[string]string{}, Footer: []string{word("summary", l), word("paper", l)}}
	v.Made = fmt.Sprintf(word("made", l), stamp.DateTime(o.Time, nil, string(l)), o.Program)
	for key := range words {
		v.Words[key] = word(key, l)
	}
	for i := range docs {
		v.Documents = append(v.Documents, newDocument(&docs[i], l))
	}
	return v
}

func newDocument(d *Document, l pades.Language) documentView {
	v := documentView{Name: pades.Plain(d.Name)}
	v.Facts = []row{{word("file", l), v.Name, false}}
	r := d.Report
	if r == nil {
		v.Verdict, v.Word, v.Mark, v.Headline = "unread", word("unread", l), "?", pades.Plain(d.Problem)
		return v
	}
	v.Facts = append(v.Facts, row{word("size", l), fmt.Sprintf(word("bytes", l), grouped(d.Size, l)), false},
		row{word("sha256", l), fingerprint(hex.EncodeToString(d.SHA256)), true})
	v.Verdict, v.Word, v.Mark, v.Headline = string(r.Verdict), r.Verdict.Word(l), mark(r.Verdict), shown(r.Headline(l))
	if r.ValidationTime != nil {
		v.Facts = append(v.Facts, row{word("checked", l), stamp.DateTime(*r.ValidationTime, nil, string(l)), false})
	}
	if words[r.Policy][0] != "" {
		v.Facts = append(v.Facts, row{word("policy", l), word(r.Policy, l), false})
	}
	for i := range r.Signatures {
		v.Signatures = append(v.Signatures, newSignature(r, i, d.Evidence, l))
	}
	for _, f := range r.Findings {
		state := pades.CheckNote
		if f.Level == pades.Info {
			continue
		}
		v.Findings = append(v.Findings, findingView{state.Mark(), string(state), explained(f, l)})
	}
	v.Says, v.Means = r.Acrobat(l)
	return v
}

func mark(v pades.Verdict) string {
	switch v {
	case pades.Valid:
		return "✓"
	case pades.ValidWithNotes:
		return "!"
	case pades.Invalid:
		return "✗"
	case pades.Unsigned:
		return "–"
	}
	return "?"
}

func newSignature(r *pades.Report, i int, e *pades.Evidence, l pades.Language) signatureView {
	s, number := &r.Signatures[i], i+1
	v := signatureView{Title: shown(s.Title(number, l)), Verdict: string(s.Verdict()), Word: s.Verdict().Word(l), Mark: mark(s.Verdict()), Checks: s.Checks(l)}
	for i := range v.Checks {
		v.Checks[i].Text = shown(v.Checks[i].Text)
	}
	if s.Indication != pades.TotalPassed {
		x := s.Explain(l)
		x.Sentence, x.Cause, x.Action = shown(x.Sentence), shown(x.Cause), shown(x.Action)
		v.Outcome = &x
	}
	add := func(key, value string, code bool) {
		if value != "" {
			v.Rows = append(v.Rows, row{word(key, l), value, code})
		}
	}
	when := func(t *time.Time) string {
		if t == nil {
			return ""
		}
		return stamp.DateTime(*t, nil, string(l))
	}
	add("reason", shown(s.Reason), false)
	add("location", shown(s.Location), false)
	add("contact", shown(s.Contact), false)
	add("anchor", shown(s.Anchor(l)), false)
	if s.TrustAnchor.Kind != "none" {
		add("anchorprint", fingerprint(strings.ToLower(s.TrustAnchor.SHA256)), true)
	}
	add("signer", shown(s.Certificate.Subject), false)
	add("issuer", shown(s.Certificate.Issuer), false)
	add("serial", s.Certificate.Serial, true)
	status := word(s.Revocation.Status, l)
	switch {
	case s.Revocation.At == nil:
	case revokedLater(s):
		status = fmt.Sprintf(word("later", l), when(s.Revocation.At))
	case status != "":
		status = fmt.Sprintf(word("asof", l), status, when(s.Revocation.At))
	}
	add("revocation", status, false)
	add("changes", s.Modification.Words(l), false)
	add("level", s.Level, false)
	add("outcome", strings.TrimSpace(string(s.Indication)+" "+s.SubIndication), false)
	for _, f := range s.Findings {
		if f.Level == pades.Info {
			continue
		}
		state := pades.CheckNote
		if f.Level == pades.Fail {
			state = pades.CheckUnknown
			if s.Indication == pades.TotalFailed {
				state = pades.CheckFail
			}
		}
		v.Findings = append(v.Findings, findingView{s.Mark(f), string(state), explained(f, l)})
	}
	v.Events = events(s, r.ValidationTime, l)
	if number <= len(e.Signatures) {
		for _, c := range e.Signatures[number-1].Changes {
			if c.Kind == pades.ModificationLTA {
				continue // a program's affair; the row about changes says it
			}
			if len(v.Changes) == maxChanges {
				v.Changes = append(v.Changes, "…")
				break
			}
			v.Changes = append(v.Changes, shown(c.Sentence(l)))
		}
	}
	return v
}

// revokedLater reports whether the certificate was good when it was used, and its date of revocation is the one told.
func revokedLater(s *pades.SignatureReport) bool {
	return slices.ContainsFunc(s.Findings, func(f pades.Finding) bool { return f.Code == "revoked-later" })
}

// events tells what happened when, the earliest first: whether a certificate was good when it was used is a question of order.
func events(s *pades.SignatureReport, judged *time.Time, l pades.Language) (rows []row) {
	type event struct {
		at   time.Time
		text string
	}
	var list []event
	add := func(at *time.Time, text string) {
		if at != nil {
			list = append(list, event{*at, text})
		}
	}
	add(s.Certificate.NotBefore, word("begin", l))
	add(s.ClaimedTime, word("claimed", l))
	proven := s.BestTime
	for _, t := range s.Timestamps {
		key := "badstamp"
		if t.Valid {
			key = "stamp"
		}
		add(t.Time, fmt.Sprintf(word(key, l), shown(t.Authority)))
		if t.Valid && t.Time != nil && proven != nil && t.Time.Equal(*proven) {
			proven = nil // said already
		}
	}
	add(proven, word("proven", l))
	switch {
	case s.Revocation.Status == "revoked" || revokedLater(s):
		add(s.Revocation.At, word("revokedat", l))
	case s.Revocation.Status == "good":
		add(s.Revocation.At, word("goodat", l))
	}
	add(s.Certificate.NotAfter, word("end", l))
	add(s.ValidUntil, word("lasts", l))
	add(judged, word("judged", l))
	slices.SortStableFunc(list, func(a, b event) int { return a.at.Compare(b.at) })
	for _, e := range list {
		rows = append(rows, row{stamp.DateTime(e.at, nil, string(l)), e.text, false})
	}
	return rows
}

// maxChanges is how many changes a page lists for one signature; the JSON has all.
const maxChanges = 40

func explained(f pades.Finding, l pades.Language) pades.Explanation {
	x := f.Explain(l)
	x.Sentence = shown(x.Sentence)
	return x
}

// fingerprint groups hexadecimal digits by four, for people who compare them.
func fingerprint(hexadecimal string) string {
	var parts []string
	for i := 0; i < len(hexadecimal); i += 4 {
		parts = append(parts, hexadecimal[i:min(i+4, len(hexadecimal))])
	}
	return strings.Join(parts, " ")
}

// grouped writes a number with the separator of the language between thousands.
func grouped(n int64, l pades.Language) string {
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
