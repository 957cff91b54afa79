package main

import (
	"bufio"
	"errors"
	"os"

	"absah/internal/picture"
)

// drawCmd is what serve and demo start as a child: a PDF on standard input, the picture of its first page on standard output.
type drawCmd struct {
	Cache string `arg:"" help:"Folder of the compiled library."`
}

// Run draws.
func (c *drawCmd) Run() error {
	w := bufio.NewWriter(os.Stdout)
	return errors.Join(picture.Child(c.Cache, os.Stdin, w), w.Flush())
}

// drawing is the command line of that child: this program again.
func drawing() []string {
	self, err := os.Executable()
	if err != nil {
		return nil // the forms then do not offer it
	}
	return []string{self, "draw-page"}
}
