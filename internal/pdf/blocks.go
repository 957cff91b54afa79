package pdf

import (
	"io"
	"sync"
)

// The file is read in blocks that overlap, so that an object of up to blockOverlap bytes lies whole in the block where it begins. A
// slot can hold one of many blocks; 64 slots are 1.3 MB, whatever the size of the file. A small file is one block.
const (
	blockSize    = 16 << 10
	blockOverlap = firstWindow
	blockSlots   = 64
	wholeFile    = 64 << 10
)

// Memory is a file that is in memory. It is read in place, without copies: its bytes must not change while a File uses them.
type Memory []byte

// ReadAt implements io.ReaderAt.
func (m Memory) ReadAt(b []byte, off int64) (int, error) {
	if off < 0 || off >= int64(len(m)) {
		return 0, io.EOF
	}
	n := copy(b, m[off:])
	if n < len(b) {
		return n, io.EOF
	}
	return n, nil
}

type blockCache struct {
	mu    sync.Mutex
	slots []blockSlot // made for the first block
}

type blockSlot struct {
	at  int64
	buf []byte // nil: empty; never changed once it is here
}

// read returns up to n bytes from off, fewer only at the end of the file. The bytes are shared and must not be changed.
func (f *File) read(off int64, n int) ([]byte, error) {
	b, err := f.readSome(off, n)
	return b[:min(n, len(b))], err
}

// readSome is read, but returns what the block holds where that is more.
func (f *File) readSome(off int64, n int) ([]byte, error) {
	if off < 0 || off >= f.size {
		return nil, io.EOF
	}
	n = int(min(int64(n), f.size-off))
	if f.memory != nil {
		return f.memory[off:min(off+max(int64(n), wholeFile), f.size)], nil
	}
	if f.size > wholeFile && n > blockOverlap {
		return f.readFresh(off, n)
	}
	at, size := int64(0), f.size
	if f.size > wholeFile {
		at = off / blockSize * blockSize
		size = min(blockSize+blockOverlap, f.size-at)
	}
	c := &f.blocks
	c.mu.Lock()
	if c.slots == nil {
		c.slots = make([]blockSlot, blockSlots)
	}
	slot := &c.slots[at/blockSize%blockSlots]
	buf := slot.buf
	if slot.at != at {
		buf = nil
	}
	c.mu.Unlock()
	if buf == nil {
		var err error
		if buf, err = f.readFresh(at, int(size)); err != nil {
			return nil, err
		}
		c.mu.Lock()
		slot.at, slot.buf = at, buf
		c.mu.Unlock()
	}
	return buf[off-at:], nil
}

// readFresh reads exactly n bytes, which the file has, into a slice of the caller's own.
func (f *File) readFresh(off int64, n int) ([]byte, error) {
	b := make([]byte, n)
	if err := f.readInto(b, off); err != nil {
		return nil, err
	}
	return b, nil
}

func (f *File) readInto(b []byte, off int64) error {
	m, err := f.r.ReadAt(b, off)
	if m == len(b) {
		return nil
	}
	if err == nil || err == io.EOF {
		err = io.ErrUnexpectedEOF // the file is shorter than it was said to be
	}
	return &ReadError{Offset: off, Err: err}
}
