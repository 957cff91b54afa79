// Package sheet writes documents that the program itself composes: A4 pages of text and lines, tagged for screen readers, PDF/A-2b. The
// same content gives the same bytes.
package sheet

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"time"

	"absah/internal/pdf"
	"absah/internal/stamp"
)

// A4 in points.
const Width, Height = 595.28, 841.89

const producer = "Absah"

// Document is what the pages have in common.
type Document struct {
	Title    string
	Author   string
	Language string    // as "id-ID"
	Date     time.Time // of creation, told in WIB

	pages []*Page
}

// Page is a page in the making: a canvas whose content is marked for the reading order.
type Page struct {
	*stamp.Canvas

	tags []element // one for each piece of marked content, in reading order
}

// element is a leaf of the structure tree.
type element struct {
	kind pdf.Name
	alt  string
	box  [4]float64 // of a figure
}

// AddPage begins a new page behind the others.
func (d *Document) AddPage() *Page {
	p := &Page{Canvas: stamp.NewCanvas()}
	d.pages = append(d.pages, p)
	return p
}

// Begin begins a structure element such as H1 or P (ISO 32000-2 §14.8.4); what is drawn until EndTag belongs to it.
func (p *Page) Begin(kind pdf.Name) {
	p.BeginTag(kind, len(p.tags))
	p.tags = append(p.tags, element{kind: kind})
}

// BeginFigure begins a drawing inside of a box, with its alternate text.
func (p *Page) BeginFigure(alt string, box [4]float64) {
	p.Begin("Figure")
	last := &p.tags[len(p.tags)-1]
	last.alt, last.box = alt, box
}

// Write writes the document. Errors: no page, or no date.
func (d *Document) Write(w io.Writer) error {
	if len(d.pages) == 0 || d.Date.Year() < 1 || d.Date.Year() > 9998 || d.Date.IsZero() {
		return errors.New("a document needs a page and a date")
	}
	f := pdf.NewDocument("1.7")
	contents, resources := make([][]byte, len(d.pages)), make([]pdf.Dict, len(d.pages))
	for i, p := range d.pages {
		contents[i], resources[i] = p.Finish(f.Add, stamp.Target{})
	}
	pages := f.Alloc()
	var kids pdf.Array
	for range d.pages {
		kids = append(kids, f.Alloc())
	}
	for i := range d.pages {
		f.Set(kids[i].(pdf.Ref), pdf.Dict{
			"Type": pdf.Name("Page"), "Parent": pages, "MediaBox": pdf.Array{pdf.Integer(0), pdf.Integer(0), pdf.Real(Width), pdf.Real(Height)},
			"Resources": resources[i], "Contents": f.Add(pdf.DeflateStream(pdf.Dict{}, contents[i])), "StructParents": pdf.Integer(i), "Tabs": pdf.Name("S"),
		})
	}
	f.Set(pages, pdf.Dict{"Type": pdf.Name("Pages"), "Kids": kids, "Count": pdf.Integer(len(kids))})

	root := f.Add(pdf.Dict{
		"Type": pdf.Name("Catalog"), "Pages": pages, "Lang": pdf.String(d.Language),
		"MarkInfo": pdf.Dict{"Marked": true}, "StructTreeRoot": d.structure(f, kids),
		"ViewerPreferences": pdf.Dict{"DisplayDocTitle": true},
		"Metadata":          f.Add(pdf.NewStream(pdf.Dict{"Type": pdf.Name("Metadata"), "Subtype": pdf.Name("XML")}, d.xmp())),
		"OutputIntents": pdf.Array{f.Add(pdf.Dict{
			"Type": pdf.Name("OutputIntent"), "S": pdf.Name("GTS_PDFA1"),
			"OutputConditionIdentifier": pdf.String("sRGB"), "Info": pdf.String("sRGB primaries, gamma 2.2"),
			"DestOutputProfile": f.Add(pdf.DeflateStream(pdf.Dict{"N": pdf.Integer(3)}, rgbProfile())),
		})},
	})
	when := pdf.String(d.Date.In(stamp.WIB).Format("D:20060102150405+07'00'"))
	f.SetTrailer("Root", root)
	f.SetTrailer("Info", f.Add(pdf.Dict{
		"Title": pdf.EncodeText(d.Title), "Author": pdf.EncodeText(d.Author), "Creator": pdf.String(producer), "Producer": pdf.String(producer),
		"CreationDate": when, "ModDate": when,
	}))
	_, err := f.WriteTo(w)
	return err
}

// structure is the tree that gives the marked content its reading order: a Document with the elements of all pages.
func (d *Document) structure(f *pdf.NewFile, pages pdf.Array) pdf.Ref {
	root, document := f.Alloc(), f.Alloc()
	var kids, nums pdf.Array
	for i, p := range d.pages {
		var own pdf.Array
		for id, t := range p.tags {
			e := pdf.Dict{"Type": pdf.Name("StructElem"), "S": t.kind, "P": document, "Pg": pages[i], "K": pdf.Integer(id)}
			if t.alt != "" {
				e["Alt"] = pdf.EncodeText(t.alt)
				e["A"] = pdf.Dict{"O": pdf.Name("Layout"), "Placement": pdf.Name("Block"), "BBox": pdf.Array{
					pdf.Real(t.box[0]), pdf.Real(t.box[1]), pdf.Real(t.box[2]), pdf.Real(t.box[3]),
				}}
			}
			own = append(own, f.Add(e))
		}
		kids = append(kids, own...)
		nums = append(nums, pdf.Integer(i), own)
	}
	f.Set(document, pdf.Dict{"Type": pdf.Name("StructElem"), "S": pdf.Name("Document"), "P": root, "K": kids})
	f.Set(root, pdf.Dict{
		"Type": pdf.Name("StructTreeRoot"), "K": document, "ParentTreeNextKey": pdf.Integer(len(d.pages)),
		"ParentTree": f.Add(pdf.Dict{"Nums": nums}),
	})
	return root
}

// xmp says what Info says, and that the file is PDF/A-2b.
func (d *Document) xmp() []byte {
	esc := func(s string) string {
		var b bytes.Buffer
		xml.EscapeText(&b, []byte(s))
		return b.String()
	}
	when := d.Date.In(stamp.WIB).Format(time.RFC3339)
	return fmt.Appendf(nil, `<?xpacket begin="%s" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:pdf="http://ns.adobe.com/pdf/1.3/" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/">
<dc:format>application/pdf</dc:format>
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">%s</rdf:li></rdf:Alt></dc:title>
<dc:creator><rdf:Seq><rdf:li>%s</rdf:li></rdf:Seq></dc:creator>
<dc:language><rdf:Bag><rdf:li>%s</rdf:li></rdf:Bag></dc:language>
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
`, "\ufeff", esc(d.Title), esc(d.Author), esc(d.Language), producer, when, when, producer)
}
