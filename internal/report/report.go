// Package report writes down what the verifier found: HTML and PDF for people, XML by ETSI TS 119 102-2 for machines, and a package of
// all evidence for a court or an auditor. It judges nothing: every sentence comes from packages answer and pades, every fact from the
// report and the evidence. The same input gives the same bytes.
package report

import (
	"fmt"
	"time"

	"absah/internal/answer"
	"absah/internal/stamp"
	"absah/pades"
)

// Document is one verified file.
type Document = answer.Document

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
	Documents []*answer.View
	Words     map[string]string
	Footer    []string
}

func newView(docs []Document, o Options) *view {
	l := o.Language
	v := &view{Lang: string(l), Title: answer.Word("title", l), Made: made(o), Words: answer.Words(l), Footer: []string{answer.Word("summary", l), answer.Word("paper", l)}}
	for i := range docs {
		v.Documents = append(v.Documents, answer.New(&docs[i], l))
	}
	return v
}

// made tells when and with what a report was made.
func made(o Options) string {
	return fmt.Sprintf(answer.Word("made", o.Language), stamp.DateTime(o.Time, nil, string(o.Language)), o.Program)
}
