package web

import (
	"encoding/hex"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"absah/internal/account"
	"absah/internal/fault"
	"absah/internal/ra"
)

// tabs of the queue, in their order.
var tabs = []struct {
	Name   string
	Stages []ra.Stage
}{
	{"periksa", []ra.Stage{ra.Submitted}},
	{"perbaikan", []ra.Stage{ra.Returned}},
	{"pemilik", []ra.Stage{ra.Invited, ra.Approved}},
	{"terbit", []ra.Stage{ra.Issued}},
	{"tutup", []ra.Stage{ra.Rejected, ra.Denied}},
}

type tab struct {
	Name  string
	Count int
	Here  bool
}

type queueData struct {
	Tabs     []tab
	Tab      string
	List     []ra.Application
	Agencies map[string]string // only when there are several to tell apart
	Now      time.Time
	MayApply bool
	All      int // in this tab; the list may be shorter
}

func (s *server) queue(c *call) error {
	if !c.signedIn() {
		return nil
	}
	if !c.officer() {
		c.redirect("/sertifikat")
		return nil
	}
	here := c.r.URL.Query().Get("tahap")
	i := slices.IndexFunc(tabs, func(t struct {
		Name   string
		Stages []ra.Stage
	},
	) bool {
		return t.Name == here
	})
	i = max(i, 0)
	list, counts, err := s.Registration.Queue(c.r.Context(), c.actor(), tabs[i].Stages...)
	if err != nil {
		return err
	}
	d := queueData{Tab: tabs[i].Name, List: list, Now: s.Now(), MayApply: c.person.Has(account.Verifier)}
	for _, t := range tabs {
		n := 0
		for _, st := range t.Stages {
			n += counts[st]
		}
		d.Tabs = append(d.Tabs, tab{t.Name, n, t.Name == tabs[i].Name})
		if t.Name == tabs[i].Name {
			d.All = n
		}
	}
	if c.person.Has(account.Administrator) {
		all, err := s.Accounts.Organisations(c.r.Context())
		if err != nil {
			return err
		}
		d.Agencies = map[string]string{}
		for _, o := range all {
			d.Agencies[string(o.ID)] = o.Name
		}
	}
	return c.show(http.StatusOK, "queue", view{TitleKey: "queue.title", Data: d})
}

type applyData struct {
	Self     bool
	Agency   string                 // of the verifier
	Agencies []account.Organisation // that people may choose for themselves
	Step     int
}

func (c *call) applyPage() error {
	d := applyData{Self: c.person == nil, Step: stepApply}
	all, err := c.s.Accounts.Organisations(c.r.Context())
	if err != nil {
		return err
	}
	for _, o := range all {
		switch {
		case !d.Self && o.ID == c.person.Organisation:
			d.Agency = o.Name
		case d.Self && o.Domain != "":
			d.Agencies = append(d.Agencies, o)
		}
	}
	return c.show(http.StatusOK, "apply", view{TitleKey: "apply.title", Data: d})
}

// mayApply lets verifiers register others and visitors themselves; a holder has an account already.
func (c *call) mayApply() bool {
	if c.person != nil && !c.person.Has(account.Verifier) {
		c.redirect(home(*c.person))
		return false
	}
	return true
}

func (s *server) applyForm(c *call) error {
	if !c.mayApply() {
		return nil
	}
	return c.applyPage()
}

func (s *server) apply(c *call) error {
	if !c.mayApply() {
		return nil
	}
	if err := c.parse(); err != nil {
		return err
	}
	start, self := time.Now(), c.person == nil
	if self {
		if err := s.Accounts.Admit(s.ClientIP(c.r)); err != nil {
			return err
		}
	}
	a, err := s.Registration.Apply(c.r.Context(), c.actor(), ra.Applicant{
		NIK: c.value("nik"), Organisation: c.value("organisation"), Name: c.value("name"), NIP: c.value("nip"),
		Position: c.value("position"), Unit: c.value("unit"), Email: c.value("email"), Phone: c.value("phone"),
	})
	if self && err != nil && tellsWhoIsRegistered(err) {
		// A stranger gets the same words as somebody who is new here.
		err = nil
	}
	if err != nil {
		if err := c.collect(err); err != nil {
			return err
		}
		return c.applyPage()
	}
	if self {
		c.evenly(start)
		return c.show(http.StatusOK, "done", view{TitleKey: "applied.title", Data: done{Text: c.text("applied.text"), More: c.text("applied.more")}})
	}
	c.redirect("/permohonan/" + string(a.ID) + "?baru=1")
	return nil
}

func tellsWhoIsRegistered(err error) bool {
	f, ok := fault.As(err)
	return ok && slices.Contains([]string{"ABS-REG-003", "ABS-REG-010", "ABS-REG-012", "ABS-RA-004"}, f.Code)
}

// checks are what a verifier ticks before approving.
var checks = []string{"identity", "letter", "position", "email"}

type applicationData struct {
	applicant
	Steps      []ra.Step
	File       ra.File
	Picture    bool // the evidence can be drawn in the page
	Seen       string
	MayApprove bool
	WhyNot     string
	Second     bool // this would be the second approval
	MayTurn    bool
	MayResend  bool
	Checks     []string
	Reasons    []ra.Reason
	Notice     string
	Now        time.Time
}

func (s *server) application(c *call) error {
	if !c.signedIn() {
		return nil
	}
	return c.applicationPage(ra.ApplicationID(c.r.PathValue("id")))
}

func (c *call) applicationPage(id ra.ApplicationID) error {
	ctx := c.r.Context()
	a, err := c.s.Registration.Application(ctx, c.actor(), id)
	if err != nil {
		return err
	}
	d := applicationData{Seen: hex.EncodeToString(a.Hash()), Checks: checks, Reasons: ra.Reasons, Now: c.s.Now(), Second: a.Approver1 != ""}
	if d.applicant, err = c.applicant(a, step(a)); err != nil {
		return err
	}
	if d.Steps, err = c.s.Registration.Steps(ctx, c.actor(), a); err != nil {
		return err
	}
	if d.File, err = c.s.Registration.File(ctx, c.actor(), a); err != nil {
		return err
	}
	d.Picture = strings.HasPrefix(d.File.MediaType, "image/")
	if err := c.s.Registration.MayApprove(c.actor(), a); err == nil {
		d.MayApprove = true
	} else if f, ok := fault.As(err); ok && a.Stage == ra.Submitted {
		d.WhyNot = f.Text(c.lang)
	}
	d.MayTurn = a.Stage.Open() && string(c.person.ID) != a.Person
	d.MayResend = a.Stage == ra.Invited || a.Stage == ra.Approved
	if key := "notice." + c.r.URL.Query().Get("kabar"); catalogue[c.lang][key] != "" {
		d.Notice = c.text(key)
	}
	if c.r.URL.Query().Has("baru") {
		d.Notice = c.text("notice.baru", "email", a.Email)
	}
	return c.show(http.StatusOK, "application", view{TitleKey: "application.title", TitleArgs: []string{"name", a.Name}, Data: d})
}

// step is where an application stands in the five steps that pages show.
func step(a ra.Application) int {
	switch a.Stage {
	case ra.Submitted, ra.Returned:
		return stepReview
	case ra.Approved:
		return stepPassphrase
	case ra.Issued:
		return stepIssued
	}
	return stepActivate
}

// evidence sends the uploaded file as a file, never as a page of ours. A picture may be looked at in the browser: it is data that
// nothing runs.
func (s *server) evidence(c *call) error {
	if !c.signedIn() {
		return nil
	}
	f, data, err := s.Registration.Evidence(c.r.Context(), c.actor(), ra.ApplicationID(c.r.PathValue("id")))
	if err != nil {
		return err
	}
	h := c.w.Header()
	h.Set("Content-Security-Policy", filePolicy)
	h.Set("Content-Type", f.MediaType)
	disposition := "attachment"
	if strings.HasPrefix(f.MediaType, "image/") && c.r.URL.Query().Has("lihat") {
		disposition = "inline"
	}
	h.Set("Content-Disposition", mime.FormatMediaType(disposition, map[string]string{"filename": f.Name}))
	h.Set("Content-Length", fmt.Sprint(len(data)))
	_, _ = c.w.Write(data)
	return nil
}

// decide runs one decision of an officer and shows the application again.
func (c *call) decide(notice string, f func(id ra.ApplicationID) error) error {
	if !c.signedIn() {
		return nil
	}
	if err := c.parse(); err != nil {
		return err
	}
	id := ra.ApplicationID(c.r.PathValue("id"))
	err := f(id)
	if err == nil && len(c.faults) == 0 {
		c.redirect("/permohonan/" + url.PathEscape(string(id)) + "?kabar=" + notice)
		return nil
	}
	if err := c.collect(err); err != nil {
		return err
	}
	return c.applicationPage(id)
}

func (s *server) approve(c *call) error {
	return c.decide("setuju", func(id ra.ApplicationID) error {
		missing := 0
		for _, k := range checks {
			if !slices.Contains(c.r.PostForm["check"], k) {
				missing++
			}
		}
		if missing > 0 {
			c.bad("check", fault.New("ABS-RA-003", missing))
			return nil
		}
		seen, err := hex.DecodeString(c.value("seen"))
		if err != nil {
			seen = nil
		}
		_, err = s.Registration.Approve(c.r.Context(), c.actor(), id, seen)
		return err
	})
}

func (c *call) reasons() (list []ra.Reason) {
	for _, r := range c.r.PostForm["reason"] {
		list = append(list, ra.Reason(r))
	}
	return list
}

func (s *server) turnBack(c *call) error {
	return c.decide("kembali", func(id ra.ApplicationID) error {
		_, err := s.Registration.Return(c.r.Context(), c.actor(), id, c.reasons(), c.value("note"))
		return err
	})
}

func (s *server) reject(c *call) error {
	return c.decide("tolak", func(id ra.ApplicationID) error {
		_, err := s.Registration.Reject(c.r.Context(), c.actor(), id, c.reasons(), c.value("note"))
		return err
	})
}

func (s *server) sendAgain(c *call) error {
	return c.decide("kirim", func(id ra.ApplicationID) error {
		_, err := s.Registration.SendAgain(c.r.Context(), c.actor(), id)
		return err
	})
}
