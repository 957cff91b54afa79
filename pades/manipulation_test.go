package pades_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"absah/internal/pdf"
	"absah/internal/testkit"
	"absah/pades"
	"absah/trust"
)

// manipulations is how many are made where ABSAH_MANIPULATIONS does not say.
const manipulations = 4000

// manipulationCount counts what became of the manipulations of one kind.
type manipulationCount struct {
	Want                                string
	Made, Valid, Noted, Refused, Unread int
	WronglyAccepted, WronglyRefused     int
}

// TestManipulations changes signed documents at random: nine times out of ten a grammar appends well-formed revisions and leaves every
// signed byte as it was, else bytes are changed. A change of what is shown must never be valid, whatever a production is meant to do:
// that is told by a copy of the document made without the rules under test, read once through the cross reference and once
// without. What the standard allows must not be refused.
//
// ABSAH_MANIPULATIONS is how many, ABSAH_SEED where to begin; ABSAH_MANIPULATION=12345 makes that one alone and keeps the file.
func TestManipulations(t *testing.T) {
	count, seed := manipulations, uint64(1)
	if n, err := strconv.Atoi(os.Getenv("ABSAH_MANIPULATIONS")); err == nil {
		count = n
	}
	if n, err := strconv.ParseUint(os.Getenv("ABSAH_SEED"), 10, 64); err == nil {
		seed = n
	}
	p := testkit.NewPKI(t, nil)
	policy := trust.Basic()
	policy.Time = p.Now
	// Chains and revocation are another subject: their checks would be most of the time. So who signed is an anchor.
	for _, id := range []*testkit.Identity{p.Signer, p.TSA} {
		c, err := trust.ParseCertificate(id.Certificate.Raw)
		if err != nil {
			t.Fatal(err)
		}
		policy.Anchors = append(policy.Anchors, trust.Anchor{Certificate: c, Kind: trust.AnchorGiven})
	}
	policy.Revocation, policy.CARevocation = trust.RevocationIgnored, trust.RevocationIgnored
	m := &manipulator{policy: policy, bases: manipulationBases(t, p, policy), p: p, keep: &guarded{p: p}, seed: seed, counts: map[string]*manipulationCount{}, dir: t.TempDir()}
	for _, x := range productions {
		for range x.share {
			m.deck = append(m.deck, x)
		}
	}
	if only, err := strconv.ParseUint(os.Getenv("ABSAH_MANIPULATION"), 10, 64); err == nil {
		doc, names, w := m.make(only)
		file := filepath.Join(os.TempDir(), fmt.Sprintf("manipulation-%d.pdf", only))
		if err := os.WriteFile(file, doc, 0o600); err != nil {
			t.Fatal(err)
		}
		base := m.base(only)
		t.Logf("%s: %s, %s, want %s\n%s", file, base.name, strings.Join(names, " + "), wantNames[w], dump(m.judge(doc)))
		t.Log(m.check(base, doc, w))
		return
	}
	var next atomic.Int64
	var group sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		group.Go(func() {
			for {
				i := next.Add(1) - 1
				if i >= int64(count) || m.found() > 50 {
					return
				}
				m.one(uint64(i))
			}
		})
	}
	group.Wait()
	for _, f := range m.finds {
		t.Error(f)
	}
	if m.appended*10 < count*9 && len(m.finds) == 0 {
		t.Errorf("only %d of %d appended a revision", m.appended, count)
	}
	m.drawnAlike(t)
	m.tally(t, count)
}

type manipulator struct {
	policy trust.Policy
	bases  []*manipulated
	deck   []production
	p      *testkit.PKI
	keep   *guarded
	seed   uint64
	dir    string

	mu       sync.Mutex
	counts   map[string]*manipulationCount
	finds    []string
	appended int
	samples  []sample
}

// sample is a document that was accepted, to be drawn by another program.
type sample struct {
	base *manipulated
	doc  []byte
	name string
}

func (m *manipulator) found() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.finds)
}

func (m *manipulator) rng(i uint64) *rand.Rand { return rand.New(rand.NewPCG(m.seed, i)) }

func (m *manipulator) base(i uint64) *manipulated {
	b, _ := pick(m.rng(i), m.bases)
	return b
}

// make is manipulation number i: the document, what was done to it, and what it must be judged as.
func (m *manipulator) make(i uint64) (doc []byte, names []string, w want) {
	g := &grammar{rng: m.rng(i), p: m.p, keep: m.keep}
	g.base, _ = pick(g.rng, m.bases)
	if i%12 == 11 {
		name, doc, w := g.bytes()
		return doc, []string{name}, w
	}
	doc = g.base.doc
	for revisions := 1 + g.n(6)/4 + g.n(20)/18; revisions > 0 || len(names) == 0; revisions-- {
		next, done, strongest := m.revision(g, doc)
		if next == nil {
			if len(names) > 0 {
				break // what was done before left nothing to work on
			}
			continue
		}
		doc, names, w = next, append(names, done...), max(w, strongest)
	}
	if len(names) > 1 && w == wantSame && slices.Contains(names, restore) {
		w = wantPicture // the program leaves out of the store what it holds twice, which is noted
	}
	return doc, names, w
}

// revision appends one, of one production or of several together, the strongest last.
func (m *manipulator) revision(g *grammar, doc []byte) (next []byte, names []string, w want) {
	f, err := pdf.Open(pdf.Memory(doc), int64(len(doc)), pdf.OpenOptions{})
	if err != nil {
		return nil, nil, 0
	}
	if _, _, err := f.Latest().Catalog(); err != nil {
		return nil, nil, 0
	}
	r := newRevision(f)
	g.last = doc[len(doc)-1]
	switch g.n(12) {
	case 0:
		r.form = asStream
	case 1:
		r.form = asTable
	case 2:
		r.form = asHybrid
	}
	for range 1 + g.n(8)/6 {
		x, _ := pick(g.rng, m.deck)
		if x.whole != nil {
			if len(names) > 0 {
				break
			}
			next, w, ok := x.whole(g, doc)
			if !ok {
				return nil, nil, 0
			}
			return next, []string{x.name}, w
		}
		got, ok := x.one(g, r)
		if !ok {
			return nil, nil, 0 // half of it may be done, which is judged as nothing that was asked for
		}
		names, w = append(names, x.name), max(w, got)
		if got > wantNoted {
			break
		}
	}
	if len(names) > 1 {
		w = wantPicture // they may have met in one object, and the second undone the first
	}
	if r.form != asTable {
		for i := range r.objects {
			d, _ := r.objects[i].value.(pdf.Dict)
			r.objects[i].packed = g.chance(3) && d["ByteRange"] == nil && !r.objects[i].unseen
		}
	}
	next, err = r.bytes(doc)
	if err != nil {
		return nil, nil, 0
	}
	return next, names, w
}

// bytes changes bytes of the document.
func (g *grammar) bytes() (name string, doc []byte, w want) {
	doc = slices.Clone(g.base.doc)
	at := g.n(len(doc))
	w = wantPicture
	switch g.n(8) {
	case 0, 1:
		doc[at] ^= byte(1 + g.n(255))
		name = "a byte changed"
	case 2:
		doc = slices.Insert(doc, at, byte(g.n(256)))
		name = "a byte inserted"
	case 3:
		doc = slices.Delete(doc, at, at+1)
		name = "a byte deleted"
	case 4:
		n := min(1+g.n(200), len(doc)-at)
		for k := range n {
			doc[at+k] = byte(g.n(256))
		}
		name = "a stretch overwritten"
	case 5:
		doc = doc[:at]
		name = "the end cut off"
	case 6:
		n := min(1+g.n(400), len(doc)-at)
		doc = append(doc, doc[at:at+n]...)
		name = "a stretch repeated at the end"
	default:
		n := min(1+g.n(60), len(doc)-at)
		to := g.n(len(doc) - n)
		copy(doc[to:], g.base.doc[at:at+n])
		name = "a stretch copied elsewhere"
	}
	if bytes.Equal(doc, g.base.doc) {
		return name, doc, wantSame
	}
	if name != "the end cut off" && !g.base.signedBytesStand(doc) {
		w = wantNever
	}
	return name, doc, w
}

// signedBytesStand reports whether what the first signature covers is there.
func (b *manipulated) signedBytesStand(doc []byte) bool {
	gap := b.gap
	return int64(len(doc)) >= b.end && bytes.Equal(doc[:gap.Start], b.doc[:gap.Start]) && bytes.Equal(doc[gap.End:b.end], b.doc[gap.End:b.end])
}

// judge is nil where the document cannot be read.
func (m *manipulator) judge(doc []byte) *pades.Report {
	r, _ := m.judgeAll(doc)
	return r
}

// judgeAll returns the evidence too.
func (m *manipulator) judgeAll(doc []byte) (*pades.Report, *pades.Evidence) {
	e, err := pades.Gather(context.Background(), pdf.Memory(doc), int64(len(doc)), pades.GatherOptions{})
	if err != nil {
		return nil, nil
	}
	return pades.Judge(e, m.policy), e
}

func (m *manipulator) one(i uint64) {
	doc, names, w := m.make(i)
	base := m.base(i)
	r, e := m.judgeAll(doc)
	problem := ""
	if w > wantAnnotation && slices.ContainsFunc(names, func(n string) bool { return n == resign || n == restamp }) {
		// Who signed last has signed what was done before. Where the first signature is still there, it must not hold.
		if r != nil && w == wantNever && (r.Verdict == pades.Valid || r.Verdict == pades.ValidWithNotes) && base.holds(e) {
			problem = "accepted: the first signature\n" + brief(r)
		}
	} else if r != nil || w < wantNoted {
		problem = m.fault(base, doc, r, w)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if bytes.HasPrefix(doc, base.doc) {
		m.appended++
	}
	name := names[len(names)-1]
	if len(names) > 1 {
		name = "several of these"
	}
	o := m.counts[name]
	if o == nil {
		o = &manipulationCount{Want: wantNames[w]}
		m.counts[name] = o
	}
	if o.Want != wantNames[w] {
		o.Want = "as each is"
	}
	o.Made++
	switch {
	case r == nil:
		o.Unread++
	case r.Verdict == pades.Valid:
		o.Valid++
	case r.Verdict == pades.ValidWithNotes:
		o.Noted++
	default:
		o.Refused++
	}
	if strings.HasPrefix(problem, "refused") {
		o.WronglyRefused++
	} else if problem != "" {
		o.WronglyAccepted++
	}
	if problem != "" {
		m.finds = append(m.finds, fmt.Sprintf("ABSAH_SEED=%d ABSAH_MANIPULATION=%d (%s: %s, %s): %s", m.seed, i, base.name, strings.Join(names, " + "), wantNames[w], problem))
	} else if r != nil && r.Verdict == pades.Valid && len(m.samples) < maxSamples && i%7 == 0 {
		m.samples = append(m.samples, sample{base, doc, strings.Join(names, " + ")})
	}
}

func (m *manipulator) check(base *manipulated, doc []byte, w want) string {
	return m.fault(base, doc, m.judge(doc), w)
}

// fault tells what is wrong with a verdict, "" for nothing.
func (m *manipulator) fault(base *manipulated, doc []byte, r *pades.Report, w want) string {
	if r == nil {
		return "refused: it cannot be read"
	}
	passed := r.Verdict == pades.Valid || r.Verdict == pades.ValidWithNotes
	allowed := wantAnnotation
	switch base.permission {
	case 1:
		allowed = wantSame
	case 2:
		allowed = wantForm
	}
	switch {
	case w == wantNever && passed, w > allowed && w <= wantNoted && passed && base.permission != 0 && base.permission != 3:
		return "accepted: " + string(r.Verdict) + "\n" + brief(r)
	case w == wantSame && r.Verdict != base.report.Verdict:
		return "refused: " + string(r.Verdict) + "\n" + brief(r)
	case w > wantSame && w <= wantNoted && r.Verdict == pades.Valid:
		return "accepted without a note\n" + brief(r)
	case w > wantSame && w <= wantAnnotation && w <= allowed && !passed:
		return "refused: " + string(r.Verdict) + "\n" + brief(r)
	}
	if !passed {
		return ""
	}
	// Whatever it was meant to be: what is shown decides.
	f, err := pdf.Open(pdf.Memory(doc), int64(len(doc)), pdf.OpenOptions{})
	if err != nil {
		return "accepted, and cannot be read: " + err.Error()
	}
	if why := base.differs(f.Latest(), base.shown, r.Verdict); why != "" {
		return "accepted (" + string(r.Verdict) + "): " + why + "\n" + brief(r)
	}
	if base.repaired == nil {
		return ""
	}
	g := distrusting(doc)
	if g == nil {
		return ""
	}
	if why := base.differs(g.Latest(), *base.repaired, r.Verdict); why != "" {
		return "accepted (" + string(r.Verdict) + "): to a program that distrusts the cross reference " + why + "\n" + brief(r)
	}
	return ""
}

// distrusting reads a document as a program does that finds no cross reference: by searching the file for objects. nil: it finds none.
func distrusting(doc []byte) *pdf.File {
	b := bytes.ReplaceAll(doc, []byte("startxref"), []byte("startxre_"))
	f, err := pdf.Open(pdf.Memory(b), int64(len(b)), pdf.OpenOptions{})
	if err != nil || !f.Repaired() {
		return nil
	}
	return f
}

func (b *manipulated) differs(v *pdf.View, was picture, verdict pades.Verdict) string {
	now, err := take(v, &was)
	switch {
	case err != nil:
		return "what it shows cannot be told: " + err.Error()
	case now.pages != was.pages:
		return "the pages show something else"
	case verdict == pades.Valid && now.whole != was.whole:
		return "fields or annotations show something else"
	}
	return ""
}

// maxSamples is how many accepted documents another program draws.
const maxSamples = 40

// drawnAlike has mutool draw accepted documents: they must look as they did when they were signed.
func (m *manipulator) drawnAlike(t *testing.T) {
	mutool, err := exec.LookPath("mutool")
	if err != nil {
		t.Log("mutool is not here: no accepted document is drawn")
		return
	}
	pictures := map[*manipulated][32]byte{}
	render := func(doc []byte) ([32]byte, error) {
		file := filepath.Join(m.dir, "drawn.pdf")
		if err := os.WriteFile(file, doc, 0o600); err != nil {
			t.Fatal(err)
		}
		b, err := exec.Command(mutool, "draw", "-q", "-F", "pnm", "-r", "30", "-o", "-", file).Output()
		return sha256.Sum256(b), err
	}
	for _, s := range m.samples {
		want, ok := pictures[s.base]
		if !ok {
			if want, err = render(s.base.doc); err != nil {
				t.Fatalf("mutool draws %s: %v", s.base.name, err)
			}
			pictures[s.base] = want
		}
		if got, err := render(s.doc); err != nil || got != want {
			t.Errorf("%s, %s: valid, and mutool draws it otherwise (%v)", s.base.name, s.name, err)
		}
	}
}

// tally adds up what became of them and writes it, as JSON, into the file that ABSAH_TABLE names.
func (m *manipulator) tally(t *testing.T, count int) {
	sum := struct {
		Seed                            uint64
		Bases, Made, Appended, Drawn    int
		WronglyAccepted, WronglyRefused int
		Kinds                           map[string]*manipulationCount
		Finds                           []string
	}{Seed: m.seed, Bases: len(m.bases), Appended: m.appended, Drawn: len(m.samples), Kinds: m.counts, Finds: m.finds}
	for _, c := range m.counts {
		sum.Made, sum.WronglyAccepted, sum.WronglyRefused = sum.Made+c.Made, sum.WronglyAccepted+c.WronglyAccepted, sum.WronglyRefused+c.WronglyRefused
	}
	t.Logf("%d manipulations of %d signed documents, %d by appending; wrongly accepted %d, wrongly refused %d", sum.Made, sum.Bases, sum.Appended, sum.WronglyAccepted, sum.WronglyRefused)
	if file := os.Getenv("ABSAH_TABLE"); file != "" {
		b, err := json.Marshal(sum)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, b, 0o644); err != nil {
			t.Error(err)
		}
	}
	if sum.Made < count {
		t.Errorf("%d of %d were made", sum.Made, count)
	}
}

// The productions that sign once more.
const (
	resign  = "a further signature by the program"
	restamp = "document time-stamp made by hand"
	restore = "document time-stamp by the program"
)

// holds reports whether the first signature of the base is found in a document.
func (b *manipulated) holds(e *pades.Evidence) bool {
	return slices.ContainsFunc(e.Signatures, func(s pades.SignatureFacts) bool {
		return len(s.ByteRange) == 4 && s.ByteRange[1] == b.gap.Start && s.ByteRange[2] == b.gap.End
	})
}

// brief is a report in a few lines.
func brief(r *pades.Report) string {
	var b strings.Builder
	for _, s := range r.Signatures {
		fmt.Fprintf(&b, "\t%s: %s %s, %s\n", s.Field, s.Indication, s.SubIndication, s.Modification)
		for _, f := range s.Findings {
			fmt.Fprintf(&b, "\t\t%s %s: %s\n", f.Level, f.Code, f.Text)
		}
	}
	for _, f := range r.Findings {
		fmt.Fprintf(&b, "\t%s %s: %s\n", f.Level, f.Code, f.Text)
	}
	return b.String()
}
