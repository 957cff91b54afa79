package pades_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"

	"absah/internal/pdf"
)

// xrefForm is how a revision writes its cross reference.
type xrefForm int

const (
	asTable xrefForm = iota
	asStream
	asHybrid // a table, and beside it a stream that names the objects (ISO 32000-2 §7.5.8.4)
)

// spelled is a value in the words of the file.
type spelled string

type written struct {
	ref    pdf.Ref
	value  pdf.Object
	packed bool // into an object stream, where the form has one
	unseen bool // written, and named by no cross reference
}

type pointed struct {
	num, gen int64
	kind     byte // 0 free, 1 in the file, 2 in an object stream
	a        int64
	b        int64
}

// revision is what is appended: anything that the syntax of an update can say, also what no writer would.
type revision struct {
	f       *pdf.File
	v       *pdf.View
	objects []written
	entries []pointed // beside those of the objects
	slots   []written // lie in the object stream and are named by no cross reference
	trailer pdf.Dict  // changes: nil takes a key away
	form    xrefForm
	twice   []pointed // further entries of a hybrid section, in its table; of others beside the entries
	prev    int64     // 0: the newest section
	lost    bool      // startxref names the old section
	next    uint32
}

func newRevision(f *pdf.File) *revision {
	r := &revision{f: f, v: f.Latest(), trailer: pdf.Dict{}}
	r.next = r.v.MaxObject() + 1
	if revs := f.Revisions(); revs[len(revs)-1].Kind == pdf.XrefStream {
		r.form = asStream
	}
	return r
}

func (r *revision) alloc() pdf.Ref {
	r.next++
	return pdf.Ref{Num: r.next - 1}
}

func (r *revision) add(o pdf.Object) pdf.Ref {
	ref := r.alloc()
	r.set(ref, o)
	return ref
}

func (r *revision) set(ref pdf.Ref, o pdf.Object) {
	o = r.writable(o)
	for i := range r.objects {
		if r.objects[i].ref.Num == ref.Num {
			r.objects[i].value = o
			return
		}
	}
	r.objects = append(r.objects, written{ref: ref, value: o})
}

func (r *revision) get(o pdf.Object) pdf.Object {
	if ref, ok := o.(pdf.Ref); ok {
		for _, w := range r.objects {
			if w.ref.Num == ref.Num {
				return w.value
			}
		}
	}
	x, err := r.v.Resolve(o)
	if err != nil {
		return nil
	}
	return x
}

func (r *revision) dict(o pdf.Object) pdf.Dict {
	d, _ := r.get(o).(pdf.Dict)
	return d
}

func (r *revision) array(o pdf.Object) pdf.Array {
	a, _ := r.get(o).(pdf.Array)
	return a
}

// edit overrides a dictionary with some keys changed; a nil value removes the key.
func (r *revision) edit(o pdf.Object, keys pdf.Dict) bool {
	ref, ok := o.(pdf.Ref)
	d := r.dict(o)
	if !ok || d == nil {
		return false
	}
	out := pdf.Dict{}
	for k, x := range d {
		out[k] = x
	}
	for k, x := range keys {
		if x == nil {
			delete(out, k)
		} else {
			out[k] = x
		}
	}
	r.set(ref, out)
	return true
}

// writable makes a value that was read one that can be written: the data of streams is taken out of the file.
func (r *revision) writable(o pdf.Object) pdf.Object {
	s, ok := o.(*pdf.Stream)
	if !ok || s.Place() == (pdf.Span{}) {
		return o
	}
	b, err := r.v.StreamData(s, 1<<20)
	if err != nil {
		return r.verbatim(o) // its filters are not understood
	}
	d := pdf.Dict{}
	for k, x := range s.Dict {
		if k != "Filter" && k != "DecodeParms" && k != "Length" {
			d[k] = x
		}
	}
	return pdf.NewStream(d, b)
}

// verbatim is the same without decoding: what is written is equal to what was read.
func (r *revision) verbatim(o pdf.Object) pdf.Object {
	s, ok := o.(*pdf.Stream)
	if !ok {
		return o
	}
	b, err := r.v.RawStream(s)
	if err != nil {
		return o
	}
	return pdf.NewStream(s.Dict, b)
}

// bytes writes the revision. What is encrypted is left to the writer of the package, which knows how: the forms are then those that
// it has.
func (r *revision) bytes(doc []byte) ([]byte, error) {
	if r.f.Encryption() != nil {
		return r.byUpdate(doc)
	}
	out := slices.Clone(doc)
	if out[len(out)-1] != '\n' && out[len(out)-1] != '\r' {
		out = append(out, '\n')
	}
	list := slices.Clone(r.entries)
	var inside []written
	for _, w := range r.objects {
		_, stream := w.value.(*pdf.Stream)
		_, literal := w.value.(spelled)
		if w.packed && !stream && !literal && r.form != asTable && w.ref.Gen == 0 {
			inside = append(inside, w)
			continue
		}
		if !w.unseen {
			list = append(list, pointed{num: int64(w.ref.Num), gen: int64(w.ref.Gen), kind: 1, a: int64(len(out)), b: int64(w.ref.Gen)})
		}
		out = appendObject(out, w.ref, w.value)
	}
	if len(inside)+len(r.slots) > 0 && r.form != asTable {
		box := r.alloc()
		var head, body []byte
		for i, w := range append(slices.Clone(inside), r.slots...) {
			head = fmt.Appendf(head, "%d %d ", w.ref.Num, len(body))
			body = append(appendValue(body, w.value), '\n')
			if i < len(inside) {
				list = append(list, pointed{num: int64(w.ref.Num), kind: 2, a: int64(box.Num), b: int64(i)})
			}
		}
		list = append(list, pointed{num: int64(box.Num), kind: 1, a: int64(len(out))})
		n := len(inside) + len(r.slots)
		out = appendObject(out, box, pdf.NewStream(pdf.Dict{"Type": pdf.Name("ObjStm"), "N": pdf.Integer(n), "First": pdf.Integer(len(head))}, append(head, body...)))
	}
	prev := r.prev
	if prev == 0 {
		revs := r.f.Revisions()
		prev = revs[len(revs)-1].StartXref
	}
	trailer := pdf.Dict{}
	for k, x := range r.v.Trailer() {
		trailer[k] = x
	}
	trailer["Prev"] = pdf.Integer(prev)
	if _, root, err := r.v.Catalog(); err == nil {
		trailer["Root"] = root
	}
	for k, x := range r.trailer {
		if trailer[k] = x; x == nil {
			delete(trailer, k)
		}
	}
	start := len(out)
	switch r.form {
	case asStream:
		self := r.alloc()
		list = append(append(list, pointed{num: int64(self.Num), kind: 1, a: int64(start)}), r.twice...)
		out = appendXrefStream(out, self, list, trailer, r.next)
	case asHybrid:
		self := r.alloc()
		at := len(out)
		inner := pdf.Dict{}
		for k, x := range trailer {
			if k != "Prev" {
				inner[k] = x
			}
		}
		out = appendXrefStream(out, self, list, inner, r.next)
		start = len(out)
		trailer["XRefStm"] = pdf.Integer(at)
		out = appendTable(out, r.twice, trailer, r.next)
	default:
		out = appendTable(out, append(list, r.twice...), trailer, r.next)
	}
	if r.lost {
		start = int(prev)
	}
	return fmt.Appendf(out, "startxref\n%d\n%%%%EOF\n", start), nil
}

func (r *revision) byUpdate(doc []byte) ([]byte, error) {
	u, err := pdf.NewUpdate(r.f)
	if err != nil {
		return nil, err
	}
	for _, w := range r.objects {
		u.Set(w.ref, w.value)
	}
	for k, x := range r.trailer {
		if x != nil {
			u.SetTrailer(k, x)
		}
	}
	a, err := u.Bytes("")
	if err != nil {
		return nil, err
	}
	return append(slices.Clone(doc), a.Bytes...), nil
}

func appendTable(out []byte, list []pointed, trailer pdf.Dict, next uint32) []byte {
	out = append(out, "xref\n"...)
	slices.SortStableFunc(list, func(a, b pointed) int { return int(a.num - b.num) })
	if len(list) == 0 {
		out = append(out, "0 0\n"...)
	}
	for i := 0; i < len(list); {
		k := i + 1
		for k < len(list) && list[k].num == list[k-1].num+1 {
			k++
		}
		out = fmt.Appendf(out, "%d %d\n", list[i].num, k-i)
		for ; i < k; i++ {
			kind := 'n'
			if list[i].kind == 0 {
				kind = 'f'
			}
			out = fmt.Appendf(out, "%010d %05d %c \n", list[i].a, list[i].b, kind)
		}
	}
	if trailer["Size"] == nil || trailer["Size"].(pdf.Integer) < pdf.Integer(next) {
		trailer["Size"] = pdf.Integer(next)
	}
	return append(appendValue(append(out, "trailer\n"...), trailer), '\n')
}

func appendXrefStream(out []byte, self pdf.Ref, list []pointed, trailer pdf.Dict, next uint32) []byte {
	slices.SortStableFunc(list, func(a, b pointed) int { return int(a.num - b.num) })
	d := pdf.Dict{"Type": pdf.Name("XRef"), "W": nums(1, 4, 2), "Size": pdf.Integer(next)}
	for k, x := range trailer {
		if k != "Size" {
			d[k] = x
		}
	}
	var index pdf.Array
	var data []byte
	for i, e := range list {
		if i == 0 || e.num != list[i-1].num+1 {
			index = append(index, pdf.Integer(e.num), pdf.Integer(0))
		}
		index[len(index)-1] = index[len(index)-1].(pdf.Integer) + 1
		data = append(data, e.kind, byte(e.a>>24), byte(e.a>>16), byte(e.a>>8), byte(e.a), byte(e.b>>8), byte(e.b))
	}
	d["Index"] = index
	if len(list) == 0 {
		d["Index"] = nums(0, 0)
	}
	return appendObject(out, self, pdf.NewStream(d, data))
}

func appendObject(out []byte, ref pdf.Ref, o pdf.Object) []byte {
	out = fmt.Appendf(out, "%d %d obj\n", ref.Num, ref.Gen)
	return append(appendValue(out, o), "\nendobj\n"...)
}

// appendValue writes a value the plainest way.
func appendValue(out []byte, o pdf.Object) []byte {
	switch x := o.(type) {
	case nil:
		return append(out, "null"...)
	case bool:
		return strconv.AppendBool(out, x)
	case pdf.Integer:
		return strconv.AppendInt(out, int64(x), 10)
	case pdf.Real:
		return strconv.AppendFloat(out, float64(x), 'f', -1, 64)
	case spelled:
		return append(out, x...)
	case pdf.String:
		return fmt.Appendf(out, "<%x>", string(x))
	case pdf.Name:
		out = append(out, '/')
		for _, c := range []byte(x) {
			if c <= ' ' || c >= 0x7f || bytes.IndexByte([]byte("#/()<>[]{}%"), c) >= 0 {
				out = fmt.Appendf(out, "#%02x", c)
			} else {
				out = append(out, c)
			}
		}
		return out
	case pdf.Ref:
		return fmt.Appendf(out, "%d %d R", x.Num, x.Gen)
	case pdf.Array:
		out = append(out, '[')
		for i, y := range x {
			if i > 0 {
				out = append(out, ' ')
			}
			out = appendValue(out, y)
		}
		return append(out, ']')
	case pdf.Dict:
		out = append(out, "<<"...)
		for _, k := range sorted(x) {
			out = append(appendValue(append(appendValue(out, k), ' '), x[k]), '\n')
		}
		return append(out, ">>"...)
	case *pdf.Stream:
		raw := streamBytes(x)
		d := pdf.Dict{"Length": pdf.Integer(len(raw))}
		for k, y := range x.Dict {
			if k != "Length" {
				d[k] = y
			}
		}
		out = append(appendValue(out, d), "\nstream\n"...)
		return append(append(out, raw...), "\nendstream"...)
	}
	panic(fmt.Sprintf("a value of type %T", o))
}

func pick[T any](rng *rand.Rand, list []T) (x T, ok bool) {
	if len(list) == 0 {
		return x, false
	}
	return list[rng.IntN(len(list))], true
}

// streamBytes is the data of a stream that was made to be written.
func streamBytes(s *pdf.Stream) []byte {
	b, err := new(pdf.View).RawStream(s)
	if err != nil {
		panic(err)
	}
	return b
}
