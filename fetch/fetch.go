// Package fetch gets over HTTP what signing and judging need from others: OCSP answers, CRLs, issuers' certificates and
// time-stamps. Every request is bounded in size, time, redirects and in the addresses it may reach, because the URLs come out of
// documents that strangers made.
package fetch

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"sync"
	"syscall"
	"time"

	"absah/internal/ocsp"
	"absah/trust"
)

// Bounds where the options leave them open.
const (
	DefaultTimeout = 15 * time.Second
	maxRedirects   = 3
	maxOCSP        = 1 << 20
	maxCRL         = 32 << 20 // the largest published CRLs are a few tens of megabytes
	maxCertificate = 1 << 20
	maxToken       = 1 << 20
	cacheBytes     = 64 << 20
)

// Options bound a Client. The zero value is safe against addresses that strangers choose.
type Options struct {
	Timeout time.Duration // of one request; zero: DefaultTimeout

	// AllowPrivate lets requests reach loopback, private and link-local addresses. A program on a person's own machine
	// may; a server that checks other people's documents may not, or documents could make it talk to its neighbours.
	AllowPrivate bool

	// SameHost refuses redirects to another host than the one that was asked.
	SameHost bool

	// Now tells the time for the cache; nil: time.Now.
	Now func() time.Time
}

// Client fetches. It is safe for concurrent use and keeps a small cache of CRLs and OCSP answers for as long as they say they
// are current.
type Client struct {
	http *http.Client
	now  func() time.Time

	mu    sync.Mutex
	cache map[string]cached
	bytes int
}

type cached struct {
	body  []byte
	until time.Time
}

var _ trust.Fetcher = (*Client)(nil)

// New makes a client.
func New(o Options) *Client {
	timeout := o.Timeout
	if timeout == 0 {
		timeout = DefaultTimeout
	}
	now := o.Now
	if now == nil {
		now = time.Now
	}
	dialer := &net.Dialer{Timeout: timeout}
	if !o.AllowPrivate {
		// The address is judged when it is dialled: a name that resolves to something else by then gains nothing.
		dialer.Control = refusePrivate
	}
	return &Client{
		now: now, cache: map[string]cached{},
		http: &http.Client{
			Timeout: timeout,
			Transport: &http.Transport{
				DialContext: dialer.DialContext, TLSHandshakeTimeout: timeout, ResponseHeaderTimeout: timeout,
				MaxIdleConnsPerHost: 4, IdleConnTimeout: time.Minute, DisableCompression: true,
			},
			CheckRedirect: func(r *http.Request, via []*http.Request) error {
				if len(via) > maxRedirects {
					return errors.New("too many redirects")
				}
				if r.URL.Scheme != "http" && r.URL.Scheme != "https" {
					return fmt.Errorf("a redirect to %s", r.URL.Scheme)
				}
				if o.SameHost && r.URL.Host != via[0].URL.Host {
					return errors.New("a redirect to another host")
				}
				return nil
			},
		},
	}
}

var errPrivate = errors.New("the address is not a public one")

func refusePrivate(_, address string, _ syscall.RawConn) error {
	ap, err := netip.ParseAddrPort(address)
	if err != nil {
		return err
	}
	if !public(ap.Addr()) {
		return errPrivate
	}
	return nil
}

// special are the ranges of the IANA registries of special-purpose addresses that lead to nobody outside, or to another address
// that they carry inside, beside those that package netip knows.
var special = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"),     // this network
	netip.MustParsePrefix("100.64.0.0/10"), // carrier-grade NAT (RFC 6598)
	netip.MustParsePrefix("192.0.0.0/24"),  // protocol assignments (RFC 6890)
	netip.MustParsePrefix("198.18.0.0/15"), // benchmarks (RFC 2544)
	netip.MustParsePrefix("240.0.0.0/4"),   // reserved
	netip.MustParsePrefix("2001::/32"),     // Teredo (RFC 4380)
	netip.MustParsePrefix("2002::/16"),     // 6to4 (RFC 3056)
}

var (
	allocated = netip.MustParsePrefix("2000::/3")     // where all public IPv6 addresses are
	nat64     = netip.MustParsePrefix("64:ff9b::/96") // what an IPv6-only network calls an IPv4 address (RFC 6052)
)

// public reports whether an address is one of the Internet at large.
func public(ip netip.Addr) bool {
	ip = ip.Unmap()
	if nat64.Contains(ip) {
		b := ip.As16()
		ip = netip.AddrFrom4([4]byte(b[12:]))
	}
	if !ip.IsGlobalUnicast() || ip.IsPrivate() || ip.Is6() && !allocated.Contains(ip) {
		return false
	}
	return !slices.ContainsFunc(special, func(p netip.Prefix) bool { return p.Contains(ip) })
}

// Error tells what was asked of whom and what went wrong.
type Error struct {
	Op      string // "OCSP", "CRL", "certificate" or "time-stamp"
	URL     string // without credentials and query
	Timeout bool
	Err     error
}

func (e *Error) Error() string {
	switch {
	case e.Timeout:
		return fmt.Sprintf("%s from %s: no answer in time; try again later", e.Op, e.URL)
	case errors.Is(e.Err, errPrivate):
		return fmt.Sprintf("%s from %s: %v", e.Op, e.URL, errPrivate)
	case errors.Is(e.Err, syscall.ECONNREFUSED):
		return fmt.Sprintf("%s from %s: nobody answers there; check the address or try again later", e.Op, e.URL)
	}
	return fmt.Sprintf("%s from %s: %v", e.Op, e.URL, e.Err)
}

func (e *Error) Unwrap() error { return e.Err }

func fault(op, address string, err error) error {
	if err == nil {
		return nil
	}
	shown := "an address that cannot be read" // a password that was not escaped is one way to get there
	if u, perr := url.Parse(address); perr == nil {
		u.User, u.RawQuery, u.Fragment = nil, "", ""
		shown = u.String()
	}
	var ue *url.Error
	if errors.As(err, &ue) {
		err = ue.Err // its text repeats the whole URL
	}
	var timeout interface{ Timeout() bool }
	return &Error{Op: op, URL: shown, Timeout: errors.As(err, &timeout) && timeout.Timeout() || errors.Is(err, context.DeadlineExceeded), Err: err}
}

// do sends one request and reads at most limit bytes of the answer.
func (c *Client) do(ctx context.Context, method, address, contentType string, body []byte, limit int64, auth *url.Userinfo) ([]byte, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, errors.New("the address is not an http or https URL")
	}
	req, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("User-Agent", "absah")
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	if auth != nil {
		password, _ := auth.Password()
		req.SetBasicAuth(auth.Username(), password)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 64<<10))                                          // so that the connection can be used again
		return nil, fmt.Errorf("the server answered %d %s", resp.StatusCode, http.StatusText(resp.StatusCode)) // its own words may be anything
	}
	b, err := io.ReadAll(io.LimitReader(resp.Body, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(b)) > limit {
		return nil, fmt.Errorf("the answer is larger than %d bytes", limit)
	}
	return b, nil
}

// OCSP posts a request. An answer that is no success is an error.
func (c *Client) OCSP(ctx context.Context, address string, request []byte) ([]byte, error) {
	key := "ocsp " + address + " " + string(request)
	if b, ok := c.remembered(key); ok {
		return b, nil
	}
	b, err := c.do(ctx, http.MethodPost, address, "application/ocsp-request", request, maxOCSP, nil)
	if err != nil {
		return nil, fault("OCSP", address, err)
	}
	r, err := ocsp.Parse(b)
	switch {
	case err != nil:
		return nil, fault("OCSP", address, err)
	case r.Status != ocsp.Successful:
		return nil, fault("OCSP", address, fmt.Errorf("the responder answered %v", r.Status))
	}
	var until time.Time
	for _, s := range r.Singles {
		if until.IsZero() || s.NextUpdate.Before(until) {
			until = s.NextUpdate
		}
	}
	c.remember(key, b, until)
	return b, nil
}

// CRL gets a CRL.
func (c *Client) CRL(ctx context.Context, address string) ([]byte, error) {
	key := "crl " + address
	if b, ok := c.remembered(key); ok {
		return b, nil
	}
	b, err := c.do(ctx, http.MethodGet, address, "", nil, maxCRL, nil)
	if err != nil {
		return nil, fault("CRL", address, err)
	}
	crl, err := trust.ParseCRL(b)
	if err != nil {
		return nil, fault("CRL", address, err)
	}
	c.remember(key, b, crl.NextUpdate)
	return b, nil
}

// Certificate gets an issuer's certificate, DER or PKCS #7.
func (c *Client) Certificate(ctx context.Context, address string) ([]byte, error) {
	b, err := c.do(ctx, http.MethodGet, address, "", nil, maxCertificate, nil)
	return b, fault("certificate", address, err)
}

// maxKept bounds how long an answer is kept whatever it says: a revocation shall be seen within the hour.
const maxKept = time.Hour

func (c *Client) remembered(key string) ([]byte, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.cache[key]
	if !ok || !c.now().Before(e.until) {
		return nil, false
	}
	return e.body, true
}

func (c *Client) remember(key string, body []byte, until time.Time) {
	now := c.now()
	if limit := now.Add(maxKept); until.After(limit) {
		until = limit
	}
	size := len(key) + len(body)
	if !until.After(now) || size > cacheBytes/4 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for k, e := range c.cache {
		if c.bytes+size <= cacheBytes && now.Before(e.until) {
			continue
		}
		c.bytes -= len(k) + len(e.body)
		delete(c.cache, k)
	}
	if old, ok := c.cache[key]; ok {
		c.bytes -= len(key) + len(old.body)
	}
	c.cache[key] = cached{body, until}
	c.bytes += size
}
