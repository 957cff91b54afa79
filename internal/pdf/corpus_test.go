package pdf_test

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"absah/internal/pdf"
)

// corpus is the folder of public test files; tests skip by name when it is missing.
func corpus(t testing.TB) string {
	dir := os.Getenv("ABSAH_CORPUS")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared", "corpus")
	}
	if _, err := os.Stat(filepath.Join(dir, "manifest.csv")); err != nil {
		t.Skip("the corpus is not here; set ABSAH_CORPUS to test with it")
	}
	return dir
}

type row struct {
	path, purpose string
	expected      map[string]string
}

func manifest(t testing.TB, purpose string) []row {
	f, err := os.Open(filepath.Join(corpus(t), "manifest.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	records, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out []row
	for _, r := range records[1:] {
		if r[2] != purpose || !strings.HasSuffix(r[0], ".pdf") {
			continue
		}
		exp := map[string]string{}
		for kv := range strings.SplitSeq(r[5], ";") {
			k, v, _ := strings.Cut(kv, "=")
			exp[k] = v
		}
		out = append(out, row{filepath.Join(corpus(t), r[0]), r[2], exp})
	}
	return out
}

func password(s string) string {
	if s == "(empty)" {
		return ""
	}
	p, err := url.PathUnescape(s)
	if err != nil {
		return s
	}
	return p
}

func openRow(t *testing.T, r row) (*pdf.File, error) {
	b, err := os.Open(r.path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	info, err := b.Stat()
	if err != nil {
		t.Fatal(err)
	}
	return pdf.Open(b, info.Size(), pdf.OpenOptions{Password: password(r.expected["password_user"])})
}

func TestCorpusPages(t *testing.T) {
	for _, r := range manifest(t, "unsigned") {
		if r.expected["must_sign"] == "no" || r.expected["credential"] != "" {
			continue
		}
		t.Run(filepath.Base(r.path), func(t *testing.T) {
			f, err := openRow(t, r)
			if err != nil {
				t.Fatalf("Open: %v", err)
			}
			want, _ := strconv.Atoi(r.expected["pages"])
			v := f.Latest()
			if n, err := v.Pages(); err != nil || n != want {
				t.Errorf("Pages() = %d, %v, want %d", n, err, want)
			}
			// The way by the counts and the walk must find the same pages.
			var first []pdf.Ref
			for i := range want {
				p, err := v.Page(i)
				if err != nil {
					t.Fatalf("Page(%d): %v", i, err)
				}
				if p.MediaBox[0] >= p.MediaBox[2] || p.CropBox[1] >= p.CropBox[3] || p.Rotate%90 != 0 {
					t.Errorf("Page(%d) = %+v", i, p)
				}
				first = append(first, p.Ref)
			}
			if _, err := v.Page(want); err == nil {
				t.Errorf("Page(%d) gives no error", want)
			}
			for i, ref := range first {
				if p, err := v.Page(i); err != nil || p.Ref != ref {
					t.Errorf("Page(%d) = %v, %v, was %v", i, p.Ref, err, ref)
				}
			}
			if e := f.Encryption(); e != nil && !e.Owner {
				if want := r.expected["user_may_add_field"]; want != "" && want != strconv.FormatBool(e.MayAddField())[:1] && strings.EqualFold(want, strconv.FormatBool(!e.MayAddField())[:1]) {
					t.Errorf("MayAddField() = %v, want %s (P=%#x)", e.MayAddField(), want, e.Permissions)
				}
				if want := r.expected["user_may_sign_field"]; want != "" && strings.EqualFold(want, strconv.FormatBool(!e.MaySignField())[:1]) {
					t.Errorf("MaySignField() = %v, want %s (P=%#x)", e.MaySignField(), want, e.Permissions)
				}
			}
		})
	}
}

// signatures counts the values of signature fields, one that two fields share once.
func signatures(t *testing.T, v *pdf.View) int {
	fields, err := v.Fields()
	if err != nil {
		t.Fatalf("Fields: %v", err)
	}
	seen := map[pdf.Object]bool{}
	for _, f := range fields {
		if f.Type != "Sig" || f.Value == nil {
			continue
		}
		if ref, ok := f.Value.(pdf.Ref); ok {
			seen[ref] = true
		} else {
			seen[f.Ref] = true
		}
	}
	return len(seen)
}

// TestCorpusSignatures counts signatures, and says that honest files leave no byte of theirs unexplained.
func TestCorpusSignatures(t *testing.T) {
	for _, r := range manifest(t, "signed") {
		if r.expected["credential"] != "" {
			continue
		}
		t.Run(filepath.Base(r.path), func(t *testing.T) {
			f, err := openRow(t, r)
			if err != nil {
				t.Fatalf("Open: %v", err)
			}
			if f.Repaired() {
				t.Errorf("repaired: %v", f.Notes())
			}
			want, _ := strconv.Atoi(r.expected["n_signatures"])
			stamps, _ := strconv.Atoi(r.expected["n_doc_timestamps"])
			name := filepath.Base(r.path)
			if name == "BadEncodedCMS.pdf" {
				want = 1 // the manifest does not count a signature whose CMS cannot be parsed
			}
			if got := signatures(t, f.Latest()); got != want+stamps {
				t.Errorf("%d signatures, want %d", got, want+stamps)
			}
			for rev := range len(f.Revisions()) + 1 {
				spans, err := f.Unexplained(rev)
				if err != nil {
					t.Errorf("Unexplained(%d): %v", rev, err)
				}
				if len(spans) > 0 && name != "pkcs7_sha1.pdf" { // its producer wrote one object twice
					t.Errorf("Unexplained(%d) = %v", rev, spans)
				}
			}
			survey, err := f.Survey(0)
			if err != nil {
				t.Fatal(err)
			}
			ranges := survey.ByteRanges
			if len(ranges) < want+stamps {
				t.Errorf("Survey: ByteRange at %v for %d signatures", ranges, want+stamps)
			}
			if n, err := strconv.Atoi(r.expected["raw_byteranges"]); err == nil && n != len(ranges) {
				t.Errorf("%d ByteRange in the bytes, want %d", len(ranges), n)
			}
		})
	}
}

// TestCorpusAttacks uses every hostile file as much as a verifier could, within its time and memory.
func TestCorpusAttacks(t *testing.T) {
	for _, r := range manifest(t, "attacks") {
		t.Run(filepath.Base(r.path), func(t *testing.T) {
			seconds, mib := 3.0, 256
			if s, err := strconv.ParseFloat(r.expected["max_seconds"], 64); err == nil {
				seconds = min(s, seconds)
			}
			if m, err := strconv.Atoi(r.expected["max_memory_mib"]); err == nil {
				mib = m
			}
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			start := time.Now()
			useAll(t, r)
			if took := time.Since(start).Seconds(); took > seconds && !pdf.UnderRace {
				t.Errorf("took %.1f s of %.1f", took, seconds)
			}
			// All that was allocated and perhaps freed again: more than what was needed at once.
			runtime.ReadMemStats(&after)
			if used := int(after.TotalAlloc-before.TotalAlloc) >> 20; used > mib {
				t.Errorf("allocated %d MiB of %d", used, mib)
			}
		})
	}
}

func useAll(t *testing.T, r row) {
	f, err := openRow(t, r)
	if err != nil {
		t.Log(err)
		return
	}
	for rev := range f.Revisions() {
		v := f.At(rev)
		n, err := v.Pages()
		for i := range min(n, 100) {
			if _, e := v.Page(i); e != nil {
				err = e
			}
		}
		if _, e := v.Fields(); e != nil {
			err = e
		}
		for num := range min(v.MaxObject(), 100_000) + 1 {
			e, ok := v.Lookup(num)
			if !ok || e.Free {
				continue
			}
			o, e2 := v.Get(pdf.Ref{Num: num, Gen: e.Gen})
			if st, ok := o.(*pdf.Stream); ok {
				v.StreamData(st, 0)
			}
			if e2 != nil {
				err = e2
				break
			}
		}
		if _, e := f.Gaps(rev); e != nil {
			err = e
		}
		if err != nil {
			t.Log(err)
		}
	}
	if _, err := f.Gaps(len(f.Revisions())); err != nil {
		t.Log(err)
	}
	if g, err := f.Rescan(); err == nil {
		g.Latest().Pages()
	}
}

// TestCorpusISA names the bytes that each attack by incremental saving hides from the cross reference.
func TestCorpusISA(t *testing.T) {
	found := 0
	for _, r := range manifest(t, "attacks") {
		if r.expected["class"] != "ISA" {
			continue
		}
		found++
		t.Run(filepath.Base(r.path), func(t *testing.T) {
			f, err := openRow(t, r)
			if err != nil {
				t.Fatal(err)
			}
			tail, err := f.Gaps(len(f.Revisions()))
			if err != nil {
				t.Fatal(err)
			}
			survey, err := f.Survey(0)
			if err != nil || len(survey.ByteRanges) == 0 {
				t.Fatalf("Survey: %+v, %v", survey, err)
			}
			// The update is there to be judged as a revision behind the signed one, as bytes that nothing explains, or in a file whose
			// cross reference cannot be used at all.
			last := f.Revisions()[len(f.Revisions())-1]
			if len(tail) == 0 && !f.Repaired() && last.Start < survey.ByteRanges[0] {
				t.Errorf("the update is invisible: %d revisions, notes %v", len(f.Revisions()), f.Notes())
			}
		})
	}
	if found == 0 {
		t.Error("no file of the class ISA")
	}
}

// TestAgainstQPDF compares every object of some files with what qpdf reads.
func TestAgainstQPDF(t *testing.T) {
	qpdf, err := exec.LookPath("qpdf")
	if err != nil {
		t.Skip("qpdf is not here")
	}
	for i, r := range manifest(t, "unsigned") {
		if r.expected["must_sign"] == "no" || r.expected["credential"] != "" || strings.Contains(r.expected["traits"], "needs_repair") || testing.Short() && i%8 != 0 {
			continue
		}
		t.Run(filepath.Base(r.path), func(t *testing.T) {
			t.Parallel()
			pw := password(r.expected["password_user"])
			out, err := exec.Command(qpdf, "--password="+pw, "--json=2", "--json-key=qpdf", "--json-key=pages", r.path).Output()
			if exit, ok := err.(*exec.ExitError); err != nil && (!ok || exit.ExitCode() != 3) { // 3: with warnings
				t.Skipf("qpdf cannot read it: %v", err)
			}
			var doc struct {
				Pages []struct{ Object string }
				QPDF  []json.RawMessage
			}
			if err := json.Unmarshal(out, &doc); err != nil || len(doc.QPDF) < 2 {
				t.Skipf("this qpdf writes other JSON: %v", err)
			}
			f, err := openRow(t, r)
			if err != nil {
				t.Fatal(err)
			}
			if f.Repaired() {
				t.Skip("qpdf and this reader repair differently")
			}
			v := f.Latest()
			if n, err := v.Pages(); err != nil || n != len(doc.Pages) {
				t.Errorf("Pages() = %d, %v, qpdf has %d", n, err, len(doc.Pages))
			}
			var objects map[string]struct {
				Value  json.RawMessage
				Stream *struct{ Dict json.RawMessage }
			}
			if err := json.Unmarshal(doc.QPDF[1], &objects); err != nil {
				t.Fatal(err)
			}
			for name, want := range objects {
				var num uint32
				var gen uint16
				if n, _ := fmt.Sscanf(name, "obj:%d %d R", &num, &gen); n != 2 {
					continue
				}
				if e, ok := v.Lookup(num); !ok || e.Free || e.Gen != gen {
					continue // qpdf also keeps cross-reference streams and objects of other generations
				}
				o, err := v.Get(pdf.Ref{Num: num, Gen: gen})
				if err != nil {
					t.Errorf("Get(%d): %v", num, err)
					continue
				}
				raw := want.Value
				if s, ok := o.(*pdf.Stream); ok {
					if want.Stream == nil {
						t.Errorf("object %d is a stream, not so for qpdf: %s", num, raw)
						continue
					}
					o, raw = s.Dict, want.Stream.Dict
				}
				var x any
				if err := json.Unmarshal(raw, &x); err != nil {
					t.Errorf("object %d is no stream, qpdf has %s", num, raw)
					continue
				}
				if why := differs(o, x, ""); why != "" {
					t.Errorf("object %d: %s", num, why)
				}
			}
		})
	}
}

// differs explains how a value differs from qpdf's JSON of it, "" when it does not.
func differs(o pdf.Object, x any, path string) string {
	no := func() string { return fmt.Sprintf("%s = %#v, qpdf has %#v", path, o, x) }
	switch o := o.(type) {
	case nil:
		if x != nil {
			return no()
		}
	case bool:
		if x != o {
			return no()
		}
	case pdf.Integer:
		if f, ok := x.(float64); !ok || f != float64(o) {
			return no()
		}
	case pdf.Real:
		if f, ok := x.(float64); !ok || math.Abs(f-float64(o)) > 1e-6*max(1, math.Abs(f)) {
			return no()
		}
	case pdf.Name:
		if x != "/"+string(o) && x != "n:/"+string(o) && !strings.ContainsFunc(string(o), func(r rune) bool { return r == '#' || r > 126 }) {
			return no()
		}
	case pdf.Ref:
		if x != fmt.Sprintf("%d %d R", o.Num, o.Gen) {
			return no()
		}
	case pdf.String:
		s, ok := x.(string)
		if !ok || s != "u:"+pdf.DecodeText(o) && s != fmt.Sprintf("b:%x", string(o)) && s != "u:"+string(o) {
			return no()
		}
	case pdf.Array:
		a, ok := x.([]any)
		if !ok || len(a) != len(o) {
			return no()
		}
		for i := range o {
			if why := differs(o[i], a[i], fmt.Sprintf("%s[%d]", path, i)); why != "" {
				return why
			}
		}
	case pdf.Dict:
		if s, ok := x.(string); ok && strings.HasPrefix(path, "/Kids[") && strings.HasSuffix(s, " R") {
			return "" // qpdf gives a page that is written inside the tree a number of its own
		}
		m, ok := x.(map[string]any)
		if !ok {
			return no()
		}
		for k, y := range m {
			if strings.ContainsFunc(k, func(r rune) bool { return r == '#' || r > 126 }) {
				continue
			}
			if why := differs(o[pdf.Name(strings.TrimPrefix(strings.TrimPrefix(k, "n:"), "/"))], y, path+k); why != "" {
				return why
			}
		}
		for k, y := range o {
			if _, isRef := y.(pdf.Ref); isRef {
				continue // qpdf leaves out what refers to nothing
			}
			if _, ok := m["/"+string(k)]; !ok && m["n:/"+string(k)] == nil && k != "Length" && !strings.ContainsFunc(string(k), func(r rune) bool { return r == '#' || r > 126 }) {
				return fmt.Sprintf("%s has /%s, not so for qpdf", path, k)
			}
		}
	}
	return ""
}
