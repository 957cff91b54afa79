package stamp

import (
	"fmt"
	"time"
)

// The time zones of Indonesia, which has no daylight saving time.
var (
	WIB  = time.FixedZone("WIB", 7*3600)
	WITA = time.FixedZone("WITA", 8*3600)
	WIT  = time.FixedZone("WIT", 9*3600)
)

var months = [...]string{"Januari", "Februari", "Maret", "April", "Mei", "Juni", "Juli", "Agustus", "September", "Oktober", "November", "Desember"}

// Date writes a day as people read it: "12 Januari 2027", or with language "en" "12 January 2027".
func Date(t time.Time, zone *time.Location, language string) string {
	t = in(t, zone)
	month := months[t.Month()-1]
	if language == "en" {
		month = t.Month().String()
	}
	return fmt.Sprintf("%d %s %d", t.Day(), month, t.Year())
}

// DateTime writes a day and a time with its zone: "12 Januari 2027 09.30 WIB", "12 January 2027 09:30 WIB". A nil zone is WIB.
func DateTime(t time.Time, zone *time.Location, language string) string {
	local := in(t, zone)
	sep := "."
	if language == "en" {
		sep = ":"
	}
	name := local.Format("MST")
	if name == "" || name[0] == '+' || name[0] == '-' {
		name = "UTC" + local.Format("-07:00")
	}
	return fmt.Sprintf("%s %02d%s%02d %s", Date(t, zone, language), local.Hour(), sep, local.Minute(), name)
}

func in(t time.Time, zone *time.Location) time.Time {
	if zone == nil {
		zone = WIB
	}
	return t.In(zone)
}
