package main

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"

	"absah/pades"
	"absah/trust"
)

// large makes a document on the disk, signs it, and lets a process verify it three times.
func (c *benchCmd) large(ctx context.Context, write func(io.Writer) error) (*benchResult, error) {
	dir, err := os.MkdirTemp("", "absah-bench-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "signed.pdf")
	if err := signedFile(ctx, filepath.Join(dir, "plain.pdf"), path, write); err != nil {
		return nil, err
	}
	r := &benchResult{}
	var times []time.Duration
	for range 3 {
		out, took, peak, err := c.verifyProcess(ctx, path)
		if err != nil {
			return nil, err
		}
		// Nobody was named to trust: what counts is that the bytes were checked.
		if !bytes.Contains(out, []byte(`"integrity":true`)) {
			return nil, errors.New("the signed file does not verify")
		}
		times, r.PeakRSS = append(times, took), max(r.PeakRSS, peak)
	}
	r.spread(times)
	return r, nil
}

func signedFile(ctx context.Context, plain, signed string, write func(io.Writer) error) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	cert, chain, err := benchChain(key)
	if err != nil {
		return err
	}
	in, err := os.Create(plain)
	if err != nil {
		return err
	}
	defer os.Remove(plain)
	defer in.Close()
	if err := write(in); err != nil {
		return err
	}
	size, err := in.Seek(0, io.SeekCurrent)
	if err != nil {
		return err
	}
	out, err := os.Create(signed)
	if err != nil {
		return err
	}
	if err := pades.Sign(ctx, out, in, size, key, pades.SignOptions{Certificate: cert, Chain: chain, Time: time.Now()}); err != nil {
		out.Close()
		return err
	}
	return out.Close()
}

// verifyProcess lets this program verify a file in a process of its own. The peak is at least that of the process that started it,
// which is kept small here: a new process has the memory of the old one for a moment. Any verdict will do, and so does a refusal; a
// crash will not.
func (c *benchCmd) verifyProcess(ctx context.Context, path string) (out []byte, took time.Duration, peak int64, err error) {
	self, err := os.Executable()
	if err != nil {
		return nil, 0, 0, err
	}
	cmd := exec.CommandContext(ctx, self, "verify", "--offline", "--json", path)
	var stdout bytes.Buffer
	cmd.Stdout = &stdout
	start := time.Now()
	err = cmd.Run()
	took = time.Since(start)
	var exit *exec.ExitError
	if errors.As(err, &exit) && slices.Contains([]int{exitError, exitInvalid, exitIndeterminate, exitUnsigned}, exit.ExitCode()) {
		err = nil
	}
	if err != nil {
		return nil, 0, 0, fmt.Errorf("%s: %w", path, err)
	}
	return stdout.Bytes(), took, processPeak(cmd.ProcessState), nil
}

// files lists the files of a folder of the corpus; its notices are texts.
func (c *benchCmd) files(folder string) ([]string, error) {
	var out []string
	err := filepath.WalkDir(filepath.Join(c.Corpus, folder), func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() && filepath.Ext(path) != ".txt" {
			out = append(out, path)
		}
		return err
	})
	if err == nil && len(out) == 0 {
		err = fmt.Errorf("%s has no files", filepath.Join(c.Corpus, folder))
	}
	return out, err
}

// corpusSigned verifies what others signed: in this process, from memory, the median of three for each file. mutool beside it is a
// process for each file, which is how it is used.
func (c *benchCmd) corpusSigned(ctx context.Context) (*benchResult, error) {
	files, err := c.files("signed")
	if err != nil {
		return nil, err
	}
	policy := trust.Basic()
	policy.Time = time.Now()
	mutool, err := exec.LookPath("mutool")
	if err != nil {
		say("mutool is not installed; nothing to compare with")
	}
	var times, others []time.Duration
	for _, path := range files {
		b, err := os.ReadFile(path)
		if err != nil {
			return nil, pathError(err)
		}
		var three []time.Duration
		for range 3 {
			start := time.Now()
			// A document that does not open without its password is refused, which takes its time as well.
			if e, err := pades.Gather(ctx, bytes.NewReader(b), int64(len(b)), pades.GatherOptions{}); err == nil {
				pades.Judge(e, policy)
			}
			three = append(three, time.Since(start))
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		slices.Sort(three)
		times = append(times, median(three))
		if mutool != "" {
			start := time.Now()
			_ = exec.CommandContext(ctx, mutool, "sign", "-v", path).Run() // its verdict is not the question here
			others = append(others, time.Since(start))
		}
	}
	r := &benchResult{Files: len(files), PeakRSS: peakRSS()}
	r.spread(times)
	r.Max = times[len(times)-1].Seconds() * 1e3
	if len(others) > 0 {
		slices.Sort(others)
		r.Mutool = median(others).Seconds() * 1e3
	}
	return r, nil
}

// corpusAttacks lets a process verify each hostile file, and tells the longest time and the largest memory.
func (c *benchCmd) corpusAttacks(ctx context.Context) (*benchResult, error) {
	files, err := c.files("attacks")
	if err != nil {
		return nil, err
	}
	r := &benchResult{Files: len(files)}
	var times []time.Duration
	for _, path := range files {
		_, took, peak, err := c.verifyProcess(ctx, path)
		if err != nil {
			return nil, err
		}
		times, r.PeakRSS = append(times, took), max(r.PeakRSS, peak)
	}
	r.spread(times)
	r.Max = times[len(times)-1].Seconds() * 1e3
	return r, nil
}
