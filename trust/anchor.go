package trust

import (
	"context"
	"time"
)

// An Anchor is a certificate that is believed because somebody says so. It may be a root, an intermediate CA, or the very
// certificate that signed (self-signed or not).
type Anchor struct {
	Certificate *Certificate
	Kind        AnchorKind

	// From and Until limit the time for which the anchor is believed. Zero means the dates of its certificate; a later Until than the
	// certificate's is honoured, an operator may have reasons.
	From, Until time.Time

	Label map[string]string // words for people by language ("id", "en"); nil: the subject
}

// AnchorKind says on whose word an anchor is believed. The report names it, because "valid under a test CA" is not "valid".
type AnchorKind string

// The kinds of anchors.
const (
	AnchorNational AnchorKind = "national" // the national root
	AnchorOperator AnchorKind = "operator" // named by who runs this installation
	AnchorTest     AnchorKind = "test"     // a test hierarchy: never more than valid with notes
	AnchorGiven    AnchorKind = "given"    // named by the person who verifies
)

// Validity is the time range for which a is believed.
func (a Anchor) Validity() (from, until time.Time) {
	from, until = a.Certificate.NotBefore, a.Certificate.NotAfter
	if !a.From.IsZero() {
		from = a.From
	}
	if !a.Until.IsZero() {
		until = a.Until
	}
	return from, until
}

// A Fetcher gets what a validation lacks. Package fetch has one over HTTP; implementations bound size and time and decide which
// addresses may be reached.
type Fetcher interface {
	// OCSP posts a DER request to the responder at url and returns the DER response.
	OCSP(ctx context.Context, url string, request []byte) ([]byte, error)
	// CRL gets a CRL, DER.
	CRL(ctx context.Context, url string) ([]byte, error)
	// Certificate gets an issuer's certificate: DER, or a degenerate PKCS #7 with several.
	Certificate(ctx context.Context, url string) ([]byte, error)
}
