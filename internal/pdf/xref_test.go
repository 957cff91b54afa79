package pdf

import (
	"bytes"
	"fmt"
	"strings"
	"sync"
	"testing"
)

// Each vector is one page that must be found, with the tolerances that finding it takes.
func TestOpenVectors(t *testing.T) {
	linear := func() []byte {
		// Two parts written by hand: the first page's section names the main one, which stands behind it.
		build := func(first, main int64) (*draft, int64, int64) {
			d := newDraft()
			d.obj(9, "<</Linearized 1>>")
			a := d.at()
			fmt.Fprintf(d, "xref\n9 1\n%010d 00000 n\r\ntrailer\n<</Root 1 0 R/Size 10/Prev %010d>>\nstartxref\n0\n%%%%EOF\n", d.offs[9], main)
			d.offs = map[int]int64{}
			d.pages()
			b := d.at()
			d.WriteString("xref\n0 4\n0000000000 65535 f\r\n")
			for n := 1; n <= 3; n++ {
				fmt.Fprintf(d, "%010d 00000 n\r\n", d.offs[n])
			}
			fmt.Fprintf(d, "trailer\n<</Size 4>>\nstartxref\n%d\n%%%%EOF\n", first)
			return d, a, b
		}
		_, a, b := build(0, 0)
		d, _, _ := build(a, b)
		return d.Bytes()
	}
	for name, v := range map[string]struct {
		file      []byte
		notes     string
		kind      XrefKind
		revisions int
	}{
		"table": {small().table("/Root 1 0 R/Size 4").Bytes(), "", XrefTable, 1},
		"cr-line-ends": {func() []byte {
			d := small()
			d.Reset()
			d.offs, d.eol = map[int]int64{}, "\r"
			d.WriteString("%PDF-1.7\r")
			d.pages()
			return d.table("/Root 1 0 R/Size 4").Bytes()
		}(), "", XrefTable, 1},
		"crlf": {func() []byte {
			d := &draft{offs: map[int]int64{}, last: -1, eol: "\r\n"}
			d.WriteString("%PDF-1.7\r\n")
			d.pages()
			return d.table("/Root 1 0 R/Size 4").Bytes()
		}(), "", XrefTable, 1},
		"entries-of-19-bytes": {bytes.ReplaceAll(small().table("/Root 1 0 R/Size 4").Bytes(), []byte(" n\r\n"), []byte(" n\n")), "xref-entry", XrefTable, 1},
		"entries-of-21-bytes": {bytes.ReplaceAll(small().table("/Root 1 0 R/Size 4").Bytes(), []byte(" n\r\n"), []byte(" n \r\n")), "", XrefTable, 1},
		"table-from-1-instead-of-0": {func() []byte {
			d := small()
			at := d.at()
			fmt.Fprintf(d, "xref\n1 4\n0000000000 65535 f\r\n%010d 00000 n\r\n%010d 00000 n\r\n%010d 00000 n\r\ntrailer\n<</Root 1 0 R/Size 4>>\n", d.offs[1], d.offs[2], d.offs[3])
			return d.close(at).Bytes()
		}(), "xref-numbering", XrefTable, 1},
		"comment-in-table": {func() []byte {
			d := small()
			b := d.table("/Root 1 0 R/Size 4").Bytes()
			return bytes.Replace(b, []byte("xref\n0 1\n"), []byte("xref % here it begins\n0 1\n"), 1)
		}(), "", XrefTable, 1},
		"count-too-high":     {bytes.Replace(small().table("/Root 1 0 R/Size 4").Bytes(), []byte("\n3 1\n"), []byte("\n3 5\n"), 1), "xref-count", XrefTable, 1},
		"no-trailer-keyword": {bytes.Replace(small().table("/Root 1 0 R/Size 4").Bytes(), []byte("trailer\n"), nil, 1), "trailer-keyword", XrefTable, 1},
		"xref-stream": {func() []byte {
			d := small()
			return d.xrefStream(4, "/Root 1 0 R", nil).Bytes()
		}(), "", XrefStream, 1},
		"type-width-0-and-8-byte-offsets": {func() []byte {
			d := small()
			at := d.at()
			d.offs[4] = at
			var data []byte
			for n := 1; n <= 4; n++ {
				data = append(data, 0, 0, 0, 0, 0, 0, byte(d.offs[n]>>8), byte(d.offs[n]))
			}
			d.stream(4, "/Type/XRef/W[0 8 0]/Index[1 4]/Size 5/Root 1 0 R", data)
			return d.close(at).Bytes()
		}(), "", XrefStream, 1},
		"predictor-and-deflate": {func() []byte {
			d := small()
			at := d.at()
			d.offs[4] = at
			var data []byte
			prior := make([]byte, 4)
			for n := 1; n <= 4; n++ {
				row := []byte{1, byte(d.offs[n] >> 8), byte(d.offs[n]), 0}
				data = append(data, 2)
				for i := range row {
					data = append(data, row[i]-prior[i])
				}
				prior = row
			}
			d.stream(4, "/Type/XRef/W[1 2 1]/Index[1 4]/Size 5/Root 1 0 R/Filter/FlateDecode/DecodeParms<</Predictor 12/Columns 4>>", deflate(data))
			return d.close(at).Bytes()
		}(), "", XrefStream, 1},
		"object-stream": {func() []byte {
			d := newDraft()
			dict, data := objStm(map[int]string{1: "<</Type/Catalog/Pages 2 0 R>>", 2: "<</Kids[3 0 R]/Count 1/MediaBox[0 0 200 300]/Rotate 90>>", 3: "<</Type/Page>>"}, 1, 2, 3)
			d.stream(5, dict, data)
			return d.xrefStream(6, "/Root 1 0 R", map[int][2]int{1: {5, 0}, 2: {5, 1}, 3: {5, 2}}).Bytes()
		}(), "", XrefStream, 1},
		"extends": {func() []byte {
			d := newDraft()
			dict, data := objStm(map[int]string{1: "<</Type/Catalog/Pages 2 0 R>>", 3: "<</Type/Page>>"}, 1, 3)
			d.stream(5, dict, data)
			dict, data = objStm(map[int]string{2: "<</Kids[3 0 R]/Count 1/MediaBox[0 0 200 300]/Rotate 90>>"}, 2)
			d.stream(7, dict+"/Extends 5 0 R", data)
			return d.xrefStream(6, "/Root 1 0 R", map[int][2]int{1: {7, 0}, 2: {7, 0}, 3: {7, 9}}).Bytes()
		}(), "object-stream-index", XrefStream, 1},
		"hybrid": {func() []byte {
			d := newDraft()
			d.obj(1, "<</Type/Catalog/Pages 2 0 R>>")
			dict, data := objStm(map[int]string{2: "<</Kids[3 0 R]/Count 1/MediaBox[0 0 200 300]/Rotate 90>>", 3: "<</Type/Page>>"}, 2, 3)
			d.stream(5, dict, data)
			five, at := d.offs[5], d.at()
			d.stream(6, "/Type/XRef/W[1 2 1]/Index[2 2 5 1]/Size 7", []byte{2, 0, 5, 0, 2, 0, 5, 1, 1, byte(five >> 8), byte(five), 0})
			d.offs = map[int]int64{1: d.offs[1]}
			return d.table(fmt.Sprintf("/Root 1 0 R/Size 7/XRefStm %d", at)).Bytes()
		}(), "", XrefHybrid, 1},
		"update": {func() []byte {
			d := small()
			d.table("/Root 1 0 R/Size 4")
			d.obj(3, "<</Type/Page/UserUnit 2>>")
			return d.table("/Root 1 0 R/Size 4").Bytes()
		}(), "", XrefTable, 2},
		"stream-after-table": {func() []byte {
			d := small()
			d.table("/Root 1 0 R/Size 4")
			return d.xrefStream(5, "/Root 1 0 R", nil).Bytes()
		}(), "", XrefStream, 2},
		"linearized": {linear(), "", XrefTable, 1},
		"before-header-from-file-start": {func() []byte {
			d := &draft{offs: map[int]int64{}, last: -1, eol: "\n"}
			d.WriteString("HTTP/1.1 200 OK\n\n%PDF-1.4\n")
			d.pages()
			return d.table("/Root 1 0 R/Size 4").Bytes()
		}(), "bytes-before-header", XrefTable, 1},
		"before-header-from-header": {append([]byte("HTTP/1.1 200 OK\r\nContent-Type: application/pdf\r\n\r\n"), small().table("/Root 1 0 R/Size 4").Bytes()...), "bytes-before-header", XrefTable, 1},
		"startxref-one-off": {func() []byte {
			d := small()
			b := d.table("/Root 1 0 R/Size 4").Bytes()
			return bytes.Replace(b, fmt.Appendf(nil, "startxref\n%d", d.last), fmt.Appendf(nil, "startxref\n%d", d.last+1), 1)
		}(), "startxref-inexact", XrefTable, 1},
		"startxref-far-off": {bytes.Replace(small().table("/Root 1 0 R/Size 4").Bytes(), []byte("startxref\n"), []byte("startxref\n7"), 1), "xref-damaged", XrefRepaired, 1},
		"startxref-missing": {func() []byte {
			b, _, _ := bytes.Cut(small().table("/Root 1 0 R/Size 4").Bytes(), []byte("startxref"))
			return b
		}(), "xref-damaged", XrefRepaired, 1},
		"trailer-and-xref-missing": {small().Bytes(), "xref-damaged", XrefRepaired, 1},
		"only-streams-left": {func() []byte {
			d := newDraft()
			dict, data := objStm(map[int]string{1: "<</Type/Catalog/Pages 2 0 R>>", 2: "<</Kids[3 0 R]/Count 1/MediaBox[0 0 200 300]/Rotate 90>>", 3: "<</Type/Page>>"}, 1, 2, 3)
			d.stream(5, dict+"/Filter/FlateDecode", deflate(data))
			return d.Bytes()
		}(), "xref-damaged", XrefRepaired, 1},
		"no-header": {func() []byte {
			d := &draft{offs: map[int]int64{}, last: -1, eol: "\n"}
			d.pages()
			return d.table("/Root 1 0 R/Size 4").Bytes()
		}(), "header-missing", XrefTable, 1},
		"prev-in-a-circle": {func() []byte {
			d := small()
			return d.table(fmt.Sprintf("/Root 1 0 R/Size 4/Prev %d", d.at())).Bytes()
		}(), "xref-cycle", XrefTable, 1},
		"bytes-after-eof": {append(small().table("/Root 1 0 R/Size 4").Bytes(), strings.Repeat("<!-- proxy -->\n", 300)...), "", XrefTable, 1},
		"object-at-wrong-offset": {func() []byte {
			d := small()
			d.offs[3] += 5
			return d.table("/Root 1 0 R/Size 4").Bytes()
		}(), "object-misplaced", XrefTable, 1},
	} {
		t.Run(name, func(t *testing.T) {
			f := open(t, v.file)
			p := onePage(t, f)
			if p.MediaBox != [4]float64{0, 0, 200, 300} || p.Rotate != 90 || p.Ref.Num != 3 {
				t.Errorf("page = %v %v %d, want object 3, 200 by 300, turned by 90", p.Ref, p.MediaBox, p.Rotate)
			}
			if got := codes(f); got != v.notes {
				t.Errorf("notes = %q, want %q", got, v.notes)
			}
			if revs := f.Revisions(); len(revs) != v.revisions || revs[len(revs)-1].Kind != v.kind {
				t.Errorf("Revisions() = %+v, want %d, the last of kind %d", revs, v.revisions, v.kind)
			}
			if f.Repaired() != (v.kind == XrefRepaired) {
				t.Errorf("Repaired() = %v", f.Repaired())
			}
		})
	}
}

func TestRefusals(t *testing.T) {
	for name, v := range map[string]struct {
		file string
		want error
	}{
		"empty":      {"", ErrEmpty},
		"text":       {"Yang bertanda tangan di bawah ini", ErrNotPDF},
		"image":      {"\x89PNG\r\n\x1a\n", ErrNotPDF},
		"head-only":  {"%PDF-1.7\n", ErrNoCatalog},
		"no-catalog": {"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n", ErrNoCatalog},
	} {
		_, err := Open(strings.NewReader(v.file), int64(len(v.file)), OpenOptions{})
		if err != v.want {
			t.Errorf("Open(%s) = %v, want %v", name, err, v.want)
		}
	}
}

// TestEntriesOfOnePlace has two numbers whose entries point to one object: only its own number gets it.
func TestEntriesOfOnePlace(t *testing.T) {
	d := small()
	d.obj(4, "(empat)")
	d.offs[5] = d.offs[4]
	f := open(t, d.table("/Root 1 0 R/Size 6").Bytes())
	for num, want := range map[uint32]Object{4: String("empat"), 5: nil} {
		for range 2 {
			if o, err := f.Latest().Get(Ref{Num: num}); err != nil || o != want {
				t.Errorf("Get(%d) = %v, %v, want %v", num, o, err, want)
			}
		}
	}
}

func TestShortReader(t *testing.T) {
	b := small().table("/Root 1 0 R/Size 4").Bytes()
	_, err := Open(bytes.NewReader(b[:len(b)/2]), int64(len(b)), OpenOptions{})
	if _, ok := err.(*ReadError); !ok {
		t.Errorf("Open of a file shorter than stated = %v, want *ReadError", err)
	}
}

func TestViews(t *testing.T) {
	d := small()
	d.obj(4, "(lama)")
	d.table("/Root 1 0 R/Size 5")
	d.obj(4, "(baru)")
	d.obj(5, "(tambahan)")
	d.table("/Root 1 0 R/Size 6")
	at := d.at()
	d.WriteString("xref\n4 1\n0000000000 00001 f\r\ntrailer\n<</Root 1 0 R/Size 6" + d.prev() + ">>\n")
	d.close(at)
	f := open(t, d.Bytes())
	for _, c := range []struct {
		rev  int
		num  uint32
		want Object
	}{{0, 4, String("lama")}, {1, 4, String("baru")}, {2, 4, nil}, {0, 5, nil}, {1, 5, String("tambahan")}, {2, 5, String("tambahan")}, {2, 99, nil}} {
		o, err := f.At(c.rev).Get(Ref{Num: c.num})
		if err != nil || o != c.want {
			t.Errorf("At(%d).Get(%d) = %v, %v, want %v", c.rev, c.num, o, err, c.want)
		}
	}
	if e, ok := f.Latest().Lookup(4); !ok || !e.Free || e.Revision != 2 {
		t.Errorf("Lookup(4) = %+v, %v, want free in revision 2", e, ok)
	}
	if got := f.Touched(1); fmt.Sprint(got) != "[4 5]" {
		t.Errorf("Touched(1) = %v, want [4 5]", got)
	}
	end := int64(0)
	for i, r := range f.Revisions() {
		if r.Start != end || !r.Closed || r.End <= r.Start {
			t.Errorf("revision %d = [%d,%d) closed %v, want it to begin at %d", i, r.Start, r.End, r.Closed, end)
		}
		end = r.End
	}
	if end != f.Size() {
		t.Errorf("the last revision ends at %d, the file at %d", end, f.Size())
	}
}

// TestManyRevisions compares looking up with and without the index.
func TestManyRevisions(t *testing.T) {
	d := small()
	d.table("/Root 1 0 R/Size 4")
	for i := range 60 {
		d.obj(4+i%7, fmt.Sprintf("(%d)", i))
		d.table("/Root 1 0 R/Size 20")
	}
	f := open(t, d.Bytes())
	if f.index == nil {
		t.Fatal("61 sections have no index")
	}
	index := f.index
	for rev := range f.Revisions() {
		for num := range uint32(14) {
			f.index = index
			e1, _, ok1 := f.At(rev).lookup(num)
			f.index = nil
			e2, _, ok2 := f.At(rev).lookup(num)
			if e1 != e2 || ok1 != ok2 {
				t.Fatalf("lookup(%d) at %d = %v %v with the index, %v %v without", num, rev, e1, ok1, e2, ok2)
			}
		}
	}
	f.index = index
	if o, _ := f.At(30).Get(Ref{Num: 5}); o != String("29") {
		t.Errorf("object 5 at revision 30 = %v, want (29)", o)
	}
}

// TestOverriddenLength keeps the past as it was: the length of a stream is the one of the view's own time.
func TestOverriddenLength(t *testing.T) {
	d := small()
	d.offs[4] = d.at()
	d.WriteString("4 0 obj\n<</Length 5 0 R>>\nstream\nabc\nendstream \nendstream\nendobj\n")
	d.obj(5, "3")
	d.table("/Root 1 0 R/Size 6")
	d.obj(5, "14")
	d.table("/Root 1 0 R/Size 6")
	f := open(t, d.Bytes())
	for rev, want := range []string{"abc", "abc\nendstream "} {
		v := f.At(rev)
		s, err := v.Stream(Ref{Num: 4})
		if err != nil || s == nil {
			t.Fatal(err)
		}
		if b, err := v.StreamData(s, 0); err != nil || string(b) != want {
			t.Errorf("at %d the stream is %q, %v, want %q", rev, b, err, want)
		}
	}
}

func TestRepairKeepsRevisions(t *testing.T) {
	d := small()
	d.obj(4, "(lama)")
	d.table("/Root 1 0 R/Size 5")
	first := d.at()
	d.obj(4, "(baru)")
	d.table("/Root 1 0 R/Size 5")
	f := open(t, bytes.ReplaceAll(d.Bytes(), []byte("startxref\n"), []byte("startxref\n9")))
	if revs := f.Revisions(); !f.Repaired() || len(revs) != 2 || revs[0].End < first {
		t.Fatalf("Revisions() = %+v, repaired %v, want 2", revs, f.Repaired())
	}
	for rev, want := range []Object{String("lama"), String("baru")} {
		if o, err := f.At(rev).Get(Ref{Num: 4}); err != nil || o != want {
			t.Errorf("At(%d).Get(4) = %v, %v, want %v", rev, o, err, want)
		}
	}
}

// TestRescan shows what a viewer sees that does not trust the cross reference.
func TestRescan(t *testing.T) {
	d := small()
	d.obj(4, "(ditandatangani)")
	d.table("/Root 1 0 R/Size 5")
	d.obj(4, "(palsu)")
	f := open(t, d.Bytes())
	g, err := f.Rescan()
	if err != nil {
		t.Fatal(err)
	}
	a, _ := f.Latest().Get(Ref{Num: 4})
	b, _ := g.Latest().Get(Ref{Num: 4})
	if a != String("ditandatangani") || b != String("palsu") {
		t.Errorf("object 4 = %v by the cross reference, %v by scanning", a, b)
	}
}

// TestScanSkipsStreams leaves objects inside the bytes of a stream alone.
func TestScanSkipsStreams(t *testing.T) {
	d := small()
	d.stream(4, "", []byte("3 0 obj\n<</Type/Page/UserUnit 9>>\nendobj\n"))
	f := open(t, d.Bytes())
	if p := onePage(t, f); p.UserUnit != 1 {
		t.Errorf("UserUnit = %v: a page inside an attachment was taken", p.UserUnit)
	}
}

func TestSurveyBlocks(t *testing.T) {
	b := make([]byte, 3<<20)
	copy(b, small().table("/Root 1 0 R/Size 4").Bytes())
	want := []int64{scanBlock - 4, scanBlock + 100, 2*scanBlock - 1}
	for _, at := range want {
		copy(b[at:], "/ByteRange")
	}
	f := &File{r: bytes.NewReader(b), size: int64(len(b)), limits: Limits{}.withDefaults(int64(len(b)))}
	got, err := f.Survey(0)
	if err != nil || fmt.Sprint(got.ByteRanges) != fmt.Sprint(want) {
		t.Errorf("Survey(0) = %+v, %v, want ByteRange at %v", got, err, want)
	}
}

func TestValueSpan(t *testing.T) {
	d := small()
	d.obj(4, "<</FT/Sig/V<</ByteRange [0 1 2 3]/Contents <00ff>/Sub<</A(x)/M(no)>>/M null/A(1)/A(2)>>>>")
	b := d.table("/Root 1 0 R/Size 5").Bytes()
	f := open(t, b)
	for _, c := range []struct {
		path []Name
		want string
	}{
		{[]Name{"FT"}, "/Sig"},
		{[]Name{"V", "Contents"}, "<00ff>"},
		{[]Name{"V", "ByteRange"}, "[0 1 2 3]"},
		{[]Name{"V", "M"}, "null"},
		{[]Name{"V", "A"}, "(2)"},
		{[]Name{"V", "Sub", "A"}, "(x)"},
		{[]Name{"V", "Sub", "B"}, ""},
		{[]Name{"FT", "A"}, ""},
	} {
		s, err := f.Latest().ValueSpan(Ref{Num: 4}, c.path...)
		if err != nil {
			t.Fatal(err)
		}
		if string(b[s.Start:s.End]) != c.want {
			t.Errorf("ValueSpan(%v) = %q, want %q", c.path, b[s.Start:s.End], c.want)
		}
	}
	if _, err := f.Latest().ValueSpan(Ref{Num: 4}, "X", "A"); err == nil {
		t.Error("ValueSpan of a missing path gives no error")
	}
}

func TestRootOfOlderTrailer(t *testing.T) {
	d := small()
	d.table("/Root 1 0 R/Size 4")
	d.table("/Root 3 0 R/Size 4")
	f := open(t, d.Bytes())
	onePage(t, f)
	if got := codes(f); got != "root-of-older-trailer" {
		t.Errorf("notes = %q", got)
	}
}

// TestRootWithoutPages repairs a file whose trailer names a catalog that has no pages: another catalog has them.
func TestRootWithoutPages(t *testing.T) {
	d := small()
	d.obj(7, "<</Type/Catalog/Pages 9 0 R>>")
	d.WriteString("trailer<</Root 7 0 R>>")
	f := open(t, d.Bytes())
	onePage(t, f)
	if _, root, err := f.Latest().Catalog(); err != nil || root.Num != 1 || !f.Repaired() {
		t.Errorf("Catalog() = %v, %v, repaired %v, want 1 0 R of a repaired file", root, err, f.Repaired())
	}
}

// TestEntriesAreMerged walks the live entries of files with few sections and with many.
func TestEntriesAreMerged(t *testing.T) {
	for _, updates := range []int{3, 30} {
		d := small()
		d.table("/Root 1 0 R/Size 4")
		for i := range updates {
			d.obj(10+i%3, fmt.Sprint(i))
			d.obj(100-i, "(x)")
			d.table("/Root 1 0 R/Size 8000000")
		}
		f := open(t, d.Bytes())
		v := f.Latest()
		next := uint32(0)
		n := 0
		for e := range v.entries() {
			if e.num < next {
				t.Fatalf("%d after %d", e.num, next-1)
			}
			if want, _, _ := v.lookup(e.num); want != e {
				t.Errorf("entry %v, lookup gives %v", e, want)
			}
			next = e.num + 1
			n++
		}
		if want := 4 + 3 + updates; n != want {
			t.Errorf("%d entries after %d updates, want %d", n, updates, want)
		}
	}
}

// TestConcurrentUse lets the race detector watch readers of one file.
func TestConcurrentUse(t *testing.T) {
	b := book(200, 7)
	f := open(t, append(b, "trailing"...))
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for k := range 200 {
				v := f.At(0)
				if p, err := v.Page((k + 25*i) % 200); err != nil || p.Ref.Num == 0 {
					t.Errorf("Page: %v", err)
				}
				v.MaxObject()
				v.Get(Ref{Num: uint32(k)})
				if k%50 == i {
					f.Gaps(0)
					f.Survey(0)
					f.scanFile()
					v.walkPages()
				}
			}
		})
	}
	wg.Wait()
}
