package web_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"absah/internal/fault"
	"absah/internal/remotesign"
	"absah/internal/web"
	"absah/pades"
)

const (
	oldCode = "AAAABBBBCCCCA"
	newCode = "AAAABBBBCCCCC"
)

// letter is a signed letter of the first verifier, and its successor.
func letters(w *world) {
	at := time.Date(2027, 1, 12, 2, 30, 0, 0, time.UTC)
	for i, code := range []string{oldCode, newCode} {
		w.docs.add(code, w.verifier1, fmt.Sprint("Surat ke-", i+1), reports()[pades.Valid])
		_, _ = w.docs.change(code, func(d *remotesign.Document) {
			d.Number, d.Subject, d.Pages, d.SignedAt = fmt.Sprintf("800/%d/2027", i+1), "Undangan rapat", 3, at.AddDate(0, 0, i)
		})
	}
}

// TestPaperStates reads the page of a paper in each of its states, in both languages.
func TestPaperStates(t *testing.T) {
	w := newWorld(t)
	gone, replaced := time.Date(2027, 2, 1, 3, 0, 0, 0, time.UTC), time.Date(2027, 2, 2, 3, 0, 0, 0, time.UTC)
	withdraw := func(d *remotesign.Document) {
		d.Withdrawn = remotesign.Withdrawal{At: gone, Reason: remotesign.Cancelled, Note: "Rapat <b>batal</b>, NIK 3300000000000001"}
	}
	supersede := func(d *remotesign.Document) { d.Successor, d.SupersededAt = newCode, replaced }
	for lang, words := range map[string]map[string][]string{
		"id": {
			"standing":   {"Cocokkan dengan kertas", "Sah. Dokumen ini", "Nomor surat 800/1/2027 keterangan dari penandatangan", "Perihal Undangan rapat", "Jumlah halaman 3", "AAAA BBBB CCCC A", "absah.contoh.test"},
			"withdrawn":  {"Dokumen ini dicabut", "Dicabut oleh penandatangan pada 1 Februari 2027 pukul 10.00 WIB.", "Jangan pakai kertas ini.", "Alasannya: keputusan atau kegiatannya dibatalkan.", "Rapat <b>batal</b>, NIK 3300••••••••0001"},
			"superseded": {"Dokumen ini sudah diganti", "Diganti oleh penandatangan pada 2 Februari 2027", "versi lama", "Lihat penggantinya", "Penggantinya: 800/2/2027 · Surat ke-2"},
			"both":       {"Dokumen ini dicabut", "Jangan pakai kertas ini.", "Lihat penggantinya"},
			"second":     {"Dokumen ini sudah diganti", "(juga sudah dicabut)"},
		},
		"en": {
			"standing":   {"Valid. Signed electronically", "Letter number 800/1/2027 stated by the signer", "Number of pages 3"},
			"withdrawn":  {"This document was withdrawn", "Withdrawn by the signer on 1 February 2027, 10:00 WIB.", "The reason: its decision or event was cancelled."},
			"superseded": {"This document was replaced", "See its replacement"},
			"both":       {"This document was withdrawn", "See its replacement"},
			"second":     {"(withdrawn as well)"},
		},
	} {
		b := w.browser()
		b.get("/?lang=" + lang)
		for name, want := range words {
			letters(w)
			switch name {
			case "withdrawn":
				_, _ = w.docs.change(oldCode, withdraw)
			case "superseded":
				_, _ = w.docs.change(oldCode, supersede)
			case "both":
				_, _ = w.docs.change(oldCode, withdraw)
				_, _ = w.docs.change(oldCode, supersede)
			case "second":
				_, _ = w.docs.change(oldCode, supersede)
				_, _ = w.docs.change(newCode, withdraw)
			}
			p := b.get("/v/"+oldCode).want(t, 200, want...)
			checkPage(t, p, lang)
			if strings.Contains(p.body, nikBudi) || strings.Contains(p.body, "<b>batal") {
				t.Errorf("%s: what the owner wrote acts on the page", name)
			}
			if green := strings.Contains(p.body, `class="verdict valid`); green != (name == "standing") {
				t.Errorf("%s %s: shown in the colour of a valid one: %v", lang, name, green)
			}
			if next := strings.Contains(p.body, `href="/v/`+newCode+`"`); next != (name == "superseded" || name == "both" || name == "second") {
				t.Errorf("%s: the successor is linked: %v", name, next)
			}
		}
	}
}

// TestTypedCode: a code is taken as people type it, and what cannot be one brings help.
func TestTypedCode(t *testing.T) {
	w := newWorld(t)
	letters(w)
	b := w.browser()
	for typed, want := range map[string]string{
		"aaaa+bbbb+cccc+a": "/v/" + oldCode, "AAAA-BBBB-CCCC-A": "/v/" + oldCode, "AAAA8888CCCCA": "/v/" + oldCode, "": "/v?kode=",
		"https://ABSAH.contoh.test/v/" + oldCode: "/v/" + oldCode, "absah.contoh.test/v/" + oldCode: "/v/" + oldCode,
	} {
		p := b.get("/v?kode="+typed).want(t, 200)
		if p.path != want {
			t.Errorf("%q leads to %s", typed, p.path)
		}
		checkPage(t, p, "id")
	}
	if p := b.get("/v/aaaa-bbbb-cccc-a").want(t, 200); p.path != "/v/"+oldCode {
		t.Errorf("the page of a typed address stays at %s", p.path)
	}
	help := "Angka 0, 1, 8, dan 9 tidak pernah dipakai."
	for path, want := range map[string][]string{
		"/v/AAAABBBBCCCCE":               {"ABS-VER-006", "tidak dikenal", "alamatnya absah.contoh.test", "Anggap kertas itu belum terbukti"},
		"/v?kode=AAAABBBBCCCCE":          {"ABS-VER-006", "tidak dikenal"},
		"/v/AAAABBBBCCCC9":               {"ABS-VER-007", "13 huruf dan angka", help},
		"/v?kode=%3Cscript%3E":           {"ABS-VER-007", help},
		"/v/" + strings.Repeat("A", 500): {"ABS-VER-007", help},
		"/v/AAAA%E2%80%AEBBBBCCCCA":      {"ABS-VER-007"},
	} {
		p := b.get(path).want(t, 404, want...)
		checkPage(t, p, "id")
		if len(p.body) > 20<<10 || strings.Contains(p.body, "<script>") || strings.Contains(p.body, "\u202e") {
			t.Errorf("%s acts on the page", path)
		}
	}
	checkPage(t, b.get("/v/").want(t, 200, "Cocokkan kertas dengan kode"), "id")
	if p := b.get("/v/12345"); !strings.Contains(p.body, `value="12345"`) {
		t.Error("what was typed is gone")
	}
	en := w.browser()
	en.get("/?lang=en")
	checkPage(t, en.get("/v"), "en")
	checkPage(t, en.get("/v/salah").want(t, 404, "Mistyped code", "ABS-VER-007"), "en")
	w.browser().upload("/v/salah", "x.pdf", letterPDF).want(t, 404, "ABS-VER-007")
}

// TestGuessing: who asks for many codes that nobody has waits, and learns nothing meanwhile; a person who signed in does not.
func TestGuessing(t *testing.T) {
	w := newWorld(t)
	letters(w)
	sari := w.browser()
	sari.login(nikSari, staffSecret)
	b := w.browser()
	b.get("/v/"+oldCode).want(t, 200)
	for range 240 {
		b.get("/v/salah-ketik").want(t, 404)
		b.get("/v/AAAABBBBCCCCE").want(t, 404)
	}
	for _, path := range []string{"/v/AAAABBBBCCCCE", "/v/" + oldCode, "/v?kode=" + oldCode} {
		p := b.get(path).want(t, 429, "Terlalu banyak kode", "ABS-VER-008")
		checkPage(t, p, "id")
	}
	b.get("/v").want(t, 200)
	sari.get("/v/"+oldCode).want(t, 200)
	w.sleep(15 * time.Minute)
	b.get("/v/"+oldCode).want(t, 200)
}

func TestNetwork(t *testing.T) {
	for client, want := range map[string]string{
		"192.0.2.7": "192.0.2.7", "::ffff:192.0.2.7": "192.0.2.7", "2001:db8:1:2:3:4:5:6": "2001:db8:1:2::/64", "2001:db8:1:2::1": "2001:db8:1:2::/64", "fe80::1%eth0": "fe80::/64", "?": "",
	} {
		if got := web.Network(client); got != want {
			t.Errorf("network(%s) = %s, want %s", client, got, want)
		}
	}
}

// TestOwnersDecisions walks through what an owner may say of a document: each confirmed, kept, and shown to who holds the paper.
func TestOwnersDecisions(t *testing.T) {
	w := newWorld(t)
	letters(w)
	w.docs.add("AAAABBBBCCCCG", w.verifier2, "Surat orang lain", reports()[pades.Valid])
	sari, tono := w.browser(), w.browser()
	sari.login(nikSari, staffSecret)
	tono.login(nikTono, staffSecret)
	own := "/dokumen/" + oldCode
	checkPage(t, sari.get(own), "id")

	for path, form := range map[string][]string{
		"/cabut": {"why", "mistaken", "withdraw_sure", "ya"}, "/ganti": {"successor", newCode, "supersede_sure", "ya"},
		"/gambar": {"show_first", "ya"}, "/tutup-gambar": nil,
	} {
		tono.post(own+path, form...).want(t, 404)
		if p := w.browser().post(own+path, form...); !strings.HasPrefix(p.path, "/masuk") {
			t.Errorf("a visitor did %s: %s", path, p.text)
		}
	}
	if d := w.docs.list[oldCode]; d.State() != remotesign.Standing || d.Picture != remotesign.NoPicture {
		t.Fatalf("somebody else decided: %+v", d)
	}

	for _, bad := range []struct {
		path string
		form []string
		want []string
	}{
		{"/cabut", nil, []string{"Alasan pencabutan: Isi kolom ini.", "Centang pernyataan ini"}},
		{"/cabut", []string{"why", "other", "withdraw_sure", "ya"}, []string{"Keterangan untuk pembaca: Isi kolom ini."}},
		{"/cabut", []string{"why", "x", "withdraw_sure", "ya"}, []string{"Alasan pencabutan: Isi kolom ini."}},
		{"/cabut", []string{"why", "mistaken", "why_note", "NIK " + nikBudi, "withdraw_sure", "ya"}, []string{"ABS-DOC-007"}},
		{"/cabut", []string{"why", "mistaken", "why_note", strings.Repeat("x", 201), "withdraw_sure", "ya"}, []string{"ABS-REG-009"}},
		{"/ganti", []string{"supersede_sure", "ya"}, []string{"Dokumen pengganti: Isi kolom ini."}},
		{"/ganti", []string{"successor", newCode}, []string{"Centang pernyataan ini"}},
		{"/ganti", []string{"successor", "AAAABBBBCCCCG", "supersede_sure", "ya"}, []string{"ABS-DOC-003"}},
		{"/ganti", []string{"successor", oldCode, "supersede_sure", "ya"}, []string{"ABS-DOC-004"}},
		{"/gambar", nil, []string{"Centang pernyataan ini"}},
	} {
		p := sari.post(own+bad.path, bad.form...)
		for _, s := range bad.want {
			if p.status != 422 || !strings.Contains(p.text, s) {
				t.Errorf("%s %v: %d, lacks %q: %s", bad.path, bad.form, p.status, s, p.text)
			}
		}
		if p.status == 422 && !strings.Contains(p.body, nikBudi) {
			checkPage(t, p, "id")
		}
	}
	if d := w.docs.list[oldCode]; d.State() != remotesign.Standing || d.Picture != remotesign.NoPicture {
		t.Fatalf("an incomplete form decided: %+v", d)
	}

	sari.post(own+"/gambar", "show_first", "ya").want(t, 200, "Izin tercatat", "Gambarnya sedang dibuat")
	sari.post(own+"/tutup-gambar").want(t, 200, "tidak ditampilkan lagi")
	p := sari.post(own+"/ganti", "successor", newCode, "supersede_sure", "ya").want(t, 200, "Penggantinya tercatat", "AAAA BBBB CCCC C")
	checkPage(t, p, "id")
	if strings.Contains(p.body, `action="/dokumen/`+oldCode+`/ganti"`) {
		t.Error("what cannot be changed is asked again")
	}
	w.browser().get("/v/"+oldCode).want(t, 200, "Dokumen ini sudah diganti")
	p = sari.post(own+"/cabut", "why", "other", "why_note", "Salah lampiran", "withdraw_sure", "ya").want(t, 200, "Dokumen ini dicabut.", "Salah lampiran")
	checkPage(t, p, "id")
	sari.post(own+"/cabut", "why", "mistaken", "withdraw_sure", "ya").want(t, 422, "sudah dicabut "+fault.Moment(w.now()).In("id"))
	w.browser().get("/v/"+oldCode).want(t, 200, "Dokumen ini dicabut", "Salah lampiran")

	en := w.browser()
	en.login(nikSari, staffSecret)
	en.get("/?lang=en")
	checkPage(t, en.get(own), "en")
	checkPage(t, en.post("/dokumen/"+newCode+"/cabut").want(t, 422, "Reason of the withdrawal: Fill in this field."), "en")
}

// TestFirstPage: the picture is there exactly while its owner wants it.
func TestFirstPage(t *testing.T) {
	w := newWorld(t)
	letters(w)
	b := w.browser()
	picture := "/v/" + oldCode + "/halaman-1.jpg"
	for _, state := range []remotesign.Picture{remotesign.NoPicture, remotesign.PictureWanted, remotesign.PicturePrivate, remotesign.PictureFailed, remotesign.PictureShown} {
		_, _ = w.docs.change(oldCode, func(d *remotesign.Document) { d.Picture = state })
		shown := state == remotesign.PictureShown
		page := b.get("/v/"+oldCode).want(t, 200)
		checkPage(t, page, "id")
		if strings.Contains(page.body, picture) != shown {
			t.Errorf("%q: the page shows the picture: %v", state, !shown)
		}
		p := b.get(picture)
		if (p.status == 200) != shown {
			t.Errorf("%q: the picture answers %d", state, p.status)
		}
		if h := p.header; shown && (h.Get("Content-Type") != "image/jpeg" || h.Get("Cache-Control") != "no-store" || !strings.Contains(h.Get("Content-Security-Policy"), "sandbox") || h.Get("X-Robots-Tag") != "noindex") {
			t.Errorf("the picture comes with %v", h)
		}
	}
	b.get("/v/AAAABBBBCCCCE/halaman-1.jpg").want(t, 404)
}

// TestAddress: a name in other letters is shown in both of its forms, and the examples of false ones are made of ours.
func TestAddress(t *testing.T) {
	for host, want := range map[string]web.Address{
		"absah.contoh.test": {Host: "absah.contoh.test", Longer: "absah.contoh.test.surat.example", Hyphened: "absah-contoh-test.example"},
		"127.0.0.1:8080":    {Host: "127.0.0.1:8080", Longer: "127.0.0.1.surat.example", Hyphened: "127-0-0-1.example"},
		"surät.test:8443":   {Host: "surät.test:8443", Puny: "xn--surt-noa.test:8443", Longer: "surät.test.surat.example", Hyphened: "surät-test.example"},
		"xn--surt-noa.test": {Host: "surät.test", Puny: "xn--surt-noa.test", Longer: "surät.test.surat.example", Hyphened: "surät-test.example"},
	} {
		if got := web.AddressOf(host); got != want {
			t.Errorf("address of %s:\n%+v, want\n%+v", host, got, want)
		}
	}
}

// TestPaperWeight: the page of a paper is at most 30 KB with everything that it loads, even before anything is squeezed.
func TestPaperWeight(t *testing.T) {
	w := newWorld(t)
	letters(w)
	b := w.browser()
	p := b.get("/v/" + oldCode)
	sum := len(p.body)
	for _, name := range []string{"style", "paper"} {
		i := strings.Index(p.body, "/static/"+name+".")
		if i < 0 {
			t.Fatalf("the page loads no %s", name)
		}
		path, _, _ := strings.Cut(p.body[i:], `"`)
		r, err := http.NewRequestWithContext(t.Context(), "GET", w.url(path), nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Accept-Encoding", "gzip") // so that the client leaves it as it is
		asset := b.do(r)
		sum += len(asset.body)
	}
	t.Logf("%d bytes: the page itself %d as it is, the rest with gzip", sum, len(p.body))
	if sum > 30<<10 {
		t.Errorf("the page of a paper takes %d bytes, want at most %d", sum, 30<<10)
	}
}

// TestNoNIKInTitles: the name of a file becomes a title that everybody reads.
func TestNoNIKInTitles(t *testing.T) {
	w := newWorld(t)
	w.docs.credentials[string(w.verifier1)] = true
	sari := w.browser()
	sari.login(nikSari, staffSecret)
	for _, field := range []string{"doctitle", "number", "subject"} {
		p := sari.uploadAs("pdf", "/tanda-tangan", "surat.pdf", letterPDF, field, "SK "+nikBudi, "passphrase_sign", "x").want(t, 422, "ABS-DOC-007")
		if !strings.Contains(p.body, `id="`+field+`-fault"`) {
			t.Errorf("the fault is not at %s", field)
		}
	}
	if got := web.TitleOf("SK_" + nikBudi + ".pdf"); strings.Contains(got, nikBudi) || !strings.HasPrefix(got, "SK_3300") {
		t.Errorf("the title of a file: %q", got)
	}
}
