package pades

import (
	"crypto"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"strings"
	"time"

	"absah/internal/cms"
	"absah/internal/pdf"
	"absah/internal/stamp"
	"absah/trust"
)

// Sizes that the hole for a signature is made of, where nothing better is known.
const (
	defaultTokenSize = 6 << 10   // a token with three RSA-4096 certificates; measured tokens of public authorities are 2–6 KiB
	maxHole          = 4 << 20   // no honest signature is larger; a Timestamper that says otherwise is wrong
	copyBlock        = 256 << 10 // one block of the document in memory at a time
)

// byteRangeWidth holds four numbers of up to 13 digits, so that files far above 10 GB keep their place.
const byteRangeWidth = len("[0 ") + 3*13 + 2 + len("]")

// Prepared is a document ready to be signed: its bytes are fixed, only the signature value is missing. It is used once and
// by one goroutine. It holds the appended bytes in memory; the document only when that is small (up to a megabyte).
type Prepared struct {
	given io.ReaderAt
	src   io.ReaderAt // given, held in memory where it is small
	size  int64
	file  *pdf.File // src, read
	o     SignOptions

	tail       []byte    // what follows the original: the revision with a hole of zeros
	hole       pdf.Span  // the Contents token, angle brackets included, in the finished file
	prefix     hash.Hash // state after the original bytes
	digest     []byte    // of the ByteRange
	hash       crypto.Hash
	signer     *cms.Signer
	attributes []byte
	leaf       *trust.Certificate
	name       string
	target     stamp.Target
	drawn      map[drawing]pdf.Ref // the appearances in the revision so far
	done       bool
}

// Prepare opens the document, adds the signature field and dictionary as an incremental update (ISO 32000-2 §7.5.6), draws the
// appearance and hashes what will be signed. The original is read, never changed. Errors that callers may want to tell apart:
// *LockedError, *FieldError, *PermissionError, *PageError, *ValidityError, and those of internal readers for damaged or
// protected files.
func Prepare(src io.ReaderAt, size int64, o SignOptions) (*Prepared, error) {
	return prepare(src, size, o, 0)
}

// prepare is Prepare with a least size of the hole in bytes.
func prepare(src io.ReaderAt, size int64, o SignOptions, least int) (*Prepared, error) {
	p := &Prepared{given: src, size: size, o: o}
	if err := p.checkOptions(); err != nil {
		return nil, err
	}
	var err error
	if p.src, err = hold(src, size); err != nil {
		return nil, err
	}
	f, err := openPDF(p.src, size, o.Open)
	if err != nil {
		return nil, err
	}
	p.file = f
	u, err := pdf.NewUpdate(f)
	if err != nil {
		return nil, err
	}
	v := f.Latest()
	if o.Appearance != nil {
		p.target = archival(v)
	}
	form, err := readForm(v)
	if err != nil {
		return nil, err
	}
	if len(form.signed) > 0 {
		if err := avoidAbsent(f, u); err != nil {
			return nil, err
		}
	}
	t, err := p.chooseField(u, f, v, form)
	if err != nil {
		return nil, err
	}
	holeBytes, err := p.holeSize(least)
	if err != nil {
		return nil, err
	}
	sig := u.Alloc()
	if err := p.placeSignature(u, v, form, t, sig); err != nil {
		return nil, err
	}
	dict, err := p.signatureDict(u, v, form, t, sig, holeBytes)
	if err != nil {
		return nil, err
	}
	u.Set(sig, dict)
	if m, ok := p.src.(pdf.Memory); ok {
		u.WriteInto(m[len(m):]) // where it will be read and written from
	}
	appended, err := u.Bytes("")
	if err != nil {
		return nil, err
	}
	p.name = t.name
	return p, p.fix(appended, holeBytes)
}

func openPDF(src io.ReaderAt, size int64, o OpenOptions) (*pdf.File, error) {
	return pdf.Open(src, size, pdf.OpenOptions{Password: o.Password, Recipient: o.Recipient})
}

func (p *Prepared) checkOptions() error {
	o := &p.o
	if o.Level.rank() < 0 {
		return fmt.Errorf("level %q is not one of B-B, B-T, B-LT, B-LTA", o.Level)
	}
	if o.Level.rank() > 0 && o.Timestamper == nil {
		return ErrNoTimestamper
	}
	if o.Certify < 0 || o.Certify > 3 {
		return fmt.Errorf("certification permission %d is not 1, 2 or 3", o.Certify)
	}
	if err := o.Lock.check(); err != nil {
		return err
	}
	if o.Time.IsZero() {
		return fmt.Errorf("pades: SignOptions.Time is required")
	}
	c, err := credentialsFor(o)
	if err != nil {
		return fmt.Errorf("signing certificate: %w", err)
	}
	leaf := c.leaf
	p.leaf, p.signer, p.hash = leaf, c.signer, c.signer.Hash()
	if o.Time.Before(leaf.NotBefore) {
		return &ValidityError{Subject: leaf.Subject.CommonName(), Date: leaf.NotBefore.Format(time.RFC3339)}
	}
	if o.Time.After(leaf.NotAfter) {
		return &ValidityError{Subject: leaf.Subject.CommonName(), Expired: true, Date: leaf.NotAfter.Format(time.RFC3339)}
	}
	if o.Name == "" {
		o.Name = leaf.Subject.CommonName()
	}
	return nil
}

// chooseField finds the empty field to sign or makes a new one, and checks everything that forbids it.
func (p *Prepared) chooseField(u *pdf.Update, f *pdf.File, v *pdf.View, form *formState) (*target, error) {
	mayAdd, maySign := true, true
	if e := f.Encryption(); e != nil && !e.PublicKey() && !p.o.UnsafeSkipPermissions {
		// A recipient's key is not held to its rights: there is no owner's secret that could lift them, and producers disagree
		// about the order of their bytes, so that what the author meant is not known.
		mayAdd, maySign = e.MayAddField(), e.MaySignField()
	}
	name := p.o.Field
	existing, found := form.byName(name)
	found = found && name != "" // a field without a name is nobody's choice
	if name == "" && !mayAdd && maySign {
		// This password may sign but not add fields: the one empty field is what the owner left for it.
		if empty := form.empties(); len(empty) == 1 {
			existing, found = empty[0], true
			name = existing.FullName
		}
	}
	if found {
		return p.existingField(v, form, existing, name, maySign)
	}
	if !mayAdd {
		return nil, &PermissionError{NewField: true}
	}
	if name == "" {
		name = form.freeName()
	}
	if form.taken(name) || strings.Contains(name, ".") {
		return nil, &FieldError{name, "cannot be made: the name is taken or contains a full stop"}
	}
	if err := form.permits(v, name); err != nil {
		return nil, err
	}
	if p.o.Certify != 0 && len(form.signed) > 0 {
		return nil, &FieldError{name, "cannot certify: the document already has a signature, and a certification comes first"}
	}
	return &target{field: u.Alloc(), name: name, created: true, lock: p.o.Lock}, nil
}

func (p *Prepared) existingField(v *pdf.View, form *formState, f pdf.Field, name string, maySign bool) (*target, error) {
	switch {
	case f.Type != "Sig":
		return nil, &FieldError{name, "is not a signature field"}
	case f.Value != nil:
		return nil, &FieldError{name, "is already signed; choose another"}
	case f.Ref == (pdf.Ref{}):
		return nil, &FieldError{name, "is written inside another object and cannot be signed"}
	case !maySign:
		return nil, &PermissionError{}
	case p.o.Lock != nil:
		return nil, &FieldError{name, "exists; only a new field can be given a lock"}
	case p.o.Certify != 0 && len(form.signed) > 0:
		return nil, &FieldError{name, "cannot certify: the document already has a signature, and a certification comes first"}
	}
	if err := form.permits(v, name); err != nil {
		return nil, err
	}
	return &target{field: f.Ref, name: name, widgets: f.Widgets, lock: fieldLock(v, f)}, nil
}

// signatureDict is the signature dictionary (ISO 32000-2 §12.8.1, EN 319 142-1 §5.3) with its two holes.
func (p *Prepared) signatureDict(u *pdf.Update, v *pdf.View, form *formState, t *target, sig pdf.Ref, holeBytes int) (pdf.Dict, error) {
	d := pdf.Dict{
		"Type":      pdf.Name("Sig"),
		"Filter":    pdf.Name("Adobe.PPKLite"),
		"SubFilter": pdf.Name("ETSI.CAdES.detached"),
		"M":         pdf.String(pdfDate(p.o.Time)),
		"ByteRange": pdf.Literal{Bytes: blank(byteRangeWidth), Mark: "ByteRange"},
		"Contents":  pdf.Hole{Size: holeBytes, Mark: "Contents"},
	}
	for _, said := range []struct {
		key  pdf.Name
		text string
	}{{"Name", p.o.Name}, {"Reason", p.o.Reason}, {"Location", p.o.Location}, {"ContactInfo", p.o.Contact}} {
		if said.text != "" {
			d[said.key] = pdf.EncodeText(said.text)
		}
	}
	var refs pdf.Array
	if p.o.Certify != 0 {
		refs = append(refs, pdf.Dict{
			"Type": pdf.Name("SigRef"), "TransformMethod": pdf.Name("DocMDP"),
			"TransformParams": pdf.Dict{"Type": pdf.Name("TransformParams"), "P": pdf.Integer(p.o.Certify), "V": pdf.Name("1.2")},
		})
		catalog, root, err := currentCatalog(u, v)
		if err != nil {
			return nil, err
		}
		perms, err := currentDict(u, v, catalog["Perms"])
		if err != nil {
			return nil, err
		}
		perms, catalog = clone(perms), clone(catalog)
		perms["DocMDP"] = sig
		catalog["Perms"] = perms
		u.Set(root, catalog)
	}
	if t.lock != nil {
		_, root, err := v.Catalog()
		if err != nil {
			return nil, err
		}
		refs = append(refs, pdf.Dict{
			"Type": pdf.Name("SigRef"), "TransformMethod": pdf.Name("FieldMDP"), "Data": root,
			"TransformParams": lockDict(t.lock, "TransformParams"),
		})
	}
	if refs != nil {
		d["Reference"] = refs
	}
	return d, nil
}

// holeSize is how many bytes the CMS may need: its own upper bound and twice the largest token seen from this authority.
func (p *Prepared) holeSize(least int) (int, error) {
	unsigned := 0
	if p.o.Level.rank() > 0 {
		unsigned = tokenRoom(p.o.Timestamper)
	}
	if unsigned > 0 {
		unsigned = cms.AttributeSize(cms.OIDSignatureTimeStamp, unsigned)
	}
	n := max(p.signer.MaxSize(unsigned), least)
	if n > maxHole {
		return 0, fmt.Errorf("a signature of %d bytes is larger than the limit of %d", n, maxHole)
	}
	return n, nil
}

func tokenRoom(ts Timestamper) int {
	n := 0
	if s, ok := ts.(TokenSizer); ok {
		n = 2 * s.TokenSize()
	}
	if n == 0 {
		n = defaultTokenSize
	}
	return n
}

// fix writes the ByteRange into its place and hashes what it covers.
func (p *Prepared) fix(a *pdf.Appended, holeBytes int) error {
	p.tail = a.Bytes
	p.hole = fillByteRange(a, holeBytes)
	if err := p.hashAll(); err != nil {
		return err
	}
	var err error
	p.attributes, err = p.signer.SignedAttributes(p.digest)
	return err
}

// fillByteRange overwrites the ByteRange place holder and returns the span of the Contents token.
func fillByteRange(a *pdf.Appended, holeBytes int) pdf.Span {
	start := a.Marks["Contents"]
	hole := pdf.Span{Start: start, End: start + int64(2*holeBytes+2)}
	end := a.Base + int64(len(a.Bytes))
	br := fmt.Sprintf("[0 %d %d %d]", hole.Start, hole.End, end-hole.End)
	at := a.Marks["ByteRange"] - a.Base
	copy(a.Bytes[at:at+int64(byteRangeWidth)], br)
	return hole
}

// hashAll reads the document once and keeps the state after it, so that a document time-stamp need not read it again.
func (p *Prepared) hashAll() error {
	p.prefix = p.hash.New()
	if err := hashRange(p.prefix, p.src, 0, p.size); err != nil {
		return err
	}
	h, err := cloneHash(p.prefix)
	if err != nil {
		return err
	}
	h.Write(p.tail[:p.hole.Start-p.size])
	h.Write(p.tail[p.hole.End-p.size:])
	p.digest = h.Sum(nil)
	return nil
}

func cloneHash(h hash.Hash) (hash.Hash, error) {
	c, ok := h.(hash.Cloner)
	if !ok {
		return nil, fmt.Errorf("pades: hash %T cannot be continued", h)
	}
	return c.Clone()
}

// ToSign returns what the key signs: the DER of the signed attributes (RFC 5652 §5.4). A key that signs digests is given
// the Hash of it.
func (p *Prepared) ToSign() []byte { return p.attributes }

// Hash is the digest algorithm of the signature.
func (p *Prepared) Hash() crypto.Hash { return p.hash }

// Digest is the document digest over the ByteRange, as it stands in the message-digest attribute.
func (p *Prepared) Digest() []byte { return p.digest }

// Field is the full name of the signature field.
func (p *Prepared) Field() string { return p.name }

func blank(n int) []byte {
	b := []byte(strings.Repeat(" ", n))
	b[0], b[1] = '[', ']'
	return b
}

// putContents writes the signature into its hole; the rest stays zero.
func putContents(tail []byte, base int64, hole pdf.Span, value []byte) error {
	have := int(hole.End-hole.Start-2) / 2
	if len(value) > have {
		return &HoleError{Have: have, Need: len(value)}
	}
	at := int(hole.Start-base) + 1
	hex.Encode(tail[at:], value)
	return nil
}

// pdfDate writes a date as ISO 32000-2 §7.9.4 does.
func pdfDate(t time.Time) string {
	_, offset := t.Zone()
	if offset == 0 {
		return t.Format("D:20060102150405Z")
	}
	sign := '+'
	if offset < 0 {
		sign, offset = '-', -offset
	}
	return fmt.Sprintf("%s%c%02d'%02d'", t.Format("D:20060102150405"), sign, offset/3600, offset/60%60)
}

// hashRange adds bytes of the document to a hash.
func hashRange(h hash.Hash, r io.ReaderAt, from, to int64) error {
	if m, ok := r.(pdf.Memory); ok && from <= to && to <= int64(len(m)) {
		h.Write(m[from:to])
		return nil
	}
	return pump(nil, h, r, from, to)
}
