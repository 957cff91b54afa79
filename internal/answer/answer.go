// Package answer puts what the verifier found about a document into words for a page: the browser's, the server's, and those of package
// report. It judges nothing: every sentence about a signature comes from the catalogue of package pades. The same input gives the same
// texts.
package answer

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"absah/internal/stamp"
	"absah/pades"
)

// Document is one verified file.
type Document struct {
	Name     string // of the file, as the reader knows it
	Size     int64  // in bytes
	SHA256   []byte // of the whole file; nil: not computed, and not told
	Report   *pades.Report
	Evidence *pades.Evidence // what Report was made from

	// Problem says why the file could not be read, for a person; Report and Evidence are nil then.
	Problem string
}

// View is what a page shows about one document, in one language: every sentence is ready, in the words of the catalogue, and harmless as
// text. Beside the texts it has the few facts that a page acts on: times for machines, places on a page, sizes and certificates. It is
// what the browser's verifier hands over (web/src/verify/view.ts has the same names), what HTML and PDF are made of, and JSON names are
// only ever added. Lists are never null.
type View struct {
	Language string `json:"language"` // "id" or "en"
	Name     string `json:"name"`     // of the file
	Verdict  string `json:"verdict"`  // valid, valid-with-notes, indeterminate, invalid, unsigned; unread: Headline says why there is no answer
	Word     string `json:"word"`     // the verdict in capitals
	Mark     string `json:"mark"`     // a character for it
	Headline string `json:"headline"` // the verdict in a sentence or two
	Spoken   string `json:"spoken"`   // name, verdict and headline, for a screen reader

	Why []string `json:"why"` // what the verdict means
	Do  []string `json:"do"`  // what to do, step by step

	Facts      []Row           `json:"facts"`
	Signatures []SignatureView `json:"signatures"`
	Findings   []FindingView   `json:"findings"`          // about the file
	Acrobat    *AcrobatView    `json:"acrobat,omitempty"` // left out where there is no signature
	Size       int64           `json:"size"`              // of the file in bytes
	SHA256     string          `json:"sha256"`            // of the file, hexadecimal
	Encrypted  bool            `json:"encrypted"`         // it opened with a password
	Revisions  int             `json:"revisions"`         // how often the file was saved by appending, the first included
}

// AcrobatView is what Adobe Acrobat is expected to say, in its own English, and what that means.
type AcrobatView struct {
	Says  string `json:"says"`
	Means string `json:"means"`
}

// SignatureView is one signature or document time-stamp.
type SignatureView struct {
	Index    int    `json:"index"`    // in the report, counted from 0
	Document bool   `json:"document"` // a document time-stamp: no person signed
	Title    string `json:"title"`    // number, field and signer
	Signer   string `json:"signer"`   // the certificate's name, "" where there is none
	Verdict  string `json:"verdict"`
	Word     string `json:"word"`
	Mark     string `json:"mark"`
	Spoken   string `json:"spoken"` // the whole in one line, for a screen reader

	Checks   []CheckView   `json:"checks"` // three: not modified, certificate trusted, time-stamp
	Fields   []Row         `json:"fields"` // six: signer, time signed, location, certificate validity, issuer, certificate of the signer
	Anchor   *AnchorView   `json:"anchor,omitempty"`
	Outcome  *OutcomeView  `json:"outcome,omitempty"` // left out: passed
	Findings []FindingView `json:"findings"`
	Changes  []ChangeView  `json:"changes"` // what was done to the document afterwards, without validation data
	More     bool          `json:"more"`    // there are more changes than these
	Events   []EventView   `json:"events"`  // in the order of time
	Rows     []Row         `json:"rows"`    // technical details

	Level       string `json:"level"`       // PAdES-BASELINE-LT and such
	LevelWords  string `json:"levelWords"`  // what that means
	Whole       bool   `json:"whole"`       // nothing was appended to the file since
	SignedSize  int64  `json:"signedSize"`  // the first so many bytes are the document as it was signed; 0: cannot be told
	Certificate string `json:"certificate"` // the signer's, DER in base64; "": there is none
}

// Row is a label and its value.
type Row struct {
	Key   string `json:"key"` // stable
	Label string `json:"label"`
	Value string `json:"value"`
	Code  bool   `json:"code"` // a number to be compared letter by letter
}

// CheckView is one question that a layperson asks, with its answer.
type CheckView struct {
	State  string `json:"state"` // ok, note, unknown or fail
	Mark   string `json:"mark"`
	Label  string `json:"label"`
	Answer string `json:"answer"`
	Text   string `json:"text"`
}

// OutcomeView explains why a signature did not pass.
type OutcomeView struct {
	Sentence string `json:"sentence"`
	Cause    string `json:"cause"`
	Action   string `json:"action"`
}

// FindingView is one thing that the judge noticed.
type FindingView struct {
	Code     string `json:"code"`
	State    string `json:"state"` // as of a check
	Mark     string `json:"mark"`
	Sentence string `json:"sentence"`
	Cause    string `json:"cause"`
	Action   string `json:"action"`
}

// AnchorView names what trust rests on.
type AnchorView struct {
	Text   string `json:"text"` // name and kind in words
	Kind   string `json:"kind"` // national, operator, test or given
	SHA256 string `json:"sha256"`
}

// ChangeView is one thing that was done to the document after the signature.
type ChangeView struct {
	Sentence string      `json:"sentence"`
	Kind     string      `json:"kind"`           // form, annotation or other
	Page     int         `json:"page,omitempty"` // counted from 1
	Rect     *[4]float64 `json:"rect,omitempty"` // left, bottom, right, top in the page's own coordinates
}

// EventView is something that happened at a time.
type EventView struct {
	Kind  string `json:"kind"`  // begin, claimed, stamp, badstamp, proven, revoked, good, end, lasts or judged
	At    string `json:"at"`    // RFC 3339, in UTC
	Label string `json:"label"` // the time in words
	Text  string `json:"text"`
}

// New puts the answer about one document into words.
func New(d *Document, l pades.Language) *View {
	v := &View{
		Language: string(l), Name: pades.Plain(d.Name), Size: d.Size, SHA256: hex.EncodeToString(d.SHA256),
		Why: []string{}, Do: []string{}, Signatures: []SignatureView{}, Findings: []FindingView{},
	}
	v.Facts = []Row{{"file", Word("file", l), v.Name, false}}
	defer func() { v.Spoken = fmt.Sprintf(Word("spoken", l), v.Name, strings.ToLower(v.Word), v.Headline) }()
	r := d.Report
	if r == nil {
		v.Verdict, v.Word, v.Mark, v.Headline = "unread", Word("unread", l), "?", pades.Plain(d.Problem)
		return v
	}
	v.Facts = append(v.Facts, Row{"size", Word("size", l), fmt.Sprintf(Word("bytes", l), thousands(d.Size, l)), false})
	if len(d.SHA256) > 0 {
		v.Facts = append(v.Facts, Row{"sha256", Word("sha256", l), Grouped(v.SHA256), true})
	}
	v.Verdict, v.Word, v.Mark, v.Headline = string(r.Verdict), r.Verdict.Word(l), mark(r.Verdict), Shown(r.Headline(l))
	a := r.Advice(l)
	for _, s := range a.Why {
		v.Why = append(v.Why, Shown(s))
	}
	for _, s := range a.Do {
		v.Do = append(v.Do, Shown(s))
	}
	if r.ValidationTime != nil {
		v.Facts = append(v.Facts, Row{"checked", Word("checked", l), stamp.DateTime(*r.ValidationTime, nil, string(l)), false})
	}
	if words[r.Policy][0] != "" {
		v.Facts = append(v.Facts, Row{"policy", Word("policy", l), Word(r.Policy, l), false})
	}
	for i := range r.Signatures {
		v.Signatures = append(v.Signatures, newSignature(r, i, d.Evidence, l))
	}
	for _, f := range r.Findings {
		if f.Level != pades.Info {
			v.Findings = append(v.Findings, explained(f, pades.CheckNote.Mark(), pades.CheckNote, l))
		}
	}
	if says, means := r.Acrobat(l); says != "" {
		v.Acrobat = &AcrobatView{says, means}
	}
	if e := d.Evidence; e != nil {
		v.Encrypted, v.Revisions = e.Encrypted, e.Revisions
	}
	return v
}

// maxChanges is how many changes a page lists for one signature; the JSON of the report has all.
const maxChanges = 40

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

func newSignature(r *pades.Report, i int, e *pades.Evidence, l pades.Language) SignatureView {
	s := &r.Signatures[i]
	v := SignatureView{
		Index: i, Document: s.Level == "DOCUMENT-TIMESTAMP", Title: Shown(s.Title(i+1, l)), Signer: Shown(s.Signer), Spoken: Shown(s.Spoken(l)),
		Verdict: string(s.Verdict()), Word: s.Verdict().Word(l), Mark: mark(s.Verdict()), Level: s.Level, LevelWords: s.LevelWords(l),
		Whole: s.CoversWholeDocument, Findings: []FindingView{}, Changes: []ChangeView{}, Fields: fields(s, l), Rows: details(s, l), Events: events(s, r.ValidationTime, l),
	}
	for _, c := range s.Checks(l) {
		v.Checks = append(v.Checks, CheckView{string(c.State), c.State.Mark(), c.Label, c.Answer, Shown(c.Text)})
	}
	if s.Indication != pades.TotalPassed {
		x := s.Explain(l)
		v.Outcome = &OutcomeView{Shown(x.Sentence), Shown(x.Cause), Shown(x.Action)}
	}
	if a := s.Anchor(l); a != "" {
		v.Anchor = &AnchorView{Shown(a), s.TrustAnchor.Kind, strings.ToLower(s.TrustAnchor.SHA256)}
	}
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
		v.Findings = append(v.Findings, explained(f, s.Mark(f), state, l))
	}
	if e == nil || i >= len(e.Signatures) {
		return v
	}
	facts := &e.Signatures[i]
	v.SignedSize, v.Certificate = facts.SignedLength(), base64.StdEncoding.EncodeToString(facts.Signer)
	for _, c := range facts.Changes {
		if c.Kind == pades.ModificationLTA {
			continue // a program's affair; the row about changes says it
		}
		if v.More = len(v.Changes) == maxChanges; v.More {
			break
		}
		v.Changes = append(v.Changes, ChangeView{Shown(c.Sentence(l)), string(c.Kind), c.Page, c.Rect})
	}
	return v
}

// fields are the six things that the signature panel of a reader tells first.
func fields(s *pades.SignatureReport, l pades.Language) []Row {
	when := func(t *time.Time) string { return stamp.DateTime(*t, nil, string(l)) }
	signed, validity := "", ""
	switch {
	case s.BestTime != nil:
		signed = when(s.BestTime)
	case s.ClaimedTime != nil:
		signed = fmt.Sprintf(Word("byclock", l), when(s.ClaimedTime))
	}
	if c := s.Certificate; c.NotBefore != nil && c.NotAfter != nil {
		validity = fmt.Sprintf(Word("until", l), stamp.Date(*c.NotBefore, nil, string(l)), stamp.Date(*c.NotAfter, nil, string(l)))
	}
	rows := []Row{
		{"signer", Word("signer", l), Shown(s.Signer), false},
		{"signed", Word("signed", l), signed, false},
		{"location", Word("location", l), Shown(s.Location), false},
		{"validity", Word("validity", l), validity, false},
		{"issuer", Word("issuer", l), Shown(s.Certificate.Issuer), false},
		{"holder", Word("holder", l), Shown(s.Certificate.Subject), false},
	}
	for i := range rows {
		if rows[i].Value == "" {
			rows[i].Value = Word("unnamed", l)
		}
	}
	return rows
}

func details(s *pades.SignatureReport, l pades.Language) []Row {
	rows := []Row{}
	add := func(key, value string, code bool) {
		if value != "" {
			rows = append(rows, Row{key, Word(key, l), value, code})
		}
	}
	add("reason", Shown(s.Reason), false)
	add("location", Shown(s.Location), false)
	add("contact", Shown(s.Contact), false)
	add("anchor", Shown(s.Anchor(l)), false)
	if s.TrustAnchor.Kind != "none" {
		add("anchorprint", Grouped(strings.ToLower(s.TrustAnchor.SHA256)), true)
	}
	add("signer", Shown(s.Certificate.Subject), false)
	add("issuer", Shown(s.Certificate.Issuer), false)
	add("serial", s.Certificate.Serial, true)
	status := Word(s.Revocation.Status, l)
	switch {
	case s.Revocation.At == nil:
	case revokedLater(s):
		status = fmt.Sprintf(Word("later", l), stamp.DateTime(*s.Revocation.At, nil, string(l)))
	case status != "":
		status = fmt.Sprintf(Word("asof", l), status, stamp.DateTime(*s.Revocation.At, nil, string(l)))
	}
	add("revocation", status, false)
	add("changes", s.Modification.Words(l), false)
	add("level", s.Level, false)
	add("outcome", strings.TrimSpace(string(s.Indication)+" "+s.SubIndication), false)
	return rows
}

// revokedLater reports whether the certificate was good when it was used, and its date of revocation is the one told.
func revokedLater(s *pades.SignatureReport) bool {
	return slices.ContainsFunc(s.Findings, func(f pades.Finding) bool { return f.Code == "revoked-later" })
}

// events tells what happened when, the earliest first: whether a certificate was good when it was used is a question of order.
func events(s *pades.SignatureReport, judged *time.Time, l pades.Language) []EventView {
	type event struct {
		at         time.Time
		kind, text string
	}
	var list []event
	add := func(at *time.Time, key, who string) {
		if at != nil {
			text := Word(key, l)
			if who != "" {
				text = fmt.Sprintf(text, who)
			}
			list = append(list, event{*at, key, text})
		}
	}
	add(s.Certificate.NotBefore, "begin", "")
	add(s.ClaimedTime, "claimed", "")
	proven := s.BestTime
	for _, t := range s.Timestamps {
		key := "badstamp"
		if t.Valid {
			key = "stamp"
		}
		who := Shown(t.Authority)
		if who == "" {
			who = Word("unnamed", l)
		}
		add(t.Time, key, who)
		if t.Valid && t.Time != nil && proven != nil && t.Time.Equal(*proven) {
			proven = nil // said already
		}
	}
	add(proven, "proven", "")
	switch {
	case s.Revocation.Status == "revoked" || revokedLater(s):
		add(s.Revocation.At, "revokedat", "")
	case s.Revocation.Status == "good":
		add(s.Revocation.At, "goodat", "")
	}
	add(s.Certificate.NotAfter, "end", "")
	add(s.ValidUntil, "lasts", "")
	add(judged, "judged", "")
	slices.SortStableFunc(list, func(a, b event) int { return a.at.Compare(b.at) })
	out := []EventView{}
	for _, e := range list {
		out = append(out, EventView{strings.TrimSuffix(e.kind, "at"), e.at.UTC().Format(time.RFC3339), stamp.DateTime(e.at, nil, string(l)), e.text})
	}
	return out
}

func explained(f pades.Finding, mark string, state pades.CheckState, l pades.Language) FindingView {
	x := f.Explain(l)
	return FindingView{f.Code, string(state), mark, Shown(x.Sentence), x.Cause, x.Action}
}
