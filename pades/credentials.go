package pades

import (
	"bytes"
	"slices"
	"sync/atomic"

	"absah/internal/cms"
	"absah/internal/sigalg"
	"absah/trust"
)

// credentials are a signing certificate, read, and what a signature with it says of it. Nothing in it changes.
type credentials struct {
	certificate []byte
	chain       [][]byte
	scheme      sigalg.Scheme
	leaf        *trust.Certificate
	signer      *cms.Signer
}

// lastCredentials serves a run of documents that are signed with one certificate. It is known again by all its bytes.
var lastCredentials atomic.Pointer[credentials]

func credentialsFor(o *SignOptions) (*credentials, error) {
	scheme := sigalg.Scheme{Hash: o.Hash, PSS: o.PSS}
	last := lastCredentials.Load()
	if last != nil && last.scheme == scheme && bytes.Equal(last.certificate, o.Certificate) && slices.EqualFunc(last.chain, o.Chain, bytes.Equal) {
		return last, nil
	}
	c := &credentials{certificate: bytes.Clone(o.Certificate), scheme: scheme}
	for _, b := range o.Chain {
		c.chain = append(c.chain, bytes.Clone(b))
	}
	var err error
	if c.leaf, err = trust.ParseCertificate(c.certificate); err != nil {
		return nil, err
	}
	c.signer, err = cms.NewSigner(cms.SignerOptions{Certificate: c.certificate, Chain: c.chain, Scheme: scheme})
	if err != nil {
		return nil, err
	}
	lastCredentials.Store(c)
	return c, nil
}
