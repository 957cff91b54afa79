package web

import (
	"net/http"
	"net/netip"
	"strconv"
	"sync"
	"time"
)

// limiter bounds how often one address may ask for what costs something. Time goes in windows: what was asked is forgotten when the
// next one begins, so that the table stays as large as one window fills it.
type limiter struct {
	most   int           // of one address in a window
	window time.Duration // its length
	now    func() time.Time

	mu    sync.Mutex
	began time.Time
	asked map[netip.Prefix]int
}

// maxAsking bounds the table; who comes when it is full waits for the next window.
const maxAsking = 50_000

func newLimiter(most int, window time.Duration, now func() time.Time) *limiter {
	return &limiter{most: most, window: window, now: now, asked: map[netip.Prefix]int{}}
}

// allow says whether an address may ask now, and if not, how long it should wait.
func (l *limiter) allow(address string) (wait time.Duration) {
	// A household has an IPv6 network of its own and not one address.
	var who netip.Prefix
	if ip, err := netip.ParseAddr(address); err == nil {
		ip = ip.Unmap().WithZone("")
		who, _ = ip.Prefix(map[bool]int{true: 32, false: 64}[ip.Is4()])
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	if now.Sub(l.began) >= l.window || now.Before(l.began) {
		l.began = now
		clear(l.asked)
	}
	n, known := l.asked[who]
	if n >= l.most || !known && len(l.asked) >= maxAsking {
		return l.began.Add(l.window).Sub(now)
	}
	l.asked[who] = n + 1
	return 0
}

func retryAfter(w http.ResponseWriter, wait time.Duration) {
	w.Header().Set("Retry-After", strconv.Itoa(int(wait/time.Second)+1))
}
