//go:build js && wasm

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"syscall/js"
	"time"

	"absah/internal/answer"
	"absah/pades"
	"absah/trust"
)

// fault is an error with the code that the caller branches on.
type fault struct {
	code string
	err  error
}

func (f *fault) Error() string { return f.err.Error() }

func (f *fault) Unwrap() error { return f.err }

func faultf(code, format string, args ...any) error { return &fault{code, fmt.Errorf(format, args...)} }

// verify is absah.verify.
func verify(v js.Value) (any, error) {
	q, err := parseRequest(v, "view")
	if err != nil {
		return nil, err
	}
	if err := q.one(); err != nil {
		return nil, err
	}
	d, err := q.judge(&q.source)
	if err != nil {
		return nil, err
	}
	line, err := d.Report.JSON()
	if err != nil {
		return nil, err
	}
	out := map[string]any{
		"report": string(line),
		"words":  map[string]any{"id": pades.Words(d.Report, pades.Indonesian), "en": pades.Words(d.Report, pades.English)},
	}
	if q.view == "" {
		return out, nil
	}
	if d.SHA256, err = q.file.sum(); err != nil {
		return nil, err
	}
	b, err := json.Marshal(answer.New(d, q.view))
	if err != nil {
		return nil, err
	}
	out["view"] = js.Global().Get("JSON").Call("parse", string(b))
	return out, nil
}

// revision is absah.revision.
func revision(v js.Value) (any, error) {
	q, err := parseRequest(v, "signature")
	if err != nil {
		return nil, err
	}
	if err := q.one(); err != nil {
		return nil, err
	}
	e, err := q.gather(&q.source)
	if err != nil {
		return nil, err
	}
	if q.signature < 0 || q.signature >= len(e.Signatures) {
		return nil, faultf("request", "signature is not one of the %d in this document", len(e.Signatures))
	}
	return map[string]any{"size": e.Signatures[q.signature].SignedLength()}, nil
}

func (q *request) gather(s *source) (*pades.Evidence, error) {
	o := pades.GatherOptions{Open: pades.OpenOptions{Password: s.password}, Time: q.policy.Time, Anchors: q.policy.Anchors}
	if q.asker != nil {
		o.Fetcher = q.asker
	}
	s.file.progress, o.Digest = q.progress, s.file.digest
	return pades.Gather(context.Background(), s.file, s.file.size, o)
}

// judge answers the question whether a document can be relied on.
func (q *request) judge(s *source) (*answer.Document, error) {
	e, err := q.gather(s)
	if err != nil {
		return nil, err
	}
	r := pades.Judge(e, q.policy)
	r.File = s.name
	return &answer.Document{Name: s.name, Size: s.file.size, Report: r, Evidence: e}, nil
}

func failure(err error) map[string]any {
	return map[string]any{"error": map[string]any{"code": code(err), "message": err.Error()}}
}

func code(err error) string {
	var f *fault
	switch {
	case errors.As(err, &f):
		return f.code
	case errors.Is(err, pades.ErrNotPDF):
		return "not-pdf"
	case errors.Is(err, pades.ErrPassword):
		return "password"
	}
	return "document"
}

// promised makes a function for JavaScript out of a call: it takes one object and returns a promise that never fails, because whatever
// happens in the call becomes a value.
func promised(name string, call func(js.Value) (any, error)) js.Func {
	return js.FuncOf(func(_ js.Value, args []js.Value) any {
		var begin js.Func
		begin = js.FuncOf(func(_ js.Value, settle []js.Value) any {
			go func() {
				defer begin.Release()
				settle[0].Invoke(js.ValueOf(guarded(name, call, args)))
			}()
			return nil
		})
		return js.Global().Get("Promise").New(begin)
	})
}

func guarded(name string, call func(js.Value) (any, error), args []js.Value) (out any) {
	defer func() {
		if p := recover(); p != nil {
			out = failure(contained(p))
		}
	}()
	if len(args) != 1 || args[0].Type() != js.TypeObject {
		return failure(faultf("request", "%s takes one object", name))
	}
	out, err := call(args[0])
	if err != nil {
		return failure(err)
	}
	return out
}

// contained words a panic: what JavaScript threw, or a fault of our own. Other values may hold anything and are not repeated.
func contained(p any) error {
	switch e := p.(type) {
	case js.Error:
		return &fault{"request", e}
	case runtime.Error:
		return &fault{"internal", e}
	}
	return faultf("internal", "a fault of the verifier (%T)", p)
}

// source is one document as JavaScript gave it.
type source struct {
	file     *document
	name     string
	password string
}

// request is what a function was called with. All documents of one are judged under the same policy.
type request struct {
	source
	policy   trust.Policy
	asker    *asker   // nil: nobody is asked
	progress js.Value // undefined: nobody wants to know

	view      pades.Language // "": not asked for
	signature int
	form      string
	language  pades.Language
	files     []source // of a report about several
}

// one is the fault of a call without its document.
func (q *request) one() error {
	if q.file == nil {
		return faultf("request", "file is missing")
	}
	return nil
}

// parseRequest reads the keys that all functions know, and those of one alone.
func parseRequest(v js.Value, own ...string) (*request, error) {
	q := &request{}
	policy, at := "basic", time.Now()
	err := each(v, func(key string, x js.Value) (err error) {
		if known, err := q.source.parse(key, x); known {
			return err
		}
		switch {
		case key == "policy":
			err = text(&policy, x)
		case key == "anchors":
			q.policy.Anchors, err = parseAnchors(x)
		case key == "at":
			at, err = parseTime(x)
		case key == "fetch":
			q.asker, err = parseAsker(x)
		case key == "progress":
			if q.progress = x; x.Type() != js.TypeFunction {
				err = errors.New("is not a function")
			}
		case !slices.Contains(own, key):
			err = errors.New("is not known")
		case key == "view":
			q.view, err = parseLanguage(x)
		case key == "signature":
			q.signature, err = parseIndex(x)
		case key == "form":
			err = text(&q.form, x)
		case key == "language":
			q.language, err = parseLanguage(x)
		case key == "files":
			q.files, err = parseFiles(x)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	anchors := q.policy.Anchors
	if q.policy, err = trust.PolicyNamed(policy); err != nil {
		return nil, &fault{"request", err}
	}
	q.policy.Time, q.policy.Anchors = at, anchors
	return q, nil
}

// each calls use for every key of an object, and says of which one there is a fault.
func each(v js.Value, use func(key string, x js.Value) error) error {
	// A copy first: what throws in a getter is caught in a call, and in nothing else.
	object := js.Global().Get("Object")
	v = object.Call("assign", object.New(), v)
	keys := object.Call("keys", v)
	for i := range keys.Length() {
		key := keys.Index(i).String()
		if err := use(key, v.Get(key)); err != nil {
			var f *fault
			if errors.As(err, &f) {
				return err
			}
			return faultf("request", "%s %w", key, err)
		}
	}
	return nil
}

// parse reads a key that tells of the document, and reports whether it is one.
func (s *source) parse(key string, x js.Value) (known bool, err error) {
	switch key {
	case "file":
		s.file, err = parseDocument(x)
	case "name":
		err = text(&s.name, x)
	case "password":
		err = text(&s.password, x)
	default:
		return false, nil
	}
	return true, err
}

func parseLanguage(v js.Value) (pades.Language, error) {
	var s string
	if err := text(&s, v); err != nil {
		return "", err
	}
	if l := pades.Language(s); l == pades.Indonesian || l == pades.English {
		return l, nil
	}
	return "", errors.New(`is neither "id" nor "en"`)
}

func parseIndex(v js.Value) (int, error) {
	if v.Type() != js.TypeNumber || v.Float() != float64(v.Int()) {
		return 0, errors.New("is not a whole number")
	}
	return v.Int(), nil
}

func text(to *string, v js.Value) error {
	if v.Type() != js.TypeString {
		return errors.New("is not a string")
	}
	*to = v.String()
	return nil
}

func parseTime(v js.Value) (time.Time, error) {
	switch {
	case v.Type() == js.TypeString:
		t, err := time.Parse(time.RFC3339, v.String())
		if err != nil {
			return t, errors.New("is not a time such as 2027-01-12T09:30:00+07:00")
		}
		return t, nil
	case v.InstanceOf(js.Global().Get("Date")):
		if ms := v.Call("getTime").Float(); ms == ms { // an invalid Date is NaN
			return time.UnixMilli(int64(ms)), nil
		}
	}
	return time.Time{}, errors.New("is neither a Date nor a string")
}

func parseAnchors(v js.Value) ([]trust.Anchor, error) {
	if !js.Global().Get("Array").Call("isArray", v).Bool() {
		return nil, errors.New("is not an array")
	}
	var out []trust.Anchor
	for i := range v.Length() {
		var b []byte
		switch x := v.Index(i); {
		case x.Type() == js.TypeString:
			b = []byte(x.String())
		case isBytes(x):
			b = make([]byte, x.Get("byteLength").Int())
			js.CopyBytesToGo(b, x)
		default:
			return nil, fmt.Errorf("has neither a Uint8Array nor a string at %d", i)
		}
		anchors, err := trust.ParseAnchors(b, trust.AnchorGiven)
		if err != nil {
			return nil, &fault{"anchors", err}
		}
		out = append(out, anchors...)
	}
	return out, nil
}

func isBytes(v js.Value) bool { return v.InstanceOf(js.Global().Get("Uint8Array")) }
