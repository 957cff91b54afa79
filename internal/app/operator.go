package app

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"absah/internal/web"
	"absah/trust"
)

// operatorName is the file in the instance's folder in which those who run it say who they are. It is read when the server starts; a
// missing file means that nothing is said. Unknown fields are an error, because a misspelt one would be a word left out. docs/operator.md
// explains them.
const operatorName = "operator.json"

// Bounds of the file. It is the operator's own, so they are against accidents.
const (
	maxOperatorFile = 1 << 20
	maxWords        = 2000 // characters of one text
	maxListed       = 50   // notices, contacts, hosts
)

// operator is the file, read.
type operator struct {
	web.Operator
	trust *trust.Package // nil: none
	hosts []string       // that may be asked for status
}

// operatorFile is its JSON form.
type operatorFile struct {
	Name web.Words `json:"name"`
	Unit web.Words `json:"unit"`
	PSrE struct {
		Recognised bool      `json:"recognised"`
		Reference  web.Words `json:"reference"`
	} `json:"psre"`
	Report  string `json:"report"`
	Notices []struct {
		ID    string     `json:"id"`
		EN    string     `json:"en"`
		From  *time.Time `json:"from"`
		Until *time.Time `json:"until"`
	} `json:"notices"`
	Team struct {
		Name     web.Words `json:"name"`
		Unit     web.Words `json:"unit"`
		Hours    web.Words `json:"hours"`
		Contacts []struct {
			Label web.Words `json:"label"`
			Link  string    `json:"link"`
		} `json:"contacts"`
	} `json:"team"`
	Trust       string   `json:"trust"`
	StatusHosts []string `json:"status_hosts"`
}

// readOperator reads what the operator says in a folder.
func readOperator(dir string) (*operator, error) {
	name := filepath.Join(dir, operatorName)
	b, err := readBounded(name)
	if errors.Is(err, fs.ErrNotExist) {
		return &operator{}, nil
	}
	if err != nil {
		return nil, err
	}
	o, err := parseOperator(b, dir)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return o, nil
}

func readBounded(name string) ([]byte, error) {
	st, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if st.Size() > maxOperatorFile {
		return nil, fmt.Errorf("%s: larger than %d KB", name, maxOperatorFile>>10)
	}
	return os.ReadFile(name)
}

func parseOperator(b []byte, dir string) (*operator, error) {
	var f operatorFile
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&f); err != nil {
		return nil, err
	}
	if d.More() {
		return nil, errors.New("something follows the object")
	}
	o := &operator{Operator: web.Operator{Name: f.Name, Unit: f.Unit, Report: f.Report, Team: web.Team{Name: f.Team.Name, Unit: f.Team.Unit, Hours: f.Team.Hours}}}
	if f.PSrE.Recognised == (len(f.PSrE.Reference) == 0) {
		return nil, errors.New("psre: recognised and reference go together: the reference names the decision")
	}
	o.Recognition = f.PSrE.Reference
	for field, w := range map[string]web.Words{
		"name": f.Name, "unit": f.Unit, "psre.reference": f.PSrE.Reference, "team.name": f.Team.Name, "team.unit": f.Team.Unit, "team.hours": f.Team.Hours,
	} {
		if err := checkWords(w); err != nil {
			return nil, fmt.Errorf("%s: %w", field, err)
		}
	}
	if len(f.Notices) > maxListed || len(f.Team.Contacts) > maxListed || len(f.StatusHosts) > maxListed {
		return nil, fmt.Errorf("a list has more than %d entries", maxListed)
	}
	for i, n := range f.Notices {
		x := web.Notice{Text: web.Words{"id": n.ID, "en": n.EN}}
		if n.From != nil {
			x.From = *n.From
		}
		if n.Until != nil {
			x.Until = *n.Until
		}
		err := checkWords(x.Text)
		if err == nil && !x.Until.IsZero() && !x.Until.After(x.From) {
			err = errors.New("until is not after from")
		}
		if err != nil {
			return nil, fmt.Errorf("notice %d: %w", i+1, err)
		}
		o.Notices = append(o.Notices, x)
	}
	for i, c := range f.Team.Contacts {
		err := checkWords(c.Label)
		if err == nil {
			err = checkLink(c.Link)
		}
		if err != nil {
			return nil, fmt.Errorf("contact %d: %w", i+1, err)
		}
		o.Team.Contacts = append(o.Team.Contacts, web.Contact{Label: c.Label, Link: c.Link})
	}
	if f.Report != "" {
		if err := checkLink(f.Report); err != nil {
			return nil, fmt.Errorf("report: %w", err)
		}
	}
	for _, h := range f.StatusHosts {
		u, err := url.Parse("http://" + h)
		if err != nil || h == "" || u.Host != h || u.Hostname() == "" {
			return nil, fmt.Errorf("status_hosts: %q is no host, as ocsp.contoh.example or ocsp.contoh.example:8080", h)
		}
		o.hosts = append(o.hosts, strings.ToLower(h))
	}
	if f.Trust != "" {
		name := f.Trust
		if !filepath.IsAbs(name) {
			name = filepath.Join(dir, name)
		}
		b, err := readBounded(name)
		if err == nil {
			o.trust, err = trust.ParsePackage(b)
		}
		if err != nil {
			return nil, fmt.Errorf("trust: %w", err)
		}
	}
	return o, nil
}

// checkWords wants Indonesian where anything is said, and nothing that a page cannot show.
func checkWords(w web.Words) error {
	if len(w) > 0 && w["id"] == "" {
		return errors.New(`a text has "id", and "en" where it is not the same`)
	}
	for lang, s := range w {
		if lang != "id" && lang != "en" {
			return fmt.Errorf("language %q is not id or en", lang)
		}
		if utf8.RuneCountInString(s) > maxWords || !utf8.ValidString(s) {
			return fmt.Errorf("a text has more than %d characters, or is not UTF-8", maxWords)
		}
	}
	return nil
}

// checkLink allows what a person may press: no script, and nothing that goes over the network unprotected.
func checkLink(link string) error {
	u, err := url.Parse(link)
	if err == nil && len(link) <= maxWords {
		switch u.Scheme {
		case "https":
			if u.Host != "" {
				return nil
			}
		case "mailto", "tel":
			if u.Opaque != "" {
				return nil
			}
		}
	}
	return fmt.Errorf("%q begins with none of mailto:, tel: and https:, or has nothing behind it", link)
}

// statusHosts are the hosts that the certificates of a trust package name for their status, beside those of the file.
func (o *operator) statusHosts(anchors []trust.Anchor) []string {
	hosts := slices.Clone(o.hosts)
	for _, a := range anchors {
		list := slices.Clone(a.Certificate.OCSPServers)
		for _, d := range a.Certificate.CRLDistribution {
			list = append(list, d.URLs()...)
		}
		for _, s := range list {
			if u, err := url.Parse(s); err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != "" {
				hosts = append(hosts, strings.ToLower(u.Host))
			}
		}
	}
	// A port that is the usual one is as good as none.
	for i, h := range hosts {
		if host, port, err := net.SplitHostPort(h); err == nil && (port == "80" || port == "443") {
			hosts[i] = host
		}
	}
	slices.Sort(hosts)
	return slices.Compact(hosts)
}
