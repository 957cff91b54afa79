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
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"absah/internal/letter"
	"absah/pades"
	"absah/trust"
)

type benchCmd struct {
	What     string        `arg:"" enum:"sign,verify" help:"sign or verify."`
	Duration time.Duration `default:"3s" help:"How long each case runs."`
	JSON     bool          `name:"json" help:"One JSON object a case."`
}

// Help is shown below the flags.
func (benchCmd) Help() string {
	return "One core. The ceiling is the bare cryptography and hashing of the same work, measured in the same run.\n\n  absah bench sign"
}

// collectLess is for the verbs that work through files with a few megabytes of memory: by default they would collect garbage for
// every four megabytes, which costs more than what it saves.
func collectLess() { debug.SetGCPercent(400) }

type benchResult struct {
	Bench     string  `json:"bench"`
	Case      string  `json:"case"`
	PerSecond float64 `json:"perSecond"`
	Ceiling   float64 `json:"ceilingPerSecond"`
	Ratio     float64 `json:"ratio"`
	P50       float64 `json:"p50ms"`
	P99       float64 `json:"p99ms"`
	PeakRSS   int64   `json:"peakRSS,omitempty"` // bytes
}

// Run measures and prints.
func (c *benchCmd) Run(ctx context.Context) error {
	runtime.GOMAXPROCS(1)
	collectLess()
	doc, err := (letter.Letter{Date: time.Date(2027, 1, 12, 9, 30, 0, 0, time.UTC)}).Padded(50 << 10)
	if err != nil {
		return err
	}
	p256, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	rsa2048, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return err
	}
	for _, k := range []struct {
		name string
		key  crypto.Signer
	}{{"p256-50k", p256}, {"rsa2048-50k", rsa2048}} {
		r, err := c.one(ctx, k.name, k.key, doc)
		if err != nil {
			return err
		}
		if c.JSON {
			if err := json.NewEncoder(os.Stdout).Encode(r); err != nil {
				return err
			}
			continue
		}
		fmt.Printf("%-7s %-12s %8.0f/s  ceiling %8.0f/s  ratio %.2f  p50 %.3f ms  p99 %.3f ms  peak %d MB\n", r.Bench, r.Case, r.PerSecond, r.Ceiling, r.Ratio, r.P50, r.P99, r.PeakRSS>>20)
	}
	return nil
}

func (c *benchCmd) one(ctx context.Context, name string, key crypto.Signer, doc []byte) (*benchResult, error) {
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
	if err := sign(); err != nil {
		return nil, err
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
			if r := pades.Judge(e, policy); r.Signatures[0].Indication != pades.TotalPassed {
				return fmt.Errorf("the bench document is %s %s", r.Signatures[0].Indication, r.Signatures[0].SubIndication)
			}
			return nil
		}
		bare = bareVerify(key, signed, len(chain))
	}
	// The two take turns, so that whatever else the machine does meets both.
	var times, ceiling []time.Duration
	for start := time.Now(); time.Since(start) < c.Duration && ctx.Err() == nil; {
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
	slices.Sort(times)
	slices.Sort(ceiling)
	r := &benchResult{Bench: c.What, Case: name, PerSecond: 1 / median(times).Seconds(), Ceiling: 1 / median(ceiling).Seconds(), PeakRSS: peakRSS()}
	r.Ratio = r.PerSecond / r.Ceiling
	r.P50, r.P99 = median(times).Seconds()*1e3, times[len(times)*99/100].Seconds()*1e3
	return r, nil
}

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

// bareVerify is one verification for the document and one for each certificate below the root, and hashing.
func bareVerify(key crypto.Signer, doc []byte, chain int) func() error {
	sum := sha256.Sum256(doc)
	sig, err := key.Sign(rand.Reader, sum[:], crypto.SHA256)
	return func() error {
		if err != nil {
			return err
		}
		sum := sha256.Sum256(doc)
		for range chain {
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
