package report

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"absah/internal/answer"
	"absah/internal/stamp"
	"absah/pades"
	"absah/trust"
)

// Names of the files in a package.
const (
	packedDocument = "dokumen.pdf"
	packedAnchors  = "bukti/dasar-kepercayaan.pem"
	packedScript   = "periksa.sh"
	packedSums     = "SHA256SUMS"
)

// Package writes a ZIP file with everything that the answer about one document rests on: the document, the reports, each signature value,
// time-stamp, certificate chain and piece of revocation data, a cover sheet, a README in two languages and a script that checks all of it
// with openssl, without this program. src is the document again; an error says when it is not the one that was verified. The same
// input gives the same bytes.
func Package(w io.Writer, d Document, src io.Reader, o Options) error {
	if d.Report == nil || d.Evidence == nil {
		return errors.New("nothing is known about the document: " + d.Problem)
	}
	p := &packer{zip: zip.NewWriter(w), at: o.Time.UTC().Truncate(2 * time.Second), sums: map[string]string{}}
	p.zip.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.DefaultCompression) })
	sum, err := p.copy(packedDocument, "dokumen yang diperiksa", "the document that was verified", src)
	if err != nil {
		return err
	}
	if !bytes.Equal(sum, d.SHA256) {
		return errors.New("the document changed while it was verified; verify it again")
	}
	if err := p.reports(d, o); err != nil {
		return err
	}
	p.evidence(&d)
	script := p.script()
	p.add(packedScript, "memeriksa semuanya dengan openssl", "checks all of it with openssl", []byte(script))
	p.add("BACA-DULU.txt", "keterangan ini", "this text in Indonesian", []byte(p.readme(&d, o, pades.Indonesian)))
	p.add("README.txt", "keterangan ini dalam bahasa Inggris", "this text", []byte(p.readme(&d, o, pades.English)))
	cover, err := p.cover(&d, o)
	if err != nil {
		return err
	}
	p.add("sampul.pdf", "lembar sampul", "cover sheet", cover)
	var list strings.Builder
	for _, f := range p.files {
		fmt.Fprintf(&list, "%s  %s\n", p.sums[f.name], f.name)
	}
	p.add(packedSums, "sidik jari semua berkas", "fingerprints of all files", []byte(list.String()))
	if p.err != nil {
		return p.err
	}
	return p.zip.Close()
}

type packed struct {
	name   string
	id, en string // what it is
}

func (f packed) what(l pades.Language) string {
	if l == pades.English {
		return f.en
	}
	return f.id
}

// command is a line for a shell, with what it shows.
type command struct {
	id, en string
	line   string
	expect []string // what the output must contain; none: the exit status tells
}

type packer struct {
	zip      *zip.Writer
	at       time.Time
	files    []packed
	sums     map[string]string
	commands []command
	err      error // the first one
}

func (p *packer) add(name, id, en string, content []byte) {
	if p.err == nil {
		_, p.err = p.copy(name, id, en, bytes.NewReader(content))
	}
}

func (p *packer) copy(name, id, en string, src io.Reader) ([]byte, error) {
	h := &zip.FileHeader{Name: name, Method: zip.Deflate, Modified: p.at}
	h.SetMode(0o644)
	f, err := p.zip.CreateHeader(h)
	if err != nil {
		return nil, err
	}
	sum := sha256.New()
	if _, err := io.Copy(io.MultiWriter(f, sum), src); err != nil {
		return nil, err
	}
	p.files = append(p.files, packed{name, id, en})
	p.sums[name] = hex.EncodeToString(sum.Sum(nil))
	return sum.Sum(nil), nil
}

func (p *packer) reports(d Document, o Options) error {
	docs := []Document{d}
	for _, form := range []struct {
		name, id, en string
		write        func(io.Writer, []Document, Options) error
	}{
		{"laporan.pdf", "laporan untuk dicetak", "report to print", PDF},
		{"laporan.html", "laporan untuk peramban", "report for a browser", HTML},
		{"laporan.xml", "laporan validasi ETSI TS 119 102-2", "validation report of ETSI TS 119 102-2", XML},
	} {
		var b bytes.Buffer
		if err := form.write(&b, docs, o); err != nil {
			return err
		}
		p.add(form.name, form.id, form.en, b.Bytes())
	}
	answer := *d.Report
	answer.File = packedDocument // where it lay when it was verified is nobody's affair
	line, err := answer.JSON()
	if err != nil {
		return err
	}
	p.add("laporan.json", "hasil untuk program", "the answer for programs", line)
	facts, err := json.MarshalIndent(d.Evidence, "", " ")
	if err != nil {
		return err
	}
	p.add("bukti/fakta.json", "semua fakta yang dinilai", "all facts that were judged", append(facts, '\n'))
	return nil
}

// evidence adds the pieces of each signature and the commands that check them.
func (p *packer) evidence(d *Document) {
	anchors := &bundle{}
	for i := range d.Report.Signatures {
		s := &d.Report.Signatures[i]
		anchors.anchor(s.Validation)
		for k := range s.Timestamps {
			anchors.anchor(s.Timestamps[k].Validation)
		}
	}
	if len(anchors.der) > 0 {
		p.add(packedAnchors, "dasar kepercayaan pemeriksaan ini", "trust anchors of this verification", anchors.pem())
	}
	p.commands = append(p.commands, command{"semua berkas seperti saat paket dibuat", "all files are as when the package was made", "sha256sum -c --quiet " + packedSums, nil})
	for i := range d.Report.Signatures {
		p.signature(d, i, len(anchors.der) > 0)
	}
}

// bundle collects certificates, each once.
type bundle struct{ der [][]byte }

func (b *bundle) add(c *trust.Certificate) {
	for _, x := range b.der {
		if bytes.Equal(x, c.Raw) {
			return
		}
	}
	b.der = append(b.der, c.Raw)
}

func (b *bundle) anchor(v *trust.Result) {
	if v != nil && v.Anchor != nil {
		b.add(v.Anchor.Certificate)
	}
}

func (b *bundle) pem() []byte {
	var out bytes.Buffer
	for _, der := range b.der {
		out.Write(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	}
	return out.Bytes()
}

// chain is the path of a validation without its anchor, and the signers of the revocation data behind it.
func chain(v *trust.Result) *bundle {
	b := &bundle{}
	for _, c := range v.Path {
		if v.Anchor == nil || !bytes.Equal(c.Raw, v.Anchor.Certificate.Raw) {
			b.add(c)
		}
	}
	for _, r := range v.Revocation {
		if r.Signer != nil {
			b.add(r.Signer)
		}
	}
	return b
}

func (p *packer) signature(d *Document, i int, anchored bool) {
	s, f := &d.Report.Signatures[i], &d.Evidence.Signatures[i]
	dir := fmt.Sprintf("bukti/tanda-tangan-%d/", i+1)
	id, en := fmt.Sprintf("tanda tangan %d", i+1), fmt.Sprintf("signature %d", i+1)
	if f.Document {
		dir = fmt.Sprintf("bukti/stempel-waktu-dokumen-%d/", i+1)
		id, en = fmt.Sprintf("stempel waktu dokumen %d", i+1), fmt.Sprintf("document time-stamp %d", i+1)
	}
	parts, err := f.Parts()
	if err != nil {
		p.add(dir+"nilai-rusak.bin", "nilai "+id+", tidak dapat dibaca", "value of "+en+", which cannot be read", f.Contents)
		return
	}
	at := d.Report.ValidationTime
	when := fmt.Sprint(p.at.Unix())
	if at != nil {
		when = fmt.Sprint(at.Unix())
	}
	now := when
	if s.BestTime != nil && !f.Document {
		when = fmt.Sprint(s.BestTime.Unix())
	}
	data := ""
	if br := f.ByteRange; len(br) == 4 && f.SignedLength() > 0 {
		data = fmt.Sprintf("{ head -c %d %s; tail -c +%d %s | head -c %d; }", br[0]+br[1], packedDocument, br[2]+1, packedDocument, br[3])
	}
	// How openssl is told whom to trust. Without an anchor only the mathematics is checked.
	trusted := func(untrusted, at string) string {
		out := "-CAfile " + packedAnchors + " -partial_chain -attime " + at
		if untrusted != "" {
			out += " " + untrusted
		}
		return out
	}
	chainFile := ""
	if v := s.Validation; v != nil && len(v.Path) > 0 {
		chainFile = dir + "rantai.pem"
		p.add(chainFile, "sertifikat "+id+" dan penerbitnya", "certificate of "+en+" and its issuers", chain(v).pem())
	}
	switch {
	case f.Document:
		token := dir + "stempel-waktu.tst"
		p.add(token, id, en, parts.Message)
		if data != "" && anchored && chainFile != "" {
			p.commands = append(p.commands, command{
				id + " cocok dengan dokumen dan dipercaya", en + " fits the document and is trusted",
				data + " > \"$T\"; openssl ts -verify -data \"$T\" -in " + token + " -token_in " + trusted("-untrusted "+chainFile, now),
				[]string{"Verification: OK"},
			})
		}
	case f.SubFilter == "ETSI.CAdES.detached" || f.SubFilter == "adbe.pkcs7.detached":
		message := dir + "tanda-tangan.p7s"
		p.add(message, "nilai "+id+" (CMS)", "value of "+en+" (CMS)", parts.Message)
		if data == "" {
			break
		}
		verify, sayID, sayEN := "-noverify", id+" cocok dengan dokumen", en+" fits the document"
		if s.Validation != nil && s.Validation.Anchor != nil {
			verify, sayID, sayEN = trusted("-certfile "+chainFile, when)+" -purpose any", sayID+" dan sertifikatnya dipercaya", sayEN+" and its certificate is trusted"
		}
		p.commands = append(p.commands, command{
			sayID, sayEN, data + " > \"$T\"; openssl cms -verify -binary -inform DER -in " + message + " -content \"$T\" -out /dev/null " + verify, nil,
		})
	default:
		// Two old forms, for which openssl has no single command.
		p.add(dir+"nilai.bin", "nilai "+id, "value of "+en, parts.Message)
	}
	if len(parts.Tokens) > 0 {
		value := dir + "nilai-kunci.bin"
		p.add(value, "hasil kunci, yang diberi stempel waktu", "what the key made, which is time-stamped", parts.Value)
		for k := range min(len(parts.Tokens), len(s.Timestamps)) {
			token := fmt.Sprintf("%sstempel-waktu-%d.tst", dir, k+1)
			p.add(token, "stempel waktu "+id, "time-stamp of "+en, parts.Tokens[k])
			v := s.Timestamps[k].Validation
			if v == nil || len(v.Path) == 0 {
				continue
			}
			file := fmt.Sprintf("%sstempel-waktu-%d-rantai.pem", dir, k+1)
			p.add(file, "sertifikat stempel waktu dan penerbitnya", "certificate of the time-stamp and its issuers", chain(v).pem())
			p.status(fmt.Sprintf("%sstempel-waktu-%d-", dir, k+1), v, now)
			if v.Anchor != nil {
				p.commands = append(p.commands, command{
					"stempel waktu " + id + " cocok dan dipercaya", "time-stamp of " + en + " fits and is trusted",
					"openssl ts -verify -data " + value + " -in " + token + " -token_in " + trusted("-untrusted "+file, now),
					[]string{"Verification: OK"},
				})
			}
		}
	}
	if s.Validation != nil {
		p.status(dir, s.Validation, when)
	}
}

// status adds what says whether the certificates of a path were revoked.
func (p *packer) status(dir string, v *trust.Result, at string) {
	for i, r := range v.Revocation {
		if len(r.Evidence) == 0 || i+1 >= len(v.Path) {
			continue
		}
		subject, issuer := fmt.Sprintf("%ssertifikat-%d.pem", dir, i+1), fmt.Sprintf("%spenerbit-%d.pem", dir, i+1)
		name := answer.Shown(v.Path[i].Subject.CommonName())
		p.add(subject, "sertifikat "+name, "certificate "+name, (&bundle{[][]byte{v.Path[i].Raw}}).pem())
		p.add(issuer, "penerbitnya", "its issuer", (&bundle{[][]byte{v.Path[i+1].Raw}}).pem())
		if r.Source == "ocsp" {
			file := fmt.Sprintf("%sstatus-%d.ocsp", dir, i+1)
			p.add(file, "jawaban OCSP tentang "+name, "OCSP response about "+name, r.Evidence)
			expect := []string{"Response verify OK", ": good"}
			if !r.RevokedAt.IsZero() {
				expect[1] = ": revoked"
			}
			p.commands = append(p.commands, command{
				"jawaban OCSP tentang " + name + " ditandatangani dengan benar", "OCSP response about " + name + " is signed as it should be",
				"openssl ocsp -respin " + file + " -issuer " + issuer + " -cert " + subject + " -no_nonce -CAfile " + issuer + " -partial_chain -attime " + at + " 2>&1", expect,
			})
			continue
		}
		file := fmt.Sprintf("%sstatus-%d.crl", dir, i+1)
		p.add(file, "daftar pencabutan yang memuat "+name, "revocation list that covers "+name, r.Evidence)
		line := "openssl crl -inform DER -in " + file + " -CAfile " + issuer + " -noout -text > \"$T\" 2>&1 && grep 'verify OK' \"$T\""
		// What a delta takes off the list is on it all the same.
		listed := "grep -qi 'Serial Number: " + fmt.Sprintf("%X", v.Path[i].Serial.Bytes()) + "$' \"$T\""
		sayID, sayEN := "daftar pencabutan ditandatangani dengan benar dan tidak memuat "+name, "revocation list is signed as it should be and does not hold "+name
		switch {
		case !r.RevokedAt.IsZero():
			line += " && " + listed
			sayID, sayEN = "daftar pencabutan ditandatangani dengan benar dan memuat "+name, "revocation list is signed as it should be and holds "+name
		case r.Delta == nil:
			line += " && ! " + listed
		default:
			sayID, sayEN = "daftar pencabutan tentang "+name+" ditandatangani dengan benar", "revocation list about "+name+" is signed as it should be"
		}
		p.commands = append(p.commands, command{sayID, sayEN, line, []string{"verify OK"}})
	}
}

// script runs the commands and says of each whether it holds.
func (p *packer) script() string {
	var b strings.Builder
	b.WriteString(`#!/bin/sh
# Memeriksa isi paket ini dengan openssl dan sha256sum, tanpa Absah. / Checks this package with openssl and sha256sum, without Absah.
# sh periksa.sh
cd "$(dirname "$0")" || exit 1
T=$(mktemp) && O=$(mktemp) || exit 1
trap 'rm -f "$T" "$O"' EXIT
failed=0
check() { # words, command, what its output must contain ...
	words=$1 result=OK
	sh -c "$2" >"$O" 2>&1 || result=GAGAL
	shift 2
	for want in "$@"; do
		grep -qF -e "$want" "$O" || result=GAGAL
	done
	[ "$result" = OK ] || failed=1
	printf '%-6s %s\n' "$result" "$words"
}
export T
`)
	for _, c := range p.commands {
		fmt.Fprintf(&b, "check %s %s", quoted(c.id+" / "+c.en), quoted(c.line))
		for _, want := range c.expect {
			b.WriteString(" " + quoted(want))
		}
		b.WriteByte('\n')
	}
	b.WriteString("exit $failed\n")
	return b.String()
}

// quoted is a word for a shell.
func quoted(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

func (p *packer) readme(d *Document, o Options, l pades.Language) string {
	pick := func(id, en string) string {
		if l == pades.English {
			return en
		}
		return id
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\n", pick("PAKET BUKTI TANDA TANGAN ELEKTRONIK", "EVIDENCE ABOUT AN ELECTRONIC SIGNATURE"))
	fmt.Fprintf(&b, "%s: %s\nSHA-256: %s\n%s: %s\n%s\n\n", pick("Berkas", "File"), pades.Plain(d.Name), hex.EncodeToString(d.SHA256),
		pick("Hasil", "Answer"), d.Report.Verdict.Word(l), answer.Shown(d.Report.Headline(l)))
	fmt.Fprintf(&b, pick("Dibuat %s dengan %s. Paket ini dapat dibaca dan diperiksa tanpa program itu.\n\n", "Made %s with %s. The package can be read and checked without that program.\n\n"),
		stamp.DateTime(o.Time, nil, string(l)), o.Program)
	b.WriteString(pick("ISI\n\n", "WHAT IS IN IT\n\n"))
	for _, f := range p.files {
		fmt.Fprintf(&b, "  %-52s %s\n", f.name, f.what(l))
	}
	fmt.Fprintf(&b, "  %-52s %s\n  %-52s %s\n", "sampul.pdf", pick("lembar sampul", "cover sheet"), packedSums, pick("sidik jari semua berkas", "fingerprints of all files"))
	b.WriteString(pick(
		"\nMEMERIKSA SENDIRI\n\nSemua sekaligus, dengan OpenSSL 3 di Linux, macOS, atau Windows (Git Bash):\n\n    sh periksa.sh\n\nAtau satu per satu, di folder ini. Sebelum itu:\n\n    T=$(mktemp)\n",
		"\nCHECK IT YOURSELF\n\nAll at once, with OpenSSL 3 on Linux, macOS or Windows (Git Bash):\n\n    sh periksa.sh\n\nOr one by one, in this folder. Before that:\n\n    T=$(mktemp)\n",
	))
	for _, c := range p.commands {
		fmt.Fprintf(&b, "\n%s:\n\n    %s\n", pick(c.id, c.en), c.line)
	}
	b.WriteString(pick(
		"\nDasar kepercayaan di "+packedAnchors+" dipilih oleh pemeriksa. Bandingkan sidik jarinya dengan pengumuman resmi penerbitnya:\npaket ini tidak dapat membuktikan bahwa dasar itu layak dipercaya.\n",
		"\nThe trust anchors in "+packedAnchors+" were chosen by the verifier. Compare their fingerprints with what the issuer publishes:\nthis package cannot prove that they deserve trust.\n",
	))
	return b.String()
}

// cover is the first sheet: what the package is about, what is in it, and room to note who received it.
func (p *packer) cover(d *Document, o Options) ([]byte, error) {
	l := o.Language
	pick := func(id, en string) string {
		if l == pades.English {
			return en
		}
		return id
	}
	title := pick("Paket bukti tanda tangan elektronik", "Evidence about an electronic signature")
	c := newComposer(title, o)
	v := answer.New(d, l)
	c.heading("H1", 16, title)
	c.text("P", pdfSmall, grayText, made(o))
	c.y -= pdfGap
	c.band(v)
	for _, r := range v.Facts {
		c.row(r, pdfText)
	}
	c.y -= pdfGap
	for _, s := range v.Signatures {
		c.item(s.Mark, s.Title+": "+s.Word, "")
	}
	c.rule()
	c.heading("H2", 11, pick("Isi paket", "What is in it"))
	for k := 0; k < len(p.files); k++ {
		f := p.files[k]
		folder, deep := f.name[:strings.LastIndex(f.name, "/")+1], strings.Count(f.name, "/") > 1
		if !deep {
			c.row(answer.Row{Label: f.name, Value: f.what(l)}, pdfSmall)
			continue
		}
		n := 1
		for k+1 < len(p.files) && strings.HasPrefix(p.files[k+1].name, folder) {
			k++
			n++
		}
		c.row(answer.Row{Label: folder, Value: fmt.Sprintf(pick("nilai, sertifikat, status, dan stempel waktu: %d berkas", "value, certificates, status and time-stamps: %d files"), n)}, pdfSmall)
	}
	c.row(answer.Row{Label: packedSums, Value: pick("sidik jari semua berkas", "fingerprints of all files")}, pdfSmall)
	c.rule()
	c.heading("H2", 11, pick("Memeriksa ulang", "Checking again"))
	c.text("P", pdfText, 0, pick(
		"sh periksa.sh memeriksa seluruh isi dengan OpenSSL, tanpa program yang membuat paket ini; BACA-DULU.txt menjelaskan setiap langkah. Dasar kepercayaan dipilih oleh pemeriksa: bandingkan sidik jarinya dengan pengumuman resmi penerbitnya.",
		"sh periksa.sh checks everything with OpenSSL, without the program that made this package; README.txt explains each step. The trust anchors were chosen by the verifier: compare their fingerprints with what the issuer publishes.",
	))
	c.rule()
	for _, label := range []string{pick("Diserahkan oleh", "Handed over by"), pick("Diterima oleh", "Received by"), pick("Tanggal", "Date")} {
		c.row(answer.Row{Label: label, Value: "........................................................................"}, pdfText)
		c.y -= 10
	}
	var b bytes.Buffer
	err := c.doc.Write(&b)
	return b.Bytes(), err
}
