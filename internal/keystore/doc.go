// Package keystore keeps private keys: those of authorities in files sealed with a passphrase, those of signers in blobs that open
// only with the signer's passphrase together with a share that the server holds. It signs digests and does not know why.
//
// What it protects against, and what not: a stolen database cannot be guessed against without the share, and nobody signs without
// the passphrase. Without a hardware module the share is itself a sealed file, and whoever holds it open and the database can
// guess weak passphrases; the cost of Argon2id is what stands in the way then.
//
// Nothing secret is ever part of an error.
package keystore
