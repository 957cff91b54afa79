package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"
)

func (r *run) machine() {
	cpu := "unknown processor"
	if b, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range strings.Lines(string(b)) {
			if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
				cpu = strings.TrimSpace(value)
				break
			}
		}
	}
	load := ""
	if b, err := os.ReadFile("/proc/loadavg"); err == nil {
		load = ", load " + strings.Fields(string(b))[0] + " at the start"
	}
	r.say("%s, %d cores, %s/%s, %s, %s%s.", cpu, runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, runtime.Version(), time.Now().UTC().Format("2 January 2006"), load)
}

// usage is what a process cost.
type usage struct {
	wall time.Duration
	peak int64 // bytes resident
}

// command runs a program and returns its standard output and its cost. An error ends with the last line of what it said.
func (r *run) command(env []string, name string, args ...string) ([]byte, error) {
	out, _, err := r.cost(env, name, args...)
	return out, err
}

func (r *run) cost(env []string, name string, args ...string) ([]byte, usage, error) {
	cmd := exec.CommandContext(r.ctx, name, args...)
	cmd.Env = append(os.Environ(), env...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	start := time.Now()
	err := cmd.Run()
	u := usage{wall: time.Since(start)}
	if cmd.ProcessState != nil {
		if ru, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
			u.peak = ru.Maxrss << 10
		}
	}
	if err != nil {
		err = fmt.Errorf("%s: %w: %s", filepath.Base(name), err, lastLine(stderr.Bytes(), stdout.Bytes()))
	}
	return stdout.Bytes(), u, err
}

func lastLine(outputs ...[]byte) string {
	for _, b := range outputs {
		lines := strings.Split(strings.TrimSpace(string(b)), "\n")
		if last := strings.TrimSpace(lines[len(lines)-1]); last != "" {
			return last
		}
	}
	return "it said nothing"
}

// builds times the two commands of the README with an empty and with a filled build cache.
func (r *run) builds() error {
	cache := "GOCACHE=" + filepath.Join(r.work, "gocache")
	r.say("| command | cold | warm |\n|---|---|---|")
	var failed []error
	for _, c := range []struct {
		name string
		args []string
	}{
		{"`make demo` (until the letter is signed: `ARGS=--once`)", []string{"demo", "ARGS=--once --dir " + filepath.Join(r.work, "demo")}},
		{"`make test`", []string{"test"}},
	} {
		var took [2]string
		for i := range took {
			_, u, err := r.cost([]string{cache}, "make", c.args...)
			took[i] = seconds(u.wall)
			if err != nil {
				took[i] = "failed after " + took[i]
				failed = append(failed, err)
			}
			os.RemoveAll(filepath.Join(r.work, "demo"))
		}
		r.say("| %s | %s | %s |", c.name, took[0], took[1])
	}
	r.say("\nCold: an empty `GOCACHE`, modules already downloaded. Again: `GOCACHE=$(mktemp -d) make test`. Warm test results come from Go's cache.")
	return errors.Join(failed...)
}
