package main

import (
	"context"
	"fmt"
	"net/http"

	"github.com/scimkit/scimkit/examples/internal/host"
	"github.com/scimkit/scimkit/scim"
)

// An index answers a filter path eq value.
type index struct {
	path  string
	where string              // about $2, as $1 is the tenant
	key   func(string) string // of the value, nil for the value itself
}

// maxScan is how many rows a query that no index answers may look at. Identity
// providers send equality filters, which have indexes, and page through all.
// Everything else that SCIM can ask is for people who try things out, and
// loads what the tenant has.
const maxScan = 10_000

// plan says what to load for q: rows of the table that the condition selects.
// If paged, these are the page and there are total matches. Otherwise they hold
// all matches, and q.Select finds them.
type plan struct {
	where string
	args  []any
	paged bool
	total int
}

func planFor(ctx context.Context, tx *host.Tx, table, tenant string, q scim.Query, indexes []index) (p plan, err error) {
	p = plan{where: "tenant = $1", args: []any{tenant}}
	if q.Filter != nil {
		for _, x := range indexes {
			if v, ok := q.Filter.Equals(x.path); ok {
				if x.key != nil {
					v = x.key(v)
				}
				p.where, p.args = p.where+" AND "+x.where, append(p.args, v)
				return p, nil
			}
		}
	}
	err = tx.QueryRowContext(ctx, "SELECT count(*) FROM "+table+" WHERE tenant = $1", tenant).Scan(&p.total)
	switch {
	case err != nil:
		return p, err
	case q.Filter == nil && q.Order == nil:
		p.paged = true
		p.where, p.args = p.where+" ORDER BY id LIMIT $2 OFFSET $3", append(p.args, q.Count, q.StartIndex-1)
	case p.total > maxScan:
		return p, &scim.Error{Status: http.StatusBadRequest, Type: "tooMany", Detail: fmt.Sprintf(
			"There are more than %d resources. Use a filter with eq, or page through all without filter and order.", maxScan)}
	}
	return p, nil
}
