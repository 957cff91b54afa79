package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

// manipulated is what TestManipulations of pades found in one batch, or in several.
type manipulated struct {
	Seed                            uint64
	Bases, Made, Appended, Drawn    int
	WronglyAccepted, WronglyRefused int
	Kinds                           map[string]*manipulatedKind
	Finds                           []string
}

// manipulatedKind is what became of the manipulations of one kind.
type manipulatedKind struct {
	Want                                string
	Made, Valid, Noted, Refused, Unread int
	WronglyAccepted, WronglyRefused     int
}

func (m *manipulated) add(o manipulated) {
	m.Bases = max(m.Bases, o.Bases)
	m.Made += o.Made
	m.Appended += o.Appended
	m.Drawn += o.Drawn
	m.WronglyAccepted += o.WronglyAccepted
	m.WronglyRefused += o.WronglyRefused
	m.Finds = append(m.Finds, o.Finds...)
	for name, k := range o.Kinds {
		sum := m.Kinds[name]
		if sum == nil {
			sum = &manipulatedKind{Want: k.Want}
			m.Kinds[name] = sum
		}
		if sum.Want != k.Want {
			sum.Want = "as each is"
		}
		sum.Made += k.Made
		sum.Valid += k.Valid
		sum.Noted += k.Noted
		sum.Refused += k.Refused
		sum.Unread += k.Unread
		sum.WronglyAccepted += k.WronglyAccepted
		sum.WronglyRefused += k.WronglyRefused
	}
}

// batch is how many manipulations have one seed: so that a run can be interrupted, and goes on where it was.
const batch = 5_000

// manipulations runs TestManipulations of pades in batches and writes the sum.
func (r *run) manipulations(args []string) error {
	flags := flag.NewFlagSet("manipulations", flag.ContinueOnError)
	n := flags.Int("n", 1_000_000, "how many")
	seed := flags.Uint64("seed", 1, "seed of the first batch of 5,000; each further batch has the next one")
	keep := flags.String("keep", "", "folder for the batches that are done, to go on after an interruption; none: nothing is kept")
	out := flags.String("o", filepath.Join("docs", "manipulations.md"), "where to write")
	if err := flags.Parse(args); err != nil {
		return err
	}
	dir := r.work
	if *keep != "" {
		if err := os.MkdirAll(*keep, 0o755); err != nil {
			return err
		}
		var err error
		if dir, err = filepath.Abs(*keep); err != nil {
			return err
		}
	}
	test := r.path("pades.test")
	if _, err := r.command(nil, "go", "test", "-c", "-o", test, "./pades"); err != nil {
		return err
	}
	sum := manipulated{Seed: *seed, Kinds: map[string]*manipulatedKind{}}
	for s := *seed; sum.Made < *n; s++ {
		size := min(batch, *n-sum.Made)
		file := filepath.Join(dir, fmt.Sprintf("%d-%d.json", s, size))
		b, err := os.ReadFile(file)
		if errors.Is(err, os.ErrNotExist) {
			env := []string{fmt.Sprintf("ABSAH_MANIPULATIONS=%d", size), fmt.Sprintf("ABSAH_SEED=%d", s), "ABSAH_TABLE=" + file}
			_, failed := r.command(env, test, "-test.run=^TestManipulations$", "-test.timeout=12h")
			if r.ctx.Err() != nil {
				return r.ctx.Err()
			}
			if b, err = os.ReadFile(file); err != nil {
				return failed
			}
		}
		if err != nil {
			return err
		}
		var one manipulated
		if err := json.Unmarshal(b, &one); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		if one.Made == 0 {
			return fmt.Errorf("%s: nothing was made", file)
		}
		sum.add(one)
		for _, f := range one.Finds {
			fmt.Fprintln(os.Stderr, f)
		}
		fmt.Fprintf(os.Stderr, "bench: %d of %d, wrongly accepted %d, wrongly refused %d\n", sum.Made, *n, sum.WronglyAccepted, sum.WronglyRefused)
	}
	r.say("# Manipulations\n\nWritten by `go run ./bench manipulations`. What each production does and must be judged as stands in `pades/manipgrammar_test.go`.\n")
	r.machine()
	r.say("\n%d random manipulations of %d kinds of signed documents, seeds from %d; %d of them append revisions and leave every byte of the signed file as it was.", sum.Made, sum.Bases, sum.Seed, sum.Appended)
	r.say("Wrongly accepted: %d. Wrongly refused: %d. %d of the accepted ones were drawn by mutool and look as they did when they were signed.\n", sum.WronglyAccepted, sum.WronglyRefused, sum.Drawn)
	r.say("| what was done | must be | made | valid | with notes | refused | cannot be read | wrongly accepted | wrongly refused |\n|---|---|---|---|---|---|---|---|---|")
	var names []string
	for name := range sum.Kinds {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		k := sum.Kinds[name]
		r.say("| %s | %s | %d | %d | %d | %d | %d | %d | %d |", name, k.Want, k.Made, k.Valid, k.Noted, k.Refused, k.Unread, k.WronglyAccepted, k.WronglyRefused)
	}
	for _, f := range sum.Finds {
		r.say("\n```\n%s\n```", f)
	}
	if err := r.write(*out); err != nil {
		return err
	}
	if sum.WronglyAccepted+sum.WronglyRefused > 0 {
		return fmt.Errorf("%d manipulations were judged wrongly: see %s", sum.WronglyAccepted+sum.WronglyRefused, *out)
	}
	return nil
}
