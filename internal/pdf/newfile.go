package pdf

import (
	"fmt"
	"io"
	"strconv"
)

// NewFile is a complete new document in the making, with a classic cross-reference table.
type NewFile struct {
	version string
	objects []Object
	trailer Dict
}

// NewDocument begins a document of the given version, as "1.7".
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

// WriteTo writes the document.
func (n *NewFile) WriteTo(w io.Writer) (int64, error) {
	s := &serializer{marks: map[string]int{}}
	// Four bytes above 127 in a comment tell transfer programs that the file is binary (ISO 32000-2 §7.5.2).
	s.raw("%PDF-" + n.version + "\n%\xe2\xe3\xcf\xd3\n")
	u := &Update{f: &File{}, objects: map[Ref]Object{}}
	offsets := make([]int, len(n.objects))
	for i, o := range n.objects {
		r := Ref{Num: uint32(i + 1)}
		u.objects[r] = o
		offsets[i] = len(s.buf)
		if err := u.object(s, r); err != nil {
			return 0, fmt.Errorf("object %d: %w", r.Num, err)
		}
	}
	at := len(s.buf)
	s.raw("xref\n0 " + strconv.Itoa(len(n.objects)+1) + "\n")
	s.entry(entry{gen: 65535}, 0)
	for _, off := range offsets {
		s.entry(entry{kind: inFile, off: int64(off)}, 0)
	}
	trailer := Dict{"Size": Integer(len(n.objects) + 1)}
	for k, x := range n.trailer {
		trailer[k] = x
	}
	if trailer["ID"] == nil {
		u.v = &View{f: u.f}
		trailer["ID"] = u.id(s.buf)
	}
	s.raw("trailer\n")
	if err := s.dict(trailer); err != nil {
		return 0, err
	}
	s.raw("\nstartxref\n" + strconv.Itoa(at) + "\n%%EOF\n")
	m, err := w.Write(s.buf)
	return int64(m), err
}
