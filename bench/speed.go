package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"absah/internal/sample"
)

type benchLine struct {
	Case      string  `json:"case"`
	PerSecond float64 `json:"perSecond"`
	Ceiling   float64 `json:"ceilingPerSecond"`
	Ratio     float64 `json:"ratio"`
	P50       float64 `json:"p50ms"`
	P99       float64 `json:"p99ms"`
	PeakRSS   int64   `json:"peakRSS"`

	Files  int     `json:"files"`
	Max    float64 `json:"maxms"`
	Mutool float64 `json:"mutoolP50ms"`
}

// bench runs cases of absah bench.
func (r *run) bench(what string, cases ...string) ([]benchLine, error) {
	out, err := r.command(nil, r.absah, append([]string{"bench", what, "--json"}, cases...)...)
	if err != nil {
		return nil, err
	}
	var lines []benchLine
	dec := json.NewDecoder(bytes.NewReader(out))
	for {
		var l benchLine
		if err := dec.Decode(&l); err == io.EOF {
			return lines, nil
		} else if err != nil {
			return nil, err
		}
		lines = append(lines, l)
	}
}

// speed is the median of three runs of absah bench, so that one run beside other work does not count.
func (r *run) speed() error {
	r.say("One core, documents of 50 KB in memory, our own check of the finished file included. The ceiling is one signature, one verification and the hashing (to verify: one verification for each signature and for each certificate below the root, and the hashing), measured in turn in the same run.\n")
	r.say("| | per second | ceiling | ratio | p50 | p99 | peak memory |\n|---|---|---|---|---|---|---|")
	for _, b := range []struct {
		what  string
		cases []string // nil: all
	}{{"sign", nil}, {"verify", []string{"p256-50k", "rsa2048-50k", "signatures-10", "signatures-100"}}} {
		cases := map[string][]benchLine{}
		var order []string
		for range 3 {
			lines, err := r.bench(b.what, b.cases...)
			if err != nil {
				return err
			}
			for _, l := range lines {
				if cases[l.Case] == nil {
					order = append(order, l.Case)
				}
				cases[l.Case] = append(cases[l.Case], l)
			}
		}
		for _, name := range order {
			lines := cases[name]
			slices.SortFunc(lines, func(a, b benchLine) int { return int(1e6 * (a.Ratio - b.Ratio)) })
			l := lines[len(lines)/2]
			r.say("| %s %s | %.0f | %.0f | %.0f %% | %.3f ms | %.3f ms | %d MB |", b.what, l.Case, l.PerSecond, l.Ceiling, 100*l.Ratio, l.P50, l.P99, l.PeakRSS>>20)
		}
	}
	r.say("\nAgain: `absah bench sign`, `absah bench verify`; each row is the median of three runs by ratio.")
	return nil
}

// others verifies what other programs signed, and what was made to mislead or to exhaust.
func (r *run) others() error {
	dir := os.Getenv("ABSAH_CORPUS")
	if dir == "" {
		r.say("No corpus beside the project: `ABSAH_CORPUS` names its folder.")
		return nil
	}
	lines, err := r.bench("verify", "--corpus", dir, "corpus-signed", "corpus-attacks")
	if err != nil {
		return err
	}
	r.say("| | files | median | p99 | slowest | peak memory | mutool sign -v, median |\n|---|---|---|---|---|---|---|")
	for _, l := range lines {
		mutool := ""
		if l.Mutool > 0 {
			mutool = fmt.Sprintf("%.2f ms (ours: %.0f %%)", l.Mutool, 100*l.P50/l.Mutool)
		}
		r.say("| %s | %d | %.2f ms | %.1f ms | %.1f ms | %d MB | %s |", l.Case, l.Files, l.P50, l.P99, l.Max, l.PeakRSS>>20, mutool)
	}
	r.say("\nThe signed ones in one process, from memory, the median of three for each; the attacked ones and mutool's by a process each. Again: `absah bench verify corpus-signed corpus-attacks`.")
	return nil
}

// large signs and verifies files that no program should hold in memory.
func (r *run) large() error {
	if err := r.makePKI(); err != nil {
		return err
	}
	r.say("| file | copy + SHA-256 | sign B-B | ratio | peak memory | verify | peak memory |\n|---|---|---|---|---|---|---|")
	for _, f := range []struct {
		name string
		make func(io.Writer) error
	}{
		{"500 MB, one stream", func(w io.Writer) error { return sample.Large(w, 500<<20) }},
		{"10,000 pages", func(w io.Writer) error { return sample.Pages(w, 10_000) }},
	} {
		if err := r.oneLarge(f.name, f.make); err != nil {
			return fmt.Errorf("%s: %w", f.name, err)
		}
	}
	r.say("\nMedians of three runs in turn, output synced to the disk in both columns, peak resident size of the process as the system tells it. Again: `/usr/bin/time -v absah sign …`.")
	return nil
}

func (r *run) oneLarge(name string, write func(io.Writer) error) error {
	in := filepath.Join(r.work, "large.pdf")
	signed := filepath.Join(r.work, "large_sign.pdf")
	defer os.Remove(in)
	defer os.Remove(signed)
	w, err := os.Create(in)
	if err != nil {
		return err
	}
	if err := write(w); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	var copies, signs, verifies []time.Duration
	var signPeak, verifyPeak int64
	for range 3 {
		d, err := copyAndHash(in, filepath.Join(r.work, "copy.bin"))
		if err != nil {
			return err
		}
		_, s, err := r.cost(nil, r.absah, "sign", "--overwrite", "--key", r.path("signer.key"), "--cert", r.path("signer.pem"), in)
		if err != nil {
			return err
		}
		out, v, err := r.cost(nil, r.absah, "verify", "--offline", "--json", "--trust", r.path("root.pem"), signed)
		// Indeterminate without the network, which is not asked here: what counts is that the bytes were checked.
		if !bytes.Contains(out, []byte(`"integrity":true`)) {
			return fmt.Errorf("the signed file does not verify: %w %s", err, lastLine(out))
		}
		copies, signs, verifies = append(copies, d), append(signs, s.wall), append(verifies, v.wall)
		signPeak, verifyPeak = max(signPeak, s.peak), max(verifyPeak, v.peak)
	}
	c, s := middle(copies), middle(signs)
	ratio := "" // starting the program is most of a short run
	if c > 200*time.Millisecond {
		ratio = fmt.Sprintf("%.2f", s.Seconds()/c.Seconds())
	}
	r.say("| %s | %s | %s | %s | %d MB | %s | %d MB |", name, seconds(c), seconds(s), ratio, signPeak>>20, seconds(middle(verifies)), verifyPeak>>20)
	return nil
}

func middle(d []time.Duration) time.Duration {
	slices.Sort(d)
	return d[len(d)/2]
}

// copyAndHash is the bare work of the same kind: read, hash, write, sync.
func copyAndHash(in, out string) (time.Duration, error) {
	start := time.Now()
	src, err := os.Open(in)
	if err != nil {
		return 0, err
	}
	defer src.Close()
	dst, err := os.Create(out)
	if err != nil {
		return 0, err
	}
	defer os.Remove(out)
	defer dst.Close()
	h := sha256.New()
	// Through Write, or the kernel copies behind the back of the hash.
	if _, err := io.CopyBuffer(struct{ io.Writer }{io.MultiWriter(dst, h)}, struct{ io.Reader }{src}, make([]byte, 256<<10)); err != nil {
		return 0, err
	}
	if err := dst.Sync(); err != nil {
		return 0, err
	}
	return time.Since(start), nil
}
