package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"absah/fetch"
	"absah/pades"

	"golang.org/x/term"
)

type signCmd struct {
	keyFlags
	openFlags

	Level      string        `enum:"b-b,b-t,b-lt,b-lta" default:"b-b" help:"b-b, b-t (time-stamp), b-lt (and validation data) or b-lta (and archive time-stamp)."`
	TSA        string        `name:"tsa" placeholder:"URL" help:"Time-stamp authority, for b-t and above."`
	TSATimeout time.Duration `name:"tsa-timeout" default:"15s" help:"How long one request to it may take."`
	Visible    string        `enum:"default,invisible,image" default:"invisible" help:"default (a card with name and time), invisible or image."`
	Image      string        `type:"existingfile" help:"PNG or JPEG for --visible image."`
	Position   string        `default:"kanan-bawah" help:"kiri-atas, kanan-atas, kiri-bawah, kanan-bawah or X,Y,W,H in points from the lower left."`
	Page       string        `default:"last" help:"first, last, all or a number."`
	Field      string        `help:"Name of an empty signature field, or of the new one."`
	Reason     string        `help:"Why it is signed."`
	Location   string        `help:"Where it is signed."`
	Contact    string        `help:"How to reach the signer."`
	Certify    int           `help:"Certify: 1 no changes, 2 form filling and signing, 3 annotations too."`
	Title      string        `help:"The signer's position, shown on the card."`
	Out        string        `placeholder:"DIR" help:"Folder for the signed files (default: beside the original)."`
	Suffix     string        `default:"_sign" help:"Added to the name of the signed file."`
	Overwrite  bool          `help:"Replace signed files that exist."`
	Jobs       int           `default:"2" help:"Files signed at the same time."`
	JSON       bool          `name:"json" help:"One JSON object a file on standard output."`
	Files      []string      `arg:"" name:"file" help:"PDF files or folders."`
}

// Help is shown below the flags.
func (signCmd) Help() string {
	return "Writes NAME_sign.pdf beside each file. Exit status 0 when all were signed, 1 otherwise.\n\n" +
		"  absah sign --p12 saya.p12 --level b-lt --tsa https://tsa.contoh.go.id/ surat.pdf"
}

type signResult struct {
	File  string `json:"file"`
	Out   string `json:"out,omitempty"`
	Error string `json:"error,omitempty"`
}

// Run signs the files, each on its own: one that cannot be signed is reported and stops nothing.
func (c *signCmd) Run(ctx context.Context) error {
	collectLess()
	opts, err := c.options()
	if err != nil {
		return err
	}
	jobs, err := plan(c.Files, c.Out, c.Suffix, c.Overwrite)
	if err != nil {
		return err
	}
	key, err := c.load()
	if err != nil {
		return err
	}
	opts.Certificate, opts.Chain = key.certificate, key.chain
	if err := c.apply(&opts.Open); err != nil {
		return err
	}
	if opts.Level != pades.LevelB {
		if c.TSA == "" {
			return errors.New("--level b-t and above need a time-stamp authority: give its address with --tsa")
		}
		client := fetch.New(fetch.Options{AllowPrivate: true, Timeout: c.TSATimeout})
		opts.Timestamper, opts.Fetcher = client.TSA(c.TSA), client
	}
	bar := newProgress(os.Stderr, len(jobs))
	defer bar.done()
	var (
		mu     sync.Mutex
		failed int
		wg     sync.WaitGroup
		queue  = make(chan job)
	)
	for range max(1, c.Jobs) {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for j := range queue {
				err := c.one(ctx, key, opts, j)
				mu.Lock()
				r := signResult{File: j.in, Out: j.out}
				if err != nil {
					failed++
					r.Out, r.Error = "", err.Error()
					bar.clear()
					say("error: %s: %v", j.in, err)
				}
				if c.JSON {
					_ = json.NewEncoder(os.Stdout).Encode(r)
				} else if err == nil && !bar.active {
					fmt.Println(j.out)
				}
				bar.step(failed)
				mu.Unlock()
			}
		}()
	}
feed:
	for _, j := range jobs {
		select {
		case queue <- j:
		case <-ctx.Done():
			break feed
		}
	}
	close(queue)
	wg.Wait()
	bar.done()
	if ctx.Err() != nil {
		return exitStatus(exitInterrupted)
	}
	if len(jobs) > 1 {
		say("%d signed, %d not", len(jobs)-failed, failed)
	}
	if failed > 0 {
		return exitStatus(exitError)
	}
	return nil
}

func (c *signCmd) one(ctx context.Context, key *signingKey, o pades.SignOptions, j job) error {
	f, size, err := open(j.in)
	if err != nil {
		return err
	}
	defer f.Close()
	o.Time = time.Now()
	return atomically(j.out, f, c.Overwrite, func(w *os.File) error {
		return pades.Sign(ctx, w, f, size, key.signer, o)
	})
}

func (c *signCmd) options() (pades.SignOptions, error) {
	o := pades.SignOptions{
		Level: pades.Level(strings.ToUpper(c.Level)), Field: c.Field, Reason: c.Reason, Location: c.Location, Contact: c.Contact, Certify: c.Certify,
	}
	if c.Visible == "invisible" {
		if c.Image != "" {
			return o, errors.New("--image needs --visible image")
		}
		return o, nil
	}
	a := &pades.Appearance{Position: c.Title}
	if c.Visible == "image" {
		if c.Image == "" {
			return o, errors.New("--visible image needs a picture: name it with --image")
		}
		b, err := os.ReadFile(c.Image)
		if err != nil {
			return o, pathError(err)
		}
		a.Kind, a.Image = pades.AppearanceImage, b
	}
	if err := c.position(a); err != nil {
		return o, err
	}
	switch c.Page {
	case "first":
		a.Page = pades.FirstPage
	case "last":
		a.Page = pades.LastPage
	case "all":
		a.Page = pades.AllPages
	default:
		n, err := strconv.Atoi(c.Page)
		if err != nil || n < 1 {
			return o, fmt.Errorf("--page %s is none of first, last, all or a page number", c.Page)
		}
		a.Page = n
	}
	o.Appearance = a
	return o, nil
}

var corners = map[string]pades.Corner{
	"kiri-atas": pades.UpperLeft, "kanan-atas": pades.UpperRight, "kiri-bawah": pades.LowerLeft, "kanan-bawah": pades.LowerRight,
}

func (c *signCmd) position(a *pades.Appearance) error {
	corner, ok := corners[c.Position]
	if ok {
		a.Corner = corner
		return nil
	}
	parts := strings.Split(c.Position, ",")
	bad := fmt.Errorf("--position %s is neither a corner (kiri-atas, kanan-atas, kiri-bawah, kanan-bawah) nor X,Y,W,H in points", c.Position)
	if len(parts) != 4 {
		return bad
	}
	for i, p := range parts {
		n, err := strconv.ParseFloat(strings.TrimSpace(p), 64)
		if err != nil {
			return bad
		}
		a.Rect[i] = n
	}
	if a.Rect[2] <= 0 || a.Rect[3] <= 0 {
		return fmt.Errorf("--position %s: width and height must be above zero", c.Position)
	}
	return nil
}

// progress is one line on a terminal; anywhere else it says nothing.
type progress struct {
	w       io.Writer
	total   int
	n       int
	active  bool
	started time.Time
}

func newProgress(w *os.File, total int) *progress {
	return &progress{w: w, total: total, active: total > 1 && term.IsTerminal(int(w.Fd())), started: time.Now()}
}

func (p *progress) step(failed int) {
	p.n++
	if !p.active {
		return
	}
	const width = 30
	full := width * p.n / p.total
	left := time.Since(p.started) / time.Duration(p.n) * time.Duration(p.total-p.n)
	fmt.Fprintf(p.w, "\r\x1b[K[%s%s] %d/%d", strings.Repeat("#", full), strings.Repeat(".", width-full), p.n, p.total)
	if failed > 0 {
		fmt.Fprintf(p.w, ", %d failed", failed)
	}
	if left >= time.Second {
		fmt.Fprintf(p.w, ", %s left", left.Round(time.Second))
	}
}

func (p *progress) clear() {
	if p.active {
		fmt.Fprint(p.w, "\r\x1b[K")
	}
}

func (p *progress) done() {
	if p.active {
		fmt.Fprintln(p.w)
		p.active = false
	}
}
