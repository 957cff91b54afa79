// Package letter writes the sample letter of the demo: a complete official letter of a fictional Indonesian agency, one A4 page,
// tagged, PDF/A-2b, with room for a signature. Every name in it is invented; only the form is that of a real letter.
package letter

import (
	"errors"
	"fmt"
	"io"
	"time"

	"absah/internal/sheet"
	"absah/internal/stamp"
)

// Letter is what varies. Empty fields take fictional values, so a date alone makes a whole letter.
type Letter struct {
	Title  string    // the subject, after "Hal" and in the document's properties
	Number string    // of the letter
	Date   time.Time // shown in WIB; also the creation date of the file
	City   string    // before the date

	Agency     string   // second line of the letterhead
	Government string   // first line of the letterhead
	Recipient  []string // lines after "Yth."

	Signer string // name of the official who signs
	Office string // title of the official
	Rank   string // line below the name
}

func (l Letter) withDefaults() Letter {
	set := func(s *string, to string) {
		if *s == "" {
			*s = to
		}
	}
	set(&l.Title, "Undangan Sosialisasi Tanda Tangan Elektronik")
	set(&l.Number, fmt.Sprintf("000.1.2/017/DC/%d", l.Date.In(stamp.WIB).Year()))
	set(&l.City, "Kota Contoh")
	set(&l.Government, "Pemerintah Provinsi Contoh")
	set(&l.Agency, "Dinas Contoh")
	set(&l.Signer, "Budi Contoh, S.Kom., M.M.")
	set(&l.Office, "Kepala "+l.Agency)
	set(&l.Rank, "Pembina Utama Muda (IV/c)")
	if len(l.Recipient) == 0 {
		l.Recipient = []string{"Para Kepala Perangkat Daerah", "di lingkungan " + l.Government}
	}
	return l
}

// The margins of the text, in points.
const (
	left, right   = 71, sheet.Width - 62
	column        = 318 // where the right half begins: the date and the signature
	size, leading = 10.5, 15.2
)

// Write writes the letter and returns the empty box above the signer's name, in points on the page as displayed. The same values
// give the same bytes. Errors: no date, or texts that are
// too long for one page.
func (l Letter) Write(w io.Writer) (stamp.Position, error) {
	if l.Date.IsZero() || l.Date.Year() < 1 || l.Date.Year() > 9998 {
		return stamp.Position{}, errors.New("the letter needs a date")
	}
	l = l.withDefaults()
	d := sheet.Document{Title: l.Title, Author: l.Agency, Language: "id-ID", Date: l.Date}
	s := &page{Page: d.AddPage(), y: sheet.Height - 46}
	s.head(l)
	s.opening(l)
	s.body(l)
	box := s.closing(l)
	if s.y < footer+10 {
		return stamp.Position{}, errors.New("the letter does not fit on one page; shorten its title or names")
	}
	s.foot()

	return box, d.Write(w)
}

// page is the page in the making. y is the base line of the last thing drawn.
type page struct {
	*sheet.Page

	y float64
}

func (s *page) centred(f *stamp.Font, size float64, text string) {
	x := (left+right)/2 + 24 - f.Width(text, size)/2 // the emblem stands on the left
	s.Begin("P")
	s.Text(f, size, x, s.y, text)
	s.EndTag()
}

// paragraph is justified, but for its last line, with the first line indented.
func (s *page) paragraph(text string, indent float64) {
	f := stamp.Regular()
	s.Begin("P")
	first := f.Wrap(text, size, right-left-indent)[0]
	lines := append([]string{first}, f.Wrap(text[len(first):], size, right-left)...)
	for i, line := range lines {
		x := float64(left)
		if i == 0 {
			x += indent
		}
		extra := 0.0
		if spaces := count(line, ' '); i < len(lines)-1 && spaces > 0 {
			extra = (right - x - f.Width(line, size)) / float64(spaces)
		}
		s.y -= leading
		s.Spaced(f, size, x, s.y, line, extra)
	}
	s.EndTag()
	s.y -= 5
}

func count(s string, c byte) (n int) {
	for i := range len(s) {
		if s[i] == c {
			n++
		}
	}
	return n
}

// row is a label, a colon and a text that may wrap, each at its place.
func (s *page) row(x, colon float64, label, text string, width float64, f *stamp.Font) {
	s.Begin("P")
	s.y -= leading
	s.Text(stamp.Regular(), size, x, s.y, label)
	s.Text(stamp.Regular(), size, colon, s.y, ":")
	for i, line := range f.Wrap(text, size, width) {
		if i > 0 {
			s.y -= leading
		}
		s.Text(f, size, colon+9, s.y, line)
	}
	s.EndTag()
}
