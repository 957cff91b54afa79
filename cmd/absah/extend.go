package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"absah/fetch"
	"absah/pades"
)

type extendCmd struct {
	openFlags

	Level     string   `enum:"b-t,b-lt,b-lta" default:"b-lta" help:"Level to reach: b-t, b-lt or b-lta."`
	TSA       string   `name:"tsa" required:"" placeholder:"URL" help:"Time-stamp authority."`
	Out       string   `placeholder:"DIR" help:"Folder for the extended files (default: beside the original)."`
	Suffix    string   `default:"_extend" help:"Added to the name of the extended file."`
	Overwrite bool     `help:"Replace extended files that exist."`
	Files     []string `arg:"" name:"file" help:"Signed PDF files or folders."`
}

// Help is shown below the flags.
func (extendCmd) Help() string {
	return "Adds what is missing, and renews a file that has everything: run it before the last time-stamp's certificate expires.\n\n" +
		"  absah extend --tsa https://tsa.contoh.go.id/ surat_sign.pdf"
}

// Run extends the files, each on its own.
func (c *extendCmd) Run(ctx context.Context) error {
	jobs, err := plan(c.Files, c.Out, c.Suffix, c.Overwrite)
	if err != nil {
		return err
	}
	client := fetch.New(fetch.Options{AllowPrivate: true})
	o := pades.ExtendOptions{Level: pades.Level(strings.ToUpper(c.Level)), Timestamper: client.TSA(c.TSA), Fetcher: client}
	if err := c.apply(&o.Open); err != nil {
		return err
	}
	failed := 0
	for _, j := range jobs {
		if err := c.one(ctx, o, j); err != nil {
			failed++
			say("error: %s: %v", j.in, err)
			continue
		}
		fmt.Println(j.out)
	}
	if ctx.Err() != nil {
		return exitStatus(exitInterrupted)
	}
	if failed > 0 {
		return exitStatus(exitError)
	}
	return nil
}

func (c *extendCmd) one(ctx context.Context, o pades.ExtendOptions, j job) error {
	f, size, err := open(j.in)
	if err != nil {
		return err
	}
	defer f.Close()
	o.Time = time.Now()
	return atomically(j.out, f, c.Overwrite, func(w *os.File) error {
		return pades.Extend(ctx, w, f, size, o)
	})
}
