package pades_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"fmt"
	"image"
	"image/png"
	"io"
	"strings"
	"testing"

	"absah/internal/pdf"
	"absah/internal/sigalg"
	"absah/internal/testkit"
	"absah/pades"
)

// as says whether an error is of a type, for tables.
func as[E error](err error) bool {
	var e E
	return errors.As(err, &e)
}

func is(target error) func(error) bool { return func(err error) bool { return errors.Is(err, target) } }

// TestRefuse gives everything that cannot be signed: one error of its kind, words that say what it is about, nothing written.
func TestRefuse(t *testing.T) {
	p := testkit.NewPKI(t, nil)
	plain := testkit.Document(t, 2)
	certified := func() []byte {
		o := options(p, pades.LevelB)
		o.Certify = 1
		return sign(t, p, plain, o)
	}()
	signed := sign(t, p, plain, options(p, pades.LevelB))
	rect := pdf.Array{pdf.Integer(0), pdf.Integer(0), pdf.Integer(0), pdf.Integer(0)}
	var huge bytes.Buffer
	if err := png.Encode(&huge, image.NewGray(image.Rect(0, 0, 12000, 9000))); err != nil {
		t.Fatal(err)
	}
	look := func(a pades.Appearance) func(*pades.SignOptions) {
		return func(o *pades.SignOptions) { o.Appearance = &a }
	}
	for name, c := range map[string]struct {
		doc    []byte
		lock   bool // with passwords, and no right to add anything
		change func(*pades.SignOptions)
		want   func(error) bool
		words  string
	}{
		"not a PDF":       {doc: []byte(strings.Repeat("Ini surat biasa.\n", 100)), want: is(pades.ErrNotPDF), words: "not a PDF"},
		"empty":           {doc: []byte{}, want: is(pdf.ErrEmpty), words: "empty"},
		"truncated":       {doc: plain[:len(plain)/4], want: pades.IsDocumentFault, words: ""},
		"only a header":   {doc: []byte("%PDF-1.7\n"), want: func(err error) bool { return err != nil }, words: ""},
		"no password":     {doc: plain, lock: true, want: is(pades.ErrPassword), words: "password"},
		"wrong password":  {doc: plain, lock: true, change: func(o *pades.SignOptions) { o.Open.Password = "salah" }, want: is(pades.ErrPassword), words: "password"},
		"user's password": {doc: plain, lock: true, change: func(o *pades.SignOptions) { o.Open.Password = "pembaca" }, want: as[*pades.PermissionError], words: "owner password"},
		"certified":       {doc: certified, want: as[*pades.LockedError], words: "certified"},
		"certify twice":   {doc: signed, change: func(o *pades.SignOptions) { o.Certify = 2 }, want: as[*pades.FieldError], words: "comes first"},
		"signed field":    {doc: signed, change: func(o *pades.SignOptions) { o.Field = "Signature1" }, want: as[*pades.FieldError], words: "already signed"},
		"full stop":       {doc: plain, change: func(o *pades.SignOptions) { o.Field = "a.b" }, want: as[*pades.FieldError], words: "full stop"},
		"text field":      {doc: formDocument(t), change: func(o *pades.SignOptions) { o.Field = "nama" }, want: as[*pades.FieldError], words: "not a signature field"},
		"invisible field": {doc: emptyField(t, plain, "Kosong", rect, nil), change: func(o *pades.SignOptions) {
			o.Field, o.Appearance = "Kosong", &pades.Appearance{}
		}, want: as[*pades.FieldError], words: "invisible"},
		"lock on a field that is there": {doc: emptyField(t, plain, "Kosong", rect, nil), change: func(o *pades.SignOptions) {
			o.Field, o.Lock = "Kosong", &pades.FieldLock{Action: pades.LockAll}
		}, want: as[*pades.FieldError], words: "new field"},
		"page":          {doc: plain, change: look(pades.Appearance{Page: 3}), want: as[*pades.PageError], words: "page 3 does not exist; the document has 2 pages"},
		"page -2":       {doc: plain, change: look(pades.Appearance{Page: -2}), want: as[*pades.PageError], words: "page -2"},
		"outside":       {doc: plain, change: look(pades.Appearance{Page: 1, Rect: [4]float64{500, 100, 200, 80}}), want: is(pades.ErrPlace), words: "page"},
		"far outside":   {doc: plain, change: look(pades.Appearance{Page: 1, Rect: [4]float64{-900, -900, 200, 80}}), want: is(pades.ErrPlace), words: "page"},
		"no size":       {doc: plain, change: look(pades.Appearance{Page: 1, Rect: [4]float64{10, 10, 0, 80}}), want: is(pades.ErrPlace), words: ""},
		"no image":      {doc: plain, change: look(pades.Appearance{Kind: pades.AppearanceImage, Image: []byte("GIF89a")}), want: is(pades.ErrImage), words: "PNG or JPEG"},
		"empty image":   {doc: plain, change: look(pades.Appearance{Kind: pades.AppearanceImage}), want: is(pades.ErrImage), words: "image"},
		"cut image":     {doc: plain, change: look(pades.Appearance{Kind: pades.AppearanceImage, Image: huge.Bytes()[:60]}), want: is(pades.ErrImage), words: "image"},
		"huge image":    {doc: plain, change: look(pades.Appearance{Kind: pades.AppearanceImage, Image: huge.Bytes()}), want: is(pades.ErrImage), words: "image"},
		"expired":       {doc: plain, change: func(o *pades.SignOptions) { o.Certificate = p.Expired(t).Certificate.Raw }, want: as[*pades.ValidityError], words: "expired"},
		"not yet valid": {doc: plain, change: func(o *pades.SignOptions) { o.Certificate = p.NotYet(t).Certificate.Raw }, want: as[*pades.ValidityError], words: "valid only from"},
		"another's key": {doc: plain, change: func(o *pades.SignOptions) { o.Certificate = p.NewSigner(t, "Siti Contoh", nil).Certificate.Raw }, want: as[*pades.KeyMismatchError], words: "Siti Contoh"},
		"another's key at B-LT": {doc: plain, change: func(o *pades.SignOptions) {
			o.Certificate, o.Level = p.NewSigner(t, "Siti Contoh", nil).Certificate.Raw, pades.LevelLT
		}, want: as[*pades.KeyMismatchError], words: "Siti Contoh"},
		"no certificate": {doc: plain, change: func(o *pades.SignOptions) { o.Certificate = nil }, want: func(err error) bool { return err != nil }, words: "signing certificate"},
		"no authority":   {doc: plain, change: func(o *pades.SignOptions) { o.Level, o.Timestamper = pades.LevelT, nil }, want: is(pades.ErrNoTimestamper), words: "time-stamp authority"},
		"authority down": {doc: plain, change: func(o *pades.SignOptions) {
			o.Level, o.Timestamper = pades.LevelT, stamper(func(context.Context, crypto.Hash, []byte) ([]byte, error) { return nil, errDown })
		}, want: is(errDown), words: "down"},
		"nonsense token": {doc: plain, change: func(o *pades.SignOptions) {
			o.Level, o.Timestamper = pades.LevelT, stamper(func(context.Context, crypto.Hash, []byte) ([]byte, error) { return []byte("halo"), nil })
		}, want: func(err error) bool { return err != nil }, words: ""},
		"token of something else": {doc: plain, change: func(o *pades.SignOptions) {
			o.Level, o.Timestamper = pades.LevelT, stamper(func(ctx context.Context, h crypto.Hash, digest []byte) ([]byte, error) {
				return p.Timestamp(ctx, h, make([]byte, len(digest)))
			})
		}, want: as[*pades.SelfCheckError], words: "time-stamp"},
		"token beyond all bounds": {doc: plain, change: func(o *pades.SignOptions) {
			o.Level, o.Timestamper = pades.LevelT, sized{p, 8 << 20}
		}, want: func(err error) bool { return err != nil }, words: "limit"},
		"no revocation data": {doc: plain, change: func(o *pades.SignOptions) { o.Level, o.Fetcher = pades.LevelLT, nil }, want: as[*pades.EvidenceError], words: "validation data"},
		"level":              {doc: plain, change: func(o *pades.SignOptions) { o.Level = "B-X" }, want: func(err error) bool { return err != nil }, words: "B-X"},
		"certify 4":          {doc: plain, change: func(o *pades.SignOptions) { o.Certify = 4 }, want: func(err error) bool { return err != nil }, words: "permission 4"},
		"lock":               {doc: plain, change: func(o *pades.SignOptions) { o.Lock = &pades.FieldLock{Action: "Some"} }, want: func(err error) bool { return err != nil }, words: "Some"},
	} {
		t.Run(name, func(t *testing.T) {
			doc := c.doc
			if c.lock {
				doc = protect(t, doc, "pembaca", "pemilik", "--modify=none", "--form=n", "--annotate=n")
			}
			o := options(p, pades.LevelB)
			if c.change != nil {
				c.change(&o)
			}
			var out bytes.Buffer
			err := pades.Sign(context.Background(), &out, bytes.NewReader(doc), int64(len(doc)), p.Signer.Key, o)
			if err == nil || !c.want(err) || !strings.Contains(err.Error(), c.words) {
				t.Errorf("Sign: %T %v, want another kind or the words %q", err, err, c.words)
			}
			if out.Len() > 0 {
				t.Errorf("%d bytes written", out.Len())
			}
			if err != nil && (strings.Contains(err.Error(), "\n") || len(err.Error()) > 300) {
				t.Errorf("the message is no single clear sentence: %q", err)
			}
		})
	}
}

var errDown = errors.New("the authority is down")

type stamper func(context.Context, crypto.Hash, []byte) ([]byte, error)

func (s stamper) Timestamp(ctx context.Context, h crypto.Hash, digest []byte) ([]byte, error) {
	return s(ctx, h, digest)
}

// sized is an authority that says how large its tokens are.
type sized struct {
	pades.Timestamper
	size int
}

func (s sized) TokenSize() int { return s.size }

// TestFinishAnotherKey gives Finish a value that another key made.
func TestFinishAnotherKey(t *testing.T) {
	p := testkit.NewPKI(t, nil)
	doc := testkit.Document(t, 1)
	other, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for _, level := range []pades.Level{pades.LevelB, pades.LevelT, pades.LevelLTA} {
		for name, change := range map[string]func(*pades.Prepared) []byte{
			"another key": func(x *pades.Prepared) []byte {
				b, _, err := sigalg.Sign(rand.Reader, other, sigalg.Scheme{}, x.ToSign())
				if err != nil {
					t.Fatal(err)
				}
				return b
			},
			"another message": func(x *pades.Prepared) []byte {
				b, _, err := sigalg.Sign(rand.Reader, p.Signer.Key, sigalg.Scheme{}, x.Digest())
				if err != nil {
					t.Fatal(err)
				}
				return b
			},
			"nothing": func(*pades.Prepared) []byte { return nil },
			"noise":   func(*pades.Prepared) []byte { return bytes.Repeat([]byte{0x30}, 70) },
		} {
			t.Run(string(level)+" "+name, func(t *testing.T) {
				x, err := pades.Prepare(bytes.NewReader(doc), int64(len(doc)), options(p, level))
				if err != nil {
					t.Fatal(err)
				}
				var out bytes.Buffer
				tokens := p.Tokens
				err = x.Finish(context.Background(), &out, change(x))
				if !as[*pades.KeyMismatchError](err) || out.Len() > 0 {
					t.Errorf("Finish: %v and %d bytes, want *KeyMismatchError and none", err, out.Len())
				}
				if p.Tokens != tokens {
					t.Error("a value that is no signature was time-stamped")
				}
				if err := x.Finish(context.Background(), &out, change(x)); !errors.Is(err, pades.ErrFinished) {
					t.Errorf("second Finish: %v", err)
				}
			})
		}
	}
}

// TestLargeToken has an authority whose tokens are larger than anybody expects: Sign starts again with more room.
func TestLargeToken(t *testing.T) {
	p := testkit.NewPKI(t, nil)
	doc := testkit.Document(t, 1)
	for _, padding := range []int{9000, 40_000, 200_000} {
		for _, level := range []pades.Level{pades.LevelT, pades.LevelLTA} {
			t.Run(fmt.Sprintf("%d %s", padding, level), func(t *testing.T) {
				p.Padding = padding
				defer func() { p.Padding = 0 }()
				o := options(p, level)
				x, err := pades.Prepare(bytes.NewReader(doc), int64(len(doc)), o)
				if err != nil {
					t.Fatal(err)
				}
				value, _, err := sigalg.Sign(rand.Reader, p.Signer.Key, sigalg.Scheme{}, x.ToSign())
				if err != nil {
					t.Fatal(err)
				}
				var out bytes.Buffer
				if err := x.Finish(context.Background(), &out, value); !as[*pades.HoleError](err) || out.Len() > 0 {
					t.Errorf("Finish: %v and %d bytes, want *HoleError and none", err, out.Len())
				}
				signed := sign(t, p, doc, o)
				if r := judgeWith(t, p, p, signed, pades.OpenOptions{}); r.Verdict != pades.Valid {
					t.Errorf("verdict %s\n%s", r.Verdict, dump(r))
				}
			})
		}
	}
}

// shifting is a document that changes one byte when told so.
type shifting struct {
	doc     []byte
	at      int
	changed bool
}

func (c *shifting) ReadAt(b []byte, off int64) (int, error) {
	n, err := bytes.NewReader(c.doc).ReadAt(b, off)
	if i := int64(c.at) - off; c.changed && i >= 0 && i < int64(n) {
		b[i] ^= 1
	}
	return n, err
}

// TestInputChanges changes a small document, which is held in memory, and a large one, which is read twice, between the halves.
func TestInputChanges(t *testing.T) {
	p := testkit.NewPKI(t, nil)
	small := testkit.Document(t, 1)
	large := append(bytes.Clone(small), bytes.Repeat([]byte("% a comment that makes the document large\n"), 60_000)...)
	for name, doc := range map[string][]byte{"small": small, "large": large} {
		for _, at := range []int{20, len(doc) / 2, len(doc) - 3} {
			t.Run(fmt.Sprintf("%s %d", name, at), func(t *testing.T) {
				src := &shifting{doc: doc, at: at}
				x, err := pades.Prepare(src, int64(len(doc)), options(p, pades.LevelB))
				if err != nil {
					t.Fatal(err)
				}
				value, _, err := sigalg.Sign(rand.Reader, p.Signer.Key, sigalg.Scheme{}, x.ToSign())
				if err != nil {
					t.Fatal(err)
				}
				src.changed = true
				if err := x.Finish(context.Background(), io.Discard, value); !errors.Is(err, pades.ErrInputChanged) {
					t.Errorf("Finish: %v, want ErrInputChanged", err)
				}
			})
		}
	}
}
