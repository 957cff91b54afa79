package pdf

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// append1 overrides the catalog and adds one object.
func append1(t *testing.T, b []byte) (updated []byte, u *Update, a *Appended) {
	t.Helper()
	u, err := NewUpdate(open(t, b))
	if err != nil {
		t.Fatal(err)
	}
	a = change1(t, u)
	return append(bytes.Clone(b), a.Bytes...), u, a
}

func change1(t *testing.T, u *Update) *Appended {
	t.Helper()
	catalog, root, err := u.v.Catalog()
	if err != nil {
		t.Fatal(err)
	}
	d := Dict{}
	for k, o := range catalog {
		d[k] = o
	}
	d["AbsahTest"] = u.Alloc()
	u.Set(root, d)
	u.Set(d["AbsahTest"].(Ref), String("baru"))
	a, err := u.Bytes("")
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func checkAppended(t *testing.T, f *File) {
	t.Helper()
	v := f.Latest()
	catalog, _, err := v.Catalog()
	if err != nil {
		t.Fatal(err)
	}
	if s, _ := v.Bytes(catalog["AbsahTest"]); string(s) != "baru" {
		t.Errorf("the new object = %q", s)
	}
	if f.Repaired() {
		t.Errorf("the result needs repair: %v", f.Notes())
	}
	onePage(t, f)
}

// strict lets qpdf look for anything wrong.
func strict(t *testing.T, b []byte) {
	t.Helper()
	if testing.Short() {
		return
	}
	qpdf, err := exec.LookPath("qpdf")
	if err != nil {
		return
	}
	path := filepath.Join(t.TempDir(), "a.pdf")
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(qpdf, "--check", path).CombinedOutput(); err != nil {
		t.Errorf("qpdf --check: %v\n%s", err, out)
	}
}

func packedFile() *draft {
	d := newDraft()
	d.obj(3, "<</Type/Page/Parent 2 0 R/Resources<<>>>>")
	dict, data := objStm(map[int]string{1: "<</Type/Catalog/Pages 2 0 R>>", 2: "<</Type/Pages/Kids[3 0 R]/Count 1/MediaBox[0 0 200 300]/Rotate 90>>"}, 1, 2)
	d.stream(4, dict, data)
	return d
}

// TestUpdateContinues appends to files of each form.
func TestUpdateContinues(t *testing.T) {
	table := func() *draft { return small().table("/Root 1 0 R/Size 4") }
	stream := func() *draft { return small().xrefStream(4, "/Root 1 0 R", nil) }
	packed := func() *draft {
		return packedFile().xrefStream(5, "/Root 1 0 R", map[int][2]int{1: {4, 0}, 2: {4, 1}})
	}
	hybrid := func() *draft {
		d := small()
		dict, data := objStm(map[int]string{7: "(tersembunyi)"}, 7)
		d.stream(4, dict, data)
		at := d.at()
		d.stream(5, "/Type/XRef/W[1 1 1]/Index[7 1]/Size 8", []byte{2, 4, 0})
		return d.table(fmt.Sprintf("/Root 1 0 R/Size 8/XRefStm %d", at))
	}
	spoilt := func(d *draft) []byte { return bytes.ReplaceAll(d.Bytes(), []byte("startxref"), []byte("startxxxx")) }
	moved := func(d *draft, by int) []byte {
		return bytes.Replace(d.Bytes(), []byte(fmt.Sprintf("startxref\n%d\n", d.last)), []byte(fmt.Sprintf("startxref\n%d\n", d.last+int64(by))), 1)
	}
	twice := func() *draft {
		d := table()
		d.obj(3, "<</Type/Page/Parent 2 0 R/Resources<<>>>>")
		return d.table("/Root 1 0 R/Size 4")
	}
	const signed = "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[]/SigFlags 3>>>>"
	for _, c := range []struct {
		name  string
		file  []byte
		kind  XrefKind
		revs  int  // afterwards
		whole bool // the new section stands alone
		dirty bool // qpdf has its own reason to complain
	}{
		{name: "table", file: table().Bytes(), kind: XrefTable, revs: 2},
		{name: "table twice", file: twice().Bytes(), kind: XrefTable, revs: 3},
		{name: "stream", file: stream().Bytes(), kind: XrefStream, revs: 2},
		{name: "catalog in an object stream", file: packed().Bytes(), kind: XrefStream, revs: 2},
		{name: "hybrid", file: hybrid().Bytes(), kind: XrefTable, revs: 2},
		{name: "table after a stream", file: func() []byte {
			d := stream()
			d.obj(1, "<</Type/Catalog/Pages 2 0 R/Lang(id)>>")
			d.table("/Root 1 0 R/Size 5")
			return d.Bytes()
		}(), kind: XrefTable, revs: 3},
		{name: "no line end at the end", file: bytes.TrimRight(table().Bytes(), "\n"), kind: XrefTable, revs: 2},
		{name: "carriage return at the end", file: append(bytes.TrimRight(table().Bytes(), "\n"), '\r'), kind: XrefTable, revs: 2},
		{name: "bytes after the end", file: append(table().Bytes(), "\x00\x00 sisa"...), kind: XrefTable, revs: 2, dirty: true},
		{name: "table repaired", file: spoilt(table()), kind: XrefTable, revs: 1, whole: true},
		{name: "table twice repaired", file: spoilt(twice()), kind: XrefTable, revs: 1, whole: true},
		{name: "stream repaired", file: spoilt(stream()), kind: XrefTable, revs: 1, whole: true},
		{name: "object stream repaired", file: spoilt(packed()), kind: XrefStream, revs: 1, whole: true},
		{name: "startxref one too high", file: moved(table(), 1), kind: XrefTable, revs: 1, whole: true},
		{name: "startxref 30 too low", file: moved(packed(), -30), kind: XrefStream, revs: 1, whole: true},
		{name: "startxref wrong, object stream hidden in a hybrid", file: moved(hybrid(), 7), kind: XrefStream, revs: 1, whole: true},
		{name: "startxref wrong and signed", file: func() []byte {
			d := newDraft()
			d.pages()
			d.obj(1, signed)
			d.table("/Root 1 0 R/Size 4")
			return moved(d, 1)
		}(), kind: XrefTable, revs: 2},
		{name: "Prev wrong and signed", file: func() []byte {
			d := newDraft()
			d.pages()
			d.obj(1, signed)
			d.table("/Root 1 0 R/Size 4")
			d.last += 3
			d.obj(4, "()")
			return d.table("/Root 1 0 R/Size 5").Bytes()
		}(), kind: XrefTable, revs: 1, whole: true},
		{name: "cut off in a stream", file: func() []byte {
			d := small()
			d.stream(4, "/A 1", bytes.Repeat([]byte("isi "), 20))
			return d.Bytes()[:d.Len()-50]
		}(), kind: XrefTable, revs: 1, whole: true, dirty: true},
		{name: "cut off in a string", file: func() []byte { d := small(); d.obj(4, "<</A(sepotong kalimat"); return d.Bytes()[:d.Len()-15] }(), kind: XrefTable, revs: 1, whole: true, dirty: true},
		{name: "cut off", file: table().Bytes()[:table().last], kind: XrefTable, revs: 1, whole: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			before := open(t, c.file)
			b, u, a := append1(t, c.file)
			if a.Base != int64(len(c.file)) {
				t.Errorf("Base = %d, want %d", a.Base, len(c.file))
			}
			last := c.file[len(c.file)-1]
			if eol := last == '\n' || last == '\r'; eol == (a.Bytes[0] == '\n') {
				t.Errorf("after %q the update begins with %q", last, a.Bytes[:4])
			}
			f := open(t, b)
			checkAppended(t, f)
			newest := f.Revisions()[len(f.Revisions())-1]
			if len(f.Revisions()) != c.revs || newest.Kind != c.kind || newest.End != f.Size() || !newest.Closed {
				t.Errorf("%d revisions, the newest %+v; want %d, kind %d, end %d", len(f.Revisions()), newest, c.revs, c.kind, f.Size())
			}
			if whole := newest.Trailer["Prev"] == nil; whole != c.whole {
				t.Errorf("Prev = %v", newest.Trailer["Prev"])
			}
			if size, _ := newest.Trailer["Size"].(Integer); int64(size) <= int64(f.Latest().MaxObject()) || int64(size) < int64(u.used()) {
				t.Errorf("Size = %d, the highest number is %d", size, f.Latest().MaxObject())
			}
			for e := range before.Latest().entries() {
				r := Ref{e.num, genOf(e)}
				want, _ := before.Latest().Get(r)
				if e.num == 1 || e.kind == free || want == nil {
					continue
				}
				got, err := f.Latest().Get(r)
				if gs, ok := got.(*Stream); ok {
					if ws, ok := want.(*Stream); !ok || gs.Place() != ws.Place() {
						t.Errorf("stream %d was at %v and is at %v", e.num, want, gs.Place())
					}
				} else if err != nil || !likeValue(got, want) {
					t.Errorf("object %d = %v, %v, want %v", e.num, got, err, want)
				}
			}
			if len(f.Revisions()) > 1 {
				old := f.At(len(f.Revisions()) - 2)
				if catalog, _, err := old.Catalog(); err != nil || catalog["AbsahTest"] != nil {
					t.Errorf("the revision before has the catalog %v, %v", catalog, err)
				}
			}
			if again, err := f.Rescan(); err != nil {
				t.Errorf("Rescan: %v", err)
			} else if catalog, _, err := again.Latest().Catalog(); err != nil || catalog["AbsahTest"] == nil {
				t.Errorf("read without cross reference the catalog is %v, %v", catalog, err)
			}
			if !c.dirty {
				strict(t, b)
			}
		})
	}
}

// TestUpdateTwice appends to what was appended.
func TestUpdateTwice(t *testing.T) {
	for name, d := range map[string]*draft{"table": small().table("/Root 1 0 R/Size 4"), "stream": small().xrefStream(4, "/Root 1 0 R", nil)} {
		b := d.Bytes()
		var ids []Array
		for i := range 3 {
			b, _, _ = append1(t, b)
			f := open(t, b)
			if n := len(f.Revisions()); n != i+2 {
				t.Errorf("%s: %d revisions after update %d", name, n, i)
			}
			id, _ := f.Latest().Array(f.Latest().Trailer()["ID"])
			ids = append(ids, id)
			checkAppended(t, f)
		}
		if ids[0][0] != ids[0][1] || ids[1][0] != ids[0][0] || ids[2][0] != ids[0][0] || ids[1][1] == ids[0][1] || ids[2][1] == ids[1][1] {
			t.Errorf("%s: ID = %x", name, ids)
		}
		strict(t, b)
	}
}

// TestUpdateBase keeps the file's way to count offsets where bytes stand before the header.
func TestUpdateBase(t *testing.T) {
	const junk = "Surat elektronik\r\n\r\n"
	headed := func(shift int64) *draft {
		d := newDraft()
		d.Reset()
		d.WriteString(junk + "%PDF-1.7\n")
		d.shift = shift
		d.pages()
		return d.table("/Root 1 0 R/Size 4")
	}
	broken := bytes.ReplaceAll(headed(0).Bytes(), []byte("startxref"), []byte("startxxxx"))
	objectFirst := append([]byte("9 0 obj\n(di depan)\nendobj\n"), broken...)
	for _, c := range []struct {
		name string
		file []byte
		base int
		ask  bool
	}{
		{"from the start", headed(0).Bytes(), 0, false},
		{"from the header", headed(int64(len(junk))).Bytes(), len(junk), true},
		{"repaired", broken, len(junk), true},
		{"repaired with an object before the header", objectFirst, 0, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			b, _, _ := append1(t, c.file)
			checkAppended(t, open(t, b))
			m := regexp.MustCompile(`startxref\n(\d+)\n%%EOF\n$`).FindSubmatch(b)
			var at int
			fmt.Sscan(string(m[1]), &at)
			if !bytes.HasPrefix(b[at+c.base:], []byte("xref\n")) {
				t.Errorf("startxref leads to %q", b[at+c.base:][:10])
			}
			if c.ask {
				strict(t, b)
			}
		})
	}
}

func TestUpdateEntries(t *testing.T) {
	gen := small()
	gen.offs[9] = gen.at()
	gen.WriteString("9 3 obj\n(lama)\nendobj\n")
	genFile := bytes.Replace(gen.table("/Root 1 0 R/Size 10").Bytes(), []byte("9 1\n0000000198 00000 n"), []byte("9 1\n0000000198 00003 n"), 1)
	f := open(t, genFile)
	u, err := NewUpdate(f)
	if err != nil {
		t.Fatal(err)
	}
	u.Set(Ref{9, 3}, String("baru"))
	u.Set(Ref{9, 0}, String("terbaru")) // the same object, as a careless reference names it
	u.Set(Ref{20, 0}, Integer(20))
	if r := u.Alloc(); r != (Ref{21, 0}) {
		t.Errorf("Alloc() = %v, want a number above all in use", r)
	}
	if o, err := u.Get(Ref{9, 3}); err != nil || o != String("terbaru") {
		t.Errorf("Get = %v, %v", o, err)
	}
	if o, err := u.Get(Ref{3, 0}); err != nil || o.(Dict)["Type"] != Name("Page") {
		t.Errorf("Get of an old object = %v, %v", o, err)
	}
	a, err := u.Bytes("")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"9 3 obj\n(terbaru)\nendobj\n", "xref\n0 1\n0000000000 65535 f\r\n9 1\n0000000", " 00003 n\r\n20 1\n", "/Size 21\n"} {
		if !bytes.Contains(a.Bytes, []byte(want)) {
			t.Errorf("no %q in %q", want, a.Bytes)
		}
	}
	if bytes.Contains(a.Bytes, []byte("9 0 obj")) {
		t.Errorf("one object is written twice: %q", a.Bytes)
	}
	if o, err := open(t, append(bytes.Clone(genFile), a.Bytes...)).Latest().Get(Ref{9, 3}); err != nil || o != String("terbaru") {
		t.Errorf("read again: %v, %v", o, err)
	}
}

// TestUpdateFreeList repeats the head of the list of free objects, unless what it leads to is in use.
func TestUpdateFreeList(t *testing.T) {
	for want, entry7 := range map[string]string{"0000000007 65535 f\r\n": "0000000000 00001 f", "0000000000 65535 f\r\n": "0000000009 00000 n"} {
		file := small().table("/Root 1 0 R/Size 8").Bytes()
		file = bytes.Replace(file, []byte("0 1\n0000000000 65535 f\r\n"), []byte("0 1\n0000000007 65535 f\r\n7 1\n"+entry7+"\r\n"), 1)
		b, _, a := append1(t, file)
		if !bytes.Contains(a.Bytes, []byte("xref\n0 2\n"+want)) {
			t.Errorf("with %q the update is %q", entry7, a.Bytes)
		}
		checkAppended(t, open(t, b))
	}
}

func TestUpdateSize(t *testing.T) {
	for size, want := range map[string]Integer{"2": 5, "4": 5, "100": 101, "99999999999": 5, "-1": 5, "(x)": 5} {
		d := small().table("/Root 1 0 R/Size " + size)
		b, _, _ := append1(t, d.Bytes())
		if got := open(t, b).Latest().Trailer()["Size"]; got != want {
			t.Errorf("Size %s becomes %v, want %d", size, got, want)
		}
	}
	// Numbers that were taken and not used do not count.
	u, err := NewUpdate(open(t, small().table("/Root 1 0 R/Size 4").Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	u.Alloc()
	u.Set(u.Alloc(), Integer(1))
	u.Alloc()
	if a, err := u.Bytes(""); err != nil || !bytes.Contains(a.Bytes, []byte("/Size 6\n")) {
		t.Errorf("update with unused numbers: %q, %v", a.Bytes, err)
	}
	if _, err := NewUpdate(open(t, small().table(fmt.Sprintf("/Root 1 0 R/Size %d", maxObjects+1)).Bytes())); err != nil {
		if _, ok := err.(*LimitError); !ok {
			t.Errorf("a full file: %v", err)
		}
	}
}

func TestUpdateVersion(t *testing.T) {
	for _, c := range []struct{ header, catalog, min, want string }{
		{"1.7", "", "", ""},
		{"1.7", "", "1.7", ""},
		{"1.7", "", "2.0", "2.0"},
		{"1.4", "", "1.7", "1.7"},
		{"1.4", "/Version/1.6", "1.6", "1.6"},
		{"1.4", "/Version/1.5", "1.6", "1.6"},
		{"1.7", "/Version/1.4", "1.7", "1.4"}, // the higher one counts (ISO 32000-2 §7.5.2)
	} {
		d := small()
		d.obj(1, "<</Type/Catalog/Pages 2 0 R"+c.catalog+">>")
		b := bytes.Replace(d.table("/Root 1 0 R/Size 4").Bytes(), []byte("1.7"), []byte(c.header), 1)
		u, err := NewUpdate(open(t, b))
		if err != nil {
			t.Fatal(err)
		}
		a, err := u.Bytes(c.min)
		if err != nil {
			t.Fatal(err)
		}
		v := open(t, append(b, a.Bytes...)).Latest()
		catalog, _, err := v.Catalog()
		if got, _ := v.Name(catalog["Version"]); string(got) != c.want || err != nil || catalog["Pages"] == nil {
			t.Errorf("%s%s, at least %q: Version = %q, %v", c.header, c.catalog, c.min, got, err)
		}
	}
}

func TestUpdateTrailer(t *testing.T) {
	const own = "/Info<</Title(judul)>>/ID[<aa><bb>]/Lain 5"
	for name, file := range map[string][]byte{
		"table":    small().table("/Root 1 0 R/Size 4" + own).Bytes(),
		"stream":   small().xrefStream(4, "/Root 1 0 R"+own, nil).Bytes(),
		"repaired": bytes.Replace(small().table("/Root 1 0 R/Size 4"+own).Bytes(), []byte("startxref"), []byte("startxxxx"), 1),
	} {
		u, err := NewUpdate(open(t, file))
		if err != nil {
			t.Fatal(err)
		}
		u.SetTrailer("Tambahan", Name("Ya"))
		a := change1(t, u)
		d := open(t, append(bytes.Clone(file), a.Bytes...)).Revisions()
		got := d[len(d)-1].Trailer
		id, _ := got["ID"].(Array)
		if len(id) != 2 || id[0] != String("\xaa") || id[1] == String("\xbb") || len(id[1].(String)) != 16 {
			t.Errorf("%s: ID = %v", name, id)
		}
		if info, _ := got["Info"].(Dict); info["Title"] != String("judul") || got["Root"] != (Ref{1, 0}) || got["Tambahan"] != Name("Ya") {
			t.Errorf("%s: trailer = %v", name, got)
		}
		again, err := u.Bytes("")
		if err != nil || !bytes.Equal(again.Bytes, a.Bytes) {
			t.Errorf("%s: Bytes is not the same the second time: %q, %v", name, again.Bytes, err)
		}
	}
	mac := small().table("/Root 1 0 R/Size 4/AuthCode<</MACLocation/Standalone>>")
	if _, err := NewUpdate(open(t, mac.Bytes())); err == nil || !strings.Contains(err.Error(), "TS 32004") {
		t.Errorf("a file with an integrity code: %v", err)
	}
}

// TestUpdateXrefStream reads the entries of the written stream one by one.
func TestUpdateXrefStream(t *testing.T) {
	b, u, _ := append1(t, small().xrefStream(40, "/Root 1 0 R", nil).Bytes())
	f := open(t, b)
	s := f.sections[0]
	self := u.used()
	var nums []uint32
	for _, e := range s.entries {
		nums = append(nums, e.num)
		if p, err := f.objectAt(e.off); err != nil || p.ref.Num != e.num || e.gen != 0 {
			t.Errorf("entry %+v leads to %v, %v", e, p.ref, err)
		}
	}
	if want := []uint32{1, self - 1, self}; !slices.Equal(nums, want) {
		t.Errorf("entries for %v, want %v", nums, want)
	}
	d := s.trailer
	if fmt.Sprint(d["W"]) != "[1 2 1]" || fmt.Sprint(d["Index"]) != fmt.Sprintf("[1 1 %d 2]", self-1) || d["Size"] != Integer(self+1) || d["Filter"] != nil {
		t.Errorf("dictionary = %v", d)
	}
	// Many objects: compressed, and a width that holds the offset.
	u, err := NewUpdate(open(t, b))
	if err != nil {
		t.Fatal(err)
	}
	for range 500 {
		u.Set(u.Alloc(), String(strings.Repeat("isi ", 50)))
	}
	a, err := u.Bytes("")
	if err != nil {
		t.Fatal(err)
	}
	b = append(b, a.Bytes...)
	f = open(t, b)
	if d := f.sections[0].trailer; fmt.Sprint(d["W"]) != "[1 3 1]" || d["Filter"] != Name("FlateDecode") {
		t.Errorf("dictionary = %v", d)
	}
	if o, err := f.Latest().Get(Ref{Num: self + 250}); err != nil || o != String(strings.Repeat("isi ", 50)) {
		t.Errorf("object in the middle = %v, %v", o, err)
	}
	strict(t, b)
}

// TestUpdateMisplaced names again what the cross reference does not lead to, as soon as somebody noticed.
func TestUpdateMisplaced(t *testing.T) {
	file := small().table("/Root 1 0 R/Size 4").Bytes()
	right := regexp.MustCompile(`3 1\n(\d+) 00000 n`)
	file = right.ReplaceAll(file, []byte("3 1\n0000000009 00000 n"))
	f := open(t, file)
	onePage(t, f) // notices
	u, err := NewUpdate(f)
	if err != nil {
		t.Fatal(err)
	}
	b := append(bytes.Clone(file), change1(t, u).Bytes...)
	f = open(t, b)
	checkAppended(t, f)
	if codes(f) != "" {
		t.Errorf("notes afterwards: %v", f.Notes())
	}
	strict(t, b)
}

// TestUpdateHuge appends beyond the offsets that a table can hold; the file is never there.
func TestUpdateHuge(t *testing.T) {
	build := func(total int64, stream bool) *hole {
		d := small()
		d.offs[4] = d.at()
		h := &hole{}
		for range 4 { // the numbers in the tail, and so its length, depend on the size of the hole
			d.Truncate(int(d.offs[4]))
			fmt.Fprintf(d, "4 0 obj\n<</Length %010d>>\nstream\n", h.size)
			h.head = bytes.Clone(d.Bytes())
			tail := newDraft()
			tail.Reset()
			tail.offs, tail.shift = map[int]int64{1: d.offs[1], 2: d.offs[2], 3: d.offs[3], 4: d.offs[4]}, -int64(len(h.head))-h.size
			tail.WriteString("\nendstream\nendobj\n")
			if stream {
				at := tail.at()
				tail.offs[5] = at
				var data []byte
				for i := 1; i <= 5; i++ {
					data = fmt.Appendf(data, "01%010x00", tail.offs[i])
				}
				tail.stream(5, "/Type/XRef/W[1 5 1]/Index[1 5]/Size 6/Root 1 0 R/Filter/ASCIIHexDecode", append(data, '>'))
				tail.close(at)
			} else {
				tail.table("/Root 1 0 R/Size 5")
			}
			h.tail = bytes.Clone(tail.Bytes())
			h.size = total - int64(len(h.head)+len(h.tail))
		}
		return h
	}
	for _, c := range []struct {
		name   string
		total  int64
		stream bool // of the file
		kind   XrefKind
	}{
		{"table below the limit", tenDigits - 1000, false, XrefTable},
		{"table just below the limit", tenDigits - 100, false, XrefStream},
		{"table above the limit", tenDigits, false, XrefStream},
		{"11 GB", 11e9, true, XrefStream},
		{"1.2 TB", 1.2e12, true, XrefStream},
	} {
		t.Run(c.name, func(t *testing.T) {
			total := c.total
			if !c.stream && total >= tenDigits {
				total -= 20 // its own table must still fit; the update does not
			}
			h := build(total, c.stream)
			f, err := Open(h, total, OpenOptions{})
			if err != nil {
				t.Fatal(err)
			}
			if codes(f) != "" {
				t.Fatalf("notes %v", f.Notes())
			}
			u, err := NewUpdate(f)
			if err != nil {
				t.Fatal(err)
			}
			hole4 := u.Alloc()
			u.Set(hole4, Dict{"Contents": Literal{[]byte("<0000>"), "hole"}})
			a := change1(t, u)
			h.tail = append(h.tail, a.Bytes...)
			h.read = 0
			again, err := Open(h, total+int64(len(a.Bytes)), OpenOptions{})
			if err != nil {
				t.Fatal(err)
			}
			checkAppended(t, again)
			if codes(again) != "" {
				t.Errorf("notes afterwards: %v", again.Notes())
			}
			if got := again.Revisions()[1].Kind; got != c.kind {
				t.Errorf("the new section has the kind %d, want %d", got, c.kind)
			}
			if e, ok := again.Latest().Lookup(hole4.Num); !ok || e.Offset < total || e.Offset > total+5 {
				t.Errorf("the new object is at %+v", e)
			}
			at := a.Marks["hole"]
			span, err := again.Latest().ValueSpan(hole4, "Contents")
			if err != nil || span != (Span{at, at + 6}) {
				t.Errorf("span = %v, %v, mark %d", span, err, at)
			}
			if h.read > 1<<20 {
				t.Errorf("read %d bytes", h.read)
			}
		})
	}
}

// FuzzUpdate appends to any file and must be able to read it again.
func FuzzUpdate(f *testing.F) {
	f.Add(small().table("/Root 1 0 R/Size 4").Bytes())
	f.Add(small().xrefStream(4, "/Root 1 0 R", nil).Bytes())
	f.Add(packedFile().xrefStream(5, "/Root 1 0 R", map[int][2]int{1: {4, 0}, 2: {4, 1}}).Bytes())
	f.Add(bytes.ReplaceAll(packedFile().xrefStream(5, "/Root 1 0 R", nil).Bytes(), []byte("startxref"), []byte("startxxxx")))
	f.Add(append([]byte("sisa\n"), small().table("/Root 1 0 R/Size 4").Bytes()...))
	k := lock{v: 5, r: 6, length: 32, cfm: "AESV3", owner: "o", perms: noChanges}
	d, e := k.key([]byte(fileID))
	f.Add(protected(f, d, e, true))
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) > 64<<10 {
			return
		}
		o := OpenOptions{Limits: Limits{Decoded: 4 << 20, Work: 16 << 20}}
		doc, err := Open(bytes.NewReader(b), int64(len(b)), o)
		if err != nil || !doc.hasCatalog() {
			return // without a page tree it is repaired each time
		}
		u, err := NewUpdate(doc)
		if err != nil {
			return
		}
		catalog, root, err := u.v.Catalog()
		if err != nil {
			return
		}
		d := Dict{"AbsahTest": u.Alloc()}
		for k, o := range catalog {
			if k != "AbsahTest" {
				d[k] = o
			}
		}
		u.Set(root, d)
		u.Set(d["AbsahTest"].(Ref), String("baru"))
		a, err := u.Bytes("2.0")
		if err != nil {
			return
		}
		b = append(bytes.Clone(b), a.Bytes...)
		again, err := Open(bytes.NewReader(b), int64(len(b)), o)
		if err != nil {
			if _, limit := err.(*LimitError); limit {
				return
			}
			t.Fatalf("%q\nafter the update: %v", b, err)
		}
		v := again.Latest()
		catalog, _, err = v.Catalog()
		if s, _ := v.Bytes(catalog["AbsahTest"]); err != nil || string(s) != "baru" || again.Repaired() {
			t.Fatalf("%q\ncatalog %v, %v, notes %v", b, catalog, err, again.Notes())
		}
	})
}

// BenchmarkUpdate is what a signature costs here: a few objects and a hole, and no encryption.
func BenchmarkUpdate(b *testing.B) {
	hole := Literal{bytes.Repeat([]byte("0"), 20_000), "hole"}
	for name, file := range map[string][]byte{"table": small().table("/Root 1 0 R/Size 4").Bytes(), "stream": small().xrefStream(4, "/Root 1 0 R", nil).Bytes()} {
		b.Run(name, func(b *testing.B) {
			f := open(b, file)
			catalog, root, err := f.Latest().Catalog()
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				u, err := NewUpdate(f)
				if err != nil {
					b.Fatal(err)
				}
				u.Set(root, catalog)
				u.Set(u.Alloc(), Dict{"Type": Name("Sig"), "Reason": String("Setuju"), "Contents": hole})
				u.Set(u.Alloc(), Dict{"Type": Name("Annot"), "Rect": Array{Real(10.5), Real(20), Real(100), Real(60)}})
				if _, err := u.Bytes(""); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
