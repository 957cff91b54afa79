package cms

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
)

// Limits of hostile input. Each is far above what was ever seen in a signed document.
const (
	maxSize       = 32 << 20 // octets of one message: signatures with embedded CRLs reach some megabytes
	maxDepth      = 64       // nesting where we walk into unknown structures; certificates inside tokens inside attributes reach about 25
	maxIndefinite = 16       // nesting of indefinite lengths: streaming producers use up to 6
	maxItems      = 4096     // certificates, CRLs, recipients of one message; attribute values of one set
	maxSigners    = 64       // signers of one message, each of which may have that many attributes
	maxMembers    = 1 << 16  // members of one SET that we sort
	maxSerial     = 256      // octets of a serial number; RFC 5280 §4.1.2.2 allows 20
)

// ErrMalformed is wrapped by every error that says that the bytes are not the structure they should be.
var ErrMalformed = errors.New("malformed CMS")

// ErrTooLarge is wrapped by errors about input beyond a limit of this package.
var ErrTooLarge = errors.New("CMS structure beyond our limits")

func malformed(what string) error { return fmt.Errorf("%w: %s", ErrMalformed, what) }

// Identifier octets.
const (
	tagBoolean     = 0x01
	tagInteger     = 0x02
	tagBitString   = 0x03
	tagOctetString = 0x04
	tagOID         = 0x06
	tagEnumerated  = 0x0a
	tagUTCTime     = 0x17
	tagGenTime     = 0x18
	tagSequence    = 0x30
	tagSet         = 0x31

	constructed = 0x20
)

// An element is one BER value in place.
type element struct {
	tag  byte   // identifier octet; the number of multi-octet tags is not kept, only skipped
	raw  []byte // header, content and, for indefinite lengths, the end-of-contents octets
	body []byte // content
	ber  bool   // the length is indefinite or longer than needed
}

// header is a decoded identifier and length.
type header struct {
	tag        byte
	size       int // octets of identifier and length
	length     int // of the content, when definite
	indefinite bool
	ber        bool
}

func readHeader(b []byte) (header, error) {
	if len(b) < 2 {
		return header{}, malformed("truncated element")
	}
	h := header{tag: b[0], size: 1}
	if h.tag&0x1f == 0x1f {
		for {
			if h.size >= 6 || h.size >= len(b) {
				return header{}, malformed("tag number")
			}
			c := b[h.size]
			h.size++
			if c&0x80 == 0 {
				break
			}
		}
		if h.size >= len(b) {
			return header{}, malformed("truncated element")
		}
	}
	l := int(b[h.size])
	h.size++
	switch {
	case l < 0x80:
		h.length = l
	case l == 0x80:
		if h.tag&constructed == 0 {
			return header{}, malformed("indefinite length of a primitive value")
		}
		h.indefinite, h.ber = true, true
		return h, nil
	default:
		n := l & 0x7f
		if n > 8 || len(b)-h.size < n { // longer paddings have no use but to confuse
			return header{}, malformed("length")
		}
		h.ber = b[h.size] == 0 || n == 1 && b[h.size] < 0x80
		var length uint64 // eight octets at most
		for _, c := range b[h.size : h.size+n] {
			length = length<<8 | uint64(c)
		}
		h.size += n
		if length > uint64(len(b)-h.size) {
			return header{}, malformed("length beyond the end")
		}
		h.length = int(length)
	}
	if h.length > len(b)-h.size {
		return header{}, malformed("length beyond the end")
	}
	return h, nil
}

// next takes one element off b. For indefinite lengths it looks for the end, which is linear in the element's size.
func next(b *[]byte) (element, error) {
	h, err := readHeader(*b)
	if err != nil {
		return element{}, err
	}
	if !h.indefinite {
		end := h.size + h.length
		e := element{h.tag, (*b)[:end:end], (*b)[h.size:end:end], h.ber}
		*b = (*b)[end:]
		return e, nil
	}
	n, err := indefiniteEnd((*b)[h.size:], 1)
	if err != nil {
		return element{}, err
	}
	end := h.size + n
	e := element{h.tag, (*b)[: end+2 : end+2], (*b)[h.size:end:end], true}
	*b = (*b)[end+2:]
	return e, nil
}

// indefiniteEnd returns the offset of the end-of-contents octets that close the value whose content starts at b.
func indefiniteEnd(b []byte, depth int) (int, error) {
	if depth > maxIndefinite {
		return 0, fmt.Errorf("%w: indefinite lengths nested deeper than %d", ErrTooLarge, maxIndefinite)
	}
	at := 0
	for {
		if len(b)-at < 2 {
			return 0, malformed("missing end of contents")
		}
		if b[at] == 0 && b[at+1] == 0 {
			return at, nil
		}
		h, err := readHeader(b[at:])
		if err != nil {
			return 0, err
		}
		at += h.size + h.length
		if h.indefinite {
			n, err := indefiniteEnd(b[at:], depth+1)
			if err != nil {
				return 0, err
			}
			at += n + 2
		}
	}
}

// expect takes an element with the given identifier off b.
func expect(b *[]byte, tag byte, what string) (element, error) {
	e, err := next(b)
	if err != nil {
		return element{}, fmt.Errorf("%s: %w", what, err)
	}
	if e.tag != tag {
		return element{}, malformed(fmt.Sprintf("%s has tag %#02x, not %#02x", what, e.tag, tag))
	}
	return e, nil
}

// optional takes an element off b if it has the given identifier.
func optional(b *[]byte, tag byte) (element, bool, error) {
	if len(*b) == 0 || (*b)[0] != tag {
		return element{}, false, nil
	}
	e, err := next(b)
	return e, err == nil, err
}

// octets returns the value of an OCTET STRING, primitive or constructed, of any (also implicit) tag. A constructed one is joined in
// one pass into one buffer.
func (e element) octets() ([]byte, error) {
	if e.tag&constructed == 0 {
		return e.body, nil
	}
	out := make([]byte, 0, len(e.body))
	return joinOctets(out, e.body, 1)
}

func joinOctets(dst, b []byte, depth int) ([]byte, error) {
	if depth > maxIndefinite {
		return nil, fmt.Errorf("%w: constructed string nested deeper than %d", ErrTooLarge, maxIndefinite)
	}
	for len(b) > 0 {
		e, err := next(&b)
		if err != nil {
			return nil, err
		}
		switch e.tag {
		case tagOctetString:
			dst = append(dst, e.body...)
		case tagOctetString | constructed:
			if dst, err = joinOctets(dst, e.body, depth+1); err != nil {
				return nil, err
			}
		default:
			return nil, malformed("constructed octet string")
		}
	}
	return dst, nil
}

// isDER reports whether all lengths in b are definite and minimal, strings primitive and SETs sorted.
func isDER(b []byte, depth int) bool {
	for len(b) > 0 {
		h, err := readHeader(b)
		if err != nil || h.ber || depth > maxDepth {
			return false
		}
		end := h.size + h.length
		if h.tag&constructed != 0 {
			if isString(h.tag) || !isDER(b[h.size:end], depth+1) || h.tag == tagSet && !sorted(b[h.size:end]) {
				return false
			}
		}
		b = b[end:]
	}
	return true
}

// isString reports whether tag is a universal string type, which DER wants primitive.
func isString(tag byte) bool {
	if tag&0xc0 != 0 {
		return false
	}
	switch n := tag & 0x1f; n {
	case 3, 4, 7, 12:
		return true
	default:
		return n >= 18 && n <= 30
	}
}

// sorted reports whether the elements of b are in the order of a DER SET OF (X.690 §11.6).
func sorted(b []byte) bool {
	var last []byte
	for len(b) > 0 {
		e, err := next(&b)
		if err != nil || bytes.Compare(last, e.raw) > 0 {
			return false
		}
		last = e.raw
	}
	return true
}

// appendDER re-encodes the first element of b as DER and returns what follows it: definite lengths, primitive strings, sorted SETs.
// It is what RFC 5652 §5.4 asks for before a digest. One pass: each octet is visited once and moved at most once a level.
func appendDER(dst, b []byte, depth int) (out, rest []byte, err error) {
	if depth > maxDepth {
		return nil, nil, fmt.Errorf("%w: nested deeper than %d", ErrTooLarge, maxDepth)
	}
	h, err := readHeader(b)
	if err != nil {
		return nil, nil, err
	}
	tagSize := 1
	for h.tag&0x1f == 0x1f && b[tagSize]&0x80 != 0 {
		tagSize++
	}
	if h.tag&0x1f == 0x1f {
		tagSize++
	}
	id, body := b[:tagSize], b[h.size:]
	if !h.indefinite {
		body, rest = b[h.size:h.size+h.length], b[h.size+h.length:]
	}
	if h.tag&constructed == 0 {
		dst = append(dst, id...)
		dst = appendLength(dst, len(body))
		return append(dst, body...), rest, nil
	}
	start := len(dst)
	var children []int // where each child begins, for SETs
	join := isString(h.tag)
	unused := byte(0)
	for {
		if h.indefinite {
			if len(body) < 2 {
				return nil, nil, malformed("missing end of contents")
			}
			if body[0] == 0 && body[1] == 0 {
				rest = body[2:]
				break
			}
		} else if len(body) == 0 {
			break
		}
		if h.tag == tagSet {
			if children = append(children, len(dst)); len(children) > maxMembers {
				return nil, nil, fmt.Errorf("%w: a SET with more than %d members", ErrTooLarge, maxMembers)
			}
		}
		if !join {
			if dst, body, err = appendDER(dst, body, depth+1); err != nil {
				return nil, nil, err
			}
			continue
		}
		at := len(dst)
		if dst, body, err = appendDER(dst, body, depth+1); err != nil {
			return nil, nil, err
		}
		// Chunks are primitive now: keep their content only. A bit string's first octet counts unused bits, of the last chunk.
		c, err := readHeader(dst[at:])
		if err != nil || c.tag&constructed != 0 {
			return nil, nil, malformed("constructed string")
		}
		chunk := dst[at+c.size:]
		if h.tag&0x1f == tagBitString {
			if len(chunk) == 0 {
				return nil, nil, malformed("constructed bit string")
			}
			unused, chunk = chunk[0], chunk[1:]
		}
		dst = append(dst[:at], chunk...)
	}
	if h.tag == tagSet && len(children) > 1 {
		sortSet(dst, start, children)
	}
	if join {
		content := dst[start:]
		if h.tag&0x1f == tagBitString {
			dst = slices.Insert(dst, start, unused)
			content = dst[start:]
		}
		return insertHeader(dst, start, []byte{h.tag &^ constructed}, len(content)), rest, nil
	}
	return insertHeader(dst, start, id, len(dst)-start), rest, nil
}

func sortSet(dst []byte, start int, children []int) {
	copied := bytes.Clone(dst[start:])
	items := make([][]byte, len(children))
	for i, at := range children {
		end := len(dst)
		if i+1 < len(children) {
			end = children[i+1]
		}
		items[i] = copied[at-start : end-start]
	}
	slices.SortStableFunc(items, bytes.Compare)
	out := dst[start:start]
	for _, it := range items {
		out = append(out, it...)
	}
}

func insertHeader(dst []byte, at int, id []byte, length int) []byte {
	var buf [16]byte
	h := appendLength(append(buf[:0], id...), length)
	return slices.Insert(dst, at, h...)
}

// toDER re-encodes one element.
func toDER(raw []byte) ([]byte, error) {
	out, rest, err := appendDER(make([]byte, 0, len(raw)+16), raw, 0)
	if err == nil && len(rest) != 0 {
		err = malformed("bytes after an element")
	}
	return out, err
}
