package web

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"mime"
	"net/http"
	"strings"

	"absah/internal/account"
	"absah/internal/fault"
	"absah/internal/ra"
)

type certificateData struct {
	State        ra.State
	Agency       account.Organisation
	Open         *openApplication // the application that something may come of
	Last         *openApplication // a rejected one, when nothing else is there
	Certificates []card
	New          bool // just issued
	Sent         bool // evidence just sent again
	NIK          account.NIK
}

type openApplication struct {
	ra.Application
	Step    int
	Steps   []ra.Step
	Reasons []ra.Reason // of the latest return or rejection
	Note    string
}

// card is one certificate for its owner.
type card struct {
	ra.Certificate
	Name, Unit, Agency string
	Expired            bool
	IssuerName         string
	Subject, Issuer    string // whole, for those who compare
	Fingerprint        string // SHA-256
}

func (s *server) mine(c *call) error {
	if !c.signedIn() {
		return nil
	}
	return c.minePage()
}

func (c *call) minePage() error {
	ctx := c.r.Context()
	state, all, err := c.s.Registration.Mine(ctx, string(c.person.ID))
	if err != nil {
		return err
	}
	d := certificateData{State: state, New: c.r.URL.Query().Has("terbit"), Sent: c.r.URL.Query().Has("terkirim")}
	if d.Agency, err = c.s.Accounts.Organisation(ctx, c.person.Organisation); err != nil {
		return err
	}
	if d.NIK, err = c.s.Accounts.NIK(*c.person); err != nil {
		return err
	}
	for i, a := range all {
		if a.Stage == ra.Issued {
			d.Certificates = append(d.Certificates, c.card(a))
			continue
		}
		if !a.Stage.Open() && i > 0 {
			continue // an older refusal is history
		}
		o := openApplication{Application: a, Step: step(a)}
		if o.Steps, err = c.s.Registration.Steps(ctx, c.actor(), a); err != nil {
			return err
		}
		for _, st := range o.Steps {
			if st.Action == ra.DidReturn || st.Action == ra.DidReject {
				o.Reasons, o.Note = st.Reasons, st.Note
			}
		}
		if a.Stage.Open() {
			d.Open = &o
		} else if a.Stage == ra.Rejected {
			d.Last = &o
		}
	}
	return c.show(http.StatusOK, "certificate", view{TitleKey: "certificate.title", Data: d})
}

func (c *call) card(a ra.Application) card {
	x := a.Certificate
	h := sha256.Sum256(x.DER)
	k := card{Certificate: x, Name: a.Name, Fingerprint: strings.ToUpper(hex.EncodeToString(h[:])), Expired: c.s.Now().After(x.NotAfter)}
	if p, err := x509.ParseCertificate(x.DER); err == nil {
		k.Subject, k.Issuer, k.IssuerName = p.Subject.String(), p.Issuer.String(), p.Issuer.CommonName
		k.Unit, k.Agency = strings.Join(p.Subject.OrganizationalUnit, ", "), strings.Join(p.Subject.Organization, ", ")
	}
	return k
}

func (s *server) resubmit(c *call) error {
	if !c.signedIn() {
		return nil
	}
	if err := c.parseFile(); err != nil {
		return err
	}
	e, err := c.evidenceForm()
	if err != nil {
		return err
	}
	if _, err := s.Registration.Resubmit(c.r.Context(), c.actor(), ra.ApplicationID(c.value("application")), e); err != nil {
		if err := c.collect(err); err != nil {
			return err
		}
		return c.minePage()
	}
	c.redirect("/sertifikat?terkirim=1")
	return nil
}

// download gives the owner a certificate as SERIAL.pem or SERIAL.cer (DER).
func (s *server) download(c *call) error {
	if !c.signedIn() {
		return nil
	}
	name := c.r.PathValue("file")
	serial, ext, _ := strings.Cut(name, ".")
	_, all, err := s.Registration.Mine(c.r.Context(), string(c.person.ID))
	if err != nil {
		return err
	}
	for _, a := range all {
		if a.Stage != ra.Issued || serial == "" || a.Certificate.Serial != serial {
			continue
		}
		body, kind := a.Certificate.DER, "application/pkix-cert"
		switch ext {
		case "cer":
		case "pem":
			body, kind = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: body}), "application/x-pem-file"
		default:
			return s.nowhere(c)
		}
		c.w.Header().Set("Content-Type", kind)
		c.w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
		_, _ = c.w.Write(body)
		return nil
	}
	return fault.New("ABS-RA-001")
}
