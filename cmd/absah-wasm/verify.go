//go:build js && wasm

package main

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"syscall/js"
	"time"

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

// verify is absah.verify. Whatever happens in it becomes a value.
func verify(args []js.Value) (answer any) {
	defer func() {
		if p := recover(); p != nil {
			answer = failure(contained(p))
		}
	}()
	if len(args) != 1 {
		return failure(faultf("request", "verify takes one object"))
	}
	q, err := parseRequest(args[0])
	if err != nil {
		return failure(err)
	}
	e, err := pades.Gather(context.Background(), q.file, q.file.size, q.gather)
	if err != nil {
		return failure(err)
	}
	r := pades.Judge(e, q.policy)
	r.File = q.name
	line, err := r.JSON()
	if err != nil {
		return failure(err)
	}
	return map[string]any{
		"report": string(line),
		"words":  map[string]any{"id": pades.Words(r, pades.Indonesian), "en": pades.Words(r, pades.English)},
	}
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

// request is what verify was called with.
type request struct {
	file   *document
	name   string
	gather pades.GatherOptions
	policy trust.Policy
}

func parseRequest(v js.Value) (*request, error) {
	if v.Type() != js.TypeObject {
		return nil, faultf("request", "verify takes one object")
	}
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
		switch key {
		case "file":
			q.file, err = parseDocument(x)
		case "name":
			err = text(&q.name, x)
		case "password":
			err = text(&q.gather.Open.Password, x)
		case "policy":
			err = text(&policy, x)
		case "anchors":
			q.policy.Anchors, err = parseAnchors(x)
		case "at":
			at, err = parseTime(x)
		default:
			err = errors.New("is not known")
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
