package pdf

import (
	"bytes"
	"cmp"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Bounds of one object; honest files stay far below.
const (
	maxDepth    = 100       // nesting of arrays and dictionaries
	maxMembers  = 1_000_000 // entries of all containers of one object; a container and a key count as several
	maxWarnings = 8         // tolerances told of one object
	maxNulls    = 16        // keys without a value that are remembered of one dictionary
)

var (
	errShort = errors.New("object runs past the bytes at hand") // the window ends inside a token; ask again with a larger one
	errDepth = &LimitError{What: "nesting of arrays and dictionaries", Limit: maxDepth}
)

// SyntaxError is a place that is not PDF.
type SyntaxError struct {
	Offset int64
	What   string
}

func (e *SyntaxError) Error() string { return fmt.Sprintf("byte %d: %s", e.Offset, e.What) }

// lexer reads tokens from a window of the file. base is the file offset of buf[0]; at the end of a window that is not the end
// of the file it answers errShort.
type lexer struct {
	buf     []byte
	pos     int
	base    int64
	last    bool // the window reaches the end of the input
	members int
	wasted  int   // bytes behind the position that were looked at in vain
	notes   *File // told of tolerances, a few times; may be nil
	notesAt int64 // where it is told that they are, when not zero: what an object stream holds has no place in the file
	warned  int
	ref     bool // "N G R" is a reference (not so in content streams)
	// find is a key of the outermost dictionary, span where its value stands, the last one of several. The values do not matter then:
	// dictionaries, arrays and hexadecimal strings come out empty.
	find Name
	span Span
}

const (
	regular byte = iota
	white
	delim
)

var class = func() (c [256]byte) {
	for _, b := range []byte{0, 9, 10, 12, 13, 32} {
		c[b] = white
	}
	for _, b := range []byte("()<>[]{}/%") {
		c[b] = delim
	}
	return
}()

func isDigit(b byte) bool { return b >= '0' && b <= '9' }

func (l *lexer) err(what string) error { return &SyntaxError{l.base + int64(l.pos), what} }

func (l *lexer) tell(code string, at int64, text string) {
	if l.notes != nil && l.warned < maxWarnings {
		l.warned++
		l.notes.note(code, cmp.Or(l.notesAt, at), text)
	}
}

// space skips white space and comments.
func (l *lexer) space() {
	for l.pos < len(l.buf) {
		b := l.buf[l.pos]
		switch {
		case class[b] == white:
			l.pos++
		case b == '%':
			for l.pos < len(l.buf) && l.buf[l.pos] != '\n' && l.buf[l.pos] != '\r' {
				l.pos++
			}
		default:
			return
		}
	}
}

// word returns the run of regular characters at the position, without moving.
func (l *lexer) word() []byte {
	i := l.pos
	for i < len(l.buf) && class[l.buf[i]] == regular {
		i++
	}
	return l.buf[l.pos:i]
}

// object reads one value.
func (l *lexer) object(depth int) (Object, error) {
	if depth > maxDepth {
		return nil, errDepth
	}
	l.space()
	if l.pos >= len(l.buf) {
		return nil, l.short("a value is missing")
	}
	switch b := l.buf[l.pos]; b {
	case '/':
		return l.name()
	case '(':
		return l.literal()
	case '[':
		return l.array(depth)
	case '<':
		if l.pos+1 >= len(l.buf) {
			return nil, l.short("a value is missing")
		}
		if l.buf[l.pos+1] == '<' {
			return l.dict(depth)
		}
		return l.hex()
	case ')', '>', ']', '{', '}':
		return nil, l.err("a value is missing")
	default:
		if r, ok := l.plainReference(); ok {
			if r.Gen == 0 && r.Num < uint32(len(lowRefs)) {
				return lowRefs[r.Num], nil
			}
			return r, nil
		}
	}
	return l.scalar()
}

// lowRefs are boxed once: they are most references of most files.
var lowRefs = func() (refs [1 << 10]Object) {
	for i := range refs {
		refs[i] = Ref{Num: uint32(i)}
	}
	return
}()

// plainReference reads "N G R" as nearly all are written: with single blanks, and more bytes at hand behind it. Otherwise it reads nothing.
func (l *lexer) plainReference() (Ref, bool) {
	if !l.ref {
		return Ref{}, false
	}
	b := l.buf[l.pos:]
	num, i := shortNumber(b, 0)
	gen, k := shortNumber(b, i+1)
	if i == 0 || k == i+1 || k+2 >= len(b) || b[i] != ' ' || b[k] != ' ' || b[k+1] != 'R' || class[b[k+2]] == regular || gen > math.MaxUint16 {
		return Ref{}, false
	}
	l.pos += k + 2
	return Ref{num, uint16(gen)}, true
}

// shortNumber reads digits from b[i], nine at most, and returns where they end.
func shortNumber(b []byte, i int) (n uint32, end int) {
	for end = i; end < len(b) && end < i+9 && isDigit(b[end]); end++ {
		n = n*10 + uint32(b[end]-'0')
	}
	return n, end
}

func (l *lexer) short(what string) error {
	if !l.last {
		return errShort
	}
	return l.err(what)
}

// endless is short for a token that everything up to the end was looked at for.
func (l *lexer) endless(what string) error {
	if l.last {
		l.wasted += len(l.buf) - l.pos
	}
	return l.short(what)
}

func (l *lexer) scalar() (Object, error) {
	w := l.word()
	if l.pos+len(w) >= len(l.buf) && !l.last {
		return nil, errShort
	}
	if b := w[0]; isDigit(b) || b == '+' || b == '-' || b == '.' {
		return l.number(w)
	}
	switch string(w) {
	case "true":
		l.pos += 4
		return true, nil
	case "false":
		l.pos += 5
		return false, nil
	case "null":
		l.pos += 4
		return nil, nil
	}
	l.wasted += len(w)
	return nil, l.err("a word that is no value")
}

func (l *lexer) number(w []byte) (Object, error) {
	start := l.pos
	n, real, isReal, ok := parseNumber(w)
	if !ok {
		l.wasted += len(w)
		return nil, l.err("a word that is no number")
	}
	l.pos += len(w)
	if isReal {
		return Real(real), nil
	}
	if !l.ref || n < 0 || n > math.MaxUint32 || w[0] == '+' {
		return Integer(n), nil
	}
	r, ok, err := l.reference(n)
	switch {
	case err != nil:
		l.pos = start
		return nil, err
	case ok:
		return r, nil
	}
	return Integer(n), nil
}

// reference looks whether the number before the position begins "N G R", and steps over it if so. It looks ahead without comments, which
// nobody writes there.
func (l *lexer) reference(n int64) (Ref, bool, error) {
	i := l.pos
	for i < len(l.buf) && class[l.buf[i]] == white {
		i++
	}
	if i == l.pos && i < len(l.buf) || i < len(l.buf) && !isDigit(l.buf[i]) {
		return Ref{}, false, nil
	}
	g, digits := 0, i
	for i < len(l.buf) && isDigit(l.buf[i]) && i-digits < 6 {
		g = g*10 + int(l.buf[i]-'0')
		i++
	}
	j := i
	for i < len(l.buf) && class[l.buf[i]] == white {
		i++
	}
	if i >= len(l.buf) && !l.last {
		return Ref{}, false, errShort
	}
	if i < len(l.buf) && i > j && l.buf[i] == 'R' && g <= math.MaxUint16 {
		if i+1 >= len(l.buf) && !l.last {
			return Ref{}, false, errShort
		}
		if i+1 >= len(l.buf) || class[l.buf[i+1]] != regular {
			l.pos = i + 1
			return Ref{uint32(n), uint16(g)}, true, nil
		}
	}
	return Ref{}, false, nil
}

const maxDigits = 400 // no number needs more; longer ones are read as 0

// parseNumber reads integers and reals, and the malformed ones that producers write ("--5", "1.2.3", "5-3"): viewers take the
// longest sensible beginning.
func parseNumber(w []byte) (n int64, real float64, isReal, ok bool) {
	i, neg := 0, false
	for i < len(w) && (w[i] == '+' || w[i] == '-') {
		neg = neg || w[i] == '-'
		i++
	}
	first := i
	digits := 0
	overflow := false
	for ; i < len(w) && isDigit(w[i]); i++ {
		d := int64(w[i] - '0')
		if n > (math.MaxInt64-d)/10 {
			overflow = true
		} else {
			n = n*10 + d
		}
		digits++
	}
	if i == len(w) && !overflow {
		if neg {
			n = -n
		}
		return n, 0, false, digits > 0
	}
	if i < len(w) && w[i] == '.' {
		i++
		for ; i < len(w) && isDigit(w[i]); i++ {
			digits++
		}
	}
	if digits > 0 && digits <= maxDigits {
		// Exactly what other programs read, so that a value that is written again stays the same.
		real, _ = strconv.ParseFloat(string(w[first:i]), 64)
		real = min(real, math.MaxFloat32) // so that no sum is infinite
	}
	if digits == 0 && !(len(w) == 1 && w[0] == '.' || len(w) == 1 && w[0] == '-') {
		return 0, 0, false, false
	}
	for ; i < len(w); i++ {
		if c := w[i]; !isDigit(c) && c != '.' && c != '-' {
			return 0, 0, false, false
		}
	}
	if neg {
		real = -real
	}
	return 0, real, true, true
}

func (l *lexer) name() (Object, error) {
	l.pos++
	w := l.word()
	if l.pos+len(w) >= len(l.buf) && !l.last {
		l.pos--
		return nil, errShort
	}
	l.pos += len(w)
	if o := *commonName(w); o != nil {
		return o, nil
	}
	return Name(unescapeName(w)), nil
}

// commonName is the place of a name in commonNames, an empty one when it is none of them.
func commonName(w []byte) *Object {
	hash := uint32(0)
	if n := len(w); n > 0 {
		hash = (uint32(n)<<24 ^ uint32(w[0])<<16 ^ uint32(w[n/2])<<8 ^ uint32(w[n-1])) * 0x9e3779b1
	}
	for i := hash >> 16; ; i++ {
		o := &commonNames[i%uint32(len(commonNames))]
		if *o == nil || string((*o).(Name)) == string(w) {
			return o
		}
	}
}

// commonNames are boxed once: most names of most files are among them. It is a hash table, faster than a map where nothing changes.
var commonNames [512]Object

func init() {
	for _, s := range strings.Fields(`AP AS AcroForm Alt Annot Annots Art ArtBox Author BBox BM BS BaseFont BitsPerComponent BleedBox Border
		ByteRange CA CF CIDToGIDMap CRLs Catalog Cert Certs CS ColorSpace Colors Columns Contents Count CreationDate Creator CropBox D
		DA DCTDecode DR DSS DW DecodeParms DescendantFonts Dest Dests DeviceCMYK DeviceGray DeviceRGB DisplayDocTitle DocMDP Document Domain ETSI.CAdES.detached
		Adobe.PPKLite adbe.pkcs7.detached Encode Encoding Encrypt Extends ExtGState F F0 F1 F2 F3 FT Ff Fields Filter First FirstChar FirstPage
		FlateDecode Flags Font FontBBox FontDescriptor FontFile2 FontFile3 FontName Form FunctionType Group H Height I ICCBased ID
		Identity-H Image Index Info Interpolate K Keywords Kids Lang Last LastChar Length Length1 Limits Linearized Location Lock M MCID MK
		MarkInfo Marked MediaBox Metadata ModDate N Name Names Next Nums O OBJR OCSP OCSPs ObjStm Obj OpenAction Outlines OutputIntents P
		PDF Page PageLabels PageMode Pages Parent ParentTree ParentTreeNextKey Perms Pg Predictor Prev ProcSet Producer Q R Reason Rect
		Reference Registry Resources Root Rotate S SMask Sig SigFlags SigRef Size StructElem StructParent StructParents StructTreeRoot
		SubFilter Subtype Supplement T TR TU TabOrder Tabs Text TimeStamp Title ToUnicode Trans TransformMethod TransformParams TrimBox
		TrueType Tx Type Type0 Type1 U URI UserUnit V VRI Version ViewerPreferences W Widget Widths Width Win XML XObject XRef XRefStm XStep`) {
		*commonName([]byte(s)) = Name(s)
	}
}

func unescapeName(w []byte) string {
	for i, b := range w {
		if b == '#' {
			out := append(make([]byte, 0, len(w)), w[:i]...)
			for ; i < len(w); i++ {
				if w[i] == '#' && i+2 < len(w) && hexVal[w[i+1]] < 16 && hexVal[w[i+2]] < 16 {
					out = append(out, hexVal[w[i+1]]<<4|hexVal[w[i+2]])
					i += 2
					continue
				}
				out = append(out, w[i])
			}
			return string(out)
		}
	}
	return string(w)
}

var hexVal = func() (v [256]byte) {
	for i := range v {
		v[i] = 255
	}
	for i := byte(0); i < 10; i++ {
		v['0'+i] = i
	}
	for i := byte(0); i < 6; i++ {
		v['a'+i], v['A'+i] = 10+i, 10+i
	}
	return
}()

func (l *lexer) hex() (Object, error) {
	// A signature value has thousands of digits and nothing between them: decode it at once.
	if n := bytes.IndexByte(l.buf[l.pos+1:], '>'); n >= 0 && n%2 == 0 {
		if l.find != "" {
			l.pos += n + 2
			return String(""), nil
		}
		if s, ok := decodeHex(l.buf[l.pos+1 : l.pos+1+n]); ok {
			l.pos += n + 2
			return s, nil
		}
	}
	return l.hexWithSpace()
}

// decodeHex makes the string piece by piece, so that it is in memory once.
func decodeHex(b []byte) (String, bool) {
	var out strings.Builder
	var piece [256]byte
	out.Grow(len(b) / 2)
	for len(b) > 0 {
		k := min(len(b), 2*len(piece))
		n, err := hex.Decode(piece[:], b[:k])
		if err != nil {
			return "", false
		}
		out.Write(piece[:n])
		b = b[k:]
	}
	return String(out.String()), true
}

// hexWithSpace skips white space, and what viewers skip as well.
func (l *lexer) hexWithSpace() (Object, error) {
	out := make([]byte, 0, 32)
	high, half := byte(0), false
	for i := l.pos + 1; i < len(l.buf); i++ {
		b := l.buf[i]
		if b == '>' {
			if half {
				out = append(out, high<<4)
			}
			l.pos = i + 1
			return String(out), nil
		}
		v := hexVal[b]
		if v == 255 {
			continue
		}
		if half {
			out = append(out, high<<4|v)
		} else {
			high = v
		}
		half = !half
	}
	return nil, l.endless("a hexadecimal string does not end")
}

func (l *lexer) literal() (Object, error) {
	out := make([]byte, 0, 32)
	depth := 1
	for i := l.pos + 1; i < len(l.buf); i++ {
		b := l.buf[i]
		switch b {
		case '(':
			depth++
		case ')':
			depth--
			if depth == 0 {
				l.pos = i + 1
				return String(out), nil
			}
		case '\r':
			// A line end in a string is one line feed, however it is written (ISO 32000-2 §7.3.4.2).
			if i+1 < len(l.buf) && l.buf[i+1] == '\n' {
				i++
			}
			b = '\n'
		case '\\':
			i++
			if i >= len(l.buf) {
				break // does not end
			}
			switch c := l.buf[i]; c {
			case 'n':
				b = '\n'
			case 'r':
				b = '\r'
			case 't':
				b = '\t'
			case 'b':
				b = '\b'
			case 'f':
				b = '\f'
			case '\r':
				if i+1 < len(l.buf) && l.buf[i+1] == '\n' {
					i++
				}
				continue
			case '\n':
				continue
			case '0', '1', '2', '3', '4', '5', '6', '7':
				v := int(c - '0')
				for k := 0; k < 2 && i+1 < len(l.buf) && l.buf[i+1] >= '0' && l.buf[i+1] <= '7'; k++ {
					i++
					v = v<<3 | int(l.buf[i]-'0')
				}
				b = byte(v)
			default:
				b = c
			}
		}
		out = append(out, b)
	}
	return nil, l.endless("a string does not end")
}

func (l *lexer) count(n int) error {
	l.members += n
	if l.members > maxMembers {
		return &LimitError{What: "entries in one object", Limit: maxMembers}
	}
	return nil
}

func (l *lexer) array(depth int) (Object, error) {
	l.pos++
	if err := l.count(1); err != nil {
		return nil, err
	}
	var out list
	for {
		l.space()
		if l.pos >= len(l.buf) {
			return nil, l.short("an array does not end")
		}
		switch l.buf[l.pos] {
		case ']':
			l.pos++
			return out.array(), nil
		case '>':
			if l.pos+1 >= len(l.buf) {
				return nil, l.short("an array does not end")
			}
			if l.buf[l.pos+1] == '>' {
				l.tell("array-end", l.base+int64(l.pos), "an array does not end before its dictionary does")
				return out.array(), nil
			}
		}
		o, err := l.object(depth + 1)
		if err != nil {
			if l.cut(err) {
				return out.array(), nil
			}
			if !l.skipStray(err) {
				return nil, err
			}
			continue
		}
		if err := l.count(1); err != nil {
			return nil, err
		}
		if l.find == "" {
			out.add(o)
		}
	}
}

// list collects the values of an array. Most arrays are short: then nothing but the array itself is allocated, in its exact size.
type list struct {
	few  [32]Object
	n    int   // in few
	more Array // all of them, once few is full
}

func (s *list) add(o Object) {
	switch {
	case s.n < len(s.few):
		s.few[s.n] = o
		s.n++
		return
	case s.more == nil:
		s.more = append(make(Array, 0, 2*s.n), s.few[:]...)
	}
	s.more = append(s.more, o)
}

func (s *list) array() Array {
	if s.more == nil {
		return append(make(Array, 0, s.n), s.few[:s.n]...)
	}
	return s.more
}

// cut reports whether a word stands here that says that the object is over, though containers are still open: what they have so
// far is kept, as viewers do.
func (l *lexer) cut(err error) bool {
	if _, syntax := err.(*SyntaxError); !syntax {
		return false
	}
	switch string(l.word()) {
	case "endobj", "endstream", "obj", "stream", "xref", "trailer", "startxref":
		l.tell("object-cut", l.base+int64(l.pos), "an object ends before its arrays and dictionaries do")
		return true
	}
	return false
}

// skipStray steps over a word that is no value inside a container, as viewers do.
func (l *lexer) skipStray(err error) bool {
	if _, syntax := err.(*SyntaxError); !syntax || l.pos >= len(l.buf) {
		return false
	}
	w := l.word()
	if len(w) == 0 {
		switch l.buf[l.pos] {
		case ')', '{', '}', ']', '>':
			w = l.buf[l.pos : l.pos+1]
		default:
			return false
		}
	}
	l.tell("stray-token", l.base+int64(l.pos), "a word that is no value stands inside an array or a dictionary")
	l.pos += len(w)
	return true
}

func (l *lexer) dict(depth int) (Object, error) {
	l.pos += 2
	if err := l.count(4); err != nil {
		return nil, err
	}
	var out Dict
	find := Name("")
	if l.find == "" {
		out = make(Dict)
	} else if depth == 0 {
		find = l.find
	}
	var nulls []Name // keys written with the value null, which is as good as none (ISO 32000-2 §7.3.7)
	for {
		l.space()
		if l.pos >= len(l.buf) {
			return nil, l.short("a dictionary does not end")
		}
		if l.buf[l.pos] == '>' {
			if l.pos+1 >= len(l.buf) {
				return nil, l.short("a dictionary does not end")
			}
			l.pos++
			if l.buf[l.pos] == '>' {
				l.pos++
			} else {
				l.tell("dict-end", l.base+int64(l.pos), "a dictionary ends with one > instead of two")
			}
			return out, nil
		}
		if l.buf[l.pos] != '/' {
			if w := l.word(); l.pos+len(w) >= len(l.buf) && !l.last {
				return nil, errShort
			}
			switch l.buf[l.pos] {
			case '(', '<', '[':
				l.tell("value-without-key", l.base+int64(l.pos), "a dictionary has a value without a key")
				if _, err := l.object(depth + 1); err != nil {
					return nil, err
				}
				if err := l.count(1); err != nil {
					return nil, err
				}
				continue
			}
			err := l.err("a dictionary has a value without a key")
			if l.cut(err) {
				return out, nil
			}
			if !l.skipStray(err) {
				return nil, err
			}
			continue
		}
		at := l.base + int64(l.pos)
		k, err := l.name()
		if err != nil {
			return nil, err
		}
		key := k.(Name)
		l.space()
		if l.pos >= len(l.buf) {
			return nil, l.short("a dictionary does not end")
		}
		if l.buf[l.pos] == '>' {
			if l.pos+1 >= len(l.buf) && !l.last {
				return nil, errShort
			}
			l.tell("key-without-value", at, fmt.Sprintf("the key /%s has no value", key))
			continue // the end of the dictionary, read by the next turn
		}
		start := l.base + int64(l.pos)
		v, err := l.object(depth + 1)
		if err != nil {
			if l.cut(err) {
				return out, nil
			}
			if !l.skipStray(err) {
				return nil, err
			}
			continue
		}
		if err := l.count(2); err != nil {
			return nil, err
		}
		if l.find != "" {
			if key == find {
				l.span = Span{start, l.base + int64(l.pos)}
			}
			continue
		}
		n := len(out)
		if out[key] = v; len(out) == n || nulls != nil && slices.Contains(nulls, key) {
			l.tell("duplicate-key", at, fmt.Sprintf("the key /%s is written twice in one dictionary", key))
		}
		if v == nil {
			delete(out, key)
			if len(nulls) < maxNulls {
				nulls = append(nulls, key)
			}
		}
	}
}
