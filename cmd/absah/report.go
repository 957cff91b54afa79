package main

import (
	"crypto/sha256"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"absah/internal/report"
	"absah/pades"
)

// reports collects what was verified and writes it in the forms that were asked for. A nil one wants nothing.
type reports struct {
	paths  []string
	packed string // a package is asked for
	source string // of the only document in it
	docs   []report.Document
	mode   fs.FileMode // what everybody who may read the documents may
}

// forms are the kinds of report by the ending of their names.
var forms = map[string]func(io.Writer, []report.Document, report.Options) error{
	".html": report.HTML, ".pdf": report.PDF, ".xml": report.XML,
}

// newReports checks before any work whether the reports can be written.
func newReports(paths []string, packed string, files []string) (*reports, error) {
	if len(paths) == 0 && packed == "" {
		return nil, nil
	}
	r := &reports{paths: paths, packed: packed, mode: 0o644}
	if packed != "" {
		if !strings.EqualFold(filepath.Ext(packed), ".zip") {
			return nil, fmt.Errorf("--package %s: the name of a package ends in .zip", packed)
		}
		if len(files) != 1 {
			return nil, fmt.Errorf("--package %s: a package is about one document; make one for each", packed)
		}
		if _, err := os.Lstat(packed); err == nil {
			return nil, fmt.Errorf("%s exists already; name another place for the package", packed)
		}
		r.source = files[0]
	}
	for _, p := range paths {
		if forms[strings.ToLower(filepath.Ext(p))] == nil {
			return nil, fmt.Errorf("--report %s: the name of a report ends in .html, .pdf or .xml", p)
		}
		if _, err := os.Lstat(p); err == nil {
			return nil, fmt.Errorf("%s exists already; name another place for the report", p)
		}
	}
	return r, nil
}

func (r *reports) add(f *os.File, size int64, judged *pades.Report, e *pades.Evidence) error {
	if r == nil {
		return nil
	}
	info, err := f.Stat()
	if err != nil {
		return err
	}
	h := sha256.New()
	if _, err := io.Copy(h, io.NewSectionReader(f, 0, size)); err != nil {
		return err
	}
	r.mode &= info.Mode().Perm()
	r.docs = append(r.docs, report.Document{Name: filepath.Base(judged.File), Size: size, SHA256: h.Sum(nil), Report: judged, Evidence: e})
	return nil
}

// unread notes a file that gave no answer: a report that left it out would say more than is known.
func (r *reports) unread(path string, err error) {
	if r != nil {
		r.docs = append(r.docs, report.Document{Name: filepath.Base(path), Problem: err.Error()})
	}
}

// write writes all that was asked for; made is when.
func (r *reports) write(l pades.Language, made time.Time) error {
	if r == nil {
		return nil
	}
	o := report.Options{Language: l, Program: "Absah " + version, Time: made}
	for _, p := range r.paths {
		err := create(p, r.mode|0o600, false, func(w *os.File) error {
			return forms[strings.ToLower(filepath.Ext(p))](w, r.docs, o)
		})
		if err != nil {
			return err
		}
		say("report: %s", p)
	}
	if r.packed == "" || len(r.docs) != 1 || r.docs[0].Report == nil {
		return nil // why there is nothing to pack was said
	}
	f, _, err := open(r.source)
	if err != nil {
		return err
	}
	defer f.Close()
	err = create(r.packed, r.mode|0o600, false, func(w *os.File) error { return report.Package(w, r.docs[0], f, o) })
	if err != nil {
		return err
	}
	say("package: %s", r.packed)
	return nil
}
