package pdf_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"absah/internal/pdf"
)

// TestCorpusUpdate appends a small update to every file that can be signed. What other programs read before they must read after,
// without a new complaint; and what is read when nobody believes the cross reference must be the same.
func TestCorpusUpdate(t *testing.T) {
	if testing.Short() || pdf.UnderRace {
		t.Skip("runs qpdf, mutool and pdfinfo on the whole corpus")
	}
	tools := readers(t)
	for _, r := range manifest(t, "unsigned") {
		if r.expected["must_sign"] == "no" || r.expected["credential"] != "" {
			continue
		}
		t.Run(filepath.Base(r.path), func(t *testing.T) {
			t.Parallel()
			original, err := os.ReadFile(r.path)
			if err != nil {
				t.Fatal(err)
			}
			pw := password(r.expected["password_user"])
			out := filepath.Join(t.TempDir(), "updated.pdf")
			if err := os.WriteFile(out, appendNote(t, original, pdf.OpenOptions{Password: pw}), 0o600); err != nil {
				t.Fatal(err)
			}
			for _, tool := range tools {
				before, after := tool.read(r.path, pw), tool.read(out, pw)
				if after.code > before.code {
					t.Errorf("%s: exit %d before, %d after\n%s", tool.name, before.code, after.code, after.text)
				}
				for line, n := range after.lines {
					if n > before.lines[line] {
						t.Errorf("%s says %d times, before %d: %s", tool.name, n, before.lines[line], line)
					}
				}
			}
		})
	}
}

var catatan = "catatan\x00\xff(\\"

// appendNote adds a private stream with a string, and an entry in the catalog that leads to it. It checks that both can be read
// again, also by a reading of the whole file, and that nothing else looks different.
func appendNote(t *testing.T, original []byte, o pdf.OpenOptions) []byte {
	t.Helper()
	f, err := pdf.Open(bytes.NewReader(original), int64(len(original)), o)
	if err != nil {
		t.Fatal(err)
	}
	u, err := pdf.NewUpdate(f)
	if err != nil {
		t.Fatal(err)
	}
	catalog, root, err := f.Latest().Catalog()
	if err != nil {
		t.Fatal(err)
	}
	note := u.Alloc()
	u.Set(note, pdf.DeflateStream(pdf.Dict{"Note": pdf.String(catatan)}, []byte("isi catatan")))
	d := pdf.Dict{}
	for k, x := range catalog {
		d[k] = x
	}
	d["AbsahTest"] = note
	u.Set(root, d)
	a, err := u.Bytes("")
	if err != nil {
		t.Fatal(err)
	}
	updated := append(bytes.Clone(original), a.Bytes...)
	again, err := pdf.Open(bytes.NewReader(updated), int64(len(updated)), o)
	if err != nil {
		t.Fatalf("open the updated file: %v", err)
	}
	if again.Repaired() {
		t.Errorf("the updated file needs repair: %v", again.Notes())
	}
	checkNote(t, "the updated file", again, f)
	if scanned, err := again.Rescan(); err != nil {
		t.Errorf("reading the whole updated file: %v", err)
	} else {
		checkNote(t, "the whole updated file", scanned, f)
	}
	return updated
}

func checkNote(t *testing.T, what string, again, before *pdf.File) {
	t.Helper()
	v := again.Latest()
	catalog, _, err := v.Catalog()
	if err != nil {
		t.Errorf("%s: %v", what, err)
		return
	}
	st, err := v.Stream(catalog["AbsahTest"])
	if err != nil || st == nil {
		t.Errorf("%s: the new stream is not there: %v", what, err)
		return
	}
	if data, err := v.StreamData(st, 0); err != nil || string(data) != "isi catatan" {
		t.Errorf("%s: StreamData = %q, %v", what, data, err)
	}
	if s, _ := v.Bytes(st.Dict["Note"]); string(s) != catatan {
		t.Errorf("%s: string = %q", what, s)
	}
	want, wantErr := before.Latest().Pages()
	if n, err := v.Pages(); n != want || (err == nil) != (wantErr == nil) {
		t.Errorf("%s: Pages = %d, %v, want %d, %v", what, n, err, want, wantErr)
	}
}

// reader is a program that reads PDF files.
type reader struct {
	name string
	args func(path, pw string) []string
}

func readers(t *testing.T) []reader {
	var out []reader
	for _, r := range []reader{
		{"qpdf", func(path, pw string) []string { return []string{"--password=" + pw, "--check", path} }},
		{"mutool", func(path, pw string) []string { return []string{"info", "-p", pw, path} }},
		{"pdfinfo", func(path, pw string) []string { return []string{"-upw", pw, path} }},
	} {
		if _, err := exec.LookPath(r.name); err != nil {
			t.Logf("%s is not here", r.name)
			continue
		}
		out = append(out, r)
	}
	if len(out) == 0 {
		t.Skip("no other reader is here")
	}
	return out
}

type complaints struct {
	code  int
	lines map[string]int // on standard error, without names and numbers
	text  string
}

var digits = regexp.MustCompile(`[0-9]+`)

func (r reader) read(path, pw string) complaints {
	var errs bytes.Buffer
	cmd := exec.Command(r.name, r.args(path, pw)...)
	cmd.Stderr = &errs
	cmd.Run()
	c := complaints{code: cmd.ProcessState.ExitCode(), lines: map[string]int{}, text: errs.String()}
	// qpdf calls an object of a linearized file by its purpose.
	for line := range strings.Lines(strings.NewReplacer(path, "FILE", "linearization hint stream: ", "").Replace(c.text)) {
		c.lines[digits.ReplaceAllString(strings.TrimSpace(line), "N")]++
	}
	return c
}
