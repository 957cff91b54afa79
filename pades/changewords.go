package pades

import (
	"fmt"
	"strconv"
)

// changeWords are the sentences about changes, by their codes.
var changeWords = map[string]phrase{
	"timestamp-added":      {"stempel waktu dokumen ditambahkan", "a document time-stamp was added"},
	"dss-grew":             {"data validasi ditambahkan", "validation data was added"},
	"dss-replaced":         {"data validasi diganti; sebagian dikeluarkan", "the validation data was replaced and some of it left out"},
	"properties-changed":   {"properti dokumen berubah", "the document's properties changed"},
	"version-raised":       {"versi dokumen dinaikkan", "the version of the document was raised"},
	"signature-added":      {"tanda tangan ditambahkan pada isian %q", "a signature was added in the field %q"},
	"certified-later":      {"sertifikasi dokumen ditambahkan", "a certification of the document was added"},
	"empty-field-added":    {"isian tanda tangan kosong %q ditambahkan", "an unsigned signature field %q was added"},
	"field-filled":         {"isian %q diisi", "the field %q was filled in"},
	"form-settings":        {"pengaturan formulir berubah", "the form's settings changed"},
	"structure-grew":       {"tag aksesibilitas ditambahkan", "accessibility tags were added"},
	"page-resources":       {"halaman %s: sumber daya yang tidak dipakai isinya ditambahkan", "page %s: resources were added that its content does not use"},
	"annotation-added":     {"halaman %s: anotasi %s ditambahkan", "page %s: an annotation (%s) was added"},
	"annotation-changed":   {"halaman %s: anotasi diubah atau dihapus", "page %s: an annotation was changed or removed"},
	"annotation-removed":   {"halaman %s: anotasi dihapus", "page %s: an annotation was removed"},
	"names-changed":        {"daftar nama dokumen berubah pada /%s", "the document's names changed at /%s"},
	"widget-added":         {"halaman %s: isian formulir ditambahkan", "page %s: a form field was added"},
	"widget-removed":       {"halaman %s: isian %q dihapus dari halaman", "page %s: the field %q was taken off the page"},
	"field-added":          {"isian formulir %q ditambahkan", "a form field %q was added"},
	"field-removed":        {"isian formulir dihapus", "a form field was removed"},
	"field-changed":        {"isian %q berubah pada /%s", "the field %q changed at /%s"},
	"field-look":           {"tampilan isian %q berubah, nilainya tidak", "the look of the field %q changed, its value did not"},
	"signed-field-changed": {"isian %q yang sudah ditandatangani berubah pada /%s", "the signed field %q changed at /%s"},
	"signature-changed":    {"isi tanda tangan %q diganti", "the signature in the field %q was overwritten"},
	"signature-look":       {"tampilan tanda tangan %q berubah", "the look of the signature %q changed"},
	"form-changed":         {"formulir berubah pada /%s", "the form changed at /%s"},
	"form-removed":         {"formulir dihapus", "the form was removed"},
	"page-changed":         {"halaman %s: /%s berubah", "page %s: its /%s changed"},
	"pages-replaced":       {"susunan halaman diganti", "the pages were replaced"},
	"permissions-changed":  {"izin dokumen berubah", "the document's permissions changed"},
	"action-changed":       {"aksi otomatis ditambahkan atau diubah", "an automatic action was added or changed"},
	"catalog-changed":      {"katalog dokumen berubah pada /%s", "the document's catalog changed at /%s"},
	"structure-changed":    {"struktur tag dokumen berubah", "the document's tag structure changed"},
	"encryption-changed":   {"enkripsi dokumen berubah", "the document's encryption changed"},
	"object-changed":       {"objek %s berubah tanpa alasan yang diizinkan", "object %s changed without a rule that allows it"},
	"object-shared":        {"objek %s berubah dan dipakai juga di tempat lain", "object %s changed and is used in another place as well"},
	"object-redirected":    {"objek %s diarahkan ke isi yang tersembunyi sebelumnya", "object %s was pointed at content that was hidden before"},
	"object-revived":       {"objek %s diisi padahal sudah dirujuk sejak ditandatangani", "object %s, which was referred to and missing when it was signed, was filled in"},
	"document-unexplained": {"dokumen rusak setelah ditandatangani", "bytes that no cross-reference section explains follow the signed document"},
}

func changeText(l Language, code string, args []string) string {
	return fill(changeWords[code].in(l), args)
}

// fill puts arguments into a sentence.
func fill(format string, args []string) string {
	if len(args) == 0 {
		return format
	}
	list := make([]any, len(args))
	for i, a := range args {
		list[i] = a
	}
	return fmt.Sprintf(format, list...)
}

func itoa(n uint32) string { return strconv.FormatUint(uint64(n), 10) }
