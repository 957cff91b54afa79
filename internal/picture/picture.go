// Package picture draws the first page of a PDF. The drawing runs in a child process of our own program, which has the document on
// its standard input, bounded time and memory, and a PDF library inside a WebAssembly machine that sees no file and no network; of what
// comes back nothing is believed before it was decoded and encoded again.
package picture

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"image/png"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"
)

// A page is drawn to fit A4 at 96 dots an inch, where the small print of a letter can still be read.
const (
	maxWidth  = 794
	maxHeight = 1123
)

const (
	maxDocument = 64 << 20 // of the PDF
	maxText     = 1 << 20  // of the text on the page; what is over is not looked at
	maxAnswer   = 4 + maxText + 4*maxWidth*maxHeight + 1<<16
	// The library is compiled when it is drawn with for the first time, which takes seconds on a fast machine.
	maxTime = 90 * time.Second
	quality = 60 // of the JPEG: text stays clear, and a letter takes about 100 KB
)

// Painter starts the children.
type Painter struct {
	Command []string // of the child, which calls Child with the folder that is added as last argument
	Cache   string   // folder of the compiled library, private to the instance
}

// FirstPage draws the first page of a document as a JPEG, and gives the text that stands on it.
func (p *Painter) FirstPage(ctx context.Context, pdf io.Reader) (picture []byte, text string, err error) {
	if err := os.MkdirAll(p.Cache, 0o700); err != nil {
		return nil, "", err
	}
	ctx, cancel := context.WithTimeout(ctx, maxTime)
	defer cancel()
	cmd := exec.CommandContext(ctx, p.Command[0], append(p.Command[1:len(p.Command):len(p.Command)], p.Cache)...)
	out, words := &bounded{max: maxAnswer}, &bounded{max: 4 << 10}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = io.LimitReader(pdf, maxDocument+1), out, words
	cmd.Env, cmd.Dir, cmd.WaitDelay = []string{"GOTRACEBACK=none"}, p.Cache, time.Second
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		line, _, _ := strings.Cut(strings.TrimSpace(words.String()), "\n")
		return nil, "", fmt.Errorf("draw the first page: %w (%s)", err, line)
	}
	return answer(out.Bytes())
}

// answer reads what a child wrote: the length of the text in four bytes, the text, a PNG.
func answer(b []byte) (picture []byte, text string, err error) {
	if len(b) < 4 {
		return nil, "", errors.New("the child drew nothing")
	}
	n := binary.BigEndian.Uint32(b)
	if b = b[4:]; n > maxText || int(n) > len(b) {
		return nil, "", errors.New("the child wrote no text")
	}
	text, b = string(b[:n]), b[n:]
	c, err := png.DecodeConfig(bytes.NewReader(b))
	if err != nil {
		return nil, "", err
	}
	if c.Width < 1 || c.Height < 1 || c.Width > maxWidth || c.Height > maxHeight {
		return nil, "", fmt.Errorf("the child drew %d by %d", c.Width, c.Height)
	}
	img, err := png.Decode(bytes.NewReader(b))
	if err != nil {
		return nil, "", err
	}
	page := image.NewRGBA(img.Bounds())
	draw.Draw(page, page.Bounds(), image.NewUniform(color.White), image.Point{}, draw.Src)
	draw.Draw(page, page.Bounds(), img, img.Bounds().Min, draw.Over)
	var out bytes.Buffer
	if err := jpeg.Encode(&out, page, &jpeg.Options{Quality: quality}); err != nil {
		return nil, "", err
	}
	return out.Bytes(), text, nil
}

// bounded keeps what is written up to a size; a write over it fails, which ends the child. Standard error is only cut.
type bounded struct {
	bytes.Buffer
	max int
}

var errTooMuch = errors.New("the child writes too much")

func (b *bounded) Write(p []byte) (int, error) {
	if b.Len()+len(p) > b.max {
		return 0, errTooMuch
	}
	return b.Buffer.Write(p)
}
