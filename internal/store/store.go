package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"modernc.org/sqlite"
)

// Options says where the data live.
type Options struct {
	Path    string // the SQLite file; made with mode 0600 when it does not exist, its folder must exist
	Readers int    // connections for reading; 0 = twice the processors, at least 4. More readers starve the writer
}

// DB is one database: one connection that writes and a bounded pool that reads. Its methods are safe for concurrent use.
type DB struct {
	w *sql.DB // one connection: SQLite has one writer, and waiting in Go is fair where SQLITE_BUSY is not
	r *sql.DB // query_only
}

// Open opens the database, makes it when it does not exist, and brings it up to the schema of this program. It refuses a
// database that a newer program has migrated. A crash after a commit loses nothing: WAL with synchronous=FULL.
func Open(ctx context.Context, o Options) (*DB, error) {
	if o.Path == "" {
		return nil, errors.New("store: no path given")
	}
	path, err := filepath.Abs(o.Path)
	if err != nil {
		return nil, err
	}
	// SQLite gives the -wal and -shm files the mode of the database file.
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	if err := f.Close(); err != nil {
		return nil, err
	}
	readers := o.Readers
	if readers == 0 {
		readers = max(4, 2*runtime.GOMAXPROCS(0))
	}
	db := &DB{}
	if db.w, err = sql.Open("sqlite", dsn(path, false)); err != nil {
		return nil, err
	}
	db.w.SetMaxOpenConns(1)
	if err := db.migrate(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", o.Path, err), db.w.Close())
	}
	if db.r, err = sql.Open("sqlite", dsn(path, true)); err != nil {
		return nil, errors.Join(err, db.w.Close())
	}
	db.r.SetMaxOpenConns(readers)
	db.r.SetMaxIdleConns(readers)
	return db, nil
}

func dsn(path string, readOnly bool) string {
	q := url.Values{}
	for _, p := range []string{"journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(ON)", "busy_timeout(10000)"} {
		q.Add("_pragma", p)
	}
	if readOnly {
		q.Add("_pragma", "query_only(ON)")
	} else {
		// A write transaction takes its lock at once; upgrading later could fail in the middle.
		q.Set("_txlock", "immediate")
	}
	return (&url.URL{Scheme: "file", Path: filepath.ToSlash(path), RawQuery: q.Encode()}).String()
}

// Close waits for running queries and closes the files.
func (db *DB) Close() error { return errors.Join(db.r.Close(), db.w.Close()) }

// Ping says whether the database answers, for the readiness check.
func (db *DB) Ping(ctx context.Context) error {
	var one int
	return db.r.QueryRowContext(ctx, `SELECT 1`).Scan(&one)
}

type txKey struct{}

// transaction travels in the context that Do gives to its function.
type transaction struct {
	db     *DB
	tx     *sql.Tx
	doomed error // first error of a joined Do; the whole then rolls back, as PostgreSQL would
}

// Do runs f in a write transaction and commits when f returns nil. Methods of this package called with f's context join
// the transaction; called with another context they would wait for it, so f must hand its own on, and must not outlive
// itself in a goroutine. A Do inside a Do joins the outer one, and its error rolls the whole back.
func (db *DB) Do(ctx context.Context, f func(ctx context.Context) error) (err error) {
	if t := db.joined(ctx); t != nil {
		if err := f(ctx); err != nil {
			if t.doomed == nil {
				t.doomed = err
			}
			return err
		}
		return nil
	}
	tx, err := db.w.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	t := &transaction{db: db, tx: tx}
	done := false
	defer func() {
		if !done { // also on a panic of f, which goes on to the caller
			if e := tx.Rollback(); e != nil && !errors.Is(e, sql.ErrTxDone) {
				err = errors.Join(err, e)
			}
		}
	}()
	if err := f(context.WithValue(ctx, txKey{}, t)); err != nil {
		return err
	}
	if t.doomed != nil {
		return t.doomed
	}
	done = true
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

func (db *DB) joined(ctx context.Context) *transaction {
	if t, _ := ctx.Value(txKey{}).(*transaction); t != nil && t.db == db {
		return t
	}
	return nil
}

// exec runs one writing statement in the transaction of ctx, or in its own.
func (db *DB) exec(ctx context.Context, query string, args ...any) (sql.Result, error) {
	if t := db.joined(ctx); t != nil {
		return t.tx.ExecContext(ctx, query, args...)
	}
	return db.w.ExecContext(ctx, query, args...)
}

// change is exec for a statement that must touch a row; missing is the error when there was none.
func (db *DB) change(ctx context.Context, missing error, query string, args ...any) error {
	res, err := db.exec(ctx, query, args...)
	if err != nil {
		return err
	}
	switch n, err := res.RowsAffected(); {
	case err != nil:
		return err
	case n == 0:
		return missing
	}
	return nil
}

// query reads in the transaction of ctx, so that it sees what was written there, or from the pool.
func (db *DB) query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if t := db.joined(ctx); t != nil {
		return t.tx.QueryContext(ctx, query, args...)
	}
	return db.r.QueryContext(ctx, query, args...)
}

// row is query for one row; Scan reports a missing one as sql.ErrNoRows (see found).
func (db *DB) row(ctx context.Context, query string, args ...any) *sql.Row {
	if t := db.joined(ctx); t != nil {
		return t.tx.QueryRowContext(ctx, query, args...)
	}
	return db.r.QueryRowContext(ctx, query, args...)
}

// found turns the driver's "no rows" into the error that the service declares for it.
func found(err, missing error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return missing
	}
	return err
}

// collect reads all rows with scan.
func collect[T any](rows *sql.Rows, err error, scan func(*sql.Rows) (T, error)) ([]T, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []T
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, v)
	}
	return all, rows.Err()
}

// SQLite's extended result codes for broken constraints.
const (
	codeCheck      = 275
	codeForeignKey = 787
	codePrimaryKey = 1555
	codeUnique     = 2067
)

// duplicate says whether err is a broken UNIQUE or PRIMARY KEY; with columns, only when it names one of them ("table.column").
func duplicate(err error, columns ...string) bool {
	var e *sqlite.Error
	if !errors.As(err, &e) || e.Code() != codeUnique && e.Code() != codePrimaryKey {
		return false
	}
	for _, c := range columns {
		if strings.Contains(e.Error(), c) {
			return true
		}
	}
	return len(columns) == 0
}

// forbidden says whether err is a broken CHECK or FOREIGN KEY: the database refused what a service should have refused.
func forbidden(err error) bool {
	var e *sqlite.Error
	return errors.As(err, &e) && (e.Code() == codeCheck || e.Code() == codeForeignKey)
}

// Micros is a time as it is stored: microseconds since 1970 UTC; 0 for the zero time.
func Micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// Time is the reverse of Micros, in UTC.
func Time(micros int64) time.Time {
	if micros == 0 {
		return time.Time{}
	}
	return time.UnixMicro(micros).UTC()
}
