package pades

import (
	"bytes"
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"absah/internal/pdf"
	"absah/internal/sigalg"
	"absah/trust"
)

// stateVersion is raised whenever an older program could not finish what a newer one prepared.
const stateVersion = 1

// ErrState is returned by Resume for bytes that MarshalBinary did not write, or that a newer version did.
var ErrState = errors.New("this is not the state of a prepared signature, or a newer version wrote it; prepare the document again")

// state is Prepared between its two halves. It holds nothing secret that the signed document would not show: no password and no
// key. Chain and validation data are public.
type state struct {
	Version     int        `json:"version"`
	Size        int64      `json:"size"` // of the original
	Tail        []byte     `json:"tail"`
	Hole        [2]int64   `json:"hole"`
	Digest      []byte     `json:"digest"`
	Hash        string     `json:"hash"` // object identifier
	PSS         bool       `json:"pss,omitempty"`
	Field       string     `json:"field"`
	Certificate []byte     `json:"certificate"`
	Chain       [][]byte   `json:"chain,omitempty"`
	Level       Level      `json:"level"`
	Time        time.Time  `json:"time"`
	Validation  Validation `json:"validation"`
}

var _ encoding.BinaryMarshaler = (*Prepared)(nil)

// MarshalBinary returns the state between Prepare and Finish, so that whoever holds the key may take minutes and this program
// may end meanwhile; Resume continues. The state holds no password. It is to be kept where nobody changes it: what is signed is
// decided by then. ErrFinished after Finish.
func (p *Prepared) MarshalBinary() ([]byte, error) {
	if p.done {
		return nil, ErrFinished
	}
	return json.Marshal(state{
		Version: stateVersion, Size: p.size, Tail: p.tail, Hole: [2]int64{p.hole.Start, p.hole.End}, Digest: p.digest,
		Hash: sigalg.HashOID(p.hash), PSS: p.o.PSS, Field: p.name, Certificate: p.o.Certificate, Chain: p.o.Chain, Level: p.o.Level,
		Time: p.o.Time, Validation: p.o.Validation,
	})
}

// ResumeOptions are what the state does not hold: services, and the secret of a protected document.
type ResumeOptions struct {
	Timestamper Timestamper   // required from B-T upwards
	Fetcher     trust.Fetcher // as in SignOptions
	Open        OpenOptions
}

// Resume continues what MarshalBinary kept. The document is read and hashed again: ErrInputChanged when it is not the one that
// was prepared, ErrState when the state cannot be used.
func Resume(b []byte, src io.ReaderAt, size int64, o ResumeOptions) (*Prepared, error) {
	var s state
	if err := json.Unmarshal(b, &s); err != nil || !s.sound() {
		return nil, ErrState
	}
	hash, ok := sigalg.HashOf(s.Hash)
	if !ok || !hash.Available() {
		return nil, ErrState
	}
	if s.Level.rank() > 0 && o.Timestamper == nil {
		return nil, ErrNoTimestamper
	}
	if size != s.Size {
		return nil, ErrInputChanged
	}
	p := &Prepared{
		given: src, size: size, tail: s.Tail, hole: pdf.Span{Start: s.Hole[0], End: s.Hole[1]}, hash: hash, name: s.Field,
		o: SignOptions{
			Certificate: s.Certificate, Chain: s.Chain, Hash: hash, PSS: s.PSS, Level: s.Level, Time: s.Time, Validation: s.Validation,
			Timestamper: o.Timestamper, Fetcher: o.Fetcher, Open: o.Open, Field: s.Field,
		},
	}
	c, err := credentialsFor(&p.o)
	if err != nil {
		return nil, fmt.Errorf("%w (signing certificate: %w)", ErrState, err)
	}
	p.leaf, p.signer = c.leaf, c.signer
	if p.src, err = hold(src, size); err != nil {
		return nil, err
	}
	if err := p.hashAll(); err != nil {
		return nil, err
	}
	if !bytes.Equal(p.digest, s.Digest) {
		return nil, ErrInputChanged
	}
	p.attributes, err = p.signer.SignedAttributes(p.digest)
	return p, err
}

// sound reports whether the numbers fit each other.
func (s *state) sound() bool {
	from, to := s.Hole[0]-s.Size, s.Hole[1]-s.Size
	return s.Version == stateVersion && s.Size > 0 && s.Level.rank() >= 0 && s.Field != "" && !s.Time.IsZero() &&
		from >= 0 && to-from >= 2 && to <= int64(len(s.Tail)) && s.Tail[from] == '<' && s.Tail[to-1] == '>'
}
