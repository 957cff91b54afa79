package web

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"mime"
	"net/http"
	"slices"
	"strings"
	"time"

	"absah/internal/account"
	"absah/internal/fault"
	"absah/internal/ra"
	"absah/trust"
)

type certificateData struct {
	State        ra.State
	Agency       account.Organisation
	Open         *openApplication // the application that something may come of
	Last         *openApplication // a rejected one, when nothing else is there
	Certificates []card
	Revoked      bool // none of them can sign any more, because they were revoked
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
	RevokedAt          time.Time // zero: not revoked
	Reason             string    // of the revocation, a key of the catalogue
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
			k, err := c.card(a)
			if err != nil {
				return err
			}
			d.Certificates = append(d.Certificates, k)
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
	if len(d.Certificates) > 0 && d.State == ra.StateIssue {
		d.Revoked = !slices.ContainsFunc(d.Certificates, func(k card) bool { return !k.Expired && k.RevokedAt.IsZero() })
	}
	return c.show(http.StatusOK, "certificate", view{TitleKey: "certificate.title", Data: d})
}

func (c *call) card(a ra.Application) (card, error) {
	x := a.Certificate
	h := sha256.Sum256(x.DER)
	k := card{Certificate: x, Name: a.Name, Fingerprint: strings.ToUpper(hex.EncodeToString(h[:])), Expired: c.s.Now().After(x.NotAfter)}
	if p, err := x509.ParseCertificate(x.DER); err == nil {
		k.Subject, k.Issuer, k.IssuerName = p.Subject.String(), p.Issuer.String(), p.Issuer.CommonName
		k.Unit, k.Agency = strings.Join(p.Subject.OrganizationalUnit, ", "), strings.Join(p.Subject.Organization, ", ")
	}
	if c.s.Revoked != nil {
		st, err := c.s.Revoked(c.r.Context(), x.DER)
		if err != nil {
			return card{}, err
		}
		if !st.RevokedAt.IsZero() {
			k.RevokedAt, k.Reason = st.RevokedAt, revocation(st.Reason)
		}
	}
	return k, nil
}

// revocation is the text for a reason of RFC 5280 §5.3.1, for the owner of the certificate.
func revocation(r trust.Reason) string {
	switch r {
	case trust.KeyCompromise, trust.CACompromise, trust.AACompromise:
		return "revoked.compromise"
	case trust.AffiliationChanged, trust.PrivilegeWithdrawn:
		return "revoked.affiliation"
	case trust.Superseded:
		return "revoked.superseded"
	case trust.CessationOfOperation:
		return "revoked.cessation"
	case trust.CertificateHold:
		return "revoked.hold"
	}
	return "revoked.unspecified"
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
