package picture

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/klippa-app/go-pdfium/requests"
)

// TestMain is the child too: the tests start themselves.
func TestMain(m *testing.M) {
	if len(os.Args) > 2 && os.Args[1] == "break-out" {
		os.Exit(breakOut(os.Args[2]))
	}
	if len(os.Args) > 2 && os.Args[1] == "draw-page" {
		if err := Child(os.Args[2], os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	dir, err := os.MkdirTemp("", "absah-picture-")
	if err != nil {
		panic(err)
	}
	cache = dir
	code := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

// breakOut does in a sealed child what somebody would who got out of the machine of the library; it returns how much of it works.
func breakOut(file string) (done int) {
	if err := errors.Join(limit(), seal()); err != nil {
		return 100
	}
	if _, err := os.ReadFile(file); err == nil {
		done++
	}
	if err := os.WriteFile(file+".new", nil, 0o600); err == nil {
		done++
	}
	if c, err := net.Dial("udp", "127.0.0.1:53"); err == nil {
		_ = c.Close()
		done++
	}
	return done
}

// TestSealed: even outside of the machine of the library there is no file and no network to be had.
func TestSealed(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux closes this door")
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "rahasia")
	if err := os.WriteFile(file, []byte("rahasia"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := exec.Command(self, "break-out", file).Run(); err != nil {
		t.Errorf("a sealed child does more than it may: %v", err)
	}
}

// cache is shared: compiling the library takes seconds.
var cache string

func painter(t *testing.T) *Painter {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return &Painter{Command: []string{self, "draw-page"}, Cache: cache}
}

// page writes a PDF of one page with a text, a black square in the middle, and a visible signature field in its lower left corner.
func page(width, height int, text string) []byte {
	content := fmt.Sprintf("%d %d %d %d re f BT /F 24 Tf 20 %d Td (%s) Tj ET", width/2-10, height/2-10, 20, 20, height-60, text)
	objects := []string{
		"<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[5 0 R]/SigFlags 3>>>>", "<</Type/Pages/Count 1/Kids[3 0 R]>>",
		fmt.Sprintf("<</Type/Page/Parent 2 0 R/MediaBox[0 0 %d %d]/Contents 4 0 R/Annots[5 0 R]/Resources<</Font<</F<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>>>", width, height),
		fmt.Sprintf("<</Length %d>>stream\n%s\nendstream", len(content), content),
		"<</Type/Annot/Subtype/Widget/FT/Sig/T(Sig)/F 4/P 3 0 R/Rect[0 0 20 20]/AP<</N 6 0 R>>>>",
		"<</Type/XObject/Subtype/Form/BBox[0 0 20 20]/Length 14>>stream\n0 0 20 20 re f\nendstream",
	}
	var b bytes.Buffer
	b.WriteString("%PDF-1.7\n")
	var at []int
	for i, o := range objects {
		at = append(at, b.Len())
		fmt.Fprintf(&b, "%d 0 obj%s\nendobj\n", i+1, o)
	}
	x := b.Len()
	fmt.Fprintf(&b, "xref\n0 7\n0000000000 65535 f \n")
	for _, n := range at {
		fmt.Fprintf(&b, "%010d 00000 n \n", n)
	}
	fmt.Fprintf(&b, "trailer<</Size 7/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", x)
	return b.Bytes()
}

// TestFirstPage: what is on the page is on the picture, in its shape, and its text is told.
func TestFirstPage(t *testing.T) {
	p := painter(t)
	for _, c := range []struct{ width, height, wantWidth, wantHeight int }{{595, 842, 794, 1123}, {842, 595, 794, 561}, {20000, 30, 794, 1}, {30, 14000, 2, 1123}} {
		b, text, err := p.FirstPage(t.Context(), bytes.NewReader(page(c.width, c.height, "Nomor 800/1/2027")))
		if err != nil {
			t.Fatalf("%d by %d: %v", c.width, c.height, err)
		}
		img, err := jpeg.Decode(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		if s := img.Bounds(); max(s.Dx()-c.wantWidth, c.wantWidth-s.Dx(), s.Dy()-c.wantHeight, c.wantHeight-s.Dy()) > 1 {
			t.Errorf("%d by %d is drawn as %v", c.width, c.height, s)
		}
		if c.height == 842 {
			if dark, sig, light := grey(img, 397, 561), grey(img, 13, 1110), grey(img, 100, 800); dark > 40 || sig > 40 || light < 240 {
				t.Errorf("the square is %d, the signature %d, the paper %d", dark, sig, light)
			}
		}
		if strings.TrimSpace(text) != "Nomor 800/1/2027" {
			t.Errorf("text %q", text)
		}
	}
}

func grey(img image.Image, x, y int) uint8 {
	return color.GrayModel.Convert(img.At(x, y)).(color.Gray).Y
}

// TestNoPicture: what cannot be drawn is an error, in time, and never ends the server.
func TestNoPicture(t *testing.T) {
	p := painter(t)
	for name, doc := range map[string]io.Reader{
		"nothing": strings.NewReader(""), "no PDF": strings.NewReader("surat"), "half": bytes.NewReader(page(595, 842, "x")[:200]), "without end": zeros{},
	} {
		if _, _, err := p.FirstPage(t.Context(), doc); err == nil {
			t.Errorf("%s was drawn", name)
		}
	}
	// Some library draws it, some does not; it is never larger than a picture may be.
	vast := bytes.Replace(page(595, 842, "x"), []byte("/MediaBox[0 0 595 842]"), []byte("/MediaBox[0 0 1e9 1e9]"), 1)
	if b, _, err := p.FirstPage(t.Context(), bytes.NewReader(vast)); err == nil {
		if c, _, err := image.DecodeConfig(bytes.NewReader(b)); err != nil || c.Width > maxWidth || c.Height > maxHeight {
			t.Errorf("a vast page is drawn %d by %d, %v", c.Width, c.Height, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := p.FirstPage(ctx, bytes.NewReader(page(595, 842, "x"))); err == nil {
		t.Error("drawn for nobody")
	}
	missing := &Painter{Command: []string{filepath.Join(t.TempDir(), "absent")}, Cache: cache}
	if _, _, err := missing.FirstPage(t.Context(), bytes.NewReader(page(595, 842, "x"))); err == nil {
		t.Error("drawn by nobody")
	}
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { return len(b), nil }

// TestSeesNoFile: the library cannot reach the files of the host, which its binding mounts when it is left to itself.
func TestSeesNoFile(t *testing.T) {
	lib, end, err := library(cache)
	if err != nil {
		t.Fatal(err)
	}
	defer end()
	path := filepath.Join(t.TempDir(), "rahasia.pdf")
	doc := page(595, 842, "rahasia")
	if err := os.WriteFile(path, doc, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := lib.OpenDocument(&requests.OpenDocument{FilePath: &path}); err == nil {
		t.Error("the library opened a file of the host")
	}
	if _, err := lib.OpenDocument(&requests.OpenDocument{File: &doc}); err != nil {
		t.Errorf("and does not open what it is given: %v", err)
	}
}

// TestAnswer: a child that was taken over can hand over a small picture and nothing else.
func TestAnswer(t *testing.T) {
	made := func(text string, width, height int) []byte {
		b := binary.BigEndian.AppendUint32(nil, uint32(len(text)))
		var out bytes.Buffer
		if err := png.Encode(&out, image.NewGray(image.Rect(0, 0, width, height))); err != nil {
			t.Fatal(err)
		}
		return append(append(b, text...), out.Bytes()...)
	}
	good := made("teks", 10, 20)
	for name, b := range map[string][]byte{
		"nothing": nil, "a cut length": good[:3], "a cut text": good[:6], "no picture": good[:8], "a cut picture": good[:len(good)-30],
		"too wide": made("", maxWidth+1, 1), "too high": made("", 1, maxHeight+1),
		"a long text": binary.BigEndian.AppendUint32(nil, 1<<31), "a page of HTML": append(binary.BigEndian.AppendUint32(nil, 0), "<script>alert(1)</script>"...),
	} {
		if _, _, err := answer(b); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
	marked := append(bytes.Clone(good), "<script>alert(1)</script>"...)
	picture, text, err := answer(marked)
	if err != nil || text != "teks" || bytes.Contains(picture, []byte("script")) || !bytes.HasPrefix(picture, []byte("\xff\xd8")) {
		t.Errorf("%q, %v", text, err)
	}
	b := &bounded{max: 10}
	if _, err := b.Write(make([]byte, 11)); err == nil {
		t.Error("a child may write without end")
	}
}
