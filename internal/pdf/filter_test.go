package pdf

import (
	"bytes"
	"compress/lzw"
	base85 "encoding/ascii85"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

func plainResolve(o Object) Object { return o }

func noCharge(int64) error { return nil }

func decodeWith(t *testing.T, dict string, data []byte) ([]byte, error) {
	t.Helper()
	o, _, err := lexed("<<" + dict + ">>")
	if err != nil {
		t.Fatal(err)
	}
	r, err := decoder(o.(Dict), bytes.NewReader(data), plainResolve, noCharge)
	if err != nil {
		return nil, err
	}
	whole, err := readAll(r, int64(len(data)), 1<<20)
	// The same, a byte at a time.
	r, _ = decoder(o.(Dict), iotest.OneByteReader(bytes.NewReader(data)), plainResolve, noCharge)
	slow, _ := io.ReadAll(iotest.OneByteReader(r))
	if err == nil && !bytes.Equal(whole, slow) {
		t.Errorf("%s: %q at once, %q byte by byte", dict, whole, slow)
	}
	return whole, err
}

func encodeLZW(b []byte) []byte {
	// The library's variant grows its codes as late as EarlyChange 0 does.
	var out bytes.Buffer
	w := lzw.NewWriter(&out, lzw.MSB, 8)
	w.Write(b)
	w.Close()
	return out.Bytes()
}

func encode85(b []byte) []byte {
	out := make([]byte, base85.MaxEncodedLen(len(b)))
	return append(out[:base85.Encode(out, b)], "~>"...)
}

func TestFilters(t *testing.T) {
	text := bytes.Repeat([]byte("Dengan hormat, bersama ini kami sampaikan. "), 300)
	noise := make([]byte, 9000)
	for i := range noise {
		noise[i] = byte(i * i >> 3)
	}
	for name, c := range map[string]struct {
		dict string
		data []byte
		want []byte
	}{
		"none":               {"", text, text},
		"flate":              {"/Filter/FlateDecode", deflate(text), text},
		"flate-short-name":   {"/Filter[/Fl]", deflate(text), text},
		"flate-line-end":     {"/Filter/FlateDecode", append([]byte("\r\n"), deflate(text)...), text},
		"flate-no-checksum":  {"/Filter/FlateDecode", deflate(text)[:len(deflate(text))-4], text},
		"flate-no-header":    {"/Filter/FlateDecode", deflate(text)[2:], text},
		"flate-trailing":     {"/Filter/FlateDecode", append(deflate(text), "\r\nxx"...), text},
		"lzw-late":           {"/Filter/LZWDecode/DecodeParms<</EarlyChange 0>>", encodeLZW(text), text},
		"lzw-late-noise":     {"/Filter/LZWDecode/DecodeParms[<</EarlyChange 0>>]", encodeLZW(noise), noise},
		"lzw-standard":       {"/Filter/LZWDecode", []byte{0x80, 0x0b, 0x60, 0x50, 0x22, 0x0c, 0x0c, 0x85, 0x01}, []byte("-----A---B")}, // the example of ISO 32000-2 §7.4.4.2
		"hex":                {"/Filter/ASCIIHexDecode", []byte("53 75\n7261 7>"), []byte("Surap")},
		"85":                 {"/Filter/ASCII85Decode", encode85(text), text},
		"85-marks-and-zeros": {"/Filter/A85", []byte(" <~z\n87cURDZ~>"), []byte("\x00\x00\x00\x00Hello")},
		"run-length":         {"/Filter/RunLengthDecode", []byte{2, 'a', 'b', 'c', 254, 'x', 0, 'y', 128, 'z'}, []byte("abcxxxy")},
		"chain":              {"/Filter[/ASCIIHexDecode/ASCII85Decode/FlateDecode]", []byte(hex.EncodeToString(encode85(deflate(text))) + ">"), text},
		"crypt-identity":     {"/Filter[/Crypt/FlateDecode]/DecodeParms[<</Name/Identity>>null]", deflate(text), text},
		"png-up":             {"/Filter/FlateDecode/DecodeParms<</Predictor 12/Columns 3>>", deflate([]byte{2, 1, 2, 3, 2, 1, 1, 1}), []byte{1, 2, 3, 2, 3, 4}},
		"png-all":            {"/Filter/FlateDecode/DecodeParms<</Predictor 15/Columns 3>>", deflate([]byte{0, 10, 20, 30, 1, 1, 1, 1, 2, 5, 5, 5, 3, 4, 4, 4, 4, 1, 1, 1}), []byte{10, 20, 30, 1, 2, 3, 6, 7, 8, 7, 11, 13, 8, 12, 14}},
		"png-two-colours":    {"/Filter/FlateDecode/DecodeParms<</Predictor 11/Colors 2/Columns 2>>", deflate([]byte{1, 1, 2, 3, 4}), []byte{1, 2, 4, 6}},
		"png-short-row":      {"/Filter/FlateDecode/DecodeParms<</Predictor 12/Columns 4>>", deflate([]byte{2, 1, 2, 3, 4, 2, 1, 1}), []byte{1, 2, 3, 4, 2, 3}},
		"tiff-8":             {"/Filter/FlateDecode/DecodeParms<</Predictor 2/Columns 3>>", deflate([]byte{1, 1, 1, 5, 1, 1}), []byte{1, 2, 3, 5, 6, 7}},
		"tiff-16":            {"/Filter/FlateDecode/DecodeParms<</Predictor 2/BitsPerComponent 16/Columns 2>>", deflate([]byte{0, 255, 0, 1}), []byte{0, 255, 1, 0}},
		"tiff-4":             {"/Filter/FlateDecode/DecodeParms<</Predictor 2/BitsPerComponent 4/Columns 4>>", deflate([]byte{0x11, 0x1f}), []byte{0x12, 0x32}},
	} {
		got, err := decodeWith(t, c.dict, c.data)
		if err != nil || !bytes.Equal(got, c.want) {
			t.Errorf("%s = %.60q, %v, want %.60q", name, got, err, c.want)
		}
	}
}

// TestEarlyChange decodes what a hand-written encoder for the default of the standard makes.
func TestEarlyChange(t *testing.T) {
	var want []byte
	for i := range 6000 {
		want = append(want, byte(i*7), byte(i>>4))
	}
	var out []byte
	acc, bits, width := uint64(0), 0, 9
	put := func(code int) {
		acc = acc<<width | uint64(code)
		for bits += width; bits >= 8; bits -= 8 {
			out = append(out, byte(acc>>(bits-8)))
		}
	}
	table := map[string]int{}
	reset := func() {
		clear(table)
		for i := range 256 {
			table[string([]byte{byte(i)})] = i
		}
		width = 9
	}
	reset()
	put(256)
	next := 258
	cur := ""
	for _, b := range want {
		if _, ok := table[cur+string([]byte{b})]; ok {
			cur += string([]byte{b})
			continue
		}
		put(table[cur])
		table[cur+string([]byte{b})] = next
		next++
		switch next {
		case 512, 1024, 2048:
			width++
		case 4094:
			put(256)
			reset()
			next = 258
		}
		cur = string([]byte{b})
	}
	put(table[cur])
	put(257)
	width = 8
	put(0)
	got, err := decodeWith(t, "/Filter/LZW", out)
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("decoded %d bytes, %v, want %d", len(got), err, len(want))
	}
}

// TestDamagedStreams keeps what came before the damage.
func TestDamagedStreams(t *testing.T) {
	text := []byte(strings.Repeat("Lampiran surat ini tidak terpisahkan. ", 400))
	z := deflate(text)
	got, err := decodeWith(t, "/Filter/FlateDecode", z[:len(z)/2])
	if !errors.Is(err, errFilter) || len(got) == 0 || !bytes.HasPrefix(text, got) {
		t.Errorf("half of a deflated stream gave %d bytes, %v", len(got), err)
	}
	if _, err := decodeWith(t, "/Filter/ASCII85Decode", []byte("87cUR\x80")); !errors.Is(err, errFilter) {
		t.Errorf("ascii85 with a wrong byte: %v", err)
	}
	if _, err := decodeWith(t, "/Filter/LZWDecode", []byte{0xff, 0xff}); !errors.Is(err, errFilter) {
		t.Errorf("lzw with a wrong code: %v", err)
	}
	for _, f := range []string{"DCTDecode", "JPXDecode", "JBIG2Decode", "CCITTFaxDecode", "Zonk"} {
		var unsupported *UnsupportedError
		if _, err := decodeWith(t, "/Filter/"+f, nil); !errors.As(err, &unsupported) {
			t.Errorf("%s: %v, want *UnsupportedError", f, err)
		}
	}
	if _, err := decodeWith(t, "/Filter["+strings.Repeat("/AHx", 9)+"]", nil); err == nil {
		t.Error("nine filters are accepted")
	}
}

func TestStreamLimits(t *testing.T) {
	d := small()
	d.stream(4, "/Filter/FlateDecode", deflate(make([]byte, 1<<20)))
	b := d.table("/Root 1 0 R/Size 5").Bytes()
	f := open(t, b)
	s, err := f.Latest().Stream(Ref{Num: 4})
	if err != nil || s == nil {
		t.Fatal(err)
	}
	var limit *LimitError
	if got, err := f.Latest().StreamData(s, 1<<20); err != nil || len(got) != 1<<20 {
		t.Errorf("StreamData up to the exact limit = %d bytes, %v", len(got), err)
	}
	if _, err := f.Latest().StreamData(s, 1<<20-1); !errors.As(err, &limit) {
		t.Errorf("StreamData over the limit: %v, want *LimitError", err)
	}
	f, err = Open(bytes.NewReader(b), int64(len(b)), OpenOptions{Limits: Limits{Decoded: 3 << 20}})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 4 {
		s, err = f.Latest().Stream(Ref{Num: 4})
		if err != nil {
			t.Fatal(err)
		}
		if _, err = f.Latest().StreamData(s, 0); (err != nil) != (i == 3) {
			t.Errorf("reading number %d of 1 MiB of 3 allowed: %v", i+1, err)
		}
	}
}

func TestStreamEnds(t *testing.T) {
	for name, c := range map[string]struct{ body, want, notes string }{
		"lf":              {"<</Length 3>>\nstream\nabc\nendstream", "abc", ""},
		"crlf":            {"<</Length 3>>\r\nstream\r\nabc\r\nendstream", "abc", ""},
		"cr-alone":        {"<</Length 3>>\rstream\rabc\rendstream", "abc", ""},
		"blank":           {"<</Length 3>> stream  \nabc endstream", "abc", ""},
		"no-line-end":     {"<</Length 3>>stream\nabcendstream", "abc", ""},
		"too-short":       {"<</Length 2>>stream\nabc\nendstream", "abc", "stream-length"},
		"too-long":        {"<</Length 900>>stream\nabc\r\nendstream", "abc", "stream-length"},
		"missing":         {"<<>>stream\nabc\nendstream", "abc", "stream-length"},
		"negative":        {"<</Length -3>>stream\nabc\nendstream", "abc", "stream-length"},
		"indirect":        {"<</Length 5 0 R>>stream\nabc\nendstream", "abc", ""},
		"itself":          {"<</Length 4 0 R>>stream\nabc\nendstream", "abc", "stream-length"},
		"no-endstream":    {"<</Length 99>>stream\nabc", "abc", "stream-length"},
		"length-is-right": {"<</Length 13>>stream\nabc endstream\nendstream", "abc endstream", ""},
	} {
		d := small()
		d.obj(4, c.body)
		d.obj(5, "3")
		f := open(t, d.table("/Root 1 0 R/Size 6").Bytes())
		s, err := f.Latest().Stream(Ref{Num: 4})
		if err != nil || s == nil {
			t.Errorf("%s: %v, %v", name, s, err)
			continue
		}
		if got, err := f.Latest().StreamData(s, 0); err != nil || string(got) != c.want || codes(f) != c.notes {
			t.Errorf("%s = %q, %v, notes %q, want %q, notes %q", name, got, err, codes(f), c.want, c.notes)
		}
	}
}

func ExampleView_StreamReader() {
	d := small()
	d.stream(4, "/Filter/FlateDecode", deflate([]byte("isi lampiran")))
	b := d.table("/Root 1 0 R/Size 5").Bytes()
	f, _ := Open(bytes.NewReader(b), int64(len(b)), OpenOptions{})
	s, _ := f.Latest().Stream(Ref{Num: 4})
	r, _ := f.Latest().StreamReader(s)
	data, _ := io.ReadAll(r)
	fmt.Printf("%s\n", data)
	// Output: isi lampiran
}
