// Package pdf reads PDF files as real producers write them and appends incremental updates to them. It knows objects, cross
// references, filters, encryption, pages and form fields; it knows nothing of signatures, certificates or trust.
//
// Reading is lazy and bounded: cross-reference data takes 16 bytes an object, objects are parsed when asked for, and every
// loop over input has a limit. What a file does against the standard and is tolerated all the same is recorded as a Note, so
// that strictness can be the policy of the caller.
package pdf

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"sync"
)

// Bounds on a whole file.
const (
	maxObjects   = 8_388_607 // the largest object number (ISO 32000-1 Annex C); more is a bomb
	maxSections  = 10_000    // cross-reference sections in one chain
	maxNotes     = 200       // recorded tolerances; a damaged file can have one for each object
	headerSearch = 1024      // the header must begin in the first 1,024 bytes, as viewers have it
	tailSearch   = 2048      // startxref is looked for in the last bytes
	firstWindow  = 4 << 10   // most objects are smaller
	maxWindow    = 64 << 20  // the largest object outside streams
)

// OpenOptions says how to open protected files and how much to allow.
type OpenOptions struct {
	Password  string                                    // user or owner password as typed; "" tries the empty user password
	Recipient func(recipients [][]byte) ([]byte, error) // opens one EnvelopedData of a public-key encrypted file and returns its content; nil: cannot
	Limits    Limits
}

// Limits bounds what one file may cost. Zero values are defaults.
type Limits struct {
	Decoded int64 // bytes out of all filters together, default 128 MiB for what the reader itself needs
}

const defaultDecoded = 128 << 20

// Note is a tolerance that was used: the file breaks a rule that viewers forgive. Code is stable.
type Note struct {
	Code   string
	Offset int64
	Text   string
}

// File is an open PDF. It is safe for concurrent use after Open.
type File struct {
	r        io.ReaderAt
	size     int64
	base     int64 // added to the offsets that the file states: the length of what stands before the header, when it counts from there
	header   int64
	version  string
	sections []*section // newest first
	revs     []Revision
	repaired bool
	crypt    *Encryption
	limits   Limits

	mu      sync.Mutex
	notes   []Note
	decoded int64
	window  struct {
		at  int64
		buf []byte
	}
	objstm         objectStreams
	scanned        *scan   // filled on demand
	pendingStreams []entry // object streams of a repaired, encrypted file, until the key is known
	views          map[int]*View
}

// Open reads the cross-reference data of all revisions. It returns ErrEmpty, ErrNotPDF, ErrNoCatalog, *PasswordError,
// *UnsupportedError, *LimitError or an error of r.
func Open(r io.ReaderAt, size int64, o OpenOptions) (*File, error) {
	if size == 0 {
		return nil, ErrEmpty
	}
	f := &File{r: r, size: size, limits: o.Limits, views: map[int]*View{}}
	if f.limits.Decoded == 0 {
		f.limits.Decoded = defaultDecoded
	}
	if err := f.readHeader(); err != nil {
		return nil, err
	}
	err := f.readChain()
	if err == nil {
		err = f.openEncryption(o)
	}
	if err == nil && f.hasCatalog() {
		return f, nil
	}
	if err != nil && fatal(err) {
		return nil, err
	}
	if err == nil {
		err = ErrNoCatalog
	}
	f.note("xref-damaged", 0, "the cross-reference data is damaged ("+err.Error()+"); the objects were found by reading the whole file")
	f.crypt = nil
	if err := f.repair(); err != nil {
		return nil, err
	}
	if err := f.openEncryption(o); err != nil {
		if !errors.Is(err, ErrPassword) || !f.dropEncryption() {
			return nil, err
		}
	}
	if !f.hasCatalog() {
		return nil, ErrNoCatalog
	}
	return f, nil
}

// dropEncryption takes the trailer of a damaged file that names no encryption where another one, which does, cannot be opened:
// two documents were written behind each other, and viewers show the open one.
func (f *File) dropEncryption() bool {
	for _, d := range f.scanned.trailers {
		if d["Encrypt"] == nil && d["Root"] != nil {
			f.note("trailers-differ", 0, "one trailer of the damaged file names an encryption, another does not")
			delete(f.sections[0].trailer, "Encrypt")
			return true
		}
	}
	return false
}

func fatal(err error) bool {
	switch err.(type) {
	case *LimitError, *UnsupportedError, *PasswordError:
		return true
	}
	return false
}

// Size is the length of the file in bytes.
func (f *File) Size() int64 { return f.size }

// ReaderAt gives the bytes of the file.
func (f *File) ReaderAt() io.ReaderAt { return f.r }

// Version is the version that the header states, as "1.7"; "" when there is none.
func (f *File) Version() string { return f.version }

// Repaired reports whether the objects had to be found by scanning the whole file.
func (f *File) Repaired() bool { return f.repaired }

// Encryption describes the protection of the file, nil when there is none.
func (f *File) Encryption() *Encryption { return f.crypt }

// Revisions lists the revisions, oldest first. A linearized original is one revision.
func (f *File) Revisions() []Revision { return f.revs }

// Notes lists the tolerances used so far; reading further objects may add some.
func (f *File) Notes() []Note {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]Note(nil), f.notes...)
}

func (f *File) note(code string, at int64, text string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.notes) < maxNotes {
		f.notes = append(f.notes, Note{code, at, text})
	}
}

// read returns up to n bytes from off; fewer only at the end of the file. The slice is valid until the next read of the same
// goroutine's caller; it must not be changed.
func (f *File) read(off int64, n int) ([]byte, error) {
	if off < 0 || off >= f.size {
		return nil, io.EOF
	}
	n = int(min(int64(n), f.size-off))
	b := make([]byte, n)
	m, err := f.r.ReadAt(b, off)
	if m == n {
		return b, nil
	}
	if err == nil || err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return nil, fmt.Errorf("read %d bytes at %d: %w", n, off, err)
}

func (f *File) readHeader() error {
	b, err := f.read(0, headerSearch)
	if err != nil {
		return err
	}
	i := bytes.Index(b, []byte("%PDF-"))
	if i < 0 {
		// Files without a header exist; they are PDF if objects are found. Anything else is refused by name.
		if !looksLikePDF(f, b) {
			return ErrNotPDF
		}
		f.note("header-missing", 0, "the header %PDF- is missing")
		return nil
	}
	f.header = int64(i)
	if i > 0 {
		f.note("bytes-before-header", 0, fmt.Sprintf("%d bytes stand before the header", i))
	}
	v := b[i+5:]
	k := 0
	for k < len(v) && k < 5 && (isDigit(v[k]) || v[k] == '.') {
		k++
	}
	f.version = string(v[:k])
	return nil
}

func looksLikePDF(f *File, head []byte) bool {
	if bytes.Contains(head, []byte(" obj")) {
		return true
	}
	tail, err := f.read(max(0, f.size-tailSearch), tailSearch)
	return err == nil && (bytes.Contains(tail, []byte("startxref")) || bytes.Contains(tail, []byte("trailer")))
}

// withObject calls parse with growing windows at off until the object fits.
func (f *File) withLexer(off int64, parse func(*lexer) error) error {
	for n := firstWindow; ; n *= 4 {
		b, err := f.read(off, n)
		if err != nil {
			return err
		}
		l := &lexer{buf: b, base: off, last: off+int64(len(b)) >= f.size, ref: true}
		err = parse(l)
		if err != errShort || l.last {
			return err
		}
		if n >= maxWindow {
			return &LimitError{What: fmt.Sprintf("bytes of the object at %d", off), Limit: maxWindow}
		}
	}
}

func (f *File) duplicate(at int64, key Name) {
	f.note("duplicate-key", at, fmt.Sprintf("the key /%s is written twice in one dictionary", key))
}

// objectAt parses "N G obj" and the value after it. A stream's value is a *Stream whose place is known.
func (f *File) objectAt(off int64) (ref Ref, o Object, end int64, err error) {
	err = f.withLexer(off, func(l *lexer) error {
		l.dup = f.duplicate
		var ok bool
		if ref, ok = l.objHeader(); !ok {
			return l.short("no object begins here")
		}
		l.space()
		if string(l.word()) == "endobj" {
			o, end = nil, l.base+int64(l.pos)+6
			return nil
		}
		var err error
		if o, err = l.object(0); err != nil {
			return err
		}
		d, isDict := o.(Dict)
		l.space()
		w := l.word()
		if len(w) < 6 && l.pos+len(w) >= len(l.buf) && !l.last {
			return errShort
		}
		if !isDict || string(w) != "stream" {
			end = l.base + int64(l.pos)
			if string(w) == "endobj" {
				end += 6
			}
			return nil
		}
		start := l.pos + 6
		if start+2 > len(l.buf) && !l.last {
			return errShort
		}
		// CR LF or LF; a lone CR is against the standard and seen (ISO 32000-2 §7.3.8.1).
		if start < len(l.buf) && l.buf[start] == '\r' {
			start++
			if start < len(l.buf) && l.buf[start] == '\n' {
				start++
			}
		} else {
			for start < len(l.buf) && l.buf[start] == ' ' {
				start++
			}
			if start < len(l.buf) && l.buf[start] == '\r' {
				start++
			}
			if start < len(l.buf) && l.buf[start] == '\n' {
				start++
			}
		}
		o = &Stream{Dict: d, owner: f, ref: ref, start: l.base + int64(start), size: -1}
		end = l.base + int64(start)
		return nil
	})
	return ref, o, end, err
}

// objHeader reads "N G obj".
func (l *lexer) objHeader() (Ref, bool) {
	l.space()
	n, ok := l.digits(10)
	if !ok || n > 1<<32-1 {
		return Ref{}, false
	}
	l.space()
	g, ok := l.digits(5)
	if !ok || g > 65535 {
		return Ref{}, false
	}
	l.space()
	if l.pos+3 > len(l.buf) || string(l.buf[l.pos:l.pos+3]) != "obj" {
		return Ref{}, false
	}
	l.pos += 3
	return Ref{uint32(n), uint16(g)}, true
}

func (l *lexer) digits(limit int) (int64, bool) {
	n, i := int64(0), l.pos
	for i < len(l.buf) && isDigit(l.buf[i]) && i-l.pos < limit+10 {
		n = n*10 + int64(l.buf[i]-'0')
		i++
		if n > 1<<50 {
			return 0, false
		}
	}
	ok := i > l.pos
	l.pos = i
	return n, ok
}
