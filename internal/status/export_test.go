package status

import (
	"fmt"
	"time"
)

// Overfill puts n answers into the cache, asking for the first after each, and returns how many are kept, how many may be, and whether
// the first is still there.
func Overfill(r *Responder, n int) (have, most int, first bool) {
	k := kept{der: []byte{1}, until: time.Now().Add(time.Hour)}
	for i := range n {
		r.remember(fmt.Sprint(i), k, r.signer)
		r.remembered("0", State{}, time.Now())
	}
	der, _ := r.remembered("0", State{}, time.Now())
	return len(r.cache.young) + len(r.cache.old), 2 * generation, der != nil
}
