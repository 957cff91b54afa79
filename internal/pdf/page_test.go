package pdf

import (
	"fmt"
	"strings"
	"testing"
)

func TestPageTrees(t *testing.T) {
	for name, c := range map[string]struct {
		objects []string // 2 and up
		want    string   // object numbers of the pages, 0 for a direct one
		notes   string
	}{
		"flat":             {[]string{"<</Type/Pages/Kids[3 0 R 4 0 R]/Count 2>>", "<</Type/Page>>", "<</Type/Page>>"}, "3 4", ""},
		"nested":           {[]string{"<</Type/Pages/Kids[3 0 R 6 0 R]/Count 3>>", "<</Type/Pages/Kids[4 0 R 5 0 R]/Count 2>>", "<</Type/Page>>", "<</Type/Page>>", "<</Type/Page>>"}, "4 5 6", ""},
		"count-too-low":    {[]string{"<</Type/Pages/Kids[3 0 R 4 0 R]/Count 1>>", "<</Type/Page>>", "<</Type/Page>>"}, "3 4", "page-count"},
		"count-too-high":   {[]string{"<</Type/Pages/Kids[3 0 R]/Count 9999999999>>", "<</Type/Page>>"}, "3", "page-count"},
		"count-negative":   {[]string{"<</Type/Pages/Kids[3 0 R]/Count -1>>", "<</Type/Page>>"}, "3", "page-count"},
		"count-missing":    {[]string{"<</Type/Pages/Kids[3 0 R]>>", "<</Type/Page>>"}, "3", ""},
		"inner-count":      {[]string{"<</Type/Pages/Kids[3 0 R 6 0 R]/Count 3>>", "<</Type/Pages/Kids[4 0 R 5 0 R]/Count 7>>", "<</Type/Page>>", "<</Type/Page>>", "<</Type/Page>>"}, "4 5 6", ""},
		"direct-kids":      {[]string{"<</Type/Pages/Kids[<</Type/Page>> 3 0 R <</Kids[<</Type/Page>>]/Count 1>>]/Count 3>>", "<</Type/Page>>"}, "0 3 0", ""},
		"missing-kid":      {[]string{"<</Type/Pages/Kids[9 0 R null 3 0 R (x)]/Count 1>>", "<</Type/Page>>"}, "3", ""},
		"no-types":         {[]string{"<</Kids[3 0 R]/Count 1>>", "<</MediaBox[0 0 1 1]>>"}, "3", ""},
		"empty-node":       {[]string{"<</Type/Pages/Kids[3 0 R 4 0 R]/Count 1>>", "<</Type/Pages/Kids[]/Count 0>>", "<</Type/Page>>"}, "4", ""},
		"root-is-a-page":   {[]string{"<</Type/Page>>"}, "2", ""},
		"circle":           {[]string{"<</Type/Pages/Kids[3 0 R 2 0 R]/Count 2>>", "<</Type/Page>>"}, "3", "page-count page-cycle"},
		"circle-of-two":    {[]string{"<</Type/Pages/Kids[3 0 R]/Count 1>>", "<</Type/Pages/Kids[2 0 R 4 0 R]/Count 1>>", "<</Type/Page>>"}, "4", "page-cycle"},
		"page-twice":       {[]string{"<</Type/Pages/Kids[3 0 R 3 0 R]/Count 1>>", "<</Type/Page>>"}, "3", "page-cycle"},
		"kids-are-missing": {[]string{"<</Type/Pages/Count 2>>", "<</Type/Page>>", "<</Type/Page>>"}, "3 4", "page-tree-damaged"},
	} {
		d := newDraft()
		d.obj(1, "<</Type/Catalog/Pages 2 0 R>>")
		for i, o := range c.objects {
			d.obj(2+i, o)
		}
		b := d.table("/Root 1 0 R/Size 9").Bytes()
		want := strings.Fields(c.want)
		f := open(t, b)
		n, err := f.Latest().Pages()
		if err != nil || n != len(want) {
			t.Errorf("%s: Pages() = %d, %v, want %d", name, n, err, len(want))
		}
		for i, num := range want {
			// Each page of a file that nothing was asked of before: by the counts, or by walking.
			p, err := open(t, b).Latest().Page(i)
			if err != nil || fmt.Sprint(p.Ref.Num) != num {
				t.Errorf("%s: Page(%d) = %+v, %v, want object %s", name, i, p, err, num)
			}
		}
		for _, i := range []int{-1, len(want), 1 << 40} {
			if _, err := f.Latest().Page(i); err == nil {
				t.Errorf("%s: Page(%d) gives no error", name, i)
			}
		}
		if got := codes(f); got != c.notes {
			t.Errorf("%s: notes = %q, want %q", name, got, c.notes)
		}
	}
}

func TestInheritance(t *testing.T) {
	d := newDraft()
	d.obj(1, "<</Type/Catalog/Pages 2 0 R>>")
	d.obj(2, "<</Type/Pages/Kids[3 0 R]/Count 2/MediaBox[0 0 600 800]/CropBox[10 10 590 790]/Rotate 90/Resources<</A 1>>/UserUnit 7>>")
	d.obj(3, "<</Type/Pages/Kids[4 0 R 5 0 R]/Count 2/CropBox 6 0 R/Rotate -90>>")
	d.obj(4, "<</Type/Page>>")
	d.obj(5, "<</Type/Page/MediaBox[300 200 -100 -50]/CropBox[1000 1000 2000 2000]/Rotate 450/UserUnit 2.5/Resources<</B 2>>>>")
	d.obj(6, "[-5 20 500.5 8000]")
	f := open(t, d.table("/Root 1 0 R/Size 7").Bytes())
	for i, want := range []Page{
		{MediaBox: [4]float64{0, 0, 600, 800}, CropBox: [4]float64{0, 20, 500.5, 800}, Rotate: 270, UserUnit: 1, Resources: Dict{"A": Integer(1)}},
		{MediaBox: [4]float64{-100, -50, 300, 200}, CropBox: [4]float64{-100, -50, 300, 200}, Rotate: 90, UserUnit: 2.5, Resources: Dict{"B": Integer(2)}},
	} {
		for range 2 {
			p, err := f.Latest().Page(i)
			if err != nil {
				t.Fatal(err)
			}
			if p.MediaBox != want.MediaBox || p.CropBox != want.CropBox || p.Rotate != want.Rotate || p.UserUnit != want.UserUnit || fmt.Sprint(p.Resources) != fmt.Sprint(want.Resources) {
				t.Errorf("Page(%d) = %+v, want %+v", i, *p, want)
			}
			// The same after the whole tree was walked.
			if _, err := f.Latest().walkPages(); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// book is a document of n pages in a tree with so many kids a node.
func book(n, kids int) []byte {
	d := newDraft()
	d.obj(1, "<</Type/Catalog/Pages 2 0 R>>")
	next := 3
	var build func(num, parent, n int)
	build = func(num, parent, n int) {
		if n == 1 {
			d.obj(num, fmt.Sprintf("<</Type/Page/Parent %d 0 R/Contents 99999 0 R/MediaBox[0 0 595 842]>>", parent))
			return
		}
		var list strings.Builder
		type part struct{ num, n int }
		var parts []part
		for i := range min(kids, n) {
			share := n/min(kids, n) + b2i(i < n%min(kids, n))
			parts = append(parts, part{next, share})
			fmt.Fprintf(&list, "%d 0 R ", next)
			next++
		}
		d.obj(num, fmt.Sprintf("<</Type/Pages/Count %d/Kids[%s]/Parent %d 0 R>>", n, list.String(), parent))
		for _, p := range parts {
			build(p.num, num, p.n)
		}
	}
	build(2, 1, n)
	return d.table(fmt.Sprintf("/Root 1 0 R/Size %d", next)).Bytes()
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// TestOnePageOfMany asks for pages of a long document and looks at how much of it was read for that.
func TestOnePageOfMany(t *testing.T) {
	const n = 10_000
	for _, kids := range []int{10, 50, n} {
		b := book(n, kids)
		walked := open(t, b)
		if _, err := walked.Latest().walkPages(); err != nil {
			t.Fatal(err)
		}
		f := open(t, b)
		opened := f.work.Load()
		if got, err := f.Latest().Pages(); err != nil || got != n {
			t.Fatalf("Pages() = %d, %v", got, err)
		}
		for _, i := range []int{0, 1, 4999, n - 1} {
			p, err := f.Latest().Page(i)
			if err != nil {
				t.Fatal(err)
			}
			if q, err := walked.Latest().Page(i); err != nil || p.Ref != q.Ref {
				t.Errorf("Page(%d) with %d kids a node = %v, by walking %v, %v", i, kids, p.Ref, q.Ref, err)
			}
		}
		// A flat tree's list of kids has to be read.
		if used := f.work.Load() - opened; used > 200<<10 || f.Latest().walked() != nil {
			t.Errorf("with %d kids a node, five pages of %d took reading %d bytes of %d", kids, n, used, len(b))
		}
	}
}

func BenchmarkOpen10000Pages(b *testing.B) {
	doc := book(10_000, 10)
	b.SetBytes(int64(len(doc)))
	for b.Loop() {
		f := open(b, doc)
		if _, err := f.Latest().Page(9_999); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkWalk10000Pages(b *testing.B) {
	doc := book(10_000, 10)
	for b.Loop() {
		if _, err := open(b, doc).Latest().walkPages(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkOpenSmall(b *testing.B) {
	doc := book(4, 10)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := open(b, doc).Latest().Page(0); err != nil {
			b.Fatal(err)
		}
	}
}
