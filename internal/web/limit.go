package web

import (
	"net/http"
	"net/netip"
	"strconv"
	"sync"
	"time"
)

// limiter bounds how often one network may ask for what costs something, or guess. Time goes in windows: what was asked is forgotten
// when the next one begins, so that the table stays as large as one window fills it.
type limiter struct {
	most   int           // of one network in a window
	window time.Duration // its length
	now    func() time.Time

	mu    sync.Mutex
	began time.Time
	asked map[string]int
}

// maxAsking bounds the table, which has some 5 MB then.
const maxAsking = 50_000

func newLimiter(most int, window time.Duration, now func() time.Time) *limiter {
	return &limiter{most: most, window: window, now: now, asked: map[string]int{}}
}

// allow says whether an address may ask now, and if not, how long it should wait. Who comes when the table is full waits for the next
// window.
func (l *limiter) allow(address string) (wait time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	who, left := network(address), l.left()
	n, known := l.asked[who]
	if n >= l.most || !known && len(l.asked) >= maxAsking {
		return left
	}
	l.asked[who] = n + 1
	return 0
}

// wait is how long an address that was counted too often has to wait.
func (l *limiter) wait(address string) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	if left := l.left(); l.asked[network(address)] >= l.most {
		return left
	}
	return 0
}

// count notes what an address did. When the table is full all start again: nobody can lock strangers out.
func (l *limiter) count(address string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.left(); len(l.asked) >= maxAsking {
		l.began = l.now()
		clear(l.asked)
	}
	l.asked[network(address)]++
}

// left is how long the window lasts yet, a new one when the last is over. The lock is held.
func (l *limiter) left() time.Duration {
	now := l.now()
	if now.Sub(l.began) >= l.window || now.Before(l.began) {
		l.began = now
		clear(l.asked)
	}
	return l.began.Add(l.window).Sub(now)
}

// network is the part of an address that one household or office has: the whole of IPv4, half of IPv6.
func network(address string) string {
	a, err := netip.ParseAddr(address)
	if err != nil {
		return "" // all that are none count as one
	}
	a = a.Unmap().WithZone("")
	if a.Is4() {
		return a.String()
	}
	p, _ := a.Prefix(64) // fails for lengths that no address has
	return p.String()
}

func retryAfter(w http.ResponseWriter, wait time.Duration) {
	w.Header().Set("Retry-After", strconv.Itoa(int(wait/time.Second)+1))
}
