package remotesign_test

import (
	"bytes"
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"absah/internal/audit"
	"absah/internal/fault"
	"absah/internal/remotesign"
	"absah/internal/store"
	"absah/internal/testkit"
)

// desk is a world with a real log in the same database, a store that can be made to crash, and pictures that only say so.
type desk struct {
	*world
	*remotesign.Service
	db       *fragile
	log      *audit.Tree
	pictures *pictures
	cfg      remotesign.Config
}

// fragile is a database that crashes where it is told to.
type fragile struct {
	*store.DB
	crash string
}

func (f *fragile) killed(at string) {
	if f.crash == at {
		panic("killed at " + at)
	}
}

func (f *fragile) DocumentFinish(ctx context.Context, d remotesign.Document) error {
	f.killed("finish")
	return f.DB.DocumentFinish(ctx, d)
}

func (f *fragile) DocumentPicture(ctx context.Context, code string, from, to remotesign.Picture) (bool, error) {
	f.killed("picture " + string(to))
	return f.DB.DocumentPicture(ctx, code, from, to)
}

// killLog crashes before an entry is written.
type killLog struct {
	audit.Log
	db *fragile
}

func (l killLog) Append(ctx context.Context, e audit.Event) (int64, error) {
	l.db.killed(e.Act)
	return l.Log.Append(ctx, e)
}

type pictures struct {
	mu    sync.Mutex
	db    *fragile
	fail  error
	drawn map[string]int
	files map[string]bool
	gone  map[string]int // how often it was erased
	gate  chan struct{}
}

func (p *pictures) Draw(ctx context.Context, code string) ([]byte, error) {
	p.mu.Lock()
	p.drawn[code]++
	gate, fail := p.gate, p.fail
	p.mu.Unlock()
	if gate != nil {
		select {
		case <-gate:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	return []byte("picture"), fail
}

func (p *pictures) Keep(_ context.Context, code string, _ []byte) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.files[code] = true
	return nil
}

func (p *pictures) Erase(_ context.Context, code string) error {
	p.db.killed("erase")
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.files, code)
	p.gone[code]++
	return nil
}

func (p *pictures) erasures(code string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.gone[code]
}

func (p *pictures) has(code string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.files[code]
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	d := &desk{world: newWorld(t)}
	db, err := store.Open(t.Context(), store.Options{Path: filepath.Join(t.TempDir(), "absah.db")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	d.db = &fragile{DB: db}
	d.log = audit.New(d.db, d.now)
	d.pictures = &pictures{db: d.db, drawn: map[string]int{}, files: map[string]bool{}, gone: map[string]int{}}
	d.cfg = d.world.cfg
	d.cfg.Store, d.cfg.Log, d.cfg.Pictures = d.db, killLog{d.log, d.db}, d.pictures
	d.restart()
	for _, person := range []string{"budi", "sari"} {
		if _, err := d.Enroll(t.Context(), remotesign.Holder{Person: person}, secret); err != nil {
			t.Fatal(err)
		}
	}
	return d
}

func (d *desk) restart() {
	d.db.crash = ""
	d.Service = remotesign.New(d.cfg)
}

// signed is a document of a person, a minute after the one before.
func (d *desk) signed(person string, change func(*remotesign.Request)) *remotesign.Document {
	d.t.Helper()
	d.sleep(time.Minute)
	r := d.request()
	r.Person = person
	if change != nil {
		change(&r)
	}
	doc, err := d.Sign(d.t.Context(), r)
	if err != nil {
		d.t.Fatal(err)
	}
	return doc
}

// find reads a document as a holder of the paper does.
func (d *desk) find(code string) *remotesign.Document {
	d.t.Helper()
	doc, err := d.Document(d.t.Context(), code)
	if err != nil {
		d.t.Fatal(err)
	}
	return doc
}

// entries lists what the log says of decisions on a document.
func (d *desk) entries(code string) (acts []string) {
	d.t.Helper()
	n, err := d.db.AuditSize(d.t.Context())
	if err != nil {
		d.t.Fatal(err)
	}
	leaves, err := d.db.AuditLeaves(d.t.Context(), 0, int(n))
	if err != nil {
		d.t.Fatal(err)
	}
	for _, l := range leaves {
		if bytes.Contains(l, []byte(`"subject":"`+code+`"`)) {
			_, act, _ := strings.Cut(string(l), `"act":"`)
			act, _, _ = strings.Cut(act, `"`)
			acts = append(acts, act)
		}
	}
	return acts
}

// crash runs f, which is expected to panic as a process that is killed.
func (d *desk) crash(at string, f func()) {
	d.t.Helper()
	d.db.crash = at
	defer d.restart()
	defer func() {
		if recover() == nil {
			d.t.Fatalf("it did not crash at %q", at)
		}
	}()
	f()
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

func TestReadCode(t *testing.T) {
	for typed, want := range map[string][]string{
		"ABCDEFGHIJKLM":                  {"ABCDEFGHIJKLM"},
		"abcd-efgh ijkl.m":               {"ABCDEFGHIJKLM"},
		"ABCDEFGHIJKL0":                  {"ABCDEFGHIJKLO"},
		"8ABCDEFGHIJKO":                  {"BABCDEFGHIJKO"},
		"1BCDEFGHIJKLM":                  {"IBCDEFGHIJKLM", "LBCDEFGHIJKLM"},
		"ABCDEFGHIJKL1":                  {"ABCDEFGHIJKLI"}, // no code ends with L
		"111AAAAAAAAAA":                  {"IIIAAAAAAAAAA", "IILAAAAAAAAAA", "ILIAAAAAAAAAA", "ILLAAAAAAAAAA", "LIIAAAAAAAAAA", "LILAAAAAAAAAA", "LLIAAAAAAAAAA", "LLLAAAAAAAAAA"},
		"1111AAAAAAAAA":                  nil,
		"ABCDEFGHIJKLN":                  nil, // the last letter has four bits only
		"ABCDEFGHIJKL9":                  nil,
		"ABCDEFGHIJKL":                   nil,
		"ABCDEFGHIJKLMM":                 nil,
		"ABCDEFGHIJK\u202eM":             nil,
		strings.Repeat("-", 100) + "ABC": nil,
		"":                               nil,
	} {
		if got := remotesign.ReadCode(typed); !slices.Equal(got, want) {
			t.Errorf("ReadCode(%q) = %q, want %q", typed, got, want)
		}
	}
}

// TestTypedCode: every code that is given out is found as people type it.
func TestTypedCode(t *testing.T) {
	d := newDesk(t)
	for range 3 {
		c := d.signed("budi", nil).Code
		if !slices.Equal(remotesign.ReadCode(c), []string{c}) {
			t.Fatalf("our own code %s is not read", c)
		}
		typed := strings.NewReplacer("O", "0", "I", "1", "L", "1", "B", "8").Replace(strings.ToLower(c[:4] + " " + c[4:8] + "-" + c[8:]))
		if got := d.find(typed); strings.Count(typed, "1") < 4 && (got == nil || got.Code != c) {
			t.Errorf("%q does not lead to %s", typed, c)
		}
	}
	if got := d.find("AAAAAAAAAAAAA"); got != nil {
		t.Errorf("a code of nobody leads to %+v", got)
	}
}

func TestNIK(t *testing.T) {
	for text, want := range map[string]bool{
		"Surat 3300000000000001.": true, "NIK: 33 7401 1203 9000 01": true, "33 7401 0003 9000 01": false, "NIK 337401 120390 0001": true, "NIK 3374.0152.0390.0001": true,
		"NIP 198503122010011001": false, "800/123/2027": false, "0812-3456-7890": false, "": false,
	} {
		if got := remotesign.ShowsNIK(text); got != want {
			t.Errorf("ShowsNIK(%q) = %v", text, got)
		}
	}
}

// TestWhatIsCompared: what the signer stated and what the engine counted is kept with the document.
func TestWhatIsCompared(t *testing.T) {
	d := newDesk(t)
	three := testkit.Document(t, 3)
	doc := d.signed("budi", func(r *remotesign.Request) {
		r.Number, r.Subject, r.Source, r.Size = "800/123/2027", "Undangan rapat", bytes.NewReader(three), int64(len(three))
	})
	got := d.find(doc.Code)
	if got.Number != "800/123/2027" || got.Subject != "Undangan rapat" || got.Pages != 3 || got.Picture != remotesign.NoPicture || got.State() != remotesign.Standing {
		t.Errorf("%+v", got)
	}
}

// TestWithdraw: once, by the owner, with its reason; again changes nothing and logs nothing.
func TestWithdraw(t *testing.T) {
	d := newDesk(t)
	c := d.signed("budi", nil).Code
	at := d.now()
	for _, step := range []struct {
		person, code string
		why          remotesign.Reason
		note, want   string
	}{
		{"sari", c, remotesign.Mistaken, "", remotesign.ErrNotOwn.Error()},
		{"budi", "AAAAAAAAAAAAA", remotesign.Mistaken, "", remotesign.ErrNotOwn.Error()},
		{"budi", c, remotesign.OtherReason, "Salah lampiran.", ""},
		{"budi", c, remotesign.OtherReason, "Salah lampiran.", ""},
		{"budi", c, remotesign.Cancelled, "", "ABS-DOC-001"},
		{"sari", c, remotesign.OtherReason, "Salah lampiran.", remotesign.ErrNotOwn.Error()},
	} {
		_, err := d.Withdraw(t.Context(), step.person, step.code, step.why, step.note)
		if got := code(err); got != step.want {
			t.Errorf("%s withdraws: %q, want %q", step.person, got, step.want)
		}
		d.sleep(time.Hour)
	}
	got := d.find(c)
	if got.State() != remotesign.Withdrawn || got.Withdrawn.Reason != remotesign.OtherReason || got.Withdrawn.Note != "Salah lampiran." || got.Withdrawn.At.Before(at) || got.Withdrawn.At.After(at.Add(3*time.Hour)) {
		t.Errorf("%+v", got)
	}
	if l := d.entries(c); !slices.Equal(l, []string{"document.withdraw"}) {
		t.Errorf("the log says %v", l)
	}
}

// TestSupersede: the successor belongs to the same owner, is the younger one and stands.
func TestSupersede(t *testing.T) {
	d := newDesk(t)
	foreign := d.signed("sari", nil).Code
	a, b, c, gone := d.signed("budi", nil).Code, d.signed("budi", nil).Code, d.signed("budi", nil).Code, d.signed("budi", nil).Code
	later := d.signed("sari", nil).Code
	if _, err := d.Withdraw(t.Context(), "budi", gone, remotesign.Mistaken, ""); err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct{ person, code, next, want string }{
		{"budi", a, "AAAAAAAAAAAAA", "ABS-DOC-003"},
		{"budi", a, foreign, "ABS-DOC-003"},
		{"budi", a, later, "ABS-DOC-003"},
		{"sari", a, later, remotesign.ErrNotOwn.Error()},
		{"budi", a, a, "ABS-DOC-004"},
		{"budi", a, gone, "ABS-DOC-005"},
		{"budi", b, a, "ABS-DOC-004"},
		{"budi", a, strings.ToLower(b), ""},
		{"budi", a, b, ""},
		{"budi", a, c, "ABS-DOC-002"},
		{"budi", b, c, ""},
		{"budi", gone, "", "ABS-DOC-003"},
	} {
		_, err := d.Supersede(t.Context(), step.person, step.code, step.next)
		if got := code(err); got != step.want {
			t.Errorf("%s: %s after %s: %q, want %q", step.person, step.next, step.code, got, step.want)
		}
	}
	first := d.find(a)
	if first.State() != remotesign.Superseded || first.Successor != b || first.SupersededAt.IsZero() {
		t.Errorf("%+v", first)
	}
	if last, err := d.Latest(t.Context(), first); err != nil || last.Code != c {
		t.Errorf("Latest = %+v, %v", last, err)
	}
	if l := d.entries(a); !slices.Equal(l, []string{"document.supersede"}) {
		t.Errorf("the log says %v", l)
	}
	// Who replaced a letter may still withdraw it; that weighs more.
	if got, err := d.Withdraw(t.Context(), "budi", a, remotesign.Cancelled, ""); err != nil || got.State() != remotesign.Withdrawn || got.Successor != b {
		t.Errorf("%+v, %v", got, err)
	}
}

// TestDecisionsAtOnce: of many decisions at once one is kept, and the log has that one.
func TestDecisionsAtOnce(t *testing.T) {
	d := newDesk(t)
	c := d.signed("budi", nil).Code
	later := []string{d.signed("budi", nil).Code, d.signed("budi", nil).Code}
	var wg sync.WaitGroup
	var mu sync.Mutex
	count := map[string]int{}
	for i := range 20 {
		wg.Go(func() {
			_, err := d.Withdraw(t.Context(), "budi", c, remotesign.Reasons[i%2], "")
			mu.Lock()
			count["withdraw "+code(err)]++
			mu.Unlock()
		})
		wg.Go(func() {
			_, err := d.Supersede(t.Context(), "budi", c, later[i%2])
			mu.Lock()
			count["supersede "+code(err)]++
			mu.Unlock()
		})
	}
	wg.Wait()
	if count["withdraw "] != 10 || count["withdraw ABS-DOC-001"] != 10 || count["supersede "] != 10 || count["supersede ABS-DOC-002"] != 10 {
		t.Errorf("answers: %v", count)
	}
	l := d.entries(c)
	slices.Sort(l)
	if !slices.Equal(l, []string{"document.supersede", "document.withdraw"}) {
		t.Errorf("the log says %v", l)
	}
}

// TestCrash stops the server between two writing steps of each action; after the next start nothing is half done, and saying it
// again does it.
func TestCrash(t *testing.T) {
	d := newDesk(t)
	ctx := t.Context()
	c := d.signed("budi", nil).Code
	next := d.signed("budi", nil).Code

	d.crash("finish", func() { _, _ = d.Sign(ctx, d.request()) })
	list, err := d.Documents(ctx, "budi")
	if err != nil || len(list) != 2 {
		t.Errorf("a document that was never finished is listed: %v, %v", list, err)
	}

	d.crash("document.withdraw", func() { _, _ = d.Withdraw(ctx, "budi", c, remotesign.Mistaken, "") })
	d.crash("document.supersede", func() { _, _ = d.Supersede(ctx, "budi", c, next) })
	d.crash("document.picture", func() { _, _ = d.ShowPicture(ctx, "budi", c) })
	if got := d.find(c); got.State() != remotesign.Standing || got.Successor != "" || got.Picture != remotesign.NoPicture || len(d.entries(c)) != 0 {
		t.Errorf("half of a decision stayed: %+v, log %v", got, d.entries(c))
	}

	// The picture was drawn, and the server died before it said so.
	if _, err := d.ShowPicture(ctx, "budi", c); err != nil {
		t.Fatal(err)
	}
	d.crash("picture shown", func() { d.DrawPictures(ctx, nil) })
	if got := d.find(c); got.Picture != remotesign.PictureWanted {
		t.Errorf("after the crash: %q", got.Picture)
	}
	d.draw()
	if got := d.find(c); got.Picture != remotesign.PictureShown || !d.pictures.has(c) || d.pictures.drawn[c] != 2 {
		t.Errorf("after the next start: %q, drawn %d times", got.Picture, d.pictures.drawn[c])
	}
	// It is taken back, and the server died before the file went: nobody sees it any more.
	d.crash("erase", func() { _, _ = d.HidePicture(ctx, "budi", c) })
	if got := d.find(c); got.Picture != remotesign.NoPicture || !d.pictures.has(c) {
		t.Errorf("%q, file %v", got.Picture, d.pictures.has(c))
	}
	if _, err := d.HidePicture(ctx, "budi", c); err != nil || d.pictures.has(c) {
		t.Errorf("taken back again: %v, file %v", err, d.pictures.has(c))
	}

	if _, err := d.Withdraw(ctx, "budi", c, remotesign.Mistaken, ""); err != nil {
		t.Error(err)
	}
	if _, err := d.Supersede(ctx, "budi", c, next); err != nil {
		t.Error(err)
	}
	want := []string{"document.picture", "document.picture", "document.withdraw", "document.supersede"}
	if l := d.entries(c); !slices.Equal(l, want) {
		t.Errorf("the log says %v, want %v", l, want)
	}
}

// draw runs the job until nothing is left to draw.
func (d *desk) draw() {
	d.t.Helper()
	ctx, stop := context.WithCancel(d.t.Context())
	var wg sync.WaitGroup
	wg.Go(func() { d.DrawPictures(ctx, func(code string, err error) { d.t.Logf("%s: %v", code, err) }) })
	for {
		list, err := d.db.DocumentsUndrawn(ctx)
		if err != nil {
			d.t.Error(err)
		}
		if len(list) == 0 || err != nil {
			break
		}
		time.Sleep(time.Millisecond)
	}
	stop()
	wg.Wait()
}

// TestUnloggedDecision: what cannot be logged is not decided.
func TestUnloggedDecision(t *testing.T) {
	d := newDesk(t)
	c, next := d.signed("budi", nil).Code, d.signed("budi", nil).Code
	d.room = 0
	d.cfg.Log = d.world
	d.restart()
	for name, decide := range map[string]func() (*remotesign.Document, error){
		"withdraw": func() (*remotesign.Document, error) {
			return d.Withdraw(t.Context(), "budi", c, remotesign.Mistaken, "")
		},
		"supersede": func() (*remotesign.Document, error) { return d.Supersede(t.Context(), "budi", c, next) },
		"picture":   func() (*remotesign.Document, error) { return d.ShowPicture(t.Context(), "budi", c) },
	} {
		if _, err := decide(); code(err) != "ABS-AUD-002" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got := d.find(c); got.State() != remotesign.Standing || got.Successor != "" || got.Picture != remotesign.NoPicture {
		t.Errorf("%+v", got)
	}
}

// TestPicture: nobody sees a page before its owner says so, nor after the owner took it back, and a page that cannot or may not
// be drawn says why.
func TestPicture(t *testing.T) {
	d := newDesk(t)
	ctx := t.Context()
	wish := func(r *remotesign.Request) { r.Picture = true }
	plain, wished := d.signed("budi", nil).Code, d.signed("budi", wish).Code
	d.draw()
	if d.find(plain).Picture != remotesign.NoPicture || d.pictures.has(plain) || d.find(wished).Picture != remotesign.PictureShown || !d.pictures.has(wished) {
		t.Errorf("%q, %q", d.find(plain).Picture, d.find(wished).Picture)
	}
	if _, err := d.ShowPicture(ctx, "sari", plain); !errors.Is(err, remotesign.ErrNotOwn) {
		t.Errorf("somebody else allows it: %v", err)
	}
	if _, err := d.HidePicture(ctx, "sari", wished); !errors.Is(err, remotesign.ErrNotOwn) || !d.pictures.has(wished) {
		t.Errorf("somebody else stops it: %v", err)
	}
	for fail, want := range map[error]remotesign.Picture{remotesign.ErrPrivate: remotesign.PicturePrivate, errors.New("no page"): remotesign.PictureFailed} {
		d.pictures.fail = fail
		c := d.signed("budi", wish).Code
		d.draw()
		if got := d.find(c); got.Picture != want || d.pictures.has(c) {
			t.Errorf("%v: %q, file %v", fail, got.Picture, d.pictures.has(c))
		}
		d.pictures.fail = nil
		if _, err := d.ShowPicture(ctx, "budi", c); err != nil {
			t.Error(err)
		}
		d.draw()
		if got := d.find(c); got.Picture != remotesign.PictureShown {
			t.Errorf("tried again: %q", got.Picture)
		}
	}
	// Taken back while it is being drawn.
	d.pictures.gate = make(chan struct{})
	c := d.signed("budi", wish).Code
	var wg sync.WaitGroup
	job, stop := context.WithCancel(ctx)
	wg.Go(func() { d.DrawPictures(job, func(_ string, err error) { t.Error(err) }) })
	for {
		d.pictures.mu.Lock()
		n := d.pictures.drawn[c]
		d.pictures.mu.Unlock()
		if n > 0 {
			break
		}
		time.Sleep(time.Millisecond)
	}
	if _, err := d.HidePicture(ctx, "budi", c); err != nil {
		t.Error(err)
	}
	close(d.pictures.gate)
	for d.pictures.erasures(c) < 2 { // by the owner, and by the job that came too late
		time.Sleep(time.Millisecond)
	}
	stop()
	wg.Wait()
	if got := d.find(c); got.Picture != remotesign.NoPicture || d.pictures.has(c) {
		t.Errorf("taken back: %q, file %v", got.Picture, d.pictures.has(c))
	}
	d.cfg.Pictures = nil
	d.restart()
	if _, err := d.ShowPicture(ctx, "budi", plain); code(err) != "ABS-DOC-006" {
		t.Errorf("a server without pictures: %v", err)
	}
	if got := d.signed("budi", wish); d.find(got.Code).Picture != remotesign.NoPicture {
		t.Error("a server without pictures promises one")
	}
}
