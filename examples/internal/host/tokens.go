package host

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/scimkit/scimkit/token"
)

// TokenTables are the tables of [TokenStore].
const TokenTables = `
CREATE TABLE IF NOT EXISTS scim_tenants (
	tenant     TEXT    NOT NULL PRIMARY KEY,
	enabled    INTEGER NOT NULL,
	paused     INTEGER NOT NULL,
	last_event INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS scim_tokens (
	id           TEXT    NOT NULL PRIMARY KEY,
	tenant       TEXT    NOT NULL REFERENCES scim_tenants,
	place        INTEGER NOT NULL, -- in the order in which they were made
	token        TEXT    NOT NULL, -- JSON
	last_used_at INTEGER NOT NULL  -- microseconds, 0 for never
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS scim_tokens_tenant ON scim_tokens (tenant, place);
CREATE TABLE IF NOT EXISTS scim_token_events (
	tenant TEXT    NOT NULL REFERENCES scim_tenants,
	seq    INTEGER NOT NULL,
	event  TEXT    NOT NULL, -- JSON
	PRIMARY KEY (tenant, seq)
) STRICT, WITHOUT ROWID;
`

// TokenStore keeps tokens in db, which has TokenTables.
func TokenStore(db *DB) token.Store { return tokenStore{db} }

type tokenStore struct{ db *DB }

// scanToken reads a row of the columns token and last_used_at.
func scanToken(t *token.Token, scan func(...any) error, more ...any) error {
	var text []byte
	var used int64
	if err := scan(append([]any{&text, &used}, more...)...); err != nil {
		return err
	}
	if err := json.Unmarshal(text, t); err != nil {
		return err
	}
	t.LastUsedAt = Time(used)
	return nil
}

func (s tokenStore) Find(ctx context.Context, id string) (t token.Token, settings token.Settings, err error) {
	err = s.db.Read(ctx, func(tx *sql.Tx) error {
		row := tx.QueryRowContext(ctx, `SELECT token, last_used_at, enabled, paused
			FROM scim_tokens JOIN scim_tenants USING (tenant) WHERE id = ?`, id)
		return scanToken(&t, row.Scan, &settings.Enabled, &settings.Paused)
	})
	if errors.Is(err, sql.ErrNoRows) {
		err = token.ErrNotFound
	}
	return t, settings, err
}

func (s tokenStore) Tenant(ctx context.Context, tenant string) (t token.Tenant, err error) {
	err = s.db.Read(ctx, func(tx *sql.Tx) error {
		t, _, err = loadTokens(ctx, tx, tenant)
		return err
	})
	return t, err
}

// loadTokens gives what there is of a tenant and the number of its last event.
func loadTokens(ctx context.Context, tx *sql.Tx, tenant string) (t token.Tenant, last int64, err error) {
	err = tx.QueryRowContext(ctx, `SELECT enabled, paused, last_event FROM scim_tenants WHERE tenant = ?`, tenant).
		Scan(&t.Enabled, &t.Paused, &last)
	if err != nil {
		if errors.Is(err, sql.ErrNoRows) {
			err = nil
		}
		return t, 0, err
	}
	err = Rows(ctx, tx, func(scan func(...any) error) error {
		var tok token.Token
		err := scanToken(&tok, scan)
		t.Tokens = append(t.Tokens, tok)
		return err
	}, `SELECT token, last_used_at FROM scim_tokens WHERE tenant = ? ORDER BY place`, tenant)
	return t, last, err
}

func (s tokenStore) Update(ctx context.Context, tenant string, edit func(*token.Tenant) ([]token.Event, error)) error {
	return s.db.Write(ctx, func(tx *sql.Tx) error {
		t, last, err := loadTokens(ctx, tx, tenant)
		if err != nil {
			return err
		}
		events, err := edit(&t)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO scim_tenants (tenant, enabled, paused, last_event) VALUES (?, ?, ?, ?)
			ON CONFLICT DO UPDATE SET enabled = excluded.enabled, paused = excluded.paused, last_event = excluded.last_event`,
			tenant, t.Enabled, t.Paused, last+int64(len(events)))
		if err != nil {
			return err
		}
		if err := saveTokens(ctx, tx, tenant, t.Tokens); err != nil {
			return err
		}
		for i := range events {
			e := &events[i]
			e.Seq, e.Tenant = last+int64(i)+1, tenant
			text, err := json.Marshal(e)
			if err != nil {
				return err
			}
			if _, err = tx.ExecContext(ctx, `INSERT INTO scim_token_events (tenant, seq, event) VALUES (?, ?, ?)`, tenant, e.Seq, string(text)); err != nil {
				return err
			}
		}
		return nil
	})
}

// saveTokens makes the tokens of a tenant those in list.
func saveTokens(ctx context.Context, tx *sql.Tx, tenant string, list []token.Token) error {
	ids := make([]string, len(list))
	for i := range list {
		ids[i] = list[i].ID
	}
	_, err := tx.ExecContext(ctx, `DELETE FROM scim_tokens WHERE tenant = ? AND id NOT IN (SELECT value FROM json_each(?))`, tenant, JSON(ids))
	if err != nil {
		return err
	}
	seen := make(map[string]bool, len(list))
	for i := range list {
		t := list[i]
		used := Micro(t.LastUsedAt)
		t.Tenant, t.LastUsedAt = tenant, time.Time{}
		text, err := json.Marshal(t)
		if err != nil {
			return err
		}
		done, err := tx.ExecContext(ctx, `INSERT INTO scim_tokens (id, tenant, place, token, last_used_at) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT DO UPDATE SET place = excluded.place, token = excluded.token WHERE tenant = excluded.tenant`,
			t.ID, tenant, i, string(text), used)
		if err != nil {
			return err
		}
		if n, err := done.RowsAffected(); err != nil || n == 0 || seen[t.ID] {
			return errors.Join(fmt.Errorf("the token id %s is in use", t.ID), err)
		}
		seen[t.ID] = true
	}
	return nil
}

func (s tokenStore) Touch(ctx context.Context, id string, at time.Time) error {
	return s.db.Write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE scim_tokens SET last_used_at = ?1 WHERE id = ?2 AND last_used_at < ?1`, Micro(at), id)
		return err
	})
}

func (s tokenStore) Events(ctx context.Context, tenant string, before int64, limit int) (events []token.Event, err error) {
	err = s.db.Read(ctx, func(tx *sql.Tx) error {
		return Rows(ctx, tx, func(scan func(...any) error) error {
			var text []byte
			if err := scan(&text); err != nil {
				return err
			}
			var e token.Event
			err := json.Unmarshal(text, &e)
			events = append(events, e)
			return err
		}, `SELECT event FROM scim_token_events WHERE tenant = ?1 AND (?2 = 0 OR seq < ?2) ORDER BY seq DESC LIMIT ?3`, tenant, before, limit)
	})
	return events, err
}
