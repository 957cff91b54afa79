package pdf

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
)

// NewFile is a complete new document in the making. Its bytes depend on nothing but what is set, unless it is encrypted.
type NewFile struct {
	version    string
	objects    []Object
	trailer    Dict
	xrefStream bool
	packed     []Ref // into an object stream

	crypt      *Encryption
	encryptRef Ref
	iv         io.Reader
}

// NewDocument begins a document of the given version, as "1.7", with a cross-reference table.
func NewDocument(version string) *NewFile {
	return &NewFile{version: version, trailer: Dict{}}
}

// Alloc returns the next object number.
func (n *NewFile) Alloc() Ref {
	n.objects = append(n.objects, nil)
	return Ref{Num: uint32(len(n.objects))}
}

// Add gives a value a number of its own.
func (n *NewFile) Add(o Object) Ref {
	r := n.Alloc()
	n.Set(r, o)
	return r
}

// Set gives an allocated object its value.
func (n *NewFile) Set(r Ref, o Object) { n.objects[r.Num-1] = o }

// SetTrailer sets a key of the trailer; Root is required.
func (n *NewFile) SetTrailer(key Name, o Object) { n.trailer[key] = o }

// UseXrefStream makes the cross reference a stream (ISO 32000-2 §7.5.8), which version 1.5 and later have.
func (n *NewFile) UseXrefStream() { n.xrefStream = true }

// Pack puts objects into an object stream (ISO 32000-2 §7.5.7), and the cross reference into a stream. Streams, and the
// encryption dictionary, must not be among them.
func (n *NewFile) Pack(refs ...Ref) {
	n.xrefStream = true
	n.packed = append(n.packed, refs...)
}

// WriteTo writes the document.
func (n *NewFile) WriteTo(w io.Writer) (int64, error) {
	if n.trailer["Root"] == nil {
		return 0, errors.New("pdf: the trailer of a new document has no Root")
	}
	s := &serializer{}
	// Four bytes above 127 in a comment tell transfer programs that the file is binary (ISO 32000-2 §7.5.2).
	s.text("%PDF-" + n.version + "\n%\xe2\xe3\xcf\xd3\n")
	x := &xrefWriter{next: uint32(len(n.objects) + 1), entries: []entry{{kind: free, gen: 65535}}}
	write := func(r Ref, o Object) error {
		crypt := n.crypt
		if r == n.encryptRef {
			crypt = nil
		}
		o, err := ready(crypt, n.iv, r, o)
		if err != nil {
			return err
		}
		x.entries = append(x.entries, entry{num: r.Num, kind: inFile, off: int64(len(s.buf))})
		return s.object(r, o)
	}
	for i, o := range n.objects {
		r := Ref{Num: uint32(i + 1)}
		if slices.Contains(n.packed, r) {
			continue
		}
		if err := write(r, o); err != nil {
			return 0, err
		}
	}
	if len(n.packed) > 0 {
		container := Ref{Num: x.next}
		x.next++
		st, err := n.objectStream()
		if err != nil {
			return 0, err
		}
		if err := write(container, st); err != nil {
			return 0, err
		}
		for i, r := range n.packed {
			x.entries = append(x.entries, entry{num: r.Num, kind: inStream, off: int64(container.Num), gen: uint16(i), idx: uint8(i >> 16)})
		}
	}
	trailer := Dict{"Size": Integer(x.next)}
	for k, o := range n.trailer {
		trailer[k] = o
	}
	if trailer["ID"] == nil {
		id := s.digestID(0, "")
		trailer["ID"] = Array{id, id}
	}
	at := int64(len(s.buf))
	var err error
	if n.xrefStream {
		err = x.stream(s, at, trailer)
	} else {
		err = x.table(s, trailer)
	}
	if err != nil {
		return 0, err
	}
	s.end(at)
	k, err := w.Write(s.buf)
	return int64(k), err
}

// objectStream writes the packed objects one after the other, with a head of numbers and places.
func (n *NewFile) objectStream() (*Stream, error) {
	var head []byte
	s := &serializer{}
	for _, r := range n.packed {
		head = strconv.AppendUint(head, uint64(r.Num), 10)
		head = append(head, ' ')
		head = strconv.AppendInt(head, int64(len(s.buf)), 10)
		head = append(head, '\n')
		if err := s.value(n.objects[r.Num-1]); err != nil {
			return nil, fmt.Errorf("object %d: %w", r.Num, err)
		}
		s.text("\n")
	}
	d := Dict{"Type": Name("ObjStm"), "N": Integer(len(n.packed)), "First": Integer(len(head))}
	return DeflateStream(d, append(head, s.buf...)), nil
}
