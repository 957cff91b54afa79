// Package fault is the kind of error that a person may read: a stable code and a sentence in Indonesian and English that says
// what happened and what to do. Every other error is logged in full and shown as an incident number.
package fault

import (
	"errors"
	"fmt"
	"net/http"
)

// Error is a fault with its arguments filled in.
type Error struct {
	Code   string // as "ABS-SIG-2031"
	Status int    // HTTP status that fits
	ID, EN string // the sentence, Indonesian and English
	Err    error  // the cause, for developers; may be nil
}

func (e *Error) Error() string {
	if e.Err != nil {
		return e.EN + " (" + e.Code + "): " + e.Err.Error()
	}
	return e.EN + " (" + e.Code + ")"
}

func (e *Error) Unwrap() error { return e.Err }

// Text is the sentence in a language, "en" or Indonesian for everything else.
func (e *Error) Text(lang string) string {
	if lang == "en" {
		return e.EN
	}
	return e.ID
}

// Is makes errors.Is compare codes.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Code == e.Code
}

// New makes the fault of a code; args fill the sentence. An unknown code is a broken invariant of ours and panics.
func New(code string, args ...any) *Error { return Wrap(nil, code, args...) }

// Wrap is New with a cause.
func Wrap(cause error, code string, args ...any) *Error {
	t, ok := catalogue[code]
	if !ok {
		panic("fault: no entry for " + code)
	}
	return &Error{Code: code, Status: t.status, ID: fill(t.id, args), EN: fill(t.en, args), Err: cause}
}

func fill(s string, args []any) string {
	if len(args) == 0 {
		return s
	}
	return fmt.Sprintf(s, args...)
}

// As finds a fault in a chain of errors.
func As(err error) (*Error, bool) {
	var f *Error
	ok := errors.As(err, &f)
	return f, ok
}

type entry struct {
	status int
	id, en string
}

// catalogue holds every fault. Both sentences take the same arguments in the same order.
var catalogue = map[string]entry{
	"ABS-REG-001":  {http.StatusGone, "Tautan ini sudah kedaluwarsa atau sudah dipakai. Mintalah tautan baru.", "This link has expired or was already used. Ask for a new one."},
	"ABS-REG-002":  {http.StatusUnprocessableEntity, "NIK harus 16 angka. Anda mengetik %d.", "NIK must have 16 digits. You typed %d."},
	"ABS-REG-003":  {http.StatusConflict, "NIK ini sudah terdaftar. Masuk, atau hubungi verifikator.", "This NIK is already registered. Sign in, or contact a verifier."},
	"ABS-REG-004":  {http.StatusUnprocessableEntity, "Surel harus memakai domain instansi (%s).", "E-mail must use the agency domain (%s)."},
	"ABS-REG-005":  {http.StatusUnprocessableEntity, "Lampirkan surat rekomendasi (PDF, PNG atau JPEG, paling besar 2 MB) dan isi nomornya.", "Attach the recommendation letter (PDF, PNG or JPEG, 2 MB at most) and fill in its number."},
	"ABS-REG-006":  {http.StatusForbidden, "Permohonan ini belum pada tahap itu; statusnya sekarang: %s.", "This application is not at that step; its state is %s."},
	"ABS-REG-007":  {http.StatusUnprocessableEntity, "Isi kolom ini.", "Fill in this field."},
	"ABS-REG-008":  {http.StatusUnprocessableEntity, "Ini bukan alamat surel.", "This is not an e-mail address."},
	"ABS-PWD-001":  {http.StatusUnprocessableEntity, "Terlalu mudah ditebak karena memuat %s. Pakai beberapa kata yang tidak berhubungan.", "Too easy to guess because it contains %s. Use several unrelated words."},
	"ABS-PWD-002":  {http.StatusUnprocessableEntity, "Kedua ketikan belum sama.", "The two entries do not match."},
	"ABS-PWD-003":  {http.StatusUnprocessableEntity, "Passphrase tidak boleh sama dengan sandi masuk.", "The passphrase must differ from the sign-in password."},
	"ABS-PWD-004":  {http.StatusUnprocessableEntity, "Paling sedikit 12 karakter.", "At least 12 characters."},
	"ABS-LOG-001":  {http.StatusUnauthorized, "NIK atau sandi salah.", "NIK or password is wrong."},
	"ABS-LOG-002":  {http.StatusTooManyRequests, "Terlalu banyak percobaan. Coba lagi setelah %s.", "Too many tries. Try again after %s."},
	"ABS-LOG-003":  {http.StatusForbidden, "Halaman ini bukan untuk peran Anda.", "This page is not for your role."},
	"ABS-RA-001":   {http.StatusNotFound, "Permohonan ini tidak ada.", "There is no such application."},
	"ABS-RA-002":   {http.StatusForbidden, "Anda tidak dapat menyetujui permohonan yang Anda daftarkan sendiri, milik Anda sendiri, atau yang sudah Anda setujui. Minta verifikator lain.", "You cannot approve a request that you registered, that is your own, or that you approved already. Ask another verifier."},
	"ABS-RA-004":   {http.StatusConflict, "Pemilik ini memiliki sertifikat aktif.", "This person has an active certificate."},
	"ABS-ISS-001":  {http.StatusServiceUnavailable, "Penerbitan tertunda karena kunci CA tidak dapat dipakai. Permohonan Anda aman; coba lagi nanti.", "Issuance is delayed because the CA key cannot be used. Your request is safe; try again later."},
	"ABS-ISS-002":  {http.StatusUnprocessableEntity, "Sertifikat tidak dapat diterbitkan: %s.", "The certificate cannot be issued: %s."},
	"ABS-SIG-2031": {http.StatusUnauthorized, "Passphrase salah. Sisa %d kali sebelum terkunci. Perhatikan huruf besar dan kecil.", "Wrong passphrase. %d tries left before a lock. Check upper and lower case."},
	"ABS-SIG-2032": {http.StatusLocked, "Penandatanganan dikunci sampai %s karena passphrase salah berkali-kali. Sertifikat Anda tetap aman.", "Signing is locked until %s after wrong passphrases. Your certificate is safe."},
	"ABS-SIG-2011": {http.StatusNotFound, "Anda belum memiliki sertifikat. Hubungi verifikator.", "You have no certificate yet. Contact a verifier."},
	"ABS-SIG-2012": {http.StatusConflict, "Sertifikat Anda berakhir %s. Perpanjang dahulu.", "Your certificate expired on %s. Renew it first."},
	"ABS-SIG-2013": {http.StatusConflict, "Sertifikat Anda dicabut %s. Ajukan sertifikat baru.", "Your certificate was revoked on %s. Request a new one."},
	"ABS-SIG-010":  {http.StatusUnsupportedMediaType, "Berkas ini bukan PDF. Ubah ke PDF lalu coba lagi.", "This file is not a PDF. Convert it and try again."},
	"ABS-SIG-011":  {http.StatusUnprocessableEntity, "PDF ini dilindungi sandi. Hapus sandinya dulu, atau masukkan sandi buka.", "This PDF is password-protected. Remove the password or enter it."},
	"ABS-SIG-012":  {http.StatusConflict, "Dokumen sudah disegel “tidak boleh diubah” oleh penandatangan sebelumnya. Tanda tangan baru akan merusak segel itu, jadi kami hentikan.", "The document was certified “no changes allowed” by an earlier signer. A new signature would break it, so we stopped."},
	"ABS-SIG-013":  {http.StatusRequestEntityTooLarge, "Berkas melebihi batas %d MB.", "The file exceeds the limit of %d MB."},
	"ABS-SIG-014":  {http.StatusUnprocessableEntity, "Gambar tanda tangan harus PNG atau JPEG, paling besar 2 MB.", "The signature image must be PNG or JPEG, 2 MB at most."},
	"ABS-SIG-015":  {http.StatusUnprocessableEntity, "Halaman %d tidak ada; dokumen hanya %d halaman.", "Page %d does not exist; the document has %d pages."},
	"ABS-SIG-016":  {http.StatusUnprocessableEntity, "Kotak tanda tangan berada di luar halaman. Pilih tempat lain.", "The signature box is outside the page. Choose another place."},
	"ABS-SIG-017":  {http.StatusUnprocessableEntity, "PDF ini tidak dapat ditandatangani: %s.", "This PDF cannot be signed: %s."},
	"ABS-SIG-020":  {http.StatusServiceUnavailable, "Layanan stempel waktu atau status sertifikat tidak menjawab. Dokumen belum ditandatangani. Coba lagi.", "The time-stamp or status service did not answer. The document was not signed. Try again."},
	"ABS-AUD-001":  {http.StatusServiceUnavailable, "Catatan audit tidak dapat ditulis, maka tidak ada kunci yang dipakai. Coba lagi nanti.", "The audit log cannot be written, so no key was used. Try again later."},
	"ABS-VER-006":  {http.StatusNotFound, "Kode ini tidak dikenal di server ini. Pastikan alamatnya %s; QR palsu sering mengarah ke alamat mirip.", "This code is unknown here. Make sure the address is %s; fake QR codes lead to look-alike addresses."},
	"ABS-KEY-001":  {http.StatusInternalServerError, "Frasa sandi berkas kunci %s salah.", "The passphrase of the key file %s is wrong."},
}
