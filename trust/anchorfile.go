package trust

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"
	"time"
)

// maxAnchors bounds a trust package. All roots of all browsers are about 400.
const maxAnchors = 1000

// anchorFile is the JSON form of a trust package.
type anchorFile struct {
	Version int                `json:"version"`
	Name    map[string]string  `json:"name,omitempty"`
	Date    *time.Time         `json:"date,omitempty"`
	Anchors []anchorFileAnchor `json:"anchors"`
}

type anchorFileAnchor struct {
	Kind        AnchorKind        `json:"kind"`
	Certificate []byte            `json:"certificate"` // DER, base64
	SHA256      string            `json:"sha256"`      // of the DER, hexadecimal; blanks and colons are allowed
	From        *time.Time        `json:"from,omitempty"`
	Until       *time.Time        `json:"until,omitempty"`
	Label       map[string]string `json:"label,omitempty"`
}

// A Package is whom to trust, under a name that people read and with the date of its making.
type Package struct {
	Name    map[string]string // by language ("id", "en"); nil: it has none
	Date    time.Time         // zero: not stated
	Anchors []Anchor
}

// MarshalJSON writes the form that [ParsePackage] and [ParseAnchors] read.
func (p *Package) MarshalJSON() ([]byte, error) {
	when := func(t time.Time) *time.Time {
		if t.IsZero() {
			return nil
		}
		t = t.UTC()
		return &t
	}
	f := anchorFile{Version: 1, Name: p.Name, Date: when(p.Date)}
	for _, a := range p.Anchors {
		sum := sha256.Sum256(a.Certificate.Raw)
		f.Anchors = append(f.Anchors, anchorFileAnchor{
			Kind: a.Kind, Certificate: a.Certificate.Raw, SHA256: hex.EncodeToString(sum[:]), From: when(a.From), Until: when(a.Until), Label: a.Label,
		})
	}
	return json.Marshal(f)
}

// ParseAnchors reads whom to trust: a trust package (JSON), or certificates alone (PEM or one DER), which then are of the given kind.
//
// A trust package is {"version": 1, "anchors": […]} with, for each anchor, kind ("national", "operator" or "test"), certificate
// (base64 of the DER), sha256 (its fingerprint, which must fit: it is what a person compares with the printed one), and where
// wanted from and until (RFC 3339) and label ({"id": …, "en": …}); the package may have a name (like label) and a date. Unknown
// fields are an error, because a misspelt limit would be no limit.
func ParseAnchors(data []byte, kind AnchorKind) ([]Anchor, error) {
	trimmed := bytes.TrimSpace(data)
	switch {
	case bytes.HasPrefix(trimmed, []byte("{")):
		p, err := ParsePackage(trimmed)
		if err != nil {
			return nil, err
		}
		return p.Anchors, nil
	case bytes.Contains(data, []byte("-----BEGIN")):
		return parseAnchorPEM(data, kind)
	}
	c, err := ParseCertificate(data)
	if err != nil {
		return nil, errors.New("no trust anchor in it; give a certificate (PEM or DER) or a trust package (JSON)")
	}
	return []Anchor{{Certificate: c, Kind: kind}}, nil
}

func parseAnchorPEM(data []byte, kind AnchorKind) ([]Anchor, error) {
	var out []Anchor
	for len(out) < maxAnchors {
		var block *pem.Block
		if block, data = pem.Decode(data); block == nil {
			break
		}
		if block.Type != "CERTIFICATE" && block.Type != "TRUSTED CERTIFICATE" && block.Type != "X509 CERTIFICATE" {
			return nil, fmt.Errorf("a trust anchor is a certificate, not a %s", strings.ToLower(block.Type))
		}
		c, err := ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("certificate %d: %w", len(out)+1, err)
		}
		out = append(out, Anchor{Certificate: c, Kind: kind})
	}
	if len(out) == 0 {
		return nil, errors.New("no readable certificate in it")
	}
	return out, nil
}

// ParsePackage reads the JSON form of [ParseAnchors] with the name and date of the package.
func ParsePackage(data []byte) (*Package, error) {
	var f anchorFile
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&f); err != nil {
		return nil, fmt.Errorf("trust package: %w", err)
	}
	if f.Version != 1 {
		return nil, fmt.Errorf("trust package: version %d is not known, this program reads version 1", f.Version)
	}
	if len(f.Anchors) == 0 || len(f.Anchors) > maxAnchors {
		return nil, fmt.Errorf("trust package: %d anchors; 1 to %d are allowed", len(f.Anchors), maxAnchors)
	}
	out := make([]Anchor, 0, len(f.Anchors))
	for i, x := range f.Anchors {
		fail := func(format string, args ...any) error {
			return fmt.Errorf("trust package: anchor %d: %w", i+1, fmt.Errorf(format, args...))
		}
		c, err := ParseCertificate(x.Certificate)
		if err != nil {
			return nil, fail("%w", err)
		}
		sum := sha256.Sum256(c.Raw)
		want := strings.ToLower(strings.NewReplacer(":", "", " ", "").Replace(x.SHA256))
		if hex.EncodeToString(sum[:]) != want {
			return nil, fail("the fingerprint of %s is %x, not the one stated", c.Subject, sum)
		}
		switch x.Kind {
		case AnchorNational, AnchorOperator, AnchorTest:
		default:
			return nil, fail("kind %q is not national, operator or test", x.Kind)
		}
		a := Anchor{Certificate: c, Kind: x.Kind, Label: x.Label}
		if x.From != nil {
			a.From = *x.From
		}
		if x.Until != nil {
			a.Until = *x.Until
		}
		if !a.Until.IsZero() && a.Until.Before(a.From) {
			return nil, fail("until is before from")
		}
		out = append(out, a)
	}
	p := &Package{Name: f.Name, Anchors: out}
	if f.Date != nil {
		p.Date = *f.Date
	}
	return p, nil
}
