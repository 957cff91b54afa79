// Package trust decides whether a certificate may be believed: it reads certificates, CRLs and OCSP responses, builds paths to
// the trust anchors it is given, validates them as RFC 5280 §6 asks, finds out what was known about revocation at a moment in
// time, and applies limits on algorithms that carry dates.
//
// It is pure. It opens no connection, reads no file and no clock, and knows no list of the host's: anchors, certificates,
// revocation data and the time come in as values, and what is missing comes out as a list of addresses ([Need]) that the caller
// may fetch through a [Fetcher] and put into the [Pool].
//
//	pool := trust.NewPool()
//	for _, der := range chain {
//		pool.AddCertificate(der)
//	}
//	pool.AddOCSP(response)
//	p := trust.Strict()
//	p.Anchors = []trust.Anchor{{Certificate: root, Kind: trust.AnchorNational}}
//	p.Time = now
//	r := trust.Validate(trust.Request{Certificate: leaf, Pool: pool, Usage: trust.UsageSigning}, p)
//	if r.Status != trust.Passed {
//		fmt.Println(r.SubIndication, r.Findings)
//	}
//
// # Parsing
//
// [ParseCertificate] is tolerant: what real certificates do wrong but can still be understood (a negative serial, a Boolean that
// is not DER, bytes after the end) is kept and written down as a [Note], so that strictness is a matter of policy and not of the
// parser. Raw bytes are always kept, and nothing is decoded and encoded again.
//
// # Limits
//
// Work is bounded: see the Max… constants. A chain that would need more signature checks or name comparisons than the budget is
// not valid, and the finding says so.
//
// # Compatibility
//
// Codes of findings, notes and needs are stable: they are added, never renamed. The module is v0; types may still grow fields.
//
// Everything here may be used by several goroutines at once, a [Pool] only after the last Add.
package trust
