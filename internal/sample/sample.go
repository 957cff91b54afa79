// Package sample writes documents to measure with: ones that no program should hold in memory.
package sample

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
)

// pdfWriter writes plain PDF files of any size: objects one after the other, then a table.
type pdfWriter struct {
	w       *bufio.Writer
	at      int64
	offsets []int64
}

func newPDFWriter(w io.Writer) *pdfWriter {
	p := &pdfWriter{w: bufio.NewWriterSize(w, 1<<20)}
	p.printf("%%PDF-1.7\n%%\xe2\xe3\xcf\xd3\n")
	return p
}

func (p *pdfWriter) Write(b []byte) (int, error) {
	n, err := p.w.Write(b)
	p.at += int64(n)
	return n, err
}

func (p *pdfWriter) printf(format string, args ...any) { fmt.Fprintf(p, format, args...) }

// object begins the next object; numbers count from 1.
func (p *pdfWriter) object() {
	p.offsets = append(p.offsets, p.at)
	p.printf("%d 0 obj\n", len(p.offsets))
}

func (p *pdfWriter) close() error {
	start := p.at
	p.printf("xref\n0 %d\n0000000000 65535 f\r\n", len(p.offsets)+1)
	for _, off := range p.offsets {
		p.printf("%010d 00000 n\r\n", off)
	}
	p.printf("trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(p.offsets)+1, start)
	return p.w.Flush()
}

// Large is one page and one stream of size bytes that do not compress.
func Large(w io.Writer, size int64) error {
	p := newPDFWriter(w)
	p.object()
	p.printf("<</Type/Catalog/Pages 2 0 R>>\nendobj\n")
	p.object()
	p.printf("<</Type/Pages/Kids[3 0 R]/Count 1>>\nendobj\n")
	p.object()
	p.printf("<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<<>>>>\nendobj\n")
	p.object()
	p.printf("<</Type/EmbeddedFile/Length %d>>\nstream\n", size)
	noise := rand.NewChaCha8([32]byte{1})
	if _, err := io.CopyN(p, noise, size); err != nil {
		return err
	}
	p.printf("\nendstream\nendobj\n")
	return p.close()
}

// Pages is a document of n pages with little on them, in a tree of two levels.
func Pages(w io.Writer, n int) error {
	const group = 100
	p := newPDFWriter(w)
	groups := (n + group - 1) / group
	p.object()
	p.printf("<</Type/Catalog/Pages 2 0 R>>\nendobj\n")
	p.object()
	p.printf("<</Type/Pages/Count %d/Kids[", n)
	for i := range groups {
		p.printf("%d 0 R ", 3+i)
	}
	p.printf("]>>\nendobj\n")
	for i := range groups {
		p.object()
		p.printf("<</Type/Pages/Parent 2 0 R/Count %d/Kids[", min(group, n-i*group))
		for k := i * group; k < min((i+1)*group, n); k++ {
			p.printf("%d 0 R ", 3+groups+2*k)
		}
		p.printf("]>>\nendobj\n")
	}
	for k := range n {
		p.object()
		p.printf("<</Type/Page/Parent %d 0 R/MediaBox[0 0 595 842]/Resources<<>>/Contents %d 0 R>>\nendobj\n", 3+k/group, len(p.offsets)+1)
		content := strings.Repeat(fmt.Sprintf("0 %d m 595 %d l S\n", k%842, 842-k%842), 20)
		p.object()
		p.printf("<</Length %d>>\nstream\n%s\nendstream\nendobj\n", len(content), content)
	}
	return p.close()
}
