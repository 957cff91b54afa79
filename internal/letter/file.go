package letter

import (
	"bytes"
	"encoding/binary"
	"encoding/xml"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"absah/internal/pdf"
	"absah/internal/stamp"
)

const producer = "Absah"

// file puts the page into a document with what PDF/A-2b and a screen reader ask for.
func (s *sheet) file(f *pdf.NewFile, l Letter) {
	content, resources := s.canvas.Finish(f.Add, stamp.Target{})
	pages, page := f.Alloc(), f.Alloc()
	stored := pdf.Array{pdf.Integer(0), pdf.Integer(0), pdf.Real(pageWidth), pdf.Real(pageHeight)}
	f.Set(page, pdf.Dict{
		"Type": pdf.Name("Page"), "Parent": pages, "MediaBox": stored, "Resources": resources,
		"Contents": f.Add(pdf.DeflateStream(pdf.Dict{}, content)), "StructParents": pdf.Integer(0), "Tabs": pdf.Name("S"),
	})
	f.Set(pages, pdf.Dict{"Type": pdf.Name("Pages"), "Kids": pdf.Array{page}, "Count": pdf.Integer(1)})

	root := f.Add(pdf.Dict{
		"Type": pdf.Name("Catalog"), "Pages": pages, "Lang": pdf.String("id-ID"),
		"MarkInfo": pdf.Dict{"Marked": true}, "StructTreeRoot": s.structure(f, page),
		"ViewerPreferences": pdf.Dict{"DisplayDocTitle": true},
		"Metadata":          f.Add(pdf.NewStream(pdf.Dict{"Type": pdf.Name("Metadata"), "Subtype": pdf.Name("XML")}, l.xmp())),
		"OutputIntents": pdf.Array{f.Add(pdf.Dict{
			"Type": pdf.Name("OutputIntent"), "S": pdf.Name("GTS_PDFA1"),
			"OutputConditionIdentifier": pdf.String("sRGB"), "Info": pdf.String("sRGB primaries, gamma 2.2"),
			"DestOutputProfile": f.Add(pdf.DeflateStream(pdf.Dict{"N": pdf.Integer(3)}, rgbProfile())),
		})},
	})
	when := pdf.String(l.Date.In(stamp.WIB).Format("D:20060102150405+07'00'"))
	f.SetTrailer("Root", root)
	f.SetTrailer("Info", f.Add(pdf.Dict{
		"Title": pdf.EncodeText(l.Title), "Author": pdf.EncodeText(l.Agency), "Creator": pdf.String(producer), "Producer": pdf.String(producer),
		"CreationDate": when, "ModDate": when,
	}))
}

// structure is the tree that gives the marked content its reading order: a Document with paragraphs and the emblem.
func (s *sheet) structure(f *pdf.NewFile, page pdf.Ref) pdf.Ref {
	root, document := f.Alloc(), f.Alloc()
	var kids pdf.Array
	for i, t := range s.tags {
		d := pdf.Dict{"Type": pdf.Name("StructElem"), "S": t.kind, "P": document, "Pg": page, "K": pdf.Integer(i)}
		if t.alt != "" {
			d["Alt"] = pdf.EncodeText(t.alt)
			d["A"] = pdf.Dict{"O": pdf.Name("Layout"), "Placement": pdf.Name("Block"), "BBox": pdf.Array{
				pdf.Real(t.box[0]), pdf.Real(t.box[1]), pdf.Real(t.box[2]), pdf.Real(t.box[3]),
			}}
		}
		kids = append(kids, f.Add(d))
	}
	f.Set(document, pdf.Dict{"Type": pdf.Name("StructElem"), "S": pdf.Name("Document"), "P": root, "K": kids})
	f.Set(root, pdf.Dict{
		"Type": pdf.Name("StructTreeRoot"), "K": document, "ParentTreeNextKey": pdf.Integer(1),
		"ParentTree": f.Add(pdf.Dict{"Nums": pdf.Array{pdf.Integer(0), kids}}),
	})
	return root
}

// xmp says what Info says, and that the file is PDF/A-2b.
func (l Letter) xmp() []byte {
	esc := func(s string) string {
		var b bytes.Buffer
		xml.EscapeText(&b, []byte(s))
		return b.String()
	}
	when := l.Date.In(stamp.WIB).Format(time.RFC3339)
	return fmt.Appendf(nil, `<?xpacket begin="%s" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:pdf="http://ns.adobe.com/pdf/1.3/" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/">
<dc:format>application/pdf</dc:format>
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">%s</rdf:li></rdf:Alt></dc:title>
<dc:creator><rdf:Seq><rdf:li>%s</rdf:li></rdf:Seq></dc:creator>
<dc:language><rdf:Bag><rdf:li>id-ID</rdf:li></rdf:Bag></dc:language>
<xmp:CreatorTool>%s</xmp:CreatorTool>
<xmp:CreateDate>%s</xmp:CreateDate>
<xmp:ModifyDate>%s</xmp:ModifyDate>
<pdf:Producer>%s</pdf:Producer>
<pdfaid:part>2</pdfaid:part>
<pdfaid:conformance>B</pdfaid:conformance>
</rdf:Description>
</rdf:RDF>
</x:xmpmeta>
<?xpacket end="r"?>
`, "\ufeff", esc(l.Title), esc(l.Agency), producer, when, when, producer)
}

// rgbProfile is an ICC profile of version 2 with the sRGB primaries, adapted to D50, and gamma 2.2 in place of the sRGB curve. With
// it as output intent, device gray and RGB are both legal in the file, also in what is added by a signature.
func rgbProfile() []byte {
	be := binary.BigEndian
	fixed := func(b []byte, x ...float64) []byte {
		for _, v := range x {
			b = be.AppendUint32(b, uint32(int32(math.Round(v*65536))))
		}
		return b
	}
	xyz := func(x ...float64) []byte { return fixed([]byte("XYZ \x00\x00\x00\x00"), x...) }
	const name = "sRGB gamma 2.2"
	desc := be.AppendUint32([]byte("desc\x00\x00\x00\x00"), uint32(len(name)+1))
	desc = append(desc, name...)
	desc = append(desc, make([]byte, 1+4+4+2+1+67)...) // the Unicode and Macintosh names are empty
	curve := []byte("curv\x00\x00\x00\x00\x00\x00\x00\x01\x02\x33")
	tags := []struct {
		name string
		data []byte
	}{
		{"desc", desc},
		{"cprt", []byte("text\x00\x00\x00\x00CC0\x00")},
		{"wtpt", xyz(0.9642, 1, 0.8249)},
		{"rXYZ", xyz(0.4360, 0.2225, 0.0139)},
		{"gXYZ", xyz(0.3851, 0.7169, 0.0971)},
		{"bXYZ", xyz(0.1431, 0.0606, 0.7139)},
		{"rTRC", curve},
		{"gTRC", nil}, // nil: the same as the one before
		{"bTRC", nil},
	}
	table := be.AppendUint32(nil, uint32(len(tags)))
	var data []byte
	at, n := 0, 0
	for _, t := range tags {
		if t.data != nil {
			for len(data)%4 != 0 {
				data = append(data, 0)
			}
			at, n = 128+4+12*len(tags)+len(data), len(t.data)
			data = append(data, t.data...)
		}
		table = append(table, t.name...)
		table = be.AppendUint32(be.AppendUint32(table, uint32(at)), uint32(n))
	}
	for len(data)%4 != 0 {
		data = append(data, 0)
	}
	head := make([]byte, 128)
	be.PutUint32(head, uint32(128+len(table)+len(data)))
	be.PutUint32(head[8:], 0x02100000)
	copy(head[12:], "mntrRGB XYZ ")
	for i, v := range []uint16{2027, 1, 1} { // of the profile: fixed, so that the file depends on its input only
		be.PutUint16(head[24+2*i:], v)
	}
	copy(head[36:], "acsp")
	copy(head[68:], fixed(nil, 0.9642, 1, 0.8249))
	return append(append(head, table...), data...)
}

// Padded is the file of the letter, brought to size bytes by a comment that no reader shows; a letter that is as long already stays as
// it is. Measurements need files of a known length: the length is exact but for the digits of one offset.
func (l Letter) Padded(size int) ([]byte, error) {
	var b bytes.Buffer
	if _, err := l.Write(&b); err != nil {
		return nil, err
	}
	doc := b.Bytes()
	pad := size - len(doc)
	if pad < 2 {
		return doc, nil
	}
	table := bytes.LastIndex(doc, []byte("\nxref\n")) + 1
	entries, _, ok := bytes.Cut(doc[table:], []byte("startxref\n"))
	if table == 0 || !ok {
		return nil, errors.New("the letter has no cross-reference table")
	}
	return fmt.Appendf(nil, "%s%%%s\n%sstartxref\n%d\n%%%%EOF\n", doc[:table], strings.Repeat(" ", pad-2), entries, table+pad), nil
}
