// Package mail writes the mails of a registration and delivers them.
//
// A mail is put into the outbox in the same transaction as the decision that it tells of, so there is never one without the
// other. A loop delivers it over SMTP at least once: a crash right after the server took it repeats it, with the same
// Message-ID, by which a mailbox can tell. Links in mails open accounts; so a waiting mail is sealed and its text removed once
// it is sent. No mail holds a password or a national number.
package mail
