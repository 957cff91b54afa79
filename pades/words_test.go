package pades

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestWordsComplete reads the source for the codes that findings are made with: each has a sentence in both languages, naming
// the same things.
func TestWordsComplete(t *testing.T) {
	placeholder := regexp.MustCompile(`\{\d\}`)
	same := func(code string, p phrase) {
		if p.id == "" || p.en == "" || p.id == p.en {
			t.Errorf("%s: %q, %q", code, p.id, p.en)
		}
		en := placeholder.FindAllString(p.en, -1)
		for _, x := range placeholder.FindAllString(p.id, -1) {
			if !slices.Contains(en, x) {
				t.Errorf("%s: only the Indonesian sentence names %s", code, x)
			}
		}
	}
	for code, p := range findingWords {
		same(code, p)
	}
	for code, p := range changeWords {
		same(code, p)
		if len(placeholder.FindAllString(p.id, -1)) != len(placeholder.FindAllString(p.en, -1)) {
			t.Errorf("%s names different things in the two languages", code)
		}
	}
	for pattern, list := range map[string]map[string]phrase{
		`(?:r\.find|find)\((?:Info|Warn|Fail|level), "([a-z-]+)"`:    findingWords,
		`l\.fault\("([a-z0-9-]+)"`:                                   findingWords,
		`d\.say\([A-Za-z]+, [a-zA-Z.]+, "([a-z-]+)"`:                 changeWords,
		`(?:level, code|code)(?:, clause)? = (?:Fail, )?"([a-z-]+)"`: findingWords,
	} {
		re, n := regexp.MustCompile(pattern), 0
		files, err := filepath.Glob("*.go")
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range files {
			b, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range re.FindAllStringSubmatch(string(b), -1) {
				n++
				if _, ok := list[m[1]]; !ok {
					t.Errorf("%s: the code %q has no sentence", name, m[1])
				}
			}
		}
		if n < 3 {
			t.Errorf("the pattern %s finds %d codes", pattern, n)
		}
	}
}

// source is the Go source of packages without tests and without the catalogue itself.
func source(t *testing.T, dirs ...string) string {
	t.Helper()
	var all strings.Builder
	for _, dir := range dirs {
		files, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range files {
			if strings.HasSuffix(name, "words.go") || strings.HasSuffix(name, "_test.go") || name == "explain.go" {
				continue
			}
			b, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			all.Write(b)
		}
	}
	return all.String()
}

// TestWordsUsed finds sentences whose code the engine cannot make, and codes of notes that have none.
func TestWordsUsed(t *testing.T) {
	noting := source(t, ".", "../internal/pdf", "../internal/cms")
	src := noting + source(t, "../trust")
	for _, list := range []map[string]phrase{findingWords, changeWords} {
		for code := range list {
			if !strings.Contains(src, `"`+code+`"`) {
				t.Errorf("nothing makes the code %s", code)
			}
		}
	}
	notes := regexp.MustCompile(`(?:\.note|\.tell)\("([a-z-]+)"|Note[A-Za-z]* += "([a-z-]+)"|Code: "([a-z-]+)"`)
	n := 0
	for _, m := range notes.FindAllStringSubmatch(noting, -1) {
		n++
		code := m[1] + m[2] + m[3]
		if _, ok := findingWords[code]; !ok {
			if _, change := changeWords[code]; !change {
				t.Errorf("the note %s has no sentence", code)
			}
		}
	}
	if n < 40 {
		t.Errorf("only %d notes found", n)
	}
}

// TestExplanations holds that each finding has one cause and one thing to do, each outcome of EN 319 102-1 §5.1 has all three texts, and
// that both languages fill in the same values.
func TestExplanations(t *testing.T) {
	whole := func(name string, list ...phrase) {
		for _, p := range list {
			if p.id == "" || p.en == "" || p.id == p.en {
				t.Errorf("%s: %q, %q", name, p.id, p.en)
			}
			hole := regexp.MustCompile(`\{[a-z]+\}`)
			id, en := hole.FindAllString(p.id, -1), hole.FindAllString(p.en, -1)
			slices.Sort(id)
			slices.Sort(en)
			if !slices.Equal(id, en) {
				t.Errorf("%s: one language fills in %v, the other %v", name, id, en)
			}
		}
	}
	outcomes := strings.Fields(`FORMAT_FAILURE HASH_FAILURE SIG_CRYPTO_FAILURE REVOKED EXPIRED NOT_YET_VALID
		SIG_CONSTRAINTS_FAILURE CHAIN_CONSTRAINTS_FAILURE CERTIFICATE_CHAIN_GENERAL_FAILURE CRYPTO_CONSTRAINTS_FAILURE POLICY_PROCESSING_ERROR
		SIGNATURE_POLICY_NOT_AVAILABLE TIMESTAMP_ORDER_FAILURE NO_SIGNING_CERTIFICATE_FOUND NO_CERTIFICATE_CHAIN_FOUND
		NO_CERTIFICATE_CHAIN_FOUND_NO_POE REVOKED_NO_POE REVOKED_CA_NO_POE OUT_OF_BOUNDS_NOT_REVOKED OUT_OF_BOUNDS_NO_POE
		REVOCATION_OUT_OF_BOUNDS_NO_POE CRYPTO_CONSTRAINTS_FAILURE_NO_POE NO_POE TRY_LATER SIGNED_DATA_NOT_FOUND`)
	for _, sub := range outcomes {
		e, ok := subIndicationWords[sub]
		if !ok {
			t.Errorf("%s has no words", sub)
		}
		whole(sub, e.sentence, e.cause, e.action)
		for _, l := range []Language{Indonesian, English} {
			r := SignatureReport{Indication: IndeterminateValue, SubIndication: sub}
			if got := r.Explain(l); strings.ContainsAny(got.Sentence+got.Cause+got.Action, "{}") {
				t.Errorf("%s leaves a hole: %+v", sub, got)
			}
		}
	}
	if len(subIndicationWords) != len(outcomes) {
		t.Errorf("%d sub-indications have words, the standard has %d", len(subIndicationWords), len(outcomes))
	}
	for _, i := range []Indication{TotalPassed, TotalFailed, IndeterminateValue} {
		e := indicationWords[i]
		whole(string(i), e.sentence, e.cause, e.action)
	}
	for _, v := range []Verdict{Valid, ValidWithNotes, Indeterminate, Invalid, Unsigned} {
		whole(string(v), verdictWords[v])
	}

	seen := map[string]bool{}
	for _, r := range remedies {
		whole(r.codes, r.cause, r.action)
		for _, code := range strings.Fields(r.codes) {
			if seen[code] {
				t.Errorf("%s has two remedies", code)
			}
			seen[code] = true
			if _, ok := findingWords[code]; !ok {
				t.Errorf("the remedies name %s, which is no finding", code)
			}
		}
	}
	for code := range findingWords {
		if !seen[code] {
			t.Errorf("%s has no cause and nothing to do: add it to a remedy in explain.go", code)
		}
	}
}

// TestUnknownIsNoAccusation holds that what is merely not known yet is told without words of blame.
func TestUnknownIsNoAccusation(t *testing.T) {
	s := SignatureReport{
		Field: "Tanda Tangan 1", Signer: "Budi Contoh", Indication: IndeterminateValue, SubIndication: "NO_CERTIFICATE_CHAIN_FOUND", Integrity: true,
		Modification: ModificationNone, TrustAnchor: AnchorReport{Kind: "none"}, Certificate: CertificateReport{Subject: "CN=Budi Contoh", Issuer: "CN=Otoritas Lama,O=Contoh"},
	}
	for _, sub := range []string{"NO_CERTIFICATE_CHAIN_FOUND", "TRY_LATER", "OUT_OF_BOUNDS_NO_POE", "NO_CERTIFICATE_CHAIN_FOUND_NO_POE"} {
		s.SubIndication = sub
		s.Findings = []Finding{{Code: "anchor-unknown", Level: Fail, Args: []string{"Otoritas Lama"}}}
		r := &Report{File: "surat.pdf", Verdict: Indeterminate, Signatures: []SignatureReport{s}}
		id, en := Words(r, Indonesian), Words(r, English)
		for text, bad := range map[string][]string{id: {"TIDAK", "tidak sah", "Jangan", "✗"}, en: {"NO:", "not valid", "Do not", "✗"}} {
			for _, b := range bad {
				if strings.Contains(text, b) {
					t.Errorf("%s: %q in\n%s", sub, b, text)
				}
			}
		}
		if !strings.Contains(id, "Isi dokumen utuh") || !strings.Contains(id, "bukan berarti palsu") || !strings.Contains(en, "does not mean that it is fake") {
			t.Errorf("%s: the words do not say what is certain:\n%s\n%s", sub, id, en)
		}
	}
}

// TestContentIsNotCalledIntact goes through the outcomes in which it is not.
func TestContentIsNotCalledIntact(t *testing.T) {
	for name, s := range map[string]SignatureReport{
		"bytes behind":  {Indication: TotalFailed, SubIndication: "FORMAT_FAILURE", Integrity: true, Modification: ModificationNone},
		"page changed":  {Indication: TotalFailed, SubIndication: "FORMAT_FAILURE", Integrity: true, Modification: ModificationOther},
		"other content": {Indication: TotalFailed, SubIndication: "HASH_FAILURE", Modification: ModificationNone},
		"not computed":  {Indication: IndeterminateValue, SubIndication: "CRYPTO_CONSTRAINTS_FAILURE_NO_POE", Modification: ModificationNone},
		"annotation":    {Indication: TotalPassed, Integrity: true, Modification: ModificationAnnotation},
	} {
		if c := s.Checks(English)[0]; c.State == CheckOK || c.Text == contentWords["same"].en {
			t.Errorf("%s: %+v", name, c)
		}
	}
	s := SignatureReport{Indication: TotalPassed, Integrity: true, Modification: ModificationLTA}
	if c := s.Checks(English)[0]; c.State != CheckOK {
		t.Errorf("validation data added: %+v", c)
	}
}
