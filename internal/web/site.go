package web

import (
	"net/http"
	"slices"
	"strings"
)

// The pages that tell what this server is, how to be helped, and how to trust it. They need no log-in and no script.

type frontPage struct {
	Operator *Operator
	Notices  []string
	Signing  bool
	Trust    bool
}

func (s *server) front(c *call) error {
	return c.show(http.StatusOK, "front", view{TitleKey: "front.title", Data: frontPage{
		Operator: &s.Operator, Notices: s.Operator.notices(s.Now(), c.lang), Signing: s.Documents != nil, Trust: s.Trust != nil,
	}})
}

type helpPage struct {
	Operator *Operator
	Host     string // of the paper check, "" = there is none
	Trust    bool
	Topics   []string // in the order of the page
}

// The topics of the help page; the text of each stands under its name.
var helpTopics = []string{"verdict", "forged", "paper", "acrobat", "privacy", "phone", "passphrase", "password", "stolen", "law", "who"}

func (s *server) help(c *call) error {
	p := helpPage{Operator: &s.Operator, Trust: s.Trust != nil, Topics: helpTopics}
	if s.Documents != nil {
		p.Host = s.Documents.Host
	} else {
		p.Topics = slices.DeleteFunc(slices.Clone(helpTopics), func(t string) bool { return t == "paper" })
	}
	return c.show(http.StatusOK, "help", view{TitleKey: "help.title", Data: p})
}

func (s *server) accessibility(c *call) error {
	return c.show(http.StatusOK, "access", view{TitleKey: "access.title", Data: &s.Operator})
}

// trustPage is /percaya.
type trustPage struct {
	*Trust
	Test  bool     // the own root is for tests
	Files []string // that are there, in the order of the page
}

var trustFiles = []string{"root.cer", "root.pem", "chain.p7b", "chain.pem", "fingerprints.txt", "fingerprints.txt.p7s", "package.json", "contoh.pdf"}

func (s *server) trust(c *call) error {
	p := trustPage{Trust: s.Trust, Test: slices.ContainsFunc(s.Trust.Roots, func(r Root) bool { return r.Own && r.Kind == "test" })}
	for _, f := range trustFiles {
		if _, ok := s.Trust.Files[f]; ok {
			p.Files = append(p.Files, f)
		}
	}
	return c.show(http.StatusOK, "trust", view{TitleKey: "trust.title", Data: p})
}

// recognition is the decision that makes the operator a recognised authority, in a language.
func (o *Operator) recognition(lang string) string { return strings.TrimSpace(o.Recognition.In(lang)) }
