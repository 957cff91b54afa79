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
	d, err := q.judge()
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
	e, err := pades.Gather(context.Background(), q.file, q.file.size, q.gather)
	if err != nil {
		return nil, err
	}
	if q.signature < 0 || q.signature >= len(e.Signatures) {
		return nil, faultf("request", "signature is not one of the %d in this document", len(e.Signatures))
	}
	return map[string]any{"size": e.Signatures[q.signature].SignedLength()}, nil
}

// judge answers the question whether the document can be relied on.
func (q *request) judge() (*answer.Document, error) {
	e, err := pades.Gather(context.Background(), q.file, q.file.size, q.gather)
	if err != nil {
		return nil, err
	}
	r := pades.Judge(e, q.policy)
	r.File = q.name
	return &answer.Document{Name: q.name, Size: q.file.size, Report: r, Evidence: e}, nil
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

// request is what a function was called with.
type request struct {
	file   *document
	name   string
	gather pades.GatherOptions
	policy trust.Policy

	view      pades.Language // "": not asked for
	signature int
}

// parseRequest reads the keys that all functions know, and those of one alone.
func parseRequest(v js.Value, own ...string) (*request, error) {
	q := &request{}
	policy, at := "basic", time.Now()
	// A copy first: what throws in a getter is caught in a call, and in nothing else.
	object := js.Global().Get("Object")
	v = object.Call("assign", object.New(), v)
	keys := object.Call("keys", v)
	for i := range keys.Length() {
		key := keys.Index(i).String()
		x := v.Get(key)
		var err error
		switch {
		case key == "file":
			q.file, err = parseDocument(x)
		case key == "name":
			err = text(&q.name, x)
		case key == "password":
			err = text(&q.gather.Open.Password, x)
		case key == "policy":
			err = text(&policy, x)
		case key == "anchors":
			q.policy.Anchors, err = parseAnchors(x)
		case key == "at":
			at, err = parseTime(x)
		case !slices.Contains(own, key):
			err = errors.New("is not known")
		case key == "view":
			q.view, err = parseLanguage(x)
		case key == "signature":
			q.signature, err = parseIndex(x)
		}
		if err != nil {
			var f *fault
			if errors.As(err, &f) {
				return nil, err
			}
			return nil, faultf("request", "%s %w", key, err)
		}
	}
	if q.file == nil {
		return nil, faultf("request", "file is missing")
	}
	p, err := trust.PolicyNamed(policy)
	if err != nil {
		return nil, &fault{"request", err}
	}
	p.Time, p.Anchors = at, q.policy.Anchors
	q.policy, q.gather.Time, q.gather.Anchors = p, at, p.Anchors
	return q, nil
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
