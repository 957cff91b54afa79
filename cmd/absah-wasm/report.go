//go:build js && wasm && report

package main

import (
	"bytes"
	"io"
	"path"
	"strings"
	"syscall/js"
	"time"

	"absah/internal/answer"
	"absah/internal/report"
	"absah/pades"
)

// version is set by the linker for releases.
var version = "0.1.0-dev"

func init() { calls["report"] = write }

// A form is one way to write an answer down.
type form struct {
	kind   string // media type
	id, en string // end of the file's name
	many   bool   // one report about several documents is possible
	write  func(w io.Writer, docs []answer.Document, src io.Reader, o report.Options) error
}

func plain(write func(io.Writer, []answer.Document, report.Options) error) func(io.Writer, []answer.Document, io.Reader, report.Options) error {
	return func(w io.Writer, docs []answer.Document, _ io.Reader, o report.Options) error {
		return write(w, docs, o)
	}
}

var forms = map[string]form{
	"html": {"text/html;charset=utf-8", "-laporan.html", "-report.html", true, plain(report.HTML)},
	"pdf":  {"application/pdf", "-laporan.pdf", "-report.pdf", true, plain(report.PDF)},
	"xml":  {"application/xml", "-laporan.xml", "-report.xml", true, plain(report.XML)},
	"json": {"application/json", "-laporan.json", "-report.json", true, func(w io.Writer, docs []answer.Document, _ io.Reader, _ report.Options) error {
		for i := range docs {
			if docs[i].Report == nil {
				continue // the command line has no line for it either
			}
			line, err := docs[i].Report.JSON()
			if err != nil {
				return err
			}
			if _, err := w.Write(line); err != nil {
				return err
			}
		}
		return nil
	}},
	"package": {"application/zip", "-bukti.zip", "-evidence.zip", false, func(w io.Writer, docs []answer.Document, src io.Reader, o report.Options) error {
		return report.Package(w, docs[0], src, o)
	}},
}

// write is absah.report.
func write(v js.Value) (any, error) {
	q, err := parseRequest(v, "form", "language", "files")
	if err != nil {
		return nil, err
	}
	f, ok := forms[q.form]
	switch {
	case !ok:
		return nil, faultf("request", "form is none of html, pdf, xml, json, package")
	case q.language == "":
		return nil, faultf("request", "language is missing")
	case q.file != nil && q.files != nil:
		return nil, faultf("request", "file and files are both given")
	case q.file != nil:
		q.files = []source{q.source}
	case len(q.files) == 0:
		return nil, q.one()
	}
	if len(q.files) != 1 && !f.many {
		return nil, faultf("request", "files: a package is about one document")
	}
	var docs []answer.Document
	for i := range q.files {
		s := &q.files[i]
		d, err := q.judge(s)
		if err == nil {
			d.SHA256, err = s.file.sum()
		}
		switch {
		case err == nil:
			d.Name = path.Base(d.Name)
			docs = append(docs, *d)
		case len(q.files) == 1:
			return nil, err
		default: // a list that left it out would say more than is known
			docs = append(docs, answer.Document{Name: path.Base(s.name), Problem: answer.Trouble(code(err), q.language)})
		}
	}
	var b bytes.Buffer
	only := q.files[0]
	err = f.write(&b, docs, io.NewSectionReader(only.file, 0, only.file.size), report.Options{Language: q.language, Program: "Absah " + version, Time: time.Now()})
	if err != nil {
		return nil, err
	}
	name := strings.TrimSuffix(docs[0].Name, path.Ext(docs[0].Name))
	if len(docs) > 1 || name == "" {
		name = "absah"
	}
	end := f.id
	if q.language == pades.English {
		end = f.en
	}
	out := js.Global().Get("Uint8Array").New(b.Len())
	js.CopyBytesToJS(out, b.Bytes())
	return map[string]any{"name": name + end, "type": f.kind, "bytes": out}, nil
}
