package main

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"time"

	"github.com/scimkit/scimkit/examples/internal/host"
	"github.com/scimkit/scimkit/scim"
)

// signIn opens a session for a person who is active, and gives the value of its
// cookie, of which only a digest is stored.
func (a *app) signIn(ctx context.Context, tenant, id string) (cookie string, err error) {
	cookie = rand.Text()
	digest := sha256.Sum256([]byte(cookie))
	err = a.db.Write(ctx, func(tx *host.Tx) error {
		done, err := tx.ExecContext(ctx, `INSERT INTO sessions (tenant, cookie, person_id, created_at)
			SELECT tenant, $1, id, $2 FROM people WHERE tenant = $3 AND id = $4 AND active`,
			digest[:], host.Micro(time.Now()), tenant, id)
		if err != nil {
			return err
		}
		if n, err := done.RowsAffected(); err != nil || n == 0 {
			return errors.Join(scim.ErrNotFound, err)
		}
		return nil
	})
	return cookie, err
}

// signedIn gives the person of a session, nil if there is no such session.
func (a *app) signedIn(ctx context.Context, tenant, cookie string) (p *person, err error) {
	digest := sha256.Sum256([]byte(cookie))
	err = a.db.Read(ctx, func(tx *host.Tx) error {
		all, err := people{a.db, tenant}.load(ctx, tx,
			"tenant = $1 AND id = (SELECT person_id FROM sessions WHERE tenant = $1 AND cookie = $2)", tenant, digest[:])
		if len(all) == 1 {
			p = &all[0]
		}
		return err
	})
	return p, err
}

// signOut ends one session.
func (a *app) signOut(ctx context.Context, tenant, cookie string) error {
	digest := sha256.Sum256([]byte(cookie))
	return a.db.Write(ctx, func(tx *host.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM sessions WHERE tenant = $1 AND cookie = $2`, tenant, digest[:])
		return err
	})
}

// endSessions ends all sessions of a person.
func endSessions(ctx context.Context, tx *host.Tx, tenant, id string) error {
	_, err := tx.ExecContext(ctx, `DELETE FROM sessions WHERE tenant = $1 AND person_id = $2`, tenant, id)
	return err
}
