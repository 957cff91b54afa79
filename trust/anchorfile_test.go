package trust

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestParseAnchors(t *testing.T) {
	root := issue(t, nil, "Akar Uji", ca)
	other := issue(t, nil, "Akar Lain", ca)
	toPEM := func(typ string, es ...*entity) string {
		var s strings.Builder
		for _, e := range es {
			fmt.Fprintf(&s, "# %s\n%s", e.Subject, pem.EncodeToMemory(&pem.Block{Type: typ, Bytes: e.Raw}))
		}
		return s.String()
	}
	file := func(kind, sum, more string) string {
		return fmt.Sprintf(`{"version":1,"anchors":[{"kind":%q,"certificate":%q,"sha256":%q%s}]}`, kind, base64.StdEncoding.EncodeToString(root.Raw), sum, more)
	}
	sum := fmt.Sprintf("% X", sha256.Sum256(root.Raw))
	for _, c := range []struct {
		name, data string
		want       int
		err        string
		check      func(a Anchor) bool
	}{
		{name: "PEM", data: toPEM("CERTIFICATE", root, other), want: 2, check: func(a Anchor) bool { return a.Kind == AnchorOperator && a.Certificate.Equal(root.Certificate) }},
		{name: "DER", data: string(root.Raw), want: 1},
		{name: "package", data: file("national", sum, `,"until":"2025-06-01T00:00:00+07:00","label":{"id":"Akar","en":"Root"}`), want: 1, check: func(a Anchor) bool {
			return a.Kind == AnchorNational && a.Label["id"] == "Akar" && a.Until.UTC().Format("2006-01-02T15") == "2025-05-31T17"
		}},
		{name: "fingerprint with colons", data: file("test", strings.ReplaceAll(sum, " ", ":"), ""), want: 1},
		{name: "wrong fingerprint", data: file("national", strings.Repeat("0", 64), ""), err: "fingerprint"},
		{name: "no fingerprint", data: file("national", "", ""), err: "fingerprint"},
		{name: "unknown kind", data: file("given", sum, ""), err: "kind"},
		{name: "misspelt field", data: file("national", sum, `,"untill":"2025-06-01T00:00:00Z"`), err: "untill"},
		{name: "dates turned around", data: file("national", sum, `,"from":"2025-06-01T00:00:00Z","until":"2024-06-01T00:00:00Z"`), err: "until is before from"},
		{name: "version 2", data: `{"version":2}`, err: "version"},
		{name: "no anchors", data: `{"version":1,"anchors":[]}`, err: "anchors"},
		{name: "a key", data: toPEM("PRIVATE KEY", root), err: "not a private key"},
		{name: "text", data: "percayalah", err: "no trust anchor"},
	} {
		got, err := ParseAnchors([]byte(c.data), AnchorOperator)
		if c.err != "" {
			if err == nil || !strings.Contains(err.Error(), c.err) {
				t.Errorf("ParseAnchors(%s) = %v, want an error with %q", c.name, err, c.err)
			}
			continue
		}
		if err != nil || len(got) != c.want || c.check != nil && !c.check(got[0]) {
			t.Errorf("ParseAnchors(%s) = %v, %v", c.name, got, err)
		}
	}
}

// TestPackage: what is written is what is read.
func TestPackage(t *testing.T) {
	root := issue(t, nil, "Akar Uji", ca)
	want := &Package{
		Name: map[string]string{"id": "Daftar", "en": "List"}, Date: time.Date(2027, 1, 12, 2, 30, 0, 0, time.UTC),
		Anchors: []Anchor{{Certificate: root.Certificate, Kind: AnchorTest, Label: map[string]string{"id": "Akar"}, Until: time.Date(2028, 1, 1, 0, 0, 0, 0, time.UTC)}},
	}
	b, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	got, err := ParsePackage(b)
	if err != nil {
		t.Fatal(err)
	}
	if got.Name["en"] != "List" || !got.Date.Equal(want.Date) || len(got.Anchors) != 1 {
		t.Fatalf("read %+v", got)
	}
	a, w := got.Anchors[0], want.Anchors[0]
	if !a.Certificate.Equal(w.Certificate) || a.Kind != w.Kind || !a.Until.Equal(w.Until) || !a.From.IsZero() || a.Label["id"] != "Akar" {
		t.Errorf("read %+v", a)
	}
	if list, err := ParseAnchors(b, AnchorGiven); err != nil || len(list) != 1 || list[0].Kind != AnchorTest {
		t.Errorf("ParseAnchors: %v, %v", list, err)
	}
	if _, err := ParsePackage([]byte(`{"version":1,"nama":{},"anchors":[]}`)); err == nil {
		t.Error("an unknown field was read over")
	}
}
