package sqlstore

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/scimkit/scimkit/token"
)

// tokens is the token.Store. A tenant is a row, which Update locks.
type tokens struct {
	db *database
	d  Dialect
	tokenSQL
}

// Find implements token.Store, with one statement.
func (s *tokens) Find(ctx context.Context, id string) (token.Token, token.Settings, error) {
	var t tokenRow
	err := s.db.read(ctx, func(r runner) (err error) {
		t, err = scanToken(r.row(ctx, s.find, id).Scan)
		return err
	})
	if errors.Is(err, sql.ErrNoRows) {
		err = token.ErrNotFound
	}
	return t.Token, t.settings, err
}

// Tenant implements token.Store.
func (s *tokens) Tenant(ctx context.Context, tenant string) (t token.Tenant, err error) {
	err = s.db.read(ctx, func(r runner) error {
		rows, err := s.load(ctx, r, tenant)
		if err != nil {
			return err
		}
		t = token.Tenant{}
		for _, row := range rows {
			t.Settings = row.settings
			t.Tokens = append(t.Tokens, row.Token)
		}
		if len(rows) > 0 {
			return nil
		}
		// Without tokens there may be settings.
		err = r.row(ctx, s.tenant, tenant).Scan(&t.Enabled, &t.Paused)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		return err
	})
	return t, err
}

// load gives the tokens of a tenant in the order in which they were made.
func (s *tokens) load(ctx context.Context, r runner, tenant string) (list []tokenRow, err error) {
	err = each(ctx, r, s.list, []any{tenant}, func(scan func(...any) error) error {
		row, err := scanToken(scan)
		list = append(list, row)
		return err
	})
	return list, err
}

// Touch implements token.Store, with one statement.
func (s *tokens) Touch(ctx context.Context, id string, at time.Time) error {
	set := func(r runner) error {
		_, err := r.exec(ctx, s.touch, micros(at), id, micros(at.Add(-time.Minute)))
		return err
	}
	if s.d == PostgreSQL { // by itself it is a transaction already
		return s.db.read(ctx, set)
	}
	return s.db.write(ctx, set, nil)
}

// Events implements token.Store.
func (s *tokens) Events(ctx context.Context, tenant string, before int64, limit int) (events []token.Event, err error) {
	if before == 0 {
		before = math.MaxInt64
	}
	err = s.db.read(ctx, func(r runner) error {
		events = nil
		return each(ctx, r, s.events, []any{tenant, before, max(limit, 0)}, func(scan func(...any) error) error {
			var e token.Event
			var at int64
			err := scan(&e.Tenant, &e.Seq, &at, &e.Actor, &e.Action, &e.Token, &e.TokenName, &e.Successor)
			e.Time = timeOf(at)
			events = append(events, e)
			return err
		})
	})
	return events, err
}

// Update implements token.Store.
func (s *tokens) Update(ctx context.Context, tenant string, edit func(*token.Tenant) ([]token.Event, error)) error {
	var before string
	change := rand.Text()
	return s.db.write(ctx, func(tx runner) error {
		old, err := s.lock(ctx, tx, tenant)
		if err != nil {
			return err
		}
		before = old.change
		list, err := s.load(ctx, tx, tenant)
		if err != nil {
			return err
		}
		t := token.Tenant{Settings: old.settings}
		for _, r := range list {
			t.Tokens = append(t.Tokens, r.clone())
		}
		events, err := edit(&t)
		if err != nil {
			return final{err}
		}
		if err := s.save(ctx, tx, tenant, list, t.Tokens); err != nil {
			return err
		}
		for i := range events {
			events[i].Seq, events[i].Tenant = old.last+int64(i)+1, tenant
		}
		if _, err := tx.exec(ctx, s.setTenant, t.Enabled, t.Paused, old.last+int64(len(events)), change, tenant); err != nil {
			return err
		}
		return s.note(ctx, tx, events)
	}, func(ctx context.Context) (outcome, error) { return s.landed(ctx, tenant, before, change) })
}

// tenantRow is the row of a tenant.
type tenantRow struct {
	settings token.Settings
	last     int64  // the number of the last event
	change   string // names the last change
}

// lock locks a tenant, which is there then.
func (s *tokens) lock(ctx context.Context, tx runner, tenant string) (t tenantRow, err error) {
	get := func() error {
		return tx.row(ctx, s.lockTenant, tenant).Scan(&t.settings.Enabled, &t.settings.Paused, &t.last, &t.change)
	}
	if err = get(); !errors.Is(err, sql.ErrNoRows) {
		return t, err
	}
	if _, err := tx.exec(ctx, s.addTenant, tenant, false, false); err != nil {
		return t, err
	}
	return t, get()
}

// errLooked ends a transaction that has only looked.
var errLooked = errors.New("sqlstore: looked")

// landed tells what became of a change whose COMMIT had no answer. It waits for
// the lock, which that transaction has for as long as it is not over.
func (s *tokens) landed(ctx context.Context, tenant, before, change string) (o outcome, err error) {
	err, _ = s.db.once(ctx, func(tx runner) error {
		t, err := s.lock(ctx, tx, tenant)
		if err != nil {
			return err
		}
		switch t.change {
		case change:
			o = applied
		case before:
			o = notApplied
		}
		return errLooked
	})
	if errors.Is(err, errLooked) {
		err = nil
	}
	return o, err
}

// save makes the tokens of a tenant, which are those in old, those in list.
func (s *tokens) save(ctx context.Context, tx runner, tenant string, old []tokenRow, list []token.Token) error {
	rows := make(map[string]tokenRow, len(old))
	var place int64
	for _, r := range old {
		rows[r.ID] = r
		place = max(place, r.place+1)
	}
	kept := make(map[string]bool, len(list))
	for i := range list {
		if kept[list[i].ID] {
			return final{fmt.Errorf("sqlstore: the token id %s is there twice", list[i].ID)}
		}
		kept[list[i].ID] = true
	}
	// First those that go: a new one may have the place of their id.
	for _, r := range old {
		if !kept[r.ID] {
			if _, err := tx.exec(ctx, s.remove, r.ID, tenant); err != nil {
				return err
			}
		}
	}
	for _, t := range list {
		r, found := rows[t.ID]
		switch {
		case !found:
			if err := s.insert(ctx, tx, tenant, t, place); err != nil {
				return err
			}
			place++
		case !r.same(t):
			if _, err := tx.exec(ctx, s.change, append(tokenValues(t), t.ID, tenant)...); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *tokens) insert(ctx context.Context, tx runner, tenant string, t token.Token, place int64) error {
	_, err := tx.exec(ctx, s.add, append(tokenValues(t), t.ID, tenant, micros(t.LastUsedAt), place)...)
	if err != nil && duplicate(err) {
		return final{fmt.Errorf("sqlstore: the token id %s is in use: %w", t.ID, err)}
	}
	return err
}

// note stores events.
func (s *tokens) note(ctx context.Context, tx runner, events []token.Event) error {
	var rows [][]any
	for _, e := range events {
		rows = append(rows, []any{e.Tenant, e.Seq, micros(e.Time), e.Actor, e.Action, e.Token, e.TokenName, e.Successor})
	}
	return batches(s.addEvent, rows, func(query string, args []any) error {
		_, err := tx.exec(ctx, query, args...)
		return err
	})
}
