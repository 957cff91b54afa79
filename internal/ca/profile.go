package ca

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"absah/internal/sigalg"
)

// Profile says what certificates of one kind look like. Profiles are data: a name and version never change their meaning, a change
// is a new version, and the hash of the profile goes into the audit log with each certificate.
type Profile struct {
	Name    string   `json:"name"`
	Version int      `json:"version"`
	Kind    string   `json:"kind"`  // ca or end
	Issue   Issue    `json:"issue"` // what causes a certificate
	Keys    []string `json:"keys"`  // allowed kinds of keys, as "P-256"; the first is what is made
	Hash    string   `json:"hash"`  // of the issuer's signature
	Years   int      `json:"years,omitempty"`
	Days    int      `json:"days,omitempty"`
	PathLen *int     `json:"pathLen,omitempty"`

	KeyUsage            []string `json:"keyUsage"`
	ExtKeyUsage         []string `json:"extKeyUsage,omitempty"` // OIDs
	ExtKeyUsageCritical bool     `json:"extKeyUsageCritical,omitempty"`
	Policies            []string `json:"policies,omitempty"` // OIDs
	NoCheck             bool     `json:"noCheck,omitempty"`  // id-pkix-ocsp-nocheck
	Locations           bool     `json:"locations"`          // where status and issuer are found goes into the certificate
}

// Issue is what may cause a certificate of a profile.
type Issue string

// The causes.
const (
	OnApplication Issue = "application" // an application that was approved; its hash is required
	InCeremony    Issue = "ceremony"    // a ceremony, never a request
	OnSchedule    Issue = "schedule"    // renewal by the server itself
)

// The profiles of persons and of the sample that everybody may try carry emailProtection beside the two document usages: NSS, and with it pdfsig, accepts a signer only
// with it, and takes a chain as trusted only where extended key usage and a CRL distribution point are present.

//go:embed profiles/profiles.json
var profilesJSON []byte

// OIDs that a profile must use in one way only.
const (
	ekuTimeStamping = "1.3.6.1.5.5.7.3.8"
	ekuOCSPSigning  = "1.3.6.1.5.5.7.3.9"
)

// Profiles reads the profiles that come with the program. Their policies lie in the documentation arc 1.3.6.1.4.1.32473 (RFC 5612):
// they are for test hierarchies.
func Profiles() (map[string]Profile, error) { return parseProfiles(profilesJSON) }

func parseProfiles(text []byte) (map[string]Profile, error) {
	var list []Profile
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&list); err != nil {
		return nil, fmt.Errorf("profiles: %w", err)
	}
	out := map[string]Profile{}
	for _, p := range list {
		if err := p.check(); err != nil {
			return nil, fmt.Errorf("profile %s: %w", p.Name, err)
		}
		if _, ok := out[p.Name]; ok {
			return nil, fmt.Errorf("profile %s is there twice", p.Name)
		}
		out[p.Name] = p
	}
	return out, nil
}

// check refuses profiles that could mint what nobody meant to: above all an authority outside of a ceremony.
func (p Profile) check() error {
	if p.Name == "" || p.Version < 1 {
		return fmt.Errorf("name or version is missing")
	}
	if p.Kind != "ca" && p.Kind != "end" {
		return fmt.Errorf("kind %q is neither ca nor end", p.Kind)
	}
	if p.Issue != OnApplication && p.Issue != InCeremony && p.Issue != OnSchedule {
		return fmt.Errorf("cause %q is unknown", p.Issue)
	}
	if (p.Years > 0) == (p.Days > 0) || p.Years < 0 || p.Days < 0 {
		return fmt.Errorf("the validity is either years or days")
	}
	if _, ok := hashes[p.Hash]; !ok {
		return fmt.Errorf("hash %q is unknown", p.Hash)
	}
	if len(p.Keys) == 0 || len(p.KeyUsage) == 0 {
		return fmt.Errorf("keys or key usage are missing")
	}
	for _, k := range p.Keys {
		if !slices.Contains(keyKinds, k) {
			return fmt.Errorf("keys of the kind %q are not certified", k)
		}
	}
	signs := false
	for _, u := range p.KeyUsage {
		if _, ok := usageBits[u]; !ok {
			return fmt.Errorf("key usage %q is unknown", u)
		}
		signs = signs || u == "keyCertSign" || u == "cRLSign"
	}
	if p.Kind == "ca" && p.Issue != InCeremony {
		return fmt.Errorf("an authority is made in a ceremony only")
	}
	if p.Kind == "end" && (signs || p.PathLen != nil) {
		return fmt.Errorf("only an authority signs certificates and lists")
	}
	for _, oid := range slices.Concat(p.ExtKeyUsage, p.Policies) {
		if sigalg.EncodeOID(oid) == nil {
			return fmt.Errorf("%q is no OID", oid)
		}
	}
	// RFC 3161 §2.3: the usage is critical and the only one.
	if slices.Contains(p.ExtKeyUsage, ekuTimeStamping) && (len(p.ExtKeyUsage) != 1 || !p.ExtKeyUsageCritical) {
		return fmt.Errorf("timeStamping stands alone and is critical")
	}
	if slices.Contains(p.ExtKeyUsage, ekuOCSPSigning) != p.NoCheck {
		return fmt.Errorf("OCSPSigning and nocheck go together: nobody could tell the status of the one who tells it")
	}
	return nil
}

// ID is NAME/VERSION.
func (p Profile) ID() string { return fmt.Sprintf("%s/%d", p.Name, p.Version) }

// Digest is the hash of everything that the profile says.
func (p Profile) Digest() string {
	b, err := json.Marshal(p)
	if err != nil {
		panic(err) // strings and numbers
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

var hashes = map[string]crypto.Hash{"SHA-256": crypto.SHA256, "SHA-384": crypto.SHA384, "SHA-512": crypto.SHA512}

// usageBits are the positions of RFC 5280 §4.2.1.3.
var usageBits = map[string]int{"digitalSignature": 0, "nonRepudiation": 1, "keyEncipherment": 2, "keyCertSign": 5, "cRLSign": 6}

// validity is the period from a moment: whole years or days less one second, because both ends belong to it (RFC 5280 §4.1.2.5).
func (p Profile) validity(from time.Time) (notBefore, notAfter time.Time) {
	from = from.UTC().Truncate(time.Second)
	return from, from.AddDate(p.Years, 0, p.Days).Add(-time.Second)
}
