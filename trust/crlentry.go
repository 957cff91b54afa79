package trust

import (
	"bytes"
	"hash/maphash"
	"iter"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"absah/internal/sigalg"
)

// next splits one DER element off b. It is written by hand because a list may have millions.
func next(b []byte) (tag byte, content, rest []byte, ok bool) {
	if len(b) < 2 || b[0]&0x1f == 0x1f {
		return 0, nil, nil, false
	}
	n, head := int(b[1]), 2
	if n >= 0x80 {
		k := n & 0x7f
		if k == 0 || k > 4 || len(b) < 2+k {
			return 0, nil, nil, false
		}
		n, head = 0, 2+k
		for _, c := range b[2:head] {
			n = n<<8 | int(c)
		}
		if n < 0x80 || n>>(8*(k-1)) == 0 {
			return 0, nil, nil, false
		}
	}
	if n < 0 || len(b)-head < n {
		return 0, nil, nil, false
	}
	return b[0], b[head : head+n], b[head+n:], true
}

// walk checks the form of all entries and collects the critical extensions that are not understood.
func (c *CRL) walk() bool {
	for rest := c.entries; len(rest) > 0; c.count++ {
		var content, after []byte
		var tag byte
		var ok bool
		if tag, content, rest, ok = next(rest); !ok || tag != byte(cbasn1.SEQUENCE) {
			return false
		}
		if tag, content, after, ok = next(content); !ok || tag != byte(cbasn1.INTEGER) || len(content) == 0 {
			return false
		}
		if tag, content, after, ok = next(after); !ok || tag != byte(cbasn1.UTCTime) && tag != byte(cbasn1.GeneralizedTime) {
			return false
		}
		// Not the calendar, only what cannot be a time: the entry that is found is read in full.
		if len(content) < 11 {
			return false
		}
		if len(after) == 0 {
			continue
		}
		exts, tail, ok := nextIn(after)
		if !ok || len(tail) > 0 || !c.walkExtensions(exts) {
			return false
		}
	}
	return true
}

func (c *CRL) walkExtensions(exts []byte) bool {
	for len(exts) > 0 {
		ext, rest, ok := nextIn(exts)
		if !ok {
			return false
		}
		exts = rest
		tag, oid, ext, ok := next(ext)
		if !ok || tag != byte(cbasn1.OBJECT_IDENTIFIER) {
			return false
		}
		tag, value, _, ok := next(ext)
		if !ok {
			return false
		}
		if tag == byte(cbasn1.BOOLEAN) && len(value) == 1 && value[0] != 0 && !knownEntryExtension(oid) {
			c.unknownEntry(oid)
		}
	}
	return true
}

// nextIn opens a SEQUENCE.
func nextIn(b []byte) (content, rest []byte, ok bool) {
	tag, content, rest, ok := next(b)
	return content, rest, ok && tag == byte(cbasn1.SEQUENCE)
}

// knownEntryExtension: reason code, invalidity date and certificate issuer, all below 2.5.29.
func knownEntryExtension(oid []byte) bool {
	return len(oid) == 3 && oid[0] == 0x55 && oid[1] == 0x1d && (oid[2] == 21 || oid[2] == 24 || oid[2] == 29)
}

func (c *CRL) unknownEntry(oid []byte) {
	s, ok := sigalg.DecodeOID(oid)
	if !ok {
		s = "unreadable"
	}
	for _, have := range c.UnknownCritical {
		if have == s {
			return
		}
	}
	if len(c.UnknownCritical) < maxExtensions {
		c.UnknownCritical = append(c.UnknownCritical, s)
	}
}

// readEntry reads one entry, its element's content given. ok is false when a part of it cannot be understood: such an entry still
// means revoked, since the certificate stands on the list.
func readEntry(content []byte) (e CRLEntry, ok bool) {
	in := cryptobyte.String(content)
	e.Reason = NoReason
	var serial cryptobyte.String
	if !in.ReadASN1(&serial, cbasn1.INTEGER) {
		return e, false
	}
	e.Serial = serial
	var ns notes
	if e.RevokedAt, ok = readTime(&in, &ns, "revocationDate"); !ok {
		return e, false
	}
	if in.Empty() {
		return e, true
	}
	exts, ok := readExtensions(&in, &ns)
	if !ok {
		return e, false
	}
	for _, x := range exts {
		v := cryptobyte.String(x.Value)
		switch x.OID {
		case oidReasonCode:
			var n int
			if !v.ReadASN1Enum(&n) || !v.Empty() || n < 0 || n > 10 || n == 7 {
				ok = false
				continue
			}
			e.Reason = Reason(n)
		case oidInvalidityDate:
			if t, good := readTime(&v, &ns, x.OID); good {
				e.Invalidity = t
			} else {
				ok = false
			}
		case oidCertificateIssuer:
			var seq cryptobyte.String
			if !v.ReadASN1(&seq, cbasn1.SEQUENCE) {
				ok = false
				continue
			}
			names, good := readGeneralNames(seq)
			ok = ok && good
			for _, g := range names {
				if g.Kind == Directory {
					n := g.Name
					e.Issuer = &n
					break
				}
			}
			if e.Issuer == nil {
				ok = false
			}
		}
	}
	return e, ok
}

// Len is the number of entries.
func (c *CRL) Len() int { return c.count }

// Entries goes through all entries in their order. In an indirect CRL the issuer of an entry is the last one named at or before
// it (RFC 5280 §5.3.3).
func (c *CRL) Entries() iter.Seq[CRLEntry] {
	return func(yield func(CRLEntry) bool) {
		var issuer *Name
		for rest := c.entries; len(rest) > 0; {
			var content []byte
			var ok bool
			if _, content, rest, ok = next(rest); !ok {
				return
			}
			e, _ := readEntry(content)
			if e.Issuer != nil {
				issuer = e.Issuer
			}
			e.Issuer = issuer
			if !yield(e) {
				return
			}
		}
	}
}

const (
	longList   = 1000 // entries from which on a search costs more than looking at the signature first, and an index pays
	indexAfter = 4    // how many times a long list is searched from front to back before an index is made
)

// Find returns the entry of the certificate with this issuer and serial (content octets). Of several entries with one serial the last counts.
func (c *CRL) Find(issuer Name, serial []byte) (CRLEntry, bool) {
	if c.Scope != nil && c.Scope.Indirect {
		return c.findIndirect(issuer, serial)
	}
	if !issuer.Equal(c.Issuer) {
		return CRLEntry{}, false
	}
	if c.count > longList && c.searches.Add(1) > indexAfter {
		c.once.Do(c.index)
		return c.lookup(serial)
	}
	var found []byte
	for rest := c.entries; len(rest) > 0; {
		var content, s []byte
		var ok bool
		if _, content, rest, ok = next(rest); !ok {
			break
		}
		if _, s, _, ok = next(content); ok && bytes.Equal(s, serial) {
			found = content
		}
	}
	if found == nil {
		return CRLEntry{}, false
	}
	e, _ := readEntry(found)
	return e, true
}

func (c *CRL) findIndirect(issuer Name, serial []byte) (CRLEntry, bool) {
	var found CRLEntry
	ok := false
	for e := range c.Entries() {
		if !bytes.Equal(e.Serial, serial) {
			continue
		}
		of := c.Issuer
		if e.Issuer != nil {
			of = *e.Issuer
		}
		if of.Equal(issuer) {
			found, ok = e, true
		}
	}
	return found, ok
}

// index makes a hash table of offsets, half full at most. Of several entries with one serial only the last has a slot: a list that
// repeats one serial would otherwise be a single run of slots, and filling it would take the square of its length.
func (c *CRL) index() {
	size := 1
	for size < 2*c.count {
		size *= 2
	}
	c.seed = maphash.MakeSeed()
	c.slots = make([]uint32, size)
	for rest := c.entries; len(rest) > 0; {
		offset := len(c.entries) - len(rest)
		var content, s []byte
		var ok bool
		if _, content, rest, ok = next(rest); !ok {
			return
		}
		if _, s, _, ok = next(content); !ok {
			return
		}
		i := maphash.Bytes(c.seed, s) & uint64(size-1)
		for c.slots[i] != 0 && !bytes.Equal(c.serialAt(c.slots[i]), s) {
			i = (i + 1) & uint64(size-1)
		}
		c.slots[i] = uint32(offset) + 1
	}
}

// serialAt is the serial of the entry that a slot points to.
func (c *CRL) serialAt(slot uint32) []byte {
	_, content, _, _ := next(c.entries[slot-1:])
	_, serial, _, _ := next(content)
	return serial
}

func (c *CRL) lookup(serial []byte) (CRLEntry, bool) {
	mask := uint64(len(c.slots) - 1)
	for i := maphash.Bytes(c.seed, serial) & mask; c.slots[i] != 0; i = (i + 1) & mask {
		if bytes.Equal(c.serialAt(c.slots[i]), serial) {
			_, content, _, _ := next(c.entries[c.slots[i]-1:])
			e, _ := readEntry(content)
			return e, true
		}
	}
	return CRLEntry{}, false
}
