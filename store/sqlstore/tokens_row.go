package sqlstore

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/scimkit/scimkit/token"
)

// tokenSQL are the statements of tokens.
type tokenSQL struct {
	find, list, add, change, remove, touch string
	tenant, lockTenant, addTenant          string
	setTenant                              string
	events, addEvent                       string
}

const (
	// tokenNames are the columns of tokenValues.
	tokenNames = `name, scopes, last_four, key_id, digest, created_at, created_by, expires_at, revoked_at, revoked_by,
		replaced_by, rotation_ends, expiry_notice`
	selectTokens = `SELECT ` + tokenNames + `, id, k.tenant, last_used_at, place, enabled, paused
		FROM {p}tokens k JOIN {p}tenants t ON t.tenant = k.tenant`
	eventNames = `tenant, seq, at, actor, action, token, token_name, successor`
)

// newTokens keeps tokens in the tables that begin with prefix.
func newTokens(db *database, d Dialect, prefix string) *tokens {
	in := func(text string) string { return strings.ReplaceAll(text, "{p}", prefix) }
	q := tokenSQL{
		find:   in(selectTokens + ` WHERE id = ?`),
		list:   in(selectTokens + ` WHERE k.tenant = ? ORDER BY place`),
		add:    in(`INSERT INTO {p}tokens (` + tokenNames + `, id, tenant, last_used_at, place) VALUES (?` + strings.Repeat(", ?", 16) + `)`),
		change: in(`UPDATE {p}tokens SET ` + strings.ReplaceAll(tokenNames, ",", " = ?,") + ` = ? WHERE id = ? AND tenant = ?`),
		remove: in(`DELETE FROM {p}tokens WHERE id = ? AND tenant = ?`),
		touch:  in(`UPDATE {p}tokens SET last_used_at = ? WHERE id = ? AND (last_used_at = 0 OR last_used_at <= ?)`),

		tenant:     in(`SELECT enabled, paused FROM {p}tenants WHERE tenant = ?`),
		lockTenant: in(`SELECT enabled, paused, last_event, change FROM {p}tenants WHERE tenant = ?`),
		addTenant: in(`INSERT INTO {p}tenants (tenant, enabled, paused, last_event, change) VALUES (?, ?, ?, 0, '')
			ON CONFLICT (tenant) DO NOTHING`),
		setTenant: in(`UPDATE {p}tenants SET enabled = ?, paused = ?, last_event = ?, change = ? WHERE tenant = ?`),

		events:   in(`SELECT ` + eventNames + ` FROM {p}token_events WHERE tenant = ? AND seq < ? ORDER BY seq DESC LIMIT ?`),
		addEvent: in(`INSERT INTO {p}token_events (` + eventNames + `) VALUES {rows}`),
	}
	if d == PostgreSQL {
		q.lockTenant += ` FOR UPDATE`
	}
	return &tokens{db, d, q}
}

// tokenRow is a token, the settings of its tenant, and its place among the
// tokens.
type tokenRow struct {
	token.Token
	settings token.Settings
	place    int64
}

// scanToken reads a row of selectTokens.
func scanToken(scan func(...any) error) (r tokenRow, err error) {
	var scopes string
	var created, expires, revoked, ends, used int64
	err = scan(&r.Name, &scopes, &r.LastFour, &r.KeyID, &r.Digest, &created, &r.CreatedBy, &expires, &revoked, &r.RevokedBy,
		&r.ReplacedBy, &ends, &r.ExpiryNotice, &r.ID, &r.Tenant, &used, &r.place, &r.settings.Enabled, &r.settings.Paused)
	if err != nil {
		return r, err
	}
	r.CreatedAt, r.ExpiresAt, r.RevokedAt = timeOf(created), timeOf(expires), timeOf(revoked)
	r.RotationEnds, r.LastUsedAt = timeOf(ends), timeOf(used)
	return r, json.Unmarshal([]byte(scopes), &r.Scopes)
}

// tokenValues are what Update may change, as tokenNames has it.
func tokenValues(t token.Token) []any {
	scopes, _ := json.Marshal(t.Scopes) // strings always can be
	return []any{t.Name, string(scopes), t.LastFour, t.KeyID, append([]byte{}, t.Digest...), micros(t.CreatedAt), t.CreatedBy,
		micros(t.ExpiresAt), micros(t.RevokedAt), t.RevokedBy, t.ReplacedBy, micros(t.RotationEnds), t.ExpiryNotice}
}

// clone is a token that shares no memory with r.
func (r tokenRow) clone() token.Token {
	t := r.Token
	t.Scopes, t.Digest = slices.Clone(t.Scopes), slices.Clone(t.Digest)
	return t
}

// same tells whether nothing of a token has changed that Update may change.
func (r tokenRow) same(t token.Token) bool {
	a, b := tokenValues(r.Token), tokenValues(t)
	return slices.EqualFunc(a, b, func(x, y any) bool {
		digest, ok := x.([]byte)
		if ok {
			return bytes.Equal(digest, y.([]byte))
		}
		return x == y
	})
}

// micros is how times are stored: in microseconds, 0 for none.
func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// timeOf is the time of micros.
func timeOf(micros int64) time.Time {
	if micros == 0 {
		return time.Time{}
	}
	return time.UnixMicro(micros).UTC()
}
