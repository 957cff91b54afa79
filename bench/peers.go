package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"absah/internal/letter"
)

// levels are what the peers judge.
var levels = []string{"b-b", "b-t", "b-lt", "b-lta"}

// A peer prints one JSON object a line: what it judged, or how fast it signed.
type peerLine struct {
	Peer      string  `json:"peer"`  // name and version
	Judge     string  `json:"judge"` // level of ours that it looked at
	Result    string  `json:"result"`
	Sign      string  `json:"sign"` // case that it signed
	PerSecond float64 `json:"perSecond"`
}

// peers runs bench/peers/*/run.sh, each of which installs what it needs below bench/peers/work and prints its findings. They
// get a folder with ours.
func (r *run) peers() error {
	if err := r.outputs(); err != nil {
		return err
	}
	scripts, err := filepath.Glob(filepath.Join("bench", "peers", "*", "run.sh"))
	if err != nil {
		return err
	}
	var judged, speeds []peerLine
	var missing []string
	for _, script := range scripts {
		name := filepath.Base(filepath.Dir(script))
		fmt.Fprintln(os.Stderr, "bench: peer", name)
		out, err := r.command(nil, "sh", script, r.work)
		if err != nil {
			missing = append(missing, fmt.Sprintf("%s: not run (%s)", name, err))
		}
		scanner := bufio.NewScanner(bytes.NewReader(out))
		for scanner.Scan() {
			var l peerLine
			if json.Unmarshal(scanner.Bytes(), &l) != nil {
				continue // what installers say
			}
			if l.Judge != "" {
				judged = append(judged, l)
			} else if l.Sign != "" {
				speeds = append(speeds, l)
			}
		}
	}
	r.say("What they say about ours (P-256, one letter, a PKI made for this run, only its root trusted):\n")
	r.say("| | B-B | B-T | B-LT | B-LTA |\n|---|---|---|---|---|")
	for _, peer := range names(judged) {
		row := "| " + peer + " |"
		for _, level := range levels {
			found := "not run"
			for _, l := range judged {
				if l.Peer == peer && l.Judge == level {
					found = l.Result
				}
			}
			row += " " + found + " |"
		}
		r.say("%s", row)
	}
	own, err := r.ownSpeed()
	if err != nil {
		return err
	}
	speeds = append(own, speeds...)
	r.say("\nSigning the same 50 KB file with the same keys at B-B, warm, the file in memory, in the way that each program is used (signatures per second):\n")
	r.say("| | P-256 | RSA-2048 |\n|---|---|---|")
	for _, peer := range names(speeds) {
		row := "| " + peer + " |"
		for _, c := range []string{"p256", "rsa2048"} {
			found := "not run"
			for _, l := range speeds {
				if l.Peer == peer && l.Sign == c {
					found = fmt.Sprintf("%.0f", l.PerSecond)
				}
			}
			row += " " + found + " |"
		}
		r.say("%s", row)
	}
	if err := r.countersigned(); err != nil {
		missing = append(missing, fmt.Sprintf("counter-signing: not run (%s)", err))
	}
	for _, m := range missing {
		r.say("\n%s", m)
	}
	r.say("\n@signpdf reads RSA keys only. Peers in Go whose modules the module source does not have are not run. Again: `go run ./bench -quick`. The programs that drive them are in `bench/peers`.")
	return nil
}

func names(lines []peerLine) (out []string) {
	seen := map[string]bool{}
	for _, l := range lines {
		if !seen[l.Peer] {
			seen[l.Peer] = true
			out = append(out, l.Peer)
		}
	}
	return out
}

// outputs writes what the peers get: the letter signed at each level, the letter of 50 KB, keys in the forms that they read.
func (r *run) outputs() error {
	if err := r.makePKI(); err != nil {
		return err
	}
	doc, err := (letter.Letter{Date: time.Date(2027, 1, 12, 9, 30, 0, 0, time.UTC)}).Padded(50 << 10)
	if err != nil {
		return err
	}
	if err := os.WriteFile(r.path("letter.pdf"), doc, 0o644); err != nil {
		return err
	}
	tsa, err := os.ReadFile(r.path("tsa.url"))
	if err != nil {
		return err
	}
	for _, level := range levels {
		args := []string{"sign", "--overwrite", "--suffix=-" + level, "--level", level, "--key", r.path("signer.key"), "--cert", r.path("signer.pem")}
		if level != "b-b" {
			args = append(args, "--tsa", string(tsa))
		}
		if _, err := r.command(nil, r.absah, append(args, r.path("letter.pdf"))...); err != nil {
			return fmt.Errorf("sign at %s: %w", strings.ToUpper(level), err)
		}
	}
	for _, name := range []string{"signer", "signer-rsa"} {
		_, err := r.command(nil, "openssl", "pkcs12", "-export", "-legacy", "-passout", "pass:ukur", "-name", "ukur",
			"-inkey", r.path(name+".key"), "-in", r.path(name+".pem"), "-out", r.path(name+".p12"))
		if err != nil {
			return err
		}
	}
	return nil
}

// countersigned lets PDFBox and us sign the same file by turns and asks four programs whether every signature is still good. Those of
// other producers are in the tests of pades, which cannot have PDFBox.
func (r *run) countersigned() error {
	chains := []struct {
		name  string
		steps []string // "pdfbox", or the key of ours with what else is asked
	}{
		{"PDFBox, ours, ours", []string{"pdfbox", "second --visible default", "third"}},
		{"ours certifying (2), PDFBox, ours", []string{"second --certify 2", "pdfbox", "third"}},
		{"ours, PDFBox, ours", []string{"second", "pdfbox", "third"}},
	}
	r.say("\nSignatures still valid after the last one, of those on the file (PDFBox signs as adbe.pkcs7.detached, ours at B-LT):\n")
	r.say("| signed by | ours | pdfsig | mutool | qpdf |\n|---|---|---|---|---|")
	tsa, err := os.ReadFile(r.path("tsa.url"))
	if err != nil {
		return err
	}
	for _, c := range chains {
		file := r.path("letter.pdf")
		for i, step := range c.steps {
			next := r.path(fmt.Sprintf("chain-%d.pdf", i))
			if step == "pdfbox" {
				_, err = r.command(nil, "sh", filepath.Join("bench", "peers", "pdfbox", "run.sh"), r.work, file, next)
			} else {
				key, more, _ := strings.Cut(step, " ")
				args := append([]string{"sign", "--suffix=-next", "--level=b-lt", "--tsa", string(tsa), "--key", r.path(key + ".key"), "--cert", r.path(key + ".pem")}, strings.Fields(more)...)
				if _, err = r.command(nil, r.absah, append(args, file)...); err == nil {
					err = os.Rename(strings.TrimSuffix(file, ".pdf")+"-next.pdf", next)
				}
			}
			if err != nil {
				return fmt.Errorf("%s: %w", c.name, err)
			}
			file = next
		}
		// Their exit codes speak of trust too, which is not asked here: what they say counts.
		ours, _ := r.command(nil, r.absah, "verify", "--json", "--trust", r.path("root.pem"), file)
		pdfsig, _ := r.command(nil, "pdfsig", "-nocert", file)
		mutool, _ := r.command(nil, "mutool", "sign", "-v", file)
		qpdf := "accepts"
		if _, err := r.command(nil, "qpdf", "--check", file); err != nil {
			qpdf = err.Error()
		}
		n := len(c.steps)
		r.say("| %s | %d of %d | %d of %d | %d of %d | %s |", c.name, bytes.Count(ours, []byte(`"indication":"TOTAL_PASSED"`)), n,
			bytes.Count(pdfsig, []byte("Signature is Valid.")), n,
			bytes.Count(mutool, []byte("The signature is valid"))+bytes.Count(mutool, []byte("The document is unchanged since signing")), n, qpdf)
	}
	return nil
}

// ownSpeed is ours as the peers are measured: nothing but the rate.
func (r *run) ownSpeed() ([]peerLine, error) {
	out, err := r.command(nil, r.absah, "bench", "sign", "--json", "--duration", (3 * time.Second).String())
	if err != nil {
		return nil, err
	}
	var lines []peerLine
	for line := range strings.Lines(string(out)) {
		var l benchLine
		if err := json.Unmarshal([]byte(line), &l); err != nil {
			return nil, err
		}
		name, _, _ := strings.Cut(l.Case, "-")
		lines = append(lines, peerLine{Peer: "absah, its own check included", Sign: name, PerSecond: l.PerSecond})
	}
	return lines, nil
}

// corpus includes the table that the corpus test of pades writes, where there is a corpus.
func (r *run) corpus() error {
	table := r.path("corpus.md")
	_, err := r.command([]string{"ABSAH_TABLE=" + table}, "go", "test", "-count=1", "-timeout=30m", "-run", "Corpus", "./pades")
	b, missing := os.ReadFile(table)
	switch {
	case missing == nil && err == nil:
		r.say("%s\nAgain: `ABSAH_TABLE=table.md go test -count=1 -run Corpus ./pades`.", b)
	case missing == nil:
		r.say("%s\nThe test failed: %v", b, err)
	case err != nil:
		return err
	default:
		r.say("No corpus beside the project: `ABSAH_CORPUS` names its folder.")
	}
	return nil
}
