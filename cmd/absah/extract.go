package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"absah/pades"
)

type extractCmd struct {
	openFlags

	Revision string `required:"" placeholder:"SIGNATURE" help:"Field name of the signature, or its number in the answer of absah verify."`
	Out      string `placeholder:"FILE" help:"Where to write, - for standard output (default: NAME_versi-N.pdf beside the file)."`
	File     string `arg:"" name:"file" help:"Signed PDF file."`
}

// Help is shown below the flags.
func (extractCmd) Help() string {
	return "Writes the document as it was when that signature was made: what was added later is left out. An existing file is\n" +
		"never written over. Exit status 0 when written, 1 otherwise.\n\n" +
		"  absah extract --revision 1 --out asli.pdf surat_sign.pdf"
}

// Run writes the bytes that the signature covers, its own value included.
func (c *extractCmd) Run(ctx context.Context) error {
	f, size, err := open(c.File)
	if err != nil {
		return err
	}
	defer f.Close()
	var o pades.GatherOptions
	if err := c.apply(&o.Open); err != nil {
		return err
	}
	e, err := pades.Gather(ctx, f, size, o)
	if err != nil {
		return fmt.Errorf("%s: %w", c.File, err)
	}
	number, s, err := c.signature(e)
	if err != nil {
		return err
	}
	n := s.SignedLength()
	if n == 0 || n > size {
		return fmt.Errorf("%s: signature %d %q does not cover a whole document, so that there is no version to write; see absah verify", c.File, number, s.Field)
	}
	signed := io.NewSectionReader(f, 0, n)
	if c.Out == "-" {
		_, err := io.Copy(os.Stdout, signed)
		return err
	}
	out := c.Out
	if out == "" {
		out = stem(c.File) + "_versi-" + strconv.Itoa(number) + filepath.Ext(c.File)
	}
	err = atomically(out, f, false, func(w *os.File) error {
		_, err := io.Copy(w, signed)
		return err
	})
	if _, ok := errors.AsType[existsError](err); ok {
		return fmt.Errorf("%s exists already; name another place with --out", out)
	}
	if err != nil {
		return err
	}
	fmt.Println(out)
	if n == size {
		say("nothing was added to %s after this signature; the copy is the whole file", c.File)
	}
	return nil
}

// signature finds the one that was asked for: by the name of its field, else by its number.
func (c *extractCmd) signature(e *pades.Evidence) (int, *pades.SignatureFacts, error) {
	if len(e.Signatures) == 0 {
		return 0, nil, fmt.Errorf("%s has no signature", c.File)
	}
	var names []string
	for i := range e.Signatures {
		if e.Signatures[i].Field == c.Revision {
			return i + 1, &e.Signatures[i], nil
		}
		names = append(names, fmt.Sprintf("%d %q", i+1, e.Signatures[i].Field))
	}
	if n, err := strconv.Atoi(c.Revision); err == nil && n >= 1 && n <= len(e.Signatures) {
		return n, &e.Signatures[n-1], nil
	}
	return 0, nil, fmt.Errorf("%s has no signature %q; it has %s", c.File, c.Revision, strings.Join(names, ", "))
}
