package web

import (
	"net/http"
	"regexp"
	"strconv"
	"strings"
)

type mailboxData struct{ Letters []numbered }

type numbered struct {
	Letter
	N int // counted from the oldest, so that a letter keeps its address while others arrive
}

func (s *server) mailbox(c *call) error {
	all, err := s.Mailbox(c.r.Context())
	if err != nil {
		return err
	}
	d := mailboxData{}
	for i, l := range all {
		d.Letters = append(d.Letters, numbered{l, len(all) - i})
	}
	return c.show(http.StatusOK, "mailbox", view{TitleKey: "mailbox.title", Data: d})
}

// part of a letter's text: plain, or an address to press.
type part struct {
	Text string
	Link bool
}

var webAddress = regexp.MustCompile(`https?://[^\s<>"]+`)

func (s *server) letter(c *call) error {
	all, err := s.Mailbox(c.r.Context())
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(c.r.PathValue("n"))
	if err != nil || n < 1 || n > len(all) {
		return s.nowhere(c)
	}
	l := all[len(all)-n]
	var paragraphs [][]part
	for par := range strings.SplitSeq(strings.TrimSpace(l.Text), "\n\n") {
		var parts []part
		at := 0
		for _, m := range webAddress.FindAllStringIndex(par, -1) {
			parts = append(parts, part{par[at:m[0]], false}, part{par[m[0]:m[1]], true})
			at = m[1]
		}
		paragraphs = append(paragraphs, append(parts, part{par[at:], false}))
	}
	return c.show(http.StatusOK, "letter", view{TitleKey: "letter.title", Data: struct {
		Letter     Letter
		Paragraphs [][]part
	}{l, paragraphs}})
}
