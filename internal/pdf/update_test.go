package pdf_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"absah/internal/pdf"
)

// TestCorpusUpdate appends a harmless object to every file that can be signed and asks qpdf what it thinks of the result: what
// it accepted before it must accept after, without a new complaint.
func TestCorpusUpdate(t *testing.T) {
	if testing.Short() {
		t.Skip("runs qpdf on the whole corpus")
	}
	qpdf, err := exec.LookPath("qpdf")
	if err != nil {
		t.Skip("qpdf is not here")
	}
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
			updated := appendNote(t, original, pw)
			out := filepath.Join(t.TempDir(), "updated.pdf")
			if err := os.WriteFile(out, updated, 0o600); err != nil {
				t.Fatal(err)
			}
			before, after := complaints(qpdf, r.path, pw), complaints(qpdf, out, pw)
			if before.code != after.code && after.code > before.code {
				t.Errorf("qpdf --check: exit %d before, %d after\n%s", before.code, after.code, after.text)
			}
		})
	}
}

func appendNote(t *testing.T, original []byte, pw string) []byte {
	f, err := pdf.Open(bytes.NewReader(original), int64(len(original)), pdf.OpenOptions{Password: pw})
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
	u.Set(note, pdf.DeflateStream(pdf.Dict{"Note": pdf.String("catatan\x00\xff")}, []byte("isi catatan")))
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
	again, err := pdf.Open(bytes.NewReader(updated), int64(len(updated)), pdf.OpenOptions{Password: pw})
	if err != nil {
		t.Fatalf("open the updated file: %v", err)
	}
	if again.Repaired() {
		t.Errorf("the updated file needs repair: %v", again.Notes())
	}
	v := again.Latest()
	catalog, _, err = v.Catalog()
	if err != nil {
		t.Fatal(err)
	}
	st, err := v.Stream(catalog["AbsahTest"])
	if err != nil || st == nil {
		t.Fatalf("the new stream is not there: %v", err)
	}
	if data, err := v.StreamData(st, 0); err != nil || string(data) != "isi catatan" {
		t.Errorf("StreamData = %q, %v", data, err)
	}
	if s, _ := v.Bytes(st.Dict["Note"]); string(s) != "catatan\x00\xff" {
		t.Errorf("string = %q", s)
	}
	if n1, _ := f.Latest().Pages(); n1 > 0 {
		if n2, err := v.Pages(); n2 != n1 {
			t.Errorf("Pages = %d, %v, want %d", n2, err, n1)
		}
	}
	return updated
}

type complaint struct {
	code int
	text string
}

func complaints(qpdf, path, pw string) complaint {
	out, err := exec.Command(qpdf, "--password="+pw, "--check", path).CombinedOutput()
	code := 0
	if exit, ok := err.(*exec.ExitError); ok {
		code = exit.ExitCode()
	}
	return complaint{code, strings.ReplaceAll(string(out), path, "FILE")}
}
