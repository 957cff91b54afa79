package mail

// words is one mail in one language. {name} in braces is a fact; a line that is only {reasons} or {note} is left out when the
// fact is empty.
type words struct {
	title  string
	before []string // paragraphs above the button
	button string
	after  []string
}

// text is one kind of mail. The subject starts with the words that people know from the national authority.
type text struct {
	subject string
	id, en  words
}

const (
	neverAskID = "Kami tidak pernah meminta sandi atau passphrase lewat surel, telepon, atau WhatsApp."
	neverAskEN = "We never ask for your password or passphrase by e-mail, telephone or WhatsApp."
)

var texts = map[string]text{
	"activation": {
		subject: "[Absah] Aktivasi Akun – berlaku sampai {expires}",
		id: words{
			title: "Aktifkan akun Anda",
			before: []string{
				"Anda didaftarkan oleh {registrant}, {agency}, untuk memiliki sertifikat elektronik.",
				"Tekan tombol ini untuk memeriksa data Anda, membuat sandi, dan mengirim surat rekomendasi. Siapkan berkas surat itu beserta nomornya.",
			},
			button: "Aktifkan akun",
			after:  []string{"Tautan ini hanya dapat dipakai sekali dan berlaku sampai {expires}.", "Bukan Anda? Buka tautan itu dan pilih “Bukan saya”.", neverAskID},
		},
		en: words{
			title: "Activate your account",
			before: []string{
				"You were registered by {registrant}, {agency}, to hold an electronic certificate.",
				"Press the button to check your data, create a password and hand in the recommendation letter. Have the file of the letter and its number ready.",
			},
			button: "Activate account",
			after:  []string{"This link works once and is valid until {expires}.", "Not you? Open the link and choose “Not me”.", neverAskEN},
		},
	},
	"activation-self": {
		subject: "[Absah] Aktivasi Akun – berlaku sampai {expires}",
		id: words{
			title: "Aktifkan akun Anda",
			before: []string{
				"Seseorang, semoga Anda sendiri, mengajukan permohonan sertifikat elektronik pada {agency} dengan alamat surel ini.",
				"Tekan tombol ini untuk memeriksa data Anda, membuat sandi, dan mengirim surat rekomendasi. Siapkan berkas surat itu beserta nomornya.",
			},
			button: "Aktifkan akun",
			after:  []string{"Tautan ini hanya dapat dipakai sekali dan berlaku sampai {expires}.", "Bukan Anda? Buka tautan itu dan pilih “Bukan saya”.", neverAskID},
		},
		en: words{
			title: "Activate your account",
			before: []string{
				"Somebody, we hope you, applied for an electronic certificate at {agency} with this e-mail address.",
				"Press the button to check your data, create a password and hand in the recommendation letter. Have the file of the letter and its number ready.",
			},
			button: "Activate account",
			after:  []string{"This link works once and is valid until {expires}.", "Not you? Open the link and choose “Not me”.", neverAskEN},
		},
	},
	"account": {
		subject: "[Absah] Informasi Akun",
		id: words{
			title: "Akun Anda sudah aktif",
			before: []string{
				"Masuk dengan NIK dan sandi yang Anda buat sendiri. Sandi itu tidak kami kirim dan tidak dapat kami lihat.",
				"Dengan akun ini Anda melihat status permohonan, sertifikat Anda, dan nanti menandatangani dokumen.",
				"Permohonan Anda sekarang diperiksa oleh dua orang verifikator {agency}. Bila disetujui, Anda menerima surel untuk membuat passphrase.",
			},
			button: "Masuk",
			after:  []string{neverAskID},
		},
		en: words{
			title: "Your account is active",
			before: []string{
				"Sign in with your NIK and the password that you chose. We do not send that password and cannot see it.",
				"With this account you see how your application stands, your certificate, and later you sign documents.",
				"Two verifiers of {agency} now check your application. Once approved, you receive a mail to create your passphrase.",
			},
			button: "Sign in",
			after:  []string{neverAskEN},
		},
	},
	"passphrase": {
		subject: "[Absah] Set Passphrase – data Anda disetujui, berlaku sampai {expires}",
		id: words{
			title: "Data Anda disetujui. Buat passphrase.",
			before: []string{
				"Passphrase adalah frasa sandi untuk menandatangani. Hanya Anda yang mengetahuinya; tidak ada yang dapat melihat atau mengembalikannya.",
				"Begitu passphrase dibuat, kunci Anda dibuat dan sertifikat terbit saat itu juga. Anda diminta masuk dengan NIK dan sandi lebih dahulu.",
			},
			button: "Buat passphrase",
			after:  []string{"Tautan ini hanya dapat dipakai sekali dan berlaku sampai {expires}.", "Kami tidak akan pernah meminta passphrase Anda."},
		},
		en: words{
			title: "Your data is approved. Create a passphrase.",
			before: []string{
				"The passphrase is for signing. Only you know it; nobody can see or recover it.",
				"As soon as you set it, your key is made and the certificate is issued. You will be asked to sign in with NIK and password first.",
			},
			button: "Create passphrase",
			after:  []string{"This link works once and is valid until {expires}.", "We will never ask you for your passphrase."},
		},
	},
	"issued": {
		subject: "[Absah] Sertifikat Terbit – berlaku sampai {until}",
		id: words{
			title:  "Sertifikat elektronik Anda terbit",
			before: []string{"Sertifikat Anda berlaku sampai {until}. Nomor seri: {serial}."},
			button: "Lihat sertifikat",
			after:  []string{"Bukan Anda yang meminta? Segera hubungi verifikator di bawah ini agar sertifikat dicabut.", neverAskID},
		},
		en: words{
			title:  "Your electronic certificate is issued",
			before: []string{"Your certificate is valid until {until}. Serial number: {serial}."},
			button: "View certificate",
			after:  []string{"You did not ask for it? Contact the verifier below at once, so that the certificate is revoked.", neverAskEN},
		},
	},
	"returned": {
		subject: "[Absah] Permohonan Perlu Perbaikan",
		id: words{
			title:  "Permohonan Anda perlu diperbaiki",
			before: []string{"Verifikator {agency} memeriksa permohonan Anda dan meminta perbaikan:", "{reasons}", "{note}", "Masuk, lalu kirim bukti yang sudah diperbaiki."},
			button: "Perbaiki permohonan",
		},
		en: words{
			title:  "Your application needs correction",
			before: []string{"A verifier of {agency} looked at your application and asks for a correction:", "{reasons}", "{note}", "Sign in and hand in the corrected evidence."},
			button: "Correct the application",
		},
	},
	"rejected": {
		subject: "[Absah] Permohonan Ditolak",
		id: words{
			title:  "Permohonan Anda ditolak",
			before: []string{"Verifikator {agency} menolak permohonan sertifikat Anda:", "{reasons}", "{note}", "Bila menurut Anda ini keliru, hubungi verifikator di bawah ini."},
			button: "Lihat permohonan",
		},
		en: words{
			title:  "Your application was rejected",
			before: []string{"A verifier of {agency} rejected your application for a certificate:", "{reasons}", "{note}", "If you think this is wrong, contact the verifier below."},
			button: "View the application",
		},
	},
	"reset": {
		subject: "[Absah] Sandi Baru – berlaku sampai {expires}",
		id: words{
			title:  "Buat sandi baru",
			before: []string{"Kami menerima permintaan sandi masuk yang baru untuk akun Anda pada {agency}."},
			button: "Buat sandi baru",
			after:  []string{"Tautan ini hanya dapat dipakai sekali dan berlaku sampai {expires}.", "Bukan Anda yang meminta? Abaikan surel ini; sandi Anda tetap.", neverAskID},
		},
		en: words{
			title:  "Create a new password",
			before: []string{"We received a request for a new sign-in password for your account at {agency}."},
			button: "Create new password",
			after:  []string{"This link works once and is valid until {expires}.", "You did not ask? Ignore this mail; your password stays.", neverAskEN},
		},
	},
}

// reasonWords names why an application was returned or rejected.
var reasonWords = map[string][2]string{
	"unreadable":      {"berkas tidak terbaca", "the file is not readable"},
	"name-differs":    {"nama berbeda dengan KTP", "the name differs from the identity card"},
	"letter-unsigned": {"surat rekomendasi belum ditandatangani", "the recommendation letter is not signed"},
	"email-shared":    {"surel bukan surel pribadi", "the e-mail is not personal"},
	"position-wrong":  {"jabatan tidak sesuai SK", "the position does not match the decree"},
	"not-eligible":    {"tidak berhak atas sertifikat instansi ini", "not entitled to a certificate of this agency"},
	"other":           {"lainnya", "other"},
}
