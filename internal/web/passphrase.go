package web

import (
	"net/http"

	"absah/internal/fault"
	"absah/internal/ra"
)

// passphraseForm asks for the log-in first: a mailbox alone must not be enough to make somebody's key.
func (s *server) passphraseForm(c *call) error {
	a, err := s.Registration.ByLink(c.r.Context(), ra.Passphrase, c.r.PathValue("token"))
	if err != nil {
		return c.spent(ra.Passphrase, c.r.PathValue("token"), err)
	}
	if !c.signedIn() {
		return nil
	}
	return c.passphrasePage(a)
}

func (c *call) passphrasePage(a ra.Application) error {
	d, err := c.applicant(a, stepPassphrase)
	if err != nil {
		return err
	}
	if a.Person != string(c.person.ID) {
		return c.show(http.StatusForbidden, "stranger", view{TitleKey: "stranger.title", Data: d})
	}
	return c.show(http.StatusOK, "passphrase", view{TitleKey: "passphrase.title", Data: d})
}

func (s *server) passphrase(c *call) error {
	if err := c.parse(); err != nil {
		return err
	}
	ctx, token := c.r.Context(), c.r.PathValue("token")
	a, err := s.Registration.ByLink(ctx, ra.Passphrase, token)
	if err != nil {
		return c.spent(ra.Passphrase, token, err)
	}
	if !c.signedIn() {
		return nil
	}
	if c.value("passphrase") == "" {
		c.bad("passphrase", fault.New("ABS-REG-007"))
	} else if c.value("passphrase") != c.value("passphrase2") {
		c.bad("passphrase2", fault.New("ABS-PWD-002"))
	}
	if c.value("understood") != "ya" {
		c.bad("understood", fault.New("ABS-REG-011"))
	}
	if len(c.faults) == 0 {
		_, err := s.Registration.SetPassphrase(ctx, c.actor(), token, c.value("passphrase"))
		if f, ok := fault.As(err); ok && f.Status >= http.StatusInternalServerError {
			s.Log.Error("issue", "application", a.ID, "error", err)
		}
		if err := c.collect(err); err != nil {
			return err
		}
	}
	if len(c.faults) > 0 {
		return c.passphrasePage(a)
	}
	c.redirect("/sertifikat?terbit=1")
	return nil
}
