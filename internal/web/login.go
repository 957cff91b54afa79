package web

import (
	"net/http"
	"time"

	"absah/internal/account"
	"absah/internal/fault"
)

type loginData struct{ Next, Note string }

// home is where a person goes after signing in.
func home(p account.Person) string {
	if p.Has(account.Verifier) || p.Has(account.Administrator) {
		return "/permohonan"
	}
	return "/sertifikat"
}

// after is where a log-in leads: to the page that was asked for, which is on this server, or home.
func after(next string, p account.Person) string {
	if next = local(next); next == "/" {
		return home(p)
	}
	return next
}

func (s *server) logInForm(c *call) error {
	if c.person != nil {
		c.redirect(after(c.r.URL.Query().Get("lanjut"), *c.person))
		return nil
	}
	note := ""
	switch q := c.r.URL.Query(); {
	case q.Has("sandi"):
		note = c.text("login.reset")
	case q.Has("lagi"):
		note = c.text("login.again")
	case q.Has("lanjut"):
		note = c.text("login.first")
	}
	return c.show(http.StatusOK, "login", view{TitleKey: "login.title", Data: loginData{c.r.URL.Query().Get("lanjut"), note}})
}

func (s *server) logIn(c *call) error {
	if err := c.parse(); err != nil {
		return err
	}
	next := c.value("lanjut")
	// What is empty was sent by mistake; it is no try that counts.
	for _, field := range []string{"nik", "password"} {
		if c.value(field) == "" {
			c.bad(field, fault.New("ABS-REG-007"))
		}
	}
	if len(c.faults) > 0 {
		return c.show(http.StatusUnprocessableEntity, "login", view{TitleKey: "login.title", Data: loginData{Next: next}})
	}
	token, p, err := s.Accounts.LogIn(c.r.Context(), c.value("nik"), c.value("password"), s.ClientIP(c.r))
	if err != nil {
		status := http.StatusUnprocessableEntity
		if f, ok := fault.As(err); ok {
			status = f.Status
		}
		if err := c.collect(err); err != nil {
			return err
		}
		return c.show(status, "login", view{TitleKey: "login.title", Data: loginData{Next: next}})
	}
	if old, err := c.r.Cookie(s.sessionCookie()); err == nil {
		// Whoever knew the session before the log-in must not know one after it.
		if err := s.Accounts.LogOut(c.r.Context(), old.Value); err != nil {
			return err
		}
	}
	s.setSession(c.w, token)
	c.redirect(after(next, p))
	return nil
}

func (s *server) logOut(c *call) error {
	if k, err := c.r.Cookie(s.sessionCookie()); err == nil {
		if err := s.Accounts.LogOut(c.r.Context(), k.Value); err != nil {
			return err
		}
	}
	s.setSession(c.w, "")
	c.redirect("/")
	return nil
}

func (s *server) forgotForm(c *call) error {
	return c.show(http.StatusOK, "forgot", view{TitleKey: "forgot.title"})
}

// evenTime is how long the answers take that must not tell who is registered: a mail that is written costs milliseconds.
var evenTime = 300 * time.Millisecond

// evenly waits until evenTime has passed since start, or the person has gone.
func (c *call) evenly(start time.Time) {
	wait := time.NewTimer(time.Until(start.Add(evenTime)))
	defer wait.Stop()
	select {
	case <-wait.C:
	case <-c.r.Context().Done():
	}
}

// forgot answers the same words after the same time whether or not the NIK has an account.
func (s *server) forgot(c *call) error {
	start := time.Now()
	if err := c.parse(); err != nil {
		return err
	}
	if err := s.Accounts.ForgotPassword(c.r.Context(), c.value("nik"), s.ClientIP(c.r)); err != nil {
		if err := c.collect(err); err != nil {
			return err
		}
		return c.show(http.StatusOK, "forgot", view{TitleKey: "forgot.title"})
	}
	c.evenly(start)
	return c.show(http.StatusOK, "done", view{TitleKey: "forgot.done.title", Data: done{Text: c.text("forgot.done.text")}})
}

// done is a page that says what happened and where to go.
type done struct{ Text, More, To, Button string }

func (s *server) resetForm(c *call) error {
	p, err := s.Accounts.ResetOwner(c.r.Context(), c.r.PathValue("token"))
	if err != nil {
		return err
	}
	return c.show(http.StatusOK, "reset", view{TitleKey: "reset.title", Data: p})
}

func (s *server) reset(c *call) error {
	if err := c.parse(); err != nil {
		return err
	}
	ctx, token := c.r.Context(), c.r.PathValue("token")
	p, err := s.Accounts.ResetOwner(ctx, token)
	if err != nil {
		return err
	}
	if c.value("password") != c.value("password2") {
		c.bad("password2", fault.New("ABS-PWD-002"))
	} else if err := s.Accounts.ResetPassword(ctx, token, c.value("password")); err != nil {
		if err := c.collect(err); err != nil {
			return err
		}
	}
	if len(c.faults) > 0 {
		return c.show(http.StatusOK, "reset", view{TitleKey: "reset.title", Data: p})
	}
	s.setSession(c.w, "")
	c.redirect("/masuk?sandi=baru")
	return nil
}
