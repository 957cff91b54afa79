package pdf_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"absah/internal/pdf"
)

// TestCorpusEncrypted opens every encrypted file with each password that the manifest knows, not with another, and writes to it.
func TestCorpusEncrypted(t *testing.T) {
	qpdf, _ := exec.LookPath("qpdf")
	for _, r := range manifest(t, "unsigned") {
		user, hasUser := r.expected["password_user"]
		owner, hasOwner := r.expected["password_owner"]
		if !hasUser && !hasOwner {
			continue
		}
		t.Run(filepath.Base(r.path), func(t *testing.T) {
			t.Parallel()
			b, err := os.ReadFile(r.path)
			if err != nil {
				t.Fatal(err)
			}
			for role, pw := range map[string]string{"user": user, "owner": owner} {
				if role == "user" && !hasUser || role == "owner" && !hasOwner || pw == "(unknown)" {
					continue
				}
				pw := password(pw)
				f, err := pdf.Open(bytes.NewReader(b), int64(len(b)), pdf.OpenOptions{Password: pw})
				if err != nil {
					if r.expected["must_sign"] == "no" && r.expected["refuse"] == "allowed" {
						t.Skipf("refused, as it may be: %v", err)
					}
					t.Fatalf("Open with the %s password: %v", role, err)
				}
				if got, want := f.Encryption().Handler, r.expected["handler"]; got != want {
					t.Errorf("Handler = %q, want %q", got, want)
				}
				if role == "owner" && !f.Encryption().Owner {
					t.Error("the owner password gives no owner access")
				}
				if n := readPages(t, f); n == 0 {
					t.Error("no page has contents")
				}
				updated := appendNote(t, b, pdf.OpenOptions{Password: pw})
				if qpdf != "" && !testing.Short() {
					readNote(t, qpdf, updated, pw)
				}
			}
			for _, pw := range []string{"", "bukan sandi ini"} {
				if pw == "" && user == "(empty)" {
					continue
				}
				var wrong *pdf.PasswordError
				if _, err := pdf.Open(bytes.NewReader(b), int64(len(b)), pdf.OpenOptions{Password: pw}); !errors.As(err, &wrong) || !errors.Is(err, pdf.ErrPassword) || wrong.Given != (pw != "") {
					t.Errorf("Open with %q = %v", pw, err)
				}
			}
		})
	}
}

// readPages decodes the contents of the first pages and says how many of them are content streams by their look.
func readPages(t *testing.T, f *pdf.File) int {
	t.Helper()
	v := f.Latest()
	pages, err := v.Pages()
	if err != nil {
		t.Errorf("Pages: %v", err)
	}
	n := 0
	for i := range min(pages, 3) {
		p, err := v.Page(i)
		if err != nil {
			t.Errorf("Page(%d): %v", i, err)
			continue
		}
		contents := []pdf.Object{p.Dict["Contents"]}
		if a, _ := v.Array(p.Dict["Contents"]); a != nil {
			contents = a
		}
		for _, c := range contents {
			st, err := v.Stream(c)
			if err != nil || st == nil {
				continue
			}
			data, err := v.StreamData(st, 0)
			if err != nil {
				t.Errorf("contents of page %d: %v", i, err)
			}
			for _, b := range data {
				if b >= 0x80 || b < 9 {
					t.Errorf("contents of page %d begin with %q", i, data[:min(40, len(data))])
					break
				}
			}
			if len(data) > 0 {
				n++
			}
		}
	}
	return n
}

// readNote lets qpdf read what appendNote wrote.
func readNote(t *testing.T, qpdf string, b []byte, pw string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "a.pdf")
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	run := func(args ...string) string {
		out, err := exec.Command(qpdf, append(append([]string{"--password=" + pw}, args...), path)...).Output()
		if exit, ok := err.(*exec.ExitError); err != nil && (!ok || exit.ExitCode() != 3) { // 3: with warnings, which the original has too
			t.Errorf("qpdf %v: %v", args, err)
		}
		return string(out)
	}
	f, err := pdf.Open(bytes.NewReader(b), int64(len(b)), pdf.OpenOptions{Password: pw})
	if err != nil {
		t.Fatal(err)
	}
	catalog, _, _ := f.Latest().Catalog()
	num := fmt.Sprint(catalog["AbsahTest"].(pdf.Ref).Num)
	if out := run("--show-object="+num, "--filtered-stream-data"); out != "isi catatan" {
		t.Errorf("qpdf reads the stream as %q", out)
	}
	if out := run("--show-object=" + num); !strings.Contains(out, "/Note ("+`catatan\000\377\(\\`+")") && !strings.Contains(out, fmt.Sprintf("/Note <%x>", catatan)) {
		t.Errorf("qpdf reads the string in %s", out)
	}
}

// errOpenssl means that openssl does not know an envelope: it wants other RC2 parameters, and a certificate for key agreement. The
// tests of the package pades open these files as well.
var errOpenssl = errors.New("openssl cannot open the envelope")

// TestCorpusRecipients opens the files for certificate holders with openssl.
func TestCorpusRecipients(t *testing.T) {
	openssl, err := exec.LookPath("openssl")
	if err != nil {
		t.Skip("openssl is not here")
	}
	found := 0
	for _, r := range manifest(t, "unsigned") {
		credential := r.expected["credential"]
		if credential == "" {
			continue
		}
		found++
		t.Run(filepath.Base(r.path), func(t *testing.T) {
			key, certificate, _ := strings.Cut(credential, "+")
			b, err := os.ReadFile(r.path)
			if err != nil {
				t.Fatal(err)
			}
			o := pdf.OpenOptions{Recipient: func(list [][]byte) ([]byte, error) {
				last := errOpenssl
				for _, envelope := range list {
					// RC2 and RC4 are in the legacy provider.
					args := []string{"cms", "-decrypt", "-inform", "DER", "-inkey", filepath.Join(corpus(t), key), "-passin", "pass:secret", "-provider", "default", "-provider", "legacy"}
					if certificate != "" {
						args = append(args, "-recip", filepath.Join(corpus(t), certificate))
					}
					cmd := exec.Command(openssl, args...)
					cmd.Stdin = bytes.NewReader(envelope)
					out, err := cmd.Output()
					if err == nil {
						return out, nil
					}
					if exit, ok := err.(*exec.ExitError); ok {
						last = fmt.Errorf("%w: %s", errOpenssl, exit.Stderr)
					}
				}
				return nil, last
			}}
			f, err := pdf.Open(bytes.NewReader(b), int64(len(b)), o)
			if errors.Is(err, errOpenssl) {
				t.Skip(err)
			}
			if err != nil {
				t.Fatal(err)
			}
			if n := readPages(t, f); n == 0 {
				t.Error("no page has contents")
			}
			if !f.Encryption().MayAddField() {
				t.Errorf("permissions %#x do not let the recipient add a field", f.Encryption().Permissions)
			}
			appendNote(t, b, o)
			var refused *pdf.PasswordError
			if _, err := pdf.Open(bytes.NewReader(b), int64(len(b)), pdf.OpenOptions{Password: "sandi"}); !errors.As(err, &refused) || !refused.PublicKey {
				t.Errorf("Open without a key = %v", err)
			}
		})
	}
	if found == 0 {
		t.Error("no file for certificate holders in the manifest")
	}
}
