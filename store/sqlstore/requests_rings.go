package sqlstore

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/scimkit/scimkit/token/requestlog"
)

// rings are the tables of the log of requests. An entry is written over the one
// that is so many entries older: nothing is searched for and nothing deleted.
type rings struct {
	db        *database
	perTenant int

	known, count, put, get, know string
}

const requestNames = `tenant, authenticated, slot, at, method, path, status, scim_type, detail, client, subject, quirks, duration`

func newRings(db *database, prefix string, perTenant int) *rings {
	in := func(text string) string { return strings.ReplaceAll(text, "{p}", prefix) }
	var set []string
	for _, name := range strings.Split(requestNames, ", ")[3:] {
		set = append(set, name+" = excluded."+name)
	}
	return &rings{
		db: db, perTenant: perTenant,
		known: in(`SELECT tenant FROM {p}request_rings WHERE tenant IN ({rows})`),
		count: in(`INSERT INTO {p}request_rings (tenant, granted, refused) VALUES {rows} ON CONFLICT (tenant) DO UPDATE
			SET granted = {p}request_rings.granted + excluded.granted, refused = {p}request_rings.refused + excluded.refused
			RETURNING tenant, granted, refused`),
		put: in(`INSERT INTO {p}requests (` + requestNames + `) VALUES {rows}
			ON CONFLICT (tenant, authenticated, slot) DO UPDATE SET ` + strings.Join(set, ", ")),
		get: in(`SELECT ` + requestNames + ` FROM {p}requests WHERE tenant = ? AND (authenticated AND slot < ? OR NOT authenticated AND slot < ?)
			ORDER BY at DESC LIMIT ?`),
		know: in(`INSERT INTO {p}request_rings (tenant, granted, refused) VALUES (?, 0, 0) ON CONFLICT (tenant) DO NOTHING`),
	}
}

// write stores entries, in one transaction.
func (r *rings) write(ctx context.Context, waiting map[ring]*waiting) error {
	return r.db.write(ctx, func(tx runner) error {
		known, err := r.tenants(ctx, tx, waiting)
		if err != nil {
			return err
		}
		counts, err := r.counted(ctx, tx, waiting, known)
		if err != nil {
			return err
		}
		var rows [][]any
		for ring, w := range waiting {
			list, size := w.last(), ring.size(r.perTenant)
			if !known[ring.tenant] {
				continue
			}
			for i, e := range list {
				number := counts[ring] - int64(len(list)-i)
				rows = append(rows, requestValues(e, number%int64(size)))
			}
		}
		return batches(r.put, rows, func(query string, args []any) error {
			_, err := tx.exec(ctx, query, args...)
			return err
		})
	}, nil)
}

// tenants gives the tenants whose entries are kept: those with a right request,
// and those that are known already.
func (r *rings) tenants(ctx context.Context, tx runner, waiting map[ring]*waiting) (map[string]bool, error) {
	known := map[string]bool{}
	for ring := range waiting {
		if ring.authenticated {
			known[ring.tenant] = true
		}
	}
	var ask [][]any
	for ring := range waiting {
		if !known[ring.tenant] {
			ask = append(ask, []any{ring.tenant})
		}
	}
	err := batches(r.known, ask, func(query string, args []any) error {
		return each(ctx, tx, query, args, func(scan func(...any) error) error {
			var tenant string
			err := scan(&tenant)
			known[tenant] = true
			return err
		})
	})
	return known, err
}

// counted adds to the numbers of entries that rings have had, and gives them.
func (r *rings) counted(ctx context.Context, tx runner, waiting map[ring]*waiting, known map[string]bool) (map[ring]int64, error) {
	more := func(r ring) (n int) {
		if w := waiting[r]; w != nil {
			n = len(w.last())
		}
		return n
	}
	var rows [][]any
	for _, tenant := range slices.Sorted(maps.Keys(known)) { // in one order, so that no two nodes wait for each other
		rows = append(rows, []any{tenant, more(ring{tenant, true}), more(ring{tenant, false})})
	}
	counts := map[ring]int64{}
	err := batches(r.count, rows, func(query string, args []any) error {
		return each(ctx, tx, query, args, func(scan func(...any) error) error {
			var tenant string
			var granted, refused int64
			err := scan(&tenant, &granted, &refused)
			counts[ring{tenant, true}], counts[ring{tenant, false}] = granted, refused
			return err
		})
	})
	return counts, err
}

// recent gives the last entries of a tenant, which is known then.
func (r *rings) recent(ctx context.Context, tenant string, limit int) (list []requestlog.Entry, err error) {
	granted, refused := ring{tenant, true}.size(r.perTenant), ring{tenant, false}.size(r.perTenant)
	err = r.db.read(ctx, func(run runner) error {
		list = nil
		return each(ctx, run, r.get, []any{tenant, granted, refused, max(limit, 0)}, func(scan func(...any) error) error {
			e, err := scanRequest(scan)
			list = append(list, e)
			return err
		})
	})
	if err != nil || len(list) > 0 {
		return list, err
	}
	return nil, r.db.write(ctx, func(tx runner) error {
		_, err := tx.exec(ctx, r.know, tenant)
		return err
	}, nil)
}

// requestValues are what requestNames names.
func requestValues(e requestlog.Entry, slot int64) []any {
	quirks, _ := json.Marshal(e.Quirks) // strings always can be
	return []any{e.Tenant, e.Authenticated, slot, micros(e.Time), plain(e.Method), plain(e.Path), e.Status, plain(e.ScimType), plain(e.Detail),
		plain(e.Client), plain(e.Subject), plain(string(quirks)), int64(e.Duration)}
}

func scanRequest(scan func(...any) error) (e requestlog.Entry, err error) {
	var slot, at, duration int64
	var quirks string
	err = scan(&e.Tenant, &e.Authenticated, &slot, &at, &e.Method, &e.Path, &e.Status, &e.ScimType, &e.Detail,
		&e.Client, &e.Subject, &quirks, &duration)
	if err != nil {
		return e, err
	}
	e.Time, e.Duration = timeOf(at), time.Duration(duration)
	return e, json.Unmarshal([]byte(quirks), &e.Quirks)
}
