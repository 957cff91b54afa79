// Command bench measures this machine and writes docs/measured.md: build and test times, signing and verifying speed, large
// files, what other programs say about our signatures and how fast they make theirs. It is run by make measure.
//
//	bench conformance     writes docs/conformance.md: test suites, the corpus, and where other programs say something else
//	bench manipulations   writes docs/manipulations.md: a million random manipulations of signed documents
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// run is one measurement of everything.
type run struct {
	ctx   context.Context
	work  string // scratch folder, emptied at the end
	absah string // the program measured
	doc   strings.Builder
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	if len(os.Args) > 1 {
		if do := map[string]func(*run, []string) error{"conformance": (*run).conformance, "manipulations": (*run).manipulations}[os.Args[1]]; do != nil {
			exit(stop, scratch(ctx, "", func(r *run) error { return do(r, os.Args[2:]) }))
		}
	}
	quick := flag.Bool("quick", false, "leave out make demo and make test")
	peers := flag.Bool("peers", true, "let other programs judge and compete; they are installed from their package sources")
	absah := flag.String("absah", "", "program to measure; none: built from here")
	only := flag.String("only", "", "measure this section anew and keep the others as they are in the file")
	out := flag.String("o", filepath.Join("docs", "measured.md"), "where to write")
	flag.Parse()
	exit(stop, scratch(ctx, *absah, func(r *run) error { return r.measure(*quick, *peers, *only, *out) }))
}

func exit(stop func(), err error) {
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

// scratch gives a run its folder.
func scratch(ctx context.Context, absah string, do func(*run) error) error {
	work, err := os.MkdirTemp("", "absah-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	return do(&run{ctx: ctx, work: work, absah: absah})
}

// build makes the program to measure, unless one was given.
func (r *run) build() error {
	if r.absah != "" {
		return nil
	}
	r.absah = r.path("absah")
	_, err := r.command(nil, "go", "build", "-trimpath", "-o", r.absah, "./cmd/absah")
	return err
}

// section is a part of a document that is written.
type section struct {
	name string
	skip bool
	do   func() error
}

// sections writes one after the other. One that fails says so in its place; the others are still worth having.
func (r *run) sections(list []section) error {
	for _, s := range list {
		r.say("\n## %s\n", s.name)
		if s.skip {
			r.say("Not run this time.")
			continue
		}
		fmt.Fprintln(os.Stderr, "bench:", s.name)
		if err := s.do(); err != nil {
			if r.ctx.Err() != nil {
				return r.ctx.Err()
			}
			r.say("Not measured: %v", err)
		}
	}
	return nil
}

func (r *run) measure(quick, peers bool, only, out string) error {
	if err := r.build(); err != nil {
		return err
	}
	r.say("# Measured\n\nWritten by `make measure` (`go run ./bench`; `-quick` leaves out builds and tests, `-peers=false` the peers). Compare figures of one machine only.\n")
	r.machine()
	list := []section{
		{"From a clean clone", quick, r.builds},
		{"Speed", false, r.speed},
		{"Large files", false, r.large},
		{"Verifying files of others", false, r.others},
		{"In the browser", false, r.browser},
		{"Other programs", !peers, r.peers},
		{"Corpus", false, r.corpus},
	}
	if only != "" {
		return r.anew(list, only, out)
	}
	if err := r.sections(list); err != nil {
		return err
	}
	return r.write(out)
}

// write puts what was said into a file.
func (r *run) write(out string) error {
	if err := os.MkdirAll(filepath.Dir(out), 0o755); err != nil {
		return err
	}
	return os.WriteFile(out, []byte(r.doc.String()), 0o644)
}

// anew measures one section and puts it in the place of the old one, or at the end.
func (r *run) anew(sections []section, name, out string) error {
	i := slices.IndexFunc(sections, func(s section) bool { return s.name == name })
	if i < 0 {
		return fmt.Errorf("there is no section %q", name)
	}
	old, err := os.ReadFile(out)
	if err != nil {
		return err
	}
	r.doc.Reset()
	r.machine()
	r.say("")
	if err := sections[i].do(); err != nil {
		return err
	}
	parts := strings.Split(string(old), "\n## ")
	part := name + "\n\n" + r.doc.String()
	if k := slices.IndexFunc(parts, func(p string) bool { return strings.HasPrefix(p, name+"\n") }); k >= 0 {
		parts[k] = part
	} else {
		parts = append(parts, part)
	}
	return os.WriteFile(out, []byte(strings.Join(parts, "\n## ")), 0o644)
}

func (r *run) say(format string, args ...any) {
	fmt.Fprintf(&r.doc, format+"\n", args...)
}

// seconds is a duration as the tables show it.
func seconds(d time.Duration) string {
	if d < 10*time.Second {
		return fmt.Sprintf("%.2f s", d.Seconds())
	}
	return fmt.Sprintf("%.0f s", d.Seconds())
}
