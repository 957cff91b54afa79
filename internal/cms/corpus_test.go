package cms

import (
	"bytes"
	"crypto"
	"encoding/base64"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"absah/internal/sigalg"
)

var byteRange = regexp.MustCompile(`/ByteRange\s*\[\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s*\]`)

// embedded is a signature found in a PDF by its ByteRange: the octets of Contents and what it covers.
type embedded struct {
	contents []byte
	covered  []byte
}

func signaturesIn(pdf []byte) (found []embedded) {
	seen := map[string]bool{}
	for _, m := range byteRange.FindAllSubmatch(pdf, -1) {
		if seen[string(m[0])] {
			continue
		}
		seen[string(m[0])] = true
		var n [4]int
		for i := range n {
			n[i], _ = strconv.Atoi(string(m[i+1]))
		}
		start, end, stop := n[0]+n[1], n[2], n[2]+n[3]
		if n[0] != 0 || start >= end || stop > len(pdf) {
			continue
		}
		text := bytes.Trim(pdf[start:end], "<> \r\n\t")
		contents, err := hex.DecodeString(strings.Join(strings.Fields(string(text)), ""))
		if err != nil || len(contents) == 0 {
			continue
		}
		found = append(found, embedded{contents, append(bytes.Clone(pdf[:start]), pdf[end:stop]...)})
	}
	return found
}

// signerKey finds the certificate that a SignerInfo names among the given ones.
func signerKey(si *SignerInfo, certs [][]byte) (crypto.PublicKey, []byte, error) {
	for _, der := range certs {
		c, err := parseCertificate(der)
		if err != nil {
			continue
		}
		serial, err := integer(c.serial[headerSize(c.serial):])
		if err == nil && si.Names(c.issuer, serial, c.keyID()) {
			pub, err := sigalg.ParsePublicKey(c.spki)
			return pub, der, err
		}
	}
	return nil, nil, errors.New("no certificate for the signer")
}

// verdict is T when all signatures of a file are correct, F when none is.
func verdict(good, bad int) string {
	switch {
	case good+bad == 0:
		return "n/a"
	case bad == 0:
		return "T"
	case good == 0:
		return "F"
	}
	return "mixed"
}

// Every Contents of the signed corpus parses, and says of digest and signature value what the manifest says.
func TestSignedCorpus(t *testing.T) {
	dir := corpus(t)
	f, err := os.Open(filepath.Join(dir, "manifest.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var parsed, unparsed, tokens, compared, disagree int
	for _, row := range rows {
		path, purpose, expected := row[0], row[2], row[5]
		if purpose != "signed" && purpose != "attacks" {
			continue
		}
		pdf, err := os.ReadFile(filepath.Join(dir, path))
		if err != nil {
			t.Fatal(err)
		}
		want := map[string]string{}
		for kv := range strings.SplitSeq(expected, ";") {
			k, v, _ := strings.Cut(kv, "=")
			want[k] = v
		}
		good, bad, stored, skipped := 0, 0, 0, 0
		var why []string
		var stamps []*SignedData
		for _, e := range signaturesIn(pdf) {
			sd, err := Parse(e.contents)
			if err != nil {
				unparsed++
				bad++
				why = append(why, err.Error())
				continue
			}
			parsed++
			if len(sd.SignerInfos) == 0 {
				bad++
				continue
			}
			si := sd.SignerInfos[0]
			for _, raw := range si.SignatureTimeStamps() {
				tok, err := Parse(raw)
				if err != nil {
					t.Errorf("%s: token: %v", path, err)
					continue
				}
				stamps = append(stamps, tok)
			}
			if sd.EContentType == OIDTSTInfo { // document time-stamp: counted apart in the manifest
				stamps = append(stamps, sd)
				continue
			}
			c, err := checkEmbedded(sd, e.covered)
			switch {
			case err != nil:
				skipped++
				why = append(why, err.Error())
			case c.Err == nil:
				good++
			default:
				bad++
				why = append(why, c.Err.Error())
			}
			if c.OverStoredBytesOnly {
				stored++
			}
		}
		tokens += len(stamps)
		for _, tok := range stamps {
			switch good, err := checkToken(tok); {
			case err != nil:
				t.Logf("%s: token: %v", path, err)
			case want["tst_ok"] == "T" && !good || want["tst_ok"] == "F" && good && len(stamps) == 1:
				t.Errorf("%s: token good = %v, manifest says tst_ok=%s", path, good, want["tst_ok"])
			}
		}
		if w := want["crypto_ok"]; purpose == "signed" && (w == "T" || w == "F") && skipped == 0 && (want["raw_byteranges"] == "" || strings.HasSuffix(path, "BadEncodedCMS.pdf")) {
			got := verdict(good, bad)
			compared++
			if w == "F" && got == "n/a" {
				continue // found by the field only; nothing here to judge
			}
			if got != w {
				disagree++
				t.Errorf("%s: signatures correct = %s (%d good, %d bad: %s), want %s", path, got, good, bad, strings.Join(why, "; "), w)
			}
		}
		if (want["crypto_ok_as_stored"] == "T") != (stored > 0) && purpose == "signed" {
			t.Errorf("%s: over stored bytes only = %v, manifest says %v", path, stored > 0, want["crypto_ok_as_stored"])
		}
		if skipped > 0 {
			t.Logf("%s: not judged: %s", path, strings.Join(why, "; "))
		}
	}
	t.Logf("%d structures parsed, %d not; %d tokens; %d files compared with the manifest, %d differ", parsed, unparsed, tokens, compared, disagree)
	if parsed < 300 || unparsed*20 > parsed {
		t.Errorf("%d structures parsed, %d not; almost all must", parsed, unparsed)
	}
	if compared < 120 {
		t.Errorf("only %d files compared with the manifest", compared)
	}
}

// checkToken tells whether the signature of a time-stamp token is good over its content, whatever it stamps.
func checkToken(tok *SignedData) (bool, error) {
	pub, der, err := signerKey(tok.SignerInfos[0], tok.Certificates)
	if err != nil {
		return false, err
	}
	ids := tok.SignerInfos[0].SigningCertificates()
	return tok.SignerInfos[0].CheckContent(pub, tok.EContent).Err == nil && len(ids) > 0 && ids[0].Matches(der), nil
}

// checkEmbedded judges a detached signature over covered, or the old form that encapsulates the SHA-1 of it (adbe.pkcs7.sha1).
func checkEmbedded(sd *SignedData, covered []byte) (Check, error) {
	si := sd.SignerInfos[0]
	pub, _, err := signerKey(si, sd.Certificates)
	if err != nil {
		return Check{}, err
	}
	if sd.EContent == nil {
		return si.CheckContent(pub, covered), nil
	}
	c := si.CheckContent(pub, sd.EContent)
	if c.Err == nil && !bytes.Equal(sd.EContent, digestOf(crypto.SHA1, covered)) {
		c.Err = ErrDigest
	}
	return c, nil
}

// PKITS signs a message with each end entity certificate: RSA and DSA, all of them correct as signatures.
func TestPKITSMessages(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(corpus(t), "pkits", "smime", "*.eml"))
	if err != nil || len(files) == 0 {
		t.Fatal("no messages", err)
	}
	checked := 0
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		content, der, err := splitSMIME(b)
		if err != nil {
			t.Errorf("%s: %v", filepath.Base(f), err)
			continue
		}
		sd, err := Parse(der)
		if err != nil {
			t.Errorf("Parse(%s): %v", filepath.Base(f), err)
			continue
		}
		pub, _, err := signerKey(sd.SignerInfos[0], sd.Certificates)
		if err != nil {
			t.Logf("%s: %v", filepath.Base(f), err)
			continue
		}
		c := sd.SignerInfos[0].CheckContent(pub, content)
		if strings.Contains(f, "DSAParameterInheritance") {
			var ke *sigalg.KeyError
			if !errors.As(c.Err, &ke) {
				t.Errorf("%s: CheckContent = %v, want a KeyError: the parameters are in another certificate", filepath.Base(f), c.Err)
			}
			continue
		}
		if c.Err != nil {
			t.Errorf("%s: CheckContent = %+v", filepath.Base(f), c)
		}
		checked++
	}
	t.Logf("%d of %d messages verified", checked, len(files))
	if checked < 200 {
		t.Errorf("%d of %d messages verified", checked, len(files))
	}
}

var errSMIME = errors.New("not a multipart/signed message")

// splitSMIME takes a multipart/signed message apart: the first part with CR LF line ends, and the decoded signature.
func splitSMIME(b []byte) (content, der []byte, err error) {
	m := regexp.MustCompile(`boundary="?([^"\r\n;]+)"?`).FindSubmatch(b)
	if m == nil {
		return nil, nil, errSMIME
	}
	b = bytes.ReplaceAll(bytes.ReplaceAll(b, []byte("\r\n"), []byte("\n")), []byte("\n"), []byte("\r\n"))
	parts := bytes.Split(b, []byte("\r\n--"+string(m[1])))
	if len(parts) < 3 {
		return nil, nil, errSMIME
	}
	content = bytes.TrimPrefix(parts[1], []byte("\r\n"))
	_, body, ok := bytes.Cut(parts[2], []byte("\r\n\r\n"))
	if !ok {
		return nil, nil, errSMIME
	}
	der, err = base64.StdEncoding.DecodeString(strings.Join(strings.Fields(string(body)), ""))
	return content, der, err
}
