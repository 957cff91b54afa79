package store

import (
	"context"
	"embed"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
)

// Numbers below 100 belong to the base (people, applications, mail), 101 and above to the certificate services.
//
//go:embed migrations/sqlite/*.sql
var migrations embed.FS

// migrate applies what is missing, each file in its own transaction.
func (db *DB) migrate(ctx context.Context) error {
	files, err := fs.Sub(migrations, "migrations/sqlite")
	if err != nil {
		return err
	}
	p, err := goose.NewProvider(goose.DialectSQLite3, db.w, files,
		goose.WithDisableGlobalRegistry(true),
		// The two number ranges grow independently, so a lower number may arrive later.
		goose.WithAllowOutofOrder(true))
	if err != nil {
		return fmt.Errorf("migrations: %w", err)
	}
	current, target, err := p.GetVersions(ctx)
	if err != nil {
		return fmt.Errorf("read schema version: %w", err)
	}
	if current > target {
		return fmt.Errorf("the data were made by a newer program (schema %d, this program knows %d); use that one", current, target)
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("migrate from schema %d: %w", current, err)
	}
	return nil
}
