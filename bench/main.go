// Command bench measures this machine and writes docs/measured.md: build and test times, signing and verifying speed, large
// files, what other programs say about our signatures and how fast they make theirs. It is run by make measure.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
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
	quick := flag.Bool("quick", false, "leave out make demo and make test")
	peers := flag.Bool("peers", true, "let other programs judge and compete; they are installed from their package sources")
	absah := flag.String("absah", "", "program to measure; none: built from here")
	out := flag.String("o", filepath.Join("docs", "measured.md"), "where to write")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := measure(ctx, *absah, *quick, *peers, *out)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func measure(ctx context.Context, absah string, quick, peers bool, out string) error {
	work, err := os.MkdirTemp("", "absah-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	r := &run{ctx: ctx, work: work, absah: absah}
	if absah == "" {
		r.absah = filepath.Join(work, "absah")
		if _, err := r.command(nil, "go", "build", "-trimpath", "-o", r.absah, "./cmd/absah"); err != nil {
			return err
		}
	}
	r.say("# Measured\n\nWritten by `make measure` (`go run ./bench`; `-quick` leaves out builds and tests, `-peers=false` the peers). Compare figures of one machine only.\n")
	r.machine()
	for _, section := range []struct {
		name string
		skip bool
		do   func() error
	}{
		{"From a clean clone", quick, r.builds},
		{"Speed", false, r.speed},
		{"Large files", false, r.large},
		{"Other programs", !peers, r.peers},
		{"Corpus", false, r.corpus},
	} {
		r.say("\n## %s\n", section.name)
		if section.skip {
			r.say("Not run this time.")
			continue
		}
		fmt.Fprintln(os.Stderr, "bench:", section.name)
		if err := section.do(); err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			r.say("Not measured: %v", err)
		}
	}
	if err := os.MkdirAll(filepath.Dir(out), 0o755); err != nil {
		return err
	}
	return os.WriteFile(out, []byte(r.doc.String()), 0o644)
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
