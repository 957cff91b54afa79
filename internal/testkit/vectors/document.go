package main

import (
	"bytes"
	"fmt"
	"maps"
	"slices"

	"absah/internal/pdf"
)

// The objects of the letter, in the order in which they are made.
const (
	objTree = iota + 1
	objFont
	objContent
	objPage
	objForm
	objName   // text field "nama", empty
	objAmount // text field "jumlah", filled in
	objLook   // what the field "jumlah" shows
	objLogo   // a form XObject that the page draws
	objRoot
	objStore
	objSpare // null, unless a letter has a use for it
)

// letter says how a document differs from the plain letter.
type letter struct {
	content string   // what the page draws; "": the plain letter
	page    pdf.Dict // keys of the page
	form    pdf.Dict // and of the form
	root    pdf.Dict // and of the catalog
	logo    *pdf.Stream
	spare   pdf.Object // an object more
	more    func(n *pdf.NewFile)
	stream  bool // cross reference as a stream
	pack    []pdf.Ref
	version string
	status  *status // what the DSS holds; nil: what the national hierarchy says about its people
}

const plainLetter = "BT /F1 14 Tf 72 760 Td (SURAT KEPUTUSAN NOMOR 1/CONTOH/2026) Tj ET\n" +
	"BT /F1 12 Tf 72 720 Td (Nilai pekerjaan: Rp 10.000.000,00) Tj ET\n" +
	"BT /F1 12 Tf 72 700 Td (Penerima: Budi Contoh) Tj ET\n" +
	"q 1 0 0 1 72 640 cm /Fm1 Do Q\n"

func text(s string) *pdf.Stream { return pdf.NewStream(pdf.Dict{}, []byte(s)) }

// drawing is a form XObject.
func drawing(content string, w, h int) *pdf.Stream {
	return pdf.NewStream(pdf.Dict{
		"Type": pdf.Name("XObject"), "Subtype": pdf.Name("Form"), "BBox": rect(0, 0, w, h),
		"Resources": pdf.Dict{"Font": pdf.Dict{"F1": pdf.Ref{Num: objFont}}},
	}, []byte(content))
}

func rect(n ...int) pdf.Array {
	out := pdf.Array{}
	for _, x := range n {
		out = append(out, pdf.Integer(x))
	}
	return out
}

// letter makes the document, with a DSS that says at once what is known about signers and time-stamp authority: what is added after
// a signature is then the attack alone.
func (w *world) letter(l letter) []byte {
	if l.version == "" {
		l.version = "1.7"
	}
	n := pdf.NewDocument(l.version)
	ref := func(num uint32) pdf.Ref { return pdf.Ref{Num: num} }
	for range objSpare {
		n.Alloc()
	}
	if l.content == "" {
		l.content = plainLetter
	}
	if l.logo == nil {
		l.logo = drawing("0 0 1 rg 0 0 40 40 re f", 40, 40)
	}
	n.Set(ref(objTree), pdf.Dict{"Type": pdf.Name("Pages"), "Kids": pdf.Array{ref(objPage)}, "Count": pdf.Integer(1)})
	n.Set(ref(objFont), pdf.Dict{"Type": pdf.Name("Font"), "Subtype": pdf.Name("Type1"), "BaseFont": pdf.Name("Helvetica"), "Encoding": pdf.Name("WinAnsiEncoding")})
	n.Set(ref(objContent), text(l.content))
	n.Set(ref(objPage), with(pdf.Dict{
		"Type": pdf.Name("Page"), "Parent": ref(objTree), "MediaBox": rect(0, 0, 595, 842), "Contents": ref(objContent),
		"Resources": pdf.Dict{"Font": pdf.Dict{"F1": ref(objFont)}, "XObject": pdf.Dict{"Fm1": ref(objLogo)}}, "Annots": pdf.Array{ref(objName), ref(objAmount)},
	}, l.page))
	n.Set(ref(objForm), with(pdf.Dict{
		"Fields": pdf.Array{ref(objName), ref(objAmount)}, "DA": pdf.String("/F1 12 Tf 0 g"), "DR": pdf.Dict{"Font": pdf.Dict{"F1": ref(objFont)}},
	}, l.form))
	n.Set(ref(objName), pdf.Dict{
		"FT": pdf.Name("Tx"), "T": pdf.String("nama"), "Type": pdf.Name("Annot"), "Subtype": pdf.Name("Widget"), "F": pdf.Integer(4), "P": ref(objPage), "Rect": rect(72, 560, 300, 580),
	})
	n.Set(ref(objAmount), pdf.Dict{
		"FT": pdf.Name("Tx"), "T": pdf.String("jumlah"), "V": pdf.String("10"), "Type": pdf.Name("Annot"), "Subtype": pdf.Name("Widget"), "F": pdf.Integer(4), "P": ref(objPage),
		"Rect": rect(72, 520, 300, 540), "AP": pdf.Dict{"N": ref(objLook)},
	})
	n.Set(ref(objLook), drawing("/Tx BMC q BT /F1 12 Tf 2 4 Td (10) Tj ET Q EMC", 228, 20))
	n.Set(ref(objLogo), l.logo)
	if l.status == nil {
		l.status = w.national.status(w.person, w.official, w.national.tsa)
	}
	n.Set(ref(objStore), store(n.Add, l.status))
	n.Set(ref(objRoot), with(pdf.Dict{"Type": pdf.Name("Catalog"), "Pages": ref(objTree), "AcroForm": ref(objForm), "DSS": ref(objStore)}, l.root))
	n.Set(ref(objSpare), l.spare)
	if l.more != nil {
		l.more(n)
	}
	if l.stream {
		n.UseXrefStream()
	}
	if l.pack != nil {
		n.Pack(l.pack...)
	}
	n.SetTrailer("Root", ref(objRoot))
	var b bytes.Buffer
	must(n.WriteTo(&b))
	return b.Bytes()
}

// store is a document security store (ISO 32000-2 §12.8.4.3).
func store(add func(pdf.Object) pdf.Ref, s *status) pdf.Dict {
	d := pdf.Dict{"Type": pdf.Name("DSS")}
	put := func(key pdf.Name, list [][]byte) {
		refs := pdf.Array{}
		for _, der := range list {
			refs = append(refs, add(pdf.NewStream(pdf.Dict{}, der)))
		}
		if len(refs) > 0 {
			d[key] = refs
		}
	}
	put("OCSPs", s.ocsps)
	put("CRLs", s.crls)
	return d
}

// with is a with some keys changed; a nil value takes the key away.
func with(a, b pdf.Dict) pdf.Dict {
	out := maps.Clone(a)
	for k, x := range b {
		if x == nil {
			delete(out, k)
		} else {
			out[k] = x
		}
	}
	return out
}

// view reads a document of ours.
func view(doc []byte) *pdf.View { return open(doc).Latest() }

func open(doc []byte) *pdf.File {
	return must(pdf.Open(pdf.Memory(doc), int64(len(doc)), pdf.OpenOptions{}))
}

// update appends a well-formed revision.
func update(doc []byte, change func(v *pdf.View, u *pdf.Update)) []byte {
	f := open(doc)
	u := must(pdf.NewUpdate(f))
	change(f.Latest(), u)
	return append(slices.Clone(doc), must(u.Bytes("")).Bytes...)
}

// edit changes some keys of a dictionary.
func edit(v *pdf.View, u *pdf.Update, num uint32, keys pdf.Dict) {
	o := must(u.Get(pdf.Ref{Num: num}))
	d, ok := o.(pdf.Dict)
	if !ok {
		d = must(v.Dict(pdf.Ref{Num: num}))
	}
	u.Set(pdf.Ref{Num: num}, with(d, keys))
}

// set overrides an object.
func set(doc []byte, num uint32, o pdf.Object) []byte {
	return update(doc, func(_ *pdf.View, u *pdf.Update) { u.Set(pdf.Ref{Num: num}, o) })
}

// annotate appends an annotation to the page.
func annotate(doc []byte, d pdf.Dict, look *pdf.Stream) []byte {
	return update(doc, func(v *pdf.View, u *pdf.Update) { addAnnotation(v, u, d, look) })
}

func addAnnotation(v *pdf.View, u *pdf.Update, d pdf.Dict, look *pdf.Stream) pdf.Ref {
	d = with(pdf.Dict{"Type": pdf.Name("Annot"), "F": pdf.Integer(4), "P": pdf.Ref{Num: objPage}}, d)
	if look != nil {
		ap := u.Alloc()
		u.Set(ap, look)
		d["AP"] = pdf.Dict{"N": ap}
	}
	ref := u.Alloc()
	u.Set(ref, d)
	list := must(v.Array(current(v, u, objPage)["Annots"]))
	edit(v, u, objPage, pdf.Dict{"Annots": append(slices.Clone(list), ref)})
	return ref
}

// current is a dictionary as it will be after the update.
func current(v *pdf.View, u *pdf.Update, num uint32) pdf.Dict {
	if d, ok := must(u.Get(pdf.Ref{Num: num})).(pdf.Dict); ok {
		return d
	}
	return must(v.Dict(pdf.Ref{Num: num}))
}

// place is where an object begins, as the cross reference says.
func place(doc []byte, num uint32) int64 {
	e, _ := view(doc).Lookup(num)
	return e.Offset
}

// lastXref is what the last startxref says.
func lastXref(doc []byte) int {
	var at int
	must(fmt.Sscan(string(doc[bytes.LastIndex(doc, []byte("startxref"))+len("startxref"):]), &at))
	return at
}

// appendXref appends a cross-reference table and trailer without any object. entries are lines as in the table.
func appendXref(doc []byte, entries, trailer string) []byte {
	prev, start := lastXref(doc), len(doc)
	return fmt.Appendf(slices.Clone(doc), "xref\n%strailer\n<</Size 90/Prev %d%s>>\nstartxref\n%d\n%%%%EOF\n", entries, prev, trailer, start)
}

// entry is a subsection of one object in use.
func entry(num uint32, at int64) string { return fmt.Sprintf("%d 1\n%010d 00000 n \n", num, at) }

const rootOfLetter = "/Root 10 0 R"

// replaceOnce changes one place of a file, keeping its length; what is not there is a mistake of ours.
func replaceOnce(doc []byte, old, new string) []byte {
	if bytes.Count(doc, []byte(old)) != 1 || len(old) != len(new) {
		panic(fmt.Sprintf("%q occurs %d times", old, bytes.Count(doc, []byte(old))))
	}
	return bytes.Replace(doc, []byte(old), []byte(new), 1)
}
