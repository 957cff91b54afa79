package pades

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"absah/internal/stamp"
)

// Headline is the verdict on the document in a sentence or two.
func (r *Report) Headline(l Language) string {
	var signers []string
	var since *time.Time
	counts := map[Verdict]int{}
	notes := 0
	for i := range r.Signatures {
		s := &r.Signatures[i]
		counts[s.Verdict()]++
		for _, f := range s.Findings {
			if f.Level == Warn {
				notes++
			}
		}
		if s.document() {
			continue
		}
		if t := s.when(); since == nil {
			since = t
		}
		if name := Plain(s.Signer); name != "" {
			signers = append(signers, name)
		}
	}
	for _, f := range r.Findings {
		if f.Level == Warn {
			notes++
		}
	}
	var text string
	switch r.Verdict {
	case Unsigned:
		return phrase{
			"Gambar tanda tangan atau QR saja bukan tanda tangan elektronik. Minta berkas PDF aslinya.",
			"A picture or QR alone is not an electronic signature. Ask for the original PDF.",
		}.in(l)
	case Valid:
		switch {
		case len(signers) == 0:
			text = phrase{"Dokumen ini berstempel waktu dan tidak berubah sejak itu; tidak ada orang yang menandatanganinya.", "The document has a time-stamp and has not changed since; nobody signed it."}.in(l)
		case since == nil:
			text = fmt.Sprintf(phrase{"Dokumen ini ditandatangani secara elektronik oleh %s, dan isinya tidak berubah sejak itu.", "Signed electronically by %s; the content has not changed since."}.in(l), names(signers, l))
		default:
			text = fmt.Sprintf(phrase{"Dokumen ini ditandatangani secara elektronik oleh %s, dan isinya tidak berubah sejak %s.", "Signed electronically by %s; the content has not changed since %s."}.in(l), names(signers, l), stamp.DateTime(*since, zone, string(l)))
		}
	case ValidWithNotes:
		if notes < 2 {
			text = phrase{"Tanda tangan sah. Ada catatan yang perlu Anda ketahui.", "The signature is valid. There is a note to read."}.in(l)
		} else {
			text = fmt.Sprintf(phrase{"Tanda tangan sah. Ada %d catatan yang perlu Anda ketahui.", "The signature is valid. There are %d notes to read."}.in(l), notes)
		}
	case Indeterminate:
		text = r.unconfirmed(l)
	case Invalid:
		text = phrase{"Jangan dipakai. Isi dokumen berubah setelah ditandatangani, atau tanda tangannya rusak.", "Do not rely on it. The content changed after signing, or the signature is damaged."}.in(l)
		if s := r.worst(Invalid); s != nil && (s.SubIndication == "REVOKED" || s.SubIndication == "EXPIRED" || s.SubIndication == "NOT_YET_VALID") {
			text = phrase{"Jangan dipakai. ", "Do not rely on it. "}.in(l) + s.Explain(l).Sentence
		}
	}
	if len(r.Signatures) > 1 {
		text += " " + count(counts, l)
	}
	return text
}

// unconfirmed says first what is certain, so that a missing answer does not read as an accusation.
func (r *Report) unconfirmed(l Language) string {
	s := r.worst(Indeterminate)
	if s == nil {
		return ""
	}
	content := phrase{"Isi dokumen utuh, tetapi ", "The content is intact, but "}
	if !s.Integrity {
		content = phrase{"Isi dokumen belum dapat diperiksa, dan ", "The content could not be checked, and "}
	}
	what := phrase{"kami belum dapat memastikan tanda tangannya.", "we cannot confirm the signature yet."}
	switch s.SubIndication {
	case "NO_CERTIFICATE_CHAIN_FOUND", "NO_SIGNING_CERTIFICATE_FOUND", "CERTIFICATE_CHAIN_GENERAL_FAILURE", "CHAIN_CONSTRAINTS_FAILURE":
		what = phrase{"kami belum dapat memastikan siapa penandatangannya.", "we cannot confirm yet who signed."}
		if s.borrowed() {
			what = phrase{"sertifikatnya tidak ditandatangani oleh penerbit yang disebutnya; mungkin tiruan.", "the issuer that its certificate names did not sign it; it may be an imitation."}
		}
	case "TRY_LATER", "REVOKED_NO_POE", "REVOKED_CA_NO_POE", "OUT_OF_BOUNDS_NO_POE", "OUT_OF_BOUNDS_NOT_REVOKED",
		"REVOCATION_OUT_OF_BOUNDS_NO_POE", "NO_POE", "NO_CERTIFICATE_CHAIN_FOUND_NO_POE":
		what = phrase{"kami belum dapat memastikan apakah sertifikatnya berlaku saat itu.", "we cannot confirm yet whether the certificate was valid at that time."}
	}
	return content.in(l) + what.in(l)
}

func (r *Report) worst(v Verdict) *SignatureReport {
	for i := range r.Signatures {
		if r.Signatures[i].Verdict() == v {
			return &r.Signatures[i]
		}
	}
	return nil
}

// maxNames is how many signers the headline names.
const maxNames = 3

func names(list []string, l Language) string {
	if n := len(list); n > maxNames {
		return strings.Join(list[:maxNames], ", ") + fmt.Sprintf(phrase{", dan %d lainnya", " and %d more"}.in(l), n-maxNames)
	}
	return strings.Join(list, ", ")
}

// count tells the verdicts on several signatures: "2 sah, 1 belum dapat dipastikan".
func count(counts map[Verdict]int, l Language) string {
	var parts []string
	for _, v := range []Verdict{Valid, ValidWithNotes, Indeterminate, Invalid} {
		if n := counts[v]; n > 0 {
			parts = append(parts, strconv.Itoa(n)+" "+strings.ToLower(v.Word(l)))
		}
	}
	return phrase{"Tanda tangan dan stempel waktu: ", "Signatures and time-stamps: "}.in(l) + strings.Join(parts, "; ") + "."
}

func (s *SignatureReport) document() bool { return s.Level == "DOCUMENT-TIMESTAMP" }

// when is the proven time, else the one that the signer claims.
func (s *SignatureReport) when() *time.Time {
	if s.BestTime != nil {
		return s.BestTime
	}
	return s.ClaimedTime
}

// Title names the signature with its number in the report, its field and its signer.
func (s *SignatureReport) Title(number int, l Language) string {
	p := phrase{"Tanda tangan %d %q oleh %s", "Signature %d %q by %s"}
	if s.document() {
		p = phrase{"Stempel waktu dokumen %d %q oleh %s", "Document time-stamp %d %q by %s"}
	}
	signer := Plain(s.Signer)
	if signer == "" {
		signer = phrase{"(tidak disebut)", "(not named)"}.in(l)
	}
	return fmt.Sprintf(p.in(l), number, Plain(s.Field), signer)
}

// Verdict is the answer about this signature alone.
func (s *SignatureReport) Verdict() Verdict {
	switch s.Indication {
	case TotalFailed:
		return Invalid
	case IndeterminateValue:
		return Indeterminate
	}
	if s.Modification.weight() > ModificationLTA.weight() {
		return ValidWithNotes
	}
	for _, f := range s.Findings {
		if f.Level == Warn {
			return ValidWithNotes
		}
	}
	return Valid
}

// Anchor names what trust rests on, "" where no chain leads to an anchor.
func (s *SignatureReport) Anchor(l Language) string {
	if s.TrustAnchor.Kind == "none" || s.TrustAnchor.Kind == "" {
		return ""
	}
	return fmt.Sprintf("%s (%s)", Plain(s.TrustAnchor.Name(l)), anchorWords[s.TrustAnchor.Kind].in(l))
}

// CheckState is the answer to one question about a signature.
type CheckState string

// The answers: yes; yes, with something to know; not known, which is no accusation; no.
const (
	CheckOK      CheckState = "ok"
	CheckNote    CheckState = "note"
	CheckUnknown CheckState = "unknown"
	CheckFail    CheckState = "fail"
)

// Mark is a character that stands for the weight of a finding. What speaks against a signature that is merely not confirmed is a
// question, not a fault.
func (s *SignatureReport) Mark(f Finding) string {
	switch {
	case f.Level == Fail && s.Indication == TotalFailed:
		return CheckFail.Mark()
	case f.Level == Fail:
		return CheckUnknown.Mark()
	case f.Level == Warn:
		return CheckNote.Mark()
	}
	return "·"
}

// Mark is a character that stands for the answer beside its words.
func (c CheckState) Mark() string {
	return map[CheckState]string{CheckOK: "✓", CheckNote: "!", CheckUnknown: "?", CheckFail: "✗"}[c]
}

// A Check is one question that a layperson asks, with its answer.
type Check struct {
	State  CheckState
	Label  string // the question, as "Content intact"
	Answer string // as "yes"
	Text   string // the answer in a sentence
}

// Checks answers the three questions that come first: was the content changed, is the certificate trusted, is there a time-stamp.
func (s *SignatureReport) Checks(l Language) []Check {
	out := []Check{s.content(), s.certificate(l), s.stamped(l)}
	for i, label := range []phrase{{"Isi utuh", "Content intact"}, {"Sertifikat dipercaya", "Certificate trusted"}, {"Stempel waktu", "Time-stamp"}} {
		out[i].Label = label.in(l)
		out[i].Answer = answers[out[i].State].in(l)
	}
	if s.Integrity && out[0].State == CheckNote {
		out[0].Answer = phrase{"ya, dengan tambahan", "yes, with additions"}.in(l)
	}
	if out[2].State == CheckNote {
		out[2].Answer = phrase{"tidak ada", "none"}.in(l)
	}
	out[0].Text = contentWords[out[0].Text].in(l)
	return out
}

var answers = map[CheckState]phrase{
	CheckOK: {"ya", "yes"}, CheckNote: {"ya, dengan catatan", "yes, with a note"}, CheckUnknown: {"belum pasti", "not confirmed"}, CheckFail: {"TIDAK", "NO"},
}

var contentWords = map[string]phrase{
	"same":    {"isi tidak berubah sejak ditandatangani", "the content has not changed since it was signed"},
	"added":   {"yang ditandatangani tidak berubah; sesudahnya ada tambahan yang diizinkan", "what was signed has not changed; something allowed was added afterwards"},
	"changed": {"isi berubah setelah ditandatangani, atau berkasnya rusak", "the content changed after signing, or the file is damaged"},
	"unknown": {"belum dapat dibandingkan dengan yang ditandatangani", "it could not be compared with what was signed"},
}

func (s *SignatureReport) content() Check {
	switch {
	case s.Indication == TotalFailed && (s.SubIndication == "FORMAT_FAILURE" || s.SubIndication == "HASH_FAILURE" || s.SubIndication == "SIG_CRYPTO_FAILURE"),
		s.Modification == ModificationOther:
		return Check{State: CheckFail, Text: "changed"}
	case !s.Integrity:
		return Check{State: CheckUnknown, Text: "unknown"}
	case s.Modification.weight() > ModificationLTA.weight():
		return Check{State: CheckNote, Text: "added"}
	}
	return Check{State: CheckOK, Text: "same"}
}

func (s *SignatureReport) certificate(l Language) Check {
	switch {
	case s.CertificateTrusted && s.TrustAnchor.Kind == "test":
		return Check{State: CheckNote, Text: phrase{"diterbitkan otoritas uji coba", "issued by a test authority"}.in(l)}
	case s.CertificateTrusted:
		return Check{State: CheckOK, Text: fmt.Sprintf(phrase{"diterbitkan oleh %s", "issued by %s"}.in(l), Plain(commonName(s.Certificate.Issuer)))}
	case s.Indication == TotalFailed && (s.SubIndication == "REVOKED" || s.SubIndication == "EXPIRED" || s.SubIndication == "NOT_YET_VALID"):
		return Check{State: CheckFail, Text: lower(s.Explain(l).Sentence)}
	case s.Certificate.Subject == "":
		return Check{State: CheckUnknown, Text: lower(subIndicationWords["NO_SIGNING_CERTIFICATE_FOUND"].sentence.in(l))}
	case s.Indication == IndeterminateValue:
		return Check{State: CheckUnknown, Text: lower(s.Explain(l).Sentence)}
	}
	return Check{State: CheckUnknown, Text: phrase{"penerbitnya belum dapat dipastikan", "its issuer could not be confirmed"}.in(l)}
}

func (s *SignatureReport) stamped(l Language) Check {
	if s.BestTime != nil {
		by := ""
		for _, t := range s.Timestamps {
			if t.Valid && t.Authority != "" && t.Kind != "content" {
				by = fmt.Sprintf(phrase{" oleh %s", " by %s"}.in(l), Plain(t.Authority))
			}
		}
		return Check{State: CheckOK, Text: stamp.DateTime(*s.BestTime, zone, string(l)) + by}
	}
	if slices.ContainsFunc(s.Timestamps, func(t TimestampReport) bool { return t.Kind != "content" }) {
		return Check{State: CheckUnknown, Text: phrase{"ada, tetapi belum dapat dipercaya", "there is one, but it cannot be trusted yet"}.in(l)}
	}
	return Check{State: CheckNote, Text: phrase{"waktunya hanya menurut jam penandatangan", "the time is only that of the signer's clock"}.in(l)}
}

// lower is a sentence as a clause.
func lower(s string) string {
	if s == "" {
		return s
	}
	return strings.ToLower(s[:1]) + strings.TrimSuffix(s[1:], ".")
}

// Acrobat is what Adobe Acrobat is expected to say about the document, from its published texts, and what that means. Its
// list of trusted certificates is its own: what it says depends on the reader's settings.
func (r *Report) Acrobat(l Language) (says, means string) {
	var p phrase
	switch {
	case r.Verdict == Unsigned:
		return "", ""
	case r.Verdict == Invalid:
		says, p = "At least one signature is invalid.", phrase{"Jangan dipakai.", "Do not rely on it."}
	case r.Verdict == Indeterminate:
		says, p = "At least one signature has problems.", phrase{"Acrobat mungkin juga belum dapat memastikannya. Itu bukan tanda palsu.", "Acrobat may not be able to confirm it either. That is no sign of forgery."}
	default:
		says, p = "Signed and all signatures are valid.", phrase{
			"Bila Acrobat belum mengenal penerbitnya, yang muncul \"At least one signature has problems.\" dengan \"signer's identity is unknown\". Isi tetap utuh; itu bukan tanda palsu.",
			"Where Acrobat does not know the issuer yet, it says \"At least one signature has problems.\" with \"signer's identity is unknown\". The content is intact; that is no sign of forgery.",
		}
	}
	return says, p.in(l)
}
