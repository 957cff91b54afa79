package main

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"fmt"
	"io"
	"math/big"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"absah/internal/letter"
	"absah/internal/sample"
	"absah/pades"
	"absah/trust"
)

type benchCmd struct {
	What     string        `arg:"" enum:"sign,verify" help:"sign or verify."`
	Cases    []string      `arg:"" optional:"" name:"case" help:"Only these cases."`
	Duration time.Duration `default:"3s" help:"How long a case is repeated."`
	Corpus   string        `placeholder:"DIR" type:"existingdir" env:"ABSAH_CORPUS" help:"Folder with signed and attacks, files of others to verify."`
	JSON     bool          `name:"json" help:"One JSON object a case."`
}

// Help is shown below the flags.
func (benchCmd) Help() string {
	return "One core. The ceiling is the bare cryptography and hashing of the same work, measured in the same run.\n" +
		"Files on the disk are verified by a process each, whose memory is told.\n\n  absah bench sign\n  absah bench verify signatures-100"
}

// collectLess is for the verbs that work through files with a few megabytes of memory: by default they would collect garbage for
// every four megabytes, which costs more than what it saves.
func collectLess() { debug.SetGCPercent(400) }

// benchResult is one case. What does not apply is left out.
type benchResult struct {
	Bench     string  `json:"bench"`
	Case      string  `json:"case"`
	Files     int     `json:"files,omitempty"`
	PerSecond float64 `json:"perSecond"`
	Ceiling   float64 `json:"ceilingPerSecond,omitempty"`
	Ratio     float64 `json:"ratio,omitempty"` // of the ceiling
	P50       float64 `json:"p50ms"`
	P99       float64 `json:"p99ms"`
	Max       float64 `json:"maxms,omitempty"`
	Mutool    float64 `json:"mutoolP50ms,omitempty"` // mutool sign -v on the same files, a process each
	PeakRSS   int64   `json:"peakRSS,omitempty"`     // bytes; of the largest process where there are several
}

func (r *benchResult) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%-7s %-16s", r.Bench, r.Case)
	if r.Files > 0 {
		fmt.Fprintf(&b, " %8d files   ", r.Files)
	} else {
		fmt.Fprintf(&b, " %8.1f/s", r.PerSecond)
	}
	if r.Ceiling > 0 {
		fmt.Fprintf(&b, "  ceiling %8.1f/s  ratio %.2f", r.Ceiling, r.Ratio)
	}
	fmt.Fprintf(&b, "  p50 %.3f ms  p99 %.3f ms", r.P50, r.P99)
	if r.Max > 0 {
		fmt.Fprintf(&b, "  most %.0f ms", r.Max)
	}
	if r.Mutool > 0 {
		fmt.Fprintf(&b, "  mutool p50 %.3f ms (%.2f)", r.Mutool, r.P50/r.Mutool)
	}
	if r.PeakRSS > 0 {
		fmt.Fprintf(&b, "  peak %d MB", r.PeakRSS>>20)
	}
	return b.String()
}

// spread fills in what a list of times tells.
func (r *benchResult) spread(times []time.Duration) {
	slices.Sort(times)
	r.PerSecond = 1 / median(times).Seconds()
	r.P50, r.P99 = median(times).Seconds()*1e3, times[len(times)*99/100].Seconds()*1e3
}

// benchCase is measured on demand.
type benchCase struct {
	name string
	run  func(context.Context) (*benchResult, error)
}

func (c *benchCmd) cases() []benchCase {
	bare := func(name string, signatures int, key func() (crypto.Signer, error)) benchCase {
		return benchCase{name, func(ctx context.Context) (*benchResult, error) {
			k, err := key()
			if err != nil {
				return nil, err
			}
			return c.bare(ctx, signatures, k)
		}}
	}
	p256 := func() (crypto.Signer, error) { return ecdsa.GenerateKey(elliptic.P256(), rand.Reader) }
	rsa2048 := func() (crypto.Signer, error) { return rsa.GenerateKey(rand.Reader, 2048) }
	list := []benchCase{bare("p256-50k", 1, p256), bare("rsa2048-50k", 1, rsa2048)}
	if c.What == "verify" {
		list = append(list,
			bare("signatures-10", 10, p256), bare("signatures-100", 100, p256),
			benchCase{"pages-10000", func(ctx context.Context) (*benchResult, error) {
				return c.large(ctx, func(w io.Writer) error { return sample.Pages(w, 10_000) })
			}},
			benchCase{"stream-500m", func(ctx context.Context) (*benchResult, error) {
				return c.large(ctx, func(w io.Writer) error { return sample.Large(w, 500<<20) })
			}},
			benchCase{corpusCase + "signed", c.corpusSigned}, benchCase{corpusCase + "attacks", c.corpusAttacks})
	}
	return list
}

// Run measures and prints. Each case has a process of its own, so that the memory told is that of the case.
func (c *benchCmd) Run(ctx context.Context) error {
	list := c.cases()
	for _, name := range c.Cases {
		if !slices.ContainsFunc(list, func(b benchCase) bool { return b.name == name }) {
			return fmt.Errorf("%s has no case %s", c.What, name)
		}
	}
	for _, b := range list {
		if len(c.Cases) > 0 && !slices.Contains(c.Cases, b.name) {
			continue
		}
		if c.Corpus == "" && strings.HasPrefix(b.name, corpusCase) {
			say("%s: left out without --corpus", b.name)
			continue
		}
		r, err := c.measure(ctx, b)
		if err != nil {
			return fmt.Errorf("%s: %w", b.name, err)
		}
		if !c.JSON {
			fmt.Println(r)
		} else if err := json.NewEncoder(os.Stdout).Encode(r); err != nil {
			return err
		}
	}
	return nil
}

// measure does a case here when it is the only one that was asked for, else in another process.
func (c *benchCmd) measure(ctx context.Context, b benchCase) (*benchResult, error) {
	if len(c.Cases) == 1 {
		runtime.GOMAXPROCS(1)
		collectLess()
		r, err := b.run(ctx)
		if r != nil {
			r.Bench, r.Case = c.What, b.name
		}
		return r, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	args := []string{"bench", c.What, b.name, "--json", "--duration", c.Duration.String()}
	if c.Corpus != "" {
		args = append(args, "--corpus", c.Corpus)
	}
	cmd := exec.CommandContext(ctx, self, args...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, err
	}
	r := &benchResult{}
	return r, json.Unmarshal(out, r)
}

// bare measures against what the work cannot do without: a document of 50 KB with this many signatures at B-B, all by one key.
func (c *benchCmd) bare(ctx context.Context, signatures int, key crypto.Signer) (*benchResult, error) {
	doc, err := (letter.Letter{Date: time.Date(2027, 1, 12, 9, 30, 0, 0, time.UTC)}).Padded(50 << 10)
	if err != nil {
		return nil, err
	}
	cert, chain, err := benchChain(key)
	if err != nil {
		return nil, err
	}
	o := pades.SignOptions{Certificate: cert, Chain: chain, Time: time.Now()}
	var out bytes.Buffer
	sign := func() error {
		out.Reset()
		return pades.Sign(ctx, &out, bytes.NewReader(doc), int64(len(doc)), key, o)
	}
	for i := range signatures {
		if i > 0 {
			doc = bytes.Clone(out.Bytes())
		}
		if err := sign(); err != nil {
			return nil, err
		}
	}
	work, bare := sign, bareSign(key, out.Bytes())
	if c.What == "verify" {
		signed := bytes.Clone(out.Bytes())
		root, err := trust.ParseCertificate(chain[len(chain)-1])
		if err != nil {
			return nil, err
		}
		policy := trust.Basic()
		policy.Time, policy.Anchors, policy.Revocation = time.Now(), []trust.Anchor{{Certificate: root, Kind: trust.AnchorGiven}}, trust.RevocationIgnored
		policy.CARevocation = trust.RevocationIgnored
		work = func() error {
			e, err := pades.Gather(ctx, bytes.NewReader(signed), int64(len(signed)), pades.GatherOptions{})
			if err != nil {
				return err
			}
			r := pades.Judge(e, policy)
			if len(r.Signatures) != signatures {
				return fmt.Errorf("the bench document has %d signatures", len(r.Signatures))
			}
			for _, s := range r.Signatures {
				if s.Indication != pades.TotalPassed {
					return fmt.Errorf("the bench document is %s %s", s.Indication, s.SubIndication)
				}
			}
			return nil
		}
		// Each signature, and each certificate below the root once.
		bare = bareVerify(key, signed, signatures+len(chain))
	}
	// The two take turns, so that whatever else the machine does meets both.
	var times, ceiling []time.Duration
	for start := time.Now(); (time.Since(start) < c.Duration || len(times) == 0) && ctx.Err() == nil; {
		t0 := time.Now()
		if err := work(); err != nil {
			return nil, err
		}
		t1 := time.Now()
		if err := bare(); err != nil {
			return nil, err
		}
		times, ceiling = append(times, t1.Sub(t0)), append(ceiling, time.Since(t1))
	}
	if len(times) == 0 {
		return nil, ctx.Err()
	}
	slices.Sort(ceiling)
	r := &benchResult{Ceiling: 1 / median(ceiling).Seconds(), PeakRSS: peakRSS()}
	r.spread(times)
	r.Ratio = r.PerSecond / r.Ceiling
	return r, nil
}

// corpusCase begins the names of the cases that need the files of others.
const corpusCase = "corpus-"

func median(d []time.Duration) time.Duration { return d[len(d)/2] }

// bareSign is what signing cannot do without: hashing the document, one signature, and one verification because what we hand
// out is checked first.
func bareSign(key crypto.Signer, doc []byte) func() error {
	return func() error {
		sum := sha256.Sum256(doc)
		sig, err := key.Sign(rand.Reader, sum[:], crypto.SHA256)
		if err != nil {
			return err
		}
		return bareCheck(key, sum[:], sig)
	}
}

// bareVerify hashes the document once and checks as many signature values as must be checked.
func bareVerify(key crypto.Signer, doc []byte, values int) func() error {
	sum := sha256.Sum256(doc)
	sig, err := key.Sign(rand.Reader, sum[:], crypto.SHA256)
	return func() error {
		if err != nil {
			return err
		}
		sum := sha256.Sum256(doc)
		for range values {
			if err := bareCheck(key, sum[:], sig); err != nil {
				return err
			}
		}
		return nil
	}
}

func bareCheck(key crypto.Signer, sum, sig []byte) error {
	switch pub := key.Public().(type) {
	case *ecdsa.PublicKey:
		if !ecdsa.VerifyASN1(pub, sum, sig) {
			return fmt.Errorf("the bare signature does not verify")
		}
		return nil
	case *rsa.PublicKey:
		return rsa.VerifyPKCS1v15(pub, crypto.SHA256, sum, sig)
	}
	return fmt.Errorf("no bare check for this key")
}

// benchChain certifies the key under an issuing CA and a root of the same kind of key.
func benchChain(key crypto.Signer) (cert []byte, chain [][]byte, err error) {
	now := time.Now()
	make := func(cn string, serial int64, ca bool, pub crypto.PublicKey, parent *x509.Certificate, by crypto.Signer) (*x509.Certificate, error) {
		c := &x509.Certificate{
			SerialNumber: big.NewInt(serial), Subject: pkix.Name{Country: []string{"ID"}, Organization: []string{"Absah"}, CommonName: cn},
			NotBefore: now.Add(-time.Hour), NotAfter: now.AddDate(1, 0, 0), BasicConstraintsValid: true, IsCA: ca, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageContentCommitment,
		}
		if ca {
			c.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageCRLSign
		}
		if parent == nil {
			parent = c
		}
		der, err := x509.CreateCertificate(rand.Reader, c, parent, pub, by)
		if err != nil {
			return nil, err
		}
		return x509.ParseCertificate(der)
	}
	root, err := make("Akar Ukur", 1, true, key.Public(), nil, key)
	if err != nil {
		return nil, nil, err
	}
	issuing, err := make("Penerbit Ukur", 2, true, key.Public(), root, key)
	if err != nil {
		return nil, nil, err
	}
	leaf, err := make("Penanda Tangan Ukur", 3, false, key.Public(), issuing, key)
	if err != nil {
		return nil, nil, err
	}
	return leaf.Raw, [][]byte{issuing.Raw, root.Raw}, nil
}

// peakRSS reads the largest resident size of this process, where the system tells it.
func peakRSS() int64 {
	f, err := os.Open("/proc/self/status")
	if err != nil {
		return 0
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, 64<<10))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(b)) {
		var kb int64
		if n, _ := fmt.Sscanf(line, "VmHWM: %d kB", &kb); n == 1 {
			return kb << 10
		}
	}
	return 0
}
