package sqlstore

import (
	"context"
	"database/sql"
	"strings"
	"sync"
)

// SQLite takes longer to prepare most statements than to run them, and its
// drivers forget them. Those of PostgreSQL do not.

// mostPrepared is how many statements stay prepared, on each connection that
// ran them. The store has fewer, but for filters, of which clients have few.
const mostPrepared = 128

// preparedStatements are by their text.
type preparedStatements struct {
	mu sync.RWMutex
	by map[string]*sql.Stmt
}

func (p *preparedStatements) find(text string) *sql.Stmt {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return p.by[text]
}

// add prepares text, if there is room. What fails to be prepared fails when it
// runs, too.
func (p *preparedStatements) add(ctx context.Context, db *sql.DB, text string) *sql.Stmt {
	p.mu.RLock()
	full := len(p.by) >= mostPrepared
	p.mu.RUnlock()
	if full || strings.HasPrefix(text, "CREATE ") {
		return nil
	}
	s, err := db.PrepareContext(ctx, text)
	if err != nil {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if was := p.by[text]; was != nil {
		s.Close()
		return was
	}
	if p.by == nil {
		p.by = make(map[string]*sql.Stmt)
	}
	p.by[text] = s
	return s
}

// preparing is a pool that prepares what it runs.
type preparing struct {
	*sql.DB
	known *preparedStatements
}

func (p preparing) statement(ctx context.Context, text string) *sql.Stmt {
	if s := p.known.find(text); s != nil {
		return s
	}
	return p.known.add(ctx, p.DB, text)
}

func (p preparing) QueryContext(ctx context.Context, text string, args ...any) (*sql.Rows, error) {
	if s := p.statement(ctx, text); s != nil {
		return s.QueryContext(ctx, args...)
	}
	return p.DB.QueryContext(ctx, text, args...)
}

func (p preparing) QueryRowContext(ctx context.Context, text string, args ...any) *sql.Row {
	if s := p.statement(ctx, text); s != nil {
		return s.QueryRowContext(ctx, args...)
	}
	return p.DB.QueryRowContext(ctx, text, args...)
}

func (p preparing) ExecContext(ctx context.Context, text string, args ...any) (sql.Result, error) {
	if s := p.statement(ctx, text); s != nil {
		return s.ExecContext(ctx, args...)
	}
	return p.DB.ExecContext(ctx, text, args...)
}

// prepared is a transaction that runs what is prepared, and notes what is not:
// the pool may have no other connection to prepare it on.
type prepared struct {
	*sql.Tx
	known  *preparedStatements
	missed []string
}

func (p *prepared) statement(ctx context.Context, text string) *sql.Stmt {
	if s := p.known.find(text); s != nil {
		return p.StmtContext(ctx, s)
	}
	p.missed = append(p.missed, text)
	return nil
}

func (p *prepared) QueryContext(ctx context.Context, text string, args ...any) (*sql.Rows, error) {
	if s := p.statement(ctx, text); s != nil {
		return s.QueryContext(ctx, args...)
	}
	return p.Tx.QueryContext(ctx, text, args...)
}

func (p *prepared) QueryRowContext(ctx context.Context, text string, args ...any) *sql.Row {
	if s := p.statement(ctx, text); s != nil {
		return s.QueryRowContext(ctx, args...)
	}
	return p.Tx.QueryRowContext(ctx, text, args...)
}

func (p *prepared) ExecContext(ctx context.Context, text string, args ...any) (sql.Result, error) {
	if s := p.statement(ctx, text); s != nil {
		return s.ExecContext(ctx, args...)
	}
	return p.Tx.ExecContext(ctx, text, args...)
}
