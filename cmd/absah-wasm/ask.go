//go:build js && wasm

package main

import (
	"context"
	"errors"
	"fmt"
	"syscall/js"
	"time"

	"absah/trust"
)

// Bounds on what is taken from others.
const (
	askFor         = 20 * time.Second // one answer
	maxOCSP        = 1 << 20
	maxCRL         = 32 << 20 // the largest published CRLs are a few tens of megabytes
	maxCertificate = 1 << 20
)

// asker asks issuers through a function of the page, which decides by which way and whom.
type asker struct{ fetch js.Value }

var _ trust.Fetcher = (*asker)(nil)

func parseAsker(v js.Value) (*asker, error) {
	if v.Type() != js.TypeFunction {
		return nil, errors.New("is not a function")
	}
	return &asker{v}, nil
}

// OCSP implements trust.Fetcher.
func (a *asker) OCSP(ctx context.Context, url string, request []byte) ([]byte, error) {
	body := js.Global().Get("Uint8Array").New(len(request))
	js.CopyBytesToJS(body, request)
	return a.ask(ctx, url, body, "application/ocsp-request", maxOCSP)
}

// CRL implements trust.Fetcher.
func (a *asker) CRL(ctx context.Context, url string) ([]byte, error) {
	return a.ask(ctx, url, js.Null(), "application/pkix-crl", maxCRL)
}

// Certificate implements trust.Fetcher.
func (a *asker) Certificate(ctx context.Context, url string) ([]byte, error) {
	return a.ask(ctx, url, js.Null(), "application/pkix-cert", maxCertificate)
}

func (a *asker) ask(ctx context.Context, url string, body js.Value, kind string, limit int) (b []byte, err error) {
	defer func() {
		if p := recover(); p != nil {
			b, err = nil, fmt.Errorf("%v", p) // the page's function threw
		}
	}()
	ctx, cancel := context.WithTimeout(ctx, askFor)
	defer cancel()
	v, err := await(ctx, a.fetch.Invoke(url, body, kind))
	if err != nil {
		return nil, err
	}
	if !isBytes(v) {
		return nil, errors.New("the answer is no Uint8Array")
	}
	n := v.Get("byteLength").Int()
	if n > limit {
		return nil, fmt.Errorf("an answer of %d bytes is more than the %d that are read", n, limit)
	}
	b = make([]byte, n)
	js.CopyBytesToGo(b, v)
	return b, nil
}

// await waits for a promise. One that is not settled in time is left alone.
func await(ctx context.Context, promise js.Value) (js.Value, error) {
	type settled struct {
		v   js.Value
		err error
	}
	done := make(chan settled, 1)
	var kept, broken js.Func
	first := func(args []js.Value) js.Value {
		kept.Release()
		broken.Release()
		if len(args) == 0 {
			return js.Undefined()
		}
		return args[0]
	}
	kept = js.FuncOf(func(_ js.Value, args []js.Value) any {
		done <- settled{first(args), nil}
		return nil
	})
	broken = js.FuncOf(func(_ js.Value, args []js.Value) any {
		done <- settled{js.Undefined(), errors.New(js.Global().Get("String").Invoke(first(args)).String())}
		return nil
	})
	js.Global().Get("Promise").Call("resolve", promise).Call("then", kept, broken)
	select {
	case s := <-done:
		return s.v, s.err
	case <-ctx.Done():
		return js.Undefined(), ctx.Err()
	}
}
