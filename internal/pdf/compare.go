package pdf

import (
	"bytes"
	"slices"
)

// Touched lists the numbers of the objects that a revision defines, overrides or frees, in order.
func (f *File) Touched(rev int) []uint32 {
	n := 0
	for _, s := range f.sections {
		if s.rev == rev {
			n += len(s.entries) + len(s.extra)
		}
	}
	out := make([]uint32, 0, n)
	for _, s := range f.sections {
		if s.rev != rev {
			continue
		}
		for _, list := range [][]entry{s.entries, s.extra} {
			for _, e := range list {
				if e.num != 0 {
					out = append(out, e.num)
				}
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Equal reports whether two values of a file mean the same: streams are compared by their dictionary and stored bytes, decrypted
// where they are encrypted, references by the number they name.
func (f *File) Equal(a, b Object) (bool, error) { return f.equal(a, b, 0) }

func (f *File) equal(a, b Object, depth int) (bool, error) {
	if depth > 2*maxDepth {
		return false, errDepth
	}
	switch x := a.(type) {
	case Array:
		y, ok := b.(Array)
		if !ok || len(x) != len(y) {
			return false, nil
		}
		for i := range x {
			if same, err := f.equal(x[i], y[i], depth+1); !same || err != nil {
				return false, err
			}
		}
		return true, nil
	case Dict:
		y, ok := b.(Dict)
		if !ok || len(x) != len(y) {
			return false, nil
		}
		for k := range x {
			if same, err := f.equal(x[k], y[k], depth+1); !same || err != nil {
				return false, err
			}
		}
		return true, nil
	case *Stream:
		y, ok := b.(*Stream)
		if !ok || x.length() != y.length() {
			return false, nil
		}
		if same, err := f.equal(x.Dict, y.Dict, depth+1); !same || err != nil {
			return false, err
		}
		if x == y || x.owner != nil && x.owner == y.owner && x.start == y.start {
			return true, nil
		}
		if same, err := f.sameBytes(x, y); same || err != nil || f.crypt == nil || x.length() > maxDecrypted {
			return same, err
		}
		return f.sameDecrypted(x, y)
	}
	return a == b || sameNumber(a, b), nil
}

// maxDecrypted bounds the streams that are decrypted for a comparison. A larger one that was encrypted anew counts as changed.
const maxDecrypted = 16 << 20

// sameDecrypted compares two encrypted streams: with AES every writing of the same bytes looks different (ISO 32000-2 §7.6.3.1).
func (f *File) sameDecrypted(x, y *Stream) (bool, error) {
	if err := f.spend(2 * x.length() / searchWork); err != nil {
		return false, err
	}
	var plain [2][]byte
	for i, s := range []*Stream{x, y} {
		b, err := f.Latest().RawStream(s)
		if err != nil {
			if fatal(err) {
				return false, err
			}
			return false, nil
		}
		plain[i] = b
	}
	return bytes.Equal(plain[0], plain[1]), nil
}

// sameNumber reports whether two numbers are the same, one written with a fractional part and the other without.
func sameNumber(a, b Object) bool {
	switch x := a.(type) {
	case Integer:
		y, ok := b.(Real)
		return ok && Real(x) == y
	case Real:
		y, ok := b.(Integer)
		return ok && Real(y) == x
	}
	return false
}

func (s *Stream) length() int64 {
	if s.owner == nil {
		return int64(len(s.data))
	}
	return s.size
}

// sameBytes compares the stored bytes of two streams of one length, a piece at a time.
func (f *File) sameBytes(x, y *Stream) (bool, error) {
	const piece = 64 << 10
	p, q := make([]byte, min(piece, x.length())), make([]byte, min(piece, x.length()))
	for off := int64(0); off < x.length(); off += piece {
		n := min(piece, x.length()-off)
		for _, side := range []struct {
			s *Stream
			b []byte
		}{{x, p[:n]}, {y, q[:n]}} {
			if side.s.owner == nil {
				copy(side.b, side.s.data[off:])
			} else if err := side.s.owner.readInto(side.b, side.s.start+off); err != nil {
				return false, err
			}
		}
		if err := f.spend(2 * n / searchWork); err != nil {
			return false, err
		}
		if !bytes.Equal(p[:n], q[:n]) {
			return false, nil
		}
	}
	return true, nil
}
