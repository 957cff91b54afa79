package account

import (
	"context"
	"strings"
	"testing"
	"time"

	"absah/internal/fault"
)

func TestHasher(t *testing.T) {
	ctx := t.Context()
	h := newHasher(Cost{Memory: 64, Time: 1, Threads: 1}, 1)
	stored, err := h.hash(ctx, "a")
	if err != nil {
		t.Fatal(err)
	}
	again, err := h.hash(ctx, "a")
	if err != nil || again == stored {
		t.Errorf("two hashes of one password are equal, or %v", err)
	}
	for _, c := range []struct {
		stored, password string
		ok, stale        bool
	}{
		{stored, "a", true, false},
		{stored, "b", false, false},
		{stored, "", false, false},
		{"", "", false, false},
		{"", "a", false, false},
	} {
		ok, stale, err := h.verify(ctx, c.stored, c.password)
		if ok != c.ok || stale != c.stale || err != nil {
			t.Errorf("verify(%q) = %v, %v, %v; want %v, %v", c.password, ok, stale, err, c.ok, c.stale)
		}
	}
	harder := newHasher(Cost{Memory: 128, Time: 1, Threads: 1}, 1)
	if ok, stale, err := harder.verify(ctx, stored, "a"); !ok || !stale || err != nil {
		t.Errorf("verify at another cost = %v, %v, %v; want true, true", ok, stale, err)
	}
	// A database that asks for too much is refused before the work.
	for _, s := range []string{
		"x", "$argon2id$v=19$m=99999999,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAA", strings.Replace(stored, "m=64", "m=4000000", 1),
		strings.Replace(stored, "t=1", "t=1000", 1), strings.Replace(stored, "t=1", "t=0", 1), strings.Replace(stored, "p=1", "p=0", 1),
		strings.Replace(stored, "argon2id", "argon2i", 1), stored + "$", stored[:len(stored)-4],
	} {
		if _, _, err := h.verify(ctx, s, "a"); err == nil {
			t.Errorf("verify against %q has no error", s)
		}
	}
}

func TestHasherIsBounded(t *testing.T) {
	h := newHasher(Cost{Memory: 64, Time: 1, Threads: 1}, 1)
	leave, err := h.enter(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := h.enter(ctx); err == nil {
		t.Fatal("two people in one slot")
	}
	h.waiting.Store(h.queue)
	if _, err := h.enter(t.Context()); func() bool { f, ok := fault.As(err); return !ok || f.Code != "ABS-LOG-004" }() {
		t.Errorf("a full queue = %v, want the fault busy", err)
	}
	h.waiting.Store(0)
	leave()
	if leave, err := h.enter(t.Context()); err != nil {
		t.Errorf("a free slot = %v", err)
	} else {
		leave()
	}
}

func FuzzParsePHC(f *testing.F) {
	f.Add("$argon2id$v=19$m=65536,t=3,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
	f.Add("$argon2id$v=19$m=1,t=1,p=1$$")
	f.Fuzz(func(t *testing.T, s string) {
		c, salt, sum, err := parsePHC(s)
		if err == nil && (c.Memory > maxStoredMemory || c.Time > maxStoredTime || len(salt) < 8 || len(sum) != hashBytes) {
			t.Errorf("parsePHC(%q) = %+v", s, c)
		}
	})
}

func FuzzParseNIK(f *testing.F) {
	f.Add("3300 0000 0000 0001")
	f.Add("330000000000000\xff")
	f.Fuzz(func(t *testing.T, s string) {
		n, err := ParseNIK(s)
		if err == nil && (len(n.Digits()) != nikDigits || strings.Trim(n.Digits(), "0123456789") != "") {
			t.Errorf("ParseNIK(%q) = %q", s, n.Digits())
		}
		_ = secretRules(Person{Name: s, Email: s, NIP: s}, n, s, s)
	})
}

func FuzzSecretRules(f *testing.F) {
	f.Add("lembayung tikar pelita 61")
	f.Add("\xff\xfe\u0130\u0131")
	f.Fuzz(func(t *testing.T, s string) {
		if secretRules(Person{Name: "Budi Contoh"}, NIK{}, "Dinas", s) == nil && len([]rune(s)) < minSecret {
			t.Errorf("secretRules(%q) = nil", s)
		}
	})
}
