// Command absah signs and verifies PDF documents and runs the trust service around them.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"
	"unicode"

	"github.com/alecthomas/kong"
)

// version is set by the linker for releases.
var version = "0.1.0-dev"

// Exit codes are a contract (house rules of the command line): 2 stays unused, because a crash of a Go program exits with
// it and must never read as a verdict; 80 is kong's own for wrong usage.
const (
	exitOK            = 0
	exitError         = 1
	exitInvalid       = 10
	exitIndeterminate = 11
	exitUnsigned      = 12
	exitInterrupted   = 130
)

type cli struct {
	Demo    demoCmd    `cmd:"" help:"Make a demo instance, run one registration, sign and verify, then serve it."`
	Serve   serveCmd   `cmd:"" help:"Serve an instance."`
	Sign    signCmd    `cmd:"" help:"Sign PDF files, or all PDF files of a folder."`
	Verify  verifyCmd  `cmd:"" help:"Check the signatures of PDF files."`
	Extend  extendCmd  `cmd:"" help:"Add time-stamp and validation data to signed PDF files."`
	Extract extractCmd `cmd:"" help:"Write a signed PDF file as it was when it was signed."`
	Bench   benchCmd   `cmd:"" help:"Measure this machine."`
	Draw    drawCmd    `cmd:"" name:"draw-page" hidden:""`
	Version versionCmd `cmd:"" help:"Print the version."`
}

// exitStatus ends the program with a code after everything worth saying was said.
type exitStatus int

func (e exitStatus) Error() string { return fmt.Sprintf("exit status %d", int(e)) }

// softMemory is what the garbage collector aims to stay under on files that ask for more than honest ones do.
const softMemory = 200 << 20

func main() {
	debug.SetMemoryLimit(softMemory)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:])
	if ctx.Err() != nil && code != exitOK {
		code = exitInterrupted
	}
	stop()
	os.Exit(code)
}

func run(ctx context.Context, args []string) int {
	var c cli
	k, err := kong.New(&c,
		kong.Name("absah"),
		kong.Description("Electronic signatures for PDF: sign, verify, and the trust service behind them."),
		kong.UsageOnError(),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Vars{"lang": language()},
	)
	if err != nil {
		panic(err)
	}
	kctx, err := k.Parse(args)
	if err != nil {
		k.FatalIfErrorf(err)
	}
	err = kctx.Run()
	var status exitStatus
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &status):
		return int(status)
	}
	say("error: %v", err)
	return exitError
}

// say writes words for people on standard error; results go to standard output. Messages repeat names out of documents and answers
// of servers, so nothing in them may steer the terminal.
func say(format string, args ...any) {
	text := strings.Map(func(r rune) rune {
		if r == '\n' || unicode.IsPrint(r) {
			return r
		}
		return -1
	}, fmt.Sprintf(format, args...))
	fmt.Fprintln(os.Stderr, "absah: "+text)
}

type versionCmd struct{}

// Run prints the version.
func (versionCmd) Run() error {
	fmt.Println("absah", version)
	return nil
}
