package web

import (
	"net/http"
	"strings"
)

// routes is the one list of addresses. Pages go through s.page, which gives them the session and turns errors into pages.
func (s *server) routes() http.Handler {
	mux := http.NewServeMux()
	page := func(pattern string, h handler) {
		s.shown[strings.TrimPrefix(pattern, "GET ")] = true
		mux.HandleFunc(pattern, s.page(h))
	}

	page("GET /{$}", s.front)
	page("GET /bantuan", s.help)
	page("GET /aksesibilitas", s.accessibility)
	if s.Trust != nil {
		page("GET /percaya", s.trust)
	}
	s.registerApp(mux, page)
	page("POST /tampilan", s.chooseTheme)
	page("GET /masuk", s.logInForm)
	page("POST /masuk", s.logIn)
	page("POST /keluar", s.logOut)
	page("GET /lupa-sandi", s.forgotForm)
	page("POST /lupa-sandi", s.forgot)
	page("GET /sandi/{token}", s.resetForm)
	page("POST /sandi/{token}", s.reset)

	page("GET /permohonan", s.queue)
	page("GET /permohonan/baru", s.applyForm)
	page("POST /permohonan/baru", s.apply)
	page("GET /permohonan/{id}", s.application)
	page("GET /permohonan/{id}/bukti", s.evidence)
	page("POST /permohonan/{id}/setujui", s.approve)
	page("POST /permohonan/{id}/kembalikan", s.turnBack)
	page("POST /permohonan/{id}/tolak", s.reject)
	page("POST /permohonan/{id}/kirim-ulang", s.sendAgain)

	page("GET /aktivasi/{token}", s.activation)
	page("POST /aktivasi/{token}", s.activate)
	page("POST /aktivasi/{token}/tautan", s.newActivationLink)
	page("GET /passphrase/{token}", s.passphraseForm)
	page("POST /passphrase/{token}", s.passphrase)
	page("POST /passphrase/{token}/tautan", s.newPassphraseLink)
	// The addresses that people know from the mails of the national authority.
	page("GET /email/aktivasi/akun/{token}", redirectTo("/aktivasi/"))
	page("GET /email/set/passphrase/{token}", redirectTo("/passphrase/"))

	page("GET /sertifikat", s.mine)
	page("POST /sertifikat/bukti", s.resubmit)
	page("GET /sertifikat/{file}", s.download)

	if s.Documents != nil {
		page("GET /tanda-tangan", s.signForm)
		page("POST /tanda-tangan", s.sign)
		page("GET /dokumen/{code}", s.document)
		page("GET /dokumen/{code}/unduh", s.downloadDocument)
		page("POST /dokumen/{code}/cabut", s.withdraw)
		page("POST /dokumen/{code}/ganti", s.supersede)
		page("POST /dokumen/{code}/gambar", s.showPicture)
		page("POST /dokumen/{code}/tutup-gambar", s.hidePicture)
		page("GET /v", s.typed)
		page("GET /v/{$}", s.typed)
		page("GET /v/{code}", s.paper)
		page("POST /v/{code}", s.compare)
		mux.HandleFunc("GET /v/{code}/halaman-1.jpg", s.firstPage)
	}
	if s.Mailbox != nil {
		page("GET /dev/mail", s.mailbox)
		page("GET /dev/mail/{n}", s.letter)
	}
	page("/", s.nowhere)

	mux.HandleFunc("GET /static/{file}", s.asset)
	if s.Check != nil {
		page("POST /verifikasi", s.checkFile)
	}
	if s.Relay != nil {
		mux.HandleFunc("GET /verifikasi/status", s.status)
		mux.HandleFunc("POST /verifikasi/status", s.status)
	}
	if s.Trust != nil {
		mux.HandleFunc("GET /trust/{name}", s.trustFile)
	}
	mux.HandleFunc("GET /healthz", s.healthz)
	mux.HandleFunc("GET /readyz", s.readyz)
	if s.PKI == nil {
		return mux
	}
	s.PKI.Register(mux)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// The base64 of an OCSP request may hold "//", which the mux would redirect away.
		if r.Method == http.MethodGet && strings.HasPrefix(r.URL.Path, "/ocsp/") {
			s.PKI.ocspGet(w, r)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

func redirectTo(prefix string) handler {
	return func(c *call) error {
		c.redirect(prefix + c.r.PathValue("token"))
		return nil
	}
}
