package web

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"sync"
	"time"
)

// once lets a form be carried out one time, however often it is sent: a button pressed twice, a page reloaded. Each form that is shown
// carries a token of its own. What a second sending gets is the outcome of the first.
//
// Tokens are recognised by a key of this process: those of an earlier one are stale, because what was carried out then is forgotten.
type once struct {
	key [32]byte
	now func() time.Time

	mu   sync.Mutex
	acts map[string]*act
}

// act is one form that is being carried out, or was.
type act struct {
	o     *once
	token string
	begun time.Time
	done  chan struct{} // closed at the end
	to    string        // where the outcome is
}

const (
	formTime = 12 * time.Hour // how long a form may stay open
	maxActs  = 100_000        // that are remembered; only people with a certificate can make one
)

var errStale = errors.New("the form was not made by this server for this person lately")

func newOnce(now func() time.Time) *once {
	o := &once{now: now, acts: map[string]*act{}}
	_, _ = rand.Read(o.key[:]) // never fails (crypto/rand)
	return o
}

// token is for one form shown to a person.
func (o *once) token(person string) string {
	b := binary.BigEndian.AppendUint64(nil, uint64(o.now().Unix()))
	b = append(b, make([]byte, 16)...)
	_, _ = rand.Read(b[8:])
	return base64.RawURLEncoding.EncodeToString(o.seal(b, person))
}

func (o *once) seal(b []byte, person string) []byte {
	m := hmac.New(sha256.New, o.key[:])
	m.Write(b)
	m.Write([]byte(person))
	return m.Sum(b)
}

// begin says that a form is carried out now. When it was already, to is where its outcome is; while it still is, begin waits. Whoever
// gets an act calls its end.
func (o *once) begin(ctx context.Context, token, person string) (a *act, to string, err error) {
	b, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || len(b) != 8+16+sha256.Size || !hmac.Equal(o.seal(b[:24:24], person), b) {
		return nil, "", errStale
	}
	if made := time.Unix(int64(binary.BigEndian.Uint64(b)), 0); o.now().Sub(made) > formTime {
		return nil, "", errStale
	}
	for {
		o.mu.Lock()
		old := o.acts[token]
		if old == nil {
			o.forget()
			a = &act{o: o, token: token, begun: o.now(), done: make(chan struct{})}
			o.acts[token] = a
			o.mu.Unlock()
			return a, "", nil
		}
		o.mu.Unlock()
		select {
		case <-old.done:
			if old.to != "" {
				return nil, old.to, nil
			}
			// It failed and is gone from the table: this sending is the next try.
		case <-ctx.Done():
			return nil, "", ctx.Err()
		}
	}
}

// forget drops acts whose token is stale by now, when the table is full. The lock is held.
func (o *once) forget() {
	if len(o.acts) < maxActs {
		return
	}
	for t, a := range o.acts {
		if o.now().Sub(a.begun) > formTime {
			delete(o.acts, t)
		}
	}
}

// end tells the outcome: an address, or "" when nothing came of it and the form may be sent again.
func (a *act) end(to string) {
	a.o.mu.Lock()
	defer a.o.mu.Unlock()
	if a.to = to; to == "" {
		delete(a.o.acts, a.token)
	}
	close(a.done)
}
