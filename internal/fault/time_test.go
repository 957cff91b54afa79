package fault

import (
	"testing"
	"time"
)

func TestTimes(t *testing.T) {
	// Evening in London is the next day in Jakarta.
	x := time.Date(2026, 12, 31, 20, 5, 0, 0, time.UTC)
	for _, c := range []struct {
		got  Words
		want Words
	}{
		{Day(x), Words{"1 Januari 2027", "1 January 2027"}},
		{Clock(x), Words{"03.05 WIB", "03:05 WIB"}},
		{Moment(x), Words{"1 Januari 2027 pukul 03.05 WIB", "1 January 2027, 03:05 WIB"}},
	} {
		if c.got != c.want || c.got.In("en") != c.want.EN || c.got.In("id") != c.want.ID {
			t.Errorf("%+v, want %+v", c.got, c.want)
		}
	}
	if e := New("ABS-SIG-2012", Day(x)); e.ID != "Sertifikat Anda berakhir 1 Januari 2027. Minta verifikator mendaftarkan Anda lagi." {
		t.Errorf("%q", e.ID)
	}
}
