package pades_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"absah/internal/pdf"
	"absah/internal/testkit"
	"absah/pades"
)

// want is what a manipulation must be judged as. They are in order: of several the last counts.
type want int

const (
	wantSame       want = iota // allowed after every signature: the verdict stays
	wantForm                   // filling in and signing: noted, and refused after a certification with permission 1
	wantAnnotation             // noted, and refused after a certification with permission 1 or 2
	wantNoted                  // noted at best; a stricter judge may refuse it
	wantPicture                // whatever it is: valid only where the same is shown
	wantNever                  // refused
)

var wantNames = [...]string{"allowed", "form", "annotation", "noted at best", "by what is shown", "never"}

// grammar makes the revisions of one manipulation.
type grammar struct {
	rng  *rand.Rand
	base *manipulated
	p    *testkit.PKI
	keep *guarded
	last byte // of the document that a revision is appended to
}

// production is one rule of the grammar. It reports false where the document has nothing to apply it to.
type production struct {
	name  string
	share int // how often, relative to the others
	// one changes a revision in the making; several productions can meet in it.
	one func(g *grammar, r *revision) (want, bool)
	// whole makes complete revisions.
	whole func(g *grammar, doc []byte) ([]byte, want, bool)
}

func (g *grammar) n(n int) int       { return g.rng.IntN(n) }
func (g *grammar) chance(n int) bool { return g.rng.IntN(n) == 0 }

func (g *grammar) text() string { return fmt.Sprintf("(%d.000) Tj", 2+g.n(8)) }

func (g *grammar) drawn() *pdf.Stream { return look(g.text()) }

// content is the text of a page that no base has.
func (g *grammar) content() *pdf.Stream {
	return pdf.NewStream(pdf.Dict{}, fmt.Appendf(nil, "BT /F1 24 Tf 72 720 Td (Bayar %d.000) Tj ET", 2+g.n(8)))
}

// numbers are those of the objects in use, cross-reference streams and object streams left out.
func (g *grammar) numbers(r *revision) (out []uint32) {
	for n := uint32(1); n <= r.v.MaxObject(); n++ {
		if e, ok := r.v.Lookup(n); !ok || e.Free {
			continue
		}
		o, err := r.v.Get(pdf.Ref{Num: n})
		if err != nil {
			continue
		}
		if s, ok := o.(*pdf.Stream); ok && (s.Dict["Type"] == pdf.Object(pdf.Name("XRef")) || s.Dict["Type"] == pdf.Object(pdf.Name("ObjStm"))) {
			continue
		}
		out = append(out, n)
	}
	return out
}

func (g *grammar) page(r *revision) (pdf.Ref, pdf.Dict, bool) {
	n, err := r.v.Pages()
	if err != nil || n == 0 {
		return pdf.Ref{}, nil, false
	}
	p, err := r.v.Page(g.n(n))
	if err != nil || p.Ref == (pdf.Ref{}) {
		return pdf.Ref{}, nil, false
	}
	return p.Ref, r.dict(p.Ref), true
}

// drawnObjects are the numbers of what pages are drawn with: contents, fonts, pictures, graphics states and what these name.
func (g *grammar) drawnObjects(r *revision) (out []uint32) {
	seen := map[uint32]bool{}
	var walk func(o pdf.Object, depth int)
	walk = func(o pdf.Object, depth int) {
		if depth > 8 {
			return
		}
		if ref, ok := o.(pdf.Ref); ok {
			if seen[ref.Num] {
				return
			}
			if e, ok := r.v.Lookup(ref.Num); !ok || e.Free {
				return
			}
			seen[ref.Num] = true
			out = append(out, ref.Num)
			o = r.get(o)
		}
		switch x := o.(type) {
		case pdf.Array:
			for _, y := range x {
				walk(y, depth+1)
			}
		case pdf.Dict:
			for _, k := range sorted(x) {
				if k != "Parent" {
					walk(x[k], depth+1)
				}
			}
		case *pdf.Stream:
			for _, k := range sorted(x.Dict) {
				walk(x.Dict[k], depth+1)
			}
		}
	}
	n, err := r.v.Pages()
	if err != nil {
		return nil
	}
	for i := range n {
		p, err := r.v.Page(i)
		if err != nil {
			return out
		}
		walk(p.Dict["Contents"], 0)
		for d, k := p.Dict, 0; d != nil && k < 8; d, k = r.dict(d["Parent"]), k+1 {
			walk(d["Resources"], 0)
		}
	}
	return out
}

func (g *grammar) catalog(r *revision) (pdf.Dict, pdf.Ref, bool) {
	_, ref, err := r.v.Catalog()
	if err != nil {
		return nil, ref, false
	}
	d := r.dict(ref)
	return d, ref, d != nil
}

// field is one of a type that is no signature yet.
func (g *grammar) field(r *revision, typ pdf.Name) (pdf.Field, bool) {
	fields, err := r.v.Fields()
	if err != nil {
		return pdf.Field{}, false
	}
	fields = slices.DeleteFunc(fields, func(f pdf.Field) bool {
		return f.Type != typ || f.Ref == (pdf.Ref{}) || typ == "Sig" && f.Value != nil || r.dict(f.Ref) == nil
	})
	return pick(g.rng, fields)
}

// signed is a field with a signature.
func (g *grammar) signed(r *revision) (pdf.Field, bool) {
	fields, err := r.v.Fields()
	if err != nil {
		return pdf.Field{}, false
	}
	fields = slices.DeleteFunc(fields, func(f pdf.Field) bool {
		return f.Type != "Sig" || f.Value == nil || f.Ref == (pdf.Ref{}) || r.dict(f.Value) == nil
	})
	return pick(g.rng, fields)
}

// value is anything.
func (g *grammar) value(r *revision, depth int) pdf.Object {
	switch k := g.n(12); {
	case k == 0:
		return nil
	case k == 1:
		return g.chance(2)
	case k == 2:
		return pdf.Integer(g.n(2000) - 1000)
	case k == 3:
		return pdf.Real(float64(g.n(20000)) / 7)
	case k == 4:
		return pdf.String(g.text())
	case k == 5:
		name, _ := pick(g.rng, []pdf.Name{"Page", "Pages", "Catalog", "Font", "XObject", "Annot", "Sig", "Metadata", "DSS", "Form", "Tx", "Off"})
		return name
	case k < 9:
		if list := g.numbers(r); len(list) > 0 {
			return pdf.Ref{Num: list[g.n(len(list))]}
		}
		return nil
	case k == 9 && depth < 3:
		out := pdf.Array{}
		for range g.n(4) {
			out = append(out, g.value(r, depth+1))
		}
		return out
	case k == 10 && depth < 3:
		out := pdf.Dict{}
		for range g.n(4) {
			out[g.key()] = g.value(r, depth+1)
		}
		return out
	}
	if depth > 0 {
		return pdf.Integer(g.n(9))
	}
	return g.drawn()
}

func (g *grammar) key() pdf.Name {
	k, _ := pick(g.rng, []pdf.Name{
		"Type", "Subtype", "Kids", "Count", "Parent", "Contents", "Resources", "Annots", "MediaBox", "Rotate", "AP", "V", "FT", "T", "Ff", "F", "Rect", "AA", "A", "OC", "P",
		"Font", "XObject", "N", "Fields", "DSS", "Metadata", "AcroForm", "StructTreeRoot", "Perms", "Names", "OpenAction", "XFA", "DR", "DA", "K", "Filter", "Length",
	})
	return k
}

// mutate gives another value of the same kind.
func (g *grammar) mutate(r *revision, o pdf.Object) pdf.Object {
	switch x := o.(type) {
	case pdf.Dict:
		out := pdf.Dict{}
		for k, y := range x {
			out[k] = y
		}
		keys := sorted(out)
		if k, ok := pick(g.rng, keys); ok && !g.chance(3) {
			switch g.n(3) {
			case 0:
				delete(out, k)
			case 1:
				out[k] = g.value(r, 1)
			default:
				out[k] = g.mutate(r, out[k])
			}
			return out
		}
		out[g.key()] = g.value(r, 1)
		return out
	case pdf.Array:
		out := slices.Clone(x)
		if len(out) == 0 || g.chance(4) {
			return append(out, g.value(r, 1))
		}
		i := g.n(len(out))
		switch g.n(4) {
		case 0:
			return slices.Delete(out, i, i+1)
		case 1:
			out[i], out[0] = out[0], out[i]
		case 2:
			out[i] = g.value(r, 1)
		default:
			out[i] = g.mutate(r, out[i])
		}
		return out
	case *pdf.Stream:
		w := r.writable(x).(*pdf.Stream)
		b := slices.Clone(streamBytes(w))
		d := w.Dict
		if len(b) > 0 && !g.chance(3) {
			b[g.n(len(b))] ^= byte(1 + g.n(255))
		} else {
			d = g.mutate(r, d).(pdf.Dict)
		}
		return pdf.NewStream(d, b)
	case pdf.Integer:
		return x + pdf.Integer(1+g.n(9))
	case pdf.Ref:
		if list := g.numbers(r); len(list) > 0 {
			return pdf.Ref{Num: list[g.n(len(list))]}
		}
	}
	return g.value(r, 1)
}

// override gives an object another value; it reports false when the new one is the old one.
func (g *grammar) override(r *revision, num uint32, o pdf.Object) bool {
	e, ok := r.v.Lookup(num)
	if !ok || e.Free {
		return false
	}
	ref := pdf.Ref{Num: num, Gen: e.Gen}
	was, err := r.v.Get(ref)
	if err != nil || bytes.Equal(appendValue(nil, plainest(r.writable(was))), appendValue(nil, plainest(r.writable(o)))) {
		return false
	}
	r.set(ref, o)
	return true
}

// plainest leaves out what means nothing: null values of dictionaries, and the length of streams, which is written anew.
func plainest(o pdf.Object) pdf.Object {
	switch x := o.(type) {
	case pdf.Dict:
		out := pdf.Dict{}
		for k, y := range x {
			if y != nil {
				out[k] = plainest(y)
			}
		}
		return out
	case pdf.Array:
		out := pdf.Array{}
		for _, y := range x {
			out = append(out, plainest(y))
		}
		return out
	case *pdf.Stream:
		d := plainest(x.Dict).(pdf.Dict)
		delete(d, "Length")
		return pdf.NewStream(d, streamBytes(x))
	case pdf.Real:
		if x == pdf.Real(int64(x)) {
			return pdf.Integer(x)
		}
	}
	return o
}

// relisted gives an entry of a dictionary that is a list another list, wherever it is written.
func (g *grammar) relisted(r *revision, home pdf.Ref, key pdf.Name, list pdf.Array) bool {
	if ref, ok := r.dict(home)[key].(pdf.Ref); ok && r.array(ref) != nil {
		r.set(ref, list)
		return true
	}
	return r.edit(home, pdf.Dict{key: list})
}

// set changes one key of the catalog, to something that it was not.
func (g *grammar) inCatalog(r *revision, key pdf.Name, o pdf.Object) bool {
	d, ref, ok := g.catalog(r)
	if !ok || bytes.Equal(appendValue(nil, d[key]), appendValue(nil, o)) {
		return false
	}
	return r.edit(ref, pdf.Dict{key: o})
}

func (g *grammar) form(r *revision) (pdf.Dict, pdf.Ref, bool) {
	d, _, ok := g.catalog(r)
	if !ok {
		return nil, pdf.Ref{}, false
	}
	ref, ok := d["AcroForm"].(pdf.Ref)
	f := r.dict(ref)
	return f, ref, ok && f != nil
}

// addField puts a new field with its widget on a page.
func (g *grammar) addField(r *revision, d pdf.Dict) bool {
	page, pd, ok := g.page(r)
	form, home, ok2 := g.form(r)
	if !ok || !ok2 {
		return false
	}
	d["Type"], d["Subtype"], d["P"], d["F"] = pdf.Name("Annot"), pdf.Name("Widget"), page, pdf.Integer(4)
	d["T"] = pdf.String(fmt.Sprintf("Baru%d", g.n(1e9)))
	ref := r.add(d)
	return g.relisted(r, home, "Fields", append(slices.Clone(r.array(form["Fields"])), ref)) &&
		g.relisted(r, page, "Annots", append(slices.Clone(r.array(pd["Annots"])), ref))
}

func (g *grammar) rect() pdf.Array {
	x, y := int64(g.n(400)), int64(g.n(700))
	return nums(x, y, x+20+int64(g.n(100)), y+10+int64(g.n(50)))
}

// blank is a place on which none of the bases shows anything.
func (g *grammar) blank() pdf.Array { return nums(440, 20, 480, 40) }

func (g *grammar) addAnnotation(r *revision, d pdf.Dict) bool {
	page, pd, ok := g.page(r)
	if !ok {
		return false
	}
	d["Type"] = pdf.Name("Annot")
	return g.relisted(r, page, "Annots", append(slices.Clone(r.array(pd["Annots"])), r.add(d)))
}

// annotation is one that is no part of a field.
func (g *grammar) annotation(r *revision) (page pdf.Ref, list pdf.Array, i int, ok bool) {
	page, pd, ok := g.page(r)
	if !ok {
		return page, nil, 0, false
	}
	list = r.array(pd["Annots"])
	var at []int
	for i, o := range list {
		if d := r.dict(o); d != nil && d["FT"] == nil && d["Subtype"] != pdf.Object(pdf.Name("Widget")) && d["Parent"] == nil {
			at = append(at, i)
		}
	}
	i, ok = pick(g.rng, at)
	return page, list, i, ok
}

func never(ok bool) (want, bool)     { return wantNever, ok }
func byPicture(ok bool) (want, bool) { return wantPicture, ok }

// raw is for what the package's own writer cannot say, which writes encrypted documents.
func raw(do func(g *grammar, r *revision) (want, bool)) func(g *grammar, r *revision) (want, bool) {
	return func(g *grammar, r *revision) (want, bool) {
		if r.f.Encryption() != nil {
			return 0, false
		}
		return do(g, r)
	}
}

// steps makes one revision after the other out of what is needed together.
func steps(w want, do ...func(g *grammar, r *revision, memory map[string]pdf.Ref) bool) func(g *grammar, doc []byte) ([]byte, want, bool) {
	return func(g *grammar, doc []byte) ([]byte, want, bool) {
		memory := map[string]pdf.Ref{}
		for _, f := range do {
			file, err := pdf.Open(pdf.Memory(doc), int64(len(doc)), pdf.OpenOptions{})
			if err != nil {
				return nil, 0, false
			}
			if _, _, err := file.Latest().Catalog(); err != nil {
				return nil, 0, false
			}
			r := newRevision(file)
			if file.Encryption() != nil && w == wantNever && memory["raw"] != (pdf.Ref{}) {
				return nil, 0, false
			}
			if !f(g, r, memory) {
				return nil, 0, false
			}
			if doc, err = r.bytes(doc); err != nil {
				return nil, 0, false
			}
		}
		return doc, w, true
	}
}

// victim remembers something that a page is drawn with.
func (g *grammar) victim(r *revision, memory map[string]pdf.Ref) (pdf.Ref, bool) {
	n, ok := pick(g.rng, g.drawnObjects(r))
	memory["victim"] = pdf.Ref{Num: n}
	return memory["victim"], ok
}

// strike changes what was remembered.
func strike(g *grammar, r *revision, memory map[string]pdf.Ref) bool {
	o, err := r.v.Get(memory["victim"])
	if err != nil {
		return false
	}
	if _, ok := o.(*pdf.Stream); ok && g.chance(2) {
		return g.override(r, memory["victim"].Num, g.content())
	}
	return g.override(r, memory["victim"].Num, g.mutate(r, o))
}

// productions is the grammar.
var productions = []production{
	// What is allowed after every signature (ISO 32000-2 §12.8.2.2.2, EN 319 142-1 §5.4).
	{"nothing in a revision of its own", 2, func(*grammar, *revision) (want, bool) { return wantSame, true }, nil},
	{"an object written again as it is", 3, func(g *grammar, r *revision) (want, bool) {
		n, ok := pick(g.rng, g.numbers(r))
		if !ok {
			return 0, false
		}
		e, _ := r.v.Lookup(n)
		ref := pdf.Ref{Num: n, Gen: e.Gen}
		o, err := r.v.Get(ref)
		d, _ := o.(pdf.Dict)
		if err != nil || d["ByteRange"] != nil || d["Filter"] == pdf.Object(pdf.Name("Standard")) {
			return 0, false
		}
		r.set(ref, r.verbatim(o))
		if s, ok := o.(*pdf.Stream); ok {
			if b, err := r.v.RawStream(s); err != nil || bytes.Contains(b, []byte(" obj")) {
				return wantNever, true // a copy of what hides an object: a reader that searches takes it for the newest one
			}
		}
		return wantSame, true
	}, nil},
	{"an entry of the cross reference repeated", 2, raw(func(g *grammar, r *revision) (want, bool) {
		n, ok := pick(g.rng, g.numbers(r))
		e, _ := r.v.Lookup(n)
		if !ok || e.Stream != 0 {
			return 0, false
		}
		r.entries = append(r.entries, pointed{num: int64(n), kind: 1, a: e.Offset, b: int64(e.Gen)})
		return wantSame, true
	}), nil},
	{"security store made or grown", 6, func(g *grammar, r *revision) (want, bool) {
		d, root, ok := g.catalog(r)
		if !ok {
			return 0, false
		}
		data := func() pdf.Ref { return r.add(pdf.NewStream(pdf.Dict{}, g.p.Issuing.Certificate.Raw)) }
		kind, _ := pick(g.rng, []pdf.Name{"Certs", "CRLs", "OCSPs"})
		if store := r.dict(d["DSS"]); store != nil {
			list := append(slices.Clone(r.array(store[kind])), data())
			if at, ok := store[kind].(pdf.Ref); ok {
				r.set(at, list)
				return wantSame, true
			}
			if at, ok := d["DSS"].(pdf.Ref); ok {
				return wantSame, r.edit(at, pdf.Dict{kind: list})
			}
			out := pdf.Dict{}
			for k, x := range store {
				out[k] = x
			}
			out[kind] = list
			return wantSame, r.edit(root, pdf.Dict{"DSS": out})
		}
		store := pdf.Dict{"Certs": pdf.Array{data()}, "Type": pdf.Name("DSS")}
		if g.chance(2) {
			store["Certs"] = r.add(pdf.Array{data(), data()})
		}
		if g.chance(2) {
			store["VRI"] = r.add(pdf.Dict{"0123456789ABCDEF0123456789ABCDEF01234567": pdf.Dict{"Cert": pdf.Array{data()}}})
		}
		return wantSame, r.edit(root, pdf.Dict{"DSS": r.add(store)})
	}, nil},
	{"properties", 3, func(g *grammar, r *revision) (want, bool) {
		if g.chance(2) {
			r.trailer["Info"] = r.add(pdf.Dict{"Title": pdf.String(g.text())})
			return wantSame, true
		}
		return wantSame, g.inCatalog(r, "Metadata", r.add(pdf.NewStream(pdf.Dict{"Type": pdf.Name("Metadata"), "Subtype": pdf.Name("XML")}, []byte("<x:xmpmeta>"+g.text()+"</x:xmpmeta>"))))
	}, nil},
	{"version and extensions", 2, func(g *grammar, r *revision) (want, bool) {
		if g.chance(2) {
			return wantSame, g.inCatalog(r, "Version", pdf.Name("2.0"))
		}
		return wantSame, g.inCatalog(r, "Extensions", pdf.Dict{"ESIC": pdf.Dict{"BaseVersion": pdf.Name("1.7"), "ExtensionLevel": pdf.Integer(1 + g.n(9))}})
	}, nil},
	{"catalog under another number", 2, raw(func(g *grammar, r *revision) (want, bool) {
		d, _, ok := g.catalog(r)
		if !ok {
			return 0, false
		}
		r.trailer["Root"] = r.add(d)
		return wantSame, true
	}), nil},
	{"white space behind the end", 1, nil, func(g *grammar, doc []byte) ([]byte, want, bool) {
		return append(slices.Clone(doc), strings.Repeat([]string{"\n", " ", "\r\n"}[g.n(3)], 1+g.n(9))...), wantSame, true
	}},
	{restore, 1, nil, func(g *grammar, doc []byte) ([]byte, want, bool) {
		var out bytes.Buffer
		err := pades.Extend(context.Background(), &out, pdf.Memory(doc), int64(len(doc)), pades.ExtendOptions{Level: pades.LevelLTA, Time: g.p.Now, Timestamper: g.keep, Fetcher: g.keep})
		return out.Bytes(), wantSame, err == nil
	}},

	// Filling in and signing.
	{"text filled in", 5, func(g *grammar, r *revision) (want, bool) {
		f, ok := g.field(r, "Tx")
		if !ok {
			return 0, false
		}
		w := wantForm
		if g.base.locked[f.FullName] {
			w = wantNever
		}
		return w, r.edit(f.Ref, pdf.Dict{"V": pdf.String(g.text() + fmt.Sprint(g.n(1e9))), "AP": pdf.Dict{"N": r.add(g.drawn())}})
	}, nil},
	{"box ticked", 3, func(g *grammar, r *revision) (want, bool) {
		f, ok := g.field(r, "Btn")
		if !ok {
			return 0, false
		}
		state := pdf.Name("Ya")
		if r.dict(f.Ref)["AS"] == pdf.Object(state) {
			state = "Off"
		}
		return wantForm, r.edit(f.Ref, pdf.Dict{"V": state, "AS": state})
	}, nil},
	{"settings of the form", 2, func(g *grammar, r *revision) (want, bool) {
		d, ref, ok := g.form(r)
		if !ok {
			return 0, false
		}
		if g.chance(2) {
			return wantForm, r.edit(ref, pdf.Dict{"DA": pdf.String(fmt.Sprintf("/F1 %d Tf 0 g", 13+g.n(1e9)))})
		}
		dr, fonts := pdf.Dict{}, pdf.Dict{}
		for k, x := range r.dict(d["DR"]) {
			dr[k] = x
		}
		for k, x := range r.dict(dr["Font"]) {
			fonts[k] = x
		}
		fonts[pdf.Name(fmt.Sprintf("B%d", g.n(1e9)))] = r.add(pdf.Dict{"Type": pdf.Name("Font"), "Subtype": pdf.Name("Type1"), "BaseFont": pdf.Name("Courier")})
		dr["Font"] = fonts
		return wantForm, r.edit(ref, pdf.Dict{"DR": dr})
	}, nil},
	{"a font of the page that nothing names", 2, func(g *grammar, r *revision) (want, bool) {
		ref, page, ok := g.page(r)
		if !ok || r.dict(page["Resources"]) == nil {
			return 0, false
		}
		if _, direct := page["Resources"].(pdf.Dict); !direct {
			return 0, false
		}
		res, fonts := pdf.Dict{}, pdf.Dict{}
		for k, x := range r.dict(page["Resources"]) {
			res[k] = x
		}
		for k, x := range r.dict(res["Font"]) {
			fonts[k] = x
		}
		fonts[pdf.Name(fmt.Sprintf("Z%d", g.n(1e9)))] = r.add(pdf.Dict{"Type": pdf.Name("Font"), "Subtype": pdf.Name("Type1"), "BaseFont": pdf.Name("Courier")})
		res["Font"] = fonts
		return wantForm, r.edit(ref, pdf.Dict{"Resources": res})
	}, nil},
	{"an empty signature field", 4, func(g *grammar, r *revision) (want, bool) {
		d := pdf.Dict{"FT": pdf.Name("Sig"), "Rect": nums(0, 0, 0, 0)}
		w := wantForm
		if g.chance(2) {
			d["Rect"], d["AP"], w = g.rect(), pdf.Dict{"N": r.add(g.drawn())}, wantNoted
		}
		if g.base.permission != 0 {
			w = wantNever // ISO 32000-2 §12.8.2.2: what is not signed may show what it likes
		}
		return w, g.addField(r, d)
	}, nil},
	{"an element of the structure", 2, func(g *grammar, r *revision) (want, bool) {
		d, _, ok := g.catalog(r)
		top, isRef := d["StructTreeRoot"].(pdf.Ref)
		if tree := r.dict(top); !ok || !isRef || tree == nil || r.array(tree["K"]) == nil {
			return 0, false
		}
		e := r.add(pdf.Dict{"Type": pdf.Name("StructElem"), "S": pdf.Name("Form"), "P": top})
		return wantForm, r.edit(top, pdf.Dict{"K": append(slices.Clone(r.array(r.dict(top)["K"])), e)})
	}, nil},
	{resign, 1, nil, func(g *grammar, doc []byte) ([]byte, want, bool) {
		o := options(g.p, pades.LevelT)
		o.Timestamper, o.Fetcher = g.keep, g.keep
		if g.chance(2) {
			o.Appearance = &pades.Appearance{Position: "Kepala Bagian"}
		}
		var out bytes.Buffer
		err := pades.Sign(context.Background(), &out, pdf.Memory(doc), int64(len(doc)), g.p.Signer.Key, o)
		return out.Bytes(), wantForm, err == nil
	}},

	// Annotations.
	{"annotation on an empty place", 3, func(g *grammar, r *revision) (want, bool) {
		sub, _ := pick(g.rng, []pdf.Name{"Text", "Link", "Highlight"})
		return wantAnnotation, g.addAnnotation(r, pdf.Dict{"Subtype": sub, "Rect": g.blank(), "Contents": pdf.String(g.text())})
	}, nil},
	{"annotation anywhere", 5, func(g *grammar, r *revision) (want, bool) {
		sub, _ := pick(g.rng, []pdf.Name{"FreeText", "Stamp", "Redact", "Ink", "Square", "Popup", "Widget", "Watermark", "Screen", "FileAttachment", "3D", "Movie"})
		d := pdf.Dict{"Subtype": sub, "Rect": g.rect(), "Contents": pdf.String(g.text())}
		if g.chance(2) {
			d["AP"] = pdf.Dict{"N": r.add(g.drawn())}
		}
		if g.chance(4) {
			d["A"] = pdf.Dict{"S": pdf.Name("JavaScript"), "JS": pdf.String("app.alert(1)")}
		}
		return g.annotated(g.addAnnotation(r, d))
	}, nil},
	{"annotation changed, removed or moved", 5, func(g *grammar, r *revision) (want, bool) {
		page, list, i, ok := g.annotation(r)
		if !ok {
			return 0, false
		}
		ref, isRef := list[i].(pdf.Ref)
		switch k := g.n(4); {
		case k == 0:
			return g.annotated(g.relisted(r, page, "Annots", slices.Delete(slices.Clone(list), i, i+1)))
		case k == 1 && len(list) > 1:
			out := slices.Delete(slices.Clone(list), i, i+1)
			at := g.n(len(out) + 1)
			if at == i {
				return 0, false
			}
			return g.annotated(g.relisted(r, page, "Annots", slices.Insert(out, at, list[i])))
		case k == 2 && isRef:
			return g.annotated(r.edit(ref, pdf.Dict{"AP": pdf.Dict{"N": r.add(g.drawn())}, "Rect": g.rect()}))
		case isRef:
			return g.annotated(r.edit(ref, pdf.Dict{"Contents": pdf.String(fmt.Sprint(g.n(1e9)))}))
		}
		return 0, false
	}, nil},

	// What is shown.
	{"content written over", 10, func(g *grammar, r *revision) (want, bool) {
		_, page, ok := g.page(r)
		list := r.array(page["Contents"])
		if list == nil {
			list = pdf.Array{page["Contents"]}
		}
		o, ok2 := pick(g.rng, list)
		ref, ok3 := o.(pdf.Ref)
		if _, isStream := r.get(o).(*pdf.Stream); !ok || !ok2 || !ok3 || !isStream {
			return 0, false
		}
		return never(g.override(r, ref.Num, g.content()))
	}, nil},
	{"content exchanged, reordered, extended, removed", 10, func(g *grammar, r *revision) (want, bool) {
		ref, page, ok := g.page(r)
		if !ok {
			return 0, false
		}
		list := r.array(page["Contents"])
		if list == nil {
			list = pdf.Array{page["Contents"]}
		}
		out := slices.Clone(list)
		switch g.n(5) {
		case 0:
			out = pdf.Array{r.add(g.content())}
		case 1:
			out = append(out, r.add(g.content()))
		case 2:
			out = append(pdf.Array{r.add(g.content())}, out...)
		case 3:
			slices.Reverse(out)
		default:
			out = out[:max(0, len(out)-1)]
		}
		if fmt.Sprint(out) == fmt.Sprint(list) {
			return 0, false
		}
		return never(r.edit(ref, pdf.Dict{"Contents": out}))
	}, nil},
	{"something drawn with, written over", 20, func(g *grammar, r *revision) (want, bool) {
		n, ok := pick(g.rng, g.drawnObjects(r))
		if !ok {
			return 0, false
		}
		o, err := r.v.Get(pdf.Ref{Num: n})
		if err != nil {
			return 0, false
		}
		if g.chance(3) {
			return never(g.override(r, n, g.value(r, 0)))
		}
		return never(g.override(r, n, g.mutate(r, o)))
	}, nil},
	{"resources of a page", 8, func(g *grammar, r *revision) (want, bool) {
		ref, page, ok := g.page(r)
		if !ok {
			return 0, false
		}
		font := pdf.Dict{"Type": pdf.Name("Font"), "Subtype": pdf.Name("Type1"), "BaseFont": pdf.Name("Symbol")}
		return never(r.edit(ref, pdf.Dict{"Resources": pdf.Dict{"Font": pdf.Dict{"F1": r.add(font), "F2": r.add(font)}, "XObject": page["XObject"]}}))
	}, nil},
	{"box, rotation, unit, group or action of a page", 8, func(g *grammar, r *revision) (want, bool) {
		ref, page, ok := g.page(r)
		if !ok {
			return 0, false
		}
		all := []struct {
			k pdf.Name
			o pdf.Object
		}{
			{"MediaBox", nums(0, 0, 300, 300)},
			{"CropBox", nums(0, 0, 100, 100)},
			{"Rotate", pdf.Integer(90)},
			{"UserUnit", pdf.Integer(2)},
			{"Group", pdf.Dict{"S": pdf.Name("Transparency"), "K": true}},
			{"AA", pdf.Dict{"O": pdf.Dict{"S": pdf.Name("JavaScript"), "JS": pdf.String("app.alert(1)")}}},
			{"Type", pdf.Name("Template")},
			{"Thumb", r.add(g.drawn())},
			{"VP", pdf.Array{}},
			{"Contents", nil},
			{"Parent", ref},
		}
		x := all[g.n(len(all))]
		if bytes.Equal(appendValue(nil, page[x.k]), appendValue(nil, x.o)) {
			return 0, false
		}
		return never(r.edit(ref, pdf.Dict{x.k: x.o}))
	}, nil},
	{"page tree", 12, func(g *grammar, r *revision) (want, bool) {
		d, root, ok := g.catalog(r)
		tree, isRef := d["Pages"].(pdf.Ref)
		ref, page, ok2 := g.page(r)
		if !ok || !ok2 || !isRef {
			return 0, false
		}
		copied := pdf.Dict{}
		for k, x := range page {
			copied[k] = x
		}
		copied["Contents"] = r.add(g.content())
		kids := slices.Clone(r.array(r.dict(tree)["Kids"]))
		if len(kids) == 0 {
			return 0, false
		}
		switch g.n(7) {
		case 0:
			return never(r.edit(tree, pdf.Dict{"Kids": kids[:len(kids)-1], "Count": pdf.Integer(1)}))
		case 1:
			return never(r.edit(tree, pdf.Dict{"Kids": append(kids, r.add(copied)), "Count": pdf.Integer(3)}))
		case 2:
			if len(kids) < 2 {
				return 0, false
			}
			slices.Reverse(kids)
			return never(r.edit(tree, pdf.Dict{"Kids": kids}))
		case 3:
			return never(r.edit(tree, pdf.Dict{"Kids": pdf.Array{r.add(copied)}}))
		case 4:
			return never(r.edit(root, pdf.Dict{"Pages": r.add(pdf.Dict{"Type": pdf.Name("Pages"), "Kids": pdf.Array{r.add(copied)}, "Count": pdf.Integer(1)})}))
		case 5:
			return never(g.override(r, ref.Num, copied))
		default:
			return never(r.edit(tree, pdf.Dict{"Count": pdf.Integer(4 + g.n(9))}))
		}
	}, nil},
	{"key of the catalog", 12, func(g *grammar, r *revision) (want, bool) {
		script := pdf.Dict{"S": pdf.Name("JavaScript"), "JS": pdf.String("app.alert(1)")}
		all := []struct {
			k pdf.Name
			o pdf.Object
		}{
			{"OpenAction", script},
			{"OpenAction", nil},
			{"AA", pdf.Dict{"WC": script}},
			{"Outlines", nil},
			{"Outlines", r.add(pdf.Dict{"Type": pdf.Name("Outlines")})},
			{"PageLabels", pdf.Dict{"Nums": pdf.Array{}}},
			{"ViewerPreferences", pdf.Dict{"HideToolbar": true}},
			{"PageMode", pdf.Name("UseAttachments")},
			{"PageLayout", nil},
			{"OCProperties", pdf.Dict{"OCGs": pdf.Array{}, "D": pdf.Dict{}}},
			{"Lang", pdf.String("en")},
			{"URI", pdf.Dict{"Base": pdf.String("https://lain.example/")}},
			{"Names", pdf.Dict{"JavaScript": pdf.Dict{"Names": pdf.Array{pdf.String("a"), script}}}},
			{"Names", pdf.Dict{"EmbeddedFiles": pdf.Dict{"Names": pdf.Array{}}}},
			{"Names", nil},
			{"Dests", pdf.Dict{}},
			{"Collection", pdf.Dict{"View": pdf.Name("T")}},
			{"AF", pdf.Array{}},
			{"Requirements", pdf.Array{}},
			{"AcroForm", nil},
			{"AcroForm", pdf.Dict{"Fields": pdf.Array{}}},
			{"MarkInfo", pdf.Dict{"Marked": false}},
			{"StructTreeRoot", pdf.Dict{"Type": pdf.Name("StructTreeRoot")}},
			{"Perms", pdf.Dict{}},
			{"Perms", pdf.Dict{"UR3": r.add(pdf.Dict{"Type": pdf.Name("Sig")})}},
			{"DSS", pdf.Dict{"Lain": pdf.Integer(1)}},
			{"Type", pdf.Name("Page")},
		}
		x := all[g.n(len(all))]
		if x.k == "Perms" && len(x.o.(pdf.Dict)) == 0 {
			if d, _, _ := g.catalog(r); d["Perms"] == nil {
				return 0, false // no permissions, and still none
			}
		}
		if x.k == "DSS" {
			if d, _, _ := g.catalog(r); d["DSS"] == nil {
				return byPicture(g.inCatalog(r, x.k, x.o))
			}
		}
		return never(g.inCatalog(r, x.k, x.o))
	}, nil},
	{"another catalog", 4, raw(func(g *grammar, r *revision) (want, bool) {
		d, root, ok := g.catalog(r)
		if !ok {
			return 0, false
		}
		switch g.n(4) {
		case 0: // everything under new numbers, with other contents
			page := r.add(pdf.Dict{"Type": pdf.Name("Page"), "MediaBox": nums(0, 0, 595, 842), "Contents": r.add(g.content()), "Resources": pdf.Dict{}})
			out := pdf.Dict{}
			for k, x := range d {
				out[k] = x
			}
			out["Pages"] = r.add(pdf.Dict{"Type": pdf.Name("Pages"), "Kids": pdf.Array{page}, "Count": pdf.Integer(1)})
			r.trailer["Root"] = r.add(out)
		case 1:
			n, ok := pick(g.rng, g.numbers(r))
			if !ok || n == root.Num {
				return 0, false
			}
			r.trailer["Root"] = pdf.Ref{Num: n}
		case 2:
			r.trailer["Root"] = pdf.Ref{Num: root.Num, Gen: root.Gen + 7}
		default:
			r.trailer["Encrypt"] = pdf.Dict{"Filter": pdf.Name("Standard"), "V": pdf.Integer(1), "R": pdf.Integer(2), "P": pdf.Integer(-4), "O": pdf.String(strings.Repeat("o", 32)), "U": pdf.String(strings.Repeat("u", 32))}
		}
		return wantNever, true
	}), nil},

	// Fields and signatures.
	{"a field renamed, retyped, moved, given an action", 10, func(g *grammar, r *revision) (want, bool) {
		typ, _ := pick(g.rng, []pdf.Name{"Tx", "Btn", "Sig"})
		f, ok := g.field(r, typ)
		if !ok {
			return 0, false
		}
		all := []struct {
			k pdf.Name
			o pdf.Object
		}{
			{"T", pdf.String(fmt.Sprint("lain", g.n(1e9)))},
			{"FT", pdf.Name("Ch")},
			{"Rect", nums(0, 0, 595, 842)},
			{"A", pdf.Dict{"S": pdf.Name("JavaScript"), "JS": pdf.String("app.alert(1)")}},
			{"AA", pdf.Dict{}},
			{"MK", pdf.Dict{"CA": pdf.String("x")}},
			{"Ff", pdf.Integer(1 << 13)},
			{"TU", pdf.String("lain")},
			{"DV", pdf.String("lain")},
			{"OC", pdf.Dict{"Type": pdf.Name("OCG")}},
			{"Kids", pdf.Array{}},
			{"BS", pdf.Dict{"W": pdf.Integer(9)}},
			{"F", pdf.Integer(2)},
		}
		x := all[g.n(len(all))]
		return never(r.edit(f.Ref, pdf.Dict{x.k: x.o}))
	}, nil},
	{"the look of a field alone", 8, func(g *grammar, r *revision) (want, bool) {
		f, ok := g.field(r, "Tx")
		if !ok {
			return 0, false
		}
		d := r.dict(f.Ref)
		ap := r.dict(d["AP"])
		if ap == nil {
			return 0, false
		}
		if ref, ok := ap["N"].(pdf.Ref); ok && g.chance(2) {
			return never(g.override(r, ref.Num, look(fmt.Sprint("(", g.n(1e9), ") Tj"))))
		}
		return never(r.edit(f.Ref, pdf.Dict{"AP": pdf.Dict{"N": r.add(look(fmt.Sprint("(", g.n(1e9), ") Tj")))}}))
	}, nil},
	{"a field that is no signature", 4, func(g *grammar, r *revision) (want, bool) {
		return never(g.addField(r, pdf.Dict{"FT": pdf.Name("Tx"), "V": pdf.String(g.text()), "Rect": g.rect(), "AP": pdf.Dict{"N": r.add(g.drawn())}}))
	}, nil},
	{"a field or its widget taken away", 6, func(g *grammar, r *revision) (want, bool) {
		form, home, ok := g.form(r)
		if !ok {
			return 0, false
		}
		if g.chance(2) {
			list := slices.Clone(r.array(form["Fields"]))
			if len(list) == 0 {
				return 0, false
			}
			i := g.n(len(list))
			return never(g.relisted(r, home, "Fields", slices.Delete(list, i, i+1)))
		}
		page, pd, ok := g.page(r)
		list := slices.Clone(r.array(pd["Annots"]))
		i := slices.IndexFunc(list, func(o pdf.Object) bool { return r.dict(o)["FT"] != nil })
		if !ok || i < 0 {
			return 0, false
		}
		return never(g.relisted(r, page, "Annots", slices.Delete(list, i, i+1)))
	}, nil},
	{"a further widget of a field", 4, func(g *grammar, r *revision) (want, bool) {
		f, ok := g.field(r, "Tx")
		page, pd, ok2 := g.page(r)
		if !ok || !ok2 {
			return 0, false
		}
		w := r.add(pdf.Dict{"Type": pdf.Name("Annot"), "Subtype": pdf.Name("Widget"), "Parent": f.Ref, "P": page, "Rect": g.rect(), "AP": pdf.Dict{"N": r.add(g.drawn())}})
		return never(r.edit(f.Ref, pdf.Dict{"Kids": pdf.Array{w}}) && g.relisted(r, page, "Annots", append(slices.Clone(r.array(pd["Annots"])), w)))
	}, nil},
	{"the signature's dictionary", 10, func(g *grammar, r *revision) (want, bool) {
		f, ok := g.signed(r)
		ref, ok2 := f.Value.(pdf.Ref)
		if !ok || !ok2 {
			return 0, false
		}
		all := []struct {
			k pdf.Name
			o pdf.Object
		}{
			{"Reason", pdf.String("lain")},
			{"Name", pdf.String("Siti Contoh")},
			{"M", pdf.String("D:20200101000000Z")},
			{"Contents", nil},
			{"Contents", pdf.String("\x00")},
			{"ByteRange", nil},
			{"ByteRange", nums(0, 10, 20, 10)},
			{"SubFilter", pdf.Name("adbe.pkcs7.sha1")},
			{"Reference", pdf.Array{}},
			{"Prop_Build", pdf.Dict{}},
			{"Type", pdf.Name("DocTimeStamp")},
			{"Filter", pdf.Name("Lain")},
		}
		x := all[g.n(len(all))]
		return never(g.override(r, ref.Num, withKey(r.dict(ref), x.k, x.o)))
	}, nil},
	{"the signed field", 8, func(g *grammar, r *revision) (want, bool) {
		f, ok := g.signed(r)
		if !ok {
			return 0, false
		}
		other := r.add(pdf.Dict{"Type": pdf.Name("Sig"), "Filter": pdf.Name("Adobe.PPKLite"), "Contents": pdf.String("\x30\x00"), "ByteRange": nums(0, 1, 2, 3)})
		all := []struct {
			k pdf.Name
			o pdf.Object
		}{
			{"V", nil},
			{"V", other},
			{"Rect", nums(0, 0, 595, 842)},
			{"AP", pdf.Dict{"N": r.add(g.drawn())}},
			{"T", pdf.String(fmt.Sprint("lain", g.n(1e9)))},
			{"FT", pdf.Name("Tx")},
			{"Kids", pdf.Array{}},
			{"A", pdf.Dict{"S": pdf.Name("URI"), "URI": pdf.String("https://lain.example/")}},
			{"Lock", pdf.Dict{"Action": pdf.Name("All")}},
		}
		x := all[g.n(len(all))]
		return never(g.override(r, f.Ref.Num, withKey(r.dict(f.Ref), x.k, x.o)))
	}, nil},
	{"the look of a signature", 4, func(g *grammar, r *revision) (want, bool) {
		f, ok := g.signed(r)
		ref, ok2 := r.dict(r.dict(f.Ref)["AP"])["N"].(pdf.Ref)
		if !ok || !ok2 {
			return 0, false
		}
		return never(g.override(r, ref.Num, g.drawn()))
	}, nil},
	{"a signature that is none", 6, func(g *grammar, r *revision) (want, bool) {
		f, ok := g.signed(r)
		d := r.dict(f.Value)
		if !ok || d == nil {
			return 0, false
		}
		out := pdf.Dict{}
		for k, x := range d {
			out[k] = x
		}
		switch g.n(4) {
		case 0:
			out["Contents"] = pdf.String("\x00\x00")
		case 1:
			delete(out, "ByteRange")
		case 2:
			out["ByteRange"] = nums(0, int64(g.n(500)), int64(600+g.n(500)), int64(g.n(500)))
		}
		field := pdf.Dict{"FT": pdf.Name("Sig"), "V": r.add(out), "Rect": nums(0, 0, 0, 0)}
		if g.chance(2) {
			field["Rect"], field["AP"] = g.rect(), pdf.Dict{"N": r.add(g.drawn())}
		}
		return never(g.addField(r, field))
	}, nil},
	{"the structure's elements", 5, func(g *grammar, r *revision) (want, bool) {
		d, _, ok := g.catalog(r)
		top, isRef := d["StructTreeRoot"].(pdf.Ref)
		tree := r.dict(top)
		if !ok || !isRef || tree == nil {
			return 0, false
		}
		list := r.array(tree["K"])
		e, ok := pick(g.rng, list)
		ref, isRef := e.(pdf.Ref)
		switch g.n(4) {
		case 0:
			return never(r.edit(top, pdf.Dict{"RoleMap": pdf.Dict{"P": pdf.Name("Artifact")}}))
		case 1:
			return never(len(list) > 0 && r.edit(top, pdf.Dict{"K": list[1:]}))
		case 2:
			return never(r.edit(top, pdf.Dict{"ParentTree": pdf.Dict{"Nums": pdf.Array{}}}))
		}
		return never(ok && isRef && r.dict(ref) != nil && r.edit(ref, pdf.Dict{"ActualText": pdf.String(fmt.Sprint("Bayar ", g.n(1e9)))}))
	}, nil},
	{"security store shrunk", 3, func(g *grammar, r *revision) (want, bool) {
		d, root, ok := g.catalog(r)
		store := r.dict(d["DSS"])
		list := r.array(store["Certs"])
		if !ok || len(list) == 0 {
			return 0, false
		}
		return wantPicture, r.edit(root, pdf.Dict{"DSS": pdf.Dict{"Certs": list[1:], "OCSPs": store["OCSPs"], "CRLs": store["CRLs"]}})
	}, nil},

	// Any object, any value.
	{"any object written over", 25, func(g *grammar, r *revision) (want, bool) {
		n, ok := pick(g.rng, g.numbers(r))
		if !ok {
			return 0, false
		}
		if g.chance(3) {
			other, _ := pick(g.rng, g.numbers(r))
			o, err := r.v.Get(pdf.Ref{Num: other})
			return byPicture(err == nil && g.override(r, n, o))
		}
		o, err := r.v.Get(pdf.Ref{Num: n})
		return byPicture(err == nil && g.override(r, n, g.mutate(r, o)))
	}, nil},
	{"any object replaced", 10, func(g *grammar, r *revision) (want, bool) {
		n, ok := pick(g.rng, g.numbers(r))
		return byPicture(ok && g.override(r, n, g.value(r, 0)))
	}, nil},
	{"objects that nothing names", 2, func(g *grammar, r *revision) (want, bool) {
		r.add(g.value(r, 0))
		return wantPicture, true
	}, nil},
	{"a number that was named and absent", 2, func(g *grammar, r *revision) (want, bool) {
		if e, ok := r.v.Lookup(5000); g.base.name != "prepared" || ok && !e.Free {
			return 0, false
		}
		r.objects = append(r.objects, written{ref: pdf.Ref{Num: 5000}, value: g.content()})
		r.next = max(r.next, 5001)
		return wantNever, true
	}, nil},

	// The cross reference.
	{"entry led elsewhere", 25, raw(func(g *grammar, r *revision) (want, bool) {
		drawn := g.drawnObjects(r)
		n, ok := pick(g.rng, drawn)
		m, ok2 := pick(g.rng, g.numbers(r))
		e, _ := r.v.Lookup(n)
		to, _ := r.v.Lookup(m)
		if !ok || !ok2 || n == m {
			return 0, false
		}
		switch g.n(5) {
		case 0:
			r.entries = append(r.entries, pointed{num: int64(n), kind: 1, a: int64(g.n(int(r.f.Size())))})
		case 1:
			if e.Stream != 0 {
				return 0, false
			}
			r.entries = append(r.entries, pointed{num: int64(n), kind: 1, a: e.Offset, b: int64(1 + g.n(5))}) // another generation
		default:
			if to.Stream != 0 {
				if r.form == asTable {
					return 0, false
				}
				r.entries = append(r.entries, pointed{num: int64(n), kind: 2, a: int64(to.Stream), b: int64(to.Index)})
				break
			}
			r.entries = append(r.entries, pointed{num: int64(n), kind: 1, a: to.Offset})
		}
		if last := r.entries[len(r.entries)-1]; last.kind == 1 && e.Stream == 0 && last.a == e.Offset && last.b == int64(e.Gen) {
			return 0, false
		}
		// Of a place that is not an object's beginning a forgiving reader may make the object that it was.
		return byPicture(true)
	}), nil},
	{"hidden object shown", 3, raw(func(g *grammar, r *revision) (want, bool) {
		at := bytes.Index(g.base.doc, []byte("7 0 obj %hidden"))
		if at < 0 {
			return 0, false
		}
		if e, _ := r.v.Lookup(7); e.Free {
			return 0, false
		}
		r.entries = append(r.entries, pointed{num: 7, kind: 1, a: int64(at)})
		return wantNever, true
	}), nil},
	{"object freed", 12, raw(func(g *grammar, r *revision) (want, bool) {
		list, w := g.numbers(r), wantPicture
		if g.chance(2) {
			list, w = g.drawnObjects(r), wantNever
		}
		n, ok := pick(g.rng, list)
		if !ok {
			return 0, false
		}
		r.entries = append(r.entries, pointed{num: int64(n), kind: 0, b: int64(g.n(2))})
		return w, true
	}), nil},
	{"freed and revived", 6, nil, steps(
		wantNever,
		func(g *grammar, r *revision, m map[string]pdf.Ref) bool {
			v, ok := g.victim(r, m)
			if r.f.Encryption() != nil || !ok {
				return false
			}
			r.entries = append(r.entries, pointed{num: int64(v.Num), kind: 0, b: 0})
			return true
		},
		func(g *grammar, r *revision, m map[string]pdf.Ref) bool {
			r.objects = append(r.objects, written{ref: m["victim"], value: g.content()})
			return true
		},
	)},
	{"cross reference all anew", 4, raw(func(g *grammar, r *revision) (want, bool) {
		n, ok := pick(g.rng, g.drawnObjects(r))
		if !ok {
			return 0, false
		}
		for i := uint32(1); i <= r.v.MaxObject(); i++ {
			if e, ok := r.v.Lookup(i); ok && !e.Free && e.Stream == 0 && i != n {
				r.entries = append(r.entries, pointed{num: int64(i), kind: 1, a: e.Offset, b: int64(e.Gen)})
			} else if ok && e.Stream != 0 && i != n {
				if r.form == asTable {
					return 0, false
				}
				r.entries = append(r.entries, pointed{num: int64(i), kind: 2, a: int64(e.Stream), b: int64(e.Index)})
			}
		}
		r.set(pdf.Ref{Num: n}, g.content())
		r.trailer["Prev"] = nil
		return wantNever, true
	}), nil},
	{"Prev to another section", 6, raw(func(g *grammar, r *revision) (want, bool) {
		n, ok := pick(g.rng, g.drawnObjects(r))
		revs := r.f.Revisions()
		if !ok {
			return 0, false
		}
		switch g.n(3) {
		case 0:
			r.prev = revs[g.n(len(revs))].StartXref
		case 1:
			r.prev = revs[len(revs)-1].StartXref + int64(g.n(5)) - 2
		default:
			r.prev = int64(g.n(int(r.f.Size())) + 1)
		}
		return never(g.override(r, n, g.content()))
	}), nil},
	{"startxref that stays", 4, raw(func(g *grammar, r *revision) (want, bool) {
		n, ok := pick(g.rng, g.drawnObjects(r))
		r.lost = true
		return never(ok && g.override(r, n, g.content()))
	}), nil},
	{"an object that no entry names", 6, raw(func(g *grammar, r *revision) (want, bool) {
		n, ok := pick(g.rng, g.drawnObjects(r))
		if !ok || !g.override(r, n, g.content()) {
			return 0, false
		}
		r.objects[len(r.objects)-1].unseen = true
		return wantNever, true
	}), nil},
	{"an object written twice", 4, raw(func(g *grammar, r *revision) (want, bool) {
		n, ok := pick(g.rng, g.drawnObjects(r))
		if !ok {
			return 0, false
		}
		o, err := r.v.Get(pdf.Ref{Num: n})
		if err != nil {
			return 0, false
		}
		same := written{ref: pdf.Ref{Num: n}, value: r.verbatim(o)}
		other := written{ref: pdf.Ref{Num: n}, value: g.content(), unseen: true}
		if g.chance(2) {
			r.objects = append(r.objects, same, other)
		} else {
			r.objects = append(r.objects, other, same)
		}
		return wantNever, true
	}), nil},
	{"hidden in an object stream", 5, raw(func(g *grammar, r *revision) (want, bool) {
		n, ok := pick(g.rng, slices.DeleteFunc(g.drawnObjects(r), func(n uint32) bool { _, dict := r.get(pdf.Ref{Num: n}).(pdf.Dict); return !dict }))
		if !ok {
			return 0, false
		}
		if r.form == asTable {
			r.form = asStream
		}
		r.slots = append(r.slots, written{ref: pdf.Ref{Num: n}, value: pdf.Dict{"Type": pdf.Name("Font"), "Subtype": pdf.Name("Type1"), "BaseFont": pdf.Name("Symbol")}})
		return wantNever, true
	}), nil},
	{"bytes behind the end", 3, nil, func(g *grammar, doc []byte) ([]byte, want, bool) {
		if g.chance(4) {
			return append(slices.Clone(doc), "\n"+[]string{"%%EOF", "%PDF-1.7\n"}[g.n(2)]...), wantPicture, true // a comment, when more follows
		}
		list := []string{"hello", "1 0 obj\n<</Type/Catalog>>\nendobj\n", "xref\n0 0\n", "trailer\n<<>>\n", "startxref\n0\n%%EOF\n"}
		return append(slices.Clone(doc), "\n"+list[g.n(len(list))]...), wantNever, true
	}},
	{"comment that hides an object", 2, nil, func(g *grammar, doc []byte) ([]byte, want, bool) {
		f, err := pdf.Open(pdf.Memory(doc), int64(len(doc)), pdf.OpenOptions{})
		if err != nil || f.Encryption() != nil {
			return nil, 0, false
		}
		r := newRevision(f)
		n, ok := pick(g.rng, g.drawnObjects(r))
		if !ok {
			return nil, 0, false
		}
		more := append(slices.Clone(doc), fmt.Sprintf("%% %d 0 obj <</Length 9>>stream (9.000)Tj endstream endobj\n", n)...)
		out, err := r.bytes(more)
		return out, wantNever, err == nil
	}},

	{"two places for one number", 8, raw(func(g *grammar, r *revision) (want, bool) {
		n, ok := pick(g.rng, g.drawnObjects(r))
		if !ok {
			return 0, false
		}
		o, err := r.v.Get(pdf.Ref{Num: n})
		if err != nil {
			return 0, false
		}
		// Where the second one stands is known only when it is written: it is the first object of the revision.
		at := r.f.Size()
		if b := g.last; b != '\n' && b != '\r' {
			at++
		}
		first, second := written{ref: pdf.Ref{Num: n}, value: g.content(), unseen: true}, written{ref: pdf.Ref{Num: n}, value: r.verbatim(o)}
		if g.chance(2) {
			first.value, second.value = second.value, first.value
		}
		if len(r.objects) > 0 {
			return 0, false
		}
		r.objects = append(r.objects, first, second)
		r.twice = append(r.twice, pointed{num: int64(n), kind: 1, a: at})
		if g.chance(2) {
			r.form = asHybrid
		}
		return wantNever, true
	}), nil},
	{"a key written twice", 6, raw(func(g *grammar, r *revision) (want, bool) {
		ref, page, ok := g.page(r)
		if !ok || page["Contents"] == nil {
			return 0, false
		}
		other := r.add(g.content())
		text := string(appendValue(nil, withKey(page, "Contents", nil)))
		pair := []string{fmt.Sprintf("/Contents %d 0 R", other.Num), "/Contents " + string(appendValue(nil, page["Contents"]))}
		if g.chance(2) {
			slices.Reverse(pair)
		}
		r.objects = append(r.objects, written{ref: ref, value: spelled(strings.TrimSuffix(text, ">>") + strings.Join(pair, " ") + ">>")})
		return wantNever, true
	}), nil},
	{"a stream that does not have its length", 6, raw(func(g *grammar, r *revision) (want, bool) {
		d, root, ok := g.catalog(r)
		n, ok2 := pick(g.rng, g.drawnObjects(r))
		if !ok || !ok2 || d["DSS"] != nil {
			return 0, false
		}
		hidden := appendObject(nil, pdf.Ref{Num: n}, g.content())
		data := r.alloc()
		length := []int{0, 3, len(hidden) + 400}[g.n(3)]
		r.objects = append(r.objects, written{ref: data, value: spelled(fmt.Sprintf("<</Length %d>>\nstream\nabc\nendstream\nendobj\n%sstartxref", length, hidden))})
		return wantNever, r.edit(root, pdf.Dict{"DSS": pdf.Dict{"Certs": pdf.Array{data}}})
	}), nil},
	{"validation data that holds an object", 4, func(g *grammar, r *revision) (want, bool) {
		d, root, ok := g.catalog(r)
		n, ok2 := pick(g.rng, g.drawnObjects(r))
		if !ok || !ok2 || d["DSS"] != nil {
			return 0, false
		}
		hidden := appendObject([]byte("endstream\nendobj\n"), pdf.Ref{Num: n}, g.content())
		return wantPicture, r.edit(root, pdf.Dict{"DSS": pdf.Dict{"Certs": pdf.Array{r.add(pdf.NewStream(pdf.Dict{}, hidden))}}})
	}, nil},
	{"another generation", 4, raw(func(g *grammar, r *revision) (want, bool) {
		n, ok := pick(g.rng, g.drawnObjects(r))
		if !ok {
			return 0, false
		}
		r.objects = append(r.objects, written{ref: pdf.Ref{Num: n, Gen: uint16(1 + g.n(3))}, value: g.content()})
		return wantNever, true
	}), nil},
	{"entry to an object of another number", 5, raw(func(g *grammar, r *revision) (want, bool) {
		n, ok := pick(g.rng, g.drawnObjects(r))
		if !ok || len(r.objects) > 0 {
			return 0, false
		}
		at := r.f.Size()
		if b := g.last; b != '\n' && b != '\r' {
			at++
		}
		r.add(g.content())
		r.entries = append(r.entries, pointed{num: int64(n), kind: 1, a: at})
		return wantNever, true
	}), nil},
	{restamp, 2, nil, func(g *grammar, doc []byte) ([]byte, want, bool) { return g.timestamp(doc) }},
	{"fonts of the form exchanged", 5, func(g *grammar, r *revision) (want, bool) {
		form, home, ok := g.form(r)
		dr := r.dict(form["DR"])
		fonts := r.dict(dr["Font"])
		if !ok || fonts["F1"] == nil {
			return 0, false
		}
		font := r.add(pdf.Dict{"Type": pdf.Name("Font"), "Subtype": pdf.Name("Type1"), "BaseFont": pdf.Name("Symbol")})
		changed := withKey(fonts, "F1", font)
		if ref, ok := dr["Font"].(pdf.Ref); ok {
			return never(g.override(r, ref.Num, changed))
		}
		if ref, ok := form["DR"].(pdf.Ref); ok {
			return never(g.override(r, ref.Num, withKey(dr, "Font", changed)))
		}
		return never(r.edit(home, pdf.Dict{"DR": withKey(dr, "Font", changed)}))
	}, nil},
	{"a field that acts", 5, func(g *grammar, r *revision) (want, bool) {
		script := pdf.Dict{"S": pdf.Name("JavaScript"), "JS": pdf.String("app.alert(1)")}
		d := pdf.Dict{"FT": pdf.Name("Sig"), "Rect": nums(0, 0, 0, 0)}
		if g.chance(2) {
			d["A"] = script
		} else {
			d["AA"] = pdf.Dict{"PO": script}
		}
		return never(g.addField(r, d))
	}, nil},
	{"lists and dictionaries in a place of their own", 4, func(g *grammar, r *revision) (want, bool) {
		d, root, ok := g.catalog(r)
		if !ok {
			return 0, false
		}
		switch g.n(3) {
		case 0:
			form := r.dict(d["AcroForm"])
			return wantSame, form != nil && r.edit(root, pdf.Dict{"AcroForm": r.add(form)})
		case 1:
			ref, page, ok := g.page(r)
			if _, direct := page["Annots"].(pdf.Array); !ok || !direct {
				return 0, false
			}
			return wantSame, r.edit(ref, pdf.Dict{"Annots": r.add(page["Annots"])})
		}
		form, home, ok := g.form(r)
		if _, direct := form["Fields"].(pdf.Array); !ok || !direct {
			return 0, false
		}
		return wantSame, r.edit(home, pdf.Dict{"Fields": r.add(form["Fields"])})
	}, nil},

	// A use that one revision makes up, for the next one to abuse.
	{"drawn, called properties, written over", 4, nil, steps(wantNever, func(g *grammar, r *revision, m map[string]pdf.Ref) bool {
		v, ok := g.victim(r, m)
		if !ok {
			return false
		}
		if g.chance(2) {
			return g.inCatalog(r, "Metadata", v)
		}
		r.trailer["Info"] = v
		return true
	}, strike)},
	{"drawn, called validation data, written over", 4, nil, steps(wantNever, func(g *grammar, r *revision, m map[string]pdf.Ref) bool {
		v, ok := g.victim(r, m)
		if d, _, _ := g.catalog(r); !ok || d["DSS"] != nil {
			return false
		}
		store := pdf.Object(pdf.Dict{"Certs": pdf.Array{v}})
		switch g.n(4) {
		case 0:
			store = v
		case 1:
			store = pdf.Dict{"Certs": v}
		case 2:
			store = pdf.Dict{"VRI": v}
		}
		return g.inCatalog(r, "DSS", store)
	}, strike)},
	{"drawn, called the look of a field, written over", 4, nil, steps(wantNever, func(g *grammar, r *revision, m map[string]pdf.Ref) bool {
		v, ok := g.victim(r, m)
		f, ok2 := g.field(r, "Tx")
		return ok && ok2 && r.edit(f.Ref, pdf.Dict{"V": pdf.String(g.text()), "AP": pdf.Dict{"N": v}})
	}, func(g *grammar, r *revision, m map[string]pdf.Ref) bool {
		f, ok := g.field(r, "Tx")
		return ok && r.edit(f.Ref, pdf.Dict{"V": pdf.String(fmt.Sprint(g.n(1e9)))}) && strike(g, r, m)
	})},
	{"drawn, called an annotation, written over", 4, nil, steps(wantNever, func(g *grammar, r *revision, m map[string]pdf.Ref) bool {
		v, ok := g.victim(r, m)
		page, pd, ok2 := g.page(r)
		if !ok || !ok2 {
			return false
		}
		if g.chance(2) {
			return g.relisted(r, page, "Annots", append(slices.Clone(r.array(pd["Annots"])), v))
		}
		return g.addAnnotation(r, pdf.Dict{"Subtype": pdf.Name("Stamp"), "Rect": g.rect(), "AP": pdf.Dict{"N": v}})
	}, strike)},
	{"drawn, called a resource of the form, written over", 4, nil, steps(wantNever, func(g *grammar, r *revision, m map[string]pdf.Ref) bool {
		v, ok := g.victim(r, m)
		d, ref, ok2 := g.form(r)
		if !ok || !ok2 {
			return false
		}
		dr := pdf.Dict{}
		for k, x := range r.dict(d["DR"]) {
			dr[k] = x
		}
		dr["XObject"] = v
		return r.edit(ref, pdf.Dict{"DR": dr})
	}, strike)},
	{"drawn, called a part of the structure, written over", 3, nil, steps(wantNever, func(g *grammar, r *revision, m map[string]pdf.Ref) bool {
		v, ok := g.victim(r, m)
		d, _, _ := g.catalog(r)
		top, isRef := d["StructTreeRoot"].(pdf.Ref)
		return ok && isRef && r.edit(top, pdf.Dict{"K": append(slices.Clone(r.array(r.dict(top)["K"])), v)})
	}, strike)},
	{"drawn, called a field, filled in", 4, nil, steps(wantNever, func(g *grammar, r *revision, m map[string]pdf.Ref) bool {
		v, ok := g.victim(r, m)
		d, ref, ok2 := g.form(r)
		return ok && ok2 && g.relisted(r, ref, "Fields", append(slices.Clone(r.array(d["Fields"])), v))
	}, strike)},
}

func withKey(d pdf.Dict, k pdf.Name, o pdf.Object) pdf.Dict {
	out := pdf.Dict{}
	for k, x := range d {
		out[k] = x
	}
	if out[k] = o; o == nil {
		delete(out, k)
	}
	return out
}

// annotated is for annotations that may hide what was signed.
func (g *grammar) annotated(ok bool) (want, bool) { return wantNoted, ok }

// timestamp adds a document time-stamp of the authority. One that shows and does nothing is allowed; the rest is noted or refused.
func (g *grammar) timestamp(doc []byte) ([]byte, want, bool) {
	f, err := pdf.Open(pdf.Memory(doc), int64(len(doc)), pdf.OpenOptions{})
	if err != nil || f.Encryption() != nil {
		return nil, 0, false
	}
	r := newRevision(f)
	script := pdf.Dict{"S": pdf.Name("JavaScript"), "JS": pdf.String("app.alert(1)")}
	const size = 4 << 10
	hole := "<" + strings.Repeat("0", 2*size) + ">"
	sig := r.add(spelled("<</Type/DocTimeStamp/Filter/Adobe.PPKLite/SubFilter/ETSI.RFC3161/ByteRange[0 0000000 0000000 0000000]/Contents" + hole + ">>"))
	d, w := pdf.Dict{"FT": pdf.Name("Sig"), "V": sig, "Rect": nums(0, 0, 0, 0)}, wantSame
	switch g.n(6) {
	case 0:
		d["AP"] = pdf.Dict{"N": r.add(g.drawn())}
		if d["Rect"], w = g.blank(), wantForm; g.chance(2) {
			d["Rect"], w = g.rect(), wantNoted // it may cover what the page shows, which a certification does not bear
		}
	case 1:
		d["A"], w = script, wantNever
	case 2:
		d["AA"], w = pdf.Dict{"PI": script}, wantNever
	case 3:
		d["AP"] = pdf.Dict{"N": r.add(g.drawn())} // in no space
	}
	if !g.addField(r, d) {
		return nil, 0, false
	}
	if g.chance(6) {
		if n, ok := pick(g.rng, g.drawnObjects(r)); ok && g.override(r, n, g.content()) {
			w = wantNever
		}
	}
	out, err := r.bytes(doc)
	if err != nil {
		return nil, 0, false
	}
	from := int64(bytes.LastIndex(out, []byte(hole)))
	to := from + int64(len(hole))
	at := bytes.LastIndex(out, []byte("[0 0000000 0000000 0000000]"))
	copy(out[at:], fmt.Appendf(nil, "[0 %07d %07d %07d]", from, to, int64(len(out))-to))
	h := sha256.New()
	h.Write(out[:from])
	h.Write(out[to:])
	token, err := g.keep.Timestamp(context.Background(), crypto.SHA256, h.Sum(nil))
	if err != nil {
		return nil, 0, false
	}
	hex.Encode(out[from+1:], token)
	return out, w, true
}
