package pades_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"absah/internal/pdf"
	"absah/pades"
)

// opinion is what a program says of one signature.
type opinion struct {
	value  string // good, bad, unsupported (it cannot or does not tell), absent (there is no value)
	whole  string // of pdfsig: "yes" where the whole document is signed, else "no"
	edited string // of mutool: "yes" where something came after, "no" where nothing did, "" where it does not tell
}

// difference is a question about one file or signature that we answer otherwise than another program does.
type difference struct {
	tool, about  string // about: "signatures", "value", "coverage", "changes", "opening"
	ours, theirs string
	e            *pades.Evidence // nil: we cannot read the file
	s            *pades.SignatureFacts
	r            *pades.SignatureReport
	said         string // all that the program said
	purpose      string
}

// who is wrong where two differ.
const (
	they   = "they are wrong"
	policy = "policy"
	we     = "we are wrong"
)

// differenceRule classifies differences. Rules are asked in their order.
type differenceRule struct {
	name, who, clause string
	applies           func(d *difference) bool
}

func (d *difference) is(tool, about string) bool {
	return (tool == "" || d.tool == tool) && d.about == about
}

func (d *difference) hasFault(prefixes ...string) bool {
	return d.s != nil && slices.ContainsFunc(d.s.Format, func(f pades.FormatFault) bool {
		return slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(f.Code, p) })
	})
}

// refuses reports whether an answer does not take the signature for good.
func refuses(answer string) bool { return answer != "good" }

// differenceRules say why programs differ, with the clause that decides.
var differenceRules = []differenceRule{
	{"a document time-stamp, which they do not check or take for something else", they, "ISO 32000-2 §12.8.5", func(d *difference) bool {
		return d.s != nil && d.s.Document && (d.about == "value" || d.about == "signatures")
	}},
	{"the file stops them: a crash, a circle, or an encryption that they lack", they, "ISO 32000-2 §7.6.5", func(d *difference) bool {
		return d.about == "signatures" && d.theirs == "none there" && (!pdfsigHead.MatchString(d.said) && !mutoolHead.MatchString(d.said) || strings.Contains(d.said, "signal: "))
	}},
	{"a field with a value that is no signature is no unsigned field", they, "ISO 32000-2 §12.8.1", func(d *difference) bool {
		return d.s != nil && d.about == "signatures" && d.theirs == "none there" && d.hasFault("contents-missing", "cms-damaged") && strings.Contains(d.said, "is not signed.")
	}},
	{"neither takes the signature for good; the reasons have other names", policy, "EN 319 102-1 §5.2", func(d *difference) bool {
		return d.about == "value" && refuses(d.ours) && refuses(d.theirs)
	}},
	{"the value is right over the attributes as stored, not over their DER encoding", they, "RFC 5652 §5.4", func(d *difference) bool {
		return d.is("", "value") && d.s.StoredBytesOnly && d.theirs == "good"
	}},
	{"the value was made with another digest algorithm than the signature names", policy, "RFC 5652 §5.4", func(d *difference) bool {
		return d.is("", "value") && d.theirs == "good" && strings.HasPrefix(d.s.Fault, "the digest algorithm is ")
	}},
	{"the identifier of something else stands where that of an algorithm should", policy, "RFC 5652 §5.3", func(d *difference) bool {
		return d.is("", "value") && d.theirs == "good" && d.ours == "unsupported" && (strings.HasPrefix(d.s.Unsupported, "unsupported digest algorithm") || strings.HasPrefix(d.s.Unsupported, "unsupported signature algorithm"))
	}},
	{"RSASSA-PSS, which they lack", they, "RFC 4056 §3", func(d *difference) bool {
		return d.is("mutool", "value") && d.ours == "good" && strings.HasPrefix(d.s.Algorithm, "RSASSA-PSS") && d.theirs == "unsupported"
	}},
	{"Ed25519, which they lack", they, "RFC 8419 §3.1", func(d *difference) bool {
		return d.is("", "value") && d.ours == "good" && d.s.Algorithm == "Ed25519" && d.theirs != "bad"
	}},
	{"adbe.pkcs7.sha1, which they lack", they, "ISO 32000-1 §12.8.3.3.1", func(d *difference) bool {
		return d.is("mutool", "value") && d.ours == "good" && d.s.SubFilter == "adbe.pkcs7.sha1"
	}},
	{"content inside a detached signature: they check that, we the document, and refuse the signature", policy, "RFC 5652 §5.2", func(d *difference) bool {
		return d.is("pdfsig", "value") && d.ours == "good" && d.theirs == "bad" && d.r.Indication != pades.TotalPassed &&
			slices.ContainsFunc(d.s.CMS, func(n pades.Note) bool { return n.Code == "cms-encapsulated" })
	}},
	{"the value is right over the ranges that are stated, and we refuse these ranges", policy, "ISO 32000-2 §12.8.1", func(d *difference) bool {
		return d.is("", "value") && d.ours == "good" && d.theirs == "bad" && d.hasFault("gap", "byterange") && d.r.Indication == pades.TotalFailed
	}},
	{"the ranges reach the end and leave out more than the value: we tell that apart", policy, "ISO 32000-2 §12.8.1", func(d *difference) bool {
		return d.is("pdfsig", "coverage") && d.ours == "yes" &&
			(d.hasFault("gap") || slices.ContainsFunc(d.s.CMS, func(n pades.Note) bool { return n.Code == "cms-trailing-bytes" }))
	}},
	{"one signature that two fields reach is one", policy, "ISO 32000-2 §12.7.5.5", func(d *difference) bool {
		return d.s == nil && d.about == "signatures" && slices.ContainsFunc(d.e.Signatures, func(s pades.SignatureFacts) bool {
			return slices.ContainsFunc(s.CMS, func(n pades.Note) bool { return n.Code == "field-shared" })
		})
	}},
}

var (
	pdfsigHead   = regexp.MustCompile(`(?m)^Signature #\d+:$`)
	pdfsigName   = regexp.MustCompile(`(?m)^  - Signature Field Name: (.*)$`)
	pdfsigRanges = regexp.MustCompile(`(?m)^  - Signed Ranges: \[(\d+) - (\d+)\], \[(\d+) - (\d+)\]$`)
	mutoolHead   = regexp.MustCompile(`(?m)^Verifying signature (\d+):$`)
)

// pdfsigSays reads what pdfsig printed: opinions by ByteRange, and by field where it prints none.
func pdfsigSays(text string) (byRange map[string]opinion, byField map[string]opinion) {
	byRange, byField = map[string]opinion{}, map[string]opinion{}
	heads := pdfsigHead.FindAllStringIndex(text, -1)
	for i, at := range heads {
		end := len(text)
		if i+1 < len(heads) {
			end = heads[i+1][0]
		}
		block := text[at[0]:end]
		if strings.Contains(block, "The signature form field is not signed.") {
			continue
		}
		o := opinion{value: "unsupported", whole: "no"}
		switch {
		case strings.Contains(block, "Signature Validation: Signature is Valid."):
			o.value = "good"
		case strings.Contains(block, "Signature is Invalid."), strings.Contains(block, "Digest Mismatch."):
			o.value = "bad"
		case strings.Contains(block, "Document isn't signed or corrupted data."):
			o.value = "absent"
		}
		if strings.Contains(block, "  - Total document signed") {
			o.whole = "yes"
		}
		name := ""
		if m := pdfsigName.FindStringSubmatch(block); m != nil {
			name = strings.TrimSpace(m[1])
		}
		byField[name] = o
		if m := pdfsigRanges.FindStringSubmatch(block); m != nil {
			ranges := strings.Join(m[1:], " ")
			byRange[ranges] = o
			byRange[name+" "+ranges] = o // two fields can state the same
		}
	}
	return byRange, byField
}

// mutoolSays reads what mutool printed: opinions by the number of the field's object.
func mutoolSays(text string) map[uint32]opinion {
	out := map[uint32]opinion{}
	heads := mutoolHead.FindAllStringSubmatchIndex(text, -1)
	for i, at := range heads {
		end := len(text)
		if i+1 < len(heads) {
			end = heads[i+1][0]
		}
		block := text[at[0]:end]
		num, err := strconv.ParseUint(text[at[2]:at[3]], 10, 32)
		if err != nil || strings.Contains(block, "Signature is not signed.") {
			continue
		}
		o := opinion{value: "unsupported"}
		switch {
		case strings.Contains(block, "The document is unchanged since signing."):
			o.value, o.edited = "good", "no"
		case strings.Contains(block, "The signature is valid but there have been edits since signing."):
			o.value, o.edited = "good", "yes"
		case strings.Contains(block, "Signature information missing."):
			o.value = "absent"
		case strings.Contains(block, "Digest error: Signature invalidated"), strings.Contains(block, "Verification error:"):
			o.value = "bad"
		}
		out[uint32(num)] = o
	}
	return out
}

// ourValue is our answer on the scale of opinions.
func ourValue(s *pades.SignatureFacts) string {
	switch {
	case s.DigestMatches && s.SignatureValid && !s.StoredBytesOnly:
		return "good"
	case len(strings.Trim(string(s.Contents), "\x00")) == 0:
		return "absent"
	case s.Unsupported != "" || s.Signer == nil:
		return "unsupported"
	}
	return "bad"
}

// TestDifferential asks pdfsig and mutool about every file of the corpus. Each difference must be explained by a rule, and no rule may
// say that we are wrong.
func TestDifferential(t *testing.T) {
	tools := map[string][]string{"pdfsig": {"-nocert"}, "mutool": {"sign", "-v"}}
	for tool := range tools {
		if _, err := exec.LookPath(tool); err != nil {
			t.Logf("%s is not here: it is not asked", tool)
			delete(tools, tool)
		}
	}
	var rows []corpusRow
	for _, purpose := range []string{"signed", "attacks", "unsigned"} {
		rows = append(rows, corpusRows(t, purpose)...)
	}
	if len(tools) == 0 {
		t.Skip("neither pdfsig nor mutool is here")
	}
	type count struct{ files, signatures, differ int }
	counts := map[string]*count{}
	for tool := range tools {
		counts[tool] = &count{}
	}
	by := map[string]map[string]int{} // differences by rule and tool
	var mu sync.Mutex
	var group sync.WaitGroup
	slots := make(chan bool, 2)
	for _, row := range rows {
		slots <- true
		group.Go(func() {
			defer func() { <-slots }()
			for tool, args := range tools {
				said := askTool(t.Context(), tool, args, row)
				asked, differences := compareTool(t, row, tool, said)
				mu.Lock()
				c := counts[tool]
				c.files++
				c.signatures += asked
				c.differ += len(differences)
				for _, d := range differences {
					rule := d.rule()
					name := "no rule"
					if rule != nil {
						name = rule.name
					}
					if by[name] == nil {
						by[name] = map[string]int{}
					}
					by[name][tool]++
					if rule == nil || rule.who == we {
						t.Errorf("%s: %s says of the %s %q, we %q: %s\n\t%s\n%s", row.name, tool, d.about, d.theirs, d.ours, name, d.facts(), clip(said))
					}
				}
				mu.Unlock()
			}
		})
	}
	group.Wait()
	var b strings.Builder
	for _, tool := range []string{"pdfsig", "mutool"} {
		if c := counts[tool]; c != nil {
			fmt.Fprintf(&b, "%s was asked about %d files and answers for %d signatures that we see; it differs %d times.\n\n", tool, c.files, c.signatures, c.differ)
		}
	}
	b.WriteString("| difference | who | clause | pdfsig | mutool |\n|---|---|---|---|---|\n")
	for _, r := range differenceRules {
		if n := by[r.name]; n != nil {
			fmt.Fprintf(&b, "| %s | %s | %s | %d | %d |\n", r.name, r.who, r.clause, n["pdfsig"], n["mutool"])
		} else if len(tools) == 2 {
			t.Errorf("rule %q explains nothing", r.name)
		}
	}
	if n := by["no rule"]; n != nil {
		fmt.Fprintf(&b, "| **unexplained** | ? | | %d | %d |\n", n["pdfsig"], n["mutool"])
	}
	t.Log(b.String())
	writeSection(t, "differential", b.String())
}

// facts are those that rules look at.
func (d *difference) facts() string {
	if d.s == nil {
		return ""
	}
	return fmt.Sprintf("%s %s %s document %v, digest %v, stored only %v, unsupported %q, fault %q, format %v, CMS %v", d.s.SubFilter, d.s.Digest, d.s.Algorithm, d.s.Document, d.s.DigestMatches, d.s.StoredBytesOnly, d.s.Unsupported, d.s.Fault, d.s.Format, d.s.CMS)
}

func clip(s string) string {
	if len(s) > 1500 {
		s = s[:1500] + "…"
	}
	return s
}

func (d *difference) rule() *differenceRule {
	for i := range differenceRules {
		if differenceRules[i].applies(d) {
			return &differenceRules[i]
		}
	}
	return nil
}

// toolTime is how long a program may think about one file.
const toolTime = 20 * time.Second

// askTool runs a program on a file. What it prints counts, whatever its exit status.
func askTool(ctx context.Context, tool string, args []string, row corpusRow) string {
	ctx, cancel := context.WithTimeout(ctx, toolTime)
	defer cancel()
	args = slices.Clone(args)
	if password := passwordOf(row.want["password_user"]); password != "" {
		args = append(args, map[string]string{"pdfsig": "-upw", "mutool": "-p"}[tool], password)
	}
	b, err := exec.CommandContext(ctx, tool, append(args, row.path)...).CombinedOutput()
	out := string(b)
	if ctx.Err() != nil {
		out += "\nno answer in time\n"
	} else if err != nil {
		out += "\n" + err.Error() + "\n"
	}
	return out
}

// compareTool finds where a program differs from us, and tells how many signatures both know.
func compareTool(t *testing.T, row corpusRow, tool, said string) (asked int, out []*difference) {
	e, rep, err := row.judge(t)
	if err != nil {
		if strings.Contains(said, "Signature #") || strings.Contains(said, "Verifying signature") {
			out = append(out, &difference{tool: tool, about: "opening", ours: err.Error(), theirs: "reads it", said: said, purpose: row.want["verdict"]})
		}
		return 0, out
	}
	add := func(i int, about, ours, theirs string) {
		d := &difference{tool: tool, about: about, ours: ours, theirs: theirs, e: e, said: said, purpose: row.want["verdict"]}
		if i >= 0 {
			d.s, d.r = &e.Signatures[i], &rep.Signatures[i]
		}
		out = append(out, d)
	}
	var byRange, byField map[string]opinion
	if tool == "pdfsig" {
		byRange, byField = pdfsigSays(said)
	} else {
		byField = row.named(mutoolSays(said))
	}
	extra := len(byField)
	for i := range e.Signatures {
		s := &e.Signatures[i]
		ours := ourValue(s)
		theirs, ok := opinion{}, false
		if br := s.ByteRange; len(br) == 4 {
			ranges := fmt.Sprintf("%d %d %d %d", br[0], br[0]+br[1], br[2], br[2]+br[3])
			if theirs, ok = byRange[s.Field+" "+ranges]; !ok {
				theirs, ok = byRange[ranges]
			}
		}
		if !ok {
			theirs, ok = byField[s.Field]
		}
		if !ok {
			theirs, ok = byField[s.Field[strings.LastIndex(s.Field, ".")+1:]]
		}
		if !ok {
			add(i, "signatures", "one in "+strconv.Quote(s.Field), "none there")
			continue
		}
		asked++
		extra--
		if theirs.value != ours {
			add(i, "value", ours, theirs.value)
			continue
		}
		if whole := map[bool]string{true: "yes", false: "no"}[s.Whole]; theirs.whole != "" && theirs.whole != whole {
			add(i, "coverage", whole, theirs.whole)
		}
		if edited := map[bool]string{true: "yes", false: "no"}[!s.Whole]; theirs.edited != "" && theirs.edited != edited {
			add(i, "changes", edited, theirs.edited)
		}
	}
	if extra > 0 {
		add(-1, "signatures", fmt.Sprint(len(e.Signatures)), fmt.Sprint(len(e.Signatures)+extra))
	}
	return asked, out
}

// named gives opinions by object number the names of the fields.
func (r corpusRow) named(byObject map[uint32]opinion) map[string]opinion {
	out := map[string]opinion{}
	for num, o := range byObject {
		out["object "+strconv.FormatUint(uint64(num), 10)] = o
	}
	b, err := os.ReadFile(r.path)
	if err != nil {
		return out
	}
	f, err := pdf.Open(pdf.Memory(b), int64(len(b)), pdf.OpenOptions{Password: passwordOf(r.want["password_user"])})
	if err != nil {
		return out
	}
	fields, err := f.Latest().Fields()
	if err != nil {
		return out
	}
	for _, field := range fields {
		for _, ref := range append(slices.Clone(field.Widgets), field.Ref) {
			if o, ok := byObject[ref.Num]; ok {
				delete(out, "object "+strconv.FormatUint(uint64(ref.Num), 10))
				out[field.FullName] = o
			}
		}
	}
	return out
}
