package web

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"
)

func TestOnce(t *testing.T) {
	ctx := context.Background()
	now := time.Unix(1_800_000_000, 0)
	o := newOnce(func() time.Time { return now })
	token := o.token("budi")

	// Sent many times at once, one of them is carried out and all get its outcome.
	var mu sync.Mutex
	carried, got := 0, map[string]int{}
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			a, to, err := o.begin(ctx, token, "budi")
			if err != nil {
				t.Error(err)
				return
			}
			if a != nil {
				mu.Lock()
				carried++
				mu.Unlock()
				to = "/dokumen/x"
				a.end(to)
			}
			mu.Lock()
			got[to]++
			mu.Unlock()
		})
	}
	wg.Wait()
	if carried != 1 || got["/dokumen/x"] != 20 {
		t.Errorf("carried out %d times, outcomes %v", carried, got)
	}

	// What failed may be tried again, with the same form.
	token = o.token("budi")
	a, _, err := o.begin(ctx, token, "budi")
	if err != nil {
		t.Fatal(err)
	}
	waiting := make(chan *act)
	go func() {
		next, _, _ := o.begin(ctx, token, "budi")
		waiting <- next
	}()
	a.end("")
	if next := <-waiting; next == nil {
		t.Error("after a failure the form cannot be sent again")
	}
	stopped, cancel := context.WithCancel(ctx)
	cancel()
	if _, _, err := o.begin(stopped, token, "budi"); !errors.Is(err, context.Canceled) {
		t.Errorf("waiting does not end with the request: %v", err)
	}

	// Whose form it is not, one of another process, one that is too old, one that nobody made.
	fresh := o.token("budi")
	if _, _, err := o.begin(ctx, fresh, "sari"); !errors.Is(err, errStale) {
		t.Errorf("another person's form: %v", err)
	}
	if _, _, err := newOnce(o.now).begin(ctx, fresh, "budi"); !errors.Is(err, errStale) {
		t.Errorf("the form of another process: %v", err)
	}
	for _, bad := range []string{"", "x", fresh[1:], "A" + fresh[1:], fresh + "A"} {
		if _, _, err := o.begin(ctx, bad, "budi"); !errors.Is(err, errStale) && bad != fresh {
			t.Errorf("%q: %v", bad, err)
		}
	}
	now = now.Add(formTime + time.Second)
	if _, _, err := o.begin(ctx, fresh, "budi"); !errors.Is(err, errStale) {
		t.Errorf("a form of yesterday: %v", err)
	}
}
