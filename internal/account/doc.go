// Package account knows people and organisations: who they are, what roles they hold, how they sign in, and the one-time links
// that reach them by mail.
//
// A national number (NIK) is stored sealed with the server's key and found by a keyed hash; it prints as a mask. Passwords are
// kept as Argon2id, sessions and links as SHA-256 of random tokens, so a copy of the database opens nothing.
package account
