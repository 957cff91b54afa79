package remotesign

import (
	"regexp"
	"strings"
)

// A NIK is 16 digits that stand alone. Written in groups it is told from other numbers by the date of birth in it.
var (
	plainNIK   = regexp.MustCompile(`(^|[^0-9])([0-9]{16})($|[^0-9])`)
	groupedNIK = regexp.MustCompile(`[0-9](?:[ .\-\x{a0}]?[0-9])+`)
	birthNIK   = regexp.MustCompile(`^[1-9][0-9]{5}(?:[04][1-9]|[1256][0-9]|[37][01])(?:0[1-9]|1[0-2])[0-9]{6}$`)
)

// ShowsNIK says whether a text has a national number in it.
func ShowsNIK(text string) bool {
	if plainNIK.MatchString(text) {
		return true
	}
	for _, s := range groupedNIK.FindAllString(text, -1) {
		if birthNIK.MatchString(strings.NewReplacer(" ", "", ".", "", "-", "", "\u00a0", "").Replace(s)) {
			return true
		}
	}
	return false
}
