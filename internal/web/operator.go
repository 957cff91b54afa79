package web

import (
	"strings"
	"time"
)

// Words are one text by language, "id" and "en". English may be left out; then the Indonesian one is shown.
type Words map[string]string

// In is the text in a language.
func (w Words) In(lang string) string {
	if s := w[lang]; s != "" {
		return s
	}
	return w["id"]
}

// Operator is what those who run an instance say about themselves. The zero value is an instance of which nothing is known.
type Operator struct {
	Name, Unit Words
	// Recognition names the decision by which the operator is a recognised certification authority; empty: it is none.
	Recognition Words
	Report      string // where suspected forgeries are reported: a mailto:, tel: or https: link; "" = nowhere
	Notices     []Notice
	Team        Team
}

// Notice is a message on the front page for a while.
type Notice struct {
	Text        Words
	From, Until time.Time // zero: always, for ever
}

// Team are the people who help and verify.
type Team struct {
	Name, Unit, Hours Words
	Contacts          []Contact
}

// Contact is one way to reach the team.
type Contact struct {
	Label Words  // nil: the address itself
	Link  string // mailto:, tel: or https:
}

// notices are those of this moment.
func (o *Operator) notices(now time.Time, lang string) (out []string) {
	for _, n := range o.Notices {
		if !now.Before(n.From) && (n.Until.IsZero() || now.Before(n.Until)) {
			out = append(out, n.Text.In(lang))
		}
	}
	return out
}

// shownLink is how people read a link.
func shownLink(link string) string {
	for _, p := range []string{"mailto:", "tel:", "https://"} {
		if s, ok := strings.CutPrefix(link, p); ok {
			return strings.TrimSuffix(s, "/")
		}
	}
	return link
}
