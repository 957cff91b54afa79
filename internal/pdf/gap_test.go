package pdf

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

// gapsOf renders the gaps of all revisions and of the tail.
func gapsOf(t *testing.T, f *File) string {
	t.Helper()
	var out []string
	for rev := range len(f.Revisions()) + 1 {
		gaps, err := f.Gaps(rev)
		if err != nil {
			t.Fatal(err)
		}
		for _, g := range gaps {
			s := fmt.Sprintf("%d:%s", rev, g.Kind)
			if g.Ref != (Ref{}) {
				s += fmt.Sprintf(":%d", g.Ref.Num)
			}
			out = append(out, s)
		}
	}
	return strings.Join(out, " ")
}

// TestGaps appends things to a signed-like original of one revision; each line is what an attacker or a sloppy producer writes.
func TestGaps(t *testing.T) {
	for name, c := range map[string]struct {
		write func(d *draft)
		want  string
	}{
		"nothing":     {func(*draft) {}, ""},
		"white-space": {func(d *draft) { d.WriteString("\r\n \x00\n") }, ""},
		"update":      {func(d *draft) { d.obj(3, "<</Type/Page>>"); d.table("/Root 1 0 R/Size 4") }, ""},
		"update-with-comment": {func(d *draft) {
			d.WriteString("% of a producer\n")
			d.obj(3, "<</Type/Page>>")
			d.table("/Root 1 0 R/Size 4")
		}, ""},
		"xref-stream": {func(d *draft) { d.stream(7, "", []byte("x endobj 9 0 obj")); d.xrefStream(8, "/Root 1 0 R", nil) }, ""},
		"object-stream": {func(d *draft) {
			dict, data := objStm(map[int]string{9: "(x)"}, 9)
			d.stream(7, dict, data)
			d.xrefStream(8, "/Root 1 0 R", map[int][2]int{9: {7, 0}})
		}, ""},
		"hidden-slot": {func(d *draft) {
			dict, data := objStm(map[int]string{9: "(x)", 3: "<</Type/Page>>"}, 9, 3)
			d.stream(7, dict, data)
			d.xrefStream(8, "/Root 1 0 R", map[int][2]int{9: {7, 0}})
		}, "1:slot:3"},
		"isa-second-trailer-without-xref": {func(d *draft) {
			d.obj(3, "<</Type/Page>>")
			fmt.Fprintf(d, "trailer\n<</Root 1 0 R/Size 4/Prev %d>>\nstartxref\n%d\n%%%%EOF\n", d.last, d.last)
		}, "1:object:3 1:trailer 1:startxref 1:bytes"},
		"isa-only-objects": {func(d *draft) { d.obj(3, "<</Type/Page>>"); d.obj(9, "<<>>") }, "1:object:3 1:object:9"},
		"isa-junk":         {func(d *draft) { d.WriteString("Lampiran yang tidak ditandatangani") }, "1:bytes"},
		"isa-comment-eof":  {func(d *draft) { d.WriteString("%%EOF\n") }, "1:bytes"},
		"object-in-no-section": {func(d *draft) {
			d.obj(9, "(x)")
			delete(d.offs, 9)
			d.obj(3, "<</Type/Page>>")
			d.table("/Root 1 0 R/Size 4")
		}, "1:object:9"},
		"object-twice": {func(d *draft) {
			d.obj(3, "<</Type/Page/Rotate 90>>")
			d.obj(3, "<</Type/Page>>")
			d.table("/Root 1 0 R/Size 4")
		}, "1:object:3"},
		"junk-in-update": {func(d *draft) { d.obj(3, "<</Type/Page>>"); d.WriteString("garbage\n"); d.table("/Root 1 0 R/Size 4") }, "1:bytes"},
		"no-endobj": {func(d *draft) {
			d.offs[3] = d.at()
			d.WriteString("3 0 obj\n<</Type/Page>>\n")
			d.table("/Root 1 0 R/Size 4")
		}, "1:damaged:3"},
		"comment-hides-object": {func(d *draft) {
			d.obj(3, "<</Type/Page>>")
			d.WriteString("% " + strings.Repeat("-", 700) + " 3 0 obj <</Type/Page/Rotate 90>> endobj\n")
			d.table("/Root 1 0 R/Size 4")
		}, "1:comment"},
		"stray-xref": {func(d *draft) {
			d.obj(3, "<</Type/Page>>")
			d.WriteString("xref\n0 0\ntrailer\n<</Root 1 0 R>>\n")
			d.table("/Root 1 0 R/Size 4")
		}, "1:xref"},
		"startxref-one-off": {func(d *draft) {
			d.obj(3, "<</Type/Page>>")
			d.table("/Root 1 0 R/Size 4")
			b := bytes.Clone(d.Bytes())
			d.Reset()
			d.Write(bytes.Replace(b, fmt.Appendf(nil, "startxref\n%d", d.last), fmt.Appendf(nil, "startxref\n%d", d.last+1), 1))
		}, "1:startxref"},
		"two-startxrefs": {func(d *draft) {
			d.obj(3, "<</Type/Page>>")
			fmt.Fprintf(d, "startxref\n%d\n", d.last)
			d.table("/Root 1 0 R/Size 4")
		}, "1:startxref"},
	} {
		d := small()
		d.table("/Root 1 0 R/Size 4")
		c.write(d)
		f := open(t, d.Bytes())
		if f.Repaired() {
			t.Errorf("%s: repaired", name)
		}
		if got := gapsOf(t, f); got != c.want {
			t.Errorf("%s: gaps = %q, want %q", name, got, c.want)
		}
		spans, err := f.Unexplained(min(1, len(f.Revisions())))
		if (len(spans) > 0) != (c.want != "" && !strings.Contains(c.want, "slot")) || err != nil {
			t.Errorf("%s: Unexplained = %v, %v", name, spans, err)
		}
		tail, err := f.Trailing()
		if wants := strings.HasPrefix(name, "isa-"); err != nil || (tail.End > tail.Start) != wants {
			t.Errorf("%s: Trailing() = %v, %v", name, tail, err)
		}
	}
}

// TestGapsOfOriginals are false alarms that must not be given.
func TestGapsOfOriginals(t *testing.T) {
	crlf := &draft{offs: map[int]int64{}, last: -1, eol: "\r\n"}
	crlf.WriteString("%PDF-1.7\r\n%\xe2\xe3\xcf\xd3\r\n")
	crlf.pages()
	d := small()
	d.WriteString("\n") // startxref names this line end
	d.last = d.at()
	fmt.Fprintf(d, "\nxref\n0 4\n0000000000 65535 f\r\n%010d 00000 n\r\n%010d 00000 n\r\n%010d 00000 n\r\ntrailer\n<</Root 1 0 R/Size 4>>\n", d.offs[1], d.offs[2], d.offs[3])
	d.close(d.last)
	word := newDraft()
	word.pages()
	dict, data := objStm(map[int]string{9: "(x)"}, 9)
	word.stream(5, dict, data)
	five := word.offs[5]
	at := word.at()
	word.stream(6, "/Type/XRef/W[1 2 1]/Index[5 2 9 1]/Size 10", []byte{1, byte(five >> 8), byte(five), 0, 1, byte(at >> 8), byte(at), 0, 2, 0, 5, 0})
	delete(word.offs, 5)
	delete(word.offs, 6)
	word.table("/Root 1 0 R/Size 10")
	last := word.at()
	fmt.Fprintf(word, "xref\n0 0\ntrailer\n<</Root 1 0 R/Size 10/XRefStm %d/Prev %d>>\n", at, word.last)
	word.close(last)
	for name, b := range map[string][]byte{
		"crlf":                  crlf.table("/Root 1 0 R/Size 4").Bytes(),
		"startxref-at-line-end": d.Bytes(),
		"word-pair":             word.Bytes(),
	} {
		f := open(t, b)
		if got := gapsOf(t, f); got != "" || len(f.Revisions()) != 1 || f.Repaired() {
			t.Errorf("%s: gaps = %q in %d revisions, repaired %v", name, got, len(f.Revisions()), f.Repaired())
		}
		if r := f.Revisions()[0]; r.Start != 0 || r.End != f.Size() {
			t.Errorf("%s: revision = [%d,%d), want all %d bytes", name, r.Start, r.End, f.Size())
		}
	}
}

func TestEqual(t *testing.T) {
	d := small()
	d.stream(4, "/A 1", []byte("isi"))
	d.stream(5, "/A 1", []byte("isi"))
	d.stream(6, "/A 2", []byte("isi"))
	d.stream(7, "/A 1", []byte("isu"))
	f := open(t, d.table("/Root 1 0 R/Size 8").Bytes())
	for _, c := range []struct {
		a, b uint32
		want bool
	}{{4, 4, true}, {4, 5, true}, {4, 6, false}, {4, 7, false}, {1, 2, false}, {3, 3, true}} {
		a, _ := f.Latest().Get(Ref{Num: c.a})
		b, _ := f.Latest().Get(Ref{Num: c.b})
		if got, err := f.Equal(a, b); err != nil || got != c.want {
			t.Errorf("Equal(%d, %d) = %v, %v, want %v", c.a, c.b, got, err, c.want)
		}
	}
}
