// Package store keeps the state of the services in SQL: one file per service, each implementing the small Store interface
// which that service declares.
//
// # Transactions
//
// [DB.Do] opens the one write transaction and hands its context on. Every method of this package that is called with that
// context joins the transaction, whichever service it belongs to. So a decision, its audit event and its mail commit
// together although the services do not know each other. Keys are never used inside a transaction: what a key does cannot
// be rolled back, so its intent has to be committed before.
//
// # Portability
//
// Queries use $1, $2 … placeholders, text keys, integers for times (microseconds since 1970, UTC; see [Micros]) and no
// SQLite functions, so that they can run on PostgreSQL unchanged. What differs lives in the migrations, one folder per dialect.
package store
