package pades_test

import (
	"errors"
	"fmt"
	"hash/maphash"
	"slices"
	"strconv"
	"strings"

	"absah/internal/pdf"
)

// picture is what a reader of a document gets to see and to do, told without the rules of this package: two that are equal show the
// same. It is a deep copy of the document in one line of text, references replaced by what they name.
type picture struct {
	pages uint64   // the pages without their annotations, and all of the catalog that acts or is shown
	whole uint64   // that, annotations, fields, the structure and permissions; 0: cannot be told
	names []string // what the contents of the pages name, by page
}

var pictureSeed = maphash.MakeSeed()

var errPicture = errors.New("too large for a picture")

type painter struct {
	v    *pdf.View
	out  maphash.Hash
	seen map[pdf.Ref]int
	left int
}

// softKeys of the catalog are told apart; unseenKeys say nothing about what is shown.
var (
	softKeys   = map[pdf.Name]bool{"AcroForm": true, "StructTreeRoot": true, "Perms": true}
	unseenKeys = map[pdf.Name]bool{"Metadata": true, "DSS": true, "Extensions": true, "Version": true, "Type": true, "Pages": true}
)

// take makes a picture. base, where there is one, tells which names the pages used when they were signed: entries of resources that
// nothing names draw nothing.
func take(v *pdf.View, base *picture) (picture, error) {
	p := &painter{v: v, seen: map[pdf.Ref]int{}, left: 200000}
	p.out.SetSeed(pictureSeed)
	catalog, root, err := v.Catalog()
	if err != nil {
		return picture{}, err
	}
	p.seen[root] = 0
	var out picture
	var pages []pdf.Dict
	if err := p.node(catalog["Pages"], base, &out, &pages, 0); err != nil {
		return out, err
	}
	for _, k := range sorted(catalog) {
		if softKeys[k] || unseenKeys[k] {
			continue
		}
		x := catalog[k]
		if names, err := v.Dict(x); err == nil && k == "Names" {
			d := pdf.Dict{}
			for k, y := range names {
				if k != "AP" { // named looks are for annotations
					d[k] = y
				}
			}
			x = d
		}
		p.say("/" + string(k))
		if err := p.value(x, 0); err != nil {
			return out, err
		}
	}
	p.say(fmt.Sprint(v.Trailer()["Encrypt"] != nil))
	out.pages = p.out.Sum64()
	if p.rest(catalog, pages) == nil {
		out.whole = p.out.Sum64()
	}
	return out, nil
}

// rest tells of annotations, fields, the structure and permissions.
func (p *painter) rest(catalog pdf.Dict, pages []pdf.Dict) error {
	for _, page := range pages {
		if err := p.list(page["Annots"]); err != nil {
			return err
		}
	}
	form, err := p.v.Dict(catalog["AcroForm"])
	if err != nil {
		return err
	}
	for _, k := range sorted(form) {
		switch k {
		case "SigFlags":
			continue
		case "Fields":
			p.say("/Fields")
			if err := p.fields(form[k]); err != nil {
				return err
			}
			continue
		}
		p.say("/" + string(k))
		if err := p.value(form[k], 0); err != nil {
			return err
		}
	}
	for _, k := range []pdf.Name{"StructTreeRoot", "Perms"} {
		if err := p.value(catalog[k], 0); err != nil {
			return err
		}
	}
	return nil
}

func sorted(d pdf.Dict) []pdf.Name {
	keys := make([]pdf.Name, 0, len(d))
	for k := range d {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func (p *painter) say(s string) {
	p.out.WriteString(s)
	p.out.WriteByte(0)
	p.left--
}

// node tells of a part of the page tree.
func (p *painter) node(o pdf.Object, base *picture, out *picture, pages *[]pdf.Dict, depth int) error {
	if depth > 20 || p.left < 0 {
		return errPicture
	}
	if ref, ok := o.(pdf.Ref); ok {
		if n, ok := p.seen[ref]; ok {
			p.say("#" + strconv.Itoa(n))
			return nil
		}
		p.seen[ref] = len(p.seen)
	}
	d, err := p.v.Dict(o)
	if err != nil {
		return err
	}
	p.say("node")
	kids, err := p.v.Array(d["Kids"])
	if err != nil {
		return err
	}
	if kids == nil && d != nil {
		text, err := p.contents(d["Contents"])
		if err != nil {
			return err
		}
		out.names = append(out.names, text)
		if base != nil && len(out.names) <= len(base.names) {
			text = base.names[len(out.names)-1]
		}
		*pages = append(*pages, d)
		if err := p.resources(d["Resources"], text); err != nil {
			return err
		}
	}
	for _, k := range sorted(d) {
		switch k {
		case "Annots", "Tabs", "StructParents", "ITXT", "Parent", "Kids":
			continue
		case "Resources":
			if kids == nil {
				continue
			}
		}
		p.say("/" + string(k))
		if err := p.value(d[k], 0); err != nil {
			return err
		}
	}
	for _, k := range kids {
		if err := p.node(k, base, out, pages, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// contents is the text of a page.
func (p *painter) contents(o pdf.Object) (string, error) {
	list, err := p.v.Array(o)
	if err != nil {
		return "", err
	}
	if list == nil {
		list = pdf.Array{o}
	}
	var text strings.Builder
	for _, o := range list {
		s, err := p.v.Stream(o)
		if err != nil {
			return "", err
		}
		if s == nil {
			continue
		}
		b, err := p.v.StreamData(s, 1<<20)
		if err != nil {
			return "", err
		}
		text.Write(b)
		text.WriteByte('\n')
	}
	return text.String(), nil
}

// resources tells of those that the text of the page names.
func (p *painter) resources(o pdf.Object, text string) error {
	d, err := p.v.Dict(o)
	if err != nil {
		return err
	}
	for _, kind := range sorted(d) {
		if kind == "ProcSet" {
			continue
		}
		list, err := p.v.Dict(d[kind])
		if err != nil {
			return err
		}
		for _, k := range sorted(list) {
			if strings.Contains(text, "/"+string(k)) {
				p.say("/" + string(kind) + "/" + string(k))
				if err := p.value(list[k], 0); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// list tells of annotations or fields, leaving out document time-stamps that show nothing.
func (p *painter) list(o pdf.Object) error {
	items, err := p.v.Array(o)
	if err != nil {
		return err
	}
	for _, x := range items {
		if p.isTimestamp(x) {
			continue
		}
		if err := p.value(x, 0); err != nil {
			return err
		}
	}
	p.say("end")
	return nil
}

// fields tells of the fields in whatever order the form lists them: those that are on pages were told with the annotations.
func (p *painter) fields(o pdf.Object) error {
	items, err := p.v.Array(o)
	if err != nil {
		return err
	}
	var known []int
	rest := pdf.Array{}
	for _, x := range items {
		ref, _ := x.(pdf.Ref)
		if n, ok := p.seen[ref]; ok {
			known = append(known, n)
		} else {
			rest = append(rest, x)
		}
	}
	slices.Sort(known)
	p.say(fmt.Sprint(known))
	return p.list(rest)
}

func (p *painter) isTimestamp(o pdf.Object) bool {
	d, err := p.v.Dict(o)
	if err != nil || d["FT"] != pdf.Object(pdf.Name("Sig")) || d["Kids"] != nil {
		return false
	}
	sig, err := p.v.Dict(d["V"])
	if err != nil || sig["SubFilter"] != pdf.Object(pdf.Name("ETSI.RFC3161")) {
		return false
	}
	rect, _ := p.v.Array(d["Rect"])
	return len(rect) == 4 && fmt.Sprint(rect) == fmt.Sprint(nums(0, 0, 0, 0))
}

func (p *painter) value(o pdf.Object, depth int) error {
	if depth > 60 || p.left < 0 {
		return errPicture
	}
	if ref, ok := o.(pdf.Ref); ok {
		x, err := p.v.Resolve(ref)
		if err != nil {
			return err
		}
		switch x.(type) {
		case pdf.Dict, pdf.Array, *pdf.Stream:
			if n, ok := p.seen[ref]; ok {
				p.say("#" + strconv.Itoa(n))
				return nil
			}
			p.seen[ref] = len(p.seen)
		}
		o = x
	}
	switch x := o.(type) {
	case pdf.Dict:
		p.say("<<")
		for _, k := range sorted(x) {
			if k == "StructParent" || k == "StructParents" || k == "ParentTreeNextKey" {
				continue // indices into the structure tree, which is told itself
			}
			if k == "Data" && x["TransformMethod"] != nil {
				continue // the catalog (ISO 32000-2 Table 256)
			}
			if k == "Contents" && x["ByteRange"] != nil {
				continue // the signature's value, which is checked as such
			}
			p.say("/" + string(k))
			if err := p.value(x[k], depth+1); err != nil {
				return err
			}
		}
		p.say(">>")
	case pdf.Array:
		p.say("[")
		for _, y := range x {
			if err := p.value(y, depth+1); err != nil {
				return err
			}
		}
		p.say("]")
	case *pdf.Stream:
		p.say("stream")
		d := pdf.Dict{}
		for k, y := range x.Dict {
			if k != "Length" && k != "Filter" && k != "DecodeParms" {
				d[k] = y
			}
		}
		if err := p.value(d, depth+1); err != nil {
			return err
		}
		b, err := p.v.StreamData(x, 1<<20)
		if err != nil {
			return err
		}
		p.say(string(b))
	case pdf.String:
		p.say("(" + string(x))
	case pdf.Name:
		p.say("/" + string(x))
	default:
		p.say(fmt.Sprint(x))
	}
	return nil
}
