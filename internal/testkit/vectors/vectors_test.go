package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"absah/pades"
	"absah/trust"
)

const folder = "../../../vectors"

var made = sync.OnceValue(files)

// TestFolder: the folder holds what the generator makes, byte for byte, and nothing else.
func TestFolder(t *testing.T) {
	want, total := made(), 0
	for name, b := range want {
		got, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil || !bytes.Equal(got, b) {
			t.Errorf("%s is not what the generator makes: run go run ./internal/testkit/vectors (%v)", name, err)
		}
		total += len(b)
	}
	if total > 3<<20 {
		t.Errorf("%d bytes: the folder is to stay under 3 MiB", total)
	}
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if _, ok := want[e.Name()]; !ok && e.Name() != "README.md" {
			t.Errorf("%s is in the folder, and nothing makes it", e.Name())
		}
	}
}

// TestVerdicts judges every vector as the manifest asks.
func TestVerdicts(t *testing.T) {
	anchors, err := trust.ParseAnchors(made()["trust.json"], trust.AnchorGiven)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range all() {
		t.Run(strings.TrimSuffix(v.File, ".pdf"), func(t *testing.T) {
			if wrong := v.judge(t, made()[v.File], anchors); len(wrong) > 0 {
				t.Errorf("%s\n%s", v.How, strings.Join(wrong, "\n"))
			}
		})
	}
}

// judge tells what is wrong with our own verdict.
func (v *vector) judge(t *testing.T, doc []byte, anchors []trust.Anchor) (wrong []string) {
	at, err := time.Parse(time.RFC3339, v.At)
	if err != nil {
		t.Fatal(err)
	}
	e, err := pades.Gather(context.Background(), bytes.NewReader(doc), int64(len(doc)), pades.GatherOptions{})
	if err != nil {
		if !slices.Contains(v.Expect.Verdict, "error") {
			wrong = append(wrong, "Gather: "+err.Error())
		}
		return wrong
	}
	policy := trust.Basic()
	policy.Time, policy.Anchors = at, anchors
	r := pades.Judge(e, policy)
	indonesian, english := pades.Words(r, pades.Indonesian), pades.Words(r, pades.English)
	if !slices.Contains(v.Expect.Verdict, string(r.Verdict)) {
		wrong = append(wrong, "verdict "+string(r.Verdict)+", want "+strings.Join(v.Expect.Verdict, " or "))
	}
	if v.Expect.Indication != "" && !slices.ContainsFunc(r.Signatures, func(s pades.SignatureReport) bool {
		return string(s.Indication) == v.Expect.Indication && (v.Expect.SubIndication == "" || s.SubIndication == v.Expect.SubIndication)
	}) {
		wrong = append(wrong, "no signature is "+v.Expect.Indication+" "+v.Expect.SubIndication)
	}
	list := slices.Clone(r.Findings)
	for _, s := range r.Signatures {
		list = append(list, s.Findings...)
		if s.Indication == pades.TotalFailed && (v.Class == honestClass || v.Class == "HIERARCHY" && v.Expect.Indication != failed) {
			wrong = append(wrong, "an honest document is called forged")
		}
	}
	for _, code := range v.Expect.Codes {
		if !slices.ContainsFunc(list, func(f pades.Finding) bool { return f.Code == code }) {
			wrong = append(wrong, "no finding "+code)
		}
	}
	for words, say := range map[string][]string{indonesian: v.Expect.ID, english: v.Expect.EN} {
		first, _, _ := strings.Cut(words, "\n")
		for i, s := range say {
			if !strings.Contains(words, s) || i == 0 && !strings.HasSuffix(first, ": "+s) {
				wrong = append(wrong, "the answer for a person does not say "+s)
			}
		}
	}
	if len(wrong) > 0 {
		wrong = append(wrong, english)
	}
	return wrong
}

// TestSignHostile: also signing comes to an end on what leads back to itself or grows without end, and never yields what our own
// verifier rejects.
func TestSignHostile(t *testing.T) {
	w := newWorld()
	for _, v := range loop() {
		doc := made()[v.File]
		var out bytes.Buffer
		err := pades.Sign(t.Context(), &out, bytes.NewReader(doc), int64(len(doc)), w.official.key, pades.SignOptions{
			Certificate: w.official.cert.Raw, Chain: w.official.chain, Level: pades.LevelT, Time: signed, Timestamper: w.national,
		})
		if (err == nil) != (out.Len() > 0) {
			t.Errorf("%s: %d bytes and %v", v.File, out.Len(), err)
		}
		if err == nil && !bytes.HasPrefix(out.Bytes(), doc) {
			t.Errorf("%s: the original is no prefix", v.File)
		}
	}
}

// TestManifest: classes, twins and texts are complete.
func TestManifest(t *testing.T) {
	list, classes := all(), map[string]int{}
	byName := map[string]*vector{}
	for i := range list {
		if byName[list[i].File] != nil {
			t.Errorf("%s twice", list[i].File)
		}
		byName[list[i].File] = &list[i]
		classes[list[i].Class]++
	}
	for _, v := range list {
		if v.How == "" || len(v.Expect.Verdict) == 0 || len(v.Expect.ID) != len(v.Expect.EN) {
			t.Errorf("%s: incomplete", v.File)
		}
		if twin := byName[v.Twin]; v.Twin != "" && (twin == nil || twin.Class != honestClass) {
			t.Errorf("%s: its twin %s is no honest file", v.File, v.Twin)
		}
	}
	for _, c := range []string{
		"USF", "ISA", "SWA", "BYTERANGE", "SHADOW-HIDE", "SHADOW-REPLACE", "SHADOW-HIDE-AND-REPLACE", "SHADOW-PREPARED", "EAA", "SSA", "CERTIFICATION", "DUPLICATE-FIELD", "CONTENT-MASKING",
		"OBJECT-STREAM", "LOOKALIKE", "CMS", "ALGORITHM", "TIMESTAMP", "EMPTY-SIGNATURE", "CHANGE", "LOOP", "BOMB", honestClass, "HIERARCHY",
	} {
		if classes[c] == 0 {
			t.Errorf("no vector of class %s", c)
		}
	}
}
