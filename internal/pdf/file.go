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
	"slices"
	"sync"
	"sync/atomic"
)

// OpenOptions says how to open protected files and how much to allow.
type OpenOptions struct {
	Password  string                                    // user or owner password as typed; "" tries the empty user password
	Recipient func(recipients [][]byte) ([]byte, error) // opens one EnvelopedData of a public-key encrypted file and returns its content; nil: cannot
	Limits    Limits
	// Earlier is this file before something was appended, opened as Memory that begins in the same place. What was read of the
	// bytes that both share is not read again. It must not be in use while Open runs.
	Earlier *File
}

// Note is a tolerance that was used: the file breaks a rule that viewers forgive. Code is stable.
type Note struct {
	Code   string
	Offset int64
	Text   string
}

// File is an open PDF. It is safe for concurrent use after Open.
type File struct {
	r        io.ReaderAt
	memory   Memory // r, when it is one
	earlier  *File  // see OpenOptions: its sections are the older ones of this file, and its values are
	size     int64
	base     int64 // added to the offsets that the file states: the length of what stands before the header, when it counts from there
	header   int64
	version  string
	sections []*section // newest first
	index    []place    // where each number is in the sections, when these are many; else nil
	revs     []Revision
	repaired bool
	crypt    *Encryption
	// encryptRef is the encryption dictionary's, zero when it is direct or there is none.
	encryptRef Ref
	limits     Limits
	blocks     blockCache

	decoded, work atomic.Int64
	lexer         atomic.Pointer[lexer] // one that is done with its work; nil: none

	mu      sync.Mutex
	notes   []Note
	noted   map[string]int
	differ  int64 // the greatest offset of a note of ambiguousNotes
	values  valueCache
	objstm  objectStreams
	found   search // the last search for endstream
	scanned *scan  // filled on demand
	views   map[int]*View
	form    *formMemo // of the revision that was asked for last
}

// Open reads the cross-reference data of all revisions. It returns ErrEmpty, ErrNotPDF, ErrNoCatalog, *PasswordError,
// *UnsupportedError, *LimitError, or *ReadError when r does not give the bytes.
func Open(r io.ReaderAt, size int64, o OpenOptions) (*File, error) {
	if size <= 0 {
		return nil, ErrEmpty
	}
	f := &File{r: r, size: size, limits: o.Limits.withDefaults(size), views: map[int]*View{}}
	if m, ok := r.(Memory); ok && int64(len(m)) >= size {
		f.memory = m
		f.continues(o.Earlier)
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
	if _, _, err := f.Latest().Catalog(); err != nil {
		return nil, err
	}
	return f, nil
}

// continues takes over what an earlier File knows, if its bytes are truly the first bytes of this one.
func (f *File) continues(e *File) {
	if e == nil || e.memory == nil || &e.memory[0] != &f.memory[0] || e.size > f.size || e.crypt != nil || e.repaired {
		return
	}
	f.earlier = e
	for _, n := range e.notes {
		f.note(n.Code, n.Offset, n.Text)
	}
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

// Revisions lists the revisions, oldest first. A linearized original is one revision. Those of a repaired file are a guess: one
// for each end-of-file marker.
func (f *File) Revisions() []Revision { return f.revs }

// Notes lists the tolerances used so far; reading further objects may add some.
func (f *File) Notes() []Note {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]Note(nil), f.notes...)
}

// ambiguousNotes are tolerances about which readers differ: one takes the first of two entries, or the bytes up to the length that is
// stated, or what stands at a place whatever its number, and another one does not.
var ambiguousNotes = map[string]bool{
	"duplicate-key": true, "key-without-value": true, "value-without-key": true, "stray-token": true, "array-end": true, "dict-end": true, "object-cut": true,
	"stream-length": true, "stream-damaged": true, "object-misplaced": true, "object-stream": true, "object-stream-index": true,
	"object-stream-twice": true, "endstream-inside": true,
	"xref-entry-twice": true, "xref-count": true, "xref-numbering": true, "xrefstm-damaged": true,
}

// LastAmbiguity is the greatest offset at which something was read that other readers may read differently: a key written twice in one
// dictionary, a stream that does not have the length that it states, an entry that leads to an object of another number. 0: nowhere so
// far. What was not read does not count.
func (f *File) LastAmbiguity() int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.differ
}

func (f *File) note(code string, at int64, text string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if ambiguousNotes[code] {
		f.differ = max(f.differ, at)
	}
	if f.noted[code] >= maxSameNote || len(f.notes) >= maxNotes {
		return
	}
	n := Note{code, at, text}
	if slices.Contains(f.notes, n) {
		return // read again
	}
	if f.noted == nil {
		f.noted = map[string]int{}
	}
	f.noted[code]++
	f.notes = append(f.notes, n)
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
