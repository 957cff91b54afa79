package main

import (
	"bytes"
	"context"
	"crypto"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"absah/internal/cms"
	"absah/internal/pdf"
	"absah/internal/sigalg"
	"absah/pades"
)

// signature says what a signature looks like. It is made here and not by package pades, which refuses what the vectors need.
type signature struct {
	who     *identity
	by      *authority // whose time-stamp; nil: none
	at      time.Time  // zero: when most were made
	field   string
	rect    pdf.Array   // of its widget; nil: it shows nothing
	look    *pdf.Stream // what the widget shows
	certify pdf.Object  // P of DocMDP; nil: an approval signature
	noPerms bool        // the catalog does not name the certification

	sub       pdf.Name                 // SubFilter; "": ETSI.CAdES.detached
	dict      pdf.Dict                 // keys of the signature dictionary, to add or change
	entry     pdf.Dict                 // and of the field
	params    pdf.Object               // TransformParams of DocMDP, instead of a direct dictionary
	hole      int                      // bytes of the value; 0: 6000
	time      bool                     // the signing-time attribute, as in PKCS #7 signatures
	token     []byte                   // instead of a time-stamp
	options   func(*cms.SignerOptions) // changes the CMS message
	more      func(*pdf.View, *pdf.Update)
	byteRange func(from, to, size int) string           // nil: [0 from to size-to]
	value     func(s *signature, content []byte) []byte // nil: a CMS message
	contents  func(hexadecimal string) string           // the Contents as written, without its brackets; nil: as it is
}

// sign appends a signature in a new field, in one revision.
func (w *world) sign(doc []byte, s signature) []byte {
	if s.field == "" {
		s.field = "Signature1"
	}
	if s.at.IsZero() {
		s.at = signed
	}
	if s.hole == 0 {
		s.hole = 3500
	}
	if s.sub == "" {
		s.sub = "ETSI.CAdES.detached"
	}
	if s.rect == nil {
		s.rect = rect(0, 0, 0, 0)
	}
	f := open(doc)
	v, u := f.Latest(), must(pdf.NewUpdate(f))
	sig := u.Alloc()
	d := pdf.Dict{
		"Type": pdf.Name("Sig"), "Filter": pdf.Name("Adobe.PPKLite"), "SubFilter": s.sub, "M": pdf.String(s.at.UTC().Format("D:20060102150405Z")),
		"Name": pdf.EncodeText(s.who.cert.Subject.CommonName), "Reason": pdf.String("Persetujuan"),
		"ByteRange": pdf.Literal{Bytes: []byte(strings.Repeat(" ", 48)), Mark: "ByteRange"},
		"Contents":  pdf.Hole{Size: s.hole, Mark: "Contents"},
	}
	if s.certify != nil {
		if s.params == nil {
			s.params = pdf.Dict{"Type": pdf.Name("TransformParams"), "P": s.certify, "V": pdf.Name("1.2")}
		}
		d["Reference"] = pdf.Array{pdf.Dict{"Type": pdf.Name("SigRef"), "TransformMethod": pdf.Name("DocMDP"), "TransformParams": s.params}}
		if !s.noPerms {
			edit(v, u, objRoot, pdf.Dict{"Perms": pdf.Dict{"DocMDP": sig}})
		}
	}
	u.Set(sig, with(d, s.dict))
	widget := pdf.Dict{"Subtype": pdf.Name("Widget"), "FT": pdf.Name("Sig"), "T": pdf.EncodeText(s.field), "V": sig, "F": pdf.Integer(132), "Rect": s.rect}
	ref := addAnnotation(v, u, with(widget, s.entry), s.look)
	addField(v, u, ref)
	if s.more != nil {
		s.more(v, u)
	}
	a := must(u.Bytes(""))
	out := append(slices.Clone(doc), a.Bytes...)
	from := int(a.Marks["Contents"])
	to := from + 2*s.hole + 2
	br := fmt.Sprintf("[0 %d %d %d]", from, to, len(out)-to)
	if s.byteRange != nil {
		br = s.byteRange(from, to, len(out))
	}
	copy(out[a.Marks["ByteRange"]:], br)
	if s.value == nil {
		s.value = (*signature).cms
	}
	value := hex.EncodeToString(s.value(&s, covered(out, br)))
	if len(value) > 2*s.hole {
		panic(fmt.Sprintf("%s: the value needs %d bytes", s.field, len(value)/2))
	}
	if s.contents != nil {
		value = s.contents(value)
	}
	copy(out[from+1:], value)
	return out
}

// covered are the bytes that a ByteRange names; what is none names nothing.
func covered(doc []byte, br string) []byte {
	var n []int
	for _, x := range strings.Fields(strings.Trim(br, "[]")) {
		i, err := strconv.Atoi(x)
		if err != nil || i < 0 {
			return nil
		}
		n = append(n, i)
	}
	var out []byte
	for i := 0; i+1 < len(n) && n[i]+n[i+1] <= len(doc); i += 2 {
		out = append(out, doc[n[i]:n[i]+n[i+1]]...)
	}
	return out
}

// cms is a CMS message over the content, with a time-stamp where an authority is named.
func (s *signature) cms(content []byte) []byte {
	o := cms.SignerOptions{Certificate: s.who.cert.Raw, Chain: below(s.who.chain)}
	if s.time {
		o.SigningTime = &s.at
	}
	if s.options != nil {
		s.options(&o)
	}
	signer := must(cms.NewSigner(o))
	digest := func(b []byte) []byte {
		h := signer.Hash().New()
		h.Write(b)
		return h.Sum(nil)
	}
	attributes := must(signer.SignedAttributes(digest(content)))
	value, _, err := sigalg.Sign(nil, s.who.key, signer.Scheme(), attributes)
	must(0, err)
	var unsigned []cms.Attribute
	if s.token != nil {
		unsigned = append(unsigned, cms.Attribute{OID: cms.OIDSignatureTimeStamp, Values: [][]byte{s.token}})
	} else if s.by != nil {
		h := crypto.SHA256.New()
		h.Write(value)
		token := must(s.by.when(s.at).Timestamp(context.Background(), crypto.SHA256, h.Sum(nil)))
		unsigned = append(unsigned, cms.Attribute{OID: cms.OIDSignatureTimeStamp, Values: [][]byte{token}})
	}
	return must(signer.Finish(attributes, value, unsigned))
}

// addField puts a field into the form's list.
func addField(v *pdf.View, u *pdf.Update, ref pdf.Ref) {
	list := must(v.Array(current(v, u, objForm)["Fields"]))
	edit(v, u, objForm, pdf.Dict{"Fields": append(slices.Clone(list), ref), "SigFlags": pdf.Integer(3)})
}

// approve is an ordinary signature of the person, with a time-stamp.
func (w *world) approve(doc []byte) []byte {
	return w.sign(doc, signature{who: w.person, by: w.national})
}

// certify is a certification by the person.
func (w *world) certify(doc []byte, p int) []byte {
	return w.sign(doc, signature{who: w.person, by: w.national, certify: pdf.Integer(p)})
}

// stamp appends a document time-stamp of an authority, made by package pades.
func stamp(doc []byte, a *authority) []byte { return extend(doc, pades.LevelLTA, a) }

func extend(doc []byte, level pades.Level, a *authority) []byte {
	var b bytes.Buffer
	must(0, pades.Extend(context.Background(), &b, bytes.NewReader(doc), int64(len(doc)), pades.ExtendOptions{Level: level, Time: a.now, Timestamper: a, Fetcher: a}))
	return b.Bytes()
}
