package pdf

import (
	"bytes"
	"io"
	"math"
	"reflect"
	"slices"
	"testing"
	"time"
)

// FuzzOpen does with any bytes what a verifier does with a file. Seeds are small files of every form.
func FuzzOpen(f *testing.F) {
	table := small()
	table.obj(4, "<</Type/Sig/Contents<00>/ByteRange[0 1 2 3]>>")
	table.table("/Root 1 0 R/Size 5")
	table.obj(4, "(baru)")
	table.table("/Root 1 0 R/Size 5")
	f.Add(table.Bytes())
	f.Add(bytes.Replace(table.Bytes(), []byte("startxref"), []byte("startxxxx"), 2))
	packed := newDraft()
	dict, data := objStm(map[int]string{1: "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[9 0 R]>>>>", 2: "<</Kids[3 0 R]/Count 1>>", 3: "<</Type/Page>>", 9: "<</T(a)/FT/Sig/V<<>>/Kids[3 0 R]>>"}, 1, 2, 3, 9)
	packed.stream(5, dict+"/Extends 5 0 R/Filter/FlateDecode", deflate(data))
	packed.xrefStream(6, "/Root 1 0 R", map[int][2]int{1: {5, 0}, 2: {5, 1}, 3: {5, 2}, 9: {5, 3}})
	f.Add(packed.Bytes())
	hybrid := small()
	at := hybrid.at()
	hybrid.stream(6, "/Type/XRef/W[0 1 1]/Index[9 1]/Size 10", []byte{9, 0})
	delete(hybrid.offs, 6)
	hybrid.table("/Root 1 0 R/Size 7/XRefStm " + string(appendInt(at)))
	f.Add(hybrid.Bytes())
	encrypted := small()
	encrypted.table("/Root 1 0 R/Size 4/Encrypt<</Filter/Standard/V 2/R 3/Length 128/P -4/O<" + "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff" + ">/U<00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff>>>")
	f.Add(encrypted.Bytes())
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) > 1<<20 {
			return
		}
		t0 := time.Now()
		defer func() {
			if d := time.Since(t0); d > 5*time.Second {
				t.Errorf("took %v", d)
			}
		}()
		doc, err := Open(bytes.NewReader(b), int64(len(b)), OpenOptions{Limits: Limits{Decoded: 4 << 20, Work: 16 << 20}})
		if err != nil {
			return
		}
		for rev, r := range doc.Revisions() {
			if r.Start > r.End || r.End > doc.Size() {
				t.Errorf("revision %d = [%d,%d) of %d bytes", rev, r.Start, r.End, doc.Size())
			}
			gaps, _ := doc.Gaps(rev)
			for _, g := range gaps {
				if g.Kind != GapSlot && (g.Start < r.Start || g.End > r.End || g.Start >= g.End) {
					t.Errorf("gap %v outside of revision %d = [%d,%d)", g, rev, r.Start, r.End)
				}
			}
			if rev > 5 {
				break
			}
		}
		doc.Gaps(len(doc.Revisions()))
		v := doc.Latest()
		n, _ := v.Pages()
		for i := range min(n, 5) {
			if p, err := v.Page(i); err == nil && (p.MediaBox[0] >= p.MediaBox[2] || p.Rotate < 0 || p.Rotate > 270) {
				t.Errorf("Page(%d) = %+v", i, p)
			}
		}
		fields, _ := v.Fields()
		for _, x := range fields {
			if r, ok := x.Value.(Ref); ok {
				v.ValueSpan(r, "Contents")
			}
			v.ValueSpan(x.ValueIn, "V", "Contents")
		}
		done := 0
		for e := range v.entries() {
			if done++; done > 500 {
				break
			}
			o, _ := v.Get(Ref{e.num, genOf(e)})
			if s, ok := o.(*Stream); ok {
				if p := s.Place(); p.Start > p.End || p.End > doc.Size() {
					t.Errorf("stream %d lies at %v of %d bytes", e.num, p, doc.Size())
				}
				v.StreamData(s, 1<<20)
			}
			doc.Equal(o, o)
		}
		if g, err := doc.Rescan(); err == nil {
			g.Latest().Pages()
		}
	})
}

func appendInt(n int64) []byte {
	var b []byte
	for ; n > 0; n /= 10 {
		b = append([]byte{byte('0' + n%10)}, b...)
	}
	return b
}

// FuzzLexer reads values through windows of every length: each must give the same or ask for more.
func FuzzLexer(f *testing.F) {
	for _, s := range []string{"<</A[1 0 R(x\\)y)<00>]/B/C#20/D true>>", "[1 -2.5 +.3 null false 12 65535 R 5 foo ) ]", "<</A 1>x", "(\\123\\\r\n())", "<</A/B(c)/D>>%e\n"} {
		f.Add([]byte(s))
	}
	base := small().table("/Root 1 0 R/Size 4").Bytes()
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) > 4<<10 {
			return
		}
		whole := &lexer{buf: b, last: true, ref: true}
		want, wantErr := whole.object(0)
		for n := 0; n < len(b); n += 1 + len(b)/64 {
			l := &lexer{buf: b[:n], ref: true}
			o, err := l.object(0)
			if err == errShort {
				continue
			}
			if (err == nil) != (wantErr == nil) || err == nil && (!sameValue(o, want) || l.pos != whole.pos) {
				t.Fatalf("%q in a window of %d = %#v to %d, %v; whole %#v to %d, %v", b, n, o, l.pos, err, want, whole.pos, wantErr)
			}
		}
		if wantErr != nil {
			return
		}
		// What was read can be written and read again.
		u, err := NewUpdate(open(t, base))
		if err != nil {
			t.Fatal(err)
		}
		ref := u.Alloc()
		u.Set(ref, want)
		a, err := u.Bytes("")
		if err != nil {
			return
		}
		again, err := open(t, append(bytes.Clone(base), a.Bytes...)).Latest().Get(ref)
		if err != nil || !likeValue(again, want) {
			t.Fatalf("%q is written as %q and read as %#v, %v", b, a.Bytes, again, err)
		}
	})
}

func sameValue(a, b Object) bool { return reflect.DeepEqual(a, b) }

// likeValue allows numbers to have another form: a whole Real is written as an integer, a long one is rounded.
func likeValue(a, b Object) bool {
	switch x := a.(type) {
	case Integer:
		return likeValue(Real(x), b)
	case Real:
		switch y := b.(type) {
		case Integer:
			return likeValue(x, Real(y))
		case Real:
			return math.Abs(float64(x-y)) <= 1e-4*max(1, math.Abs(float64(x)))
		}
		return false
	case Array:
		y, ok := b.(Array)
		return ok && len(x) == len(y) && !slices.ContainsFunc(seq(len(x)), func(i int) bool { return !likeValue(x[i], y[i]) })
	case Dict:
		y, ok := b.(Dict)
		if !ok || len(x) != len(y) {
			return false
		}
		for k := range x {
			if !likeValue(x[k], y[k]) {
				return false
			}
		}
		return true
	}
	return a == b
}

func seq(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

// FuzzFilters runs data through chains of filters, with a meter that must never be passed.
func FuzzFilters(f *testing.F) {
	text := []byte("Surat Perintah Tugas Surat Perintah Tugas")
	for _, s := range []string{"/Filter/FlateDecode", "/Filter/LZWDecode/DecodeParms<</EarlyChange 0/Predictor 12/Columns 4>>", "/Filter[/ASCIIHexDecode/RunLengthDecode]", "/Filter[/A85/Fl]/DecodeParms[null<</Predictor 2/BitsPerComponent 4/Colors 3/Columns 5>>]", "/Filter/Crypt"} {
		f.Add(s, deflate(text))
		f.Add(s, encodeLZW(text))
		f.Add(s, encode85(deflate(text)))
	}
	f.Fuzz(func(t *testing.T, dict string, data []byte) {
		o, _, err := lexed("<<" + dict + ">>")
		d, ok := o.(Dict)
		if err != nil || !ok {
			return
		}
		const limit = 1 << 20
		used := int64(0)
		r, err := decoder(d, bytes.NewReader(data), plainResolve, func(n int64) error {
			if used += n; used > limit {
				return &LimitError{What: "test", Limit: limit}
			}
			return nil
		})
		if err != nil {
			return
		}
		whole, err := readAll(r, int64(len(data)), limit)
		if int64(len(whole)) > limit {
			t.Errorf("%d bytes came out", len(whole))
		}
		if err != nil || len(whole) > 10_000 {
			return
		}
		r, err = decoder(d, bytes.NewReader(data), plainResolve, noCharge)
		if err != nil {
			t.Fatal(err)
		}
		var slow bytes.Buffer
		if _, err := io.CopyBuffer(struct{ io.Writer }{&slow}, struct{ io.Reader }{r}, make([]byte, 3)); err != nil || !bytes.Equal(slow.Bytes(), whole) {
			t.Errorf("%q: %q at once, %q in small pieces, %v", dict, whole, slow.Bytes(), err)
		}
	})
}
