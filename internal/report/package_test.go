package report_test

import (
	"archive/zip"
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"absah/internal/report"
	"absah/internal/testkit"
	"absah/pades"
)

// unpacked writes a package and takes it apart in a folder.
func unpacked(t testing.TB, d report.Document, doc []byte, o report.Options) string {
	t.Helper()
	var b, again bytes.Buffer
	if err := report.Package(&b, d, bytes.NewReader(doc), o); err != nil {
		t.Fatal(err)
	}
	if err := report.Package(&again, d, bytes.NewReader(doc), o); err != nil || !bytes.Equal(b.Bytes(), again.Bytes()) {
		t.Errorf("the same package has other bytes (%v)", err)
	}
	r, err := zip.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()))
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(testkit.Folder(t), "paket-"+strings.TrimSuffix(d.Name, ".pdf"))
	for _, f := range r.File {
		if !filepath.IsLocal(f.Name) {
			t.Fatalf("the package names %q", f.Name)
		}
		in, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(in)
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// shell runs a line in a folder and returns what it says.
func shell(t testing.TB, dir, line string) (string, error) {
	t.Helper()
	for _, tool := range []string{"openssl", "sha256sum"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("%s is not installed", tool)
		}
	}
	c := exec.Command("sh", "-c", line)
	c.Dir = dir
	out, err := c.CombinedOutput()
	return string(out), err
}

// TestPackage: openssl comes to the same answer from the package alone, by the script and by each command of the README.
func TestPackage(t *testing.T) {
	p := testkit.NewPKI(t, nil)
	doc := signed(t, p, pades.LevelLTA, pades.SignOptions{Field: "Persetujuan'; rm -rf ~", Reason: "Setuju"})
	d := verified(t, p, "nota 'dinas'; $(id).pdf", doc, p.Anchors(t))
	dir := unpacked(t, d, doc, options(p, pades.Indonesian))
	out, err := shell(t, dir, "sh periksa.sh")
	if err != nil || strings.Contains(out, "GAGAL") || strings.Count(out, "OK ") < 6 {
		t.Errorf("periksa.sh: %v\n%s", err, out)
	}
	for _, want := range []string{"tanda tangan 1 cocok dengan dokumen dan sertifikatnya dipercaya", "stempel waktu tanda tangan 1 cocok", "stempel waktu dokumen 2 cocok", "OCSP", "tidak memuat"} {
		if !strings.Contains(out, want) {
			t.Errorf("periksa.sh does not check %q\n%s", want, out)
		}
	}
	for _, name := range []string{"BACA-DULU.txt", "README.txt"} {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		lines := regexp.MustCompile(`(?m)^    (.*)$`).FindAllStringSubmatch(string(text), -1)
		if len(lines) < 8 {
			t.Fatalf("%s has %d commands\n%s", name, len(lines), text)
		}
		script := "set -e\n"
		for _, l := range lines {
			script += l[1] + "\n"
		}
		if out, err := shell(t, dir, script); err != nil {
			t.Errorf("%s: %v\n%s\n%s", name, err, script, out)
		}
	}
	sums, err := os.ReadFile(filepath.Join(dir, "SHA256SUMS"))
	if err != nil {
		t.Fatal(err)
	}
	var inside []string
	err = filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		name, err := filepath.Rel(dir, path)
		inside = append(inside, filepath.ToSlash(name))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range inside {
		if name != "SHA256SUMS" && !strings.Contains(string(sums), "  "+name+"\n") {
			t.Errorf("SHA256SUMS does not list %s", name)
		}
	}
	for _, name := range []string{"dokumen.pdf", "sampul.pdf", "laporan.pdf", "laporan.html", "laporan.xml", "laporan.json", "bukti/fakta.json", "bukti/dasar-kepercayaan.pem"} {
		if !slices.Contains(inside, name) {
			t.Errorf("the package has no %s", name)
		}
	}
	answer, err := os.ReadFile(filepath.Join(dir, "laporan.json"))
	if err != nil || !bytes.HasPrefix(answer, []byte(`{"file":"dokumen.pdf","verdict":"valid"`)) {
		t.Errorf("laporan.json: %v\n%.200s", err, answer)
	}
	testkit.Tool(t, "qpdf", "--check", filepath.Join(dir, "sampul.pdf"))
}

// TestPackageTells: whoever changes a piece of the package is found out by its script, and a bad document does not become good in it.
func TestPackageTells(t *testing.T) {
	p := testkit.NewPKI(t, nil)
	doc := signed(t, p, pades.LevelLT, pades.SignOptions{})
	good := verified(t, p, "sah.pdf", doc, p.Anchors(t))
	dir := unpacked(t, good, doc, options(p, pades.English))
	parts, err := good.Evidence.Signatures[0].Parts()
	if err != nil {
		t.Fatal(err)
	}
	for name, within := range map[string][]byte{
		"dokumen.pdf": []byte("/MediaBox"), "bukti/tanda-tangan-1/tanda-tangan.p7s": parts.Value, "bukti/tanda-tangan-1/stempel-waktu-1.tst": nil,
		"bukti/tanda-tangan-1/status-1.ocsp": good.Report.Signatures[0].Validation.Path[0].RawSerial,
	} {
		path := filepath.Join(dir, filepath.FromSlash(name))
		was, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		changed := bytes.Clone(was)
		at := len(changed) - 1
		if within != nil {
			if at = bytes.Index(changed, within) + len(within) - 1; at < len(within)-1 {
				t.Fatalf("%s does not hold what is to be changed", name)
			}
		}
		changed[at] ^= 1
		if err := os.WriteFile(path, changed, 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := shell(t, dir, "sh periksa.sh")
		if err == nil || strings.Count(out, "GAGAL") < 2 {
			t.Errorf("%s was changed, and periksa.sh says %v\n%s", name, err, out)
		}
		if err := os.WriteFile(path, was, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if out, err := shell(t, dir, "sh periksa.sh"); err != nil {
		t.Errorf("nothing is changed, and periksa.sh says %v\n%s", err, out)
	}

	forged := bytes.Replace(doc, []byte("/MediaBox"), []byte("/MedjaBox"), 1)
	bad := verified(t, p, "palsu.pdf", forged, p.Anchors(t))
	dir = unpacked(t, bad, forged, options(p, pades.Indonesian))
	if out, err := shell(t, dir, "sh periksa.sh"); err == nil || !strings.Contains(out, "GAGAL  tanda tangan 1 cocok") {
		t.Errorf("forged: %v\n%s", err, out)
	}

	// An issuer that nobody knows: the mathematics is checked all the same.
	alien := verified(t, p, "asing.pdf", doc, nil)
	dir = unpacked(t, alien, doc, options(p, pades.Indonesian))
	if out, err := shell(t, dir, "sh periksa.sh"); err != nil || !strings.Contains(out, "OK     tanda tangan 1 cocok dengan dokumen /") {
		t.Errorf("unknown issuer: %v\n%s", err, out)
	}

	if err := report.Package(io.Discard, good, bytes.NewReader(forged), options(p, pades.English)); err == nil || !strings.Contains(err.Error(), "changed") {
		t.Errorf("another document went into the package: %v", err)
	}
	if err := report.Package(io.Discard, report.Document{Problem: "this is not a PDF"}, nil, options(p, pades.English)); err == nil {
		t.Error("a file that could not be read was packed")
	}
}

// TestPackageRevoked: the script says what the evidence says, also where that is bad news.
func TestPackageRevoked(t *testing.T) {
	for want, serial := range map[string]func(*testkit.PKI) *testkit.Identity{
		": revoked": func(p *testkit.PKI) *testkit.Identity { return p.Signer },
		"daftar pencabutan ditandatangani dengan benar dan memuat Absah": func(p *testkit.PKI) *testkit.Identity { return p.Issuing },
	} {
		p := testkit.NewPKI(t, nil)
		doc := signed(t, p, pades.LevelT, pades.SignOptions{})
		p.Revoked = map[string]time.Time{serial(p).Certificate.SerialNumber.String(): p.Now.Add(-time.Hour)}
		d := verifiedOnline(t, p, "dicabut.pdf", doc)
		dir := unpacked(t, d, doc, options(p, pades.Indonesian))
		text, err := os.ReadFile(filepath.Join(dir, "periksa.sh"))
		if err != nil || !strings.Contains(string(text), want) {
			t.Errorf("the script does not expect %q: %v\n%s", want, err, text)
		}
		if out, err := shell(t, dir, "sh periksa.sh"); err != nil {
			t.Errorf("%v\n%s", err, out)
		}
	}
}
