package main

import (
	"context"
	"fmt"
	"net/http"
	"slices"

	"github.com/scimkit/scimkit/examples/internal/host"
	"github.com/scimkit/scimkit/scim"
)

// users are the users as a scim.ResourceHandler.
type users struct{ db *host.DB }

const columns = `id, login, external_id, given_name, family_name, display_name, title, emails, active, created_at, changed_at, version`

// values are those of columns.
func (u *user) values() []any {
	return []any{u.ID, u.Login, u.ExternalID, u.GivenName, u.FamilyName, u.DisplayName, u.Title, string(u.Emails), u.Active,
		host.Micro(u.meta.Created), host.Micro(u.meta.LastModified), u.meta.Version}
}

// load gives the users that a condition, or what else ends a SELECT, selects.
func load(ctx context.Context, tx *host.Tx, rest string, args ...any) (all []user, err error) {
	err = tx.Rows(ctx, func(scan func(...any) error) error {
		var u user
		var created, changed int64
		err := scan(&u.ID, &u.Login, &u.ExternalID, &u.GivenName, &u.FamilyName, &u.DisplayName, &u.Title, (*[]byte)(&u.Emails), &u.Active, &created, &changed, &u.meta.Version)
		u.meta.Created, u.meta.LastModified = host.Time(created), host.Time(changed)
		all = append(all, u)
		return err
	}, `SELECT `+columns+` FROM users `+rest, args...)
	return all, err
}

// get gives one user, and as a resource.
func get(ctx context.Context, tx *host.Tx, id string) (*user, *scim.Resource, error) {
	all, err := load(ctx, tx, `WHERE id = $1`, id)
	if err != nil {
		return nil, nil, err
	}
	if len(all) == 0 {
		return nil, nil, scim.ErrNotFound
	}
	r, err := all[0].resource()
	return &all[0], r, err
}

// insert stores a new user.
func insert(ctx context.Context, tx *host.Tx, u *user) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO users (login_key, `+columns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
		append([]any{scim.IdentityKey(u.Login)}, u.values()...)...)
	if host.IsUnique(err) {
		return scim.Conflict("userName")
	}
	return err
}

// Create implements scim.ResourceHandler.
func (h users) Create(ctx context.Context, r *scim.Resource) error {
	u := user{Active: true}
	if err := u.take(r); err != nil {
		return err
	}
	stored, err := u.resource()
	if err != nil {
		return err
	}
	err = h.db.Write(ctx, func(tx *host.Tx) error { return insert(ctx, tx, &u) })
	if err == nil {
		*r = *stored
	}
	return err
}

// Get implements scim.ResourceHandler.
func (h users) Get(ctx context.Context, id string, _ scim.GetOptions) (r *scim.Resource, err error) {
	err = h.db.Read(ctx, func(tx *host.Tx) error {
		_, r, err = get(ctx, tx, id)
		return err
	})
	return r, err
}

// indexes answer filters path eq value, which are those that identity providers
// send.
var indexes = []struct {
	path, where string
	key         func(string) string
}{
	{"id", `WHERE id = $1`, nil},
	{"userName", `WHERE login_key = $1`, scim.IdentityKey},
	{"externalId", `WHERE external_id = $1`, nil},
}

// maxScan is how many users a query may look at that no index answers.
const maxScan = 10_000

// List implements scim.ResourceHandler: a filter with eq by an index, all by the
// page, and everything else in memory, for as many users as that is right for.
func (h users) List(ctx context.Context, q scim.Query) (page scim.Page, err error) {
	err = h.db.Read(ctx, func(tx *host.Tx) error {
		if q.Filter != nil {
			for _, x := range indexes {
				if v, ok := q.Filter.Equals(x.path); ok {
					if x.key != nil {
						v = x.key(v)
					}
					found, err := resources(ctx, tx, x.where, v)
					page = q.Select(slices.Values(found))
					return err
				}
			}
		}
		var total int
		if err := tx.QueryRowContext(ctx, `SELECT count(*) FROM users`).Scan(&total); err != nil {
			return err
		}
		if q.Filter == nil && q.Order == nil {
			found, err := resources(ctx, tx, `ORDER BY id LIMIT $1 OFFSET $2`, q.Count, q.StartIndex-1)
			page = scim.Page{Total: total, Resources: found}
			return err
		}
		if total > maxScan {
			return &scim.Error{Status: http.StatusBadRequest, Type: "tooMany", Detail: fmt.Sprintf(
				"There are more than %d users. Use a filter with eq, or page through all without filter and order.", maxScan)}
		}
		found, err := resources(ctx, tx, ``)
		page = q.Select(slices.Values(found))
		return err
	})
	return page, err
}

// resources gives what load does as resources.
func resources(ctx context.Context, tx *host.Tx, rest string, args ...any) ([]*scim.Resource, error) {
	all, err := load(ctx, tx, rest, args...)
	if err != nil {
		return nil, err
	}
	list := make([]*scim.Resource, len(all))
	for i := range all {
		if list[i], err = all[i].resource(); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// Update implements scim.ResourceHandler. Who is deactivated is signed out in
// the same transaction: there is no moment in which a session outlives it.
func (h users) Update(ctx context.Context, id string, edit func(*scim.Resource) error) (r *scim.Resource, err error) {
	err = h.db.Write(ctx, func(tx *host.Tx) error {
		var u *user
		if u, r, err = get(ctx, tx, id); err != nil {
			return err
		}
		if err := edit(r); err != nil {
			return err
		}
		if err := u.take(r); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `UPDATE users SET login_key = $1, (`+columns+`) = ($2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) WHERE id = $14`,
			slices.Concat([]any{scim.IdentityKey(u.Login)}, u.values(), []any{id})...)
		if host.IsUnique(err) {
			return scim.Conflict("userName")
		}
		if err == nil && !u.Active {
			err = endSessions(ctx, tx, id)
		}
		if err != nil {
			return err
		}
		r, err = u.resource()
		return err
	})
	if err != nil {
		return nil, err
	}
	return r, nil
}

// Delete implements scim.ResourceHandler. The foreign key sees to the sessions.
func (h users) Delete(ctx context.Context, id string, check func(*scim.Resource) error) error {
	return h.db.Write(ctx, func(tx *host.Tx) error {
		_, r, err := get(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := check(r); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `DELETE FROM users WHERE id = $1`, id)
		return err
	})
}
