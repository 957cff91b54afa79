package pades

import (
	"context"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"strings"

	"absah/internal/pdf"
)

// dss is the document security store (ISO 32000-2 §12.8.4.3) as it will be after the update: what it held before stays.
type dss struct {
	u     *pdf.Update
	v     *pdf.View
	dict  pdf.Dict
	known map[[sha256.Size]byte]pdf.Ref
}

const maxStored = 10_000 // streams in one store; a document with more signatures than that does not exist

func openDSS(u *pdf.Update, v *pdf.View) (*dss, error) {
	catalog, _, err := currentCatalog(u, v)
	if err != nil {
		return nil, err
	}
	old, err := currentDict(u, v, catalog["DSS"])
	if err != nil {
		return nil, err
	}
	d := &dss{u: u, v: v, dict: clone(old), known: map[[sha256.Size]byte]pdf.Ref{}}
	d.dict["Type"] = pdf.Name("DSS")
	for _, key := range []pdf.Name{"Certs", "CRLs", "OCSPs"} {
		list, err := v.Array(old[key])
		if err != nil {
			return nil, err
		}
		for _, o := range list {
			ref, ok := o.(pdf.Ref)
			if !ok || len(d.known) >= maxStored {
				continue
			}
			s, err := v.Stream(ref)
			if err != nil || s == nil {
				continue
			}
			if b, err := v.StreamData(s, maxEvidence); err == nil {
				d.known[sha256.Sum256(b)] = ref
			}
		}
	}
	return d, nil
}

// put stores values under a key and returns their references; a value that is there already is not stored again.
func (d *dss) put(key pdf.Name, values [][]byte) pdf.Array {
	list, _ := d.v.Array(d.dict[key])
	list = append(pdf.Array{}, list...)
	var refs pdf.Array
	for _, b := range values {
		sum := sha256.Sum256(b)
		ref, ok := d.known[sum]
		if !ok {
			ref = add(d.u, pdf.DeflateStream(pdf.Dict{}, b))
			d.known[sum] = ref
			list = append(list, ref)
		}
		refs = append(refs, ref)
	}
	if len(list) > 0 {
		d.dict[key] = list
	}
	return refs
}

// relate enters what belongs to one signature under its VRI key: the upper-case hexadecimal SHA-1 of the Contents, padding
// included (ISO 32000-2 §12.8.4.4).
func (d *dss) relate(contents []byte, certs, crls, ocsps pdf.Array) error {
	sum := sha1.Sum(contents)
	key := pdf.Name(strings.ToUpper(hex.EncodeToString(sum[:])))
	all, err := currentDict(d.u, d.v, d.dict["VRI"])
	if err != nil {
		return err
	}
	all = clone(all)
	entry := pdf.Dict{}
	for k, list := range map[pdf.Name]pdf.Array{"Cert": certs, "CRL": crls, "OCSP": ocsps} {
		if len(list) > 0 {
			entry[k] = list
		}
	}
	all[key] = entry
	d.dict["VRI"] = all
	return nil
}

// close enters the store in the catalog.
func (d *dss) close() error {
	catalog, root, err := currentCatalog(d.u, d.v)
	if err != nil {
		return err
	}
	if ref, ok := catalog["DSS"].(pdf.Ref); ok {
		d.u.Set(ref, d.dict)
		return nil
	}
	catalog = clone(catalog)
	catalog["DSS"] = add(d.u, d.dict)
	d.u.Set(root, catalog)
	return nil
}

// addDSS appends a revision with what a collector holds. contents is the Contents of the signature that it belongs to as it
// stands in the file, padding included.
func (o *output) addDSS(c *collector, contents []byte) error {
	f, u, err := o.update()
	if err != nil {
		return err
	}
	v := f.Latest()
	d, err := openDSS(u, v)
	if err != nil {
		return err
	}
	certs := d.put("Certs", c.certificates())
	crls := d.put("CRLs", c.crls)
	ocsps := d.put("OCSPs", c.ocsps)
	if err := d.relate(contents, certs, crls, ocsps); err != nil {
		return err
	}
	if err := d.close(); err != nil {
		return err
	}
	a, err := u.Bytes("")
	if err != nil {
		return err
	}
	o.tail = append(o.tail, a.Bytes...)
	return nil
}

// addDocumentTimestamp appends a revision with a document time-stamp (ISO 32000-2 §12.8.5, EN 319 142-1 §5.4.3).
func (o *output) addDocumentTimestamp(ctx context.Context, ts Timestamper) error {
	least := 0
	for {
		grown, need, err := o.documentTimestamp(ctx, ts, least)
		if err != nil {
			return err
		}
		if need == 0 {
			o.tail = grown
			return nil
		}
		if least != 0 {
			return &HoleError{Have: least, Need: need}
		}
		least = need + need/8 + 256
	}
}

// documentTimestamp makes one try with room for at least so many bytes; need is set when they were too few.
func (o *output) documentTimestamp(ctx context.Context, ts Timestamper, least int) (tail []byte, need int, err error) {
	f, u, err := o.update()
	if err != nil {
		return nil, 0, err
	}
	v := f.Latest()
	form, err := readForm(v)
	if err != nil {
		return nil, 0, err
	}
	holeBytes := max(tokenRoom(ts), least)
	sig := u.Alloc()
	u.Set(sig, pdf.Dict{
		"Type": pdf.Name("DocTimeStamp"), "Filter": pdf.Name("Adobe.PPKLite"), "SubFilter": pdf.Name("ETSI.RFC3161"),
		"ByteRange": pdf.Literal{Bytes: blank(byteRangeWidth), Mark: "ByteRange"},
		"Contents":  pdf.Hole{Size: holeBytes, Mark: "Contents"},
	})
	// A document time-stamp looks like an invisible signature to the form.
	p := &Prepared{o: SignOptions{}}
	t := &target{field: u.Alloc(), name: form.freeName(), created: true}
	if err := p.placeSignature(u, v, form, t, sig); err != nil {
		return nil, 0, err
	}
	a, err := u.Bytes("")
	if err != nil {
		return nil, 0, err
	}
	hole := fillByteRange(a, holeBytes)
	h, err := o.state()
	if err != nil {
		return nil, 0, err
	}
	h.Write(o.tail)
	h.Write(a.Bytes[:hole.Start-a.Base])
	h.Write(a.Bytes[hole.End-a.Base:])
	token, err := ts.Timestamp(ctx, stampHash(o.hash), h.Sum(nil))
	if err != nil {
		return nil, 0, err
	}
	if len(token) > maxHole {
		return nil, 0, fmt.Errorf("a time-stamp of %d bytes is larger than the limit of %d", len(token), maxHole)
	}
	if len(token) > holeBytes {
		return nil, len(token), nil
	}
	if err := putContents(a.Bytes, a.Base, hole, token); err != nil {
		return nil, 0, err
	}
	return append(o.tail[:len(o.tail):len(o.tail)], a.Bytes...), 0, nil
}

// state is the hash for time-stamps after the original bytes, to be continued. The state that the signature left behind
// serves when both use one algorithm.
func (o *output) state() (hash.Hash, error) {
	if o.prefix != nil && stampHash(o.hash) == o.hash {
		return cloneHash(o.prefix)
	}
	h := stampHash(o.hash).New()
	return h, hashRange(h, o.src, 0, o.size)
}
