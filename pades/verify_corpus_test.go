package pades_test

import (
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"absah/internal/pdf"
	"absah/pades"
	"absah/trust"
)

// corpusDir is the folder of public test files; tests skip by name when it is missing.
func corpusDir(t testing.TB) string {
	dir := os.Getenv("ABSAH_CORPUS")
	if dir == "" {
		dir = filepath.Join("..", "..", "shared", "corpus")
	}
	if _, err := os.Stat(filepath.Join(dir, "manifest.csv")); err != nil {
		t.Skip("the corpus is not here; set ABSAH_CORPUS to test with it")
	}
	return dir
}

// writeSection puts a part of docs/conformance.md into the folder that ABSAH_SECTIONS names.
func writeSection(t *testing.T, name, text string) {
	t.Helper()
	if dir := os.Getenv("ABSAH_SECTIONS"); dir != "" {
		if err := os.WriteFile(filepath.Join(dir, name+".md"), []byte(text), 0o644); err != nil {
			t.Error(err)
		}
	}
}

type corpusRow struct {
	name, path, sum string
	want            map[string]string
}

func corpusRows(t testing.TB, purpose string) []corpusRow {
	dir := corpusDir(t)
	f, err := os.Open(filepath.Join(dir, "manifest.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	records, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out []corpusRow
	for _, r := range records[1:] {
		if r[2] != purpose {
			continue
		}
		want := map[string]string{}
		for kv := range strings.SplitSeq(r[5], ";") {
			k, v, _ := strings.Cut(kv, "=")
			want[k] = v
		}
		out = append(out, corpusRow{r[0], filepath.Join(dir, r[0]), r[1], want})
	}
	return out
}

// corpusTime is when the corpus is judged. No anchors come with the files, so it matters for nothing but the algorithms.
var corpusTime = time.Date(2026, 8, 1, 0, 0, 0, 0, time.UTC)

func (r corpusRow) judge(t *testing.T) (*pades.Evidence, *pades.Report, error) {
	t.Helper()
	b, err := os.ReadFile(r.path)
	if err != nil {
		t.Fatal(err)
	}
	if sum := sha256.Sum256(b); hex.EncodeToString(sum[:]) != r.sum {
		t.Fatal("the file is not the one in the manifest")
	}
	password := r.want["password_user"]
	if password == "(empty)" {
		password = ""
	}
	if p, err := url.PathUnescape(password); err == nil {
		password = p
	}
	f, err := os.Open(r.path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	open := pades.OpenOptions{Password: password}
	if r.want["credential"] != "" {
		open.Recipient = candidate{r}.recipient(t)
	}
	e, err := pades.Gather(context.Background(), f, int64(len(b)), pades.GatherOptions{Open: open})
	if err != nil {
		return nil, nil, err
	}
	p := trust.Basic()
	p.Time = corpusTime
	return e, pades.Judge(e, p), nil
}

// trustCodes are findings about certificates, and about algorithms by their dates. Without anchors every file has some; they count for nothing here.
var trustCodes = map[string]bool{
	trust.CodeIssuerUnknown: true, trust.CodeAnchorUnknown: true, trust.CodeExpired: true, trust.CodeNotYetValid: true,
	trust.CodeRevocationUnknown: true, trust.CodeWeakAlgorithm: true,
	"no-timestamp": true, "timestamp-untrusted": true, "weak-digest": true, "timestamp-weak": true,
}

func (r corpusRow) reasons(rep *pades.Report, levels ...pades.Severity) (out []string) {
	list := append([]pades.Finding(nil), rep.Findings...)
	for _, s := range rep.Signatures {
		list = append(list, s.Findings...)
	}
	for _, f := range list {
		for _, l := range levels {
			if f.Level == l && !trustCodes[f.Code] && !strings.HasPrefix(f.Clause, "RFC 5280") {
				out = append(out, f.Code+" ("+f.Text+")")
			}
		}
	}
	return out
}

// scale puts many answers on the scale of the manifest.
func scale(yes, all int) string {
	switch {
	case all == 0:
		return "n/a"
	case yes == all:
		return "T"
	case yes == 0:
		return "F"
	}
	return "mixed"
}

// disagreements are facts on which the manifest and this module differ for a reason.
var disagreements = map[string]string{
	"signed/dss/BadEncodedCMS.pdf n_signatures":                      "the field is listed, with FORMAT_FAILURE: its value is no CMS message (RFC 5652 §5.1)",
	"signed/dss/TeleSec_PKS_eIDAS_QES_CA_1-baseline-b.pdf crypto_ok": "plain ECDSA over a Brainpool curve (BSI TR-03111) is said to be unsupported",
	"signed/pyhanko/ed448-disallowed-hash.pdf crypto_ok":             "Ed448 is said to be unsupported; RFC 8419 §3.2 does not allow SHA-512 with it either",
	"signed/pyhanko/ed448-shake256-nolen.pdf crypto_ok":              "Ed448 with SHAKE256 is said to be unsupported",
	"signed/dss/BadEncodedCMS.pdf sig_tst":                           "the value is no CMS message, so nothing in it is read (RFC 5652 §5.1)",
	"signed/dss/Signature-P-HU_NET-2.pdf sig_tst":                    "a signature algorithm stands where the digest algorithm should (RFC 5652 §5.3): what the signature covers cannot be told, nor whether the time-stamp is about it",
	"signed/subnoto/testfile50.pdf fieldmdp":                         "TransformMethod stands in the signature dictionary itself, where it locks nothing; it belongs into Reference (ISO 32000-2 §12.8.1)",
	"signed/subnoto/testfile51.pdf fieldmdp":                         "as in testfile50.pdf",
	"signed/subnoto/testfile_encrypted_signed.pdf fieldmdp":          "as in testfile50.pdf",
	"signed/dss/doc-firmado.pdf level":                               "LTA: the store holds data about every certificate of both chains below the root, and a document time-stamp covers it (EN 319 142-1 §6.3)",
	"signed/dss/DSS-1683.pdf subindication":                          "no anchor comes with the file: the chain (EN 319 102-1 §5.2.6) is judged before the missing attribute (§5.2.8)",
	"signed/dss/self-issued-qesig.pdf subindication":                 "the issuer's certificate is not in the file, so that there is no chain to fail (EN 319 102-1 §5.2.6.4, step 2)",
	"signed/pyhanko/pdf-sig-with-econtent.pdf subindication":         "FORMAT_FAILURE is for what cannot be processed (EN 319 102-1 §5.1.3); this can, and breaks a rule of ISO 32000-2 §12.8.3.3",
	"signed/dss/TEST2_signed_with_zero_policy_hash.pdf indication":   "asserted of the signature alone; no anchor comes with the file (EN 319 102-1 §5.2.6)",
	"signed/pdfcpu/testPAdES_BT.pdf level":                           "B: the certificate of the time-stamp's signer is missing, so that nothing can be said about it (EN 319 102-1 §5.4)",
}

type tally struct{ asserted, agree int }

// facts compares what is asserted with what was found.
func (r corpusRow) facts(t *testing.T, e *pades.Evidence, rep *pades.Report, sum map[string]*tally) {
	t.Helper()
	check := func(key, got string) {
		want, ok := r.want[key]
		if !ok || want == "unknown" || want == "disputed" || want == "" || key == "tst_ok" && want == "n/a" {
			return
		}
		if sum[key] == nil {
			sum[key] = &tally{}
		}
		sum[key].asserted++
		if got == want {
			sum[key].agree++
			return
		}
		if why, ok := disagreements[r.name+" "+key]; ok {
			t.Logf("%s = %s, the manifest says %s: %s", key, got, want, why)
			return
		}
		t.Errorf("%s = %s, want %s (note: %s)", key, got, want, r.want["note"])
	}
	var sigs, docs, good, stored, tst, tstGood, ranges int
	for _, s := range e.Signatures {
		for _, x := range s.Timestamps {
			tst++
			if x.ImprintMatches && x.SignatureValid {
				tstGood++
			}
		}
		rangeOK := true
		for _, f := range s.Format {
			rangeOK = rangeOK && !strings.HasPrefix(f.Code, "byterange") && !strings.HasPrefix(f.Code, "gap") && !strings.HasPrefix(f.Code, "contents-m")
		}
		if rangeOK {
			ranges++
		}
		if s.Document {
			docs++
			continue
		}
		sigs++
		if s.StoredBytesOnly {
			stored++
		} else if s.DigestMatches && s.SignatureValid {
			good++
		}
	}
	check("n_signatures", fmt.Sprint(sigs))
	check("n_doc_timestamps", fmt.Sprint(docs))
	if r.want["crypto_ok_as_stored"] == "T" {
		if stored == 0 {
			t.Error("no signature is right over its stored attributes only")
		}
	} else {
		check("crypto_ok", scale(good, sigs))
	}
	if r.want["crypto_ok"] == "disputed" && rep.Verdict == pades.Valid {
		t.Error("disputed and plainly valid")
	}
	check("tst_ok", scale(tstGood, tst))
	if sigs+docs > 0 { // a usage-rights signature alone is none of the document's
		check("byterange_ok", scale(ranges, sigs+docs))
	}
	r.structure(e, check)
	modified := "F"
	for _, s := range rep.Signatures {
		if s.Modification == pades.ModificationOther || len(r.reasonsOf(s, "modified", "bytes-unexplained")) > 0 {
			modified = "T"
		}
	}
	if r.want["modified"] == "T" && modified == "F" && r.want["verdict"] == "must_warn" {
		modified = "T" // named as a form filled in or an annotation; the warning is asked for below
	}
	if r.want["byterange_ok"] == "T" {
		check("modified", modified)
	}
	if r.want["level"] != "" && len(rep.Signatures) > 0 {
		check("level", r.levels(e, rep))
	}
	if len(rep.Signatures) > 0 {
		check("indication", string(rep.Signatures[0].Indication))
		check("subindication", rep.Signatures[0].SubIndication)
	}
}

// structure compares what is asserted of SubFilters, permissions, locks, time-stamps and the store.
func (r corpusRow) structure(e *pades.Evidence, check func(key, got string)) {
	count := map[string]int{}
	certified, locked, stamped := "", "", "F"
	for _, s := range e.Signatures {
		if len(s.Contents) > 0 {
			count[s.SubFilter]++
		}
		if s.Certify != 0 {
			certified = strconv.Itoa(s.Certify)
		}
		if s.Lock != nil {
			locked = "present"
		}
		if !s.Document && len(s.Timestamps) > 0 {
			stamped = "T"
		}
	}
	if r.want["docmdp"] == "present" && certified != "" {
		certified = "present"
	}
	var subs []string
	for want := range strings.SplitSeq(r.want["subfilters"], "|") { // in the order of the manifest
		name := want[:max(0, strings.LastIndexByte(want, 'x'))]
		if n := count[name]; n > 0 {
			subs = append(subs, fmt.Sprintf("%sx%d", name, n))
			delete(count, name)
		}
	}
	for name, n := range count {
		subs = append(subs, fmt.Sprintf("%sx%d", name, n))
	}
	if r.want["raw_byteranges"] == "" && r.want["usage_rights"] == "" { // there the manifest counts what stands in the bytes, not what fields reach
		check("subfilters", strings.Join(subs, "|"))
	}
	check("docmdp", certified)
	check("fieldmdp", locked)
	check("sig_tst", stamped)
	check("dss_dict", map[bool]string{true: "T", false: "F"}[e.DSS])
}

func (r corpusRow) reasonsOf(s pades.SignatureReport, prefixes ...string) (out []string) {
	for _, f := range s.Findings {
		for _, p := range prefixes {
			if f.Level == pades.Fail && strings.HasPrefix(f.Code, p) {
				out = append(out, f.Code)
			}
		}
	}
	return out
}

func (r corpusRow) levels(e *pades.Evidence, rep *pades.Report) string {
	var out []string
	for _, s := range rep.Signatures {
		if s.Level != "DOCUMENT-TIMESTAMP" {
			out = append(out, s.Level)
		}
	}
	return strings.ReplaceAll(strings.Join(slices.Compact(out), ","), "-", "_")
}

func TestCorpusSigned(t *testing.T) {
	sum := map[string]*tally{}
	honest, alarms, warned, suspected := 0, 0, 0, 0
	codes := map[string]map[string]bool{} // files by the warnings that they bring
	for _, r := range corpusRows(t, "signed") {
		t.Run(r.name, func(t *testing.T) {
			e, rep, err := r.judge(t)
			if err != nil {
				t.Fatalf("Gather: %v", err)
			}
			r.facts(t, e, rep, sum)
			if disagreements[r.name+" crypto_ok"] != "" {
				if rep.Verdict != pades.Indeterminate {
					t.Errorf("an algorithm that is not supported gives %s", rep.Verdict)
				}
				return
			}
			if r.want["modified"] == "F" && r.want["crypto_ok"] == "T" && r.want["byterange_ok"] == "T" {
				honest++
				if why := r.reasons(rep, pades.Fail); len(why) > 0 {
					alarms++
					t.Errorf("false alarm: %s", strings.Join(why, "; "))
				}
				if why := r.reasons(rep, pades.Warn); len(why) > 0 {
					warned++
					for _, w := range why {
						code, _, _ := strings.Cut(w, " ")
						if code == "added" && strings.Contains(w, "signature") {
							code = "added: a signature"
						}
						if codes[code] == nil {
							codes[code] = map[string]bool{}
						}
						codes[code][r.name] = true
					}
					t.Logf("warned: %s", strings.Join(why, "; "))
				}
				if len(hiddenFindings(rep)) > 0 {
					suspected++
				}
			}
		})
	}
	for _, k := range slices.Sorted(maps.Keys(sum)) {
		t.Logf("%-17s %d of %d asserted facts agree", k, sum[k].agree, sum[k].asserted)
	}
	t.Logf("honest files %d, false alarms %d, with a warning %d", honest, alarms, warned)
	t.Logf("honest files with a warning of hidden or prepared content: %d of %d, %.1f %%", suspected, honest, 100*float64(suspected)/float64(max(1, honest)))
	if 50*suspected > honest {
		t.Errorf("more than 2 %% of the honest files are suspected")
	}
	var b strings.Builder
	b.WriteString(factTable(sum))
	b.WriteString("\n| explained | why |\n|---|---|\n")
	for _, k := range slices.Sorted(maps.Keys(disagreements)) {
		fmt.Fprintf(&b, "| `%s` | %s |\n", k, disagreements[k])
	}
	writeSection(t, "signed", b.String())
	b.Reset()
	fmt.Fprintf(&b, "Of %d files that nobody changed after signing beyond what is allowed, and whose values are right, %d bring a false alarm, %d a warning of hidden or prepared content (at most 2 %% may), and %d any warning (trust, missing time-stamps and algorithms left out):\n\n| warning | files |\n|---|---|\n", honest, alarms, suspected, warned)
	for _, code := range slices.Sorted(maps.Keys(codes)) {
		fmt.Fprintf(&b, "| %s | %d |\n", code, len(codes[code]))
	}
	writeSection(t, "precision", b.String())
}

// factTable shows how many asserted facts agree.
func factTable(sum map[string]*tally) string {
	var b strings.Builder
	b.WriteString("| fact | asserted | agree | explained |\n|---|---|---|---|\n")
	for _, k := range slices.Sorted(maps.Keys(sum)) {
		fmt.Fprintf(&b, "| %s | %d | %d | %d |\n", k, sum[k].asserted, sum[k].agree, sum[k].asserted-sum[k].agree)
	}
	return b.String()
}

func TestCorpusAttacks(t *testing.T) {
	sum := map[string]*tally{}
	classes := map[string]*tally{}
	verdicts := map[string]*tally{}
	for _, r := range corpusRows(t, "attacks") {
		kind := r.want["verdict"]
		if verdicts[kind] == nil {
			verdicts[kind] = &tally{}
		}
		class := r.want["class"]
		if classes[class] == nil {
			classes[class] = &tally{}
		}
		t.Run(r.name, func(t *testing.T) {
			verdicts[kind].asserted++
			classes[class].asserted++
			defer func() {
				if !t.Failed() {
					classes[class].agree++
				}
			}()
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			start := time.Now()
			e, rep, err := r.judge(t)
			took := time.Since(start)
			runtime.ReadMemStats(&after)
			if s, err := strconv.ParseFloat(r.want["max_seconds"], 64); err == nil && took.Seconds() > s {
				t.Errorf("took %v", took)
			}
			if took > time.Second {
				t.Logf("took %v", took)
			}
			if m, err := strconv.ParseUint(r.want["max_memory_mib"], 10, 64); err == nil && (after.HeapSys-min(before.HeapSys, after.HeapSys))>>20 > m {
				t.Errorf("took %d MiB", (after.HeapSys-before.HeapSys)>>20)
			}
			if kind == "must_terminate" {
				var limit *pdf.LimitError
				if err != nil && (err.Error() == "" || errors.As(err, &limit) && limit.What == "") {
					t.Errorf("no clear message: %v", err)
				}
				if !t.Failed() {
					verdicts[kind].agree++
				}
				return
			}
			if err != nil {
				t.Fatalf("Gather: %v", err)
			}
			fails, warns := r.reasons(rep, pades.Fail), r.reasons(rep, pades.Warn, pades.Fail)
			switch kind {
			case "must_not_be_valid":
				if rep.Verdict == pades.Valid || rep.Verdict == pades.ValidWithNotes || len(fails) == 0 {
					t.Errorf("class %s: verdict %s, no finding says why (%s)\n%s", r.want["class"], rep.Verdict, r.want["note"], dump(rep))
				}
			case "must_warn":
				if rep.Verdict == pades.Valid || len(warns) == 0 {
					t.Errorf("class %s: verdict %s, no finding warns (%s)\n%s", r.want["class"], rep.Verdict, r.want["note"], dump(rep))
				}
			case "must_not_accept_timestamp":
				bad := 0
				for _, s := range e.Signatures {
					for _, x := range s.Timestamps {
						if !x.ImprintMatches || !x.SignatureValid {
							bad++
						}
					}
				}
				if bad == 0 {
					t.Errorf("every time-stamp fits\n%s", dump(rep))
				}
			}
			if !t.Failed() {
				verdicts[kind].agree++
			}
			r.facts(t, e, rep, sum)
		})
	}
	for k, s := range verdicts {
		t.Logf("%-26s %d of %d", k, s.agree, s.asserted)
	}
	for k, s := range sum {
		t.Logf("%-17s %d of %d asserted facts agree", k, s.agree, s.asserted)
	}
	var b strings.Builder
	b.WriteString("| class | files | judged as asked |\n|---|---|---|\n")
	for _, k := range slices.Sorted(maps.Keys(classes)) {
		fmt.Fprintf(&b, "| %s | %d | %d |\n", k, classes[k].asserted, classes[k].agree)
	}
	fmt.Fprintf(&b, "\n| asked | files | so judged |\n|---|---|---|\n")
	for _, k := range slices.Sorted(maps.Keys(verdicts)) {
		fmt.Fprintf(&b, "| %s | %d | %d |\n", k, verdicts[k].asserted, verdicts[k].agree)
	}
	b.WriteString("\nFacts asserted of these files:\n\n" + factTable(sum))
	writeSection(t, "attacks", b.String())
}
