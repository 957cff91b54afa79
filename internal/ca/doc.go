// Package ca issues and revokes certificates.
//
// Issuance is a walk through types. A [Request] is checked against its profile, encoded, linted with a throw-away key, and its
// intent stored and logged: that makes a [Token]. Only a Token reaches the key, once; what comes out is read back by parsers that
// did not write it, compared with what was intended, verified, stored and logged. A crash leaves an intent without a certificate,
// and [CA.Recover] revokes its serial number, because it cannot be known whether the signature was made.
//
// The package knows nothing of people: whoever asks for a person's certificate gives the hash of the approved application, and one
// approval stands for one certificate in force.
package ca
