package pdf

// Object is one PDF value (ISO 32000-2 §7.3): nil for null, bool, Integer, Real, String, Name, Array, Dict, Ref, *Stream,
// and, only on the way out, Literal and Hole.
type Object any

type (
	// Integer is a whole number. Numbers too large for 64 bits are read as Real.
	Integer int64
	// Real is a number with a fractional part.
	Real float64
	// String holds the decoded and decrypted bytes of a literal or hexadecimal string; the text encoding is the user's business.
	String string
	// Name is a name without its slash, with #xx sequences decoded.
	Name string
	// Array is an ordered list.
	Array []Object
	// Dict is a dictionary. A key written twice keeps its last value; the reader records that as a Note, because two
	// viewers may choose differently. A null value means an absent key (ISO 32000-2 §7.3.7), so the reader drops it.
	Dict map[Name]Object
)

// Ref names an indirect object by object number and generation.
type Ref struct {
	Num uint32
	Gen uint16
}

// Literal is written byte for byte, neither escaped nor encrypted. The update records where it begins under Mark, when Mark is
// not empty: this is how the holes for ByteRange and Contents are found again without searching.
type Literal struct {
	Bytes []byte
	Mark  string
}

// Hole is written as a hexadecimal string of Size zero bytes, to be filled in later. Mark is as for Literal.
type Hole struct {
	Size int
	Mark string
}

// Stream is a stream object. One that was read knows where its bytes are; one made with NewStream carries them.
type Stream struct {
	Dict Dict

	data  []byte // as stored, for a stream that is to be written
	owner *File  // nil for a stream that is to be written
	ref   Ref
	start int64 // file offset of the stored bytes
	size  int64 // their number
}

// Span is a half-open range of bytes.
type Span struct{ Start, End int64 }

// NewStream makes a stream of bytes that are already encoded as the dictionary's Filter says. Length is set when it is written.
func NewStream(d Dict, data []byte) *Stream { return &Stream{Dict: d, data: data} }

// Place is where the stored bytes of a stream that was read lie in the file.
func (s *Stream) Place() Span { return Span{s.start, s.start + s.size} }
