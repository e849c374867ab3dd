package sqlstore

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
)

// A statement is SQL with named parameters, {tenant}, in the form that the
// database takes. Nothing that a client sends is a part of its text.
type statement struct {
	text  string
	names []string // of the parameters, in their order
}

// params are the values of parameters.
type params map[string]any

// compile makes a statement of a text. The parameters in first, which the text
// must have, come before all others.
func (d sqlOf) compile(text string, first ...string) statement {
	s := statement{names: first[:len(first):len(first)]}
	var b strings.Builder
	numbers := make(map[string]int)
	for i, name := range first {
		numbers[name] = i + 1
	}
	for {
		i := strings.IndexByte(text, '{')
		if i < 0 {
			break
		}
		j := i + strings.IndexByte(text[i:], '}')
		name := text[i+1 : j]
		b.WriteString(text[:i])
		text = text[j+1:]
		n, again := numbers[name]
		if !again {
			s.names = append(s.names, name)
			n = len(s.names)
			numbers[name] = n
		}
		b.WriteString(d.Placeholder(n))
	}
	b.WriteString(text)
	s.text = b.String()
	return s
}

// args gives the values of p in the order of the parameters.
func (s statement) args(p params) []any {
	args := make([]any, len(s.names))
	for i, name := range s.names {
		v, ok := p[name]
		if !ok {
			panic(fmt.Sprintf("sqlstore: the parameter %s of %q has no value", name, s.text))
		}
		args[i] = v
	}
	return args
}

func (s statement) query(ctx context.Context, on session, p params) (*sql.Rows, error) {
	return on.QueryContext(ctx, s.text, s.args(p)...)
}

func (s statement) row(ctx context.Context, on session, p params) *sql.Row {
	return on.QueryRowContext(ctx, s.text, s.args(p)...)
}

// exec gives the number of rows that the statement changed.
func (s statement) exec(ctx context.Context, on session, p params) (int64, error) {
	res, err := on.ExecContext(ctx, s.text, s.args(p)...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// attempt runs a statement that may fail within a transaction that goes on. In SQLite,
// each may.
func (d sqlOf) attempt(ctx context.Context, tx session, run func() error) error {
	if d.Dialect != PostgreSQL {
		return run()
	}
	if _, err := tx.ExecContext(ctx, "SAVEPOINT scim_attempt"); err != nil {
		return err
	}
	failed := run()
	if failed != nil {
		if _, err := tx.ExecContext(ctx, "ROLLBACK TO SAVEPOINT scim_attempt"); err != nil {
			return failed
		}
	}
	if _, err := tx.ExecContext(ctx, "RELEASE SAVEPOINT scim_attempt"); err != nil && failed == nil {
		return err
	}
	return failed
}

// literal writes a name of the host's as a string of SQL. It holds nothing but
// what plainName allows.
func literal(name string) string { return "'" + name + "'" }
