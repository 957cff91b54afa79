package pades_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"sync"
	"testing"

	"absah/internal/testkit"
	"absah/pades"
)

// TestHeldBuffers signs different documents at once: buffers that are used again must never show one document in another.
func TestHeldBuffers(t *testing.T) {
	p := testkit.NewPKI(t, nil)
	var wg sync.WaitGroup
	for worker := range 4 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for i := range 12 {
				doc := testkit.Document(t, 1+(worker+i)%5)
				doc = append(doc, fmt.Sprintf("%% %d %d\n", worker, i)...)
				var out bytes.Buffer
				o := pades.SignOptions{Certificate: p.Signer.Certificate.Raw, Chain: p.Signer.Chain, Time: p.Now, Reason: fmt.Sprintf("alasan %d.%d", worker, i)}
				if err := pades.Sign(context.Background(), &out, bytes.NewReader(doc), int64(len(doc)), p.Signer.Key, o); err != nil {
					t.Errorf("Sign(%d.%d) = %v", worker, i, err)
					return
				}
				if !bytes.HasPrefix(out.Bytes(), doc) {
					t.Errorf("Sign(%d.%d) does not begin with its document", worker, i)
				}
				e, err := pades.Gather(context.Background(), bytes.NewReader(out.Bytes()), int64(out.Len()), pades.GatherOptions{})
				if err != nil || len(e.Signatures) != 1 || !e.Signatures[0].SignatureValid || !e.Signatures[0].DigestMatches || e.Signatures[0].Reason != o.Reason {
					t.Errorf("Gather(%d.%d) = %+v, %v, want one good signature for %q", worker, i, e, err, o.Reason)
				}
			}
		}()
	}
	wg.Wait()
}

// changing is a small document that is another one from its second reading on.
type changing struct {
	*bytes.Reader
	mu    sync.Mutex
	reads int
}

func (c *changing) ReadAt(b []byte, off int64) (int, error) {
	n, err := c.Reader.ReadAt(b, off)
	c.mu.Lock()
	defer c.mu.Unlock()
	if off == 0 && n > 0 {
		if c.reads++; c.reads > 1 {
			b[n-1] ^= 1
		}
	}
	return n, err
}

// TestInputChangedSmall is the promise of Finish for documents that are held in memory: nothing is written then.
func TestInputChangedSmall(t *testing.T) {
	p := testkit.NewPKI(t, nil)
	doc := testkit.Document(t, 1)
	src := &changing{Reader: bytes.NewReader(doc)}
	var out bytes.Buffer
	err := pades.Sign(context.Background(), &out, io.ReaderAt(src), int64(len(doc)), p.Signer.Key, pades.SignOptions{
		Certificate: p.Signer.Certificate.Raw, Chain: p.Signer.Chain, Time: p.Now,
	})
	if err != pades.ErrInputChanged || out.Len() != 0 {
		t.Errorf("Sign(changing) = %v with %d bytes written, want %v and none", err, out.Len(), pades.ErrInputChanged)
	}
}
