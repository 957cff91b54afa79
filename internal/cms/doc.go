// Package cms reads and writes the parts of the Cryptographic Message Syntax (RFC 5652) that signed and encrypted PDFs use:
// SignedData with the CAdES attributes, and EnvelopedData for public-key encryption.
//
// Reading is tolerant where producers are sloppy (indefinite lengths, constructed strings, zero padding behind the structure) and says
// so in [Note]s with stable codes; what was signed is never repaired: certificates, tokens and signed attributes keep their exact
// bytes. Writing is DER, in two halves, so that the key may be elsewhere:
//
//	s, err := cms.NewSigner(cms.SignerOptions{Certificate: cert, Chain: chain})
//	attrs, err := s.SignedAttributes(digest)                  // what the key must sign
//	sig, _, err := sigalg.Sign(rand.Reader, key, s.Scheme(), attrs)  // here, or far away and much later
//	der, err := s.Finish(attrs, sig, nil)                     // ContentInfo
//
// The package makes no trust decision, builds no path and knows no PDF. Parsed structures share memory with the input, which the
// caller must not change afterwards. Functions are safe for concurrent use; a parsed structure may be read by many goroutines.
package cms
