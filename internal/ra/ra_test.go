package ra_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"absah/internal/account"
	"absah/internal/audit"
	"absah/internal/fault"
	"absah/internal/ra"
	"absah/internal/store"
)

// world has real accounts and a real database; mails, log and issuer are here to look into and to break.
type world struct {
	t *testing.T
	*ra.Service
	path     string
	db       *store.DB
	accounts *account.Service
	agency   string

	sari, tono, wati, lain ra.Actor // registrant, verifier, administrator, verifier of another agency

	mu        sync.Mutex
	clock     time.Time
	mails     []letter
	events    []audit.Event
	requests  []ra.Request
	failAudit string // an act that cannot be logged
	failIssue error
	breakage  func(a ra.Application) error // of UpdateApplication
	hold      chan struct{}
}

type letter struct {
	kind, email string
	facts       map[string]string
}

const (
	nik        = "3300000000000001"
	password   = "gerimis-teras-kapur-58"
	passphrase = "lembayung tikar pelita 61"
)

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

// Send implements ra.Mailer; a mail of a transaction that fails is taken back by the test of that.
func (w *world) Send(_ context.Context, kind, _, email string, facts map[string]string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.mails = append(w.mails, letter{kind, email, facts})
	return nil
}

// Append implements audit.Log.
func (w *world) Append(_ context.Context, e audit.Event) (int64, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if e.Act == w.failAudit {
		return 0, errors.New("the log is full")
	}
	w.events = append(w.events, e)
	return int64(len(w.events)), nil
}

// IssueFor implements ra.Issuer.
func (w *world) IssueFor(_ context.Context, r ra.Request) (ra.Certificate, error) {
	if w.hold != nil {
		<-w.hold
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.requests = append(w.requests, r)
	if w.failIssue != nil {
		return ra.Certificate{}, w.failIssue
	}
	return ra.Certificate{Serial: "0a0b", DER: []byte("certificate"), NotBefore: w.clock, NotAfter: w.clock.AddDate(2, 0, 0)}, nil
}

// brokenStore fails where a test wants it.
type brokenStore struct {
	ra.Store
	w *world
}

func (s brokenStore) UpdateApplication(ctx context.Context, a ra.Application) error {
	if s.w.breakage != nil {
		if err := s.w.breakage(a); err != nil {
			return err
		}
	}
	return s.Store.UpdateApplication(ctx, a)
}

type people struct{ *account.Service }

func (p people) Invite(ctx context.Context, a ra.Applicant) (string, error) {
	id, err := p.Service.Invite(ctx, account.Invitation{
		NIK: a.NIK, Organisation: account.OrganisationID(a.Organisation), Name: a.Name, NIP: a.NIP, Position: a.Position, Unit: a.Unit, Email: a.Email, Phone: a.Phone,
	})
	return string(id), err
}

func (p people) Active(ctx context.Context, person string) (bool, error) {
	x, err := p.Person(ctx, account.PersonID(person))
	return x.Active(), err
}

func (p people) HashPassword(ctx context.Context, person, password string) (string, error) {
	h, err := p.Service.HashPassword(ctx, account.PersonID(person), password)
	return string(h), err
}

func (p people) Activate(ctx context.Context, person, hashed string) error {
	return p.Service.Activate(ctx, account.PersonID(person), account.Hashed(hashed))
}

func (p people) CheckPassphrase(ctx context.Context, person, secret string) error {
	return p.Service.CheckPassphrase(ctx, account.PersonID(person), secret)
}

func (p people) Agency(ctx context.Context, id string) (name, domain, contact string, err error) {
	o, err := p.Organisation(ctx, account.OrganisationID(id))
	return o.Name, o.Domain, o.Contact, err
}

func (p people) Officer(ctx context.Context, person string) (name, contact string, err error) {
	x, err := p.Person(ctx, account.PersonID(person))
	return x.Name, x.Email, err
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, clock: time.Date(2027, 1, 12, 2, 30, 0, 0, time.UTC), path: filepath.Join(t.TempDir(), "absah.db")}
	var err error
	if w.db, err = store.Open(t.Context(), store.Options{Path: w.path}); err != nil {
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
	w.accounts = account.New(account.Options{
		Store: w.db.Accounts(), Vault: vault, Audit: w, Mail: w, BaseURL: "https://absah.test", Now: w.now, Cost: account.Cost{Memory: 64, Time: 1, Threads: 1},
	})
	w.Service = ra.New(ra.Options{
		Store: brokenStore{w.db.Applications(), w}, People: people{w.accounts}, Links: w.accounts, Mail: w, Seal: vault, Issuer: w, Audit: w,
		BaseURL: "https://absah.test", Now: w.now,
	})
	agency := func(name, domain string) account.OrganisationID {
		id, err := w.accounts.AddOrganisation(t.Context(), account.Organisation{Name: name, Domain: domain, Contact: "meja bantuan"})
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	home, other := agency("Dinas Contoh", "dinas.contoh.test"), agency("Badan Contoh", "")
	w.agency = string(home)
	staff := func(name, nik string, org account.OrganisationID, role account.Role) ra.Actor {
		id, err := w.accounts.Add(t.Context(), account.Invitation{
			NIK: nik, Organisation: org, Name: name + " Contoh", Position: "Pengelola", Unit: "Persandian", Email: strings.ToLower(name) + "@dinas.contoh.test",
		}, "embun-payung-lorong-73", role)
		if err != nil {
			t.Fatal(err)
		}
		return ra.Actor{Person: string(id), Name: name + " Contoh", Organisation: string(org), Verifier: role == account.Verifier, Administrator: role == account.Administrator}
	}
	w.sari = staff("Sari", "3300000000000002", home, account.Verifier)
	w.tono = staff("Tono", "3300000000000003", home, account.Verifier)
	w.wati = staff("Wati", "3300000000000004", home, account.Administrator)
	w.lain = staff("Lain", "3300000000000005", other, account.Verifier)
	return w
}

func (w *world) budi() ra.Applicant {
	return ra.Applicant{NIK: nik, Organisation: w.agency, Name: "Budi  Contoh", Position: "Analis", Unit: "Bidang Umum", Email: "Budi@dinas.contoh.test"}
}

// token is that of the latest mail of a kind.
func (w *world) token(kind string) string {
	w.t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, m := range slices.Backward(w.mails) {
		if m.kind == kind {
			return m.facts["url"][strings.LastIndexByte(m.facts["url"], '/')+1:]
		}
	}
	w.t.Fatalf("no mail %q in %v", kind, w.mails)
	return ""
}

func (w *world) kinds() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var all []string
	for _, m := range w.mails {
		all = append(all, m.kind)
	}
	return strings.Join(all, " ")
}

var letterFile = append([]byte("%PDF-1.7\n"), bytes.Repeat([]byte("rahasia "), 40)...)

func evidence() ra.Evidence {
	return ra.Evidence{Letter: "800/17/2027", Name: "surat.pdf", Data: letterFile, Consent: true}
}

func must[T any](t *testing.T) func(v T, err error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// submitted brings a new application to the verifiers, approved to the passphrase.
func (w *world) submitted() ra.Application {
	w.t.Helper()
	app := must[ra.Application](w.t)
	app(w.Apply(w.t.Context(), w.sari, w.budi()))
	token := w.token("activation")
	app(w.Confirm(w.t.Context(), token))
	app(w.SetPassword(w.t.Context(), token, password))
	return app(w.Complete(w.t.Context(), token, evidence()))
}

func (w *world) approved() (ra.Application, ra.Actor) {
	w.t.Helper()
	a := w.submitted()
	app := must[ra.Application](w.t)
	app(w.Approve(w.t.Context(), w.tono, a.ID, a.Hash()))
	a = app(w.Approve(w.t.Context(), w.wati, a.ID, a.Hash()))
	return a, ra.Actor{Person: a.Person, Name: a.Name}
}

func code(err error) string {
	if f, ok := fault.As(err); ok {
		return f.Code
	}
	if err != nil {
		return err.Error()
	}
	return ""
}

func (w *world) stage(id ra.ApplicationID) ra.Application {
	w.t.Helper()
	return must[ra.Application](w.t)(w.db.Applications().Application(w.t.Context(), id))
}

func TestStates(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	app := must[ra.Application](t)
	a := app(w.Apply(ctx, w.sari, w.budi()))
	want := func(s ra.State) {
		t.Helper()
		if got, _, err := w.Mine(ctx, a.Person); got != s || err != nil {
			t.Errorf("state %s, %v; want %s", got, err, s)
		}
	}
	want(ra.StateNoCertificate)
	token := w.token("activation")
	app(w.Confirm(ctx, token))
	app(w.SetPassword(ctx, token, password))
	want(ra.StateNoCertificate)
	app(w.Complete(ctx, token, evidence()))
	want(ra.StateWaiting)
	a = w.stage(a.ID)
	app(w.Approve(ctx, w.tono, a.ID, a.Hash()))
	want(ra.StateWaiting)
	app(w.Approve(ctx, w.wati, a.ID, a.Hash()))
	want(ra.StateNew)
	app(w.SetPassphrase(ctx, ra.Actor{Person: a.Person}, w.token("passphrase"), passphrase))
	want(ra.StateIssue)
	if _, err := w.Apply(ctx, w.sari, w.budi()); code(err) != "ABS-RA-004" {
		t.Errorf("an application beside a certificate: %v", err)
	}
	w.sleep(3 * 366 * 24 * time.Hour)
	want(ra.StateExpired)
	if _, err := w.Apply(ctx, w.sari, w.budi()); err != nil {
		t.Errorf("an application after the certificate: %v", err)
	}
	if w.mails[len(w.mails)-1].facts["contact"] != "Sari Contoh (sari@dinas.contoh.test), meja bantuan" {
		t.Errorf("contact %q", w.mails[len(w.mails)-1].facts["contact"])
	}
}

func TestIssuedOnce(t *testing.T) {
	w := newWorld(t)
	a, me := w.approved()
	token := w.token("passphrase")
	w.hold = make(chan struct{})
	var wg sync.WaitGroup
	var mu sync.Mutex
	count := map[string]int{}
	for range 8 {
		wg.Go(func() {
			_, err := w.SetPassphrase(t.Context(), me, token, passphrase)
			mu.Lock()
			defer mu.Unlock()
			count[code(err)]++
			if code(err) == "ABS-ISS-003" && count["ABS-ISS-003"] == 7 {
				close(w.hold) // all others have been turned away while one is at it
			}
		})
	}
	wg.Wait()
	if len(w.requests) != 1 || count[""] != 1 || count["ABS-ISS-003"] != 7 {
		t.Errorf("%d certificates, results %v", len(w.requests), count)
	}
	if got := w.stage(a.ID); got.Stage != ra.Issued || string(got.Certificate.DER) != "certificate" || got.Certificate.Serial != "0a0b" {
		t.Errorf("application %+v", got)
	}
	if _, err := w.SetPassphrase(t.Context(), me, token, passphrase); code(err) != "ABS-REG-001" {
		t.Errorf("the link again: %v", err)
	}
}

func TestIssuerFails(t *testing.T) {
	w := newWorld(t)
	a, me := w.approved()
	token := w.token("passphrase")
	for _, c := range []struct {
		err  error
		want string
	}{
		{errors.New("the key store does not answer"), "ABS-ISS-001"},
		{fault.New("ABS-ISS-002", "x"), "ABS-ISS-002"},
	} {
		w.failIssue = c.err
		if _, err := w.SetPassphrase(t.Context(), me, token, passphrase); code(err) != c.want || !errors.Is(err, c.err) {
			t.Errorf("SetPassphrase with %v = %v", c.err, err)
		}
		if got := w.stage(a.ID); got.Stage != ra.Approved || !got.ClaimedUntil.IsZero() {
			t.Errorf("after %v: stage %s, claimed until %v", c.err, got.Stage, got.ClaimedUntil)
		}
	}
	w.failIssue = nil
	if _, err := w.SetPassphrase(t.Context(), me, token, passphrase); err != nil {
		t.Errorf("with the same link later: %v", err)
	}
}

// TestIssuedButNotNoted stops between the certificate and its note, and between the claim and the certificate.
func TestIssuedButNotNoted(t *testing.T) {
	w := newWorld(t)
	a, me := w.approved()
	token := w.token("passphrase")
	w.breakage = func(a ra.Application) error {
		if a.Stage == ra.Issued {
			return errors.New("the disk is full")
		}
		return nil
	}
	if _, err := w.SetPassphrase(t.Context(), me, token, passphrase); err == nil || code(err) == "ABS-REG-001" {
		t.Errorf("SetPassphrase without disk = %v", err)
	}
	if got := w.stage(a.ID); got.Stage != ra.Approved {
		t.Errorf("stage %s, want approved", got.Stage)
	}
	if strings.Contains(w.kinds(), "issued") {
		t.Error("the mail went out")
	}
	w.breakage = nil
	if _, err := w.SetPassphrase(t.Context(), me, token, passphrase); code(err) != "ABS-ISS-003" {
		t.Errorf("within the claim: %v", err)
	}
	w.sleep(2 * time.Minute)
	if _, err := w.SetPassphrase(t.Context(), me, token, passphrase); err != nil {
		t.Errorf("after the claim: %v", err)
	}
	if len(w.requests) != 2 || w.requests[0].Application != w.requests[1].Application || !bytes.Equal(w.requests[0].Approved, w.requests[1].Approved) {
		t.Errorf("the issuer was asked %v; the second time must name the same application", w.requests)
	}
}

// TestNoLogNoStep breaks the audit log at each step: the step does not happen.
func TestNoLogNoStep(t *testing.T) {
	for _, act := range []string{"ra.apply", "ra.confirm", "ra.activate", "account.activate", "ra.submit", "ra.approve1", "ra.approve2", "ra.issue"} {
		w := newWorld(t)
		w.failAudit = act
		ctx := t.Context()
		a, err := w.Apply(ctx, w.sari, w.budi())
		step := func(f func() (ra.Application, error)) {
			if err == nil {
				var b ra.Application
				if b, err = f(); err == nil {
					a = b
				}
			}
		}
		step(func() (ra.Application, error) { return w.Confirm(ctx, w.token("activation")) })
		step(func() (ra.Application, error) { return w.SetPassword(ctx, w.token("activation"), password) })
		step(func() (ra.Application, error) { return w.Complete(ctx, w.token("activation"), evidence()) })
		step(func() (ra.Application, error) { return w.Approve(ctx, w.tono, a.ID, a.Hash()) })
		step(func() (ra.Application, error) { return w.Approve(ctx, w.wati, a.ID, a.Hash()) })
		step(func() (ra.Application, error) {
			return w.SetPassphrase(ctx, ra.Actor{Person: a.Person}, w.token("passphrase"), passphrase)
		})
		if err == nil || !strings.Contains(err.Error(), "the log is full") {
			t.Errorf("%s: %v", act, err)
			continue
		}
		steps, err := w.db.Applications().Steps(ctx, a.ID)
		if err != nil {
			t.Fatal(err)
		}
		for _, st := range steps {
			if "ra."+string(st.Action) == act {
				t.Errorf("%s happened without its log entry", act)
			}
		}
		if act != "ra.apply" {
			if got := w.stage(a.ID); got.Version != a.Version && act != "ra.issue" {
				t.Errorf("%s: version %d, want %d", act, got.Version, a.Version)
			}
		}
	}
}

func TestReturnAndResubmit(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	a := w.submitted()
	app := must[ra.Application](t)
	old := a.Hash()
	app(w.Approve(ctx, w.tono, a.ID, old))
	app(w.Return(ctx, w.wati, a.ID, []ra.Reason{ra.LetterUnsigned, ra.Other}, "halaman 2 hilang"))
	m := w.mails[len(w.mails)-1]
	if m.kind != "returned" || m.facts["reasons"] != "letter-unsigned other" || m.facts["note"] != "halaman 2 hilang" || m.email != "budi@dinas.contoh.test" {
		t.Errorf("mail %+v", m)
	}
	me := ra.Actor{Person: a.Person, Name: a.Name}
	if _, err := w.Approve(ctx, w.wati, a.ID, old); code(err) != "ABS-REG-006" {
		t.Errorf("approving what was returned: %v", err)
	}
	if _, err := w.Resubmit(ctx, w.tono, a.ID, evidence()); code(err) != "ABS-RA-001" {
		t.Errorf("evidence by somebody else: %v", err)
	}
	e := evidence()
	e.Letter = "800/18/2027"
	got := app(w.Resubmit(ctx, me, a.ID, e))
	if got.Stage != ra.Submitted || got.Approver1 != "" || got.Letter != "800/18/2027" {
		t.Errorf("resubmitted %+v", got)
	}
	if _, err := w.Approve(ctx, w.tono, a.ID, old); code(err) != "ABS-RA-005" {
		t.Errorf("approving what one saw before: %v", err)
	}
	app(w.Approve(ctx, w.tono, a.ID, got.Hash()))
	app(w.Approve(ctx, w.wati, a.ID, got.Hash()))
	if w.stage(a.ID).Stage != ra.Approved {
		t.Error("not approved after the correction")
	}
}

func TestTurnDown(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	a := w.submitted()
	long := strings.Repeat("x", 1001)
	for _, c := range []struct {
		name    string
		by      ra.Actor
		reasons []ra.Reason
		note    string
		want    string
	}{
		{"no reason", w.tono, nil, "", "ABS-RA-006"},
		{"unknown reason", w.tono, []ra.Reason{"karena"}, "", "ABS-RA-006"},
		{"other without words", w.tono, []ra.Reason{ra.Other}, "  ", "ABS-RA-007"},
		{"novel", w.tono, []ra.Reason{ra.Other}, long, "ABS-RA-008"},
		{"applicant", ra.Actor{Person: a.Person, Organisation: w.agency, Verifier: true}, []ra.Reason{ra.Unreadable}, "", "ABS-RA-002"},
		{"nobody", ra.Actor{}, []ra.Reason{ra.Unreadable}, "", "ABS-LOG-003"},
		{"other agency", w.lain, []ra.Reason{ra.Unreadable}, "", "ABS-RA-001"},
		{"verifier", w.tono, []ra.Reason{ra.NotEligible}, "", ""},
		{"again", w.tono, []ra.Reason{ra.NotEligible}, "", "ABS-REG-006"},
	} {
		if _, err := w.Reject(ctx, c.by, a.ID, c.reasons, c.note); code(err) != c.want {
			t.Errorf("Reject(%s) = %v, want %q", c.name, err, c.want)
		}
	}
	if st, _, err := w.Mine(ctx, a.Person); st != ra.StateNoCertificate || err != nil {
		t.Errorf("state after a rejection %s, %v", st, err)
	}
	// A new application of the same person goes on without a new password.
	app := must[ra.Application](t)
	b := app(w.Apply(ctx, w.tono, w.budi()))
	app(w.Confirm(ctx, w.token("activation")))
	if needs, err := w.NeedsPassword(ctx, b); needs || err != nil {
		t.Errorf("NeedsPassword = %v, %v", needs, err)
	}
	if _, err := w.SetPassword(ctx, w.token("activation"), "bubungan-kelopak-senyap-9"); code(err) != "ABS-REG-003" {
		t.Errorf("a mailed link set the password of an active account: %v", err)
	}
	app(w.Complete(ctx, w.token("activation"), evidence()))
}

func TestRejectAfterApproval(t *testing.T) {
	w := newWorld(t)
	a, me := w.approved()
	token := w.token("passphrase")
	must[ra.Application](t)(w.Reject(t.Context(), w.sari, a.ID, []ra.Reason{ra.NotEligible}, ""))
	if _, err := w.SetPassphrase(t.Context(), me, token, passphrase); code(err) != "ABS-REG-001" || len(w.requests) != 0 {
		t.Errorf("SetPassphrase after a rejection = %v, %d certificates", err, len(w.requests))
	}
}

func TestDenied(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	app := must[ra.Application](t)
	a := app(w.Apply(ctx, w.sari, w.budi()))
	if _, err := w.Apply(ctx, w.tono, w.budi()); code(err) != "ABS-REG-012" {
		t.Errorf("a second open application: %v", err)
	}
	token := w.token("activation")
	if got := app(w.Deny(ctx, token)); got.Stage != ra.Denied {
		t.Errorf("stage %s", got.Stage)
	}
	if _, err := w.Confirm(ctx, token); code(err) != "ABS-REG-001" {
		t.Errorf("confirming what was denied: %v", err)
	}
	if _, again, err := w.Spent(ctx, ra.Activation, token); again || err != nil {
		t.Errorf("Spent = %v, %v; a denied application gives no new link", again, err)
	}
	right := w.budi()
	right.Email = "budi.contoh@dinas.contoh.test"
	b := app(w.Apply(ctx, w.sari, right))
	if b.Person != a.Person || w.mails[len(w.mails)-1].email != "budi.contoh@dinas.contoh.test" {
		t.Errorf("the corrected application went to %s", w.mails[len(w.mails)-1].email)
	}
}

func TestLinksExpire(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	app := must[ra.Application](t)
	a := app(w.Apply(ctx, w.sari, w.budi()))
	token := w.token("activation")
	w.sleep(7*24*time.Hour - time.Second)
	app(w.Confirm(ctx, token))
	w.sleep(time.Second)
	if _, err := w.SetPassword(ctx, token, password); code(err) != "ABS-REG-001" {
		t.Errorf("after seven days: %v", err)
	}
	app(w.AskAgain(ctx, ra.Activation, token))
	if got := w.kinds(); got != "activation activation" {
		t.Fatalf("mails %s", got)
	}
	for range 3 { // asking more often sends nothing
		app(w.AskAgain(ctx, ra.Activation, token))
		app(w.SendAgain(ctx, w.tono, a.ID))
	}
	if got := w.kinds(); got != "activation activation" {
		t.Errorf("mails %s", got)
	}
	fresh := w.token("activation")
	if fresh == token {
		t.Error("the new link is the old one")
	}
	app(w.SetPassword(ctx, fresh, password))
	app(w.Complete(ctx, fresh, evidence()))
	if _, err := w.AskAgain(ctx, ra.Activation, token); code(err) != "ABS-REG-006" {
		t.Errorf("asking for an activation that is done: %v", err)
	}
	if _, err := w.AskAgain(ctx, ra.Activation, "bogus"); code(err) != "ABS-REG-001" {
		t.Errorf("asking with a made-up link: %v", err)
	}
	if _, err := w.AskAgain(ctx, ra.Passphrase, token); code(err) != "ABS-REG-001" {
		t.Errorf("asking for another purpose: %v", err)
	}
}

func TestSelfRegistration(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	a := must[ra.Application](t)(w.Apply(ctx, ra.Actor{}, w.budi()))
	if a.Registrant != a.Person || w.mails[0].facts["registrant"] != "" || w.mails[0].facts["contact"] != "meja bantuan" {
		t.Errorf("self-registered: %+v, mail %v", a, w.mails[0])
	}
	ap := w.budi()
	ap.Organisation, ap.NIK, ap.Email = w.lain.Organisation, "3300000000000078", "siapa@surel.test"
	if _, err := w.Apply(ctx, ra.Actor{}, ap); code(err) != "ABS-LOG-003" {
		t.Errorf("self-registration at an agency without a domain: %v", err)
	}
	if _, err := w.Apply(ctx, ra.Actor{Person: a.Person, Organisation: w.agency}, ap); code(err) != "ABS-LOG-003" {
		t.Errorf("a holder registered somebody: %v", err)
	}
}

func TestOtherAgencySeesNothing(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	a := w.submitted()
	if list, counts, err := w.Queue(ctx, w.lain); err != nil || len(list) != 0 || len(counts) != 0 {
		t.Errorf("Queue = %v, %v, %v", list, counts, err)
	}
	for name, f := range map[string]func() error{
		"Application": func() error { _, err := w.Application(ctx, w.lain, a.ID); return err },
		"Steps":       func() error { _, err := w.Steps(ctx, w.lain, a); return err },
		"File":        func() error { _, err := w.File(ctx, w.lain, a); return err },
		"Evidence":    func() error { _, _, err := w.Evidence(ctx, w.lain, a.ID); return err },
		"Approve":     func() error { _, err := w.Approve(ctx, w.lain, a.ID, a.Hash()); return err },
		"SendAgain":   func() error { _, err := w.SendAgain(ctx, w.lain, a.ID); return err },
	} {
		if err := f(); code(err) != "ABS-RA-001" {
			t.Errorf("%s by another agency = %v, want ABS-RA-001", name, err)
		}
	}
	if list, counts, err := w.Queue(ctx, w.wati, ra.Submitted); err != nil || len(list) != 1 || counts[ra.Submitted] != 1 {
		t.Errorf("Queue of the administrator = %v, %v, %v", list, counts, err)
	}
	if _, _, err := w.Queue(ctx, ra.Actor{Person: a.Person, Organisation: w.agency}); code(err) != "ABS-LOG-003" {
		t.Errorf("Queue of a holder = %v", err)
	}
}

func TestEvidence(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	app := must[ra.Application](t)
	app(w.Apply(ctx, w.sari, w.budi()))
	token := w.token("activation")
	app(w.Confirm(ctx, token))
	app(w.SetPassword(ctx, token, password))
	pad := bytes.Repeat([]byte{0}, 100)
	for _, c := range []struct {
		name string
		edit func(e *ra.Evidence)
		want string
	}{
		{"no letter number", func(e *ra.Evidence) { e.Letter = " " }, "letter"},
		{"endless letter number", func(e *ra.Evidence) { e.Letter = strings.Repeat("8", 101) }, "letter"},
		{"no file", func(e *ra.Evidence) { e.Data = nil }, "file"},
		{"a page that calls itself PDF", func(e *ra.Evidence) { e.Data = append([]byte("<!doctype html><script>"), pad...) }, "file"},
		{"SVG", func(e *ra.Evidence) { e.Data = append([]byte("<svg xmlns='http://www.w3.org/2000/svg'>"), pad...) }, "file"},
		{"too large", func(e *ra.Evidence) { e.Data = append(bytes.Clone(letterFile), make([]byte, ra.MaxEvidence)...) }, "file"},
		{"no consent", func(e *ra.Evidence) { e.Consent = false }, "consent"},
		{"nothing", func(e *ra.Evidence) { *e = ra.Evidence{} }, "letter"},
	} {
		e := evidence()
		c.edit(&e)
		_, err := w.Complete(ctx, token, e)
		var f interface{ FieldName() string }
		if !errors.As(err, &f) || f.FieldName() != c.want {
			t.Errorf("Complete(%s) = %v, want a fault of %s", c.name, err, c.want)
		}
	}
	e := evidence()
	e.Name = "C:\\Users\\budi\\../..\\surat \"1\"\r\n.pdf"
	a := app(w.Complete(ctx, token, e))
	f, data, err := w.Evidence(ctx, w.tono, a.ID)
	if err != nil || !bytes.Equal(data, letterFile) || f.MediaType != "application/pdf" || f.Name != "surat _1___.pdf" {
		t.Errorf("Evidence = %q %q, %v", f.Name, f.MediaType, err)
	}
	if last := w.events[len(w.events)-1]; last.Act != "ra.evidence" || last.Actor != w.tono.Person {
		t.Errorf("a look at evidence left %+v in the log", last)
	}
	// Neither the file nor the national number stands in the database as it is.
	for _, name := range []string{w.path, w.path + "-wal"} {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(b, letterFile[:40]) || bytes.Contains(b, []byte(nik)) {
			t.Errorf("%s holds personal data in clear", filepath.Base(name))
		}
	}
}

// TestEvidenceOfAnother: an approval covers the hash of the letter, so no other letter may be shown for it.
func TestEvidenceOfAnother(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	first := w.submitted()
	app := must[ra.Application](t)
	app(w.Return(ctx, w.tono, first.ID, []ra.Reason{ra.Unreadable}, ""))
	e := evidence()
	e.Data = append(bytes.Clone(letterFile), "lain"...)
	a := app(w.Resubmit(ctx, ra.Actor{Person: first.Person}, first.ID, e))
	a.Evidence = first.Evidence // in the database, behind the service
	if err := w.db.Applications().UpdateApplication(ctx, a); err != nil {
		t.Fatal(err)
	}
	if _, data, err := w.Evidence(ctx, w.tono, a.ID); err == nil || data != nil {
		t.Errorf("another letter was shown: %d bytes, %v", len(data), err)
	}
	w.failAudit = "ra.evidence"
	a = w.stage(a.ID)
	a.Evidence, a.EvidenceHash = first.Evidence, first.EvidenceHash
	if err := w.db.Applications().UpdateApplication(ctx, a); err != nil {
		t.Fatal(err)
	}
	if _, data, err := w.Evidence(ctx, w.tono, a.ID); err == nil || data != nil {
		t.Errorf("a look that was not logged gave %d bytes, %v", len(data), err)
	}
}

func TestPassphraseIsChecked(t *testing.T) {
	w := newWorld(t)
	a, me := w.approved()
	token := w.token("passphrase")
	for _, c := range []struct {
		name   string
		who    ra.Actor
		secret string
		want   string
	}{
		{"somebody else", w.tono, passphrase, "ABS-REQ-004"},
		{"nobody", ra.Actor{}, passphrase, "ABS-REQ-004"},
		{"the password", me, password, "ABS-PWD-003"},
		{"the own name", me, "contoh-tikar-pelita", "ABS-PWD-001"},
		{"short", me, "tikar", "ABS-PWD-004"},
	} {
		if _, err := w.SetPassphrase(t.Context(), c.who, token, c.secret); code(err) != c.want {
			t.Errorf("SetPassphrase(%s) = %v, want %s", c.name, err, c.want)
		}
	}
	if _, err := w.SetPassphrase(t.Context(), me, w.token("activation"), passphrase); code(err) != "ABS-REG-001" {
		t.Errorf("an activation link set a passphrase: %v", err)
	}
	if len(w.requests) != 0 || w.stage(a.ID).Stage != ra.Approved {
		t.Error("a key was made")
	}
}

func TestHashCoversEverything(t *testing.T) {
	base := ra.Application{ID: "a", Person: "p", Organisation: "o", Registrant: "r", Name: "n", NIP: "i", Position: "s", Unit: "u", Email: "e", Letter: "l", EvidenceHash: []byte{1}}
	for name, edit := range map[string]func(a *ra.Application){
		"id": func(a *ra.Application) { a.ID = "x" }, "person": func(a *ra.Application) { a.Person = "x" }, "organisation": func(a *ra.Application) { a.Organisation = "x" },
		"registrant": func(a *ra.Application) { a.Registrant = "x" }, "name": func(a *ra.Application) { a.Name = "x" }, "nip": func(a *ra.Application) { a.NIP = "x" },
		"position": func(a *ra.Application) { a.Position = "x" }, "unit": func(a *ra.Application) { a.Unit = "x" }, "email": func(a *ra.Application) { a.Email = "x" },
		"letter": func(a *ra.Application) { a.Letter = "x" }, "evidence": func(a *ra.Application) { a.EvidenceHash = []byte{2} },
	} {
		a := base
		edit(&a)
		if bytes.Equal(a.Hash(), base.Hash()) {
			t.Errorf("the hash does not cover %s", name)
		}
	}
	a := base
	a.Stage, a.Version, a.Approver1 = ra.Approved, 9, "z"
	if !bytes.Equal(a.Hash(), base.Hash()) {
		t.Error("the hash depends on the progress of the application")
	}
}
