// Package tsp reads and writes RFC 3161 time-stamps: requests, responses and tokens, for both sides of the protocol. It
// checks what can be checked without trusting anybody: that a token is over the digest that was asked for and that its
// signature verifies under the certificate it names. Whether that certificate is a trusted authority's, and was valid then, is
// judged by package trust.
//
// A client makes a request, sends its DER over HTTP and reads the answer (package fetch does so with all limits):
//
//	req, err := tsp.NewRequest(crypto.SHA256, digest, nonce)
//	der, err := req.Marshal()
//	// … POST der as application/timestamp-query …
//	resp, err := tsp.ParseResponse(body)
//	token, err := resp.Check(req)
//	fmt.Println(token.Info.GenTime, token.Info.Accuracy)
//
// Somebody who finds a token, in a signature or in a PDF, asks it what it says:
//
//	token, err := tsp.ParseToken(der)
//	over := token.MatchesMessage(message)
//	facts := token.Check(certificates) // facts.Err is nil when the signature is good
//
// An authority reads requests and makes tokens:
//
//	req, err := tsp.ParseRequest(body)
//	token, err := tsp.Create(rand.Reader, info, key, certificate, chain, req.CertReq)
//	der, err := (&tsp.Response{Status: tsp.Granted, Token: token}).Marshal()
//
// # Limits
//
// A request has at most 64 KiB, a response 1 MiB, a token what CMS messages may have (32 MiB); extensions and texts are bounded in
// number and length. Nothing here opens a connection or reads a clock.
//
// # Compatibility
//
// Requests and responses are read as strict DER, the CMS around a TSTInfo as tolerantly as real authorities need. Parsed values share
// memory with the input, which the caller must not change afterwards. Functions are safe for concurrent use; a parsed value may be read
// by many goroutines. The module is v0: types may still grow fields.
package tsp
