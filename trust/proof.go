package trust

import (
	"crypto/sha256"
	"time"
)

// Proofs are proofs of existence: for each thing the earliest time at which it is proven to have existed (EN 319 102-1 §5.6.2).
// Time-stamps give them for what they cover. The zero value holds none; a nil *Proofs may be asked.
type Proofs struct {
	at map[[sha256.Size]byte]time.Time // by SHA-256
}

// Add records that raw existed at t. Of several times the earliest counts.
func (p *Proofs) Add(raw []byte, t time.Time) { p.AddSum(sha256.Sum256(raw), t) }

// AddSum is Add for something known by its SHA-256.
func (p *Proofs) AddSum(sum [sha256.Size]byte, t time.Time) {
	if p.at == nil {
		p.at = map[[sha256.Size]byte]time.Time{}
	}
	if have, ok := p.at[sum]; !ok || t.Before(have) {
		p.at[sum] = t
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
