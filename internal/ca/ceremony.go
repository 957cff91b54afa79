package ca

import (
	"context"
	"crypto"
	"fmt"

	"absah/trust"
)

// Names of the authorities of an instance; keys are kept under them.
const (
	Root    = "root"
	Issuing = "issuing"
	TSA     = "tsa"
	OCSP    = "ocsp"
)

// Plan is what a ceremony makes.
type Plan struct {
	Subjects  map[string]Subject   // of root, issuing, tsa and ocsp
	Locations map[string]Locations // that certificates issued by root and issuing name
}

// Hierarchy makes root, issuing CA, time-stamp authority and status responder, each with a fresh key of the first kind that its profile
// allows; key makes and keeps it. Authorities that are in use already are left alone, so a ceremony that broke off can go on.
// What was made is returned by name.
func (c *CA) Hierarchy(ctx context.Context, p Plan, key func(name, algorithm string) (crypto.Signer, error)) (map[string]*Record, error) {
	out := map[string]*Record{}
	for _, step := range []struct{ name, issuer string }{{Root, Root}, {Issuing, Root}, {TSA, Issuing}, {OCSP, Issuing}} {
		if c.Authority(step.name) != nil {
			continue
		}
		profile := c.profiles[step.name]
		k, err := key(step.name, profile.Keys[0])
		if err != nil {
			return out, fmt.Errorf("key of %s: %w", step.name, err)
		}
		issuer := c.Authority(step.issuer)
		if step.name == step.issuer {
			issuer = &Authority{Name: step.name, Key: k}
		}
		t, err := c.prepare(ctx, profile, issuer, Request{Profile: step.name, Subject: p.Subjects[step.name], Owner: step.name, PublicKey: k.Public()})
		if err != nil {
			return out, fmt.Errorf("%s: %w", step.name, err)
		}
		rec, err := c.Issue(ctx, t)
		if err != nil {
			return out, fmt.Errorf("%s: %w", step.name, err)
		}
		cert, err := trust.ParseCertificate(rec.DER)
		if err != nil {
			return out, err
		}
		c.Use(&Authority{Name: step.name, Certificate: cert, Key: k, Locations: p.Locations[step.name]})
		out[step.name] = rec
	}
	return out, nil
}
