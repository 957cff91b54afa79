package fault

import "net/http"

type entry struct {
	status int
	id, en string
}

// catalogue holds every fault. Both sentences take the same arguments in the same order. Codes are stable: they are added, never
// given another meaning.
var catalogue = map[string]entry{
	// Registration, activation and its links.
	"ABS-REG-001": {http.StatusGone, "Tautan ini sudah kedaluwarsa atau sudah dipakai. Mintalah tautan baru.", "This link has expired or was already used. Ask for a new one."},
	"ABS-REG-002": {http.StatusUnprocessableEntity, "NIK harus 16 angka. Anda mengetik %d.", "NIK must have 16 digits. You typed %d."},
	"ABS-REG-003": {http.StatusConflict, "NIK ini sudah terdaftar. Masuk, atau hubungi verifikator.", "This NIK is already registered. Sign in, or contact a verifier."},
	"ABS-REG-004": {http.StatusUnprocessableEntity, "Surel harus memakai domain instansi (%s).", "E-mail must use the agency domain (%s)."},
	"ABS-REG-005": {http.StatusUnprocessableEntity, "Lampirkan surat rekomendasi (PDF, PNG atau JPEG, paling besar 2 MB) dan isi nomornya.", "Attach the recommendation letter (PDF, PNG or JPEG, 2 MB at most) and fill in its number."},
	"ABS-REG-006": {http.StatusForbidden, "Permohonan ini belum pada tahap itu; statusnya sekarang: %s.", "This application is not at that step; its state is %s."},
	"ABS-REG-007": {http.StatusUnprocessableEntity, "Isi kolom ini.", "Fill in this field."},
	"ABS-REG-008": {http.StatusUnprocessableEntity, "Ini bukan alamat surel.", "This is not an e-mail address."},
	"ABS-REG-009": {http.StatusUnprocessableEntity, "Terlalu panjang (paling banyak %d karakter), atau memuat karakter yang tidak dapat dicetak.", "Too long (at most %d characters), or it has characters that cannot be printed."},
	"ABS-REG-010": {http.StatusConflict, "Surel ini dipakai akun lain. Surel harus milik pribadi, bukan surel bersama unit.", "Another account uses this e-mail. It must be personal, not a shared unit mailbox."},
	"ABS-REG-011": {http.StatusUnprocessableEntity, "Centang pernyataan ini untuk melanjutkan.", "Tick this statement to go on."},
	"ABS-REG-012": {http.StatusConflict, "NIK ini masih punya permohonan yang belum selesai. Lanjutkan yang itu.", "This NIK has an unfinished application. Continue that one."},
	"ABS-REG-013": {http.StatusConflict, "Nyatakan dulu bahwa data ini milik Anda.", "Say first that these data are yours."},
	"ABS-REG-014": {http.StatusConflict, "Buat sandi masuk lebih dahulu.", "Create the sign-in password first."},

	// Passwords and passphrases that people choose.
	"ABS-PWD-001": {http.StatusUnprocessableEntity, "Terlalu mudah ditebak karena memuat %s. Pakai beberapa kata yang tidak berhubungan.", "Too easy to guess because it contains %s. Use several unrelated words."},
	"ABS-PWD-002": {http.StatusUnprocessableEntity, "Kedua ketikan belum sama.", "The two entries do not match."},
	"ABS-PWD-003": {http.StatusUnprocessableEntity, "Passphrase tidak boleh sama dengan sandi masuk.", "The passphrase must differ from the sign-in password."},
	"ABS-PWD-004": {http.StatusUnprocessableEntity, "Paling sedikit 12 karakter.", "At least 12 characters."},
	"ABS-PWD-005": {http.StatusUnprocessableEntity, "Paling banyak 256 karakter.", "At most 256 characters."},
	"ABS-PWD-006": {http.StatusUnprocessableEntity, "Ada spasi di awal atau di akhir; hapus, karena mudah terlupa.", "There is a space at the start or the end; remove it, it is easily forgotten."},
	"ABS-PWD-007": {http.StatusUnprocessableEntity, "Terlalu sedikit karakter yang berbeda.", "Too few different characters."},

	// Signing in.
	"ABS-LOG-001": {http.StatusUnauthorized, "NIK atau sandi salah. Periksa Caps Lock, lalu coba lagi.", "NIK or password is wrong. Check Caps Lock and try again."},
	"ABS-LOG-002": {http.StatusTooManyRequests, "Terlalu banyak percobaan. Coba lagi setelah %s.", "Too many tries. Try again after %s."},
	"ABS-LOG-003": {http.StatusForbidden, "Halaman ini bukan untuk peran Anda.", "This page is not for your role."},
	"ABS-LOG-004": {http.StatusServiceUnavailable, "Server sedang memeriksa banyak orang sekaligus. Coba lagi sebentar lagi.", "The server is checking many people at once. Try again in a moment."},

	// What the owner says of a signed document later.
	"ABS-DOC-001": {http.StatusConflict, "Dokumen ini sudah dicabut %s. Pencabutan tidak dapat diubah.", "This document was already withdrawn on %s. A withdrawal cannot be changed."},
	"ABS-DOC-002": {http.StatusConflict, "Dokumen ini sudah digantikan oleh %s. Penggantinya tidak dapat diubah.", "This document was already replaced by %s. Its successor cannot be changed."},
	"ABS-DOC-003": {http.StatusUnprocessableEntity, "Tidak ada dokumen Anda dengan kode itu. Periksa kode pengganti di halaman Tanda tangan.", "You have no document with that code. Look up the code of the successor on the Sign page."},
	"ABS-DOC-004": {http.StatusUnprocessableEntity, "Pengganti harus ditandatangani sesudah dokumen ini.", "The successor must have been signed after this document."},
	"ABS-DOC-005": {http.StatusConflict, "Pengganti itu sudah dicabut. Pilih dokumen yang masih berlaku.", "That successor was withdrawn. Choose a document that still stands."},
	"ABS-DOC-006": {http.StatusServiceUnavailable, "Server ini tidak dapat membuat gambar halaman.", "This server cannot make pictures of pages."},
	"ABS-DOC-007": {http.StatusUnprocessableEntity, "Jangan menulis NIK di sini: semua orang yang memegang kode dapat membacanya.", "Do not write a NIK here: everybody who holds the code can read it."},

	// Recovery.
	"ABS-REC-001": {http.StatusGone, "Tautan ini berlaku 24 jam dan sudah lewat atau sudah dipakai. Minta tautan baru.", "This link was valid for 24 hours and has expired or was used. Request a new one."},

	// The queue of the verifier.
	"ABS-RA-001": {http.StatusNotFound, "Permohonan ini tidak ada.", "There is no such application."},
	"ABS-RA-002": {http.StatusForbidden, "Anda tidak dapat menyetujui permohonan yang Anda daftarkan sendiri, milik Anda sendiri, atau yang sudah Anda setujui. Minta verifikator lain.", "You cannot approve a request that you registered, that is your own, or that you approved already. Ask another verifier."},
	"ABS-RA-003": {http.StatusUnprocessableEntity, "Masih ada %d butir wajib yang belum ditandai cocok.", "%d required items are not yet marked as matching."},
	"ABS-RA-004": {http.StatusConflict, "Pemilik ini memiliki sertifikat aktif.", "This person has an active certificate."},
	"ABS-RA-005": {http.StatusPreconditionFailed, "Data berubah setelah Anda membukanya. Periksa lagi yang terbaru.", "The data changed after you opened it. Check the latest again."},
	"ABS-RA-006": {http.StatusUnprocessableEntity, "Pilih paling sedikit satu alasan.", "Choose at least one reason."},
	"ABS-RA-007": {http.StatusUnprocessableEntity, "Tulis alasannya.", "Write the reason."},
	"ABS-RA-008": {http.StatusUnprocessableEntity, "Paling banyak 1.000 karakter.", "At most 1,000 characters."},
	"ABS-RA-009": {http.StatusForbidden, "Persetujuan pertama diberikan oleh verifikator. Anda dapat memberi yang kedua.", "The first approval is a verifier's. You can give the second."},

	// Signature requests.
	"ABS-REQ-004": {http.StatusForbidden, "Tautan ini untuk orang lain. Keluar, lalu masuk dengan akun pemilik tautan.", "This link is for another person. Sign out, then sign in with the account that it belongs to."},

	// Issuing and revoking certificates.
	"ABS-ISS-001": {http.StatusServiceUnavailable, "Penerbitan tertunda karena kunci CA tidak dapat dipakai. Permohonan Anda aman; coba lagi nanti.", "Issuance is delayed because the CA key cannot be used. Your request is safe; try again later."},
	"ABS-ISS-002": {http.StatusUnprocessableEntity, "Sertifikat tidak dapat diterbitkan: %s.", "The certificate cannot be issued: %s."},
	"ABS-ISS-003": {http.StatusConflict, "Sertifikat ini sedang diterbitkan. Tunggu sebentar, lalu buka “Sertifikat saya”.", "This certificate is being issued. Wait a moment, then open “My certificate”."},
	"ABS-ISS-004": {http.StatusConflict, "Untuk persetujuan ini sudah ada sertifikat. Ajukan permohonan baru.", "There is a certificate for this approval already. Make a new application."},

	// Signing documents; 2011 and 2031 keep the numbers that integrators of BSrE test for.
	"ABS-SIG-010":  {http.StatusUnsupportedMediaType, "Berkas ini bukan PDF. Ubah ke PDF lalu coba lagi.", "This file is not a PDF. Convert it and try again."},
	"ABS-SIG-011":  {http.StatusUnprocessableEntity, "PDF ini dilindungi sandi. Hapus sandinya dulu, atau masukkan sandi buka.", "This PDF is password-protected. Remove the password or enter it."},
	"ABS-SIG-012":  {http.StatusConflict, "Dokumen sudah disegel “tidak boleh diubah” oleh penandatangan sebelumnya. Tanda tangan baru akan merusak segel itu, jadi kami hentikan.", "The document was certified “no changes allowed” by an earlier signer. A new signature would break it, so we stopped."},
	"ABS-SIG-013":  {http.StatusRequestEntityTooLarge, "Berkas melebihi batas %d MB. Perkecil, lalu coba lagi.", "The file exceeds the limit of %d MB. Make it smaller and try again."},
	"ABS-SIG-014":  {http.StatusUnprocessableEntity, "Gambar tanda tangan harus PNG atau JPEG, paling besar 2 MB.", "The signature image must be PNG or JPEG, 2 MB at most."},
	"ABS-SIG-015":  {http.StatusUnprocessableEntity, "Halaman %d tidak ada; dokumen hanya %d halaman.", "Page %d does not exist; the document has %d pages."},
	"ABS-SIG-016":  {http.StatusUnprocessableEntity, "Kotak tanda tangan berada di luar halaman. Pilih tempat lain.", "The signature box is outside the page. Choose another place."},
	"ABS-SIG-017":  {http.StatusUnprocessableEntity, "PDF ini tidak dapat ditandatangani: %s.", "This PDF cannot be signed: %s."},
	"ABS-SIG-018":  {http.StatusUnprocessableEntity, "Tulis kotak sebagai X,Y,lebar,tinggi dalam poin, misalnya 330,40,180,64.", "Write the box as X,Y,width,height in points, as 330,40,180,64."},
	"ABS-SIG-019":  {http.StatusUnprocessableEntity, "Pilih dulu berkas PDF-nya.", "Choose the PDF file first."},
	"ABS-SIG-020":  {http.StatusServiceUnavailable, "Layanan stempel waktu atau status sertifikat tidak menjawab. Dokumen belum ditandatangani. Coba lagi.", "The time-stamp or status service did not answer. The document was not signed. Try again."},
	"ABS-SIG-021":  {http.StatusConflict, "Berkas berubah selama ditandatangani. Muat ulang lalu coba lagi; berkas asli tidak disentuh.", "The file changed while it was being signed. Reload and try again; the original was not touched."},
	"ABS-SIG-024":  {http.StatusConflict, "Halaman ini sudah lama terbuka. Belum ada yang ditandatangani. Periksa isiannya, pilih berkasnya lagi, lalu tandatangani.", "This page was open for long. Nothing was signed. Check the form, choose the file again, and sign."},
	"ABS-SIG-2011": {http.StatusNotFound, "Anda belum memiliki sertifikat. Hubungi verifikator.", "You have no certificate yet. Contact a verifier."},
	"ABS-SIG-2012": {http.StatusConflict, "Sertifikat Anda berakhir %s. Minta verifikator mendaftarkan Anda lagi.", "Your certificate expired on %s. Ask a verifier to register you again."},
	"ABS-SIG-2013": {http.StatusConflict, "Sertifikat Anda dicabut %s. Ajukan sertifikat baru.", "Your certificate was revoked on %s. Request a new one."},
	"ABS-SIG-2031": {http.StatusUnauthorized, "Passphrase salah. Sisa %d kali sebelum terkunci. Perhatikan huruf besar dan kecil.", "Wrong passphrase. %d tries left before a lock. Check upper and lower case."},
	"ABS-SIG-2032": {http.StatusLocked, "Penandatanganan dikunci sampai %s karena passphrase salah berkali-kali. Sertifikat Anda tetap aman.", "Signing is locked until %s after wrong passphrases. Your certificate is safe."},

	// Key files and keys of signers.
	"ABS-KEY-001": {http.StatusInternalServerError, "Frasa sandi berkas kunci %s salah.", "The passphrase of the key file %s is wrong."},
	"ABS-KEY-002": {http.StatusServiceUnavailable, "Banyak orang sedang menandatangani sekaligus. Coba lagi sebentar lagi.", "Many people are signing at once. Try again in a moment."},

	// The audit log.
	"ABS-AUD-001": {http.StatusServiceUnavailable, "Catatan audit tidak dapat ditulis, maka tidak ada kunci yang dipakai. Coba lagi nanti.", "The audit log cannot be written, so no key was used. Try again later."},
	"ABS-AUD-002": {http.StatusServiceUnavailable, "Catatan audit tidak dapat ditulis, maka tidak ada yang diubah. Coba lagi nanti.", "The audit log cannot be written, so nothing was changed. Try again later."},

	// Verification and paper.
	"ABS-VER-001": {http.StatusUnsupportedMediaType, "Berkas ini bukan PDF.", "This file is not a PDF."},
	"ABS-VER-002": {http.StatusUnprocessableEntity, "PDF ini terkunci. Masukkan sandi yang tepat; sandi tidak disimpan. Pilih juga berkasnya lagi.", "This PDF is locked. Enter the right password, which is not kept, and choose the file again."},
	"ABS-VER-006": {http.StatusNotFound, "Kode ini tidak dikenal di server ini. Pastikan alamatnya %s; QR palsu sering mengarah ke alamat mirip.", "This code is unknown here. Make sure the address is %s; fake QR codes lead to look-alike addresses."},
	"ABS-VER-007": {http.StatusNotFound, "Ini bukan kode dari server ini: kode kami %d huruf dan angka. Periksa ketikannya.", "This is no code of this server: ours have %d letters and digits. Check what you typed."},
	"ABS-VER-008": {http.StatusTooManyRequests, "Terlalu banyak kode yang tidak dikenal dari jaringan Anda. Coba lagi setelah %s.", "Too many unknown codes from your network. Try again after %s."},
	"ABS-VER-009": {http.StatusNotFound, "Alamat itu bukan alamat server ini. Alamat kami %s; yang lain bukan tanggung jawab kami dan mungkin palsu.", "That is not an address of this server. Ours is %s; any other is not ours and may be false."},
	"ABS-VER-010": {http.StatusUnprocessableEntity, "Berkas ini terlalu rusak atau terlalu aneh untuk diperiksa. Unduh lagi dari pengirim, atau minta dikirim ulang.", "This file is too damaged or too strange to be checked. Download it again from the sender, or ask for it to be sent again."},
}
