package ra

import (
	"bytes"
	"crypto/sha256"
	"path"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"absah/internal/fault"
)

const (
	// MaxEvidence bounds the file: a scan of one page in grey at 300 dpi fits.
	MaxEvidence  = 2 << 20
	minEvidence  = 64 // less is no picture and no PDF
	maxLetter    = 100
	maxFileName  = 100
	maxNote      = 1000
	pdfHeaderMax = 1024 // ISO 32000 readers look that far for %PDF-
)

// Evidence is what the person gives: the recommendation letter.
type Evidence struct {
	Letter  string // its number
	Name    string // of the file, as the browser said
	Data    []byte
	Consent bool // the data are right and may be checked
}

// File is a stored evidence file. Sealed is what the database keeps.
type File struct {
	ID          string
	Application ApplicationID
	Name        string
	MediaType   string
	Size        int64
	SHA256      []byte
	Sealed      []byte
	CreatedAt   time.Time
}

// mediaType recognises what a verifier's browser can show; "" for everything else, whatever its name says.
func mediaType(b []byte) string {
	switch {
	case len(b) < minEvidence:
		return ""
	case bytes.HasPrefix(b, []byte("\x89PNG\r\n\x1a\n")):
		return "image/png"
	case bytes.HasPrefix(b, []byte("\xff\xd8\xff")):
		return "image/jpeg"
	case bytes.Contains(b[:min(len(b), pdfHeaderMax)], []byte("%PDF-")):
		return "application/pdf"
	}
	return ""
}

// check returns all faults of the evidence joined, each with its field, and the file.
func (e Evidence) check() (File, error) {
	var errs faults
	letter := strings.Join(strings.Fields(e.Letter), " ")
	if letter == "" || len(letter) > maxLetter || strings.ContainsFunc(letter, hidden) {
		errs.add("letter", fault.New("ABS-REG-005"))
	}
	kind := mediaType(e.Data)
	if kind == "" || len(e.Data) > MaxEvidence {
		errs.add("file", fault.New("ABS-REG-005"))
	}
	if !e.Consent {
		errs.add("consent", fault.New("ABS-REG-011"))
	}
	h := sha256.Sum256(e.Data)
	return File{Name: fileName(e.Name, kind), MediaType: kind, Size: int64(len(e.Data)), SHA256: h[:]}, errs.join()
}

// hidden says that a reader would not see the character, or would see others turned round by it.
func hidden(r rune) bool { return r == utf8.RuneError || !unicode.IsPrint(r) }

// fileName keeps a name that is safe in a header and on a disk.
func fileName(s, kind string) string {
	s = path.Base(strings.ReplaceAll(s, `\`, "/"))
	s = strings.Map(func(r rune) rune {
		switch {
		case hidden(r), strings.ContainsRune(`"<>|:*?/;`, r):
			return '_'
		}
		return r
	}, s)
	for len(s) > maxFileName {
		_, n := utf8.DecodeRuneInString(s)
		s = s[n:]
	}
	if s == "" || s == "." || s == "_" {
		s = "surat" + map[string]string{"application/pdf": ".pdf", "image/png": ".png", "image/jpeg": ".jpg"}[kind]
	}
	return s
}
