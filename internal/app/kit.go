package app

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/sha1" //nolint:gosec // Windows names certificates by it
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"absah/internal/answer"
	"absah/internal/ca"
	"absah/internal/cms"
	"absah/internal/fault"
	"absah/internal/keystore"
	"absah/internal/sheet"
	"absah/internal/stamp"
	"absah/internal/web"
	"absah/pades"
	"absah/trust"
)

// The names of the kit's files that are signed, and so kept: what is made from the certificates alone is made anew at each start.
const (
	sampleName = "contoh.pdf"
	printsName = "fingerprints.txt"
	sealName   = "fingerprints.txt.p7s"
)

// renewSample is how long before its signer's certificate ends the sample is made anew.
const renewSample = 90 * 24 * time.Hour

// trustPackage is whom this instance believes: its own root, and what the operator's package says.
func (a *App) trustPackage() *trust.Package {
	p := &trust.Package{
		Name: map[string]string{"id": "Daftar kepercayaan " + a.host(), "en": "Trust list of " + a.host()}, Date: a.pki.certs[ca.Root].NotBefore, Anchors: a.pki.anchors(),
	}
	if more := a.operator.trust; more != nil {
		if more.Name != nil {
			p.Name = more.Name
		}
		if more.Date.After(p.Date) {
			p.Date = more.Date
		}
		for _, x := range more.Anchors {
			if !x.Certificate.Equal(a.pki.certs[ca.Root]) {
				p.Anchors = append(p.Anchors, x)
			}
		}
	}
	return p
}

// makeKit makes what others need to trust this instance. What is signed is made once and kept in the folder "trust"; without a trusted
// clock it is left out, and the server starts all the same.
func (a *App) makeKit(ctx context.Context) (*web.Trust, error) {
	p := a.trustPackage()
	list, err := json.Marshal(p)
	if err != nil {
		return nil, err
	}
	root, issuing := a.pki.certs[ca.Root], a.pki.certs[ca.Issuing]
	t := &web.Trust{Package: p.Name, Date: p.Date}
	for _, x := range p.Anchors {
		t.Roots = append(t.Roots, shownRoot(x.Certificate, string(x.Kind), x.Certificate.Equal(root)))
		if x.Certificate.Equal(root) {
			below := shownRoot(issuing, string(x.Kind), true)
			below.Issuing = true
			t.Roots = append(t.Roots, below)
		}
	}
	block := func(der []byte) []byte { return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}) }
	t.Files = map[string]web.TrustFile{
		"package.json": {Type: "application/json", Data: list, Shown: true},
		"root.cer":     {Type: "application/pkix-cert", Data: root.Raw},
		"root.pem":     {Type: "application/x-pem-file", Data: block(root.Raw)},
		"chain.pem":    {Type: "application/x-pem-file", Data: append(block(issuing.Raw), block(root.Raw)...)},
		"chain.p7b":    {Type: "application/x-pkcs7-certificates", Data: cms.CertificateBag(root.Raw, issuing.Raw)},
	}
	prints := a.fingerprints(t.Roots)
	t.Files[printsName] = web.TrustFile{Type: "text/plain; charset=utf-8", Data: prints, Shown: true}
	sample, seal, err := a.signedKit(ctx, prints)
	if err != nil {
		a.cfg.Log.Warn("the signed sample of the trust kit cannot be made now; the next start tries again", "error", err)
		return t, nil
	}
	t.Files[sampleName] = web.TrustFile{Type: "application/pdf", Data: sample}
	t.Files[sealName] = web.TrustFile{Type: "application/pkcs7-signature", Data: seal}
	return t, nil
}

func shownRoot(c *trust.Certificate, kind string, own bool) web.Root {
	s256, s1 := sha256.Sum256(c.Raw), sha1.Sum(c.Raw) //nolint:gosec // as above
	return web.Root{
		Own: own, Kind: kind, Subject: c.Subject.CommonName(), SHA256: strings.ToUpper(hex.EncodeToString(s256[:])), SHA1: strings.ToUpper(hex.EncodeToString(s1[:])),
		From: c.NotBefore, To: c.NotAfter,
	}
}

// fingerprints is what people print and compare. It has no date, so that it stays the same while the certificates do.
func (a *App) fingerprints(roots []web.Root) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\nSidik jari sertifikat (SHA-256) / Certificate fingerprints (SHA-256)\n", a.cfg.BaseURL)
	for _, r := range roots {
		what := "root"
		if r.Issuing {
			what = "issuing"
		}
		if !r.Own {
			what = r.Kind
		}
		fmt.Fprintf(&b, "\n%s: %s\n", what, r.Subject)
		for i := 0; i < len(r.SHA256); i += 32 {
			fmt.Fprintf(&b, "  %s\n", answer.Grouped(r.SHA256[i:i+32]))
		}
	}
	return []byte(b.String())
}

// signedKit is the sample and the signature of the fingerprints: those of the folder, as long as they fit.
func (a *App) signedKit(ctx context.Context, prints []byte) (sample, seal []byte, err error) {
	dir := a.cfg.path("trust")
	old, err := os.ReadFile(filepath.Join(dir, printsName))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, nil, err
	}
	recs, err := a.pki.ca.Certificates(ctx, sampleOwner)
	if err != nil {
		return nil, nil, err
	}
	if bytes.Equal(old, prints) && len(recs) > 0 && recs[0].NotAfter.Sub(a.cfg.Now()) > renewSample {
		sample, err = os.ReadFile(filepath.Join(dir, sampleName))
		if err == nil {
			seal, err = os.ReadFile(filepath.Join(dir, sealName))
		}
		if err == nil {
			return sample, seal, nil
		}
	}
	if sample, seal, err = a.signKit(ctx, prints); err != nil {
		return nil, nil, err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, nil, err
	}
	// The text comes last: it says that the others fit.
	for _, f := range []struct {
		name string
		data []byte
	}{{sampleName, sample}, {sealName, seal}, {printsName, prints}} {
		tmp := filepath.Join(dir, f.name+".part")
		if err := os.WriteFile(tmp, f.data, 0o644); err != nil { //nolint:gosec // everybody may read it
			return nil, nil, err
		}
		if err := os.Rename(tmp, filepath.Join(dir, f.name)); err != nil {
			return nil, nil, err
		}
	}
	return sample, seal, nil
}

// sampleOwner is whose certificate signs the sample: nobody's.
const sampleOwner = "sample"

// signKit signs with a key that is made for these two signatures and exists in memory only.
func (a *App) signKit(ctx context.Context, prints []byte) (sample, seal []byte, err error) {
	key, err := keystore.Generate(keystore.P256)
	if err != nil {
		return nil, nil, err
	}
	org := a.operator.Name.In("id")
	if org == "" || len([]rune(org)) > 64 { // X.520 ub-organization-name
		org = "Instansi Contoh"
	}
	t, err := a.pki.ca.Prepare(ctx, ca.Request{
		Authority: ca.Issuing, Profile: "sample", Owner: sampleOwner, PublicKey: key.Public(),
		Subject: ca.Subject{Country: "ID", Organization: org, CommonName: "Contoh Tanda Tangan", Serial: sampleOwner},
	})
	if err != nil {
		return nil, nil, err
	}
	rec, err := a.pki.ca.Issue(ctx, t)
	if err != nil {
		return nil, nil, err
	}
	if sample, err = a.signSample(ctx, key, rec.DER, prints); err != nil {
		return nil, nil, err
	}
	s, err := cms.NewSigner(cms.SignerOptions{Certificate: rec.DER, Chain: [][]byte{a.pki.certs[ca.Issuing].Raw}})
	if err != nil {
		return nil, nil, err
	}
	h := s.Hash().New()
	h.Write(prints)
	seal, err = s.Sign(rand.Reader, key, h.Sum(nil), nil)
	return sample, seal, err
}

// signSample writes and signs one page that says what it is for.
func (a *App) signSample(ctx context.Context, key crypto.Signer, cert, prints []byte) ([]byte, error) {
	now := a.cfg.Now()
	d := sheet.Document{Title: "Dokumen contoh", Author: "Absah", Language: "id-ID", Date: now}
	p := d.AddPage()
	const left, width = 71.0, sheet.Width - 2*71
	y := sheet.Height - 90.0
	put := func(tag string, f *stamp.Font, size, leading float64, text string) {
		switch tag {
		case "H1":
			p.Begin("H1")
		default:
			p.Begin("P")
		}
		for _, line := range f.Wrap(text, size, width) {
			p.Text(f, size, left, y, line)
			y -= leading
		}
		p.EndTag()
	}
	put("H1", stamp.Bold(), 20, 30, d.Title)
	for _, text := range []string{
		"Berkas ini ditandatangani oleh server " + a.host() + " untuk dicoba: buka di Adobe Acrobat, Okular, atau pemeriksa lain, dan lihat apakah penerbitnya sudah dipercaya di komputer Anda. Isinya tidak menetapkan apa-apa.",
		"This file was signed by the server " + a.host() + " to be tried: open it in Adobe Acrobat, Okular or another verifier and see whether its issuer is trusted on your computer. It states nothing else.",
	} {
		y -= 6
		put("P", stamp.Regular(), 11, 17, text)
	}
	y -= 12
	for line := range strings.Lines(string(prints)) {
		if line = strings.TrimRight(line, "\n"); line == "" {
			y -= 8
			continue
		}
		put("P", stamp.Regular(), 9.5, 14, line)
		if y < 200 { // of a long list the file of fingerprints has the rest
			break
		}
	}
	var plain, out bytes.Buffer
	if err := d.Write(&plain); err != nil {
		return nil, err
	}
	err := pades.Sign(ctx, &out, bytes.NewReader(plain.Bytes()), int64(plain.Len()), key, pades.SignOptions{
		Certificate: cert, Chain: a.pki.chain(), Level: pades.LevelLT, Time: now.In(fault.WIB), Timestamper: a.pki.tsa, Fetcher: a.pki,
		Appearance: &pades.Appearance{Corner: pades.LowerRight, Page: pades.FirstPage},
	})
	return out.Bytes(), err
}
