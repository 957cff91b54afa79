package account_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"absah/internal/account"
	"absah/internal/audit"
	"absah/internal/fault"
	"absah/internal/store"
)

type world struct {
	*account.Service
	db     *store.DB
	agency account.OrganisationID
	budi   account.PersonID
	mails  []map[string]string
	mu     sync.Mutex
	clock  time.Time
}

func (w *world) now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.clock
}

func (w *world) sleep(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.clock = w.clock.Add(d)
}

// Send implements account.Mailer.
func (w *world) Send(_ context.Context, kind, name, email string, facts map[string]string) error {
	facts["kind"], facts["name"], facts["email"] = kind, name, email
	w.mails = append(w.mails, facts)
	return nil
}

const (
	nik    = "3300000000000001"
	secret = "gerimis-teras-kapur-58"
	wrong  = "gerimis-teras-kapur-59"
)

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{clock: time.Date(2027, 1, 12, 2, 30, 0, 0, time.UTC)}
	var err error
	if w.db, err = store.Open(t.Context(), store.Options{Path: filepath.Join(t.TempDir(), "absah.db")}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.db.Close(); err != nil {
			t.Error(err)
		}
	})
	vault, err := account.NewVault(bytes.Repeat([]byte{7}, 32))
	if err != nil {
		t.Fatal(err)
	}
	w.Service = account.New(account.Options{
		Store: w.db.Accounts(), Vault: vault, Audit: audit.New(w.db, w.now), Mail: w, BaseURL: "https://absah.test", Now: w.now,
		Cost: account.Cost{Memory: 64, Time: 1, Threads: 1}, Slots: 4,
	})
	if w.agency, err = w.AddOrganisation(t.Context(), account.Organisation{Name: "Dinas Contoh", Domain: "dinas.contoh.test", Contact: "meja bantuan"}); err != nil {
		t.Fatal(err)
	}
	if w.budi, err = w.Add(t.Context(), invitation(w), secret); err != nil {
		t.Fatal(err)
	}
	return w
}

func invitation(w *world) account.Invitation {
	return account.Invitation{NIK: nik, Organisation: w.agency, Name: "Budi Contoh", NIP: "198001012005011001", Position: "Analis", Unit: "Bidang Umum", Email: "budi@dinas.contoh.test"}
}

// codes lists the faults in an error, with their fields.
func codes(err error) string {
	var walk func(err error, field string) []string
	walk = func(err error, field string) []string {
		switch e := err.(type) {
		case nil:
			return nil
		case *fault.Error:
			return []string{strings.TrimPrefix(field+" "+e.Code, " ")}
		case interface {
			FieldName() string
			Unwrap() error
		}:
			return walk(e.Unwrap(), e.FieldName())
		case interface{ Unwrap() []error }:
			var all []string
			for _, err := range e.Unwrap() {
				all = append(all, walk(err, field)...)
			}
			return all
		case interface{ Unwrap() error }:
			return walk(e.Unwrap(), field)
		}
		return []string{err.Error()}
	}
	return strings.Join(walk(err, ""), ", ")
}

func TestParseNIK(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{nik, nik},
		{" 3300 0000.0000-0001\u00a0", nik},
		{"330000000000000", "ABS-REG-002"},
		{"33000000000000011", "ABS-REG-002"},
		{"", "ABS-REG-002"},
		{"330000000000000x", "ABS-REG-002"},
		{nik + "x", "ABS-REG-002"},
		{"٣٣٠٠000000000001", "ABS-REG-002"},
	} {
		n, err := account.ParseNIK(c.in)
		got := n.Digits()
		if err != nil {
			got = codes(err)
		}
		if got != c.want {
			t.Errorf("ParseNIK(%q) = %q, want %q", c.in, got, c.want)
		}
	}
	_, err := account.ParseNIK("3300-000")
	if f, _ := fault.As(err); f == nil || f.Text("id") != "NIK harus 16 angka. Anda mengetik 7." {
		t.Errorf("ParseNIK(7 digits) = %v", err)
	}
}

func TestNIKPrintsMasked(t *testing.T) {
	n, err := account.ParseNIK(nik)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{n.String(), fmt.Sprint(n), fmt.Sprintf("%v %+v %#v %s %q %d %x", n, n, n, n, n, n, n), fmt.Sprint([]account.NIK{n}), fmt.Sprintf("%+v", struct{ N account.NIK }{n})} {
		if strings.Contains(s, nik[4:12]) || !strings.Contains(s, "3300••••••••0001") {
			t.Errorf("a NIK prints as %q", s)
		}
	}
}

func TestVault(t *testing.T) {
	v, err := account.NewVault(bytes.Repeat([]byte{1}, 32))
	if err != nil {
		t.Fatal(err)
	}
	other, err := account.NewVault(bytes.Repeat([]byte{2}, 32))
	if err != nil {
		t.Fatal(err)
	}
	sealed := v.Seal("nik a", []byte(nik))
	if got, err := v.Open("nik a", sealed); err != nil || string(got) != nik {
		t.Errorf("Open = %q, %v", got, err)
	}
	if bytes.Contains(sealed, []byte(nik)) || bytes.Equal(sealed, v.Seal("nik a", []byte(nik))) {
		t.Error("sealing shows its content, or is the same twice")
	}
	for name, open := range map[string]func() ([]byte, error){
		"other place": func() ([]byte, error) { return v.Open("nik b", sealed) },
		"other key":   func() ([]byte, error) { return other.Open("nik a", sealed) },
		"changed": func() ([]byte, error) {
			return v.Open("nik a", append(bytes.Clone(sealed[:len(sealed)-1]), sealed[len(sealed)-1]^1))
		},
		"cut":     func() ([]byte, error) { return v.Open("nik a", sealed[:5]) },
		"empty":   func() ([]byte, error) { return v.Open("nik a", nil) },
		"version": func() ([]byte, error) { return v.Open("nik a", append([]byte{9}, sealed[1:]...)) },
	} {
		if got, err := open(); !errors.Is(err, account.ErrSealed) {
			t.Errorf("Open(%s) = %q, %v; want ErrSealed", name, got, err)
		}
	}
	if bytes.Equal(v.Hash("nik", nik), other.Hash("nik", nik)) || bytes.Equal(v.Hash("nik", nik), v.Hash("ni", "k"+nik)) {
		t.Error("Hash does not depend on key or kind")
	}
	if _, err := account.NewVault(make([]byte, 31)); err == nil {
		t.Error("a short data key was taken")
	}
}

func TestSecretRules(t *testing.T) {
	w := newWorld(t)
	for _, c := range []struct{ secret, want string }{
		{"lembayung tikar pelita 61", ""},
		{"pendek", "passphrase ABS-PWD-004"},
		{"tikar-budi-pelita", "passphrase ABS-PWD-001"},
		{"Tikar-Contoh-Pelita", "passphrase ABS-PWD-001"},
		{"tikar-c.o.n.t.o.h-61", "passphrase ABS-PWD-001"},
		{"tikar dinas contoh pelita", "passphrase ABS-PWD-001, passphrase ABS-PWD-001"},
		{"tikar-000000-pelita", "passphrase ABS-PWD-001, passphrase ABS-PWD-001"}, // part of the NIK, and a run
		{"tikar-198001-pelita", "passphrase ABS-PWD-001"},
		{"tikar1234pelita", "passphrase ABS-PWD-001"},
		{"tikar-dcba-pelita", "passphrase ABS-PWD-001"},
		{"tikar-qwer-pelita", "passphrase ABS-PWD-001"},
		{"tikaaaar-pelita-61", "passphrase ABS-PWD-001"},
		{"passphrase tikar 61", "passphrase ABS-PWD-001"},
		{"kopi-rakit-senja-42", "passphrase ABS-PWD-001"},
		{" lembayung tikar 61", "passphrase ABS-PWD-006"},
		{"abababababababab", "passphrase ABS-PWD-007"},
		{strings.Repeat("lembayung tikar pelita ", 12) + "61", "passphrase ABS-PWD-005"},
		{secret, "passphrase ABS-PWD-003"},
		{"", "passphrase ABS-PWD-004, passphrase ABS-PWD-007"},
	} {
		if got := codes(w.CheckPassphrase(t.Context(), w.budi, c.secret)); got != c.want {
			t.Errorf("CheckPassphrase(%q) = %q, want %q", c.secret, got, c.want)
		}
	}
}

func TestLogIn(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	token, p, err := w.LogIn(ctx, "3300 0000 0000 0001", secret, "10.0.0.1")
	if err != nil || p.ID != w.budi || len(token) < 43 {
		t.Fatalf("LogIn = %q, %v, %v", token, p.ID, err)
	}
	if got, err := w.Session(ctx, token); err != nil || got.ID != w.budi {
		t.Errorf("Session = %v, %v", got.ID, err)
	}
	if _, _, err := w.LogIn(ctx, "123", secret, "10.0.0.1"); codes(err) != "nik ABS-REG-002" {
		t.Errorf("LogIn(short NIK) = %v", err)
	}
	// A registered and an unregistered NIK, and one whose account is not active, cannot be told apart: same words, same lock.
	if _, err := w.Invite(ctx, account.Invitation{NIK: "3300000000000002", Organisation: w.agency, Name: "Ani Contoh", Position: "x", Unit: "y", Email: "ani@dinas.contoh.test"}); err != nil {
		t.Fatal(err)
	}
	for _, n := range []string{nik, "3300000000000099", "3300000000000002"} {
		var got []string
		for range 6 {
			_, _, err := w.LogIn(ctx, n, wrong, "10.0.0.2")
			f, ok := fault.As(err)
			if !ok {
				t.Fatal(err)
			}
			got = append(got, f.Code+f.Text("id"))
		}
		want := strings.Repeat("ABS-LOG-001NIK atau sandi salah. Periksa Caps Lock, lalu coba lagi. ", 5) + "ABS-LOG-002Terlalu banyak percobaan. Coba lagi setelah 09.45 WIB."
		if s := strings.Join(got, " "); s != want {
			t.Errorf("six wrong tries of %s: %s", n[12:], s)
		}
	}
	if _, _, err := w.LogIn(ctx, nik, secret, "10.0.0.1"); codes(err) != "ABS-LOG-002" {
		t.Errorf("the right password during the lock: %v", err)
	}
	w.sleep(15 * time.Minute)
	if _, _, err := w.LogIn(ctx, nik, secret, "10.0.0.1"); err != nil {
		t.Errorf("after the lock: %v", err)
	}
	// The second lock of somebody who goes on is longer.
	for range 5 {
		_, _, _ = w.LogIn(ctx, "3300000000000099", wrong, "10.0.0.3")
	}
	w.sleep(16 * time.Minute)
	if _, _, err := w.LogIn(ctx, "3300000000000099", wrong, "10.0.0.3"); codes(err) != "ABS-LOG-002" {
		t.Errorf("16 minutes into the second lock: %v", err)
	}
}

func TestManyTriesAtOnce(t *testing.T) {
	w := newWorld(t)
	var mu sync.Mutex
	count := map[string]int{}
	var wg sync.WaitGroup
	for range 40 {
		wg.Go(func() {
			_, _, err := w.LogIn(t.Context(), nik, wrong, "10.0.0.1")
			mu.Lock()
			defer mu.Unlock()
			count[codes(err)]++
		})
	}
	wg.Wait()
	if count["ABS-LOG-001"] > 5 || count["ABS-LOG-001"]+count["ABS-LOG-002"] != 40 {
		t.Errorf("40 wrong passwords at once: %v; at most 5 may be looked at", count)
	}
}

func TestAddressRate(t *testing.T) {
	w := newWorld(t)
	refused := 0
	for range 70 {
		if err := w.Admit("10.0.0.9"); err != nil {
			refused++
		}
	}
	if refused != 10 || w.Admit("10.0.0.8") != nil {
		t.Errorf("%d of 70 requests refused, want 10, and none of another address", refused)
	}
	w.sleep(15 * time.Minute)
	if err := w.Admit("10.0.0.9"); err != nil {
		t.Errorf("in the next window: %v", err)
	}
}

func TestSession(t *testing.T) {
	for _, c := range []struct {
		name string
		do   func(w *world, token string)
		ok   bool
	}{
		{"29 minutes idle", func(w *world, _ string) { w.sleep(29 * time.Minute) }, true},
		{"31 minutes idle", func(w *world, _ string) { w.sleep(31 * time.Minute) }, false},
		{"used every 20 minutes for 11 hours", func(w *world, token string) {
			for range 33 {
				w.sleep(20 * time.Minute)
				_, _ = w.Session(t.Context(), token)
			}
		}, true},
		{"used every 20 minutes for 12 hours", func(w *world, token string) {
			for range 36 {
				w.sleep(20 * time.Minute)
				_, _ = w.Session(t.Context(), token)
			}
		}, false},
		{"logged out", func(w *world, token string) { _ = w.LogOut(t.Context(), token) }, false},
		{"account closed", func(w *world, _ string) {
			p, _ := w.Person(t.Context(), w.budi)
			p.DisabledAt = w.now()
			_ = w.db.Accounts().UpdatePerson(t.Context(), p)
		}, false},
	} {
		w := newWorld(t)
		token, _, err := w.LogIn(t.Context(), nik, secret, "10.0.0.1")
		if err != nil {
			t.Fatal(err)
		}
		c.do(w, token)
		_, err = w.Session(t.Context(), token)
		if c.ok != (err == nil) || !c.ok && !errors.Is(err, account.ErrNotFound) {
			t.Errorf("%s: Session = %v, want ok %v", c.name, err, c.ok)
		}
	}
	w := newWorld(t)
	for _, token := range []string{"", "x", strings.Repeat("A", 43)} {
		if _, err := w.Session(t.Context(), token); !errors.Is(err, account.ErrNotFound) {
			t.Errorf("Session(%q) = %v", token, err)
		}
	}
}

func TestLinks(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	first, expires, err := w.NewLink(ctx, "activation", "a", 7*24*time.Hour)
	if err != nil || !expires.Equal(w.now().Add(7*24*time.Hour)) {
		t.Fatal(expires, err)
	}
	if s, err := w.LinkSubject(ctx, "activation", first); err != nil || s != "a" {
		t.Errorf("LinkSubject = %q, %v", s, err)
	}
	if _, err := w.LinkSubject(ctx, "passphrase", first); codes(err) != "ABS-REG-001" {
		t.Errorf("LinkSubject(other purpose) = %v", err)
	}
	second, _, err := w.NewLink(ctx, "activation", "a", time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.LinkSubject(ctx, "activation", first); codes(err) != "ABS-REG-001" {
		t.Errorf("a link that a newer one replaced: %v", err)
	}
	if s, err := w.SpentLinkSubject(ctx, "activation", first); err != nil || s != "a" {
		t.Errorf("SpentLinkSubject = %q, %v", s, err)
	}
	var wg sync.WaitGroup
	var mu sync.Mutex
	count := map[string]int{}
	for range 8 {
		wg.Go(func() {
			_, err := w.UseLink(ctx, "activation", second)
			mu.Lock()
			defer mu.Unlock()
			count[codes(err)]++
		})
	}
	wg.Wait()
	if count[""] != 1 || count["ABS-REG-001"] != 7 {
		t.Errorf("eight uses at once: %v, want one", count)
	}
	third, _, err := w.NewLink(ctx, "activation", "a", time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	w.sleep(time.Hour)
	if _, err := w.UseLink(ctx, "activation", third); codes(err) != "ABS-REG-001" {
		t.Errorf("an expired link: %v", err)
	}
	// What a transaction that fails used up is usable again.
	fourth, _, err := w.NewLink(ctx, "activation", "a", time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	boom := errors.New("boom")
	if err := w.db.Do(ctx, func(ctx context.Context) error {
		if _, err := w.UseLink(ctx, "activation", fourth); err != nil {
			return err
		}
		return boom
	}); !errors.Is(err, boom) {
		t.Fatal(err)
	}
	if _, err := w.UseLink(ctx, "activation", fourth); err != nil {
		t.Errorf("after a rollback: %v", err)
	}
}

func TestForgotPassword(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	old, _, err := w.LogIn(ctx, nik, secret, "10.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	if err := w.ForgotPassword(ctx, "3300000000000099", "10.0.0.1"); err != nil || len(w.mails) != 0 {
		t.Errorf("ForgotPassword(unknown) = %v, %d mails", err, len(w.mails))
	}
	for range 3 {
		if err := w.ForgotPassword(ctx, nik, "10.0.0.1"); err != nil {
			t.Fatal(err)
		}
	}
	if len(w.mails) != 1 {
		t.Fatalf("%d mails within five minutes, want 1", len(w.mails))
	}
	m := w.mails[0]
	token, ok := strings.CutPrefix(m["url"], "https://absah.test/sandi/")
	if !ok || m["kind"] != "reset" || m["email"] != "budi@dinas.contoh.test" {
		t.Fatalf("mail %v", m)
	}
	if err := w.ResetPassword(ctx, token, "pendek"); codes(err) != "password ABS-PWD-004" {
		t.Errorf("ResetPassword(short) = %v", err)
	}
	const fresh = "bubungan-kelopak-senyap-9"
	if err := w.ResetPassword(ctx, token, fresh); err != nil {
		t.Fatal(err)
	}
	if err := w.ResetPassword(ctx, token, fresh); codes(err) != "ABS-REC-001" {
		t.Errorf("the same link again: %v", err)
	}
	if _, err := w.Session(ctx, old); !errors.Is(err, account.ErrNotFound) {
		t.Errorf("a session of the old password lives on: %v", err)
	}
	if _, _, err := w.LogIn(ctx, nik, secret, "10.0.0.1"); codes(err) != "ABS-LOG-001" {
		t.Errorf("the old password: %v", err)
	}
	if _, _, err := w.LogIn(ctx, nik, fresh, "10.0.0.1"); err != nil {
		t.Errorf("the new password: %v", err)
	}
	w.sleep(6 * time.Minute)
	if err := w.ForgotPassword(ctx, nik, "10.0.0.1"); err != nil || len(w.mails) != 2 {
		t.Fatalf("later: %v, %d mails", err, len(w.mails))
	}
	w.sleep(24 * time.Hour)
	if err := w.ResetPassword(ctx, strings.TrimPrefix(w.mails[1]["url"], "https://absah.test/sandi/"), fresh+"9x"); codes(err) != "ABS-REC-001" {
		t.Errorf("a day later: %v", err)
	}
}

func TestInvite(t *testing.T) {
	w := newWorld(t)
	for _, c := range []struct {
		name string
		edit func(i *account.Invitation)
		want string
	}{
		{"same person", func(*account.Invitation) {}, ""},
		{"everything empty", func(i *account.Invitation) { *i = account.Invitation{} }, "nik ABS-REG-002, name ABS-REG-007, position ABS-REG-007, unit ABS-REG-007, organisation ABS-REG-007, email ABS-REG-007"},
		{"other domain", func(i *account.Invitation) { i.Email = "budi@surel.test" }, "email ABS-REG-004"},
		{"lookalike domain", func(i *account.Invitation) { i.Email = "budi@jahatdinas.contoh.test" }, "email ABS-REG-004"},
		{"no address", func(i *account.Invitation) { i.Email = "Budi <budi@dinas.contoh.test>" }, "email ABS-REG-008"},
		{"header in the address", func(i *account.Invitation) { i.Email = "budi@dinas.contoh.test\r\nBcc: x@y.z" }, "email ABS-REG-008"},
		{"active account with another address", func(i *account.Invitation) { i.Email = "lain@dinas.contoh.test" }, "nik ABS-REG-003"},
		{"address of another person", func(i *account.Invitation) { i.NIK = "3300000000000077" }, "email ABS-REG-010"},
		{"name that turns around", func(i *account.Invitation) { i.Name = "Budi \u202eContoh" }, "name ABS-REG-009"},
		{"long name", func(i *account.Invitation) { i.Name = strings.Repeat("Budi ", 60) }, "name ABS-REG-009"},
		// What no certificate has room for is refused here, not after two people approved it.
		{"name of 64 letters", func(i *account.Invitation) { i.Name = strings.Repeat("é", 64) }, ""},
		{"name of 65", func(i *account.Invitation) { i.Name = strings.Repeat("b", 65) }, "name ABS-REG-009"},
		{"unit of 65", func(i *account.Invitation) { i.Unit = strings.Repeat("b", 65) }, "unit ABS-REG-009"},
		{"position of 65", func(i *account.Invitation) { i.Position = strings.Repeat("b", 65) }, ""},
		{"name with a letter that is not seen", func(i *account.Invitation) { i.Name = "Budi\u200bContoh" }, "name ABS-REG-009"},
	} {
		i := invitation(w)
		c.edit(&i)
		id, err := w.Invite(t.Context(), i)
		if got := codes(err); got != c.want {
			t.Errorf("Invite(%s) = %q, want %q", c.name, got, c.want)
		}
		if c.want == "" && id != w.budi {
			t.Errorf("Invite(%s) made another person", c.name)
		}
	}
}

func TestAgencyName(t *testing.T) {
	w := newWorld(t)
	for name, want := range map[string]string{"": "name ABS-REG-007", strings.Repeat("b", 65): "name ABS-REG-009", "Dinas\u200bContoh": "name ABS-REG-009", strings.Repeat("é", 64): ""} {
		if _, err := w.AddOrganisation(t.Context(), account.Organisation{Name: name}); codes(err) != want {
			t.Errorf("AddOrganisation(%q) = %v, want %q", name, err, want)
		}
	}
}

func TestAtRest(t *testing.T) {
	w := newWorld(t)
	p, err := w.Person(t.Context(), w.budi)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(p.NIKSealed, []byte(nik)) || !strings.HasPrefix(p.Password, "$argon2id$v=19$m=64,t=1,p=1$") || strings.Contains(p.Password, secret) {
		t.Errorf("stored as %q, %q", p.NIKSealed, p.Password)
	}
	if n, err := w.NIK(p); err != nil || n.Digits() != nik {
		t.Errorf("NIK = %v, %v", n, err)
	}
	// Somebody who swaps the sealed numbers of two rows is found out.
	p.ID = "other"
	if _, err := w.NIK(p); !errors.Is(err, account.ErrSealed) {
		t.Errorf("NIK of another row = %v", err)
	}
}

// meanwhile does something once, after the next look at a person: between that and what follows from it.
type meanwhile struct {
	account.Store
	do func()
}

func (m *meanwhile) PersonByNIK(ctx context.Context, hash []byte) (account.Person, error) {
	p, err := m.Store.PersonByNIK(ctx, hash)
	if do := m.do; do != nil {
		m.do = nil
		do()
	}
	return p, err
}

// TestPasswordChangesDuringLogIn: whoever knows the old password must not be signed in after it was changed, and least of all
// bring it back.
func TestPasswordChangesDuringLogIn(t *testing.T) {
	const changed = "kapur-senja-tiang-77"
	for name, cost := range map[string]account.Cost{"same cost": {Memory: 64, Time: 1, Threads: 1}, "another cost": {Memory: 64, Time: 2, Threads: 1}} {
		w := newWorld(t)
		ctx := t.Context()
		if err := w.ForgotPassword(ctx, nik, "10.0.0.1"); err != nil {
			t.Fatal(err)
		}
		token := w.mails[0]["url"][strings.LastIndexByte(w.mails[0]["url"], '/')+1:]
		vault, err := account.NewVault(bytes.Repeat([]byte{7}, 32))
		if err != nil {
			t.Fatal(err)
		}
		st := &meanwhile{Store: w.db.Accounts(), do: func() {
			if err := w.ResetPassword(ctx, token, changed); err != nil {
				t.Fatal(err)
			}
		}}
		other := account.New(account.Options{Store: st, Vault: vault, Audit: audit.New(w.db, w.now), Mail: w, BaseURL: "https://absah.test", Now: w.now, Cost: cost})
		if token, _, err := other.LogIn(ctx, nik, secret, "10.0.0.1"); codes(err) != "ABS-LOG-001" {
			t.Errorf("%s: signed in with the old password: %q, %v", name, token, err)
		}
		if _, _, err := w.LogIn(ctx, nik, changed, "10.0.0.1"); err != nil {
			t.Errorf("%s: the new password: %v", name, err)
		}
	}
}
