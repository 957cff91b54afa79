package picture

import (
	"encoding/binary"
	"errors"
	"fmt"
	"image/png"
	"io"
	"io/fs"
	"strings"

	"github.com/klippa-app/go-pdfium"
	"github.com/klippa-app/go-pdfium/enums"
	"github.com/klippa-app/go-pdfium/requests"
	"github.com/klippa-app/go-pdfium/webassembly"
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"
)

// maxPages is how much memory the library may have, in pages of 64 KiB.
const maxPages = 256 << 20 / (64 << 10)

// nothing is the file system that the library sees. Left to itself the binding mounts the root of the host.
type nothing struct{}

func (nothing) Open(name string) (fs.File, error) {
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
}

// library starts the PDF library; close ends it.
func library(cache string) (lib pdfium.Pdfium, end func(), err error) {
	compiled, err := wazero.NewCompilationCacheWithDir(cache)
	if err != nil {
		return nil, nil, err
	}
	pool, err := webassembly.Init(webassembly.Config{
		MinIdle: 1, MaxIdle: 1, MaxTotal: 1,
		FSConfig: wazero.NewFSConfig().WithFSMount(nothing{}, "/"),
		// Exceptions are what the binding asks for besides the standard.
		RuntimeConfig: wazero.NewRuntimeConfig().WithCoreFeatures(api.CoreFeaturesV2 | experimental.CoreFeaturesExceptionHandling).
			WithCompilationCache(compiled).WithMemoryLimitPages(maxPages),
		Stdout: io.Discard, Stderr: io.Discard,
	})
	if err != nil {
		return nil, nil, err
	}
	if lib, err = pool.GetInstance(maxTime); err != nil {
		return nil, nil, errors.Join(err, pool.Close())
	}
	return lib, func() { _ = pool.Close() }, nil
}

// Child is the work of the child process: it reads a PDF, and writes the text of the first page and its picture. It
// limits itself first, and has closed the door to files and network before it reads.
func Child(cache string, pdf io.Reader, out io.Writer) error {
	if err := limit(); err != nil {
		return fmt.Errorf("limit myself: %w", err)
	}
	lib, end, err := library(cache)
	if err != nil {
		return err
	}
	defer end()
	if err := seal(); err != nil {
		return fmt.Errorf("seal myself: %w", err)
	}
	data, err := io.ReadAll(io.LimitReader(pdf, maxDocument+1))
	if err != nil {
		return err
	}
	if len(data) > maxDocument {
		return errors.New("the document is too large to draw")
	}
	doc, err := lib.OpenDocument(&requests.OpenDocument{File: &data})
	if err != nil {
		return fmt.Errorf("open: %w", err)
	}
	page := requests.Page{ByIndex: &requests.PageByIndex{Document: doc.Document, Index: 0}}
	text, err := lib.GetPageText(&requests.GetPageText{Page: page})
	if err != nil {
		return fmt.Errorf("text: %w", err)
	}
	drawn, err := lib.RenderPageInPixels(&requests.RenderPageInPixels{
		Page: page, Document: &doc.Document, RenderForm: true, // the form is where visible signatures are
		Width: maxWidth, Height: maxHeight, RenderFlags: enums.FPDF_RENDER_FLAG_REVERSE_BYTE_ORDER | enums.FPDF_RENDER_FLAG_ANNOT,
	})
	if err != nil {
		return fmt.Errorf("draw: %w", err)
	}
	defer drawn.Cleanup()
	words := strings.ToValidUTF8(text.Text, "")
	words = words[:min(len(words), maxText)]
	if err := binary.Write(out, binary.BigEndian, uint32(len(words))); err != nil {
		return err
	}
	if _, err := io.WriteString(out, words); err != nil {
		return err
	}
	return png.Encode(out, drawn.Result.RenderedImage)
}
