package main

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// onCorpus is what a peer says of one file: its signatures by field, good or bad by their value alone.
type onCorpus struct {
	Peer   string            `json:"peer"`
	File   string            `json:"file"`
	Values map[string]string `json:"values"` // field: good or bad
	Failed string            `json:"failed"` // why it cannot tell
}

// peersOnCorpus has peers judge the signed and the forged files: bench/peers/*/corpus.sh gets the folder and a list of files.
func (r *run) peersOnCorpus() error {
	dir := os.Getenv("ABSAH_CORPUS")
	if dir == "" {
		dir = filepath.Join("..", "shared", "corpus")
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	f, err := os.Open(filepath.Join(dir, "manifest.csv"))
	if err != nil {
		return errors.New("no corpus beside the project: ABSAH_CORPUS names its folder")
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return err
	}
	asserted := map[string]string{}
	var files strings.Builder
	for _, row := range rows[1:] {
		if row[2] != "signed" && row[2] != "attacks" {
			continue
		}
		fmt.Fprintln(&files, row[0])
		facts := strings.Split(row[5], ";")
		for _, kv := range facts {
			if v, ok := strings.CutPrefix(kv, "crypto_ok="); ok && (v != "T" || !slices.Contains(facts, "byterange_ok=F")) {
				asserted[row[0]] = v // a right value over the wrong bytes is neither
			}
		}
	}
	if err := os.WriteFile(r.path("files.txt"), []byte(files.String()), 0o644); err != nil {
		return err
	}
	if err := r.build(); err != nil {
		return err
	}
	ours := map[string]map[string]string{}
	for file := range asserted {
		ours[file] = r.ownValues(filepath.Join(dir, file))
	}
	scripts, err := filepath.Glob(filepath.Join("bench", "peers", "*", "corpus.sh"))
	if err != nil {
		return err
	}
	r.say("Whether the value of each signature is right over the bytes that it covers; trust and later changes left out. Compared are files on which the manifest asserts that all values are right, over the right bytes, or none: there the manifest says who errs.\n")
	r.say("| | files answered | could not tell | same as ours | differs: the manifest agrees with us | differs: with them |\n|---|---|---|---|---|---|")
	var notes []string
	for _, script := range scripts {
		name := filepath.Base(filepath.Dir(script))
		out, failed := r.command(nil, "sh", script, dir, r.path("files.txt"))
		type count struct{ answered, failed, same, us, them int }
		counts := map[string]*count{}
		scanner := bufio.NewScanner(bytes.NewReader(out))
		scanner.Buffer(nil, 1<<20)
		for scanner.Scan() {
			var l onCorpus
			if json.Unmarshal(scanner.Bytes(), &l) != nil || l.File == "" {
				continue
			}
			c := counts[l.Peer]
			if c == nil {
				c = &count{}
				counts[l.Peer] = c
			}
			if l.Failed != "" {
				c.failed++
				continue
			}
			c.answered++
			want := map[string]string{"T": "good", "F": "bad"}[asserted[l.File]]
			for field, value := range l.Values {
				own, ok := ours[l.File][field]
				switch {
				case !ok || want == "":
				case own == value:
					c.same++
				case own == want:
					c.us++
				default:
					c.them++
					notes = append(notes, fmt.Sprintf("%s: %s says that the value in %q is %s, we that it is %s", l.File, l.Peer, field, value, own))
				}
			}
		}
		for _, peer := range slices.Sorted(maps.Keys(counts)) {
			c := counts[peer]
			r.say("| %s | %d | %d | %d | %d | %d |", peer, c.answered, c.failed, c.same, c.us, c.them)
		}
		if len(counts) == 0 {
			if failed == nil {
				failed = errors.New("it said nothing")
			}
			r.say("| %s | not run: %s | | | | |", name, strings.ReplaceAll(failed.Error(), "|", "/"))
		}
	}
	for _, n := range notes {
		r.say("\n%s", n)
	}
	return nil
}

// valueCodes are the findings that say that a value is not right, beside those about its place.
var valueCodes = map[string]bool{
	"hash-failure": true, "signature-failure": true, "attributes-not-der": true, "signature-fault": true, "timestamp-imprint": true,
	"timestamp-invalid": true, "cms-damaged": true, "value-damaged": true, "timestamp-token-damaged": true,
}

// ownValues is what our program says of the values in a file; a signature of which it does not say is left out.
func (r *run) ownValues(file string) map[string]string {
	out, _ := r.command(nil, r.absah, "verify", "--offline", "--json", file) // the exit code speaks of trust too
	var report struct {
		Signatures []struct {
			Field    string `json:"field"`
			Level    string `json:"level"`
			Findings []struct {
				Code  string `json:"code"`
				Level string `json:"level"`
			} `json:"findings"`
		} `json:"signatures"`
	}
	values := map[string]string{}
	if json.Unmarshal(out, &report) != nil {
		return values
	}
	for _, s := range report.Signatures {
		value := "good"
		// A document time-stamp's token is its value; that of a signature is another matter.
		token := s.Level == "DOCUMENT-TIMESTAMP"
		for _, f := range s.Findings {
			switch {
			case f.Code == "algorithm-unsupported" || f.Code == "signing-certificate-missing":
				value = "" // we do not say
			case value == "" || strings.HasPrefix(f.Code, "timestamp-") && !token || f.Level != "fail" && !strings.HasPrefix(f.Code, "timestamp-"):
			case valueCodes[f.Code] || strings.HasPrefix(f.Code, "byterange-") || strings.HasPrefix(f.Code, "gap-") || strings.HasPrefix(f.Code, "contents-"):
				value = "bad"
			}
		}
		if value != "" {
			values[s.Field] = value
		}
	}
	return values
}
