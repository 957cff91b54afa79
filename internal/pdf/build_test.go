package pdf

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// draft writes small files by hand, with whatever is wrong in them.
type draft struct {
	bytes.Buffer
	offs  map[int]int64 // objects since the last cross reference
	last  int64         // of the last cross reference, -1: none
	eol   string
	shift int64 // subtracted from all offsets that are written
}

func newDraft() *draft {
	d := &draft{offs: map[int]int64{}, last: -1, eol: "\n"}
	d.WriteString("%PDF-1.7\n")
	return d
}

// small is a draft with one page: catalog 1, pages 2, page 3.
func small() *draft {
	d := newDraft()
	d.pages()
	return d
}

func (d *draft) pages() {
	d.obj(1, "<</Type/Catalog/Pages 2 0 R>>")
	d.obj(2, "<</Type/Pages/Kids[3 0 R]/Count 1/MediaBox[0 0 200 300]/Rotate 90>>")
	d.obj(3, "<</Type/Page/Parent 2 0 R>>")
}

func (d *draft) at() int64 { return int64(d.Len()) - d.shift }

func (d *draft) obj(num int, body string) {
	d.offs[num] = d.at()
	fmt.Fprintf(d, "%d 0 obj%s%s%sendobj%s", num, d.eol, body, d.eol, d.eol)
}

func (d *draft) stream(num int, dict string, data []byte) {
	d.offs[num] = d.at()
	fmt.Fprintf(d, "%d 0 obj%s<<%s/Length %d>>%sstream\r\n%s%sendstream%sendobj%s", num, d.eol, dict, len(data), d.eol, data, d.eol, d.eol, d.eol)
}

func (d *draft) numbers() []int {
	var nums []int
	for n := range d.offs {
		nums = append(nums, n)
	}
	slices.Sort(nums)
	return nums
}

func (d *draft) prev() string {
	if d.last < 0 {
		return ""
	}
	return fmt.Sprintf("/Prev %d", d.last)
}

// table writes a classic section for the objects since the last one, and the end of the revision.
func (d *draft) table(trailer string) *draft {
	at := d.at()
	d.WriteString("xref" + d.eol + "0 1" + d.eol + "0000000000 65535 f\r\n")
	for _, n := range d.numbers() {
		fmt.Fprintf(d, "%d 1%s%010d 00000 n\r\n", n, d.eol, d.offs[n])
	}
	fmt.Fprintf(d, "trailer%s<<%s%s>>%s", d.eol, trailer, d.prev(), d.eol)
	return d.close(at)
}

func (d *draft) close(at int64) *draft {
	fmt.Fprintf(d, "startxref%s%d%s%%%%EOF%s", d.eol, at, d.eol, d.eol)
	d.last = at
	d.offs = map[int]int64{}
	return d
}

// xrefStream writes a cross-reference stream under a number, with entries of widths 1, 4, 2; compressed maps an object to its object
// stream and index.
func (d *draft) xrefStream(num int, trailer string, compressed map[int][2]int) *draft {
	at := d.at()
	d.offs[num] = at
	for n := range compressed {
		d.offs[n] = 0
	}
	var index strings.Builder
	var data []byte
	for _, n := range d.numbers() {
		fmt.Fprintf(&index, "%d 1 ", n)
		kind, two, three := 1, d.offs[n], 0
		if c, ok := compressed[n]; ok {
			kind, two, three = 2, int64(c[0]), c[1]
		}
		data = append(data, byte(kind), byte(two>>24), byte(two>>16), byte(two>>8), byte(two), byte(three>>8), byte(three))
	}
	d.stream(num, fmt.Sprintf("/Type/XRef/W[1 4 2]/Index[%s]/Size 100%s%s", index.String(), trailer, d.prev()), data)
	return d.close(at)
}

func objStm(parts map[int]string, order ...int) (dict string, data []byte) {
	var head, body strings.Builder
	for _, n := range order {
		fmt.Fprintf(&head, "%d %d ", n, body.Len())
		body.WriteString(parts[n] + " ")
	}
	return fmt.Sprintf("/Type/ObjStm/N %d/First %d", len(order), head.Len()), []byte(head.String() + body.String())
}

func deflate(b []byte) []byte {
	var out bytes.Buffer
	w := zlib.NewWriter(&out)
	w.Write(b)
	w.Close()
	return out.Bytes()
}

func open(t testing.TB, b []byte) *File {
	t.Helper()
	f, err := Open(bytes.NewReader(b), int64(len(b)), OpenOptions{})
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	return f
}

func codes(f *File) string {
	var out []string
	for _, n := range f.Notes() {
		if !slices.Contains(out, n.Code) {
			out = append(out, n.Code)
		}
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

func onePage(t testing.TB, f *File) *Page {
	t.Helper()
	n, err := f.Latest().Pages()
	if err != nil || n != 1 {
		t.Fatalf("Pages() = %d, %v, want 1", n, err)
	}
	p, err := f.Latest().Page(0)
	if err != nil {
		t.Fatal(err)
	}
	return p
}
