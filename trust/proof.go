package trust

import (
	"crypto/sha256"
	"time"
)

// Proofs are proofs of existence: for each thing the earliest time at which it is proven to have existed (EN 319 102-1 §5.6.2).
// Time-stamps give them for what they cover. The zero value holds none; a nil *Proofs may be asked.
type Proofs struct {
	at map[[32]byte]time.Time
}

// Add records that raw existed at t. Of several times the earliest counts.
func (p *Proofs) Add(raw []byte, t time.Time) {
	if p.at == nil {
		p.at = map[[32]byte]time.Time{}
	}
	key := sha256.Sum256(raw)
	if have, ok := p.at[key]; !ok || t.Before(have) {
		p.at[key] = t
	}
}

// Time returns the earliest time at which raw is proven to have existed.
func (p *Proofs) Time(raw []byte) (time.Time, bool) {
	if p == nil || p.at == nil {
		return time.Time{}, false
	}
	t, ok := p.at[sha256.Sum256(raw)]
	return t, ok
}
