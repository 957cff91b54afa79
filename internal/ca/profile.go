package ca

import (
	"bytes"
	"crypto"
	_ "embed"
	"encoding/json"
	"fmt"
	"time"
)

// Profile says what certificates of one kind look like. Profiles are data: the numbers of a profile never change their meaning,
// a change is a new version.
type Profile struct {
	Name    string `json:"name"`
	Version int    `json:"version"`
	Kind    string `json:"kind"` // ca or end
	Key     string `json:"key"`  // of keys that are made for it
	Hash    string `json:"hash"` // of the issuer's signature
	Years   int    `json:"years,omitempty"`
	Days    int    `json:"days,omitempty"`
	PathLen *int   `json:"pathLen,omitempty"`

	KeyUsage            []string `json:"keyUsage"`
	ExtKeyUsage         []string `json:"extKeyUsage,omitempty"` // OIDs
	ExtKeyUsageCritical bool     `json:"extKeyUsageCritical,omitempty"`
	Policies            []string `json:"policies,omitempty"` // OIDs
	NoCheck             bool     `json:"noCheck,omitempty"`  // id-pkix-ocsp-nocheck
	Locations           bool     `json:"locations"`          // where status and issuer are found goes into the certificate
	Person              bool     `json:"person,omitempty"`   // may only be issued on an approved application
}

// The person profile carries emailProtection beside the two document usages: NSS, and with it pdfsig, accepts a signer only
// with it, and takes a chain as trusted only where extended key usage and a CRL distribution point are present.

//go:embed profiles/profiles.json
var profilesJSON []byte

// placeholderArc is the documentation arc (RFC 5612): the operator replaces it by an arc of its own before real use.
const placeholderArc = "1.3.6.1.4.1.32473."

// Profiles reads the profiles that come with the program.
func Profiles() (map[string]Profile, error) {
	var list []Profile
	dec := json.NewDecoder(bytes.NewReader(profilesJSON))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&list); err != nil {
		return nil, fmt.Errorf("profiles: %w", err)
	}
	out := map[string]Profile{}
	for _, p := range list {
		if _, ok := hashes[p.Hash]; !ok {
			return nil, fmt.Errorf("profile %s: hash %q is unknown", p.Name, p.Hash)
		}
		for _, u := range p.KeyUsage {
			if _, ok := usageBits[u]; !ok {
				return nil, fmt.Errorf("profile %s: key usage %q is unknown", p.Name, u)
			}
		}
		if p.Kind == "end" && p.Years == 0 && p.Days == 0 || p.Kind != "end" && p.Kind != "ca" {
			return nil, fmt.Errorf("profile %s: kind or validity is missing", p.Name)
		}
		out[p.Name] = p
	}
	return out, nil
}

var hashes = map[string]crypto.Hash{"SHA-256": crypto.SHA256, "SHA-384": crypto.SHA384, "SHA-512": crypto.SHA512}

// usageBits are the positions of RFC 5280 §4.2.1.3.
var usageBits = map[string]int{"digitalSignature": 0, "nonRepudiation": 1, "keyEncipherment": 2, "keyCertSign": 5, "cRLSign": 6}

// validity is the period from a moment: whole years, or days less one second, as certificates of this kind are issued.
func (p Profile) validity(from time.Time) (notBefore, notAfter time.Time) {
	from = from.UTC().Truncate(time.Second)
	if p.Years > 0 {
		return from, from.AddDate(p.Years, 0, 0).Add(-time.Second)
	}
	return from, from.AddDate(0, 0, p.Days).Add(-time.Second)
}
