package pdf

import (
	"errors"
	"fmt"
)

// Bounds on a whole file.
const (
	maxObjects   = 8_388_607 // the largest object number (ISO 32000-1 Annex C); more is a bomb
	maxEntries   = 9_000_000 // cross-reference entries of all sections together, 16 bytes each
	maxSections  = 10_000    // cross-reference sections in one chain
	maxNotes     = 400       // recorded tolerances; a damaged file can have one for each object
	maxSameNote  = 40        // of one kind, so that many harmless ones cannot crowd out a telling one
	headerSearch = 1024      // the header must begin in the first 1,024 bytes, as viewers have it
	tailSearch   = 2048      // startxref is looked for in the last bytes
	firstWindow  = 4 << 10   // most objects are smaller
	maxWindow    = 16 << 20  // the largest object outside streams: the Kids of a million pages fit
)

// Work is counted in bytes read as syntax. Other things cost as much as some bytes do.
const (
	baseWork     = 128 << 20 // what any file may cost: about a second
	workPerByte  = 4         // and what each byte of it adds
	baseDecoded  = 256 << 20 // decoded bytes that any file may cost, each filter's output counted: about a second
	ratioDecoded = 16        // and what each byte of it adds; honest text shrinks to a tenth
	searchWork   = 16        // bytes searched for a word that cost one
	objectWork   = 64        // what an object costs beside its bytes
)

// Limits bounds what one file may cost during its life. Zero values are defaults that honest files stay far below and that end
// a hostile one within a few seconds.
type Limits struct {
	Decoded int64 // bytes out of all filters together; default 256 MiB and 16 times the size of the file
	Work    int64 // bytes read as syntax, some of them many times; default 128 MiB and 4 times the size of the file
}

func (l Limits) withDefaults(size int64) Limits {
	if l.Decoded == 0 {
		l.Decoded = baseDecoded + ratioDecoded*size
	}
	if l.Work == 0 {
		l.Work = baseWork + workPerByte*size
	}
	return l
}

// spend charges work to the file.
func (f *File) spend(n int64) error {
	if f.work.Add(n) > f.limits.Work {
		return &LimitError{What: "work on one file", Limit: f.limits.Work}
	}
	return nil
}

// chargeDecoded charges bytes that came out of a filter.
func (f *File) chargeDecoded(n int64) error {
	if f.decoded.Add(n) > f.limits.Decoded {
		return &LimitError{What: "decoded bytes of all streams", Limit: f.limits.Decoded}
	}
	return nil
}

// fatal reports whether an error is more than damage at one place, which a reader may work around.
func fatal(err error) bool {
	for ; err != nil; err = errors.Unwrap(err) {
		switch err.(type) {
		case *LimitError, *UnsupportedError, *PasswordError, *ReadError:
			return true
		}
	}
	return false
}

// ReadError means that the bytes of the file could not be read; it says nothing about the PDF.
type ReadError struct {
	Offset int64
	Err    error
}

func (e *ReadError) Error() string { return fmt.Sprintf("read at byte %d: %v", e.Offset, e.Err) }

func (e *ReadError) Unwrap() error { return e.Err }
