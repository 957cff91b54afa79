package report_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"absah/internal/pdf"
	"absah/internal/report"
	"absah/internal/testkit"
	"absah/pades"
	"absah/trust"
)

// signed is a document at a level, with the people's choice of texts in it.
func signed(t testing.TB, p *testkit.PKI, level pades.Level, o pades.SignOptions) []byte {
	t.Helper()
	doc := testkit.Document(t, 2)
	o.Certificate, o.Chain, o.Time, o.Level, o.Timestamper, o.Fetcher = p.Signer.Certificate.Raw, p.Signer.Chain, p.Now, level, p, p
	var b bytes.Buffer
	if err := pades.Sign(context.Background(), &b, bytes.NewReader(doc), int64(len(doc)), p.Signer.Key, o); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func verified(t testing.TB, p *testkit.PKI, name string, doc []byte, anchors []trust.Anchor) report.Document {
	t.Helper()
	return verify(t, p, name, doc, anchors, nil)
}

// verifiedOnline asks the PKI for what the document does not bring along.
func verifiedOnline(t testing.TB, p *testkit.PKI, name string, doc []byte) report.Document {
	t.Helper()
	return verify(t, p, name, doc, p.Anchors(t), p)
}

func verify(t testing.TB, p *testkit.PKI, name string, doc []byte, anchors []trust.Anchor, f trust.Fetcher) report.Document {
	t.Helper()
	policy := trust.Basic()
	policy.Time, policy.Anchors = p.Now.Add(time.Minute), anchors
	e, err := pades.Gather(context.Background(), bytes.NewReader(doc), int64(len(doc)), pades.GatherOptions{Time: policy.Time, Anchors: anchors, Fetcher: f})
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(doc)
	r := pades.Judge(e, policy)
	r.File = name
	return report.Document{Name: name, Size: int64(len(doc)), SHA256: sum[:], Report: r, Evidence: e}
}

// world is one document of each kind.
func world(t testing.TB) (*testkit.PKI, []report.Document) {
	p := testkit.NewPKI(t, nil)
	good := signed(t, p, pades.LevelLTA, pades.SignOptions{Field: "Persetujuan", Reason: "Setuju", Location: "Kota Contoh"})
	forged := bytes.Replace(good, []byte("/MediaBox"), []byte("/MedjaBox"), 1)
	hostile := signed(t, p, pades.LevelB, pades.SignOptions{Reason: "<script>alert(1)</script> 3300000000000001 \u202e\x1b[2J]]>&", Field: "Isian <b>"})
	return p, []report.Document{
		verified(t, p, "sah.pdf", good, p.Anchors(t)),
		verified(t, p, "palsu.pdf", forged, p.Anchors(t)),
		verified(t, p, "asing.pdf", good, nil),
		verified(t, p, "jahat <img src=x>.pdf", hostile, p.Anchors(t)),
		verified(t, p, "kosong.pdf", testkit.Document(t, 1), nil),
		{Name: "rusak.pdf", Problem: "this is not a PDF"},
	}
}

func options(p *testkit.PKI, l pades.Language) report.Options {
	return report.Options{Language: l, Program: "Absah uji", Time: p.Now}
}

var words = map[pades.Language][]string{
	pades.Indonesian: {"SAH", "TIDAK SAH", "BELUM DAPAT DIPASTIKAN", "TIDAK ADA TANDA TANGAN ELEKTRONIK", "TIDAK DAPAT DIPERIKSA", "Isi utuh: TIDAK", "bukan berarti palsu", "Apa yang harus saya lakukan?", "Setuju", "3300••••••••0001"},
	pades.English:    {"VALID", "NOT VALID", "CANNOT BE CONFIRMED YET", "NO ELECTRONIC SIGNATURE", "COULD NOT BE CHECKED", "Content intact: NO", "does not mean that it is fake", "What should I do?", "Setuju", "3300••••••••0001"},
}

// TestHTML: the page says what it must in both languages, carries nothing that runs or loads, and what a document brings along stays text.
func TestHTML(t *testing.T) {
	p, docs := world(t)
	for l, want := range words {
		var b, again bytes.Buffer
		if err := report.HTML(&b, docs, options(p, l)); err != nil {
			t.Fatal(err)
		}
		testkit.Keep(t, "laporan-"+string(l)+".html", b.Bytes())
		page := b.String()
		for _, w := range want {
			if !strings.Contains(page, w) {
				t.Errorf("%s: the page does not say %q", l, w)
			}
		}
		for _, bad := range []string{"<script", "<img", "style=\"", "onload", "http://", "https://", "3300000000000001", "\u202e", "\x1b"} {
			if i := strings.Index(page, bad); i >= 0 {
				t.Errorf("%s: the page contains %q: %s", l, bad, page[max(0, i-60):i+30])
			}
		}
		if !strings.Contains(page, `<html lang="`+string(l)+`">`) {
			t.Errorf("%s: the page does not name its language", l)
		}
		style := regexp.MustCompile(`(?s)<style>(.*)</style>`).FindStringSubmatch(page)
		sum := sha256.Sum256([]byte(style[1]))
		// html/template writes + as an entity inside of attributes.
		csp := strings.ReplaceAll(page, "&#43;", "+")
		if !strings.Contains(csp, "style-src &#39;sha256-"+base64.StdEncoding.EncodeToString(sum[:])) {
			t.Errorf("%s: the policy of the page does not permit its style sheet", l)
		}
		if err := report.HTML(&again, docs, options(p, l)); err != nil || !bytes.Equal(b.Bytes(), again.Bytes()) {
			t.Errorf("%s: the same report gave other bytes (%v)", l, err)
		}
	}
}

// TestPDF: the document says the same, is tagged, and other programs find no fault in it.
func TestPDF(t *testing.T) {
	p, docs := world(t)
	for l, want := range words {
		var b bytes.Buffer
		if err := report.PDF(&b, docs, options(p, l)); err != nil {
			t.Fatal(err)
		}
		f, err := pdf.Open(bytes.NewReader(b.Bytes()), int64(b.Len()), pdf.OpenOptions{})
		if err != nil || f.Repaired() || len(f.Notes()) > 0 {
			t.Fatalf("%s: %v, %v", l, err, f.Notes())
		}
		path := testkit.Keep(t, "laporan-"+string(l)+".pdf", b.Bytes())
		text := strings.Join(strings.Fields(testkit.Tool(t, "pdftotext", "-layout", path, "-")), " ")
		for _, w := range want {
			if !strings.Contains(text, w) {
				t.Errorf("%s: the document does not say %q", l, w)
			}
		}
		if strings.Contains(text, "3300000000000001") {
			t.Errorf("%s: a whole NIK is shown", l)
		}
		if info := testkit.Tool(t, "pdfinfo", path); !strings.Contains(info, "Tagged:          yes") || !strings.Contains(info, "A4") {
			t.Error(info)
		}
		testkit.Tool(t, "qpdf", "--check", path)
		if out := testkit.Tool(t, "mutool", "info", path); strings.Contains(out, "error") || strings.Contains(out, "warning") {
			t.Error(out)
		}
	}
}

// TestOnePage: the report on a letter with one signature is one page, whether the letter is honest, forged or of an unknown issuer.
func TestOnePage(t *testing.T) {
	p := testkit.NewPKI(t, nil)
	doc := signed(t, p, pades.LevelLT, pades.SignOptions{Reason: "Persetujuan", Location: "Kota Contoh"})
	for _, d := range []report.Document{
		verified(t, p, "sah.pdf", doc, p.Anchors(t)), verified(t, p, "palsu.pdf", bytes.Replace(doc, []byte("/MediaBox"), []byte("/MedjaBox"), 1), p.Anchors(t)),
		verified(t, p, "asing.pdf", doc, nil),
	} {
		for _, l := range []pades.Language{pades.Indonesian, pades.English} {
			var b bytes.Buffer
			if err := report.PDF(&b, []report.Document{d}, options(p, l)); err != nil {
				t.Fatal(err)
			}
			f, err := pdf.Open(bytes.NewReader(b.Bytes()), int64(b.Len()), pdf.OpenOptions{})
			if err != nil {
				t.Fatal(err)
			}
			if n, err := f.Latest().Pages(); n != 1 || err != nil {
				t.Errorf("%s, %s: %d pages, %v", d.Name, l, n, err)
			}
			testkit.Keep(t, "satu-"+string(l)+"-"+d.Name, b.Bytes())
		}
	}
}

// TestLongTexts: names as long as a signer likes go over to further pages and lose nothing that is not cut for all.
func TestLongTexts(t *testing.T) {
	p := testkit.NewPKI(t, nil)
	doc := signed(t, p, pades.LevelB, pades.SignOptions{Reason: strings.Repeat("W", 5000), Location: strings.Repeat("kata ", 2000)})
	d := verified(t, p, strings.Repeat("nama-", 100)+".pdf", doc, nil)
	for i := range 30 {
		s := d.Report.Signatures[0]
		s.Field = fmt.Sprint("Isian ", i)
		d.Report.Signatures = append(d.Report.Signatures, s)
	}
	var b, h bytes.Buffer
	if err := report.PDF(&b, []report.Document{d}, options(p, pades.English)); err != nil {
		t.Fatal(err)
	}
	path := testkit.Keep(t, "panjang.pdf", b.Bytes())
	text := testkit.Tool(t, "pdftotext", "-layout", path, "-")
	for i := range 30 {
		if !strings.Contains(text, fmt.Sprintf("%q", fmt.Sprint("Isian ", i))) {
			t.Errorf("signature %d is missing", i)
		}
	}
	testkit.Tool(t, "qpdf", "--check", path)
	if err := report.HTML(&h, []report.Document{d}, options(p, pades.English)); err != nil {
		t.Fatal(err)
	}
}

// TestOrderOfTime: what decides whether a certificate was good when it was used can be read from the order of events.
func TestOrderOfTime(t *testing.T) {
	p := testkit.NewPKI(t, nil)
	doc := signed(t, p, pades.LevelT, pades.SignOptions{})
	p.Revoked = map[string]time.Time{p.Signer.Certificate.SerialNumber.String(): p.Now.Add(time.Hour)}
	p.Now = p.Now.Add(2 * time.Hour)
	d := verifiedOnline(t, p, "kemudian.pdf", doc)
	if v := d.Report.Verdict; v != pades.ValidWithNotes {
		t.Fatalf("the document is %s", v)
	}
	var b bytes.Buffer
	if err := report.HTML(&b, []report.Document{d}, options(p, pades.Indonesian)); err != nil {
		t.Fatal(err)
	}
	rest := b.String()
	for _, want := range []string{"Urutan waktu", "sertifikat mulai berlaku", "ditandatangani, menurut jam", "stempel waktu Absah Uji TSA 1", "sertifikat dicabut", "pemeriksaan ini", "masa berlaku sertifikat berakhir", "berlaku ketika ditandatangani; dicabut"} {
		i := strings.Index(rest, want)
		if i < 0 {
			t.Fatalf("%q is not told, or not in its place\n%s", want, b.String())
		}
		rest = rest[i:]
	}
	if strings.Contains(b.String(), "tidak dicabut") {
		t.Error("the page says that the certificate is not revoked")
	}
}

// TestCorpus writes every report about documents of all kinds of producers and attackers.
func TestCorpus(t *testing.T) {
	corpus := os.Getenv("ABSAH_CORPUS")
	if corpus == "" {
		t.Skip("ABSAH_CORPUS is not set")
	}
	p := testkit.NewPKI(t, nil)
	n := 0
	for _, set := range []string{"attacks", "signed"} {
		err := filepath.WalkDir(filepath.Join(corpus, set), func(path string, e os.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, ".pdf") {
				return err
			}
			if n++; set == "signed" && n%corpusStep != 0 {
				return nil
			}
			doc, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			evidence, err := pades.Gather(context.Background(), bytes.NewReader(doc), int64(len(doc)), pades.GatherOptions{})
			if err != nil {
				return nil // it is not a document that can be read
			}
			policy := trust.Basic()
			policy.Time = p.Now
			sum := sha256.Sum256(doc)
			d := report.Document{Name: filepath.Base(path), Size: int64(len(doc)), SHA256: sum[:], Report: pades.Judge(evidence, policy), Evidence: evidence}
			docs, o := []report.Document{d}, options(p, pades.Indonesian)
			var x, all bytes.Buffer
			if err := report.XML(&x, docs, o); err != nil {
				t.Errorf("%s: %v", path, err)
			}
			conforms(t, parse(t, x.Bytes()))
			if err := report.Package(&all, d, bytes.NewReader(doc), o); err != nil {
				t.Errorf("%s: %v", path, err)
			}
			if t.Failed() {
				return fmt.Errorf("%s", path)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if n < 100 {
		t.Errorf("%d files", n)
	}
}

// corpusStep leaves out most of the signed documents, which are alike.
const corpusStep = 10
