package account

import (
	"sync"
	"time"
)

const (
	tryWindow    = 15 * time.Minute
	triesAnIP    = 60    // a whole office may share one address
	maxAddresses = 50000 // about 5 MB; then the oldest window is forgotten
)

// rates counts requests by network address in the memory of this process.
type rates struct {
	mu    sync.Mutex
	start time.Time
	count map[string]int
}

func newRates() *rates { return &rates{count: map[string]int{}} }

// take counts one request; false comes with the time when the window ends.
func (r *rates) take(client string, now time.Time) (until time.Time, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if now.Sub(r.start) >= tryWindow || len(r.count) > maxAddresses {
		r.start = now
		clear(r.count)
	}
	r.count[client]++
	return r.start.Add(tryWindow), r.count[client] <= triesAnIP
}
