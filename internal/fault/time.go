package fault

import (
	"fmt"
	"time"
)

// WIB is Western Indonesian Time, in which people are told times; the zone is always named, because a page or a mail cannot know
// where it is read.
var WIB = time.FixedZone("WIB", 7*60*60)

var (
	monthsID = [...]string{"Januari", "Februari", "Maret", "April", "Mei", "Juni", "Juli", "Agustus", "September", "Oktober", "November", "Desember"}
	monthsEN = [...]string{"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"}
)

// In is the words in a language, "en" or Indonesian for everything else.
func (w Words) In(lang string) string {
	if lang == "en" {
		return w.EN
	}
	return w.ID
}

// Day is a date, as "12 Januari 2027".
func Day(t time.Time) Words {
	t = t.In(WIB)
	say := func(months [12]string) string { return fmt.Sprintf("%d %s %d", t.Day(), months[t.Month()-1], t.Year()) }
	return Words{say(monthsID), say(monthsEN)}
}

// Clock is a time of day, as "09.30 WIB".
func Clock(t time.Time) Words {
	t = t.In(WIB)
	return Words{t.Format("15.04 MST"), t.Format("15:04 MST")}
}

// Moment is a date with its time, as "12 Januari 2027 pukul 09.30 WIB".
func Moment(t time.Time) Words {
	d, c := Day(t), Clock(t)
	return Words{d.ID + " pukul " + c.ID, d.EN + ", " + c.EN}
}
