package pades_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"absah/internal/testkit"
	"absah/pades"
	"absah/trust"
)

// candidate is a file of the corpus that is to be signed.
type candidate struct{ corpusRow }

// candidates are the unsigned files of the corpus; the test is skipped by name when it is missing.
func candidates(t *testing.T) []candidate {
	t.Helper()
	var out []candidate
	for _, r := range corpusRows(t, "unsigned") {
		r.name = strings.TrimPrefix(r.name, "unsigned/")
		out = append(out, candidate{r})
	}
	return out
}

func (c candidate) read(t *testing.T) []byte {
	t.Helper()
	b, err := os.ReadFile(c.path)
	if err != nil {
		t.Fatal(err)
	}
	if sum := sha256.Sum256(b); hex.EncodeToString(sum[:]) != c.sum {
		t.Fatal("the file is not the one in the manifest")
	}
	return b
}

func (c candidate) trait(names ...string) bool {
	for trait := range strings.SplitSeq(c.want["traits"], "|") {
		if slices.Contains(names, trait) {
			return true
		}
	}
	return false
}

// secret is one way to open a protected file.
type secret struct {
	open     pades.OpenOptions
	password string // for the tools
	owner    bool
}

// secret is the one that lets its holder sign: the user's where the permissions allow a new field or an empty field is there,
// else the owner's.
func (c candidate) secret(t *testing.T) secret {
	t.Helper()
	if c.want["credential"] != "" {
		return secret{open: pades.OpenOptions{Recipient: c.recipient(t)}}
	}
	user, owner := passwordOf(c.want["password_user"]), passwordOf(c.want["password_owner"])
	if c.want["user_may_add_field"] == "F" && c.want["password_owner"] != "" && !(c.want["user_may_sign_field"] == "T" && c.trait("sigfield")) {
		return secret{open: pades.OpenOptions{Password: owner}, password: owner, owner: true}
	}
	return secret{open: pades.OpenOptions{Password: user}, password: user}
}

func passwordOf(s string) string {
	if s == "(empty)" {
		return ""
	}
	if p, err := url.PathUnescape(s); err == nil {
		return p
	}
	return s
}

// recipient opens with a published key. Two rows of the manifest give the key without its certificate.
func (c candidate) recipient(t *testing.T) func([][]byte) ([]byte, error) {
	t.Helper()
	keyName, certName, _ := strings.Cut(c.want["credential"], "+")
	if strings.HasSuffix(c.name, "pubkey-ecc-test.pdf") {
		keyName = strings.Replace(keyName, "decrypter1", "decrypter3", 1) // the manifest names a key that does not fit
	}
	root := filepath.Join(filepath.Dir(c.path), "..", "..")
	out, err := exec.Command("openssl", "pkcs8", "-topk8", "-nocrypt", "-passin", "pass:secret", "-outform", "DER", "-in", filepath.Join(root, keyName)).Output()
	if err != nil {
		t.Skipf("openssl cannot read the key: %v", err)
	}
	key, err := x509.ParsePKCS8PrivateKey(out)
	if err != nil {
		t.Fatal(err)
	}
	var cert []byte
	if certName != "" {
		b, err := os.ReadFile(filepath.Join(root, certName))
		if err != nil {
			t.Fatal(err)
		}
		block, _ := pem.Decode(b)
		cert = block.Bytes
	}
	return pades.Recipient(cert, key)
}

// guarded is the PKI for several tests at once.
type guarded struct {
	mu sync.Mutex
	p  *testkit.PKI
}

func (g *guarded) Timestamp(ctx context.Context, h crypto.Hash, digest []byte) ([]byte, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.p.Timestamp(ctx, h, digest)
}

func (g *guarded) OCSP(ctx context.Context, url string, request []byte) ([]byte, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.p.OCSP(ctx, url, request)
}

func (g *guarded) CRL(ctx context.Context, url string) ([]byte, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.p.CRL(ctx, url)
}

func (g *guarded) Certificate(ctx context.Context, url string) ([]byte, error) {
	return g.p.Certificate(ctx, url)
}

var _ trust.Fetcher = (*guarded)(nil)

// judgeWith is the verdict on a document, with revocation data from the PKI where the document has none.
func judgeWith(t *testing.T, p *testkit.PKI, f trust.Fetcher, doc []byte, open pades.OpenOptions) *pades.Report {
	t.Helper()
	e, err := pades.Gather(context.Background(), bytes.NewReader(doc), int64(len(doc)), pades.GatherOptions{Open: open, Fetcher: f, Time: p.Now, Anchors: p.Anchors(t)})
	if err != nil {
		t.Fatalf("Gather: %v", err)
	}
	policy := trust.Basic()
	policy.Time, policy.Anchors = p.Now, p.Anchors(t)
	return pades.Judge(e, policy)
}

// TestSignCorpus signs every file that is to be signed, at three levels, and asks our judge and the tools which opened the
// original what they say about the result.
func TestSignCorpus(t *testing.T) {
	if testing.Short() {
		t.Skip("hundreds of runs of other programs")
	}
	files := candidates(t)
	p := testkit.NewPKI(t, nil)
	g := &guarded{p: p}
	tools := findTools(t, p)
	table := &table{}
	sem := make(chan struct{}, 2)
	t.Run("files", func(t *testing.T) {
		for _, c := range files {
			if c.want["must_sign"] == "no" {
				continue
			}
			t.Run(c.name, func(t *testing.T) {
				t.Parallel()
				sem <- struct{}{}
				defer func() { <-sem }()
				original := c.read(t)
				key := c.secret(t)
				before := tools.all(t, c.path, key)
				for _, level := range []pades.Level{pades.LevelB, pades.LevelT, pades.LevelLT} {
					signOne(t, c, tools, table, p, g, key, before, original, level)
				}
			})
		}
	})
	table.write(t)
}

// passed reports whether the verdict is the best that a level can have: without a time-stamp there is always a note about it.
func passed(r *pades.Report, level pades.Level) bool {
	if level != pades.LevelB {
		return r.Verdict == pades.Valid
	}
	for _, s := range r.Signatures {
		for _, f := range s.Findings {
			if f.Level != pades.Info && f.Code != "no-timestamp" {
				return false
			}
		}
	}
	return r.Verdict == pades.ValidWithNotes || r.Verdict == pades.Valid
}

func signOne(t *testing.T, c candidate, tools *tools, table *table, p *testkit.PKI, g *guarded, key secret, before []outcome, original []byte, level pades.Level) {
	t.Helper()
	o := options(p, level)
	o.Timestamper, o.Fetcher, o.Open = g, g, key.open
	line := row{file: c.name, level: level, ours: "-"}
	defer func() { table.add(line) }()
	for i := range before {
		line.cells = append(line.cells, before[i].mark()+" / -")
	}
	var out bytes.Buffer
	if err := pades.Sign(context.Background(), &out, bytes.NewReader(original), int64(len(original)), p.Signer.Key, o); err != nil {
		t.Errorf("%s: Sign: %v", level, err)
		line.ours = "not signed"
		return
	}
	if !bytes.HasPrefix(out.Bytes(), original) {
		t.Errorf("%s: the signed document does not begin with the original", level)
	}
	r := judgeWith(t, p, g, out.Bytes(), key.open)
	line.ours = string(r.Verdict)
	s := r.Signatures[len(r.Signatures)-1]
	if want := "PAdES-BASELINE-" + strings.TrimPrefix(string(level), "B-"); !passed(r, level) || s.Level != want {
		t.Errorf("%s: verdict %s, level %s, want valid, %s\n%s", level, r.Verdict, s.Level, want, dump(r))
	}
	if s.Modification != pades.ModificationNone && (level != pades.LevelLT || s.Modification != pades.ModificationLTA) {
		t.Errorf("%s: modification %s", level, s.Modification)
	}
	path := filepath.Join(t.TempDir(), "signed.pdf")
	if err := os.WriteFile(path, out.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	for i, after := range tools.all(t, path, key) {
		why := tools.refuses(i, before[i], after, level)
		if before[i].opened && why != "" {
			t.Errorf("%s: %s %s\nbefore (%d):\n%s\nafter (%d):\n%s", level, after.tool, why, before[i].status, before[i].text, after.status, after.text)
		}
		verdict := "accepts"
		switch {
		case why != "":
			verdict = "REFUSES"
		case !before[i].opened:
			verdict = "accepts (did not open the original)"
		}
		line.cells[i] = before[i].mark() + " / " + verdict
		if !before[i].opened && why != "" {
			line.cells[i] = before[i].mark() + " / -"
		}
	}
}

// TestRefuseCorpus meets the files that must not be signed.
func TestRefuseCorpus(t *testing.T) {
	p := testkit.NewPKI(t, nil)
	for _, c := range candidates(t) {
		if c.want["must_sign"] != "no" {
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			original := c.read(t)
			o := options(p, pades.LevelB)
			if c.want["password_user"] != "" {
				o.Open.Password = passwordOf(c.want["password_user"])
			}
			var out bytes.Buffer
			err := pades.Sign(context.Background(), &out, bytes.NewReader(original), int64(len(original)), p.Signer.Key, o)
			if err == nil {
				if c.want["refuse"] == "required" {
					t.Fatal("signed")
				}
				return
			}
			if out.Len() > 0 {
				t.Errorf("%d bytes written with %v", out.Len(), err)
			}
			if c.want["refuse"] == "required" {
				var permission *pades.PermissionError
				if !errors.As(err, &permission) && !errors.Is(err, pades.ErrPassword) {
					t.Errorf("Sign: %v, want *PermissionError or ErrPassword", err)
				}
			}
			if strings.TrimSpace(err.Error()) == "" {
				t.Error("an error without words")
			}
		})
	}
}

// outcome is what one tool said about one file.
type outcome struct {
	tool   string
	opened bool
	status int
	text   string
}

func (o outcome) mark() string {
	if o.opened {
		return "opens"
	}
	return "-"
}

// tools are programs that we did not write.
type tools struct {
	nss, pdfsig, mutool, qpdf string
}

func findTools(t *testing.T, p *testkit.PKI) *tools {
	t.Helper()
	x := &tools{nss: t.TempDir()}
	certutil, err := exec.LookPath("certutil")
	if err != nil {
		t.Skip("certutil is not here")
	}
	for name, at := range map[string]*string{"pdfsig": &x.pdfsig, "mutool": &x.mutool, "qpdf": &x.qpdf} {
		if *at, err = exec.LookPath(name); err != nil {
			t.Skipf("%s is not here", name)
		}
	}
	root := filepath.Join(x.nss, "root.pem")
	if err := os.WriteFile(root, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: p.Root.Certificate.Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"-N", "-d", "sql:" + x.nss, "--empty-password"}, {"-A", "-d", "sql:" + x.nss, "-n", "root", "-t", "CT,CT,CT", "-i", root}} {
		if out, err := exec.Command(certutil, args...).CombinedOutput(); err != nil {
			t.Fatalf("certutil: %v\n%s", err, out)
		}
	}
	return x
}

var toolNames = []string{"pdfsig", "mutool", "qpdf"}

// all runs each tool once.
func (x *tools) all(t *testing.T, path string, s secret) []outcome {
	t.Helper()
	return []outcome{x.runPdfsig(t, path, s), x.runMutool(t, path, s), x.runQpdf(t, path, s)}
}

func runTool(t *testing.T, path, name string, args ...string) outcome {
	t.Helper()
	cmd := exec.Command(name, append(args, path)...)
	b, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatalf("%s: %v", name, err)
	}
	return outcome{tool: filepath.Base(name), status: cmd.ProcessState.ExitCode(), text: strings.ReplaceAll(string(b), path, "FILE")}
}

func (x *tools) runPdfsig(t *testing.T, path string, s secret) outcome {
	args := []string{"-no-ocsp", "-nssdir", x.nss}
	if s.password != "" {
		flag := "-upw"
		if s.owner {
			flag = "-opw"
		}
		args = append(args, flag, s.password)
	}
	o := runTool(t, path, x.pdfsig, args...)
	o.opened = o.status == 0 || o.status == 2 // 2: no signatures
	return o
}

func (x *tools) runMutool(t *testing.T, path string, s secret) outcome {
	args := []string{"sign", "-v"}
	if s.password != "" {
		args = append(args, "-p", s.password)
	}
	o := runTool(t, path, x.mutool, args...)
	// A file that does not begin with its header is repaired before its size is taken, and every ByteRange then "extends past end of
	// file" (pdf_load_version, MuPDF 1.21): such a file is opened for reading, but no signature on it can be verified.
	o.opened = o.status == 0 && !strings.Contains(o.text, "cannot authenticate password") && !strings.Contains(o.text, "aborting process") &&
		!strings.Contains(o.text, "cannot recognize version marker")
	return o
}

func (x *tools) runQpdf(t *testing.T, path string, s secret) outcome {
	args := []string{"--check"}
	if s.password != "" {
		args = append(args, "--password="+s.password)
	}
	o := runTool(t, path, x.qpdf, args...)
	o.opened = o.status == 0 || o.status == 3 // 3: with warnings
	return o
}

// refuses says why a tool does not accept what was signed, "" when it does.
func (x *tools) refuses(i int, before, after outcome, level pades.Level) string {
	switch toolNames[i] {
	case "pdfsig":
		return pdfsigRefuses(after, level)
	case "mutool":
		return mutoolRefuses(after, level)
	}
	return qpdfRefuses(before, after)
}

func pdfsigRefuses(after outcome, level pades.Level) string {
	n := strings.Count(after.text, "Signature Validation:")
	switch {
	case after.status != 0 || n == 0:
		return "finds no signature"
	case strings.Count(after.text, "Signature Validation: Signature is Valid") != n:
		return "finds an invalid signature"
	case strings.Count(after.text, "Certificate Validation: Certificate is Trusted") != n:
		return "does not trust the certificate"
	case level != pades.LevelLT && !strings.Contains(after.text, "Total document signed"):
		return "does not find the total document signed"
	}
	return ""
}

func mutoolRefuses(after outcome, level pades.Level) string {
	n := strings.Count(after.text, "Verifying signature") - strings.Count(after.text, "Signature is not signed.") // less the empty fields
	switch {
	case after.status != 0 || n == 0:
		return "finds no signature"
	case strings.Contains(after.text, "Digest error"):
		return "finds an invalid signature"
	case strings.Count(after.text, "unchanged since signing")+strings.Count(after.text, "The signature is valid but there have been edits") != n:
		return "does not call it valid"
	case level != pades.LevelLT && !strings.HasSuffix(strings.TrimSpace(after.text), "unchanged since signing."):
		return "finds edits after the last signature"
	}
	return ""
}

// warningPlace is where a warning of qpdf is about: the end of the file moves, and what it called the hint stream is an object like others
// once the file is no longer linearized.
var warningPlace = regexp.MustCompile(` \([^()]*\)`)

func qpdfRefuses(before, after outcome) string {
	if before.status == 0 && after.status != 0 || after.status != 0 && after.status != 3 {
		return fmt.Sprintf("ends with %d, not %d", after.status, before.status)
	}
	known := map[string]bool{}
	for l := range strings.Lines(before.text) {
		known[warningPlace.ReplaceAllString(l, "")] = true
	}
	for l := range strings.Lines(after.text) {
		if strings.HasPrefix(l, "WARNING") && !known[warningPlace.ReplaceAllString(l, "")] {
			return "has a new warning: " + l
		}
	}
	return ""
}

// table is what each tool says about each file, for the folder of figures; ABSAH_TABLE names where it goes.
type table struct {
	mu   sync.Mutex
	rows []row
}

type row struct {
	file  string
	level pades.Level
	ours  string
	cells []string
}

func (x *table) add(r row) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.rows = append(x.rows, r)
}

func (x *table) write(t *testing.T) {
	t.Helper()
	slices.SortFunc(x.rows, func(a, b row) int { return strings.Compare(a.file+string(a.level), b.file+string(b.level)) })
	type sum struct{ opened, accepted int }
	sums := map[pades.Level][]sum{}
	valid, all := map[pades.Level]int{}, map[pades.Level]int{}
	var b strings.Builder
	b.WriteString("| file | level | ours | pdfsig before / after | mutool before / after | qpdf before / after |\n|---|---|---|---|---|---|\n")
	for _, r := range x.rows {
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", r.file, r.level, r.ours, strings.Join(r.cells, " | "))
		if sums[r.level] == nil {
			sums[r.level] = make([]sum, len(toolNames))
		}
		all[r.level]++
		if strings.HasPrefix(r.ours, string(pades.Valid)) {
			valid[r.level]++
		}
		for i, c := range r.cells {
			if strings.HasPrefix(c, "opens") {
				sums[r.level][i].opened++
				if strings.HasSuffix(c, "accepts") {
					sums[r.level][i].accepted++
				}
			}
		}
	}
	for _, level := range []pades.Level{pades.LevelB, pades.LevelT, pades.LevelLT} {
		if all[level] == 0 {
			continue
		}
		line := fmt.Sprintf("%s: ours valid %d of %d", level, valid[level], all[level])
		for i, s := range sums[level] {
			line += fmt.Sprintf("; %s accepts %d of %d that it opened", toolNames[i], s.accepted, s.opened)
		}
		t.Log(line)
		b.WriteString("\n" + line + "\n")
	}
	if path := os.Getenv("ABSAH_TABLE"); path != "" {
		if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// protect encrypts a document with passwords and what its user may not do, as qpdf's options say.
func protect(t *testing.T, doc []byte, user, owner string, forbid ...string) []byte {
	t.Helper()
	qpdf, err := exec.LookPath("qpdf")
	if err != nil {
		t.Skip("qpdf is not here")
	}
	dir := t.TempDir()
	in, out := filepath.Join(dir, "in.pdf"), filepath.Join(dir, "out.pdf")
	if err := os.WriteFile(in, doc, 0o600); err != nil {
		t.Fatal(err)
	}
	args := append([]string{"--encrypt", user, owner, "256"}, forbid...)
	if b, err := exec.Command(qpdf, append(args, "--", in, out)...).CombinedOutput(); err != nil {
		t.Fatalf("qpdf: %v\n%s", err, b)
	}
	b, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
