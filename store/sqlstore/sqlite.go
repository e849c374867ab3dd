package sqlstore

import (
	"context"
	"fmt"
)

// checkSQLite turns write-ahead logging on, which stays with the file, and looks at
// the setting that decides what survives: every connection of the pool should have
// it, so it belongs into the name of the data source.
func (d *database) checkSQLite(ctx context.Context, relaxed bool) error {
	if d.dialect.Dialect != SQLite {
		return nil
	}
	var mode string
	var level int
	// Nodes that start at once on a new file are in each other's way.
	err := d.read(ctx, func(r runner) error {
		if err := r.row(ctx, "PRAGMA journal_mode = WAL").Scan(&mode); err != nil {
			return err
		}
		return r.row(ctx, "PRAGMA synchronous").Scan(&level)
	})
	const full = 2
	switch {
	case err != nil:
		return fmt.Errorf("sqlstore: the database: %w", err)
	case mode != "wal" && mode != "memory":
		return fmt.Errorf("sqlstore: the journal mode of the database is %s and cannot be changed to WAL", mode)
	case level < full && mode == "wal" && !relaxed:
		return fmt.Errorf("sqlstore: PRAGMA synchronous is %d, which may lose acknowledged writes when the power fails; FULL is needed, or Options.Relaxed", level)
	}
	return nil
}
