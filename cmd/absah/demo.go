package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"

	"absah/internal/app"
	"absah/pades"
)

type demoCmd struct {
	Dir    string   `default:"absah-demo" help:"Folder of the demo instance, made or opened again."`
	Listen string   `default:"127.0.0.1:8080" help:"Address to serve on."`
	Once   bool     `help:"Do everything and stop, instead of serving."`
	Files  []string `arg:"" optional:"" name:"file" help:"PDF files to sign; none: a sample letter."`
}

// Help is shown below the flags.
func (demoCmd) Help() string {
	return "Signed files go to DIR/signed, the root certificate to DIR/trust.pem.\n\n  absah demo --once surat.pdf && absah verify --trust absah-demo/trust.pem absah-demo/signed/surat_sign.pdf"
}

// Run makes the demo, registers the signer, signs, verifies, and serves.
func (c *demoCmd) Run(ctx context.Context) error {
	words := func(format string, args ...any) { fmt.Printf(format+"\n", args...) }
	words("Absah demo in %s. Everything here is invented; never use it for anything real.", c.Dir)
	d, err := app.StartDemo(ctx, app.DemoOptions{
		Dir: c.Dir, Listen: c.Listen, Draw: drawing(), Say: words, Log: slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn})),
	})
	if err != nil {
		return err
	}
	defer d.Close()
	if err := d.Register(ctx); err != nil {
		return err
	}
	files := c.Files
	if len(files) == 0 {
		letter, err := d.SampleLetter()
		if err != nil {
			return err
		}
		files = []string{letter}
	}
	signed, err := d.Sign(ctx, files)
	failed := 0
	for _, s := range signed {
		switch {
		case s.Err != nil:
			failed++
			say("error: %s: %v", s.In, s.Err)
		case s.Verdict != pades.Valid && s.Verdict != pades.ValidWithNotes:
			failed++
			say("error: %s: signed, but the verdict is %s", s.Out, s.Verdict)
		default:
			words("signed  %s  (%s, %s)", s.Out, s.Verdict, s.Level)
		}
	}
	if err != nil {
		return err
	}
	words("root    %s/trust.pem", c.Dir)
	if c.Once {
		if failed > 0 {
			return exitStatus(exitError)
		}
		return nil
	}
	words("\n%s  (mails of the demo: %s/dev/mail)", d.BaseURL(), d.BaseURL())
	for _, l := range d.LogIns() {
		words("  %s", l)
	}
	words("\nCtrl+C stops it.")
	d.Wait(ctx)
	return nil
}
