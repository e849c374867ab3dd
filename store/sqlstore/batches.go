package sqlstore

import (
	"context"
	"math/bits"
	"strings"
)

// batches runs a statement on rows, up to 128 at a time, in the place of {rows}.
// The numbers of rows are powers of two, so that there are few statements to
// prepare.
func batches(text string, rows [][]any, run func(query string, args []any) error) error {
	for len(rows) > 0 {
		n := 1 << min(bits.Len(uint(len(rows)))-1, 7)
		one := "(?" + strings.Repeat(", ?", len(rows[0])-1) + ")"
		var args []any
		for _, row := range rows[:n] {
			args = append(args, row...)
		}
		if err := run(strings.Replace(text, "{rows}", one+strings.Repeat(", "+one, n-1), 1), args); err != nil {
			return err
		}
		rows = rows[n:]
	}
	return nil
}

// each runs a query and calls f for every row.
func each(ctx context.Context, r runner, query string, args []any, f func(scan func(...any) error) error) error {
	rows, err := r.query(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := f(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}
