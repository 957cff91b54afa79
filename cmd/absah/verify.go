package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"absah/fetch"
	"absah/pades"
	"absah/trust"
)

type verifyCmd struct {
	openFlags

	Trust   []string `placeholder:"FILE" type:"existingfile" help:"Trust anchors: certificates (PEM, DER) or a trust package (JSON)."`
	At      string   `placeholder:"RFC3339" help:"Judge as of this time instead of now."`
	Policy  string   `enum:"basic,strict,archival" default:"basic" help:"basic, strict or archival; see above."`
	Offline bool     `help:"Ask nobody on the network."`
	Changes bool     `name:"show-changes" help:"List each change made after a signature."`
	Report  []string `sep:"none" placeholder:"FILE" help:"Write a report: FILE.html, FILE.pdf or FILE.xml (ETSI TS 119 102-2). Can be given several times."`
	Package string   `placeholder:"FILE.zip" help:"Write a package of all evidence about one document, which openssl can check."`
	JSON    bool     `name:"json" help:"One JSON object a file on standard output."`
	Lang    string   `enum:"id,en" default:"${lang}" help:"Language of the answer, id or en."`
	Files   []string `arg:"" name:"file" help:"PDF files."`

	SignaturePolicy map[string]string `placeholder:"OID=FILE" help:"Document of a signature policy that a signer may have named."`
}

// Help is shown below the flags.
func (verifyCmd) Help() string {
	return "Policies: basic is for everyday use. strict wants revocation data for every certificate, the signer's at most a day\n" +
		"old, certificates that keep to their profile, and the document of a signature policy that the signer named.\n" +
		"archival wants proof by time-stamps that what expired authorities signed is older than their end. All three use\n" +
		"every time-stamp that is valid to prove when a signature existed.\n\n" +
		"A report holds all files that were checked, in their order, each on a page of its own; also those that could not be read.\n" +
		"A package holds one document with its reports, certificates, revocation data and time-stamps, for a court or an auditor:\n" +
		"README.txt in it tells how to check everything without this program. No file is ever written over.\n\n" +
		"Exit status: 0 every file is valid or valid with notes, 1 the question could not be answered, 10 invalid,\n" +
		"11 indeterminate, 12 no signature (the worst file decides), 80 wrong usage, 130 interrupted.\n\n" +
		"  absah verify --trust root.pem --report laporan.pdf surat_sign.pdf"
}

// Run judges each file and exits with the worst verdict.
func (c *verifyCmd) Run(ctx context.Context) error {
	collectLess()
	policy, err := c.policy()
	if err != nil {
		return err
	}
	var opts pades.GatherOptions
	if err := c.apply(&opts.Open); err != nil {
		return err
	}
	if !c.Offline {
		opts.Fetcher = fetch.New(fetch.Options{AllowPrivate: true})
	}
	opts.Time, opts.Anchors = policy.Time, policy.Anchors
	out, err := newReports(c.Report, c.Package, c.Files)
	if err != nil {
		return err
	}
	worst := exitOK
	for _, path := range c.Files {
		report, err := c.one(ctx, path, opts, policy, out)
		if ctx.Err() != nil {
			return exitStatus(exitInterrupted)
		}
		if err != nil {
			say("error: %s: %v", path, err)
			out.unread(path, err)
			worst = worse(worst, exitError)
			continue
		}
		if c.JSON {
			line, err := report.JSON()
			if err != nil {
				return err
			}
			if _, err := os.Stdout.Write(line); err != nil {
				return err
			}
		} else {
			fmt.Print(pades.Words(report, pades.Language(c.Lang)))
		}
		worst = worse(worst, verdictStatus(report.Verdict))
	}
	if err := out.write(pades.Language(c.Lang), time.Now()); err != nil {
		return err
	}
	if worst != exitOK {
		return exitStatus(worst)
	}
	return nil
}

func (c *verifyCmd) policy() (trust.Policy, error) {
	p, err := trust.PolicyNamed(c.Policy)
	if err != nil {
		return p, err
	}
	p.Time = time.Now()
	if c.At != "" {
		if p.Time, err = time.Parse(time.RFC3339, c.At); err != nil {
			return p, fmt.Errorf("--at %s is not a time such as 2027-01-12T09:30:00+07:00", c.At)
		}
	}
	for _, path := range c.Trust {
		b, err := os.ReadFile(path)
		if err != nil {
			return p, pathError(err)
		}
		anchors, err := trust.ParseAnchors(b, trust.AnchorGiven)
		if err != nil {
			return p, fmt.Errorf("%s: %w", path, err)
		}
		p.Anchors = append(p.Anchors, anchors...)
	}
	p.SignaturePolicies = map[string][]byte{}
	for oid, path := range c.SignaturePolicy {
		if p.SignaturePolicies[oid], err = os.ReadFile(path); err != nil {
			return p, pathError(err)
		}
	}
	return p, nil
}

func (c *verifyCmd) one(ctx context.Context, path string, o pades.GatherOptions, p trust.Policy, out *reports) (*pades.Report, error) {
	f, size, err := open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	e, err := pades.Gather(ctx, f, size, o)
	if err != nil {
		return nil, err
	}
	r := pades.Judge(e, p)
	r.File = path
	if c.Changes {
		r.ShowChanges(e)
	}
	return r, out.add(f, size, r, e)
}

func verdictStatus(v pades.Verdict) int {
	switch v {
	case pades.Valid, pades.ValidWithNotes:
		return exitOK
	case pades.Invalid:
		return exitInvalid
	case pades.Indeterminate:
		return exitIndeterminate
	case pades.Unsigned:
		return exitUnsigned
	}
	return exitError
}

// worse orders exit codes by how bad they are: a forged file is worse than one without a signature, and not to know is worse
// than both, because a script must never take it for an answer.
func worse(a, b int) int {
	rank := map[int]int{exitOK: 0, exitUnsigned: 1, exitIndeterminate: 2, exitInvalid: 3, exitError: 4}
	if rank[b] > rank[a] {
		return b
	}
	return a
}

// language is Indonesian unless the user's environment asks for English.
func language() string {
	for _, key := range []string{"ABSAH_LANG", "LC_ALL", "LC_MESSAGES", "LANG"} {
		switch v := os.Getenv(key); {
		case v == "":
		case strings.HasPrefix(v, "en"):
			return "en"
		case strings.HasPrefix(v, "id"):
			return "id"
		}
	}
	return "id"
}
