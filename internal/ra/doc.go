// Package ra is the registration authority: from an application to an issued certificate, in one order that no caller can
// change.
//
//	application ─mail─► person confirms, sets a password, gives evidence ─► first approval ─► second approval, by another
//	person ─mail─► person sets the passphrase: the key is made, the certificate issued ─mail─► done
//
// Whoever registered the application, whoever applies, the first and the second approver are four different persons (a
// self-registered applicant is registrant and applicant in one). The service enforces it and the database does too. Both
// approvals name the hash of what the approver saw; a certificate is issued for exactly that or not at all.
package ra
