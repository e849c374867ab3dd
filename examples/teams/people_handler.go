package main

import (
	"context"
	"slices"

	"github.com/scimkit/scimkit/examples/internal/host"
	"github.com/scimkit/scimkit/scim"
)

// people are the people of a tenant as a scim.ResourceHandler.
type people struct {
	db     *host.DB
	tenant string
}

const personColumns = `id, email, external_id, given_name, family_name, nick_name, photo, active, created_at, changed_at, version`

var peopleIndexes = []index{
	{path: "id", where: "id = $2"},
	{path: "userName", where: "email_key = $2", key: scim.IdentityKey},
	{path: "emails.value", where: "email_key = $2", key: scim.IdentityKey}, // the same address
	{path: "externalId", where: "external_id = $2"},
}

// load gives people that the condition selects.
func (h people) load(ctx context.Context, tx *host.Tx, where string, args ...any) (all []person, err error) {
	err = tx.Rows(ctx, func(scan func(...any) error) error {
		var p person
		var created, changed int64
		err := scan(&p.ID, &p.Email, &p.ExternalID, &p.GivenName, &p.FamilyName, &p.NickName, &p.Photo, &p.Active, &created, &changed, &p.meta.Version)
		p.meta.Created, p.meta.LastModified = host.Time(created), host.Time(changed)
		all = append(all, p)
		return err
	}, `SELECT `+personColumns+` FROM people WHERE `+where, args...)
	return all, err
}

// get gives one person.
func (h people) get(ctx context.Context, tx *host.Tx, id string) (*person, error) {
	all, err := h.load(ctx, tx, "tenant = $1 AND id = $2", h.tenant, id)
	switch {
	case err != nil:
		return nil, err
	case len(all) == 0:
		return nil, scim.ErrNotFound
	}
	return &all[0], nil
}

// Create implements scim.ResourceHandler.
func (h people) Create(ctx context.Context, r *scim.Resource) error {
	p := person{ID: r.ID(), Active: true}
	if err := p.take(r); err != nil {
		return err
	}
	stored, err := p.resource()
	if err != nil {
		return err
	}
	err = h.db.Write(ctx, func(tx *host.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO people (tenant, email_key, `+personColumns+`)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`, append([]any{h.tenant, scim.IdentityKey(p.Email)}, p.values()...)...)
		return unique(err, "userName")
	})
	if err == nil {
		*r = *stored
	}
	return err
}

// values are those of personColumns.
func (p *person) values() []any {
	return []any{p.ID, p.Email, p.ExternalID, p.GivenName, p.FamilyName, p.NickName, p.Photo, p.Active,
		host.Micro(p.meta.Created), host.Micro(p.meta.LastModified), p.meta.Version}
}

// unique makes the error of a unique index one that names the attribute.
func unique(err error, attribute string) error {
	if host.IsUnique(err) {
		return scim.Conflict(attribute)
	}
	return err
}

// Get implements scim.ResourceHandler.
func (h people) Get(ctx context.Context, id string, _ scim.GetOptions) (r *scim.Resource, err error) {
	err = h.db.Read(ctx, func(tx *host.Tx) error {
		p, err := h.get(ctx, tx, id)
		if err != nil {
			return err
		}
		r, err = p.resource()
		return err
	})
	return r, err
}

// List implements scim.ResourceHandler.
func (h people) List(ctx context.Context, q scim.Query) (page scim.Page, err error) {
	err = h.db.Read(ctx, func(tx *host.Tx) error {
		plan, err := planFor(ctx, tx, "people", h.tenant, q, peopleIndexes)
		if err != nil {
			return err
		}
		all, err := h.load(ctx, tx, plan.where, plan.args...)
		if err != nil {
			return err
		}
		resources := make([]*scim.Resource, len(all))
		for i := range all {
			if resources[i], err = all[i].resource(); err != nil {
				return err
			}
		}
		page = plan.page(q, resources)
		return nil
	})
	return page, err
}

// page answers q from what was loaded.
func (p *plan) page(q scim.Query, loaded []*scim.Resource) scim.Page {
	if p.paged {
		return scim.Page{Total: p.total, Resources: loaded}
	}
	return q.Select(slices.Values(loaded))
}

// Update implements scim.ResourceHandler. Who is deactivated is signed out in
// the same transaction: there is no moment in which a session outlives it. Teams
// show the names of their members, so they change with a name.
func (h people) Update(ctx context.Context, id string, edit func(*scim.Resource) error) (r *scim.Resource, err error) {
	err = h.db.Write(ctx, func(tx *host.Tx) error {
		p, err := h.get(ctx, tx, id)
		if err != nil {
			return err
		}
		if r, err = p.resource(); err != nil {
			return err
		}
		if err := edit(r); err != nil {
			return err
		}
		name := p.Name()
		if err := p.take(r); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `UPDATE people SET email_key = $1, (`+personColumns+`) = ($2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
			WHERE tenant = $13 AND id = $14`, slices.Concat([]any{scim.IdentityKey(p.Email)}, p.values(), []any{h.tenant, id})...)
		if err != nil {
			return unique(err, "userName")
		}
		if !p.Active {
			if err := endSessions(ctx, tx, h.tenant, id); err != nil {
				return err
			}
		}
		if p.Name() != name {
			if err := touchTeamsOf(ctx, tx, h.tenant, id); err != nil {
				return err
			}
		}
		r, err = p.resource()
		return err
	})
	if err != nil {
		return nil, err
	}
	return r, nil
}

// Delete implements scim.ResourceHandler. The foreign keys see to sessions and
// memberships; the teams that lose a member have changed.
func (h people) Delete(ctx context.Context, id string, check func(*scim.Resource) error) error {
	return h.db.Write(ctx, func(tx *host.Tx) error {
		p, err := h.get(ctx, tx, id)
		if err != nil {
			return err
		}
		r, err := p.resource()
		if err != nil {
			return err
		}
		if err := check(r); err != nil {
			return err
		}
		if err := touchTeamsOf(ctx, tx, h.tenant, id); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `DELETE FROM people WHERE tenant = $1 AND id = $2`, h.tenant, id)
		return err
	})
}
