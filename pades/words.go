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

// anchorWords and modificationWords tell the two lists of values that a report line ends in.
var (
	anchorWords = map[string]phrase{
		"national": {"otoritas nasional", "national authority"}, "operator": {"dipercaya oleh penyelenggara", "trusted by the operator"},
		"test": {"CA uji coba, bukan PSrE yang diakui Komdigi", "test CA, not a PSrE recognised by Komdigi"}, "given": {"diberikan oleh pemeriksa", "given by the verifier"},
	}
	modificationWords = map[Modification]phrase{
		ModificationNone: {"tidak ada", "none"}, ModificationLTA: {"hanya data validasi", "validation data only"},
		ModificationForm:       {"isian formulir atau tanda tangan lain", "form fields or further signatures"},
		ModificationAnnotation: {"anotasi", "annotations"}, ModificationOther: {"isi dokumen", "the document itself"},
	}
)

// zone is Western Indonesian Time, in which times are told.
var zone = time.FixedZone("WIB", 7*60*60)

// Word is the verdict in capitals, as a band or a terminal shows it.
func (v Verdict) Word(l Language) string { return verdictWords[v].in(l) }

// Words names the kind of change.
func (m Modification) Words(l Language) string { return modificationWords[m].in(l) }

// Words is the report as plain text for a terminal: the verdict in one sentence, and for each signature the three questions that a
// layperson asks first, what the outcome means, and what to do.
func Words(r *Report, l Language) string {
	var b strings.Builder
	line := func(label phrase, value string) {
		if value != "" {
			fmt.Fprintf(&b, "      %-20s %s\n", label.in(l), Plain(value))
		}
	}
	fmt.Fprintf(&b, "%s: %s\n  %s\n", Plain(r.File), r.Verdict.Word(l), r.Headline(l))
	for i := range r.Signatures {
		s := &r.Signatures[i]
		fmt.Fprintf(&b, "\n  %s\n", s.Title(i+1, l))
		for _, c := range s.Checks(l) {
			fmt.Fprintf(&b, "    %s %-20s %s\n", c.State.Mark(), c.Label, c.Answer+": "+c.Text)
		}
		e := s.Explain(l)
		line(phrase{"Hasil", "Result"}, strings.TrimSpace(string(s.Indication)+" "+s.SubIndication))
		if s.Indication != TotalPassed {
			fmt.Fprintf(&b, "      → %s %s\n      → %s\n", e.Sentence, e.Cause, e.Action)
		}
		if s.BestTime != nil {
			line(phrase{"Waktu terbukti", "Proven time"}, s.BestTime.In(zone).Format(timeLayout))
		} else if s.ClaimedTime != nil {
			line(phrase{"Waktu menurut penandatangan", "Time as claimed"}, s.ClaimedTime.In(zone).Format(timeLayout))
		}
		if s.ValidUntil != nil {
			line(phrase{"Bertahan sampai", "Stands until"}, s.ValidUntil.In(zone).Format(timeLayout))
		}
		line(phrase{"Tingkat", "Level"}, s.Level)
		line(phrase{"Dasar kepercayaan", "Trust anchor"}, s.Anchor(l))
		line(phrase{"Perubahan sesudahnya", "Changes afterwards"}, s.Modification.Words(l))
		for _, f := range s.Findings {
			if f.Level != Info {
				fmt.Fprintf(&b, "    %s %s\n", s.Mark(f), Plain(f.Sentence(l)))
			}
		}
		for _, c := range s.Changes {
			fmt.Fprintf(&b, "    + %s\n", Plain(c.Sentence(l)))
		}
	}
	return b.String()
}

// maxPlain is how many characters of one text are shown; a name longer than that is there to push others off the screen.
const maxPlain = 300

// Plain makes a text harmless on a terminal: names of persons, fields and authorities are the choice of who made the document, and a
// line break or an escape sequence in one could write a verdict of its own.
func Plain(s string) string {
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
