package pades

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"absah/internal/cms"
	"absah/internal/pdf"
)

// maxSignatures bounds the work on one document; more than a few dozen are not seen.
const maxSignatures = 1000

// located is a signature found in the document, with what is needed to check it.
type located struct {
	facts SignatureFacts
	ref   pdf.Ref // where it is written: its own object, or the field's
	sig   pdf.Dict
	gap   pdf.Span // what the ByteRange leaves out
	end   int64    // end of the second range
	certs [][]byte // of the Cert entry

	protected    bool                            // a document time-stamp follows
	contentToken []byte                          // of the content-time-stamp attribute
	message      func() (*cms.SignedData, error) // the Contents, read at the first call
}

// locate finds the signatures that form fields reach, in the order in which they were applied.
func locate(f *pdf.File) ([]*located, error) {
	s := search{f: f, seen: map[pdf.Ref]*located{}, names: map[string]string{}}
	if err := s.fields(f.Latest(), false); err != nil {
		return nil, err
	}
	s.sort()
	return s.out, nil
}

// locateRemoved adds the signatures that fields of older revisions reach and the latest one does not: taking a signature away
// does not make a document one that nobody signed.
func locateRemoved(f *pdf.File, found []*located) ([]*located, error) {
	s := search{f: f, seen: map[pdf.Ref]*located{}, out: found}
	for _, l := range found {
		s.seen[l.ref] = l
	}
	for rev := len(f.Revisions()) - 2; rev >= 0; rev-- {
		if err := s.fields(f.At(rev), true); err != nil {
			return nil, err
		}
	}
	s.sort()
	return s.out, nil
}

type search struct {
	f     *pdf.File
	seen  map[pdf.Ref]*located // by the signature dictionary, or the field that holds it
	names map[string]string    // of the fields, by what the eye sees of them; nil in a search for removed ones
	out   []*located
}

func (s *search) sort() {
	slices.SortStableFunc(s.out, func(a, b *located) int { return cmp.Compare(a.end, b.end) })
}

// fields adds what the form of one revision reaches.
func (s *search) fields(v *pdf.View, removed bool) error {
	fields, err := v.Fields()
	if errors.Is(err, pdf.ErrNoCatalog) && removed {
		return nil // an older revision may not stand on its own
	}
	if err != nil {
		return err
	}
	for _, field := range fields {
		if field.Type != "Sig" || field.Value == nil {
			continue
		}
		ref, _ := field.Value.(pdf.Ref)
		home := ref
		if home == (pdf.Ref{}) {
			home = field.ValueIn
		}
		// One dictionary reached by two fields is one signature, and a trick.
		if first := s.seen[home]; first != nil {
			if !removed && first.facts.Field != field.FullName {
				first.facts.CMS = append(first.facts.CMS, Note{Code: "field-shared", Text: fmt.Sprintf("the fields %q and %q hold one and the same signature", first.facts.Field, field.FullName)})
			}
			continue
		}
		sig, err := v.Dict(field.Value)
		if err != nil {
			return err
		}
		l, err := inspect(s.f, v, field, ref, sig)
		if err != nil {
			return err
		}
		l.ref = home
		if !removed {
			s.nameTwice(l)
		}
		if removed && !l.covers() {
			continue // a draft that an update finished
		}
		s.seen[home] = l
		if s.out = append(s.out, l); len(s.out) > maxSignatures {
			return &pdf.LimitError{What: "signatures", Limit: maxSignatures}
		}
	}
	return nil
}

// nameTwice notes that an earlier field has the name of this one, or one that nobody can tell from it.
func (s *search) nameTwice(l *located) {
	name := l.facts.Field
	alike := skeleton(name)
	switch first, known := s.names[alike]; {
	case !known:
		s.names[alike] = name
	case first == name || slices.ContainsFunc(s.out, func(o *located) bool { return o.facts.Field == name }):
		l.facts.CMS = append(l.facts.CMS, Note{Code: "field-name-twice", Text: fmt.Sprintf("another signature field is called %q as well", name)})
	default:
		l.facts.CMS = append(l.facts.CMS, Note{Code: "field-name-alike", Text: fmt.Sprintf("the signature field %q is called almost like %q", name, first)})
	}
}

func inspect(f *pdf.File, v *pdf.View, field pdf.Field, ref pdf.Ref, sig pdf.Dict) (*located, error) {
	l := &located{sig: sig}
	l.message = sync.OnceValues(func() (*cms.SignedData, error) { return cms.Parse(l.facts.Contents) })
	l.facts.Field = field.FullName
	l.describe(v)
	return l, l.ranges(f, v, field, ref)
}

// describe reads what the signature dictionary says in plain words.
func (l *located) describe(v *pdf.View) {
	s, sig := &l.facts, l.sig
	filter, _ := v.Name(sig["Filter"])
	sub, _ := v.Name(sig["SubFilter"])
	s.Filter, s.SubFilter = string(filter), string(sub)
	typ, _ := v.Name(sig["Type"])
	s.Type = string(typ)
	s.Document = sub == "ETSI.RFC3161" || typ == "DocTimeStamp"
	s.Name, _ = v.Text(sig["Name"])
	s.Reason, _ = v.Text(sig["Reason"])
	s.Location, _ = v.Text(sig["Location"])
	s.Contact, _ = v.Text(sig["ContactInfo"])
	s.Claimed, s.Certify, s.Lock = nil, 0, nil
	l.certs = nil
	for _, o := range asArray(v, sig["Cert"]) {
		if b, ok := v.Bytes(o); ok && len(l.certs) < maxStored {
			l.certs = append(l.certs, b)
		}
	}
	if m, ok := v.Text(sig["M"]); ok {
		if t, ok := parseDate(m); ok {
			s.Claimed = &t
		}
	}
	for _, r := range references(v, sig) {
		params, _ := v.Dict(r["TransformParams"])
		switch method, _ := v.Name(r["TransformMethod"]); method {
		case "DocMDP":
			s.Certify = 2 // the default (ISO 32000-2 Table 257)
			if o := params["P"]; o != nil {
				p, ok := v.Int(o)
				if !ok || p == 0 || p != int64(int32(p)) {
					p = -1 // what is no number here may be one for another reader
				}
				s.Certify = int(p)
			}
		case "FieldMDP":
			s.Lock = readLock(v, params)
		}
	}
}

func (l *located) fault(code, format string, args ...any) {
	l.facts.Format = append(l.facts.Format, FormatFault{code, fmt.Sprintf(format, args...)})
}

// ranges checks that the ByteRange covers one whole revision except the Contents string of this very dictionary (ISO 32000-2
// §12.8.1): anything else would let unsigned bytes stand inside what a reader takes as signed.
func (l *located) ranges(f *pdf.File, v *pdf.View, field pdf.Field, ref pdf.Ref) error {
	s := &l.facts
	list, err := v.Array(l.sig["ByteRange"])
	if err != nil {
		return err
	}
	for _, o := range list {
		n, ok := v.Int(o)
		if !ok {
			l.fault("byterange-type", "the ByteRange holds something that is no whole number")
			return nil
		}
		s.ByteRange = append(s.ByteRange, n)
		if len(s.ByteRange) > maxRanges {
			break
		}
	}
	contents, ok := l.sig["Contents"].(pdf.String)
	if !ok {
		if c, isRef := l.sig["Contents"].(pdf.Ref); isRef {
			l.fault("contents-indirect", "the signature value is not in the signature dictionary but in object %d", c.Num)
			return nil
		}
		l.fault("contents-missing", "the signature dictionary has no signature value")
		return nil
	}
	s.Contents = []byte(contents)
	empty := len(bytes.TrimRight(s.Contents, "\x00")) == 0
	if empty {
		l.fault("contents-empty", "the document was prepared for a signature and never signed")
	}
	if len(list) == 0 {
		l.fault("byterange-missing", "the signature dictionary has no ByteRange")
		return nil
	}
	br := s.ByteRange
	for _, n := range br {
		if n < 0 {
			l.fault("byterange-negative", "the ByteRange has a negative number")
			return nil
		}
	}
	for i := 0; i+1 < len(br); i += 2 {
		if br[i] > f.Size() || br[i+1] > f.Size()-br[i] {
			l.fault("byterange-beyond", "the ByteRange reaches beyond the end of the file")
			return nil
		}
	}
	switch {
	case len(br) != 4:
		l.fault("byterange-count", "the ByteRange has %d numbers instead of four", len(list))
		return nil
	case br[0] != 0:
		l.fault("byterange-start", "the ByteRange does not begin at the first byte of the file")
	case br[2] < br[1]:
		l.fault("byterange-overlap", "the two parts of the ByteRange overlap")
		return nil
	case br[3] == 0 || br[1] == 0:
		l.fault("byterange-empty", "a part of the ByteRange is empty")
	}
	l.gap = pdf.Span{Start: br[0] + br[1], End: br[2]}
	l.end = br[2] + br[3]
	s.Whole = l.end == f.Size()
	if err := l.reachesEnd(f); err != nil || empty {
		return err
	}
	return l.gapIsContents(f, v, field, ref)
}

// maxRanges bounds how many numbers of a ByteRange are read.
const maxRanges = 64

// gapIsContents checks what the ByteRange leaves out, in the revision that it covers: a dictionary that a later revision wrote
// over is not the one that was signed.
func (l *located) gapIsContents(f *pdf.File, v *pdf.View, field pdf.Field, ref pdf.Ref) error {
	home, path := ref, []pdf.Name{"Contents"}
	if ref == (pdf.Ref{}) {
		home, path = field.ValueIn, []pdf.Name{"V", "Contents"}
	}
	if l.covers() && l.facts.Revision < len(f.Revisions())-1 {
		signed := f.At(l.facts.Revision)
		was, ok := signed.Lookup(home.Num)
		if now, _ := v.Lookup(home.Num); ok && !was.Free && (was.Offset != now.Offset || was.Stream != now.Stream) {
			old, err := signed.Dict(home)
			if err != nil {
				return err
			}
			if len(path) > 1 {
				if old, err = signed.Dict(old["V"]); err != nil {
					return err
				}
			}
			same, err := f.Equal(old, l.sig)
			if err != nil {
				return err
			}
			if !same && old["Contents"] != nil {
				l.fault("signature-overridden", "the signature dictionary was replaced after signing; what it said then is shown here")
				l.sig = old
				l.describe(signed)
				if c, ok := old["Contents"].(pdf.String); ok {
					l.facts.Contents = []byte(c)
				}
			}
			v = signed
		}
	}
	token, err := v.ValueSpan(home, path...)
	if err != nil {
		l.fault("signature-compressed", "the signature dictionary cannot be found in the bytes of the file: %v", err)
		return nil
	}
	switch {
	case token == l.gap:
	case token.Start < l.gap.Start || token.End > l.gap.End:
		l.fault("gap-inside", "the ByteRange covers part of the signature value itself, or leaves out another place")
	default:
		l.fault("gap-larger", "the ByteRange leaves out more than the signature value")
	}
	return l.tokenIsHex(f, token)
}

// tokenIsHex makes sure that the Contents is one hexadecimal string: a literal string, or a string that ends early with
// something hidden behind it, is not what signing programs write.
func (l *located) tokenIsHex(f *pdf.File, token pdf.Span) error {
	n := token.End - token.Start
	if n < 2 || n > 2*maxHole+2 {
		l.fault("contents-size", "the signature value has an impossible size")
		return nil
	}
	b, err := stretch(f.ReaderAt(), token)
	if err != nil {
		return err
	}
	if b[0] != '<' || b[n-1] != '>' {
		l.fault("contents-not-hex", "the signature value is not written as a hexadecimal string")
		return nil
	}
	for _, c := range b[1 : n-1] {
		if !hexOrSpace[c] {
			l.fault("contents-not-hex", "the signature value holds characters that are no hexadecimal digits")
			return nil
		}
	}
	return nil
}

// stretch gives bytes of the document, in place where it is in memory.
func stretch(r io.ReaderAt, at pdf.Span) ([]byte, error) {
	if m, ok := r.(pdf.Memory); ok && at.Start >= 0 && at.Start <= at.End && at.End <= int64(len(m)) {
		return m[at.Start:at.End], nil
	}
	b := make([]byte, at.End-at.Start)
	_, err := r.ReadAt(b, at.Start)
	return b, err
}

var hexOrSpace = func() (t [256]bool) {
	for _, c := range []byte("0123456789abcdefABCDEF\n\r ") {
		t[c] = true
	}
	return
}()

// reachesEnd checks that the covered bytes are a whole revision. The line end behind %%EOF may be covered or not.
func (l *located) reachesEnd(f *pdf.File) error {
	revs := f.Revisions()
	for i, r := range revs {
		lo := r.End
		for lo > 0 && r.End-lo < 2 {
			var b [1]byte
			if _, err := f.ReaderAt().ReadAt(b[:], lo-1); err != nil {
				return err
			}
			if b[0] != '\n' && b[0] != '\r' {
				break
			}
			lo--
		}
		if l.end >= lo && l.end <= r.End {
			l.facts.Revision = i
			return nil
		}
	}
	last := len(revs) - 1
	if l.end > revs[last].End && l.facts.Whole {
		// White space or junk behind the last marker that was there when it was signed.
		l.facts.Revision = last
		return nil
	}
	l.fault("byterange-not-revision", "the ByteRange does not end where a revision of the document ends")
	return nil
}

// parseDate reads a PDF date (ISO 32000-2 §7.9.4); producers leave parts out.
func parseDate(s string) (time.Time, bool) {
	s = strings.TrimPrefix(strings.TrimSpace(s), "D:")
	digits := 0
	for digits < len(s) && digits < 14 && s[digits] >= '0' && s[digits] <= '9' {
		digits++
	}
	if digits < 4 {
		return time.Time{}, false
	}
	full := s[:digits] + "00000101000000"[digits:] // January the first, midnight, for what is left out
	zone := strings.ReplaceAll(strings.ReplaceAll(s[digits:], "'", ""), ":", "")
	layout, value := "20060102150405", full
	if zone != "" && (zone[0] == '+' || zone[0] == '-') && len(zone) >= 3 {
		if len(zone) < 5 {
			zone = zone[:3] + "00"
		}
		layout, value = layout+"-0700", full+zone[:5]
	}
	t, err := time.Parse(layout, value)
	return t, err == nil
}
