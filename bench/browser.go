package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"absah/internal/headless"
	"absah/internal/sample"
	"absah/pades"
)

// browserRuns is how often the verifier is asked about each document, and how often it is started.
const browserRuns = 10

// browser measures the verifier of browsers: what has to be loaded, how long it takes to start, and how long an answer takes.
func (r *run) browser() error {
	if err := r.makePKI(); err != nil {
		return err
	}
	dir := filepath.Join(r.work, "wasm")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	if err := headless.Build(r.ctx, ".", dir); err != nil {
		return err
	}
	program := filepath.Join(dir, "absah.wasm")
	info, err := os.Stat(program)
	if err != nil {
		return err
	}
	size := "not measured without node"
	if n, err := headless.Brotli(r.ctx, program, 11); err == nil {
		size = fmt.Sprintf("%.2f MB", float64(n)/1e6)
	}
	root, err := os.ReadFile(r.path("root.pem"))
	if err != nil {
		return err
	}
	documents := []struct {
		name  string
		write func(io.Writer) error
	}{
		{"2 MB, 3,400 pages", func(w io.Writer) error { return sample.Pages(w, 3400) }},
		{"2 MB, one stream", func(w io.Writer) error { return sample.Large(w, 2_000_000) }},
		{"50 MB, one stream, read in pieces", func(w io.Writer) error { return sample.Large(w, 50_000_000) }},
	}
	var requests []headless.Request
	for i, d := range documents {
		signed, err := r.signed(fmt.Sprintf("browser-%d", i), d.write)
		if err != nil {
			return fmt.Errorf("%s: %w", d.name, err)
		}
		requests = append(requests, headless.Request{
			Document: signed, Name: d.name, Anchors: [][]byte{root}, At: time.Now().Format(time.RFC3339), Times: browserRuns, Pieces: len(signed) > 10_000_000,
		})
	}
	result, err := headless.Run(r.ctx, dir, requests)
	if err != nil {
		return err
	}
	answers, starts := result.Answers, []float64{result.Instantiate}
	for len(starts) < browserRuns {
		empty, err := headless.Run(r.ctx, dir, nil)
		if err != nil {
			return err
		}
		starts = append(starts, empty.Instantiate)
	}
	r.say("`cmd/absah-wasm` in a worker of headless Chromium, under the portal's policy. %.2f MB, %s with brotli at quality 11; %.0f ms from asking for it on this machine until it can be called (median of %d).\n",
		float64(info.Size())/1e6, size, middleOf(starts), browserRuns)
	r.say("| document, signed at B-LT | verdict | median of %d | slowest |\n|---|---|---|---|", browserRuns)
	for i, a := range answers {
		if a.Error != nil {
			return fmt.Errorf("%s: %s", requests[i].Name, a.Error.Message)
		}
		var report pades.Report
		if err := json.Unmarshal([]byte(a.Report), &report); err != nil {
			return err
		}
		r.say("| %s | %s | %.0f ms | %.0f ms |", requests[i].Name, report.Verdict, middleOf(a.Milliseconds), slices.Max(a.Milliseconds))
	}
	r.say("\nAgain: `go run ./bench -only \"In the browser\"`. That its answers are those of the command line, byte for byte, is tested by `go test ./cmd/absah-wasm` (`ABSAH_BROWSER_ALL=1`: on every signed and attacked file of the corpus).")
	return nil
}

// signed makes a document and signs it at B-LT.
func (r *run) signed(name string, write func(io.Writer) error) ([]byte, error) {
	w, err := os.Create(r.path(name + ".pdf"))
	if err != nil {
		return nil, err
	}
	if err := write(w); err != nil {
		w.Close()
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	tsa, err := os.ReadFile(r.path("tsa.url"))
	if err != nil {
		return nil, err
	}
	if _, err := r.command(nil, r.absah, "sign", "--level", "b-lt", "--tsa", string(tsa), "--key", r.path("signer.key"), "--cert", r.path("signer.pem"), w.Name()); err != nil {
		return nil, err
	}
	return os.ReadFile(r.path(name + "_sign.pdf"))
}

func middleOf(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}
