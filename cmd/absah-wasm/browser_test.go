//go:build unix

package main_test

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/csv"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"absah/internal/answer"
	"absah/internal/headless"
	"absah/internal/report"
	"absah/internal/testkit"
	"absah/pades"
	"absah/trust"
)

const root = "../.." // of the module

// judgedAt is when the documents of others are judged.
var judgedAt = time.Date(2026, 8, 1, 0, 0, 0, 0, time.UTC)

// built is the verifier for the browser, compiled once for all tests.
var built = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "absah-wasm-")
	if err != nil {
		return "", err
	}
	return dir, headless.Build(context.Background(), root, dir)
})

func TestMain(m *testing.M) {
	code := m.Run()
	if dir, err := built(); err == nil || dir != "" {
		os.RemoveAll(dir)
	}
	os.Exit(code)
}

func build(t *testing.T) string {
	t.Helper()
	dir, err := built()
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// browse asks the browser, or skips the test where there is none.
func browse(t *testing.T, requests []headless.Request) []headless.Answer {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	r, err := headless.Run(ctx, build(t), requests)
	if errors.Is(err, headless.ErrNoBrowser) {
		t.Skip("chromium is not installed: the verifier was not tried in a browser")
	}
	if err != nil {
		t.Fatal(err)
	}
	return r.Answers
}

// commandLine is what absah verify says about the same documents.
type commandLine struct{ program, dir string }

func newCommandLine(t *testing.T) *commandLine {
	t.Helper()
	c := &commandLine{dir: t.TempDir()}
	c.program = filepath.Join(c.dir, "absah")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", c.program, "./cmd/absah")
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	return c
}

// verify returns what goes to the two outputs for documents that are asked about in the same way. The exit code tells of verdicts,
// which the outputs tell as well.
func (c *commandLine) verify(t *testing.T, how headless.Request, names []string, args ...string) (out, said string) {
	t.Helper()
	args = append([]string{"verify", "--offline", "--at", how.At}, args...)
	for i, a := range how.Anchors {
		path := filepath.Join(c.dir, fmt.Sprintf("trust-%d", i))
		if err := os.WriteFile(path, a, 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, "--trust", path)
	}
	if how.Policy != "" {
		args = append(args, "--policy", how.Policy)
	}
	if how.Password != "" {
		secret := filepath.Join(c.dir, "password")
		if err := os.WriteFile(secret, []byte(how.Password), 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, "--password-file", secret)
	}
	cmd := exec.CommandContext(t.Context(), c.program, append(args, names...)...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	var exit *exec.ExitError
	if err := cmd.Run(); err != nil && (!errors.As(err, &exit) || exit.ExitCode() == 2) {
		t.Fatalf("absah verify: %v\n%s", err, stderr.Bytes())
	}
	return stdout.String(), stderr.String()
}

// compare holds the browser's answers against the command line's, byte for byte.
func (c *commandLine) compare(t *testing.T, requests []headless.Request, answers []headless.Answer) {
	t.Helper()
	type way struct{ anchors, at, policy, password string }
	groups := map[way][]int{}
	for i, q := range requests {
		w := way{string(bytes.Join(q.Anchors, nil)), q.At, q.Policy, q.Password}
		groups[w] = append(groups[w], i)
	}
	for _, group := range groups {
		var names []string
		var report, said, id, en strings.Builder
		for _, i := range group {
			name, a := requests[i].Name, answers[i]
			names = append(names, name)
			report.WriteString(a.Report)
			id.WriteString(a.Words["id"])
			en.WriteString(a.Words["en"])
			if a.Error != nil {
				fmt.Fprintf(&said, "absah: error: %s: %s\n", name, a.Error.Message)
			}
		}
		how := requests[group[0]]
		wantReport, wantSaid := c.verify(t, how, names, "--json")
		sameLines(t, "report", report.String(), wantReport)
		sameLines(t, "errors", said.String(), wantSaid)
		wantID, _ := c.verify(t, how, names, "--lang", "id")
		sameLines(t, "words in Indonesian", id.String(), wantID)
		wantEN, _ := c.verify(t, how, names, "--lang", "en")
		sameLines(t, "words in English", en.String(), wantEN)
	}
}

func sameLines(t *testing.T, what, got, want string) {
	t.Helper()
	if got == want {
		return
	}
	g, w := strings.SplitAfter(got, "\n"), strings.SplitAfter(want, "\n")
	for i := range min(len(g), len(w)) {
		if g[i] != w[i] {
			t.Errorf("%s: the browser says\n%sthe command line\n%s", what, g[i], w[i])
			return
		}
	}
	t.Errorf("%s: %d lines from the browser, %d from the command line", what, len(g), len(w))
}

// TestBrowser holds that the browser gives the very bytes that absah verify prints, for documents of our own, the vectors and the
// public files.
func TestBrowser(t *testing.T) {
	p := testkit.NewPKI(t, nil)
	anchors := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: p.Root.Certificate.Raw})
	requests := ownDocuments(t, p)
	requests = append(requests, vectors(t)...)
	requests = append(requests, corpus(t)...)
	for i := range requests {
		if requests[i].Anchors == nil {
			requests[i].Anchors = [][]byte{anchors}
		}
	}
	answers := browse(t, requests)
	newCommandLine(t).compare(t, requests, answers)
	verdicts := map[pades.Verdict]int{}
	for i, q := range requests {
		var r pades.Report
		if answers[i].Error == nil {
			if err := json.Unmarshal([]byte(answers[i].Report), &r); err != nil {
				t.Errorf("%s: %v", q.Name, err)
			}
		}
		verdicts[r.Verdict]++
		// What was signed here is good, and was judged by its anchor: the comparison is not one of two refusals.
		if i == 0 && (r.Verdict != pades.Valid || r.Signatures[0].TrustAnchor.Kind != "given") {
			t.Errorf("%s: %s", q.Name, answers[i].Report)
		}
	}
	t.Logf("%d documents: %v", len(requests), verdicts)
}

// ownDocuments are made here and lie in a folder, so that both sides read the same.
func ownDocuments(t *testing.T, p *testkit.PKI) []headless.Request {
	t.Helper()
	dir := t.TempDir()
	var out []headless.Request
	add := func(name string, b []byte) *headless.Request {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		out = append(out, headless.Request{Document: b, Name: path, At: p.Now.Add(time.Minute).Format(time.RFC3339)})
		return &out[len(out)-1]
	}
	sign := func(doc []byte, change func(*pades.SignOptions)) []byte {
		o := pades.SignOptions{
			Certificate: p.Signer.Certificate.Raw, Chain: p.Signer.Chain, Time: p.Now, Level: pades.LevelLT, Timestamper: p, Fetcher: p,
			Reason: "Pengesahan & <persetujuan>", Location: "Jakarta",
		}
		if change != nil {
			change(&o)
		}
		var b bytes.Buffer
		if err := pades.Sign(t.Context(), &b, bytes.NewReader(doc), int64(len(doc)), p.Signer.Key, o); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	plain := testkit.Document(t, 3)
	signed := sign(plain, nil)
	add("b-lt.pdf", signed)
	add("b-lta.pdf", sign(plain, func(o *pades.SignOptions) { o.Level = pades.LevelLTA }))
	add("b-b-strict.pdf", sign(plain, func(o *pades.SignOptions) { o.Level = pades.LevelB })).Policy = "strict"
	add("archival.pdf", signed).Policy = "archival"
	add("unsigned.pdf", plain)
	forged := bytes.Clone(signed)
	forged[bytes.Index(forged, []byte("stream"))+20] ^= 1
	add("forged.pdf", forged)
	add("appended.pdf", append(bytes.Clone(signed), "\n% something behind\n1 0 obj\n<</Type/Catalog>>\nendobj\n"...))
	add("empty.pdf", nil)
	add("text.pdf", []byte("ini hanya teks biasa\n"))
	add("cut.pdf", signed[:200])
	// Larger than what is held in memory, whole and in pieces.
	large := sign(padded(plain, 3<<20), nil)
	add("large.pdf", large)
	add("pieces.pdf", large).Pieces = true
	return out
}

// padded puts comment bytes into a document, between its last object and its cross reference.
func padded(doc []byte, n int) []byte {
	at := bytes.LastIndex(doc, []byte("\nxref"))
	start := bytes.LastIndex(doc, []byte("startxref"))
	var b bytes.Buffer
	b.Write(doc[:at+1])
	for b.Len() < at+n {
		b.WriteString("% isian isian isian isian isian isian isian isian isian isian\n")
	}
	moved := b.Len()
	b.Write(doc[at+1 : start])
	fmt.Fprintf(&b, "startxref\n%d\n%%%%EOF\n", moved)
	return b.Bytes()
}

// vectors are the project's own test files, each at its time and with their trust package.
func vectors(t *testing.T) []headless.Request {
	t.Helper()
	read := func(name string) []byte {
		b, err := os.ReadFile(filepath.Join(root, "vectors", name))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	var manifest struct {
		Trust, Policy string
		Vectors       []struct{ File, At string }
	}
	if err := json.Unmarshal(read("manifest.json"), &manifest); err != nil {
		t.Fatal(err)
	}
	anchors := [][]byte{read(manifest.Trust)}
	var out []headless.Request
	for _, v := range manifest.Vectors {
		out = append(out, headless.Request{
			Document: read(v.File), Name: filepath.Join(root, "vectors", v.File), Anchors: anchors, At: v.At, Policy: manifest.Policy,
		})
	}
	if len(out) == 0 {
		t.Fatal("there are no vectors")
	}
	return out
}

// corpus are signed and attacked files of others. Every eighth is taken, all of them with ABSAH_BROWSER_ALL set.
func corpus(t *testing.T) []headless.Request {
	t.Helper()
	dir := os.Getenv("ABSAH_CORPUS")
	if dir == "" {
		dir = filepath.Join(root, "..", "shared", "corpus")
	}
	f, err := os.Open(filepath.Join(dir, "manifest.csv"))
	if err != nil {
		t.Log("the corpus is not here; set ABSAH_CORPUS to test with it")
		return nil
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out []headless.Request
	n := 0
	for _, row := range rows[1:] {
		if row[2] != "signed" && row[2] != "attacks" {
			continue
		}
		if n++; n%8 != 0 && os.Getenv("ABSAH_BROWSER_ALL") == "" {
			continue
		}
		q := headless.Request{Name: filepath.Join(dir, row[0]), At: judgedAt.Format(time.RFC3339)}
		if q.Document, err = os.ReadFile(q.Name); err != nil {
			t.Fatal(err)
		}
		for kv := range strings.SplitSeq(row[5], ";") {
			if v, ok := strings.CutPrefix(kv, "password_user="); ok && v != "(empty)" && v != "(unknown)" {
				if q.Password, err = url.PathUnescape(v); err != nil {
					t.Fatal(err)
				}
			}
		}
		out = append(out, q)
	}
	return out
}

// TestMisuse holds that a wrong call is answered with a code and that the verifier goes on working.
func TestMisuse(t *testing.T) {
	p := testkit.NewPKI(t, nil)
	var b bytes.Buffer
	doc := testkit.Document(t, 1)
	o := pades.SignOptions{Certificate: p.Signer.Certificate.Raw, Chain: p.Signer.Chain, Time: p.Now, Level: pades.LevelLT, Timestamper: p, Fetcher: p}
	if err := pades.Sign(t.Context(), &b, bytes.NewReader(doc), int64(len(doc)), p.Signer.Key, o); err != nil {
		t.Fatal(err)
	}
	anchors := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: p.Root.Certificate.Raw})
	good := headless.Request{Document: b.Bytes(), Name: "surat.pdf", At: p.Now.Add(time.Minute).Format(time.RFC3339), Anchors: [][]byte{anchors}}
	der, pack := good, good
	der.Anchors = [][]byte{p.Root.Certificate.Raw}
	sum := sha256.Sum256(p.Root.Certificate.Raw)
	pack.Anchors = [][]byte{fmt.Appendf(nil, `{"version":1,"anchors":[{"kind":"test","certificate":%q,"sha256":"%X"}]}`, base64.StdEncoding.EncodeToString(p.Root.Certificate.Raw), sum)}
	cases := []struct {
		misuse, code, message string
		good                  pades.Verdict // instead of an error
	}{
		{misuse: "", good: pades.Valid},
		{misuse: "unknown key", code: "request", message: "anchor is not known"},
		{misuse: "no file", code: "request", message: "file is missing"},
		{misuse: "file is a string", code: "request", message: "file is neither"},
		{misuse: "size is a fraction", code: "request", message: "file has a size"},
		{misuse: "size is NaN", code: "request", message: "file has a size"},
		{misuse: "size is negative", code: "request", message: "file has a size"},
		{misuse: "read throws", code: "read", message: "the disk is gone"},
		{misuse: "read returns too little", code: "read", message: "did not return"},
		{misuse: "read returns a promise", code: "read", message: "did not return"},
		{misuse: "file shrinks", code: "read", message: "did not return"},
		{misuse: "getter throws", code: "request", message: "no name"},
		{misuse: "read is a throwing getter", code: "request", message: "no reader"},
		{misuse: "anchors is a string", code: "request", message: "anchors is not an array"},
		{misuse: "anchors holds a number", code: "request", message: "anchors has neither"},
		{misuse: "anchors is no certificate", code: "anchors", message: "no trust anchor in it"},
		{misuse: "at is a number", code: "request", message: "at is neither"},
		{misuse: "at is an invalid date", code: "request", message: "at is neither"},
		{misuse: "at is no time", code: "request", message: "at is not a time"},
		{misuse: "policy is unknown", code: "request", message: "lenient"},
		{misuse: "password is a number", code: "request", message: "password is not a string"},
		{misuse: "view is of another language", code: "request", message: "neither"},
		{misuse: "signature is asked of verify", code: "request", message: "signature is not known"},
		{misuse: "at is a date", good: pades.Valid},
		{misuse: "anchors is text", good: pades.Valid},
		{misuse: "a view into a larger buffer", good: pades.Valid},
	}
	requests := []headless.Request{der, pack}
	for _, c := range cases {
		q := good
		q.Misuse = c.misuse
		requests = append(requests, q)
	}
	answers := browse(t, requests)
	verdict := func(a headless.Answer) pades.Verdict {
		var r pades.Report
		if err := json.Unmarshal([]byte(a.Report), &r); err != nil {
			t.Errorf("%+v: %v", a, err)
		}
		return r.Verdict
	}
	if v := verdict(answers[0]); v != pades.Valid {
		t.Errorf("with a DER anchor: %s, want valid", v)
	}
	if v := verdict(answers[1]); v != pades.ValidWithNotes {
		t.Errorf("with a test anchor in a trust package: %s, want valid-with-notes", v)
	}
	for i, c := range cases {
		a := answers[i+2]
		switch {
		case c.good != "":
			if a.Error != nil || verdict(a) != c.good {
				t.Errorf("%s: %+v, want %s", c.misuse, a, c.good)
			}
		case a.Error == nil || a.Error.Code != c.code || !strings.Contains(a.Error.Message, c.message) || a.Report != "":
			t.Errorf("%s: %+v %+v, want %s: %s", c.misuse, a, a.Error, c.code, c.message)
		}
	}
}

// TestView holds that the browser's words for a page are those of package answer, that the document as it was signed can be cut out, and
// that a signature that is not there has no such document.
func TestView(t *testing.T) {
	p := testkit.NewPKI(t, nil)
	var b bytes.Buffer
	doc := testkit.Document(t, 1)
	o := pades.SignOptions{Certificate: p.Signer.Certificate.Raw, Chain: p.Signer.Chain, Time: p.Now, Level: pades.LevelLT, Timestamper: p, Fetcher: p}
	if err := pades.Sign(t.Context(), &b, bytes.NewReader(doc), int64(len(doc)), p.Signer.Key, o); err != nil {
		t.Fatal(err)
	}
	at := p.Now.Add(time.Minute).Truncate(time.Second)
	policy := trust.Basic()
	policy.Time, policy.Anchors = at, p.Anchors(t)
	var requests []headless.Request
	var want []*answer.View
	for _, doc := range [][]byte{b.Bytes(), bytes.Replace(b.Bytes(), []byte("/MediaBox"), []byte("/MedjaBox"), 1), doc} {
		for _, l := range []pades.Language{pades.Indonesian, pades.English} {
			e, err := pades.Gather(t.Context(), bytes.NewReader(doc), int64(len(doc)), pades.GatherOptions{})
			if err != nil {
				t.Fatal(err)
			}
			sum := sha256.Sum256(doc)
			want = append(want, answer.New(&answer.Document{Name: "surat.pdf", Size: int64(len(doc)), SHA256: sum[:], Report: pades.Judge(e, policy), Evidence: e}, l))
			requests = append(requests, headless.Request{
				Document: doc, Name: "surat.pdf", At: at.Format(time.RFC3339), View: string(l), Pieces: l == pades.English,
				Anchors: [][]byte{p.Root.Certificate.Raw},
			})
		}
	}
	last := 0
	good := requests[0]
	good.View, good.Call, good.Signature = "", "revision", &last
	wrong, fraction := good, good
	one := 1
	wrong.Signature, fraction.Misuse = &one, "signature is a fraction"
	answers := browse(t, append(requests, good, wrong, fraction))
	for i, v := range want {
		line, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		var got, wanted any
		if err := errors.Join(json.Unmarshal(answers[i].View, &got), json.Unmarshal(line, &wanted)); err != nil {
			t.Fatalf("%v: %+v", err, answers[i])
		}
		if !reflect.DeepEqual(got, wanted) {
			t.Errorf("%s %s: the browser has\n%s\nwant\n%s", v.Language, v.Verdict, answers[i].View, line)
		}
	}
	if n := answers[len(want)].Size; n != want[0].Signatures[0].SignedSize || n == 0 {
		t.Errorf("%d bytes were signed, want %d", n, want[0].Signatures[0].SignedSize)
	}
	for _, a := range answers[len(want)+1:] {
		if a.Error == nil || a.Error.Code != "request" {
			t.Errorf("%+v, want a refusal", a)
		}
	}
}

// signedBy is a document of one page, signed at a level.
func signedBy(t *testing.T, p *testkit.PKI, level pades.Level) []byte {
	t.Helper()
	doc := testkit.Document(t, 1)
	o := pades.SignOptions{Certificate: p.Signer.Certificate.Raw, Chain: p.Signer.Chain, Time: p.Now, Level: level, Timestamper: p, Fetcher: p}
	var b bytes.Buffer
	if err := pades.Sign(t.Context(), &b, bytes.NewReader(doc), int64(len(doc)), p.Signer.Key, o); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestReports holds that the browser writes each form of report as package report does.
func TestReports(t *testing.T) {
	p := testkit.NewPKI(t, nil)
	doc := signedBy(t, p, pades.LevelLT)
	at := p.Now.Add(time.Minute).Truncate(time.Second)
	ask := func(form, language string) headless.Request {
		return headless.Request{
			Document: doc, Name: "folder/surat.pdf", At: at.Format(time.RFC3339), Anchors: [][]byte{p.Root.Certificate.Raw}, Call: "report", Form: form, Language: language,
		}
	}
	html, unknown, silent := ask("html", "id"), ask("docx", "id"), ask("pdf", "")
	other, text := html, html
	other.Name, text.Name, text.Document = "lain.pdf", "catatan.pdf", []byte("ini bukan PDF")
	several, packed := ask("html", "en"), ask("package", "id")
	several.More = []int{5, 6}
	twice := packed
	twice.More = []int{5}
	began := time.Now()
	a := browse(t, []headless.Request{ask("json", "id"), html, ask("xml", "en"), ask("pdf", "id"), packed, other, text, several, unknown, silent, twice})

	policy := trust.Basic()
	policy.Time, policy.Anchors = at, p.Anchors(t)
	e, err := pades.Gather(t.Context(), bytes.NewReader(doc), int64(len(doc)), pades.GatherOptions{})
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(doc)
	judged := pades.Judge(e, policy)
	judged.File = "folder/surat.pdf"
	line, err := judged.JSON()
	if err != nil {
		t.Fatal(err)
	}
	if a[0].Error != nil || !bytes.Equal(a[0].Bytes, line) || a[0].Name != "surat-laporan.json" {
		t.Errorf("json: %+v\n%s\nwant\n%s", a[0].Error, a[0].Bytes, line)
	}
	same := false // as one that is made in one of the minutes that went by
	for made := began; !made.After(time.Now().Add(time.Minute)) && !same; made = made.Add(time.Minute) {
		var b bytes.Buffer
		d := []report.Document{{Name: "surat.pdf", Size: int64(len(doc)), SHA256: sum[:], Report: judged, Evidence: e}}
		if err := report.HTML(&b, d, report.Options{Language: pades.Indonesian, Program: "Absah 0.1.0-dev", Time: made}); err != nil {
			t.Fatal(err)
		}
		same = bytes.Equal(b.Bytes(), a[1].Bytes)
	}
	if !same || a[1].Type != "text/html;charset=utf-8" {
		t.Errorf("html: %+v %s", a[1].Error, a[1].Bytes)
	}
	if a[2].Name != "surat-report.xml" || !bytes.Contains(a[2].Bytes, []byte("urn:etsi:019102:mainindication:total-passed")) {
		t.Errorf("xml: %+v %s", a[2].Error, a[2].Bytes)
	}
	if a[3].Type != "application/pdf" || !bytes.HasPrefix(a[3].Bytes, []byte("%PDF-")) || !bytes.HasSuffix(bytes.TrimSpace(a[3].Bytes), []byte("%%EOF")) {
		t.Errorf("pdf: %+v, %d bytes", a[3].Error, len(a[3].Bytes))
	}
	if z, err := zip.NewReader(bytes.NewReader(a[4].Bytes), int64(len(a[4].Bytes))); err != nil || a[4].Name != "surat-bukti.zip" {
		t.Errorf("package: %v %+v", err, a[4].Error)
	} else if f, err := z.Open("dokumen.pdf"); err != nil {
		t.Error(err)
	} else if b, err := io.ReadAll(f); err != nil || !bytes.Equal(b, doc) {
		t.Errorf("the document in the package is another one (%v)", err)
	}
	if page := string(a[7].Bytes); a[7].Name != "absah-report.html" || !strings.Contains(page, "surat.pdf") || !strings.Contains(page, "lain.pdf") || !strings.Contains(page, "catatan.pdf") || !strings.Contains(page, "This file is not a PDF.") {
		t.Errorf("several: %s %+v %s", a[7].Name, a[7].Error, page)
	}
	for _, i := range []int{8, 9, 10} {
		if a[i].Error == nil || a[i].Error.Code != "request" || len(a[i].Bytes) > 0 {
			t.Errorf("wrong call %d: %+v", i, a[i])
		}
	}
}

// TestStatus holds that issuers are asked through the page's function and nothing but numbers of certificates goes there; that without
// one nobody is asked; and that one which fails is as good as none.
func TestStatus(t *testing.T) {
	p := testkit.NewPKI(t, nil)
	doc := signedBy(t, p, pades.LevelT)
	var asked []string
	var mu sync.Mutex
	relay := func(address, kind string, body []byte) ([]byte, error) {
		mu.Lock()
		defer mu.Unlock()
		asked = append(asked, kind)
		switch kind {
		case "application/ocsp-request":
			if len(body) == 0 || len(body) > 200 {
				t.Errorf("a request of %d bytes", len(body))
			}
			return p.OCSP(t.Context(), address, body)
		case "application/pkix-crl":
			return p.CRL(t.Context(), address)
		}
		return p.Certificate(t.Context(), address)
	}
	offline := headless.Request{Document: doc, Name: "surat.pdf", At: p.Now.Add(time.Minute).Format(time.RFC3339), Anchors: [][]byte{p.Root.Certificate.Raw}}
	online, broken := offline, offline
	online.Relay = relay
	broken.Relay = func(string, string, []byte) ([]byte, error) { return nil, errors.New("the network is down") }
	answers := browse(t, []headless.Request{offline, online, broken})
	for i, want := range []string{"unknown", "good", "unknown"} {
		var r pades.Report
		if err := json.Unmarshal([]byte(answers[i].Report), &r); err != nil {
			t.Fatalf("%v: %+v", err, answers[i])
		}
		if got := r.Signatures[0].Revocation.Status; got != want {
			t.Errorf("%d: the status is %s, want %s", i, got, want)
		}
	}
	if !slices.Contains(asked, "application/ocsp-request") {
		t.Errorf("asked for %v", asked)
	}
}

// TestProgress holds that a page hears how far a large document is, never backwards and never beyond the end.
func TestProgress(t *testing.T) {
	p := testkit.NewPKI(t, nil)
	large := padded(signedBy(t, p, pades.LevelB), 24<<20)
	q := headless.Request{Document: large, Name: "besar.pdf", At: p.Now.Format(time.RFC3339), View: "id", Pieces: true, Count: true}
	a := browse(t, []headless.Request{q})[0]
	if a.Error != nil || len(a.Shares) < 5 || !slices.IsSorted(a.Shares) || a.Shares[0] <= 0 || a.Shares[len(a.Shares)-1] > 1 {
		t.Errorf("%+v %v", a.Error, a.Shares)
	}
}

// maxTransfer is how many bytes the program may have when it is compressed with brotli in a hurry. Web servers send 2 MB at most then:
// at quality 11 it is an eighth smaller, but takes ten times as long (bench measures it).
const maxTransfer = 2_200_000

// TestSize holds that the verifier stays small, and that it brings along nothing of what draws a visible signature.
func TestSize(t *testing.T) {
	program := filepath.Join(build(t), "absah.wasm")
	b, err := os.ReadFile(program)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(b, []byte("Bigelow & Holmes")) {
		t.Error("the fonts of visible signatures are linked in")
	}
	size, err := headless.Brotli(t.Context(), program, 9)
	if errors.Is(err, headless.ErrNoNode) {
		t.Skip("node is not installed: the size with brotli was not measured")
	}
	if err != nil {
		t.Fatal(err)
	}
	if size > maxTransfer {
		t.Errorf("%d bytes with brotli, want at most %d", size, maxTransfer)
	}
	t.Logf("%d bytes, %d with brotli at quality 9", len(b), size)
}
