package answer_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"absah/internal/answer"
	"absah/internal/testkit"
	"absah/pades"
	"absah/trust"
)

// TestTypeScript: the browser's types have the same names as ours, of the same kind, and leave out the same.
func TestTypeScript(t *testing.T) {
	b, err := os.ReadFile(filepath.Join("..", "..", "web", "src", "verify", "view.ts"))
	if err != nil {
		t.Fatal(err)
	}
	theirs := map[string]map[string]string{}
	for _, m := range regexp.MustCompile(`(?s)export interface (\w+) \{(.*?)\n\}`).FindAllStringSubmatch(string(b), -1) {
		theirs[m[1]] = map[string]string{}
		for _, f := range regexp.MustCompile(`(?m)^  (\w+\??): (.*);$`).FindAllStringSubmatch(m[2], -1) {
			theirs[m[1]][f[1]] = f[2]
		}
	}
	seen := map[string]bool{}
	var compare func(typ reflect.Type)
	compare = func(typ reflect.Type) {
		if seen[typ.Name()] {
			return
		}
		seen[typ.Name()] = true
		have := theirs[typ.Name()]
		if len(have) != typ.NumField() {
			t.Errorf("%s: %d fields in TypeScript, %d here", typ.Name(), len(have), typ.NumField())
		}
		for i := range typ.NumField() {
			f := typ.Field(i)
			name, option, _ := strings.Cut(f.Tag.Get("json"), ",")
			if option == "omitempty" {
				name += "?"
			}
			kind, ok := have[name]
			if !ok {
				t.Errorf("%s.%s is not in TypeScript", typ.Name(), name)
				continue
			}
			in, suffix := f.Type, ""
			if in.Kind() == reflect.Slice {
				in, suffix = in.Elem(), "[]"
			}
			if in.Kind() == reflect.Pointer {
				in = in.Elem()
			}
			want := ""
			switch in.Kind() {
			case reflect.Struct:
				want = in.Name() + suffix
				compare(in)
			case reflect.Array:
				want = "[number, number, number, number]"
			case reflect.String:
				if want = "string" + suffix; strings.HasPrefix(kind, "'") || kind == "Verdict" || kind == "State" {
					want = kind // some of all strings
				}
			case reflect.Int, reflect.Int64:
				want = "number"
			case reflect.Bool:
				want = "boolean"
			}
			if kind != want {
				t.Errorf("%s.%s: %s in TypeScript, want %s", typ.Name(), name, kind, want)
			}
		}
	}
	compare(reflect.TypeFor[answer.View]())
	for name := range theirs {
		if !seen[name] {
			t.Errorf("nothing here is the %s of TypeScript", name)
		}
	}
}

func judged(t *testing.T, p *testkit.PKI, doc []byte, anchors []trust.Anchor) *answer.Document {
	t.Helper()
	policy := trust.Basic()
	policy.Time, policy.Anchors = p.Now.Add(time.Minute), anchors
	e, err := pades.Gather(t.Context(), bytes.NewReader(doc), int64(len(doc)), pades.GatherOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return &answer.Document{Name: "surat.pdf", Size: int64(len(doc)), SHA256: []byte{1, 2}, Report: pades.Judge(e, policy), Evidence: e}
}

func signed(t *testing.T, p *testkit.PKI, doc []byte, o pades.SignOptions) []byte {
	t.Helper()
	o.Certificate, o.Chain, o.Time, o.Timestamper, o.Fetcher = p.Signer.Certificate.Raw, p.Signer.Chain, p.Now, p, p
	var b bytes.Buffer
	if err := pades.Sign(t.Context(), &b, bytes.NewReader(doc), int64(len(doc)), p.Signer.Key, o); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func keys(rows []answer.Row) (out []string) {
	for _, r := range rows {
		out = append(out, r.Key)
	}
	return out
}

// TestView: what a page needs is there in both languages, and no list is null.
func TestView(t *testing.T) {
	p := testkit.NewPKI(t, nil)
	first := signed(t, p, testkit.Document(t, 2), pades.SignOptions{Level: pades.LevelLT, Location: "Kota Contoh"})
	second := signed(t, p, first, pades.SignOptions{Level: pades.LevelB, Field: "Kedua", Appearance: &pades.Appearance{Kind: pades.AppearanceCard, Rect: [4]float64{100, 120, 200, 80}, Page: 2, Language: "id"}})
	for l, want := range map[pades.Language]struct{ spoken, clock string }{
		pades.Indonesian: {"%s. Tanda tangan sah, dengan catatan. ", "menurut jam penandatangan"},
		pades.English:    {"%s. Valid signature, with notes. ", "by the signer's clock"},
	} {
		v := answer.New(judged(t, p, second, p.Anchors(t)), l)
		if b, err := json.Marshal(v); err != nil || bytes.Contains(b, []byte(":null")) {
			t.Errorf("%v, null in %s", err, b)
		}
		if len(v.Signatures) != 2 || len(v.Do) == 0 || len(v.Why) == 0 || v.Acrobat == nil || v.Language != string(l) {
			t.Fatalf("%+v", v)
		}
		s := v.Signatures[0]
		if got := keys(s.Fields); !slices.Equal(got, []string{"signer", "signed", "location", "validity", "issuer", "holder"}) || s.Fields[2].Value != "Kota Contoh" {
			t.Errorf("fields %+v", s.Fields)
		}
		if len(s.Checks) != 3 || s.Checks[2].State != "ok" || s.Anchor == nil || s.Anchor.Kind != "given" || s.LevelWords == "" || s.Outcome != nil {
			t.Errorf("%+v", s)
		}
		if want := strings.Replace(want.spoken, "%s", p.Signer.Certificate.Subject.CommonName, 1); !strings.HasPrefix(s.Spoken, want) || !strings.HasSuffix(s.Spoken, " WIB.") {
			t.Errorf("spoken: %s", s.Spoken)
		}
		if s.SignedSize <= 0 || s.SignedSize >= int64(len(first)) || s.Whole || s.Certificate == "" {
			t.Errorf("%d of %d bytes were signed first", s.SignedSize, len(first))
		}
		// The second signature is a change after the first, at the place where it shows.
		if i := slices.IndexFunc(s.Changes, func(c answer.ChangeView) bool { return c.Page != 0 }); i < 0 {
			t.Errorf("no change has a place: %+v", s.Changes)
		} else if c := s.Changes[i]; c.Page != 2 || c.Rect == nil || c.Rect[2]-c.Rect[0] < 50 || !strings.Contains(c.Sentence, "Kedua") {
			t.Errorf("the added signature: %+v", c)
		}
		at := ""
		for _, e := range s.Events {
			when, err := time.Parse(time.RFC3339, e.At)
			if err != nil || e.At < at || e.Label == "" || e.Text == "" {
				t.Errorf("event %+v after %s: %v", e, at, err)
			}
			at = when.UTC().Format(time.RFC3339)
		}
		if last := v.Signatures[1]; !last.Whole || !strings.Contains(last.Spoken, want.clock) || !strings.Contains(last.Fields[1].Value, want.clock) {
			t.Errorf("%+v", last)
		}
	}
}

// TestUnsigned: whoever holds a forged letter hears that its pictures prove nothing, whom to ask and what not to do.
func TestUnsigned(t *testing.T) {
	p := testkit.NewPKI(t, nil)
	d := judged(t, p, testkit.Document(t, 1), nil)
	for l, want := range map[pades.Language][]string{
		pades.Indonesian: {"QR", "membuktikan apa pun", "instansi", "bukan yang tertulis di surat ini", "berkas PDF asli", "belum berarti palsu"},
		pades.English:    {"QR", "proves nothing", "agency", "not by one that stands in this letter", "original PDF", "not make it a forgery"},
	} {
		v := answer.New(d, l)
		all := strings.Join(append(slices.Clone(v.Why), v.Do...), "\n")
		for _, w := range want {
			if !strings.Contains(all, w) {
				t.Errorf("%s: %q is not said:\n%s", l, w, all)
			}
		}
		if v.Acrobat != nil || v.Verdict != "unsigned" {
			t.Errorf("%+v", v)
		}
	}
	if v := answer.New(&answer.Document{Name: "x", Problem: "not a PDF\n"}, pades.Indonesian); v.Verdict != "unread" || v.Headline != "not a PDF " {
		t.Errorf("%+v", v)
	}
}

// TestShown: no whole NIK, and nothing that moves the cursor.
func TestShown(t *testing.T) {
	for in, want := range map[string]string{
		"NIK 3300000000000001.":                         "NIK 3300••••••••0001.",
		"3300000000000001":                              "3300••••••••0001",
		"no 33000000000000012":                          "no 33000000000000012",
		"NIK3300000000000001x":                          "NIK3300••••••••0001x", // as some write it; only digits make it another number
		"SK 3300000000000001,3300000000000001":          "SK 3300••••••••0001,3300••••••••0001",
		"NIP 198503122010011001":                        "NIP 198503122010011001",
		"a\x1b[2Jb\u202e":                               "a[2Jb",
		"serialNumber=3300000000000001, CN=Budi Contoh": "serialNumber=3300••••••••0001, CN=Budi Contoh",
		"": "",
	} {
		if got := answer.Shown(in); got != want {
			t.Errorf("Shown(%q) = %q, want %q", in, got, want)
		}
	}
}
