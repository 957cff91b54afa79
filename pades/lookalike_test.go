package pades

import "testing"

func TestDeceptive(t *testing.T) {
	for name, want := range map[string]string{
		"Budi Contoh": "", "Nur’aini binti Ma'ruf, S.Kom.": "", "André Żółć": "", "Δημήτρης Παράδειγμα": "", "Иван Пример": "", "王小明 (Wang Xiaoming)": "", "Oʻzbek Contoh": "",
		"Budi Иванов": "", "می\u200cخواهم": "", "Budi 3": "", "": "",
		"Вudi Contoh": "name-mixed-scripts", "Вора Contoh": "name-mixed-scripts", "Budi Cοntoh": "name-mixed-scripts", "Ｂudi": "name-mixed-scripts", "𝐁udi": "name-mixed-scripts",
		"Budi\u200b": "name-invisible", "Budi \u202ehotnoC": "name-invisible", "Bu\u00addi": "name-invisible", "Budi\nContoh": "name-invisible", "Bu\u200cdi": "name-invisible", "Budi\ufe0f": "name-invisible",
	} {
		if got := deceptive(name); got != want {
			t.Errorf("deceptive(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestSkeleton(t *testing.T) {
	for _, pair := range [][2]string{{"Persetujuan", "PERSETUJUAN"}, {"Persetujuan", "Реrsetujuan"}, {"Persetujuan", "Persetu\u200bjuan"}, {"Persetujuan", "Ｐersetujuan"}} {
		if skeleton(pair[0]) != skeleton(pair[1]) {
			t.Errorf("%q and %q can be told apart", pair[0], pair[1])
		}
	}
	for _, pair := range [][2]string{{"Signature1", "Signature2"}, {"nama", "name"}} {
		if skeleton(pair[0]) == skeleton(pair[1]) {
			t.Errorf("%q and %q cannot be told apart", pair[0], pair[1])
		}
	}
}
