package web

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"absah/pades"
)

// protected is the verdict of a page on a file that opens with a password only: the password was for signing and is not kept.
const protected pades.Verdict = "protected"

// maxNotes bounds the list under a verdict; a hostile file may have any number of faults.
const maxNotes = 12

// verdict is what a page says of a signed file.
type verdict struct {
	Kind  pades.Verdict
	Notes []string // why it is not simply valid
}

// signer is one signature for a page.
type signer struct {
	Name    string
	Level   string
	Verdict pades.Verdict // on this signature alone
	When    time.Time     // zero: nothing said when
	Proven  bool          // by a time-stamp
}

// judge is the verdict on a stored document now.
func (c *call) judge(code string) (verdict, []signer, error) {
	report, err := c.s.judge(c.r.Context(), code)
	if errors.Is(err, pades.ErrPassword) {
		return verdict{Kind: protected}, nil, nil
	}
	if err != nil {
		return verdict{}, nil, err
	}
	v := verdict{Kind: report.Verdict}
	v.note(report.Findings, c.lang, "")
	var signers []signer
	for _, s := range report.Signatures {
		name := printable(s.Signer)
		who := ""
		if len(report.Signatures) > 1 {
			who = name + ": "
		}
		v.note(s.Findings, c.lang, who)
		if s.Level == "DOCUMENT-TIMESTAMP" {
			continue
		}
		x := signer{Name: name, Level: s.Level, Verdict: pades.Indeterminate}
		switch s.Indication {
		case pades.TotalPassed:
			x.Verdict = pades.Valid
		case pades.TotalFailed:
			x.Verdict = pades.Invalid
		}
		switch {
		case s.BestTime != nil:
			x.When, x.Proven = *s.BestTime, true
		case s.ClaimedTime != nil:
			x.When = *s.ClaimedTime
		}
		signers = append(signers, x)
	}
	return v, signers, nil
}

// note adds what a reader should know, each thing once.
func (v *verdict) note(findings []pades.Finding, lang, who string) {
	for _, f := range findings {
		if f.Level == pades.Info || len(v.Notes) == maxNotes {
			continue
		}
		s := printable(f.Sentence(pades.Language(lang)))
		if who == "" {
			r, n := utf8.DecodeRuneInString(s)
			s = string(unicode.ToUpper(r)) + s[n:]
		}
		if s = who + s + "."; !slices.Contains(v.Notes, s) {
			v.Notes = append(v.Notes, s)
		}
	}
}

// printable drops from a name of a file or a certificate what hides or turns characters round.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if unprintable(r) {
			return -1
		}
		return r
	}, s)
}

// judge runs one judgement; a few at a time, because anybody may ask and one may take seconds.
func (s *server) judge(ctx context.Context, code string) (*pades.Report, error) {
	select {
	case s.judging <- struct{}{}:
		defer func() { <-s.judging }()
		return s.Documents.Judge(ctx, code)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
