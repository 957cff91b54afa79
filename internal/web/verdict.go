package web

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"absah/internal/answer"
	"absah/pades"
)

// protected is the verdict of a page on a file that opens with a password only: the password was for signing and is not kept.
const protected pades.Verdict = "protected"

// maxNotes bounds the list under a verdict; a hostile file may have any number of faults.
const maxNotes = 12

// verdict is what a page says of a signed file.
type verdict struct {
	Kind     pades.Verdict
	Headline string   // "" for protected
	Notes    []string // why it is not simply valid, and what to do
}

// signer is one signature for a page.
type signer struct {
	Name    string
	Level   string
	Anchor  string        // what trust rests on, "" where nothing does
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
	lang := pades.Language(c.lang)
	v := verdict{Kind: report.Verdict, Headline: answer.Shown(report.Headline(lang))}
	var signers []signer
	for i := range report.Signatures {
		s := &report.Signatures[i]
		x := signer{Name: answer.Shown(s.Signer), Level: s.Level, Anchor: answer.Shown(s.Anchor(lang)), Verdict: s.Verdict()}
		who := ""
		if len(report.Signatures) > 1 {
			who = x.Name + ": "
		}
		if x.Verdict == pades.Indeterminate || x.Verdict == pades.Invalid {
			e := s.Explain(lang)
			v.note(who, e.Sentence, e.Cause, e.Action)
		}
		v.findings(who, s.Findings, lang)
		if s.Level == "DOCUMENT-TIMESTAMP" {
			continue
		}
		switch {
		case s.BestTime != nil:
			x.When, x.Proven = *s.BestTime, true
		case s.ClaimedTime != nil:
			x.When = *s.ClaimedTime
		}
		signers = append(signers, x)
	}
	v.findings("", report.Findings, lang)
	return v, signers, nil
}

// findings adds what a reader should know of a list.
func (v *verdict) findings(who string, list []pades.Finding, lang pades.Language) {
	for _, f := range list {
		if f.Level != pades.Info {
			e := f.Explain(lang)
			v.note(who, e.Sentence, e.Cause, e.Action)
		}
	}
}

// note adds sentences as one line; each line stands once.
func (v *verdict) note(who string, sentences ...string) {
	var all []string
	for _, s := range sentences {
		if s = sentence(answer.Shown(s)); s != "" {
			all = append(all, s)
		}
	}
	if s := who + strings.Join(all, " "); len(all) > 0 && len(v.Notes) < maxNotes && !slices.Contains(v.Notes, s) {
		v.Notes = append(v.Notes, s)
	}
}

// sentence begins with a capital letter and ends with a full stop, which texts of the catalogue leave to the page.
func sentence(s string) string {
	if s = strings.TrimSuffix(s, "."); s == "" {
		return ""
	}
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[n:] + "."
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
