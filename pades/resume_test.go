package pades_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"testing"

	"absah/internal/sigalg"
	"absah/internal/testkit"
	"absah/pades"
)

// TestResume lets the program end between the halves.
func TestResume(t *testing.T) {
	p := testkit.NewPKI(t, nil)
	ctx := context.Background()
	plain := testkit.Document(t, 2)
	for name, c := range map[string]struct {
		doc      []byte
		password string
		change   func(*pades.SignOptions)
	}{
		"plain": {doc: plain},
		"card": {doc: plain, change: func(o *pades.SignOptions) {
			o.Appearance = &pades.Appearance{Position: "Kepala Bagian", QR: "https://contoh.example/v/ABC"}
		}},
		"protected": {doc: plain, password: "rahasia-sekali"},
	} {
		for _, level := range []pades.Level{pades.LevelB, pades.LevelLT, pades.LevelLTA} {
			t.Run(name+" "+string(level), func(t *testing.T) {
				c := c
				if c.password != "" {
					c.doc = protect(t, c.doc, c.password, "milik-sendiri")
				}
				o := options(p, level)
				o.Open.Password = c.password
				if c.change != nil {
					c.change(&o)
				}
				first, err := pades.Prepare(bytes.NewReader(c.doc), int64(len(c.doc)), o)
				if err != nil {
					t.Fatal(err)
				}
				toSign := bytes.Clone(first.ToSign())
				state, err := first.MarshalBinary()
				if err != nil {
					t.Fatal(err)
				}
				if c.password != "" && bytes.Contains(state, []byte(c.password)) {
					t.Error("the state holds the password")
				}
				signature, _, err := sigalg.Sign(rand.Reader, p.Signer.Key, sigalg.Scheme{}, toSign)
				if err != nil {
					t.Fatal(err)
				}
				r := pades.ResumeOptions{Timestamper: p, Fetcher: p, Open: o.Open}
				second, err := pades.Resume(state, bytes.NewReader(c.doc), int64(len(c.doc)), r)
				if err != nil {
					t.Fatal(err)
				}
				if !bytes.Equal(second.ToSign(), toSign) || second.Field() != first.Field() || second.Hash() != first.Hash() {
					t.Error("the second half signs something else")
				}
				var out bytes.Buffer
				if err := second.Finish(ctx, &out, signature); err != nil {
					t.Fatal(err)
				}
				if !bytes.HasPrefix(out.Bytes(), c.doc) {
					t.Error("the signed document does not begin with the original")
				}
				if r := judgeWith(t, p, p, out.Bytes(), o.Open); !passed(r, level) {
					t.Errorf("verdict %s\n%s", r.Verdict, dump(r))
				}
				if _, err := second.MarshalBinary(); !errors.Is(err, pades.ErrFinished) {
					t.Errorf("MarshalBinary after Finish: %v", err)
				}
			})
		}
	}
}

func TestResumeRefuses(t *testing.T) {
	p := testkit.NewPKI(t, nil)
	doc := testkit.Document(t, 1)
	o := options(p, pades.LevelT)
	prepared, err := pades.Prepare(bytes.NewReader(doc), int64(len(doc)), o)
	if err != nil {
		t.Fatal(err)
	}
	state, err := prepared.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	other := bytes.Clone(doc)
	other[len(other)/2] ^= 1
	for name, c := range map[string]struct {
		state, doc []byte
		ts         pades.Timestamper
		want       error
	}{
		"another document": {state, other, p, pades.ErrInputChanged},
		"longer document":  {state, append(bytes.Clone(doc), '\n'), p, pades.ErrInputChanged},
		"no authority":     {state, doc, nil, pades.ErrNoTimestamper},
		"nothing":          {nil, doc, p, pades.ErrState},
		"cut":              {state[:len(state)-3], doc, p, pades.ErrState},
		"newer":            {bytes.Replace(state, []byte(`"version":1`), []byte(`"version":2`), 1), doc, p, pades.ErrState},
		"hole elsewhere":   {bytes.Replace(state, []byte(`"hole":[`), []byte(`"hole":[1`), 1), doc, p, pades.ErrState},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := pades.Resume(c.state, bytes.NewReader(c.doc), int64(len(c.doc)), pades.ResumeOptions{Timestamper: c.ts}); !errors.Is(err, c.want) {
				t.Errorf("Resume: %v, want %v", err, c.want)
			}
		})
	}
}

func FuzzResume(f *testing.F) {
	doc := testkit.Document(f, 1)
	p := testkit.NewPKI(f, nil)
	prepared, err := pades.Prepare(bytes.NewReader(doc), int64(len(doc)), options(p, pades.LevelB))
	if err != nil {
		f.Fatal(err)
	}
	state, err := prepared.MarshalBinary()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(state)
	f.Add([]byte(`{"version":1,"size":9,"hole":[9,11],"tail":"PD4=","level":"B-B","field":"a","time":"2026-01-01T00:00:00Z"}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := pades.Resume(b, bytes.NewReader(doc), int64(len(doc)), pades.ResumeOptions{Timestamper: p})
		if err == nil {
			_ = r.Finish(context.Background(), &bytes.Buffer{}, []byte("no signature"))
		}
	})
}
