package web_test

import (
	"context"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	netmail "net/mail"
	"regexp"
	"slices"
	"strings"
	"testing"

	"absah/internal/account"
	"absah/internal/ra"
)

// received is one mail as a mail program reads it.
type received struct {
	to, subject, id string
	text, html      string
	header          netmail.Header
}

func parseMail(t *testing.T, raw string) received {
	t.Helper()
	m, err := netmail.ReadMessage(strings.NewReader(raw))
	if err != nil {
		t.Fatalf("mail: %v\n%s", err, raw)
	}
	dec := new(mime.WordDecoder)
	subject, err := dec.DecodeHeader(m.Header.Get("Subject"))
	if err != nil {
		t.Fatal(err)
	}
	r := received{to: m.Header.Get("To"), subject: subject, id: m.Header.Get("Message-Id"), header: m.Header}
	_, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	parts := multipart.NewReader(m.Body, params["boundary"])
	for {
		p, err := parts.NextRawPart()
		if err == io.EOF {
			return r
		}
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(quotedprintable.NewReader(p))
		if err != nil {
			t.Fatal(err)
		}
		body := strings.ReplaceAll(string(b), "\r\n", "\n")
		if strings.HasPrefix(p.Header.Get("Content-Type"), "text/html") {
			r.html = body
		} else {
			r.text = body
		}
	}
}

func (b *mailbox) all(t *testing.T) []received {
	t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	var out []received
	for _, raw := range b.mails {
		out = append(out, parseMail(t, raw))
	}
	return out
}

func (w *world) subjects() []string {
	var out []string
	for _, m := range w.box.all(w.t) {
		s, _, _ := strings.Cut(m.subject, " –")
		out = append(out, s)
	}
	return out
}

var anyURL = regexp.MustCompile(`http://127\.0\.0\.1:\d+(/\S+)`)

// link is the path of the last link of that kind in the mailbox; bogus when no such mail came.
func (w *world) link(prefix string) string {
	w.t.Helper()
	w.deliver()
	found := prefix + "tidak-pernah-dikirim"
	for _, m := range w.box.all(w.t) {
		if u := anyURL.FindStringSubmatch(m.text); u != nil && strings.HasPrefix(u[1], prefix) {
			found = u[1]
		}
	}
	return found
}

// walk is a registration in its steps, each of which can be left out.
type walk struct {
	w                      *world
	sari, tono, wati, budi *browser
	application            string
}

func newWalk(w *world) *walk {
	k := &walk{w: w, sari: w.browser(), tono: w.browser(), wati: w.browser(), budi: w.browser(), application: "/permohonan/tidakada"}
	for b, nik := range map[*browser]string{k.sari: nikSari, k.tono: nikTono, k.wati: nikWati} {
		b.login(nik, staffSecret).want(w.t, 200, "Permohonan")
	}
	return k
}

var budiForm = []string{"nik", "3300 0000 0000 0001", "name", "Budi Contoh", "nip", "", "position", "Analis Kinerja", "unit", "Bidang Umum", "email", "Budi@dinas.contoh.test"}

func (k *walk) apply() page {
	p := k.sari.post("/permohonan/baru", budiForm...)
	if strings.HasPrefix(p.path, "/permohonan/") {
		k.application, _, _ = strings.Cut(p.path, "?")
	}
	return p
}

func (k *walk) confirm() page { return k.budi.post(k.w.link("/aktivasi/"), "langkah", "ya") }

func (k *walk) password() page {
	return k.budi.post(k.w.link("/aktivasi/"), "langkah", "sandi", "password", budiSecret, "password2", budiSecret)
}

func (k *walk) evidence() page {
	return k.budi.upload(k.w.link("/aktivasi/"), "surat.pdf", letterPDF, "langkah", "bukti", "letter", "800/17/2027", "consent", "ya")
}

var seenField = regexp.MustCompile(`name="seen" value="([0-9a-f]+)"`)

func (k *walk) approve(b *browser) page {
	seen := "00"
	if m := seenField.FindStringSubmatch(b.get(k.application).body); m != nil {
		seen = m[1]
	}
	return b.post(k.application+"/setujui", "seen", seen, "check", "identity", "check", "letter", "check", "position", "check", "email")
}

func (k *walk) passphrase() page {
	link := k.w.link("/passphrase/")
	k.budi.post("/masuk", "nik", nikBudi, "password", budiSecret, "lanjut", link)
	return k.budi.post(link, "passphrase", passphrase, "passphrase2", passphrase, "understood", "ya")
}

type namedStep struct {
	name string
	do   func() page
}

func (k *walk) steps() []namedStep {
	return []namedStep{
		{"application", k.apply},
		{"confirmation", k.confirm},
		{"password", k.password},
		{"evidence", k.evidence},
		{"first approval", func() page { return k.approve(k.tono) }},
		{"second approval", func() page { return k.approve(k.wati) }},
		{"passphrase", k.passphrase},
	}
}

func TestRegistration(t *testing.T) {
	w := newWorld(t)
	k := newWalk(w)

	k.apply().want(t, 200, "Tautan aktivasi dikirim ke budi@dinas.contoh.test", "Menunggu aktivasi")
	link := w.link("/aktivasi/")
	k.budi.get(link).want(t, 200, "Apakah ini Anda?", "3300••••••••0001", "Budi Contoh", "Sari Contoh", "Dinas Contoh")
	k.confirm().want(t, 200, "Buat sandi masuk", "Paling sedikit 12 karakter")
	k.password().want(t, 200, "Kirim surat rekomendasi")
	k.evidence().want(t, 200, "Permohonan Anda diperiksa")

	// The link is used up, and says where things stand.
	k.budi.get(link).want(t, 410, "Tautan sudah dipakai", "Sedang diperiksa")

	k.sari.get(k.application).want(t, 200, "Anda tidak dapat menyetujui permohonan yang Anda daftarkan sendiri")
	k.approve(k.tono).want(t, 200, "Persetujuan Anda tercatat", "(1 dari 2 persetujuan)")
	if len(w.issuer.issued()) != 0 {
		t.Fatal("a certificate was issued after one approval")
	}
	k.approve(k.wati).want(t, 200, "Disetujui, menunggu passphrase")

	link = w.link("/passphrase/")
	k.budi.get(link).want(t, 200, "Masuk dulu untuk membuka halaman itu")
	k.budi.post("/masuk", "nik", nikBudi, "password", budiSecret, "lanjut", link).want(t, 200, "Buat passphrase")
	p := k.budi.post(link, "passphrase", passphrase, "passphrase2", passphrase, "understood", "ya").
		want(t, 200, "Kunci dibuat", "Sertifikat diterbitkan", "sertifikat aktif", "CN=Budi Contoh,OU=Bidang Umum,O=Dinas Contoh,C=ID", "Berlaku sampai 12 Januari 2029")

	got := w.issuer.issued()
	if len(got) != 1 || got[0].Name != "Budi Contoh" || got[0].Passphrase != passphrase || got[0].Organisation != "Dinas Contoh" || got[0].Unit != "Bidang Umum" {
		t.Errorf("issued %+v", got)
	}
	if got[0].Person == "" || strings.Contains(fmt.Sprintf("%+v", got[0]), nikBudi) {
		t.Errorf("the issuer sees a NIK, or no person: %+v", got[0])
	}

	// The certificate can be downloaded by its owner alone.
	serial := regexp.MustCompile(`/sertifikat/([0-9a-f]+)\.pem`).FindStringSubmatch(p.body)
	if serial == nil {
		t.Fatal("no download link")
	}
	down := k.budi.get("/sertifikat/"+serial[1]+".pem").want(t, 200)
	block, _ := pem.Decode([]byte(down.body))
	der := k.budi.get("/sertifikat/"+serial[1]+".cer").want(t, 200)
	if block == nil || string(block.Bytes) != der.body || !strings.Contains(der.header.Get("Content-Disposition"), "attachment") {
		t.Errorf("PEM and DER differ, or no attachment: %v", der.header)
	}
	k.sari.get("/sertifikat/"+serial[1]+".cer").want(t, 404)

	w.deliver()
	want := []string{"[Absah] Aktivasi Akun", "[Absah] Informasi Akun", "[Absah] Set Passphrase", "[Absah] Sertifikat Terbit"}
	if got := w.subjects(); !slices.Equal(got, want) {
		t.Errorf("mails %q, want %q", got, want)
	}
	ids := map[string]bool{}
	for _, m := range w.box.all(t) {
		if ids[m.id] || !strings.HasSuffix(m.id, "@dinas.contoh.test>") {
			t.Errorf("%s: Message-ID %q", m.subject, m.id)
		}
		ids[m.id] = true
		whole := m.text + m.html + m.subject
		for _, secret := range []string{nikBudi, "33000000", "••••", budiSecret, passphrase} {
			if strings.Contains(whole, secret) {
				t.Errorf("%s holds %q", m.subject, secret)
			}
		}
		for _, body := range []string{m.text, m.html} {
			for _, words := range []string{"Budi Contoh", "Sari Contoh", "sari@dinas.contoh.test", w.server.URL + "/", "Surel ini dikirim otomatis", "Need help?"} {
				if !strings.Contains(body, words) {
					t.Errorf("%s does not say %q:\n%s", m.subject, words, body)
				}
			}
		}
		if m.header.Get("Auto-Submitted") != "auto-generated" {
			t.Errorf("%s: no Auto-Submitted", m.subject)
		}
	}
	if last := w.box.all(t)[3]; !strings.Contains(last.subject, "berlaku sampai 12 Januari 2029") || !strings.Contains(last.text, serial[1]) {
		t.Errorf("the last mail %q does not say how long and which:\n%s", last.subject, last.text)
	}

	// Nothing more can be had from the used link, and the log holds every decision.
	k.budi.post(link, "passphrase", passphrase, "passphrase2", passphrase, "understood", "ya").want(t, 410, "Tautan sudah dipakai")
	if n := len(w.issuer.issued()); n != 1 {
		t.Errorf("%d certificates, want 1", n)
	}
	w.wantAudit("ra.apply", "ra.confirm", "ra.activate", "ra.submit", "ra.approve1", "ra.approve2", "ra.issue", "account.activate", "account.login")
	k.sari.get(k.application).want(t, 200, "Sertifikat terbit", "Persetujuan kedua – Wati Contoh", "Persetujuan pertama – Tono Contoh")
}

func (w *world) wantAudit(acts ...string) {
	w.t.Helper()
	if err := w.audit.Verify(w.t.Context()); err != nil {
		w.t.Error(err)
	}
	size, err := w.db.AuditSize(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	var all strings.Builder
	for n := range size {
		leaf, err := w.db.AuditLeaf(w.t.Context(), n)
		if err != nil {
			w.t.Fatal(err)
		}
		all.Write(leaf)
	}
	for _, a := range acts {
		if !strings.Contains(all.String(), `"act":"`+a+`"`) {
			w.t.Errorf("the audit log has no %s", a)
		}
	}
	for _, personal := range []string{"Budi", "budi@", "33000"} {
		if strings.Contains(all.String(), personal) {
			w.t.Errorf("the audit log holds personal data: %s", personal)
		}
	}
}

// TestStepLeftOut leaves out each single step of a registration and tries all the others.
func TestStepLeftOut(t *testing.T) {
	for i, told := range []struct {
		by    int    // the later step whose answer is looked at
		words string // what the person is told there
		mine  string // what "Sertifikat saya" says in the end; "" when the person cannot sign in
	}{
		{1, "Tautan ini sudah kedaluwarsa atau sudah dipakai", ""},
		{2, "Nyatakan dulu bahwa data ini milik Anda", ""},
		{3, "Buat sandi masuk lebih dahulu", ""},
		{4, "statusnya sekarang: menunggu aktivasi oleh pemohon", "belum ada sertifikat"},
		{5, "Persetujuan pertama diberikan oleh verifikator", "sedang diperiksa"},
		{6, "Tautan ini sudah kedaluwarsa atau sudah dipakai", "sedang diperiksa"},
		{-1, "", "disetujui, passphrase belum dibuat"},
	} {
		w := newWorld(t)
		k := newWalk(w)
		steps := k.steps()
		t.Run("without "+steps[i].name, func(t *testing.T) {
			w.t = t
			for j, s := range steps {
				if j == i {
					continue
				}
				p := s.do()
				if j == told.by && !strings.Contains(p.text, told.words) {
					t.Errorf("%s: told %q, want %q", s.name, p.text, told.words)
				}
				if j > i && j == told.by && p.status < 400 {
					t.Errorf("%s without %s: status %d", s.name, steps[i].name, p.status)
				}
			}
			if got := w.issuer.issued(); len(got) != 0 {
				t.Fatalf("a certificate was issued without %s", steps[i].name)
			}
			w.deliver()
			if s := w.subjects(); slices.Contains(s, "[Absah] Sertifikat Terbit") {
				t.Errorf("mails %q", s)
			}
			b := w.browser()
			if p := b.login(nikBudi, budiSecret); told.mine == "" {
				p.want(t, 401, "NIK atau sandi salah")
			} else {
				b.get("/sertifikat").want(t, 200, told.mine)
			}
			n := 0
			for _, st := range []ra.Stage{ra.Issued} {
				list, err := w.db.Applications().Applications(t.Context(), ra.Filter{Stages: []ra.Stage{st}})
				if err != nil {
					t.Fatal(err)
				}
				n += len(list)
			}
			if n != 0 {
				t.Errorf("%d applications are issued", n)
			}
			// Going back and doing what was left out, and all after it, still leads to the certificate.
			if i > 0 {
				for _, s := range steps[i:] {
					s.do()
				}
				if got := w.issuer.issued(); len(got) != 1 {
					t.Errorf("after making up for %s %d certificates, want 1", steps[i].name, len(got))
				}
			}
		})
	}
}

// TestTwoPersons tries every pair of approvers.
func TestTwoPersons(t *testing.T) {
	for _, c := range []struct {
		name          string
		first, second func(k *walk) *browser
		words         string
	}{
		{"registrant first", func(k *walk) *browser { return k.sari }, nil, "Anda tidak dapat menyetujui"},
		{"administrator first", func(k *walk) *browser { return k.wati }, nil, "Persetujuan pertama diberikan oleh verifikator"},
		{"visitor first", func(k *walk) *browser { return k.w.browser() }, nil, "Masuk"},
		{"applicant first", func(k *walk) *browser { return k.budi }, nil, "Anda tidak dapat menyetujui"},
		{"same person twice", func(k *walk) *browser { return k.tono }, func(k *walk) *browser { return k.tono }, "Anda tidak dapat menyetujui"},
		{"registrant second", func(k *walk) *browser { return k.tono }, func(k *walk) *browser { return k.sari }, "Anda tidak dapat menyetujui"},
		{"applicant second", func(k *walk) *browser { return k.tono }, func(k *walk) *browser { return k.budi }, "Anda tidak dapat menyetujui"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			k := newWalk(w)
			for _, s := range k.steps()[:4] {
				s.do().want(t, 200)
			}
			// The applicant is a verifier too: being one does not help with one's own application.
			nik, err := account.ParseNIK(nikBudi)
			if err != nil {
				t.Fatal(err)
			}
			p, err := w.accounts.PersonByNIK(t.Context(), nik)
			if err != nil {
				t.Fatal(err)
			}
			p.Roles = []account.Role{account.Verifier}
			if err := w.db.Accounts().UpdatePerson(t.Context(), p); err != nil {
				t.Fatal(err)
			}
			k.budi.login(nikBudi, budiSecret).want(t, 200)

			last := k.approve(c.first(k))
			if c.second != nil {
				last.want(t, 200, "tercatat")
				last = k.approve(c.second(k))
			}
			if !strings.Contains(last.text, c.words) {
				t.Errorf("told %q, want %q", last.text, c.words)
			}
			a, err := w.db.Applications().Application(t.Context(), ra.ApplicationID(strings.TrimPrefix(k.application, "/permohonan/")))
			if err != nil {
				t.Fatal(err)
			}
			if a.Stage != ra.Submitted || a.Approver2 != "" {
				t.Errorf("stage %s, approvers %q %q", a.Stage, a.Approver1, a.Approver2)
			}
			k.passphrase()
			if len(w.issuer.issued()) != 0 {
				t.Error("a certificate was issued")
			}
		})
	}
}

// TestDatabaseRefuses writes what the service would never write: the database itself keeps the two-person rule.
func TestDatabaseRefuses(t *testing.T) {
	w := newWorld(t)
	k := newWalk(w)
	for _, s := range k.steps()[:4] {
		s.do().want(t, 200)
	}
	db := w.db.Applications()
	id := ra.ApplicationID(strings.TrimPrefix(k.application, "/permohonan/"))
	sari, tono, wati := string(w.verifier1), string(w.verifier2), string(w.admin)
	for _, c := range []struct {
		name string
		edit func(a *ra.Application)
		ok   bool
	}{
		{"approved by nobody", func(a *ra.Application) { a.Stage = ra.Approved }, false},
		{"approved by one", func(a *ra.Application) { a.Stage, a.Approver1, a.Approval1 = ra.Approved, tono, a.Hash() }, false},
		{"approved twice by one", func(a *ra.Application) {
			a.Stage, a.Approver1, a.Approver2, a.Approval1, a.Approval2 = ra.Approved, tono, tono, a.Hash(), a.Hash()
		}, false},
		{"approved by the registrant", func(a *ra.Application) {
			a.Stage, a.Approver1, a.Approver2, a.Approval1, a.Approval2 = ra.Approved, tono, sari, a.Hash(), a.Hash()
		}, false},
		{"registrant first", func(a *ra.Application) { a.Approver1, a.Approval1 = sari, a.Hash() }, false},
		{"approved by the applicant", func(a *ra.Application) {
			a.Stage, a.Approver1, a.Approver2, a.Approval1, a.Approval2 = ra.Approved, tono, a.Person, a.Hash(), a.Hash()
		}, false},
		{"second without first", func(a *ra.Application) { a.Approver2, a.Approval2 = tono, a.Hash() }, false},
		{"approvals of different contents", func(a *ra.Application) {
			a.Stage, a.Approver1, a.Approver2, a.Approval1, a.Approval2 = ra.Approved, tono, wati, a.Hash(), make([]byte, 32)
		}, false},
		{"issued without approvals", func(a *ra.Application) {
			a.Stage, a.Certificate = ra.Issued, ra.Certificate{Serial: "01", DER: []byte{1}}
		}, false},
		{"issued without a certificate", func(a *ra.Application) {
			a.Stage, a.Approver1, a.Approver2, a.Approval1, a.Approval2 = ra.Issued, tono, wati, a.Hash(), a.Hash()
		}, false},
		{"approver who does not exist", func(a *ra.Application) { a.Approver1, a.Approval1 = "nobody", a.Hash() }, false},
		{"two persons", func(a *ra.Application) {
			a.Stage, a.Approver1, a.Approver2, a.Approval1, a.Approval2 = ra.Approved, tono, wati, a.Hash(), a.Hash()
		}, true},
	} {
		a, err := db.Application(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		c.edit(&a)
		err = db.UpdateApplication(t.Context(), a)
		if c.ok != (err == nil) || !c.ok && !errors.Is(err, ra.ErrRefused) {
			t.Errorf("%s: UpdateApplication = %v", c.name, err)
		}
	}

	// A self-made approval with a hash of something else is found before a key is made.
	a, err := db.Application(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	a.Letter = "800/99/2027"
	if err := db.UpdateApplication(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	token, _, err := w.accounts.NewLink(t.Context(), ra.Passphrase, string(id), 1<<40)
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.ra.SetPassphrase(context.WithoutCancel(t.Context()), ra.Actor{Person: a.Person}, token, passphrase)
	if err == nil || !strings.Contains(err.Error(), "ABS-ISS-002") || len(w.issuer.issued()) != 0 {
		t.Errorf("SetPassphrase of changed data = %v, issued %d", err, len(w.issuer.issued()))
	}
}
