package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// suites are the tests that write the parts of docs/conformance.md, in its order.
var suites = []struct {
	title, file, pkg, test, intro string
}{
	{
		"NIST PKITS", "pkits", "./trust", "TestPKITS",
		"Path validation (RFC 5280 §6) on the Public Key Interoperability Test Suite, with revocation required.",
	},
	{
		"x509-limbo", "limbo", "./trust", "TestLimbo",
		"Its core cases. A case is declared out only where it expects a rule of the CA/Browser Forum for web servers; one that is declared out and comes out as expected fails the test.",
	},
	{
		"Forged and hostile files", "attacks", "./pades", "TestCorpusAttacks",
		"Each must be judged as its class asks, for a named reason that is not trust, within its time and memory.",
	},
	{
		"Signed files: asserted facts", "signed", "./pades", "TestCorpusSigned",
		"Facts that the makers of the files, EU DSS or pyHanko assert, against what we find. A fact on which we differ needs its reason.",
	},
	{
		"Signed files: precision", "precision", "./pades", "TestCorpusSigned",
		"What honest files are told.",
	},
	{
		"Other programs on the same files", "differential", "./pades", "TestDifferential",
		"pdfsig and mutool on every file of the corpus: is there a signature, is its value right, does it cover the whole document, was something added later. Each difference is explained by a rule, not by the file; an unexplained one fails the test.",
	},
}

// conformance writes docs/conformance.md from runs of the tests, which hold all expectations.
func (r *run) conformance(args []string) error {
	flags := flag.NewFlagSet("conformance", flag.ContinueOnError)
	peers := flags.Bool("peers", true, "let pyHanko and EU DSS judge the corpus; they are installed from their package sources")
	out := flags.String("o", filepath.Join("docs", "conformance.md"), "where to write")
	if err := flags.Parse(args); err != nil {
		return err
	}
	r.say("# Conformance\n\nWritten by `go run ./bench conformance` (`make conformance`); nothing here is typed by hand. The expectations stand in the tests named below, which `make test` runs too; the public test files are found through `ABSAH_CORPUS`.\n")
	r.machine()
	ran := map[string]error{}
	failed := 0
	var list []section
	for _, s := range suites {
		list = append(list, section{s.title, false, func() error {
			err, done := ran[s.test]
			if !done {
				_, err = r.command([]string{"ABSAH_SECTIONS=" + r.work}, "go", "test", "-count=1", "-timeout=30m", "-run", "^"+s.test+"$", s.pkg)
				ran[s.test] = err
			}
			text, missing := os.ReadFile(r.path(s.file + ".md"))
			if missing != nil {
				if err == nil {
					err = errors.New("no corpus beside the project: ABSAH_CORPUS names its folder")
				}
				failed++
				return err
			}
			r.say("%s\n\n%s\nAgain: `go test -count=1 -v -run '^%s$' %s`.", s.intro, bytes.TrimSpace(text), s.test, s.pkg)
			if err != nil {
				failed++
				r.say("\n**The test failed:** %v", err)
			}
			return nil
		}})
	}
	list = append(list,
		section{"pyHanko and EU DSS on the same files", !*peers, r.peersOnCorpus},
		section{"Random manipulations", false, func() error { return r.lastManipulations(filepath.Dir(*out)) }},
	)
	if err := r.sections(list); err != nil {
		return err
	}
	if err := r.write(*out); err != nil {
		return err
	}
	if failed > 0 {
		return fmt.Errorf("%d parts failed or could not be run: see %s", failed, *out)
	}
	return nil
}

// lastManipulations tells what the last run of bench manipulations found, which takes too long to be made again here.
func (r *run) lastManipulations(dir string) error {
	b, err := os.ReadFile(filepath.Join(dir, "manipulations.md"))
	if err != nil {
		return errors.New("no run yet: go run ./bench manipulations")
	}
	for paragraph := range strings.SplitSeq(string(b), "\n\n") {
		if strings.Contains(paragraph, "random manipulations of") {
			r.say("A grammar appends revisions to signed documents of many kinds, allowed ones and forged ones, and changes bytes. Forged ones must never be accepted, allowed ones never be refused; and whatever a production is meant to do, a copy of the document made without the rules under test tells whether it still shows the same.\n")
			r.say("%s\n\nBy production: [manipulations.md](manipulations.md). Again: `go run ./bench manipulations -n 1000000`; a few thousand are part of `make test`.", paragraph)
			return nil
		}
	}
	return errors.New("manipulations.md has no result")
}
