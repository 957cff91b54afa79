package web

import (
	"net/http"

	"absah/internal/account"
	"absah/internal/fault"
	"absah/internal/ra"
)

// steps of a registration as the head of its pages shows them.
const (
	stepApply = iota + 1
	stepActivate
	stepReview
	stepPassphrase
	stepIssued
)

// applicant is what the pages behind a mailed link show.
type applicant struct {
	Application ra.Application
	NIK         account.NIK // prints masked
	Agency      account.Organisation
	Registrant  string // "" when self-registered
	Step        int
	Token       string
	MaskedEmail string
	AskAgain    bool
}

func (c *call) applicant(a ra.Application, step int) (applicant, error) {
	ctx := c.r.Context()
	d := applicant{Application: a, Step: step, Token: c.r.PathValue("token"), MaskedEmail: account.MaskEmail(a.Email)}
	p, err := c.s.Accounts.Person(ctx, account.PersonID(a.Person))
	if err != nil {
		return d, err
	}
	if d.NIK, err = c.s.Accounts.NIK(p); err != nil {
		return d, err
	}
	if d.Agency, err = c.s.Accounts.Organisation(ctx, account.OrganisationID(a.Organisation)); err != nil {
		return d, err
	}
	if a.Registrant != a.Person {
		r, err := c.s.Accounts.Person(ctx, account.PersonID(a.Registrant))
		if err != nil {
			return d, err
		}
		d.Registrant = r.Name
	}
	return d, nil
}

// spent shows what can be done with a link that does not work (any more).
func (c *call) spent(purpose, token string, cause error) error {
	if f, ok := fault.As(cause); !ok || f.Code != "ABS-REG-001" {
		return cause
	}
	a, again, err := c.s.Registration.Spent(c.r.Context(), purpose, token)
	if err != nil {
		return cause // never was a link of ours
	}
	d, err := c.applicant(a, stepActivate)
	if err != nil {
		return err
	}
	d.AskAgain = again
	return c.show(http.StatusGone, "spent", view{TitleKey: "spent.title", Data: d})
}

func (s *server) activation(c *call) error {
	a, err := s.Registration.ByLink(c.r.Context(), ra.Activation, c.r.PathValue("token"))
	if err != nil {
		return c.spent(ra.Activation, c.r.PathValue("token"), err)
	}
	return c.activationStep(a)
}

// activationStep shows the step of the activation that is next.
func (c *call) activationStep(a ra.Application) error {
	d, err := c.applicant(a, stepActivate)
	if err != nil {
		return err
	}
	if a.ConfirmedAt.IsZero() {
		return c.show(http.StatusOK, "confirm", view{TitleKey: "confirm.title", Data: d})
	}
	needs, err := c.s.Registration.NeedsPassword(c.r.Context(), a)
	if err != nil {
		return err
	}
	if needs {
		return c.show(http.StatusOK, "password", view{TitleKey: "password.title", Data: d})
	}
	return c.show(http.StatusOK, "evidence", view{TitleKey: "evidence.title", Data: d})
}

// activate takes one step of the activation; the form says which.
func (s *server) activate(c *call) error {
	ctx, token := c.r.Context(), c.r.PathValue("token")
	// The link comes before the form: whoever has none has no file read.
	if _, err := s.Registration.ByLink(ctx, ra.Activation, token); err != nil {
		return c.spent(ra.Activation, token, err)
	}
	err := c.parseFile()
	if err != nil {
		return err
	}
	switch c.value("langkah") {
	case "ya":
		_, err = s.Registration.Confirm(ctx, token)
	case "bukan":
		if _, err = s.Registration.Deny(ctx, token); err == nil {
			return c.show(http.StatusOK, "done", view{TitleKey: "denied.title", Data: done{Text: c.text("denied.text")}})
		}
	case "sandi":
		if c.value("password") != c.value("password2") {
			c.bad("password2", fault.New("ABS-PWD-002"))
		} else {
			_, err = s.Registration.SetPassword(ctx, token, c.value("password"))
		}
	case "bukti":
		var e ra.Evidence
		if e, err = c.evidenceForm(); err != nil {
			return err
		}
		if _, err = s.Registration.Complete(ctx, token, e); err == nil {
			return c.show(http.StatusOK, "done", view{TitleKey: "submitted.title", Data: done{
				Text: c.text("submitted.text"), More: c.text("submitted.more"), To: "/masuk", Button: c.text("login.button"),
			}})
		}
	default:
		return c.sorry(http.StatusBadRequest, "missing.title", "missing.text")
	}
	if err := c.collect(err); err != nil {
		return err
	}
	if len(c.faults) > 0 {
		a, err := s.Registration.ByLink(ctx, ra.Activation, token)
		if err != nil {
			return c.spent(ra.Activation, token, err)
		}
		return c.activationStep(a)
	}
	c.redirect("/aktivasi/" + token)
	return nil
}

func (c *call) evidenceForm() (ra.Evidence, error) {
	name, data, err := c.file("file")
	return ra.Evidence{Letter: c.value("letter"), Name: name, Data: data, Consent: c.value("consent") == "ya"}, err
}

func (s *server) newActivationLink(c *call) error { return c.newLink(ra.Activation) }

func (s *server) newPassphraseLink(c *call) error { return c.newLink(ra.Passphrase) }

func (c *call) newLink(purpose string) error {
	a, err := c.s.Registration.AskAgain(c.r.Context(), purpose, c.r.PathValue("token"))
	if err != nil {
		return err
	}
	return c.show(http.StatusOK, "done", view{TitleKey: "again.title", Data: done{Text: c.text("again.text", "email", account.MaskEmail(a.Email))}})
}
