package pdf

import (
	"bytes"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"
)

// use does with a file what a verifier does and more: whatever happens, it must end.
func use(b []byte) error {
	f, err := Open(bytes.NewReader(b), int64(len(b)), OpenOptions{})
	if err != nil {
		return err
	}
	var first error
	keep := func(err error) {
		if first == nil {
			first = err
		}
	}
	v := f.Latest()
	n, err := v.Pages()
	keep(err)
	for i := range min(n, 50) {
		_, err := v.Page(i)
		keep(err)
	}
	_, err = v.Fields()
	keep(err)
	for rev := range f.Revisions() {
		_, err := f.Gaps(rev)
		keep(err)
		f.Touched(rev)
		if rev > 20 {
			break
		}
	}
	_, err = f.Gaps(len(f.Revisions()))
	keep(err)
	_, err = f.Survey(0)
	keep(err)
	done := 0
	for e := range v.entries() {
		if done++; done > 200_000 {
			break
		}
		o, err := v.Get(Ref{e.num, genOf(e)})
		keep(err)
		if err != nil && fatal(err) {
			break
		}
		if st, ok := o.(*Stream); ok {
			_, err := v.StreamData(st, 0)
			keep(err)
		}
	}
	g, err := f.Rescan()
	if err == nil {
		_, err = g.Latest().Pages()
	}
	keep(err)
	return first
}

// clock is the processor time of this process where the system tells it: what other programs take meanwhile is not ours.
var clock = func() time.Duration { return time.Since(started) }

var started = time.Now()

// within runs use and fails when it takes more than hostile files may (3 s and 256 MiB; bytes that were allocated and freed again
// count too, up to eight times as many).
func within(t *testing.T, b []byte) error {
	t.Helper()
	runtime.GC()
	var before, now runtime.MemStats
	runtime.ReadMemStats(&before)
	stop, peak := make(chan bool), make(chan uint64)
	go func() {
		var top uint64
		tick := time.NewTicker(10 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				var m runtime.MemStats
				runtime.ReadMemStats(&m)
				top = max(top, m.HeapAlloc)
			case <-stop:
				peak <- top
				return
			}
		}
	}()
	start := clock()
	err := use(b)
	took := clock() - start
	close(stop)
	top := <-peak
	runtime.ReadMemStats(&now)
	limit := 3 * time.Second
	if race {
		limit *= 10
	}
	if took > limit {
		t.Errorf("took %v", took)
	}
	if top > before.HeapAlloc+256<<20 {
		t.Errorf("took %d MiB at its peak", (top-before.HeapAlloc)>>20)
	}
	t.Logf("%v, peak %d MiB, allocated %d MiB, %v", took.Round(time.Millisecond), (max(top, before.HeapAlloc)-before.HeapAlloc)>>20, (now.TotalAlloc-before.TotalAlloc)>>20, err)
	return err
}

func zeros(n int) []byte { return make([]byte, n) }

// TestHostile has files that ask for endless time or memory. want is a part of the message, "" for none.
func TestHostile(t *testing.T) {
	bomb := deflate(zeros(100 << 20))
	for name, c := range map[string]struct {
		file func() []byte
		want string
	}{
		"flate-bomb": {func() []byte {
			d := small()
			d.stream(4, "/Filter/FlateDecode", bomb)
			return d.table("/Root 1 0 R/Size 5").Bytes()
		}, "decoded bytes"},
		"nested-flate-bomb": {func() []byte {
			d := small()
			d.stream(4, "/Filter[/FlateDecode/FlateDecode/FlateDecode]", deflate(deflate(bomb)))
			return d.table("/Root 1 0 R/Size 5").Bytes()
		}, "decoded bytes"},
		"many-flate-bombs": {func() []byte {
			d := small()
			most := deflate(zeros(60 << 20))
			for i := range 40 {
				d.stream(4+i, "/Filter/FlateDecode", most)
			}
			return d.table("/Root 1 0 R/Size 50").Bytes()
		}, "decoded bytes"},
		"slow-filter-bombs": {func() []byte {
			d := small()
			paeth := deflate(bytes.Repeat([]byte{4}, 25<<20)) // each row says Paeth, the slowest predictor
			lzw := encodeLZW(zeros(30 << 20))
			z := deflate(bytes.Repeat([]byte("z"), 7<<20))
			for i := range 6 {
				d.stream(4+i, "/Filter/FlateDecode/DecodeParms<</Predictor 15/Columns 499>>", paeth)
				d.stream(14+i, "/Filter/LZWDecode/DecodeParms<</EarlyChange 0>>", lzw)
				d.stream(24+i, "/Filter[/FlateDecode/ASCII85Decode]", z)
			}
			return d.table("/Root 1 0 R/Size 50").Bytes()
		}, "decoded bytes"},
		"object-stream-bomb": {func() []byte {
			d := small()
			d.stream(5, "/Type/ObjStm/N 1/First 4/Filter/FlateDecode", bomb)
			return d.xrefStream(6, "/Root 1 0 R", map[int][2]int{9: {5, 0}}).Bytes()
		}, "decoded bytes"},
		"object-stream-of-many": {func() []byte {
			d := small()
			var head strings.Builder
			for range 2_000_000 {
				head.WriteString("9 0 ")
			}
			d.stream(5, fmt.Sprintf("/Type/ObjStm/N 2000000/First %d/Filter/FlateDecode", head.Len()), deflate([]byte(head.String()+"[]")))
			return d.xrefStream(6, "/Root 1 0 R", map[int][2]int{9: {5, 0}, 10: {5, 7}, 11: {5, 8}}).Bytes()
		}, ""},
		"xref-stream-bomb": {func() []byte {
			d := small()
			at := d.at()
			d.stream(4, "/Type/XRef/W[0 1 0]/Index[0 8000000 0 8000000 0 8000000]/Size 8000000/Root 1 0 R/Filter/FlateDecode", deflate(zeros(24_000_000)))
			return d.close(at).Bytes()
		}, "cross-reference entries"},
		"xref-stream-of-8-million": {func() []byte {
			d := small()
			at := d.at()
			data := zeros(3 * 8_000_000)
			for n := 1; n <= 3; n++ {
				copy(data[3*n:], []byte{1, byte(d.offs[n] >> 8), byte(d.offs[n])})
			}
			d.stream(4, "/Type/XRef/W[1 2 0]/Size 8000000/Root 1 0 R/Filter/FlateDecode", deflate(data))
			return d.close(at).Bytes()
		}, ""},
		"table-with-a-lie": {func() []byte {
			return bytes.Replace(small().table("/Root 1 0 R/Size 4").Bytes(), []byte("\n3 1\n"), []byte("\n3 8000000\n"), 1)
		}, ""},
		"predictor-row": {func() []byte {
			d := small()
			d.stream(4, "/Filter[/Fl/Fl/Fl/Fl/Fl/Fl/Fl/Fl]/DecodeParms["+strings.Repeat("<</Predictor 12/Columns 16000000>>", 8)+"]", deflate(zeros(1000)))
			return d.table("/Root 1 0 R/Size 5").Bytes()
		}, "row"},
		"deep": {func() []byte {
			d := small()
			d.obj(4, strings.Repeat("[", 1_000_000))
			d.obj(5, strings.Repeat("<</A", 300_000))
			return d.table("/Root 1 0 R/Size 6").Bytes()
		}, "nesting"},
		"wide": {func() []byte {
			d := small()
			d.obj(4, "["+strings.Repeat("<<>>", 1_000_000)+"]")
			d.obj(5, "["+strings.Repeat("0 ", 3_000_000)+"]")
			return d.table("/Root 1 0 R/Size 6").Bytes()
		}, "entries in one object"},
		"many-wide": {func() []byte {
			d := newDraft()
			d.pages()
			dict, data := objStm(map[int]string{9: "[" + strings.Repeat("[]", 450_000) + "]"}, 9)
			for i := range 60 {
				d.stream(100+i, dict+"/Filter/FlateDecode", deflate(data))
			}
			in := map[int][2]int{}
			for i := range 60 {
				in[200+i] = [2]int{100 + i, 0}
			}
			return d.xrefStream(6, "/Root 1 0 R", in).Bytes()
		}, ""},
		"unterminated-strings": {func() []byte {
			d := small()
			for i := range 20_000 {
				d.offs[4+i] = d.at()
				fmt.Fprintf(d, "%d 0 obj (", 4+i)
			}
			d.Write(bytes.Repeat([]byte("x"), 4<<20))
			return d.table("/Root 1 0 R/Size 30000").Bytes()
		}, "work"},
		"streams-without-end": {func() []byte {
			d := small()
			for i := range 20_000 {
				d.offs[4+i] = d.at()
				fmt.Fprintf(d, "%d 0 obj<</Length 1>>stream\n", 4+i)
			}
			d.Write(bytes.Repeat([]byte("x"), 8<<20))
			d.offs = map[int]int64{1: d.offs[1], 2: d.offs[2], 3: d.offs[3], 4: d.offs[4], 9000: d.offs[9000], 9001: d.offs[9001], 15_000: d.offs[15_000]}
			return d.table("/Root 1 0 R/Size 30000").Bytes()
		}, ""},
		"damaged-and-many-objects": {func() []byte {
			d := newDraft()
			d.pages()
			d.Write(bytes.Repeat([]byte("5 0 obj<</A 1>>endobj\n"), 300_000))
			return d.Bytes()
		}, ""},
		"many-sections": {func() []byte {
			d := small()
			d.table("/Root 1 0 R/Size 4")
			for i := range maxSections - 2 {
				d.obj(4, fmt.Sprint(i))
				d.table("/Root 1 0 R/Size 5")
			}
			return d.Bytes()
		}, ""},
		"too-many-sections": {func() []byte {
			d := small()
			d.table("/Root 1 0 R/Size 4")
			for range maxSections + 5 {
				d.table("/Root 1 0 R/Size 5")
			}
			return d.Bytes()
		}, "cross-reference sections"},
		"references-in-a-circle": {func() []byte {
			d := newDraft()
			d.obj(1, "<</Type/Catalog/Pages 2 0 R/AcroForm 4 0 R>>")
			d.obj(2, "<</Type/Pages/Kids 5 0 R/Count 5 0 R>>")
			d.obj(4, "<</Fields 5 0 R>>")
			d.obj(5, "6 0 R")
			d.obj(6, "5 0 R")
			return d.table("/Root 1 0 R/Size 7").Bytes()
		}, "references to references"},
		"object-stream-in-itself": {func() []byte {
			d := small()
			dict, data := objStm(map[int]string{5: "<<>>", 9: "3", 10: "1"}, 5, 9, 10)
			d.stream(5, strings.Replace(dict, "/N 3", "/N 10 0 R", 1)+"/Extends 5 0 R", data)
			b := d.xrefStream(6, "/Root 1 0 R", map[int][2]int{9: {5, 1}, 10: {5, 2}, 11: {5, 3}}).Bytes()
			// Its length, too, is said to be inside.
			return bytes.Replace(b, fmt.Appendf(nil, "/Length %d", len(data)), []byte("/Length 9 0 R"), 1)
		}, ""},
		"object-streams-in-each-other": {func() []byte {
			d := small()
			dict, data := objStm(map[int]string{10: "7"}, 10)
			d.stream(5, dict+"/Extends 7 0 R", data)
			dict, data = objStm(map[int]string{9: "3"}, 9)
			d.stream(7, dict+"/Extends 5 0 R", data)
			b := d.xrefStream(6, "/Root 1 0 R", map[int][2]int{9: {5, 0}, 10: {7, 0}, 12: {5, 9}, 13: {9, 0}}).Bytes()
			b = bytes.Replace(b, fmt.Appendf(nil, "/Length %d", len("10 0 7 ")), []byte("/Length 9 0 R"), 1)
			return bytes.Replace(b, fmt.Appendf(nil, "/Length %d", len("9 0 3 ")), []byte("/Length 10 0 R"), 1)
		}, ""},
		"length-of-itself": {func() []byte {
			d := small()
			d.obj(4, "<</Length 4 0 R/Filter 4 0 R/DecodeParms 4 0 R>>stream\nxxx\nendstream")
			return d.table("/Root 1 0 R/Size 5").Bytes()
		}, ""},
		"length-of-itself-misplaced": {func() []byte {
			d := small()
			d.obj(4, "<</Length 4 0 R>>stream\nxxx\nendstream")
			d.offs[4] = d.offs[1]
			return d.table("/Root 1 0 R/Size 5").Bytes()
		}, ""},
		"page-tree-of-references": {func() []byte {
			d := newDraft()
			d.obj(1, "<</Type/Catalog/Pages 2 0 R>>")
			for i := range 3000 {
				d.obj(2+i, fmt.Sprintf("<</Type/Pages/Count 9999999999/Kids[%d 0 R %[1]d 0 R 2 0 R]>>", 3+i))
			}
			return d.table("/Root 1 0 R/Size 4000").Bytes()
		}, "depth of the page tree"},
		"nodes-share-kids": {func() []byte {
			d := newDraft()
			d.obj(1, "<</Type/Catalog/Pages 2 0 R>>")
			var kids strings.Builder
			for i := range 1000 {
				fmt.Fprintf(&kids, "%d 0 R ", 10+i)
				d.obj(10+i, "<</Type/Pages/Kids 4 0 R>>")
			}
			d.obj(2, "<</Type/Pages/Kids["+kids.String()+"]>>")
			d.obj(3, "<</Type/Page/Parent 2 0 R>>")
			d.obj(4, "["+strings.Repeat("3 0 R ", 100_000)+"]")
			return d.table("/Root 1 0 R/Size 2000").Bytes()
		}, "pages"},
		"fields-share-kids": {func() []byte {
			d := newDraft()
			d.obj(1, "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields 5 0 R>>>>")
			d.obj(2, "<</Type/Pages/Kids[3 0 R]>>")
			d.obj(3, "<</Type/Page/Parent 2 0 R>>")
			d.obj(4, "["+strings.Repeat("3 0 R ", 100_000)+"]")
			var kids strings.Builder
			for i := range 1000 {
				fmt.Fprintf(&kids, "%d 0 R ", 10+i)
				d.obj(10+i, "<</T(a)/FT/Tx/Kids 4 0 R>>")
			}
			d.obj(5, "["+kids.String()+"]")
			return d.table("/Root 1 0 R/Size 2000").Bytes()
		}, "work"},
		"strings-without-end": {func() []byte {
			d := small()
			var head strings.Builder
			slots := map[int][2]int{}
			for i := range 500 {
				fmt.Fprintf(&head, "%d %d ", 10+i, i)
				slots[10+i] = [2]int{5, i}
			}
			d.stream(5, fmt.Sprintf("/Type/ObjStm/N 500/First %d/Filter/FlateDecode", head.Len()), deflate([]byte(head.String()+strings.Repeat("(", 30<<20))))
			return d.xrefStream(6, "/Root 1 0 R", slots).Bytes()
		}, "work"},
		"damaged-with-many-ends-and-object-streams": {func() []byte {
			d := newDraft()
			d.pages()
			d.WriteString(strings.Repeat("9 0 obj<<>>endobj %%EOF\n", 6000))
			for i := range 12_000 {
				fmt.Fprintf(d, "%d 0 obj<</Type/ObjStm>>stream\nendstream endobj\n", 10+i)
			}
			return d.Bytes()
		}, ""},
		"direct-kids-deep": {func() []byte {
			d := newDraft()
			d.obj(1, "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields["+strings.Repeat("<</T(a)/Kids[", 45)+strings.Repeat("]>>", 45)+"]>>>>")
			d.obj(2, strings.Repeat("<</Kids[", 45)+strings.Repeat("]>>", 45))
			return d.table("/Root 1 0 R/Size 4").Bytes()
		}, "depth of the form"},
		"long-field-names": {func() []byte {
			d := newDraft()
			d.obj(1, "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[4 0 R]>>>>")
			d.obj(2, "<</Type/Pages/Kids[]/Count 0>>")
			d.obj(4, "<</T("+strings.Repeat("x", 60_000)+")/Kids["+strings.Repeat("<</T(a)>>", 80_000)+"]>>")
			return d.table("/Root 1 0 R/Size 5").Bytes()
		}, "names"},
	} {
		t.Run(name, func(t *testing.T) {
			if race {
				t.Skip("the race detector has nothing to find here and takes its time")
			}
			b := c.file()
			err := within(t, b)
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

// hole is a file with a very long stream of zeros in its middle.
type hole struct {
	head, tail []byte
	size       int64 // of the zeros
	read       int64 // bytes asked for
}

func (h *hole) ReadAt(b []byte, off int64) (int, error) {
	h.read += int64(len(b))
	for i := range b {
		switch at := off + int64(i); {
		case at < int64(len(h.head)):
			b[i] = h.head[at]
		case at < int64(len(h.head))+h.size:
			b[i] = 0
		default:
			b[i] = h.tail[at-int64(len(h.head))-h.size]
		}
	}
	return len(b), nil
}

// TestHugeFile opens 20 GB and must not read, nor keep, more than a little of it.
func TestHugeFile(t *testing.T) {
	const size = 20 << 30
	d := small()
	d.offs[4] = d.at()
	fmt.Fprintf(d, "4 0 obj\n<</Length %d>>\nstream\n", int64(size))
	h := &hole{head: bytes.Clone(d.Bytes()), size: size}
	offs := d.offs
	d = newDraft()
	d.Reset()
	d.offs, d.shift = offs, -int64(len(h.head))-size
	d.WriteString("\nendstream\nendobj\n")
	d.obj(5, "(di ujung)")
	at := d.at()
	d.stream(6, "/Type/XRef/W[1 8 0]/Index[1 5]/Size 7/Root 1 0 R/Filter/ASCIIHexDecode", []byte(fmt.Sprintf("01%016x01%016x01%016x01%016x01%016x>", offs[1], offs[2], offs[3], offs[4], offs[5])))
	d.close(at)
	h.tail = d.Bytes()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	total := int64(len(h.head)+len(h.tail)) + size
	f, err := Open(h, total, OpenOptions{})
	if err != nil {
		t.Fatal(err)
	}
	onePage(t, f)
	if o, err := f.Latest().Get(Ref{Num: 5}); err != nil || o != String("di ujung") {
		t.Errorf("object behind the hole = %v, %v", o, err)
	}
	if s, err := f.Latest().Stream(Ref{Num: 4}); err != nil || s.Place().End-s.Place().Start != size {
		t.Errorf("stream = %v, %v", s, err)
	}
	if got := gapsOf(t, f); got != "" {
		t.Errorf("gaps = %q", got)
	}
	runtime.ReadMemStats(&after)
	if h.read > 4<<20 || after.TotalAlloc-before.TotalAlloc > 8<<20 || f.Repaired() {
		t.Errorf("read %d KiB and allocated %d KiB of a file of %d GB", h.read>>10, (after.TotalAlloc-before.TotalAlloc)>>10, total>>30)
	}
}

// TestMemoryPerObject holds a million objects in a table and in a stream in 24 bytes each.
func TestMemoryPerObject(t *testing.T) {
	const n = 1_000_000
	d := newDraft()
	d.pages()
	at := d.at()
	fmt.Fprintf(d, "xref\n0 %d\n0000000000 65535 f\r\n", n)
	for i := 1; i < n; i++ {
		fmt.Fprintf(d, "%010d 00000 n\r\n", max(d.offs[i], 9))
	}
	fmt.Fprintf(d, "trailer\n<</Root 1 0 R/Size %d>>\n", n)
	table := d.close(at).Bytes()
	d = newDraft()
	d.pages()
	at = d.at()
	data := zeros(4 * n)
	for i := 1; i < n; i++ {
		off := max(d.offs[i], 9)
		copy(data[4*i:], []byte{1, byte(off >> 8), byte(off), 0})
	}
	d.stream(4, fmt.Sprintf("/Type/XRef/W[1 2 1]/Size %d/Root 1 0 R/Filter/FlateDecode", n), deflate(data))
	stream := d.close(at).Bytes()
	for name, b := range map[string][]byte{"table": table, "stream": stream} {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.GC() // what pools kept from other tests goes with the second one
		runtime.ReadMemStats(&before)
		f := open(t, b)
		runtime.GC()
		runtime.ReadMemStats(&after)
		if per := float64(int64(after.HeapAlloc)-int64(before.HeapAlloc)-2<<20) / n; per > 24 {
			t.Errorf("%s: %.1f bytes an object", name, per)
		}
		onePage(t, f)
		runtime.KeepAlive(b)
	}
}
