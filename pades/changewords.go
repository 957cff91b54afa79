package pades

import (
	"strconv"
	"strings"
)

// changeWords are the sentences about changes, by their codes.
var changeWords = map[string]phrase{
	"timestamp-added":      {"stempel waktu dokumen ditambahkan", "a document time-stamp was added"},
	"dss-grew":             {"data validasi ditambahkan", "validation data was added"},
	"dss-replaced":         {"data validasi diganti; sebagian dikeluarkan", "the validation data was replaced and some of it left out"},
	"dss-removed":          {"data validasi dihapus", "the validation data was removed"},
	"properties-changed":   {"properti dokumen berubah", "the document's properties changed"},
	"version-raised":       {"versi dokumen dinaikkan", "the version of the document was raised"},
	"signature-added":      {"tanda tangan ditambahkan pada isian \"{0}\"", "a signature was added in the field \"{0}\""},
	"certified-later":      {"sertifikasi dokumen ditambahkan", "a certification of the document was added"},
	"empty-field-added":    {"isian tanda tangan kosong \"{0}\" ditambahkan", "an unsigned signature field \"{0}\" was added"},
	"field-filled":         {"isian \"{0}\" diisi", "the field \"{0}\" was filled in"},
	"form-settings":        {"pengaturan formulir berubah", "the form's settings changed"},
	"structure-grew":       {"tag aksesibilitas ditambahkan", "accessibility tags were added"},
	"page-resources":       {"halaman {0}: sumber daya yang tidak dipakai isinya ditambahkan", "page {0}: resources were added that its content does not use"},
	"annotation-added":     {"halaman {0}: anotasi {1} ditambahkan", "page {0}: an annotation ({1}) was added"},
	"annotation-changed":   {"halaman {0}: anotasi diubah atau dihapus", "page {0}: an annotation was changed or removed"},
	"annotation-removed":   {"halaman {0}: anotasi dihapus", "page {0}: an annotation was removed"},
	"annotation-order":     {"halaman {0}: urutan anotasi berubah", "page {0}: the order of its annotations changed"},
	"annotation-covers":    {"halaman {0}: anotasi {1} menutupi isi halaman (persegi {2})", "page {0}: an annotation ({1}) covers what the page shows (rectangle {2})"},
	"field-covers":         {"halaman {0}: isian \"{1}\" menutupi isi halaman (persegi {2})", "page {0}: the field \"{1}\" covers what the page shows (rectangle {2})"},
	"names-changed":        {"daftar nama dokumen berubah pada /{0}", "the document's names changed at /{0}"},
	"widget-added":         {"halaman {0}: isian formulir ditambahkan", "page {0}: a form field was added"},
	"widget-removed":       {"halaman {0}: isian \"{1}\" dihapus dari halaman", "page {0}: the field \"{1}\" was taken off the page"},
	"field-added":          {"isian formulir \"{0}\" ditambahkan", "a form field \"{0}\" was added"},
	"field-removed":        {"isian formulir dihapus", "a form field was removed"},
	"field-changed":        {"isian \"{0}\" berubah pada /{1}", "the field \"{0}\" changed at /{1}"},
	"field-look":           {"tampilan isian \"{0}\" berubah, nilainya tidak", "the look of the field \"{0}\" changed, its value did not"},
	"signed-field-changed": {"isian \"{0}\" yang sudah ditandatangani berubah pada /{1}", "the signed field \"{0}\" changed at /{1}"},
	"signature-changed":    {"isi tanda tangan \"{0}\" diganti", "the signature in the field \"{0}\" was overwritten"},
	"signature-look":       {"tampilan tanda tangan \"{0}\" berubah", "the look of the signature \"{0}\" changed"},
	"form-changed":         {"formulir berubah pada /{0}", "the form changed at /{0}"},
	"form-removed":         {"formulir dihapus", "the form was removed"},
	"page-changed":         {"halaman {0}: /{1} berubah", "page {0}: its /{1} changed"},
	"pages-replaced":       {"susunan halaman diganti", "the pages were replaced"},
	"permissions-changed":  {"izin dokumen berubah", "the document's permissions changed"},
	"action-changed":       {"aksi otomatis ditambahkan atau diubah", "an automatic action was added or changed"},
	"catalog-changed":      {"katalog dokumen berubah pada /{0}", "the document's catalog changed at /{0}"},
	"catalog-unusable":     {"ujung dokumen menunjuk katalog yang tidak dapat dipakai", "the end of the document names a catalog that cannot be used"},
	"structure-changed":    {"struktur tag dokumen berubah", "the document's tag structure changed"},
	"encryption-changed":   {"enkripsi dokumen berubah", "the document's encryption changed"},
	"object-changed":       {"objek {0} berubah tanpa alasan yang diizinkan", "object {0} changed without a rule that allows it"},
	"object-shared":        {"objek {0} berubah dan dipakai juga di tempat lain", "object {0} changed and is used in another place as well"},
	"object-redirected":    {"objek {0} diarahkan ke isi yang tersembunyi sebelumnya", "object {0} was pointed at content that was hidden before"},
	"object-hidden":        {"objek {0} disembunyikan di dalam arus objek", "a second version of object {0} is hidden in an object stream"},
	"object-inside":        {"objek {0} disembunyikan di dalam objek lain", "an object {0} is hidden inside another one"},
	"trailer-inside":       {"trailer kedua disembunyikan di dalam sebuah objek", "a second trailer is hidden inside an object"},
	"two-readings":         {"pembaruan ditulis sehingga dua program dapat membacanya secara berbeda", "an update is written so that two programs may read it differently"},
	"object-revived":       {"objek {0} diisi padahal sudah dirujuk sejak ditandatangani", "object {0}, which was referred to and missing when it was signed, was filled in"},
	"document-unexplained": {"dokumen rusak setelah ditandatangani", "bytes that no cross-reference section explains follow the signed document"},
}

func changeText(l Language, code string, args []string) string {
	return fill(changeWords[code].in(l), args)
}

// fill puts arguments into a sentence: {0} is the first. What an empty last one leaves over goes.
func fill(format string, args []string) string {
	var b strings.Builder
	for {
		i := strings.IndexByte(format, '{')
		if i < 0 || i+2 >= len(format) {
			break
		}
		n := int(format[i+1]) - '0'
		if n < 0 || n > 9 || n >= len(args) || format[i+2] != '}' {
			b.WriteString(format[:i+1])
			format = format[i+1:]
			continue
		}
		b.WriteString(format[:i])
		b.WriteString(args[n])
		format = format[i+3:]
	}
	b.WriteString(format)
	return strings.TrimSuffix(strings.TrimSuffix(b.String(), ": "), " ()")
}

func itoa(n uint32) string { return strconv.FormatUint(uint64(n), 10) }
